"""Working days: weekdays, less days of rest, plus days that are worked instead."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.calendar import CalendarEndError, WorkCalendar

SPRING_2026 = WorkCalendar(
    rest_days=frozenset(date(2026, 2, day) for day in range(15, 24)),
    work_days=frozenset({date(2026, 2, 14), date(2026, 2, 28)}),
)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 2, 13), True),  # a Friday
        (date(2026, 2, 14), True),  # a Saturday that is worked instead
        (date(2026, 2, 15), False),  # a Sunday inside the holiday
        (date(2026, 2, 16), False),  # a Monday inside the holiday
        (date(2026, 2, 23), False),  # its last day
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),  # a Saturday that is worked instead
        (date(2026, 3, 1), False),  # a Sunday like any other
    ],
)
def test_spring_festival(day: date, worked: bool) -> None:  # noqa: FBT001  a case of the table
    """Holidays rest, make-up days are worked, all others follow the week."""
    assert SPRING_2026.is_working_day(day) is worked


DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(DAYS, st.frozensets(DAYS, max_size=5), st.frozensets(DAYS, max_size=5))
def test_named_days_come_first(day: date, rest: frozenset[date], work: frozenset[date]) -> None:
    """A day named as worked is worked, else one named as rest is not, else the week decides."""
    made = WorkCalendar(rest | {day}, work).is_working_day(day)
    assert made is (day in work)
    assert WorkCalendar(rest, work | {day}).is_working_day(day)
    assert WorkCalendar(rest - {day}, work - {day}).is_working_day(day) is (day.isoweekday() <= 5)


YEAR_2026 = WorkCalendar(first=date(2026, 1, 1), last=date(2026, 12, 31))


@given(DAYS, DAYS)
def test_only_what_is_covered_is_answered(first: date, second: date) -> None:
    """A day inside the covered span has its answer; one outside has none, and is named."""
    outside = [day for day in (first, second) if day.year != 2026]
    for day in outside:
        assert not YEAR_2026.covers(day)
        with pytest.raises(CalendarEndError) as caught:
            YEAR_2026.is_working_day(day)
        assert (caught.value.day, caught.value.covered) == (day, "2026-01-01 – 2026-12-31")
    if outside:
        with pytest.raises(CalendarEndError):
            YEAR_2026.working_days(first, second)
    else:
        assert YEAR_2026.working_days(first, second) == WorkCalendar().working_days(first, second)


@given(DAYS)
def test_an_end_may_be_open(day: date) -> None:
    """Without `from` every earlier day is covered, without `until` every later one."""
    middle = date(2026, 6, 30)
    assert WorkCalendar(last=middle).covers(day) is (day <= middle)
    assert WorkCalendar(first=middle).covers(day) is (day >= middle)
    assert WorkCalendar().covers(day)


def test_days_that_are_worked_after_a_day() -> None:
    """Further working days are counted one by one, make-up days included; never past the end."""
    spring = WorkCalendar(
        rest_days=frozenset({date(2026, 2, 16)}),
        work_days=frozenset({date(2026, 2, 14)}),
        last=date(2026, 2, 20),
    )
    assert spring.add_working(date(2026, 2, 13), 0) == date(2026, 2, 13)
    assert spring.add_working(date(2026, 2, 13), 1) == date(2026, 2, 14)
    assert spring.add_working(date(2026, 2, 13), 2) == date(2026, 2, 17)
    assert spring.on_or_after(date(2026, 2, 15)) == date(2026, 2, 17)
    with pytest.raises(CalendarEndError):
        spring.add_working(date(2026, 2, 20), 1)
    assert spring.open_ended().add_working(date(2026, 2, 20), 1) == date(2026, 2, 23)
