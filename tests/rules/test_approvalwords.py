"""Approvals as sentences, in both languages, as the handbook and the comparison show them."""

from pathlib import Path

import pytest

from crm_expenses.handbook import publish
from crm_expenses.messages import LANGUAGES
from crm_expenses.policydiff import compare, diff_text
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.approvalwords import approval_prose, payment_prose, terms_prose
from crm_expenses.rules.policy import Policy

HEAD = """
[policy]
id = "x"
version = "1"
language = 1
currency = "CNY"
title = { en = "X", zh = "某" }
[category]
meal = { name = { en = "Meals", zh = "餐费" } }
gift = { name = { en = "Gifts", zh = "礼品" } }
[choices]
role = { finance = { en = "the finance team", zh = "财务部" } }
grade = { m = { en = "managers", zh = "经理" } }
[[rule]]
code = "meal.cap"
kind = "limit"
on = ["meal"]
title = { en = "Meal cap", zh = "餐费限额" }
at_most = "150"
"""


def policy(more: str) -> Policy:
    """Give a policy with these approvals."""
    return parse_policy(HEAD + more)


def said(more: str, language: str) -> list[str]:
    """Give the lines of the first step."""
    held = policy(f'[[approval]]\ncode = "a"\n{more}')
    return approval_prose(held, held.authorities[0], language).lines()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "en", "zh"),
    [
        (
            'who = "manager"\nfindings = ["meal.cap"]',
            ["The claimant's manager approves when there is the finding “Meal cap”."],
            ["有问题“餐费限额”的，由报销人的上级审批。"],
        ),
        (
            'who = "manager"\nfindings = ["budget.exceeded"]\nbudget = "hard"',
            [
                "The claimant's manager approves when any of these holds:",
                "- there is the finding “Budget too small”",
                "- a hard budget has less than is asked for",
            ],
            [
                "有下列情形之一的，由报销人的上级审批：",
                "- 有问题“预算不足”",
                "- 某项硬预算余额不足",
            ],
        ),
        (
            'who = ["manager", "role:finance"]\ngroup = "all"\non = ["gift"]\n'
            'title = { en = "Gifts", zh = "礼品双签" }',
            [
                "Gifts: Of lines in Gifts only. The claimant's manager and whoever has the role "
                "“the finance team” each approve."
            ],
            ["礼品双签：仅就礼品的明细。由报销人的上级和“财务部”角色的人员分别审批。"],
        ),
        (
            'who = ["manager", "person:P9"]\nteams = ["East"]\n'
            "remind_after = 1\nescalate_after = 5",
            [
                "Of claims from the team “East” only. The claimant's manager or the person “P9” "
                "approves. Whoever is asked and has not answered after 1 working day is reminded. "
                "After 5 working days without an answer, the manager of whom it waits for is "
                "asked, too."
            ],
            [
                "仅限团队“East”的报销单。由报销人的上级或人员“P9”审批。"
                "1 个工作日内未审批的，提醒审批人。"
                "5 个工作日内未审批的，同时请审批人的上级审批。"
            ],
        ),
        (
            'who = "manager"\nabove = 5\nescalate_after = 2\nescalate_to = "role:finance"\n'
            'days = "calendar"\naccepts = "crm_process"',
            [
                "The claimant's manager approves when more than 5 CNY is allowed. After 2 days "
                "without an answer, whoever has the role “the finance team” is asked, too. An "
                "approval counts only if it comes from an approval process of the CRM."
            ],
            [
                "核准金额超过 5 元的，由报销人的上级审批。"
                "2 天内未审批的，同时请“财务部”角色的人员审批。"
                "审批须来自CRM 的审批流程，方为有效。"
            ],
        ),
    ],
)
def test_steps(more: str, en: list[str], zh: list[str]) -> None:
    """Who takes a step, when it is due, within which time, and what it accepts."""
    assert said(more, "en") == en
    assert [line.replace(" ", "") for line in said(more, "zh")] == [
        line.replace(" ", "") for line in zh
    ]


TERMS = """
[approvals]
accepts = "audited_field"
[automatic]
up_to = 300
on = ["meal"]
[[authority]]
who = "everyone"
up_to = 2000
[[authority]]
who = "grade:m"
up_to = 5000
[[authority]]
who = "role:finance"
[payment]
monthly_on = [25, 10]
days_after = 3
"""


def test_what_holds_for_all_steps() -> None:
    """What is automatic, what is accepted, who may approve how much, when it is paid."""
    held = policy(TERMS)
    lines = terms_prose(held, "en").lines()
    assert lines[0].startswith(
        "A claim up to 300 CNY whose outcome is “pass” or better and whose lines are all in Meals "
        "is approved without a person"
    )
    assert "a field whose changes the CRM records, or better." in lines[0]
    assert lines[0].endswith("Whom this list does not name may approve nothing:")
    assert lines[1:] == [
        "- Everyone: up to 2,000 CNY",
        "- Whoever has the grade “managers”: up to 5,000 CNY",
        "- Whoever has the role “the finance team”: without limit",
    ]
    assert payment_prose(held, "en") == (
        "What is approved is paid on day 10 and day 25 of the month, at least 3 working days after "
        "the approval. Where that is a day off, on the next working day."
    )
    assert terms_prose(held, "zh").lines()[1].replace(" ", "") == "-所有人：不超过2,000元"
    assert terms_prose(policy(""), "en").lines() == [""]
    assert payment_prose(policy(""), "zh") == ""
    days = policy('[payment]\ndays_after = 1\ndays = "calendar"')
    assert payment_prose(days, "en") == "What is approved is paid 1 day after the approval."


def test_the_handbook_has_it_all() -> None:
    """The handbook's section of approvals has the steps and what holds for all of them."""
    held = policy('[[approval]]\ncode = "a"\nwho = "manager"\nabove = 5\n' + TERMS)
    for language in LANGUAGES:
        page = publish(held, (language,), "md")
        for text in (*terms_prose(held, language).lines()[1:], payment_prose(held, language)):
            assert text.removeprefix("- ") in page
    assert "section-approvals" not in publish(policy(""), ("en",), "md")
    assert "section-approvals" in publish(policy("[automatic]\nup_to = 5"), ("en",), "md")


def test_the_comparison_tells_it() -> None:
    """A change of a step, of what holds for all, or of the payment is told in words."""
    step = '[[approval]]\ncode = "a"\nwho = "manager"\nabove = 5\n'
    old = policy(step + TERMS)
    new = policy(
        step + "remind_after = 2\n" + TERMS.replace("2000", "2500").replace("[25, 10]", "[5]")
    )
    diff = compare(old, new)
    assert [change.name for change in diff.approvals] == ["a", ""]
    assert [part.part for part in diff.approvals[1].parts] == ["approval_terms", "payment"]
    text = diff_text(diff, "en")
    assert "what holds for all steps" in text
    assert "Everyone: up to 2,500 CNY" in text
    assert "on day 5 of the month" in text
    assert "has not answered after 2 working days" in text
    assert "对所有节点的规定" in diff_text(diff, "zh")
    assert compare(old, old).is_empty


def test_here() -> None:
    """The page of the language names every part."""
    root = Path(__file__).parents[2]
    page = (root / "docs" / "reference" / "policy-language.md").read_text(encoding="utf-8")
    for part in ("[[approval]]", "[[authority]]", "[approvals]", "[automatic]", "[payment]"):
        assert f"### `{part}`" in page
