"""Channels of notifications: made, renewed, told of; and what our receiver makes of a message."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from zohoworld import sdk_to

from crm_expenses.adapters.contract import Level
from crm_expenses.adapters.exchange import Clock, Secret
from crm_expenses.adapters.zoho import notifications
from crm_expenses.adapters.zoho.notifications import (
    LIFE,
    RENEWED_BEFORE,
    TOKEN_CHARS_MAX,
    ZohoHints,
    channel_id,
    listed,
    renew,
    wanted,
)
from crm_expenses.adapters.zoho.sdk import Sdk
from crm_expenses.adapters.zoho.setup import ZohoSetUp
from crm_expenses.errors import AuthError, ConfigError
from crm_expenses.settings import Settings, load_settings
from crm_expenses.store import open_store
from crm_expenses.testing.zohosim import Fault, ZohoSim
from crm_expenses.webhook import Verdict, application, receive

URL = "https://hooks.example.com/main"
TOKEN = "hook-token-of-32-characters-0001"  # noqa: S105  made up
START = datetime(2026, 6, 30, 12, tzinfo=UTC)


class Time:
    """A clock of the organisation and of ours that is moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """Give the time."""
        return self.now


@contextmanager
def ready(time: Time | None = None) -> Iterator[tuple[ZohoSim, Sdk]]:
    """Give an organisation with all modules, and the SDK for it, at a time of their own."""
    clock = time or Time()
    with ZohoSim(clock=clock) as sim, sdk_to(sim, now=clock) as sdk:
        held = ZohoSetUp(sdk)
        list(held.carry_out(held.plan()))
        yield sim, sdk


def made(sdk: Sdk, url: str = URL) -> list[str]:
    """Carry out what lacks; give the names of the steps."""
    held = ZohoHints(sdk, url, Secret(TOKEN))
    done = list(held.carry_out(held.plan()))
    assert not [one for one in done if one.problem]
    return [one.step.name for one in done]


def test_each_module_that_is_read_has_one_channel_for_almost_a_week() -> None:
    """One call makes them all; each has our address, the token, all events, and seven days."""
    with ready() as (sim, sdk):
        hints = ZohoHints(sdk, URL, Secret(TOKEN))
        plan = hints.plan()
        assert sum(step.cost for step in plan) == 1
        before = sim.credits.spent
        names = [one.step.name for one in hints.carry_out(plan)]
        assert sim.credits.spent - before == 1
        held = sim.site.channels.held
        assert len(held) == len(names)
        assert "users" in names  # of whom Zoho tells under a name of their own
        for asked in wanted(sdk, START):
            one = held[asked.id]
            assert (one.url, one.token, one.events) == (URL, TOKEN, asked.events)
            assert one.until == START + LIFE
            assert not one.with_values
        assert timedelta(days=7) >= LIFE


def test_making_them_again_does_nothing_and_another_address_replaces() -> None:
    """A second run has no step; another address changes the same channels, none is added."""
    with ready() as (sim, sdk):
        count = len(made(sdk))
        assert made(sdk) == []
        assert len(made(sdk, "https://other.example.com/main")) == count
        assert {one.url for one in sim.site.channels.held.values()} == {
            "https://other.example.com/main"
        }
        assert len(sim.site.channels.held) == count


def test_a_channel_is_renewed_when_half_of_its_time_is_over_and_not_before() -> None:
    """A look costs one credit; where something ends soon one more renews all of it."""
    time = Time()
    with ready(time) as (sim, sdk):
        assert renew(sdk) == ()  # nobody has asked for channels: none is made
        assert not sim.site.channels.held
        count = len(made(sdk))
        before = len(sim.log)
        time.now = START + timedelta(days=3)
        assert renew(sdk) == ()
        assert sum(one.credits for one in sim.log[before:]) == 1
        time.now = START + LIFE - RENEWED_BEFORE + timedelta(minutes=1)
        assert len(renew(sdk)) == count
        assert sum(one.credits for one in sim.log[before:]) == 3
        for one in sim.site.channels.held.values():
            assert one.until == time.now + LIFE
            assert (one.url, one.token) == (URL, TOKEN)
        assert renew(sdk) == ()


def test_runs_twice_a_week_keep_all_channels_alive_for_ever() -> None:
    """Whatever day they were made on, none ever ends between two such runs."""
    time = Time()
    with ready(time) as (sim, sdk):
        count = len(made(sdk))
        for _ in range(20):
            time.now += timedelta(days=3, hours=12)
            assert len(sim.site.channels.alive()) == count
            renew(sdk)


