"""`crm-expenses policy test`: what a person and a script are told of the cases of a policy."""

from pathlib import Path
from typing import Final

import pytest
from commandline import POLICY, child, said

GOOD: Final = """
[[case]]
name = "Within the limit"
[case.claim]
claim = "C-1"
person = "P1"
submitted = 2026-03-10
lines = [{ line = "1", date = 2026-03-03, category = "meal", amount = 150 }]
[case.expect]
outcome = "pass"
"""
BAD: Final = """
[[case]]
name = "Above the limit"
source = "Handbook, 4"
certainty = "S"
[case.claim]
claim = "C-1"
person = "P1"
submitted = 2026-03-10
lines = [{ line = "1", date = 2026-03-03, category = "meal", amount = 151 }]
[case.expect]
outcome = "pass"
allowed = "151.00"
findings = []
lines = [{ line = "1", allowed = 151 }]
"""


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A policy in a folder of its own, which is where commands run."""
    monkeypatch.chdir(tmp_path)
    path = Path("small.toml")
    path.write_text(POLICY, encoding="utf-8")
    return path


def test_all_pass(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Cases that come out as expected are counted, and the command succeeds."""
    Path("small.cases.toml").write_text(GOOD, encoding="utf-8")
    ran = said(capsys, "policy", "test", str(policy))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "small.toml: 1 cases passed, 0 failed.\n"


