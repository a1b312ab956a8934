"""Checks a parsed expression form by form and gives its typed tree.

Only the forms named here get through. Types, units and scales are settled here, and every result is
proved to stay within what each engine's integers hold.
"""

import ast
import difflib
import re
from collections.abc import Iterable
from typing import Final, NoReturn

from crm_expenses.rules.functions import FUNCTIONS
from crm_expenses.rules.scope import BrokenParameterError, ExpressionError, Scope
from crm_expenses.rules.tree import (
    DATE,
    TEXT,
    YES_NO,
    Node,
    Op,
    Sort,
    Type,
    combine_dims,
)
from crm_expenses.rules.units import adopt, certain, prove_bounds, rescale

DEPTH_MAX: Final = 40

_NUMBER: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?", re.ASCII)


_COMPARE: Final[dict[type[ast.cmpop], Op]] = {
    ast.Eq: Op.EQ,
    ast.NotEq: Op.NE,
    ast.Lt: Op.LT,
    ast.LtE: Op.LE,
    ast.Gt: Op.GT,
    ast.GtE: Op.GE,
}
_ARITHMETIC: Final[dict[type[ast.operator], Op]] = {
    ast.Add: Op.ADD,
    ast.Sub: Op.SUBTRACT,
    ast.Mult: Op.MULTIPLY,
    ast.Mod: Op.REMAINDER,
}
_MODES: Final = ("half_up", "half_even", "up", "down", "floor", "ceiling")


