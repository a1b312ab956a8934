"""Sums, products and roundings in words."""

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
    first, second = map(bare, node.args)
    if node.op is Op.ADD and first.op is Op.NEGATE:
        first, second = second, bare(first.args[0])
    elif node.op is Op.ADD:
        return own.say("prose.add", a=_summand(own, first), b=_summand(own, second))
    walked = walk_on(own, first, second)
    if walked:
        return walked
    behind = _summand(own, second) if second.op is Op.MULTIPLY else own.within(second)
    return own.say("prose.subtract", a=_summand(own, first), b=behind)


def _summand(own: "Phrases", node: Node) -> str:
    is_plain = node.op in (Op.MULTIPLY, Op.ADD, Op.SUBTRACT)
    return own.value(node) if is_plain else own.within(node)


def multiply_words(own: "Phrases", node: Node, _holds: bool) -> str:  # noqa: FBT001
    """Say a product; a share below one as a percentage."""
    share = _share_of(node)
    if share is not None:
        part, of = share
        percent = Type(Sort.QUANTITY, scale=part.type.scale)
        shown = own.quantity(int(str(part.value)) * 100, percent)
        return own.say("prose.share", share=shown, a=own.within(of))
    texts = [own.within(part) for part in flat(node, Op.MULTIPLY)]
    product = texts[0]
    for text in texts[1:]:
        product = own.say("prose.multiply", a=product, b=text)
    return product


def _share_of(node: Node) -> tuple[Node, Node] | None:
    """Give a share below one and what it is a share of; None for any other product."""
    left, right = map(bare, node.args)
    for part, of in ((left, right), (right, left)):
        is_number = part.op is Op.CONSTANT and not part.type.dims
        if is_number and 0 < int(str(part.value)) < 10**part.type.scale:
            return part, of
    return None


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
        return rounding_words(own, node, own.single(node.args[0]))
    a, b = map(bare, node.args)
    if b.op is Op.CONSTANT and a.type.dims == b.type.dims and _is_one(node):
        spans = _spans(own, node, a, b)
        if spans:
            return spans
    shown = own.say("prose.divide", a=own.within(a), b=own.within(b))
    return rounding_words(own, node, shown)


def rounding_words(own: "Phrases", node: Node, text: str) -> str:
    """Say how a value is rounded; of what is never below zero, up and down are plain words."""
    step = own.quantity(int(str(node.value)), node.type)
    is_plain = all(bare(arg).low >= 0 for arg in node.args)
    mode = _PLAIN.get(node.mode, node.mode) if is_plain else node.mode
    if mode == "ceiling" and step.startswith("1 ") and _is_thing(own, node):
        return own.say("round.started", a=text, unit=step.removeprefix("1 "))
    code = "round.half_up_plain" if is_plain and mode == "half_up" else f"round.{mode}"
    return own.say(code, a=text, step=step)


_PLAIN: Final = {"up": "ceiling", "down": "floor"}


def _is_thing(own: "Phrases", node: Node) -> bool:
    """Say whether a quantity is counted in whole things: hours, days, people; not in money."""
    return len(node.type.dims) == 1 and not is_money(node.type.dims, own.currency)


def _is_one(node: Node) -> bool:
    return not node.type.dims and node.value == 10**node.type.scale


def _spans(own: "Phrases", node: Node, a: Node, b: Node) -> str:
    """Say how often a length goes into another, each started one counted, or full ones only."""
    started = {"up": "started", "ceiling": "started", "down": "full", "floor": "full"}
    kind = started.get(node.mode, "")
    if not kind or a.low < 0:
        return ""
    plain = own.quantity(int(str(b.value)), b.type)
    if is_time_of_day(a):
        return own.say(f"spans.clock_{kind}", a=own.within(a), b=plain)
    if plain.startswith("1 "):
        unit = own.quantity(2 * int(str(b.value)), b.type).removeprefix("2 ")
        return own.say(f"spans.one_{kind}", a=own.within(a), unit=unit)
    return own.say(f"spans.{kind}", a=own.within(a), b=plain)


def extreme_words(own: "Phrases", node: Node, _holds: bool) -> str:  # noqa: FBT001
    """Say the least or the greatest; what is kept between constants as such."""
    parts = flat(node, node.op)
    bound, of = _bounded(node)
    if bound is not None:
        inner, more = _bounded(of)
        if inner is not None and is_between(node):
            ends = (bound, inner) if node.op is Op.GREATEST else (inner, bound)
            low, high = map(own.value, ends)
            return own.say("prose.between", a=own.within(more), low=low, high=high)
        if node.op is Op.GREATEST:
            return own.say("prose.floor", a=own.single(of), b=own.value(bound))
    two, many = ("prose.least", "prose.least_of")
    if node.op is Op.GREATEST:
        two, many = ("prose.greatest", "prose.greatest_of")
    code = two if len(parts) == 2 else many
    return own.say(code, list=own.listed([own.within(part) for part in parts], "prose.both"))


def _bounded(node: Node) -> tuple[Node | None, Node]:
    """Give the constant that bounds a value, and the value; None where it is no such thing."""
    if node.op in (Op.LEAST, Op.GREATEST) and len(node.args) == 2:
        first, second = map(bare, node.args)
        for bound, of in ((first, second), (second, first)):
            if bound.op is Op.CONSTANT and of.op is not Op.CONSTANT:
                return bound, of
    return None, node


def is_between(node: Node) -> bool:
    """Say whether a value is kept between two constants."""
    bound, of = _bounded(node)
    return bound is not None and of.op is not node.op and _bounded(of)[0] is not None


def absolute_words(own: "Phrases", node: Node, _holds: bool) -> str:  # noqa: FBT001
    """Say a value without its sign."""
    return own.say("prose.absolute", a=own.within(node.args[0]))
