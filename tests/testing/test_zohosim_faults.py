"""How calls to the simulator fail on demand."""

import http.client
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

import pytest
from zohosim_caller import Caller, Moments, small_org

from crm_expenses.testing.zohosim import Fault, FaultPlan, ZohoSim
from crm_expenses.testing.zohosim.asking import Ask

ROW = {"Name": "C-1", "Day": "2026-03-01", "Status": "draft"}


@pytest.fixture
def sim() -> Iterator[ZohoSim]:
    """Give a running simulator."""
    with ZohoSim(small_org()) as running:
        yield running


@pytest.fixture
def caller(sim: ZohoSim) -> Iterator[Caller]:
    """Give who calls it."""
    with Caller(sim) as held:
        yield held


@pytest.mark.parametrize(
    ("fault", "status", "code", "kind"),
    [
        (Fault.BUSY, 429, "TOO_MANY_REQUESTS", "application/json;charset=UTF-8"),
        (Fault.BUSY_OLD, 429, "429", "application/json;charset=UTF-8"),
        (Fault.BUSY_RATE, 429, "RATE_LIMIT_EXCEEDED", "application/json;charset=UTF-8"),
        (Fault.ERROR_500, 500, "INTERNAL_ERROR", "application/json;charset=UTF-8"),
        (Fault.HTML_502, 502, "", "text/html;charset=UTF-8"),
        (Fault.EMPTY_503, 503, "", None),
        (Fault.HTML_200, 200, "", "text/html;charset=UTF-8"),
        (Fault.TOKEN_REFUSED, 401, "INVALID_TOKEN", "application/json;charset=UTF-8"),
        (Fault.SCOPE_MISSING, 401, "OAUTH_SCOPE_MISMATCH", "application/json;charset=UTF-8"),
        (Fault.NO_PERMISSION, 403, "NO_PERMISSION", "application/json;charset=UTF-8"),
    ],
)
def test_an_answer_that_is_none(
    caller: Caller, fault: Fault, status: int, code: str, kind: str | None
) -> None:
    """The write has no effect, and the next one works."""
    caller.sim.faults.add(fault)
    got = caller.write("POST", "Claims", ROW)
    assert (got.status, got.code, got.headers.get("content-type")) == (status, code, kind)
    assert caller.sim.org.listing("Claims") == []
    assert caller.write("POST", "Claims", ROW).status == 201


@pytest.mark.parametrize(
    ("fault", "records"),
    [
        (Fault.DROP_BEFORE, 0),
        (Fault.DROP_AFTER, 1),
        (Fault.CUT, 1),
        (Fault.HANG_BEFORE, 0),
        (Fault.HANG_AFTER, 1),
    ],
)
def test_an_answer_that_is_lost(caller: Caller, fault: Fault, records: int) -> None:
    """Before the effect or after it, and a hang ends some time."""
    caller.sim.hang_seconds = 0.05
    caller.sim.faults.add(fault)
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        caller.write("POST", "Claims", ROW)
    assert len(caller.sim.org.listing("Claims")) == records
    with Caller(caller.sim) as other:
        assert other.get("org").status == 200


def test_a_hang_ends_with_the_server(sim: ZohoSim) -> None:
    """Nobody waits for a server that is gone."""
    began = time.monotonic()
    sim.faults.add(Fault.HANG_BEFORE)
    with Caller(sim) as caller:
        caller._connection.request("POST", "/crm/v8/Claims", b"{}")
        sim.close()
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            caller._connection.getresponse()
    assert time.monotonic() - began < sim.hang_seconds / 2


def test_half_a_body(caller: Caller) -> None:
    """It ends in its middle as if it were whole, or is not there at all; the effect is."""
    caller.sim.faults.add(Fault.TRUNCATED)
    with pytest.raises(json.JSONDecodeError):
        caller.write("POST", "Claims", ROW)
    caller.sim.faults.add(Fault.EMPTY_200)
    got = caller.write("POST", "Claims", ROW)
    assert (got.status, got.body) == (201, b"")
    assert len(caller.sim.org.listing("Claims")) == 2


def test_a_slow_body(caller: Caller) -> None:
    """It comes in pieces, and whole."""
    caller.sim.faults.add(Fault.SLOW)
    caller.sim.slow_seconds = 0.1
    assert caller.get("org").json["org"][0]["zgid"] == caller.sim.org.id


@pytest.mark.parametrize(
    ("fault", "field", "value"),
    [
        (Fault.MALFORMED_RECORD, "Day", "2026-13-45"),
        (Fault.UNKNOWN_PICKLIST, "Status", "Brand new value"),
        (Fault.UNKNOWN_FIELD, "Brand_New", {"shape": ["nobody", "knows"]}),
    ],
)
def test_records_that_nobody_expects(
    caller: Caller, fault: Fault, field: str, value: object
) -> None:
    """In a list, in a query and in one record alike."""
    record = caller.sim.org.put("Claims", ROW)
    caller.sim.faults.add(fault, times=3)
    text = "select Day, Status from Claims where id is not null"
    for got in (
        caller.get("Claims", fields="Day,Status"),
        caller.query(text),
        caller.get(f"Claims/{record}", fields="Day,Status"),
    ):
        assert got.json["data"][0][field] == value


