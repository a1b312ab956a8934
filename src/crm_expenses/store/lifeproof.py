"""Whether what people said, what was voided and who acts for whom is what the log says of it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Column, Connection, Select, Table, select

from crm_expenses.core.audit import AuditEntry
from crm_expenses.core.record import digest
from crm_expenses.store import tables as t

ROWS_AT_ONCE: Final = 2_000

LOGGED: Final = (t.approval, t.voiding, t.substitute)
"""The tables of which each row is named by an entry."""


class LifeProof:
    """The rows beside a log that is read in order; each of `by_action` says if an entry fits.

    An entry names one row, and the rows are numbered in the order of their entries.
    """

    def __init__(self, connection: Connection) -> None:
        self._rows = {
            table.name: in_order(connection, select(table), table.c.seq) for table in LOGGED
        }
        self._ended: dict[int, tuple[int, str]] = {}
        self.count = 0
        self.by_action: Mapping[str, Callable[[AuditEntry], bool]] = {
            **dict.fromkeys(("approve", "reject", "return"), self._word),
            "void": self._void,
            "delegate": self._delegate,
            "delegate_end": self._end,
        }

    def is_left(self) -> bool:
        """Say whether a row is kept that no entry tells of."""
        return any(next(rows, None) is not None for rows in self._rows.values()) or bool(
            self._ended
        )

    def _next(self, table: Table, entry: AuditEntry) -> Any:  # noqa: ANN401  a row
        row = next(self._rows[table.name], None)
        self.count += 1
        return row if row is not None and entry.rows == (row.seq, row.seq) else None

    def _word(self, entry: AuditEntry) -> bool:
        row = self._next(t.approval, entry)
        if row is None or (row.entry, row.claim) != (entry.number, entry.subject):
            return False
        return bool(digest([row.seq, row.crm, row.source, row.content]) == entry.content)

    def _void(self, entry: AuditEntry) -> bool:
        row = self._next(t.voiding, entry)
        if row is None or row.claim != entry.subject:
            return False
        return bool(digest([row.seq, row.crm, row.approval, row.content]) == entry.content)

    def _delegate(self, entry: AuditEntry) -> bool:
        row = self._next(t.substitute, entry)
        if row is None or row.instead_of != entry.subject:
            return False
        if row.ended:
            self._ended[row.ended] = (row.seq, row.crm)
        return bool(digest([row.seq, row.crm, row.content]) == entry.content)

    def _end(self, entry: AuditEntry) -> bool:
        ended = self._ended.pop(entry.number, None)
        if ended is None:
            return False
        seq, crm = ended
        return entry.rows == (seq, seq) and entry.content == digest([seq, crm])


def in_order(connection: Connection, of: Select[Any], seq: Column[int]) -> Iterator[Any]:
    """Give the rows of a question in the order of their numbers, a portion at a time."""
    after = 0
    while True:
        portion = of.where(seq > after).order_by(seq).limit(ROWS_AT_ONCE)
        rows = connection.execute(portion).all()
        yield from rows
        if len(rows) < ROWS_AT_ONCE:
            return
        after = rows[-1].seq
