"""Push: results leave the outbox in batches, marked before they are sent, closed by their Acks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
from crm_expenses.errors import AllowanceError
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
    """What became of the results that were sent.

    `stopped` says that no more calls might be made; what was sent without an answer is uncertain.
    """

    sent: int = 0
    refused: int = 0
    conflicts: int = 0
    unknown: int = 0
    stopped: AllowanceError | None = field(default=None, compare=False)

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
    store: Store, adapter: Adapter, at: datetime, progress: Callable[[str, int, int | None], None]
) -> PushCount:
    """Send what waits in the outbox, each result once.

    A reply that was lost leaves its result in the outbox, marked uncertain: the next run has the
    adapter read back before anything is sent again.
    """
    counts = dict.fromkeys(AckState, 0)
    whole = store.to_send(adapter.name)
    done, last = 0, 0
    stopped: AllowanceError | None = None
    for _ in range(BATCHES_MAX):
        rows = store.take(adapter.name, adapter.capabilities.batch_max, last)
        if not rows:
            break
        last = rows[-1].seq
        try:
            acks = adapter.push([write_back(row) for row in rows])
        except AllowanceError as error:
            stopped = error
            break
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
        stopped=stopped,
    )


def _answers(acks: Sequence[Ack]) -> list[tuple[str, str, str]]:
    return [
        (ack.key, ack.state.value, ack.problem.describe("en") if ack.problem else "")
        for ack in acks
        if ack.state is not AckState.UNKNOWN
    ]
