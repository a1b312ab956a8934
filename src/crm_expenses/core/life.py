"""A claim's life: where it stands, what of it was approved, whom it waits for, what comes next.

All that happens to a claim goes through here: it is decided, somebody speaks, time passes, the
organisation changes, money is paid. Each gives a turn: the life afterwards, with what became void,
which seats others take now, and who is told. Nothing is stored here, and no clock is read.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from crm_expenses.core.approval.authority import ApprovalRoute, ApprovalTerms, Authority, Provenance
from crm_expenses.core.approval.content import Content, Voided, signature, voided
from crm_expenses.core.approval.grant import admit
from crm_expenses.core.approval.organisation import Organisation
from crm_expenses.core.approval.progress import Late, Progress, lateness, opened_at, progress
from crm_expenses.core.approval.reroute import Firm, SeatMove, reroute
from crm_expenses.core.approval.route import About, Route, compute_route
from crm_expenses.core.approval.verdict import Approval, Word
from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.decision import Decision, Outcome
from crm_expenses.core.given_approval import Verdict
from crm_expenses.core.lifecycle import Move, Side, Standing, State, after, move_for
from crm_expenses.core.money import Money
from crm_expenses.core.notice import Notice, NoticeCode, notices
from crm_expenses.core.payment import PaymentTerms
from crm_expenses.errors import RefusedError

SETTLED: Final = frozenset(
    {State.APPROVED, State.PARTLY_APPROVED, State.PARTLY_PAID, State.PAID, State.CLOSED}
)
"""A claim in one of these is approved; what is due stands."""

UNDECIDED: Final = frozenset({State.DRAFT, State.RETURNED, State.REJECTED, State.WITHDRAWN})
"""A claim in one of these has to be submitted anew."""

SPENT: Final = frozenset({State.PAID, State.CLOSED})
"""The money of a claim in one of these has left; before, its budgets hold it as committed."""


@dataclass(frozen=True, slots=True)
class Life:
    """All that is kept of a claim beside its facts and its decision.

    `submission` is the digest of what was submitted, empty while it is not. `since` is when the
    content came to be what it is. `more` are steps that budgets at their limit asked for.
    `escalated` and `reminded` are codes of steps; `asked` are those whom the claim waits for.
    `due_on` is the day on which it is to be paid.
    """

    claim: str
    person: str
    standing: Standing
    since: datetime
    submission: str
    content: Content
    route: Route
    more: tuple[Authority, ...] = ()
    escalated: tuple[str, ...] = ()
    reminded: tuple[str, ...] = ()
    open_step: str = ""
    asked: tuple[str, ...] = ()
    due_on: date | None = None

    @property
    def state(self) -> State:
        """Where the claim stands."""
        return self.standing.state


@dataclass(frozen=True, slots=True)
class Frame:
    """What a life is looked at with: its decision, the firm, the policy's terms, the moment.

    `at` is in the company's zone: its date is the day there.
    """

    decision: Decision
    organisation: Organisation
    at: datetime
    authorities: Sequence[Authority]
    terms: ApprovalTerms
    payment: PaymentTerms
    calendar: WorkCalendar

    @property
    def day(self) -> date:
        """The day of the moment."""
        return self.at.date()


@dataclass(frozen=True, slots=True)
class Submitted:
    """A claim as it was just decided: who claims, what the CRM says of it, what was submitted.

    `trusted` is how far an approval can be trusted that is nothing but the CRM's status.
    """

    status: ClaimStatus
    digest: str
    content: Content
    more: tuple[Authority, ...] = ()
    trusted: Provenance = Provenance.PLAIN_FIELD


@dataclass(frozen=True, slots=True)
class Turn:
    """What something that happened makes of a life.

    `left` is the route that is still to be gone. `voided` are approvals that no longer count;
    `moves` are open seats that others take now.
    """

    life: Life
    left: ApprovalRoute
    voided: tuple[Voided, ...] = ()
    moves: tuple[SeatMove, ...] = ()
    notices: tuple[Notice, ...] = ()


def after_decision(
    before: Life | None, given: Sequence[Approval], now: Submitted, frame: Frame
) -> Turn:
    """Give what a decision makes of a claim's life; `given` are the words that count so far.

    A content that changed is a new version, and voids what no longer signs it. A claim that was
    returned, rejected or withdrawn begins its next version when it is submitted anew.
    """
    is_new_content = before is None or signature(before.content) != signature(now.content)
    yeses = [one for one in given if one.verdict is Verdict.APPROVE]
    gone = voided(yeses, before.content, now.content) if before and is_new_content else ()
    left = [one for one in given if one not in {old.approval for old in gone}]
    standing = _renewed(before, now, is_new_content=is_new_content)
    is_next = before is None or is_new_content or standing.version != before.standing.version
    life = Life(
        now.content.claim,
        now.content.person,
        standing,
        frame.at if before is None or is_next else before.since,
        now.digest,
        now.content,
        Route(now.content.claim, now.content.person),
        now.more,
        () if before is None or is_next else before.escalated,
        () if before is None or is_next else before.reminded,
        due_on=None if before is None or is_next else before.due_on,
    )
    turn = _looked_at(life, before, left, frame, now)
    return replace(turn, voided=gone, notices=(*_told_void(gone, life), *turn.notices))


def after_time(life: Life, given: Sequence[Approval], frame: Frame) -> Turn:
    """Look at a claim that waits for approval again: who is asked by now, and who is reminded."""
    return _looked_at(life, life, given, frame, None)


def word_counts(life: Life, given: Sequence[Approval], word: Word, frame: Frame) -> Approval:
    """Give the approval that somebody's word makes, in the route and organisation of its moment.

    Raises:
        RefusedError: the claim does not wait for approval, or the word does not count (`admit`).
    """
    if life.state is not State.IN_APPROVAL:
        move = {
            Verdict.APPROVE: Move.APPROVE,
            Verdict.REJECT: Move.REJECT,
            Verdict.RETURN: Move.RETURN,
        }[word.verdict]
        after(life.state, move, Side.APPROVER)
        raise RefusedError("approvals.nothing_open", claim=life.claim)
    said = replace(word, version=life.standing.version)
    return admit(said, _route(life, frame), life.content, given)


def after_closing(before: Life, status: ClaimStatus, at: datetime) -> Turn:
    """Give the life of a claim that is no longer submitted, as the CRM or the claimant says."""
    move = move_for(status, Outcome.PASS, needs_person=False)
    standing = replace(before.standing, state=State.DECIDED).moved(move, Side.PROGRAM)
    told = notices(before.asked, NoticeCode.NOT_ASKED, before.claim, step=before.open_step)
    life = replace(
        before,
        standing=replace(standing, due=None, refused=()),
        since=at,
        submission="",
        open_step="",
        asked=(),
        due_on=None,
    )
    return Turn(life, ApprovalRoute(life.claim), notices=told)


def after_payment(before: Life, amount: Money) -> Turn:
    """Give the life of a claim of which an amount was paid, or came back.

    Raises:
        RefusedError: nothing is to be paid, or not so much.
    """
    standing = before.standing.after_payment(amount)
    is_paid = standing.state is State.PAID
    shown = f"{amount.amount:f} {amount.currency}"
    told = notices((before.person,), NoticeCode.PAID, before.claim, amount=shown)
    life = replace(before, standing=standing, due_on=None if is_paid else before.due_on)
    return Turn(life, ApprovalRoute(life.claim), notices=told)


def _renewed(before: Life | None, now: Submitted, *, is_new_content: bool) -> Standing:
    """Give the standing of a claim that is to be looked at: as it was, or as its next version."""
    if before is None:
        return Standing().moved(Move.SUBMIT, Side.CLAIMANT)
    standing = before.standing
    if standing.state in UNDECIDED:
        if now.digest != before.submission:
            return standing.moved(Move.SUBMIT, Side.CLAIMANT)
    elif is_new_content:
        return standing.moved(Move.CHANGE, Side.PROGRAM)
    return replace(standing, state=State.SUBMITTED)


def _looked_at(
    life: Life,
    before: Life | None,
    given: Sequence[Approval],
    frame: Frame,
    now: Submitted | None,
) -> Turn:
    """Say where a claim stands by its decision, its route and the words that count."""
    status = now.status if now is not None else ClaimStatus.SUBMITTED
    if status is ClaimStatus.PAID:
        due = frame.decision.allowed
        standing = replace(_decided(life), state=State.PAID, due=due, paid=due)
        return _turn(replace(life, standing=standing, due_on=None), before, None)
    route = _route(life, frame)
    here = progress(route, given, life.content, version=life.standing.version)
    is_late = Late.NOT_YET
    if here.open is not None and frame.decision.outcome is not Outcome.JUSTIFY:
        opened = opened_at(route, given, here, life.since)
        is_late = lateness(here.open, opened, frame.at, frame.calendar)
        if is_late is Late.ESCALATE and here.open.code not in life.escalated:
            life = replace(life, escalated=(*life.escalated, here.open.code))
            route = _route(life, frame)
            here = progress(route, given, life.content, version=life.standing.version)
    if _is_approved_there(route, now):
        standing = _approved(_decided(life), (), life, before, frame)
    else:
        standing = _standing(life, before, here, frame)
    moved = reroute(before.route, route, given, _firm(frame)).moves if before else ()
    life = replace(life, standing=standing, route=route)
    if standing.state not in SETTLED:
        life = replace(life, due_on=None)
    elif life.due_on is None and standing.open_amount > 0:
        life = replace(life, due_on=frame.payment.due_on(frame.day, frame.calendar))
    return _turn(life, before, here, moved, is_late)


def _is_approved_there(route: Route, now: Submitted | None) -> bool:
    """Say whether the CRM's own status says yes, and the policy takes that for an approval."""
    if now is None or now.status is not ClaimStatus.APPROVED:
        return False
    least = max((step.accepts.rank for step in route.steps), default=0)
    return now.trusted.rank >= least


