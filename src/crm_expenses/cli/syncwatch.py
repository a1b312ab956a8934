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
            self.screen.say(
                self.screen.text(
                    "watch.run",
                    at=_shown(turn.at),
                    crm=turn.crm,
                    changes=f"{run.changes:,}",
                    rows=f"{run.pulled.rows:,}",
                    claims=f"{run.decided.claims:,}",
                    sent=f"{run.pushed.sent:,}",
                    aside=f"{aside:,}",
                )
            )
        if turn.error is not None:
            told = self._text_of(turn.error).replace("\n", " ")
            values = {"at": _shown(turn.at), "crm": turn.crm, "told": told}
            again = _shown(turn.again) if turn.again else "-"
            self.screen.warn(self.screen.text("watch.failed", again=again, **values))
        sys.stdout.flush()  # whoever follows the lines shall not wait for the next ones

    def _as_json(self, turn: "Turn[Done]") -> dict[str, object]:
        told: dict[str, object] = {"at": turn.at.isoformat(), "crm": turn.crm, "due": turn.is_due}
        if turn.done is not None:
            run, aside = turn.done
            told |= {**run.as_json(), "set_aside": aside}
        if turn.error is not None:
            ours = isinstance(turn.error, CrmExpensesError)
            told["error"] = turn.error.code if ours else "command.fault"  # type: ignore[attr-defined]
        return told | {"next": turn.again.isoformat() if turn.again else None}

    def _text_of(self, error: Exception) -> str:
        language = self.screen.language
        if isinstance(error, CrmExpensesError):
            return error.describe(language)
        return fault_text(error, language)


def _shown(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()
