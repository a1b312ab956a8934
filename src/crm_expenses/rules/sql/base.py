"""What the relations share: steps made beforehand, words, own facts, rates, the names of rules."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

from crm_expenses.core.currencies import EXPONENTS, WITHDRAWN
from crm_expenses.core.money import AMOUNT_MINOR_MAX, exponent
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.catalogue.line import ORIGINAL_SCALE
from crm_expenses.rules.own_fact import OwnFact
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.sql.cell import CellKind, Frame
from crm_expenses.rules.sql.dialect import Dialect, Fn
from crm_expenses.rules.sql.expression import Writer, month_length
from crm_expenses.rules.sql.schema import Kind
from crm_expenses.rules.sql.script import Step
from crm_expenses.rules.sql.tables import Lookups
from crm_expenses.rules.sql.text import Sql, failure_if
from crm_expenses.rules.tree import Node, Sort

INLINE_WORDS: Final = 40
"""Most words that are told apart where they stand; more stand in a table of their own."""

_PLACES: Final = 9
"""Decimals of a rate in the input schema."""


@dataclass
class Steps:
    """The tables that are made before the lines, in the order in which they are asked for."""

    made: dict[str, Step] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)

    def add(self, step: Step, *tables: str) -> str:
        """Add a step, and say which tables of the input it reads."""
        self.made.setdefault(step.name, step)
        self.tables.update(tables)
        return step.name


class Base(Frame, ABC):
    """What the relations share: the policy, the tables made beforehand, own facts, words."""

    def __init__(self, policy: Policy, dialect: Dialect, lookups: Lookups, steps: Steps) -> None:
        super().__init__(dialect, policy.calendar, lookups, "")
        self.policy = policy
        self.steps = steps
        self.from_joins: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.inner: dict[str, dict[str, str]] = {}
        self.writer = Writer(self)

    # What a subclass gives

    scope: RuleScope

    @abstractmethod
    def read(self, name: str) -> Sql:
        """Give a fact by its name."""

    @abstractmethod
    def each(self, node: Node) -> Sql:
        """Give the sum or count of a value over rows of another relation."""

    @abstractmethod
    def of_lines(self, node: Node) -> Sql:
        """Give the sum or count of the claim's lines of some categories."""

    # What all have

    def join(self, alias: str, text: str, *after: str) -> str:
        """Add a join of the relation's base; `after` are aliases that it reads."""
        self.from_joins.setdefault(alias, (text, after))
        return alias

    def column(self, name: str, text: str, *aliases: str, lacks: bool = True) -> Sql:
        """Read a column of the base."""
        self.source(name, text, aliases)
        return Sql(name, frozenset({name}), may_lack=lacks)

    def derived(self, name: str, text: str, *parts: Sql, lacks: bool = False) -> Sql:
        """Add what follows from others."""
        needs = frozenset[str]().union(*(part.needs for part in parts))
        self.row(name, text, needs)
        return Sql(name, frozenset({name}), may_lack=lacks)

    def place(self, name: str, words: tuple[str, ...]) -> Sql | None:
        """Give the place of a word, from 1, where it is told once for all rules; 0 for none."""
        del name, words
        return None

    def is_category(self, names: Iterable[str]) -> Sql:
        """Write whether the line is of one of some categories."""
        own, category = self.dialect, self.read("category")
        listed = sorted(names)
        words = tuple(self.policy.categories)
        place = self.place("category", words)
        if place is not None:
            return Sql(among(place.text, [words.index(one) + 1 for one in listed]), place.needs)
        texts = ", ".join(own.text(one) for one in listed)
        return Sql(f"{category.text} IN ({texts})" if texts else "FALSE", category.needs)

    def ordinal(self, name: str, words: tuple[str, ...]) -> Sql:
        """Give the place of a fact's text among words: told apart here, or by a table of words."""
        fact = self.read(name)
        own = self.dialect
        place = self.place(name, words) if words else None
        if place is not None:
            return Sql(f"(NULLIF({place.text}, 0) - 1)", place.needs, fact.fail, may_lack=True)
        if not words:
            return Sql(own.null(Kind.WHOLE), fact.needs, fact.fail, may_lack=True)
        cell = self.cells.get(fact.text)
        if len(words) > INLINE_WORDS and cell is not None and cell.kind is CellKind.SOURCE:
            table = self._words(words)
            alias = f"{table}_{name}"
            self.join(
                alias, f"LEFT JOIN {table} AS {alias} ON {alias}.word = {cell.text}", *cell.joins
            )
            found = self.column(f"{name}_in_{table}", f"{alias}.n", alias, *cell.joins)
            return Sql(found.text, found.needs, fact.fail, may_lack=True)
        cases = " ".join(f"WHEN {own.text(word)} THEN {n}" for n, word in enumerate(words))
        made = Sql(f"(CASE {fact.text} {cases} END)", fact.needs, fact.fail, may_lack=True)
        return self.bind(made, f"{name}_place")

    def _words(self, words: tuple[str, ...]) -> str:
        note = (" ".join(words[:3]), f"{crc32(repr(words).encode()):08x}")
        for name, step in self.steps.made.items():
            if name.startswith("words_") and step.note == note:
                return name
        own = self.dialect
        rows = "\nUNION ALL ".join(
            f"SELECT {own.text(word)} AS word, {own.long(n)} AS n" for n, word in enumerate(words)
        )
        name = f"words_{sum(1 for held in self.steps.made if held.startswith('words_')) + 1}"
        return self.steps.add(Step(name, rows, note))

    def own_fact(self, fact: OwnFact, column: str, *aliases: str) -> Sql:
        """Read a fact of the policy's own from its text; one that does not fit is a failure."""
        text = self.column(f"ft_{fact.name}", f"NULLIF({column}, '')", *aliases)
        value = self._typed(fact, text)
        found = self.derived(f"f_{fact.name}", value.text, value, text, lacks=True)
        odd = failure_if(f"{text.text} IS NOT NULL AND {found.text} IS NULL", "unreadable")
        fail = self.derived(f"fe_{fact.name}", odd, text, found, lacks=True)
        needs = found.needs | fail.needs
        return Sql(found.text, needs, fail.text, may_lack=True)

    def _typed(self, fact: OwnFact, text: Sql) -> Sql:
        own, name = self.dialect, text.text
        match fact.type.sort:
            case Sort.QUANTITY:
                return self._quantity(fact, text)
            case Sort.DATE:
                return self._date(text)
            case Sort.YES_NO:
                low = f"LOWER({name})"
                written = (
                    f"(CASE WHEN {low} IN ('true', 'yes', '1') THEN TRUE"
                    f" WHEN {low} IN ('false', 'no', '0') THEN FALSE END)"
                )
            case Sort.CHOICE:
                words = ", ".join(own.text(word) for word in fact.options)
                written = f"(CASE WHEN {name} IN ({words}) THEN {name} END)"
            case _:
                written = own(Fn.SUBSTRING, name, "1", "200")
        return Sql(written, text.needs, may_lack=True)

    def _quantity(self, fact: OwnFact, text: Sql) -> Sql:
        own, name = self.dialect, text.text
        form = own(Fn.MATCHES, name, _form(own, r"-?[0-9]{1,15}([.][0-9]{1,9})?"))
        read = self.bind(
            Sql(
                f"(CASE WHEN {form} THEN CAST({name} AS {own.types[Kind.DECIMAL]}) END)",
                text.needs,
                may_lack=True,
            ),
            f"{fact.name}_read",
        )
        scaled = f"({read.text} * {10**fact.type.scale})"
        # brought within bounds first, since a change of type may refuse or round what is beyond
        held = f"(CASE WHEN {scaled} BETWEEN {-fact.top} AND {fact.top} THEN {scaled} END)"
        whole = own.cast(held, Kind.WHOLE)
        written = f"(CASE WHEN {whole} = {scaled} THEN {whole} END)"
        return Sql(written, read.needs, may_lack=True)

    def _date(self, text: Sql) -> Sql:
        own, name = self.dialect, text.text
        form = own(Fn.MATCHES, name, _form(own, "[0-9]{4}-[0-9]{2}-[0-9]{2}"))
        parts = []
        for hint, start, length in (("year", 1, 4), ("month", 6, 2), ("day", 9, 2)):
            piece = own.cast(own(Fn.SUBSTRING, name, str(start), str(length)), Kind.WHOLE)
            made = Sql(f"(CASE WHEN {form} THEN {piece} END)", text.needs, may_lack=True)
            parts.append(self.bind(made, f"{name}_{hint}"))
        year, month, day = (part.text for part in parts)
        is_month = f"{year} >= 1 AND {month} BETWEEN 1 AND 12"
        first = own(
            Fn.FIRST_OF_MONTH,
            f"(CASE WHEN {is_month} THEN {year} ELSE 1 END)",
            f"(CASE WHEN {is_month} THEN {month} ELSE 1 END)",
        )
        is_day = f"{is_month} AND {day} BETWEEN 1 AND {month_length(own, year, month)}"
        reached = own(Fn.ADD_DAYS, first, f"(CASE WHEN {is_day} THEN {day} - 1 ELSE 0 END)")
        needs = text.needs.union(*(part.needs for part in parts))
        return Sql(f"(CASE WHEN {is_day} THEN {reached} END)", needs, may_lack=True)

    # Rates

    def rates(self) -> str:
        """Add the table of rates into the policy's currency, each until the next."""
        own, home = self.dialect, self.policy.currency
        scale = f"{_PLACES} + ({exponent_case('currency')}) - {exponent(home)}"
        lowest, highest = _PLACES - exponent(home), _PLACES + ORIGINAL_SCALE
        powers = " ".join(
            f"WHEN {n} THEN {own.widened(str(10**n))}" for n in range(lowest, highest + 1)
        )
        query = f"""WITH named AS (
  SELECT currency, rate_day, source, rate, {scale} AS places
  FROM exchange_rates
  WHERE into_currency = {own.text(home)} AND currency <> {own.text(home)}
)
SELECT currency, rate_day, NULLIF(source, '') AS source,
  CAST(rate * {10**_PLACES} AS {own.wide}) AS units,
  CASE places {powers} END AS divisor,
  LEAD(rate_day) OVER (PARTITION BY currency ORDER BY rate_day) AS until_day
FROM named"""
        return self.steps.add(
            Step("rates", query, ("rates into the policy's currency, each until the next",)),
            "exchange_rates",
        )

    def converted(self, amount: str, rate: str) -> str:
        """Write an amount at a rate of `rates`; NULL without one, or beyond what is proved."""
        own = self.dialect
        product = f"({own.widened(amount)} * {rate}.units)"
        twice = own.widened("2")
        moved = (
            f"({product} * {twice} + CASE WHEN {amount} < 0 THEN -{rate}.divisor"
            f" ELSE {rate}.divisor END)"
        )
        top = own.widened(str(2 * AMOUNT_MINOR_MAX + 1))
        is_in = f"ABS({product}) * {twice} < {rate}.divisor * {top}"
        whole = own(Fn.TRUNCATED_WIDE, moved, f"({rate}.divisor * {twice})")
        return f"(CASE WHEN {is_in} THEN {whole} END)"

    def rate_join(self, alias: str, currency: str, day: str, *after: str) -> str:
        """Join the rate of a currency on a day."""
        table = self.rates()
        text = (
            f"LEFT JOIN {table} AS {alias} ON {alias}.currency = {currency}"
            f" AND {alias}.rate_day <= {day}"
            f" AND ({alias}.until_day IS NULL OR {day} < {alias}.until_day)"
        )
        return self.join(alias, text, *after)


