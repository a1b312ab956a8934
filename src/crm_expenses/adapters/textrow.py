"""Records and results as rows of text, and back: exact, strict, and every mistake of a row at once.

The columns are the fields of the core's own types; an amount takes two, itself and its currency.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from types import NoneType
from typing import Final, TypeVar, get_args

from crm_expenses.core.money import Money, read_number
from crm_expenses.errors import CrmExpensesError, MappingError, Problem

Row = Mapping[str, str]
"""A record as the CRM has it: column to text. An absent column is an absent value."""

EXTRA: Final = "extra"
"""The field for what a CRM keeps beside the known ones: a column `extra.NAME` for each."""

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WHOLE: Final = re.compile(r"-?\d{1,15}", re.ASCII)
_YES_NO: Final = {"true": True, "false": False}
_T = TypeVar("_T")


def to_row(value: object) -> dict[str, str]:
    """Write a record or a result as a row of text; money takes two columns.

    >>> from crm_expenses.core.voucher import Voucher, VoucherKind
    >>> to_row(Voucher("V-1", VoucherKind.RECEIPT, amount=Money(1250, "CNY")))["amount_currency"]
    'CNY'
    """
    if not is_dataclass(value):
        raise TypeError(f"{type(value).__name__} is neither a record nor a result")
    row: dict[str, str] = {}
    for column in fields(value):
        held = getattr(value, column.name)
        if isinstance(held, Money):
            row[column.name] = f"{held.amount:f}"
            row[f"{column.name}_currency"] = held.currency
        elif column.name == EXTRA:
            row |= {f"{EXTRA}.{name}": text for name, text in held}
        elif held is not None:
            row[column.name] = _text(held)
    return row


def columns_of(names: Iterable[str]) -> tuple[str, ...]:
    """Give the columns that fields may stand in; an amount takes two.

    >>> columns_of(["amount", "extra.miles"])
    ('amount', 'amount_currency', 'extra.miles', 'extra.miles_currency')
    """
    return tuple(column for name in names for column in (name, f"{name}_currency"))


def from_row(made: type[_T], row: Row) -> _T:
    """Read a row of text into a record or a result.

    Raises:
        MappingError: with everything that is wrong in the row.

    >>> from crm_expenses.core.party import Account
    >>> from_row(Account, {"id": "A-1", "name": "东方贸易"}).name
    '东方贸易'
    """
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for column in fields(made):  # type: ignore[arg-type]  # records and results are dataclasses
        if column.name == EXTRA:
            start = f"{EXTRA}."
            held = [(n.removeprefix(start), t) for n, t in row.items() if n.startswith(start)]
            values[EXTRA] = tuple(sorted(pair for pair in held if pair[1]))
            continue
        try:
            values[column.name] = _value(column, row)
        except MappingError as error:
            problems += error.problems
    if problems:
        raise MappingError.of(problems)
    build: Callable[..., _T] = made
    return build(**values)


def _text(held: object) -> str:
    if isinstance(held, Enum):
        return str(held.value)
    if isinstance(held, bool):
        return "true" if held else "false"
    if isinstance(held, Decimal):
        return f"{held:f}"
    return held.isoformat() if isinstance(held, date) else str(held)


def _value(column: "Field[object]", row: Row) -> object:
    kinds = [k for k in get_args(column.type) if k is not NoneType] or [column.type]
    text = row.get(column.name, "")
    if column.name in row and (text or (kinds == [str] and column.name != "id")):
        try:
            return _read(kinds[0], column.name, text, row)
        except (ValueError, CrmExpensesError) as error:
            if isinstance(error, MappingError):
                raise
            raise MappingError("memory.value", column=column.name, value=text[:40]) from error
    if column.default is MISSING:
        if NoneType in get_args(column.type):
            return None
        raise MappingError("memory.missing", column=column.name)
    return column.default


def _read(kind: object, name: str, text: str, row: Row) -> object:
    if kind is Money:
        return Money.of(text, row.get(f"{name}_currency", ""))
    if kind is Decimal:
        return read_number(text)
    if kind is bool:
        if text not in _YES_NO:
            raise ValueError(text)
        return _YES_NO[text]
    if kind is int:
        if not _WHOLE.fullmatch(text):
            raise ValueError(text)
        return int(text)
    if kind is datetime:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise MappingError("memory.no_zone", column=name, value=text)
        return moment
    if kind is date:
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(text)
    return text
