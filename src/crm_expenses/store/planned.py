"""What a plan looks at: what was read and moved since a point, and what became of results."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from crm_expenses.core.money import Money
from crm_expenses.core.record import Kind
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t


@dataclass(frozen=True, slots=True)
class Point:
    """How far the store had got: the numbers of its newest record, budget entry and decision."""

    records: int = 0
    entries: int = 0
    decisions: int = 0


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """The newest version of a record that was read, and the claim that it belongs to, if any."""

    kind: str
    id: str
    digest: str
    claim: str


@dataclass(frozen=True, slots=True)
class BudgetMove:
    """One entry of a budget: what it did, how much, for which claim."""

    budget: str
    kind: str
    amount: Money
    claim: str


@dataclass(frozen=True, slots=True)
class WaitingEdit:
    """A field of a record that was changed here and waits to be written there.

    `base` is the JSON of what both sides agreed on last.
    """

    kind: str
    id: str
    field: str
    base: str
    entry: int


def point(connection: Connection) -> Point:
    """Give how far the store has got."""
    columns = (t.record.c.seq, t.budget_entry.c.seq, t.decision.c.seq)
    return Point(*(connection.execute(select(func.max(c))).scalar() or 0 for c in columns))


def read_since(connection: Connection, crm: str, since: int) -> list[ReadRecord]:
    """Give the records of a CRM whose newest version was read after a number, by kind and id."""
    at = t.latest.c
    rows = connection.execute(
        select(at.kind, at.id, at.digest, at.claim)
        .where((at.crm == crm) & (at.seq > since))
        .order_by(at.kind, at.id)
    )
    return [
        ReadRecord(r.kind, r.id, r.digest, r.id if r.kind == Kind.CLAIM.value else r.claim)
        for r in rows
    ]


def moves_since(connection: Connection, crm: str, since: int) -> list[BudgetMove]:
    """Give the entries of a CRM's budgets after a number, in their order."""
    at = t.budget_entry.c
    rows = connection.execute(
        select(t.budget_entry).where((at.crm == crm) & (at.seq > since)).order_by(at.seq)
    )
    return [BudgetMove(r.budget, r.kind, Money(r.amount, r.currency), r.claim) for r in rows]


def decided_since(connection: Connection, crm: str, since: int) -> set[str]:
    """Give the claims that were decided after a decision's number."""
    at = t.decision.c
    where = (at.crm == crm) & (at.seq > since)
    return set(connection.execute(select(at.claim).where(where)).scalars())


def waiting_edits(connection: Connection, crm: str) -> list[WaitingEdit]:
    """Give the fields that were changed here and are not there yet, in their order."""
    at = t.edit.c
    rows = connection.execute(
        select(at.kind, at.id, at.field, at.base, at.entry)
        .where((at.crm == crm) & (at.state == "waiting"))
        .order_by(at.seq)
    )
    return [WaitingEdit(r.kind, r.id, r.field, r.base, r.entry) for r in rows]


def states_of(connection: Connection, crm: str, keys: Iterable[str]) -> dict[str, str]:
    """Give, by key, the state of some results; one that is not in the outbox is left out."""
    found: dict[str, str] = {}
    for some in s.portions(keys):
        where = (t.outbox.c.crm == crm) & t.outbox.c.key.in_(some)
        rows = connection.execute(select(t.outbox.c.key, t.outbox.c.state).where(where))
        found |= {row.key: row.state for row in rows}
    return found
