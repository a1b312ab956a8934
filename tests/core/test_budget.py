"""Budgets: entries only, sums in any order, each commitment ended exactly once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.budget import (
    AtLimit,
    Budget,
    BudgetEntry,
    BudgetPosition,
    BudgetScope,
    EntryKind,
    Held,
    NoBudget,
    covering,
    held_after,
    settle,
)
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.money import Money

START, END = date(2026, 1, 1), date(2026, 3, 31)
NAMES = ("a", "b")
CNY = dict.fromkeys(NAMES, "CNY")


def budget(scope: BudgetScope, owner: str = "", category: str = "") -> Budget:
    """Give a budget of the first quarter."""
    return Budget("b", scope, START, END, Money(100, "CNY"), owner, category)


@pytest.mark.parametrize(
    ("held", "person", "team", "category", "day", "covered"),
    [
        (budget(BudgetScope.PERSON, "p"), "p", "t", "meal", START, True),
        (budget(BudgetScope.PERSON, "p"), "q", "p", "meal", START, False),
        (budget(BudgetScope.TEAM, "t"), "p", "t", "meal", END, True),
        (budget(BudgetScope.TEAM, "t"), "t", "u", "meal", END, False),
        (budget(BudgetScope.TEAM, "t"), "p", "", "meal", END, False),
        (budget(BudgetScope.COMPANY), "p", "", "meal", START, True),
        (budget(BudgetScope.COMPANY, category="meal"), "p", "", "meal", START, True),
        (budget(BudgetScope.COMPANY, category="meal"), "p", "", "taxi", START, False),
        (budget(BudgetScope.PERSON, "p", "meal"), "p", "", "taxi", START, False),
        (budget(BudgetScope.COMPANY), "p", "", "meal", date(2025, 12, 31), False),
        (budget(BudgetScope.COMPANY), "p", "", "meal", date(2026, 4, 1), False),
    ],
)
def test_what_a_budget_covers(
    held: Budget,
    person: str,
    team: str,
    category: str,
    day: date,
    covered: bool,  # noqa: FBT001
) -> None:
    """A spending counts against its person's, its team's and the company's budgets of its day."""
    assert held.covers(person=person, team=team, category=category, day=day) is covered


ON_A = {"person": "p", "team": "t", "category": "meal", "day": START, "account": "A"}


@pytest.mark.parametrize(
    ("held", "asked", "covered"),
    [
        (budget(BudgetScope.ACCOUNT, "A"), {}, True),
        (budget(BudgetScope.ACCOUNT, "A"), {"account": "B"}, False),
        (budget(BudgetScope.ACCOUNT, "A"), {"account": ""}, False),
        (budget(BudgetScope.ACCOUNT, ""), {"account": ""}, False),  # no customer is no customer
        (budget(BudgetScope.ACCOUNT, "A", "meal"), {}, True),
        (budget(BudgetScope.ACCOUNT, "A", "gift"), {}, False),
        (budget(BudgetScope.ACCOUNT, "p"), {}, False),
        (replace(budget(BudgetScope.PERSON, "p"), account="A"), {}, True),
        (replace(budget(BudgetScope.PERSON, "p"), account="A"), {"account": "B"}, False),
        (replace(budget(BudgetScope.PERSON, "p"), account="A"), {"account": ""}, False),
        (replace(budget(BudgetScope.PERSON, "p"), account="A"), {"person": "q"}, False),
        (replace(budget(BudgetScope.TEAM, "t"), account="A"), {}, True),
        (budget(BudgetScope.PERSON, "p"), {"account": "B"}, True),
    ],
)
def test_budgets_of_customers(
    held: Budget,
    asked: dict[str, str],
    covered: bool,  # noqa: FBT001  a case
) -> None:
    """A budget is for a customer, or for what one person or team spends on a customer."""
    assert held.covers(**{**ON_A, **asked}) is covered  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hard", "at_limit", "action"),
    [
        (False, None, AtLimit.NOTIFY),
        (True, None, AtLimit.FREEZE),
        (False, AtLimit.FREEZE, AtLimit.FREEZE),
        (False, AtLimit.APPROVE, AtLimit.APPROVE),
        (True, AtLimit.APPROVE, AtLimit.APPROVE),
        (True, AtLimit.NOTIFY, AtLimit.NOTIFY),
    ],
)
def test_what_happens_at_the_limit(
    hard: bool,  # noqa: FBT001  a case
    at_limit: AtLimit | None,
    action: AtLimit,
) -> None:
    """Hard is the short form of freeze; `at_limit` alone decides where it is given."""
    made = replace(budget(BudgetScope.COMPANY), hard=hard, at_limit=at_limit)
    assert made.action is action
    assert made.hard is (action is AtLimit.FREEZE)


