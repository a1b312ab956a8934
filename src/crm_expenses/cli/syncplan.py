"""`crm-expenses sync --plan` and `--exactly`: what a sync would write, and only that."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from crm_expenses.cli.clock import SystemClock
from crm_expenses.cli.pagefile import write_page
from crm_expenses.cli.screen import Screen
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import ConfigError
from crm_expenses.settings import Settings

if TYPE_CHECKING:
    from crm_expenses.pipeline import Changed, Plan, PlannedWrite, RunSummary

SHOWN_MAX: Final = 20
"""Of the writes and records that changed, so many are named of each sort."""


def plan_of(settings: Settings, name: str, at: datetime, screen: Screen) -> "Plan":
    """Give what a sync of a CRM would write, and what that rests on."""
    from crm_expenses.pipeline import make_plan, open_job  # noqa: PLC0415  heavy

    with (
        _beside(settings) as looked_at,
        open_job(looked_at, name) as job,
        screen.progress() as progress,
    ):
        return make_plan(job, at, progress)


@contextmanager
def _beside(settings: Settings) -> Iterator[Settings]:
    """Give settings to look with: where there is no store yet, one that goes away afterwards."""
    from crm_expenses.store import has_store  # noqa: PLC0415  heavy

    if has_store(settings.store):
        yield settings
        return
    with TemporaryDirectory(prefix="crm-expenses-plan-") as folder:
        yield replace(settings, store=Path(folder) / "store.sqlite3")


def show_plans(plans: "dict[str, Plan]", screen: Screen, *, as_json: bool) -> None:
    """Show each write with its reasons, and count them."""
    for crm, made in plans.items():
        for write in made.writes:
            if as_json:
                screen.give(_as_json(crm, write))
                continue
            screen.say(f"{crm} {write.kind} {write.record}")
            for name, (before, after) in _changed(write).items():
                told = screen.text(
                    "plan.field", name=name, before=before or "-", after=after or "-"
                )
                screen.say("  " + told.replace("\n", "\n    "))
            for one in write.why:
                screen.say("  " + screen.text("plan.why", why=screen.text(one.code, **one.values)))
        screen.warn(screen.text("plan.count", crm=crm, count=f"{len(made.writes):,}"))


def _as_json(crm: str, write: "PlannedWrite") -> dict[str, object]:
    from crm_expenses.pipeline import why_json  # noqa: PLC0415  heavy

    return {
        "crm": crm,
        "kind": write.kind,
        "record": write.record,
        "fields": {name: list(pair) for name, pair in _changed(write).items()},
        "why": why_json(write),
    }


def _changed(write: "PlannedWrite") -> dict[str, tuple[str, str]]:
    """Give the fields that a person sees change; from absent to empty is no change to them."""
    return {name: pair for name, pair in write.fields.items() if pair[0] != pair[1]}


def keep_plans(plans: "dict[str, Plan]", path: Path, at: datetime, screen: Screen) -> None:
    """Write the plans to a file."""
    from crm_expenses.pipeline import plan_text  # noqa: PLC0415  heavy

    write_page(path, plan_text(plans, at))
    screen.warn(screen.text("plan.kept", path=str(path)))


@dataclass(frozen=True)
class AsPlanned:
    """Plans of a file, carried out on each CRM or not at all."""

    settings: Settings
    plans: "dict[str, Plan]"
    at: datetime
    clock: SystemClock
    screen: Screen
    wait: int
    changed: "dict[str, Changed]" = field(default_factory=dict)

    def run(self, name: str) -> "tuple[RunSummary, int]":
        """Carry out the plan for one CRM; what changed since it was made is kept in `changed`."""
        from crm_expenses.pipeline import exactly, open_job, run_alone  # noqa: PLC0415  heavy

        with open_job(self.settings, name) as job:
            with self.screen.progress() as progress:
                run, changed = run_alone(
                    job,
                    self.clock,
                    lambda held: exactly(job, self.plans[name], self.at, held.telling(progress)),
                    wait=self.wait,
                )
            aside = len(job.store.set_aside(name, viewer=SYSTEM))
        if changed.is_other_work:
            self.changed[name] = changed
            tell_changed(name, changed, self.screen)
        return run, aside


def plans_asked(path: Path, crm: str | None) -> "dict[str, Plan]":
    """Give the plans of a file, or that of one CRM.

    Raises:
        ConfigError: the file is not as it was written, or has no plan of that CRM.
    """
    from crm_expenses.pipeline import read_plan  # noqa: PLC0415  heavy

    _, plans = read_plan(path)
    if crm is None:
        return plans
    if crm not in plans:
        known = ", ".join(plans) or "-"
        raise ConfigError("sync.plan_without", path=str(path), name=crm, known=known)
    return {crm: plans[crm]}


def tell_changed(crm: str, changed: "Changed", screen: Screen) -> None:
    """Say what is not as it was when the plan was made."""
    screen.warn(screen.text("exactly.stopped", crm=crm))
    if changed.settings:
        names = screen.text("summary.comma").join(changed.settings)
        screen.warn("  " + screen.text("exactly.settings", names=names))
    lists = {
        "exactly.added": changed.added,
        "exactly.gone": changed.gone,
        "exactly.other": changed.other,
        "exactly.records": changed.records,
    }
    for code, named in lists.items():
        if named:
            listed = _listed(named, screen)
            screen.warn("  " + screen.text(code, count=f"{len(named):,}", list=listed))


def _listed(named: Sequence[tuple[str, str]], screen: Screen) -> str:
    shown = [f"{kind} {record}" for kind, record in named[:SHOWN_MAX]]
    return screen.text("summary.comma").join([*shown, *(["…"] if len(named) > SHOWN_MAX else [])])
