"""The three verbs, each safe to repeat and to stop half-way: pull, decide, push; and the report.

This is where adapters, store and rules meet; each of them knows nothing of the others.
"""

from crm_expenses.pipeline.alone import OTHERS, alone, run_alone, sync_alone
from crm_expenses.pipeline.approvals import review, speak
from crm_expenses.pipeline.clock import Clock, Stopped
from crm_expenses.pipeline.decide import DecideCount, decide
from crm_expenses.pipeline.delegation import delegate, undelegate
from crm_expenses.pipeline.exactly import Changed, exactly
from crm_expenses.pipeline.figures import (
    budget_figures,
    budgets_known,
    report_figures,
    return_rows,
    uncovered_figures,
)
from crm_expenses.pipeline.job import Job, demand_store, open_job
from crm_expenses.pipeline.plan import Plan, PlannedWrite, make_plan, plan
from crm_expenses.pipeline.planfile import plan_schema, plan_text, read_plan, why_json
from crm_expenses.pipeline.pull import PullCount, pull
from crm_expenses.pipeline.push import PushCount, push
from crm_expenses.pipeline.reconcile import Whole
from crm_expenses.pipeline.summary import Progress, RunSummary, quiet
from crm_expenses.pipeline.sync import company_of, decide_all, sync, whole_of
from crm_expenses.pipeline.turns import Company
from crm_expenses.pipeline.waiting import ShownClaim, Waiting, desk_of, shown_claim, waiting_claims
from crm_expenses.pipeline.watch import Turn, watch

__all__ = [
    "OTHERS",
    "Changed",
    "Clock",
    "Company",
    "DecideCount",
    "Job",
    "Plan",
    "PlannedWrite",
    "Progress",
    "PullCount",
    "PushCount",
    "RunSummary",
    "ShownClaim",
    "Stopped",
    "Turn",
    "Waiting",
    "Whole",
    "alone",
    "budget_figures",
    "budgets_known",
    "company_of",
    "decide",
    "decide_all",
    "delegate",
    "demand_store",
    "desk_of",
    "exactly",
    "make_plan",
    "open_job",
    "plan",
    "plan_schema",
    "plan_text",
    "pull",
    "push",
    "quiet",
    "read_plan",
    "report_figures",
    "return_rows",
    "review",
    "run_alone",
    "shown_claim",
    "speak",
    "sync",
    "sync_alone",
    "uncovered_figures",
    "undelegate",
    "waiting_claims",
    "watch",
    "whole_of",
    "why_json",
]
