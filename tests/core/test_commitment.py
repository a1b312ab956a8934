"""Commitments: what a claim asks of the budgets, and that a hard one is never overdrawn."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.approval import Authority
from crm_expenses.core.budget import (
    AtLimit,
    Budget,
    BudgetEntry,
    BudgetPosition,
    BudgetScope,
    EntryKind,
    held_after,
    settle,
)
from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.commitment import (
    Demand,
    budget_findings,
    demands,
    limit_steps,
    to_hold,
)
from crm_expenses.core.decision import LineDecision, Outcome
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect, Finding
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.rates import Rate

DAY = date(2026, 3, 2)
SPAN = (date(2026, 1, 1), date(2026, 12, 31))


def budget(name: str, scope: BudgetScope, owner: str = "", **more: object) -> Budget:
    """Give a budget of the year."""
    made = Budget(name, scope, *SPAN, Money(1_000, "CNY"), owner)
    return replace(made, **more)  # type: ignore[arg-type]


OWN = budget("own", BudgetScope.PERSON, "p")
TEAM = budget("team", BudgetScope.TEAM, "East")
MEALS = budget("meals", BudgetScope.COMPANY, category="meal")
EURO = budget("euro", BudgetScope.COMPANY, amount=Money(1_000, "EUR"))


def facts(
    lines: Sequence[tuple[str, int]],
    budgets: Sequence[Budget],
    available: int = 1_000,
    rates: tuple[Rate, ...] = (),
) -> tuple[Facts, list[LineDecision]]:
    """Give a claim of lines (category and allowed amount), and the decisions on them."""
    made = Facts(
        Claim("C", "p", datetime(2026, 3, 4, tzinfo=UTC)),
        tuple(
            ExpenseLine(f"L{n}", "C", DAY, category, Money(minor, "CNY"))
            for n, (category, minor) in enumerate(lines)
        ),
        AccountManager("p", "P", team="East"),
        budgets=tuple(budgets),
        positions=tuple(BudgetPosition(b.id, b.amount.currency, available) for b in budgets),
        rates=rates,
    )
    decided = [LineDecision(x.id, Outcome.PASS, x.amount, x.amount) for x in made.lines]
    return made, decided


def test_each_covering_budget_is_asked() -> None:
    """A line counts against every budget that covers it, and a budget sums its lines."""
    found = demands(*facts([("meal", 300), ("taxi", 50)], [OWN, TEAM, MEALS]))
    assert [(d.budget.id, d.amount, d.available) for d in found] == [
        ("own", Money(350, "CNY"), 1_000),
        ("team", Money(350, "CNY"), 1_000),
        ("meals", Money(300, "CNY"), 1_000),
    ]


def test_a_budget_that_covers_nothing_is_not_asked() -> None:
    """A budget of another category is left out, and a person without a team asks no team."""
    assert demands(*facts([("taxi", 50)], [MEALS])) == ()
    made, lines = facts([("taxi", 50)], [TEAM])
    assert demands(replace(made, person=None), lines) == ()


def test_the_allowed_amount_is_asked() -> None:
    """A budget pays what is allowed, not what was claimed."""
    made, [line] = facts([("meal", 300)], [OWN])
    [demand] = demands(made, [replace(line, allowed=Money(120, "CNY"))])
    assert demand.amount == Money(120, "CNY")


def test_a_budget_never_heard_of_has_nothing() -> None:
    """Without a position nothing is available."""
    made, lines = facts([("meal", 300)], [OWN])
    [demand] = demands(replace(made, positions=()), lines)
    assert demand.available == 0
    assert demand.short


RATE = Rate("r", "CNY", "EUR", date(2026, 3, 4), Decimal("0.125"), "ours")


def test_a_budget_in_another_currency() -> None:
    """The rate of the day of submission is used, once, on the sum."""
    [demand] = demands(*facts([("meal", 3), ("meal", 1)], [EURO], rates=(RATE,)))
    assert demand.amount == Money(1, "EUR")


@pytest.mark.parametrize("rates", [(), (replace(RATE, day=date(2026, 3, 5)),)])
def test_a_budget_without_a_rate(rates: tuple[Rate, ...]) -> None:
    """Without a rate in force a person looks, and nothing is held."""
    found = demands(*facts([("meal", 300)], [EURO], rates=rates))
    assert [(d.amount, d.short) for d in found] == [(None, False)]
    assert to_hold(found) == {}
    evidence = (("budget", "euro"), ("currency", "EUR"))
    assert budget_findings(found) == (Finding("budget.no_rate", Effect.REVIEW, evidence=evidence),)


@pytest.mark.parametrize(
    ("asked", "available", "short"),
    [
        (100, 100, False),
        (101, 100, True),
        (1, 0, True),
        (0, 0, False),
        (0, -5, False),
        (1, -5, True),
        (-5, 0, False),
        (-5, -50, False),  # a refund never asks too much
    ],
)
def test_short(asked: int, available: int, short: bool) -> None:  # noqa: FBT001  a case
    """A budget is short when more is asked than is left."""
    demand = Demand(OWN, Money(asked, "CNY"), available)
    assert demand.short is short
    assert bool(budget_findings([demand])) is short


@pytest.mark.parametrize(
    ("hard", "code", "effect"),
    [(True, "budget.exceeded", Effect.REVIEW), (False, "budget.overdrawn", Effect.NOTE)],
)
def test_a_short_budget_says_so(hard: bool, code: str, effect: Effect) -> None:  # noqa: FBT001
    """A hard budget sends the claim to a person, a soft one notes it, both with the figures."""
    demand = Demand(replace(OWN, hard=hard), Money(1_250, "CNY"), 1_000)
    evidence = (("budget", "own"), ("available", "10.00"), ("needed", "12.50"))
    assert budget_findings([demand]) == (Finding(code, effect, evidence=evidence),)
    assert to_hold([demand]) == ({} if hard else {"own": 1_250})


def test_a_budget_that_asks_for_an_approval() -> None:
    """Beyond its limit a person looks, the money is held, and its responsible is one more step."""
    asks = replace(OWN, at_limit=AtLimit.APPROVE, responsible="m")
    short, enough = Demand(asks, Money(1_250, "CNY"), 1_000), Demand(asks, Money(5, "CNY"), 1_000)
    evidence = (("budget", "own"), ("available", "10.00"), ("needed", "12.50"))
    assert budget_findings([short]) == (
        Finding("budget.approval", Effect.REVIEW, evidence=evidence),
    )
    assert to_hold([short]) == {"own": 1_250}
    step = Authority("budget:own", ("person:m",), outcome=Outcome.REVIEW)
    assert limit_steps([short]) == (step,)
    nobody = replace(short, budget=replace(asks, responsible=""))
    assert limit_steps([nobody]) == (replace(step, who=("manager",)),)
    assert (budget_findings([enough]), limit_steps([enough])) == ((), ())
    for other in (AtLimit.NOTIFY, AtLimit.FREEZE):
        assert limit_steps([replace(short, budget=replace(asks, at_limit=other))]) == ()


def test_a_budget_of_a_customer_is_asked() -> None:
    """Only the lines that name the customer count against its budget."""
    held = budget("customer", BudgetScope.ACCOUNT, "A")
    made, decided = facts([("meal", 300), ("taxi", 50)], [held])
    first, second = made.lines
    made = replace(made, lines=(replace(first, account="A"), replace(second, account="B")))
    [demand] = demands(made, decided)
    assert demand.amount == Money(300, "CNY")


def test_what_is_held() -> None:
    """Nothing is held of a budget that is asked for nothing; a refund gives back."""
    zero, back = Demand(OWN, Money(0, "CNY"), 5), Demand(TEAM, Money(-5, "CNY"), 0)
    assert to_hold([zero, back]) == {"team": -5}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("C", "D", "E")),
        st.integers(0, 900),
        st.sampled_from((ClaimStatus.SUBMITTED, ClaimStatus.PAID, ClaimStatus.WITHDRAWN)),
    ),
    max_size=25,
)


@given(STEPS)
def test_a_hard_budget_is_never_overdrawn(steps: list[tuple[str, int, ClaimStatus]]) -> None:
    """Claims that come, change, are paid and withdrawn in any order leave at least nothing."""
    hard = replace(OWN, hard=True)
    entries = [BudgetEntry("own", EntryKind.ALLOCATE, hard.amount)]
    for claim, amount, status in steps:
        mine = [entry for entry in entries if entry.claim == claim]
        others = [entry for entry in entries if entry.claim != claim]
        made, lines = facts([("meal", amount)], [hard], available=left(others))
        wanted = {} if status is ClaimStatus.WITHDRAWN else to_hold(demands(made, lines))
        held = held_after(mine)
        entries += settle(claim, held, wanted, status=status, currencies={"own": "CNY"})
        assert 0 <= left(entries) <= 1_000
        short = any(f.code == "budget.exceeded" for f in budget_findings(demands(made, lines)))
        assert short == (amount > left(others))


def left(entries: Sequence[BudgetEntry]) -> int:
    """Give what the entries leave available."""
    made = BudgetPosition("own", "CNY")
    for entry in entries:
        made = made.after(entry)
    return made.available
