"""Whether what is said to be gone is what the log says, and all that is not gone is held."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import Connection, func, select

from crm_expenses.core.audit import AuditEntry
from crm_expenses.store import tables as t
from crm_expenses.store.goneaway import BACK, GONE, back_digest, gone_digest, subject_of

_KEY: Final = (t.record.c.crm, t.record.c.kind, t.record.c.id)


class GoneProof:
    """What entries say of records that went and came back, until the end of a log.

    A row of `gone` is taken away when its record is back, so that only the last entry of a record
    has one.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows = {subject_of(row): row for row in connection.execute(select(t.gone))}
        self._told: dict[str, tuple[int, str]] = {}
        self.by_action: Mapping[str, Callable[[AuditEntry], bool]] = {
            GONE: self._gone,
            BACK: self._back,
        }

    def wrong(self) -> int | None:
        """Give the first entry whose record is not gone as it says, None where all are."""
        found = [
            number
            for subject, (number, content) in self._told.items()
            if not self._stands(subject, number, content)
        ]
        return min(found, default=None)

    def is_left(self) -> bool:
        """Say whether something is gone, or not held in its newest version, that no entry says."""
        return bool(self._rows.keys() - self._told.keys()) or self._is_hidden()

    def _gone(self, entry: AuditEntry) -> bool:
        self._told[entry.subject] = (entry.number, entry.content)
        return True

    def _back(self, entry: AuditEntry) -> bool:
        number, _ = self._told.pop(entry.subject, (0, ""))
        return bool(number) and entry.content == back_digest(entry.subject, number)

    def _stands(self, subject: str, number: int, content: str) -> bool:
        row = self._rows.get(subject)
        if row is None or row.entry != number:
            return False
        return content == gone_digest(row.crm, row.kind, row.id, row.into, row.seq)

    def _is_hidden(self) -> bool:
        """Say whether a record that is not gone is not held, or is held in another version."""
        newest = select(*_KEY, func.max(t.record.c.seq).label("seq")).group_by(*_KEY).subquery()
        its, gone = t.latest.c, t.gone.c
        of, left = newest.c, t.latest
        held = (its.crm == of.crm) & (its.kind == of.kind) & (its.id == of.id)
        went = (gone.crm == of.crm) & (gone.kind == of.kind) & (gone.id == of.id)
        joined = newest.outerjoin(left, held).outerjoin(t.gone, went)
        lost = its.seq.is_(None) & gone.seq.is_(None)
        other = its.seq.is_not(None) & (its.seq != of.seq)
        where = lost | other
        found = select(of.id).select_from(joined).where(where).limit(1)
        return self._connection.execute(found).first() is not None
