"""The fast path says what the judge says: of any policy and any claim, to the byte."""

from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Final

import pytest
from drawn import Drawn, coded, rules, written
from drawn import ready as ready_drawn
from drawn_claims import decided, histories
from hypothesis import given, settings
from hypothesis import strategies as st
from marked import HEAD, facts, rule
from test_evaluate_laws import POLICIES, ready, whole_facts

from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.record import canonical
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.claim_context import ClaimContext
from crm_expenses.rules.evaluate import Evaluator


def without_fast(evaluator: Evaluator) -> Evaluator:
    """Make the same evaluator with the judge alone."""
    slow = Evaluator(evaluator.policy)
    for plan in (*slow._plans.values(), slow._elsewhere):
        plan.fast = None
    return slow


SLOW: Final = {text: without_fast(ready(text)) for text in POLICIES.values()}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(POLICIES.values())), whole_facts())
def test_fast_and_slow_agree(text: str, given: Facts) -> None:
    """One path or the other, the decision has the same bytes."""
    assert canonical(ready(text).decide(given)) == canonical(SLOW[text].decide(given))


def _agree(drawn: list[Drawn], claims: list[Facts]) -> None:
    """Compare what is decided with what the judge alone says, who tells of every word."""
    evaluator = ready_drawn(written(coded(drawn)))
    for claim, decision in decided(evaluator, claims):
        judged, _ = evaluator.trace(claim)
        assert canonical(decision) == canonical(judged)


@settings(max_examples=120, deadline=None)
@given(rules(), histories())
def test_drawn_policies_agree(drawn: list[Drawn], claims: list[Facts]) -> None:
    """Of any policy and claims: findings, evidence, amounts and carries are the judge's."""
    _agree(drawn, claims)


@pytest.mark.slow
@pytest.mark.timeout(1_200)
@settings(max_examples=8_000, deadline=None)
@given(rules(), histories())
def test_drawn_policies_in_a_long_sweep(drawn: list[Drawn], claims: list[Facts]) -> None:
    """The two agree on some thousands of policies, too."""
    _agree(drawn, claims)


GUARDED: Final = [
    "tier_of[default(city, '')] == '2'",
    "tier_of[city if present(city) else ''] != '2'",
    "days_between(default(voucher_date, date), date) == 0",
]
"""What has a value without the fact that it reads."""


@pytest.mark.parametrize("that", GUARDED)
def test_what_guards_itself_may_stand_in_two_rules(that: str) -> None:
    """What several rules compute alike has its value where the fact is absent, too."""
    evaluator = Evaluator(parse_policy(HEAD + rule(that, code="one") + rule(that, code="two")))
    decision = evaluator.decide(facts({}), digest=False)
    assert canonical(decision) == canonical(evaluator.trace(facts({}))[0])
    assert len(decision.lines[0].findings) == (2 if "!=" in that else 0)


EXPRESSIONS: Final = [
    "amount > 100",
    "is_weekend(date) and amount > 100",
    "present(nights) and amount > nightly[grade, tier_of[city if present(city) else '']] * nights",
    "present(city) and tier_of[city] == '1'",
    "days_between(date, submitted) > 5",
    "present(purpose) and length(purpose) > 3",
    "category == 'meal' and default(nights, 1) > 2",
    "voucher_uses_before > 0",
    "divide(amount, amount - 100, 0.01, half_up) > 2",
    "present(distance) and distance > 10.5",
    "claim_total > 1000",
    "claim_lines > 1",
    "is_working_day(date) or grade == 'senior'",
    "add_days(date, 4000000) > date",
]


@pytest.mark.parametrize(("first", "second"), list(combinations(EXPRESSIONS, 2)))
def test_pairs_of_rules_agree(first: str, second: str) -> None:
    """Rules that share what they look up, on lines with and without what they need."""
    text = HEAD + rule(first, code="one") + rule(second, code="two")
    evaluator = Evaluator(parse_policy(text))
    slow = without_fast(evaluator)
    for line in (
        {"amount": "1234.50"},
        {"amount": "100", "nights": 3, "city": "北京"},
        {"amount": "-5", "nights": 1, "city": "?", "purpose": "拜访客户"},
        {"amount": "101", "distance": Decimal("10.7"), "date": date(2026, 3, 7)},
        {"amount": Money(10100, "EUR")},
    ):
        made = facts(dict(line))
        assert canonical(evaluator.decide(made)) == canonical(slow.decide(made))


def test_the_fast_path_is_taken() -> None:
    """A plain line goes the fast way: nothing in it raises, and its findings are the judge's."""
    text = HEAD + rule("amount > 10 and not is_weekend(date)", code="one")
    evaluator = Evaluator(parse_policy(text))
    made = facts({"amount": "50"})
    assert not evaluator.decide(made).findings
    plan = evaluator._plans["meal"]
    assert plan.fast is not None
    decided = plan.fast(ClaimContext(made, "CNY"), made.lines[0], {}, [])
    assert decided is not None
    assert decided.allowed.minor == 5000


def test_a_condition_that_fails_is_told_where_the_category_settles_the_rest() -> None:
    """A rule that says nothing of a category asks its condition all the same."""
    text = HEAD + rule("category != 'lodging'", code="one", when="amount > plain")
    evaluator = Evaluator(parse_policy(text))
    given = facts({"date": date(2025, 12, 1)})
    decision = evaluator.decide(given, digest=False)
    assert canonical(decision) == canonical(evaluator.trace(given)[0])
    assert [found.code for found in decision.lines[0].findings] == ["one"]
