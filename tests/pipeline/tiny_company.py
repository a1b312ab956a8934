"""A company whose CRM is the small one over HTTP, and an adapter installed for it."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from command_company import AT, AWAY, SOURCE, CommandCompany
from small_company import BUDGETS, PEOPLE, RECORDS, SHANGHAI, claim, line

from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.record import Record
from crm_expenses.testing.tinyserver import TinyServer

ROOT: Final = Path(__file__).parents[2]
EXAMPLE: Final = ROOT / "examples" / "tiny_crm"

__all__ = ["AT", "AWAY", "RECORDS", "SHANGHAI", "SOURCE", "TinyCompany", "install", "many"]


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
class TinyCompany(CommandCompany):
    """A company connected to a server."""

    server: TinyServer
    site: Path
    page_size: int = 5
    more: str = ""

    def connection(self) -> str:
        """Give the lines of `[crm.main]`."""
        return (
            f'adapter = "tiny"\nurl = "{self.server.url}"\n'
            f'token = "{self.server.token}"\ntimezone = "Asia/Shanghai"\n'
            f"page_size = {self.page_size}"
        )

    @property
    def further(self) -> str:
        """What stands at the end of the settings."""
        return self.more

    @property
    def packages(self) -> Sequence[Path]:
        """The folder in which the adapter is installed."""
        return (self.site,)

    def dump(self) -> str:
        """Give what stands in the CRM."""
        return self.server.crm.dump()

    @property
    def calls(self) -> int:
        """How many calls the CRM has got."""
        return self.server.calls

    def effects(self) -> Sequence[tuple[str, ...]]:
        """Give the writes that changed something in the CRM, in order."""
        return self.server.crm.effects()
