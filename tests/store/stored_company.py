"""A tiny company for the tests of the store: records, pages, and a decision that allows all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from crm_expenses.adapters.contract import Page, Received, SetAside
from crm_expenses.core.approval import ApprovalRoute, ApprovalStep
from crm_expenses.core.budget import Budget, BudgetEntry, BudgetScope, held_after, settle
from crm_expenses.core.claim import DECIDED_STATUSES, Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.commitment import demands, to_hold
from crm_expenses.core.decision import (
    Carry,
    Decision,
    LineDecision,
    Outcome,
    PolicyRef,
    decide_claim,
)
from crm_expenses.core.facts import Facts
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.origin import Origin
from crm_expenses.core.party import AccountManager
from crm_expenses.core.record import TYPES, Kind, Record
from crm_expenses.errors import Problem
from crm_expenses.store import Decided, Store, Work, open_store
from crm_expenses.store.work import Write
from stores import where

CRM: Final = "main"
SHANGHAI: Final = timezone(timedelta(hours=8))
AT: Final = datetime(2026, 3, 31, 20, tzinfo=SHANGHAI)
REF: Final = PolicyRef("small", "1", "a" * 64, 1)
PERSON: Final = AccountManager("P1", "王芳", team="East", manager="P2")


def cny(minor: int) -> Money:
    """Give fen."""
    return Money(minor, "CNY")


def claim(number: int, status: ClaimStatus = ClaimStatus.SUBMITTED, person: str = "P1") -> Claim:
    """Give the claim of a number, submitted that many hours after the first of March."""
    submitted = datetime(2026, 3, 1, tzinfo=SHANGHAI) + timedelta(hours=number)
    return Claim(f"C-{number}", person, submitted, status)


def line(number: int, minor: int = 1_000, *, name: str = "", voucher: str = "") -> ExpenseLine:
    """Give a line of a claim."""
    day = date(2026, 3, 1)
    return ExpenseLine(
        name or f"L-{number}", f"C-{number}", day, "meal", cny(minor), voucher=voucher
    )


def budget(minor: int, *, hard: bool = False, name: str = "B") -> Budget:
    """Give a budget of the whole company for the year."""
    span = (date(2026, 1, 1), date(2026, 12, 31))
    return Budget(name, BudgetScope.COMPANY, *span, cny(minor), hard=hard)


def kind_of(record: Record) -> Kind:
    """Give the kind of a record."""
    return next(kind for kind, made in TYPES.items() if type(record) is made)


@dataclass(frozen=True)
class Bad:
    """A row that could not be read."""

    record: str
    place: str
    values: Mapping[str, str] = field(default_factory=lambda: {"value": "1,234.5x"})


def page(
    kind: Kind,
    rows: Iterable[Record | Bad],
    *,
    cursor: str = "next",
    version: str = "",
    restart: bool = False,
) -> Page:
    """Give a page; each row stands at its own place unless it says where."""
    facts, bad = [], []
    for row in rows:
        if isinstance(row, Bad):
            problem = Problem("record.amount", dict(row.values))
            bad.append(SetAside(Origin(CRM, row.record, row.place), (problem,)))
        else:
            facts.append(Received(row, Origin(CRM, row.id, f"{kind}/{row.id}", version)))
    return Page(kind, tuple(facts), tuple(bad), cursor, restart)


def put(store: Store, *records: Record, version: str = "") -> None:
    """Keep records, each kind on a page of its own, parents first."""
    for kind in Kind:
        of_kind = [record for record in records if kind_of(record) is kind]
        if of_kind:
            store.append(CRM, page(kind, of_kind, version=version), AT)


def nothing(_: Facts) -> Sequence[str]:
    """Name no window."""
    return ()


def allow_all(
    work: Work,
    name: str,
    *,
    windows_of: Callable[[Facts], Sequence[str]] = nothing,
    carry: str = "",
    steps: tuple[ApprovalStep, ...] = (),
) -> tuple[Decided, Facts]:
    """Decide a claim by allowing everything that the budgets have room for."""
    facts = work.facts(name, "CNY", windows_of)
    lines = [LineDecision(x.id, Outcome.PASS, x.amount, x.amount) for x in facts.lines]
    carries = tuple(Carry("r", carry, x.id, x.amount.minor) for x in facts.lines if carry)
    decision = decide_claim(
        name,
        lines,
        (),
        carries=carries,
        currency="CNY",
        policy=REF,
        facts_digest=facts.digest(),
    )
    asked = demands(facts, lines)
    held = held_after(work.held_by(name))
    budgets = work.reference.budgets
    entries = settle(
        name,
        held,
        to_hold(asked),
        status=facts.claim.status,
        currencies={b: budgets[b].amount.currency for b in budgets},
    )
    paid = facts.claim.status is ClaimStatus.PAID
    state = State.PAID if paid else State.APPROVED
    writes = (Write("claim_result", name, told(decision)),)
    route = ApprovalRoute(name, steps)
    return Decided(facts.claim, decision, state, route, entries, writes), facts


def told(decision: Decision) -> str:
    """Give what the CRM is told of a claim: little, but different for different decisions."""
    return f'{{"allowed":{decision.allowed.minor},"claim":"{decision.claim}"}}'


def decide_pending(store: Store) -> list[str]:
    """Decide every claim that waits, each in its transaction; give those that we decided."""
    done = []
    for name in store.pending(CRM):
        with store.work(CRM) as work:
            if work.is_pending(name):
                decide_one(work, name)
                done.append(name)
    return done


def decide_one(work: Work, name: str) -> None:
    """Decide or close one claim in its transaction."""
    made, facts = allow_all(work, name)
    status = facts.claim.status
    if status in DECIDED_STATUSES:
        work.record(made, AT)
        return
    held = held_after(work.held_by(name))
    currencies = dict.fromkeys(held, "CNY")
    work.close(name, settle(name, held, {}, status=status, currencies=currencies), AT)


def entries(store: Store, *claims: str) -> list[BudgetEntry]:
    """Give the budget entries of claims."""
    with store.work(CRM) as work:
        return [entry for name in claims for entry in work.held_by(name)]


def opened(folder: Path) -> Store:
    """Open the store of a folder."""
    return open_at(folder / "store.sqlite3")


def open_at(path: Path) -> Store:
    """Open the store that a test names by a path."""
    return open_store(where(path))
