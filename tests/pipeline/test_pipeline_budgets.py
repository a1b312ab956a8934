"""What people do with budgets reaches the CRM."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from small_company import AT, adapter_on, filled, job_on, told

from crm_expenses.adapters.contract import ResultKind
from crm_expenses.adapters.memory import MemoryCrm
from crm_expenses.core.budget import Budget, BudgetPosition, BudgetScope
from crm_expenses.core.budgetplan import PlannedBudget
from crm_expenses.core.money import Money
from crm_expenses.pipeline import push, quiet, sync
from crm_expenses.pipeline.budgets import approve_transfer, ask_transfer, take_plan
from crm_expenses.pipeline.turns import budget_writes
from crm_expenses.store.append import told_of
from crm_expenses.store.transfers import TransferState


def test_the_store_tells_of_a_budget_as_the_pipeline_does() -> None:
    """What is told where an amount was changed in the CRM is the same text as after a decision."""
    position = BudgetPosition("B", "CNY", 1000, 300, 0)
    assert told_of(position) == budget_writes([position])[0]


def test_the_crm_is_told_of_budgets_that_moved(database: str, tmp_path: Path) -> None:
    """A plan and a transfer are written back like what a decision moves."""
    crm = filled(MemoryCrm())
    year = (date(2026, 1, 1), date(2026, 12, 31))
    new = Budget("N", BudgetScope.TEAM, *year, Money(500, "CNY"), "West", responsible="P3")
    rows = [PlannedBudget(new), PlannedBudget(replace(new, id="M", owner="South"))]
    with job_on(tmp_path, adapter_on(crm)) as job:
        sync(job, AT)
        for row in rows:
            take_plan(job, [row], take_over=False, actor="P9", said="", at=AT)
        push(job.store, job.adapter, AT, quiet)
        first = told(crm, ResultKind.BUDGET_RESULT, "N")
        assert first.allocated == Money(500, "CNY")  # type: ignore[union-attr]
        ask_transfer(job, "N", "M", "2", actor="P1", said="fair", at=AT)
        assert approve_transfer(job, "T-1", actor="P3", at=AT).row.state is TransferState.MADE
        push(job.store, job.adapter, AT, quiet)
        for name, minor in (("N", 300), ("M", 700)):
            result = told(crm, ResultKind.BUDGET_RESULT, name)
            assert result.available == Money(minor, "CNY")  # type: ignore[union-attr]
        assert sync(job, AT).changes == 0
