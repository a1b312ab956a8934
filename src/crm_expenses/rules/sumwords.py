"""Sums, products, choices and roundings in words."""

from functools import reduce
from typing import TYPE_CHECKING, Final

from crm_expenses.rules.bandwords import walk_on
from crm_expenses.rules.comparewords import is_time_of_day
from crm_expenses.rules.figurewords import is_money
from crm_expenses.rules.tree import Node, Op, Sort, Type
from crm_expenses.rules.unfold import bare, flat

if TYPE_CHECKING:
    from crm_expenses.rules.phrase import Phrases


def sum_words(own: "Phrases", node: Node, _holds: bool) -> str:  # noqa: FBT001
    """Say a sum or a difference."""
    whole = whole_words(own, node)
    if whole:
        return whole
    first, second = map(bare, node.args)
    if node.op is Op.ADD and first.op is Op.NEGATE:
        first, second = second, bare(first.args[0])
    elif node.op is Op.ADD:
        return own.say("prose.add", a=_summand(own, first), b=_summand(own, second))
    behind = _summand(own, second) if second.op is Op.MULTIPLY else own.within(second)
    return own.say("prose.subtract", a=_summand(own, first), b=behind)


def whole_words(own: "Phrases", node: Node) -> str:
    """Say a difference that means one thing: what a trip adds on a scale; else empty."""
    if node.op is not Op.SUBTRACT:
        return ""
    first, second = map(bare, node.args)
    return walk_on(own, first, second)


def _summand(own: "Phrases", node: Node) -> str:
    is_plain = node.op in (Op.ADD, Op.SUBTRACT) or is_plain_product(node)
    return own.value(node) if is_plain else own.within(node)


def is_plain_product(node: Node) -> bool:
    """Say whether a product can stand beside other signs: none of it is looked up by keys."""
    parts = flat(node, Op.MULTIPLY) if node.op is Op.MULTIPLY else []
    return bool(parts) and not any(_is_table(part) or _is_share(part) for part in parts)


def _is_table(node: Node) -> bool:
    return node.op is Op.LOOKUP and bool(node.args)


def _is_share(node: Node) -> bool:
    """Say whether a number stands in the text that is between nothing and one."""
    return _is_number(node) and 0 < int(str(node.value)) < 10**node.type.scale


def guarded(node: Node) -> tuple[Node, bool, Node] | None:
    """Give the condition of a term that is nothing unless it holds (or fails), and the term."""
    inner = bare(node)
    if inner.op is not Op.IF:
        return None
    test, then, other = inner.args
    if is_nothing(other):
        return test, True, then
    return (test, False, other) if is_nothing(then) else None


def is_nothing(node: Node) -> bool:
    """Say whether a value is always zero."""
    inner = bare(node)
    return inner.op is Op.CONSTANT and inner.type.sort is Sort.QUANTITY and inner.value == 0


def multiply_words(own: "Phrases", node: Node, _holds: bool) -> str:  # noqa: FBT001
    """Say a product; a share below one as a percentage, what is looked up by keys last."""
    parts = sorted(flat(node, Op.MULTIPLY), key=_is_table)
    shares = [part for part in parts if _is_share(part) or _is_share_figure(own, part)]
    if shares:
        parts.remove(shares[0])
        of = own.within(parts[0])
        if len(parts) > 1:
            of = own.say("prose.brackets", a=_product(own, parts))
        return own.say("prose.share", share=_per_cent(own, shares[0]), a=of)
    return _product(own, parts)


def _product(own: "Phrases", parts: list[Node]) -> str:
    *before, last = parts
    texts = [own.within(part) for part in before]
    texts.append(own.value(last) if _is_table(last) else own.within(last))
    return reduce(lambda a, b: own.say("prose.multiply", a=a, b=b), texts)


def _is_share_figure(own: "Phrases", node: Node) -> bool:
    """Say whether a figure of the policy has always been one number between nothing and one."""
    if node.op is not Op.LOOKUP or node.args or node.type.dims:
        return False
    parameter = own.policy.parameters[str(node.value)]
    low, high = parameter.bounds()
    return len(parameter.values) == 1 and 0 < low <= high < 10**parameter.type.scale


def _per_cent(own: "Phrases", node: Node) -> str:
    raw, scale = int(str(node.value)) if node.op is Op.CONSTANT else 0, node.type.scale
    if node.op is Op.LOOKUP:
        parameter = own.policy.parameters[str(node.value)]
        raw, scale = parameter.bounds()[0], parameter.type.scale
    return own.quantity(raw * 100, Type(Sort.QUANTITY, scale=scale))


def remainder_words(own: "Phrases", node: Node, _holds: bool) -> str:  # noqa: FBT001
    """Say a remainder."""
    a, b = node.args
    return own.say("prose.remainder", a=own.within(a), b=own.value(b))


def negate_words(own: "Phrases", node: Node, _holds: bool) -> str:  # noqa: FBT001
    """Say a value with the other sign."""
    return own.say("prose.negate", a=own.within(node.args[0]))


def rounded_words(own: "Phrases", node: Node, _holds: bool) -> str:  # noqa: FBT001
    """Say a rounded value or quotient."""
    if node.op is Op.ROUND:
        return rounding_words(own, node, own.value(node.args[0]))
    first, second = map(bare, node.args)
    spans = _spans(own, node, first, second)
    if spans:
        return spans
    a = own.value(first) if is_plain_product(first) else own.within(first)
    return rounding_words(own, node, own.say("prose.divide", a=a, b=own.within(second)))


