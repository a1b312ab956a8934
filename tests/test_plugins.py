"""Plug-in rules from a package that is really built and installed."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crm_expenses.api import check, decision_dict
from crm_expenses.core.record import canonical
from crm_expenses.errors import ConfigError
from crm_expenses.plugins import BoundedPlugIn, load_plug_in, with_plug_ins
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.policy import Policy

SOURCE = Path(__file__).parent / "outside_plugin"
POLICY = """
[policy]
id = "p"
version = "1"
language = 1
currency = "CNY"
title = { en = "P", zh = "政" }
[category.meal]
name = { en = "Meals", zh = "餐费" }
[[rule]]
code = "meal.cap"
kind = "limit"
on = ["meal"]
title = { en = "Meals", zh = "餐费" }
at_most = "100"
"""


@pytest.fixture(scope="module", autouse=True)
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Build the outside package's wheel and install it in a folder of the import path."""
    base = tmp_path_factory.mktemp("outside")
    copy, place = base / "source", base / "site"
    shutil.copytree(SOURCE, copy)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(base / "out")]
    subprocess.run(build, cwd=copy, check=True, capture_output=True)
    (wheel,) = (base / "out").glob("*.whl")
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "-q"]
    subprocess.run([*pip, "--target", str(place), str(wheel)], check=True, capture_output=True)
    sys.path.insert(0, str(place))
    yield place
    sys.path.remove(str(place))


def claim(*merchants: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Give a claim with one meal a merchant."""
    lines = [
        {"line": str(n), "date": "2026-03-02", "category": "meal", "amount": "50", "merchant": m}
        for n, m in enumerate(merchants, start=1)
    ]
    lines[0].update(more)
    return {"claim": "C", "person": "P", "submitted": "2026-03-05", "lines": lines}


def policy(*names: str) -> Policy:
    """Give the policy with plug-ins."""
    return with_plug_ins(parse_policy(POLICY), names)


def test_only_what_is_allowed_runs() -> None:
    """An installed plug-in does nothing until the settings name it."""
    given = claim("A", "A")
    assert check(given, policy()).outcome == "pass"
    assert check(given, policy("late_hours")).outcome == "justify"


def test_what_it_says_is_told_in_both_languages() -> None:
    """Its findings stand beside those of the rules, with its own words."""
    with_it = policy("late_hours")
    shown = decision_dict(check(claim("A", "A", "B"), with_it), with_it)
    first, second, third = shown["lines"]
    assert [f["code"] for f in first["findings"]] == ["late_hours.many"]
    assert first["findings"][0]["message"] == {
        "en": "Many of one merchant: 2 lines of one merchant",
        "zh": "同一商户多笔：同一商户 2 笔",
    }
    assert (second["outcome"], third["outcome"]) == ("justify", "pass")
    assert first["allowed"] == "50.00", "a plug-in changes no amount"


def test_a_reason_resolves_what_it_asks_for() -> None:
    """A justification on the line turns its question into a note."""
    found = check(claim("A", "A", justification="two tables"), policy("late_hours"))
    (finding,) = found.lines[0].findings
    assert (finding.effect, finding.resolved_by) == ("note", "justification")


def test_a_note_leaves_the_outcome() -> None:
    """A remark on the claim is a finding of the claim."""
    found = check(claim("A"), policy("late_hours"))
    assert found.outcome == "pass"
    assert [f.code for f in found.findings] == ["late_hours.seen"]


@pytest.mark.parametrize("name", ["shouts", "raises", "counts", "floods"])
def test_a_bad_one_sends_the_claim_to_a_person(name: str) -> None:
    """One that rejects or fails is named; nothing that it said stays, and no detail gets out."""
    with_it = policy(name, "late_hours")
    found = check(claim("A"), with_it)
    assert found.outcome == "review"
    said = sorted((f.code, f.failed) for f in found.findings)
    assert said == sorted([("late_hours.seen", ""), (name, "plug_in")])
    shown = decision_dict(found, with_it)
    assert "secret" not in str(shown)
    assert "could not judge" in str(shown["findings"])


def test_one_that_never_stops_leaves_nothing_that_runs() -> None:
    """Its answer is cut off behind the limit, and its thread ends: it would fill the memory."""
    found = check(claim("A"), policy("floods"))
    assert [(f.code, f.failed) for f in found.findings] == [("floods", "plug_in")]
    assert "plug-in floods" not in {thread.name for thread in threading.enumerate()}


def test_one_that_hangs_is_given_up_once() -> None:
    """After its time is over the claim goes to a person, and later claims do not wait for it."""
    stuck = load_plug_in("stuck")
    assert isinstance(stuck, BoundedPlugIn)
    hasty = (BoundedPlugIn(stuck, seconds=0.05),)
    quick = replace(parse_policy(POLICY), plug_ins=hasty, digest="quick")
    assert check(claim("A"), quick).findings[0].failed == "plug_in"
    assert check(claim("B"), quick).outcome == "review"


def test_its_version_is_part_of_the_digest() -> None:
    """A decision names the policy with its plug-ins; equal ones give equal bytes."""
    assert len({policy().digest, policy("late_hours").digest, policy("shouts").digest}) == 3
    given = claim("A", "A")
    assert canonical(check(given, policy("late_hours"))) == canonical(
        check(given, policy("late_hours"))
    )


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("nobody", "plug_in.unknown"),
        ("broken", "plug_in.broken"),
        ("bare", "plug_in.none"),
        ("misnamed", "plug_in.name"),
    ],
)
def test_what_cannot_be_loaded(name: str, code: str) -> None:
    """A mistake in the settings or the package is told by name."""
    with pytest.raises(ConfigError) as caught:
        policy(name)
    assert caught.value.code == code


def test_a_rule_of_the_same_name() -> None:
    """A rule whose codes would look like the plug-in's is refused."""
    text = POLICY.replace("meal.cap", "late_hours.cap")
    with pytest.raises(ConfigError) as caught:
        with_plug_ins(parse_policy(text), ["late_hours"])
    assert caught.value.code == "plug_in.code"
