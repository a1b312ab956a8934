"""Writes values as TOML that reads back as the same values, whatever they hold."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f"}
_SHORT_RETURN: Final = {"\r": "\\r"}

Plain = str | int | Decimal | date


def quoted(value: str) -> str:
    r"""Write a text as a basic string; what is not printable is escaped.

    >>> print(quoted('a "b" \\ c\n]] 王'))
    "a \"b\" \\ c\n]] 王"
    """
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(char: str) -> str:
    short = _SHORT.get(char) or _SHORT_RETURN.get(char)
    if short:
        return short
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def literal(value: Plain) -> str:
    """Write a value: a text in quotes, an amount with all its digits, a day.

    >>> literal(Decimal("0.70")), literal(date(2026, 1, 1)), literal(Decimal("1E+3"))
    ('0.70', '2026-01-01', '1000')
    """
    match value:
        case str():
            return quoted(value)
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def array(values: Iterable[Plain]) -> str:
    """Write a list on one line.

    >>> array(["a", 5])
    '["a", 5]'
    """
    return f"[{', '.join(map(literal, values))}]"


def inline(pairs: Iterable[tuple[str, Plain]]) -> str:
    """Write a table on one line; the keys are bare keys of ours.

    >>> inline([("en", "Meals"), ("zh", "餐费")])
    '{ en = "Meals", zh = "餐费" }'
    """
    return "{ " + ", ".join(f"{key} = {literal(value)}" for key, value in pairs) + " }"
