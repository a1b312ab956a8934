"""`crm-expenses budgets`: where they stand; a plan of budgets checked, or written."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from crm_expenses.analytics.figures import BudgetFigure
from crm_expenses.analytics.numerals import amount_text, share_text, share_used
from crm_expenses.cli.clock import moment
from crm_expenses.cli.figures import plain_amount, synced_job
from crm_expenses.cli.options import Options
from crm_expenses.cli.policy import problems
from crm_expenses.cli.screen import Column
from crm_expenses.core.budgetplan import COLUMNS, PlannedBudget, plan_cells, sums
from crm_expenses.core.fiscal import FiscalCalendar, WeekPattern, YearName
from crm_expenses.errors import ConfigError

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
CALENDAR_YEAR: Final = "01-01"


def register(app: "typer.Typer", given: Options) -> None:
    """Add the commands; the group alone lists."""
    group = given.group(app, "budgets", default="list")
    _add_list(group, given)
    _add_import(group, given)
    _add_export(group, given)


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

        with synced_job(settings, crm) as job:
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

    given.add(group, "list", budgets, code="command.budgets_list")


def _add_import(group: "typer.Typer", given: Options) -> None:
    screen = given.screen

    def plan(
        file: Path = given.argument(..., "FILE", "option.plan_file"),
        year_start: str = given.option(CALENDAR_YEAR, "--year-start", "option.year_start", "MM-DD"),
        year_named: YearName = given.option(
            YearName.END, "--year-named", "option.year_named", "start|end"
        ),
        weeks: WeekPattern | None = given.option(None, "--weeks", "option.weeks", "4-4-5"),
        sheet: str = given.option("", "--sheet", "option.plan_sheet", "NAME"),
        *,
        check: bool = given.option(False, "--check", "option.plan_check"),
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.budgetplan import load_plan  # noqa: PLC0415  heavy

        if not check:
            raise ConfigError("budgets.check_only", path=str(file))
        calendar = _calendar(year_start, year_named, weeks)
        try:
            planned = load_plan(file, calendar, sheet=sheet)
        except ConfigError as error:
            if as_json:
                screen.give({"file": str(file), "valid": False, "problems": problems(error)})
            else:
                screen.warn(error.describe(given.language))
                mistakes = str(len(error.problems))
                screen.warn(screen.text("plan.bad", path=str(file), count=mistakes))
            given.leave(1)
        if as_json:
            screen.give({"file": str(file), "valid": True, "problems": [], **_plan(planned)})
            return
        screen.table(PLAN_COLUMNS, [_plan_row(one) for one in planned])
        for scope, amount, count in sums(planned):
            values = {"scope": scope.value, "count": str(count), "amount": str(amount)}
            screen.say(screen.text("plan.sum", **values))
        screen.say(screen.text("plan.good", path=str(file), count=str(len(planned))))

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
        from crm_expenses.pipeline import budgets_known  # noqa: PLC0415  heavy

        with synced_job(settings, crm) as job:
            known = budgets_known(job.store, job.adapter.name)
        save_plan(file, [PlannedBudget(budget) for budget in known])
        if as_json:
            screen.give({"file": str(file), "budgets": len(known)})
        else:
            screen.say(screen.text("plan.written", path=str(file), count=str(len(known))))

    given.add(group, "export", export, code="command.budgets_export")


def _calendar(start: str, named: YearName, weeks: WeekPattern | None) -> FiscalCalendar:
    """Give the company's year; its first day is written as month and day."""
    month, _, day = start.partition("-")
    try:
        return FiscalCalendar(int(month), int(day), named, weeks)
    except ValueError:
        raise ConfigError("budgets.year_start", value=start[:20] or "-") from None


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
        **{name: plain_amount(minor, of.currency) for name, minor in amounts.items()},
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
