"""When an approved claim is to be paid, by the policy's cycle, and which payments are late."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.core.money import Money
from crm_expenses.core.period import month_end


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """Paid on days of the month, or so many days after the approval, or both.

    With both, it is the first such day of the month that is at least `days_after` days later; with
    none, the day after the approval. A day that a month does not have is its last. `is_working`
    says that days are counted as working days, and that a payment which would fall on a day off
    is made on the next working day. Outside of what the calendar covers Monday to Friday are
    worked.
    """

    days_after: int = 0
    monthly_on: tuple[int, ...] = ()
    is_working: bool = True

    def due_on(self, approved: date, calendar: WorkCalendar) -> date:
        """Give the day on which a claim that was approved on a day is to be paid.

        >>> terms = PaymentTerms(monthly_on=(10,))
        >>> str(terms.due_on(date(2026, 9, 10), WorkCalendar()))
        '2026-10-12'
        """
        worked = calendar.open_ended()
        days = max(1, self.days_after)
        if self.is_working:
            day = worked.add_working(approved, days)
        else:
            day = approved + timedelta(days=days)
        if self.monthly_on:
            day = self._next_of_month(day)
        return worked.on_or_after(day) if self.is_working else day

    def _next_of_month(self, day: date) -> date:
        """Give the first day of the cycle that is not before `day`."""
        for month in (day, month_end(day) + timedelta(days=1)):
            last = month_end(month)
            days = sorted({last.replace(day=min(number, last.day)) for number in self.monthly_on})
            found = next((one for one in days if one >= day), None)
            if found is not None:
                return found
        raise AssertionError("a month has a last day")  # pragma: no cover


NO_CYCLE: Final = PaymentTerms()


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of a claim; below zero it is money that came back.

    `day` is when the money moved, `at` when `by` told it. `reference` finds it in the bank's books.
    """

    claim: str
    amount: Money
    day: date
    by: str
    at: datetime
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Payable:
    """What is still to be paid of one claim, and by when.

    Below zero it is what the claimant owes, because more was paid than is due; no day is set then.
    """

    claim: str
    person: str
    amount: Money
    due_on: date | None

    def days_late(self, today: date) -> int:
        """Give by how many days it is late; zero on the day itself and before."""
        return max(0, (today - self.due_on).days) if self.due_on is not None else 0


def overdue(open_claims: Iterable[Payable], today: date) -> tuple[Payable, ...]:
    """Give those that should have been paid before today, the latest first.

    >>> late = Payable("C-1", "p", Money(500, "CNY"), date(2026, 3, 10))
    >>> [one.claim for one in overdue([late], date(2026, 3, 11))]
    ['C-1']
    >>> overdue([late], date(2026, 3, 10))
    ()
    """
    late = [one for one in open_claims if one.amount.minor > 0 and one.days_late(today)]
    return in_order(late)


def in_order(open_claims: Iterable[Payable]) -> tuple[Payable, ...]:
    """Give what is open by the day on which it is due; what has no day comes last.

    >>> one, other = (Payable(c, "p", Money(5, "CNY"), None) for c in "BA")
    >>> [payable.claim for payable in in_order([one, other])]
    ['A', 'B']
    """
    return tuple(sorted(open_claims, key=lambda one: (one.due_on or date.max, one.claim)))
