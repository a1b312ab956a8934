"""What our engine says of the bulk lines one by one: what every SQL must say, to the last unit."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import bulk_lines
import workload

from crm_expenses.core.decision import Outcome
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.evaluate import Evaluator


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a line: outcome, amounts in minor units, codes and carries, sorted."""

    line: str
    outcome: str
    claimed: int | None
    allowed: int
    codes: tuple[str, ...]
    carries: tuple[tuple[str, int], ...]


def said(folder: Path, count: int) -> Iterator[Said]:
    """Decide each line as a claim of its own, in order, with what earlier ones used."""
    held = workload.tables()
    engine = Evaluator(parse_policy(workload.policy_text(windows=True)))
    used: Counter[str] = Counter()
    for number, line in enumerate(bulk_lines.read_lines(folder, count)):
        bare = workload.facts_of([line], held, number)
        keys = engine.windows_of(bare)
        facts = replace(bare, windows={key: used[key] for key in keys if key in used})
        decision = engine.decide(facts, digest=False)
        if decision.outcome is not Outcome.REJECT:
            for carry in decision.carries:
                used[carry.window] += carry.amount
        (decided,) = decision.lines
        yield Said(
            line.id,
            decided.outcome.value,
            None if decided.claimed is None else decided.claimed.minor,
            decided.allowed.minor,
            tuple(sorted(finding.code for finding in decided.findings)),
            tuple(sorted((carry.rule, carry.amount) for carry in decision.carries)),
        )
