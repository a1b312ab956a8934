"""The CRM in memory passes the suite, and does what its scripts of failures say."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings

from crm_expenses.adapters.contract import (
    RESULTS,
    Ability,
    Ack,
    AckState,
    Capabilities,
    Cursor,
    Page,
    Received,
    ResultKind,
    Support,
)
from crm_expenses.adapters.memory import (
    CAPABILITIES,
    Failure,
    Fault,
    MemoryAdapter,
    Step,
)
from crm_expenses.adapters.textrow import from_row, to_row
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.record import TYPES, Kind, Record, digest
from crm_expenses.errors import (
    AuthError,
    ConflictError,
    MappingError,
    RefusedError,
    RetryableError,
    UnsupportedError,
)
from crm_expenses.testing import AdapterSuite, Bench
from crm_expenses.testing.memorybench import MemoryBench
from crm_expenses.testing.samples import edited, results, sample, write_back
from crm_expenses.testing.strategies import claims_with_lines, records

NO_ABILITY = replace(CAPABILITIES, abilities={})
NARROW = Capabilities(
    reads=frozenset({Kind.CLAIM, Kind.LINE}),
    writes=frozenset({ResultKind.CLAIM_RESULT}),
    batch_max=1,
    abilities={Ability.INCREMENTAL: Support.YES},
)
READ_ONLY = replace(NO_ABILITY, writes=frozenset(), changes=frozenset())


class TestMemory(AdapterSuite):
    @pytest.fixture(params=[CAPABILITIES, NO_ABILITY, NARROW, READ_ONLY])
    def bench(self, request: pytest.FixtureRequest) -> Bench:
        """Give a bench, with every ability, with none, with little, and without writing."""
        return MemoryBench(capabilities=request.param)


# --- the adapter by itself ----------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(record=records())
def test_rows_keep_every_record(record: Record) -> None:
    """A record written as a row of text and read again is the same, to the digest."""
    again = from_row(type(record), to_row(record))
    assert again == record
    assert digest(again) == digest(record)


@settings(max_examples=30, deadline=None)
@given(drawn=claims_with_lines())
def test_claims_with_lines_come_as_put(drawn: tuple[Claim, tuple[Record, ...]]) -> None:
    """A claim with its lines comes out of the CRM as it was put in, in order, once each."""
    claim, lines = drawn
    adapter = MemoryAdapter("main", page_size=2)
    for record in (claim, *lines):
        adapter.put(record)
    came = [f.record for kind in (Kind.CLAIM, Kind.LINE) for f in pulled(adapter, kind)]
    assert came == [claim, *lines]


def pulled(adapter: MemoryAdapter, kind: Kind, since: Cursor | None = None) -> list[Received]:
    """Give the facts of a whole pull."""
    return [fact for page in adapter.pull(kind, since) for fact in page.facts]


@pytest.mark.parametrize(
    ("kind", "column", "value", "code"),
    [
        (Kind.CLAIM, "submitted", "2026-01-31T09:00:00", "memory.no_zone"),
        (Kind.CLAIM, "submitted", "yesterday", "memory.value"),
        (Kind.CLAIM, "status", "Submitted", "memory.value"),
        (Kind.CLAIM, "id", "", "memory.missing"),
        (Kind.LINE, "date", "2026-02-30", "memory.value"),
        (Kind.LINE, "date", "20260201", "memory.value"),
        (Kind.LINE, "date", "", "memory.missing"),
        (Kind.LINE, "amount", "1_000", "record.amount"),
        (Kind.LINE, "amount", "１２.５", "record.amount"),
        (Kind.LINE, "amount", "NaN", "record.amount"),
        (Kind.LINE, "amount", "1E+9999999", "record.amount"),
        (Kind.LINE, "amount_currency", "XYZ", "record.currency"),
        (Kind.LINE, "nights", "1.0", "memory.value"),
        (Kind.LINE, "nights", "١", "memory.value"),
        (Kind.LINE, "distance", "1e3", "record.amount"),
        (Kind.LINE, "pre_approved", "True", "memory.value"),
    ],
)
def test_bad_values_are_refused_with_a_reason(
    kind: Kind, column: str, value: str, code: str
) -> None:
    """Each bad value is refused in words of its own, in two languages."""
    row = {**to_row(sample({kind})[1]), column: value}
    with pytest.raises(MappingError) as caught:
        from_row(TYPES[kind], row)
    assert caught.value.code == code
    assert caught.value.describe("en") != caught.value.describe("zh")


def test_all_mistakes_of_a_row_are_told() -> None:
    """A row with three mistakes carries three problems."""
    row = {**to_row(sample({Kind.LINE})[0]), "date": "x", "amount": "x", "nights": "x"}
    with pytest.raises(MappingError) as caught:
        from_row(TYPES[Kind.LINE], row)
    assert len(caught.value.problems) == 3


def full(faults: Sequence[Fault] = (), capabilities: Capabilities = CAPABILITIES) -> MemoryAdapter:
    """Give an adapter on a CRM that holds the sample."""
    adapter = MemoryAdapter("main", faults=faults, capabilities=capabilities)
    for record in sample(set(Kind)):
        adapter.put(record)
    return adapter


WRITES = [write_back("main", result) for result in results(RESULTS)]


def states(acks: Sequence[Ack]) -> list[AckState]:
    """Give what became of each write."""
    return [ack.state for ack in acks]


def test_third_push_loses_its_reply_after_the_effect() -> None:
    """A scripted failure meets the push that it names: all of it acts, all of it is unknown."""
    adapter = full([Fault(Step.PUSH, 3, Failure.LOST_AFTER)])
    for number in range(2):
        assert states(adapter.push(WRITES[number : number + 1])) == [AckState.DONE]
    assert states(adapter.push(WRITES[2:4])) == [AckState.UNKNOWN] * 2
    assert len(adapter.results) == 4
    again = [replace(write, uncertain=True) for write in WRITES[2:4]]
    assert states(adapter.push(again)) == [AckState.DONE] * 2
    assert len(adapter.crm.log) == 4
    assert adapter.steps["read_back"] == 2


def test_push_lost_before_the_effect_has_none() -> None:
    """A request that never arrives changes nothing, and is unknown all the same."""
    adapter = full([Fault(Step.PUSH, 1, Failure.LOST_BEFORE)])
    assert states(adapter.push(WRITES)) == [AckState.UNKNOWN] * len(WRITES)
    assert adapter.results == {}


@pytest.mark.parametrize(
    ("failure", "state", "effects"),
    [
        (Failure.REFUSED, AckState.REFUSED, 5),
        (Failure.CONFLICT, AckState.CONFLICT, 5),
        (Failure.LOST_BEFORE, AckState.UNKNOWN, 5),
        (Failure.LOST_AFTER, AckState.UNKNOWN, 6),
    ],
)
def test_one_write_of_a_batch_fails_alone(failure: Failure, state: AckState, effects: int) -> None:
    """A failure of the 3rd write is answered for that write; the others are done."""
    adapter = full([Fault(Step.WRITE, 3, failure)])
    expected = [AckState.DONE] * 6
    expected[2] = state
    assert states(adapter.push(WRITES)) == expected
    assert len(adapter.crm.log) == effects


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Failure.UNAVAILABLE, RetryableError),
        (Failure.AUTH, AuthError),
        (Failure.REFUSED, RefusedError),
        (Failure.CONFLICT, ConflictError),
    ],
)
def test_whole_calls_raise(failure: Failure, kind: type[Exception]) -> None:
    """A failure of a whole push or of a page is raised as the error of its kind."""
    adapter = full([Fault(Step.PUSH, 1, failure), Fault(Step.PULL, 2, failure)])
    with pytest.raises(kind):
        adapter.push(WRITES)
    assert adapter.results == {}
    assert pulled(adapter, Kind.CLAIM)
    with pytest.raises(kind):
        pulled(adapter, Kind.CLAIM)
    assert pulled(adapter, Kind.CLAIM)


def test_batch_may_die_half_way() -> None:
    """A CRM that goes away at the 3rd write has acted on two."""
    adapter = full([Fault(Step.WRITE, 3, Failure.UNAVAILABLE)])
    with pytest.raises(RetryableError):
        adapter.push(WRITES)
    assert len(adapter.results) == 2


def test_changed_record_comes_again_after_the_others() -> None:
    """Pages follow the order of modification: an edited record moves to the end."""
    adapter = full()
    adapter.put(edited(sample({Kind.CLAIM})[0]))
    assert [f.record.id for f in pulled(adapter, Kind.CLAIM)] == [
        "C-2", "C-3", "C-4", "C-5", "C-1",
    ]  # fmt: skip


def test_own_write_comes_back_as_an_echo() -> None:
    """A result changes the record's version, so the record comes again with the same content."""
    adapter = full()
    page = list(adapter.pull(Kind.CLAIM, None))[-1]
    adapter.push(WRITES[:1])
    (echo,) = pulled(adapter, Kind.CLAIM, page.cursor)
    assert echo.record == sample({Kind.CLAIM})[0]
    assert echo.origin.version == "2"


