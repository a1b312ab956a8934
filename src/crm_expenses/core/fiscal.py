"""A company's own calendar of months, quarters, half-years and years.

Two forms. By months: the year begins on a day that every month has (6 April, 1 July), and each
month of it begins on the same day of a calendar month. By weeks: quarters of 13 weeks, each cut
into months of, say, 4, 4 and 5; the year begins on the weekday nearest to a date, has 52 or 53
weeks, and the last month takes the 53rd.

Source of the second form: the 52-53-week year that ends (so that the next begins) on the same
weekday, the one nearest to a date: US Treasury Regulations, section 1.441-2.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import Final

from crm_expenses.core.period import Period

YEAR_MIN: Final = 2
YEAR_MAX: Final = 9997
"""Beyond these, a year or its neighbour would leave the calendar that dates have."""

DAY_MAX: Final = 28
"""The last day that every month has."""


class FiscalKind(StrEnum):
    """The periods that budgets are planned for, short to long."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"

    @property
    def months(self) -> int:
        """How many months of the calendar one has.

        >>> [kind.months for kind in FiscalKind]
        [1, 3, 6, 12]
        """
        return _MONTHS[self]


_MONTHS: Final = {
    FiscalKind.MONTH: 1,
    FiscalKind.QUARTER: 3,
    FiscalKind.HALF_YEAR: 6,
    FiscalKind.YEAR: 12,
}
_LABEL: Final = re.compile(r"(?:FY)?([0-9]{4})(?:-?([MQH])([0-9]{1,2}))?", re.ASCII)
_LETTERS: Final = {FiscalKind.MONTH: "M", FiscalKind.QUARTER: "Q", FiscalKind.HALF_YEAR: "H"}


class WeekPattern(StrEnum):
    """How the 13 weeks of a quarter are cut into its three months."""

    W445 = "4-4-5"
    W454 = "4-5-4"
    W544 = "5-4-4"

    @property
    def weeks(self) -> tuple[int, ...]:
        """The weeks of each month of a quarter.

        >>> WeekPattern.W454.weeks
        (4, 5, 4)
        """
        return tuple(int(digit) for digit in self.value.split("-"))