def test_no_budget_is_not_a_budget_of_zero() -> None:
    """A budget of zero covers a spending and has nothing left; no budget says why there is none."""
    zero = replace(budget(BudgetScope.PERSON, "p"), amount=Money(0, "CNY"))
    spent = {"person": "p", "team": "t", "category": "meal", "day": START}
    later = date(2026, 4, 1)
    assert covering([zero], **spent) == (zero,)  # type: ignore[arg-type]
    assert covering([], **spent) is NoBudget.NONE_KNOWN  # type: ignore[arg-type]
    assert covering([zero], **{**spent, "day": later}) is NoBudget.NOT_THEN  # type: ignore[arg-type]
    assert covering([zero], **{**spent, "person": "q"}) is NoBudget.NOT_FOR_IT  # type: ignore[arg-type]


def test_every_covering_budget_counts() -> None:
    """The person's, the team's, the customer's and the company's are all asked, by id."""
    all_four = [
        replace(budget(scope, owner), id=name)
        for name, scope, owner in (
            ("4", BudgetScope.COMPANY, ""),
            ("3", BudgetScope.ACCOUNT, "A"),
            ("2", BudgetScope.TEAM, "t"),
            ("1", BudgetScope.PERSON, "p"),
        )
    ]
    found = covering([*all_four, budget(BudgetScope.TEAM, "u")], **ON_A)  # type: ignore[arg-type]
    assert not isinstance(found, NoBudget)
    assert [one.id for one in found] == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (EntryKind.ALLOCATE, (107, 30, 20, 57)),
        (EntryKind.CARRY_OVER, (107, 30, 20, 57)),
        (EntryKind.TRANSFER, (107, 30, 20, 57)),
        (EntryKind.COMMIT, (100, 37, 20, 43)),
        (EntryKind.RELEASE, (100, 23, 20, 57)),
        (EntryKind.SPEND, (100, 23, 27, 50)),
        (EntryKind.UNSPEND, (100, 30, 13, 57)),
    ],
)
def test_what_an_entry_does(kind: EntryKind, expected: tuple[int, ...]) -> None:
    """Spending moves what was committed; available is allocated less committed less spent."""
    before = BudgetPosition("b", "CNY", allocated=100, committed=30, spent=20)
    after = before.after(BudgetEntry("b", kind, Money(7, "CNY"), "C"))
    assert (after.allocated, after.committed, after.spent, after.available) == expected
    assert (after.budget, after.currency) == ("b", "CNY")


ENTRIES = st.lists(
    st.builds(
        BudgetEntry,
        st.sampled_from(NAMES),
        st.sampled_from(EntryKind),
        st.integers(-(10**9), 10**9).map(lambda minor: Money(minor, "CNY")),
        st.sampled_from(("C", "D")),
    ),
    max_size=20,
)


@given(ENTRIES.flatmap(lambda e: st.tuples(st.just(e), st.permutations(e))))
def test_balances_do_not_depend_on_order(
    case: tuple[list[BudgetEntry], list[BudgetEntry]],
) -> None:
    """The same entries in any order give the same positions."""
    entries, shuffled = case
    assert held_after(entries) == held_after(shuffled)
    for name in NAMES:
        assert position(name, entries) == position(name, shuffled)


@given(ENTRIES, ENTRIES)
def test_balances_add_up(first: list[BudgetEntry], then: list[BudgetEntry]) -> None:
    """What two runs of entries did is what their sum did."""
    both, one, other = held_after(first + then), held_after(first), held_after(then)
    for name, held in both.items():
        a, b = one.get(name, Held()), other.get(name, Held())
        assert held == Held(a.committed + b.committed, a.spent + b.spent)


