"""Writing to the simulator: what each row is answered, and what the platform refuses."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from zohosim_caller import Caller, Moments, small_org

from crm_expenses.testing.zohosim import Change, Fault, Org, Switches, ZohoSim

FIRST, SECOND = "400001000000900001", "400001000000900002"


@pytest.fixture
def clock() -> Moments:
    """Give a clock that a test moves."""
    return Moments()


@pytest.fixture
def sim(clock: Moments) -> Iterator[ZohoSim]:
    """Give a running simulator."""
    with ZohoSim(small_org(clock)) as running:
        yield running


@pytest.fixture
def caller(sim: ZohoSim) -> Iterator[Caller]:
    """Give who calls it."""
    with Caller(sim) as held:
        yield held


@pytest.fixture
def org(sim: ZohoSim) -> Org:
    """Give its organisation."""
    return sim.org


def test_a_record_is_made(caller: Caller, org: Org) -> None:
    """201, its id as text, and its stamps; an amount is kept digit by digit."""
    body = b'{"data":[{"Name":"C-1","Total":99999999999999.99,"Big":"123456789012345678"}]}'
    got = caller.send("POST", "/crm/v8/Claims", body)
    assert (got.status, got.codes) == (201, ["SUCCESS"])
    details = got.json["data"][0]["details"]
    assert details["Modified_Time"] == "2026-03-01T12:00:15+05:30"
    held = org.record("Claims", details["id"])
    assert held is not None
    assert held["Total"] == Decimal("99999999999999.99")
    read = caller.get(f"Claims/{details['id']}")
    assert b'"Total":99999999999999.99' in read.body
    assert read.json["data"][0]["Big"] == "123456789012345678"
    assert read.json["data"][0]["Owner"]["id"] == org.admin


@pytest.mark.parametrize(
    ("fields", "code", "named"),
    [
        ({}, "MANDATORY_NOT_FOUND", "Name"),
        ({"Name": None}, "MANDATORY_NOT_FOUND", "Name"),
        ({"Name": 5}, "INVALID_DATA", "Name"),
        ({"Name": "x" * 121}, "INVALID_DATA", "Name"),
        ({"Name": "C", "Code": "sixsix"}, "INVALID_DATA", "Code"),
        ({"Name": "C", "Status": "unheard of"}, "INVALID_DATA", "Status"),
        ({"Name": "C", "Status": 5}, "INVALID_DATA", "Status"),
        ({"Name": "C", "Tags": "a"}, "INVALID_DATA", "Tags"),
        ({"Name": "C", "Tags": ["c"]}, "INVALID_DATA", "Tags"),
        ({"Name": "C", "Total": "12.50"}, "INVALID_DATA", "Total"),
        ({"Name": "C", "Total": 10**16}, "INVALID_DATA", "Total"),
        ({"Name": "C", "Total": 0.1234567891}, "INVALID_DATA", "Total"),
        ({"Name": "C", "Total": True}, "INVALID_DATA", "Total"),
        ({"Name": "C", "Day": "01/02/2026"}, "INVALID_DATA", "Day"),
        ({"Name": "C", "Day": "2026-02-30"}, "INVALID_DATA", "Day"),
        ({"Name": "C", "Sent_At": "2026-02-03"}, "INVALID_DATA", "Sent_At"),
        ({"Name": "C", "Sent_At": "2026-02-03T10:00:00"}, "INVALID_DATA", "Sent_At"),
        ({"Name": "C", "Sent_At": "2026-02-03T10:00:00.5+08:00"}, "INVALID_DATA", "Sent_At"),
        ({"Name": "C", "Nights": 1.5}, "INVALID_DATA", "Nights"),
        ({"Name": "C", "Nights": 10**9}, "INVALID_DATA", "Nights"),
        ({"Name": "C", "Paid": "true"}, "INVALID_DATA", "Paid"),
        ({"Name": "C", "Account": {"id": "400001000000999999"}}, "INVALID_DATA", "Account"),
        ({"Name": "C", "Account": "A-1"}, "INVALID_DATA", "Account"),
        ({"Name": "C", "Approver": FIRST}, "INVALID_DATA", "Approver"),
        ({"Name": "C", "Owner": FIRST}, "INVALID_DATA", "Owner"),
        ({"Name": "C", "Files": [{"File_Id__s": "nobody"}]}, "INVALID_DATA", "Files"),
        ({"Name": "C", "Lines": [{"Amount": "much"}]}, "INVALID_DATA", "Amount"),
        ({"Name": "C", "Lines": [{}] * 101}, "INVALID_DATA", "Lines"),
    ],
)
def test_a_value_is_refused(
    caller: Caller, org: Org, fields: dict[str, object], code: str, named: str
) -> None:
    """A row with a wrong value is refused by the field's name, and nothing is written."""
    before = len(org.listing("Claims"))
    got = caller.write("POST", "Claims", fields)
    assert (got.status, got.code) == (400, code)
    assert got.json["data"][0]["details"]["api_name"] == named
    assert len(org.listing("Claims")) == before


