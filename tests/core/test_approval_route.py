"""Routes: when a step is due, who takes it, why, and that nobody approves their own claim."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_firm import DAY, decided, line, organisation, routed

from crm_expenses.core.approval import (
    ApprovalStep,
    ApprovalTerms,
    Authority,
    AuthorityLimit,
    Automatic,
    BudgetLack,
    Deadline,
    Group,
    Provenance,
    Substitute,
    due_for,
)
from crm_expenses.core.approval.candidates import Barred, Candidate, Via
from crm_expenses.core.approval.due import Reason, Why, restricted_due
from crm_expenses.core.approval.route import Passed
from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.core.decision import Outcome
from crm_expenses.core.finding import Effect, Finding

FIRM = organisation(
    {"ann": "bob", "bob": "cy", "cy": "", "self": "self", "x": "y", "y": "x"},
    {"finance": ["dee", "ann"], "nobody": [], "ring": ["x"], "blank": ["", "dee"]},
)


def step(code: str, *who: str, above: int | None = 0, **more: object) -> Authority:
    """Give a step that is due for any amount above zero, unless something else is said."""
    return Authority(code, who or ("manager",), above, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("above", "outcome", "allowed", "found", "due"),
    [
        (100, None, 101, Outcome.PASS, ["amount"]),
        (100, None, 100, Outcome.PASS, []),
        (0, None, -5, Outcome.PASS, []),
        (None, Outcome.REVIEW, 10**9, Outcome.JUSTIFY, []),
        (None, Outcome.REVIEW, 0, Outcome.REVIEW, ["outcome"]),
        (None, Outcome.REVIEW, 0, Outcome.REJECT, []),
        (100, Outcome.REVIEW, 101, Outcome.PASS, ["amount"]),
        (100, Outcome.REVIEW, 101, Outcome.REVIEW, ["amount", "outcome"]),
        (100, Outcome.REVIEW, 100, Outcome.REDUCED, []),
        (None, None, 10**9, Outcome.REVIEW, []),
    ],
)
def test_when_a_step_is_due(
    above: int | None, outcome: Outcome | None, allowed: int, found: Outcome, due: list[str]
) -> None:
    """A step is due above its amount, or from its outcome on; a rejected claim needs none."""
    made = decided(line("L", allowed, found))
    authority = step("s", above=above, outcome=outcome)
    assert bool(due_for(made, [authority])) == bool(due)
    [found_step] = routed(made, [authority], FIRM).steps if due else [None]
    if found_step is not None:
        assert [reason.why.value for reason in found_step.reasons] == due


NOTED = Finding("meal.cap", Effect.NOTE)
SHORT = {
    "hard": Finding("budget.exceeded", Effect.REVIEW, evidence=(("budget", "B"), ("needed", "5"))),
    "soft": Finding("budget.overdrawn", Effect.NOTE, evidence=(("budget", "S"),)),
    "rate": Finding("budget.no_rate", Effect.REVIEW, evidence=(("budget", "R"),)),
}


def test_findings_and_their_reason() -> None:
    """A step by findings is due whatever the finding's effect, on a line or on the claim."""
    asks = step("s", above=None, findings=frozenset({"meal.cap", "claim.old"}))
    of_line = decided(line("L", 5, findings=(NOTED,)))
    assert routed(of_line, [asks], FIRM).steps[0].reasons == (
        Reason(Why.FINDING, (("code", "meal.cap"),)),
    )
    of_claim = decided(line("L", 5), findings=(Finding("claim.old", Effect.NOTE),))
    assert [one.code for one in due_for(of_claim, [asks])] == ["s"]
    assert due_for(decided(line("L", 5)), [asks]) == ()


@pytest.mark.parametrize(
    ("budget", "due"),
    [("any", ["hard", "soft", "rate"]), ("soft", ["soft", "rate"]), ("hard", ["hard", "rate"])],
)
def test_budgets(budget: str, due: list[str]) -> None:
    """A budget that is short makes a step due, of its kind; where no rate is known it may be."""
    asks = step("s", above=None, budget=BudgetLack(budget))
    found = {
        name: due_for(decided(line("L", 5), findings=(finding,)), [asks])
        for name, finding in SHORT.items()
    }
    assert [name for name, steps in found.items() if steps] == due
    [reason] = routed(decided(findings=(SHORT["rate"],)), [asks], FIRM).steps[0].reasons
    assert reason == Reason(Why.BUDGET, (("budget", "R"),))


