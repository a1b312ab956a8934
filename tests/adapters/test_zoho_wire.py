"""The wire: what an answer means, what is sent again, how long it takes, and what nobody sees."""

import logging
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from zoho_wires import (
    QUICK,
    SECRETS,
    TOKEN_CALLS,
    USERS,
    Hands,
    Said,
    Telling,
    scripted,
    settings_of,
    together,
    wired,
)

from crm_expenses.adapters.contract import Open
from crm_expenses.adapters.exchange import Secret, Upload
from crm_expenses.adapters.manners import CrmGate, OwnLedger
from crm_expenses.adapters.transport import MAY_HAVE_ACTED
from crm_expenses.adapters.zoho.judging import zoho_code
from crm_expenses.adapters.zoho.wire import Call, ZohoWire, open_wire
from crm_expenses.crmsettings import LimitsPart
from crm_expenses.errors import (
    AllowanceError,
    AuthError,
    ConfigError,
    ConflictError,
    CrmExpensesError,
    RefusedError,
    RetryableError,
)
from crm_expenses.testing.zohosim import Fault, Org, OrgSettings, ZohoSim

ASK = Call("GET", USERS, {"type": "AllUsers"})
LEADS = Call("GET", "crm/v8/Leads")
WRITE = Call("POST", "crm/v8/Accounts", json={"data": [{"Account_Name": "A-1"}], "trigger": []})
NO_SUCH, STRANGER = "INVALID_URL_PATTERN", "AUTHENTICATION_FAILURE"
ROW = {"code": "DUPLICATE_DATA", "details": {"api_name": "Name"}, "message": "m", "status": "error"}


@pytest.fixture
def sim() -> Iterator[ZohoSim]:
    """A simulated organisation."""
    with ZohoSim() as made:
        yield made


@pytest.fixture
def wire(sim: ZohoSim, tmp_path: Path) -> Iterator[ZohoWire]:
    """A wire to it."""
    with wired(sim, tmp_path) as made:
        yield made


def refused(wire: ZohoWire, call: Call = ASK) -> CrmExpensesError:
    """Give the error of a call that must fail."""
    with pytest.raises(CrmExpensesError) as caught:
        wire.send(call)
    return caught.value


