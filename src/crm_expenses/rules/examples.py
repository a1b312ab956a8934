"""Worked examples at the boundaries of a policy's rules, each decided by `run` itself.

For a limit: the greatest amount that it lets through, and one minor unit more. For what is
required, forbidden or looked at: a claim that the rule finds fault with, and the same claim with
one fact changed, with which it does not; where that fact is a quantity, the two values lie side by
side. For an allowance or a figure: what it gives. A rule for which the search finds nothing has no
example. The search is bounded and has no chance in it: a policy has the same examples everywhere.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import combinations, islice, pairwise, product
from typing import Final

from crm_expenses.core.decision import Decision
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect, Finding
from crm_expenses.core.trip import DAY_MINUTES, MealBy, Night
from crm_expenses.rules.candidates import Candidates, trees_of
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.hints import hints
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.plainwords import implied, plain
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
from crm_expenses.rules.tree import Sort, names_in

TRIES_MAX: Final = 1_500
"""Most claims that are decided in the search for one example."""

CATEGORIES_MAX: Final = 6
"""Most categories in which the examples of one rule are looked for."""

CHANGES_MAX: Final = 3
"""Most facts of the first claim that are changed at once."""

MENDED_MAX: Final = 300
"""Most claims that are decided to find one that other rules have nothing against."""

CALM_MAX: Final = 400
"""Most claims that are decided to find facts of which other rules say less."""

GIVES_MAX: Final = 3
"""Most examples of an allowance beside those of the shortest trip."""

MORNING: Final = 8 * 60
"""When a trip within one day leaves, in minutes of the day."""

PAIR: Final = 2

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


@dataclass(frozen=True, slots=True)
class _Found:
    """A situation that is to become an example."""

    side: Side
    tried: _Tried
    differs: str


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
        best: Sequence[_Found] = ()
        noise = 0
        for category in self._categories(rule):
            self._left = TRIES_MAX
            base = self._base_of(rule, category)
            if rule.kind in (RuleKind.ALLOW, RuleKind.MEASURE):
                found = self._giving(rule, base)
            elif rule.kind is RuleKind.LIMIT:
                found = self._limited(rule, base) or self._judged(rule, base)
            else:
                found = self._judged(rule, base)
            found = self._calmed(rule, found)
            heard = _noise(rule, found)
            if found and (not best or (-len(found), heard) < (-len(best), noise)):
                best, noise = found, heard
            if best and not noise:
                break
        given = {name for one in best for name, value in one.tried.situation.items() if value}
        return [self._example(rule, one, given) for one in best]

    def _base_of(self, rule: Rule, category: str) -> dict[str, Value]:
        """Give the claim to begin with: with a trip only where the rule or others need one."""
        base = dict(self._base(category))
        names = self._candidates.names(rule)
        if TRIP in names or "trip" in names or rule.scope.is_of_trip:
            base["trip"] = self._candidates.base(category)["trip"]
        if rule.scope.is_of_trip and rule.kind in (RuleKind.ALLOW, RuleKind.MEASURE):
            base[TRIP] = TripShape(days=3)
        first = self._candidates.counted(rule) if not category else ""
        if first:
            base = {name: value for name, value in base.items() if not name.startswith(COUNT)}
            base |= {f"{COUNT}{first}": 1, "category": first}
        return base

    def _calmed(self, rule: Rule, found: list[_Found]) -> list[_Found]:
        """Change what the rule does not read, until other rules say less of its examples."""
        names, left = {*self._candidates.names(rule), "amount"}, CALM_MAX
        for code in dict.fromkeys(code for one in found for code in _loud(one.tried.decision)):
            other = self._policy.rule(code)
            if other is None or code == rule.code:
                continue
            for changes in self._changes(other, 2):
                left -= len(found)
                if left <= 0:
                    return found
                if names & changes.keys():
                    continue
                again = self._again(rule, found, changes)
                if again and _noise(rule, again) < _noise(rule, found):
                    found = again
                if not any(code in _loud(one.tried.decision) for one in found):
                    break
        return found

    def _again(
        self, rule: Rule, found: Sequence[_Found], changes: dict[str, Value]
    ) -> list[_Found]:
        """Change facts of examples; none where the rule then says something else of one."""
        made = []
        for one in found:
            tried = self._try(rule, one.tried.situation, **changes)
            if tried.fires is not one.tried.fires or _given(rule, tried.decision) is not _given(
                rule, one.tried.decision
            ):
                return []
            made.append(_Found(one.side, tried, one.differs))
        return made

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
        """Give a claim of which the rules say little, of a usual amount and without a trip."""
        if category not in self._bases:
            base = self._mended(self._candidates.base(category))
            loud = len(self._against(base))
            own = self._policy.catalogue.names
            changes: list[dict[str, Value]] = [{"trip": None}]
            changes += [
                {name: None}
                for name in self._policy.facts
                if own[name].type.sort is not Sort.YES_NO
            ]
            changes += [{"amount": amount} for amount in self._candidates.amounts()]
            for change in changes:
                if change.keys() & {"amount"} and base["amount"] != self._candidates.amounts()[-1]:
                    break
                if len(self._against(base | change)) <= loud:
                    base |= change
            self._bases[category] = base
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

    def _giving(self, rule: Rule, base: dict[str, Value]) -> list[_Found]:
        for changes in islice(self._all_changes(rule), TRIES_MAX):
            tried = self._alone(rule, self._try(rule, base, **changes))
            if _given(rule, tried.decision):
                found = [tried]
                if rule.kind is RuleKind.ALLOW:
                    found += self._others(rule, tried)
                return [_Found(Side.GIVES, one, "") for one in found]
        return []

    def _alone(self, rule: Rule, tried: _Tried) -> _Tried:
        """Leave out facts that only other allowances read, so that their amounts do not mingle."""
        names = self._candidates.names(rule)
        known = self._policy.catalogue.names
        for other in self._policy.rules:
            if other is rule or other.kind is not RuleKind.ALLOW:
                continue
            for name in self._candidates.names(other):
                if name in names or name not in known or not known[name].may_be_missing:
                    continue
                without = self._try(rule, tried.situation, **{name: None})
                is_less = _parts(without.decision) < _parts(tried.decision)
                if is_less and _given(rule, without.decision):
                    tried = without
        return tried

    def _others(self, rule: Rule, first: _Tried) -> Iterator[_Tried]:
        """Give claims of which one fact is otherwise, each with another amount due."""
        due = {first.decision.allowed}
        names = self._candidates.names(rule)
        if TRIP in names:
            yield from list(self._day_edge(rule, first)) or self._clock_edges(rule, first)
        for name in names:
            for value in self._other_values(rule, name, first):
                if self._left <= 0 or len(due) >= GIVES_MAX:
                    return
                tried = self._try(rule, first.situation, **{name: value})
                is_known = tried.decision.allowed in due or tried.decision.outcome.rank > 0
                if not is_known and (name == TRIP or _given(rule, tried.decision)):
                    due.add(tried.decision.allowed)
                    yield tried
                    break

    def _other_values(self, rule: Rule, name: str, first: _Tried) -> list[Value]:
        """Give what else a fact may be: another word, another use of a sum, meals provided."""
        if name == TRIP:
            others = [s for s in self._candidates.of(name, rule) if isinstance(s, TripShape)]
            shape = first.situation[TRIP]
            meals = [s.meals for s in others if s.meals is not MealBy.NONE]
            return [replace(shape, meals=by) for by in meals if isinstance(shape, TripShape)]
        if name in self._policy.counters:
            return list(self._candidates.into_bands(name, rule))
        known = self._policy.catalogue.names.get(name)
        is_word = known is not None and known.type.sort is Sort.CHOICE
        return self._candidates.of(name, rule) if is_word else []

    def _day_edge(self, rule: Rule, first: _Tried) -> Iterator[_Tried]:
        """Give the longest trip within a day that gives nothing, and the shortest that does.

        Where more is due from another length on, those on both sides of that, too. Without rest in
        the night it is a trip over one midnight.
        """
        given = first.situation[TRIP]
        is_over_night = isinstance(given, TripShape) and given.night is Night.NONE
        shape = TripShape(days=1, leaves=MORNING)
        if is_over_night and isinstance(given, TripShape) and given.days == PAIR:
            shape = replace(given, meals=MealBy.NONE)

        def at(minute: int) -> _Tried:
            return self._try(rule, first.situation, **{TRIP: replace(shape, returns=minute)})

        low, high = (shape.leaves if shape.days == 1 else 0) + 1, DAY_MINUTES - 1
        nothing, due = at(low), at(high)
        if not _given(rule, nothing.decision) and _given(rule, due.decision):
            while high - low > 1:
                middle = (low + high) // 2
                tried = at(middle)
                if _given(rule, tried.decision):
                    high, due = middle, tried
                else:
                    low, nothing = middle, tried
            yield nothing
            yield due
        for length in self._candidates.lengths(rule):
            minute = shape.leaves + length - (shape.days - 1) * DAY_MINUTES
            if low < minute < DAY_MINUTES - 1:
                less, more = at(minute), at(minute + 1)
                if _given(rule, less.decision) and _due(rule, less) != _due(rule, more):
                    yield less
                    yield more
                    return

    def _clock_edges(self, rule: Rule, first: _Tried) -> Iterator[_Tried]:
        """Give trips a minute apart that a rule on a time of leaving or coming back tells apart."""
        shape = first.situation[TRIP]
        read = names_in(*trees_of(self._policy, rule))
        if not isinstance(shape, TripShape) or shape.days == 1:
            return
        minutes = range(DAY_MINUTES)
        if "leaves_at" in read:
            leaving = [replace(shape, leaves=minute) for minute in minutes]
            yield from self._turn(rule, first, leaving, shape.leaves)
        if "returns_at" in read:
            returning = [replace(shape, returns=minute) for minute in minutes]
            yield from self._turn(rule, first, returning, shape.returns)

    def _turn(
        self, rule: Rule, first: _Tried, shapes: Sequence[TripShape], own: int
    ) -> Iterator[_Tried]:
        """Give the two of a trip for each minute of a day between which the amount due turns.

        Of several such minutes it is about the one nearest to the trip's own, which is left out.
        """

        def due(minute: int) -> int:
            return _due(rule, self._try(rule, first.situation, **{TRIP: shapes[minute]}))

        hours = [(minute, due(minute)) for minute in range(0, DAY_MINUTES, 60)]
        turns = [(one[0], two[0]) for one, two in pairwise(hours) if one[1] != two[1]]
        if not turns:
            return
        low, high = min(turns, key=lambda two: abs(two[1] - own))
        before = due(low)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if due(middle) == before else (low, middle)
        for minute in (low, high):
            if minute != own:
                yield self._try(rule, first.situation, **{TRIP: shapes[minute]})

    def _all_changes(self, rule: Rule) -> Iterator[dict[str, Value]]:
        yield {}
        for hint in hints(self._policy, rule, self._candidates.day):
            yield dict(hint)
        yield from self._changes(rule, CHANGES_MAX)

    # Limits

    def _limited(self, rule: Rule, base: dict[str, Value]) -> list[_Found]:
        top = self._policy.catalogue.names["amount"].high // 10
        for name, changes in self._openings(rule):
            start = base | changes
            most = top if name == "amount" else USED_MAX
            if not self._try(rule, start, **{name: most}).fires:
                continue
            pair = self._pair(rule, start, name, (0, most))
            if pair is not None:
                quiet, loud = pair
                return [_Found(Side.INSIDE, quiet, name), _Found(Side.OUTSIDE, loud, name)]
        return []

    def _openings(self, rule: Rule) -> Iterator[tuple[str, dict[str, Value]]]:
        """Give what to raise until the limit speaks, and what to change before."""
        ways = ("amount", BEFORE) if rule.window is not None else ("amount",)
        for changes in islice(self._all_changes(rule), TRIES_MAX // 4):
            for name in ways:
                yield name, changes

    def _pair(
        self, rule: Rule, start: dict[str, Value], name: str, between: tuple[Value, Value]
    ) -> tuple[_Tried, _Tried] | None:
        """Give two neighbours, the rule quiet on the first and speaking on the second.

        `between` are values on which it is quiet, and speaks: two numbers or two days. None where
        it is not so there, or cannot be computed in the middle.
        """
        low, high = map(_number, between)

        def at(number: int) -> _Tried:
            value = date.fromordinal(number) if isinstance(between[0], date) else number
            return self._try(rule, start, **{name: value})

        quiet, loud = at(low), at(high)
        if quiet.fires is not False or loud.fires is not True:
            return None
        while abs(high - low) > 1:
            middle = (low + high) // 2
            tried = at(middle)
            if tried.fires is None:
                return None
            if tried.fires:
                high, loud = middle, tried
            else:
                low, quiet = middle, tried
        return quiet, loud

    # What must hold or must not

    def _judged(self, rule: Rule, base: dict[str, Value]) -> list[_Found]:
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
            found.append(_Found(Side.INSIDE, *flipped))
        if near is not None:
            found.append(_Found(Side.INSIDE, near, edge))
        is_told = edge or any(one.differs in names_in(rule.main) for one in found)
        if not is_told and rule.kind is RuleKind.REQUIRE:
            met = self._met(rule, base)
            if met:
                return met
        differs = edge or (found[0].differs if found else "")
        return [*found, _Found(Side.OUTSIDE, loud, differs)]

    def _met(self, rule: Rule, base: dict[str, Value]) -> list[_Found]:
        """Look for a claim that has all that a rule requires, and one that lacks a part of it."""
        for hint in hints(self._policy, rule, self._candidates.day, is_met=True):
            quiet = self._try(rule, base, **hint)
            if quiet.fires is not False:
                continue
            for name in self._candidates.names(rule):
                for value in self._candidates.of(name, rule):
                    loud = self._try(rule, quiet.situation, **{name: value})
                    if not loud.fires:
                        continue
                    inside = quiet.situation.get(name)
                    pair = None
                    if type(inside) is type(value) and type(value) in (int, date):
                        pair = self._pair(rule, quiet.situation, name, (inside, value))
                    near, far = pair or (quiet, loud)
                    return [_Found(Side.INSIDE, near, name), _Found(Side.OUTSIDE, far, name)]
        return []

    def _edge(
        self, rule: Rule, loud: _Tried, name: str, base: dict[str, Value]
    ) -> tuple[_Tried, _Tried] | None:
        """Look for the two neighbouring values of a quantity between which the rule turns."""
        high = loud.situation.get(name)
        if type(high) not in (int, date):
            return None
        for low in self._values(rule, name, base):
            if type(low) is not type(high) or self._left <= 0:
                continue
            if name == "amount" and isinstance(low, int) and low < 0:
                continue
            if self._try(rule, loud.situation, **{name: low}).fires is False:
                pair = self._pair(rule, loud.situation, name, (low, high))
                return None if pair is not None and _is_nothing(pair[0], name) else pair
        return None

    def _flipped(
        self, rule: Rule, loud: _Tried, name: str, base: dict[str, Value], edge: str
    ) -> tuple[_Tried, str] | None:
        """Look for one other fact with which the rule is quiet; never the one with an edge.

        Of its values, one with which no other rule speaks is the best.
        """
        if name == edge:
            return None
        is_guard = rule.when is not None and name not in names_in(rule.main)
        is_guard = is_guard or implied(rule.when).get(name, False)
        best: _Tried | None = None
        for value in self._values(rule, name, base):
            if self._left <= 0:
                break
            if value is None and is_guard:
                continue
            tried = self._try(rule, loud.situation, **{name: value})
            if tried.fires is False and not _is_nothing(tried, name):
                if not _loud(tried.decision):
                    return tried, name
                best = best or tried
        return None if best is None else (best, name)

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

    def _example(self, rule: Rule, found: _Found, given: Collection[str]) -> Example:
        """Make an example, without facts of the policy's own that none of them has or needs."""
        tried = found.tried
        own = self._policy.facts.keys() - implied(plain(rule.main)).keys() - set(given)
        shown = tuple(
            (name, value)
            for name, value in self._shown(rule, tried, found.differs)
            if value is not None or name not in own
        )
        return Example(rule.code, found.side, shown, found.differs, tried.facts, tried.decision)

    def _shown(self, rule: Rule, tried: _Tried, differs: str) -> Iterator[tuple[str, Value]]:
        """Give the facts that matter: what the line is, and what the rule reads of it."""
        situation = tried.situation
        order = {name: at for at, name in enumerate(self._policy.catalogue.names)}
        names = sorted(self._candidates.names(rule), key=lambda name: order.get(name, len(order)))
        own = self._policy.currency
        of_claim = rule.scope is RuleScope.CLAIM
        leading = () if of_claim else ("category", "amount")
        keys = rule.window.facts if rule.window is not None else ()
        parts = [part for line in tried.decision.lines for part in line.entitlements]
        given = [self._policy.rule(code) for part in parts for code in part.rules]
        due = [name for of in given if of for name in self._candidates.names(of) if of is not rule]
        wanted = dict.fromkeys((*leading, *names, *keys, *due, differs))
        if of_claim:
            counted = [name for name in situation if name.startswith((COUNT, EACH))]
            wanted = dict.fromkeys((*counted, *wanted))
        known = self._policy.catalogue.names
        is_dated = any(name in known and known[name].type.sort is Sort.DATE for name in wanted)
        if rule.scope.is_of_trip or any(part.days for part in parts):
            wanted[TRIP] = None
        if "age_days" in wanted or (is_dated and rule.scope.is_of_trip):
            wanted = dict.fromkeys(("date", *wanted))
            wanted = dict.fromkeys((*leading, *wanted))
        for name in wanted:
            if name in ("person", "claim") or not name:
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


