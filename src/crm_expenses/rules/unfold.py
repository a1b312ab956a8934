"""Trees as a reader sees them: without changes of scale, chains of one operation in one row."""

from crm_expenses.rules.tree import Node, Op


def bare(node: Node) -> Node:
    """Give the node below a change of scale, which no reader sees."""
    while node.op is Op.RESCALE:
        node = node.args[0]
    return node


def unfolded(node: Node, *, holds: bool) -> tuple[Node, bool]:
    """Give what stands below negations, and whether it is to be said or denied."""
    while node.op is Op.NOT:
        node, holds = node.args[0], not holds
    return node, holds


def flat(node: Node, op: Op) -> list[Node]:
    """Give the operands of a chain of one operation."""
    found: list[Node] = []
    for arg in map(bare, node.args):
        found += flat(arg, op) if arg.op is op else [arg]
    return found


def same(one: Node, other: Node) -> bool:
    """Say whether two nodes read the same, wherever they stand."""
    one, other = bare(one), bare(other)
    alike = (one.op, one.value, one.mode) == (other.op, other.value, other.mode)
    return alike and len(one.args) == len(other.args) and all(map(same, one.args, other.args))


def terms(node: Node, *, is_added: bool = True) -> list[tuple[bool, Node]]:
    """Give the terms of a sum, each with whether it is added or taken away."""
    node = bare(node)
    match node.op:
        case Op.ADD | Op.SUBTRACT:
            first, second = node.args
            sign = is_added if node.op is Op.ADD else not is_added
            return [*terms(first, is_added=is_added), *terms(second, is_added=sign)]
        case Op.NEGATE:
            return terms(node.args[0], is_added=not is_added)
        case _:
            return [(is_added, node)]
