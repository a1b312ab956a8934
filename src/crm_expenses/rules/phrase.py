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
from crm_expenses.rules.calls import CLOCK
from crm_expenses.rules.catalogue import Catalogue, RuleScope
from crm_expenses.rules.catalogue.make import MONTHS, OWN_CHOICES, WEEKDAYS
from crm_expenses.rules.comparewords import (
    beside,
    compare_words,
    compared_name,
    in_words,
    names_a_word,
)
from crm_expenses.rules.figurewords import clock_words, listing, quantity_words, words
from crm_expenses.rules.ifwords import fact_or, if_words, is_fact_or, plain_if
from crm_expenses.rules.parameter import Bands, Held, Parameter
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.shape import pieces_of
from crm_expenses.rules.sumwords import (
    absolute_words,
    extreme_words,
    is_between,
    multiply_words,
    negate_words,
    remainder_words,
    rounded_words,
    rounding_words,
    sum_words,
)
from crm_expenses.rules.tree import Node, Op, Sort, Type
from crm_expenses.rules.unfold import bare, flat, terms, unfolded

LONG_MIN: Final = 100
"""From so many signs on (half of it in Chinese) a condition of several parts is set as a list."""

SENTENCE_MAX: Final = 200
"""From so many signs on (half of it in Chinese) a sum or a choice is set as a list."""

PARTS_MIN: Final = 3
"""From so many parts on it is set as a list, however short."""

PAID: Final = "_paid"
"""Ends the name of what a traveller paid towards a meal."""

