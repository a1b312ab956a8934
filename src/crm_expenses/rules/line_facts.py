"""The facts of a line, of a day of its trip and of a claim, under the names that rules read.

Each name has one line here: the Python expression that reads it from the records, in terms of
other names and of `_line`, `_claim`, `_person`, `_voucher`, `_trip`, `_approval`, `_day` and
`_ctx`. Facts are read when a rule first asks for them; the fast path of `rules.fast` pastes the
same expressions.
"""

import ast
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from crm_expenses.core.claim import ExpenseLine, Extra
from crm_expenses.core.money import exponent
from crm_expenses.core.trip import TripDay
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.catalogue.line import DISTANCE_SCALE, ORIGINAL_SCALE
from crm_expenses.rules.claim_context import ClaimContext, voucher_key
from crm_expenses.rules.own_fact import FactOf, OwnFact, Raw

LINE: Final[dict[str, str]] = {
    "_claim": "_ctx.claim",
    "_person": "_ctx.person",
    "_voucher": "_ctx.vouchers.get(_line.voucher) if _line.voucher else None",
    "_trip": "_ctx.trips.get(_line.trip) if _line.trip else None",
    "_approval": "_ctx.approval(_line) if _ctx.facts.pre_approvals else None",
    "_amount": "_line.amount",
    "as_of": "_line.date",
    "amount": "_amount.minor if _amount.currency == _ctx.currency else _ctx.converted(_line)",
    "entitled": "amount",
    "allowed": "amount",
    "amount_original": "_amount.minor * _shifts[_amount.currency]",
    "rate_source": "_ctx.rate_source(_line)",
    "rate_age_days": "_ctx.rate_age(_line)",
    "currency": "_amount.currency",
    "category": "_line.category",
    "date": "_line.date",
    "submitted": "_ctx.submitted",
    "age_days": "(submitted - date).days",
    "is_credit": "_amount.minor < 0",
    "city": "_line.city or None",
    "nights": "_line.nights",
    "attendees": "_line.attendees",
    "distance": "None if _line.distance is None else _distance(_line.distance)",
    "account": "_line.account or None",
    "opportunity": "_line.opportunity or None",
    "trip": "_line.trip or None",
    "merchant": "_line.merchant or None",
    "purpose": "_line.purpose or None",
    "justification": "_line.justification or None",
    "payment": "_line.payment or None",
    "travel_class": "_line.travel_class or None",
    "pre_approved": "_line.pre_approved is True or _approval is not None",
    "pre_approved_amount": "_approval[1] if _approval else None",
    "pre_approval": "_approval[0].id if _approval else None",
    "person": "_claim.person",
    "claim": "_claim.id",
    "grade": "(_person.grade or None) if _person else None",
    "team": "(_person.team or None) if _person else None",
    "person_city": "(_person.city or None) if _person else None",
    "person_active": "((_person.active_from is None or _person.active_from <= date)"
    " and (_person.active_to is None or date <= _person.active_to)) if _person else None",
    "_position": "_ctx.tightest(_line)",
    "budget_available": "_position.available if _position else None",
    "budget_allocated": "_position.allocated if _position else None",
    "claim_total": "_ctx.total",
    "claim_lines": "_ctx.line_count",
    "voucher_kind": "_voucher.kind._value_ if _voucher else 'none'",
    "voucher_number": "((_number(_voucher) if _voucher.code else _voucher.number) or None)"
    " if _voucher else None",
    "voucher_amount": "_ctx.voucher_amount(_voucher) if _voucher else None",
    "voucher_date": "_voucher.issued if _voucher else None",
    "voucher_uses_before": "0",
    "trip_minutes": "_ctx.trip_minutes(_trip) if _trip else None",
    "trip_days": "_ctx.trip_days(_trip) if _trip else None",
    "trip_nights": "_ctx.trip_nights(_trip) if _trip else None",
    "trip_departs": "_trip.departs.date() if _trip else None",
    "trip_returns": "_trip.returns.date() if _trip else None",
    "trip_place": "(_trip.legs[0].destination or None) if _trip else None",
}
_MEALS: Final = ("breakfast", "lunch", "dinner")
DAY: Final[dict[str, str]] = {
    "as_of": "_day.day",
    "day": "_day.day",
    "day_kind": "_day.kind.value",
    "day_number": "_day.number",
    "minutes_away": "_day.minutes_away",
    "is_longest_day": "_day.is_longest",
    "leaves_at": "_day.leaves",
    "returns_at": "_day.returns",
    "night": "_day.night.value",
    "night_before": "_day.night_before.value",
    "place": "_day.place or None",
    "place_before": "_day.place_before or None",
    **{meal: f"_day.note.{meal}.value" for meal in _MEALS},
    **{f"{meal}_paid": f"_ctx.paid(_day.note.{meal}_paid, _day.day)" for meal in _MEALS},
}
CLAIM: Final[dict[str, str]] = {
    "_claim": "_ctx.claim",
    "_person": "_ctx.person",
    "as_of": "_ctx.submitted",
    "submitted": "_ctx.submitted",
    "claim_total": "_ctx.total",
    "claim_allowed": "_ctx.total",
    "claim_lines": "_ctx.line_count",
    "first_date": "_ctx.first_date",
    "last_date": "_ctx.last_date",
    "oldest_days": "(submitted - first_date).days if first_date else None",
    **{name: LINE[name] for name in ("grade", "team", "person_city")},
}
_EXTRA: Final = {
    FactOf.LINE: "_line.extra",
    FactOf.CLAIM: "_claim.extra",
    FactOf.PERSON: "(_person.extra if _person else ())",
    FactOf.DAY: "_day.note.extra",
}
_GIVEN: Final = frozenset({"_ctx", "_line", "_day"})
Read = Callable[[Any], Any]


