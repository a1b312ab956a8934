"""COQL, the platform's query language: how a query is built, and the one place that quotes values.

How a quote inside a literal is escaped is written nowhere, so nothing is escaped: a value that
holds a quote, a backslash or a control character is refused (`literal`). Names of modules and
fields are checked against a pattern, because they come from the user's settings. Conditions stand
in pairs, as the platform demands: `((a and b) and c)`.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crm_expenses.errors import RefusedError

COLUMNS_MAX: Final = 50
CRITERIA_MAX: Final = 25
IN_MAX: Final = 50
"""Values of one `in`: the pages say 50 to 100, so the smaller number."""
ROWS_MAX: Final = 2_000
ROWS_SAFE: Final = 200
"""Rows of one answer that every version allows; more is refused by some (LIMIT_EXCEEDED)."""

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}", re.ASCII)
_DOTTED: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9_]{0,99}(\.[A-Za-z][A-Za-z0-9_]{0,99}){0,5}", re.ASCII
)
_ID: Final = re.compile(r"[0-9]{1,20}", re.ASCII)
_LITERAL_CHARS_MAX: Final = 255
_QUOTES: Final = frozenset("'\"`\\‘’‛′＇")
"""What ends a literal, or might where somebody folds characters before parsing."""
_CONTROL: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_COMPARE: Final = frozenset({"=", "!=", ">", ">=", "<", "<="})


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as text, with the number of criteria in it; only this file makes one."""

    text: str
    count: int


def is_id(value: str) -> bool:
    """Say whether a text may be the id of a record.

    >>> is_id("5725767000000524157"), is_id("nobody"), is_id("1 or 1")
    (True, False, False)
    """
    return _ID.fullmatch(value) is not None


def is_safe(value: str) -> bool:
    r"""Say whether a text can stand in a literal without an escape.

    >>> is_safe("Closed Won"), is_safe("O'Hara"), is_safe("a\nb")
    (True, False, False)
    """
    return 0 < len(value) <= _LITERAL_CHARS_MAX and not any(
        char in _QUOTES or unicodedata.category(char) in _CONTROL for char in value
    )


def literal(value: str | datetime) -> str:
    """Quote a value: an id, a moment with its zone, or a text that needs no escape.

    Raises:
        RefusedError: the text would need one, or the moment has no zone.

    >>> literal("Closed Won")
    "'Closed Won'"
    """
    if isinstance(value, datetime):
        return f"'{moment(value)}'"
    if not is_safe(value):
        raise RefusedError("zoho.query_value", value=ascii(value)[:60])
    return f"'{value}'"


def moment(value: datetime) -> str:
    """Write a moment as the platform reads it: to the second, with its offset.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 1, 15, 8, 0, 0, 999_999, tzinfo=UTC))
    '2026-01-15T08:00:00+00:00'
    """
    offset = value.utcoffset()
    if offset is None:
        raise RefusedError("zoho.query_value", value=value.isoformat())
    return value.replace(microsecond=0).isoformat(timespec="seconds")


def name(value: str) -> str:
    """Give the name of a module or a field, checked.

    Raises:
        RefusedError: it is no such name.

    >>> name("Expense_Claims")
    'Expense_Claims'
    """
    if _NAME.fullmatch(value) is None:
        raise RefusedError("zoho.query_name", value=ascii(value)[:60])
    return value


def column(value: str) -> str:
    """Give the name of a column, checked: a field, or a field of a record that is looked up.

    Raises:
        RefusedError: it is no such name.

    >>> column("Account.Account_Name")
    'Account.Account_Name'
    """
    if _DOTTED.fullmatch(value) is None:
        raise RefusedError("zoho.query_name", value=ascii(value)[:60])
    return value


def compare(field: str, how: str, value: str | datetime) -> Condition:
    """Compare a field with a value.

    >>> compare("Modified_Time", ">", "5").text
    "Modified_Time > '5'"
    """
    if how not in _COMPARE:
        raise ValueError(f"{how} is no comparison")
    return Condition(f"{column(field)} {how} {literal(value)}", 1)


def among(field: str, values: Sequence[str]) -> Condition:
    """Say that a field has one of some values.

    Raises:
        RefusedError: there are none, or too many.

    >>> among("id", ["1", "2"]).text
    "id in ('1','2')"
    """
    if not 0 < len(values) <= IN_MAX:
        raise RefusedError("zoho.query_size", what="in", count=str(len(values)), limit=str(IN_MAX))
    return Condition(f"{column(field)} in ({','.join(map(literal, values))})", 1)


def there(field: str) -> Condition:
    """Say that a field is not empty; of `id` it is true of all, and a query needs a condition.

    >>> there("id").text
    'id is not null'
    """
    return Condition(f"{column(field)} is not null", 1)


def both(one: Condition, other: Condition) -> Condition:
    """Join two conditions by and.

    >>> both(both(there("a"), there("b")), there("c")).text
    '((a is not null and b is not null) and c is not null)'
    """
    return Condition(f"({one.text} and {other.text})", one.count + other.count)


def either(one: Condition, other: Condition) -> Condition:
    """Join two conditions by or.

    >>> either(there("a"), there("b")).text
    '(a is not null or b is not null)'
    """
    return Condition(f"({one.text} or {other.text})", one.count + other.count)


def behind(time_field: str, time: datetime, last: str) -> Condition:
    """Say that a row stands behind a place in the order of time and id; without an id, not before.

    >>> from datetime import UTC
    >>> behind("Modified_Time", datetime(2026, 1, 15, tzinfo=UTC), "").text
    "Modified_Time >= '2026-01-15T00:00:00+00:00'"
    """
    if not last:
        return compare(time_field, ">=", time)
    same = both(compare(time_field, "=", time), compare("id", ">", last))
    return either(compare(time_field, ">", time), same)


def select(
    columns: Sequence[str],
    module: str,
    where: Condition,
    *,
    order: Sequence[str] = (),
    rows: int = ROWS_MAX,
    offset: int = 0,
) -> str:
    """Build a query; columns come once each, ascending by the fields of `order`.

    Raises:
        RefusedError: more columns, criteria or rows than the platform takes.

    >>> select(["id"], "Leads", there("id"), order=["id"], rows=2)
    'select id from Leads where id is not null order by id asc limit 0,2'
    """
    wanted = list(dict.fromkeys(map(column, columns)))
    for what, count, limit in (
        ("select", len(wanted), COLUMNS_MAX),
        ("where", where.count, CRITERIA_MAX),
        ("limit", rows, ROWS_MAX),
    ):
        if not 0 < count <= limit:
            raise RefusedError("zoho.query_size", what=what, count=str(count), limit=str(limit))
    text = f"select {', '.join(wanted)} from {name(module)} where {where.text}"  # noqa: S608  checked names, quoted values
    if order:
        text += f" order by {', '.join(f'{column(one)} asc' for one in order)}"
    return f"{text} limit {offset},{rows}"
