"""That a pull is due, because a CRM said so: a number for each CRM that grows with each word.

A run notes the number before it reads and takes the mark away afterwards only if it is still the
same: a word that comes meanwhile is not lost.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from crm_expenses.store import tables as t


def mark_due(connection: Connection, crm: str, at: datetime) -> None:
    """Say that a pull is due."""
    held = connection.execute(select(t.due.c.number).where(t.due.c.crm == crm)).scalar()
    if held is None:
        row = {"crm": crm, "since": at.isoformat(), "number": 1}
        connection.execute(t.due.insert(), row)
    else:
        connection.execute(update(t.due).where(t.due.c.crm == crm).values(number=held + 1))


def hear(connection: Connection, crm: str, digest: str, at: datetime, kept: timedelta) -> bool:
    """Take a CRM's message, once: a pull is due. False where it was there before.

    Messages are forgotten after the time that they are kept for.
    """
    of = t.message.c.crm == crm
    oldest = (at - kept).astimezone(UTC).isoformat()
    connection.execute(delete(t.message).where(of & (t.message.c.at < oldest)))
    seen = select(t.message.c.at).where(of & (t.message.c.digest == digest))
    if connection.execute(seen).first() is not None:
        return False
    row = {"crm": crm, "digest": digest, "at": at.astimezone(UTC).isoformat()}
    connection.execute(t.message.insert(), row)
    mark_due(connection, crm, at)
    return True


def marks(connection: Connection) -> dict[str, int]:
    """Give the CRMs of which a pull is due, each with the number of its last word."""
    rows = connection.execute(select(t.due.c.crm, t.due.c.number).order_by(t.due.c.crm))
    return {row.crm: row.number for row in rows}


def done(connection: Connection, crm: str, number: int) -> bool:
    """Take a mark away, unless another word came after that number; say whether it is gone."""
    where = (t.due.c.crm == crm) & (t.due.c.number == number)
    return connection.execute(delete(t.due).where(where)).rowcount > 0
