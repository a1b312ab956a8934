"""Sync: pull, decide, push, in a row."""

from datetime import datetime

from crm_expenses.pipeline.approvals import review
from crm_expenses.pipeline.decide import DecideCount, decide
from crm_expenses.pipeline.job import Job
from crm_expenses.pipeline.pull import pull
from crm_expenses.pipeline.push import push
from crm_expenses.pipeline.reconcile import Whole
from crm_expenses.pipeline.summary import Progress, RunSummary, quiet
from crm_expenses.pipeline.turns import Company
from crm_expenses.store import Store


def sync(
    job: Job, at: datetime, progress: Progress = quiet, whole: Whole | None = None
) -> RunSummary:
    """Bring both sides up to date. Stopped anywhere and run again, it ends in the same state.

    `whole` says when all is read again, instead of the settings.
    """
    pulled = pull(job.store, job.adapter, at, progress, whole or whole_of(job))
    decided = decide_all(job, job.store, at, progress)
    pushed = push(job.store, job.adapter, at, progress, tries_max=job.parts.sync.tries_max)
    return RunSummary(job.adapter.name, pulled, decided, pushed)


def whole_of(job: Job) -> Whole:
    """Give when all is read again, as the settings say of the connection."""
    return Whole(every=job.parts.sync.full_every)


def company_of(job: Job) -> Company:
    """Give what a job's claims are looked at with."""
    settings = job.settings
    provenance = job.adapter.capabilities.provenance
    return Company(job.policy, settings.roles, settings.zone, provenance)


def decide_all(job: Job, store: Store, at: datetime, progress: Progress = quiet) -> DecideCount:
    """Decide what waits, then look again at what waits for approval."""
    company, crm = company_of(job), job.adapter.name
    decided = decide(store, crm, company, at=at, progress=progress)
    review(store, crm, company, at)
    return decided
