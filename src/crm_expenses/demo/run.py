"""The demo: a whole company in a folder, and the whole job run on it.

Nothing here is random beyond the seed and the clock is given, so a run that was cut off anywhere
and started again ends in the same files and the same store as an undisturbed one.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from importlib.resources import files
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from crm_expenses.analytics.figures import ReportFigures
from crm_expenses.analytics.report import require_extra, write_report
from crm_expenses.demo.company import NAME, NAME_ZH, SEED, TIMEZONE, TODAY
from crm_expenses.demo.generation import Company, generate
from crm_expenses.demo.writing import write_company
from crm_expenses.errors import ConfigError
from crm_expenses.messages import Language
from crm_expenses.pipeline import RunSummary, open_job, report_figures, sync
from crm_expenses.policyfile import policy_schema
from crm_expenses.settings import DEFAULT_FILE, load_settings

MARKER: Final = ".crm-expenses-demo.json"
EDITION: Final = 2
"""Rises when the demo's files change, so that an older folder is not mixed with newer files."""

SETTINGS: Final = f"""\
# Settings of the demo. Paths are relative to this file. 演示公司的设置，路径相对于本文件。

[company]
name = "{NAME} {NAME_ZH}"
timezone = "{TIMEZONE}"

[policy]
file = "policy.toml"

[store]
file = "store.sqlite3"

[crm.main]
adapter = "files"
folder = "crm"
mapping = "mapping.toml"

[report]
file = "report.html"
language = "LANGUAGE"
months = 12

# What a deal brings is its gross margin. 商机的回报按毛利计算。
[return]
numerator = "margin"
margin = "0.35"

[roles]
sales_director = ["P001"]
finance = ["P037", "P038"]
"""


@dataclass(frozen=True)
class DemoResult:
    """What the demo did: how many files it wrote, the run, the figures and the page."""

    folder: Path
    files_written: int
    run: RunSummary
    figures: ReportFigures
    report: Path
    report_changed: bool
    moment: datetime

    @property
    def changes(self) -> int:
        """Everything that changed, on disk, in the store and in the CRM."""
        return self.files_written + self.run.changes + int(self.report_changed)


def moment(today: date) -> datetime:
    """Give the demo's own time: the evening of its day.

    >>> moment(date(2026, 6, 30)).isoformat()
    '2026-06-30T20:00:00+08:00'
    """
    return datetime.combine(today, time(20), ZoneInfo(TIMEZONE))


def run_demo(
    folder: Path,
    *,
    seed: int = SEED,
    today: date = TODAY,
    language: Language = "en",
    progress: Callable[[str, int, int | None], None],
    make: Callable[[int, date], Company] = generate,
) -> DemoResult:
    """Make the company, if it is not there yet, and run the whole job on it.

    `make` gives the company of a seed and a day, such as a smaller one.

    Raises:
        ConfigError: the folder holds something else, or a demo of another seed or day; or the extra
            `report` is not installed.
    """
    require_extra()
    _claim_folder(folder, seed, today)
    progress("generate", 0, 1)
    written = len(write_company(make(seed, today), folder))
    policy = files("crm_expenses.demo").joinpath("policy.toml").read_bytes()
    schema = json.dumps(policy_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    settings_file = folder / DEFAULT_FILE
    settings_text = SETTINGS.replace("LANGUAGE", language)
    written += write_new(folder / "policy.toml", policy)
    written += write_new(folder / "policy.schema.json", schema.encode())
    written += write_new(settings_file, settings_text.encode())
    progress("generate", 1, 1)
    at = moment(today)
    settings = load_settings(settings_file)
    with open_job(settings) as job:
        run = sync(job, at, progress)
        progress("report", 0, 1)
        figures = report_figures(job, at)
    changed = write_report(figures, settings.report, language=settings.language)
    progress("report", 1, 1)
    return DemoResult(folder, written, run, figures, settings.report, changed, at)


def _claim_folder(folder: Path, seed: int, today: date) -> None:
    """Make the folder ours before anything else is written into it."""
    mark = {"demo": EDITION, "seed": seed, "today": today.isoformat()}
    marker = folder / MARKER
    if folder.is_file():
        raise ConfigError("demo.not_a_folder", path=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    if not marker.exists():
        found = sorted(p.name for p in folder.iterdir() if not p.name.startswith(MARKER))
        if found:
            raise ConfigError("demo.not_empty", path=str(folder), found=", ".join(found[:5]))
        write_new(marker, (json.dumps(mark) + "\n").encode())
        return
    try:
        held = json.loads(marker.read_text(encoding="utf-8"))
    except ValueError:
        held = None
    if held != mark:
        raise ConfigError(
            "demo.other", path=str(folder), held=json.dumps(held), wanted=json.dumps(mark)
        )


def write_new(path: Path, content: bytes) -> int:
    """Write a file whole or not at all, unless one is there; give how many were written.

    What a person has changed in the demo (the policy, say) stays as it is.
    """
    if path.exists():
        return 0
    part = path.with_name(path.name + ".part")
    with part.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
    return 1
