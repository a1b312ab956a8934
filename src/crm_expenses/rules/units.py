"""Units, scales and bounds of quantities; and which names are certain to be present."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from crm_expenses.rules.scope import ExpressionError
from crm_expenses.rules.tree import QUANTITY_MAX, Dims, Node, Op, Sort, Type, walk

SCALE_MAX: Final = 9

_WIDE: Final = frozenset({Op.NAME, Op.VALUE, Op.LOOKUP, Op.BAND, Op.ALONG, Op.TOTAL_EACH})

_CHOOSING: Final = frozenset({Op.IF, Op.LEAST, Op.GREATEST, Op.RESCALE, Op.NEGATE})


def certain(node: Node, *, when: bool) -> frozenset[str]:
    """Give the names that are certainly present when the expression is true (or false).

    >>> from crm_expenses.rules.tree import TEXT, YES_NO
    >>> present = Node(Op.PRESENT, YES_NO, 0, (Node(Op.NAME, TEXT, 8, value="city"),))
    >>> sorted(certain(present, when=True)), sorted(certain(present, when=False))
    (['city'], [])
    """
    match node.op:
        case Op.PRESENT if when:
            return frozenset({str(node.args[0].value)})
        case Op.NOT:
            return certain(node.args[0], when=not when)
        case Op.AND if when:
            return frozenset().union(*(certain(a, when=True) for a in node.args))
        case Op.OR if not when:
            return frozenset().union(*(certain(a, when=False) for a in node.args))
        case Op.AND | Op.OR:
            each = [certain(a, when=when) for a in node.args]
            return frozenset.intersection(*each)
        case _:
            return frozenset()


def adopt(node: Node, dims: Dims) -> Node:
    """Give a bare number the unit of what it stands beside; leave all else as it is.

    What chooses between bare numbers (`500 if ... else 400`) is as good as one.
    """
    if node.type.sort is not Sort.QUANTITY or node.type.dims or not dims:
        return node
    kind = Type(Sort.QUANTITY, dims, node.type.scale)
    if node.op in _CHOOSING:
        chosen = tuple(adopt(arg, dims) for arg in node.args)
        values = [arg for arg in chosen if arg.type.sort is Sort.QUANTITY]
        if any(arg.type.dims != dims for arg in values):
            return node
        return replace(node, type=kind, args=chosen)
    if node.op is not Op.CONSTANT:
        return node
    return Node(Op.CONSTANT, kind, node.at, value=node.value, low=node.low, high=node.high)


def rescale(node: Node, scale: int) -> Node:
    """Bring a quantity to more decimals; its value stays the same."""
    by = scale - node.type.scale
    if by == 0:
        return node
    factor = 10**by
    kind = Type(Sort.QUANTITY, node.type.dims, scale)
    low, high = node.low * factor, node.high * factor
    if node.op is Op.CONSTANT and isinstance(node.value, int):
        return Node(Op.CONSTANT, kind, node.at, value=node.value * factor, low=low, high=high)
    result = Node(Op.RESCALE, kind, node.at, (node,), factor, low=low, high=high)
    prove_bounds(result)
    return result


def prove_bounds(node: Node) -> None:
    """Refuse a quantity that could leave what every engine's integers hold."""
    if node.type.sort is not Sort.QUANTITY:
        return
    if node.type.scale > SCALE_MAX:
        raise ExpressionError(
            "expression.scale", node.at, places=str(node.type.scale), limit=str(SCALE_MAX)
        )
    if max(abs(node.low), abs(node.high)) > QUANTITY_MAX:
        raise ExpressionError("expression.bounds", node.at, limit="10^18", **widest(node))


def widest(node: Node) -> dict[str, str]:
    """Name the part of an expression that reaches farthest, with its bounds, for a message.

    >>> from crm_expenses.rules.tree import quantity
    >>> widest(Node(Op.NAME, quantity("km", 1), 0, value="driven", low=0, high=125))
    {'name': 'driven', 'low': '0', 'high': '12.5'}
    """
    parts = [part for part in walk(node) if part.op in _WIDE] or [node]
    part = max(parts, key=lambda one: max(abs(one.low), abs(one.high)) // 10**one.type.scale)
    name = str(part.value) if part.op in _WIDE else str(part.op)
    low, high = (
        f"{Decimal(raw).scaleb(-part.type.scale).normalize():f}" for raw in (part.low, part.high)
    )
    return {"name": name, "low": low, "high": high}
