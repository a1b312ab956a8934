"""Bulk jobs of the simulator: their states, their zips, and what is refused."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from zohosim_caller import Caller, Got, Moments, small_org

from crm_expenses.testing.zohosim import Fault, Org, Switches, ZohoSim

FIRST = "400001000000900001"
READ, WRITE = "/crm/bulk/v8/read", "/crm/bulk/v8/write"


@pytest.fixture
def clock() -> Moments:
    """Give a clock that a test moves."""
    return Moments()


@pytest.fixture
def sim(clock: Moments) -> Iterator[ZohoSim]:
    """Give a running simulator with seven claims."""
    org = small_org(clock)
    for number in range(7):
        values = {"Name": f"C,{number}", "Total": Decimal(number) + Decimal("0.10")}
        org.put("Claims", {**values, "Account": FIRST, "Paid": number > 3})
    with ZohoSim(org) as running:
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


def asked(caller: Caller, **query: object) -> Got:
    """Ask for a bulk read of claims."""
    plain = {"module": {"api_name": "Claims"}, "fields": ["Name", "Total"], **query}
    return caller.post(READ, {"query": plain}, Content_Type="application/json")


def states(caller: Caller, path: str, job: str) -> tuple[list[str], dict[str, object]]:
    """Ask for a job until it ends; give its states, and what it told last."""
    seen: list[str] = []
    for _ in range(9):
        got = caller.send("GET", f"{path}/{job}").json
        told = got["data"][0] if "data" in got else got
        seen.append(told.get("state") or told["status"])
        if seen[-1] in {"COMPLETED", "FAILURE", "FAILED"}:
            break
    return seen, told


def table(got: Got) -> list[list[str]]:
    """Read the CSV in a zip."""
    assert (got.status, got.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(got.body)) as packed:
        text = packed.read(packed.namelist()[0]).decode()
    return list(csv.reader(io.StringIO(text, newline="")))


def result(caller: Caller, got: Got) -> list[list[str]]:
    """Wait for a bulk read, and read what it left."""
    assert got.status == 201, got.json
    job = got.json["data"][0]["details"]["id"]
    _, told = states(caller, READ, job)
    return table(caller.send("GET", str(told["result"]["download_url"])))  # type: ignore[index]


def test_a_bulk_read(caller: Caller) -> None:
    """It goes through its states, costs 50, and leaves decimal text under names of fields."""
    got = asked(caller, fields=["Name", "Total", "Account.Account_Name", "Paid", "Modified_Time"])
    assert caller.sim.log[-1].credits == 50
    job = got.json["data"][0]["details"]["id"]
    early = caller.send("GET", f"{READ}/{job}/result")
    assert early.status == 404
    seen, told = states(caller, READ, job)
    assert seen == ["ADDED", "QUEUED", "COMPLETED"]
    assert told["result"]["count"] == 7  # type: ignore[index]
    rows = table(caller.send("GET", f"{READ}/{job}/result"))
    head = ["id", "Name", "Total", "Account.Account_Name", "Paid", "Modified_Time"]
    assert rows[0] == head
    assert rows[1][1:] == ["C,0", "0.10", "A-1", "false", "2026-03-01T12:00:15+05:30"]


@pytest.mark.parametrize(
    ("criteria", "names"),
    [
        ({"field": {"api_name": "Total"}, "comparator": "greater_than", "value": 5}, "5 6"),
        ({"field": {"api_name": "Paid"}, "comparator": "equal", "value": "true"}, "4 5 6"),
        ({"field": {"api_name": "Note"}, "comparator": "equal", "value": "${EMPTY}"}, "0123456"),
        ({"field": {"api_name": "Name"}, "comparator": "ends_with", "value": "3"}, "3"),
        ({"field": {"api_name": "Total"}, "comparator": "between", "value": [1, 3]}, "1 2"),
        (
            {
                "group_operator": "or",
                "group": [
                    {"field": {"api_name": "Name"}, "comparator": "equal", "value": "C,1"},
                    {"field": {"api_name": "Name"}, "comparator": "in", "value": ["C,2"]},
                ],
            },
            "1 2",
        ),
    ],
)
def test_criteria(caller: Caller, criteria: dict[str, object], names: str) -> None:
    """Each comparator finds what it says."""
    rows = result(caller, asked(caller, criteria=criteria))
    assert "".join(row[1][-1] for row in rows[1:]) == names.replace(" ", "")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"module": {"api_name": "Nothing"}}, "MODULE_NOT_AVAILABLE"),
        ({"module": {"api_name": "Attachments"}}, "MODULE_NOT_AVAILABLE"),
        ({"fields": ["Nothing"]}, "FIELD_NOT_AVAILABLE"),
        ({"fields": ["Lines"]}, "FIELD_NOT_SUPPORTED"),
        ({"page": 0}, "PAGE_RANGE_EXCEEDED"),
        ({"page": 1, "page_token": "bulk1"}, "AMBIGUITY_DURING_PROCESSING"),
        ({"page_token": "nobody"}, "INVALID_REQUEST"),
        ({"criteria": {"field": {"api_name": "X"}, "comparator": "equal"}}, "FIELD_NOT_AVAILABLE"),
        ({"criteria": {"field": {"api_name": "Name"}, "comparator": "is"}}, "INVALID_CRITERIA"),
        (
            {"criteria": {"field": {"api_name": "Day"}, "comparator": "equal", "value": "x"}},
            "FIELD_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE",
        ),
    ],
)
def test_a_bulk_read_is_refused(caller: Caller, query: dict[str, object], code: str) -> None:
    """What it cannot read is refused before there is a job."""
    assert asked(caller, **query).code == code


def test_bulk_jobs_need_a_content_type(caller: Caller) -> None:
    """Unlike records."""
    for path in (READ, WRITE):
        assert caller.post(path, {}).status == 415


def test_pages_of_bulk_reads(caller: Caller, org: Org, clock: Moments) -> None:
    """A token goes on where the job before ended, for a day, for who asked."""
    org.settings.switches = Switches(bulk_rows_max=3, bulk_polls=0)
    caller.sim.site.desk.life = timedelta(days=9)
    caller.token = caller.sim.site.desk.new_access()
    got, seen = asked(caller), []
    for _ in range(3):
        seen += [row[1] for row in result(caller, got)[1:]]
        job = got.json["data"][0]["details"]["id"]
        told = caller.send("GET", f"{READ}/{job}").json["data"][0]["result"]
        if not told["more_records"]:
            break
        token = told["next_page_token"]
        got = asked(caller, page_token=token)
    assert seen == [f"C,{number}" for number in range(7)]
    assert [row[1] for row in result(caller, asked(caller, page=2))[1:]] == ["C,3", "C,4", "C,5"]
    clock.on(hours=25)
    assert asked(caller, page_token=token).code == "EXPIRED_VALUE"


def test_ten_downloads_a_minute(caller: Caller, org: Org, clock: Moments) -> None:
    """The eleventh waits for the next minute; after a day there is nothing left."""
    org.settings.switches = Switches(bulk_polls=0)
    job = asked(caller).json["data"][0]["details"]["id"]
    path = f"{READ}/{job}/result"
    seen = [caller.send("GET", path).status for _ in range(11)]
    assert seen == [200] * 10 + [429]
    clock.on(minutes=1)
    assert caller.send("GET", path).status == 200
    caller.sim.site.desk.life = timedelta(days=9)
    caller.token = caller.sim.site.desk.new_access()
    clock.on(days=2)
    assert caller.send("GET", path).status == 404


def test_bulk_jobs_that_go_wrong(caller: Caller) -> None:
    """A job may never end, or fail, and a zip may be half."""
    faults = caller.sim.faults
    faults.add(Fault.BULK_STUCK)
    job = asked(caller).json["data"][0]["details"]["id"]
    assert set(states(caller, READ, job)[0][2:]) == {"IN PROGRESS"}
    faults.add(Fault.BULK_FAILURE)
    job = asked(caller).json["data"][0]["details"]["id"]
    assert states(caller, READ, job)[0][-1] == "FAILURE"
    job = asked(caller).json["data"][0]["details"]["id"]
    states(caller, READ, job)
    faults.add(Fault.ZIP_TRUNCATED, "result$")
    got = caller.send("GET", f"{READ}/{job}/result")
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(got.body))
    assert caller.send("GET", f"{READ}/999999999999999999").status == 404


def packed(text: str, name: str = "w.csv") -> bytes:
    """Pack a CSV file."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        made.writestr(name, text)
    return held.getvalue()