def test_edit_during_a_pull_comes_with_the_next() -> None:
    """A record changed while pages are read is not lost, and the pull ends."""
    adapter = MemoryAdapter("main", full().crm, page_size=1)
    found = adapter.pull(Kind.CLAIM, None)
    pages = [next(found)]
    adapter.put(edited(sample({Kind.CLAIM})[0]))
    adapter.put(edited(sample({Kind.CLAIM})[4]))
    pages += list(found)
    later = pulled(adapter, Kind.CLAIM, pages[-1].cursor)
    assert [f.record.id for page in pages for f in page.facts] == ["C-1", "C-2", "C-3", "C-4"]
    assert [f.record.id for f in later] == ["C-1", "C-5"]


def test_write_to_a_deleted_record_is_refused_alone() -> None:
    """A claim that is gone refuses its result; the rest of the batch is done."""
    adapter = full()
    adapter.delete(Kind.CLAIM, "C-1")
    found = states(adapter.push(WRITES))
    assert found.count(AckState.REFUSED) == 1
    assert found.count(AckState.DONE) == 5
    assert "C-1" not in {f.record.id for f in pulled(adapter, Kind.CLAIM)}


def test_limits_are_stated_and_kept() -> None:
    """A batch too large and a page size of zero are refused."""
    adapter = MemoryAdapter("main", capabilities=replace(CAPABILITIES, batch_max=1))
    with pytest.raises(UnsupportedError):
        adapter.push(WRITES[:2])
    with pytest.raises(ValueError, match="page_size is 0"):
        MemoryAdapter("main", page_size=0)


