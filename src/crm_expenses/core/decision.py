"""Decisions: what becomes of a claim and each of its lines, and how findings combine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm_expenses.core.finding import Effect, Finding
from crm_expenses.core.money import Money


class Outcome(StrEnum):
    """What becomes of a line or a claim, from the best to the worst."""

    PASS = "pass"  # noqa: S105  an outcome, not a secret
    REDUCED = "reduced"
    JUSTIFY = "justify"
    REVIEW = "review"
    REJECT = "reject"

    @property
    def rank(self) -> int:
        """Place in the order, 0 is the best."""
        return _RANKS[self]


_RANKS: Final = {outcome: rank for rank, outcome in enumerate(Outcome)}

_OF_EFFECT: Final = {
    Effect.NOTE: Outcome.PASS,
    Effect.CAP: Outcome.REDUCED,
    Effect.JUSTIFY: Outcome.JUSTIFY,
    Effect.REVIEW: Outcome.REVIEW,
    Effect.REJECT: Outcome.REJECT,
}


def outcome_of(findings: Iterable[Finding]) -> Outcome:
    """Give the worst unresolved finding's outcome; none at all is a pass.

    >>> outcome_of([Finding("a", Effect.NOTE), Finding("b", Effect.CAP)])
    <Outcome.REDUCED: 'reduced'>
    """
    worst = max((f.effect for f in findings), key=lambda e: e.rank, default=Effect.NOTE)
    return _OF_EFFECT[worst]


def worst_outcome(outcomes: Iterable[Outcome]) -> Outcome:
    """Give the worst of several outcomes.

    >>> worst_outcome([Outcome.PASS, Outcome.REVIEW])
    <Outcome.REVIEW: 'review'>
    """
    return max(outcomes, key=lambda o: o.rank, default=Outcome.PASS)


@dataclass(frozen=True, slots=True)
class PolicyRef:
    """Which policy decided: its id, version and digest, and the version of the language."""

    id: str
    version: str
    digest: str
    language: int


@dataclass(frozen=True, slots=True)
class LineDecision:
    """The decision on one line; amounts are in the policy's currency.

    `claimed` is None where no exchange rate is known for the line's day.
    """

    line: str
    outcome: Outcome
    claimed: Money | None
    allowed: Money
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Carry:
    """What one window rule counts of one line: its own result, in minor units."""

    rule: str
    window: str
    line: str
    amount: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision on one claim, with all that is needed to derive it again."""

    claim: str
    outcome: Outcome
    claimed: Money
    allowed: Money
    findings: tuple[Finding, ...]
    lines: tuple[LineDecision, ...]
    carries: tuple[Carry, ...]
    policy: PolicyRef
    facts_digest: str


def decide_claim(
    claim: str,
    lines: Sequence[LineDecision],
    findings: tuple[Finding, ...],
    *,
    carries: tuple[Carry, ...],
    currency: str,
    policy: PolicyRef,
    facts_digest: str,
) -> Decision:
    """Combine lines and the claim's own findings into the claim's decision.

    The claim takes its worst line or its own worst finding, and allows the sum of its lines.
    """
    own = outcome_of(findings)
    claimed = sum(line.claimed.minor for line in lines if line.claimed is not None)
    allowed = 0 if own is Outcome.REJECT else sum(line.allowed.minor for line in lines)
    return Decision(
        claim,
        worst_outcome([own, *(line.outcome for line in lines)]),
        Money(claimed, currency),
        Money(allowed, currency),
        findings,
        tuple(lines),
        carries,
        policy,
        facts_digest,
    )
