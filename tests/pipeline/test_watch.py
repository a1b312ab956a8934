"""Watching, on a clock that is given: who has a turn when, and what failures do to it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from crm_expenses.errors import RetryableError
from crm_expenses.pipeline import Stopped, watch
from crm_expenses.pipeline.watch import LOOK_SECONDS, PAUSE_MAX

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


@dataclass
class Given:
    """A clock that goes on only while somebody waits; it ends the watch at its end."""

    end: float
    seconds: float = 0
    waits: int = 0
    is_over: bool = False

    def now(self) -> datetime:
        """Give the time."""
        return NOON + timedelta(seconds=self.seconds)

    def wait(self, seconds: float) -> None:
        """Go on."""
        assert 0 <= seconds <= LOOK_SECONDS
        self.seconds += max(seconds, 0.001)
        self.waits += 1

    def is_stopped(self) -> bool:
        """Say whether the end is reached."""
        return self.is_over or self.seconds >= self.end


@dataclass
class Crms:
    """CRMs that fail for some time, are slow, and ask for a run at some times."""

    clock: Given
    fails: dict[str, tuple[float, float]] = field(default_factory=dict)
    asks: dict[str, float] = field(default_factory=dict)
    error: Exception = field(default_factory=lambda: RetryableError("crm.unavailable"))
    takes: float = 0
    ran: list[tuple[str, float]] = field(default_factory=list)

    def run(self, name: str, at: datetime) -> str:
        """Run one."""
        assert at == self.clock.now()
        self.ran.append((name, round(self.clock.seconds)))
        self.clock.seconds += self.takes
        first, last = self.fails.get(name, (0, 0))
        if first <= self.clock.seconds < last:
            raise self.error
        if self.asks.get(name, self.clock.seconds + 1) <= self.clock.seconds:
            del self.asks[name]
        return name

    def due(self) -> Collection[str]:
        """Say who asks."""
        return [name for name, at in self.asks.items() if at <= self.clock.seconds]

    def watched(self, *names: str, every: float = 60) -> list[tuple[str, bool]]:
        """Watch until the clock's end; give whose turns came, and whether they went well."""
        turns = watch(names, self.run, self.due, every=timedelta(seconds=every), clock=self.clock)
        return [(turn.crm, turn.error is None) for turn in turns]

    def times(self, name: str) -> list[float]:
        """Give at which seconds one was run."""
        return [at for crm, at in self.ran if crm == name]


def test_each_has_its_turns() -> None:
    """All at once in the beginning, then each in its interval; the store is asked once a second."""
    crms = Crms(Given(200))
    assert crms.watched("a", "b") == [("a", True), ("b", True)] * 4
    assert crms.times("a") == [0, 60, 120, 180]
    assert crms.clock.waits <= 200 + 4


def test_a_word_from_a_crm_gives_it_a_turn_at_once() -> None:
    """Within a second of the word it runs, and its interval counts from there; the others wait."""
    crms = Crms(Given(150), asks={"b": 10})
    crms.watched("a", "b")
    assert crms.times("a") == [0, 60, 120]
    assert crms.times("b") == pytest.approx([0, 10, 70, 130], abs=1)


def test_one_that_fails_is_tried_more_and_more_seldom() -> None:
    """Pauses double up to their limit, words from it do not hurry it, and the other goes on."""
    crms = Crms(Given(7200), fails={"a": (0, 5000)}, asks={"a": 10})
    told = crms.watched("a", "b")
    assert crms.times("a")[:6] == [0, 60, 180, 420, 900, 1800]
    pauses = [
        late - early for early, late in zip(crms.times("a"), crms.times("a")[1:], strict=False)
    ]
    assert max(pauses) == PAUSE_MAX.total_seconds()
    well = [at for at in crms.times("a") if at >= 5000]
    assert well[1] - well[0] == pytest.approx(60, abs=1)
    assert len(crms.times("b")) == 120
    assert ("b", False) not in told


def test_a_crm_that_names_a_time_is_left_alone_until_then() -> None:
    """The wait that the other side asked for is kept, however short the interval."""
    error = RetryableError("crm.unavailable", retry_after=400)
    crms = Crms(Given(500), fails={"a": (0, 1)}, error=error)
    crms.watched("a", every=10)
    assert crms.times("a")[:2] == [0, 400]


def test_a_fault_of_one_does_not_end_it() -> None:
    """What is no error of ours fails one turn like any other."""
    crms = Crms(Given(100), fails={"a": (0, 50)}, error=ValueError("private"))
    told = crms.watched("a", "b")
    assert told[:2] == [("a", False), ("b", True)]
    assert ("a", True) in told


def test_a_stop_ends_it_between_two() -> None:
    """Asked to stop during a turn, that one is told and no other begins."""
    crms = Crms(Given(1000), takes=5)
    turns = watch(("a", "b"), crms.run, crms.due, every=timedelta(seconds=60), clock=crms.clock)
    assert next(turns).crm == "a"
    crms.clock.is_over = True
    assert list(turns) == []
    crms = Crms(Given(1000), fails={"a": (0, 1000)}, error=Stopped("sync.stopped", crm="a"))
    assert crms.watched("a", "b") == []


def test_a_slow_run_does_not_pile_up() -> None:
    """A run that takes longer than the interval is followed by one, not by those that it missed."""
    crms = Crms(Given(400), takes=150)
    crms.watched("a", every=60)
    assert crms.times("a") == [0, 150, 300]
