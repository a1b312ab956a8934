"""What an import costs, what it loads, and what is said when an extra is not installed."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import crm_expenses
from crm_expenses.messages import LANGUAGES

RUNS = 5
TIMES_PYDANTIC_MAX = 1.6

HEAVY = (
    "alembic",
    "sqlalchemy",
    "sqlite3",
    "duckdb",
    "jinja2",
    "typer",
    "rich",
    "requests",
    "urllib3",
    "tenacity",
    "vl_convert",
    "python_calamine",
    "chinese_calendar",
    "holidays",
    "xlsxwriter",
    "pg8000",
    "pyspark",
    "sqlglot",
    "z3",
    "crm_expenses.adapters",
    "crm_expenses.store",
    "crm_expenses.analytics",
    "crm_expenses.pipeline",
    "crm_expenses.cli",
    "crm_expenses.demo",
)
"""Vendors' packages, databases, engines, and our own rooms that need them."""

POLICY = """
[policy]
id = "p"
version = "1"
language = 1
currency = "CNY"
title = { en = "P", zh = "政" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }

[parameter.most]
type = "money"
values = [{ from = 2020-01-01, is = 100 }]

[[rule]]
code = "meal.most"
kind = "limit"
on = ["meal"]
title = { en = "Most", zh = "上限" }
at_most = "most"
"""

CHECK = f"""
import crm_expenses
policy = crm_expenses.parse_policy({POLICY!r})
decision = crm_expenses.check(
    {{
        "claim": "C-1",
        "person": {{"id": "P-1"}},
        "submitted": "2026-03-02T09:00:00+08:00",
        "lines": [
            {{"line": "1", "date": "2026-03-01", "category": "meal", "amount": "120.50",
              "currency": "CNY"}},
        ],
    }},
    policy,
)
assert str(decision.allowed) == "100.00 CNY", decision
assert crm_expenses.decision_dict(decision, policy)["lines"][0]["findings"]
"""
"""One claim checked and its decision given as a dict, as an automation script does."""

BLOCK = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocked())
"""

TELL = """
from crm_expenses.errors import ConfigError
try:
    need()
except ConfigError as error:
    print(error.code)
    print(error.describe("en"))
    print(error.describe("zh"))
"""

NEEDS = {
    # The package that is not there: the extra that brings it, and what needs it.
    "sqlalchemy": ("sql", "def need():\n    from crm_expenses.store import open_store"),
    "alembic": (
        "sql",
        "def need():\n"
        "    from sqlalchemy import create_engine\n"
        "    from crm_expenses.store.upgrade import migrate\n"
        "    migrate(create_engine('sqlite://').connect(), 1)",
    ),
    "typer": (
        "cli",
        "def need():\n    from crm_expenses.cli.app import build_app\n    build_app('en')",
    ),
    "duckdb": (
        "duckdb",
        "def need():\n"
        "    from pathlib import Path\n"
        "    from crm_expenses.adapters.files.rows import Found\n"
        "    from crm_expenses.adapters.files.tables import parquet_header\n"
        "    parquet_header(Found(Path('a.parquet'), 'a.parquet'))",
    ),
    "python_calamine": (
        "excel",
        "def need():\n"
        "    from pathlib import Path\n"
        "    from crm_expenses.adapters.files.rows import Found\n"
        "    from crm_expenses.adapters.files.tables import xlsx_rows\n"
        "    list(xlsx_rows(Found(Path('a.xlsx'), 'a.xlsx'), ''))",
    ),
    "chinese_calendar": (
        "cn",
        "def need():\n"
        "    from crm_expenses.policycalendar.sources import days_of\n"
        "    days_of([2026], country='CN')",
    ),
    "holidays": (
        "holidays",
        "def need():\n"
        "    from crm_expenses.policycalendar.sources import days_of\n"
        "    days_of([2026], country='DE')",
    ),
    "pg8000": (
        "postgres",
        "def need():\n"
        "    from crm_expenses.analytics.engines import open_engine\n"
        "    open_engine('postgres://nobody@127.0.0.1/none')",
    ),
    "pyspark": (
        "spark",
        "def need():\n"
        "    from crm_expenses.analytics.engines import open_engine\n"
        "    open_engine('spark://local')",
    ),
    "jinja2": (
        "report",
        "def need():\n"
        "    from datetime import date\n"
        "    from crm_expenses.analytics.figures import ReportFigures, Totals\n"
        "    from crm_expenses.analytics.report import render\n"
        "    from crm_expenses.core.period import Period\n"
        "    day = date(2026, 1, 1)\n"
        "    totals = Totals(0, 0, 0, 0, 0)\n"
        "    figures = ReportFigures('C', day, Period(day, day), 'CNY', 'p', '1', totals)\n"
        "    render(figures, language='en')",
    ),
    "vl_convert": (
        "report",
        "def need():\n"
        "    from datetime import date\n"
        "    from crm_expenses.analytics.figures import Label, ReportFigures, SpendFigure, Totals\n"
        "    from crm_expenses.analytics.report import render\n"
        "    from crm_expenses.core.period import Period\n"
        "    day = date(2026, 1, 1)\n"
        "    spend = (SpendFigure(day, 'meal', Label('Meals', '餐费'), 100),)\n"
        "    totals = Totals(0, 0, 0, 0, 0)\n"
        "    figures = ReportFigures('C', day, Period(day, day), 'CNY', 'p', '1', totals,\n"
        "                            spend=spend)\n"
        "    render(figures, language='en')",
    ),
}


def python(
    code: str, *options: str, blocked: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run code in a new process, in which some packages are not installed."""
    start = f"BLOCKED = {tuple(blocked)!r}\n{BLOCK}" if blocked else ""
    return subprocess.run(
        [sys.executable, *options, "-c", start + code],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": ""},
        check=False,
    )


