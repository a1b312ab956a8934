"""Moves between budgets: nothing is made or lost, each is made once, transfers are approved."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.approval import Organisation
from crm_expenses.core.budget import Budget, BudgetEntry, BudgetPosition, BudgetScope, EntryKind
from crm_expenses.core.budgetmove import (
    CarryRule,
    Transfer,
    TransferApproval,
    TransferCase,
    approver_of,
    approvers_of,
    carry_over,
    carry_problems,
    successors,
    transfer_problems,
    transferred,
)
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.errors import ConfigError

NEW_YEAR = date(2026, 1, 1)


def cny(minor: int) -> Money:
    """Give an amount in fen."""
    return Money(minor, "CNY")


def year(number: int, minor: int = 1_000) -> Budget:
    """Give the company's budget of a year."""
    first, last = date(number, 1, 1), date(number, 12, 31)
    return Budget(f"B-{number}", BudgetScope.COMPANY, first, last, cny(minor))


OLD, NEW = year(2025), year(2026)


def summed(entries: Sequence[BudgetEntry], name: str) -> BudgetPosition:
    """Sum the entries of one budget."""
    made = BudgetPosition(name, "CNY")
    for entry in entries:
        if entry.budget == name:
            made = made.after(entry)
    return made


# Carry-over


@pytest.mark.parametrize(
    ("available", "rule", "carried"),
    [
        (600, CarryRule(), 600),
        (600, CarryRule(50), 300),
        (601, CarryRule(50), 300),  # rounded down: never more than the share
        (600, CarryRule(100, cny(250)), 250),
        (600, CarryRule(10, cny(250)), 60),
        (600, CarryRule(0), 0),
        (600, CarryRule(100, cny(0)), 0),
        (0, CarryRule(), 0),
        (-5, CarryRule(), 0),  # what is overdrawn is not carried
    ],
)
def test_what_is_carried(available: int, rule: CarryRule, carried: int) -> None:
    """At most what is left, the share of it, and the limit."""
    position = BudgetPosition(OLD.id, "CNY", allocated=1_000, spent=1_000 - available)
    made = carry_over(OLD, NEW, position, rule, day=NEW_YEAR)
    assert [(e.budget, e.kind, e.amount.minor) for e in made] == (
        [
            (OLD.id, EntryKind.CARRY_OVER, -carried),
            (NEW.id, EntryKind.CARRY_OVER, carried),
        ]
        if carried
        else []
    )


def test_what_is_committed_stays() -> None:
    """A claim of the old year that is still open is spent from the old year."""
    position = BudgetPosition(OLD.id, "CNY", allocated=1_000, committed=300, spent=200)
    made = carry_over(OLD, NEW, position, CarryRule(), day=NEW_YEAR)
    assert made[1].amount == cny(500)


@given(
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.integers(0, 100),
    st.none() | st.integers(0, 10**9).map(cny),
)
def test_carrying_never_makes_money(
    allocated: int, committed: int, spent: int, share: int, limit: Money | None
) -> None:
    """The sum over both years is unchanged, the old one is not overdrawn, and once is once."""
    old = BudgetPosition(OLD.id, "CNY", allocated, committed, spent)
    rule = CarryRule(share, limit)
    made = carry_over(OLD, NEW, old, rule, day=NEW_YEAR)
    assert sum(entry.amount.minor for entry in made) == 0
    left = old
    for entry in made:
        if entry.budget == OLD.id:
            left = left.after(entry)
    gained = summed(made, NEW.id).allocated
    assert left.available + gained == old.available
    assert 0 <= gained <= max(0, old.available)
    assert left.available >= min(0, old.available)
    names = {entry.move for entry in made}
    assert len(names) <= 1
    assert carry_over(OLD, NEW, left, rule, day=NEW_YEAR, done=names) == () or not made
    assert carry_over(OLD, year(2027), old, rule, day=NEW_YEAR, done=names) == () or not made


@pytest.mark.parametrize(
    ("old", "new", "rule", "day", "codes"),
    [
        (OLD, NEW, CarryRule(), date(2025, 12, 31), ["budgets.carry_early"]),
        (OLD, replace(NEW, start=OLD.end), CarryRule(), NEW_YEAR, ["budgets.carry_order"]),
        (OLD, OLD, CarryRule(), NEW_YEAR, ["budgets.carry_order"]),
        (OLD, replace(NEW, amount=Money(1, "EUR")), CarryRule(), NEW_YEAR, ["budgets.mixed"]),
        (OLD, NEW, CarryRule(100, Money(1, "EUR")), NEW_YEAR, ["budgets.mixed"]),
        (OLD, NEW, CarryRule(101), NEW_YEAR, ["budgets.carry_rule"]),
        (OLD, NEW, CarryRule(-1), NEW_YEAR, ["budgets.carry_rule"]),
        (OLD, NEW, CarryRule(100, cny(-1)), NEW_YEAR, ["budgets.carry_rule"]),
    ],
)
def test_when_nothing_can_be_carried(
    old: Budget, new: Budget, rule: CarryRule, day: date, codes: list[str]
) -> None:
    """Too early, into the past, into another currency, by an impossible rule."""
    assert [p.code for p in carry_problems(old, new, rule, day)] == codes
    with pytest.raises(ConfigError) as caught:
        carry_over(old, new, BudgetPosition(old.id, "CNY", 9), rule, day=day)
    assert [p.code for p in caught.value.problems] == codes


