"""From a typed tree to a Python function, once when a policy is loaded.

Each operation has one line here that gives the text of a Python expression; the text is made from
our own closed tree only, never from what a person wrote, and runs without builtins.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from types import CodeType
from typing import Any, Final

from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.core.money import Rounding, divide_whole
from crm_expenses.rules.catalogue.make import MONTHS, WEEKDAYS
from crm_expenses.rules.claim_context import FactMissingError
from crm_expenses.rules.parameter import Lookup, Parameter
from crm_expenses.rules.scope import NamedValue
from crm_expenses.rules.shape import Shape
from crm_expenses.rules.tree import EACH_MAX, Node, Op, Sort, names_in

Compiled = Callable[[Any], Any]
"""A function of one line's facts (`rules.evaluate.LineFacts`)."""


class DivisionByZeroError(Exception):
    """A divisor was zero: the rule fails, the line goes to a person."""


_INFIX: Final = {
    Op.AND: " and ",
    Op.OR: " or ",
    Op.EQ: " == ",
    Op.NE: " != ",
    Op.LT: " < ",
    Op.LE: " <= ",
    Op.GT: " > ",
    Op.GE: " >= ",
    Op.ADD: " + ",
    Op.SUBTRACT: " - ",
    Op.MULTIPLY: " * ",
    Op.REMAINDER: " % ",
}
_CALL: Final = {
    Op.LEAST: "_min",
    Op.GREATEST: "_max",
    Op.ABSOLUTE: "_abs",
    Op.LENGTH: "_len",
    Op.DAYS_BETWEEN: "_days",
    Op.IS_WEEKEND: "_weekend",
    Op.IS_WORKING_DAY: "_working",
    Op.WORKING_DAYS: "_working_days",
    Op.ADD_DAYS: "_add_days",
    Op.ADD_MONTHS: "_add_months",
    Op.MONTHS_BETWEEN: "_months_between",
    Op.MONTH: "_month",
    Op.WEEKDAY: "_weekday",
}
_LOOKS: Final = {Op.LOOKUP: "", Op.BAND: ".band", Op.ALONG: ".along"}


Special = Callable[[Node, Sequence[str]], str | None]
"""Gives another text for a node and the texts of its arguments, or None for the usual one."""


def emit(  # noqa: C901, PLR0912  one case an operation
    node: Node, own: str = "f.", special: Special | None = None
) -> str:
    """Give the text of the Python expression that computes a node; `own` stands before names.

    >>> from crm_expenses.rules.tree import quantity
    >>> emit(Node(Op.NAME, quantity("night"), 0, value="nights"))
    'f.nights'
    """
    args = [emit(arg, own, special) for arg in node.args]
    given = special(node, args) if special is not None else None
    if given is not None:
        return given
    match node.op:
        case Op.CONSTANT:
            return f"_on({node.value!r})" if node.type.sort is Sort.DATE else repr(node.value)
        case Op.VALUE | Op.NUMBER:
            return args[0]
        case Op.TOTAL_EACH | Op.COUNT_EACH:
            return f"_each_{node.value}({own.rstrip('.')})"
        case Op.NAME:
            return f"{own}{node.value}"
        case Op.LOOKUP | Op.BAND | Op.ALONG:
            keys = "".join(f", {arg}" for arg in args)
            return f"_p_{node.value}{_LOOKS[node.op]}({own}as_of{keys})"
        case Op.NOT:
            return f"(not {args[0]})"
        case Op.IN:
            return f"({args[0]} in {node.value!r})"
        case Op.NEGATE:
            return f"(-{args[0]})"
        case Op.RESCALE:
            return f"({args[0]} * {node.value})"
        case Op.ROUND | Op.DIVIDE:
            return _emit_rounding(node, args)
        case Op.IF:
            test, then, otherwise = args
            return f"({then} if {test} else {otherwise})"
        case Op.PRESENT:
            return f"({args[0]} is not None)"
        case Op.DEFAULT:
            fact = f"{own}{_name_below(node.args[0])}"
            return f"({args[0]} if {fact} is not None else {args[1]})"
        case Op.SHAPE:
            return f"_fits({args[0]}, {node.value!r})"
        case Op.TOTAL_OF | Op.COUNT_OF:
            return f"{own}_ctx.{node.op.value}({node.value!r})"
        case Op.YEAR | Op.DAY_OF_MONTH:
            return f"{args[0]}.{'year' if node.op is Op.YEAR else 'day'}"
        case op if op in _INFIX:
            return "(" + _INFIX[op].join(args) + ")"
        case op:
            return f"{_CALL[op]}({', '.join(args)})"


def _name_below(node: Node) -> str:
    """Give the fact's name under a rescaling."""
    return str(node.value) if node.op is Op.NAME else _name_below(node.args[0])


