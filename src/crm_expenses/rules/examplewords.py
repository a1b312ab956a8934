"""Worked examples in words: the claim, what becomes of it, and why."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.decision import Decision, Outcome
from crm_expenses.core.finding import Effect
from crm_expenses.core.money import Money
from crm_expenses.core.trip import MealBy, Night
from crm_expenses.messages import LANGUAGES, Language
from crm_expenses.rules.candidates import OTHER
from crm_expenses.rules.catalogue.make import WEEKDAYS
from crm_expenses.rules.examples import Example, Value
from crm_expenses.rules.figurewords import clock_words, duration_words
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.phrase import Phrases, unquoted
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.situation import BEFORE, COUNT, EACH, TRIP, TripShape
from crm_expenses.rules.tree import Op, Sort, Type, names_in, quantity, walk
from crm_expenses.rules.wording import finding_text, finding_title

KEYS: Final = frozenset({"month", "weekday"})
"""Keys of tables that are no facts, and have words of their own."""

_LEADING: Final = frozenset({"category", "amount"})
_LOOKS: Final = frozenset({Op.LOOKUP, Op.BAND, Op.ALONG})


def situation_words(policy: Policy, example: Example, language: Language) -> list[str]:
    """Say the claim of an example, fact by fact, the line or lines leading."""
    own = Phrases(policy, language)
    return list(_situation(own, example))


def _situation(own: Phrases, example: Example) -> Iterator[str]:
    shown = dict(example.shown)
    if "category" in shown:
        yield _line(own, example, shown)
    if "date" not in shown and _is_dated(own, example):
        yield own.say("example.on", day=_day(own, _lines_of(example)[0].date))
    for name, value in shown.items():
        if name.startswith(COUNT):
            yield _lines(own, example, name.removeprefix(COUNT))
        elif name.startswith(EACH) or name in _LEADING:
            continue
        elif name == BEFORE:
            yield own.say("example.before", amount=_amount(own, value))
        elif isinstance(value, TripShape):
            yield from _trip(own, value)
        elif name == "age_days" and isinstance(value, int):
            yield _submitted(own, value)
        elif name == "trip":
            if TRIP not in shown:
                yield own.say("example.no_trip" if value is None else "example.on_trip")
        elif name != TRIP:
            noun = bare_noun(own, name)
            said = value_words(own, name, value, is_measured=_is_measured(own, example, name))
            yield own.say("example.fact", noun=noun, value=said)


def _lines_of(example: Example) -> Sequence[ExpenseLine]:
    return example.facts.lines


def bare_noun(own: Phrases, name: str) -> str:
    """Give the noun of a fact as it stands alone: without article and quotes."""
    return unquoted(own, own.noun(name).removeprefix("the "))


def key_words(own: Phrases, name: str) -> str:
    """Give what a table has a key for, as a heading: a fact, the month, or a list's name."""
    if name in own.catalogue.names:
        said = bare_noun(own, name)
    else:
        said = own.say(f"key.{name}") if name in KEYS else _list_words(own, name)
    return said[:1].upper() + said[1:] if own.language == "en" else said


def _list_words(own: Phrases, name: str) -> str:
    """Give what people call a list of words: the title of the figures that are such words."""
    side = LANGUAGES.index(own.language)
    titles = (
        parameter.title[side]
        for parameter in own.policy.parameters.values()
        if parameter.type.choice == name and parameter.title is not None
    )
    return next(titles, name.replace("_", " "))


def _line(own: Phrases, example: Example, shown: Mapping[str, Value]) -> str:
    """Say what the line is of, and what it claims unless an allowance stands in its place."""
    category = own.option("category", str(shown["category"]))
    (first, *_) = _lines_of(example)
    if _is_given(own.policy, example) and example.differs != "amount":
        return category
    minor = shown.get("amount")
    if isinstance(minor, int) and minor < 0:
        return own.say("example.refund", category=category, amount=_amount(own, -minor))
    amount = _amount(own, minor)
    if first.amount.currency != own.currency:
        foreign = f"{first.amount.amount:,f} {first.amount.currency}"
        amount = own.say("example.foreign", foreign=foreign, amount=amount)
    return own.say("example.line", category=category, amount=amount)


def _is_given(policy: Policy, example: Example) -> bool:
    """Say whether a line gets what is due, whatever it claims."""
    parts = [part for line in example.decision.lines for part in line.entitlements]
    rules = [policy.rule(code) for part in parts for code in part.rules]
    return bool(parts) and not any(rule and "amount" in rule.reads for rule in rules)


def _is_dated(own: Phrases, example: Example) -> bool:
    """Say whether the rule looks up figures that were others before, so that the day matters."""
    rule = own.policy.rule(example.rule)
    trees = rule.expressions if rule is not None else ()
    looked_up = (str(n.value) for tree in trees for n in walk(tree) if n.op in _LOOKS)
    return any(len(own.policy.parameters[name].values) > 1 for name in looked_up)


def _is_measured(own: Phrases, example: Example, name: str) -> bool:
    """Say whether the rule looks at how long a text is."""
    rule = own.policy.rule(example.rule)
    trees = rule.expressions if rule is not None else ()
    lengths = (node for tree in trees for node in walk(tree) if node.op is Op.LENGTH)
    return any(name in names_in(node) for node in lengths)


