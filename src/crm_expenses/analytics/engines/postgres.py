"""PostgreSQL: the query travels to the tables or views of a schema, only results come back.

A session is one transaction, which sees the tables as they were at its beginning and is rolled
back at the end: nothing of it is left. All its own tables are temporary. The transaction begins
anew with `attach`, `load` and `clear`.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, Self

from crm_expenses.address import POSTGRES_PORT, Address, ssl_of
from crm_expenses.analytics.engines import cells
from crm_expenses.analytics.engines.columns import Given, Words, fit, wrong_values
from crm_expenses.analytics.engines.contract import (
    BATCH_ROWS,
    NO_FACTS,
    ROUNDS_MAX,
    Attached,
    Loaded,
    Progress,
    Row,
)
from crm_expenses.analytics.engines.parquet import cells_to_parquet
from crm_expenses.analytics.engines.running import attached, demand_tables, run_script
from crm_expenses.errors import (
    AuthError,
    ConfigError,
    CrmExpensesError,
    Problem,
    RefusedError,
    RetryableError,
)
from crm_expenses.rules.own_fact import FactOf
from crm_expenses.rules.sql.dialect import POSTGRES
from crm_expenses.rules.sql.schema import TABLES, Column, Kind, columns_of
from crm_expenses.rules.sql.script import Script

if TYPE_CHECKING:
    import pg8000.native

CONNECT_SECONDS: Final = 15
_LOGIN: Final = frozenset({"28000", "28P01"})
_PERMISSION: Final = "42501"
_AWAY: Final = ("08", "53", "57P", "40")
"""Classes of SQLSTATE with which the same may succeed later."""

BEGIN: Final = """
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET LOCAL search_path TO pg_temp, pg_catalog;
SET LOCAL TimeZone TO 'UTC';
SET LOCAL DateStyle TO 'ISO, YMD';
SET LOCAL IntervalStyle TO 'postgres';
SET LOCAL standard_conforming_strings TO on;
SET LOCAL bytea_output TO 'hex';
SET LOCAL cursor_tuple_fraction TO 1.0;
SET LOCAL jit TO off
"""
"""A transaction in which nothing depends on the settings of server or user, and which finds no
function or table but the server's own. To compile a long query costs more than it saves."""

_TYPES: Final = {
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "text": "VARCHAR",
    "date": "DATE",
    "boolean": "BOOLEAN",
    "timestamp without time zone": "TIMESTAMP",
    "double precision": "DOUBLE",
    "name": "VARCHAR",
}
"""The types of a result, and what they are in a Parquet file by way of DuckDB."""


def open_postgres(address: Address) -> "PostgresEngine":
    """Open a session.

    Raises:
        ConfigError: the extra `postgres` is not installed.
        RetryableError: the server cannot be reached.
        AuthError: it refuses the login.
    """
    try:
        import pg8000.native  # noqa: PLC0415  an extra
    except ImportError as error:
        raise ConfigError("extra.missing", package="pg8000", extra="postgres") from error
    socket = address.socket
    place = address.host or socket
    with _told(place):
        try:
            connection = pg8000.native.Connection(
                address.user,
                host=address.host or "localhost",
                unix_sock=f"{socket}/.s.PGSQL.{address.port or POSTGRES_PORT}" if socket else None,
                port=address.port or POSTGRES_PORT,
                database=address.path,
                password=address.password or os.environ.get("PGPASSWORD") or None,
                ssl_context=ssl_of(address),
                timeout=CONNECT_SECONDS,
                application_name="crm_expenses",
            )
        except OSError as error:
            raise RetryableError("engine.away", where=place, detail=str(error)) from error
    held = connection._usock  # noqa: SLF001  there is no other way to it
    held.settimeout(None)  # the limit is for the login only
    if not socket:  # or each COPY waits for the acknowledgement of the packet before
        held.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
    return PostgresEngine(
        connection,
        schema=address.options.get("schema") or "public",
        prefix=address.options.get("prefix", ""),
    )