def _standing(life: Life, before: Life | None, here: Progress, frame: Frame) -> Standing:
    decided = _decided(life)
    outcome = frame.decision.outcome
    if here.word is not None and here.move is not None:
        return decided.moved(here.move, Side.PROGRAM, reason=here.word.reason)
    if outcome is Outcome.REJECT:
        return decided.moved(Move.REJECT, Side.PROGRAM)
    if outcome is Outcome.JUSTIFY:
        return decided.moved(Move.ASK_CLAIMANT, Side.PROGRAM)
    if here.move is Move.APPROVE and not here.done:
        return _approved(decided, (), life, before, frame)
    asked = decided.moved(Move.ASK_APPROVAL, Side.PROGRAM)
    match here.move:
        case None:
            return asked
        case Move.REJECT:
            return asked.moved(Move.REJECT, Side.PROGRAM)
        case _:
            return _approved(asked, here.refused, life, before, frame)


def _decided(life: Life) -> Standing:
    """Give the standing of a claim that was looked at and goes on from its decision."""
    begun = Standing(State.SUBMITTED, life.standing.version, paid=life.standing.paid)
    return begun.moved(Move.DECIDE, Side.PROGRAM)


def _approved(
    standing: Standing,
    refused: tuple[str, ...],
    life: Life,
    before: Life | None,
    frame: Frame,
) -> Standing:
    """Give the standing of an approved claim, with what was paid of it before."""
    decision = frame.decision
    minor = decision.allowed.minor
    if refused:
        minor = sum(one.allowed.minor for one in decision.lines if one.line not in refused)
    due = Money(minor, decision.allowed.currency)
    # whoever refused lines said why; the words stand beside the approval, not here
    made = standing.approved(due, refused, reason="said" if refused else "")
    made = replace(made, reason="")
    paid = made.paid
    if paid is None or not paid.minor or paid.currency != due.currency:
        return made
    if paid != due:
        return replace(made, state=State.PARTLY_PAID)
    is_closed = (
        before is not None
        and before.state is State.CLOSED
        and before.standing.version == life.standing.version
    )
    return replace(made, state=State.CLOSED if is_closed else State.PAID)


