"""The query language of the simulator: what it reads, what it refuses, what it costs."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from zohosim_caller import Caller, Moments, small_org

from crm_expenses.testing.zohosim import Org, Switches, ZohoSim

FIRST, SECOND = "400001000000900001", "400001000000900002"


@pytest.fixture(scope="module")
def sim() -> Iterator[ZohoSim]:
    """Give a running simulator with twelve claims."""
    clock = Moments()
    org = small_org(clock)
    for number in range(12):
        clock.on(seconds=1)
        values: dict[str, object] = {
            "Name": f"C-{number}",
            "Total": Decimal(number) / 2,
            "Nights": number,
            "Paid": number % 2 == 0,
            "Status": "draft" if number < 6 else "submitted",
            "Day": f"2026-02-{number + 1:02}",
            "Account": FIRST if number < 4 else SECOND,
        }
        if number == 11:
            values = {"Name": "it's 50% \\ off", "Lines": [{"Amount": 5}]}
        org.put("Claims", values)
    with ZohoSim(org) as running:
        yield running


@pytest.fixture
def caller(sim: ZohoSim) -> Iterator[Caller]:
    """Give who calls it."""
    sim.org.settings.switches = Switches()
    with Caller(sim) as held:
        yield held


def names(caller: Caller, condition: str) -> list[str]:
    """Give the numbers of the claims that a condition finds."""
    got = caller.query(f"select Name from Claims where {condition}")
    if got.status == 204:
        return []
    assert got.status == 200, got.json
    return [row["Name"].removeprefix("C-") for row in got.json["data"]]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Nights = 3", "3"),
        ("Nights != 3 and Nights < 5", "0 1 2 4"),
        ("Nights <> 3 and Nights < 5", "0 1 2 4"),
        ("Total >= 4.5", "9 10"),
        ("Total > 4.5", "10"),
        ("Total <= 0.5", "0 1"),
        ("Nights in (1, 3, 99)", "1 3"),
        ("Nights not in (0,1,2,3,4,5,6,7)", "8 9 10"),
        ("Nights between 2 and 4", "2 3 4"),
        ("Nights not between 1 and 9", "0 10"),
        ("Status = 'draft' and Paid = true", "0 2 4"),
        ("Status is null", "it's 50% \\ off"),
        ("(Status is not null and Nights > 8)", "9 10"),
        ("((Nights = 1 or Nights = 2) or (Nights = 3 and Paid = false))", "1 2 3"),
        ("Day = '2026-02-03'", "2"),
        ("Day between '2026-02-03' and '2026-02-04'", "2 3"),
        ("Created_Time <= '2026-03-01T06:30:17+00:00'", "0 1"),
        ("Created_Time > '2026-03-01T12:00:25+05:30'", "10 it's 50% \\ off"),
        (f"Account = '{FIRST}'", "0 1 2 3"),
        (f"Account = {FIRST} and Nights > 1", "2 3"),
        (f"Account in ('{FIRST}','{SECOND}') and Nights < 2", "0 1"),
        ("Account.Account_Name = 'A-1'", "0 1 2 3"),
        ("Account.Owner.full_name like 'Admin%' and Nights < 2", "0 1"),
        ("Name like 'c-1%'", "1 10"),
        ("Name not like 'C-%'", "it's 50% \\ off"),
        (r"Name = 'it\'s 50% \\ off'", "it's 50% \\ off"),
        ("Name = 'or Name is not null'", ""),
        ("SELECT = 3", None),
    ],
)
def test_conditions(caller: Caller, condition: str, found: str | None) -> None:
    """Each comparison finds what it says, and a value that is missing is found by none."""
    if found is None:
        assert caller.query(f"select Name from Claims where {condition}").status == 400
        return
    assert " ".join(names(caller, condition)) == found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("select * from Claims where id is not null", "SYNTAX_ERROR"),
        ("select Name from Claims", "SYNTAX_ERROR"),
        ("select Name from Claims where", "SYNTAX_ERROR"),
        ("select Name Claims where id is not null", "SYNTAX_ERROR"),
        ("select Name from Claims where Nights = 1 and Nights = 2 and Nights = 3", "SYNTAX_ERROR"),
        ("select Name from Claims where (Nights = 1", "SYNTAX_ERROR"),
        ("select Name from Claims where (Nights, Total) = (1, 2)", "SYNTAX_ERROR"),
        ("select Name from Claims where Name = 'it's'", "SYNTAX_ERROR"),
        ("select Name from Claims where Name = 'open", "SYNTAX_ERROR"),
        ('select Name from Claims where Name = "x"', "SYNTAX_ERROR"),
        ("select Name from Claims where id is not null; delete", "SYNTAX_ERROR"),
        ("select Name from Claims where id is not null limit -1", "SYNTAX_ERROR"),
        ("select Name from Claims where id is not null limit x", "SYNTAX_ERROR"),
        ("select Name, Name from Claims where id is not null", "INVALID_QUERY"),
        ("select Nothing from Claims where id is not null", "INVALID_QUERY"),
        ("select Name from Claims where Nothing = 1", "INVALID_QUERY"),
        ("select Name.Name from Claims where id is not null", "INVALID_QUERY"),
        ("select Lines from Claims where id is not null", "INVALID_QUERY"),
        ("select Name from Claims where Day = '3 February'", "INVALID_QUERY"),
        ("select Name from Claims where Day = 20260203", "INVALID_QUERY"),
        ("select Name from Claims where Created_Time = '2026-02-03'", "INVALID_QUERY"),
        ("select Name from Claims where Created_Time = '2026-02-03T10:00:00'", "INVALID_QUERY"),
        ("select Name from Claims where Nights = 'many'", "INVALID_QUERY"),
        ("select Name from Claims where Paid = 1", "INVALID_QUERY"),
        ("select Name from Claims where id = 'C-1'", "INVALID_QUERY"),
        ("select Name from Claims where Name = 5", "INVALID_QUERY"),
        ("select Name from Nothing where id is not null", "INVALID_MODULE"),
        ("select Name from Claims where id is not null limit 2001", "LIMIT_EXCEEDED"),
        ("select Name from Claims where id is not null limit 0", "LIMIT_EXCEEDED"),
        ("select Name from Claims where id is not null limit 99001, 1000", "LIMIT_EXCEEDED"),
        (f"select Name from Claims where Nights in ({','.join('1' * 51)})", "LIMIT_EXCEEDED"),
        (
            "select " + ",".join(f"F{number}" for number in range(51)) + " from Claims "
            "where id is not null",
            "LIMIT_EXCEEDED",
        ),
        (
            "select Name from Claims where id is not null order by " + ",".join(["Name"] * 11),
            "LIMIT_EXCEEDED",
        ),
        (
            "select Name from Claims where " + "(" * 25 + "Nights = 1" + " and Nights = 1)" * 25,
            "LIMIT_EXCEEDED",
        ),
    ],
)
def test_a_query_is_refused(caller: Caller, text: str, code: str) -> None:
    """What is none of the language, of the module, or too much, is 400."""
    got = caller.query(text)
    assert (got.status, got.code) == (400, code)


def test_a_body_without_a_query(caller: Caller) -> None:
    """The body must have it, as a text."""
    got = caller.post("/crm/v8/coql", {"query": "x"})
    assert (got.status, got.code) == (400, "MANDATORY_NOT_FOUND")


def rows(caller: Caller, text: str) -> list[dict[str, Any]]:
    """Query, and give the rows."""
    got = caller.query(text)
    assert got.status == 200, got.json
    held: list[dict[str, Any]] = got.json["data"]
    return held


def test_columns(caller: Caller) -> None:
    """A lookup is an id only; a column behind it has a flat name; the id comes along."""
    text = "select Name, Account, Account.Account_Name, Owner from Claims where Nights = 1"
    (told,) = rows(caller, text)
    assert told["Account"] == {"id": FIRST}
    assert told["Account.Account_Name"] == "A-1"
    assert set(told["Owner"]) == {"id"}
    assert set(told) == {"Name", "Account", "Account.Account_Name", "Owner", "id"}
    (told,) = rows(caller, "select Account, Account.Account_Name from Claims where Nights is null")
    assert (told["Account"], told["Account.Account_Name"]) == (None, None)


def test_order_and_limits(caller: Caller) -> None:
    """By id where nothing is said; OFFSET in both spellings; more_records says whether."""
    base = "select Name from Claims where Nights is not null"
    got = caller.query(f"{base} order by Paid desc, Nights asc limit 3")
    assert [row["Name"] for row in got.json["data"]] == ["C-0", "C-2", "C-4"]
    assert got.json["info"] == {"count": 3, "more_records": True}
    for text in ("limit 9, 5", "limit 5 offset 9", "LIMIT 9,5"):
        got = caller.query(f"{base} {text}")
        assert [row["Name"] for row in got.json["data"]] == ["C-9", "C-10"]
        assert got.json["info"]["more_records"] is False
    assert caller.query(f"{base} limit 11, 5").status == 204
    (first, *_) = rows(caller, "select Nights from Claims where id is not null order by Nights")
    assert first["Nights"] is None


@pytest.mark.parametrize(
    ("limit", "price"),
    [("", 1), ("limit 200", 1), ("limit 201", 2), ("limit 1000", 2), ("limit 1001", 3)],
)
def test_what_a_query_costs(caller: Caller, limit: str, price: int) -> None:
    """By its limit, not by what it finds."""
    rows(caller, f"select Name from Claims where id is not null {limit}")
    assert caller.sim.log[-1].credits == price


def test_older_limits_are_a_switch(caller: Caller, sim: ZohoSim) -> None:
    """200 rows a query, as older pages have it; chains without brackets; no subforms."""
    base = "select Name from Claims where id is not null"
    sim.org.settings.switches = Switches(
        coql_rows_max=200, coql_nested_pairs=False, coql_subforms=False
    )
    assert caller.query(f"{base} limit 201").code == "LIMIT_EXCEEDED"
    assert names(caller, "Nights = 1 or Nights = 2 or Nights = 3") == ["1", "2", "3"]
    text = "select Amount from Claim_Lines where id is not null"
    assert caller.query(text).code == "INVALID_QUERY"
    sim.org.settings.switches = Switches()
    (told,) = rows(caller, f"{text.replace('Amount', 'Amount, Parent_Id, Parent_Id.Name')}")
    assert told["Amount"] == 5
    assert told["Parent_Id.Name"] == "it's 50% \\ off"


def test_backslashes_are_a_switch(caller: Caller, sim: ZohoSim) -> None:
    """Where a backslash is a character like others, a quote cannot be written."""
    sim.org.settings.switches = Switches(coql_backslash=False)
    got = caller.query(r"select Name from Claims where Name = 'it\'s'")
    assert got.code == "SYNTAX_ERROR"


def test_users_can_be_queried(caller: Caller) -> None:
    """As a module like others."""
    (told,) = rows(caller, "select full_name, status from Users where status = 'active'")
    assert told["full_name"] == "Administrator"


def test_rows_come_by_id_where_nothing_is_said() -> None:
    """In the order of ids, in whichever order they were made."""
    org: Org = small_org()
    for number in (5, 3, 4):
        org.put("Claims", {"Name": str(number)}, id=f"40000100000080000{number}")
    with ZohoSim(org) as sim, Caller(sim) as caller:
        told = rows(caller, "select Name from Claims where id is not null")
        assert [row["Name"] for row in told] == ["3", "4", "5"]


def test_a_query_reads_what_was_just_written() -> None:
    """There is no index to wait for."""
    org: Org = small_org()
    with ZohoSim(org) as sim, Caller(sim) as caller:
        record = caller.write("POST", "Claims", {"Name": "now"}).json["data"][0]["details"]["id"]
        assert rows(caller, f"select id from Claims where id = '{record}'")
