"""Whether the fields of a CRM, as it describes them itself, fit what is mapped onto them. Pure."""

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import NoneType
from typing import Final, get_args, get_type_hints

from crm_expenses.adapters.contract import (
    Description,
    Diagnosis,
    FieldInfo,
    Form,
    Level,
)
from crm_expenses.adapters.fieldmap import RESULT_TYPES
from crm_expenses.adapters.files.shape import EXTRA, FieldShape, FieldType, shapes
from crm_expenses.core.money import Money
from crm_expenses.core.record import Kind
from crm_expenses.errors import Problem

CHARS: Final[Mapping[str, int]] = {
    "findings_en": 2_000,
    "findings_zh": 2_000,
    "notes_en": 1_000,
    "notes_zh": 1_000,
    "waiting_for": 255,
    "policy": 100,
    "decision": 64,
    "content_code": 16,
    "refused": 255,
    "key": 64,
}
"""The characters that the texts of a result take: what some twenty findings need, and the codes."""

_WORDS: Final[Mapping[Form, frozenset[str]]] = {
    Form.TEXT: frozenset(
        {"string", "text", "textarea", "id", "email", "phone", "url", "website", "varchar"}
        | {"longtextarea", "encryptedstring", "autonumber", "long_text", "true_or_false_text"}
    ),
    Form.WHOLE: frozenset({"int", "integer", "long", "bigint", "whole"}),
    Form.NUMBER: frozenset({"double", "decimal", "number", "currency", "percent", "money"}),
    Form.YES_NO: frozenset({"boolean", "bool", "checkbox", "true_or_false", "yes_no"}),
    Form.DAY: frozenset({"date", "day"}),
    Form.MOMENT: frozenset({"datetime", "date_time", "timestamp", "moment"}),
    Form.CHOICE: frozenset({"picklist", "combobox", "select_one", "enum", "choice", "dropdown"}),
    Form.REFERENCE: frozenset({"reference", "lookup", "ownerlookup", "object_reference", "user"}),
}
_TEXTS: Final = frozenset({Form.TEXT, Form.CHOICE, Form.REFERENCE, Form.WHOLE})
_NUMBERS: Final = frozenset({Form.NUMBER, Form.WHOLE, Form.TEXT})
_READABLE: Final[Mapping[FieldType, frozenset[Form]]] = {
    FieldType.ID: _TEXTS,
    FieldType.TEXT: _TEXTS,
    FieldType.DATE: frozenset({Form.DAY, Form.TEXT}),
    FieldType.TIME: frozenset({Form.MOMENT, Form.TEXT}),
    FieldType.MONEY: _NUMBERS,
    FieldType.NUMBER: _NUMBERS,
    FieldType.COUNT: _NUMBERS,
    FieldType.YES_NO: frozenset({Form.YES_NO, Form.CHOICE, Form.TEXT}),
    FieldType.CHOICE: frozenset({Form.CHOICE, Form.TEXT}),
    FieldType.CURRENCY: frozenset({Form.TEXT, Form.CHOICE, Form.REFERENCE}),
}
_WRITTEN: Final[Mapping[object, frozenset[Form]]] = {
    Money: _NUMBERS,
    Decimal: frozenset({Form.NUMBER, Form.TEXT}),
    int: _NUMBERS,
    date: frozenset({Form.DAY, Form.TEXT}),
}
"""What a field may hold to take a value of a result that is no text."""
_RESULTS: Final[Mapping[str, type]] = {kind.value: made for kind, made in RESULT_TYPES.items()}
_OF_CURRENCY: Final = "_currency"
_NEAR_MAX: Final = 3


def form_of(info: FieldInfo) -> Form | None:
    """Give what a field holds, by the CRM's own word for it; None where nobody knows the word.

    >>> form_of(FieldInfo("Amount", "Currency")), form_of(FieldInfo("X", "geolocation"))
    (<Form.NUMBER: 'number'>, None)
    """
    if info.form is not None:
        return info.form
    word = info.type.casefold().replace(" ", "_")
    return next((form for form, words in _WORDS.items() if word in words), None)


def compare(
    crm: str, descriptions: Sequence[Description], changes: Collection[Kind] = ()
) -> Iterator[Diagnosis]:
    """Look at every field that is mapped, and say what does not fit; one good word where all does.

    `changes` are the kinds of which records are changed from here (`Capabilities.changes`).
    """
    for one in descriptions:
        found = list(_of(crm, one, is_changed=one.kind in changes))
        yield from found
        if not found:
            values = {**_named(crm, one), "count": str(len(one.mapped))}
            yield Diagnosis(Level.GOOD, Problem("fieldcheck.good", values))


