"""The transaction in which one claim is decided: everything it reads, everything it writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from crm_expenses.core.approval import ApprovalRoute, ApprovalStep
from crm_expenses.core.budget import BudgetEntry, BudgetPosition
from crm_expenses.core.claim import Claim
from crm_expenses.core.decision import Decision, PolicyRef
from crm_expenses.core.lifecycle import UNCOUNTED, State
from crm_expenses.core.record import canonical, digest
from crm_expenses.errors import StoreError
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.factreader import FactReader
from crm_expenses.store.keeping import window_kept
from crm_expenses.store.ledger import add_entries
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
    """

    claim: Claim
    decision: Decision
    state: State
    route: ApprovalRoute
    entries: tuple[BudgetEntry, ...]
    writes: tuple[Write, ...]
    facts: str = ""


class Work(FactReader):
    """One write transaction of the store, for one CRM."""

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
        if decided.decision.carries and decided.state not in UNCOUNTED:
            self._connection.execute(
                s.ADD_CARRIES,
                [
                    {
                        "crm": self._crm,
                        "claim": claim,
                        "line": carry.line,
                        "window": window_kept(carry.window),
                        "amount": carry.amount,
                    }
                    for carry in decided.decision.carries
                ],
            )
        moved = add_entries(self._connection, self._crm, decided.entries, stamp)
        self._write_route(decided.route)
        write_log(self._connection, at=at, actor=SYNC, action="decide", subject=claim, content=mark)
        self.done(claim)
        self.send(decided.writes)
        return moved

    def close(self, claim: str, entries: Sequence[BudgetEntry], at: datetime) -> None:
        """Take a claim out of the count: it is no longer submitted, so it holds nothing."""
        self._retire(claim)
        add_entries(self._connection, self._crm, entries, at.isoformat())
        self._write_route(ApprovalRoute(claim))
        content = digest([self._crm, claim])
        write_log(
            self._connection, at=at, actor=SYNC, action="close", subject=claim, content=content
        )
        self.done(claim)

    def done(self, claim: str) -> None:
        """Take the claim off the list of those that wait."""
        self._connection.execute(s.NOT_PENDING, self._of(claim))

    def send(self, writes: Sequence[Write]) -> None:
        """Put results in the outbox, unless the newest one for the record says the same already.

        The key derives from CRM, kind, record, content and how often the record was written, so
        that a return to an older content is a write of its own.
        """
        if not writes:
            return
        earlier = self._sent_before({write.record for write in writes})
        replaced: list[int] = []
        rows = []
        for write in writes:
            sent = earlier.get((write.kind, write.record), [])
            if sent and sent[-1].content == write.content:
                continue
            replaced += [row.seq for row in sent if row.state == "waiting"]
            left = [row for row in sent if row.state != "waiting"]
            if left and left[-1].content == write.content:
                continue  # on its way already; what waited behind it has been overtaken
            times = len(left)
            rows.append(
                {
                    "crm": self._crm,
                    "key": digest([self._crm, write.kind, write.record, write.content, times]),
                    "kind": write.kind,
                    "record": write.record,
                    "content": write.content,
                    "state": "waiting",
                    "reason": "",
                }
            )
        for start in range(0, len(replaced), s.AT_ONCE):
            of = {"of_names": replaced[start : start + s.AT_ONCE]}
            self._connection.execute(s.NO_WRITES, of)
        if rows:  # numbered after the others have gone, as it was always done
            last = self._connection.execute(s.NEWEST_WRITE).scalar() or 0
            numbered = [{"seq": seq, **row} for seq, row in enumerate(rows, start=last + 1)]
            self._connection.execute(s.ADD_WRITES, numbered)

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
