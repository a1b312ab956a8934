"""Which values of a name are worth trying: those around what a rule compares it with."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from crm_expenses.core.money import exponent
from crm_expenses.core.trip import DAY_MINUTES, MealBy, Night
from crm_expenses.rules.catalogue import DAY_ONLY, RuleScope
from crm_expenses.rules.compile import add_months
from crm_expenses.rules.kinds import RuleKind
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

FIGURES_MAX: Final = 12
"""Most figures of one unit around which values are tried."""

OPTIONS_MAX: Final = 6

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

SAMPLE: Final = "R-1"
"""A text of which nothing more is known."""

UNLISTED: Final = "X-1"
"""A key that no table has; words say so."""

STEP_DAYS: Final = 14
"""How far the days of a policy's own facts lie apart, in the order in which it names them."""

LEAVES: Final = 8 * 60
"""When a trip begins that has to have a certain length."""

_PLAUSIBLE: Final = {
    "night": 2,
    "person": 2,
    "day": 3,
    "hour": 5,
    "minute": 90,
    "month": 2,
    "year": 2,
    "line": 2,
    "use": 2,
    "trip": 2,
}
"""So many of a unit are nothing out of the ordinary; a mere number is 2, anything else 100."""

_SMALL: Final = {"nights": [1, 2], "attendees": [1, 2, 4], "age_days": [1, 0, -1]}
_MORE: Final = {"attendees": [20], "age_days": [14, 30, 100]}
"""What is tried last of all."""

_MEALS: Final = frozenset({"breakfast", "lunch", "dinner"})
_NIGHTS: Final = frozenset({"night", "night_before"})
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


NAMED_OPS: Final = frozenset({Op.VALUE, Op.TOTAL_EACH, Op.COUNT_EACH})
"""The operations that read an expression by its name."""


def through(policy: Policy, *trees: Node | None) -> tuple[Node, ...]:
    """Give all nodes of trees, and of the named expressions that they sum, each of these once."""
    found: list[Node] = []
    seen: set[str] = set()
    ahead = [tree for tree in reversed(trees) if tree is not None]
    while ahead:
        for node in walk(ahead.pop()):
            found.append(node)
            name = str(node.value)
            if node.op in (Op.TOTAL_EACH, Op.COUNT_EACH) and name not in seen:
                seen.add(name)
                ahead.append(policy.values[name].node)
    return tuple(found)


def _names(nodes: Iterable[Node]) -> frozenset[str]:
    return frozenset(str(node.value) for node in nodes if node.op is Op.NAME)


