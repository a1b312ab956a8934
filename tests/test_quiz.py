"""Quiz questions: drawn from a policy, repeatable, and every answer is what `run` decides."""

from collections import Counter
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.core.decision import Outcome
from crm_expenses.core.finding import Effect
from crm_expenses.messages import LANGUAGES
from crm_expenses.policyfile import load_policy, parse_policy
from crm_expenses.quiz import COUNT, Question, questions, quiz_json, quiz_text
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.examples import Side
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.phrase import Phrases
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.prose import amount_words

ROOT: Final = Path(__file__).resolve().parents[1]
POLICIES: Final = {
    path.parent.name: load_policy(path)
    for path in (
        ROOT / "tests" / "rules" / "wording" / "everything.toml",
        ROOT / "src" / "crm_expenses" / "demo" / "policy.toml",
        ROOT / "examples" / "crm-sales" / "policy.toml",
        ROOT / "examples" / "chamber" / "policy.toml",
    )
}
OPTION: Final = {
    Outcome.PASS: ("It is paid in full", "It is paid as the allowance says"),
    Outcome.REDUCED: ("Only a part of it is paid",),
    Outcome.JUSTIFY: ("A reason must be given first",),
    Outcome.REVIEW: ("A person reviews it",),
    Outcome.REJECT: ("It is not paid",),
}
SILENT: Final = """
[policy]
id = "silent"
version = "1"
language = 1
currency = "CNY"
title = { en = "Silent", zh = "无" }
[category]
meal = { name = { en = "Meals", zh = "餐费" } }
"""


def is_right(policy: Policy, question: Question) -> bool:
    """Say whether the answer is what the policy decides, by deciding the claim anew."""
    decision = Evaluator(policy).decide(question.example.facts, digest=False)
    said = question.right.text["en"]
    if question.asked["en"].startswith("How much is “"):
        rule = policy.rule(question.rule)
        assert rule is not None
        lines = [figure for line in decision.lines for figure in line.measures]
        (own,) = (f for f in (*decision.measures, *lines) if f.code == question.rule)
        raw = int(own.value.replace(".", ""))
        return said == Phrases(policy, "en").quantity(raw, rule.main.type)
    if question.asked["en"] == "How much is paid?":
        return said == amount_words(policy, decision.allowed.minor, "en")
    return said in OPTION[decision.outcome]


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(sorted(POLICIES)), st.integers(0, 10**6))
def test_every_answer_is_what_run_decides(name: str, seed: int) -> None:
    """Whatever the seed, each answer marked as right is what the claim, decided anew, gives."""
    policy = POLICIES[name]
    for question in questions(policy, seed=seed, count=60):
        assert is_right(policy, question)
        others = [o.text["en"] for o in question.options if o.key != question.answer]
        assert question.right.text["en"] not in others
        assert len(set(others)) == len(others) >= 1


def test_the_same_seed_gives_the_same_questions() -> None:
    """Seed and count settle the questions; another seed gives others."""
    policy = POLICIES["demo"]
    first, again, other = (questions(policy, seed=seed) for seed in (7, 7, 8))
    assert first == again
    assert first != other
    assert len(first) == COUNT


def test_the_rules_take_turns() -> None:
    """As many questions as rules ask of every rule once."""
    policy = POLICIES["demo"]
    asked = questions(policy, seed=3, count=len(policy.rules))
    assert set(Counter(question.rule for question in asked).values()) == {1}


def test_count() -> None:
    """No more questions come than were asked for, and no more than there are examples."""
    policy = POLICIES["chamber"]
    assert len(questions(policy, count=1)) == 1
    known = questions(policy, count=200)
    assert 3 < len(known) < 200
    claims = [(q.rule, q.claim["en"], q.asked["en"]) for q in known]
    assert len(claims) > len(policy.rules)
    assert questions(parse_policy(SILENT)) == []


def test_answers_are_of_every_kind() -> None:
    """Over many seeds no outcome is always the right one."""
    found = Counter(
        question.example.decision.outcome
        for seed in range(10)
        for question in questions(POLICIES["demo"], seed=seed)
    )
    assert set(found) == set(Outcome)
    assert max(found.values()) < sum(found.values()) * 2 // 3


def test_amounts_differ_from_the_boundary() -> None:
    """A limit is asked about with round amounts beside its own boundary, decided as such."""
    policy = POLICIES["crm-sales"]
    asked = [
        q.example.facts.lines[0].amount.minor
        for seed in range(5)
        for q in questions(policy, seed=seed, count=100)
        if q.rule == "lodging.night"
    ]
    assert {36_000, 36_001} < set(asked)
    assert all(minor % 100 == 0 for minor in asked if minor not in (36_000, 36_001))


