"""A back-test as JSON: amounts as texts in the currency's major unit, one shape with a version."""

from typing import Any, Literal

from typing_extensions import TypedDict

from crm_expenses.analytics.backtest.figures import (
    BacktestFigures,
    Flip,
    Group,
    LineFlip,
    PersonNeeded,
    PolicySide,
    Said,
    Spend,
    SweepFigures,
    Touched,
    Verdict,
    share,
)
from crm_expenses.analytics.figures import Label
from crm_expenses.core.money import Money

OutcomeJson = Literal["pass", "reduced", "justify", "review", "reject"]
EffectJson = Literal["note", "cap", "justify", "review", "reject"]


class TextJson(TypedDict):
    """A text in both languages."""

    en: str
    zh: str


class PolicySideJson(TypedDict):
    """Which policy decided."""

    id: str
    version: str
    digest: str
    title: TextJson


class SpendJson(TypedDict):
    """Lines, what is claimed on them, and what each policy allows.

    `share` is the difference by what was allowed before, as a ratio of four decimals; null where
    nothing was.
    """

    lines: int
    claimed: str
    before: str
    after: str
    difference: str
    share: str | None


class TouchedJson(TypedDict):
    """What has a decision that differs."""

    lines: int
    claims: int
    people: int


class TotalsJson(TypedDict):
    """The whole; `left_out` are claims that do not count for their status."""

    claims: int
    people: int
    left_out: int
    spend: SpendJson
    touched: TouchedJson


class RuleJson(TypedDict):
    """A rule; every line that differs counts for one rule, an empty code stands for none.

    `changed` has those lines only.
    """

    code: str
    title: TextJson | None
    findings_before: int
    findings_after: int
    changed: SpendJson
    touched: TouchedJson


class GroupJson(TypedDict):
    """A category, a team or a month with all its lines."""

    key: str
    title: TextJson | None
    spend: SpendJson
    touched: TouchedJson


class ChangeJson(TypedDict):
    """How many go from one outcome to another."""

    before: OutcomeJson
    after: OutcomeJson
    lines: int
    claims: int


class CrossingJson(TypedDict):
    """A claim that goes to a person by one of the policies only."""

    claim: str
    person: str
    team: str
    claimed: str
    before: OutcomeJson
    after: OutcomeJson


class NeededJson(TypedDict):
    """Claims, what is claimed with them, and the first of them, the largest first."""

    claims: int
    claimed: str
    listed: list[CrossingJson]


class PersonJson(TypedDict):
    """Claims that a person must see by one of the policies only."""

    now: NeededJson
    no_longer: NeededJson


class SaidJson(TypedDict):
    """A finding; `message` is null where the facts could not be had."""

    code: str
    effect: EffectJson
    title: TextJson
    clause: str
    resolved_by: str
    failed: str
    message: TextJson | None


class VerdictJson(TypedDict):
    """What one policy decides."""

    outcome: OutcomeJson
    allowed: str
    findings: list[SaidJson]


class LineFlipJson(TypedDict):
    """A line that is decided otherwise; `claimed` is null without an exchange rate."""

    line: str
    category: str
    date: str
    claimed: str | None
    difference: str
    before: VerdictJson
    after: VerdictJson


class FlipJson(TypedDict):
    """A claim that is decided otherwise; `lines_count` counts all its lines that differ."""

    claim: str
    person: str
    team: str
    claimed: str
    difference: str
    before: VerdictJson
    after: VerdictJson
    lines_count: int
    lines: list[LineFlipJson]


class PointJson(TypedDict):
    """What one value leads to. `exceptions` are lines that do not pass as claimed."""

    value: str
    allowed: str
    exceptions: int
    lines: dict[str, int]
    claims_for_person: int


class SweepJson(TypedDict):
    """The curve of a figure of the new policy, which has the value `now` since `since`."""

    target: str
    title: TextJson
    unit: str
    since: str
    now: str
    points: list[PointJson]


class BacktestJson(TypedDict):
    """A back-test. `shape` is the version of this shape.

    `flips` holds the claims with the biggest differences; `totals.touched.claims` counts them all.
    """

    shape: Literal[1]
    currency: str
    old: PolicySideJson
    new: PolicySideJson
    totals: TotalsJson
    needs_person: PersonJson
    changes: list[ChangeJson]
    rules: list[RuleJson]
    categories: list[GroupJson]
    teams: list[GroupJson]
    months: list[GroupJson]
    flips: list[FlipJson]
    sweep: SweepJson | None


