"""Runs that may not call without end: what was read is kept and decided, and the next goes on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from small_company import AT, SMALL_BATCHES, adapter_on, dumped, filled, job_on, synced

from crm_expenses.adapters.exchange import Clock
from crm_expenses.adapters.manners import CrmGate, OwnLedger
from crm_expenses.adapters.memory import Failure, Fault, MemoryAdapter, MemoryCrm, Step
from crm_expenses.crmsettings import LimitsPart
from crm_expenses.errors import AllowanceError, RetryableError
from crm_expenses.pipeline import Job, RunSummary, plan, sync
from crm_expenses.store import StoreLedger
from crm_expenses.store.health import LastRun, last_run

NOON = Clock(lambda: 0.0, lambda: 1_780_000_000.0)


@contextmanager
def gated(
    folder: Path, crm: MemoryCrm, gate: CrmGate, *faults: Fault
) -> Iterator[tuple[Job, MemoryAdapter]]:
    """Open a job whose calls pass a gate, with a clock of which each look takes a second."""
    adapter = MemoryAdapter(
        "main", crm, page_size=4, capabilities=SMALL_BATCHES, gate=gate, faults=faults
    )
    ticks = count()
    folder.mkdir(exist_ok=True)
    with job_on(folder, adapter) as job:
        yield replace(job, gate=gate, monotonic=lambda: float(next(ticks))), adapter


def kept(job: Job) -> LastRun | None:
    """Give the last run as it is kept."""
    with job.store.reading() as connection:
        return last_run(connection, "main")


def calls_of(adapter: MemoryAdapter) -> int:
    """Count what the other side saw of us."""
    return adapter.steps[Step.PULL] + adapter.steps[Step.PUSH]


def test_a_run_counts_what_it_called_and_how_long_it_took(tmp_path: Path) -> None:
    """Calls are those that the CRM saw; each stage took one tick; the next run counts anew."""
    gate = CrmGate("main", LimitsPart(), OwnLedger(), clock=NOON)
    with gated(tmp_path, filled(MemoryCrm()), gate) as (job, adapter):
        run = sync(job, AT)
        seen = calls_of(adapter)
        assert run.calls.calls == seen > 10
        assert run.seconds == {"pull": 1.0, "decide": 1.0, "push": 1.0, "files": 1.0}
        held = kept(job)
        assert held is not None
        assert (held.at, held.succeeded_at, held.code) == (AT, AT, "")
        assert held.figures["calls"] == held.totals["calls"] == seen
        assert held.figures["sent"] == run.pushed.sent
        again = sync(job, AT)
        held = kept(job)
        assert again.calls.calls == calls_of(adapter) - seen
        assert held is not None
        assert held.figures["calls"] == again.calls.calls
        assert (held.totals["calls"], held.totals["runs"]) == (calls_of(adapter), 2)


@pytest.mark.parametrize("calls_max", [1, 2, 3, 5, 8, 40])
def test_runs_of_few_calls_end_where_one_of_many_does(tmp_path: Path, calls_max: int) -> None:
    """Bounded runs keep what they have, say so, succeed, and together do the whole work once."""
    crm = filled(MemoryCrm())
    runs: list[RunSummary] = []
    for _ in range(100):
        gate = CrmGate("main", LimitsPart(), OwnLedger(), clock=NOON, calls_max=calls_max)
        with gated(tmp_path / "many", crm, gate) as (job, adapter):
            runs.append(sync(job, AT))
            assert calls_of(adapter) <= calls_max
            held = kept(job)
            assert held is not None
            assert held.succeeded_at == AT
        if runs[-1].stopped is None:
            break
        assert runs[-1].as_json()["stopped"] == "manners.calls_max"
    assert runs[-1].stopped is None
    once = filled(MemoryCrm())
    (tmp_path / "once").mkdir()
    synced(tmp_path / "once", adapter_on(once))
    assert crm.results() == once.results()
    written = [entry[:3] for entry in crm.log]
    assert len(written) == len(set(written))


def test_a_run_that_is_stopped_while_it_reads_decides_what_came(tmp_path: Path) -> None:
    """Seven pages have the first claims: they are decided, nothing is sent, and rows are told."""
    gate = CrmGate("main", LimitsPart(), OwnLedger(), clock=NOON, calls_max=11)
    with gated(tmp_path, filled(MemoryCrm()), gate) as (job, adapter):
        run = sync(job, AT)
        assert isinstance(run.stopped, AllowanceError)
        assert run.pulled.rows > 20
        assert set(run.seconds) == {"pull", "decide"}
        assert adapter.steps[Step.PUSH] == 0
        assert run.calls.calls == 11


def test_an_allowance_that_is_used_up_is_no_success(tmp_path: Path) -> None:
    """The day's allowance ends the run; the store says with which error, over processes."""
    limits = LimitsPart(calls_per_day=9, reserve=4)
    crm = filled(MemoryCrm())
    for calls in (5, 0):
        ledger = StoreLedger(tmp_path / "store.sqlite3")
        gate = CrmGate("main", limits, ledger, clock=NOON)
        with gated(tmp_path, crm, gate) as (job, _):
            run = sync(job, AT)
            held = kept(job)
        ledger.close()
        assert run.stopped is not None
        assert (run.stopped.code, run.calls.calls) == ("manners.day", calls)
        assert held is not None
        assert (held.succeeded_at, held.code) == (None, "manners.day")
    assert held is not None
    assert held.totals["failed_runs"] == 2


def test_a_run_that_fails_is_kept_with_its_error(tmp_path: Path) -> None:
    """What a failed run called is counted; the last success stays what it was."""
    gate = CrmGate("main", LimitsPart(), OwnLedger(), clock=NOON)
    fault = Fault(Step.PULL, 2, Failure.UNAVAILABLE)
    with gated(tmp_path, filled(MemoryCrm()), gate, fault) as (job, _):
        with pytest.raises(RetryableError):
            sync(job, AT)
        held = kept(job)
        assert held is not None
        assert (held.code, held.succeeded_at, held.figures["calls"]) == (
            "crm.unavailable",
            None,
            2,
        )
        sync(job, AT)
        held = kept(job)
        assert held is not None
        assert (held.code, held.succeeded_at) == ("", AT)
        assert (held.totals["runs"], held.totals["failed_runs"]) == (2, 1)


def test_half_a_reading_gives_no_plan(tmp_path: Path) -> None:
    """A plan that may not call enough is an error, and not a plan of less."""
    gate = CrmGate("main", LimitsPart(), OwnLedger(), clock=NOON, calls_max=3)
    with (
        gated(tmp_path, filled(MemoryCrm()), gate) as (job, _),
        pytest.raises(AllowanceError),
    ):
        plan(job, AT)


def test_how_a_run_went_is_no_part_of_what_is_known(tmp_path: Path) -> None:
    """The dump of the store, by which stores are compared, does not name runs or turns."""
    crm = filled(MemoryCrm())
    synced(tmp_path, adapter_on(crm))
    dump = dumped(tmp_path, adapter_on(crm))
    assert not [name for name in ("last_run", "pace", "allowance") if f"-- {name}" in dump]
