"""The sweep that kills syncs with SIGKILL and sees that all ends as if nobody had done it."""

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from command_company import AT, AWAY, CommandCompany

ROUNDS_MAX: Final = 200
TURNS_MAX: Final = 60


class Killer:
    """Kills a process when the CRM hears its n-th call of a kind, before that is answered.

    The call goes on and has its effect: what is lost is the reply, and what would have come of it.
    `writes` is how calls that write begin.
    """

    def __init__(self, writes: str = "POST") -> None:
        self.child: subprocess.Popen[str] | None = None
        self.writes = writes
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
            self.struck["writing" if call.startswith(self.writes) else "reading"] += 1


@dataclass(frozen=True)
class Ended:
    """What stands on both sides in the end, and what it took."""

    store: str
    crm: str
    effects: tuple[tuple[str, ...], ...]
    calls: int
    seconds: float


Opened = Callable[[Path, Killer], AbstractContextManager[CommandCompany]]
"""Opens a new company in a folder; its CRM tells the killer what it hears."""


@dataclass(frozen=True)
class Sweep:
    """Kills at one kind of CRM. `batch` is how the calls that it aims at most begin."""

    opened: Opened
    batch: str
    writes: str = "POST"
    batches_max: int = 3

    def undisturbed(self, folder: Path) -> Ended:
        """Give what there is when nobody kills anything."""
        folder.mkdir()
        began = time.monotonic()
        with self.opened(folder, Killer(self.writes)) as company:
            return ended(company, began)

    def killed_once(
        self, company: CommandCompany, killer: Killer, chance: random.Random, quiet: Ended
    ) -> bool:
        """Start a sync and kill it, at a call or after a time; say whether it still lived then.

        A run that ends because the one that was killed before still holds its turn is none: it is
        started again until that one's time is over.
        """
        how = chance.choice(["any", "any", "batch", "batch", "time"])
        most = quiet.calls // 3 if how == "any" else self.batches_max
        number, wait = chance.randint(1, most), chance.uniform(0.3, quiet.seconds / 3)
        for _ in range(TURNS_MAX):
            with company.start("sync", "--at", AT) as child:
                if how != "time":
                    killer.aim(child, "" if how == "any" else self.batch, number)
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

    def swept(self, base: Path, kills: int) -> str:
        """Kill so often, in as many rounds as it takes; each round ends as the undisturbed run.

        Give a line with the figures.
        """
        quiet = self.undisturbed(base / "quiet")
        chance = random.Random(f"kill {kills}")
        done = doubled = 0
        extra: list[float] = []
        struck: Counter[str] = Counter()
        for number in range(ROUNDS_MAX):
            folder = base / f"round{number}"
            folder.mkdir()
            killer, began = Killer(self.writes), time.monotonic()
            with self.opened(folder, killer) as company:
                here = 0
                while done + here < kills and self.killed_once(company, killer, chance, quiet):
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
        return (
            f"{kills} kills in {len(extra)} rounds ({shown(struck)}): {quiet.calls} calls "
            f"undisturbed, {mean:.1f} more for each kill (most {max(extra):.1f}); "
            f"writes doubled: {doubled}"
        )


def ended(company: CommandCompany, began: float) -> Ended:
    """Let the company come to rest, and give what there is."""
    company.settle()
    store, crm = company.content()
    return Ended(store, crm, tuple(company.effects()), company.calls, time.monotonic() - began)


def shown(struck: Counter[str]) -> str:
    """Say at what the kills struck."""
    return ", ".join(f"{count} {what}" for what, count in sorted(struck.items()))


def same(end: Ended, quiet: Ended) -> None:
    """See that both sides stand as undisturbed, and that no write acted twice."""
    assert end.crm == quiet.crm
    assert sorted(end.effects) == sorted(quiet.effects)
    assert len(set(end.effects)) == len(end.effects)
    assert end.store == quiet.store
