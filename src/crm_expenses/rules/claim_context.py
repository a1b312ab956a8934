"""What the lines of one claim share: the person, vouchers, trips, rates, and the claim's sums."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Final

from crm_expenses.core.budget import BudgetPosition
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import AMOUNT_MINOR_MAX, Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import Rate, convert, in_force
from crm_expenses.core.trip import DAY_MINUTES, DAYS_MAX, Night, Trip, TripDay, days_of, periods_of
from crm_expenses.core.voucher import Voucher
from crm_expenses.rules.tree import MONEY_MAX

TRIP_LEGS: Final = "trip.legs"
TRIP_SPAN: Final = "trip.span"
"""What is missing of a trip that a line names; no names of the language: messages know them."""


class FactMissingError(Exception):
    """A fact that a rule needs is not there: the rule fails, the line goes to a person."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class ClaimContext:
    """One claim's facts, looked up by id; sums are computed when first asked for."""

    def __init__(self, facts: Facts, currency: str) -> None:
        self.facts = facts
        self.currency = currency
        self.claim: Claim = facts.claim
        self.person: AccountManager | None = facts.person
        self.submitted: date = facts.claim.submitted.date()
        self.vouchers: dict[str, Voucher] = {}
        for voucher in facts.vouchers:
            self.vouchers[voucher.id] = voucher

    @cached_property
    def trips(self) -> Mapping[str, Trip]:
        """The trips by id."""
        return {trip.id: trip for trip in self.facts.trips}

    @cached_property
    def amounts(self) -> tuple[tuple[str, int | None], ...]:
        """Category and amount of each line, in the policy's currency; None without a rate."""
        pairs = []
        for line in self.facts.lines:
            is_ours = line.amount.currency == self.currency
            amount = line.amount.minor if is_ours else self.converted(line)
            pairs.append((line.category, amount))
        return tuple(pairs)

    @cached_property
    def total(self) -> int | None:
        """Sum of the lines, in minor units; None where some rate is missing, or beyond bounds."""
        known = [amount for _, amount in self.amounts if amount is not None]
        total = sum(known)
        return total if len(known) == len(self.amounts) and abs(total) <= MONEY_MAX else None

    @property
    def line_count(self) -> int:
        """Number of lines."""
        return len(self.facts.lines)

    @cached_property
    def first_date(self) -> date | None:
        """Earliest day of spending."""
        return min((line.date for line in self.facts.lines), default=None)

    @cached_property
    def last_date(self) -> date | None:
        """Latest day of spending."""
        return max((line.date for line in self.facts.lines), default=None)

    def total_of(self, categories: tuple[str, ...]) -> int:
        """Give the sum of the lines of some categories.

        Raises:
            FactMissingError: there is no rate for one of them, or the sum is beyond bounds.
        """
        total = 0
        for category, amount in self.amounts:
            if category in categories:
                if amount is None:
                    raise FactMissingError("amount")
                total += amount
        if abs(total) > MONEY_MAX:
            raise FactMissingError("claim_total")
        return total

    def count_of(self, categories: tuple[str, ...]) -> int:
        """Give the number of lines of some categories."""
        return sum(line.category in categories for line in self.facts.lines)

    # Rates

    def converted(self, line: ExpenseLine) -> int | None:
        """Give a line's amount in the policy's currency; None where no usable rate is known."""
        amount = in_policy_currency(line.amount, line.date, self.currency, self.facts.all_rates)
        return None if amount is None else amount.minor

    def _rate(self, line: ExpenseLine) -> Rate | None:
        if line.amount.currency == self.currency:
            return None
        return in_force(self.facts.all_rates, line.amount.currency, self.currency, line.date)

    def rate_source(self, line: ExpenseLine) -> str | None:
        """Say who published the rate that converted a line."""
        rate = self._rate(line)
        return (rate.source or None) if rate else None

    def rate_age(self, line: ExpenseLine) -> int | None:
        """Give the days from the day of the rate to the line's."""
        rate = self._rate(line)
        return (line.date - rate.day).days if rate else None

    def paid(self, amount: Money | None, day: date) -> int:
        """Give what a traveller paid towards a meal, in the policy's currency.

        Raises:
            FactMissingError: there is no rate for it.
        """
        if amount is None:
            return 0
        converted = in_policy_currency(amount, day, self.currency, self.facts.all_rates)
        if converted is None:
            raise FactMissingError("amount")
        return converted.minor

    # Vouchers

    def number_of(self, line: ExpenseLine) -> str | None:
        """Give what identifies the voucher of a line; None where it has none."""
        voucher = self.vouchers.get(line.voucher) if line.voucher else None
        return voucher_key(voucher) or None if voucher is not None else None

    def voucher_amount(self, voucher: Voucher) -> int | None:
        """Give a voucher's total, when it is in the policy's currency."""
        amount = voucher.amount
        return amount.minor if amount is not None and amount.currency == self.currency else None

    # Pre-approvals

    def approval(self, line: ExpenseLine) -> tuple[PreApproval, int | None] | None:
        """Give the pre-approval with the largest amount of those that cover a line, and the amount.

        It is in minor units of the policy's currency, at the rate of the line's day. One without
        an amount, or without a rate, comes behind all others; of equals the first by id counts.
        """
        person, rates = self.claim.person, self.facts.all_rates
        best: tuple[PreApproval, int | None] | None = None
        for one in sorted(self.facts.pre_approvals, key=lambda held: held.id):
            if one.covers(line, person=person):
                amount: Money | None = None
                if one.amount is not None:
                    amount = in_policy_currency(one.amount, line.date, self.currency, rates)
                minor = None if amount is None else amount.minor
                if best is None or (minor is not None and (best[1] is None or minor > best[1])):
                    best = one, minor
        return best

    # Trips

    def days(self, trip: str) -> tuple[TripDay, ...]:
        """Give the calendar days of a trip.

        Raises:
            FactMissingError: the line names no trip, or one whose legs are not known, or one that
                lasts too long to be true.
        """
        found = self._days.get(trip)
        if found is None:
            known = self._known_trip(trip)
            others = [other for other in self.facts.trips if other.id != trip]
            found = self._days[trip] = days_of(known, others)
        return found

    def periods(self, trip: str) -> tuple[TripDay, ...]:
        """Give the periods of a trip of 24 hours from its departure.

        Raises:
            FactMissingError: as for its days.
        """
        return periods_of(self._known_trip(trip))

    def _known_trip(self, trip: str) -> Trip:
        known = self.trips.get(trip)
        if known is None:
            raise FactMissingError(TRIP_LEGS if trip else "trip")
        self.trip_days(known)
        return known

    @cached_property
    def _days(self) -> dict[str, tuple[TripDay, ...]]:
        return {}

    def trip_days(self, trip: Trip) -> int:
        """Give the number of calendar days of a trip.

        Raises:
            FactMissingError: it lasts too long to be true, or ends before it began.
        """
        count = (trip.returns.date() - trip.departs.date()).days + 1
        if not 0 < count <= DAYS_MAX or not 0 <= trip.minutes <= DAYS_MAX * DAY_MINUTES:
            raise FactMissingError(TRIP_SPAN)
        return count

    def trip_minutes(self, trip: Trip) -> int:
        """Give the minutes of a trip, where it has a number of days."""
        self.trip_days(trip)
        return trip.minutes

    def trip_nights(self, trip: Trip) -> int:
        """Give the number of nights with rest away from home."""
        return sum(day.night is not Night.NONE for day in self.days(trip.id))

    # Budgets

    def tightest(self, line: ExpenseLine) -> BudgetPosition | None:
        """Give the position of the budget that covers a line and has least available."""
        facts = self.facts
        positions = {p.budget: p for p in facts.positions if p.currency == self.currency}
        team = facts.person.team if facts.person else ""
        covering = [
            positions[budget.id]
            for budget in facts.budgets
            if budget.id in positions
            and budget.covers(
                person=facts.claim.person,
                team=team,
                category=line.category,
                day=line.date,
                account=line.account,
            )
        ]
        return min(covering, key=lambda one: (one.available, one.budget), default=None)


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

    >>> from crm_expenses.core.voucher import VoucherKind
    >>> voucher_key(Voucher("v", VoucherKind.FAPIAO, number="12345678", code="3100"))
    '3100-12345678'
    """
    if voucher.code and voucher.number:
        return f"{voucher.code}-{voucher.number}"
    return voucher.number
