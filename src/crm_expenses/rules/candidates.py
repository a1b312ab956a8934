"""Which values of a name are worth trying: those around what a rule compares it with."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from crm_expenses.core.money import exponent
from crm_expenses.core.trip import DAY_MINUTES, MealBy, Night
from crm_expenses.rules.catalogue import DAY_ONLY, RuleScope
from crm_expenses.rules.own_fact import FactOf
from crm_expenses.rules.parameter import Bands
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.shape import Shape, pieces_of
from crm_expenses.rules.situation import (
    BEFORE,
    COUNT,
    EACH,
    PRE_APPROVAL,
    TRIP,
    VOUCHER_DIGITS,
    Raw,
    TripShape,
)
from crm_expenses.rules.tree import Dims, Node, Op, Sort, Type, names_in, walk
from crm_expenses.rules.valuewords import terms_of

SAMPLE: Final = "R-1"
"""A text of which nothing more is known."""

OTHER: Final = "Elsewhere"
"""Stands for a place that no table knows."""

FIGURES_MAX: Final = 12
"""Most figures of one unit around which values are tried."""

OPTIONS_MAX: Final = 6

EVENING: Final = 20 * 60
"""When a trip through a night leaves, in minutes of the day."""

_TEXTS: Final = {
    "account": "A-100",
    "opportunity": "O-100",
    "trip": "T-1",
    "merchant": "M-100",
    "purpose": "Visit to a customer",
    "place": "London",
    "payment": "card",
    "travel_class": "economy",
    "team": "sales",
    "grade": "standard",
    "voucher_number": VOUCHER_DIGITS,
    "project": "P-100",
}
_TRIED: Final = {**_TEXTS, "pre_approval": PRE_APPROVAL}
"""Texts to try; the line to begin with has none but those above."""

_SMALL: Final = {"nights": [1, 2], "attendees": [1, 2, 4, 10], "age_days": [1, 0, -1]}
_USUAL: Final = {
    "": 2,
    "person": 2,
    "hour": 2,
    "night": 2,
    "day": 3,
    "line": 2,
    "minute": 60,
    "month": 2,
    "year": 2,
}
"""How much of a unit a claim usually has; of any other, and of money, a hundred."""

_MILLION: Final = 10**6
"""What an amount of the claim or the person is taken to be: a turnover, a salary."""

AMOUNTS: Final = (200, 100, 50, 20)
"""Amounts of which the first that no rule minds stands in examples, in whole units."""

_MONTHS_BACK: Final = (1, 2, 3, 4, 6, 12, 36)
_ALMOST: Final = 50
"""How far before the start of a band a quantity stands that is to reach into it, in whole units."""
_MEALS: Final = frozenset({"breakfast", "lunch", "dinner"})
_NIGHTS: Final = frozenset({"night", "night_before", "trip_nights"})
_OF_TRIP: Final = (
    *("trip_minutes", "trip_days", "trip_nights", "trip_departs", "trip_returns", "trip_place"),
)


_BEHIND: Final = {
    "submitted": "age_days",
    "oldest_days": "age_days",
    "first_date": "date",
    "last_date": "date",
    "is_credit": "amount",
    "amount_original": "amount",
    "claim_total": "amount",
}
"""What is set to change a name that follows from another one."""


def trees_of(policy: Policy, rule: Rule) -> tuple[Node, ...]:
    """Give what a rule says, its condition, and what is summed or counted in them."""
    trees = [tree for tree in (rule.main, rule.when) if tree is not None]
    named = [policy.values[name].node for name in terms_of(policy, trees)]
    summed = [node for node in named if not any(node in walk(tree) for tree in trees)]
    return (*trees, *summed)


class Candidates:
    """The values to try for one policy, and the situation to begin with."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._figures: dict[tuple[str, Dims, int], list[int]] = {}
        self.day = _day(policy)

    def base(self, category: str) -> dict[str, Raw | TripShape]:
        """Give a complete line of a category, of which no rule should have much to say.

        With an empty category it is a claim whose lines are counted by category.
        """
        policy = self._policy
        found: dict[str, Raw | TripShape] = {
            "category": category,
            "date": self.day,
            "age_days": 1,
            "amount": self.amounts()[-1],
            "currency": policy.currency,
            "city": self._option("city") or "Geneva",
            "nights": 2,
            "attendees": 4,
            "distance": 100_000,
            "voucher_kind": "fapiao" if policy.currency == "CNY" else "receipt",
            "person_active": True,
            "pre_approved": False,
            TRIP: TripShape(),
            **_TEXTS,
        }
        if not category:
            first = next(iter(policy.categories))
            found |= {f"{COUNT}{first}": 1, "category": first}
        for name in ("grade", "team", "payment", "travel_class"):
            found[name] = self._option(name) or found[name]
        for name in policy.facts:
            values = self._values(name, policy.rules)
            found[name] = values[0] if values else None
        return found

    def amounts(self) -> list[int]:
        """Give the amounts of AMOUNTS and ten units, raw; without cents they are larger."""
        places = exponent(self._policy.currency)
        unit = 10**places if places else 100
        return [amount * unit for amount in (*AMOUNTS, 10)]

    def counted(self, rule: Rule) -> str:
        """Give the first category that a rule on a claim counts or sums; empty where it is none."""
        found = (name for tree in trees_of(self._policy, rule) for name in self._of_lines(tree))
        return next(found, "").partition(" ")[2]

    def into_bands(self, name: str, rule: Rule) -> list[int]:
        """Give values of a sum from which a little more reaches into the next band of a scale."""
        kind = self._policy.catalogue.names[name].type
        almost = _ALMOST * 10**kind.scale
        found = []
        for tree in trees_of(self._policy, rule):
            for node in walk(tree):
                if node.op in (Op.BAND, Op.ALONG):
                    near = self._near([node], kind.dims, kind.scale)
                    found += [start - almost for start in near if start > almost]
        return list(dict.fromkeys(found))

    def names(self, rule: Rule) -> list[str]:
        """Give the names to vary for a rule: first those of what it says, then of its condition."""
        policy = self._policy
        found: dict[str, None] = {}
        for tree in trees_of(policy, rule):
            read = names_in(tree)
            for name in sorted(read):
                counter = policy.counters.get(name)
                found[name] = None
                if counter is not None:
                    found.update(dict.fromkeys(sorted(counter.reads & names_in(rule.main))))
            found.update(dict.fromkeys(self._of_lines(tree)))
            if any(node.op in _DATED for node in walk(tree)) and "submitted" in read:
                found["age_days"] = None
        if any(self._turns(node) for tree in trees_of(self._policy, rule) for node in walk(tree)):
            found["date"] = None
        settable: dict[str, None] = {}
        for name in found:
            settable[self._settable(name, rule.scope)] = None
        return list(settable)

    def _turns(self, node: Node) -> bool:
        """Say whether a node is a word of the policy that has changed from a day on."""
        if node.op is not Op.LOOKUP or node.args or node.type.sort is not Sort.CHOICE:
            return False
        return len(self._policy.parameters[str(node.value)].values) > 1

    def _of_lines(self, tree: Node) -> Iterable[str]:
        for node in walk(tree):
            if node.op in (Op.TOTAL_OF, Op.COUNT_OF) and isinstance(node.value, tuple):
                for category in node.value:
                    yield f"{COUNT}{category}"
                    yield f"{EACH}{category}"

    def _settable(self, name: str, scope: RuleScope) -> str:
        """Give the name that is set to change another one; mostly the name itself."""
        entry = self._policy.catalogue.names.get(name)
        if name in self._policy.facts or name in self._policy.counters or name.startswith("#"):
            return name
        if name in _OF_TRIP or (entry is not None and entry.scopes <= DAY_ONLY):
            return TRIP
        first = next(iter(self._policy.categories), "")
        of_claim = {"claim_total": f"{EACH}{first}", "claim_lines": f"{COUNT}{first}"}
        if scope is RuleScope.CLAIM and name in of_claim:
            return of_claim[name]
        return _BEHIND.get(name, name)

    def of(self, name: str, rule: Rule) -> list[Raw | TripShape]:
        """Give the values to try for a name in a rule."""
        if name == TRIP:
            return list(self._trips(rule))
        known = self._policy.catalogue.names
        if name not in known and not name.startswith("#"):
            return []
        return list(dict.fromkeys(self._values(name, (rule,))))

    def _values(self, name: str, rules: Sequence[Rule]) -> list[Raw]:
        policy = self._policy
        trees = [tree for rule in rules for tree in trees_of(policy, rule)]
        if name.startswith(COUNT):
            return [0, *_around(self._near(trees, (("line", 1),), 0), 0, 50), 1, 2]
        amount = policy.catalogue.names["amount"]
        if name == BEFORE or name.startswith(EACH):
            near = self._near(trees, amount.type.dims, amount.type.scale)
            return [self.amounts()[1], *_around(near, 0, amount.high)]
        entry = policy.catalogue.names[name]
        kind = entry.type
        found: list[Raw]
        match kind.sort:
            case Sort.QUANTITY:
                found = [*self._numbers(name, trees)]
                if name == "amount" and any("is_credit" in rule.reads for rule in rules):
                    found.append(-(10**kind.scale))
            case Sort.YES_NO:
                found = [False, True]
            case Sort.DATE if name in policy.facts:
                found = [*self._earlier()]
            case Sort.DATE:
                found = [self.day, *self._turning(trees), *self._days()]
            case Sort.CHOICE:
                found = [*self._options(name, kind, trees)]
            case _:
                found = [*self._texts(name, trees)]
        if entry.may_be_missing:
            found.append(None)
        # A claim that lacks a number is commoner than one below zero.
        return sorted(found, key=lambda value: type(value) is int and value < 0)

    # Quantities

    def _numbers(self, name: str, trees: Sequence[Node]) -> Iterable[int]:
        """Give what a claim usually has of a quantity, then the rules' figures and around them."""
        entry = self._policy.catalogue.names[name]
        kind = entry.type
        near = self._near(trees, kind.dims, kind.scale)
        if name == "amount":
            near += self._near(trees, (("original", 1),), kind.scale)
        yield from self._small(name, kind)
        yield from _around(near, entry.low, entry.high)
        if name == "age_days":
            yield from (2 * days + 7 for days in near if days > 0)

    def _small(self, name: str, kind: Type) -> list[int]:
        """Give what a claim usually has of a quantity."""
        if name in _SMALL:
            return _SMALL[name]
        fact = self._policy.facts.get(name)
        is_money = kind.dims == ((self._policy.currency, 1),)
        if is_money and fact is not None and fact.of is not FactOf.LINE:
            return [_MILLION * 10**kind.scale]
        unit = kind.dims[0][0] if kind.dims else ""
        if is_money:
            return [amount * 10**kind.scale for amount in (100, 200, 500, 1000)]
        return [_USUAL.get(unit, 100) * 10**kind.scale]

    def _near(self, trees: Sequence[Node], dims: Dims, scale: int) -> list[int]:
        """Give the figures of a unit that the trees name, as raw values of a scale."""
        found: dict[int, None] = {}
        for tree in trees:
            for node in walk(tree):
                for raw, of in self._named(node):
                    if of.dims == dims and of.sort is Sort.QUANTITY:
                        shifted = raw * 10 ** max(0, scale - of.scale)
                        found[shifted // 10 ** max(0, of.scale - scale)] = None
        return list(found)[:FIGURES_MAX]

    def _named(self, node: Node) -> Iterable[tuple[int, Type]]:
        if node.op is Op.CONSTANT and isinstance(node.value, int):
            yield node.value, node.type
        if node.op not in (Op.LOOKUP, Op.BAND, Op.ALONG):
            return
        parameter = self._policy.parameters[str(node.value)]
        last = parameter.values[-1]
        for value in (*last.table.values(), last.otherwise):
            if isinstance(value, Bands) and parameter.band is not None:
                for start in value.starts:
                    yield start, parameter.band
            elif isinstance(value, int):
                yield value, parameter.type

    # Choices, texts and days

    def _options(self, name: str, kind: Type, trees: Sequence[Node]) -> Iterable[str]:
        named = self._compared(name, trees)
        known = self._policy.catalogue.choices[kind.choice]
        if name == "currency":
            known = (self._policy.currency, "USD", "EUR")
        rest = [value for value in known if value not in named]
        yield from [*named, *rest][:OPTIONS_MAX] if name != "category" else known

    def _texts(self, name: str, trees: Sequence[Node]) -> Iterable[str]:
        yield self._option(name) or _TRIED.get(name, SAMPLE)
        yield from self._keys(name)
        yield from self._compared(name, trees)
        for tree in trees:
            for node in walk(tree):
                reads = node.args and node.args[0].op is Op.NAME and node.args[0].value == name
                if node.op is Op.SHAPE and reads:
                    shaped = _shaped(str(node.value))
                    yield from (shaped, shaped[:-1], f"{shaped}#")
                if node.op is Op.LENGTH and reads:
                    for length in self._near(trees, (), 0):
                        yield from ("x" * n for n in (length - 1, length) if 0 < n <= 200)

    def _compared(self, name: str, trees: Sequence[Node]) -> list[str]:
        """Give the words that the trees compare a name with."""
        found: dict[str, None] = {}
        for tree in trees:
            for node in walk(tree):
                if not node.args or node.args[0].op is not Op.NAME or node.args[0].value != name:
                    continue
                if node.op is Op.IN and isinstance(node.value, tuple):
                    found.update(dict.fromkeys(map(str, node.value)))
                elif node.op in (Op.EQ, Op.NE) and node.args[1].op is Op.CONSTANT:
                    found[str(node.args[1].value)] = None
        return list(found)

    def _option(self, name: str) -> str:
        """Give a key of a table for a name, or the first word of its list; empty for none."""
        entry = self._policy.catalogue.names.get(name)
        if entry is not None and entry.type.sort is Sort.CHOICE:
            return self._policy.catalogue.choices[entry.type.choice][0]
        for parameter in self._policy.parameters.values():
            for at, (key, _) in enumerate(parameter.keys):
                if key == name and parameter.values[-1].table:
                    return next(iter(parameter.values[-1].table))[at]
        return ""

    def _keys(self, name: str) -> Iterable[str]:
        """Give the keys of tables that a name stands for, and one that no table has."""
        for parameter in self._policy.parameters.values():
            for at, (key, _) in enumerate(parameter.keys):
                if key == name:
                    keys = dict.fromkeys(row[at] for row in parameter.values[-1].table)
                    yield from list(keys)[:OPTIONS_MAX]
                    yield OTHER

    def _days(self) -> Iterable[date]:
        """Give days of every kind: weekdays, a weekend, each month, those of the calendar."""
        day, calendar = self.day, self._policy.calendar
        yield day
        yield from (day + timedelta(days=n) for n in range(1, 8))
        yield from (day + timedelta(days=30 * n) for n in range(1, 12))
        after = [d for d in (*calendar.rest_days, *calendar.work_days) if d >= day]
        yield from sorted(after)[:4]
        month_end = day.replace(day=1)
        yield from (month_end + timedelta(days=n) for n in range(28, 62) if month_end >= day)

    def _earlier(self) -> Iterable[date]:
        """Give days of the same number in earlier months, or the last before it."""
        yield self.day
        for back in _MONTHS_BACK:
            months = self.day.year * 12 + self.day.month - 1 - back
            yield date(months // 12, months % 12 + 1, min(self.day.day, 28))

    def _turning(self, trees: Sequence[Node]) -> Iterable[date]:
        """Give the days before a word of the policy changed."""
        for tree in trees:
            for node in walk(tree):
                if self._turns(node):
                    steps = self._policy.parameters[str(node.value)].values
                    yield from (step.start - timedelta(days=1) for step in steps[1:])

    # Trips

    def lengths(self, rule: Rule) -> list[int]:
        """Give the lengths of time that a rule names, and the minutes before them."""
        near = self._near(trees_of(self._policy, rule), (("minute", 1),), 0)
        return sorted({length for minutes in near for length in (minutes, minutes - 1)})

    def _trips(self, rule: Rule) -> Iterable[TripShape]:
        trees = trees_of(self._policy, rule)
        yield TripShape()
        said = frozenset().union(*(_words(tree) for tree in trees))
        read = names_in(*trees)
        by = {m.value for m in (MealBy.NONE, MealBy.EMPLOYER)} if read & _MEALS else set()
        meals = [meal for meal in MealBy if meal.value in said | by]
        where = {n.value for n in (Night.HOTEL, Night.NONE)} if read & _NIGHTS else set()
        nights = [night for night in Night if night.value in said | where]
        for meal in meals:
            yield TripShape(meals=meal)
        for night in nights:
            shapes = (
                TripShape(night=night),
                TripShape(leaves=EVENING, returns=10 * 60, night=night),
            )
            yield from reversed(shapes) if night is Night.NONE else shapes
        yield TripShape(days=1)
        yield TripShape(days=3)
        for minutes in self._near(trees, (("minute", 1),), 0):
            for length in (minutes - 1, minutes, minutes + 1):
                if 0 < length < DAY_MINUTES - 1:
                    yield TripShape(days=1, leaves=1, returns=1 + length)
                    yield TripShape(leaves=length, returns=18 * 60)
        for days in self._near(trees, (("day", 1),), 0):
            for count in (days, days + 1):
                if 0 < count <= 200:
                    yield TripShape(days=count)


_DATED: Final = frozenset(
    {Op.DAYS_BETWEEN, Op.WORKING_DAYS, Op.ADD_DAYS, Op.LT, Op.GT, Op.LE, Op.GE}
)


def _around(figures: Iterable[int], low: int, high: int) -> list[int]:
    """Give each figure with its neighbours, those that lie between the bounds."""
    return [n for figure in figures for n in (figure, figure + 1, figure - 1) if low <= n <= high]


def _words(tree: Node) -> frozenset[str]:
    found: set[str] = set()
    for node in walk(tree):
        if node.op is Op.IN and isinstance(node.value, tuple):
            found.update(map(str, node.value))
        elif node.op is Op.CONSTANT and isinstance(node.value, str):
            found.add(node.value)
    return frozenset(found)


def _shaped(pattern: str) -> str:
    """Make a text that has a form.

    >>> _shaped("AA-9{3}")
    'AA-111'
    """
    signs = {"9": "1", "A": "A", "a": "a", "*": "x"}
    pieces = pieces_of(pattern)
    text = "".join((signs[p.sign] if p.is_class else p.sign) * max(p.least, 1) for p in pieces)
    return text if Shape(pattern).fits(text) else ""


def _day(policy: Policy) -> date:
    """Give a working Tuesday to Thursday on which the newest value of every parameter holds.

    Where no calendar says how far a policy knows the days, it is no earlier than somebody last
    compared a figure with its source.
    """
    newest = [parameter.values[-1] for parameter in policy.parameters.values()]
    calendar = policy.calendar
    known = [calendar.first] if calendar.first else [step.checked for step in newest]
    days = [step.start for step in newest] + [day for day in known if day is not None]
    day = max(days, default=date(2026, 1, 1))
    day += timedelta(days=9)
    while day.weekday() not in (1, 2, 3) or (
        calendar.covers(day) and not calendar.is_working_day(day)
    ):
        day += timedelta(days=1)
    return day
