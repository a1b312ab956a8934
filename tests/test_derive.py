"""Deriving a decision again: what each thing that is missing or changed is called."""

import json
from dataclasses import replace

import pytest

from crm_expenses.api import evaluator_of
from crm_expenses.claimdata import facts_from
from crm_expenses.core.record import canonical
from crm_expenses.derive import Derived, Deriver, PolicyText, Stored
from crm_expenses.policyfile import parse_policy

POLICY = """
[policy]
id = "t"
version = "1"
language = 1
currency = "CNY"
title = { en = "T", zh = "测" }
[category]
meal = { name = { en = "Meals", zh = "餐费" } }
[[rule]]
code = "meal.most"
kind = "limit"
on = ["meal"]
title = { en = "M", zh = "餐" }
at_most = "100"
"""
CLAIM = {
    "claim": "C-1",
    "person": "P1",
    "submitted": "2026-03-02",
    "lines": [
        {
            "line": "L-1",
            "date": "2026-03-01",
            "category": "meal",
            "amount": "120",
            "purpose": "Lunch with Mr X",
        }
    ],
}
EVALUATOR = evaluator_of(parse_policy(POLICY))
FACTS = EVALUATOR.read(facts_from(CLAIM, "CNY"))
MADE = EVALUATOR.decide(FACTS)
STORED = Stored(canonical(MADE), canonical(FACTS))
TEXT = PolicyText(POLICY)


def derived(stored: Stored, text: PolicyText | None = TEXT) -> Derived:
    """Derive a decision with one policy text at hand."""
    return Deriver(lambda *_: text).derive(stored)


def test_equal() -> None:
    """Facts and policy give the decision, whatever the layout and the comments of the file."""
    assert derived(STORED) is Derived.EQUAL
    assert derived(STORED, PolicyText("# newly laid out\n" + POLICY)) is Derived.EQUAL
    assert "Lunch" not in (STORED.facts or "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, Derived.POLICY),
        (PolicyText(""), Derived.POLICY),
        (PolicyText("x ="), Derived.POLICY),
        (PolicyText(POLICY.replace('"100"', '"101"')), Derived.POLICY),
        (PolicyText(POLICY, ("curious",)), Derived.PLUG_INS),
    ],
)
def test_another_policy(text: PolicyText | None, expected: Derived) -> None:
    """A policy that is not there, is none, is another one, or ran with foreign code."""
    assert derived(STORED, text) is expected


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (replace(STORED, facts=None), Derived.NO_FACTS),
        (replace(STORED, is_erased=True), Derived.ERASED),
        (replace(STORED, facts="{}"), Derived.FACTS),
        (replace(STORED, decision="{}"), Derived.DIFFERS),
        (replace(STORED, decision="no JSON"), Derived.DIFFERS),
        (replace(STORED, decision='{"policy":[]}'), Derived.DIFFERS),
        (replace(STORED, decision=STORED.decision + " "), Derived.DIFFERS),
        (replace(STORED, decision=STORED.decision.replace("10000", "12000")), Derived.DIFFERS),
    ],
)
def test_another_decision(stored: Stored, expected: Derived) -> None:
    """Facts or a decision that are not there, are none, or are other ones."""
    assert derived(stored) is expected


def test_facts_that_are_none_though_their_digest_fits() -> None:
    """Facts that cannot be read are told, and are no fault of ours."""
    read = json.loads(STORED.decision)
    read["facts_digest"] = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert derived(Stored(canonical(read), "{}")) is Derived.DIFFERS


def test_policies_are_read_once() -> None:
    """Each version's text is asked for once, however many decisions it made."""
    asked: list[tuple[str, str]] = []

    def policy_of(name: str, version: str) -> PolicyText:
        asked.append((name, version))
        return TEXT

    deriver = Deriver(policy_of)
    for _ in range(3):
        deriver.derive(STORED)
    assert (asked, deriver.counts) == ([("t", "1")], {Derived.EQUAL: 3})