_COMPOSITE: Final = frozenset(
    {
        *(Op.ADD, Op.SUBTRACT, Op.MULTIPLY, Op.REMAINDER, Op.NEGATE, Op.IF, Op.ROUND, Op.DIVIDE),
        *(Op.LEAST, Op.GREATEST, Op.BAND, Op.ALONG),
    }
)
_LOOSE: Final = frozenset({Op.IF, Op.BAND, Op.ALONG, Op.ROUND, Op.DIVIDE})
"""What needs brackets beside anything else, for its words end in a list or a remark."""

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

    def __init__(self, policy: Policy, language: Language, of: RuleScope = RuleScope.LINE) -> None:
        self.policy = policy
        self.language: Language = language
        self.of = of
        self.claimed = False
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
        plain = plain_if(node)
        if plain is not node:
            return self.condition(plain, holds=holds)
        text = self.clause(node, holds=holds)
        if node.op is Op.IF and len(text) >= SENTENCE_MAX // (1 + self._side):
            return self._condition_list(node, holds=holds)
        if node.op not in (Op.AND, Op.OR):
            return Said(text)
        is_all = (node.op is Op.AND) is holds
        parts = told(flat(node, node.op), holds=holds, is_all=is_all)
        limit = LONG_MIN // (1 + self._side)
        if len(parts) < PARTS_MIN and len(text) < limit:
            return Said(text)
        items: list[Said] = []
        given = ""
        for part in parts:
            said = self.condition(part, holds=holds)
            inner, inner_holds = unfolded(part, holds=holds)
            if given and is_all and compared_name(inner) == given and not said.parts:
                behind = said.text.removeprefix(self.noun(given)).lstrip()
                both = [items.pop().text, behind]
                said = Said(self.listed(both, "prose.and"))
            given = _given_name(inner) if inner_holds else ""
            items.append(said)
        if len(items) == 1:
            return items[0]
        return Said(self.say("prose.all" if is_all else "prose.any"), tuple(items))

    def _condition_list(self, node: Node, *, holds: bool) -> Said:
        parts = []
        while node.op is Op.IF:
            test, then, other = node.args
            below = self._case_of(then, holds=holds)
            case = self.say("prose.case_holds", a=below.text, test=self.clause(test))
            parts.append(Said(case, below.parts))
            node = other
        below = self.condition(node, holds=holds)
        parts.append(Said(self.say("prose.otherwise_holds", a=below.text), below.parts))
        return Said(self.say("prose.cases_hold"), tuple(parts))

    def _case_of(self, node: Node, *, holds: bool) -> Said:
        said = self.condition(node, holds=holds)
        if said.parts or plain_if(node).op is not Op.IF:
            return said
        return Said(self.say("prose.brackets", a=said.text))

    def cases(self, node: Node) -> Said:
        """Give a value as a statement; a long one becomes a list of its cases or of its parts."""
        inner = bare(node)
        text = self.value(inner)
        has_cases = inner.op is Op.IF and bare(inner.args[2]).op is Op.IF
        if not has_cases and len(text) < SENTENCE_MAX // (1 + self._side):
            is_choice = inner.op is Op.IF and not is_fact_or(inner)
            return Said(self.say("prose.choice", a=text) if is_choice else text)
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
                return Said(rounding_words(self, inner, below.text), below.parts)
            case _:
                return Said(text)

    def _case_list(self, node: Node) -> Said:
        parts = []
        inner = node
        while inner.op is Op.IF:
            test, then, other = inner.args
            below = self.cases(then)
            if not below.parts:
                below = Said(self.single(then))
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
        if paid and not self.is_own(name):
            return self.say("prose.paid", meal=self.noun(meal))
        if name == "amount" and self.claimed:
            return self.say("prose.amount_claimed")
        code = f"noun.{name}"
        if code in table() and not self.is_own(name):
            of_period = f"period_noun.{name}"
            if self.of is RuleScope.PERIOD and of_period in table():
                return self.say(of_period)
            return self.say(code)
        return self.quoted(self.catalogue.names[name].meaning[self._side])

    def is_own(self, name: str) -> bool:
        """Say whether a name is the policy's own fact or window."""
        return name in self.policy.facts or name in self.policy.counters

    def verb_of(self, fact: Node) -> str:
        """Give what a fact that is there is: given by a claimant, or known."""
        name = str(fact.value)
        is_given = fact.op is not Op.NAME or self.catalogue.names[name].is_claimants
        return "given" if is_given else "known"

    def word(self, choice: str, value: str) -> str:
        """Give a word of a closed list as a reader knows it, as it stands in a cell."""
        if choice == "category":
            return self.policy.title_of(value)[self._side]
        for of, values in (("month", MONTHS), ("weekday", WEEKDAYS)):
            if choice == of:
                return self.say(f"list.{of}").split("|")[values.index(value)]
        called = self.policy.words.get((choice, value))
        if called is not None:
            return called[self._side]
        code = f"choice.{choice}.{value}"
        of_period = f"period_choice.{choice}.{value}"
        if self.of is RuleScope.PERIOD and of_period in table():
            code = of_period
        return self.say(code) if choice in OWN_CHOICES and code in table() else value

    def option(self, choice: str, value: str) -> str:
        """Give a word of a closed list inside a sentence: the policy's own in quotes."""
        text = self.word(choice, value)
        is_plain = choice in OWN_CHOICES or choice in ("category", "month", "weekday")
        return text if is_plain else self.quoted(text)

    def categories(self, codes: Sequence[str], joint: str = "prose.both") -> str:
        """Give categories by their titles, in the order of the policy."""
        known = [code for code in self.policy.categories if code in codes]
        return self.listed([self.option("category", code) for code in known], joint)

    def listed(self, parts: Sequence[str], joint: str) -> str:
        """Put parts into a list inside a sentence."""
        return listing(parts, joint, self.language)

    def sentences(self, said: Sequence[str]) -> str:
        """Put sentences behind each other; in Chinese without a space."""
        return ("" if self.language == "zh" else " ").join(said)

    def quantity(self, raw: int, kind: Type) -> str:
        """Give a raw quantity with its unit."""
        return quantity_words(raw, kind, self.language, currency=self.currency)

    def held(self, value: Held, kind: Type) -> str:
        """Give a value of a parameter."""
        if isinstance(value, int):
            return self.quantity(value, kind)
        return self.option(kind.choice, value)

    def title_of(self, parameter: Parameter) -> str:
        """Give what people call a parameter; where the policy has no word for it, its name."""
        if parameter.title is not None:
            return parameter.title[self._side]
        return parameter.name.replace("_", " ")

    def table_name(self, name: str) -> str:
        """Give the title of a parameter in quotes; of another name that of a component."""
        parameter = self.policy.parameters.get(name)
        return self.quoted(self.title_of(parameter)) if parameter else self.component_name(name)

    def component_name(self, name: str) -> str:
        """Give what people call a component, in quotes."""
        called = self.policy.components.get(name)
        return self.quoted(called[self._side] if called else name.replace("_", " "))

    def value_name(self, name: str) -> str:
        """Give what people call a named expression."""
        return self.quoted(self.policy.values[name].title[self._side])

    def within(self, node: Node) -> str:
        """Give a value as part of a larger one: in brackets where it has parts of its own."""
        text = self.value(node)
        inner = bare(node)
        has_parts = inner.op in _COMPOSITE or (inner.op is Op.LOOKUP and bool(inner.args))
        if is_between(inner) or is_fact_or(inner):
            return text
        return self.say("prose.brackets", a=text) if has_parts else text

    def single(self, node: Node) -> str:
        """Give a value beside a word of comparison: in brackets where its words run on."""
        inner = bare(node)
        is_floor = inner.op is Op.GREATEST and any(bare(a).op is Op.CONSTANT for a in inner.args)
        is_loose = inner.op in _LOOSE or is_floor
        return self.within(node) if is_loose else self.value(node)

    def beside(self, left: Node, right: Node) -> str:
        """Say what stands beside a value, in the form of that value."""
        return beside(self, left, right)


