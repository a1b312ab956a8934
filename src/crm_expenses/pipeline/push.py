"""Push: results leave the outbox in batches, marked before they are sent, closed by their Acks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm_expenses.adapters.contract import (
    Ack,
    AckState,
    Adapter,
    BudgetResult,
    ClaimResult,
    LineResult,
    Result,
    ResultKind,
    WriteBack,
)
from crm_expenses.store import OutboxRow, Store
from crm_expenses.store.codec import read_as

TYPES: Mapping[ResultKind, type[Result]] = {
    ResultKind.CLAIM_RESULT: ClaimResult,
    ResultKind.LINE_RESULT: LineResult,
    ResultKind.BUDGET_RESULT: BudgetResult,
}
BATCHES_MAX = 1_000_000


@dataclass(frozen=True)
class PushCount:
    """What became of the results that were sent."""

    sent: int = 0
    refused: int = 0
    conflicts: int = 0
    unknown: int = 0

    def as_json(self) -> Mapping[str, int]:
        """Give the counts as plain values."""
        return {
            "sent": self.sent,
            "refused": self.refused,
            "conflicts": self.conflicts,
            "unknown": self.unknown,
        }


def write_back(row: OutboxRow) -> WriteBack:
    """Make the write of an outbox row."""
    kind = ResultKind(row.kind)
    result: Result = read_as(TYPES[kind], row.content)
    return WriteBack(row.key, kind, row.record, result, row.uncertain, row.version)


def push(
    store: Store,
    adapter: Adapter,
    at: datetime,
    progress: Callable[[str, int, int | None], None],
    *,
    keys: Sequence[str] | None = None,
) -> PushCount:
    """Send what waits in the outbox, each result once; of some keys alone where they are given.

    A reply that was lost leaves its result in the outbox, marked uncertain: the next run has the
    adapter read back before anything is sent again.
    """
    counts = dict.fromkeys(AckState, 0)
    whole = store.to_send(adapter.name) if keys is None else len(keys)
    done = 0
    for rows in _batches(store, adapter, keys):
        acks = adapter.push([write_back(row) for row in rows])
        store.answer(adapter.name, _answers(acks), at)
        for ack in acks:
            counts[ack.state] += 1
        done += len(rows)
        progress("push", done, whole)
    return PushCount(
        sent=counts[AckState.DONE],
        refused=counts[AckState.REFUSED],
        conflicts=counts[AckState.CONFLICT],
        unknown=counts[AckState.UNKNOWN],
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
        if ack.state is not AckState.UNKNOWN
    ]
