"""Access tokens: one refresh for all, in time, never too often, and never to another place."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from zoho_wires import (
    QUICK,
    SECRETS,
    TOKEN_CALLS,
    USERS,
    Hands,
    Said,
    scripted,
    settings_of,
    together,
    wired,
)

from crm_expenses.adapters.contract import Open
from crm_expenses.adapters.exchange import Clock, Secret
from crm_expenses.adapters.zoho.tokens import Desk, exchange_grant
from crm_expenses.adapters.zoho.wire import Call, ZohoWire, open_wire
from crm_expenses.errors import AuthError, CrmExpensesError, RetryableError
from crm_expenses.testing.zohosim import Fault, Org, OrgSettings, ZohoSim

ASK = Call("GET", USERS, {"type": "AllUsers"})
THREADS = 12


@pytest.fixture
def hands() -> Hands:
    """A clock that moves when it is told to."""
    return Hands()


@pytest.fixture
def sim(hands: Hands) -> Iterator[ZohoSim]:
    """A simulated organisation on that clock."""
    with ZohoSim(clock=hands.moment) as made:
        yield made


@pytest.fixture
def wire(sim: ZohoSim, tmp_path: Path, hands: Hands) -> Iterator[ZohoWire]:
    """A wire to it."""
    with wired(sim, tmp_path, hands=hands) as made:
        yield made


def refused(wire: ZohoWire, call: Call = ASK) -> CrmExpensesError:
    """Give the error of a call that must fail."""
    with pytest.raises(CrmExpensesError) as caught:
        wire.send(call)
    return caught.value


def test_twelve_threads_make_one_refresh(sim: ZohoSim, wire: ZohoWire, hands: Hands) -> None:
    """Twelve threads without a token, and twelve at its expiry, ask for one each time."""
    assert not together(THREADS, lambda: wire.send(ASK))
    assert len(sim.calls(TOKEN_CALLS)) == 1
    hands.passed = 3_600
    assert not together(THREADS, lambda: wire.send(ASK))
    assert len(sim.calls(TOKEN_CALLS)) == 2
    assert {one.status for one in sim.log} == {200}


def test_a_token_is_renewed_a_minute_early(sim: ZohoSim, wire: ZohoWire, hands: Hands) -> None:
    """One second before the last minute of a token it is used, in the last minute it is not."""
    wire.send(ASK)
    hands.passed = 3_539
    wire.send(ASK)
    assert len(sim.calls(TOKEN_CALLS)) == 1
    hands.passed = 3_540
    wire.send(ASK)
    assert len(sim.calls(TOKEN_CALLS)) == 2


def test_a_short_life_is_used_to_nine_tenths(sim: ZohoSim, wire: ZohoWire, hands: Hands) -> None:
    """A token of forty seconds is not renewed with each call."""
    sim.site.desk.life = timedelta(seconds=40)
    for hands.passed in (0, 20, 35):
        wire.send(ASK)
    assert len(sim.calls(TOKEN_CALLS)) == 1
    hands.passed = 36
    wire.send(ASK)
    assert len(sim.calls(TOKEN_CALLS)) == 2


def test_a_life_that_is_no_life_is_an_hour_at_most(
    sim: ZohoSim, wire: ZohoWire, hands: Hands
) -> None:
    """Whatever the answer says, a token is renewed within the hour that it lives."""
    sim.site.desk.life = timedelta(days=40)
    wire.send(ASK)
    hands.passed = 3_541
    wire.send(ASK)
    assert len(sim.calls(TOKEN_CALLS)) == 2


def test_who_uses_the_same_refresh_token_shares(sim: ZohoSim, tmp_path: Path, hands: Hands) -> None:
    """Two adapters of one process with the same refresh token ask for one access token."""
    with wired(sim, tmp_path, hands=hands) as one, wired(sim, tmp_path, hands=hands) as other:
        one.send(ASK)
        other.send(ASK)
        assert len(sim.calls(TOKEN_CALLS)) == 1
        hands.passed = 3_590
        assert not together(THREADS, lambda: (one.send(ASK), other.send(ASK)))
        assert len(sim.calls(TOKEN_CALLS)) == 2


def test_two_organisations_at_once_do_not_cross(tmp_path: Path) -> None:
    """Of two organisations in one process each hears its own token only, at its own host."""
    with ZohoSim(others=[Org(OrgSettings(number=2))]) as near, ZohoSim() as far:
        folders = [tmp_path / name for name in ("a", "b", "c")]
        for folder in folders:
            folder.mkdir()
        with (
            wired(near, folders[0]) as first,
            wired(near, folders[1], site=near.sites[1]) as second,
            wired(far, folders[2]) as third,
        ):
            org = Call("GET", "crm/v8/org")
            seen: dict[str, set[str]] = {"first": set(), "second": set(), "third": set()}

            def all_of_them() -> None:
                for name, wire in (("first", first), ("second", second), ("third", third)):
                    body = wire.send(org).body
                    assert isinstance(body, dict)
                    assert isinstance(body["org"], list)
                    assert isinstance(body["org"][0], dict)
                    seen[name].add(str(body["org"][0]["zgid"]))

            assert not together(THREADS, all_of_them)
        assert seen["first"] == {near.org.id}
        assert seen["second"] == {near.sites[1].org.id}
        assert seen["third"] == {far.org.id}
        assert len(near.calls(TOKEN_CALLS)) == 2
        assert len(far.calls(TOKEN_CALLS)) == 1
        assert len(near.calls("GET /crm")) == 2 * THREADS
        assert len(far.calls("GET /crm")) == THREADS


def test_a_token_of_production_leads_nowhere(
    sim: ZohoSim, wire: ZohoWire, tmp_path: Path, hands: Hands
) -> None:
    """A token answer that names another host for the API is refused, and nothing is sent."""
    sim.faults.add(Fault.PRODUCTION_DOMAIN, TOKEN_CALLS, times=9)
    error = refused(wire)
    assert (type(error), error.code) == (AuthError, "zoho.elsewhere")
    assert "www.zohoapis.com" in str(error)
    assert sim.url.removeprefix("http://") in str(error)
    assert refused(wire).code == "zoho.elsewhere"
    with wired(sim, tmp_path, hands=hands) as other:
        assert refused(other).code == "zoho.elsewhere"
    assert [one.call for one in sim.log] == [TOKEN_CALLS]


@pytest.mark.parametrize("path", ["", "/", "/crm"])
def test_a_token_of_this_place_is_taken(sim: ZohoSim, wire: ZohoWire, path: str) -> None:
    """A token answer that names the host of the settings is good."""
    sim.site.desk.api_domain = sim.url + path
    assert wire.send(ASK).status == 200


def test_a_token_that_ended_is_renewed_once(sim: ZohoSim, wire: ZohoWire) -> None:
    """Twelve threads whose token was revoked make one refresh, and each call succeeds."""
    wire.send(ASK)
    sim.site.desk.revoke_accesses()
    assert not together(THREADS, lambda: wire.send(ASK))
    assert len(sim.calls(TOKEN_CALLS)) == 2
    assert wire.send(ASK).status == 200


def test_a_write_goes_again_with_a_new_token(sim: ZohoSim, wire: ZohoWire) -> None:
    """A refusal of the token did nothing, so that a write is sent again; once."""
    sim.faults.add(Fault.TOKEN_REFUSED, "POST /crm")
    made = wire.send(
        Call("POST", "crm/v8/Accounts", json={"data": [{"Account_Name": "A-1"}], "trigger": []})
    )
    assert made.status == 201
    assert [one.status for one in sim.calls("POST /crm")] == [401, 201]


def test_a_token_that_is_never_taken(sim: ZohoSim, wire: ZohoWire) -> None:
    """Where a new token is refused, too, the error says so after two calls."""
    sim.faults.add(Fault.TOKEN_REFUSED, "/users", times=99)
    error = refused(wire)
    assert (type(error), error.code) == (AuthError, "zoho.token_over")
    assert "INVALID_TOKEN" in str(error)
    assert [one.status for one in sim.calls("/users")] == [401, 401]
    assert len(sim.calls(TOKEN_CALLS)) == 2


def test_who_waited_is_told_and_does_not_ask(sim: ZohoSim, wire: ZohoWire) -> None:
    """Twelve threads hear of one refresh that was denied; each gets an error of its own."""
    sim.faults.add(Fault.REFRESH_DENIED, TOKEN_CALLS, times=99)
    sim.heard = lambda _ask: time.sleep(0.3)  # so that all the others wait for the first
    raised = together(THREADS, lambda: wire.send(ASK))
    codes = {error.code for error in raised if isinstance(error, RetryableError)}
    assert (len(raised), len({*map(id, raised)})) == (THREADS, THREADS)
    assert codes == {"zoho.token_throttled"}
    assert len(sim.calls(TOKEN_CALLS)) == 1
    assert not sim.calls("GET /crm")


def test_three_refreshes_in_ten_minutes(sim: ZohoSim, wire: ZohoWire, hands: Hands) -> None:
    """What fails is asked for three times in ten minutes; the error tells how long to wait."""
    sim.faults.add(Fault.REFRESH_HTML, TOKEN_CALLS, times=4)
    assert refused(wire).code == "crm.answer"
    assert len(sim.calls(TOKEN_CALLS)) == 2
    error = refused(wire)
    assert error.code == "zoho.token_budget"
    assert isinstance(error, RetryableError)
    assert error.retry_after is not None
    assert 590 < error.retry_after <= 601
    assert refused(wire).code == "zoho.token_budget"
    assert len(sim.calls(TOKEN_CALLS)) == 3
    hands.passed += error.retry_after
    assert wire.send(ASK).status == 200


def test_an_early_refresh_that_fails_harms_nobody(
    sim: ZohoSim, wire: ZohoWire, hands: Hands
) -> None:
    """In its last minute a token is used on where there is no new one; the next try waits."""
    wire.send(ASK)
    sim.faults.add(Fault.REFRESH_HTML, TOKEN_CALLS, times=2)
    hands.passed = 3_545
    wire.send(ASK)
    wire.send(ASK)
    assert len(sim.calls(TOKEN_CALLS)) == 3
    hands.passed = 3_580
    wire.send(ASK)
    assert len(sim.calls(TOKEN_CALLS)) == 4
    assert {one.status for one in sim.calls("/users")} == {200}


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [
        (Said(body={"error": "Access Denied"}), RetryableError, "zoho.token_throttled"),
        (Said(400, body={"error": "access_denied"}), RetryableError, "zoho.token_throttled"),
        (Said(body={"error": "invalid_code"}), AuthError, "zoho.revoked"),
        (Said(400, body={"error": "invalid_code"}), AuthError, "zoho.revoked"),
        (Said(body={"error": "invalid_client"}), AuthError, "zoho.client"),
        (Said(body={"error": "invalid_client_secret"}), AuthError, "zoho.client"),
        (Said(body={"error": "some_new_word"}), AuthError, "zoho.token_refused"),
        (Said(body={"error": {"code": 1}}), AuthError, "zoho.token_refused"),
        (Said(body={"token_type": "Bearer"}), AuthError, "zoho.no_token"),
        (Said(body={"access_token": 7}), AuthError, "zoho.no_token"),
        (Said(body=b"<html>Sorry</html>", type="text/html"), RetryableError, "crm.answer"),
        (Said(body=b'{"access_token": "1'), RetryableError, "crm.answer"),
        (Said(body=None), RetryableError, "crm.answer"),
        (Said(503, body=None), RetryableError, "http.busy"),
        (Said(500, body={"error": "invalid_code"}), RetryableError, "http.server"),
    ],
)
def test_answers_without_a_token_are_told_as_what_they_are(
    tmp_path: Path, said: Said, kind: type[CrmExpensesError], code: str
) -> None:
    """Success that is an error, throttling, a page, nothing: each is its own error."""
    with scripted(Said(body={"users": []}), token=said) as server, server.wired(tmp_path) as wire:
        error = refused(wire)
    assert (type(error), error.code) == (kind, code)
    assert not server.api


def test_a_word_that_repeats_a_secret_is_not_told(tmp_path: Path) -> None:
    """Of Zoho's words only a word is shown: it might repeat what was sent."""
    said = Said(body={"error": f"bad {SECRETS[1]}"})
    with scripted(Said(body={}), token=said) as server, server.wired(tmp_path) as wire:
        error = refused(wire)
    assert error.code == "zoho.token_refused"
    assert SECRETS[1] not in error.describe("en") + error.describe("zh") + repr(error.problems)


