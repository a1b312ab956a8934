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


@dataclass(frozen=True, slots=True)
class KeptRate(Rate):
    """The rate by which amounts of the day `on` were converted before, and are from then on.

    A correction of the rates does not reach it: `day`, `rate` and `source` are as they were.
    """

    on: date = date.min


def convert(amount: Money, rate: Rate, how: Rounding = Rounding.HALF_UP) -> Money:
    """Convert once, rounded once to the minor unit of the target currency."""
    return Money.rounded(_WIDE.multiply(amount.amount, rate.rate), rate.into, how)


def in_force(rates: tuple[Rate, ...], currency: str, into: str, day: date) -> Rate | None:
    """Give the rate kept for `day`, else the newest of the pair that is not later, or None.

    >>> rates = (Rate("1", "USD", "CNY", date(2026, 1, 1), Decimal(7), "ours"),)
    >>> in_force(rates, "USD", "CNY", date(2025, 12, 31)) is None
    True
    """
    known = None
    for one in rates:
        if one.currency != currency or one.into != into:
            continue
        if isinstance(one, KeptRate):
            if one.on == day:
                return one
        elif one.day <= day and (known is None or one.day > known.day):
            known = one
    return known


def kept(rate: Rate, on: date) -> KeptRate:
    """Give a rate as it is kept for the amounts of a day.

    >>> kept(Rate("1", "USD", "CNY", date(2026, 1, 1), Decimal(7), "ours"), date(2026, 1, 9)).on
    datetime.date(2026, 1, 9)
    """
    return KeptRate(rate.id, rate.currency, rate.into, rate.day, rate.rate, rate.source, on)
