"""`crm-expenses policy calendar`: write the rest days and make-up days of years into a policy."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Screen

if TYPE_CHECKING:
    import typer

    from crm_expenses.policycalendar import CalendarChange


def add_calendar(group: "typer.Typer", given: Options) -> None:
    """Add the command."""
    screen = given.screen

    def calendar(
        file: Path = given.argument(..., "FILE", "option.policy_file"),
        years: str = given.option(..., "--years", "option.calendar_years", "YEARS"),
        country: str = given.option("", "--country", "option.calendar_country", "CODE"),
        days: Path | None = given.option(None, "--file", "option.calendar_file", "DAYS.csv"),
        *,
        plan: bool = given.option(False, "--plan", "option.calendar_plan"),
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.policycalendar import plan_calendar, write_calendar  # noqa: PLC0415
        from crm_expenses.policycalendar.sources import years_of  # noqa: PLC0415  heavy

        change = plan_calendar(file, years_of(years), country=country, file=days)
        is_written = not (plan or change.is_same)
        if is_written:
            write_calendar(change)
        if as_json:
            screen.give(_json(change, is_written=is_written))
            return
        if change.is_same:
            screen.say(screen.text("days.same", path=str(file)))
            return
        _tell(change, screen)
        screen.say(screen.text("days.version" if is_written else "days.plan", path=str(file)))

    given.add(group, "calendar", calendar, code="command.policy_calendar")


def _tell(change: "CalendarChange", screen: Screen) -> None:
    spans = {"before": change.before.covered, "after": change.after.covered}
    screen.say(screen.text("days.covered", path=str(change.path), **spans))
    for code, days in _changes(change).items():
        if days:
            listed = ", ".join(day.isoformat() for day in days)
            screen.say(screen.text(f"days.{code}", count=str(len(days)), list=listed))


def _changes(change: "CalendarChange") -> dict[str, list[date]]:
    before, after = change.before, change.after
    return {
        "rest_added": sorted(after.rest_days - before.rest_days),
        "rest_removed": sorted(before.rest_days - after.rest_days),
        "work_added": sorted(after.work_days - before.work_days),
        "work_removed": sorted(before.work_days - after.work_days),
    }


def _json(change: "CalendarChange", *, is_written: bool) -> dict[str, object]:
    def iso(day: date | None) -> str | None:
        return day.isoformat() if day else None

    return {
        "file": str(change.path),
        "written": is_written,
        "from": iso(change.after.first),
        "until": iso(change.after.last),
        **{code: [day.isoformat() for day in days] for code, days in _changes(change).items()},
    }
