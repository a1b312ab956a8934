"""Sync: pull, decide, push, in a row."""

from datetime import datetime

from crm_expenses.pipeline.decide import decide
from crm_expenses.pipeline.job import Job
from crm_expenses.pipeline.pull import pull
from crm_expenses.pipeline.push import push
from crm_expenses.pipeline.summary import Progress, RunSummary, quiet


def sync(job: Job, at: datetime, progress: Progress = quiet) -> RunSummary:
    """Bring both sides up to date. Stopped anywhere and run again, it ends in the same state."""
    pulled = pull(job.store, job.adapter, at, progress)
    decided = decide(
        job.store, job.adapter.name, job.policy, job.settings.roles, at=at, progress=progress
    )
    pushed = push(job.store, job.adapter, at, progress)
    return RunSummary(job.adapter.name, pulled, decided, pushed)
