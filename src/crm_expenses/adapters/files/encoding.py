"""Bytes to lines of text: which encoding a file has, and its lines, one at a time.

A byte order mark is believed. Without one, `auto` takes UTF-8 where the whole file is valid UTF-8;
where most of its non-ASCII lines are not, the file is GB18030; else each line is read as UTF-8 and,
where that fails, as GB18030. A line that cannot be decoded is given without text, never guessed.
"""

import codecs
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from crm_expenses.errors import ConfigError

CHUNK_BYTES: Final = 1 << 18
AUTO: Final = "auto"
MIXED: Final = "utf-8, else gb18030"
_WIDE: Final = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_TO_SURROGATE: Final = "crm_expenses.to_surrogate"
_PROBE: Final = 'aZ09",;\t\r\n'


@dataclass(frozen=True, slots=True)
class Survey:
    """What one pass over a file found. `encoding` is a codec's name or `MIXED`."""

    sha256: str
    size: int
    encoding: str
    mark: int
    newline: bytes

    @property
    def is_empty(self) -> bool:
        """Say whether the file holds nothing but, perhaps, a byte order mark."""
        return self.size <= self.mark


class Line(NamedTuple):
    """One physical line, numbered from 1; `text` is None where `fault` says why."""

    number: int
    text: str | None
    fault: str = ""


def codec_name(asked: str) -> str | None:
    """Give Python's name of an encoding that can be read line by line, or None.

    >>> codec_name("GBK"), codec_name("utf-16"), codec_name("rot13"), codec_name("cp037")
    ('gbk', 'utf-16-le', None, None)
    """
    try:
        found = codecs.lookup(asked)
        probe = _PROBE.encode(found.name)
    except (LookupError, UnicodeError, ValueError, AttributeError):
        return None
    if found.name in ("utf-16", "utf-32"):
        return f"{found.name}-le"
    if found.name in _WIDE:
        return found.name
    if found.name == "utf-8-sig":
        return "utf-8"
    return found.name if probe == _PROBE.encode("ascii") else None


def survey(path: Path, asked: str = AUTO, *, is_text: bool = True) -> Survey:
    """Read a file once: its SHA-256, its size and, for text, its encoding and line end."""
    sha = hashlib.sha256()
    size, breaks, returns = 0, 0, 0
    start = b""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    is_utf8 = True
    for chunk in _chunks(path):
        sha.update(chunk)
        start += chunk[: 4 - len(start)]
        size += len(chunk)
        if not is_text:
            continue
        breaks = breaks or chunk.count(b"\n")
        returns = returns or chunk.count(b"\r")
        is_utf8 = is_utf8 and _decodes(decoder, chunk)
    newline = b"\r" if returns and not breaks else b"\n"
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return Survey(sha.hexdigest(), size, encoding, len(mark), newline)
    named = codec_name(asked) if asked != AUTO else None
    if named is not None or not is_text:
        return Survey(sha.hexdigest(), size, named or "", 0, newline)
    whole = is_utf8 and _decodes(decoder, b"", final=True)
    encoding = "utf-8" if whole else _majority(path, newline)
    return Survey(sha.hexdigest(), size, encoding, 0, newline)


def lines(path: Path, found: Survey, limit: int) -> Iterator[Line]:
    """Give the lines of a file without their line feeds; a line above `limit` has no text."""
    if found.encoding in _WIDE:
        yield from _wide_lines(path, found, limit)
        return
    codec = "utf-8" if found.encoding == MIXED else found.encoding
    pieces = _pieces(_chunks(path, skip=found.mark), found.newline, limit)
    for number, piece in enumerate(pieces, 1):
        if piece is None:
            yield Line(number, None, "record.line_long")
            continue
        try:
            yield Line(number, piece.decode(codec))
        except UnicodeError:
            yield _second_try(number, piece, found.encoding)


def _second_try(number: int, piece: bytes, encoding: str) -> Line:
    if encoding == MIXED:
        try:
            return Line(number, piece.decode("gb18030"))
        except UnicodeError:
            pass
    return Line(number, None, "record.undecodable")


def _wide_lines(path: Path, found: Survey, limit: int) -> Iterator[Line]:
    """Lines of UTF-16 and UTF-32, whose line feed is more than one byte."""
    codecs.register_error(_TO_SURROGATE, _surrogate)
    decoder = codecs.getincrementaldecoder(found.encoding)(_TO_SURROGATE)

    def texts() -> Iterator[bytes]:
        # Lines are cut in UTF-8, in which a broken unit of the source stays visible as a surrogate.
        for chunk in _chunks(path, skip=found.mark):
            yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
        yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")

    for number, piece in enumerate(_pieces(texts(), b"\n", limit), 1):
        if piece is None:
            yield Line(number, None, "record.line_long")
            continue
        try:
            yield Line(number, piece.decode("utf-8"))
        except UnicodeError:
            yield Line(number, None, "record.undecodable")


def _surrogate(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return "\udc80", error.end
    raise error


def _chunks(path: Path, skip: int = 0) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            file.seek(skip)
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise ConfigError(
            "files.unreadable", path=str(path), detail=error.strerror or str(error)
        ) from error


def _pieces(chunks: Iterable[bytes], newline: bytes, limit: int) -> Iterator[bytes | None]:
    """Cut at line ends; None for a piece above `limit`, whose bytes are dropped as they come."""
    rest = b""
    is_dropping = False
    for chunk in chunks:
        head, *tail = chunk.split(newline)
        if not tail:
            rest += head
        else:
            first = rest + head
            yield None if is_dropping or len(first) > limit else first
            is_dropping = False
            rest = tail.pop()
            for piece in tail:
                yield None if len(piece) > limit else piece
        if len(rest) > limit:
            rest, is_dropping = b"", True
    if is_dropping:
        yield None
    elif rest:
        yield rest


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeError:
        return False
    return True


def _majority(path: Path, newline: bytes) -> str:
    valid = invalid = 0
    for piece in _pieces(_chunks(path), newline, CHUNK_BYTES):
        if piece is None or piece.isascii():
            continue
        try:
            piece.decode("utf-8")
        except UnicodeError:
            invalid += 1
        else:
            valid += 1
    return "gb18030" if invalid > valid else MIXED