def position(name: str, entries: Sequence[BudgetEntry]) -> BudgetPosition:
    """Sum the entries of one budget."""
    made = BudgetPosition(name, "CNY")
    for entry in entries:
        if entry.budget == name:
            made = made.after(entry)
    return made


SUBMITTED, APPROVED, PAID = ClaimStatus.SUBMITTED, ClaimStatus.APPROVED, ClaimStatus.PAID
C, R, S, U = EntryKind.COMMIT, EntryKind.RELEASE, EntryKind.SPEND, EntryKind.UNSPEND


@pytest.mark.parametrize(
    ("held", "wanted", "status", "expected"),
    [
        (Held(), 5, SUBMITTED, [(C, 5)]),
        (Held(), 5, PAID, [(C, 5), (S, 5)]),
        (Held(5), 5, APPROVED, []),
        (Held(5), 5, PAID, [(S, 5)]),
        (Held(5), 7, SUBMITTED, [(R, 5), (C, 7)]),
        (Held(5), 7, PAID, [(R, 5), (C, 7), (S, 7)]),
        (Held(5), 0, SUBMITTED, [(R, 5)]),
        (Held(5), 0, ClaimStatus.WITHDRAWN, [(R, 5)]),
        (Held(5), 0, PAID, [(R, 5)]),
        (Held(spent=5), 5, PAID, []),
        (Held(spent=5), 7, PAID, [(U, 5), (C, 7), (S, 7)]),
        (Held(spent=5), 0, PAID, [(U, 5)]),
        (Held(spent=5), 5, APPROVED, [(U, 5), (C, 5)]),
        (Held(-5), -5, PAID, [(S, -5)]),
        (Held(), -5, SUBMITTED, [(C, -5)]),
        (Held(), 0, SUBMITTED, []),
        (Held(), 0, PAID, []),
    ],
)
def test_settling_cases(
    held: Held, wanted: int, status: ClaimStatus, expected: list[tuple[EntryKind, int]]
) -> None:
    """What is wrong is taken back whole and made anew; what is right gives no entry."""
    made = settle("C", {"a": held}, {"a": wanted}, status=status, currencies=CNY)
    assert [(entry.kind, entry.amount.minor) for entry in made] == expected
    assert {(entry.budget, entry.claim, entry.amount.currency) for entry in made} <= {
        ("a", "C", "CNY")
    }


def test_settling_several_budgets() -> None:
    """Budgets that are held and budgets that are wanted are all settled, by name."""
    made = settle("C", {"b": Held(3)}, {"a": 2}, status=SUBMITTED, currencies=CNY)
    assert [(e.budget, e.kind, e.amount.minor) for e in made] == [("a", C, 2), ("b", R, 3)]


CHANGES = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(NAMES), st.integers(-50, 50).filter(bool)),
        st.sampled_from(ClaimStatus),
    ),
    min_size=1,
    max_size=8,
)


@given(CHANGES)
def test_a_claims_life(changes: list[tuple[dict[str, int], ClaimStatus]]) -> None:
    """A claim always holds what it should, and each commitment ends exactly once, in full."""
    entries: list[BudgetEntry] = []
    for wanted, status in changes:
        entries += settle("C", held_after(entries), wanted, status=status, currencies=CNY)
        held = held_after(entries)
        again = settle("C", held, wanted, status=status, currencies=CNY)
        assert again == ()
        for name in NAMES:
            target, now = wanted.get(name, 0), held.get(name, Held())
            assert now == (Held(spent=target) if status is PAID else Held(committed=target))
    for name in NAMES:
        ended(name, entries)


def ended(name: str, entries: Sequence[BudgetEntry]) -> None:
    """Check that every commitment of a budget ends once, whole, and that no other one ends."""
    is_open: list[int] = []
    spent: list[int] = []
    for entry in entries:
        if entry.budget != name:
            continue
        minor = entry.amount.minor
        match entry.kind:
            case EntryKind.COMMIT:
                assert not is_open
                is_open.append(minor)
            case EntryKind.RELEASE:
                assert is_open.pop() == minor
            case EntryKind.SPEND:
                assert is_open.pop() == minor
                spent.append(minor)
            case _:
                assert entry.kind is EntryKind.UNSPEND
                assert spent.pop() == minor
    assert len(is_open) + len(spent) <= 1