GIFTS = frozenset({"gift"})


@pytest.mark.parametrize(
    ("more", "gift", "meal", "due"),
    [
        ({"above": None}, 1, 1, ["restriction"]),
        ({"above": None}, None, 1, []),
        ({"above": 100}, 101, 0, ["amount"]),
        ({"above": 100}, 100, 10**6, []),  # only its own lines count
        ({"above": None, "outcome": Outcome.REVIEW}, 5, None, []),
    ],
)
def test_a_step_on_categories(
    more: dict[str, object], gift: int | None, meal: int | None, due: list[str]
) -> None:
    """A restricted step looks only at its lines, and is due without a trigger if there are some."""
    given_lines = {"G": gift, "M": meal}
    made = decided(*(line(name, minor) for name, minor in given_lines.items() if minor is not None))
    asks = step("s", on=GIFTS, **more)
    categories = {"G": "gift", "M": "meal"}
    codes = restricted_due([asks], made, categories=categories, team="", asked=())
    assert bool(codes) == bool(due)
    carried = decided(*made.lines, approvals=codes)
    assert [one.code for one in due_for(carried, [asks])] == list(codes)
    steps = routed(carried, [asks], FIRM, categories=categories).steps
    assert [reason.why.value for one in steps for reason in one.reasons] == due
    assert all(one.on == GIFTS and one.amount.minor == gift for one in steps)


def test_findings_of_other_lines_do_not_count() -> None:
    """A restricted step sees the outcome and the findings of its own lines only."""
    odd = line("M", 5, Outcome.REVIEW, (Finding("meal.cap", Effect.REVIEW),))
    categories = {"G": "gift", "M": "meal"}
    asks = [
        step("o", above=None, on=GIFTS, outcome=Outcome.REVIEW),
        step("f", above=None, on=GIFTS, findings=frozenset({"meal.cap"})),
        step("m", above=None, on=frozenset({"meal"}), findings=frozenset({"meal.cap"})),
    ]
    made = decided(line("G", 5), odd)
    assert restricted_due(asks, made, categories=categories, team="", asked=()) == ("m",)


def test_teams_are_settled_when_the_claim_is_decided() -> None:
    """A step for a team is due for its people; who changes teams later keeps the route."""
    asks = step("s", above=None, teams=frozenset({"East"}))
    made = decided(line("L", 5))
    assert restricted_due([asks], made, categories={}, team="East", asked=()) == ("s",)
    assert restricted_due([asks], made, categories={}, team="West", asked=()) == ()
    carried = decided(line("L", 5), approvals=("s",))
    [found] = routed(carried, [asks], FIRM).steps
    assert found.reasons == (Reason(Why.RESTRICTION, (("teams", "East"),)),)


def test_the_condition_of_a_policy() -> None:
    """A condition that held is a reason; with a restriction, where there is no other."""
    own = step("s", above=None, is_asked=True)
    [found] = routed(decided(line("L", 5), approvals=("s",)), [own], FIRM).steps
    assert [one.why for one in found.reasons] == [Why.CONDITION]
    both = step("s", above=0, is_asked=True, on=frozenset({"meal"}))
    [found] = routed(decided(line("L", 5), approvals=("s",)), [both], FIRM).steps
    assert [one.why for one in found.reasons] == [Why.AMOUNT]


def candidates(who: str, claimant: str, **more: object) -> tuple[Candidate, ...]:
    """Give the candidates of a step of the firm that is due."""
    made = routed(decided(line("L", 1)), [step("s", who)], FIRM, claimant, **more)  # type: ignore[arg-type]
    return made.steps[0].seats[0].candidates


@pytest.mark.parametrize(
    ("who", "claimant", "expected"),
    [
        ("manager", "ann", ["bob"]),
        ("manager", "cy", []),  # nobody above
        ("manager", "stranger", []),
        ("manager", "self", []),  # their own manager: a circle
        ("role:finance", "bob", ["dee", "ann"]),
        ("role:finance", "dee", ["ann"]),
        ("role:nobody", "ann", []),
        ("role:unknown", "ann", []),
        ("role:ring", "x", ["y"]),  # the only holder claims: up the line
        ("role:blank", "ann", ["dee"]),
        ("person:cy", "ann", ["cy"]),
        ("person:ann", "ann", ["bob"]),
        ("person:cy", "cy", []),
    ],
)
def test_who_is_asked(who: str, claimant: str, expected: list[str]) -> None:
    """Those named who are not the claimant, else the first above them who is not, else nobody."""
    assert [one.person for one in candidates(who, claimant)] == expected


