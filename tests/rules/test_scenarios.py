"""Every case of scenarios/*.toml, as finance reads it: given these claims, this is decided."""

import tomllib
from collections import Counter, defaultdict
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from crm_expenses.claimdata import facts_from
from crm_expenses.core.decision import Decision
from crm_expenses.core.finding import Finding
from crm_expenses.core.money import Money
from crm_expenses.policyfile import load_policy
from crm_expenses.rules.evaluate import VOUCHER_WINDOW, Evaluator
from crm_expenses.rules.wording import finding_text

FOLDER: Final = Path(__file__).parent / "scenarios"
SPENDER: Final = {"id": "P", "name": "王芳", "grade": "senior", "team": "East"}


def cases() -> list[Any]:
    """Give every case of every file, named by its sentence."""
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        held = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
        found += [
            pytest.param(held["policy"], case["claim"], id=f"{path.stem}: {case['says']}")
            for case in held["case"]
        ]
    return found


@cache
def evaluator(policy: str) -> Evaluator:
    """Make a policy ready, once."""
    return Evaluator(load_policy(FOLDER / "policies" / f"{policy}.toml"))


def shown(finding: Finding) -> str:
    """Write a finding as the scenarios do: code, effect, what settled it or that it failed."""
    words = [finding.code, finding.effect.value]
    words += ["by", finding.resolved_by] if finding.resolved_by else []
    words += ["failed"] if finding.failed else []
    return " ".join(words)


def carried(decision: Decision) -> dict[str, dict[str, str]]:
    """Give what each rule counts of each line."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for carry in decision.carries:
        if carry.rule != VOUCHER_WINDOW:
            amount = Money(carry.amount, decision.allowed.currency).amount
            found[carry.line][carry.rule] = f"{amount:f}"
    return found


@pytest.mark.parametrize(("policy", "claims"), cases())
def test_scenario(policy: str, claims: list[dict[str, Any]]) -> None:
    """What is given leads to what is expected, for each line and each claim in turn."""
    ready, used = evaluator(policy), Counter[str]()
    for number, claim in enumerate(claims):
        lines = claim.get("line", [])
        written = {key: claim[key] for key in claim.keys() - {"line", "then"}}
        given = [{key: line[key] for key in line.keys() - {"then"}} for line in lines]
        written["lines"] = [{"line": str(at), **line} for at, line in enumerate(given)]
        bare = facts_from({"claim": f"C-{number}", "person": SPENDER, **written}, "CNY")
        facts = replace(bare, windows={key: used[key] for key in ready.windows_of(bare)})
        decision = ready.decide(facts)
        for carry in decision.carries:
            assert carry.window in facts.windows, "the window was asked for"
            used[carry.window] += carry.amount
        _compare_claim(decision, claim.get("then", {}))
        counted = carried(decision)
        for at, line in enumerate(lines):
            _compare_line(ready, decision, at, line["then"])
            if "carries" in line["then"]:
                assert counted[str(at)] == line["then"]["carries"]


def _compare_claim(decision: Decision, then: dict[str, Any]) -> None:
    found = {
        "outcome": decision.outcome.value,
        "claimed": f"{decision.claimed.amount:f}",
        "allowed": f"{decision.allowed.amount:f}",
        "findings": [shown(finding) for finding in decision.findings],
    }
    assert {key: found[key] for key in then} == then
    assert then.keys() >= {"findings"} or not decision.findings, "no finding goes unmentioned"


def _compare_line(ready: Evaluator, decision: Decision, at: int, then: dict[str, Any]) -> None:
    line = decision.lines[at]
    claimed = "" if line.claimed is None else f"{line.claimed.amount:f}"
    found: dict[str, Any] = {
        "outcome": line.outcome.value,
        "claimed": claimed,
        "allowed": f"{line.allowed.amount:f}",
        "findings": [shown(finding) for finding in line.findings],
    }
    if line.findings:
        first = line.findings[0]
        found["evidence"] = dict(first.evidence)
        found["en"] = finding_text(ready.policy, first, "en")
        found["zh"] = finding_text(ready.policy, first, "zh")
    assert {key: found[key] for key in then if key != "carries"} == {
        key: value for key, value in then.items() if key != "carries"
    }


def test_every_policy_of_the_scenarios_is_used() -> None:
    """No policy file lies there unread, and every case expects something of every line."""
    used = {param.values[0] for param in cases()}
    assert used == {path.stem for path in (FOLDER / "policies").glob("*.toml")}
    for param in cases():
        for claim in param.values[1]:
            for line in claim.get("line", []):
                assert line["then"].keys() >= {"outcome", "allowed", "findings"}
