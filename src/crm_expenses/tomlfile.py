"""TOML with positions: values from the standard parser, places from a syntax tree.

`tomllib` gives exact values (`parse_float=Decimal`) but no positions. Those are needed only when
something is wrong, so the syntax tree (tree-sitter) is built at the first question for a place.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_expenses.errors import ConfigError, Place, Problem

if TYPE_CHECKING:
    import pydantic
    import tree_sitter

FILE_BYTES_MAX = 5_000_000
"""Largest TOML file that is read: far above any policy, and it bounds time and memory."""

Path_ = tuple[str | int, ...]
_POSITION = re.compile(r"\(at line (\d+), column (\d+)\)")
_JOINED = r"(?:\\[ \t]*\n\s*)*"
_CHARACTER = re.compile(_JOINED + r"(?:\\u.{4}|\\U.{8}|\\.|.)", re.DOTALL)
"""One character of a basic string as written, with the line ends that a backslash joins."""


@dataclass(frozen=True)
class TomlFile:
    """A parsed TOML file: its name for messages, its text, its values."""

    name: str
    text: str
    data: Mapping[str, Any]

    def place(self, *path: str | int) -> Place:
        r"""Give the place of the value at `path`, or of the nearest part of the path that exists.

        >>> parse_toml("[a]\nb = 1\n", "x.toml").place("a", "b")
        Place(file='x.toml', line=2, column=5)
        """
        for length in range(len(path), 0, -1):
            found = self._places.get(tuple(path[:length]))
            if found is not None:
                return Place(self.name, *found)
        return Place(self.name, 1, 1)

    def text_place(self, path: Path_, offset: int) -> Place:
        """Give the place of a character inside the text value at `path`.

        >>> toml = parse_toml('a = "x + y"', "x.toml")
        >>> toml.text_place(("a",), 4).column
        10
        """
        start = self.place(*path)
        lines = self.text.split("\n")
        opening = sum(len(line) + 1 for line in lines[: start.line - 1]) + start.column - 1
        before = self.text[: _inside(self.text, opening, offset)]
        return Place(self.name, before.count("\n") + 1, len(before) - before.rfind("\n"))

    @cached_property
    def _places(self) -> dict[Path_, tuple[int, int]]:
        return _positions(self.text)


def read_toml(path: Path) -> TomlFile:
    """Read a TOML file (UTF-8, with or without BOM).

    Raises:
        ConfigError: no such file, too large, not UTF-8, or not TOML (with line and column).
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError("toml.no_file", path=str(path), detail=error.strerror or "") from error
    if len(raw) > FILE_BYTES_MAX:
        raise ConfigError(
            "toml.large", path=str(path), size=str(len(raw)), limit=str(FILE_BYTES_MAX)
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError("toml.encoding", place=Place(str(path), line)) from error
    return parse_toml(text, str(path))


def parse_toml(text: str, name: str) -> TomlFile:
    """Parse TOML text; `name` stands for the file in messages.

    Raises:
        ConfigError: the text is not TOML, or nested beyond what the parser allows.
    """
    text = text.replace("\r\n", "\n")
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError, ArithmeticError, ValueError) as error:
        detail = str(error)
        at = _POSITION.search(detail)
        end = text.count("\n") + 1
        place = Place(name, int(at[1]), int(at[2])) if at else Place(name, end)
        said = _POSITION.sub("", detail).removesuffix("(at end of document)").strip()
        raise ConfigError("toml.syntax", place=place, detail=said or "too deep") from error
    return TomlFile(name, text, data)


def _inside(text: str, opening: int, offset: int) -> int:
    """Give where the character of a text value stands whose quotes open at `opening`."""
    is_long = text[opening : opening + 3] in ('"""', "'''")
    at = opening + (3 if is_long else 1)
    if is_long and text[at] == "\n":
        at += 1
    if text[opening] == "'":
        return at + offset
    for _ in range(offset):
        found = _CHARACTER.match(text, at)
        at = found.end() if found else at
    joined = re.compile(_JOINED).match(text, at)
    return joined.end() if joined else at


