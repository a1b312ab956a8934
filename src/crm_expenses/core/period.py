"""Periods of the calendar, and the one that a day falls in."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

_DAY: Final = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|\.([0-9]{1,2})\.|年([0-9]{1,2})月)([0-9]{1,2})日?"
    r"(?:[T ]00:00(?::00)?)?",
    re.ASCII,
)


class PeriodKind(StrEnum):
    """The lengths of time that windows and budgets run over, short to long."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ALL_TIME = "all_time"


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to `end`, both days included.

    >>> Period.of(PeriodKind.QUARTER, date(2026, 5, 9))
    Period(start=datetime.date(2026, 4, 1), end=datetime.date(2026, 6, 30))
    """

    start: date
    end: date

    @classmethod
    def of(cls, kind: PeriodKind, day: date) -> "Period":
        """Give the period of this kind that holds `day`; a week starts on Monday (ISO 8601)."""
        match kind:
            case PeriodKind.DAY:
                return cls(day, day)
            case PeriodKind.WEEK:
                monday = day - timedelta(days=day.weekday())
                return cls(monday, monday + min(timedelta(days=6), date.max - monday))
            case PeriodKind.MONTH:
                return cls(day.replace(day=1), month_end(day))
            case PeriodKind.QUARTER:
                first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
                return cls(first, month_end(first.replace(month=first.month + 2)))
            case PeriodKind.YEAR:
                return cls(date(day.year, 1, 1), date(day.year, 12, 31))
            case PeriodKind.ALL_TIME:  # pragma: no branch  every kind stands above
                return cls(date.min, date.max)

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def days(self) -> int:
        """Number of days, both ends included."""
        return (self.end - self.start).days + 1


def month_end(day: date) -> date:
    """Give the last day of the month of `day`.

    >>> month_end(date(2028, 2, 3))
    datetime.date(2028, 2, 29)
    """
    return day.replace(day=monthrange(day.year, day.month)[1])


def read_day(cell: str) -> date | None:
    """Read a day as people and spreadsheets write it, the year first; else it is a guess.

    >>> read_day("2026/2/14"), read_day("2026年2月14日"), read_day("14/2/2026"), read_day("46067")
    (datetime.date(2026, 2, 14), datetime.date(2026, 2, 14), None, None)
    """
    found = _DAY.fullmatch(cell.strip())
    if found is None:
        return None
    year, *months, day = (group and int(group) for group in found.groups())
    try:
        return date(int(year or 0), next(int(m) for m in months if m is not None), int(day or 0))
    except ValueError:
        return None
