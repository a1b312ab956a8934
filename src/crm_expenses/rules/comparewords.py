"""Comparisons in words: amounts, lengths of time, dates, and words of a closed list."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import TYPE_CHECKING, Any, Final

from crm_expenses.messages import table
from crm_expenses.rules.bandwords import is_past_hour
from crm_expenses.rules.calls import CLOCK
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.catalogue.make import OWN_CHOICES
from crm_expenses.rules.datewords import within_words
from crm_expenses.rules.figurewords import clock_words, is_money, ordinal_words
from crm_expenses.rules.lookupwords import choice_words
from crm_expenses.rules.tree import Node, Op, Sort, Type, names_in, quantity
from crm_expenses.rules.unfold import bare, same

if TYPE_CHECKING:
    from crm_expenses.rules.phrase import Phrases

OPPOSITE: Final = {
    Op.EQ: Op.NE,
    Op.NE: Op.EQ,
    Op.LT: Op.GE,
    Op.GE: Op.LT,
    Op.GT: Op.LE,
    Op.LE: Op.GT,
}
TURNED: Final = {
    Op.EQ: Op.EQ,
    Op.NE: Op.NE,
    Op.LT: Op.GT,
    Op.GT: Op.LT,
    Op.LE: Op.GE,
    Op.GE: Op.LE,
}
_TRIED: Final[dict[Op, Callable[[Any, Any], bool]]] = {
    Op.EQ: eq,
    Op.NE: ne,
    Op.LT: lt,
    Op.LE: le,
    Op.GT: gt,
    Op.GE: ge,
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

_CLOCKS: Final = frozenset({"leaves_at", "returns_at"})
_LENGTHS: Final = frozenset({"minutes_away", "trip_minutes"})
_TIMES: Final = frozenset({"day", "minute", "month", "year"})
_COUNTED: Final = frozenset({"line", "person", "use", "trip"})
_SOME: Final = ((Op.GT, 0), (Op.NE, 0), (Op.GE, 1))
_NO: Final = ((Op.LE, 0), (Op.EQ, 0), (Op.LT, 1))


def compare_words(own: "Phrases", node: Node, holds: bool) -> str:  # noqa: FBT001
    """Say a comparison, or deny it."""
    op = node.op if holds else OPPOSITE[node.op]
    left, right = map(bare, node.args)
    if left.op is Op.CONSTANT and right.op is not Op.CONSTANT:
        left, right, op = right, left, TURNED[op]
    left = _without_default(op, left, right)
    if right.op is Op.CONSTANT and left.type.sort is Sort.CHOICE and op in (Op.EQ, Op.NE):
        return option_words(own, left, [str(right.value)], is_in=op is Op.EQ)
    return _special(own, op, left, right) or _general(own, op, left, right)


def in_words(own: "Phrases", node: Node, holds: bool) -> str:  # noqa: FBT001  as in the table
    """Say that a value is one of some, or none of them."""
    left = bare(node.args[0])
    values = node.value if isinstance(node.value, tuple) else ()
    inside = {str(value) for value in values}
    if left.op is Op.DEFAULT:
        other = bare(left.args[1])
        is_in = str(other.value) in inside
        if other.op is Op.CONSTANT and is_in is not holds:
            left = bare(left.args[0])
    if left.type.sort is Sort.CHOICE:
        given = [v for v in own.catalogue.choices[left.type.choice] if v in inside]
        return option_words(own, left, given, is_in=holds)
    shown = [own.quoted(value) for value in sorted(inside)]
    return _one_of(own, own.value(left), shown, is_in=holds)


def equal_words(own: "Phrases", parts: Sequence[Node], *, holds: bool) -> str:
    """Say that one number is any of several; empty for all else."""
    lefts, rights = [], []
    for part in parts:
        if part.op is not Op.EQ or bare(part.args[1]).op is not Op.CONSTANT:
            return ""
        left, right = map(bare, part.args)
        lefts.append(left)
        rights.append(right)
    if lefts[0].type.sort is not Sort.QUANTITY or not all(same(lefts[0], one) for one in lefts):
        return ""
    shown = [beside_words(own, lefts[0], right) for right in rights]
    return _one_of(own, own.value(lefts[0]), shown, is_in=holds)


def compared_name(node: Node) -> str:
    """Give the name that a comparison begins with; empty for anything else."""
    if node.op is not Op.IN and node.op not in OPPOSITE:
        return ""
    left = bare(node.args[0])
    return str(left.value) if left.op is Op.NAME else ""


def option_words(own: "Phrases", left: Node, given: Sequence[str], *, is_in: bool) -> str:
    """Say that a word of a closed list is one of some, or none of them."""
    if left.op is Op.LOOKUP:
        return choice_words(own, left, given, is_in=is_in)
    choice = left.type.choice
    if left.op in (Op.MONTH, Op.WEEKDAY):
        of_date = [own.option(choice, value) for value in given]
        code = f"prose.on_{choice}" if is_in else f"prose.not_on_{choice}"
        day = own.value(left.args[0])
        return own.say(code, a=day, options=own.listed(of_date, "prose.or"))
    own_list = choice if choice in OWN_CHOICES else ""
    if list(given) == ["none"] and f"none.{own_list}" in table():
        return own.say(f"none.{choice}" if is_in else f"some.{choice}", a=own.value(left))
    if own_list == "meal_by" and "none" not in given:
        by = [own.say(f"by.{value}") for value in given]
        code = "prose.provided" if is_in else "prose.not_provided"
        return own.say(code, a=own.value(left), options=own.listed(by, "prose.or"))
    shown = [own.option(choice, value) for value in given]
    if own_list == "night":
        where = own.listed(shown, "prose.or")
        code = "prose.night" if is_in else "prose.not_night"
        return own.say(code, a=own.value(left), options=where)
    return _one_of(own, own.value(left), shown, is_in=is_in)


def _one_of(own: "Phrases", noun: str, shown: Sequence[str], *, is_in: bool) -> str:
    if len(shown) == 1:
        return own.say("prose.eq" if is_in else "prose.ne", a=noun, b=shown[0])
    code = "prose.in" if is_in else "prose.not_in"
    return own.say(code, a=noun, options=own.listed(shown, "prose.or"))


def _without_default(op: Op, left: Node, right: Node) -> Node:
    """Leave out what counts where a fact is missing, if the comparison then fails anyway.

    That the nights are at least 2 says already that they are given.
    """
    if left.op is not Op.DEFAULT or right.op is not Op.CONSTANT:
        return left
    other = bare(left.args[1])
    if other.op is not Op.CONSTANT or _TRIED[op](_exact(other), _exact(right)):
        return left
    return bare(left.args[0])


def _exact(node: Node) -> object:
    if node.type.sort is Sort.QUANTITY:
        return Decimal(int(str(node.value))).scaleb(-node.type.scale)
    return node.value


def _special(own: "Phrases", op: Op, left: Node, right: Node) -> str:
    """Say what has words of its own: a multiple, lines of a claim, a deadline; else empty."""
    if left.op is Op.COUNT_OF and right.op is Op.NAME and right.value == "claim_lines":
        return _all_lines(own, op, left)
    within = within_words(own, op, left, right)
    if within:
        return within
    if right.op is not Op.CONSTANT or left.type.sort is not Sort.QUANTITY:
        return ""
    if _day_of_trip(left):
        number = int(str(right.value))
        nth = ordinal_words(number, own.language)
        if own.of is RuleScope.PERIOD:
            return own.say(f"period_number.{op.value}", n=nth)
        shown = nth if op in (Op.EQ, Op.NE) else str(number)
        return own.say(f"day_number.{op.value}", n=shown)
    pair = (op, right.value)
    if left.op is Op.REMAINDER and pair in ((Op.EQ, 0), (Op.NE, 0)):
        of, step = left.args
        code = "prose.multiple" if op is Op.EQ else "prose.not_multiple"
        return own.say(code, a=own.within(of), b=own.value(step))
    is_some = pair in _SOME
    if is_some or pair in _NO:
        if left.op is Op.COUNT_OF:
            codes = [str(code) for code in left.value] if isinstance(left.value, tuple) else []
            code = "prose.lines_some" if is_some else "prose.lines_no"
            return own.say(code, list=own.categories(codes, "prose.or"))
        if left.op is Op.COUNT_EACH:
            name = str(left.value)
            over = own.say(f"prose.each_{own.policy.values[name].of}")
            code = "prose.on_some" if is_some else "prose.on_none"
            return own.say(code, a=own.value_name(name), over=over)
        if left.op is Op.NAME and left.value == "voucher_uses_before":
            return own.say("prose.voucher_used" if is_some else "prose.voucher_new")
    if right.value == 0 and not _is_clock(left, right):
        return own.say(f"prose.{op.value}_zero", a=own.value(left))
    return ""


def _all_lines(own: "Phrases", op: Op, left: Node) -> str:
    """Say whether all lines of a claim are of some categories."""
    codes = [str(code) for code in left.value] if isinstance(left.value, tuple) else []
    code = {Op.LT: "more", Op.NE: "more", Op.EQ: "all", Op.GE: "all"}.get(op, "")
    return own.say(f"prose.lines_{code}", list=own.categories(codes, "prose.or")) if code else ""


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


def _day_of_trip(node: Node) -> bool:
    node = bare(node.args[0]) if node.op is Op.NUMBER else node
    return node.op is Op.NAME and node.value == "day_number"


def is_time_of_day(node: Node) -> bool:
    """Say whether a value is a time of day, and not a length of time."""
    node = bare(node)
    match node.op:
        case Op.NAME:
            return node.value in _CLOCKS
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


def _general(own: "Phrases", op: Op, left: Node, right: Node) -> str:
    op, right = _full_hours(op, right)
    amounts, lengths, other = _COMPARED[op]
    kind = left.type
    code = other
    if kind.sort is Sort.QUANTITY:
        is_length = any(name in _TIMES for name, _ in kind.dims) and not is_number(own, left)
        if own.language == "zh":
            is_length = not is_money(kind.dims, own.currency)
        code = lengths if is_length else amounts
        if op in (Op.EQ, Op.NE) and right.op is not Op.CONSTANT:
            code = "prose.same" if op is Op.EQ else "prose.unlike"
        elif _is_clock(left, right):
            code = f"prose.clock_{op.value}"
        elif not kind.dims and code != amounts:
            code = f"prose.number_{op.value}"
    return own.say(code, a=own.value(left), b=beside_words(own, left, right))


def beside_words(own: "Phrases", left: Node, right: Node) -> str:
    """Say the right side: a minute of the day as a clock shows it, a count without its unit."""
    if right.op is Op.CONSTANT and isinstance(right.value, int):
        if is_time_of_day(left):
            return clock_words(right.value)
        if is_number(own, left):
            return own.quantity(right.value, Type(Sort.QUANTITY, scale=right.type.scale))
    return own.value(right)


def is_number(own: "Phrases", node: Node) -> bool:
    """Say whether a noun says already what is counted: the number of nights is above 3."""
    if node.op is Op.NAME and own.is_own(str(node.value)):
        return len(node.type.dims) == 1 and node.type.dims[0][0] in _COUNTED
    return own.language == "en" and own.value(node).startswith("the number of ")