def test_a_channel_that_has_ended_is_told_and_made_again_by_the_command() -> None:
    """Renewal cannot give it back its address; `doctor` warns, and the command makes it anew."""
    time = Time()
    with ready(time) as (sim, sdk):
        count = len(made(sdk))
        (good,) = notifications.looked_at(sdk)
        assert (good.level, good.problem.values["count"]) == (Level.GOOD, str(count))
        del sim.site.channels.held[channel_id("main", "Deals")]
        found = list(notifications.looked_at(sdk))
        assert [one.level for one in found] == [Level.WARNING, Level.GOOD]
        assert found[0].problem.values["names"] == "Deals"
        assert renew(sdk) == ()
        assert made(sdk) == ["Deals"]
        time.now = START + timedelta(days=8)
        assert renew(sdk) == ()
        assert list(notifications.looked_at(sdk)) == []
        assert len(made(sdk)) == count


@pytest.mark.parametrize("minutes", [-90, -10, 10, 90])
def test_a_clock_of_ours_that_is_wrong_shortens_no_channel(minutes: int) -> None:
    """More than a week becomes an hour without a word: Zoho's own clock counts, not ours."""
    time = Time()
    with ZohoSim(clock=time) as sim:
        wrong = Time()
        wrong.now = START + timedelta(minutes=minutes)
        with sdk_to(sim, now=wrong) as sdk:
            held = ZohoSetUp(sdk)
            list(held.carry_out(held.plan()))
            made(sdk)
            assert {one.until for one in sim.site.channels.held.values()} == {START + LIFE}
            time.now = START + timedelta(days=5)
            wrong.now = time.now + timedelta(minutes=minutes)
            assert renew(sdk)
            assert {one.until for one in sim.site.channels.held.values()} == {time.now + LIFE}


def test_they_are_ended_by_the_same_hand() -> None:
    """Without an address the plan ends what is there, in one call; others' channels stay."""
    with ready() as (sim, sdk), sdk_to(sim, crm="second", now=Time()) as other:
        count = len(made(sdk))
        made(other)
        ending = ZohoHints(sdk, "", Secret(TOKEN))
        plan = ending.plan()
        assert (len(plan), sum(step.cost for step in plan)) == (count, 1)
        assert len(sim.site.channels.held) == 2 * count
        del sim.site.channels.held[plan[0].facts["channel"]]  # it ended meanwhile
        done = list(ending.carry_out(plan))
        assert not [one for one in done if one.problem]
        assert {one.id for one in wanted(other, START)} == set(sim.site.channels.held)
        assert ending.plan() == []
        assert list(ending.carry_out([])) == []


def test_a_look_at_the_channels_loads_no_sdk() -> None:
    """Every sync looks; only where something ends soon is the SDK loaded to renew it."""
    code = """
import sys
sys.path.insert(0, sys.argv[1])
from zohoworld import sdk_to
from crm_expenses.adapters.zoho.notifications import renew
from crm_expenses.testing.zohosim import ZohoSim
with ZohoSim() as sim, sdk_to(sim) as sdk:
    assert renew(sdk) == ()
    assert sim.log[-1].path == "/crm/v8/actions/watch"
assert not [name for name in sys.modules if name.startswith("zohocrm")]
"""
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", code, here], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_ids_of_channels_never_change_and_never_meet() -> None:
    """They derive from the connection and the module, and are numbers as Zoho wants them."""
    names = [channel_id(crm, f"M{number}") for crm in ("a", "b") for number in range(500)]
    assert len(set(names)) == len(names)
    assert all(name.isdecimal() and len(name) == 15 and name[0] == "1" for name in names)
    assert channel_id("main", "Deals") == "159226462878001"


def test_a_token_that_zoho_would_refuse_is_refused_first() -> None:
    """More than fifty characters: an error with the bound, and no call."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        with pytest.raises(ConfigError) as caught:
            ZohoHints(sdk, URL, Secret("x" * (TOKEN_CHARS_MAX + 1)))
        assert caught.value.code == "zoho.notify_token"
        assert not sim.log


def test_what_zoho_refuses_of_one_channel_is_told_of_that_one() -> None:
    """A module that cannot be watched keeps none of the others from being made."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:  # only the standard modules are there
        held = ZohoHints(sdk, URL, Secret(TOKEN))
        done = list(held.carry_out(held.plan()))
        wrong = {one.step.name for one in done if one.problem}
        assert "Expense_Claims" in wrong
        assert {"Accounts", "Deals"} <= {one.step.name for one in done} - wrong
        text = next(one.problem.describe("zh") for one in done if one.problem)
        assert "INVALID_DATA" in text