def bad(code: str, **details: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """Give an error of Zoho's for a whole call."""
    return {"code": code, "details": details, "message": f"about {code}", "status": "error"}


@pytest.mark.parametrize(
    ("said", "kind", "code", "theirs"),
    [
        (Said(400, bad("LIMIT_EXCEEDED")), RefusedError, "zoho.refused", "LIMIT_EXCEEDED"),
        (Said(400, bad("INVALID_QUERY")), RefusedError, "zoho.refused", "INVALID_QUERY"),
        (
            Said(404, bad(NO_SUCH)),
            RefusedError,
            "http.not_found",
            NO_SUCH,
        ),
        (Said(404, b"<html/>", type="text/html"), RefusedError, "http.not_found", ""),
        (Said(413, b"", type="text/html"), RefusedError, "http.refused", ""),
        (Said(401, bad("OAUTH_SCOPE_MISMATCH")), AuthError, "zoho.scope", "OAUTH_SCOPE_MISMATCH"),
        (Said(403, bad("OAUTH_SCOPE_MISMATCH")), AuthError, "zoho.scope", "OAUTH_SCOPE_MISMATCH"),
        (
            Said(401, bad(STRANGER)),
            AuthError,
            "zoho.auth",
            STRANGER,
        ),
        (Said(403, bad("NO_PERMISSION")), AuthError, "zoho.permission", "NO_PERMISSION"),
        (Said(403, b"<html/>", type="text/html"), AuthError, "http.permission", ""),
        (Said(412, bad("ALREADY_MODIFIED")), ConflictError, "zoho.changed", "ALREADY_MODIFIED"),
        (
            Said(412, {"data": [bad("ALREADY_MODIFIED", id="7")]}),
            ConflictError,
            "zoho.changed",
            "ALREADY_MODIFIED",
        ),
        (Said(429, bad("TOO_MANY_REQUESTS")), RetryableError, "http.busy", ""),
        (Said(429, bad("RATE_LIMIT_EXCEEDED")), RetryableError, "http.busy", ""),
        (Said(429, {"code": 429, "error": "many"}), RetryableError, "http.busy", ""),
        (Said(429, b"", type="text/html"), RetryableError, "http.busy", ""),
        (Said(500, bad("INTERNAL_ERROR")), RetryableError, "http.server", ""),
        (Said(502, b"<html/>", type="text/html"), RetryableError, "http.server", ""),
        (Said(503), RetryableError, "http.busy", ""),
        (Said(200, b"<html/>", type="text/html"), RetryableError, "crm.answer", ""),
        (Said(200, b'{"data": [{"id": "1"'), RetryableError, "crm.answer", ""),
        (Said(200), RetryableError, "crm.answer", ""),
        (Said(200, [1]), RetryableError, "crm.answer", ""),
        (Said(200, bad("INTERNAL_ERROR")), RetryableError, "crm.answer", ""),
        (Said(400, b"<html/>", type="text/html"), RetryableError, "crm.answer", ""),
        (
            Said(307, headers={"Location": "https://a.example/"}),
            RefusedError,
            "http.redirect",
            "",
        ),
    ],
)
def test_what_an_answer_means(
    tmp_path: Path, said: Said, kind: type[CrmExpensesError], code: str, theirs: str
) -> None:
    """Each failing answer is one of our errors by status and code, with Zoho's code in it."""
    with scripted(said) as server, server.wired(tmp_path) as wire:
        error = refused(wire, LEADS)
    assert (type(error), error.code, zoho_code(error)) == (kind, code, theirs)
    assert not isinstance(error, AllowanceError)
    assert error.describe("en") != error.describe("zh")


@pytest.mark.parametrize(
    "said",
    [
        Said(200, {"data": [ROW]}),
        Said(201, {"data": [ROW]}),
        Said(202, {"data": [ROW]}),
        Said(207, {"data": [ROW, {**ROW, "code": "SUCCESS", "status": "success"}]}),
        Said(400, {"data": [ROW]}),
        Said(404, {"data": [ROW]}),
        Said(400, {"watch": [ROW]}),
    ],
)
def test_what_tells_of_records_one_by_one_comes_back(tmp_path: Path, said: Said) -> None:
    """A list of answers is given back whatever the status: each row is to be read."""
    with scripted(said) as server, server.wired(tmp_path) as wire:
        answer = wire.send(WRITE)
    assert (answer.status, answer.body) == (said.status, said.body)
    assert answer.content == said.content


@pytest.mark.parametrize("status", [204, 304])
def test_nothing_there_is_an_answer(tmp_path: Path, status: int) -> None:
    """204 and 304 come back without a body; no other success does."""
    with scripted(Said(status)) as server, server.wired(tmp_path) as wire:
        answer = wire.send(LEADS)
    assert (answer.status, answer.body) == (status, None)


def test_money_comes_exactly_and_time_is_told(tmp_path: Path) -> None:
    """Numbers with a point are Decimal to the last digit; the answer has the server's time."""
    body = b'{"data": [{"Amount": 99999999999999.99}]}'
    with scripted(Said(200, body)) as server, server.wired(tmp_path) as wire:
        answer = wire.send(LEADS)
    assert answer.body == {"data": [{"Amount": Decimal("99999999999999.99")}]}
    assert answer.at is not None
    assert abs((wire.now() - answer.at).total_seconds()) < 60


def test_details_are_told_and_secrets_in_them_are_not(tmp_path: Path) -> None:
    """An error names the field that Zoho names, and not our token where Zoho repeats it."""
    said = Said(400, bad("INVALID_DATA", api_name="Amount", json_path=f"$.{SECRETS[2]}"))
    with scripted(said) as server, server.wired(tmp_path) as wire:
        error = refused(wire, WRITE)
    assert "api_name Amount" in str(error)
    assert SECRETS[2] not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("body", [bad("TOO_MANY_REQUESTS"), {"code": 429, "error": "x"}, None])
def test_too_many_is_waited_for(tmp_path: Path, body: object) -> None:
    """After 429 even a write goes again; the gate is told to wait for longer each time."""
    hands, gate = Hands(), Telling()
    busy = Said(429, body)
    done = Said(201, {"data": [{"code": "SUCCESS", "status": "success"}]})
    with scripted(busy, busy, busy, done) as server:
        with server.wired(tmp_path, hands=hands, gate=gate) as wire:
            assert wire.send(WRITE).status == 201
        assert len(server.api) == 4
    assert gate.closes == [1, 2, 4]
    assert hands.slept == [0.5, 1.0, 2.0]


def test_too_many_has_an_end(tmp_path: Path) -> None:
    """A CRM that stays busy is asked five times, for a read and for a write."""
    with scripted(Said(429)) as server, server.wired(tmp_path) as wire:
        assert refused(wire, WRITE).code == "http.busy"
        assert len(server.api) == 5
        assert refused(wire, LEADS).code == "http.busy"
        assert len(server.api) == 10


def test_retry_after_is_believed(tmp_path: Path) -> None:
    """Where an answer does name a time, the gate is told that time."""
    gate = Telling()
    with (
        scripted(Said(429, headers={"Retry-After": "7"}), Said(204)) as server,
        server.wired(tmp_path, gate=gate) as wire,
    ):
        wire.send(LEADS)
    assert 7 in gate.closes


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.ERROR_500, Fault.HTML_502])
def test_a_write_that_may_have_acted_is_not_sent_again(
    sim: ZohoSim, wire: ZohoWire, fault: Fault
) -> None:
    """Where nobody knows whether a write arrived it is sent once, unless the caller says more."""
    sim.faults.add(fault, "POST /crm/v8/Accounts")
    assert refused(wire, WRITE).code in MAY_HAVE_ACTED
    assert len(sim.calls("POST /crm")) == 1
    sim.faults.add(fault, "POST /crm/v8/Accounts")
    assert wire.send(replace(WRITE, repeatable=True)).status in (200, 201)