def value_words(own: Phrases, name: str, value: Value, *, is_measured: bool = True) -> str:
    """Say the value of a fact; free text only by its length, or that it is given."""
    entry = own.catalogue.names[name]
    match value:
        case None:
            missing = name in own.policy.counters
            return own.quantity(0, entry.type) if missing else own.say("example.not_given")
        case bool():
            return own.say("example.yes" if value else "example.no")
        case int():
            noun = own.noun(name)
            if own.language == "en" and noun.startswith("the number of "):
                return own.quantity(value, Type(Sort.QUANTITY, scale=entry.type.scale))
            return own.quantity(value, entry.type)
        case date():
            return _day(own, value)
        case str() if entry.type.sort is Sort.FREE_TEXT and not is_measured:
            return own.say("example.given")
        case str() if entry.type.sort is Sort.FREE_TEXT:
            code = "example.signs_one" if len(value) == 1 else "example.signs"
            return own.say(code, count=str(len(value)))
        case str() if entry.type.sort is Sort.CHOICE:
            return unquoted(own, own.option(entry.type.choice, value))
        case str() if value == OTHER:
            return own.say("example.other", name=value)
        case _:
            return str(value)


def _day(own: Phrases, day: date) -> str:
    weekday = own.option("weekday", WEEKDAYS[day.weekday()])
    return own.say("example.day", day=day.isoformat(), weekday=weekday)


def _amount(own: Phrases, value: Value) -> str:
    minor = value if isinstance(value, int) else 0
    return own.quantity(minor, _kind(own))


def _lines(own: Phrases, example: Example, category: str) -> str:
    lines = [line for line in _lines_of(example) if line.category == category]
    title = own.option("category", category)
    amount = _money(own, lines[0].amount)
    code = "example.lines_one" if len(lines) == 1 else "example.lines"
    return own.say(code, category=title, count=str(len(lines)), amount=amount)


def _submitted(own: Phrases, days: int) -> str:
    if not days:
        return own.say("example.submitted_same")
    code = "example.submitted" if days > 0 else "example.submitted_before"
    return own.say(code, days=own.quantity(abs(days), quantity("day")))


def _trip(own: Phrases, trip: TripShape) -> Iterator[str]:
    leaves, returns = clock_words(trip.leaves), clock_words(trip.returns)
    if trip.days == 1:
        length = duration_words(trip.returns - trip.leaves, own.language)
        yield own.say("example.trip_day", leaves=leaves, returns=returns, length=length)
    else:
        days = str(trip.days)
        yield own.say("example.trip", days=days, leaves=leaves, returns=returns)
        if trip.night is not Night.HOTEL:
            yield own.say("example.nights", where=own.option("night", trip.night.value))
    if trip.meals is not MealBy.NONE:
        yield own.say("example.meals", by=own.option("meal_by", trip.meals.value))


def result_words(policy: Policy, decision: Decision, language: Language) -> str:
    """Say what becomes of a claim, in one sentence without its stop."""
    own = Phrases(policy, language)
    allowed = _money(own, decision.allowed)
    match decision.outcome:
        case Outcome.PASS if not decision.allowed.minor:
            return own.say("example.nothing_due")
        case Outcome.PASS if decision.allowed != decision.claimed:
            return own.say("example.due", allowed=allowed)
        case Outcome.JUSTIFY if decision.allowed == decision.claimed:
            return own.say("example.justify_full")
        case outcome:
            return own.say(f"example.{outcome.value}", allowed=allowed)


def _money(own: Phrases, amount: Money) -> str:
    return own.quantity(amount.minor, _kind(own))


def outcome_words(policy: Policy, example: Example, language: Language) -> str:
    """Say what becomes of an example: of a figure what it comes to, else of the claim."""
    rule = policy.rule(example.rule)
    raw = figure_of(example)
    if rule is not None and rule.kind is RuleKind.MEASURE and raw is not None:
        own = Phrases(policy, language)
        title = rule.title[LANGUAGES.index(language)]
        return own.say("example.figure", title=title, amount=own.quantity(raw, rule.main.type))
    return result_words(policy, example.decision, language)


def reasons_words(policy: Policy, example: Example, language: Language) -> list[str]:
    """Say why: what the rules find, or what an allowance comes to day by day or part by part.

    The rule whose example it is goes without its title.
    """
    decision = example.decision
    found = [
        *decision.findings,
        *(finding for line in decision.lines for finding in line.findings),
    ]
    said = []
    for finding in found:
        if finding.code == example.rule or finding.effect is not Effect.NOTE or finding.failed:
            text = finding_text(policy, finding, language)
            if finding.code == example.rule:
                title = finding_title(policy, finding.code, language)
                text = text.removeprefix(title).lstrip(":： ") or text
            said.append(text)
    rule = policy.rule(example.rule)
    if rule is not None and rule.kind is RuleKind.ALLOW:
        said = [*_given(Phrases(policy, language), example), *said]
    return said


def _given(own: Phrases, example: Example) -> Iterator[str]:
    """Say each part of an allowance, where there are several, and its days."""
    for line in example.decision.lines:
        parts = [part for part in line.entitlements if part.amount.minor or part.days]
        parts.sort(key=lambda part: example.rule not in part.rules)
        for part in parts:
            title = own.component_name(part.component, part.rules)
            amount = _money(own, part.amount)
            if len(parts) > 1:
                yield own.say("example.part", component=title, amount=amount)
            is_due = any(minor for _, minor in part.days)
            if is_due and len(part.days) > 1 and example.rule in part.rules:
                days = [own.quantity(minor, _kind(own)) for _, minor in sorted(part.days)]
                yield own.say("example.days", list=own.say("prose.comma").join(days))


def figure_of(example: Example) -> int | None:
    """Give the raw value of the figure that an example of a measure shows, None without one."""
    of_lines = (figure for line in example.decision.lines for figure in line.measures)
    figures = (*example.decision.measures, *of_lines)
    own = (figure for figure in figures if figure.code == example.rule)
    return next((int(figure.value.replace(".", "")) for figure in own), None)


def _kind(own: Phrases) -> Type:
    return own.catalogue.names["amount"].type
