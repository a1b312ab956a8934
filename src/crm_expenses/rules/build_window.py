"""From facts and windows of a policy's own, as written, to ones that fit the catalogue."""

import re
from collections.abc import Callable
from datetime import date
from keyword import iskeyword
from typing import Final

from crm_expenses.core.money import AMOUNT_MINOR_MAX, exponent
from crm_expenses.errors import Problem
from crm_expenses.rules.catalogue import DAY_ONLY, LINE_AND_DAY, Catalogue, Name, RuleScope
from crm_expenses.rules.expression import BrokenParameterError, ExpressionError, certain, parse
from crm_expenses.rules.functions import FUNCTIONS
from crm_expenses.rules.own_fact import FactOf, OwnFact
from crm_expenses.rules.scope import NamedValue, Scope
from crm_expenses.rules.tree import DATE, TEXT, YES_NO, Node, Op, Sort, Type, quantity
from crm_expenses.rules.window import (
    LINES_SUM_MAX,
    PER_NAMES,
    QUANTITY_SUM_MAX,
    ROLLING_MAX,
    WINDOW_SUM_MAX,
    Counter,
    Window,
    WindowPeriod,
)
from crm_expenses.rules.written import (
    NAME,
    CounterText,
    FactText,
    Locate,
    Path,
    ValueText,
    WindowText,
)

Say = Callable[..., None]
PLACES_MAX: Final = 6
OWN_COUNT_MAX: Final = 10**6
"""Most of a count of a policy's own; more is not read."""
_MONTH_DAY: Final = re.compile(r"[0-9]{2}-[0-9]{2}", re.ASCII)

_SCOPES: Final = {
    FactOf.LINE: LINE_AND_DAY,
    FactOf.CLAIM: frozenset(RuleScope),
    FactOf.PERSON: frozenset(RuleScope),
    FactOf.DAY: DAY_ONLY,
}


def build_fact(
    text: FactText, names: Catalogue, locate: Locate, problems: list[Problem]
) -> OwnFact | None:
    """Give the fact, or None where it cannot be made."""

    def say(code: str, path: Path, /, **values: str) -> None:
        problems.append(Problem(code, values, locate(("fact", text.name, *path), None)))

    _name(text.name, names, say)
    currency = names.currency
    if text.places and text.type != "number":
        say("policy.places", ("places",), value=str(text.places), limit=str(PLACES_MAX))
    if text.unit and text.type not in ("number", "count"):
        say("policy.no_unit", ("unit",), type=text.type)
    top = AMOUNT_MINOR_MAX
    options: tuple[str, ...] = ()
    match text.type:
        case "yes_no":
            kind = YES_NO
        case "date":
            kind = DATE
        case "text":
            kind = TEXT
        case "money":
            kind = quantity(currency, exponent(currency))
        case "count":
            kind, top = quantity(text.unit), OWN_COUNT_MAX
        case "number":
            if not 0 <= text.places <= PLACES_MAX:
                say("policy.places", ("places",), value=str(text.places), limit=str(PLACES_MAX))
                return None
            kind = quantity(text.unit, text.places)
        case choice if choice in names.choices:
            kind = Type(Sort.CHOICE, choice=choice)
            options = names.choices[choice]
        case _:
            known = ("yes_no", "count", "number", "money", "date", "text", *names.choices)
            say("policy.type", ("type",), value=text.type, options=", ".join(known))
            return None
    return OwnFact(text.name, kind, text.of, top, options)


def fact_name(text: FactText, fact: OwnFact) -> Name:
    """Give the entry of the catalogue of a fact of the policy's own."""
    is_quantity = fact.type.sort is Sort.QUANTITY
    return Name(
        fact.name,
        fact.type,
        text.title,
        may_be_missing=True,
        low=-fact.top if is_quantity else 0,
        high=fact.top if is_quantity else 0,
        scopes=_SCOPES[fact.of],
        is_claimants=fact.of in (FactOf.LINE, FactOf.DAY),
    )


def build_counter(
    text: CounterText, scope: Scope, locate: Locate, problems: list[Problem]
) -> Counter | None:
    """Give the named window, or None where it cannot be made."""
    told = len(problems)

    def say(code: str, path: Path, /, **values: str) -> None:
        problems.append(Problem(code, values, locate(("window", text.name, *path), None)))

    def expression(part: str, written: str, known: frozenset[str]) -> Node | None:
        wanted = YES_NO if part == "when" else None
        try:
            return parse(written, scope, known=known, wanted=wanted)
        except BrokenParameterError:
            return None
        except ExpressionError as error:
            place = locate(("window", text.name, part), error.at)
            problems.append(Problem(error.code, error.values, place))
            return None

    _name(text.name, scope.catalogue, say)
    categories(text.on, scope.catalogue, say)
    when = expression("when", text.when, frozenset()) if text.when else None
    known = certain(when, when=True) if when is not None else frozenset()
    one = Node(Op.CONSTANT, quantity("line"), 0, value=1, low=1, high=1)
    adds = one if text.adds in ("", "1") else expression("adds", text.adds, known)
    if adds is not None and adds.type.sort is not Sort.QUANTITY:
        say("expression.quantity", ("adds",), given=str(adds.type))
    if text.window.period is None:
        say("policy.window_period", ())
    window = build_window(text.window, scope.catalogue, known, say)
    if len(problems) > told or adds is None or window is None or (text.when and when is None):
        return None
    on = frozenset(text.on) if text.on else None
    top = QUANTITY_SUM_MAX
    if adds.type.dims == ((scope.catalogue.currency, 1),):
        top = WINDOW_SUM_MAX
    elif adds is one:
        top = LINES_SUM_MAX
    return Counter(text.name, text.title, window, adds.type, adds, when, on, top)


