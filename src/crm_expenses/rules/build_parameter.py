"""From a parameter as written to one without gaps, overlaps or values out of date order."""

from datetime import date
from itertools import islice, product
from math import prod

from crm_expenses.core.money import Money, exponent, read_number
from crm_expenses.errors import MappingError, Problem
from crm_expenses.rules.catalogue import Catalogue
from crm_expenses.rules.functions import FUNCTIONS
from crm_expenses.rules.parameter import Held, InForce, Key, Parameter
from crm_expenses.rules.tree import TEXT, Sort, Type, quantity
from crm_expenses.rules.written import (
    NAME,
    Locate,
    ParameterText,
    Path,
    ValuesText,
    Written,
    as_text,
    placed,
)


class ParameterBuilder:
    """Checks one parameter; collects its problems."""

    def __init__(self, text: ParameterText, names: Catalogue, locate: Locate) -> None:
        self._text = text
        self._names = names
        self._locate = locate
        self._base: Path = ("parameter", text.name)
        self.problems: list[Problem] = []

    def build(self) -> Parameter | None:
        """Give the parameter, or None where it cannot be made; look at `problems` either way."""
        text = self._text
        taken = text.name in self._names.names or text.name in FUNCTIONS
        if taken or not NAME.fullmatch(text.name):
            code = "policy.name_taken" if taken else "policy.name"
            self._say(code, (), name=text.name)
        kind = self._type()
        keys = tuple(self._key(index, key) for index, key in enumerate(text.keys))
        if kind is None or None in keys:
            return None
        known_keys = tuple(key for key in keys if key is not None)
        if not text.values:
            self._say("policy.no_values", (), name=text.name)
            return None
        steps = []
        for index, written in enumerate(text.values):
            if index and written.start <= text.values[index - 1].start:
                self._say(
                    "policy.date_order",
                    ("values", index, "from"),
                    name=text.name,
                    value=str(written.start),
                    before=str(text.values[index - 1].start),
                )
            steps.append(self._step(index, written, kind, known_keys))
        return Parameter(text.name, kind, known_keys, tuple(steps))

    def _say(self, code: str, path: Path, /, **values: str) -> None:
        place = self._locate((*self._base, *path), None)
        self.problems.append(Problem(code, values, place))

    def _type(self) -> Type | None:
        text, currency = self._text, self._names.currency
        match text.type:
            case "money":
                unit = text.unit or currency
                if unit.partition("/")[0] != currency:
                    self._say("policy.unit", ("unit",), unit=unit, currency=currency)
                rate_places = max(map(_places, self._written()), default=0) if text.unit else 0
                return quantity(unit, max(exponent(currency), rate_places))
            case "number":
                return quantity(text.unit, max(map(_places, self._written()), default=0))
            case "count":
                return quantity(text.unit)
            case choice if choice in self._names.choices:
                return Type(Sort.CHOICE, choice=choice)
            case _:
                options = ", ".join(("money", "number", "count", *self._names.choices))
                self._say("policy.type", ("type",), value=text.type, options=options)
                return None

    def _written(self) -> list[Written]:
        return [
            value
            for step in self._text.values
            for value in (step.value, step.otherwise, *(row[-1] for row in step.table if row))
            if value is not None
        ]

    def _key(self, index: int, key: str) -> tuple[str, Type] | None:
        if key in self._names.choices:
            return key, Type(Sort.CHOICE, choice=key)
        entry = self._names.names.get(key)
        if entry is not None and entry.type == TEXT:
            return key, TEXT
        options = ", ".join(
            (*self._names.choices, *(n for n, e in self._names.names.items() if e.type == TEXT))
        )
        self._say("policy.key", ("keys", index), value=key, options=options)
        return None

    def _step(
        self, index: int, written: ValuesText, kind: Type, keys: tuple[tuple[str, Type], ...]
    ) -> InForce:
        base: Path = ("values", index)
        table: dict[Key, Held] = {}
        if not keys and (written.value is None or written.table or written.otherwise is not None):
            self._say("policy.scalar", base, name=self._text.name)
        if keys and (written.value is not None or not (written.table or written.otherwise)):
            self._say("policy.table", base, name=self._text.name, keys=", ".join(self._text.keys))
        if not keys and written.value is not None:
            held = self._held(written.value, kind, (*base, "is"))
            if held is not None:
                table[()] = held
        told_before = len(self.problems)
        for row_index, row in enumerate(written.table if keys else ()):
            self._row(table, row, kind, keys, (*base, "table", row_index))
        otherwise = None
        if written.otherwise is not None:
            otherwise = self._held(written.otherwise, kind, (*base, "else"))
        elif keys and written.table and len(self.problems) == told_before:
            self._complete(table, keys, (*base, "table"), written.start)
        return InForce(written.start, table, otherwise, written.source, written.checked)

    def _row(
        self,
        table: dict[Key, Held],
        row: tuple[Written, ...],
        kind: Type,
        keys: tuple[tuple[str, Type], ...],
        path: Path,
    ) -> None:
        if len(row) != len(keys) + 1:
            columns = ", ".join((*self._text.keys, "value"))
            self._say("policy.row", path, given=str(len(row)), columns=columns)
            return
        key = tuple(str(part) for part in row[:-1])
        for position, (part, (name, key_type)) in enumerate(zip(key, keys, strict=True)):
            options = self._names.choices.get(key_type.choice)
            if options is not None and part not in options:
                shown = ", ".join(options[:12])
                self._say("policy.row_key", (*path, position), value=part, key=name, options=shown)
        if key in table:
            self._say("policy.row_twice", path, key=", ".join(key))
            return
        held = self._held(row[-1], kind, (*path, len(keys)))
        if held is not None:
            table[key] = held

    def _complete(
        self, table: dict[Key, Held], keys: tuple[tuple[str, Type], ...], path: Path, start: date
    ) -> None:
        """Without an `else` every combination of the closed lists must have its row."""
        if any(kind.sort is Sort.TEXT for _, kind in keys):
            self._say("policy.no_else", path, name=self._text.name)
            return
        lists = [self._names.choices[kind.choice] for _, kind in keys]
        missing = prod(map(len, lists)) - len(table)
        if missing:
            first = islice((key for key in product(*lists) if key not in table), 5)
            shown = "; ".join(", ".join(key) for key in first)
            self._say(
                "policy.rows_missing",
                path,
                count=str(missing),
                missing=shown,
                start=str(start),
            )

    def _held(self, value: Written, kind: Type, path: Path) -> Held | None:
        if kind.sort is Sort.CHOICE:
            options = self._names.choices[kind.choice]
            if value in options:
                return str(value)
            self._say(
                "policy.row_key",
                path,
                value=str(value),
                key=kind.choice,
                options=", ".join(options[:12]),
            )
            return None
        try:
            number = read_number(as_text(value))
            if kind.dims == ((self._names.currency, 1),):
                return Money.of(number, self._names.currency).minor
            raw = number.scaleb(kind.scale)
        except MappingError as error:
            self.problems += placed(error, self._locate((*self._base, *path), None))
            return None
        if raw != raw.to_integral_value() or abs(raw) > 10**12:
            self._say("policy.count", path, value=str(value))
            return None
        return int(raw)


def _places(value: Written) -> int:
    return len(as_text(value).partition(".")[2])
