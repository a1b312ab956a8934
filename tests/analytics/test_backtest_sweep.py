"""A sweep: what is asked for, which policies it makes, and the curve."""

from datetime import date
from decimal import Decimal

import pytest
from backtest_claims import policies

from crm_expenses.analytics.backtest import read_sweep, swept
from crm_expenses.analytics.backtest.charts import allowed_curve, exceptions_curve
from crm_expenses.analytics.backtest.curve import CurveChart, curve_specification, ticks_between
from crm_expenses.analytics.backtest.figures import SweepFigures, SweepPoint
from crm_expenses.analytics.backtest.sweep import POINTS_MAX
from crm_expenses.analytics.bars import WIDTHS
from crm_expenses.analytics.figures import Label
from crm_expenses.core.decision import Outcome
from crm_expenses.errors import ConfigError
from crm_expenses.rules.parameter import Bands, Lookup

POLICY = policies()[0]


@pytest.mark.parametrize(
    ("asked", "target", "values"),
    [
        ("meal_day=80:100:10", "meal_day", ["80", "90", "100"]),
        ("meal_day=80:99:10", "meal_day", ["80", "90"]),
        ("meal_day = 0.5 : 1 : 0.25", "meal_day", ["0.50", "0.75", "1.00"]),
        ("taxi_ride[ junior ]=5:5:1", "taxi_ride[junior]", ["5"]),
        ("cap[a,北京]=-10:10:10", "cap[a,北京]", ["-10", "0", "10"]),
    ],
)
def test_reads_what_is_asked(asked: str, target: str, values: list[str]) -> None:
    """A sweep names a figure, or a cell by its keys, and goes in steps up to its end at most."""
    sweep = read_sweep(asked)
    assert sweep.target == target
    assert [str(value) for value in sweep.values] == values


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("meal_day", "backtest.sweep_form"),
        ("=1:2:3", "backtest.sweep_form"),
        ("meal_day=80:100", "backtest.sweep_form"),
        ("meal_day[x=80:100:10", "backtest.sweep_form"),
        ("meal_day=80:100:10:5", "backtest.sweep_form"),
        ("meal_day=a:100:10", "backtest.sweep_number"),
        ("meal_day=1e2:200:10", "backtest.sweep_number"),
        ("meal_day=80:100:0", "backtest.sweep_range"),
        ("meal_day=80:100:-10", "backtest.sweep_range"),
        ("meal_day=100:80:10", "backtest.sweep_range"),
        (f"meal_day=1:{POINTS_MAX + 1}:1", "backtest.sweep_many"),
        ("meal_day=0:100000000000000:0.000000001", "backtest.sweep_many"),
    ],
)
def test_refuses_what_is_no_sweep(asked: str, code: str) -> None:
    """What is not a sweep, goes nowhere or has too many values is refused, each by its name."""
    with pytest.raises(ConfigError) as caught:
        read_sweep(asked)
    assert caught.value.code == code


def test_a_value_holds_from_the_newest_start_on() -> None:
    """Each policy has the value since the newest start, and what was before stays."""
    made = swept(POLICY, read_sweep("meal_day=80:90:10"))
    assert list(made.policies) == ["80.00", "90.00"]
    assert (made.now, made.unit, made.newest.start) == ("150.00", "CNY", date(2026, 1, 1))
    lookup = Lookup(made.policies["80.00"].parameters["meal_day"])
    assert (lookup(date(2025, 12, 31)), lookup(date(2026, 1, 1))) == (10_000, 8_000)
    assert Lookup(POLICY.parameters["meal_day"])(date(2026, 1, 1)) == 15_000
    digests = {policy.digest for policy in made.policies.values()}
    assert len(digests | {POLICY.digest}) == 3


def test_one_cell_of_a_table() -> None:
    """One cell takes the values; the others and the `else` stay, which can be swept as well."""
    cell = swept(POLICY, read_sweep("taxi_ride[junior]=40:40:1")).policies["40.00"]
    table = cell.parameters["taxi_ride"].values[-1]
    assert (table.table[("junior",)], table.otherwise) == (4_000, 8_000)
    other = swept(POLICY, read_sweep("taxi_ride[else]=70:70:1"))
    table = other.policies["70.00"].parameters["taxi_ride"].values[-1]
    assert (table.table[("junior",)], table.otherwise, other.now) == (5_000, 7_000, "80.00")


