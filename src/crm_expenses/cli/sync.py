"""`crm-expenses sync`: pull, decide and push, once; or show what that would write."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from signal import SIGTERM
from typing import TYPE_CHECKING, Final, TypeVar

from crm_expenses.cli.clock import SystemClock, moment, stopped_by
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Screen
from crm_expenses.cli.status import demand_calls, due_names, stopped_code, write_metrics
from crm_expenses.cli.summary import call_lines, run_lines
from crm_expenses.cli.syncplan import plan_writes, show_plan
from crm_expenses.core.decision import Outcome
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import AdapterError, ConfigError, StoreAwayError, exit_code
from crm_expenses.settings import Settings, load_settings

if TYPE_CHECKING:
    import typer

    from crm_expenses.pipeline import RunSummary


TERMINATED: Final = 143
"""What a shell gives for a program that SIGTERM ended."""


class FailOn(StrEnum):
    """What makes a run answer 1."""

    FINDINGS = "findings"
    CONFLICTS = "conflicts"
    SET_ASIDE = "set-aside"


T = TypeVar("T")


def register(app: "typer.Typer", given: Options) -> None:
    """Add the command."""
    screen = given.screen

    def run_sync(  # noqa: PLR0913  an option each
        crm: str | None = given.crm,
        settings: Path = given.settings,
        at: str = given.at,
        fail_on: list[FailOn] = given.option([], "--fail-on", "option.fail_on", "WHAT"),
        wait: int = given.option(0, "--wait", "option.wait", "SECONDS"),
        max_calls: int | None = given.option(None, "--max-calls", "option.max_calls", "N"),
        metrics: Path | None = given.option(None, "--metrics", "option.metrics", "FILE"),
        *,
        due: bool = given.option(False, "--due", "option.due"),
        plan_only: bool = given.option(False, "--plan", "option.plan"),
        as_json: bool = given.json,
    ) -> None:
        loaded = load_settings(settings)
        now = moment(at)
        names = [loaded.connection(crm).name] if crm else list(loaded.connections)
        if not names:
            raise ConfigError("settings.which_crm", known="-")
        calls_max = demand_calls(max_calls)
        if due:
            names = due_names(loaded, names, screen)
        if plan_only:
            writes, code = each(names, lambda name: plan_writes(loaded, name, now, screen), screen)
            show_plan(writes, screen, as_json=as_json)
        else:
            clock = SystemClock()
            once = Once(loaded, now, clock, screen, wait, calls_max, is_told=not as_json)
            with stopped_by(clock, SIGTERM):
                runs, code = each(names, once.run, screen)
            if as_json:
                told = [{**run.as_json(), "set_aside": aside} for run, aside in runs.values()]
                screen.give({"runs": told})
            if any(_fails(run, aside, fail_on) for run, aside in runs.values()):
                code = code or 1
            code = code or stopped_code(run for run, _ in runs.values())
            if metrics is not None:
                write_metrics(loaded, metrics, now, screen)
            if clock.is_stopped():
                screen.warn(screen.text("command.stopped"))
                code = TERMINATED
        if code:
            given.leave(code)

    given.add(app, "sync", run_sync)


def each(names: Iterable[str], act: Callable[[str], T], screen: Screen) -> tuple[dict[str, T], int]:
    """Do the same for every CRM; one that is away does not keep the others waiting.

    With what was done comes the exit code of the first that was away, or 0.
    """
    from crm_expenses.pipeline import OTHERS, Stopped  # noqa: PLC0415  heavy

    done: dict[str, T] = {}
    code = 0
    for name in names:
        try:
            done[name] = act(name)
        except Stopped:
            break
        except (AdapterError, StoreAwayError) as error:
            if isinstance(error, StoreAwayError) and error.code not in OTHERS:
                raise
            screen.warn(error.describe(screen.language))
            code = code or exit_code(error)
    return done, code


@dataclass(frozen=True)
class Once:
    """A run of each CRM that is asked for, alone on it."""

    settings: Settings
    at: datetime
    clock: SystemClock
    screen: Screen
    wait: int
    calls_max: int | None
    is_told: bool

    def run(self, name: str) -> "tuple[RunSummary, int]":
        """Run one CRM; give what it did, and how many rows are set aside."""
        from crm_expenses.pipeline import open_job, sync_alone  # noqa: PLC0415  heavy

        with open_job(self.settings, name, calls_max=self.calls_max) as job:
            with self.screen.progress() as progress:
                run = sync_alone(job, self.at, self.clock, progress, wait=self.wait)
            aside = len(job.store.set_aside(name, viewer=SYSTEM))
        if self.is_told:
            _show_run(run, aside, self.screen)
        return run, aside


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
        if run.stopped is None:
            screen.say(screen.text("command.same"))
        for line in call_lines(run, screen):
            screen.say(line)
    if aside:
        screen.say(screen.text("summary.aside_now", rows=f"{aside:,}"))
