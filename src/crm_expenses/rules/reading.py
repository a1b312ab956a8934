"""What a policy can read of a person's words: whether they are there, their length, their form.

A decision is made, and its facts are digested and kept, on no more than that. So the words can be
erased, and the decision is derived again from what is kept, to the byte. A plug-in is foreign code
that may read anything: with one, words stay as they are.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.words import PRESENT, WORDS, StandIn, stand_in, with_words, words_of
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.shape import Shape, pieces_of
from crm_expenses.rules.tree import Node, Op, names_in, walk

Read = Callable[[str], str]


def reading_of(policy: Policy) -> Callable[[Facts], Facts]:
    """Give the function that leaves of facts what a policy can read of them.

    It changes no decision, and done twice it gives what it gave before.
    """
    if policy.plug_ins:
        return _whole
    trees = _trees(policy)
    reads = {name: read for name in WORDS[ExpenseLine] if (read := _read(name, trees)) is not None}

    def read_by(facts: Facts) -> Facts:
        claim = with_words(facts.claim, {})
        lines = tuple(_line(line, reads) for line in facts.lines)
        return replace(facts, claim=claim, lines=lines)  # type: ignore[arg-type]

    return read_by


def stand_ins_for(policies: Iterable[Policy]) -> StandIn:
    """Give what takes the place of erased words: all that one of these policies can read of them.

    A claim that is decided anew is then decided as before.
    """
    trees = [tree for policy in policies for tree in _trees(policy)]
    reads = {name: _read(name, trees) for name in WORDS[ExpenseLine]}

    def put(name: str, said: str) -> str:
        read = reads.get(name)
        return read(said) if read is not None else PRESENT

    return put


def _whole(facts: Facts) -> Facts:
    return facts


def _line(line: ExpenseLine, reads: Mapping[str, Read]) -> ExpenseLine:
    said = words_of(line)
    if not said:
        return line
    left = {name: reads[name](words) for name, words in said.items() if name in reads}
    made = with_words(line, left)
    return made if isinstance(made, ExpenseLine) else line


def _trees(policy: Policy) -> tuple[Node, ...]:
    """Give every expression of a policy."""
    found = [tree for rule in policy.rules for tree in rule.expressions]
    found += [
        one
        for counter in policy.counters.values()
        for one in (counter.when, counter.adds)
        if one is not None
    ]
    found += [value.node for value in policy.values.values()]
    return (*found, *policy.asked.values())


def _read(name: str, trees: Iterable[Node]) -> Read | None:
    """Give what a policy reads of the words of a name; None where it reads nothing.

    A reason that stands on a line resolves a finding, whatever the expressions read.
    """
    nodes = [node for tree in trees for node in walk(tree)]
    patterns = [str(n.value) for n in nodes if n.op is Op.SHAPE and name in names_in(n)]
    if patterns:
        return _shaped(patterns)
    times = sum(node.op is Op.NAME and node.value == name for node in nodes)
    asked = sum(node.op is Op.PRESENT and name in names_in(node) for node in nodes)
    if times > asked:
        return lambda said: PRESENT * len(said)
    return (lambda _: PRESENT) if times or name == "justification" else None


def _shaped(patterns: Iterable[str]) -> Read:
    """Give a stand-in that fits the patterns that the words fit, and no other.

    A character that a pattern names stays where the words fit one; elsewhere it goes, too.
    """
    shapes = [Shape(pattern) for pattern in patterns]
    named = {piece.sign for p in patterns for piece in pieces_of(p) if not piece.is_class}

    def read(said: str) -> str:
        bare = stand_in(said, kept="")
        fits = [shape.fits(said) for shape in shapes]
        return bare if fits == [shape.fits(bare) for shape in shapes] else stand_in(said, named)

    return read
