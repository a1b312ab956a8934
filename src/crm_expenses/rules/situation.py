"""Situations: small claims made from raw values of names, to see what a policy decides of them.

A situation is a mapping from names of the catalogue to raw values, as expressions compute with
them; `facts_of` turns it into the records that a decision reads. Two words that are no names stand
beside them: `TRIP`, the shape of the trip, and `BEFORE`, what earlier lines used of a rule's own
window. A claim on several lines counts and sums them by category under `COUNT` and `EACH`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from crm_expenses.core.budget import Budget, BudgetPosition, BudgetScope
from crm_expenses.core.claim import Claim, ExpenseLine, Extra
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money, exponent
from crm_expenses.core.party import AccountManager
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import Rate
from crm_expenses.core.trip import MealBy, Night, Trip, TripLeg, TripNote
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.rules.catalogue.line import DISTANCE_SCALE
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.judge import show
from crm_expenses.rules.own_fact import FactOf, OwnFact
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.window import voucher_window

TRIP: Final = "#trip"
BEFORE: Final = "#before"
COUNT: Final = "#count "
EACH: Final = "#each "

VOUCHER_DIGITS: Final = "24312000000012345678"
PERSON: Final = "P-1"
APPROVER: Final = "P-9"
PRE_APPROVAL: Final = "PA-1"


@dataclass(frozen=True, slots=True)
class TripShape:
    """A trip of `days` calendar days: minutes of the day of leaving and of coming back.

    Every day of it has the same night and the same meals.
    """

    days: int = 2
    leaves: int = 9 * 60
    returns: int = 18 * 60
    night: Night = Night.HOTEL
    meals: MealBy = MealBy.NONE


Raw = int | str | bool | date | None
Situation = Mapping[str, Raw | TripShape]


def facts_of(policy: Policy, situation: Situation) -> Facts:
    """Make the facts of a claim with the values; windows are left to `with_windows`."""
    given = situation["date"]
    day = given if isinstance(given, date) else date(2026, 1, 1)
    submitted = day + timedelta(days=_whole(situation, "age_days") or 0)
    moment = datetime.combine(submitted, time(10), UTC)
    lines = _lines(policy, situation, day)
    vouchers = [_voucher(policy, situation, day, line.voucher) for line in lines if line.voucher]
    code = lines[0].amount.currency if lines else policy.currency
    rates = (Rate("1", code, policy.currency, day, Decimal(1), "—"),)
    budgets, positions = _budget(policy, situation, day)
    return Facts(
        Claim("C-1", PERSON, moment, extra=_extra(policy, situation, FactOf.CLAIM)),
        lines,
        _person(policy, situation, day),
        tuple(vouchers),
        rates if code != policy.currency else (),
        {},
        budgets,
        positions,
        (_trip(policy, situation, day),) if situation.get("trip") else (),
        pre_approvals=_pre_approvals(policy, situation, day),
    )


def settled(situation: Situation) -> dict[str, Raw | TripShape]:
    """Give a situation whose facts agree: an amount approved in advance has a pre-approval.

    >>> settled({"pre_approved_amount": 100, "pre_approved": False})
    {'pre_approved_amount': 100, 'pre_approved': True, 'pre_approval': 'PA-1'}
    """
    found = dict(situation)
    if found.get("pre_approved_amount") is not None and not found.get("pre_approval"):
        found["pre_approval"] = PRE_APPROVAL
    if found.get("pre_approval"):
        found["pre_approved"] = True
    return found


def with_windows(evaluator: Evaluator, facts: Facts, situation: Situation, rule: str = "") -> Facts:
    """Give the facts with what earlier lines used of windows: the rule's own, and named ones."""
    policy = evaluator.policy
    wanted: dict[str, int] = {}
    before = situation.get(BEFORE)
    if rule and isinstance(before, int) and before:
        wanted[rule] = before
    for name, counter in policy.counters.items():
        value = situation.get(name)
        if isinstance(value, int) and value:
            wanted[counter.code] = value
    used: dict[str, int] = {}
    if wanted:
        known = evaluator.windows_of(facts)
        for code, value in wanted.items():
            keys = [key for key in known if key.startswith(f"{code}|")]
            if keys:
                used[max(keys)] = value
    uses = situation.get("voucher_uses_before")
    if isinstance(uses, int) and uses:
        used[voucher_window(_text(situation, "voucher_number"))] = uses
    return replace(facts, windows=used) if used else facts


def _text(situation: Situation, name: str) -> str:
    value = situation.get(name)
    return value if isinstance(value, str) else ""


