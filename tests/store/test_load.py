"""Several processes against tight budgets, killed or not: nothing overdrawn, doubled or lost."""

from pathlib import Path

import pytest
from load import begin
from processes import kill_often, lost, run
from soundness import check
from stored_company import CRM, open_at

from crm_expenses.store import open_store
from stores import where

FEW_KILLS = 4
KILLS = 200
SECONDS = 60


def load(folder: Path, processes: int, *options: str, seconds: float = 0) -> None:
    """Let processes work on a new store, and check everything afterwards."""
    path = folder / "store.sqlite3"
    begin(where(path))
    run(where(path), processes, *options, seconds=seconds)
    with open_at(path) as store, open_store(folder / "again.db") as again:
        found = check(store, again)
        assert found.is_sound, found
        assert store.pending(CRM) == ()
        assert found.refused, "no claim was too much: the budgets were not tight"
        assert found.decided > found.claims > 0
        assert found.spoken > 0
        assert found.paid > 0


def test_three_processes(database: str, tmp_path: Path) -> None:
    """Three processes end as one would that did the same one after the other."""
    load(tmp_path, 3, "--claims", "60")


def killed(folder: Path, kills: int) -> None:
    """Kill workers so often, and check everything afterwards."""
    path = folder / "store.sqlite3"
    begin(where(path))
    said = kill_often(where(path), kills)
    with open_at(path) as store, open_store(folder / "again.db") as again:
        found = check(store, again)
        assert found.is_sound, found
        assert lost(store, CRM, said) == 0
        assert found.decided >= said.decided > 0
    run(where(path), 2, "--claims", "3", first=5)
    with open_at(path) as store, open_store(folder / "after.db") as again:
        assert check(store, again).is_sound
        assert store.pending(CRM) == ()


def test_a_few_kills(database: str, tmp_path: Path) -> None:
    """Whoever is killed while several write leaves a whole store, and the others go on."""
    killed(tmp_path, FEW_KILLS)


@pytest.mark.slow
@pytest.mark.timeout(SECONDS * 20)
def test_eight_processes_for_a_minute(database: str, tmp_path: Path) -> None:
    """Eight processes for a minute: thousands of claims, and all as if done one after the other."""
    load(tmp_path, 8, "--seconds", str(SECONDS), seconds=SECONDS)


@pytest.mark.slow
@pytest.mark.timeout(KILLS * 20)
def test_many_kills(database: str, tmp_path: Path) -> None:
    """At two hundred random moments a worker is killed: nothing is lost, and nothing doubled."""
    killed(tmp_path, KILLS)
