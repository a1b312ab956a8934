"""Templates of a connection file: `{config.url}`, `{record.id}`. Pure, and nothing but look-ups.

A text that is one placeholder gives the value itself, with its type; otherwise values are put into
the text. Which names there are depends on the place in the file; a name that is none is found when
the file is read. There are no conditions, no loops, no functions, no access to files, so nothing
in a file can run. `{{` and `}}` are braces.

How a value is put into a text depends on the text: in a path it is percent-encoded; in a filter it
is written as the file's `escape` says, and refused where that is not enough.
"""

import base64
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, cast
from urllib.parse import quote

from crm_expenses.adapters.exchange import json_bytes
from crm_expenses.core.record import Json
from crm_expenses.errors import RefusedError

Template = None | bool | int | Decimal | str | list["Template"] | dict[str, "Template"]
"""What stands in the file."""

Values = Mapping[str, Json]
"""What the placeholders stand for, by name."""

_TOKEN: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_.@-]*)?")
_HARMFUL: Final = re.compile(r"['\"\\\x00-\x1f\x7f]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_ENCODE: Final = "encode"
_VALUE: Final = "value"
_DIGITS_MAX: Final = 18


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a template: the placeholder, and why."""

    name: str
    code: str


def placeholders(template: Template) -> Iterator[str]:
    """Give the names in a template, in the order of the text.

    >>> list(placeholders({"a": "{x} {{y}} {record.z}"}))
    ['x', 'record.z']
    """
    for text in _texts(template):
        for found in _TOKEN.finditer(text):
            if found[1] is not None:
                yield found[1]


def faults(template: Template, known: Collection[str]) -> Iterator[Fault]:
    """Say what is wrong with a template; `known` are names, and groups like `config.*`.

    >>> [fault.name for fault in faults("{config.url} {open('x')} }", {"config.*"})]
    ["{open('x')}", '}']
    """
    for text in _texts(template):
        for found in _TOKEN.finditer(text):
            if found[0] in ("{{", "}}"):
                continue
            name = found[1]
            if name is None or not _NAME.fullmatch(name):
                yield Fault(found[0][:60], "rest.placeholder")
            elif name not in known and f"{name.partition('.')[0]}.*" not in known:
                yield Fault(name, "rest.unknown_placeholder")


@dataclass(frozen=True, slots=True)
class Filler:
    """Fills templates. `escape` is how quotes in a value are written inside a longer text.

    `none`: a value with a quote, a backslash or a control character is refused there; `backslash`
    puts a backslash before backslashes and the quotes around it; `double` writes those twice.
    """

    crm: str
    escape: str = "none"

    def fill(self, template: Template, values: Values) -> Json:
        """Fill a template, keeping the types of values that stand alone.

        Raises:
            RefusedError: a value is not safe in its text.

        >>> Filler("main").fill({"a": "{n}", "b": "n={n}"}, {"n": 7})
        {'a': 7, 'b': 'n=7'}
        """
        match template:
            case str():
                return self._text(template, values)
            case list():
                return [self.fill(each, values) for each in template]
            case dict() if _ENCODE in template:
                return self._encoded(template, values)
            case dict():
                return {name: self.fill(each, values) for name, each in template.items()}
            case _:
                return cast("Json", template)  # a Decimal is written as a number, exactly

    def text(self, template: str, values: Values) -> str:
        """Fill a template of a text, like a header; nothing is escaped.

        >>> Filler("main").text("token {secret.key}", {"secret.key": "a'b"})
        "token a'b"
        """
        return self._joined(template, values, lambda text, _mark: text)

    def header(self, template: Template, values: Values) -> str:
        """Fill the template of a header: a text, or one that is encoded.

        >>> Filler("main").header(
        ...     {"encode": "base64url_json", "value": {"company": "{n}"}}, {"n": 1}
        ... )
        'eyJjb21wYW55IjoxfQ=='
        """
        if isinstance(template, str):
            return self.text(template, values)
        return _plain(self.fill(template, values))

    def path(self, template: str, values: Values) -> str:
        """Fill the path of a call: values are percent-encoded, so that none leads elsewhere.

        >>> Filler("main").path("/records/{id}", {"id": "../x?y"})
        '/records/..%2Fx%3Fy'

        Raises:
            RefusedError: a value is `.` or `..`, or empty: it would be another address.
        """

        def encoded(text: str, _mark: str) -> str:
            if text in ("", ".", ".."):
                raise RefusedError("rest.unsafe_path", crm=self.crm, value=text or "''")
            return quote(text, safe="")

        return self._joined(template, values, encoded)

    def _text(self, template: str, values: Values) -> Json:
        whole = _TOKEN.fullmatch(template)
        if whole and whole[1] is not None:
            return values[whole[1]]
        return self._joined(template, values, self._escaped)

    def _joined(self, template: str, values: Values, put: Callable[[str, str], str]) -> str:
        def replaced(found: re.Match[str]) -> str:
            if found[1] is None:
                return found[0][0]
            return put(_plain(values[found[1]]), _open_mark(template[: found.start()]))

        return _TOKEN.sub(replaced, template)

    def _escaped(self, text: str, mark: str) -> str:
        """Write a value between quotes; `mark` is theirs, empty where it stands in none."""
        harmful = _HARMFUL.search(text)
        if harmful is None:
            return text
        controls = _CONTROL.search(text)
        if self.escape == "none" or controls:
            raise RefusedError("rest.unsafe_value", crm=self.crm, value=ascii(text)[:60])
        marks = mark or "'\""
        if self.escape == "double":
            return re.sub(f"([{marks}])", r"\1\1", text)
        return re.sub(rf"([{marks}\\])", r"\\\1", text)

    def _encoded(self, template: dict[str, Template], values: Values) -> Json:
        kind, held = template[_ENCODE], template.get(_VALUE)
        if kind == "each":
            items = values[str(template["of"])]
            each = [
                self._joined(str(held), {**values, "each": item}, self._escaped)
                for item in (items if isinstance(items, list) else [items])
            ]
            return str(template.get("join", ",")).join(each)
        if kind == "items":
            return self._items(template, values)
        if kind == "text":
            return _plain(self.fill(held, values))
        if kind == "integers":
            return list(_integers(values[str(template["of"])]))
        text = json_bytes(self.fill(held, values), is_compact=True)
        return text.decode() if kind == "json" else base64.urlsafe_b64encode(text).decode()

    def _items(self, template: dict[str, Template], values: Values) -> list[Json]:
        """Give a list with `value` filled for each of some ids, as {each}."""
        named = values[str(template["of"])]
        each = named if isinstance(named, list) else [named]
        return [self.fill(template.get(_VALUE), {**values, "each": one}) for one in each]


def _integers(value: Json) -> Iterator[Json]:
    """Give ids as whole numbers; an id that is none stands for no record there."""
    for one in value if isinstance(value, list) else [value]:
        text = str(one)
        if text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX:
            yield int(text)


def _open_mark(before: str) -> str:
    r"""Give the quote that is open behind a text.

    >>> _open_mark("a = '"), _open_mark("a = 'x' and b = "), _open_mark('"it\'s ')
    ("'", '', '"')
    """
    mark = ""
    for one in before:
        if one in "'\"":
            mark = "" if one == mark else mark or one
    return mark


def _plain(value: Json | Decimal) -> str:
    """Write a value into a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_plain(each) for each in value)
    if isinstance(value, dict):
        return json_bytes(value, is_compact=True).decode()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)


def _texts(template: Template) -> Iterator[str]:
    match template:
        case str():
            yield template
        case list():
            for each in template:
                yield from _texts(each)
        case dict():
            for each in template.values():
                yield from _texts(each)
        case _:
            return
