"""Return on spending: each figure against worked cases, and laws that hold for any totals."""

import math
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal, getcontext, localcontext
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.roi import (
    T95,
    T95_BEYOND,
    Z95,
    Figure,
    Numerator,
    PersonTotals,
    Reason,
    growth,
    mean_score,
    person_return,
    return_on_cost,
    share,
)

TOTALS = PersonTotals(
    person="p",
    currency="CNY",
    claims_allowed=20_000,
    other_costs=10_000,
    won_amount=90_000,
    won_count=3,
    lost_count=1,
    won_amount_before=60_000,
    accounts_at_start=4,
    accounts_kept=3,
    accounts_new=2,
    scores_count=3,
    scores_sum=12_000,
    scores_square_sum=50_000_000,
    months=12,
)


@pytest.mark.parametrize(
    ("won", "cost", "margin", "expected"),
    [
        (2_000_000, 300_000, "0.30", "1.0000"),
        (0, 100, "1", "-1.0000"),
        (100, 100, "1", "0.0000"),
        (2, 3, "1", "-0.3333"),
        (4, 3, "1", "0.3333"),
        (5, 3, "1", "0.6667"),
        (20_001, 20_000, "1", "0.0001"),  # a tie is rounded away from zero
        (19_999, 20_000, "1", "-0.0001"),
        (19_999, 20_000, "0", "-1.0000"),
        (-50, 100, "1", "-1.5000"),
    ],
)
def test_return_cases(won: int, cost: int, margin: str, expected: str) -> None:
    """The return is (won x margin - cost) / cost, half up to four decimals."""
    assert return_on_cost(won, cost, margin=Decimal(margin)).value == Decimal(expected)


@pytest.mark.parametrize("cost", [0, -1])
def test_return_without_cost(cost: int) -> None:
    """Without cost there is no return, and the reason says so."""
    assert return_on_cost(5, cost, margin=Decimal(1)) == Figure(reason=Reason.NO_COST)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(90, 120, "-0.2500"), (120, 90, "0.3333"), (0, 5, "-1.0000"), (-5, 5, "-2.0000")],
)
def test_growth_cases(now: int, before: int, expected: str) -> None:
    """Growth is now over before, less one."""
    assert growth(now, before).value == Decimal(expected)


@pytest.mark.parametrize("before", [0, -1])
def test_growth_zero_base(before: int) -> None:
    """Growth from nothing is not a number, whatever came after."""
    assert growth(90, before) == Figure(reason=Reason.ZERO_BASE)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # n = 10, k = 8 and n = 263, k = 81: textbook values of the Wilson interval.
        (8, 10, "0.4902", "0.9433"),
        (81, 263, "0.2553", "0.3662"),
        (0, 10, "0.0000", "0.2775"),
        (10, 10, "0.7225", "1.0000"),
        (1, 1, "0.2065", "1.0000"),
    ],
)
def test_share_cases(part: int, whole: int, low: str, high: str) -> None:
    """A share has the Wilson interval."""
    figure = share(part, whole)
    assert (figure.low, figure.high, figure.count) == (Decimal(low), Decimal(high), whole)


def test_share_of_nothing() -> None:
    """No case, no share."""
    assert share(0, 0) == Figure(reason=Reason.TOO_FEW)
    with pytest.raises(ValueError, match="not a share"):
        share(2, 1)


def test_share_of_zero_is_written_without_a_sign() -> None:
    """A lower end of nothing is 0, never -0."""
    assert str(share(0, 7).low) == "0.0000"
    assert str(share(0, 7).value) == "0.0000"


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_share_interval_solves_wilsons_equation(case: tuple[int, int]) -> None:
    """Each end p solves (rate - p)^2 = z^2 p (1 - p) / n, as near as four decimals can be."""
    part, whole = case
    figure = share(part, whole)
    assert figure.low is not None
    assert figure.high is not None
    assert figure.value is not None
    assert 0 <= figure.low <= figure.value <= figure.high <= 1
    rate, square = Fraction(part, whole), Fraction(Z95) ** 2 / whole

    def miss(p: Fraction) -> Fraction:
        return (rate - p) ** 2 - square * p * (1 - p)

    half = Fraction(1, 20_000)
    low, high = Fraction(figure.low), Fraction(figure.high)
    assert miss(low - half) >= 0 >= miss(low + half)
    assert miss(high - half) <= 0 <= miss(high + half)


def test_mean_cases() -> None:
    """The mean of 1..5 has s / sqrt(5) = 0.7071 and t(4) = 2.776; too few answers have none."""
    scores = [1000, 2000, 3000, 4000, 5000]
    figure = mean_score(5, sum(scores), square_total=sum(s * s for s in scores))
    expected = (Decimal("3.0000"), Decimal("1.0371"), Decimal("4.9629"))
    assert (figure.value, figure.low, figure.high) == expected
    assert figure.count == 5
    assert mean_score(2, 8000, square_total=32_000_000) == Figure(reason=Reason.TOO_FEW, count=2)
    same = mean_score(40, 40 * 4500, square_total=40 * 4500**2)
    assert same.low == same.value == same.high == Decimal("4.5000")


