"""A claim as people see it: lines with findings and rates, each step with its owner, what is next.

A claim that is not submitted yet is decided for show only: what it says is what would come of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from crm_expenses.api import evaluator_of, route_for
from crm_expenses.core.approval import Approval, Route, Step, Verdict
from crm_expenses.core.approval.progress import progress
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.commitment import demands, limit_steps
from crm_expenses.core.decision import Decision, LineDecision
from crm_expenses.core.facts import Facts
from crm_expenses.core.life import UNDECIDED, Life
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.ownclaim import Next, NextAction, next_action
from crm_expenses.core.party import AccountManager
from crm_expenses.core.payment import Payment
from crm_expenses.core.rates import Rate, in_force
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import Viewer
from crm_expenses.core.voucher import Voucher
from crm_expenses.pipeline.desk import Desk, state_of
from crm_expenses.pipeline.turns import organisation_of
from crm_expenses.store import Work
from crm_expenses.store.life import REASON_MARK, lives
from crm_expenses.store.money import advances_of, payments_of
from crm_expenses.store.own import claim_of, reasons_of, records_named
from crm_expenses.store.sight import is_opened_to


@dataclass(frozen=True, slots=True)
class LineView:
    """A line: what was spent, by which rate it was converted, and what became of it.

    `decided` has the amounts in the policy's currency and the findings; None where the line is not
    decided. `rate` is None where nothing was converted.
    """

    line: ExpenseLine
    voucher: Voucher | None
    decided: LineDecision | None
    rate: Rate | None
    is_refused: bool


class StepState(StrEnum):
    """Where a step of a route stands."""

    DONE = "done"
    OPEN = "open"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of the route, who is asked or would be, and the words said in it."""

    step: Step
    state: StepState
    words: tuple[Approval, ...]


