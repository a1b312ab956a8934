"""Sync: pull, decide, push, in a row."""

import logging
from dataclasses import replace
from datetime import datetime
from typing import Final

from crm_expenses.errors import CrmExpensesError
from crm_expenses.pipeline.approvals import review
from crm_expenses.pipeline.decide import DecideCount, decide
from crm_expenses.pipeline.files import pull_files, push_files
from crm_expenses.pipeline.job import Job
from crm_expenses.pipeline.pull import pull
from crm_expenses.pipeline.push import PushCount, push
from crm_expenses.pipeline.reconcile import Whole
from crm_expenses.pipeline.recording import recording
from crm_expenses.pipeline.returnresults import tell_returns
from crm_expenses.pipeline.shelfcheck import shelf_of
from crm_expenses.pipeline.summary import FileCount, Progress, RunSummary, quiet
from crm_expenses.pipeline.turns import Company
from crm_expenses.store import Store
from crm_expenses.store.edits import open_clashes

_LOG: Final = logging.getLogger("crm_expenses.sync")


def sync(
    job: Job, at: datetime, progress: Progress = quiet, whole: Whole | None = None
) -> RunSummary:
    """Bring both sides up to date. Stopped anywhere and run again, it ends in the same state.

    `whole` says when all is read again, instead of the settings. Where no more calls may be made,
    what was read is still decided; the summary says so.
    """
    with recording(job, at) as record:
        with record.stage("pull"):
            tend(job)
            pulled = pull(job.store, job.adapter, at, progress, whole or whole_of(job))
        with record.stage("decide"):
            decided = decide_all(job, job.store, at, progress)
        pushed = PushCount()
        if pulled.stopped is None:
            tries = job.parts.sync.tries_max
            with record.stage("push"):
                pushed = push(job.store, job.adapter, at, progress, tries_max=tries)
        moved = FileCount()
        if pulled.stopped is None and pushed.stopped is None:
            with record.stage("files"):
                moved = sync_files(job, at, progress=progress)
        run = RunSummary(
            job.adapter.name,
            pulled,
            decided,
            pushed,
            calls=record.calls(),
            seconds=dict(record.seconds),
            clashes=clashes_in(job),
            files=moved,
        )
        record.keep(run)
    return run


def tend(job: Job) -> None:
    """Let the adapter renew what ends by itself, where webhooks are expected.

    Webhooks are hints, so that nothing here fails the run: what cannot be renewed is logged.
    """
    # An adapter from outside need not have it.
    renew = getattr(job.adapter, "tend", None)
    if renew is None or job.parts.webhook is None:
        return
    try:
        renew()
    except CrmExpensesError as error:
        _LOG.warning("crm=%s hints=not_renewed code=%s", job.adapter.name, error.code)


def clashes_in(job: Job) -> int:
    """Count the fields that both sides changed and that wait for a person."""
    with job.store.reading() as connection:
        return open_clashes(connection, job.adapter.name)


def sync_files(job: Job, at: datetime, *, progress: Progress = quiet) -> FileCount:
    """Fetch the files of vouchers, then send those that were put here."""
    tries = job.parts.sync.tries_max
    both = (job.store, job.adapter, shelf_of(job.settings), at)
    fetched = pull_files(*both, tries_max=tries, progress=progress)
    return fetched + push_files(*both, tries_max=tries, progress=progress)


def whole_of(job: Job) -> Whole:
    """Give when all is read again, as the settings say of the connection."""
    return Whole(every=job.parts.sync.full_every)


def company_of(job: Job) -> Company:
    """Give what a job's claims are looked at with."""
    settings = job.settings
    provenance = job.adapter.capabilities.provenance
    return Company(job.policy, settings.roles, settings.zone, provenance)


def decide_all(job: Job, store: Store, at: datetime, progress: Progress = quiet) -> DecideCount:
    """Decide what waits, look again at what waits for approval, make figures of what came back."""
    company, crm = company_of(job), job.adapter.name
    decided = decide(store, crm, company, at=at, progress=progress)
    review(store, crm, company, at)
    tell_returns(replace(job, store=store), at)
    return decided
