"""`crm-expenses sync --watch`: runs that follow each other, a line each."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from signal import SIGINT, SIGTERM
from typing import TYPE_CHECKING

from crm_expenses.cli.clock import SystemClock, stopped_by
from crm_expenses.cli.fault import fault_text
from crm_expenses.cli.screen import Screen
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import CrmExpensesError, StoreAwayError
from crm_expenses.settings import Settings

if TYPE_CHECKING:
    from crm_expenses.adapters.contract import Adapter
    from crm_expenses.pipeline import RunSummary, Turn
    from crm_expenses.store import Store

Done = tuple["RunSummary", int]


@dataclass
class Watched:
    """Runs of some CRMs, again and again until a signal ends them."""

    settings: Settings
    screen: Screen
    wait: int
    is_json: bool
    clock: SystemClock = field(default_factory=SystemClock)
    store: "Store | None" = None
    adapters: "dict[str, Adapter]" = field(default_factory=dict)
    """Of each CRM the last one, closed: what it shares with the next, like a token, lives on."""

    def go(self, names: Sequence[str], seconds: int) -> None:
        """Run until SIGINT or SIGTERM; what is in hand then is finished."""
        from crm_expenses.pipeline import watch  # noqa: PLC0415  heavy

        every = timedelta(seconds=seconds)
        with stopped_by(self.clock, SIGINT, SIGTERM):
            try:
                for turn in watch(names, self.run, self.due, every=every, clock=self.clock):
                    self.tell(turn)
            finally:
                if self.store is not None:
                    self.store.close()
        self.screen.warn(self.screen.text("watch.ended"))

    def run(self, name: str, at: datetime) -> Done:
        """Run one CRM, alone on it; the policy is read anew."""
        from crm_expenses.pipeline import open_job, quiet, sync_alone  # noqa: PLC0415  heavy

        with open_job(self.settings, name) as job:
            self.adapters[name] = job.adapter
            run = sync_alone(job, at, self.clock, quiet, wait=self.wait)
            return run, len(job.store.set_aside(name, viewer=SYSTEM))

    def due(self) -> Sequence[str]:
        """Give the CRMs that asked for a pull; none while the store is away."""
        from crm_expenses.store import has_store, open_store  # noqa: PLC0415  heavy

        with suppress(StoreAwayError):
            if self.store is None:
                if not has_store(self.settings.store):
                    return ()
                self.store = open_store(self.settings.store)
            return tuple(self.store.due())
        return ()

    def tell(self, turn: "Turn[Done]") -> None:
        """Say what a run did, or why it could not, on one line."""
        if self.is_json:
            self.screen.give(self._as_json(turn))
        elif turn.done is not None:
            run, aside = turn.done
            self.screen.say(run_line(self.screen, turn.at, run, aside))
        if turn.done is not None:
            tell_doubts(turn.done[0], self.screen)
        if turn.error is not None:
            told = one_line(turn.error, self.screen)
            values = {"at": shown_at(turn.at), "crm": turn.crm, "told": told}
            again = shown_at(turn.again) if turn.again else "-"
            self.screen.warn(self.screen.text("watch.failed", again=again, **values))
        sys.stdout.flush()  # whoever follows the lines shall not wait for the next ones

    def _as_json(self, turn: "Turn[Done]") -> dict[str, object]:
        told: dict[str, object] = {"at": turn.at.isoformat(), "crm": turn.crm, "due": turn.is_due}
        if turn.done is not None:
            run, aside = turn.done
            told |= {**run.as_json(), "set_aside": aside}
        if turn.error is not None:
            told["error"] = error_code(turn.error)
        return told | {"next": turn.again.isoformat() if turn.again else None}


def tell_doubts(run: "RunSummary", screen: Screen) -> None:
    """Say what a run read that a person should look at."""
    for problem in run.pulled.doubts:
        screen.warn(problem.describe(screen.language))


def run_line(screen: Screen, at: datetime, run: "RunSummary", aside: int) -> str:
    """Give a run on one line."""
    return screen.text(
        "watch.run",
        at=shown_at(at),
        crm=run.crm,
        changes=f"{run.changes:,}",
        rows=f"{run.pulled.rows:,}",
        claims=f"{run.decided.claims:,}",
        sent=f"{run.pushed.sent:,}",
        aside=f"{aside:,}",
    )


def one_line(error: Exception, screen: Screen) -> str:
    """Give an error on one line; of a fault only where it is."""
    if isinstance(error, CrmExpensesError):
        return error.describe(screen.language).replace("\n", " ")
    return fault_text(error, screen.language)


def error_code(error: Exception) -> str:
    """Give the code of an error, as programs read it."""
    return error.code if isinstance(error, CrmExpensesError) else "command.fault"


def shown_at(at: datetime) -> str:
    """Give a moment to the second."""
    return at.replace(microsecond=0).isoformat()
