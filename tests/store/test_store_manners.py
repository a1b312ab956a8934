"""The shared ledger in a real store: the same turns as in memory, also from several processes."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.adapters.exchange import Clock
from crm_expenses.adapters.manners import CrmGate, Days, OwnLedger, cost_so_far, days_in
from crm_expenses.core.pace import SECOND, Asked, Rate
from crm_expenses.crmsettings import ROLLING, LimitsPart
from crm_expenses.errors import AllowanceError
from crm_expenses.store import StoreLedger, open_store
from crm_expenses.store import tables as t
from stores import where

pytestmark = pytest.mark.usefixtures("database")

NOW = 1_780_000_000 * SECOND
UTC_DAYS = days_in(ZoneInfo("UTC"))

PROGRAM = """
import os, sys, time
from decimal import Decimal
from crm_expenses.adapters.exchange import Clock
from crm_expenses.adapters.manners import CrmGate
from crm_expenses.crmsettings import ROLLING, LimitsPart
from crm_expenses.errors import AllowanceError, RetryableError
from crm_expenses.store import StoreLedger

where, rate, calls_per_day, reserve, calls, closes_at = sys.argv[1:]
limits = LimitsPart(
    calls_per_second=Decimal(rate), calls_per_day=int(calls_per_day), reserve=int(reserve)
)
looked = [0.0]

def wall():
    looked[0] = time.time()
    return looked[0]

gate = CrmGate("main", limits, StoreLedger(where), clock=Clock(wall=wall))
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(calls)):
    try:
        gate.enter()
    except AllowanceError:
        print("refused", flush=True)
        continue
    print("call", repr(looked[0]), flush=True)
    if number == int(closes_at):
        gate.closed(2)
        print("closed", repr(time.time()), flush=True)
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[StoreLedger]:
    """A ledger in a store that was not there before."""
    made = StoreLedger(where(tmp_path / "store.sqlite3"))
    yield made
    made.close()


