"""Records as short texts, for the spool: exact, of one form, and back again.

Only what this process wrote is ever read back, so a text holds values and no names.
"""

import json
from collections.abc import Callable
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any, Final

from crm_expenses.adapters.contract import SetAside
from crm_expenses.adapters.files.shape import EXTRA, FieldType, has_extra, shapes
from crm_expenses.core.money import Money
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import TYPES, Kind, Record
from crm_expenses.errors import Place, Problem


def _plain(value: object) -> object:
    """Give what JSON does not know as something that it does."""
    if isinstance(value, Money):
        return [value.minor, value.currency]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is in no record")


_DUMP: Final = json.JSONEncoder(separators=(",", ":"), default=_plain, check_circular=False).encode


def pack(kind: Kind, record: Record) -> str:
    """Give a record's values as one text.

    >>> from crm_expenses.core.party import Account
    >>> pack(Kind.ACCOUNT, Account("A-1", "Lake Ltd"))
    '["A-1","Lake Ltd","","","",null]'
    """
    return _DUMP(_values(kind)(record))


def unpacker(kind: Kind, zone: tzinfo | None) -> Callable[[str], Record]:
    """Make the reading back of one kind; times come back in `zone`.

    >>> from crm_expenses.core.party import Account
    >>> one = Account("A-1", "客户", since=date(2026, 1, 2))
    >>> unpacker(Kind.ACCOUNT, None)(pack(Kind.ACCOUNT, one)) == one
    True
    """
    make: Callable[..., Record] = TYPES[kind]
    ways: list[Callable[[Any], object] | None] = []
    for shape in shapes(kind).values():
        match shape.form:
            case FieldType.DATE:
                ways.append(date.fromisoformat)
            case FieldType.TIME:
                ways.append(lambda text: _time(text, zone))
            case FieldType.MONEY:
                ways.append(lambda pair: Money(*pair))
            case FieldType.NUMBER:
                ways.append(Decimal)
            case FieldType.CHOICE:
                ways.append(shape.choices)
            case _:
                ways.append(None)
    if has_extra(kind):
        ways.append(lambda pairs: tuple((name, text) for name, text in pairs))
    # An extra is the last field of its dataclass, so that values stand in the order of fields.

    def unpack(text: str) -> Record:
        held = json.loads(text)
        return make(
            *(
                value if way is None or value is None else way(value)
                for way, value in zip(ways, held, strict=True)
            )
        )

    return unpack


def pack_aside(aside: SetAside) -> str:
    """Give a record that was set aside as one text."""
    problems = [
        [p.code, dict(p.values), p.place.file, p.place.line, p.place.column] for p in aside.problems
    ]
    origin = aside.origin
    return _DUMP([origin.crm, origin.record, origin.place, origin.version, problems])


def unpack_aside(text: str) -> SetAside:
    """Read back what `pack_aside` wrote.

    >>> one = SetAside(Origin("c", "r", "f:1"), (Problem("record.rate", {"value": "0"}),))
    >>> unpack_aside(pack_aside(one)) == one
    True
    """
    crm, record, place, version, problems = json.loads(text)
    return SetAside(
        Origin(crm, record, place, version),
        tuple(
            Problem(code, values, Place(file, line, column))
            for code, values, file, line, column in problems
        ),
    )


@cache
def _values(kind: Kind) -> Callable[[Record], tuple[object, ...]]:
    return attrgetter(*shapes(kind), *((EXTRA,) if has_extra(kind) else ()))


def _time(text: str, zone: tzinfo | None) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(zone) if zone is not None else moment
