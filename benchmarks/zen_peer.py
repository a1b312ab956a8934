"""zen-engine at the best tunings that we found, of which the quicker one counts.

`graph_engine` has all rules in one compiled graph behind a custom loader, `expression_engine` in
one compiled expression without a graph. Both give the broken rules as the bits of one number, which
is quicker than a list. Look-ups are made in Python, as for every engine: zen gets one flat object.
Slower, and so not here: a decision table, one node a rule, `evaluate_batch`, JSON text instead of a
dict. Needs the package `zen-engine`, no dependency of ours: `pip install zen-engine==2.1.0`.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from workload import Line, Tables, in_force

RULES: Final = {
    1: "amount <= 0",
    2: "age_days < 0",
    3: "age_days > 60",
    4: "category == 'alcohol'",
    5: "not has_rate",
    6: "cny > 5000 and voucher == 'none'",
    7: "cny > 20000 and tier != 'OS' and voucher != 'fapiao' and voucher != 'e_fapiao'",
    8: "basis == 'item' and cny > cap",
    9: "basis == 'night' and cny > cap * nights",
    10: "basis == 'head' and cny > cap * attendees",
    11: "category == 'entertainment' and attendees < 2",
    12: "category == 'entertainment' and customer == ''",
    13: "(category == 'entertainment' or category == 'gift') and purpose == ''",
    14: "category == 'entertainment' and weekend and not pre_approved",
    15: "category == 'entertainment' and cny > 200000 and not pre_approved",
    16: "category == 'gift' and cny > 30000 and not pre_approved",
    17: "(category == 'air' or category == 'rail') and ((travel_class == 'business' and grade < 4)"
    " or (travel_class == 'first' and grade < 5))",
    18: "category == 'taxi' and weekend and customer == ''",
    19: "category == 'mileage' and cny > km * km_rate",
    20: "pay == 'cash' and cny > 50000 and amount % 10000 == 0",
    21: "pay == 'cash' and cny > 100000",
    22: "not active",
    23: "(voucher == 'fapiao' or voucher == 'e_fapiao')"
    " and not matches(invoice, '^([0-9]{8}|[0-9]{20})$')",
    24: "(category == 'entertainment' or category == 'gift')"
    " and (team == 'support' or team == 'admin')",
}
_REJECTS: Final = sum(
    1 << (rule - 1) for rule in (1, 2, 3, 4, 5, 6, 7, 12, 14, 15, 16, 17, 21, 22, 24)
)
_CAPS: Final = sum(1 << (rule - 1) for rule in (8, 9, 10, 19))
_BASES: Final = {"lodging": "night", "entertainment": "head"}


def bits() -> str:
    """Write the rules as one sum: a bit for each broken one."""
    return " + ".join(f"(({text}) ? {1 << (number - 1)} : 0)" for number, text in RULES.items())


def graph() -> str:
    """Write the rules as a graph with one expression node."""
    node = {
        "id": "rules",
        "name": "rules",
        "type": "expressionNode",
        "content": {"expressions": [{"id": "e", "key": "r", "value": bits()}]},
    }
    ends = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    edges = [
        {"id": "a", "sourceId": "in", "targetId": "rules", "type": "edge"},
        {"id": "b", "sourceId": "rules", "targetId": "out", "type": "edge"},
    ]
    return json.dumps({"nodes": [ends[0], node, ends[1]], "edges": edges})


def graph_engine(held: Tables) -> Callable[[Line], tuple[int, int]]:
    """Give the function that decides a line by the graph.

    Raises:
        ModuleNotFoundError: zen-engine is not installed.
    """
    import zen  # noqa: PLC0415  the peer is optional

    content = zen.ZenDecisionContent(graph())
    decision = zen.ZenEngine({"loader": lambda _key: content})

    def decide(line: Line) -> tuple[int, int]:
        given = enriched(line, held)
        answer: dict[str, Any] = decision.evaluate("rules", given)
        mask = int(answer["result"]["r"])
        return mask, allowed_of(mask, given)

    return decide


def expression_engine(held: Tables) -> Callable[[Line], tuple[int, int]]:
    """Give the function that decides a line by one compiled expression.

    Raises:
        ModuleNotFoundError: zen-engine is not installed.
    """
    import zen  # noqa: PLC0415  the peer is optional

    expression = zen.compile_expression(bits())

    def decide(line: Line) -> tuple[int, int]:
        given = enriched(line, held)
        mask = int(expression.evaluate(given))
        return mask, allowed_of(mask, given)

    return decide


def enriched(line: Line, held: Tables) -> dict[str, Any]:
    """Look up all that the rules need."""
    person = held.people[line.person]
    tier, day = held.tiers[line.city], line.day
    rate = 1_000_000
    if line.currency != "CNY":
        rate = held.rates.get((line.currency, day.replace(day=1)), 0)
    step = in_force(held.caps.get((line.category, person.grade, tier), ()), day)
    return {
        "amount": line.amount,
        "cny": (line.amount * rate + 500_000) // 1_000_000,
        "has_rate": rate > 0,
        "age_days": (line.submitted - day).days,
        "weekend": day.weekday() >= 5,
        "category": line.category,
        "voucher": line.voucher,
        "tier": tier,
        "basis": _BASES.get(line.category, "item") if step else "",
        "cap": step[1] if step else 0,
        "nights": line.nights,
        "attendees": line.attendees,
        "customer": line.customer or "",
        "purpose": line.purpose or "",
        "pre_approved": line.pre_approved,
        "travel_class": line.travel_class or "",
        "grade": person.grade,
        "km": line.km,
        "km_rate": held.km_rates[1][1] if day >= held.km_rates[1][0] else held.km_rates[0][1],
        "pay": line.pay,
        "active": person.active_from <= day <= person.active_to,
        "invoice": line.invoice or "",
        "team": person.team,
    }


def allowed_of(mask: int, given: dict[str, Any]) -> int:
    """Give what the broken rules leave of the amount."""
    if mask & _REJECTS:
        return 0
    left: int = given["cny"]
    if mask & _CAPS:
        for rule, factor in ((8, 1), (9, given["nights"]), (10, given["attendees"])):
            if mask & 1 << (rule - 1):
                left = min(left, given["cap"] * factor)
        if mask & 1 << 18:
            left = min(left, given["km"] * given["km_rate"])
    return left
