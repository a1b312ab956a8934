"""Workers: real processes on a real PostgreSQL share the runs of several CRMs."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import SETTINGS, said
from stepping import Company, ended, gone, until

from crm_expenses.settings import load_settings
from crm_expenses.store import has_store, open_store
from crm_expenses.worker import Desk, defer, queue_app
from servers import Server, postgres_server

Capsys = pytest.CaptureFixture[str]
CRMS = ("east", "west")


@pytest.fixture(scope="module")
def queue_server() -> Iterator[Server]:
    """A PostgreSQL that has room for several workers with their pools."""
    with postgres_server("max_connections=40") as server:
        yield server


@pytest.fixture
def firm(queue_server: Server, company: Path) -> Iterator[Company]:
    """A company with two CRMs whose queue is set up; its schemas are dropped afterwards."""
    made = Company(company, queue_server.url(options="?schema=the books"), *CRMS)
    code, out, err = made.run("worker", "setup", at="")
    assert (code, err) == (0, "")
    assert "schema the books_worker" in out
    yield made
    for schema in ("the books", "the books_worker"):
        queue_server.run(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')


def started(firm: Company, *words: str) -> "subprocess.Popen[str]":
    """Start a worker that gives up on others after 3 seconds."""
    return firm.start("worker", "run", "--dead-after", "3", "--json", *words, at="")


def jobs(server: Server) -> list[tuple[object, ...]]:
    """Give the jobs that are left, by number: state and lock."""
    asked = 'SELECT status::text, lock FROM "the books_worker".procrastinate_jobs ORDER BY id'
    return [tuple(row) for row in server.run(asked)]


def pids(firm: Company, name: str) -> set[str]:
    """Give the processes that left a note."""
    return {line.split()[0] for line in firm.noted(name)}


def test_setting_up_again_does_nothing(firm: Company, queue_server: Server) -> None:
    """The tables of the queue stand in a schema of their own, and the store is undisturbed."""
    before = queue_server.run("SELECT count(*) FROM pg_class")
    code, out, _ = firm.run("worker", "setup", at="")
    assert (code, "there already" in out) == (0, True)
    assert queue_server.run("SELECT count(*) FROM pg_class") == before
    asked = "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename LIKE 'procrastinate%'"
    assert queue_server.run(asked) == [["the books_worker"]]
    assert has_store(firm.store)


def test_two_workers_share_the_work(firm: Company, queue_server: Server) -> None:
    """Each takes one of two CRMs at the same time; a second run of a CRM waits for the first."""
    for name in CRMS:
        firm.touch(f"{name}.hold-pull")
    assert firm.run("worker", "defer", at="")[1].count("is in the queue") == 2
    assert (
        firm.run("worker", "defer", "east", at="")[1] == "east: a run waits in the queue already\n"
    )
    workers = [started(firm), started(firm)]
    try:
        until(lambda: firm.noted("east.pull") and firm.noted("west.pull"), *workers)
        assert pids(firm, "east.pull") != pids(firm, "west.pull")
        assert firm.run("worker", "defer", "east", at="")[1] == "east: a run is in the queue\n"
        until(lambda: ("todo", "sync:east") in jobs(queue_server), *workers)
        for name in CRMS:
            firm.remove(f"{name}.hold-pull")
        until(lambda: jobs(queue_server) == [], *workers)
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        told = [ended(worker) for worker in workers]
    finally:
        gone(workers)
    assert [code for code, _, _ in told] == [0, 0]
    runs = [json.loads(line) for _, out, _ in told for line in out.splitlines()]
    assert sorted((run["crm"], run["pushed"]["sent"]) for run in runs) == [
        *(("east", 0), ("east", 7), ("west", 7)),
    ]
    for name in CRMS:
        assert len({line.split()[3] for line in firm.noted(f"{name}.written")}) == 7
        assert len(firm.noted(f"{name}.written")) == 7


def test_a_killed_workers_job_is_done_by_another(firm: Company, queue_server: Server) -> None:
    """After SIGKILL in the middle of a run, another worker finishes it, each write once."""
    firm.touch("east.hold-push")
    assert firm.run("worker", "defer", "east", at="")[0] == 0
    first = started(firm)
    workers = [first]
    try:
        until(lambda: firm.noted("east.push"), first)
        second = started(firm)
        workers.append(second)
        first.kill()
        first.wait()
        firm.remove("east.hold-push")
        until(lambda: jobs(queue_server) == [], second)
        second.send_signal(signal.SIGTERM)
        code, out, _ = ended(second)
    finally:
        gone(workers)
    assert code == 0
    last = json.loads(out.splitlines()[-1])
    assert last["pushed"]["sent"] == 7
    assert pids(firm, "east.written") == {str(second.pid)}
    assert len(firm.noted("east.written")) == 7


def test_a_job_that_failed_leaves_its_place_to_one_that_waits(
    firm: Company, queue_server: Server
) -> None:
    """Put off while another run of the CRM waits already, it does not block the CRM for good."""
    firm.touch("east.hold-pull")
    assert firm.run("worker", "defer", "east", at="")[0] == 0
    worker = started(firm)
    try:
        until(lambda: firm.noted("east.pull"), worker)
        assert firm.run("worker", "defer", "east", at="")[1] == "east: a run is in the queue\n"
        firm.touch("east.away")
        firm.remove("east.hold-pull")
        until(lambda: len(firm.noted("east.pull")) >= 2, worker)
        firm.remove("east.away")
        until(lambda: firm.noted("east.written") and jobs(queue_server) == [], worker)
        worker.send_signal(signal.SIGTERM)
        assert ended(worker)[0] == 0
    finally:
        gone([worker])


def test_sigterm_puts_the_job_back(firm: Company, queue_server: Server) -> None:
    """The page in hand is kept, the worker ends with 0, and its job waits for another."""
    firm.touch("east.hold-pull")
    assert firm.run("worker", "defer", "east", at="")[0] == 0
    worker = started(firm)
    try:
        until(lambda: firm.noted("east.pull"), worker)
        worker.send_signal(signal.SIGTERM)
        firm.remove("east.hold-pull")
        code, out, err = ended(worker)
    finally:
        gone([worker])
    assert (code, out) == (0, "")
    assert "ended by a signal" in err
    assert jobs(queue_server) == [("todo", "sync:east")]
    with open_store(firm.store) as store:
        assert store.leases.held("sync:east") is None


def test_a_crm_that_is_away_is_tried_again(firm: Company, queue_server: Server) -> None:
    """After the time that the CRM named its job runs again; a word from a CRM makes it run at once.

    The other CRM is not kept waiting.
    """
    firm.touch("east.away")
    with open_store(firm.store) as store:
        from datetime import UTC, datetime

        store.mark_due("west", datetime(2026, 3, 31, tzinfo=UTC))
    assert firm.run("worker", "defer", "east", at="")[0] == 0
    worker = started(firm)
    try:
        until(lambda: len(firm.noted("east.pull")) >= 2 and firm.noted("west.written"), worker)
        firm.remove("east.away")
        until(lambda: firm.noted("east.written") and jobs(queue_server) == [], worker)
        worker.send_signal(signal.SIGTERM)
        code, out, err = ended(worker)
    finally:
        gone([worker])
    assert code == 0
    told = [json.loads(line) for line in out.splitlines()]
    assert {"crm.unavailable"} == {one["error"] for one in told if "error" in one}
    assert "east: " in err
    assert "Traceback" not in err
    with open_store(firm.store) as store:
        assert store.due() == {}


def test_the_schedule_has_each_crm(firm: Company) -> None:
    """Each CRM has its own place in the schedule, with the locks that a deferred run has."""
    path = firm.folder / "crm_expenses.toml"
    with path.open("a", encoding="utf-8") as settings:
        settings.write("\n[worker]\nevery_minutes = 15\n")
    loaded = load_settings(path)
    app = queue_app(loaded, Desk(loaded, None, print))  # type: ignore[arg-type]
    planned = app.periodic_registry.periodic_tasks.values()
    assert sorted((one.periodic_id, one.cron) for one in planned) == [
        ("east", "*/15 * * * *"),
        ("west", "*/15 * * * *"),
    ]
    assert {one.configure_kwargs["lock"] for one in planned} == {"sync:east", "sync:west"}
    assert defer(loaded, ["east"]) == {"east": True}
    assert defer(loaded, ["east", "west"]) == {"east": False, "west": True}


def test_only_on_a_server(company: Path, capsys: Capsys) -> None:
    """With a store in a file there is nothing to share: 2, with what to do instead."""
    for command in ("run", "setup", "defer"):
        ran = said(capsys, "worker", command)
        assert (ran.code, ran.out) == (2, "")
        assert "workers share a store on PostgreSQL, but the store is the file" in ran.err
    assert "sync --watch" in said(capsys, "worker", "run", "--lang", "zh").err
    assert not (company / "store.sqlite3").exists()


def test_what_is_wrong_is_told(queue_server: Server, company: Path, capsys: Capsys) -> None:
    """No queue yet, a schedule that is none, two of them, a server that is away: all are told."""
    url = queue_server.url(options="?schema=other")
    text = SETTINGS.replace('file = "store.sqlite3"', f'url = "{url}"')
    path = company / "crm_expenses.toml"
    path.write_text(text, "utf-8")
    assert said(capsys, "worker", "run").err.endswith("Run `crm-expenses worker setup` once\n")
    assert said(capsys, "worker", "setup").code == 0
    for wrong, words in {
        'cron = "often"': "[worker] cron is often, but five fields",
        'cron = "* * * * *"\nevery_minutes = 5': "only one of them can be the schedule",
        "every_minutes = 7": "every_minutes",
    }.items():
        path.write_text(f"{text}\n[worker]\n{wrong}\n", "utf-8")
        ran = said(capsys, "worker", "run")
        assert ran.code == 2
        assert words in ran.err
    path.write_text(text.replace(f":{queue_server.port}/", ":1/"), "utf-8")
    ran = said(capsys, "worker", "defer")
    assert ran.code == 3
    assert "s3cret" not in ran.err
    queue_server.run("DROP SCHEMA other CASCADE; DROP SCHEMA other_worker CASCADE")
    long = "x" * 57
    path.write_text(text.replace("schema=other", f"schema={long}"), "utf-8")
    ran = said(capsys, "worker", "setup")
    assert (ran.code, "more than 56 bytes" in ran.err) == (2, True)
