"""Draws that give the same result on every machine.

`random.Random` seeded with a text is the same everywhere, but its log-normal draw goes through the
platform's `log` and `exp`. Ours uses whole numbers and the exactly specified `Decimal.exp`.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Context, Decimal
from random import Random
from typing import Final, TypeVar

T = TypeVar("T")

_BITS: Final = 16
_TERMS: Final = 12
_SHORT: Final = Context(prec=12)
_PUBLIC_HOLIDAYS: Final = {(1, 1), *((5, d) for d in (1, 2, 3)), *((10, d) for d in range(1, 8))}
"""Days of the year on which nobody works, in month and day; the moving ones are left out."""


def stream(seed: int, name: str) -> Random:
    """Give the generator of one part, so that a change in one part moves no other.

    >>> stream(7, "people").random() == stream(7, "people").random()
    True
    """
    return Random(f"{seed}:{name}")


def normal(rng: Random) -> Decimal:
    """Draw from a standard normal, near enough: the sum of twelve even draws (Irwin-Hall).

    >>> abs(normal(Random("a"))) < 6
    True
    """
    drawn = sum(rng.getrandbits(_BITS) for _ in range(_TERMS))
    middle = Decimal(_TERMS * (2**_BITS - 1)) / 2
    return (Decimal(drawn) - middle) / 2**_BITS


def log_normal(rng: Random, median: int, spread: str, *, step: int = 10) -> int:
    """Draw a whole number whose logarithm is normal, in whole steps (10 fen are 0.1 yuan).

    >>> draws = sorted(log_normal(Random(str(n)), 10_000, "0.5") for n in range(99))
    >>> 8_000 < draws[49] < 12_500, all(draw % 10 == 0 for draw in draws)
    (True, True)
    """
    factor = (normal(rng) * Decimal(spread)).exp(_SHORT)
    return max(1, int(factor * median) // step) * step


def clamp(value: int, low: int, high: int) -> int:
    """Keep a value between two bounds.

    >>> clamp(5, 1, 3), clamp(-5, 1, 3)
    (3, 1)
    """
    return max(low, min(value, high))


def pick(rng: Random, choices: Sequence[T], weights: Sequence[int]) -> T:
    """Choose one by whole-number weights.

    >>> pick(Random("a"), "xy", [0, 1])
    'y'
    """
    return rng.choices(choices, weights)[0]


def is_worked(day: date) -> bool:
    """Say whether the company works on a day.

    >>> is_worked(date(2026, 6, 30)), is_worked(date(2026, 6, 28)), is_worked(date(2025, 10, 1))
    (True, False, False)
    """
    return day.weekday() < 5 and (day.month, day.day) not in _PUBLIC_HOLIDAYS


def worked_from(day: date) -> date:
    """Give the first worked day from a day on.

    >>> worked_from(date(2026, 6, 27))
    datetime.date(2026, 6, 29)
    """
    while not is_worked(day):
        day += timedelta(days=1)
    return day