def backtest_json(figures: BacktestFigures) -> BacktestJson:
    """Give a back-test as plain JSON values."""
    write = _Writer(figures)
    totals = figures.totals
    return {
        "shape": 1,
        "currency": figures.currency,
        "old": _side(figures.old),
        "new": _side(figures.new),
        "totals": {
            "claims": totals.claims,
            "people": totals.people,
            "left_out": totals.left_out,
            "spend": write.spend(totals.spend),
            "touched": _touched(totals.touched),
        },
        "needs_person": {
            "now": write.needed(figures.now_needs),
            "no_longer": write.needed(figures.no_longer_needs),
        },
        "changes": [
            {
                "before": change.before.value,
                "after": change.after.value,
                "lines": change.lines,
                "claims": change.claims,
            }
            for change in figures.changes
        ],
        "rules": [
            {
                "code": rule.code,
                "title": _text(figures.rule_titles.get(rule.code)),
                "findings_before": rule.findings_before,
                "findings_after": rule.findings_after,
                "changed": write.spend(rule.spend),
                "touched": _touched(rule.touched),
            }
            for rule in figures.rules
        ],
        "categories": [
            write.group(group, figures.category_titles.get(group.key))
            for group in figures.categories
        ],
        "teams": [write.group(group) for group in figures.teams],
        "months": [write.group(group) for group in figures.months],
        "flips": [write.flip(flip) for flip in figures.flips],
        "sweep": write.sweep(figures.sweep) if figures.sweep is not None else None,
    }


class _Writer:
    """Writes parts whose amounts are in the currency of the figures."""

    def __init__(self, figures: BacktestFigures) -> None:
        self._currency = figures.currency

    def money(self, minor: int) -> str:
        return f"{Money(minor, self._currency).amount:f}"

    def spend(self, of: Spend) -> SpendJson:
        ratio = share(of.difference, of.before)
        return {
            "lines": of.lines,
            "claimed": self.money(of.claimed),
            "before": self.money(of.before),
            "after": self.money(of.after),
            "difference": self.money(of.difference),
            "share": None if ratio is None else f"{ratio:f}",
        }

    def needed(self, of: PersonNeeded) -> NeededJson:
        return {
            "claims": of.claims,
            "claimed": self.money(of.claimed),
            "listed": [
                {
                    "claim": one.claim,
                    "person": one.person,
                    "team": one.team,
                    "claimed": self.money(one.claimed),
                    "before": one.before.value,
                    "after": one.after.value,
                }
                for one in of.listed
            ],
        }

    def group(self, of: Group, title: Label | None = None) -> GroupJson:
        return {
            "key": of.key,
            "title": _text(title),
            "spend": self.spend(of.spend),
            "touched": _touched(of.touched),
        }

    def flip(self, of: Flip) -> FlipJson:
        return {
            "claim": of.claim,
            "person": of.person,
            "team": of.team,
            "claimed": self.money(of.claimed),
            "difference": self.money(of.difference),
            "before": self.verdict(of.before),
            "after": self.verdict(of.after),
            "lines_count": of.lines_count,
            "lines": [self.line(line) for line in of.lines],
        }

    def line(self, of: LineFlip) -> LineFlipJson:
        return {
            "line": of.line,
            "category": of.category,
            "date": of.spent_on.isoformat(),
            "claimed": None if of.claimed is None else self.money(of.claimed),
            "difference": self.money(of.difference),
            "before": self.verdict(of.before),
            "after": self.verdict(of.after),
        }

    def verdict(self, of: Verdict) -> VerdictJson:
        return {
            "outcome": of.outcome.value,
            "allowed": self.money(of.allowed),
            "findings": [_said(said) for said in of.findings],
        }

    def sweep(self, of: SweepFigures) -> SweepJson:
        return {
            "target": of.target,
            "title": _both(of.title),
            "unit": of.unit,
            "since": of.since.isoformat(),
            "now": of.now,
            "points": [
                {
                    "value": point.value,
                    "allowed": self.money(point.allowed),
                    "exceptions": point.exceptions,
                    "lines": {outcome.value: n for outcome, n in sorted(point.lines.items())},
                    "claims_for_person": point.claims_for_person,
                }
                for point in of.points
            ],
        }


def _both(of: Label) -> TextJson:
    return {"en": of.en, "zh": of.zh}


def _text(of: Label | None) -> TextJson | None:
    return None if of is None else _both(of)


def _side(of: PolicySide) -> PolicySideJson:
    return {"id": of.id, "version": of.version, "digest": of.digest, "title": _both(of.title)}


def _touched(of: Touched) -> TouchedJson:
    return {"lines": of.lines, "claims": of.claims, "people": of.people}


def _said(of: Said) -> SaidJson:
    return {
        "code": of.code,
        "effect": of.effect.value,
        "title": _both(of.title),
        "clause": of.clause,
        "resolved_by": of.resolved_by,
        "failed": of.failed,
        "message": _text(of.text),
    }


def backtest_schema() -> dict[str, Any]:
    """Give the JSON Schema of a back-test."""
    from pydantic import TypeAdapter  # noqa: PLC0415  heavy, and needed only to write the schema

    schema = TypeAdapter(BacktestJson).json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema
