"""The store: opens it, appends what was pulled, and gives transactions to decide in."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy import URL, Connection, Engine, create_engine, delete, event, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from crm_expenses.core.audit import LogCheck, check_log
from crm_expenses.core.budget import BudgetPosition
from crm_expenses.core.checkpoint import Kept
from crm_expenses.core.record import Kind, Record
from crm_expenses.errors import StoreError
from crm_expenses.store import evidence, outbox, queries
from crm_expenses.store import tables as t
from crm_expenses.store.append import AppendCount, PulledPage, append_page
from crm_expenses.store.codec import read_record
from crm_expenses.store.erasure import Erased, Request, erase
from crm_expenses.store.evidence import DecisionRow, PolicyRow
from crm_expenses.store.log import (
    add_checkpoint,
    logical,
    read_checkpoints,
    read_log,
    read_rows,
    sign_checkpoint,
)
from crm_expenses.store.proof import ContentCheck, check_contents
from crm_expenses.store.queries import LiveDecision, SetAsideRow
from crm_expenses.store.upgrade import upgrade
from crm_expenses.store.work import OutboxRow, Reference, Work, read_reference

if TYPE_CHECKING:
    import sqlite3

BUSY_MS: Final = 15_000
"""How long a writer waits for another one before it gives up."""

__all__ = ["AppendCount", "PulledPage", "Store", "open_store"]


def open_store(path: str | Path) -> "Store":
    """Open the store in an SQLite file; it is made when it is not there.

    Raises:
        StoreError: the file is no store of ours, or was written by a newer version.
    """
    engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    store = Store(engine, str(path))
    try:
        store.prepare()
    except DBAPIError as error:
        store.close()
        raise StoreError("store.open", path=str(path), detail=str(error.orig)) from error
    except StoreError:
        store.close()
        raise
    return store


def _on_connect(connection: "sqlite3.Connection", _: object) -> None:
    # The driver's own transactions lose updates: we begin and end ours ourselves.
    connection.isolation_level = None
    for pragma in (f"busy_timeout={BUSY_MS}", "foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    # IMMEDIATE takes the write lock first of all, so that what is read stays true until commit.
    options = connection.get_execution_options()
    connection.exec_driver_sql("BEGIN" if options.get("reading") else "BEGIN IMMEDIATE")


class Store:
    """All that is kept. Each method is one transaction, whole or not at all."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._connection: Connection | None = None
        self._references: dict[str, Reference] = {}

    def prepare(self) -> None:
        """Make the tables where there are none, and bring those of an older version up to date.

        A database that is not ours is only looked at: nothing in it is changed.
        """
        with self.reading() as connection:
            self._check_schema(connection)
        with self._engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA journal_mode=WAL")
        with self.writing() as connection:
            held = self._check_schema(connection)
            if held == t.SCHEMA_VERSION:
                return
            t.metadata.create_all(connection)
            if held:
                upgrade(connection, held)
            connection.execute(delete(t.meta).where(t.meta.c.name == "schema"))
            row = {"name": "schema", "value": str(t.SCHEMA_VERSION)}
            connection.execute(t.meta.insert(), row)

    def _check_schema(self, connection: Connection) -> int:
        """Give the version of our tables, 0 for none; refuse what another program made."""
        seen = inspect(connection)
        tables = seen.get_table_names()
        if not tables:
            return 0
        held = None
        if t.meta.name in tables and {c["name"] for c in seen.get_columns(t.meta.name)} >= {
            column.name for column in t.meta.columns
        }:
            is_schema = t.meta.c.name == "schema"
            held = connection.execute(select(t.meta.c.value).where(is_schema)).scalar()
        if held is None or not (held.isascii() and held.isdecimal()):
            shown = ", ".join(tables[:5])
            raise StoreError("store.foreign", path=self._name, found=shown)
        if int(held) > t.SCHEMA_VERSION:
            raise StoreError(
                "store.newer", path=self._name, found=held, known=str(t.SCHEMA_VERSION)
            )
        return int(held)

    @property
    def name(self) -> str:
        """The file or address of the store, without secrets."""
        return self._name

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a write transaction: committed at the end, or undone whole."""
        if self._connection is None:
            self._connection = self._engine.connect()
        with self._connection.begin():
            yield self._connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that reads one consistent state and keeps nobody waiting."""
        reader = self._engine.execution_options(reading=True)
        with reader.connect() as connection, connection.begin():
            yield connection

    def copy_to(self, path: Path) -> None:
        """Write a copy of the whole store to a new file."""
        with self._engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("VACUUM INTO ?", (str(path),))

    # Pulling

    def cursor(self, crm: str, kind: Kind) -> str | None:
        """Give where the reading of a kind has got to, None at the very beginning."""
        with self.reading() as connection:
            where = (t.cursor.c.crm == crm) & (t.cursor.c.kind == kind.value)
            found: str | None = connection.execute(select(t.cursor.c.value).where(where)).scalar()
            return found

    def append(self, crm: str, page: PulledPage, at: datetime) -> AppendCount:
        """Keep a page: its new facts, what was set aside, and its cursor, in one transaction."""
        with self.writing() as connection:
            return append_page(connection, crm, page, at)

    # Deciding

    @contextmanager
    def work(self, crm: str) -> Iterator[Work]:
        """Give the transaction in which one claim is decided, whole or not at all."""
        with self.writing() as connection:
            self._references[crm] = read_reference(connection, crm, self._references.get(crm))
            yield Work(connection, crm, self._references[crm])

    def pending(self, crm: str) -> tuple[str, ...]:
        """Give the claims that wait for a decision: by time of submission, then by id."""
        with self.reading() as connection:
            joined = t.todo.join(
                t.latest,
                (t.latest.c.crm == t.todo.c.crm)
                & (t.latest.c.kind == Kind.CLAIM.value)
                & (t.latest.c.id == t.todo.c.claim),
            )
            rows = connection.execute(
                select(t.todo.c.claim)
                .select_from(joined)
                .where(t.todo.c.crm == crm)
                .order_by(t.latest.c.submitted, t.todo.c.claim)
            )
            return tuple(row.claim for row in rows)

    # Pushing

    def to_send(self, crm: str) -> int:
        """Count the results that wait to be sent."""
        with self.reading() as connection:
            held = outbox.counts(connection, crm)
            return sum(held.get(state, 0) for state in outbox.TO_SEND)

    def take(self, crm: str, limit: int, after: int = 0) -> tuple[OutboxRow, ...]:
        """Give the next results, marked as on their way before they are."""
        with self.writing() as connection:
            return outbox.take(connection, crm, limit, after)

    def answer(
        self, crm: str, answers: Iterable[tuple[str, str, str]], at: datetime | None = None
    ) -> None:
        """Keep what became of results: key, state, reason; with a time, also in the log."""
        given = list(answers)
        with self.writing() as connection:
            outbox.close(connection, crm, given)
            if at is not None:
                outbox.write_answers(connection, crm, given, at)

    def waiting(self, crm: str) -> list[tuple[OutboxRow, str]]:
        """Give the results that wait, each with what the record was told before."""
        with self.reading() as connection:
            return outbox.waiting(connection, crm)

    # Looking

    def records(self, crm: str, kind: Kind) -> Iterator[Record]:
        """Give the newest version of every record of a kind, in the order of their ids."""
        joined = t.latest.join(t.record, t.latest.c.seq == t.record.c.seq)
        statement = (
            select(t.record.c.content)
            .select_from(joined)
            .where((t.latest.c.crm == crm) & (t.latest.c.kind == kind.value))
            .order_by(t.latest.c.id)
        )
        with self.reading() as connection:
            for row in connection.execute(statement.execution_options(yield_per=1000)):
                yield read_record(kind, row.content)

    def live_decisions(self, crm: str) -> list[LiveDecision]:
        """Give the decisions that count, in the order in which they were made."""
        with self.reading() as connection:
            return list(queries.live_decisions(connection, crm))

    def first_steps(self, crm: str) -> dict[str, tuple[str, str]]:
        """Give, by claim, the code and the approver of the first step of its route."""
        with self.reading() as connection:
            return queries.first_steps(connection, crm)

    def budget_positions(self, crm: str) -> dict[str, BudgetPosition]:
        """Give where every budget stands."""
        with self.reading() as connection:
            return queries.budget_positions(connection, crm)

    def set_aside(self, crm: str) -> list[SetAsideRow]:
        """Give the records that could not be read, and lines whose claim does not exist."""
        with self.reading() as connection:
            return queries.set_aside(connection, crm)

    def log_broken_at(self) -> int | None:
        """Give the number of the first log entry that does not fit, None when all do."""
        broken = self.check_log().broken
        return broken.number if broken else None

    def check_log(self, outside: Sequence[Kept] = ()) -> LogCheck:
        """Check every entry of the log against its neighbours and the checkpoints.

        Raises:
            StoreError: the file is so damaged that not even that can be read.
        """
        found: LogCheck | None = None
        try:
            with self.reading() as connection:
                kept = read_checkpoints(connection)
                found = check_log(read_rows(connection), kept, outside)
        except DBAPIError as error:  # a damaged file cannot even end its transaction
            if found is None:
                raise StoreError("store.open", path=self._name, detail=str(error.orig)) from error
        return found

    def check_contents(self) -> ContentCheck:
        """Compare what is kept with what the log says of it.

        Raises:
            StoreError: the file is so damaged that not even that can be read.
        """
        found: ContentCheck | None = None
        try:
            with self.reading() as connection:
                found = check_contents(connection)
        except DBAPIError as error:
            if found is None:
                raise StoreError("store.open", path=self._name, detail=str(error.orig)) from error
        return found

    def checkpoints(self) -> tuple[Kept, ...]:
        """Give every checkpoint of the log, by size."""
        with self.reading() as connection:
            return read_checkpoints(connection)

    def entries(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Give every entry of the log in order: number, body, digest."""
        with self.reading() as connection:
            yield from read_rows(connection)

    def reasons(self) -> dict[int, str | None]:
        """Give by entry why it was done, in the actor's words; None where they were erased."""
        with self.reading() as connection:
            return evidence.reasons(connection)

    def decisions(self) -> Iterator[DecisionRow]:
        """Give every decision ever made with its facts, in their order."""
        with self.reading() as connection:
            yield from evidence.decisions(connection)

    def count_decisions(self) -> int:
        """Count the decisions ever made."""
        with self.reading() as connection:
            return evidence.count_decisions(connection)

    def policies(self) -> tuple[PolicyRow, ...]:
        """Give every policy version that decided."""
        with self.reading() as connection:
            return evidence.policies(connection)

    def add_checkpoint(self, at: datetime, actor: str) -> Kept | None:
        """Make a checkpoint of the log; None where the log is empty."""
        with self.writing() as connection:
            return add_checkpoint(connection, at=at, actor=actor)

    def sign_checkpoint(self, size: int, *, key: bytes, signature: bytes) -> None:
        """Keep the signature of a checkpoint beside it."""
        with self.writing() as connection:
            sign_checkpoint(connection, size, key=key, signature=signature)

    def erase(self, crm: str, request: Request, at: datetime) -> Erased:
        """Erase a person's own words; nothing of them is left in the file.

        Raises:
            StoreError: they are erased, but another process keeps the file from being cleaned.
        """
        with self.writing() as connection:
            if connection.dialect.name == "sqlite":  # else the bytes stay in free pages
                connection.exec_driver_sql("PRAGMA secure_delete=ON")
            found = erase(connection, crm, request, at)
        self._clean()
        return found

    def _clean(self) -> None:
        """Write the file anew: what was moved about in it earlier may have left copies of words."""
        with self._engine.connect() as connection:
            if connection.dialect.name != "sqlite":
                return
            driver: Any = connection.connection.driver_connection
            try:
                driver.execute("VACUUM")
                busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except driver.OperationalError:
                busy = 1
            if busy:
                raise StoreError("store.not_cleaned", path=self._name)

    def outbox_counts(self, crm: str) -> dict[str, int]:
        """Count the results by their state."""
        with self.reading() as connection:
            return outbox.counts(connection, crm)

    def dump(self) -> str:
        """Give the logical content of every table as text, the same for equal stores.

        Salts are left out, and what is made of them: they differ between any two stores.
        """
        parts = []
        with self.reading() as connection:
            for table in t.metadata.sorted_tables:
                parts.append(f"-- {table.name}")
                if table is t.audit:
                    parts += [repr(logical(entry)) for entry in read_log(connection)]
                    continue
                order = list(table.primary_key.columns)
                unlike = t.UNLIKE.get(table.name, ())
                columns = [column for column in table.columns if column.name not in unlike]
                rows = connection.execute(select(*columns).order_by(*order))
                parts += [repr(tuple(r)) for r in rows]
        return "\n".join(parts) + "\n"

    def integrity(self) -> str:
        """Ask the database whether its file is whole; `ok` when it is, else what is wrong."""
        try:
            with self.reading() as connection:
                return str(connection.execute(text("PRAGMA integrity_check")).scalar())
        except DBAPIError as error:
            return str(error.orig)  # so damaged that the check itself cannot go on
