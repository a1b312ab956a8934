"""An organisation without HTTP: what people do, what readers see, and who hears of it."""

import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from zohosim_caller import Caller, Moments, small_org

from crm_expenses.testing.zohosim import (
    Change,
    Field,
    Org,
    OrgSettings,
    RefusalError,
    Switches,
    Type,
    ZohoSim,
)


def test_ids_are_the_same_in_each_run() -> None:
    """18 digits, counted, apart from those of other organisations."""
    first, again, other = small_org(), small_org(), Org(OrgSettings(number=2))
    ids = [org.put("Accounts", {"Account_Name": "A"}) for org in (first, again, other)]
    assert ids[0] == ids[1] != ids[2]
    assert {len(one) for one in ids} == {18}


def test_a_chosen_id() -> None:
    """A record may have an id of the test's choice, and is changed by it."""
    org = small_org()
    assert org.put("Claims", {"Name": "C"}, id="123456789012345678") == "123456789012345678"
    org.put("Claims", {"Note": "n"}, id="123456789012345678")
    (held,) = org.listing("Claims")
    assert (held["Name"], held["Note"]) == ("C", "n")


def test_stamps() -> None:
    """Whole seconds of the given clock; a change moves Modified_Time even if nothing differs."""
    clock = Moments()
    org = small_org(clock)
    person = org.put("Users", {"last_name": "P-1"})
    opened = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    record = org.put("Claims", {"Name": "C", "Created_Time": opened})
    clock.on(seconds=2)
    org.put("Claims", {}, id=record, by=person)
    held: Any = org.record("Claims", record)
    assert held["Created_Time"] == "2025-01-02T08:34:05+05:30"
    assert held["Modified_Time"] == "2026-03-01T12:00:17+05:30"
    assert (held["Created_By"]["id"], held["Modified_By"]["id"]) == (org.admin, person)
    assert org.record("Claims", "400001000000999999") is None


def test_what_people_type_is_checked() -> None:
    """People cannot write what a program cannot."""
    org = small_org()
    for fields in ({}, {"Name": "C", "Status": "x"}, {"Name": "C", "Total": 1.5}):
        with pytest.raises(RefusalError):
            org.put("Claims", fields)
    with pytest.raises(RefusalError):
        org.remove("Claims", "400001000000999999")


def read(org: Org) -> list[str]:
    """Give the names of claims that a reader sees."""
    with ZohoSim(org) as sim, Caller(sim) as caller:
        got = caller.get("Claims", fields="Name", sort_order="asc")
        listed = [row["Name"] for row in got.json["data"]] if got.json else []
        told = caller.query("select Name from Claims where id is not null")
        assert listed == ([row["Name"] for row in told.json["data"]] if told.json else [])
        return listed


def test_a_slow_commit() -> None:
    """What is stamped now is seen later; until then readers see what was before."""
    clock = Moments.whole()
    org = small_org(clock)
    record = org.put("Claims", {"Name": "old"})
    later = timedelta(seconds=3)
    org.put("Claims", {"Name": "new"}, id=record, visible_after=later)
    org.put("Claims", {"Name": "other"}, visible_after=later)
    assert read(org) == ["old"]
    assert [row["Name"] for row in org.listing("Claims")] == ["new", "other"]
    clock.on(seconds=3)
    assert read(org) == ["new", "other"]
    org.remove("Claims", record, visible_after=later)
    assert read(org) == ["new", "other"]
    assert org.record("Claims", record) is None
    clock.on(seconds=3)
    assert read(org) == ["other"]


def test_two_slow_commits_of_one_record() -> None:
    """Readers see the last one that has come."""
    clock = Moments()
    org = small_org(clock)
    record = org.put("Claims", {"Name": "0"})
    org.put("Claims", {"Name": "1"}, id=record, visible_after=timedelta(seconds=2))
    org.put("Claims", {"Name": "2"}, id=record, visible_after=timedelta(seconds=4))
    seen = []
    for _ in range(3):
        seen += read(org)
        clock.on(seconds=2)
    assert seen == ["0", "1", "2"]


def test_a_replica_that_lags() -> None:
    """Readers see the moment at which it was frozen, writers what there is."""
    org = small_org()
    record = org.put("Claims", {"Name": "old", "External_Id": "X"})
    org.freeze()
    org.put("Claims", {"Name": "new"}, id=record)
    org.put("Claims", {"Name": "other"})
    assert read(org) == ["old"]
    with pytest.raises(RefusalError, match="DUPLICATE_DATA"):
        org.put("Claims", {"Name": "third", "External_Id": "X"})
    org.thaw()
    assert read(org) == ["new", "other"]


