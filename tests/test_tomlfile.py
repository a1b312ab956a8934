"""TOML with positions: what cannot be read says where and why; every value's place is right."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.errors import ConfigError, Place
from crm_expenses.tomlfile import FILE_BYTES_MAX, parse_toml, read_toml


def refused(text: str) -> tuple[str, str]:
    """Give code and place of a text that is not TOML."""
    with pytest.raises(ConfigError) as caught:
        parse_toml(text, "x.toml")
    (problem,) = caught.value.problems
    return problem.code, str(problem.place)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a = ", "x.toml:1"),
        ("a = 1\nb = \n", "x.toml:2:5"),
        ("a = 1\na = 2\n", "x.toml:2:6"),
        ("a = 01", "x.toml:1:6"),
        ("[a\nb = 1", "x.toml:1:3"),
        ("a = 1_\n", "x.toml:1:6"),
        ('a = "x\ny"', "x.toml:1:7"),
        ("a = 1\r\nb = \r\n", "x.toml:2:5"),
        ("a = 1e99999999999999999999999", "x.toml:1"),
        ("a = " + "1" * 5000, "x.toml:1"),
        ("a = " + "[" * 3000, "x.toml:1"),
        ("a = 2026-02-30", "x.toml:1"),
    ],
)
def test_not_toml(text: str, place: str) -> None:
    """What is not TOML is told once, with the line and, where known, the column."""
    code, where = refused(text)
    assert code == "toml.syntax"
    assert where == place or where.startswith(f"{place}:")


PLACED = """# a comment
top = 1
"quoted key" = 2
dotted.key.path = 3   # behind

[table]
text = "王芳"
inline = { a = 1, b.c = [10, 20, { d = 5 }] }
'literal key' = true

[table.sub]
list = [
  [1, 2],  # first
  [3, 4],
]

[[array]]
x = 1
[[array]]
x = 2
[array.inner]
y = 3
[[array.deep]]
z = 4
[[array.deep]]
z = 5
"""


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (("top",), "1"),
        (("quoted key",), "2"),
        (("dotted", "key", "path"), "3"),
        (("table",), "[table]"),
        (("table", "text"), '"王芳"'),
        (("table", "inline"), "{ a"),
        (("table", "inline", "a"), "1"),
        (("table", "inline", "b", "c", 1), "20"),
        (("table", "inline", "b", "c", 2, "d"), "5"),
        (("table", "literal key"), "true"),
        (("table", "sub", "list", 1), "[3, 4]"),
        (("table", "sub", "list", 1, 0), "3"),
        (("array", 0), "[[array]]"),
        (("array", 1, "x"), "2"),
        (("array", 1, "inner", "y"), "3"),
        (("array", 1, "deep", 0, "z"), "4"),
        (("array", 1, "deep", 1, "z"), "5"),
        (("table", "nothing"), "[table]"),
        (("table", "inline", "nothing", 5), "{ a"),
        (("array", 1, "deep", 1, "nothing"), "[[array.deep]]"),
        (("nothing",), "# a comment"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_places(path: tuple[str | int, ...], shown: str, end: str) -> None:
    """A value's place is where it stands; for what is not there, the nearest part that is."""
    toml = parse_toml(PLACED.replace("\n", end), "x.toml")
    place = toml.place(*path)
    line = PLACED.split("\n")[place.line - 1]
    assert line[place.column - 1 :].startswith(shown)
    assert place.file == "x.toml"


def test_columns_count_characters() -> None:
    """A column counts characters and not bytes."""
    toml = parse_toml('a = { 名 = 1, b = "王芳", c = 2 }'.replace("名", '"名"'), "x.toml")
    assert toml.place("a", "c") == Place("x.toml", 1, 30)
    assert toml.place("a", "名") == Place("x.toml", 1, 13)