@pytest.mark.parametrize(
    "fields",
    [
        {"Account": {"id": int(FIRST)}},
        {"Account": {"id": FIRST}},
        {"Account": FIRST},
        {"Total": 10**15, "Nights": 999_999_999, "Code": "fives"},
        {"Total": 0.123456789},
        {"Day": "2026-02-28", "Sent_At": "2026-02-03T10:00:00+08:00", "Paid": False},
        {"Tags": ["a", "b"], "Note": "发票 " * 600},
        {"Lines": [{}] * 100},
    ],
)
def test_a_value_is_accepted(caller: Caller, fields: dict[str, object]) -> None:
    """The bounds themselves are inside, and an id may be a number or a text."""
    assert caller.write("POST", "Claims", {"Name": "C", **fields}).codes == ["SUCCESS"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "Claims", b"{", 400, "INVALID_REQUEST"),
        ("POST", "Claims", b"[]", 400, "INVALID_DATA"),
        ("POST", "Claims", b"{}", 400, "MANDATORY_NOT_FOUND"),
        ("POST", "Claims", b'{"data":[]}', 400, "MANDATORY_NOT_FOUND"),
        ("POST", "Claims", json.dumps({"data": [{}] * 101}).encode(), 400, "LIMIT_EXCEEDED"),
        ("POST", "Nothing", b'{"data":[{}]}', 400, "INVALID_MODULE"),
        ("PUT", "Claims", b'{"data":[{"Name":"C"}]}', 400, "MANDATORY_NOT_FOUND"),
        ("PUT", "Claims", b'{"data":[{"id":"x"}]}', 400, "INVALID_DATA"),
        ("PUT", "Claims", b'{"data":[{"id":"400001000000999999"}]}', 400, "INVALID_DATA"),
        ("PUT", f"Claims/{FIRST}", b'{"data":[{},{}]}', 400, "LIMIT_EXCEEDED"),
        ("POST", "Claim_Lines", b'{"data":[{}]}', 400, "NOT_ALLOWED"),
        ("DELETE", "Claims", None, 400, "REQUIRED_PARAM_MISSING"),
        ("DELETE", "Claims?ids=" + ",".join(["1"] * 101), None, 400, "LIMIT_EXCEEDED"),
        ("DELETE", "Claims?ids=1", None, 400, "INVALID_DATA"),
        ("PATCH", "Claims", b"{}", 404, "INVALID_URL_PATTERN"),
    ],
)
def test_a_write_is_refused(
    caller: Caller, method: str, path: str, body: bytes | None, status: int, code: str
) -> None:
    """What is no write at all is refused as a whole."""
    got = caller.send(method, f"/crm/v8/{path}", body)
    assert (got.status, got.code) == (status, code)


def test_rows_are_answered_at_their_places(caller: Caller, org: Org) -> None:
    """A mixed write is 207, in the order of its rows; the good ones are there."""
    got = caller.write("POST", "Claims", {"Name": "1"}, {}, {"Name": "3"}, {"Name": 4})
    assert got.status == 207
    assert got.codes == ["SUCCESS", "MANDATORY_NOT_FOUND", "SUCCESS", "INVALID_DATA"]
    assert got.json["data"][3]["details"]["json_path"] == "$.data[3].Name"
    assert [row["Name"] for row in org.listing("Claims")] == ["1", "3"]


@pytest.mark.parametrize("status", [400, 202, 207])
def test_all_rows_failed(caller: Caller, org: Org, status: int) -> None:
    """What the whole says then is a switch, since the documents differ."""
    org.settings.switches = Switches(all_failed_status=status)
    got = caller.write("POST", "Claims", {}, {})
    assert (got.status, len(got.json["data"])) == (status, 2)


