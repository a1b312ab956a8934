"""Values as plain JSON, and their canonical text, which a function for each type writes.

`to_json` says what the form is. A store writes several texts for every fact that comes, so
`text_of` does not look at the fields of a dataclass anew each time: for each type a function is
made once that writes its fields in order. Both give the same bytes, which a test says.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from json.encoder import encode_basestring
from typing import Any, Final, get_args

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]

Write = Callable[[Any], str]
"""Writes a value of one type as JSON."""

Parts = tuple[str, str, str]
"""The canonical text of a value, the same without some of its fields, and these alone."""

quoted: Final[Callable[[str], str]] = encode_basestring
"""Write a text as JSON."""

EMPTY: Final = (None, "", ())
"""What is left out of a dataclass where the field has a default."""


def to_json(value: object) -> Json:
    """Turn a value of the core into plain JSON, the same way everywhere.

    >>> from crm_expenses.core.money import Money
    >>> to_json(Money(125, "CNY"))
    {'minor': 125, 'currency': 'CNY'}
    """
    plain = _PLAIN.get(type(value))
    if plain is not None:
        return plain(value)
    if isinstance(value, Enum):
        return to_json(value.value)
    if isinstance(value, Mapping):
        return {str(to_json(k)): to_json(v) for k, v in value.items() if v is not None}
    if isinstance(value, frozenset):
        return sorted((to_json(item) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if is_dataclass(value):
        kind: Any = type(value)
        found = ((name, getattr(value, name), kept) for name, kept in _fields(kind))
        return {n: to_json(held) for n, held, kept in found if kept or held not in EMPTY}
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _itself(value: Any) -> Json:  # noqa: ANN401  dispatched by type
    same: Json = value
    return same


def _iso(value: date) -> Json:
    return value.isoformat()


def _digits(value: Decimal) -> Json:
    return f"{value:f}"


_PLAIN: Final[dict[type, Callable[[Any], Json]]] = {
    type(None): _itself,
    bool: _itself,
    int: _itself,
    str: _itself,
    Decimal: _digits,
    date: _iso,
    datetime: _iso,
}
"""What each plain type becomes; by exact type, because this runs for every value of every fact."""


@cache
def _fields(kind: Any) -> tuple[tuple[str, bool], ...]:  # noqa: ANN401  any dataclass
    """Give the names of a type's fields; True for one without a default: always written."""
    return tuple(
        (f.name, f.default is MISSING and f.default_factory is MISSING) for f in fields(kind)
    )


class _Writers(dict[type, Write]):
    """The function for each exact type; made when a type is first met."""

    def __missing__(self, kind: type) -> Write:
        made = self[kind] = _writer(kind)
        return made


def text_of(value: object) -> str:
    """Give the canonical text of a value.

    >>> text_of({"b": (1, None, True), "a": "客"})
    '{"a":"客","b":[1,null,true]}'
    """
    return _WRITERS[value.__class__](value)


def _writer(kind: type) -> Write:
    """Make the function for a type."""
    if issubclass(kind, Enum):
        return lambda value: text_of(value.value)
    if issubclass(kind, Mapping):
        return _mapping
    if issubclass(kind, frozenset):
        return _set
    if issubclass(kind, list | tuple):
        return _list
    if is_dataclass(kind):
        return _dataclass(kind)
    raise TypeError(f"{kind.__name__} has no canonical form")


def _list(value: list[object] | tuple[object, ...]) -> str:
    return f"[{','.join([_WRITERS[item.__class__](item) for item in value])}]"


def _set(value: frozenset[object]) -> str:
    plain = to_json(value)
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _mapping(value: Mapping[object, object]) -> str:
    found = {_key(key): held for key, held in value.items() if held is not None}
    return f"{{{','.join([f'{quoted(key)}:{text_of(found[key])}' for key in sorted(found)])}}}"


def _key(key: object) -> str:
    return str(to_json(key))


def _dataclass(kind: Any) -> Write:  # noqa: ANN401  any dataclass
    """Make the function that writes the fields of a dataclass, sorted by name."""
    found = _sorted(kind)
    first = _first(found)
    body = [line for number, field in enumerate(found) for line in _field(number, field, first)]
    pieces = "".join(f"{{p{number}}}" for number in range(len(found)))
    if first is None:
        body += [f' text = f"{pieces}"', ' return f"{{{text[1:]}}}"']
    else:
        body.append(f" return {_braced(pieces)}")
    made: Write = _compiled(body)
    return made


