"""A company whose CRM is the small one over HTTP, an adapter installed for it, and the command."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from small_company import BUDGETS, PEOPLE, POLICY, RECORDS, SHANGHAI, claim, line

import crm_expenses
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.record import Record
from crm_expenses.store import open_store
from crm_expenses.testing.tinyserver import TinyServer

ROOT: Final = Path(__file__).parents[2]
EXAMPLE: Final = ROOT / "examples" / "tiny_crm"
SOURCE: Final = Path(crm_expenses.__file__).resolve().parents[1]
AT: Final = "2026-03-31T20:00:00+08:00"
RUNS_MAX: Final = 60
PATIENCE: Final = 120
AWAY: Final = 3
"""The exit code of a run whose turn it is not."""

__all__ = ["RECORDS", "SHANGHAI", "TinyCompany", "install", "many"]


def install(base: Path) -> Path:
    """Build the example's wheel without a network, and install it in a folder."""
    copy, place = base / "source", base / "site"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    build = ["wheel", "--no-build-isolation", "--no-deps", "--no-index", "-w", str(base / "out")]
    subprocess.run([*pip, *build, str(copy)], check=True, capture_output=True)
    (wheel,) = (base / "out").glob("tiny_crm-*.whl")
    into = ["install", "--no-deps", "--no-index", "--target", str(place), str(wheel)]
    subprocess.run([*pip, *into], check=True, capture_output=True)
    return place


def many(claims: int) -> tuple[Record, ...]:
    """Give a company with many claims of two lines, the last of them paid."""
    made: list[Record] = [*PEOPLE, *BUDGETS]
    people = ("P1", "P2", "P3")
    for number in range(1, claims + 1):
        status = ClaimStatus.PAID if number > claims - 3 else ClaimStatus.SUBMITTED
        day = date(2026, 3, 1 + number % 28)
        made.append(claim(number % 28 + 100 * number, people[number % 3], status))
        name = str(number % 28 + 100 * number)
        made += [
            line(f"L-{name}a", "meal", f"{60 + number}", day),
            line(f"L-{name}b", "gift" if number % 5 else "alcohol", f"{90 + number}", day),
        ]
    return tuple(made)


@dataclass
class TinyCompany:
    """Settings, policy and store in a folder, connected to a server."""

    folder: Path
    server: TinyServer
    site: Path
    page_size: int = 5
    more: str = ""

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "policy.toml").write_text(POLICY, encoding="utf-8")
        self.settings.write_text(
            '[company]\nname = "Tiny"\ntimezone = "Asia/Shanghai"\n'
            '[policy]\nfile = "policy.toml"\n[store]\nfile = "store.sqlite3"\n'
            '[roles]\nfinance = ["P9"]\n'
            f'[crm.main]\nadapter = "tiny"\nurl = "{self.server.url}"\n'
            f'token = "{self.server.token}"\ntimezone = "Asia/Shanghai"\n'
            f"page_size = {self.page_size}\n[crm.main.sync]\nlease_seconds = 5\n{self.more}",
            encoding="utf-8",
        )

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.folder / "crm_expenses.toml"

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start the command, in a process of its own."""
        command = [sys.executable, "-m", "crm_expenses", *words, "--settings", str(self.settings)]
        path = os.pathsep.join((str(self.site), str(SOURCE)))
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

    def sync(self) -> dict[str, Any]:
        """Sync once; give what the run says of itself."""
        told: dict[str, Any] = json.loads(self.run("sync", "--at", AT, "--json"))["runs"][0]
        return told

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
        return self.store(), self.server.crm.dump()

    def store(self) -> str:
        """Give the logical content of the store; empty where there is none yet."""
        path = self.folder / "store.sqlite3"
        if not path.exists():
            return ""
        with open_store(path) as store:
            return store.dump()
