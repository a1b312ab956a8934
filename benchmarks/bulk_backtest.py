"""A back-test of one changed cap over the bulk lines: both policies in one script, and figures."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import bulk_ours
import duckdb
import workload
from bulk_lines import is_flat

from crm_expenses.analytics.backtest import Backtest, Relations, backtest_json
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.sql import BOTH, scripts
from crm_expenses.rules.sql.schema import TABLES

ONLY: Final = ("decided_claims", "decided_lines", "findings", BOTH)
_DIFFERS: Final = "outcome_old <> outcome_new OR allowed_old <> allowed_new"


class Session:
    """The connection, as a back-test asks for one."""

    dialect = "duckdb"

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db

    def make(self, name: str, query: str) -> None:
        """Fill a table."""
        self._db.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")

    def rows(self, query: str) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Give the rows of a query."""
        yield self._db.execute(query).fetchall()

    def write(self, query: str, path: Path) -> None:
        """Write the rows of a query."""
        self._db.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")


def changed_policy() -> str:
    """Give the policy with one cap changed: meals of the first grade in first-tier cities."""
    text = workload.policy_text(windows=True)
    changed = text.replace('["meal", "1", "T1", "96.00"]', '["meal", "1", "T1", "106.00"]', 1)
    if changed == text:
        raise SystemExit("the cap to change is not where it was")
    return changed.replace('version = "1"', 'version = "2"')


def run(db: duckdb.DuckDBPyConnection, data: Path, out: Path) -> None:
    """Decide by both policies, add up, and write the figures as JSON."""
    old, new = (parse_policy(t) for t in (workload.policy_text(windows=True), changed_policy()))
    flat = ("claims", "vouchers") if is_flat(data) else ()
    absent = [
        name for name in TABLES if name not in flat and not (data / f"{name}.parquet").exists()
    ]
    made = scripts(
        old, new, "duckdb", absent=absent, flat=flat, single=True, by_place=True, only=ONLY
    )
    bulk_ours.steps(db, data, made)
    for name, query in made.results.items():
        db.execute(f"CREATE TEMP VIEW {name} AS {query}")
    relations = Relations(
        claims=f"SELECT claim, person, team FROM {BOTH}",
        left_out=f"SELECT claim FROM {BOTH} WHERE place IS NULL",
        lines=(
            "SELECT place, claim, team, category, spent_on, outcome_old AS outcome, claimed,"
            f" allowed_old AS allowed FROM {BOTH}"
        ),
        changed_whole=(
            "SELECT place, claim, line, person, team, category, spent_on, claimed, outcome_old,"
            f" outcome_new, allowed_old, allowed_new FROM {BOTH} WHERE {_DIFFERS}"
        ),
    )
    figures = Backtest(Session(db), old, new, relations).figures()
    (out / "figures.json").write_text(json.dumps(backtest_json(figures)), encoding="utf-8")
