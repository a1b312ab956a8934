"""`crm-expenses sync`: pull, decide and push, or show what that would write."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from crm_expenses.cli.clock import moment
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Screen
from crm_expenses.cli.summary import again_lines, run_lines
from crm_expenses.core.decision import Outcome
from crm_expenses.core.viewer import SYSTEM
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


T = TypeVar("T")


@dataclass(frozen=True)
class _Asked:
    """What was asked for beyond the settings: to read all again, to believe what is missing."""

    full: bool
    accept_gone: bool


def register(app: "typer.Typer", given: Options) -> None:
    """Add the command."""
    screen = given.screen

    def run_sync(  # noqa: PLR0913  the options of a command
        crm: str | None = given.crm,
        settings: Path = given.settings,
        at: str = given.at,
        fail_on: list[FailOn] = given.option([], "--fail-on", "option.fail_on", "WHAT"),
        *,
        plan_only: bool = given.option(False, "--plan", "option.plan"),
        full: bool = given.option(False, "--full", "option.full"),
        accept_gone: bool = given.option(False, "--accept-gone", "option.accept_gone"),
        as_json: bool = given.json,
    ) -> None:
        loaded = load_settings(settings)
        now = moment(at)
        names = [loaded.connection(crm).name] if crm else list(loaded.connections)
        if not names:
            raise ConfigError("settings.which_crm", known="-")
        if plan_only:
            writes, code = _each(names, lambda name: _plan(loaded, name, now, screen), screen)
            _show_plan(writes, screen, as_json=as_json)
        else:
            show = None if as_json else screen
            asked = _Asked(full=full or accept_gone, accept_gone=accept_gone)
            runs, code = _each(
                names, lambda name: _run(loaded, name, now, asked, screen, show), screen
            )
            if as_json:
                told = [{**run.as_json(), "set_aside": aside} for run, aside in runs.values()]
                screen.give({"runs": told})
            if any(_fails(run, aside, fail_on) for run, aside in runs.values()):
                code = code or 1
        if code:
            given.leave(code)

    given.add(app, "sync", run_sync)


def _each(
    names: Iterable[str], act: Callable[[str], T], screen: Screen
) -> tuple[dict[str, T], int]:
    """Do the same for every CRM; one that is away does not keep the others waiting.

    With what was done comes the exit code of the first that was away, or 0.
    """
    done: dict[str, T] = {}
    code = 0
    for name in names:
        try:
            done[name] = act(name)
        except AdapterError as error:
            screen.warn(error.describe(screen.language))
            code = code or exit_code(error)
    return done, code


def _run(
    settings: Settings,
    name: str,
    at: datetime,
    asked: _Asked,
    screen: Screen,
    show: Screen | None,
) -> "tuple[RunSummary, int]":
    from crm_expenses.pipeline import open_job, sync, whole_of  # noqa: PLC0415  heavy

    with open_job(settings, name) as job:
        whole = replace(whole_of(job), now=asked.full, accept=asked.accept_gone)
        with screen.progress() as progress:
            run = sync(job, at, progress, whole)
        aside = len(job.store.set_aside(name, viewer=SYSTEM))
    for problem in run.pulled.doubts:
        screen.warn(problem.describe(screen.language))
    if show is not None:
        _show_run(run, aside, show)
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
        screen.say(screen.text("command.same"))
        for line in again_lines(run, screen):
            screen.say(line)
    if aside:
        screen.say(screen.text("summary.aside_now", rows=f"{aside:,}"))


def _plan(
    settings: Settings, name: str, at: datetime, screen: Screen
) -> "tuple[PlannedWrite, ...]":
    from crm_expenses.pipeline import open_job, plan  # noqa: PLC0415  heavy

    with (
        _beside(settings) as looked_at,
        open_job(looked_at, name) as job,
        screen.progress() as progress,
    ):
        return plan(job, at, progress)


@contextmanager
def _beside(settings: Settings) -> Iterator[Settings]:
    """Give settings to look with: where there is no store yet, one that goes away afterwards."""
    from crm_expenses.store import has_store  # noqa: PLC0415  heavy

    if has_store(settings.store):
        yield settings
        return
    with TemporaryDirectory(prefix="crm-expenses-plan-") as folder:
        yield replace(settings, store=Path(folder) / "store.sqlite3")


def _show_plan(
    writes: "dict[str, tuple[PlannedWrite, ...]]", screen: Screen, *, as_json: bool
) -> None:
    for crm, planned in writes.items():
        for write in planned:
            changed = {name: pair for name, pair in write.fields.items() if pair[0] != pair[1]}
            if as_json:
                fields = {name: list(pair) for name, pair in changed.items()}
                row = {"crm": crm, "kind": write.kind, "record": write.record, "fields": fields}
                screen.give(row)
                continue
            screen.say(f"{crm} {write.kind} {write.record}")
            for name, (before, after) in changed.items():
                told = screen.text(
                    "plan.field", name=name, before=before or "-", after=after or "-"
                )
                screen.say("  " + told.replace("\n", "\n    "))
        screen.warn(screen.text("plan.count", crm=crm, count=f"{len(planned):,}"))
