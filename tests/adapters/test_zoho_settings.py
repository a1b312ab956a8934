"""What `[crm.NAME]` of a Zoho CRM may say, and how what is wrong with it is told."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from crm_expenses.adapters.contract import Opening
from crm_expenses.adapters.zoho.centres import CENTRES, Environment, addresses_of
from crm_expenses.adapters.zoho.settings import Edition, Needs, ReadBy, ZohoSettings, zoho_settings
from crm_expenses.core.opportunity import Stage
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError, Problem

SECRET, REFRESH = "client-secret-4711", "1000.refresh-4711"
OWN: Mapping[str, str] = {
    "accounts": "https://accounts.zoho.uk",
    "api": "https://www.zohoapis.uk",
    "content": "https://content.zohoapis.uk",
}


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a connection must say, its secrets in variables."""
    monkeypatch.setenv("ZOHO_SECRET", SECRET)
    monkeypatch.setenv("ZOHO_REFRESH", f"{REFRESH}\n")
    return {
        "data_centre": "eu",
        "client_id": "1000.ABC",
        "client_secret_variable": "ZOHO_SECRET",
        "refresh_token_variable": "ZOHO_REFRESH",
    }


def read(
    options: Mapping[str, Any], base: Path = Path(), needs: Needs = Needs.TOKEN
) -> ZohoSettings:
    """Read them as those of the connection `main`."""
    return zoho_settings(Opening("main", options, base), needs)


def problems(options: Mapping[str, Any], needs: Needs = Needs.TOKEN) -> tuple[Problem, ...]:
    """Give what is wrong with them."""
    with pytest.raises(ConfigError) as caught:
        read(options, needs=needs)
    return caught.value.problems


def test_the_least_is_enough(options: dict[str, Any]) -> None:
    """Data centre, client and refresh token are enough; the rest has a usual value."""
    held = read(options)
    assert held.addresses == addresses_of("eu")
    assert (held.client_id, held.client_secret.reveal()) == ("1000.ABC", SECRET)
    assert held.refresh_token.reveal() == REFRESH
    assert (held.edition, held.users, held.version) == (Edition.ENTERPRISE, 1, "v8")
    assert (held.read_by, held.zone, held.currency) == (ReadBy.AUTO, None, "")
    assert (held.plain_http, held.private_addresses, held.access_token) == (False, False, None)


def test_everything_can_be_said(options: dict[str, Any], tmp_path: Path) -> None:
    """Each option is read; a secret may stand in a file beside the settings."""
    (tmp_path / "refresh").write_text(f"  {REFRESH}\n")
    del options["refresh_token_variable"]
    more = {
        "refresh_token_file": "refresh",
        "environment": "sandbox",
        "edition": "ultimate",
        "users": 250,
        "organisation": "60001",
        "timezone": "Asia/Shanghai",
        "currency": "CNY",
        "version": "v7",
        "read_by": "bulk",
        "modules": {"claim": "Expense_Claims", "rate": ""},
        "stages": {"Closed Won": "won", "赢单": "won"},
    }
    held = read({**options, **more}, tmp_path)
    assert held.refresh_token.reveal() == REFRESH
    assert held.addresses.api == "https://sandbox.zohoapis.eu"
    assert (held.edition, held.users, held.organisation) == (Edition.ULTIMATE, 250, "60001")
    assert str(held.zone) == "Asia/Shanghai"
    assert (held.currency, held.version, held.read_by) == ("CNY", "v7", ReadBy.BULK)
    assert held.modules == {Kind.CLAIM: "Expense_Claims", Kind.RATE: ""}
    assert held.stages == {"Closed Won": Stage.WON, "赢单": Stage.WON}


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("environment", Environment)
def test_addresses_that_are_built_in(centre: str, environment: Environment) -> None:
    """Every built-in address is https, without a port, and of Zoho's domains."""
    made = addresses_of(centre, environment)
    for address in (made.accounts, made.api, made.content):
        assert address.startswith("https://")
        host = address.removeprefix("https://").partition("/")[0]
        assert ":" not in host
        assert "zoho" in host
    assert made.accounts.endswith("/oauth/v2/token")


def test_canada_and_saudi_arabia_differ() -> None:
    """Two data centres have accounts and uploads at hosts of another form."""
    canada, saudi = addresses_of("ca"), addresses_of("sa")
    assert canada.accounts == "https://accounts.zohocloud.ca/oauth/v2/token"
    assert (canada.api, canada.content) == (
        "https://www.zohoapis.ca",
        "https://upload.zohocloud.ca",
    )
    assert saudi.accounts == "https://accounts.zoho.sa/oauth/v2/token"
    assert (saudi.api, saudi.content) == ("https://www.zohoapis.sa", "https://files.zoho.sa")


@pytest.mark.parametrize("centre", ["uk", "ae", None])
def test_other_centres_are_named_by_their_addresses(
    options: dict[str, Any], centre: object
) -> None:
    """The United Kingdom and the Emirates need all three addresses of the user's own."""
    options["data_centre"] = centre
    if centre is None:
        del options["data_centre"]
    (problem,) = problems(options)
    assert problem.code == "zoho.centre"
    (problem,) = problems({**options, "addresses": {"api": OWN["api"]}})
    assert problem.code == "zoho.centre"
    held = read({**options, "addresses": OWN}).addresses
    assert held.accounts == f"{OWN['accounts']}/oauth/v2/token"
    assert (held.api, held.content) == (OWN["api"], OWN["content"])


