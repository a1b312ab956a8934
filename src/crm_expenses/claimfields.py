"""The fields of a claim given as a plain dict: exact, strict, each with its own text when wrong.

A check raises the code of a text in `messages`; `claimdata` gives it its place.
"""

import re
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from crm_expenses.core.claim import Extra
from crm_expenses.core.money import exponent, read_number
from crm_expenses.errors import MappingError
from crm_expenses.rules.catalogue.line import DISTANCE_MAX, DISTANCE_SCALE
from crm_expenses.rules.catalogue.name import COUNT_MAX

PATTERN: Final = r"^-?[0-9]{1,15}(\.[0-9]{1,9})?$"
"""The form of an amount as text, for the JSON Schema; `core.money.read_number` reads it."""

_WHOLE: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _exact(value: object) -> Decimal:
    """Read an amount that was given as text, Decimal or whole number; a float is not exact."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise PydanticCustomError("claim.inexact", "not exact")
    written = str(value)
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < 30:
        written = f"{value:f}"
    try:
        return read_number(written)
    except MappingError as error:
        raise PydanticCustomError("record.amount", "not an amount") from error


def _rate(value: Decimal) -> Decimal:
    if value <= 0:
        raise PydanticCustomError("record.rate", "not above zero")
    return value


def _distance(value: Decimal) -> Decimal:
    exact = value.scaleb(DISTANCE_SCALE)
    if not 0 <= value <= DISTANCE_MAX or exact != exact.to_integral_value():
        given = {"limit": str(DISTANCE_MAX), "places": str(DISTANCE_SCALE)}
        raise PydanticCustomError("claim.distance", "not a distance", given)
    return value


def _whole(value: object) -> int:
    if isinstance(value, int | str) and not isinstance(value, bool):
        written = str(value)
        if _WHOLE.fullmatch(written) and int(written) <= COUNT_MAX:
            return int(written)
    raise PydanticCustomError("claim.whole", "not a count", {"limit": str(COUNT_MAX)})


def _day(value: object) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise PydanticCustomError("claim.date", "not a date")


def _moment(value: object) -> datetime | date:
    """Read a day, or a time with its zone."""
    if isinstance(value, str) and not _DATE.fullmatch(value):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("claim.submitted", "not a time") from None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise PydanticCustomError("claim.no_zone", "no zone")
        return value
    try:
        return _day(value)
    except PydanticCustomError:
        raise PydanticCustomError("claim.submitted", "not a time") from None


def _currency(value: str) -> str:
    try:
        exponent(value)
    except MappingError:
        raise PydanticCustomError("record.currency", "not a currency") from None
    return value


def _zoned(value: object) -> datetime:
    """Read a time with its zone."""
    moment = _moment(value)
    if not isinstance(moment, datetime):
        raise PydanticCustomError("claim.zoned", "no time with a zone")
    return moment


def _extra(value: object) -> Extra:
    """Read an object of names and plain values; each becomes the text that a CRM would hold."""
    if not isinstance(value, dict) or len(value) > EXTRA_MAX:
        raise PydanticCustomError("claim.extra", "not an object", {"limit": str(EXTRA_MAX)})
    pairs = []
    for name, held in value.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise PydanticCustomError("claim.extra_name", "no name", {"name": str(name)[:40]})
        text = _extra_text(held)
        if text is None or len(text) > TEXT_MAX:
            given = {"name": name, "limit": str(TEXT_MAX)}
            raise PydanticCustomError("claim.extra_value", "no plain value", given)
        if text:
            pairs.append((name, text))
    return tuple(sorted(pairs))


def _extra_text(held: object) -> str | None:
    match held:
        case None:
            return ""
        case bool():
            return "yes" if held else "no"
        case str():
            return held.strip()
        case int() if abs(held) < 10**EXACT_DIGITS:
            return str(held)
        case Decimal():
            return f"{held:f}" if held.is_finite() and abs(held.adjusted()) < 30 else None
        case datetime():
            return None
        case date():
            return held.isoformat()
    return None


EXTRA_MAX: Final = 100
"""Most facts of the policy's own on one record."""

TEXT_MAX: Final = 200
"""Longest text of one of them."""

EXACT_DIGITS: Final = 15
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)

Exact = Annotated[
    Decimal,
    BeforeValidator(_exact),
    WithJsonSchema(
        {"anyOf": [{"type": "number"}, {"pattern": PATTERN, "type": "string"}]}, mode="validation"
    ),
]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[
    datetime | date,
    PlainValidator(_moment),
    WithJsonSchema(
        {"anyOf": [{"format": f, "type": "string"} for f in ("date-time", "date")]},
        mode="validation",
    ),
]
Zoned = Annotated[
    datetime,
    PlainValidator(_zoned),
    WithJsonSchema({"format": "date-time", "type": "string"}, mode="validation"),
]
ExtraValues = Annotated[
    Extra,
    PlainValidator(_extra),
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        },
        mode="validation",
    ),
]
Count = Annotated[int, Field(ge=0, le=COUNT_MAX), BeforeValidator(_whole)]
Distance = Annotated[Exact, AfterValidator(_distance)]
RateValue = Annotated[Exact, AfterValidator(_rate)]
CurrencyCode = Annotated[str, AfterValidator(_currency)]