class Candidates:
    """The values to try for one policy, and the situation to begin with."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._tried: dict[tuple[str, str], list[Raw]] = {}
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
            "amount": 10 * 10 ** exponent(policy.currency),
            "currency": policy.currency,
            "city": self._option("city") or ("Beijing" if policy.currency == "CNY" else "London"),
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
            found |= {f"{COUNT}{first}": 1, f"{EACH}{first}": found["amount"], "category": first}
        for name in ("grade", "team", "payment", "travel_class"):
            found[name] = self._option(name) or found[name]
        needed = self._needed(category)
        for name in policy.facts:
            values = self._values(name, policy.rules) if name in needed else []
            found[name] = values[0] if values else None
        if category and self.is_given(category):
            found["amount"] = 0
        return found

    def is_given(self, category: str) -> bool:
        """Say whether a line of a category gets what is due, whatever it claims."""
        rules = [rule for rule in self._policy.rules if rule.covers(category)]
        allows = [rule for rule in rules if rule.kind is RuleKind.ALLOW]
        read = _names(through(self._policy, *(t for rule in allows for t in rule.expressions)))
        return bool(allows) and not read & {"amount", "amount_original"}

    def _needed(self, category: str) -> frozenset[str]:
        """Give the names that rules on a category demand to be given."""
        found: set[str] = set()
        for rule in self._policy.rules:
            if rule.kind is RuleKind.REQUIRE and (not category or rule.covers(category)):
                for node in through(self._policy, rule.main):
                    if node.op is Op.PRESENT:
                        found |= names_in(node)
        return frozenset(found)

    def names(self, rule: Rule) -> list[str]:
        """Give the names to vary for a rule: first those of what it says, then of its condition."""
        policy = self._policy
        found: dict[str, None] = {}
        of_main = _names(through(policy, rule.main))
        for tree in (rule.main, rule.when):
            if tree is None:
                continue
            nodes = through(policy, tree)
            read = _names(nodes)
            for name in sorted(read):
                entry = policy.catalogue.names.get(name)
                if entry is not None and entry.is_result:
                    continue
                counter = policy.counters.get(name)
                found[name] = None
                if counter is not None:
                    found.update(dict.fromkeys(sorted(counter.reads & of_main)))
            found.update(dict.fromkeys(self._of_lines(nodes)))
            if any(node.op in _DATED for node in nodes) and "submitted" in read:
                found["age_days"] = None
        settable: dict[str, None] = {}
        for name in found:
            settable[self._settable(name, rule.scope)] = None
        return list(settable)

    def _of_lines(self, nodes: Iterable[Node]) -> Iterable[str]:
        for node in nodes:
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
        key = (name, rule.code)
        if key not in self._tried:
            self._tried[key] = list(dict.fromkeys(self._values(name, (rule,))))
        return list(self._tried[key])

    def neighbours(self, name: str, rule: Rule) -> Iterator[tuple[Raw, Raw]]:
        """Give pairs of neighbouring values of a quantity or a day, at what a rule names."""
        entry = self._policy.catalogue.names.get(name)
        if entry is None:
            return
        nodes = through(self._policy, *rule.expressions)
        if entry.type.sort is Sort.QUANTITY:
            for figure in self._near(nodes, entry.type.dims, entry.type.scale):
                for first in (figure, figure - 1):
                    if figure > 0 and entry.low <= first and first + 1 <= entry.high:
                        yield first, first + 1
        elif entry.type.sort is Sort.DATE:
            for day in self._edges(nodes):
                for more in (0, -1, 1):
                    yield day + timedelta(days=more), day + timedelta(days=more + 1)

    def _values(self, name: str, rules: Sequence[Rule]) -> list[Raw]:
        policy = self._policy
        trees = through(policy, *(tree for rule in rules for tree in rule.expressions))
        if name.startswith(COUNT):
            return [0, *_around(self._near(trees, (("line", 1),), 0), 0, 50), 1, 2]
        amount = policy.catalogue.names["amount"]
        if name == BEFORE or name.startswith(EACH):
            near = self._near(trees, amount.type.dims, amount.type.scale)
            return [10 ** (amount.type.scale + 1), *_around(near, 0, amount.high)]
        entry = policy.catalogue.names[name]
        kind = entry.type
        found: list[Raw]
        match kind.sort:
            case Sort.QUANTITY:
                near = self._near(trees, kind.dims, kind.scale)
                if name == "amount":
                    near += self._near(trees, (("original", 1),), kind.scale)
                small = _SMALL.get(name) or [self._plausible(kind)]
                tried = [*small, *_around(near, entry.low, entry.high)]
                tried += _MORE.get(name, [])
                found = [n for n in tried if n >= 0 or name == "age_days" or n in near]
                if name.startswith("budget"):
                    unit = 10**kind.scale
                    found = [1_000 * unit, 10 * unit, 10 * unit - 1, *found]
                if name == "amount" and any("is_credit" in rule.reads for rule in rules):
                    found.append(-50 * 10**kind.scale)
            case Sort.YES_NO:
                found = [False, True]
            case Sort.DATE:
                own = [self._own_day(name)] if name in policy.facts else []
                found = [*own, *self._edges(trees), *self._days()]
            case Sort.CHOICE:
                found = [*self._options(name, kind, trees)]
            case _:
                found = [*self._texts(name, trees)]
        if entry.may_be_missing:
            found.append(None)
        return found

    # Quantities

    def _near(self, nodes: Sequence[Node], dims: Dims, scale: int) -> list[int]:
        """Give the figures of a unit that nodes name, as raw values of a scale."""
        found: dict[int, None] = {}
        for node in nodes:
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

    def _plausible(self, kind: Type) -> int:
        """Give a quantity that is nothing out of the ordinary."""
        unit: int = 10**kind.scale
        return (_PLAUSIBLE.get(kind.dims[0][0], 100) if len(kind.dims) == 1 else 2) * unit

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
        for node in trees:
            reads = node.args and node.args[0].op is Op.NAME and node.args[0].value == name
            if node.op is Op.SHAPE and reads:
                yield _shaped(str(node.value))
                yield _shaped(str(node.value))[:-1]
            if node.op is Op.LENGTH and reads:
                for length in self._near(trees, (), 0):
                    yield from ("x" * n for n in (length - 1, length) if 0 < n <= 200)

    def _compared(self, name: str, trees: Sequence[Node]) -> list[str]:
        """Give the words that the trees compare a name with."""
        found: dict[str, None] = {}
        for node in trees:
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
                    yield UNLISTED

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

    def _own_day(self, name: str) -> date:
        """Give a day of its own to each dated fact of the policy, in the order it names them."""
        dated = [n for n, fact in self._policy.facts.items() if fact.type.sort is Sort.DATE]
        return self.day - timedelta(days=STEP_DAYS * (len(dated) - dated.index(name)))

    def _edges(self, nodes: Sequence[Node]) -> Iterable[date]:
        """Give the days that nodes name, and those as far away as they count days or months."""
        for node in nodes:
            if node.op is Op.CONSTANT and node.type.sort is Sort.DATE:
                yield date.fromisoformat(str(node.value))
        for days in self._near(nodes, (("day", 1),), 0):
            if 0 < days < _FAR:
                yield from (self.day - timedelta(days=days), self.day + timedelta(days=days))
        for months in self._near(nodes, (("month", 1),), 0):
            if 0 < months < _FAR:
                yield add_months(self.day, -months)

    # Trips

    def lengths(self, rule: Rule) -> list[list[tuple[TripShape, TripShape]]]:
        """Give pairs of trips that lie a minute or a day apart, by the length that a rule names."""
        nodes = through(self._policy, rule.main, rule.when)
        found = [
            [pair for first in (minute, minute - 1) for pair in _apart(first)]
            for minute in self._near(nodes, (("minute", 1),), 0)
        ]
        for unit, more in (("day", 0), ("night", 1)):
            for count in self._near(nodes, ((unit, 1),), 0):
                days = [first for first in (count + more, count + more - 1) if first > 0]
                tried = [first for first in days if first < _DAYS_TRIED]
                found.append([(TripShape(days=n), TripShape(days=n + 1)) for n in tried])
        return found

    def knows_kinds(self, rule: Rule) -> bool:
        """Say whether a rule tells days by their place in the trip, or counts nights."""
        read = _names(through(self._policy, *rule.expressions))
        return bool(read & {"day_kind", "trip_nights", "trip_days", "night", "night_before"})

    def _trips(self, rule: Rule) -> Iterable[TripShape]:
        trees = through(self._policy, *rule.expressions)
        yield TripShape()
        said = frozenset().union(*(_words(tree) for tree in trees))
        read = _names(trees)
        by = {m.value for m in (MealBy.NONE, MealBy.EMPLOYER)} if read & _MEALS else set()
        meals = [meal for meal in MealBy if meal.value in said | by]
        where = (
            {n.value for n in (Night.HOTEL, Night.NONE)}
            if read & (_NIGHTS | {"trip_nights"})
            else set()
        )
        nights = [night for night in Night if night.value in said | where]
        for meal in meals:
            yield TripShape(meals=meal)
        for night in nights:
            yield TripShape(night=night)
            yield TripShape(leaves=20 * 60, returns=10 * 60, night=night)
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


_FAR: Final = 1_000
_DAYS_TRIED: Final = 200

_DATED: Final = frozenset(
    {Op.DAYS_BETWEEN, Op.WORKING_DAYS, Op.ADD_DAYS, Op.LT, Op.GT, Op.LE, Op.GE}
)


def _around(figures: Iterable[int], low: int, high: int) -> list[int]:
    """Give each figure with its neighbours, those that lie between the bounds."""
    return [n for figure in figures for n in (figure, figure + 1, figure - 1) if low <= n <= high]


def _words(node: Node) -> frozenset[str]:
    if node.op is Op.IN and isinstance(node.value, tuple):
        return frozenset(map(str, node.value))
    is_word = node.op is Op.CONSTANT and isinstance(node.value, str)
    return frozenset({str(node.value)}) if is_word else frozenset()


def _apart(minute: int) -> Iterator[tuple[TripShape, TripShape]]:
    """Give trips that end, or begin, a minute apart, in each place where a length may lie.

    It may be the length of a trip within a day or over midnight, of its first or last day, what is
    left of its last 24 hours, or the time at which it begins or ends.
    """
    if not 0 < minute < DAY_MINUTES - 1:
        return
    ends = LEAVES + minute
    if ends + 1 < DAY_MINUTES:
        yield TripShape(1, LEAVES, ends), TripShape(1, LEAVES, ends + 1)
    if minute > LEAVES:
        yield TripShape(1, LEAVES, minute), TripShape(1, LEAVES, minute + 1)
    for days in (2, 3):
        over = days if ends + 1 >= DAY_MINUTES else days - 1
        if over > 1:
            back = ends % DAY_MINUTES
            yield TripShape(over, LEAVES, back), TripShape(over, LEAVES, back + 1)
        yield TripShape(days, returns=minute), TripShape(days, returns=minute + 1)
        yield TripShape(days, minute), TripShape(days, minute + 1)
        left = DAY_MINUTES - minute
        yield TripShape(days, left), TripShape(days, left - 1)
    if ends + 1 >= DAY_MINUTES:
        yield TripShape(1, 0, minute), TripShape(1, 0, minute + 1)
    late = 20 * 60
    if late + minute >= DAY_MINUTES:
        back = late + minute - DAY_MINUTES
        yield TripShape(2, late, back, Night.NONE), TripShape(2, late, back + 1, Night.NONE)


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
    """Give a working Tuesday to Thursday on which the newest value of every parameter holds."""
    starts = [parameter.values[-1].start for parameter in policy.parameters.values()]
    calendar = policy.calendar
    day = max([*starts, *([calendar.first] if calendar.first else [])], default=date(2026, 1, 1))
    day += timedelta(days=9)
    while day.weekday() not in (1, 2, 3) or (
        calendar.covers(day) and not calendar.is_working_day(day)
    ):
        day += timedelta(days=1)
    return day
