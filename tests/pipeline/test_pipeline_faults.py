"""The other side fails by script: replies are lost, writes refused, connections break."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from small_company import (
    AT,
    CLAIMS,
    DECIDED,
    LINES,
    POLICY,
    SMALL_BATCHES,
    adapter_on,
    cny,
    filled,
    job_on,
    line,
    march,
    settled,
    synced,
    told,
)

from crm_expenses.adapters.contract import ClaimResult, LineResult, ResultKind
from crm_expenses.adapters.memory import (
    CAPABILITIES,
    Failure,
    Fault,
    MemoryAdapter,
    MemoryCrm,
    Step,
)
from crm_expenses.core.claim import ExpenseLine
from crm_expenses.errors import AuthError, CrmExpensesError, RetryableError
from crm_expenses.pipeline import RunSummary, sync

ALL_AT_ONCE = replace(CAPABILITIES, writes=DECIDED)
WRITES = 23
"""Results of the first run: 10 claims, 11 lines, 2 budgets."""


def faulty(crm: MemoryCrm, *faults: Fault) -> MemoryAdapter:
    """Open the CRM with failures; all results of the company go in one batch."""
    return MemoryAdapter("main", crm, page_size=4, faults=faults, capabilities=ALL_AT_ONCE)


def effects(crm: MemoryCrm) -> Counter[tuple[ResultKind, str, str]]:
    """Count how often each write, by its key, has changed the CRM."""
    return Counter((kind, record, key) for kind, record, key, _ in crm.log)


def all_once(crm: MemoryCrm) -> bool:
    """Say whether every result of the first run was written, and each one once."""
    return len(crm.log) == WRITES and set(effects(crm).values()) == {1}


def outbox(folder: Path) -> dict[str, int]:
    """Count the results by state."""
    with job_on(folder, adapter_on(MemoryCrm())) as job:
        return job.store.outbox_counts("main")


@pytest.mark.parametrize(
    ("failure", "arrived"), [(Failure.LOST_AFTER, WRITES), (Failure.LOST_BEFORE, 0)]
)
def test_a_lost_reply_to_a_batch(tmp_path: Path, failure: Failure, arrived: int) -> None:
    """Whether the batch landed or not: unknown today, read back and settled by the next run."""
    crm = filled(MemoryCrm())
    run = synced(tmp_path, faulty(crm, Fault(Step.PUSH, 1, failure)))
    assert run.pushed.as_json() == {
        "sent": 0,
        "refused": 0,
        "conflicts": 0,
        "unknown": WRITES,
        "stuck": 0,
    }
    assert len(crm.log) == arrived
    assert outbox(tmp_path) == {"sending": WRITES}
    again = adapter_on(crm)
    assert synced(tmp_path, again).pushed.sent == WRITES
    assert again.steps["read_back"] == WRITES
    assert all_once(crm)
    assert outbox(tmp_path) == {"done": WRITES}


@pytest.mark.parametrize("failure", [Failure.LOST_AFTER, Failure.LOST_BEFORE])
@pytest.mark.parametrize("number", [1, 12, WRITES])
def test_a_lost_reply_to_one_write(tmp_path: Path, failure: Failure, number: int) -> None:
    """One unknown among many waits alone; the others are done; in the end each acted once."""
    crm = filled(MemoryCrm())
    run = synced(tmp_path, faulty(crm, Fault(Step.WRITE, number, failure)))
    assert (run.pushed.sent, run.pushed.unknown) == (WRITES - 1, 1)
    again = adapter_on(crm)
    assert synced(tmp_path, again).pushed.sent == 1
    assert again.steps["read_back"] == 1
    assert all_once(crm)


def test_replies_lost_day_after_day(tmp_path: Path) -> None:
    """Lost three times in a row, a write still acts once."""
    crm = filled(MemoryCrm())
    for failure in (Failure.LOST_BEFORE, Failure.LOST_AFTER, Failure.LOST_AFTER):
        run = synced(tmp_path, faulty(crm, Fault(Step.PUSH, 1, failure)))
        assert run.pushed.unknown == WRITES
    assert synced(tmp_path, adapter_on(crm)).pushed.sent == WRITES
    assert all_once(crm)


def test_a_newer_result_follows_an_unknown_one(tmp_path: Path) -> None:
    """A claim that changes while its last write is unknown ends with the newer result."""
    crm = filled(MemoryCrm())
    synced(tmp_path, faulty(crm, Fault(Step.PUSH, 1, Failure.LOST_AFTER)))
    crm.put(line("L-2", "lodging", "600", march(4), nights=2, voucher="V-1"))
    run = synced(tmp_path, adapter_on(crm))
    assert run.pushed.unknown == 0
    result = told(crm, ResultKind.CLAIM_RESULT, "C-2")
    assert isinstance(result, ClaimResult)
    assert result.allowed == cny("600")
    assert set(effects(crm).values()) == {1}
    assert synced(tmp_path, adapter_on(crm)).changes == 0


@pytest.mark.parametrize("number", [1, 7, WRITES])
def test_a_refused_write_is_kept_with_its_reason(tmp_path: Path, number: int) -> None:
    """Refused is told, kept with the reason, not tried again; the others are written."""
    crm = filled(MemoryCrm())
    run = synced(tmp_path, faulty(crm, Fault(Step.WRITE, number, Failure.REFUSED)))
    assert (run.pushed.sent, run.pushed.refused) == (WRITES - 1, 1)
    assert outbox(tmp_path) == {"done": WRITES - 1, "refused": 1}
    with job_on(tmp_path, adapter_on(crm)) as job:
        assert "refuse" in job.store.dump().partition("-- outbox")[2]
    assert synced(tmp_path, adapter_on(crm)).pushed.as_json() == {
        "sent": 0,
        "refused": 0,
        "conflicts": 0,
        "unknown": 0,
        "stuck": 0,
    }
    assert len(crm.log) == WRITES - 1


def test_a_conflict_waits_for_the_next_reading(tmp_path: Path) -> None:
    """A scripted conflict leaves the result waiting; after the next pull it is written, once."""
    crm = filled(MemoryCrm())
    run = synced(tmp_path, faulty(crm, Fault(Step.WRITE, 3, Failure.CONFLICT)))
    assert (run.pushed.sent, run.pushed.conflicts) == (WRITES - 1, 1)
    assert outbox(tmp_path) == {"done": WRITES - 1, "waiting": 1}
    assert synced(tmp_path, adapter_on(crm)).pushed.sent == 1
    assert all_once(crm)


LINE_2 = (ResultKind.LINE_RESULT, "L-2")


def written_by(folder: Path) -> list[tuple[ResultKind, str]]:
    """Give what an undisturbed first run writes, in order."""
    crm = filled(MemoryCrm())
    (folder / "undisturbed").mkdir()
    synced(folder / "undisturbed", faulty(crm))
    return [(kind, record) for kind, record, _, _ in crm.log]


def test_a_result_that_stays_unknown_never_undoes_a_newer_one(tmp_path: Path) -> None:
    """Unknown once, overtaken by a newer result, unknown again: the newer one stands."""
    crm = filled(MemoryCrm())
    lost = next(n for n, entry in enumerate(written_by(tmp_path), 1) if entry == LINE_2)
    synced(tmp_path, faulty(crm, Fault(Step.WRITE, lost, Failure.LOST_BEFORE)))
    assert LINE_2 not in crm.results()
    crm.put(line("L-2", "lodging", "600", march(4), nights=2, voucher="V-1"))
    synced(tmp_path, faulty(crm, Fault(Step.WRITE, 1, Failure.LOST_BEFORE)))
    for _ in range(2):
        synced(tmp_path, adapter_on(crm))
        result = told(crm, *LINE_2)
        assert isinstance(result, LineResult)
        assert result.claimed == cny("600")


class Hasty(MemoryCrm):
    """A CRM in which somebody saves a line once, while we are about to write the first result."""

    def __init__(self, saved: ExpenseLine) -> None:
        super().__init__()
        self.saved: ExpenseLine | None = saved

    def key_of(self, kind: ResultKind, record: str) -> str:
        """Let the person be quicker than the first write."""
        if self.saved is not None:
            saved, self.saved = self.saved, None
            self.put(saved)
        return super().key_of(kind, record)


def test_a_person_who_was_quicker_is_not_overwritten(tmp_path: Path) -> None:
    """A record changed between our pull and our push gets no result that rests on the old one."""
    crm = filled(Hasty(line("L-2", "lodging", "600", march(4), nights=2, voucher="V-1")))
    run = synced(tmp_path, adapter_on(crm))
    assert run.pushed.conflicts == 1
    assert (ResultKind.LINE_RESULT, "L-2") not in crm.results()
    run = synced(tmp_path, adapter_on(crm))
    assert (run.decided.claims, run.pushed.conflicts) == (1, 0)
    result = told(crm, ResultKind.LINE_RESULT, "L-2")
    assert isinstance(result, LineResult)
    assert result.allowed == cny("600")
    assert synced(tmp_path, adapter_on(crm)).changes == 0


def test_a_record_saved_without_a_change_is_no_lasting_conflict(tmp_path: Path) -> None:
    """Saved as it was, a record has a new version and no news: the next run writes, and no more."""
    crm = filled(Hasty(next(one for one in LINES if one.id == "L-2")))
    assert synced(tmp_path, adapter_on(crm)).pushed.conflicts == 1
    run = synced(tmp_path, adapter_on(crm))
    assert (run.pulled.changes, run.decided.claims) == (0, 0)
    assert (run.pushed.sent, run.pushed.conflicts) == (1, 0)
    assert all_once(crm)


@pytest.mark.parametrize(
    ("step", "number"),
    [(Step.PULL, 1), (Step.PULL, 9), (Step.PUSH, 1), (Step.WRITE, 1), (Step.WRITE, 12)],
)
@pytest.mark.parametrize(
    ("failure", "error"), [(Failure.UNAVAILABLE, RetryableError), (Failure.AUTH, AuthError)]
)
def test_a_broken_connection_anywhere(
    tmp_path: Path, step: Step, number: int, failure: Failure, error: type[CrmExpensesError]
) -> None:
    """The error comes out as it is, and the run after it ends as an undisturbed one."""
    crm = filled(MemoryCrm())
    with pytest.raises(error):
        synced(tmp_path, faulty(crm, Fault(step, number, failure)))
    quiet = filled(MemoryCrm())
    (tmp_path / "quiet").mkdir()
    expected = settled(tmp_path / "quiet", lambda: adapter_on(quiet))
    assert settled(tmp_path, lambda: adapter_on(crm)) == expected
    assert crm.log == quiet.log
    assert all_once(crm)


def test_the_third_batch_fails(tmp_path: Path) -> None:
    """What was sent before a failure is closed; the batch that failed is read back, then sent."""
    crm = filled(MemoryCrm())
    faults = [Fault(Step.PUSH, 3, Failure.UNAVAILABLE)]
    broken = MemoryAdapter("main", crm, faults=faults, capabilities=SMALL_BATCHES)
    with pytest.raises(RetryableError):
        synced(tmp_path, broken)
    assert outbox(tmp_path) == {"done": 14, "sending": 7, "waiting": 2}
    again = adapter_on(crm)
    run = synced(tmp_path, again)
    assert (run.pushed.sent, again.steps["read_back"], again.steps[Step.PUSH]) == (9, 7, 2)
    assert all_once(crm)


def test_pages_that_fail_one_after_the_other(tmp_path: Path) -> None:
    """A CRM that breaks at every second page is read to the end, without a page read twice."""
    crm = filled(MemoryCrm())
    runs: list[RunSummary] = []
    for _ in range(40):
        adapter = faulty(crm, Fault(Step.PULL, 2, Failure.UNAVAILABLE))
        with job_on(tmp_path, adapter) as job:
            try:
                runs.append(sync(job, AT))
            except RetryableError:
                continue
        break
    assert len(runs) == 1
    # Only the last page is new to the last run: what came before was kept with its cursor.
    assert runs[0].pulled.rows <= 4
    # Our own writes come back as echoes and are told as known.
    assert runs[0].decided.claims == len(CLAIMS) - 1
    assert all_once(crm)


def test_a_policy_step_without_anybody_still_asks_a_person(tmp_path: Path) -> None:
    """Where the policy names nobody for a review, the manager is asked."""
    without = POLICY.partition("[[approval]]")[0]
    crm = filled(MemoryCrm())
    synced(tmp_path, adapter_on(crm), without)
    found = {
        record: r.waiting_for
        for (_, record), r in crm.results().items()
        if isinstance(r, ClaimResult) and r.state == "in_approval"
    }
    assert found == {"C-3": "P3", "C-8": "P3"}
