"""What one rule says of one line or claim: whether it applies, what it finds, what it leaves.

A rule on days looks at each day of the line's trip: amounts add up, and one broken day is enough. A
rule that cannot be computed is named and leads to review; it never approves.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from crm_expenses.core.calendar import CalendarEndError
from crm_expenses.core.decision import Figure
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect, Evidence, Finding
from crm_expenses.core.money import Money
from crm_expenses.core.record import to_json
from crm_expenses.core.waiver import Waiver
from crm_expenses.rules.catalogue import Catalogue, RuleScope
from crm_expenses.rules.claim_context import FactMissingError
from crm_expenses.rules.compile import (
    BeyondBoundsError,
    Compiled,
    DivisionByZeroError,
    function,
)
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.line_facts import ClaimFacts, DayFacts, FactUnreadableError, LineFacts
from crm_expenses.rules.parameter import LookupMissedError
from crm_expenses.rules.policy import SHOWN_OPS, Rule, evidence_names
from crm_expenses.rules.tree import Node, Op, Sort, Type, unit_text, walk
from crm_expenses.rules.units import certain

OF_AMOUNT: Final = frozenset({"amount", "entitled"})
"""Facts that a line without a known rate lacks."""

UNCOVERED: Final = "scope.uncovered"
"""What a line of a category that no rule is on is found to be."""

NO_RATE: Final = "currency.no_rate"
"""What a line is found to be for whose day no rate is known."""

Of = LineFacts | DayFacts | ClaimFacts

RULE_FAILED: Final = (
    LookupMissedError,
    DivisionByZeroError,
    FactMissingError,
    FactUnreadableError,
    OverflowError,
    BeyondBoundsError,
    CalendarEndError,
)
"""What an expression raises when facts or parameters do not give a value."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """One piece of a rule's evidence: its name, its type, what it needs, how to compute it."""

    name: str
    node: Node
    needs: frozenset[str]
    compute: Compiled

    @property
    def type(self) -> Type:
        """The type of the value."""
        return self.node.type


@dataclass(slots=True)
class Judged:
    """What a rule says: `left` is None where the line is none of its business."""

    finding: Finding | None = None
    left: int | None = None


NOT_APPLIED: Final = Judged()


class Ready:
    """A rule made ready to run. `needs` are names that a line should have, and may not."""

    __slots__ = ("asks_for_trip", "evidence", "main", "needs", "rule", "when")

    def __init__(self, rule: Rule, held: Mapping[str, object], catalogue: Catalogue) -> None:
        self.rule = rule
        self.needs = tuple(sorted(rule.reads & catalogue.uncertain()))
        self.when = function(rule.when, held) if rule.when is not None else None
        self.asks_for_trip = rule.when is not None and "trip" in certain(rule.when, when=True)
        """Whether the rule is on lines with a trip only, as its own guard says."""
        main = rule.main
        self.main: Compiled = function(main, held)
        self.evidence = tuple(_shown(rule, held, catalogue))

    def chosen(self, subjects: Sequence[Of]) -> Sequence[Of]:
        """Give the subjects that the rule applies to."""
        when = self.when
        return subjects if when is None else [of for of in subjects if when(of)]

    def missing(self, of: Of) -> list[str]:
        """Give the names that the rule needs and that have no value."""
        return [name for name in self.needs if getattr(of, name) is None]


def _shown(rule: Rule, held: Mapping[str, object], catalogue: Catalogue) -> Iterable[_Shown]:
    nodes: dict[str, Node] = {}
    for tree in rule.expressions:
        for node in walk(tree):
            if node.op in SHOWN_OPS:
                nodes.setdefault(str(node.value), node)
    for name in evidence_names(rule, catalogue):
        node = nodes[name]
        yield _Shown(name, node, _needs(node), function(node, held))


