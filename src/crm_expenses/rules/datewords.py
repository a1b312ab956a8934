"""Deadlines in words: days, and working days, after a date."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from crm_expenses.rules.lookupwords import figure_words
from crm_expenses.rules.tree import Node, Op, quantity

if TYPE_CHECKING:
    from crm_expenses.rules.phrase import Phrases

_HOW: Final = {Op.LE: "within", Op.GT: "beyond", Op.LT: "before", Op.GE: "from"}


def within_words(own: "Phrases", op: Op, left: Node, right: Node) -> str:
    """Say a deadline: submitted within 30 days of the expense; empty where it is none.

    Only a length that stands in the policy is a deadline, and only one above zero.
    """
    if op not in _HOW or not _is_length(own, right):
        return ""
    how = _HOW[op]
    if left.op is Op.NAME and left.value == "age_days":
        return own.say(f"age_days.{how}", b=own.value(right))
    if left.op is Op.NAME and left.value == "oldest_days":
        return own.say(f"oldest_days.{how}", b=own.value(right))
    if left.op is Op.MONTHS_BETWEEN:
        return _months(own, op, left, right)
    if left.op in (Op.WORKING_DAYS, Op.DAYS_BETWEEN):
        a, b = map(own.within, left.args)
        unit = "workday" if left.op is Op.WORKING_DAYS else "day"
        return own.say(f"calendar.{how}", a=a, b=b, days=_days(own, right, unit))
    return ""


def _months(own: "Phrases", op: Op, left: Node, right: Node) -> str:
    """Say that so many whole months have passed, or have not."""
    if op in (Op.GT, Op.LE):
        if right.op is not Op.CONSTANT:
            return ""
        right = replace(right, value=int(str(right.value)) + 10**right.type.scale)
    a, b = map(own.within, left.args)
    how = "from" if op in (Op.GE, Op.GT) else "before"
    return own.say(f"months.{how}", a=a, b=b, months=own.value(right))


def _is_length(own: "Phrases", node: Node) -> bool:
    if node.op is Op.CONSTANT:
        return isinstance(node.value, int) and node.value > 0
    if node.op is not Op.LOOKUP or node.args:
        return False
    return own.policy.parameters[str(node.value)].bounds()[0] > 0


def _days(own: "Phrases", node: Node, unit: str) -> str:
    """Say so many days, or working days: both have the same unit in a policy."""
    kind = quantity(unit, node.type.scale)
    if node.op is Op.CONSTANT:
        return own.quantity(int(str(node.value)), kind)
    parameter = own.policy.parameters[str(node.value)]
    return figure_words(own, replace(parameter, type=quantity(unit, parameter.type.scale)))
