r"""Paths into JSON: `data.items`, `lines[0].amount`. Pure.

A point leads into an object, `[0]` into a list, `[-1]` to its last. Whatever else stands in a name
is part of it, but for a point, which is written `\.`. The empty path is the whole.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, cast

from crm_expenses.core.record import Json

Step = str | int

DEPTH_MAX: Final = 20
"""Longest path; no real reply is nested so deep."""

_INDEX: Final = re.compile(r"\[(-?[0-9]{1,4})\]")
_NAME: Final = re.compile(r"(?:\\\.|[^.\[\]])+")


class NotThere:
    """Says that a path leads nowhere, which is another thing than an empty value."""

    def __repr__(self) -> str:
        return "NOT_THERE"

    def __bool__(self) -> bool:
        return False


NOT_THERE: Final = NotThere()


@lru_cache(maxsize=4096)
def steps_of(path: str) -> tuple[Step, ...]:
    r"""Take a path apart.

    Raises:
        ValueError: it is no path.

    >>> steps_of("data.items[0].@odata\\.etag")
    ('data', 'items', 0, '@odata.etag')
    >>> steps_of("")
    ()
    """
    steps: list[Step] = []
    at = 0
    while at < len(path):
        index = _INDEX.match(path, at)
        if index:
            steps.append(int(index[1]))
            at = index.end()
            continue
        if steps:
            if path[at] != ".":
                raise ValueError(f"a point is missing at character {at + 1}")
            at += 1
        name = _NAME.match(path, at)
        if name is None:
            raise ValueError(f"a name is missing at character {at + 1}")
        steps.append(name[0].replace("\\.", "."))
        at = name.end()
    if len(steps) > DEPTH_MAX:
        raise ValueError(f"it has {len(steps)} steps, more than {DEPTH_MAX}")
    return tuple(steps)


def found(value: object, path: str) -> object:
    """Give what stands at a path, `NOT_THERE` where it leads nowhere.

    >>> found({"data": {"items": [7, 8]}}, "data.items[-1]")
    8
    >>> found({"data": None}, "data"), found({"data": None}, "data.items")
    (None, NOT_THERE)
    """
    if type(value) is dict and path in value and path.isidentifier():
        return value[path]  # what nearly every path is
    for step in steps_of(path):
        if isinstance(step, str):
            value = value.get(step, NOT_THERE) if isinstance(value, Mapping) else NOT_THERE
        else:
            is_held = isinstance(value, list) and -len(value) <= step < len(value)
            value = cast("list[object]", value)[step] if is_held else NOT_THERE
    return value


def put(into: dict[str, Json], path: str, value: Json) -> None:
    """Put a value at a path of names; objects on the way are made.

    Raises:
        ValueError: the path is empty, leads into a list, or through something else than an object.

    >>> row = {}
    >>> put(row, "data.total", "12.50"), row
    (None, {'data': {'total': '12.50'}})
    """
    steps = steps_of(path)
    if not steps or not all(isinstance(step, str) for step in steps):
        raise ValueError("it does not lead to a field")
    names = cast("tuple[str, ...]", steps)
    held: dict[str, Any] = into
    for name in names[:-1]:
        inner = held.setdefault(name, {})
        if not isinstance(inner, dict):
            raise ValueError(f"{name} is no object")  # noqa: TRY004  of the path, not of a type
        held = inner
    held[names[-1]] = value
