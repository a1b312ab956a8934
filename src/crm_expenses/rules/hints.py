"""What a rule's own words say of a claim to which it applies: this voucher, that city, such a day.

A search that begins with these finds an example of a rule that asks for many things at once, which
trying one fact after the other would not reach.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice, product
from typing import Final

from crm_expenses.rules.catalogue import DAY_ONLY
from crm_expenses.rules.comparewords import OPPOSITE
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.lookupwords import only
from crm_expenses.rules.plainwords import plain, spelled
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.situation import Raw
from crm_expenses.rules.tree import Node, Op, Sort
from crm_expenses.rules.unfold import bare, flat, unfolded

WAYS_MAX: Final = 40
"""Most ways in which one part of a condition is looked at."""

HINTS_MAX: Final = 100
"""Most claims that a rule's words give."""

WITHIN: Final = timedelta(days=9)
"""How long before a change a trip begins that is to end before it."""

Way = Mapping[str, Raw]


def hints(
    policy: Policy, rule: Rule, day: date, *, is_met: bool = False
) -> Iterator[dict[str, Raw]]:
    """Give facts with which the parts of a rule's conditions hold; `day` is the day to begin with.

    With `is_met` what a rule requires holds, too. They are hints: what cannot be read off the words
    is left out.
    """
    reader = _Reader(policy, day, is_of_trip=rule.scope.is_of_trip)
    lists = [ways for part in _parts(rule, is_met=is_met) if (ways := reader.ways(part)[:WAYS_MAX])]
    found: list[Way] = [{}]
    for ways in sorted(lists, key=len):
        pairs = ({**one, **way} for one, way in product(found, ways) if _fits(dict(one), way))
        found = list(islice(pairs, HINTS_MAX))
    yield from (dict(one) for one in found if one)


def _fits(found: dict[str, Raw], way: Way) -> bool:
    """Add a way to those before it, unless it says otherwise of the same fact."""
    if any(found.get(name, value) != value for name, value in way.items()):
        return False
    found.update(way)
    return True


def _parts(rule: Rule, *, is_met: bool) -> Iterable[Node]:
    """Give the parts that must hold together for the rule to speak, or to give something."""
    conditions = [] if rule.when is None else [spelled(rule.when)]
    main = bare(spelled(rule.main))
    if rule.kind in (RuleKind.FORBID, RuleKind.FLAG) or is_met:
        conditions.append(main)
    elif main.op is Op.IF:
        conditions.append(main.args[0])
    for condition in map(plain, conditions):
        yield from flat(condition, Op.AND) if condition.op is Op.AND else [condition]


def _name(node: Node) -> str:
    fact = bare(node.args[0]) if node.op is Op.DEFAULT else node
    return str(fact.value)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads facts off the parts of conditions."""

    policy: Policy
    day: date
    is_of_trip: bool

    def ways(self, part: Node) -> list[Way]:
        """Give the facts with which a part of a condition holds, one way or another."""
        inner, holds = unfolded(part, holds=True)
        if inner.type.sort is Sort.YES_NO and inner.op in (Op.NAME, Op.DEFAULT):
            return [{_name(inner): holds}]
        if inner.op is not Op.IN and inner.op not in OPPOSITE:
            return []
        left = bare(inner.args[0])
        if left.type.sort is Sort.QUANTITY:
            return _near(left, inner, holds=holds)
        is_equal = holds is not (inner.op is Op.NE)
        options = self.policy.catalogue.choices.get(left.type.choice, ())
        if inner.op is Op.IN and isinstance(inner.value, tuple):
            named = [str(value) for value in inner.value]
        elif bare(inner.args[1]).op is Op.CONSTANT:
            named = [str(bare(inner.args[1]).value)]
        else:
            return self._alike(left, bare(inner.args[1]), options) if is_equal else []
        wanted = named if is_equal else [option for option in options if option not in named]
        return self._giving(left, wanted)

    def _alike(self, left: Node, right: Node, options: Sequence[str]) -> list[Way]:
        """Give the facts with which two values are the same word."""
        found: list[Way] = []
        for option in options:
            pairs = product(self._giving(left, [option]), self._giving(right, [option]))
            found += [{**one, **other} for one, other in pairs if _fits(dict(one), other)]
        return found

    def _giving(self, node: Node, wanted: Sequence[str]) -> list[Way]:
        """Give the facts with which a value is one of some words."""
        match node.op:
            case Op.NAME | Op.DEFAULT if not self._is_of_day(_name(node)):
                return [{_name(node): value} for value in wanted]
            case Op.MONTH if bare(node.args[0]).value == "date":
                return [{"date": _in_month(self.day, int(value))} for value in wanted]
            case Op.LOOKUP:
                return self._looked_up(node, wanted)
            case _:
                return []

    def _is_of_day(self, name: str) -> bool:
        """Say whether a name follows from the trip, and is not set by itself."""
        entry = self.policy.catalogue.names.get(name)
        return entry is not None and entry.scopes <= DAY_ONLY

    def _looked_up(self, node: Node, wanted: Sequence[str]) -> list[Way]:
        parameter = self.policy.parameters[str(node.value)]
        if not parameter.keys:
            before = WITHIN if self.is_of_trip else timedelta(days=1)
            ends = [step.start - before for step in parameter.values[1:]]
            steps = zip(parameter.values, (*ends, self.day), strict=True)
            return [{"date": end} for step, end in steps if only(step.table[()]) in wanted]
        found: list[Way] = []
        for key, value in parameter.values[-1].table.items():
            if value in wanted:
                lists = [
                    self._giving(bare(arg), [part])
                    for arg, part in zip(node.args, key, strict=False)
                ]
                for ways in islice(product(*lists), WAYS_MAX):
                    made: dict[str, Raw] = {}
                    if all(_fits(made, way) for way in ways):
                        found.append(made)
        return found


def _near(left: Node, comparison: Node, *, holds: bool) -> list[Way]:
    """Give the value of a quantity nearest to a figure with which a comparison holds."""
    right = bare(comparison.args[1])
    if left.op not in (Op.NAME, Op.DEFAULT) or right.op is not Op.CONSTANT:
        return []
    op = comparison.op if holds else OPPOSITE[comparison.op]
    scale = left.type.scale - right.type.scale
    if op is Op.NE or scale < 0:
        return []
    step = {Op.GT: 1, Op.LT: -1}.get(op, 0)
    return [{_name(left): int(str(right.value)) * 10**scale + step}]


def _in_month(day: date, month: int) -> date:
    """Give the middle of the next such month.

    >>> _in_month(date(2026, 3, 20), 2).isoformat(), _in_month(date(2026, 3, 20), 4).isoformat()
    ('2027-02-15', '2026-04-15')
    """
    year = day.year if month > day.month else day.year + 1
    return date(year, month, 15)
