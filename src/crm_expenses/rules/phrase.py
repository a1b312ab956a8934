"""The typed tree of an expression in words, in English or Chinese.

Values become nouns, conditions become clauses that say or deny.
`SAID` has one entry for each operation of the closed list, and the module does not load when one is
missing: a new operation is given its words before any policy can use it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crm_expenses.messages import LANGUAGES, Language, table
from crm_expenses.rules.bandwords import along_words, band_words
from crm_expenses.rules.catalogue import Catalogue
from crm_expenses.rules.catalogue.make import MONTHS, OWN_CHOICES, WEEKDAYS
from crm_expenses.rules.figurewords import (
    clock_words,
    is_money,
    listing,
    quantity_words,
    words,
)
from crm_expenses.rules.parameter import Bands, Held, Parameter
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.shape import _pieces
from crm_expenses.rules.sumwords import (
    absolute_words,
    extreme_words,
    if_words,
    is_between,
    multiply_words,
    negate_words,
    remainder_words,
    rounded_words,
    sum_words,
)
from crm_expenses.rules.tree import Node, Op, Sort, Type, names_in
from crm_expenses.rules.unfold import bare, flat, terms, unfolded

LONG_MIN: Final = 100
"""From so many signs on (half of it in Chinese) a condition of several parts is set as a list."""

SENTENCE_MAX: Final = 200
"""From so many signs on (half of it in Chinese) a sum or a choice is set as a list."""

PARTS_MIN: Final = 3
"""From so many parts on it is set as a list, however short."""

PAID: Final = "_paid"
"""Ends the name of what a traveller paid towards a meal."""

_CLOCKS: Final = frozenset({"leaves_at", "returns_at"})
_TIMES: Final = frozenset({"day", "minute", "month", "year"})
_COMPOSITE: Final = frozenset(
    {
        *(Op.ADD, Op.SUBTRACT, Op.MULTIPLY, Op.REMAINDER, Op.NEGATE, Op.IF, Op.ROUND, Op.DIVIDE),
        *(Op.LEAST, Op.GREATEST, Op.BAND, Op.ALONG),
    }
)
_OPPOSITE: Final = {
    Op.EQ: Op.NE,
    Op.NE: Op.EQ,
    Op.LT: Op.GE,
    Op.GE: Op.LT,
    Op.GT: Op.LE,
    Op.LE: Op.GT,
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


_ENDS_HAN: Final = re.compile(r"[\u3000-\u9fff\uff00-\uffef]$")


@dataclass(frozen=True, slots=True)
class Said:
    """A statement: its words and, below it, the parts that it is made of."""

    text: str
    parts: tuple["Said", ...] = ()

    def lines(self, depth: int = 0) -> list[str]:
        """Give the statement as lines of text, the parts led by a dash.

        >>> Said("all of these hold", (Said("a"), Said("b"))).lines()
        ['all of these hold:', '- a', '- b']
        """
        lead = "  " * (depth - 1) + "- " if depth else ""
        colon = "：" if _ENDS_HAN.search(self.text) else ":"
        text = self.text + (colon if self.parts and not self.text.endswith("：") else "")
        found = [lead + text]
        for part in self.parts:
            found += part.lines(depth + 1)
        return found


class Phrases:
    """Says the nodes of one policy in one language."""

    def __init__(self, policy: Policy, language: Language) -> None:
        self.policy = policy
        self.language: Language = language
        self._side = LANGUAGES.index(language)

    @property
    def catalogue(self) -> Catalogue:
        """The names of the policy."""
        return self.policy.catalogue

    @property
    def currency(self) -> str:
        """The policy's currency."""
        return self.policy.currency

    # Statements

    def value(self, node: Node) -> str:
        """Give a value as a noun."""
        return SAID[node.op](self, node, True)

    def clause(self, node: Node, *, holds: bool = True) -> str:
        """Give a condition as a clause that says it or, where `holds` is false, denies it."""
        return SAID[node.op](self, node, holds)

    def condition(self, node: Node, *, holds: bool = True) -> Said:
        """Give a condition as a statement; one that is long or has many parts becomes a list."""
        node, holds = unfolded(node, holds=holds)
        text = self.clause(node, holds=holds)
        if node.op is Op.IF and len(text) >= SENTENCE_MAX // (1 + self._side):
            return self._condition_list(node, holds=holds)
        if node.op not in (Op.AND, Op.OR):
            return Said(text)
        parts = flat(node, node.op)
        limit = LONG_MIN // (1 + self._side)
        if len(parts) < PARTS_MIN and len(text) < limit:
            return Said(text)
        is_all = (node.op is Op.AND) is holds
        head = self.say("prose.all" if is_all else "prose.any")
        return Said(head, tuple(self.condition(part, holds=holds) for part in parts))

    def _condition_list(self, node: Node, *, holds: bool) -> Said:
        parts = []
        while node.op is Op.IF:
            test, then, other = node.args
            below = self.condition(then, holds=holds)
            case = self.say("prose.case_holds", a=below.text, test=self.clause(test))
            parts.append(Said(case, below.parts))
            node = other
        below = self.condition(node, holds=holds)
        parts.append(Said(self.say("prose.otherwise_holds", a=below.text), below.parts))
        return Said(self.say("prose.cases_hold"), tuple(parts))

    def cases(self, node: Node) -> Said:
        """Give a value as a statement; a long one becomes a list of its cases or of its parts."""
        inner = bare(node)
        text = self.value(inner)
        has_cases = inner.op is Op.IF and bare(inner.args[2]).op is Op.IF
        if not has_cases and len(text) < SENTENCE_MAX // (1 + self._side):
            return Said(text)
        match inner.op:
            case Op.IF:
                return self._case_list(inner)
            case Op.ADD | Op.SUBTRACT:
                return self._sum_list(inner)
            case Op.LEAST | Op.GREATEST:
                code = "prose.lowest_of" if inner.op is Op.LEAST else "prose.highest_of"
                parts = tuple(self.cases(part) for part in flat(inner, inner.op))
                return Said(self.say(code), parts)
            case Op.ROUND:
                below = self.cases(inner.args[0])
                step = self.quantity(int(str(inner.value)), inner.type)
                mode = self.say(f"mode.{inner.mode}")
                said = self.say("prose.round", a=below.text, step=step, mode=mode)
                return Said(said, below.parts)
            case _:
                return Said(text)

    def _case_list(self, node: Node) -> Said:
        parts = []
        inner = node
        while inner.op is Op.IF:
            test, then, other = inner.args
            below = self.cases(then)
            case = self.say("prose.case", a=below.text, test=self.clause(test))
            parts.append(Said(case, below.parts))
            inner = bare(other)
        below = self.cases(inner)
        parts.append(Said(self.say("prose.otherwise", a=below.text), below.parts))
        return Said(self.say("prose.cases"), tuple(parts))

    def _sum_list(self, node: Node) -> Said:
        parts = []
        for is_added, term in terms(node):
            below = self.cases(term)
            code = "prose.plus" if is_added else "prose.less"
            parts.append(Said(self.say(code, a=below.text), below.parts))
        return Said(self.say("prose.sum_of"), tuple(parts))

    # Words

    def say(self, code: str, /, **values: str) -> str:
        """Give a text in the language, its fields filled in."""
        return words(code, self.language, **values)

    def quoted(self, text: str) -> str:
        """Set a name apart from the sentence around it."""
        return self.say("prose.quoted", a=text)

    def noun(self, name: str) -> str:
        """Give the noun of a fact: ours, or the policy's own name for it, in quotes."""
        meal, paid = name.removesuffix(PAID), name.endswith(PAID)
        if paid and not self._is_own(name):
            return self.say("prose.paid", meal=self.noun(meal))
        code = f"noun.{name}"
        if code in table() and not self._is_own(name):
            return self.say(code)
        return self.quoted(self.catalogue.names[name].meaning[self._side])

    def _is_own(self, name: str) -> bool:
        return name in self.policy.facts or name in self.policy.counters

    def option(self, choice: str, value: str) -> str:
        """Give a word of a closed list as a reader knows it."""
        if choice == "category":
            return self.policy.title_of(value)[self._side]
        for of, values in (("month", MONTHS), ("weekday", WEEKDAYS)):
            if choice == of:
                return self.say(f"list.{of}").split("|")[values.index(value)]
        code = f"choice.{choice}.{value}"
        if choice in OWN_CHOICES and code in table():
            return self.say(code)
        return value if choice in OWN_CHOICES else self.quoted(value)

    def categories(self, codes: Sequence[str], joint: str = "prose.both") -> str:
        """Give categories by their titles, in the order of the policy."""
        known = [code for code in self.policy.categories if code in codes]
        return self.listed([self.option("category", code) for code in known], joint)

    def listed(self, parts: Sequence[str], joint: str) -> str:
        """Put parts into a list inside a sentence."""
        return listing(parts, joint, self.language)

    def quantity(self, raw: int, kind: Type) -> str:
        """Give a raw quantity with its unit."""
        return quantity_words(raw, kind, self.language, currency=self.currency)

    def held(self, value: Held, kind: Type) -> str:
        """Give a value of a parameter."""
        if isinstance(value, int):
            return self.quantity(value, kind)
        return self.option(kind.choice, value)

    def table_name(self, name: str) -> str:
        """Give a parameter's name as words: the language has no title for it."""
        return self.quoted(name.replace("_", " "))

    def within(self, node: Node) -> str:
        """Give a value as part of a larger one: in brackets where it has parts of its own."""
        text = self.value(node)
        inner = bare(node)
        has_parts = inner.op in _COMPOSITE or (inner.op is Op.LOOKUP and bool(inner.args))
        if is_between(inner):
            return text
        return self.say("prose.brackets", a=text) if has_parts else text


