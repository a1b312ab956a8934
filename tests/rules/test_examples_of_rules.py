"""Worked examples stand at the boundaries of rules, and `run` decides them as they say."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.decision import Decision, Outcome
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect
from crm_expenses.messages import LANGUAGES
from crm_expenses.policyfile import load_policy, parse_policy
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.examples import (
    CALM_MAX,
    CATEGORIES_MAX,
    MENDED_MAX,
    TRIES_MAX,
    Example,
    Side,
    examples_of,
    finding_of,
)
from crm_expenses.rules.examplewords import (
    outcome_words,
    reasons_words,
    result_words,
    situation_words,
)
from crm_expenses.rules.hints import hints
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.situation import TRIP, TripShape

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
POLICIES: Final = (
    HERE / "wording" / "everything.toml",
    ROOT / "examples" / "crm-sales" / "policy.toml",
    ROOT / "examples" / "chamber" / "policy.toml",
    ROOT / "src" / "crm_expenses" / "demo" / "policy.toml",
    *sorted((HERE / "scenarios" / "policies").glob("*.toml")),
)
PACKS: Final = sorted(
    path for path in (ROOT / "examples" / "policies").glob("*.toml") if ".cases" not in path.name
)
SILENT: Final = {"everything": {"diem.meals"}}
"""Rules for which the search finds nothing: what they give needs a fact that it does not vary."""

HEAD: Final = """
[policy]
id = "small"
version = "1"
language = 1
currency = "CNY"
title = { en = "Small", zh = "小" }
[category]
meal = { name = { en = "Meals", zh = "餐费" } }
"""


def by_rule(policy: Policy) -> dict[str, list[Example]]:
    """Give the examples of each rule."""
    found: dict[str, list[Example]] = {rule.code: [] for rule in policy.rules}
    for example in examples_of(Evaluator(policy)):
        found[example.rule].append(example)
    return found


def of_one(rule: str, more: str = "") -> list[Example]:
    """Give the examples of a policy with one rule."""
    text = f'{HEAD}\n{more}\n[[rule]]\ncode = "x"\ntitle = {{ en = "X", zh = "某" }}\n{rule}'
    return by_rule(parse_policy(text))["x"]


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_example_is_what_run_decides(path: Path) -> None:
    """Each example, decided anew, comes out as it says, on the side on which it says it stands."""
    policy = load_policy(path)
    evaluator = Evaluator(policy)
    for code, examples in by_rule(policy).items():
        for example in examples:
            assert evaluator.decide(example.facts, digest=False) == example.decision
            finding = finding_of(example.decision, code)
            assert (finding is not None) is (example.side is Side.OUTSIDE)
            assert finding is None or not finding.failed
            assert example.finding == finding


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nearly_every_rule_has_examples_on_both_sides(path: Path) -> None:
    """Of the policies here, each rule has its examples; those without are named above."""
    policy = load_policy(path)
    found = by_rule(policy)
    silent = {code for code, examples in found.items() if not examples}
    assert silent == SILENT.get(policy.id, set())
    for code, examples in found.items():
        rule = policy.rule(code)
        assert rule is not None
        sides = {example.side for example in examples}
        if rule.kind in (RuleKind.ALLOW, RuleKind.MEASURE):
            assert sides <= {Side.GIVES}
        elif rule.kind is RuleKind.LIMIT:
            assert sides == {Side.INSIDE, Side.OUTSIDE}


def spent(example: Example) -> int:
    """Give the amount of the one line, in minor units."""
    (line,) = example.facts.lines
    return line.amount.minor


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 10**8))
def test_a_limit_is_met_to_the_cent(limit: int) -> None:
    """Whatever the limit, the examples are the limit itself and one fen more."""
    inside, outside = of_one(
        'kind = "limit"\nat_most = "cap"',
        '[parameter.cap]\ntype = "money"\n'
        f'values = [{{ from = 2026-01-01, is = "{limit // 100}.{limit % 100:02d}" }}]',
    )
    assert (inside.side, outside.side) == (Side.INSIDE, Side.OUTSIDE)
    assert (spent(inside), spent(outside)) == (limit, limit + 1)
    assert inside.decision.outcome is Outcome.PASS
    assert outside.decision.outcome is Outcome.REDUCED
    assert outside.decision.allowed.minor == limit
    assert inside.differs == outside.differs == "amount"


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 200), st.sampled_from(["<=", "<", ">", ">="]))
def test_a_deadline_is_met_to_the_day(days: int, how: str) -> None:
    """A bound in days gives the two neighbouring days, on the sides that the comparison says."""
    examples = of_one(f'kind = "require"\nthat = "age_days {how} {days}"')
    inside, outside = examples[-2:]
    ages = [
        (e.facts.claim.submitted.date() - e.facts.lines[0].date).days for e in (inside, outside)
    ]
    first = days if how in ("<=", ">=") else days - 1 if how == "<" else days + 1
    assert ages == [first, first + (1 if how.startswith("<") else -1)]


def test_a_limit_behind_a_shorter_one_is_reached_by_what_was_used_before() -> None:
    """A month's limit that no single line can reach has an example with an earlier use."""
    policy = load_policy(HERE / "scenarios" / "policies" / "windows.toml")
    inside, outside = by_rule(policy)["meal.month"]
    assert inside.differs == "#before"
    (used,), (more,) = (dict(e.facts.windows).values() for e in (inside, outside))
    assert more == used + 1
    assert used + spent(inside) == 50_000
    assert outside.decision.allowed.minor == spent(outside) - 1