def parted(kind: type, names: Collection[str]) -> Callable[[Any], Parts | None]:
    """Make a function that writes a dataclass whole, without some fields of text, and these alone.

    It gives None where one of these holds no plain text: then the three are to be written one by
    one. Each of them has a default, and sorts behind a field that has none.
    """
    found = _sorted(kind)
    first = _first(found)
    body: list[str] = []
    for number, field in enumerate(found):
        if field.name not in names:
            body += _field(number, field, first)
        elif first is None or number < first or _is_required(field):
            raise ValueError(f"{kind.__name__}.{field.name} cannot be written apart")
        else:
            body += [
                f" v = it.{field.name}",
                " if v.__class__ is not str: return None",
                f""" p{number} = f',"{field.name}":{{quoted(v)}}' if v else ''""",
            ]
    piece_of = {f"{{p{number}}}": field.name for number, field in enumerate(found)}
    cut = "".join(piece for piece, name in piece_of.items() if name in names)
    rest = "".join(piece for piece, name in piece_of.items() if name not in names)
    body += [
        f" whole = {_braced(''.join(piece_of))}",
        f' cut = f"{cut}"',
        ' if not cut: return whole, whole, "{}"',
        f" return whole, {_braced(rest)}, {_braced('{cut[1:]}')}",
    ]
    made: Callable[[Any], Parts | None] = _compiled(body)
    return made


def _sorted(kind: Any) -> list["Field[Any]"]:  # noqa: ANN401  any dataclass
    return sorted(fields(kind), key=lambda field: field.name)


def _first(found: Sequence["Field[Any]"]) -> int | None:
    """Give the place of the first field that is always written."""
    return next((number for number, field in enumerate(found) if _is_required(field)), None)


def _braced(pieces: str) -> str:
    """Give the text of a formatted string that has pieces in braces."""
    return f'f"{{{{{pieces}}}}}"'


def _compiled(body: Sequence[str]) -> Any:  # noqa: ANN401  a function
    space: dict[str, Any] = {"quoted": quoted, "writers": _WRITERS, "empty": EMPTY, "date": date}
    text = "\n".join(["def write(it):", *body])
    exec(compile(text, "<jsontext>", "exec"), space)  # noqa: S102  from names of our own fields
    return space["write"]


def _is_required(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _field(number: int, field: "Field[Any]", first: int | None) -> list[str]:
    """Give the lines that write one field; what is absent or empty is left out.

    What a field mostly holds is looked for first; anything else is written by its own type. The
    comma stands on the side of the first field that is always written.
    """
    read, start = f" v = it.{field.name}", f" p{number} ="
    is_required = _is_required(field)
    before = "" if first is not None and number <= first else ","
    after = "," if first is not None and number < first else ""
    piece = f'{before}"{field.name}":'
    other = f"f'{piece}{{writers[v.__class__](v)}}{after}'"
    of_type = next((text for kind, text in _INLINE.items() if _holds(field, kind)), "")
    if not of_type:
        empty = "" if is_required else "'' if v is None or v in empty else "
        return [read, f"{start} {empty}{other}"]
    name, text = of_type.split(" ", 1)
    mostly = f"f'{piece}{text}{after}'"
    if is_required:
        return [read, f"{start} {mostly} if v.__class__ is {name} else {other}"]
    filled = f"{mostly} if v else ''" if name == "str" else mostly
    return [
        read,
        f" if v.__class__ is {name}:{start} {filled}",
        f" else:{start} '' if v is None or v in empty else {other}",
    ]


_INLINE: Final = {
    str: "str {quoted(v)}",
    int: "int {v}",
    date: 'date "{v.isoformat()}"',
}
"""Of types that fields mostly hold: their name, and how their text is written."""


def _holds(field: "Field[Any]", kind: type) -> bool:
    """Say whether a field is meant for values of a type, or for none."""
    return field.type is kind or set(get_args(field.type)) == {kind, type(None)}


def _null_text(_: None) -> str:
    return "null"


def _bool_text(value: bool) -> str:  # noqa: FBT001  dispatched by type
    return "true" if value else "false"


def _digits_text(value: Decimal) -> str:
    return f'"{value:f}"'


def _day_text(value: date) -> str:
    return f'"{value.isoformat()}"'


_WRITERS: Final = _Writers(
    {
        type(None): _null_text,
        bool: _bool_text,
        int: int.__repr__,
        str: quoted,
        Decimal: _digits_text,
        date: _day_text,
        datetime: _day_text,
    }
)
