"""Compares what two runs wrote: codes, outcomes and amounts of each line, and its carries.

    python bulk_equal.py ONE OTHER

Codes stand in a column of `lines.parquet`, sorted, or as rows of `findings.parquet`. Prints one
JSON object with the counts of what differs, and some of it. With `--zen DATA` it compares the
rules on lines with zen-engine, with `--run DATA` all with our engine, line by line.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Final

import duckdb

SHOWN: Final = 3
_ITEM_RULES: Final = 24


def lines_of(db: duckdb.DuckDBPyConnection, folder: Path) -> str:
    """Write what gives line, outcome, claimed, allowed and codes of a run."""
    path = f"'{folder}/lines.parquet'"
    known = [row[0] for row in db.execute(f"DESCRIBE FROM {path}").fetchall()]
    if "codes" in known:
        return f"SELECT line, outcome, claimed, allowed, codes FROM {path}"
    codes = f"""SELECT line, string_agg(code, ' ' ORDER BY code) AS codes
        FROM '{folder}/findings.parquet' GROUP BY line"""
    columns = "line, outcome, claimed, allowed, codes"
    return f"SELECT {columns} FROM {path} LEFT JOIN ({codes}) USING (line)"


def differences(one: Path, other: Path) -> dict[str, object]:
    """Give how many lines and carries stand in one run only, and some of them."""
    with duckdb.connect() as db:
        pairs = {
            "lines": [lines_of(db, one), lines_of(db, other)],
            "carries": [
                f"SELECT line, code, amount FROM '{folder}/carries.parquet'"
                for folder in (one, other)
            ],
        }
        found: dict[str, object] = {}
        for name, (left, right) in pairs.items():
            cells = ", ".join(f"{column}::VARCHAR" for column in _columns(db, left))
            # a sum of hashes of whole rows: no sorting, and no two runs that differ share it
            sums = f"count(*), sum(hash({cells})::HUGEINT)"
            totals = [db.execute(f"SELECT {sums} FROM ({q})").fetchone() for q in (left, right)]
            found[name] = 0
            if totals[0] != totals[1]:
                db.execute("SET memory_limit = '4GB'")
                rows = db.execute(f"""
                    (SELECT 'one', * FROM ({left} EXCEPT ALL {right}) ORDER BY line LIMIT {SHOWN})
                    UNION ALL
                    (SELECT 'other', * FROM ({right} EXCEPT ALL {left}) ORDER BY line
                        LIMIT {SHOWN})""").fetchall()
                found[name] = len(rows)
                found[f"{name}_shown"] = [[str(cell) for cell in row] for row in rows]
    return found


def _columns(db: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [row[0] for row in db.execute(f"DESCRIBE {query}").fetchall()]


def differences_from_run(folder: Path, data: Path) -> dict[str, object]:
    """Compare with our engine, which decides one line after the other."""
    import bulk_truth  # noqa: PLC0415  most runs do not need it

    with duckdb.connect() as db:
        rows = {row[0]: row for row in db.execute(lines_of(db, folder)).fetchall()}
        carries: dict[str, list[tuple[str, int]]] = defaultdict(list)
        query = f"SELECT line, code, amount FROM '{folder}/carries.parquet'"
        for line, code, amount in db.execute(query).fetchall():
            carries[line].append((code, amount))
    shown: list[str] = []
    count = 0
    for said in bulk_truth.said(data, len(rows)):
        line, outcome, claimed, allowed, codes = rows.pop(said.line)
        found = bulk_truth.Said(
            line,
            outcome,
            claimed,
            allowed,
            tuple(sorted((codes or "").split())),
            tuple(sorted(carries[line])),
        )
        if found != said:
            count += 1
            shown += [str(said), str(found)] if len(shown) < 2 * SHOWN else []
    return {"lines": count + len(rows), "lines_shown": shown}


def differences_from_zen(folder: Path, data: Path, count: int) -> dict[str, object]:
    """Compare the rules on lines with what zen-engine says of the first lines."""
    import bulk_lines  # noqa: PLC0415  most runs do not need it
    import bulk_zen  # noqa: PLC0415  likewise

    lines = bulk_lines.read_lines(data, count)
    with duckdb.connect() as db:
        query = f"SELECT line, codes FROM ({lines_of(db, folder)}) WHERE line <= '{lines[-1].id}'"
        codes = dict(db.execute(query).fetchall())
    shown = []
    for line, mask in zip(lines, bulk_zen.masks(lines), strict=True):
        numbers = [
            5 if code == "currency.no_rate" else int(code[1:])
            for code in (codes[line.id] or "").split()
        ]
        if mask != sum(1 << (number - 1) for number in numbers if number <= _ITEM_RULES):
            shown.append(f"{line.id}: {mask:b}, {codes[line.id]}")
    return {"lines": len(shown), "lines_shown": shown[:SHOWN]}


def main() -> None:
    """Compare, print what differs."""
    given = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    given.add_argument("one", type=Path)
    given.add_argument("other", type=Path, nargs="?")
    given.add_argument("--run", type=Path)
    given.add_argument("--zen", type=Path)
    given.add_argument("--lines", type=int, default=100_000)
    asked = given.parse_args()
    if asked.run:
        print(json.dumps(differences_from_run(asked.one, asked.run)))
    elif asked.zen:
        print(json.dumps(differences_from_zen(asked.one, asked.zen, asked.lines)))
    else:
        print(json.dumps(differences(asked.one, asked.other)))


if __name__ == "__main__":
    main()
