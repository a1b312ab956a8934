"""What every turn of a claim's life needs: the company, the frame, its entries in budgets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from crm_expenses.adapters.contract import BudgetResult, ClaimResult, ResultKind
from crm_expenses.core.approval import Organisation, Provenance, content_of
from crm_expenses.core.budget import BudgetEntry, BudgetPosition, held_after, settle
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.clearing import due_of, with_advances
from crm_expenses.core.commitment import demands, limit_steps, to_hold
from crm_expenses.core.decision import Decision
from crm_expenses.core.facts import Facts
from crm_expenses.core.life import SPENT, Frame, Life, Submitted, Turn
from crm_expenses.core.lifecycle import UNCOUNTED, State
from crm_expenses.core.money import Money
from crm_expenses.core.record import canonical, digest
from crm_expenses.rules.policy import Policy
from crm_expenses.store import Work
from crm_expenses.store.codec import read_as
from crm_expenses.store.money import add_advance_entries, advances_of
from crm_expenses.store.work import Held, Moved, Write


@dataclass(frozen=True)
class Company:
    """What claims are looked at with, beside what the store holds.

    `provenance` says how far an approval that is given in the CRM can be trusted.
    """

    policy: Policy
    roles: Mapping[str, Sequence[str]]
    zone: tzinfo = UTC
    provenance: Provenance = Provenance.PLAIN_FIELD


def organisation_of(work: Work, company: Company) -> Organisation:
    """Give who there is: the people of the CRM, the roles of the settings, who acts for whom."""
    return Organisation(work.reference.people, company.roles, work.substitutes())


def frame_of(work: Work, decision: Decision, company: Company, at: datetime) -> Frame:
    """Give what a claim's life is looked at with at a moment."""
    policy = company.policy
    return Frame(
        decision,
        organisation_of(work, company),
        at.astimezone(company.zone),
        policy.authorities,
        policy.terms,
        policy.payment,
        policy.calendar,
    )


def submitted(facts: Facts, decision: Decision, company: Company) -> Submitted:
    """Give a claim as it was just decided, for its life."""
    return Submitted(
        facts.claim.status,
        digest([facts.claim, facts.lines, facts.vouchers]),
        content_of(facts, decision),
        limit_steps(demands(facts, decision.lines)),
        company.provenance,
    )


def entries_for(
    work: Work, facts: Facts, decision: Decision, life: Life
) -> tuple[BudgetEntry, ...]:
    """Give the entries that bring a claim from what it holds of budgets to what it should hold."""
    claim = life.claim
    held = held_after(work.held_by(claim))
    wanted: Mapping[str, int] = {}
    if life.state not in UNCOUNTED:
        wanted = to_hold(demands(facts, decision.lines, life.standing.refused))
    budgets = work.reference.budgets
    names = held.keys() | wanted.keys()
    currencies = {name: budgets[name].amount.currency for name in names}
    status = ClaimStatus.PAID if life.state in SPENT else ClaimStatus.SUBMITTED
    return settle(claim, held, wanted, status=status, currencies=currencies)


def with_advances_of(
    work: Work, before: Life | None, turn: Turn, at: datetime, frame: Frame | None = None
) -> Turn:
    """Let advances of the claimant take what is due, or give it back, where that changed now."""
    if due_of(before) == due_of(turn.life):
        return turn
    person = turn.life.person
    positions = [one.position for one in advances_of(work, person)]
    cleared = with_advances(before, turn, positions, frame)
    add_advance_entries(work, person, cleared.entries, at)
    return cleared.turn


def write_turn(
    work: Work, held: Held, before: Life, turn: Turn, at: datetime, frame: Frame | None = None
) -> Turn:
    """Write what happened to a claim that was decided before, and tell the CRM; give the turn.

    Advances take their part where what is due changed, for which `frame` is needed. What budgets
    have left is looked at anew: others may have taken some since.
    """
    turn = with_advances_of(work, before, turn, at, frame)
    claim = turn.life.claim
    now = replace(held.facts, positions=work.positions_without(claim, held.facts.budgets))
    entries = entries_for(work, now, held.decision, turn.life)
    told = work.last_result(ResultKind.CLAIM_RESULT.value, claim)
    moved = work.move(Moved(turn, entries, _told(turn.life, told)), at)
    work.send(budget_writes(moved.values()))
    return turn


def _told(life: Life, told: str) -> tuple[Write, ...]:
    """Give the claim's result as it was told last, with what is new of its life."""
    if not told:
        return ()
    result = replace(
        read_as(ClaimResult, told),
        state=life.state,
        waiting_for=waiting_for(life),
        approved=life.standing.due,
        refused=", ".join(life.standing.refused),
    )
    return (Write(ResultKind.CLAIM_RESULT.value, life.claim, canonical(result)),)


def waiting_for(life: Life) -> str:
    """Give whom a claim waits for: the claimant, the first who is asked, or nobody."""
    if life.state is State.WAITING_FOR_CLAIMANT:
        return life.person
    return next(iter(life.asked), "")


def budget_writes(moved: Iterable[BudgetPosition]) -> tuple[Write, ...]:
    """Give what the CRM is told of budgets that moved."""
    writes = []
    for position in moved:
        currency = position.currency
        result = BudgetResult(
            budget=position.budget,
            allocated=Money(position.allocated, currency),
            committed=Money(position.committed, currency),
            spent=Money(position.spent, currency),
            available=Money(position.available, currency),
        )
        writes.append(Write(ResultKind.BUDGET_RESULT.value, position.budget, canonical(result)))
    return tuple(writes)
