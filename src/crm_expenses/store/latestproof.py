"""Whether rows that change in place are what the log says of them: the last entry of each counts.

Each change of such a row is an entry of its own, which names the row (`subject`) and has its
digest; a row that is taken out is told with the digest of nothing.
"""

from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy import Connection

from crm_expenses.core.audit import AuditEntry
from crm_expenses.core.record import digest

NOTHING: Final = digest([])
"""What the log says of a row that is not there any more."""

Marks = Callable[[Connection], Iterable[tuple[str, str]]]
"""Gives each row of a table that the log tells of: its subject and its digest."""


class LatestProof:
    """The rows of one table beside a log that is read in order."""

    def __init__(self, connection: Connection, actions: frozenset[str], marks: Marks) -> None:
        self._connection = connection
        self._actions = actions
        self._marks = marks
        self._told: dict[str, tuple[str, int]] = {}

    def tell(self, entry: AuditEntry) -> None:
        """Take in an entry of the log."""
        if entry.action in self._actions:
            self._told[entry.subject] = (entry.content, entry.number)

    def wrong(self) -> int | None:
        """Give the first entry that is not what is kept now, None where all are."""
        kept = dict(self._marks(self._connection))
        wrong = (
            number
            for subject, (content, number) in self._told.items()
            if content != kept.get(subject, NOTHING)
        )
        return min(wrong, default=None)

    def is_left(self) -> bool:
        """Say whether a row is kept that no entry tells of."""
        return any(subject not in self._told for subject, _ in self._marks(self._connection))
