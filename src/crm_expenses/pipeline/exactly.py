"""Exactly: do what a plan showed, or nothing at all and say what has changed since.

What is read and decided is kept, as in any sync. Before the first write the outbox is compared with
the plan; then only the writes of the plan are sent, whatever else is put in the outbox meanwhile.
What was sent already, by a run of the same plan that was cut off, is left as it is. Files of ours
that wait belong to the plan; fetching files writes nothing there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crm_expenses.core.viewer import SYSTEM
from crm_expenses.pipeline.decide import DecideCount
from crm_expenses.pipeline.job import Job
from crm_expenses.pipeline.plan import FILE, Plan, planned_files, settings_digests
from crm_expenses.pipeline.pull import PullCount, pull
from crm_expenses.pipeline.push import has_place, push
from crm_expenses.pipeline.summary import Progress, RunSummary, quiet
from crm_expenses.pipeline.sync import decide_all, sync_files, whole_of
from crm_expenses.store import OutboxRow
from crm_expenses.store.merging import DEAD
from crm_expenses.store.planned import read_since, states_of

ANSWERED: Final = frozenset({"done", *DEAD})


@dataclass(frozen=True)
class Changed:
    """What is not as it was when a plan was made.

    `settings` names parts of the settings, and the policy. `records` were read anew, or were not
    read again as the plan had read them. The others are writes by kind and record: not planned,
    planned and no longer to be made, and of another content than planned.
    """

    settings: tuple[str, ...] = ()
    records: tuple[tuple[str, str], ...] = ()
    added: tuple[tuple[str, str], ...] = ()
    gone: tuple[tuple[str, str], ...] = ()
    other: tuple[tuple[str, str], ...] = ()

    @property
    def is_other_work(self) -> bool:
        """Whether what would be written is not what was planned."""
        return bool(self.settings or self.added or self.gone or self.other)

    def as_json(self) -> Mapping[str, object]:
        """Give what changed as plain values."""
        return {
            "settings": list(self.settings),
            "records": [list(one) for one in self.records],
            "added": [list(one) for one in self.added],
            "gone": [list(one) for one in self.gone],
            "other": [list(one) for one in self.other],
        }


def exactly(
    job: Job, made: Plan, at: datetime, progress: Progress = quiet
) -> tuple[RunSummary, Changed]:
    """Read and decide; send what was planned if that is what there is to send, else nothing.

    With another policy or other settings nothing is read either.
    """
    name = job.adapter.name
    otherwise = _settings_changed(job, made)
    if otherwise:
        return RunSummary(name, PullCount(), DecideCount()), Changed(settings=otherwise)
    pulled = pull(job.store, job.adapter, at, progress, whole_of(job))
    if pulled.stopped is not None:  # of half a reading nobody can say whether anything changed
        raise pulled.stopped
    decided = decide_all(job, job.store, at, progress)
    changed = _changed(job, name, made)
    if changed.is_other_work:
        return RunSummary(name, pulled, decided), changed
    keys = [write.key for write in made.writes if write.kind != FILE]
    tries = job.parts.sync.tries_max
    pushed = push(job.store, job.adapter, at, progress, keys=keys, tries_max=tries)
    files = sync_files(job, at, progress=progress)
    return RunSummary(name, pulled, decided, pushed, files=files), changed


def _settings_changed(job: Job, made: Plan) -> tuple[str, ...]:
    now = settings_digests(job)
    names = sorted(now.keys() | made.settings.keys())
    changed = [name for name in names if now.get(name) != made.settings.get(name)]
    if job.policy.ref != made.policy:
        changed.insert(0, "policy")
    return tuple(changed)


def _changed(job: Job, crm: str, made: Plan) -> Changed:
    store = job.store
    waiting = [r for r, _ in store.waiting(crm, viewer=SYSTEM) if has_place(job.adapter, r)]
    asked = {write.key for write in made.writes}
    files = [one for one in planned_files(store, job) if one.key not in asked]
    planned = {one.key: (one.kind, one.record) for one in made.writes if one.kind != FILE}
    left = planned.keys() - {row.key for row in waiting}
    with store.reading() as connection:
        states = states_of(connection, crm, left)
        read = read_since(connection, crm, made.point.records)
    missing = [planned[key] for key in planned if key in left and states.get(key) not in ANSWERED]
    new = [_named(row) for row in waiting if row.key not in planned]
    known = {(one.kind, one.id, one.digest) for one in made.records}
    now = {(one.kind, one.id, one.digest) for one in read}
    return Changed(
        records=tuple(sorted({(kind, name) for kind, name, _ in known ^ now})),
        added=(
            *(one for one in new if one not in missing),
            *((one.kind, one.record) for one in files),
        ),
        gone=tuple(one for one in missing if one not in new),
        other=tuple(one for one in missing if one in new),
    )


def _named(row: OutboxRow) -> tuple[str, str]:
    return row.kind, row.record
