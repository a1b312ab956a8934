"""One run of the bulk benchmark in a process of its own, so that its memory is its own.

    python bulk_run.py KIND DATA OUT [--lines N] [--rules N]

Prints one JSON object: `cpu` and `wall` seconds of the work itself, without starting Python and
without imports, and `peak_mb`, the most memory that the process ever had.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import duckdb

_READ: Final[Mapping[str, tuple[str, ...]]] = {
    "expense_lines": (
        *("place", "claim", "line", "spent_on", "category", "amount", "currency", "city"),
        *("account", "purpose", "voucher", "payment", "travel_class", "nights", "attendees"),
        *("distance", "pre_approved"),
    ),
    "claims": ("claim", "person", "submitted_on"),
    "vouchers": ("voucher", "kind", "number"),
}
"""The columns that the policy needs."""

Work = Callable[[], None]


def scan(data: Path, _out: Path) -> Work:
    """Read each column that is needed, and do nothing with it."""
    from bulk_lines import is_flat  # noqa: PLC0415  what a run does not need is not loaded

    columns = {name: list(of) for name, of in _READ.items()}
    if is_flat(data):
        columns = {"expense_lines": [c for of in columns.values() for c in of]}
    columns["expense_lines"] = list(dict.fromkeys(columns["expense_lines"]))

    def work() -> None:
        with duckdb.connect() as db:
            for name, of in columns.items():
                # the largest of a text cannot be told without reading it, its count can
                read = ", ".join(f"max({column})" for column in of)
                db.execute(f"SELECT {read} FROM '{data / name}.parquet'").fetchall()

    return work


def copy(data: Path, out: Path) -> Work:
    """Read as `scan` does, and write lines and carries as if nothing had to be decided."""
    read = scan(data, out)
    switches = "FORMAT parquet, DICTIONARY_SIZE_LIMIT 1000"
    lines = "line, NULL::VARCHAR AS codes, amount AS claimed, amount AS allowed, category"
    queries = {
        "lines": f"SELECT {lines} FROM '{data}/expense_lines.parquet'",
        "carries": f"SELECT line, category AS code, amount FROM '{data}/expense_lines.parquet'",
    }

    def work() -> None:
        read()
        with duckdb.connect() as db:
            db.execute("SET preserve_insertion_order = false")
            for file, query in queries.items():
                db.execute(f"COPY ({query}) TO '{out / file}.parquet' ({switches})")

    return work


def hand(data: Path, out: Path) -> Work:
    """Run the SQL that was written by hand."""
    import bulk_hand  # noqa: PLC0415  see above

    def work() -> None:
        with duckdb.connect() as db:
            bulk_hand.run(db, data, out)

    return work


def ours(data: Path, out: Path, rules: int = 0) -> Work:
    """Run the script that our policy becomes, or one of so many made-up rules."""
    import bulk_curve  # noqa: PLC0415  see above
    import bulk_ours  # noqa: PLC0415  see above

    made = bulk_ours.make(data, bulk_curve.policy_text(rules) if rules else "")

    def work() -> None:
        with duckdb.connect() as db:
            bulk_ours.run(db, data, out, made)

    return work


def backtest(data: Path, out: Path) -> Work:
    """Back-test our policy against itself with one cap changed."""
    import bulk_backtest  # noqa: PLC0415  see above

    def work() -> None:
        with duckdb.connect() as db:
            bulk_backtest.run(db, data, out)

    return work


KINDS: Final[Mapping[str, Callable[[Path, Path], Work]]] = {
    "scan": scan,
    "copy": copy,
    "hand": hand,
    "ours": ours,
    "backtest": backtest,
}


def measured(work: Work) -> dict[str, float]:
    """Run it; give what it took."""
    before, start = _cpu(), time.perf_counter()
    work()
    wall = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu": _cpu() - before, "wall": wall, "peak_mb": peak}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Run one kind, print what it took."""
    given = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    given.add_argument("kind", choices=[*KINDS, "zen"])
    given.add_argument("data", type=Path)
    given.add_argument("out", type=Path)
    given.add_argument("--lines", type=int, default=100_000, help="lines that zen-engine decides")
    given.add_argument("--rules", type=int, default=0, help="so many made-up rules in our policy")
    asked = given.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    if asked.kind == "zen":
        import bulk_lines  # noqa: PLC0415  see above
        import bulk_zen  # noqa: PLC0415  see above

        lines = bulk_lines.read_lines(asked.data, asked.lines)
        result = dict(bulk_zen.lines_a_second(lines, rounds=1))
    elif asked.kind == "ours":
        result = measured(ours(asked.data, asked.out, asked.rules))
    else:
        result = measured(KINDS[asked.kind](asked.data, asked.out))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
