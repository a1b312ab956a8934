"""The log in the store: each entry carries the digest of the one before; checkpoints cover it.

Entries are added in the caller's transaction, which holds the one write lock: two writers never
follow the same entry, so that the chain cannot fork.
"""

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, literal_column, select
from sqlalchemy.exc import DBAPIError

from crm_expenses.core.audit import GENESIS, AuditEntry, digest_of
from crm_expenses.core.checkpoint import Checkpoint, Kept, parts_of, parts_text
from crm_expenses.core.merkle import Tree
from crm_expenses.core.words import commitment
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t

CHECKPOINT_EVERY: Final = 1_000
"""After how many entries a checkpoint is made by itself."""

ENTRIES_AT_ONCE: Final = 20_000
"""Most entries in memory while the log is read."""

SALTS_AT_ONCE: Final = 64
"""How many salts are drawn together."""

SYNC: Final = "sync"
"""Who acts in the log when no person does."""


def new_salt() -> str:
    """Give a salt that nobody can guess."""
    return secrets.token_hex(16)


def new_salts() -> Iterator[str]:
    """Give such salts without an end; to ask the system for one costs more than to write it."""
    while True:
        drawn = secrets.token_hex(16 * SALTS_AT_ONCE)
        yield from (drawn[start : start + 32] for start in range(0, len(drawn), 32))


def write_log(  # noqa: PLR0913  the parts of an entry
    connection: Connection,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    content: str,
    why: str = "",
    said: str = "",
    rows: tuple[int, ...] = (),
) -> int:
    """Add one entry to the log, in the caller's transaction; give its number.

    `why` is a code; `said` is why in the actor's own words, which stay outside of the log.
    """
    newest = connection.execute(s.LOG_HEAD).first()
    number, previous = (newest.number, newest.digest.hex()) if newest else (0, GENESIS)
    salt = new_salt() if said else ""
    made = AuditEntry(
        number + 1,
        at,
        actor,
        action,
        subject,
        content,
        previous,
        why=f"~{commitment(salt, said)}" if said else why,
        rows=rows,
    )
    body = made.body
    row = {"number": made.number, "body": body, "digest": digest_of(body)}
    connection.execute(s.ADD_LOG, row)
    if said:
        connection.execute(
            s.ADD_REASON,
            {
                "number": made.number,
                "person": actor,
                "salt": salt,
                "content": said,
                "erased": False,
            },
        )
    if made.number % CHECKPOINT_EVERY == 0:
        add_checkpoint(connection, at=at, actor=SYNC)
    return made.number


def add_checkpoint(connection: Connection, *, at: datetime, actor: str) -> Kept | None:
    """Make a checkpoint of all entries, and an entry that names it; None where there is no entry.

    Where nothing came after the last one it is given again.
    """
    last = last_checkpoint(connection)
    before = last.size if last else 0
    tree = Tree(before, last.parts if last else ())
    tree.extend(connection.execute(s.DIGESTS_AFTER, {"of_number": before}).scalars())
    if last and tree.size <= last.size + 1:  # its own entry is no news
        return last
    if not tree.size:
        return None
    previous = Checkpoint.of(last.body).digest if last else GENESIS
    made = Checkpoint(tree.size, tree.root().hex(), at, previous)
    row = {"size": made.size, "body": made.body, "parts": parts_text(tree.parts)}
    connection.execute(s.ADD_CHECKPOINT, row | {"key": b"", "signature": b""})
    write_log(
        connection,
        at=at,
        actor=actor,
        action="checkpoint",
        subject=str(made.size),
        content=made.digest,
    )
    return Kept(made.size, made.body, tree.parts)


def sign_checkpoint(connection: Connection, size: int, *, key: bytes, signature: bytes) -> None:
    """Put a signature beside a checkpoint."""
    of_size = t.checkpoint.c.size == size
    signed = t.checkpoint.update().where(of_size).values(key=key, signature=signature)
    connection.execute(signed)


def last_checkpoint(connection: Connection) -> Kept | None:
    """Give the newest checkpoint."""
    row = connection.execute(s.LAST_CHECKPOINT).first()
    return _kept(row) if row else None


def read_checkpoints(connection: Connection) -> tuple[Kept, ...]:
    """Give every checkpoint, by size."""
    rows = connection.execute(select(t.checkpoint).order_by(t.checkpoint.c.size))
    return tuple(_kept(row) for row in rows)


def _kept(row: Any) -> Kept:  # noqa: ANN401  a row
    try:
        parts = parts_of(row.parts)
    except ValueError:
        parts = ()  # no tree of this size: the check of the log says so
    return Kept(row.size, row.body, parts, row.key, row.signature)


_RAW: Final[tuple[ColumnElement[Any], ...]] = (
    t.audit.c.number,
    literal_column("body"),
    literal_column("digest"),
)
"""The columns as the driver gives them: what is damaged must not fail on the way."""


def read_rows(connection: Connection) -> Iterator[tuple[Any, Any, Any]]:
    """Give every entry as it is kept: number, body, digest.

    Of a damaged file comes what can be read; for the first entry that cannot, nothing but a number.
    """
    after = 0
    while True:
        of = select(*_RAW).where(t.audit.c.number > after).order_by(t.audit.c.number)
        try:
            rows = _plain(connection, of.limit(ENTRIES_AT_ONCE))
        except (DBAPIError, connection.dialect.loaded_dbapi.Error):
            yield from _one_by_one(connection, after)
            return
        yield from rows
        if len(rows) < ENTRIES_AT_ONCE:
            return
        after = rows[-1][0]


def _plain(connection: Connection, of: Select[Any]) -> Sequence[tuple[Any, Any, Any]]:
    """Give rows as the driver makes them: to wrap each would cost as much as to hash it."""
    result = connection.execute(of)
    cursor = result.cursor
    rows: Sequence[tuple[Any, Any, Any]] = cursor.fetchall() if cursor is not None else ()
    result.close()
    return rows


def _one_by_one(connection: Connection, after: int) -> Iterator[tuple[Any, Any, Any]]:
    while True:
        after += 1
        try:
            row = connection.execute(select(*_RAW).where(t.audit.c.number == after)).first()
        except DBAPIError:
            row = None
        if row is None:
            yield after, None, None
            return
        yield tuple(row)


def read_log(connection: Connection) -> Iterator[AuditEntry]:
    """Give every entry in order."""
    for _, body, _ in read_rows(connection):
        yield AuditEntry.of(body)


def logical(entry: AuditEntry) -> tuple[object, ...]:
    """Give of an entry what has no salt in it, so that equal stores have equal logs."""
    is_salted = entry.action in ("pull", "erase", "checkpoint")
    content = "" if is_salted else entry.content
    why = "~" if entry.why.startswith("~") else entry.why
    return (
        entry.number,
        entry.at.isoformat(),
        entry.actor,
        entry.action,
        entry.subject,
        content,
        why,
        entry.rows,
    )
