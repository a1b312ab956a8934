"""Checks a parsed expression form by form and gives its typed tree.

Only the forms named here get through. Types, units and scales are settled here, and every result is
proved to stay within what each engine's integers hold.
"""

import ast
import difflib
import re
from collections.abc import Iterable
from typing import Final, NoReturn

from crm_expenses.rules.calls import CALLS
from crm_expenses.rules.functions import FUNCTIONS
from crm_expenses.rules.parameter import Parameter
from crm_expenses.rules.scope import BrokenParameterError, ExpressionError, NamedValue, Scope
from crm_expenses.rules.tree import (
    DATE,
    TEXT,
    YES_NO,
    Node,
    Op,
    Sort,
    Type,
    Value,
    combine_dims,
    names_in,
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


class Checker:
    """Walks one syntax tree; holds the text and the scope, and changes nothing."""

    def __init__(self, text: str, scope: Scope) -> None:
        self._text = text
        self.scope = scope
        self._start = len(text) - len(text.lstrip())
        stripped = text.strip().replace("\n", " ")
        self._bytes = stripped.encode()

    def check(  # noqa: RET503  the last line never returns
        self, node: ast.expr, known: frozenset[str], depth: int
    ) -> Node:
        """Give the typed node of a syntax node; `known` are the names certain to be present."""
        if depth > DEPTH_MAX:
            self.refuse("expression.deep", node, limit=str(DEPTH_MAX))
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
                self.refuse("expression.form", node, form=type(node).__name__)

    # Leaves

    def _constant(self, node: ast.Constant) -> Node:
        at = self.at(node)
        if isinstance(node.value, bool):
            return Node(Op.CONSTANT, YES_NO, at, value=node.value)
        if isinstance(node.value, str):
            return Node(Op.CONSTANT, TEXT, at, value=node.value)
        source = self.source(node)
        if not isinstance(node.value, int | float) or not _NUMBER.fullmatch(source):
            self.refuse("expression.number", node, value=source[:40])
        whole, _, places = source.partition(".")
        raw = int(whole + places)
        kind = Type(Sort.QUANTITY, scale=len(places))
        constant = Node(Op.CONSTANT, kind, at, value=raw, low=raw, high=raw)
        prove_bounds(constant)
        return constant

    def _name(self, node: ast.Name, known: frozenset[str]) -> Node:
        name = node.id
        entry = self.scope.catalogue.names.get(name)
        if entry is None:
            if name in self.scope.values:
                return self._value(node, self.scope.values[name])
            if name in self.scope.parameters or name in self.scope.broken:
                return self.looked_up(node, name, ())
            scope = self.scope
            if name in scope.below:
                self.refuse("expression.below", node, name=name)
            near = self.nearest(name, (*scope.catalogue.names, *scope.parameters, *scope.values))
            self.refuse("expression.unknown", node, name=name, near=near)
        if self.scope.of not in entry.scopes:
            scopes = ", ".join(sorted(entry.scopes))
            self.refuse("expression.scope", node, name=name, scopes=scopes, of=self.scope.of)
        if entry.is_result and name not in self.scope.results:
            self.refuse("expression.result", node, name=name)
        if entry.may_be_missing and name not in known:
            self.refuse("expression.missing", node, name=name)
        return Node(Op.NAME, entry.type, self.at(node), value=name, low=entry.low, high=entry.high)

    def _value(self, node: ast.expr, value: NamedValue) -> Node:
        """Put what a name stands for in its place."""
        if not value.can_be_read(self.scope.of):
            self.refuse(
                "expression.scope",
                node,
                name=value.name,
                scopes=value.of,
                of=self.scope.of,
            )
        names = self.scope.catalogue.names
        for name in sorted(names_in(value.node) - self.scope.results):
            if name in names and names[name].is_result:
                self.refuse("expression.result", node, name=f"{value.name} ({name})")
        inner = value.node
        at, low, high = self.at(node), inner.low, inner.high
        return Node(Op.VALUE, inner.type, at, (inner,), value.name, low=low, high=high)

    def bare_name(self, node: ast.expr) -> Node:
        """Read a name where it need not be present: the argument of present() and default()."""
        if isinstance(node, ast.Name) and node.id in self.scope.broken:
            raise BrokenParameterError
        if not isinstance(node, ast.Name) or node.id not in self.scope.catalogue.names:
            shown = node.id if isinstance(node, ast.Name) else self.source(node)[:40]
            near = self.nearest(shown, tuple(self.scope.catalogue.names))
            self.refuse("expression.unknown", node, name=shown, near=near)
        return self._name(node, frozenset({node.id}))

    def _lookup(self, node: ast.Subscript, known: frozenset[str], depth: int) -> Node:
        if not isinstance(node.value, ast.Name):
            self.refuse("expression.form", node, form="Subscript")
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        keys = tuple(self.check(part, known, depth + 1) for part in inner)
        return self.looked_up(node, node.value.id, keys)

    def parameter(self, name: str, node: ast.expr) -> Parameter:
        """Give the parameter of a name."""
        if name in self.scope.broken:
            raise BrokenParameterError
        parameter = self.scope.parameters.get(name)
        if parameter is None:
            near = self.nearest(name, tuple(self.scope.parameters))
            self.refuse("expression.no_parameter", node, name=name, near=near)
        return parameter

    def looked_up(self, node: ast.expr, name: str, keys: tuple[Node, ...]) -> Node:
        """Give the node of a look-up, its keys checked."""
        parameter = self.parameter(name, node)
        columns = [key for key, _ in parameter.keys]
        if parameter.band is not None:
            columns.append(str(parameter.band))
        if len(keys) != len(columns):
            wanted = ", ".join(columns) or "-"
            self.refuse("expression.keys", node, name=name, wanted=wanted, given=str(len(keys)))
        fitted = self.fitted(name, parameter, keys)
        low, high = parameter.bounds()
        op = Op.LOOKUP if parameter.band is None else Op.BAND
        return Node(op, parameter.type, self.at(node), fitted, name, low=low, high=high)

    def fitted(self, name: str, parameter: Parameter, keys: tuple[Node, ...]) -> tuple[Node, ...]:
        """Check the keys of a look-up against the columns of its table."""
        fitted: list[Node] = []
        for raw, (key, kind) in zip(keys, parameter.keys, strict=False):
            given = self.as_choice(raw, kind)
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
        if parameter.band is not None:
            fitted.append(self.measured(keys[-1], parameter.band, name))
        return tuple(fitted)

    def measured(self, node: Node, band: Type, table: str = "") -> Node:
        """Bring a quantity to the unit and the decimals that bands have."""
        given = adopt(node, band.dims)
        if given.type.sort is not Sort.QUANTITY or given.type.dims != band.dims:
            values = {"wanted": str(band), "given": str(given.type)}
            raise ExpressionError("expression.wanted", node.at, **values)
        if given.type.scale > band.scale:
            places, limit = str(given.type.scale), str(band.scale)
            if table:
                values = {"name": table, "places": places, "limit": limit}
                raise ExpressionError("expression.band_places", node.at, **values)
            raise ExpressionError("expression.round_first", node.at, places=places, limit=limit)
        return rescale(given, band.scale)

    # Logic

    def _logic(self, node: ast.BoolOp, known: frozenset[str], depth: int) -> Node:
        is_and = isinstance(node.op, ast.And)
        args: list[Node] = []
        for part in node.values:
            arg = self._yes_no(part, known, depth + 1)
            known |= certain(arg, when=is_and)
            args.append(arg)
        return Node(Op.AND if is_and else Op.OR, YES_NO, self.at(node), tuple(args))

    def _unary(self, node: ast.UnaryOp, known: frozenset[str], depth: int) -> Node:
        if isinstance(node.op, ast.Not):
            arg = self._yes_no(node.operand, known, depth + 1)
            return Node(Op.NOT, YES_NO, self.at(node), (arg,))
        if not isinstance(node.op, ast.USub):
            self.refuse("expression.form", node, form=type(node.op).__name__)
        arg = self.quantity(node.operand, known, depth + 1)
        if arg.op is Op.CONSTANT and isinstance(arg.value, int):
            raw = -arg.value
            return Node(Op.CONSTANT, arg.type, self.at(node), value=raw, low=raw, high=raw)
        return self.bounded(Op.NEGATE, arg.type, node, (arg,), (-arg.high, -arg.low))

    def _yes_no(self, node: ast.expr, known: frozenset[str], depth: int) -> Node:
        checked = self.check(node, known, depth)
        if checked.type != YES_NO:
            self.refuse("expression.yes_no", node, given=str(checked.type))
        return checked

    def _compare(self, node: ast.Compare, known: frozenset[str], depth: int) -> Node:
        if len(node.ops) > 1:
            self.refuse("expression.chain", node)
        operator, right_side = node.ops[0], node.comparators[0]
        left = self.check(node.left, known, depth + 1)
        if isinstance(operator, ast.In | ast.NotIn):
            found = self._among(node, left, right_side)
            if isinstance(operator, ast.NotIn):
                return Node(Op.NOT, YES_NO, self.at(node), (found,))
            return found
        op = _COMPARE.get(type(operator))
        if op is None:
            self.refuse("expression.form", node, form=type(operator).__name__)
        right = self.check(right_side, known, depth + 1)
        left, right = self.alike(node, left, right)
        if left.type.sort in (Sort.YES_NO, Sort.FREE_TEXT):
            self.refuse("expression.compare", node, left=str(left.type), right=str(right.type))
        if op not in (Op.EQ, Op.NE) and left.type.sort not in (Sort.QUANTITY, Sort.DATE):
            self.refuse("expression.order", node, left=str(left.type))
        return Node(op, YES_NO, self.at(node), (left, right))

    def _among(self, node: ast.Compare, left: Node, right: ast.expr) -> Node:
        if not isinstance(right, ast.Tuple | ast.List | ast.Set) or not right.elts:
            self.refuse("expression.in", node)
        if left.type.sort not in (Sort.TEXT, Sort.CHOICE):
            self.refuse("expression.compare", node, left=str(left.type), right="text")
        options = []
        for part in right.elts:
            option = self.check(part, frozenset(), 0)
            if option.op is not Op.CONSTANT or not isinstance(option.value, str):
                self.refuse("expression.in", part)
            options.append(str(self.as_choice(option, left.type).value))
        return Node(Op.IN, YES_NO, self.at(node), (left,), tuple(sorted(set(options))))

    def _choice(self, node: ast.IfExp, known: frozenset[str], depth: int) -> Node:
        test = self._yes_no(node.test, known, depth + 1)
        then = self.check(node.body, known | certain(test, when=True), depth + 1)
        other = self.check(node.orelse, known | certain(test, when=False), depth + 1)
        then, other = self.alike(node, then, other)
        bounds = (min(then.low, other.low), max(then.high, other.high))
        return self.bounded(Op.IF, then.type, node, (test, then, other), bounds)

    # Arithmetic

    def quantity(self, node: ast.expr, known: frozenset[str], depth: int) -> Node:
        """Give the node of an expression that must be a quantity."""
        checked = self.check(node, known, depth)
        if checked.type.sort is not Sort.QUANTITY:
            self.refuse("expression.quantity", node, given=str(checked.type))
        return checked

    def _arithmetic(self, node: ast.BinOp, known: frozenset[str], depth: int) -> Node:
        op = _ARITHMETIC.get(type(node.op))
        if op is None:
            code = "expression.slash" if isinstance(node.op, ast.Div) else "expression.form"
            self.refuse(code, node, form=type(node.op).__name__)
        left = self.quantity(node.left, known, depth + 1)
        right = self.quantity(node.right, known, depth + 1)
        if op is Op.MULTIPLY:
            dims = combine_dims(left.type.dims, right.type.dims, 1)
            kind = Type(Sort.QUANTITY, dims, left.type.scale + right.type.scale)
            corners = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
            return self.bounded(op, kind, node, (left, right), (min(corners), max(corners)))
        left, right = self.alike(node, left, right)
        if op is Op.REMAINDER:
            if right.op is not Op.CONSTANT or right.low <= 0:
                self.refuse("expression.remainder", node)
            return self.bounded(op, left.type, node, (left, right), (0, right.high - 1))
        if op is Op.ADD:
            bounds = (left.low + right.low, left.high + right.high)
        else:
            bounds = (left.low - right.high, left.high - right.low)
        return self.bounded(op, left.type, node, (left, right), bounds)

    def bounded(
        self,
        op: Op,
        kind: Type,
        node: ast.expr,
        args: tuple[Node, ...],
        bounds: tuple[int, int],
        *,
        value: Value = 0,
    ) -> Node:
        """Make a node whose raw value is proved to stay within what every engine holds."""
        result = Node(op, kind, self.at(node), args, value, low=bounds[0], high=bounds[1])
        prove_bounds(result)
        return result

    # Functions

    def _call(self, node: ast.Call, known: frozenset[str], depth: int) -> Node:
        name = node.func.id if isinstance(node.func, ast.Name) else self.source(node.func)[:40]
        shape = FUNCTIONS.get(name)
        if shape is None:
            self.refuse("expression.function", node, name=name, near=self.nearest(name, FUNCTIONS))
        least, most = shape.arguments
        if node.keywords or not least <= len(node.args) <= most:
            self.refuse("expression.arguments", node, name=name, form=shape.form)
        return CALLS[name](self, node, known, depth)

    def date(self, node: ast.expr, known: frozenset[str], depth: int) -> Node:
        """Give the node of an expression that must be a date."""
        checked = self.check(node, known, depth)
        if checked.type != DATE:
            self.refuse("expression.date", node, given=str(checked.type))
        return checked

    # Bringing two sides together

    def alike(  # noqa: RET503  the last line never returns
        self, node: ast.expr, left: Node, right: Node
    ) -> tuple[Node, Node]:
        """Give both sides with one type: a bare number takes the other side's unit."""
        left, right = self.as_choice(left, right.type), self.as_choice(right, left.type)
        if left.type.sort is Sort.QUANTITY and right.type.sort is Sort.QUANTITY:
            dims = left.type.dims or right.type.dims
            left, right = adopt(left, dims), adopt(right, dims)
            if left.type.dims == right.type.dims:
                scale = max(left.type.scale, right.type.scale)
                return rescale(left, scale), rescale(right, scale)
        elif left.type == right.type or {left.type.sort, right.type.sort} == {
            Sort.TEXT,
            Sort.CHOICE,
        }:
            return left, right
        self.refuse("expression.compare", node, left=str(left.type), right=str(right.type))

    def as_choice(self, node: Node, kind: Type) -> Node:
        """Check a text constant against the closed list that it is compared with."""
        if kind.sort is not Sort.CHOICE or node.op is not Op.CONSTANT or node.type != TEXT:
            return node
        options = self.scope.catalogue.choices[kind.choice]
        if node.value not in options:
            raise ExpressionError(
                "expression.choice",
                node.at,
                value=str(node.value),
                choice=kind.choice,
                near=self.nearest(str(node.value), options),
            )
        return Node(Op.CONSTANT, kind, node.at, value=node.value)

    # Places and messages

    def at(self, node: ast.expr) -> int:
        """Give the offset in the text at which a form begins."""
        return self._start + len(self._bytes[: node.col_offset].decode(errors="replace"))

    def source(self, node: ast.expr) -> str:
        """Give the text of a form."""
        return self._bytes[node.col_offset : node.end_col_offset].decode(errors="replace")

    def refuse(self, code: str, node: ast.expr, **values: str) -> NoReturn:
        """Tell of a problem at a form."""
        raise ExpressionError(code, self.at(node), **values)

    def nearest(self, name: str, names: Iterable[str]) -> str:
        """Give the names that are most like one, or the first of them."""
        candidates = sorted(set(names))
        near = difflib.get_close_matches(name, candidates, n=3)
        return ", ".join(near or candidates[:8])
