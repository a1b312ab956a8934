"""Parameters in a query: dated tables as constant lists, read by a place that is computed.

The place is counted from the step in force on the day and from the places of the keys among the
words that the table knows, so that a look-up needs no join and compares no text.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from crm_expenses.rules.catalogue import Catalogue
from crm_expenses.rules.parameter import Bands, Held, Parameter
from crm_expenses.rules.sql.dialect import Dialect
from crm_expenses.rules.sql.schema import Kind
from crm_expenses.rules.sql.text import Sql, failure_if, first_failure, joined
from crm_expenses.rules.tree import Node, Op, Sort

Bind = Callable[[Sql, str], Sql]
WORDS_MAX: Final = 40
"""Longest closed list whose words are counted by their place in the policy's own order."""


class Lookups:
    """The parameters of a policy, for one dialect."""

    def __init__(
        self, parameters: Mapping[str, Parameter], catalogue: Catalogue, dialect: Dialect
    ) -> None:
        self._parameters = parameters
        self._catalogue = catalogue
        self._dialect = dialect

    def words_of(self, table: str) -> tuple[str, ...]:
        """Give the words that a table of words can give, in a fixed order."""
        parameter = self._parameters[table]
        listed = self._catalogue.choices.get(parameter.type.choice, ())
        if listed and len(listed) <= WORDS_MAX:
            return tuple(listed)
        return tuple(sorted(set(_texts(parameter))))

    def choice_words(self, choice: str) -> tuple[str, ...]:
        """Give the words of a closed list; none where it is too long to be told by place."""
        listed = self._catalogue.choices.get(choice, ())
        return tuple(listed) if len(listed) <= WORDS_MAX else ()

    def key_words(self, table: str, number: int) -> tuple[str, ...] | None:
        """Give the words that a key of a table can have; None for what bands are over."""
        parameter = self._parameters[table]
        if number >= len(parameter.keys):
            return None
        _, kind = parameter.keys[number]
        listed = self._catalogue.choices.get(kind.choice, ()) if kind.sort is Sort.CHOICE else ()
        if listed and len(listed) <= WORDS_MAX:
            return tuple(listed)
        return tuple(sorted({key[number] for step in parameter.values for key in step.table}))

    def write(
        self,
        node: Node,
        as_of: Sql,
        keys: Sequence[Sql],
        bind: Bind,
        *,
        by_place: tuple[str, ...] | None = None,
    ) -> Sql:
        """Write a look-up; with `by_place` a word is given as its place among these."""
        table = _Table(self, self._parameters[str(node.value)], self._dialect, bind)
        if node.op is Op.LOOKUP:
            return table.plain(as_of, keys, by_place)
        return table.banded(as_of, keys, along=node.op is Op.ALONG, by_place=by_place)


