"""Terms and transfers against the log: whatever is changed behind its back is told."""

from pathlib import Path

import pytest
from planned_company import PEOPLE, at_work, planned, quarter, take
from stored_company import cny, opened, put
from test_proof import edit

from crm_expenses.core.audit import Fault
from crm_expenses.core.budget import BudgetScope
from crm_expenses.core.budgetmove import CarryRule
from crm_expenses.store import Store


def filled(store: Store) -> Store:
    """Put terms and transfers into a store.

    Entries: 1 people, 2 accounts, 3 to 5 the plan, 6 a transfer asked for, 7 and 8 its approvals, 9
    its entries, 10 a second one, 11 its refusal, 12 a third one.
    """
    put(store, *PEOPLE)
    own = quarter("own", 100, scope=BudgetScope.PERSON, owner="P1", responsible="")
    east = quarter("east", 1_000, scope=BudgetScope.TEAM, owner="East")
    take(store, planned(own, carry=CarryRule(50)), planned(east, alerts=(70,)))
    with at_work(store) as work:
        work.ask("east", "own", cny(400), actor="P1", said="fair")
        work.approve("T-1", actor="P2")
        work.approve("T-1", actor="P3")
        work.ask("east", "own", cny(10), actor="P1", said="more")
        work.refuse("T-2", actor="P3", said="no")
        work.ask("east", "own", cny(20), actor="P1", said="still more")
    return store


def test_everything_fits(store: Store) -> None:
    """What is kept fits the log, on both databases."""
    assert filled(store).check_contents().broken is None


@pytest.mark.parametrize(
    ("statement", "entry"),
    [
        ("update budget_terms set content = replace(content, '70', '71')", 5),
        ("update budget_terms set content = replace(content, ':50', ':51')", 5),
        ("update budget_terms set crm = 'other' where budget = 'own'", 5),
        ("delete from budget_terms where budget = 'own'", 5),
        ("update transfer set content = replace(content, '400', '401') where id = 'T-1'", 6),
        ("update transfer set id = 'T-9' where id = 'T-1'", 6),
        ("update transfer set entry = 9 where id = 'T-1'", 6),
        ("delete from transfer where id = 'T-1'", 6),
        ("update transfer set state = 'asked' where id = 'T-1'", 6),
        ("update transfer set state = 'made' where id = 'T-2'", 10),
        ("update transfer set state = 'made' where id = 'T-3'", 12),
        ("update transfer_approval set content = replace(content, 'P2', 'P1')", 7),
        ("update transfer_approval set transfer = 'T-2' where seq = 2", 8),
        ("delete from transfer_approval where seq = 2", 8),
        ("update budget_entry set move = 'transfer:T-3' where move = 'transfer:T-1'", 9),
        ("update budget_entry set move = ''", 9),
        ("update reason set content = 'yes' where content = 'no'", 11),
    ],
)
def test_a_change_names_its_entry(tmp_path: Path, statement: str, entry: int) -> None:
    """Whatever is changed or taken out, the entry that tells of it is named."""
    with opened(tmp_path) as whole:
        filled(whole)
    edit(tmp_path, statement)
    with opened(tmp_path) as store:
        broken = store.check_contents().broken
    assert broken is not None
    assert (broken.number, broken.fault) == (entry, Fault.CONTENT)


@pytest.mark.parametrize(
    "statement",
    [
        "insert into transfer select 9, crm, 'T-9', state, entry, content from transfer limit 1",
        "insert into transfer_approval select 9, crm, transfer, content from transfer_approval",
        "insert into budget_terms values ('other', 'x', '{}')",
    ],
)
def test_what_no_entry_tells_of(tmp_path: Path, statement: str) -> None:
    """A row that was put in is told, by the entry that is missing for it."""
    if "approval" in statement:
        statement += " limit 1"
    with opened(tmp_path) as whole:
        filled(whole)
    edit(tmp_path, statement)
    with opened(tmp_path) as store:
        broken = store.check_contents().broken
    assert broken is not None
    assert (broken.number, broken.fault) == (13, Fault.SHORT)
