"""A process that syncs: the real engine on a store that it opens itself, and that may die.

Between two transactions of the store anything may happen; inside one nothing but death, which
undoes it.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from crm_expenses.adapters.contract import Adapter
from crm_expenses.errors import CrmExpensesError, StoreError
from crm_expenses.pipeline import Job, RunSummary, quiet, sync
from crm_expenses.pipeline.alone import RENEWALS, Held, alone
from crm_expenses.pipeline.reconcile import Whole
from crm_expenses.store import Store, open_store
from crm_expenses.store.database import Database, open_database
from crm_expenses.testing.simulation.company import job_on
from crm_expenses.testing.simulation.world import Death, World

WAIT_SECONDS: Final = 90
"""How long a process waits for another one that runs."""

PATIENCE: Final = timedelta(seconds=15)

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
                self.world.die("inside a transaction")
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

    @contextmanager
    def _apart(self) -> Iterator[Any]:
        """Give a write transaction for leases; who is dead lets go of none."""
        self.world.demand_alive()
        with super()._apart() as connection:
            yield connection

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


@dataclass(frozen=True)
class Machine:
    """Where a process runs: a store to open, a CRM to call, and its name.

    `is_asleep` says whether it stands still just now.
    """

    world: World
    shop: Workshop
    made: type[BrittleStore]
    adapter: Callable[[], Adapter]
    name: str = "process"
    is_asleep: Callable[[], bool] = bool

    def run(self, whole: Whole) -> RunSummary | None:
        """Sync once as a new process does; None where it died or had to give up."""
        world, name = self.world, self.name
        world.say(f"{name} begins{', and reads all again' if whole.now else ''}")
        store = self.made(self.shop.database("store", name), world)
        try:
            summary = self._sync(job_on(store, self.adapter()), whole)
        except Death:
            world.is_dying = False
            return None
        except CrmExpensesError as error:
            world.say(f"{name} gives up: {type(error).__name__} {error.code}")
            return None
        finally:
            store.close()
        world.say(f"{name} ends: {_shown(summary)}")
        return summary

    def _sync(self, job: Job, whole: Whole) -> RunSummary:
        clock = WorldClock(self.world)
        with alone(job, clock, holder=self.name, wait=WAIT_SECONDS, keeps=False) as held:
            keeper = Keeper(self, held)
            keeper.later()
            try:
                return sync(job, self.world.now, held.telling(quiet), whole)
            finally:
                keeper.is_over = True


class WorldClock:
    """The world's time, for the engine."""

    def __init__(self, world: World) -> None:
        self.world = world

    def now(self) -> datetime:
        """Give the time."""
        return self.world.now

    def wait(self, seconds: float) -> None:
        """Let time pass, and others act."""
        self.world.step("wait", deadly=False)
        self.world.sleep(max(timedelta(seconds=seconds), PATIENCE))

    def is_stopped(self) -> bool:
        """Go on to the end."""
        return False


class Keeper:
    """Renews the lease of a process now and then, as its thread does, unless it stands still."""

    def __init__(self, machine: Machine, held: Held) -> None:
        self._machine = machine
        self._held = held
        self.is_over = False

    def later(self) -> None:
        """Renew in a while."""
        self._machine.world.later(timedelta(seconds=self._held.seconds / RENEWALS), self._renew)

    def _renew(self) -> None:
        if self.is_over:
            return
        if not self._machine.is_asleep():
            with (
                Store(self._machine.shop.database("store", "keeper")) as store,
                suppress(StoreError),
            ):
                now, seconds = self._machine.world.now, self._held.seconds
                self._held.lease = store.leases.renew(self._held.lease, now, seconds)
        self.later()


def _shown(summary: RunSummary) -> str:
    pulled, pushed = summary.pulled, summary.pushed
    return (
        f"{pulled.rows} rows, {pulled.changes} new, {summary.decided.claims} decided, "
        f"{pushed.sent} sent, {pushed.conflicts} conflicts, {pushed.unknown} unknown"
    )
