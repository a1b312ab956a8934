"""One line against 24 rules, a claim of 20 lines against 28, beside what one writes by hand.

    python benchmarks/check_line.py [--json] [--lines N] [--claims N] [--rounds N]
                                    [--without-engine]

First all engines must agree: the same rules broken and the same amounts, line by line. Then they
are timed in turns, in CPU time, and the median of the rounds counts. What each starts from:

- ours: typed facts (claim, line, person, vouchers, rates) to a decision with findings, evidence and
  amounts; look-ups of tier and caps included; no digest, which is timed apart;
- by hand, typed: the same typed facts to the numbers of the broken rules and the amount;
- by hand, flat and tuned: a flat record with whole hundredths, people and rates in tables at hand;
- zen-engine: the flat record, look-ups in Python, all rules in one compiled graph, or in one
  compiled expression; the quicker of the two counts.

The key `check_line.times_hand_written` compares with the plain hand-written code on typed facts,
which does what ours does from the same start; the ratios to the others are printed beside it.
"""

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import hand_written
import workload
import zen_peer

from crm_expenses.core.decision import LineDecision
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.evaluate import NO_RATE, Evaluator

RATE_RULE: Final = 5
LINES_OF_A_CLAIM: Final = 20


def broken_of(line: LineDecision) -> list[int]:
    """Give the numbers of the rules that a decision of ours names."""
    codes = (RATE_RULE if f.code == NO_RATE else int(f.code[1:]) for f in line.findings)
    return sorted(codes)


def agree(of: str, number: int, ours: object, theirs: object) -> None:
    """Stop where two engines differ: a time without agreement says nothing."""
    if ours != theirs:
        raise SystemExit(f"{of}, line {number}: ours {ours}, theirs {theirs}: mend this first")


def left_of(line: LineDecision) -> int:
    """Give what is allowed; a refused refund stays a refund with us, and counts as nothing here."""
    return max(0, line.allowed.minor)


