"""Pieces of a query: a text with what it reads, and why it may have no value."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Final

from crm_expenses.rules.sql.dialect import Dialect

FAILED: Final = {
    reason: number
    for number, reason in enumerate(
        ("missing", "no_value", "zero", "unreadable", "beyond", "date", "calendar"), start=1
    )
}
"""Why a rule could not be computed, as a number that queries hand on."""


class Failure(str):
    """A failure of which it is known what makes it: conditions, each with a number of FAILED."""

    __slots__ = ("causes",)
    causes: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, text: str, causes: Iterable[tuple[str, int]]) -> "Failure":
        """Give the failure that an expression writes, and what makes it."""
        made = cls(text)
        made.causes = tuple(causes)
        return made


@dataclass(frozen=True, slots=True)
class Sql:
    """An expression of a query.

    `needs` are the columns that it reads. `fail` is an expression that gives a number of FAILED
    where this one cannot be computed, and NULL where it can; None where it always can. With
    `may_lack` the value can be NULL without that being a failure.
    """

    text: str
    needs: frozenset[str] = frozenset()
    fail: str | None = None
    may_lack: bool = False

    @property
    def is_long(self) -> bool:
        """Whether a reader would rather see it once."""
        return len(self.text) > 60


def joined(*parts: Sql | None) -> frozenset[str]:
    """Give what several pieces read together."""
    return frozenset[str]().union(*(part.needs for part in parts if part is not None))


def first_failure(*failures: str | None) -> str | None:
    """Give the first failure of parts that are computed one after the other.

    >>> first_failure(None, "a", "b"), first_failure(None, None)
    ('COALESCE(a, b)', None)
    """
    given = [failure for failure in failures if failure is not None]
    if len(given) < 2:
        return given[0] if given else None
    text = f"COALESCE({', '.join(given)})"
    known = [failure.causes for failure in given if isinstance(failure, Failure)]
    return Failure.of(text, chain(*known)) if len(known) == len(given) else text


def failure_if(condition: str, reason: str) -> str:
    """Give the failure that a condition makes.

    >>> failure_if("x = 0", "zero")
    'CASE WHEN x = 0 THEN 3 END'
    """
    number = FAILED[reason]
    return Failure.of(f"CASE WHEN {condition} THEN {number} END", [(condition, number)])


def failure_when(test: str, failure: str | None, other: str | None = None) -> str | None:
    """Give a failure that counts only where a branch is taken."""
    if failure is None and other is None:
        return None
    if failure is None:
        return f"CASE WHEN {test} THEN NULL ELSE {other} END"
    tail = f" ELSE {other}" if other is not None else ""
    return f"CASE WHEN {test} THEN {failure}{tail} END"


def both(parts: Iterable[str]) -> str:
    """Give a condition that holds when all do.

    >>> both(["a", "b"]), both(["a"]), both([])
    ('(a AND b)', 'a', 'TRUE')
    """
    given = list(parts)
    if len(given) < 2:
        return given[0] if given else "TRUE"
    return "(" + " AND ".join(given) + ")"


def either(parts: Iterable[str]) -> str:
    """Give a condition that holds when one does.

    >>> either(["a", "b"]), either([])
    ('(a OR b)', 'FALSE')
    """
    given = list(parts)
    if len(given) < 2:
        return given[0] if given else "FALSE"
    return "(" + " OR ".join(given) + ")"


def divided(dialect: Dialect, dividend: str, divisor: str, mode: str, *, wide: bool) -> str:
    """Write a quotient by a divisor above zero, rounded to a whole number in the way named.

    The engines' own quotients go toward zero, so each mode first moves the dividend. Both texts are
    written more than once: hand in names, not long expressions.
    """
    from crm_expenses.rules.sql.dialect import Fn  # noqa: PLC0415  keeps the page short

    whole, rest = (Fn.TRUNCATED_WIDE, Fn.REMAINDER_WIDE) if wide else (Fn.TRUNCATED, Fn.REMAINDER)
    a, b = dividend, divisor
    match mode:
        case "down":
            return dialect(whole, a, b)
        case "up":
            return dialect(whole, f"({a} + CASE WHEN {a} < 0 THEN 1 - {b} ELSE {b} - 1 END)", b)
        case "floor":
            return dialect(whole, f"({a} - CASE WHEN {a} < 0 THEN {b} - 1 ELSE 0 END)", b)
        case "ceiling":
            return dialect(whole, f"({a} + CASE WHEN {a} > 0 THEN {b} - 1 ELSE 0 END)", b)
        case "half_up":
            moved = f"({a} * 2 + CASE WHEN {a} < 0 THEN -{b} ELSE {b} END)"
            return dialect(whole, moved, f"({b} * 2)")
        case _:
            moved, twice = f"({a} * 2 + {b})", f"({b} * 2)"
            low = f"({moved} - CASE WHEN {moved} < 0 THEN {twice} - 1 ELSE 0 END)"
            floor = dialect(whole, low, twice)
            is_tie = f"{dialect(rest, moved, twice)} = 0"
            is_odd = f"{dialect(Fn.REMAINDER, floor, '2')} <> 0"
            return f"({floor} - CASE WHEN {is_tie} AND {is_odd} THEN 1 ELSE 0 END)"
