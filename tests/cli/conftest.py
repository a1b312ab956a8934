"""A company in a folder, plug-in CRMs, and a world whose language is known."""

import sys
from pathlib import Path

import pytest
from commandline import PLUG_IN, SETTINGS, install_plug_ins, write_company


@pytest.fixture(autouse=True)
def plain_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the environment chooses a language, a width or a trace."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "CRM_EXPENSES_TRACE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small company in a folder that is the current one; nothing is synced yet."""
    folder = write_company(tmp_path / "company")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def plugged(company: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The company, with the CRMs of `PLUG_IN` installed and no CRM in its settings yet."""
    plug_ins = install_plug_ins(company.parent / "plug_ins")
    monkeypatch.syspath_prepend(str(plug_ins))
    monkeypatch.setitem(sys.modules, PLUG_IN, None)
    monkeypatch.delitem(sys.modules, PLUG_IN)
    settings = company / "crm_expenses.toml"
    settings.write_text(SETTINGS.partition("[crm.main]")[0], encoding="utf-8")
    return company
