"""What ends by itself in a CRM is renewed as a run begins, and never at the cost of the run."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from small_company import AT, adapter_on, job_on

from crm_expenses.adapters.memory import MemoryAdapter, MemoryCrm
from crm_expenses.crmsettings import CrmParts, WebhookPart
from crm_expenses.errors import AllowanceError, AuthError, CrmExpensesError
from crm_expenses.pipeline import sync
from crm_expenses.pipeline.job import Job
from crm_expenses.settings import Connection

WEBHOOK = CrmParts(webhook=WebhookPart(secret_variable="X", token_field="token"))  # noqa: S106


class Tended(MemoryAdapter):
    """A CRM that notes when it is tended, and what it was asked before."""

    error: CrmExpensesError | None = None
    times: int = 0

    def tend(self) -> Sequence[str]:
        """Note it."""
        self.times += 1
        if self.error is not None:
            raise self.error
        return ("channel",)


def tended(job: Job, parts: CrmParts = WEBHOOK) -> tuple[Job, Tended]:
    """Give a job whose CRM is tended, and that has a webhook."""
    adapter = Tended("main", MemoryCrm())
    connection = Connection(adapter.name, "memory", {}, parts)
    settings = replace(job.settings, connections={adapter.name: connection})
    return replace(job, settings=settings, adapter=adapter), adapter


def test_a_connection_with_a_webhook_is_tended_once_a_run(tmp_path: Path) -> None:
    """One look a run; a connection without a webhook is left alone."""
    with job_on(tmp_path, adapter_on(MemoryCrm())) as plain:
        job, adapter = tended(plain)
        sync(job, AT)
        sync(job, AT)
        assert adapter.times == 2
        job, adapter = tended(plain, CrmParts())
        sync(job, AT)
        assert adapter.times == 0


@pytest.mark.parametrize(
    "error",
    [AuthError("zoho.scope", crm="main"), AllowanceError("manners.calls_max", crm="main")],
)
def test_what_cannot_be_renewed_fails_no_run(
    tmp_path: Path, error: CrmExpensesError, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged by its code, and the run goes on: messages are hints."""
    with job_on(tmp_path, adapter_on(MemoryCrm())) as plain:
        job, adapter = tended(plain)
        adapter.error = error
        with caplog.at_level(logging.WARNING):
            run = sync(job, AT)
        assert run.stopped is None
        assert f"hints=not_renewed code={error.code}" in caplog.text


def test_a_fault_of_the_adapter_is_not_hidden(tmp_path: Path) -> None:
    """Only errors of ours are passed over."""
    with job_on(tmp_path, adapter_on(MemoryCrm())) as plain:
        job, adapter = tended(plain)
        adapter.error = ValueError("a fault")  # type: ignore[assignment]
        with pytest.raises(ValueError, match="a fault"):
            sync(job, AT)


def test_an_adapter_from_outside_without_it_is_run_as_before(tmp_path: Path) -> None:
    """The contract grew: who does not have the method has nothing to tend."""

    class Older:
        """An adapter that names no base."""

        def __init__(self, held: MemoryAdapter) -> None:
            self._held = held

        def __getattr__(self, name: str) -> object:
            if name == "tend":
                raise AttributeError(name)
            return getattr(self._held, name)

    with job_on(tmp_path, adapter_on(MemoryCrm())) as plain:
        job, adapter = tended(plain)
        older = replace(job, adapter=Older(adapter))  # type: ignore[arg-type]
        assert sync(older, AT).stopped is None
        assert adapter.times == 0
