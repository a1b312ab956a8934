"""Payments, advances and numbers in the store: what is changed behind its back is told."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from stored_company import AT, CRM, claim, cny, opened, put
from test_proof import edit

from crm_expenses.core.advance import AdvanceEntry, AdvanceKind
from crm_expenses.core.audit import Fault
from crm_expenses.core.claim import Claim, ClaimStatus
from crm_expenses.core.payment import Payment
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError, MappingError
from crm_expenses.store import Store
from crm_expenses.store.money import (
    add_advance_entries,
    add_payment,
    advance,
    advances,
    advances_of,
    next_advance,
    payments_of,
)
from crm_expenses.store.own import keep_own, new_number


def payment(minor: int) -> Payment:
    """Give a payment of the first claim."""
    return Payment("C-1", cny(minor), date(2026, 3, 25), "P9", AT, "4711")


def out(name: str, minor: int) -> AdvanceEntry:
    """Give what was paid out as an advance."""
    return AdvanceEntry(name, AdvanceKind.PAY_OUT, cny(minor))


def filled(store: Store) -> Store:
    """Put in what moves money.

    Entries: 1 claims, 2 and 3 payments, 4 to 7 advances, 8 and 9 numbers. The fourth has a reason
    beside it.
    """
    put(store, claim(1), claim(2))
    with store.work(CRM) as work:
        add_payment(work, payment(300))
        add_payment(work, payment(-100))
        add_advance_entries(work, "P1", [out("A", 500)], AT, by="P9", said="trip")
        add_advance_entries(work, "P2", [out("B", 900)], AT, by="P9")
        clear = AdvanceEntry("A", AdvanceKind.CLEAR, cny(200), "C-1")
        back = AdvanceEntry("A", AdvanceKind.RETURN, cny(100))
        add_advance_entries(work, "P1", [clear, back], AT)
        for year in (2026, 2027):
            assert new_number(work, "EX", year, by="P1", at=AT) == f"EX-{year}-00001"
    return store


def test_what_was_kept_is_given_back(store: Store) -> None:
    """Payments by claim, advances by person, in their order; numbers by year."""
    filled(store)
    with store.looking(CRM) as work:
        assert payments_of(work, "C-1") == (payment(300), payment(-100))
        assert payments_of(work, "C-2") == ()
        (mine,) = advances_of(work, "P1")
        assert (mine.id, mine.position.outstanding, len(mine.entries)) == ("A", 200, 3)
        assert [one.id for one in advances(work)] == ["A", "B"]
        other = advance(work, "B")
        assert other is not None
        assert other.person == "P2"
        assert advance(work, "C") is None
        assert next_advance(work, "ADV") == "ADV-00005"
        assert sorted(work.reference.own) == ["EX-2026-00001", "EX-2027-00001"]
    assert store.check_contents().broken is None


@pytest.mark.parametrize(
    ("statement", "entry"),
    [
        ("update payment set content = replace(content, '300', '301')", 2),
        ("update payment set claim = 'C-2' where seq = 2", 3),
        ("update payment set crm = 'other' where seq = 2", 3),
        ("update payment set seq = 9 where seq = 2", 3),
        ("update payment set content = 'x' where seq = 1", 2),
        ("delete from payment where seq = 1", 2),
        ("delete from payment where seq = 2", 3),
        ("insert into payment select 9, crm, claim, content from payment where seq = 1", 10),
        ("update advance_entry set content = replace(content, '500', '400') where seq = 1", 4),
        ("update advance_entry set person = 'P2' where seq = 1", 4),
        ("update advance_entry set crm = 'other' where seq = 2", 5),
        ("update advance_entry set claim = 'C-2' where seq = 3", 6),
        ("update advance_entry set advance = 'B' where seq = 4", 7),
        ("delete from advance_entry where seq = 3", 6),
        ("delete from advance_entry where seq = 4", 7),
        (
            "insert into advance_entry select 9, crm, advance, person, claim, content "
            "from advance_entry where seq = 4",
            10,
        ),
        ("update own_claim set number = 7 where year = 2026", 8),
        ("update own_claim set claim = 'EX-2026-00007' where year = 2026", 8),
        ("update own_claim set year = 2028 where year = 2027", 9),
        ("delete from own_claim where year = 2027", 9),
        ("insert into own_claim values ('main', 'EX-2026-00002', 2026, 2)", 10),
        ("update reason set content = 'no'", 4),
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
    assert broken.fault is (Fault.SHORT if entry == 10 else Fault.CONTENT)


def test_facts_of_ours_go_through_the_door(store: Store) -> None:
    """They are kept like pulled ones, with the person in the log; the CRM's cursor stays."""
    put(store, claim(1))
    with store.work(CRM) as work:
        mine = Claim("EX-1", "P1", AT, ClaimStatus.DRAFT)
        assert keep_own(work, [mine], by="P1", at=AT + timedelta(days=1)) == 1
        assert keep_own(work, [mine], by="P1", at=AT + timedelta(days=1)) == 0
    assert store.cursor(CRM, Kind.CLAIM) == "next"
    assert "'P1', 'pull', 'main/claim'" in store.dump()


def test_what_cannot_be_kept_is_refused_whole(store: Store) -> None:
    """One text that no database takes, and nothing is kept; all that is wrong is told."""
    good = Claim("EX-1", "P1", AT, ClaimStatus.DRAFT)
    bad = [Claim("EX-2", "P1", AT, title="a\0b"), Claim("x" * 201, "P1", AT)]
    before = store.dump()
    with pytest.raises(MappingError) as error, store.work(CRM) as work:
        keep_own(work, [good, *bad], by="P1", at=AT)
    codes = {problem.code for problem in error.value.problems}
    assert codes == {"record.nul", "record.name_long"}
    assert store.dump() == before


def test_a_name_of_the_crm_is_no_number(store: Store) -> None:
    """A number is never the name of a claim that came from the CRM."""
    put(store, Claim("EX-2026-00001", "P1", AT))
    with pytest.raises(ConfigError) as error, store.work(CRM) as work:
        new_number(work, "EX", 2026, by="P1", at=AT)
    assert error.value.code == "claims.number_taken"
