"""`backtest`, on a file and on a store, beside `check` of both policies."""

import csv
import json
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest
from commandline import AT, POLICY, contents, said

from crm_expenses.analytics.backtest import backtest_schema

Capsys = pytest.CaptureFixture[str]

HEADER = "claim,person,team,submitted,status,line,date,category,amount,currency"
ROWS = (
    "C-1,P1,East,2026-03-05T09:00:00+08:00,paid,L-1,2026-03-02,meal,120,CNY",
    "C-2,P1,East,2026-03-06T09:00:00+08:00,submitted,L-2,2026-03-02,meal,80,CNY",
    "C-3,P2,West,2026-03-07T09:00:00+08:00,submitted,L-3,2026-04-03,gift,450,CNY",
    "C-4,P2,West,2026-03-08T09:00:00+08:00,withdrawn,L-4,2026-04-03,meal,200,CNY",
    "C-5,P2,West,2026-03-09T09:00:00+08:00,submitted,L-5,2026-04-03,meal,90,CNY",
)
"""Of 150 a day C-1 has 120 and C-2 30; of 100 a day, 100 and nothing. Gifts up to 500, then 400."""


@pytest.fixture
def data(company: Path) -> Path:
    """A file of claims, and a stricter policy."""
    path = company / "claims.csv"
    path.write_text("\n".join((HEADER, *ROWS, "")), encoding="utf-8")
    stricter = POLICY.replace('version = "1"', 'version = "2"')
    stricter = stricter.replace("is = 150", "is = 100").replace("is = 500", "is = 400")
    (company / "new.toml").write_text(stricter, encoding="utf-8")
    return path


FILES = ("--policy", "new.toml", "--against", "policy.toml")


def test_a_file(data: Path, capsys: Capsys) -> None:
    """Money, claims, people and outcomes before and after, as counted on paper."""
    ran = said(capsys, "backtest", "claims.csv", *FILES, "--json")
    assert ran.code == 0
    made = ran.json
    jsonschema.Draft202012Validator(backtest_schema()).validate(made)
    totals = made["totals"]
    assert (totals["claims"], totals["left_out"], totals["people"]) == (4, 1, 2)
    spend = {"lines": 4, "claimed": "740.00", "before": "690.00", "after": "590.00"}
    assert totals["spend"] == {**spend, "difference": "-100.00", "share": "-0.1449"}
    assert totals["touched"] == {"lines": 3, "claims": 3, "people": 2}
    assert differences(made["rules"], "changed") == {"gift.item": "-50.00", "meal.day": "-50.00"}
    assert differences(made["categories"]) == {"gift": "-50.00", "meal": "-50.00"}
    assert differences(made["teams"]) == {"East": "-50.00", "West": "-50.00"}
    assert differences(made["months"]) == {"2026-03": "-50.00", "2026-04": "-50.00"}
    assert [c["claim"] for c in made["needs_person"]["now"]["listed"]] == ["C-3"]
    assert made["needs_person"]["no_longer"]["claims"] == 0


def differences(groups: list[dict[str, Any]], spend: str = "spend") -> dict[str, str]:
    """Give the difference of each group that has one."""
    found = {(g.get("key") or g.get("code") or ""): g[spend]["difference"] for g in groups}
    return {key: value for key, value in found.items() if value != "0.00"}


def test_agrees_with_check(data: Path, capsys: Capsys) -> None:
    """Both sides of every flip are what `check` decides with that policy, in the same words."""
    made = said(capsys, "backtest", "claims.csv", *FILES, "--json").json
    decided = {
        side: {
            d["claim"]: d
            for d in said(capsys, "check", "claims.csv", "--policy", file, "--json").lines
        }
        for side, file in (("before", "policy.toml"), ("after", "new.toml"))
    }
    assert [flip["claim"] for flip in made["flips"]] == ["C-3", "C-2", "C-1"]
    for flip in made["flips"]:
        for side, claims in decided.items():
            whole = claims[flip["claim"]]
            assert flip[side]["outcome"] == whole["outcome"]
            assert flip[side]["allowed"] == whole["allowed"]
            lines = {one["line"]: one for one in whole["lines"]}
            for line in flip["lines"]:
                own = lines[line["line"]]
                messages = [said["message"] for said in line[side]["findings"]]
                assert messages == [finding["message"] for finding in own["findings"]]


def test_against_itself(data: Path, capsys: Capsys) -> None:
    """A policy against itself differs nowhere."""
    ran = said(
        capsys,
        "backtest",
        "claims.csv",
        "--policy",
        "policy.toml",
        "--against",
        "policy.toml",
        "--json",
    )
    made = ran.json
    assert made["flips"] == []
    assert made["totals"]["spend"]["difference"] == "0.00"


