"""What of a pulled budget may be kept: its currency stays, and what a plan brought is the plan's.

An amount in another currency cannot be set against what was committed before. And where a plan and
the CRM say different things of one budget, the plan wins (decision 0022): the CRM's version is set
aside, so that somebody sees it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from crm_expenses.core.budget import Budget
from crm_expenses.core.budgetplan import is_same
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import Kind, Record
from crm_expenses.core.words import Texts, texts_of
from crm_expenses.errors import Problem
from crm_expenses.store import statements as s
from crm_expenses.store.codec import read_record
from crm_expenses.store.ledger import allocated_of
from crm_expenses.store.terms import terms_of


class _Received(Protocol):
    @property
    def record(self) -> Record: ...
    @property
    def origin(self) -> Origin: ...


@dataclass(frozen=True, slots=True)
class _AsPlanned:
    """What the plan says of a budget, for which the CRM has a record that says the same."""

    record: Record
    origin: Origin


Kept = list[tuple[_Received, Texts]]


def guarded(
    connection: Connection, crm: str, facts: Sequence[tuple[_Received, Texts]]
) -> tuple[Kept, list[tuple[_Received, Problem]]]:
    """Give the budgets that may be kept, each with its texts, and the others, each with why."""
    names = sorted({fact.record.id for fact, _ in facts})
    currencies = {
        name: currency for name, (_, currency) in allocated_of(connection, crm, names).items()
    }
    terms = terms_of(connection, crm, names)
    planned = _budgets(connection, crm, [n for n in names if n in terms and terms[n].is_planned])
    kept: Kept = []
    refused: list[tuple[_Received, Problem]] = []
    for fact, texts in facts:
        budget = fact.record
        if not isinstance(budget, Budget):
            continue
        ours = planned.get(budget.id)
        held = currencies.setdefault(budget.id, budget.amount.currency)
        if ours is not None and is_same(ours, budget):
            kept.append((_AsPlanned(ours, fact.origin), texts_of(ours)))
        elif ours is not None:
            values = {"budget": budget.id, "amount": str(budget.amount), "plan": str(ours.amount)}
            refused.append((fact, Problem("record.budget_planned", values)))
        elif held != budget.amount.currency:
            values = {"budget": budget.id, "before": held, "currency": budget.amount.currency}
            refused.append((fact, Problem("record.budget_currency", values)))
        else:
            kept.append((fact, texts))
    return kept, refused


def _budgets(connection: Connection, crm: str, names: Sequence[str]) -> dict[str, Budget]:
    of = {"of_crm": crm, "of_kind": Kind.BUDGET.value}
    read = (
        read_record(Kind.BUDGET, row.content)
        for some in s.portions(names)
        for row in connection.execute(s.RECORDS, of | {"of_names": some})
    )
    return {one.id: one for one in read if isinstance(one, Budget)}