class PostgresEngine:
    """A session of PostgreSQL."""

    dialect = "postgres"

    def __init__(
        self, connection: "pg8000.native.Connection", *, schema: str = "public", prefix: str = ""
    ) -> None:
        self._connection = connection
        self._schema = schema
        self._prefix = prefix
        self._tables: dict[str, str] = {}
        self._made: set[str] = set()
        self._place = schema
        self._numbers = count(1)
        self._begin()

    def attach(self, source: str = "", *, facts: Mapping[str, FactOf] = NO_FACTS) -> Attached:
        """Make the tables and views of a schema visible, whose names begin with the prefix."""
        self.clear()
        self._place = source or self._schema
        problems: list[Problem] = []
        for name, given in self._given(self._place).items():
            theirs = f"{_quoted(self._place)}.{_quoted(self._prefix + name)}"
            place = f"{self._place}.{self._prefix}{name}"
            one = fit(
                TABLES[name],
                columns_of(TABLES[name], facts),
                given,
                place,
                words=_WORDS,
                reading=_reading,
            )
            problems += one.problems or wrong_values(
                one, theirs, _WORDS, partial(self.ask, name=place)
            )
            if not problems:
                self.execute(f"CREATE TEMP VIEW {name} AS SELECT {one.select} FROM {theirs}", place)
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
            if name not in self._tables:
                listed = ", ".join(f"{_quoted(c.name)} {_column_type(c.kind)}" for c in columns)
                self.execute(f"CREATE TEMP TABLE {name} ({listed}) ON COMMIT DROP", name)
                self._tables[name] = name
            if rows:
                with self._stepping(name):
                    self._connection.run(
                        f"COPY {name} FROM STDIN (FORMAT csv)", stream=cells.lines(rows)
                    )
                self.execute(f"ANALYZE {name}", name)

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
        self.execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {query}", name)
        self._made.add(name)
        self.execute(f"ANALYZE {name}", name)

    def view(self, name: str, query: str) -> None:
        """Name a query: it is computed where it is read."""
        self.execute(f"DROP VIEW IF EXISTS {name}", name)
        self.execute(f"CREATE TEMP VIEW {name} AS {query}", name)

    def rows(self, query: str) -> Iterator[Sequence[Row]]:
        """Give the rows of a query in batches."""
        cursor = f"rows_{next(self._numbers)}"
        self.execute(f"DECLARE {cursor} NO SCROLL CURSOR FOR {query}", "rows")
        while batch := self.ask(f"FETCH {BATCH_ROWS} FROM {cursor}", "rows"):
            yield [tuple(row) for row in batch]
        self.execute(f"CLOSE {cursor}", "rows")

    def write(self, query: str, path: Path, columns: Sequence[Column] = ()) -> None:
        """Write the rows of a query to a Parquet file: whole, or not at all."""
        view = f"written_{next(self._numbers)}"
        self.execute(f"CREATE TEMP VIEW {view} AS {query}", path.name)
        types = self._result_types(view)
        with TemporaryDirectory(prefix="crm-expenses-") as folder:
            source = Path(folder, "rows.csv")
            with source.open("wb") as held, self._stepping(path.name):
                self._connection.run(
                    f"COPY (SELECT *, {cells.END} FROM {view}) TO STDOUT (FORMAT csv)", stream=held
                )
            self.execute(f"DROP VIEW {view}", path.name)
            cells_to_parquet(source, types, path, columns)

    def clear(self) -> None:
        """Forget all tables of the session, and see those of the database as they are now."""
        self._tables.clear()
        self._made.clear()
        with _told("clear"):
            self._connection.run("ROLLBACK")
        self._begin()

    def close(self) -> None:
        """Roll the transaction back and end the session."""
        import pg8000.exceptions  # noqa: PLC0415  an extra

        with suppress(pg8000.exceptions.Error, OSError):  # a lost connection is closed already
            try:
                self._connection.run("ROLLBACK")
            finally:
                self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def refill(self, name: str, query: str) -> None:
        """Fill a table of the session again: a new one would take one more lock each time."""
        self.execute(f"TRUNCATE {name}; INSERT INTO {name} {query}; ANALYZE {name}", name)

    def forget(self, name: str) -> None:
        """Drop a table that was made here."""
        if name in self._made:
            self.execute(f"DROP TABLE {name} CASCADE", name)
            self._made.discard(name)

    def execute(self, statement: str, name: str) -> None:
        """Run statements for a table."""
        with self._stepping(name):
            self._connection.run(statement)

    def ask(self, query: str, name: str) -> Sequence[Sequence[Any]]:
        """Give the rows of a small query."""
        with self._stepping(name):
            return self._connection.run(query) or []

    def _begin(self) -> None:
        with _told("begin"):
            self._connection.run(BEGIN)

    def _given(self, schema: str) -> dict[str, list[Given]]:
        names = ", ".join(_text(self._prefix + name) for name in TABLES)
        rows = self.ask(
            "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
            f"WHERE n.nspname = {_text(schema)} AND c.relname IN ({names}) "
            "AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY a.attnum",
            schema,
        )
        given: dict[str, list[Given]] = {}
        for table, column, kind, full in rows:
            known = given.setdefault(str(table).removeprefix(self._prefix), [])
            known.append(Given(str(column), str(kind), bool(full)))
        return given

    def _result_types(self, view: str) -> dict[str, str]:
        rows = self.ask(
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a "
            f"WHERE a.attrelid = 'pg_temp.{view}'::regclass AND a.attnum > 0 ORDER BY a.attnum",
            view,
        )
        return {str(name): self._result_type(view, str(name), str(kind)) for name, kind in rows}

    def _result_type(self, view: str, name: str, kind: str) -> str:
        if kind.startswith(("numeric(", "character")):
            return kind.replace("numeric", "DECIMAL") if kind[0] == "n" else "VARCHAR"
        if kind == "numeric":  # a sum has no scale of its own: as many decimals as there are
            scale = self.ask(f"SELECT MAX(SCALE({_quoted(name)})) FROM {view}", view)[0][0]
            return f"DECIMAL(38, {scale or 0})"
        if kind not in _TYPES:
            self.clear()
            raise ConfigError("engine.result_type", column=name, type=kind)
        return _TYPES[kind]

    @contextmanager
    def _stepping(self, name: str) -> Iterator[None]:
        """Say what went wrong in our words; the transaction is lost with it, so begin anew."""
        try:
            with _told(name):
                yield
        except CrmExpensesError:
            with suppress(CrmExpensesError):
                self.clear()
            raise


