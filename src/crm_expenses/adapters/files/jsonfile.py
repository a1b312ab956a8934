"""A JSON file that holds one object, or an array of objects: its parts, as JSON Lines has lines.

The file is held in memory whole, so its size has a limit. Its form is looked at first; each part is
then read as strictly as a line of JSON Lines, and one that cannot be read hides no other.
"""

import json
import re
from collections.abc import Iterator
from typing import Final

from crm_expenses.adapters.files.encoding import Survey, lines
from crm_expenses.adapters.files.jsonrows import Object, decoded
from crm_expenses.adapters.files.rows import Found, Row
from crm_expenses.errors import ConfigError, Place

SUFFIX: Final = ".json"
BYTES_MAX: Final = 64 * 1024 * 1024
"""Largest file: a JSON Lines file, which is read line by line, may have any size."""

_MIB: Final = 1024 * 1024
_BLANK: Final = re.compile(r"[ \t\r\n]*")


def json_parts(found: Found, surveyed: Survey) -> list[str]:
    """Give the text of the one object, or of each element of the array.

    Raises:
        ConfigError: the file is too large, is no JSON, or holds something else.
    """
    text = _text(found, surveyed)
    at = _after_blank(text, 0)
    if text[at : at + 1] not in ("{", "["):
        raise ConfigError("files.json_shape", place=_place(found, text, at))
    try:
        parts, end = _elements(text, at) if text[at] == "[" else _alone(text, at)
        _check_end(text, end)
    except json.JSONDecodeError as error:
        place = Place(found.name, error.lineno, error.colno)
        raise ConfigError("files.json_broken", place=place, detail=error.msg) from None
    except RecursionError:
        detail = "nested too deep"
        raise ConfigError("files.json_broken", place=Place(found.name), detail=detail) from None
    return [text[start:end] for start, end in parts]


def json_file_objects(found: Found, parts: list[str]) -> Iterator[tuple[int, Object | Row, bool]]:
    """Give each part's number and object, or a row that says what is wrong with it."""
    for number, text in enumerate(parts, 1):
        value, is_odd = decoded(found, number, text, otherwise="record.json_element")
        yield number, value, is_odd


_FORM: Final = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
"""Looks at the form only: what is in an element is read again, strictly."""


def _check_end(text: str, at: int) -> None:
    at = _after_blank(text, at)
    if at < len(text):
        raise json.JSONDecodeError("Extra data", text, at)


Parts = list[tuple[int, int]]
"""Where each part begins and ends."""


def _alone(text: str, at: int) -> tuple[Parts, int]:
    _, end = _FORM.raw_decode(text, at)
    return [(at, end)], end


def _elements(text: str, at: int) -> tuple[Parts, int]:
    parts: Parts = []
    at = _after_blank(text, at + 1)
    if text[at : at + 1] == "]":
        return parts, at + 1
    while True:
        _, end = _FORM.raw_decode(text, at)
        parts.append((at, end))
        at = _after_blank(text, end)
        sign = text[at : at + 1]
        if sign == "]":
            return parts, at + 1
        if sign != ",":
            raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
        at = _after_blank(text, at + 1)


def _after_blank(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _text(found: Found, surveyed: Survey) -> str:
    if surveyed.size > BYTES_MAX:
        values = {"size": f"{surveyed.size / _MIB:.1f}", "limit": str(BYTES_MAX // _MIB)}
        raise ConfigError("files.json_large", place=Place(found.name), **values)
    read = []
    for line in lines(found.path, surveyed, 2 * BYTES_MAX):  # UTF-16 may grow when it is read
        if line.text is None:
            raise ConfigError(line.fault, place=Place(found.name, line.number))
        read.append(line.text)
    return "\n".join(read)


def _place(found: Found, text: str, at: int) -> Place:
    line = text.count("\n", 0, at) + 1
    return Place(found.name, line, at - text.rfind("\n", 0, at))
