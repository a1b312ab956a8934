"""`crm-expenses sync --plan`: what a sync would write."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from crm_expenses.cli.screen import Screen
from crm_expenses.settings import Settings

if TYPE_CHECKING:
    from crm_expenses.pipeline import PlannedWrite


def plan_writes(
    settings: Settings, name: str, at: datetime, screen: Screen
) -> "tuple[PlannedWrite, ...]":
    """Give what a sync of a CRM would write."""
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


def show_plan(
    writes: "dict[str, tuple[PlannedWrite, ...]]", screen: Screen, *, as_json: bool
) -> None:
    """Show each write, and count them."""
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
