"""Bringing a store that an older version wrote up to date, in the transaction that opens it."""

import json

from sqlalchemy import Connection, bindparam, func, inspect, select, text, update

from crm_expenses.core.record import TYPES, Kind, canonical, digest
from crm_expenses.core.words import WORDS, words_of
from crm_expenses.store import tables as t
from crm_expenses.store.codec import read_record
from crm_expenses.store.links import rebuild
from crm_expenses.store.log import SYNC, read_log, write_log


def upgrade(connection: Connection, held: int) -> None:
    """Change what is kept from version `held` to the newest; new tables are there, and empty."""
    if held < 2:
        _rename_windows(connection)
        rebuild(connection)
    if held < 3:
        _find_words(connection)
        if _keep_log_as_bytes(connection):
            _say_so(connection)


def _say_so(connection: Connection) -> None:
    """Say in the log up to which rows an older version kept them; at the time of its last entry."""
    entries = list(read_log(connection))
    if not entries:
        return
    tables = (t.record, t.budget_entry)
    last = [connection.execute(select(func.max(one.c.seq))).scalar() or 0 for one in tables]
    write_log(
        connection,
        at=entries[-1].at,
        actor=SYNC,
        action="upgrade",
        subject="store 3",
        content=digest(last),
        rows=tuple(last),
    )


def _keep_log_as_bytes(connection: Connection) -> bool:
    """Keep each entry as the text that its digest was made of, whether it fits or not.

    Where it is kept so already nothing is done.
    """
    if "subject" not in {column["name"] for column in inspect(connection).get_columns("audit")}:
        return False
    # Not renamed: SQLite would lead the references of other tables to the old one.
    connection.execute(text("CREATE TABLE audit_2 AS SELECT * FROM audit"))
    connection.execute(text("DROP TABLE audit"))
    t.audit.create(connection)
    after = 0
    names = ("number", "at", "actor", "action", "subject", "content", "previous")
    of = text("SELECT * FROM audit_2 WHERE number > :after ORDER BY number LIMIT 1000")
    while rows := connection.execute(of, {"after": after}).mappings().all():
        made = [
            {
                "number": row["number"],
                "body": canonical([row[name] for name in names]).encode(),
                "digest": _bytes(row["digest"]),
            }
            for row in rows
        ]
        connection.execute(t.audit.insert(), made)
        after = rows[-1]["number"]
    connection.execute(text("DROP TABLE audit_2"))
    return True


def _bytes(digest: str) -> bytes:
    try:
        return bytes.fromhex(digest)
    except ValueError:
        return digest.encode()  # it fits nothing, and the check of the log says so


def _find_words(connection: Connection) -> None:
    """Note where people's words stand; the log of an older version says nothing of them."""
    if connection.execute(select(t.words.c.seq).limit(1)).first() is not None:
        return
    after = 0
    kinds = [kind for kind in Kind if TYPES[kind] in WORDS]
    of = (
        select(t.record.c.seq, t.record.c.kind, t.record.c.content)
        .where((t.record.c.seq > bindparam("after")) & t.record.c.kind.in_(kinds))
        .order_by(t.record.c.seq)
        .limit(1000)
    )
    while rows := connection.execute(of, {"after": after}).all():
        made = [
            {"seq": row.seq, "salt": "", "commitment": "", "erased": False}
            for row in rows
            if words_of(read_record(Kind(row.kind), row.content))
        ]
        if made:
            connection.execute(t.words.insert(), made)
        after = rows[-1].seq


def _rename_windows(connection: Connection) -> None:
    """Write the keys of windows as they are written since version 2."""
    windows = connection.execute(select(t.carry.c.window).distinct()).scalars().all()
    renamed = [
        {"of_window": window, "now": window_of_1(window)}
        for window in windows
        if window.startswith("[")
    ]
    if renamed:
        where = t.carry.c.window == bindparam("of_window")
        connection.execute(update(t.carry).where(where).values(window=bindparam("now")), renamed)


def window_of_1(window: str) -> str:
    """Give today's key for one of version 1: JSON of the rule, the first day and the values.

    >>> window_of_1('["meal.cap","2026-05-01","P1"]'), window_of_1('["#voucher","0123"]')
    ('meal.cap|2026-05-01|2:P1', '#voucher|0123')
    """
    code, first, *values = json.loads(window)
    return "|".join([code, first, *(f"{len(str(value))}:{value}" for value in values)])
