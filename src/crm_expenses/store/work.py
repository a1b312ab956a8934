"""The transaction in which one claim is decided: everything it reads, everything it writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from crm_expenses.core.approval import Approval, ApprovalRoute, ApprovalStep, Substitute
from crm_expenses.core.budget import BudgetEntry, BudgetPosition
from crm_expenses.core.claim import Claim
from crm_expenses.core.decision import Decision, PolicyRef
from crm_expenses.core.facts import Facts
from crm_expenses.core.life import Life, Turn
from crm_expenses.core.lifecycle import UNCOUNTED, State
from crm_expenses.core.ownclaim import OWN
from crm_expenses.core.record import canonical, digest
from crm_expenses.errors import StoreError
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.alerting import look
from crm_expenses.store.codec import read_as, read_decision
from crm_expenses.store.factreader import FactReader
from crm_expenses.store.goneaway import still_there
from crm_expenses.store.hearing import Hearing
from crm_expenses.store.keeping import window_kept
from crm_expenses.store.keys import new_key
from crm_expenses.store.ledger import add_entries
from crm_expenses.store.life import (
    add_approval,
    add_substitute,
    end_substitute,
    given_for,
    keep_life,
    numbered_substitutes,
    read_life,
    say_moves,
    substitutes_in,
    tell,
    void,
)
from crm_expenses.store.log import SYNC, write_log

CLAIMS_AT_ONCE = 20
"""How many claims are looked at in one statement; nearly always the first one still waits."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One result on its way to the CRM; `content` is canonical JSON.

    `version` is the CRM's own mark of the record as we read it last.
    """

    seq: int
    key: str
    kind: str
    record: str
    content: str
    uncertain: bool = False
    version: str = ""


@dataclass(frozen=True, slots=True)
class Write:
    """A result to be written back: its kind, the record it is for, its canonical JSON."""

    kind: str
    record: str
    content: str


@dataclass(frozen=True)
class Decided:
    """All that a decision changes, to be written together.

    `facts` is the canonical JSON of what it was made on; empty where nobody is to derive it again.
    `turn` is what it makes of the claim's life.
    """

    claim: Claim
    decision: Decision
    state: State
    route: ApprovalRoute
    entries: tuple[BudgetEntry, ...]
    writes: tuple[Write, ...]
    facts: str = ""
    turn: Turn | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """All that changes where something happened to a claim that stays as it was decided."""

    turn: Turn
    entries: tuple[BudgetEntry, ...] = ()
    writes: tuple[Write, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """A decision that counts, with the facts that it was made on."""

    decision: Decision
    facts: Facts


def read_held(connection: Connection, crm: str, claim: str) -> Held | None:
    """Give the decision on a claim that counts, None where there is none with its facts."""
    row = connection.execute(s.LIVE_DECISION, {"of_crm": crm, "of_claim": claim}).first()
    if row is None or row.facts is None:
        return None
    return Held(read_decision(row.content), read_as(Facts, row.facts))


class Work(FactReader):
    """One write transaction of the store, for one CRM."""

    @property
    def connection(self) -> Connection:
        """The transaction itself, for what else of the store belongs into it."""
        return self._connection

    def first_pending(self, claims: Sequence[str]) -> str | None:
        """Give the first of some claims that still waits; others may have been quicker."""
        for start in range(0, len(claims), CLAIMS_AT_ONCE):
            some = claims[start : start + CLAIMS_AT_ONCE]
            of = {"of_crm": self._crm, "of_names": some}
            held = set(self._connection.execute(s.STILL_PENDING, of).scalars())
            found = next((claim for claim in some if claim in held), None)
            if found is not None:
                return found
        return None

    def is_pending(self, claim: str) -> bool:
        """Say whether the claim still waits; another process may have been quicker."""
        return self._connection.execute(s.IS_PENDING, self._of(claim)).first() is not None

    def use_policy(
        self, ref: PolicyRef, at: datetime, *, source: str = "", plug_ins: Sequence[str] = ()
    ) -> None:
        """Note that a policy version decides here; keep its text, so that others can read it.

        Raises:
            StoreError: the same version was used before with another content.
        """
        key = {"of_id": ref.id, "of_version": ref.version}
        where = (t.policy.c.id == ref.id) & (t.policy.c.version == ref.version)
        held = self._connection.execute(select(t.policy.c.digest).where(where)).scalar()
        if held is None:
            row = {"id": ref.id, "version": ref.version, "digest": ref.digest}
            self._connection.execute(t.policy.insert(), row | {"first_used_at": at.isoformat()})
            write_log(
                self._connection,
                at=at,
                actor=SYNC,
                action="policy",
                subject=f"{ref.id} {ref.version}",
                content=ref.digest,
                why="first_use",
            )
        elif held != ref.digest:
            raise StoreError("store.policy_version", policy=ref.id, version=ref.version)
        if source and self._connection.execute(s.HAS_TEXT, key).first() is None:
            text = {"content": source, "plug_ins": canonical(list(plug_ins))}
            row = {"id": ref.id, "version": ref.version} | text
            self._connection.execute(t.policy_text.insert(), row)

    def record(self, decided: Decided, at: datetime) -> dict[str, BudgetPosition]:
        """Write a decision and all that goes with it; give the budgets that moved."""
        claim, stamp = decided.claim.id, at.isoformat()
        content = canonical(decided.decision)
        mark = digest(decided.decision)
        self._retire(claim)
        self._connection.execute(
            s.ADD_DECISION,
            {
                "crm": self._crm,
                "claim": claim,
                "person": decided.claim.person,
                "digest": mark,
                "content": content,
                "outcome": decided.decision.outcome.value,
                "state": decided.state.value,
                "currency": decided.decision.allowed.currency,
                "claimed": decided.decision.claimed.minor,
                "allowed": decided.decision.allowed.minor,
                "submitted": decided.claim.submitted.isoformat(),
                "decided_at": stamp,
                "live": True,
            },
        )
        if decided.facts:
            seq = self._connection.execute(s.NEWEST_DECISION).scalar_one()
            row = {"seq": seq, "content": decided.facts, "erased": False}
            self._connection.execute(s.ADD_EVIDENCE, row)
        if decided.state not in UNCOUNTED:
            self._add_carries(decided)
        moved = self._book(decided.entries, at)
        self._write_route(decided.route)
        write_log(self._connection, at=at, actor=SYNC, action="decide", subject=claim, content=mark)
        if decided.turn is not None:
            self._keep(decided.turn, at)
        self.done(claim)
        self.send(decided.writes)
        return moved

    def move(self, moved: Moved, at: datetime) -> dict[str, BudgetPosition]:
        """Write what happened to a claim that was decided before; give the budgets that moved."""
        life = moved.turn.life
        of = self._of(life.claim)
        self._connection.execute(s.MOVE_DECISION, of | {"of_state": life.state.value})
        if life.state in UNCOUNTED:
            self._connection.execute(s.NO_CARRIES, of)
        for names in s.portions(life.standing.refused):
            self._connection.execute(s.NO_CARRIES_OF_LINES, of | {"of_names": names})
        changed = self._book(moved.entries, at)
        self._write_route(moved.turn.left)
        self._keep(moved.turn, at)
        self.send(moved.writes)
        return changed

    def close(
        self, claim: str, entries: Sequence[BudgetEntry], at: datetime, turn: Turn | None = None
    ) -> None:
        """Take a claim out of the count: it is no longer submitted, so it holds nothing."""
        self._retire(claim)
        if turn is not None:
            self._keep(turn, at)
        self._book(entries, at)
        self._write_route(ApprovalRoute(claim))
        content = digest([self._crm, claim])
        write_log(
            self._connection, at=at, actor=SYNC, action="close", subject=claim, content=content
        )
        self.done(claim)

    def _book(self, entries: Sequence[BudgetEntry], at: datetime) -> dict[str, BudgetPosition]:
        """Add budget entries, and tell of the thresholds that they cross."""
        moved = add_entries(self._connection, self._crm, entries, at.isoformat())
        known = self.reference
        look(
            self._connection,
            self._crm,
            moved,
            budgets=known.budgets,
            people=known.people,
            at=at,
        )
        return moved

    def retire(self, claim: str) -> None:
        """Let the decision on a claim count no longer: what it was made on is being changed."""
        self._retire(claim)

    def done(self, claim: str) -> None:
        """Take the claim off the list of those that wait."""
        self._connection.execute(s.NOT_PENDING, self._of(claim))

    def send(self, writes: Sequence[Write]) -> None:
        """Put results in the outbox, unless the newest one for the record says the same already.

        The key derives from CRM, kind, record, content and how often the record was written, so
        that a return to an older content is a write of its own. A company without a CRM is told
        nothing. What is on its way to the record and was not answered is overtaken, because to send
        it again would undo the newer one; which is as uncertain, so that it is read back, too.
        """
        if not writes or self._crm == OWN:
            return
        writes = still_there(self._connection, self._crm, writes)
        earlier = self._sent_before({write.record for write in writes})
        replaced: list[int] = []
        overtaken: list[int] = []
        rows = []
        for write in writes:
            sent = earlier.get((write.kind, write.record), [])
            if sent and sent[-1].content == write.content and sent[-1].state != "superseded":
                continue
            replaced += [row.seq for row in sent if row.state == "waiting"]
            left = [row for row in sent if row.state != "waiting"]
            if left and left[-1].content == write.content and left[-1].state != "superseded":
                continue  # on its way already; what waited behind it has been overtaken
            times = len(left)
            doubtful = [row.seq for row in left if row.state == "sending"]
            overtaken += doubtful
            rows.append(
                {
                    "crm": self._crm,
                    "key": new_key(
                        [self._crm, write.kind, write.record, write.content],
                        times,
                        {row.key for row in left},
                    ),
                    "kind": write.kind,
                    "record": write.record,
                    "content": write.content,
                    "state": "sending" if doubtful else "waiting",
                    "reason": "",
                }
            )
        for start in range(0, len(replaced), s.AT_ONCE):
            of = {"of_names": replaced[start : start + s.AT_ONCE]}
            self._connection.execute(s.NO_WRITES, of)
        for start in range(0, len(overtaken), s.AT_ONCE):
            of = {"of_names": overtaken[start : start + s.AT_ONCE]}
            self._connection.execute(s.OVERTAKEN, of)
        if rows:  # numbered after the others have gone, as it was always done
            last = self._connection.execute(s.NEWEST_WRITE).scalar() or 0
            numbered = [{"seq": seq, **row} for seq, row in enumerate(rows, start=last + 1)]
            self._connection.execute(s.ADD_WRITES, numbered)

    def send_again(self, writes: Sequence[Write]) -> None:
        """Put results in the outbox of records that were told something before."""
        self.send([write for write in writes if self.last_result(write.kind, write.record)])

    def last_result(self, kind: str, record: str) -> str:
        """Give the newest result of a record, sent or waiting; empty where there is none."""
        held = self._sent_before({record}).get((kind, record), [])
        return str(held[-1].content) if held else ""

    def _sent_before(self, records: set[str]) -> dict[tuple[str, str], list[Any]]:
        earlier: dict[tuple[str, str], list[Any]] = {}
        for names in s.portions(records):
            of = {"of_crm": self._crm, "of_names": names}
            for row in self._connection.execute(s.SENT_BEFORE, of):
                earlier.setdefault((row.kind, row.record), []).append(row)
        return earlier

    # The life of a claim

    def life(self, claim: str) -> Life | None:
        """Give where a claim stands, None where it was never decided."""
        return read_life(self._connection, self._crm, claim)

    def given(self, claim: str) -> tuple[Approval, ...]:
        """Give the words on a claim that count, in the order in which they were said."""
        return tuple(one.approval for one in given_for(self._connection, self._crm, claim))

    def add_approval(self, approval: Approval, at: datetime, source: str = "") -> None:
        """Keep a word that counts; `source` names the CRM's record that it came with."""
        add_approval(self._connection, self._crm, approval, at=at, source=source)

    @property
    def hearing(self) -> Hearing:
        """What people said of claims in the CRM."""
        return Hearing(self._connection, self._crm)

    def substitutes(self) -> tuple[Substitute, ...]:
        """Give who acts for whom by our own command."""
        return substitutes_in(self._connection, self._crm)

    def add_substitute(self, one: Substitute, *, by: str, at: datetime, said: str = "") -> int:
        """Keep that somebody acts for somebody; give its number."""
        return add_substitute(self._connection, self._crm, one, by=by, at=at, said=said)

    def end_substitute(self, seq: int, *, by: str, at: datetime) -> None:
        """End a substitution that is in force."""
        end_substitute(self._connection, self._crm, seq, by=by, at=at)

    def numbered_substitutes(self) -> tuple[tuple[int, Substitute], ...]:
        """Give who acts for whom by our own command, each with its number."""
        return numbered_substitutes(self._connection, self._crm)

    def held(self, claim: str) -> Held | None:
        """Give the decision on a claim that counts, None where there is none with its facts."""
        return read_held(self._connection, self._crm, claim)

    def in_approval(self) -> tuple[str, ...]:
        """Give the claims that wait for approval, by id."""
        of = {"of_crm": self._crm, "of_state": State.IN_APPROVAL.value}
        return tuple(self._connection.execute(s.IN_STATE, of).scalars())

    def _keep(self, turn: Turn, at: datetime) -> None:
        given = given_for(self._connection, self._crm, turn.life.claim) if turn.voided else ()
        void(self._connection, self._crm, turn.voided, given, at)
        say_moves(self._connection, turn.life.claim, turn.moves, at)
        keep_life(self._connection, self._crm, turn.life)
        tell(self._connection, self._crm, turn.notices, at)

    def _add_carries(self, decided: Decided) -> None:
        refused = decided.turn.life.standing.refused if decided.turn is not None else ()
        rows = [
            {
                "crm": self._crm,
                "claim": decided.claim.id,
                "line": carry.line,
                "window": window_kept(carry.window),
                "amount": carry.amount,
            }
            for carry in decided.decision.carries
            if carry.line not in refused
        ]
        if rows:
            self._connection.execute(s.ADD_CARRIES, rows)

    def _retire(self, claim: str) -> None:
        self._connection.execute(s.RETIRE_DECISION, self._of(claim))
        self._connection.execute(s.NO_CARRIES, self._of(claim))

    def _write_route(self, route: ApprovalRoute) -> None:
        self._connection.execute(s.NO_STEPS, self._of(route.claim))
        rows = [self._step_row(route, i, step) for i, step in enumerate(route.steps, start=1)]
        if rows:
            self._connection.execute(s.ADD_STEPS, rows)

    def _step_row(
        self, route: ApprovalRoute, position: int, step: ApprovalStep
    ) -> dict[str, object]:
        return {
            "crm": self._crm,
            "claim": route.claim,
            "position": position,
            "code": step.code,
            "approver": step.approver,
        }
