"""Whether two conditions can never hold together, as far as their words show it."""

from collections.abc import Iterator, Sequence

from crm_expenses.rules.plainwords import plain, spelled
from crm_expenses.rules.tree import Node, Op, Sort
from crm_expenses.rules.unfold import bare, flat, same, unfolded

Part = tuple[Node, bool]
"""A part of a condition, and whether it is said or denied."""


def are_apart(one: Node | None, other: Node | None) -> bool:
    """Say whether two conditions exclude each other: one says what the other denies.

    False where the words do not show it; that is no proof that both can hold.
    """
    if one is None or other is None:
        return False
    theirs = list(_parts(other))
    return any(_exclude(mine, their) for mine in _parts(one) for their in theirs)


def _parts(condition: Node) -> Iterator[Part]:
    """Give what must hold together for a condition to hold."""
    node, holds = unfolded(plain(spelled(condition)), holds=True)
    yield node, holds
    if node.op is (Op.AND if holds else Op.OR):
        for part in flat(node, node.op):
            yield unfolded(part, holds=holds)


def _exclude(one: Part, other: Part) -> bool:
    if same(one[0], other[0]) and one[1] is not other[1]:
        return True
    words = _words(one), _words(other)
    if words[0] is None or words[1] is None or words[0][0] != words[1][0]:
        return False
    (_, mine, is_mine), (_, theirs, is_theirs) = words[0], words[1]
    if is_mine and is_theirs:
        return not set(mine) & set(theirs)
    if is_mine is not is_theirs:
        inside, outside = (mine, theirs) if is_mine else (theirs, mine)
        return set(inside) <= set(outside)
    return False


def _words(part: Part) -> tuple[str, Sequence[str], bool] | None:
    """Give a fact, words that it is compared with, and whether it is one of them or none."""
    node, holds = part
    if node.op not in (Op.EQ, Op.NE, Op.IN) or bare(node.args[0]).op is not Op.NAME:
        return None
    fact = bare(node.args[0])
    if fact.type.sort is Sort.QUANTITY:
        return None
    if node.op is Op.IN and isinstance(node.value, tuple):
        return str(fact.value), [str(value) for value in node.value], holds
    right = bare(node.args[1])
    if right.op is not Op.CONSTANT:
        return None
    return str(fact.value), [str(right.value)], holds is not (node.op is Op.NE)
