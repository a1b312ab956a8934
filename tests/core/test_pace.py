"""Turns: spaced whatever the order, never beyond the patience, and a wrong clock does no harm."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.pace import (
    CLOSED_SECONDS_MAX,
    SECOND,
    Asked,
    Away,
    Pace,
    Rate,
    Turn,
    UsedUp,
    close,
    take_turn,
)

PATIENCE = 300 * SECOND
RATES = st.decimals("0.01", "500", places=2).filter(bool)


def one_day(at: int) -> tuple[str, ...]:
    """All calls are of one day."""
    return ("today",)


def asked(now: int, rate: Rate, calls_max: int | None = None) -> Asked:
    """Ask for a turn."""
    return Asked(now, PATIENCE, rate, one_day, calls_max)


@given(RATES)
def test_spacing_keeps_the_rate_however_late_calls_are(per_second: Decimal) -> None:
    """So many turns and one more, the first as late as may be, span more than their time."""
    rate = Rate.of(per_second)
    calls = max(1, int(per_second))
    window = calls * SECOND / Fraction(per_second)
    assert calls * rate.spacing - rate.lateness >= window
    assert rate.spacing <= 2 * SECOND / Fraction(per_second) + 1
    assert Rate.of(Decimal(0)) == Rate()


@given(RATES, st.lists(st.tuples(st.integers(0, 10**7), st.booleans()), max_size=40))
def test_no_two_turns_are_closer_than_the_spacing(
    per_second: Decimal, steps: list[tuple[int, bool]]
) -> None:
    """Whoever asks when, also by a clock that lags: turns lie apart, and none is in the past."""
    rate, pace, now = Rate.of(per_second), Pace(), 10**15
    turns: list[int] = []
    for step, is_behind in steps:
        now += step
        at = now - SECOND if is_behind else now
        pace, taken = take_turn(pace, {}, asked(at, rate))
        if isinstance(taken, Turn):
            assert at <= taken.at <= at + PATIENCE
            turns.append(taken.at)
        else:
            assert isinstance(taken, Away)
            assert taken.until > at + PATIENCE
    gaps = [after - before for before, after in pairwise(turns)]
    assert all(gap >= rate.spacing for gap in gaps)


@given(st.integers(0, 20), st.integers(0, 30))
def test_no_more_calls_than_a_day_has(calls_max: int, tries: int) -> None:
    """The calls of a day end at their number, whatever the rate."""
    pace, calls = Pace(), 0
    for _ in range(tries):
        pace, taken = take_turn(pace, {"today": calls}, asked(0, Rate(), calls_max))
        if isinstance(taken, Turn):
            calls += len(taken.days)
        else:
            assert taken == UsedUp("today")
    assert calls == min(tries, calls_max)


def test_a_call_that_is_counted_is_not_counted_again() -> None:
    """Who lost a turn takes another for the same call, even if it was the last of the day."""
    again = Asked(0, PATIENCE, Rate(), one_day, 1, frozenset({"today"}))
    assert take_turn(Pace(), {"today": 1}, again)[1] == Turn(0)


@given(st.integers(1, 10**9), st.integers(0, 10**6))
def test_closed_means_everybody_for_the_time_that_was_named(seconds: int, later: int) -> None:
    """No turn is before the end of the time; more than a day is a day."""
    now = 10**15
    pace = close(Pace(), now, seconds)
    until = now + min(seconds, CLOSED_SECONDS_MAX) * SECOND
    assert pace.closed_until == until
    assert close(pace, now, 1) == pace
    _, taken = take_turn(pace, {}, asked(now + later, Rate()))
    assert (taken.at if isinstance(taken, Turn) else taken.until) >= until  # type: ignore[union-attr]


@pytest.mark.parametrize("years", [1, 100])
def test_a_clock_that_was_years_ahead_keeps_nobody_waiting(years: int) -> None:
    """What such a clock left behind does not count; what is a little ahead does."""
    now = 10**15
    far = now + years * 365 * 86_400 * SECOND
    rate = Rate.of(Decimal(1))
    assert take_turn(Pace(far, far), {}, asked(now, rate))[1] == Turn(now)
    near = now + 10 * SECOND
    assert take_turn(Pace(near, 0), {}, asked(now, rate))[1] == Turn(near)


def test_what_takes_nothing_leaves_everything_as_it_is() -> None:
    """Without rate and allowance a turn is at once, and nothing is to be written."""
    free = asked(5, Rate())
    assert free.takes_nothing
    assert take_turn(Pace(99, 0), {}, free) == (Pace(99, 0), Turn(5))
    assert not asked(5, Rate(), 0).takes_nothing
    assert not asked(5, Rate.of(Decimal(1))).takes_nothing
    assert free.days_near == ("today",)
