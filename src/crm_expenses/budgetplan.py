"""A plan of budgets as a CSV file or a workbook (XLSX): read whole or not at all, and written.

What a spreadsheet shows is what is read; a cell that is computed is refused, for what it says
depends on who opens the file. Written files hold no formula, and texts that look like one are
tamed.
"""

import csv
import io
import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final
from xml.parsers import expat

from crm_expenses.adapters.files.csvrows import csv_records, fitted
from crm_expenses.adapters.files.encoding import survey
from crm_expenses.adapters.files.rows import RECORD_BYTES_MAX, RECORD_LINES_MAX, Found
from crm_expenses.adapters.files.tables import xlsx_rows
from crm_expenses.core.budgetplan import COLUMNS, PlannedBudget, plan_cells, tamed
from crm_expenses.core.fiscal import FiscalCalendar
from crm_expenses.core.money import exponent
from crm_expenses.core.planreading import read_plan
from crm_expenses.errors import ConfigError, Place, Problem

if TYPE_CHECKING:
    import xlsxwriter

CSV_SUFFIXES: Final = (".csv", ".tsv")
XLSX: Final = ".xlsx"
ROWS_MAX: Final = 100_000

_CELL: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)
_LIMITS: Final = {"limit_lines": str(RECORD_LINES_MAX), "limit_bytes": str(RECORD_BYTES_MAX)}
_RELATED: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORKBOOK: Final = "xl/workbook.xml"
_LINKS: Final = "xl/_rels/workbook.xml.rels"
_DATED_FROM: Final = 1901
"""Before this year a spreadsheet has no dates, or wrong ones: they are written as text."""


def load_plan(
    path: Path, calendar: FiscalCalendar | None = None, *, sheet: str = ""
) -> tuple[PlannedBudget, ...]:
    """Read a plan from a file; `calendar` says what FY2026-Q1 is, `sheet` names one of a workbook.

    Raises:
        ConfigError: the file cannot be read, or carries everything that is wrong with the plan.
    """
    if not path.is_file():
        raise ConfigError("budgets.plan_file", path=str(path))
    found = Found(path, path.name)
    problems: list[Problem] = []
    if found.suffix == XLSX:
        rows = list(_limited(found, xlsx_rows(found, sheet)))
        problems += [
            Problem("budgets.plan_formula", _shown(rows, place), place)
            for place in computed_cells(path, sheet)
        ]
    elif found.suffix in CSV_SUFFIXES:
        rows = list(_limited(found, _csv_rows(found, problems)))
    else:
        names = ", ".join((*CSV_SUFFIXES, XLSX))
        raise ConfigError("budgets.plan_suffix", path=str(path), names=names)
    try:
        planned = read_plan(found.name, rows, calendar or FiscalCalendar())
    except ConfigError as error:
        places = {problem.place for problem in problems}
        raise ConfigError.of(
            [*problems, *(one for one in error.problems if one.place not in places)]
        ) from error
    if problems:
        raise ConfigError.of(problems)
    return planned


def save_plan(path: Path, planned: Iterable[PlannedBudget]) -> None:
    """Write a plan, in the form that the file's name says; budgets by id.

    Raises:
        ConfigError: the name is of neither form, or the file cannot be written.
    """
    ordered = sorted(planned, key=lambda one: one.budget.id)
    suffix = path.suffix.lower()
    if suffix == XLSX:
        content = _workbook(ordered)
    elif suffix in CSV_SUFFIXES:
        content = _text(ordered, "\t" if suffix == ".tsv" else ",")
    else:
        names = ", ".join((*CSV_SUFFIXES, XLSX))
        raise ConfigError("budgets.plan_suffix", path=str(path), names=names)
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise ConfigError("command.publish_place", path=str(path), detail=detail) from error


# CSV


def _csv_rows(found: Found, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Give the rows; what is no row at all goes into `problems`."""
    surveyed = survey(found.path)
    width = 0
    for record in csv_records(found, surveyed, _delimiter(found)):
        if record.fault:
            problems.append(Problem(record.fault, _LIMITS, Place(found.name, record.number)))
            continue
        width = width or len(record.cells)
        yield record.number, fitted(record.cells, width)


def _delimiter(found: Found) -> str:
    """Give the sign between cells: of those that spreadsheets write, the one of the first row."""
    if found.suffix == ".tsv":
        return "\t"
    surveyed = survey(found.path)
    for sign in (",", ";", "\t"):
        first = next(csv_records(found, surveyed, sign), None)
        if first is not None and len(first.cells) > 1:
            return sign
    return ","


def _text(planned: Sequence[PlannedBudget], delimiter: str) -> bytes:
    """Give the bytes of a text file, marked as UTF-8, for spreadsheets take it for GBK else."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in planned:
        writer.writerow([tamed(cell) for cell in plan_cells(one)])
    return out.getvalue().encode("utf-8-sig")


# XLSX


def _workbook(planned: Sequence[PlannedBudget]) -> bytes:
    """Give a workbook: days are days, amounts are numbers, all else is text and never a formula."""
    try:
        import xlsxwriter  # noqa: PLC0415  an extra
    except ImportError as error:
        raise ConfigError("extra.missing", package="xlsxwriter", extra="excel") from error
    out = io.BytesIO()
    safe = {f"strings_to_{kind}": False for kind in ("formulas", "urls", "numbers")}
    with xlsxwriter.Workbook(out, {"in_memory": True, **safe}) as book:
        sheet = book.add_worksheet("budgets")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(COLUMNS) - 1, 14)
        sheet.write_row(0, 0, list(COLUMNS), book.add_format({"bold": True}))
        formats = _Formats(book)
        for row, one in enumerate(planned, 1):
            _write(sheet, row, one, formats)
    return out.getvalue()