def test_unique_values(caller: Caller, org: Org) -> None:
    """A second record with the value of a unique field is a duplicate, in one batch too."""
    rows = [{"Name": "1", "External_Id": "X"}, {"Name": "2", "External_Id": "X"}]
    got = caller.write("POST", "Claims", *rows)
    assert got.codes == ["SUCCESS", "DUPLICATE_DATA"]
    assert got.json["data"][1]["details"]["api_name"] == "External_Id"
    own = got.json["data"][0]["details"]["id"]
    assert caller.write("PUT", "Claims", {"id": own, "External_Id": "X"}).codes == ["SUCCESS"]
    org.remove("Claims", own)
    assert caller.write("POST", "Claims", rows[1]).codes == ["SUCCESS"]


def test_an_unknown_field_is_ignored_or_refused(caller: Caller, org: Org) -> None:
    """It is a switch; what is ignored is answered like a success."""
    row = {"Name": "C", "Nonsense": 1}
    assert caller.write("POST", "Claims", row).codes == ["SUCCESS"]
    assert "Nonsense" not in org.listing("Claims")[0]
    org.settings.switches = Switches(unknown_fields="refused")
    assert caller.write("POST", "Claims", row).codes == ["INVALID_DATA"]


def test_a_value_that_is_not_listed(caller: Caller, org: Org) -> None:
    """Whether a picklist takes it is a switch."""
    org.settings.switches = Switches(strict_picklists=False)
    got = caller.write("POST", "Claims", {"Name": "C", "Status": "unheard of"})
    assert got.codes == ["SUCCESS"]


def test_read_only_fields_stay(caller: Caller, org: Org) -> None:
    """Stamps that a program sends have no effect."""
    row = {"Name": "C", "Created_Time": "2001-01-01T00:00:00Z", "Modified_By": FIRST}
    caller.write("POST", "Claims", row)
    held = org.listing("Claims")[0]
    assert str(held["Created_Time"]).startswith("2026")


def upserted(caller: Caller, *rows: object, fields: list[str] | None = None) -> list[Any]:
    """Upsert; give the action and the duplicate field of each row, or its code."""
    more = {} if fields is None else {"duplicate_check_fields": fields}
    got = caller.write("POST", "Claims/upsert", *rows, **more)
    return [
        (row["action"], row["duplicate_field"]) if row["code"] == "SUCCESS" else row["code"]
        for row in got.json["data"]
    ]


def test_an_upsert_by_external_id(caller: Caller, org: Org) -> None:
    """The same rows twice make one record each, and need no X-EXTERNAL."""
    rows = [{"Name": "same", "External_Id": f"X-{number}"} for number in range(3)]
    assert upserted(caller, *rows, fields=["External_Id"]) == [("insert", None)] * 3
    again = upserted(caller, *rows, fields=["External_Id"])
    assert again == [("update", "External_Id")] * 3
    assert len(org.listing("Claims")) == 3


def test_an_upsert_that_names_no_field_merges_equal_names(caller: Caller, org: Org) -> None:
    """Without duplicate_check_fields the system's own field comes first: Name."""
    org.put("Claims", {"Name": "same", "External_Id": "X-1"})
    row = {"Name": "same", "External_Id": "X-2"}
    assert upserted(caller, row) == [("update", "Name")]
    assert upserted(caller, {"Name": "same"}, fields=["External_Id"]) == [("insert", None)]


def test_an_upsert_still_looks_at_other_unique_fields(caller: Caller, org: Org) -> None:
    """A unique field that is not named is checked all the same."""
    org.put("Claims", {"Name": "one", "External_Id": "X-1"})
    row = {"Name": "other", "External_Id": "X-1"}
    assert upserted(caller, row, fields=["Name"]) == [("update", "External_Id")]
    refused = caller.write("POST", "Claims/upsert", row, duplicate_check_fields=["Note"])
    assert (refused.status, refused.code) == (400, "INVALID_DATA")


def test_an_upsert_by_id(caller: Caller, org: Org) -> None:
    """A row with an id changes that record, or is refused."""
    record = org.put("Claims", {"Name": "one"})
    rows = [{"id": int(record), "Name": "two"}, {"id": "400001000000999999", "Name": "x"}]
    got = caller.write("POST", "Claims/upsert", *rows)
    assert got.codes == ["SUCCESS", "INVALID_DATA"]
    assert len(org.listing("Claims")) == 1


