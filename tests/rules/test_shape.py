"""Shapes of texts beside a plain reading of what each sign means, and the cases of the page."""

from dataclasses import dataclass
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.rules.shape import PATTERN_MAX, Shape, ShapeError, example_of

TAKEN: Final = {"9": "0123456789", "A": "ABZ", "a": "abz", "*": "0Zz9\n-é王"}
"""Some of what each class takes; what it does not take is drawn, too."""

ALPHABET: Final = "09ABZabz-\n.é王١À\\{}*"


@dataclass(frozen=True)
class Sign:
    """One sign of a pattern as it is meant: a class or itself, so many times."""

    sign: str
    is_class: bool
    least: int
    most: int
    is_counted: bool

    @property
    def text(self) -> str:
        """Write it; a sign with a meaning of its own is escaped where it stands for itself."""
        sign = self.sign if self.is_class or self.sign not in "9Aa*\\{}" else "\\" + self.sign
        if not self.is_counted:
            return sign
        times = str(self.least) if self.least == self.most else f"{self.least},{self.most}"
        return f"{sign}{{{times}}}"

    def takes(self, character: str) -> bool:
        """Say whether it stands for a character."""
        if not self.is_class:
            return character == self.sign
        if self.sign == "*":
            return True
        first, last = {"9": "09", "A": "AZ", "a": "az"}[self.sign]
        return ord(first) <= ord(character) <= ord(last)


def fits(signs: tuple[Sign, ...], text: str) -> bool:
    """Try every way to share a text out among the signs."""
    if not signs:
        return text == ""
    first, rest = signs[0], signs[1:]
    return any(
        all(first.takes(character) for character in text[:count]) and fits(rest, text[count:])
        for count in range(first.least, min(first.most, len(text)) + 1)
    )


@st.composite
def signs(draw: st.DrawFn) -> Sign:
    """Draw a sign of a pattern."""
    is_class = draw(st.booleans())
    sign = draw(st.sampled_from("9Aa*" if is_class else "9A-.\\{}é\n"))
    if not draw(st.booleans()):
        return Sign(sign, is_class, 1, 1, is_counted=False)
    least, more = draw(st.integers(0, 3)), draw(st.integers(0, 2))
    return Sign(sign, is_class, least, max(1, least + more), is_counted=True)


@st.composite
def cases(draw: st.DrawFn) -> tuple[tuple[Sign, ...], str]:
    """Draw a pattern and a text: one that fits, one with a sign changed, or any."""
    pattern = tuple(draw(st.lists(signs(), min_size=1, max_size=5)))
    if draw(st.integers(0, 3)) == 0:
        return pattern, draw(st.text(ALPHABET, max_size=8))
    made = ""
    for sign in pattern:
        taken = TAKEN[sign.sign] if sign.is_class else sign.sign
        count = draw(st.integers(sign.least, sign.most))
        made += "".join(draw(st.sampled_from(taken)) for _ in range(count))
    if made and draw(st.booleans()):
        at, other = draw(st.integers(0, len(made) - 1)), draw(st.text(ALPHABET, max_size=2))
        made = made[:at] + other + made[at + 1 :]
    return pattern, made


def _agrees(case: tuple[tuple[Sign, ...], str]) -> None:
    pattern, text = case
    shape = Shape("".join(sign.text for sign in pattern))
    assert shape.fits(text) is fits(pattern, text)


@settings(max_examples=200, deadline=None)
@given(cases())
def test_a_shape_fits_what_its_signs_mean(case: tuple[tuple[Sign, ...], str]) -> None:
    """A text has a shape exactly if it can be shared out among the pattern's signs."""
    _agrees(case)


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None)
@given(cases())
def test_shapes_in_a_long_sweep(case: tuple[tuple[Sign, ...], str]) -> None:
    """The plain reading agrees on some thousands of patterns, too."""
    _agrees(case)


@settings(max_examples=50, deadline=None)
@given(st.lists(signs(), min_size=1, max_size=6))
def test_the_example_of_a_shape_fits_it(pattern: list[Sign]) -> None:
    """The short text that shows a shape has that shape."""
    written = "".join(sign.text for sign in pattern)
    assert Shape(written).fits(example_of(written))


@pytest.mark.parametrize(
    ("pattern", "text", "is_so"),
    [
        ("9{20}", "2" * 20, True),
        ("9{20}", "2" * 19, False),
        ("9{20}", "2" * 21, False),
        ("9", "٣", False),
        ("9{0,1}9{0,1}", "٣", False),
        ("A{0,1}9{0,1}", "À", False),
        ("A{0,1}9{0,1}", "z", False),
        ("a{0,1}9{0,1}", "ä", False),
        ("a{0,1}9{0,1}", "Z", False),
        ("a{0,1}A{0,1}", "zZ", True),
        ("9", "9\n", False),
        ("a", "ä", False),
        ("*", "\n", True),
        ("*{0,3}", "", True),
        ("A{0,2}9", "9", True),
        (r"\9\*", "9*", True),
        (r"\9", "1", False),
        ("9{1,2}A{0,1}9{1,2}", "99", True),
        (".", "x", False),
    ],
)
def test_cases(pattern: str, text: str, is_so: bool) -> None:  # noqa: FBT001  a column of the table
    """Digits and letters are those of ASCII, counts have both ends, the whole text is matched."""
    assert Shape(pattern).fits(text) is is_so


def test_the_work_is_bounded() -> None:
    """A pattern that would make a search go back on itself takes one pass."""
    assert not Shape("*{0,100}" * 8 + "9").fits("x" * 800)


@pytest.mark.parametrize(
    ("pattern", "at"),
    [
        ("", 0),
        ("9" * (PATTERN_MAX + 1), 0),
        ("9\\", 1),
        ("{", 0),
        ("9}", 1),
        ("9{", 1),
        ("9{a}", 1),
        ("9{2,1}", 1),
        ("9{0}", 1),
        ("9{1,101}", 1),
        ("9{1,}", 1),
        ("9{٣}", 1),
        ("9{100}" * 21, 0),
    ],
)
def test_what_cannot_be_read(pattern: str, at: int) -> None:
    """A mistake in a pattern is told with the offset where it stands."""
    with pytest.raises(ShapeError) as caught:
        Shape(pattern)
    assert caught.value.at == at
