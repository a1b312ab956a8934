"""What is gone leaves what is newest and nothing else; what comes back is news."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

import pytest
from sqlalchemy import delete, select, update
from stored_company import (
    AT,
    CRM,
    PERSON,
    SHANGHAI,
    Bad,
    budget,
    claim,
    cny,
    decide_pending,
    entries,
    line,
    page,
    put,
)

from crm_expenses.adapters.contract import Gone, Page
from crm_expenses.core.budget import Budget, BudgetScope
from crm_expenses.core.claim import ClaimStatus, ExpenseLine
from crm_expenses.core.given_approval import GivenApproval
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.origin import Origin
from crm_expenses.core.party import Account, AccountManager, SatisfactionScore
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import Rate
from crm_expenses.core.record import Kind, Record, canonical
from crm_expenses.core.trip import TripLeg, TripNote
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.core.waiver import Waiver
from crm_expenses.store import AppendCount, Store
from crm_expenses.store import tables as t
from crm_expenses.store.erasure import Request
from stores import refuse_inserts

YEAR: Final = (date(2026, 1, 1), date(2026, 12, 31))


def gone(kind: Kind, *ids: str, into: str = "", cursor: str = "next") -> Page:
    """Give a page that says that records are no longer there."""
    told = tuple(Gone(Origin(CRM, name), into) for name in ids)
    return Page(kind, (), (), cursor, gone=told)


def go(store: Store, kind: Kind, *ids: str, into: str = "") -> AppendCount:
    """Let records go."""
    return store.append(CRM, gone(kind, *ids, into=into), AT)


def ids_of(store: Store, kind: Kind) -> list[str]:
    """Give what is held of a kind."""
    return [record.id for record in store.records(CRM, kind, viewer=SYSTEM)]


def held(store: Store, kind: Kind, name: str) -> Record:
    """Give a record that is held."""
    return next(r for r in store.records(CRM, kind, viewer=SYSTEM) if r.id == name)


def gone_rows(store: Store) -> list[tuple[str, str, str]]:
    """Give what is said to be gone: kind, id, what it was merged into."""
    with store.reading() as connection:
        of = select(t.gone.c.kind, t.gone.c.id, t.gone.c.into).order_by(t.gone.c.kind, t.gone.c.id)
        return [tuple(row) for row in connection.execute(of)]


def states(store: Store, record: str) -> list[str]:
    """Give the states of the results for a record, in their order."""
    with store.reading() as connection:
        of = select(t.outbox.c.state).where(t.outbox.c.record == record).order_by(t.outbox.c.seq)
        return list(connection.execute(of).scalars())


def assert_sound(store: Store) -> None:
    """Check that the log holds and what is kept is what it says."""
    assert store.log_broken_at() is None
    assert store.check_contents().broken is None


# --- one kind after the other ---------------------------------------------------------------------


def trip_line(number: int) -> ExpenseLine:
    """Give a line on the trip T."""
    return replace(line(number), trip="T")


def leg(name: str) -> TripLeg:
    """Give a leg of the trip T."""
    departs = datetime(2026, 3, 1, 8, tzinfo=SHANGHAI)
    return TripLeg(name, "T", departs, departs.replace(hour=20), "Shanghai", "Beijing")


AROUND: Final[tuple[Record, ...]] = (
    PERSON,
    AccountManager("P2", "Zhao Min"),
    budget(100_000),
    claim(1),
    claim(2),
)

CASES: Final[tuple[tuple[str, Record, tuple[Record, ...], list[str]], ...]] = (
    ("a line", line(1), (line(2),), ["C-1"]),
    ("a voucher", Voucher("V", VoucherKind.FAPIAO), (line(1, voucher="V"), line(2)), ["C-1"]),
    ("a leg", leg("G-1"), (leg("G-2"), trip_line(2)), ["C-2"]),
    ("a note", TripNote("N-1", "T", date(2026, 3, 1)), (leg("G-1"), trip_line(1)), ["C-1"]),
    (
        "what was approved before",
        PreApproval("A-1", "P1", "P2", date(2026, 12, 31)),
        (line(1), line(2)),
        ["C-1", "C-2"],
    ),
    ("what nothing was found against", Waiver("W", "meal.cap", "P2", YEAR[1], claim="C-1"), (), []),
    ("a person", AccountManager("P3", "Li Lei"), (), []),
    ("a customer", Account("A", "Nord"), (replace(line(1), account="A"),), []),
    ("a deal", Opportunity("O", "P1", Stage.OPEN), (replace(line(1), opportunity="O"),), []),
    ("a word", GivenApproval("Y", "C-1", "P2", AT), (line(1),), []),
    ("a rate", Rate("R", "EUR", "CNY", date(2026, 1, 1), cny(780).amount, "ECB"), (line(1),), []),
)


@pytest.mark.parametrize(
    ("record", "others", "again"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_hangs_on_it_is_decided_again(
    store: Store, record: Record, others: tuple[Record, ...], again: list[str]
) -> None:
    """What is gone leaves what is newest; claims that rest on it wait, and no others."""
    put(store, *AROUND, record, *others)
    decide_pending(store)
    kind = next(
        k for k in Kind if record.id in ids_of(store, k) and held(store, k, record.id) == record
    )
    before = store.dump()
    count = go(store, kind, record.id)
    assert (count.gone, count.rows, count.same) == (1, 1, 0)
    assert record.id not in ids_of(store, kind)
    assert list(store.pending(CRM)) == again
    assert gone_rows(store) == [(kind.value, record.id, "")]
    assert [row for row in before.splitlines() if canonical(record) in row]
    assert canonical(record) in store.dump()  # its history stays
    assert_sound(store)


def test_a_rate_or_a_person_that_is_gone_is_read_no_more(store: Store) -> None:
    """Whoever keeps people and rates in memory forgets those that are gone."""
    put(store, *AROUND, AccountManager("P3", "Li Lei"))
    with store.work(CRM) as work:
        assert set(work.reference.people) == {"P1", "P2", "P3"}
    go(store, Kind.ACCOUNT_MANAGER, "P3")
    with store.work(CRM) as work:
        assert set(work.reference.people) == {"P1", "P2"}


def test_claims_of_a_person_that_is_gone_remain(store: Store) -> None:
    """A person goes; what they claimed is held, decided and committed as before."""
    put(store, *AROUND, line(1))
    decide_pending(store)
    before = entries(store, "C-1")
    go(store, Kind.ACCOUNT_MANAGER, "P1")
    assert store.pending(CRM) == ()
    assert ids_of(store, Kind.CLAIM) == ["C-1", "C-2"]
    assert entries(store, "C-1") == before
    assert_sound(store)


# --- what money hangs on --------------------------------------------------------------------------


def test_a_claim_that_is_gone_is_withdrawn(store: Store) -> None:
    """It holds no budget and no decision; its lines are not lost, and its place says why."""
    put(store, *AROUND, line(1))
    decide_pending(store)
    assert store.budget_positions(CRM, viewer=SYSTEM)["B"].committed == 1_000
    assert go(store, Kind.CLAIM, "C-1").gone == 1
    assert held(store, Kind.CLAIM, "C-1") == claim(1, ClaimStatus.WITHDRAWN)
    assert store.pending(CRM) == ("C-1",)
    decide_pending(store)
    assert store.budget_positions(CRM, viewer=SYSTEM)["B"].committed == 0
    assert [live.claim for live in store.live_decisions(CRM, viewer=SYSTEM)] == ["C-2"]
    assert ids_of(store, Kind.LINE) == ["L-1"]
    assert "deleted in the CRM" in store.dump()
    assert_sound(store)


@pytest.mark.parametrize("lines_first", [False, True])
def test_a_paid_claim_stands(store: Store, *, lines_first: bool) -> None:
    """Deleted with lines and vouchers, in whatever order, it is what it was when it was paid."""
    paid = claim(1, ClaimStatus.PAID)
    put(store, *AROUND, paid, line(1, voucher="V"), Voucher("V", VoucherKind.FAPIAO))
    decide_pending(store)
    before = entries(store, "C-1")
    pages = [gone(Kind.CLAIM, "C-1"), gone(Kind.LINE, "L-1"), gone(Kind.VOUCHER, "V")]
    for one in reversed(pages) if lines_first else pages:
        assert store.append(CRM, one, AT).gone == 1
    assert store.pending(CRM) == ()
    assert (held(store, Kind.CLAIM, "C-1"), held(store, Kind.LINE, "L-1").id) == (paid, "L-1")
    assert store.budget_positions(CRM, viewer=SYSTEM)["B"].spent == 1_000
    assert entries(store, "C-1") == before
    told = store.set_aside(CRM, viewer=SYSTEM)
    assert [(row.kind, row.record) for row in told] == [("claim", "C-1")]
    assert '"record.paid_gone"' in told[0].problems
    assert_sound(store)


def test_a_budget_that_is_gone_goes_on_counting(store: Store) -> None:
    """Nothing that is committed is lost; it is shown with what was set aside until it is back."""
    put(store, *AROUND, line(1))
    decide_pending(store)
    go(store, Kind.BUDGET, "B")
    position = store.budget_positions(CRM, viewer=SYSTEM)["B"]
    assert (position.allocated, position.committed) == (100_000, 1_000)
    put(store, line(2))
    decide_pending(store)
    assert store.budget_positions(CRM, viewer=SYSTEM)["B"].committed == 2_000
    assert [row.record for row in store.set_aside(CRM, viewer=SYSTEM)] == ["B"]
    put(store, budget(100_000))
    assert store.set_aside(CRM, viewer=SYSTEM) == []
    assert_sound(store)


# --- the outbox -----------------------------------------------------------------------------------


def test_what_waited_for_it_is_overtaken(store: Store) -> None:
    """A result that waits, or was on its way, is overtaken with its reason; no more is queued."""
    put(store, *AROUND, line(1), line(2))
    decide_pending(store)
    store.take(CRM, 1)
    assert (states(store, "C-1"), states(store, "C-2")) == (["sending"], ["waiting"])
    go(store, Kind.CLAIM, "C-1", "C-2")
    assert (states(store, "C-1"), states(store, "C-2")) == (["superseded"], ["superseded"])
    with store.reading() as connection:
        reasons = set(connection.execute(select(t.outbox.c.reason)).scalars())
    assert any("the claim C-1 is no longer in the CRM" in reason for reason in reasons)
    decide_pending(store)
    assert store.take(CRM, 10) == ()


def test_what_is_back_is_told_again(store: Store) -> None:
    """A claim that was told, went and came back as it was is told again, under another key."""
    put(store, *AROUND, line(1))
    decide_pending(store)
    first = {row.record: row for row in store.take(CRM, 10)}
    store.answer(CRM, [(row.key, "done", "") for row in first.values()])
    go(store, Kind.CLAIM, "C-1")
    decide_pending(store)
    put(store, claim(1))
    decide_pending(store)
    again = [row for row in store.take(CRM, 10) if row.record == "C-1"]
    assert [row.content for row in again] == [first["C-1"].content]
    assert again[0].key != first["C-1"].key
    assert_sound(store)


# --- what comes back ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        (Kind.LINE, line(1)),
        (Kind.CLAIM, claim(1)),
        (Kind.CLAIM, claim(1, ClaimStatus.WITHDRAWN)),
        (Kind.CLAIM, claim(1, ClaimStatus.PAID)),
        (Kind.BUDGET, budget(100_000)),
        (Kind.VOUCHER, Voucher("V", VoucherKind.FAPIAO)),
    ],
)
def test_what_is_back_is_news_with_equal_content(store: Store, kind: Kind, record: Record) -> None:
    """A record that appears again is no echo, whatever was done with it while it was gone."""
    put(store, *AROUND, record)
    decide_pending(store)
    go(store, kind, record.id)
    count = store.append(CRM, page(kind, [record]), AT)
    assert (count.new + count.changed, count.same) == (1, 0)
    assert held(store, kind, record.id) == record
    assert gone_rows(store) == []
    assert store.append(CRM, page(kind, [record]), AT).same == 1
    assert_sound(store)


def test_it_may_go_and_come_back_many_times(store: Store) -> None:
    """Each going and coming is an entry; in the end it is what was said last."""
    put(store, *AROUND, line(1))
    for minor in (1_000, 1_000, 2_000):
        assert go(store, Kind.LINE, "L-1").gone == 1
        put(store, line(1, minor))
        assert ids_of(store, Kind.LINE) == ["L-1"]
        assert_sound(store)


def test_what_is_told_twice_is_no_news(store: Store) -> None:
    """What was told before, or was never known, changes nothing, and is counted as the same."""
    put(store, *AROUND, line(1))
    go(store, Kind.LINE, "L-1")
    decide_pending(store)
    before = store.dump()
    count = go(store, Kind.LINE, "L-1", "L-404", "")
    assert (count.gone, count.same, count.rows) == (0, 3, 3)
    assert store.dump() == before


def test_a_record_that_is_there_is_not_gone(store: Store) -> None:
    """Where one page has a record and says that it is gone, it is there: readable or not."""
    put(store, *AROUND, line(1), line(2))
    told = tuple(Gone(Origin(CRM, name)) for name in ("L-1", "L-2"))
    both = page(Kind.LINE, [line(1), Bad("L-2", "somewhere")])
    assert store.append(CRM, replace(both, gone=told), AT).gone == 0
    assert ids_of(store, Kind.LINE) == ["L-1", "L-2"]


def test_set_aside_rows_go_with_it(store: Store) -> None:
    """A record that could not be read and is gone is no longer set aside."""
    put(store, *AROUND, line(1))
    store.append(CRM, page(Kind.LINE, [Bad("L-1", "lines.csv:2")]), AT)
    assert len(store.set_aside(CRM, viewer=SYSTEM)) == 1
    go(store, Kind.LINE, "L-1")
    assert store.set_aside(CRM, viewer=SYSTEM) == []


def test_what_could_never_be_read_is_no_longer_set_aside(store: Store) -> None:
    """Of a record that went nobody has to mend anything, though nothing of it was ever held."""
    store.append(CRM, page(Kind.LINE, [Bad("L-7", "line/L-7")]), AT)
    assert len(store.set_aside(CRM, viewer=SYSTEM)) == 1
    assert go(store, Kind.LINE, "L-7").gone == 0
    assert store.set_aside(CRM, viewer=SYSTEM) == []


def test_erased_words_do_not_come_back(store: Store) -> None:
    """What somebody had erased stays erased where the record goes and comes back."""
    said = replace(line(1), purpose="with Anna")
    put(store, *AROUND, said)
    store.erase(CRM, Request("P1", "P2", "asked for it"), AT)
    go(store, Kind.LINE, "L-1")
    put(store, said)
    assert "with Anna" not in store.dump()
    assert_sound(store)


def test_words_of_what_is_gone_are_erased_too(store: Store) -> None:
    """Erasing reaches the versions of a record that is gone."""
    put(store, *AROUND, replace(line(1), purpose="with Anna"))
    go(store, Kind.LINE, "L-1")
    store.erase(CRM, Request("P1", "P2", "asked for it"), AT)
    assert "with Anna" not in store.dump()
    assert_sound(store)


# --- merged ---------------------------------------------------------------------------------------


NAMING: Final[tuple[tuple[Kind, Record, Record], ...]] = (
    (Kind.ACCOUNT, replace(line(1), account="OLD"), replace(line(1), account="NEW")),
    (Kind.OPPORTUNITY, replace(line(1), opportunity="OLD"), replace(line(1), opportunity="NEW")),
    (Kind.VOUCHER, line(1, voucher="OLD"), line(1, voucher="NEW")),
    (Kind.CLAIM, replace(line(1), claim="OLD"), replace(line(1), claim="NEW")),
    (Kind.ACCOUNT_MANAGER, claim(1, person="OLD"), claim(1, person="NEW")),
    (
        Kind.ACCOUNT_MANAGER,
        AccountManager("P3", "Li Lei", manager="OLD"),
        AccountManager("P3", "Li Lei", manager="NEW"),
    ),
    (Kind.ACCOUNT_MANAGER, Account("A", "Nord", owner="OLD"), Account("A", "Nord", owner="NEW")),
    (
        Kind.ACCOUNT,
        Opportunity("O", "P1", Stage.OPEN, "OLD"),
        Opportunity("O", "P1", Stage.OPEN, "NEW"),
    ),
    (
        Kind.ACCOUNT,
        SatisfactionScore("S", "OLD", YEAR[0], cny(400).amount),
        SatisfactionScore("S", "NEW", YEAR[0], cny(400).amount),
    ),
    (
        Kind.ACCOUNT,
        Budget("B2", BudgetScope.ACCOUNT, *YEAR, cny(5), "OLD"),
        Budget("B2", BudgetScope.ACCOUNT, *YEAR, cny(5), "NEW"),
    ),
    (
        Kind.ACCOUNT_MANAGER,
        Budget("B2", BudgetScope.PERSON, *YEAR, cny(5), "OLD", responsible="OLD"),
        Budget("B2", BudgetScope.PERSON, *YEAR, cny(5), "NEW", responsible="NEW"),
    ),
    (
        Kind.ACCOUNT_MANAGER,
        Waiver("W", "meal.cap", "OLD", YEAR[1], person="OLD"),
        Waiver("W", "meal.cap", "NEW", YEAR[1], person="NEW"),
    ),
    (
        Kind.LINE,
        Waiver("W", "meal.cap", "P2", YEAR[1], line="OLD"),
        Waiver("W", "meal.cap", "P2", YEAR[1], line="NEW"),
    ),
    (
        Kind.ACCOUNT,
        PreApproval("A-1", "P1", "P2", YEAR[1], account="OLD"),
        PreApproval("A-1", "P1", "P2", YEAR[1], account="NEW"),
    ),
)


@pytest.mark.parametrize("is_held", [True, False])
@pytest.mark.parametrize(("kind", "before", "after"), NAMING)
def test_a_merged_name_is_read_as_what_is_left(
    store: Store, kind: Kind, before: Record, after: Record, *, is_held: bool
) -> None:
    """What names a merged record names the surviving one: what is held, and what comes later."""
    put(store, *AROUND)
    if is_held:
        put(store, before)
    go(store, kind, "OLD", into="NEW")
    if not is_held:
        put(store, before)
    of = next(k for k in Kind if any(r == after for r in store.records(CRM, k, viewer=SYSTEM)))
    assert store.append(CRM, page(of, [before]), AT).same == 1  # as the CRM still says it
    assert held(store, of, before.id) == after
    assert_sound(store)


def test_names_are_no_words(store: Store) -> None:
    """A text that happens to be the name of a merged record stays as it is."""
    said = replace(line(1), merchant="OLD", account="OLDER")
    put(store, *AROUND, said)
    go(store, Kind.ACCOUNT, "OLD", into="NEW")
    assert held(store, Kind.LINE, "L-1") == said


def test_claims_of_a_merged_customer_are_decided_again(store: Store) -> None:
    """The claim with a line on it waits; others do not."""
    put(store, *AROUND, replace(line(1), account="OLD"), line(2))
    decide_pending(store)
    go(store, Kind.ACCOUNT, "OLD", into="NEW")
    assert store.pending(CRM) == ("C-1",)


def test_lines_of_a_merged_claim_are_the_others(store: Store) -> None:
    """The claim that was merged is withdrawn; the one that is left has all lines."""
    put(store, *AROUND, line(1), line(2))
    decide_pending(store)
    go(store, Kind.CLAIM, "C-1", into="C-2")
    assert set(store.pending(CRM)) == {"C-1", "C-2"}
    decide_pending(store)
    found = store.claim(CRM, "C-2", viewer=SYSTEM)
    assert found is not None
    assert [one.id for one in found[1]] == ["L-1", "L-2"]
    assert store.budget_positions(CRM, viewer=SYSTEM)["B"].committed == 2_000
    assert entries(store, "C-1")[-1].kind.value == "release"
    assert_sound(store)


MERGES: Final[tuple[tuple[str, list[tuple[str, str]], str], ...]] = (
    ("one", [("A", "B")], "B"),
    ("a chain, as it came", [("A", "B"), ("B", "C"), ("C", "D")], "D"),
    ("a chain, told late", [("C", "D"), ("B", "C"), ("A", "B")], "D"),
    ("a ring of two", [("A", "B"), ("B", "A")], "A"),
    ("a ring of three", [("A", "B"), ("B", "C"), ("C", "B")], "B"),
    ("into itself", [("A", "A")], "A"),
    ("deleted, then told to be merged", [("A", ""), ("A", "B")], "B"),
    ("merged, then told to be deleted", [("A", "B"), ("A", "")], "B"),
    ("merged into what is deleted", [("A", "B"), ("B", "")], "B"),
)


@pytest.mark.parametrize("is_held", [True, False])
@pytest.mark.parametrize(
    ("merges", "left"), [case[1:] for case in MERGES], ids=[case[0] for case in MERGES]
)
def test_merges_are_followed(
    store: Store, merges: Sequence[tuple[str, str]], left: str, *, is_held: bool
) -> None:
    """Chains end at what is left, rings somewhere, and always at the same."""
    named = replace(line(1), account="A")
    put(store, *AROUND, *(Account(name, "x") for name in "ABCD"), *([named] if is_held else []))
    for name, into in merges:
        go(store, Kind.ACCOUNT, name, into=into)
    put(store, named)
    found = held(store, Kind.LINE, "L-1")
    assert isinstance(found, ExpenseLine)
    assert found.account == left
    assert_sound(store)


def test_a_chain_without_end_is_bounded(store: Store) -> None:
    """A thousand merges in a row are followed as far as the bound, and the page is kept."""
    put(store, *AROUND)
    told = tuple(Gone(Origin(CRM, f"A{n}"), f"A{n + 1}") for n in range(1_000))
    store.append(CRM, Page(Kind.ACCOUNT, (), (), "next", gone=told), AT)
    put(store, replace(line(1), account="A0"))
    found = held(store, Kind.LINE, "L-1")
    assert isinstance(found, ExpenseLine)
    assert found.account == "A100"


def test_a_merged_record_that_is_back_is_itself_again(store: Store) -> None:
    """Who names it from then on names it; what was read as the other stays until it is read."""
    put(store, *AROUND, Account("A", "x"), replace(line(1), account="A"))
    go(store, Kind.ACCOUNT, "A", into="B")
    put(store, Account("A", "x"), replace(line(2), account="A"))
    accounts = [
        one.account
        for one in store.records(CRM, Kind.LINE, viewer=SYSTEM)
        if isinstance(one, ExpenseLine)
    ]
    assert accounts == ["B", "A"]
    put(store, replace(line(1), account="A"))
    assert held(store, Kind.LINE, "L-1") == replace(line(1), account="A")


def test_a_paid_claim_is_not_merged_away(store: Store) -> None:
    """Its lines stay with it: what was paid stands."""
    put(store, *AROUND, claim(1, ClaimStatus.PAID), line(1))
    decide_pending(store)
    go(store, Kind.CLAIM, "C-1", into="C-2")
    found = held(store, Kind.LINE, "L-1")
    assert isinstance(found, ExpenseLine)
    assert found.claim == "C-1"
    assert store.budget_positions(CRM, viewer=SYSTEM)["B"].spent == 1_000


# --- whole or not at all, and seen ----------------------------------------------------------------


def test_a_page_that_fails_changes_nothing(store: Store) -> None:
    """Where the last of it cannot be written, nothing is gone, and nothing was overtaken."""
    put(store, *AROUND, line(1))
    decide_pending(store)
    before = store.dump()
    with store.writing() as connection:
        refuse_inserts(connection, "gone")
    with pytest.raises(Exception, match="no more"):
        go(store, Kind.CLAIM, "C-1")
    assert store.dump() == before


def _delete_row(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(delete(t.gone).where(t.gone.c.id == "L-1"))


def _add_row(store: Store) -> None:
    row = {"crm": CRM, "kind": "line", "id": "L-3", "into": "", "seq": 1, "entry": 1}
    with store.writing() as connection:
        connection.execute(t.gone.insert(), row)


def _change(**values: object) -> Callable[[Store], None]:
    def act(store: Store) -> None:
        with store.writing() as connection:
            connection.execute(update(t.gone).where(t.gone.c.id == "L-1").values(values))

    return act


def _hide(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(delete(t.latest).where(t.latest.c.id == "L-3"))


def _hide_with_row(store: Store) -> None:
    _hide(store)
    _add_row(store)


def _older(store: Store) -> None:
    with store.writing() as connection:
        first = select(t.record.c.seq).where(t.record.c.id == "L-3").order_by(t.record.c.seq)
        seq = connection.execute(first).scalars().first()
        connection.execute(update(t.latest).where(t.latest.c.id == "L-3").values(seq=seq))


@pytest.mark.parametrize(
    "tamper",
    [
        _delete_row,
        _add_row,
        _change(into="L-2"),
        _change(seq=1),
        _change(entry=2),
        _change(id="L-9"),
        _hide,
        _hide_with_row,
        _older,
    ],
)
def test_tampering_is_told(store: Store, tamper: Callable[[Store], None]) -> None:
    """A row of what is gone that is changed, added or taken out is told; so is a hidden record."""
    put(store, *AROUND, line(1), line(2), line(3, 500), claim(3))
    put(store, line(3))
    go(store, Kind.LINE, "L-1", "L-2")
    put(store, line(2))
    assert_sound(store)
    tamper(store)
    assert store.check_contents().broken is not None


def test_a_line_that_its_claim_no_longer_has_is_gone(store: Store) -> None:
    """Where a claim came whole, a line that is held and did not come with it is gone."""
    put(store, claim(1), line(1), line(1, name="L-9"), claim(2), line(2))
    decide_pending(store)
    part = page(Kind.LINE, [line(1)])
    assert store.append(CRM, part, AT).gone == 0, "a page says nothing of what is not on it"
    count = store.append(CRM, replace(part, whole=("C-1",)), AT)
    assert (count.gone, count.same) == (1, 1)
    assert ids_of(store, Kind.LINE) == ["L-1", "L-2"]
    assert store.pending(CRM) == ("C-1",)
    assert store.append(CRM, replace(part, whole=("C-1",)), AT).gone == 0, "once is enough"
    none = Page(Kind.LINE, (), (), "next", whole=("C-1",))
    assert store.append(CRM, none, AT).gone == 1
    assert ids_of(store, Kind.LINE) == ["L-2"]