@dataclass(frozen=True, slots=True)
class ClaimView:
    """Everything about a claim that its claimant may see.

    `is_trial` says that `decision` and `route` are what would come of submitting it now. `words`
    are all that count, with their reasons; `cleared` is what advances took, by advance.
    """

    claim: Claim
    person: AccountManager | None
    is_own: bool
    state: State
    life: Life | None
    lines: tuple[LineView, ...]
    decision: Decision | None
    is_trial: bool
    route: Route | None
    steps: tuple[StepView, ...]
    words: tuple[Approval, ...]
    payments: tuple[Payment, ...]
    cleared: tuple[tuple[str, Money], ...]
    next: NextAction
    people: Mapping[str, str]

    @property
    def reason(self) -> str:
        """Why it was returned or refused, in the words of whoever said so; empty without."""
        if self.ended_by is not None:
            return self.ended_by.reason
        refused = [one for step in self.steps for one in step.words if one.refused]
        return refused[-1].reason if refused else ""

    @property
    def ended_by(self) -> Approval | None:
        """The word that rejected or returned the claim as it stands; None where none did."""
        version = self.life.standing.version if self.life is not None else 0
        said = [
            one
            for one in self.words
            if one.verdict is not Verdict.APPROVE and one.version == version
        ]
        return said[-1] if said else None

    @property
    def allowed(self) -> Money | None:
        """What is allowed, or would be."""
        return self.decision.allowed if self.decision is not None else None


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim in a list."""

    claim: str
    person: str
    title: str
    state: State
    version: int
    due: Money | None
    paid: Money | None
    next: NextAction


def show_claim(desk: Desk, number: str, *, viewer: Viewer, at: datetime) -> ClaimView:
    """Give a claim as it stands.

    Raises:
        RefusedError: the viewer may not see it; whether it exists is not said.
    """
    with desk.store.looking(desk.crm) as work:
        return view_of(desk, work, number, viewer=viewer, at=at)


def view_of(desk: Desk, work: Work, number: str, *, viewer: Viewer, at: datetime) -> ClaimView:
    """Give a claim as it stands in a transaction.

    Raises:
        RefusedError: the viewer may not see it; whether it exists is not said.
    """
    found = claim_of(work, number)
    if not is_opened_to(work.connection, work.crm, number, viewer.person):
        viewer.demand(found[0].person if found else "", number)
    if found is None:
        viewer.refuse(number)
    claim, lines = found
    life, held = work.life(number), work.held(number)
    state = state_of(claim, life)
    is_trial = held is None or (life is not None and state in UNDECIDED and not life.submission)
    decision: Decision | None = None
    facts: Facts | None = None
    route = life.route if life is not None else None
    if held is not None:
        decision, facts = held.decision, held.facts
    elif state in UNDECIDED and lines:
        decision, facts, route = _trial(desk, work, claim, at)
    words = _with_reasons(work, work.given(number))
    people = {one.id: one.name for one in work.reference.people.values()}
    next_ = next_action(life, claim.person)
    if life is None and state is State.WITHDRAWN:
        next_ = NextAction(Next.NOTHING)
    if work.is_pending(number):
        next_ = NextAction(Next.DECIDE)
    return ClaimView(
        claim,
        work.reference.people.get(claim.person),
        number in work.reference.own,
        state,
        life,
        tuple(_lines(desk, work, lines, decision, facts, life)),
        decision,
        is_trial and decision is not None,
        route,
        () if is_trial else _steps(life, words),
        words,
        payments_of(work, number),
        tuple(_cleared(work, claim)),
        next_,
        people,
    )


def list_claims(
    desk: Desk, *, viewer: Viewer, state: State | None = None, person: str = ""
) -> tuple[ClaimRow, ...]:
    """Give the claims that the viewer may see, by number."""
    with desk.store.looking(desk.crm) as work:
        known = {life.claim: life for life in lives(work.connection, work.crm)}
        names = sorted(known.keys() | work.reference.own)
        claims = records_named(work, Kind.CLAIM, names)
    rows = []
    for name in names:
        claim = claims.get(name)
        if not isinstance(claim, Claim) or not viewer.may_see(claim.person):
            continue
        row = _row(claim, known.get(name))
        if (state in (None, row.state)) and person in ("", row.person):
            rows.append(row)
    return tuple(rows)


def _row(claim: Claim, life: Life | None) -> ClaimRow:
    state = state_of(claim, life)
    standing = life.standing if life is not None else None
    next_ = next_action(life, claim.person)
    if state is State.WITHDRAWN:
        next_ = NextAction(Next.NOTHING)
    return ClaimRow(
        claim.id,
        claim.person,
        claim.title,
        state,
        standing.version if standing else 0,
        standing.due if standing else None,
        standing.paid if standing else None,
        next_,
    )


def _trial(desk: Desk, work: Work, claim: Claim, at: datetime) -> tuple[Decision, Facts, Route]:
    """Decide a claim as if it were submitted now; nothing is kept of it."""
    policy = desk.company.policy
    evaluator = evaluator_of(policy)
    found = work.facts(claim.id, policy.currency, evaluator.windows_of)
    now = at.astimezone(desk.company.zone)
    facts = evaluator.read(replace(found, claim=replace(claim, submitted=now)))
    decision = evaluator.decide(facts)
    more = limit_steps(demands(facts, decision.lines))
    firm = organisation_of(work, desk.company)
    return decision, facts, route_for(facts, decision, policy, firm, now.date(), more)


def _lines(
    desk: Desk,
    work: Work,
    lines: Sequence[ExpenseLine],
    decision: Decision | None,
    facts: Facts | None,
    life: Life | None,
) -> Iterable[LineView]:
    decided = {one.line: one for one in decision.lines} if decision is not None else {}
    named = records_named(work, Kind.VOUCHER, [one.voucher for one in lines if one.voucher])
    refused = life.standing.refused if life is not None else ()
    currency = desk.company.policy.currency
    for line in sorted(lines, key=lambda one: (one.date, one.id)):
        voucher = named.get(line.voucher)
        of = decided.get(line.id)
        rate = None
        if facts is not None and line.amount.currency != (of.allowed.currency if of else currency):
            into = of.allowed.currency if of else currency
            rate = in_force(facts.all_rates, line.amount.currency, into, line.date)
        backed = voucher if isinstance(voucher, Voucher) else None
        yield LineView(line, backed, of, rate, line.id in refused)


def _steps(life: Life | None, words: Sequence[Approval]) -> tuple[StepView, ...]:
    if life is None:
        return ()
    here = progress(life.route, words, life.content, version=life.standing.version)
    made = []
    for step in life.route.steps:
        seats = {seat.id for seat in step.seats}
        said = tuple(
            one
            for one in words
            if seats & set(one.seats)
            and (one.verdict is Verdict.APPROVE or one.version == life.standing.version)
        )
        state = StepState.LATER
        if step.code == life.open_step:
            state = StepState.OPEN
        elif step.code in here.done or (said and all(_is_yes(one) for one in said)):
            state = StepState.DONE
        made.append(StepView(step, state, said))
    return tuple(made)


def _is_yes(word: Approval) -> bool:
    return word.verdict is Verdict.APPROVE


def _with_reasons(work: Work, words: Sequence[Approval]) -> tuple[Approval, ...]:
    """Give words with the reasons that stand beside the log, in place of their marks."""
    marks = {one.reason: one.reason.removeprefix(REASON_MARK) for one in words if one.reason}
    numbers = [int(number) for number in marks.values() if number.isdecimal()]
    said = reasons_of(work, numbers)
    return tuple(
        replace(one, reason=said.get(int(marks[one.reason]), "")) if one.reason else one
        for one in words
    )


def _cleared(work: Work, claim: Claim) -> Iterable[tuple[str, Money]]:
    for one in advances_of(work, claim.person):
        minor = one.position.cleared.get(claim.id, 0)
        if minor:
            yield one.id, Money(minor, one.position.currency)
