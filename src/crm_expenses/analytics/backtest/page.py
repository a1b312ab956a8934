"""The page of a back-test: one file in both languages, a pure function of the figures."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crm_expenses.analytics import markup
from crm_expenses.analytics.backtest import charts
from crm_expenses.analytics.backtest.curve import curve_svg
from crm_expenses.analytics.backtest.figures import BacktestFigures
from crm_expenses.analytics.bars import WIDTHS, BarChart, svg
from crm_expenses.analytics.numerals import amount_text
from crm_expenses.core.decision import Outcome
from crm_expenses.messages import LANGUAGES, Language, text

if TYPE_CHECKING:
    from markupsafe import Markup

GROUPS_MAX: Final = 200
"""Most rows of a table by team or by month; JSON has all of them."""


def render_backtest(figures: BacktestFigures, *, language: Language) -> str:
    """Give the whole page; `language` is the one that it starts in.

    Raises:
        ConfigError: the packages of the extra `report` are not installed.
    """
    own = files("crm_expenses.analytics.backtest")
    template = markup.environment().from_string(own.joinpath("page.html.j2").read_text("utf-8"))
    totals = figures.totals
    return template.render(
        **markup.parts(own.joinpath("page.css").read_text("utf-8")),
        figures=figures,
        totals=totals,
        language=language,
        titles={one: _title(figures, one) for one in LANGUAGES},
        drawings=_drawings(figures),
        curves=_curves(figures),
        amount=amount_text,
        signed=charts.signed,
        percent=charts.percent,
        rules=charts.rules_in_order(figures),
        categories=charts.by_difference(figures.categories),
        teams=charts.by_difference(figures.teams)[:GROUPS_MAX],
        months=figures.months[-GROUPS_MAX:],
        groups_max=GROUPS_MAX,
        bars_max=charts.BARS_MAX,
        outcomes=tuple(Outcome),
        matrix={(c.before, c.after): c for c in figures.changes},
    )


def write_backtest(figures: BacktestFigures, path: Path, *, language: Language) -> bool:
    """Write the page when it differs from what stands there; say whether it did.

    Raises:
        ConfigError: the packages of the extra `report` are not installed.
    """
    return markup.write_page(render_backtest(figures, language=language), path)


def _title(figures: BacktestFigures, language: Language) -> str:
    old, new = figures.old, figures.new
    values = {"new": f"{new.id} {new.version}", "old": f"{old.id} {old.version}"}
    return text("backtest.title", language, **values)


_DRAWN: Final[dict[str, Callable[[BacktestFigures, Language], BarChart]]] = {
    "rules": charts.rule_chart,
    "categories": charts.category_chart,
    "teams": charts.team_chart,
    "months": charts.month_chart,
}


def _drawings(figures: BacktestFigures) -> dict[str, "Markup"]:
    drawings = {}
    for subject, make in _DRAWN.items():
        made = []
        for language in LANGUAGES:
            chart = make(figures, language)
            if chart.bars:
                drawn = "\n".join(svg(chart, w, f"{subject}-{language}") for w in WIDTHS)
                made.append(_in(language, drawn))
        drawings[subject] = markup.markup("\n".join(made))
    return drawings


def _curves(figures: BacktestFigures) -> dict[str, "Markup"]:
    sweep = figures.sweep
    if sweep is None:
        return {}
    curves = {}
    for subject in ("allowed", "exceptions"):
        made = []
        for language in LANGUAGES:
            if subject == "allowed":
                chart = charts.allowed_curve(figures, sweep, language)
            else:
                chart = charts.exceptions_curve(sweep, language)
            drawn = "\n".join(curve_svg(chart, w, f"{subject}-{language}") for w in WIDTHS)
            made.append(_in(language, drawn))
        curves[subject] = markup.markup("\n".join(made))
    return curves


def _in(language: Language, drawn: str) -> str:
    return f'<div class="{language}" lang="{markup.TAGS[language]}">{drawn}</div>'