LINE = {"ann": "bob", "bob": "cy", "cy": "dee", "dee": ""}


@pytest.mark.parametrize(
    ("limits", "gone", "expected", "passed"),
    [
        ([], [], "bob", []),
        ([("everyone", 500)], [], "bob", []),
        ([("person:bob", 500), ("everyone", 499)], [], "bob", []),  # the highest counts
        ([("everyone", 499), ("person:cy", 500)], [], "cy", [("bob", "authority")]),
        (
            [("everyone", 100), ("person:dee", None)],
            [],
            "dee",
            [("bob", "authority"), ("cy", "authority")],
        ),
        ([("role:top", None)], [], "cy", [("bob", "authority")]),
        ([("grade:m", 500)], [], "cy", [("bob", "authority")]),
        ([("everyone", 499)], [], "", []),
        ([], ["bob"], "cy", [("bob", "left")]),
        (
            [("person:cy", 1), ("person:dee", 500)],
            ["bob"],
            "dee",
            [("bob", "left"), ("cy", "authority")],
        ),
    ],
)
def test_up_the_line_until_the_authority_suffices(
    limits: list[tuple[str, int | None]],
    gone: list[str],
    expected: str,
    passed: list[tuple[str, str]],
) -> None:
    """A step goes up past who may not, to the first who may; the route says whom it passed."""
    firm = organisation(LINE, {"top": ["cy"]}, gone=gone)
    people = dict(firm.people)
    people["cy"] = type(people["cy"])("cy", "cy", grade="m", manager="dee")
    firm = type(firm)(people, firm.roles)
    terms = ApprovalTerms(limits=tuple(AuthorityLimit(*one) for one in limits))
    [found] = routed(decided(line("L", 500)), [step("s")], firm, terms=terms).steps
    assert next(iter(found.people), "") == expected
    if expected:
        assert found.seats[0].candidates[0].passed == tuple(
            (who, Barred(why)) for who, why in passed
        )
    assert found.is_stuck is not bool(expected)


def test_a_role_whose_holders_may_not_all() -> None:
    """Of a role, those who may act are asked; only where none may, those above them."""
    firm = organisation({"f": "cfo", "g": "cfo", "ann": "bob"}, {"finance": ["f", "g"]})
    limits = (AuthorityLimit("person:g", 500), AuthorityLimit("person:cfo"))
    terms = ApprovalTerms(limits=limits)
    for minor, expected in ((500, ("g",)), (501, ("cfo",))):
        made = routed(decided(line("L", minor)), [step("s", "role:finance")], firm, terms=terms)
        assert made.acts_next == expected


AUGUST = (date(2026, 8, 1), date(2026, 8, 14))


@pytest.mark.parametrize(
    ("substitutes", "day", "expected"),
    [
        ([("eve", "bob", *AUGUST)], date(2026, 7, 31), ["bob"]),
        ([("eve", "bob", *AUGUST)], date(2026, 8, 1), ["eve", "bob"]),
        ([("eve", "bob", *AUGUST)], date(2026, 8, 14), ["eve", "bob"]),
        ([("eve", "bob", *AUGUST)], date(2026, 8, 15), ["bob"]),
        ([("eve", "bob"), ("fay", "eve")], DAY, ["fay", "eve", "bob"]),
        ([("eve", "bob"), ("fay", "bob"), ("gus", "fay")], DAY, ["gus", "eve", "fay", "bob"]),
        ([("bob", "eve"), ("eve", "bob")], DAY, ["eve", "bob"]),
        ([("ann", "bob")], DAY, ["bob"]),  # the claimant does not act for their approver
        ([("ann", "bob"), ("fay", "ann")], DAY, ["bob"]),  # nor does whom the claimant sends
        ([("eve", "bob"), ("ann", "eve"), ("fay", "ann")], DAY, ["eve", "bob"]),
        ([("gone", "bob")], DAY, ["bob"]),
        ([("eve", "bob", None, None, "C")], DAY, ["eve", "bob"]),
        ([("eve", "bob", None, None, "C-2")], DAY, ["bob"]),
    ],
)
def test_substitutes(substitutes: list[tuple[str, str]], day: date, expected: list[str]) -> None:
    """Who acts for somebody on the day is asked first, through chains, never the claimant."""
    acting = [Substitute(*one) for one in substitutes]
    firm = organisation({"ann": "bob", "bob": "", "gone": ""}, {}, acting, gone=["gone"])
    found = routed(decided(line("L", 1)), [step("s")], firm, day=day).steps[0]
    assert list(found.people) == expected
    via = {one.person: one.via for one in found.seats[0].candidates}
    assert all(via[who] is Via.SUBSTITUTE for who in expected[:-1])


