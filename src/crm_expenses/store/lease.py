"""Who runs what, until when: one holder at a time.

A lease is numbered anew each time that it is taken. Whoever held it before can renew it no more,
and a store that is fenced with the old number (`Store.fence`) writes nothing more: a process that
was suspended beyond its time finds that out in its next transaction, and not afterwards.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from crm_expenses.errors import StoreAwayError
from crm_expenses.store import tables as t

HELD: Final = "sync.held"
LOST: Final = "sync.lease_lost"

_NAMED = select(t.lease).where(t.lease.c.name == bindparam("of_name"))
_RENEW = (
    update(t.lease)
    .where(
        (t.lease.c.name == bindparam("of_name"))
        & (t.lease.c.number == bindparam("of_number"))
        & (t.lease.c.holder == bindparam("of_holder"))
    )
    .values(until=bindparam("new_until"), holder=bindparam("new_holder"))
)


@dataclass(frozen=True, slots=True)
class Lease:
    """What somebody holds; `number` grows each time that it is taken, by whomever."""

    name: str
    holder: str
    since: datetime
    until: datetime
    number: int


class Leases:
    """The leases of a store. Each method is one transaction, on a connection of its own."""

    def __init__(
        self,
        writing: Callable[[], AbstractContextManager[Connection]],
        reading: Callable[[], AbstractContextManager[Connection]],
    ) -> None:
        self._writing = writing
        self._reading = reading

    def take(self, name: str, holder: str, at: datetime, seconds: int) -> Lease:
        """Take a lease that is free, or whose time is over.

        Raises:
            StoreAwayError: somebody else holds it; the text says who, since when and until when.
        """
        with self._writing() as connection:
            row = connection.execute(_NAMED, {"of_name": name}).first()
            held = _read(row) if row is not None else None
            if held is not None and held.holder and held.until > at:
                raise StoreAwayError(
                    HELD,
                    name=name,
                    holder=held.holder,
                    since=_shown(held.since),
                    until=_shown(held.until),
                )
            number = held.number + 1 if held is not None else 1
            taken = Lease(name, holder, at, at + timedelta(seconds=seconds), number)
            if held is None:
                connection.execute(t.lease.insert(), _row(taken))
            else:
                where = t.lease.c.name == name
                connection.execute(update(t.lease).where(where).values(_row(taken)))
        return taken

    def renew(self, lease: Lease, at: datetime, seconds: int) -> Lease:
        """Keep a lease for so long from now; one whose time is over, too, if nobody took it.

        Raises:
            StoreAwayError: somebody else has taken it.
        """
        until = at + timedelta(seconds=seconds)
        if not self._set(lease, until, lease.holder):
            raise lost(lease)
        return replace(lease, until=until)

    def release(self, lease: Lease, at: datetime) -> bool:
        """Let go of a lease; False where somebody else has taken it, to whom nothing happens."""
        return self._set(lease, at, "")

    def held(self, name: str) -> Lease | None:
        """Give the lease of a name as it was taken last, None where nobody holds it."""
        with self._reading() as connection:
            row = connection.execute(_NAMED, {"of_name": name}).first()
        return _read(row) if row is not None and row.holder else None

    def _set(self, lease: Lease, until: datetime, holder: str) -> bool:
        with self._writing() as connection:
            values = {"new_until": _stamp(until), "new_holder": holder}
            return connection.execute(_RENEW, _ours(lease) | values).rowcount > 0


def demand(connection: Connection, lease: Lease) -> None:
    """Make sure, inside a transaction that writes, that a lease is still the holder's.

    Raises:
        StoreAwayError: somebody else has taken it.
    """
    row = connection.execute(_NAMED, {"of_name": lease.name}).first()
    if row is None or (row.number, row.holder) != (lease.number, lease.holder):
        raise lost(lease)


def lost(lease: Lease) -> StoreAwayError:
    """Give the error of a holder whose time was over before it was done."""
    return StoreAwayError(LOST, name=lease.name, since=_shown(lease.since))


def _ours(lease: Lease) -> dict[str, object]:
    return {"of_name": lease.name, "of_number": lease.number, "of_holder": lease.holder}


def _row(lease: Lease) -> dict[str, object]:
    return {
        "name": lease.name,
        "holder": lease.holder,
        "since": _stamp(lease.since),
        "until": _stamp(lease.until),
        "number": lease.number,
    }


def _read(row: Any) -> Lease:  # noqa: ANN401  a row of the table
    since, until = (datetime.fromisoformat(at) for at in (row.since, row.until))
    return Lease(row.name, row.holder, since, until, row.number)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _shown(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()
