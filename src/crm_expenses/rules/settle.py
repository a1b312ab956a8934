"""What is left of an expression once some of its names are known.

A rule on every category asks on each line which category it is; for one category the answer is
known, and what it settles need not be asked again.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from crm_expenses.rules.tree import YES_NO, Node, Op, Value

_SAME: Final = frozenset({Op.EQ, Op.NE})


def settle(node: Node, known: Mapping[str, Value]) -> Node:
    """Give the expression with the known names filled in, and what follows from them.

    >>> from crm_expenses.rules.tree import TEXT
    >>> is_meal = Node(Op.EQ, YES_NO, 0, (Node(Op.NAME, TEXT, 0, value="category"),
    ...                                   Node(Op.CONSTANT, TEXT, 12, value="meal")))
    >>> settle(Node(Op.NOT, YES_NO, 0, (is_meal,)), {"category": "gift"}).value
    True
    """
    if node.op is Op.NAME and str(node.value) in known:
        return replace(node, op=Op.CONSTANT, value=known[str(node.value)])
    args = tuple(settle(arg, known) for arg in node.args)
    constant = [arg.value for arg in args if arg.op is Op.CONSTANT]
    are_known = len(constant) == len(args)
    match node.op:
        case Op.AND | Op.OR:
            return _logic(node, args, settled_by=node.op is Op.OR)
        case Op.PRESENT if are_known:
            return _yes_no(node, is_so=True)
        case Op.DEFAULT if args[0].op is Op.CONSTANT:
            return args[0]
        case Op.NOT if are_known:
            return _yes_no(node, is_so=not constant[0])
        case op if op in _SAME and are_known:
            return _yes_no(node, is_so=(constant[0] == constant[1]) is (op is Op.EQ))
        case Op.IN if are_known and isinstance(node.value, tuple):
            return _yes_no(node, is_so=constant[0] in node.value)
        case Op.VALUE if are_known and args[0].type == YES_NO:
            return args[0]
        case Op.IF if args[0].op is Op.CONSTANT:
            return args[1] if args[0].value else args[2]
        case _:
            return replace(node, args=args)


def _yes_no(node: Node, *, is_so: bool) -> Node:
    return Node(Op.CONSTANT, YES_NO, node.at, value=is_so)


def _logic(node: Node, args: tuple[Node, ...], *, settled_by: bool) -> Node:
    """Settle a row of conditions up to the first that decides it; leave out what does not."""
    kept: list[Node] = []
    for arg in args:
        if arg.op is not Op.CONSTANT:
            kept.append(arg)
        elif bool(arg.value) is settled_by:
            kept.append(arg)
            break
    if not kept:
        return _yes_no(node, is_so=not settled_by)
    if len(kept) == 1:
        return kept[0]
    return replace(node, args=tuple(kept))
