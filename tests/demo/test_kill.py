"""Killed anywhere and started again, the demo ends as if nobody had disturbed it."""

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from crm_expenses.store import open_store

STORE = "store.sqlite3"
RUNS_MAX = 100

SMALL_DEMO = """
import sys
from dataclasses import replace
from pathlib import Path
from crm_expenses.demo.generation import generate
from crm_expenses.demo.run import run_demo

def small(seed, today):
    whole = generate(seed, today)
    claims = whole.claims[-160:]
    names = {claim.id for claim in claims}
    lines = tuple(line for line in whole.lines if line.claim in names)
    used = {line.voucher for line in lines}
    return replace(
        whole,
        claims=claims,
        lines=lines,
        vouchers=tuple(v for v in whole.vouchers if v.id in used),
        opportunities=whole.opportunities[::8],
        costs=whole.costs[::8],
    )

def progress(stage, done, whole):
    print(stage, flush=True)

print(run_demo(Path(sys.argv[1]), progress=progress, make=small).changes)
"""
"""The demo on the last 160 claims: a line for each step of its progress, then its changes."""


@dataclass(frozen=True)
class Ended:
    """What a finished demo leaves: the store's content, and every other file's bytes."""

    store: str
    files: Mapping[str, bytes]

    @classmethod
    def of(cls, folder: Path) -> "Ended":
        """Read it from a folder."""
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith(STORE)
        }
        with open_store(folder / STORE) as store:
            assert store.integrity() == "ok"
            assert store.log_broken_at() is None
            return cls(store.dump(), files)

    def same_as(self, other: "Ended") -> bool:
        """Compare without printing megabytes when they differ."""
        assert sorted(self.files) == sorted(other.files)
        assert [n for n, held in self.files.items() if held != other.files[n]] == []
        return self.store == other.store


@contextmanager
def running(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Start Python, and see that nothing of it is left at the end."""
    child = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    with child:
        try:
            yield child
        finally:
            child.kill()


def small_demo(folder: Path, *, stage: str = "", steps: int = 1, delay: float = 0) -> list[str]:
    """Run the small demo, killed some time after the n-th step of a stage; give what it told.

    Without a stage it runs to its end.
    """
    seen: list[str] = []
    with running("-c", SMALL_DEMO, str(folder)) as child:
        assert child.stdout is not None
        for row in child.stdout:
            seen.append(row.strip())
            if seen.count(stage) == steps:
                time.sleep(delay)
                child.send_signal(signal.SIGKILL)
                break
        code = child.wait()
    assert code == (-signal.SIGKILL if stage else 0)
    return seen


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, list[str]]:
    """What an undisturbed small demo leaves, and its steps."""
    folder = tmp_path_factory.mktemp("undisturbed") / "demo"
    steps = small_demo(folder)
    return Ended.of(folder), steps


def test_killed_at_three_moments(tmp_path: Path, undisturbed: tuple[Ended, list[str]]) -> None:
    """Killed while it writes the company, decides, and writes back, it ends the same."""
    end, steps = undisturbed
    chance = random.Random(20260630)
    folder = tmp_path / "demo"
    moments = (
        ("generate", 1, chance.uniform(0.3, 1.2)),
        ("decide", chance.randint(1, steps.count("decide") - 1), chance.uniform(0, 0.02)),
        ("push", 1, chance.uniform(0, 0.1)),
    )
    for stage, number, delay in moments:
        small_demo(folder, stage=stage, steps=number, delay=delay)
    again = small_demo(folder)
    # What was decided before the kill was not decided again.
    assert again.count("decide") < steps.count("decide")
    assert Ended.of(folder).same_as(end)
    assert small_demo(folder)[-1] == "0"
    assert Ended.of(folder).same_as(end)


@pytest.mark.slow
def test_killed_at_any_step(tmp_path: Path, undisturbed: tuple[Ended, list[str]]) -> None:
    """Killed ten times over, each time a random number of steps further, it ends the same."""
    end, steps = undisturbed
    chance = random.Random(7)
    folder = tmp_path / "demo"
    for _ in range(10):
        number = chance.randint(1, len(steps) // 12)
        stage = chance.choice(["generate", "decide"])
        small_demo(folder, stage=stage, steps=1 if stage == "generate" else number)
    small_demo(folder)
    assert Ended.of(folder).same_as(end)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_whole_demo_killed_at_ten_moments(tmp_path: Path) -> None:
    """The real command on the whole company, killed ten times at random moments, ends the same."""
    command = ("-m", "crm_expenses", "demo", "--lang", "en")
    quiet = tmp_path / "quiet"
    start = time.monotonic()
    with running(*command, str(quiet)) as child:
        assert child.wait() == 0
    whole = time.monotonic() - start
    end = Ended.of(quiet)
    chance = random.Random(10)
    kills = 0
    folders = (tmp_path / f"killed{n}" for n in itertools.count(1))
    folder = next(folders)
    for _ in range(RUNS_MAX):
        with running(*command, str(folder)) as child:
            try:
                wait = chance.uniform(0.05, whole) if kills < 10 else None
                code = child.wait(wait)
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
                assert child.wait() == -signal.SIGKILL
                kills += 1
                continue
        assert code == 0
        assert Ended.of(folder).same_as(end)
        if kills >= 10:
            break
        folder = next(folders)
    assert kills == 10
