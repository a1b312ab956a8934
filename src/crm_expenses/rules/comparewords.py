"""Comparisons in words: of amounts, lengths of time, times of day, days of a trip, listed words."""

from typing import TYPE_CHECKING, Final

from crm_expenses.messages import table
from crm_expenses.rules.bandwords import is_past_hour
from crm_expenses.rules.calls import CLOCK
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.catalogue.make import OWN_CHOICES
from crm_expenses.rules.figurewords import clock_words, is_money, ordinal_words
from crm_expenses.rules.tree import Node, Op, Sort, Type, names_in, quantity
from crm_expenses.rules.unfold import bare

if TYPE_CHECKING:
    from crm_expenses.rules.phrase import Phrases

CLOCKS: Final = frozenset({"leaves_at", "returns_at"})
"""Facts that are a time of day."""

_LENGTHS: Final = frozenset({"minutes_away", "trip_minutes"})
_TIMES: Final = frozenset({"day", "minute", "month", "year"})
_WAYS: Final = frozenset({"meal_by", "night"})
"""Lists whose words say how something was, and need no verb in Chinese."""

_COUNTED: Final = frozenset({"line", "person", "use", "trip"})
_COUNTS: Final = ("the number of ", "the day's number ")

OPPOSITE: Final = {
    Op.EQ: Op.NE,
    Op.NE: Op.EQ,
    Op.LT: Op.GE,
    Op.GE: Op.LT,
    Op.GT: Op.LE,
    Op.LE: Op.GT,
}
_TURNED: Final = {
    Op.EQ: Op.EQ,
    Op.NE: Op.NE,
    Op.LT: Op.GT,
    Op.GT: Op.LT,
    Op.LE: Op.GE,
    Op.GE: Op.LE,
}
_COMPARED: Final[dict[Op, tuple[str, str, str]]] = {
    Op.EQ: ("prose.equals", "prose.equals", "prose.eq"),
    Op.NE: ("prose.differs", "prose.differs", "prose.ne"),
    Op.GT: ("prose.gt", "prose.longer", "prose.after"),
    Op.GE: ("prose.ge", "prose.as_long", "prose.from"),
    Op.LT: ("prose.lt", "prose.shorter", "prose.before"),
    Op.LE: ("prose.le", "prose.no_longer", "prose.until"),
}
"""The words that compare amounts and numbers, lengths of time and counts, and dates."""


def compare_words(own: "Phrases", node: Node, holds: bool) -> str:  # noqa: FBT001  as in the table
    """Say or deny a comparison."""
    op = node.op if holds else OPPOSITE[node.op]
    left, right = map(bare, node.args)
    if left.op is Op.CONSTANT and right.op is not Op.CONSTANT:
        left, right, op = right, left, _TURNED[op]
    special = _special(own, op, left, right)
    if special:
        return special
    amounts, lengths, other = _COMPARED[op]
    kind = left.type
    code = other
    if kind.sort is Sort.QUANTITY:
        is_length = any(name in _TIMES for name, _ in kind.dims) and not _is_number(own, left)
        if own.language == "zh":
            is_length = bool(kind.dims) and not is_money(kind.dims, own.currency)
        op, right = _full_hours(op, right)
        amounts, lengths, _ = _COMPARED[op]
        code = lengths if is_length else amounts
    if kind.choice in _WAYS:
        code = f"prose.{op.value}_way"
    if op in (Op.EQ, Op.NE) and right.op is not Op.CONSTANT and kind.sort is Sort.QUANTITY:
        code = "prose.same" if op is Op.EQ else "prose.unlike"
    return own.say(code, a=own.single(left), b=beside(own, left, right))


def _full_hours(op: Op, right: Node) -> tuple[Op, Node]:
    """Give `>= 721 minutes` as `> 720`, and `< 721` as `<= 720`: over 12 hours, not over 12.

    >>> from crm_expenses.rules.tree import quantity
    >>> op, node = _full_hours(Op.GE, Node(Op.CONSTANT, quantity("minute"), 0, value=721))
    >>> op.value, node.value
    ('gt', 720)
    """
    beyond = {Op.GE: Op.GT, Op.LT: Op.LE}
    if op in beyond and right.op is Op.CONSTANT and right.type.dims == quantity("minute").dims:
        raw, one = int(str(right.value)), 10**right.type.scale
        if is_past_hour(right.type, raw):
            return beyond[op], Node(Op.CONSTANT, right.type, right.at, value=raw - one)
    return op, right


