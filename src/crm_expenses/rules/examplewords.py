"""Worked examples in words: the claim, what becomes of it, and why."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from crm_expenses.core.decision import Decision, Outcome
from crm_expenses.core.finding import Effect
from crm_expenses.core.money import Money
from crm_expenses.core.trip import MealBy, Night
from crm_expenses.messages import LANGUAGES, Language
from crm_expenses.rules.candidates import UNLISTED
from crm_expenses.rules.catalogue.make import WEEKDAYS
from crm_expenses.rules.examples import Example, Side, Value
from crm_expenses.rules.figurewords import clock_words, duration_words
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
        minor = shown.get("amount")
        is_refund = isinstance(minor, int) and minor < 0
        amount = _amount(own, -minor if isinstance(minor, int) and is_refund else minor)
        spent = example.facts.lines[0].amount
        if spent.currency != own.currency:
            foreign = f"{spent.amount:,f} {spent.currency}"
            amount = own.say("example.foreign", foreign=foreign, amount=amount)
        if is_refund:
            yield own.say("example.refund", category=category, amount=amount)
        elif not minor and _is_given(own.policy, str(shown["category"])):
            yield category
        else:
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
        case _ if value == UNLISTED:
            return own.say("example.unlisted", value=UNLISTED)
        case _:
            return str(value)


def _is_given(policy: Policy, category: str) -> bool:
    """Say whether lines of a category get what is due, whatever they claim."""
    return any(rule.kind is RuleKind.ALLOW and rule.covers(category) for rule in policy.rules)


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
    is_due = any(line.entitlements for line in decision.lines)
    match decision.outcome:
        case Outcome.PASS if not decision.allowed.minor and not decision.claimed.minor:
            return own.say("example.nothing_due")
        case Outcome.PASS if is_due or decision.allowed != decision.claimed:
            return own.say("example.due", allowed=allowed)
        case Outcome.JUSTIFY if decision.allowed == decision.claimed:
            return own.say("example.justify_full")
        case outcome:
            return own.say(f"example.{outcome.value}", allowed=allowed)


def outcome_words(policy: Policy, example: Example, language: Language) -> str:
    """Say what an example shows: what becomes of the claim; of a figure, what it comes to."""
    rule = policy.rule(example.rule)
    own = Phrases(policy, language)
    if rule is not None and rule.kind is RuleKind.MEASURE:
        figures = list(_figures(own, example))
        if figures:
            return own.say("handbook.semicolon").join(figures)
    return result_words(policy, example.decision, language)


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
    for line in example.decision.lines:
        is_any = any(part.amount.minor for part in line.entitlements)
        for part in line.entitlements:
            if is_any and not part.amount.minor:
                continue
            component = component_words(own, part.component)
            yield own.say("example.part", component=component, amount=_money(own, part.amount))
    yield from _figures(own, example)


def component_words(own: Phrases, component: str) -> str:
    """Give what people call a component: its own name, or the title of its only rule."""
    side = LANGUAGES.index(own.language)
    called = own.policy.components.get(component)
    rule = own.policy.rule(component)
    if called is None and rule is not None:
        called = rule.title
    return own.quoted(component.replace("_", " ")) if called is None else called[side]


def figure_of(example: Example) -> int | None:
    """Give the raw value of the figure that an example of a measure shows, None without one."""
    figures = (
        *example.decision.measures,
        *(figure for line in example.decision.lines for figure in line.measures),
    )
    own = (figure for figure in figures if figure.code == example.rule)
    return next((int(figure.value.replace(".", "")) for figure in own), None)


def _figures(own: Phrases, example: Example) -> Iterator[str]:
    side = LANGUAGES.index(own.language)
    rule, raw = own.policy.rule(example.rule), figure_of(example)
    if raw is not None and rule is not None and rule.kind is RuleKind.MEASURE:
        amount = own.quantity(raw, rule.main.type)
        yield own.say("example.figure", title=rule.title[side], amount=amount)
