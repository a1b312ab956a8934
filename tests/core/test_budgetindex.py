"""Why no budget covers a spending, asked of many at once: as `covering` says."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.budget import Budget, BudgetScope, NoBudget, covering
from crm_expenses.core.budgetindex import BudgetIndex
from crm_expenses.core.money import Money

DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 9))
SPENDINGS = st.fixed_dictionaries(
    {
        "person": st.sampled_from("pq"),
        "team": st.sampled_from(["", "t"]),
        "category": st.sampled_from("xy"),
        "account": st.sampled_from(["", "a"]),
        "day": DAYS,
    }
)
BUDGETS = st.lists(
    st.builds(
        Budget,
        st.uuids().map(str),
        st.sampled_from(BudgetScope),
        DAYS,
        DAYS,
        st.just(Money(0, "CNY")),
        owner=st.sampled_from("pta"),
        category=st.sampled_from(["", "x"]),
        account=st.sampled_from(["", "a"]),
    ),
    max_size=5,
)


@given(BUDGETS, st.lists(SPENDINGS, max_size=5))
def test_it_says_what_covering_says(budgets: list[Budget], asked: list[dict[str, object]]) -> None:
    """Each spending has the reason that it has when it is looked up alone, or is covered alike."""
    index = BudgetIndex(budgets)
    for one in asked:
        alone = covering(budgets, **one)  # type: ignore[arg-type]
        wanted = alone if isinstance(alone, NoBudget) else None
        assert index.reason(**one) is wanted  # type: ignore[arg-type]


def test_a_budget_of_zero_covers() -> None:
    """A budget of zero is a budget: what it covers is not without one."""
    zero = Budget("z", BudgetScope.COMPANY, date(2026, 1, 1), date(2026, 1, 9), Money(0, "CNY"))
    of = {"person": "p", "team": "", "category": "x"}
    assert BudgetIndex([zero]).reason(**of, day=date(2026, 1, 9)) is None
    assert BudgetIndex([zero]).reason(**of, day=date(2026, 1, 10)) is NoBudget.NOT_THEN
