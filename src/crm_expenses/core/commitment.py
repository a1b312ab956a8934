"""What a decided claim asks of the budgets, and where a budget is too small for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_expenses.core.budget import Budget
from crm_expenses.core.decision import LineDecision
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect, Finding
from crm_expenses.core.money import Money
from crm_expenses.core.rates import convert, in_force

EXCEEDED = "budget.exceeded"
OVERDRAWN = "budget.overdrawn"
NO_RATE = "budget.no_rate"


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


def demands(facts: Facts, lines: Sequence[LineDecision]) -> tuple[Demand, ...]:
    """Sum what the lines' allowed amounts ask of each budget that covers them.

    A line counts against every budget that covers it: the person's, the team's, the category's.
    """
    available = {position.budget: position.available for position in facts.positions}
    team = facts.person.team if facts.person else ""
    person = facts.claim.person
    found = []
    for budget in facts.budgets:
        parts = [
            decided.allowed
            for line, decided in zip(facts.lines, lines, strict=True)
            if budget.covers(person=person, team=team, category=line.category, day=line.date)
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
    rate = in_force(facts.rates, amount.currency, currency, facts.claim.submitted.date())
    return None if rate is None else convert(amount, rate)


def budget_findings(asked: Sequence[Demand]) -> tuple[Finding, ...]:
    """Say which budgets are too small: a hard one sends the claim to a person, a soft one notes it.

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
            code, effect = (
                (EXCEEDED, Effect.REVIEW) if demand.budget.hard else (OVERDRAWN, Effect.NOTE)
            )
            findings.append(Finding(code, effect, evidence=shown))
    return tuple(findings)


def to_hold(asked: Sequence[Demand]) -> Mapping[str, int]:
    """Give what the claim may hold of each budget, in minor units of the budget's currency.

    A hard budget that is too small gives nothing: it is never overdrawn.
    """
    return {
        demand.budget.id: demand.amount.minor
        for demand in asked
        if demand.amount is not None
        and demand.amount.minor
        and not (demand.budget.hard and demand.short)
    }
