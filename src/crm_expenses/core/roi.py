"""Return on spending: the figures of one account manager, each defined exactly.

Whoever gathers the totals only counts and sums whole numbers; every ratio is computed here, once,
exactly, and rounded half up to four decimals at the end, so that two engines cannot differ.

Sources of the formulas:

- Simple return on investment, (return - cost) / cost, is common usage; whether the return is
  revenue or margin must be declared, as in the model of sales-force return of the Harvard Business
  Review, where it is gross margin times sales less the yearly cost of the salesperson.
- Interval of a share: E. B. Wilson, "Probable inference, the law of succession, and statistical
  inference", Journal of the American Statistical Association 22 (1927), 209-212.
- Interval of a mean: Student, "The probable error of a mean", Biometrika 6 (1908), 1-25.
"""

from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from typing import Final

from crm_expenses.core.money import Rounding, divide_whole

PLACES: Final = 4
"""Decimals of every ratio and mean."""

SCORES_MIN: Final = 3
"""Fewest survey answers that a mean is given for; below, its interval says nothing."""

Z95: Final = Decimal("1.959963984540054")
"""Two-sided 95 % point of the normal distribution."""

_T95: Final = (
    "12.706 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262 2.228 "
    "2.201 2.179 2.160 2.145 2.131 2.120 2.110 2.101 2.093 2.086 "
    "2.080 2.074 2.069 2.064 2.060 2.056 2.052 2.048 2.045 2.042"
)
T95: Final = tuple(Decimal(point) for point in _T95.split())
"""Two-sided 95 % points of Student's t for 1 to 30 degrees of freedom."""

T95_BEYOND: Final = Decimal("1.96")
"""The point that is used above 30 degrees of freedom."""

_THOUSANDTHS: Final = 1000
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_UP)


class Numerator(StrEnum):
    """What counts as the return on the money spent."""

    REVENUE = "revenue"
    MARGIN = "margin"


