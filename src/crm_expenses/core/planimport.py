"""What a plan changes in the budgets that are known, and where it may not.

A budget belongs to whoever brought it: a plan, or the CRM. A plan that says otherwise of a budget
of the CRM is refused, unless it is told to take it over; from then on the plan's version counts.
What says the same takes nothing over. The terms (when to alert, what is carried over) are always
the plan's, whosever budget it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from crm_expenses.core.budget import Budget
from crm_expenses.core.budgetplan import NO_TERMS, BudgetTerms, PlannedBudget, is_same
from crm_expenses.errors import Place, Problem


class ChangeKind(StrEnum):
    """What a plan does to a budget."""

    NEW = "new"
    CHANGED = "changed"
    TAKEN_OVER = "taken_over"
    TERMS = "terms"


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One budget that the plan changes; `before` is None where it is new.

    `terms` are those that are kept from now on.
    """

    kind: ChangeKind
    after: PlannedBudget
    terms: BudgetTerms
    before: PlannedBudget | None = None


@dataclass(frozen=True, slots=True)
class PlanImport:
    """What a plan changes, in its order; how many it leaves alone; why it may not be taken."""

    changes: tuple[PlanChange, ...] = ()
    same: int = 0
    problems: tuple[Problem, ...] = ()


def plan_import(
    planned: Iterable[PlannedBudget],
    known: Mapping[str, Budget],
    terms: Mapping[str, BudgetTerms],
    *,
    take_over: bool = False,
) -> PlanImport:
    """Compare a plan with the budgets and terms that are known.

    >>> plan_import((), {}, {})
    PlanImport(changes=(), same=0, problems=())
    """
    rows = list(planned)
    changes: list[PlanChange] = []
    problems: list[Problem] = []
    named = {row.budget.id for row in rows}
    others = {_covered(budget): name for name, budget in known.items() if name not in named}
    for one in rows:
        held, of = known.get(one.budget.id), terms.get(one.budget.id, NO_TERMS)
        kind = _kind(one, held, of)
        if kind is None:
            continue
        before = PlannedBudget(held, of.alerts, of.carry) if held is not None else None
        is_planned = of.is_planned or kind is not ChangeKind.TERMS
        change = PlanChange(kind, one, BudgetTerms(one.alerts, one.carry, is_planned), before)
        problems += _problems(change, others, take_over=take_over)
        changes.append(change)
    return PlanImport(tuple(changes), len(rows) - len(changes), tuple(problems))


def _kind(one: PlannedBudget, held: Budget | None, of: BudgetTerms) -> ChangeKind | None:
    """Say what a row of the plan does, None where all is so already."""
    if held is None:
        return ChangeKind.NEW
    if not is_same(held, one.budget):
        return ChangeKind.CHANGED if of.is_planned else ChangeKind.TAKEN_OVER
    return None if (of.alerts, of.carry) == (one.alerts, one.carry) else ChangeKind.TERMS


def _problems(
    change: PlanChange, others: Mapping[tuple[object, ...], str], *, take_over: bool
) -> list[Problem]:
    """Say why a change may not be made."""
    budget = change.after.budget
    file, _, row = change.after.place.rpartition(":")
    place = Place(file, int(row)) if row else Place("")
    named = {"budget": budget.id, "amount": str(budget.amount)}
    found = []
    if change.before is not None:
        held = change.before.budget
        named |= {"before": str(held.amount)}
        if held.amount.currency != budget.amount.currency:
            found.append(Problem("budgets.import_currency", named, place))
        elif change.kind is ChangeKind.TAKEN_OVER and not take_over:
            found.append(Problem("budgets.import_crm", named, place))
    other = others.get(_covered(budget), "")
    if other and change.kind is not ChangeKind.TERMS:
        found.append(Problem("budgets.import_same", {"budget": budget.id, "other": other}, place))
    return found


def _covered(budget: Budget) -> tuple[object, ...]:
    """Give what a budget covers; two that cover the same would count every spending twice."""
    whom = (budget.scope, budget.owner, budget.category, budget.account)
    return (*whom, budget.start, budget.end, budget.amount.currency)
