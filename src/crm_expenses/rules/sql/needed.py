"""Which tables a policy reads, and for which of its rules: what is refused where one is absent."""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from crm_expenses.errors import ConfigError, Problem
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.own_fact import FactOf
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.sql.script import Step
from crm_expenses.rules.tree import Node, Op, names_in, walk

_TRIPS: Final = ("trips", "trip_legs", "trip_days")
_OF_FACTS: Final[dict[str, tuple[str, ...]]] = {
    "people": ("grade", "team", "person_city", "person_active"),
    "vouchers": (
        *("voucher_kind", "voucher_number", "voucher_amount", "voucher_date"),
        "voucher_uses_before",
    ),
    "pre_approvals": ("pre_approved_amount", "pre_approval"),
    "budget_positions": ("budget_available", "budget_allocated"),
}
_OF_TRIPS: Final = frozenset(
    ("trip_minutes", "trip_days", "trip_nights", "trip_departs", "trip_returns", "trip_place")
)
EMPTY_RATES: Final = Step(
    "exchange_rates",
    "SELECT currency, into_currency, rate_day, rate, source\n"
    "FROM (\n  SELECT 'XXX' AS currency, 'XXX' AS into_currency, DATE '2000-01-01' AS rate_day,\n"
    "    1 AS rate, 'none' AS source\n) AS none\nWHERE currency <> 'XXX'",
    ("no rates are there: amounts in other currencies stay without one",),
)


def tables_of(policy: Policy) -> Iterator[tuple[str, str]]:
    """Give pairs of a table and the code of a rule, or of a named window, that needs it."""
    for rule in policy.rules:
        for table in _tables(policy, rule.reads, rule.expressions):
            yield table, rule.code
        if rule.scope in (RuleScope.DAY, RuleScope.PERIOD):
            yield from ((table, rule.code) for table in _TRIPS)
    for counter in policy.counters.values():
        trees = [tree for tree in (counter.adds, counter.when) if tree is not None]
        for table in _tables(policy, counter.reads, trees):
            yield table, counter.code


def _tables(policy: Policy, names: Collection[str], trees: Iterable[Node]) -> Iterator[str]:
    read, waiting, seen = set(names), list(trees), set[str]()
    while waiting:
        for node in walk(waiting.pop()):
            value = str(node.value)
            if node.op in (Op.TOTAL_EACH, Op.COUNT_EACH) and value not in seen:
                seen.add(value)
                held = policy.values[value]
                read |= names_in(held.node)
                waiting.append(held.node)
                if held.of.is_of_trip:
                    yield from _TRIPS
    for table, facts in _OF_FACTS.items():
        if not read.isdisjoint(facts):
            yield table
    if not read.isdisjoint(_OF_TRIPS):
        yield from _TRIPS
    if any(policy.facts[name].of is FactOf.PERSON for name in read & policy.facts.keys()):
        yield "people"


def demand(policy: Policy, absent: Collection[str]) -> None:
    """Refuse a policy whose rules need tables that are not there, or that SQL cannot say.

    Raises:
        ConfigError: names each rule with the table that it needs, and the rules in Python.
    """
    problems = [
        Problem("sql.table_absent", {"rule": rule, "table": table})
        for table, rule in dict.fromkeys(tables_of(policy))
        if table in absent
    ]
    problems += [Problem("sql.plug_in", {"rule": one.name}) for one in policy.plug_ins]
    if problems:
        raise ConfigError.of(problems)