def test_sample_days_differ_between_zones() -> None:
    """The sample would show an adapter that moves times to UTC and takes their day."""
    claim = sample({Kind.CLAIM})[0]
    assert isinstance(claim, Claim)
    assert claim.submitted.date() == date(2026, 3, 1)


# --- what is deleted, merged, looked up -----------------------------------------------------------


def told_gone(pages: Sequence[Page]) -> list[tuple[str, str]]:
    """Give what pages say is gone: its id, and into what it was merged."""
    return [(one.origin.record, one.into) for page in pages for one in page.gone]


def test_deletions_come_in_their_place() -> None:
    """What is deleted or merged comes once, after the cursor, in the order in which it was done."""
    adapter = full()
    last = list(adapter.pull(Kind.CLAIM, None))[-1].cursor
    adapter.delete(Kind.CLAIM, "C-2")
    adapter.crm.merge(Kind.CLAIM, "C-1", "C-3")
    adapter.put(edited(sample({Kind.CLAIM})[3]))
    pages = list(adapter.pull(Kind.CLAIM, last))
    assert told_gone(pages) == [("C-2", ""), ("C-1", "C-3")]
    assert [fact.record.id for page in pages for fact in page.facts] == ["C-4"]
    assert sum(page.rows for page in pages) == 3
    assert list(adapter.pull(Kind.CLAIM, pages[-1].cursor)) == []
    adapter.put(sample({Kind.CLAIM})[1])
    assert told_gone(list(adapter.pull(Kind.CLAIM, last))) == [("C-1", "C-3")]