def _emit_rounding(node: Node, args: Sequence[str]) -> str:
    """Round a/b to a multiple of `step`, all as whole numbers.

    With raw values a (scale s), b (scale t) and a step of `step` units of scale u, the result in
    units of scale u is step * round(a * 10^(u + t - s) / (b * step)).
    """
    dividend = node.args[0]
    divisor = node.args[1] if node.op is Op.DIVIDE else None
    shift = node.type.scale + (divisor.type.scale if divisor else 0) - dividend.type.scale
    above = f"{args[0]} * {10 ** max(0, shift)}"
    below = f"{args[1]} * " if divisor else ""
    return (
        f"({node.value} * _divide({above}, {below}{node.value} * {10 ** max(0, -shift)}, "
        f"{node.mode!r}))"
    )


def _divide(dividend: int, divisor: int, mode: str) -> int:
    if divisor == 0:
        raise DivisionByZeroError
    return divide_whole(dividend, divisor, Rounding(mode))


def _days(first: date, second: date) -> int:
    return (second - first).days


def _weekend(day: date) -> bool:
    return day.weekday() >= 5


def _add_days(day: date, by: int) -> date:
    return day + timedelta(days=by)


def add_months(day: date, by: int) -> date:
    """Give the same day so many months later, or the last day of a shorter month.

    >>> add_months(date(2025, 11, 30), 3), add_months(date(2026, 3, 31), -1)
    (datetime.date(2026, 2, 28), datetime.date(2026, 2, 28))
    """
    months = day.year * 12 + day.month - 1 + by
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_between(first: date, second: date) -> int:
    """Give the whole months from first to second, below zero backwards.

    >>> months_between(date(2026, 1, 31), date(2026, 2, 28))
    1
    >>> months_between(date(2026, 3, 15), date(2026, 2, 16))
    0
    """
    if second < first:
        return -months_between(second, first)
    months = (second.year - first.year) * 12 + second.month - first.month
    return months if add_months(first, months) <= second else months - 1


@lru_cache(maxsize=1_000)
def _on(written: str) -> date:
    return date.fromisoformat(written)


def _month(day: date) -> str:
    return MONTHS[day.month - 1]


def _weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()]


@lru_cache(maxsize=1_000)
def _shape(pattern: str) -> Shape:
    return Shape(pattern)


def _fits(text: str, pattern: str) -> bool:
    return _shape(pattern).fits(text)


class BeyondBoundsError(Exception):
    """A sum over days or lines goes beyond what the language holds: the rule fails."""


class Each:
    """A value summed, or counted, over the parts of a trip or the lines of a claim."""

    __slots__ = ("_compute", "_needs", "_of")

    def __init__(self, value: NamedValue, compute: Compiled, needs: Iterable[str]) -> None:
        self._compute = compute
        self._needs = tuple(sorted(needs))
        self._of = value.of

    def __call__(self, of: Any) -> int:  # noqa: ANN401  facts by name
        """Give the sum; a yes counts as one.

        Raises:
            FactMissingError: there is no trip, or a part lacks what the value reads.
            BeyondBoundsError: the sum is too large.
        """
        total = 0
        for part in of.parts(self._of):
            for name in self._needs:
                if getattr(part, name) is None:
                    raise FactMissingError(name)
            total += int(self._compute(part))
        if abs(total) > EACH_MAX:
            raise BeyondBoundsError
        return total


def names(
    parameters: Mapping[str, Parameter],
    calendar: WorkCalendar,
    values: Iterable[NamedValue] = (),
    uncertain: frozenset[str] = frozenset(),
) -> dict[str, object]:
    """Give the names that compiled expressions may use: functions and look-ups, no builtins."""
    held: dict[str, object] = {
        "__builtins__": {},
        "_min": min,
        "_max": max,
        "_abs": abs,
        "_len": len,
        "_divide": _divide,
        "_days": _days,
        "_weekend": _weekend,
        "_working": calendar.is_working_day,
        "_working_days": calendar.working_days,
        "_add_days": _add_days,
        "_add_months": add_months,
        "_months_between": months_between,
        "_on": _on,
        "_month": _month,
        "_weekday": _weekday,
        "_fits": _fits,
    }
    for name, parameter in parameters.items():
        held[f"_p_{name}"] = Lookup(parameter)
    for value in values:
        needs = names_in(value.node) & uncertain
        held[f"_each_{value.name}"] = Each(value, function(value.node, held), needs)
    return held


def function(node: Node, held: Mapping[str, object]) -> Compiled:
    """Compile a tree to a function of one line's facts."""
    code: CodeType = compile(f"lambda f: {emit(node)}", "<policy>", "eval")
    made: Compiled = eval(code, dict(held))  # noqa: S307  the text is made from our own tree only
    return made
