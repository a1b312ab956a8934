"""Appending pages: news is kept, echoes are dropped, each page goes with its cursor."""

import json
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from stored_company import (
    AT,
    CRM,
    Bad,
    budget,
    claim,
    cny,
    decide_pending,
    kind_of,
    line,
    open_at,
    opened,
    page,
    put,
)

from crm_expenses.core.budget import Budget
from crm_expenses.core.claim import ClaimStatus, ExpenseLine
from crm_expenses.core.origin import Origin
from crm_expenses.core.party import AccountManager
from crm_expenses.core.record import Kind, Record, canonical
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.errors import StoreError
from crm_expenses.store import AppendCount, Store
from crm_expenses.store.log import read_log
from crm_expenses.testing.samples import edited, sample
from crm_expenses.testing.strategies import records
from stores import refuse_inserts


def rows(store: Store, query: str) -> list[tuple[object, ...]]:
    """Ask the database itself."""
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def versions(store: Store, record: str) -> list[str]:
    """Give every content that is kept of a record, oldest first."""
    return [
        str(content)
        for name, content in rows(store, "select id, content from record order by seq")
        if name == record
    ]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_kept_and_read_back(store: Store, kind: Kind) -> None:
    """What is appended is read back equal, in the order of ids, whatever kind it is."""
    facts = sample({kind})
    assert store.append(CRM, page(kind, reversed(facts)), AT) == AppendCount(new=len(facts))
    assert tuple(store.records(CRM, kind, viewer=SYSTEM)) == facts
    assert all(store.cursor(CRM, other) is None for other in Kind if other is not kind)


@pytest.mark.parametrize("kind", Kind)
def test_a_changed_record_is_a_new_version(store: Store, kind: Kind) -> None:
    """A change is a new row beside the old one, and only the newest is read."""
    first, *others = sample({kind})
    put(store, first, *others)
    assert store.append(CRM, page(kind, [edited(first)]), AT) == AppendCount(changed=1)
    assert tuple(store.records(CRM, kind, viewer=SYSTEM)) == (edited(first), *others)
    assert versions(store, first.id) == [canonical(first), canonical(edited(first))]


def test_an_echo_is_no_news(store: Store) -> None:
    """A record equal to its newest version is dropped, however often it comes."""
    put(store, claim(1), line(1))
    decide_pending(store)
    before = store.dump()
    for _ in range(3):
        again = store.append(CRM, page(Kind.CLAIM, [claim(1)]), AT)
        assert again == AppendCount(same=1)
    assert store.pending(CRM) == ()
    assert store.dump() == before


def test_a_revert_is_news(store: Store) -> None:
    """A record that goes back to an older content has changed, and its claim is decided again."""
    first, second = line(1, 500), line(1, 700)
    put(store, claim(1), first)
    for content in (second, first):
        decide_pending(store)
        assert store.append(CRM, page(Kind.LINE, [content]), AT) == AppendCount(changed=1)
        assert store.pending(CRM) == ("C-1",)
    assert versions(store, "L-1") == [canonical(c) for c in (first, second, first)]


def test_a_page_that_comes_twice(store: Store) -> None:
    """A page that is repeated whole, after a crash before its answer, changes nothing."""
    put(store, claim(1))
    whole = page(Kind.LINE, [line(1), Bad("L-x", "lines:3"), line(1, name="L-2")], cursor="c7")
    assert store.append(CRM, whole, AT) == AppendCount(new=2, set_aside=1)
    before = store.dump()
    assert store.append(CRM, whole, AT) == AppendCount(same=2, set_aside=1)
    assert store.dump() == before


def test_rows_add_up(store: Store) -> None:
    """Every row of a page is new, changed, same or set aside."""
    put(store, line(1), line(2))
    made = page(Kind.LINE, [line(1), line(2, 5), line(3), Bad("x", "p1"), Bad("y", "p2")])
    count = store.append(CRM, made, AT)
    assert count == AppendCount(new=1, changed=1, same=1, set_aside=2)
    assert count.rows == made.rows == 5
    assert count + AppendCount(1, 1, 1, 1) == AppendCount(2, 2, 2, 3)


def test_the_cursor_goes_with_its_page(store: Store) -> None:
    """A cursor belongs to one kind of one CRM, and an empty page moves it too."""
    store.append(CRM, page(Kind.CLAIM, [claim(1)], cursor="after 1"), AT)
    store.append(CRM, page(Kind.CLAIM, [], cursor="after 2"), AT)
    store.append("other", page(Kind.CLAIM, [], cursor="elsewhere"), AT)
    assert store.cursor(CRM, Kind.CLAIM) == "after 2"
    assert store.cursor(CRM, Kind.LINE) is None
    assert store.cursor("other", Kind.CLAIM) == "elsewhere"


