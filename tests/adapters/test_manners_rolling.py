"""The gate of a CRM that bounds any 24 hours, and calls of which some cost more than others."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from virtual_time import World

from crm_expenses.adapters.exchange import Clock
from crm_expenses.adapters.manners import (
    TOLD_SECONDS,
    CrmGate,
    Days,
    OwnLedger,
    cost_so_far,
)
from crm_expenses.core.pace import SECOND, Asked, Away, Rate, Turn, UsedUp
from crm_expenses.crmsettings import ROLLING, LimitsPart
from crm_expenses.errors import AllowanceError

NOON = datetime(2026, 6, 30, 12, 30, tzinfo=UTC)
DAY = 86_400.0
STEPS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 1.0, 59.0, 61.0, 3_599.0, 3_601.0, 20_000.0, 40_000.0]),
        st.integers(0, 7),
    ),
    max_size=25,
)


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOON.timestamp()

    def clock(self) -> Clock:
        """Give it to a gate; nobody sleeps."""

        def sleep(seconds: float) -> None:
            raise AssertionError(f"slept for {seconds}")

        return Clock(lambda: self.now, lambda: self.now, sleep, lambda: 1.0)


class Slow(OwnLedger):
    """A ledger that takes a moment, as one in a store does."""

    def take(self, crm: str, asked: Asked) -> Turn | Away | UsedUp:
        """Take the next turn, slowly."""
        time.sleep(0.002)
        return super().take(crm, asked)


def gate_of(hand: Hand, ledger: OwnLedger, **limits: int) -> CrmGate:
    """Make a gate whose window rolls."""
    part = LimitsPart(day_zone=ROLLING, **limits)  # type: ignore[arg-type]  # numbers only
    return CrmGate("main", part, ledger, clock=hand.clock())


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 20), st.integers(0, 10), st.lists(STEPS, max_size=3))
def test_never_more_than_allowed_in_any_24_hours(
    allowed: int, reserve: int, processes: list[list[tuple[float, int]]]
) -> None:
    """Whatever the interleaving, no window of 24 hours holds more than is ours."""
    reserve = min(reserve, allowed - 1)
    limits = LimitsPart(calls_per_day=allowed, reserve=reserve, day_zone=ROLLING)
    world, ledger = World(NOON.timestamp()), OwnLedger()
    spent: list[tuple[float, int]] = []
    refused: list[AllowanceError] = []

    def program(steps: list[tuple[float, int]]) -> None:
        gate = CrmGate("main", limits, ledger, clock=world.clock())
        for pause, cost in steps:
            world.sleep(pause)
            try:
                gate.enter(cost)
            except AllowanceError as error:
                refused.append(error)
                continue
            spent.append((world.now, cost))

    programs: list[Callable[[], None]] = [lambda s=steps: program(s) for steps in processes]  # type: ignore[misc]
    world.run(*programs)
    assert {error.code for error in refused} <= {"manners.rolling"}
    assert all(0 < (error.retry_after or 0) <= DAY + 3_600 for error in refused)
    for travel in (0.0, 45.0):  # seconds until the CRM counts the earlier, or the later call
        for at, _ in spent:
            held = [cost for other, cost in spent if at <= other < at + DAY - travel]
            assert sum(held) <= allowed - reserve


def test_after_the_wait_that_was_told_there_is_room() -> None:
    """Who waits as long as the error says is let in, and not a minute of ours earlier."""
    hand, ledger = Hand(), OwnLedger()
    gate = gate_of(hand, ledger, calls_per_day=10)
    gate.enter(4)
    hand.now += 7_200
    gate.enter(6)
    with pytest.raises(AllowanceError) as caught:
        gate.enter(3)
    error = caught.value
    assert error.retry_after is not None
    hand.now += error.retry_after - 1
    with pytest.raises(AllowanceError):
        gate.enter(3)
    hand.now += 1
    gate.enter(3)
    assert gate.allowance_left() == 1
    assert "24" in error.describe("en")
    assert "10" in error.describe("zh")


def test_a_call_that_costs_more_than_there_is() -> None:
    """A call for more than the whole allowance is refused and takes nothing."""
    hand, ledger = Hand(), OwnLedger()
    gate = gate_of(hand, ledger, calls_per_day=10)
    with pytest.raises(AllowanceError):
        gate.enter(11)
    assert gate.allowance_left() == 10


def test_what_costs_nothing_passes_when_all_is_spent() -> None:
    """A call for a token costs nothing, so that it is let in by any allowance."""
    for zone in (ROLLING, "UTC"):
        hand = Hand()
        limits = LimitsPart(calls_per_day=2, day_zone=zone)
        gate = CrmGate("main", limits, OwnLedger(), clock=hand.clock())
        gate.enter(2)
        gate.enter(0)
        with pytest.raises(AllowanceError):
            gate.enter(1)
        assert gate.count.calls == 2
    hand, ledger = Hand(), OwnLedger()
    gate_of(hand, ledger, calls_per_day=9).enter(5)
    lower = gate_of(hand, ledger, calls_per_day=3)  # the settings were changed meanwhile
    lower.enter(0)
    assert lower.allowance_left() == 0


def test_days_of_a_zone_count_credits_too() -> None:
    """On a day of the CRM, too, a call counts for what it costs."""
    hand, ledger = Hand(), OwnLedger()
    limits = LimitsPart(calls_per_day=10, reserve=2)
    gate = CrmGate("main", limits, ledger, clock=hand.clock())
    gate.enter(5)
    with pytest.raises(AllowanceError) as caught:
        gate.enter(4)
    assert caught.value.code == "manners.day"
    gate.enter(3)
    assert (gate.allowance_left(), cost_so_far(ledger, "main", limits, NOON)) == (0, 8)


def test_what_the_crm_says_is_left_keeps_the_reserve() -> None:
    """Others spend, too: where the CRM says that only the reserve is left, nothing is sent."""
    hand = Hand()
    gate = gate_of(hand, OwnLedger(), calls_per_day=1_000, reserve=100)
    gate.left(110)
    assert gate.allowance_left() == 10
    gate.enter(8)
    with pytest.raises(AllowanceError) as caught:
        gate.enter(3)
    error = caught.value
    assert (error.code, error.retry_after) == ("manners.told", TOLD_SECONDS)
    assert "100" in error.describe("en")
    gate.enter(2)
    gate.enter(0)
    hand.now += TOLD_SECONDS
    gate.enter(3)


def test_threads_share_a_gate() -> None:
    """Twenty threads at one gate make exactly the calls that the run may make, all counted."""
    limits = LimitsPart(calls_per_day=10_000, day_zone=ROLLING)
    gate = CrmGate("main", limits, Slow(), calls_max=50)
    refused: list[str] = []

    def program() -> None:
        for _ in range(5):
            try:
                gate.enter(2)
            except AllowanceError as error:
                refused.append(error.code)
            else:
                gate.done(sent=1, received=1, seconds=0, is_retry=False)

    threads = [threading.Thread(target=program) for _ in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (gate.count.calls, gate.count.sent, len(refused)) == (50, 50, 50)
    assert gate.allowance_left() == 10_000 - 2 * 50


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))  # noqa: DTZ001  a zone is put on
def test_an_hour_counts_for_a_day_and_its_rest(when: datetime) -> None:
    """A call is in the window for 24 hours at least and 25 at most, and then in no window."""
    at = when.replace(tzinfo=UTC)
    days = Days(ROLLING)
    (hour,) = days.at((at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1))
    assert hour in days.summed(at)
    assert hour in days.summed(at + timedelta(hours=24))
    assert hour not in days.summed(at + timedelta(hours=25))
    assert hour not in days.summed(days.end(hour))
    assert hour in days.summed(days.end(hour) - timedelta(seconds=1))


def test_the_hour_that_must_pass_is_the_oldest_that_helps() -> None:
    """The refusal names the hour after which enough of the window is over, not the last one."""
    ledger, days = OwnLedger(), Days(ROLLING)
    now = int(NOON.timestamp()) * SECOND

    def taken(hours: int, cost: int) -> object:
        at = now + hours * 3_600 * SECOND
        return ledger.take("main", Asked(at, 0, Rate(), days.at, 10, cost=cost, window=days.window))

    for hours in (0, 1, 2):
        assert isinstance(taken(hours, 3), Turn)
    assert taken(3, 2) == UsedUp("2026063012")
    assert taken(3, 4) == UsedUp("2026063012")
    assert taken(3, 5) == UsedUp("2026063013")
    assert taken(3, 11) == UsedUp("2026063015")
