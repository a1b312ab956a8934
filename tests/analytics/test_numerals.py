"""Amounts, shares and foreign texts as a reader sees them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.analytics.numerals import (
    amount_text,
    chart_label,
    clean,
    exact_percent_text,
    percent_text,
    score_text,
    share_text,
    share_used,
    short_amount_text,
    text_width,
)

TURNS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.mark.parametrize(
    ("minor", "currency", "full", "short"),
    [
        (0, "CNY", "0.00", "0"),
        (-5, "CNY", "-0.05", "-0.05"),
        (-500_000, "CNY", "-5,000.00", "-5,000"),
        (123_456_789_012, "CNY", "1,234,567,890.12", "1,234,567,890.12"),
        (1_234_567, "JPY", "1,234,567", "1,234,567"),
        (1_234_567, "KWD", "1,234.567", "1,234.567"),
    ],
)
def test_amounts(minor: int, currency: str, full: str, short: str) -> None:
    """An amount has the decimals of its currency; the short form drops those that say nothing."""
    assert (amount_text(minor, currency), short_amount_text(minor, currency)) == (full, short)


@given(st.integers(-(10**18), 10**18), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_amounts_read_back(minor: int, currency: str) -> None:
    """Digits and sign of the text are the amount itself: nothing is rounded."""
    assert int(amount_text(minor, currency).replace(",", "").replace(".", "")) == minor


def test_percentages() -> None:
    """Ratios keep their two decimals, shares their one."""
    assert percent_text(Decimal("0.0000")) == "0.00%"
    assert percent_text(Decimal("-0.0312")) == "-3.12%"
    assert percent_text(Decimal("12345.6789")) == "1,234,567.89%"
    assert share_text(Decimal("0.8650")) == "86.5%"
    assert exact_percent_text(Decimal(1)) == "100%"
    assert exact_percent_text(Decimal("0.333")) == "33.3%"
    assert exact_percent_text(Decimal("0.00")) == "0%"
    assert score_text(Decimal("4.1250")) == "4.13"


def test_share_used() -> None:
    """A share of nothing is not a share; a tie goes up."""
    assert share_used(1, 0) is None
    assert share_used(1, 2000) == Decimal("0.001")
    assert share_used(-1, 10) == Decimal("-0.100")


@given(st.text())
def test_clean_can_be_written(text: str) -> None:
    """Whatever comes in, what goes out can be written as UTF-8 and holds no control character."""
    made = clean(text)
    made.encode()
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in made)
    assert not set(made) & TURNS


def test_clean_keeps_names() -> None:
    """Names in any script, with joiners and plain marks of direction, are left as they are."""
    hebrew, persian = "\u05d3\u05d5\u05d3\u200f", "\u0646\u0645\u200c\u0631"
    for name in ("赵晓岚", "O\u2019Neil", hebrew, persian, "\U0001f469\u200d\U0001f4bc"):
        assert clean(name) == name
    assert clean("a\tb\r\nc") == "a b  c"


@given(st.text(), st.integers(30, 400))
def test_chart_label_fits(text: str, width: int) -> None:
    """A label never takes more than its room, and a turn of direction never enters a chart."""
    made = chart_label(text, width, 12)
    assert text_width(made, 12) <= width
    assert not set(made) & (TURNS | {"\u200e", "\u200f"})
