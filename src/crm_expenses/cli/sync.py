"""`crm-expenses sync`: pull, decide and push, or show what that would write."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.clock import moment
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Screen
from crm_expenses.cli.summary import run_lines
from crm_expenses.core.decision import Outcome
from crm_expenses.errors import AdapterError, ConfigError, exit_code
from crm_expenses.settings import Settings, load_settings

if TYPE_CHECKING:
    import typer

    from crm_expenses.pipeline import PlannedWrite, RunSummary


class FailOn(StrEnum):
    """What makes a run answer 1."""

    FINDINGS = "findings"
    CONFLICTS = "conflicts"
    SET_ASIDE = "set-aside"


def register(app: "typer.Typer", given: Options) -> None:
    """Add the command."""
    screen = given.screen

    def run_sync(
        crm: str | None = given.crm,
        settings: Path = given.settings,
        at: str = given.at,
        fail_on: list[FailOn] = given.option([], "--fail-on", "option.fail_on", "WHAT"),
        *,
        plan_only: bool = given.option(False, "--plan", "option.plan"),
        as_json: bool = given.json,
    ) -> None:
        loaded = load_settings(settings)
        now = moment(at)
        names = [loaded.connection(crm).name] if crm else list(loaded.connections)
        if not names:
            raise ConfigError("settings.which_crm", known="-")
        if plan_only:
            writes = {name: _plan(loaded, name, now, screen) for name in names}
            _show_plan(writes, screen, as_json=as_json)
            return
        failed, worst = False, 0
        runs = []
        for name in names:
            try:
                run, aside = _run(loaded, name, now, screen)
            except AdapterError as error:
                # One CRM that is away does not keep the others waiting.
                screen.warn(error.describe(given.language))
                worst = worst or exit_code(error)
                continue
            runs.append({**run.as_json(), "set_aside": aside})
            failed = failed or _fails(run, aside, fail_on)
            if not as_json:
                _show_run(run, aside, screen)
        if as_json:
            screen.give({"runs": runs})
        if worst or failed:
            given.leave(worst or 1)

    given.add(app, "sync", run_sync)


def _run(settings: Settings, name: str, at: datetime, screen: Screen) -> "tuple[RunSummary, int]":
    from crm_expenses.pipeline import open_job, sync  # noqa: PLC0415  heavy

    with open_job(settings, name) as job, screen.progress() as progress:
        run = sync(job, at, progress)
        return run, len(job.store.set_aside(name))


def _fails(run: "RunSummary", aside: int, asked: Iterable[FailOn]) -> bool:
    """Say whether a run has what it was asked to answer 1 for.

    Findings and conflicts are those of this run; rows are those that are set aside after it.
    """
    has = {
        FailOn.FINDINGS: any(
            count for outcome, count in run.decided.outcomes.items() if outcome != Outcome.PASS
        ),
        FailOn.CONFLICTS: bool(run.pushed.conflicts),
        FailOn.SET_ASIDE: bool(aside),
    }
    return any(has[what] for what in asked)


def _show_run(run: "RunSummary", aside: int, screen: Screen) -> None:
    if run.changes:
        for line in run_lines(run, screen):
            screen.say(line)
    else:
        screen.say(screen.text("summary.crm", crm=run.crm))
        screen.say(screen.text("command.same"))
    if aside:
        screen.say(screen.text("summary.aside_now", rows=f"{aside:,}"))


def _plan(
    settings: Settings, name: str, at: datetime, screen: Screen
) -> "tuple[PlannedWrite, ...]":
    from crm_expenses.pipeline import open_job, plan  # noqa: PLC0415  heavy

    with open_job(settings, name) as job, screen.progress() as progress:
        return plan(job, at, progress)


def _show_plan(
    writes: "dict[str, tuple[PlannedWrite, ...]]", screen: Screen, *, as_json: bool
) -> None:
    for crm, planned in writes.items():
        for write in planned:
            if as_json:
                fields = {name: list(pair) for name, pair in write.fields.items()}
                row = {"crm": crm, "kind": write.kind, "record": write.record, "fields": fields}
                screen.give(row)
                continue
            screen.say(f"{crm} {write.kind} {write.record}")
            for name, (before, after) in write.fields.items():
                told = screen.text(
                    "plan.field", name=name, before=before or "-", after=after or "-"
                )
                screen.say("  " + told.replace("\n", "\n    "))
        screen.warn(screen.text("plan.count", crm=crm, count=f"{len(planned):,}"))