def _of(crm: str, one: Description, *, is_changed: bool) -> Iterator[Diagnosis]:
    infos = {info.name: info for info in one.fields}
    named = _named(crm, one)
    for ours, theirs in one.mapped.items():
        values = {**named, "ours": ours, "theirs": theirs}
        info = infos.get(theirs)
        if info is None:
            near = difflib.get_close_matches(theirs, infos, n=_NEAR_MAX, cutoff=0.4)
            values["near"] = ", ".join(near) or "-"
            yield Diagnosis(Level.BAD, Problem("fieldcheck.missing", values))
            continue
        yield from _form(one, ours, info, values)
        yield from _written(ours, info, values, is_changed=is_changed)
        yield from _options(one, ours, info, values)
    yield from _whole(one, infos, named, is_changed=is_changed)


def _form(
    one: Description, ours: str, info: FieldInfo, values: Mapping[str, str]
) -> Iterator[Diagnosis]:
    readable, form = _readable(one.kind, ours), form_of(info)
    if readable is None or form is None or form in readable:
        return
    expected = ", ".join(sorted(readable))
    held = {**values, "type": info.type or form.value, "expected": expected}
    yield Diagnosis(Level.BAD, Problem("fieldcheck.form", held))


def _written(
    ours: str, info: FieldInfo, values: Mapping[str, str], *, is_changed: bool
) -> Iterator[Diagnosis]:
    result, _, name = ours.rpartition(".")
    is_result = result in _RESULTS
    if not is_result and (not is_changed or ours == "id"):
        return
    if not info.writable:
        yield Diagnosis(Level.BAD, Problem("fieldcheck.read_only", values))
    needed = _chars(result, name)
    if info.length is not None and needed > info.length:
        lengths = {"length": str(info.length), "needed": str(needed)}
        yield Diagnosis(Level.BAD, Problem("fieldcheck.short", {**values, **lengths}))


def _options(
    one: Description, ours: str, info: FieldInfo, values: Mapping[str, str]
) -> Iterator[Diagnosis]:
    if not info.options:
        return
    result, _, name = ours.rpartition(".")
    known = one.options.get(ours)
    if known is not None:
        more = [option for option in info.options if option not in known]
        if more:
            held = {**values, "options": ", ".join(more)[:300], "known": ", ".join(known)[:300]}
            yield Diagnosis(Level.WARNING, Problem("fieldcheck.options", held))
    made = _type(result, name)
    if isinstance(made, type) and issubclass(made, StrEnum):
        lacking = [word.value for word in made if word.value not in info.options]
        if lacking:
            held = {**values, "options": ", ".join(lacking)[:300]}
            yield Diagnosis(Level.BAD, Problem("fieldcheck.no_option", held))


def _whole(
    one: Description, infos: Mapping[str, FieldInfo], named: Mapping[str, str], *, is_changed: bool
) -> Iterator[Diagnosis]:
    key = infos.get(one.mapped.get("id", ""))
    if key is not None and not key.unique:
        values = {**named, "theirs": key.name}
        yield Diagnosis(Level.WARNING, Problem("fieldcheck.not_unique", values))
    if not is_changed and not any(ours.rpartition(".")[0] in _RESULTS for ours in one.mapped):
        return
    filled = set(one.mapped.values())
    for info in infos.values():
        if info.required and info.writable and info.name not in filled:
            values = {**named, "theirs": info.name}
            yield Diagnosis(Level.WARNING, Problem("fieldcheck.not_filled", values))


def _readable(kind: Kind, ours: str) -> frozenset[Form] | None:
    """Give what a field may hold to be read as ours, or written as a result; None for anything."""
    result, _, name = ours.rpartition(".")
    if result in _RESULTS:
        return _WRITTEN.get(_type(result, name), _TEXTS - {Form.WHOLE})
    if ours == EXTRA:
        return None
    shape = _shape(kind, ours)
    return _READABLE[shape] if shape is not None else None


def _shape(kind: Kind, ours: str) -> FieldType | None:
    if ours.startswith(f"{EXTRA}."):
        return FieldType.TEXT
    held: FieldShape | None = shapes(kind).get(ours)
    if held is not None:
        return held.form
    return FieldType.CURRENCY if ours.endswith(_OF_CURRENCY) else None


def _chars(result: str, name: str) -> int:
    made = _type(result, name)
    if isinstance(made, type) and issubclass(made, StrEnum):
        return max(len(word) for word in made)
    return CHARS.get(name, 0)


def _type(result: str, name: str) -> object:
    """Give the type of a field of a result, None for what is no such field."""
    made = _RESULTS.get(result)
    if made is None or name not in {one.name for one in fields(made)}:
        return None
    hint = get_type_hints(made)[name]
    return next((arm for arm in get_args(hint) if arm is not NoneType), hint)


def _named(crm: str, one: Description) -> dict[str, str]:
    return {"crm": crm, "kind": one.kind.value, "name": one.name}