def counter_name(counter: Counter) -> Name:
    """Give the entry of the catalogue of a named window: what lines before this one add up to."""
    top = counter.top
    low = 0 if counter.adds.low >= 0 else -top
    return Name(counter.name, counter.type, counter.title, low=low, high=top, is_certain=False)


def build_value(
    text: ValueText, scope: Scope, locate: Locate, problems: list[Problem]
) -> NamedValue | None:
    """Give the named expression, or None where it cannot be made."""
    told = len(problems)

    def say(code: str, path: Path, /, **values: str) -> None:
        problems.append(Problem(code, values, locate(("value", text.name, *path), None)))

    _name(text.name, scope.catalogue, say)
    if text.name in scope.parameters:
        say("policy.name_taken", (), name=text.name)
    try:
        node = parse(text.gives, scope.within(text.scope, RESULTS))
    except BrokenParameterError:
        return None
    except ExpressionError as error:
        place = locate(("value", text.name, "gives"), error.at)
        problems.append(Problem(error.code, error.values, place))
        return None
    if node.type.sort is Sort.FREE_TEXT:
        say("expression.quantity", ("gives",), given=str(node.type))
    if len(problems) > told:
        return None
    return NamedValue(text.name, text.title, text.scope, node)


RESULTS: Final = frozenset({"entitled", "allowed", "claim_allowed"})
"""What rules leave; a named expression may read it, and then serves where it is known."""


def build_window(
    text: WindowText, names: Catalogue, known: frozenset[str], say: Say
) -> Window | None:
    """Give the window; None where there is no period."""
    period = text.period
    if period is None:
        for part in ("per", "counts", "year_starts", "days", "gap_days"):
            if getattr(text, part) not in ((), "allowed", "", 0):
                say("policy.no_period", (part,), part=part)
        return None
    needs = {"year_starts": "year", "days": "rolling", "gap_days": "spell"}
    for part, wanted in needs.items():
        given = getattr(text, part)
        if given and period.value != wanted:
            say("policy.part_of_period", (part,), part=part, wanted=wanted, period=period.value)
        if wanted == period.value and part != "year_starts" and not 1 <= given <= ROLLING_MAX:
            say("policy.days", (part,), part=part, value=str(given), limit=str(ROLLING_MAX))
    starts = _month_day(text.year_starts, say)
    _per(text, names, known, say)
    return Window(
        text.per, period, text.counts == "eligible", starts, int(text.days), int(text.gap_days)
    )


def _month_day(written: str, say: Say) -> tuple[int, int]:
    if not written:
        return 1, 1
    if _MONTH_DAY.fullmatch(written):
        month, day = int(written[:2]), int(written[3:])
        try:
            date(2025, month, day)
        except ValueError:
            pass
        else:
            return month, day
    say("policy.year_starts", ("year_starts",), value=written)
    return 1, 1


def _per(text: WindowText, names: Catalogue, known: frozenset[str], say: Say) -> None:
    facts: list[tuple[str, Path]] = [(name, ("per", i)) for i, name in enumerate(text.per)]
    if text.period is WindowPeriod.TRIP:
        facts.append(("trip", ("period",)))
    for name, path in facts:
        fact = PER_NAMES.get(name, name)
        entry = names.names.get(fact)
        if name not in PER_NAMES and (entry is None or not _can_be_key(entry)):
            own = [n for n, e in names.names.items() if n not in PER_NAMES and _can_be_key(e)]
            options = ", ".join((*PER_NAMES, *own))
            say("policy.per", path, value=name, options=options)
        elif entry is not None and entry.may_be_missing and fact not in known:
            say("policy.per_missing", path, value=name, name=fact)


def _can_be_key(entry: Name) -> bool:
    fits = entry.type.sort in (Sort.TEXT, Sort.CHOICE)
    return fits and entry.is_shown and RuleScope.LINE in entry.scopes


def categories(on: tuple[str, ...], names: Catalogue, say: Say) -> None:
    """Tell of categories that the policy does not have."""
    known = names.choices["category"]
    for index, category in enumerate(on):
        if category not in known:
            say("policy.category", ("on", index), value=category, options=", ".join(known))


def _name(name: str, names: Catalogue, say: Say) -> None:
    if name in names.names or name in FUNCTIONS or name in PER_NAMES:
        say("policy.name_taken", (), name=name)
    elif not NAME.fullmatch(name) or iskeyword(name):
        say("policy.name", (), name=name)
