"""What each kind of record is made of: its fields, their types, which of them it cannot be without.

Read from the dataclasses of the core, so that a new field is mappable the day it exists.
"""

import re
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Final, Union, get_args, get_origin, get_type_hints

from crm_expenses.core.money import Money
from crm_expenses.core.record import TYPES, Kind

CURRENCY_FIELD: Final = "currency"
"""Beside the fields of a record: the currency that all its amounts are in."""


EXTRA: Final = "extra"
"""The field for what a CRM keeps beside the known ones; a mapping names `extra.NAME`."""

_EXTRA_NAME: Final = re.compile(r"extra\.[a-z][a-z0-9_]{0,59}", re.ASCII)


class FieldType(StrEnum):
    """The ways in which a field is read."""

    TEXT = "text"
    ID = "id"
    DATE = "date"
    TIME = "time"
    MONEY = "money"
    NUMBER = "number"
    COUNT = "count"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CURRENCY = "currency"


NUMERIC: Final = frozenset({FieldType.MONEY, FieldType.NUMBER, FieldType.COUNT})
DATED: Final = frozenset({FieldType.DATE, FieldType.TIME})

_OF_PYTHON: Final[dict[type, FieldType]] = {
    str: FieldType.TEXT,
    date: FieldType.DATE,
    datetime: FieldType.TIME,
    Money: FieldType.MONEY,
    Decimal: FieldType.NUMBER,
    int: FieldType.COUNT,
    bool: FieldType.YES_NO,
}
_CURRENCIES: Final = frozenset({(Kind.RATE, "currency"), (Kind.RATE, "into")})


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One field; `choices` is the closed list of a CHOICE."""

    name: str
    form: FieldType
    is_required: bool
    choices: type[StrEnum] | None = None


@cache
def shapes(kind: Kind) -> dict[str, FieldShape]:
    """Give the fields of a kind of record, in the order of its dataclass.

    >>> [s.name for s in shapes(Kind.CLAIM).values() if s.is_required]
    ['id', 'person', 'submitted']
    """
    hints = get_type_hints(TYPES[kind])
    found: dict[str, FieldShape] = {}
    for field in fields(TYPES[kind]):
        if field.name == EXTRA:
            continue
        python = _plain(hints[field.name])
        is_choice = issubclass(python, StrEnum)
        own = FieldType.CHOICE if is_choice else _OF_PYTHON[python]
        if (kind, field.name) in _CURRENCIES:
            own = FieldType.CURRENCY
        if field.name == "id":
            own = FieldType.ID
        is_required = field.default is MISSING and field.default_factory is MISSING
        choices = python if is_choice else None
        found[field.name] = FieldShape(field.name, own, is_required, choices)
    return found


@cache
def mappable(kind: Kind) -> dict[str, FieldShape]:
    """Give the fields that a mapping may name: those of the record, and the amounts' currency.

    >>> "currency" in mappable(Kind.LINE), "currency" in mappable(Kind.CLAIM)
    (True, False)
    """
    own = shapes(kind)
    amounts = [shape for shape in own.values() if shape.form is FieldType.MONEY]
    if not amounts:
        return own
    is_required = any(shape.is_required for shape in amounts)
    return {**own, CURRENCY_FIELD: FieldShape(CURRENCY_FIELD, FieldType.CURRENCY, is_required)}


@cache
def has_extra(kind: Kind) -> bool:
    """Say whether records of a kind hold more than their known fields."""
    return any(field.name == EXTRA for field in fields(TYPES[kind]))


def field_shape(kind: Kind, name: str) -> FieldShape | None:
    """Give the field that a mapping names, None where there is no such field.

    >>> field_shape(Kind.LINE, "extra.miles").form, field_shape(Kind.RATE, "extra.miles")
    (<FieldType.TEXT: 'text'>, None)
    """
    if _EXTRA_NAME.fullmatch(name) and has_extra(kind):
        return FieldShape(name, FieldType.TEXT, is_required=False)
    return mappable(kind).get(name)


def _plain(hint: object) -> type:
    if get_origin(hint) in (UnionType, Union):
        hint = next(arm for arm in get_args(hint) if arm is not type(None))
    if not isinstance(hint, type):
        raise TypeError(f"{hint} is not a type that a file can hold")
    return hint
