"""A sync with a real PocketBase, killed with SIGKILL at any moment, ends as undisturbed.

The slow sweep, with its figures: `pytest -n 0 -s -m slow tests/pipeline/test_rest_kill.py`.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from forwarding import Forwarding
from killing import Killer, Sweep
from pocketbase import PocketBench
from rest_company import RestCompany
from tiny_company import many

from crm_expenses.core.record import Record

FEW, MORE = 12, 40


@contextmanager
def running(records: Sequence[Record], folder: Path, killer: Killer) -> Iterator[RestCompany]:
    """Give a company with a PocketBase of its own, whose every call the killer hears."""
    bench = PocketBench(folder / "data")
    bench.seed(records)
    with Forwarding(bench.server.url, killer.heard) as way:
        yield RestCompany(folder / "company", bench, way)
    bench.close()


def sweep(claims: int) -> Sweep:
    """Give the sweep over a company with so many claims; each write is a call of its own."""
    opened = partial(running, many(claims))
    return Sweep(opened, batch="PATCH", writes="PATCH", batches_max=3 * claims)


@pytest.mark.timeout(600)
def test_killed_three_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Killed three times at random moments, a sync ends as undisturbed, nothing doubled."""
    said = sweep(FEW).swept(tmp_path, 3)
    with capsys.disabled():
        sys.stdout.write(f"\n{said}\n")
    assert "doubled: 0" in said


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_killed_thirty_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Killed thirty times at random moments, each round ends as undisturbed."""
    said = sweep(MORE).swept(tmp_path, 30)
    with capsys.disabled():
        sys.stdout.write(f"\n{said}\n")
    assert "doubled: 0" in said