def _needs(node: Node) -> frozenset[str]:
    """Give the names without which a node has no value; its guard stands outside of it."""
    if node.op is Op.PRESENT:
        return frozenset()
    args = node.args[1:] if node.op is Op.DEFAULT else node.args
    own = {str(node.value)} if node.op is Op.NAME else set()
    return frozenset(own).union(*map(_needs, args))


@dataclass(frozen=True, slots=True)
class Seen:
    """One word of a judge, for whoever wants to know how a decision came about."""

    rule: Rule
    of: Of
    subjects: Sequence[Of]
    taken_in: int
    before: int
    judged: Judged


class Judge:
    """The words of a policy's rules on the lines of one claim, in the policy's currency.

    Where `seen` is a list, each word is noted in it.
    """

    __slots__ = ("_claim", "_currency", "_person", "_seen", "_waivers")

    def __init__(self, currency: str, facts: Facts, seen: list[Seen] | None = None) -> None:
        self._currency = currency
        self._waivers: Sequence[Waiver] = facts.waivers
        self._person = facts.claim.person
        self._claim = facts.claim.id
        self._seen = seen

    def judge(
        self, ready: Ready, of: Of, subjects: Sequence[Of], taken_in: int, before: int = 0
    ) -> Judged:
        """Give what a limit, require, forbid or flag says, and what it leaves of the amount.

        `subjects` are the line or claim itself, or the days of the line's trip.
        """
        judged = self._judge(ready, of, subjects, taken_in, before)
        if self._seen is not None:
            self._seen.append(Seen(ready.rule, of, subjects, taken_in, before, judged))
        return judged

    def _judge(
        self, ready: Ready, of: Of, subjects: Sequence[Of], taken_in: int, before: int
    ) -> Judged:
        rule = ready.rule
        missing = ready.missing(of)
        if missing:
            if not OF_AMOUNT.isdisjoint(missing):
                return Judged(None, taken_in)  # the missing rate is a finding of its own
            return Judged(failed(ready, of, "missing", ("missing", ", ".join(missing))), taken_in)
        try:
            chosen = ready.chosen(subjects)
            if not chosen:
                return NOT_APPLIED
            if rule.kind is RuleKind.LIMIT:
                limit = sum(max(0, int(ready.main(one))) for one in chosen)
                return self._limit(ready, of, chosen[0], taken_in, (limit, before))
            wanted = rule.kind is RuleKind.REQUIRE
            broken = next((one for one in chosen if bool(ready.main(one)) is not wanted), None)
        except RULE_FAILED as error:
            return Judged(failed(ready, of, *why(error)), taken_in)
        if broken is None:
            return Judged(None, taken_in)
        finding = self._finding(ready, of, evidence(ready, broken))
        return Judged(finding, 0 if finding.effect is Effect.REJECT else taken_in)

    def value(
        self, ready: Ready, of: Of, subjects: Sequence[Of] | Finding
    ) -> tuple[tuple[Of, int], ...] | Finding:
        """Give what an allow or a measure gives for each subject that it applies to.

        A finding where it cannot be computed, or where there are no subjects to look at.
        """
        if isinstance(subjects, Finding):
            return subjects
        missing = ready.missing(of)
        if not OF_AMOUNT.isdisjoint(missing):
            return ()  # the missing rate is a finding of its own
        if missing:
            return failed(ready, of, "missing", ("missing", ", ".join(missing)))
        try:
            return tuple((one, int(ready.main(one))) for one in ready.chosen(subjects))
        except RULE_FAILED as error:
            return failed(ready, of, *why(error))

    def _limit(
        self, ready: Ready, of: Of, first: Of, taken_in: int, figures: tuple[int, int]
    ) -> Judged:
        limit, before = figures
        room = max(0, limit - before)
        if taken_in <= room or taken_in <= 0:
            return Judged(None, taken_in)
        shown = [("claimed", self._amount(taken_in)), ("limit", self._amount(limit))]
        if ready.rule.window is not None:
            shown.append(("before", self._amount(before)))
        shown.append(("over", self._amount(taken_in - room)))
        finding = self._finding(ready, of, (*shown, *evidence(ready, first)))
        if finding.effect is Effect.REJECT:
            return Judged(finding, 0)
        is_less = finding.effect in (Effect.CAP, Effect.JUSTIFY)
        return Judged(finding, room if is_less else taken_in)

    def _finding(self, ready: Ready, of: Of, shown: Evidence) -> Finding:
        """Make the finding; a justification or a waiver resolves it, and is named."""
        rule = ready.rule
        is_line = rule.scope is not RuleScope.CLAIM
        if rule.effect is Effect.JUSTIFY and is_line and of.justification:
            return Finding(rule.code, Effect.NOTE, rule.clause, shown, rule.effect, "justification")
        line = of.line.id if is_line and isinstance(of, LineFacts) else ""
        for waiver in self._waivers:
            if waiver.covers(
                rule=rule.code, person=self._person, claim=self._claim, line=line, day=of.as_of
            ):
                by = (
                    ("waiver", waiver.id),
                    ("granted_by", waiver.granted_by),
                    ("until", waiver.until.isoformat()),
                )
                return Finding(
                    rule.code, Effect.NOTE, rule.clause, (*shown, *by), rule.effect, "waiver"
                )
        return Finding(rule.code, rule.effect, rule.clause, shown)

    def _amount(self, minor: int) -> str:
        return f"{Money(minor, self._currency).amount:f}"


