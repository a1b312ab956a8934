"""Adding many rows at once: the one place where statements go past SQLAlchemy.

On SQLite the driver takes the rows as they are; to look at each value of each row costs more than
to write it. PostgreSQL's driver would ask the server for each row, so there SQLAlchemy puts many
rows into one statement. Either way the rows are part of the caller's transaction.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection, Select, Table
from sqlalchemy.dialects import postgresql, sqlite

from crm_expenses.store.statements import portions

Row = tuple[Any, ...]
"""A value for every column of a table, in their order."""

ROWS_AT_ONCE: Final = 50
"""How many rows a statement of SQLite adds: to begin and end one costs as much as a row."""

_NAMES: Final = "(__[POSTCOMPILE_of_names])"
"""What SQLAlchemy leaves open where a statement names many."""


def add_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add rows."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        _add(connection, table, rows)
    else:
        connection.execute(table.insert(), _named(table, rows))


def add_absent(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add the rows that are not there yet."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        _add(connection, table, rows, "ON CONFLICT DO NOTHING")
    else:
        connection.execute(postgresql.insert(table).on_conflict_do_nothing(), _named(table, rows))


def _add(connection: Connection, table: Table, rows: Sequence[Row], end: str = "") -> None:
    """Add rows to a table of SQLite: so many a statement, then what is left."""
    names = tuple(table.columns.keys())
    whole = len(rows) - len(rows) % ROWS_AT_ONCE
    many = [
        tuple(chain.from_iterable(rows[start : start + ROWS_AT_ONCE]))
        for start in range(0, whole, ROWS_AT_ONCE)
    ]
    for count, given in ((ROWS_AT_ONCE, many), (1, rows[whole:])):
        if given:
            connection.exec_driver_sql(_insert(table.name, names, count, end), list(given))


def _named(table: Table, rows: Sequence[Row]) -> list[dict[str, Any]]:
    names = table.columns.keys()
    return [dict(zip(names, row, strict=True)) for row in rows]


@cache
def _insert(table: str, names: tuple[str, ...], count: int, end: str) -> str:
    """Give the statement that adds so many rows to a table."""
    columns = ", ".join(f'"{name}"' for name in names)
    marks = f"({', '.join('?' * len(names))})"
    rows = ", ".join([marks] * count)
    return f'INSERT INTO "{table}" ({columns}) VALUES {rows} {end}'  # noqa: S608  our own names


def rows_of(
    connection: Connection, of: Select[Any], values: Mapping[str, object], names: Collection[str]
) -> Iterator[Any]:
    """Give the rows that a statement with `of_names` finds for names, however many they are."""
    if connection.dialect.name != "sqlite":
        for some in portions(names):
            yield from connection.execute(of, {**values, "of_names": some})
        return
    statement, order = _asked(of)
    given = {**values, "of_names": json.dumps(sorted(names), ensure_ascii=False)}
    yield from connection.exec_driver_sql(statement, tuple(given[name] for name in order))


@cache
def _asked(of: Select[Any]) -> tuple[str, tuple[str, ...]]:
    """Give a statement as SQLite takes it, with the names as one list, and its values in order."""
    statement = of.compile(dialect=sqlite.dialect(paramstyle="qmark"))
    asked = str(statement).replace(_NAMES, "(SELECT value FROM json_each(?))")
    return asked, tuple(statement.positiontup or ())
