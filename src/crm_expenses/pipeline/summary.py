"""What a run did, as numbers; and how a run tells how far it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from crm_expenses.adapters.manners import CallCount
from crm_expenses.errors import AllowanceError
from crm_expenses.pipeline.decide import DecideCount
from crm_expenses.pipeline.pull import PullCount
from crm_expenses.pipeline.push import PushCount

Progress = Callable[[str, int, int | None], None]
"""Is told the stage, how far it is, and the whole where that is known."""


def quiet(stage: str, done: int, whole: int | None) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class RunSummary:
    """One run of pull, decide and push on one CRM; `seconds` are by stage, on the wall."""

    crm: str
    pulled: PullCount = field(default_factory=PullCount)
    decided: DecideCount = field(default_factory=DecideCount)
    pushed: PushCount = field(default_factory=PushCount)
    calls: CallCount = field(default_factory=CallCount)
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def stopped(self) -> AllowanceError | None:
        """Why the run ended early: no more calls might be made."""
        return self.pulled.stopped or self.pushed.stopped

    @property
    def changes(self) -> int:
        """How much changed on either side: nothing, when a run repeats an undisturbed one."""
        return self.pulled.changes + self.decided.claims + self.pushed.sent

    def as_json(self) -> Mapping[str, object]:
        """Give the summary as plain values."""
        return {
            "crm": self.crm,
            "changes": self.changes,
            "pulled": self.pulled.as_json(),
            "decided": self.decided.as_json(),
            "pushed": self.pushed.as_json(),
            "calls": self.calls.as_json(),
            "seconds": {stage: round(spent, 3) for stage, spent in self.seconds.items()},
            "stopped": self.stopped.code if self.stopped is not None else None,
        }
