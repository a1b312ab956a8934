"""`sync --watch` as a real process: turns, words from a CRM, failures, and a clean end."""

import json
import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from stepping import Company, ended, gone, until

from crm_expenses.store import open_store
from servers import store_server as store_server  # noqa: PLC0414  a fixture
from stores import database as database  # noqa: PLC0414  a fixture
from stores import where

NOW = datetime(2026, 3, 31, tzinfo=UTC)


@pytest.fixture
def firm(database: str, company: Path) -> Company:
    """A company with two CRMs, on each database."""
    del database
    return Company(company, where(company / "store.sqlite3"), "east", "west")


class Heard:
    """What a watching process has said so far."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process, self.lines = process, list[str]()
        self._ear = Thread(target=self._listen, daemon=True)
        self._ear.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)

    def told(self, crm: str) -> list[dict[str, object]]:
        """Give the lines of one CRM."""
        return [one for one in map(json.loads, self.lines) if one["crm"] == crm]


def test_it_runs_until_it_is_ended(firm: Company) -> None:
    """An object a line as soon as a run has ended; a word makes the next one at once; 0 at last."""
    running = firm.start("sync", "--watch", "3600", "--json", at="")
    heard = Heard(running)
    try:
        until(lambda: len(heard.lines) == 2, running)
        assert {line["pushed"]["sent"] for crm in ("east", "west") for line in heard.told(crm)} == {
            7
        }  # type: ignore[index]
        began = time.monotonic()
        with open_store(firm.store) as store:
            store.mark_due("west", NOW)
        until(lambda: len(heard.lines) == 3, running)
        assert time.monotonic() - began < 30
        assert heard.told("west")[1]["due"] is True
        assert heard.told("west")[1]["changes"] == 0
        with open_store(firm.store) as store:
            assert store.due() == {}
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 0
    finally:
        gone([running])


def test_one_that_fails_does_not_end_it(firm: Company) -> None:
    """A CRM that is away, and an adapter with a fault, fail their turns and are tried again."""
    firm.touch("east.away")
    firm.touch("west.broken")
    running = firm.start("sync", "--watch", "1", "--json", at="")
    heard = Heard(running)
    try:
        until(lambda: len(heard.told("east")) > 1 and len(heard.told("west")) > 1, running)
        assert {line["error"] for line in heard.told("east")} == {"crm.unavailable"}
        assert {line["error"] for line in heard.told("west")} == {"command.fault"}
        firm.remove("east.away")
        firm.remove("west.broken")
        until(lambda: firm.noted("east.written") and firm.noted("west.written"), running)
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0
    finally:
        gone([running])


def test_it_finishes_the_page_in_hand(firm: Company) -> None:
    """SIGTERM in the middle of a run: the page is kept, the lease is free, the exit code is 0."""
    firm.touch("east.hold-pull")
    running = firm.start("sync", "--watch", "5", at="")
    try:
        until(lambda: firm.noted("east.pull"), running)
        running.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert running.poll() is None
        firm.remove("east.hold-pull")
        code, out, err = ended(running)
    finally:
        gone([running])
    assert (code, out, err) == (0, "", "ended by a signal. What was in hand is finished\n")
    assert firm.noted("west.pull") == []
    with open_store(firm.store) as store:
        assert store.leases.held("sync:east") is None
    assert firm.run("sync")[0] == 0