@pytest.mark.parametrize(
    "fault",
    [
        *(Fault.BUSY, Fault.BUSY_OLD, Fault.BUSY_RATE, Fault.ERROR_500, Fault.HTML_502),
        *(Fault.EMPTY_503, Fault.HTML_200, Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.TRUNCATED),
        *(Fault.CUT, Fault.EMPTY_200, Fault.TOKEN_REFUSED),
    ],
)
def test_a_read_survives(sim: ZohoSim, wire: ZohoWire, fault: Fault) -> None:
    """A read that fails once in any of these ways succeeds."""
    sim.faults.add(fault, "/users")
    body = wire.send(ASK).body
    assert isinstance(body, dict)
    assert body["users"]
    assert len(sim.calls("/users")) == 2


@pytest.mark.parametrize("fault", [Fault.HANG_BEFORE, Fault.HANG_AFTER])
def test_a_silent_write_is_cut_off(sim: ZohoSim, tmp_path: Path, fault: Fault) -> None:
    """A write to a server that says nothing ends by our own limit, and may have acted."""
    sim.faults.add(fault, "POST /crm/v8/Accounts")
    short = replace(QUICK, read_seconds=30, call_seconds=1)
    with wired(sim, tmp_path, limits=short) as wire:
        wire.send(ASK)
        begun = time.monotonic()
        error = refused(wire, WRITE)
        passed = time.monotonic() - begun
    assert (type(error), error.code) == (RetryableError, "http.timeout")
    assert error.code in MAY_HAVE_ACTED
    assert passed < 0.5 * sim.hang_seconds


def test_a_silent_place_of_tokens_is_cut_off(sim: ZohoSim, tmp_path: Path) -> None:
    """A call for a token has a limit of time, too, and so have those who wait for it."""
    sim.faults.add(Fault.HANG_BEFORE, TOKEN_CALLS, times=9)
    short = replace(QUICK, read_seconds=30, call_seconds=0.5)
    with wired(sim, tmp_path, limits=short) as wire:
        raised = together(6, lambda: wire.send(ASK))
    assert {error.code for error in raised if isinstance(error, CrmExpensesError)} <= {
        "http.timeout",
        "zoho.token_budget",
    }
    assert len(raised) == 6
    assert not sim.calls("GET /crm")


def test_nothing_goes_elsewhere(sim: ZohoSim, wire: ZohoWire) -> None:
    """A link to another host is refused before anything is sent, and with it the token stays."""
    for host in ("https://www.zohoapis.com", "http://www.zohoapis.com", "http://127.0.0.1:9"):
        assert refused(wire, Call("GET", f"{host}/crm/v8/users")).code == "http.elsewhere"
    for path in ("//a.example/x", "http://127.0.0.1@a.example/"):
        assert refused(wire, Call("GET", path)).code == "http.elsewhere"
    assert not sim.calls("GET /crm")
    assert wire.send(Call("GET", f"{sim.url}/{USERS}", {"type": "AllUsers"})).status == 200


