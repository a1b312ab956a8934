"""Money: an exact amount of one currency, in whole minor units. Never a float.

Sources: ISO 4217 for the minor units; the accepted form of an amount is the one that the policy
language states (ASCII digits, at most 15 before the point and 9 after it).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    Inexact,
)
from enum import StrEnum
from typing import Final, Self

from crm_expenses.core.currencies import EXPONENTS, WITHDRAWN
from crm_expenses.core.quick import quick_init
from crm_expenses.errors import MappingError

AMOUNT_MINOR_MAX: Final = 10**12
"""Largest amount of one line, in minor units, on both sides of zero.

Ten thousand million of a currency with two places. Smaller than the bound of every result
(10^15), so that sums and products of a rule have room; a larger amount is set aside as unreadable.
"""

_AMOUNT: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?", re.ASCII)
_EXACT: Final = Context(prec=60, traps=[Inexact])
_WIDE: Final = Context(prec=60)


class Rounding(StrEnum):
    """How a figure between two steps is decided. `DOWN` and `UP` are toward and from zero."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    UP = "up"
    DOWN = "down"
    FLOOR = "floor"
    CEILING = "ceiling"


_DECIMAL_MODE: Final = {
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
    Rounding.UP: ROUND_UP,
    Rounding.DOWN: ROUND_DOWN,
    Rounding.FLOOR: ROUND_FLOOR,
    Rounding.CEILING: ROUND_CEILING,
}


def read_number(text: str) -> Decimal:
    """Read an exact number written in the one accepted form.

    Raises:
        MappingError: the text is anything else (`1_000`, full-width digits, `NaN`, `1E+9`).

    >>> read_number("-1234.50")
    Decimal('-1234.50')
    """
    if not _AMOUNT.fullmatch(text):
        raise MappingError("record.amount", value=text[:40])
    return Decimal(text)


def exponent(currency: str) -> int:
    """Give the decimal places of a currency's minor unit.

    Raises:
        MappingError: the code is not a currency of ISO 4217, past or present.

    >>> exponent("CNY"), exponent("JPY"), exponent("KWD"), exponent("DEM")
    (2, 0, 3, 2)
    """
    places = EXPONENTS.get(currency)
    if places is None:
        places = WITHDRAWN.get(currency)
    if places is None:
        raise MappingError("record.currency", value=currency[:40])
    return places


def divide_whole(dividend: int, divisor: int, how: Rounding) -> int:
    """Divide whole numbers and round to a whole number in the way named.

    >>> [divide_whole(-7, 2, how) for how in (Rounding.HALF_UP, Rounding.FLOOR, Rounding.DOWN)]
    [-4, -4, -3]
    >>> divide_whole(5, 2, Rounding.HALF_EVEN), divide_whole(7, 2, Rounding.HALF_EVEN)
    (2, 4)
    """
    if divisor < 0:
        dividend, divisor = -dividend, -divisor
    below, rest = divmod(dividend, divisor)
    if rest == 0:
        return below
    match how:
        case Rounding.FLOOR:
            return below
        case Rounding.CEILING:
            return below + 1
        case Rounding.DOWN:
            return below if below >= 0 else below + 1
        case Rounding.UP:
            return below + 1 if below >= 0 else below
        case Rounding.HALF_UP:
            nearer_up = 2 * rest > divisor or (2 * rest == divisor and below >= 0)
        case Rounding.HALF_EVEN:  # pragma: no branch  every kind stands above
            nearer_up = 2 * rest > divisor or (2 * rest == divisor and below % 2 == 1)
    return below + 1 if nearer_up else below


@quick_init
@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency: `minor` whole minor units (cents, fen) of `currency`.

    >>> Money.of("12.50", "CNY") + Money(50, "CNY")
    Money(minor=1300, currency='CNY')
    >>> str(Money.of("-3", "JPY"))
    '-3 JPY'
    """

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Self:
        """Make money from an amount in major units; nothing is rounded.

        Raises:
            MappingError: unknown currency, malformed amount, more decimals than the currency has,
                or an amount beyond `AMOUNT_MINOR_MAX`.

        >>> Money.of("1234.5", "CNY").minor
        123450
        """
        places = exponent(currency)
        number = read_number(amount) if isinstance(amount, str) else Decimal(amount)
        if not number.is_finite():
            raise MappingError("record.amount", value=str(number))
        if number.adjusted() > 20:
            raise MappingError("record.amount_large", value=str(number)[:40], limit="10^12")
        try:
            scaled = number.scaleb(places, _EXACT)
            minor = int(scaled)
            is_exact = minor == scaled
        except Inexact:
            is_exact = False
        if not is_exact:
            raise MappingError(
                "record.amount_fine", value=str(number)[:40], currency=currency, places=str(places)
            )
        if abs(minor) > AMOUNT_MINOR_MAX:
            raise MappingError("record.amount_large", value=str(number)[:40], limit="10^12")
        return cls(minor, currency)

    @classmethod
    def rounded(cls, amount: Decimal, currency: str, how: Rounding) -> Self:
        """Make money from an amount in major units, rounded to the minor unit as named.

        >>> Money.rounded(Decimal("2.665"), "CNY", Rounding.HALF_UP).minor
        267
        """
        scaled = amount.scaleb(exponent(currency), _WIDE)
        return cls(int(scaled.to_integral_value(_DECIMAL_MODE[how])), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with the currency's own number of decimals."""
        return Decimal(self.minor).scaleb(-exponent(self.currency), _WIDE)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise MappingError("money.mixed", one=self.currency, other=other.currency)
        return other.minor

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def allocate(self, weights: Sequence[int]) -> tuple["Money", ...]:
        """Split by weights so that the parts sum to the whole (largest remainder, first wins).

        >>> [part.minor for part in Money(100, "CNY").allocate([1, 1, 1])]
        [34, 33, 33]
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError(f"weights must be at least 0 and not all 0: {list(weights)}")
        shares = [divmod(self.minor * weight, total) for weight in weights]
        rest = self.minor - sum(below for below, _ in shares)
        by_remainder = sorted(range(len(shares)), key=lambda i: (-shares[i][1], i))
        winners = set(by_remainder[:rest])
        return tuple(
            Money(below + (1 if i in winners else 0), self.currency)
            for i, (below, _) in enumerate(shares)
        )


def total(amounts: Sequence[Money], currency: str) -> Money:
    """Sum amounts of one currency; the empty sum is zero of it.

    >>> total([Money(1, "EUR"), Money(2, "EUR")], "EUR")
    Money(minor=3, currency='EUR')
    """
    result = Money(0, currency)
    for amount in amounts:
        result = result + amount
    return result
