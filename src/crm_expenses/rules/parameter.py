"""Parameters: values by keys, in force from a date. Asking before the first value is an error.

A parameter may have bands: its last key is then a quantity, and a row says from where on its value
holds. `along` walks up the bands and gives what is due for all of a quantity: so much for each unit
inside each band or, where rows have a constant, the rate of the band times the whole, plus that
constant (a piecewise-linear scale).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crm_expenses.rules.tree import Type

Key = tuple[str, ...]
Held = int | str
"""A raw quantity, or a choice."""


class LookupMissedError(Exception):
    """No value for these keys on this day. Not an error of the program: the rule fails."""

    def __init__(self, parameter: str, key: Key, day: date) -> None:
        super().__init__(parameter, key, day)
        self.parameter = parameter
        self.key = key
        self.day = day


@dataclass(frozen=True, slots=True)
class Bands:
    """Where bands begin (raw, rising), the value in each, and the constants of a scale."""

    starts: tuple[int, ...]
    values: tuple[Held, ...]
    constants: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class InForce:
    """The values from one day on: a table by keys, and what holds for every other key."""

    start: date
    table: Mapping[Key, Held | Bands]
    otherwise: Held | None = None
    source: str = ""
    checked: date | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named figure or table. `keys` are the names of its columns, with their types.

    `title` is what people call it, in English and Chinese; None where it has only its name. `band`
    is the type of the quantity that bands are over, None where there are none. A band holds from
    its start on, or only above it where `is_above` is true.

    >>> from crm_expenses.rules.tree import quantity
    >>> cap = Parameter("cap", quantity("CNY"), (), (InForce(date(2026, 1, 1), {(): 5}),))
    >>> Lookup(cap)(date(2026, 3, 1))
    5
    """

    name: str
    type: Type
    keys: tuple[tuple[str, Type], ...]
    values: tuple[InForce, ...]
    band: Type | None = None
    is_above: bool = False
    title: tuple[str, str] | None = None

    def bounds(self) -> tuple[int, int]:
        """Give the least and the greatest raw value of a quantity, over all dates and keys."""
        held: list[int] = []
        for step in self.values:
            for value in (*step.table.values(), step.otherwise):
                inner = value.values if isinstance(value, Bands) else (value,)
                held += [one for one in inner if isinstance(one, int)]
        return (min(held), max(held)) if held else (0, 0)

    def along_bound(self, top: int) -> int:
        """Give a bound of what `along` can give for a quantity of at most `top`, either sign."""
        low, high = self.bounds()
        constants = [
            abs(constant)
            for step in self.values
            for value in step.table.values()
            if isinstance(value, Bands)
            for constant in value.constants
        ]
        return max(abs(low), abs(high)) * top + max(constants, default=0)


class Lookup:
    """A parameter made ready for many questions: dates by bisection, keys by hash."""

    __slots__ = ("_is_above", "_parameter", "_starts", "_steps")

    def __init__(self, parameter: Parameter) -> None:
        self._parameter = parameter
        self._is_above = parameter.is_above
        self._starts: Sequence[date] = [step.start for step in parameter.values]
        self._steps = [(step.table, step.otherwise) for step in parameter.values]

    def __call__(self, day: date, *key: str) -> Held:
        """Give the value in force.

        Raises:
            LookupMissedError: before the first value, or a key that the table does not have.
        """
        index = bisect_right(self._starts, day) - 1
        if index >= 0:
            table, otherwise = self._steps[index]
            held = table.get(key, otherwise)
            if held is not None and not isinstance(held, Bands):
                return held
        raise LookupMissedError(self._parameter.name, key, day)

    def band(self, day: date, *key: str | int) -> Held:
        """Give the value of the band that the quantity, the last of the keys, falls in.

        Raises:
            LookupMissedError: no value on the day, for the key, or so low.
        """
        bands, amount = self._bands(day, key)
        index = self._place(bands, amount)
        if index < 0:
            raise LookupMissedError(self._parameter.name, tuple(map(str, key)), day)
        return bands.values[index]

    def along(self, day: date, *key: str | int) -> int:
        """Give what is due for all of the quantity, the last of the keys; 0 for none of it.

        Raises:
            LookupMissedError: no value on the day, for the key, or so low.
        """
        bands, amount = self._bands(day, key)
        if amount <= 0:
            return 0
        index = self._place(bands, amount)
        if index < 0:
            raise LookupMissedError(self._parameter.name, tuple(map(str, key)), day)
        rates = [value for value in bands.values if isinstance(value, int)]
        if bands.constants:
            return rates[index] * amount + bands.constants[index]
        total, ends = 0, (*bands.starts[1:], amount)
        for start, end, rate in zip(bands.starts, ends, rates, strict=True):
            if amount <= start:
                break
            total += rate * max(0, min(end, amount) - max(0, start))
        return total

    def _bands(self, day: date, key: tuple[str | int, ...]) -> tuple[Bands, int]:
        index = bisect_right(self._starts, day) - 1
        *words, amount = key
        if index >= 0 and isinstance(amount, int):
            held = self._steps[index][0].get(tuple(map(str, words)))
            if isinstance(held, Bands):
                return held, amount
        raise LookupMissedError(self._parameter.name, tuple(map(str, key)), day)

    def _place(self, bands: Bands, amount: int) -> int:
        if self._is_above and amount > bands.starts[0]:
            return bisect_left(bands.starts, amount) - 1
        return bisect_right(bands.starts, amount) - 1
