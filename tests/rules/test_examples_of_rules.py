"""Worked examples stand at the boundaries of rules, and `run` decides them as they say."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.core.decision import Decision, Outcome
from crm_expenses.core.facts import Facts
from crm_expenses.messages import LANGUAGES
from crm_expenses.policyfile import load_policy, parse_policy
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.examples import (
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
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.policy import Policy

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
POLICIES: Final = (
    HERE / "wording" / "everything.toml",
    ROOT / "examples" / "crm-sales" / "policy.toml",
    ROOT / "examples" / "chamber" / "policy.toml",
    ROOT / "src" / "crm_expenses" / "demo" / "policy.toml",
    *sorted((HERE / "scenarios" / "policies").glob("*.toml")),
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
    condition = " and ".join(f"default(f{n}, 1) == 987654" for n in range(20))
    policy = parse_policy(
        f'{HEAD}\n{facts}\n[[rule]]\ncode = "x"\ntitle = {{ en = "X", zh = "某" }}\n'
        f'kind = "forbid"\nthat = "{condition}"'
    )
    counting = Counting(policy)
    assert examples_of(counting) == ()
    bound = CATEGORIES_MAX * (TRIES_MAX + MENDED_MAX)
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
        "number of people: 4",
    ]
    assert situation_words(policy, outside, "zh") == ["招待，300.01 美元", "参加人数：4 人"]
    assert result_words(policy, outside.decision, "en") == "A reason is needed; without one 300 USD"
    assert result_words(policy, outside.decision, "zh") == "须说明理由；不说明则为 300 美元"
    (reason,) = reasons_words(policy, outside, "en")
    assert reason.startswith("Entertainment per head: 300.01 is over the limit of 300.00")


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
                if example.side is not Side.INSIDE:
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
    ("lunch == 'none'", "a trip of 2 calendar days", "every meal provided by the employer"),
    ("night != 'private'", "a trip of 2 calendar days", "the nights in a private place"),
    ("minutes_away <= 600", "a trip from 08:00 to 18:01 on one day (10 hours 1 minute)", ""),
    ("trip_days <= 5", "a trip of 6 calendar days", ""),
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


GIVEN: Final = f"""{HEAD}
[component.food]
name = {{ en = "Food", zh = "伙食" }}
[fact.rate]
name = {{ en = "rate", zh = "标准" }}
type = "money"
[value.is_due]
name = {{ en = "due", zh = "应得" }}
scope = "day"
gives = "CONDITION"
[[rule]]
code = "x"
kind = "allow"
scope = "SCOPE"
component = "food"
title = {{ en = "X", zh = "某" }}
when = "WHEN"
gives = "GIVES"
[parameter.flat]
type = "money"
values = [{{ from = 2026-01-01, is = 28 }}]
"""
DUE: Final = (
    ("minutes_away > hours(8)", ["08:00 to 16:00", "08:00 to 16:01"], [0, 2800]),
    ("default(leaves_at, 0) < at('12:00')", ["left at 11:59", "left at 12:00"], [5600, 2800]),
    ("day_kind == 'full'", ["on one day", "3 calendar days"], [0, 2800]),
)


@pytest.mark.parametrize("is_summed", [False, True])
@pytest.mark.parametrize(("condition", "trips", "allowed"), DUE)
def test_allowances_stand_at_their_lengths(
    condition: str,
    trips: list[str],
    allowed: list[int],
    is_summed: bool,  # noqa: FBT001  a parameter of the test
) -> None:
    """An allowance is told on both sides of a length, a time and a kind of day, if named, too."""
    text = GIVEN.replace("CONDITION", condition)
    if is_summed:
        gives, when, scope = "flat * number(count_of(is_due))", "present(trip)", "line"
    else:
        gives, when, scope = "flat", "is_due", "day"
    text = text.replace("GIVES", gives).replace("WHEN", when).replace("SCOPE", scope)
    policy = parse_policy(text)
    examples = by_rule(policy)["x"][:2]
    told = {
        "; ".join(situation_words(policy, example, "en")): example.decision.allowed.minor
        for example in examples
    }
    assert all(words.startswith("Meals; a trip") for words in told)
    for trip, amount in zip(trips, allowed, strict=True):
        assert [paid for words, paid in told.items() if trip in words] == [amount]
    paid = next(e for e in examples if e.decision.allowed.minor)
    assert any(part.startswith("Food: ") for part in reasons_words(policy, paid, "en"))


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


def test_a_figure_is_what_its_example_says() -> None:
    """The example of a measure says what the figure comes to, and not what is allowed."""
    (example,) = of_one('kind = "measure"\ngives = "round(amount * 0.07, 0.01, half_up)"')
    policy = parse_policy(
        f'{HEAD}\n[[rule]]\ncode = "x"\ntitle = {{ en = "X", zh = "某" }}\n'
        'kind = "measure"\ngives = "round(amount * 0.07, 0.01, half_up)"'
    )
    assert outcome_words(policy, example, "en") == "X: 0.70 CNY"
    assert outcome_words(policy, example, "zh") == "X: 0.70 元".replace("X: ", "某：")


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
