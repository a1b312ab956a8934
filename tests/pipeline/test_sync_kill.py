"""A real sync over real HTTP, killed with SIGKILL at any moment, ends as if nobody had done it.

The slow sweep, with its figures: `pytest -n 0 -s -m slow tests/pipeline/test_sync_kill.py`.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from tiny_bench import TOKEN, save
from tiny_company import AT, AWAY, TinyCompany, install, many

from crm_expenses.core.record import Record
from crm_expenses.testing.tinycrm import TinyCrm
from crm_expenses.testing.tinyserver import TinyServer

FEW = 36
MORE = 120
ROUNDS_MAX = 200
TURNS_MAX = 60


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the example's wheel is installed."""
    return install(tmp_path_factory.mktemp("outside"))


class Killer:
    """Kills a process when the server hears its n-th call of a kind, before that is answered.

    The call goes on and has its effect: what is lost is the reply, and what would have come of it.
    """

    def __init__(self) -> None:
        self.child: subprocess.Popen[str] | None = None
        self.kind = ""
        self.left = 0
        self.struck: Counter[str] = Counter()

    def aim(self, child: "subprocess.Popen[str]", kind: str, number: int) -> None:
        """Wait for the n-th call that begins so."""
        self.kind, self.left, self.child = kind, number, child

    def heard(self, call: str, _calls: int) -> None:
        """Count, and kill."""
        if self.child is None or not call.startswith(self.kind):
            return
        self.left -= 1
        if self.left == 0:
            child, self.child = self.child, None
            with suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)
            self.struck["writing" if call.startswith("POST") else "reading"] += 1


@dataclass(frozen=True)
class Ended:
    """What stands on both sides in the end, and what it took."""

    store: str
    crm: str
    effects: tuple[tuple[str, str, str, str], ...]
    calls: int
    seconds: float


@contextmanager
def running(
    folder: Path, site: Path, records: Sequence[Record], killer: Killer
) -> Iterator[TinyCompany]:
    """Give a company with its server."""
    crm = TinyCrm(folder / "tiny.sqlite3")
    for record in records:
        save(crm, record)
    with TinyServer(crm, token=TOKEN, heard=killer.heard) as server:
        yield TinyCompany(folder / "company", server, site)
    crm.close()


def ended(company: TinyCompany, began: float) -> Ended:
    """Let the company come to rest, and give what there is."""
    company.settle()
    store, crm = company.content()
    calls = company.server.calls
    return Ended(store, crm, tuple(company.server.crm.effects()), calls, time.monotonic() - began)


def undisturbed(folder: Path, site: Path, records: Sequence[Record]) -> Ended:
    """Give what there is when nobody kills anything."""
    folder.mkdir()
    began = time.monotonic()
    with running(folder, site, records, Killer()) as company:
        return ended(company, began)


def killed_once(company: TinyCompany, killer: Killer, chance: random.Random, quiet: Ended) -> bool:
    """Start a sync and kill it, at a call or after a time; say whether it still lived then.

    A run that ends because the one that was killed before still holds its turn is none: it is
    started again until that one's time is over.
    """
    how = chance.choice(["any", "any", "batch", "batch", "time"])
    most = quiet.calls // 3 if how == "any" else 3
    number, wait = chance.randint(1, most), chance.uniform(0.3, quiet.seconds / 3)
    for _ in range(TURNS_MAX):
        with company.start("sync", "--at", AT) as child:
            if how != "time":
                killer.aim(child, "" if how == "any" else "POST /api/batch", number)
            try:
                child.wait(wait if how == "time" else None)
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
                killer.struck["after a time"] += 1
            child.communicate()
        killer.child = None
        if child.returncode != AWAY:
            return child.returncode == -signal.SIGKILL
        time.sleep(0.5)
    raise AssertionError("the turn of a killed run never ends")


def swept(
    base: Path, site: Path, records: Sequence[Record], kills: int, say: Callable[[str], None]
) -> None:
    """Kill so often, in as many rounds as it takes; each round ends as the undisturbed run."""
    quiet = undisturbed(base / "quiet", site, records)
    chance = random.Random(f"kill {kills}")
    done = doubled = 0
    extra: list[float] = []
    struck: Counter[str] = Counter()
    for number in range(ROUNDS_MAX):
        folder = base / f"round{number}"
        folder.mkdir()
        killer, began = Killer(), time.monotonic()
        with running(folder, site, records, killer) as company:
            here = 0
            while done + here < kills and killed_once(company, killer, chance, quiet):
                here += 1
            end = ended(company, began)
        same(end, quiet)
        doubled += len(end.effects) - len(set(end.effects))
        done += here
        struck += killer.struck
        if here:
            extra.append((end.calls - quiet.calls) / here)
        if done >= kills:
            break
    assert done == kills
    mean = sum(extra) / len(extra)
    say(
        f"{kills} kills in {len(extra)} rounds ({shown(struck)}): {quiet.calls} calls undisturbed, "
        f"{mean:.1f} more for each kill (most {max(extra):.1f}); writes doubled: {doubled}"
    )


def shown(struck: Counter[str]) -> str:
    """Say at what the kills struck."""
    return ", ".join(f"{count} {what}" for what, count in sorted(struck.items()))


def same(end: Ended, quiet: Ended) -> None:
    """See that both sides stand as undisturbed, and that no write acted twice."""
    assert end.crm == quiet.crm
    assert sorted(end.effects) == sorted(quiet.effects)
    assert len(set(end.effects)) == len(end.effects)
    assert end.store == quiet.store


@pytest.mark.timeout(600)
def test_killed_six_times(tmp_path: Path, site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Killed six times at random calls and times, a sync ends as undisturbed, nothing doubled."""
    said: list[str] = []
    swept(tmp_path, site, many(FEW), 6, said.append)
    with capsys.disabled():
        sys.stdout.write(f"\n{said[0]}\n")
    assert "doubled: 0" in said[0]


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_killed_a_hundred_times(
    tmp_path: Path, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed a hundred times at random moments, each round ends as undisturbed."""
    said: list[str] = []
    swept(tmp_path, site, many(MORE), 100, said.append)
    with capsys.disabled():
        sys.stdout.write(f"\n{said[0]}\n")
    assert "doubled: 0" in said[0]
