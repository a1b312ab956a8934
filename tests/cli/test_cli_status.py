"""Health and metrics by command, bounded runs, and runs of what is due."""

import hmac
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from commandline import AT, PATIENCE, ROWS, child, connect, environment, said
from prometheus_client.parser import text_string_to_metric_families

from crm_expenses.settings import load_settings
from crm_expenses.store import Store, open_store
from crm_expenses.store import tables as t

Capsys = pytest.CaptureFixture[str]
Samples = dict[tuple[str, str], float]
NOW = datetime.fromisoformat(AT)


def later(minutes: int) -> str:
    """Give a time after the runs of these tests."""
    return (NOW + timedelta(minutes=minutes)).isoformat()


def stored() -> Store:
    """Open the store of the company in the current folder."""
    return open_store(load_settings(Path("crm_expenses.toml")).store)


def read(metrics: str) -> Samples:
    """Read metrics with the parser of the official client; each family has help and a type."""
    found: Samples = {}
    for family in text_string_to_metric_families(metrics):
        assert family.name.startswith("crm_expenses_")
        assert family.documentation
        assert family.type in ("gauge", "counter")
        for sample in family.samples:
            assert sample.timestamp is None
            other = [v for name, v in sample.labels.items() if name != "crm"]
            key = (sample.name.removeprefix("crm_expenses_"), "".join(other))
            assert key not in found
            found[key] = sample.value
    return found


def test_before_the_first_run_there_is_nothing_to_show(company: Path, capsys: Capsys) -> None:
    """Without a store, status is an error of the settings and makes none."""
    ran = said(capsys, "status")
    assert (ran.code, ran.out) == (2, "")
    assert not (company / "store.sqlite3").exists()


def test_status_tells_runs_and_what_waits(company: Path, capsys: Capsys) -> None:
    """A person reads when it ran last and what is to do; a script reads the same as JSON."""
    assert said(capsys, "sync", "--at", AT).code == 0
    ran = said(capsys, "status", "--at", later(90))
    assert (ran.code, ran.err) == (0, "")
    assert "CRM main" in ran.out
    assert "90 minutes ago" in ran.out
    assert "1 rows; 0 open conflicts" in ran.out
    zh = said(capsys, "status", "--at", later(90), "--lang", "zh")
    assert "90 分钟前" in zh.out
    (told,) = said(capsys, "status", "--at", later(90), "--json").json["crms"]
    assert told["age_seconds"] == 5400
    assert told["last_run"]["rows"] == told["totals"]["rows"] == ROWS
    assert (told["set_aside"], told["waiting"], told["dead_letters"]) == (1, 0, 0)
    assert (told["last_run"]["error"], told["held_by"], told["due_since"]) == (None, None, None)


def test_stale_after_answers_one(plugged: Path, capsys: Capsys) -> None:
    """A scheduler's health check: 0 in time, 1 after it, 1 where nothing ever succeeded."""
    connect(plugged, good="polite", gone="away")
    assert said(capsys, "sync", "--at", AT).code == 3
    fresh = said(capsys, "status", "good", "--at", later(60), "--stale-after", "60")
    assert (fresh.code, fresh.err) == (0, "")
    late = said(capsys, "status", "good", "--at", later(61), "--stale-after", "60")
    assert late.code == 1
    assert late.err.startswith("good: ")
    never = said(capsys, "status", "--at", later(1), "--stale-after", "60", "--json")
    assert (never.code, never.err.count("\n")) == (1, 1)
    told = {one["crm"]: one for one in never.json["crms"]}
    assert told["gone"]["last_success"] is None
    assert told["gone"]["last_run"]["error"] == "crm.unavailable"
    assert "ended with crm.unavailable" in said(capsys, "status", "gone").out
    assert said(capsys, "status", "--stale-after", "-1").code == 2


