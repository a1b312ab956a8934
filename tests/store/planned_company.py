"""A company whose budgets come from plans: what the tests of budgets in the store share."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from stored_company import AT, CRM, cny

from crm_expenses.core.budget import Budget, BudgetScope
from crm_expenses.core.budgetmove import CarryRule
from crm_expenses.core.budgetplan import PlannedBudget
from crm_expenses.core.party import Account, AccountManager
from crm_expenses.core.planimport import PlanImport
from crm_expenses.errors import ConfigError
from crm_expenses.store import Store
from crm_expenses.store.budgets import BudgetWork

PEOPLE = (
    AccountManager("P1", "王芳", team="East", manager="P2"),
    AccountManager("P2", "Zhao Min", team="Sales", manager="P3"),
    AccountManager("P3", "Chen Jie", team="Board"),
    AccountManager("P4", "Li Lei", team="West", manager="P3"),
    Account("A-1", "东方贸易", "P1"),
)
Q1 = (date(2026, 1, 1), date(2026, 3, 31))
Q2 = (date(2026, 4, 1), date(2026, 6, 30))
LATER = date(2026, 4, 2)


def quarter(
    name: str,
    minor: int,
    span: tuple[date, date] = Q1,
    *,
    scope: BudgetScope = BudgetScope.COMPANY,
    owner: str = "",
    responsible: str = "P3",
) -> Budget:
    """Give a budget of a quarter."""
    return Budget(name, scope, *span, cny(minor), owner, responsible=responsible)


def planned(
    budget: Budget, *, alerts: tuple[int, ...] = (80, 100), carry: CarryRule | None = None
) -> PlannedBudget:
    """Give a row of a plan."""
    return PlannedBudget(budget, alerts, carry, place=f"plan.csv:{len(budget.id)}")


@contextmanager
def at_work(store: Store, at: datetime = AT) -> Iterator[BudgetWork]:
    """Work on budgets in one transaction."""
    with store.budget_work(CRM, at) as work:
        yield work


def take(
    store: Store, *rows: PlannedBudget, take_over: bool = False, said: str = "year plan"
) -> PlanImport:
    """Write a plan as P9 of finance."""
    with at_work(store) as work:
        found = work.compare(rows, take_over=take_over)
        if found.changes or found.problems:
            work.take(found, actor="P9", said=said)
        return found


def codes(error: ConfigError) -> list[str]:
    """Give what is wrong."""
    return [problem.code for problem in error.problems]


def told(store: Store, since: int = 0) -> Sequence[tuple[str, str, str, str]]:
    """Give who was told what: person, direction, budget, threshold."""
    from crm_expenses.core.viewer import SYSTEM

    return [
        (row.person, row.code.rpartition("_")[2], row.budget, row.values["threshold"])
        for row in store.budget_alerts(CRM, viewer=SYSTEM, since=since)
    ]
