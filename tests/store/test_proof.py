"""What is kept against what the log says of it: every kind of change behind its back is told."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from stored_company import AT, CRM, REF, allow_all, budget, claim, line, opened, put

from crm_expenses.core.approval import Approval, Part, Substitute, Verdict, Voided
from crm_expenses.core.approval.content import Change
from crm_expenses.core.audit import Fault
from crm_expenses.core.record import canonical
from crm_expenses.store import Store
from crm_expenses.store.erasure import Request
from crm_expenses.store.life import (
    add_approval,
    add_substitute,
    end_substitute,
    given_for,
    void,
)
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


def spoken(store: Store) -> Store:
    """Put into a store what people say of claims.

    Entries: 1 a yes, 2 a no with a reason, 3 the yes is void, 4 and 5 substitutes, 6 the end of the
    first of them.
    """
    yes = Approval("C-1", ("line manager",), "P2", AT, "aa")
    no = replace(yes, claim="C-2", verdict=Verdict.REJECT, reason="private")
    with store.writing() as connection:
        given = add_approval(connection, CRM, yes, at=AT)
        add_approval(connection, CRM, no, at=AT, source="Y-1 ff")
        gone = Voided(given.approval, (Change(Part.AMOUNT, "L-1", "1.00 CNY", "2.00 CNY"),))
        void(connection, CRM, [gone], given_for(connection, CRM, "C-1"), AT)
        for who in ("P4", "P5"):
            add_substitute(connection, CRM, Substitute(who, "P2", AT.date()), by="P2", at=AT)
        end_substitute(connection, CRM, 1, by="P2", at=AT)
    return store


def test_what_people_said_fits(store: Store) -> None:
    """Approvals, what voided them and substitutes fit the log, and are counted."""
    found = spoken(store).check_contents()
    assert (found.broken, found.words, found.texts) == (None, 5, 1)


def test_an_erased_reason_still_fits(store: Store) -> None:
    """A reason is erased with whoever gave it; log, approvals and chain fit as before."""
    spoken(store).erase(CRM, Request("P2", "P9", "asked for it"), AT)
    found = store.check_contents()
    assert (found.broken, found.words, found.erased) == (None, 5, 1)
    assert store.log_broken_at() is None
    assert "private" not in store.dump()


@pytest.mark.parametrize(
    ("statement", "entry"),
    [
        ("update approval set content = replace(content, 'P2', 'P3') where seq = 1", 1),
        ("update approval set content = replace(content, '\"aa\"', '\"ab\"') where seq = 1", 1),
        ("update approval set claim = 'C-2' where seq = 1", 1),
        ("update approval set source = 'Y-9 ff' where seq = 1", 1),
        ("update approval set crm = 'other' where seq = 2", 2),
        ("update approval set source = '' where seq = 2", 2),
        ("update approval set entry = 1 where seq = 2", 2),
        ("update approval set seq = 9 where seq = 2", 2),
        ("delete from approval where seq = 2", 2),
        ("delete from approval where seq = 1", 1),
        ("update reason set content = 'public'", 2),
        ("update voiding set content = replace(content, 'amount', 'voucher')", 3),
        ("update voiding set approval = 2", 3),
        ("update voiding set claim = 'C-2'", 3),
        ("delete from voiding", 3),
        ("update substitute set content = replace(content, 'P4', 'P1') where seq = 1", 4),
        ("update substitute set instead_of = 'P7' where seq = 2", 5),
        ("update substitute set crm = 'other' where seq = 2", 5),
        ("delete from substitute where seq = 2", 5),
        ("update substitute set ended = 0 where seq = 1", 6),
        ("update substitute set ended = 5 where seq = 1", 6),
        ("update substitute set ended = 6 where seq = 2", 6),
        ("update substitute set ended = 7 where seq = 2", 7),
        (
            "insert into approval select 3, crm, claim, entry, source, content "
            "from approval where seq = 2",
            7,
        ),
        ("insert into voiding select 2, crm, 'C-2', 2, content from voiding", 7),
        (
            "insert into substitute select 3, crm, instead_of, content, ended from substitute "
            "where seq = 2",
            7,
        ),
    ],
)
def test_a_change_of_what_people_said_names_its_entry(
    tmp_path: Path, statement: str, entry: int
) -> None:
    """Whatever is changed, taken out or put in of it, the entry that tells of it is named."""
    with opened(tmp_path) as whole:
        spoken(whole)
    edit(tmp_path, statement)
    with opened(tmp_path) as store:
        broken = store.check_contents().broken
    assert broken is not None
    assert broken.number == entry
    assert broken.fault is (Fault.SHORT if entry == 7 else Fault.CONTENT)
