"""Several real `sync` processes on one CRM: one at a time, whatever happens to it."""

import signal
import time
from pathlib import Path

import pytest
from stepping import Company, ended, gone, until

from crm_expenses.store import open_store
from servers import store_server as store_server  # noqa: PLC0414  a fixture
from stores import database as database  # noqa: PLC0414  a fixture
from stores import where


@pytest.fixture
def firm(database: str, company: Path) -> Company:
    """A company with one CRM that holds still where it is told to, on each database."""
    del database
    return Company(company, where(company / "store.sqlite3"), "main")


def dump(firm: Company) -> str:
    """Give all that the company's store holds."""
    with open_store(firm.store) as store:
        return store.dump()


def test_a_second_run_is_told_who_runs(firm: Company) -> None:
    """Beyond the lease's own time, too: 3 and the holder's name; with --wait it runs afterwards."""
    firm.touch("main.hold-pull")
    first = firm.start("sync")
    started = [first]
    try:
        until(lambda: firm.noted("main.pull"), first)
        began = time.monotonic()
        code, out, err = firm.run("sync")
        assert (code, out) == (3, "")
        assert "sync:main is being run by" in err
        assert f":{first.pid} since" in err
        assert "正由" in firm.run("sync", "--lang", "zh")[2]
        waiting = firm.start("sync", "--wait", "60", "--json")
        started.append(waiting)
        time.sleep(max(0.0, began + 6.5 - time.monotonic()))  # the lease lasts 5 without renewal
        assert firm.run("sync")[0] == 3
        assert firm.run("sync", "--wait", "1")[0] == 3
        assert firm.noted("main.written") == []
        firm.remove("main.hold-pull")
        assert ended(first)[0] == 0
        code, out, err = ended(waiting)
        assert (code, err) == (0, "")
        assert '"sent": 0' in out
    finally:
        gone(started)
    assert {line.split()[0] for line in firm.noted("main.written")} == {str(first.pid)}


def test_a_killed_run_is_replaced(firm: Company) -> None:
    """After SIGKILL in the middle of a push another gets it within the lease's time, once each."""
    firm.touch("main.hold-push")
    first = firm.start("sync")
    try:
        until(lambda: firm.noted("main.push"), first)
        first.kill()
        first.wait()
        firm.remove("main.hold-push")
        began = time.monotonic()
        code, _, err = firm.run("sync", "--wait", "30")
        assert (code, err) == (0, "")
        assert time.monotonic() - began < 5 + 5  # its own start and work in it
    finally:
        gone([first])
    written = [line.split()[1:3] for line in firm.noted("main.written")]
    assert len(written) == 6
    assert len({tuple(one) for one in written}) == 6


@pytest.mark.parametrize("step", ["pull", "push"])
def test_a_suspended_run_writes_nothing_more(firm: Company, step: str) -> None:
    """Stopped beyond its time, another took over: once awake it ends with 3, and nothing changed.

    A batch that was on its way already is the one thing that cannot be called back; its rows are
    marked, and its keys are those that the other one sent.
    """
    firm.touch(f"main.hold-{step}")
    first = firm.start("sync")
    try:
        until(lambda: firm.noted(f"main.{step}"), first)
        first.send_signal(signal.SIGSTOP)
        firm.remove(f"main.hold-{step}")
        code, _, err = firm.run("sync", "--wait", "30")
        assert (code, err) == (0, "")
        before, written = dump(firm), firm.noted("main.written")
        assert len(written) == 6
        first.send_signal(signal.SIGCONT)
        code, out, err = ended(first)
        assert (code, out) == (3, "")
        assert "stood still for longer than `lease_seconds`" in err
    finally:
        gone([first])
    assert dump(firm) == before
    late = [line for line in firm.noted("main.written") if line not in written]
    assert {line.split()[3] for line in late} <= {line.split()[3] for line in written}
    if step == "pull":
        assert late == []
    code, out, _ = firm.run("sync", "--json")
    assert code == 0
    assert '"sent": 0' in out


def test_sigterm_ends_a_run_after_its_page(firm: Company) -> None:
    """The page in hand is kept, the lease is free at once, and the next run goes on from there."""
    firm.touch("main.hold-pull")
    first = firm.start("sync")
    try:
        until(lambda: firm.noted("main.pull"), first)
        first.send_signal(signal.SIGTERM)
        firm.remove("main.hold-pull")
        code, out, err = ended(first)
    finally:
        gone([first])
    assert (code, out) == (143, "")
    assert err.startswith("stopped.")
    with open_store(firm.store) as store:
        assert store.leases.held("sync:main") is None
    assert firm.run("sync")[0] == 0
