"""`crm-expenses status`: how each connection stands; and what `sync` says of calls and metrics."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.clock import moment
from crm_expenses.cli.options import Options
from crm_expenses.cli.pagefile import write_page
from crm_expenses.cli.screen import Screen
from crm_expenses.errors import ConfigError, exit_code
from crm_expenses.settings import Settings, load_settings

if TYPE_CHECKING:
    import typer

    from crm_expenses.pipeline import RunSummary
    from crm_expenses.pipeline.health import Health


def register(app: "typer.Typer", given: Options) -> None:
    """Add the command."""
    screen = given.screen

    def status(
        crm: str | None = given.crm,
        settings: Path = given.settings,
        at: str = given.at,
        stale_after: int | None = given.option(
            None, "--stale-after", "option.stale_after", "MINUTES"
        ),
        *,
        as_metrics: bool = given.option(False, "--metrics", "option.status_metrics"),
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline.health import healths  # noqa: PLC0415  heavy
        from crm_expenses.pipeline.metrics import exposition  # noqa: PLC0415  likewise

        if stale_after is not None and stale_after < 0:
            raise ConfigError("status.minutes", value=str(stale_after))
        found = healths(load_settings(settings), crm, moment(at))
        if as_metrics:
            print(exposition(found, screen.language), end="")  # noqa: T201  as it is, escaped
        elif as_json:
            screen.give({"crms": [health.as_json() for health in found]})
        else:
            for health in found:
                for line in _lines(health, screen):
                    screen.say(line)
        if stale_after is not None:
            stale = [health.crm for health in found if health.is_stale(stale_after)]
            for name in stale:
                screen.warn(screen.text("status.stale", crm=name, minutes=str(stale_after)))
            if stale:
                given.leave(1)

    given.add(app, "status", status)


def _lines(health: "Health", screen: Screen) -> Iterator[str]:
    held, run = health.standing, health.standing.run
    yield screen.text("summary.crm", crm=health.crm)
    never = screen.text("status.never")
    if run is None:
        yield screen.text("status.run", at="-", how=never)
    else:
        how = (
            screen.text("status.failed", code=run.code) if run.code else screen.text("status.good")
        )
        yield screen.text("status.run", at=_shown(run.at), how=how)
        if run.succeeded_at is not None and health.age is not None:
            minutes = f"{int(health.age.total_seconds() // 60):,}"
            yield screen.text("status.success", at=_shown(run.succeeded_at), minutes=minutes)
    yield screen.text(
        "status.waiting", waiting=f"{health.waiting:,}", dead=f"{held.dead_letters:,}"
    )
    yield screen.text("status.aside", rows=f"{held.set_aside:,}", conflicts=f"{held.conflicts:,}")
    if held.due_since is not None:
        yield screen.text("status.due", at=_shown(held.due_since))
    if held.held_since is not None and held.held_until is not None:
        since, until = _shown(held.held_since), _shown(held.held_until)
        yield screen.text("status.held", holder=held.holder, since=since, until=until)
    if health.allowance is not None:
        limit = f"{health.allowance:,}"
        code = "status.credits" if health.is_rolling else "status.allowance"
        yield screen.text(code, calls=f"{health.calls_today:,}", limit=limit)


def demand_calls(calls_max: int | None) -> int | None:
    """Give the most calls of a run.

    Raises:
        ConfigError: with fewer than one nothing can be done.
    """
    if calls_max is not None and calls_max < 1:
        raise ConfigError("sync.max_calls", value=str(calls_max))
    return calls_max


def due_names(settings: Settings, names: Sequence[str], screen: Screen) -> list[str]:
    """Give those of some connections that said that something changed; say so where none did."""
    from crm_expenses.store import has_store, open_store  # noqa: PLC0415  heavy

    marked: dict[str, int] = {}
    if has_store(settings.store):
        with open_store(settings.store) as store:
            marked = store.due()
    found = [name for name in names if name in marked]
    if not found:
        screen.warn(screen.text("sync.none_due"))
    return found


def stopped_code(runs: "Iterable[RunSummary]") -> int:
    """Give the exit code of runs that ended early: 0 where that was asked for."""
    from crm_expenses.pipeline.recording import ASKED_FOR  # noqa: PLC0415  heavy

    codes = [
        exit_code(run.stopped)
        for run in runs
        if run.stopped is not None and run.stopped.code not in ASKED_FOR
    ]
    return next(iter(codes), 0)


def write_metrics(settings: Settings, path: Path, at: datetime, screen: Screen) -> None:
    """Write how all connections stand, in one file that is never half there."""
    from crm_expenses.pipeline.health import healths  # noqa: PLC0415  heavy
    from crm_expenses.pipeline.metrics import exposition  # noqa: PLC0415  likewise

    write_page(path, exposition(healths(settings, None, at), screen.language))


def _shown(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()
