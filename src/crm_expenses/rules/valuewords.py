"""Named expressions in words: which a rule reads, what each means, and all that is read below."""

from collections.abc import Iterable, Iterator
from typing import Final

from crm_expenses.messages import Language
from crm_expenses.rules.phrase import Phrases, Said
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.tree import Node, Op, Sort, walk

_NAMES_A_VALUE: Final = frozenset({Op.VALUE, Op.TOTAL_EACH, Op.COUNT_EACH})


def values_read(nodes: Iterable[Node]) -> tuple[str, ...]:
    """Give the named expressions that stand in expressions themselves, in their order."""
    return tuple(dict.fromkeys(name for node in nodes for name in _values(node)))


def _values(node: Node) -> Iterator[str]:
    if node.op in _NAMES_A_VALUE:
        yield str(node.value)
        return
    for arg in node.args:
        yield from _values(arg)


def values_below(policy: Policy, names: Iterable[str]) -> tuple[str, ...]:
    """Give the named expressions that others read, at any depth, without themselves."""
    given = tuple(names)
    found: dict[str, None] = {}
    waiting = list(given)
    while waiting:
        below = values_read(_below(policy, waiting.pop(0)))
        waiting += [name for name in below if name not in found]
        found.update(dict.fromkeys(below))
    return tuple(name for name in found if name not in given)


def _below(policy: Policy, name: str) -> tuple[Node, ...]:
    return (policy.values[name].node,)


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
            if node.op in (Op.TOTAL_EACH, Op.COUNT_EACH) and f"value {name}" not in seen:
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


def value_prose(policy: Policy, name: str, language: Language) -> Said:
    """Say what a named expression means, in a sentence of its own."""
    value = policy.values[name]
    own = Phrases(policy, language, value.of)
    is_condition = value.node.type.sort is Sort.YES_NO
    said = own.condition(value.node) if is_condition else own.cases(value.node)
    code = "value.means" if is_condition else "value.is"
    text = own.say(code, title=own.value_name(name), a=said.text).replace("：：", "：")
    return Said(text if said.parts else text + own.say("prose.stop"), said.parts)
