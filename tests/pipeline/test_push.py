# ruff: noqa: D102  the docstring of each adapter says what its one method does
"""Push: batches in order, one bad row found among many, and adapters that answer wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.adapters.contract import Ack, AckState, Change, ClaimResult, ResultKind, WriteBack
from crm_expenses.adapters.memory import (
    CAPABILITIES,
    Failure,
    Fault,
    MemoryAdapter,
    MemoryCrm,
    Step,
)
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.record import Kind, canonical
from crm_expenses.errors import (
    AdapterError,
    AuthError,
    ConflictError,
    RefusedError,
    RetryableError,
    exit_code,
)
from crm_expenses.pipeline import PushCount, pull, push, quiet
from crm_expenses.pipeline.push import change_of, waves, write_back
from crm_expenses.store import OutboxRow, Store, open_store
from crm_expenses.store.deadletters import dead_letters, send_again
from crm_expenses.store.edits import NewEdit, change
from crm_expenses.store.work import Write
from crm_expenses.testing.samples import results
from stores import where

AT = datetime(2026, 3, 31, 20, tzinfo=UTC)
CLAIMS = tuple(Claim(f"C-{n}", "P1", AT) for n in range(9))
LINES = tuple(
    ExpenseLine(f"L-{n}", f"C-{n}", date(2026, 3, 1), "meal", Money(100, "CNY")) for n in range(9)
)


@pytest.fixture
def store(database: str, tmp_path: Path) -> Iterator[Store]:
    """Give an empty store."""
    with open_store(where(tmp_path / "store.sqlite3")) as made:
        yield made


def filled() -> MemoryCrm:
    """Give a CRM with nine claims of one line each."""
    crm = MemoryCrm()
    for record in (*CLAIMS, *LINES):
        crm.put(record)
    return crm


def prepared(store: Store, crm: MemoryCrm) -> None:
    """Read all, and put a result for each claim into the outbox."""
    pull(store, MemoryAdapter("main", crm), AT, quiet)
    made = results({ResultKind.CLAIM_RESULT})[0]
    assert isinstance(made, ClaimResult)
    with store.work("main") as work:
        work.send(
            [
                Write("claim_result", one.id, canonical(replace(made, claim=one.id)))
                for one in CLAIMS
            ]
        )


def sent(store: Store, adapter: MemoryAdapter, tries_max: int = 10) -> PushCount:
    """Push."""
    return push(store, adapter, AT, quiet, tries_max=tries_max)


def dead(store: Store) -> list[tuple[str, str, int]]:
    """Give what waits for a person."""
    with store.reading() as connection:
        found = dead_letters(connection, "main")
    assert all(one.reason and one.since == AT.isoformat() for one in found)
    return [(one.record, one.state, one.tries) for one in found]


class Picky(MemoryAdapter):
    """Refuses a whole batch for one row, and does not say which."""

    bad: frozenset[str] = frozenset()
    error: type[AdapterError] = RefusedError
    calls = 0

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        self.calls += 1
        if any(write.record in self.bad for write in writes):
            raise self.error("memory.refused", crm=self.name, record="one of them")
        return super().push(writes)


@pytest.mark.parametrize("bad", [["C-0"], ["C-8"], ["C-3"], ["C-3", "C-4"], ["C-0", "C-8"]])
def test_one_bad_row_is_found_by_halves(store: Store, bad: list[str]) -> None:
    """Of a batch that is refused whole, the bad rows are refused and all others arrive, once."""
    crm = filled()
    prepared(store, crm)
    adapter = Picky("main", crm)
    adapter.bad = frozenset(bad)
    run = sent(store, adapter)
    assert (run.sent, run.refused) == (9 - len(bad), len(bad))
    assert dead(store) == [(name, "refused", 0) for name in bad]
    assert sorted(record for _, record, _, _ in crm.log) == [
        one.id for one in CLAIMS if one.id not in bad
    ]
    assert adapter.calls <= 1 + 2 * len(bad) * 4  # four times halved


def test_a_conflict_of_a_whole_batch_is_found_too(store: Store) -> None:
    """A ConflictError without a row is one row's conflict, and waits."""
    crm = filled()
    prepared(store, crm)
    adapter = Picky("main", crm)
    adapter.bad, adapter.error = frozenset({"C-5"}), ConflictError
    assert (sent(store, adapter).conflicts, store.to_send("main")) == (1, 1)
    assert sent(store, MemoryAdapter("main", crm)).sent == 1


