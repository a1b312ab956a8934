"""Periods: the one that a day falls in, and that they tile the calendar."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.period import Period, PeriodKind, month_end

FINITE = tuple(kind for kind in PeriodKind if kind is not PeriodKind.ALL_TIME)
DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@pytest.mark.parametrize(
    ("kind", "day", "start", "end"),
    [
        ("day", "2026-03-31", "2026-03-31", "2026-03-31"),
        ("week", "2026-03-30", "2026-03-30", "2026-04-05"),  # a Monday
        ("week", "2026-04-05", "2026-03-30", "2026-04-05"),  # the Sunday after it
        ("week", "2027-01-01", "2026-12-28", "2027-01-03"),  # over the turn of the year
        ("month", "2028-02-29", "2028-02-01", "2028-02-29"),
        ("month", "2026-12-31", "2026-12-01", "2026-12-31"),
        ("quarter", "2026-03-31", "2026-01-01", "2026-03-31"),
        ("quarter", "2026-04-01", "2026-04-01", "2026-06-30"),
        ("quarter", "2026-12-31", "2026-10-01", "2026-12-31"),
        ("year", "2028-02-29", "2028-01-01", "2028-12-31"),
        ("all_time", "2026-01-01", "0001-01-01", "9999-12-31"),
    ],
)
def test_period_of_a_day(kind: str, day: str, start: str, end: str) -> None:
    """Each kind of period begins and ends where the calendar says."""
    made = Period.of(PeriodKind(kind), date.fromisoformat(day))
    assert made == Period(date.fromisoformat(start), date.fromisoformat(end))


@given(st.sampled_from(FINITE), DAYS)
def test_periods_tile_the_calendar(kind: PeriodKind, day: date) -> None:
    """A period holds its day, is that of all its days, and the next begins the day after it."""
    period = Period.of(kind, day)
    assert day in period
    assert Period.of(kind, period.start) == Period.of(kind, period.end) == period
    after = Period.of(kind, period.end + timedelta(days=1))
    assert after.start == period.end + timedelta(days=1)
    assert period.end not in after
    assert after.start not in period


@given(DAYS)
def test_longer_periods_hold_shorter_ones(day: date) -> None:
    """The kinds go from short to long; a week is the one that may cross a month's end."""
    nested = [kind for kind in PeriodKind if kind is not PeriodKind.WEEK]
    for short, long in pairwise(Period.of(kind, day) for kind in nested):
        assert long.start <= short.start <= short.end <= long.end
    lengths = [Period.of(kind, day).days for kind in PeriodKind]
    assert lengths == sorted(lengths)


@given(DAYS, st.integers(0, 5000))
def test_days_count_both_ends(start: date, more: int) -> None:
    """A period of one day has one day, and each day more is one more."""
    assert Period(start, start + timedelta(days=more)).days == more + 1


@given(DAYS)
def test_month_end(day: date) -> None:
    """The last day of a month is the one before the first of the next."""
    assert month_end(day).month == day.month
    assert (month_end(day) + timedelta(days=1)).day == 1
