"""Who may take a step: those that it names, else whoever stands above them, and substitutes.

Nobody approves their own claim, neither directly, nor as a substitute, nor round a circle: the
claimant is left out wherever the search comes by. Where nobody named may act (the claimant, someone
who has left, whose authority does not reach the amount), the step goes up the line of managers to
the first who may.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from crm_expenses.core.approval.authority import MANAGER, PERSON, ROLE, AuthorityLimit
from crm_expenses.core.approval.organisation import Organisation


class Via(StrEnum):
    """How somebody comes to be asked."""

    NAMED = "named"
    ABOVE = "above"
    SUBSTITUTE = "substitute"
    ESCALATION = "escalation"


class Barred(StrEnum):
    """Why somebody may not take a step."""

    CLAIMANT = "claimant"
    LEFT = "left"
    AUTHORITY = "authority"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who may take a step.

    `instead_of` is whom they act for, or below whom the search began. `passed` are those whom it
    went past on the way up, each with the reason.
    """

    person: str
    via: Via = Via.NAMED
    instead_of: str = ""
    passed: tuple[tuple[str, Barred], ...] = ()


@dataclass(frozen=True, slots=True)
class Asking:
    """For what somebody is searched: whose claim, which amount, on which day, in which firm."""

    claim: str
    claimant: str
    amount: int
    day: date
    organisation: Organisation
    limits: Sequence[AuthorityLimit] = ()

    def barred(self, person: str) -> Barred | None:
        """Say why a person may not take the step; None where they may."""
        if person == self.claimant:
            return Barred.CLAIMANT
        if not self.organisation.is_active(person, self.day):
            return Barred.LEFT
        if not self.organisation.may_approve(person, self.amount, self.limits):
            return Barred.AUTHORITY
        return None


def named_by(who: str, claimant: str, organisation: Organisation) -> tuple[str, ...]:
    """Give whom `manager`, `role:NAME` or `person:ID` names, for a claimant.

    >>> named_by("role:cfo", "a", Organisation({}, {"cfo": ["z", "", "z"]}))
    ('z',)
    """
    if who.startswith(PERSON):
        found: Sequence[str] = (who.removeprefix(PERSON),)
    elif who.startswith(ROLE):
        found = organisation.roles.get(who.removeprefix(ROLE), ())
    else:
        found = (organisation.manager_of(claimant),)
    return tuple(dict.fromkeys(person for person in found if person))


def candidates(who: Sequence[str], asking: Asking) -> tuple[Candidate, ...]:
    """Give who may take a step that names `who`, those first who are expected to.

    >>> from crm_expenses.core.party import AccountManager
    >>> people = {n: AccountManager(n, n, manager=m) for n, m in (("a", "b"), ("b", "c"))}
    >>> firm = Organisation(people, {"r": ["a"]})
    >>> asking = Asking("C", "a", 1, date(2026, 1, 1), firm)
    >>> [(one.person, one.via.value) for one in candidates(["role:r"], asking)]
    [('b', 'above')]
    """
    firm = asking.organisation
    named = [person for form in who for person in named_by(form, asking.claimant, firm)]
    named = list(dict.fromkeys(named))
    found = [Candidate(person) for person in named if asking.barred(person) is None]
    if not found:
        found = [one for person in named if (one := _above(person, asking)) is not None]
    return _with_substitutes(found, asking)


def escalated(to: str, waiting_for: Sequence[Candidate], asking: Asking) -> tuple[Candidate, ...]:
    """Give who is asked, too, when a step has waited too long."""
    if to == MANAGER:
        found = [_above(one.person, asking) for one in waiting_for if one.via is Via.NAMED]
        found += [_above(one.person, asking) for one in waiting_for if one.via is Via.ABOVE]
        above = list(_with_substitutes([one for one in found if one is not None], asking))
    else:
        above = list(candidates((to,), asking))
    known = {one.person for one in waiting_for}
    more = {one.person: one for one in above if one.person not in known}
    return tuple(
        Candidate(one.person, Via.ESCALATION, one.instead_of, one.passed) for one in more.values()
    )


def _above(person: str, asking: Asking) -> Candidate | None:
    """Give the first above a person who may take the step, and who was passed on the way."""
    why = asking.barred(person)
    passed = [(person, why)] if why is not None else []
    for manager in asking.organisation.above(person):
        why = asking.barred(manager)
        if why is None:
            return Candidate(manager, Via.ABOVE, person, tuple(passed))
        passed.append((manager, why))
    return None


def _with_substitutes(found: Sequence[Candidate], asking: Asking) -> tuple[Candidate, ...]:
    """Put those who act for somebody before them; they act with that one's authority."""
    firm = asking.organisation
    own = {one.person: one for one in found}
    ordered: dict[str, Candidate] = {}
    for one in found:
        acting = firm.acting_for(one.person, asking.day, asking.claim, but_not=asking.claimant)
        for person in acting:
            if firm.is_active(person, asking.day):
                other = Candidate(person, Via.SUBSTITUTE, one.person)
                ordered.setdefault(person, own.get(person, other))
        ordered.setdefault(one.person, one)
    return tuple(ordered.values())