@pytest.mark.parametrize("error", [RetryableError, AuthError])
def test_what_is_no_rows_fault_is_raised(store: Store, error: type[AdapterError]) -> None:
    """A CRM that is away is not taken for bad rows: all wait, uncertain."""
    crm = filled()
    prepared(store, crm)
    adapter = Picky("main", crm)
    adapter.bad, adapter.error = frozenset({"C-5"}), error
    with pytest.raises(error):
        sent(store, adapter)
    assert (store.to_send("main"), dead(store), adapter.calls) == (9, [], 1)
    assert sent(store, MemoryAdapter("main", crm)).sent == 9


class Answers(MemoryAdapter):
    """Answers something else than was asked."""

    how = ""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        acks = list(super().push(writes))
        match self.how:
            case "few":
                return acks[:-1]
            case "foreign":
                return [*acks[:-1], Ack("nobody's", AckState.DONE)]
            case "twice":
                return [*acks, acks[0]]
            case "one for another":
                return [acks[0], *acks[:-1]]
            case _:
                return acks[::-1]


@pytest.mark.parametrize("how", ["few", "foreign", "twice", "one for another"])
def test_wrong_answers_lose_nothing(store: Store, how: str) -> None:
    """Answers that are missing, doubled or nobody's are an error; all is read back next time."""
    crm = filled()
    prepared(store, crm)
    adapter = Answers("main", crm)
    adapter.how = how
    with pytest.raises(AdapterError) as caught:
        sent(store, adapter)
    assert (caught.value.code, exit_code(caught.value)) == ("push.acks", 3)
    assert caught.value.describe("en") != caught.value.describe("zh")
    assert store.outbox_counts("main") == {"sending": 9}
    sound = MemoryAdapter("main", crm)
    assert sent(store, sound).sent == 9
    assert (sound.steps["read_back"], len(crm.log)) == (9, 9)


def test_answers_in_another_order_are_understood(store: Store) -> None:
    """An answer names its write, so that the order does not matter."""
    crm = filled()
    prepared(store, crm)
    assert sent(store, Answers("main", crm)).sent == 9


@pytest.mark.parametrize("failure", [Failure.CONFLICT, Failure.LOST_BEFORE, Failure.LOST_AFTER])
def test_too_many_tries(store: Store, failure: Failure) -> None:
    """What conflicts or stays unknown so often waits no longer; sent again, it acts once."""
    crm = filled()
    prepared(store, crm)
    assert sent(store, MemoryAdapter("main", crm), 3).sent == 9
    with store.work("main") as work:
        change(work.connection, "main", NewEdit(Kind.LINE, "L-1", {"city": "x"}, "P9"), AT)
    for number in (1, 2, 3):
        adapter = MemoryAdapter("main", crm, faults=[Fault(Step.PUSH, 1, failure)])
        if failure is Failure.CONFLICT:
            adapter = MemoryAdapter("main", crm, faults=[Fault(Step.WRITE, 1, failure)])
        run = sent(store, adapter, 3)
        assert run.stuck == (number == 3)
    assert dead(store) == [("L-1", "stuck", 3)]
    assert sent(store, MemoryAdapter("main", crm), 3) == PushCount()
    with store.work("main") as work:
        assert len(send_again(work.connection, "main", None, by="P9", at=AT)) == 1
    assert sent(store, MemoryAdapter("main", crm), 3).sent == 1
    assert len(crm.changes) == 1
    assert store.check_contents().broken is None


def test_an_overtaken_dead_letter_is_not_sent_again(store: Store) -> None:
    """A refused result that a newer one has overtaken would undo it: it is none to be sent."""
    crm = filled()
    prepared(store, crm)
    sent(store, MemoryAdapter("main", crm, faults=[Fault(Step.WRITE, 1, Failure.REFUSED)]))
    assert dead(store) == [("C-0", "refused", 0)]
    made = replace(results({ResultKind.CLAIM_RESULT})[1], claim="C-0")  # type: ignore[call-arg]
    with store.work("main") as work:
        work.send([Write("claim_result", "C-0", canonical(made))])
    assert dead(store) == []
    with store.work("main") as work:
        assert send_again(work.connection, "main", None, by="P9", at=AT) == []


def test_parents_go_first_and_no_record_twice(store: Store) -> None:
    """A claim goes before its lines, and one record is never twice in a batch."""
    batches: list[list[str]] = []

    class Watched(MemoryAdapter):
        def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
            batches.append([f"{write.kind}/{write.record}" for write in writes])
            return super().push(writes)

    crm = filled()
    pull(store, MemoryAdapter("main", crm), AT, quiet)
    with store.work("main") as work:
        for kind, name, field in (
            (Kind.LINE, "L-1", "city"),
            (Kind.CLAIM, "C-1", "title"),
            (Kind.LINE, "L-2", "city"),
        ):
            change(work.connection, "main", NewEdit(kind, name, {field: "x"}, "P9"), AT)
        made = replace(results({ResultKind.CLAIM_RESULT})[0], claim="C-1")  # type: ignore[call-arg]
        work.send([Write("claim_result", "C-1", canonical(made))])
    run = push(store, Watched("main", crm), AT, quiet)
    assert run.sent == 4
    assert batches == [
        ["change/C-1", "change/L-1", "change/L-2"],
        ["claim_result/C-1"],
    ]


