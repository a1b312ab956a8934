"""`crm setup` and `crm notify` as they are typed, against a simulated organisation."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from commandline import Ran, said

from crm_expenses.adapters.zoho.modules import MODULES, RETURNS
from crm_expenses.testing.zohosim import Fault, Org, OrgSettings, ZohoSim

TOKEN = "hook-token-of-32-characters-0001"  # noqa: S105  made up
URL = "https://hooks.example.com/main"
OWN = [*(one for one in MODULES.values() if one.is_own and one.is_default), RETURNS]

COMPANY = """
[company]
name = "Small"

[policy]
file = "policy.toml"

[crm.paper]
adapter = "files"
folder = "crm"
mapping = "mapping.toml"

[crm.main]
adapter = "zoho"
timezone = "Asia/Kolkata"
currency = "USD"
"""
MAPPING = """
[mapping]
version = 1
timezone = "UTC"

[[source]]
kind = "account_manager"
files = ["people.csv"]
[source.fields]
id = "Id"
name = "Name"
"""
WEBHOOK = """
[crm.main.webhook]
secret_file = "hook"
token_field = "token"
"""


@contextmanager
def company(folder: Path, org: Org | None = None, webhook: str = WEBHOOK) -> Iterator[ZohoSim]:
    """Give a company whose CRM is a simulated organisation; the current folder has its settings."""
    with ZohoSim(org) as sim:
        told = sim.settings(folder=folder)
        addresses = told.pop("addresses")
        lines = [f"{name} = {json.dumps(value)}" for name, value in told.items()]
        lines += ["[crm.main.addresses]"]
        lines += [f"{name} = {json.dumps(value)}" for name, value in addresses.items()]
        (folder / "hook").write_text(TOKEN + "\n", "utf-8")
        (folder / "mapping.toml").write_text(MAPPING, "utf-8")
        (folder / "crm").mkdir(exist_ok=True)
        path = folder / "crm_expenses.toml"
        path.write_text(COMPANY + "\n".join(lines) + "\n" + webhook, "utf-8")
        yield sim


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands run where the settings are."""
    monkeypatch.chdir(tmp_path)


def lines_with(ran: Ran, word: str) -> list[str]:
    """Give the lines that begin with a word."""
    return [line for line in ran.out.splitlines() if line.startswith(word)]


def test_a_plan_shows_everything_and_makes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Modules and fields with their types and what they cost, then the steps for a person."""
    with company(tmp_path) as sim:
        ran = said(capsys, "crm", "setup", "main", "--plan")
        assert ran.code == 0
        assert not ran.err
        for module in OWN:
            assert module.name in ran.out
        assert "list of Draft, Submitted, Approved" in ran.out
        assert "unique, external id of the type org" in ran.out
        assert lines_with(ran, "1. When the modules are made")
        assert not [one for one in sim.log if one.method == "POST" and "settings" in one.path]
        chinese = said(capsys, "crm", "setup", "main", "--plan", "--lang", "zh")
        assert "需要建立" in chinese.out
        assert "the field" not in chinese.out


def test_it_is_carried_out_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each step is told as it is over; the second run says that nothing is lacking."""
    with company(tmp_path) as sim:
        empty = said(capsys, "doctor", "main", "--json").json["diagnoses"]
        told = {one["code"] for one in empty if one["level"] != "good"}
        assert told == {"toml.no_file", "zoho.lacks_module"}  # nothing hides anything
        assert "Deals in main" in " ".join(one["message"]["en"] for one in empty)
        ran = said(capsys, "crm", "setup", "main")
        assert (ran.code, ran.err) == (0, "")
        count = len(OWN) + sum(field.is_own for module in OWN for field in module.fields)
        assert len(lines_with(ran, "made ")) == count
        assert {module.name for module in OWN} <= set(sim.org.modules)
        again = said(capsys, "crm", "setup", "main")
        assert again.code == 0
        assert again.out == "main: nothing is lacking that can be made from here\n"
        checked = said(capsys, "doctor", "main", "--json").json["diagnoses"]
        assert {one["code"] for one in checked if one["level"] != "good"} == {"toml.no_file"}