class _Tables:
    """What a script does to the tables of a session."""

    def __init__(self, engine: PostgresEngine) -> None:
        self._engine = engine

    def fill(self, name: str, query: str, *, reads: int) -> None:
        del reads
        self._engine.make(name, query)

    def refill(self, name: str, query: str, *, reads: int) -> None:
        del reads
        self._engine.refill(name, query)

    def count(self, query: str) -> int:
        return int(str(self._engine.ask(query, "differs")[0][0]))

    def swap(self, one: str, other: str) -> None:
        for old, new in ((one, f"{one}_"), (other, one), (f"{one}_", other)):
            self._engine.execute(f"ALTER TABLE {old} RENAME TO {new}", one)

    def drop(self, name: str) -> None:
        self._engine.forget(name)


def _column_type(kind: Kind) -> str:
    return f'{POSTGRES.types[kind]} COLLATE "C"' if kind is Kind.TEXT else POSTGRES.types[kind]


def _reading(kind: Kind, given: str) -> str | None:
    """Give how a column of one of PostgreSQL's types is read; None where it does not fit."""
    wanted = f"CAST({{}} AS {POSTGRES.types[kind]})"
    width, scale = _numeric(given)
    match kind:
        case Kind.WHOLE:
            if given == "bigint":
                return "{}"
            fits = given in {"smallint", "integer"} or (width > 0 and not scale)
        case Kind.DECIMAL:
            fits = given in {"smallint", "integer", "bigint"} or (
                width > 0 and 0 <= scale <= 9 and width - scale <= 19
            )
        case Kind.TEXT:
            fits = given in {"text", "uuid", "name"} or given.startswith("character")
            # texts are compared sign by sign, whatever the database's own order
            return ("{}" if given == "text" else wanted) + ' COLLATE "C"' if fits else None
        case Kind.MOMENT:
            fits = given.startswith("timestamp") and given.endswith("without time zone")
        case Kind.DAY:
            fits = given == "date"
        case Kind.YES_NO:
            fits = given == "boolean"
    return wanted if fits else None


def _numeric(given: str) -> tuple[int, int]:
    """Give digits and decimals of `numeric(p,s)`; nothing where they are not settled.

    >>> _numeric("numeric(18,2)"), _numeric("numeric")
    ((18, 2), (0, 0))
    """
    if not given.startswith("numeric("):
        return 0, 0
    width, _, scale = given.removeprefix("numeric(").removesuffix(")").partition(",")
    return int(width), int(scale or 0)


def _matches(text: str, form: str) -> str:
    return f"({text} ~ {_text(f'^({form})$')})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Say what PostgreSQL could not do in words of ours."""
    import pg8000.exceptions  # noqa: PLC0415  an extra

    try:
        yield
    except pg8000.exceptions.DatabaseError as error:
        held = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        raise _refusal(name, held.get("C", ""), str(held.get("M", error))) from error
    except (pg8000.exceptions.InterfaceError, OSError) as error:
        raise RetryableError("engine.away", where=name, detail=str(error)) from error


def _refusal(name: str, state: str, detail: str) -> CrmExpensesError:
    if state in _LOGIN:
        return AuthError("engine.login", where=name, detail=detail)
    if state == _PERMISSION:
        return AuthError("engine.permission", step=name, detail=detail)
    if state.startswith(_AWAY):
        return RetryableError("engine.away", where=name, detail=detail)
    return RefusedError("engine.refused", engine="PostgreSQL", step=name, detail=detail)


_WORDS: Final = Words(POSTGRES, _quoted, _matches)
