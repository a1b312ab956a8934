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


CLAIMS = """\
{"claim": "C-1", "person": "P1", "submitted": "2026-03-06", "lines": [{"line": "1", "date": \
"2026-03-02", "category": "gift", "amount": "620", "justification": "opening"}]}
{"claim": "C-2", "person": "P1", "submitted": "2026-03-06", "lines": [{"line": "1", "date": \
"2026-03-02", "category": "meal", "amount": "20"}]}
"""
ROUTE = ("approvals", "route", "claims.jsonl", "--policy", "policy.toml", "--people", "people.csv")
WHEN = ("--at", "2026-03-06T09:00:00+08:00")


def test_the_route_of_claims_in_a_file(here: Path, capsys: Capsys) -> None:
    """Each claim's steps are shown with who, why and when; one that needs nobody says so."""
    (here / "claims.jsonl").write_text(CLAIMS, encoding="utf-8")
    ran = said(capsys, *ROUTE, *WHEN)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "C-1:",
        "  1. line: Li Lei (P2)",
        "     - because more than 500.00 CNY is allowed: 620.00",
        "  2. gifts: one of: Board (P4), Fin (P5)",
        "     - because it has lines in Gifts",
        "  Next: Li Lei (P2)",
        "C-2:",
        "  No person is needed: no step is due for 20.00 CNY.",
    ]
    zh = said(capsys, *ROUTE, *WHEN, "--lang", "zh")
    assert "  1. line：Li Lei (P2)" in zh.out
    first, second = said(capsys, *ROUTE, *WHEN, "--json").lines
    assert (first["acts_next"], second["acts_next"]) == (["P2"], [])
    assert [one["code"] for one in first["route"]["steps"]] == ["line", "gifts"]
    assert second["route"]["automatic"] == "not_due"
    assert set(first["text"]) == {"en", "zh"}


def test_claims_that_cannot_be_read_are_set_aside(here: Path, capsys: Capsys) -> None:
    """A claim that cannot be read is told on standard error; the others are shown."""
    broken = CLAIMS.replace('"620"', '"6,2O"')
    (here / "claims.jsonl").write_text(broken, encoding="utf-8")
    ran = said(capsys, *ROUTE, *WHEN, "--substitutes", "people.csv")
    assert ran.code == 2  # people are no substitutes
    ran = said(capsys, *ROUTE, *WHEN)
    assert ran.code == 1
    assert "6,2O" in ran.err
    assert "C-2:" in ran.out
    (here / "people.csv").write_text("id,mail\nP1,x\n", encoding="utf-8")
    assert "columns left alone: mail" in said(capsys, *ROUTE, *WHEN).err
