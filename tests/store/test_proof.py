"""What is kept against what the log says of it: every kind of change behind its back is told."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from stored_company import AT, CRM, REF, allow_all, budget, claim, line, opened, put

from crm_expenses.core.audit import Fault
from crm_expenses.core.record import canonical
from crm_expenses.store import Store
from crm_expenses.store.log import add_checkpoint, write_log


def edit(folder: Path, *statements: str) -> None:
    """Change the file behind the store's back; the driver minds no references."""
    with closing(sqlite3.connect(folder / "store.sqlite3")) as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount > 0
        connection.commit()


def filled(store: Store) -> Store:
    """Put into a store everything that the log tells of.

    Entries: 1 allocation, 2 budget, 3 claims, 4 lines, 5 policy, 6 to 9 decisions with budgets,
    10 a reason, 11 the checkpoint's entry.
    """
    put(store, budget(9_000), claim(1), claim(2))
    put(store, replace(line(1), purpose="Dinner", date=date(2026, 3, 1)), line(2))
    with store.work(CRM) as work:
        work.use_policy(REF, AT, source="text")
    for name in ("C-1", "C-2"):
        with store.work(CRM) as work:
            made, facts = allow_all(work, name)
            work.record(replace(made, facts=canonical(facts)), AT)
    with store.writing() as connection:
        write_log(connection, at=AT, actor="P", action="x", subject="C", content="0", said="so")
        add_checkpoint(connection, at=AT + timedelta(days=1), actor="P")
    return store


def test_everything_fits(store: Store) -> None:
    """What is kept fits the log, and is counted."""
    found = filled(store).check_contents()
    assert found.broken is None
    assert (found.records, found.decisions, found.moves, found.texts) == (5, 2, 3, 2)
    assert (found.erased, found.older) == (0, 0)


@pytest.mark.parametrize(
    ("statement", "entry"),
    [
        ("update record set content = replace(content, '9000', '9900') where kind = 'budget'", 2),
        ("update record set content = replace(content, 'P1', 'P2') where id = 'C-2'", 3),
        ("update record set content = replace(content, 'Dinner', 'Supper') where id = 'L-1'", 4),
        ("update record set content = 'x' where id = 'L-1'", 4),
        ("update record set digest = 'x' where id = 'L-2'", 4),
        ("update words set salt = '00'", 4),
        ("update words set erased = 1", 4),
        ("update reason set erased = 1", 10),
        ("update words set commitment = '00'", 4),
        ("delete from words", 4),
        ("delete from record where id = 'L-2'", 4),
        ("update record set seq = 99 where id = 'L-2'", 4),
        ("update policy set digest = 'b'", 5),
        ("update decision set content = replace(content, '1000', '1001') where claim = 'C-1'", 7),
        ("update decision set digest = 'x' where claim = 'C-2'", 9),
        ("update decision set claim = 'C-3' where claim = 'C-2'", 9),
        ("update evidence set content = replace(content, 'meal', 'deal') where seq = 2", 9),
        ("delete from decision where seq = 2", 9),
        ("update decision set seq = 9 where seq = 1", 7),
        ("update budget_entry set amount = amount + 1 where claim = 'C-2'", 8),
        ("delete from budget_entry where claim = 'C-1'", 6),
        ("update reason set content = 'no'", 10),
        ("update reason set salt = '00'", 10),
        ("delete from reason", 10),
        ("delete from checkpoint", 11),
        ("delete from audit where number > 7", 8),
        (
            "insert into decision select 9, crm, 'C-9', person, digest, content, outcome, state, "
            "currency, claimed, allowed, submitted, decided_at, live from decision where seq = 1",
            12,
        ),
        (
            "insert into budget_entry select 9, crm, budget, kind, 1, 'CNY', '', at, '' "
            "from budget_entry where seq = 1",
            12,
        ),
    ],
)
def test_a_change_names_its_entry(tmp_path: Path, statement: str, entry: int) -> None:
    """Whatever is changed, taken out or put in, the entry that tells of it is named."""
    with opened(tmp_path) as whole:
        filled(whole)
    edit(tmp_path, statement)
    with opened(tmp_path) as store:
        broken = store.check_contents().broken
    assert broken is not None
    assert broken.number == entry
    is_left = entry in (8, 12) and not statement.startswith("update")
    assert broken.fault is (Fault.SHORT if is_left else Fault.CONTENT)
