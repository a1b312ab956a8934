"""The laws of combining rules, on trivial rules: each effect, always, never, or failing.

On rich policies and claims the same laws are held by `rules/test_drawn_laws.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.decision import Decision, LineDecision, Outcome
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.record import canonical
from crm_expenses.core.waiver import Waiver
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.evaluate import Evaluator

HEAD: Final = """
[policy]
id = "trivial"
version = "1"
language = 1
currency = "CNY"
title = { en = "T", zh = "T" }
[category]
meal = { name = { en = "M", zh = "M" } }
taxi = { name = { en = "T", zh = "T" } }
"""
CAPS: Final = {"cap_0": "0", "cap_50": "50", "cap_200": "200", "cap_huge": "9000000"}
FIRST: Final = date(2026, 3, 1)
LATER: Final = date(2100, 1, 1)
EFFECTS: Final = {
    "limit": ("note", "cap", "justify", "review", "reject"),
    "require": ("note", "justify", "review", "reject"),
    "forbid": ("note", "justify", "review", "reject"),
    "flag": ("note", "review"),
}
STAGES: Final = {
    "": "",
    "day": 'period = "day"',
    "trip": 'period = "trip"\nwhen = "present(trip)"',
    "week": 'period = "week"',
    "month": 'period = "month"',
    "any 60 days": 'period = "rolling"\ndays = 60',
    "year": 'period = "year"\nyear_starts = "03-03"',
    "spell": 'period = "spell"\ngap_days = 1',
    "all time": 'period = "all_time"',
}
"""Short to long; a rule without a window judges the single line."""

AFTER_ALL: Final = len(STAGES)
"""When a rule on the whole claim is judged."""

Steps = Mapping[str, Sequence[tuple[date, str]]]


@dataclass(frozen=True)
class Trivial:
    """A rule without sense: `holds` is yes, no or fails; a limit has its cap instead."""

    kind: str
    effect: str
    holds: str
    cap: str
    stage: str
    counts: str
    on: str
    scope: str

    @property
    def place(self) -> int:
        """Its place in the order of stages."""
        return AFTER_ALL if self.scope == "claim" else list(STAGES).index(self.stage)

    def toml(self, code: str) -> str:
        """Write the rule."""
        fails = self.holds == "fails"
        lines = [
            "[[rule]]",
            f'code = "{code}"',
            f'kind = "{self.kind}"',
            f'effect = "{self.effect}"',
            f'scope = "{self.scope}"',
            'title = { en = "R", zh = "R" }',
        ]
        if self.on:
            lines.append(f'on = ["{self.on}"]')
        if self.kind != "limit":
            amount = "claim_total" if self.scope == "claim" else "amount"
            truth = {"yes": f"{amount} > -cap_huge", "no": f"{amount} < -cap_huge"}
            lines.append(f'that = "{truth.get(self.holds, f"{amount} > cap_later")}"')
            return "\n".join(lines)
        lines.append(f'at_most = "{"cap_later" if fails else self.cap}"')
        if self.stage:
            lines += ['per = ["person"]', STAGES[self.stage], f'counts = "{self.counts}"']
        return "\n".join(lines)


def written(rules: Sequence[tuple[str, Trivial]], caps: Steps | None = None) -> str:
    """Write a policy of coded rules; `caps` are the steps of each parameter by date."""
    steps = {name: [(FIRST - timedelta(days=400), value)] for name, value in CAPS.items()}
    steps["cap_later"] = [(LATER, "1")]
    text = [HEAD]
    for name, values in (steps | dict(caps or {})).items():
        held = ", ".join(f"{{ from = {day}, is = {value} }}" for day, value in values)
        text.append(f'[parameter.{name}]\ntype = "money"\nvalues = [{held}]')
    return "\n".join([*text, *(rule.toml(code) for code, rule in rules)])


@cache
def ready(text: str) -> Evaluator:
    """Make a policy ready to decide."""
    return Evaluator(parse_policy(text))


def coded(rules: Sequence[Trivial]) -> list[tuple[str, Trivial]]:
    """Give each rule its code."""
    return [(f"r{number}", rule) for number, rule in enumerate(rules)]


def trivial_rules() -> st.SearchStrategy[Trivial]:
    """Draw a rule of any kind, effect, truth and stage; every other one is a limit."""
    return st.sampled_from(("limit", "limit", *EFFECTS)).flatmap(
        lambda kind: st.builds(
            Trivial,
            kind=st.just(kind),
            effect=st.sampled_from(EFFECTS[kind]),
            holds=st.sampled_from(("yes", "no", "fails")),
            cap=st.sampled_from(("cap_0", "cap_50", "cap_200", "cap_huge")),
            stage=st.sampled_from(list(STAGES)) if kind == "limit" else st.just(""),
            counts=st.sampled_from(("allowed", "eligible")),
            on=st.sampled_from(("", "meal")),
            scope=st.just("line"),
        ).flatmap(lambda rule: st.sampled_from(_scopes(rule)))
    )


def _scopes(rule: Trivial) -> tuple[Trivial, ...]:
    """Give the rule on lines and, where its kind may look at it, on the whole claim."""
    whole = replace(rule, scope="claim", on="")
    return (rule,) if rule.kind == "limit" else (rule, rule, whole)


def claim_facts(least: int = -10_000) -> st.SearchStrategy[Facts]:
    """Draw a claim of one person with a few lines on a few days."""
    edges = st.sampled_from((0, 5_000, 5_001, 20_000, 20_001))
    parts = st.builds(
        ExpenseLine,
        id=st.just(""),
        claim=st.just("C"),
        date=st.integers(0, 4).map(lambda n: FIRST + timedelta(days=n)),
        category=st.sampled_from(("meal", "meal", "taxi", "taxi", "unknown")),
        amount=st.builds(Money, st.integers(least, 30_000) | edges, st.sampled_from(CURRENCIES)),
        justification=st.sampled_from(("", "x")),
        trip=st.sampled_from(("", "T")),
    )

    def made(drawn: list[ExpenseLine], waived: str) -> Facts:
        lines = tuple(replace(line, id=f"L{n}") for n, line in enumerate(drawn))
        waiver = Waiver("W", waived, "q", LATER, person="p")
        return Facts(
            Claim("C", "p", datetime(2026, 3, 20, tzinfo=UTC)),
            lines,
            PERSON,
            waivers=(waiver,) if waived else (),
        )

    waived = st.sampled_from(("", "", "r0", "r1"))
    return st.builds(made, st.lists(parts, min_size=1, max_size=3), waived)


CURRENCIES: Final = ("CNY",) * 9 + ("USD",)
"""For one of them no rate is known."""


PERSON: Final = AccountManager("p", "P", grade="1", team="East")
RULES: Final = st.lists(trivial_rules(), min_size=1, max_size=6)
few = settings(max_examples=30, deadline=None)


def said(decision: Decision) -> list[tuple[object, ...]]:
    """Give what a decision says of each line, without what names the policy."""
    return [
        (line.line, line.outcome, line.claimed, line.allowed, line.findings)
        for line in decision.lines
    ]


@few
@given(RULES.flatmap(lambda r: st.tuples(st.just(r), st.permutations(coded(r)))), claim_facts())
def test_the_order_of_rules_does_not_matter(
    case: tuple[list[Trivial], list[tuple[str, Trivial]]], facts: Facts
) -> None:
    """The same rules in another order say the same of every line, and carry the same."""
    rules, shuffled = case
    one = ready(written(coded(rules))).decide(facts)
    other = ready(written(shuffled)).decide(facts)
    assert said(one) == said(other)
    assert (one.outcome, one.allowed, one.carries) == (other.outcome, other.allowed, other.carries)


@few
@given(RULES.flatmap(lambda r: st.tuples(st.just(r), st.permutations(r))), claim_facts())
def test_the_codes_of_rules_do_not_matter(
    case: tuple[list[Trivial], list[Trivial]], facts: Facts
) -> None:
    """The same rules under each other's codes allow the same and end the same."""
    rules, renamed = case
    facts = replace(facts, waivers=())  # a waiver is for one code
    one = ready(written(coded(rules))).decide(facts)
    other = ready(written(coded(renamed))).decide(facts)
    assert [(line.outcome, line.allowed) for line in one.lines] == [
        (line.outcome, line.allowed) for line in other.lines
    ]


