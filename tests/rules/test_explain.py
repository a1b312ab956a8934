"""A derivation tells every rule on a line in words, with the values that were computed."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from crm_expenses.messages import LANGUAGES, Language
from crm_expenses.policycases import Case, cases_beside, load_cases
from crm_expenses.policyfile import load_policy, parse_policy
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.examples import Side, examples_of
from crm_expenses.rules.explain import explain_claim, explain_line
from crm_expenses.rules.policy import Policy

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "examples" / "policies"
PACKS: Final = sorted(path for path in FOLDER.glob("*.toml") if ".cases" not in path.name)
EVERYTHING: Final = ROOT / "tests" / "rules" / "wording" / "everything.toml"


def case_of(name: str, start: str) -> tuple[Policy, Case]:
    """Give a pack and its first case whose name begins so."""
    path = FOLDER / f"{name}.toml"
    policy = load_policy(path)
    found = (case for case in load_cases(cases_beside(path), policy) if case.name.startswith(start))
    return policy, next(found)


def told(name: str, start: str, language: Language) -> list[str]:
    """Explain the first line of a case, without the lines of the drawing."""
    policy, case = case_of(name, start)
    tree = explain_line(Evaluator(policy), case.facts, case.facts.lines[0].id, language)
    return [line.lstrip("│├└─ ") for line in tree.lines()]


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_every_line_of_every_case_is_explained(path: Path) -> None:
    """Whatever is missing of a claim, its lines and the claim are explained in both languages."""
    policy = load_policy(path)
    evaluator = Evaluator(policy)
    for case in load_cases(cases_beside(path), policy)[:12]:
        for line in case.facts.lines[:2]:
            for language in LANGUAGES:
                tree = explain_line(evaluator, case.facts, line.id, language)
                decided = next(d for d in evaluator.decide(case.facts).lines if d.line == line.id)
                drawn = "\n".join(tree.lines())
                assert all(finding.code in drawn for finding in decided.findings)
                assert "None" not in drawn
                assert explain_claim(evaluator, case.facts, language).text


def test_what_a_guard_keeps_from_being_computed() -> None:
    """What looks at a missing date is told as missing, and stops nothing."""
    lines = told("de-meals", "DE-2 ", "en")
    assert (
        "Three months at the same place of work (meals.three_months): nothing against it" in lines
    )
    assert "first day at the same place of work (workplace_since): —" in lines


@pytest.mark.parametrize("language", LANGUAGES)
def test_named_expressions(language: Language) -> None:
    """A name is told with what it stands for and what that comes to, and never by its code."""
    drawn = "\n".join(told("de-meals", "DE-3 ", language))
    words = {
        "en": ("“off for breakfast” = 5.60 EUR", "that is: ((20% of 28 EUR"),
        "zh": ("“早餐扣减” = 5.60 欧元", "即：早餐由雇主、酒店或承运方提供时为（（28 欧元"),
    }
    assert words[language][0] in drawn
    assert words[language][1] in drawn
    for code in ("is_over", "meals_off", "breakfast_off", "has_night"):
        assert code not in drawn


def test_what_is_counted_over_lines() -> None:
    """A count over lines is told line by line."""
    policy, case = case_of("company-receipts", "")
    said = "\n".join(explain_claim(Evaluator(policy), case.facts, "en").lines())
    assert said.startswith("the claim as a whole")


def test_in_words() -> None:
    """Conditions, limits, tables and facts are told in words, with units and sources."""
    english = told("cn-company", "Lodging: staff in 北京, a fen above", "en")
    assert english[0] == "line 1: reduced; claimed 1,200.01 CNY, allowed 1,200 CNY"
    for line in (
        "required: it is submitted no later than 30 days after the expense: yes",
        "time from expense to submission (age_days): 7 days",
        "“Days to file” = 30 days",
        "at most the number of nights × the figure in table “Lodging per night” for the grade and "
        "the entry for the city in table “Tier” = 1,200 CNY",
        "in force from 2026-01-01; source: handbook, annex A",
        "amount that it leaves: 1,200 CNY",
        "it would pass if the amount were 1200.00 CNY",
        "voucher (voucher_kind): an electronic fapiao",
    ):
        assert line in english
    chinese = told("cn-company", "Lodging: staff in 北京, a fen above", "zh")
    for line in (
        "明细 1：核减；申报 1,200.01 元，核准 1,200 元",
        "住宿每晚限额（lodging.night）：超出核减。北京 2 晚 1200.01，超过 1200.00，超出 0.01",
        "要求：消费后 30 天内提交——是",
        "住宿晚数（nights）：2 晚",
        "凭证（voucher_kind）：电子发票",
    ):
        assert line in chinese


def test_allowances_and_figures() -> None:
    """An allowance is told by its component and amount, with the rules that gave it."""
    lines = told("uk-mileage", "UK-1 ", "zh")
    assert "里程补贴（miles）：应发 112.50 英镑" in lines
    assert "同乘补贴（passengers）：应发 0 英镑" in lines
    assert any(line.startswith("应发：“公务里程（英里）”接在") for line in lines)
    rail = told("cn-vouchers-tax", "CV-2 rail 1,280", "en")
    assert "Input tax of a rail journey (vat.rail): 105.69 CNY" in rail
    assert any(line.startswith("comes to the amount × 9 ÷ (100 + 9)") for line in rail)
    assert "“Paper rail tickets” = accepted" in rail


def test_totals_free_text_and_clocks() -> None:
    """A running total has its unit, free text is not shown, a time of day reads as a clock."""
    policy = load_policy(EVERYTHING)
    evaluator = Evaluator(policy)
    found = {(e.rule, e.side): e for e in examples_of(evaluator)}
    tax = found["meal.ever", Side.GIVES]
    lines = explain_line(evaluator, tax.facts, "1", "en").lines()
    assert any("so far in its period: 1.59 EUR" in line for line in lines)
    assert any("purpose (purpose): …" in line for line in lines)
    late = found["diem.late", Side.OUTSIDE]
    drawn = "\n".join(explain_line(evaluator, late.facts, "1", "en").lines())
    assert "departure time (leaves_at): 09:59" in drawn
    claim = found["claim.mixed", Side.OUTSIDE]
    assert "the claim as a whole" in explain_claim(evaluator, claim.facts, "en").text


def test_no_such_line() -> None:
    """A line that the claim does not have is refused."""
    policy, case = case_of("cn-company", "Lodging")
    with pytest.raises(KeyError):
        explain_line(Evaluator(policy), case.facts, "none", "en")


def test_findings_that_no_rule_made() -> None:
    """A line of a category without rules is explained by the finding that it has."""
    policy = parse_policy(
        """
[policy]
id = "bare"
version = "1"
language = 1
currency = "EUR"
title = { en = "Bare", zh = "空" }
[category]
meal = { name = { en = "Meals", zh = "餐费" } }
gift = { name = { en = "Gifts", zh = "礼品" } }
[[rule]]
code = "x"
kind = "limit"
on = ["meal"]
title = { en = "X", zh = "某" }
at_most = "5"
"""
    )
    evaluator = Evaluator(policy)
    example = examples_of(evaluator)[0]
    line = example.facts.lines[0]
    facts = replace(example.facts, lines=(replace(line, category="gift"),))
    drawn = explain_line(evaluator, facts, line.id, "en").lines()
    assert any("scope.uncovered" in one for one in drawn)


def test_a_day_before_the_first_figure() -> None:
    """What no figure is in force for cannot be computed, and no day is told from which it is."""
    policy, case = case_of("cn-company", "Lodging")
    line = case.facts.lines[0]
    facts = replace(case.facts, lines=(replace(line, date=date(2025, 6, 2)),))
    drawn = explain_line(Evaluator(policy), facts, line.id, "en").lines()
    at = next(n for n, one in enumerate(drawn) if "“Days to file” = cannot be computed" in one)
    assert "in force from" not in drawn[at + 1]
