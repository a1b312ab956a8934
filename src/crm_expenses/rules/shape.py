r"""The shape of a text: a closed form of pattern that cannot run away.

`9` is a digit, `A` a capital letter, `a` a small letter (A to Z only), `*` any character; `{20}`
behind a sign repeats it, `{1,5}` between once and five times; `\` before a sign takes it as it is;
every other sign stands for itself. A text is matched whole, in one pass over a small set of places,
so the work is bounded by the lengths of text and pattern.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

PATTERN_MAX: Final = 200
TIMES_MAX: Final = 100
PLACES_MAX: Final = 2_000
"""Most places that a pattern, written out, may have."""

_CLASSES: Final[dict[str, Callable[[str], bool]]] = {
    "9": lambda c: "0" <= c <= "9",
    "A": lambda c: "A" <= c <= "Z",
    "a": lambda c: "a" <= c <= "z",
    "*": lambda _: True,
}


class ShapeError(ValueError):
    """A pattern that cannot be read; carries the offset."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


@dataclass(frozen=True, slots=True)
class Piece:
    """One sign of a pattern, and how often it stands."""

    sign: str
    is_class: bool
    least: int
    most: int

    def takes(self, character: str) -> bool:
        """Say whether a character may stand in its place."""
        return _CLASSES[self.sign](character) if self.is_class else character == self.sign


class Shape:
    r"""A pattern made ready.

    >>> Shape("9{20}").fits("24312000000012345678"), Shape("AA-9{1,3}").fits("XY-1234")
    (True, False)
    >>> Shape("\\9").fits("9"), Shape("\\9").fits("8")
    (True, False)
    """

    def __init__(self, pattern: str) -> None:
        self._pieces = pieces_of(pattern)
        self.match = _expression(self._pieces)
        """Gives None for a text that does not fit; None itself where there is no such function."""

    def fits(self, text: str) -> bool:
        """Say whether the whole text has the shape."""
        if self.match is not None:
            return self.match(text) is not None
        # Each place is a piece and how many of its signs have been seen; the set stays small.
        places = self._onward({(0, 0)})
        for character in text:
            places = self._onward(
                {
                    (index, seen + 1)
                    for index, seen in places
                    if index < len(self._pieces)
                    and seen < self._pieces[index].most
                    and self._pieces[index].takes(character)
                }
            )
            if not places:
                return False
        return (len(self._pieces), 0) in places

    def _onward(self, places: set[tuple[int, int]]) -> set[tuple[int, int]]:
        """Add the places that are reached without a further character."""
        found = set(places)
        waiting = list(places)
        while waiting:
            index, seen = waiting.pop()
            if index < len(self._pieces) and seen >= self._pieces[index].least:
                following = (index + 1, 0)
                if following not in found:
                    found.add(following)
                    waiting.append(following)
        return found


def _expression(pieces: tuple[Piece, ...]) -> Callable[[str], object] | None:
    """Give the same as a regular expression, where it has no choice that it could go back on.

    With one piece of open length at most there is one way to match, so the work stays linear.
    """
    if sum(piece.least != piece.most for piece in pieces) > 1:
        return None
    signs = {"9": "[0-9]", "A": "[A-Z]", "a": "[a-z]", "*": "."}
    text = "".join(
        f"{signs[piece.sign] if piece.is_class else re.escape(piece.sign)}"
        f"{{{piece.least},{piece.most}}}"
        for piece in pieces
    )
    return re.compile(text, re.DOTALL).fullmatch


def example_of(pattern: str) -> str:
    """Give a short text that has a shape.

    >>> example_of("AA-9{3}"), Shape("a{2}*").fits(example_of("a{2}*"))
    ('AA-111', True)
    """
    signs = {"9": "1", "A": "A", "a": "a", "*": "x"}
    return "".join(
        (signs[piece.sign] if piece.is_class else piece.sign) * piece.least
        for piece in pieces_of(pattern)
    )


def pieces_of(pattern: str) -> tuple[Piece, ...]:
    """Give the signs of a pattern in their order.

    >>> [(piece.sign, piece.least, piece.most) for piece in pieces_of("A-9{2,3}")]
    [('A', 1, 1), ('-', 1, 1), ('9', 2, 3)]
    """
    if not pattern or len(pattern) > PATTERN_MAX:
        raise ShapeError(0)
    pieces: list[Piece] = []
    at = 0
    while at < len(pattern):
        sign, is_class = pattern[at], pattern[at] in _CLASSES
        if sign in "{}":
            raise ShapeError(at)
        at += 1
        if sign == "\\":
            if at == len(pattern):
                raise ShapeError(at - 1)
            sign, is_class = pattern[at], False
            at += 1
        least = most = 1
        if at < len(pattern) and pattern[at] == "{":
            end = pattern.find("}", at)
            least, most = _times(pattern[at + 1 : end] if end > 0 else "", at)
            at = end + 1
        pieces.append(Piece(sign, is_class, least, most))
    if sum(piece.most for piece in pieces) > PLACES_MAX:
        raise ShapeError(0)
    return tuple(pieces)


def _times(written: str, at: int) -> tuple[int, int]:
    first, comma, second = written.partition(",")
    if not _is_count(first) or (comma and not _is_count(second)):
        raise ShapeError(at)
    least, most = int(first), int(second or first)
    if not (least <= most <= TIMES_MAX and most):
        raise ShapeError(at)
    return least, most


def _is_count(written: str) -> bool:
    return 0 < len(written) <= 3 and written.isascii() and written.isdigit()