def timed(runs: dict[str, Callable[[], None]], rounds: int) -> dict[str, list[float]]:
    """Run each in turn, so often; give CPU seconds by name."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.process_time()
            run()
            seconds[name].append(time.process_time() - start)
    gc.unfreeze()
    return seconds


def over(decide: Callable[[Any], object], items: Sequence[object]) -> Callable[[], None]:
    """Make a run over all items."""

    def run() -> None:
        for item in items:
            decide(item)

    return run


def check_lines(count: int, rounds: int, *, has_engine: bool) -> tuple[dict[str, float], float]:
    """Time single lines; give microseconds a line by name, and the share of broken ones."""
    held = workload.tables()
    lines = workload.lines(count, held)
    facts = [workload.facts_of([line], held, n) for n, line in enumerate(lines)]
    ours = Evaluator(parse_policy(workload.policy_text(windows=False)))
    tuned = hand_written.tuned(held)
    typed = hand_written.typed(held)
    engines: dict[str, Callable[[workload.Line], tuple[int, int]]] = {}
    if has_engine:
        engines["zen_graph"] = zen_peer.graph_engine(held)
        engines["zen_expression"] = zen_peer.expression_engine(held)
    broken = 0
    for number, (line, given) in enumerate(zip(lines, facts, strict=True)):
        (decided,) = ours.decide(given, digest=False).lines
        rules, allowed = hand_written.plain(line, held)
        broken += bool(rules)
        expected = (sorted(rules), max(0, allowed))
        agree("flat", number, (broken_of(decided), left_of(decided)), expected)
        mask, least = tuned(line)
        agree("tuned", number, (sum(1 << (r - 1) for r in rules), allowed), (mask, least))
        by_hand = typed(given)
        agree("typed", number, expected, (sorted(by_hand[0]), max(0, by_hand[1])))
        for name, engine in engines.items():
            agree(name, number, (mask, max(0, least)), engine(line))
    runs = {
        "ours": over(lambda given: ours.decide(given, digest=False), facts),
        "ours_with_digest": over(ours.decide, facts),
        "by_hand_typed": over(typed, facts),
        "by_hand_flat": over(lambda line: hand_written.plain(line, held), lines),
        "by_hand_tuned": over(tuned, lines),
    }
    for name, engine in engines.items():
        runs[name] = over(engine, lines)
    seconds = timed(runs, rounds)
    micro = {n: statistics.median(took) / count * 1e6 for n, took in seconds.items()}
    return micro, broken / count


def check_claims(count: int, rounds: int) -> dict[str, float]:
    """Time claims of 20 lines with windows; give microseconds a line by name."""
    held = workload.tables()
    claims = workload.claims(count, LINES_OF_A_CLAIM, held)
    facts = [workload.facts_of(claim, held, n) for n, claim in enumerate(claims)]
    ours = Evaluator(parse_policy(workload.policy_text(windows=True)))
    typed = hand_written.typed_claim(held)
    for number, (claim, given) in enumerate(zip(claims, facts, strict=True)):
        expected = [(sorted(r), max(0, a)) for r, a in hand_written.plain_claim(claim, held)]
        decided = ours.decide(given, digest=False).lines
        agree("claim", number, [(broken_of(d), left_of(d)) for d in decided], expected)
        by_hand = [(sorted(r), max(0, a)) for r, a in typed(given)]
        agree("claim, typed", number, expected, by_hand)
    runs = {
        "ours": over(lambda given: ours.decide(given, digest=False), facts),
        "by_hand_typed": over(typed, facts),
        "by_hand_flat": over(lambda claim: hand_written.plain_claim(claim, held), claims),
    }
    seconds = timed(runs, rounds)
    each = count * LINES_OF_A_CLAIM
    return {n: statistics.median(took) / each * 1e6 for n, took in seconds.items()}


def main() -> None:
    """Check that all agree, time them, print."""
    given = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    given.add_argument("--json", action="store_true", help="one JSON object as the last line")
    given.add_argument("--lines", type=int, default=3_000)
    given.add_argument("--claims", type=int, default=200)
    given.add_argument("--rounds", type=int, default=9)
    given.add_argument("--without-engine", action="store_true", help="leave zen-engine out")
    asked = given.parse_args()
    try:
        lines, share = check_lines(asked.lines, asked.rounds, has_engine=not asked.without_engine)
    except ModuleNotFoundError as error:
        sys.exit(f"{error}: pip install zen-engine==2.1.0, or give --without-engine")
    claims = check_claims(asked.claims, asked.rounds)
    print(f"{asked.lines:,} lines, {share:.0%} with findings; {asked.claims:,} claims; all agree")
    print(f"\n{'µs CPU a line':28}{'median':>10}{'ours / it':>12}")
    for title, found in (("one line, 24 rules", lines), ("claim of 20, 28 rules", claims)):
        print(title)
        for name, micro in found.items():
            print(f"  {name:26}{micro:10.2f}{found['ours'] / micro:12.2f}")
    result: dict[str, object] = {
        "check_line.times_hand_written": round(lines["ours"] / lines["by_hand_typed"], 3),
        "check_claim.times_hand_written": round(claims["ours"] / claims["by_hand_typed"], 3),
        "check_line.times_hand_written_flat": round(lines["ours"] / lines["by_hand_flat"], 3),
        "check_claim.times_hand_written_flat": round(claims["ours"] / claims["by_hand_flat"], 3),
        "lines": asked.lines,
        "claims": asked.claims,
        "rounds": asked.rounds,
        "share_with_findings": round(share, 4),
        "microseconds_a_line": {n: round(v, 3) for n, v in lines.items()},
        "microseconds_a_line_of_a_claim": {n: round(v, 3) for n, v in claims.items()},
    }
    zen = [micro for name, micro in lines.items() if name.startswith("zen_")]
    if zen:
        faster = min(zen) / lines["ours"]
        result["check_line.times_faster_than_engine"] = round(faster, 3)
    if asked.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
