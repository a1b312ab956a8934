"""Plan: every write that a sync would make, why it would, and none of them made.

The run happens on a copy of the store; only the copy changes.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from crm_expenses.adapters.contract import Ability, ResultKind, Support
from crm_expenses.core.decision import PolicyRef
from crm_expenses.core.merge import values_of
from crm_expenses.core.money import Money
from crm_expenses.core.record import digest
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.pipeline.job import Job
from crm_expenses.pipeline.pull import pull
from crm_expenses.pipeline.push import change_of, has_place, waves
from crm_expenses.pipeline.summary import Progress, quiet
from crm_expenses.pipeline.sync import decide_all, whole_of
from crm_expenses.store import OutboxRow, Store, files, open_store
from crm_expenses.store.planned import (
    BudgetMove,
    Point,
    ReadRecord,
    WaitingEdit,
    decided_since,
    moves_since,
    point,
    read_since,
    waiting_edits,
)

NAMED_MAX: Final = 5
"""Of records that one reason names, so many are named; the others are counted."""


FILE: Final = "file"
"""The kind of a write that puts a file beside a voucher."""


@dataclass(frozen=True)
class Reason:
    """Why a write is made: the code of a text, and its values."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedWrite:
    """One write: the record, and each field with its old value (empty: none) and its new one.

    `key` names the write: it derives from CRM, kind, record and content.
    """

    kind: str
    record: str
    fields: Mapping[str, tuple[str, str]]
    key: str = ""
    why: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Plan:
    """All that a sync of one CRM would write, and what that rests on.

    `records` are those that are newer than what the store held at `point`, as they were read.
    `settings` has digests of what decides beside the policy, by what it is called there.
    """

    crm: str
    policy: PolicyRef
    settings: Mapping[str, str]
    point: Point
    records: tuple[ReadRecord, ...]
    writes: tuple[PlannedWrite, ...]


def plan(job: Job, at: datetime, progress: Progress = quiet) -> tuple[PlannedWrite, ...]:
    """Give the writes of a sync, in the order in which it would make them."""
    return make_plan(job, at, progress).writes


def make_plan(job: Job, at: datetime, progress: Progress = quiet) -> Plan:
    """Give the writes of a sync with all that they rest on."""
    name = job.adapter.name
    with tempfile.TemporaryDirectory(prefix="crm-expenses-plan-") as folder:
        path = Path(folder) / "store.sqlite3"
        job.store.copy_to(path)
        with open_store(path) as copy:
            copy.winners = job.store.winners
            with copy.reading() as connection:
                before = point(connection)
            pulled = pull(copy, job.adapter, at, progress, whole_of(job))
            if pulled.stopped is not None:  # half of what there is gives no plan
                raise pulled.stopped
            decide_all(job, copy, at, progress)
            why = _Why.of(copy, name, before)
            waiting = copy.waiting(name, viewer=SYSTEM)
            rows = [(row, sent) for row, sent in waiting if has_place(job.adapter, row)]
            writes = {row.key: _planned(row, sent, why) for row, sent in rows}
            size = job.adapter.capabilities.batch_max
            return Plan(
                name,
                job.policy.ref,
                settings_digests(job),
                before,
                tuple(why.records),
                (
                    *(writes[row.key] for row in _in_order([row for row, _ in rows], size)),
                    *planned_files(copy, job),
                ),
            )


def planned_files(store: Store, job: Job) -> list[PlannedWrite]:
    """Give the files of ours that would be sent."""
    if job.adapter.capabilities.support(Ability.FILE_WRITES) is Support.NO:
        return []
    with store.reading() as connection:
        rows = files.waiting(connection, job.adapter.name)
    return [
        PlannedWrite(
            FILE,
            row.voucher,
            {"name": ("", row.name), "sha256": ("", row.digest)},
            row.key,
            (Reason("plan.why_file", {"name": row.name}),),
        )
        for row in rows
    ]


def _in_order(rows: Sequence[OutboxRow], size: int) -> Iterator[OutboxRow]:
    """Give results as a push sends them: in batches, and in each of these parents first."""
    for start in range(0, len(rows), size):
        for wave in waves(rows[start : start + size]):
            yield from wave