class FactUnreadableError(Exception):
    """A fact of the policy's own has a text that does not fit its type: the rule fails."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class FactTables:
    """How each name is read, for one policy: with the facts of its own."""

    def __init__(self, facts: Mapping[str, OwnFact]) -> None:
        self.held: dict[str, object] = {
            "__builtins__": {},
            "_distance": _distance,
            "_shifts": _Shifts(),
            "_number": voucher_key,
        }
        self.texts: dict[str, dict[str, str]] = {
            "line": {**LINE},
            "day": {**DAY},
            "claim": {**CLAIM},
        }
        for name, fact in facts.items():
            self.held[f"_own_{name}"] = _reader(fact)
            text = f"_own_{name}({_EXTRA[fact.of]})"
            if fact.of is FactOf.DAY:
                self.texts["day"][name] = text
            else:
                self.texts["line"][name] = text
            if fact.of in (FactOf.CLAIM, FactOf.PERSON):
                self.texts["claim"][name] = text
        self.read = {
            scope: {name: self._compiled(text, table) for name, text in table.items()}
            for scope, table in self.texts.items()
        }

    def _compiled(self, text: str, table: Mapping[str, str]) -> Read:
        source = f"lambda f: {bound(text, table, 'f.')}"
        read: Read = eval(source, self.held)  # noqa: S307  the texts stand above
        return read


def bound(text: str, table: Mapping[str, str], prefix: str) -> str:
    """Give an expression with a prefix before each name that it reads.

    >>> bound("(submitted - date).days", LINE, "f.")
    '(f.submitted - f.date).days'
    """
    tree = ast.parse(text, mode="eval")
    at = [
        n for n in ast.walk(tree) if isinstance(n, ast.Name) and (n.id in table or n.id in _GIVEN)
    ]
    for node in sorted(at, key=lambda n: -n.col_offset):
        text = text[: node.col_offset] + prefix + text[node.col_offset :]
    return text


def named_in(text: str, table: Mapping[str, str]) -> tuple[str, ...]:
    """Give the names of the table that an expression reads, in a fixed order."""
    tree = ast.parse(text, mode="eval")
    found = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    return tuple(name for name in table if name in found)


class LineFacts:
    """One line's facts as raw values, read when first asked; None where a fact is missing."""

    scope = RuleScope.LINE

    def __init__(self, tables: FactTables, ctx: ClaimContext, line: ExpenseLine) -> None:
        self._read = tables.read["line"]
        self._tables = tables
        self._ctx = ctx
        self._line = line
        self._parts: dict[RuleScope, tuple[DayFacts, ...]] = {}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  the type is the catalogue's
        value = self._read[name](self)
        self.__dict__[name] = value
        return value

    def set(self, name: str, value: int | None) -> None:
        """Set a fact that the line's place among others gives, or what rules left."""
        self.__dict__[name] = value

    @property
    def line(self) -> ExpenseLine:
        """The record."""
        return self._line

    def parts(self, of: RuleScope) -> "tuple[DayFacts, ...]":
        """Give the facts of the days or periods of the line's trip.

        Raises:
            FactMissingError: the line has no trip, or the trip cannot be expanded.
        """
        found = self._parts.get(of)
        if found is None:
            trip = self._line.trip
            days = self._ctx.days(trip) if of is RuleScope.DAY else self._ctx.periods(trip)
            found = tuple(DayFacts(self._tables, self, day, of) for day in days)
            self._parts[of] = found
        return found


