"""Print what happens in a seed: `python -m crm_expenses.testing.simulation SEED [LAST]`."""

import sys

from crm_expenses.testing.simulation import Workshop, simulate


def main(arguments: list[str]) -> int:
    """Print the trace of a seed, or the seeds of a range in which something does not hold."""
    first, last = int(arguments[0]), int(arguments[-1])
    bad = 0
    with Workshop() as shop:
        for seed in range(first, last + 1):
            outcome = simulate(seed, shop)
            bad += bool(outcome.broken)
            if first == last:
                print(outcome.scenario, *outcome.trace, sep="\n")  # noqa: T201
            for line in outcome.broken:
                print(f"seed {seed}: {line}", flush=True)  # noqa: T201
    print(f"{last - first + 1} seeds, {bad} of them broken")  # noqa: T201
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
