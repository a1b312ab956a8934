"""Push: results leave the outbox in batches, marked before they are sent, closed by their Acks."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from crm_expenses.adapters.contract import (
    Ack,
    AckState,
    Adapter,
    BudgetResult,
    Change,
    ClaimResult,
    LineResult,
    Result,
    ResultKind,
    WriteBack,
)
from crm_expenses.core.record import Kind, canonical
from crm_expenses.errors import AdapterError, ConflictError, RefusedError
from crm_expenses.store import OutboxRow, Store
from crm_expenses.store.codec import read_as, read_record

TYPES: Mapping[ResultKind, type[Result]] = {
    ResultKind.CLAIM_RESULT: ClaimResult,
    ResultKind.LINE_RESULT: LineResult,
    ResultKind.BUDGET_RESULT: BudgetResult,
}
BATCHES_MAX = 1_000_000
TRIES_MAX: Final = 10
"""A result that conflicts or stays unknown so often waits no longer, unless settings say more."""

_CHANGE: Final = "_change"
_PLACES: Final = {kind.value: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True)
class PushCount:
    """What became of the results that were sent; `stuck` are those that wait no longer."""

    sent: int = 0
    refused: int = 0
    conflicts: int = 0
    unknown: int = 0
    stuck: int = 0

    def as_json(self) -> Mapping[str, int]:
        """Give the counts as plain values."""
        counts = {
            "sent": self.sent,
            "refused": self.refused,
            "conflicts": self.conflicts,
            "unknown": self.unknown,
        }
        return counts | ({"stuck": self.stuck} if self.stuck else {})


def write_back(row: OutboxRow) -> WriteBack:
    """Make the write of an outbox row."""
    if row.kind.endswith(_CHANGE):
        kind, result = ResultKind.CHANGE, change_of(row.content)
    else:
        kind = ResultKind(row.kind)
        result = read_as(TYPES[kind], row.content)
    return WriteBack(row.key, kind, row.record, result, row.uncertain, row.version)


def change_of(content: str) -> Result:
    """Read a change; its kind says of which type its record is."""
    made = json.loads(content)
    kind = Kind(made["kind"])
    record = read_record(kind, canonical(made["record"]))
    return Change(kind, record, tuple(made["fields"]))


def push(
    store: Store,
    adapter: Adapter,
    at: datetime,
    progress: Callable[[str, int, int | None], None],
    *,
    tries_max: int = TRIES_MAX,
    keys: Sequence[str] | None = None,
) -> PushCount:
    """Send what waits in the outbox, each result once; of some keys alone where they are given.

    A reply that was lost leaves its result in the outbox, marked uncertain: the next run has the
    adapter read back before anything is sent again.

    Raises:
        AdapterError: the CRM is away, or the adapter answered what nobody asked; nothing is lost.
    """
    counts = dict.fromkeys(AckState, 0)
    whole = store.to_send(adapter.name) if keys is None else len(keys)
    done, stuck = 0, 0
    for rows in _batches(store, adapter, keys):
        for some in waves(rows):
            acks = _pushed(adapter, [write_back(row) for row in some])
            settled = store.answer(adapter.name, _answers(acks), at, tries_max=tries_max)
            stuck += sum(state == "stuck" for _, state in settled)
            for ack in acks:
                counts[ack.state] += 1
        done += len(rows)
        progress("push", done, whole)
    return PushCount(
        sent=counts[AckState.DONE],
        refused=counts[AckState.REFUSED],
        conflicts=counts[AckState.CONFLICT],
        unknown=counts[AckState.UNKNOWN],
        stuck=stuck,
    )


def waves(rows: Sequence[OutboxRow]) -> Iterator[list[OutboxRow]]:
    """Give rows in batches: parents before children, and no record twice in one of them.

    Many CRMs refuse a batch that writes one record twice; and what was sent first must be settled
    first.
    """
    left = sorted(rows, key=lambda row: (_PLACES.get(_kind_of(row), 0), row.seq))
    while left:
        named: set[tuple[str, str]] = set()
        now: list[OutboxRow] = []
        behind: list[OutboxRow] = []
        for row in left:
            of = (_kind_of(row), row.record)
            (behind if of in named else now).append(row)
            named.add(of)
        yield now
        left = behind


def _kind_of(row: OutboxRow) -> str:
    return row.kind.removesuffix("_result").removesuffix(_CHANGE)


def _pushed(adapter: Adapter, writes: Sequence[WriteBack]) -> list[Ack]:
    """Push some writes; where the CRM refuses them all, find by halves the ones that it means.

    After an error some may have arrived, so that they are read back before they are sent again.
    """
    try:
        return _as_asked(adapter, writes, adapter.push(writes))
    except (RefusedError, ConflictError) as error:
        if len(writes) == 1:
            is_stale = isinstance(error, ConflictError)
            state = AckState.CONFLICT if is_stale else AckState.REFUSED
            return [Ack(writes[0].key, state, error.problems[0])]
    again = [replace(write, uncertain=True) for write in writes]
    middle = len(again) // 2
    return [*_pushed(adapter, again[:middle]), *_pushed(adapter, again[middle:])]


def _as_asked(adapter: Adapter, writes: Sequence[WriteBack], given: Sequence[Ack]) -> list[Ack]:
    """Give the Acks, one a write.

    Raises:
        AdapterError: some are missing, doubled or nobody's; then none can be believed.
    """
    sent = [write.key for write in writes]
    keys = [ack.key for ack in given]
    if sorted(keys) == sorted(sent):
        return list(given)
    right = {key for key in sent if keys.count(key) == 1}
    found = {
        "missing": len(set(sent) - set(keys)),
        "foreign": len(set(keys) - set(sent)),
        "twice": len(keys) - len(set(keys)),
    }
    raise AdapterError(
        "push.acks",
        crm=adapter.name,
        given=str(len(right)),
        sent=str(len(sent)),
        detail=", ".join(f"{name}: {count}" for name, count in found.items()),
    )


def _batches(
    store: Store, adapter: Adapter, keys: Sequence[str] | None
) -> Iterator[tuple[OutboxRow, ...]]:
    """Give what is to be sent, a batch at a time, each marked as on its way."""
    size, last = adapter.capabilities.batch_max, 0
    if keys is not None:
        for start in range(0, len(keys), size):
            rows = store.take(adapter.name, size, keys=keys[start : start + size])
            if rows:
                yield rows
        return
    for _ in range(BATCHES_MAX):
        rows = store.take(adapter.name, size, last)
        if not rows:
            return
        last = rows[-1].seq
        yield rows


def _answers(acks: Sequence[Ack]) -> list[tuple[str, str, str]]:
    return [
        (ack.key, ack.state.value, ack.problem.describe("en") if ack.problem else "")
        for ack in acks
    ]