def test_deletions_are_not_told_without_the_ability() -> None:
    """A CRM without DELETES gives what is there, and cursors that go on."""
    able = {Ability.INCREMENTAL: Support.YES}
    adapter = full(capabilities=replace(CAPABILITIES, abilities=able))
    last = list(adapter.pull(Kind.CLAIM, None))[-1].cursor
    adapter.delete(Kind.CLAIM, "C-2")
    assert list(adapter.pull(Kind.CLAIM, last)) == []
    with pytest.raises(UnsupportedError):
        adapter.look(Kind.CLAIM, ["C-1"])


def test_a_look_gives_each_as_it_is() -> None:
    """Readable, unreadable, deleted, merged, never there: each is said of its record."""
    adapter = full()
    adapter.crm.put_row(Kind.CLAIM, {"id": "C-bad"})
    adapter.delete(Kind.CLAIM, "C-2")
    adapter.crm.merge(Kind.CLAIM, "C-1", "C-3")
    page = adapter.look(Kind.CLAIM, ["C-1", "C-2", "C-3", "C-bad", "C-404", "C-3"])
    assert [fact.record.id for fact in page.facts] == ["C-3"]
    assert [aside.origin.record for aside in page.set_aside] == ["C-bad"]
    assert told_gone([page]) == [("C-1", "C-3"), ("C-2", ""), ("C-404", "")]
    assert page.cursor == ""
    with pytest.raises(UnsupportedError):
        adapter.look(Kind.CLAIM, ["x"] * (CAPABILITIES.batch_max + 1))


@pytest.mark.parametrize("moves", [True, False])
def test_a_merge_moves_names_without_a_trace(*, moves: bool) -> None:
    """Lines of a merged claim are the other's, and no pull gives them; or they stay as they are."""
    adapter = full()
    last = list(adapter.pull(Kind.LINE, None))[-1].cursor
    before = [fact.record for fact in pulled(adapter, Kind.LINE)]
    named = [one.claim for one in before if isinstance(one, ExpenseLine)]
    assert "C-1" in named
    adapter.crm.merge(Kind.CLAIM, "C-1", "C-3", moves=moves)
    assert list(adapter.pull(Kind.LINE, last)) == []
    after = [fact.record for fact in pulled(adapter, Kind.LINE)]
    expected = ["C-3" if name == "C-1" and moves else name for name in named]
    assert [one.claim for one in after if isinstance(one, ExpenseLine)] == expected
    for wrong in ("C-1", "C-404"):
        with pytest.raises(KeyError):
            adapter.crm.merge(Kind.CLAIM, "C-3", wrong)


def test_a_quiet_change_is_found_by_who_looks() -> None:
    """No pull from a cursor gives it; a pull of all and a look do."""
    adapter = full()
    last = list(adapter.pull(Kind.CLAIM, None))[-1].cursor
    now = edited(sample({Kind.CLAIM})[0])
    adapter.crm.put_quietly(now)
    assert list(adapter.pull(Kind.CLAIM, last)) == []
    assert now in [fact.record for fact in pulled(adapter, Kind.CLAIM)]
    assert now in [fact.record for fact in adapter.look(Kind.CLAIM, [now.id]).facts]