def import_time(name: str) -> int:
    """Give the microseconds that one import takes in a new process, with all that it loads."""
    done = python(f"import {name}", "-X", "importtime")
    rows = [row.split("|") for row in done.stderr.splitlines() if row.startswith("import time:")]
    return next(int(row[1]) for row in rows if row[2].strip() == name)


def test_import_is_hardly_dearer_than_pydantic() -> None:
    """The best of five imports takes at most 1.6 times the best of five of pydantic alone."""
    ours, pydantic = [], []
    for name in ("crm_expenses", "pydantic"):
        import_time(name)  # compiled files are written, and the disk is warm
    for _ in range(RUNS):
        pydantic.append(import_time("pydantic"))
        ours.append(import_time("crm_expenses"))
    assert min(ours) <= TIMES_PYDANTIC_MAX * min(pydantic)


@pytest.mark.parametrize(
    "code", ["import crm_expenses", CHECK], ids=["import", "one claim checked"]
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    """Neither the import nor the check of a claim loads a vendor's SDK, a database or an engine."""
    done = python(f"{code}\nimport sys\nprint('\\n'.join(sys.modules))")
    assert not done.returncode, done.stderr
    loaded = set(done.stdout.splitlines())
    assert "crm_expenses" in loaded
    assert sorted(loaded.intersection(HEAVY)) == []


def test_an_import_alone_loads_nothing_but_itself() -> None:
    """Of our own modules, an import loads the package only; each name comes when it is used."""
    done = python("import crm_expenses, sys\nprint('\\n'.join(sys.modules))")
    ours = [name for name in done.stdout.splitlines() if name.startswith("crm_expenses")]
    assert ours == ["crm_expenses"]


def test_base_install_checks_a_claim() -> None:
    """With every extra missing, a policy is loaded and a claim is checked."""
    done = python(CHECK, blocked=[*NEEDS, "markupsafe", "rich", "xlsxwriter"])
    assert not done.returncode, done.stderr


@pytest.mark.parametrize("name", crm_expenses.__all__)
def test_public_name_loads_alone(name: str) -> None:
    """Each public name can be imported by itself, and has a docstring."""
    done = python(f"from crm_expenses import {name}\nassert {name}.__doc__, 'no docstring'")
    assert not done.returncode, done.stderr


def test_public_names_are_listed() -> None:
    """`dir` shows every public name, the list is sorted, and any other name is an error."""
    assert set(crm_expenses.__all__) <= set(dir(crm_expenses))
    assert list(crm_expenses.__all__) == sorted(set(crm_expenses.__all__))
    with pytest.raises(AttributeError, match="nothing_of_ours"):
        _ = crm_expenses.nothing_of_ours


@pytest.mark.parametrize("package", NEEDS)
def test_a_missing_extra_says_how_to_install_it(package: str) -> None:
    """Whoever needs a package that is not there is told the pip command, in both languages."""
    extra, need = NEEDS[package]
    done = python(need + TELL, blocked=[package])
    assert not done.returncode, done.stderr
    code, *told = done.stdout.splitlines()
    assert code == "extra.missing"
    assert len(told) == len(LANGUAGES)
    for sentence in told:
        assert f"pip install 'crm-expenses[{extra}]'" in sentence


@pytest.mark.parametrize(
    ("package", "extra", "arguments"),
    [
        ("typer", "cli", ["--version"]),
        ("typer", "cli", ["demo"]),
        ("sqlalchemy", "sql", ["demo"]),
    ],
)
def test_the_command_says_which_extra_it_needs(
    tmp_path: Path, package: str, extra: str, arguments: list[str]
) -> None:
    """The command ends with 2 and one sentence on standard error, without a trace."""
    code = f"import os, sys\nos.chdir({str(tmp_path)!r})\n"
    code += f"from crm_expenses.cli import run\nsys.exit(run({[*arguments, '--lang', 'en']!r}))"
    done = python(code, blocked=[package])
    assert (done.returncode, done.stdout) == (2, "")
    assert f"pip install 'crm-expenses[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_check_needs_the_command_line_only(tmp_path: Path) -> None:
    """With `cli` alone installed, a CSV of claims is decided: no store, engine or report."""
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")
    rows = "claim,person,submitted,line,date,category,amount,currency\n"
    rows += "C-1,P-1,2026-03-02T09:00:00+08:00,1,2026-03-01,meal,99.50,CNY\n"
    (tmp_path / "claims.csv").write_text(rows, encoding="utf-8")
    arguments = ["check", str(tmp_path / "claims.csv"), "--policy", str(tmp_path / "policy.toml")]
    code = (
        f"import sys\nfrom crm_expenses.cli import run\nsys.exit(run({arguments!r} + ['--json']))"
    )
    done = python(code, blocked=[package for package in NEEDS if package != "typer"])
    assert '"claim":"C-1"' in done.stdout.replace(" ", "")
    assert done.returncode == 0, done.stderr
