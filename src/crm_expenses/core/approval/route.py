"""The route of a claim: its steps, who takes each, why it is due, and who acts next.

It is computed from the decision, the policy's steps and the organisation of a day, so that a
claimant sees it before submitting, and anybody can compute it again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import takewhile
from typing import Final

from crm_expenses.core.approval.authority import (
    MANAGER,
    NO_DEADLINE,
    NO_TERMS,
    ApprovalRoute,
    ApprovalStep,
    ApprovalTerms,
    Authority,
    Deadline,
    Group,
    Provenance,
    Title,
)
from crm_expenses.core.approval.candidates import Asking, Candidate, candidates, escalated
from crm_expenses.core.approval.due import Looked, Reason, Why, due_for, due_reasons, looked_at
from crm_expenses.core.approval.organisation import Organisation
from crm_expenses.core.decision import Decision, Outcome
from crm_expenses.core.finding import Evidence
from crm_expenses.core.money import Money

LAST_RESORT: Final = Authority("review", (MANAGER,), outcome=Outcome.REVIEW)
"""Who looks when the policy names nobody for a claim that a person must see."""

BY_AMOUNT: Final = frozenset({Why.AMOUNT})
"""The only reason for which a step may be left out where the claim is small and clean."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One yes that a step needs; any of the candidates gives it, those first who are expected.

    `who` is what the policy names, and `id` is the step's code with it: what an approval says that
    it fills, whoever sits there later. Without a candidate nobody may give it, and people must see
    that.
    """

    id: str
    who: tuple[str, ...]
    candidates: tuple[Candidate, ...]

    @property
    def people(self) -> tuple[str, ...]:
        """The ids of the candidates."""
        return tuple(one.person for one in self.candidates)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: every seat of it must be filled before the next step opens.

    `on` are the categories of the lines that its approval signs, None for all. A step is joined
    when the very same people take the one before it: their yes counts for both.
    """

    code: str
    title: Title
    seats: tuple[Seat, ...]
    reasons: tuple[Reason, ...]
    amount: Money
    on: frozenset[str] | None = None
    group: Group = Group.ANY
    deadline: Deadline = NO_DEADLINE
    accepts: Provenance = Provenance.ASSERTED
    is_escalated: bool = False
    is_joined: bool = False

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who may act in it."""
        return tuple(dict.fromkeys(person for seat in self.seats for person in seat.people))

    @property
    def is_stuck(self) -> bool:
        """Whether some seat has nobody."""
        return any(not seat.candidates for seat in self.seats)


class Passed(StrEnum):
    """Why no person is needed."""

    NOT_DUE = "not_due"
    AUTOMATIC = "automatic"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Route:
    """The steps in sequence. Where there are none, `automatic` says why, with the figures."""

    claim: str
    claimant: str
    steps: tuple[Step, ...] = ()
    automatic: Passed | None = None
    evidence: Evidence = ()

    @property
    def acts_next(self) -> tuple[str, ...]:
        """Who is asked first of all."""
        return self.steps[0].people if self.steps else ()

    def step(self, code: str) -> Step | None:
        """Give the step of a code, or None where it is not due."""
        return next((one for one in self.steps if one.code == code), None)

    def together(self, code: str) -> tuple[Step, ...]:
        """Give the step of a code with those joined to it: one yes counts for all of them.

        >>> def step(code): return Step(code, ("", ""), (), (), Money(1, "CNY"))
        >>> two = (step("a"), replace(step("b"), is_joined=True))
        >>> [step.code for step in Route("C", "p", two).together("a")]
        ['a', 'b']
        """
        codes = [one.code for one in self.steps]
        if code not in codes:
            return ()
        first = codes.index(code)
        rest = takewhile(lambda one: one.is_joined, self.steps[first + 1 :])
        return (self.steps[first], *rest)

    def stored(self) -> ApprovalRoute:
        """Give the steps as they are stored: each with the first who is asked, joined as one."""
        own = (one for one in self.steps if not one.is_joined)
        steps = (ApprovalStep(one.code, next(iter(one.people), "")) for one in own)
        return ApprovalRoute(self.claim, tuple(steps))


@dataclass(frozen=True, slots=True)
class About:
    """What a route needs to know beside the decision: who claims, the lines' categories, the day.

    `categories` are by the ids of the lines. `escalated` are the codes of steps that have waited
    too long, so that those above are asked, too.
    """

    claimant: str
    categories: Mapping[str, str]
    day: date
    escalated: Collection[str] = ()


def compute_route(
    decision: Decision,
    authorities: Sequence[Authority],
    organisation: Organisation,
    about: About,
    terms: ApprovalTerms = NO_TERMS,
) -> Route:
    """Compute the route of a decided claim, in the organisation of a day.

    >>> from crm_expenses.core.decision import LineDecision, PolicyRef, decide_claim
    >>> from crm_expenses.core.party import AccountManager
    >>> five = Money(500, "CNY")
    >>> made = decide_claim("C", [LineDecision("L", Outcome.PASS, five, five)], (), (), "CNY",
    ...                     PolicyRef("p", "1", "", 1), "")
    >>> firm = Organisation({"a": AccountManager("a", "A", manager="b")}, {})
    >>> found = compute_route(made, [Authority("line", ("manager",), above=0)], firm,
    ...                       About("a", {"L": "meal"}, date(2026, 1, 1)))
    >>> found.acts_next, found.stored().steps
    (('b',), (ApprovalStep(code='line', approver='b'),))
    """
    claim, claimant, categories = decision.claim, about.claimant, about.categories
    shown = _figures(decision, terms)
    if decision.outcome is Outcome.REJECT:
        return Route(claim, claimant, automatic=Passed.REJECTED, evidence=shown)
    due = [
        (one, due_reasons(one, decision, categories=categories, asked=decision.approvals))
        for one in due_for(decision, authorities)
    ]
    if _is_automatic(decision, due, categories, terms):
        return Route(claim, claimant, automatic=Passed.AUTOMATIC, evidence=shown)
    is_seen = decision.outcome is Outcome.REVIEW or terms.automatic is not None
    if not due and not is_seen:
        return Route(claim, claimant, automatic=Passed.NOT_DUE, evidence=shown)
    due = due or [(LAST_RESORT, (Reason(Why.LAST_RESORT),))]
    asking = Asking(claim, claimant, 0, about.day, organisation, terms.limits)
    steps = [
        _step(one, reasons, looked_at(one, decision, categories), decision, asking, terms)
        for one, reasons in due
    ]
    steps = [_escalated(one, asking, about.escalated) for one in steps]
    return Route(claim, claimant, tuple(_joined(steps)))


def _figures(decision: Decision, terms: ApprovalTerms) -> Evidence:
    allowed = decision.allowed
    shown = [("allowed", f"{allowed.amount:f}"), ("currency", allowed.currency)]
    if terms.automatic is not None:
        up_to = Money(terms.automatic.up_to, allowed.currency)
        shown.append(("up_to", f"{up_to.amount:f}"))
    return (*shown, ("outcome", decision.outcome.value))


def _is_automatic(
    decision: Decision,
    due: Sequence[tuple[Authority, tuple[Reason, ...]]],
    categories: Mapping[str, str],
    terms: ApprovalTerms,
) -> bool:
    """Say whether the policy lets the claim pass: small, clean, and due for its amount at most."""
    if terms.automatic is None:
        return False
    by_amount = all(
        {one.why for one in reasons} <= BY_AMOUNT and not authority.is_restricted
        for authority, reasons in due
    )
    return by_amount and terms.automatic.lets(
        allowed=decision.allowed.minor,
        outcome=decision.outcome,
        categories=[categories.get(line.line, "") for line in decision.lines],
    )


def _step(
    authority: Authority,
    reasons: tuple[Reason, ...],
    looked: Looked,
    decision: Decision,
    asking: Asking,
    terms: ApprovalTerms,
) -> Step:
    asking = replace(asking, amount=looked.allowed)
    forms = [authority.who] if authority.group is Group.ANY else [(w,) for w in authority.who]
    return Step(
        code=authority.code,
        title=authority.title,
        seats=tuple(
            Seat(f"{authority.code} {' '.join(form)}", form, candidates(form, asking))
            for form in forms
        ),
        reasons=reasons,
        amount=Money(looked.allowed, decision.allowed.currency),
        on=authority.on,
        group=authority.group,
        deadline=authority.deadline,
        accepts=authority.accepts or terms.accepts,
    )


def _joined(steps: Sequence[Step]) -> list[Step]:
    """Mark each step that the very same people take as the one before: one yes is enough."""
    return [
        replace(step, is_joined=number > 0 and _are_alike(steps[number - 1], step))
        for number, step in enumerate(steps)
    ]


def _are_alike(one: Step, other: Step) -> bool:
    if len(one.seats) != 1 or len(other.seats) != 1 or one.is_stuck:
        return False
    return set(one.people) == set(other.people)


def _escalated(step: Step, asking: Asking, codes: Collection[str]) -> Step:
    if step.code not in codes:
        return step
    asking = replace(asking, amount=step.amount.minor)
    seats = []
    for seat in step.seats:
        more = escalated(step.deadline.escalate_to, seat.candidates, asking)
        seats.append(replace(seat, candidates=(*seat.candidates, *more)))
    return replace(step, seats=tuple(seats), is_escalated=True)
