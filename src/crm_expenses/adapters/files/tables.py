"""Rows of Parquet (through duckdb) and XLSX (through python-calamine), as text in one form.

Dates come as ISO 8601 and numbers as plain decimals, whatever the file's own types are. Both
libraries are extras, loaded when such a file is read.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from crm_expenses.adapters.files.rows import Found
from crm_expenses.errors import ConfigError

if TYPE_CHECKING:
    import duckdb

PARQUET_ROWS_AT_ONCE: Final = 2000
XLSX_BYTES_MAX: Final = 100 * 1024 * 1024
"""Largest XLSX file: its library holds a whole sheet in memory."""

XLSX_OPEN_BYTES_MAX: Final = 1024 * 1024 * 1024
"""Largest XLSX file when unpacked: above it, the file is taken for a bomb."""

EXCEL_DIGITS: Final = 15
"""A spreadsheet shows and keeps 15 digits; those behind them are noise of its floats."""

_GLOB: Final = re.compile(r"([\[\]*?])")


def parquet_header(found: Found) -> tuple[str, ...]:
    """Give the names of the top-level columns."""
    with _connection() as connection:
        return tuple(name for name, _ in _parquet_columns(connection, found))


def parquet_rows(found: Found, wanted: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Give each record's number and its cells; the caller knows that all columns are there."""
    import duckdb  # noqa: PLC0415  an extra

    with _connection() as connection:
        types = dict(_parquet_columns(connection, found))
        floats = [types[column] in ("FLOAT", "DOUBLE") for column in wanted]
        chosen = ", ".join(f"CAST({_quoted(column)} AS VARCHAR)" for column in wanted)
        query = f"SELECT {chosen or '1'} FROM read_parquet(?)"  # noqa: S608  names are quoted
        number = 0
        try:
            cursor = connection.execute(query, [_literal(found)])
            while rows := cursor.fetchmany(PARQUET_ROWS_AT_ONCE):
                for row in rows:
                    number += 1
                    yield (
                        number,
                        [
                            "" if cell is None else _unscientific(cell) if is_float else cell
                            for cell, is_float in zip(row, floats, strict=False)
                        ],
                    )
        except duckdb.Error as error:
            raise _unreadable(found, error) from error


def xlsx_rows(found: Found, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """Give the sheet's rows with their numbers, the header first; blank rows are left out."""
    try:
        import python_calamine  # noqa: PLC0415  an extra
    except ImportError as error:
        raise ConfigError("extra.missing", package="python-calamine", extra="excel") from error
    _check_size(found)
    try:
        book = python_calamine.load_workbook(str(found.path))
        names = book.sheet_names
        chosen = sheet or (names[0] if names else "")
        if chosen not in names:
            known = ", ".join(names)
            raise ConfigError("files.sheet", path=found.name, sheet=sheet, names=known)
        rows = book.get_sheet_by_name(chosen).iter_rows()
        for number, row in enumerate(rows, 1):
            cells = [_excel_text(cell) for cell in row]
            if any(cells):
                yield number, cells
    except (python_calamine.CalamineError, OSError) as error:
        raise _unreadable(found, error) from error


def _connection() -> "duckdb.DuckDBPyConnection":
    try:
        import duckdb  # noqa: PLC0415  an extra
    except ImportError as error:
        raise ConfigError("extra.missing", package="duckdb", extra="duckdb") from error
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "memory_limit": "512MB",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _parquet_columns(
    connection: "duckdb.DuckDBPyConnection", found: Found
) -> list[tuple[str, str]]:
    import duckdb  # noqa: PLC0415  an extra

    try:
        described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [_literal(found)])
        return [(str(row[0]), str(row[1])) for row in described.fetchall()]
    except duckdb.Error as error:
        raise _unreadable(found, error) from error


def _literal(found: Found) -> str:
    """Give the path so that no sign in it is taken for a pattern."""
    return _GLOB.sub(r"[\1]", str(found.path))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _unreadable(found: Found, error: Exception) -> ConfigError:
    detail = str(error).split("\n", 1)[0][:200]
    return ConfigError("files.unreadable", path=found.name, detail=detail)


def _unscientific(text: str) -> str:
    return f"{Decimal(text):f}" if "e" in text else text


def _check_size(found: Found) -> None:
    try:
        size = found.path.stat().st_size
        with zipfile.ZipFile(found.path) as packed:
            unpacked = sum(member.file_size for member in packed.infolist())
    except (OSError, zipfile.BadZipFile) as error:
        raise _unreadable(found, error) from error
    for held, limit in ((size, XLSX_BYTES_MAX), (unpacked, XLSX_OPEN_BYTES_MAX)):
        if held > limit:
            raise ConfigError("files.large", path=found.name, size=str(held), limit=str(limit))


def _excel_text(value: Any) -> str:  # noqa: ANN401  whatever the library gives
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return f"{Decimal(f'{value:.{EXCEL_DIGITS}g}'):f}"
        case datetime():
            return (value.date() if value.time() == time() else value).isoformat()
        case date():
            return value.isoformat()
        case _:
            return "" if value is None else str(value)
