"""Worked examples at the boundaries of a policy's rules, each decided by `run` itself.

For a limit: the greatest amount that it lets through, and one minor unit more. For what is
required, forbidden or looked at: a claim that the rule finds fault with, and the same claim with
one fact changed, with which it does not; where that fact is a quantity, a day or the length of a
trip, the two values lie side by side. For an allowance or a figure: what it gives, on both sides of
the lengths, days and figures that it names. A rule for which the search finds nothing has no
example. The search is bounded and has no chance in it: a policy has the same examples everywhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import chain, combinations, islice, product
from typing import Final

from crm_expenses.core.decision import Decision
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect, Finding
from crm_expenses.core.trip import MealBy, Night
from crm_expenses.rules.candidates import NAMED_OPS, Candidates
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
    settled,
    with_windows,
)
from crm_expenses.rules.tree import Node, Op, names_in

TRIES_MAX: Final = 1_500
"""Most claims that are decided in the search for one example."""

CATEGORIES_MAX: Final = 6
"""Most categories in which the examples of one rule are looked for."""

CHANGES_MAX: Final = 3
"""Most facts of the first claim that are changed at once."""

MENDED_MAX: Final = 300
"""Most claims that are decided to find one that other rules have nothing against."""

PAIRS_MAX: Final = 2
"""Most pairs of neighbours that are told of the only figure that a rule names."""

TURNS_MAX: Final = 3
"""Most pairs of neighbours that are told of one allowance or figure."""

CLEAN_TRIES: Final = 200
"""Most further claims that are decided to find one with which only the rule finds fault."""

HUSHED_MAX: Final = 10
"""Most values of one fact that are tried to silence another rule."""

_ASKING: Final = frozenset({RuleKind.REQUIRE, RuleKind.FORBID, RuleKind.FLAG})

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
        made = settled(situation | changed)
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

    def _changes(self, rule: Rule, most: int, *, least: int = 1) -> Iterator[dict[str, Value]]:
        """Give changes of the facts that a rule reads: of one, then two, then more at once."""
        values = {name: self._candidates.of(name, rule) for name in self._candidates.names(rule)}
        for count in range(least, most + 1):
            for names in combinations(values, count):
                for chosen in product(*(values[name] for name in names)):
                    yield dict(zip(names, chosen, strict=True))

    # Allowances and figures

    def _giving(self, rule: Rule, base: dict[str, Value]) -> list[Example]:
        first = self._first_given(rule, base)
        if first is None:
            return []
        pairs = list(islice(self._turns(rule, first), TURNS_MAX))
        has_lengths = any(name == TRIP for *_, name in pairs)
        kinds = () if has_lengths else self._kinds(rule, first)
        found: dict[tuple[object, ...], tuple[_Tried, str]] = {}
        typical = () if pairs or kinds else ((first, ""),)
        named = ((tried, name) for *pair, name in pairs for tried in pair)
        for tried, name in (*typical, *kinds, *named):
            found.setdefault(tuple(tried.situation.items()), (tried, name))
        return self._told(rule, [(Side.GIVES, tried, name) for tried, name in found.values()])

    def _first_given(self, rule: Rule, base: dict[str, Value]) -> _Tried | None:
        best: _Tried | None = None
        for changes in islice(self._all_changes(rule), TRIES_MAX // 2):
            if self._left <= TRIES_MAX // 3:
                break
            tried = self._try(rule, base, **changes)
            if _given(rule, tried.decision):
                if not _loud(tried.decision):
                    return tried
                best = best or tried
        return best

    def _turns(self, rule: Rule, first: _Tried) -> Iterator[tuple[_Tried, _Tried, str]]:
        """Give neighbours for which the rule gives otherwise, at what it names."""
        for name in self._candidates.names(rule):
            groups: list[list[tuple[Value, Value]]]
            if isinstance(first.situation.get(name), TripShape):
                groups = self._trips(rule, first)
            else:
                groups = [list(self._candidates.neighbours(name, rule))]
            most = PAIRS_MAX if len(groups) == 1 else 1
            for pairs in groups:
                found = self._turns_of(rule, first, name, pairs)
                yield from ((*pair, name) for pair in islice(found, most))

    def _turns_of(
        self, rule: Rule, first: _Tried, name: str, pairs: Sequence[tuple[Value, Value]]
    ) -> Iterator[tuple[_Tried, _Tried]]:
        taken: set[object] = set()
        for one, other in pairs:
            if self._left <= TRIES_MAX // 6:
                return
            where = _where(one, other)
            if where in taken:
                continue
            here = self._try(rule, first.situation, **{name: one})
            beyond = self._try(rule, first.situation, **{name: other})
            is_loud = bool(_loud(here.decision) or _loud(beyond.decision))
            if is_loud > bool(_loud(first.decision)):
                continue
            if self._turns_between(rule, here, beyond, name):
                taken.add(where)
                yield here, beyond

    def _turns_between(self, rule: Rule, one: _Tried, other: _Tried, name: str) -> bool:
        """Say whether the rule gives otherwise, and not only one step more of the same."""
        gives = [_sum(_given(rule, tried.decision)) for tried in (one, other)]
        if gives[0] == gives[1] or not (one.facts.lines and other.facts.lines):
            return False
        before = _step_before(one.situation.get(name), other.situation.get(name))
        if before is None:
            return True
        earlier = self._try(rule, one.situation, **{name: before})
        return gives[1] - gives[0] != gives[0] - _sum(_given(rule, earlier.decision))

    def _trips(self, rule: Rule, first: _Tried) -> list[list[tuple[Value, Value]]]:
        """Give neighbouring trips; nights and meals are those of the first one, if it has some."""
        held = first.situation.get(TRIP)
        if not isinstance(held, TripShape):
            return []
        night, meals = held.night, held.meals
        return [
            [(_held(one, night, meals), _held(other, night, meals)) for one, other in pairs]
            for pairs in self._candidates.lengths(rule)
            if pairs
        ]

    def _kinds(self, rule: Rule, first: _Tried) -> tuple[tuple[_Tried, str], ...]:
        """Give a trip within a day and one over three, where the rule tells days apart."""
        held = first.situation.get(TRIP)
        if not isinstance(held, TripShape) or not self._candidates.knows_kinds(rule):
            return ()
        trips = [replace(held, days=days) for days in (1, 3)]
        tries = [self._try(rule, first.situation, **{TRIP: trip}) for trip in trips]
        gives = [_given(rule, tried.decision) for tried in tries]
        return tuple((tried, TRIP) for tried in tries) if gives[0] != gives[1] else ()

    def _all_changes(self, rule: Rule) -> Iterator[dict[str, Value]]:
        yield {}
        names = self._candidates.names(rule)
        first = {name: self._candidates.of(name, rule)[:1] for name in names if name != "amount"}
        yield from self._changes(rule, 1)
        yield {name: values[0] for name, values in first.items() if values}
        yield from self._changes(rule, CHANGES_MAX, least=2)

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
        loud = self._hushed(rule, loud)
        names = self._candidates.names(rule)
        edge = ""
        near: _Tried | None = None
        for name in names:
            pair = self._edge(rule, loud, name, base) or self._turn(rule, loud, name)
            if pair is not None:
                (near, loud), edge = pair, name
                break
        found: list[tuple[Side, _Tried, str]] = []
        flipped = self._best_flipped(rule, loud, names, base, edge)
        is_needed = near is None or _loud(near.decision)
        if flipped is not None and (is_needed or not _loud(flipped[0].decision)):
            found.append((Side.INSIDE, *flipped))
        if near is not None:
            found.append((Side.INSIDE, near, edge))
        differs = edge or (found[0][2] if found else "")
        return self._told(rule, [*found, (Side.OUTSIDE, loud, differs)])

    def _hushed(self, rule: Rule, loud: _Tried) -> _Tried:
        """Change facts that the rule does not read, so that other rules find less fault."""
        mine = set(self._candidates.names(rule))
        for code in _loud(loud.decision):
            other = self._policy.rule(code)
            if other is None or code == rule.code:
                continue
            for name, value in self._singles(other, mine):
                if self._left <= TRIES_MAX // 4:
                    break
                tried = self._try(rule, loud.situation, **{name: value})
                if tried.fires and len(_loud(tried.decision)) < len(_loud(loud.decision)):
                    loud = tried
                    break
        return loud

    def _singles(self, rule: Rule, but: set[str]) -> Iterator[tuple[str, Value]]:
        """Give some values of each fact that a rule reads, the last of them, too: often none."""
        for name in self._candidates.names(rule):
            values = self._candidates.of(name, rule) if name not in but else []
            for value in (*values[:HUSHED_MAX], *values[HUSHED_MAX:][-1:]):
                yield name, value
            if name == TRIP and not but & {TRIP, "trip"}:
                yield "trip", None

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

    def _turn(self, rule: Rule, loud: _Tried, name: str) -> tuple[_Tried, _Tried] | None:
        """Look for two neighbouring trips or days between which the rule turns."""
        held = loud.situation.get(name)
        pairs: Iterator[tuple[Value, Value]]
        if isinstance(held, TripShape):
            pairs = chain.from_iterable(self._trips(rule, loud))
        elif isinstance(held, date):
            pairs = iter(self._candidates.neighbours(name, rule))
        else:
            return None
        best: tuple[_Tried, _Tried] | None = None
        for pair in pairs:
            if self._left <= TRIES_MAX // 6:
                break
            one, other = (self._try(rule, loud.situation, **{name: value}) for value in pair)
            if {one.fires, other.fires} == {True, False}:
                found = (other, one) if one.fires else (one, other)
                if not _loud(found[0].decision):
                    return found
                best = best or found
        return best

    def _best_flipped(
        self, rule: Rule, loud: _Tried, names: Sequence[str], base: dict[str, Value], edge: str
    ) -> tuple[_Tried, str] | None:
        """Look for one other fact with which the rule is quiet, and the others are, too."""
        best: tuple[_Tried, str] | None = None
        for name in names:
            found = self._flipped(rule, loud, name, base, edge)
            if found is not None and not _loud(found[0].decision):
                return found
            best = best or found
        return best

    def _flipped(
        self, rule: Rule, loud: _Tried, name: str, base: dict[str, Value], edge: str
    ) -> tuple[_Tried, str] | None:
        """Look for another value of a fact; never of the one with an edge."""
        if name == edge:
            return None
        is_guard = rule.when is not None and name not in names_in(rule.main)
        best: tuple[_Tried, str] | None = None
        for value in self._values(rule, name, base):
            if self._left <= 0:
                break
            if value is None and is_guard:
                continue
            tried = self._try(rule, loud.situation, **{name: value})
            if tried.fires is False and not _is_nothing(tried, name):
                if not _loud(tried.decision):
                    return tried, name
                best = best or (tried, name)
        return best

    def _values(self, rule: Rule, name: str, base: dict[str, Value]) -> list[Value]:
        """Give the values of a name, what a complete claim has leading."""
        return list(dict.fromkeys((base.get(name), *self._candidates.of(name, rule))))

    def _first(self, rule: Rule, base: dict[str, Value]) -> _Tried | None:
        """Look for a claim with which only this rule finds fault; else for any that it does."""
        best: _Tried | None = None
        more = CLEAN_TRIES
        for changes in self._all_changes(rule):
            if self._left <= TRIES_MAX // 3 or more <= 0:
                break
            tried = self._try(rule, base, **changes)
            if tried.fires and not _is_refund(tried):
                if set(_loud(tried.decision)) <= {rule.code}:
                    return tried
                best = best or tried
            elif tried.fires:
                best = best or tried
            more -= best is not None
        return best

    # Examples

    def _both(self, rule: Rule, quiet: _Tried, loud: _Tried, differs: str) -> list[Example]:
        return self._told(rule, [(Side.INSIDE, quiet, differs), (Side.OUTSIDE, loud, differs)])

    def _told(self, rule: Rule, found: Sequence[tuple[Side, _Tried, str]]) -> list[Example]:
        """Make examples of a rule, all of which show the same facts where they have them."""
        others = {
            name: None
            for _, tried, _ in found
            for name in self._deciding(rule, tried)
            if tried.situation.get(name) is not None or name in self._open_names(rule, tried)
        }
        differing = dict.fromkeys(name for _, _, name in found if name)
        told = []
        for side, tried, differs in found:
            own = differing if side is not Side.GIVES else {differs: None}
            shown = tuple(self._shown(rule, tried.situation, (*own, *others), found))
            told.append(Example(rule.code, side, shown, differs, tried.facts, tried.decision))
        return told

    def _deciding(self, rule: Rule, tried: _Tried) -> Iterator[str]:
        """Give the names that the other rules read which made the decision, too."""
        codes = dict.fromkeys(_loud(tried.decision))
        for line in tried.decision.lines:
            codes.update(dict.fromkeys(code for part in line.entitlements for code in part.rules))
        for code in codes:
            other = self._policy.rule(code)
            if other is not None and code != rule.code:
                yield from self._candidates.names(other)

    def _open_names(self, rule: Rule, tried: _Tried) -> frozenset[str]:
        """Give the names that other rules read which have something against a claim."""
        rules = (self._policy.rule(code) for code in _loud(tried.decision) if code != rule.code)
        read = [names_in(other.main) for other in rules if other is not None]
        return frozenset().union(*read)

    def _shown(
        self,
        rule: Rule,
        situation: Situation,
        more: Sequence[str],
        found: Sequence[tuple[Side, _Tried, str]],
    ) -> Iterator[tuple[str, Value]]:
        """Give the facts that matter: what the line is, and what the rules read of it."""
        names = self._candidates.names(rule)
        own = self._policy.currency
        of_claim = rule.scope is RuleScope.CLAIM
        leading = () if of_claim else ("category", "amount")
        keys = rule.window.facts if rule.window is not None else ()
        wanted = dict.fromkeys((*leading, *names, *keys, *more))
        if of_claim:
            counted = [name for name in situation if name.startswith((COUNT, EACH))]
            wanted = dict.fromkeys((*counted, *wanted))
        if rule.scope.is_of_trip:
            wanted[TRIP] = None
        if "age_days" in wanted:
            wanted = dict.fromkeys(("date", *wanted))
            wanted = dict.fromkeys((*leading, *wanted))
        absent = {*more, *(_direct(rule.main) if rule.kind in _ASKING else ())}
        differing = {name for _, _, name in found}
        for name in wanted:
            if name in ("person", "claim", "trip") or not name:
                continue
            if name == TRIP and situation.get("trip") is None:
                continue
            if name == "currency" and name not in differing and situation.get(name) == own:
                continue
            value = situation.get(name)
            if name.startswith((COUNT, EACH)) and not _count(situation, name):
                continue
            if name.startswith(EACH) and value is None:
                value = situation["amount"]
            if value is not None or name in absent:
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


def _is_refund(tried: _Tried) -> bool:
    amount = tried.situation.get("amount")
    return isinstance(amount, int) and amount < 0


def _direct(node: Node) -> frozenset[str]:
    """Give the names that an expression reads itself, and not by way of what it names."""
    if node.op is Op.NAME:
        return frozenset({str(node.value)})
    if node.op in NAMED_OPS:
        return frozenset()
    return frozenset().union(*map(_direct, node.args))


def _held(trip: TripShape, night: Night, meals: MealBy) -> TripShape:
    """Give a trip with the meals of another one, and its nights where they are not the usual."""
    return replace(trip, meals=meals, night=trip.night if night is Night.HOTEL else night)


def _where(one: Value, other: Value) -> object:
    """Give where two neighbouring trips differ, whatever the number of their days."""
    if not isinstance(one, TripShape) or not isinstance(other, TripShape):
        return one
    if one.days != other.days:
        return one.days
    leaves = (one.leaves, other.leaves) if one.leaves != other.leaves else None
    returns = (one.returns, other.returns) if one.returns != other.returns else None
    return one.days == 1, leaves, returns


def _step_before(one: Value, other: Value) -> Value:
    """Give what comes as far before the first as the second comes behind it, if that counts up."""
    if isinstance(one, TripShape) and isinstance(other, TripShape):
        return replace(one, days=one.days - 1) if 1 < one.days != other.days else None
    if type(one) is int and type(other) is int:
        return one - 1 if one > 0 else None
    return None


def _sum(given: Sequence[str]) -> Decimal:
    return sum(map(Decimal, given), Decimal(0))


def _given(rule: Rule, decision: Decision) -> tuple[str, ...]:
    """Give what an allowance or a figure comes to, line by line; empty where it is nothing."""
    found = []
    for line in decision.lines:
        found += [
            f"{made.amount.amount:f}"
            for made in line.entitlements
            if rule.code in made.rules and made.amount.minor
        ]
        found += [
            made.value
            for made in line.measures
            if made.code == rule.code and made.value.strip("-0.")
        ]
    found += [made.value for made in decision.measures if made.code == rule.code]
    return tuple(found)
