"""Worked examples in words: the claim, what becomes of it, and why."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from crm_expenses.core.decision import Decision, Outcome
from crm_expenses.core.finding import Effect
from crm_expenses.core.money import Money
from crm_expenses.core.trip import MealBy, Night
from crm_expenses.messages import LANGUAGES, Language
from crm_expenses.rules.catalogue.make import WEEKDAYS
from crm_expenses.rules.examples import Example, Side, Value
from crm_expenses.rules.figurewords import clock_words
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.phrase import Phrases
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.situation import BEFORE, COUNT, EACH, TRIP, TripShape
from crm_expenses.rules.tree import Sort, Type, quantity
from crm_expenses.rules.wording import finding_text

_LEADING: Final = frozenset({"category", "amount"})


def situation_words(policy: Policy, example: Example, language: Language) -> list[str]:
    """Say the claim of an example, fact by fact, the line or lines leading."""
    own = Phrases(policy, language)
    return list(_situation(own, example))


def _situation(own: Phrases, example: Example) -> Iterator[str]:
    shown = dict(example.shown)
    if "category" in shown:
        category = own.option("category", str(shown["category"]))
        amount = _amount(own, shown.get("amount"))
        spent = example.facts.lines[0].amount
        if spent.currency != own.currency:
            foreign = f"{spent.amount:,f} {spent.currency}"
            amount = own.say("example.foreign", foreign=foreign, amount=amount)
        yield own.say("example.line", category=category, amount=amount)
    for name, value in shown.items():
        if name.startswith(COUNT):
            yield _lines(own, shown, name.removeprefix(COUNT))
        elif name.startswith(EACH) or name in _LEADING:
            continue
        elif name == BEFORE:
            yield own.say("example.before", amount=_amount(own, value))
        elif isinstance(value, TripShape):
            yield from _trip(own, value)
        elif name == "age_days" and isinstance(value, int):
            yield _submitted(own, value)
        elif name != TRIP:
            noun = own.noun(name).removeprefix("the ")
            yield own.say("example.fact", noun=noun, value=value_words(own, name, value))


def value_words(own: Phrases, name: str, value: Value) -> str:
    """Say the value of a fact; free text only by its length."""
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
            weekday = own.option("weekday", WEEKDAYS[value.weekday()])
            return own.say("example.day", day=value.isoformat(), weekday=weekday)
        case str() if entry.type.sort is Sort.FREE_TEXT:
            code = "example.signs_one" if len(value) == 1 else "example.signs"
            return own.say(code, count=str(len(value)))
        case str() if entry.type.sort is Sort.CHOICE:
            return own.option(entry.type.choice, value)
        case _:
            return str(value)


def _amount(own: Phrases, value: Value) -> str:
    minor = value if isinstance(value, int) else 0
    return own.quantity(minor, own.catalogue.names["amount"].type)


def _lines(own: Phrases, shown: dict[str, Value], category: str) -> str:
    count = shown[COUNT + category]
    title = own.option("category", category)
    amount = _amount(own, shown.get(EACH + category))
    code = "example.lines_one" if count == 1 else "example.lines"
    return own.say(code, category=title, count=str(count), amount=amount)


def _submitted(own: Phrases, days: int) -> str:
    if not days:
        return own.say("example.submitted_same")
    code = "example.submitted" if days > 0 else "example.submitted_before"
    return own.say(code, days=own.quantity(abs(days), quantity("day")))


def _trip(own: Phrases, trip: TripShape) -> Iterator[str]:
    leaves, returns = clock_words(trip.leaves), clock_words(trip.returns)
    if trip.days == 1:
        yield own.say("example.trip_day", leaves=leaves, returns=returns)
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
        case Outcome.PASS if decision.allowed != decision.claimed:
            return own.say("example.due", allowed=allowed)
        case Outcome.JUSTIFY if decision.allowed == decision.claimed:
            return own.say("example.justify_full")
        case outcome:
            return own.say(f"example.{outcome.value}", allowed=allowed)


def _money(own: Phrases, amount: Money) -> str:
    return own.quantity(amount.minor, own.catalogue.names["amount"].type)


def reasons_words(policy: Policy, example: Example, language: Language) -> list[str]:
    """Say why: what the rules find, or what an allowance or a figure comes to."""
    decision = example.decision
    found = [
        *decision.findings,
        *(finding for line in decision.lines for finding in line.findings),
    ]
    said = [
        finding_text(policy, finding, language)
        for finding in found
        if finding.code == example.rule or finding.effect is not Effect.NOTE or finding.failed
    ]
    if example.side is Side.GIVES:
        own = Phrases(policy, language)
        said = [*_given(own, example), *said]
    return said


def _given(own: Phrases, example: Example) -> Iterator[str]:
    side = LANGUAGES.index(own.language)
    for line in example.decision.lines:
        for part in line.entitlements:
            component = own.table_name(part.component)
            yield own.say("example.part", component=component, amount=_money(own, part.amount))
    rule = own.policy.rule(example.rule)
    figures = (
        *example.decision.measures,
        *(figure for line in example.decision.lines for figure in line.measures),
    )
    for figure in figures:
        if figure.code == example.rule and rule is not None and rule.kind is RuleKind.MEASURE:
            raw = int(figure.value.replace(".", ""))
            amount = own.quantity(raw, rule.main.type)
            yield own.say("example.figure", title=rule.title[side], amount=amount)
