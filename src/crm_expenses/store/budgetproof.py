"""Whether the terms of budgets and the transfers between them are what the log says of them.

Terms are rewritten by each plan, and the log holds the digest of all of them after it: those that
are kept must be those of the last plan. A transfer must have been asked for and approved as the log
says, and stand where it left it.
"""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, select

from crm_expenses.core.audit import AuditEntry
from crm_expenses.core.budgetmove import Transfer, TransferApproval, transfer_name
from crm_expenses.core.record import digest
from crm_expenses.store import tables as t
from crm_expenses.store.codec import read_as
from crm_expenses.store.planning import PLAN
from crm_expenses.store.terms import crms_with_terms, terms_digest
from crm_expenses.store.transfers import ASK, NO, YES, TransferState

_ACTIONS: Final = (PLAN, ASK, YES, NO)


class BudgetProof:
    """What the log has said so far of terms and transfers, beside the rows that are kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        rows = connection.execute(select(t.transfer).order_by(t.transfer.c.seq))
        self._asked: dict[int, Any] = {row.seq: row for row in rows}
        given = connection.execute(select(t.transfer_approval))
        self._given: dict[int, Any] = {row.seq: row for row in given}
        self._plans: dict[str, AuditEntry] = {}
        self._states: dict[int, TransferState] = {}
        self._seqs: dict[tuple[str, str], int] = {}

    def fits(self, entry: AuditEntry) -> bool:
        """Say whether an entry is about something else, or about a row that is as it says."""
        if entry.action not in _ACTIONS:
            return True
        if entry.action == PLAN:
            self._plans[entry.subject.removesuffix(f"/{PLAN}")] = entry
            return True
        (seq, _) = entry.rows
        if entry.action == YES:
            return self._is_given(entry, self._given.pop(seq, None))
        row = self._asked.get(seq)
        if row is None or row.id != entry.subject:
            return False
        asked: Transfer = read_as(Transfer, row.content)
        if entry.action == NO:
            self._states[seq] = TransferState.REFUSED
            return entry.content == digest([row.crm, asked.content])
        self._states[seq] = TransferState.ASKED
        self._seqs[row.crm, transfer_name(row.id)] = seq
        is_same = entry.content == digest([row.crm, row.content])
        return is_same and (row.entry, asked.requested_by) == (entry.number, entry.actor)

    def moved(self, rows: Iterable[Any]) -> None:
        """Note which transfers were made by some budget entries."""
        for row in rows:
            seq = self._seqs.get((row.crm, row.move))
            if seq is not None:
                self._states[seq] = TransferState.MADE

    def wrong(self) -> int | None:
        """Give the entry whose outcome is not what is kept now, None where all are."""
        found = [
            entry.number
            for crm, entry in self._plans.items()
            if not self._has_terms(crm, entry.content)
        ]
        found += [
            self._asked[seq].entry
            for seq, state in self._states.items()
            if self._asked[seq].state != state.value
        ]
        return min(found, default=None)

    def left(self) -> bool:
        """Say whether something is kept that no entry tells of."""
        return bool(
            self._given
            or self._asked.keys() - self._states.keys()
            or crms_with_terms(self._connection) - self._plans.keys()
        )

    def _has_terms(self, crm: str, content: str) -> bool:
        try:
            return terms_digest(self._connection, crm) == content
        except TypeError:  # a damaged file gives values of another type
            return False

    def _is_given(self, entry: AuditEntry, row: Any) -> bool:  # noqa: ANN401  a row
        if row is None or row.transfer != entry.subject:
            return False
        given: TransferApproval = read_as(TransferApproval, row.content)
        return entry.content == digest([row.crm, row.content]) and (
            given.transfer,
            given.approver,
        ) == (row.transfer, entry.actor)
