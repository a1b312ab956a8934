"""Exactly: do what a plan showed, or nothing at all and say what has changed since.

What is read and decided is kept, as in any sync. Before the first write the outbox is compared with
the plan; then only the writes of the plan are sent, whatever else is put in the outbox meanwhile.
What was sent already, by a run of the same plan that was cut off, is left as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crm_expenses.core.viewer import SYSTEM
from crm_expenses.pipeline.decide import DecideCount
from crm_expenses.pipeline.job import Job
from crm_expenses.pipeline.plan import Plan, settings_digests
from crm_expenses.pipeline.pull import PullCount, pull
from crm_expenses.pipeline.push import push
from crm_expenses.pipeline.summary import Progress, RunSummary, quiet
from crm_expenses.pipeline.sync import decide_all, whole_of
from crm_expenses.store import OutboxRow, Store
from crm_expenses.store.planned import read_since, states_of

ANSWERED: Final = frozenset({"done", "refused"})


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
    decided = decide_all(job, job.store, at, progress)
    changed = _changed(job.store, name, made)
    if changed.is_other_work:
        return RunSummary(name, pulled, decided), changed
    tries_max = job.parts.sync.tries_max
    keys = [write.key for write in made.writes]
    pushed = push(job.store, job.adapter, at, progress, tries_max=tries_max, keys=keys)
    return RunSummary(name, pulled, decided, pushed), changed


def _settings_changed(job: Job, made: Plan) -> tuple[str, ...]:
    now = settings_digests(job)
    names = sorted(now.keys() | made.settings.keys())
    changed = [name for name in names if now.get(name) != made.settings.get(name)]
    if job.policy.ref != made.policy:
        changed.insert(0, "policy")
    return tuple(changed)


def _changed(store: Store, crm: str, made: Plan) -> Changed:
    waiting = [row for row, _ in store.waiting(crm, viewer=SYSTEM)]
    planned = {write.key: (write.kind, write.record) for write in made.writes}
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
        added=tuple(one for one in new if one not in missing),
        gone=tuple(one for one in missing if one not in new),
        other=tuple(one for one in missing if one in new),
    )


def _named(row: OutboxRow) -> tuple[str, str]:
    return row.kind, row.record
