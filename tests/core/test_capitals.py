"""Chinese capital numerals: every amount is written as bills have it, and can be read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.capitals import capitals
from crm_expenses.core.money import AMOUNT_MINOR_MAX, Money

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = {"拾": 10, "佰": 100, "仟": 1000}


@pytest.mark.parametrize(
    ("minor", "said"),
    [
        (167_983, "壹仟陆佰柒拾玖元捌角叁分"),
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_014, "陆仟元零壹角肆分"),
        (10_700_053, "壹拾万零柒仟元零伍角叁分"),  # both zeros may be left out
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (1_000_100, "壹万零壹元整"),
        (10_000_000_000, "壹亿元整"),
        (100_000_000_10, "壹亿元零壹角整"),
        (1_000_000_050_000, "壹佰亿零伍佰元整"),
        (0, "零元整"),
        (5, "伍分"),
        (10, "壹角整"),
        (-250, "负贰元伍角整"),
    ],
)
def test_amounts_in_words(minor: int, said: str) -> None:
    """The examples of the rules for bills, and where zeros stand."""
    assert capitals(Money(minor, "CNY")).removeprefix("人民币") == said


def read_back(said: str) -> int:
    """Read capital numerals as somebody who never saw the code would: in minor units."""
    sign = -1 if said.startswith("负") else 1
    said = said.removeprefix("负").removesuffix("整")
    whole, found, rest = said.partition("元")
    if not found:
        whole, rest = "", said
    fen = 0
    for unit, worth in (("角", 10), ("分", 1)):
        head, there, tail = rest.partition(unit)
        if there:
            fen += DIGITS.index(head[-1]) * worth
            rest = tail
    total = group = digit = 0
    for sign_ in whole:
        if sign_ in DIGITS:
            digit = DIGITS.index(sign_)
        elif sign_ in PLACES:
            group, digit = group + digit * PLACES[sign_], 0
        else:
            worth = {"万": 10_000, "亿": 100_000_000}[sign_]
            total, group, digit = total + (group + digit) * worth, 0, 0
    return sign * ((total + group + digit) * 100 + fen)


@given(st.integers(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX))
def test_what_is_written_can_be_read_back(minor: int) -> None:
    """No two amounts are written alike, and none is written wrongly."""
    said = capitals(Money(minor, "CNY")).removeprefix("人民币")
    assert read_back(said) == minor
    assert "零零" not in said


def test_other_currencies_have_none() -> None:
    """Capital numerals are for yuan."""
    assert capitals(Money(100, "USD")) == ""
