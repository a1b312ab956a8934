"""From a parameter as written to one without gaps, overlaps or values out of date order."""

from collections.abc import Mapping
from datetime import date
from itertools import islice, product
from math import prod
from typing import Final

from crm_expenses.core.money import Money, exponent, read_number
from crm_expenses.errors import MappingError, Problem
from crm_expenses.rules.build_window import PLACES_MAX
from crm_expenses.rules.catalogue import Catalogue
from crm_expenses.rules.functions import FUNCTIONS
from crm_expenses.rules.parameter import Bands, Held, InForce, Key, Parameter
from crm_expenses.rules.tree import TEXT, Sort, Type, combine_dims, quantity
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

BAND_PLACES: Final = 3
"""Decimals of the column in which bands begin, where a policy says none."""


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
        band = self._band()
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
            if band is None:
                steps.append(self._step(index, written, kind, known_keys))
            else:
                steps.append(self._banded(index, written, kind, band, known_keys))
        values = tuple(steps)
        return Parameter(text.name, kind, known_keys, values, band, text.is_above, text.title)

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
        """Give the figures, to see how many decimals they need."""
        at = len(self._text.keys) + 1 if self._text.band else -1
        cells = [row[at] for step in self._text.values for row in step.table if len(row) > at]
        steps = [value for step in self._text.values for value in (step.value, step.otherwise)]
        return [value for value in (*steps, *cells) if value is not None]

    def _band(self) -> Type | None:
        """Give the type of the column in which bands begin; None where there is none."""
        text = self._text
        if not text.band:
            for part, given in (("band_places", text.band_places), ("edge", text.is_above)):
                if given not in (None, False):
                    self._say("policy.no_band", (part,), part=part)
            return None
        places = BAND_PLACES if text.band_places is None else text.band_places
        if not 0 <= places <= PLACES_MAX:
            limit = str(PLACES_MAX)
            self._say("policy.places", ("band_places",), value=str(places), limit=limit)
            return quantity(text.band)
        unit = "" if text.band == "number" else text.band
        if text.band == self._names.currency:
            places = exponent(text.band)
        return quantity(unit, places)

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
        table: dict[Key, Held | Bands] = {}
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

    def _banded(
        self,
        index: int,
        written: ValuesText,
        kind: Type,
        band: Type,
        keys: tuple[tuple[str, Type], ...],
    ) -> InForce:
        """Read rows that say from where on their values hold."""
        base: Path = ("values", index)
        if written.value is not None or written.otherwise is not None or not written.table:
            columns = ", ".join((*self._text.keys, self._text.band, "value"))
            self._say("policy.bands", base, name=self._text.name, columns=columns)
        told = len(self.problems)
        if any(key_type.sort is Sort.TEXT for _, key_type in keys):
            self._say("policy.band_key", base, name=self._text.name)
        rows: dict[Key, list[tuple[int, Held, int | None]]] = {}
        for row_index, row in enumerate(written.table):
            self._band_row(rows, row, kind, band, keys, (*base, "table", row_index))
        table: dict[Key, Held | Bands] = {}
        for key, found in rows.items():
            constants = [constant for *_, constant in found if constant is not None]
            if constants and len(constants) < len(found):
                self._say("policy.constants", (*base, "table"), name=self._text.name)
            starts, values = tuple(row[0] for row in found), tuple(row[1] for row in found)
            table[key] = Bands(starts, values, tuple(constants))
        if len(self.problems) == told and written.table:
            self._complete(table, keys, (*base, "table"), written.start)
        return InForce(written.start, table, None, written.source, written.checked)

    def _band_row(
        self,
        rows: dict[Key, list[tuple[int, Held, int | None]]],
        row: tuple[Written, ...],
        kind: Type,
        band: Type,
        keys: tuple[tuple[str, Type], ...],
        path: Path,
    ) -> None:
        width = len(keys) + 2
        if len(row) not in (width, width + 1):
            columns = ", ".join((*self._text.keys, self._text.band, "value"))
            self._say("policy.row", path, given=str(len(row)), columns=columns)
            return
        key = self._key_of(row[: len(keys)], keys, path)
        start = self._held(row[len(keys)], band, (*path, len(keys)))
        value = self._held(row[len(keys) + 1], kind, (*path, len(keys) + 1))
        constant: Held | None = None
        if len(row) > width:
            total = combine_dims(kind.dims, band.dims, 1)
            scaled = Type(Sort.QUANTITY, total, kind.scale + band.scale)
            constant = self._held(row[-1], scaled, (*path, width))
            if constant is None:
                return
        before = rows.setdefault(key, [])
        if not isinstance(start, int) or value is None:
            return
        if before and start <= before[-1][0]:
            value_text = as_text(row[len(keys)])
            self._say("policy.band_order", (*path, len(keys)), value=value_text)
            return
        before.append((start, value, constant if isinstance(constant, int) else None))

    def _key_of(
        self, cells: tuple[Written, ...], keys: tuple[tuple[str, Type], ...], path: Path
    ) -> Key:
        """Read the keys of a row; tell of those that are in no list."""
        key = tuple(str(part) for part in cells)
        for position, (part, (name, key_type)) in enumerate(zip(key, keys, strict=True)):
            options = self._names.choices.get(key_type.choice)
            if options is not None and part not in options:
                shown = ", ".join(options[:12])
                self._say("policy.row_key", (*path, position), value=part, key=name, options=shown)
        return key

    def _row(
        self,
        table: dict[Key, Held | Bands],
        row: tuple[Written, ...],
        kind: Type,
        keys: tuple[tuple[str, Type], ...],
        path: Path,
    ) -> None:
        if len(row) != len(keys) + 1:
            columns = ", ".join((*self._text.keys, "value"))
            self._say("policy.row", path, given=str(len(row)), columns=columns)
            return
        key = self._key_of(row[:-1], keys, path)
        if key in table:
            self._say("policy.row_twice", path, key=", ".join(key))
            return
        held = self._held(row[-1], kind, (*path, len(keys)))
        if held is not None:
            table[key] = held

    def _complete(
        self,
        table: Mapping[Key, Held | Bands],
        keys: tuple[tuple[str, Type], ...],
        path: Path,
        start: date,
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
            currency = self._names.currency
            if kind == quantity(currency, exponent(currency)):
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