def test_figures_are_exact() -> None:
    """A figure with a point is exact, and never a float."""
    held = parse_toml("a = 0.1\nb = 1e2\nc = 5", "x.toml").data
    assert held == {"a": Decimal("0.1"), "b": Decimal(100), "c": 5}
    assert isinstance(held["a"], Decimal)


@pytest.mark.parametrize(
    ("raw", "code", "place"),
    [
        (b"a = 1\nb = '\xff'\n", "toml.encoding", "{path}:2"),
        ("a = '王'".encode("gb18030"), "toml.encoding", "{path}:1"),
        ("a = 1".encode("utf-16"), "toml.encoding", "{path}:1"),
        (b" " * (FILE_BYTES_MAX + 1), "toml.large", "?"),
        (b"a = \n", "toml.syntax", "{path}:1:5"),
    ],
)
def test_unreadable_files(tmp_path: Path, raw: bytes, code: str, place: str) -> None:
    """A file that is not UTF-8, too large or not TOML is told with what to do."""
    path = tmp_path / "x.toml"
    path.write_bytes(raw)
    with pytest.raises(ConfigError) as caught:
        read_toml(path)
    (problem,) = caught.value.problems
    assert (problem.code, str(problem.place)) == (code, place.format(path=path))


@pytest.mark.parametrize("name", ["nothing.toml", "."])
def test_no_such_file(tmp_path: Path, name: str) -> None:
    """A path without a readable file is told with its path and the reason."""
    with pytest.raises(ConfigError) as caught:
        read_toml(tmp_path / name)
    assert caught.value.code == "toml.no_file"
    assert str(tmp_path / name) in str(caught.value)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_byte_order_mark(tmp_path: Path, mark: bytes) -> None:
    """UTF-8 is read with and without a byte order mark, and places stay right."""
    path = tmp_path / "x.toml"
    path.write_bytes(mark + 'a = "王"\n'.encode())
    toml = read_toml(path)
    assert (toml.data, toml.place("a").column) == ({"a": "王"}, 5)


def test_an_empty_file(tmp_path: Path) -> None:
    """An empty file holds nothing, and every place in it is its beginning."""
    path = tmp_path / "x.toml"
    path.write_bytes(b"")
    toml = read_toml(path)
    assert (toml.data, toml.place("a", 0)) == ({}, Place(str(path), 1, 1))


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)


def _written(text: str, form: int) -> str:
    """Write a text as a basic string, with every character escaped, or over several lines."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    match form:
        case 0:
            return f'"{escaped}"'
        case 1:
            return '"' + "".join(f"\\U{ord(c):08X}" for c in text) + '"'
        case 2:
            return f'"""\n{escaped}"""'
        case _:
            return f'"""\\\n   {escaped.lstrip()}"""'


@settings(deadline=None)
@given(WORDS, st.integers(0, 3), WORDS)
def test_places_inside_texts(before: str, form: int, key: str) -> None:
    """The place of a character inside a text is where that character is written."""
    before = before.lstrip() if form == 3 else before
    key_written = '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
    source = f"[{key_written}]\nx = {_written(before + '#', form)}"
    toml = parse_toml(source, "x.toml")
    assert toml.data == {key: {"x": before + "#"}}
    if not re.fullmatch(r'[^"\\]*', key):
        return  # a key with escapes is placed at the nearest part that is found
    place = toml.text_place((key, "x"), len(before))
    line = source.split("\n")[place.line - 1]
    assert line[place.column - 1 :].startswith("#" if form != 1 else "\\U00000023")


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_toml_or_refused(text: str) -> None:
    """Whatever is given, the answer is what the standard parser reads, or one problem."""
    try:
        expected = tomllib.loads(text.replace("\r\n", "\n"), parse_float=Decimal)
    except ValueError:
        assert refused(text)[0] == "toml.syntax"
    else:
        toml = parse_toml(text, "x.toml")
        assert toml.data == expected
        assert toml.place("a", 0, "b").line >= 1
