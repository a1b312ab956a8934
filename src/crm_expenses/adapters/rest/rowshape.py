"""Between a record as the CRM sends it, nested as it may be, and the flat row of a map. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.fieldcodec import Amount, Codec, Pairs, Text
from crm_expenses.adapters.fieldmap import PARENTS, FieldMap, Mapped
from crm_expenses.adapters.files.shape import EXTRA, field_shape, shapes
from crm_expenses.adapters.rest.codecs import Zones, codec_of, constant_of
from crm_expenses.adapters.rest.path import NOT_THERE, found, put, steps_of
from crm_expenses.adapters.rest.speckind import (
    ConnectionFile,
    FieldPart,
    KindPart,
    ResultsPart,
)
from crm_expenses.core.record import Json, Kind

_CONSTANT: Final = "="
"""Before the name of a field of ours that no field of the CRM has."""

RESULT_OF: Final = {kind: result for result, kind in PARENTS.items()}


@dataclass(frozen=True, slots=True)
class RowShape:
    """Where the fields of a kind stand, by the path that its map uses.

    `parts` are of all fields, results among them; a constant has no path and is put in as it is.
    """

    parts: Mapping[str, FieldPart]
    constants: Mapping[str, Value]
    _others: tuple[tuple[str, FieldPart], ...] = field(init=False, repr=False, default=())
    """The fields that are more than a name at the top of the record."""

    def __post_init__(self) -> None:
        others = tuple(one for one in self.parts.items() if not _is_plain(*one))
        object.__setattr__(self, "_others", others)

    def flat(self, record: object) -> dict[str, Value]:
        """Give the row that a map reads; what is not there, or means nothing, is left out or None.

        A name at the top of the record stands there already, with whatever else the record has.

        >>> amount = FieldPart.model_validate(
        ...     {"field": "sum", "wrap": {"__class__": "Decimal", "decimal": "{value}"}}
        ... )
        >>> shape = RowShape({"sum": amount}, {})
        >>> shape.flat({"sum": {"__class__": "Decimal", "decimal": "12.50"}})
        {'sum': '12.50'}
        """
        row: dict[str, Value] = {**record} if isinstance(record, dict) else {}
        if self.constants:
            row.update(self.constants)
        for path, part in self._others:
            held = self._read(record, path, part)
            if held is not NOT_THERE and held is not None and not _is_empty(held, part):
                row[path] = cast("Value", held)
            else:
                row.pop(path, None)
        return row

    def nested(self, row: Mapping[str, Json]) -> dict[str, Json]:
        """Give the fields to write, nested as the CRM wants them.

        >>> part = FieldPart.model_validate({"field": "billing.city"})
        >>> RowShape({"billing.city": part}, {}).nested({"billing.city": "上海"})
        {'billing': {'city': '上海'}}
        """
        made: dict[str, Json] = {}
        for path, value in row.items():
            part = self.parts.get(path)
            if path.startswith(_CONSTANT):
                continue
            if part is None or _is_written(part):
                put(made, path, value if part is None else _as_held(part, value))
        return made

    def _read(self, record: object, path: str, part: FieldPart) -> object:
        held = self._at(record, path, part)
        if part.fallback and (held in (NOT_THERE, None, "") or _is_empty(held, part)):
            held = self._at(record, part.fallback, part)
        if part.also:
            texts = [held, *(self._at(record, other, part) for other in part.also)]
            held = " ".join(text for text in texts if isinstance(text, str) and text.strip())
        return held

    def _at(self, record: object, path: str, part: FieldPart) -> object:
        held = found(record, path)
        if part.wrap and held is not NOT_THERE:
            for name in _way(part.wrap):
                held = held.get(name, NOT_THERE) if isinstance(held, Mapping) else NOT_THERE
        if part.key and held is not NOT_THERE and not isinstance(held, str | int):
            held = found(held, part.key)
        return held


def shape_of(part: KindPart) -> RowShape:
    """Make the shape of a kind's rows: its id, its fields, and those of its results beside it."""
    parts: dict[str, FieldPart] = {part.id: FieldPart(field=part.id)}
    constants: dict[str, Value] = {}
    held = list(part.fields.items())
    if not part.results.object:
        held += part.results.fields.items()
    for name, one in held:
        if one.value is not None:
            constants[_constant(name)] = constant_of(one)
            continue
        parts[one.field] = one
        if one.currency:
            parts.setdefault(one.currency, FieldPart(field=one.currency))
    return RowShape(parts, constants)


