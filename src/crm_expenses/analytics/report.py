"""The report: one page that opens without a network, in both languages, from `ReportFigures`.

The page is a pure function of the figures: the same figures give the same bytes.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crm_expenses.analytics import charts, markup
from crm_expenses.analytics.bars import WIDTHS, BarChart, svg
from crm_expenses.analytics.figures import ReportFigures, UncoveredFigure, WaitingFigure
from crm_expenses.analytics.numerals import (
    amount_text,
    exact_percent_text,
    percent_text,
    score_text,
    share_text,
    share_used,
)
from crm_expenses.core.roi import SCORES_MIN
from crm_expenses.errors import ConfigError
from crm_expenses.messages import LANGUAGES, Language, text

if TYPE_CHECKING:
    from markupsafe import Markup

WAITING_MAX: Final = 100
"""Most waiting claims that are listed one by one."""

UNCOVERED_MAX: Final = 100
"""Most rows of spending without a budget that are listed, the largest first."""

SET_ASIDE_MAX: Final = 50
"""Most rows set aside that are listed."""


@dataclass(frozen=True, slots=True)
class WaitingGroup:
    """The claims that wait for one person: those that are listed, and figures over all of them."""

    waiting_for: str
    listed: tuple[WaitingFigure, ...]
    count: int
    amount: int
    days: int

    @property
    def rest(self) -> int:
        """How many are not listed."""
        return self.count - len(self.listed)


def require_extra() -> None:
    """See that what a page needs is installed, before the work that would be in vain.

    Raises:
        ConfigError: the packages of the extra `report` are not installed.
    """
    for module, package in (("jinja2", "jinja2"), ("vl_convert", "vl-convert-python")):
        try:
            import_module(module)
        except ImportError:
            raise ConfigError("extra.missing", package=package, extra="report") from None


def render(figures: ReportFigures, *, language: Language) -> str:
    """Give the whole page; `language` is the one that it starts in.

    Raises:
        ConfigError: the packages of the extra `report` are not installed.
    """
    own = files("crm_expenses.analytics")
    template = markup.environment().from_string(own.joinpath("report.html.j2").read_text("utf-8"))
    return template.render(
        **markup.parts(),
        figures=figures,
        language=language,
        titles={one: text("report.title", one, company=figures.company) for one in LANGUAGES},
        amount=amount_text,
        percent=percent_text,
        score=score_text,
        exact_percent=exact_percent_text,
        share_text=share_text,
        share=share_used,
        budget_state=charts.budget_state,
        drawings=_drawings(figures),
        budgets=charts.budgets_in_order(figures),
        uncovered=uncovered_in_order(figures),
        uncovered_max=UNCOVERED_MAX,
        spend=charts.spend_table(figures),
        findings=charts.findings_in_order(figures),
        returns=charts.returns_in_order(figures),
        declared=sorted({(row.figures.numerator, row.figures.margin) for row in figures.returns}),
        groups=waiting_groups(figures),
        waiting_max=WAITING_MAX,
        set_aside=figures.set_aside[:SET_ASIDE_MAX],
        scores_min=SCORES_MIN,
        charts=charts,
    )


def write_report(figures: ReportFigures, path: Path, *, language: Language) -> bool:
    """Write the page when it differs from what stands there; say whether it did.

    Raises:
        ConfigError: the packages of the extra `report` are not installed.
    """
    return markup.write_page(render(figures, language=language), path)


def uncovered_in_order(figures: ReportFigures) -> list[UncoveredFigure]:
    """Give what no budget covers, the largest amount first."""
    return sorted(
        figures.uncovered, key=lambda of: (-of.amount, of.person, of.category, of.reason.value)
    )


def waiting_groups(figures: ReportFigures) -> list[WaitingGroup]:
    """Group the waiting claims by the person they wait for, the oldest claim first.

    Of all claims the oldest `WAITING_MAX` are listed.
    """
    oldest_first = sorted(figures.waiting, key=lambda w: (w.submitted, w.claim))
    listed = frozenset(w.claim for w in oldest_first[:WAITING_MAX])
    by_person: dict[str, list[WaitingFigure]] = defaultdict(list)
    for waiting in oldest_first:
        by_person[waiting.waiting_for].append(waiting)
    return [
        WaitingGroup(
            person,
            tuple(w for w in claims if w.claim in listed),
            len(claims),
            sum(w.allowed for w in claims),
            max(w.days_waiting for w in claims),
        )
        for person, claims in by_person.items()
    ]


_DRAWN: Final[dict[str, Callable[[ReportFigures, Language], BarChart]]] = {
    "budgets": charts.budget_chart,
    "spend": charts.spend_chart,
    "findings": charts.finding_chart,
    "returns": charts.return_chart,
}


def _drawings(figures: ReportFigures) -> dict[str, "Markup"]:
    """Draw each chart in both languages and both widths; the style shows one of the four."""
    drawings = {}
    for subject, make in _DRAWN.items():
        parts = []
        for language in LANGUAGES:
            chart = make(figures, language)
            if chart.bars:
                drawn = "\n".join(svg(chart, w, f"{subject}-{language}") for w in WIDTHS)
                parts.append(
                    f'<div class="{language}" lang="{markup.TAGS[language]}">{drawn}</div>'
                )
        drawings[subject] = markup.markup("\n".join(parts))
    return drawings