@pytest.mark.parametrize("failure", [Failure.CONFLICT, Failure.LOST_BEFORE, Failure.LOST_AFTER])
def test_a_newer_result_waits_for_the_older(store: Store, failure: Failure) -> None:
    """Where the older one is not settled the newer is not sent: it would be undone by the next run.

    The same for results, and for changes of one field.
    """
    crm = filled()
    prepared(store, crm)
    lost = [Fault(Step.WRITE, n, failure) for n in range(1, 10)]
    sent(store, MemoryAdapter("main", crm, faults=lost))
    newer = replace(results({ResultKind.CLAIM_RESULT})[1], claim="C-0")  # type: ignore[call-arg]
    with store.work("main") as work:
        work.send([Write("claim_result", "C-0", canonical(newer))])
    for step in (Step.WRITE, Step.PUSH):  # unsettled once more, one by one or all at once
        again = MemoryAdapter("main", crm, faults=[Fault(step, 1, Failure.LOST_AFTER)])
        sent(store, again)
    for _ in range(2):
        sent(store, MemoryAdapter("main", crm))
    assert crm.results()[ResultKind.CLAIM_RESULT, "C-0"] == newer
    assert store.to_send("main") == 0


NAMES = st.sampled_from(["1", "2", "3"])
KINDS = st.sampled_from(["claim_result", "claim_change", "line_result", "line_change"])


def queued(number: int, kind: str, name: str) -> OutboxRow:
    """Give a row; the line of a number is in the claim of that number."""
    claim = {"claim": name}
    content = {"record": claim} if kind.endswith("_change") else claim
    return OutboxRow(number, str(number), kind, name, canonical(content))


@given(st.lists(st.tuples(KINDS, NAMES), max_size=12))
def test_waves(rows: list[tuple[str, str]]) -> None:
    """Every row goes once; a record is once in a wave, in its order, and after its claim."""
    made = [queued(n, kind, name) for n, (kind, name) in enumerate(rows, start=1)]
    found = list(waves(made))
    went = [row for wave in found for row in wave]
    assert sorted(row.seq for row in went) == [row.seq for row in made]
    places: dict[tuple[str, str], list[int]] = {}
    for wave in found:
        names = [(row.kind.partition("_")[0], row.record) for row in wave]
        assert len(set(names)) == len(names)
        for row, name in zip(wave, names, strict=True):
            places.setdefault(name, []).append(row.seq)
    assert all(seqs == sorted(seqs) for seqs in places.values())
    order = [(row.kind.partition("_")[0], row.record) for row in went]
    for name in {row.record for row in made}:
        if {("claim", name), ("line", name)} <= set(order):
            assert order.index(("claim", name)) < order.index(("line", name))


def test_what_is_in_order_stays_so() -> None:
    """Where no line comes before its claim, the order is that of the outbox."""
    kinds = ["claim_result", "line_result", "budget_result", "claim_result", "line_change"]
    made = [queued(n, kind, str(n // 3)) for n, kind in enumerate(kinds, start=1)]
    assert [row for wave in waves(made) for row in wave] == made


def test_a_crm_that_refuses_everything(store: Store) -> None:
    """Where nothing at all is taken the run fails, and everything can be sent again later."""
    crm = filled()
    prepared(store, crm)
    adapter = Picky("main", crm)
    adapter.bad = frozenset(one.id for one in CLAIMS)
    with pytest.raises(RefusedError):
        sent(store, adapter)
    assert len(dead(store)) == len(CLAIMS)
    with store.work("main") as work:
        send_again(work.connection, "main", None, by="P9", at=AT)
    assert sent(store, MemoryAdapter("main", crm)).sent == len(CLAIMS)


def test_a_change_comes_out_as_it_went_in() -> None:
    """What the outbox keeps of a change is read back with a record of the right type."""
    expected = Change(Kind.LINE, LINES[0], ("city", "extra.miles"))
    row = OutboxRow(1, "k", "line_change", "L-0", canonical(expected), version="7")
    made = write_back(row)
    assert (made.kind, made.result, made.version) == (ResultKind.CHANGE, expected, "7")
    assert change_of(canonical(Change(Kind.CLAIM, CLAIMS[0], ("title",)))) != expected


def test_the_memory_crm_says_what_it_can() -> None:
    """All kinds but approvals can be changed there."""
    assert set(Kind) - CAPABILITIES.changes == {Kind.APPROVAL}