@few
@given(RULES, st.data(), claim_facts())
def test_saying_it_twice_changes_nothing(
    rules: list[Trivial], data: st.DataObject, facts: Facts
) -> None:
    """A rule that stands twice, under two codes, decides as it does alone."""
    again = data.draw(st.sampled_from(rules))
    facts = replace(facts, waivers=())
    one = ready(written(coded(rules))).decide(facts)
    other = ready(written([*coded(rules), ("again", again)])).decide(facts)
    assert [(line.outcome, line.allowed) for line in one.lines] == [
        (line.outcome, line.allowed) for line in other.lines
    ]


@few
@given(RULES, trivial_rules(), st.sampled_from(("a", "z")), claim_facts())
def test_one_more_rule_never_helps(
    rules: list[Trivial], more: Trivial, code: str, facts: Facts
) -> None:
    """A further rule removes no finding of its own or a shorter stage, and raises no amount."""
    kept = [pair for pair in coded(rules) if pair[1].place <= more.place]
    without = ready(written(kept)).decide(facts)
    with_it = ready(written([*kept, (code, more)])).decide(facts)
    for before, after in zip(without.lines, with_it.lines, strict=True):
        assert set(after.findings) >= set(before.findings) - uncovered(before)
        assert after.allowed <= before.allowed
    assert set(with_it.findings) >= set(without.findings)
    assert with_it.allowed <= without.allowed


def uncovered(line: LineDecision) -> set[object]:
    """Give the finding that no rule is on the line's category: the one that a rule takes away."""
    return {finding for finding in line.findings if finding.code == "scope.uncovered"}


