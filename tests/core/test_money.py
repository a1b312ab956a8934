"""Money: what is read as an amount, exact sums, and how a figure between two units is decided."""

from decimal import ROUND_DOWN, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.currencies import EXPONENTS
from crm_expenses.core.money import (
    AMOUNT_MINOR_MAX,
    Money,
    Rounding,
    divide_whole,
    exponent,
    read_number,
    total,
)
from crm_expenses.errors import MappingError
from crm_expenses.testing.strategies import money

CNY = st.integers(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX).map(lambda minor: Money(minor, "CNY"))


@pytest.mark.parametrize(
    ("written", "currency", "minor"),
    [
        ("0", "CNY", 0),
        ("-0", "CNY", 0),
        ("1234.5", "CNY", 123_450),
        ("-58.30", "EUR", -5_830),
        ("0.010000000", "CNY", 1),
        ("1500", "JPY", 1_500),
        ("0.125", "KWD", 125),
        ("7", "CLF", 70_000),
        ("12.34", "DEM", 1_234),
        ("10000000000.00", "CNY", AMOUNT_MINOR_MAX),
        ("-10000000000.00", "CNY", -AMOUNT_MINOR_MAX),
        (12, "CNY", 1_200),
        (Decimal("12.50"), "CNY", 1_250),
        (Decimal("1E+3"), "CNY", 100_000),
        (Decimal("0.1000000000000000000000000000000000000000000000000000000000000"), "CNY", 10),
    ],
)
def test_amounts_that_are_read(written: str | int | Decimal, currency: str, minor: int) -> None:
    """An amount of the accepted form becomes its whole minor units."""
    assert Money.of(written, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            " 1",
            "1 ",
            "+1",
            "1_000",
            "1,234.5",
            "1,234.5x",
            "１２.５",
            "٣",
            "1.",
            ".5",
            "1.2.3",
        ),
        *("NaN", "nan", "inf", "-Infinity", "1E+3", "1E+9999999", "0x1F", "--1", "1\n", "¥5"),
        *("1234567890123456", "1.1234567891"),
    ],
)
def test_amounts_that_are_not_read(written: str) -> None:
    """A text of any other form is refused, and shown."""
    with pytest.raises(MappingError) as caught:
        Money.of(written, "CNY")
    assert caught.value.code == "record.amount"
    assert written[:40] in caught.value.describe("zh")


def test_a_refused_amount_is_shown_in_part() -> None:
    """A message stays readable whatever was found in a cell."""
    with pytest.raises(MappingError) as caught:
        read_number("9" * 5_000)
    assert caught.value.problems[0].values == {"value": "9" * 40}


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        ("0.001", "CNY", "record.amount_fine"),
        ("0.5", "JPY", "record.amount_fine"),
        ("1.0001", "KWD", "record.amount_fine"),
        ("1.000000001", "CNY", "record.amount_fine"),
        ("10000000000.01", "CNY", "record.amount_large"),
        ("-999999999999999", "JPY", "record.amount_large"),
        ("1", "XYZ", "record.currency"),
        ("1", "cny", "record.currency"),
        ("1", "XAU", "record.currency"),
        ("1", "", "record.currency"),
        (Decimal("NaN"), "CNY", "record.amount"),
        (Decimal("sNaN"), "CNY", "record.amount"),
        (Decimal("-Infinity"), "CNY", "record.amount"),
        (Decimal("1E+9999999"), "CNY", "record.amount_large"),
    ],
)
def test_amounts_out_of_bounds(amount: str | Decimal, currency: str, code: str) -> None:
    """Nothing is rounded, cut or guessed: each misfit has its own code."""
    with pytest.raises(MappingError) as caught:
        Money.of(amount, currency)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "amount",
    [Decimal(1) + Decimal("1E-26"), Decimal("1." + "0" * 70 + "1"), Decimal("1E-2000000")],
)
def test_no_digit_is_dropped_however_fine(amount: Decimal) -> None:
    """A Decimal with more digits than any working precision is refused, never rounded."""
    with pytest.raises(MappingError) as caught:
        Money.of(amount, "CNY")
    assert caught.value.code == "record.amount_fine"


