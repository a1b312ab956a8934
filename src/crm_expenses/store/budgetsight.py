"""Which budgets a viewer may see.

The company's; those of oneself and of the people below; one's team's; those one is responsible for;
and those of a customer whose account manager one may see.
"""

from sqlalchemy import Connection

from crm_expenses.core.budget import Budget, BudgetScope
from crm_expenses.core.party import Account, AccountManager
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import Viewer
from crm_expenses.store import statements as s
from crm_expenses.store.codec import read_record


def budgets_seen(connection: Connection, crm: str, viewer: Viewer) -> frozenset[str] | None:
    """Give the ids of the budgets that a viewer may see, None for all of them."""
    if viewer.sees_all:
        return None
    kinds = (Kind.ACCOUNT_MANAGER, Kind.ACCOUNT, Kind.BUDGET)
    found = [
        read_record(kind, row.content)
        for kind in kinds
        for row in connection.execute(s.NEWEST_OF_KIND, {"of_kind": kind.value})
        if row.crm == crm
    ]
    team = next(
        (one.team for one in found if isinstance(one, AccountManager) and one.id == viewer.person),
        "",
    )
    owners = {one.id: one.owner for one in found if isinstance(one, Account)}
    return frozenset(
        one.id for one in found if isinstance(one, Budget) and _sees(viewer, one, team, owners)
    )


def _sees(viewer: Viewer, budget: Budget, team: str, owners: dict[str, str]) -> bool:
    if viewer.may_see(budget.responsible):
        return True
    match budget.scope:
        case BudgetScope.COMPANY:
            return True
        case BudgetScope.PERSON:
            return viewer.may_see(budget.owner)
        case BudgetScope.TEAM:
            return bool(team) and budget.owner == team
        case BudgetScope.ACCOUNT:  # pragma: no branch  every kind stands above
            return viewer.may_see(owners.get(budget.owner, ""))
