"""The examples run as their README says, on the samples that stand beside them."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crm_expenses.cli import run

EXAMPLES = Path(__file__).parent.parent / "examples"
CHAMBER = EXAMPLES / "chamber"
SALES = EXAMPLES / "crm-sales"


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    """Give a copy of the sales example, so that nothing is written beside the real one."""
    return Path(shutil.copytree(SALES, tmp_path / "sales"))


def test_chamber_check(capsys: pytest.CaptureFixture[str]) -> None:
    """Every row of the sample is decided or set aside, and each finding is the one planted."""
    code = run(
        [
            "check",
            str(CHAMBER / "sample" / "reimbursements.csv"),
            "--policy",
            str(CHAMBER / "policy.toml"),
            "--mapping",
            str(CHAMBER / "mapping.toml"),
            "--json",
            "--lang",
            "en",
        ]
    )
    printed = capsys.readouterr()
    decisions = {d["claim"]: d for d in map(json.loads, printed.out.splitlines())}
    assert code == 1
    assert "12 rows = 11 lines decided + 1 set aside + 0 without a line" in printed.err
    assert "reimbursements.csv:13: total_net_value is 1,9x" in printed.err
    found = {
        (line["line"], finding["code"])
        for decision in decisions.values()
        for line in decision["lines"]
        for finding in line["findings"]
    }
    assert found == {
        ("900001-2018-2-2", "document.required"),
        ("900001-2018-2-3", "document.required"),
        ("900001-2018-2-3", "category.month"),
        ("900002-2018-2-8", "flight.dear"),
        ("900002-2018-2-9", "flight.dear"),
        ("900002-2018-2-10", "flight.dear"),
        ("900002-2018-2-10", "category.month"),
        ("900002-2018-3-11", "category.month"),
    }
    refund = decisions["900001-2018-2"]["lines"][5]
    assert (refund["claimed"], refund["allowed"]) == ("-612.33", "-612.33")
    assert decisions["900002-2018-2"]["allowed"] == "12000.00"


def test_sales_return(sales: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was won is what the export says, and a second sync changes nothing."""
    at = ["--settings", str(sales / "crm_expenses.toml"), "--at", "2018-01-05T09:00:00+00:00"]
    assert run(["sync", *at, "--json"]) == 0
    first = json.loads(capsys.readouterr().out)["runs"][0]
    assert run(["sync", *at, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"][0]["changes"] == 0
    assert run(["roi", *at, "--json"]) == 0
    returns = json.loads(capsys.readouterr().out)["returns"]
    rows = [d for d in _rows(sales, "sales_pipeline.csv") if d["close_date"] >= "2017-08-01"]
    won: dict[str, int] = dict.fromkeys((d["sales_agent"] for d in rows), 0)
    for deal in rows:
        won[deal["sales_agent"]] += int(deal["close_value"])
    assert {r["person"]: r["won"] for r in returns} == {k: f"{v}.00" for k, v in won.items()}
    lines = _rows(sales, "claims.csv")
    assert first["decided"]["lines"] == len(lines)
    assert first["set_aside"] == 0


def test_sales_claims_are_the_generators(sales: Path) -> None:
    """The sample's claims are what the generator makes of the sample's export."""
    (sales / "sample" / "claims.csv").unlink()
    command = [sys.executable, str(sales / "make_claims.py"), str(sales / "sample")]
    subprocess.run(command, check=True, capture_output=True)
    made = (sales / "sample" / "claims.csv").read_bytes()
    assert made == (SALES / "sample" / "claims.csv").read_bytes()


def test_policies_have_no_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    """Each example's policy passes its own check."""
    for folder in (CHAMBER, SALES):
        assert run(["policy", "check", str(folder / "policy.toml")]) == 0
    assert capsys.readouterr().err == ""


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "sample" / name).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))