def test_secrets_go_into_the_body_of_a_token_call_only(tmp_path: Path) -> None:
    """No secret stands in an address, or in a call that is not for a token."""
    with scripted(Said(body={"users": []})) as server, server.wired(tmp_path) as wire:
        wire.send(ASK)
    (token,) = [one for one in server.heard if one not in server.api]
    (call,) = server.api
    assert all(secret.encode() in token.body for secret in SECRETS[:2])
    assert not any(secret in token.path + str(token.headers) for secret in SECRETS)
    assert call.headers["authorization"] == f"Zoho-oauthtoken {SECRETS[2]}"
    assert not any(secret in call.path + str(call.headers) for secret in SECRETS[:2])


def test_a_given_token_is_never_renewed_by_us(sim: ZohoSim, tmp_path: Path) -> None:
    """A token that the caller gives is used as it is; a refusal of it is told, and final."""
    given = Secret(sim.site.desk.new_access())
    with wired(sim, tmp_path, token=given) as wire:
        assert wire.send(ASK).status == 200
        sim.site.desk.revoke_accesses()
        error = refused(wire)
    assert (type(error), error.code) == (AuthError, "zoho.given_over")
    assert not sim.calls(TOKEN_CALLS)
    assert [one.status for one in sim.calls("/users")] == [200, 401]


