"""A CRM for several processes: it holds still where a test says so, and notes who wrote to it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from commandline import AT, PATIENCE, SETTINGS, environment

MODULE: Final = "stepping_crm"
CODE: Final = """
import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from crm_expenses.adapters.memory import CAPABILITIES, MemoryAdapter, MemoryCrm
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.errors import RetryableError

class Stepping(MemoryAdapter):
    base = Path()
    is_first = True

    def _note(self, name):
        with (self.base / f"{self.name}.{name}").open("a") as file:
            file.write(f"{os.getpid()}\\n")

    def _step(self, name):
        self._note(name)
        while (self.base / f"{self.name}.hold-{name}").exists():
            time.sleep(0.02)
        if (self.base / f"{self.name}.away").exists():
            raise RetryableError("crm.unavailable", crm=self.name, detail="away", retry_after=1)
        if (self.base / f"{self.name}.broken").exists():
            raise ValueError("broken")

    def pull(self, kind, since):
        for page in super().pull(kind, since):
            self._step("pull")
            yield page

    def push(self, writes):
        self._step("push" if self.is_first else "push2")
        self.is_first = False
        with (self.base / f"{self.name}.written").open("a") as file:
            for write in writes:
                file.write(f"{os.getpid()} {write.kind} {write.record} {write.key}\\n")
        return super().push(writes)


def open_crm(opening):
    crm = MemoryCrm()
    crm.put(AccountManager("P1", "Wang"))
    for number in range(1, 4):
        day = datetime(2026, 3, number, 9, tzinfo=UTC)
        crm.put(Claim(f"C-{number}", "P1", day))
        amount = Money.of("20", "CNY")
        crm.put(ExpenseLine(f"L-{number}", f"C-{number}", day.date(), "meal", amount))
    changed = opening.base / f"{opening.name}.amount"
    if changed.exists():
        amount = Money.of(changed.read_text(), "CNY")
        crm.put(ExpenseLine("L-3", "C-3", day.date(), "meal", amount))
    four = replace(CAPABILITIES, batch_max=4)
    made = Stepping(opening.name, crm, capabilities=four)
    made.base = opening.base
    return made
"""


def install(folder: Path) -> None:
    """Write a distribution whose one entry point is the CRM above."""
    info = folder / "stepping_crm-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stepping-crm\nVersion: 1.0\n")
    points = f"[crm_expenses.adapters]\nstepping = {MODULE}:open_crm\n"
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    (folder / f"{MODULE}.py").write_text(CODE, encoding="utf-8")


class Company:
    """A company whose CRMs are of that kind, in a folder; commands run in processes of their own.

    A file `NAME.hold-pull` or `NAME.hold-push` makes a CRM hold still before it gives a page or
    takes a batch; `NAME.away` makes it be away; `NAME.broken` is a fault of its adapter;
    `NAME.amount` holds what its third line was changed to.
    """

    def __init__(self, folder: Path, store: Path | str, *crms: str, lease_seconds: int = 5) -> None:
        self.folder, self.store = folder, store
        self._paths = folder.parent / "plug_ins"
        install(self._paths)
        told = f'url = "{store}"' if isinstance(store, str) else f'file = "{store}"'
        text = SETTINGS.partition("[crm.main]")[0].replace('file = "store.sqlite3"', told)
        for name in crms:
            text += f'\n[crm.{name}]\nadapter = "stepping"\n'
            text += f"[crm.{name}.sync]\nlease_seconds = {lease_seconds}\n"
        (folder / "crm_expenses.toml").write_text(text, encoding="utf-8")

    def start(self, *words: str, at: str = AT) -> "subprocess.Popen[str]":
        """Start a command."""
        paths = os.pathsep.join([str(self._paths), environment()["PYTHONPATH"]])
        when = ("--at", at) if at else ()
        return subprocess.Popen(
            [sys.executable, "-m", "crm_expenses", *words, *when],
            cwd=self.folder,
            env=environment() | {"PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, at: str = AT) -> tuple[int, str, str]:
        """Run a command; give its exit code and what it said."""
        return ended(self.start(*words, at=at))

    def touch(self, name: str, text: str = "") -> None:
        """Put a file that the CRMs look at."""
        (self.folder / name).write_text(text)

    def remove(self, name: str) -> None:
        """Take such a file away."""
        (self.folder / name).unlink()

    def noted(self, name: str) -> list[str]:
        """Give the lines of a file of notes."""
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []


def ended(running: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Wait for the end of a command; give its exit code and what it said."""
    try:
        out, err = running.communicate(timeout=PATIENCE)
    finally:
        running.kill()
        running.wait()
    return running.returncode, out, err


def until(what: Callable[[], object], *running: "subprocess.Popen[str]") -> None:
    """Wait until something is so, while some commands run."""
    end = time.monotonic() + PATIENCE
    while not what():
        for process in running:
            assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


def gone(processes: Sequence["subprocess.Popen[str]"]) -> None:
    """End what is left."""
    for process in processes:
        process.kill()
        process.communicate()