def test_a_requirement_has_three() -> None:
    """A receipt from an amount up: at the amount with one, below it without, at it without."""
    policy = load_policy(ROOT / "examples" / "crm-sales" / "policy.toml")
    given_, below, outside = by_rule(policy)["receipt.required"]
    assert [e.side for e in (given_, below, outside)] == [Side.INSIDE, Side.INSIDE, Side.OUTSIDE]
    assert [spent(e) for e in (given_, below, outside)] == [7500, 7499, 7500]
    assert (given_.differs, below.differs) == ("voucher_number", "amount")
    assert [bool(e.facts.vouchers[0].number) for e in (given_, below, outside)] == [
        True,
        False,
        False,
    ]


def test_examples_on_both_sides_differ_in_one_fact() -> None:
    """The inside of a pair becomes its outside by one fact: nothing else tells them apart."""
    for path in POLICIES:
        for examples in by_rule(load_policy(path)).values():
            outside = [e for e in examples if e.side is Side.OUTSIDE]
            for inside in (e for e in examples if e.side is Side.INSIDE):
                ours, theirs = dict(inside.shown), dict(outside[0].shown)
                names = {n for n in ours.keys() | theirs.keys() if ours.get(n) != theirs.get(n)}
                kept = {n for n in names if not n.startswith(("#count", "#each"))}
                assert kept <= {inside.differs}


def test_no_example_where_there_is_none() -> None:
    """A rule that can never speak has none, and one that always speaks has no inside."""
    assert of_one('kind = "forbid"\nthat = "amount > 10 and amount < 5"') == []
    always = of_one('kind = "forbid"\nthat = "amount > 0 or amount <= 0"')
    assert [example.side for example in always] == [Side.OUTSIDE]


def test_a_rule_that_fails_is_no_example() -> None:
    """Where a rule can only fail, its failure is not taken for a finding."""
    condition = "divide(amount, amount - amount, 1, up) > 1"
    assert of_one(f'kind = "flag"\nthat = "{condition}"') == []