def test_a_substitute_acts_with_the_authority_of_whom_they_act_for() -> None:
    """The limit is that of the person who is away."""
    firm = organisation({"ann": "bob", "bob": ""}, {}, [Substitute("eve", "bob")])
    terms = ApprovalTerms(limits=(AuthorityLimit("person:bob", 500),))
    made = routed(decided(line("L", 500)), [step("s")], firm, terms=terms)
    assert made.acts_next == ("eve", "bob")


def test_groups() -> None:
    """Any one of several is one seat; all of several are a seat each, in any order."""
    firm = organisation({"ann": "bob"}, {"finance": ["f", "g"], "legal": ["l"]})
    named = ("role:finance", "role:legal", "manager")
    [any_of] = routed(decided(line("L", 1)), [step("s", *named)], firm).steps
    assert [seat.people for seat in any_of.seats] == [("f", "g", "l", "bob")]
    [all_of] = routed(decided(line("L", 1)), [step("s", *named, group=Group.ALL)], firm).steps
    assert [seat.people for seat in all_of.seats] == [("f", "g"), ("l",), ("bob",)]
    assert [seat.id for seat in all_of.seats] == ["s role:finance", "s role:legal", "s manager"]
    assert all_of.people == ("f", "g", "l", "bob")


def test_escalation() -> None:
    """A step that has waited too long asks the manager of whom it waits for, or whom it names."""
    firm = organisation(LINE, {"finance": ["f"], "cfo": ["z", "ann"]})
    up, to = step("up", "manager"), step("to", "role:finance")
    to = type(to)("to", ("role:finance",), 0, deadline=type(to.deadline)(1, 2, "role:cfo"))
    made = routed(decided(line("L", 1)), [up, to], firm, escalated=["up", "to"])
    assert [one.people for one in made.steps] == [("bob", "cy"), ("f", "z")]
    assert [one.is_escalated for one in made.steps] == [True, True]
    assert made.steps[1].seats[0].candidates[1].via is Via.ESCALATION
    away = organisation(LINE, {}, [Substitute("eve", "cy"), Substitute("ann", "cy")])
    acting = routed(decided(line("L", 1)), [up], away, escalated=["up"])
    assert acting.acts_next == ("bob", "eve", "cy")
    claimant_above = routed(decided(line("L", 1)), [up], firm, "cy", escalated=["up"])
    assert claimant_above.acts_next == ("dee",)


@pytest.mark.parametrize(
    ("deadline", "opened", "expected"),
    [
        # 2026-03-06 is a Friday, 2026-04-06 a day of rest.
        (Deadline(), "2026-03-06T17:00", [None, None]),
        (Deadline(1, 3), "2026-03-06T17:00", ["2026-03-09T17:00", "2026-03-11T17:00"]),
        (Deadline(1, 3), "2026-03-07T09:00", ["2026-03-09T09:00", "2026-03-11T09:00"]),
        (Deadline(1), "2026-04-03T09:00", ["2026-04-07T09:00", None]),
        (Deadline(None, 2, is_working=False), "2026-03-06T17:00", [None, "2026-03-08T17:00"]),
        (Deadline(1), "2026-12-31T09:00", ["2027-01-01T09:00", None]),  # beyond the calendar
    ],
)
def test_reminder_and_escalation(
    deadline: Deadline, opened: str, expected: list[str | None]
) -> None:
    """Both come at the same time of day, so many working days or days after the step opened."""
    calendar = WorkCalendar(frozenset({date(2026, 4, 6)}), last=date(2026, 12, 31))
    zone = timezone(timedelta(hours=8))
    found = deadline.times(datetime.fromisoformat(opened).replace(tzinfo=zone), calendar)
    assert list(found) == [
        None if at is None else datetime.fromisoformat(at).replace(tzinfo=zone) for at in expected
    ]


