"""Steps on categories and teams, from the policy file to the decision that carries them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.api import check, evaluator_of
from crm_expenses.claimdata import decision_json, facts_from
from crm_expenses.core.approval import due_for
from crm_expenses.core.decision import Outcome
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.plug_in import Remark

POLICY = """
[policy]
id = "x"
version = "1"
language = 1
currency = "CNY"
title = { en = "X", zh = "某" }
[category]
meal = { name = { en = "Meals", zh = "餐费" } }
gift = { name = { en = "Gifts", zh = "礼品" } }
taxi = { name = { en = "Taxi", zh = "打车" } }
[[rule]]
code = "gift.big"
kind = "flag"
on = ["gift"]
title = { en = "Big", zh = "大额" }
that = "amount > 90"
[[rule]]
code = "meal.cap"
kind = "limit"
on = ["meal"]
title = { en = "Cap", zh = "限额" }
at_most = "50"
[[rule]]
code = "taxi.none"
kind = "forbid"
on = ["taxi"]
title = { en = "No", zh = "不" }
that = "amount > 99"
[[approval]]
code = "gifts"
who = "manager"
on = ["gift"]
[[approval]]
code = "much"
who = "manager"
on = ["gift", "meal"]
above = 100
[[approval]]
code = "odd"
who = "manager"
on = ["gift"]
outcome = "review"
[[approval]]
code = "capped"
who = "manager"
on = ["meal"]
findings = ["meal.cap"]
[[approval]]
code = "east"
who = "manager"
teams = ["East"]
when = "claim_total > 120"
[[approval]]
code = "all"
who = "manager"
when = "claim_lines > 2"
[[approval]]
code = "total"
who = "manager"
above = 150
"""
POLICY_READ = parse_policy(POLICY)


def facts(team: str, spent: Sequence[tuple[str, int]]) -> Facts:
    """Give a claim of somebody with these lines."""
    claim = {
        "claim": "C",
        "person": {"id": "P1", "team": team},
        "submitted": "2026-03-06",
        "lines": [
            {"line": f"L{n}", "date": "2026-03-01", "category": category, "amount": amount}
            for n, (category, amount) in enumerate(spent)
        ],
    }
    return facts_from(claim, "CNY")


@pytest.mark.parametrize(
    ("team", "spent", "due", "carried"),
    [
        ("East", [("meal", 10)], [], ()),
        ("East", [("gift", 10)], ["gifts"], ("gifts",)),
        ("East", [("gift", 60), ("meal", 41)], ["gifts", "much"], ("gifts", "much")),
        ("East", [("gift", 60), ("meal", 40)], ["gifts"], ("gifts",)),
        ("East", [("gift", 91)], ["gifts", "odd"], ("gifts", "odd")),
        ("East", [("meal", 51)], ["capped"], ("capped",)),
        ("East", [("taxi", 70), ("taxi", 51)], ["east"], ("east",)),
        ("West", [("taxi", 70), ("taxi", 51)], [], ()),
        ("West", [("taxi", 60)] * 3, ["all", "total"], ("all",)),
        ("East", [("taxi", 100), ("gift", 99), ("meal", 99)], [], ("all",)),  # rejected
    ],
)
def test_what_a_decision_carries(
    team: str, spent: list[tuple[str, int]], due: list[str], carried: tuple[str, ...]
) -> None:
    """A decision carries the restricted steps that are due, and conditions that hold."""
    given_facts = facts(team, spent)
    decision = check(given_facts, POLICY_READ)
    assert decision.approvals == carried
    assert [one.code for one in due_for(decision, POLICY_READ.authorities)] == due
    assert decision_json(decision, POLICY_READ)["approvals"] == due
    traced, _ = evaluator_of(POLICY_READ).trace(given_facts)
    assert traced.approvals == carried


class Doubt:
    """A plug-in that sends every gift to a person."""

    name = "doubt"
    version = "1"
    title = ("Doubt", "疑问")
    messages = {"gift": ("a gift", "礼品")}  # noqa: RUF012  a constant

    def judge(self, facts: Facts, decision: object) -> list[Remark]:
        """Ask for a person at each gift."""
        del decision
        return [
            Remark("gift", Effect.REVIEW, one.id) for one in facts.lines if one.category == "gift"
        ]


def test_plug_ins_speak_before_steps_are_settled() -> None:
    """What a plug-in says of a line counts for a step on its category, too."""
    policy = replace(POLICY_READ, plug_ins=(Doubt(),))
    decision = Evaluator(policy).decide(facts("West", [("gift", 10)]))
    assert decision.lines[0].outcome is Outcome.REVIEW
    assert decision.approvals == ("gifts", "odd")


SPENT = st.lists(
    st.tuples(st.sampled_from(("meal", "gift", "taxi")), st.integers(1, 110)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(("East", "West")), SPENT)
def test_against_plain_sums(team: str, spent: list[tuple[str, int]]) -> None:
    """The steps that are due are those that a person would find with pencil and paper."""
    decision = check(facts(team, spent), POLICY_READ)
    gifts = [amount for category, amount in spent if category == "gift"]
    meals = [min(amount, 50) for category, amount in spent if category == "meal"]
    taxis = [amount for category, amount in spent if category == "taxi"]
    total = sum(amount for _, amount in spent)
    expected = {
        "gifts": bool(gifts),
        "much": sum(gifts) + sum(meals) > 100,
        "odd": any(amount > 90 for amount in gifts),
        "capped": any(category == "meal" and amount > 50 for category, amount in spent),
        "east": team == "East" and total > 120,
        "all": len(spent) > 2,
        "total": sum(gifts) + sum(meals) + sum(taxis) > 150,
    }
    if any(amount > 99 for amount in taxis):
        expected = {}
    found = [one.code for one in due_for(decision, POLICY_READ.authorities)]
    assert found == [code for code, is_due in expected.items() if is_due]
