"""Whether the columns of a table that is there fit the schema, and how they are read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from crm_expenses.errors import Place, Problem
from crm_expenses.rules.sql.dialect import Dialect
from crm_expenses.rules.sql.schema import Column, Kind, Table

CELL: Final = "cell"
"""The type of every column of a file of text: its values are checked one by one."""

FORMS: Final = {
    Kind.WHOLE: "-?[0-9]{1,18}",
    Kind.DECIMAL: "-?[0-9]{1,15}([.][0-9]{1,9})?",
    Kind.DAY: "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    Kind.MOMENT: "[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?",
    Kind.YES_NO: "true|false|yes|no|1|0",
}
"""The forms of a value in a file of text."""
_EXAMPLES: Final = {
    Kind.TEXT: "C-1",
    Kind.WHOLE: "12050",
    Kind.DECIMAL: "7.0288",
    Kind.DAY: "2026-03-01",
    Kind.MOMENT: "2026-03-01 09:30",
    Kind.YES_NO: "true",
}
_VALUE_SHOWN_MAX: Final = 60

Reading = Callable[[Kind, str], str | None]
"""Gives how a column of a type is read, as a pattern with `{}`; None where it does not fit."""
Ask = Callable[[str], Sequence[Sequence[object]]]
"""Gives the rows of a query."""


@dataclass(frozen=True, slots=True)
class Given:
    """A column that is there, with its type in the engine's words; `is_full`: it has no NULL."""

    name: str
    type: str
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """A table that is there: how it is read, what is wrong with it, and what must be counted."""

    table: Table
    place: str
    selected: tuple[str, ...]
    problems: tuple[Problem, ...]
    cells: tuple[tuple[Column, str], ...]
    to_count: tuple[tuple[Column, str], ...]
    keys: tuple[str, ...]

    @property
    def select(self) -> str:
        """The list of what is selected."""
        return ", ".join(self.selected)


@dataclass(frozen=True, slots=True)
class Words:
    """How an engine writes what is asked here: names in quotes, forms, a cast that may fail."""

    dialect: Dialect
    quote: Callable[[str], str]
    matches: Callable[[str, str], str]


def fit(
    table: Table,
    columns: Sequence[Column],
    given: Sequence[Given],
    place: str,
    *,
    words: Words,
    reading: Reading,
) -> Fit:
    """Compare the columns of a table with those of the schema."""
    found = _Found(table, place, words, reading)
    by_name: dict[str, list[Given]] = {}
    for one in given:
        by_name.setdefault(one.name.casefold(), []).append(one)
    for column in columns:
        alike = by_name.get(column.name.casefold(), [])
        same = [one for one in alike if one.name == column.name] or alike
        found.read(column, same)
    return found.fit()


def wrong_values(one: Fit, source: str, words: Words, ask: Ask) -> list[Problem]:
    """Look once through a table for values that do not fit, and for empty ones that must not be."""
    asked = [_bad(column, name, words) for column, name in one.cells]
    asked += [f"{name} IS NULL" for _, name in one.to_count]
    if not asked:
        return []
    counted = ", ".join(f"COUNT(CASE WHEN {test} THEN 1 END)" for test in asked)
    counts = [int(str(number)) for number in ask(f"SELECT {counted} FROM {source}")[0]]
    problems = []
    for (column, name), test, count in zip(one.cells, asked, counts, strict=False):
        if count:
            shown = ", ".join((name, *one.keys))
            first = ask(f"SELECT {shown} FROM {source} WHERE {test} LIMIT 1")[0]
            problems.append(_bad_cell(one, column, first, words))
    for (column, _), count in zip(one.to_count, counts[len(one.cells) :], strict=True):
        if count:
            problems.append(empty_cells(one, column, count))
    return problems


def empty_cells(one: Fit, column: Column, count: int) -> Problem:
    """Say that a column that every row needs is empty in some."""
    values = {"table": one.table.name, "column": column.name, "count": f"{count:,}"}
    return Problem("engine.empty_cells", values, Place(one.place))