class Reason(StrEnum):
    """Why a figure is not given; `roi.<reason>` is the code of its text."""

    ZERO_BASE = "zero_base"
    NO_COST = "no_cost"
    NO_DEAL = "no_deal"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio or mean with what is behind it.

    `value` is None exactly when `reason` says why. `count` is the number of cases (deals,
    customers, answers) that it rests on, 0 where cases are not what it is made of. `low` and `high`
    are the ends of the 95 % interval where there is one.
    """

    value: Decimal | None = None
    reason: Reason | None = None
    count: int = 0
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PersonTotals:
    """Whole-number totals of one account manager over a period; amounts in minor units.

    `other_costs` is the loaded cost beside claims (salary, training, communication).
    `won_amount_before` is what was won in the same length of time just before the period.
    `accounts_kept` counts, of the customers at the start, those still active at the end.
    Scores are whole thousandths: 4.5 is 4500, and its square 20250000.
    """

    person: str
    currency: str
    claims_allowed: int
    other_costs: int
    won_amount: int
    won_count: int
    lost_count: int
    won_amount_before: int
    accounts_at_start: int
    accounts_kept: int
    accounts_new: int
    scores_count: int
    scores_sum: int
    scores_square_sum: int
    months: int

    def __post_init__(self) -> None:
        for name in _COUNTS:
            if getattr(self, name) < 0:
                raise ValueError(f"{name} of {self.person} is below 0: {getattr(self, name)}")
        if self.accounts_kept > self.accounts_at_start:
            raise ValueError(
                f"accounts_kept of {self.person} is {self.accounts_kept}, "
                f"above accounts_at_start, {self.accounts_at_start}"
            )
        if self.scores_count * self.scores_square_sum < self.scores_sum**2:
            raise ValueError(f"scores_square_sum of {self.person} is below what its sum allows")


_COUNTS: Final = tuple(
    field.name
    for field in fields(PersonTotals)
    if field.name.startswith("accounts_") or field.name.endswith("_count") or field.name == "months"
)


@dataclass(frozen=True, slots=True)
class PersonReturn:
    """The figures of one account manager; `cost` and `won` in minor units of `currency`.

    `roi` is the return on the loaded cost, with `numerator` and `margin` as declared.
    """

    person: str
    currency: str
    months: int
    cost: int
    won: int
    numerator: Numerator
    margin: Decimal
    roi: Figure
    growth: Figure
    win_rate: Figure
    retention: Figure
    customers_new: int
    satisfaction: Figure


def person_return(
    totals: PersonTotals, *, numerator: Numerator, margin: Decimal = Decimal(1)
) -> PersonReturn:
    """Compute the figures of one account manager.

    `margin` is the share of the won amount that counts as return: 1 when `numerator` is revenue,
    the company's gross margin when it is margin. Somebody who closed no deal in the period (a team
    lead, say) has no return: what they cost is not evidence of a loss.

    Raises:
        ValueError: `margin` is outside 0..1, or is not 1 although revenue is the numerator.

    >>> totals = PersonTotals("p", "CNY", 20000, 10000, 90000, 3, 1, 60000, 4, 3, 2, 0, 0, 0, 12)
    >>> made = person_return(totals, numerator=Numerator.MARGIN, margin=Decimal("0.5"))
    >>> made.cost, made.roi.value, made.growth.value, made.win_rate.value, made.satisfaction.reason
    (30000, Decimal('0.5000'), Decimal('0.5000'), Decimal('0.7500'), <Reason.TOO_FEW: 'too_few'>)
    """
    if not (margin.is_finite() and 0 <= margin <= 1):
        raise ValueError(f"margin is {margin}, but must be from 0 to 1")
    if numerator is Numerator.REVENUE and margin != 1:
        raise ValueError(f"margin is {margin}, but with revenue as numerator it must be 1")
    cost = totals.claims_allowed + totals.other_costs
    return PersonReturn(
        person=totals.person,
        currency=totals.currency,
        months=totals.months,
        cost=cost,
        won=totals.won_amount,
        numerator=numerator,
        margin=margin,
        roi=return_on_cost(totals.won_amount, cost, margin=margin)
        if totals.won_count + totals.lost_count
        else Figure(reason=Reason.NO_DEAL),
        growth=growth(totals.won_amount, totals.won_amount_before),
        win_rate=share(totals.won_count, totals.won_count + totals.lost_count),
        retention=share(totals.accounts_kept, totals.accounts_at_start),
        customers_new=totals.accounts_new,
        satisfaction=mean_score(
            totals.scores_count, totals.scores_sum, square_total=totals.scores_square_sum
        ),
    )


def return_on_cost(won: int, cost: int, *, margin: Decimal) -> Figure:
    """Give (won x margin - cost) / cost; not given where nothing was spent.

    The published case: 2,000,000 won over three years at a margin of 0.30, on a cost of 300,000.

    >>> return_on_cost(2_000_000, 300_000, margin=Decimal("0.30")).value
    Decimal('1.0000')
    >>> return_on_cost(5, 0, margin=Decimal(1)).reason
    <Reason.NO_COST: 'no_cost'>
    """
    if cost <= 0:
        return Figure(reason=Reason.NO_COST)
    return Figure(_ratio((won * Fraction(margin) - cost) / cost))


def growth(now: int, before: int) -> Figure:
    """Give S(t) / S(t-1) - 1; not given where the base is zero (or below, by refunds).

    >>> growth(90, 120).value
    Decimal('-0.2500')
    >>> growth(90, 0)
    Figure(value=None, reason=<Reason.ZERO_BASE: 'zero_base'>, count=0, low=None, high=None)
    """
    if before <= 0:
        return Figure(reason=Reason.ZERO_BASE)
    return Figure(_ratio(Fraction(now, before) - 1))


def share(part: int, whole: int) -> Figure:
    """Give part / whole with its Wilson 95 % interval; not given where there is no case.

    Retention is such a share: customers at the start who are still active at the end, over
    customers at the start; new customers are in neither. So is the win rate: won over won and lost.

    >>> share(8, 10)
    Figure(value=Decimal('0.8000'), reason=None, count=10, low=Decimal('0.4902'), \
high=Decimal('0.9433'))
    """
    if not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is not a share")
    if whole == 0:
        return Figure(reason=Reason.TOO_FEW)
    with localcontext(_EXACT):
        number, z_square = Decimal(whole), Z95 * Z95
        rate = Decimal(part) / number
        centre = rate + z_square / (2 * number)
        spread = (rate * (1 - rate) / number + z_square / (4 * number * number)).sqrt() * Z95
        scale = 1 + z_square / number
        low, high = (centre - spread) / scale, (centre + spread) / scale
    return Figure(_ratio(Fraction(part, whole)), None, whole, _rounded(low), _rounded(high))


def mean_score(count: int, total: int, *, square_total: int) -> Figure:
    """Give the mean of survey scores with its 95 % t interval, from sums of thousandths.

    mean +- t(n - 1) x s / sqrt(n), with s the sample's standard deviation. Not given for fewer than
    three answers; the interval may reach beyond the ends of the company's scale.

    >>> mean_score(3, 12000, square_total=50_000_000)
    Figure(value=Decimal('4.0000'), reason=None, count=3, low=Decimal('1.5157'), \
high=Decimal('6.4843'))
    >>> mean_score(2, 8000, square_total=32_000_000).reason
    <Reason.TOO_FEW: 'too_few'>
    """
    if count < SCORES_MIN:
        return Figure(reason=Reason.TOO_FEW, count=count)
    mean = Fraction(total, count * _THOUSANDTHS)
    # The variance of the mean, s^2 / n, as one exact fraction: no difference of rounded squares.
    squared = Fraction(
        count * square_total - total * total, count * count * (count - 1) * _THOUSANDTHS**2
    )
    point = T95[count - 2] if count - 1 <= len(T95) else T95_BEYOND
    with localcontext(_EXACT):
        spread = point * (Decimal(squared.numerator) / Decimal(squared.denominator)).sqrt()
        middle = Decimal(mean.numerator) / Decimal(mean.denominator)
        low, high = middle - spread, middle + spread
    return Figure(_ratio(mean), None, count, _rounded(low), _rounded(high))


def _ratio(exact: Fraction) -> Decimal:
    scaled = divide_whole(exact.numerator * 10**PLACES, exact.denominator, Rounding.HALF_UP)
    return _rounded(Decimal(scaled).scaleb(-PLACES, _EXACT))


def _rounded(value: Decimal) -> Decimal:
    quantum = Decimal(1).scaleb(-PLACES, _EXACT)
    rounded = value.quantize(quantum, context=_EXACT)
    return rounded or abs(rounded)  # a share of nothing is 0, never -0
