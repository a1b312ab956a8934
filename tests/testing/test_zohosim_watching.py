"""Notifications of the simulator: channels, messages, and how messages go astray."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from zohosim_caller import Caller, Got, Moments, small_org

from crm_expenses.testing.zohosim import Fault, ZohoSim

WATCH = "/crm/v8/actions/watch"


class Hearer:
    """An address on this machine that is told."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        heard = self.heard

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/hook?a=b"

    def agreed(self, told: dict[str, Any]) -> bool:
        """Tell whether a message has the token of the channel."""
        return str(told["token"]) == "agreed"

    def close(self) -> None:
        """End."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def clock() -> Moments:
    """Give a clock that a test moves."""
    return Moments.whole()


@pytest.fixture
def hearer() -> Iterator[Hearer]:
    """Give an address that is told."""
    held = Hearer()
    yield held
    held.close()


@pytest.fixture
def caller(clock: Moments) -> Iterator[Caller]:
    """Give who calls a running simulator."""
    with ZohoSim(small_org(clock)) as sim, Caller(sim) as held:
        yield held


def watch(caller: Caller, method: str = "POST", **changes: object) -> Got:
    """Ask to be told of claims."""
    plain = {
        "channel_id": "1001",
        "events": ["Claims.all"],
        "notify_url": "http://127.0.0.1:1/",
        "token": "agreed",
    }
    body = {"watch": [{**plain, **changes}]} if method != "PATCH" else {"watch": [changes]}
    return caller.send(method, WATCH, json.dumps(body).encode())


def expiry(got: Got) -> str:
    """Give when a channel ends."""
    assert got.code == "SUCCESS", got.json
    return str(got.json["watch"][0]["details"]["events"][0]["channel_expiry"])


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (None, "2026-03-01T13:00:15+05:30"),
        ("2026-03-08T12:00:15+05:30", "2026-03-08T12:00:15+05:30"),
        ("2026-03-08T12:00:16+05:30", "2026-03-01T13:00:15+05:30"),
        ("2026-03-01T11:00:00+05:30", "2026-03-01T13:00:15+05:30"),
        ("in a week", "2026-03-01T13:00:15+05:30"),
    ],
)
def test_a_channel_lives_a_week_at_most(caller: Caller, asked: str | None, told: str) -> None:
    """A time that is missing, past, or beyond a week comes to one hour."""
    changes = {} if asked is None else {"channel_expiry": asked}
    assert expiry(watch(caller, **changes)) == told


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"channel_id": None}, "MANDATORY_NOT_FOUND"),
        ({"events": []}, "MANDATORY_NOT_FOUND"),
        ({"events": ["Nothing.all"]}, "INVALID_DATA"),
        ({"events": ["Claims.read"]}, "INVALID_DATA"),
        ({"notify_url": None}, "MANDATORY_NOT_FOUND"),
        ({"notify_url": "ftp://127.0.0.1/"}, "INVALID_DATA"),
        ({"token": "x" * 51}, "INVALID_DATA"),
    ],
)
def test_a_channel_is_refused(caller: Caller, changes: dict[str, object], code: str) -> None:
    """What a channel cannot be."""
    got = watch(caller, **changes)
    assert (got.status, got.code) == (400, code)


def test_a_channel_is_shown_changed_and_ended(caller: Caller, clock: Moments) -> None:
    """PUT replaces, PATCH extends, DELETE ends; none of them where there is no channel."""
    assert watch(caller, "PUT").code == "NOT_SUBSCRIBED"
    assert watch(caller).status == 201
    later = (clock.at + timedelta(days=5)).isoformat(timespec="seconds")
    assert expiry(watch(caller, "PATCH", channel_id="1001", channel_expiry=later)) > "2026-03-06"
    assert watch(caller, "PUT", events=["Claims.edit", "users.all"]).code == "SUCCESS"
    told = caller.send("GET", f"{WATCH}?channel_id=1001").json["watch"]
    assert [one["events"] for one in told] == [["Claims.edit"], ["users.all"]]
    got = caller.send("DELETE", f"{WATCH}?channel_ids=1001,1002")
    assert [one["code"] for one in got.json["watch"]] == ["SUCCESS", "NOT_SUBSCRIBED"]
    assert caller.send("GET", WATCH).status == 204
    assert caller.send("DELETE", WATCH).status == 400


def test_changes_are_told(caller: Caller, hearer: Hearer) -> None:
    """Each change is posted with its operation, its ids and the agreed token."""
    watch(caller, notify_url=hearer.url, return_affected_field_values=True)
    org = caller.sim.org
    record = org.put("Claims", {"Name": "one"})
    org.put("Claims", {"Name": "two"}, id=record)
    org.remove("Claims", record)
    org.put("Accounts", {"Account_Name": "nobody asked"})
    caller.sim.pusher.flush()
    assert [told["operation"] for told in hearer.heard] == ["insert", "update", "delete"]
    assert {told["token"] for told in hearer.heard} == {"agreed"}
    assert hearer.heard[1]["ids"] == [record]
    assert hearer.heard[1]["affected_fields"] == [{record: ["Name"]}]
    assert hearer.heard[1]["affected_values"][0]["values"]["Name"] == "two"
    assert [notice.status for notice in caller.sim.pusher.sent] == [200] * 3


def test_only_events_that_were_asked_for(caller: Caller, hearer: Hearer, clock: Moments) -> None:
    """By module, operation and field, and until the channel ends."""
    condition = [{"type": "field_selection", "field_selection": {"field": {"api_name": "Note"}}}]
    watch(
        caller,
        notify_url=hearer.url,
        events=["Claims.edit"],
        notification_condition=condition,
    )
    org = caller.sim.org
    record = org.put("Claims", {"Name": "one"})
    org.put("Claims", {"Name": "two"}, id=record)
    org.put("Claims", {"Note": "heard"}, id=record)
    clock.on(hours=1)
    org.put("Claims", {"Note": "too late"}, id=record)
    caller.sim.pusher.flush()
    assert [told["affected_fields"] for told in hearer.heard] == [[{record: ["Note"]}]]


def test_messages_go_astray(caller: Caller, hearer: Hearer) -> None:
    """They are lost, doubled, swapped and forged on demand."""
    watch(caller, notify_url=hearer.url)
    faults, org = caller.sim.faults, caller.sim.org
    faults.add(Fault.NOTICE_LOST, "Claims.insert")
    faults.add(Fault.NOTICE_TWICE, "Claims.insert", skip=1)
    faults.add(Fault.NOTICE_SWAPPED, "Claims.insert", skip=2)
    faults.add(Fault.NOTICE_FORGED, "Claims.insert", skip=4)
    ids = [org.put("Claims", {"Name": str(number)}) for number in range(5)]
    caller.sim.pusher.flush()
    told = [(ids.index(one["ids"][0]), hearer.agreed(one)) for one in hearer.heard]
    assert told == [(1, True), (1, True), (3, True), (2, True), (4, False)]


def test_nobody_elsewhere_is_told(caller: Caller) -> None:
    """Messages leave for this machine only, and none while it is off."""
    watch(caller, notify_url="https://example.invalid/hook")
    watch(caller, channel_id="1002", notify_url="http://example.invalid/hook")
    caller.sim.org.put("Claims", {"Name": "one"})
    caller.sim.pusher.is_on = False
    caller.sim.org.put("Claims", {"Name": "two"})
    caller.sim.pusher.flush()
    assert (len(caller.sim.pusher.unsent), caller.sim.pusher.sent) == (4, [])


def test_nobody_answers(caller: Caller) -> None:
    """An address where nobody is costs the message, and nothing else."""
    watch(caller)
    caller.sim.org.put("Claims", {"Name": "one"})
    caller.sim.pusher.flush()
    assert [notice.status for notice in caller.sim.pusher.sent] == [0]