def test_a_failure_says_what_came_out(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A failed case is told with its place, source and certainty, and each difference."""
    Path("small.cases.toml").write_text(GOOD + BAD, encoding="utf-8")
    ran = said(capsys, "policy", "test", str(policy))
    assert ran.code == 1
    assert ran.out.splitlines() == [
        "small.cases.toml:12:1: Above the limit",
        "  source: Handbook, 4",
        "  certainty: S",
        "  outcome: expected pass, got reduced",
        "  allowed: expected 151.00, got 150.00",
        "  findings: expected nothing, got meal.day",
        "  line 1: allowed: expected 151, got 150.00",
        "small.toml: 1 cases passed, 1 failed.",
    ]


def test_in_chinese(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same in Chinese."""
    Path("small.cases.toml").write_text(BAD, encoding="utf-8")
    ran = said(capsys, "policy", "test", str(policy), "--lang", "zh")
    assert "  结论：预期 通过，实得 核减" in ran.out
    assert "  明细 1：允许金额：预期 151，实得 150.00" in ran.out
    assert "small.toml：通过 0 个用例，未通过 1 个。" in ran.out


def test_no_case_is_no_proof(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file without cases fails, also beside a policy whose cases pass."""
    Path("empty.cases.toml").write_text("", encoding="utf-8")
    Path("empty.toml").write_text(POLICY, encoding="utf-8")
    Path("small.cases.toml").write_text(GOOD, encoding="utf-8")
    ran = said(capsys, "policy", "test", "empty.toml", str(policy))
    assert ran.code == 1
    assert "empty.cases.toml has no case" in ran.err
    assert "small.toml: 1 cases passed, 0 failed." in ran.out


def test_several_policies(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each policy has its own cases; one failure fails the command."""
    Path("other.toml").write_text(POLICY, encoding="utf-8")
    Path("small.cases.toml").write_text(GOOD, encoding="utf-8")
    Path("other.cases.toml").write_text(BAD, encoding="utf-8")
    ran = said(capsys, "policy", "test", str(policy), "other.toml", "--json")
    assert ran.code == 1
    told = ran.json
    assert told["passed"] is False
    assert [(one["file"], one["passed"], one["failed"]) for one in told["files"]] == [
        ("small.toml", 1, 0),
        ("other.toml", 0, 1),
    ]
    (case,) = told["files"][1]["cases"]
    assert (case["source"], case["certainty"], case["passed"]) == ("Handbook, 4", "S", False)
    assert case["differences"][1] == {
        "line": "",
        "what": "allowed",
        "of": "",
        "expected": "151.00",
        "got": "150.00",
        "notes": [],
    }


def test_cases_elsewhere(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Cases may stand in another file, of one policy at a time."""
    Path("mine.toml").write_text(GOOD, encoding="utf-8")
    assert said(capsys, "policy", "test", str(policy), "--cases", "mine.toml").code == 0
    ran = said(capsys, "policy", "test", str(policy), str(policy), "--cases", "mine.toml")
    assert ran.code == 2
    assert "2 policies are given" in ran.err


@pytest.mark.parametrize(
    ("cases", "told"),
    [
        (None, "cannot read small.cases.toml"),
        ("[[case", "small.cases.toml:1"),
        (GOOD.replace("pass", "fine"), "small.cases.toml:10:"),
        (
            GOOD.replace('"meal", amount = 150', '"meal", amount = "ten"'),
            "small.cases.toml:8:71: ten",
        ),
    ],
)
def test_a_bad_file_is_told(
    policy: Path, capsys: pytest.CaptureFixture[str], cases: str | None, told: str
) -> None:
    """A cases file that is not there or has mistakes ends the command with 2."""
    if cases is not None:
        Path("small.cases.toml").write_text(cases, encoding="utf-8")
    ran = said(capsys, "policy", "test", str(policy))
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err


def test_a_bad_policy_is_told(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A policy with mistakes is no policy to test."""
    policy.write_text(POLICY.replace('"meal_day"', '"meal_dya"'), encoding="utf-8")
    Path("small.cases.toml").write_text(GOOD, encoding="utf-8")
    ran = said(capsys, "policy", "test", str(policy))
    assert ran.code == 2
    assert "meal_dya" in ran.err


def test_names_cannot_move_a_terminal(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a cases file says is made visible before it is printed."""
    Path("small.cases.toml").write_text(
        BAD.replace("Above the limit", "a\\u001b[2Jb"), encoding="utf-8"
    )
    ran = said(capsys, "policy", "test", str(policy))
    assert "\x1b" not in ran.out
    assert "a\\x1b[2Jb" in ran.out


def test_as_a_program(policy: Path) -> None:
    """The command runs in a process of its own."""
    Path("small.cases.toml").write_text(GOOD, encoding="utf-8")
    ran = child("policy", "test", str(policy), cwd=Path.cwd())
    assert (ran.code, ran.out) == (0, "small.toml: 1 cases passed, 0 failed.\n")


def test_a_failure_explained(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --explain each failed case has below it how the lines that differ came about."""
    Path("small.cases.toml").write_text(GOOD + BAD, encoding="utf-8")
    plain = said(capsys, "policy", "test", str(policy)).out.splitlines()
    ran = said(capsys, "policy", "test", str(policy), "--explain")
    assert ran.code == 1
    told = ran.out.splitlines()
    assert [line for line in told if not line.startswith("    ")] == plain
    tree = [line for line in told if line.startswith("    ")]
    assert tree[0] == "    line 1: reduced; claimed 151 CNY, allowed 150 CNY"
    assert any("meal.day" in line for line in tree)
    assert told.index(tree[0]) == plain.index("  line 1: allowed: expected 151, got 150.00") + 1
    chinese = said(capsys, "policy", "test", str(policy), "--explain", "--lang", "zh").out
    assert "    明细 1：核减；申报 151 元，核准 150 元" in chinese
    told = said(capsys, "policy", "test", str(policy), "--explain", "--json").json
    good, bad = told["files"][0]["cases"]
    assert "derivation" not in good
    assert [f"    {line}" for line in bad["derivation"]] == tree
    assert said(capsys, "policy", "test", str(policy)).out.splitlines() == plain


def test_notes_stand_below_their_difference(
    policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What an amount is made of follows it, for a person and, in both languages, as JSON."""
    rule = """
[[rule]]
code = "meal.flat"
kind = "allow"
on = ["meal"]
component = "flat"
title = { en = "Flat", zh = "定额" }
gives = "meal_day"
"""
    policy.write_text(POLICY + rule, encoding="utf-8")
    Path("small.cases.toml").write_text(
        GOOD.replace('outcome = "pass"', 'allowed = "1.00"'), encoding="utf-8"
    )
    ran = said(capsys, "policy", "test", str(policy))
    assert ran.out.splitlines()[1:3] == [
        "  allowed: expected 1.00, got 150.00",
        "    line 1: flat 150.00 by meal.flat",
    ]
    told = said(capsys, "policy", "test", str(policy), "--json").json
    (note,) = told["files"][0]["cases"][0]["differences"][0]["notes"]
    assert note == {
        "en": "line 1: flat 150.00 by meal.flat",
        "zh": "明细 1：flat 150.00（meal.flat）",
    }