class DayFacts:
    """The facts of one day or period of a line's trip, and those of the line."""

    def __init__(
        self, tables: FactTables, of: LineFacts, day: TripDay, scope: RuleScope = RuleScope.DAY
    ) -> None:
        self._read = tables.read["day"]
        self._of = of
        self._day = day
        self.scope = scope
        self.begins = day.begins

    def parts(self, of: RuleScope) -> "tuple[DayFacts, ...]":
        """Give the facts of all days or periods of the trip."""
        return self._of.parts(of)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  the type is the catalogue's
        read = self._read.get(name)
        value = getattr(self._of, name) if read is None else read(self)
        self.__dict__[name] = value
        return value


class ClaimFacts:
    """The facts of a claim as a whole."""

    scope = RuleScope.CLAIM

    def __init__(self, tables: FactTables, ctx: ClaimContext) -> None:
        self._read = tables.read["claim"]
        self._tables = tables
        self._ctx = ctx

    def set(self, name: str, value: int | None) -> None:
        """Set what rules left."""
        self.__dict__[name] = value

    def parts(self, _of: RuleScope) -> tuple[LineFacts, ...]:
        """Give the facts of the claim's lines."""
        return tuple(LineFacts(self._tables, self._ctx, line) for line in self._ctx.facts.lines)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  the type is the catalogue's
        value = self._read[name](self)
        self.__dict__[name] = value
        return value


def in_order(names: Iterable[str], table: Mapping[str, str]) -> dict[str, str]:
    """Give the expressions that names need, each after those that it reads.

    >>> list(in_order(["age_days"], LINE))
    ['date', 'submitted', 'age_days']
    """
    done: dict[str, str] = {}

    def add(name: str) -> None:
        if name not in done:
            for other in named_in(table[name], table):
                add(other)
            done[name] = table[name]

    for name in names:
        add(name)
    return done


class _Shifts(dict[str, int]):
    """What brings minor units of a currency to the scale of `amount_original`."""

    def __missing__(self, currency: str) -> int:
        found: int = 10 ** (ORIGINAL_SCALE - exponent(currency))
        self[currency] = found
        return found


def _reader(fact: OwnFact) -> Callable[[Extra], Raw | None]:
    name, read = fact.name, fact.read

    def reader(extra: Extra) -> Raw | None:
        for key, written in extra:
            if key == name:
                if not written:
                    return None
                value = read(written)
                if value is None:
                    raise FactUnreadableError(name)
                return value
        return None

    return reader


def _distance(kilometres: Any) -> int:  # noqa: ANN401  a Decimal; checked where it came in
    return int(kilometres.scaleb(DISTANCE_SCALE))
