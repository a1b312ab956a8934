"""The examples run as their README says, on the samples that stand beside them."""

import csv
import importlib.util
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from crm_expenses.cli import run
from crm_expenses.settings import load_settings
from crm_expenses.webhook import Verdict, receive

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


ZOHO = EXAMPLES / "zoho"


def zoho_function() -> ModuleType:
    """Load the function that Zoho calls, as a program would."""
    spec = importlib.util.spec_from_file_location("check_claim", ZOHO / "check_claim.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


ZOHO_SECRET = "a-secret-of-16-to-50-characters"  # noqa: S105  the example's own
ZOHO_POLICY = """
[policy]
id = "zoho"
version = "1"
language = 1
currency = "USD"
title = { en = "Zoho", zh = "示例" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }

[[rule]]
code = "meal.cap"
kind = "limit"
on = ["meal"]
clause = "3.1"
title = { en = "Meals", zh = "餐费" }
at_most = "150"
"""


def zoho_message(**more: object) -> bytes:
    """Write a message as the function in Deluge sends it: records as Zoho has them."""
    claim = {
        "id": "400001000000000064",
        "Owner": {"id": "400001000000000062", "name": "客户经理 1"},
        "Submitted_At": "2026-03-05T09:30:00+05:30",
        "Modified_Time": "2026-03-05T09:30:00+05:30",
    }
    line = {
        "id": "400001000000000070",
        "Expense_Date": "2026-03-02",
        "Category": "meal",
        "Amount": 180.1,
        "Currency_Code": "USD",
    }
    message = {"token": ZOHO_SECRET, "claim": claim, "lines": [line], **more}
    return json.dumps(message).encode()


def test_zoho_asks_before_a_claim_is_submitted() -> None:
    """A claim as Zoho sends it is decided exactly; the answer has both languages."""
    import crm_expenses

    policy = crm_expenses.parse_policy(ZOHO_POLICY)
    status, said = zoho_function().answer(zoho_message(), ZOHO_SECRET, policy)
    assert (status, said["outcome"]) == (200, "reduced")
    assert (said["claimed"], said["allowed"]) == ("180.10 USD", "150.00 USD")
    assert said["findings_en"] == "Meals: 180.10 is over the limit of 150.00 by 30.10"
    assert "餐费" in said["findings_zh"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 401),
        (zoho_message(token=ZOHO_SECRET[:-1]), 401),
        (zoho_message(token=None), 401),
        (zoho_message(claim={}), 422),
        (zoho_message(lines=[{"id": 1}]), 422),
    ],
)
def test_what_zoho_would_not_send_is_refused(body: bytes, status: int) -> None:
    """No secret, no claim, or a line that lacks something: a status, and nothing else."""
    import crm_expenses

    policy = crm_expenses.parse_policy(ZOHO_POLICY)
    given, said = zoho_function().answer(body, ZOHO_SECRET, policy)
    assert given == status
    assert ZOHO_SECRET not in repr(said)


def test_the_messages_to_zohos_webhook_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The body that is pasted into a workflow, and the settings beside it, fit each other."""
    monkeypatch.setenv("ZOHO_WEBHOOK_SECRET", ZOHO_SECRET)
    shown = (ZOHO / "README.md").read_text("utf-8").split("```toml\n")[1].split("```")[0]
    path = tmp_path / "crm_expenses.toml"
    path.write_text(shown, "utf-8")
    settings = load_settings(path)
    body = (ZOHO / "webhook.json").read_bytes()
    now = datetime(2026, 6, 30, 12, tzinfo=UTC)
    assert receive(settings, "main", {}, body, now) is Verdict.ACCEPTED
    forged = body.replace(ZOHO_SECRET.encode(), b"another-secret-of-some-length")
    assert receive(settings, "main", {}, forged, now) is Verdict.UNSIGNED


@pytest.mark.parametrize("folder", ["docs", "docs/zh-CN"])
def test_the_page_shows_the_body_that_stands_here(folder: str) -> None:
    """Who copies from the page pastes what was tried."""
    page = (EXAMPLES.parent / folder / "how-to" / "call-from-zoho.md").read_text("utf-8")
    shown = page.split("```json webhook.json\n")[1].split("```")[0]
    assert shown == (ZOHO / "webhook.json").read_text("utf-8")


def test_the_functions_in_deluge_send_what_is_read() -> None:
    """Each name that our side looks for stands in the text that is pasted; no secret does."""
    for name, words in {
        "tell_crm_expenses.dg": ('"token"', "invokeurl", "application/json", "POST"),
        "check_claim.dg": ('"token"', '"claim"', '"lines"', *ZOHO_COLUMNS),
    }.items():
        text = (ZOHO / name).read_text("utf-8")
        assert not [word for word in words if word not in text], name
        assert ZOHO_SECRET not in text
        assert "https://" in text
        assert "http://" not in text


ZOHO_COLUMNS = ("Expense_Date", "Category", "Amount", "Currency_Code")
