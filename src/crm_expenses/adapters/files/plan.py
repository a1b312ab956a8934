"""From a row to a record: a source of the mapping, made ready once, then applied to each row.

Pure. A row gives a record, or all that is wrong with it at once.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from functools import partial
from typing import Final

from crm_expenses.adapters.files.mapping import Cell, Source
from crm_expenses.adapters.files.rows import Row
from crm_expenses.adapters.files.shape import (
    CURRENCY_FIELD,
    EXTRA,
    FieldShape,
    FieldType,
    field_shape,
    shapes,
)
from crm_expenses.adapters.files.values import (
    Read,
    Wrong,
    choice_reader,
    date_reader,
    money,
    number_reader,
    of_core,
    read_count,
    read_yes_no,
    shown,
    time_reader,
    translator,
)
from crm_expenses.core.budget import Budget
from crm_expenses.core.money import Money, exponent
from crm_expenses.core.rates import Rate
from crm_expenses.core.record import TYPES, Kind, Record
from crm_expenses.errors import MappingError, Problem

ID_CHARS_MAX: Final = 255
"""Longest id of a record: longer than any CRM's own, and short enough for every store's index."""

ALWAYS_THERE: Final = frozenset({"row", "item", "file"})
_HOLE: Final = re.compile(r"\{([^{}]*)\}")

Get = Callable[[Row], str]


def template_columns(template: str) -> tuple[str, ...] | None:
    """Give the columns that a template names, or None where its braces do not match.

    >>> template_columns("{Claim No}-{row}"), template_columns("{a"), template_columns("{}")
    (('Claim No',), None, None)
    """
    names = _HOLE.findall(template)
    if set("{}") & set(_HOLE.sub("", template)) or "" in names:
        return None
    return tuple(name for name in names if name not in ALWAYS_THERE)


def alternatives(cell: Cell) -> list[Cell]:
    """Give a cell and what stands in for it, in order."""
    chain = []
    held: Cell | None = cell
    while held is not None:
        chain.append(held)
        held = held.other
    return chain


def columns_of(source: Source) -> tuple[str, ...]:
    """Give every column that a source reads, each once, in a fixed order.

    >>> columns_of(Source.model_validate({"kind": "claim", "files": ["a.csv"],
    ...     "fields": {"id": "No", "person": {"template": "{No}/{By}"}}}))
    ('No', 'By')
    """
    found: list[str] = []
    for cell in source.fields.values():
        for part in alternatives(cell):
            if part.column is not None:
                found.append(part.column)
            if part.template is not None:
                found.extend(template_columns(part.template) or ())
    return tuple(dict.fromkeys(found))


def reader_of(shape: FieldShape, cell: Cell, zone: tzinfo | None) -> Read:
    """Make what turns a cell's text into the field's value; amounts come out as bare numbers."""
    read = _plain_reader(shape, cell, zone)
    if not cell.values:
        return read
    translate = translator(cell.values, otherwise=cell.otherwise, is_strict=cell.strict)
    return lambda text: read(translate(text))


def _plain_reader(shape: FieldShape, cell: Cell, zone: tzinfo | None) -> Read:
    match shape.form:
        case FieldType.TEXT:
            return str
        case FieldType.ID:
            return _read_id
        case FieldType.CURRENCY:
            return _read_currency
        case FieldType.DATE:
            return date_reader(cell.formats, zone)
        case FieldType.TIME:
            return time_reader(cell.formats, zone)
        case FieldType.YES_NO:
            return read_yes_no
        case FieldType.CHOICE:
            assert shape.choices is not None  # noqa: S101  a CHOICE has its list
            return choice_reader(shape.choices)
        case FieldType.MONEY | FieldType.NUMBER | FieldType.COUNT:
            number = number_reader(
                decimal=cell.decimal,
                group=cell.group,
                scale=cell.scale,
                is_negative_refused=cell.negative == "refuse",
            )
            return read_count(number) if shape.form is FieldType.COUNT else number


def _read_id(text: str) -> str:
    if len(text) > ID_CHARS_MAX:
        raise Wrong("record.id_long", limit=str(ID_CHARS_MAX))
    return text


def _read_currency(text: str) -> str:
    try:
        exponent(text)
    except MappingError as error:
        raise of_core(error) from error
    return text


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to a field's value: where its text is, what it is called, how it is read."""

    index: int
    get: Get
    label: str
    read: Read


@dataclass(frozen=True, slots=True)
class _FieldPlan:
    shape: FieldShape
    ways: tuple[_Way, ...]
    label: str


