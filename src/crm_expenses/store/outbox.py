"""The outbox: results leave once, in their order, and every answer is kept."""

from collections.abc import Iterable

from sqlalchemy import Connection, func, select, update

from crm_expenses.store import tables as t
from crm_expenses.store.work import OutboxRow


def take(connection: Connection, crm: str, limit: int) -> tuple[OutboxRow, ...]:
    """Give the next results to send, and mark them as on their way before they are.

    One that was on its way already was cut off: it may have arrived, so it is uncertain.
    """
    rows = connection.execute(
        select(t.outbox)
        .where((t.outbox.c.crm == crm) & t.outbox.c.state.in_(("waiting", "sending")))
        .order_by(t.outbox.c.seq)
        .limit(limit)
    ).all()
    keys = [row.key for row in rows if row.state == "waiting"]
    if keys:
        where = (t.outbox.c.crm == crm) & t.outbox.c.key.in_(keys)
        connection.execute(update(t.outbox).where(where).values(state="sending"))
    return tuple(
        OutboxRow(row.key, row.kind, row.record, row.content, row.state == "sending")
        for row in rows
    )


def close(connection: Connection, crm: str, answers: Iterable[tuple[str, str, str]]) -> None:
    """Keep the answers: triples of key, state (done, refused, conflict) and reason."""
    for key, state, reason in answers:
        where = (t.outbox.c.crm == crm) & (t.outbox.c.key == key)
        connection.execute(update(t.outbox).where(where).values(state=state, reason=reason))


def counts(connection: Connection, crm: str) -> dict[str, int]:
    """Count the results by state."""
    rows = connection.execute(
        select(t.outbox.c.state, func.count().label("number"))
        .where(t.outbox.c.crm == crm)
        .group_by(t.outbox.c.state)
    )
    return {row.state: row.number for row in rows}