class Counting(Evaluator):
    """An evaluator that counts what it decides."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self.count = 0

    def decide(self, facts: Facts, *, digest: bool = True) -> Decision:
        """Decide and count."""
        self.count += 1
        return super().decide(facts, digest=digest)


def test_the_search_is_bounded() -> None:
    """Names without end, none of which matters, cost no more than the bound."""
    facts = "\n".join(
        f'[fact.f{n}]\nname = {{ en = "F{n}", zh = "事{n}" }}\ntype = "count"' for n in range(20)
    )
    condition = " and ".join(f"default(f{n}, 1) % 987654 == 987653" for n in range(20))
    policy = parse_policy(
        f'{HEAD}\n{facts}\n[[rule]]\ncode = "x"\ntitle = {{ en = "X", zh = "某" }}\n'
        f'kind = "forbid"\nthat = "{condition}"'
    )
    counting = Counting(policy)
    assert examples_of(counting) == ()
    bound = CATEGORIES_MAX * (TRIES_MAX + MENDED_MAX + CALM_MAX)
    assert 0 < counting.count <= bound * len(policy.rules)


def test_the_same_examples_on_every_run() -> None:
    """Two evaluators of the same policy find equal examples."""
    policy = load_policy(POLICIES[0])
    assert examples_of(Evaluator(policy)) == examples_of(Evaluator(load_policy(POLICIES[0])))


def test_words_of_an_example() -> None:
    """An example is told with the facts that matter, its result and its reason."""
    policy = load_policy(ROOT / "examples" / "crm-sales" / "policy.toml")
    _, outside = by_rule(policy)["entertainment.head"]
    assert situation_words(policy, outside, "en") == [
        "Entertainment, 300.01 USD",
        "number of attendees: 4",
    ]
    assert situation_words(policy, outside, "zh") == ["招待，300.01 美元", "参加人数：4 人"]
    assert (
        result_words(policy, outside.decision, "en")
        == "A reason is needed; without it 300 USD is paid"
    )
    assert result_words(policy, outside.decision, "zh") == "须说明理由，否则只报销 300 美元"
    (reason,) = reasons_words(policy, outside, "en")
    assert reason.startswith("300.01 is over the limit of 300.00")


def test_every_example_has_words() -> None:
    """No example of any policy here is told with an empty part or an identifier."""
    for path in POLICIES:
        policy = load_policy(path)
        for example in examples_of(Evaluator(policy)):
            for language in LANGUAGES:
                parts = situation_words(policy, example, language)
                assert parts
                assert all(part and part[0] != "#" and "None" not in part for part in parts)
                assert result_words(policy, example.decision, language)
                assert outcome_words(policy, example, language)
                if example.side is Side.OUTSIDE:
                    assert reasons_words(policy, example, language)


def test_free_text_is_told_by_its_length_only() -> None:
    """What a person wrote never stands in an example."""
    policy = load_policy(ROOT / "tests" / "rules" / "wording" / "everything.toml")
    outside = by_rule(policy)["meal.words"][-1]
    purpose = outside.facts.lines[0].purpose
    told = situation_words(policy, outside, "en")
    assert f"purpose: {len(purpose)} characters" in told
    assert not any(purpose in part for part in told)


def test_a_change_of_one_fact_is_noticed() -> None:
    """An example whose facts are changed behind its back is decided otherwise."""
    policy = load_policy(ROOT / "examples" / "crm-sales" / "policy.toml")
    inside, outside = by_rule(policy)["meal.day"]
    moved = replace(outside.facts, lines=inside.facts.lines)
    decided = Evaluator(policy).decide(moved, digest=False)
    assert decided.allowed == inside.decision.allowed
    assert finding_of(decided, "meal.day") is None


DAYS: Final = (
    ("lunch == 'none'", "a trip of 2 days", "every meal provided by the employer"),
    ("night != 'private'", "a trip of 2 days", "the nights in private quarters"),
    ("minutes_away <= 600", "a trip of 2 days", ""),
    ("trip_days <= 5", "a trip of 6 days", ""),
)


@pytest.mark.parametrize(("condition", "trip", "more"), DAYS)
def test_trips(condition: str, trip: str, more: str) -> None:
    """A rule on days finds the trip that breaks it, and the trip is told with what matters."""
    guard = 'when = "present(trip_days)"\n' if "trip_days" in condition else ""
    scope = "" if guard else 'scope = "day"\n'
    rule = f'kind = "require"\n{scope}{guard}that = "{condition}"'
    inside, outside = of_one(rule)
    assert inside.differs == "#trip"
    policy = parse_policy(
        f'{HEAD}\n[[rule]]\ncode = "x"\ntitle = {{ en = "X", zh = "某" }}\n{rule}'
    )
    told = situation_words(policy, outside, "en")
    assert any(part.startswith(trip) for part in told)
    assert not more or more in told
    assert all("None" not in part for part in situation_words(policy, outside, "zh"))


def test_a_budget_and_a_person() -> None:
    """What is left of a budget, and whether the person is employed, can be what matters."""
    inside, outside = of_one(
        'kind = "flag"\nwhen = "present(budget_available)"\nthat = "budget_available < 5"'
    )
    assert [e.facts.positions[0].available for e in (inside, outside)] == [500, 499]
    active, gone = of_one('kind = "require"\nthat = "person_active"')
    assert active.facts.person is not None
    assert gone.facts.person is not None
    assert (active.facts.person.active_to is None, gone.facts.person.active_to is None) == (
        True,
        False,
    )


def test_the_only_line_is_not_taken_away() -> None:
    """A claim without lines is no example of a rule that counts lines."""
    for example in of_one('kind = "forbid"\nscope = "claim"\nthat = "count_of(\'meal\') < 2"'):
        assert example.facts.lines


# Examples as a person would choose them


def line(example: Example) -> ExpenseLine:
    """Give the first line."""
    return example.facts.lines[0]


CROWDED: Final = {
    ("cn-central-travel", "intercity.fare_given"),
    ("cn-central-travel-stay", "intercity.fare_given"),
    ("company-day-cap-trip", "daily.trip"),
}
"""Rules whose case another rule always has its word in, too."""


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_every_rule_of_a_pack_has_clear_examples(path: Path) -> None:
    """Each rule has examples, and no other rule has anything against them."""
    policy = load_policy(path)
    for code, examples in by_rule(policy).items():
        assert examples, code
        for example in examples:
            found = [f for one in example.decision.lines for f in one.findings]
            others = [f.code for f in found if f.code != code and f.effect is not Effect.NOTE]
            assert not others or (path.stem, code) in CROWDED


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_no_two_examples_of_a_rule_are_told_alike(path: Path) -> None:
    """In each language, the examples of a rule are different claims."""
    policy = load_policy(path)
    for examples in by_rule(policy).values():
        for language in LANGUAGES:
            told = ["; ".join(situation_words(policy, e, language)) for e in examples]
            assert len(set(told)) == len(told)


def test_amounts_are_usual_ones() -> None:
    """Where the amount does not matter it is one that people spend, in any currency."""
    for currency, amount in (("CNY", "200 CNY"), ("JPY", "20,000 JPY"), ("KWD", "200 KWD")):
        policy = parse_policy(
            HEAD.replace("CNY", currency)
            + '[[rule]]\ncode = "x"\ntitle = { en = "X", zh = "某" }\nkind = "require"\n'
            'that = "present(account)"'
        )
        inside, _ = by_rule(policy)["x"]
        assert situation_words(policy, inside, "en")[0] == f"Meals, {amount}"


def test_what_an_allowance_replaces_is_not_told() -> None:
    """A line that gets an allowance is told without what it claims."""
    policy = load_policy(ROOT / "examples" / "policies" / "us-company.toml")
    (example,) = by_rule(policy)["mileage.rate"]
    assert situation_words(policy, example, "en") == [
        "Own car",
        "on 2026-01-13 (Tuesday)",
        "business miles driven: 100 miles",
    ]
    assert outcome_words(policy, example, "en") == "Due: 72.50 USD"


def test_an_allowance_by_the_day() -> None:
    """A trip of three days, day by day, the shortest trip that is paid, and provided meals."""
    policy = load_policy(ROOT / "examples" / "policies" / "de-meals.toml")
    three, provided = by_rule(policy)["meals.full"]
    assert reasons_words(policy, three, "en") == ["day by day: 14 EUR, 28 EUR, 14 EUR"]
    assert reasons_words(policy, three, "zh") == ["逐日：14 欧元、28 欧元、14 欧元"]
    assert "every meal provided by the employer" in situation_words(policy, provided, "en")
    assert outcome_words(policy, provided, "en") == "Nothing is due"
    assert reasons_words(policy, provided, "en") == []
    usual, short, shortest, _ = by_rule(policy)["meals.day_trip"]
    assert situation_words(policy, short, "en")[-1] == (
        "a trip within one day, from 08:00 to 16:00 (8 hours)"
    )
    told = situation_words(policy, shortest, "zh")
    assert told[-1] == "当日往返，08:00 出发、16:01 返回（8 小时 1 分钟）"
    due = [example.decision.allowed.minor for example in (usual, short, shortest)]
    assert due == [1400, 0, 1400]


def test_a_trip_over_midnight_without_rest() -> None:
    """Its edge is the time of coming back on the second day."""
    policy = load_policy(ROOT / "examples" / "policies" / "de-meals.toml")
    _, short, shortest, provided = by_rule(policy)["meals.overnight"]
    words = "a trip of 2 days, leaving at 20:00 and back at 04:0{} on the last"
    assert words.format(0) in situation_words(policy, short, "en")
    assert words.format(1) in situation_words(policy, shortest, "en")
    for example in (shortest, provided):
        assert "the nights without rest away from home" in situation_words(policy, example, "en")


def test_the_minute_at_which_a_day_begins_or_ends_to_count() -> None:
    """A rule on a time of leaving or coming back has the last minute of the one, the first after.

    The trip that it begins with is not told twice.
    """
    found = by_rule(load_policy(ROOT / "examples" / "policies" / "us-university.toml"))

    def trips(code: str) -> list[tuple[int, int, int]]:
        shapes = [dict(example.shown)[TRIP] for example in found[code]]
        assert all(isinstance(shape, TripShape) for shape in shapes)
        return [(s.days, s.leaves, s.returns) for s in shapes if isinstance(s, TripShape)]

    usual = (3, 9 * 60, 18 * 60)
    assert trips("clock.breakfast") == [usual, (3, 9 * 60 + 1, 18 * 60), usual]
    assert trips("clock.lunch") == [usual, usual]
    short, long = (1, 8 * 60, 17 * 60 - 1), (1, 8 * 60, 17 * 60)
    assert trips("clock.dinner") == [usual, short, long, usual]
    before, after = (3, 6 * 60 - 1, 18 * 60), (3, 6 * 60, 18 * 60)
    assert trips("quarter.day") == [usual, before, after, (3, 9 * 60, 18 * 60 - 1), usual]


def test_facts_that_nobody_needs_are_not_told() -> None:
    """What no example of a rule gives and the rule does not demand is not told as missing."""
    policy = load_policy(ROOT / "examples" / "policies" / "de-meals.toml")
    found = by_rule(policy)
    for example in found["meals.full"]:
        assert not {"workplace_since", "break_began"} & dict(example.shown).keys()
    shown = [dict(example.shown) for example in found["meals.three_months"]]
    assert all("break_began" not in facts and "date" in facts for facts in shown)
    days = [facts["workplace_since"] for facts in shown[1:]]
    assert days == [date(2026, 9, 5), date(2026, 9, 4)]
    (_, missing) = found["mileage.complete"]
    assert dict(missing.shown)["distance"] is None


def test_what_a_line_is_due_is_told_with_what_it_depends_on() -> None:
    """Beside another rule's word the facts stand that the amount is computed from."""
    policy = load_policy(ROOT / "examples" / "policies" / "uk-mileage.toml")
    inside, outside = by_rule(policy)["mileage.seats"]
    for example in (inside, outside):
        assert "business miles driven: 100 miles" in situation_words(policy, example, "en")
    abroad = load_policy(ROOT / "examples" / "policies" / "us-per-diem.toml")
    assert all(TRIP in dict(example.shown) for example in by_rule(abroad)["abroad.rate"])


