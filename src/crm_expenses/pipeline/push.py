"""Push: results leave the outbox in batches, marked before they are sent, closed by their Acks."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from crm_expenses.adapters.contract import (
    TOLD,
    Ack,
    AckState,
    Adapter,
    BudgetResult,
    Change,
    ClaimResult,
    LineResult,
    Result,
    ResultKind,
    ReturnResult,
    WriteBack,
)
from crm_expenses.core.record import Kind, canonical
from crm_expenses.errors import (
    AdapterError,
    AllowanceError,
    ConflictError,
    RefusedError,
    RetryableError,
)
from crm_expenses.store import OutboxRow, Store
from crm_expenses.store.codec import read_as, read_record

TYPES: Mapping[ResultKind, type[Result]] = {
    ResultKind.CLAIM_RESULT: ClaimResult,
    ResultKind.LINE_RESULT: LineResult,
    ResultKind.BUDGET_RESULT: BudgetResult,
    ResultKind.RETURN_RESULT: ReturnResult,
}
BATCHES_MAX = 1_000_000
AWAY_AFTER: Final = 4
"""After so many parts of a batch without an answer, and none with one, the CRM is away."""
STUMBLES_MAX: Final = 20
"""So many parts of a batch may go without an answer where others got one."""
TRIES_MAX: Final = 10
"""A result that conflicts or stays unknown so often waits no longer, unless settings say more."""

_CHANGE: Final = "_change"
_RESULTS: Final = frozenset(kind.value for kind in TOLD)


@dataclass(frozen=True)
class PushCount:
    """What became of the results that were sent; `stuck` are those that wait no longer.

    `stopped` says that no more calls might be made; what was sent without an answer is uncertain.
    """

    sent: int = 0
    refused: int = 0
    conflicts: int = 0
    unknown: int = 0
    stuck: int = 0
    stopped: AllowanceError | None = field(default=None, compare=False)

    def as_json(self) -> Mapping[str, int]:
        """Give the counts as plain values."""
        return {
            "sent": self.sent,
            "refused": self.refused,
            "conflicts": self.conflicts,
            "unknown": self.unknown,
            "stuck": self.stuck,
        }


def write_back(row: OutboxRow) -> WriteBack:
    """Make the write of an outbox row."""
    if row.kind.endswith(_CHANGE):
        kind, result = ResultKind.CHANGE, change_of(row.content)
    else:
        kind = ResultKind(row.kind)
        result = read_as(TYPES[kind], row.content)
    return WriteBack(row.key, kind, row.record, result, row.uncertain, row.version)


def change_of(content: str) -> Change:
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
    keys: Sequence[str] | None = None,
    tries_max: int = TRIES_MAX,
) -> PushCount:
    """Send what waits in the outbox, each result once; of some keys alone where they are given.

    A reply that was lost leaves its result in the outbox, marked uncertain: the next run has the
    adapter read back before anything is sent again.

    Raises:
        AdapterError: the CRM is away, or the adapter answered what nobody asked; nothing is lost.
            Or the CRM refused batch after batch and took nothing: all of it waits for a person.
    """
    counts = dict.fromkeys(AckState, 0)
    refusals: list[AdapterError] = []
    whole = store.to_send(adapter.name) if keys is None else len(keys)
    done = stuck = 0
    stopped: AllowanceError | None = None
    unsettled: set[tuple[str, str]] = set()  # a newer one goes after it, or it would be undone
    for rows in _batches(store, adapter, keys):
        nowhere = [
            (row.key, AckState.DONE.value, "") for row in rows if not has_place(adapter, row)
        ]
        if nowhere:  # settled, and not in the log: nobody was told
            store.answer(adapter.name, nowhere)
        for wave in waves([row for row in rows if has_place(adapter, row)]):
            some = [row for row in wave if (row.kind, row.record) not in unsettled]
            if not some:
                continue
            try:
                acks = _pushed(adapter, [write_back(row) for row in some], refusals)
            except AllowanceError as error:
                stopped = error
                break
            settled = store.answer(adapter.name, _answers(acks), at, tries_max=tries_max)
            stuck += sum(state == "stuck" for _, state in settled)
            unsettled |= _unsettled(some, acks)
            for ack in acks:
                counts[ack.state] += 1
        if stopped is not None:
            break
        done += len(rows)
        progress("push", done, whole)
    if refusals and not counts[AckState.DONE]:  # it is no single row that the CRM does not like
        raise refusals[0]
    return PushCount(
        sent=counts[AckState.DONE],
        refused=counts[AckState.REFUSED],
        conflicts=counts[AckState.CONFLICT],
        unknown=counts[AckState.UNKNOWN],
        stuck=stuck,
        stopped=stopped,
    )


def has_place(adapter: Adapter, row: OutboxRow) -> bool:
    """Say whether a CRM has a place for a result; one that takes none of lines is told of claims.

    A change is no such result: where there is no place for it, that is told.
    """
    kinds = {kind.value for kind in adapter.capabilities.writes}
    return row.kind in kinds or row.kind not in _RESULTS


def waves(rows: Sequence[OutboxRow]) -> Iterator[list[OutboxRow]]:
    """Give rows in batches: a claim before its lines, and no record twice in one of them.

    Many CRMs refuse a batch that writes one record twice; and what was sent first must be settled
    first. Else the order is that in which they were made.
    """
    claims: dict[str, int] = {}
    for row in rows:
        if _kind_of(row) == Kind.CLAIM:
            claims.setdefault(row.record, row.seq)

    def place(row: OutboxRow) -> tuple[int, bool, int]:
        claim = _parent(row)
        return max(row.seq, claims.get(claim, 0)), bool(claim), row.seq

    left = sorted(rows, key=place)
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


def _parent(row: OutboxRow) -> str:
    """Give the claim that a line's row belongs to, empty for all others."""
    if _kind_of(row) != Kind.LINE:
        return ""
    made = json.loads(row.content)
    return str(made.get("record", made).get("claim", ""))