@given(money())
def test_written_and_read_again(amount: Money) -> None:
    """What money prints is read as the same money, with the currency's own decimals."""
    written, currency = str(amount).split()
    assert Money.of(written, currency) == amount
    assert Money.of(amount.amount, currency) == amount
    assert -amount.amount.as_tuple().exponent == exponent(currency)


@given(st.lists(CNY, max_size=30).flatmap(lambda m: st.tuples(st.just(m), st.permutations(m))))
def test_sums_are_exact_in_any_order(case: tuple[list[Money], list[Money]]) -> None:
    """A sum is the sum of the minor units, whatever the order."""
    amounts, shuffled = case
    assert total(amounts, "CNY") == total(shuffled, "CNY")
    assert total(amounts, "CNY").minor == sum(amount.minor for amount in amounts)


@given(CNY, CNY)
def test_plus_minus_and_order_agree(one: Money, other: Money) -> None:
    """Subtracting undoes adding, and the order is that of the minor units."""
    assert one + other - other == one
    assert one - other == -(other - one)
    assert (one < other) == (one.minor < other.minor) == (other > one)
    assert (one <= other) == (one.minor <= other.minor) == (other >= one)


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__le__"])
def test_currencies_do_not_mix(operation: str) -> None:
    """Two currencies are neither added nor compared, and the message names both."""
    with pytest.raises(MappingError) as caught:
        getattr(Money(1, "CNY"), operation)(Money(1, "EUR"))
    assert caught.value.code == "money.mixed"
    assert "EUR" in str(caught.value)
    assert "CNY" in caught.value.describe("zh")


def test_a_sum_keeps_its_currency() -> None:
    """A sum of nothing has a currency, and nothing of another one gets in."""
    assert total([], "JPY") == Money(0, "JPY")
    with pytest.raises(MappingError, match="EUR"):
        total([Money(1, "EUR")], "JPY")


WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)


@given(CNY, WEIGHTS)
def test_allocation_is_exact_and_fair(amount: Money, weights: list[int]) -> None:
    """The parts sum to the whole, and each is the exact share rounded down or up by one unit."""
    parts = amount.allocate(weights)
    assert total(parts, "CNY") == amount
    for weight, part in zip(weights, parts, strict=True):
        share = Fraction(amount.minor * weight, sum(weights))
        assert abs(part.minor - share) < 1
        assert weight or part.minor == 0


@given(CNY, WEIGHTS, st.integers(1, 1000))
def test_allocation_depends_on_shares_only(amount: Money, weights: list[int], by: int) -> None:
    """Weights that are all multiplied give the same parts; equal weights differ by one unit."""
    parts = amount.allocate(weights)
    assert amount.allocate([weight * by for weight in weights]) == parts
    for weight in weights:
        same = [p.minor for w, p in zip(weights, parts, strict=True) if w == weight]
        assert same == sorted(same, reverse=True)
        assert same[0] - same[-1] <= 1


@given(CNY, WEIGHTS.flatmap(lambda w: st.tuples(st.just(w), st.permutations(range(len(w))))))
def test_allocation_in_another_order(amount: Money, case: tuple[list[int], list[int]]) -> None:
    """In another order of the weights the whole is kept, and no part moves by more than a unit."""
    weights, order = case
    parts = amount.allocate(weights)
    moved = amount.allocate([weights[i] for i in order])
    assert total(moved, "CNY") == amount
    assert all(
        abs(parts[i].minor - there.minor) <= 1 for i, there in zip(order, moved, strict=True)
    )


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [2, -1]])
def test_weights_that_share_nothing_out(weights: list[int]) -> None:
    """Without a positive weight, or with one below zero, there is no allocation."""
    with pytest.raises(ValueError, match="weights must be"):
        Money(100, "CNY").allocate(weights)


def test_the_largest_remainder_wins() -> None:
    """The unit that is left goes to the largest remainder, then to the first."""
    assert [p.minor for p in Money(10, "CNY").allocate([3, 3, 1])] == [4, 4, 2]
    assert [p.minor for p in Money(-100, "CNY").allocate([1, 1, 1])] == [-33, -33, -34]