def test_external_ids_in_the_header(caller: Caller, org: Org) -> None:
    """X-EXTERNAL names records and lookups by a field that is marked external, and by no other."""
    org.add_fields("Accounts", [])
    record = org.put("Claims", {"Name": "one", "External_Id": "a/b?c"})
    heads = {"X-EXTERNAL": "Claims.External_Id"}
    assert caller.get("Claims/a%2Fb%3Fc", heads).json["data"][0]["id"] == record
    assert caller.get("Claims/nobody", heads).status == 204
    assert caller.get("Claims/one", {"X-EXTERNAL": "Claims.Name"}).status == 400
    row = {"External_Id": "a/b?c", "Name": "two"}
    assert caller.write("PUT", "Claims", row, heads=heads).codes == ["SUCCESS"]
    gone = {"External_Id": "nobody", "Name": "two"}
    assert caller.write("PUT", "Claims", gone, heads=heads).codes == ["INVALID_DATA"]
    target = "/crm/v8/Claims?ids=a/b?c"
    assert caller.send("DELETE", target, **heads).codes == ["SUCCESS"]


def test_lookups_by_external_id(caller: Caller, org: Org) -> None:
    """A lookup is found by its own external id, in the rows of a subform too."""
    org.add_fields("Accounts", [org.module("Claims").fields["External_Id"]])
    org.put("Accounts", {"External_Id": "acc-1"}, id=FIRST)
    names = "Claims.Account.External_Id,Claims.Lines.Account.External_Id"
    heads = {"X-EXTERNAL": names}
    row = {"Name": "C", "Account": "acc-1", "Lines": [{"Account": "acc-1"}, {}]}
    assert caller.write("POST", "Claims", row, heads=heads).codes == ["SUCCESS"]
    held = org.listing("Claims")[0]
    assert held["Account"] == {"name": "A-1", "id": FIRST}
    assert held["Lines"][0]["Account"]["id"] == FIRST  # type: ignore[index]
    bad = {"Name": "C", "Account": "acc-2"}
    assert caller.write("POST", "Claims", bad, heads=heads).codes == ["INVALID_DATA"]


def test_a_record_that_was_changed_meanwhile(caller: Caller, org: Org, clock: Moments) -> None:
    """If-Unmodified-Since refuses with 412, and says who changed it when."""
    record = org.put("Claims", {"Name": "one"})
    at = str((org.record("Claims", record) or {})["Modified_Time"])
    heads = {"If-Unmodified-Since": at}
    clock.on(seconds=1)
    assert caller.write("PUT", "Claims", {"id": record, "Name": "2"}, heads=heads).status == 200
    got = caller.write("PUT", f"Claims/{record}", {"Name": "3"}, heads=heads)
    assert (got.status, got.code) == (412, "ALREADY_MODIFIED")
    details = got.json["data"][0]["details"]
    assert (details["id"], details["Modified_By"]["id"]) == (record, org.admin)
    assert details["Modified_Time"] > at
    row = {"Name": "new", "External_Id": "X"}
    got = caller.write("PUT", "Claims", {"id": record, "Name": "4"}, row, heads=heads)
    assert (got.status, got.codes) == (400, ["ALREADY_MODIFIED", "MANDATORY_NOT_FOUND"])
    wrong = {"If-Unmodified-Since": "yesterday"}
    assert caller.write("PUT", "Claims", {"id": record}, heads=wrong).status == 400


def test_two_changes_in_one_second_look_like_one(caller: Caller, org: Org) -> None:
    """The lock has a resolution of one second: what came in the same second is overwritten."""
    record = org.put("Claims", {"Name": "one"})
    at = str((org.record("Claims", record) or {})["Modified_Time"])
    org.put("Claims", {"Name": "somebody's"}, id=record)
    heads = {"If-Unmodified-Since": at}
    row = {"id": record, "Name": "ours"}
    assert caller.write("PUT", "Claims", row, heads=heads).codes == ["SUCCESS"]