def test_one_address_may_differ_from_the_centre(options: dict[str, Any]) -> None:
    """An address of the user's own stands over the data centre's, the others stay."""
    held = read({**options, "addresses": {"content": "https://files.example/zoho"}}).addresses
    assert held.content == "https://files.example/zoho"
    assert held.api == addresses_of("eu").api


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://www.zohoapis.uk", "zoho.address_plain"),
        ("www.zohoapis.uk", "zoho.address"),
        ("https://", "zoho.address"),
        ("ftp://www.zohoapis.uk", "zoho.address"),
        ("https://user:hunter2@www.zohoapis.uk", "zoho.address"),
        ("https://www.zohoapis.uk/?key=hunter2", "zoho.address"),
        ("https://www.zohoapis.uk/ hunter2", "zoho.address"),
        ("https://www.zohoapis.uk:99999", "zoho.address"),
    ],
)
def test_addresses_that_are_refused(options: dict[str, Any], address: str, code: str) -> None:
    """An address is https and nothing but an address; what else stands in it is not shown."""
    (problem,) = problems({**options, "addresses": {"api": address}})
    assert (problem.code, problem.values["name"]) == (code, "api")
    assert "hunter2" not in problem.describe("en") + problem.describe("zh") + repr(problem)


@pytest.mark.parametrize(
    "more",
    [
        {"addresses": {"api": "http://127.0.0.1:8080"}},
        {"addresses": {"api": "http://localhost:8080"}},
        {"addresses": {"api": "http://10.0.0.1"}, "plain_http": True},
    ],
)
def test_plain_http_where_it_is_meant(options: dict[str, Any], more: dict[str, Any]) -> None:
    """This machine, or a person who says so, may be spoken to without TLS."""
    assert read({**options, **more}).addresses.api == more["addresses"]["api"]


def test_every_mistake_is_told_at_once(options: dict[str, Any]) -> None:
    """One error carries all mistakes, each in both languages, the near names among them."""
    wrong = {
        **options,
        "data_centre": "mars",
        "client_id": "with a blank",
        "client_secret_file": "also.txt",
        "refresh_token_variable": "NOWHERE_AT_ALL",
        "edition": "gold",
        "users": 0,
        "organisation": "zero",
        "timezone": "Mars/Olympus",
        "currency": "GOLD",
        "version": "8",
        "read_by": "luck",
        "plain_http": "yes",
        "modules": {"clam": "X", "claim": "Expense Claims"},
        "stages": {"Closed Won": "victory"},
        "clint_id": "1000.ABC",
    }
    found = problems(wrong)
    assert sorted(problem.code for problem in found) == sorted(
        [
            *("zoho.centre", "zoho.text", "zoho.secret_place", "zoho.no_secret"),
            *("zoho.choice", "zoho.whole", "zoho.text", "settings.timezone", "zoho.currency"),
            *("zoho.text", "zoho.choice", "zoho.flag", "zoho.unknown_option", "zoho.module"),
            *("zoho.choice", "zoho.unknown_option"),
        ]
    )
    told = "\n".join(problem.describe("en") for problem in found)
    assert "client_id, " in told
    assert "modules.claim" in told
    assert all(problem.describe("zh") != problem.describe("en") for problem in found)


@pytest.mark.parametrize("name", ["client_secret", "refresh_token"])
def test_a_secret_has_one_place(options: dict[str, Any], tmp_path: Path, name: str) -> None:
    """A secret is in a variable or in a file; both, neither, empty, or broken is told."""
    other = {f"{name}_file": str(tmp_path / "x")}
    (problem,) = problems({**options, **other})
    assert (problem.code, problem.values["name"]) == ("zoho.secret_place", name)
    without = {key: value for key, value in options.items() if key != f"{name}_variable"}
    (problem,) = problems(without)
    assert (problem.code, problem.values["name"]) == ("zoho.secret_place", name)
    (problem,) = problems({**without, **other})
    assert (problem.code, problem.values["name"]) == ("zoho.no_secret", name)
    (tmp_path / "x").write_text("two words-4711")
    (problem,) = problems({**without, **other})
    assert (problem.code, problem.values["name"]) == ("zoho.secret_form", name)
    assert "4711" not in problem.describe("en") + repr(problem)


def test_a_given_token_needs_no_client(options: dict[str, Any], monkeypatch: Any) -> None:  # noqa: ANN401
    """An access token of the user's own stands alone, and not beside a refresh token."""
    monkeypatch.setenv("ZOHO_ACCESS", "1000.access-4711")
    alone = {"data_centre": "us", "access_token_variable": "ZOHO_ACCESS"}
    held = read(alone)
    assert held.access_token is not None
    assert held.access_token.reveal() == "1000.access-4711"
    assert "4711" not in repr(held)
    (problem,) = problems({**options, **alone})
    assert problem.code == "zoho.two_tokens"


def test_what_is_not_needed_is_not_read(options: dict[str, Any]) -> None:
    """Before signing in there is no refresh token; with a token of Python's no secret at all."""
    options |= {"refresh_token_variable": "NOT_SET_YET"}
    assert read(options, needs=Needs.CLIENT).client_secret.reveal() == SECRET
    options |= {"client_secret_variable": "NOT_SET_EITHER"}
    assert read(options, needs=Needs.NOTHING).client_secret.reveal() == ""
    assert [problem.code for problem in problems(options)] == ["zoho.no_secret"] * 2


def test_secrets_are_shown_nowhere(options: dict[str, Any]) -> None:
    """Neither the settings nor what they are made of show a secret."""
    shown = f"{read(options)!r} {read(options)}"
    assert SECRET not in shown
    assert REFRESH not in shown
