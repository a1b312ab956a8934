"""What a person said of a claim: yes, no, or back to the claimant; and on what authority."""

from dataclasses import dataclass
from datetime import datetime

from crm_expenses.core.approval.authority import Provenance
from crm_expenses.core.given_approval import Verdict


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody says, before it is known whether it may be said.

    `step` is the step's code, empty for the one that is open. `seen` is the content code that stood
    beside the claim where it was said; only our own command, which signs what it holds, may leave
    it empty. `refused` are lines that are not approved while the others are.
    """

    by: str
    at: datetime
    verdict: Verdict = Verdict.APPROVE
    step: str = ""
    refused: tuple[str, ...] = ()
    reason: str = ""
    provenance: Provenance = Provenance.ASSERTED
    seen: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's word on a claim, as it counts.

    `seats` are the ids of the seats that it fills. `signed` is the signature over what they saw of
    the lines of the categories `on`, of all where it is None. `instead_of` names the person whom a
    substitute acts for. `version` counts the claim's submissions: a no, or a return, is of that
    version only; a yes stays for as long as what it signed does.
    """

    claim: str
    seats: tuple[str, ...]
    approver: str
    at: datetime
    signed: str
    on: frozenset[str] | None = None
    verdict: Verdict = Verdict.APPROVE
    refused: tuple[str, ...] = ()
    reason: str = ""
    instead_of: str = ""
    provenance: Provenance = Provenance.ASSERTED
    version: int = 1
