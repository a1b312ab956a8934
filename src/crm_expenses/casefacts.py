"""What a case knows beside its claim: absences of earlier claims, and budgets."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from crm_expenses.core.budget import AtLimit, Budget, BudgetPosition, BudgetScope
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.trip import Trip


def with_absences(facts: Facts, earlier: Iterable[Facts]) -> Facts:
    """Add the person's trips of earlier claims that share a day with one of the claim's."""
    known = {trip.id: trip for trip in facts.trips}
    others = {
        trip.id: trip
        for before in earlier
        if before.claim.person == facts.claim.person
        for trip in before.trips
        if trip.id not in known and any(_meet(trip, own) for own in facts.trips)
    }
    trips = sorted((*known.values(), *others.values()), key=lambda trip: trip.id)
    return replace(facts, trips=tuple(trips)) if others else facts


def _meet(one: Trip, other: Trip) -> bool:
    first, second = ((t.departs.date(), t.returns.date()) for t in (one, other))
    return first[0] <= second[1] and second[0] <= first[1]


def budget_of(
    name: str,
    sums: Sequence[Money],
    *,
    category: str,
    hard: bool,
    at_limit: AtLimit | None = None,
) -> tuple[Budget, BudgetPosition]:
    """Give a budget that covers every day, and where it stands.

    `sums` are what was allocated, committed and spent. An empty category is every category.

    >>> _, position = budget_of("B", [Money(100, "EUR"), Money(20, "EUR"), Money(5, "EUR")],
    ...                         category="", hard=False)
    >>> position.available
    75
    """
    allocated, committed, spent = sums
    budget = Budget(
        name,
        BudgetScope.COMPANY,
        date.min,
        date.max,
        allocated,
        category=category,
        hard=hard,
        at_limit=at_limit,
    )
    minors = (allocated.minor, committed.minor, spent.minor)
    return budget, BudgetPosition(name, allocated.currency, *minors)
