"""All 28 rules over millions of lines: our query beside the best hand-written one, on DuckDB.

    python benchmarks/bulk_check.py [--json] [--lines N] [--repeat N] [--flat] [--without-engine]
    python benchmarks/bulk_check.py --curve [--flat] [--json]

Every run is a process of its own that reads Parquet files and writes two: the lines with outcome,
amounts and codes, and the carries. They run in turns, and the median counts. In this order:

- `scan` reads each column that is needed; `copy` reads and writes, and decides nothing: the floors;
- `hand` is the best SQL that we could write by hand for this policy: `bulk_hand.py`;
- `ours` is the script that our policy becomes;
- `zen` is zen-engine at its best tuning over a sample, rules on one line only.

No ratio is printed where codes, outcomes, amounts or carries differ. The hand-written SQL itself is
compared with our engine line by line over 20,000 lines, and with zen-engine over the sample.
CPU seconds are those of the work, without starting Python; memory is the peak of the process.

`--curve` gives our cost over 1, 10 and 30 million lines, and for 10, 50 and 200 rules.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Final

HERE: Final = Path(__file__).parent
RUN_LINES: Final = 20_000
RUN_PEOPLE: Final = 8
"""So few that windows matter."""

SAMPLE: Final = 100_000
CURVE_LINES: Final = (1_000_000, 10_000_000, 30_000_000)
CURVE_RULES: Final = (10, 50, 200)
CURVE_RULE_LINES: Final = 1_000_000
KINDS: Final = ("scan", "copy", "hand", "ours", "backtest")

Found = dict[str, list[dict[str, float]]]


def child(script: str, *words: object) -> str:
    """Run a script of this folder in a process of its own; give the last line that it prints."""
    command = [sys.executable, str(HERE / script), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  ours
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr.strip()}")
    return done.stdout.strip().rpartition("\n")[2]


def lines_in(folder: Path, count: int, *, flat: bool, people: int = 2_000) -> Path:
    """Give the folder of so many lines; they are written once and kept."""
    data = folder / f"{'flat' if flat else 'tables'}-{count}-{people}"
    flags = ["--flat"] if flat else []
    child("bulk_lines.py", data, "--lines", count, "--people", people, *flags)
    return data


def one(kind: str, data: Path, folder: Path, *words: object) -> dict[str, float]:
    """Run one kind once."""
    found: dict[str, float] = json.loads(
        child("bulk_run.py", kind, data, folder / f"out-{kind}", *words)
    )
    return found


def demand_equal(what: str, found: Mapping[str, Any]) -> None:
    """Stop where two runs differ: a time without agreement says nothing."""
    if any(found[name] for name in ("lines", "carries") if name in found):
        raise SystemExit(f"{what} differ, so there is no ratio: {json.dumps(found, indent=1)}")


def compare(data: Path, folder: Path, kinds: Sequence[str], *, flat: bool) -> Found:
    """Run each once and compare what they wrote; the times are thrown away."""
    small = lines_in(folder, RUN_LINES, flat=flat, people=RUN_PEOPLE)
    for kind in ("hand", "ours"):
        if kind in kinds:
            one(kind, small, folder)
            said = json.loads(child("bulk_equal.py", folder / f"out-{kind}", "--run", small))
            demand_equal(f"{kind} and our engine, line by line,", said)
    for kind in ("hand", "ours"):
        if kind in kinds:
            one(kind, data, folder)
    if {"hand", "ours"} <= set(kinds):
        said = json.loads(child("bulk_equal.py", folder / "out-hand", folder / "out-ours"))
        demand_equal("hand and ours", said)
    if "zen" in kinds:
        of_rules = ("--zen", data, "--lines", SAMPLE)
        said = json.loads(child("bulk_equal.py", folder / "out-hand", *of_rules))
        demand_equal("hand and zen-engine", said)
    return {kind: [] for kind in kinds}


def median(found: Found, kind: str, name: str) -> float:
    """Give the median over the runs of a kind."""
    return statistics.median(run[name] for run in found[kind])


def check(
    count: int, repeat: int, folder: Path, kinds: Sequence[str], *, flat: bool
) -> dict[str, object]:
    """Compare, then time all in turns; give the ratios and what they are made of."""
    data = lines_in(folder, count, flat=flat)
    found = compare(data, folder, kinds, flat=flat)
    for _ in range(repeat):
        for kind, runs in found.items():
            runs.append(one(kind, data, folder, "--lines", min(count, SAMPLE)))
    result: dict[str, object] = {}
    if "ours" in found:
        result = ratios(found, count)
    print(f"{count:,} lines, {'flat' if flat else 'in tables'}; all agree")
    print(f"\n{'':8}{'CPU s':>10}{'per million':>14}{'wall s':>10}{'peak MB':>10}{'/ scan':>9}")
    for kind in found:
        if kind == "zen":
            rate = quickest(found)
            print(f"{kind:8}{'':10}{1e6 / rate:14.2f}{'':20}{rate:12,.0f} lines a CPU second")
            continue
        cpu, wall, peak = (median(found, kind, name) for name in ("cpu", "wall", "peak_mb"))
        floor = cpu / median(found, "scan", "cpu")
        print(f"{kind:8}{cpu:10.2f}{cpu / count * 1e6:14.2f}{wall:10.2f}{peak:10.0f}{floor:9.1f}")
    for name, value in result.items():
        print(f"{name}: {value}")
    return {**result, "lines": count, "flat": flat, "repeat": repeat, "runs": found}


def quickest(found: Found) -> float:
    """Give the lines a CPU second of the better tuning."""
    return max(median(found, "zen", name) for name in ("zen_graph", "zen_expression"))


def ratios(found: Found, count: int) -> dict[str, object]:
    """Give what the goals are stated in."""
    cpu, peak = median(found, "ours", "cpu"), median(found, "ours", "peak_mb")
    result: dict[str, object] = {
        "bulk_check.cpu_times_hand_sql": round(cpu / median(found, "hand", "cpu"), 3),
        "bulk_check.memory_times_hand_sql": round(peak / median(found, "hand", "peak_mb"), 3),
        "bulk_check.cpu_times_scan": round(cpu / median(found, "scan", "cpu"), 2),
        "bulk_check.cpu_times_copy": round(cpu / median(found, "copy", "cpu"), 2),
    }
    if "zen" in found:
        result["bulk_check.times_faster_than_engine"] = round(count / cpu / quickest(found), 1)
    if "backtest" in found:  # a kind of `bulk_run.py` that compares two policies
        result["backtest.times_one_check"] = round(median(found, "backtest", "cpu") / cpu, 3)
    return result


def curve(repeat: int, folder: Path, *, flat: bool) -> dict[str, object]:
    """Give our cost as lines and as rules grow."""
    points = [(lines, 0) for lines in CURVE_LINES]
    points += [(CURVE_RULE_LINES, rules) for rules in CURVE_RULES]
    print(f"{'lines':>12}{'rules':>8}{'CPU s':>10}{'per million':>14}{'wall s':>10}{'peak MB':>10}")
    rows = []
    for lines, rules in points:
        data = lines_in(folder, lines, flat=flat)
        runs = [one("ours", data, folder, "--rules", rules) for _ in range(repeat)]
        row: dict[str, float] = {"lines": lines, "rules": rules or 28}
        for name in ("cpu", "wall", "peak_mb"):
            row[name] = round(statistics.median(run[name] for run in runs), 3)
        rows.append(row)
        cpu, wall, peak = row["cpu"], row["wall"], row["peak_mb"]
        each = cpu / lines * 1e6
        print(f"{lines:12,}{row['rules']:8}{cpu:10.2f}{each:14.2f}{wall:10.2f}{peak:10.0f}")
    return {"curve": rows, "flat": flat, "repeat": repeat}


def main() -> None:
    """Check that all agree, time them, print."""
    given = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    given.add_argument("--json", action="store_true", help="one JSON object as the last line")
    given.add_argument("--lines", type=int, default=1_000_000)
    given.add_argument("--repeat", type=int, default=5)
    given.add_argument("--flat", action="store_true", help="claims and vouchers on the lines")
    given.add_argument("--curve", action="store_true", help="cost as lines and rules grow")
    given.add_argument("--folder", type=Path, default=Path(gettempdir()) / "crm-expenses-bulk")
    given.add_argument("--without-engine", action="store_true", help="leave zen-engine out")
    given.add_argument("--without-ours", action="store_true", help="only the peers")
    asked = given.parse_args()
    if asked.curve:
        result = curve(asked.repeat, asked.folder, flat=asked.flat)
    else:
        left_out = {"ours", "backtest"} if asked.without_ours else set()
        engines = () if asked.without_engine else ("zen",)
        kinds = [kind for kind in (*KINDS, *engines) if kind not in left_out]
        result = check(asked.lines, asked.repeat, asked.folder, kinds, flat=asked.flat)
    if asked.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
