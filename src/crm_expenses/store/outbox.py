"""The outbox: results leave once, in their order, and every answer is kept."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from crm_expenses.core.record import digest
from crm_expenses.errors import Problem
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.keeping import shown
from crm_expenses.store.log import SYNC, write_log
from crm_expenses.store.merging import DEAD, STUCK, arrived
from crm_expenses.store.work import OutboxRow

TO_SEND = ("waiting", "sending")

CHANGE = "_change"
"""Ends the kind of a result that changes a record; the record's kind stands before it."""

UNSETTLED = ("conflict", "unknown")
"""Answers after which a result is tried again."""

REASON_MAX = 10_000
"""Most characters of what a CRM said that are kept."""

_is_of = (
    (t.latest.c.crm == t.outbox.c.crm)
    & (t.latest.c.id == t.outbox.c.record)
    & (t.latest.c.kind == func.replace(func.replace(t.outbox.c.kind, "_result", ""), CHANGE, ""))
)
"""A result's kind is its record's kind with `_result` or `_change` behind it."""


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


def close(
    connection: Connection,
    crm: str,
    answers: Iterable[tuple[str, str, str]],
    at: datetime | None = None,
    tries_max: int | None = None,
) -> list[list[str]]:
    """Keep the answers: triples of key, state (done, refused, conflict, unknown) and reason.

    After a conflict the result waits on: the next run reads the record's new version first. One
    that is unknown is read back by the next run. A result that was tried `tries_max` times waits
    no longer: it is stuck. Given back are key and state of those that are settled.
    """
    given = {key: (answer, reason) for key, answer, reason in answers}
    is_out = (t.outbox.c.crm == crm) & t.outbox.c.state.in_(TO_SEND)
    settled, kept = [], []
    for keys in s.portions(given):
        rows = connection.execute(select(t.outbox).where(is_out & t.outbox.c.key.in_(keys)))
        for row in sorted(rows, key=lambda one: one.seq):
            answer, reason = given[row.key]
            after = _after(row, answer, reason, tries_max)
            kept.append(after | {"of_seq": row.seq, "of_since": _since(after, at)})
            if after["of_state"] not in TO_SEND:
                settled.append([row.key, after["of_state"]])
            if answer == "done" and row.kind.endswith(CHANGE):
                arrived(connection, row)
    if kept:
        connection.execute(_ANSWERED, kept)
    return settled


_ANSWERED = (
    update(t.outbox)
    .where(t.outbox.c.seq == bindparam("of_seq"))
    .values(
        state=bindparam("of_state"),
        reason=bindparam("of_reason"),
        tries=bindparam("of_tries"),
        since=bindparam("of_since"),
    )
)


def _after(row: Any, answer: str, reason: str, tries_max: int | None) -> dict[str, Any]:  # noqa: ANN401
    """Give what is kept of a result after an answer."""
    tries, state = row.tries, answer
    if answer in UNSETTLED:
        tries += 1
        state = "waiting" if answer == "conflict" else row.state
        if tries_max is not None and tries >= tries_max:
            values = {"tries": str(tries), "detail": reason or answer}
            state, reason = STUCK, Problem("push.stuck", values).describe("en")
    return {"of_state": state, "of_reason": shown(reason, REASON_MAX), "of_tries": tries}


def _since(after: Mapping[str, Any], at: datetime | None) -> str:
    return at.isoformat() if at is not None and after["of_state"] in DEAD else ""


def write_answers(
    connection: Connection, crm: str, settled: Sequence[Sequence[str]], at: datetime
) -> None:
    """Say in the log which results arrived or were given up; a conflict has changed nothing."""
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
