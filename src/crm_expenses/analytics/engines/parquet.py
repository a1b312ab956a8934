"""Parquet files, which DuckDB writes for every engine; and how DuckDB is opened and spoken to."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crm_expenses.errors import ConfigError, RefusedError
from crm_expenses.rules.sql.dialect import DUCKDB
from crm_expenses.rules.sql.schema import Column

if TYPE_CHECKING:
    import duckdb

_GLOB: Final = re.compile(r"([\[*?])")
_WIDE_TYPES: Final = frozenset({"HUGEINT", "UHUGEINT"})


def connect(*, memory: str, spill: Path, threads: str = "") -> "duckdb.DuckDBPyConnection":
    """Open a database in memory that is bounded, and that loads nothing from anywhere.

    Raises:
        ConfigError: the extra `duckdb` is not installed, or a setting has no value that it knows.
    """
    try:
        import duckdb  # noqa: PLC0415  an extra
    except ImportError as error:
        raise ConfigError("extra.missing", package="duckdb", extra="duckdb") from error
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "temp_directory": str(spill),
        "preserve_insertion_order": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    if threads:
        config["threads"] = threads
    try:
        connection = duckdb.connect(":memory:", config=config)
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET lock_configuration = true")
    except duckdb.Error as error:
        raise ConfigError("engine.setting", engine="DuckDB", detail=said(error)) from error
    return connection


def read_cells(path: Path, types: Mapping[str, str]) -> str:
    """Give the source of rows that were written as `cells`, with their types."""
    listed = ", ".join(f"{text_of(name)}: {text_of(kind)}" for name, kind in types.items())
    return (
        f"read_csv({path_of(path)}, auto_detect = false, header = false, "
        f"delim = ',', quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false, "
        f"columns = {{{listed}, 'end of row': 'VARCHAR'}})"
    )


def exact(query: str, types: Mapping[str, str], columns: Sequence[Column] = ()) -> str:
    """Give a query whose whole numbers Parquet keeps exactly: it has none of 128 bits."""
    kinds = {column.name: column.kind for column in columns} or dict.fromkeys(types)
    selected = []
    for name, kind in kinds.items():
        own = quoted(name)
        if kind is not None:
            selected.append(f"CAST({own} AS {DUCKDB.types[kind]}) AS {own}")
        elif types[name] in _WIDE_TYPES:
            selected.append(f"CAST({own} AS DECIMAL(38, 0)) AS {own}")
        else:
            selected.append(own)
    return f"SELECT {', '.join(selected)} FROM ({query})"


def write_parquet(connection: "duckdb.DuckDBPyConnection", query: str, path: Path) -> None:
    """Write the rows of a query to a file beside, which then takes the place of the one asked."""
    beside = path.with_name(f".{path.name}.part")
    try:
        connection.execute(
            f"COPY ({query}) TO {text_of(str(beside))} (FORMAT parquet, COMPRESSION zstd)"
        )
        os.replace(beside, path)  # noqa: PTH105  as one step, on every system
    finally:
        beside.unlink(missing_ok=True)


def cells_to_parquet(
    source: Path, types: Mapping[str, str], path: Path, columns: Sequence[Column] = ()
) -> None:
    """Write rows of `cells` to a Parquet file, in little memory.

    Raises:
        ConfigError: the extra `duckdb` is not installed.
    """
    connection = connect(memory="512MiB", spill=source.parent)
    try:
        with told(path.name):
            # cells stand in their order, and are read in it
            query = f"SELECT * FROM {read_cells(source, types)}"
            write_parquet(connection, exact(query, types, columns), path)
    finally:
        connection.close()


def quoted(name: str) -> str:
    """Write a name."""
    return '"' + name.replace('"', '""') + '"'


def text_of(value: str) -> str:
    """Write a text."""
    return "'" + value.replace("'", "''") + "'"


def path_of(path: Path) -> str:
    """Give a path so that no sign in it is taken for a pattern."""
    return text_of(_GLOB.sub(r"[\1]", str(path)))


def said(error: Exception) -> str:
    """Give what DuckDB says of an error, without the statement."""
    return str(error).strip().partition("\n\n")[0].replace("\n", " ")


@contextmanager
def told(name: str, *, reading: bool = False) -> Iterator[None]:
    """Say what DuckDB could not do in words of ours."""
    import duckdb  # noqa: PLC0415  an extra

    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise ConfigError("engine.memory", step=name, detail=said(error)) from error
    except duckdb.Error as error:
        if reading:
            raise ConfigError("engine.unreadable", where=name, detail=said(error)) from error
        raise RefusedError(
            "engine.refused", engine="DuckDB", step=name, detail=said(error)
        ) from error