class _Found:
    """Collects what becomes of each column."""

    def __init__(self, table: Table, place: str, words: Words, reading: Reading) -> None:
        self._table = table
        self._place = place
        self._words = words
        self._reading = reading
        self._selected: list[str] = []
        self._problems: list[Problem] = []
        self._cells: list[tuple[Column, str]] = []
        self._to_count: list[tuple[Column, str]] = []
        self._keys: list[str] = []

    def read(self, column: Column, given: Sequence[Given]) -> None:
        """Take in one column of the schema, with those that are there for it."""
        own = self._words.quote(column.name)
        match given:
            case []:
                if column.is_needed:
                    self._tell("engine.no_column", column)
                self._selected.append(f"{self._words.dialect.null(column.kind)} AS {own}")
            case [one]:
                self._one(column, one, own)
            case _:
                names = ", ".join(one.name for one in given)
                self._tell("engine.columns_alike", column, names=names)

    def fit(self) -> Fit:
        """Give the outcome."""
        return Fit(
            self._table,
            self._place,
            tuple(self._selected),
            tuple(self._problems),
            tuple(self._cells),
            tuple(self._to_count),
            tuple(self._keys[:2]),
        )

    def _one(self, column: Column, one: Given, own: str) -> None:
        name = self._words.quote(one.name)
        if one.type == CELL:
            pattern: str | None = _of_cell(column.kind, self._words)
        else:
            pattern = self._reading(column.kind, one.type)
        if pattern is None:
            self._tell("engine.column_type", column, found=one.type)
            return
        self._selected.append(f"{pattern.format(name)} AS {own}")
        if one.type == CELL and column.kind is not Kind.TEXT:
            self._cells.append((column, f"NULLIF({name}, '')"))
        if column.is_needed:
            if not one.is_full:
                empty = f"NULLIF({name}, '')" if one.type == CELL else name
                self._to_count.append((column, empty))
            if column.kind is Kind.TEXT:
                self._keys.append(name)

    def _tell(self, code: str, column: Column, **values: str) -> None:
        wanted = self._words.dialect.types[column.kind]
        self._problems.append(
            Problem(
                code,
                {
                    "table": self._table.name,
                    "column": column.name,
                    "wanted": wanted,
                    **values,
                },
                Place(self._place),
            )
        )


def _of_cell(kind: Kind, words: Words) -> str:
    """Give how a text of a file becomes a value."""
    wanted = words.dialect.types[kind]
    if kind is Kind.YES_NO:
        return (
            "CASE WHEN LOWER({0}) IN ('true', 'yes', '1') THEN TRUE WHEN {0} <> '' THEN FALSE END"
        )
    if kind is Kind.TEXT:
        return "NULLIF({}, '')"
    return f"CAST(NULLIF({{}}, '') AS {wanted})"


def _bad(column: Column, cell: str, words: Words) -> str:
    """Give the test that a text is no value of the column's type."""
    text = f"LOWER({cell})" if column.kind is Kind.YES_NO else cell
    test = f"NOT {words.matches(text, FORMS[column.kind])}"
    if column.kind in {Kind.DAY, Kind.MOMENT}:
        cast = f"TRY_CAST({cell} AS {words.dialect.types[column.kind]})"
        test = f"({test} OR {cast} IS NULL)"
    return f"({cell} IS NOT NULL AND {test})"


def _bad_cell(one: Fit, column: Column, first: Sequence[object], words: Words) -> Problem:
    value, *keys = (str(part) for part in first)
    row = ", ".join(keys) if keys else "?"
    values = {
        "table": one.table.name,
        "column": column.name,
        "value": value[:_VALUE_SHOWN_MAX],
        "row": row,
        "wanted": words.dialect.types[column.kind],
        "example": _EXAMPLES[column.kind],
    }
    return Problem("engine.bad_cell", values, Place(one.place))
