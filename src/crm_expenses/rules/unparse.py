"""From a typed tree back to the text of an expression, as a person would write it.

Parsing the text again gives the same tree: figures keep their value, and brackets stand only where
the order of operations needs them.
"""

from collections.abc import Sequence
from typing import Final

from crm_expenses.rules.calls import CLOCK
from crm_expenses.rules.tree import Node, Op, Sort, quantity

_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _SIGN, _ATOM = range(1, 9)
_IF: Final = 0

_INFIX: Final = {
    Op.AND: ("and", _AND),
    Op.OR: ("or", _OR),
    Op.EQ: ("==", _COMPARE),
    Op.NE: ("!=", _COMPARE),
    Op.LT: ("<", _COMPARE),
    Op.LE: ("<=", _COMPARE),
    Op.GT: (">", _COMPARE),
    Op.GE: (">=", _COMPARE),
    Op.ADD: ("+", _SUM),
    Op.SUBTRACT: ("-", _SUM),
    Op.MULTIPLY: ("*", _PRODUCT),
    Op.REMAINDER: ("%", _PRODUCT),
}
_CALLED: Final = {Op.LEAST: "min", Op.GREATEST: "max", Op.ABSOLUTE: "abs"}


def unparse(node: Node) -> str:
    """Give the text of an expression.

    >>> from crm_expenses.rules.tree import YES_NO, quantity
    >>> nights = Node(Op.NAME, quantity("night"), 0, value="nights")
    >>> three = Node(Op.CONSTANT, quantity("night"), 0, value=3)
    >>> unparse(Node(Op.NOT, YES_NO, 0, (Node(Op.GT, YES_NO, 0, (nights, three)),)))
    'not nights > 3'
    """
    return _written(node)[0]


def figure_text(raw: int, scale: int) -> str:
    """Write a raw figure without zeros that say nothing.

    >>> figure_text(12550, 2), figure_text(-300, 2), figure_text(5, 0)
    ('125.5', '-3', '5')
    """
    sign, digits = ("-" if raw < 0 else ""), str(abs(raw)).rjust(scale + 1, "0")
    if not scale:
        return sign + digits
    return sign + f"{digits[:-scale]}.{digits[-scale:]}".rstrip("0").rstrip(".")


def _written(  # noqa: C901, PLR0912  one case a form
    node: Node,
) -> tuple[str, int]:
    match node.op:
        case Op.CONSTANT:
            return _constant(node)
        case Op.NAME | Op.VALUE:
            return str(node.value), _ATOM
        case Op.TOTAL_EACH | Op.COUNT_EACH:
            form = "total_of" if node.op is Op.TOTAL_EACH else "count_of"
            return f"{form}({node.value})", _ATOM
        case Op.RESCALE:
            return _written(node.args[0])
        case Op.LOOKUP | Op.BAND:
            return _looked_up(str(node.value), node.args), _ATOM
        case Op.ALONG:
            table = _looked_up(str(node.value), node.args[:-1])
            return f"along({table}, {unparse(node.args[-1])})", _ATOM
        case Op.NOT if node.args[0].op is Op.IN:
            return _among(node.args[0], "not in")
        case Op.NOT:
            return f"not {_inside(node.args[0], _NOT)}", _NOT
        case Op.IN:
            return _among(node, "in")
        case Op.NEGATE:
            return f"-{_inside(node.args[0], _SIGN)}", _SIGN
        case Op.IF:
            test, then, other = node.args
            text = f"{_inside(then, _OR)} if {_inside(test, _OR)} else {_inside(other, _IF)}"
            return text, _IF
        case Op.ROUND | Op.DIVIDE:
            step = figure_text(int(str(node.value)), node.type.scale)
            args = ", ".join(map(unparse, node.args))
            return f"{node.op.value}({args}, {step}, {node.mode})", _ATOM
        case Op.SHAPE:
            return f"shape({unparse(node.args[0])}, {node.value!r})", _ATOM
        case Op.TOTAL_OF | Op.COUNT_OF:
            return f"{node.op.value}({_options(node)})", _ATOM
        case op if op in _INFIX:
            return _infix(node)
        case op:
            args = ", ".join(map(unparse, node.args))
            return f"{_CALLED.get(op, op.value)}({args})", _ATOM


def _constant(node: Node) -> tuple[str, int]:
    if node.type.sort is Sort.DATE:
        return f"date({node.value!r})", _ATOM
    if node.mode == CLOCK and isinstance(node.value, int):
        hour, minute = divmod(node.value, 60)
        return f"at('{hour:02}:{minute:02}')", _ATOM
    is_time = node.type == quantity("minute") and isinstance(node.value, int) and node.value > 0
    if is_time and int(str(node.value)) * 100 % 60 == 0:
        return f"hours({figure_text(int(str(node.value)) * 100 // 60, 2)})", _ATOM
    if node.type.sort is Sort.QUANTITY and isinstance(node.value, int):
        return figure_text(node.value, node.type.scale), _ATOM if node.value >= 0 else _SIGN
    return repr(node.value), _ATOM


def _looked_up(name: str, keys: Sequence[Node]) -> str:
    return f"{name}[{', '.join(map(unparse, keys))}]" if keys else name


def _options(node: Node) -> str:
    values = node.value if isinstance(node.value, tuple) else ()
    return ", ".join(repr(value) for value in values)


def _among(node: Node, word: str) -> tuple[str, int]:
    comma = "," if isinstance(node.value, tuple) and len(node.value) == 1 else ""
    return f"{_inside(node.args[0], _SUM)} {word} ({_options(node)}{comma})", _COMPARE


def _infix(node: Node) -> tuple[str, int]:
    sign, level = _INFIX[node.op]
    first, *rest = node.args
    # Sums and products group from the left; comparisons do not chain, and logic lies flat.
    left = level if level in (_SUM, _PRODUCT) else level + 1
    parts = [_inside(first, left), *(_inside(arg, level + 1) for arg in rest)]
    return f" {sign} ".join(parts), level


def _inside(node: Node, level: int) -> str:
    text, own = _written(node)
    return text if own >= level else f"({text})"