def rounding_words(own: "Phrases", node: Node, text: str) -> str:
    """Say how a value is rounded; of what is never below zero, up and down are plain words."""
    step = step_words(own, node)
    is_plain = all(bare(arg).low >= 0 for arg in node.args)
    mode = _PLAIN.get(node.mode, node.mode) if is_plain else node.mode
    is_thing = len(node.type.dims) == 1 and not is_money(node.type.dims, own.currency)
    if mode == "ceiling" and is_thing and step.startswith("1 "):
        return own.say("round.started", a=text, unit=step.removeprefix("1 "))
    return own.say(f"round.{mode}", a=text, step=step)


_PLAIN: Final = {"up": "ceiling", "down": "floor"}


def _spans(own: "Phrases", node: Node, a: Node, b: Node) -> str:
    """Say how often a length goes into another, each started one counted, or full ones only."""
    is_whole = not node.type.dims and node.value == 10**node.type.scale
    kind = _WHOLE.get(node.mode, "")
    if b.op is not Op.CONSTANT or a.type.dims != b.type.dims or not is_whole or not kind:
        return ""
    if a.low < 0:
        return ""
    plain = own.quantity(int(str(b.value)), b.type)
    if is_time_of_day(a):
        return own.say(f"spans.clock_{kind}", a=own.within(a), b=plain)
    if plain.startswith("1 "):
        unit = own.quantity(2 * int(str(b.value)), b.type).removeprefix("2 ")
        return own.say(f"spans.one_{kind}", a=own.within(a), unit=unit)
    return own.say(f"spans.{kind}", a=own.within(a), b=plain)


_WHOLE: Final = {"up": "started", "ceiling": "started", "down": "full", "floor": "full"}


def step_words(own: "Phrases", node: Node) -> str:
    """Say what a rounding rounds to."""
    step, kind = int(str(node.value)), node.type
    if not kind.dims and step == 10**kind.scale:
        return own.say("prose.whole")
    return own.quantity(step, kind)


def extreme_words(own: "Phrases", node: Node, _holds: bool) -> str:  # noqa: FBT001
    """Say the least or the greatest; what is kept between constants as such."""
    parts = flat(node, node.op)
    bound, of = bounded(node)
    if bound is not None:
        inner, more = bounded(of)
        if inner is not None and is_between(node):
            ends = (bound, inner) if node.op is Op.GREATEST else (inner, bound)
            low, high = map(own.value, ends)
            return own.say("prose.between", a=own.within(more), low=low, high=high)
        if node.op is Op.GREATEST:
            a = own.within(of) if of.op in (Op.ADD, Op.SUBTRACT) else own.value(of)
            return own.say("prose.floor", a=a, b=own.value(bound))
    two, many = ("prose.least", "prose.least_of")
    if node.op is Op.GREATEST:
        two, many = ("prose.greatest", "prose.greatest_of")
    code = two if len(parts) == 2 else many
    return own.say(code, list=own.listed([own.within(part) for part in parts], "prose.both"))


def bounded(node: Node) -> tuple[Node | None, Node]:
    """Give the single figure that bounds a value, and the value; None where there is none."""
    if node.op in (Op.LEAST, Op.GREATEST) and len(node.args) == 2:
        first, second = map(bare, node.args)
        for bound, of in ((first, second), (second, first)):
            if _is_figure(bound) and not _is_figure(of):
                return bound, of
    return None, node


def _is_figure(node: Node) -> bool:
    return node.op is Op.CONSTANT or (node.op is Op.LOOKUP and not node.args)


def is_between(node: Node) -> bool:
    """Say whether a value is kept between two figures."""
    bound, of = bounded(node)
    return bound is not None and of.op is not node.op and bounded(of)[0] is not None


def absolute_words(own: "Phrases", node: Node, _holds: bool) -> str:  # noqa: FBT001
    """Say a value without its sign."""
    return own.say("prose.absolute", a=own.within(node.args[0]))


def if_words(own: "Phrases", node: Node, holds: bool) -> str:  # noqa: FBT001
    """Say a choice by a condition."""
    test, then, other = node.args
    said = own.clause(test)
    if node.type.sort is Sort.YES_NO:
        a, b = own.clause(then, holds=holds), own.clause(other, holds=holds)
        return own.say("prose.if_holds", a=a, test=said, b=b)
    a, b = branch_words(own, then, other)
    return a if a == b else own.say("prose.if", a=a, test=said, b=b)


def branch_words(own: "Phrases", then: Node, other: Node) -> tuple[str, str]:
    """Say the two values of a choice: both as shares where one of them is a share."""
    texts = own.value(then), own.within(other)
    if not any(text.endswith("%") for text in texts):
        return texts
    one, two = (
        f"{_per_cent(own, node)}%" if _is_number(node) else text
        for node, text in zip(map(bare, (then, other)), texts, strict=True)
    )
    return one, two


def _is_number(node: Node) -> bool:
    """Say whether a number without a unit stands in the text."""
    return node.op is Op.CONSTANT and node.type.sort is Sort.QUANTITY and not node.type.dims
