"""A firm small enough to route claims in by hand, and claims as a policy would decide them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final

from crm_expenses.core.approval import (
    About,
    ApprovalTerms,
    Authority,
    Organisation,
    Route,
    Substitute,
    compute_route,
)
from crm_expenses.core.decision import Decision, LineDecision, Outcome, PolicyRef, decide_claim
from crm_expenses.core.finding import Finding
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager

DAY: Final = date(2026, 3, 2)
AT: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)


def organisation(
    managers: Mapping[str, str],
    roles: Mapping[str, Sequence[str]] | None = None,
    substitutes: Sequence[Substitute] = (),
    *,
    gone: Sequence[str] = (),
) -> Organisation:
    """Give who reports to whom, who holds which role, who acts for whom, and who has left."""
    people = {
        name: AccountManager(
            name, name, manager=above, active_to=date(2026, 1, 31) if name in gone else None
        )
        for name, above in managers.items()
    }
    return Organisation(people, roles or {}, substitutes)


def cny(minor: int) -> Money:
    """Give an amount in fen."""
    return Money(minor, "CNY")


def line(
    name: str, minor: int, outcome: Outcome = Outcome.PASS, findings: tuple[Finding, ...] = ()
) -> LineDecision:
    """Give a line of which so much is claimed and allowed."""
    return LineDecision(name, outcome, cny(minor), cny(minor), findings)


def decided(
    *lines: LineDecision, findings: tuple[Finding, ...] = (), approvals: tuple[str, ...] = ()
) -> Decision:
    """Give the decision on a claim of these lines."""
    ref = PolicyRef("p", "1", "", 1)
    return decide_claim("C", lines, findings, (), "CNY", ref, "", (), approvals)


def routed(  # noqa: PLR0913  all that a route depends on
    decision: Decision,
    steps: Sequence[Authority],
    firm: Organisation,
    claimant: str = "ann",
    *,
    terms: ApprovalTerms | None = None,
    categories: Mapping[str, str] | None = None,
    day: date = DAY,
    escalated: Sequence[str] = (),
) -> Route:
    """Compute a route; every line is a meal where nothing else is said."""
    known = categories or {one.line: "meal" for one in decision.lines}
    about = About(claimant, known, day, escalated)
    return compute_route(decision, steps, firm, about, terms or ApprovalTerms())
