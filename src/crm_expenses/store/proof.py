"""Whether what is kept is what the log says of it: facts, decisions, budgets, words, checkpoints.

The log holds digests only. Here each entry is compared with the rows that it was made of, in the
order of both, so that a row that was changed, added or taken out is told by its entry.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, select
from sqlalchemy.exc import DBAPIError

from crm_expenses.core.audit import GENESIS, AuditEntry, Broken, Fault
from crm_expenses.core.checkpoint import Checkpoint
from crm_expenses.core.record import Kind, canonical, digest
from crm_expenses.core.words import commitment, mark_of, with_words, words_of
from crm_expenses.store import files, sames
from crm_expenses.store import tables as t
from crm_expenses.store.budgetproof import BudgetProof
from crm_expenses.store.codec import read_record
from crm_expenses.store.editproof import EditProof
from crm_expenses.store.goneproof import GoneProof
from crm_expenses.store.latestproof import LatestProof
from crm_expenses.store.ledger import moves_digest
from crm_expenses.store.lifeproof import LifeProof, in_order
from crm_expenses.store.log import read_checkpoints, read_rows
from crm_expenses.store.money import advance_digest, payment_digest
from crm_expenses.store.own import own_digest


@dataclass
class ContentCheck:
    """What was compared with the log, up to the first entry that does not fit.

    `words` counts approvals, what voided them, and substitutions. `erased` counts texts of which
    the log has a commitment and nobody has the words; `older` the rows that came before the log
    said which rows a page brought.
    """

    records: int = 0
    decisions: int = 0
    moves: int = 0
    texts: int = 0
    words: int = 0
    erased: int = 0
    older: int = 0
    broken: Broken | None = None


class _NotAsLoggedError(Exception):
    """Some row is not what the entry was made of."""


_WRONG: Final = (
    *(_NotAsLoggedError, DBAPIError),
    *(ValueError, KeyError, TypeError, AttributeError, RecursionError),
)
"""What comparing a row raises that is not as the entry says, or that a damaged file gives."""


def check_contents(connection: Connection) -> ContentCheck:
    """Compare every entry with what is kept."""
    walk = _Walk(connection)
    number, previous = 0, GENESIS
    for _, body, mark in read_rows(connection):
        number += 1
        try:
            walk.compare(AuditEntry.of(body), number, previous)
        except _WRONG:
            walk.found.broken = Broken(number, Fault.CONTENT)
            return walk.found
        previous = mark.hex()
    try:
        wrong, is_left = walk.wrong(), walk.left()
    except DBAPIError:
        wrong, is_left = None, True
    if wrong is not None:
        walk.found.broken = Broken(wrong, Fault.CONTENT)
    elif is_left:
        walk.found.broken = Broken(number + 1, Fault.SHORT)
    return walk.found


@dataclass
class _Walk:
    """The rows of each table, read once, side by side with the log."""

    connection: Connection
    found: ContentCheck = field(default_factory=ContentCheck)

    def __post_init__(self) -> None:
        words = t.record.outerjoin(t.words, t.words.c.seq == t.record.c.seq)
        said = (t.words.c.salt, t.words.c.commitment, t.words.c.erased)
        facts = t.decision.outerjoin(t.evidence, t.evidence.c.seq == t.decision.c.seq)
        kept = (t.evidence.c.content.label("facts"), t.evidence.c.erased)
        self._records = _Rows(self.connection, select(t.record, *said).select_from(words), t.record)
        self._decisions = _Rows(
            self.connection, select(t.decision, *kept).select_from(facts), t.decision
        )
        self._moves = _Rows(self.connection, select(t.budget_entry), t.budget_entry)
        self._payments = _Rows(self.connection, select(t.payment), t.payment)
        self._advances = _Rows(self.connection, select(t.advance_entry), t.advance_entry)
        own = self.connection.execute(select(t.own_claim))
        self._own = {own_digest(r.crm, r.claim, r.year, r.number): r.claim for r in own}
        self._reasons = {r.number: r for r in self.connection.execute(select(t.reason))}
        policies = self.connection.execute(select(t.policy))
        self._policies = {f"{r.id} {r.version}": r.digest for r in policies}
        self._checkpoints = {str(one.size): one for one in read_checkpoints(self.connection)}
        self._by_action: dict[str, Callable[[AuditEntry], None]] = {
            "pull": self._pull,
            "decide": self._decide,
            "budget": self._budget,
            "policy": self._policy,
            "checkpoint": self._checkpoint,
            "upgrade": self._upgrade,
            "pay": self._pay,
            "advance": self._advance,
            "claim_new": self._claim_new,
        }
        self._life = LifeProof(self.connection)
        self._edits = EditProof(self.connection)
        self._budgets = BudgetProof(self.connection)
        self._gone = GoneProof(self.connection)
        self._latest = (
            LatestProof(self.connection, frozenset({files.ACTION}), files.marks),
            LatestProof(self.connection, sames.ACTIONS, sames.marks),
        )
        self._facts = 0

    def compare(self, entry: AuditEntry, number: int, previous: str) -> None:
        """Compare an entry with its place, and with the rows that it was made of."""
        if (entry.number, entry.previous) != (number, previous):
            raise _NotAsLoggedError
        if entry.why.startswith("~"):
            self._why(entry)
        if not self._budgets.fits(entry):
            raise _NotAsLoggedError
        for latest in self._latest:
            latest.tell(entry)
        compared = self._by_action.get(entry.action)
        if compared is not None:
            compared(entry)
        for proof in (self._life, self._edits, self._gone):
            fits = proof.by_action.get(entry.action)
            if fits is not None and not fits(entry):
                raise _NotAsLoggedError
        self.found.words = self._life.count

    def left(self) -> bool:
        """Say whether something is kept that no entry tells of."""
        return bool(
            self._records.next()
            or self._decisions.next()
            or self._moves.next()
            or self._reasons
            or self._life.is_left()
            or self._edits.is_left()
            or self._budgets.left()
            or self._gone.is_left()
            or self._facts != len(self.connection.execute(select(t.evidence.c.seq)).all())
            or self._payments.next()
            or self._advances.next()
            or self._own
            or any(proof.is_left() for proof in self._latest)
        )

    def wrong(self) -> int | None:
        """Give the entry whose outcome is not what is kept now, None where all are."""
        latest = [one.wrong() for one in self._latest]
        found = (self._budgets.wrong(), self._gone.wrong(), *latest)
        return min((number for number in found if number is not None), default=None)

    def _pull(self, entry: AuditEntry) -> None:
        if not entry.rows:
            return
        first, last = entry.rows
        marks = []
        while (row := self._records.upto(last)) is not None:
            if row.seq < first:
                self.found.older += 1
                continue
            if (f"{row.crm}/{row.kind}", row.received_at) != (entry.subject, entry.at.isoformat()):
                raise _NotAsLoggedError
            marks.append(self._mark(row))
            self.found.records += 1
        if digest(marks) != entry.content:
            raise _NotAsLoggedError

    def _mark(self, row: Any) -> str:  # noqa: ANN401  a row
        if digest([row.kind, row.content]) != row.digest:
            raise _NotAsLoggedError
        if row.commitment is None:
            return mark_of(row.kind, row.content, "", row.origin)
        if row.erased is None:
            raise _NotAsLoggedError
        record = read_record(Kind(row.kind), row.content)
        words = words_of(record)
        self.found.texts += 1
        if row.erased:
            self.found.erased += 1
        is_right = not row.salt if row.erased else commitment(row.salt, words) == row.commitment
        if not is_right:
            raise _NotAsLoggedError
        if record.id != row.id:
            raise _NotAsLoggedError
        return mark_of(row.kind, canonical(with_words(record, {})), row.commitment, row.origin)

    def _decide(self, entry: AuditEntry) -> None:
        row = self._decisions.next()
        if row is None or row.claim != entry.subject:
            raise _NotAsLoggedError
        if not sha256(row.content.encode()).hexdigest() == row.digest == entry.content:
            raise _NotAsLoggedError
        made = json.loads(row.content)
        allowed, claimed = made["allowed"], made["claimed"]
        beside = (row.outcome, row.currency, row.allowed, row.claimed, row.decided_at)
        inside = (made["outcome"], allowed["currency"], allowed["minor"], claimed["minor"])
        if beside != (*inside, entry.at.isoformat()):
            raise _NotAsLoggedError
        self._facts += row.facts is not None
        if row.facts is not None and row.erased is None:
            raise _NotAsLoggedError
        has_facts = row.facts is not None and not row.erased
        if has_facts and sha256(row.facts.encode()).hexdigest() != made["facts_digest"]:
            raise _NotAsLoggedError
        self.found.decisions += 1

    def _budget(self, entry: AuditEntry) -> None:
        first, last = entry.rows
        rows = []
        while (row := self._moves.upto(last)) is not None:
            if row.seq < first:
                self.found.older += 1
                continue
            rows.append(row)
        if moves_digest(rows) != entry.content:
            raise _NotAsLoggedError
        self._budgets.moved(rows)
        self.found.moves += len(rows)

    def _policy(self, entry: AuditEntry) -> None:
        if self._policies.get(entry.subject) != entry.content:
            raise _NotAsLoggedError

    def _checkpoint(self, entry: AuditEntry) -> None:
        one = self._checkpoints.get(entry.subject)
        if one is None or Checkpoint.of(one.body).digest != entry.content:
            raise _NotAsLoggedError

    def _upgrade(self, entry: AuditEntry) -> None:
        """Pass over what an older version kept, of which its log does not say enough."""
        for rows, last in zip((self._records, self._moves), entry.rows, strict=True):
            while rows.upto(last) is not None:
                self.found.older += 1

    def _pay(self, entry: AuditEntry) -> None:
        row = self._payments.next()
        if row is None or (row.seq, row.seq) != entry.rows:
            raise _NotAsLoggedError
        made = json.loads(row.content)
        told = (made["claim"], made["by"], made["at"])
        if told != (entry.subject, entry.actor, entry.at.isoformat()) or row.claim != entry.subject:
            raise _NotAsLoggedError
        if payment_digest(row.seq, row.crm, row.content) != entry.content:
            raise _NotAsLoggedError

    def _advance(self, entry: AuditEntry) -> None:
        row = self._advances.next()
        if row is None or (row.seq, row.seq) != entry.rows:
            raise _NotAsLoggedError
        made = json.loads(row.content)
        beside = (row.advance, row.claim)
        if beside != (made["advance"], made.get("claim", "")) or row.advance != entry.subject:
            raise _NotAsLoggedError
        if advance_digest(row.seq, row.crm, row.person, row.content) != entry.content:
            raise _NotAsLoggedError

    def _claim_new(self, entry: AuditEntry) -> None:
        if self._own.pop(entry.content, None) != entry.subject:
            raise _NotAsLoggedError

    def _why(self, entry: AuditEntry) -> None:
        row = self._reasons.pop(entry.number, None)
        if row is None or row.erased is None:
            raise _NotAsLoggedError
        self.found.texts += 1
        if row.erased:
            self.found.erased += 1
        committed = entry.why.removeprefix("~")
        is_gone = not row.salt and not row.content
        if not (is_gone if row.erased else commitment(row.salt, row.content) == committed):
            raise _NotAsLoggedError


class _Rows:
    """The rows of a table in their order, a portion at a time; one can be put back."""

    def __init__(self, connection: Connection, of: Select[Any], table: Table) -> None:
        self._rows = in_order(connection, of, table.c.seq)
        self._waiting: Any = None

    def next(self) -> Any:  # noqa: ANN401  a row
        """Give the next row, None at the end."""
        row, self._waiting = self._waiting, None
        return row if row is not None else next(self._rows, None)

    def upto(self, last: int) -> Any:  # noqa: ANN401  a row
        """Give the next row unless it comes after a number."""
        row = self.next()
        if row is not None and row.seq > last:
            self._waiting = row
            return None
        return row
