"""How a run went: its time by stage and its calls, kept in the store for who watches over it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Final

from crm_expenses.adapters.manners import CallCount
from crm_expenses.errors import CrmExpensesError, StoreError
from crm_expenses.pipeline.job import Job
from crm_expenses.pipeline.summary import RunSummary
from crm_expenses.store.health import keep_run

ASKED_FOR: Final = frozenset({"manners.calls_max"})
"""Codes of ends that were asked for: the run succeeded, as far as it went."""


@dataclass
class Recorder:
    """Measures a run, and keeps what it has measured."""

    job: Job
    at: datetime
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a stage."""
        clock = self.job.monotonic or monotonic
        begun = clock()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + clock() - begun

    def calls(self) -> CallCount:
        """Give what went through the gate in this run."""
        return self.job.gate.count if self.job.gate is not None else CallCount()

    def keep(self, run: RunSummary) -> None:
        """Keep a run that came to its end, or to that of its calls."""
        code = run.stopped.code if run.stopped is not None else ""
        figures = {
            "rows": run.pulled.rows,
            "changes": run.changes,
            "claims": run.decided.claims,
            "sent": run.pushed.sent,
        }
        self._keep(code, figures, succeeded=not code or code in ASKED_FOR)

    def failed(self, error: Exception) -> None:
        """Keep that a run failed; where the store is what failed, nothing is kept."""
        code = error.code if isinstance(error, CrmExpensesError) else type(error).__name__
        with suppress(StoreError):
            self._keep(code, {}, succeeded=False)

    def _keep(self, code: str, figures: dict[str, int], *, succeeded: bool) -> None:
        count = self.calls()
        moved = {
            "calls": count.calls,
            "retries": count.retries,
            "bytes_sent": count.sent,
            "bytes_received": count.received,
        }
        with self.job.store.writing() as connection:
            keep_run(
                connection,
                self.job.adapter.name,
                self.at,
                code=code,
                succeeded=succeeded,
                figures=figures | moved,
                seconds=self.seconds,
            )


@contextmanager
def recording(job: Job, at: datetime) -> Iterator[Recorder]:
    """Measure a run; where it fails, that is kept. What does not fail is kept by `keep`."""
    recorder = Recorder(job, at)
    try:
        yield recorder
    except Exception as error:
        recorder.failed(error)
        raise
    finally:
        if job.gate is not None:
            job.gate.begin()