def uploaded(caller: Caller, content: bytes, **heads: str) -> Got:
    """Send a zip up."""
    head = 'Content-Disposition: form-data; name="file"; filename="w.zip"'
    body = f"--mark\r\n{head}\r\n\r\n".encode() + content + b"\r\n--mark--\r\n"
    named = {"feature": "bulk-write", "X_CRM_ORG": caller.sim.org.id, **heads}
    kind = "multipart/form-data; boundary=mark"
    return caller.send("POST", "/crm/v8/upload", body, Content_Type=kind, **named)


def written(caller: Caller, text: str, operation: str = "upsert", **resource: object) -> Got:
    """Write a CSV file in bulk."""
    file = uploaded(caller, packed(text)).json["details"]["file_id"]
    plain = {
        "type": "data",
        "module": {"api_name": "Claims"},
        "file_id": file,
        "find_by": "External_Id",
        **resource,
    }
    body = {"operation": operation, "resource": [plain]}
    return caller.post(WRITE, body, Content_Type="application/json")


def outcome(caller: Caller, got: Got) -> list[list[str]]:
    """Wait for a bulk write, and read what it left."""
    assert got.status == 201, got.json
    _, told = states(caller, WRITE, got.json["details"]["id"])
    url = str(told["result"]["download_url"])  # type: ignore[index]
    return table(caller.send("GET", url.removeprefix(caller.sim.url)))


