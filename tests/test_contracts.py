"""The import contracts of pyproject.toml hold, and each one notices when it is broken."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

LAYERS = "imports point down only, siblings never import each other"
CORE = "core uses the standard library only"
RULES = "rules are pure"
SQL = "sqlalchemy only in the store"
DUCKDB = "duckdb only in analytics and in the files adapter"
ENGINES = "engines beyond this process only in analytics, and PostgreSQL in the store"
SIGNING = "cryptography only where checkpoints are signed"
QUEUE = "the queue and its driver only in the worker"
TRANSPORT = "requests and tenacity only in the adapters' one transport"
VENDORS = "each vendor's SDK only in its own folder"

PLANTED = (
    # Contract, module, what somebody writes into it.
    (LAYERS, "core/money.py", "from crm_expenses.rules import policy"),
    (LAYERS, "messages/words.py", "from crm_expenses import errors"),
    (LAYERS, "errors.py", "from crm_expenses.core import money"),
    (LAYERS, "rules/policy.py", "from crm_expenses import policyfile"),
    (LAYERS, "store/store.py", "from crm_expenses.adapters import contract"),
    (LAYERS, "adapters/memory.py", "from crm_expenses.store import open_store"),
    (LAYERS, "analytics/report.py", "from crm_expenses import settings"),
    (LAYERS, "organisationfile.py", "from crm_expenses import policyfile"),
    (LAYERS, "adapters/registry.py", "from crm_expenses.pipeline import sync"),
    (LAYERS, "pipeline/sync.py", "def late():\n    from crm_expenses.cli import app"),
    (CORE, "core/claim.py", "import pydantic"),
    (CORE, "core/roi.py", "import random"),
    (CORE, "core/audit.py", "def late():\n    import time"),
    (RULES, "rules/evaluate.py", "import logging"),
    (RULES, "rules/build.py", "from pathlib import Path"),
    (SQL, "pipeline/pull.py", "import sqlalchemy"),
    (SQL, "demo/run.py", "def late():\n    from sqlalchemy import select"),
    (DUCKDB, "store/store.py", "import duckdb"),
    (DUCKDB, "claimdata.py", "def late():\n    import duckdb"),
    (ENGINES, "adapters/files/client.py", "import pg8000.native"),
    (ENGINES, "cli/check.py", "def late():\n    from pyspark.sql import SparkSession"),
    (SIGNING, "store/log.py", "def late():\n    import cryptography"),
    (LAYERS, "pipeline/watch.py", "from crm_expenses import worker"),
    (QUEUE, "store/postgres.py", "import psycopg"),
    (QUEUE, "cli/worker.py", "def late():\n    from procrastinate import App"),
    (TRANSPORT, "adapters/files/client.py", "import requests"),
    (VENDORS, "adapters/rest/wire.py", "import zohocrmsdk"),
    (VENDORS, "pipeline/doctor.py", "def late():\n    import zohocrmsdk"),
    (TRANSPORT, "store/outbox.py", "from tenacity import retry"),
)


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the contracts, to be broken."""
    home = tmp_path_factory.mktemp("contracts")
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src" / "crm_expenses", home / "src" / "crm_expenses", ignore=leave)
    shutil.copy(ROOT / "pyproject.toml", home)
    return home


def lint(home: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of a copy, as `lint-imports` does."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(home / "src"), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def verdicts(told: str) -> dict[str, str]:
    """Give what is said of each contract."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    names = [each["name"] for each in contracts["tool"]["importlinter"]["contracts"]]
    rows = told.splitlines()
    return {
        name: next(row.removeprefix(name).strip() for row in rows if row.startswith(f"{name} "))
        for name in names
    }


def test_contracts_hold(copied: Path) -> None:
    """The package as it stands keeps every contract."""
    done = lint(copied)
    assert not done.returncode, done.stdout
    assert set(verdicts(done.stdout).values()) == {"KEPT"}


def test_every_contract_has_a_planted_break(copied: Path) -> None:
    """Each contract of pyproject.toml is broken on purpose by one of these tests."""
    assert {contract for contract, _, _ in PLANTED} == set(verdicts(lint(copied).stdout))


@pytest.mark.parametrize(("contract", "module", "written"), PLANTED)
def test_a_planted_import_breaks_its_contract(
    copied: Path, contract: str, module: str, written: str
) -> None:
    """One import in the wrong place fails the check, which names the contract and the module."""
    path = copied / "src" / "crm_expenses" / module
    before = path.read_text("utf-8")
    try:
        path.write_text(f"{before}\n{written}\n", encoding="utf-8")
        done = lint(copied)
    finally:
        path.write_text(before, encoding="utf-8")
    assert done.returncode == 1
    assert verdicts(done.stdout)[contract] == "BROKEN"
    name = module.removesuffix(".py").replace("/", ".")
    assert f"crm_expenses.{name} -> " in done.stdout
