"""Starting, killing and waiting for the workers of a load."""

import os
import random
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Final

from load import PER_ROUND, number_of

from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.store import Store

HERE: Final = Path(__file__).parent
WAIT_SECONDS: Final = 120
SPARE: Final = 2
"""How many stand ready to take the place of one that was killed."""


@dataclass
class Worker:
    """A process that works on a store, and what it has said so far."""

    process: "subprocess.Popen[str]"
    slot: int = -1
    said: list[str] = field(default_factory=list)
    ear: Thread | None = None

    def go(self, slot: int, turn: int) -> None:
        """Let it begin, and listen to it."""
        self.slot = slot
        assert self.process.stdin is not None
        self.process.stdin.write(f"{slot} {turn}\n")
        self.process.stdin.flush()
        self.ear = Thread(target=self._listen)
        self.ear.start()

    def _listen(self) -> None:
        """Take what it says until it ends."""
        assert self.process.stdout is not None
        for row in self.process.stdout:
            if row.endswith("\n"):  # a word that was cut off says nothing
                self.said.append(row.strip())

    def rounds(self, word: str) -> list[int]:
        """Give the rounds of which it said something."""
        told = [row.split() for row in self.said]
        return [int(row[1]) for row in told if row[0] == word]


def start(where: Path | str, *options: str) -> Worker:
    """Start a worker; it waits until it is told to begin."""
    path = os.pathsep.join([str(HERE), str(HERE.parent), *sys.path])
    process = subprocess.Popen(
        [sys.executable, "-m", "load", str(where), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    return Worker(process)


def wait_for(workers: Sequence[Worker]) -> None:
    """Wait until all are ready."""
    for worker in workers:
        assert worker.process.stdout is not None
        assert worker.process.stdout.readline() == "ready\n"


def run(
    where: Path | str, processes: int, *options: str, seconds: float = 0, first: int = 0
) -> float:
    """Let so many work until they are done, in slots from the first; give the seconds it took."""
    workers = [start(where, *options) for _ in range(processes)]
    try:
        wait_for(workers)
        begun = monotonic()
        for slot, worker in enumerate(workers, start=first):
            worker.go(slot, 0)
        for worker in workers:
            assert worker.process.wait(seconds + WAIT_SECONDS) == 0
        return monotonic() - begun
    finally:
        end(workers)


def end(workers: Sequence[Worker]) -> None:
    """End what is left of them."""
    for worker in workers:
        worker.process.kill()
        worker.process.wait()
        if worker.ear is not None:
            worker.ear.join(WAIT_SECONDS)
        for pipe in (worker.process.stdin, worker.process.stdout):
            assert pipe is not None
            pipe.close()


@dataclass
class Said:
    """What all workers said was done, by slot: it may not be lost."""

    claims: set[tuple[int, int]] = field(default_factory=set)
    lines: set[tuple[int, int]] = field(default_factory=set)
    decided: int = 0

    def take(self, worker: Worker) -> None:
        """Add what a worker said."""
        self.claims |= {(worker.slot, turn) for turn in worker.rounds("claims")}
        self.lines |= {(worker.slot, turn) for turn in worker.rounds("lines")}
        self.decided += sum(worker.rounds("decided"))

    def next_of(self, slot: int) -> int:
        """Give the round in which a worker goes on that was killed."""
        return max((turn for of, turn in self.lines if of == slot), default=-1) + 1


def kill_often(where: Path | str, kills: int, *, workers: int = 3, seed: int = 1) -> Said:
    """Kill workers at random moments, and let others go on where they had got to."""
    chance = random.Random(seed)
    said = Said()
    at_work = [start(where) for _ in range(workers)]
    spare = deque(start(where) for _ in range(SPARE))
    try:
        wait_for(at_work)
        for slot, worker in enumerate(at_work):
            worker.go(slot, 0)
        for _ in range(kills):
            wait_for([spare[0]])
            sleep(chance.uniform(0, 0.3))
            slot = chance.randrange(workers)
            end([at_work[slot]])
            said.take(at_work[slot])
            at_work[slot] = spare.popleft()
            at_work[slot].go(slot, said.next_of(slot))
            spare.append(start(where))
    finally:
        end([*at_work, *spare])
    for worker in at_work:
        said.take(worker)
    return said


def lost(store: Store, crm: str, said: Said) -> int:
    """Count the claims and lines that were said to be kept and are not there."""
    found = 0
    for kind, mark, rounds in ((Kind.CLAIM, "C", said.claims), (Kind.LINE, "L", said.lines)):
        held = {record.id for record in store.records(crm, kind, viewer=SYSTEM)}
        told = {
            f"{mark}-{number_of(slot, turn, place)}"
            for slot, turn in rounds
            for place in range(PER_ROUND)
        }
        found += len(told - held)
    return found
