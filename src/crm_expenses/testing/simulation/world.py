"""The world of a seed: one clock, one source of chance, one trace; and who may act in between.

Nothing here reads a clock or a random source of its own, so that a seed repeats exactly. Every
place at which something else may happen is a `step`: people act whose time has come, a late request
arrives, another worker goes on, the process dies.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final, NoReturn

from crm_expenses.core.record import Kind

START: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
EVENTS_MAX: Final = 100_000
"""Of one seed; a few hundred are usual."""
"""The moment at which every world begins."""


class Death(BaseException):
    """The end of a process, as far as Python can have one."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What goes wrong in a world, drawn from its seed; each rate is per mille of the chances.

    `reads` are the kinds of record that there are.
    `step` is the step of the CRM's clock. A row may become visible `slow` after its stamp, and a
    reading may be as old as `lag`; a request may arrive `late` after it was sent. `faults` are of
    requests that read, `write_faults` of those that write.
    `deletes` says that the CRM lists what was deleted, `looks` that records are read by their ids.
    `workers` processes run at once.
    """

    reads: tuple[Kind, ...]
    step: timedelta
    slow: timedelta
    lag: timedelta
    late: timedelta
    versions: bool
    page_rows: int
    batch_rows: int
    faults: int
    write_faults: int
    deaths: int
    rounds: int
    edits: int
    deletes: bool = False
    looks: bool = False
    workers: int = 1

    @property
    def settle(self) -> timedelta:
        """The longest time from a row's stamp to the moment when every reading sees it."""
        return self.step + self.slow + self.lag + timedelta(seconds=1)  # the Date header's second


@dataclass
class World:
    """One seed's clock, chance and trace.

    `due` are things that happen by themselves at a moment. `between` is called at every step, for
    whoever else is in this world. `acked` has, by key, what the engine was told last of each write,
    `stood` the keys of changes whose fields were seen to stand there.
    """

    seed: int
    scenario: Scenario
    chance: Random
    now: datetime = START
    trace: list[str] = field(default_factory=list)
    is_quiet: bool = False
    is_dying: bool = False
    between: Callable[[str], None] | None = None
    acked: dict[str, str] = field(default_factory=dict)
    stood: set[str] = field(default_factory=set)
    _due: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _count: int = 0

    def _go_on(self) -> None:
        """Count what happens: a world that never comes to rest is a fault, not a long night."""
        self._count += 1
        if self._count > EVENTS_MAX:
            raise RuntimeError(f"{self._count:,} events, and no end: {self.trace[-3:]}")

    def say(self, words: str) -> None:
        """Add to the trace what happens now."""
        self._go_on()
        self.trace.append(f"{(self.now - START).total_seconds():9.1f}  {words}")

    def happens(self, per_mille: int) -> bool:
        """Throw the dice; in a quiet world nothing happens."""
        return not self.is_quiet and self.chance.randrange(1000) < per_mille

    def seconds(self, most: timedelta) -> timedelta:
        """Draw a time up to the most, in tenths of a second."""
        return timedelta(seconds=self.chance.randint(0, int(most.total_seconds() * 10)) / 10)

    def later(self, after: timedelta, act: Callable[[], None]) -> None:
        """Let something happen by itself after a time."""
        self._go_on()
        self._due.append((self.now + after, self._count, act))

    def sleep(self, time: timedelta) -> None:
        """Let time pass; what is due meanwhile happens at its own moment."""
        end = self.now + time
        while self._due:
            first = min(self._due, key=lambda one: one[:2])
            if first[0] > end:
                break
            self._due.remove(first)
            self.now = max(self.now, first[0])
            first[2]()
        self.now = end

    def step(self, what: str, *, deadly: bool = True) -> None:
        """Let others act; then this process may die.

        Raises:
            Death: it did.
        """
        self.demand_alive()
        if self.between is not None:
            self.between(what)
        if deadly and self.happens(self.scenario.deaths):
            self.die(f"at {what}")

    def die(self, where: str) -> NoReturn:
        """Let the process that has the turn die.

        Raises:
            Death: always.
        """
        self.say(f"DIES {where}")
        self.is_dying = True
        raise Death(where)

    def demand_alive(self) -> None:
        """Let a process that is dying do nothing more.

        Raises:
            Death: it is.
        """
        if self.is_dying:
            raise Death


def draw(chance: Random) -> Scenario:
    """Draw what goes wrong in a world: most have something of everything, some nothing of it."""
    seconds = [timedelta(seconds=n) for n in (0, 0, 5, 20, 90)]
    others = [kind for kind in (Kind.ACCOUNT, Kind.BUDGET) if chance.random() < 0.5]
    return Scenario(
        reads=(Kind.ACCOUNT_MANAGER, *others, Kind.CLAIM, Kind.LINE),
        step=timedelta(seconds=chance.choice((1, 1, 60))),
        slow=chance.choice(seconds),
        lag=chance.choice(seconds),
        late=chance.choice(seconds),
        versions=chance.random() < 0.6,
        page_rows=chance.choice((2, 3, 5, 50)),
        batch_rows=chance.choice((1, 2, 3, 50)),
        faults=chance.choice((0, 30, 100, 200)),
        write_faults=chance.choice((0, 100, 300, 600)),
        deaths=chance.choice((0, 0, 15, 40)),
        rounds=chance.randint(1, 3),
        edits=chance.choice((0, 1, 3, 6)),
        deletes=chance.random() < 0.75,
        looks=chance.random() < 0.5,
        workers=chance.choice((1, 1, 2)),
    )