def _unsettled(rows: Sequence[OutboxRow], acks: Sequence[Ack]) -> set[tuple[str, str]]:
    """Give kind and record of what will be tried again."""
    again = {ack.key for ack in acks if ack.state in (AckState.UNKNOWN, AckState.CONFLICT)}
    return {(row.kind, row.record) for row in rows if row.key in again}


def _kind_of(row: OutboxRow) -> str:
    return row.kind.removesuffix("_result").removesuffix(_CHANGE)


def _pushed(
    adapter: Adapter, writes: Sequence[WriteBack], refusals: list[AdapterError]
) -> list[Ack]:
    """Push some writes; where the CRM refuses them all, find by halves the ones that it means.

    After an error some may have arrived, so that they are read back before they are sent again.
    Errors of single rows that were refused are noted in `refusals`.
    """
    try:
        return _as_asked(adapter, writes, adapter.push(writes))
    except (RefusedError, ConflictError) as error:
        if len(writes) == 1:
            return [_no(writes[0], error, refusals)]
    except AllowanceError:
        raise
    except RetryableError:
        if len(writes) == 1 or not any(write.uncertain for write in writes):
            raise
        return _around(adapter, writes, refusals)
    return [ack for half in _halves(writes) for ack in _pushed(adapter, half, refusals)]


def _halves(writes: Sequence[WriteBack]) -> tuple[list[WriteBack], list[WriteBack]]:
    again = [replace(write, uncertain=True) for write in writes]
    middle = len(again) // 2
    return again[:middle], again[middle:]


def _around(
    adapter: Adapter, writes: Sequence[WriteBack], refusals: list[AdapterError]
) -> list[Ack]:
    """Push around the rows over which a CRM stumbles: it failed on this batch in a run before, too.

    What fails alone while others are answered stays unknown, and its tries are counted. Where
    nothing is answered, the CRM is away.

    Raises:
        RetryableError: the first parts failed, or too many did.
    """
    acks: list[Ack] = []
    alone: list[Ack] = []
    waiting: deque[Sequence[WriteBack]] = deque(_halves(writes))
    failed = 0
    while waiting:
        part = waiting.popleft()
        is_one = len(part) == 1
        try:
            acks += _as_asked(adapter, part, adapter.push(part))
            continue
        except AllowanceError:
            raise
        except RetryableError as error:
            failed += 1
            is_last = is_one and not waiting and not acks
            if is_last or failed >= (STUMBLES_MAX if acks else AWAY_AFTER):
                raise
            if is_one:
                alone.append(Ack(part[0].key, AckState.UNKNOWN, error.problems[0]))
        except (RefusedError, ConflictError) as error:
            if is_one:
                acks.append(_no(part[0], error, refusals))
        if not is_one:
            waiting.extend(_halves(part))
    return acks + alone


def _no(write: WriteBack, error: AdapterError, refusals: list[AdapterError]) -> Ack:
    if isinstance(error, ConflictError):
        return Ack(write.key, AckState.CONFLICT, error.problems[0])
    refusals.append(error)
    return Ack(write.key, AckState.REFUSED, error.problems[0])


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