def test_who_gives_tokens_is_asked_again(sim: ZohoSim, tmp_path: Path) -> None:
    """Where a callable gives tokens, a new one of it is tried once in place of the old one."""
    held = [sim.site.desk.new_access(), sim.site.desk.new_access()]
    sim.site.desk.revoke(held[0])
    given = iter([*held, "", ""])
    with wired(sim, tmp_path, token=lambda: next(given)) as wire:
        assert wire.send(ASK).status == 200
        assert refused(wire).code == "zoho.given_none"


def test_a_grant_token_becomes_a_refresh_token_once(sim: ZohoSim, tmp_path: Path) -> None:
    """The grant token of a self client is exchanged once; what comes of it gives access."""
    settings = settings_of(sim, tmp_path)
    grant = Secret(sim.site.desk.new_grant())
    granted = exchange_grant(settings, grant, gate=Open(), limits=QUICK)
    assert granted.refresh_token.reveal().startswith("1000.refresh")
    assert "ZohoCRM.modules.ALL" in granted.scope
    assert granted.refresh_token.reveal() not in repr(granted)
    with pytest.raises(AuthError) as caught:
        exchange_grant(settings, grant, gate=Open(), limits=QUICK)
    assert caught.value.code == "zoho.grant_over"
    kept = replace(settings, refresh_token=granted.refresh_token)
    wire = open_wire(kept, gate=Open(), limits=QUICK)
    assert wire.send(ASK).status == 200
    wire.close()