@pytest.mark.parametrize(
    ("dividend", "divisor", "expected"),
    [
        # half_up, half_even, up, down, floor, ceiling
        (5, 2, (3, 2, 3, 2, 2, 3)),
        (-5, 2, (-3, -2, -3, -2, -3, -2)),
        (7, 2, (4, 4, 4, 3, 3, 4)),
        (-7, 2, (-4, -4, -4, -3, -4, -3)),
        (1, 2, (1, 0, 1, 0, 0, 1)),
        (-1, 2, (-1, 0, -1, 0, -1, 0)),
        (3, 2, (2, 2, 2, 1, 1, 2)),
        (1, 3, (0, 0, 1, 0, 0, 1)),
        (-1, 3, (0, 0, -1, 0, -1, 0)),
        (2, 3, (1, 1, 1, 0, 0, 1)),
        (5, -2, (-3, -2, -3, -2, -3, -2)),
        (-6, 3, (-2,) * 6),
        (0, 5, (0,) * 6),
    ],
)
def test_division_cases(dividend: int, divisor: int, expected: tuple[int, ...]) -> None:
    """Each way of rounding has its own answer on both sides of zero."""
    assert tuple(divide_whole(dividend, divisor, how) for how in Rounding) == expected


@given(
    st.integers(-(10**15), 10**15),
    st.integers(-(10**6), 10**6).filter(bool),
    st.sampled_from(Rounding),
)
def test_division_and_decimal_rounding_agree(n: int, d: int, how: Rounding) -> None:
    """Whole division rounds as the decimal rounding of the exact quotient does."""
    quotient = Fraction(n, d)
    made = divide_whole(n, d, how)
    assert abs(made - quotient) < 1
    if how in (Rounding.HALF_UP, Rounding.HALF_EVEN):
        assert abs(made - quotient) <= Fraction(1, 2)
    thousandths = divide_whole(n, 1000, how)
    assert Money.rounded(Decimal(n).scaleb(-3), "JPY", how).minor == thousandths


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**6))
def test_directions_of_rounding(n: int, d: int) -> None:
    """Floor and ceiling enclose the quotient; down never leaves zero, up never nears it."""
    at = {how: divide_whole(n, d, how) for how in Rounding}
    quotient = Fraction(n, d)
    assert at[Rounding.FLOOR] <= quotient <= at[Rounding.CEILING]
    assert abs(at[Rounding.DOWN]) <= abs(quotient) <= abs(at[Rounding.UP])
    assert {at[Rounding.FLOOR], at[Rounding.CEILING]} == {at[Rounding.DOWN], at[Rounding.UP]}


@pytest.mark.parametrize(
    ("amount", "how", "minor"),
    [
        ("2.665", Rounding.HALF_UP, 267),
        ("2.665", Rounding.HALF_EVEN, 266),
        ("-2.665", Rounding.HALF_UP, -267),
        ("2.661", Rounding.UP, 267),
        ("-2.669", Rounding.DOWN, -266),
        ("-2.661", Rounding.FLOOR, -267),
        ("-2.669", Rounding.CEILING, -266),
    ],
)
def test_rounding_to_the_minor_unit(amount: str, how: Rounding, minor: int) -> None:
    """An amount in major units is rounded to the currency's minor unit as named."""
    assert Money.rounded(Decimal(amount), "CNY", how) == Money(minor, "CNY")


def test_the_callers_decimal_context_does_not_matter() -> None:
    """A coarse or oddly rounding context of the calling thread changes no amount."""
    with localcontext() as coarse:
        coarse.prec, coarse.rounding = 3, ROUND_DOWN
        made = Money.of("1234567.89", "CNY")
        assert made == Money.of(Decimal("1234567.89"), "CNY")
        assert str(made) == "1234567.89 CNY"
        assert Money.rounded(Decimal("1234567.895"), "CNY", Rounding.HALF_UP).minor == 123_456_790


def test_every_currency_holds_the_largest_amount() -> None:
    """The limit is the same number of minor units in every currency."""
    for currency in EXPONENTS:
        largest = Money(AMOUNT_MINOR_MAX, currency)
        assert Money.of(largest.amount, currency) == largest
        with pytest.raises(MappingError) as caught:
            Money.of(Money(AMOUNT_MINOR_MAX + 1, currency).amount, currency)
        assert caught.value.code == "record.amount_large"
