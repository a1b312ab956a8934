"""Decisions: what becomes of a claim and each of its lines, and how findings combine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from crm_expenses.core.finding import Effect, Finding
from crm_expenses.core.money import Money
from crm_expenses.core.quick import quick_init, quick_maker


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
    worst = Effect.NOTE
    for finding in findings:
        if finding.effect.rank > worst.rank:
            worst = finding.effect
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
class Entitlement:
    """What a component of `allow` rules gives a line; `days` has the part of each day of its trip.

    `rules` are the codes of those that applied. Days are pairs of date and minor units of the
    amount's currency, less what an earlier line got for the same; rules on the line have none.
    """

    component: str
    rules: tuple[str, ...]
    amount: Money
    days: tuple[tuple[date, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """What a `measure` gives: its rule, the value with all its decimals, the unit.

    `total` is the sum with what came before in the measure's window, empty without a window.
    """

    code: str
    value: str
    unit: str = ""
    total: str = ""


@quick_init
@dataclass(frozen=True, slots=True)
class LineDecision:
    """The decision on one line; amounts are in the policy's currency.

    `claimed` is None where no exchange rate is known for the line's day. `entitlements` are the
    components of a line whose category has an entitlement, before limits.
    """

    line: str
    outcome: Outcome
    claimed: Money | None
    allowed: Money
    findings: tuple[Finding, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()
    measures: tuple[Figure, ...] = ()


@quick_init
@dataclass(frozen=True, slots=True)
class Carry:
    """What one window rule counts of one line: its own result, in minor units."""

    rule: str
    window: str
    line: str
    amount: int


@quick_init
@dataclass(frozen=True, slots=True)
class Decision:
    """The decision on one claim, with all that is needed to derive it again.

    `approvals` are the approval steps whose own condition holds, and of those on some categories or
    teams only, the ones that are due. `facts_digest` is empty where nobody asked for it.
    """

    claim: str
    outcome: Outcome
    claimed: Money
    allowed: Money
    findings: tuple[Finding, ...]
    lines: tuple[LineDecision, ...]
    carries: tuple[Carry, ...]
    policy: PolicyRef
    facts_digest: str
    measures: tuple[Figure, ...] = ()
    approvals: tuple[str, ...] = ()


_money: Final = quick_maker(Money)
_decision: Final = quick_maker(Decision)
# looked up once: a member of an Enum costs as much as a small object
_PASS: Final = Outcome.PASS
_REJECT: Final = Outcome.REJECT
_RANK_OF: Final = {outcome.value: rank for outcome, rank in _RANKS.items()}


def decide_claim(  # noqa: PLR0913, PLR0917  the parts of one decision
    claim: str,
    lines: Sequence[LineDecision],
    findings: tuple[Finding, ...],
    carries: tuple[Carry, ...],
    currency: str,
    policy: PolicyRef,
    facts_digest: str,
    measures: tuple[Figure, ...] = (),
    approvals: tuple[str, ...] = (),
) -> Decision:
    """Combine lines and the claim's own findings into the claim's decision.

    The claim takes its worst line or its own worst finding, and allows the sum of its lines. A
    rejected claim counts in no window.
    """
    own = outcome_of(findings) if findings else _PASS
    worst, claimed, allowed = own, 0, 0
    for line in lines:
        outcome, of_line = line.outcome, line.claimed
        if outcome is not worst and _RANK_OF[outcome] > _RANK_OF[worst]:
            worst = outcome
        if of_line is not None:
            claimed += of_line.minor
        allowed += line.allowed.minor
    if own is _REJECT:
        allowed = 0
    left = _money(allowed, currency)
    return _decision(
        claim,
        worst,
        left if claimed == allowed else _money(claimed, currency),
        left,
        findings,
        tuple(lines),
        () if worst is _REJECT else carries,
        policy,
        facts_digest,
        measures,
        approvals,
    )