def test_a_script_reads_the_plan_and_what_was_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One JSON value: the steps with facts and both languages, and what became of each."""
    with company(tmp_path):
        plan = said(capsys, "crm", "setup", "main", "--plan", "--json").json
        assert (plan["crm"], plan["done"]) == ("main", [])
        assert plan["cost"] > 500 * len(OWN)
        first = plan["steps"][0]
        assert (first["name"], first["cost"], first["by_hand"]) == (OWN[0].name, 500, False)
        assert set(first["message"]) == {"en", "zh"}
        done = said(capsys, "crm", "setup", "main", "--json").json["done"]
        assert len(done) == len([one for one in plan["steps"] if not one["by_hand"]])
        assert {one["problem"] for one in done} == {None}


def test_what_is_refused_is_told_and_the_exit_code_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One module fails: its line says why, the others are made, and the answer is 4."""
    with company(tmp_path) as sim:
        sim.faults.add(Fault.NO_PERMISSION, "POST .*/settings/modules", times=1, skip=2)
        ran = said(capsys, "crm", "setup", "main")
        assert ran.code == 4
        failed = lines_with(ran, "not made ")
        assert failed
        assert "does not permit" in failed[0]
        assert said(capsys, "crm", "setup", "main").code == 0


def test_an_edition_without_modules_and_a_crm_without_set_up_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The one names the ways out; the other is a wrong use of the command."""
    with company(tmp_path, Org(OrgSettings(edition="standard"))):
        ran = said(capsys, "crm", "setup", "main")
        assert ran.code == 0
        assert "1. The edition standard has no modules of one's own" in ran.out
        other = said(capsys, "crm", "setup", "paper")
        assert other.code == 2
        assert "its adapter has no set-up" in other.err
        nobody = said(capsys, "crm", "setup", "nobody")
        assert nobody.code == 2
        hints = said(capsys, "crm", "notify", "paper", "--url", URL)
        assert hints.code == 2


def test_channels_are_made_by_a_command_and_no_text_has_the_token(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plan first, then the channels; again nothing; and doctor tells until when they last."""
    with company(tmp_path) as sim:
        said(capsys, "crm", "setup", "main")
        plan = said(capsys, "crm", "notify", "main", "--url", URL, "--plan")
        assert plan.code == 0
        assert not sim.site.channels.held
        ran = said(capsys, "crm", "notify", "main", "--url", URL)
        assert ran.code == 0
        assert {one.url for one in sim.site.channels.held.values()} == {URL}
        assert {one.token for one in sim.site.channels.held.values()} == {TOKEN}
        again = said(capsys, "crm", "notify", "main", "--url", URL, "--json")
        assert again.json["done"] == []
        doctor = said(capsys, "doctor", "main")
        assert "channels tell of changes" in doctor.out
        ended = said(capsys, "crm", "notify", "main", "--stop")
        assert (ended.code, sim.site.channels.held) == (0, {})
        for words in ((), ("--stop", "--url", URL)):
            assert said(capsys, "crm", "notify", "main", *words).code == 2
        for one in (plan, ran, again, doctor, ended):
            assert TOKEN not in one.out + one.err


@pytest.mark.parametrize(
    "url", ["http://hooks.example.com/main", "hooks.example.com", "https://", "https://a@b/"]
)
def test_an_address_where_the_token_could_be_overheard_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    """The secret stands in each message: https, or nothing is sent."""
    with company(tmp_path) as sim:
        ran = said(capsys, "crm", "notify", "main", "--url", url)
        assert ran.code == 2
        assert not sim.log


def test_without_a_webhook_in_the_settings_there_is_no_token(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message says what to add; a webhook whose messages are signed is none for this."""
    signed = '\n[crm.main.webhook]\nsecret_file = "hook"\nsignature_header = "X"\n'
    for webhook in ("", signed):
        with company(tmp_path, webhook=webhook) as sim:
            ran = said(capsys, "crm", "notify", "main", "--url", URL)
            assert ran.code == 2
            assert "token_field" in ran.err
            assert not sim.log