def test_a_route_in_order() -> None:
    """Steps stand in the policy's order; those not due are left out."""
    authorities = [
        step("line"),
        step("never", "person:zoe", above=10**9),
        step("money", "role:finance", above=500),
        step("odd", "person:cy", above=None, outcome=Outcome.REVIEW),
    ]
    made = routed(decided(line("L", 501, Outcome.REVIEW)), authorities, FIRM, "bob")
    assert [(s.code, s.approver) for s in made.stored().steps] == [
        ("line", "cy"),
        ("money", "dee"),
        ("odd", "cy"),
    ]
    assert made.step("odd") is made.steps[2]
    assert (made.step("never"), made.together("never")) == (None, ())
    assert made.automatic is None


def test_neighbours_of_the_same_people_are_one() -> None:
    """Two steps in a row of the same people need one yes; two that nobody takes stay two."""
    twice = [step("one", "person:cy"), step("two"), step("three", "person:zoe")]
    made = routed(decided(line("L", 1)), twice, FIRM, "bob")
    assert [one.is_joined for one in made.steps] == [False, True, False]
    assert made.stored().steps == (ApprovalStep("one", "cy"), ApprovalStep("three", "zoe"))
    assert [one.code for one in made.together("one")] == ["one", "two"]
    alone = routed(decided(line("L", 1)), twice[:2], FIRM, "cy")
    assert alone.stored().steps == (ApprovalStep("one", ""), ApprovalStep("two", ""))
    assert [one.is_stuck for one in alone.steps] == [True, True]


def test_neighbours_who_share_somebody_stay_two() -> None:
    """Where another could take one of two steps, each needs its own yes."""
    steps = [step("money", "role:finance"), step("dee", "person:dee")]
    made = routed(decided(line("L", 1)), steps, FIRM, "bob")
    assert [one.people for one in made.steps] == [("dee", "ann"), ("dee",)]
    assert [one.is_joined for one in made.steps] == [False, False]


def test_the_line_above_ends_where_it_closes() -> None:
    """Nobody stands above themselves, and a circle is gone through once."""
    ring = organisation({"a": "b", "b": "c", "c": "a", "x": "b", "self": "self"})
    assert list(ring.above("a")) == ["b", "c"]
    assert list(ring.above("x")) == ["b", "c", "a"]
    assert list(ring.above("self")) == []
    assert list(ring.above("nobody")) == []


SMALL = Automatic(300, Outcome.REDUCED, frozenset({"meal", "taxi"}))


@pytest.mark.parametrize(
    ("minor", "outcome", "category", "steps", "expected"),
    [
        (300, Outcome.REDUCED, "meal", [step("line")], Passed.AUTOMATIC),
        (300, Outcome.PASS, "meal", [], Passed.AUTOMATIC),
        (301, Outcome.PASS, "meal", [step("line")], None),
        (300, Outcome.JUSTIFY, "meal", [step("line")], None),
        (300, Outcome.PASS, "gift", [step("line")], None),
        (300, Outcome.PASS, "meal", [step("s", above=None, on=frozenset({"meal"}))], None),
        (300, Outcome.PASS, "meal", [step("s", above=None, is_asked=True)], None),
        (301, Outcome.PASS, "meal", [], None),  # nobody is named for what is not automatic
        (1, Outcome.REJECT, "meal", [step("line")], Passed.REJECTED),
    ],
)
def test_what_passes_without_a_person(
    minor: int, outcome: Outcome, category: str, steps: list[Authority], expected: Passed | None
) -> None:
    """Small and clean claims pass, unless a step is due for another reason than the amount."""
    made = decided(line("L", minor, outcome), approvals=("s",))
    terms = ApprovalTerms(automatic=SMALL)
    found = routed(made, steps, FIRM, terms=terms, categories={"L": category})
    assert found.automatic is expected
    assert bool(found.steps) == (expected is None)
    assert ("up_to", "3.00") in found.evidence or expected is None


def test_without_a_word_of_what_is_automatic() -> None:
    """A claim for which no step is due passes and says so; one to be seen goes to the manager."""
    passed = routed(decided(line("L", 5)), [], FIRM)
    assert (passed.automatic, passed.acts_next) == (Passed.NOT_DUE, ())
    assert passed.evidence == (("allowed", "0.05"), ("currency", "CNY"), ("outcome", "pass"))
    seen = routed(decided(line("L", 5, Outcome.REVIEW)), [], FIRM)
    assert seen.stored().steps == (ApprovalStep("review", "bob"),)
    assert [one.why for one in seen.steps[0].reasons] == [Why.LAST_RESORT]


