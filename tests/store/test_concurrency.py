"""Several at once: no claim is decided twice, no budget overdrawn, and a kill breaks nothing."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from racing import decide_all, journey
from sqlalchemy import text
from stored_company import AT, CRM, budget, claim, decide_pending, line, open_at, opened, page, put

from crm_expenses.core.budget import BudgetPosition
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.store import Store
from crm_expenses.store.codec import read_decision
from crm_expenses.store.ledger import entries_of
from crm_expenses.store.log import read_log
from stores import where

CLAIMS = 30
HERE = str(Path(__file__).parent)


def child(verb: str, path: Path) -> "subprocess.Popen[str]":
    """Start another process that works on the same store."""
    return subprocess.Popen(
        [sys.executable, "-m", "racing", verb, str(where(path))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([HERE, *sys.path])},
    )


def full(path: Path, *, hard: int) -> None:
    """Make a store with many claims of three people, and a hard budget that is too small."""
    with open_at(path) as store:
        put(store, budget(hard, hard=True))
        put(store, *(claim(n, person=f"P{n % 3}") for n in range(CLAIMS)))
        put(store, *(line(n, 1_000 + 100 * n) for n in range(CLAIMS)))


def replayed(store: Store) -> BudgetPosition:
    """Sum the entries of the budget in their order; it is never overdrawn on the way."""
    with store.reading() as connection:
        claims = connection.execute(text("select claim from budget_entry order by seq")).scalars()
        whole = [e for name in dict.fromkeys(claims) for e in entries_of(connection, CRM, name)]
        seqs = connection.execute(
            text("select seq, claim, kind, amount from budget_entry order by seq")
        ).all()
    assert len(whole) == len(seqs)
    left = 0
    for row in seqs:
        left += {"allocate": 1, "release": 1, "commit": -1, "spend": 0}[row.kind] * row.amount
        assert left >= 0
    position = BudgetPosition("B", "CNY")
    for entry in whole:
        position = position.after(entry)
    return position


def assert_sound(store: Store) -> None:
    """Check what must be true of every store, whoever worked on it."""
    assert store.integrity() == "ok"
    assert store.log_broken_at() is None
    live = store.live_decisions(CRM, viewer=SYSTEM)
    assert len({decision.claim for decision in live}) == len(live)
    with store.reading() as connection:
        rows = connection.execute(
            text("select claim, sum(amount) as total from carry group by claim")
        )
        carried = {row.claim: row.total for row in rows}
    for decision in live:
        allowed = read_decision(decision.content).allowed.minor
        assert carried.get(decision.claim, allowed) == allowed


def assert_decided_once(store: Store, *, hard: int) -> None:
    """Check that each claim was decided once and the hard budget was never overdrawn."""
    assert_sound(store)
    with store.reading() as connection:
        decided = connection.execute(text("select claim from decision")).scalars().all()
        logged = [entry.subject for entry in read_log(connection) if entry.action == "decide"]
    assert sorted(decided) == sorted(logged) == sorted(f"C-{n}" for n in range(CLAIMS))
    position = replayed(store)
    assert position == store.budget_positions(CRM, viewer=SYSTEM)["B"]
    assert 0 <= position.available < hard
    months = 'select "window", sum(amount) as used from carry group by "window"'
    with store.reading() as connection:
        for row in connection.execute(text(months)):
            assert row.used <= 30_000


@pytest.mark.parametrize("hard", [9_000, 60_000])
def test_two_processes_decide_each_claim_once(database: str, tmp_path: Path, hard: int) -> None:
    """Two processes that decide the same claims share them, and end as one alone would."""
    path, alone = tmp_path / "store.sqlite3", tmp_path / "alone.sqlite3"
    full(path, hard=hard)
    full(alone, hard=hard)
    assert decide_all(where(alone)) == CLAIMS
    workers = [child("decide", path) for _ in range(2)]
    try:
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        counts = [int(worker.communicate(timeout=60)[0]) for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    assert sum(counts) == CLAIMS
    with open_at(path) as store, open_at(alone) as by_one:
        assert_decided_once(store, hard=hard)
        assert store.dump() == by_one.dump()


def test_threads_decide_each_claim_once(database: str, tmp_path: Path) -> None:
    """Threads that each open the store share the claims likewise."""
    path = tmp_path / "store.sqlite3"
    full(path, hard=9_000)
    start = threading.Barrier(3)

    def work(_: int) -> int:
        start.wait(10)
        return decide_all(where(path))

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(work, range(3))) == CLAIMS
    with open_at(path) as store:
        assert_decided_once(store, hard=9_000)


def test_claims_that_change_while_they_are_decided(database: str, tmp_path: Path) -> None:
    """While lines change under two deciders, the budget holds and the last change is decided."""
    path = tmp_path / "store.sqlite3"
    full(path, hard=12_000)
    finished = threading.Event()

    def change() -> int:
        with open_at(path) as store:
            for turn in range(1, 13):
                lines = [line(n, 900 + 37 * turn + 100 * n) for n in range(turn % 3, CLAIMS, 5)]
                store.append(CRM, page(Kind.LINE, lines), AT + timedelta(seconds=turn))
        finished.set()
        return 0

    def work() -> int:
        done = 0
        while not finished.is_set():
            done += decide_all(where(path))
        return done

    with ThreadPoolExecutor(3) as pool:
        jobs: list[Callable[[], int]] = [change, work, work]
        done = sum(future.result(60) for future in [pool.submit(job) for job in jobs])
    done += decide_all(where(path))
    with open_at(path) as store:
        assert store.pending(CRM) == ()
        assert_sound(store)
        position = replayed(store)
        assert position == store.budget_positions(CRM, viewer=SYSTEM)["B"]
        lines = {
            made.id: made.amount.minor for made in store.records(CRM, Kind.LINE, viewer=SYSTEM)
        }
        for live in store.live_decisions(CRM, viewer=SYSTEM):
            [decided] = read_decision(live.content).lines
            assert decided.claimed is not None
            assert decided.claimed.minor == lines[decided.line]
        with store.reading() as connection:
            made = connection.execute(text("select count(*) from decision")).scalar()
    assert made == done >= CLAIMS


def test_opening_a_new_store_at_once(database: str, tmp_path: Path) -> None:
    """Several that open a store that is not there yet get one store, made once."""
    path = tmp_path / "store.sqlite3"
    start = threading.Barrier(6)

    def work(number: int) -> str:
        start.wait(10)
        with open_at(path) as store:
            put(store, claim(number))
            return store.integrity()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(work, range(6))) == ["ok"] * 6
    with open_at(path) as store:
        assert len(store.pending(CRM)) == 6
        assert store.log_broken_at() is None


# A round has nine words: before each of these a page, a decision, an answer, a page is begun.
@pytest.mark.parametrize(("words", "then"), [(19, 0), (22, 0.003), (33, 0.01), (45, 0.03)])
def test_a_kill_breaks_nothing(database: str, tmp_path: Path, words: int, then: float) -> None:
    """A process killed while it writes leaves a whole store, and going on ends as if it had not."""
    path = tmp_path / "store.sqlite3"
    with child("journey", path) as writer:
        assert writer.stdout is not None
        for _ in range(words):
            assert writer.stdout.readline()
        time.sleep(then)
        writer.kill()
    with opened(tmp_path) as store:
        assert_sound(store)
        reached = {kind: int(store.cursor(CRM, kind) or 0) for kind in (Kind.CLAIM, Kind.LINE)}
        assert reached[Kind.LINE] <= reached[Kind.CLAIM] <= reached[Kind.LINE] + 1
        for kind, rounds in reached.items():
            assert len(list(store.records(CRM, kind, viewer=SYSTEM))) == 3 * rounds
        decided = {live.claim for live in store.live_decisions(CRM, viewer=SYSTEM)}
        known = {made.id for made in store.records(CRM, Kind.CLAIM, viewer=SYSTEM)}
        assert decided | set(store.pending(CRM)) == known
        journey(store, reached[Kind.CLAIM] + 2)
        killed = store.dump()
    with open_at(tmp_path / "undisturbed.sqlite3") as store:
        journey(store, reached[Kind.CLAIM] + 2)
        assert store.dump() == killed
        assert decide_pending(store) == []
