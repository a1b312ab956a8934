"""What a plan changes: each kind of change, who wins, and what is refused."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.budget import AtLimit, Budget, BudgetScope
from crm_expenses.core.budgetalert import THRESHOLDS
from crm_expenses.core.budgetmove import CarryRule
from crm_expenses.core.budgetplan import NO_TERMS, BudgetTerms, PlannedBudget
from crm_expenses.core.money import Money
from crm_expenses.core.planimport import ChangeKind, plan_import

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
OURS = BudgetTerms(THRESHOLDS, is_planned=True)


def team(minor: int = 100, name: str = "B", owner: str = "East", currency: str = "CNY") -> Budget:
    """Give a team's budget of the year."""
    return Budget(name, BudgetScope.TEAM, *YEAR, Money(minor, currency), owner)


def test_each_kind_of_change() -> None:
    """New, changed, taken over, only its terms: each is told, and what is so already is counted."""
    known = {b.id: b for b in (team(1, "a", "A"), team(2, "b", "B"), team(3, "c", "C"))}
    known |= {b.id: b for b in (team(4, "d", "D"),)}
    rows = [
        PlannedBudget(team(9, "a", "A")),
        PlannedBudget(team(9, "b", "B")),
        PlannedBudget(team(3, "c", "C"), alerts=(50,)),
        PlannedBudget(team(4, "d", "D")),
        PlannedBudget(team(5, "e", "E")),
    ]
    found = plan_import(rows, known, {"a": OURS}, take_over=True)
    assert [(c.after.budget.id, c.kind) for c in found.changes] == [
        ("a", ChangeKind.CHANGED),
        ("b", ChangeKind.TAKEN_OVER),
        ("c", ChangeKind.TERMS),
        ("e", ChangeKind.NEW),
    ]
    assert (found.same, found.problems) == (1, ())
    assert [c.terms.is_planned for c in found.changes] == [True, True, False, True]
    assert [c.before.budget.amount.minor if c.before else None for c in found.changes] == [
        *(1, 2, 3),
        None,
    ]


def test_the_terms_of_a_planned_budget_leave_it_planned() -> None:
    """A plan that only changes when to alert does not give the budget back to the CRM."""
    rows = [PlannedBudget(team(), alerts=(), carry=CarryRule(10))]
    (change,) = plan_import(rows, {"B": team()}, {"B": OURS}).changes
    assert change.kind is ChangeKind.TERMS
    assert change.terms == BudgetTerms((), CarryRule(10), is_planned=True)


def test_a_budget_of_the_crm_is_not_overwritten() -> None:
    """Without being told to take it over, a plan that says otherwise is refused, by its row."""
    row = PlannedBudget(team(9), place="plan.csv:7")
    found = plan_import([row], {"B": team()}, {})
    (problem,) = found.problems
    assert (problem.code, str(problem.place)) == ("budgets.import_crm", "plan.csv:7")
    assert not plan_import([row], {"B": team()}, {"B": OURS}).problems
    assert not plan_import([row], {"B": team()}, {}, take_over=True).problems


@pytest.mark.parametrize("terms", [{}, {"B": OURS}])
def test_a_currency_stays(terms: dict[str, BudgetTerms]) -> None:
    """What was booked in one currency cannot be set against another, whoever says so."""
    row = PlannedBudget(team(currency="EUR"))
    found = plan_import([row], {"B": team()}, terms, take_over=True)
    assert [p.code for p in found.problems] == ["budgets.import_currency"]


def test_nothing_is_counted_twice() -> None:
    """A new id for what a known budget covers is refused; in another currency it is not."""
    known = {"old": team(name="old")}
    found = plan_import([PlannedBudget(team(name="new"))], known, {})
    assert [(p.code, p.values["other"]) for p in found.problems] == [("budgets.import_same", "old")]
    other = PlannedBudget(team(name="new", currency="EUR"))
    assert not plan_import([other], known, {}).problems
    moved = PlannedBudget(replace(team(name="old"), owner="West"))
    both = [moved, PlannedBudget(team(name="new"))]
    assert not plan_import(both, known, {}, take_over=True).problems
    told = PlannedBudget(team(name="old"), alerts=(1,))
    twins = {"old": team(name="old"), "twin": team(name="twin")}
    assert not plan_import([told], twins, {}).problems


@given(
    hard=st.booleans(),
    at_limit=st.none() | st.sampled_from(AtLimit),
    category=st.sampled_from(["", " ", "meal", " meal "]),
    is_planned=st.booleans(),
)
def test_what_is_written_out_changes_nothing(
    *, hard: bool, at_limit: AtLimit | None, category: str, is_planned: bool
) -> None:
    """However the CRM said the limit or set its blanks, its budget in a plan is the same budget."""
    held = replace(team(), hard=hard, category=category, name=" x")
    held = replace(held, at_limit=at_limit) if at_limit else held
    row = PlannedBudget(replace(held, at_limit=held.action, category=category.strip(), name="x"))
    terms = replace(NO_TERMS, is_planned=is_planned)
    assert plan_import([row], {"B": held}, {"B": terms}).changes == ()