def test_the_least_provenance_of_a_step() -> None:
    """A step accepts what it says, else what the policy says for all."""
    terms = ApprovalTerms(Provenance.AUDITED_FIELD)
    own = step("own", accepts=Provenance.CRM_PROCESS)
    made = routed(decided(line("L", 1)), [step("any"), own], FIRM, terms=terms)
    assert [one.accepts.value for one in made.steps] == ["audited_field", "crm_process"]


# Any organisation at all


PEOPLE = ("a", "b", "c", "d", "e")
ANYONE = st.sampled_from((*PEOPLE, ""))
SOMEBODY = st.sampled_from(PEOPLE)
WHO = st.one_of(
    st.just("manager"),
    st.sampled_from(("role:r", "role:q", "role:none")),
    ANYONE.map(lambda name: f"person:{name}"),
)
FIRMS = st.builds(
    organisation,
    st.dictionaries(SOMEBODY, ANYONE),
    st.dictionaries(st.sampled_from(("r", "q")), st.lists(ANYONE, max_size=3)),
    st.lists(st.builds(Substitute, SOMEBODY, SOMEBODY), max_size=4),
    gone=st.lists(SOMEBODY, max_size=2),
)
LIMITS = st.lists(
    st.builds(
        AuthorityLimit,
        st.one_of(st.just("everyone"), SOMEBODY.map(lambda name: f"person:{name}")),
        st.one_of(st.none(), st.integers(0, 20)),
    ),
    max_size=4,
).map(tuple)
STEPS = st.lists(
    st.tuples(st.lists(WHO, min_size=1, max_size=3, unique=True), st.sampled_from(Group)),
    max_size=4,
)


@given(
    FIRMS, STEPS, st.sampled_from((*PEOPLE, "stranger")), LIMITS, st.integers(1, 20), st.booleans()
)
def test_nobody_approves_their_own_claim(
    firm: object,
    steps: list[tuple[list[str], Group]],
    claimant: str,
    limits: tuple[AuthorityLimit, ...],
    minor: int,
    late: bool,  # noqa: FBT001  drawn
) -> None:
    """In any organisation, circles and mistakes too, no seat falls on the claimant or a leaver.

    Who acts by their own right may approve the amount; a substitute acts for such a one.
    """
    authorities = [step(f"s{n}", *who, group=group) for n, (who, group) in enumerate(steps)]
    escalated = [one.code for one in authorities] if late else []
    made = routed(
        decided(line("L", minor)),
        authorities,
        firm,  # type: ignore[arg-type]
        claimant,
        terms=ApprovalTerms(limits=limits),
        escalated=escalated,
    )
    assert [one.code for one in made.steps] == [one.code for one in authorities]
    for seat in (seat for one in made.steps for seat in one.seats):
        assert claimant not in seat.people
        assert len(set(seat.people)) == len(seat.people)
        for one in seat.candidates:
            assert firm.is_active(one.person, DAY)  # type: ignore[attr-defined]
            right = one.instead_of if one.via is Via.SUBSTITUTE else one.person
            assert right != claimant
            assert firm.may_approve(right, minor, limits)  # type: ignore[attr-defined]
    approvers = [one.approver for one in made.stored().steps]
    assert claimant not in approvers
    joined = [one.is_joined for one in made.steps]
    for (one, other), is_joined in zip(pairwise(made.steps), joined[1:], strict=False):
        alike = len(one.seats) == len(other.seats) == 1 and set(one.people) == set(other.people)
        assert is_joined == (alike and bool(one.people))


def test_a_long_line_of_managers_is_followed_to_the_first() -> None:
    """However long the line above is, the claimant's own manager is the one who is asked."""
    managers = {f"p{n}": f"p{n + 1}" for n in range(100)}
    firm = organisation(managers, {"r": ["p0"]})
    made = routed(decided(line("L", 1)), [step("s", "role:r")], firm, "p0")
    assert made.acts_next == ("p1",)
    limits = ApprovalTerms(limits=(AuthorityLimit("person:p90"),))
    up = routed(decided(line("L", 1)), [step("s", "role:r")], firm, "p0", terms=limits)
    assert up.acts_next == ("p90",)


def test_sequences_of_who() -> None:
    """What a step names twice is asked once."""
    names: Sequence[str] = ("person:cy", "manager", "person:cy")
    [found] = routed(decided(line("L", 1)), [step("s", *names)], FIRM, "bob").steps
    assert found.people == ("cy",)
