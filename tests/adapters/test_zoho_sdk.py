"""Zoho's SDK in our room: its calls go our way, its state is put back, its silence is an error."""

import importlib
import logging
import os
import re
import subprocess
import sys
import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path

import pytest
import requests
from zohoworld import sdk_to, wire_to

from crm_expenses.adapters.zoho import sdk as module
from crm_expenses.adapters.zoho import sdkcalls
from crm_expenses.adapters.zoho.sdk import Sdk, demand_version, loaded, result_of
from crm_expenses.adapters.zoho.sdkcalls import Channel, NewField, NewModule
from crm_expenses.adapters.zoho.settings import Edition
from crm_expenses.errors import (
    AuthError,
    ConfigError,
    CrmExpensesError,
    RefusedError,
    RetryableError,
)
from crm_expenses.testing.zohosim import Ask, Fault, Org, OrgSettings, ZohoSim

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


# --- what is loaded, and when ---


@pytest.mark.parametrize(
    "what",
    [
        "import crm_expenses.adapters.zoho, crm_expenses.adapters.zoho.sdkcalls",
        "import crm_expenses.adapters.zoho.setup, crm_expenses.adapters.zoho.describing",
        "from crm_expenses.cli import run; assert run(['--help']) == 0",
        "from crm_expenses.cli import run; assert run(['crm', 'setup', '--help']) == 0",
        "from crm_expenses.adapters.zoho.sdk import Sdk, demand_version; demand_version()",
    ],
)
def test_no_module_of_the_sdk_is_loaded_before_a_call_needs_it(what: str) -> None:
    """Neither the adapter, nor the commands' help, nor the look at its version loads the SDK."""
    code = f"import sys; {what}\nassert not [n for n in sys.modules if n.startswith('zohocrm')]"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_only_one_file_names_the_sdk() -> None:
    """Whoever wants something of it goes through `sdk.py`."""
    import crm_expenses

    package = Path(crm_expenses.__file__).parent
    naming = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if re.search(r"(import|from) +zohocrmsdk|\"zohocrmsdk\.", path.read_text("utf-8"))
    }
    assert naming == {"adapters/zoho/sdk.py"}


def test_an_sdk_that_is_not_installed_or_another_one_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each case has its own words and the command that mends it; nothing is loaded then."""
    found: dict[str, str] = {}

    def version(name: str) -> str:
        if name not in found:
            raise metadata.PackageNotFoundError(name)
        return found[name]

    monkeypatch.setattr(metadata, "version", version)
    monkeypatch.setattr(module, "_MADE", [])
    for held, code in (
        ({}, "zoho.no_sdk"),
        ({"zohocrmsdk8-0": "6.0.0"}, "zoho.sdk_version"),
        ({"zohocrmsdk8-0": "7.0.0", "zohocrmsdk7-0": "6.0.0"}, "zoho.sdk_twice"),
    ):
        found.clear()
        found.update(held)
        with pytest.raises(ConfigError) as caught:
            loaded("main")
        assert caught.value.code == code
        for language in ("en", "zh"):
            assert "crm-expenses[zoho]" in caught.value.describe(language)  # type: ignore[arg-type]
    found.pop("zohocrmsdk7-0")
    demand_version()


# --- the way of its calls ---


def trials(sdk: Sdk) -> NewModule:
    """Give a module to make, for those who see accounts."""
    seen = {one.name: one.profiles for one in sdkcalls.modules(sdk)}
    return NewModule("Trials", "Trial", "Trials", seen["Accounts"])


def test_its_calls_pass_our_wire_and_cost_what_they_cost() -> None:
    """Each call is seen by the ledger, uses our connection and our token, and no other host."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        org = sdkcalls.organisation(sdk)
        assert (org.id, org.edition, org.currency) == (sim.org.id, "enterprise", "USD")
        new = trials(sdk)
        before = sdk.wire.credits.spent()
        row = sdkcalls.create_module(sdk, new)
        assert row.is_done
        assert sdk.wire.credits.spent() - before == 500
        calls = [one for one in sim.log if not one.path.startswith("/oauth")]
        assert len({one.connection for one in calls}) == 1
        assert {one.token for one in calls} == {1}
        assert sim.credits.spent == sdk.wire.credits.spent()


