"""Lays out a query for people: long lines are broken at spaces, and at nothing else.

A space inside of a text literal or of a comment is never touched, so the meaning cannot change: a
query is the same words in the same order before and after.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

WIDTH: Final = 100
"""Columns of a page; a wide sign takes two."""
_SHORTEST: Final = 24
_WIDE: Final = "\u2e80-\u9fff\uff00-\uffef"
_DEEPEST: Final = 10
_OPENING: Final = {"(": 1, "[": 1, "CASE": 1}
_CLOSING: Final = {")": 1, "]": 1, "END": 1}
_LEADING: Final = frozenset(
    {"AND", "OR", "WHEN", "ELSE", "UNION", "JOIN", "LEFT", "CROSS", "ORDER", "ROWS", "||", "END"}
)
_TRAILING: Final = frozenset(
    {"AS", "ON", "+", "-", "*", "/", "=", "<>", "<", ">", "<=", ">=", "THEN"}
)


class TokenKind(StrEnum):
    """What a piece of a query is."""

    TEXT = "text"
    COMMENT = "comment"
    WORD = "word"
    NUMBER = "number"
    SPACE = "space"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query."""

    kind: TokenKind
    text: str


@cache
def _grammar(*, is_backslash_special: bool) -> re.Pattern[str]:
    text = r"'(?:[^'\\]|\\.)*'" if is_backslash_special else r"'(?:[^']|'')*'"
    kinds = {
        TokenKind.TEXT: f'{text}|"[^"]*"',
        TokenKind.COMMENT: r"--[^\n]*",
        TokenKind.WORD: r"[A-Za-z_][A-Za-z_0-9]*",
        TokenKind.NUMBER: r"[0-9]+(?:[.][0-9]+)?L?",
        TokenKind.SPACE: r"\s+",
        TokenKind.SIGN: r"::|\|\||<>|<=|>=|//|[-+*/%=<>~.,;()\[\]]",
    }
    return re.compile("|".join(f"(?P<{kind}>{form})" for kind, form in kinds.items()), re.DOTALL)


def tokens(sql: str, *, is_backslash_special: bool) -> Iterator[Token]:
    r"""Give the pieces of a query, one after the other.

    Raises:
        ValueError: a sign stands in it that no query of ours has.

    >>> [token.text for token in tokens("a || 'it''s' -- b", is_backslash_special=False)]
    ['a', ' ', '||', ' ', "'it''s'", ' ', '-- b']
    """
    grammar, at = _grammar(is_backslash_special=is_backslash_special), 0
    while at < len(sql):
        found = grammar.match(sql, at)
        if found is None or found.lastgroup is None:
            raise ValueError(sql[at : at + 40])
        yield Token(TokenKind(found.lastgroup), found.group())
        at = found.end()


def lines_of(sql: str, *, is_backslash_special: bool) -> list[list[Token]]:
    """Give the lines of a query; a text literal that holds an end of line does not end one."""
    lines: list[list[Token]] = [[]]
    for token in tokens(sql, is_backslash_special=is_backslash_special):
        if token.kind is not TokenKind.SPACE or "\n" not in token.text:
            lines[-1].append(token)
            continue
        *ends, indent = token.text.split("\n")
        lines += [[] for _ in ends]
        if indent:
            lines[-1].append(Token(TokenKind.SPACE, indent))
    return lines


def wrapped(line: Sequence[Token], width: int = WIDTH) -> Iterator[str]:
    """Break a line that is too long at its outermost spaces."""
    first = line[0].text if line and line[0].kind is TokenKind.SPACE else ""
    rest = list(line[1:] if first else line)
    indent, depth, base = first, 0, 0
    while rest:
        at = _break(rest, width - columns(indent))
        if at is None:
            yield indent + "".join(token.text for token in rest)
            return
        taken, rest = rest[:at], rest[at + 1 :]
        yield indent + "".join(token.text for token in taken)
        depth += sum(_deeper(token) for token in taken)
        base = min(base, depth)
        indent = first + "  " * (1 + min(depth - base, _DEEPEST))


def _break(line: Sequence[Token], width: int) -> int | None:
    """Give the space to break at; None where the line fits, or has no space to break at."""
    best: tuple[int, int, int] | None = None
    chosen: int | None = None
    column = depth = 0
    for at, token in enumerate(line):
        is_space = token.kind is TokenKind.SPACE and 0 < at < len(line) - 1
        if is_space and (column > _SHORTEST or column > width):
            if column > width and chosen is not None:
                return chosen
            leads = line[at + 1].text in _LEADING
            trails = line[at - 1].text in _TRAILING
            rank = (depth, trails - leads, -column)
            if best is None or rank < best or column > width:
                best, chosen = rank, at
            if column > width:
                return chosen
        column += columns(token.text)
        depth += _deeper(token)
    return chosen if column > width else None


def _deeper(token: Token) -> int:
    if token.kind is TokenKind.TEXT:
        return 0
    return _OPENING.get(token.text, 0) - _CLOSING.get(token.text, 0)


def columns(text: str) -> int:
    """Give the columns that a text takes.

    >>> columns("ab"), columns("餐费")
    (2, 4)
    """
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def comment(text: str, indent: str = "", hanging: str = "") -> Iterator[str]:
    r"""Give a text as comments of at most the width of a page; spaces before it stay.

    Signs that end a line, or that begin something in a template of dbt, are taken apart.

    >>> list(comment("a rule\nof {{ x }}", "  "))
    ['  -- a rule of { { x } }']
    """
    lead = text[: len(text) - len(text.lstrip(" "))]
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    for pair in ("{{", "}}", "{%", "%}", "{#", "#}"):
        plain = plain.replace(pair, " ".join(pair))
    line, room = lead, WIDTH - columns(indent) - len("-- ")
    for word in _words(plain):
        if line.strip() and columns(line + word.rstrip()) > room:
            yield f"{indent}-- {line.rstrip()}"
            line = lead + hanging
        line += word
    yield f"{indent}-- {line.rstrip()}".rstrip()


def _words(text: str) -> Iterator[str]:
    """Give words with the space after them; between Chinese signs a line may end, too."""
    yield from re.findall(rf"[{_WIDE}]|[^\s{_WIDE}]+\s*|\s+", text)