def mapped(*names: str, **formats: str) -> list[dict[str, object]]:
    """Map columns to fields by their places."""
    return [
        {"api_name": name, "index": place, **({"format": formats[name]} if name in formats else {})}
        for place, name in enumerate(names)
    ]


def test_a_bulk_write(caller: Caller, org: Org) -> None:
    """Rows are added, changed or skipped one by one, and the result says which."""
    record = org.put("Claims", {"Name": "old", "External_Id": "X-1", "Note": "kept"})
    text = (
        "External_Id,Name,Total,Day,Note,Account\r\n"
        f"X-1,new,1234567890123.45,03/31/2026,,{FIRST}\r\n"
        "X-2,two,,,note,\r\nX-3,three,much,,,\r\n"
    )
    got = written(caller, text)
    assert next(one.credits for one in reversed(caller.sim.log) if one.path == WRITE) == 500
    rows = outcome(caller, got)
    assert rows[0][-3:] == ["STATUS", "RECORD_ID", "ERRORS"]
    assert [row[-3] for row in rows[1:]] == ["UPDATED", "ADDED", "SKIPPED"]
    assert rows[1][-2] == record
    assert "Total" in rows[3][-1]
    held = org.record("Claims", record) or {}
    assert held["Total"] == Decimal("1234567890123.45")
    assert (held["Day"], held["Note"], held["Account"]) == (
        "2026-03-31",
        None,
        {"name": "A-1", "id": FIRST},
    )


def test_empty_cells_are_left_alone_on_demand(caller: Caller, org: Org) -> None:
    """With ignore_empty an empty cell does not clear."""
    record = org.put("Claims", {"Name": "old", "External_Id": "X-1", "Note": "kept"})
    text = "External_Id,Name,Note\r\nX-1,new,\r\n"
    outcome(caller, written(caller, text, ignore_empty=True))
    assert (org.record("Claims", record) or {})["Note"] == "kept"


def test_formats(caller: Caller, org: Org) -> None:
    """A date is read as its mapping says, else month first; so is a moment."""
    text = "k,n,d,s\r\nX-1,one,2026-04-05,2026-04-05T06:07:08+08:00\r\n"
    formats = {"Day": "yyyy-MM-dd", "Sent_At": "yyyy-MM-dd'T'HH:mm:ssXXX"}
    mappings = mapped("External_Id", "Name", "Day", "Sent_At", **formats)
    assert outcome(caller, written(caller, text, field_mappings=mappings))[1][-3] == "ADDED"
    held = org.listing("Claims")[-1]
    assert (held["Day"], held["Sent_At"]) == ("2026-04-05", "2026-04-05T03:37:08+05:30")
    plain = mapped("External_Id", "Name", "Day")
    rows = outcome(caller, written(caller, "k,n,d\r\nX-2,b,2026-04-05\r\n", field_mappings=plain))
    assert rows[1][-3] == "SKIPPED"


def test_lookups_are_found_by_a_field(caller: Caller, org: Org) -> None:
    """A mapping may name the field that a lookup is found by."""
    mappings = mapped("External_Id", "Name", "Account")
    mappings[2]["find_by"] = "Account_Name"
    text = "k,n,a\r\nX-1,one,A-2\r\nX-2,two,nobody\r\n"
    rows = outcome(caller, written(caller, text, field_mappings=mappings))
    assert [row[-3] for row in rows[1:]] == ["ADDED", "SKIPPED"]
    assert org.listing("Claims")[-1]["Account"] == {"name": "A-2", "id": "400001000000900002"}


