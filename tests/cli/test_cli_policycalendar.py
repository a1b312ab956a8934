"""`policy calendar` as people and scripts run it."""

from pathlib import Path

import pytest
from commandline import POLICY, contents, said

from crm_expenses.policyfile import load_policy

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a policy, which is the current one."""
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


COMMAND = ("policy", "calendar", "policy.toml", "--country", "CN")


@pytest.mark.parametrize(
    ("language", "added"),
    [
        ("en", "make-up working days added (6): 2026-01-04"),
        ("zh", "新增调休上班日（6）：2026-01-04"),
    ],
)
def test_days_are_written_and_told(here: Path, capsys: Capsys, language: str, added: str) -> None:
    """What changed is printed, with a word on the version; a second time there is nothing to do."""
    ran = said(capsys, *COMMAND, "--years", "2026", "--lang", language)
    assert (ran.code, ran.err) == (0, "")
    assert added in ran.out
    assert "2026-01-01 – 2026-12-31" in ran.out
    policy = load_policy("policy.toml")
    assert len(policy.calendar.work_days) == 6
    assert (here / "policy.toml").read_text("utf-8").startswith(POLICY)
    again = said(capsys, *COMMAND, "--years", "2026", "--lang", language)
    assert (again.code, len(again.out.splitlines())) == (0, 1)


def test_a_plan_writes_nothing(here: Path, capsys: Capsys) -> None:
    """With --plan the same is printed, and no file changes."""
    before = contents(here)
    ran = said(capsys, *COMMAND, "--years", "2025-2026", "--plan")
    assert ran.code == 0
    assert "nothing was written" in ran.out
    assert contents(here) == before


def test_json(here: Path, capsys: Capsys) -> None:
    """A script reads what changed, and whether it was written."""
    plan = said(capsys, *COMMAND, "--years", "2026", "--plan", "--json").json
    done = said(capsys, *COMMAND, "--years", "2026", "--json").json
    assert plan == {**done, "written": False}
    assert (done["file"], done["from"], done["until"]) == (
        "policy.toml",
        "2026-01-01",
        "2026-12-31",
    )
    assert len(done["rest_added"]) == 19
    assert done["work_removed"] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_unknown_year(here: Path, capsys: Capsys, language: str) -> None:
    """A year that is not known ends with 2, and nothing is written."""
    before = contents(here)
    ran = said(capsys, *COMMAND, "--years", "2026-2090", "--lang", language)
    assert (ran.code, ran.out) == (2, "")
    ran = said(capsys, *COMMAND, "--years", "2027", "--lang", language)
    assert (ran.code, ran.out) == (2, "")
    assert "2027" in ran.err
    assert "2026" in ran.err
    assert "--file days.csv" in ran.err
    assert contents(here) == before


def test_a_list(here: Path, capsys: Capsys) -> None:
    """A company's own list gives the days of a year that no package knows."""
    (here / "days.csv").write_text("date,kind\n2027-02-05,rest\n2027-02-06,work\n", "utf-8")
    ran = said(capsys, "policy", "calendar", "policy.toml", "--years", "2027", "--file", "days.csv")
    assert (ran.code, ran.err) == (0, "")
    assert "days of rest added (1): 2027-02-05" in ran.out
