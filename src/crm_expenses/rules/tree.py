"""The typed tree of an expression: what every reading of a policy reads.

A quantity (money, number, count) is a whole number of units of 10^-scale, with its dimensions: an
amount is `CNY`, a nightly rate `CNY/night`, a count of nights `night`. So arithmetic is exact and
an amount is never compared with a count. The operations are a closed list; a reading that lacks one
of them fails when it is written, not when a policy meets it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

QUANTITY_MAX: Final = 10**18
"""Bound of every raw value: what each engine's 64-bit integer holds, with room."""

MONEY_MAX: Final = 10**15
"""Bound of every amount, in minor units (the policy language states it)."""

EACH_MAX: Final = 10**15
"""Bound of a sum over days or lines; beyond it the rule fails."""


class Sort(StrEnum):
    """The sorts of value that an expression can have."""

    QUANTITY = "quantity"
    DATE = "date"
    CHOICE = "choice"
    TEXT = "text"
    FREE_TEXT = "free_text"
    YES_NO = "yes_no"


Dims = tuple[tuple[str, int], ...]
"""Dimensions with their powers, sorted by name: `(("CNY", 1), ("night", -1))`."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type: its sort; for a quantity the dimensions and scale; for a choice the list's name."""

    sort: Sort
    dims: Dims = ()
    scale: int = 0
    choice: str = ""

    def __str__(self) -> str:
        if self.sort is Sort.QUANTITY:
            return unit_text(self.dims)
        return self.choice or self.sort.value


YES_NO: Final = Type(Sort.YES_NO)
DATE: Final = Type(Sort.DATE)
TEXT: Final = Type(Sort.TEXT)
FREE_TEXT: Final = Type(Sort.FREE_TEXT)


def quantity(unit: str = "", scale: int = 0) -> Type:
    """Make the type of a quantity from a unit like `CNY/night`.

    >>> quantity("CNY/night", 2).dims
    (('CNY', 1), ('night', -1))
    >>> quantity("GBP/mile/person").dims
    (('GBP', 1), ('mile', -1), ('person', -1))
    """
    above, *below = unit.split("/")
    powers: dict[str, int] = {above: 1} if above else {}
    for name in below:
        powers[name] = powers.get(name, 0) - 1
    dims = ((name, power) for name, power in sorted(powers.items()) if power)
    return Type(Sort.QUANTITY, tuple(dims), scale)


def unit_text(dims: Dims) -> str:
    """Write dimensions as a unit that a person reads.

    >>> unit_text((("CNY", 1), ("night", -1))), unit_text(())
    ('CNY/night', 'number')
    """
    above = "·".join(name for name, power in dims for _ in range(power))
    below = "·".join(name for name, power in dims for _ in range(-power))
    if not above and not below:
        return "number"
    return f"{above or '1'}/{below}" if below else above


def combine_dims(one: Dims, other: Dims, sign: int) -> Dims:
    """Give the dimensions of a product (sign 1) or quotient (sign -1).

    >>> combine_dims((("CNY", 1), ("night", -1)), (("night", 1),), 1)
    (('CNY', 1),)
    """
    powers = dict(one)
    for name, power in other:
        powers[name] = powers.get(name, 0) + sign * power
    return tuple(sorted((name, power) for name, power in powers.items() if power))


class Op(StrEnum):
    """The closed list of what a node of the tree can be."""

    CONSTANT = "constant"
    NAME = "name"
    LOOKUP = "lookup"
    AND = "and"
    OR = "or"
    NOT = "not"
    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    IN = "in"
    ADD = "add"
    SUBTRACT = "subtract"
    MULTIPLY = "multiply"
    REMAINDER = "remainder"
    NEGATE = "negate"
    RESCALE = "rescale"
    ROUND = "round"
    DIVIDE = "divide"
    LEAST = "least"
    GREATEST = "greatest"
    ABSOLUTE = "absolute"
    IF = "if"
    PRESENT = "present"
    DEFAULT = "default"
    LENGTH = "length"
    DAYS_BETWEEN = "days_between"
    IS_WEEKEND = "is_weekend"
    IS_WORKING_DAY = "is_working_day"
    WORKING_DAYS = "working_days"
    ADD_DAYS = "add_days"
    YEAR = "year"
    MONTH = "month"
    WEEKDAY = "weekday"
    DAY_OF_MONTH = "day_of_month"
    SHAPE = "shape"
    BAND = "band"
    ALONG = "along"
    TOTAL_OF = "total_of"
    COUNT_OF = "count_of"
    VALUE = "value"
    TOTAL_EACH = "total_each"
    COUNT_EACH = "count_each"
    NUMBER = "number"
    ADD_MONTHS = "add_months"
    MONTHS_BETWEEN = "months_between"


Value = int | str | bool | tuple[str, ...] | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One node: its operation, arguments, own value and type, and where it stands in the text.

    `value` is the constant (a date by ISO 8601), the name that is read, the parameter that is
    looked up, the options of IN, or the step of a rounding. A VALUE has the tree that its name
    stands for below it; a TOTAL_EACH and a COUNT_EACH only name theirs, which looks at something
    else. `low` and `high` bound a quantity's raw value.
    """

    op: Op
    type: Type
    at: int
    args: tuple["Node", ...] = ()
    value: Value = 0
    mode: str = ""
    low: int = 0
    high: int = 0


def walk(node: Node) -> tuple[Node, ...]:
    """Give the node and all below it, parents first.

    >>> [n.op.value for n in walk(Node(Op.NOT, YES_NO, 0, (Node(Op.NAME, YES_NO, 4),)))]
    ['not', 'name']
    """
    found = [node]
    for arg in node.args:
        found.extend(walk(arg))
    return tuple(found)


def names_in(*nodes: Node | None) -> frozenset[str]:
    """Give the names of facts that expressions read."""
    return frozenset(
        str(inner.value)
        for node in nodes
        if node is not None
        for inner in walk(node)
        if inner.op is Op.NAME
    )