def test_without_the_scope_renewal_fails_alone() -> None:
    """The error is the adapter's own, for the run to take no notice of."""
    with ready() as (sim, sdk):
        sim.faults.add(Fault.SCOPE_MISSING, "GET .*/actions/watch", times=2)
        with pytest.raises(AuthError):
            renew(sdk)
        assert list(notifications.looked_at(sdk)) == []


def test_two_connections_to_one_organisation_have_channels_of_their_own() -> None:
    """The connection's name is part of the id: neither takes the other's channel."""
    with ready() as (sim, sdk), sdk_to(sim, crm="second", now=Time()) as other:
        count = len(made(sdk))
        assert len(made(other)) == count
        assert len(sim.site.channels.held) == 2 * count
        mine = {one.id for one in wanted(sdk, START)}
        assert mine.isdisjoint({one.id for one in wanted(other, START)})
        assert set(listed(sdk.wire).channels) == set(sim.site.channels.held)


# --- what comes of a message ---

COMPANY = """
[company]
name = "Small"

[policy]
file = "policy.toml"

[crm.main]
adapter = "zoho"

[crm.main.webhook]
secret_file = "secret"
token_field = "token"
"""


def test_messages_as_zoho_sends_them_make_one_pull_due(tmp_path: Path) -> None:
    """Doubled, late, out of order: at worst one more run; forged: nothing."""
    (tmp_path / "secret").write_text(TOKEN, "utf-8")
    path = tmp_path / "crm_expenses.toml"
    path.write_text(COMPANY, "utf-8")
    settings = load_settings(path)
    time = Time()
    with ready(time) as (sim, sdk):
        made(sdk)
        notices = []
        sim.org.on_write(lambda change: notices.extend(sim.site.channels.notices(change)))
        sim.org.put("Deals", {"Deal_Name": "D-1", "Stage": "Closed Won"})
        sim.org.put("Accounts", {"Account_Name": "A-1"})
        first, second = notices
    bodies = [json.dumps(dict(one.body)).encode() for one in (second, first)]  # out of order

    def heard(body: bytes, at: datetime) -> Verdict:
        return receive(settings, "main", {}, body, at)

    assert heard(bodies[0], START) is Verdict.ACCEPTED
    assert heard(bodies[0], START) is Verdict.REPEATED
    assert heard(bodies[1], START + timedelta(hours=20)) is Verdict.ACCEPTED
    forged = {**first.body, "token": "hook-token-of-32-characters-0002", "ids": ["9"]}
    assert heard(json.dumps(forged).encode(), START) is Verdict.UNSIGNED
    nothing = {name: value for name, value in first.body.items() if name != "token"}
    assert heard(json.dumps(nothing).encode(), START) is Verdict.UNSIGNED
    with open_store(settings.store) as store:
        assert store.due() == {"main": 2}


class Quiet(WSGIRequestHandler):
    """Says nothing of what it serves."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def receiver(settings: Settings) -> Iterator[str]:
    """Serve our webhooks on this machine; give the address of the connection."""
    made = application(settings, Clock(wall=START.timestamp))
    with make_server("127.0.0.1", 0, made, handler_class=Quiet) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/main"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        (None, [202, 202]),
        (Fault.NOTICE_LOST, [202]),
        (Fault.NOTICE_TWICE, [202, 200, 202]),
        (Fault.NOTICE_FORGED, [401, 202]),
        (Fault.NOTICE_SWAPPED, [202, 202]),
    ],
)
def test_from_a_change_to_a_pull_that_is_due_over_http(
    tmp_path: Path, fault: Fault | None, statuses: list[int]
) -> None:
    """The organisation posts to our receiver: lost, doubled, forged, swapped, and a pull is due."""
    (tmp_path / "secret").write_text(TOKEN, "utf-8")
    path = tmp_path / "crm_expenses.toml"
    path.write_text(COMPANY, "utf-8")
    settings = load_settings(path)
    with ready() as (sim, sdk), receiver(settings) as address:
        made(sdk, address)
        if fault is not None:
            sim.faults.add(fault, "NOTICE Deals")
        sim.org.put("Deals", {"Deal_Name": "D-1", "Stage": "Closed Won"})
        sim.org.put("Accounts", {"Account_Name": "A-1"})
        sim.pusher.flush()
        assert [one.status for one in sim.pusher.sent] == statuses
    with open_store(settings.store) as store:
        assert store.due() == {"main": statuses.count(202)}
