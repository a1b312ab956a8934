"""A whole organisation looked at: circles, gaps, limits, people away; each with a witness."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_firm import DAY, decided, line, organisation, routed

from crm_expenses.core.approval import (
    ApprovalTerms,
    Authority,
    AuthorityLimit,
    Automatic,
    Deadline,
    Group,
    Organisation,
    Route,
    Substitute,
    check,
)
from crm_expenses.core.approval.candidates import Candidate
from crm_expenses.core.approval.check import amounts_of, check_organisation
from crm_expenses.core.approval.due import restricted_due
from crm_expenses.core.approval.weakness import Checked, Plan, Weak, Weakness
from crm_expenses.core.decision import Outcome

LINE = Authority("line", ("manager",), above=0, outcome=Outcome.REVIEW)
MONEY = Authority("money", ("role:cfo",), above=100)
PAIR = {"a": "c", "b": "c", "c": "d", "d": "c"}


def plan(
    firm: Organisation,
    *steps: Authority,
    terms: ApprovalTerms | None = None,
    categories: Sequence[str] = ("meal", "gift"),
    greatest: int | None = None,
) -> Plan:
    """Give what is looked at."""
    return Plan(steps, terms or ApprovalTerms(), categories, firm, DAY, greatest)


def short(found: Checked) -> list[str]:
    """Give what is wrong, in short."""
    return [_short(one) for one in found.found if not one.is_note]


def _short(one: Weakness) -> str:
    seen = one.witness
    parts = [
        one.kind.value,
        one.who,
        seen.claimant,
        "" if seen.amount is None else str(seen.amount),
    ]
    return " ".join([*filter(None, [*parts, seen.step]), "-".join(seen.path)]).strip()


BOSS = {"a": "b", "b": "c", "c": ""}
COVER = [Substitute("x", "b"), Substitute("y", "c")]
ALONE = Authority("line", ("manager", "role:board"), above=0, outcome=Outcome.REVIEW)


@pytest.mark.parametrize(
    ("managers", "roles", "steps", "expected"),
    [
        # Everybody has a manager, or the board; nobody hangs on one person.
        (BOSS, {"board": ["m", "n"]}, [ALONE], []),
        # The top has nobody; and two people hang on one each.
        (BOSS, {}, [LINE], ["nobody line c 1 line", "away b a 1 line b", "away c b 1 line c"]),
        # A circle of three, of two, of one.
        (
            {"a": "b", "b": "c", "c": "a"},
            {"board": ["m", "n"]},
            [ALONE],
            ["manager_circle a a-b-c-a"],
        ),
        (
            {"a": "b", "b": "a"},
            {},
            [LINE],
            [
                "manager_circle a a-b-a",
                "mutual b a 1 line a-b-a",
                "away a b 1 line a",
                "away b a 1 line b",
            ],
        ),
        ({"a": "a"}, {"board": ["m", "n"]}, [ALONE], ["manager_circle a a-a"]),
        # A role without a holder, a person who is not there.
        (
            BOSS,
            {"board": ["m", "n"]},
            [ALONE, MONEY],
            ["role_empty role:cfo money", "nobody money a 1 money"],
        ),
        (
            BOSS,
            {"board": ["m", "n"]},
            [ALONE, Authority("p", ("person:z", "role:board"), above=0)],
            ["person_unknown person:z p z"],
        ),
        ({"a": "q"}, {"board": ["m", "n"]}, [ALONE], ["manager_unknown q a a-q"]),
    ],
)
def test_organisations(
    managers: Mapping[str, str],
    roles: Mapping[str, Sequence[str]],
    steps: list[Authority],
    expected: list[str],
) -> None:
    """What is wrong is named, with the smallest claim of the first person that shows it."""
    amount = {"nobody money a 1 money": "nobody money a 101 money"}
    found = check_organisation(plan(organisation(managers, roles), *steps))
    assert short(found) == [amount.get(one, one) for one in expected]
    assert found.is_sound == (not expected)


def test_what_is_looked_at() -> None:
    """Amounts are the edges and what lies just above them; claimants are those who are there."""
    terms = ApprovalTerms(limits=(AuthorityLimit("everyone", 50), AuthorityLimit("role:cfo")))
    firm = organisation({"a": "b", "b": "", "old": "b"}, {}, gone=["old"])
    asked = plan(firm, LINE, MONEY, terms=terms)
    assert amounts_of(asked) == (1, 50, 51, 100, 101)
    assert amounts_of(replace(asked, greatest=60)) == (1, 50, 51, 60)
    assert amounts_of(replace(asked, terms=ApprovalTerms(automatic=Automatic(7)))) == (
        *(1, 7, 8, 100, 101),
    )
    found = check_organisation(asked)
    assert (found.claimants, found.categories) == (2, ("meal", "gift"))
    assert found.seats == 2 * 5 + 2 * 1


LIMITS = (AuthorityLimit("everyone", 100), AuthorityLimit("person:c", 500))


@pytest.mark.parametrize(
    ("more", "greatest", "expected"),
    [
        ((), None, ["authority line a 501 line b-c"]),
        ((), 500, []),
        ((), 501, ["authority line a 501 line b-c"]),
        ((AuthorityLimit("role:board"),), None, []),
    ],
)
def test_authority_reaches_the_greatest_amount(
    more: tuple[AuthorityLimit, ...], greatest: int | None, expected: list[str]
) -> None:
    """Without a greatest amount, somebody must have no limit; with one, it must be reached."""
    steps = [LINE] if not more else [ALONE]
    firm = organisation(BOSS, {"board": ["m", "n"]})
    asked = plan(firm, *steps, terms=ApprovalTerms(limits=LIMITS + more), greatest=greatest)
    found = [one for one in short(check_organisation(asked)) if one.startswith("authority")]
    assert found == expected


@pytest.mark.parametrize(
    ("substitutes", "deadline", "expected", "notes"),
    [
        ([], Deadline(), ["away b a 1 line b", "away c b 1 line c"], []),
        (COVER, Deadline(), [], ["b: b-x", "c: c-y"]),
        ([], Deadline(escalate_after=3), ["away c b 1 line c"], ["b: b-c"]),
        ([], Deadline(escalate_after=3, escalate_to="role:board"), [], ["b: b-m", "c: c-m"]),
        (
            [Substitute("a", "b"), Substitute("y", "c")],
            Deadline(),
            ["self_substitute b a 1 line b"],
            ["c: c-y"],
        ),
        (
            [Substitute("x", "b", claim="C-9")],
            Deadline(),
            ["away b a 1 line b", "away c b 1 line c"],
            [],
        ),
    ],
)
def test_when_somebody_is_away(
    substitutes: list[Substitute], deadline: Deadline, expected: list[str], notes: list[str]
) -> None:
    """A substitute stands in, or whom it is escalated to; never the claimant; else it is told."""
    firm = organisation(BOSS, {"board": ["m"]}, substitutes)
    found = check_organisation(plan(firm, replace(LINE, deadline=deadline)))
    away = [_short(one) for one in found.found if one.kind in (Weak.AWAY, Weak.SELF_SUBSTITUTE)]
    assert away == expected
    covered = [one for one in found.found if one.kind is Weak.COVERED]
    assert [f"{one.who}: {'-'.join(one.witness.path)}" for one in covered] == notes


def test_substitutes_in_a_circle() -> None:
    """Two who act for each other are told."""
    firm = organisation(BOSS, {}, [Substitute("b", "c"), Substitute("c", "b")])
    found = short(check_organisation(plan(firm, LINE)))
    assert "substitute_circle b b-c-b" in found


@pytest.mark.parametrize(
    ("steps", "terms", "expected"),
    [
        ([LINE], None, []),
        ([MONEY], None, ["passes meal, gift 100"]),
        ([replace(LINE, above=None)], None, ["no_step meal, gift 1"]),
        (
            [replace(MONEY, on=frozenset({"gift"}))],
            None,
            ["passes gift 100", "no_step meal 101"],
        ),
        ([replace(MONEY, above=None, on=frozenset({"gift"})), MONEY], None, ["passes meal 100"]),
        ([replace(LINE, teams=frozenset({"X"}))], None, ["no_step meal, gift 1"]),
        ([MONEY], Automatic(50), ["passes [automatic] 50"]),
        ([replace(MONEY, is_asked=True)], None, ["depends meal, gift 100 money"]),
        (
            [MONEY, replace(LINE, above=None, is_asked=True, on=frozenset({"gift"}))],
            None,
            ["passes meal 100", "depends gift 100 line"],
        ),
    ],
)
def test_claims_that_pass_without_a_person(
    steps: list[Authority], terms: Automatic | None, expected: list[str]
) -> None:
    """Up to which amount no step is due is a note; a category that never has one is a finding."""
    firm = organisation(BOSS, {"cfo": ["z", "y"]})
    found = check_organisation(plan(firm, *steps, terms=ApprovalTerms(automatic=terms)))
    kinds = (Weak.PASSES, Weak.NO_STEP, Weak.DEPENDS)
    passing = [one for one in found.found if one.kind in kinds]
    assert sorted(_short(one) for one in passing) == sorted(expected)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([LINE, MONEY], True),  # up to 100 only the managers are asked
        ([LINE, replace(MONEY, above=0)], False),
        ([LINE, replace(MONEY, above=None, outcome=Outcome.REVIEW)], True),
        ([LINE, replace(MONEY, above=None, on=frozenset({"gift"}))], True),  # for a meal
        ([replace(LINE, above=None), MONEY], True),  # when a claim must be seen
        ([replace(LINE, who=("manager", "role:cfo")), MONEY], False),
    ],
)
def test_two_who_may_be_left_to_each_other(
    steps: list[Authority],
    expected: bool,  # noqa: FBT001  a case of the table
) -> None:
    """Two people approve each other if some claim of each needs nobody but the other."""
    firm = organisation({"a": "b", "b": "a"}, {"cfo": ["y", "z"]})
    found = check_organisation(plan(firm, *steps))
    assert any(one.kind is Weak.MUTUAL for one in found.found) is expected


def test_a_group_of_all_hangs_on_each() -> None:
    """Of a group where all must say yes, each seat is looked at by itself."""
    both = Authority("both", ("role:x", "role:y"), above=0, group=Group.ALL)
    firm = organisation({"a": ""}, {"x": ["m", "n"], "y": ["a"]})
    found = short(check_organisation(plan(firm, both)))
    assert "nobody both a 1 both a" in found
    assert not any(one.startswith("away m") for one in found)


def test_a_step_whose_categories_are_not_claimed() -> None:
    """A step on a category that nobody can claim has no seats."""
    firm = organisation(BOSS, {"board": ["m", "n"]})
    found = check_organisation(plan(firm, ALONE, replace(MONEY, on=frozenset({"taxi"}))))
    assert short(found) == ["role_empty role:cfo money"]


def test_an_own_claim_would_be_told() -> None:
    """If a route ever led back to the claimant, the check would name the claim."""
    firm = organisation(BOSS, {"board": ["m", "n"]})
    look = check._Look.over(plan(firm, ALONE))
    first = look.seats[0]
    forged = replace(first, candidates=(Candidate(first.claimant),))
    told = list(check._own_claims(replace(look, seats=(forged, *look.seats[1:]))))
    assert [(one.kind, one.who) for one in told] == [(Weak.SELF, "a")]
    assert list(check._own_claims(look)) == []


# Against real routes


NAMES = ("a", "b", "c", "d")
SOMEBODY = st.sampled_from(NAMES)
ANYONE = st.sampled_from((*NAMES, ""))
WHO = st.one_of(
    st.just("manager"), st.sampled_from(("role:r", "role:q")), SOMEBODY.map("person:{}".format)
)
STEPS = st.lists(
    st.builds(
        Authority,
        st.just("s"),
        st.lists(WHO, min_size=1, max_size=2, unique=True).map(tuple),
        st.sampled_from((0, 3, 6)),
        st.sampled_from((None, Outcome.REVIEW)),
        group=st.sampled_from(Group),
        on=st.sampled_from((None, frozenset({"gift"}))),
    ),
    max_size=3,
)
TERMS = st.builds(
    ApprovalTerms,
    limits=st.lists(
        st.builds(
            AuthorityLimit,
            st.one_of(st.just("everyone"), SOMEBODY.map("person:{}".format)),
            st.sampled_from((None, 2, 5)),
        ),
        max_size=3,
    ).map(tuple),
    automatic=st.sampled_from((None, Automatic(2))),
)
FIRMS = st.builds(
    organisation,
    st.dictionaries(SOMEBODY, ANYONE, min_size=1),
    st.dictionaries(st.sampled_from("rq"), st.lists(SOMEBODY, max_size=2)),
    st.lists(st.builds(Substitute, SOMEBODY, SOMEBODY), max_size=3),
    gone=st.lists(SOMEBODY, max_size=1),
)


def real(asked: Plan, claimant: str, minor: int, category: str, outcome: Outcome) -> Route:
    """Route a real claim."""
    made = decided(line("L", minor, outcome))
    of = {"L": category}
    due = restricted_due(asked.authorities, made, categories=of, team="", asked=())
    made = replace(made, approvals=due)
    return routed(
        made, asked.authorities, asked.organisation, claimant, terms=asked.terms, categories=of
    )


@settings(max_examples=200, deadline=None)
@given(FIRMS, STEPS, TERMS, st.sampled_from((Outcome.PASS, Outcome.REVIEW)))
def test_what_is_found_is_what_claims_meet(
    firm: Organisation, steps: list[Authority], terms: ApprovalTerms, outcome: Outcome
) -> None:
    """Steps that claims get stuck in are those that are told, and each witness gets stuck.

    All claims up to above the last edge are routed, of everybody, in each category.
    """
    steps = [replace(one, code=f"s{n}") for n, one in enumerate(steps)]
    asked = plan(firm, *steps, terms=terms)
    found = check_organisation(asked)
    assert not [one for one in found.found if one.kind is Weak.SELF]
    told = {one.who for one in found.found if one.kind in (Weak.NOBODY, Weak.AUTHORITY)}
    met = set()
    for claimant in (person for person in firm.people if firm.is_active(person, DAY)):
        for minor in range(1, 9):
            for category in ("meal", "gift"):
                route = real(asked, claimant, minor, category, outcome)
                met |= {one.code for one in route.steps if one.is_stuck}
    assert met <= told
    for one in found.found:
        if one.kind in (Weak.NOBODY, Weak.AUTHORITY):
            seen = one.witness
            assert seen.amount is not None
            for judged in set(Outcome) - {Outcome.REJECT}:
                route = real(asked, seen.claimant, seen.amount, seen.category, judged)
                step = route.step(seen.step)
                if step is not None:
                    assert step.is_stuck
                    break
            else:
                raise AssertionError(f"{one} is met by no claim")


@settings(max_examples=100, deadline=None)
@given(FIRMS, STEPS, SOMEBODY)
def test_who_is_missed_is_told(firm: Organisation, steps: list[Authority], away: str) -> None:
    """A seat that nobody else takes while one person is away is told, with substitutes and all."""
    late = Deadline(escalate_after=1)
    steps = [replace(one, code=f"s{n}", deadline=late) for n, one in enumerate(steps)]
    asked = plan(firm, *steps)
    found = check_organisation(asked).found
    lost = {one.who for one in found if one.kind in (Weak.AWAY, Weak.SELF_SUBSTITUTE)}
    stuck = {one.who for one in found if one.kind is Weak.NOBODY}
    codes = [one.code for one in steps]
    for claimant in (person for person in firm.people if firm.is_active(person, DAY)):
        for category in ("meal", "gift"):
            made = decided(line("L", 9))
            of = {"L": category}
            due = restricted_due(steps, made, categories=of, team="", asked=())
            made = replace(made, approvals=due)
            route = routed(made, steps, firm, claimant, categories=of, escalated=codes)
            for step in route.steps:
                is_held = all(set(seat.people) - {away} for seat in step.seats)
                assert is_held or away in lost or step.code in stuck
