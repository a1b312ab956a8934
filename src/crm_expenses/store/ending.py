"""Edits of records that went: nothing more is sent, and no value of ours is lost."""

import json
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from crm_expenses.core.merge import Clash, Fate
from crm_expenses.core.record import Kind
from crm_expenses.store import tables as t
from crm_expenses.store.merging import (
    DEAD,
    OVERTAKEN,
    Place,
    add_clash,
    by_field,
    drop_changes,
    open_edits,
    set_state,
    settle_clash,
)

ENDED: Final = "ended"
GONE: Final = "gone"


def end_edits(connection: Connection, crm: str, kind: Kind, name: str, at: datetime) -> int:
    """End the edits of a record that is gone; give how many there were.

    Each value of ours stays in a clash whose winner is `gone`, and nothing more is sent.
    """
    place = Place(connection, crm, kind, name, at)
    rows = open_edits(connection, crm, kind, name)
    for steps in by_field(rows).values():
        last = steps[-1]
        if last.state == Fate.ASKED.value:
            open_one = select(t.clash.c.seq).where(
                (t.clash.c.edit == last.seq) & (t.clash.c.winner == "")
            )
            for seq in connection.execute(open_one).scalars().all():
                settle_clash(place, seq, GONE, why=GONE)
        else:
            base, ours = json.loads(steps[0].base), json.loads(last.ours)
            add_clash(place, Clash(last.field, base, None, ours, None), last, winner=GONE)
        set_state(connection, steps[:-1], OVERTAKEN)
        set_state(connection, steps[-1:], ENDED)
    drop_changes(place, ("waiting", "sending", *DEAD))
    return len(rows)
