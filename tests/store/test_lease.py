"""Leases: one holder at a time, numbered, and a fence for whoever held one before."""

from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_company import AT, CRM, claim, opened, page

from crm_expenses.core.record import Kind
from crm_expenses.errors import StoreAwayError, exit_code
from crm_expenses.store import Lease, Store, open_store

NAME = "sync:main"


def test_only_one_holds_it(store: Store) -> None:
    """Until its time is over nobody else gets it, and is told who has it, since and until when."""
    taken = store.leases.take(NAME, "a", AT, 60)
    assert (taken.number, taken.until) == (1, AT + timedelta(seconds=60))
    with pytest.raises(StoreAwayError) as caught:
        store.leases.take(NAME, "b", AT + timedelta(seconds=59.9), 60)
    assert (caught.value.code, exit_code(caught.value)) == ("sync.held", 3)
    values = caught.value.problems[0].values
    assert values["holder"] == "a"
    assert datetime.fromisoformat(values["since"]) == AT
    other = store.leases.take("sync:other", "b", AT, 60)
    assert other.number == 1
    next_one = store.leases.take(NAME, "b", AT + timedelta(seconds=60), 60)
    assert (next_one.number, next_one.holder) == (2, "b")


def test_a_renewed_lease_lasts(store: Store) -> None:
    """A renewal counts from its own time; one that nobody took meanwhile can still be renewed."""
    first = store.leases.take(NAME, "a", AT, 60)
    kept = store.leases.renew(first, AT + timedelta(seconds=50), 60)
    with pytest.raises(StoreAwayError):
        store.leases.take(NAME, "b", AT + timedelta(seconds=109), 60)
    again = store.leases.renew(kept, AT + timedelta(seconds=500), 60)
    assert store.leases.held(NAME) == again
    with pytest.raises(StoreAwayError):
        store.leases.take(NAME, "b", AT + timedelta(seconds=559), 60)


def test_a_released_lease_is_free_at_once(store: Store) -> None:
    """After its release anybody gets it, under a new number."""
    first = store.leases.take(NAME, "a", AT, 60)
    assert store.leases.release(first, AT)
    assert store.leases.held(NAME) is None
    assert store.leases.take(NAME, "a", AT, 60).number == 2


def test_who_lost_it_can_do_nothing_to_it(store: Store) -> None:
    """The holder before can neither renew nor release what somebody else took."""
    first = store.leases.take(NAME, "a", AT, 5)
    second = store.leases.take(NAME, "a", AT + timedelta(seconds=5), 5)
    with pytest.raises(StoreAwayError) as caught:
        store.leases.renew(first, AT, 60)
    assert (caught.value.code, exit_code(caught.value)) == ("sync.lease_lost", 3)
    assert not store.leases.release(first, AT)
    assert store.leases.held(NAME) == second


def test_a_fenced_store_writes_nothing_more(store: Store) -> None:
    """Once another has the lease, no page, no decision, no taking from the outbox, no answer."""
    lease = store.leases.take(NAME, "a", AT, 5)
    with store.fence(lease):
        store.append(CRM, page(Kind.CLAIM, [claim(1)]), AT)
        store.leases.take(NAME, "b", AT + timedelta(seconds=6), 5)
        before = store.dump()
        for write in (
            lambda: store.append(CRM, page(Kind.CLAIM, [claim(2)]), AT),
            lambda: store.take(CRM, 5),
            lambda: store.answer(CRM, [("k", "done", "")], AT),
            lambda: store.work(CRM).__enter__(),
        ):
            with pytest.raises(StoreAwayError, match="stood still"):
                write()
    assert store.dump() == before
    store.append(CRM, page(Kind.CLAIM, [claim(2)]), AT)
    assert store.dump() != before


def test_a_release_fences_too(store: Store) -> None:
    """Who has let go of a lease writes nothing under it any more."""
    lease = store.leases.take(NAME, "a", AT, 5)
    store.leases.release(lease, AT)
    with store.fence(lease), pytest.raises(StoreAwayError):
        store.take(CRM, 5)


def test_of_many_at_once_one_gets_it(store: Store, tmp_path: Path) -> None:
    """Several that ask at the same moment: exactly one has it."""
    ready, got, refused = Barrier(4), [], []

    def ask(name: str) -> None:
        with opened(tmp_path) as mine:
            ready.wait()
            try:
                got.append(mine.leases.take(NAME, name, AT, 60))
            except StoreAwayError as error:
                refused.append(error.code)

    threads = [Thread(target=ask, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [lease.number for lease in got] == [1]
    assert refused == ["sync.held"] * 3
    assert store.leases.held(NAME) == got[0]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "renew", "release"]), st.sampled_from("ab"), st.integers(0, 9)
    ),
    max_size=25,
)


@given(STEPS)
@settings(max_examples=30, deadline=None)
def test_never_two_valid_numbers(tmp_path_factory: pytest.TempPathFactory, steps: object) -> None:
    """Whatever happens in which order, numbers grow, and only the last one taken is anybody's."""
    folder = tmp_path_factory.mktemp("leases")
    with open_store(folder / "store.sqlite3") as store:
        at, newest = AT, 0
        mine: dict[str, Lease] = {}
        for what, who, seconds in steps:  # type: ignore[attr-defined]
            at += timedelta(seconds=seconds)
            held = mine.get(who)
            if what == "take":
                holder = store.leases.held(NAME)
                is_free = holder is None or holder.until <= at
                try:
                    mine[who] = store.leases.take(NAME, who, at, 5)
                except StoreAwayError:
                    assert not is_free
                else:
                    assert is_free
                    assert mine[who].number == newest + 1
                    newest += 1
            elif held is not None and what == "renew":
                is_last = held.number == newest and store.leases.held(NAME) is not None
                try:
                    mine[who] = store.leases.renew(held, at, 5)
                except StoreAwayError:
                    assert not is_last
                else:
                    assert is_last
            elif held is not None:
                store.leases.release(held, at)


def test_a_word_that_comes_meanwhile_is_not_lost(store: Store) -> None:
    """A mark goes away only under the number that was seen; later words keep it."""
    assert store.due() == {}
    store.mark_due("main", AT)
    store.mark_due("other", AT)
    assert store.due() == {"main": 1, "other": 1}
    store.mark_due("main", AT)
    assert not store.no_longer_due("main", 1)
    assert store.due() == {"main": 2, "other": 1}
    assert store.no_longer_due("main", 2)
    assert store.due() == {"other": 1}
