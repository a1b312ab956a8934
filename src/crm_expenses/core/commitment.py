"""What a decided claim asks of the budgets, and where a budget is too small for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crm_expenses.core.approval import MANAGER, PERSON, Authority
from crm_expenses.core.budget import AtLimit, Budget
from crm_expenses.core.decision import LineDecision, Outcome
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect, Finding
from crm_expenses.core.money import Money
from crm_expenses.core.rates import convert, in_force

EXCEEDED = "budget.exceeded"
OVERDRAWN = "budget.overdrawn"
APPROVAL = "budget.approval"
NO_RATE = "budget.no_rate"
BUDGET_FINDINGS: Final = (EXCEEDED, OVERDRAWN, APPROVAL, NO_RATE)
BUDGET_STEP: Final = "budget:"
"""How the code of an approval begins that a budget at its limit asks for."""

_AT_LIMIT: Final = {
    AtLimit.NOTIFY: (OVERDRAWN, Effect.NOTE),
    AtLimit.APPROVE: (APPROVAL, Effect.REVIEW),
    AtLimit.FREEZE: (EXCEEDED, Effect.REVIEW),
}


@dataclass(frozen=True, slots=True)
class Demand:
    """What a claim asks of one budget, in the budget's own currency; None where no rate is known.

    The rate is the one in force on the day of submission, frozen with the commitment.
    """

    budget: Budget
    amount: Money | None
    available: int

    @property
    def short(self) -> bool:
        """Whether the budget has less than is asked; a refund never asks too much."""
        return self.amount is not None and self.amount.minor > max(0, self.available)


def demands(
    facts: Facts, lines: Sequence[LineDecision], refused: Collection[str] = ()
) -> tuple[Demand, ...]:
    """Sum what the lines' allowed amounts ask of each budget that covers them.

    A line counts against every budget that covers it: the person's, the team's, the customer's, the
    company's, with or without a category. Lines that an approver refused ask for nothing.
    """
    available = {position.budget: position.available for position in facts.positions}
    team = facts.person.team if facts.person else ""
    person = facts.claim.person
    found = []
    for budget in facts.budgets:
        parts = [
            decided.allowed
            for line, decided in zip(facts.lines, lines, strict=True)
            if line.id not in refused
            and budget.covers(
                person=person,
                team=team,
                category=line.category,
                day=line.date,
                account=line.account,
            )
        ]
        if not parts:
            continue
        asked = Money(sum(part.minor for part in parts), parts[0].currency)
        amount = _in_currency(asked, budget.amount.currency, facts)
        found.append(Demand(budget, amount, available.get(budget.id, 0)))
    return tuple(found)


def _in_currency(amount: Money, currency: str, facts: Facts) -> Money | None:
    if amount.currency == currency:
        return amount
    rate = in_force(facts.all_rates, amount.currency, currency, facts.claim.submitted.date())
    return None if rate is None else convert(amount, rate)


def budget_findings(asked: Sequence[Demand]) -> tuple[Finding, ...]:
    """Say which budgets are too small, each as its `at_limit` says: a note, or a person looks.

    >>> budget_findings([])
    ()
    """
    findings = []
    for demand in asked:
        if demand.amount is None:
            evidence = (("budget", demand.budget.id), ("currency", demand.budget.amount.currency))
            findings.append(Finding(NO_RATE, Effect.REVIEW, evidence=evidence))
        elif demand.short:
            currency = demand.amount.currency
            shown = (
                ("budget", demand.budget.id),
                ("available", f"{Money(demand.available, currency).amount:f}"),
                ("needed", f"{demand.amount.amount:f}"),
            )
            code, effect = _AT_LIMIT[demand.budget.action]
            findings.append(Finding(code, effect, evidence=shown))
    return tuple(findings)


def to_hold(asked: Sequence[Demand]) -> Mapping[str, int]:
    """Give what the claim may hold of each budget, in minor units of the budget's currency.

    A budget that freezes and is too small gives nothing: it is never overdrawn. One that asks for
    an approval is held while that is waited for, so that no other claim counts on the money; who
    refuses the claim releases it.
    """
    return {
        demand.budget.id: demand.amount.minor
        for demand in asked
        if demand.amount is not None
        and demand.amount.minor
        and not (demand.budget.hard and demand.short)
    }


def limit_steps(asked: Sequence[Demand]) -> tuple[Authority, ...]:
    """Give the approvals that budgets at their limit ask for, beside those of the policy.

    The step goes to the person responsible for the budget; where nobody is named, to the claimant's
    manager. Its code is `budget:` and the budget's id.

    >>> limit_steps([])
    ()
    """
    return tuple(
        Authority(
            f"{BUDGET_STEP}{demand.budget.id}",
            (f"{PERSON}{demand.budget.responsible}" if demand.budget.responsible else MANAGER,),
            outcome=Outcome.REVIEW,
        )
        for demand in asked
        if demand.short and demand.budget.action is AtLimit.APPROVE
    )
