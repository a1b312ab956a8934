"""How each function of the language is checked: its arguments, its type, its bounds."""

import ast
import re
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Final

from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.functions import FUNCTIONS
from crm_expenses.rules.scope import BrokenParameterError
from crm_expenses.rules.shape import Shape, ShapeError
from crm_expenses.rules.tree import (
    DATE,
    EACH_MAX,
    YES_NO,
    Node,
    Op,
    Sort,
    Type,
    combine_dims,
    names_in,
    quantity,
)
from crm_expenses.rules.units import prove_bounds, widest

if TYPE_CHECKING:
    from crm_expenses.rules.checker import Checker

Known = frozenset[str]
Call = Callable[["Checker", ast.Call, Known, int], Node]

MODES: Final = ("half_up", "half_even", "up", "down", "floor", "ceiling")
DAYS_TOP: Final = 4_000_000
MONTHS_TOP: Final = 120_000
MINUTES_TOP: Final = 400 * 24 * 60
LENGTH_TOP: Final = 1_000_000
CLOCK: Final = "clock"
"""Marks a constant that is a time of day, and not a length of time."""
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00", re.ASCII)


def _present(checker: "Checker", node: ast.Call, _known: Known, _depth: int) -> Node:
    return Node(Op.PRESENT, YES_NO, checker.at(node), (checker.bare_name(node.args[0]),))


def _default(checker: "Checker", node: ast.Call, known: Known, depth: int) -> Node:
    name = checker.bare_name(node.args[0])
    other = checker.check(node.args[1], known, depth + 1)
    name, other = checker.alike(node, name, other)
    bounds = (min(name.low, other.low), max(name.high, other.high))
    return checker.bounded(Op.DEFAULT, name.type, node, (name, other), bounds)


def _length(checker: "Checker", node: ast.Call, known: Known, depth: int) -> Node:
    arg = _text(checker, node.args[0], known, depth)
    return Node(Op.LENGTH, Type(Sort.QUANTITY), checker.at(node), (arg,), high=LENGTH_TOP)


def _text(checker: "Checker", node: ast.expr, known: Known, depth: int) -> Node:
    arg = checker.check(node, known, depth + 1)
    if arg.type.sort not in (Sort.TEXT, Sort.FREE_TEXT):
        checker.refuse("expression.text", node, given=str(arg.type))
    return arg


def _shape(checker: "Checker", node: ast.Call, known: Known, depth: int) -> Node:
    arg = _text(checker, node.args[0], known, depth)
    pattern = _constant_text(checker, node.args[1], "expression.shape")
    try:
        Shape(pattern)
    except ShapeError:
        checker.refuse("expression.shape", node.args[1], value=pattern[:40])
    return Node(Op.SHAPE, YES_NO, checker.at(node), (arg,), pattern)


def _constant_text(checker: "Checker", node: ast.expr, code: str) -> str:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        checker.refuse(code, node, value=checker.source(node)[:40])
    return node.value


def _at(checker: "Checker", node: ast.Call, _known: Known, _depth: int) -> Node:
    written = _constant_text(checker, node.args[0], "expression.clock")
    if not _CLOCK.fullmatch(written):
        checker.refuse("expression.clock", node.args[0], value=written[:40])
    minute = int(written[:2]) * 60 + int(written[3:])
    at, kind = checker.at(node), quantity("minute")
    return Node(Op.CONSTANT, kind, at, value=minute, mode=CLOCK, low=minute, high=minute)


def _of_dates(checker: "Checker", node: ast.Call, known: Known, depth: int) -> Node:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    args = tuple(checker.date(part, known, depth + 1) for part in node.args)
    at = checker.at(node)
    match name:
        case "days_between" | "working_days":
            kind = quantity("day")
            return checker.bounded(Op(name), kind, node, args, (-DAYS_TOP, DAYS_TOP))
        case "months_between":
            kind = quantity("month")
            return checker.bounded(Op(name), kind, node, args, (-MONTHS_TOP, MONTHS_TOP))
        case "year":
            return Node(Op.YEAR, Type(Sort.QUANTITY), at, args, low=1, high=9999)
        case "day_of_month":
            return Node(Op.DAY_OF_MONTH, Type(Sort.QUANTITY), at, args, low=1, high=31)
        case "month" | "weekday":
            return Node(Op(name), Type(Sort.CHOICE, choice=name), at, args)
        case _:
            return Node(Op(name), YES_NO, at, args)


def _date(checker: "Checker", node: ast.Call, _known: Known, _depth: int) -> Node:
    written = _constant_text(checker, node.args[0], "expression.day")
    is_date = _DAY.fullmatch(written) is not None
    if is_date:
        try:
            date.fromisoformat(written)
        except ValueError:
            is_date = False
    if not is_date:
        checker.refuse("expression.day", node.args[0], value=written[:40])
    return Node(Op.CONSTANT, DATE, checker.at(node), value=written)


