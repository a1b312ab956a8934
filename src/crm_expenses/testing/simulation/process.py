"""A process that syncs: the real engine on a store that it opens itself, and that may die.

Between two transactions of the store anything may happen; inside one nothing but death, which
undoes it.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, Self

from crm_expenses.adapters.contract import Adapter
from crm_expenses.errors import CrmExpensesError
from crm_expenses.pipeline import RunSummary, sync
from crm_expenses.pipeline.reconcile import Whole
from crm_expenses.store import Store, open_store
from crm_expenses.store.database import Database, open_database
from crm_expenses.testing.simulation.company import job_on
from crm_expenses.testing.simulation.world import Death, World

MEMORY: Final = Path("/dev/shm")  # noqa: S108  files that are kept in memory, where there are such


class BrittleStore(Store):
    """A store of a process that may die before a transaction, inside it, and behind it."""

    def __init__(self, database: Database, world: World) -> None:
        super().__init__(database)
        self.world = world
        self._kept = ExitStack()
        self._reader: Any = None

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """Give a write transaction."""
        self.world.step("begin")
        with super().writing() as connection:
            yield connection
            if self.world.happens(self.world.scenario.deaths // 2):
                self.world.say("DIES inside a transaction")
                raise Death
        self.world.step("commit")

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """Give a connection that reads, the same one each time: to open one is slow."""
        reader, self._reader = self._reader, None
        if reader is None:
            engine = self._database.engine.execution_options(reading=True)
            reader = self._kept.enter_context(engine.connect())
        with reader.begin():
            yield reader
        self._reader = reader

    def close(self) -> None:
        """Let go of the file."""
        self._kept.close()
        super().close()


class Workshop:
    """A folder in memory with an empty store, copied for each world: making tables takes longer.

    The files have the same names in each world, so that what the database has prepared stays.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(
            prefix="crm-expenses-", dir=MEMORY if MEMORY.is_dir() else None
        )
        self._path = Path(self._folder.name)
        self._databases: dict[str, Database] = {}
        with open_store(self._path / "made") as made:
            made.copy_to(self._path / "empty")
        self.database("empty").get_ready()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def renew(self, name: str) -> None:
        """Begin a store anew: an empty one."""
        for old in self._path.glob(f"{name}*"):
            old.unlink()
        shutil.copyfile(self._path / "empty", self._path / name)

    def database(self, name: str, hand: str = "") -> Database:
        """Give the database of a store; each `hand` that holds it has its own."""
        made = self._databases.get(name + hand)
        if made is None:
            made = self._databases[name + hand] = open_database(self._path / name)
        return made


def run(store: Store, adapter: Adapter, world: World, whole: Whole) -> RunSummary | None:
    """Sync once as a new process does; None where it died or had to give up."""
    at = world.now
    world.say(f"process begins{', and reads all again' if whole.now else ''}")
    try:
        summary = sync(job_on(store, adapter), at, whole=whole)
    except Death:
        return None
    except CrmExpensesError as error:
        world.say(f"process gives up: {type(error).__name__} {error.code}")
        return None
    finally:
        store.close()
    world.say(f"process ends: {_shown(summary)}")
    return summary


def _shown(summary: RunSummary) -> str:
    pulled, pushed = summary.pulled, summary.pushed
    return (
        f"{pulled.rows} rows, {pulled.changes} new, {summary.decided.claims} decided, "
        f"{pushed.sent} sent, {pushed.conflicts} conflicts, {pushed.unknown} unknown"
    )