def test_what_a_rule_requires_is_told_where_it_is_met() -> None:
    """Where everything else only keeps a rule from applying, an example meets it."""
    policy = load_policy(ROOT / "examples" / "policies" / "us-company.toml")
    inside, outside = by_rule(policy)["flight.business"]
    facts = dict(inside.shown)
    assert (facts["travel_class"], facts["grade"]) == ("business", "vice_president")
    assert (facts["flight_hours"], dict(outside.shown)["flight_hours"]) == (80, 79)
    earlier = load_policy(ROOT / "examples" / "policies" / "us-per-diem-earlier.toml")
    met, other = (dict(example.shown) for example in by_rule(earlier)["per_diem.tier"])
    assert met["date"] == other["date"] == date(2013, 9, 22)
    assert met["tier"] != other["tier"]


def test_examples_are_of_the_time_in_which_figures_were_checked() -> None:
    """A policy without a calendar has examples of days on which its figures are known to hold."""
    policy = load_policy(ROOT / "examples" / "policies" / "cn-central-travel.toml")
    checked = date(2026, 11, 24)
    for example in examples_of(Evaluator(policy)):
        assert line(example).date > checked


def test_an_allowance_across_a_band() -> None:
    """A scale is shown in its first band, across the next, and for another word."""
    policy = load_policy(ROOT / "examples" / "policies" / "uk-mileage.toml")
    found = by_rule(policy)
    first, across = found["mileage.car"]
    (motorcycle,) = found["mileage.motorcycle"]
    before = ["9,950 miles" in "".join(situation_words(policy, e, "en")) for e in (first, across)]
    assert before == [False, True]
    due = [e.decision.allowed.minor for e in (first, across, motorcycle)]
    assert due == [4500, 3500, 2400]
    (both,) = found["mileage.passengers"]
    assert reasons_words(policy, both, "en") == ["passengers: 10 GBP", "mileage: 45 GBP"]