# Leaves


def _rescale(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    return SAID[bare(node).op](own, bare(node), holds)


def _constant(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001  as in the table
    kind = node.type
    match node.value:
        case bool() as truth:
            return own.say("prose.constant_yes" if truth is holds else "prose.constant_no")
        case int() as raw:
            return clock_words(raw) if node.mode == CLOCK else own.quantity(raw, kind)
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
    if not parameter.keys and node.type.sort is Sort.CHOICE:
        code = "prose.figure_dated" if len(parameter.values) > 1 else "prose.figure_named"
        return own.say(code, table=own.table_name(name))
    if not parameter.keys:
        return _figure(own, parameter)
    parts = [own.single(a) for a in node.args]
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
    for part in told(flat(node, node.op), holds=holds, is_all=is_and):
        inner, inner_holds = unfolded(part, holds=holds)
        text = own.clause(inner, holds=inner_holds)
        if given and is_and and compared_name(inner) == given:
            # the number of nights is given and is at least 2
            text = text.removeprefix(own.noun(given)).lstrip()
        else:
            given = _given_name(inner) if inner_holds else ""
        shown = plain_if(inner)
        is_other = (
            shown.op in (Op.AND, Op.OR) and ((shown.op is Op.AND) is inner_holds) is not is_and
        )
        if is_other or shown.op is Op.IF:
            text = own.say("prose.brackets", a=text)
        texts.append(text)
    return own.listed(texts, "prose.and" if is_and else "prose.or")


def told(parts: Sequence[Node], *, holds: bool, is_all: bool) -> list[Node]:
    """Leave out that a fact is given where another part says which word it is."""
    if not is_all:
        return list(parts)
    inside = [unfolded(part, holds=holds) for part in parts]
    named = {names_a_word(node, holds=said) for node, said in inside} - {""}
    return [
        part
        for part, (node, said) in zip(parts, inside, strict=True)
        if not (said and _given_name(node) in named)
    ]


def _given_name(node: Node) -> str:
    """Give the name of the fact that is said to be given; empty for anything else."""
    return str(node.args[0].value) if node.op is Op.PRESENT else ""


def _not(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    return own.clause(node.args[0], holds=not holds)


# Facts that may be missing


def _present(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    (fact,) = node.args
    verb = own.verb_of(fact)
    return own.say(f"prose.{verb}" if holds else f"prose.not_{verb}", a=own.noun(str(fact.value)))


def _default(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    fact, other = map(bare, node.args)
    if node.type.sort is not Sort.YES_NO:
        return fact_or(own, fact, other)
    said = own.clause(fact, holds=holds)
    if other.op is Op.CONSTANT:
        return own.say("prose.default_yes" if other.value else "prose.default_no", a=said)
    return own.say("prose.default_given", a=said, b=own.clause(other))


# Texts and dates


def _length(own: Phrases, node: Node, _holds: bool) -> str:  # noqa: FBT001
    return own.say("prose.length", a=own.single(node.args[0]))


def _of_date(own: Phrases, node: Node, _holds: bool) -> str:  # noqa: FBT001
    return own.say(f"prose.{node.op.value}", a=own.single(node.args[0]))


def _between(own: Phrases, node: Node, _holds: bool) -> str:  # noqa: FBT001
    a, b = map(own.single, node.args)
    return own.say(f"prose.{node.op.value}", a=a, b=b)


def _value(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    """Say a named expression by its name."""
    title = own.value_name(str(node.value))
    if node.type.sort is not Sort.YES_NO:
        return title
    return own.say("prose.holds" if holds else "prose.fails", a=title)


def _of_each(own: Phrases, node: Node, _holds: bool) -> str:  # noqa: FBT001
    name = str(node.value)
    of = own.policy.values[name].of
    return own.say(f"prose.{node.op.value}_{of}", a=own.value_name(name))


def _bare_number(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    return SAID[node.args[0].op](own, node.args[0], holds)


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
    for piece in pieces_of(pattern):
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
    **dict.fromkeys((Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE), compare_words),
    Op.IN: in_words,
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
    Op.VALUE: _value,
    Op.TOTAL_EACH: _of_each,
    Op.COUNT_EACH: _of_each,
    Op.NUMBER: _bare_number,
    Op.ADD_MONTHS: _between,
    Op.MONTHS_BETWEEN: _between,
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
