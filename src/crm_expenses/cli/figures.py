"""`crm-expenses roi` and `report`: figures and pages that people look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.analytics.figures import ReturnFigure
from crm_expenses.analytics.numerals import amount_text, percent_text, score_text
from crm_expenses.cli.clock import moment
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Column, Screen
from crm_expenses.core.money import Money
from crm_expenses.core.roi import Figure
from crm_expenses.errors import ConfigError
from crm_expenses.settings import load_settings

if TYPE_CHECKING:
    import typer

    from crm_expenses.pipeline import Job

RETURN_COLUMNS = (
    Column("report.person"),
    Column("report.cost", is_number=True),
    Column("report.won", is_number=True),
    Column("report.return", is_number=True),
    Column("report.growth", is_number=True),
    Column("report.win_rate", is_number=True),
    Column("report.retention", is_number=True),
    Column("report.customers_new", is_number=True),
    Column("report.satisfaction", is_number=True),
)


def register(app: "typer.Typer", given: Options) -> None:
    """Add the commands."""
    screen = given.screen

    def roi(
        crm: str | None = given.crm,
        settings: Path = given.settings,
        at: str = given.at,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline import return_rows  # noqa: PLC0415  heavy

        with synced_job(settings, crm) as job:
            found = return_rows(job, moment(at))
            currency = job.policy.currency
        rows = sorted(found, key=_by_return)
        if as_json:
            screen.give({"currency": currency, "returns": [_return(r) for r in rows]})
            return
        if not rows:
            screen.warn(screen.text("report.none_returns"))
            return
        screen.say(screen.text("report.currency", currency=currency))
        screen.table(RETURN_COLUMNS, [_return_row(r, screen) for r in rows])

    def report(
        crm: str | None = given.crm,
        settings: Path = given.settings,
        out: Path | None = given.option(None, "--out", "option.out", "FILE"),
        at: str = given.at,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.analytics.report import write_report  # noqa: PLC0415  heavy
        from crm_expenses.pipeline import report_figures  # noqa: PLC0415  heavy

        with synced_job(settings, crm) as job:
            figures = report_figures(job, moment(at))
            path = out or job.settings.report
            try:
                changed = write_report(figures, path, language=job.settings.language)
            except OSError as error:
                detail = error.strerror or str(error)
                raise ConfigError("command.report_place", path=str(path), detail=detail) from error
        if as_json:
            screen.give({"report": str(path), "changed": changed})
        else:
            screen.say(screen.text("command.report_at", path=str(path)))

    given.add(app, "roi", roi)
    given.add(app, "report", report)


@contextmanager
def synced_job(settings: Path, crm: str | None) -> "Iterator[Job]":
    """Open what was synced before; looking never makes a store."""
    from crm_expenses.pipeline import demand_store, open_job  # noqa: PLC0415  heavy

    loaded = load_settings(settings)
    demand_store(loaded)
    with open_job(loaded, crm) as job:
        yield job


def _by_return(of: ReturnFigure) -> tuple[bool, Decimal, str]:
    value = of.figures.roi.value
    return (value is None, -(value or Decimal(0)), of.name)


def _return_row(of: ReturnFigure, screen: Screen) -> tuple[str, ...]:
    figures = of.figures
    ratios = (figures.roi, figures.growth, figures.win_rate, figures.retention)
    mean = figures.satisfaction
    return (
        of.name,
        amount_text(figures.cost, figures.currency),
        amount_text(figures.won, figures.currency),
        *(percent_text(r.value) if r.value is not None else _why(r, screen) for r in ratios),
        str(figures.customers_new),
        score_text(mean.value) if mean.value is not None else _why(mean, screen),
    )


def _why(figure: Figure, screen: Screen) -> str:
    return screen.text(f"figures.{figure.reason.value}") if figure.reason else "-"


def _return(of: ReturnFigure) -> dict[str, object]:
    figures = of.figures
    return {
        "person": figures.person,
        "name": of.name,
        "team": of.team,
        "months": figures.months,
        "cost": plain_amount(figures.cost, figures.currency),
        "won": plain_amount(figures.won, figures.currency),
        "numerator": figures.numerator.value,
        "margin": str(figures.margin),
        "return": _figure(figures.roi),
        "growth": _figure(figures.growth),
        "win_rate": _figure(figures.win_rate),
        "retention": _figure(figures.retention),
        "customers_new": figures.customers_new,
        "satisfaction": _figure(figures.satisfaction),
    }


def _figure(of: Figure) -> dict[str, object]:
    if of.value is None:
        return {"value": None, "reason": of.reason.value if of.reason else None, "count": of.count}
    low, high = (None if end is None else str(end) for end in (of.low, of.high))
    return {"value": str(of.value), "low": low, "high": high, "count": of.count}


def plain_amount(minor: int, currency: str) -> str:
    """Give an amount as a script reads it.

    >>> plain_amount(-5, "CNY")
    '-0.05'
    """
    return f"{Money(minor, currency).amount:f}"
