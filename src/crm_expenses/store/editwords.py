"""Erasing a person's words from edits, from clashes, and from what is to be written to the CRM."""

import json
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from crm_expenses.core.merge import Fate, values_of
from crm_expenses.core.record import Kind, Record, canonical
from crm_expenses.store import tables as t
from crm_expenses.store.merging import DEAD, Place, drop_changes, has_words, queue_change

ERASED: Final = "erased"


def erase_edits(
    connection: Connection, crm: str, kind: Kind, name: str, left: Record, at: datetime
) -> None:
    """Erase a person's words from the edits of a record, from clashes, and from what is to be sent.

    `left` is the record without them. An edit of words that is open ends: nobody may send them.
    """
    place = Place(connection, crm, kind, name, at)
    for table, columns in ((t.edit, ("base", "ours")), (t.clash, ("base", "theirs", "ours"))):
        of = (table.c.crm == crm) & (table.c.kind == kind.value) & (table.c.id == name)
        names = connection.execute(select(table.c.field).distinct().where(of)).scalars()
        words = [one for one in names if has_words(kind, one)]
        said = of & table.c.field.in_(words)
        empty = dict.fromkeys(columns, canonical(""))
        connection.execute(table.update().where(said).values(empty))
        if table is t.edit:
            is_open = said & table.c.state.in_((Fate.WAITING.value, Fate.ASKED.value))
            connection.execute(table.update().where(is_open).values(state=ERASED))
        else:
            connection.execute(
                table.update().where(said & (table.c.winner == "")).values(winner=ERASED)
            )
    _erase_changes(place, left)


def _erase_changes(place: Place, left: Record) -> None:
    kind = f"{place.kind.value}_change"
    box = t.outbox.c
    of = (box.crm == place.crm) & (box.kind == kind) & (box.record == place.id)
    rows = place.connection.execute(select(t.outbox).where(of)).all()
    for row in rows:
        content = json.loads(row.content)
        words = {
            name: value for name, value in values_of(left).items() if has_words(place.kind, name)
        }
        content["record"] = {**content["record"], **words}
        said = {"content": canonical(content)}
        place.connection.execute(t.outbox.update().where(box.seq == row.seq).values(said))
    carries = any(
        has_words(place.kind, field) for row in rows for field in json.loads(row.content)["fields"]
    )
    if rows and carries:
        drop_changes(place, ("sending", *DEAD))
        queue_change(place, left, is_anew=True)