def exponent_case(currency: str) -> str:
    """Write the decimals of a currency's minor unit."""
    by_places: dict[int, list[str]] = {}
    for code, places in sorted({**WITHDRAWN, **EXPONENTS}.items()):
        if places != 2:
            by_places.setdefault(places, []).append(code)
    cases = " ".join(
        f"WHEN {currency} IN ({', '.join(map(repr, codes))}) THEN {places}"
        for places, codes in sorted(by_places.items())
    )
    return f"CASE {cases} ELSE 2 END"


def among(place: str, numbers: Iterable[int]) -> str:
    """Write that a whole number is one of some.

    >>> among("n", [1, 2, 3]), among("n", [7, 3]), among("n", [3]), among("n", [])
    ('n BETWEEN 1 AND 3', 'n IN (3, 7)', 'n = 3', 'FALSE')
    """
    listed = sorted(set(numbers))
    if len(listed) < 2:
        return f"{place} = {listed[0]}" if listed else "FALSE"
    if listed[-1] - listed[0] == len(listed) - 1:
        return f"{place} BETWEEN {listed[0]} AND {listed[-1]}"
    return f"{place} IN ({', '.join(map(str, listed))})"


def whole_sum(own: Dialect, term: str) -> str:
    """Write a sum of whole numbers as one of 64 bits; it is held wide while it is summed."""
    return own.cast(f"SUM({own.widened(term) if own.name == 'spark' else term})", Kind.WHOLE)


