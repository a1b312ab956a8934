"""DuckDB in this process, on files in a folder or on the tables of a DuckDB file.

All that is made lies in a database in memory, which spills to a folder that is removed at the end.
A DuckDB file is attached for reading only.
"""

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Self

from crm_expenses.analytics.engines import cells
from crm_expenses.analytics.engines.address import Address
from crm_expenses.analytics.engines.columns import (
    CELL,
    Fit,
    Given,
    Words,
    fit,
    wrong_values,
)
from crm_expenses.analytics.engines.contract import (
    BATCH_ROWS,
    NO_FACTS,
    ROUNDS_MAX,
    Attached,
    Loaded,
    Progress,
    Row,
)
from crm_expenses.analytics.engines.files import files_of, folder_of
from crm_expenses.analytics.engines.parquet import (
    connect,
    exact,
    path_of,
    quoted,
    read_cells,
    text_of,
    told,
    write_parquet,
)
from crm_expenses.analytics.engines.running import attached, demand_tables, run_script
from crm_expenses.errors import ConfigError, Problem
from crm_expenses.rules.own_fact import FactOf
from crm_expenses.rules.sql.dialect import DUCKDB
from crm_expenses.rules.sql.schema import TABLES, Column, Kind, columns_of
from crm_expenses.rules.sql.script import Script

if TYPE_CHECKING:
    import duckdb

MEMORY_MAX: Final = 3 * 1024**3
"""Memory that DuckDB may use where the address names none, or 70 % of the machine's, if less."""
_INSERTED_MAX: Final = 200
"""Most rows that are given as values; more go by way of a file."""
_SOURCE: Final = "crm_expenses_source"
_WHOLE_TYPES: Final = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
)
_DECIMAL: Final = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


def open_duckdb(address: Address | None = None) -> "DuckEngine":
    """Open DuckDB.

    Raises:
        ConfigError: the extra `duckdb` is not installed, or the file cannot be read.
    """
    options = {} if address is None else address.options
    spill = TemporaryDirectory(
        prefix="crm-expenses-", dir=options.get("folder") or None, ignore_cleanup_errors=True
    )
    try:
        connection = connect(
            memory=options.get("memory") or f"{_memory() // 1024**2}MiB",
            threads=options.get("threads", ""),
            spill=Path(spill.name),
        )
    except ConfigError:
        spill.cleanup()
        raise
    engine = DuckEngine(connection, spill)
    if address is not None and address.path:
        try:
            engine.open_file(Path(address.path))
        except ConfigError:
            engine.close()
            raise
    return engine


