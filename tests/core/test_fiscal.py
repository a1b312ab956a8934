"""Fiscal calendars: every day is in exactly one period, and periods follow without a gap."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.fiscal import (
    YEAR_MAX,
    YEAR_MIN,
    FiscalCalendar,
    FiscalKind,
    WeekPattern,
    YearName,
)
from crm_expenses.core.period import Period, PeriodKind

CALENDARS = st.builds(
    FiscalCalendar,
    st.integers(1, 12),
    st.integers(1, 28),
    st.sampled_from(YearName),
    st.none() | st.sampled_from(WeekPattern),
    st.integers(0, 6),
)
KINDS = st.sampled_from(FiscalKind)
DAYS = st.dates(date(YEAR_MIN + 2, 1, 1), date(YEAR_MAX - 2, 12, 31))
ONE = timedelta(days=1)


@given(CALENDARS, KINDS, DAYS)
def test_every_day_is_in_exactly_one_period(
    calendar: FiscalCalendar, kind: FiscalKind, day: date
) -> None:
    """The period of a day holds it, and is the period of its own first and last day."""
    found = calendar.period_of(kind, day)
    assert day in found.span
    assert found.span.start <= found.span.end
    assert calendar.period_of(kind, found.span.start) == found
    assert calendar.period_of(kind, found.span.end) == found


@given(CALENDARS, KINDS, DAYS)
def test_periods_follow_without_a_gap(
    calendar: FiscalCalendar, kind: FiscalKind, day: date
) -> None:
    """The day after a period begins the next one, by number, or the next year's first."""
    found = calendar.period_of(kind, day)
    after = calendar.period_of(kind, found.span.end + ONE)
    before = calendar.period_of(kind, found.span.start - ONE)
    assert after.span.start == found.span.end + ONE
    assert before.span.end == found.span.start - ONE
    is_last = found.number == 12 // kind.months
    assert (after.year, after.number) == (
        (found.year + 1, 1) if is_last else (found.year, found.number + 1)
    )


@given(CALENDARS, KINDS, DAYS)
def test_a_years_periods_tile_it(calendar: FiscalCalendar, kind: FiscalKind, day: date) -> None:
    """The periods of a year are those that its days are in, and fill the year from end to end."""
    year = calendar.period_of(FiscalKind.YEAR, day)
    parts = calendar.periods(kind, year.year)
    assert len(parts) == 12 // kind.months
    assert parts[0].span.start == year.span.start
    assert parts[-1].span.end == year.span.end
    assert sum(part.span.days for part in parts) == year.span.days
    for part in parts:
        assert calendar.period_of(kind, part.span.start) == part
    assert calendar.period_of(kind, day) in parts
    assert len({part.label for part in parts}) == len(parts)
    assert tuple(calendar.between(kind, year.span.start, year.span.end)) == parts


@given(CALENDARS, DAYS)
def test_short_periods_lie_inside_long_ones(calendar: FiscalCalendar, day: date) -> None:
    """A month lies in its quarter, that in its half-year, that in its year."""
    spans = [calendar.period_of(kind, day).span for kind in FiscalKind]
    for inner, outer in pairwise(spans):
        assert inner.start in outer
        assert inner.end in outer


@given(DAYS)
def test_the_plain_calendar_is_the_calendar(day: date) -> None:
    """Without an own year, periods are those of the windows."""
    plain = FiscalCalendar()
    for kind, same in (
        (FiscalKind.MONTH, PeriodKind.MONTH),
        (FiscalKind.QUARTER, PeriodKind.QUARTER),
        (FiscalKind.YEAR, PeriodKind.YEAR),
    ):
        found = plain.period_of(kind, day)
        assert (found.year, found.span) == (day.year, Period.of(same, day))


