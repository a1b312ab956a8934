"""`policy check` and `policy schema`."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
from commandline import POLICY, said

from crm_expenses.policyfile import load_policy

Capsys = pytest.CaptureFixture[str]

FIVE = (
    POLICY.replace('at_most = "meal_day"', 'at_most = "meal_dya"')
    .replace('kind = "forbid"', 'kind = "forbit"')
    .replace('period = "day"', 'period = "dya"')
    .replace('that = "amount > 0"', 'that = "amount >"')
    .replace("is = 500", 'is = "five"')
)
"""The policy with five mistakes."""


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "policy.toml: policy small, version 1: 3 rules and 2 parameters, no mistakes.\n"),
        ("zh", "policy.toml：政策 small，版本 1：3 条规则、2 项标准，没有错误。\n"),
    ],
)
def test_a_good_policy_is_told(company: Path, capsys: Capsys, language: str, told: str) -> None:
    """A policy without mistakes is named with its size, on standard output."""
    ran = said(capsys, "policy", "check", "policy.toml", "--lang", language)
    assert (ran.code, ran.out, ran.err) == (0, told, "")


@pytest.mark.parametrize(("language", "count"), [("en", "mistakes"), ("zh", "处错误")])
def test_every_mistake_is_told_at_once(
    company: Path, capsys: Capsys, language: str, count: str
) -> None:
    """A policy with mistakes answers 1, each with its place, on standard error."""
    (company / "policy.toml").write_text(FIVE, encoding="utf-8")
    ran = said(capsys, "policy", "check", "policy.toml", "--lang", language)
    assert (ran.code, ran.out) == (1, "")
    *mistakes, last = ran.err.splitlines()
    assert count in last
    assert all(line.startswith("policy.toml:") for line in mistakes)
    assert len(mistakes) >= 3


def test_json_of_a_good_policy(company: Path, capsys: Capsys) -> None:
    """A script reads whether the policy is valid, and which it is."""
    ran = said(capsys, "policy", "check", "policy.toml", "--json")
    assert (ran.code, ran.err) == (0, "")
    policy = load_policy(company / "policy.toml")
    assert ran.json == {
        "file": "policy.toml",
        "valid": True,
        "problems": [],
        "policy": {"id": "small", "version": "1", "digest": policy.digest, "rules": 3},
    }


def test_json_of_a_bad_policy(company: Path, capsys: Capsys) -> None:
    """A script reads each mistake with code, place and a message in both languages."""
    (company / "policy.toml").write_text(FIVE, encoding="utf-8")
    english, chinese = (
        said(capsys, "policy", "check", "policy.toml", "--json", "--lang", one)
        for one in ("en", "zh")
    )
    assert (english.code, english.err) == (1, "")
    assert english.json == chinese.json
    assert english.json["valid"] is False
    assert set(english.json) == {"file", "valid", "problems"}
    text = FIVE.splitlines()
    for problem in english.json["problems"]:
        assert set(problem) == {"code", "line", "column", "message"}
        assert problem["message"]["en"] != problem["message"]["zh"]
        assert 1 <= problem["line"] <= len(text)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_policy_that_is_not_there(company: Path, capsys: Capsys, language: str) -> None:
    """No file, or a folder in its place, is wrong usage and no bad policy."""
    for name in ("none.toml", "crm"):
        for more in ((), ("--json",)):
            ran = said(capsys, "policy", "check", name, *more, "--lang", language)
            assert (ran.code, ran.out) == (2, "")
            assert name in ran.err


def test_schema_accepts_the_policy_and_no_other(company: Path, capsys: Capsys) -> None:
    """`policy schema` prints a JSON Schema that our policy fits, and a wrong one does not."""
    ran = said(capsys, "policy", "schema")
    assert (ran.code, ran.err) == (0, "")
    schema = json.loads(ran.out)
    jsonschema.Draft202012Validator.check_schema(schema)
    policy = tomllib.loads(POLICY)
    dated = json.loads(json.dumps(policy, default=str))
    jsonschema.Draft202012Validator(schema).validate(dated)
    dated["rule"][0]["kind"] = "limt"
    assert not jsonschema.Draft202012Validator(schema).is_valid(dated)


def test_escapes_in_a_policy_are_inert(company: Path, capsys: Capsys) -> None:
    """What a policy file holds cannot move the terminal when its mistake is told."""
    hostile = POLICY.replace('kind = "forbid"', 'kind = "\\u001b[2J\\u202e"')
    (company / "policy.toml").write_text(hostile, encoding="utf-8")
    for more in ((), ("--json",)):
        ran = said(capsys, "policy", "check", "policy.toml", *more)
        assert ran.code == 1
        assert not {"\x1b", "\u202e"} & set(ran.out + ran.err)
