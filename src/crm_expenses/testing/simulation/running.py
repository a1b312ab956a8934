"""One seed from its beginning to its rest."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Final

from crm_expenses.pipeline import RunSummary, sync
from crm_expenses.pipeline.reconcile import Whole
from crm_expenses.store import Store
from crm_expenses.testing.simulation import invariants
from crm_expenses.testing.simulation.adapter import PlainAdapter, SimAdapter
from crm_expenses.testing.simulation.company import first_records, job_on
from crm_expenses.testing.simulation.crm import SimCrm
from crm_expenses.testing.simulation.desk import Desk
from crm_expenses.testing.simulation.network import Network
from crm_expenses.testing.simulation.people import People
from crm_expenses.testing.simulation.process import BrittleStore, Machine, Workshop
from crm_expenses.testing.simulation.workers import Workers
from crm_expenses.testing.simulation.world import Scenario, World, draw

ECHO_SYNCS: Final = 2
"""Undisturbed syncs after those that bring both sides together: the first meets the echoes of what
was written, the second makes as few calls as can be."""

PAUSE: Final = timedelta(minutes=10)
"""Time between two syncs."""


@dataclass(frozen=True)
class Outcome:
    """What became of a seed: everything that did not hold, the trace, the calls."""

    seed: int
    scenario: Scenario
    broken: tuple[str, ...]
    trace: tuple[str, ...] = field(repr=False)
    calls: int


class Simulation:
    """A world and everybody in it."""

    def __init__(
        self,
        seed: int,
        shop: Workshop,
        scenario: Scenario | None = None,
        made: type[BrittleStore] = BrittleStore,
    ) -> None:
        chance = Random(seed)
        drawn = draw(chance)
        self.world = World(seed, scenario or drawn, chance)
        self.crm = SimCrm(self.world)
        self.network = Network(self.world)
        self.people = People(self.crm)
        self.desk = Desk(self.world)
        self._shop = shop
        self._made = made
        self._workers: Workers | None = None

    def outcome(self) -> Outcome:
        """Let everything happen, and look at what is left."""
        self._shop.renew("store")
        self.people.begin(first_records(self.world.chance, self.world.scenario.reads))
        self.world.sleep(self.world.scenario.lag)
        for _ in range(self.world.scenario.rounds):
            self._round()
        self._come_to_rest()
        problems = self._quiet_syncs()
        problems += self._at_rest()
        return Outcome(
            self.world.seed,
            self.world.scenario,
            tuple(problems),
            tuple(self.world.trace),
            self.network.calls,
        )

    def _round(self) -> None:
        """Let people edit for a while, and a process sync, during which they go on."""
        for _ in range(self.world.scenario.edits):
            self.world.sleep(self.world.seconds(PAUSE / 4))
            self.people.act()
            if self.world.happens(300):
                self._edit_here()
        if self.world.scenario.workers == 1:
            self.world.between = self._somebody
            self._run(Whole(now=self.world.happens(150)))
        else:
            names = [f"process {number + 1}" for number in range(self.world.scenario.workers)]
            workers = Workers(self.world, {name: self._worker(name) for name in names})
            self._workers = workers
            self.world.between = self._somebody_or_worker
            workers.run()
        self.world.between = None
        self.world.sleep(self.world.seconds(PAUSE))

    def _somebody(self, _: str) -> None:
        """Let somebody act at a step, now and then."""
        if self.world.happens(20 * self.world.scenario.edits):
            self.people.act()
        if self.world.happens(5 * self.world.scenario.edits):
            self._edit_here()

    def _somebody_or_worker(self, what: str) -> None:
        self._somebody(what)
        if self._workers is not None:
            self._workers.step(what)

    def _worker(self, name: str) -> Callable[[], None]:
        def act() -> None:
            machine = self._machine(name)
            whole = Whole(now=self.world.happens(150))
            machine.run(whole)

        return act

    def _machine(self, name: str = "process") -> Machine:
        return Machine(
            self.world,
            self._shop,
            self._made,
            lambda: SimAdapter(self.crm, self.network),
            name,
            lambda: self._workers is not None and self._workers.is_asleep(name),
        )

    def _edit_here(self) -> None:
        """Let somebody change a record on our side, where the CRM can take it."""
        if self.world.scenario.versions:
            with Store(self._shop.database("store", "desk")) as store:
                self.desk.act(store)

    def _come_to_rest(self) -> None:
        """Let people mend what cannot be read and go home; let what is under way arrive."""
        self.people.mend()
        self.world.is_quiet = True
        self.world.say("quiet from here")
        self.world.sleep(PAUSE)

    def _quiet_syncs(self) -> list[str]:
        """Sync undisturbed; give what is wrong with how.

        That something is gone a CRM may not tell: then it is seen where all is read again, and
        where records cannot be looked up, twice. One such reading more, because the first may go on
        with one that was cut off, and that has met what went since.
        """
        found = []
        scenario = self.world.scenario
        fewest = len(scenario.reads) * (2 if scenario.deletes else 1)
        settling = [True, True] if scenario.looks else [True, True, True]
        if scenario.deletes:
            settling = [False]
        last = len(settling) + ECHO_SYNCS - 1
        for number, is_whole in enumerate([*settling, *[False] * ECHO_SYNCS]):
            before = self.network.calls
            summary = self._run(Whole(now=is_whole))
            calls = self.network.calls - before
            if summary is None:
                found.append("an undisturbed sync failed")
            elif number >= len(settling) and summary.changes:
                found.append(f"undisturbed sync {number + 1} still changes something: {summary}")
            elif number == last and calls > fewest:
                found.append(f"a quiet sync made {calls} calls, where {fewest} are enough")
            self.world.sleep(PAUSE)
        return found

    def _at_rest(self) -> list[str]:
        """Let a store that saw nothing but the end decide, and compare."""
        self._shop.renew("plain")
        plain = PlainAdapter(self.crm)
        with BrittleStore(self._shop.database("plain"), self.world) as store:
            sync(job_on(store, plain), self.world.now)
        with BrittleStore(self._shop.database("store"), self.world) as store:
            rest = invariants.Rest(self.world, self.crm, store, self.desk, plain.results)
            return list(invariants.broken(rest))

    def _run(self, whole: Whole) -> RunSummary | None:
        return self._machine().run(whole)


def simulate(seed: int, shop: Workshop, scenario: Scenario | None = None) -> Outcome:
    """Run one seed."""
    return Simulation(seed, shop, scenario).outcome()