def test_the_real_requests_is_as_it_was() -> None:
    """Only the names in two modules of the SDK are others; who uses `requests` does not notice."""
    before = {name: getattr(requests, name) for name in ("get", "post", "request", "Session")}
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        sdkcalls.organisation(sdk)
        assert {name: getattr(requests, name) for name in before} == before
        from zohocrmsdk.src.com.zoho.crm.api.util import api_http_connector

        theirs = api_http_connector.requests
        assert theirs is not requests
        # Somebody else's use of the SDK in this process goes the way that it always went.
        reply = theirs.get(f"{sim.url}/crm/v8/org", headers={}, timeout=5)
        assert isinstance(reply, requests.Response)
        assert theirs.Session is requests.Session


def test_a_silent_server_is_let_go_of_on_writes_too() -> None:
    """The SDK has no time-out on POST; ours ends the call, and says that it may have acted."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        sim.hang_seconds = 20
        sim.faults.add(Fault.HANG_AFTER, "POST .*/settings/modules")
        with pytest.raises(RetryableError) as caught:
            sdkcalls.create_module(sdk, trials(sdk))
        assert caught.value.code == "http.timeout"
        assert caught.value.__context__ is None
        assert caught.value.__cause__ is None
        assert "Trials" in {one.name for one in sdkcalls.modules(sdk)}


def test_a_token_that_is_over_is_renewed_once_under_the_sdk() -> None:
    """401 in the middle: one refresh, one retry; the SDK itself would hand the error on."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        sdkcalls.organisation(sdk)
        sim.faults.add(Fault.TOKENS_REVOKED, "/settings/modules")
        assert sdkcalls.modules(sdk)
        assert sum(one.path == "/oauth/v2/token" for one in sim.log) == 2


def test_an_answer_that_names_production_leads_nowhere() -> None:
    """A token answer with the real `api_domain` is refused, and nothing is sent there."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        sim.faults.add(Fault.PRODUCTION_DOMAIN, "/oauth/v2/token", times=9)
        with pytest.raises(AuthError) as caught:
            sdkcalls.organisation(sdk)
        assert caught.value.code == "zoho.elsewhere"
        assert {one.path for one in sim.log} == {"/oauth/v2/token"}


def test_errors_of_zoho_are_ours_and_hold_nothing_of_the_sdk() -> None:
    """Scope, permission, busy, gateways: our errors, as the wire makes them, nothing chained."""
    for fault, made in (
        (Fault.SCOPE_MISSING, AuthError),
        (Fault.NO_PERMISSION, AuthError),
        (Fault.HTML_502, RetryableError),
        (Fault.EMPTY_503, RetryableError),
        (Fault.BUSY, RetryableError),
        (Fault.HTML_200, RetryableError),
        (Fault.TRUNCATED, RetryableError),
        (Fault.EMPTY_200, RetryableError),
    ):
        with ZohoSim() as sim, sdk_to(sim) as sdk:
            sim.faults.add(fault, "/settings/fields", times=9)
            with pytest.raises(CrmExpensesError) as caught:
                sdkcalls.fields(sdk, "Deals")
            assert isinstance(caught.value, made), fault
            assert caught.value.__context__ is None


@pytest.mark.parametrize("status", [200, 201, 301, 400, 500])
def test_an_answer_without_an_object_is_never_nothing_there(status: int) -> None:
    """None, or another class, is an error but for 204 and 304."""

    class Response:
        def __init__(self, status: int, held: object) -> None:
            self.status, self.held = status, held

        def get_status_code(self) -> int:
            return self.status

        def get_object(self) -> object:
            return self.held

    for response in (None, Response(status, None), Response(status, "text")):
        with pytest.raises(RetryableError) as caught:
            result_of("main", response, dict)
        assert caught.value.code == "crm.answer"
    assert result_of("main", Response(204, None), dict) is None
    assert result_of("main", Response(304, None), dict) is None
    assert result_of("main", Response(200, {}), dict) == {}


def test_what_the_sdk_itself_refuses_says_nothing_of_what_was_sent() -> None:
    """A value of the wrong class is a fault of ours: told with the SDK's code and nothing else."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        part = sdk.part("org")

        def wrong() -> object:
            return part.OrgOperations().upload_organization_photo("a-secret-thing")

        with pytest.raises(RefusedError) as caught:
            sdk.call(wrong, part.ActionWrapper)
        assert caught.value.code == "zoho.sdk_refused"
        assert "a-secret-thing" not in repr(caught.value) + str(caught.value)
        assert not sim.log


