"""`crm sign-in`: a grant token goes in unseen, a refresh token comes out once, nothing is kept."""

import gc
import io
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from commandline import PATIENCE, _until_closed, child, connect, contents, environment, said

from crm_expenses.adapters.zoho.modules import MODULES
from crm_expenses.cli.clock import SystemClock
from crm_expenses.cli.screen import Screen
from crm_expenses.cli.syncwatch import Watched
from crm_expenses.settings import load_settings
from crm_expenses.store import open_store
from crm_expenses.testing.zohosim import Fault, ZohoSim
from crm_expenses.tomlfile import parse_toml
from crm_expenses.worker import Desk

Capsys = pytest.CaptureFixture[str]
VARIABLE = "SIM_REFRESH"
AT = datetime(2026, 3, 31, tzinfo=UTC)


@pytest.fixture
def sim() -> Iterator[ZohoSim]:
    """A simulated organisation."""
    with ZohoSim() as made:
        yield made


@pytest.fixture
def signing(sim: ZohoSim, company: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The company with a connection to it, before anybody has signed in."""
    monkeypatch.setenv("SIM_SECRET", sim.secrets["client_secret"])
    told = sim.settings()
    addresses = "\n".join(f'{name} = "{text}"' for name, text in told["addresses"].items())
    with (company / "crm_expenses.toml").open("a", encoding="utf-8") as settings:
        settings.write(
            f'\n[crm.zoho]\nadapter = "zoho"\nclient_id = "{told["client_id"]}"\n'
            f'client_secret_variable = "SIM_SECRET"\nrefresh_token_variable = "{VARIABLE}"\n'
            f'edition = "free"\ntimezone = "Asia/Shanghai"\n'
            f"private_addresses = true\n[crm.zoho.addresses]\n{addresses}\n"
        )
    return company


def piped(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Put a text on standard input."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_refresh_token_is_shown_once(
    sim: ZohoSim, signing: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys, language: str
) -> None:
    """Standard output has the refresh token and nothing else; the advice stands beside it."""
    before = contents(signing)
    grant = sim.site.desk.new_grant()
    piped(monkeypatch, f"  {grant}\n")
    ran = said(capsys, "--lang", language, "crm", "sign-in", "zoho")
    assert ran.code == 0, ran.err
    token = ran.out.strip()
    assert token.startswith("1000.refresh")
    assert ran.out == f"{token}\n"
    assert VARIABLE in ran.err
    assert token not in ran.err
    assert grant not in ran.out + ran.err
    assert sim.secrets["client_secret"] not in ran.out + ran.err
    assert contents(signing) == before
    assert [one.call for one in sim.log] == ["POST /oauth/v2/token"]


def test_a_script_reads_it_as_json(
    sim: ZohoSim, signing: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    """With --json the token comes with its connection and its scopes."""
    assert signing.is_dir()
    piped(monkeypatch, sim.site.desk.new_grant())
    ran = said(capsys, "crm", "sign-in", "zoho", "--json")
    assert ran.code == 0, ran.err
    assert set(ran.json) == {"crm", "refresh_token", "scope"}
    assert ran.json["crm"] == "zoho"
    assert "ZohoCRM.modules.ALL" in ran.json["scope"]


def test_a_grant_token_works_once(
    sim: ZohoSim, signing: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    """A used, wrong or missing grant token is told, without being shown, with its exit code."""
    assert signing.is_dir()
    grant = sim.site.desk.new_grant()
    piped(monkeypatch, grant)
    assert said(capsys, "crm", "sign-in", "zoho").code == 0
    piped(monkeypatch, grant)
    ran = said(capsys, "crm", "sign-in", "zoho")
    assert (ran.code, ran.out) == (4, "")
    assert "invalid_code" in ran.err
    assert grant not in ran.err
    for nothing in ("", "\n", "two words\n"):
        piped(monkeypatch, nothing)
        ran = said(capsys, "crm", "sign-in", "zoho")
        assert (ran.code, ran.out) == (2, "")
        assert "two words" not in ran.err
    assert len(sim.log) == 2


def test_a_token_of_another_place_is_not_printed(
    sim: ZohoSim, signing: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    """Where Zoho names another host for the API nothing is printed that could be kept."""
    assert signing.is_dir()
    sim.faults.add(Fault.PRODUCTION_DOMAIN)
    piped(monkeypatch, sim.site.desk.new_grant())
    ran = said(capsys, "crm", "sign-in", "zoho")
    assert (ran.code, ran.out) == (4, "")
    assert "www.zohoapis.com" in ran.err


def test_settings_are_looked_at_before_anybody_is_asked(
    sim: ZohoSim, signing: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    """A grant token is short-lived: what is wrong with the settings is said first."""
    assert signing.is_dir()
    monkeypatch.delenv("SIM_SECRET")
    grant = sim.site.desk.new_grant()
    stdin = io.StringIO(grant)
    monkeypatch.setattr(sys, "stdin", stdin)
    ran = said(capsys, "crm", "sign-in", "zoho")
    assert ran.code == 2
    assert "SIM_SECRET" in ran.err
    assert stdin.read() == grant


@pytest.mark.parametrize("language", ["en", "zh"])
def test_other_connections_need_none(company: Path, capsys: Capsys, language: str) -> None:
    """A connection of another adapter is told that it needs no signing in; nobody is asked."""
    connect(company, tables="files")
    ran = said(capsys, "--lang", language, "crm", "sign-in", "tables")
    assert (ran.code, ran.out) == (0, "")
    assert "tables" in ran.err
    assert said(capsys, "crm", "sign-in", "nowhere").code == 2


def test_on_a_terminal_nothing_is_echoed(sim: ZohoSim, signing: Path) -> None:
    """A person is told what to do and types unseen; only the refresh token appears."""
    grant = sim.site.desk.new_grant()
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "crm_expenses", "crm", "sign-in", "zoho"],
        cwd=signing,
        env=environment(TERM="xterm-256color"),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        shown = b""
        while b"not shown" not in shown:
            shown += os.read(ours, 65_536)
        os.write(ours, f"{grant}\n".encode())
        shown += _until_closed(ours)
        assert running.stdout is not None
        token = running.stdout.read().decode().strip()
        assert running.wait(PATIENCE) == 0, shown
    finally:
        running.kill()
        running.wait()
        os.close(ours)
        if running.stdout is not None:
            running.stdout.close()
    assert token.startswith("1000.refresh")
    assert grant not in shown.decode()
    assert token not in shown.decode()
    assert VARIABLE in shown.decode()


def test_advice_names_the_place_of_the_settings(
    sim: ZohoSim, signing: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    """A file is named where the settings name one; where they name none, both ways are."""
    file = signing / "crm_expenses.toml"
    text = file.read_text("utf-8")
    line = f'refresh_token_variable = "{VARIABLE}"\n'
    for instead, wanted in (('refresh_token_file = "keep.txt"\n', "keep.txt"), ("", "_variable")):
        file.write_text(text.replace(line, instead), encoding="utf-8")
        assert parse_toml(file.read_text("utf-8"), "x").data
        piped(monkeypatch, sim.site.desk.new_grant())
        ran = said(capsys, "crm", "sign-in", "zoho")
        assert ran.code == 0
        assert wanted in ran.err
        assert not (signing / "keep.txt").exists()


def test_doctor_and_status_tell_what_is_left(sim: ZohoSim, signing: Path) -> None:
    """Without limits in the settings the edition's credits are one, and what is left is told."""
    secrets = {VARIABLE: sim.secrets["refresh_token"]}
    ran = child("doctor", "zoho", cwd=signing, **secrets)
    assert "5,000" in ran.out, ran.err
    with open_store(signing / "store.sqlite3"):
        pass
    doctor = child("doctor", "zoho", cwd=signing, **secrets)
    spent = sim.credits.spent
    assert spent > 0
    (held,) = child("status", "zoho", "--json", cwd=signing).json["crms"]
    assert 0 < held["calls_today"] <= spent, doctor.out
    assert held["allowance_left"] == 5_000 - held["calls_today"]
    shown = child("status", "zoho", cwd=signing).out
    assert f"{held['calls_today']} of 5,000" in shown
    assert "24" in shown


def test_a_process_that_runs_again_and_again_keeps_its_token(
    sim: ZohoSim, signing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs that follow each other ask for one token: Zoho makes ten in ten minutes."""
    monkeypatch.setenv(VARIABLE, sim.secrets["refresh_token"])
    own = [kind.value for kind, module in MODULES.items() if module.is_own]
    with (signing / "crm_expenses.toml").open("a", encoding="utf-8") as settings:
        settings.write("[crm.zoho.modules]\n" + "".join(f'{kind} = ""\n' for kind in own))
    loaded = load_settings(signing / "crm_expenses.toml")
    watched = Watched(loaded, Screen("en"), 0, is_json=True)
    desk = Desk(loaded, SystemClock(), lambda done: None)
    turns = (lambda: watched.run("zoho", AT), lambda: desk.sync("zoho", 0))
    for turn in turns:
        before = sim.site.desk.calls
        for _ in range(3):
            turn()
            gc.collect()
        assert sim.site.desk.calls == before + 1
        watched.adapters.clear()
        gc.collect()