def evidence(ready: Ready, of: Of) -> Evidence:
    """Give what was compared with what; for a day of a trip, led by the day."""
    shown = []
    if isinstance(of, DayFacts):
        shown.append(("day", of.day.isoformat()))
    for piece in ready.evidence:
        with suppress(*RULE_FAILED):  # a fact or look-up in a branch that was not taken
            if any(getattr(of, name) is None for name in piece.needs):
                continue
            shown.append((piece.name, show(piece.compute(of), piece.type)))
    return tuple(dict.fromkeys(shown))


def failed(ready: Ready, of: Of, reason: str, *more: tuple[str, str]) -> Finding:
    """Make the finding of a rule that could not be computed."""
    shown = (("date", of.as_of.isoformat()), *more)
    return Finding(ready.rule.code, Effect.REVIEW, ready.rule.clause, shown, failed=reason)


def why(error: Exception) -> tuple[Any, ...]:
    """Give why a rule failed, as a word that messages know, and what belongs to it."""
    match error:
        case LookupMissedError():
            return "no_value", ("table", error.parameter), ("key", ", ".join(error.key))
        case FactMissingError():
            return "missing", ("missing", error.name)
        case FactUnreadableError():
            return "unreadable", ("fact", error.name)
        case BeyondBoundsError():
            return ("beyond",)
        case OverflowError():
            return ("date",)
        case CalendarEndError():
            return "calendar", ("day", error.day.isoformat()), ("covered", error.covered)
        case _:
            return ("zero",)


def figure(rule: Rule, value: int, total: int | None) -> Figure:
    """Make the figure of a measure."""
    kind = rule.main.type
    unit = unit_text(kind.dims) if kind.dims else ""
    return Figure(rule.code, show(value, kind), unit, "" if total is None else show(total, kind))


def show(raw: object, kind: Type) -> str:
    """Write a raw value as evidence shows it: all its decimals, dates by ISO 8601.

    >>> from crm_expenses.rules.tree import quantity
    >>> show(45000, quantity("CNY/night", 2))
    '450.00'
    """
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    if kind.sort is Sort.QUANTITY and isinstance(raw, int):
        sign, digits = ("-" if raw < 0 else ""), str(abs(raw)).rjust(kind.scale + 1, "0")
        if not kind.scale:
            return sign + digits
        return f"{sign}{digits[: -kind.scale]}.{digits[-kind.scale :]}"
    return str(to_json(raw))