class YearName(StrEnum):
    """Which calendar year a fiscal year is named after: the one of its first or its last day."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class FiscalPeriod:
    """One period of a fiscal year: `number` counts from 1 within the year called `year`."""

    year: int
    number: int
    kind: FiscalKind
    span: Period

    @property
    def label(self) -> str:
        """The period as a plan writes it.

        >>> FiscalCalendar().period_of(FiscalKind.QUARTER, date(2026, 5, 9)).label
        'FY2026-Q2'
        """
        letter = _LETTERS.get(self.kind)
        number = f"{self.number:02}" if self.kind is FiscalKind.MONTH else str(self.number)
        return f"FY{self.year}-{letter}{number}" if letter else f"FY{self.year}"


@dataclass(frozen=True, slots=True)
class FiscalCalendar:
    """When the fiscal year begins, and how it is cut; without arguments the calendar year.

    With `weeks` the year begins on the `weekday` (Monday is 0) that is nearest to the day named.

    >>> uk = FiscalCalendar(4, 6, named=YearName.START)
    >>> uk.period_of(FiscalKind.MONTH, date(2026, 5, 5)).span
    Period(start=datetime.date(2026, 4, 6), end=datetime.date(2026, 5, 5))
    """

    month: int = 1
    day: int = 1
    named: YearName = YearName.END
    weeks: WeekPattern | None = None
    weekday: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.month <= 12 or not 1 <= self.day <= DAY_MAX or not 0 <= self.weekday <= 6:
            raise ValueError(
                f"a fiscal year begins in month 1 to 12, on day 1 to {DAY_MAX}, on weekday 0 to 6: "
                f"{self.month}, {self.day}, {self.weekday}"
            )

    def period_of(self, kind: FiscalKind, day: date) -> FiscalPeriod:
        """Give the one period of a kind that a day is in.

        Raises:
            ValueError: the day is outside of the years that can be cut.

        >>> FiscalCalendar(7).period_of(FiscalKind.YEAR, date(2026, 7, 1)).label
        'FY2027'
        """
        begun = day.year + 1
        while begun >= day.year - 1 and self._start(begun) > day:
            begun -= 1
        starts = self._month_starts(begun)
        month = bisect_right(starts, day) - 1
        return self._made(kind, begun, starts, month // kind.months)

    def periods(self, kind: FiscalKind, year: int) -> tuple[FiscalPeriod, ...]:
        """Give the periods of a kind that the fiscal year called `year` is cut into, in order.

        >>> [p.span.days for p in FiscalCalendar(weeks=WeekPattern.W445).periods(
        ...     FiscalKind.QUARTER, 2026)]
        [91, 91, 91, 98]
        """
        begun = year - self._name_ahead
        starts = self._month_starts(begun)
        return tuple(self._made(kind, begun, starts, n) for n in range(12 // kind.months))

    def labelled(self, label: str) -> FiscalPeriod | None:
        """Give the period that a plan names, None where there is none of that name.

        >>> FiscalCalendar(7).labelled("FY2027-Q1").span.start, FiscalCalendar().labelled("Q1")
        (datetime.date(2026, 7, 1), None)
        """
        found = _LABEL.fullmatch(label.strip().upper())
        if found is None:
            return None
        kind = next((k for k, letter in _LETTERS.items() if letter == found[2]), FiscalKind.YEAR)
        number = int(found[3] or 1)
        try:
            periods = self.periods(kind, int(found[1]))
        except ValueError:
            return None
        return periods[number - 1] if 1 <= number <= len(periods) else None

    def between(self, kind: FiscalKind, first: date, last: date) -> Iterator[FiscalPeriod]:
        """Give the periods of a kind from the one of `first` to the one of `last`.

        >>> [p.label for p in FiscalCalendar().between(
        ...     FiscalKind.HALF_YEAR, date(2026, 3, 1), date(2027, 1, 1))]
        ['FY2026-H1', 'FY2026-H2', 'FY2027-H1']
        """
        day = first
        while day <= last:
            found = self.period_of(kind, day)
            yield found
            day = found.span.end + timedelta(days=1)

    def _made(
        self, kind: FiscalKind, begun: int, starts: tuple[date, ...], index: int
    ) -> FiscalPeriod:
        first, after = index * kind.months, (index + 1) * kind.months
        end = (starts[after] if after < 12 else self._start(begun + 1)) - timedelta(days=1)
        span = Period(starts[first], end)
        return FiscalPeriod(begun + self._name_ahead, index + 1, kind, span)

    @property
    def _name_ahead(self) -> int:
        """How far a year's name is ahead of the calendar year that it begins in, 0 or 1.

        What counts is the day named, and not the weekday that stands for it: a year that begins on
        29 December instead of 1 January is that of the January.
        """
        is_calendar = (self.month, self.day) == (1, 1)
        return 0 if is_calendar or self.named is YearName.START else 1

    def _start(self, year: int) -> date:
        """Give the first day of the fiscal year that begins in (or nearest to) a year."""
        if not YEAR_MIN <= year <= YEAR_MAX:
            raise ValueError(f"a fiscal year begins between {YEAR_MIN} and {YEAR_MAX}: {year}")
        meant = date(year, self.month, self.day)
        if self.weeks is None:
            return meant
        ahead = (self.weekday - meant.weekday()) % 7
        return meant + timedelta(days=ahead if ahead <= 3 else ahead - 7)

    def _month_starts(self, year: int) -> tuple[date, ...]:
        """Give the first days of the twelve months of the fiscal year that begins in a year."""
        start = self._start(year)
        if self.weeks is None:
            months = range(self.month - 1, self.month + 11)
            return tuple(date(year + m // 12, m % 12 + 1, self.day) for m in months)
        lengths = self.weeks.weeks * 4
        return tuple(start + timedelta(weeks=w) for w in (0, *accumulate(lengths[:-1])))