def _route(life: Life, frame: Frame) -> Route:
    """Give the route of the day, with the steps of budgets, and those above who are asked late."""
    categories = {one.line: one.category for one in life.content.lines}
    about = About(life.person, categories, frame.day, life.escalated)
    authorities = (*frame.authorities, *life.more)
    return compute_route(frame.decision, authorities, frame.organisation, about, frame.terms)


def _firm(frame: Frame) -> Firm:
    return Firm(frame.organisation, frame.day, frame.terms.limits)


def _turn(
    life: Life,
    before: Life | None,
    here: Progress | None,
    moved: tuple[SeatMove, ...] = (),
    late: Late = Late.NOT_YET,
) -> Turn:
    """Put a turn together: whom the claim waits for now, and who is told of what."""
    is_open = life.state is State.IN_APPROVAL and here is not None and here.open is not None
    step = here.open.code if is_open and here and here.open else ""
    asked = here.acts_next if is_open and here else ()
    steps = life.route.steps if is_open else ()
    done = here.done if here is not None else ()
    left = replace(life.route, steps=tuple(one for one in steps if one.code not in done))
    life = replace(life, open_step=step, asked=asked)
    told = [*_told_asked(life, before), *_told_claimant(life, before)]
    if is_open and late is not Late.NOT_YET and step not in life.reminded:
        life = replace(life, reminded=(*life.reminded, step))
        just_asked = {one.person for one in told}
        late_ones = [one for one in asked if one not in just_asked]
        told += notices(late_ones, NoticeCode.REMINDER, life.claim, step=step)
    return Turn(life, left.stored(), moves=moved if is_open else (), notices=tuple(told))


