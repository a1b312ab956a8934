"""The gate: several processes, one rate, one allowance, and a CRM that asks to be left alone."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from virtual_time import World

from crm_expenses.adapters.exchange import Clock
from crm_expenses.adapters.manners import (
    PATIENCE_SECONDS,
    CallCount,
    CrmGate,
    OwnLedger,
    day_end,
    day_of,
)
from crm_expenses.core.pace import SECOND, Asked, Rate
from crm_expenses.crmsettings import LimitsPart
from crm_expenses.errors import AllowanceError, RetryableError, exit_code

BEGIN = datetime(2026, 6, 30, 12, tzinfo=UTC).timestamp()
ZONES = ("UTC", "America/Los_Angeles", "Asia/Shanghai", "Pacific/Apia")
PAUSES = st.lists(st.floats(0, 3).map(lambda s: round(s, 3)), min_size=1, max_size=12)


def at_rest(now: float = BEGIN) -> Clock:
    """Give a clock that stands still."""

    def sleep(seconds: float) -> None:
        raise AssertionError(f"slept for {seconds}")

    return Clock(lambda: now, lambda: now, sleep, lambda: 1.0)


def calling(
    world: World, gate: CrmGate, pauses: list[float], calls: list[float]
) -> Callable[[], None]:
    """Give a program that calls, again and again, with pauses between."""

    def program() -> None:
        for pause in pauses:
            world.sleep(pause)
            gate.enter()
            calls.append(world.now)

    return program


@settings(max_examples=60)
@given(
    rate=st.sampled_from(["0.5", "1", "2", "2.5", "10", "50"]),
    processes=st.lists(PAUSES, min_size=1, max_size=4),
    late=st.lists(st.sampled_from([0.0, 0.001, 0.019, 0.021, 0.5]), max_size=30),
)
def test_never_more_than_the_rate_in_any_window(
    rate: str, processes: list[list[float]], late: list[float]
) -> None:
    """Any interleaving, and sleepers that wake up late: n calls a second are never exceeded."""
    world = World(BEGIN, iter(late))
    ledger, limits = OwnLedger(), LimitsPart(calls_per_second=Decimal(rate))
    calls: list[float] = []
    gates = [CrmGate("main", limits, ledger, clock=world.clock()) for _ in processes]
    world.run(*(calling(world, gate, p, calls) for gate, p in zip(gates, processes, strict=True)))
    assert len(calls) == sum(map(len, processes)) == sum(gate.count.calls for gate in gates)
    most = max(1, int(Decimal(rate)))
    window = float(most / Decimal(rate))
    calls.sort()
    for first, beyond in zip(calls, calls[most:], strict=False):
        assert beyond - first >= window - 2e-6


@settings(max_examples=60)
@given(
    allowed=st.integers(1, 12),
    reserve=st.integers(0, 12),
    zone=st.sampled_from(ZONES),
    begin=st.sampled_from([-300, -70, -30, -1, 0, 3600]),
    processes=st.lists(st.lists(st.sampled_from([0, 1, 29, 61, 4000]), max_size=14), max_size=4),
    rate=st.sampled_from(["0", "0.5", "20"]),
)
def test_never_into_the_reserve_on_any_day(
    allowed: int,
    reserve: int,
    zone: str,
    begin: int,
    processes: list[list[int]],
    rate: str,
) -> None:
    """On each day of the CRM there are no more calls than are ours, also around midnight."""
    reserve = min(reserve, allowed - 1)
    limits = LimitsPart(
        calls_per_second=Decimal(rate), calls_per_day=allowed, reserve=reserve, day_zone=zone
    )
    midnight = day_end("2026-06-30", ZoneInfo(zone)).timestamp()
    world, ledger = World(midnight + begin), OwnLedger()
    calls: list[float] = []
    refused: list[AllowanceError] = []

    def program(pauses: list[int]) -> None:
        gate = CrmGate("main", limits, ledger, clock=world.clock())
        for pause in pauses:
            world.sleep(pause)
            try:
                gate.enter()
            except AllowanceError as error:
                refused.append(error)
                continue
            calls.append(world.now)

    world.run(*(lambda p=pauses: program(p) for pauses in processes))  # type: ignore[misc]
    for travel in (0, 45):  # seconds until the CRM counts the call
        days = Counter(
            day_of(datetime.fromtimestamp(at + travel, UTC), ZoneInfo(zone)) for at in calls
        )
        assert all(count <= allowed - reserve for count in days.values())
    assert len(calls) + len(refused) == sum(map(len, processes))
    assert all(0 < (error.retry_after or 0) <= 86_400 + 60 for error in refused)


@settings(max_examples=60)
@given(
    rate=st.sampled_from(["0", "1", "10"]),
    processes=st.lists(PAUSES, min_size=2, max_size=4),
    closes_after=st.integers(0, 5),
    seconds=st.integers(1, 120),
    late=st.lists(st.sampled_from([0.0, 0.001, 0.3]), max_size=20),
)
def test_retry_after_keeps_everybody_away(
    rate: str,
    processes: list[list[float]],
    closes_after: int,
    seconds: int,
    late: list[float],
) -> None:
    """After one process was told to stay away, nobody calls before the time is over."""
    world = World(BEGIN, iter(late))
    ledger, limits = OwnLedger(), LimitsPart(calls_per_second=Decimal(rate))
    calls: list[float] = []
    closed: list[tuple[int, float]] = []

    def program(pauses: list[float]) -> None:
        gate = CrmGate("main", limits, ledger, clock=world.clock())
        for pause in pauses:
            world.sleep(pause)
            gate.enter()
            calls.append(world.now)
            if len(calls) > closes_after and not closed:
                closed.append((len(calls), world.now))
                gate.closed(seconds)

    world.run(*(lambda p=pauses: program(p) for pauses in processes))  # type: ignore[misc]
    for made, at in closed:
        assert all(call >= at + seconds - 2e-6 for call in calls[made:])


def test_calls_of_a_run_are_bounded_and_say_so() -> None:
    """The call after the last is refused with the number and the option that it comes from."""
    gate = CrmGate("main", LimitsPart(), OwnLedger(), clock=at_rest(), calls_max=2)
    gate.enter()
    gate.enter()
    with pytest.raises(AllowanceError) as caught:
        gate.enter()
    assert (caught.value.code, caught.value.retry_after) == ("manners.calls_max", None)
    assert "--max-calls" in caught.value.describe("en")
    assert "2" in caught.value.describe("zh")
    assert gate.count.calls == 2
    assert exit_code(caught.value) == 3


def test_used_up_tells_number_reserve_day_and_when_to_come_back() -> None:
    """An allowance that is used up names what it is made of, and waits for the CRM's midnight."""
    limits = LimitsPart(calls_per_day=10, reserve=9, day_zone="Asia/Shanghai")
    gate = CrmGate("main", limits, OwnLedger(), clock=at_rest())
    gate.enter()
    with pytest.raises(AllowanceError) as caught:
        gate.enter()
    assert caught.value.retry_after == 4 * 3600
    told = caught.value.describe("en")
    assert all(part in told for part in ("10", "9", "2026-06-30", "2026-07-01T00:00:00+08:00"))


