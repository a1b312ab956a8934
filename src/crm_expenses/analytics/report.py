"""The report: one page that opens without a network, in both languages, from `ReportFigures`.

The page is a pure function of the figures: the same figures give the same bytes. It asks for
nothing from outside, says so in its content security policy, and names its one script by digest.
"""

import base64
import hashlib
import os
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crm_expenses.analytics import charts
from crm_expenses.analytics.bars import SHADES, WIDTHS, BarChart, svg
from crm_expenses.analytics.figures import Label, ReportFigures, WaitingFigure
from crm_expenses.analytics.numerals import (
    amount_text,
    clean,
    exact_percent_text,
    percent_text,
    score_text,
    share_text,
    share_used,
)
from crm_expenses.core.roi import SCORES_MIN
from crm_expenses.errors import ConfigError
from crm_expenses.messages import LANGUAGES, Language, fill, table, text

if TYPE_CHECKING:
    from markupsafe import Markup

WAITING_MAX: Final = 100
"""Most waiting claims that are listed one by one."""

SET_ASIDE_MAX: Final = 50
"""Most rows set aside that are listed."""

_TAGS: Final[dict[Language, str]] = {"en": "en", "zh": "zh-CN"}


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
    try:
        import jinja2  # noqa: PLC0415  an extra, needed only here
    except ImportError as error:
        raise ConfigError("extra.missing", package="jinja2", extra="report") from error
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    own = files("crm_expenses.analytics")
    style = own.joinpath("report.css").read_text("utf-8") + _shade_rules()
    script = own.joinpath("report.js").read_text("utf-8")
    template = environment.from_string(own.joinpath("report.html.j2").read_text("utf-8"))
    return template.render(
        figures=figures,
        language=language,
        tags=_TAGS,
        style=_markup(style),
        script=_markup(script),
        style_digest=_digest(style),
        script_digest=_digest(script),
        titles={one: text("report.title", one, company=figures.company) for one in LANGUAGES},
        t=_both,
        bdi=_bdi,
        day=_day,
        name=_label,
        amount=amount_text,
        percent=percent_text,
        score=score_text,
        exact_percent=exact_percent_text,
        share_text=share_text,
        share=share_used,
        budget_state=charts.budget_state,
        drawings=_drawings(figures),
        budgets=charts.budgets_in_order(figures),
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

    It is written beside its place and moved there, so that nobody ever reads half a page. The name
    beside is always the same: what a killed run leaves there, the next run takes away.

    Raises:
        ConfigError: the packages of the extra `report` are not installed.
    """
    page = render(figures, language=language).encode()
    beside = path.with_name(f".{path.name}.part")
    beside.unlink(missing_ok=True)
    if path.is_file() and path.read_bytes() == page:
        return False
    with beside.open("wb") as out:
        out.write(page)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(path)
    return True


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
                parts.append(f'<div class="{language}" lang="{_TAGS[language]}">{drawn}</div>')
        drawings[subject] = _markup("\n".join(parts))
    return drawings


def _both(code: str, **values: str) -> "Markup":
    """Give a text in both languages, one of which the style hides."""
    made = []
    for language, template in zip(LANGUAGES, table()[code], strict=True):
        filled = fill(template, {name: _escaped(value) for name, value in values.items()})
        made.append(f'<span class="{language}" lang="{_TAGS[language]}">{filled}</span>')
    return _markup("".join(made))


def _label(label: Label) -> "Markup":
    if label.en == label.zh:
        return _bdi(label.en)
    return _markup(
        "".join(
            f'<span class="{one}" lang="{_TAGS[one]}"><bdi>{_escaped(label.of(one))}</bdi></span>'
            for one in LANGUAGES
        )
    )


def _bdi(foreign: str) -> "Markup":
    """Set a foreign text apart, so that its direction of writing ends with it."""
    return _markup(f"<bdi>{_escaped(foreign)}</bdi>")


def _day(day: date) -> "Markup":
    return _markup(f'<span class="date">{day.isoformat()}</span>')


def _escaped(value: str) -> str:
    """Escape a value, unless it is markup that we made."""
    from markupsafe import escape  # noqa: PLC0415  comes with jinja2

    return str(escape(_finalize(value)))


def _markup(safe: str) -> "Markup":
    from markupsafe import Markup  # noqa: PLC0415  comes with jinja2

    return Markup(safe)  # noqa: S704  every part is ours, or went through _escaped or the drawing


def _finalize(value: object) -> object:
    """Clean each text that goes into the page; markup of ours is left as it is."""
    return clean(value) if type(value) is str else value


def _shade_rules() -> str:
    return "".join(
        f".key.{shade} {{ background: {fill_}; border-color: {line}; }}\n"
        for shade, (fill_, line) in SHADES.items()
    )


def _digest(content: str) -> str:
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
