"""Approvals: who must say yes to a claim, what a yes signs, and what later voids it.

`authority` is what a policy asks for, `organisation` who there is, `due` why a step is due,
`route` who takes it; `content` is what an approval signs, `grant` whether it may be given,
`progress` what is still open, `reroute` what a change of the organisation moves; `check`, `circles`
and `weakness` look at a whole organisation at once.
"""

from crm_expenses.core.approval.authority import (
    MANAGER,
    PERSON,
    ROLE,
    ApprovalRoute,
    ApprovalStep,
    ApprovalTerms,
    Authority,
    AuthorityLimit,
    Automatic,
    BudgetLack,
    Deadline,
    Group,
    Provenance,
)
from crm_expenses.core.approval.content import (
    Content,
    LineContent,
    Part,
    Voided,
    content_code,
    content_of,
    signature,
    voided,
)
from crm_expenses.core.approval.due import due_for
from crm_expenses.core.approval.grant import admit
from crm_expenses.core.approval.organisation import Organisation, Substitute
from crm_expenses.core.approval.progress import Late, Progress, lateness, opened_at, progress
from crm_expenses.core.approval.reroute import Rerouting, reroute
from crm_expenses.core.approval.route import About, Route, Seat, Step, compute_route
from crm_expenses.core.approval.verdict import Approval, Word
from crm_expenses.core.given_approval import Verdict

__all__ = [
    "MANAGER",
    "PERSON",
    "ROLE",
    "About",
    "Approval",
    "ApprovalRoute",
    "ApprovalStep",
    "ApprovalTerms",
    "Authority",
    "AuthorityLimit",
    "Automatic",
    "BudgetLack",
    "Content",
    "Deadline",
    "Group",
    "Late",
    "LineContent",
    "Organisation",
    "Part",
    "Progress",
    "Provenance",
    "Rerouting",
    "Route",
    "Seat",
    "Step",
    "Substitute",
    "Verdict",
    "Voided",
    "Word",
    "admit",
    "compute_route",
    "content_code",
    "content_of",
    "due_for",
    "lateness",
    "opened_at",
    "progress",
    "reroute",
    "signature",
    "voided",
]
