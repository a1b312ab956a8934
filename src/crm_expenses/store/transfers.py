"""Transfers between budgets: asked for, approved or refused, made when the last yes has come.

Why somebody asks or refuses stands beside the log, in their words, so that it can be erased; what
is approved is the rest of the request, by its digest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, select, update

from crm_expenses.core.approval import Organisation
from crm_expenses.core.audit import AuditEntry
from crm_expenses.core.budget import Budget
from crm_expenses.core.budgetmove import Transfer, TransferApproval, approvers_of
from crm_expenses.core.party import AccountManager
from crm_expenses.core.record import canonical, digest
from crm_expenses.store import tables as t
from crm_expenses.store.codec import read_as
from crm_expenses.store.keeping import SAID_MAX, shown
from crm_expenses.store.log import write_log

ASK, YES, NO = "transfer", "transfer_yes", "transfer_no"
"""What is done, as the log calls it."""


class TransferState(StrEnum):
    """Where a transfer stands."""

    ASKED = "asked"
    MADE = "made"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer as it is kept; `said` is why it was asked for, None where that was erased."""

    seq: int
    state: TransferState
    transfer: Transfer
    approvals: tuple[TransferApproval, ...]
    at: datetime
    said: str | None


def read_transfers(connection: Connection, crm: str, name: str = "") -> tuple[TransferRow, ...]:
    """Give every transfer in the order in which they were asked for, or the one of a name."""
    words = t.transfer.join(t.audit, t.audit.c.number == t.transfer.c.entry).outerjoin(
        t.reason, t.reason.c.number == t.transfer.c.entry
    )
    where = t.transfer.c.crm == crm
    if name:
        where &= t.transfer.c.id == name
    rows = connection.execute(
        select(t.transfer, t.audit.c.body, t.reason.c.content.label("said"), t.reason.c.erased)
        .select_from(words)
        .where(where)
        .order_by(t.transfer.c.seq)
    ).all()
    given: dict[str, list[TransferApproval]] = {}
    for one in _approvals(connection, crm, name):
        given.setdefault(one.transfer, []).append(one)
    return tuple(
        TransferRow(
            row.seq,
            TransferState(row.state),
            read_as(Transfer, row.content),
            tuple(given.get(row.id, ())),
            AuditEntry.of(row.body).at,
            None if row.erased else row.said or "",
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class TransferView:
    """A transfer with those who must say yes to it, and those of them who have not yet."""

    row: TransferRow
    approvers: tuple[str, ...]
    waiting_for: tuple[str, ...]


def view(
    row: TransferRow, budgets: Mapping[str, Budget], people: Mapping[str, AccountManager]
) -> TransferView:
    """Add to a transfer who must say yes to it; nobody is waited for where it is closed."""
    asked = row.transfer
    approvers = approvers_of(asked, budgets, Organisation(people, {}))
    given = {one.approver for one in row.approvals if one.content == asked.content}
    is_open = row.state is TransferState.ASKED
    waiting = tuple(one for one in approvers if is_open and one not in given)
    return TransferView(row, approvers, waiting)


def next_name(connection: Connection, crm: str) -> str:
    """Give the name of the next transfer."""
    of = select(func.count()).select_from(t.transfer).where(t.transfer.c.crm == crm)
    return f"T-{connection.execute(of).scalar_one() + 1}"


def add_transfer(
    connection: Connection, crm: str, asked: Transfer, said: str, at: datetime
) -> None:
    """Keep a request, with its entry in the log."""
    seq = (connection.execute(select(func.max(t.transfer.c.seq))).scalar() or 0) + 1
    content = canonical(asked)
    entry = write_log(
        connection,
        at=at,
        actor=asked.requested_by,
        action=ASK,
        subject=asked.id,
        content=digest([crm, content]),
        said=shown(said, SAID_MAX),
        rows=(seq, seq),
    )
    row = {"seq": seq, "crm": crm, "id": asked.id, "state": TransferState.ASKED.value}
    connection.execute(t.transfer.insert(), row | {"entry": entry, "content": content})


def add_approval(connection: Connection, crm: str, given: TransferApproval, at: datetime) -> None:
    """Keep somebody's yes, with its entry in the log."""
    of = t.transfer_approval
    seq = (connection.execute(select(func.max(of.c.seq))).scalar() or 0) + 1
    content = canonical(given)
    row = {"seq": seq, "crm": crm, "transfer": given.transfer, "content": content}
    connection.execute(of.insert(), row)
    write_log(
        connection,
        at=at,
        actor=given.approver,
        action=YES,
        subject=given.transfer,
        content=digest([crm, content]),
        rows=(seq, seq),
    )


def close_transfer(
    connection: Connection, crm: str, row: TransferRow, state: TransferState
) -> None:
    """Keep that a transfer was made or refused; its entries or the refusal say so in the log."""
    of = (t.transfer.c.crm == crm) & (t.transfer.c.seq == row.seq)
    connection.execute(update(t.transfer).where(of).values(state=state.value))


def write_refusal(
    connection: Connection, crm: str, row: TransferRow, *, actor: str, said: str, at: datetime
) -> None:
    """Keep that somebody refused a transfer, and why."""
    close_transfer(connection, crm, row, TransferState.REFUSED)
    write_log(
        connection,
        at=at,
        actor=actor,
        action=NO,
        subject=row.transfer.id,
        content=digest([crm, row.transfer.content]),
        said=shown(said, SAID_MAX),
        rows=(row.seq, row.seq),
    )


def _approvals(connection: Connection, crm: str, name: str) -> Iterator[TransferApproval]:
    where = t.transfer_approval.c.crm == crm
    if name:
        where &= t.transfer_approval.c.transfer == name
    of = select(t.transfer_approval.c.content).where(where).order_by(t.transfer_approval.c.seq)
    rows: Sequence[str] = connection.execute(of).scalars().all()
    for content in rows:
        read: TransferApproval = read_as(TransferApproval, content)
        yield read
