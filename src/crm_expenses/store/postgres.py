"""A store in a schema of PostgreSQL.

A writer begins with one advisory lock of the schema, at READ COMMITTED: each of its statements then
sees all that the writers before it left. A reader is at REPEATABLE READ and writes nothing. What
role or server set otherwise is set back for our sessions.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from crm_expenses.address import POSTGRES_PORT, STORE_EXAMPLE, Address, ssl_of
from crm_expenses.errors import ConfigError, StoreError
from crm_expenses.store.database import WAIT_SECONDS, said
from crm_expenses.store.prepared import prepare_statements

if TYPE_CHECKING:
    from pg8000.dbapi import Connection as Driver

SCHEMA: Final = "crm_expenses"
NAME_BYTES_MAX: Final = 63
"""PostgreSQL cuts a longer name off, so that two names would be one."""

LOGIN_SECONDS: Final = 15
STATEMENT_SECONDS: Final = 120
ANSWER_SECONDS: Final = 180
"""After this a server that says nothing is taken for gone; longer than any statement may take."""
IDLE_SECONDS: Final = 300
"""After this a writer that stands still loses its transaction, and with it the lock."""

_CODES: Final = (
    (("55P03", "57014", "40P01", "40001"), "store.busy"),
    (("53100",), "store.full"),
    (("08", "53", "57P", "25P03"), "store.away"),
    (("28000", "28P01", "3D000"), "store.login"),
    (("42501", "25006"), "store.permission"),
    (("XX001", "XX002"), "store.damaged"),
)
"""Beginnings of SQLSTATE, and what they mean for us."""

_SESSION: Final = f"""
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE;
SET lock_timeout TO '{WAIT_SECONDS}s';
SET statement_timeout TO '{STATEMENT_SECONDS}s';
SET standard_conforming_strings TO on;
SET jit TO off;
SET search_path TO
"""
_TABLES: Final = text(
    "SELECT c.relname AS name, a.attname AS col FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 "
    "AND NOT a.attisdropped "
    "WHERE n.nspname = :schema AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1, 2"
)


class PostgresSchema:
    """A schema in a database of PostgreSQL."""

    def __init__(self, address: Address) -> None:
        """Take an address; the password is in it, or in the variable PGPASSWORD.

        Raises:
            ConfigError: the extra `postgres` is not installed, or the schema's name is too long.
        """
        try:
            import pg8000  # noqa: F401, PLC0415  only to say which extra is missing
        except ImportError:
            raise ConfigError("extra.missing", package="pg8000", extra="postgres") from None
        self._schema = address.options.get("schema") or SCHEMA
        if len(self._schema.encode()) > NAME_BYTES_MAX or "\0" in self._schema:
            raise ConfigError("store.url", example=STORE_EXAMPLE)
        self.name = address.shown
        self.engine = _engine(address)
        mark = hashlib.sha256(f"crm_expenses store {self._schema}".encode()).digest()
        self._lock = int.from_bytes(mark[:8], signed=True)
        event.listen(self.engine, "connect", self._on_connect)
        event.listen(self.engine, "begin", self._on_begin)
        event.listen(self.engine, "handle_error", _on_error, retval=True)

    def is_there(self) -> bool:
        """Say that one has to look: to look makes nothing."""
        return True

    def tables(self, connection: Connection) -> dict[str, frozenset[str]]:
        """Give the tables and views of the schema, each with its columns."""
        found: dict[str, set[str]] = {}
        for row in connection.execute(_TABLES, {"schema": self._schema}):
            found.setdefault(row.name, set()).add(row.col)
        return {name: frozenset(columns) for name, columns in found.items()}

    def get_ready(self) -> None:
        """Do nothing: what a session needs is set when it begins."""

    def make_room(self, connection: Connection) -> None:
        """Make the schema where it is not there, for as long as it takes."""
        connection.exec_driver_sql("SET LOCAL statement_timeout TO 0")
        there = text("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = :schema")
        if connection.execute(there, {"schema": self._schema}).first() is None:
            connection.exec_driver_sql(f"CREATE SCHEMA {_quoted(self._schema)}")

    def integrity(self, connection: Connection) -> str:
        """Trust PostgreSQL, which checks its pages as it reads them where it was told to."""
        del connection
        return "ok"

    def clean(self) -> bool:
        """Leave it to the server: rows that are gone are overwritten by its own VACUUM."""
        return True

    def copy_to(self, path: Path) -> bool:
        """Copy no file: there is none."""
        del path
        return False

    def told(self, error: DBAPIError) -> StoreError:
        """Say in our words what PostgreSQL could not do."""
        given = error.orig.args[0] if error.orig is not None and error.orig.args else ""
        if not isinstance(given, dict):  # the driver's own word: there is no connection
            return said("store.away", self.name, str(error.orig))
        state = str(given.get("C", ""))
        code = next((code for begins, code in _CODES if state.startswith(begins)), "store.failed")
        return said(code, self.name, str(given.get("M", "")))

    def _on_connect(self, connection: "Driver", _: object) -> None:
        held = connection._usock  # noqa: SLF001  there is no other way to it
        held.settimeout(ANSWER_SECONDS)
        if held.family.name != "AF_UNIX":  # or each small question waits for an acknowledgement
            held.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(_SESSION + _quoted(self._schema))
        cursor.close()
        connection.autocommit = False

    def _on_begin(self, connection: Connection) -> None:
        if connection.get_execution_options().get("reading"):
            begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
        else:
            begin = (
                f"SET LOCAL idle_in_transaction_session_timeout TO '{IDLE_SECONDS}s'; "
                f"SELECT pg_catalog.pg_advisory_xact_lock({self._lock})"
            )
        connection.exec_driver_sql(begin)


def _engine(address: Address) -> Engine:
    url = URL.create("postgresql+pg8000", username=address.user, database=address.path)
    socket = address.socket
    port = address.port or POSTGRES_PORT
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "host": address.host or "localhost",
            "port": port,
            "unix_sock": f"{socket}/.s.PGSQL.{port}" if socket else None,
            "password": address.password or os.environ.get("PGPASSWORD") or None,
            "ssl_context": ssl_of(address),
            "timeout": LOGIN_SECONDS,
            "application_name": "crm_expenses",
        },
    )
    # Many rows in one statement; else the driver asks the server twice for each.
    engine.dialect.use_insertmanyvalues_wo_returning = True
    prepare_statements(engine)
    engine.dialect.do_close = _close  # type: ignore[method-assign, assignment]
    return engine


def _on_error(context: ExceptionContext) -> DBAPIError | None:
    # The driver wraps most errors of the network, but not all of those while it reads.
    if isinstance(context.original_exception, OSError):
        return DBAPIError(None, None, context.original_exception)
    return None


def _close(connection: DBAPIConnection) -> None:
    with suppress(Exception):  # a lost connection is closed already, and was told of
        connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
