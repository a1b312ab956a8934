"""`crm-expenses sync`: pull, decide and push, once; or show what that would write."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from signal import SIGTERM
from typing import TYPE_CHECKING, Final, TypeVar

from crm_expenses.cli.clock import SystemClock, moment, stopped_by
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Screen
from crm_expenses.cli.status import demand_calls, due_names, stopped_code, write_metrics
from crm_expenses.cli.summary import again_lines, call_lines, run_lines
from crm_expenses.cli.syncplan import AsPlanned, keep_plans, plan_of, plans_asked, show_plans
from crm_expenses.cli.syncwatch import Watched, tell_doubts
from crm_expenses.core.decision import Outcome
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import AdapterError, ConfigError, StoreAwayError, exit_code
from crm_expenses.settings import Settings, load_settings

if TYPE_CHECKING:
    import typer

    from crm_expenses.pipeline import Changed, Plan, RunSummary


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
        *,
        at: str = given.at,
        fail_on: list[FailOn] = given.option([], "--fail-on", "option.fail_on", "WHAT"),
        wait: int = given.option(0, "--wait", "option.wait", "SECONDS"),
        watch: int = given.option(0, "--watch", "option.watch", "SECONDS"),
        exactly: Path | None = given.option(None, "--exactly", "option.exactly", "FILE"),
        out: Path | None = given.option(None, "--out", "option.out_plan", "FILE"),
        plan_only: bool = given.option(False, "--plan", "option.plan"),
        full: bool = given.option(False, "--full", "option.full"),
        accept_gone: bool = given.option(False, "--accept-gone", "option.accept_gone"),
        due: bool = given.option(False, "--due", "option.due"),
        max_calls: int | None = given.option(None, "--max-calls", "option.max_calls", "N"),
        metrics: Path | None = given.option(None, "--metrics", "option.metrics", "FILE"),
        as_json: bool = given.json,
    ) -> None:
        ways: dict[str, object] = {"--plan": plan_only, "--exactly": exactly, "--watch": watch}
        read: dict[str, object] = {"--full": full, "--accept-gone": accept_gone}
        read |= {"--due": due, "--max-calls": max_calls, "--metrics": metrics}
        _demand_one_way(
            ways, {"--at": at, "--fail-on": fail_on, "--out": out, "--wait": wait, **read}
        )
        loaded = load_settings(settings)
        names = [loaded.connection(crm).name] if crm else list(loaded.connections)
        if not names:
            raise ConfigError("settings.which_crm", known="-")
        asked = Asked(loaded, names, moment(at), screen, wait, tuple(fail_on), as_json)
        asked.full, asked.accept_gone = full or accept_gone, accept_gone
        asked.calls_max, asked.metrics = demand_calls(max_calls), metrics
        if due:
            asked.names = due_names(loaded, names, screen)
        if watch:
            Watched(loaded, screen, wait, as_json).go(names, watch)
        elif plan_only:
            asked.plan(out)
        elif exactly is not None:
            asked.exactly(plans_asked(exactly, crm))
        else:
            asked.once()
        if asked.code:
            given.leave(asked.code)

    given.add(app, "sync", run_sync)


def _demand_one_way(ways: dict[str, object], others: dict[str, object]) -> None:
    """Make sure that what was asked for can be done together.

    Raises:
        ConfigError: two options exclude each other, one needs another, or seconds are below zero.
    """
    for name, least in (("--watch", 0), ("--wait", 0)):
        value = ways.get(name, others.get(name))
        if isinstance(value, int) and value < least:
            raise ConfigError("sync.seconds", given=name, value=str(value), least=str(least))
    asked = [name for name, value in ways.items() if value]
    if len(asked) > 1:
        raise ConfigError("sync.options", given=asked[0], other=asked[1])
    for name in ("--at", "--fail-on"):
        if ways["--watch"] and others[name]:
            raise ConfigError("sync.options", given="--watch", other=name)
    for name in ("--full", "--accept-gone", "--due", "--max-calls", "--metrics"):
        if asked and others[name]:
            raise ConfigError("sync.options", given=asked[0], other=name)
    if others["--out"] and not ways["--plan"]:
        raise ConfigError("sync.needs", given="--out", other="--plan")


@dataclass
class Asked:
    """What a command was asked to do with some CRMs; `code` is what it answers."""

    settings: Settings
    names: list[str]
    at: datetime
    screen: Screen
    wait: int
    fail_on: tuple[FailOn, ...]
    as_json: bool
    clock: SystemClock = field(default_factory=SystemClock)
    code: int = 0
    full: bool = False
    accept_gone: bool = False
    calls_max: int | None = None
    metrics: Path | None = None

    def plan(self, out: Path | None) -> None:
        """Show what a sync would write."""

        def made(name: str) -> "Plan":
            return plan_of(self.settings, name, self.at, self.screen)

        plans, self.code = each(self.names, made, self.screen)
        show_plans(plans, self.screen, as_json=self.as_json)
        if out is not None and not self.code:  # a plan of some of the CRMs would be half a plan
            keep_plans(plans, out, self.at, self.screen)

    def exactly(self, plans: "dict[str, Plan]") -> None:
        """Do what was planned, or say what has changed since."""
        for name in plans:
            self.settings.connection(name)
        work = AsPlanned(self.settings, plans, self.at, self.clock, self.screen, self.wait)
        self._do(list(plans), work.run, work.changed)
        if work.changed:
            self.code = self.code or 1

    def once(self) -> None:
        """Bring both sides up to date."""
        self._do(self.names, self._run, {})

    def _do(
        self,
        names: list[str],
        run: "Callable[[str], tuple[RunSummary, int]]",
        changed: "dict[str, Changed]",
    ) -> None:
        def shown(name: str) -> "tuple[RunSummary, int]":
            summary, aside = run(name)
            tell_doubts(summary, self.screen)
            if not self.as_json and name not in changed:
                _show_run(summary, aside, self.screen)
            return summary, aside

        with stopped_by(self.clock, SIGTERM):
            runs, self.code = each(names, shown, self.screen)
        if self.as_json:
            self.screen.give({"runs": [_told(*one, changed) for one in runs.values()]})
        if any(_fails(summary, aside, self.fail_on) for summary, aside in runs.values()):
            self.code = self.code or 1
        self.code = self.code or stopped_code(summary for summary, _ in runs.values())
        if self.metrics is not None:
            write_metrics(self.settings, self.metrics, self.at, self.screen)
        if self.clock.is_stopped():
            self.screen.warn(self.screen.text("command.stopped"))
            self.code = TERMINATED

    def _run(self, name: str) -> "tuple[RunSummary, int]":
        """Run one CRM, alone on it; give what it did, and how many rows are set aside."""
        from crm_expenses.pipeline import open_job, sync_alone, whole_of  # noqa: PLC0415  heavy

        with open_job(self.settings, name, calls_max=self.calls_max) as job:
            whole = replace(whole_of(job), now=self.full, accept=self.accept_gone)
            with self.screen.progress() as progress:
                run = sync_alone(job, self.at, self.clock, progress, wait=self.wait, whole=whole)
            return run, len(job.store.set_aside(name, viewer=SYSTEM))


def _told(run: "RunSummary", aside: int, changed: "dict[str, Changed]") -> dict[str, object]:
    told: dict[str, object] = {**run.as_json(), "set_aside": aside}
    if run.crm in changed:
        told["changed"] = changed[run.crm].as_json()
    return told


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


def _fails(run: "RunSummary", aside: int, asked: Iterable[FailOn]) -> bool:
    """Say whether a run has what it was asked to answer 1 for.

    Findings and conflicts are those of this run; fields that both sides changed, and rows that are
    set aside, are those that wait for a person after it.
    """
    has = {
        FailOn.FINDINGS: any(
            count for outcome, count in run.decided.outcomes.items() if outcome != Outcome.PASS
        ),
        FailOn.CONFLICTS: bool(run.pushed.conflicts or run.clashes),
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
        for line in (*again_lines(run, screen), *call_lines(run, screen)):
            screen.say(line)
    if run.clashes:
        screen.say(screen.text("summary.clashes", fields=f"{run.clashes:,}"))
    if aside:
        screen.say(screen.text("summary.aside_now", rows=f"{aside:,}"))
