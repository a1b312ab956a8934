"""`budgets` as a group: alone it lists, as before; plans are checked and written."""

from pathlib import Path

import pytest
from commandline import AT, said

from crm_expenses.budgetplan import load_plan

Capsys = pytest.CaptureFixture[str]
HEADER = "budget,scope,owner,period,amount,currency,at_limit\n"
GOOD = HEADER + "B-1,team,East,FY2026-Q1,120000,CNY,approve\nB-2,account,A-7,FY2026,0,CNY,freeze\n"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A good plan."""
    path = tmp_path / "plan.csv"
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_the_group_alone_lists(company: Path, capsys: Capsys) -> None:
    """`budgets`, `budgets CRM`, `budgets list` and options first all give the same list."""
    assert said(capsys, "sync", "--at", AT).code == 0
    plain = said(capsys, "budgets", "--at", AT, "--json")
    assert len(plain.json["budgets"]) == 2
    name = connect_name(company)
    for words in (("list",), (name,), ("list", name)):
        assert said(capsys, "budgets", *words, "--at", AT, "--json") == plain
    told = said(capsys, "budgets", "nowhere", "--at", AT)
    assert told.code == 2
    assert "nowhere" in told.err
    out = company / "plan.xlsx"
    done = said(capsys, "budgets", "export", str(out))
    assert (done.code, done.err) == (0, "")
    assert "2 budgets" in done.out
    assert [one.budget.amount.minor for one in load_plan(out)] == [100_000, 300_000]
    again = said(capsys, "budgets", "import", str(out), "--check", "--json")
    assert [row["at_limit"] for row in again.json["budgets"]] == ["freeze", "notify"]


def connect_name(company: Path) -> str:
    """Give the name of the company's one connection."""
    settings = (company / "crm_expenses.toml").read_text(encoding="utf-8")
    return settings.partition("[crm.")[2].partition("]")[0]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_good_plan(plan: Path, capsys: Capsys, language: str) -> None:
    """Each budget and the sums are shown, in the reader's language; the answer is yes."""
    ran = said(capsys, "budgets", "import", str(plan), "--check", "--lang", language)
    assert (ran.code, ran.err) == (0, "")
    for word in ("B-1", "2026-03-31", "120,000.00", "approve", "A-7", "120000.00 CNY"):
        assert word in ran.out
    assert ("Nothing was written" if language == "en" else "未写入") in ran.out


def test_a_good_plan_for_a_script(plan: Path, capsys: Capsys) -> None:
    """Budgets by the columns of a plan, and the sums, as text and never as floats."""
    ran = said(capsys, "budgets", "import", str(plan), "--check", "--json", "--year-start", "04-01")
    assert (ran.code, ran.json["valid"], ran.json["problems"]) == (0, True, [])
    first, second = ran.json["budgets"]
    assert (first["start"], first["end"]) == ("2025-04-01", "2025-06-30")
    assert (second["amount"], second["at_limit"]) == ("0.00", "freeze")
    assert ran.json["sums"] == [
        {"scope": "team", "currency": "CNY", "amount": "120000.00", "budgets": 1},
        {"scope": "account", "currency": "CNY", "amount": "0.00", "budgets": 1},
    ]


def test_weeks_and_names_of_years(plan: Path, capsys: Capsys) -> None:
    """The company's own year is the one that the options say."""
    words = ("--weeks", "4-4-5", "--year-named", "start", "--year-start", "07-01")
    ran = said(capsys, "budgets", "import", str(plan), "--check", "--json", *words)
    # 1 July 2026 is a Wednesday: the nearest Monday is 29 June.
    assert ran.json["budgets"][0]["start"] == "2026-06-29"
    for wrong in ("0401", "02-30", "13-01", "x-y"):
        told = said(capsys, "budgets", "import", str(plan), "--check", "--year-start", wrong)
        assert told.code == 2
        assert wrong in told.err


def test_a_bad_plan(plan: Path, capsys: Capsys) -> None:
    """Every mistake is told with row and column, and the answer is no."""
    plan.write_text(GOOD + "B-3,group,,FY2026,=1,CNY,\n", encoding="utf-8")
    ran = said(capsys, "budgets", "import", str(plan), "--check")
    assert (ran.code, ran.out) == (1, "")
    assert "plan.csv:4:2: scope is group" in ran.err
    assert "plan.csv:4:5: amount is =1" in ran.err
    told = said(capsys, "budgets", "import", str(plan), "--check", "--json")
    assert (told.code, told.json["valid"]) == (1, False)
    found = [(p["code"], p["line"], p["column"]) for p in told.json["problems"]]
    assert found == [("budgets.plan_choice", 4, 2), ("budgets.plan_formula", 4, 5)]


def test_help_of_the_group(capsys: Capsys) -> None:
    """The group's help names its commands."""
    ran = said(capsys, "budgets", "--help")
    assert ran.code == 0
    for word in ("list", "import", "export", "carry", "transfer", "approve", "refuse", "alerts"):
        assert word in ran.out