def test_lines_lag_with_their_record() -> None:
    """A reader sees the lines that a record had, and a column behind a lookup as it was."""
    org = small_org()
    account = org.put("Accounts", {"Account_Name": "old"})
    values = {"Name": "C", "Account": account, "Lines": [{"Amount": Decimal(1)}]}
    record = org.put("Claims", values)
    org.freeze()
    org.put("Accounts", {"Account_Name": "new"}, id=account)
    org.put("Claims", {"Lines": [{"Amount": Decimal(2)}]}, id=record)
    org.remove("Claim_Lines", org.listing("Claim_Lines")[0]["id"])
    seen = []
    with ZohoSim(org) as sim, Caller(sim) as caller:
        for _ in range(2):
            lines = caller.get(f"Claims/{record}").json["data"][0]["Lines"]
            told = caller.query("select Account.Account_Name from Claims where id is not null")
            name = told.json["data"][0]["Account.Account_Name"]
            seen.append(([line["Amount"] for line in lines], name))
            org.thaw()
    assert seen == [([1], "old"), ([2], "new")]


def test_who_hears_of_changes() -> None:
    """A hook is told of each change: what, by whom, and which fields are others now."""
    org, heard = small_org(), list[Change]()
    org.on_write(heard.append)
    record = org.put("Claims", {"Name": "C", "Note": "n"})
    org.put("Claims", {"Name": "D", "Note": "n"}, id=record)
    org.remove("Claims", record)
    told = [(one.operation, one.id, one.fields) for one in heard]
    assert told[1:] == [("update", record, ("Name",)), ("delete", record, ())]


@pytest.mark.parametrize("bumps", [False, True])
def test_whether_a_line_moves_its_record(*, bumps: bool) -> None:
    """A line that is edited by itself moves the record's Modified_Time or not: a switch."""
    clock = Moments()
    org = small_org(clock, subform_bumps_parent=bumps)
    record = org.put("Claims", {"Name": "C", "Lines": [{"Amount": Decimal(1)}]})
    before: Any = org.record("Claims", record)
    clock.on(seconds=5)
    org.put("Claim_Lines", {"Amount": Decimal(2)}, id=before["Lines"][0]["id"])
    after: Any = org.record("Claims", record)
    assert (after["Modified_Time"] != before["Modified_Time"]) is bumps
    assert after["Lines"][0]["Amount"] == 2


def test_a_deleted_record_can_come_back() -> None:
    """It has its id again, and is not among the deleted."""
    org = small_org()
    record = org.put("Claims", {"Name": "C"})
    org.remove("Claims", record)
    org.put("Claims", {"Name": "C"}, id=record)
    with ZohoSim(org) as sim, Caller(sim) as caller:
        assert caller.get("Claims/deleted").status == 204
        assert caller.get(f"Claims/{record}").status == 200


def test_settings_name_everything_that_a_connection_needs(tmp_path: Path) -> None:
    """Addresses on this machine, the client, and where its secrets are; no secret itself."""
    org = Org(OrgSettings(edition="standard", users=7, switches=Switches()), clock=Moments())
    org.add_fields("Accounts", [Field("Score", Type.INTEGER)])
    with ZohoSim(org) as sim:
        told = sim.settings()
        assert told["addresses"]["accounts"] == f"{sim.url}/oauth/v2/token"
        assert (told["edition"], told["users"], told["organisation"]) == ("standard", 7, org.id)
        assert set(sim.environment().values()) < set(sim.secrets.values())
        assert not set(sim.secrets.values()) & {str(value) for value in told.values()}
        files = sim.settings(folder=tmp_path)
        held = Path(files["refresh_token_file"]).read_text(encoding="utf-8")
        assert held == sim.secrets["refresh_token"]


def test_it_runs_by_command(tmp_path: Path) -> None:
    """The command writes settings and secrets into a folder, and serves at the address it tells."""
    command = [sys.executable, "-m", "crm_expenses.testing.zohosim"]
    with subprocess.Popen(
        [*command, "--port", "0", "--folder", str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        url = running.stdout.readline().strip()
        told = tomllib.loads((tmp_path / "zoho.toml").read_text(encoding="utf-8"))["crm"]["zoho"]
        assert told["addresses"]["api"] == url
        assert Path(told["client_secret_file"]).stat().st_mode & 0o077 == 0
        running.terminate()


def test_secrets_are_known() -> None:
    """Each secret that was ever given is known, so that a test can look for it anywhere."""
    with ZohoSim(small_org()) as sim, Caller(sim) as caller:
        grant = sim.secrets["grant_token"]
        wanted = {caller.token, grant, sim.secrets["client_secret"], sim.secrets["refresh_token"]}
        assert wanted <= sim.given_secrets()


def test_amounts_may_be_rounded() -> None:
    """It is a switch whether an amount loses what its field has no decimals for."""
    org = small_org(round_currency=True)
    org.put("Claims", {"Name": "C", "Total": Decimal("1.005")})
    assert org.listing("Claims")[0]["Total"] == Decimal("1.01")