@pytest.mark.parametrize("table", ["record", "latest", "todo", "audit", "set_aside", "cursor"])
def test_a_page_is_kept_whole_or_not_at_all(store: Store, table: str) -> None:
    """Whichever write of a page fails, no row of it is kept, and the cursor does not move."""
    put(store, claim(1), line(1))
    before = store.dump()
    with store.writing() as connection:
        refuse_inserts(connection, table)
    with pytest.raises(StoreError, match="no more"):
        store.append(CRM, page(Kind.LINE, [line(2), Bad("x", "p")], cursor="lost"), AT)
    assert store.dump() == before
    assert store.cursor(CRM, Kind.LINE) == "next"


@pytest.mark.parametrize(
    "made", [(budget(100), budget(120)), (budget(120), budget(100, hard=True))]
)
def test_a_budget_twice_on_a_page(store: Store, made: tuple[Budget, ...]) -> None:
    """Of two versions of a budget on one page, the later one says what is allocated."""
    store.append(CRM, page(Kind.BUDGET, made), AT)
    last = made[-1]
    assert tuple(store.records(CRM, Kind.BUDGET, viewer=SYSTEM)) == (last,)
    assert store.budget_positions(CRM, viewer=SYSTEM)["B"].allocated == last.amount.minor


def test_a_budget_that_changes(store: Store) -> None:
    """What a changed budget adds or takes is allocated, and a new name changes no amount."""
    steps = (budget(100), budget(250), replace(budget(250), name="New"), budget(70), budget(0))
    for made in steps:
        put(store, made)
        assert store.budget_positions(CRM, viewer=SYSTEM)["B"].allocated == made.amount.minor
    amounts = [row[0] for row in rows(store, "select amount from budget_entry order by seq")]
    assert amounts == [100, 150, -180, -70]


def test_a_budget_of_nothing_has_a_position(store: Store) -> None:
    """A budget of zero is known, with zero available."""
    put(store, budget(0))
    assert store.budget_positions(CRM, viewer=SYSTEM)["B"].available == 0


VOUCHER = Voucher("V-1", VoucherKind.FAPIAO, "26310000000000000001")


@pytest.mark.parametrize(
    ("record", "waiting"),
    [
        (replace(claim(1), title="new"), ("C-1",)),
        (line(1, 5), ("C-1",)),
        (line(1, name="L-9"), ("C-1",)),
        (replace(line(1), claim="C-2"), ("C-1", "C-2")),
        (replace(VOUCHER, number="2"), ("C-2",)),
        (replace(VOUCHER, id="V-9"), ()),
        (AccountManager("P2", "New name"), ()),
        (AccountManager("P1", "Newcomer"), ("C-1", "C-2")),
        (budget(5), ()),
    ],
)
def test_who_waits_after_a_change(store: Store, record: Record, waiting: tuple[str, ...]) -> None:
    """A claim waits when it, its lines or their vouchers change, or its person was unknown."""
    put(store, AccountManager("P2", "Known"))
    put(store, claim(1), line(1), claim(2), line(2, voucher="V-1"), VOUCHER)
    put(store, replace(claim(3), person="P2"), line(3))
    decide_pending(store)
    put(store, record)
    assert store.pending(CRM) == waiting


def test_who_is_first(store: Store) -> None:
    """Claims wait in the order of submission, then of their ids, whatever order they came in."""
    same_hour = replace(claim(2), id="C-10")
    in_another_zone = replace(claim(2), id="C-1z", submitted=claim(2).submitted.astimezone(UTC))
    put(store, claim(5), same_hour, claim(1), claim(2), in_another_zone)
    assert store.pending(CRM) == ("C-1", "C-10", "C-1z", "C-2", "C-5")


def test_two_crms_keep_apart(store: Store) -> None:
    """The same ids in two CRMs are two records, and one's claims do not wait for the other."""
    store.append("other", page(Kind.CLAIM, [claim(1)]), AT)
    store.append("other", page(Kind.LINE, [line(1, 5)]), AT)
    put(store, line(1, 7))
    assert store.pending("other") == ("C-1",)
    assert store.pending(CRM) == ()
    assert tuple(store.records("other", Kind.LINE, viewer=SYSTEM)) == (line(1, 5),)
    assert tuple(store.records(CRM, Kind.LINE, viewer=SYSTEM)) == (line(1, 7),)


