"""Bringing a store that an older version wrote up to date, in the transaction that opens it."""

import json

from sqlalchemy import Connection, bindparam, select, update

from crm_expenses.store import tables as t
from crm_expenses.store.links import rebuild


def upgrade(connection: Connection, held: int) -> None:
    """Change what is kept from version `held` to the newest; new tables are there, and empty."""
    if held < 2:
        _rename_windows(connection)
        rebuild(connection)


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