def test_uploads_go_to_their_own_host(tmp_path: Path) -> None:
    """What is for the content host goes there, with the token, its type and its length."""
    with (
        scripted(Said(200, {"status": "success"})) as api,
        scripted(Said(200, {"status": "success"})) as content,
    ):
        addresses = {**api.options(tmp_path)["addresses"], "content": f"{content.url}/files/"}
        with api.wired(tmp_path, addresses=addresses) as wire:
            body = Upload(6, iter([b"abc", b"def"]))
            call = Call(
                "POST", "/crm/v8/upload", upload=body, content_type="x/y", to_content_host=True
            )
            wire.send(call)
        (heard,) = content.heard
        assert (heard.path, heard.body) == ("/files/crm/v8/upload", b"abcdef")
        assert heard.headers["content-type"] == "x/y"
        assert heard.headers["authorization"] == f"Zoho-oauthtoken {SECRETS[2]}"
        assert not api.api


def test_a_file_is_sent_again_by_who_has_it(sim: ZohoSim, wire: ZohoWire) -> None:
    """A body that is gone cannot go again with a new token; the next sending has that token."""
    wire.send(ASK)
    sim.site.desk.revoke_accesses()
    path = "crm/v8/Accounts/1/Attachments"
    error = refused(wire, Call("POST", path, upload=Upload(1, iter([b"a"])), content_type="x/y"))
    assert (type(error), error.code) == (RetryableError, "zoho.upload_again")
    assert len(sim.calls("Attachments")) == 1
    assert len(sim.calls(TOKEN_CALLS)) == 2
    again = Call("POST", path, upload=Upload(1, iter([b"a"])), content_type="x/y")
    assert refused(wire, again).code != "zoho.upload_again"


def test_bytes_come_in_portions(tmp_path: Path) -> None:
    """A download is given as it comes, after a new token where the old one is over."""
    over = Said(401, bad("INVALID_TOKEN"))
    data = bytes(range(256)) * 1_000
    with (
        scripted(over, Said(200, data, type="application/zip")) as server,
        server.wired(tmp_path) as wire,
    ):
        server.token = Said(body={"access_token": "1000.first-one"})
        portions = wire.stream(Call("GET", "/crm/bulk/v8/read/1/result"))
        first = next(portions)
        assert len(first) < len(data)
        assert first + b"".join(portions) == data
        assert [one.path for one in server.api] == ["/crm/bulk/v8/read/1/result"] * 2


def test_a_download_that_fails_is_judged(tmp_path: Path) -> None:
    """A refusal in place of a download is the error that it is elsewhere."""
    with scripted(Said(400, bad("INVALID_DATA"))) as server, server.wired(tmp_path) as wire:
        with pytest.raises(RefusedError) as caught:
            list(wire.stream(Call("GET", "crm/v8/files")))
        assert zoho_code(caught.value) == "INVALID_DATA"
    over = Said(401, bad("INVALID_TOKEN"))
    with scripted(over) as server, server.wired(tmp_path) as wire:
        server.token = Said(body={"access_token": "1000.one"})
        with pytest.raises(AuthError):
            list(wire.stream(Call("GET", "crm/v8/files")))
        assert len(server.api) == 2


def test_never_more_at_once_than_the_edition_allows(tmp_path: Path) -> None:
    """Forty threads keep to the five of the free edition; Zoho refuses none of their calls."""
    with ZohoSim(Org(OrgSettings(edition="free"))) as sim, wired(sim, tmp_path) as wire:
        assert not together(40, lambda: wire.send(ASK))
        assert {one.status for one in sim.log} == {200}
        assert len({one.connection for one in sim.calls("/users")}) <= 5


