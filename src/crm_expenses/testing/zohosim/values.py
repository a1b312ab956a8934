"""Values of fields: what is accepted from outside, and how they are shown again.

Inside, money is Decimal, a moment is in UTC, a lookup is the id it points to.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Final

from crm_expenses.testing.zohosim.refusal import invalid
from crm_expenses.testing.zohosim.schema import LINKS, TEXTS, Field, Type

ID: Final = re.compile(r"[0-9]{15,20}", re.ASCII)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DATETIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_DECIMALS_MAX: Final = 9


def id_text(value: object) -> str | None:
    """Give an id as text, whether it came as a number or as text.

    >>> id_text(400001000000000012), id_text("12"), id_text(None)
    ('400001000000000012', None, None)
    """
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if ID.fullmatch(text) else None


def moment(text: str) -> datetime | None:
    """Read a moment with its offset, and nothing else.

    >>> moment("2026-01-15T08:00:00+08:00"), moment("2026-01-15")
    (datetime.datetime(2026, 1, 15, 0, 0, tzinfo=datetime.timezone.utc), None)
    """
    if not _DATETIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


def moment_text(at: datetime, zone: tzinfo) -> str:
    """Show a moment as answers do: in a zone, without fractions."""
    return at.astimezone(zone).replace(microsecond=0).isoformat()


def accept(field: Field, value: object, *, strict_picklists: bool = True) -> object:
    """Check a value that comes from outside, and give it as it is held.

    Raises:
        RefusalError: it is none of the field's.
    """
    if value is None or value == "":
        return None
    if field.type in TEXTS:
        return _text(field, value)
    if field.type in LINKS:
        return _link(field, value)
    if field.type is Type.PICKLIST:
        return _choice(field, value, is_strict=strict_picklists)
    made = _READERS[field.type](field, value)
    if field.type is Type.MULTIPICK and isinstance(made, tuple):
        return tuple(_choice(field, one, is_strict=strict_picklists) for one in made)
    return made


def _text(field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise invalid(field.name, field.json_type)
    if len(value) > field.length_max:
        raise invalid(field.name, maximum_length=field.length_max)
    return value


def _link(field: Field, value: object) -> str:
    held = value.get("id") if isinstance(value, Mapping) else value
    text = id_text(held)
    if text is None:
        raise invalid(field.name, "bigint" if isinstance(value, Mapping) else field.json_type)
    return text


def _choice(field: Field, value: object, *, is_strict: bool) -> str:
    if not isinstance(value, str):
        raise invalid(field.name, "string")
    if len(value) > field.length_max > 0:
        raise invalid(field.name, maximum_length=field.length_max)
    if is_strict and field.values and value not in field.values:
        raise invalid(field.name, supported_values=list(field.values))
    return value


def _whole(field: Field, value: object) -> int:
    is_text = isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value, re.ASCII)
    if field.type is Type.BIGINT and is_text:
        value = int(str(value))
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid(field.name, field.json_type)
    if len(str(abs(value))) > field.length_max:
        raise invalid(field.name, maximum_length=field.length_max)
    return value


def _number(field: Field, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise invalid(field.name, field.json_type)
    number = Decimal(value)
    if not number.is_finite() or len(str(abs(int(number)))) > field.length_max:
        raise invalid(field.name, maximum_length=field.length_max)
    exponent = number.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > _DECIMALS_MAX:
        raise invalid(field.name, maximum_length=_DECIMALS_MAX)
    return number


def _date(field: Field, value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise invalid(field.name, "date")


def _datetime(field: Field, value: object) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(microsecond=0)
    read = moment(value) if isinstance(value, str) else None
    if read is None:
        raise invalid(field.name, "datetime")
    return read


def _boolean(field: Field, value: object) -> bool:
    if not isinstance(value, bool):
        raise invalid(field.name, "boolean")
    return value


def _several(field: Field, value: object) -> tuple[object, ...]:
    if not isinstance(value, list | tuple):
        raise invalid(field.name, field.json_type)
    return tuple(value)


_READERS: Final[Mapping[Type, Callable[[Field, object], object]]] = {
    Type.INTEGER: _whole,
    Type.BIGINT: _whole,
    Type.DOUBLE: _number,
    Type.CURRENCY: _number,
    Type.PERCENT: _number,
    Type.DATE: _date,
    Type.DATETIME: _datetime,
    Type.BOOLEAN: _boolean,
    Type.MULTIPICK: _several,
    Type.SUBFORM: _several,
    Type.FILES: _several,
}


def shown(value: object, zone: tzinfo) -> object:
    """Show a plain value as JSON has it; lookups are shown by whom holds the records.

    >>> shown(date(2026, 1, 15), UTC), shown(Decimal("12.50"), UTC)
    ('2026-01-15', Decimal('12.50'))
    """
    match value:
        case datetime():
            return moment_text(value, zone)
        case date():
            return value.isoformat()
        case tuple():
            return [shown(one, zone) for one in value]
        case _:
            return value
