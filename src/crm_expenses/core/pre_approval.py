"""Pre-approvals: somebody approved spending in advance, for something and until a day."""

from dataclasses import dataclass
from datetime import date

from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.money import Money


@dataclass(frozen=True, slots=True)
class PreApproval:
    """`granted_by` approved what `person` spends from `start` to `until`, up to `amount` in all.

    Of `category`, `account`, `opportunity` and `trip` those that are empty do not restrict it;
    without an amount it has no limit. One that a person grants to themselves is none.
    """

    id: str
    person: str
    granted_by: str
    until: date
    start: date | None = None
    category: str = ""
    account: str = ""
    opportunity: str = ""
    trip: str = ""
    amount: Money | None = None

    def covers(self, line: ExpenseLine, *, person: str) -> bool:
        """Say whether the spending of a line was approved, whatever it came to.

        >>> gift = ExpenseLine("L", "C", date(2026, 6, 30), "gift", Money(1, "CNY"), account="A1")
        >>> approval = PreApproval("PA1", "P1", "P9", date(2026, 6, 30), account="A1")
        >>> approval.covers(gift, person="P1"), approval.covers(gift, person="P2")
        (True, False)
        """
        restricted = (
            (self.category, line.category),
            (self.account, line.account),
            (self.opportunity, line.opportunity),
            (self.trip, line.trip),
        )
        return (
            self.person == person
            and self.granted_by != person
            and (self.start is None or self.start <= line.date)
            and line.date <= self.until
            and all(mine in ("", theirs) for mine, theirs in restricted)
        )
