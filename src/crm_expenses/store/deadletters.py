"""Dead letters: results that the CRM refused, or that conflicted or stayed unknown too often.

They wait for a person, who mends the reason and sends them again. One that a newer result for the
same record has overtaken is none: to send it would undo the newer one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, exists, func, select, update

from crm_expenses.core.record import digest
from crm_expenses.errors import RefusedError
from crm_expenses.store import tables as t
from crm_expenses.store.keeping import shown
from crm_expenses.store.log import write_log
from crm_expenses.store.merging import DEAD, STUCK

KEY_SHOWN: Final = 12
"""So many characters of a key are shown, and so few suffice to name it."""

_newer = t.outbox.alias("newer")
_is_dead = t.outbox.c.state.in_(DEAD) & ~exists().where(
    (_newer.c.crm == t.outbox.c.crm)
    & (_newer.c.kind == t.outbox.c.kind)
    & (_newer.c.record == t.outbox.c.record)
    & (_newer.c.seq > t.outbox.c.seq)
    & (_newer.c.state != "superseded")
)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A result that waits for a person: what it is, why, since when, how often it was tried."""

    key: str
    kind: str
    record: str
    state: str
    reason: str
    since: str
    tries: int

    @property
    def short(self) -> str:
        """The beginning of the key, by which it is named."""
        return self.key[:KEY_SHOWN]


def dead_letters(connection: Connection, crm: str) -> list[DeadLetter]:
    """Give the results that wait for a person, the oldest first."""
    of = select(t.outbox).where((t.outbox.c.crm == crm) & _is_dead).order_by(t.outbox.c.seq)
    return [
        DeadLetter(r.key, r.kind, r.record, r.state, r.reason, r.since, r.tries)
        for r in connection.execute(of)
    ]


def count_dead(connection: Connection, crm: str) -> dict[str, int]:
    """Count the results that wait for a person, by state."""
    of = (t.outbox.c.crm == crm) & _is_dead
    counted = select(t.outbox.c.state, func.count().label("number")).where(of)
    rows = connection.execute(counted.group_by(t.outbox.c.state).order_by(t.outbox.c.state))
    return {row.state: row.number for row in rows}


def send_again(
    connection: Connection, crm: str, keys: Collection[str] | None, *, by: str, at: datetime
) -> list[DeadLetter]:
    """Put dead letters back to those that are sent: all, or those whose keys begin so.

    What was refused is sent as it is. What got stuck may have arrived, so that it is read back
    before anything is sent again.

    Raises:
        RefusedError: a key names no dead letter, or more than one.
    """
    held = dead_letters(connection, crm)
    chosen = held if keys is None else [_named(held, key) for key in dict.fromkeys(keys)]
    for one in chosen:
        state = "sending" if one.state == STUCK else "waiting"
        fresh = {"state": state, "reason": "", "since": "", "tries": 0}
        of = (t.outbox.c.crm == crm) & (t.outbox.c.key == one.key)
        connection.execute(update(t.outbox).where(of).values(fresh))
    if chosen:
        write_log(
            connection,
            at=at,
            actor=by,
            action="retry",
            subject=crm,
            content=digest(sorted(one.key for one in chosen)),
        )
    return chosen


def _named(held: Collection[DeadLetter], key: str) -> DeadLetter:
    found = [one for one in held if key and one.key.startswith(key)]
    if len(found) != 1:
        raise RefusedError("retry.unknown", key=shown(key, KEY_SHOWN) or "-")
    return found[0]
