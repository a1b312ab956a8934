"""Bulk jobs: how they go on from one state to the next, and what they leave to be fetched."""

import csv
import io
import zipfile
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from crm_expenses.testing.zohosim.asking import Answer, Ask
from crm_expenses.testing.zohosim.credits import too_many
from crm_expenses.testing.zohosim.filing import file_answer
from crm_expenses.testing.zohosim.org import Org
from crm_expenses.testing.zohosim.refusal import RefusalError
from crm_expenses.testing.zohosim.values import moment_text

DOWNLOADS_MAX: Final = 10
RESULT_LIFE: Final = timedelta(days=1)
_STATES: Final = ("ADDED", "QUEUED", "IN PROGRESS")


@dataclass(slots=True)
class Job:
    """One job. `result` is the zip that it leaves."""

    id: str
    user: str
    made_at: datetime
    told: dict[str, Any]
    result: bytes = field(default=b"", repr=False)
    polls: int = 0
    wanted: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def state(self, polls_needed: int) -> str:
        """Say how far it is."""
        if self.polls < polls_needed or self.wanted == "stuck":
            return _STATES[min(self.polls, len(_STATES) - 1)]
        return "FAILURE" if self.wanted == "failure" else "COMPLETED"


class Jobs:
    """The bulk jobs of one organisation, and how often their results were fetched."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.held: dict[str, Job] = {}
        self._downloads: deque[datetime] = deque()

    def add(self, user: str, told: dict[str, Any], wanted: str) -> Job:
        """Begin a job."""
        job = Job(self.org.new_id(), user, self.org.clock(), told, wanted=wanted)
        self.held[job.id] = job
        return job

    def get(self, name: str) -> Job:
        """Give a job.

        Raises:
            RefusalError: there is none.
        """
        job = self.held.get(name)
        if job is None:
            message = "The requested resource doesn't exist."
            raise RefusalError("RESOURCE_NOT_FOUND", message, status=404)
        return job

    def ended(self, job: Job) -> str:
        """Give the state of a job at this question, which is one more."""
        state = job.state(self.org.switches.bulk_polls)
        job.polls += 1
        return state

    def fetched(self, name: str) -> Answer:
        """Answer a download: ten a minute, for about a day.

        Raises:
            RefusalError: there is nothing to fetch, or too often.
        """
        job, now = self.get(name), self.org.clock()
        is_ended = job.state(self.org.switches.bulk_polls) == "COMPLETED"
        if not is_ended or now - job.made_at > RESULT_LIFE:
            raise RefusalError("RESOURCE_NOT_FOUND", status=404)
        while self._downloads and now - self._downloads[0] >= timedelta(minutes=1):
            self._downloads.popleft()
        if len(self._downloads) >= DOWNLOADS_MAX:
            raise too_many()
        self._downloads.append(now)
        return file_answer(f"{job.id}.zip", job.result, "application/zip")

    def stamp(self, job: Job) -> dict[str, object]:
        """Give who began a job, and when."""
        people = self.org.module("Accounts").fields["Created_By"]
        return {
            "created_by": self.org.reference(people, job.user),
            "created_time": moment_text(job.made_at, self.org.zone),
        }


def need_json(ask: Ask) -> None:
    """Refuse a body that does not say that it is JSON.

    Raises:
        RefusalError: it does not.
    """
    if ask.content_type != "application/json":
        raise RefusalError("MEDIA_TYPE_NOT_SUPPORTED", "Media type is not supported", status=415)


def zipped(name: str, rows: Iterable[Sequence[str]]) -> bytes:
    """Pack a CSV file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(zipfile.ZipInfo(name), text.getvalue().encode())
    return held.getvalue()
