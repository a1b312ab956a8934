"""A route in words, as a claimant sees it before submitting."""

from datetime import UTC, date, datetime

import pytest

from crm_expenses.api import route_of
from crm_expenses.claimdata import facts_from
from crm_expenses.core.approval import About, Organisation, Substitute, compute_route
from crm_expenses.core.party import AccountManager
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.routewords import route_lines

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
[[rule]]
code = "meal.cap"
kind = "limit"
on = ["meal", "gift"]
title = { en = "Cap", zh = "限额" }
at_most = "1000"
[[approval]]
code = "line"
title = { en = "Line manager", zh = "直属上级" }
who = "manager"
above = 300
remind_after = 2
escalate_after = 5
[[approval]]
code = "gifts"
who = ["role:legal", "role:finance"]
group = "all"
on = ["gift"]
[[approval]]
code = "odd"
who = "person:P4"
findings = ["meal.cap"]
outcome = "review"
when = "claim_lines > 1"
[[approval]]
code = "east"
who = "person:P4"
teams = ["East"]
[[approval]]
code = "none"
who = "role:nobody"
above = 900
[[authority]]
who = "person:P3"
[[authority]]
who = "person:P4"
[[authority]]
who = "role:finance"
[automatic]
up_to = 200
"""
PEOPLE = {
    one.id: one
    for one in (
        AccountManager("P1", "Ann", team="East", manager="P2"),
        AccountManager("P2", "Bob", manager="P3"),
        AccountManager("P3", "Cy"),
    )
}
FIRM = Organisation(PEOPLE, {"legal": [], "finance": ["P5", "P6"]}, [Substitute("P7", "P3")])
NAMES = {"P2": "Bob", "P3": "Cy", "P7": "Eve"}
OPENED = datetime(2026, 3, 6, 9, 30, tzinfo=UTC)


def lines(language: str, *spent: tuple[str, str]) -> tuple[str, ...]:
    """Give the route of a claim with these lines."""
    claim = {
        "claim": "C",
        "person": {"id": "P1", "team": "East"},
        "submitted": "2026-03-06",
        "lines": [
            {"line": f"L{n}", "date": "2026-03-01", "category": category, "amount": amount}
            for n, (category, amount) in enumerate(spent)
        ],
    }
    policy = parse_policy(POLICY)
    decision, route = route_of(facts_from(claim, "CNY"), policy, FIRM, date(2026, 3, 6))
    assert decision.claim == route.claim == "C"
    return route_lines(route, policy, language, people=NAMES, opened=OPENED)  # type: ignore[arg-type]


def test_a_route_in_english() -> None:
    """Each step has its people, its reasons and, where it is open, its times."""
    assert lines("en", ("meal", "1200"), ("gift", "50")) == (
        "1. Line manager: one of: Eve (P7) (for Cy (P3)), Cy (P3) (above Bob (P2))",
        "   - because more than 300.00 CNY is allowed: 1050.00",
        "   - passed: the authority of Bob (P2) ends below the amount",
        "   - reminder 2026-03-10 09:30",
        "   - escalation 2026-03-13 09:30",
        "2. gifts: each of: nobody is found, so that it waits for somebody to correct the "
        "organisation; one of: P5, P6",
        "   - because it has lines in Gifts",
        "3. odd: P4",
        "   - because there is the finding “Cap”, the policy's condition on the claim holds",
        "4. east: P4",
        "   - because it is of the team East",
        "   - the same people as in the step before: one answer counts for both",
        "5. none: nobody is found, so that it waits for somebody to correct the organisation",
        "   - because more than 900.00 CNY is allowed: 1050.00",
        "Next: Eve (P7), Cy (P3)",
    )


def test_a_route_in_chinese() -> None:
    """The same in Chinese, with every text translated."""
    said = lines("zh", ("meal", "1200"), ("gift", "50"))
    assert len(said) == 15
    assert said[0].startswith("1. 直属上级：")
    assert said[-1].startswith("下一步：")
    assert not any("{" in line for line in said)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_person_is_needed_and_it_says_so(language: str) -> None:
    """A claim that the policy lets pass says why; the team's step is due for another reason."""
    team = lines(language, ("meal", "150"))
    assert any("East" in line for line in team)
    before_east = POLICY.partition('[[approval]]\ncode = "east"')[0]
    policy = parse_policy(before_east + "[automatic]\nup_to = 200")
    claim = {
        "claim": "C",
        "person": "P1",
        "submitted": "2026-03-06",
        "lines": [{"line": "L", "date": "2026-03-01", "category": "meal", "amount": "150"}],
    }
    _, route = route_of(facts_from(claim, "CNY"), policy, FIRM, date(2026, 3, 6))
    [said] = route_lines(route, policy, language)  # type: ignore[arg-type]
    assert "150.00 CNY" in said
    assert "200.00 CNY" in said
    plain = parse_policy(POLICY.partition("[[approval]]")[0])
    _, route = route_of(facts_from(claim, "CNY"), plain, FIRM, date(2026, 3, 6))
    [said] = route_lines(route, plain, language)  # type: ignore[arg-type]
    assert "150.00 CNY" in said


def test_what_waited_too_long_and_what_must_be_seen() -> None:
    """An escalation is told beside whom it waits for; an outcome is told by its word."""
    policy = parse_policy(
        POLICY.partition("[[approval]]")[0]
        + '[[approval]]\ncode = "a"\nwho = "manager"\noutcome = "review"'
    )
    claim = {
        "claim": "C",
        "person": "P1",
        "submitted": "2026-03-06",
        "lines": [{"line": "L", "date": "2026-03-01", "category": "taxi", "amount": "1"}],
    }
    facts = facts_from(claim, "CNY")
    decision, _ = route_of(facts, policy, FIRM, date(2026, 3, 6))
    about = About("P1", {"L": "taxi"}, date(2026, 3, 6), ("a",))
    route = compute_route(decision, policy.authorities, FIRM, about, policy.terms)
    assert route_lines(route, policy, "en") == (
        "1. a: one of: P2, P7 (escalated), P3 (escalated)",
        "   - because the outcome is “review”",
        "Next: P2, P7, P3",
    )
