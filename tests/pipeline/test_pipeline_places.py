"""A CRM that has no place for some kind of result is told the others."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

from small_company import AT, DECIDED, filled, job_on, synced

from crm_expenses.adapters.contract import ResultKind
from crm_expenses.adapters.memory import CAPABILITIES, MemoryAdapter, MemoryCrm
from crm_expenses.pipeline.exactly import exactly
from crm_expenses.pipeline.plan import make_plan, plan

PLACES = DECIDED - {ResultKind.LINE_RESULT}


def without_lines(crm: MemoryCrm) -> MemoryAdapter:
    """Open a CRM that takes no results of lines."""
    return MemoryAdapter("main", crm, capabilities=replace(CAPABILITIES, writes=PLACES))


def kinds(crm: MemoryCrm) -> Counter[ResultKind]:
    """Count what was written, by kind."""
    return Counter(kind for kind, *_ in crm.log)


def test_results_without_a_place_are_settled_and_not_sent(tmp_path: Path) -> None:
    """Claims and budgets are told; nothing is left over, and nothing comes again."""
    crm = filled(MemoryCrm())
    assert synced(tmp_path, without_lines(crm)).pushed.sent == 12
    assert kinds(crm) == {ResultKind.CLAIM_RESULT: 10, ResultKind.BUDGET_RESULT: 2}
    with job_on(tmp_path, without_lines(crm)) as job:
        assert job.store.outbox_counts("main") == {"done": 23}
    assert synced(tmp_path, without_lines(crm)).pushed.sent == 0


def test_a_plan_shows_what_would_be_sent_and_is_carried_out(tmp_path: Path) -> None:
    """No result without a place stands in it, and none is other work when it is carried out."""
    crm = filled(MemoryCrm())
    with job_on(tmp_path, without_lines(crm)) as job:
        assert {write.kind for write in plan(job, AT)} == {"claim_result", "budget_result"}
        made = make_plan(job, AT)
        run, changed = exactly(job, made, AT)
        assert not changed.is_other_work
        assert run.pushed.sent == 12
