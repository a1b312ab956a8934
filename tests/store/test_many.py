"""Many rows at once: as many as were given, whatever the count, on both databases."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from stored_company import AT, CRM, claim, decide_pending, line, page, put

from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.store import AppendCount, Store
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.many import ROWS_AT_ONCE, add_absent, add_rows, rows_of
from crm_expenses.store.proof import check_contents

COUNTS = (0, 1, 2, ROWS_AT_ONCE - 1, ROWS_AT_ONCE, ROWS_AT_ONCE + 1, 3 * ROWS_AT_ONCE + 7, 600)


@pytest.mark.parametrize("count", COUNTS)
def test_every_row_is_added_once(store: Store, count: int) -> None:
    """However many rows are given, each stands there with its own values."""
    rows = [(CRM, f"C-{number:03}") for number in range(count)]
    with store.writing() as connection:
        add_rows(connection, t.todo, rows)
        found = connection.execute(select(t.todo).order_by(t.todo.c.claim)).all()
    assert [tuple(row) for row in found] == rows


@pytest.mark.parametrize("count", COUNTS)
def test_what_is_there_stays(store: Store, count: int) -> None:
    """Rows that are there already are passed over, and their neighbours are added."""
    rows = [(CRM, f"C-{number:03}") for number in range(count)]
    with store.writing() as connection:
        add_rows(connection, t.todo, rows[::3])
        add_absent(connection, t.todo, rows)
        add_absent(connection, t.todo, rows[1::2])
        found = connection.execute(select(t.todo).order_by(t.todo.c.claim)).all()
    assert [tuple(row) for row in found] == rows


@pytest.mark.parametrize("place", [0, ROWS_AT_ONCE + 1, 2 * ROWS_AT_ONCE + 3])
def test_a_row_twice_is_refused(store: Store, place: int) -> None:
    """A row that is there already is refused as the database refuses it, wherever it stands."""
    rows = [(CRM, f"C-{number:03}") for number in range(2 * ROWS_AT_ONCE + 5)]
    with store.writing() as connection:
        add_rows(connection, t.todo, rows[place : place + 1])
        with pytest.raises(IntegrityError), connection.begin_nested():
            add_rows(connection, t.todo, rows)


def test_names_are_found_however_many(store: Store) -> None:
    """Each of many names is found with its own row, and no other; difficult ones, too."""
    odd = ['a"b', "a'b", "a\\b", "餐\U0001f35c", "a,b", "%", "é", "e\u0301", " ", "[1]"]
    names = [f"L-{number}" for number in range(700)] + odd
    store.append(CRM, page(Kind.LINE, [line(1, name=name) for name in names]), AT)
    of = {"of_crm": CRM, "of_kind": Kind.LINE.value}
    with store.reading() as connection:
        for wanted in ([], names[:1], odd, names, [*names[100:650], "L-701", "L", ""]):
            found = {row.id for row in rows_of(connection, s.HELD, of, wanted)}
            assert found == set(wanted) & set(names)
        assert not list(rows_of(connection, s.HELD, of | {"of_crm": "other"}, names))


def test_a_large_page_is_kept_as_small_ones_are(store: Store) -> None:
    """A page of many rows, new, changed, same and twice on it, leaves what single rows would."""
    put(store, *(claim(number) for number in range(1, 140)))
    decide_pending(store)
    lines = [line(number, voucher=f"V-{number}" if number % 2 else "") for number in range(1, 140)]
    changed = [line(number, 5) for number in range(1, 140, 2)]
    assert store.append(CRM, page(Kind.LINE, lines), AT) == AppendCount(new=139)
    again = [*changed, *lines[1::2], line(2, 7), line(2, 8)]
    assert store.append(CRM, page(Kind.LINE, again), AT) == AppendCount(changed=72, same=69)
    newest = {one.id: one for one in [*lines, *again]}
    kept = {one.id: one for one in store.records(CRM, Kind.LINE, viewer=SYSTEM)}
    assert kept == newest
    assert len(store.pending(CRM)) == 139
    with store.reading() as connection:
        assert check_contents(connection).broken is None