def settings_digests(job: Job) -> dict[str, str]:
    """Give what the settings say that decisions and writes rest on, as digests; no secret is in it.

    What an adapter is told of its own may hold secrets: what it changes shows in the writes.
    """
    settings = job.settings
    parts = job.parts.model_dump(mode="json")
    said = {
        "timezone": str(settings.zone),
        "roles": {name: list(who) for name, who in settings.roles.items()},
        "plug_ins": list(settings.plug_ins),
        "fiscal": asdict(settings.fiscal),
        "sync": parts["sync"],
        "fields": parts["fields"],
    }
    return {
        name: digest(json.dumps(value, sort_keys=True, default=str)) for name, value in said.items()
    }


def _planned(row: OutboxRow, before: str, why: "_Why") -> PlannedWrite:
    content = json.loads(row.content)
    if isinstance(content.get("record"), dict):  # a change of some fields of a record
        changes = why.changed(row, content)
    else:
        changes = _changes(json.loads(before) if before else {}, content)
    return PlannedWrite(row.kind, row.record, changes, row.key, why.reasons(row, content))


@dataclass(frozen=True)
class _Why:
    """What happened on the copy, from which each write's reasons are told."""

    records: Sequence[ReadRecord]
    moves: Sequence[BudgetMove]
    edits: Sequence[WaitingEdit]
    decided: frozenset[str]

    @classmethod
    def of(cls, copy: Store, crm: str, before: Point) -> "_Why":
        with copy.reading() as connection:
            return cls(
                read_since(connection, crm, before.records),
                moves_since(connection, crm, before.entries),
                waiting_edits(connection, crm),
                frozenset(decided_since(connection, crm, before.decisions)),
            )

    def reasons(self, row: OutboxRow, content: Mapping[str, object]) -> tuple[Reason, ...]:
        """Give why a result waits: a decision, moves of its budget, edits of its fields, months."""
        if row.kind == ResultKind.RETURN_RESULT:
            return (Reason("plan.why_return"),)
        claim, edited = content.get("claim"), content.get("kind")
        found: list[Reason] = []
        if isinstance(claim, str):
            found = self._of_claim(claim)
        elif isinstance(edited, str):
            found = [
                Reason("plan.why_edit", {"field": e.field, "number": str(e.entry)})
                for e in self._edits_of(edited, row.record)
            ]
        else:
            moves = [move for move in self.moves if move.budget == row.record]
            found = [_moved(move) for move in moves]
        return tuple(found) or (Reason("plan.why_waits"),)

    def changed(self, row: OutboxRow, content: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
        """Give the fields of a record that are changed: what was agreed on last, and ours."""
        edits = reversed(self._edits_of(content["kind"], row.record))
        base = {edit.field: json.loads(edit.base) for edit in edits}  # of several, the first
        ours = values_of(change_of(row.content).record)
        return {
            name: (_shown(base.get(name)), _shown(ours.get(name))) for name in content["fields"]
        }

    def _edits_of(self, kind: str, record: str) -> list[WaitingEdit]:
        return [edit for edit in self.edits if (edit.kind, edit.id) == (kind, record)]

    def _of_claim(self, claim: str) -> list[Reason]:
        if claim not in self.decided:
            return []
        read = [f"{one.kind} {one.id}" for one in self.records if one.claim == claim]
        reasons = [Reason("plan.why_decided", {"claim": claim})]
        if read:
            named = ", ".join(read[:NAMED_MAX])
            more = len(read) - NAMED_MAX
            if more > 0:
                reasons.append(Reason("plan.why_read_more", {"records": named, "more": str(more)}))
            else:
                reasons.append(Reason("plan.why_read", {"records": named}))
        return reasons


def _moved(move: BudgetMove) -> Reason:
    values = {"amount": str(move.amount), "claim": move.claim or "-"}
    return Reason(f"plan.move.{move.kind}", values)


def _changes(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, tuple[str, str]]:
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