def latest_version(store: Store, record: str = "C-1") -> object:
    """Give the CRM's own mark of a record's newest state."""
    [[version]] = rows(store, f"select version from latest where id = '{record}'")  # noqa: S608
    return version


def test_an_echo_moves_the_version(store: Store) -> None:
    """Our own write changes a record's version but not its content: that is kept, and no news."""
    put(store, claim(1), version="v1")
    put(store, claim(1), version="v2")
    assert latest_version(store) == "v2"
    assert len(versions(store, "C-1")) == 1


@pytest.mark.parametrize("order", ["echo first", "change first"])
def test_the_version_is_that_of_the_last_row(store: Store, order: str) -> None:
    """When a page has a record twice, its version is that of the later row."""
    put(store, claim(1), version="v1")
    changed = replace(claim(1), title="new")
    pair = (claim(1), changed) if order == "echo first" else (changed, changed)
    made = page(Kind.CLAIM, pair)
    facts = tuple(
        replace(fact, origin=Origin(CRM, "C-1", "", mark))
        for fact, mark in zip(made.facts, ("v2", "v3"), strict=True)
    )
    store.append(CRM, replace(made, facts=facts), AT)
    assert latest_version(store) == "v3"
    assert tuple(store.records(CRM, Kind.CLAIM, viewer=SYSTEM)) == (changed,)


def test_origin_and_time_are_kept(store: Store) -> None:
    """Each version says where it came from and when it was received."""
    put(store, claim(1), version="v1")
    [[origin, received]] = rows(store, "select origin, received_at from record")
    assert json.loads(str(origin)) == {
        "crm": CRM,
        "record": "C-1",
        "place": "claim/C-1",
        "version": "v1",
    }
    assert received == AT.isoformat()


def test_only_news_is_logged(store: Store) -> None:
    """A page with news is an entry in the log; an echo, an empty page or bad rows are none."""
    put(store, claim(1))
    put(store, claim(1))
    store.append(CRM, page(Kind.CLAIM, [Bad("x", "p")]), AT)
    with store.reading() as connection:
        [entry] = read_log(connection)
    assert (entry.action, entry.subject, entry.rows) == ("pull", "main/claim", (1, 1))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(records(), max_size=12))
def test_whatever_comes_the_newest_is_held(
    database: str, tmp_path_factory: pytest.TempPathFactory, drawn: list[Record]
) -> None:
    """After any pages the store holds the last version of each record, and no page is news twice.

    Texts are whatever people write: right-to-left marks, quotes, newlines, markup.
    """
    newest: dict[tuple[Kind, str], Record] = {}
    with open_at(tmp_path_factory.mktemp("store") / "s.sqlite3") as store:
        for record in drawn:
            newest[kind_of(record), record.id] = record
            put(store, record)
            assert store.append(CRM, page(kind_of(record), [record]), AT).same == 1
        for kind in Kind:
            expected = {i: r for (k, i), r in newest.items() if k is kind}
            assert {r.id: r for r in store.records(CRM, kind, viewer=SYSTEM)} == expected
        assert store.log_broken_at() is None


def test_a_voucher_on_several_claims(store: Store) -> None:
    """A voucher that changes makes every claim wait that it backs."""
    lines: tuple[ExpenseLine, ...] = tuple(line(n, voucher="V-1") for n in (1, 2, 3))
    put(store, *(claim(n) for n in (1, 2, 3, 4)), *lines, line(4), VOUCHER)
    decide_pending(store)
    put(store, replace(VOUCHER, amount=cny(5)))
    assert store.pending(CRM) == ("C-1", "C-2", "C-3")


def test_a_status_is_news(store: Store) -> None:
    """A claim that is withdrawn in the CRM waits, so that what it holds is given back."""
    put(store, claim(1), line(1))
    decide_pending(store)
    put(store, claim(1, ClaimStatus.WITHDRAWN))
    assert store.pending(CRM) == ("C-1",)


def test_reading_goes_on_while_somebody_writes(store: Store, tmp_path: Path) -> None:
    """A reader keeps one consistent state and waits for nobody."""
    put(store, claim(1))
    with opened(tmp_path) as other:
        reading = store.records(CRM, Kind.CLAIM, viewer=SYSTEM)
        assert next(reading) == claim(1)
        put(other, claim(2))
        assert list(reading) == []
        assert len(tuple(store.records(CRM, Kind.CLAIM, viewer=SYSTEM))) == 2