class _Table:
    """One parameter on its way into a query."""

    def __init__(self, own: Lookups, parameter: Parameter, dialect: Dialect, bind: Bind) -> None:
        self._parameter = parameter
        self._dialect = dialect
        self._bind = bind
        self._words = [own.key_words(parameter.name, n) or () for n in range(len(parameter.keys))]
        self._size = 1
        for words in self._words:
            self._size *= len(words)

    def plain(self, as_of: Sql, keys: Sequence[Sql], by_place: tuple[str, ...] | None) -> Sql:
        parameter, own = self._parameter, self._dialect
        kind = self._kind(by_place)
        step = self._step(as_of)
        values = [
            step_values.table.get(key, step_values.otherwise)
            for step_values in parameter.values
            for key in self._keys()
        ]
        otherwise = [step_values.otherwise for step_values in parameter.values]
        written = [self._value(value, by_place) for value in values]
        needs = joined(as_of, *keys) | step.needs
        if len(written) == 1 and not keys:
            start = own.day(parameter.values[0].start)
            text = f"(CASE WHEN {as_of.text} >= {start} THEN {self._typed(written[0], kind)} END)"
        else:
            place = self._bind(Sql(self._place(step, keys), needs, may_lack=True), "place")
            needs |= place.needs
            text = own.list_at(written, place.text, kind) if written else own.null(kind)
            if any(value is not None for value in otherwise) and keys:
                rest = [self._value(value, by_place) for value in otherwise]
                text = f"COALESCE({text}, {own.list_at(rest, step.text, kind)})"
        value = self._bind(Sql(text, needs, may_lack=True), parameter.name)
        missed = failure_if(f"{value.text} IS NULL", "no_value")
        fail = first_failure(*(key.fail for key in keys), missed)
        return Sql(value.text, value.needs | joined(*keys), fail, may_lack=True)

    def banded(
        self,
        as_of: Sql,
        keys: Sequence[Sql],
        *,
        along: bool,
        by_place: tuple[str, ...] | None,
    ) -> Sql:
        parameter, own = self._parameter, self._dialect
        *words, given = keys
        amount = self._bind(given, "quantity")
        step = self._step(as_of)
        needs = joined(as_of, *words) | amount.needs | step.needs
        row = self._bind(Sql(self._place(step, words), needs, may_lack=True), "row")
        rows = [
            held if isinstance(held, Bands) else None
            for step_values in parameter.values
            for key in self._keys()
            for held in [step_values.table.get(key)]
        ]
        width = max((len(held.starts) for held in rows if held is not None), default=1)
        band = self._bind(
            Sql(self._band(rows, row.text, amount.text, width), row.needs | needs, may_lack=True),
            "band",
        )
        needs |= row.needs | band.needs
        fails = [key.fail for key in words] + [given.fail]
        if along:
            rates, more = _lines(rows, width)
            rate = own.list_at([self._value(one, None) for one in rates], band.text, Kind.WHOLE)
            base = own.list_at([self._value(one, None) for one in more], band.text, Kind.WHOLE)
            text = (
                f"(CASE WHEN {amount.text} <= 0 THEN {own.long(0)}"
                f" ELSE {rate} * {amount.text} + {base} END)"
            )
            known = [str(number) for number, held in enumerate(rows) if held is not None]
            is_known = f"{row.text} IN ({', '.join(known)})" if known else "FALSE"
            missed = failure_if(
                f"NOT COALESCE({is_known}, FALSE) OR ({amount.text} > 0 AND {band.text} IS NULL)",
                "no_value",
            )
            return Sql(text, needs, first_failure(*fails, missed), may_lack=True)
        values = [
            held.values[number] if held is not None and number < len(held.values) else None
            for held in rows
            for number in range(width)
        ]
        text = own.list_at(
            [self._value(value, by_place) for value in values], band.text, self._kind(by_place)
        )
        value = self._bind(Sql(text, needs, may_lack=True), parameter.name)
        missed = failure_if(f"{value.text} IS NULL", "no_value")
        return Sql(value.text, value.needs | needs, first_failure(*fails, missed), may_lack=True)

    def _keys(self) -> Iterable[tuple[str, ...]]:
        found: list[tuple[str, ...]] = [()]
        for words in self._words:
            found = [(*key, word) for key in found for word in words]
        return found

    def _step(self, as_of: Sql) -> Sql:
        own, steps = self._dialect, self._parameter.values
        cases = " ".join(
            f"WHEN {as_of.text} >= {own.day(step.start)} THEN {number}"
            for number, step in reversed(list(enumerate(steps)))
        )
        return self._bind(Sql(f"(CASE {cases} END)", as_of.needs, may_lack=True), "step")

    def _place(self, step: Sql, keys: Sequence[Sql]) -> str:
        text, size = step.text, self._size
        parts = [f"{text} * {size}" if size != 1 else text]
        for key, words in zip(keys, self._words, strict=True):
            size //= max(1, len(words))
            parts.append(f"{key.text} * {size}" if size != 1 else key.text)
        return f"({' + '.join(parts)})"

    def _band(self, rows: Sequence[Bands | None], row: str, amount: str, width: int) -> str:
        """Write the place of the band among all bands of all rows; NULL below the first."""
        alike: dict[tuple[int, ...], list[int]] = {}
        for number, held in enumerate(rows):
            if held is not None:
                alike.setdefault(held.starts, []).append(number)
        cases = []
        for starts, numbers in alike.items():
            ladder = " ".join(
                f"WHEN {amount} {'>' if number and self._parameter.is_above else '>='} {start}"
                f" THEN {row} * {width} + {number}"
                for number, start in reversed(list(enumerate(starts)))
            )
            of = ", ".join(map(str, numbers))
            cases.append(f"WHEN {row} IN ({of}) THEN CASE {ladder} END")
        return f"(CASE {' '.join(cases)} END)" if cases else self._dialect.null(Kind.WHOLE)

    def _kind(self, by_place: tuple[str, ...] | None) -> Kind:
        if by_place is None and self._parameter.type.sort is not Sort.QUANTITY:
            return Kind.TEXT
        return Kind.WHOLE

    def _value(self, value: Held | Bands | None, by_place: tuple[str, ...] | None) -> str:
        if value is None or isinstance(value, Bands):
            return "NULL"
        if isinstance(value, int):
            return self._dialect.long(value)
        if by_place is not None:
            return self._dialect.long(by_place.index(value)) if value in by_place else "NULL"
        return self._dialect.text(value)

    def _typed(self, text: str, kind: Kind) -> str:
        return self._dialect.null(kind) if text == "NULL" else text


def _lines(rows: Sequence[Bands | None], width: int) -> tuple[list[int | None], list[int | None]]:
    """Give the straight line of each band: what is due for x is rate * x + base."""
    rates: list[int | None] = []
    bases: list[int | None] = []
    for held in rows:
        due = 0
        for number in range(width):
            if held is None or number >= len(held.starts):
                rates.append(None)
                bases.append(None)
                continue
            rate = held.values[number]
            start = max(0, held.starts[number])
            if not isinstance(rate, int):  # pragma: no cover  a scale has quantities
                raise TypeError(rate)
            rates.append(rate)
            bases.append(held.constants[number] if held.constants else due - rate * start)
            if number + 1 < len(held.starts):
                due += rate * max(0, held.starts[number + 1] - start)
    return rates, bases


def _texts(parameter: Parameter) -> Iterable[str]:
    for step in parameter.values:
        for value in (*step.table.values(), step.otherwise):
            inner = value.values if isinstance(value, Bands) else (value,)
            yield from (one for one in inner if isinstance(one, str))