def _hours(checker: "Checker", node: ast.Call, known: Known, depth: int) -> Node:
    arg = checker.quantity(node.args[0], known, depth + 1)
    raw, rest = 0, 1
    if arg.op is Op.CONSTANT and isinstance(arg.value, int) and not arg.type.dims:
        raw, rest = divmod(arg.value * 60, 10**arg.type.scale)
    if rest or not 0 <= raw <= MINUTES_TOP:
        checker.refuse("expression.hours", node.args[0], value=checker.source(node.args[0])[:40])
    return Node(Op.CONSTANT, quantity("minute"), checker.at(node), value=raw, low=raw, high=raw)


def _number(checker: "Checker", node: ast.Call, known: Known, depth: int) -> Node:
    arg = checker.quantity(node.args[0], known, depth + 1)
    kind = Type(Sort.QUANTITY, scale=arg.type.scale)
    return checker.bounded(Op.NUMBER, kind, node, (arg,), (arg.low, arg.high))


def _add_months(checker: "Checker", node: ast.Call, known: Known, depth: int) -> Node:
    day = checker.date(node.args[0], known, depth + 1)
    by = checker.measured(checker.check(node.args[1], known, depth + 1), quantity("month"))
    if max(abs(by.low), abs(by.high)) > MONTHS_TOP:
        checker.refuse("expression.bounds", node.args[1], limit=str(MONTHS_TOP), **widest(by))
    return Node(Op.ADD_MONTHS, DATE, checker.at(node), (day, by))


def _add_days(checker: "Checker", node: ast.Call, known: Known, depth: int) -> Node:
    day = checker.date(node.args[0], known, depth + 1)
    by = checker.measured(checker.check(node.args[1], known, depth + 1), quantity("day"))
    if max(abs(by.low), abs(by.high)) > DAYS_TOP:
        checker.refuse("expression.bounds", node.args[1], limit=str(DAYS_TOP), **widest(by))
    return Node(Op.ADD_DAYS, DATE, checker.at(node), (day, by))


def _extreme(checker: "Checker", node: ast.Call, known: Known, depth: int) -> Node:
    is_least = isinstance(node.func, ast.Name) and node.func.id == "min"
    op, pick = (Op.LEAST, min) if is_least else (Op.GREATEST, max)
    result = checker.quantity(node.args[0], known, depth + 1)
    for part in node.args[1:]:
        left, right = checker.alike(node, result, checker.quantity(part, known, depth + 1))
        bounds = (pick(left.low, right.low), pick(left.high, right.high))
        result = checker.bounded(op, left.type, node, (left, right), bounds)
    return result


def _absolute(checker: "Checker", node: ast.Call, known: Known, depth: int) -> Node:
    arg = checker.quantity(node.args[0], known, depth + 1)
    top = max(abs(arg.low), abs(arg.high))
    return checker.bounded(Op.ABSOLUTE, arg.type, node, (arg,), (0, top))


def _rounding(checker: "Checker", node: ast.Call, known: Known, depth: int) -> Node:
    *values, step_node, mode_node = node.args
    mode = mode_node.id if isinstance(mode_node, ast.Name) else ""
    if mode not in MODES:
        checker.refuse("expression.mode", mode_node, modes=", ".join(MODES))
    step = checker.check(step_node, frozenset(), depth + 1)
    if step.op is not Op.CONSTANT or step.type.sort is not Sort.QUANTITY or step.low <= 0:
        checker.refuse("expression.step", step_node)
    args = [checker.quantity(value, known, depth + 1) for value in values]
    dims, top = args[0].type.dims, max(abs(args[0].low), abs(args[0].high))
    shift = step.type.scale - args[0].type.scale
    smallest = 1
    op = Op.ROUND
    if len(args) == 2:
        op, divisor = Op.DIVIDE, args[1]
        dims = combine_dims(dims, divisor.type.dims, -1)
        shift += divisor.type.scale
        if divisor.low * divisor.high > 0:
            smallest = min(abs(divisor.low), abs(divisor.high))
    high = top * 10 ** max(0, shift) // (smallest * 10 ** max(0, -shift)) + step.high
    kind = Type(Sort.QUANTITY, dims, step.type.scale)
    result = Node(op, kind, checker.at(node), tuple(args), step.low, mode, -high, high)
    prove_bounds(result)
    return result


