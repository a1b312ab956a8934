"""One run of a CRM at a time: a lease in the store, renewed while the run goes on.

Whoever finds it taken waits, or is told who has it. A process that dies loses it after its time;
one that was suspended for longer is fenced off: its next transaction fails, so that it writes
nothing into the store, and takes nothing from the outbox any more.
"""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Final, TypeVar

from crm_expenses.errors import StoreAwayError, StoreError
from crm_expenses.pipeline.clock import Clock, Stopped
from crm_expenses.pipeline.job import Job
from crm_expenses.pipeline.reconcile import Whole
from crm_expenses.pipeline.summary import Progress, RunSummary, quiet
from crm_expenses.pipeline.sync import sync
from crm_expenses.store import Lease, Leases
from crm_expenses.store.lease import HELD, LOST

ASK_SECONDS: Final = 0.5
"""How often a run that waits for another one looks whether it has ended."""

RENEWALS: Final = 3
"""How often a lease is renewed within its time."""

QUIET_MAX: Final = timedelta(hours=1)
"""A run of which nothing was heard for so long keeps its lease no longer by itself."""

OTHERS: Final = frozenset({HELD, LOST})
"""Codes of errors that say that another process runs the same CRM."""

T = TypeVar("T")


def lease_name(crm: str) -> str:
    """Name the lease of a CRM's runs.

    >>> lease_name("main")
    'sync:main'
    """
    return f"sync:{crm}"


def holder_name() -> str:
    """Say which process this is, on which machine."""
    return f"{socket.gethostname()}:{os.getpid()}"


@dataclass
class Held:
    """A lease in use. It is renewed by each step that tells how far it is, and meanwhile."""

    leases: Leases
    lease: Lease
    seconds: int
    clock: Clock
    heard: datetime
    ended: Event = field(default_factory=Event)

    def telling(self, progress: Progress) -> Progress:
        """Give a progress that renews the lease, and ends the run where somebody asked for it.

        What tells how far it is has just finished a page, a claim or a batch.
        """

        def tell(stage: str, done: int, whole: int | None) -> None:
            progress(stage, done, whole)
            self.heard = self.clock.now()
            if self.is_to_renew():
                self._renew_gently()
            if self.clock.is_stopped():
                raise Stopped("sync.stopped", crm=self.lease.name.partition(":")[2])

        return tell

    def is_to_renew(self) -> bool:
        """Say whether a part of the lease's time is over."""
        left = (self.lease.until - self.clock.now()).total_seconds()
        return left < self.seconds * (RENEWALS - 1) / RENEWALS

    def renew(self) -> None:
        """Keep the lease for its time from now.

        Raises:
            StoreAwayError: somebody else has it; or the store is busy, and it is as it was.
        """
        self.lease = self.leases.renew(self.lease, self.clock.now(), self.seconds)

    def keep(self) -> None:
        """Renew the lease while a long call goes on, until the run ends or is not heard of."""
        while not self.ended.wait(self.seconds / RENEWALS):
            if self.clock.now() - self.heard > QUIET_MAX:
                return
            try:
                self._renew_gently()
            except StoreError:
                return  # the run itself finds out before it writes

    def _renew_gently(self) -> None:
        """Renew, but mind no store that is busy just now: there is time left to try again."""
        try:
            self.renew()
        except StoreError as error:
            if error.code == LOST:
                raise


@contextmanager
def alone(
    job: Job, clock: Clock, *, holder: str = "", wait: float = 0, keeps: bool = True
) -> Iterator[Held]:
    """Hold the lease of a job's CRM; the job's store is fenced with it meanwhile.

    `wait` is how many seconds to wait for it. With `keeps` a thread renews it during long calls.

    Raises:
        StoreAwayError: another process holds it, and still did at the end of the wait.
    """
    crm = job.adapter.name
    seconds = job.parts.sync.lease_seconds
    leases = job.store.leases
    lease = _taken(leases, lease_name(crm), holder or holder_name(), seconds, clock, wait)
    held = Held(leases, lease, seconds, clock, clock.now())
    thread = Thread(target=held.keep, daemon=True) if keeps else None
    if thread is not None:
        thread.start()
    try:
        with job.store.fence(lease):
            yield held
    finally:
        held.ended.set()
        if thread is not None:
            thread.join()
        with suppress(StoreError):  # its time is over soon, by itself
            leases.release(lease, clock.now())


def _taken(
    leases: Leases, name: str, holder: str, seconds: int, clock: Clock, wait: float
) -> Lease:
    end = clock.now() + timedelta(seconds=wait)
    while True:
        try:
            return leases.take(name, holder, clock.now(), seconds)
        except StoreAwayError as error:
            left = (end - clock.now()).total_seconds()
            if error.code != HELD or left <= 0 or clock.is_stopped():
                raise
            clock.wait(min(ASK_SECONDS, left))


def sync_alone(
    job: Job,
    at: datetime,
    clock: Clock,
    progress: Progress = quiet,
    *,
    wait: float = 0,
    whole: Whole | None = None,
) -> RunSummary:
    """Bring both sides up to date while nobody else does.

    `whole` says when all is read again, instead of the settings.

    Raises:
        StoreAwayError: another process runs this CRM, or has taken it over.
        Stopped: somebody asked for the end; what was finished is kept.
    """

    def act(held: Held) -> RunSummary:
        return sync(job, at, held.telling(progress), whole)

    return run_alone(job, clock, act, wait=wait, is_whole=lambda run: run.stopped is None)


def _always(_: object) -> bool:
    return True


def run_alone(
    job: Job,
    clock: Clock,
    act: Callable[[Held], T],
    *,
    wait: float = 0,
    is_whole: Callable[[T], bool] = _always,
) -> T:
    """Do what reads a CRM while nobody else does, and take away the mark that it was due.

    What was not done whole, as `is_whole` says, leaves the mark.
    """
    crm = job.adapter.name
    with alone(job, clock, wait=wait) as held:
        word = job.store.due().get(crm)
        done = act(held)
        if word is not None and is_whole(done):
            job.store.no_longer_due(crm, word)
    return done