def test_uploads_and_foreign_addresses_do_not_go_through_the_sdk() -> None:
    """Where the SDK would lose a query or leave the allowed hosts, nothing is sent."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        part = sdk.part("bulk_write")
        wrapper = sdk.part("util").StreamWrapper
        body = sdk.part("bulk_write.file_body_wrapper").FileBodyWrapper()
        body.set_file(wrapper(name="x.zip", stream=open(__file__, "rb")))  # noqa: PTH123, SIM115

        with pytest.raises(RefusedError):
            sdk.call(lambda: part.BulkWriteOperations().upload_file(body), part.SuccessResponse)
        with pytest.raises(RefusedError):
            sdk.call(
                lambda: part.BulkWriteOperations().download_bulk_write_result(
                    "https://content.zohoapis.com/x.zip"
                ),
                part.FileBodyWrapper,
            )
        assert not sim.log
        body.get_file().get_stream().close()


# --- its state ---


def test_two_organisations_at_once_never_cross() -> None:
    """Eight threads ask two organisations through one process: each hears its own, every time."""
    second = Org(OrgSettings(number=2, currency="EUR", name="Second", edition="ultimate"))
    with ZohoSim(others=(second,)) as sim:
        second.put("Accounts", {"Account_Name": "A-2"})
        one, other = sim.sites
        with (
            sdk_to(sim, one, crm="one") as here,
            sdk_to(sim, other, crm="other") as there,
            ThreadPoolExecutor(8) as pool,
        ):
            barrier = threading.Barrier(8)

            def ask(number: int) -> list[tuple[str, str, int]]:
                barrier.wait()
                sdk = here if number % 2 == 0 else there
                return [
                    (found.id, found.currency, len(sdkcalls.fields(sdk, "Deals")))
                    for found in (sdkcalls.organisation(sdk) for _ in range(6))
                ]

            found = list(pool.map(ask, range(8)))
        count = len(sim.org.module("Deals").fields)
        for number, answers in enumerate(found):
            mine = (sim.org.id, "USD") if number % 2 == 0 else (second.id, "EUR")
            assert answers == [(*mine, count)] * 6
        assert {entry.organisation for entry in sim.log if entry.credits} == {
            sim.org.id,
            second.id,
        }


def test_calls_through_the_sdk_are_made_one_after_the_other() -> None:
    """While one is under way, another organisation's waits: the SDK's state is one for all.

    A use that is not ours does not wait, and is not sent our way.
    """
    began, go_on = threading.Event(), threading.Event()
    heard: list[str] = []

    def hear(ask: Ask) -> None:
        heard.append(ask.path)
        if ask.path == "/crm/v8/org" and len(heard) < 3:
            began.set()
            assert go_on.wait(20)

    second = Org(OrgSettings(number=2))
    with ZohoSim(others=(second,), heard=hear) as sim:
        one, other = sim.sites
        with (
            sdk_to(sim, one, crm="one") as here,
            sdk_to(sim, other, crm="other") as there,
            ThreadPoolExecutor(3) as pool,
        ):
            first = pool.submit(sdkcalls.organisation, here)
            assert began.wait(20)
            waiting = pool.submit(sdkcalls.modules, there)
            theirs = importlib.import_module(CONNECTOR).requests
            spent = here.wire.credits.spent()
            for _ in range(100):  # meanwhile the other would have come far, did it not wait
                alone = pool.submit(theirs.get, f"{sim.url}/alone", headers={}, timeout=20)
                assert isinstance(alone.result(20), requests.Response)
            assert here.wire.credits.spent() == spent
            assert not waiting.done()
            assert [path for path in heard if path != "/alone"] == [
                "/oauth/v2/token",
                "/crm/v8/org",
            ]
            go_on.set()
            assert first.result(20).id == sim.org.id
            assert waiting.result(20)


CONNECTOR = "zohocrmsdk.src.com.zoho.crm.api.util.api_http_connector"


def test_who_uses_the_sdk_besides_is_left_alone(tmp_path: Path) -> None:
    """Whatever initializer stood there, of the process and of the thread, stands there again."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        loaded()
        from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
        from zohocrmsdk.src.com.zoho.crm.api.dc.data_center import DataCenter
        from zohocrmsdk.src.com.zoho.crm.api.initializer import Initializer

        assert Initializer.initializer is None
        sdkcalls.organisation(sdk)
        assert Initializer.initializer is None
        assert getattr(Initializer.LOCAL, "init", None) is None
        try:
            theirs = DataCenter.Environment(f"{sim.url}/theirs", sim.url, sim.url)
            token = OAuthToken(access_token="theirs", find_user=False)  # noqa: S106  made up
            made = module.loaded().store()
            Initializer.initialize(theirs, token, made, resource_path=str(tmp_path))
            before = Initializer.initializer
            part, seen = sdk.part("org"), []

            def ask() -> object:
                seen.append(Initializer.get_initializer())
                return part.OrgOperations().get_organization()

            sdk.call(ask, part.ResponseWrapper)
            assert (seen[0].resource_path, seen[0].token is token) == (sdk._folder, False)
            assert seen[0].store is not before.store
            assert Initializer.initializer is before
            assert Initializer.get_initializer().environment.url.endswith("/theirs")
            assert getattr(Initializer.LOCAL, "init", None) is None
            assert before.resource_path == str(tmp_path)
        finally:
            Initializer.initializer = None


