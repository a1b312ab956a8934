"""A real sync over real HTTP, killed with SIGKILL at any moment, ends as if nobody had done it.

The slow sweep, with its figures: `pytest -n 0 -s -m slow tests/pipeline/test_sync_kill.py`.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from killing import Killer, Sweep
from tiny_bench import TOKEN, save
from tiny_company import TinyCompany, install, many

from crm_expenses.core.record import Record
from crm_expenses.testing.tinycrm import TinyCrm
from crm_expenses.testing.tinyserver import TinyServer

FEW = 36
MORE = 120


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the example's wheel is installed."""
    return install(tmp_path_factory.mktemp("outside"))


@contextmanager
def running(
    site: Path, records: Sequence[Record], folder: Path, killer: Killer
) -> Iterator[TinyCompany]:
    """Give a company with its server."""
    crm = TinyCrm(folder / "tiny.sqlite3")
    for record in records:
        save(crm, record)
    with TinyServer(crm, token=TOKEN, heard=killer.heard) as server:
        yield TinyCompany(folder / "company", server, site)
    crm.close()


def sweep(site: Path, records: Sequence[Record]) -> Sweep:
    """Give the sweep over a company with so much in its CRM."""
    return Sweep(partial(running, site, records), batch="POST /api/batch")


@pytest.mark.timeout(600)
def test_killed_three_times(tmp_path: Path, site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Killed three times at random calls and times, a sync ends as undisturbed, nothing doubled."""
    said = sweep(site, many(FEW)).swept(tmp_path, 3)
    with capsys.disabled():
        sys.stdout.write(f"\n{said}\n")
    assert "doubled: 0" in said


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_killed_a_hundred_times(
    tmp_path: Path, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed a hundred times at random moments, each round ends as undisturbed."""
    said = sweep(site, many(MORE)).swept(tmp_path, 100)
    with capsys.disabled():
        sys.stdout.write(f"\n{said}\n")
    assert "doubled: 0" in said
