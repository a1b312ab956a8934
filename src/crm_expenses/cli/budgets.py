"""`crm-expenses budgets`: where they stand; plans of budgets checked, taken and written."""

from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.analytics.figures import BudgetFigure, UncoveredFigure
from crm_expenses.analytics.numerals import amount_text, share_text, share_used
from crm_expenses.cli.budgetmoves import add_moves
from crm_expenses.cli.budgetshow import show_import
from crm_expenses.cli.clock import moment
from crm_expenses.cli.figures import plain_amount, synced_job
from crm_expenses.cli.identity import acting_person
from crm_expenses.cli.options import Options
from crm_expenses.cli.policy import problems
from crm_expenses.cli.screen import Column, Screen
from crm_expenses.core.budgetforecast import NoForecast
from crm_expenses.core.budgetplan import COLUMNS, PlannedBudget, plan_cells, sums
from crm_expenses.core.fiscal import FiscalCalendar, WeekPattern, YearName
from crm_expenses.errors import ConfigError
from crm_expenses.settings import Settings, load_settings, year_from

if TYPE_CHECKING:
    import typer

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
    Column("forecast.burn_rate", is_number=True),
    Column("forecast.at_end", is_number=True),
    Column("forecast.left", is_number=True),
    Column("forecast.until"),
)
UNCOVERED_COLUMNS = (
    Column("report.person"),
    Column("report.category"),
    Column("report.no_budget_why"),
    Column("report.lines_count", is_number=True),
    Column("report.allowed", is_number=True),
)
PLAN_COLUMNS = (
    Column("report.budget"),
    Column("plan.scope"),
    Column("report.owner"),
    Column("plan.narrowed"),
    Column("plan.start"),
    Column("figures.until"),
    Column("report.allocated", is_number=True),
    Column("figures.currency"),
    Column("plan.at_limit"),
)


def register(app: "typer.Typer", given: Options) -> None:
    """Add the commands; the group alone lists."""
    group = given.group(app, "budgets", default="list")
    _add_list(group, given)
    _add_import(group, given)
    _add_export(group, given)
    add_moves(group, given)


