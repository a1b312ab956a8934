"""Cells: the columns that a policy computes, and what each reads.

A cell belongs to one relation: the lines, or the claims. Most are computed from other cells of the
same row; the others bring rows together (sums over earlier lines, over the days of a trip, over the
lines of a claim), and stand in a step of their own.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.rules.sql.dialect import Dialect
from crm_expenses.rules.sql.tables import Lookups
from crm_expenses.rules.sql.text import Failure, Sql

LONG: Final = 40
"""Length from which on an expression that is written twice gets a name."""


class CellKind(StrEnum):
    """How a cell comes about."""

    SOURCE = "source"  # from the tables that are read
    ROW = "row"  # from other cells of the row
    WINDOW = "window"  # from earlier lines
    DAYS = "days"  # from the days or periods of the line's trip
    PAID_ONCE = "paid_once"  # what a component gives, less what earlier lines got
    UP = "up"  # of a claim, from its lines
    DOWN = "down"  # of a line, from its claim


FROM_OTHERS: Final = frozenset({CellKind.WINDOW, CellKind.DAYS, CellKind.PAID_ONCE, CellKind.DOWN})
"""What comes from other rows than the line's own."""


@dataclass(frozen=True, slots=True)
class Window:
    """What a WINDOW cell sums: contributions of earlier lines with the same keys, each named once.

    `spans` is how many days a rolling window reaches back; `gap` the longest gap of a spell, and -1
    where there is none. With `is_certain` no key of a line that matters is missing. `carried` says
    of a line whether it counts at all.
    """

    keys: tuple[str, ...]
    adds: str
    carried: str
    live: str
    relevant: str
    relevant_needs: frozenset[str]
    day: str = ""
    spans: int = 0
    gap: int = -1
    is_certain: bool = False


@dataclass(frozen=True, slots=True)
class Days:
    """What a DAYS cell aggregates: an expression over cells of the days' own relation."""

    scope: str
    text: str
    cells: frozenset[str]


@dataclass(frozen=True, slots=True)
class PaidOnce:
    """What a PAID_ONCE cell needs: by rule of the component, whether a day counts and its value."""

    scope: str
    parts: tuple[tuple[str, str], ...]
    cells: frozenset[str]
    is_out: str
    live: str
    can_be_negative: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One column. `needs` are of the same relation, of the lines for UP, of claims for DOWN."""

    name: str
    kind: CellKind
    text: str
    needs: frozenset[str]
    joins: tuple[str, ...] = ()
    data: Window | Days | PaidOnce | None = None
    fallback: str = ""


@dataclass
class Frame:
    """The cells of one relation, as they are asked for.

    `joins` has, by alias, how a table is joined; `aliases` which aliases a source text reads.
    """

    dialect: Dialect
    calendar: WorkCalendar
    lookups: Lookups
    prefix: str
    cells: dict[str, Cell] = field(default_factory=dict)
    _bound: dict[str, str] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)

    def source(self, name: str, text: str, joins: Sequence[str] = ()) -> str:
        """Add what is read from a table."""
        self.cells.setdefault(name, Cell(name, CellKind.SOURCE, text, frozenset(), tuple(joins)))
        return name

    def row(self, name: str, text: str, needs: frozenset[str]) -> str:
        """Add what follows from other cells of the row; of its needs only what the text names."""
        if name not in self.cells:
            named = frozenset(names_of(text)) & needs
            self.cells[name] = Cell(name, CellKind.ROW, text, named)
        return name

    def bind(self, sql: Sql, hint: str) -> Sql:
        """Give a long expression a name, so that it is written once; its failure as well."""
        text, needs, fail = sql.text, sql.needs, sql.fail
        if len(text) > LONG:
            text = self._named(text, needs, hint)
        if fail is not None and len(fail) > LONG:
            named = self._named(fail, needs, f"{hint}_failed")
            fail = Failure.of(named, fail.causes) if isinstance(fail, Failure) else named
        made = frozenset(n for n in (text, fail) if n is not None and n in self.cells)
        read = needs if text == sql.text or fail == sql.fail else frozenset[str]()
        return Sql(text, made | read, fail, sql.may_lack)

    def _named(self, text: str, needs: frozenset[str], hint: str) -> str:
        known = self._bound.get(text)
        if known is None:
            self._counts[hint] += 1
            known = f"{self.prefix}v_{hint}_{self._counts[hint]}"
            self._bound[text] = known
            self.row(known, text, needs)
        return known


def names_of(text: str) -> list[str]:
    """Give the names in an expression, whatever they stand for; texts in quotes have none.

    >>> names_of("CASE WHEN x1 = 'no y2' THEN b END")
    ['CASE', 'WHEN', 'x1', 'THEN', 'b', 'END']
    """
    return _NAME.findall(QUOTED.sub(" ", text))


QUOTED: Final = re.compile(r"'(?:[^'\\]|\\.|'')*'", re.DOTALL)
"""A text in quotes, as `Dialect.text` writes it."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def closure(cells: Mapping[str, Cell], wanted: frozenset[str]) -> frozenset[str]:
    """Give the cells that others need, of the same relation, and themselves."""
    found: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name in found or name not in cells:
            continue
        found.add(name)
        waiting += cells[name].needs
    return frozenset(found)
