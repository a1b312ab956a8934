"""Budgets by what they are for, to ask of many spendings why no budget covers them."""

from collections.abc import Iterable
from datetime import date

from crm_expenses.core.budget import Budget, NoBudget, covering


class BudgetIndex:
    """The budgets of a company; what is for one kind of spending is looked up once.

    >>> index = BudgetIndex([])
    >>> index.reason(person="p", team="", category="meal", day=date(2026, 1, 1))
    <NoBudget.NONE_KNOWN: 'none_known'>
    """

    def __init__(self, budgets: Iterable[Budget]) -> None:
        self._budgets = tuple(budgets)
        self._found: dict[tuple[str, ...], tuple[Budget, ...]] = {}

    def reason(
        self, *, person: str, team: str, category: str, day: date, account: str = ""
    ) -> NoBudget | None:
        """Give why no budget covers a spending, None where one does, be it a budget of zero."""
        key = (person, team, category, account)
        if key not in self._found:
            self._found[key] = tuple(
                budget
                for budget in self._budgets
                if budget.is_for(person=person, team=team, category=category, account=account)
            )
        theirs = self._found[key]
        if not theirs:
            return NoBudget.NOT_FOR_IT if self._budgets else NoBudget.NONE_KNOWN
        found = covering(
            theirs, person=person, team=team, category=category, day=day, account=account
        )
        return found if isinstance(found, NoBudget) else None
