"""A sync with Zoho over HTTP, killed with SIGKILL at any moment, ends as undisturbed.

The slow sweep, with its figures: `pytest -n 0 -s -m slow tests/pipeline/test_zoho_kill.py`.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from killing import Killer, Sweep
from tiny_company import many
from zoho_bench import ZohoBench
from zoho_company import ZohoCompany

from crm_expenses.testing.zohosim import Ask
from crm_expenses.testing.zohosim.holding import Change

FEW, MORE = 12, 120
TOKENS = "/oauth/"
TIMES = frozenset({"Created_Time", "Modified_Time"})
TOKEN_SECONDS = 70
"""Seconds between two tokens: ten may be made in ten minutes, and each run makes one."""


class KilledCompany(ZohoCompany):
    """A company that knows each row that was written to its organisation, not only each call."""

    def watch(self, killer: Killer) -> None:
        """Remember what is written from now on, and let the killer hear each call."""
        self.rows: list[tuple[str, ...]] = []
        self.bench.org.on_write(self._written)

        def heard(ask: Ask) -> None:
            if ask.path.startswith(TOKENS):
                self.bench.later(TOKEN_SECONDS)
            killer.heard(ask.call, 0)

        self.bench.sim.heard = heard

    def _written(self, change: Change) -> None:
        held = self.bench.org.record(change.module, change.id) or {}
        content = json.dumps(timeless(held), sort_keys=True, default=str)
        self.rows.append((change.module, change.operation, change.id, content))

    def effects(self) -> Sequence[tuple[str, ...]]:
        """Give each row that was written, with all that stood there afterwards."""
        with self.bench.org.lock:
            return tuple(self.rows)

    def dump(self) -> str:
        """Give what stands in the organisation, but no times: they are of the run."""
        return "\n".join(
            json.dumps(timeless(row), sort_keys=True, default=str)
            for name in sorted(self.bench.org.modules)
            for row in self.bench.org.listing(name)
        )


def timeless(row: Mapping[str, object]) -> dict[str, object]:
    """Leave out when a row was made and changed."""
    return {name: held for name, held in row.items() if name not in TIMES}


@contextmanager
def running(claims: int, folder: Path, killer: Killer) -> Iterator[KilledCompany]:
    """Give a company with an organisation of its own, whose every call the killer hears."""
    folder.mkdir(exist_ok=True)
    bench = ZohoBench(folder)
    company = KilledCompany(folder / "company", bench)
    bench.seed([company.theirs(one) for one in many(claims)])
    company.watch(killer)
    yield company
    bench.close()


def sweep(claims: int) -> Sweep:
    """Give the sweep over a company with so many claims; a call writes up to a hundred rows."""
    return Sweep(partial(running, claims), batch="PUT", writes="PUT", batches_max=6)


@pytest.mark.timeout(600)
def test_killed_three_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Killed three times at random moments, a sync ends as undisturbed, no row written twice."""
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
