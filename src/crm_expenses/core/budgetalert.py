"""Alerts: a budget's use crosses a threshold, upwards or back; told once a crossing.

What has been told is the set of thresholds that are crossed at the moment. It is kept with the
budget, and compared with where the budget stands now; so the same position tells nothing twice, and
entries that cancel each other between two looks tell nothing at all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm_expenses.core.approval import Organisation
from crm_expenses.core.budget import Budget, BudgetPosition, BudgetScope
from crm_expenses.core.party import Account

THRESHOLDS: Final = (80, 100)
"""In per cent of what is allocated, where a plan names none."""

THRESHOLD_MAX: Final = 1_000


class Direction(StrEnum):
    """Which way a threshold was crossed: more is used than it says, or no longer."""

    UP = "up"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Crossing:
    """One threshold, in per cent, and the way in which it was crossed."""

    threshold: int
    direction: Direction


@dataclass(frozen=True, slots=True)
class BudgetAlert:
    """What the owner and the manager are told: the crossing, and where the budget stands now.

    `recipients` are ids of people, without repetition; empty where nobody is known, for others to
    see and mend.
    """

    budget: str
    crossing: Crossing
    position: BudgetPosition
    recipients: tuple[str, ...]


def crossed(position: BudgetPosition, thresholds: Iterable[int]) -> frozenset[int]:
    """Give the thresholds that a budget's use has reached, committed and spent together.

    A budget of zero reaches them all with the first amount, and none while it is unused.

    >>> at = BudgetPosition("b", "CNY", allocated=1000, committed=300, spent=500)
    >>> sorted(crossed(at, (50, 80, 100)))
    [50, 80]
    """
    used = position.committed + position.spent
    is_used = used > 0 or position.allocated < 0
    return frozenset(
        one for one in thresholds if is_used and used * 100 >= one * position.allocated
    )


def crossings(before: Iterable[int], now: Iterable[int]) -> tuple[Crossing, ...]:
    """Give what changed between two sets of crossed thresholds: up from the lowest, then back.

    >>> [(c.threshold, c.direction.value) for c in crossings({80}, {80, 100})]
    [(100, 'up')]
    >>> [(c.threshold, c.direction.value) for c in crossings({80, 100}, ())]
    [(100, 'back'), (80, 'back')]
    """
    old, new = frozenset(before), frozenset(now)
    up = [Crossing(one, Direction.UP) for one in sorted(new - old)]
    back = [Crossing(one, Direction.BACK) for one in sorted(old - new, reverse=True)]
    return (*up, *back)


def recipients(
    budget: Budget, organisation: Organisation, accounts: Mapping[str, Account]
) -> tuple[str, ...]:
    """Give who is told: the owner and the owner's manager.

    The owner of a person's budget is that person, of a customer's the account manager who owns the
    customer; of a team's and the company's it is the person responsible, who is told of the others,
    too, unless told already.
    """
    owner = ""
    if budget.scope is BudgetScope.PERSON:
        owner = budget.owner
    elif budget.scope is BudgetScope.ACCOUNT and budget.owner in accounts:
        owner = accounts[budget.owner].owner
    owner = owner or budget.responsible
    told = (owner, organisation.manager_of(owner), budget.responsible)
    return tuple(dict.fromkeys(one for one in told if one))


def alerts(
    budget: Budget,
    before: Iterable[int],
    position: BudgetPosition,
    *,
    organisation: Organisation,
    accounts: Mapping[str, Account],
    thresholds: Iterable[int] = THRESHOLDS,
) -> tuple[BudgetAlert, ...]:
    """Give the alerts of a budget that stands at `position`.

    `before` are the thresholds that were crossed when it was looked at last; afterwards keep
    `crossed(position, thresholds)` in its place. A threshold that is no longer asked for is told
    back.
    """
    told = recipients(budget, organisation, accounts)
    return tuple(
        BudgetAlert(budget.id, one, position, told)
        for one in crossings(before, crossed(position, thresholds))
    )
