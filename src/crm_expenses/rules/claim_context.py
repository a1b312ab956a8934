"""What the lines of one claim share: the person, vouchers, trips, rates, and the claim's sums."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property

from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import AMOUNT_MINOR_MAX, Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.rates import Rate, convert, in_force
from crm_expenses.core.trip import DAYS_MAX, Night, Trip, TripDay, days_of
from crm_expenses.core.voucher import Voucher


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
        """Sum of the lines, in minor units; None where some rate is missing."""
        known = [amount for _, amount in self.amounts if amount is not None]
        return sum(known) if len(known) == len(self.amounts) else None

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
            FactMissingError: there is no rate for one of them.
        """
        total = 0
        for category, amount in self.amounts:
            if category in categories:
                if amount is None:
                    raise FactMissingError("amount")
                total += amount
        return total

    def count_of(self, categories: tuple[str, ...]) -> int:
        """Give the number of lines of some categories."""
        return sum(line.category in categories for line in self.facts.lines)

    # Rates

    def converted(self, line: ExpenseLine) -> int | None:
        """Give a line's amount in the policy's currency; None where no usable rate is known."""
        amount = in_policy_currency(line.amount, line.date, self.currency, self.facts.rates)
        return None if amount is None else amount.minor

    def _rate(self, line: ExpenseLine) -> Rate | None:
        if line.amount.currency == self.currency:
            return None
        return in_force(self.facts.rates, line.amount.currency, self.currency, line.date)

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
        converted = in_policy_currency(amount, day, self.currency, self.facts.rates)
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

    # Trips

    def days(self, trip: str) -> tuple[TripDay, ...]:
        """Give the days of a trip that belong to it and to no earlier one.

        Raises:
            FactMissingError: there is no such trip, or it lasts too long to be true.
        """
        found = self._days.get(trip)
        if found is None:
            known = self.trips.get(trip)
            if known is None or not 0 < self.trip_days(known) <= DAYS_MAX:
                raise FactMissingError("trip")
            others = [other for other in self.facts.trips if other.id != trip]
            found = self._days[trip] = days_of(known, others)
        return found

    @cached_property
    def _days(self) -> dict[str, tuple[TripDay, ...]]:
        return {}

    def trip_days(self, trip: Trip) -> int:
        """Give the number of calendar days of a trip."""
        return (trip.returns.date() - trip.departs.date()).days + 1

    def trip_nights(self, trip: Trip) -> int:
        """Give the number of nights with rest away from home."""
        return sum(day.night is not Night.NONE for day in self.days(trip.id))

    # Budgets

    def tightest(self, line: ExpenseLine) -> int | None:
        """Give the least available amount of the budgets that cover a line, in minor units."""
        facts = self.facts
        positions: Mapping[str, int] = {
            p.budget: p.available for p in facts.positions if p.currency == self.currency
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
