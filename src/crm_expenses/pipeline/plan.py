"""Plan: every write that a sync would make, and none of them made.

The run happens on a copy of the store; only the copy changes.
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crm_expenses.adapters.contract import Ability, Support
from crm_expenses.core.money import Money
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.pipeline.job import Job
from crm_expenses.pipeline.pull import pull
from crm_expenses.pipeline.summary import Progress, quiet
from crm_expenses.pipeline.sync import decide_all
from crm_expenses.store import Store, files, open_store


@dataclass(frozen=True)
class PlannedWrite:
    """One write: the record, and each field with its old value (empty: none) and its new one."""

    kind: str
    record: str
    fields: Mapping[str, tuple[str, str]]


def plan(job: Job, at: datetime, progress: Progress = quiet) -> tuple[PlannedWrite, ...]:
    """Give the writes of a sync, in the order in which it would make them."""
    with tempfile.TemporaryDirectory(prefix="crm-expenses-plan-") as folder:
        path = Path(folder) / "store.sqlite3"
        job.store.copy_to(path)
        with open_store(path) as copy:
            pull(copy, job.adapter, at, progress)
            name = job.adapter.name
            decide_all(job, copy, at, progress)
            results = tuple(
                PlannedWrite(row.kind, row.record, _changes(before, row.content))
                for row, before in copy.waiting(name, viewer=SYSTEM)
            )
            return (*results, *_files(copy, job))


def _files(store: Store, job: Job) -> list[PlannedWrite]:
    """Give the files of ours that would be sent."""
    if job.adapter.capabilities.support(Ability.FILE_WRITES) is Support.NO:
        return []
    with store.reading() as connection:
        rows = files.waiting(connection, job.adapter.name)
    return [
        PlannedWrite("file", row.voucher, {"name": ("", row.name), "sha256": ("", row.digest)})
        for row in rows
    ]


def _changes(before: str, after: str) -> dict[str, tuple[str, str]]:
    old: dict[str, object] = json.loads(before) if before else {}
    new: dict[str, object] = json.loads(after)
    return {
        name: (_shown(old.get(name)), _shown(new.get(name)))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case {"minor": int(minor), "currency": str(currency)}:
            return str(Money(minor, currency))
        case _:
            return json.dumps(value, ensure_ascii=False)
