"""Parameters: values by keys, in force from a date. Asking before the first value is an error."""

from bisect import bisect_right
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
class InForce:
    """The values from one day on: a table by keys, and what holds for every other key."""

    start: date
    table: Mapping[Key, Held]
    otherwise: Held | None = None
    source: str = ""
    checked: date | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named figure or table. `keys` are the names of its columns, with their types.

    >>> from crm_expenses.rules.tree import quantity
    >>> cap = Parameter("cap", quantity("CNY"), (), (InForce(date(2026, 1, 1), {(): 5}),))
    >>> cap.at((), date(2026, 3, 1))
    5
    """

    name: str
    type: Type
    keys: tuple[tuple[str, Type], ...]
    values: tuple[InForce, ...]

    def at(self, key: Key, day: date) -> Held:
        """Give the value for a key on a day.

        Raises:
            LookupMissedError: before the first value, or a key that the table does not have.
        """
        newest = None
        for step in self.values:
            if step.start > day:
                break
            newest = step
        if newest is None:
            raise LookupMissedError(self.name, key, day)
        held = newest.table.get(key, newest.otherwise)
        if held is None:
            raise LookupMissedError(self.name, key, day)
        return held

    def bounds(self) -> tuple[int, int]:
        """Give the least and the greatest raw value of a quantity, over all dates and keys."""
        held = [
            value
            for step in self.values
            for value in (*step.table.values(), step.otherwise)
            if isinstance(value, int)
        ]
        return (min(held), max(held)) if held else (0, 0)


class Lookup:
    """A parameter made ready for many questions: dates by bisection, keys by hash."""

    __slots__ = ("_parameter", "_starts", "_steps")

    def __init__(self, parameter: Parameter) -> None:
        self._parameter = parameter
        self._starts: Sequence[date] = [step.start for step in parameter.values]
        self._steps = [(step.table, step.otherwise) for step in parameter.values]

    def __call__(self, day: date, *key: str) -> Held:
        """Give the value, as `Parameter.at` does."""
        index = bisect_right(self._starts, day) - 1
        if index >= 0:
            table, otherwise = self._steps[index]
            held = table.get(key, otherwise)
            if held is not None:
                return held
        raise LookupMissedError(self._parameter.name, key, day)
