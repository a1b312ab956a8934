"""What a claimant must give, by category: the facts that rules demand, and those that they read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from crm_expenses.core.finding import Effect
from crm_expenses.messages import table
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.own_fact import FactOf
from crm_expenses.rules.phrase import Phrases
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.tree import names_in
from crm_expenses.rules.units import certain
from crm_expenses.rules.valuewords import names_reached


@dataclass(frozen=True, slots=True)
class Asked:
    """A fact that the claimant gives for a category.

    `demanded_by` are the codes of the rules that find fault with a line that lacks it, or has it
    otherwise; `read_by` those of the other rules that look at it.
    """

    name: str
    demanded_by: tuple[str, ...]
    read_by: tuple[str, ...]


def asked_of(policy: Policy, category: str | None) -> tuple[Asked, ...]:
    """Give the facts that the rules of a category read and the claimant gives.

    Without a category those of the claim as a whole. The amount, the day and the category of a line
    are always given, and are left out.
    """
    demanded: dict[str, set[str]] = {}
    read: dict[str, set[str]] = {}
    for rule in policy.rules:
        if not _is_asked(rule, category):
            continue
        demands = _asked(policy, _demanded(policy, rule))
        names = set(names_reached(policy, rule))
        if rule.scope.is_of_trip:
            names.add("trip")
        if rule.effect is Effect.JUSTIFY:
            names.add("justification")
        for name in _asked(policy, names):
            read.setdefault(name, set()).add(rule.code)
        for name in demands:
            demanded.setdefault(name, set()).add(rule.code)
    order = (*policy.catalogue.names, *_STANDS_FOR.values())
    return tuple(
        Asked(
            name,
            tuple(sorted(demanded.get(name, ()))),
            tuple(sorted(read[name] - demanded.get(name, set()))),
        )
        for name in dict.fromkeys(order)
        if name in read
    )


def _demanded(policy: Policy, rule: Rule) -> frozenset[str]:
    """Give the names that a requirement needs; not those of a trip that it only looks at."""
    if rule.kind is not RuleKind.REQUIRE:
        return frozenset()
    known = policy.catalogue.names
    guarded = certain(rule.when, when=True) if rule.when is not None else frozenset()
    return frozenset(
        name
        for name in names_in(rule.main)
        if name not in guarded or (name in known and known[name].is_claimants)
    )


def _is_asked(rule: Rule, category: str | None) -> bool:
    is_of_claim = rule.scope is RuleScope.CLAIM
    return is_of_claim if category is None else not is_of_claim and rule.covers(category)


def _asked(policy: Policy, names: Iterable[str]) -> frozenset[str]:
    """Give what a claimant gives, so that facts are known: a trip's times, a pre-approval."""
    known = policy.catalogue.names
    found = set()
    for name in names:
        if name in known and name.startswith("trip_"):
            found.add("trip")
        if name in _STANDS_FOR:
            found.add(_STANDS_FOR[name])
        elif name in known and name != "amount" and _is_given(policy, name):
            found.add(name)
    return frozenset(found)


def _is_given(policy: Policy, name: str) -> bool:
    fact = policy.facts.get(name)
    if fact is not None:
        return fact.of is not FactOf.PERSON
    return name in _GIVEN or policy.catalogue.names[name].is_claimants


_GIVEN: Final = frozenset(
    {
        *("travel_class", "payment", "voucher_amount", "voucher_date", "amount_original"),
        *("breakfast", "lunch", "dinner", "breakfast_paid", "lunch_paid", "dinner_paid"),
    }
)
"""What stands on the voucher or belongs to the trip, and so comes from the claimant, too."""

_STANDS_FOR: Final = {
    **dict.fromkeys(("day_kind", "day_number", "minutes_away", "is_longest_day"), "trip_times"),
    **dict.fromkeys(("leaves_at", "returns_at", "trip_minutes", "trip_days"), "trip_times"),
    **dict.fromkeys(("trip_departs", "trip_returns"), "trip_times"),
    **dict.fromkeys(("trip_place", "place", "place_before"), "trip_places"),
    **dict.fromkeys(("night", "night_before", "trip_nights"), "trip_overnight"),
    **dict.fromkeys(("pre_approved", "pre_approved_amount", "pre_approval"), "pre_approval"),
    "voucher_uses_before": "voucher_number",
}
"""What is known from something else, and what that is."""


def asked_words(own: Phrases, name: str) -> str:
    """Give the words of what a claimant gives."""
    code = f"asked.{name}"
    if code in table() and name not in own.policy.facts:
        return own.say(code)
    noun = own.noun(name).removeprefix("the ")
    return noun[:1].upper() + noun[1:]
