"""Approval routes: who must say yes to a claim, computed from the policy and shown in advance.

Nobody approves their own claim: where a step would fall on the claimant, it goes up the line of
managers, and a step for which nobody is found stays on the route, unassigned, for people to see.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crm_expenses.core.decision import Decision, Outcome
from crm_expenses.core.party import AccountManager

CHAIN_MAX: Final = 20
"""Longest line of managers that is followed; a longer one is a circle or a mistake."""

MANAGER: Final = "manager"
ROLE: Final = "role:"
PERSON: Final = "person:"


@dataclass(frozen=True, slots=True)
class Authority:
    """A step that the policy demands: `who`, when the claim is above an amount or looks bad.

    `who` is `manager`, `role:NAME` or `person:ID`. The step is due when the allowed amount is above
    `above` (minor units of the policy's currency), the outcome is at least `outcome`, or the
    policy's own condition holds, where `is_asked` says that it has one.
    """

    code: str
    who: str
    above: int | None = None
    outcome: Outcome | None = None
    is_asked: bool = False

    def is_due(self, allowed: int, outcome: Outcome, asked: Collection[str] = ()) -> bool:
        """Say whether a claim needs the step; `asked` are the steps whose condition holds.

        >>> Authority("cfo", "role:cfo", above=100).is_due(100, Outcome.PASS)
        False
        """
        by_amount = self.above is not None and allowed > self.above
        by_outcome = self.outcome is not None and outcome.rank >= self.outcome.rank
        return by_amount or by_outcome or (self.is_asked and self.code in asked)


@dataclass(frozen=True, slots=True)
class ApprovalStep:
    """One step of a route: the policy's step code and the person, empty when nobody was found."""

    code: str
    approver: str


@dataclass(frozen=True, slots=True)
class ApprovalRoute:
    """The steps in sequence; none at all means that no person is needed."""

    claim: str
    steps: tuple[ApprovalStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who reports to whom, and who holds which role."""

    people: Mapping[str, AccountManager]
    roles: Mapping[str, Sequence[str]]

    def manager_of(self, person: str) -> str:
        """Give the id of a person's manager, empty at the top or where unknown."""
        found = self.people.get(person)
        return found.manager if found else ""


def due_steps(
    authorities: Sequence[Authority],
    *,
    allowed: int,
    outcome: Outcome,
    asked: Collection[str] = (),
) -> tuple[Authority, ...]:
    """Give the steps that a claim needs, in sequence; none where it is rejected.

    `asked` are the codes of the steps whose own condition holds.

    >>> steps = [Authority("line", "manager", above=0), Authority("cfo", "role:cfo", above=100)]
    >>> [step.code for step in due_steps(steps, allowed=100, outcome=Outcome.PASS)]
    ['line']
    """
    if outcome is Outcome.REJECT:
        return ()
    return tuple(one for one in authorities if one.is_due(allowed, outcome, asked))


def due_for(decision: Decision, authorities: Sequence[Authority]) -> tuple[Authority, ...]:
    """Give the steps that a decided claim needs, in sequence."""
    return due_steps(
        authorities,
        allowed=decision.allowed.minor,
        outcome=decision.outcome,
        asked=decision.approvals,
    )


def route(
    claim: str,
    claimant: str,
    authorities: Sequence[Authority],
    organisation: Organisation,
    *,
    allowed: int,
    outcome: Outcome,
    asked: Collection[str] = (),
) -> ApprovalRoute:
    """Compute the route of a claim. Two neighbouring steps of one person become one.

    `asked` are the codes of the steps whose own condition holds.

    >>> org = Organisation({"a": AccountManager("a", "A", manager="b")}, {})
    >>> route("C", "a", [Authority("line", "manager", above=0)], org, allowed=5,
    ...       outcome=Outcome.PASS).steps
    (ApprovalStep(code='line', approver='b'),)
    """
    steps: list[ApprovalStep] = []
    for authority in due_steps(authorities, allowed=allowed, outcome=outcome, asked=asked):
        approver = _approver(authority.who, claimant, organisation)
        if steps and approver and steps[-1].approver == approver:
            continue
        steps.append(ApprovalStep(authority.code, approver))
    return ApprovalRoute(claim, tuple(steps))


def _approver(who: str, claimant: str, organisation: Organisation) -> str:
    if who.startswith(PERSON):
        candidates: Sequence[str] = [who.removeprefix(PERSON)]
    elif who.startswith(ROLE):
        candidates = organisation.roles.get(who.removeprefix(ROLE), ())
    else:
        candidates = [organisation.manager_of(claimant)]
    for candidate in candidates:
        if candidate and candidate != claimant:
            return candidate
    return _above(claimant, organisation) if claimant in candidates else ""


def _above(claimant: str, organisation: Organisation) -> str:
    person = claimant
    for _ in range(CHAIN_MAX):
        person = organisation.manager_of(person)
        if person != claimant:
            return person
    return ""