def results_shape(part: ResultsPart) -> RowShape:
    """Make the shape of records of their own into which results are written."""
    parts: dict[str, FieldPart] = {}
    for one in part.fields.values():
        parts[one.field] = one
        if one.currency:
            parts.setdefault(one.currency, FieldPart(field=one.currency))
    return RowShape(parts, {})


def map_of(kind: Kind, held: ConnectionFile, seen: ZoneInfo | None = None) -> FieldMap:
    """Make the table of a kind from the connection file; times are seen in the company's zone."""
    part, naive = held.kind[kind], ZoneInfo(held.connection.timezone)
    zones = Zones(naive, seen or naive)
    fields = [Mapped("id", part.id, Text(255))] if "id" not in part.fields else []
    if part.nested is not None and part.nested.parent_field not in part.fields:
        name = part.nested.parent_field  # the parent's id, put in when a row is read
        fields.append(Mapped(name, _constant(name), Text(255)))
    for name, one in part.fields.items():
        if one.value is not None:
            fields.append(Mapped(name, _constant(name), _codec(kind, name, one, zones)))
        else:
            codec = _codec(kind, name, one, zones)
            currency = one.currency if isinstance(codec, Amount) else ""
            fields.append(Mapped(name, one.field, codec, currency))
    return FieldMap(kind, tuple(fields), dict(_results(kind, part)))


def _results(kind: Kind, part: KindPart) -> Iterator[tuple[str, str]]:
    result = RESULT_OF.get(kind)
    if result is None:
        return
    for name, one in part.results.fields.items():
        yield f"{result.value}.{name}", one.field
        if one.currency:
            yield f"{result.value}.{name}_currency", one.currency


def _codec(kind: Kind, name: str, part: FieldPart, zones: Zones) -> Codec:
    if name == EXTRA:
        return Pairs()
    shape = shapes(kind).get(name) or field_shape(kind, name)
    return codec_of(shape, part, zones)


def _as_held(part: FieldPart, value: Json) -> Json:
    """Give a value as the field holds it: an empty one as it is empty there, others wrapped."""
    if value is None:
        return cast("Json", part.empty[0]) if part.empty else None
    return _wrapped(part.wrap, value) if part.wrap else value


def _is_empty(held: object, part: FieldPart) -> bool:
    """Say whether a value means that nothing is there; 0 is not the same as false."""
    return any(type(held) is type(one) and held == one for one in part.empty)


def _is_plain(path: str, part: FieldPart) -> bool:
    """Say whether a field is a name at the top of the record, and its value is the value."""
    is_more = part.wrap or part.key or part.empty or part.also or part.fallback
    return steps_of(path) == (path,) and not is_more


def _is_written(part: FieldPart) -> bool:
    return bool(part.field) and not (part.read_only or part.also or part.fallback)


def _constant(name: str) -> str:
    return f"{_CONSTANT}{name}"


def _way(wrap: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the names that lead to {value} in an object."""
    for name, held in wrap.items():
        if held == "{value}":
            return (name,)
        if isinstance(held, Mapping) and _way(held):
            return (name, *_way(held))
    return ()


def _wrapped(wrap: Mapping[str, Any], value: Json) -> Json:
    if isinstance(value, dict) and not _way(wrap):
        return {**wrap, **value}
    made: dict[str, Json] = {}
    for name, held in wrap.items():
        if held == "{value}":
            made[name] = value
        else:
            made[name] = _wrapped(held, value) if isinstance(held, Mapping) else held
    return made