def _whole(situation: Situation, name: str) -> int | None:
    value = situation.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _lines(policy: Policy, situation: Situation, day: date) -> tuple[ExpenseLine, ...]:
    category = _text(situation, "category")
    amounts: list[tuple[str, int]] = []
    for name in situation:
        if name.startswith(COUNT):
            of = name.removeprefix(COUNT)
            each = _whole(situation, EACH + of) or _whole(situation, "amount") or 0
            amounts += [(of, each)] * (_whole(situation, name) or 0)
    if not any(name.startswith(COUNT) for name in situation):
        amounts = [(category, _whole(situation, "amount") or 0)]
    has_voucher = _text(situation, "voucher_kind") not in ("", VoucherKind.NONE.value)
    code = _text(situation, "currency") or policy.currency
    places = exponent(code) - exponent(policy.currency)
    distance = _whole(situation, "distance")
    return tuple(
        ExpenseLine(
            id=str(number),
            claim="C-1",
            date=day,
            category=of,
            amount=Money(_shifted(minor, places), code),
            city=_text(situation, "city"),
            account=_text(situation, "account"),
            opportunity=_text(situation, "opportunity"),
            merchant=_text(situation, "merchant"),
            purpose=_text(situation, "purpose"),
            justification=_text(situation, "justification"),
            voucher=f"V-{number}" if has_voucher else "",
            payment=_text(situation, "payment"),
            travel_class=_text(situation, "travel_class"),
            nights=_whole(situation, "nights"),
            attendees=_whole(situation, "attendees"),
            distance=None if distance is None else Decimal(distance).scaleb(-DISTANCE_SCALE),
            pre_approved=situation.get("pre_approved") is True,
            trip=_text(situation, "trip"),
            extra=_extra(policy, situation, FactOf.LINE),
        )
        for number, (of, minor) in enumerate(amounts, start=1)
    )


def _shifted(minor: int, places: int) -> int:
    up: int = 10 ** max(0, places)
    down: int = 10 ** max(0, -places)
    return minor * up // down


def _voucher(policy: Policy, situation: Situation, day: date, ident: str) -> Voucher:
    amount = _whole(situation, "voucher_amount")
    issued = situation.get("voucher_date", day)
    number = _text(situation, "voucher_number")
    place = int(ident.removeprefix("V-")) - 1
    own = str(int(number) + place).zfill(len(number)) if number.isdecimal() else number
    if place and own == number and number:
        own = f"{number}-{ident}"
    return Voucher(
        ident,
        VoucherKind(_text(situation, "voucher_kind")),
        own,
        amount=None if amount is None else Money(amount, policy.currency),
        issued=issued if isinstance(issued, date) else None,
    )


def _person(policy: Policy, situation: Situation, day: date) -> AccountManager:
    is_active = situation.get("person_active", True)
    return AccountManager(
        PERSON,
        "",
        grade=_text(situation, "grade"),
        team=_text(situation, "team"),
        city=_text(situation, "person_city"),
        active_to=None if is_active else day - timedelta(days=1),
        extra=_extra(policy, situation, FactOf.PERSON),
    )


def _extra(policy: Policy, situation: Situation, of: FactOf) -> Extra:
    pairs = []
    for name, fact in sorted(policy.facts.items()):
        value = situation.get(name)
        if fact.of is of and value is not None and not isinstance(value, TripShape):
            pairs.append((name, _written(fact, value)))
    return tuple(pairs)


def _written(fact: OwnFact, value: Raw) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return show(value, fact.type)


def _budget(
    policy: Policy, situation: Situation, day: date
) -> tuple[tuple[Budget, ...], tuple[BudgetPosition, ...]]:
    left = _whole(situation, "budget_available")
    allocated = _whole(situation, "budget_allocated")
    if left is None and allocated is None:
        return (), ()
    left = allocated or 0 if left is None else left
    allocated = left if allocated is None else allocated
    amount = Money(allocated, policy.currency)
    budget = Budget("B-1", BudgetScope.COMPANY, day, day, amount)
    spent = allocated - left
    return (budget,), (BudgetPosition("B-1", policy.currency, allocated=allocated, spent=spent),)


def _pre_approvals(policy: Policy, situation: Situation, day: date) -> tuple[PreApproval, ...]:
    """Give the pre-approval that a situation names: `settled` has made sure of its id."""
    ident, minor = _text(situation, "pre_approval"), _whole(situation, "pre_approved_amount")
    if not ident:
        return ()
    amount = None if minor is None else Money(minor, policy.currency)
    return (PreApproval(ident, PERSON, APPROVER, day, amount=amount),)


def _trip(policy: Policy, situation: Situation, day: date) -> Trip:
    shape = situation.get(TRIP)
    if not isinstance(shape, TripShape):
        shape = TripShape()
    ident, place = _text(situation, "trip"), _text(situation, "city") or _text(situation, "place")
    home = _text(situation, "person_city")
    midnight = datetime.combine(day, time(), UTC)
    last = midnight + timedelta(days=shape.days - 1)
    leaves = midnight + timedelta(minutes=shape.leaves)
    returns = last + timedelta(minutes=shape.returns)
    half = leaves + (returns - leaves) / 2
    legs = (
        TripLeg("1", ident, leaves, min(leaves + timedelta(minutes=1), half), home, place),
        TripLeg("2", ident, max(returns - timedelta(minutes=1), half), returns, place, home),
    )
    meals = shape.meals
    extra = _extra(policy, situation, FactOf.DAY)
    notes = tuple(
        TripNote(
            str(number),
            ident,
            day + timedelta(days=number),
            night=shape.night,
            breakfast=meals,
            lunch=meals,
            dinner=meals,
            extra=extra,
        )
        for number in range(shape.days)
    )
    return Trip(ident, legs, notes)
