"""A store in a file of SQLite."""

import sqlite3
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from crm_expenses.errors import StoreError
from crm_expenses.store.database import WAIT_SECONDS, said

_CODES: Final = {
    sqlite3.SQLITE_BUSY: "store.busy",
    sqlite3.SQLITE_LOCKED: "store.busy",
    sqlite3.SQLITE_FULL: "store.full",
    sqlite3.SQLITE_CORRUPT: "store.damaged",
    sqlite3.SQLITE_NOTADB: "store.damaged",
    sqlite3.SQLITE_READONLY: "store.permission",
}

_CACHE: Final = "cache_size=-16384"
"""Sixteen MB of pages a connection: where ids come in no order, an index of a large store does not
fit into the two that SQLite has otherwise."""


class SqliteFile:
    """A file of SQLite, in WAL mode."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        url = URL.create("sqlite", database=self.name)
        self.engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
        event.listen(self.engine, "connect", _on_connect)
        event.listen(self.engine, "begin", _on_begin)

    def is_there(self) -> bool:
        """Say whether there is a file; to look into one that is not there would make it."""
        return Path(self.name).exists()

    def tables(self, connection: Connection) -> dict[str, frozenset[str]]:
        """Give the tables that are there, each with its columns."""
        seen = inspect(connection)
        return {
            name: frozenset(column["name"] for column in seen.get_columns(name))
            for name in seen.get_table_names()
        }

    def get_ready(self) -> None:
        """Turn on the mode in which readers and the writer do not keep each other waiting."""
        self._run("PRAGMA journal_mode=WAL")

    def make_room(self, connection: Connection) -> None:
        """Do nothing: the file is the room."""

    def integrity(self, connection: Connection) -> str:
        """Ask SQLite to read every page."""
        return str(connection.execute(text("PRAGMA integrity_check")).scalar())

    def clean(self) -> bool:
        """Write the file anew, and empty the journal: free pages keep what was moved or deleted."""
        with self.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            try:
                driver.execute("PRAGMA secure_delete=ON")
                driver.execute("VACUUM")
                busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError:
                return False
            return not busy

    def copy_to(self, path: Path) -> bool:
        """Copy the file as it is between two transactions."""
        self._run("VACUUM INTO ?", str(path))
        return True

    def told(self, error: DBAPIError) -> StoreError:
        """Say in our words what SQLite could not do."""
        number = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # the rest are finer shades
        return said(_CODES.get(number, "store.failed"), self.name, str(error.orig))

    def _run(self, statement: str, *values: str) -> None:
        """Run what SQLite does not do in a transaction."""
        with self.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            try:
                driver.execute(statement, values)
            except sqlite3.Error as error:
                raise DBAPIError(None, None, error) from error


def _on_connect(connection: sqlite3.Connection, _: object) -> None:
    # The driver's own transactions lose updates: we begin and end ours ourselves.
    connection.isolation_level = None
    waits = f"busy_timeout={WAIT_SECONDS * 1000}"
    try:
        for pragma in (waits, "foreign_keys=ON", "synchronous=NORMAL", _CACHE):
            connection.execute(f"PRAGMA {pragma}")
    except UnicodeDecodeError as error:  # its own message, which quotes a damaged schema
        raise sqlite3.DatabaseError("malformed database schema") from error


def _on_begin(connection: Connection) -> None:
    # IMMEDIATE takes the write lock first of all, so that what is read stays true until commit.
    options = connection.get_execution_options()
    connection.exec_driver_sql("BEGIN" if options.get("reading") else "BEGIN IMMEDIATE")