def test_a_position_of_another_budget_is_a_fault_of_ours() -> None:
    """The position must be that of the budget that gives."""
    with pytest.raises(ValueError, match="not of B-2025"):
        carry_over(OLD, NEW, BudgetPosition(NEW.id, "CNY", 9), CarryRule(), day=NEW_YEAR)
    with pytest.raises(ValueError, match="not of own"):
        transferred(replace(CASE, position=BudgetPosition("other", "CNY", 9)))


# Transfers

PEOPLE = {
    "p": AccountManager("p", "P", manager="m"),
    "m": AccountManager("m", "M", manager="top"),
    "r": AccountManager("r", "R", manager="top"),
    "top": AccountManager("top", "T"),
    "x": AccountManager("x", "X", manager="y"),
    "y": AccountManager("y", "Y", manager="x"),
}
ORGANISATION = Organisation(PEOPLE, {})
OWN = replace(year(2026), id="own", scope=BudgetScope.PERSON, owner="p")
TEAM = replace(year(2026), id="team", scope=BudgetScope.TEAM, owner="East", responsible="r")
TRANSFER = Transfer("T-1", "own", "team", cny(300), "p", "a fair in June")
YES = tuple(TransferApproval("T-1", TRANSFER.content, who) for who in ("m", "r"))
CASE = TransferCase(
    TRANSFER, OWN, TEAM, BudgetPosition("own", "CNY", allocated=300), YES, ORGANISATION
)


def codes(case: TransferCase) -> list[str]:
    """Give the codes of what stands against a transfer."""
    return [problem.code.removeprefix("budgets.") for problem in transfer_problems(case)]


def test_an_approved_transfer_is_made_once() -> None:
    """Both approvers said yes: out of the one, into the other, and a second time nothing."""
    assert codes(CASE) == []
    made = transferred(CASE)
    assert [(e.budget, e.kind, e.amount.minor, e.move) for e in made] == [
        ("own", EntryKind.TRANSFER, -300, "transfer:T-1"),
        ("team", EntryKind.TRANSFER, 300, "transfer:T-1"),
    ]
    # The source has nothing left, and still this is no problem: it was done.
    after = replace(CASE, position=CASE.position.after(made[0]))
    assert transferred(after, done=[made[0].move]) == ()
    with pytest.raises(ConfigError):
        transferred(after)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"approvals": YES[:1]}, ["transfer_open"]),
        ({"approvals": ()}, ["transfer_open", "transfer_open"]),
        ({"approvals": [YES[0], replace(YES[1], approver="top")]}, ["transfer_open"]),
        ({"approvals": [YES[0], replace(YES[1], transfer="T-2")]}, ["transfer_open"]),
        ({"position": BudgetPosition("own", "CNY", 299)}, ["transfer_amount"]),
        ({"target": replace(TEAM, id="other")}, ["transfer_ends"]),
        ({"target": replace(TEAM, responsible="")}, ["transfer_nobody"]),
        ({"target": replace(TEAM, amount=Money(1, "EUR"))}, ["mixed"]),
    ],
)
def test_why_a_transfer_is_not_made(change: dict[str, object], expected: list[str]) -> None:
    """Not approved, not by the right person, not enough left, not these budgets."""
    case = replace(CASE, **change)  # type: ignore[arg-type]
    assert codes(case) == expected
    with pytest.raises(ConfigError):
        transferred(case)


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": cny(299)},
        {"amount": Money(300, "EUR")},
        {"target": "third"},
        {"source": "third"},
        {"reason": "something else"},
        {"requested_by": "top"},
    ],
)
def test_a_changed_transfer_voids_its_approvals(changed: dict[str, object]) -> None:
    """An approval is of the content it named: whatever changes, both must say yes again."""
    case = replace(CASE, transfer=replace(TRANSFER, **changed))  # type: ignore[arg-type]
    assert codes(case).count("transfer_open") == 2


@pytest.mark.parametrize("minor", [0, -5])
def test_only_an_amount_above_zero_moves(minor: int) -> None:
    """A transfer below zero would take from the other budget without its owner."""
    transfer = replace(TRANSFER, amount=cny(minor))
    yes = tuple(replace(one, content=transfer.content) for one in YES)
    assert codes(replace(CASE, transfer=transfer, approvals=yes)) == ["transfer_amount"]


