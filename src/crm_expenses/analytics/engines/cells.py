"""Rows as text on their way between engines: CSV in which NULL and an empty text differ.

The same form is that of PostgreSQL's COPY: NULL is nothing, an empty text is two quotes.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from crm_expenses.analytics.engines.contract import Value

END: Final = 1
"""Last cell of each row that DuckDB reads: it leaves out the empty line that is a row of one NULL.
"""


def line(row: Sequence[Value]) -> str:
    r"""Give one row.

    >>> line(["so", "", None, 5, True])
    '"so","",,5,true\n'
    """
    return ",".join(map(_cell, row)) + "\n"


def lines(rows: Iterable[Sequence[Value]]) -> Iterable[bytes]:
    """Give rows as bytes, one by one."""
    return (line(row).encode() for row in rows)


def ended(rows: Iterable[Sequence[Value]]) -> Iterable[bytes]:
    """Give rows as bytes, each with the cell that ends it."""
    return (line((*row, END)).encode() for row in rows)


def _cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return '"' + value.replace('"', '""') + '"'
        case float():
            raise TypeError("a float is no exact number")
        case _:
            return str(value)
