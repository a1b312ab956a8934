"""`crm-expenses budgets`, `roi` and `report`: figures and pages that people look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.analytics.figures import BudgetFigure, ReturnFigure
from crm_expenses.analytics.numerals import (
    amount_text,
    percent_text,
    score_text,
    share_text,
    share_used,
)
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

BUDGET_COLUMNS = (
    Column("report.budget"),
    Column("report.owner"),
    Column("figures.until"),
    Column("figures.currency"),
    Column("report.allocated", is_number=True),
    Column("report.committed", is_number=True),
    Column("report.spent", is_number=True),
    Column("figures.available", is_number=True),
    Column("report.used", is_number=True),
)
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

    def budgets(
        crm: str | None = given.crm,
        settings: Path = given.settings,
        at: str = given.at,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline import budget_figures, budgets_known  # noqa: PLC0415  heavy

        with _job(settings, crm) as job:
            as_of = moment(at).astimezone(job.settings.zone).date()
            name = job.adapter.name
            found = sorted(budget_figures(job.store, name, as_of), key=lambda b: (b.name, b.owner))
            known = budgets_known(job.store, name)
        if as_json:
            screen.give({"as_of": as_of.isoformat(), "budgets": [_budget(b) for b in found]})
            return
        if found:
            screen.table(BUDGET_COLUMNS, [_budget_row(b) for b in found])
        elif not known:
            screen.warn(screen.text("report.none_budgets"))
        else:
            first, last = min(b.start for b in known), max(b.end for b in known)
            values = {"first": first.isoformat(), "last": last.isoformat()}
            day = as_of.isoformat()
            screen.warn(screen.text("figures.no_budget", count=str(len(known)), day=day, **values))

    def roi(
        crm: str | None = given.crm,
        settings: Path = given.settings,
        at: str = given.at,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline import return_rows  # noqa: PLC0415  heavy

        with _job(settings, crm) as job:
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

        with _job(settings, crm) as job:
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

    given.add(app, "budgets", budgets)
    given.add(app, "roi", roi)
    given.add(app, "report", report)


@contextmanager
def _job(settings: Path, crm: str | None) -> "Iterator[Job]":
    """Open what was synced before; looking never makes a store."""
    from crm_expenses.pipeline import demand_store, open_job  # noqa: PLC0415  heavy

    loaded = load_settings(settings)
    demand_store(loaded)
    with open_job(loaded, crm) as job:
        yield job


def _budget_row(of: BudgetFigure) -> tuple[str, ...]:
    share = share_used(of.used, of.allocated)
    amounts = (of.allocated, of.committed, of.spent, of.allocated - of.used)
    return (
        of.name,
        of.owner or "-",
        of.period.end.isoformat(),
        of.currency,
        *(amount_text(amount, of.currency) for amount in amounts),
        share_text(share) if share is not None else "-",
    )


def _budget(of: BudgetFigure) -> dict[str, object]:
    amounts = {
        "allocated": of.allocated,
        "committed": of.committed,
        "spent": of.spent,
        "available": of.allocated - of.used,
    }
    return {
        "name": of.name,
        "owner": of.owner,
        "start": of.period.start.isoformat(),
        "end": of.period.end.isoformat(),
        "hard": of.hard,
        "responsible": of.responsible,
        "currency": of.currency,
        **{name: _plain(minor, of.currency) for name, minor in amounts.items()},
    }


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
        "cost": _plain(figures.cost, figures.currency),
        "won": _plain(figures.won, figures.currency),
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


def _plain(minor: int, currency: str) -> str:
    return f"{Money(minor, currency).amount:f}"
