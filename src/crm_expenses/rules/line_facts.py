"""The facts of one line under the names that rules read."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import AMOUNT_MINOR_MAX, Money, exponent
from crm_expenses.core.rates import Rate, convert, in_force
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.rules.catalogue import DISTANCE_SCALE, ORIGINAL_SCALE, REQUIRED


class LineFacts:
    """One line's facts as raw values; None where a fact is missing.

    `absent` holds the required names that this line lacks: a rule that reads one of them fails.
    """

    __slots__ = (
        "absent", "account", "age_days", "amount", "amount_original", "attendees",
        "budget_available", "category", "city", "claim_total", "currency", "date", "distance",
        "grade", "is_credit", "justification", "line", "merchant", "nights", "opportunity",
        "payment", "person", "person_active", "person_city", "pre_approved", "purpose", "submitted",
        "team", "travel_class", "voucher_amount", "voucher_date", "voucher_kind", "voucher_number",
        "voucher_uses_before",
    )  # fmt: skip

    line: ExpenseLine
    absent: frozenset[str]
    amount: int | None
    voucher_number: str | None
    voucher_uses_before: int
    claim_total: int | None
    date: date
    category: str
    justification: str | None
    person: str

    def __init__(self, facts: Facts, line: ExpenseLine, currency: str) -> None:
        person = facts.person
        self.line = line
        amount = in_policy_currency(line.amount, line.date, currency, facts.rates)
        self.amount = None if amount is None else amount.minor
        places = exponent(line.amount.currency)
        self.amount_original = line.amount.minor * 10 ** (ORIGINAL_SCALE - places)
        self.currency = line.amount.currency
        self.category = line.category
        self.date = line.date
        self.submitted = facts.claim.submitted.date()
        self.age_days = (self.submitted - line.date).days
        self.is_credit = line.amount.minor < 0
        self.city = line.city or None
        self.nights = line.nights
        self.attendees = line.attendees
        self.distance = None if line.distance is None else int(line.distance.scaleb(DISTANCE_SCALE))
        self.account = line.account or None
        self.opportunity = line.opportunity or None
        self.merchant = line.merchant or None
        self.purpose = line.purpose or None
        self.justification = line.justification or None
        self.payment = line.payment or None
        self.travel_class = line.travel_class or None
        self.pre_approved = bool(line.pre_approved)
        self.person = facts.claim.person
        self.grade = (person.grade or None) if person else None
        self.team = (person.team or None) if person else None
        self.person_city = (person.city or None) if person else None
        self.person_active = None
        if person is not None:
            self.person_active = (
                (person.active_from or date.min) <= line.date <= (person.active_to or date.max)
            )
        self._read_voucher(facts, currency)
        self.voucher_uses_before = 0
        self.claim_total = None
        self.budget_available = _tightest(facts, line, currency)
        self.absent = frozenset(name for name in REQUIRED if getattr(self, name) is None)

    def _read_voucher(self, facts: Facts, currency: str) -> None:
        voucher = next((v for v in facts.vouchers if v.id == self.line.voucher), None)
        self.voucher_kind = VoucherKind.NONE.value
        self.voucher_number = self.voucher_date = self.voucher_amount = None
        if voucher is not None:
            self.voucher_kind = voucher.kind.value
            self.voucher_number = voucher_key(voucher) or None
            self.voucher_date = voucher.issued
            if voucher.amount is not None and voucher.amount.currency == currency:
                self.voucher_amount = voucher.amount.minor

    def with_claim_total(self, total: int | None) -> None:
        """Set the claim's total, once all lines are converted; None where some rate is missing."""
        self.claim_total = total
        changed = {"claim_total"} if total is None else set()
        self.absent = (self.absent - {"claim_total"}) | changed


def in_policy_currency(
    amount: Money, day: date, currency: str, rates: tuple[Rate, ...]
) -> Money | None:
    """Convert an amount at the rate of its day; None where no usable rate is known.

    >>> in_policy_currency(Money(100, "CNY"), date(2026, 1, 1), "CNY", ())
    Money(minor=100, currency='CNY')
    """
    if amount.currency == currency:
        return amount
    rate = in_force(rates, amount.currency, currency, day)
    if rate is None:
        return None
    converted = convert(amount, rate)
    # Beyond the bound that expressions are proved for, a rate is as good as none: a person looks.
    return converted if abs(converted.minor) <= AMOUNT_MINOR_MAX else None


def voucher_key(voucher: Voucher) -> str:
    """Give what identifies a voucher: its number, led by its code where it has one.

    >>> voucher_key(Voucher("v", VoucherKind.FAPIAO, number="12345678", code="3100"))
    '3100-12345678'
    """
    if voucher.code and voucher.number:
        return f"{voucher.code}-{voucher.number}"
    return voucher.number


def _tightest(facts: Facts, line: ExpenseLine, currency: str) -> int | None:
    """Give the least available amount of the budgets that cover a line, in minor units."""
    positions: Mapping[str, int] = {
        p.budget: p.available for p in facts.positions if p.currency == currency
    }
    team = facts.person.team if facts.person else ""
    covering = [
        positions[budget.id]
        for budget in facts.budgets
        if budget.id in positions
        and budget.covers(
            person=facts.claim.person, team=team, category=line.category, day=line.date
        )
    ]
    return min(covering, default=None)


VOUCHER_WINDOW: Final = "#voucher"
"""The window that counts how often a voucher number was used."""
