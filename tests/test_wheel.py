"""The wheel holds what the package reads at run time, and nothing else."""

import os
import shutil
import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "src" / "crm_expenses"

READ_FROM_WHEEL = """
import sys
from datetime import date
import crm_expenses
from crm_expenses.analytics.figures import ReportFigures, Totals
from crm_expenses.analytics.report import render
from crm_expenses.core.period import Period
from crm_expenses.demo.generation import generate
from crm_expenses.demo.writing import MAPPING_FILE, write_company
from importlib.resources import files
from pathlib import Path

day = date(2026, 1, 1)
figures = ReportFigures("C", day, Period(day, day), "CNY", "p", "1", Totals(0, 0, 0, 0, 0))
assert "<html" in render(figures, language="en")
policy = files("crm_expenses.demo").joinpath("policy.toml").read_text("utf-8")
assert crm_expenses.parse_policy(policy).rules
write_company(generate(), Path(sys.argv[1]))
assert (Path(sys.argv[1]) / MAPPING_FILE).is_file()
print(crm_expenses.__file__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network from a copy of the tree."""
    copy = tmp_path_factory.mktemp("tree")
    leave = shutil.ignore_patterns("__pycache__")
    for name in ("src", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=leave)
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, copy)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(copy / "out")],
        cwd=copy,
        check=True,
        capture_output=True,
    )
    (built,) = (copy / "out").glob("*.whl")
    return built


def names_in(wheel: Path) -> set[str]:
    """Give the names of the files in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def read(wheel: Path, name: str) -> str:
    """Give a file of the wheel's own description."""
    with zipfile.ZipFile(wheel) as archive:
        (found,) = (each for each in archive.namelist() if each.endswith(f".dist-info/{name}"))
        return archive.read(found).decode()


def test_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    """Each file below the package is in the wheel, the ones that are not Python too."""
    expected = {
        f"crm_expenses/{path.relative_to(HOME).as_posix()}"
        for path in HOME.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    found = {name for name in names_in(wheel) if not name.partition("/")[0].endswith(".dist-info")}
    assert found == expected
    ends = {Path(name).suffix for name in found}
    assert {".py", ".css", ".js", ".j2", ".toml"} <= ends
    assert "crm_expenses/py.typed" in found


def test_wheel_holds_no_test(wheel: Path) -> None:
    """No test, no compiled file and nothing of the workshop goes out."""
    tops = {name.partition("/")[0] for name in names_in(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"crm_expenses"}
    wrong = [
        name
        for name in names_in(wheel)
        if Path(name).name.startswith(("test_", "conftest")) or name.endswith((".pyc", ".sqlite3"))
    ]
    assert wrong == []


def test_wheel_describes_itself(wheel: Path) -> None:
    """Command, adapter, licence and extras are in the wheel's description."""
    entry_points = read(wheel, "entry_points.txt")
    assert "crm-expenses = crm_expenses.__main__:main" in entry_points
    assert "files = crm_expenses.adapters.files:open_adapter" in entry_points
    described = message_from_string(read(wheel, "METADATA"))
    assert described["Name"] == "crm-expenses"
    assert set(described.get_all("Provides-Extra", [])) >= {
        "all",
        "cli",
        "demo",
        "duckdb",
        "excel",
        "report",
        "sql",
    }
    assert {"LICENSE", "NOTICE"} <= {Path(name).name for name in names_in(wheel)}


def test_package_works_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    """Unpacked somewhere else, the package finds its template, style, policy and mapping."""
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    done = subprocess.run(
        [sys.executable, "-c", READ_FROM_WHEEL, str(tmp_path / "company")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(unpacked)
