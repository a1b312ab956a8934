"""Signing in to the simulator: how tokens are made, how long they live, and when there are none."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from zohosim_caller import Caller, Got, Moments, small_org

from crm_expenses.testing.zohosim import Org, OrgSettings, ZohoSim


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
    """Give who calls it, without a token."""
    with Caller(sim, "") as held:
        yield held


def asked(caller: Caller, path: str = "", **values: str) -> Got:
    """Ask for a token."""
    desk = caller.sim.site.desk
    form = {
        "grant_type": "refresh_token",
        "client_id": desk.client_id,
        "client_secret": desk.client_secret,
        "refresh_token": desk.refresh_token,
        **values,
    }
    kind = "application/x-www-form-urlencoded"
    body = urlencode(form).encode()
    return caller.send("POST", f"/oauth/v2/token{path}", body, Content_Type=kind)


def reads(caller: Caller, token: str) -> Got:
    """Read with a token."""
    caller.token = token
    return caller.get("org")


def test_a_refresh_token_gives_access_tokens(caller: Caller) -> None:
    """The answer has token, life and scope, and no `api_domain` of its own accord."""
    told = asked(caller).json
    assert set(told) == {"access_token", "scope", "token_type", "expires_in"}
    assert told["expires_in"] == 3_600
    assert reads(caller, told["access_token"]).status == 200


def test_a_grant_is_good_once(caller: Caller, clock: Moments) -> None:
    """A grant gives a refresh token of its own, once, and within three minutes."""
    desk = caller.sim.site.desk
    grant = desk.new_grant()
    told = asked(caller, grant_type="authorization_code", code=grant).json
    assert asked(caller, refresh_token=told["refresh_token"]).json["access_token"]
    again = asked(caller, grant_type="authorization_code", code=grant)
    assert (again.status, again.json) == (200, {"error": "invalid_code"})
    late = desk.new_grant()
    clock.on(minutes=3)
    told = asked(caller, grant_type="authorization_code", code=late)
    assert told.json == {"error": "invalid_code"}


def test_a_token_lives_an_hour(caller: Caller, clock: Moments) -> None:
    """After its time a token is refused with 401, and not before."""
    token = asked(caller).json["access_token"]
    clock.on(seconds=3_599)
    assert reads(caller, token).status == 200
    clock.on(seconds=1)
    got = reads(caller, token)
    assert (got.status, got.code) == (401, "INVALID_TOKEN")


def test_ten_tokens_in_ten_minutes(caller: Caller, clock: Moments) -> None:
    """The eleventh is 200 with an error inside, until the first is ten minutes old."""
    for _ in range(10):
        assert "access_token" in asked(caller).json
    refused = asked(caller)
    assert (refused.status, refused.json["error"]) == (200, "Access Denied")
    clock.on(minutes=10)
    assert "access_token" in asked(caller).json


def test_fifteen_live_tokens(caller: Caller, clock: Moments) -> None:
    """The sixteenth token ends the first."""
    tokens = []
    for number in range(16):
        if number == 10:
            clock.on(minutes=10)
        tokens.append(asked(caller).json["access_token"])
    assert reads(caller, tokens[0]).status == 401
    assert reads(caller, tokens[1]).status == 200


def test_revoking_ends_the_tokens_made_of_it(caller: Caller) -> None:
    """A refresh token that is revoked takes its access tokens with it."""
    token = asked(caller).json["access_token"]
    assert asked(caller, "/revoke", token=caller.sim.site.desk.refresh_token).status == 200
    assert reads(caller, token).status == 401
    assert asked(caller).json == {"error": "invalid_code"}


def test_twenty_refresh_tokens(caller: Caller) -> None:
    """The twenty-first of a user ends the first."""
    desk = caller.sim.site.desk
    first = desk.refresh_token
    for _ in range(19):
        last = desk.new_refresh()
    assert "access_token" in asked(caller, refresh_token=first).json
    desk.new_refresh()
    assert asked(caller, refresh_token=first).json == {"error": "invalid_code"}
    assert "access_token" in asked(caller, refresh_token=last).json


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"client_id": "1000.NOBODY"}, "invalid_client"),
        ({"client_secret": "wrong"}, "invalid_client_secret"),
        ({"refresh_token": "wrong"}, "invalid_code"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_what_is_wrong_is_200_with_an_error(
    caller: Caller, values: dict[str, str], error: str
) -> None:
    """A refusal of a token call has no status of its own."""
    got = asked(caller, **values)
    assert (got.status, got.json) == (200, {"error": error})


def test_the_header_is_zohos_own(caller: Caller) -> None:
    """A bearer token is no token here."""
    token = asked(caller).json["access_token"]
    got = caller.send("GET", "/crm/v8/org", Authorization=f"Bearer {token}")
    assert got.status == 401
    assert reads(caller, token).status == 200


@pytest.mark.parametrize(
    ("scope", "path", "status"),
    [
        ("ZohoCRM.org.READ", "org", 200),
        ("ZohoCRM.org.ALL", "users", 401),
        ("ZohoCRM.modules.ALL", "Claims/actions/count", 401),
        ("ZohoCRM.modules.custom.READ", "Claims?fields=Name", 204),
        ("ZohoCRM.modules.custom.READ", "Accounts?fields=id", 401),
        ("ZohoCRM.modules.READ", "Accounts?fields=id", 200),
        ("ZohoCRM.modules.custom.CREATE", "Claims?fields=Name", 401),
        ("ZohoCRM.settings.fields.READ", "settings/fields?module=Claims", 200),
        ("ZohoCRM.settings.fields.READ", "settings/modules", 401),
    ],
)
def test_scopes_are_looked_at(caller: Caller, scope: str, path: str, status: int) -> None:
    """A call needs its scope, or a wider one."""
    refresh = caller.sim.site.desk.new_refresh(scopes=[scope])
    caller.token = asked(caller, refresh_token=refresh).json["access_token"]
    got = caller.get(path)
    assert got.status == status
    if status == 401:
        assert got.code == "OAUTH_SCOPE_MISMATCH"


def test_organisations_are_apart(clock: Moments) -> None:
    """A token reads the organisation that it is of, where one server has several."""
    other = Org(OrgSettings(number=2), clock=clock)
    with ZohoSim(small_org(clock), others=[other]) as sim, Caller(sim, "") as caller:
        first, second = sim.sites
        told = [reads(caller, site.desk.new_access()).json["org"][0] for site in (first, second)]
        assert [one["zgid"] for one in told] == [first.org.id, other.id]
        assert caller.get("settings/fields", module="Claims").code == "INVALID_MODULE"
        assert {one.organisation for one in sim.log} == {first.org.id, other.id}
        assert set(first.org.files._attachments) == set()
        settings = [sim.settings(site) for site in sim.sites]
        assert settings[0]["client_id"] != settings[1]["client_id"]
        assert set(sim.environment(second)) == {
            settings[1]["client_secret_variable"],
            settings[1]["refresh_token_variable"],
        }
