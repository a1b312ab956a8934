"""Which steps a decided claim needs, and why each of them is due.

What a step looks at are the lines of its categories: their allowed sum, their worst outcome, their
findings. One without categories looks at the whole claim, its own findings included.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm_expenses.core.approval.authority import Authority, BudgetLack
from crm_expenses.core.commitment import EXCEEDED, NO_RATE, OVERDRAWN
from crm_expenses.core.decision import Decision, LineDecision, Outcome, worst_outcome
from crm_expenses.core.finding import Evidence
from crm_expenses.core.money import Money

LACKING: Final = {
    BudgetLack.ANY: frozenset({EXCEEDED, OVERDRAWN, NO_RATE}),
    BudgetLack.SOFT: frozenset({OVERDRAWN, NO_RATE}),
    BudgetLack.HARD: frozenset({EXCEEDED, NO_RATE}),
}
"""The findings that say that a budget is short; where no rate is known, it may be."""


class Why(StrEnum):
    """Why a step is due. `LAST_RESORT`: a person must look, and the policy names nobody."""

    AMOUNT = "amount"
    OUTCOME = "outcome"
    FINDING = "finding"
    BUDGET = "budget"
    CONDITION = "condition"
    RESTRICTION = "restriction"
    LAST_RESORT = "last_resort"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, with what was compared with what: codes and figures, never prose."""

    why: Why
    evidence: Evidence = ()


@dataclass(frozen=True, slots=True)
class Looked:
    """What a step looks at: lines, their allowed sum, their worst outcome, codes of findings."""

    lines: tuple[LineDecision, ...]
    allowed: int
    outcome: Outcome
    codes: frozenset[str]


def looked_at(authority: Authority, decision: Decision, categories: Mapping[str, str]) -> Looked:
    """Give what a step looks at; `categories` are those of the claim's lines, by their ids."""
    lines = [one for one in decision.lines if authority.covers(categories.get(one.line, ""))]
    codes = {finding.code for line in lines for finding in line.findings}
    if authority.on is not None:
        allowed = sum(line.allowed.minor for line in lines)
        outcome = worst_outcome(line.outcome for line in lines)
        return Looked(tuple(lines), allowed, outcome, frozenset(codes))
    codes.update(finding.code for finding in decision.findings)
    return Looked(tuple(lines), decision.allowed.minor, decision.outcome, frozenset(codes))


def due_reasons(
    authority: Authority,
    decision: Decision,
    *,
    categories: Mapping[str, str],
    asked: Collection[str],
) -> tuple[Reason, ...]:
    """Say why a claim needs a step; nothing where it does not. A rejected claim needs none.

    `asked` are the codes of the steps whose own condition holds. Teams are not looked at here: to
    whose claims a step is restricted is settled when the claim is decided.

    >>> from crm_expenses.core.decision import PolicyRef, decide_claim
    >>> line = LineDecision("L", Outcome.PASS, Money(500, "CNY"), Money(500, "CNY"))
    >>> made = decide_claim("C", [line], (), (), "CNY", PolicyRef("p", "1", "", 1), "")
    >>> step = Authority("cfo", ("role:cfo",), above=499)
    >>> [r.evidence for r in due_reasons(step, made, categories={}, asked=())]
    [(('above', '4.99'), ('amount', '5.00'), ('currency', 'CNY'))]
    """
    if decision.outcome is Outcome.REJECT:
        return ()
    looked = looked_at(authority, decision, categories)
    if authority.on is not None and not looked.lines:
        return ()
    if not authority.has_trigger:
        return (_restriction(authority),) if authority.is_restricted else ()
    return _triggered(authority, looked, decision, asked)


def _triggered(
    authority: Authority, looked: Looked, decision: Decision, asked: Collection[str]
) -> tuple[Reason, ...]:
    found: list[Reason] = []
    if authority.above is not None and looked.allowed > authority.above:
        currency = decision.allowed.currency
        above, amount = (Money(m, currency) for m in (authority.above, looked.allowed))
        shown = (("above", f"{above.amount:f}"), ("amount", f"{amount.amount:f}"))
        found.append(Reason(Why.AMOUNT, (*shown, ("currency", currency))))
    if authority.outcome is not None and looked.outcome.rank >= authority.outcome.rank:
        found.append(Reason(Why.OUTCOME, (("outcome", looked.outcome.value),)))
    made = sorted(authority.findings & looked.codes)
    found += [Reason(Why.FINDING, (("code", code),)) for code in made]
    if authority.budget is not None:
        lacking = LACKING[authority.budget]
        found += [
            Reason(Why.BUDGET, _of_budget(finding.evidence))
            for finding in decision.findings
            if finding.code in lacking
        ]
    if authority.is_asked and authority.code in asked and not (found and authority.is_restricted):
        found.append(Reason(Why.CONDITION))
    return tuple(found)


def _of_budget(evidence: Evidence) -> Evidence:
    return tuple((name, value) for name, value in evidence if name == "budget")


def _restriction(authority: Authority) -> Reason:
    named = (("categories", authority.on), ("teams", authority.teams))
    shown = ((name, ", ".join(sorted(held))) for name, held in named if held is not None)
    return Reason(Why.RESTRICTION, tuple(shown))


def restricted_due(
    authorities: Sequence[Authority],
    decision: Decision,
    *,
    categories: Mapping[str, str],
    team: str,
    asked: Collection[str],
) -> tuple[str, ...]:
    """Give the codes of the restricted steps that are due, for the decision to carry.

    A decision says nothing of categories and teams, so that what was found with them is kept in it;
    then `due_for` needs nothing but the decision, and a person who changes teams changes no route.
    """
    return tuple(
        one.code
        for one in authorities
        if one.is_restricted
        and (one.teams is None or team in one.teams)
        and due_reasons(one, decision, categories=categories, asked=asked)
    )


def due_for(decision: Decision, authorities: Sequence[Authority]) -> tuple[Authority, ...]:
    """Give the steps that a decided claim needs, in sequence.

    >>> from crm_expenses.core.decision import PolicyRef, decide_claim
    >>> made = decide_claim("C", (), (), (), "CNY", PolicyRef("p", "1", "", 1), "", (), ("own",))
    >>> own, any_amount = (Authority(code, ("manager",), above=0, is_asked=code == "own")
    ...                    for code in ("own", "any"))
    >>> [step.code for step in due_for(made, [own, any_amount])]
    ['own']
    """
    carried = decision.approvals
    return tuple(
        one
        for one in authorities
        if (
            decision.outcome is not Outcome.REJECT and one.code in carried
            if one.is_restricted
            else due_reasons(one, decision, categories={}, asked=carried)
        )
    )
