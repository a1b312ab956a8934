"""The store: opens it, appends what was pulled, and gives transactions to decide in."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.exc import DBAPIError

from crm_expenses.address import Address
from crm_expenses.core.audit import LogCheck, check_log
from crm_expenses.core.budget import BudgetPosition
from crm_expenses.core.budgetplan import BudgetTerms
from crm_expenses.core.checkpoint import Kept
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.merge import Winner
from crm_expenses.core.record import Kind, Record
from crm_expenses.core.viewer import Viewer
from crm_expenses.errors import CrmExpensesError, StoreError
from crm_expenses.store import budgetsight, due, evidence, outbox, queries, sight
from crm_expenses.store import tables as t
from crm_expenses.store.alerting import AlertRow, alerts_since
from crm_expenses.store.append import AppendCount, PulledPage, append_page
from crm_expenses.store.budgets import BudgetWork
from crm_expenses.store.codec import read_record
from crm_expenses.store.database import Database, open_database
from crm_expenses.store.desk import Desk
from crm_expenses.store.erasure import Erased, Request, erase
from crm_expenses.store.evidence import DecisionRow, PolicyRow
from crm_expenses.store.factreader import Reference, read_reference
from crm_expenses.store.lease import Lease, Leases, demand
from crm_expenses.store.log import (
    add_checkpoint,
    logical,
    read_checkpoints,
    read_log,
    read_rows,
    sign_checkpoint,
)
from crm_expenses.store.merging import Merging, ask_always
from crm_expenses.store.proof import ContentCheck, check_contents
from crm_expenses.store.queries import LiveDecision, SetAsideRow
from crm_expenses.store.terms import all_terms
from crm_expenses.store.transfers import TransferView, read_transfers, view
from crm_expenses.store.upgrade import upgrade
from crm_expenses.store.work import OutboxRow, Work

OPENING: Final = frozenset({"store.failed", "store.damaged"})
"""What goes wrong with a file that cannot be opened, whatever SQLite calls it."""

BROKEN: Final = (Exception, KeyboardInterrupt, SystemExit)
"""After any of these a connection is not used again: an answer may still be on its way in it."""

ROWS_AT_ONCE: Final = 1_000

__all__ = ["AppendCount", "PulledPage", "Store", "has_store", "name_of", "open_store", "version_of"]


def open_store(where: str | Path | Address) -> "Store":
    """Open the store in a file, or in a schema of PostgreSQL; it is made when it is not there.

    - a path is a file of SQLite;
    - `postgres://user@host:5432/database?schema=crm_expenses` is a schema of PostgreSQL, with the
      password in the variable `PGPASSWORD` of the environment.

    Raises:
        ConfigError: the address is wrong, or the extra `postgres` is not installed.
        StoreError: what is there is no store of ours, or was written by a newer version.
        StoreAwayError: the server cannot be reached for now.
    """
    store = Store(open_database(where))
    with _looked_into(store):
        store.prepare()
    return store


def has_store(where: str | Path | Address) -> bool:
    """Say whether a store is there already; nothing is made.

    Raises:
        StoreError: what is there is no store of ours, or was written by a newer version.
    """
    return version_of(where) > 0


def version_of(where: str | Path | Address) -> int:
    """Give the version of a store's tables, 0 where there is no store; nothing is changed.

    Raises:
        StoreError: what is there is no store of ours, or was written by a newer version.
    """
    database = open_database(where)
    if not database.is_there():
        return 0
    store = Store(database)
    with _looked_into(store):
        held = store.version()
    store.close()
    return held


def name_of(where: str | Path | Address) -> str:
    """Give the file or address of a store as people may read it: without secrets."""
    return open_database(where).name


def _connected(engine: Engine) -> Connection:
    """Give a connection; where one that was kept has died, a new one."""
    try:
        return engine.connect()
    except OSError:  # of the network, which the driver hands on as it is when it asks a kept one
        engine.dispose()
    try:
        return engine.connect()
    except OSError as error:  # in the middle of a login
        raise DBAPIError(None, None, error) from error


@contextmanager
def _looked_into(store: "Store") -> Iterator[None]:
    """Let go of a store that cannot be opened, and say so."""
    try:
        yield
    except StoreError as error:
        store.close()
        if error.code in OPENING:
            detail = error.problems[0].values["detail"]
            raise StoreError("store.open", path=store.name, detail=detail) from error.__cause__
        raise


class Store:
    """All that is kept. Each method is one transaction, whole or not at all.

    `winners` says, by CRM, who wins a field that both sides changed; else a person is asked.
    """

    def __init__(self, database: Database) -> None:
        self.winners: dict[str, Callable[[Kind, str], Winner]] = {}
        self._database = database
        self._connection: Connection | None = None
        self._references: dict[str, Reference] = {}
        self._fence: Lease | None = None

    def prepare(self) -> None:
        """Make the tables where there are none, and bring those of an older version up to date.

        A database that is not ours is only looked at: nothing in it is changed.
        """
        if self.version() == t.SCHEMA_VERSION:
            return
        with self._telling():
            self._database.get_ready()
        with self.writing() as connection:
            held = self._check_schema(connection)
            if held == t.SCHEMA_VERSION:
                return
            self._database.make_room(connection)
            if held:
                upgrade(connection, held)
            else:
                t.metadata.create_all(connection)
            self._sign(connection)

    def _sign(self, connection: Connection) -> None:
        """Say which version the tables have, last of all."""
        connection.execute(delete(t.meta).where(t.meta.c.name == "schema"))
        row = {"name": "schema", "value": str(t.SCHEMA_VERSION)}
        connection.execute(t.meta.insert(), row)

    def version(self) -> int:
        """Give the version of the tables, 0 where there are none.

        Raises:
            StoreError: what is there is no store of ours, or was written by a newer version.
        """
        with self.reading() as connection:
            return self._check_schema(connection)

    def _check_schema(self, connection: Connection) -> int:
        tables = self._database.tables(connection)
        if not tables:
            return 0
        held = None
        if tables.get(t.meta.name, frozenset()) >= set(t.meta.columns.keys()):
            is_schema = t.meta.c.name == "schema"
            held = connection.execute(select(t.meta.c.value).where(is_schema)).scalar()
        if held is None or not (held.isascii() and held.isdecimal()):
            shown = ", ".join(sorted(tables)[:5])
            raise StoreError("store.foreign", path=self.name, found=shown)
        if int(held) > t.SCHEMA_VERSION:
            raise StoreError("store.newer", path=self.name, found=held, known=str(t.SCHEMA_VERSION))
        return int(held)

    @property
    def name(self) -> str:
        """The file or address of the store, without secrets."""
        return self._database.name

    def close(self) -> None:
        """Let go of the file or the server."""
        self._let_go()
        self._database.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a write transaction: committed at the end, or undone whole."""
        with self._telling():
            if self._connection is None:
                self._connection = _connected(self._database.engine)
            try:
                with self._connection.begin():
                    if self._fence is not None:
                        demand(self._connection, self._fence)
                    yield self._connection
            except CrmExpensesError:  # ours: what was written is undone, and no answer is out
                raise
            except BROKEN:
                self._let_go(broken=True)
                raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that reads one consistent state and keeps nobody waiting."""
        reader = self._database.engine.execution_options(reading=True)
        with self._telling(), _connected(reader) as connection:
            try:
                with connection.begin():
                    yield connection
            except BROKEN:
                connection.invalidate()
                raise

    @contextmanager
    def _apart(self) -> Iterator[Connection]:
        """Give a write transaction on a connection of its own, from any thread, unfenced."""
        with self._telling(), _connected(self._database.engine) as connection:
            try:
                with connection.begin():
                    yield connection
            except CrmExpensesError:
                raise
            except BROKEN:
                connection.invalidate()
                raise

    @contextmanager
    def fence(self, lease: Lease) -> Iterator[None]:
        """Let nothing be written from here on once somebody else has taken a lease."""
        self._fence = lease
        try:
            yield
        finally:
            self._fence = None

    @property
    def leases(self) -> Leases:
        """Who runs what."""
        return Leases(self._apart, self.reading)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Say in our words what the database could not do; the next one begins anew."""
        try:
            yield
        except DBAPIError as error:
            raise self._database.told(error) from error

    def _let_go(self, *, broken: bool = False) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            if broken:
                connection.invalidate()
            connection.close()

    def copy_to(self, path: Path) -> None:
        """Write a copy of the whole store to a new file."""
        with self._telling():
            if self._database.copy_to(path):
                return
        with self.reading() as source, open_store(path) as copy, copy.writing() as target:
            for table in t.metadata.sorted_tables:
                target.execute(delete(table))
                rows = source.execute(select(table).execution_options(yield_per=ROWS_AT_ONCE))
                for some in rows.mappings().partitions():
                    target.execute(table.insert(), [dict(row) for row in some])

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
            return append_page(connection, crm, page, at, self.merging(crm, at))

    def merging(self, crm: str, at: datetime) -> Merging:
        """Give how what is read of a CRM is brought together with what was changed here."""
        return Merging(at, self.winners.get(crm, ask_always))

    def due(self) -> dict[str, int]:
        """Give the CRMs that said that a pull is due, each with the number of its last word."""
        with self.reading() as connection:
            return due.marks(connection)

    def mark_due(self, crm: str, at: datetime) -> None:
        """Say that a pull is due."""
        with self.writing() as connection:
            due.mark_due(connection, crm, at)

    def hear(self, crm: str, digest: str, at: datetime, kept: timedelta) -> bool:
        """Take a CRM's message, once: a pull is due; say whether it is new."""
        with self.writing() as connection:
            return due.hear(connection, crm, digest, at, kept)

    def no_longer_due(self, crm: str, number: int) -> bool:
        """Take the mark away, unless the CRM said so again; say whether it is gone."""
        with self.writing() as connection:
            return due.done(connection, crm, number)

    # Deciding

    @contextmanager
    def work(self, crm: str) -> Iterator[Work]:
        """Give the transaction in which one claim is decided, whole or not at all."""
        with self.writing() as connection:
            self._references[crm] = read_reference(connection, crm, self._references.get(crm))
            yield Work(connection, crm, self._references[crm])

    @contextmanager
    def budget_work(self, crm: str, at: datetime) -> Iterator[BudgetWork]:
        """Give the transaction in which somebody works on budgets, whole or not at all."""
        with self.work(crm) as work:
            yield BudgetWork(work.connection, crm, work, at)

    @contextmanager
    def looking(self, crm: str) -> Iterator[Work]:
        """Give a transaction that only reads, with all that a decision may read."""
        with self.reading() as connection:
            yield Work(connection, crm, read_reference(connection, crm, None))

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

    def take(
        self, crm: str, limit: int, after: int = 0, *, keys: Sequence[str] | None = None
    ) -> tuple[OutboxRow, ...]:
        """Give the next results (of some keys alone), marked as on their way before they are."""
        with self.writing() as connection:
            return outbox.take(connection, crm, limit, after, keys)

    def answer(
        self,
        crm: str,
        answers: Iterable[tuple[str, str, str]],
        at: datetime | None = None,
        *,
        tries_max: int | None = None,
    ) -> list[list[str]]:
        """Keep what became of results: key, state, reason; with a time, also in the log.

        A result that was tried `tries_max` times waits no longer. Given back are key and state of
        those that are settled.
        """
        with self.writing() as connection:
            settled = outbox.close(connection, crm, answers, at, tries_max)
            if at is not None:
                outbox.write_answers(connection, crm, settled, at)
            return settled

    def waiting(self, crm: str, *, viewer: Viewer) -> list[tuple[OutboxRow, str]]:
        """Give the results that wait, each with what the record was told before.

        Raises:
            RefusedError: they are everybody's, so only who sees everything may.
        """
        viewer.demand("", "outbox")
        with self.reading() as connection:
            return outbox.waiting(connection, crm)

    # Looking

    # Each of these says who looks (`core.viewer`), and leaves out what they may not see.

    def records(self, crm: str, kind: Kind, *, viewer: Viewer) -> Iterator[Record]:
        """Give the newest version of every record of a kind, in the order of their ids."""
        joined = t.latest.join(t.record, t.latest.c.seq == t.record.c.seq)
        statement = (
            select(t.record.c.content)
            .select_from(joined)
            .where((t.latest.c.crm == crm) & (t.latest.c.kind == kind.value))
            .order_by(t.latest.c.id)
        )
        with self.reading() as connection:
            rows = connection.execute(statement.execution_options(yield_per=1000))
            found = (read_record(kind, row.content) for row in rows)
            yield from sight.visible(connection, crm, kind, found, viewer)

    def claim(
        self, crm: str, name: str, *, viewer: Viewer
    ) -> tuple[Claim, tuple[ExpenseLine, ...]] | None:
        """Give a claim and its lines; None where there is none of that name.

        Raises:
            RefusedError: the viewer may not see it; whether it exists is not said.
        """
        with self.reading() as connection:
            found = sight.claim_with_lines(connection, crm, name)
            is_opened = sight.is_opened_to(connection, crm, name, viewer.person)
        if not is_opened:
            viewer.demand(found[0].person if found else "", name)
        return found

    @contextmanager
    def desk(self, crm: str, *, viewer: Viewer) -> Iterator[Desk]:
        """Give what a viewer may see of lives and approvals, in one consistent state."""
        refused: CrmExpensesError | None = None
        with self.reading() as connection:
            try:
                yield Desk(connection, crm, viewer)
            except CrmExpensesError as error:  # ours says nothing about the connection
                refused = error
        if refused is not None:
            raise refused

    def live_decisions(self, crm: str, *, viewer: Viewer) -> list[LiveDecision]:
        """Give the decisions that count, in the order in which they were made."""
        with self.reading() as connection:
            found = queries.live_decisions(connection, crm)
            return [row for row in found if viewer.may_see(row.person)]

    def first_steps(self, crm: str, *, viewer: Viewer) -> dict[str, tuple[str, str]]:
        """Give, by claim, the code and the approver of the first step of its route."""
        with self.reading() as connection:
            found = queries.first_steps(connection, crm)
            if viewer.sees_all:
                return found
            persons = sight.persons_of(connection, crm)
            return {c: step for c, step in found.items() if viewer.may_see(persons.get(c, ""))}

    def budget_positions(self, crm: str, *, viewer: Viewer) -> dict[str, BudgetPosition]:
        """Give where every budget stands that the viewer may see."""
        with self.reading() as connection:
            found = queries.budget_positions(connection, crm)
            seen = budgetsight.budgets_seen(connection, crm, viewer)
            return {name: at for name, at in found.items() if seen is None or name in seen}

    def budget_terms(self, crm: str, *, viewer: Viewer) -> dict[str, BudgetTerms]:
        """Give the terms of the budgets of which a plan said something."""
        with self.reading() as connection:
            found = all_terms(connection, crm)
            seen = budgetsight.budgets_seen(connection, crm, viewer)
            return {name: one for name, one in found.items() if seen is None or name in seen}

    def budget_alerts(self, crm: str, *, viewer: Viewer, since: int = 0) -> list[AlertRow]:
        """Give who was told that a budget's use crossed a threshold, after a number."""
        with self.reading() as connection:
            found = alerts_since(connection, crm, since)
            return [row for row in found if viewer.may_see(row.person)]

    def transfers(self, crm: str, *, viewer: Viewer) -> list[TransferView]:
        """Give the transfers that the viewer asked for, must approve, or may see the asker of."""
        with self.reading() as connection:
            known = read_reference(connection, crm, None)
            rows = read_transfers(connection, crm)
            found = [view(row, known.budgets, known.people) for row in rows]
        return [
            one
            for one in found
            if viewer.may_see(one.row.transfer.requested_by) or viewer.person in one.approvers
        ]

    def set_aside(self, crm: str, *, viewer: Viewer) -> list[SetAsideRow]:
        """Give the records that could not be read, and lines whose claim does not exist.

        Raises:
            RefusedError: nobody can say whose they are, so only who sees everything may.
        """
        viewer.demand("", "set-aside")
        with self.reading() as connection:
            return queries.set_aside(connection, crm)

    # The log. Its entries hold nobody's lines; what they were made of is for who sees everything.

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
        except StoreError:  # a damaged file cannot even end its transaction
            if found is None:
                raise
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
        except StoreError:
            if found is None:
                raise
        return found

    def checkpoints(self) -> tuple[Kept, ...]:
        """Give every checkpoint of the log, by size."""
        with self.reading() as connection:
            return read_checkpoints(connection)

    def entries(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Give every entry of the log in order: number, body, digest."""
        with self.reading() as connection:
            yield from read_rows(connection)

    def reasons(self, *, viewer: Viewer) -> dict[int, str | None]:
        """Give by entry why it was done, in the actor's words; None where they were erased.

        Raises:
            RefusedError: they are everybody's, so only who sees everything may.
        """
        viewer.demand("", "log")
        with self.reading() as connection:
            return evidence.reasons(connection)

    def decisions(self, *, viewer: Viewer) -> Iterator[DecisionRow]:
        """Give every decision ever made with its facts, in their order.

        Raises:
            RefusedError: they are everybody's, so only who sees everything may.
        """
        viewer.demand("", "decisions")
        with self.reading() as connection:
            yield from evidence.decisions(connection)

    def spoken(
        self, crm: str, claims: Collection[str], *, viewer: Viewer
    ) -> tuple[tuple[int | str, ...], ...]:
        """Give what the entries of approvals and voidings of some claims were made of.

        Raises:
            RefusedError: they are everybody's, so only who sees everything may.
        """
        viewer.demand("", "approvals")
        with self.reading() as connection:
            found = evidence.spoken(connection, crm)
            return tuple(row for claim, row in found if claim in claims)

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
            found = erase(connection, crm, request, at)
        with self._telling():
            if not self._database.clean():
                raise StoreError("store.not_cleaned", path=self.name)
        return found

    def outbox_counts(self, crm: str) -> dict[str, int]:
        """Count the results by their state."""
        with self.reading() as connection:
            return outbox.counts(connection, crm)

    def dump(self) -> str:
        """Give the logical content of every table as text, the same for equal stores.

        Salts are left out, and what is made of them: they differ between any two stores. So is
        what is under way.
        """
        parts = []
        with self.reading() as connection:
            for table in t.metadata.sorted_tables:
                if table.name in t.PASSING:
                    continue
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
        """Ask the database whether its files are whole; `ok` when they are, else what is wrong."""
        try:
            with self.reading() as connection:
                return self._database.integrity(connection)
        except StoreError as error:  # so damaged that the check itself cannot go on
            return error.problems[0].values.get("detail", error.code)