def test_closed_for_longer_than_a_call_waits_is_told_and_not_slept() -> None:
    """A Retry-After of an hour ends the run with the seconds that are left."""
    ledger = OwnLedger()
    gate = CrmGate("main", LimitsPart(), ledger, clock=at_rest())
    gate.closed(3600)
    with pytest.raises(RetryableError) as caught:
        gate.enter()
    assert (caught.value.code, caught.value.retry_after) == ("manners.away", 3600)
    assert not isinstance(caught.value, AllowanceError)
    assert str(PATIENCE_SECONDS) in caught.value.describe("en")


def test_a_clock_that_is_set_back_while_we_sleep_does_not_hold_us() -> None:
    """The turn of a clock that jumped back by a day is lost, and another one taken."""
    times = {"now": BEGIN}

    def sleep(seconds: float) -> None:
        times["now"] = BEGIN - 86_400 if times["now"] == BEGIN else times["now"] + seconds

    clock = Clock(lambda: 0.0, lambda: times["now"], sleep, lambda: 0.0)
    limits = LimitsPart(calls_per_second=Decimal(1))
    gate = CrmGate("main", limits, OwnLedger(), clock=clock)
    gate.enter()
    gate.enter()
    assert times["now"] == BEGIN - 86_400


@pytest.mark.parametrize("others", [0, 20])
def test_who_always_wakes_up_late_takes_what_is_free_and_else_gives_up(others: int) -> None:
    """A lost turn is replaced by the one that is next; where others are always first, it ends."""
    times = {"now": BEGIN}
    ledger, limits = OwnLedger(), LimitsPart(calls_per_second=Decimal(100))

    def sleep(seconds: float) -> None:
        times["now"] += seconds + 0.05
        now, rate = int(times["now"] * SECOND), Rate.of(limits.calls_per_second)
        for _ in range(others):
            ledger.take("main", Asked(now, PATIENCE_SECONDS * SECOND, rate, lambda at: ()))

    clock = Clock(lambda: 0.0, lambda: times["now"], sleep, lambda: 0.0)
    gate = CrmGate("main", limits, ledger, clock=clock)
    gate.enter()
    if not others:
        gate.enter()
        assert 0.05 <= times["now"] - BEGIN < 0.1
        return
    with pytest.raises(RetryableError, match="next call"):
        gate.enter()
    assert times["now"] - BEGIN < 2 * PATIENCE_SECONDS


def test_counts_add_up() -> None:
    """What calls moved is added; the time before them stands apart."""
    gate = CrmGate("main", LimitsPart(), OwnLedger(), clock=at_rest())
    gate.enter()
    gate.done(sent=10, received=200, seconds=0.25, is_retry=False)
    gate.enter()
    gate.done(sent=10, received=0, seconds=0.25, is_retry=True)
    assert gate.count == CallCount(2, 1, 20, 200, 0.5, 0.0)
    assert gate.count.as_json()["bytes_received"] == 200
    assert gate._now() == int(BEGIN * SECOND)
