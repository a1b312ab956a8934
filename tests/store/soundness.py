"""What must be true of a store after any load: nothing overdrawn, doubled or lost.

The strictest of it is a replay: one process does in another store, one after the other, what the
log says was done, and both must hold the same.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

from load import append, company
from sqlalchemy import text
from stored_company import CRM

from crm_expenses.core.approval import Verdict, Word
from crm_expenses.core.audit import AuditEntry
from crm_expenses.core.budget import Budget, BudgetEntry, BudgetPosition, EntryKind
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.life import SPENT
from crm_expenses.core.lifecycle import UNCOUNTED
from crm_expenses.core.money import Money
from crm_expenses.core.payment import Payment
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.pipeline import decide, speak
from crm_expenses.pipeline.desk import Desk
from crm_expenses.pipeline.payments import pay
from crm_expenses.pipeline.summary import quiet
from crm_expenses.store import Store, Work
from crm_expenses.store.codec import read_as, read_record
from crm_expenses.store.log import read_log

VERDICTS: Final = frozenset(verdict.value for verdict in Verdict)
SAME: Final = {
    "decisions": "select seq, claim, digest, outcome, state, allowed, live from decision",
    "entries": "select seq, budget, kind, amount, currency, claim, at from budget_entry",
    "positions": "select budget, allocated, committed, spent from budget_position",
    "carries": 'select claim, line, "window", amount from carry',
    "steps": "select claim, position, code, approver from route_step",
    "lives": "select claim, state, due_on, content from life",
    "approvals": "select seq, claim, entry, content from approval",
    "voidings": "select seq, claim, approval, content from voiding",
    "payments": "select seq, claim, content from payment",
    "notices": "select seq, person, code, subject, content from notice",
    "records": "select seq, kind, id, digest from record",
    "waiting": "select claim from todo",
}
"""What a replay must end with."""


@dataclass(frozen=True)
class Found:
    """What was done, and what is wrong, which should be nothing."""

    claims: int
    decided: int
    spoken: int
    paid: int
    entries: int
    refused: int
    overdrawn: int
    doubled: int
    unlike: tuple[str, ...]
    broken: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.overdrawn or self.doubled or self.unlike or self.broken)

    def as_json(self) -> dict[str, object]:
        """Give the figures as plain values."""
        return asdict(self)


def check(store: Store, again: Store) -> Found:
    """Check a store to which nobody writes; `again` is an empty one, for the replay."""
    entries = rows_of(store, SAME["entries"] + " order by seq")
    log = replay(store, again)
    unlike = [name for name, query in SAME.items() if _set(store, query) != _set(again, query)]
    if _sums(entries) != store.budget_positions(CRM, viewer=SYSTEM):
        unlike.append("sums")
    broken = [] if store.log_broken_at() is None else ["log"]
    broken += [] if store.check_contents().broken is None else ["what the log was made of"]
    broken += [] if store.integrity() == "ok" else ["files"]
    states = rows_of(store, "select state, count(*) as number from decision where live group by 1")
    return Found(
        claims=len(list(store.records(CRM, Kind.CLAIM, viewer=SYSTEM))),
        decided=sum(entry.action in {"decide", "close"} for entry in log),
        spoken=sum(entry.action in VERDICTS for entry in log),
        paid=sum(entry.action == "pay" for entry in log),
        entries=len(entries),
        refused=sum(row.number for row in states if row.state == "in_approval"),
        overdrawn=_overdrawn(store, entries),
        doubled=_doubled(store, entries),
        unlike=tuple(unlike),
        broken=tuple(broken),
    )


def replay(store: Store, again: Store) -> Sequence[AuditEntry]:
    """Do one after the other, in one process, what the log says was done, in its order."""
    rows = rows_of(store, "select kind, content, digest from record order by seq")
    with store.reading() as connection:
        log = list(read_log(connection))
    paid = rows_of(store, "select seq, content from payment")
    payments: dict[int, Payment] = {row.seq: read_as(Payment, row.content) for row in paid}
    taken = 0
    for entry in log:
        match entry.action:
            case "pull":
                size = _size(entry, rows, taken)
                page = rows[taken : taken + size]
                kind = Kind(entry.subject.split("/")[1])
                append(again, kind, [read_record(kind, row.content) for row in page], entry.at)
                taken += size
            case "decide" | "close":
                decide(_Only(again, entry.subject), CRM, company(), at=entry.at, progress=quiet)
            case "approve" | "reject" | "return":
                speak(again, CRM, entry.subject, _word(entry), company())
            case "pay":
                _pay(again, payments[entry.rows[0]])
            case _:
                continue
    assert taken == len(rows)
    return log


def _word(entry: AuditEntry) -> Word:
    """Give the word that an entry tells of."""
    verdict = Verdict(entry.action)
    reason = "" if verdict is Verdict.APPROVE else "why"
    return Word(entry.actor, entry.at, verdict, reason=reason)


def _pay(store: Store, one: Payment) -> None:
    """Pay what was paid."""
    desk, amount = Desk(store, CRM, company()), one.amount.amount
    pay(desk, one.claim, amount, by=one.by, at=one.at, day=one.day)


class _Only:
    """A store in which one claim alone waits."""

    def __init__(self, store: Store, claim: str) -> None:
        self._store = store
        self._claim = claim

    def pending(self, crm: str) -> tuple[str, ...]:
        return (self._claim,)

    @contextmanager
    def work(self, crm: str) -> Iterator[Work]:
        with self._store.work(crm) as work:
            yield work


def rows_of(store: Store, query: str) -> Sequence[Any]:
    """Give the rows of a query."""
    with store.reading() as connection:
        return connection.execute(text(query)).all()


def _set(store: Store, query: str) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in rows_of(store, query))


def _size(entry: AuditEntry, rows: Sequence[Any], taken: int) -> int:
    """Give how many rows a page brought: those that the log names follow the ones before."""
    first, last = entry.rows
    assert first == taken + 1 <= last <= len(rows), f"entry {entry.number} names no such rows"
    return last - taken


def _entry(row: Any) -> BudgetEntry:  # noqa: ANN401  a row
    amount = Money(row.amount, row.currency)
    return BudgetEntry(row.budget, EntryKind(row.kind), amount, row.claim)


def _sums(entries: Sequence[Any]) -> dict[str, BudgetPosition]:
    made: dict[str, BudgetPosition] = {}
    for row in entries:
        before = made.get(row.budget, BudgetPosition(row.budget, row.currency))
        made[row.budget] = before.after(_entry(row))
    return made


def _overdrawn(store: Store, entries: Sequence[Any]) -> int:
    """Count the moments at which a hard budget had less than nothing."""
    budgets = {
        b.id: b for b in store.records(CRM, Kind.BUDGET, viewer=SYSTEM) if isinstance(b, Budget)
    }
    left = dict.fromkeys(budgets, 0)
    found = 0
    signs = {"allocate": 1, "release": 1, "unspend": 1, "commit": -1, "spend": 0}
    for row in entries:
        left[row.budget] += signs[row.kind] * row.amount
        takes = row.kind in {"commit", "allocate"}
        found += takes and budgets[row.budget].hard and left[row.budget] < 0
    return found


def _doubled(store: Store, entries: Sequence[Any]) -> int:
    """Count commitments that did not end exactly once, and what a claim holds but may not."""
    open_now: dict[tuple[str, str], int] = {}
    spent: dict[tuple[str, str], int] = {}
    found = 0
    for row in entries:
        of = (row.claim, row.budget)
        match row.kind:
            case "commit":
                found += of in open_now
                open_now[of] = row.amount
            case "release" | "spend":
                found += open_now.pop(of, None) != row.amount
                if row.kind == "spend":
                    found += of in spent
                    spent[of] = row.amount
            case "unspend":
                found += spent.pop(of, None) != row.amount
    lives = {row.claim: row.state for row in rows_of(store, "select claim, state from life")}
    status = {c.id: c.status for c in store.records(CRM, Kind.CLAIM, viewer=SYSTEM)}
    waiting = set(store.pending(CRM))
    for claim, _ in open_now.keys() - {of for of in open_now if of[0] in waiting}:
        found += status[claim] is not ClaimStatus.SUBMITTED
    for claim, _ in spent.keys() - {of for of in spent if of[0] in waiting}:
        is_paid_there = status[claim] is ClaimStatus.PAID
        found += not is_paid_there and lives.get(claim) not in SPENT
    for claim, _ in open_now.keys() | spent.keys():
        found += claim not in waiting and lives.get(claim) in UNCOUNTED
    live = rows_of(store, "select claim, count(*) as number from decision where live group by 1")
    return found + sum(row.number > 1 for row in live)