def test_each_organisation_has_a_folder_of_its_own_that_ends_with_it() -> None:
    """Private, empty of what control calls need, and gone when it is closed."""
    with ZohoSim() as sim, sdk_to(sim) as sdk, sdk_to(sim, crm="two") as other:
        sdkcalls.organisation(sdk)
        sdkcalls.organisation(other)
        folders = {Path(one._folder) for one in (sdk, other)}
        assert len(folders) == 2
        for folder in folders:
            assert folder.stat().st_mode & 0o077 == 0
            assert not [one for one in folder.rglob("*") if one.is_file()]
        sdk.close()
        other.close()
        assert not [folder for folder in folders if folder.exists()]


def test_the_folder_ends_with_the_process_but_not_with_its_child() -> None:
    """Nobody has to close anything; a forked child leaves the parent's folder alone."""
    code = """
import os, sys
from crm_expenses.testing.zohosim import ZohoSim
sys.path.insert(0, sys.argv[1])
from zohoworld import wire_to
from crm_expenses.adapters.zoho.sdk import Sdk
with ZohoSim() as sim:
    sdk = Sdk(wire_to(sim))
    place = sdk._place()
child = os.fork()
if not child:
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
assert os.path.isdir(place)
print(place)
"""
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", code, here], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not Path(done.stdout.strip()).exists()