def test_one_band() -> None:
    """A band is named by where it begins."""
    made = swept(POLICY, read_sweep("share[200]=0.3:0.3:0.1"))
    ((_, policy),) = made.policies.items()
    bands = policy.parameters["share"].values[-1].table[()]
    assert isinstance(bands, Bands)
    scale = policy.parameters["share"].type.scale
    assert [Decimal(v).scaleb(-scale) for v in bands.values] == [Decimal("0.5"), Decimal("0.3")]


@pytest.mark.parametrize(
    ("asked", "code", "told"),
    [
        ("meal=1:2:1", "backtest.no_parameter", "meal_day"),
        ("meal_day[senior]=1:2:1", "backtest.sweep_keys", "meal_day"),
        ("taxi_ride=1:2:1", "backtest.sweep_keys", "grade"),
        ("taxi_ride[boss]=1:2:1", "backtest.no_cell", "junior; else"),
        ("share[100]=1:2:1", "backtest.no_cell", "0.00, 200.00"),
        ("share[x]=1:2:1", "backtest.no_cell", "200.00"),
        ("meal_day=1.005:2:1", "backtest.sweep_places", "2"),
        ("meal_day=0:100000000000000:100000000000000", "backtest.sweep_large", "meal_day"),
    ],
)
def test_refuses_what_the_policy_does_not_have(asked: str, code: str, told: str) -> None:
    """A figure or a cell that is not there, or cannot have the value, is refused with what is."""
    with pytest.raises(ConfigError) as caught:
        swept(POLICY, read_sweep(asked))
    assert caught.value.code == code
    assert told in str(caught.value)


# The curve


def sweep_of(*points: tuple[str, int, int]) -> SweepFigures:
    """Make a curve."""
    made = (
        SweepPoint(value, allowed, {Outcome.PASS: 5, Outcome.REDUCED: reduced}, 0)
        for value, allowed, reduced in points
    )
    title = Label("Meals a day", "每日餐费")
    return SweepFigures("meal_day", title, "CNY", date(2026, 1, 1), "150.00", tuple(made))


def test_exceptions_are_lines_that_do_not_pass() -> None:
    """Only lines that pass are no exceptions."""
    assert [point.exceptions for point in sweep_of(("1.00", 5, 3)).points] == [3]


@pytest.mark.parametrize("width", WIDTHS)
def test_curves_hold_exact_points(width: str) -> None:
    """A curve is drawn from whole numbers, the point of today is marked when it is in reach."""
    sweep = sweep_of(("140.50", 1_000, 9), ("150.00", 1_270, 4), ("159.50", 1_270, 0))
    chart = exceptions_curve(sweep, "en")
    assert chart.points == ((14_050, 9), (15_000, 4), (15_950, 0))
    assert chart.mark == 15_000
    assert [text for _, text in chart.x_ticks] == ["145", "150", "155"]
    made = curve_specification(chart, width)  # type: ignore[arg-type]
    assert "float" not in {type(value).__name__ for value in leaves(made)}


def test_a_single_point_is_a_curve() -> None:
    """One value gives a point, and no division by nothing."""
    sweep = sweep_of(("80.00", 0, 0))
    assert exceptions_curve(sweep, "zh").mark is None
    assert ticks_between(0, 0) == (0, 1)
    chart = CurveChart("t", "d", ((1, 1),), ((1, "1"),), ((1, "1"), (2, "2")))
    assert curve_specification(chart, "wide")["width"] > 0  # type: ignore[operator]


def leaves(value: object) -> list[object]:
    """Give all values inside a specification."""
    if isinstance(value, dict):
        return [one for part in value.values() for one in leaves(part)]
    if isinstance(value, list):
        return [one for part in value for one in leaves(part)]
    return [value]


def test_both_curves_say_what_they_are() -> None:
    """A screen reader is told which curve it is, in the language of the page."""
    from test_backtest_page import build

    figures = build()
    assert figures.sweep is not None
    assert allowed_curve(figures, figures.sweep, "zh").title == "核准金额"
    assert exceptions_curve(figures.sweep, "en").title == "Lines that do not pass"