def test_a_figure_is_told_by_what_it_comes_to() -> None:
    """The example of a measure ends in its figure, not in what becomes of the claim."""
    policy = load_policy(ROOT / "examples" / "policies" / "cn-vouchers-tax.toml")
    found = by_rule(policy)
    (rail,) = found["vat.rail"]
    assert line(rail).date.isoformat() == "2025-09-30"
    assert outcome_words(policy, rail, "zh") == "铁路客运进项税额：16.51 元"
    (deductible,) = found["entertainment.deductible"]
    assert situation_words(policy, deductible, "en") == [
        "Entertainment: 1 line of 200 CNY",
        "sales revenue of the year: 1,000,000 CNY",
    ]
    assert outcome_words(policy, deductible, "en") == (
        "Deductible entertainment of the year: 120 CNY"
    )


def test_the_day_on_which_a_word_changed() -> None:
    """A rule that turns on a day has the day before and the day itself."""
    policy = load_policy(ROOT / "examples" / "policies" / "cn-vouchers-tax.toml")
    other, before, outside = by_rule(policy)["rail.paper"]
    assert [line(e).date.isoformat() for e in (before, outside)] == ["2025-09-30", "2025-10-01"]
    assert other.differs == "voucher_kind"


def test_neighbouring_days() -> None:
    """Where a rule turns on a date, the two days stand side by side."""
    company = load_policy(ROOT / "examples" / "policies" / "cn-company.toml")
    on_trip, friday, saturday = by_rule(company)["entertainment.rest_day"]
    assert [line(e).date.weekday() for e in (friday, saturday)] == [4, 5]
    assert situation_words(company, on_trip, "zh")[-1] == "出差期间"
    assert situation_words(company, saturday, "en")[-1] == "not on a trip"


