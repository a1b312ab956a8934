"""Named expressions in words: which a rule reads, what each means, and all that is read below."""

from collections.abc import Iterable, Iterator
from typing import Final

from crm_expenses.rules.phrase import Phrases, Said
from crm_expenses.rules.plainwords import plain
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.sumwords import branch_words
from crm_expenses.rules.tree import Node, Op, Sort, walk
from crm_expenses.rules.unfold import bare

NAMED_OPS: Final = frozenset({Op.VALUE, Op.TOTAL_EACH, Op.COUNT_EACH})
"""The operations that read an expression by its name."""

_EACH: Final = NAMED_OPS - {Op.VALUE}


def terms_words(own: Phrases, trees: Iterable[Node]) -> Said | None:
    """Say what the named expressions stand for that trees read, and those that these read."""
    names = terms_of(own.policy, trees)
    if not names:
        return None
    return Said(own.say("prose.terms"), tuple(term_words(own, name) for name in names))


def terms_of(policy: Policy, trees: Iterable[Node]) -> list[str]:
    """Give the named expressions that trees read, each before those that it reads itself."""
    return list(dict.fromkeys(name for tree in trees for name in _named(policy, tree)))


def _named(policy: Policy, tree: Node) -> Iterator[str]:
    for node in walk(tree):
        if node.op in NAMED_OPS:
            yield str(node.value)
        if node.op in _EACH:
            yield from _named(policy, policy.values[str(node.value)].node)


def term_words(own: Phrases, name: str) -> Said:
    """Say what a named expression stands for."""
    value = own.policy.values[name]
    node, title = plain(value.node), own.value_name(name)
    own = own.looking_at(value.of)
    if node.type.sort is Sort.YES_NO:
        said = own.condition(node)
        return Said(own.say("prose.term_holds", title=title, a=said.text), said.parts)
    if node.op is Op.IF and bare(node.args[2]).op is Op.CONSTANT:
        test, then, other = node.args
        a, b = branch_words(own, then, other)
        if a != b and not own.cases(then).parts:
            values = {"test": own.clause(test), "a": a, "b": b}
            return Said(own.say("prose.term_if", title=title, **values))
    said = own.cases(node)
    return Said(own.say("prose.term", title=title, a=said.text), said.parts)


def reached(policy: Policy, nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Give all nodes that expressions read: through named values and through named windows."""
    found: list[Node] = []
    seen: set[str] = set()
    waiting = list(nodes)
    while waiting:
        inside = walk(waiting.pop(0))
        found += inside
        for node in inside:
            name = str(node.value)
            if node.op in _EACH and f"value {name}" not in seen:
                seen.add(f"value {name}")
                waiting.append(policy.values[name].node)
            if node.op is Op.NAME and name in policy.counters and f"window {name}" not in seen:
                seen.add(f"window {name}")
                counter = policy.counters[name]
                waiting += [tree for tree in (counter.adds, counter.when) if tree is not None]
    return tuple(found)


def names_reached(policy: Policy, rule: Rule) -> frozenset[str]:
    """Give the names of facts that a rule reads, however far away."""
    nodes = reached(policy, rule.expressions)
    names = {str(node.value) for node in nodes if node.op is Op.NAME}
    for name in names & policy.counters.keys():
        names |= policy.counters[name].reads
    return frozenset(names | rule.reads)