def _along(checker: "Checker", node: ast.Call, known: Known, depth: int) -> Node:
    """Check the walk up a table with bands; its other keys stand in brackets."""
    table = node.args[0]
    named = table.value if isinstance(table, ast.Subscript) else table
    name = named.id if isinstance(named, ast.Name) else checker.source(named)[:40]
    parameter = checker.parameter(name, table)
    if parameter.band is None or parameter.type.sort is not Sort.QUANTITY:
        checker.refuse("expression.no_bands", table, name=name)
    inner: list[ast.expr] = []
    if isinstance(table, ast.Subscript):
        inner = table.slice.elts if isinstance(table.slice, ast.Tuple) else [table.slice]
    keys = [checker.check(part, known, depth + 1) for part in inner]
    keys.append(checker.check(node.args[1], known, depth + 1))
    if len(keys) != len(parameter.keys) + 1:
        wanted = ", ".join(key for key, _ in parameter.keys) or "-"
        given = str(len(keys) - 1)
        checker.refuse("expression.keys", table, name=name, wanted=wanted, given=given)
    fitted = checker.fitted(name, parameter, tuple(keys))
    dims = combine_dims(parameter.type.dims, parameter.band.dims, 1)
    kind = Type(Sort.QUANTITY, dims, parameter.type.scale + parameter.band.scale)
    high = parameter.along_bound(max(abs(fitted[-1].low), abs(fitted[-1].high)))
    result = Node(Op.ALONG, kind, checker.at(node), fitted, name, low=-high, high=high)
    prove_bounds(result)
    return result


def _of_each(checker: "Checker", node: ast.Call, name: str) -> Node:
    """Check the sum of a value over the parts of a trip, or over the lines of a claim."""
    scope, value = checker.scope, checker.scope.values[name]
    is_total = isinstance(node.func, ast.Name) and node.func.id == "total_of"
    fits = value.of.is_of_trip and scope.of is not RuleScope.CLAIM
    if scope.of is RuleScope.CLAIM and value.of is RuleScope.LINE:
        fits = True
        states = sorted(names_in(value.node) & scope.states)
        if states:
            checker.refuse("expression.each_state", node.args[0], name=name, state=states[0])
    if not fits:
        code = "expression.each"
        checker.refuse(code, node.args[0], name=name, of=value.of, scope=scope.of)
    results = [n for n in sorted(names_in(value.node)) if _is_result(checker, n)]
    if results:
        checker.refuse("expression.result", node.args[0], name=f"{name} ({results[0]})")
    if not is_total:
        if value.node.type != YES_NO:
            checker.refuse("expression.yes_no", node.args[0], given=str(value.node.type))
        unit = "line" if scope.of is RuleScope.CLAIM else "day"
        return Node(Op.COUNT_EACH, quantity(unit), checker.at(node), (), name, high=10_000)
    kind = value.node.type
    if kind.sort is not Sort.QUANTITY:
        checker.refuse("expression.quantity", node.args[0], given=str(kind))
    low, high = max(-EACH_MAX, value.node.low * 10_000), min(EACH_MAX, value.node.high * 10_000)
    return checker.bounded(Op.TOTAL_EACH, kind, node, (), (min(low, 0), max(high, 0)), value=name)


def _is_result(checker: "Checker", name: str) -> bool:
    entry = checker.scope.catalogue.names.get(name)
    return entry is not None and entry.is_result


def _of_lines(checker: "Checker", node: ast.Call, _known: Known, _depth: int) -> Node:
    first = node.args[0]
    if len(node.args) == 1 and isinstance(first, ast.Name):
        if first.id in checker.scope.broken:
            raise BrokenParameterError
        if first.id in checker.scope.values:
            return _of_each(checker, node, first.id)
    known = checker.scope.catalogue.choices["category"]
    named = []
    for part in node.args:
        category = _constant_text(checker, part, "expression.category")
        if category not in known:
            near = checker.nearest(category, known)
            checker.refuse("expression.choice", part, value=category, choice="category", near=near)
        named.append(category)
    options = tuple(sorted(set(named)))
    is_total = isinstance(node.func, ast.Name) and node.func.id == "total_of"
    if is_total:
        total = checker.scope.catalogue.names["claim_total"]
        return Node(
            Op.TOTAL_OF, total.type, checker.at(node), (), options, low=total.low, high=total.high
        )
    return Node(Op.COUNT_OF, quantity("line"), checker.at(node), (), options, high=10_000)


CALLS: Final[dict[str, Call]] = {
    "present": _present,
    "default": _default,
    "length": _length,
    "shape": _shape,
    "at": _at,
    "days_between": _of_dates,
    "working_days": _of_dates,
    "add_days": _add_days,
    "add_months": _add_months,
    "months_between": _of_dates,
    "date": _date,
    "hours": _hours,
    "number": _number,
    "year": _of_dates,
    "month": _of_dates,
    "weekday": _of_dates,
    "day_of_month": _of_dates,
    "is_weekend": _of_dates,
    "is_working_day": _of_dates,
    "min": _extreme,
    "max": _extreme,
    "abs": _absolute,
    "round": _rounding,
    "divide": _rounding,
    "along": _along,
    "total_of": _of_lines,
    "count_of": _of_lines,
}
if CALLS.keys() != FUNCTIONS.keys():
    raise AssertionError(f"functions without a check: {CALLS.keys() ^ FUNCTIONS.keys()}")