def _special(own: "Phrases", op: Op, left: Node, right: Node) -> str:
    """Say what has words of its own; empty where there are none."""
    if _is_clock(left, right):
        return own.say(f"clock.{op.value}", a=own.single(left), b=_clock_side(own, right))
    if right.op is not Op.CONSTANT:
        return ""
    if _day_of_trip(left):
        number = int(str(right.value))
        if own.of is RuleScope.PERIOD:
            nth = ordinal_words(number, own.language)
            return own.say(f"period_number.{op.value}", n=nth)
        is_nth = op in (Op.EQ, Op.NE)
        shown = ordinal_words(number, own.language) if is_nth else str(number)
        return own.say(f"day_number.{op.value}", n=shown)
    if op not in (Op.EQ, Op.NE):
        return ""
    if left.op is Op.REMAINDER and right.value == 0:
        of, step = left.args
        code = "prose.multiple" if op is Op.EQ else "prose.not_multiple"
        return own.say(code, a=own.within(of), b=own.value(step))
    if right.value == "none" and right.type.sort is Sort.CHOICE:
        choice = right.type.choice
        code = f"none.{choice}" if op is Op.EQ else f"some.{choice}"
        if code in table() and choice in OWN_CHOICES:
            return own.say(code, a=own.value(left))
    return ""


def _day_of_trip(node: Node) -> bool:
    node = bare(node.args[0]) if node.op is Op.NUMBER else node
    return node.op is Op.NAME and node.value == "day_number"


def is_time_of_day(node: Node) -> bool:
    """Say whether a value is a time of day, and not a length of time."""
    node = bare(node)
    match node.op:
        case Op.NAME:
            return node.value in CLOCKS
        case Op.CONSTANT:
            return node.mode == CLOCK
        case Op.DEFAULT | Op.VALUE:
            return is_time_of_day(node.args[0])
        case Op.LEAST | Op.GREATEST:
            return any(map(is_time_of_day, node.args))
        case Op.IF:
            return any(map(is_time_of_day, node.args[1:]))
        case _:
            return False


def _is_clock(left: Node, right: Node) -> bool:
    if left.type.sort is not Sort.QUANTITY or names_in(left, right) & _LENGTHS:
        return False
    return is_time_of_day(left) or is_time_of_day(right)


def _clock_side(own: "Phrases", node: Node) -> str:
    if node.op is Op.CONSTANT and isinstance(node.value, int):
        return clock_words(node.value)
    return own.single(node)


def beside(own: "Phrases", left: Node, right: Node) -> str:
    """Say the right side: a minute of the day as a clock shows it, a count without its unit."""
    if right.op is Op.CONSTANT and isinstance(right.value, int):
        if is_time_of_day(left):
            return clock_words(right.value)
        if _is_number(own, left):
            return own.quantity(right.value, Type(Sort.QUANTITY, scale=right.type.scale))
    return own.single(right)


def _is_number(own: "Phrases", node: Node) -> bool:
    """Say whether a noun says already what is counted: the number of nights is above 3."""
    if node.op is Op.NAME and own.is_own(str(node.value)):
        return len(node.type.dims) == 1 and node.type.dims[0][0] in _COUNTED
    return own.language == "en" and own.value(node).startswith(_COUNTS)


def in_words(own: "Phrases", node: Node, holds: bool) -> str:  # noqa: FBT001  as in the table
    """Say or deny that a value is one of a few."""
    (left,) = node.args
    values = node.value if isinstance(node.value, tuple) else ()
    kind = left.type
    ordered = own.catalogue.choices.get(kind.choice) if kind.sort is Sort.CHOICE else None
    inside = {str(value) for value in values}
    given = [v for v in ordered if v in inside] if ordered else sorted(inside)
    shown = [own.option(kind.choice, v) if ordered else own.quoted(v) for v in given]
    if len(given) == 1:
        one = Node(Op.CONSTANT, kind, node.at, value=given[0])
        return compare_words(own, Node(Op.EQ, node.type, node.at, (left, one)), holds)
    code = "prose.in" if holds else "prose.not_in"
    if kind.choice in _WAYS:
        code = "prose.eq_way" if holds else "prose.ne_way"
        return own.say(code, a=own.single(left), b=own.listed(shown, "prose.or"))
    return own.say(code, a=own.single(left), options=own.listed(shown, "prose.or"))


def compared_name(node: Node) -> str:
    """Give the name that a comparison begins with; empty for anything else."""
    if node.op is not Op.IN and node.op not in OPPOSITE:
        return ""
    left = bare(node.args[0])
    return str(left.value) if left.op is Op.NAME else ""


def names_a_word(node: Node, *, holds: bool) -> str:
    """Give the name of a fact that is said to be certain words, and so is given anyway."""
    is_said = node.op is Op.IN or node.op is Op.EQ if holds else node.op is Op.NE
    if not is_said or bare(node.args[0]).type.sort is Sort.QUANTITY:
        return ""
    return compared_name(node)
