"""The vendor's own SDK, unmodified, runs against the simulator."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_expenses.testing.zohosim import Field, Org, Type, ZohoSim

CALLS = Path(__file__).with_name("zoho_sdk_calls.py")


@dataclass
class Run:
    sim: ZohoSim
    told: dict[str, Any]
    claim: str
    gone: str


def expense_org() -> Org:
    """Give an organisation with claims and accounts."""
    org = Org()
    org.add_module(
        "Expense_Claims",
        [
            Field("External_Id", unique=True, external="org"),
            Field("Status", Type.PICKLIST, values=("draft", "submitted")),
            Field("Total", Type.CURRENCY),
            Field("Account", Type.LOOKUP, module="Accounts"),
        ],
    )
    org.add_subform("Expense_Claims", "Lines", "Claim_Lines", [Field("Amount", Type.CURRENCY)])
    for number in range(450):
        values = {"Account_Name": f"A-{number}", "Annual_Revenue": Decimal(number)}
        org.put("Accounts", values)
    return org


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Let the SDK take all its steps, in a process and a folder of its own."""
    org = expense_org()
    gone = org.put("Accounts", {"Account_Name": "Gone"})
    org.remove("Accounts", gone)
    lines = [{"Amount": Decimal(1)}, {"Amount": Decimal("2.5")}]
    values = {"Name": "C-1", "External_Id": "C-1", "Lines": lines}
    claim = org.put("Expense_Claims", values)
    with ZohoSim(org) as sim:
        given = {
            "url": sim.url,
            "accounts": f"{sim.url}/oauth/v2/token",
            "client_id": sim.site.desk.client_id,
            "claim": claim,
            "account": org.listing("Accounts")[0]["id"],
            "zgid": org.id,
            "later": (org.now() + timedelta(seconds=5)).isoformat(),
            "notify_url": "http://127.0.0.1:1/hook",
            **sim.secrets,
        }
        done = subprocess.run(
            [sys.executable, str(CALLS)],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            cwd=tmp_path_factory.mktemp("sdk"),
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        yield Run(sim, json.loads(done.stdout), claim, gone)


def test_it_signs_in_once_for_everything(run: Run) -> None:
    """A refresh token is enough, and one access token for the whole run."""
    assert len(run.sim.calls("/oauth/v2/token")) == 1
    assert {one.token for one in run.sim.calls("/crm/")} == {1}
    assert [one for one in run.sim.log if one.status >= 500] == []


def test_it_reads_users_and_the_organisation(run: Run) -> None:
    """Users, organisation and currencies are in the shapes that the SDK decodes."""
    told = run.told["people"]
    assert told == {"users": ["Administrator"], "zgid": run.sim.org.id, "currencies": 204}


def test_it_reads_metadata(run: Run) -> None:
    """Modules and fields are in the shapes that the SDK decodes."""
    told = run.told["metadata"]
    assert {"Accounts", "Expense_Claims", "Claim_Lines"} <= set(told["modules"])
    assert told["types"]["Total"] == "currency"
    assert told["types"]["Lines"] == "subform"


def test_it_pages(run: Run) -> None:
    """450 records come in three pages, none twice."""
    assert run.told["pages"] == {"sizes": [200, 200, 50], "different": 450}


def test_it_reads_single_records(run: Run) -> None:
    """One record comes with the rows of its subform, by its id and by its external id."""
    assert run.told["single"] == {"name": "C-1", "lines": 2}
    assert run.told["external"] == "C-1"


def test_it_writes_rows_that_are_answered_one_by_one(run: Run) -> None:
    """A mixed upsert is 207: one changed, one refused, one new."""
    told = run.told["upsert"]
    assert told["status"] == 207
    codes = [row["code"] for row in told["rows"]]
    assert codes == ["SUCCESS", "MANDATORY_NOT_FOUND", "SUCCESS"]
    held = run.sim.org.record("Expense_Claims", run.claim)
    assert held is not None
    assert held["Status"] == "submitted"


def test_it_writes_what_nobody_changed(run: Run) -> None:
    """A record that was changed meanwhile is 412, else it is written."""
    assert run.told["conditional"] == [[412, "ALREADY_MODIFIED"], [200, "SUCCESS"]]


def test_it_reads_what_was_deleted(run: Run) -> None:
    """Deleted records are listed since a time."""
    assert run.told["removed"] == [run.gone]


def test_it_queries(run: Run) -> None:
    """A query gives the columns that it names, through a lookup too."""
    told = run.told["queries"]
    assert [one["Account_Name"] for one in told] == ["A-0", "A-1"]
    assert {one["Owner.full_name"] for one in told} == {"Administrator"}


def test_it_moves_files(run: Run) -> None:
    """An attachment goes up, is listed and comes down byte by byte; a file waits for a field."""
    assert run.told["attachments"] == {
        "uploaded": "SUCCESS",
        "name": "voucher.txt",
        "size": "10",
        "same": True,
        "kept": True,
    }


def test_it_reads_in_bulk(run: Run) -> None:
    """A bulk read passes its states, and leaves a zip with a CSV."""
    told = run.told["read_in_bulk"]
    assert (told["status"], told["states"][-1]) == (201, "COMPLETED")
    assert (told["count"], told["lines"]) == (450, 451)
    assert told["head"] == "id,Account_Name,Annual_Revenue"


def test_it_writes_in_bulk(run: Run) -> None:
    """A bulk write adds what it can and skips the rest."""
    assert run.told["write_in_bulk"] == {"added": 1, "skipped": 1}


def test_it_asks_to_be_told(run: Run) -> None:
    """A channel begins, is shown, and ends."""
    assert run.told["channels"] == ["SUCCESS", 1, "SUCCESS"]
