"""When an approved claim is paid, by the policy's cycle, and which payments are late."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.core.money import Money
from crm_expenses.core.payment import Payable, PaymentTerms, in_order, overdue

GOLDEN_WEEK = WorkCalendar(
    rest_days=frozenset(date(2026, 10, day) for day in range(1, 8)),
    work_days=frozenset({date(2026, 10, 10)}),
    last=date(2026, 12, 31),
)


@pytest.mark.parametrize(
    ("terms", "approved", "due"),
    [
        # 2026-09-10 is a Thursday, 2026-10-10 a Saturday that is worked, 2026-10-24 a Saturday.
        (PaymentTerms(), "2026-09-10", "2026-09-11"),
        (PaymentTerms(), "2026-09-11", "2026-09-14"),
        (PaymentTerms(), "2026-09-30", "2026-10-08"),
        (PaymentTerms(is_working=False), "2026-09-30", "2026-10-01"),
        (PaymentTerms(5), "2026-09-28", "2026-10-10"),
        (PaymentTerms(30, is_working=False), "2026-01-31", "2026-03-02"),
        (PaymentTerms(monthly_on=(10,)), "2026-09-09", "2026-09-10"),
        (PaymentTerms(monthly_on=(10,)), "2026-09-10", "2026-10-10"),
        (PaymentTerms(monthly_on=(10, 24)), "2026-10-10", "2026-10-26"),
        (PaymentTerms(monthly_on=(24, 10), is_working=False), "2026-10-10", "2026-10-24"),
        (PaymentTerms(5, (10,)), "2026-09-02", "2026-09-10"),
        (PaymentTerms(5, (10,)), "2026-09-04", "2026-10-10"),
        (PaymentTerms(monthly_on=(31,), is_working=False), "2026-02-01", "2026-02-28"),
        (PaymentTerms(monthly_on=(31, 30), is_working=False), "2026-02-28", "2026-03-30"),
        (PaymentTerms(monthly_on=(1,)), "2026-12-31", "2027-01-01"),  # beyond the calendar
    ],
)
def test_the_day_of_payment(terms: PaymentTerms, approved: str, due: str) -> None:
    """The first day of the cycle after the approval, moved to a working day."""
    assert terms.due_on(date.fromisoformat(approved), GOLDEN_WEEK) == date.fromisoformat(due)


@given(
    st.integers(0, 40),
    st.lists(st.integers(1, 31), max_size=3).map(tuple),
    st.booleans(),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
)
def test_against_a_search_day_by_day(
    days: int,
    monthly: tuple[int, ...],
    is_working: bool,  # noqa: FBT001  drawn
    approved: date,
) -> None:
    """It is the first day that fits, found by going through the days one by one."""
    worked = GOLDEN_WEEK.open_ended().is_working_day
    passed, day = 0, approved
    while passed < max(1, days):
        day += timedelta(days=1)
        passed += not is_working or worked(day)
    while monthly and not _is_of_cycle(day, monthly):
        day += timedelta(days=1)
    while is_working and not worked(day):
        day += timedelta(days=1)
    assert PaymentTerms(days, monthly, is_working).due_on(approved, GOLDEN_WEEK) == day


def _is_of_cycle(day: date, monthly: tuple[int, ...]) -> bool:
    is_last = (day + timedelta(days=1)).day == 1
    return day.day in monthly or (is_last and max(monthly) > day.day)


def test_what_is_late() -> None:
    """Late is what is still open after its day; the longest first."""
    due = {"C-1": (500, 10), "C-2": (500, 9), "C-3": (0, 1), "C-4": (500, 11), "C-5": (-5, 1)}
    claims = [
        Payable(claim, "p", Money(minor, "CNY"), date(2026, 3, day))
        for claim, (minor, day) in due.items()
    ]
    assert [one.claim for one in overdue(claims, date(2026, 3, 11))] == ["C-2", "C-1"]
    assert [one.days_late(date(2026, 3, 11)) for one in claims] == [1, 2, 10, 0, 10]


def test_what_a_claimant_owes_has_no_day_and_is_never_late() -> None:
    """Too much was paid: it comes last, and is not overdue."""
    owed = Payable("C-1", "p", Money(-500, "CNY"), None)
    due = Payable("C-2", "p", Money(500, "CNY"), date(2026, 3, 10))
    assert in_order([owed, due]) == (due, owed)
    assert owed.days_late(date(2026, 3, 11)) == 0
    assert overdue([owed, due], date(2026, 3, 11)) == (due,)
