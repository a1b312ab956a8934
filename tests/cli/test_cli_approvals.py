"""`approvals check` as people and scripts run it."""

from pathlib import Path

import pytest
from commandline import POLICY, said

Capsys = pytest.CaptureFixture[str]

STEPS = """
[[approval]]
code = "line"
who = "manager"
above = 500
outcome = "review"

[[approval]]
code = "gifts"
who = "role:finance"
on = ["gift"]
escalate_after = 3

[[authority]]
who = "everyone"
up_to = 2000

[[authority]]
who = "role:board"
"""
PEOPLE = """id,name,manager,roles
P1,王芳,P2,
P2,Li Lei,P3,
P3,Zhao Min,,board
P4,Board,,board;finance
P5,Fin,P3,finance
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a policy and its people, which is the current one."""
    (tmp_path / "policy.toml").write_text(POLICY + STEPS, encoding="utf-8")
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


COMMAND = ("approvals", "check", "policy.toml", "--people", "people.csv", "--day", "2026-03-01")


@pytest.mark.parametrize(
    ("language", "wrong", "note"),
    [
        (
            "en",
            "wrong: nobody can take the step line for a claim of P3 Zhao Min of 0.01 CNY (Meals)",
            "note: Meals, Alcohol: up to 500.00 CNY a claim may pass without a person",
        ),
        (
            "zh",
            "问题：P3 Zhao Min 金额 0.01 CNY（餐费）的报销单在节点 line 无人可审批",
            "提示：餐费、酒：不超过 500.00 CNY",
        ),
    ],
)
def test_what_is_wrong_is_told_first(
    here: Path, capsys: Capsys, language: str, wrong: str, note: str
) -> None:
    """Findings come with a witness, notes after them; then the exit code is 1."""
    ran = said(capsys, *COMMAND, "--lang", language)
    assert (ran.code, ran.err) == (1, "")
    lines = ran.out.splitlines()
    assert any(line.startswith(wrong) for line in lines)
    assert any(line.startswith(note) for line in lines)
    is_note = [line.startswith(("note", "提示")) for line in lines[:-1]]
    assert is_note == sorted(is_note)
    assert "5" in lines[-1]


def test_json_for_scripts(here: Path, capsys: Capsys) -> None:
    """One value with every finding, its witness and both messages."""
    ran = said(capsys, *COMMAND, "--json")
    assert (ran.code, ran.err) == (1, "")
    found = ran.json
    assert (found["sound"], found["claimants"], found["currency"]) == (False, 5, "CNY")
    assert found["amounts"] == ["0.01", "500.00", "500.01", "2000.00", "2000.01"]
    assert found["policy"]["id"] == "small"
    away = next(one for one in found["found"] if one["kind"] == "away")
    assert (away["who"], away["claimant"], away["path"]) == ("P2", "P1", ["P2"])
    assert (away["note"], away["step"], away["category"]) == (False, "line", "meal")
    assert set(away["message"]) == {"en", "zh"}
    limit = [one for one in found["found"] if one["kind"] == "authority"]
    assert {one["amount"] for one in limit} <= {"2000.01"}


def test_a_sound_organisation(here: Path, capsys: Capsys) -> None:
    """With the gaps closed the answer is yes."""
    mended = STEPS.replace('who = "manager"', 'who = ["manager", "role:board"]')
    mended = mended.replace('who = "role:finance"', 'who = ["role:finance", "role:board"]')
    (here / "policy.toml").write_text(POLICY + mended, encoding="utf-8")
    people = PEOPLE + "P6,Second,,board\n"
    (here / "people.csv").write_text(people, encoding="utf-8")
    ran = said(capsys, *COMMAND)
    assert ran.code == 0, ran.out
    assert ran.out.splitlines()[-1].endswith("each claim finds its approvers, whoever is away.")
    assert said(capsys, *COMMAND, "--json").json["sound"] is True


def test_substitutes_roles_and_the_greatest_amount(here: Path, capsys: Capsys) -> None:
    """Substitutes come from a table, roles from the settings, the greatest amount from the word."""
    (here / "acting.csv").write_text("who,instead_of\nP4,P2\n", encoding="utf-8")
    settings = '[company]\nname = "S"\n[policy]\nfile = "policy.toml"\n[roles]\nboard = ["P9"]\n'
    (here / "s.toml").write_text(settings, encoding="utf-8")
    more = ("--substitutes", "acting.csv", "--roles", "s.toml", "--greatest", "700.50")
    found = said(capsys, *COMMAND, *more, "--json").json
    assert found["amounts"] == ["0.01", "500.00", "500.01", "700.50"]
    covered = [one for one in found["found"] if one["kind"] == "covered" and one["who"] == "P2"]
    assert [one["path"] for one in covered] == [["P2", "P4"]]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--day", "soon"), "soon is not a day"),
        (("--greatest", "0"), "0 is not an amount above zero in CNY"),
        (("--greatest", "5.001"), "5.001 is not an amount"),
        (("--people", "nobody.csv"), "nobody.csv cannot be read"),
        (("--roles", "none.toml"), "none.toml"),
    ],
)
def test_wrong_words(here: Path, capsys: Capsys, words: tuple[str, ...], part: str) -> None:
    """What cannot be meant is named; the exit code is 2."""
    ran = said(capsys, *COMMAND, *words)
    assert (ran.code, ran.out) == (2, "")
    assert part in ran.err


def test_columns_that_are_left_alone_are_named(here: Path, capsys: Capsys) -> None:
    """A misspelt column does not go unseen; and without --day it is today."""
    (here / "people.csv").write_text("id,manger\nP1,P2\n", encoding="utf-8")
    ran = said(capsys, *COMMAND[:5])
    assert ran.err == "columns left alone: manger\n"