_SHAPES = {
    "missing": "toml.missing",
    "extra_forbidden": "toml.unknown_name",
    "string_type": "toml.not_text",
    "int_type": "toml.not_whole",
    "int_from_float": "toml.not_whole",
    "bool_type": "toml.not_yes_no",
    "list_type": "toml.not_list",
    "tuple_type": "toml.not_list",
    "frozen_set_type": "toml.not_list",
    "dict_type": "toml.not_table",
    "model_type": "toml.not_table",
    "model_attributes_type": "toml.not_table",
    "date_type": "toml.not_date",
    "date_from_datetime_inexact": "toml.not_date",
    "literal_error": "toml.not_choice",
    "enum": "toml.not_choice",
    "string_pattern_mismatch": "toml.name",
    "string_too_short": "toml.empty",
    "string_too_long": "toml.long",
    "record.amount": "record.amount",
}
"""What pydantic calls a mistake, and our own text for it."""
_SHOWN = (str, int, Decimal, date, time)


def shape_problems(
    error: "pydantic.ValidationError",
    toml: TomlFile,
    path: Path_ = (),
    *,
    names: Sequence[str] = (),
) -> list[Problem]:
    """Turn what pydantic found in the table at `path` into problems with places.

    `names` are those that the table may hold; an unknown one is told the nearest of them.
    """
    problems = []
    for found in error.errors(include_url=False):
        where = (*path, *found["loc"])
        value = found.get("input")
        shown = str(value)[:60] if isinstance(value, _SHOWN) else "..."
        last = str(where[-1]) if where else ""
        near = difflib.get_close_matches(last, names, n=1)
        values = {
            "name": ".".join(str(step) for step in where),
            "value": shown,
            "expected": str(found.get("ctx", {}).get("expected", "")),
            "limit": str(found.get("ctx", {}).get("max_length", "")),
            "detail": found["msg"],
            "names": ", ".join(near or names),
        }
        code = _SHAPES.get(found["type"], "toml.value")
        problems.append(Problem(code, values, toml.place(*where)))
    return problems


def _positions(text: str) -> dict[Path_, tuple[int, int]]:
    import tree_sitter  # noqa: PLC0415  only when a place is asked for
    import tree_sitter_toml  # noqa: PLC0415

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
    walk = _Walk([line.encode() for line in text.split("\n")], {}, {})
    for node in parser.parse(text.encode()).root_node.children:
        if node.type == "pair":
            walk.keep_pair((), node)
        elif node.type in ("table", "table_array_element"):
            walk.keep_table(node)
    return walk.found


@dataclass(frozen=True)
class _Walk:
    """Where each value of a syntax tree stands; `arrays` counts the tables of each array."""

    lines: list[bytes]
    found: dict[Path_, tuple[int, int]]
    arrays: dict[Path_, int]

    def keep_table(self, node: "tree_sitter.Node") -> None:
        named = _named(node)
        if not named:
            return
        path = self._header(_keys(named[0]), is_array=node.type == "table_array_element")
        self._keep(path, node)
        for child in named[1:]:
            if child.type == "pair":
                self.keep_pair(path, child)

    def keep_pair(self, base: Path_, pair: "tree_sitter.Node") -> None:
        named = _named(pair)
        if len(named) >= 2:
            path = (*base, *_keys(named[0]))
            self._keep(path, pair)
            self._keep_value(path, named[1])

    def _keep(self, path: Path_, node: "tree_sitter.Node") -> None:
        """Keep where a part begins; what leads to it begins there too, if not before."""
        spot = self._spot(node)
        self.found[path] = spot
        for length in range(1, len(path)):
            self.found.setdefault(path[:length], spot)

    def _keep_value(self, path: Path_, node: "tree_sitter.Node") -> None:
        self.found[path] = self._spot(node)
        if node.type == "inline_table":
            for child in _named(node):
                self.keep_pair(path, child)
        elif node.type == "array":
            for index, child in enumerate(_named(node)):
                self._keep_value((*path, index), child)

    def _header(self, keys: Sequence[str], *, is_array: bool) -> Path_:
        path: Path_ = ()
        for index, key in enumerate(keys):
            path = (*path, key)
            if is_array and index == len(keys) - 1:
                self.arrays[path] = self.arrays.get(path, -1) + 1
            if path in self.arrays:
                path = (*path, self.arrays[path])
        return path

    def _spot(self, node: "tree_sitter.Node") -> tuple[int, int]:
        row, column = node.start_point
        return row + 1, len(self.lines[row][:column].decode(errors="replace")) + 1


def _named(node: "tree_sitter.Node") -> list["tree_sitter.Node"]:
    return [child for child in node.children if child.is_named and child.type != "comment"]


def _keys(node: "tree_sitter.Node") -> list[str]:
    if node.type == "dotted_key":
        return [key for child in node.children if child.is_named for key in _keys(child)]
    raw = (node.text or b"").decode(errors="replace")
    return [raw[1:-1] if node.type == "quoted_key" else raw]
