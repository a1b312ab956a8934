"""Forecasts: a straight line, by days and by working days, and no figure where there is none."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crm_expenses.core.budget import BudgetPosition
from crm_expenses.core.budgetforecast import DAYS_MIN, Forecast, Lasting, NoForecast, forecast
from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.core.period import Period

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


def at(allocated: int, used: int) -> BudgetPosition:
    """Give a position of which a third is committed and the rest spent."""
    return BudgetPosition("b", "CNY", allocated, used // 3, used - used // 3)


@pytest.mark.parametrize(
    ("allocated", "used", "period", "as_of", "rate", "at_end", "lasting", "last_day"),
    [
        # 90 of 365 days; 18000 by then, so 200 a day; 36500 are used on day 183, 2 July.
        (36_500, 18_000, YEAR, "2026-03-31", 200, 73_000, Lasting.RUNS_OUT, "2026-07-02"),
        # Exactly enough: the last day uses the last of it.
        (73_000, 18_000, YEAR, "2026-03-31", 200, 73_000, Lasting.RUNS_OUT, "2026-12-31"),
        (73_001, 18_000, YEAR, "2026-03-31", 200, 73_000, Lasting.LASTS, None),
        # 10 of 31 days; 100 a day; 1001 would be reached on day 11 (10.01 rounded up).
        (1_001, 1_000, MARCH, "2026-03-10", 100, 3_100, Lasting.RUNS_OUT, "2026-03-11"),
        (1_000, 1_000, MARCH, "2026-03-10", 100, 3_100, Lasting.USED_UP, None),
        (900, 1_000, MARCH, "2026-03-10", 100, 3_100, Lasting.USED_UP, None),
        # Rounded half up: 5 in 10 days is 0.5 a day, and 15.5 in 31.
        (900, 5, MARCH, "2026-03-10", 1, 16, Lasting.LASTS, None),
        (900, 0, MARCH, "2026-03-10", 0, 0, Lasting.LASTS, None),
        # More was refunded than spent.
        (900, -100, MARCH, "2026-03-10", -10, -310, Lasting.LASTS, None),
        (0, 0, MARCH, "2026-03-10", 0, 0, Lasting.NOTHING_ALLOCATED, None),
        (0, 100, MARCH, "2026-03-10", 10, 310, Lasting.NOTHING_ALLOCATED, None),
        # On the last day and after it, what was used is what it came to.
        (5_000, 3_100, MARCH, "2026-03-31", 100, 3_100, Lasting.LASTS, None),
        (5_000, 3_100, MARCH, "2027-01-01", 100, 3_100, Lasting.LASTS, None),
    ],
)
def test_dated_cases(  # noqa: PLR0913, PLR0917  a case
    allocated: int,
    used: int,
    period: Period,
    as_of: str,
    rate: int,
    at_end: int,
    lasting: Lasting,
    last_day: str | None,
) -> None:
    """Rate, end and last day, each computed on paper."""
    found = forecast(at(allocated, used), period, date.fromisoformat(as_of))
    assert isinstance(found, Forecast)
    assert (found.used, found.burn_rate, found.at_end) == (used, rate, at_end)
    assert found.left_at_end == allocated - at_end
    assert found.lasting is lasting
    assert found.last_day == (date.fromisoformat(last_day) if last_day else None)


def test_working_days() -> None:
    """Of March 2026, a company works 22 days; 6 of them by Monday the 9th with a make-up Saturday.

    1 March is a Sunday; 2 to 6 and 9 are worked, the 7th is made up for, the 3rd is a day of rest.
    """
    calendar = WorkCalendar(frozenset({date(2026, 3, 3)}), frozenset({date(2026, 3, 7)}))
    found = forecast(at(1_000, 600), MARCH, date(2026, 3, 9), calendar=calendar)
    assert isinstance(found, Forecast)
    assert (found.days_elapsed, found.days_total) == (6, 22)
    assert (found.burn_rate, found.at_end) == (100, 2_200)
    # Day 10 of work: the 10th, 11th, 12th and 13th follow.
    assert (found.lasting, found.last_day) == (Lasting.RUNS_OUT, date(2026, 3, 13))
    # 1300 would last until working day 13: not the weekend, but Wednesday the 18th.
    later = forecast(at(1_300, 600), MARCH, date(2026, 3, 9), calendar=calendar)
    assert isinstance(later, Forecast)
    assert later.last_day == date(2026, 3, 18)


@pytest.mark.parametrize(
    ("as_of", "calendar", "reason"),
    [
        ("2026-02-28", None, NoForecast.NOT_BEGUN),
        ("2026-03-01", None, NoForecast.TOO_FEW_DAYS),
        ("2026-03-04", None, NoForecast.TOO_FEW_DAYS),
        ("2026-03-06", WorkCalendar(frozenset({date(2026, 3, 3)})), NoForecast.TOO_FEW_DAYS),
        ("2026-03-20", WorkCalendar(last=date(2026, 3, 25)), NoForecast.NO_CALENDAR),
        ("2026-03-20", WorkCalendar(first=date(2026, 3, 2)), NoForecast.NO_CALENDAR),
    ],
)
def test_not_enough_data(as_of: str, calendar: WorkCalendar | None, reason: NoForecast) -> None:
    """Before it begins, in its first days, beyond the calendar: no figure, and no guess."""
    found = forecast(at(1_000, 500), MARCH, date.fromisoformat(as_of), calendar=calendar)
    assert found is reason


def test_the_first_day_with_a_figure() -> None:
    """Five days are enough; a budget shorter than that has its figures when it is over."""
    assert isinstance(forecast(at(1_000, 500), MARCH, date(2026, 3, DAYS_MIN)), Forecast)
    short = Period(date(2026, 3, 1), date(2026, 3, 3))
    assert forecast(at(1_000, 500), short, date(2026, 3, 2)) is NoForecast.TOO_FEW_DAYS
    done = forecast(at(1_000, 500), short, date(2026, 3, 3))
    assert isinstance(done, Forecast)
    assert done.at_end == 500


def test_a_period_without_a_working_day() -> None:
    """Where nobody works there is no rate, not even at the end."""
    sunday = Period(date(2026, 3, 1), date(2026, 3, 1))
    found = forecast(at(1_000, 500), sunday, date(2026, 3, 9), calendar=WorkCalendar())
    assert found is NoForecast.TOO_FEW_DAYS


PERIODS = st.tuples(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 800)).map(
    lambda pair: Period(pair[0], pair[0] + timedelta(days=pair[1]))
)


@given(
    PERIODS,
    st.integers(0, 900),
    st.integers(0, 10**12),
    st.integers(-(10**6), 10**12),
    st.none() | st.frozensets(st.integers(0, 60), max_size=9),
)
def test_against_a_plain_model(
    period: Period, passed: int, allocated: int, used: int, rest: frozenset[int] | None
) -> None:
    """The days are walked one by one with fractions; the figures are the same."""
    as_of = period.start + timedelta(days=passed)
    calendar = None
    if rest is not None:
        calendar = WorkCalendar(frozenset(period.start + timedelta(days=n) for n in rest))
    found = forecast(at(allocated, used), period, as_of, calendar=calendar)
    every = [period.start + timedelta(days=n) for n in range(period.days)]
    days = [day for day in every if calendar is None or calendar.is_working_day(day)]
    elapsed = sum(day <= as_of for day in days)
    if not isinstance(found, Forecast):
        assert elapsed < DAYS_MIN
        return
    assume(elapsed)
    rate = Fraction(used, elapsed)
    assert (found.days_elapsed, found.days_total) == (elapsed, len(days))
    assert abs(found.burn_rate - rate) <= Fraction(1, 2)
    assert abs(found.at_end - rate * len(days)) <= Fraction(1, 2)
    reached = next(
        (d for n, d in enumerate(days, 1) if rate * n >= allocated and n > elapsed), None
    )
    if 0 < used < allocated and reached:
        assert (found.lasting, found.last_day) == (Lasting.RUNS_OUT, reached)
    else:
        assert found.last_day is None
        assert found.lasting is not Lasting.RUNS_OUT
