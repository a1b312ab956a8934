"""The smallest change that would pass: one fact of the claimant's, and the value that clears it.

Each answer was tried: the claim was decided again with that one fact changed. It is no part of the
decision; who wants it asks for it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from crm_expenses.core.claim import ExpenseLine, Extra
from crm_expenses.core.decision import Decision, LineDecision
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect, Finding
from crm_expenses.core.money import AMOUNT_MINOR_MAX, Money
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.rules.catalogue.line import DISTANCE_MAX, DISTANCE_SCALE
from crm_expenses.rules.catalogue.name import COUNT_MAX
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.judge import show
from crm_expenses.rules.own_fact import FactOf, OwnFact
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.shape import example_of
from crm_expenses.rules.tree import Op, Sort, walk

TRIES_MAX: Final = 400
"""Most decisions that the search for one finding may cost."""

OPTIONS_MAX: Final = 60
"""Most values of a closed list, or rows of a table, that are tried."""

ANY: Final = ""
"""Stands for any value where a fact only has to be there."""

PROBES: Final = (2, 7, 30)
"""Figures that are tried, too, to see whether it matters which one is given."""

_TEXTS: Final = ("city", "account", "opportunity", "merchant", "purpose", "justification")
_PLACEHOLDER: Final = "?"


@dataclass(frozen=True, slots=True)
class Change:
    """Set the fact `name` of a line to `value`, all else as it is; empty stands for any value."""

    name: str
    value: str = ANY


def smallest_change(
    evaluator: Evaluator, facts: Facts, decision: Decision, line: str, code: str
) -> Change | None:
    """Give the change that clears a finding of a line; None where no single fact does.

    A change clears the finding when it is gone, or only a note, and the line is no worse off.
    """
    at = next((n for n, one in enumerate(decision.lines) if one.line == line), None)
    rule = evaluator.policy.rule(code)
    if at is None or rule is None:
        return None
    found = next((f for f in decision.lines[at].findings if f.code == code), None)
    if found is None or found.effect is Effect.NOTE:
        return None
    search = _Search(evaluator, facts, at, decision.lines[at], found)
    return search.over(rule)


def _is_cleared(line: LineDecision, before: LineDecision, code: str) -> bool:
    open_codes = {f.code for f in line.findings if _is_open(f)}
    others = {f.code for f in before.findings if _is_open(f)} - {code}
    return code not in open_codes and open_codes <= others


def _is_open(finding: Finding) -> bool:
    return finding.effect is not Effect.NOTE


def _rank(name: str, rule: Rule, *, is_absent: bool) -> int:
    """Say how natural it is to change a fact, the lowest first.

    What is missing is given, a document is brought, less is claimed; only then is something said
    to have been otherwise.
    """
    if is_absent:
        return 0
    if name == "amount":
        return 1 if rule.at_most is not None else 3
    return 2 if name.startswith("voucher") else 4


class _Search:
    """Tries changes of one line until one clears one finding."""

    def __init__(
        self,
        evaluator: Evaluator,
        facts: Facts,
        at: int,
        before: LineDecision,
        finding: Finding,
    ) -> None:
        self._evaluator = evaluator
        self._facts = facts
        self._at = at
        self._before = before
        self._finding = finding
        self._tries = 0

    def over(self, rule: Rule) -> Change | None:
        """Look at the facts that the rule reads, the easiest to change first."""
        if rule.effect is Effect.JUSTIFY and not self._finding.failed:
            change = self._text("justification")
            if change is not None:
                return change
        policy = self._evaluator.policy
        mine = [
            name
            for name in _in_order(rule)
            if name in policy.catalogue.names and policy.catalogue.names[name].is_claimants
        ]
        is_absent = self._absent()
        mine.sort(key=lambda name: _rank(name, rule, is_absent=name in is_absent))
        later: Change | None = None
        for name in mine:
            if later is not None and name != "amount":
                continue
            change = self._of(name, rule, policy)
            if change is None:
                continue
            is_figure = policy.catalogue.names[name].type.sort is Sort.QUANTITY
            if change.value == ANY or name == "amount" or not is_figure:
                return change
            later = later or change
        return later

    def _absent(self) -> frozenset[str]:
        line = self._facts.lines[self._at]
        held = {**dict.fromkeys(dict(line.extra), True)}
        names = (*_TEXTS, "nights", "attendees", "distance", "voucher")
        found = {name for name in names if getattr(line, name) in ("", None)}
        if "voucher" in found:
            found |= {"voucher_kind", "voucher_number"}
        own = {name for name in self._evaluator.policy.facts if name not in held}
        return frozenset(found | own)

    def _of(self, name: str, rule: Rule, policy: Policy) -> Change | None:
        own = policy.facts.get(name)
        if own is not None:
            return self._own(own, rule, policy)
        line = self._facts.lines[self._at]
        match name:
            case "amount":
                amount = line.amount
                return self._number(
                    name,
                    amount.minor,
                    (0, AMOUNT_MINOR_MAX),
                    lambda raw: replace(line, amount=Money(raw, amount.currency)),
                    lambda raw: f"{Money(raw, amount.currency).amount:f} {amount.currency}",
                )
            case "nights" | "attendees":
                held = getattr(line, name)
                return self._number(
                    name,
                    held or 0,
                    (0, COUNT_MAX),
                    lambda raw: replace(line, **{name: raw}),  # type: ignore[arg-type]
                    str,
                )
            case "distance":
                scaled = 0 if line.distance is None else int(line.distance.scaleb(DISTANCE_SCALE))
                return self._number(
                    name,
                    scaled,
                    (0, DISTANCE_MAX * 10**DISTANCE_SCALE),
                    lambda raw: replace(line, distance=Decimal(raw).scaleb(-DISTANCE_SCALE)),
                    lambda raw: show(raw, policy.catalogue.names[name].type),
                )
            case "voucher_kind" | "voucher_number":
                return self._voucher(name, rule)
            case "city":
                return self._city(rule, policy)
            case _ if name in _TEXTS:
                return self._text(name)
        return None

    def _clears(self, line: ExpenseLine, more: Sequence[Voucher] = ()) -> bool:
        """Say whether another line in the place of this one has the finding no more, nor others."""
        decided = self._decided(line, more)
        return decided is not None and _is_cleared(decided, self._before, self._finding.code)

    def _is_gone(self, line: ExpenseLine) -> bool:
        """Say whether another line in the place of this one has the finding no more."""
        decided = self._decided(line, ())
        codes = () if decided is None else [f.code for f in decided.findings if _is_open(f)]
        return decided is not None and self._finding.code not in codes

    def _decided(self, line: ExpenseLine, more: Sequence[Voucher]) -> LineDecision | None:
        if self._tries >= TRIES_MAX:
            return None
        self._tries += 1
        facts = self._facts
        lines = (*facts.lines[: self._at], line, *facts.lines[self._at + 1 :])
        held = tuple(v for v in facts.vouchers if v.id not in {new.id for new in more})
        changed = replace(facts, lines=lines, vouchers=(*held, *more))
        return self._evaluator.decide(changed, digest=False).lines[self._at]

    def _number(
        self,
        name: str,
        held: int,
        bounds: tuple[int, int],
        made: Callable[[int], ExpenseLine],
        written: Callable[[int], str],
    ) -> Change | None:
        """Find the nearest number that clears it, on either side of what is held."""
        best: int | None = None
        for sign in (-1, 1):
            found = self._toward(held, sign, bounds, made)
            if found is not None and (best is None or abs(found - held) < abs(best - held)):
                best = found
        if best is None:
            return None
        if name in self._absent() and all(
            self._is_gone(made(min(max(raw, bounds[0]), bounds[1])))
            for raw in (1, best, best + 1, *PROBES)
        ):
            return Change(name)
        return Change(name, written(best))

    def _toward(
        self,
        held: int,
        sign: int,
        bounds: tuple[int, int],
        made: Callable[[int], ExpenseLine],
    ) -> int | None:
        """Step away from what is held, twice as far each time, then halve the last step."""
        low, high = bounds
        still, step = held, 1
        while True:
            probe = min(max(held + sign * step, low), high)
            if (probe - still) * sign <= 0:
                return None
            if self._clears(made(probe)):
                break
            still, step = probe, step * 2
        good = probe
        while abs(good - still) > 1:
            middle = (good + still) // 2
            if self._clears(made(middle)):
                good = middle
            else:
                still = middle
        return good

    def _text(self, name: str) -> Change | None:
        line = self._facts.lines[self._at]
        if getattr(line, name):
            return None
        filled = replace(line, **{name: _PLACEHOLDER})  # type: ignore[arg-type]
        return Change(name) if self._clears(filled) else None

    def _city(self, rule: Rule, policy: Policy) -> Change | None:
        """Say that a city has to be named; another city is nothing that a claimant can change."""
        line = self._facts.lines[self._at]
        if line.city:
            return None
        cities = [_PLACEHOLDER]
        for node in (inner for tree in rule.expressions for inner in walk(tree)):
            if node.op is Op.LOOKUP and policy.parameters[str(node.value)].keys:
                step = policy.parameters[str(node.value)].values[-1]
                cities += [key[0] for key in step.table][:OPTIONS_MAX]
        for city in dict.fromkeys(cities):
            if self._clears(replace(line, city=city)):
                return Change("city")
        return None

    def _voucher(self, name: str, rule: Rule) -> Change | None:
        line, facts = self._facts.lines[self._at], self._facts
        held = next((v for v in facts.vouchers if v.id == line.voucher), None)
        base = held or Voucher(f"{line.id}?", VoucherKind.OTHER, amount=line.amount)
        linked = replace(line, voucher=base.id)
        if name == "voucher_kind":
            for kind in _preferred(rule):
                if kind is not base.kind and self._clears(linked, [replace(base, kind=kind)]):
                    return Change(name, kind.value)
            return None
        shapes = [str(n.value) for t in rule.expressions for n in walk(t) if n.op is Op.SHAPE]
        for number in (*map(example_of, shapes), _PLACEHOLDER):
            if self._clears(linked, [replace(base, number=number, code="")]):
                return Change(name, number if shapes else ANY)
        return None

    def _own(self, own: OwnFact, rule: Rule, policy: Policy) -> Change | None:
        if own.of is not FactOf.LINE:
            return None
        line, kind = self._facts.lines[self._at], own.type

        def made(written: str) -> ExpenseLine:
            return replace(line, extra=_with(line.extra, own.name, written))

        match kind.sort:
            case Sort.QUANTITY:
                held = own.read(dict(line.extra).get(own.name, ""))
                start = held if isinstance(held, int) else 0
                return self._number(
                    own.name,
                    start,
                    (-own.top, own.top),
                    lambda raw: made(show(raw, kind)),
                    lambda raw: show(raw, kind),
                )
            case Sort.YES_NO:
                words: Sequence[str] = ("yes", "no")
            case Sort.CHOICE:
                words = policy.catalogue.choices[kind.choice][:OPTIONS_MAX]
            case Sort.DATE:
                words = (line.date.isoformat(), self._facts.claim.submitted.date().isoformat())
            case _:
                words = (_PLACEHOLDER, *_constants(rule))
        for word in words:
            if self._clears(made(word)):
                return Change(own.name, ANY if word == _PLACEHOLDER else word)
        return None


def _with(extra: Extra, name: str, written: str) -> Extra:
    return tuple(sorted({**dict(extra), name: written}.items()))


def _in_order(rule: Rule) -> Iterator[str]:
    seen = dict.fromkeys(
        str(node.value) for tree in rule.expressions for node in walk(tree) if node.op is Op.NAME
    )
    yield from seen
    if rule.at_most is not None and "amount" not in seen:
        yield "amount"


def _constants(rule: Rule) -> Iterator[str]:
    """Give the texts that a rule names."""
    for node in (inner for tree in rule.expressions for inner in walk(tree)):
        if node.op is Op.CONSTANT and isinstance(node.value, str):
            yield node.value
        elif node.op is Op.IN and isinstance(node.value, tuple):
            yield from map(str, node.value)


def _preferred(rule: Rule) -> list[VoucherKind]:
    """Give the kinds of voucher to try: those that the rule names first."""
    named = [VoucherKind(word) for word in _constants(rule) if word in set(VoucherKind)]
    return [*dict.fromkeys((*named, *VoucherKind))]
