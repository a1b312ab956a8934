"""Rows of a CSV file, as bytes come: one at a time, bounded, and never led astray by a lost quote.

RFC 4180 with any one-character delimiter. A quoted cell may span lines. A row that spans several
lines counts only when it is well formed and has as many cells as the header; else its first line is
set aside as a quote that was never closed, and reading goes on at the second.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

from crm_expenses.adapters.files.encoding import Line, Survey, lines
from crm_expenses.adapters.files.rows import (
    CELL_CHARS_MAX,
    RECORD_BYTES_MAX,
    RECORD_LINES_MAX,
    Found,
)

_BLANK: Final = " \t\r\ufeff"


class CsvRecord(NamedTuple):
    """One row as it stands: the first of its lines, its cells, or `fault`.

    `is_odd` says that a cell may be too long or hold what no text may hold.
    """

    number: int
    cells: list[str]
    fault: str = ""
    is_odd: bool = False


def csv_records(found: Found, surveyed: Survey, delimiter: str) -> Iterator[CsvRecord]:
    """Give the rows of a file, the header first; blank rows are left out."""
    source = _Lines(lines(found.path, surveyed, RECORD_BYTES_MAX))
    forms = _Forms(delimiter)
    blank = delimiter + _BLANK
    width = 0
    while (line := source.take()) is not None:
        raw = line.text
        if raw is None:
            yield CsvRecord(line.number, [], line.fault)
            continue
        text = raw.removesuffix("\r")
        if '"' not in text:
            if not text.strip(blank):
                continue
            record = CsvRecord(line.number, text.split(delimiter), "", _is_odd(text))
        elif forms.is_whole(text):
            record = _parsed(line.number, text, delimiter)
        else:
            record = _spanning(line, source, forms, width)
        width = width or len(record.cells)
        yield record


def fitted(cells: list[str], width: int) -> list[str]:
    """Cut empty cells behind the last column, which spreadsheets leave there.

    >>> fitted(["a", "b", "", ""], 2), fitted(["a", "b", "c"], 2)
    (['a', 'b'], ['a', 'b', 'c'])
    """
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return cells[:width]
    return cells


class _Lines:
    """Lines that can be put back."""

    def __init__(self, source: Iterator[Line]) -> None:
        self._source = source
        self._back: deque[Line] = deque()

    def take(self) -> Line | None:
        return self._back.popleft() if self._back else next(self._source, None)

    def put_back(self, taken: list[Line]) -> None:
        self._back.extendleft(reversed(taken))


class _Forms:
    """What a whole row looks like, and what the rest of one whose quoted cell is open.

    The repetitions are possessive: each text is read once, whatever stands in it.
    """

    def __init__(self, delimiter: str) -> None:
        self.delimiter = delimiter
        d = re.escape(delimiter)
        inside = r'(?:[^"]++|"")*+"'
        cell = rf'(?:"{inside}[^{d}]*+|[^"{d}][^{d}]*+|)'
        cells = rf"(?:{d}{cell})*+"
        self._whole = re.compile(cell + cells, re.DOTALL)
        self._rest = re.compile(rf"{inside}[^{d}]*+{cells}", re.DOTALL)

    def is_whole(self, text: str) -> bool:
        return self._whole.fullmatch(text) is not None

    def is_rest(self, text: str) -> bool:
        return '"' in text and self._rest.fullmatch(text) is not None


def _spanning(first: Line, source: _Lines, forms: _Forms, width: int) -> CsvRecord:
    """Read a row whose quoted cell goes on in the next lines."""
    taken = [first]
    size = len(first.text or "")
    is_closed = False
    while not is_closed and len(taken) < RECORD_LINES_MAX and size <= RECORD_BYTES_MAX:
        line = source.take()
        if line is None:
            break
        if line.text is None:
            source.put_back([line])
            break
        taken.append(line)
        size += len(line.text) + 1
        is_closed = forms.is_rest(line.text.removesuffix("\r"))
    if is_closed:
        text = "\n".join(line.text or "" for line in taken).removesuffix("\r")
        record = _parsed(first.number, text, forms.delimiter)
        if not record.fault and width in (0, len(fitted(record.cells, width))):
            return record
    source.put_back(taken[1:])
    return CsvRecord(first.number, [], "record.quote")


def _parsed(number: int, text: str, delimiter: str) -> CsvRecord:
    try:
        cells = next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return CsvRecord(number, [], "record.csv")
    return CsvRecord(number, cells, "", _is_odd(text))


def _is_odd(text: str) -> bool:
    return len(text) > CELL_CHARS_MAX or "\0" in text
