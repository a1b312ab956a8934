"""A row of any file, and what may be wrong with one, whatever the file's format."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from crm_expenses.adapters.files.values import shown
from crm_expenses.errors import Place, Problem

CELL_CHARS_MAX: Final = 32_767
"""Longest cell: what a spreadsheet's cell holds at most."""

RECORD_BYTES_MAX: Final = 128 * 1024
"""Longest row of a CSV file, with all its physical lines."""

RECORD_LINES_MAX: Final = 200
"""Most physical lines of one CSV row: beyond it, a quote was never closed."""

JSON_BYTES_MAX: Final = 4 * 1024 * 1024
"""Longest line of a JSON Lines file."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read: where it is, and its name below the folder, for messages."""

    path: Path
    name: str

    @property
    def suffix(self) -> str:
        """The end of the name, in small letters, which says the format."""
        return self.path.suffix.lower()


class Row(NamedTuple):
    """One row: its file, its number there (from 1), its cells in the order asked for.

    `number` is the physical line of a CSV or JSON file, the sheet's row of XLSX, the record of
    Parquet. `item` is the place in an array that was exploded, else 1. A row that cannot be read
    has `problems`, and no cells.
    """

    file: str
    number: int
    item: int
    cells: Sequence[str]
    problems: tuple[Problem, ...] = ()

    @property
    def place(self) -> Place:
        """Where the row stands."""
        return Place(self.file, self.number)


def bad_row(found: Found, number: int, code: str, **values: str) -> Row:
    """Make a row that cannot be read."""
    problem = Problem(code, values, Place(found.name, number))
    return Row(found.name, number, 1, (), (problem,))


def text_fault(text: str) -> str:
    """Give the code of what is wrong with a text as such: too long, or what no text may hold."""
    if len(text) > CELL_CHARS_MAX:
        return "record.cell_long"
    if "\0" in text:
        return "record.cell_nul"
    return "record.cell_surrogate" if _SURROGATE.search(text) else ""


def with_cells_checked(row: Row, columns: Sequence[str]) -> Row:
    """Give the row, or one that says which cells are too long or hold what no text may hold."""
    problems = []
    for column, cell in zip(columns, row.cells, strict=True):
        code = text_fault(cell)
        if code:
            values = {
                "column": column,
                "value": shown(cell),
                "size": str(len(cell)),
                "limit": str(CELL_CHARS_MAX),
            }
            problems.append(Problem(code, values, row.place))
    return row._replace(cells=(), problems=tuple(problems)) if problems else row