def test_a_grant_token_of_another_place_is_not_kept(sim: ZohoSim, tmp_path: Path) -> None:
    """A refresh token whose home is another host is not given out."""
    sim.faults.add(Fault.PRODUCTION_DOMAIN, TOKEN_CALLS)
    grant = Secret(sim.site.desk.new_grant())
    with pytest.raises(AuthError) as caught:
        exchange_grant(settings_of(sim, tmp_path), grant, gate=Open(), limits=QUICK)
    assert caught.value.code == "zoho.elsewhere"


def test_an_access_token_alone_is_no_answer_to_a_grant(tmp_path: Path) -> None:
    """Where no refresh token comes back for a grant token, that is said."""
    with scripted(Said(body={})) as server, server.wired(tmp_path) as wire:
        with pytest.raises(AuthError) as caught:
            exchange_grant(wire.settings, Secret("1000.grant"), gate=Open(), limits=QUICK)
        assert caught.value.code == "zoho.no_refresh_token"


def test_what_never_left_is_not_counted(sim: ZohoSim, tmp_path: Path, hands: Hands) -> None:
    """A place of tokens that cannot be reached does not use up the tries."""
    with wired(sim, tmp_path, hands=hands) as wire:
        sim.close()
        for _ in range(4):
            assert refused(wire).code == "http.unreachable"


def test_tokens_are_written_nowhere(sim: ZohoSim, wire: ZohoWire, tmp_path: Path) -> None:
    """Beside the files that a person made there is none after a sync's worth of calls."""
    before = {path.name for path in tmp_path.iterdir()}
    wire.send(ASK)
    sim.site.desk.revoke_accesses()
    wire.send(ASK)
    assert {path.name for path in tmp_path.iterdir()} == before
    assert not list(Path().glob("*token*.txt"))


def test_what_holds_secrets_shows_none(sim: ZohoSim, wire: ZohoWire) -> None:
    """Neither settings nor wire nor desk shows a secret."""
    wire.send(ASK)
    desk = Desk(wire.settings, limits=QUICK, clock=Clock(), gate=Open())
    shown = f"{wire!r} {wire.settings!r} {desk!r} {wire.credits!r} {vars(wire)!r}"
    desk.close()
    assert not any(secret in shown for secret in sim.secrets.values())
