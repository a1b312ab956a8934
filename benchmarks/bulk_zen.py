"""zen-engine over the bulk lines: the rules on one line, look-ups in Python, at its best tuning.

    python benchmarks/bulk_zen.py FOLDER [--lines N]

Both tunings of `zen_peer.py` decide the same lines in turns; the quicker one counts. Lines stand
ready as Python objects, so that reading them costs nothing here.
"""

import argparse
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import bulk_lines
import workload
import zen_peer

ROUNDS: Final = 3


def lines_a_second(lines: Sequence[workload.Line], rounds: int = ROUNDS) -> Mapping[str, float]:
    """Give lines by CPU second for each tuning, the median of some rounds.

    Raises:
        ModuleNotFoundError: zen-engine is not installed.
    """
    held = workload.tables()
    engines = {
        "zen_graph": zen_peer.graph_engine(held),
        "zen_expression": zen_peer.expression_engine(held),
    }
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(rounds):
        for name, decide in engines.items():
            start = time.process_time()
            for line in lines:
                decide(line)
            seconds[name].append(time.process_time() - start)
    return {name: len(lines) / statistics.median(took) for name, took in seconds.items()}


def masks(lines: Sequence[workload.Line]) -> list[int]:
    """Give the bits of the broken rules of each line."""
    decide = zen_peer.graph_engine(workload.tables())
    return [decide(line)[0] for line in lines]


def main() -> None:
    """Time both tunings over the lines of a folder."""
    given = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    given.add_argument("folder", type=Path)
    given.add_argument("--lines", type=int, default=100_000)
    asked = given.parse_args()
    for name, rate in lines_a_second(bulk_lines.read_lines(asked.folder, asked.lines)).items():
        print(f"{name:16}{rate:12,.0f} lines a CPU second")


if __name__ == "__main__":
    main()
