"""Whether edits and clashes are what the log says of them; what became of an edit is not told."""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from crm_expenses.core.audit import AuditEntry
from crm_expenses.store import tables as t
from crm_expenses.store.lifeproof import in_order
from crm_expenses.store.merging import clash_digest, edits_digest, settled_digest

ROWS_MAX: Final = 10_000
"""More fields than that are changed by no entry."""


class EditProof:
    """The rows beside a log that is read in order; each of `by_action` says if an entry fits."""

    def __init__(self, connection: Connection) -> None:
        self._edits = in_order(connection, select(t.edit), t.edit.c.seq)
        self._clashes = in_order(connection, select(t.clash), t.clash.c.seq)
        self._settled: dict[int, tuple[int, str]] = {}
        self.by_action: Mapping[str, Callable[[AuditEntry], bool]] = {
            "edit": self._edit,
            "clash": self._clash,
            "clash_settle": self._settle,
        }

    def is_left(self) -> bool:
        """Say whether a row is kept that no entry tells of."""
        rows = (next(self._edits, None), next(self._clashes, None))
        return any(row is not None for row in rows) or bool(self._settled)

    def _edit(self, entry: AuditEntry) -> bool:
        first, last = entry.rows
        if not 0 <= last - first < ROWS_MAX:
            return False
        made = [_of(t.edit, row) for row in islice(self._edits, last - first + 1)]
        if len(made) != last - first + 1:
            return False
        are_named = all(
            (row["seq"], row["entry"], _subject(row)) == (seq, entry.number, entry.subject)
            for seq, row in enumerate(made, start=first)
        )
        return are_named and edits_digest(made) == entry.content

    def _clash(self, entry: AuditEntry) -> bool:
        row = next(self._clashes, None)
        if row is None or (row.seq, row.seq) != entry.rows or row.entry != entry.number:
            return False
        made = _of(t.clash, row)
        if row.settled != row.entry:  # it was open when it came to be
            made["winner"] = ""
            if row.settled:
                self._settled[row.settled] = (row.seq, settled_digest(row.seq, row.crm, row.winner))
        return _subject(made) == entry.subject and clash_digest(made) == entry.content

    def _settle(self, entry: AuditEntry) -> bool:
        seq, content = self._settled.pop(entry.number, (0, ""))
        return entry.rows == (seq, seq) and entry.content == content


def _of(table: Table, row: Any) -> dict[str, Any]:  # noqa: ANN401  a row
    return {column.name: getattr(row, column.name) for column in table.columns}


def _subject(row: Mapping[str, Any]) -> str:
    return f"{row['crm']}/{row['kind']}/{row['id']}"
