"""The outbox: results leave once, in their order, and every answer is kept."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from crm_expenses.core.record import digest
from crm_expenses.store import tables as t
from crm_expenses.store.keeping import shown
from crm_expenses.store.log import SYNC, write_log
from crm_expenses.store.work import OutboxRow

TO_SEND = ("waiting", "sending")

REASON_MAX = 10_000
"""Most characters of what a CRM said that are kept."""

_is_of = (
    (t.latest.c.crm == t.outbox.c.crm)
    & (t.latest.c.id == t.outbox.c.record)
    & (t.latest.c.kind == func.replace(t.outbox.c.kind, "_result", ""))
)
"""A result's kind is its record's kind with `_result` behind it."""


def take(
    connection: Connection, crm: str, limit: int, after: int, only: Sequence[str] | None = None
) -> tuple[OutboxRow, ...]:
    """Give the next results after row `after`, marked as on their way before they are.

    With `only` they are those of some keys.

    One that was on its way already was cut off: it may have arrived, so it is uncertain.
    """
    is_next = (t.outbox.c.crm == crm) & t.outbox.c.state.in_(TO_SEND) & (t.outbox.c.seq > after)
    rows = connection.execute(
        select(t.outbox, t.latest.c.version)
        .select_from(t.outbox.outerjoin(t.latest, _is_of))
        .where(is_next if only is None else is_next & t.outbox.c.key.in_(only))
        .order_by(t.outbox.c.seq)
        .limit(limit)
    ).all()
    keys = [row.key for row in rows if row.state == "waiting"]
    if keys:
        where = (t.outbox.c.crm == crm) & t.outbox.c.key.in_(keys)
        connection.execute(update(t.outbox).where(where).values(state="sending"))
    return tuple(
        OutboxRow(
            row.seq,
            row.key,
            row.kind,
            row.record,
            row.content,
            row.state == "sending",
            row.version or "",
        )
        for row in rows
    )


def close(connection: Connection, crm: str, answers: Iterable[tuple[str, str, str]]) -> None:
    """Keep the answers: triples of key, state (done, refused, conflict) and reason.

    After a conflict the result waits on: the next run reads the record's new version first.
    """
    for key, answer, reason in answers:
        state = "waiting" if answer == "conflict" else answer
        where = (t.outbox.c.crm == crm) & (t.outbox.c.key == key)
        kept = {"state": state, "reason": shown(reason, REASON_MAX)}
        connection.execute(update(t.outbox).where(where).values(kept))


def write_answers(
    connection: Connection, crm: str, answers: Iterable[tuple[str, str, str]], at: datetime
) -> None:
    """Say in the log which results arrived or were refused; a conflict has changed nothing."""
    settled = [[key, state] for key, state, _ in answers if state != "conflict"]
    if settled:
        write_log(
            connection,
            at=at,
            actor=SYNC,
            action="push",
            subject=crm,
            content=digest(settled),
        )


def counts(connection: Connection, crm: str) -> dict[str, int]:
    """Count the results by state."""
    rows = connection.execute(
        select(t.outbox.c.state, func.count().label("number"))
        .where(t.outbox.c.crm == crm)
        .group_by(t.outbox.c.state)
        .order_by(t.outbox.c.state)
    )
    return {row.state: row.number for row in rows}


def waiting(connection: Connection, crm: str) -> list[tuple[OutboxRow, str]]:
    """Give what is to be sent, each with the newest content that was sent before (or empty)."""
    rows = connection.execute(
        select(t.outbox).where(t.outbox.c.crm == crm).order_by(t.outbox.c.seq)
    )
    sent: dict[tuple[str, str], str] = {}
    found = []
    for row in rows:
        of = (row.kind, row.record)
        if row.state in TO_SEND:
            made = OutboxRow(row.seq, row.key, row.kind, row.record, row.content)
            found.append((made, sent.get(of, "")))
        elif row.state == "done":
            sent[of] = row.content
    return found
