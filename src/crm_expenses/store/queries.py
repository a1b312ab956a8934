"""Questions to the store that change nothing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from crm_expenses.core.budget import BudgetPosition
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.lifecycle import State
from crm_expenses.core.record import Kind
from crm_expenses.store import tables as t
from crm_expenses.store.terms import terms_of


@dataclass(frozen=True, slots=True)
class LiveDecision:
    """A decision that counts; `content` is its canonical JSON."""

    claim: str
    person: str
    state: State
    submitted: datetime
    content: str


@dataclass(frozen=True, slots=True)
class SetAsideRow:
    """A record that takes no part; `problems` is JSON: a list of codes with values."""

    kind: str
    record: str
    place: str
    problems: str


def live_decisions(connection: Connection, crm: str) -> Iterator[LiveDecision]:
    """Give the decisions that count, in the order in which they were made."""
    where = (t.decision.c.crm == crm) & t.decision.c.live
    for row in connection.execute(select(t.decision).where(where).order_by(t.decision.c.seq)):
        yield LiveDecision(
            row.claim,
            row.person,
            State(row.state),
            datetime.fromisoformat(row.submitted),
            row.content,
        )


def first_steps(connection: Connection, crm: str) -> dict[str, tuple[str, str]]:
    """Give, by claim, the code and the approver of the first step."""
    where = (t.route_step.c.crm == crm) & (t.route_step.c.position == 1)
    rows = connection.execute(select(t.route_step).where(where).order_by(t.route_step.c.claim))
    return {row.claim: (row.code, row.approver) for row in rows}


def budget_positions(connection: Connection, crm: str) -> dict[str, BudgetPosition]:
    """Give where every budget stands."""
    rows = connection.execute(
        select(t.budget_position)
        .where(t.budget_position.c.crm == crm)
        .order_by(t.budget_position.c.budget)
    )
    return {
        row.budget: BudgetPosition(
            row.budget, row.currency, row.allocated, row.committed, row.spent
        )
        for row in rows
    }


def set_aside(connection: Connection, crm: str) -> list[SetAsideRow]:
    """Give what was set aside; after it lines whose claim the CRM does not have, and what stays."""
    rows = connection.execute(
        select(t.set_aside)
        .where(t.set_aside.c.crm == crm)
        .order_by(t.set_aside.c.kind, t.set_aside.c.place, t.set_aside.c.id)
    )
    found = [SetAsideRow(row.kind, row.id, row.place, row.problems) for row in rows]
    return [*found, *orphans(connection, crm), *staying(connection, crm)]


def staying(connection: Connection, crm: str) -> Iterator[SetAsideRow]:
    """Give what stays although it is gone from the CRM: budgets, and claims that were paid."""
    its, gone = t.latest.c, t.gone.c
    same = (gone.crm == its.crm) & (gone.kind == its.kind) & (gone.id == its.id)
    joined = t.gone.join(t.latest, same).join(t.record, t.record.c.seq == its.seq)
    kinds = (Kind.BUDGET.value, Kind.CLAIM.value)
    withdrawn = t.record.c.content.contains(f'"status":"{ClaimStatus.WITHDRAWN}"')
    rows = connection.execute(
        select(gone.kind, gone.id, t.record.c.origin)
        .select_from(joined)
        .where((gone.crm == crm) & gone.kind.in_(kinds) & ~withdrawn)
        .order_by(gone.kind, gone.id)
    )
    found = rows.all()
    terms = terms_of(connection, crm, [r.id for r in found if r.kind == Kind.BUDGET.value])
    for row in found:
        if row.kind == Kind.BUDGET.value and row.id in terms and terms[row.id].is_planned:
            continue  # it is the plan's, whatever the CRM does with it
        code = "record.budget_gone" if row.kind == Kind.BUDGET.value else "record.paid_gone"
        problem = {"code": code, "values": {"record": row.id}}
        place = json.loads(row.origin).get("place", "")
        yield SetAsideRow(row.kind, row.id, place, json.dumps([problem]))


def orphans(connection: Connection, crm: str) -> Iterator[SetAsideRow]:
    """Give the lines whose claim the CRM does not have; they wait for it, undecided."""
    lines, claims = t.latest.alias("lines"), t.latest.alias("claims")
    joined = lines.outerjoin(
        claims,
        (claims.c.crm == lines.c.crm)
        & (claims.c.kind == Kind.CLAIM.value)
        & (claims.c.id == lines.c.claim),
    ).join(t.record, t.record.c.seq == lines.c.seq)
    rows = connection.execute(
        select(lines.c.id, lines.c.claim, t.record.c.origin)
        .select_from(joined)
        .where((lines.c.crm == crm) & (lines.c.kind == Kind.LINE.value) & claims.c.id.is_(None))
        .order_by(lines.c.id)
    )
    for row in rows:
        problem = {"code": "record.orphan", "values": {"line": row.id, "claim": row.claim}}
        place = json.loads(row.origin).get("place", "")
        yield SetAsideRow(Kind.LINE.value, row.id, place, json.dumps([problem]))