def _number(value: Value) -> int:
    """Give a number, or a day as the number of days to it."""
    if isinstance(value, date):
        return value.toordinal()
    return value if isinstance(value, int) else 0


def _noise(rule: Rule, found: Sequence[_Found]) -> int:
    """Say how much other rules have against examples."""
    return sum(code != rule.code for one in found for code in _loud(one.tried.decision))


def _parts(decision: Decision) -> int:
    """Give how many allowances a claim has something of."""
    return sum(bool(part.amount.minor) for line in decision.lines for part in line.entitlements)


def _loud(decision: Decision) -> list[str]:
    """Give the codes of what the policy has against a claim."""
    findings = [finding for line in decision.lines for finding in line.findings]
    found = (*decision.findings, *findings)
    return [f.code for f in found if f.effect is not Effect.NOTE or f.failed]


def _due(rule: Rule, tried: _Tried) -> int:
    """Give what the component of an allowance comes to, where the allowance has a part in it."""
    parts = [part for line in tried.decision.lines for part in line.entitlements]
    return sum(part.amount.minor for part in parts if rule.code in part.rules)


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
        if any(rule.code in made.rules and made.amount.minor for made in line.entitlements):
            return True
        if any(made.code == rule.code and made.value.strip("-0.") for made in line.measures):
            return True
    return any(made.code == rule.code for made in decision.measures)
