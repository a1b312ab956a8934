"""Each shipped connection file has its page in two languages, which say what it needs."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_expenses.adapters.contract import Opening
from crm_expenses.adapters.rest.specfile import read_connection, shipped_names
from crm_expenses.adapters.rest.speckind import ConnectionFile
from crm_expenses.adapters.rest.usersettings import user_settings
from crm_expenses.settings import load_settings

DOCS = Path(__file__).parents[2] / "docs"
FOLDERS = (DOCS / "reference" / "connections", DOCS / "zh-CN" / "reference" / "connections")
OTHERS = {"pocketbase", "tryton"}
"""Told on pages of their own."""
NAMES = sorted({*shipped_names()} - OTHERS)
PAGES = [pytest.param(folder / f"{name}.md", name) for folder in FOLDERS for name in NAMES]
SETTINGS = re.compile(r"^```toml crm_expenses\.toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def own_fields(held: ConnectionFile) -> Iterator[str]:
    """Give the fields that results are written into."""
    for part in held.kind.values():
        for one in part.results.fields.values():
            yield from filter(None, (one.field, one.currency))


@pytest.mark.parametrize(("page", "name"), PAGES)
def test_a_page_says_what_its_file_needs(page: Path, name: str) -> None:
    """Every setting and secret, every field of ours, and what it was tried on."""
    text, held = page.read_text("utf-8"), read_connection(name)
    assert 'tried = "documentation"' in text
    assert held.connection.tried == "documentation"
    assert held.connection.sources
    assert "crm-expenses doctor" in text
    (settings,) = SETTINGS.findall(text)
    for setting, part in held.config.items():
        assert part.default is not None or re.search(rf"^{setting} = ", settings, re.MULTILINE)
        assert setting in text, setting
    for secret in held.secret:
        assert f"{secret}_variable" in settings
    for field in own_fields(held):
        assert (
            re.sub(r"\{[^}]*\}", "", field).split(".")[-1].strip("_").removeprefix("options_")
            in text
        ), field


@pytest.mark.parametrize(("page", "name"), PAGES)
def test_the_settings_of_a_page_open_the_connection(
    page: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who copies the block, and sets the variables that it names, has no mistake in it."""
    (settings,) = SETTINGS.findall(page.read_text("utf-8"))
    (tmp_path / "crm_expenses.toml").write_text(settings, encoding="utf-8")
    for variable in re.findall(r'_variable = "(\w+)"', settings):
        monkeypatch.setenv(variable, "a-secret")
    read = load_settings(tmp_path / "crm_expenses.toml")
    (connection,) = read.connections.values()
    assert connection.adapter == "rest"
    options: dict[str, Any] = dict(connection.options)
    assert options["connection"] == name
    assert user_settings(Opening(connection.name, options, tmp_path)).held.kind


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_settings_and_commands(name: str) -> None:
    """What is copied from either page is the same, but for remarks."""
    blocks = []
    for folder in FOLDERS:
        found = re.findall(
            r"^```(.*?)^```$", (folder / f"{name}.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
        )
        blocks.append([re.sub(r" *#.*$", "", block, flags=re.MULTILINE) for block in found])
    assert blocks[0] == blocks[1]


def test_every_page_is_in_the_list() -> None:
    """The list of each language names every shipped file."""
    for folder in FOLDERS:
        text = (folder / "README.md").read_text("utf-8")
        assert [name for name in NAMES if f"({name}.md)" not in text] == []
