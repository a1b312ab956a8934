"""What differs from one database to the other: opening, the first lock, and what errors mean."""

from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from crm_expenses.address import Address, store_address
from crm_expenses.errors import StoreAwayError, StoreError

WAIT_SECONDS: Final = 15
"""How long a writer waits for another one before it gives up."""

AGAIN: Final = frozenset({"store.busy", "store.away"})
"""What may succeed when it is tried again."""


class Database(Protocol):
    """A database that a store can be in.

    Its engine begins each transaction: a writer takes the one lock of the store before anything
    else, a reader (the execution option `reading`) sees one state and keeps nobody waiting.
    """

    name: str
    engine: Engine

    def is_there(self) -> bool:
        """Say whether there is anything to look into."""

    def tables(self, connection: Connection) -> dict[str, frozenset[str]]:
        """Give the tables that are there, each with its columns."""

    def get_ready(self) -> None:
        """Do once what must be done outside of a transaction."""

    def make_room(self, connection: Connection) -> None:
        """Make what tables are put into, in the transaction that makes them."""

    def integrity(self, connection: Connection) -> str:
        """Ask the database whether its files are whole; `ok` when they are."""

    def clean(self) -> bool:
        """Leave no copy of what was erased; False where another process keeps it from that."""

    def copy_to(self, path: Path) -> bool:
        """Copy the file; False where there is none to copy."""

    def told(self, error: DBAPIError) -> StoreError:
        """Say in our words what the database could not do."""


def open_database(where: str | Path | Address) -> Database:
    """Give the database of a path or an address; nothing is opened yet.

    Raises:
        ConfigError: the address has no known form, or the extra `postgres` is not installed.
    """
    if isinstance(where, str) and "://" in where:
        where = store_address(where)
    if isinstance(where, Address):
        from crm_expenses.store.postgres import PostgresSchema  # noqa: PLC0415  only one is used

        return PostgresSchema(where)
    from crm_expenses.store.sqlite import SqliteFile  # noqa: PLC0415  likewise

    return SqliteFile(Path(where))


def said(code: str, path: str, detail: str) -> StoreError:
    """Give the error that says what a database could not do."""
    kind = StoreAwayError if code in AGAIN else StoreError
    return kind(code, path=path, detail=detail, seconds=str(WAIT_SECONDS))