def test_a_transfer_into_itself() -> None:
    """A budget gives nothing to itself."""
    transfer = replace(TRANSFER, target="own")
    yes = [TransferApproval("T-1", transfer.content, "m")]
    assert codes(replace(CASE, transfer=transfer, target=OWN, approvals=yes)) == ["transfer_ends"]


@pytest.mark.parametrize(
    ("budget", "asks", "approver"),
    [
        (OWN, "p", "m"),
        (OWN, "m", "top"),  # the manager asks: it goes one up
        (TEAM, "p", "r"),
        (TEAM, "r", "top"),
        (OLD, "p", ""),  # nobody is responsible for it
        (replace(OWN, owner="top"), "p", ""),
        (replace(TEAM, responsible="top"), "top", ""),
        (replace(TEAM, responsible="x"), "x", "y"),
        (replace(OWN, owner="nobody"), "p", ""),
    ],
)
def test_who_approves(budget: Budget, asks: str, approver: str) -> None:
    """The owner's manager, or the person responsible; never who asked."""
    assert approver_of(budget, ORGANISATION, asks) == approver


def test_a_person_who_manages_themselves_approves_nothing() -> None:
    """A circle ends with nobody."""
    alone = Organisation({"z": AccountManager("z", "Z", manager="z")}, {})
    assert approver_of(replace(TEAM, responsible="z"), alone, "z") == ""


@given(
    st.integers(0, 10**6),
    st.lists(st.tuples(st.integers(-5, 10**6), st.booleans()), max_size=8),
)
def test_transfers_keep_the_sum(start: int, asked: list[tuple[int, bool]]) -> None:
    """Whatever is transferred to and fro, the sum stays, and no budget goes below zero by it."""
    entries = [BudgetEntry(name, EntryKind.ALLOCATE, cny(start)) for name in ("own", "team")]
    for number, (minor, is_back) in enumerate(asked):
        source, target = (TEAM, OWN) if is_back else (OWN, TEAM)
        transfer = Transfer(f"T-{number}", source.id, target.id, cny(minor), "top")
        yes = [TransferApproval(transfer.id, transfer.content, who) for who in ("m", "r")]
        position = summed(entries, source.id)
        case = TransferCase(transfer, source, target, position, yes, ORGANISATION)
        if transfer_problems(case):
            assert not 0 < minor <= position.available
        else:
            entries += transferred(case)
        left = [summed(entries, name).available for name in ("own", "team")]
        assert sum(left) == 2 * start
        assert min(left) >= 0


def test_the_next_period() -> None:
    """The next budget is for the same, in the same currency, and begins first after the end."""
    span = lambda a, b: (date(2026, a, 1), date(2026, b, 28))  # noqa: E731
    made = {
        name: Budget(name, BudgetScope.TEAM, *days, Money(5, currency), owner, category=category)
        for name, days, currency, owner, category in (
            ("q1", span(1, 3), "CNY", "E", ""),
            ("q2", span(4, 6), "CNY", "E", ""),
            ("april", span(4, 4), "CNY", "E", ""),
            ("q3", span(7, 9), "CNY", "E", ""),
            ("euro", span(4, 6), "EUR", "E", ""),
            ("west", span(4, 6), "CNY", "W", ""),
            ("meal", span(4, 6), "CNY", "E", "meal"),
            ("now", span(3, 4), "CNY", "E", ""),
        )
    }
    names = lambda old: [one.id for one in successors(made[old], made.values())]  # noqa: E731
    assert names("q1") == ["april", "q2"]
    assert names("q2") == ["q3"]
    assert names("q3") == []


def test_who_must_say_yes() -> None:
    """The giver's and the receiver's approver, once where they are one; nobody for what is gone."""
    people = {p.id: p for p in (AccountManager("p", "P", manager="m"), AccountManager("m", "M"))}
    firm = Organisation(people, {})
    year = (date(2026, 1, 1), date(2026, 12, 31))
    own = Budget("own", BudgetScope.PERSON, *year, Money(5, "CNY"), "p")
    team = Budget("team", BudgetScope.TEAM, *year, Money(5, "CNY"), "E", responsible="r")
    more = Budget("more", BudgetScope.TEAM, *year, Money(5, "CNY"), "F", responsible="m")
    known = {b.id: b for b in (own, team, more)}
    ask = lambda a, b: approvers_of(Transfer("T", a, b, Money(1, "CNY"), "x"), known, firm)  # noqa: E731
    assert ask("team", "own") == ("r", "m")
    assert ask("more", "own") == ("m",)
    assert ask("gone", "own") == ("m",)
