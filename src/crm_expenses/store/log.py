"""The log in the store: each entry carries the digest of the one before."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from crm_expenses.core.audit import GENESIS, AuditEntry, entry
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t


def write_log(
    connection: Connection, *, at: datetime, actor: str, action: str, subject: str, content: str
) -> None:
    """Add one entry to the log, in the caller's transaction."""
    newest = connection.execute(s.LOG_HEAD).first()
    number, previous = (newest.number, newest.digest) if newest else (0, GENESIS)
    made = entry(
        number + 1,
        previous,
        at=at,
        actor=actor,
        action=action,
        subject=subject,
        content=content,
    )
    connection.execute(
        s.ADD_LOG,
        {
            "number": made.number,
            "at": made.at.isoformat(),
            "actor": made.actor,
            "action": made.action,
            "subject": made.subject,
            "content": made.content,
            "previous": made.previous,
            "digest": made.digest,
        },
    )


def read_log(connection: Connection) -> Iterator[AuditEntry]:
    """Give every entry in order."""
    for row in connection.execute(select(t.audit).order_by(t.audit.c.number)):
        yield AuditEntry(
            row.number,
            datetime.fromisoformat(row.at),
            row.actor,
            row.action,
            row.subject,
            row.content,
            row.previous,
            row.digest,
        )