def test_rows_of_a_subform(caller: Caller, org: Org) -> None:
    """Without an id they are added, with one changed or deleted; an empty list clears."""
    row = {"Name": "C", "External_Id": "X", "Lines": [{"Amount": 1}, {"Amount": 2}]}
    caller.write("POST", "Claims/upsert", row, duplicate_check_fields=["External_Id"])
    caller.write("POST", "Claims/upsert", row, duplicate_check_fields=["External_Id"])
    held = org.listing("Claims")[0]
    lines: Any = held["Lines"]
    assert [line["Amount"] for line in lines] == [1, 2, 1, 2], "a retry doubles them"
    change = [{"id": lines[0]["id"], "Amount": 9}, {"id": lines[1]["id"], "_delete": None}]
    caller.write("PUT", "Claims", {"id": held["id"], "Lines": change})
    lines = org.listing("Claims")[0]["Lines"]
    assert [line["Amount"] for line in lines] == [9, 1, 2]
    caller.write("PUT", "Claims", {"id": held["id"], "Name": "D"})
    assert len(org.listing("Claim_Lines")) == 3
    full = [{"Amount": number} for number in range(97)]
    assert caller.write("PUT", "Claims", {"id": held["id"], "Lines": full}).codes == ["SUCCESS"]
    swap = [{"id": lines[0]["id"], "_delete": None}, {"Amount": 7}]
    assert caller.write("PUT", "Claims", {"id": held["id"], "Lines": swap}).codes == ["SUCCESS"]
    assert caller.write("PUT", "Claims", {"id": held["id"], "Lines": [{}]}).status == 400
    stranger = [{"id": FIRST, "Amount": 9}]
    got = caller.write("PUT", "Claims", {"id": held["id"], "Lines": stranger})
    assert got.codes == ["INVALID_DATA"]
    caller.write("PUT", "Claims", {"id": held["id"], "Lines": []})
    assert org.listing("Claim_Lines") == []


def test_deleting(caller: Caller, org: Org) -> None:
    """Each id is answered for itself, and the rows of its subform go along."""
    record = org.put("Claims", {"Name": "C", "Lines": [{"Amount": 1}]})
    got = caller.send("DELETE", f"/crm/v8/Claims?ids={record},{record}")
    assert (got.status, got.codes) == (207, ["SUCCESS", "INVALID_DATA"])
    assert org.listing("Claim_Lines") == []


@pytest.mark.parametrize(
    ("lock", "code"),
    [
        (lambda org: org.locked, "RECORD_LOCKED"),
        (lambda org: org.in_approval, "NOT_APPROVED"),
    ],
)
def test_records_that_nobody_may_change(
    caller: Caller, org: Org, lock: Callable[[Org], set[str]], code: str
) -> None:
    """A locked record, and one that waits for an approval, are refused; others are not."""
    record, other = (org.put("Claims", {"Name": name}) for name in "ab")
    lock(org).add(record)
    got = caller.write("PUT", "Claims", {"id": record}, {"id": other})
    assert got.codes == [code, "SUCCESS"]


def test_rows_that_fail_on_demand(caller: Caller, sim: ZohoSim) -> None:
    """A partial batch and a locked row are refused without effect."""
    rows = [{"Name": str(number)} for number in range(4)]
    sim.faults.add(Fault.PARTIAL_BATCH, "POST /crm/v8/Claims$")
    got = caller.write("POST", "Claims", *rows)
    assert got.codes == ["SUCCESS", "INTERNAL_ERROR"] * 2
    sim.faults.add(Fault.LOCKED_RECORD)
    assert caller.write("POST", "Claims", *rows).codes == ["RECORD_LOCKED"] + ["SUCCESS"] * 3
    assert len(sim.org.listing("Claims")) == 5


def test_workflows_run_unless_the_list_is_empty(caller: Caller, org: Org) -> None:
    """Only `trigger: []` keeps them still."""
    heard: list[Change] = []
    org.on_write(heard.append)
    caller.write("POST", "Claims", {"Name": "1"})
    caller.write("POST", "Claims", {"Name": "2"}, trigger=[])
    caller.write("POST", "Claims", {"Name": "3"}, trigger=["workflow"])
    assert [change.triggers for change in heard] == [True, False, True]


def test_dates_are_kept(caller: Caller, org: Org) -> None:
    """A moment is shown in the zone of the organisation, a day as it is."""
    row = {"Name": "C", "Day": "2026-12-31", "Sent_At": "2026-12-31T23:59:59+08:00"}
    record = caller.write("POST", "Claims", row).json["data"][0]["details"]["id"]
    told = caller.get(f"Claims/{record}").json["data"][0]
    assert (told["Day"], told["Sent_At"]) == ("2026-12-31", "2026-12-31T21:29:59+05:30")
    row_held = org.shelf.newest("Claims", record)
    assert row_held is not None
    assert row_held.get("Day") == date(2026, 12, 31)