@few
@given(RULES, claim_facts())
def test_a_rule_that_fails_sends_to_a_person(rules: list[Trivial], facts: Facts) -> None:
    """Where a rule cannot be computed, its line is for review at least, and the rule is named."""
    failing = replace(rules[0], holds="fails", on="")
    failing = replace(failing, stage="" if failing.stage == "trip" else failing.stage)
    decision = ready(written([*coded(rules), ("failing", failing)])).decide(facts)
    assert decision.outcome.rank >= Outcome.REVIEW.rank
    is_whole = failing.scope == "claim"
    for line in decision.lines:
        assert line.outcome.rank >= Outcome.REVIEW.rank or is_whole
        named = [finding for finding in line.findings if finding.code == "failing"]
        assert len(named) == (line.claimed is not None and not is_whole)
        for finding in named + [f for f in decision.findings if f.code == "failing"]:
            assert finding.failed
            assert finding.effect is Effect.REVIEW
    is_named = any(finding.code == "failing" for finding in decision.findings)
    assert is_named is is_whole


@few
@given(RULES, claim_facts())
def test_no_more_than_claimed(rules: list[Trivial], facts: Facts) -> None:
    """Nothing is allowed that was not claimed, and a refund stays a refund."""
    decision = ready(written(coded(rules))).decide(facts)
    for line in decision.lines:
        claimed = line.claimed.minor if line.claimed is not None else 0
        assert min(0, claimed) <= line.allowed.minor <= claimed
        assert line.claimed is not None or line.outcome.rank >= Outcome.REVIEW.rank
        assert line.outcome is not Outcome.REJECT or line.allowed.minor <= 0


@few
@given(RULES, claim_facts())
def test_equal_facts_give_equal_bytes(rules: list[Trivial], facts: Facts) -> None:
    """The same policy, read anew, decides the same facts to the same bytes."""
    text = written(coded(rules))
    one = ready(text).decide(facts)
    other = Evaluator(parse_policy(text)).decide(replace(facts, windows=dict(facts.windows)))
    assert canonical(one) == canonical(other)
    assert one == other


def history(text: str, claims: Sequence[Facts]) -> list[Decision]:
    """Decide claims one after the other, each with what the earlier ones carry."""
    used: dict[str, int] = {}
    decisions = []
    for facts in claims:
        decision = ready(text).decide(replace(facts, windows=dict(used)))
        for carry in decision.carries:
            used[carry.window] = used.get(carry.window, 0) + carry.amount
        decisions.append(decision)
    return decisions


@few
@given(
    st.lists(trivial_rules().filter(lambda rule: rule.holds != "fails"), min_size=1, max_size=4),
    st.lists(claim_facts(), min_size=1, max_size=5),
    st.integers(1, 5),
    st.sampled_from(("cap_50", "cap_200")),
)
def test_a_changed_value_leaves_the_past(
    rules: list[Trivial], claims: list[Facts], day: int, changed: str
) -> None:
    """A value changed from a day on leaves every claim received before a line of that day on."""
    rules = [replace(rule, cap=changed) for rule in rules]
    start = FIRST + timedelta(days=day)
    old = (FIRST - timedelta(days=400), CAPS[changed])
    before = history(written(coded(rules)), claims)
    after = history(written(coded(rules), {changed: [old, (start, "10")]}), claims)
    for facts, one, other in zip(claims, before, after, strict=True):
        if any(line.date >= start for line in facts.lines):
            break
        assert said(one) == said(other)
        assert one.carries == other.carries


FIXED: Final = ("day", "trip", "week", "month", "year", "all time")
"""The stages whose windows do not overlap."""


@few
@given(st.lists(claim_facts(least=0), min_size=1, max_size=6), st.sampled_from(FIXED))
def test_a_window_is_never_overfilled(claims: list[Facts], stage: str) -> None:
    """Over a whole history a cap of a period leaves no more than the cap in each of its periods."""
    rule = Trivial("limit", "cap", "yes", "cap_200", stage, "allowed", "", "line")
    claims = [replace(facts, waivers=()) for facts in claims]
    totals: dict[str, int] = {}
    for decision in history(written(coded([rule])), claims):
        allowed = {line.line: line.allowed.minor for line in decision.lines}
        for carry in decision.carries:
            assert carry.amount == allowed[carry.line]
            totals[carry.window] = totals.get(carry.window, 0) + carry.amount
    assert all(total <= 20_000 for total in totals.values())


def test_500_a_day_against_100_a_day_uses_up_100_of_the_month() -> None:
    """The longer window counts what the shorter one left (policy language, stages)."""
    day = Trivial("limit", "cap", "yes", "cap_50", "day", "allowed", "", "line")
    month = Trivial("limit", "cap", "yes", "cap_200", "month", "allowed", "", "line")
    claim = Claim("C", "p", datetime(2026, 3, 20, tzinfo=UTC))
    lines = tuple(
        ExpenseLine(f"L{n}", "C", FIRST + timedelta(days=n), "meal", Money(50_000, "CNY"))
        for n in range(5)
    )
    decision = ready(written([("day", day), ("month", month)])).decide(Facts(claim, lines, PERSON))
    assert [line.allowed.minor for line in decision.lines] == [5_000, 5_000, 5_000, 5_000, 0]
    months = [carry.amount for carry in decision.carries if carry.rule == "month"]
    assert months == [5_000, 5_000, 5_000, 5_000, 0]