class Slow(Open):
    """A gate that takes a moment, and counts how many calls are between it and their end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = self.most = 0

    def enter(self, cost: int = 1) -> None:
        """Let in, slowly."""
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(0.02)

    def done(self, *, sent: int, received: int, seconds: float, is_retry: bool) -> None:
        """Count one less."""
        with self._lock:
            self._now -= 1


def test_two_connections_share_what_runs_at_once(tmp_path: Path) -> None:
    """Two connections of one process to an organisation keep to its five calls together."""
    gate = Slow()
    with (
        ZohoSim(Org(OrgSettings(edition="free"))) as sim,
        wired(sim, tmp_path, gate=gate) as one,
        wired(sim, tmp_path, gate=gate) as other,
    ):
        turns = cycle((one, other))
        assert not together(30, lambda: [next(turns).send(ASK) for _ in range(2)])
        assert {call.status for call in sim.log} == {200}
    assert gate.most == 5


def test_heavy_calls_have_a_limit_of_their_own(tmp_path: Path) -> None:
    """Of thirty heavy calls ten run at once, in an edition that allows twenty-five calls."""
    gate = Slow()
    with ZohoSim(Org(OrgSettings(edition="ultimate"))) as sim:
        with wired(sim, tmp_path, gate=gate) as wire:
            wire.send(ASK)
            assert not together(30, lambda: wire.send(replace(ASK, is_heavy=True)))
        assert {one.status for one in sim.log} == {200}
    assert gate.most == 10


def test_what_zoho_says_is_left_counts(sim: ZohoSim, tmp_path: Path) -> None:
    """Ledger and gate learn what the header says; the smaller of ours and Zoho's is left."""
    gate = Telling()
    with wired(sim, tmp_path, gate=gate) as wire:
        wire.send(ASK)
        assert (wire.credits.spent(), gate.lefts) == (1, [])
        ours = wire.credits.left()
        sim.credits.spend(sim.credits.left - 500)
        wire.send(ASK)
        assert gate.lefts == [499]
        assert wire.credits.left() == 499 < ours
        wire.send(replace(ASK, credits=3))
        assert gate.costs == [0, 1, 1, 3]


def test_a_gate_that_closes_is_heard(sim: ZohoSim, tmp_path: Path) -> None:
    """Where the day's credits are used up nothing is sent; a token costs none."""
    limits = LimitsPart(calls_per_day=5, reserve=1, day_zone="rolling")
    with wired(sim, tmp_path, gate=CrmGate("main", limits, OwnLedger())) as wire:
        wire.send(replace(ASK, credits=3))
        error = refused(wire, replace(ASK, credits=2))
        assert (type(error), error.code) == (AllowanceError, "manners.rolling")
        assert wire.send(ASK).status == 200
        assert len(sim.calls("/users")) == 2


def test_credits_at_zero_are_retryable(sim: ZohoSim, wire: ZohoWire) -> None:
    """When Zoho has no credits left it is busy: of which limit it was, nothing is guessed."""
    sim.faults.add(Fault.NO_CREDITS, "/users", times=99)
    error = refused(wire)
    assert (type(error), error.code) == (RetryableError, "http.busy")


def test_addresses_of_this_machine_are_refused_unless_meant(sim: ZohoSim, tmp_path: Path) -> None:
    """Without private_addresses nothing is sent to this machine, whatever the settings name."""
    settings = replace(settings_of(sim, tmp_path), private_addresses=False)
    for token in (None, Secret("1000.given")):
        wire = open_wire(settings, gate=Open(), limits=QUICK, token=token)
        assert refused(wire).code == "http.private"
        wire.close()
    assert not sim.log


def test_a_bad_token_of_the_caller_is_told(sim: ZohoSim, tmp_path: Path) -> None:
    """A token that no header can carry is refused without being shown."""
    with wired(sim, tmp_path, token=Secret("to\nken-4711")) as wire:
        error = refused(wire)
    assert isinstance(error, ConfigError)
    assert "4711" not in str(error)


def test_no_secret_is_seen_anywhere(
    sim: ZohoSim, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Logs at their most talkative, errors with their causes, reprs and files show no secret."""
    caplog.set_level(logging.DEBUG)
    texts: list[str] = []
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    with wired(sim, secrets) as wire:
        for fault in (*Fault,):
            sim.faults.add(fault)
            sim.faults.add(fault)
            for call in (ASK, WRITE):
                short = replace(call, headers={"X-EXTERNAL": "Accounts.Ext"})
                try:
                    texts.append(repr(wire.send(short)))
                except CrmExpensesError as error:
                    texts += traceback.format_exception(error)
                    texts += [error.describe("en"), error.describe("zh"), repr(error.problems)]
            sim.faults.clear()
            if fault is Fault.HANG_BEFORE:
                sim.hang_seconds = 0.2
        texts += [repr(wire), repr(vars(wire)), caplog.text]
    files = [path.read_bytes() for path in tmp_path.glob("*") if path.is_file()]
    tokens = [f"1000.access-{sim.org.settings.number}", "1000.access", "oauthtoken 1000"]
    hidden = [*sim.secrets.values(), *tokens]
    said = "\n".join(texts)
    assert "crm=main method=POST" in said
    assert not [one for one in hidden if one in said]
    assert not [one for one in hidden if any(one.encode() in held for held in files)]
