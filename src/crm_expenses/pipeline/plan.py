"""Plan: every write that a sync would make, and none of them made.

The run happens on a copy of the store; only the copy changes.
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crm_expenses.core.merge import values_of
from crm_expenses.core.money import Money
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.pipeline.job import Job
from crm_expenses.pipeline.pull import pull
from crm_expenses.pipeline.summary import Progress, quiet
from crm_expenses.pipeline.sync import decide_all
from crm_expenses.store import OutboxRow, Store, open_store
from crm_expenses.store.codec import read_record
from crm_expenses.store.edits import edits_of


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
            copy.winners = job.store.winners
            pull(copy, job.adapter, at, progress)
            name = job.adapter.name
            decide_all(job, copy, at, progress)
            return tuple(
                PlannedWrite(row.kind, row.record, _fields(copy, name, row, before))
                for row, before in copy.waiting(name, viewer=SYSTEM)
            )


def _fields(store: Store, crm: str, row: OutboxRow, before: str) -> dict[str, tuple[str, str]]:
    """Give what a write changes; a change says itself which fields it writes."""
    if not row.kind.endswith("_change"):
        return _changes(before, row.content)
    made = json.loads(row.content)
    kind = Kind(made["kind"])
    with store.reading() as connection:
        known = {one.field: one.base for one in edits_of(connection, crm, kind, row.record)}
    shall = values_of(read_record(kind, json.dumps(made["record"])))
    return {name: (_shown(known.get(name)), _shown(shall.get(name))) for name in made["fields"]}


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