# Leaves


def _rescale(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    return SAID[bare(node).op](own, bare(node), holds)


def _constant(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001  as in the table
    kind = node.type
    match node.value:
        case bool() as truth:
            return own.say("prose.constant_yes" if truth is holds else "prose.constant_no")
        case int() as raw:
            return own.quantity(raw, kind)
        case text:
            if kind.sort is Sort.CHOICE:
                return own.option(kind.choice, str(text))
            if not text:
                return own.say("prose.empty")
            return own.quoted(str(text))


def _name(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    name = str(node.value)
    if node.type.sort is not Sort.YES_NO:
        return own.noun(name)
    code = f"holds.{name}" if holds else f"fails.{name}"
    if code in table():
        return own.say(code)
    return own.say("holds.own" if holds else "fails.own", a=own.noun(name))


def _lookup(own: Phrases, node: Node, _holds: bool) -> str:  # noqa: FBT001
    name = str(node.value)
    parameter = own.policy.parameters[name]
    if not parameter.keys:
        return _figure(own, parameter)
    parts = [own.within(a) if bare(a).op is Op.IF else own.value(a) for a in node.args]
    keys = own.listed(parts, "prose.both")
    code = "prose.lookup" if node.type.sort is Sort.QUANTITY else "prose.lookup_one"
    return own.say(code, keys=keys, table=own.table_name(name))


def _figure(own: Phrases, parameter: Parameter) -> str:
    """Give the one value of a parameter: the newest, and since when where there was another."""
    *earlier, last = parameter.values
    shown = own.held(_plain(last.table[()]), parameter.type)
    if not earlier:
        return shown
    day = last.start.isoformat()
    if len(earlier) == 1:
        before = own.held(_plain(earlier[0].table[()]), parameter.type)
        return own.say("prose.lookup_changed", a=shown, day=day, b=before)
    return own.say("prose.lookup_dated", a=shown, day=day, table=own.table_name(parameter.name))


def _plain(value: Held | Bands) -> Held:
    """Give a value of a table without bands, which holds no other."""
    return value if not isinstance(value, Bands) else value.values[0]


# Logic


def _logic(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    """Say `and` and `or`; what is denied turns one into the other."""
    is_and = (node.op is Op.AND) is holds
    texts: list[str] = []
    given = ""
    for part in flat(node, node.op):
        inner, inner_holds = unfolded(part, holds=holds)
        text = own.clause(inner, holds=inner_holds)
        if given and is_and and _compared_name(inner) == given:
            # the number of nights is given and is at least 2
            text = text.removeprefix(own.noun(given)).lstrip()
        elif inner.op is Op.PRESENT and inner_holds:
            given = str(inner.args[0].value)
        else:
            given = ""
        if inner.op in (Op.AND, Op.OR) and ((inner.op is Op.AND) is inner_holds) is not is_and:
            text = own.say("prose.brackets", a=text)
        texts.append(text)
    return own.listed(texts, "prose.and" if is_and else "prose.or")


def _compared_name(node: Node) -> str:
    """Give the name that a comparison begins with; empty for anything else."""
    if node.op is not Op.IN and node.op not in _OPPOSITE:
        return ""
    left = bare(node.args[0])
    return str(left.value) if left.op is Op.NAME else ""


def _not(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    return own.clause(node.args[0], holds=not holds)


def _compare(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    op = node.op if holds else _OPPOSITE[node.op]
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
        code = lengths if is_length else amounts
    return own.say(code, a=own.value(left), b=_beside(own, left, right))


_TURNED: Final = {
    Op.EQ: Op.EQ,
    Op.NE: Op.NE,
    Op.LT: Op.GT,
    Op.GT: Op.LT,
    Op.LE: Op.GE,
    Op.GE: Op.LE,
}


def _special(own: Phrases, op: Op, left: Node, right: Node) -> str:
    """Say what has words of its own: a multiple, nothing of a list; empty where there are none."""
    if op not in (Op.EQ, Op.NE) or right.op is not Op.CONSTANT:
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


def _beside(own: Phrases, left: Node, right: Node) -> str:
    """Say the right side: a minute of the day as a clock shows it, a count without its unit."""
    if right.op is Op.CONSTANT and isinstance(right.value, int):
        if names_in(left) & _CLOCKS:
            return clock_words(right.value)
        if _is_number(own, left):
            return own.quantity(right.value, Type(Sort.QUANTITY, scale=right.type.scale))
    return own.value(right)


def _is_number(own: Phrases, node: Node) -> bool:
    """Say whether a noun says already what is counted: the number of nights is above 3."""
    return own.language == "en" and own.value(node).startswith("the number of ")


def _in(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    (left,) = node.args
    values = node.value if isinstance(node.value, tuple) else ()
    kind = left.type
    ordered = own.catalogue.choices.get(kind.choice) if kind.sort is Sort.CHOICE else None
    inside = {str(value) for value in values}
    given = [v for v in ordered if v in inside] if ordered else sorted(inside)
    shown = [own.option(kind.choice, v) if ordered else own.quoted(v) for v in given]
    if len(given) == 1:
        one = Node(Op.CONSTANT, kind, node.at, value=given[0])
        return _compare(own, Node(Op.EQ, node.type, node.at, (left, one)), holds)
    code = "prose.in" if holds else "prose.not_in"
    return own.say(code, a=own.value(left), options=own.listed(shown, "prose.or"))


# Facts that may be missing


def _present(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    name = str(node.args[0].value)
    verb = "given" if own.catalogue.names[name].is_claimants else "known"
    return own.say(f"prose.{verb}" if holds else f"prose.not_{verb}", a=own.noun(name))


def _default(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    fact, other = map(bare, node.args)
    if node.type.sort is not Sort.YES_NO:
        return own.say("prose.default", a=own.value(fact), b=_beside(own, fact, other))
    said = own.clause(fact, holds=holds)
    if other.op is Op.CONSTANT:
        return own.say("prose.default_yes" if other.value else "prose.default_no", a=said)
    return own.say("prose.default", a=said, b=own.clause(other))


# Texts and dates


def _length(own: Phrases, node: Node, _holds: bool) -> str:  # noqa: FBT001
    return own.say("prose.length", a=own.value(node.args[0]))


def _of_date(own: Phrases, node: Node, _holds: bool) -> str:  # noqa: FBT001
    return own.say(f"prose.{node.op.value}", a=own.value(node.args[0]))


def _between(own: Phrases, node: Node, _holds: bool) -> str:  # noqa: FBT001
    a, b = map(own.value, node.args)
    return own.say(f"prose.{node.op.value}", a=a, b=b)


def _is_day(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    verb = "weekend" if node.op is Op.IS_WEEKEND else "working_day"
    return own.say(f"prose.{verb}" if holds else f"prose.not_{verb}", a=own.value(node.args[0]))


def _shape(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    form = own.listed(shape_parts(own, str(node.value)), "prose.shape_then")
    code = "prose.shape" if holds else "prose.not_shape"
    return own.say(code, a=own.value(node.args[0]), form=form)


_SIGNS: Final = {
    "9": "prose.shape_digit",
    "A": "prose.shape_capital",
    "a": "prose.shape_small",
    "*": "prose.shape_any",
}


def shape_parts(own: Phrases, pattern: str) -> list[str]:
    """Give the parts of a text's form: so many digits, a sign that stands for itself."""
    found: list[str] = []
    literal = ""
    for piece in _pieces(pattern):
        if not piece.is_class:
            literal += piece.sign * piece.most
            continue
        if literal:
            found.append(own.quoted(literal))
            literal = ""
        times = str(piece.most)
        if piece.least != piece.most:
            times = own.say("prose.shape_times", a=str(piece.least), b=str(piece.most))
        forms = own.say(_SIGNS[piece.sign], times=times).split("|")
        found.append(forms[0] if piece.least == piece.most == 1 else forms[-1])
    return [*found, own.quoted(literal)] if literal else found


# Sums over a claim


def _of_lines(own: Phrases, node: Node, _holds: bool) -> str:  # noqa: FBT001
    codes = [str(code) for code in node.value] if isinstance(node.value, tuple) else []
    return own.say(f"prose.{node.op.value}", list=own.categories(codes))


Say = Callable[[Phrases, Node, bool], str]

SAID: Final[Mapping[Op, Say]] = {
    Op.CONSTANT: _constant,
    Op.NAME: _name,
    Op.LOOKUP: _lookup,
    Op.AND: _logic,
    Op.OR: _logic,
    Op.NOT: _not,
    **dict.fromkeys((Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE), _compare),
    Op.IN: _in,
    Op.ADD: sum_words,
    Op.SUBTRACT: sum_words,
    Op.MULTIPLY: multiply_words,
    Op.REMAINDER: remainder_words,
    Op.NEGATE: negate_words,
    Op.RESCALE: _rescale,
    Op.ROUND: rounded_words,
    Op.DIVIDE: rounded_words,
    Op.LEAST: extreme_words,
    Op.GREATEST: extreme_words,
    Op.ABSOLUTE: absolute_words,
    Op.IF: if_words,
    Op.PRESENT: _present,
    Op.DEFAULT: _default,
    Op.LENGTH: _length,
    Op.DAYS_BETWEEN: _between,
    Op.IS_WEEKEND: _is_day,
    Op.IS_WORKING_DAY: _is_day,
    Op.WORKING_DAYS: _between,
    Op.ADD_DAYS: _between,
    Op.YEAR: _of_date,
    Op.MONTH: _of_date,
    Op.WEEKDAY: _of_date,
    Op.DAY_OF_MONTH: _of_date,
    Op.SHAPE: _shape,
    Op.BAND: band_words,
    Op.ALONG: along_words,
    Op.TOTAL_OF: _of_lines,
    Op.COUNT_OF: _of_lines,
}
"""What says each operation; the last argument is false where a condition is to be denied."""


def wordless(said: Mapping[Op, Say]) -> list[str]:
    """Give the operations that have no words.

    >>> wordless(SAID)
    []
    """
    return sorted(op.value for op in Op if op not in said)


if wordless(SAID):
    raise AssertionError(f"operations without words: {wordless(SAID)}")
