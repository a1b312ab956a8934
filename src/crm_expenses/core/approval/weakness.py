"""What is looked at of an organisation, and what can be wrong with it; each with a witness."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from crm_expenses.core.approval.authority import ApprovalTerms, Authority
from crm_expenses.core.approval.candidates import Asking
from crm_expenses.core.approval.organisation import Organisation


class Weak(StrEnum):
    """What can be wrong with an organisation; those of `NOTES` are only to be known."""

    SELF = "self"
    MANAGER_CIRCLE = "manager_circle"
    SUBSTITUTE_CIRCLE = "substitute_circle"
    SELF_SUBSTITUTE = "self_substitute"
    MUTUAL = "mutual"
    NOBODY = "nobody"
    AUTHORITY = "authority"
    NO_STEP = "no_step"
    ROLE_EMPTY = "role_empty"
    PERSON_UNKNOWN = "person_unknown"
    MANAGER_UNKNOWN = "manager_unknown"
    AWAY = "away"
    PASSES = "passes"
    DEPENDS = "depends"
    COVERED = "covered"


NOTES: Final = frozenset({Weak.PASSES, Weak.DEPENDS, Weak.COVERED})
"""What is no weakness: which claims pass without a person, or may, and who stands in for whom."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A claim that shows a finding: whose, how much in minor units, of which category, which step.

    `path` are the people that the search came by, or the circle. `also` counts further claimants of
    whom the same is true.
    """

    claimant: str = ""
    amount: int | None = None
    category: str = ""
    step: str = ""
    path: tuple[str, ...] = ()
    also: int = 0


@dataclass(frozen=True, slots=True)
class Weakness:
    """One finding; `who` is the role, person or other thing that it is about."""

    kind: Weak
    witness: Witness
    who: str = ""

    @property
    def is_note(self) -> bool:
        """Whether it is only to be known."""
        return self.kind in NOTES


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at, and what was found; `seats` counts how many were computed."""

    claimants: int
    amounts: tuple[int, ...]
    categories: tuple[str, ...]
    seats: int
    found: tuple[Weakness, ...]

    @property
    def is_sound(self) -> bool:
        """Whether every claim finds its approvers, whoever is away."""
        return all(one.is_note for one in self.found)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a policy asks of an organisation, as of a day."""

    authorities: Sequence[Authority]
    terms: ApprovalTerms
    categories: Sequence[str]
    organisation: Organisation
    day: date
    greatest: int | None = None

    def asking(self, claimant: str, amount: int) -> Asking:
        """Give for what somebody is searched, for a claim that may come."""
        limits = self.terms.limits
        return Asking("", claimant, amount, self.day, self.organisation, limits)