def _add_list(group: "typer.Typer", given: Options) -> None:
    screen = given.screen

    def budgets(
        crm: str | None = given.crm,
        settings: Path = given.settings,
        at: str = given.at,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline import budget_figures, budgets_known  # noqa: PLC0415  heavy
        from crm_expenses.pipeline.figures import look_back, uncovered_figures  # noqa: PLC0415

        with synced_job(settings, crm) as job:
            as_of = moment(at).astimezone(job.settings.zone).date()
            name, policy = job.adapter.name, job.policy
            made = budget_figures(job.store, name, as_of, calendar=policy.calendar)
            found = sorted(made, key=lambda b: (b.name, b.owner))
            known = budgets_known(job.store, name)
            uncovered = sorted(uncovered_figures(job, as_of), key=lambda one: -one.amount)
            since = look_back(as_of, job.settings.months).start
        if as_json:
            listed = [_budget(b) for b in found]
            without = {
                "since": since.isoformat(),
                "currency": policy.currency,
                "spending": [_uncovered(one, policy.currency) for one in uncovered],
            }
            screen.give({"as_of": as_of.isoformat(), "budgets": listed, "uncovered": without})
            return
        if found:
            screen.table(BUDGET_COLUMNS, [_budget_row(b, screen) for b in found])
        elif not known:
            screen.warn(screen.text("report.none_budgets"))
        else:
            first, last = min(b.start for b in known), max(b.end for b in known)
            values = {"first": first.isoformat(), "last": last.isoformat()}
            day = as_of.isoformat()
            screen.warn(screen.text("figures.no_budget", count=str(len(known)), day=day, **values))
        if uncovered:
            screen.say()
            told = {"first": since.isoformat(), "currency": policy.currency}
            screen.say(screen.text("figures.uncovered", **told))
            rows = [_uncovered_row(one, policy.currency, screen) for one in uncovered]
            screen.table(UNCOVERED_COLUMNS, rows)

    given.add(group, "list", budgets, code="command.budgets_list")


def _add_import(group: "typer.Typer", given: Options) -> None:
    screen = given.screen

    def plan(  # noqa: PLR0913, PLR0917  the options of the command
        file: Path = given.argument(..., "FILE", "option.plan_file"),
        crm: str | None = given.crm,
        year_start: str = given.option("", "--year-start", "option.year_start", "MM-DD"),
        year_named: YearName | None = given.option(
            None, "--year-named", "option.year_named", "start|end"
        ),
        weeks: WeekPattern | None = given.option(None, "--weeks", "option.weeks", "4-4-5"),
        sheet: str = given.option("", "--sheet", "option.plan_sheet", "NAME"),
        reason: str = given.option("", "--reason", "option.budget_reason", "TEXT"),
        acting: str = given.option("", "--as", "option.as", "PERSON"),
        settings: Path = given.settings,
        at: str = given.at,
        *,
        check: bool = given.option(False, "--check", "option.plan_check"),
        only_plan: bool = given.option(False, "--plan", "option.plan_only"),
        take_over: bool = given.option(False, "--take-over", "option.take_over"),
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.budgetplan import load_plan  # noqa: PLC0415  heavy

        loaded = load_settings(settings) if settings.is_file() or not check else None
        calendar = _calendar(loaded, year_start, year_named, weeks)
        try:
            planned = load_plan(file, calendar, sheet=sheet)
        except ConfigError as error:
            _show_bad(error, file, given, as_json=as_json)
            given.leave(1)
        if check or loaded is None:
            _show_plan(planned, file, screen, as_json=as_json)
            return
        actor = "" if only_plan else acting_person(loaded, acting)
        now = moment(at)
        if only_plan:
            from crm_expenses.pipeline.budgets import compare_plan  # noqa: PLC0415  heavy

            with synced_job(settings, crm) as job:
                found = compare_plan(job, planned, take_over=take_over, at=now)
        else:
            from crm_expenses.pipeline import open_job  # noqa: PLC0415  heavy
            from crm_expenses.pipeline.budgets import take_plan  # noqa: PLC0415

            with open_job(loaded, crm) as job:
                found = take_plan(
                    job, planned, take_over=take_over, actor=actor, said=reason, at=now
                )
        show_import(found, file, screen, only_plan=only_plan, as_json=as_json)
        if found.problems:
            given.leave(1)

    given.add(group, "import", plan, code="command.budgets_import")


def _add_export(group: "typer.Typer", given: Options) -> None:
    screen = given.screen

    def export(
        file: Path = given.argument(..., "FILE", "option.plan_out"),
        crm: str | None = given.crm,
        settings: Path = given.settings,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.budgetplan import save_plan  # noqa: PLC0415  heavy
        from crm_expenses.pipeline.budgets import plan_known  # noqa: PLC0415  heavy

        with synced_job(settings, crm) as job:
            known = plan_known(job.store, job.adapter.name)
        save_plan(file, known)
        if as_json:
            screen.give({"file": str(file), "budgets": len(known)})
        else:
            screen.say(screen.text("plan.written", path=str(file), count=str(len(known))))

    given.add(group, "export", export, code="command.budgets_export")


def _calendar(
    settings: Settings | None, start: str, named: YearName | None, weeks: WeekPattern | None
) -> FiscalCalendar:
    """Give the company's year: what the options say, else the settings, else the calendar year."""
    held = settings.fiscal if settings is not None else FiscalCalendar()
    first = start or f"{held.month:02}-{held.day:02}"
    return year_from(first, named or held.named, weeks or held.weeks)


def _show_bad(error: ConfigError, file: Path, given: Options, *, as_json: bool) -> None:
    screen = given.screen
    if as_json:
        screen.give({"file": str(file), "valid": False, "problems": problems(error)})
        return
    screen.warn(error.describe(given.language))
    mistakes = str(len(error.problems))
    screen.warn(screen.text("plan.bad", path=str(file), count=mistakes))


def _show_plan(
    planned: tuple[PlannedBudget, ...], file: Path, screen: Screen, *, as_json: bool
) -> None:
    if as_json:
        screen.give({"file": str(file), "valid": True, "problems": [], **_plan(planned)})
        return
    screen.table(PLAN_COLUMNS, [_plan_row(one) for one in planned])
    for scope, amount, count in sums(planned):
        values = {"scope": scope.value, "count": str(count), "amount": str(amount)}
        screen.say(screen.text("plan.sum", **values))
    screen.say(screen.text("plan.good", path=str(file), count=str(len(planned))))


def _budget_row(of: BudgetFigure, screen: Screen) -> tuple[str, ...]:
    share = share_used(of.used, of.allocated)
    amounts = (of.allocated, of.committed, of.spent, of.allocated - of.used)
    return (
        of.name,
        of.owner or "-",
        of.period.end.isoformat(),
        of.currency,
        *(amount_text(amount, of.currency) for amount in amounts),
        share_text(share) if share is not None else "-",
        *_forecast_row(of, screen),
    )


def _forecast_row(of: BudgetFigure, screen: Screen) -> tuple[str, ...]:
    """Give a working day's rate, what will be used and left, and how long the money lasts."""
    ahead, none = of.ahead, of.forecast
    if ahead is None:
        why = screen.text(f"forecast.{none.value}") if isinstance(none, NoForecast) else "-"
        return ("-", "-", "-", why)
    amounts = (ahead.burn_rate, ahead.at_end, ahead.left_at_end)
    day = ahead.last_day
    until = day.isoformat() if day else screen.text(f"forecast.{ahead.lasting.value}")
    return (*(amount_text(amount, of.currency) for amount in amounts), until)


def _uncovered_row(of: UncoveredFigure, currency: str, screen: Screen) -> tuple[str, ...]:
    return (
        of.person,
        of.name.of(screen.language),
        screen.text(f"no_budget.{of.reason.value}"),
        f"{of.lines:,}",
        amount_text(of.amount, currency),
    )


def _uncovered(of: UncoveredFigure, currency: str) -> dict[str, object]:
    return {
        "person": of.person,
        "category": of.category,
        "reason": of.reason.value,
        "lines": of.lines,
        "amount": plain_amount(of.amount, currency),
    }


def _forecast(of: BudgetFigure) -> dict[str, object]:
    ahead, none = of.ahead, of.forecast
    if ahead is None:
        return {"reason": none.value if isinstance(none, NoForecast) else None}
    amounts = {
        "burn_rate": ahead.burn_rate,
        "at_end": ahead.at_end,
        "left_at_end": ahead.left_at_end,
    }
    return {
        "days_elapsed": ahead.days_elapsed,
        "days_total": ahead.days_total,
        **{name: plain_amount(minor, of.currency) for name, minor in amounts.items()},
        "lasting": ahead.lasting.value,
        "last_day": ahead.last_day.isoformat() if ahead.last_day else None,
    }


def _budget(of: BudgetFigure) -> dict[str, object]:
    amounts = {
        "allocated": of.allocated,
        "committed": of.committed,
        "spent": of.spent,
        "available": of.allocated - of.used,
    }
    return {
        "budget": of.budget,
        "name": of.name,
        "owner": of.owner,
        "start": of.period.start.isoformat(),
        "end": of.period.end.isoformat(),
        "hard": of.hard,
        "responsible": of.responsible,
        "currency": of.currency,
        **{name: plain_amount(minor, of.currency) for name, minor in amounts.items()},
        "forecast": _forecast(of),
    }


def _plan_row(of: PlannedBudget) -> tuple[str, ...]:
    budget = of.budget
    narrowed = [part for part in (budget.category, budget.account) if part]
    return (
        budget.id,
        budget.scope.value,
        budget.owner or "-",
        ", ".join(narrowed) or "-",
        budget.start.isoformat(),
        budget.end.isoformat(),
        amount_text(budget.amount.minor, budget.amount.currency),
        budget.amount.currency,
        budget.action.value,
    )


def _plan(planned: tuple[PlannedBudget, ...]) -> dict[str, object]:
    """Give what the plan allocates, each budget by the columns of a plan."""
    return {
        "budgets": [dict(zip(COLUMNS, plan_cells(one), strict=True)) for one in planned],
        "sums": [
            {
                "scope": scope.value,
                "currency": amount.currency,
                "amount": plain_amount(amount.minor, amount.currency),
                "budgets": count,
            }
            for scope, amount, count in sums(planned)
        ],
    }
