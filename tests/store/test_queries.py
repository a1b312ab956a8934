"""Looking: what was set aside, lines that nobody claims, and decisions in their order."""

import json

import pytest
from stored_company import AT, CRM, Bad, claim, decide_pending, line, page, put

from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.lifecycle import State
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.messages import table
from crm_expenses.store import Store


def aside(store: Store) -> list[tuple[str, str, str]]:
    """Give what is set aside: kind, record, place."""
    return [(row.kind, row.record, row.place) for row in store.set_aside(CRM, viewer=SYSTEM)]


def append(store: Store, *rows: object, kind: Kind = Kind.LINE, restart: bool = False) -> None:
    """Append a page of lines."""
    store.append(CRM, page(kind, rows, restart=restart), AT)  # type: ignore[arg-type]


def test_a_row_is_set_aside_with_every_reason(store: Store) -> None:
    """What could not be read is kept with its place, its code and its values, once."""
    for value in ("1_000", "１２.５"):
        append(store, Bad("L-9", "lines.csv:3", {"value": value}))
    [row] = store.set_aside(CRM, viewer=SYSTEM)
    assert (row.kind, row.record, row.place) == ("line", "L-9", "lines.csv:3")
    assert json.loads(row.problems) == [{"code": "record.amount", "values": {"value": "１２.５"}}]


def test_set_aside_rows_are_listed_by_place(store: Store) -> None:
    """Two rows of one name at two places are two, and each kind stands together."""
    append(store, Bad("L-9", "b:2"), Bad("L-9", "a:1"), Bad("", "c:3"))
    append(store, Bad("C-9", "d:1"), kind=Kind.CLAIM)
    assert aside(store) == [
        ("claim", "C-9", "d:1"),
        ("line", "L-9", "a:1"),
        ("line", "L-9", "b:2"),
        ("line", "", "c:3"),
    ]
    assert store.set_aside("other", viewer=SYSTEM) == []


def test_a_row_that_is_mended_is_no_longer_aside(store: Store) -> None:
    """When the place of a bad row can be read, it is a fact; others stay where they are."""
    append(store, Bad("L-1", "line/L-1"), Bad("L-2", "line/L-2"))
    append(store, line(1))
    assert aside(store) == [("line", "L-2", "line/L-2"), ("line", "L-1", "line/L-1")]


def test_reading_from_the_start_tells_all_anew(store: Store) -> None:
    """A reading of everything forgets what was aside of its kind, and says what still is."""
    append(store, Bad("L-1", "a:1"), Bad("L-2", "a:2"))
    append(store, Bad("C-1", "b:1"), kind=Kind.CLAIM)
    append(store, Bad("L-2", "a:1"), restart=True)
    append(store, Bad("L-3", "a:2"))
    assert aside(store) == [("claim", "C-1", "b:1"), ("line", "L-2", "a:1"), ("line", "L-3", "a:2")]


def test_a_line_without_its_claim_waits(store: Store) -> None:
    """A line whose claim is not there is told aside and not decided, until the claim arrives."""
    put(store, claim(1), line(1), line(2))
    assert decide_pending(store) == ["C-1"]
    [row] = store.set_aside(CRM, viewer=SYSTEM)
    assert (row.kind, row.record, row.place) == ("line", "L-2", "line/L-2")
    [problem] = json.loads(row.problems)
    assert problem == {"code": "record.orphan", "values": {"line": "L-2", "claim": "C-2"}}
    assert problem["code"] in table()
    put(store, claim(2))
    assert store.set_aside(CRM, viewer=SYSTEM) == []
    assert decide_pending(store) == ["C-2"]
    assert {live.claim for live in store.live_decisions(CRM, viewer=SYSTEM)} == {"C-1", "C-2"}


def test_a_claim_of_another_crm_does_not_heal(store: Store) -> None:
    """A line waits for a claim of its own CRM, not for one of the same name elsewhere."""
    put(store, line(2))
    store.append("other", page(Kind.CLAIM, [claim(2)]), AT)
    assert aside(store) == [("line", "L-2", "line/L-2")]
    assert store.set_aside("other", viewer=SYSTEM) == []
    assert store.pending(CRM) == ()


def test_decisions_are_given_in_their_order(store: Store) -> None:
    """Live decisions come in the order in which they were made, with the state of each."""
    put(store, *(claim(n) for n in (2, 1, 3)), *(line(n) for n in (1, 2, 3)))
    decide_pending(store)
    put(store, claim(1, ClaimStatus.PAID))
    decide_pending(store)
    found = [(live.claim, live.state) for live in store.live_decisions(CRM, viewer=SYSTEM)]
    assert found == [("C-2", State.APPROVED), ("C-3", State.APPROVED), ("C-1", State.PAID)]
    assert store.live_decisions("other", viewer=SYSTEM) == []


@pytest.mark.parametrize("kind", Kind)
def test_an_empty_store_answers_everything(store: Store, kind: Kind) -> None:
    """Every question to an empty store has an empty answer."""
    assert list(store.records(CRM, kind, viewer=SYSTEM)) == []
    assert store.cursor(CRM, kind) is None
    assert store.pending(CRM) == ()
    assert (
        store.set_aside(CRM, viewer=SYSTEM)
        == store.live_decisions(CRM, viewer=SYSTEM)
        == store.waiting(CRM, viewer=SYSTEM)
        == []
    )
    assert (
        store.first_steps(CRM, viewer=SYSTEM)
        == store.budget_positions(CRM, viewer=SYSTEM)
        == store.outbox_counts(CRM)
        == {}
    )
    assert (store.to_send(CRM), store.take(CRM, 5)) == (0, ())