@given(st.sampled_from(WeekPattern), st.integers(1, 12), st.integers(1, 28), DAYS)
def test_years_of_weeks(pattern: WeekPattern, month: int, day: int, some: date) -> None:
    """A year of weeks has 52 or 53, begins at most three days off, cut as it says."""
    calendar = FiscalCalendar(month, day, YearName.START, pattern, 6)
    year = calendar.period_of(FiscalKind.YEAR, some)
    assert year.span.days in (52 * 7, 53 * 7)
    assert year.span.start.weekday() == 6
    assert abs(year.span.start - date(year.year, month, day)) <= timedelta(days=3)
    weeks = [part.span.days // 7 for part in calendar.periods(FiscalKind.MONTH, year.year)]
    assert weeks[:11] == [*pattern.weeks * 4][:11]
    assert weeks[11] - pattern.weeks[2] == year.span.days // 7 - 52


UK = FiscalCalendar(4, 6, YearName.START)
JULY = FiscalCalendar(7)
RETAIL = FiscalCalendar(2, 1, YearName.START, WeekPattern.W454, 6)
WEEKS = FiscalCalendar(weeks=WeekPattern.W445)


@pytest.mark.parametrize(
    ("calendar", "kind", "day", "label", "start", "end"),
    [
        (UK, FiscalKind.YEAR, "2026-04-05", "FY2025", "2025-04-06", "2026-04-05"),
        (UK, FiscalKind.YEAR, "2026-04-06", "FY2026", "2026-04-06", "2027-04-05"),
        (UK, FiscalKind.MONTH, "2027-01-01", "FY2026-M09", "2026-12-06", "2027-01-05"),
        (UK, FiscalKind.QUARTER, "2026-07-06", "FY2026-Q2", "2026-07-06", "2026-10-05"),
        (JULY, FiscalKind.HALF_YEAR, "2026-12-31", "FY2027-H1", "2026-07-01", "2026-12-31"),
        (JULY, FiscalKind.MONTH, "2028-02-29", "FY2028-M08", "2028-02-01", "2028-02-29"),
        # The retail year 2023 began on Sunday 29 January 2023 and had 53 weeks.
        (RETAIL, FiscalKind.YEAR, "2024-02-03", "FY2023", "2023-01-29", "2024-02-03"),
        (RETAIL, FiscalKind.YEAR, "2024-02-04", "FY2024", "2024-02-04", "2025-02-01"),
        (RETAIL, FiscalKind.MONTH, "2024-03-04", "FY2024-M02", "2024-03-03", "2024-04-06"),
        # 1 January 2026 is a Thursday; the nearest Monday is 29 December.
        (WEEKS, FiscalKind.MONTH, "2025-12-29", "FY2026-M01", "2025-12-29", "2026-01-25"),
        (WEEKS, FiscalKind.YEAR, "2026-12-31", "FY2026", "2025-12-29", "2027-01-03"),
        # Nearest to 1 January 2027, a Friday, is the Monday three days later.
        (WEEKS, FiscalKind.YEAR, "2027-01-04", "FY2027", "2027-01-04", "2028-01-02"),
    ],
)
def test_dated_cases(
    calendar: FiscalCalendar, kind: FiscalKind, day: str, label: str, start: str, end: str
) -> None:
    """Years by law and by trade, with their ends, leap days and 53rd weeks."""
    found = calendar.period_of(kind, date.fromisoformat(day))
    assert found.label == label
    assert found.span == Period(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize("wrong", [(0, 1), (13, 1), (2, 0), (2, 29), (1, 1, YearName.END, None, 7)])
def test_a_year_begins_on_a_day_that_every_month_has(wrong: tuple[int, ...]) -> None:
    """A month, a day or a weekday that does not exist is refused."""
    with pytest.raises(ValueError, match="a fiscal year begins"):
        FiscalCalendar(*wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("day", [date.min, date.max])
def test_days_at_the_ends_of_time_are_refused(day: date) -> None:
    """Where a year or its neighbour cannot be written as a date, that is said."""
    with pytest.raises(ValueError, match="begins between"):
        FiscalCalendar(4).period_of(FiscalKind.YEAR, day)


@given(CALENDARS, KINDS, DAYS.filter(lambda day: day.year > 1000))
def test_a_label_names_its_period(calendar: FiscalCalendar, kind: FiscalKind, day: date) -> None:
    """A period is found again by its own label."""
    found = calendar.period_of(kind, day)
    assert calendar.labelled(found.label) == found


@pytest.mark.parametrize("label", ["2026q2", " fy2026-Q2 ", "2026-Q2", "FY2026Q2"])
def test_labels_that_people_write(label: str) -> None:
    """Small letters, a missing FY and a missing hyphen are understood."""
    found = FiscalCalendar().labelled(label)
    assert found is not None
    assert found.label == "FY2026-Q2"


@pytest.mark.parametrize(
    "label", ["", "FY26", "2026-Q5", "2026-Q0", "2026-M13", "2026-H3", "2026-W01", "9999", "0000"]
)
def test_labels_of_nothing(label: str) -> None:
    """A period that does not exist is none."""
    assert FiscalCalendar().labelled(label) is None