class RecordPlan:
    """One source made ready for rows whose cells stand in the order of `columns`."""

    def __init__(self, source: Source, columns: Sequence[str], zone: tzinfo | None) -> None:
        self.kind: Kind = source.kind
        self.is_distinct = source.distinct
        self.explode = source.explode
        index = {column: place for place, column in enumerate(columns)}
        self._is_optional = source.optional
        self._make: Callable[..., Record] = TYPES[source.kind]
        own = shapes(source.kind)
        shaped = ((field_shape(source.kind, n), cell) for n, cell in source.fields.items())
        plans = [_field_plan(shape, cell, index, zone) for shape, cell in shaped if shape]
        self._fields = tuple(p for p in plans if p.shape.name in own)
        self._extra = tuple(p for p in plans if p.shape.name.startswith(f"{EXTRA}."))
        self._currency = next(
            (p for p in plans if p.shape.name == CURRENCY_FIELD and CURRENCY_FIELD not in own), None
        )
        self._id = next(p for p in plans if p.shape.name == "id")

    def applies(self, row: Row) -> bool:
        """Say whether the row describes a record of this kind at all."""
        return not self._is_optional or bool(_text_of(self._id, row)[0])

    def id_of(self, row: Row) -> str:
        """Give the record's id as written, or the row's place where there is none."""
        text, _ = _text_of(self._id, row) if row.cells else ("", None)
        return text[:ID_CHARS_MAX] or str(row.place)

    def read(self, row: Row) -> Record | tuple[Problem, ...]:
        """Turn a row into a record, or give everything that is wrong with it."""
        values: dict[str, object] = {}
        problems: list[Problem] = list(row.problems)
        if problems:
            return tuple(problems)
        amounts: list[tuple[_FieldPlan, _Way, str, Decimal]] = []
        for plan in self._fields:
            text, way = _text_of(plan, row)
            if way is None:
                if plan.shape.is_required:
                    problems.append(self._missing(plan, row))
                continue
            try:
                value = way.read(text)
            except Wrong as wrong:
                problems.append(self._problem(wrong, plan, way, text, row))
                continue
            if plan.shape.form is FieldType.MONEY and isinstance(value, Decimal):
                amounts.append((plan, way, text, value))
            else:
                values[plan.shape.name] = value
        if amounts:
            problems.extend(self._add_money(amounts, values, row))
        if problems:
            return tuple(problems)
        if self._extra:
            values[EXTRA] = self._extras(row)
        record = self._make(**values)
        return self._fault(record, row) or record

    def _extras(self, row: Row) -> tuple[tuple[str, str], ...]:
        """Give what the row says beside the known fields, by name."""
        pairs = []
        for plan in self._extra:
            text, way = _text_of(plan, row)
            if way is not None:
                pairs.append((plan.shape.name.removeprefix(f"{EXTRA}."), str(way.read(text))))
        return tuple(sorted(pairs))

    def _add_money(
        self,
        amounts: list[tuple[_FieldPlan, _Way, str, Decimal]],
        values: dict[str, object],
        row: Row,
    ) -> list[Problem]:
        """Join amounts with the currency that they share; adds to `values`, gives problems."""
        plan = self._currency
        assert plan is not None  # noqa: S101  the mapping was checked: amounts have a currency
        text, way = _text_of(plan, row)
        if way is None:
            return [self._missing(plan, row)]
        try:
            currency = str(way.read(text))
        except Wrong as wrong:
            return [self._problem(wrong, plan, way, text, row)]
        problems = []
        for amount, amount_way, amount_text, number in amounts:
            try:
                held: Money = money(number, currency)
            except Wrong as wrong:
                problems.append(self._problem(wrong, amount, amount_way, amount_text, row))
            else:
                values[amount.shape.name] = held
        return problems

    def _missing(self, plan: _FieldPlan, row: Row) -> Problem:
        is_claim_of_line = self.kind is Kind.LINE and plan.shape.name == "claim"
        code = "record.no_claim" if is_claim_of_line else "record.missing"
        values = {"field": plan.shape.name, "column": plan.label, "kind": str(self.kind)}
        return Problem(code, values, row.place)

    def _problem(self, wrong: Wrong, plan: _FieldPlan, way: _Way, text: str, row: Row) -> Problem:
        values = {
            **wrong.values,
            "field": plan.shape.name,
            "column": way.label,
            "value": shown(text),
        }
        return Problem(wrong.code, values, row.place)

    def _fault(self, record: Record, row: Row) -> tuple[Problem, ...]:
        """Say what no single field shows."""
        if isinstance(record, Rate) and record.rate <= 0:
            return (Problem("record.rate", {"value": f"{record.rate:f}"}, row.place),)
        if isinstance(record, Budget) and record.start > record.end:
            values = {"start": record.start.isoformat(), "end": record.end.isoformat()}
            return (Problem("record.period", values, row.place),)
        return ()


def _text_of(plan: _FieldPlan, row: Row) -> tuple[str, _Way | None]:
    for way in plan.ways:
        text = row.cells[way.index].strip() if way.index >= 0 else way.get(row)
        if text:
            return text, way
    return "", None


def _field_plan(
    shape: FieldShape, cell: Cell, index: Mapping[str, int], zone: tzinfo | None
) -> _FieldPlan:
    ways = []
    for part in alternatives(cell):
        read = reader_of(shape, part, zone)
        if part.column is not None:
            ways.append(_Way(index[part.column], _nothing, part.column, read))
        elif part.template is not None:
            get = _composer(part.template, index)
            ways.append(_Way(-1, get, part.template, read))
        else:
            constant = part.value or ""
            ways.append(_Way(-1, partial(_constant, constant), constant, read))
    return _FieldPlan(shape, tuple(ways), " / ".join(way.label for way in ways))


def _nothing(_: Row) -> str:
    return ""


def _constant(text: str, _: Row) -> str:
    return text


def _composer(template: str, index: Mapping[str, int]) -> Get:
    """Make the composing of a text; one empty column leaves the whole of it empty."""
    parts: list[str | int | Get] = []
    at = 0
    for hole in _HOLE.finditer(template):
        parts.append(template[at : hole.start()])
        parts.append(_ALWAYS[hole[1]] if hole[1] in ALWAYS_THERE else index[hole[1]])
        at = hole.end()
    parts.append(template[at:])

    def compose(row: Row) -> str:
        texts = []
        for part in parts:
            if isinstance(part, str):
                texts.append(part)
                continue
            text = row.cells[part].strip() if isinstance(part, int) else part(row)
            if not text:
                return ""
            texts.append(text)
        return "".join(texts).strip()

    return compose


_ALWAYS: Final[dict[str, Get]] = {
    "row": lambda row: str(row.number),
    "item": lambda row: str(row.item),
    "file": lambda row: row.file,
}