def test_working_days_after_a_return() -> None:
    """A deadline in working days after a trip has an example on each side of it."""
    policy = load_policy(ROOT / "examples" / "policies" / "cn-company.toml")
    *_, inside, outside = by_rule(policy)["deadline.settle"]
    ages = [(e.facts.claim.submitted.date() - line(e).date).days for e in (inside, outside)]
    assert ages == [8, 9]


def test_a_wrong_number_lacks_a_digit() -> None:
    """A number of the wrong form is a right one that lost its last digit."""
    policy = load_policy(ROOT / "examples" / "policies" / "cn-vouchers-tax.toml")
    _, outside = by_rule(policy)["voucher.number"]
    assert outside.facts.vouchers[0].number == "1" * 19


def test_a_place_that_no_table_knows() -> None:
    """A place beyond the table is told as such."""
    policy = load_policy(ROOT / "examples" / "policies" / "cn-central-travel.toml")
    _, outside = by_rule(policy)["lodging.listed"]
    assert "city: Elsewhere (in no table)" in situation_words(policy, outside, "en")
    assert "城市：Elsewhere（表中未列）" in situation_words(policy, outside, "zh")


def test_free_text_of_no_length_is_only_given() -> None:
    """Where a rule only asks for a text, its length is not told."""
    policy = load_policy(ROOT / "examples" / "policies" / "us-company.toml")
    inside, _ = by_rule(policy)["client.complete"]
    assert "purpose: given" in situation_words(policy, inside, "en")
    assert "用途：已填写" in situation_words(policy, inside, "zh")


def test_a_rule_that_asks_for_much_at_once_is_found_by_its_words() -> None:
    """Grade, city and season together are read off the rule's own words."""
    policy = load_policy(ROOT / "examples" / "policies" / "cn-central-travel.toml")
    *_, outside = by_rule(policy)["lodging.misprint"]
    assert (line(outside).city, line(outside).date.month) == ("Harbin", 7)
    assert outside.facts.person is not None
    assert outside.facts.person.grade == "middle"