def test_metrics_are_read_by_the_official_parser(plugged: Path, capsys: Capsys) -> None:
    """Each figure is there under its name, and says what the store says."""
    connect(plugged, good="polite", gone="away")
    with (plugged / "crm_expenses.toml").open("a") as settings:
        settings.write("\n[crm.good.limits]\ncalls_per_day = 100\nreserve = 20\n")
    assert said(capsys, "sync", "--at", AT, "--metrics", "out/crm.prom").code == 3
    written = (plugged / "out" / "crm.prom").read_text("utf-8")
    assert [path.name for path in (plugged / "out").iterdir()] == ["crm.prom"]
    with stored() as store, store.writing() as connection:
        row = {"seq": 99, "crm": "good", "key": "k", "kind": "line_result", "record": "L-9"}
        row |= {"content": "{}", "state": "refused", "reason": "", "tries": 0}
        connection.execute(t.outbox.insert(), row)
        held = {"name": "sync:good", "holder": "here:1", "since": later(0), "until": later(9)}
        connection.execute(t.lease.delete())
        connection.execute(t.lease.insert(), {**held, "number": 9})
    with stored() as store:
        store.mark_due("good", NOW)
    now = said(capsys, "status", "good", "--metrics", "--at", later(2)).out
    first, then = read(_of(written, "good")), read(now)
    assert first["last_success_timestamp_seconds", ""] == NOW.timestamp()
    assert first["last_run_success", ""] == 1
    assert first["last_run_rows", ""] == first["rows_total", ""] == 3
    assert first["outbox", "done"] == first["sent_total", ""] > 0
    assert first["calls_total", ""] == first["last_run_calls", ""] > 3
    assert first["allowance_left", ""] == 80  # on the day that --at named, nobody called
    today = read(said(capsys, "status", "good", "--metrics").out)
    assert today["allowance_left", ""] == 80 - first["calls_total", ""]
    assert first["last_run_seconds", "pull"] >= 0
    assert ("lease_age_seconds", "") not in first
    assert ("due_seconds", "") not in first
    assert then["lease_age_seconds", ""] == then["due_seconds", ""] == 120
    assert (first["dead_letters", ""], then["dead_letters", ""]) == (0, 1)
    assert then["outbox", "refused"] == 1
    assert {"open_conflicts", "set_aside", "retries_total"} <= {name for name, _ in then}
    gone = read(_of(written, "gone"))
    assert gone["last_success_timestamp_seconds", ""] == 0
    assert (gone["last_run_success", ""], gone["failed_runs_total", ""]) == (0, 1)


def _of(metrics: str, crm: str) -> str:
    """Leave the samples of one connection."""
    kept = [row for row in metrics.splitlines() if row.startswith("#") or f'crm="{crm}"' in row]
    return "\n".join(kept) + "\n"


def test_labels_are_escaped(plugged: Path, capsys: Capsys) -> None:
    """A name with quotes, backslashes and line ends comes through the parser as it is."""
    with (plugged / "crm_expenses.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[crm."a\\"b\\\\n\\n王"]\nadapter = "polite"\n')
    assert said(capsys, "sync", "--at", AT).code == 0
    out = said(capsys, "status", "--metrics", "--at", AT).out
    names = {
        sample.labels["crm"]
        for family in text_string_to_metric_families(out)
        for sample in family.samples
    }
    assert names == {'a"b\\n\n王'}


def test_metrics_are_whole_or_as_they_were(company: Path, capsys: Capsys) -> None:
    """A place that cannot be written is an error, and leaves the file of before."""
    assert said(capsys, "sync", "--at", AT, "--metrics", "a.prom").code == 0
    before = Path("a.prom").read_bytes()
    assert said(capsys, "sync", "--at", AT, "--metrics", "a.prom/b.prom").code == 2
    assert Path("a.prom").read_bytes() == before
    assert not list(company.glob(".*.part"))


def test_max_calls_ends_in_good_order(plugged: Path, capsys: Capsys) -> None:
    """The run answers 0, tells that it ended early and why, and the next one goes on."""
    connect(plugged, good="polite")
    ran = said(capsys, "sync", "--at", AT, "--max-calls", "2")
    assert ran.code == 0
    assert "called       2 times" in ran.out
    assert "--max-calls" in ran.out
    assert "every" not in ran.out
    told = said(capsys, "sync", "--at", AT, "--max-calls", "1", "--json").json["runs"][0]
    assert (told["stopped"], told["calls"]["calls"]) == ("manners.calls_max", 1)
    rest = said(capsys, "sync", "--at", AT, "--json").json["runs"][0]
    assert (rest["stopped"], rest["pulled"]["rows"] >= 0) == (None, True)
    with stored() as store:
        assert store.to_send("good") == 0
    assert said(capsys, "sync", "--max-calls", "0").code == 2


