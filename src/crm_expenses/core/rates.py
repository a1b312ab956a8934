"""Exchange rates by date, each with its source."""

from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from typing import Final

from crm_expenses.core.money import Money, Rounding

_WIDE: Final = Context(prec=60)
"""Room for every digit of an amount times a rate, whatever the caller's own context."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `currency` was worth `rate` units of `into`, from `day` on, says `source`.

    >>> r = Rate("1", "USD", "CNY", date(2026, 1, 1), Decimal("7.0288"), "central parity")
    >>> convert(Money.of("100", "USD"), r)
    Money(minor=70288, currency='CNY')
    """

    id: str
    currency: str
    into: str
    day: date
    rate: Decimal
    source: str


def convert(amount: Money, rate: Rate, how: Rounding = Rounding.HALF_UP) -> Money:
    """Convert once, rounded once to the minor unit of the target currency."""
    return Money.rounded(_WIDE.multiply(amount.amount, rate.rate), rate.into, how)


def in_force(rates: tuple[Rate, ...], currency: str, into: str, day: date) -> Rate | None:
    """Give the newest rate of the pair that is not later than `day`, or None.

    >>> rates = (Rate("1", "USD", "CNY", date(2026, 1, 1), Decimal(7), "ours"),)
    >>> in_force(rates, "USD", "CNY", date(2025, 12, 31)) is None
    True
    """
    known = [r for r in rates if r.currency == currency and r.into == into and r.day <= day]
    return max(known, key=lambda r: r.day, default=None)
