"""Rows of a JSON Lines file: one object a line, nested objects by dotted names, arrays as rows.

Numbers are kept as they are written, so that no float and no exponent ever becomes an amount.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Never

from crm_expenses.adapters.files.encoding import Survey, lines
from crm_expenses.adapters.files.rows import (
    CELL_CHARS_MAX,
    JSON_BYTES_MAX,
    Found,
    Row,
    bad_row,
    with_cells_checked,
)
from crm_expenses.adapters.files.values import shown

Object = Mapping[str, object]
ITEMS_MAX: Final = 100_000
"""Most objects in one array; the line's own limit is met before it."""


class _Refused(Exception):  # noqa: N818  becomes a row's problem at once
    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def json_objects(found: Found, surveyed: Survey) -> Iterator[tuple[int, Object | Row, bool]]:
    """Give each line's number and object, or a row that says what is wrong with the line.

    The third value says that some text in it needs a closer look.
    """
    for line in lines(found.path, surveyed, JSON_BYTES_MAX):
        if line.text is None:
            limit = str(JSON_BYTES_MAX)
            yield line.number, bad_row(found, line.number, line.fault, limit_bytes=limit), False
            continue
        text = line.text.strip()
        if text:
            value, is_odd = decoded(found, line.number, text)
            yield line.number, value, is_odd


def decoded(
    found: Found, number: int, text: str, otherwise: str = "record.json_object"
) -> tuple[Object | Row, bool]:
    """Read an object, or say what is wrong with it: `otherwise` where it is JSON of another kind.

    The second value says that some text in it needs a closer look.
    """
    try:
        value = _DECODER.decode(text)
    except _Refused as refused:
        return bad_row(found, number, refused.code, **refused.values), False
    except json.JSONDecodeError as error:
        values = {"detail": error.msg, "at": str(error.colno)}
        return bad_row(found, number, "record.json", **values), False
    except RecursionError:
        values = {"detail": "nested too deep", "at": "1"}
        return bad_row(found, number, "record.json", **values), False
    if isinstance(value, dict):
        return value, len(text) > CELL_CHARS_MAX or "\\u" in text or "\0" in text
    return bad_row(found, number, otherwise, value=shown(text)), False


def json_rows(found: Found, surveyed: Survey, wanted: Sequence[str], explode: str) -> Iterator[Row]:
    """Give a file's rows: one an object, or one an element of the array named by `explode`."""
    for number, value, is_odd in json_objects(found, surveyed):
        if isinstance(value, Row):
            yield value
        else:
            yield from rows_of(found, number, value, wanted, explode=explode, is_odd=is_odd)


def rows_of(
    found: Found,
    number: int,
    value: Object,
    wanted: Sequence[str],
    *,
    explode: str,
    is_odd: bool,
) -> Iterator[Row]:
    """Give the rows of one object, their cells in the order of `wanted`."""
    if not explode:
        cells = tuple(_text(_at(value, column)) for column in wanted)
        row = Row(found.name, number, 1, cells)
        yield with_cells_checked(row, wanted) if is_odd else row
        return
    items = _at(value, explode)
    if items is None:
        return
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        yield bad_row(found, number, "record.json_array", column=explode)
        return
    head = f"{explode}."
    for place, item in enumerate(items, 1):
        cells = tuple(
            _text(_at(item, column.removeprefix(head)))
            if column.startswith(head)
            else _text(_at(value, column))
            for column in wanted
        )
        row = Row(found.name, number, place, cells)
        yield with_cells_checked(row, wanted) if is_odd else row


def _at(value: Object, column: str) -> object:
    """Find a dotted name: a key of that very name first, then level by level."""
    if column in value:
        return value[column]
    head, dot, rest = column.partition(".")
    inner = value.get(head) if dot else None
    return _at(inner, rest) if isinstance(inner, Mapping) else None


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Refused("record.json_twice", column=shown(twice))
    return made


def _constant(name: str) -> Never:
    raise _Refused("record.json_constant", value=name)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=str, parse_int=str, parse_constant=_constant
)
