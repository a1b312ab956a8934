"""Files to rows: which files a source names, and their rows, whatever their format.

A pattern never reaches outside the folder, never into the folder of results, and never hidden
files. A column that the mapping names and a file does not have stops everything, with the nearest
name that is there: it is the mapping that must be mended, not each row.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from crm_expenses.adapters.files.csvrows import csv_records, fitted
from crm_expenses.adapters.files.encoding import Survey
from crm_expenses.adapters.files.jsonrows import json_rows
from crm_expenses.adapters.files.mapping import Source
from crm_expenses.adapters.files.mappingfile import JSON_SUFFIXES, SUFFIXES
from crm_expenses.adapters.files.rows import (
    CELL_CHARS_MAX,
    RECORD_BYTES_MAX,
    RECORD_LINES_MAX,
    Found,
    Row,
    bad_row,
    with_cells_checked,
)
from crm_expenses.adapters.files.tables import parquet_header, parquet_rows, xlsx_rows
from crm_expenses.errors import ConfigError, Place, Problem

NOT_TEXT = (".parquet", ".xlsx")
_LIMITS = {"limit_lines": str(RECORD_LINES_MAX), "limit_bytes": str(RECORD_BYTES_MAX)}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is to be read: what the mapping says beside columns and fields."""

    delimiter: str = ","
    sheet: str = ""
    explode: str = ""

    @classmethod
    def of(cls, source: Source) -> "Layout":
        """Take it from a source of the mapping."""
        return cls(source.delimiter, source.sheet, source.explode)


def matching(folder: Path, patterns: Sequence[str], excluded: Path) -> list[Found]:
    """Give the files below `folder` that a pattern names, each once, sorted by name.

    Raises:
        ConfigError: a file found leads, by a link, outside the folder.
    """
    home = folder.resolve()
    found: dict[str, Found] = {}
    for pattern in patterns:
        for path in folder.glob(pattern):
            name = path.relative_to(folder).as_posix()
            is_hidden = any(part.startswith(".") for part in Path(name).parts)
            if is_hidden or not path.is_file() or path.suffix.lower() not in SUFFIXES:
                continue
            real = path.resolve()
            if not real.is_relative_to(home):
                raise ConfigError("files.outside", path=name, folder=str(folder))
            if not real.is_relative_to(excluded):
                found[name] = Found(path, name)
    return [found[name] for name in sorted(found)]


def read_rows(
    found: Found, surveyed: Survey, wanted: Sequence[str], layout: Layout
) -> Iterator[Row]:
    """Give a file's rows one at a time, their cells in the order of `wanted`.

    Raises:
        ConfigError: a column is not there (JSON has no fixed columns: there a cell is empty), or
            the file cannot be read at all.
    """
    if surveyed.is_empty:
        return
    match found.suffix:
        case ".jsonl" | ".ndjson":
            yield from json_rows(found, surveyed, wanted, layout.explode)
        case ".parquet":
            _places(found, parquet_header(found), wanted)
            yield from _typed(found, parquet_rows(found, wanted), wanted, tuple)
        case ".xlsx":
            yield from _xlsx(found, wanted, layout.sheet)
        case _:
            yield from _csv(found, surveyed, wanted, delimiter_of(found, layout))


def columns_in(found: Found, surveyed: Survey, layout: Layout) -> tuple[str, ...] | None:
    """Give the columns that a file has: none when it is empty, None where rows decide (JSON)."""
    if surveyed.is_empty:
        return ()
    match found.suffix:
        case ".jsonl" | ".ndjson":
            return None
        case ".parquet":
            return parquet_header(found)
        case ".xlsx":
            first = next(xlsx_rows(found, layout.sheet), None)
            return _named(first[1]) if first else ()
        case _:
            record = next(csv_records(found, surveyed, delimiter_of(found, layout)), None)
            return _named(record.cells) if record else ()


def delimiter_of(found: Found, layout: Layout) -> str:
    """Give the delimiter: the one stated, or a tab where the name says so."""
    return "\t" if found.suffix == ".tsv" else layout.delimiter


def is_json(found: Found) -> bool:
    """Say whether the file is JSON Lines."""
    return found.suffix in JSON_SUFFIXES


def _csv(found: Found, surveyed: Survey, wanted: Sequence[str], delimiter: str) -> Iterator[Row]:
    records = csv_records(found, surveyed, delimiter)
    header = next(records, None)
    if header is None:
        return
    if header.fault:
        raise ConfigError("files.header", place=Place(found.name, header.number))
    names = _named(header.cells)
    width = len(names)
    pick = _picker(_places(found, names, wanted))
    for number, given, fault, is_odd in records:
        if fault:
            yield bad_row(found, number, fault, **_LIMITS)
            continue
        cells = given if len(given) == width else fitted(given, width)
        if len(cells) != width:
            yield _misfit(found, number, len(cells), width)
            continue
        row = Row(found.name, number, 1, pick(cells))
        yield with_cells_checked(row, wanted) if is_odd else row


def _xlsx(found: Found, wanted: Sequence[str], sheet: str) -> Iterator[Row]:
    rows = xlsx_rows(found, sheet)
    header = next(rows, None)
    if header is None:
        return
    pick = _picker(_places(found, _named(header[1]), wanted))
    yield from _typed(found, rows, wanted, pick)


def _typed(
    found: Found,
    rows: Iterator[tuple[int, list[str]]],
    wanted: Sequence[str],
    pick: Callable[[Sequence[str]], Sequence[str]],
) -> Iterator[Row]:
    for number, given in rows:
        row = Row(found.name, number, 1, pick(given))
        text = "".join(row.cells)
        is_odd = len(text) > CELL_CHARS_MAX or "\0" in text
        yield with_cells_checked(row, wanted) if is_odd else row


def _misfit(found: Found, number: int, cells: int, width: int) -> Row:
    code = "record.cells_few" if cells < width else "record.cells_many"
    return bad_row(found, number, code, cells=str(cells), width=str(width))


def _named(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(cell.strip().removeprefix("\ufeff") for cell in cells)


def check_columns(inputs: Iterable[tuple[Found, Survey, Sequence[str], Layout]]) -> None:
    """Look, before the first row is read, whether every file has the columns that are wanted.

    Raises:
        ConfigError: carries every column that is not there, of every file.
    """
    problems: list[Problem] = []
    for found, surveyed, wanted, layout in inputs:
        header = columns_in(found, surveyed, layout)
        if header:
            problems += _column_problems(found, header, wanted)
    if problems:
        raise ConfigError.of(problems)


def _places(found: Found, header: Sequence[str], wanted: Sequence[str]) -> list[int]:
    problems = _column_problems(found, header, wanted)
    if problems:
        raise ConfigError.of(problems)
    return [header.index(column) for column in wanted]


def _column_problems(found: Found, header: Sequence[str], wanted: Sequence[str]) -> list[Problem]:
    """Find what is not there, or there twice, and say what is nearest."""
    problems = []
    for column in wanted:
        count = header.count(column)
        if count == 1:
            continue
        near = difflib.get_close_matches(column, header, n=1, cutoff=0.5)
        values = {
            "column": column,
            "nearest": near[0] if near else "-",
            "names": ", ".join(header[:40]),
            "count": str(count),
        }
        code = "files.column_twice" if count else "files.column"
        problems.append(Problem(code, values, Place(found.name, 1)))
    return problems


def _picker(places: Sequence[int]) -> Callable[[Sequence[str]], Sequence[str]]:
    if len(places) < 2:
        return lambda cells: tuple(cells[place] for place in places)
    return itemgetter(*places)
