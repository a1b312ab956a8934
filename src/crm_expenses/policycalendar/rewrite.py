"""Puts a calendar into the text of a policy file and leaves every other byte as it is.

Where each value stands comes from a syntax tree; only values that change are replaced. The lists of
days are written anew, a year on lines of its own, and keep the comments that stand in them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.errors import ConfigError

if TYPE_CHECKING:
    import tree_sitter

BOM: Final = b"\xef\xbb\xbf"
TABLE: Final = "calendar"
A_LINE: Final = 8
"""Days on a line: as many as fit into a hundred columns."""


class _Edit(NamedTuple):
    start: int
    end: int
    text: bytes


def with_calendar(raw: bytes, calendar: WorkCalendar, name: str) -> bytes:
    """Give the bytes of a policy file with its `[calendar]` saying what `calendar` says.

    The file is a policy without mistakes. A file without the table gets one at its end.

    Raises:
        ConfigError: the calendar is not written as a table `[calendar]`.
    """
    mark, body = (BOM, raw[len(BOM) :]) if raw.startswith(BOM) else (b"", raw)
    newline = "\r\n" if b"\r\n" in body else "\n"
    wanted = _wanted(calendar)
    table = _table(body, name)
    if table is None:
        gap = "" if not body or body.endswith(b"\n") else newline
        lines = _lines(wanted, wanted.keys(), newline)
        text = newline.join((f"[{TABLE}]", *lines, ""))
        return mark + body + (gap + newline + text).encode()
    pairs = _pairs(table)
    edits = [
        _Edit(node.start_byte, node.end_byte, _value(wanted[key], newline, node).encode())
        for key, node in pairs.items()
        if key in wanted and not _says(node, wanted[key])
    ]
    absent = [key for key, value in wanted.items() if key not in pairs and value]
    if absent:
        edits.append(_insertion(body, table, _lines(wanted, absent, newline), newline))
    for edit in sorted(edits, reverse=True):
        body = body[: edit.start] + edit.text + body[edit.end :]
    return mark + body


_Value = date | frozenset[date] | None


def _wanted(calendar: WorkCalendar) -> dict[str, _Value]:
    return {
        "from": calendar.first,
        "until": calendar.last,
        "rest_days": calendar.rest_days,
        "work_days": calendar.work_days,
    }


def _lines(wanted: Mapping[str, _Value], keys: Iterable[str], newline: str) -> list[str]:
    return [f"{key} = {_value(wanted[key], newline)}" for key in keys if wanted[key]]


def _value(value: _Value, newline: str, old: "tree_sitter.Node | None" = None) -> str:
    if value is None or isinstance(value, date):
        return value.isoformat() if value else ""
    notes = list(_notes(old)) if old is not None else []
    if not notes and len(value) < A_LINE:
        return f"[{', '.join(day.isoformat() for day in sorted(value))}]"
    return newline.join(("[", *_rows(sorted(value), notes), "]"))


def _rows(days: Sequence[date], notes: Sequence[tuple[int, str]]) -> Iterator[str]:
    """Give the lines of a list: each year begins one, after the comments that stood with it."""
    told = list(notes)
    for year, group in groupby(days, lambda day: day.year):
        while told and told[0][0] <= year:
            yield f"  {told.pop(0)[1]}"
        of_year = [day.isoformat() for day in group]
        for start in range(0, len(of_year), A_LINE):
            yield f"  {', '.join(of_year[start : start + A_LINE])},"
    yield from (f"  {note}" for _, note in told)


def _notes(array: "tree_sitter.Node") -> Iterator[tuple[int, str]]:
    """Give the comments in a list, each with the year of the day that it stands with."""
    waiting: list[str] = []
    year, row = 0, -1
    for node in array.children:
        text = (node.text or b"").decode().strip()
        if node.type == "comment":
            if node.start_point.row == row:
                yield year, text
            else:
                waiting.append(text)
        elif node.is_named:
            year, row = int(text[:4]), node.end_point.row
            yield from ((year, note) for note in waiting)
            waiting = []
    yield from ((9999, note) for note in waiting)


def _says(node: "tree_sitter.Node", value: _Value) -> bool:
    """Whether a value stands there already; then its bytes are left alone."""
    days = [node] if node.type != "array" else node.children
    found = [(day.text or b"").decode() for day in days if day.is_named and day.type != "comment"]
    if value is None or isinstance(value, date):
        return value is not None and found == [value.isoformat()]
    return set(found) == {day.isoformat() for day in value}


def _insertion(body: bytes, table: "tree_sitter.Node", lines: Sequence[str], newline: str) -> _Edit:
    """Put new lines right below the table's head."""
    head = next(child.end_byte for child in table.children if child.type == "]")
    end = body.find(b"\n", head)
    text = newline.join(lines)
    if end < 0:
        return _Edit(len(body), len(body), f"{newline}{text}{newline}".encode())
    return _Edit(end + 1, end + 1, f"{text}{newline}".encode())


def _table(body: bytes, name: str) -> "tree_sitter.Node | None":
    import tree_sitter  # noqa: PLC0415  only when a file is changed
    import tree_sitter_toml  # noqa: PLC0415

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
    found = None
    for node in parser.parse(body).root_node.children:
        keys = [_key(child) for child in node.children if child.type.endswith("key")][:1]
        if keys and keys[0][:1] == (TABLE,):
            if node.type != "table" or len(keys[0]) > 1:
                raise ConfigError("calendar.form", path=name)
            found = node
    return found


def _pairs(table: "tree_sitter.Node") -> dict[str, "tree_sitter.Node"]:
    named = ([part for part in pair.children if part.is_named] for pair in table.children)
    return {".".join(_key(parts[0])): parts[1] for parts in named if len(parts) >= 2}


def _key(node: "tree_sitter.Node") -> tuple[str, ...]:
    if node.type == "dotted_key":
        return tuple(key for child in node.children if child.is_named for key in _key(child))
    raw = (node.text or b"").decode()
    return (raw[1:-1] if node.type == "quoted_key" else raw,)