class DuckEngine:
    """A session of DuckDB."""

    dialect = "duckdb"

    def __init__(
        self, connection: "duckdb.DuckDBPyConnection", spill: "TemporaryDirectory[str]"
    ) -> None:
        self._connection = connection
        self._spill = spill
        self._file = ""
        self._tables: dict[str, str] = {}
        self._made: set[str] = set()
        self._place = ""

    def open_file(self, path: Path) -> None:
        """Attach a DuckDB file for reading.

        Raises:
            ConfigError: there is none, or it cannot be read.
        """
        if not path.is_file():
            raise ConfigError("engine.no_file", path=str(path))
        with told(str(path), reading=True):
            self._connection.execute(f"ATTACH {text_of(str(path))} AS {_SOURCE} (READ_ONLY)")
        self._file = str(path)

    def attach(self, source: str = "", *, facts: Mapping[str, FactOf] = NO_FACTS) -> Attached:
        """Make the tables of a folder, or of the file of the address, visible."""
        self.clear()
        if not source and not self._file:
            raise ConfigError("engine.no_source", example="folder")
        self._place = source or self._file
        sources = self._folder(Path(source)) if source else self._file_tables()
        problems: list[Problem] = []
        for name, (place, scan, given) in sources.items():
            table = TABLES[name]
            columns = columns_of(table, facts)
            one = fit(table, columns, given, place, words=_WORDS, reading=_reading)
            problems += one.problems or self._wrong_values(one, scan)
            if not problems:
                with told(name):
                    self._connection.execute(
                        f"CREATE VIEW {name} AS SELECT {one.select} FROM {scan}"
                    )
                self._tables[name] = place
        if problems:
            self.clear()
            raise ConfigError.of(problems)
        return attached(self._tables, self._place)

    def load(self, tables: Loaded) -> None:
        """Put rows into tables of the session, in the place of all that was there."""
        self.clear()
        self.add(tables)

    def add(self, tables: Loaded) -> None:
        """Add rows to tables that were loaded, or load them beside the others."""
        for name, (columns, rows) in tables.items():
            with told(name):
                if name not in self._tables:
                    listed = ", ".join(f"{quoted(c.name)} {DUCKDB.types[c.kind]}" for c in columns)
                    self._connection.execute(f"CREATE TABLE {name} ({listed})")
                    self._tables[name] = name
                if len(rows) > _INSERTED_MAX:
                    self._copy(name, columns, rows)
                elif rows:
                    self._insert(name, columns, rows)

    def run(
        self,
        script: Script,
        progress: Callable[[Progress], None] | None = None,
        *,
        keep: Collection[str] = (),
        rounds_max: int = ROUNDS_MAX,
    ) -> None:
        """Run the steps of a script."""
        demand_tables(script, self._tables, self._place)
        run_script(script, _Tables(self), progress, keep=keep, rounds_max=rounds_max)

    def make(self, name: str, query: str) -> None:
        """Fill a table of the session; one of that name that was made here is replaced."""
        self.forget(name)
        self.execute(f"CREATE TABLE {name} AS {query}", name)
        self._made.add(name)

    def view(self, name: str, query: str) -> None:
        """Name a query: it is computed where it is read."""
        self.execute(f"CREATE OR REPLACE VIEW {name} AS {query}", name)

    def rows(self, query: str) -> Iterator[Sequence[Row]]:
        """Give the rows of a query in batches."""
        cursor = self._connection.cursor()
        try:
            with told("rows"):
                cursor.execute(query)
            while True:
                with told("rows"):
                    batch = cursor.fetchmany(BATCH_ROWS)
                if not batch:
                    return
                yield batch
        finally:
            cursor.close()

    def write(self, query: str, path: Path, columns: Sequence[Column] = ()) -> None:
        """Write the rows of a query to a Parquet file: whole, or not at all."""
        with told(path.name):
            described = self._connection.execute(f"DESCRIBE {query}").fetchall()
            types = {str(row[0]): str(row[1]) for row in described}
            write_parquet(self._connection, exact(query, types, columns), path)

    def clear(self) -> None:
        """Forget all tables of the session."""
        kinds = self._connection.execute(
            "SELECT table_name, table_type FROM information_schema.tables "
            "WHERE table_catalog = 'memory'"
        ).fetchall()
        for name, kind in kinds:
            word = "VIEW" if kind == "VIEW" else "TABLE"
            self._connection.execute(f"DROP {word} {quoted(str(name))}")
        self._tables.clear()
        self._made.clear()

    def close(self) -> None:
        """End the session, and remove the folder to which it spilled."""
        self._connection.close()
        self._spill.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def forget(self, name: str) -> None:
        """Drop a table that was made here."""
        if name in self._made:
            self.execute(f"DROP TABLE {name}", name)
            self._made.discard(name)

    def execute(self, statement: str, name: str) -> "duckdb.DuckDBPyConnection":
        """Run a statement for a table."""
        with told(name):
            return self._connection.execute(statement)

    def _folder(self, folder: Path) -> dict[str, tuple[str, str, list[Given]]]:
        sources = {}
        for name, (place, paths, kind) in files_of(folder_of(folder), TABLES).items():
            listed = "[" + ", ".join(map(path_of, paths)) + "]"
            scan = f"read_parquet({listed})" if kind == "parquet" else _csv(listed)
            with told(place, reading=True):
                rows = self._connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
            full = self._full_columns(listed) if kind == "parquet" else frozenset()
            given = [
                Given(str(row[0]), CELL if kind == "csv" else str(row[1]), row[0] in full)
                for row in rows
            ]
            sources[name] = (place, scan, given)
        return sources

    def _full_columns(self, listed: str) -> frozenset[str]:
        """Give the columns of Parquet files that, by their own statistics, have no NULL."""
        with told(listed, reading=True):
            rows = self._connection.execute(
                "SELECT path_in_schema FROM parquet_metadata("
                f"{listed}) GROUP BY 1 HAVING COALESCE(MAX(COALESCE(stats_null_count, 1)), 1) = 0"
            ).fetchall()
        return frozenset(str(row[0]) for row in rows)

    def _file_tables(self) -> dict[str, tuple[str, str, list[Given]]]:
        rows = self._connection.execute(
            "SELECT table_name, column_name, data_type, NOT is_nullable FROM duckdb_columns() "
            "WHERE database_name = ? AND schema_name = 'main' ORDER BY column_index",
            [_SOURCE],
        ).fetchall()
        sources: dict[str, tuple[str, str, list[Given]]] = {}
        for table, column, kind, full in rows:
            if table in TABLES:
                place = f"{self._file}:{table}"
                scan = f"{_SOURCE}.main.{quoted(table)}"
                known = sources.setdefault(table, (place, scan, []))
                known[2].append(Given(column, kind, bool(full)))
        return sources

    def _wrong_values(self, one: Fit, scan: str) -> list[Problem]:
        def ask(query: str) -> Sequence[Sequence[object]]:
            with told(one.place, reading=True):
                return self._connection.execute(query).fetchall()

        return wrong_values(one, scan, _WORDS, ask)

    def _insert(self, name: str, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        if any(isinstance(value, float) for row in rows for value in row):
            raise TypeError("a float is no exact number")
        one = "(" + ", ".join("?" * len(columns)) + ")"
        self._connection.execute(
            f"INSERT INTO {name} VALUES " + ", ".join([one] * len(rows)),
            [value for row in rows for value in row],
        )

    def _copy(self, name: str, columns: Sequence[Column], rows: Iterable[Row]) -> None:
        path = Path(self._spill.name) / "loaded.csv"
        try:
            with path.open("wb") as held:
                held.writelines(cells.ended(rows))
            types = {column.name: DUCKDB.types[column.kind] for column in columns}
            names = ", ".join(map(quoted, types))
            self._connection.execute(
                f"INSERT INTO {name} ({names}) SELECT {names} FROM {read_cells(path, types)}"
            )
        finally:
            path.unlink(missing_ok=True)


class _Tables:
    """What a script does to the tables of a session."""

    def __init__(self, engine: DuckEngine) -> None:
        self._engine = engine

    def fill(self, name: str, query: str, *, reads: int) -> None:
        del reads
        self._engine.make(name, query)

    def refill(self, name: str, query: str, *, reads: int) -> None:
        self.fill(name, query, reads=reads)

    def count(self, query: str) -> int:
        found = self._engine.execute(query, "differs").fetchone()
        return int(found[0]) if found else 0

    def swap(self, one: str, other: str) -> None:
        for old, new in ((one, f"{one}_"), (other, one), (f"{one}_", other)):
            self._engine.execute(f"ALTER TABLE {old} RENAME TO {new}", one)

    def drop(self, name: str) -> None:
        self._engine.forget(name)


def _reading(kind: Kind, given: str) -> str | None:
    """Give how a column of one of DuckDB's types is read; None where it does not fit."""
    wanted = DUCKDB.types[kind]
    decimal = _DECIMAL.fullmatch(given)
    width, scale = (int(decimal[1]), int(decimal[2])) if decimal else (0, 0)
    match kind:
        case Kind.WHOLE:
            fits = given in _WHOLE_TYPES or (decimal is not None and not scale)
        case Kind.DECIMAL:
            fits = given in _WHOLE_TYPES or (
                decimal is not None and scale <= 9 and width - scale <= 19
            )
            if fits and given != "DECIMAL(28,9)":
                return f"CAST({{}} AS {wanted})"
        case Kind.TEXT:
            fits = given in {"VARCHAR", "UUID"} or given.startswith("ENUM(")
        case Kind.MOMENT:
            fits = given in {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}
        case _:
            fits = given == wanted
    if not fits:
        return None
    return "{}" if given in {wanted, "DECIMAL(28,9)"} else f"CAST({{}} AS {wanted})"


def _csv(listed: str) -> str:
    return (
        f"read_csv({listed}, header = true, all_varchar = true, delim = ',', quote = '\"', "
        "escape = '\"', union_by_name = true)"
    )


def _matches(text: str, form: str) -> str:
    return f"regexp_full_match({text}, {text_of(form)})"


def _memory() -> int:
    try:
        held = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not every system says
        return MEMORY_MAX
    return min(MEMORY_MAX, held * 7 // 10)


_WORDS: Final = Words(DUCKDB, quoted, _matches)
