"""Worked examples at the boundaries of a policy's rules, each decided by `run` itself.

For a limit: the greatest amount that it lets through, and one minor unit more. For what is
required, forbidden or looked at: a claim that the rule finds fault with, and the same claim with
one fact changed, with which it does not; where that fact is a quantity, the two values lie side by
side. For an allowance or a figure: what it gives. A rule for which the search finds nothing has no
example. The search is bounded and has no chance in it: a policy has the same examples everywhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, islice, product
from typing import Final

from crm_expenses.core.decision import Decision
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect, Finding
from crm_expenses.rules.candidates import Candidates
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.situation import (
    BEFORE,
    COUNT,
    EACH,
    TRIP,
    Raw,
    Situation,
    TripShape,
    facts_of,
    with_windows,
)
from crm_expenses.rules.tree import names_in

TRIES_MAX: Final = 1_500
"""Most claims that are decided in the search for one example."""

CATEGORIES_MAX: Final = 6
"""Most categories in which the examples of one rule are looked for."""

CHANGES_MAX: Final = 3
"""Most facts of the first claim that are changed at once."""

MENDED_MAX: Final = 300
"""Most claims that are decided to find one that other rules have nothing against."""

USED_MAX: Final = 10**11
"""What a window is said to have used, in minor units, to see whether its rule speaks at all."""

Value = Raw | TripShape


class Side(StrEnum):
    """On which side of its rule an example stands; GIVES is one of an allowance or a figure."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    GIVES = "gives"


@dataclass(frozen=True, slots=True)
class Example:
    """A claim at the boundary of a rule, and what the policy decides of it.

    `shown` are the facts that matter, as pairs of a name and a raw value; `differs` names the one
    in which it differs from the rule's example on the other side, empty where there is none.
    """

    rule: str
    side: Side
    shown: tuple[tuple[str, Value], ...]
    differs: str
    facts: Facts
    decision: Decision

    @property
    def finding(self) -> Finding | None:
        """What the rule says of it."""
        return finding_of(self.decision, self.rule)


def finding_of(decision: Decision, code: str) -> Finding | None:
    """Give the finding of a rule in a decision."""
    of_lines = (finding for line in decision.lines for finding in line.findings)
    return next((f for f in (*decision.findings, *of_lines) if f.code == code), None)


def examples_of(evaluator: Evaluator) -> tuple[Example, ...]:
    """Give the examples of every rule, in the order of the policy."""
    finder = _Finder(evaluator)
    return tuple(example for rule in evaluator.policy.rules for example in finder.of(rule))


@dataclass(frozen=True, slots=True)
class _Tried:
    """A situation with its decision; `fires` is None where the rule could not be computed."""

    situation: dict[str, Value]
    facts: Facts
    decision: Decision
    fires: bool | None