@pytest.mark.parametrize(
    ("count", "point"), [(3, T95[1]), (31, T95[29]), (32, T95_BEYOND), (500, T95_BEYOND)]
)
def test_mean_takes_the_right_point(count: int, point: Decimal) -> None:
    """The point of the t table is that of one degree less than the answers, on both sides of 30."""
    scores = [1000 + 1000 * (i % 5) for i in range(count)]
    figure = mean_score(count, sum(scores), square_total=sum(s * s for s in scores))
    mean = sum(scores) / count / 1000
    variance = sum((s / 1000 - mean) ** 2 for s in scores) / (count - 1)
    assert figure.high is not None
    assert float(figure.high) == pytest.approx(
        mean + float(point) * math.sqrt(variance / count), abs=6e-5
    )


@pytest.mark.parametrize("degrees", [*range(1, 31)])
def test_t_table(degrees: int) -> None:
    """Between -t and t lies 95 % of Student's distribution (by Simpson's rule on its density)."""
    end = float(T95[degrees - 1])
    scale = math.gamma((degrees + 1) / 2) / (math.sqrt(degrees * math.pi) * math.gamma(degrees / 2))
    pieces = 2000
    width = end / pieces
    density = [
        scale * (1 + (i * width) ** 2 / degrees) ** (-(degrees + 1) / 2) for i in range(pieces + 1)
    ]
    within = 2 * sum(
        (density[i] + 4 * density[i + 1] + density[i + 2]) * width / 3 for i in range(0, pieces, 2)
    )
    assert within == pytest.approx(0.95, abs=6e-5)


def test_t_table_falls_towards_the_normal() -> None:
    """The points fall with the degrees and stay above those used beyond the table."""
    assert all(before > after for before, after in pairwise((*T95, T95_BEYOND)))


def test_person_return() -> None:
    """All figures of one person, with the cost loaded."""
    made = person_return(TOTALS, numerator=Numerator.MARGIN, margin=Decimal("0.5"))
    assert (made.cost, made.won, made.customers_new, made.months) == (30_000, 90_000, 2, 12)
    assert made.roi.value == Decimal("0.5000")
    assert made.growth.value == Decimal("0.5000")
    assert made.win_rate == share(3, 4)
    assert made.retention == share(3, 4)
    assert made.satisfaction.value == Decimal("4.0000")
    assert (made.numerator, made.margin) == (Numerator.MARGIN, Decimal("0.5"))


def test_nothing_known() -> None:
    """A person without any data has every figure missing, each with its reason."""
    empty = PersonTotals("p", "CNY", *[0] * 13)
    made = person_return(empty, numerator=Numerator.REVENUE)
    reasons = [
        figure.reason
        for figure in (made.roi, made.growth, made.win_rate, made.retention, made.satisfaction)
    ]
    few = Reason.TOO_FEW
    assert reasons == [Reason.NO_DEAL, Reason.ZERO_BASE, few, few, few]


def test_cost_without_deals() -> None:
    """Who spent and closed no deal has a cost, and no return that could be held against them."""
    spent = PersonTotals("p", "CNY", 500, *[0] * 12)
    made = person_return(spent, numerator=Numerator.REVENUE)
    assert (made.cost, made.roi) == (500, Figure(reason=Reason.NO_DEAL))


def test_only_lost_deals() -> None:
    """Who closed deals and won none has lost the whole cost."""
    lost = PersonTotals("p", "CNY", 500, 0, 0, 0, 2, *[0] * 8)
    assert person_return(lost, numerator=Numerator.REVENUE).roi.value == Decimal(-1)


@pytest.mark.parametrize("margin", ["-0.01", "1.01", "NaN", "Infinity"])
def test_margin_out_of_range(margin: str) -> None:
    """A margin is a share."""
    with pytest.raises(ValueError, match="from 0 to 1"):
        person_return(TOTALS, numerator=Numerator.MARGIN, margin=Decimal(margin))


def test_revenue_takes_no_margin() -> None:
    """Revenue as numerator and a margin contradict each other."""
    with pytest.raises(ValueError, match="revenue"):
        person_return(TOTALS, numerator=Numerator.REVENUE, margin=Decimal("0.3"))


@pytest.mark.parametrize(
    "change",
    [
        {"won_count": -1},
        {"months": -1},
        {"accounts_kept": 5},
        {"accounts_new": -1},
        {"scores_square_sum": 47_999_999},
    ],
)
def test_impossible_totals(change: dict[str, int]) -> None:
    """Totals that no facts can give are refused."""
    with pytest.raises(ValueError, match="of p is"):
        replace(TOTALS, **change)


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**15), st.integers(0, 1000))
def test_return_is_the_nearest_of_four_decimals(won: int, cost: int, thousandths: int) -> None:
    """No other value of four decimals is nearer to the exact return."""
    margin = Decimal(thousandths).scaleb(-3)
    value = return_on_cost(won, cost, margin=margin).value
    assert value is not None
    exact = (Fraction(won * thousandths, 1000) - cost) / cost
    assert abs(Fraction(value) - exact) <= Fraction(1, 20_000)
    assert value.as_tuple().exponent == -4


def test_the_callers_decimal_context_does_not_matter() -> None:
    """A coarse or oddly rounding context of the calling thread changes no figure."""
    usual = person_return(TOTALS, numerator=Numerator.MARGIN, margin=Decimal("0.333"))
    with localcontext() as coarse:
        coarse.prec, coarse.rounding = 3, ROUND_DOWN
        again = person_return(TOTALS, numerator=Numerator.MARGIN, margin=Decimal("0.333"))
        assert getcontext().prec == 3
    assert again == usual
