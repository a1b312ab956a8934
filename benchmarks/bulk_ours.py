"""Our policy over the bulk lines: the script that `crm_expenses` writes, run on DuckDB."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import duckdb
import workload
from bulk_lines import is_flat

from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.sql import script
from crm_expenses.rules.sql.schema import TABLES
from crm_expenses.rules.sql.script import Rounds, Script, Step

ROUNDS_MAX: Final = 10_000
_OF_OTHERS: Final = ("claims", "vouchers")
_SWITCHES: Final = "FORMAT parquet, DICTIONARY_SIZE_LIMIT 1000"
_WRITTEN: Final[Mapping[str, tuple[str, str]]] = {
    "lines": ("line_summary", "line, outcome, claimed, allowed, codes"),
    "carries": ("carries", "line, code, amount"),
}
"""By file: the result, and what is written of it."""


def make(data: Path, text: str = "") -> Script:
    """Write the script for the files of a folder."""
    policy = parse_policy(text or workload.policy_text(windows=True))
    flat = _OF_OTHERS if is_flat(data) else ()
    absent = [
        name for name in TABLES if name not in flat and not (data / f"{name}.parquet").exists()
    ]
    only = [result for result, _ in _WRITTEN.values()]
    return script(policy, "duckdb", absent=absent, flat=flat, single=True, only=only, by_place=True)


def run(db: duckdb.DuckDBPyConnection, data: Path, out: Path, made: Script) -> None:
    """Run a script over the files of a folder, and write its results."""
    steps(db, data, made)
    for file, (result, columns) in _WRITTEN.items():
        query = f"SELECT {columns} FROM ({made.results[result]})"
        db.execute(f"COPY ({query}) TO '{out / file}.parquet' ({_SWITCHES})")


def steps(db: duckdb.DuckDBPyConnection, data: Path, made: Script) -> None:
    """Run the steps of a script."""
    db.execute("SET preserve_insertion_order = false")
    for name in TABLES:
        path = data / f"{name}.parquet"
        if path.exists():
            db.execute(f"CREATE TEMP VIEW {name} AS FROM '{path}'")
    for step in made.steps:
        if isinstance(step, Rounds):
            _run_rounds(db, step)
        else:
            _make(db, step)


def _make(db: duckdb.DuckDBPyConnection, step: Step) -> None:
    db.execute(f"CREATE TEMP TABLE {step.name} AS {step.query}")


def _run_rounds(db: duckdb.DuckDBPyConnection, rounds: Rounds) -> None:
    _make(db, rounds.start)
    for _ in range(ROUNDS_MAX):
        for step in rounds.body:
            _make(db, step)
        ((count,),) = db.execute(rounds.differs).fetchall()
        db.execute(f"DROP TABLE {rounds.state}")
        db.execute(f"ALTER TABLE {rounds.next} RENAME TO {rounds.state}")
        for step in rounds.body:
            if step.name != rounds.next:
                db.execute(f"DROP TABLE {step.name}")
        if not count:
            return
    raise SystemExit(f"{rounds.state}: no end after {ROUNDS_MAX:,} rounds")