class _Finder:
    """Looks for examples, rule by rule."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._policy: Policy = evaluator.policy
        self._candidates = Candidates(evaluator.policy)
        self._bases: dict[str, dict[str, Value]] = {}
        self._left = 0

    def of(self, rule: Rule) -> Sequence[Example]:
        """Give the examples of a rule, from the category in which other rules say the least."""
        best: Sequence[Example] = ()
        noise = 0
        for category in self._categories(rule):
            self._left = TRIES_MAX
            base = self._base(category)
            if rule.kind in (RuleKind.ALLOW, RuleKind.MEASURE):
                found = self._giving(rule, base)
            elif rule.kind is RuleKind.LIMIT:
                found = self._limited(rule, base)
            else:
                found = self._judged(rule, base)
            heard = sum(code != rule.code for e in found for code in _loud(e.decision))
            if found and (not best or (-len(found), heard) < (-len(best), noise)):
                best, noise = found, heard
            if best and not noise:
                break
        return best

    def _categories(self, rule: Rule) -> Sequence[str]:
        if rule.scope is RuleScope.CLAIM:
            return ("",)
        return [code for code in self._policy.categories if rule.covers(code)][:CATEGORIES_MAX]

    # Trying

    def _try(self, rule: Rule, situation: dict[str, Value], **changed: Value) -> _Tried:
        made = situation | changed
        self._left -= 1
        facts = self._facts(made, rule.code if rule.window is not None else "")
        decision = self._evaluator.decide(facts, digest=False)
        finding = finding_of(decision, rule.code)
        fires: bool | None = finding is not None if facts.lines else None
        if finding is not None and (finding.failed or finding.resolved_by):
            fires = None
        return _Tried(made, facts, decision, fires)

    def _facts(self, situation: Situation, window_of: str = "") -> Facts:
        facts = facts_of(self._policy, situation)
        return with_windows(self._evaluator, facts, situation, window_of)

    def _base(self, category: str) -> dict[str, Value]:
        if category not in self._bases:
            self._bases[category] = self._mended(self._candidates.base(category))
        return self._bases[category]

    def _mended(self, base: dict[str, Value]) -> dict[str, Value]:
        """Change a claim, fact by fact, until the rules have as little against it as can be."""
        left = MENDED_MAX
        loud = self._against(base)
        tried: set[str] = set()
        while loud and left > 0:
            code = next((code for code in loud if code not in tried), None)
            rule = self._policy.rule(code) if code is not None else None
            if code is None:
                break
            tried.add(code)
            for changes in self._changes(rule, 2) if rule is not None else ():
                left -= 1
                now = self._against(base | changes)
                if len(now) < len(loud):
                    base, loud = base | changes, now
                    break
                if left <= 0:
                    break
        return base

    def _against(self, situation: Situation) -> list[str]:
        return _loud(self._evaluator.decide(self._facts(situation), digest=False))

    def _changes(self, rule: Rule, most: int) -> Iterator[dict[str, Value]]:
        """Give changes of the facts that a rule reads: of one, then two, then more at once."""
        values = {name: self._candidates.of(name, rule) for name in self._candidates.names(rule)}
        for count in range(1, most + 1):
            for names in combinations(values, count):
                for chosen in product(*(values[name] for name in names)):
                    yield dict(zip(names, chosen, strict=True))

    # Allowances and figures

    def _giving(self, rule: Rule, base: dict[str, Value]) -> list[Example]:
        for changes in islice(self._all_changes(rule), TRIES_MAX):
            tried = self._try(rule, base, **changes)
            if _given(rule, tried.decision):
                return [self._example(rule, Side.GIVES, tried, "")]
        return []

    def _all_changes(self, rule: Rule) -> Iterator[dict[str, Value]]:
        yield {}
        yield from self._changes(rule, CHANGES_MAX)

    # Limits

    def _limited(self, rule: Rule, base: dict[str, Value]) -> list[Example]:
        top = self._policy.catalogue.names["amount"].high // 10
        for name, changes in self._openings(rule):
            start = base | changes
            most = top if name == "amount" else USED_MAX
            if not self._try(rule, start, **{name: most}).fires:
                continue
            pair = self._pair(rule, start, name, (0, most))
            if pair is not None:
                return self._both(rule, *pair, name)
        return []

    def _openings(self, rule: Rule) -> Iterator[tuple[str, dict[str, Value]]]:
        """Give what to raise until the limit speaks, and what to change before."""
        ways = ("amount", BEFORE) if rule.window is not None else ("amount",)
        for changes in islice(self._all_changes(rule), TRIES_MAX // 4):
            for name in ways:
                yield name, changes

    def _pair(
        self, rule: Rule, start: dict[str, Value], name: str, between: tuple[int, int]
    ) -> tuple[_Tried, _Tried] | None:
        """Give two neighbours, the rule quiet on the first and speaking on the second.

        `between` are values on which it is quiet, and speaks; None where it is not quiet there, or
        cannot be computed in the middle.
        """
        low, high = between
        quiet = self._try(rule, start, **{name: low})
        loud = self._try(rule, start, **{name: high})
        if quiet.fires is not False or loud.fires is not True:
            return None
        while abs(high - low) > 1:
            middle = (low + high) // 2
            tried = self._try(rule, start, **{name: middle})
            if tried.fires is None:
                return None
            if tried.fires:
                high, loud = middle, tried
            else:
                low, quiet = middle, tried
        return quiet, loud

    # What must hold or must not

    def _judged(self, rule: Rule, base: dict[str, Value]) -> list[Example]:
        loud = self._first(rule, base)
        if loud is None:
            return []
        names = self._candidates.names(rule)
        edge = ""
        near: _Tried | None = None
        for name in names:
            pair = self._edge(rule, loud, name, base)
            if pair is not None:
                (near, loud), edge = pair, name
                break
        found = []
        tries = (self._flipped(rule, loud, name, base, edge) for name in names)
        flipped = next(filter(None, tries), None)
        if flipped is not None:
            found.append(self._example(rule, Side.INSIDE, *flipped))
        if near is not None:
            found.append(self._example(rule, Side.INSIDE, near, edge))
        differs = edge or (found[0].differs if found else "")
        return [*found, self._example(rule, Side.OUTSIDE, loud, differs)]

    def _edge(
        self, rule: Rule, loud: _Tried, name: str, base: dict[str, Value]
    ) -> tuple[_Tried, _Tried] | None:
        """Look for the two neighbouring values of a quantity between which the rule turns."""
        high = loud.situation.get(name)
        if type(high) is not int:
            return None
        for low in self._values(rule, name, base):
            if type(low) is not int or (name == "amount" and low < 0) or self._left <= 0:
                continue
            if self._try(rule, loud.situation, **{name: low}).fires is False:
                pair = self._pair(rule, loud.situation, name, (low, high))
                return None if pair is not None and _is_nothing(pair[0], name) else pair
        return None

    def _flipped(
        self, rule: Rule, loud: _Tried, name: str, base: dict[str, Value], edge: str
    ) -> tuple[_Tried, str] | None:
        """Look for one other fact with which the rule is quiet; never the one with an edge."""
        if name == edge:
            return None
        is_guard = rule.when is not None and name not in names_in(rule.main)
        for value in self._values(rule, name, base):
            if self._left <= 0:
                break
            if value is None and is_guard:
                continue
            tried = self._try(rule, loud.situation, **{name: value})
            if tried.fires is False and not _is_nothing(tried, name):
                return tried, name
        return None

    def _values(self, rule: Rule, name: str, base: dict[str, Value]) -> list[Value]:
        """Give the values of a name, what a complete claim has leading."""
        return list(dict.fromkeys((base.get(name), *self._candidates.of(name, rule))))

    def _first(self, rule: Rule, base: dict[str, Value]) -> _Tried | None:
        for changes in self._all_changes(rule):
            if self._left <= TRIES_MAX // 3:
                return None
            tried = self._try(rule, base, **changes)
            if tried.fires:
                return tried
        return None

    # Examples

    def _both(self, rule: Rule, quiet: _Tried, loud: _Tried, differs: str) -> list[Example]:
        return [
            self._example(rule, Side.INSIDE, quiet, differs),
            self._example(rule, Side.OUTSIDE, loud, differs),
        ]

    def _example(self, rule: Rule, side: Side, tried: _Tried, differs: str) -> Example:
        shown = tuple(self._shown(rule, tried.situation, differs))
        return Example(rule.code, side, shown, differs, tried.facts, tried.decision)

    def _shown(self, rule: Rule, situation: Situation, differs: str) -> Iterator[tuple[str, Value]]:
        """Give the facts that matter: what the line is, and what the rule reads of it."""
        names = self._candidates.names(rule)
        own = self._policy.currency
        of_claim = rule.scope is RuleScope.CLAIM
        leading = () if of_claim else ("category", "amount")
        keys = rule.window.facts if rule.window is not None else ()
        wanted = dict.fromkeys((*leading, *names, *keys, differs))
        if of_claim:
            counted = [name for name in situation if name.startswith((COUNT, EACH))]
            wanted = dict.fromkeys((*counted, *wanted))
        if rule.scope is RuleScope.DAY:
            wanted[TRIP] = None
        if "age_days" in wanted:
            wanted = dict.fromkeys(("date", *wanted))
            wanted = dict.fromkeys((*leading, *wanted))
        for name in wanted:
            if name in ("person", "claim", "trip") or not name:
                continue
            if name == "currency" and name != differs and situation.get(name) == own:
                continue
            value = situation.get(name)
            if name.startswith((COUNT, EACH)) and not _count(situation, name):
                continue
            if name.startswith(EACH) and value is None:
                value = situation["amount"]
            if value is not None or name in names or name == differs:
                yield name, value


def _loud(decision: Decision) -> list[str]:
    """Give the codes of what the policy has against a claim."""
    findings = [finding for line in decision.lines for finding in line.findings]
    found = (*decision.findings, *findings)
    return [f.code for f in found if f.effect is not Effect.NOTE or f.failed]


def _count(situation: Situation, name: str) -> int:
    """Give how many lines a claim has of the category that a name counts or sums."""
    counted = situation.get(COUNT + name.partition(" ")[2])
    return counted if isinstance(counted, int) else 0


def _is_nothing(tried: _Tried, name: str) -> bool:
    """Say whether a change of the amount makes the line one of nothing, or a refund."""
    value = tried.situation.get(name)
    return name == "amount" and isinstance(value, int) and value <= 0


def _given(rule: Rule, decision: Decision) -> bool:
    """Say whether an allowance or a figure gives more than nothing."""
    for line in decision.lines:
        if any(made.rule == rule.code and made.amount.minor for made in line.entitlements):
            return True
        if any(made.code == rule.code and made.value.strip("-0.") for made in line.measures):
            return True
    return any(made.code == rule.code for made in decision.measures)
