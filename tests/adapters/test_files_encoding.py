"""Bytes to lines: encodings, marks, line ends, and lines that are no text."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.adapters.files import encoding
from crm_expenses.adapters.files.encoding import Line, lines, survey

LIMIT = 10_000
CHINESE = "编号,姓名\n1,王芳\n2,李雷\n"


def read(path: Path, content: bytes, asked: str = "auto") -> tuple[str, list[Line]]:
    """Write, survey, and read lines."""
    path.write_bytes(content)
    found = survey(path, asked)
    return found.encoding, list(lines(path, found, LIMIT))


@pytest.mark.parametrize(
    "codec",
    ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
def test_whole_file_in_one_encoding(tmp_path: Path, codec: str) -> None:
    """A file in one encoding is read whole: by its mark, by its bytes, or by name."""
    unmarked = codec in ("utf-16-le", "utf-16-be")
    _, found = read(tmp_path / "f", CHINESE.encode(codec), codec if unmarked else "auto")
    assert [line.text for line in found] == CHINESE.splitlines()


def test_mark_of_a_big_endian_file(tmp_path: Path) -> None:
    """A byte order mark is believed over the encoding that was asked for."""
    content = b"\xfe\xff" + CHINESE.encode("utf-16-be")
    name, found = read(tmp_path / "f", content, "gb18030")
    assert (name, found[1].text) == ("utf-16-be", "1,王芳")


def test_mixed_file_is_read_line_by_line(tmp_path: Path) -> None:
    """Where most lines are UTF-8, the others are read as GB18030, and what is neither is told."""
    rows = ["编号", "王芳", "李雷", "北京"]
    content = b"\n".join([*(r.encode() for r in rows), "上海".encode("gb18030"), b"\xff\xff"])
    name, found = read(tmp_path / "f", content)
    assert name == encoding.MIXED
    assert [line.text for line in found] == [*rows, "上海", None]
    assert found[-1].fault == "record.undecodable"


def test_majority_of_gb18030_decides_for_the_file(tmp_path: Path) -> None:
    """Where most lines are not UTF-8, a line that happens to be valid UTF-8 is GB18030, too."""
    happens_to_be = "联通".encode("gb18030")  # the known pair of characters, valid as UTF-8
    happens_to_be.decode("utf-8", errors="replace")
    content = b"\n".join(["王芳".encode("gb18030"), "李雷".encode("gb18030"), happens_to_be])
    name, found = read(tmp_path / "f", content)
    assert (name, found[2].text) == ("gb18030", "联通")


def test_named_encoding_sets_aside_what_does_not_fit(tmp_path: Path) -> None:
    """Under a named encoding nothing is guessed: a line that does not fit has no text."""
    content = "é\n".encode() + "é\n".encode("cp1252")
    _, found = read(tmp_path / "f", content, "utf-8")
    assert [line.text for line in found] == ["é", None]
    _, found = read(tmp_path / "f", "é\n".encode("cp1252"), "cp1252")
    assert found[0].text == "é"


def test_half_a_character_in_utf16_takes_its_line_only(tmp_path: Path) -> None:
    """A lone surrogate, or a cut last unit, makes one line unreadable."""
    body = "a\n".encode("utf-16-le") + b"\x00\xd8" + "b\nc\nd".encode("utf-16-le") + b"\x01"
    _, found = read(tmp_path / "f", b"\xff\xfe" + body)
    assert [line.text for line in found] == ["a", None, "c", None]


def test_old_line_ends(tmp_path: Path) -> None:
    """A file whose only line ends are carriage returns is cut at them."""
    _, found = read(tmp_path / "f", b"a\rb\rc")
    assert [line.text for line in found] == ["a", "b", "c"]


@pytest.mark.parametrize("chunk", [1, 3, 7, 1 << 18])
def test_long_line_is_dropped_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    """A line above the limit has no text, wherever the chunks fall; its neighbours do."""
    monkeypatch.setattr(encoding, "CHUNK_BYTES", chunk)
    path = tmp_path / "f"
    path.write_bytes(b"a\n" + b"x" * 50 + b"\n" + b"y" * 20 + b"\n" + b"z" * 21)
    found = survey(path)
    assert [line.text for line in lines(path, found, 20)] == ["a", None, "y" * 20, None]


@given(
    texts=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r")), min_size=1),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-32"]),
    chunk=st.integers(1, 40),
)
def test_lines_come_back(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], codec: str, chunk: int
) -> None:
    """Whatever lines are written in an encoding by name are read back, for every chunk size."""
    path = tmp_path_factory.mktemp("e") / "f"
    path.write_bytes("".join(f"{text}\n" for text in ["x", *texts]).encode(codec))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoding, "CHUNK_BYTES", chunk)
        found = survey(path, codec)
        assert [line.text for line in lines(path, found, LIMIT)] == ["x", *texts]
