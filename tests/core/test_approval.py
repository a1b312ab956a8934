"""Approval routes: who is asked, in which order, and that nobody approves their own claim."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.approval import (
    CHAIN_MAX,
    ApprovalStep,
    Authority,
    Organisation,
    due_steps,
    route,
)
from crm_expenses.core.decision import Outcome
from crm_expenses.core.party import AccountManager


def organisation(managers: dict[str, str], roles: dict[str, Sequence[str]]) -> Organisation:
    """Give who reports to whom, and who holds which role."""
    people = {name: AccountManager(name, name, manager=above) for name, above in managers.items()}
    return Organisation(people, roles)


FIRM = organisation(
    {"ann": "bob", "bob": "cy", "cy": "", "self": "self", "x": "y", "y": "x"},
    {"finance": ["dee", "ann"], "nobody": [], "ring": ["x"], "blank": ["", "dee"]},
)


@pytest.mark.parametrize(
    ("above", "outcome", "allowed", "found", "due"),
    [
        (100, None, 100, Outcome.REJECT, False),
        (100, None, 101, Outcome.PASS, True),
        (0, None, -5, Outcome.PASS, False),
        (None, Outcome.REVIEW, 10**9, Outcome.JUSTIFY, False),
        (None, Outcome.REVIEW, 0, Outcome.REVIEW, True),
        (None, Outcome.REVIEW, 0, Outcome.REJECT, True),
        (100, Outcome.REVIEW, 101, Outcome.PASS, True),
        (100, Outcome.REVIEW, 100, Outcome.REVIEW, True),
        (100, Outcome.REVIEW, 100, Outcome.REDUCED, False),
        (None, None, 10**9, Outcome.REJECT, False),
    ],
)
def test_when_a_step_is_due(
    above: int | None,
    outcome: Outcome | None,
    allowed: int,
    found: Outcome,
    due: bool,  # noqa: FBT001  a case of the table
) -> None:
    """A step is due above its amount, or from its outcome on; either is enough."""
    assert Authority("s", "manager", above, outcome).is_due(allowed, found) is due


def approver(who: str, claimant: str) -> str:
    """Give the one who is asked by a step of the firm that is due."""
    authorities = [Authority("s", who, above=0)]
    [step] = route("C", claimant, authorities, FIRM, allowed=1, outcome=Outcome.PASS).steps
    return step.approver


@pytest.mark.parametrize(
    ("who", "claimant", "expected"),
    [
        ("manager", "ann", "bob"),
        ("manager", "cy", ""),  # nobody above
        ("manager", "stranger", ""),
        ("manager", "self", ""),  # their own manager: a circle
        ("role:finance", "bob", "dee"),
        ("role:finance", "dee", "ann"),  # the next holder
        ("role:nobody", "ann", ""),
        ("role:unknown", "ann", ""),
        ("role:ring", "x", "y"),  # the only holder claims: up the line
        ("role:blank", "ann", "dee"),
        ("person:cy", "ann", "cy"),
        ("person:ann", "ann", "bob"),
        ("person:cy", "cy", ""),
    ],
)
def test_who_is_asked(who: str, claimant: str, expected: str) -> None:
    """The first of those named who is not the claimant, else the claimant's manager, else none."""
    assert approver(who, claimant) == expected


def test_a_route_in_order() -> None:
    """Steps stand in the policy's order; those not due are left out."""
    authorities = [
        Authority("line", "manager", above=0),
        Authority("never", "person:zoe", above=10**9),
        Authority("money", "role:finance", above=500),
        Authority("odd", "person:cy", outcome=Outcome.REVIEW),
    ]
    made = route("C", "bob", authorities, FIRM, allowed=501, outcome=Outcome.REVIEW)
    assert made.claim == "C"
    assert [(s.code, s.approver) for s in made.steps] == [
        ("line", "cy"),
        ("money", "dee"),
        ("odd", "cy"),
    ]
    assert route("C", "bob", authorities, FIRM, allowed=0, outcome=Outcome.PASS).steps == ()


def test_neighbours_become_one() -> None:
    """Two steps in a row of one person are one; two that nobody takes stay two."""
    twice = [Authority("one", "person:cy", above=0), Authority("two", "manager", above=0)]
    made = route("C", "bob", twice, FIRM, allowed=1, outcome=Outcome.PASS)
    assert made.steps == (ApprovalStep("one", "cy"),)
    made = route("C", "cy", twice, FIRM, allowed=1, outcome=Outcome.PASS)
    assert made.steps == (ApprovalStep("one", ""), ApprovalStep("two", ""))


def test_a_rejected_claim_needs_nobody() -> None:
    """Steps that amount, outcome or condition ask for are due, none of them when rejected."""
    authorities = [
        Authority("line", "manager", above=0),
        Authority("odd", "person:cy", outcome=Outcome.REVIEW),
        Authority("own", "person:cy", is_asked=True),
        Authority("never", "person:zoe", above=10),
    ]
    found = {
        outcome: [
            step.code
            for step in due_steps(authorities, allowed=10, outcome=outcome, asked={"own", "never"})
        ]
        for outcome in (Outcome.PASS, Outcome.REVIEW, Outcome.REJECT)
    }
    assert found == {
        Outcome.PASS: ["line", "own"],
        Outcome.REVIEW: ["line", "odd", "own"],
        Outcome.REJECT: [],
    }
    rejected = route("C", "bob", authorities, FIRM, allowed=10, outcome=Outcome.REJECT)
    assert rejected.steps == ()


PEOPLE = ("a", "b", "c", "d")
ANYONE = st.sampled_from((*PEOPLE, ""))
WHO = st.one_of(
    st.just("manager"),
    st.sampled_from(("role:r", "role:q", "role:none")),
    ANYONE.map(lambda name: f"person:{name}"),
)


@given(
    st.dictionaries(st.sampled_from(PEOPLE), ANYONE),
    st.dictionaries(st.sampled_from(("r", "q")), st.lists(ANYONE, max_size=3)),
    st.lists(WHO, max_size=5),
    st.sampled_from((*PEOPLE, "stranger", "")),
)
def test_nobody_approves_their_own_claim(
    managers: dict[str, str], roles: dict[str, Sequence[str]], who: list[str], claimant: str
) -> None:
    """In any organisation, circles and mistakes too, no step falls on the claimant."""
    authorities = [Authority(f"s{n}", name, above=0) for n, name in enumerate(who)]
    made = route(
        "C", claimant, authorities, organisation(managers, roles), allowed=1, outcome=Outcome.PASS
    )
    named = [step.approver for step in made.steps]
    assert not claimant or claimant not in named
    assert all(not one or one != other for one, other in pairwise(named))
    assert bool(made.steps) == bool(who)


def test_a_long_line_of_managers_is_followed_to_the_first() -> None:
    """However long the line above is, the claimant's own manager is the one who is asked."""
    line = {f"p{n}": f"p{n + 1}" for n in range(CHAIN_MAX * 2)}
    firm = organisation(line, {"r": ["p0"]})
    authorities = [Authority("s", "role:r", above=0)]
    [step] = route("C", "p0", authorities, firm, allowed=1, outcome=Outcome.PASS).steps
    assert step.approver == "p1"
