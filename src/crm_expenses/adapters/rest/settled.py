"""A connection file with what the user's settings decide: zone, names of fields, currency.

These are no templates that are filled call by call; they shape how records are read. So they are
filled once, before anything else looks at the file. Pure.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from crm_expenses.adapters.files.shape import FieldType, shapes
from crm_expenses.adapters.rest.path import steps_of
from crm_expenses.adapters.rest.spec import Part
from crm_expenses.adapters.rest.speckind import ConnectionFile, FieldPart, Form, KindPart
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError, Problem

At = tuple[str | int, ...]
_Some = TypeVar("_Some", bound=Part)

_PLACE: Final = re.compile(r"\{(config\.[A-Za-z0-9_]+)\}")
_FIELD: Final = ("field", "fallback", "currency", "fixed_currency", "timezone")
_KIND: Final = ("object", "id", "external_id")
_PATHS: Final = ("field", "fallback", "currency", "id", "external_id", "path")


def settled_texts(held: ConnectionFile) -> Iterator[tuple[At, str]]:
    """Give the texts that the user's settings may be part of, each with its place in the file."""
    yield ("connection", "timezone"), held.connection.timezone
    for kind, part in held.kind.items():
        at: At = ("kind", kind.value)
        yield from _named(part, _KIND, at)
        yield from _named(part.results, ("object", "external_id"), (*at, "results"))
        if part.nested is not None:
            yield from _named(part.nested, ("path",), (*at, "nested"))
        for owner, fields in (("fields", part.fields), ("results", part.results.fields)):
            for name, one in fields.items():
                inner = (owner, name) if owner == "fields" else (owner, "fields", name)
                yield from _named(one, _FIELD, (*at, *inner))


def settled(held: ConnectionFile, values: Mapping[str, str]) -> ConnectionFile:
    """Fill in the user's values, and say of each field what the file says of all.

    Raises:
        ConfigError: with every zone and path that is none any more.

    >>> from crm_expenses.adapters.rest.specfile import read_connection
    >>> file = read_connection("pocketbase")
    >>> settled(file, {"config.url": "https://crm.example.com"}) == file
    True
    """
    zone = _filled(held.connection.timezone, values)
    made = held.model_copy(
        update={
            "connection": held.connection.model_copy(update={"timezone": zone}),
            "kind": {
                kind: _kind(kind, part, values, held.connection.empty)
                for kind, part in held.kind.items()
            },
        }
    )
    problems = [*_zone_problems(made), *_path_problems(made)]
    if problems:
        raise ConfigError.of(problems)
    return made


def _kind(
    kind: Kind, part: KindPart, values: Mapping[str, str], empty: tuple[object, ...]
) -> KindPart:
    known = shapes(kind)
    fields = {}
    for name, one in part.fields.items():
        shape = known.get(name)
        is_yes_no = shape is not None and shape.form is FieldType.YES_NO
        fields[name] = _field(one, values, () if is_yes_no else empty)
    results = {name: _field(one, values, empty) for name, one in part.results.fields.items()}
    update: dict[str, object] = {
        "fields": fields,
        "results": _with(part.results, ("object", "external_id"), values).model_copy(
            update={"fields": results}
        ),
    }
    if part.nested is not None:
        update["nested"] = _with(part.nested, ("path",), values)
    return _with(part, _KIND, values).model_copy(update=update)


def _field(part: FieldPart, values: Mapping[str, str], empty: tuple[object, ...]) -> FieldPart:
    made = _with(part, _FIELD, values)
    is_given = made.empty or made.value is not None or made.form is Form.YES_NO
    return made if is_given or not empty else made.model_copy(update={"empty": empty})


def _with(part: _Some, names: tuple[str, ...], values: Mapping[str, str]) -> _Some:
    return part.model_copy(update={n: _filled(getattr(part, n), values) for n in names})


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: values[place[1]], text)


def _named(part: Part, names: tuple[str, ...], at: At) -> Iterator[tuple[At, str]]:
    for name in names:
        text = getattr(part, name)
        if text:
            yield (*at, name), text


def _zone_problems(held: ConnectionFile) -> Iterator[Problem]:
    for at, text in settled_texts(held):
        if at[-1] == "timezone":
            try:
                ZoneInfo(text)
            except (KeyError, OSError, ValueError):
                yield Problem("rest.timezone", {"value": text[:60]})


def _path_problems(held: ConnectionFile) -> Iterator[Problem]:
    for at, text in settled_texts(held):
        if at[-1] in _PATHS:
            try:
                steps_of(text)
            except ValueError as error:
                yield Problem("rest.path", {"value": text[:60], "detail": str(error)})
