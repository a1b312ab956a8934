"""The charts of a back-test, made from its figures."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from crm_expenses.analytics.backtest.curve import CurveChart, ticks_between
from crm_expenses.analytics.backtest.figures import (
    BacktestFigures,
    Group,
    RuleFigure,
    SweepFigures,
    share,
)
from crm_expenses.analytics.bars import Bar, BarChart, Segment, steps
from crm_expenses.analytics.numerals import amount_text, percent_text, short_amount_text
from crm_expenses.messages import Language, text

BARS_MAX: Final = 24
"""Most bars of a chart; the tables have everything."""

_TICKS: Final = 5


def signed(minor: int, currency: str) -> str:
    """Write a difference with its sign.

    >>> signed(1250, "CNY"), signed(-5, "CNY"), signed(0, "CNY")
    ('+12.50', '−0.05', '0.00')
    """
    sign = "+" if minor > 0 else "−" if minor < 0 else ""
    return sign + amount_text(abs(minor), currency)


def percent(difference: int, before: int) -> str:
    """Write a difference as a share of what was before, empty where there was nothing.

    >>> percent(-125, 1000), percent(5, 0)
    ('−12.50%', '')
    """
    ratio = share(difference, before)
    if ratio is None:
        return ""
    sign = "+" if ratio > 0 else "−" if ratio < 0 else ""
    return sign + percent_text(abs(ratio))


def by_difference(groups: Iterable[Group]) -> list[Group]:
    """Give groups, the biggest difference first."""
    return sorted(groups, key=lambda g: (-abs(g.spend.difference), -g.touched.lines, g.key))


def rules_in_order(figures: BacktestFigures) -> list[RuleFigure]:
    """Give rules, the biggest difference first."""
    return sorted(figures.rules, key=lambda r: (-abs(r.spend.difference), -r.touched.lines, r.code))


def rule_name(figures: BacktestFigures, code: str, language: Language) -> str:
    """Give the title of a rule; lines on which none spoke have a name as well."""
    if not code:
        return text("backtest.no_rule", language)
    return figures.rule_titles[code].of(language)


def rule_chart(figures: BacktestFigures, language: Language) -> BarChart:
    """What each rule accounts for of the difference."""
    rows = [
        (rule_name(figures, rule.code, language), rule.spend.difference, rule.touched.lines)
        for rule in rules_in_order(figures)
        if rule.touched.lines
    ]
    return _differences("rules", rows, figures, language)


def category_chart(figures: BacktestFigures, language: Language) -> BarChart:
    """The difference of each category."""
    rows = [
        (figures.category_titles[g.key].of(language), g.spend.difference, g.touched.lines)
        for g in by_difference(figures.categories)
        if g.touched.lines
    ]
    return _differences("categories", rows, figures, language)


def team_chart(figures: BacktestFigures, language: Language) -> BarChart:
    """The difference of each team."""
    rows = [
        (g.key or text("backtest.no_team", language), g.spend.difference, g.touched.lines)
        for g in by_difference(figures.teams)
        if g.touched.lines
    ]
    return _differences("teams", rows, figures, language)


def month_chart(figures: BacktestFigures, language: Language) -> BarChart:
    """The difference of each month, in order; the last ones where there are many."""
    rows = [(g.key, g.spend.difference, g.touched.lines) for g in figures.months[-BARS_MAX:]]
    shown = rows if any(difference or lines for _, difference, lines in rows) else []
    return _differences("months", shown, figures, language)


def _differences(
    subject: str,
    rows: Sequence[tuple[str, int, int]],
    figures: BacktestFigures,
    language: Language,
) -> BarChart:
    currency = figures.currency
    bars = []
    for name, difference, lines in rows[:BARS_MAX]:
        shade = "gain" if difference > 0 else "loss"
        part = (Segment(min(0, difference), max(0, difference), shade),) if difference else ()
        short = signed(difference, currency)
        note = text("backtest.bar", language, amount=short, lines=f"{lines:,}")
        bars.append(Bar(name, part, note, short))
    sizes = [difference for _, difference, _ in rows[:BARS_MAX]]
    reach = steps(min(sizes, default=0), max(sizes, default=0), _TICKS)
    ticks = tuple((at, short_amount_text(at, currency)) for at in reach)
    about = f"{text(f'backtest.{subject}_about', language)} {text('report.chart_table', language)}"
    return BarChart(text(f"backtest.{subject}", language), about, tuple(bars), ticks)


# Curves


def allowed_curve(figures: BacktestFigures, sweep: SweepFigures, language: Language) -> CurveChart:
    """A parameter's value against the money allowed."""
    return _curve(
        "sweep_allowed",
        sweep,
        tuple(point.allowed for point in sweep.points),
        figures.currency,
        language,
    )


def exceptions_curve(sweep: SweepFigures, language: Language) -> CurveChart:
    """A parameter's value against the lines that do not pass."""
    exceptions = tuple(point.exceptions for point in sweep.points)
    return _curve("sweep_exceptions", sweep, exceptions, "", language)


def _curve(
    subject: str, sweep: SweepFigures, sizes: tuple[int, ...], currency: str, language: Language
) -> CurveChart:
    values = [Decimal(point.value) for point in sweep.points]
    places = max(len(point.value.partition(".")[2]) for point in sweep.points)
    whole = [int(value.scaleb(places)) for value in values]
    now = int(Decimal(sweep.now).scaleb(places))
    across = ticks_between(whole[0], whole[-1]) if len(whole) > 1 else (whole[0],)
    kept = [at for at in across if whole[0] <= at <= whole[-1]]
    x_ticks = tuple((at, _short(at, places)) for at in kept)
    low, high = min(sizes), max(sizes)
    up = tuple(
        (at, short_amount_text(at, currency) if currency else f"{at:,}")
        for at in ticks_between(low, high)
    )
    title = text(f"backtest.{subject}", language)
    about = f"{title} {text('report.chart_table', language)}"
    mark = now if whole[0] <= now <= whole[-1] else None
    return CurveChart(title, about, tuple(zip(whole, sizes, strict=True)), x_ticks, up, mark)


def _short(at: int, places: int) -> str:
    """Write a value of the axis without decimals that are zero.

    >>> _short(12000, 2), _short(12050, 2)
    ('120', '120.5')
    """
    written = f"{Decimal(at).scaleb(-places):,f}"
    return written.rstrip("0").rstrip(".") if "." in written else written
