"""Reading from the simulator: lists, pages, single records, what was deleted, users, metadata."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from zohosim_caller import Caller, Moments, small_org

from crm_expenses.testing.zohosim import Fault, Switches, ZohoSim


@pytest.fixture
def clock() -> Moments:
    """Give a clock that a test moves."""
    return Moments()


@pytest.fixture
def sim(clock: Moments) -> Iterator[ZohoSim]:
    """Give a running simulator with 450 claims, two of them in each second."""
    org = small_org(clock)
    for number in range(450):
        if number % 2:
            clock.on(seconds=1)
        org.put("Claims", {"Name": f"C-{number}", "Total": Decimal(number)})
    with ZohoSim(org) as running:
        yield running


@pytest.fixture
def caller(sim: ZohoSim) -> Iterator[Caller]:
    """Give who calls it."""
    with Caller(sim) as held:
        yield held


def everything(caller: Caller, **query: object) -> list[dict[str, Any]]:
    """Read all pages of a list."""
    rows: list[dict[str, Any]] = []
    more: dict[str, object] = {}
    while True:
        got = caller.get("Claims", **{"fields": "Name,Modified_Time", **query, **more})
        assert got.status == 200
        rows += got.json["data"]
        if not got.json["info"]["more_records"]:
            return rows
        more = {"page_token": got.json["info"]["next_page_token"]}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "REQUIRED_PARAM_MISSING"),
        ({"fields": ",".join(f"F{number}" for number in range(51))}, "LIMIT_EXCEEDED"),
        ({"fields": "Name", "per_page": 201}, "INVALID_DATA"),
        ({"fields": "Name", "per_page": 0}, "INVALID_DATA"),
        ({"fields": "Name", "page": 11}, "DISCRETE_PAGINATION_LIMIT_EXCEEDED"),
        ({"fields": "Name", "page": 2, "page_token": "x"}, "AMBIGUITY_DURING_PROCESSING"),
        ({"fields": "Name", "cvid": 1, "sort_by": "id"}, "AMBIGUITY_DURING_PROCESSING"),
        ({"fields": "Name", "sort_by": "Name"}, "INVALID_DATA"),
        ({"fields": "Name", "sort_order": "up"}, "INVALID_DATA"),
        ({"fields": "Name", "page_token": "nobody gave it"}, "INVALID_DATA"),
        ({"fields": "Name", "ids": ",".join(["1"] * 101)}, "LIMIT_EXCEEDED"),
    ],
)
def test_a_list_is_refused(caller: Caller, query: dict[str, object], code: str) -> None:
    """What a list may not be asked for is 400 with the code of that."""
    got = caller.get("Claims", **query)
    assert (got.status, got.code) == (400, code)


def test_fifty_fields_and_page_ten_are_allowed(caller: Caller) -> None:
    """The bounds themselves are inside: fifty fields, record 2,000, 200 a page."""
    fields = ",".join(f"F{number}" for number in range(50))
    assert caller.get("Claims", fields=fields, per_page=200).status == 200
    assert caller.get("Claims", fields="Name", page=10).status == 204


@pytest.mark.parametrize("query", [{}, {"sort_by": "Modified_Time", "sort_order": "asc"}])
def test_page_tokens_reach_everything(caller: Caller, query: dict[str, object]) -> None:
    """All pages together have each record once, the newest first where nothing is said."""
    rows = everything(caller, **query)
    names = [row["Name"] for row in rows]
    assert (len(rows), len(set(names))) == (450, 450)
    assert names[0] == ("C-0" if query else "C-449")


def test_a_page_token_is_bound(caller: Caller, clock: Moments) -> None:
    """To its user, its parameters and a day."""
    token = caller.get("Claims", fields="Name").json["info"]["next_page_token"]
    other = caller.get("Claims", fields="Name,Total", page_token=token)
    assert other.code == "TOKEN_BOUND_DATA_MISMATCH"
    desk = caller.sim.site.desk
    person = caller.sim.org.put("Users", {"last_name": "P-2"})
    refresh, desk.refresh_token = desk.refresh_token, desk.new_refresh(user=person)
    with Caller(caller.sim) as someone:
        got = someone.get("Claims", fields="Name", page_token=token)
        assert got.code == "TOKEN_BOUND_DATA_MISMATCH"
    desk.refresh_token = refresh
    desk.life = timedelta(days=3)
    caller.token = desk.new_access()
    assert caller.get("Claims", fields="Name", page_token=token).status == 200
    clock.on(hours=24)
    assert caller.get("Claims", fields="Name", page_token=token).code == "EXPIRED_VALUE"


def test_a_list_ends_somewhere(caller: Caller) -> None:
    """Past the most rows that page tokens reach there is a refusal, not an end."""
    caller.sim.org.settings.switches = Switches(list_rows_max=400)
    token = ""
    for _ in range(2):
        more = {"page_token": token} if token else {}
        token = caller.get("Claims", fields="Name", **more).json["info"]["next_page_token"]
    got = caller.get("Claims", fields="Name", page_token=token)
    assert got.code == "PAGINATION_LIMIT_EXCEEDED"


@pytest.mark.parametrize(("paging", "times"), [("keyset", 2), ("offset", 1)])
def test_a_record_that_changes_between_pages(caller: Caller, paging: str, times: int) -> None:
    """Sorted by Modified_Time it moves to the end; what pages see then is a switch."""
    caller.sim.org.settings.switches = Switches(paging=paging)
    caller.sim.faults.add(Fault.CHANGED_BETWEEN_PAGES, "GET /crm/v8/Claims")
    rows = everything(caller, sort_by="Modified_Time", sort_order="asc")
    names = [row["Name"] for row in rows]
    assert names.count("C-0") == 2
    assert (len(set(names)) == 450) is (times == 2)


def test_since_a_time(caller: Caller, clock: Moments) -> None:
    """304 where nothing changed; the time is ISO with an offset, and no other."""
    last = caller.sim.org.listing("Claims")[-1]["Modified_Time"]
    heads = {"If-Modified-Since": str(last)}
    assert caller.get("Claims", heads, fields="Name").status == 304
    clock.on(seconds=5)
    caller.sim.org.put("Claims", {"Name": "new"})
    got = caller.get("Claims", heads, fields="Name")
    assert [row["Name"] for row in got.json["data"]] == ["new"]
    old = {"If-Modified-Since": "Sun, 01 Mar 2026 06:30:15 GMT"}
    assert caller.get("Claims", old, fields="Name").status == 400


def test_lists_leave_out_what_they_do(caller: Caller) -> None:
    """No rows of subforms, and rich text in part; one record has both."""
    org = caller.sim.org
    lines = [{"Amount": Decimal("1.10")}]
    record = org.put("Claims", {"Name": "C", "Text": "x" * 900, "Lines": lines})
    got = caller.get("Claims", fields="Name,Text,Lines,Nothing", ids=record).json["data"][0]
    assert (len(got["Text"]), set(got)) == (500, {"id", "Name", "Text"})
    single = caller.get(f"Claims/{record}").json["data"][0]
    assert len(single["Text"]) == 900
    assert [line["Amount"] for line in single["Lines"]] == [1.1]
    rows = caller.get("Claim_Lines", fields="Amount,Parent_Id").json["data"]
    assert [row["Parent_Id"]["id"] for row in rows] == [record]


def test_single_records(caller: Caller) -> None:
    """One that is not there is 204; what is no id is refused; If-Modified-Since is heard."""
    assert caller.get("Claims/400001000000999999").status == 204
    assert caller.get("Claims/abc").status == 400
    held = caller.sim.org.listing("Claims")[0]
    since = {"If-Modified-Since": str(held["Modified_Time"])}
    assert caller.get(f"Claims/{held['id']}", since).status == 304
    assert caller.get("Nothing?fields=id").code == "INVALID_MODULE"
    assert caller.send("GET", "/crm/v1/Claims").status == 404


def test_times_are_in_the_zone_of_the_organisation(caller: Caller) -> None:
    """Whole seconds, with the offset of a zone that is not UTC."""
    told = caller.get("Claims", fields="Modified_Time", sort_order="asc").json["data"][0]
    assert told["Modified_Time"] == "2026-03-01T12:00:15+05:30"


def test_deleted_records(caller: Caller, clock: Moments) -> None:
    """They are listed for 120 days, in the recycle bin for 60, since a time if one is named."""
    org = caller.sim.org
    first, second = (str(row["id"]) for row in org.listing("Claims")[:2])
    caller.sim.site.desk.life = timedelta(days=900)
    caller.token = caller.sim.site.desk.new_access()
    assert caller.get("Claims/deleted").status == 204
    org.remove("Claims", first)
    org.remove("Claims", second, purge=True)
    told = caller.get("Claims/deleted", type="all").json["data"]
    assert {row["id"]: row["type"] for row in told} == {first: "recycle", second: "permanent"}
    since = {"If-Modified-Since": str(told[0]["deleted_time"])}
    assert caller.get("Claims/deleted", since).status == 304
    clock.on(days=60)
    assert caller.get("Claims/deleted", type="recycle").status == 204
    assert len(caller.get("Claims/deleted", type="permanent").json["data"]) == 2
    clock.on(days=60)
    assert caller.get("Claims/deleted").status == 204
    assert caller.get("Claims/deleted", type="some").status == 400
    assert caller.get(f"Claims/{first}").status == 204


def test_deleted_records_cost_two(caller: Caller) -> None:
    """As the older table has it."""
    caller.get("Claims/deleted")
    assert caller.sim.log[-1].credits == 2


def test_counting(caller: Caller) -> None:
    """There is a count."""
    assert caller.get("Claims/actions/count").json == {"count": 450}


def test_users(caller: Caller, clock: Moments) -> None:
    """By type, by id, since a time; their keys are in lower case, some of them."""
    org = caller.sim.org
    boss = org.put("Users", {"last_name": "P-1", "role": "East", "status": "active"})
    clock.on(seconds=5)
    values = {"last_name": "P-2", "status": "inactive", "Reporting_To": boss, "city": "上海"}
    person = org.put("Users", values)
    assert len(caller.get("users").json["users"]) == 3
    told = caller.get("users", type="DeactiveUsers").json["users"]
    assert [one["id"] for one in told] == [person]
    assert told[0]["Reporting_To"]["id"] == boss
    assert {"Modified_Time", "full_name", "role", "status"} <= set(told[0])
    assert caller.get("users", type="CurrentUser").json["users"][0]["id"] == org.admin
    assert caller.get("users", ids=boss).json["users"][0]["role"]["name"] == "East"
    since = {"If-Modified-Since": told[0]["Modified_Time"]}
    assert caller.get("users", since).status == 304
    assert caller.get("users", type="Nobody").status == 400
    assert caller.get("users", ids=",".join(["1"] * 101)).code == "LIMIT_EXCEEDED"
    assert caller.get(f"users/{boss}").json["users"][0]["last_name"] == "P-1"