def ordered_rules(policy: Policy) -> list[Rule]:
    """Give the rules in the order of their codes."""
    return sorted(policy.rules, key=lambda rule: rule.code)


def stems(policy: Policy) -> dict[str, str]:
    """Give, by the code of a rule, what its columns are named after."""
    found: dict[str, str] = {}
    for rule in ordered_rules(policy):
        stem = rule.code.replace(".", "_")
        while stem in found.values():
            stem += "_"
        found[rule.code] = stem
    return found


def people_join(claims: str) -> str:
    """Write how claims are joined with the people, as they were when the claim was submitted."""
    return (
        f"LEFT JOIN people AS p ON p.person = {claims}.person"
        f" AND (p.valid_from IS NULL OR p.valid_from <= {claims}.submitted_on)"
        f" AND (p.valid_until IS NULL OR {claims}.submitted_on <= p.valid_until)"
    )


def replace_name(fact: OwnFact, name: str) -> OwnFact:
    """Give a fact under another name."""
    return OwnFact(name, fact.type, fact.of, fact.top, fact.options)


def _form(own: Dialect, pattern: str) -> str:
    forms = {"duckdb": "{}", "snowflake": "{}", "postgres": "^(?:{})$"}
    return own.text(forms.get(own.name, r"\A(?:{})\z").replace("{}", pattern, 1))
