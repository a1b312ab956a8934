"""Budget entries and positions: the sum that is kept equals the sum of the entries."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from stored_company import CRM, budget, claim, decide_pending, line, open_at, put

from crm_expenses.core.budget import BudgetEntry, BudgetPosition, EntryKind
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.money import Money
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.store import Store
from crm_expenses.store.ledger import add_entries, entries_of, positions

ENTRIES = st.lists(
    st.builds(
        BudgetEntry,
        st.sampled_from("ab"),
        st.sampled_from(EntryKind),
        st.integers(-(10**15), 10**15).map(lambda minor: Money(minor, "CNY")),
        st.sampled_from(("", "C", "D")),
    ),
    max_size=6,
)


def summed(entries: list[BudgetEntry]) -> dict[str, BudgetPosition]:
    """Sum entries by budget."""
    made: dict[str, BudgetPosition] = {}
    for entry in entries:
        before = made.get(entry.budget, BudgetPosition(entry.budget, "CNY"))
        made[entry.budget] = before.after(entry)
    return made


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(ENTRIES, max_size=5))
def test_positions_are_the_sums_of_entries(
    database: str, tmp_path_factory: pytest.TempPathFactory, batches: list[list[BudgetEntry]]
) -> None:
    """However entries are batched, each position is the sum of all its entries, to the last fen."""
    everything = [entry for batch in batches for entry in batch]
    with open_at(tmp_path_factory.mktemp("store") / "s.sqlite3") as store:
        for batch in batches:
            with store.writing() as connection:
                moved = add_entries(connection, CRM, batch, "2026-01-01")
                assert moved.keys() == {entry.budget for entry in batch}
        assert store.budget_positions(CRM, viewer=SYSTEM) == summed(everything)
        assert store.budget_positions("other", viewer=SYSTEM) == {}
        with store.reading() as connection:
            assert positions(connection, CRM, []) == {}
            assert positions(connection, CRM, ["a", "none"]).keys() <= {"a"}
            for claim_id in ("C", "D"):
                mine = [entry for entry in everything if entry.claim == claim_id]
                assert list(entries_of(connection, CRM, claim_id)) == mine


def test_a_hard_budget_gives_what_it_has(store: Store) -> None:
    """Claims commit in their order until a hard budget is used up; the last fen can be used."""
    put(store, budget(1_000, hard=True))
    put(store, *(claim(n) for n in (1, 2, 3, 4)))
    put(store, line(1, 600), line(2, 401), line(3, 400), line(4, 1))
    decide_pending(store)
    position = store.budget_positions(CRM, viewer=SYSTEM)["B"]
    assert (position.committed, position.available) == (1_000, 0)
    assert held(store) == {"C-1": 600, "C-3": 400}


def test_paid_claims_are_spent(store: Store) -> None:
    """A claim that is paid spends what it had committed, and the budget has no less than before."""
    put(store, budget(1_000), claim(1), line(1, 600))
    decide_pending(store)
    put(store, claim(1, ClaimStatus.PAID))
    decide_pending(store)
    position = store.budget_positions(CRM, viewer=SYSTEM)["B"]
    assert (position.committed, position.spent, position.available) == (0, 600, 400)


def test_a_soft_budget_may_be_overdrawn(store: Store) -> None:
    """A soft budget goes below zero and says by how much."""
    put(store, budget(1_000), claim(1), line(1, 1_600))
    decide_pending(store)
    assert store.budget_positions(CRM, viewer=SYSTEM)["B"].available == -600


def held(store: Store) -> dict[str, int]:
    """Give what each claim has committed."""
    query = (
        "select claim, sum(amount) as total from budget_entry where kind = 'commit' group by claim"
    )
    with store.reading() as connection:
        return {row.claim: row.total for row in connection.execute(text(query))}
