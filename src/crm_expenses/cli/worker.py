"""`crm-expenses worker`: several processes share the runs of all CRMs."""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.clock import SystemClock
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Screen
from crm_expenses.cli.syncwatch import error_code, one_line, run_line, shown_at, tell_doubts
from crm_expenses.errors import ConfigError
from crm_expenses.settings import load_settings

if TYPE_CHECKING:
    import typer

    from crm_expenses.worker import Done


def register(app: "typer.Typer", given: Options) -> None:
    """Add the commands."""
    group = given.group(app, "worker")
    screen = given.screen

    def run(
        settings: Path = given.settings,
        *,
        jobs: int = given.option(1, "--jobs", "option.jobs", "NUMBER"),
        dead_after: int = given.option(30, "--dead-after", "option.dead_after", "SECONDS"),
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses import worker  # noqa: PLC0415  heavy

        for name, value, least in (("--jobs", jobs, 1), ("--dead-after", dead_after, 3)):
            if value < least:
                raise ConfigError("worker.least", given=name, value=str(value), least=str(least))
        loaded = load_settings(settings)
        clock = SystemClock()
        _quiet_queue()
        screen.warn(screen.text("worker.ready"))
        worker.run(
            loaded,
            clock,
            clock,
            lambda done: _tell(done, screen, as_json=as_json),
            jobs=jobs,
            dead_seconds=dead_after,
        )
        screen.warn(screen.text("watch.ended"))

    def setup(settings: Path = given.settings) -> None:
        from crm_expenses import worker  # noqa: PLC0415  heavy

        loaded = load_settings(settings)
        schema = worker.queue_schema(loaded)
        made = worker.set_up(loaded)
        screen.say(screen.text("worker.made" if made else "worker.there", schema=schema))

    def defer(crm: str | None = given.crm, settings: Path = given.settings) -> None:
        from crm_expenses import worker  # noqa: PLC0415  heavy

        loaded = load_settings(settings)
        names = [loaded.connection(crm).name] if crm else list(loaded.connections)
        for name, is_new in worker.defer(loaded, names).items():
            screen.say(screen.text("worker.put" if is_new else "worker.waits", crm=name))

    given.add(group, "run", run, code="command.worker_run")
    given.add(group, "setup", setup, code="command.worker_setup")
    given.add(group, "defer", defer, code="command.worker_defer")


class _NoTraces(logging.Filter):
    """Takes the traces out of what is logged: what exceptions carry may be private."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line pass, without its trace."""
        record.exc_info = record.exc_text = None
        return True


def _quiet_queue() -> None:
    """Let the queue log what goes wrong with it; jobs that fail are told by us."""
    told = logging.StreamHandler()
    told.addFilter(_NoTraces())
    for name in ("procrastinate", "psycopg"):
        logger = logging.getLogger(name)
        logger.addHandler(told)
        logger.setLevel(logging.WARNING)
        logger.propagate = False
    logging.getLogger("procrastinate.worker").setLevel(logging.CRITICAL)


def _tell(done: "Done", screen: Screen, *, as_json: bool) -> None:
    """Say what became of a job, on one line."""
    if as_json:
        told: dict[str, object] = {"at": done.at.isoformat(), "crm": done.crm}
        if done.run is not None:
            told |= {**done.run.as_json(), "set_aside": done.set_aside}
        if done.error is not None:
            told["error"] = error_code(done.error)
        screen.give(told)
    elif done.run is not None:
        screen.say(run_line(screen, done.at, done.run, done.set_aside))
    if done.run is not None:
        tell_doubts(done.run, screen)
    if done.error is not None:
        values = {"at": shown_at(done.at), "crm": done.crm}
        told_line = one_line(done.error, screen)
        screen.warn(screen.text("worker.failed", told=told_line, **values))
    sys.stdout.flush()
