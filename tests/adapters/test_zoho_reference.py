"""The reference page of Zoho CRM: its scopes suffice, and its prices are what calls cost."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_expenses.cli import run
from crm_expenses.testing.zohosim import Org, OrgSettings, Switches, ZohoSim
from crm_expenses.testing.zohosim.__main__ import hire, settings_text
from pages import blocks

DOCS = Path(__file__).parents[2] / "docs"
TUTORIAL = DOCS / "tutorials" / "connect-zoho.md"
REFERENCE = DOCS / "reference" / "zoho.md"
AT = ("--at", "2026-03-10T08:00:00+05:30")
SECRET = "hook-token-of-32-characters-0001"  # noqa: S105  made up


def scopes() -> list[str]:
    """Give the scopes as one pastes them from the page."""
    (held,) = (one.body for one in blocks(REFERENCE) if one.file == "scopes")
    return held.strip().split(",")


@pytest.fixture
def sim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZohoSim]:
    """An organisation whose only token has the scopes of the page, and the company's folder."""
    files = {one.file: one.body for one in blocks(TUTORIAL)}
    (tmp_path / "policy.toml").write_text(files["policy.toml"], encoding="utf-8")
    company = tomllib.loads(files["crm_expenses.toml"])
    with ZohoSim(Org(OrgSettings(switches=Switches(bulk_polls=0)))) as made:
        hire(made.org)
        desk = made.site.desk
        desk.revoke(desk.refresh_token)
        desk.refresh_token = desk.new_refresh(scopes=scopes())
        for name, value in made.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("HOOK", SECRET)
        zone = {"adapter": "zoho", "timezone": company["crm"]["main"]["timezone"]}
        webhook = {"webhook": {"secret_variable": "HOOK", "token_field": "token"}}
        told = settings_text({**zone, "currency": "USD", **made.settings(), **webhook})
        head = files["crm_expenses.toml"].partition("[crm.main]")[0]
        (tmp_path / "crm_expenses.toml").write_text(head + told, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        yield made


def spent(sim: ZohoSim, *words: str) -> int:
    """Run a command that must end well; give its credits."""
    before = sim.credits.spent
    assert run(list(words)) == 0, words
    return sim.credits.spent - before


def test_the_scopes_of_the_page_suffice(sim: ZohoSim, tmp_path: Path) -> None:
    """Set-up, doctor, messages, reading in each way and writing: no scope is missed."""
    spent(sim, "crm", "setup", "zoho")
    spent(sim, "crm", "notify", "zoho", "--url", "https://hooks.example.com/zoho")
    person = sim.org.listing("Users")[-1]["id"]
    claim = {"Name": "1", "Owner": person, "Status": "Submitted"}
    at = "2026-03-05T09:30:00+05:30"
    number = sim.org.put("Expense_Claims", {**claim, "Submitted_At": at})
    line = {"Name": "1", "Claim": number, "Expense_Date": "2026-03-02", "Category": "meal"}
    sim.org.put("Expense_Lines", {**line, "Amount": 12})
    sim.org.put("Accounts", {"Account_Name": "1", "Owner": person})
    spent(sim, "sync", *AT)
    spent(sim, "sync", *AT)
    spent(sim, "doctor", "zoho")
    settings = tmp_path / "crm_expenses.toml"
    text = settings.read_text("utf-8")
    for way in ("bulk", "list"):
        again = text.replace('adapter = "zoho"', f'adapter = "zoho"\nread_by = "{way}"')
        settings.write_text(again.replace("store.sqlite3", f"{way}.sqlite3"), encoding="utf-8")
        spent(sim, "sync", *AT)
    calls = {one.call.rpartition("/")[2] for one in sim.log}
    assert {"coql", "watch", "layouts", "modules", "deleted", "result", "upsert"} <= calls
    assert not [one for one in sim.log if one.code == "OAUTH_SCOPE_MISMATCH"]


def test_the_prices_of_the_page_are_what_calls_cost(
    sim: ZohoSim, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the fixed ones: the look of doctor and of a plan, and a sync of which nothing came."""
    spent(sim, "crm", "setup", "zoho")
    capsys.readouterr()
    assert spent(sim, "crm", "setup", "zoho", "--plan", "--json") == 1 + 2 * 10
    assert json.loads(capsys.readouterr().out)["steps"] == []
    page = REFERENCE.read_text("utf-8")
    assert spent(sim, "doctor", "zoho") == 28
    assert "as delivered 28" in page
    spent(sim, "sync", *AT)
    channels = 1
    assert spent(sim, "sync", *AT) == 29 + channels
    assert "With the usual ten kinds 29" in page