class _Formats:
    """How cells are shown, each made once."""

    def __init__(self, book: "xlsxwriter.Workbook") -> None:
        self._book = book
        self._made: dict[str, object] = {}

    def shown(self, form: str) -> object:
        if form not in self._made:
            self._made[form] = self._book.add_format({"num_format": form})
        return self._made[form]


def _write(
    sheet: "xlsxwriter.worksheet.Worksheet", row: int, of: PlannedBudget, formats: _Formats
) -> None:
    places = exponent(of.budget.amount.currency)
    money = formats.shown("#,##0" + ("." + "0" * places if places else ""))
    limit = of.carry.limit if of.carry else None
    amounts = {"amount": of.budget.amount, "carry_limit": limit}
    days: dict[str, date] = {"start": of.budget.start, "end": of.budget.end}
    for column, (name, cell) in enumerate(zip(COLUMNS, plan_cells(of), strict=True)):
        amount, day = amounts.get(name), days.get(name)
        if amount is not None:
            sheet.write_number(row, column, amount.amount, money)
        elif day is not None and day.year >= _DATED_FROM:
            sheet.write_datetime(row, column, day, formats.shown("yyyy-mm-dd"))
        elif cell:
            sheet.write_string(row, column, tamed(cell))


def _limited(
    found: Found, rows: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    for count, row in enumerate(rows):
        if count > ROWS_MAX:
            place = Place(found.name, row[0])
            raise ConfigError("budgets.plan_rows", place=place, limit=str(ROWS_MAX))
        yield row


def _shown(rows: Sequence[tuple[int, Sequence[str]]], place: Place) -> dict[str, str]:
    """Give a computed cell's heading and what it shows."""
    header = rows[0][1] if rows else ()
    cells = next((cells for number, cells in rows if number == place.line), ())
    index = place.column - 1
    heading = header[index].strip() if index < len(header) else ""
    value = cells[index].strip() if index < len(cells) else ""
    return {"column": heading[:40] or "-", "value": f"= … ({value[:40] or '-'})"}


def computed_cells(path: Path, sheet: str = "") -> tuple[Place, ...]:
    """Give the cells of a sheet that hold a formula. The file is known to be a workbook.

    The reader of workbooks gives what a formula came to when the file was saved, and not that it is
    one; so the sheet itself is looked through (ECMA-376, part 1, section 18.3.1.40: `f` in `c`).
    """
    with zipfile.ZipFile(path) as packed:
        try:
            with packed.open(_sheet_file(packed, sheet)) as held:
                return tuple(Place(path.name, row, column) for row, column in _formulas(held))
        except (KeyError, expat.ExpatError) as error:
            detail = type(error).__name__
            raise ConfigError("files.unreadable", path=path.name, detail=detail) from error


def _sheet_file(packed: zipfile.ZipFile, sheet: str) -> str:
    """Give where in the package the sheet is; without a name, the first one."""
    links = {
        each["Id"]: each["Target"]
        for tag, each in _elements(packed.open(_LINKS))
        if tag == "Relationship"
    }
    for tag, each in _elements(packed.open(_WORKBOOK)):
        if tag == "sheet" and sheet in ("", each["name"]):
            target = links[each[f"{_RELATED} id"]]
            return posixpath.normpath(posixpath.join("xl", target)).lstrip("/")
    raise KeyError(sheet)


def _elements(held: IO[bytes]) -> list[tuple[str, dict[str, str]]]:
    """Give the elements of a small part, each by its name without the namespace."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda tag, each: found.append((tag.rpartition(" ")[2], each))
    parser.StartDoctypeDeclHandler = _refuse
    with held:
        parser.ParseFile(held)
    return found


def _formulas(held: IO[bytes]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    at = [0, 0]

    def start(tag: str, each: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "row":
            at[:] = [int(each.get("r", at[0] + 1)), 0]
        elif name == "c":
            place = _CELL.fullmatch(each.get("r", ""))
            at[1] = _column(place[1]) if place else at[1] + 1
        elif name == "f":
            found.append((at[0], at[1]))

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse
    parser.ParseFile(held)
    return found


def _refuse(*_: object) -> None:
    """A workbook has no document type; one that has is made to do harm."""
    raise KeyError("doctype")


def _column(letters: str) -> int:
    """Give the number of a column from 1.

    >>> _column("A"), _column("Z"), _column("AA")
    (1, 26, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
