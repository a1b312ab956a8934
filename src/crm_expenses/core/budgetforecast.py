"""How fast a budget is used, what it comes to at its end, and when the money runs out.

A straight line through the beginning and today: what was used so far (committed and spent) in so
many days goes on at that rate. With U used after e of t days, and A allocated:

    a day          U / e
    at the end     U * t / e
    runs out on    the first day n with U * n / e >= A, so n = A * e / U, rounded up

The second line is the estimate at completion of earned value (budget / (earned / actual), where
what is earned is planned evenly over time: earned = budget * e / t): PMI, Practice Standard for
Earned Value Management. Days are those of the calendar, or working days of a company's own one.
Nothing is guessed: too few days, or days that the calendar does not know, are "not enough data".
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from crm_expenses.core.budget import BudgetPosition
from crm_expenses.core.calendar import CalendarEndError, WorkCalendar
from crm_expenses.core.money import Rounding, divide_whole
from crm_expenses.core.period import Period

DAYS_MIN: Final = 5
"""With fewer days than these behind it, a rate says more about a day than about a budget."""


class NoForecast(StrEnum):
    """Why there is no forecast."""

    NOT_BEGUN = "not_begun"
    TOO_FEW_DAYS = "too_few_days"
    NO_CALENDAR = "no_calendar"


class Lasting(StrEnum):
    """Whether the money lasts: to the end, to a day, or it is used up, or was never there."""

    LASTS = "lasts"
    RUNS_OUT = "runs_out"
    USED_UP = "used_up"
    NOTHING_ALLOCATED = "nothing_allocated"


@dataclass(frozen=True, slots=True)
class Forecast:
    """Figures in minor units of the budget's currency.

    `used` in `days_elapsed` of `days_total` days is the exact rate; `burn_rate` is it a day,
    rounded to the minor unit (half up). `at_end` is what will have been used; `left_at_end` what is
    allocated less that, below zero when it will not do. `last_day` is the day on which the money
    runs out, where `lasting` says that it does; None when it lasts or was used up before today.
    """

    used: int
    days_elapsed: int
    days_total: int
    burn_rate: int
    at_end: int
    left_at_end: int
    lasting: Lasting
    last_day: date | None = None


def forecast(
    position: BudgetPosition,
    period: Period,
    as_of: date,
    *,
    calendar: WorkCalendar | None = None,
    days_min: int = DAYS_MIN,
) -> Forecast | NoForecast:
    """Give the forecast of a budget that stands at `position` at the end of the day `as_of`.

    With a `calendar`, days are its working days. After the last day the figures are final.

    >>> year = Period(date(2026, 1, 1), date(2026, 12, 31))
    >>> held = BudgetPosition("b", "CNY", allocated=36_500, committed=4_000, spent=14_000)
    >>> made = forecast(held, year, date(2026, 3, 31))
    >>> made.burn_rate, made.at_end, made.lasting.value, made.last_day.isoformat()
    (200, 73000, 'runs_out', '2026-07-02')
    """
    if as_of < period.start:
        return NoForecast.NOT_BEGUN
    count = _plain_days if calendar is None else _days_of(calendar)
    until = min(as_of, period.end)
    try:
        elapsed, total = count(period.start, until), count(period.start, period.end)
    except CalendarEndError:
        return NoForecast.NO_CALENDAR
    is_over = until == period.end
    if elapsed < (1 if is_over else max(1, days_min)):
        return NoForecast.TOO_FEW_DAYS
    used = position.committed + position.spent
    at_end = divide_whole(used * total, elapsed, Rounding.HALF_UP)
    lasting, last_day = _lasting(position, period, until, elapsed, count)
    return Forecast(
        used=used,
        days_elapsed=elapsed,
        days_total=total,
        burn_rate=divide_whole(used, elapsed, Rounding.HALF_UP),
        at_end=at_end,
        left_at_end=position.allocated - at_end,
        lasting=lasting,
        last_day=last_day,
    )


def _lasting(
    position: BudgetPosition,
    period: Period,
    until: date,
    elapsed: int,
    count: Callable[[date, date], int],
) -> tuple[Lasting, date | None]:
    used = position.committed + position.spent
    if position.allocated <= 0:
        return Lasting.NOTHING_ALLOCATED, None
    if used >= position.allocated:
        return Lasting.USED_UP, None
    if used <= 0:
        return Lasting.LASTS, None
    needed = divide_whole(position.allocated * elapsed, used, Rounding.CEILING)
    if needed > count(period.start, period.end):
        return Lasting.LASTS, None
    return Lasting.RUNS_OUT, _nth_day(period.start, until, period.end, needed, count)


def _nth_day(
    start: date, low: date, high: date, needed: int, count: Callable[[date, date], int]
) -> date:
    """Give the first day after `low`, up to `high`, by which so many days have passed."""
    while (high - low).days > 1:
        middle = low + timedelta(days=(high - low).days // 2)
        if count(start, middle) < needed:
            low = middle
        else:
            high = middle
    return high


def _plain_days(first: date, last: date) -> int:
    return (last - first).days + 1


def _days_of(calendar: WorkCalendar) -> Callable[[date, date], int]:
    def count(first: date, last: date) -> int:
        return calendar.is_working_day(first) + calendar.working_days(first, last)

    return count
