"""`crm-expenses policy sql` prints a policy as queries, or writes them to a file."""

import re
from pathlib import Path

import pytest
from commandline import POLICY, said

from crm_expenses.rules.sql.dialect import DIALECTS


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A small policy with a window and a rule that rejects."""
    path = tmp_path / "policy.toml"
    path.write_text(POLICY, encoding="utf-8")
    return path


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_it_prints_the_queries(
    policy: Path, dialect: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The text for each engine goes to standard output, and ends with a query."""
    ran = said(capsys, "policy", "sql", str(policy), "--dialect", dialect)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"-- Policy small, version 1, as queries for {dialect}.\n")
    assert ran.out.endswith("\n;\n")
    assert "-- meal.day: Meals a day" in ran.out


def test_it_speaks_chinese(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Comments are in the language that is asked for; the queries are the same."""
    english = said(capsys, "policy", "sql", str(policy))
    chinese = said(capsys, "--lang", "zh", "policy", "sql", str(policy))
    assert "每日餐费" in chinese.out
    bare = [re.sub(r"^ *--.*\n", "", ran.out, flags=re.MULTILINE) for ran in (english, chinese)]
    unsaid = [re.sub(r"'solved_[^']*'", "''", text) for text in bare]
    assert unsaid[0].split() == unsaid[1].split()


def test_it_writes_a_file(policy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --out the text is in the file, byte for byte what would be printed."""
    out = tmp_path / "made" / "policy.sql"
    ran = said(capsys, "policy", "sql", str(policy), "--out", str(out))
    assert (ran.code, ran.out) == (0, f"Written: {out}\n")
    assert out.read_text("utf-8") == said(capsys, "policy", "sql", str(policy)).out


def test_rounds_are_written_out(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As many rounds as are asked for stand in the text, and one guard."""
    ran = said(capsys, "policy", "sql", str(policy), "--rounds", "3")
    assert re.findall(r"^-- Round (\d+) of 3\.$", ran.out, re.MULTILINE) == ["1", "2", "3"]
    assert len(re.findall(r"^CREATE TEMP TABLE \w+_guard AS$", ran.out, re.MULTILINE)) == 1


@pytest.mark.parametrize("rounds", ["0", "101", "-1"])
def test_a_number_of_rounds_that_cannot_be_is_refused(
    policy: Path, rounds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """None, or more than a hundred, is a mistake that names the limit."""
    ran = said(capsys, "policy", "sql", str(policy), "--rounds", rounds)
    assert ran.code == 2
    assert f"--rounds is {rounds}, but 1 to 100" in ran.err


def test_a_text_that_a_terminal_would_obey_is_not_printed(
    policy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Signs in a word of the policy must stay in the query, so it goes to a file only."""
    listed = '\n[choices]\npayment = ["a\\u202eb"]\n'
    rule = '\n[[rule]]\ncode = "pay.way"\nkind = "flag"\ntitle = { en = "P", zh = "付" }\n'
    rule += 'that = "present(payment) and payment == \\"a\\u202eb\\""\n'
    policy.write_text(POLICY + listed + rule, encoding="utf-8")
    ran = said(capsys, "policy", "sql", str(policy))
    assert (ran.code, ran.out) == (2, "")
    assert "--out" in ran.err
    out = tmp_path / "policy.sql"
    assert said(capsys, "policy", "sql", str(policy), "--out", str(out)).code == 0
    assert "'a\u202eb'" in out.read_text("utf-8")


def test_a_policy_with_a_mistake_is_refused(
    policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A policy that does not load has no queries."""
    policy.write_text(POLICY.replace('"meal_day"', '"meal_dya"'), encoding="utf-8")
    ran = said(capsys, "policy", "sql", str(policy))
    assert (ran.code, ran.out) == (2, "")