def test_every_kind_is_asked_about() -> None:
    """An allowance asks for its amount, a figure for what it comes to, with its unit."""
    policy = POLICIES["wording"]
    asked = questions(policy, seed=1, count=200)
    rules = {rule.code: rule for rule in policy.rules}
    assert {rules[question.rule].kind for question in asked} == set(RuleKind)
    allowance = next(q for q in asked if rules[q.rule].kind is RuleKind.ALLOW)
    assert allowance.asked == {"en": "How much is paid?", "zh": "报销多少？"}
    figure = next(q for q in asked if rules[q.rule].kind is RuleKind.MEASURE)
    title = rules[figure.rule].title
    assert figure.asked["en"] == f"How much is “{title[0]}”?"
    assert figure.asked["zh"] == f"“{title[1]}”是多少？"
    assert all(" " in option.text["en"] for option in figure.options)


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_no_question_is_asked_twice(name: str) -> None:
    """Two questions never read the same, and no option of one does."""
    for seed in range(3):
        asked = questions(POLICIES[name], seed=seed, count=200)
        told = [(q.claim["en"], q.asked["en"]) for q in asked]
        assert len(set(told)) == len(told)
        for question in asked:
            options = [option.text["en"] for option in question.options]
            assert len(set(options)) == len(options) >= 3


def test_json() -> None:
    """A script gets every question in both languages, with its answer and the reasons."""
    policy = POLICIES["crm-sales"]
    given_ = quiz_json(policy, questions(policy, seed=4, count=5), seed=4)
    assert given_["policy"]["digest"] == policy.digest
    assert given_["seed"] == 4
    assert [q["number"] for q in given_["questions"]] == [1, 2, 3, 4, 5]
    for question in given_["questions"]:
        assert question["answer"] in {option["key"] for option in question["options"]}
        for language in LANGUAGES:
            assert question["claim"][language]
            assert question["reasons"][language]
            assert all(option[language] for option in question["options"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_text(language: str) -> None:
    """The answers stand behind all the questions, each with its reason."""
    policy = POLICIES["crm-sales"]
    asked = questions(policy, seed=4, count=3)
    text = quiz_text(policy, asked, language)  # type: ignore[arg-type]
    head = {"en": "Answers", "zh": "答案"}[language]
    before, _, after = text.partition(f"\n{head}\n")
    for number, question in enumerate(asked, start=1):
        assert question.claim[language] in before  # type: ignore[index]
        right = question.right.text[language]  # type: ignore[index]
        assert f"{number}. {question.answer}) {right}" in after
        assert f"{number}. {question.answer}) {right}" not in before


PACKS: Final = {
    name: load_policy(ROOT / "examples" / "policies" / f"{name}.toml")
    for name in ("cn-company", "us-company", "de-meals")
}


@pytest.mark.parametrize("name", sorted(PACKS))
def test_each_question_can_be_answered_from_its_rule(name: str) -> None:
    """No other rule has its word in a claim that is asked about, and no claim is asked of twice."""
    policy = PACKS[name]
    asked = questions(policy, seed=5, count=200)
    for question in asked:
        found = [f for line in question.example.decision.lines for f in line.findings]
        assert {f.code for f in found if f.effect is not Effect.NOTE} <= {question.rule}
    claims = Counter(question.claim["en"] for question in asked)
    assert max(claims.values()) <= 2
    assert len(claims) >= len(asked) - 2


def test_a_claim_that_keeps_to_the_rule_is_told_why() -> None:
    """The answer names the limit that is kept to, or says that the rule does not apply."""
    reasons = {
        (q.rule, q.example.differs, q.example.side): q.reasons
        for q in questions(PACKS["us-company"], count=200)
    }
    hotel = reasons["lodging.night", "amount", Side.INSIDE]
    assert hotel["en"][:3] == [
        "The limit here is 700 USD.",
        "It keeps to every rule.",
        "Rule: Hotel per night (lodging.night)",
    ]
    assert hotel["zh"][:2] == ["此处限额为 700 美元。", "符合全部规则。"]
    receipt = reasons["receipt.from", "amount", Side.INSIDE]
    assert receipt["zh"][0] == "该规则在此不适用。"


def test_a_rule_is_told_in_full_once() -> None:
    """A second question on a rule names it, and does not tell it again."""
    policy = PACKS["us-company"]
    asked = questions(policy, count=60)
    text = quiz_text(policy, asked, "en")
    assert text.count("Rule: Hotel per night (lodging.night)") > 1
    assert text.count("The allowed amount is at most the number of nights × the figure in") == 1
    assert "Whatever a question does not mention is in order." in text
    assert "题目未提及的事项均符合规定。" in quiz_text(policy, asked, "zh")
