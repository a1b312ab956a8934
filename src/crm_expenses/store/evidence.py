"""What a decision is derived from again: its facts, its policy's text, its entry in the log."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select

from crm_expenses.store import tables as t

ROWS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision with its facts, as canonical JSON; no facts where an older version made it."""

    seq: int
    crm: str
    claim: str
    decision: str
    facts: str | None
    is_erased: bool


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A policy version that decided; its text is None where an older version kept none."""

    id: str
    version: str
    digest: str
    content: str | None
    plug_ins: tuple[str, ...]


def decisions(connection: Connection) -> Iterator[DecisionRow]:
    """Give every decision in the order in which they were made."""
    facts = t.decision.outerjoin(t.evidence, t.evidence.c.seq == t.decision.c.seq)
    seq = t.decision.c.seq
    of = select(
        *(seq, t.decision.c.crm, t.decision.c.claim, t.decision.c.content),
        *(t.evidence.c.content.label("facts"), t.evidence.c.erased),
    ).select_from(facts)
    after = 0
    while True:
        portion = of.where(seq > after).order_by(seq).limit(ROWS_AT_ONCE)
        rows = connection.execute(portion).all()
        for row in rows:
            erased = bool(row.erased)
            yield DecisionRow(row.seq, row.crm, row.claim, row.content, row.facts, erased)
        if len(rows) < ROWS_AT_ONCE:
            return
        after = rows[-1].seq


def spoken(connection: Connection, crm: str) -> Iterator[tuple[str, tuple[int | str, ...]]]:
    """Give, with its claim, what the entry of each approval and each voiding was made of."""
    said = select(t.approval).where(t.approval.c.crm == crm).order_by(t.approval.c.seq)
    for row in connection.execute(said):
        yield row.claim, (row.seq, row.crm, row.source, row.content)
    gone = select(t.voiding).where(t.voiding.c.crm == crm).order_by(t.voiding.c.seq)
    for row in connection.execute(gone):
        yield row.claim, (row.seq, row.crm, row.approval, row.content)


def count_decisions(connection: Connection) -> int:
    """Count the decisions."""
    return connection.execute(select(func.count()).select_from(t.decision)).scalar_one()


def policies(connection: Connection) -> tuple[PolicyRow, ...]:
    """Give every policy version that decided, with its text."""
    texts = (t.policy_text.c.id == t.policy.c.id) & (t.policy_text.c.version == t.policy.c.version)
    rows = connection.execute(
        select(t.policy, t.policy_text.c.content, t.policy_text.c.plug_ins)
        .select_from(t.policy.outerjoin(t.policy_text, texts))
        .order_by(t.policy.c.id, t.policy.c.version)
    )
    return tuple(
        PolicyRow(r.id, r.version, r.digest, r.content, tuple(json.loads(r.plug_ins or "[]")))
        for r in rows
    )


def reasons(connection: Connection) -> dict[int, str | None]:
    """Give by entry why it was done, in the actor's words; None where they were erased."""
    rows = connection.execute(select(t.reason))
    return {row.number: None if row.erased else row.content for row in rows}
