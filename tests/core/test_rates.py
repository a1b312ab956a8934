"""Exchange rates: the one in force on a day, and conversion rounded once."""

from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.money import Money, Rounding
from crm_expenses.core.rates import Rate, convert, in_force, kept
from crm_expenses.testing.strategies import money, numbers

DAY = date(2026, 1, 15)


def rate(value: str | Decimal, into: str = "CNY", day: date = DAY, currency: str = "USD") -> Rate:
    """Give a rate of one day."""
    return Rate(f"{currency}{into}{day}", currency, into, day, Decimal(value), "ours")


@pytest.mark.parametrize(
    ("amount", "currency", "value", "into", "expected"),
    [
        ("100", "USD", "7.0288", "CNY", "702.88"),
        ("0.01", "USD", "7.0288", "CNY", "0.07"),
        ("1", "USD", "0.125", "CNY", "0.13"),  # a tie goes away from zero
        ("-1", "USD", "0.125", "CNY", "-0.13"),
        ("1000", "USD", "155.5", "JPY", "155500"),
        ("3", "USD", "0.5", "JPY", "2"),
        ("1500", "JPY", "0.0468", "CNY", "70.20"),
        ("1", "USD", "0.3074", "KWD", "0.307"),
        ("10000000000", "USD", "7.028812345", "CNY", "70288123450.00"),
    ],
)
def test_conversion_cases(amount: str, currency: str, value: str, into: str, expected: str) -> None:
    """An amount times the rate, to the minor unit of the other currency."""
    made = convert(Money.of(amount, currency), rate(value, into, currency=currency))
    assert f"{made.amount:f} {made.currency}" == f"{expected} {into}"


@pytest.mark.parametrize(("how", "minor"), [(Rounding.DOWN, 12), (Rounding.UP, 13)])
def test_conversion_rounds_as_named(how: Rounding, minor: int) -> None:
    """Another way of rounding can be asked for."""
    assert convert(Money.of("1", "USD"), rate("0.125"), how).minor == minor


VALUES = st.one_of(
    numbers("0.000001", "30000", 6),
    st.builds(lambda n: Decimal(n).scaleb(-9), st.integers(1, 10**24 - 1)),
)


@given(money("USD"), VALUES)
def test_conversion_is_the_nearest_unit(amount: Money, value: Decimal) -> None:
    """No other whole number of units is nearer to the exact product; the sign only turns round."""
    made = convert(amount, rate(value))
    exact = Fraction(amount.minor) * Fraction(value)
    assert abs(made.minor - exact) <= Fraction(1, 2)
    assert convert(-amount, rate(value)) == -made


EXACT_PAIRS = st.sampled_from(
    [("1.25", "0.8"), ("2", "0.5"), ("4", "0.25"), ("8", "0.125"), ("6.25", "0.16"), ("1", "1")]
)


@given(money("USD"), EXACT_PAIRS)
def test_there_and_back(amount: Money, pair: tuple[str, str]) -> None:
    """Into a currency of smaller worth and back, at exact inverse rates, is the same amount."""
    there, back = pair
    abroad = convert(amount, rate(there, "CNY"))
    assert convert(abroad, rate(back, "USD", currency="CNY")) == amount


@given(money("USD"), EXACT_PAIRS)
def test_back_and_there_loses_little(amount: Money, pair: tuple[str, str]) -> None:
    """Into a currency of larger worth and back misses by at most half of its unit, and rounding."""
    finer, coarser = pair
    abroad = convert(amount, rate(coarser, "CNY"))
    again = convert(abroad, rate(finer, "USD", currency="CNY"))
    assert abs(again.minor - amount.minor) <= Fraction(finer) / 2 + Fraction(1, 2)


def test_the_callers_decimal_context_does_not_matter() -> None:
    """A coarse context of the calling thread changes no conversion."""
    with localcontext() as coarse:
        coarse.prec, coarse.rounding = 3, ROUND_DOWN
        made = convert(Money.of("1234567.89", "USD"), rate("7.0288"))
    assert made == Money.of("8677530.79", "CNY")


RATES = (
    rate("7.0", day=date(2026, 1, 1)),
    rate("7.2", day=date(2026, 3, 1)),
    rate("7.1", day=date(2026, 2, 1)),
    rate("0.14", "USD", date(2026, 1, 1), "CNY"),
    rate("8.0", "EUR", date(2026, 3, 15)),
)


@pytest.mark.parametrize(
    ("day", "value"),
    [
        (date(2025, 12, 31), None),
        (date(2026, 1, 1), "7.0"),
        (date(2026, 1, 31), "7.0"),
        (date(2026, 2, 1), "7.1"),
        (date(2026, 2, 28), "7.1"),
        (date(2026, 3, 1), "7.2"),
        (date(2030, 1, 1), "7.2"),
    ],
)
def test_the_rate_in_force(day: date, value: str | None) -> None:
    """A rate is in force from its day until the next one of the same pair and direction."""
    found = in_force(RATES, "USD", "CNY", day)
    assert (found.rate if found else None) == (Decimal(value) if value else None)


def test_no_rate_of_another_pair() -> None:
    """The other direction, another currency or no rate at all is no rate."""
    assert in_force(RATES, "EUR", "CNY", date(2026, 6, 1)) is None
    assert in_force((), "USD", "CNY", date(2026, 6, 1)) is None
    back = in_force(RATES, "CNY", "USD", date(2026, 6, 1))
    assert back is not None
    assert back.rate == Decimal("0.14")


@given(st.lists(st.integers(0, 400), unique=True).flatmap(st.permutations), st.integers(0, 400))
def test_the_order_of_rates_does_not_matter(offsets: list[int], asked: int) -> None:
    """Of the rates that are not later, the newest is in force, in whatever order they come."""
    rates = tuple(rate("7", day=DAY + timedelta(days=n)) for n in offsets)
    found = in_force(rates, "USD", "CNY", DAY + timedelta(days=asked))
    expected = max((n for n in offsets if n <= asked), default=None)
    assert (found.day if found else None) == (
        None if expected is None else DAY + timedelta(days=expected)
    )


def test_a_kept_rate_is_of_its_day_alone() -> None:
    """Whatever the table says by now, a day whose rate is kept has that one; other days do not."""
    old, corrected = rate("7"), rate("8")
    rates = (corrected, kept(old, DAY + timedelta(days=1)), rate("9", currency="EUR"))
    found = [in_force(rates, "USD", "CNY", DAY + timedelta(days=days)) for days in (-1, 0, 1, 2)]
    assert [one and one.rate for one in found] == [None, 8, 7, 8]
    assert found[2] is not None
    assert (found[2].day, found[2].source) == (old.day, old.source)