def test_summary_page_and_flips(data: Path, capsys: Capsys, tmp_path: Path) -> None:
    """The summary is printed, and says where page and flips were written."""
    page, flips = tmp_path / "page.html", tmp_path / "flips.parquet"
    words = ("--html", str(page), "--flips", str(flips))
    ran = said(capsys, "backtest", "claims.csv", *FILES, *words)
    assert ran.code == 0
    assert "allowed 690.00 before and 590.00 after: −100.00 CNY (−14.49%)" in ran.out
    assert "decided otherwise: claims 3, lines 3, people 2" in ran.out
    assert str(page) in ran.out
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    with duckdb.connect() as engine:
        rows = engine.execute(
            "SELECT level, claim, line, rule_code, difference, findings_before, findings_after "  # noqa: S608
            f"FROM read_parquet('{flips}')"
        ).fetchall()
    assert rows == [
        ("claim", "C-1", None, None, -2_000, None, None),
        ("line", "C-1", "L-1", "meal.day", -2_000, None, "meal.day:cap"),
        ("claim", "C-2", None, None, -3_000, None, None),
        ("line", "C-2", "L-2", "meal.day", -3_000, "meal.day:cap", "meal.day:cap"),
        ("claim", "C-3", None, None, -5_000, None, None),
        ("line", "C-3", "L-3", "gift.item", -5_000, None, "gift.item:justify"),
    ]


def test_speaks_chinese(data: Path, capsys: Capsys) -> None:
    """The summary and the page start in the language asked for."""
    ran = said(capsys, "--lang", "zh", "backtest", "claims.csv", *FILES, "--html", "page.html")
    assert "结论有变：3 张报销单" in ran.out
    assert '<html lang="zh-CN"' in Path("page.html").read_text("utf-8")


def test_a_sweep_is_many_back_tests(data: Path, capsys: Capsys) -> None:
    """Each point of a curve is what a back-test with that value gives."""
    words = ("--sweep", "meal_day=100:200:50", "--json")
    points = said(capsys, "backtest", "claims.csv", *FILES, *words).json["sweep"]["points"]
    assert [point["value"] for point in points] == ["100.00", "150.00", "200.00"]
    for point in points:
        policy = Path("new.toml").read_text("utf-8").replace("is = 100", f"is = {point['value']}")
        Path("one.toml").write_text(policy, encoding="utf-8")
        made = said(
            capsys,
            "backtest",
            "claims.csv",
            "--policy",
            "one.toml",
            "--against",
            "policy.toml",
            "--json",
        ).json
        assert point["allowed"] == made["totals"]["spend"]["after"]
        passed = sum(c["lines"] for c in made["changes"] if c["after"] == "pass")
        assert point["exceptions"] == made["totals"]["spend"]["lines"] - passed
    shown = said(capsys, "backtest", "claims.csv", *FILES, *words[:2])
    assert "150.00 640.00 −50.00" in " ".join(shown.out.split())


def test_a_store(company: Path, data: Path, capsys: Capsys) -> None:
    """With settings, the claims are those of the store, and the old policy that of the settings."""
    said(capsys, "sync", "--at", AT)
    before = contents(company)
    made = said(capsys, "backtest", "crm_expenses.toml", "--policy", "new.toml", "--json").json
    assert contents(company) == before
    assert made["old"]["version"] == "1"
    assert made["totals"]["spend"]["before"] == "710.00"
    assert made["totals"]["spend"]["after"] == "560.00"
    decided = {flip["claim"]: flip for flip in made["flips"]}
    assert set(decided) == {"C-1", "C-2"}
    assert decided["C-1"]["after"]["allowed"] == "100.00"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("claims.csv", "--policy", "new.toml"), "--against OLD.toml"),
        ((".", *FILES), "the table claims has no column submitted_on"),
        (("crm_expenses.toml", *FILES), "store.sqlite3"),
        (("claims.csv", *FILES, "--sweep", "meal=1:2:1"), "meal_day"),
        (("claims.csv", *FILES, "--flips", "nowhere/x.parquet"), "nowhere"),
        (("claims.csv", *FILES, "--html", "nowhere/x.html"), "nowhere"),
        (("claims.csv", "--policy", "none.toml", "--against", "policy.toml"), "none.toml"),
    ],
)
def test_says_what_to_mend(data: Path, capsys: Capsys, words: tuple[str, ...], told: str) -> None:
    """What cannot be done is refused with what to do, and answers 2."""
    ran = said(capsys, "backtest", *words)
    assert ran.code == 2
    assert told in ran.err


def test_rows_set_aside_are_told(data: Path, capsys: Capsys) -> None:
    """A row that cannot be read is named, and the others are counted."""
    with data.open("a", encoding="utf-8", newline="") as held:
        csv.writer(held).writerow(
            ["C-6", "P2", "West", "2026-03-09T09:00:00+08:00", "paid", "L-6", "2026-04-03", "meal",
             "1,234.5x", "CNY"]
        )  # fmt: skip
    ran = said(capsys, "backtest", "claims.csv", *FILES, "--json")
    assert "set aside: " in ran.err
    assert json.loads(ran.out)["totals"]["claims"] == 4
