"""Alerts: once a crossing, in both directions, to the owner and the manager."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.approval import Organisation
from crm_expenses.core.budget import Budget, BudgetEntry, BudgetPosition, BudgetScope, EntryKind
from crm_expenses.core.budgetalert import (
    THRESHOLDS,
    Crossing,
    Direction,
    alerts,
    crossed,
    crossings,
    recipients,
)
from crm_expenses.core.money import Money
from crm_expenses.core.party import Account, AccountManager

UP, BACK = Direction.UP, Direction.BACK
SPAN = (date(2026, 1, 1), date(2026, 12, 31))
OWN = Budget("b", BudgetScope.PERSON, *SPAN, Money(1_000, "CNY"), "p", responsible="r")
ORGANISATION = Organisation(
    {
        "p": AccountManager("p", "P", manager="m"),
        "m": AccountManager("m", "M"),
        "r": AccountManager("r", "R", manager="top"),
    },
    {},
)
ACCOUNTS = {"A": Account("A", "A", owner="p"), "B": Account("B", "B")}


def at(used: int, allocated: int = 1_000) -> BudgetPosition:
    """Give a position of which half is committed and the rest spent."""
    return BudgetPosition("b", "CNY", allocated, used // 2, used - used // 2)


@pytest.mark.parametrize(
    ("used", "allocated", "expected"),
    [
        (0, 1_000, ()),
        (799, 1_000, ()),
        (800, 1_000, (80,)),
        (999, 1_000, (80,)),
        (1_000, 1_000, (80, 100)),
        (5_000, 1_000, (80, 100)),
        (-5, 1_000, ()),
        (0, 0, ()),  # a budget of zero that is not used
        (1, 0, (80, 100)),
        (-1, 0, ()),
        (0, -5, (80, 100)),  # more was taken away than there was
    ],
)
def test_what_is_crossed(used: int, allocated: int, expected: tuple[int, ...]) -> None:
    """A threshold is crossed when it is reached; a budget of zero by the first amount."""
    assert crossed(at(used, allocated), THRESHOLDS) == frozenset(expected)


@pytest.mark.parametrize(
    ("before", "used", "expected"),
    [
        ((), 799, []),
        ((), 800, [(80, UP)]),
        ((80,), 900, []),
        ((), 1_200, [(80, UP), (100, UP)]),
        ((80, 100), 1_300, []),
        ((80, 100), 999, [(100, BACK)]),
        ((80, 100), 0, [(100, BACK), (80, BACK)]),
        ((80,), 799, [(80, BACK)]),
        ((50,), 900, [(80, UP), (50, BACK)]),  # 50 % is no longer asked for
    ],
)
def test_alerts(before: Iterable[int], used: int, expected: list[tuple[int, Direction]]) -> None:
    """Each crossing since the last look is told, with where the budget stands."""
    position = at(used)
    made = alerts(OWN, before, position, organisation=ORGANISATION, accounts=ACCOUNTS)
    assert [(a.crossing.threshold, a.crossing.direction) for a in made] == expected
    for alert in made:
        assert (alert.budget, alert.position) == ("b", position)
        assert alert.recipients == ("p", "m", "r")


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (OWN, ("p", "m", "r")),
        (replace(OWN, responsible="m"), ("p", "m")),
        (replace(OWN, responsible=""), ("p", "m")),
        (replace(OWN, owner="m", responsible=""), ("m",)),
        (replace(OWN, scope=BudgetScope.TEAM, owner="East"), ("r", "top")),
        (replace(OWN, scope=BudgetScope.COMPANY, owner=""), ("r", "top")),
        (replace(OWN, scope=BudgetScope.COMPANY, owner="", responsible=""), ()),
        (replace(OWN, scope=BudgetScope.ACCOUNT, owner="A"), ("p", "m", "r")),
        (replace(OWN, scope=BudgetScope.ACCOUNT, owner="B"), ("r", "top")),
        (replace(OWN, scope=BudgetScope.ACCOUNT, owner="unknown", responsible=""), ()),
    ],
)
def test_who_is_told(budget: Budget, expected: tuple[str, ...]) -> None:
    """The owner and the owner's manager, each once, and whoever is responsible."""
    assert recipients(budget, ORGANISATION, ACCOUNTS) == expected


KINDS = st.sampled_from(EntryKind)
AMOUNTS = st.integers(-1_500, 1_500)
LEVELS = st.frozensets(st.integers(1, 200), max_size=4)


@given(LEVELS, st.lists(st.tuples(KINDS, AMOUNTS), max_size=30))
def test_alerts_against_a_plain_model(
    thresholds: frozenset[int], moves: list[tuple[EntryKind, int]]
) -> None:
    """Whatever happens to a budget, each threshold is told up and back in turn, up first.

    The model is a share as a fraction: it is at or above the threshold after an entry and was not
    before, or the other way round.
    """
    position = BudgetPosition("b", "CNY", allocated=1_000)
    state: frozenset[int] = frozenset()
    log: dict[int, list[Direction]] = {one: [] for one in thresholds}
    was = dict.fromkeys(thresholds, False)
    for kind, minor in moves:
        position = position.after(BudgetEntry("b", kind, Money(minor, "CNY")))
        now = crossed(position, thresholds)
        found = crossings(state, now)
        state = now
        expected = []
        for one in thresholds:
            is_over = is_over_in_the_model(position, one)
            if is_over != was[one]:
                expected.append(Crossing(one, UP if is_over else BACK))
            was[one] = is_over
        assert set(found) == set(expected)
        assert len(found) == len(expected)
        for crossing in found:
            log[crossing.threshold].append(crossing.direction)
        assert crossings(state, crossed(position, thresholds)) == ()
    for told in log.values():
        assert told == [UP, BACK] * (len(told) // 2) + [UP] * (len(told) % 2)


def is_over_in_the_model(position: BudgetPosition, threshold: int) -> bool:
    """Say with fractions whether a budget's use is at or above a threshold."""
    used = position.committed + position.spent
    if position.allocated > 0:
        return used > 0 and Fraction(used, position.allocated) >= Fraction(threshold, 100)
    if position.allocated == 0:
        return used > 0
    return used >= Fraction(threshold * position.allocated, 100)


@given(LEVELS, AMOUNTS, AMOUNTS)
def test_higher_thresholds_need_more(levels: frozenset[int], used: int, allocated: int) -> None:
    """Where there is money, a threshold that is reached has all lower ones reached, too."""
    found = crossed(at(used, max(0, allocated)), levels)
    assert all(low in found for high in found for low in levels if low < high)
