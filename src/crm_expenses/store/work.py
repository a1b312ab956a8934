"""The transaction in which one claim is decided: everything it reads, everything it writes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from crm_expenses.core.approval import ApprovalRoute, ApprovalStep
from crm_expenses.core.budget import Budget, BudgetEntry, BudgetPosition, BudgetScope
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.decision import Decision, PolicyRef
from crm_expenses.core.facts import Facts
from crm_expenses.core.lifecycle import UNCOUNTED, State
from crm_expenses.core.party import AccountManager
from crm_expenses.core.rates import Rate
from crm_expenses.core.record import Kind, canonical, digest
from crm_expenses.core.trip import Trip
from crm_expenses.core.voucher import Voucher
from crm_expenses.errors import StoreError
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.alerting import look
from crm_expenses.store.codec import read_record
from crm_expenses.store.keeping import window_kept
from crm_expenses.store.ledger import add_entries, entries_of, positions
from crm_expenses.store.links import (
    absences,
    pre_approvals_of,
    span_of,
    trips_named,
    waivers_for,
)
from crm_expenses.store.log import SYNC, write_log

REFERENCE_KINDS = (Kind.ACCOUNT_MANAGER, Kind.RATE, Kind.BUDGET)

CLAIMS_AT_ONCE = 20
"""How many claims are looked at in one statement; nearly always the first one still waits."""

KEYS_AT_ONCE = 5_000
"""Most keys of windows in one statement; a spell asks for one a day."""


@dataclass(frozen=True)
class Reference:
    """People, rates and budgets, as of the newest row of any of them; read once, then kept."""

    seq: int
    people: Mapping[str, AccountManager]
    rates: tuple[Rate, ...]
    budgets: Mapping[str, Budget]
    by_owner: Mapping[tuple[BudgetScope, str], tuple[Budget, ...]]

    def budgets_for(
        self, person: str, team: str, accounts: Iterable[str] = ()
    ) -> tuple[Budget, ...]:
        """Give the budgets of a person, their team, customers and the company, by id."""
        owners = (
            (BudgetScope.PERSON, person),
            (BudgetScope.TEAM, team),
            (BudgetScope.COMPANY, ""),
            *((BudgetScope.ACCOUNT, account) for account in accounts),
        )
        found = [budget for owner in owners for budget in self.by_owner.get(owner, ())]
        return tuple(sorted(found, key=lambda budget: budget.id))


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


def read_reference(connection: Connection, crm: str, before: Reference | None) -> Reference:
    """Read people, rates and budgets, unless nothing came since `before`."""
    seq = connection.execute(s.NEWEST_RECORD).scalar() or 0
    if before is not None and before.seq == seq:
        return before
    kinds = [kind.value for kind in REFERENCE_KINDS]
    where = (t.latest.c.crm == crm) & t.latest.c.kind.in_(kinds)
    joined = t.latest.join(t.record, t.latest.c.seq == t.record.c.seq)
    rows = connection.execute(
        select(t.record.c.kind, t.record.c.content)
        .select_from(joined)
        .where(where)
        .order_by(t.latest.c.kind, t.latest.c.id)
    )
    found = [read_record(Kind(row.kind), row.content) for row in rows]
    budgets = {r.id: r for r in found if isinstance(r, Budget)}
    by_owner: dict[tuple[BudgetScope, str], tuple[Budget, ...]] = {}
    for budget in budgets.values():
        owner = (budget.scope, "" if budget.scope is BudgetScope.COMPANY else budget.owner)
        by_owner[owner] = (*by_owner.get(owner, ()), budget)
    return Reference(
        seq,
        {r.id: r for r in found if isinstance(r, AccountManager)},
        tuple(r for r in found if isinstance(r, Rate)),
        budgets,
        by_owner,
    )


class Work:
    """One write transaction of the store, for one CRM."""

    def __init__(self, connection: Connection, crm: str, reference: Reference) -> None:
        self._connection = connection
        self._crm = crm
        self._held: dict[str, tuple[BudgetEntry, ...]] = {}
        self.reference = reference

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

    def facts(
        self, claim: str, currency: str, windows_of: Callable[[Facts], Sequence[str]]
    ) -> Facts:
        """Build the snapshot that a decision on the claim may read.

        `windows_of` names the windows that the policy needs for these lines. What the claim itself
        used and holds is left out, so that deciding it again gives the same.
        """
        row = self._connection.execute(s.RECORD, self._of(claim, Kind.CLAIM)).one()
        found = read_record(Kind.CLAIM, row.content)
        if not isinstance(found, Claim):
            raise StoreError("store.kind", name=claim)
        rows = self._connection.execute(s.LINES, self._of(claim, Kind.LINE))
        read = (read_record(Kind.LINE, row.content) for row in rows)
        lines = tuple(r for r in read if isinstance(r, ExpenseLine))
        person = self.reference.people.get(found.person)
        budgets = self._covering(found, lines, person)
        approvals = pre_approvals_of(self._connection, self._crm, found.person)
        currencies = {line.amount.currency for line in lines} | {b.amount.currency for b in budgets}
        currencies |= {one.amount.currency for one in approvals if one.amount is not None}
        bare = Facts(
            claim=found,
            lines=lines,
            person=person,
            vouchers=self._vouchers(sorted({line.voucher for line in lines if line.voucher})),
            rates=self._rates(currencies - {currency}, lines, found),
            budgets=budgets,
            positions=self._positions_without(claim, budgets),
            trips=self._trips(found, lines),
            waivers=waivers_for(
                self._connection, self._crm, found.person, claim, [line.id for line in lines]
            ),
            pre_approvals=approvals,
        )
        return replace(bare, windows=self._windows(claim, windows_of(bare)))

    def held_by(self, claim: str) -> tuple[BudgetEntry, ...]:
        """Give the budget entries that the claim has made so far."""
        if claim not in self._held:
            self._held[claim] = entries_of(self._connection, self._crm, claim)
        return self._held[claim]

    def positions(self, budgets: Sequence[str]) -> tuple[BudgetPosition, ...]:
        """Give where budgets stand now."""
        held = positions(self._connection, self._crm, budgets)
        return tuple(held[name] for name in sorted(held))

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
        moved = self._book(decided.entries, at)
        self._write_route(decided.route)
        write_log(self._connection, at=at, actor=SYNC, action="decide", subject=claim, content=mark)
        self.done(claim)
        self.send(decided.writes)
        return moved

    def close(self, claim: str, entries: Sequence[BudgetEntry], at: datetime) -> None:
        """Take a claim out of the count: it is no longer submitted, so it holds nothing."""
        self._retire(claim)
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

    # What facts are made of

    def _of(self, claim: str, kind: Kind | None = None) -> dict[str, str]:
        """Give the parameters of a statement about one claim."""
        of = {"of_crm": self._crm, "of_claim": claim}
        return of | {"of_kind": kind.value} if kind is not None else of

    def _vouchers(self, ids: Sequence[str]) -> tuple[Voucher, ...]:
        of = {"of_crm": self._crm, "of_kind": Kind.VOUCHER.value}
        read = (
            read_record(Kind.VOUCHER, row.content)
            for names in s.portions(ids)
            for row in self._connection.execute(s.RECORDS, of | {"of_names": names})
        )
        return tuple(v for v in read if isinstance(v, Voucher))

    def _trips(self, claim: Claim, lines: Sequence[ExpenseLine]) -> tuple[Trip, ...]:
        """Give the trips of the lines, and the person's others on the same days."""
        names = {line.trip for line in lines if line.trip}
        if not names:
            return ()
        own = trips_named(self._connection, self._crm, names)
        spans = {span_of(trip) for trip in own}
        away = absences(self._connection, self._crm, claim.person, spans)
        others = trips_named(self._connection, self._crm, away.keys() - names)
        return tuple(sorted((*own, *others), key=lambda trip: trip.id))

    def _covering(
        self, claim: Claim, lines: Sequence[ExpenseLine], person: AccountManager | None
    ) -> tuple[Budget, ...]:
        team = person.team if person else ""
        accounts = {line.account for line in lines if line.account}
        return tuple(
            budget
            for budget in self.reference.budgets_for(claim.person, team, accounts)
            if any(
                budget.covers(
                    person=claim.person,
                    team=team,
                    category=line.category,
                    day=line.date,
                    account=line.account,
                )
                for line in lines
            )
        )

    def _positions_without(
        self, claim: str, budgets: Sequence[Budget]
    ) -> tuple[BudgetPosition, ...]:
        held = positions(self._connection, self._crm, [budget.id for budget in budgets])
        for entry in self.held_by(claim):
            if entry.budget in held:
                p = held[entry.budget]
                mine = BudgetPosition(p.budget, p.currency).after(entry)
                held[entry.budget] = BudgetPosition(
                    p.budget,
                    p.currency,
                    p.allocated,
                    p.committed - mine.committed,
                    p.spent - mine.spent,
                )
        return tuple(held[name] for name in sorted(held))

    def _rates(
        self, currencies: set[str], lines: Sequence[ExpenseLine], claim: Claim
    ) -> tuple[Rate, ...]:
        """Give the rates that can be in force on a day of the claim, and no others."""
        if not currencies:
            return ()
        days = {line.date for line in lines} | {claim.submitted.date()}
        chosen: dict[str, Rate] = {}
        for day in days:
            best: dict[tuple[str, str], Rate] = {}
            for rate in self.reference.rates:
                pair = (rate.currency, rate.into)
                if not currencies & set(pair) or rate.day > day:
                    continue
                if pair not in best or rate.day > best[pair].day:
                    best[pair] = rate
            chosen |= {rate.id: rate for rate in best.values()}
        return tuple(chosen[name] for name in sorted(chosen))

    def _windows(self, claim: str, keys: Sequence[str]) -> dict[str, int]:
        used: dict[str, int] = {}
        asked = {window_kept(key): key for key in keys}
        kept = list(asked)
        for start in range(0, len(kept), KEYS_AT_ONCE):
            of = self._of(claim) | {"of_names": kept[start : start + KEYS_AT_ONCE]}
            rows = self._connection.execute(s.WINDOWS, of)
            used |= {asked[row.window]: int(row.used) for row in rows}
        return used

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
