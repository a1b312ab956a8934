"""A company in a folder, whose runs are the real command, each in a process of its own."""

import json
import os
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from small_company import POLICY

import crm_expenses
from crm_expenses.store import open_store

SOURCE: Final = Path(crm_expenses.__file__).resolve().parents[1]
AT: Final = "2026-03-31T20:00:00+08:00"
RUNS_MAX: Final = 60
PATIENCE: Final = 120
AWAY: Final = 3
"""The exit code of a run whose turn it is not."""


@dataclass
class CommandCompany(ABC):
    """Settings, policy and store in a folder, connected to a CRM."""

    folder: Path

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "policy.toml").write_text(POLICY, encoding="utf-8")
        self.write_settings()

    def write_settings(self) -> None:
        """Write the settings file."""
        self.settings.write_text(
            '[company]\nname = "Tiny"\ntimezone = "Asia/Shanghai"\n'
            '[policy]\nfile = "policy.toml"\n[store]\nfile = "store.sqlite3"\n'
            '[roles]\nfinance = ["P9"]\n'
            f"[crm.main]\n{self.connection()}\n[crm.main.sync]\nlease_seconds = 5\n{self.further}",
            encoding="utf-8",
        )

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.folder / "crm_expenses.toml"

    @property
    def further(self) -> str:
        """What stands at the end of the settings."""
        return ""

    @property
    def packages(self) -> Sequence[Path]:
        """Folders in which the command finds packages, beside its own."""
        return ()

    @abstractmethod
    def connection(self) -> str:
        """Give the lines of `[crm.main]`."""

    @abstractmethod
    def dump(self) -> str:
        """Give what stands in the CRM, the same for equal ones."""

    @property
    @abstractmethod
    def calls(self) -> int:
        """How many calls the CRM has got."""

    @abstractmethod
    def effects(self) -> Sequence[tuple[str, ...]]:
        """Give the writes that changed something in the CRM, in order."""

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start the command, in a process of its own."""
        command = [sys.executable, "-m", "crm_expenses", *words, "--settings", str(self.settings)]
        path = os.pathsep.join(map(str, (*self.packages, SOURCE)))
        return subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
        )

    def run(self, *words: str, code: int = 0) -> str:
        """Run the command to its end, and see how it ends."""
        with self.start(*words) as child:
            out, error = child.communicate(timeout=PATIENCE)
        assert child.returncode == code, f"{child.returncode}: {error}\n{out}"
        return out

    def sync(self, *words: str) -> dict[str, Any]:
        """Sync once; give what the run says of itself."""
        told = json.loads(self.run("sync", "--at", AT, "--json", *words))
        run: dict[str, Any] = told["runs"][0]
        return run

    def settle(self) -> int:
        """Sync until a run changes nothing on either side; give how many runs that took.

        A run that meets the turn of one that was killed ends without having done anything: it is
        started again.
        """
        for number in range(1, RUNS_MAX):
            before = self.content()
            with self.start("sync", "--at", AT) as child:
                _, error = child.communicate(timeout=PATIENCE)
            assert child.returncode in (0, AWAY), error
            if child.returncode == AWAY:
                time.sleep(0.5)
            elif before == self.content():
                return number
        raise AssertionError("the runs do not come to rest")

    def content(self) -> tuple[str, str]:
        """Give what stands on both sides."""
        return self.store(), self.dump()

    def store(self) -> str:
        """Give the logical content of the store; empty where there is none yet."""
        path = self.folder / "store.sqlite3"
        if not path.exists():
            return ""
        with open_store(path) as store:
            return store.dump()
