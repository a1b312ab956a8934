"""The figures of a back-test: the same claims, decided by two policies. Plain values, no database.

Amounts are minor units of one currency. A figure `before` comes from the old policy, `after` from
the new one.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from crm_expenses.analytics.figures import Label
from crm_expenses.core.decision import Outcome
from crm_expenses.core.finding import Effect
from crm_expenses.core.money import Rounding, divide_whole

NEEDS_PERSON: Final = (Outcome.JUSTIFY, Outcome.REVIEW)
"""A claim with one of these outcomes waits for somebody."""

SHARE_PLACES: Final = 4


@dataclass(frozen=True, slots=True)
class Spend:
    """Lines with what was claimed on them, and what each policy allows."""

    lines: int
    claimed: int
    before: int
    after: int

    @property
    def difference(self) -> int:
        """What the new policy allows more; below zero it allows less."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Touched:
    """How many lines, claims and people have a decision that differs."""

    lines: int
    claims: int
    people: int


@dataclass(frozen=True, slots=True)
class Group:
    """A category, a team or a month: all its lines, and what of it differs.

    `key` is a code, a team's name, or a month like `2026-03`.
    """

    key: str
    spend: Spend
    touched: Touched


@dataclass(frozen=True, slots=True)
class RuleFigure:
    """A rule: how often it spoke before and after, and the differences that it accounts for.

    Every line that differs counts for one rule, so `spend` of all rules adds up to the whole:
    see `queries.blame`. An empty code stands for lines on which no rule spoke.
    """

    code: str
    findings_before: int
    findings_after: int
    spend: Spend
    touched: Touched


@dataclass(frozen=True, slots=True)
class Change:
    """How many go from one outcome to another."""

    before: Outcome
    after: Outcome
    lines: int
    claims: int


@dataclass(frozen=True, slots=True)
class Crossing:
    """A claim that goes to a person by one policy and not by the other."""

    claim: str
    person: str
    team: str
    claimed: int
    before: Outcome
    after: Outcome


@dataclass(frozen=True, slots=True)
class PersonNeeded:
    """Claims that a person must see by one policy and not by the other, and what is claimed.

    `listed` has the first of them, the largest claims first.
    """

    claims: int
    claimed: int
    listed: tuple[Crossing, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """One finding of one policy: `text` is the whole sentence where the facts could be had."""

    code: str
    effect: Effect
    title: Label
    clause: str = ""
    resolved_by: str = ""
    failed: str = ""
    text: Label | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one policy decides on a line or a claim, and why."""

    outcome: Outcome
    allowed: int
    findings: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class LineFlip:
    """A line that the two policies decide otherwise; `claimed` is None without a rate."""

    line: str
    category: str
    spent_on: date
    claimed: int | None
    before: Verdict
    after: Verdict

    @property
    def difference(self) -> int:
        """What the new policy allows more."""
        return self.after.allowed - self.before.allowed


@dataclass(frozen=True, slots=True)
class Flip:
    """A claim that the two policies decide otherwise, with its lines that differ.

    The findings of its verdicts are those on the claim as a whole. `lines_count` counts all of its
    lines that differ; `lines` holds the first of them.
    """

    claim: str
    person: str
    team: str
    claimed: int
    before: Verdict
    after: Verdict
    lines: tuple[LineFlip, ...]
    lines_count: int

    @property
    def difference(self) -> int:
        """What the new policy allows more."""
        return self.after.allowed - self.before.allowed


@dataclass(frozen=True, slots=True)
class PolicySide:
    """Which policy stands on a side."""

    id: str
    version: str
    digest: str
    title: Label


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """What one value of a parameter leads to. `lines` has the number of lines by outcome."""

    value: str
    allowed: int
    lines: dict[Outcome, int]
    claims_for_person: int

    @property
    def exceptions(self) -> int:
        """Lines that do not pass as they were claimed."""
        return sum(count for outcome, count in self.lines.items() if outcome is not Outcome.PASS)


@dataclass(frozen=True, slots=True)
class SweepFigures:
    """The curve of a parameter: from the day `since` on it has each of the values in turn.

    `now` is what the new policy has.
    """

    target: str
    title: Label
    unit: str
    since: date
    now: str
    points: tuple[SweepPoint, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole: claims and people that count, and claims left out for their status."""

    claims: int
    people: int
    left_out: int
    spend: Spend
    touched: Touched


@dataclass(frozen=True, slots=True)
class BacktestFigures:
    """Everything that a back-test shows. `names` are the titles of categories and rules."""

    old: PolicySide
    new: PolicySide
    currency: str
    totals: Totals
    rules: tuple[RuleFigure, ...]
    categories: tuple[Group, ...]
    teams: tuple[Group, ...]
    months: tuple[Group, ...]
    changes: tuple[Change, ...]
    now_needs: PersonNeeded
    no_longer_needs: PersonNeeded
    flips: tuple[Flip, ...]
    rule_titles: dict[str, Label]
    category_titles: dict[str, Label]
    sweep: SweepFigures | None = None


def share(part: int, whole: int) -> Decimal | None:
    """Give a part of a whole to four decimals, or None where there is no whole.

    >>> share(-125, 1000), share(1, 3), share(1, 0)
    (Decimal('-0.1250'), Decimal('0.3333'), None)
    """
    if whole == 0:
        return None
    scaled = divide_whole(part * 10**SHARE_PLACES, whole, Rounding.HALF_UP)
    return Decimal(scaled).scaleb(-SHARE_PLACES)