def test_a_record_that_is_gone_after_the_list(caller: Caller) -> None:
    """The list had it, and its own address has not."""
    record = caller.sim.org.put("Claims", ROW)
    caller.sim.faults.add(Fault.DELETED_AFTER_LIST)
    assert caller.get("Claims", fields="Day").json["data"][0]["id"] == record
    assert caller.get(f"Claims/{record}").status == 204


def test_page_tokens_end_on_demand(caller: Caller) -> None:
    """A token that was just given is out of date."""
    for number in range(2):
        caller.sim.org.put("Claims", {"Name": str(number)})
    query = {"fields": "Name", "per_page": 1}
    token = caller.get("Claims", **query).json["info"]["next_page_token"]
    caller.sim.faults.add(Fault.PAGE_TOKEN_EXPIRED)
    assert caller.get("Claims", **query, page_token=token).code == "EXPIRED_VALUE"


def refreshed(caller: Caller) -> object:
    """Ask for a token."""
    desk = caller.sim.site.desk
    form = {
        "grant_type": "refresh_token",
        "client_id": desk.client_id,
        "client_secret": desk.client_secret,
        "refresh_token": desk.refresh_token,
    }
    got = caller.send("POST", "/oauth/v2/token?" + urlencode(form))
    return got.json


def test_tokens_end_in_the_middle(caller: Caller) -> None:
    """All access tokens end, or the refresh token with them."""
    caller.sim.faults.add(Fault.TOKENS_REVOKED, "org")
    assert caller.get("users").status == 200
    assert caller.get("org").status == 401
    assert caller.get("users").status == 401
    told = refreshed(caller)
    assert isinstance(told, dict)
    caller.token = told["access_token"]
    assert caller.get("users").status == 200
    caller.sim.faults.add(Fault.REFRESH_REVOKED)
    assert caller.get("users").status == 401
    assert refreshed(caller) == {"error": "invalid_code"}


def test_token_calls_fail(caller: Caller) -> None:
    """They are denied with 200, answered by a page, or name the production host."""
    caller.sim.faults.add(Fault.REFRESH_DENIED, "/oauth/")
    assert refreshed(caller) == {"error": "Access Denied", "status": "failure"}
    caller.sim.faults.add(Fault.REFRESH_HTML, "/oauth/")
    assert refreshed(caller) is None
    caller.sim.faults.add(Fault.PRODUCTION_DOMAIN, "/oauth/")
    told = refreshed(caller)
    assert isinstance(told, dict)
    assert told["api_domain"] == "https://www.zohoapis.com"


def test_the_clock_of_the_server(caller: Caller) -> None:
    """Answers carry its time, ten minutes off on demand."""
    times = []
    for fault in (None, Fault.CLOCK_SKEW):
        if fault:
            caller.sim.faults.add(fault)
        times.append(parsedate_to_datetime(caller.get("org").headers["date"]))
    assert times[0] == datetime(2026, 3, 1, 6, 30, 15, tzinfo=UTC)
    assert (times[1] - times[0]).total_seconds() == 600


def test_which_calls_fail() -> None:
    """By a pattern of method and path, after some, so many times; and it is noted."""
    plan = FaultPlan()
    plan.add(Fault.BUSY, "POST /crm/v8/coql$", times=2, skip=1)
    plan.add(Fault.SLOW, times=1)
    ask = Ask("POST", "/crm/v8/coql")
    assert plan.take(Ask("GET", "/crm/v8/coql")) == {Fault.SLOW}
    seen = [plan.take(ask) for _ in range(4)]
    assert seen == [set(), {Fault.BUSY}, {Fault.BUSY}, set()]
    assert len(plan.happened) == 3
    plan.add(Fault.NOTICE_LOST)
    plan.add(Fault.BUSY)
    plan.clear()
    assert plan.take(ask) == plan.take_notice("Claims.insert") == frozenset()


def test_who_hears_of_calls() -> None:
    """A test may act before a call is answered."""
    heard: list[str] = []
    with ZohoSim(small_org(Moments()), heard=lambda ask: heard.append(ask.call)) as sim:
        with Caller(sim) as caller:
            caller.get("org")
        assert heard == ["GET /crm/v8/org"]


def test_a_body_in_chunks(caller: Caller) -> None:
    """A body without a length is read too."""
    body = json.dumps({"data": [ROW]}).encode()
    pieces = iter([body[:10], body[10:]])
    caller._connection.request(
        "POST",
        "/crm/v8/Claims",
        pieces,
        {"Authorization": f"Zoho-oauthtoken {caller.token}"},
        encode_chunked=True,
    )
    reply = caller._connection.getresponse()
    reply.read()
    assert reply.status == 201
