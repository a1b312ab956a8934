"""What all who call a CRM share: the next turn, until when to stay away, the calls of the day."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, delete, select, update

from crm_expenses.address import Address
from crm_expenses.core.pace import Asked, Away, Pace, Turn, UsedUp, close, take_turn
from crm_expenses.store import tables as t
from crm_expenses.store.store import Store, open_store

DAYS_KEPT: Final = 62
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class StoreLedger:
    """The ledger in a store (`adapters.manners.Ledger`), by a connection of its own.

    The store is opened with the first call, so that a gate that nobody goes through opens nothing.
    A transaction takes the store's write lock: who calls a CRM holds no transaction meanwhile.
    For any number of threads: a store is for one, so they take turns.
    """

    def __init__(self, where: str | Path | Address) -> None:
        self._where = where
        self._store: Store | None = None
        self._lock = threading.Lock()

    def take(self, crm: str, asked: Asked) -> Turn | Away | UsedUp:
        """Take the next turn, and count it on its days, in one transaction."""
        if asked.takes_nothing:
            with self._lock, self._opened().reading() as connection:
                return take_turn(_pace(connection, crm), {}, asked)[1]
        with self._lock, self._opened().writing() as connection:
            pace = _pace(connection, crm)
            calls = _calls_of(connection, crm, asked.days_near)
            after, taken = take_turn(pace, calls, asked)
            if isinstance(taken, Turn):
                _keep_pace(connection, crm, pace, after)
                for day in taken.days:
                    _keep_calls(connection, crm, day, calls.get(day, 0) + asked.cost)
            return taken

    def close_to(self, crm: str, now: int, seconds: int) -> None:
        """Keep everybody away for so many seconds from now."""
        with self._lock, self._opened().writing() as connection:
            pace = _pace(connection, crm)
            _keep_pace(connection, crm, pace, close(pace, now, seconds))

    def closed_until(self, crm: str) -> int:
        """Give until when everybody stays away."""
        with self._lock, self._opened().reading() as connection:
            return _pace(connection, crm).closed_until

    def calls(self, crm: str, day: str) -> int:
        """Count what the calls of a day cost."""
        with self._lock, self._opened().reading() as connection:
            return _calls_of(connection, crm, (day,)).get(day, 0)

    def close(self) -> None:
        """Let go of the store."""
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None

    def _opened(self) -> Store:
        if self._store is None:
            self._store = open_store(self._where)
        return self._store


def _pace(connection: Connection, crm: str) -> Pace:
    row = connection.execute(select(t.pace).where(t.pace.c.crm == crm)).first()
    return Pace(_micros(row.next_at), _micros(row.closed_until)) if row is not None else Pace()


def _keep_pace(connection: Connection, crm: str, before: Pace, after: Pace) -> None:
    if before == after:
        return
    values = {"next_at": _text(after.next_at), "closed_until": _text(after.closed_until)}
    held = connection.execute(update(t.pace).where(t.pace.c.crm == crm).values(values))
    if not held.rowcount:
        connection.execute(t.pace.insert(), {"crm": crm, **values})


def _calls_of(connection: Connection, crm: str, days: Sequence[str]) -> dict[str, int]:
    """Give what the calls of each day cost; a day without any is not there."""
    where = (t.allowance.c.crm == crm) & t.allowance.c.day.in_(days)
    chosen = select(t.allowance.c.day, t.allowance.c.calls).where(where)
    return {row.day: row.calls for row in connection.execute(chosen)}


def _keep_calls(connection: Connection, crm: str, day: str, calls: int) -> None:
    where = (t.allowance.c.crm == crm) & (t.allowance.c.day == day)
    held = connection.execute(update(t.allowance).where(where).values(calls=calls))
    if held.rowcount:
        return
    connection.execute(t.allowance.insert(), {"crm": crm, "day": day, "calls": calls})
    old = (t.allowance.c.crm == crm) & (t.allowance.c.day < _oldest(day))
    connection.execute(delete(t.allowance).where(old))


def _oldest(day: str) -> str:
    """Give the oldest day, or hour, that is kept with this one.

    >>> _oldest("2026-06-30"), _oldest("2026063012")
    ('2026-04-29', '2026042912')
    """
    form = "%Y-%m-%d" if "-" in day else "%Y%m%d%H"
    oldest = datetime.strptime(day, form).replace(tzinfo=UTC) - timedelta(days=DAYS_KEPT)
    return oldest.strftime(form)


def _micros(text: str) -> int:
    """Read a moment as microseconds since 1970; nothing is 0."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1) if text else 0


def _text(micros: int) -> str:
    return (_EPOCH + timedelta(microseconds=micros)).isoformat() if micros else ""
