"""What no database could keep is set aside with its reason, and the page goes on."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored_company import AT, CRM, Bad, allow_all, claim, decide_pending, line, page, put

from crm_expenses.core.party import Account
from crm_expenses.core.record import Kind, Record, canonical
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.messages import LANGUAGES
from crm_expenses.messages import text as message
from crm_expenses.store import Store
from crm_expenses.store.keeping import NAME_MAX, problems_of, window_kept

NUL = "\0"
HALF = "\ud83d"
LONG = "客" * (NAME_MAX + 1)


@pytest.mark.parametrize(
    ("kind", "record", "code"),
    [
        (Kind.LINE, replace(line(1), merchant=f"Nord{NUL}wind"), "record.nul"),
        (Kind.LINE, replace(line(1), id=f"L{NUL}"), "record.nul"),
        (Kind.LINE, replace(line(1), extra=((f"a{NUL}", "b"),)), "record.nul"),
        (Kind.LINE, replace(line(1), purpose=HALF), "record.surrogate"),
        (Kind.LINE, replace(line(1), id=LONG), "record.name_long"),
        (Kind.LINE, replace(line(1), claim=LONG), "record.name_long"),
        (Kind.LINE, replace(line(1), voucher=LONG), "record.name_long"),
        (Kind.LINE, replace(line(1), trip=LONG), "record.name_long"),
        (Kind.CLAIM, replace(claim(1), person=LONG), "record.name_long"),
        (Kind.CLAIM, replace(claim(1), id=LONG), "record.name_long"),
    ],
)
def test_what_cannot_be_kept_is_set_aside(
    store: Store, kind: Kind, record: Record, code: str
) -> None:
    """The rest of the page is kept, it is counted, and both languages say the reason."""
    good = claim(7) if kind is Kind.CLAIM else line(7)
    count = store.append(CRM, page(kind, [record, good]), AT)
    assert (count.new, count.set_aside, count.rows) == (1, 1, 2)
    assert list(store.records(CRM, kind, viewer=SYSTEM)) == [good]
    [row] = [r for r in store.set_aside(CRM, viewer=SYSTEM) if "orphan" not in r.problems]
    [problem] = json.loads(row.problems)
    assert problem["code"] == code
    for language in LANGUAGES:
        said = message(code, language, **problem["values"])
        assert "{" not in said
        assert NUL not in said
    assert store.log_broken_at() is None


def test_what_is_mended_is_kept(store: Store) -> None:
    """The record takes part as soon as it can be kept, and is no longer set aside."""
    put(store, claim(1), replace(line(1), city=NUL))
    assert len(store.set_aside(CRM, viewer=SYSTEM)) == 1
    put(store, line(1))
    assert store.set_aside(CRM, viewer=SYSTEM) == []
    assert decide_pending(store) == ["C-1"]


def test_the_longest_name_is_kept(store: Store) -> None:
    """Names as long as may be, of the longest characters, fit into every index."""
    name, *others = (
        "".join(chr(0x20000 + n * step % 40_000) for n in range(NAME_MAX)) for step in PRIMES
    )
    put(store, claim(1), replace(line(1), id=name, voucher=name, trip=name))
    with store.work(CRM) as work:
        window = "|".join(("meal.cap", "2026-03-01", name, *others))
        work.record(allow_all(work, "C-1", carry=window)[0], AT)
        facts = work.facts("C-1", "CNY", lambda _: [window])
    assert facts.windows == {}  # what the claim itself used is left out
    put(store, claim(2), replace(line(2), voucher=name))
    with store.work(CRM) as work:
        assert work.facts("C-2", "CNY", lambda _: [window]).windows == {window: 1_000}


def test_places_and_versions_of_any_kind(store: Store) -> None:
    """Whatever stands where a row came from is kept as far as a database can, and no page fails."""
    odd = f"表{NUL}{HALF}" * 300
    store.append(CRM, page(Kind.CLAIM, [Bad(odd, odd, {"value": odd})], version=odd), AT)
    store.append(CRM, page(Kind.CLAIM, [claim(1)], version=odd), AT)
    assert len(store.set_aside(CRM, viewer=SYSTEM)) == 1
    store.append(CRM, page(Kind.CLAIM, [Bad(odd, odd, {"value": odd})]), AT)
    assert len(store.set_aside(CRM, viewer=SYSTEM)) == 1


def test_a_reason_of_any_kind(store: Store) -> None:
    """What a CRM says when it refuses is kept, whatever it holds."""
    put(store, claim(1), line(1))
    decide_pending(store)
    rows = store.take(CRM, 10)
    store.answer(CRM, [(row.key, "refused", f"no{NUL}{HALF}") for row in rows])
    assert store.outbox_counts(CRM) == {"refused": len(rows)}


@given(st.text(st.characters(codec="utf-8", exclude_characters=NUL), max_size=20))
def test_backslashes_are_no_nul(name: str) -> None:
    """A text that looks like the escape of NUL is none."""
    for merchant in (name, f"{name}\\u0000", f"\\\\u0000{name}"):
        made = Account("A", merchant, "P1")
        assert problems_of(made, canonical(made)) == ()
    made = Account("A", f"{name}\\{NUL}", "P1")
    assert [p.code for p in problems_of(made, canonical(made))] == ["record.nul"]


@given(st.text(max_size=400), st.text(max_size=400))
def test_windows_stay_apart(one: str, other: str) -> None:
    """Two windows have two keys, short enough for an index."""
    if HALF in one + other or any(0xD800 <= ord(c) <= 0xDFFF for c in one + other):
        return
    assert (window_kept(one) == window_kept(other)) == (one == other)
    assert len(window_kept(one).encode()) <= 600


PRIMES = (7_919, 104_729, 15_485_863)
"""With these, names that do not compress: PostgreSQL shortens long texts in an index first."""

NAMES = ("Z-1", "a-1", "B 2", "b-2", "É", "é", "王", "李", "_x", "-x", "10", "9", "A", "a")


def test_texts_sort_by_code_point(store: Store) -> None:
    """Capitals, accents and Chinese come in the same order on every database."""
    put(store, *(Account(name, "n", "P1") for name in NAMES))
    found = [record.id for record in store.records(CRM, Kind.ACCOUNT, viewer=SYSTEM)]
    assert found == sorted(NAMES)
    store.append(CRM, page(Kind.LINE, [Bad(n, f"f/{n}") for n in NAMES], restart=True), AT)
    assert [row.record for row in store.set_aside(CRM, viewer=SYSTEM)] == sorted(NAMES)


def test_claims_of_one_moment_wait_in_order(store: Store) -> None:
    """Claims that were submitted at one moment are decided in the order of their ids."""
    made = [replace(claim(1), id=name) for name in NAMES]
    put(store, *made, *(replace(line(1), id=f"L{n}", claim=n) for n in NAMES))
    assert store.pending(CRM) == tuple(sorted(NAMES))


def test_a_page_of_many_thousands(store: Store) -> None:
    """A page that names more than a statement takes is kept in one transaction."""
    count = 33_000 if store.name.startswith("/") else 5_000
    rows = [Account(f"A-{n}", "n", "P1") for n in range(count)]
    assert store.append(CRM, page(Kind.ACCOUNT, rows), AT).new == count
    assert store.append(CRM, page(Kind.ACCOUNT, rows), AT).same == count
