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
    beside_words,
    compare_words,
    compared_name,
    equal_words,
    in_words,
)
from crm_expenses.rules.figurewords import clock_words, listing, quantity_words, words
from crm_expenses.rules.lookupwords import lookup_words
from crm_expenses.rules.parameter import Held, Parameter
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.shape import pieces_of
from crm_expenses.rules.sumwords import (
    absolute_words,
    bounded,
    extreme_words,
    guarded,
    if_words,
    is_between,
    multiply_words,
    negate_words,
    remainder_words,
    rounded_words,
    rounding_words,
    sum_words,
    whole_words,
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
    """Says the nodes of one policy in one language.

    `of` is what the expressions look at. With `tables`, a table is called by its number; without,
    by the name that the policy gives it. While `claimed` is true, the amount is what was claimed.
    """

    def __init__(
        self,
        policy: Policy,
        language: Language,
        of: RuleScope = RuleScope.LINE,
        tables: Mapping[str, int] | None = None,
    ) -> None:
        self.policy = policy
        self.language: Language = language
        self.of = of
        self.claimed = False
        self._side = LANGUAGES.index(language)
        self._tables = tables or {}

    def looking_at(self, of: RuleScope) -> "Phrases":
        """Give what says expressions that look at something else, with the same tables."""
        return Phrases(self.policy, self.language, of, self._tables)

    @property
    def side(self) -> int:
        """Which text of a pair is in the language."""
        return self._side

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
        if node.op is Op.OR and equal_words(self, flat(node, Op.OR), holds=holds):
            return Said(text)
        limit = LONG_MIN // (1 + self._side)
        if node.op is Op.IF and (len(text) >= limit or any(a.op is Op.IF for a in node.args)):
            return self._condition_list(node, holds=holds)
        if node.op not in (Op.AND, Op.OR):
            return Said(text)
        parts = flat(node, node.op)
        if node.op is Op.AND and holds:
            parts = _merged(parts)
        if len(parts) == 1 or (len(parts) < PARTS_MIN and len(text) < limit):
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
        most = LONG_MIN if inner.op is Op.IF else SENTENCE_MAX
        if inner.op is Op.IF and self.language == "zh":
            most = 0  # a choice cannot stand behind "is" in Chinese
        if not has_cases and len(text) < most // (1 + self._side):
            return Said(text)
        match inner.op:
            case Op.IF:
                return self._case_list(inner)
            case Op.ADD | Op.SUBTRACT if not whole_words(self, inner):
                return self._sum_list(inner)
            case Op.LEAST | Op.GREATEST:
                return self._extreme_list(inner)
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
            case = self.say("prose.case", a=below.text, test=self.clause(test))
            parts.append(Said(case, below.parts))
            inner = bare(other)
        below = self.cases(inner)
        parts.append(Said(self.say("prose.otherwise", a=below.text), below.parts))
        return Said(self.say("prose.cases"), tuple(parts))

    def _sum_list(self, node: Node) -> Said:
        parts = []
        for is_added, term in terms(node):
            sign = "plus" if is_added else "less"
            found = guarded(term)
            if found is None:
                below = self.cases(term)
                said = self.say(f"prose.{sign}", a=below.text)
            else:
                test, holds, inner = found
                below = self.cases(inner)
                clause = self.clause(test, holds=holds)
                said = self.say(f"prose.{sign}_where", a=below.text, test=clause)
            parts.append(Said(said, below.parts))
        return Said(self.say("prose.sum_of"), tuple(parts))

    def _extreme_list(self, node: Node) -> Said:
        bound, of = bounded(node)
        if bound is not None:
            below = self.cases(of)
            code = "prose.ceiling" if node.op is Op.LEAST else "prose.floor"
            return Said(self.say(code, a=below.text, b=self.value(bound)), below.parts)
        code = "prose.lowest_of" if node.op is Op.LEAST else "prose.highest_of"
        return Said(self.say(code), tuple(self.cases(part) for part in flat(node, node.op)))

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
        for code in (f"period_noun.{name}", f"noun.{name}")[self.of is not RuleScope.PERIOD :]:
            if code in table() and not self.is_own(name):
                return self.say(code)
        return self.quoted(self.catalogue.names[name].meaning[self._side])

    def is_own(self, name: str) -> bool:
        """Say whether a name is the policy's own fact or window."""
        return name in self.policy.facts or name in self.policy.counters

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
        codes = [f"choice.{choice}.{value}" if choice != "currency" else f"currency_name.{value}"]
        if self.of is RuleScope.PERIOD:
            codes.insert(0, f"period_choice.{choice}.{value}")
        known = (code for code in codes if choice in OWN_CHOICES and code in table())
        return next(map(self.say, known), value)

    def option(self, choice: str, value: str) -> str:
        """Give a word of a closed list inside a sentence: the policy's own in quotes."""
        text = self.word(choice, value)
        is_plain = choice in OWN_CHOICES or choice in ("category", "month", "weekday")
        return text if is_plain else self.quoted(text)

    @property
    def enumeration(self) -> str:
        """The code of what stands before the last of some titles: no word in Chinese."""
        return "prose.both" if self.language == "en" else "prose.comma"

    def categories(self, codes: Sequence[str], joint: str = "") -> str:
        """Give categories by their titles, in the order of the policy."""
        known = [code for code in self.policy.categories if code in codes]
        titles = [self.option("category", code) for code in known]
        return self.listed(titles, joint or self.enumeration)

    def listed(self, parts: Sequence[str], joint: str) -> str:
        """Put parts into a list inside a sentence."""
        return listing(parts, joint, self.language)

    def sentences(self, said: Sequence[str]) -> str:
        """Put sentences behind each other; in Chinese without a blank."""
        return ("" if self.language == "zh" else " ").join(said)

    def quantity(self, raw: int, kind: Type) -> str:
        """Give a raw quantity with its unit."""
        return quantity_words(raw, kind, self.language, currency=self.currency)

    def held(self, value: Held, kind: Type) -> str:
        """Give a value of a parameter."""
        if not isinstance(value, int):
            return self.option(kind.choice, value)
        if not kind.dims and 0 < value < 10**kind.scale:
            return self.quantity(value * 100, kind) + "%"
        return self.quantity(value, kind)

    def title_of(self, parameter: Parameter) -> str:
        """Give what people call a parameter; where the policy has no word for it, its name."""
        if parameter.title is not None:
            return parameter.title[self._side]
        return parameter.name.replace("_", " ")

    def table_name(self, name: str) -> str:
        """Give what people call a parameter, in quotes."""
        return self.quoted(self.title_of(self.policy.parameters[name]))

    def value_name(self, name: str) -> str:
        """Give what people call a named expression."""
        return self.quoted(self.policy.values[name].title[self._side])

    def component_name(self, component: str, rules: Sequence[str]) -> str:
        """Give what people call a component: the policy's name, else the titles of its rules."""
        if component in self.policy.components:
            return self.policy.components[component][self._side]
        titles = [rule.title[self._side] for rule in self.policy.rules if rule.code in rules]
        return self.say("prose.comma").join(titles) or component.replace("_", " ")

    def table_ref(self, name: str) -> str:
        """Say which table is meant: by its number in a handbook, else by its name."""
        title, named = self.policy.parameters[name].title, self.table_name(name)
        if name not in self._tables:
            return self.say("prose.table_named", name=named)
        number = str(self._tables[name])
        if title is None:
            return self.say("prose.table_number", number=number)
        return self.say("prose.table_both", number=number, name=named)

    def within(self, node: Node) -> str:
        """Give a value as part of a larger one: in brackets where it has parts of its own."""
        text = self.value(node)
        inner = bare(node)
        has_parts = inner.op in _COMPOSITE or (inner.op is Op.LOOKUP and bool(inner.args))
        if is_between(inner):
            return text
        return self.say("prose.brackets", a=text) if has_parts else text


def unquoted(own: Phrases, text: str) -> str:
    """Take away the quotes that set a name apart from a sentence around it."""
    before, _, behind = own.quoted("\n").partition("\n")
    is_quoted = text.startswith(before) and text.endswith(behind)
    inner = text.removeprefix(before).removesuffix(behind)
    return inner if is_quoted and before not in inner else text


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
            if kind.sort is Sort.DATE:
                return str(text)
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


# Logic


def _merged(parts: Sequence[Node]) -> list[Node]:
    """Put what is given together with the comparison behind it: nights are given and at least 2."""
    found: list[Node] = []
    for part in parts:
        last = found[-1] if found else part
        compared = compared_name(unfolded(part, holds=True)[0])
        if last.op is Op.PRESENT and compared and compared == last.args[0].value:
            found[-1] = Node(Op.AND, part.type, part.at, (last, part))
        else:
            found.append(part)
    return found


def _logic(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    """Say `and` and `or`; what is denied turns one into the other."""
    is_and = (node.op is Op.AND) is holds
    parts = flat(node, node.op)
    one_of = equal_words(own, parts, holds=holds) if node.op is Op.OR else ""
    if one_of:
        return one_of
    texts: list[str] = []
    for part in _merged(parts) if node.op is Op.AND and holds else parts:
        inner, inner_holds = unfolded(part, holds=holds)
        if is_and and inner.op is Op.AND and inner_holds:
            texts.append(_given_and(own, *inner.args))
            continue
        text = own.clause(inner, holds=inner_holds)
        is_one = inner.op is Op.AND and inner_holds and len(_merged(flat(inner, Op.AND))) == 1
        is_other = inner.op in (Op.AND, Op.OR) and ((inner.op is Op.AND) is inner_holds) != is_and
        if is_other and not is_one:
            text = own.say("prose.brackets", a=text)
        texts.append(text)
    joint, comma = ("prose.and", "prose.comma_and") if is_and else ("prose.else", "prose.comma_or")
    if len(texts) == 1:
        return texts[0]
    head = own.say(comma).join(texts[:-1])
    return own.say("prose.joined", a=head, joint=own.say(joint), b=texts[-1])


def _given_and(own: Phrases, given: Node, compared: Node) -> str:
    """Say that a fact is given and compares so, naming it once.

    What nobody fills in need not be said to be known: the comparison says it. Nor need what is to
    be one value be said to be given.
    """
    inner, holds = unfolded(compared, holds=True)
    said = own.clause(inner, holds=holds)
    name = str(given.args[0].value)
    if holds and inner.op in (Op.EQ, Op.IN):
        return said
    if not own.catalogue.names[name].is_claimants and f"given.{name}" not in table():
        return said
    rest = said.removeprefix(own.noun(name)).lstrip()
    return own.say("prose.joined", a=own.clause(given), joint=own.say("prose.and_is"), b=rest)


def _not(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    return own.clause(node.args[0], holds=not holds)


# Facts that may be missing


def _present(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    name = str(node.args[0].value)
    special = f"given.{name}" if holds else f"absent.{name}"
    if special in table():
        return own.say(special)
    verb = "given" if own.catalogue.names[name].is_claimants else "known"
    return own.say(f"prose.{verb}" if holds else f"prose.not_{verb}", a=own.noun(name))


def _default(own: Phrases, node: Node, holds: bool) -> str:  # noqa: FBT001
    fact, other = map(bare, node.args)
    if node.type.sort is not Sort.YES_NO:
        name = str(fact.value)
        given = own.catalogue.names[name].is_claimants or f"given.{name}" in table()
        code = "prose.default" if given else "prose.default_known"
        return own.say(code, a=own.value(fact), b=beside_words(own, fact, other))
    said = own.clause(fact, holds=holds)
    if other.op is not Op.CONSTANT:
        return own.say("prose.default", a=said, b=own.clause(other, holds=holds))
    if other.value is not holds:
        return said
    return own.say("prose.or_missing", a=said)


# Texts and dates


def _length(own: Phrases, node: Node, _holds: bool) -> str:  # noqa: FBT001
    return own.say("prose.length", a=own.value(node.args[0]))


def _of_date(own: Phrases, node: Node, _holds: bool) -> str:  # noqa: FBT001
    return own.say(f"prose.{node.op.value}", a=own.value(node.args[0]))


def _between(own: Phrases, node: Node, _holds: bool) -> str:  # noqa: FBT001
    a, b = map(own.within, node.args)
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
    code = f"prose.total_each_{of}" if node.op is Op.TOTAL_EACH else f"prose.count_each_{of}"
    return own.say(code, a=own.value_name(name))


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
    Op.LOOKUP: lookup_words,
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
