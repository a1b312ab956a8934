"""Several processes on one store, against budgets that are too small; killed, too.

    python benchmarks/store_load.py [--json] [--seconds S] [--processes 1,2,4,8] [--kills N]

For each database and number of processes: a new store; each process appends, decides, takes and
answers for S seconds as a sync does; then everything is checked as in `tests/store/soundness.py`:
no hard budget overdrawn at any moment, each commitment ended once, all as one process would leave
it that did the same one after the other, the log whole. Then workers are killed at N random
moments, and the same is checked, and that nothing is missing that a worker had said was kept.

PostgreSQL runs on this machine with its files synced at each commit; SQLite in WAL mode with
synchronous=NORMAL. Both share the processors with the workers.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

TESTS: Final = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "store")]

from load import begin  # noqa: E402  after the path
from processes import kill_often, lost, run  # noqa: E402
from soundness import check  # noqa: E402
from stored_company import CRM  # noqa: E402

from crm_expenses.store import open_store  # noqa: E402
from servers import postgres_server  # noqa: E402

NAMES: Final = ("sqlite", "postgres")


@contextmanager
def places(name: str, folder: Path) -> Iterator[Callable[[str], Path | str]]:
    """Give a function that names a new place for a store in one of the databases."""
    if name == "sqlite":
        yield lambda of: folder / f"{of}.db"
        return
    with postgres_server("fsync=on", "synchronous_commit=on") as server:
        yield lambda of: server.url(options=f"?schema={of}")


def loaded(where: Path | str, folder: Path, processes: int, seconds: float) -> dict[str, Any]:
    """Let processes work for a time; give what was done, and what is wrong."""
    begin(where)
    taken = run(where, processes, "--seconds", str(seconds), seconds=10 * seconds)
    with open_store(where) as store, open_store(folder / f"again-{processes}.db") as again:
        found = check(store, again)
    return found.as_json() | {"seconds": round(taken, 1), "a_second": found.decided / taken}


def killed(where: Path | str, folder: Path, kills: int) -> dict[str, Any]:
    """Kill workers so often; give what is lost or doubled, and what else is wrong."""
    begin(where)
    said = kill_often(where, kills)
    with open_store(where) as store, open_store(folder / "killed.db") as again:
        found = check(store, again)
        missing = lost(store, CRM, said) + max(0, said.decided - found.decided)
    return found.as_json() | {"lost": missing}


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--processes", default="1,2,4,8")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--databases", default=",".join(NAMES))
    given = parser.parse_args()
    figures: dict[str, Any] = {"processors": os.cpu_count(), "kills.lost_or_doubled": 0}
    for name in given.databases.split(","):
        with tempfile.TemporaryDirectory() as base, places(name, Path(base)) as place:
            wrong = figures[f"{name}.overdrawn"] = 0
            for processes in map(int, given.processes.split(",")):
                folder = Path(base) / str(processes)
                folder.mkdir()
                one = loaded(place(f"load_{processes}"), folder, processes, given.seconds)
                figures[f"{name}.overdrawn"] += one["overdrawn"]
                wrong += one["doubled"] + len(one["unlike"]) + len(one["broken"])
                figures[f"{name}.claims_a_second.{processes}"] = round(one["a_second"], 1)
                figures[f"{name}.decided.{processes}"] = one["decided"]
                tell(f"{name}, {processes} processes: {one}", quiet=given.json)
            figures[f"{name}.wrong"] = wrong
            if given.kills:
                one = killed(place("kills"), Path(base), given.kills)
                bad = one["lost"] + one["doubled"] + len(one["unlike"]) + len(one["broken"])
                figures["kills.lost_or_doubled"] += bad
                figures[f"{name}.overdrawn"] += one["overdrawn"]
                tell(f"{name}, {given.kills} kills: {one}", quiet=given.json)
    print(json.dumps(figures) if given.json else "\n".join(f"{k}: {v}" for k, v in figures.items()))


def tell(row: str, *, quiet: bool) -> None:
    """Say how it went, to a person."""
    if not quiet:
        print(row, flush=True)


if __name__ == "__main__":
    main()