class Checker:
    """Walks one syntax tree; holds the text and the scope, and changes nothing."""

    def __init__(self, text: str, scope: Scope) -> None:
        self._text = text
        self._scope = scope
        self._start = len(text) - len(text.lstrip())
        stripped = text.strip().replace("\n", " ")
        self._bytes = stripped.encode()

    def check(  # noqa: RET503  the last line never returns
        self, node: ast.expr, known: frozenset[str], depth: int
    ) -> Node:
        """Give the typed node of a syntax node; `known` are the names certain to be present."""
        if depth > DEPTH_MAX:
            self._refuse("expression.deep", node, limit=str(DEPTH_MAX))
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node, known)
            case ast.Subscript():
                return self._lookup(node, known, depth)
            case ast.BoolOp():
                return self._logic(node, known, depth)
            case ast.UnaryOp():
                return self._unary(node, known, depth)
            case ast.Compare():
                return self._compare(node, known, depth)
            case ast.BinOp():
                return self._arithmetic(node, known, depth)
            case ast.IfExp():
                return self._choice(node, known, depth)
            case ast.Call():
                return self._call(node, known, depth)
            case _:
                self._refuse("expression.form", node, form=type(node).__name__)

    # Leaves

    def _constant(self, node: ast.Constant) -> Node:
        at = self._at(node)
        if isinstance(node.value, bool):
            return Node(Op.CONSTANT, YES_NO, at, value=node.value)
        if isinstance(node.value, str):
            return Node(Op.CONSTANT, TEXT, at, value=node.value)
        source = self._source(node)
        if not isinstance(node.value, int | float) or not _NUMBER.fullmatch(source):
            self._refuse("expression.number", node, value=source[:40])
        whole, _, places = source.partition(".")
        raw = int(whole + places)
        kind = Type(Sort.QUANTITY, scale=len(places))
        constant = Node(Op.CONSTANT, kind, at, value=raw, low=raw, high=raw)
        prove_bounds(constant)
        return constant

    def _name(self, node: ast.Name, known: frozenset[str]) -> Node:
        name = node.id
        entry = self._scope.catalogue.names.get(name)
        if entry is None:
            if name in self._scope.parameters or name in self._scope.broken:
                return self._looked_up(node, name, ())
            near = self._nearest(name, (*self._scope.catalogue.names, *self._scope.parameters))
            self._refuse("expression.unknown", node, name=name, near=near)
        if entry.may_be_missing and name not in known:
            self._refuse("expression.missing", node, name=name)
        return Node(Op.NAME, entry.type, self._at(node), value=name, low=entry.low, high=entry.high)

    def _bare_name(self, node: ast.expr) -> Node:
        """Read a name where it need not be present: the argument of present() and default()."""
        if not isinstance(node, ast.Name) or node.id not in self._scope.catalogue.names:
            shown = node.id if isinstance(node, ast.Name) else self._source(node)[:40]
            near = self._nearest(shown, tuple(self._scope.catalogue.names))
            self._refuse("expression.unknown", node, name=shown, near=near)
        return self._name(node, frozenset({node.id}))

    def _lookup(self, node: ast.Subscript, known: frozenset[str], depth: int) -> Node:
        if not isinstance(node.value, ast.Name):
            self._refuse("expression.form", node, form="Subscript")
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        keys = tuple(self.check(part, known, depth + 1) for part in inner)
        return self._looked_up(node, node.value.id, keys)

    def _looked_up(self, node: ast.expr, name: str, keys: tuple[Node, ...]) -> Node:
        if name in self._scope.broken:
            raise BrokenParameterError
        parameter = self._scope.parameters.get(name)
        if parameter is None:
            near = self._nearest(name, tuple(self._scope.parameters))
            self._refuse("expression.no_parameter", node, name=name, near=near)
        if len(keys) != len(parameter.keys):
            wanted = ", ".join(key for key, _ in parameter.keys)
            self._refuse(
                "expression.keys", node, name=name, wanted=wanted or "-", given=str(len(keys))
            )
        fitted = []
        for raw, (key, kind) in zip(keys, parameter.keys, strict=True):
            given = self._as_choice(raw, kind)
            if given.type != kind and not {given.type.sort, kind.sort} <= {Sort.TEXT, Sort.CHOICE}:
                raise ExpressionError(
                    "expression.key_type",
                    given.at,
                    name=name,
                    key=key,
                    wanted=str(kind),
                    given=str(given.type),
                )
            fitted.append(given)
        low, high = parameter.bounds()
        return Node(
            Op.LOOKUP, parameter.type, self._at(node), tuple(fitted), name, low=low, high=high
        )

    # Logic

    def _logic(self, node: ast.BoolOp, known: frozenset[str], depth: int) -> Node:
        is_and = isinstance(node.op, ast.And)
        args: list[Node] = []
        for part in node.values:
            arg = self._yes_no(part, known, depth + 1)
            known |= certain(arg, when=is_and)
            args.append(arg)
        return Node(Op.AND if is_and else Op.OR, YES_NO, self._at(node), tuple(args))

    def _unary(self, node: ast.UnaryOp, known: frozenset[str], depth: int) -> Node:
        if isinstance(node.op, ast.Not):
            arg = self._yes_no(node.operand, known, depth + 1)
            return Node(Op.NOT, YES_NO, self._at(node), (arg,))
        if not isinstance(node.op, ast.USub):
            self._refuse("expression.form", node, form=type(node.op).__name__)
        arg = self._quantity(node.operand, known, depth + 1)
        if arg.op is Op.CONSTANT and isinstance(arg.value, int):
            raw = -arg.value
            return Node(Op.CONSTANT, arg.type, self._at(node), value=raw, low=raw, high=raw)
        return self._bounded(Op.NEGATE, arg.type, node, (arg,), (-arg.high, -arg.low))

    def _yes_no(self, node: ast.expr, known: frozenset[str], depth: int) -> Node:
        checked = self.check(node, known, depth)
        if checked.type != YES_NO:
            self._refuse("expression.yes_no", node, given=str(checked.type))
        return checked

    def _compare(self, node: ast.Compare, known: frozenset[str], depth: int) -> Node:
        if len(node.ops) > 1:
            self._refuse("expression.chain", node)
        operator, right_side = node.ops[0], node.comparators[0]
        left = self.check(node.left, known, depth + 1)
        if isinstance(operator, ast.In | ast.NotIn):
            found = self._among(node, left, right_side)
            if isinstance(operator, ast.NotIn):
                return Node(Op.NOT, YES_NO, self._at(node), (found,))
            return found
        op = _COMPARE.get(type(operator))
        if op is None:
            self._refuse("expression.form", node, form=type(operator).__name__)
        right = self.check(right_side, known, depth + 1)
        left, right = self._alike(node, left, right)
        if left.type.sort in (Sort.YES_NO, Sort.FREE_TEXT):
            self._refuse("expression.compare", node, left=str(left.type), right=str(right.type))
        if op not in (Op.EQ, Op.NE) and left.type.sort not in (Sort.QUANTITY, Sort.DATE):
            self._refuse("expression.order", node, left=str(left.type))
        return Node(op, YES_NO, self._at(node), (left, right))

    def _among(self, node: ast.Compare, left: Node, right: ast.expr) -> Node:
        if not isinstance(right, ast.Tuple | ast.List | ast.Set) or not right.elts:
            self._refuse("expression.in", node)
        if left.type.sort not in (Sort.TEXT, Sort.CHOICE):
            self._refuse("expression.compare", node, left=str(left.type), right="text")
        options = []
        for part in right.elts:
            option = self.check(part, frozenset(), 0)
            if option.op is not Op.CONSTANT or not isinstance(option.value, str):
                self._refuse("expression.in", part)
            options.append(str(self._as_choice(option, left.type).value))
        return Node(Op.IN, YES_NO, self._at(node), (left,), tuple(sorted(set(options))))

    def _choice(self, node: ast.IfExp, known: frozenset[str], depth: int) -> Node:
        test = self._yes_no(node.test, known, depth + 1)
        then = self.check(node.body, known | certain(test, when=True), depth + 1)
        other = self.check(node.orelse, known | certain(test, when=False), depth + 1)
        then, other = self._alike(node, then, other)
        bounds = (min(then.low, other.low), max(then.high, other.high))
        return self._bounded(Op.IF, then.type, node, (test, then, other), bounds)

    # Arithmetic

    def _quantity(self, node: ast.expr, known: frozenset[str], depth: int) -> Node:
        checked = self.check(node, known, depth)
        if checked.type.sort is not Sort.QUANTITY:
            self._refuse("expression.quantity", node, given=str(checked.type))
        return checked

    def _arithmetic(self, node: ast.BinOp, known: frozenset[str], depth: int) -> Node:
        op = _ARITHMETIC.get(type(node.op))
        if op is None:
            code = "expression.slash" if isinstance(node.op, ast.Div) else "expression.form"
            self._refuse(code, node, form=type(node.op).__name__)
        left = self._quantity(node.left, known, depth + 1)
        right = self._quantity(node.right, known, depth + 1)
        if op is Op.MULTIPLY:
            dims = combine_dims(left.type.dims, right.type.dims, 1)
            kind = Type(Sort.QUANTITY, dims, left.type.scale + right.type.scale)
            corners = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
            return self._bounded(op, kind, node, (left, right), (min(corners), max(corners)))
        left, right = self._alike(node, left, right)
        if op is Op.REMAINDER:
            if right.op is not Op.CONSTANT or right.low <= 0:
                self._refuse("expression.remainder", node)
            return self._bounded(op, left.type, node, (left, right), (0, right.high - 1))
        if op is Op.ADD:
            bounds = (left.low + right.low, left.high + right.high)
        else:
            bounds = (left.low - right.high, left.high - right.low)
        return self._bounded(op, left.type, node, (left, right), bounds)

    def _bounded(
        self, op: Op, kind: Type, node: ast.expr, args: tuple[Node, ...], bounds: tuple[int, int]
    ) -> Node:
        """Make a node whose raw value is proved to stay within what every engine holds."""
        result = Node(op, kind, self._at(node), args, low=bounds[0], high=bounds[1])
        prove_bounds(result)
        return result

    # Functions

    def _call(self, node: ast.Call, known: frozenset[str], depth: int) -> Node:
        name = node.func.id if isinstance(node.func, ast.Name) else self._source(node.func)[:40]
        shape = FUNCTIONS.get(name)
        if shape is None:
            self._refuse(
                "expression.function", node, name=name, near=self._nearest(name, FUNCTIONS)
            )
        least, most = shape.arguments
        if node.keywords or not least <= len(node.args) <= most:
            self._refuse("expression.arguments", node, name=name, form=shape.form)
        match name:
            case "present":
                return Node(Op.PRESENT, YES_NO, self._at(node), (self._bare_name(node.args[0]),))
            case "default":
                return self._default(node, known, depth)
            case "length":
                arg = self.check(node.args[0], known, depth + 1)
                if arg.type.sort not in (Sort.TEXT, Sort.FREE_TEXT):
                    self._refuse("expression.text", node, given=str(arg.type))
                kind = Type(Sort.QUANTITY)
                return Node(Op.LENGTH, kind, self._at(node), (arg,), high=1_000_000)
            case "days_between" | "is_weekend" | "is_working_day":
                args = tuple(self._date(part, known, depth + 1) for part in node.args)
                if name == "days_between":
                    kind = Type(Sort.QUANTITY, (("day", 1),))
                    return self._bounded(Op.DAYS_BETWEEN, kind, node, args, (-4_000_000, 4_000_000))
                return Node(Op(name), YES_NO, self._at(node), args)
            case "min" | "max":
                return self._extreme(node, name, known, depth)
            case "abs":
                arg = self._quantity(node.args[0], known, depth + 1)
                top = max(abs(arg.low), abs(arg.high))
                return self._bounded(Op.ABSOLUTE, arg.type, node, (arg,), (0, top))
            case _:
                return self._rounding(node, name, known, depth)

    def _default(self, node: ast.Call, known: frozenset[str], depth: int) -> Node:
        name = self._bare_name(node.args[0])
        other = self.check(node.args[1], known, depth + 1)
        name, other = self._alike(node, name, other)
        bounds = (min(name.low, other.low), max(name.high, other.high))
        return self._bounded(Op.DEFAULT, name.type, node, (name, other), bounds)

    def _extreme(self, node: ast.Call, name: str, known: frozenset[str], depth: int) -> Node:
        op, pick = (Op.LEAST, min) if name == "min" else (Op.GREATEST, max)
        result = self._quantity(node.args[0], known, depth + 1)
        for part in node.args[1:]:
            left, right = self._alike(node, result, self._quantity(part, known, depth + 1))
            bounds = (pick(left.low, right.low), pick(left.high, right.high))
            result = self._bounded(op, left.type, node, (left, right), bounds)
        return result

    def _rounding(self, node: ast.Call, name: str, known: frozenset[str], depth: int) -> Node:
        *values, step_node, mode_node = node.args
        mode = mode_node.id if isinstance(mode_node, ast.Name) else ""
        if mode not in _MODES:
            self._refuse("expression.mode", mode_node, modes=", ".join(_MODES))
        step = self.check(step_node, frozenset(), depth + 1)
        if step.op is not Op.CONSTANT or step.type.sort is not Sort.QUANTITY or step.low <= 0:
            self._refuse("expression.step", step_node)
        args = [self._quantity(value, known, depth + 1) for value in values]
        dims = args[0].type.dims
        if name == "divide":
            dims = combine_dims(dims, args[1].type.dims, -1)
            divisor = args[1]
            smallest = (
                min(abs(divisor.low), abs(divisor.high)) if divisor.low * divisor.high > 0 else 1
            )
            top = max(abs(args[0].low), abs(args[0].high))
            shift = step.type.scale + divisor.type.scale - args[0].type.scale
            high = top * 10 ** max(0, shift) // max(1, smallest) + step.high
        else:
            high = max(abs(args[0].low), abs(args[0].high))
            shift = step.type.scale - args[0].type.scale
            high = high * 10 ** max(0, shift) // 10 ** max(0, -shift) + step.high
        kind = Type(Sort.QUANTITY, dims, step.type.scale)
        op = Op.DIVIDE if name == "divide" else Op.ROUND
        result = Node(op, kind, self._at(node), tuple(args), step.low, mode, -high, high)
        prove_bounds(result)
        return result

    def _date(self, node: ast.expr, known: frozenset[str], depth: int) -> Node:
        checked = self.check(node, known, depth)
        if checked.type != DATE:
            self._refuse("expression.date", node, given=str(checked.type))
        return checked

    # Bringing two sides together

    def _alike(  # noqa: RET503  the last line never returns
        self, node: ast.expr, left: Node, right: Node
    ) -> tuple[Node, Node]:
        """Give both sides with one type: a bare number takes the other side's unit."""
        left, right = self._as_choice(left, right.type), self._as_choice(right, left.type)
        if left.type.sort is Sort.QUANTITY and right.type.sort is Sort.QUANTITY:
            dims = right.type.dims if left.op is Op.CONSTANT else left.type.dims
            left, right = adopt(left, dims), adopt(right, dims)
            if left.type.dims == right.type.dims:
                scale = max(left.type.scale, right.type.scale)
                return rescale(left, scale), rescale(right, scale)
        elif left.type == right.type or {left.type.sort, right.type.sort} == {
            Sort.TEXT,
            Sort.CHOICE,
        }:
            return left, right
        self._refuse("expression.compare", node, left=str(left.type), right=str(right.type))

    def _as_choice(self, node: Node, kind: Type) -> Node:
        """Check a text constant against the closed list that it is compared with."""
        if kind.sort is not Sort.CHOICE or node.op is not Op.CONSTANT or node.type != TEXT:
            return node
        options = self._scope.catalogue.choices[kind.choice]
        if node.value not in options:
            raise ExpressionError(
                "expression.choice",
                node.at,
                value=str(node.value),
                choice=kind.choice,
                near=self._nearest(str(node.value), options),
            )
        return Node(Op.CONSTANT, kind, node.at, value=node.value)

    # Places and messages

    def _at(self, node: ast.expr) -> int:
        return self._start + len(self._bytes[: node.col_offset].decode(errors="replace"))

    def _source(self, node: ast.expr) -> str:
        return self._bytes[node.col_offset : node.end_col_offset].decode(errors="replace")

    def _refuse(self, code: str, node: ast.expr, **values: str) -> NoReturn:
        raise ExpressionError(code, self._at(node), **values)

    def _nearest(self, name: str, names: Iterable[str]) -> str:
        candidates = sorted(set(names))
        near = difflib.get_close_matches(name, candidates, n=3)
        return ", ".join(near or candidates[:8])