@pytest.mark.parametrize(
    ("text", "operation", "resource", "code"),
    [
        ("External_Id\r\nX\r\n", "nonsense", {}, "MISSING_REQUIRED_KEY"),
        ("External_Id\r\nX\r\n", "upsert", {}, "MANDATORY_FIELDS_NOT_MAPPED"),
        ("Name\r\nX\r\n", "upsert", {}, "INVALID_FIELD"),
        ("Name,Nothing\r\nX,\r\n", "insert", {}, "INVALID_FIELD"),
        ("Name,Note\r\nX,\r\n", "update", {"find_by": "Note"}, "INVALID_FIELD"),
        ("Name\r\nX\r\n", "insert", {"file_id": "1"}, "INVALID_FILE_ID"),
        ("Name\r\nX\r\n", "insert", {"module": {"api_name": "X"}}, "MODULE_NOT_AVAILABLE"),
        (
            "Name\r\nX\r\n",
            "insert",
            {"field_mappings": [{"api_name": "Name", "index": 1}]},
            "COLUMN_INDEX_NOT_FOUND",
        ),
        (
            "Name\r\nX\r\n",
            "insert",
            {"field_mappings": [{"api_name": "Name", "index": 0, "format": "x"}]},
            "INVALID_FORMAT",
        ),
        (",".join(["Name"] * 201) + "\r\n", "insert", {}, "HEADER_LIMIT_EXCEEDED"),
        ("Name\r\n" + "x\r\n" * 25_001, "insert", {}, "LIMIT_EXCEEDED"),
    ],
)
def test_a_bulk_write_is_refused(
    caller: Caller, text: str, operation: str, resource: dict[str, object], code: str
) -> None:
    """What it cannot write is refused before there is a job."""
    assert written(caller, text, operation, **resource).code == code


def test_an_upload_is_refused(caller: Caller) -> None:
    """Without its headers, with another organisation's number, or where it is no zip."""
    good = packed("Name\r\n")
    assert uploaded(caller, good, feature="other").status == 403
    assert uploaded(caller, good, X_CRM_ORG="1").status == 403
    assert uploaded(caller, b"Name\r\n").code == "INVALID_FILE_FORMAT"
    assert uploaded(caller, good).code == "FILE_UPLOAD_SUCCESS"


@pytest.mark.parametrize(
    ("fault", "state", "written_rows"),
    [(None, "ADDED", 4), (Fault.BULK_FAILURE, "ADDED", 0), (Fault.BULK_STUCK, "ADDED", 2)],
)
def test_a_bulk_write_goes_on_without_questions(
    caller: Caller, org: Org, fault: Fault | None, state: str, written_rows: int
) -> None:
    """Who never asks again has written all the same; a failed job nothing, a stuck one a part."""
    before = len(org.listing("Claims"))
    if fault is not None:
        caller.sim.faults.add(fault, f"POST {WRITE}")
    text = "External_Id,Name\r\n" + "".join(f"X-{number},N\r\n" for number in range(4))
    job = written(caller, text).json["details"]["id"]
    assert len(org.listing("Claims")) == before + written_rows
    seen, _ = states(caller, WRITE, job)
    assert seen[0] == state
    ends = {None: "COMPLETED", Fault.BULK_FAILURE: "FAILED", Fault.BULK_STUCK: "IN PROGRESS"}
    assert seen[-1] == ends[fault]


def test_a_callback_ends_the_waiting(caller: Caller) -> None:
    """Who names an address is told there, if it is on this machine."""
    body = {
        "query": {"module": {"api_name": "Claims"}},
        "callback": {"url": "https://example.invalid/done", "method": "post"},
    }
    got = caller.post(READ, body, Content_Type="application/json")
    (notice,) = caller.sim.pusher.unsent
    assert notice.body["job_id"] == got.json["data"][0]["details"]["id"]
    assert caller.send("GET", f"{READ}/{notice.body['job_id']}/result").status == 200
    file = uploaded(caller, packed("Name\r\nN\r\n")).json["details"]["file_id"]
    resource = {"type": "data", "module": {"api_name": "Claims"}, "file_id": file}
    body = {"operation": "insert", "resource": [resource], "callback": body["callback"]}
    caller.post(WRITE, body, Content_Type="application/json")
    url = caller.sim.pusher.unsent[-1].body["result"]["download_url"]
    assert table(caller.send("GET", url.removeprefix(caller.sim.url)))[1][1] == "ADDED"