def test_no_secret_is_in_what_the_sdk_logs_raises_or_writes(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Tokens, client secret, refresh token, the webhook's token: in no log, text, file or name.

    Neither whole nor in part, nor in base64, as the SDK's cache would name its file.
    """
    texts: list[str] = []
    before = Path.cwd()
    os.chdir(tmp_path)  # the SDK's own store would write into the current directory
    try:
        with caplog.at_level(logging.DEBUG), ZohoSim() as sim, sdk_to(sim) as sdk:
            sdkcalls.organisation(sdk)
            hush = Channel("1000001", ("Deals.all",), NOON + timedelta(days=2))
            given = Channel(hush.id, hush.events, hush.expires, "https://h.example", "hook-4711")
            texts += [repr(given), repr(sdk), repr(sdk.wire), repr(vars(sdk))]
            for fault in (Fault.SCOPE_MISSING, Fault.HTML_502, Fault.TRUNCATED, Fault.DROP_AFTER):
                sim.faults.add(fault, "", times=9)
                for call in (
                    lambda: sdkcalls.modules(sdk),
                    lambda: sdkcalls.watch(sdk, [given]),
                ):
                    with pytest.raises(CrmExpensesError) as caught:
                        call()
                    error = caught.value
                    texts += [repr(error), str(error), error.describe("zh"), repr(error.__dict__)]
                sim.faults.clear()
            tokens = [*sim.secrets.values(), "hook-4711"]
            tokens += list(sim.site.desk._accesses)
            folder = Path(sdk._folder)
            for path in (*folder.rglob("*"), *tmp_path.rglob("*")):
                texts.append(str(path))
                texts += [path.read_bytes().decode("latin-1")] if path.is_file() else []
    finally:
        os.chdir(before)
    out = capfd.readouterr()
    texts += [caplog.text, out.out, out.err]
    assert not [one for one in caplog.records if one.name == "SDKLogger"]
    private = [part for one in tokens for part in (one, one[: len(one) // 2], one[-12:])]
    private += [b64encode(one.encode()).decode()[:12] for one in tokens]
    assert not [(one, text[:200]) for one in private for text in texts if one in text]
    assert not list(tmp_path.iterdir())


# --- what it says ---


def test_fields_and_modules_come_as_plain_values() -> None:
    """No object of the SDK comes out: texts, numbers, tuples; ids are texts."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        made = sdkcalls.create_fields(
            sdk,
            "Deals",
            [
                NewField("External Id", "text", 100, is_unique=True, is_external=True),
                NewField("Payer", "lookup", lookup="Accounts"),
                NewField("Way", "picklist", options=("By car", "By train")),
                NewField("Cost", "currency", decimals=3),
                NewField("Wrong", "subform"),
            ],
        )
        assert [(row.is_done, row.code) for row in made] == [(True, "SUCCESS")] * 4 + [
            (False, "INVALID_DATA")
        ]
        held = {one.name: one for one in sdkcalls.fields(sdk, "Deals")}
        own = held["External_Id"]
        assert (own.is_unique, own.external, own.length, own.is_custom) == (True, "org", 100, True)
        assert held["Payer"].lookup == "Accounts"
        assert [one.stored for one in held["Way"].options] == ["By car", "By train"]
        assert held["Cost"].decimals == 3
        assert held["Modified_Time"].is_read_only
        assert held["Deal_Name"].is_required
        assert not held["Amount"].is_unique
        modules = {one.name: one for one in sdkcalls.modules(sdk)}
        assert modules["Deals"].type == "default"
        assert modules["Deals"].id.isdecimal()
        (layout,) = sdkcalls.layouts(sdk, "Deals")
        assert {"Deal_Name", "Way"} <= set(layout.fields)
        assert "Deal_Name" in layout.required


def test_currencies_are_empty_where_there_is_one_only() -> None:
    """204 is no error; with several, the home currency is known and rates stay texts."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        assert sdkcalls.currencies(sdk) == ()
    from decimal import Decimal

    held = OrgSettings(rates={"EUR": Decimal("1.093000000"), "JPY": Decimal("0.0067")})
    with ZohoSim(Org(held)) as sim, sdk_to(sim) as sdk:
        found = {one.code: one for one in sdkcalls.currencies(sdk)}
        assert [one.code for one in found.values() if one.is_home] == ["USD"]
        assert (found["EUR"].rate, found["JPY"].decimals) == ("1.093000000", 0)
        assert sdkcalls.organisation(sdk).is_multi_currency


def test_an_edition_without_modules_says_so() -> None:
    """The refusal of the organisation is an error with its code, not a module that is not there."""
    with ZohoSim(Org(OrgSettings(edition="standard"))) as sim, sdk_to(sim) as sdk:
        assert sdk.wire.settings.edition is Edition.STANDARD
        with pytest.raises(AuthError):
            sdkcalls.create_module(sdk, trials(sdk))


def test_a_wire_alone_needs_no_sdk() -> None:
    """Whoever reads records only never loads it."""
    with ZohoSim() as sim:
        sdk = Sdk(wire_to(sim))
        assert not sdk._folder
        sdk.close()