def _told_asked(life: Life, before: Life | None) -> tuple[Notice, ...]:
    """Tell whoever is newly asked, and whoever is asked no longer while the step is still open."""
    step = life.open_step
    is_same = before is not None and before.open_step == step
    was = before.asked if before is not None and is_same else ()
    is_late = is_same and step in life.escalated
    code = NoticeCode.ESCALATED if is_late else NoticeCode.ASKED
    new = [one for one in life.asked if one not in was]
    gone = [one for one in was if one not in life.asked] if step else []
    return (
        *notices(new, code, life.claim, step=step),
        *notices(gone, NoticeCode.NOT_ASKED, life.claim, step=step),
    )


_TELLING: Final = {
    State.WAITING_FOR_CLAIMANT: NoticeCode.WAITING_FOR_CLAIMANT,
    State.RETURNED: NoticeCode.RETURNED,
    State.REJECTED: NoticeCode.REJECTED,
    State.APPROVED: NoticeCode.APPROVED,
    State.PARTLY_APPROVED: NoticeCode.PARTLY_APPROVED,
}


def _told_claimant(life: Life, before: Life | None) -> tuple[Notice, ...]:
    """Tell the claimant what became of the claim, when it is news."""
    code = _TELLING.get(life.state)
    is_same = (
        before is not None
        and before.state is life.state
        and before.standing.version == life.standing.version
    )
    if code is None or is_same:
        return ()
    due = life.standing.due
    amount = f"{due.amount:f} {due.currency}" if due is not None else ""
    refused = ", ".join(life.standing.refused)
    return notices((life.person,), code, life.claim, amount=amount, lines=refused)


def _told_void(gone: Collection[Voided], life: Life) -> tuple[Notice, ...]:
    """Tell whoever gave an approval that is void, and the claimant, what changed."""
    told: list[Notice] = []
    for one in gone:
        parts = ", ".join(dict.fromkeys(change.part.value for change in one.changes))
        told += notices((one.approval.approver,), NoticeCode.VOID, life.claim, parts=parts)
        who = one.approval.approver
        told += notices((life.person,), NoticeCode.VOIDED, life.claim, parts=parts, who=who)
    return tuple(told)
