"""Conditions and values without what a reader need not see: guards said twice, constant branches.

Every step keeps what the tree means. `X if present(x) else False` reads as "x is given and X", and
where x is known to be given, what would hold without it is left out.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Final

from crm_expenses.rules.tree import YES_NO, Node, Op, Sort
from crm_expenses.rules.unfold import bare, flat, same

Given = Mapping[str, bool]
"""Names of facts that are known to be given, or known to be missing."""

NONE_GIVEN: Final[Given] = {}


def plain(node: Node, given: Given = NONE_GIVEN) -> Node:
    """Give a tree that means the same and says less."""
    match node.op:
        case Op.AND | Op.OR:
            return _joined(node, given)
        case Op.NOT:
            return _not(plain(node.args[0], given))
        case Op.PRESENT:
            known = given.get(str(node.args[0].value))
            return node if known is None else _constant(node, truth=known)
        case Op.DEFAULT:
            return _default(node, given)
        case Op.VALUE:
            return node  # its name stands for what it says
        case Op.IF:
            return _choice(node, given)
        case _:
            return replace(node, args=tuple(plain(arg, given) for arg in node.args))


def implied(node: Node | None, *, holds: bool = True) -> Given:
    """Give the facts of which a condition says whether they are given.

    >>> from crm_expenses.rules.tree import TEXT
    >>> city = Node(Op.PRESENT, YES_NO, 0, (Node(Op.NAME, TEXT, 0, value="city"),))
    >>> implied(city), implied(Node(Op.NOT, YES_NO, 0, (city,))), implied(None)
    ({'city': True}, {'city': False}, {})
    """
    if node is None:
        return {}
    match node.op:
        case Op.PRESENT:
            return {str(node.args[0].value): holds}
        case Op.NOT:
            return implied(node.args[0], holds=not holds)
        case Op.VALUE:
            return implied(plain(node.args[0]), holds=holds)
        case Op.AND | Op.OR if (node.op is Op.AND) is holds:
            return {k: v for arg in node.args for k, v in implied(arg, holds=holds).items()}
        case _:
            return {}


def spelled(node: Node) -> Node:
    """Give a tree with what its named expressions stand for, not their names."""
    while node.op is Op.VALUE:
        node = node.args[0]
    return replace(node, args=tuple(map(spelled, node.args)))


def _constant(like: Node, *, truth: bool) -> Node:
    return Node(Op.CONSTANT, YES_NO, like.at, value=truth)


def is_constant(node: Node, *, truth: bool) -> bool:
    """Say whether a condition always, or never, holds."""
    return node.op is Op.CONSTANT and node.value is truth


def _not(node: Node) -> Node:
    if node.op is Op.NOT:
        return node.args[0]
    if node.op is Op.CONSTANT:
        return _constant(node, truth=not node.value)
    return Node(Op.NOT, YES_NO, node.at, (node,))


def _joined(node: Node, given: Given) -> Node:
    """Make `and` or `or` plain: each part may rest on what the others say of missing facts."""
    is_and = node.op is Op.AND
    parts = flat(node, node.op)
    told = [implied(part, holds=is_and) for part in parts]
    kept: list[Node] = []
    for at, part in enumerate(parts):
        known = dict(given)
        for other, facts in enumerate(told):
            if other != at:
                is_kept = _is_named(parts[other]) and not _is_named(part)
                known |= {k: v for k, v in facts.items() if is_kept or k not in told[at]}
        made = plain(part, known)
        if is_constant(made, truth=not is_and):
            return made
        for one in flat(made, node.op) if made.op is node.op else [made]:
            if not is_constant(one, truth=is_and) and not any(same(one, k) for k in kept):
                kept.append(one)
    if not kept:
        return _constant(node, truth=is_and)
    return reduce(lambda a, b: Node(node.op, YES_NO, node.at, (a, b)), kept)


def _is_named(part: Node) -> bool:
    """Say whether a part is a name that stands for it, and so is never made plainer."""
    while part.op is Op.NOT:
        part = part.args[0]
    return part.op is Op.VALUE


def _default(node: Node, given: Given) -> Node:
    fact, other = node.args
    known = given.get(str(bare(fact).value))
    if known is None:
        return replace(node, args=(fact, plain(other, given)))
    return fact if known else plain(other, given)


def _choice(node: Node, given: Given) -> Node:
    test = plain(node.args[0], given)
    then = plain(node.args[1], {**given, **implied(test)})
    other = plain(node.args[2], {**given, **implied(test, holds=False)})
    if test.op is Op.CONSTANT:
        return then if test.value else other
    inner = bare(then)
    if inner.op is Op.IF and same(inner.args[2], other):
        both = Node(Op.AND, YES_NO, node.at, (test, inner.args[0]))
        return plain(replace(node, args=(both, inner.args[1], other)), given)
    if node.type.sort is Sort.YES_NO:
        for branch, op, truth in (
            (other, Op.AND, False),  # then, or never
            (other, Op.OR, True),
            (then, Op.AND, False),
            (then, Op.OR, True),
        ):
            if is_constant(branch, truth=truth):
                rest, guard = (then, test) if branch is other else (other, _not(test))
                if op is Op.OR:
                    guard = _not(guard)
                return plain(Node(op, YES_NO, node.at, (guard, rest)), given)
    fact = bare(then)
    if test.op is Op.PRESENT and same(fact, test.args[0]) and bare(other).op is Op.CONSTANT:
        return Node(Op.DEFAULT, node.type, node.at, (then, other))
    return replace(node, args=(test, then, other))
