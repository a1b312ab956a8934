"""Choices by a condition in words, and conditions that are written as choices."""

from typing import TYPE_CHECKING

from crm_expenses.rules.tree import Node, Op, Sort
from crm_expenses.rules.unfold import bare

if TYPE_CHECKING:
    from crm_expenses.rules.phrase import Phrases


def plain_if(node: Node) -> Node:
    """Give `A if B else False` as `B and A`, and so on; anything else as it is.

    >>> from crm_expenses.rules.tree import YES_NO
    >>> a, b = (Node(Op.NAME, YES_NO, 0, value=name) for name in "ab")
    >>> never = Node(Op.CONSTANT, YES_NO, 0, value=False)
    >>> plain_if(Node(Op.IF, YES_NO, 0, (a, b, never))).op.value
    'and'
    """
    if node.op is not Op.IF or node.type.sort is not Sort.YES_NO:
        return node
    test, then, other = node.args
    denied = Node(Op.NOT, node.type, test.at, (test,))
    match (_truth(then), _truth(other)):
        case (None, False):
            return Node(Op.AND, node.type, node.at, (test, then))
        case (None, True):
            return Node(Op.OR, node.type, node.at, (denied, then))
        case (True, None):
            return Node(Op.OR, node.type, node.at, (test, other))
        case (False, None):
            return Node(Op.AND, node.type, node.at, (denied, other))
        case (True, False):
            return test
        case (False, True):
            return denied
        case _:
            return node


def _truth(node: Node) -> bool | None:
    return node.value if node.op is Op.CONSTANT and isinstance(node.value, bool) else None


def if_words(own: "Phrases", node: Node, holds: bool) -> str:  # noqa: FBT001  as in the table
    """Say a choice by a condition; what is chosen stands in brackets where it has parts."""
    plain = plain_if(node)
    if plain is not node:
        return own.clause(plain, holds=holds)
    test, then, other = node.args
    if is_fact_or(node):
        return fact_or(own, bare(then), bare(other))
    said = own.clause(test)
    if own.value(then) == own.value(other):
        return own.clause(then, holds=holds)
    if node.type.sort is Sort.YES_NO:
        a, b = _part(own, then, holds=holds), _part(own, other, holds=holds)
        return own.say("prose.if_holds", a=a, test=said, b=b)
    return own.say("prose.if", a=own.within(then), test=said, b=own.within(other))


def is_fact_or(node: Node) -> bool:
    """Say whether a value is `x if present(x) else ...`."""
    if node.op is not Op.IF:
        return False
    test, then = node.args[0], bare(node.args[1])
    is_given = test.op is Op.PRESENT and then.op is Op.NAME
    return is_given and test.args[0].value == then.value and then.type.sort is not Sort.YES_NO


def fact_or(own: "Phrases", fact: Node, other: Node) -> str:
    """Say a fact, and what stands in for one that is missing; nothing for a missing text."""
    verb = own.verb_of(fact)
    if other.op is Op.CONSTANT and other.value == "":
        return own.say(f"prose.if_{verb}", a=own.value(fact))
    return own.say(f"prose.default_{verb}", a=own.value(fact), b=own.beside(fact, other))


def _part(own: "Phrases", node: Node, *, holds: bool) -> str:
    text = own.clause(node, holds=holds)
    has_parts = plain_if(node).op in (Op.IF, Op.AND, Op.OR)
    return own.say("prose.brackets", a=text) if has_parts else text
