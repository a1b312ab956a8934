"""Watch: run each CRM again and again, at once where it says so, more seldom where it fails.

One CRM that is away, or whose adapter has a fault, keeps no other from its turn and does not end
the watch.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from crm_expenses.pipeline.clock import Clock, Stopped

LOOK_SECONDS: Final = 1.0
"""How often it is looked whether a CRM said that a pull is due."""

DOUBLINGS_MAX: Final = 10
PAUSE_MAX: Final = timedelta(minutes=15)
"""After failures pauses double up to this; an interval that is longer stays as it is."""

T = TypeVar("T")


@dataclass(frozen=True)
class Turn(Generic[T]):
    """One run of one CRM: what it gave, or the error that it ended with and when it is tried again.

    `is_due` says that the CRM had asked for it.
    """

    crm: str
    at: datetime
    done: T | None = None
    error: Exception | None = None
    again: datetime | None = None
    is_due: bool = False


@dataclass
class Rota:
    """When which CRM has its next turn."""

    every: timedelta
    next_at: dict[str, datetime]
    failures: dict[str, int] = field(default_factory=dict)

    def ready(self, at: datetime, due: Collection[str]) -> tuple[str, ...]:
        """Give who has a turn now: whose time has come, or who asked and has not just failed.

        >>> from datetime import UTC
        >>> noon = datetime(2026, 3, 31, 12, tzinfo=UTC)
        >>> rota = Rota(timedelta(minutes=5), {"a": noon, "b": noon + timedelta(minutes=1)})
        >>> rota.ready(noon, ()), rota.ready(noon, ("b",))
        (('a',), ('a', 'b'))
        """
        return tuple(
            name
            for name, next_at in self.next_at.items()
            if next_at <= at or (name in due and not self.failures.get(name))
        )

    def succeeded(self, name: str, at: datetime) -> datetime:
        """Give the next turn after a good one."""
        self.failures.pop(name, None)
        self.next_at[name] = at + self.every
        return self.next_at[name]

    def failed(self, name: str, at: datetime, wait: float) -> datetime:
        """Give the next turn after a failure: not before the CRM said, where it named a time."""
        times = self.failures[name] = self.failures.get(name, 0) + 1
        pause = min(self.every * 2 ** min(times - 1, DOUBLINGS_MAX), max(PAUSE_MAX, self.every))
        self.next_at[name] = at + max(pause, timedelta(seconds=wait))
        return self.next_at[name]


def watch(
    names: Collection[str],
    run: Callable[[str, datetime], T],
    due: Callable[[], Collection[str]],
    *,
    every: timedelta,
    clock: Clock,
) -> Iterator[Turn[T]]:
    """Give one turn after the other until the clock is asked to stop.

    `due` is asked about once a second and must be cheap. Each turn is given when it has ended.
    """
    begun = clock.now()
    rota = Rota(every, dict.fromkeys(names, begun))
    while not clock.is_stopped():
        asked = due()
        for name in rota.ready(clock.now(), asked):
            at = clock.now()
            try:
                done = run(name, at)
            except Stopped:
                return
            except Exception as error:  # noqa: BLE001  a fault of one CRM's adapter is its own
                wait = float(getattr(error, "retry_after", None) or 0)
                again = rota.failed(name, clock.now(), wait)
                yield Turn(name, at, error=error, again=again, is_due=name in asked)
            else:
                again = rota.succeeded(name, at)
                yield Turn(name, at, done, again=again, is_due=name in asked)
            if clock.is_stopped():
                return
        left = min(rota.next_at.values()) - clock.now()
        clock.wait(min(LOOK_SECONDS, max(0.0, left.total_seconds())))
