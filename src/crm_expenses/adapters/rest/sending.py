"""What a write puts into a record, and whether it stands there. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, cast

from crm_expenses.adapters.contract import (
    Told,
)
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.rest.codecs import micros
from crm_expenses.adapters.rest.path import found, put
from crm_expenses.adapters.rest.speckind import (
    Conflict,
    ConflictStyle,
    FieldPart,
    Form,
    ResultsPart,
)
from crm_expenses.core.money import Money
from crm_expenses.core.record import Json


def prove(
    conflict: Conflict, fields: dict[str, Json], raw: Value, headers: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """Give the version on which a write rests, and its header; or put it among the fields."""
    version = token_of(conflict, raw, headers)
    if not version:
        return "", {}
    if conflict.send_path:
        put(fields, conflict.send_path, version)
    elif conflict.style is ConflictStyle.ETAG:
        return version, {"If-Match": version}
    elif conflict.header:
        return version, {conflict.header: version}
    return version, {}


def over(held: Value, fields: Mapping[str, Json]) -> Value:
    """Put fields on top of a record, object by object."""
    if not isinstance(held, dict):
        return cast("Value", fields)
    made = dict(held)
    for name, value in fields.items():
        is_inner = isinstance(value, dict) and isinstance(made.get(name), dict)
        made[name] = over(made[name], value) if is_inner else cast("Value", value)  # type: ignore[arg-type]  # it is one
    return made


def kept_whole(paths: Sequence[str], fields: dict[str, Json], raw: Value) -> dict[str, Json]:
    """Add to the objects that are written what else stands in them: a write replaces them.

    >>> kept_whole(["own"], {"own": {"a": 1}}, {"own": {"a": 0, "b": 2}})
    {'own': {'a': 1, 'b': 2}}
    """
    made = dict(fields)
    for path in paths:
        ours, theirs = found(fields, path), found(raw, path)
        if isinstance(ours, dict) and isinstance(theirs, dict):
            put(made, path, {**cast("dict[str, Json]", theirs), **ours})
    return made


def result_fields(part: ResultsPart, result: Told, key: str) -> dict[str, Json]:
    """Give the CRM's fields of a result, by path; what is not mapped is not written."""
    row: dict[str, Json] = {}
    values: dict[str, Any] = {one.name: getattr(result, one.name) for one in fields(result)}
    values["key"] = key
    for name, held in part.fields.items():
        value = values[name]
        row[held.field] = _plain(held, value)
        if held.currency:
            row[held.currency] = value.currency if isinstance(value, Money) else None
    return row


def same(wanted: Mapping[str, Json], flat: Mapping[str, Value]) -> bool:
    """Say whether a row holds some values; empty is empty, and 12.5 is 12.50.

    >>> same({"a": "12.50", "b": None}, {"a": Decimal("12.5")}), same({"a": "x"}, {})
    (True, False)
    """
    return all(_alike(value, flat.get(name)) for name, value in wanted.items())


def token_of(conflict: Conflict, raw: Value, headers: Mapping[str, str]) -> str:
    """Give the version, time or ETag of a record that was just read, or of its headers."""
    if conflict.style is ConflictStyle.NONE:
        return ""
    if conflict.path:
        held = found(raw, conflict.path)
        return str(held) if isinstance(held, str | int) else ""
    return headers.get(conflict.header.lower(), "")


def _plain(part: FieldPart, value: object) -> Json:
    match value:
        case Money() if part.form is Form.CENTS:
            return value.minor
        case Money() if part.form is Form.MICROS:
            return micros(value)
        case Money() if part.form in (Form.NUMBER, Form.FLOAT):
            number = value.amount
            whole = number == number.to_integral_value()
            return int(number) if whole else cast("Json", number)
        case Money():
            return f"{value.amount:f}"
        case Decimal() if part.form not in (Form.NUMBER, Form.FLOAT):
            return f"{value:f}"
        case date():
            return value.isoformat()
        case StrEnum():
            words = {ours: theirs for theirs, ours in part.words.items()}
            return words.get(value.value, value.value)
        case _:
            return cast("Json", value)


def _alike(wanted: Json, held: Value) -> bool:
    empty = (None, "")
    if wanted in empty or held in empty:
        return wanted in empty and held in empty
    if isinstance(wanted, bool) or isinstance(held, bool):
        return wanted is held
    if isinstance(wanted, dict | list):
        return wanted == held
    if str(wanted) == str(held):
        return True
    try:
        return Decimal(str(wanted)) == Decimal(str(held))
    except InvalidOperation:
        return False
