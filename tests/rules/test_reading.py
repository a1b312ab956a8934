"""What a policy reads of words: enough for every decision, and nothing more."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.words import erased, stand_in, words_of
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.reading import reading_of, stand_ins_for

HEAD = """
[policy]
id = "words"
version = "1"
language = 1
currency = "CNY"
title = { en = "Words", zh = "文字" }
[category]
gift = { name = { en = "Gifts", zh = "礼品" } }
"""
RULE = """
[[rule]]
code = "gift.{number}"
kind = "require"
on = ["gift"]
title = {{ en = "R", zh = "规" }}
that = "{that}"
"""
PATTERNS = (
    "9{4}",
    "INV-9{1,6}",
    "AA*",
    "a{1,3} a{1,3}",
    "\\\\\\\\9A",
    "*{0,5}",
    "·A",
    "0-9A",
    "请9",
)


def policy_of(*conditions: str) -> Evaluator:
    """Make a policy of rules that read words."""
    rules = (RULE.format(number=n, that=that) for n, that in enumerate(conditions))
    return Evaluator(parse_policy(HEAD + "".join(rules)))


def facts_of(**words: str) -> Facts:
    """Give a claim with one line with words on it."""
    line = ExpenseLine("L", "C", date(2026, 3, 1), "gift", Money(100, "CNY"), **words)
    claim = Claim("C", "P", datetime(2026, 3, 2, tzinfo=UTC), title="My own words")
    return Facts(claim, (line,))


EVERY = policy_of(
    "present(merchant)",
    "present(purpose) and length(purpose) > 5",
    *(f"present(justification) and shape(justification, '{one}')" for one in PATTERNS),
)
WORDS = st.text(alphabet="INV-0129Aa zZ请·\\", max_size=9) | st.sampled_from(
    ("1234", "INV-12", "AB", "an ok", "9A", "·A", "0-9A", "请9", "Dinner with Dr. Li")
)


@pytest.mark.parametrize(
    ("that", "left"),
    [
        ("present(merchant)", "·"),
        ("not present(merchant)", "·"),
        ("present(merchant) and length(merchant) > 3", "·" * 12),
        ("not present(merchant) or length(merchant) > 3", "·" * 12),
        ("present(purpose)", ""),
        ("present(merchant) and shape(merchant, 'AA-9{4}')", "Aa·Aaaaaa·00"),
        ("present(merchant) and shape(merchant, 'Xu*{10}')", "Xu·Aaaaaa·00"),
        ("present(merchant) and shape(merchant, 'xu*{10}')", "Aa·Aaaaaa·00"),
    ],
)
def test_no_more_is_left_than_is_read(that: str, left: str) -> None:
    """Of words stays their presence, their length or their form, by what some rule asks."""
    read = policy_of(that).read(facts_of(merchant="Xu Garden 88"))
    assert read.lines[0].merchant == left
    assert read.claim.title == ""


def test_a_reason_is_always_seen() -> None:
    """A justification stays as one character, though no expression reads it."""
    read = policy_of("amount > 0").read(facts_of(justification="He insisted", purpose="Visit"))
    assert (read.lines[0].justification, read.lines[0].purpose) == ("·", "")


@settings(deadline=None)
@given(merchant=WORDS, purpose=WORDS, justification=WORDS)
def test_the_reading_changes_no_decision(merchant: str, purpose: str, justification: str) -> None:
    """What is decided on the reading is decided on the words; reading twice is reading once."""
    facts = facts_of(merchant=merchant, purpose=purpose, justification=justification)
    read = EVERY.read(facts)
    assert EVERY.decide(read) == EVERY.decide(facts)
    assert EVERY.read(read) == read


OTHER = policy_of("present(purpose)", "present(merchant) and shape(merchant, 'IN*{2}')")


@settings(deadline=None)
@given(merchant=WORDS, purpose=WORDS, justification=WORDS)
def test_erased_words_change_no_decision(merchant: str, purpose: str, justification: str) -> None:
    """What stays of erased words is decided on as the words were, by every policy."""
    facts = facts_of(merchant=merchant, purpose=purpose, justification=justification)
    how = stand_ins_for([EVERY.policy, OTHER.policy])
    left = replace(
        facts, claim=erased(facts.claim, how), lines=tuple(erased(one, how) for one in facts.lines)
    )
    for evaluator in (EVERY, OTHER):
        assert evaluator.decide(left) == evaluator.decide(facts)
    assert left.claim.title == "·"


def test_no_more_stays_of_erased_words_than_policies_read() -> None:
    """Of words that nobody reads stays one sign; of a length, as many; of a form, the form."""
    line = facts_of(merchant="Xu 88", purpose="Visit", justification="He asked").lines[0]
    cases = (
        ((), ("·", "·", "·")),
        ((policy_of("present(purpose) and length(purpose) > 2"),), ("·", "·····", "·")),
        ((OTHER, policy_of("amount > 0")), ("Aa·00", "·", "·")),
    )
    for evaluators, left in cases:
        made = erased(line, stand_ins_for([one.policy for one in evaluators]))
        assert tuple(words_of(made).values()) == left


@given(WORDS, WORDS)
def test_equal_readings_have_one_digest(one: str, other: str) -> None:
    """The digest of the facts tells nothing of words beyond what the policy reads of them."""
    evaluator = policy_of("present(purpose)")
    digests = {
        evaluator.decide(facts_of(purpose=said, merchant=said)).facts_digest
        for said in (one, other)
    }
    assert len(digests) == 1 + (bool(one) != bool(other))


def test_a_plug_in_sees_the_words() -> None:
    """With foreign code in the policy words stay, because it may read them."""

    class Curious:
        name = version = "curious"
        title = ("C", "C")
        messages = {}  # noqa: RUF012  a plug-in's own

        def judge(self, facts: object, decision: object) -> tuple[()]:
            return ()

    policy = replace(EVERY.policy, plug_ins=(Curious(),))
    facts = facts_of(purpose="Visit")
    assert reading_of(policy)(facts) == facts


@given(WORDS)
def test_a_stand_in_has_the_form_and_no_words(said: str) -> None:
    """A stand-in has the length and, place by place, the class; no letter or digit of its own."""
    made = stand_in(said)
    assert len(made) == len(said)
    assert set(made) <= set("0Aa·")
    assert stand_in(made) == made
    kept = stand_in(said, kept="IN-")
    assert all((a == b) == (a in "IN-") or a == b for a, b in zip(said, kept, strict=True))