HINTS: Final = (
    ("amount > 5", [{"amount": 501}]),
    ("amount <= 5", [{"amount": 500}]),
    ("not (amount <= 5)", [{"amount": 501}]),
    ("amount < 5", [{"amount": 499}]),
    ("amount != 5", []),
    ("amount > claim_total", []),
    ("default(nights, 0) >= 3", [{"nights": 3}]),
    ("kind != 'b'", [{"date": date(2026, 1, 31)}]),
    ("sort[category] == kind", [
        {"category": "meal", "date": date(2026, 1, 31)},
        {"category": "book", "date": date(2026, 3, 3)},
    ]),
    ("sort[category] != kind", []),
    ("present(purpose) and length(purpose) == 3", []),
    ("is_credit and not pre_approved", [{"is_credit": True, "pre_approved": False}]),
    ("default(payment, 'card') == 'cash'", [{"payment": "cash"}]),
    ("category in ('meal', 'book')", [{"category": "book"}, {"category": "meal"}]),
    ("category == 'meal' and category == 'book'", []),
    ("category != 'meal'", [{"category": "book"}]),
    ("month(date) == '2'", [{"date": date(2027, 2, 15)}]),
    ("month(submitted) == '2'", []),
    ("sort[category] == 'b'", [{"category": "book"}]),
    ("pair[category, sort[category]] == 'a'", [{"category": "book"}]),
    ("kind == 'a'", [{"date": date(2026, 1, 31)}]),
    ("kind == 'b'", [{"date": date(2026, 3, 3)}]),
)  # fmt: skip


@pytest.mark.parametrize(("condition", "expected"), HINTS)
def test_what_words_hint_at(condition: str, expected: list[dict[str, object]]) -> None:
    """Words, months, tables and words that changed give facts; what says otherwise gives none."""
    policy = parse_policy(
        HEAD
        + 'book = { name = { en = "Books", zh = "书" } }\n'
        + '[choices]\nsorts = ["a", "b"]\n'
        + '[parameter.sort]\ntype = "sorts"\nkeys = ["category"]\n'
        + 'values = [{ from = 2026-01-01, table = [["meal", "a"], ["book", "b"]] }]\n'
        + '[parameter.pair]\ntype = "sorts"\nkeys = ["category", "sorts"]\n'
        + 'values = [{ from = 2026-01-01, table = [["meal", "b", "a"], ["book", "b", "a"]], '
        + 'else = "b" }]\n'
        + '[parameter.kind]\ntype = "sorts"\n'
        + 'values = [{ from = 2026-01-01, is = "a" }, { from = 2026-02-01, is = "b" }]\n'
        + '[[rule]]\ncode = "x"\ntitle = { en = "X", zh = "某" }\nkind = "flag"\n'
        + f'that = "{condition}"'
    )
    assert list(hints(policy, policy.rules[0], date(2026, 3, 3))) == expected


def test_an_allowance_has_few_examples() -> None:
    """Of many words that give different amounts, only some are shown."""
    more = (
        '[choices]\nsize = ["a", "b", "c", "d", "e"]\n[fact.size]\n'
        'name = { en = "Size", zh = "大小" }\ntype = "size"\n'
        '[parameter.rate]\ntype = "money"\nkeys = ["size"]\n[[parameter.rate.values]]\n'
        'from = 2026-01-01\ntable = [["a", 1], ["b", 2], ["c", 3], ["d", 4], ["e", 5]]'
    )
    found = of_one('kind = "allow"\nwhen = "present(size)"\ngives = "rate[size]"', more)
    assert [example.decision.allowed.minor for example in found] == [100, 200]


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_figure_is_absurd(path: Path) -> None:
    """No example has a figure below zero, but for a refund, nor a text that reads as missing."""
    policy = load_policy(path)
    for example in examples_of(Evaluator(policy)):
        rule = policy.rule(example.rule)
        assert rule is not None
        for name, value in example.shown:
            assert value not in ("—", "")
            is_known = name == "age_days" or "is_credit" in rule.reads
            assert is_known or not isinstance(value, int) or value >= 0
            assert name not in ("allowed", "entitled", "claim_allowed")


def test_another_rule_is_silenced() -> None:
    """Where a rule on every category would decide, its facts are chosen so that it does not."""
    more = """
[[rule]]
code = "y"
kind = "require"
title = { en = "Y", zh = "乙" }
when = "amount > 500"
that = "present(attendees) and attendees > 15"
"""
    examples = of_one('kind = "flag"\nthat = "amount > 1000"', more)
    for example in examples:
        codes = [f.code for line in example.decision.lines for f in line.findings]
        assert set(codes) <= {"x"}