def test_the_days_allowance_answers_three_and_status_shows_it(
    plugged: Path, capsys: Capsys
) -> None:
    """Used up: 3, so that the scheduler comes again; what was read and decided is kept."""
    connect(plugged, good="polite")
    with (plugged / "crm_expenses.toml").open("a") as settings:
        settings.write("\n[crm.good.limits]\ncalls_per_day = 5\nreserve = 2\n")
    ran = said(capsys, "sync")
    assert ran.code == 3
    assert "calls_per_day" in ran.out
    assert said(capsys, "sync").code == 3
    assert re.search(r"calls today +3 of 3", said(capsys, "status").out)


def test_only_what_is_due_is_synced(plugged: Path, capsys: Capsys) -> None:
    """--due runs whom a webhook marked, and takes the mark away; the others rest."""
    connect(plugged, one="polite", two="polite")
    none = said(capsys, "sync", "--due", "--json")
    assert (none.code, none.json) == (0, {"runs": []})
    assert none.err == "no CRM is due\n"
    with stored() as store:
        store.mark_due("two", NOW)
    ran = said(capsys, "sync", "--due", "--at", AT, "--json")
    assert [run["crm"] for run in ran.json["runs"]] == ["two"]
    assert said(capsys, "sync", "--due", "--at", AT, "--json").json == {"runs": []}


def test_a_run_that_ended_early_leaves_the_crm_due(plugged: Path, capsys: Capsys) -> None:
    """What was not read to its end is not done with."""
    connect(plugged, one="polite")
    said(capsys, "sync", "--max-calls", "1", "--json")
    with stored() as store:
        store.mark_due("one", NOW)
    said(capsys, "sync", "--due", "--max-calls", "1", "--json")
    with stored() as store:
        assert "one" in store.due()


@contextmanager
def listening(company: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run the webhook command; give it with its port."""
    with (company / "crm_expenses.toml").open("a") as settings:
        settings.write('\n[crm.main.webhook]\nsecret_variable = "S"\nsignature_header = "X-Sig"\n')
    running = subprocess.Popen(
        [sys.executable, "-m", "crm_expenses", "webhook", "--listen", "127.0.0.1:0"],
        cwd=company,
        env=environment(S="s3cret-s3cret-s3cret"),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stderr is not None
        line = running.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        assert found is not None, line
        yield running, int(found[1])
    finally:
        running.kill()
        running.communicate()


def test_the_webhook_command_takes_a_message(company: Path) -> None:
    """It listens on this machine, says where, and a message makes the CRM due."""
    with listening(company) as (running, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("POST", "/main", b"{}", {"X-Sig": "00" * 32})
        assert connection.getresponse().status == 401
        connection.close()
        good = hmac.digest(b"s3cret-s3cret-s3cret", b"{}", "sha256").hex()
        connection.request("POST", "/main", b"{}", {"X-Sig": good})
        assert connection.getresponse().status == 202
        connection.close()
        os.kill(running.pid, signal.SIGINT)
        assert running.wait(PATIENCE) == 130
    with stored() as store:
        assert store.due() == {"main": 1}


def test_the_webhook_command_stops_while_a_message_is_read(company: Path) -> None:
    """An interrupt ends it also where a message has come by half."""
    head = b"POST /main HTTP/1.1\r\nHost: x\r\nX-Sig: 00\r\nContent-Length: 9\r\n\r\n"
    with (
        listening(company) as (running, port),
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as half,
    ):
        half.sendall(head + b"{")
        time.sleep(0.5)
        os.kill(running.pid, signal.SIGINT)
        assert running.wait(PATIENCE) == 130


@pytest.mark.parametrize("words", [("webhook",), ("webhook", "--listen", "nowhere")])
def test_a_webhook_that_cannot_start_says_why(company: Path, words: tuple[str, ...]) -> None:
    """Without a webhook in the settings, or an address: 2, and a line that names the mistake."""
    ran = child(*words, cwd=company)
    assert ran.code == 2
    assert "webhook" in ran.err
    assert ran.out == ""


def test_doctor_passes_the_gate(plugged: Path, capsys: Capsys) -> None:
    """Looking at a CRM is calling it: it counts, and stays away when the day is used up."""
    connect(plugged, good="nosy")
    with (plugged / "crm_expenses.toml").open("a") as settings:
        settings.write("\n[crm.good.limits]\ncalls_per_day = 2\n")
    assert said(capsys, "doctor").code == 0
    assert not (plugged / "store.sqlite3").exists()
    with stored():
        pass
    assert said(capsys, "doctor").code == 0
    assert said(capsys, "doctor").code == 0
    third = said(capsys, "doctor")
    assert third.code == 2
    assert "calls_per_day" in third.out
