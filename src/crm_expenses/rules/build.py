"""From a policy as written to a policy that has proved complete.

Takes plain values (the file's shape is checked already) and gives either a `Policy` or every
problem at once, each with its place. What names a part that has a problem of its own is not
reported a second time.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.core.money import exponent
from crm_expenses.errors import MappingError, PolicyError, Problem
from crm_expenses.rules.build_approval import ApprovalBuilder
from crm_expenses.rules.build_parameter import ParameterBuilder
from crm_expenses.rules.build_rule import build_rules
from crm_expenses.rules.build_window import (
    build_counter,
    build_fact,
    build_value,
    counter_name,
    fact_name,
)
from crm_expenses.rules.catalogue import CHOICES_TAKEN, Catalogue, catalogue
from crm_expenses.rules.expression import Scope
from crm_expenses.rules.own_fact import OwnFact
from crm_expenses.rules.parameter import Parameter
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.window import Counter
from crm_expenses.rules.written import CalendarText, Locate, PolicyText, placed

STAND_IN: Final = "USD"
"""The currency in which the rest of a policy is checked when its own is not known."""


def build(text: PolicyText, locate: Locate, already: Sequence[Problem] = ()) -> Policy:
    """Build a policy.

    Raises:
        PolicyError: with `already` and every further problem, in the order of their places.
    """
    problems = list(already)
    try:
        exponent(text.currency)
    except MappingError as error:
        problems += placed(error, locate(("policy", "currency"), None))
        text = _in_another_currency(text)
    problems += [
        Problem("policy.name_taken", {"name": name}, locate(("choices", name), None))
        for name in text.choices
        if name in CHOICES_TAKEN
    ]
    names, facts, broken = _facts(text, locate, problems)
    parameters, wrong = _parameters(text, names, locate, problems)
    scope = Scope(names, parameters, broken | wrong | text.broken)
    scope, counters = _counters(text, scope, locate, problems)
    scope = _values(text, scope, locate, problems)
    rules = build_rules(text.rules, scope, locate, problems)
    approvals = ApprovalBuilder(text, scope, locate, problems)
    authorities, asked = approvals.authorities()
    terms, payment = approvals.terms(), approvals.payment()
    calendar = _calendar(text.calendar, locate, problems)
    if problems:
        raise PolicyError.of(problems)
    return Policy(
        id=text.id,
        version=text.version,
        digest=text.digest,
        title=text.title,
        catalogue=scope.catalogue,
        categories=dict(text.categories),
        parameters=parameters,
        rules=rules,
        authorities=authorities,
        calendar=calendar,
        facts=facts,
        counters=counters,
        values=scope.values,
        words=dict(text.words),
        components=dict(text.components),
        asked=asked,
        terms=terms,
        payment=payment,
    )


def _facts(
    text: PolicyText, locate: Locate, problems: list[Problem]
) -> tuple[Catalogue, dict[str, OwnFact], frozenset[str]]:
    """Make the catalogue with the facts of the policy's own."""
    names = catalogue(text.currency, tuple(text.categories), text.choices)
    facts: dict[str, OwnFact] = {}
    broken = set()
    entries = []
    for written in text.facts:
        fact = build_fact(written, names, locate, problems)
        if fact is None:
            broken.add(written.name)
        else:
            facts[written.name] = fact
            if written.name not in names.names:
                entries.append(fact_name(written, fact))
    return names.having(entries), facts, frozenset(broken)


def _counters(
    text: PolicyText, scope: Scope, locate: Locate, problems: list[Problem]
) -> tuple[Scope, dict[str, Counter]]:
    """Make the named windows; none of them reads another."""
    counters: dict[str, Counter] = {}
    broken = set()
    for written in text.counters:
        counter = build_counter(written, scope, locate, problems)
        if counter is None:
            broken.add(written.name)
        else:
            counters[written.name] = counter
    names = scope.catalogue.having([counter_name(c) for c in counters.values()])
    states = frozenset(counters) | {"voucher_uses_before"}
    scope = Scope(names, scope.parameters, scope.broken | broken, states=states)
    return scope, counters


def _values(text: PolicyText, scope: Scope, locate: Locate, problems: list[Problem]) -> Scope:
    """Make the named expressions; each may read those that stand before it."""
    for index, written in enumerate(text.values):
        below = frozenset(v.name for v in text.values[index:])
        value = build_value(written, replace(scope, below=below), locate, problems)
        if value is None:
            scope = replace(scope, broken=scope.broken | {written.name})
        else:
            scope = replace(scope, values={**scope.values, written.name: value})
    return scope


def _in_another_currency(text: PolicyText) -> PolicyText:
    """Put a currency that exists in the place of one that does not, so that all else is checked."""

    def mended(unit: str) -> str:
        _, slash, below = unit.partition("/")
        return f"{STAND_IN}{slash}{below}"

    parameters = tuple(
        replace(p, unit=mended(p.unit)) if p.type == "money" and p.unit else p
        for p in text.parameters
    )
    return replace(text, currency=STAND_IN, parameters=parameters)


def _parameters(
    text: PolicyText, names: Catalogue, locate: Locate, problems: list[Problem]
) -> tuple[dict[str, Parameter], frozenset[str]]:
    good: dict[str, Parameter] = {}
    broken = set()
    for written in text.parameters:
        found = ParameterBuilder(written, names, locate)
        parameter = found.build()
        problems += found.problems
        if parameter is None:
            broken.add(written.name)
        else:
            good[written.name] = parameter
    return good, frozenset(broken)


def _calendar(text: CalendarText, locate: Locate, problems: list[Problem]) -> WorkCalendar:
    """Make the calendar; a day that it lists and does not cover would never count."""
    if text.start is not None and text.until is not None and text.until < text.start:
        ends = {"start": text.start.isoformat(), "until": text.until.isoformat()}
        problems.append(Problem("policy.calendar_ends", ends, locate(("calendar", "until"), None)))
        return WorkCalendar(text.rest_days, text.work_days)
    made = WorkCalendar(text.rest_days, text.work_days, text.start, text.until)
    for name, days in (("rest_days", text.rest_days), ("work_days", text.work_days)):
        outside = sorted(day for day in days if not made.covers(day))
        if outside:
            values = {"name": name, "day": outside[0].isoformat(), "covered": made.covered}
            place = locate(("calendar", name), None)
            problems.append(Problem("policy.calendar_day", values, place))
    return made