def started(place: Path | str, *words: object) -> "subprocess.Popen[str]":
    """Start a process that calls as soon as it is told."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(place), *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def together(place: Path | str, *programs: tuple[object, ...]) -> list[list[tuple[str, float]]]:
    """Let several processes call at the same time; give what each said."""
    with open_store(place):
        pass
    running = [started(place, *words) for words in programs]
    try:
        for one in running:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        said = []
        for one in running:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        for one in running:
            out, _ = one.communicate(timeout=120)
            assert one.returncode == 0
            rows = [line.split() for line in out.splitlines()]
            said.append([(row[0], float(row[1]) if len(row) > 1 else 0.0) for row in rows])
        return said
    finally:
        for one in running:
            one.kill()
            one.wait()


@settings(max_examples=10)
@given(
    st.sampled_from(["0", "0.5", "10"]),
    st.sampled_from([None, 3]),
    st.lists(st.tuples(st.integers(0, 20 * SECOND), st.sampled_from([0, 0, 30])), max_size=8),
)
def test_store_and_memory_give_the_same_turns(
    tmp_path_factory: pytest.TempPathFactory,
    rate: str,
    calls_max: int | None,
    steps: list[tuple[int, int]],
) -> None:
    """What is read back from the tables is exactly what was put there."""
    stored = StoreLedger(where(tmp_path_factory.mktemp("store") / "store.sqlite3"))
    memory, now = OwnLedger(), NOW
    for step, closes in steps:
        now += step
        asked = Asked(now, 300 * SECOND, Rate.of(Decimal(rate)), UTC_DAYS, calls_max)
        assert stored.take("main", asked) == memory.take("main", asked)
        if closes:
            stored.close_to("main", now, closes)
            memory.close_to("main", now, closes)
        assert stored.closed_until("main") == memory.closed_until("main")
        assert stored.calls("main", UTC_DAYS(now)[0]) == memory.calls("main", UTC_DAYS(now)[0])
    stored.close()


@settings(max_examples=10)
@given(
    st.integers(1, 12),
    st.lists(st.tuples(st.integers(0, 40_000 * SECOND), st.integers(0, 5)), max_size=10),
)
def test_store_and_memory_give_the_same_hours(
    tmp_path_factory: pytest.TempPathFactory, allowed: int, steps: list[tuple[int, int]]
) -> None:
    """Where any 24 hours are bounded, too, the store gives the turns that memory gives."""
    stored = StoreLedger(where(tmp_path_factory.mktemp("store") / "store.sqlite3"))
    memory, now, days = OwnLedger(), NOW, Days(ROLLING)
    limits = LimitsPart(calls_per_day=allowed, day_zone=ROLLING)
    for step, cost in steps:
        now += step
        asked = Asked(now, 0, Rate(), days.at, allowed, cost=cost, window=days.window)
        assert stored.take("main", asked) == memory.take("main", asked)
        at = datetime.fromtimestamp(now / SECOND, UTC)
        spent = cost_so_far(stored, "main", limits, at)
        assert spent == cost_so_far(memory, "main", limits, at) <= allowed
    stored.close()


def test_hours_long_past_are_forgotten(tmp_path: Path, ledger: StoreLedger) -> None:
    """The table does not grow for ever where hours are kept."""
    days = Days(ROLLING)
    for day in range(0, 200, 40):
        now = NOW + day * 86_400 * SECOND
        ledger.take("main", Asked(now, 0, Rate(), days.at, 5, window=days.window))
    with open_store(where(tmp_path / "store.sqlite3")) as store, store.reading() as connection:
        assert len(connection.execute(t.allowance.select()).all()) == 2


def test_processes_share_what_calls_cost(tmp_path: Path) -> None:
    """What one process spent is gone for the next one, by what each call cost."""
    limits = LimitsPart(calls_per_day=12, reserve=2, day_zone=ROLLING)
    noon = float(NOW // SECOND)
    clock = Clock(lambda: noon, lambda: noon)
    spent, codes = list[int](), list[str]()
    for cost in (4, 3, 5, 3):
        ledger = StoreLedger(where(tmp_path / "store.sqlite3"))
        gate = CrmGate("main", limits, ledger, clock=clock)
        try:
            gate.enter(cost)
            spent.append(cost)
        except AllowanceError as error:
            codes.append(error.code)
        left = gate.allowance_left()
        ledger.close()
        assert left == 10 - sum(spent)
    assert (spent, codes) == ([4, 3, 3], ["manners.rolling"])


def test_threads_share_a_ledger(ledger: StoreLedger) -> None:
    """Eight threads at one gate spend exactly what is ours, and none of the reserve."""
    limits = LimitsPart(calls_per_day=50, reserve=2, day_zone=ROLLING)
    gate = CrmGate("main", limits, ledger)
    refused: list[str] = []

    def program() -> None:
        for _ in range(4):
            try:
                gate.enter(2)
            except AllowanceError as error:
                refused.append(error.code)

    threads = [threading.Thread(target=program) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (gate.count.calls, refused) == (24, ["manners.rolling"] * 8)
    assert gate.allowance_left() == 0


def test_without_limits_nothing_is_written(tmp_path: Path, ledger: StoreLedger) -> None:
    """A CRM without limits costs a look at each call, and no row."""
    gate = CrmGate("main", LimitsPart(), ledger)
    gate.enter()
    gate.enter()
    with open_store(where(tmp_path / "store.sqlite3")) as store, store.reading() as connection:
        assert not connection.execute(t.pace.select()).all()
        assert not connection.execute(t.allowance.select()).all()


def test_each_crm_has_its_own(ledger: StoreLedger) -> None:
    """What one CRM asked for keeps nobody away from another."""
    now = int(time.time() * SECOND)
    ledger.close_to("other", now, 1000)
    limits = LimitsPart(calls_per_day=5)
    gate = CrmGate("main", limits, ledger)
    gate.enter()
    assert gate.count.waited < 1
    day = UTC_DAYS(now)[0]
    assert (ledger.calls("main", day), ledger.calls("other", day)) == (1, 0)


def test_days_long_past_are_forgotten(tmp_path: Path, ledger: StoreLedger) -> None:
    """The table of days does not grow for ever."""
    for day in range(0, 200, 40):
        now = NOW + day * 86_400 * SECOND
        ledger.take("main", Asked(now, 0, Rate(), UTC_DAYS, 5))
    with open_store(where(tmp_path / "store.sqlite3")) as store, store.reading() as connection:
        assert len(connection.execute(t.allowance.select()).all()) == 2


def test_a_run_goes_on_with_what_another_one_left(tmp_path: Path) -> None:
    """The calls of the day are counted over processes that come one after the other."""
    limits = LimitsPart(calls_per_day=4, reserve=1)
    noon = float(NOW // SECOND // 86_400 * 86_400 + 43_200)
    clock = Clock(lambda: noon, lambda: noon)
    made = 0
    for _ in range(3):
        ledger = StoreLedger(where(tmp_path / "store.sqlite3"))
        gate = CrmGate("main", limits, ledger, clock=clock)
        try:
            for _ in range(2):
                gate.enter()
                made += 1
        except AllowanceError:
            assert made == 3
        ledger.close()
    assert made == 3


def test_several_processes_keep_rate_and_reserve(tmp_path: Path) -> None:
    """Three processes at twenty calls a second: never more in a second, and none of the reserve."""
    place = where(tmp_path / "store.sqlite3")
    said = together(place, *[(20, 50, 5, 20, -1)] * 3)
    calls = sorted(at for rows in said for word, at in rows if word == "call")
    assert len(calls) == 45
    assert sum(word == "refused" for rows in said for word, _ in rows) == 15
    assert all(b - a >= 1 - 2e-6 for a, b in zip(calls, calls[20:], strict=False))


def test_retry_after_that_one_process_hears_keeps_the_others_away(tmp_path: Path) -> None:
    """From the moment at which it is written down, no process calls for two seconds."""
    place = where(tmp_path / "store.sqlite3")
    said = together(place, (10, 0, 0, 12, 3), (10, 0, 0, 12, -1))
    closed = next(at for word, at in said[0] if word == "closed")
    calls = [at for rows in said for word, at in rows if word == "call"]
    assert len(calls) == 24
    assert any(at < closed for at in calls)
    assert not [at for at in calls if closed < at < closed + 1.9]
