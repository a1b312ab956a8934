"""The outbox: results leave once, keys hold still, and every answer is kept."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored_company import AT, CRM, allow_all, claim, decide_pending, line, open_at, opened, put

from crm_expenses.core.viewer import SYSTEM
from crm_expenses.store import OutboxRow, Store
from crm_expenses.store.work import Write


def send(store: Store, *contents: str, record: str = "C-1", kind: str = "claim_result") -> None:
    """Put results in the outbox, each in a transaction of its own."""
    for content in contents:
        with store.work(CRM) as work:
            work.send([Write(kind, record, content)])


def taken(store: Store, limit: int = 100, after: int = 0) -> list[tuple[str, str, bool]]:
    """Take the next results: record, content, whether an earlier send may have arrived."""
    return [(r.record, r.content, r.uncertain) for r in store.take(CRM, limit, after)]


def answer(store: Store, state: str, reason: str = "") -> OutboxRow:
    """Take the next result and have it answered."""
    [row] = store.take(CRM, 1)
    store.answer(CRM, [(row.key, state, reason)])
    return row


def test_a_result_leaves_once(store: Store) -> None:
    """A result that is done is not taken again, nor sent again when nothing changed."""
    send(store, "one")
    assert store.to_send(CRM) == 1
    answer(store, "done")
    send(store, "one", "one")
    assert store.to_send(CRM) == 0
    assert taken(store) == []
    assert store.outbox_counts(CRM) == {"done": 1}


def test_the_newest_result_replaces_one_that_waits(store: Store) -> None:
    """Of several results for a record that nobody has seen yet, only the newest leaves."""
    send(store, "one", "two", "three")
    assert taken(store) == [("C-1", "three", False)]
    assert store.outbox_counts(CRM) == {"sending": 1}


@pytest.mark.parametrize("state", ["done", "refused", ""])
def test_a_result_that_returns_overtakes_what_waited(store: Store, state: str) -> None:
    """When the decision goes back to what the CRM was told last, what waited is dropped."""
    send(store, "one")
    [row] = store.take(CRM, 1)
    if state:
        store.answer(CRM, [(row.key, state, "")])
    send(store, "two", "one")
    assert taken(store) == ([] if state else [("C-1", "one", True)])


def test_an_older_content_is_a_write_of_its_own(store: Store) -> None:
    """A return to what was written before the last write has a key of its own."""
    keys = []
    for content in ("one", "two", "one", "two"):
        send(store, content)
        keys.append(answer(store, "done").key)
    assert len(set(keys)) == 4


def test_results_leave_in_their_order(store: Store) -> None:
    """Results leave in the order in which they were made, in batches, each row after the last."""
    for number in range(5):
        send(store, "x", record=f"C-{number}")
    first = store.take(CRM, 2)
    second = store.take(CRM, 2, first[-1].seq)
    third = store.take(CRM, 2, second[-1].seq)
    names = [row.record for rows in (first, second, third) for row in rows]
    assert names == [f"C-{number}" for number in range(5)]
    assert store.take(CRM, 2, third[-1].seq) == ()


def test_an_unknown_answer_is_read_back(store: Store, tmp_path: Path) -> None:
    """A result whose reply was lost comes again under the same key, marked as uncertain."""
    send(store, "one")
    [first] = store.take(CRM, 10)
    assert not first.uncertain
    store.close()
    with opened(tmp_path) as after_a_crash:
        [again] = after_a_crash.take(CRM, 10)
        assert again == replace(first, uncertain=True)
        assert after_a_crash.to_send(CRM) == 1
        after_a_crash.answer(CRM, [(again.key, "done", "")])
        assert after_a_crash.take(CRM, 10) == ()


def test_a_newer_result_overtakes_one_that_is_on_its_way(store: Store) -> None:
    """A result that may have arrived is never sent again beside a newer one, which takes its doubt.

    Sent after the newer one it would undo it, and read back it is not there any more.
    """
    send(store, "one")
    store.take(CRM, 10)
    send(store, "two")
    assert taken(store) == [("C-1", "two", True)]
    send(store, "three", "one")
    assert taken(store) == [("C-1", "one", True)]
    assert store.outbox_counts(CRM) == {"sending": 1, "superseded": 3}


def test_a_refused_result_stays_refused(store: Store) -> None:
    """A refusal is final for that content, its reason is kept, and other content is tried."""
    send(store, "one")
    answer(store, "refused", "no such field")
    send(store, "one")
    assert store.to_send(CRM) == 0
    assert "no such field" in store.dump()
    send(store, "two")
    assert taken(store) == [("C-1", "two", False)]
    assert store.outbox_counts(CRM) == {"refused": 1, "sending": 1}


def test_a_conflict_waits_for_the_next_pull(store: Store) -> None:
    """After a conflict the result waits on, not uncertain, with the version that is read next."""
    put(store, claim(1), version="v1")
    send(store, "one")
    row = answer(store, "conflict", "changed by a person")
    assert row.version == "v1"
    assert store.take(CRM, 10, row.seq) == ()  # not in the same run
    put(store, claim(1), version="v2")
    [again] = store.take(CRM, 10)
    assert again == replace(row, version="v2")


def test_a_conflict_ends_when_the_decision_changes(store: Store) -> None:
    """What nobody accepted is replaced by what is decided after the pull."""
    send(store, "one")
    answer(store, "conflict")
    send(store, "two")
    assert taken(store) == [("C-1", "two", False)]


@pytest.mark.parametrize(
    ("kind", "record", "version"),
    [
        ("claim_result", "C-1", "vc"),
        ("line_result", "L-1", "vl"),
        ("line_result", "C-1", ""),  # a line of that name is not there
        ("budget_result", "C-1", ""),
    ],
)
def test_the_version_is_the_records_own(store: Store, kind: str, record: str, version: str) -> None:
    """A result carries the version of the record it is for: its kind, its id, its CRM."""
    put(store, claim(1), version="vc")
    put(store, line(1), version="vl")
    send(store, "x", record=record, kind=kind)
    [row] = store.take(CRM, 10)
    assert (row.kind, row.record, row.version) == (kind, record, version)


def test_what_a_record_was_told_before(store: Store) -> None:
    """A plan shows each waiting result beside the newest one that was really written."""
    send(store, "one")
    answer(store, "done")
    send(store, "two")
    answer(store, "refused")
    send(store, "three")
    send(store, "new", record="C-2")
    found = [(row.record, row.content, before) for row, before in store.waiting(CRM, viewer=SYSTEM)]
    assert found == [("C-1", "three", "one"), ("C-2", "new", "")]


def test_two_crms_have_two_outboxes(store: Store) -> None:
    """What waits for one CRM is neither counted, taken nor answered for another."""
    with store.work("other") as work:
        work.send([Write("claim_result", "C-1", "one")])
    send(store, "one")
    [mine], [theirs] = store.take(CRM, 10), store.take("other", 10)
    assert mine.key != theirs.key
    store.answer(CRM, [(theirs.key, "done", "")])
    assert store.outbox_counts("other") == {"sending": 1}


def test_kinds_of_one_record_keep_apart(store: Store) -> None:
    """A claim and a line of the same id are told different things."""
    send(store, "x", kind="claim_result")
    send(store, "x", kind="line_result")
    assert len({row.key for row in store.take(CRM, 10)}) == 2


def test_sending_nothing_and_answering_nothing(store: Store) -> None:
    """Empty lists change nothing, and an answer to a key that nobody knows is left alone."""
    before = store.dump()
    with store.work(CRM) as work:
        work.send([])
    store.answer(CRM, [])
    store.answer(CRM, [("no such key", "done", "")])
    assert store.dump() == before


def test_the_key_derives_from_what_is_sent(database: str, tmp_path: Path) -> None:
    """Two stores that decided the same send under the same keys."""
    keys = []
    for name in ("one", "two"):
        with open_at(tmp_path / name) as store:
            put(store, claim(1), line(1))
            decide_pending(store)
            put(store, line(1, 5))
            with store.work(CRM) as work:
                work.record(allow_all(work, "C-1")[0], AT)
            keys.append([row.key for row in store.take(CRM, 10)])
    assert keys[0] == keys[1]


STEPS = st.lists(
    st.one_of(
        st.sampled_from(("write a", "write b", "take")),
        st.sampled_from(("done", "refused", "conflict")),
    ),
    max_size=25,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
def test_the_crm_ends_with_what_was_decided_last(
    database: str, tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    """However sends, crashes and answers mix, the CRM takes each key once, and once every result
    is done it shows the last one that was decided.
    """
    with open_at(tmp_path_factory.mktemp("store") / "s.sqlite3") as store:
        shown: list[str] = []
        arrived: set[str] = set()
        keys: dict[str, str] = {}
        last = ""
        way: list[OutboxRow] = []

        def deliver(row: OutboxRow, state: str) -> None:
            assert keys.setdefault(row.key, row.content) == row.content
            if state == "done" and row.key not in arrived:
                arrived.add(row.key)
                shown.append(row.content)
            store.answer(CRM, [(row.key, state, "")])

        for step in steps:
            if step.startswith("write"):
                last = step
                send(store, step)
            elif step == "take":
                way = list(store.take(CRM, 10))
            elif way:
                deliver(way.pop(0), step)
        refused = store.outbox_counts(CRM).get("refused", 0)
        for row in store.take(CRM, 100):
            deliver(row, "done")
        assert store.to_send(CRM) == 0
        assert not last or refused or shown[-1] == last
