"""Memory stays bounded however long a file is; small files are quick."""

import subprocess
import sys
from pathlib import Path

import pytest

HEADER = "claim,line,person,submitted,date,category,amount,currency,purpose\n"
MAPPING = """
[mapping]
version = 1
timezone = "Asia/Shanghai"
[[source]]
kind = "line"
files = ["lines.csv"]
[source.fields]
id = "line"
claim = "claim"
date = "date"
category = "category"
amount = "amount"
currency = "currency"
purpose = "purpose"
[[source]]
kind = "claim"
files = ["lines.csv"]
distinct = true
[source.fields]
id = "claim"
person = "person"
submitted = "submitted"
"""
MEASURE = """
import resource, sys
from pathlib import Path
from crm_expenses.adapters.contract import Opening
from crm_expenses.adapters.files import claims_in, open_adapter
from crm_expenses.core.record import Kind
from crm_expenses.filecheck import claim_reader
import pydantic, sqlite3
def opened(path):
    return claims_in(path, None, read_claim=claim_reader("CNY"))
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
base = Path(sys.argv[1])
adapter = open_adapter(Opening("main", {"folder": ".", "mapping": "mapping.toml"}, base))
before = peak()
if sys.argv[2] == "single":
    rows = sum(len(bundle.lines) for bundle in opened(base / "lines.csv"))
else:
    rows = sum(page.rows for page in adapter.pull(Kind(sys.argv[2]), None))
print(rows, peak() - before)
"""
GROWTH_MIB_MAX = 160
"""Two spools of 32 MiB each, a page, a chunk, and what an allocator keeps."""


def write(base: Path, claims: int) -> None:
    """Write claims of five lines each."""
    (base / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    with (base / "lines.csv").open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for claim in range(claims):
            # Ids are scattered, which is the hardest case for what remembers them.
            key = claim * 7919 % 1_000_003
            when = f"2026-03-{claim % 28 + 1:02}T09:00:00+08:00"
            purpose = f"客户午餐 {claim} {'x' * 60}"
            file.writelines(
                f"C-{key},L-{key}-{line},P-{claim % 300},{when},2026-02-{line + 1:02},meal,"
                f"{line}.{claim % 100:02},CNY,{purpose}\n"
                for line in range(5)
            )


def measured(base: Path, what: str) -> tuple[int, int]:
    """Read it all in a process of its own: rows, and how many MiB its peak grew by."""
    command = [sys.executable, "-c", MEASURE, str(base), what]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows, growth = done.stdout.split()
    return int(rows), int(growth)


@pytest.mark.parametrize("what", ["line", "claim", "single"])
def test_ten_thousand_rows_take_little(tmp_path: Path, what: str) -> None:
    """10,000 rows are read whole, in a few MiB."""
    write(tmp_path, 2000)
    rows, growth = measured(tmp_path, what)
    assert rows == (2000 if what == "claim" else 10_000)
    assert growth < 40


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("what", ["line", "claim", "single"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, what: str) -> None:
    """Half a million rows (about 70 MB) are read within the memory of the spools."""
    write(tmp_path, 100_000)
    assert (tmp_path / "lines.csv").stat().st_size > 60_000_000
    rows, growth = measured(tmp_path, what)
    assert rows == (100_000 if what == "claim" else 500_000)
    assert growth < GROWTH_MIB_MAX
