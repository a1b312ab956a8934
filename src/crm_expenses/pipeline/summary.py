"""What a run did, as numbers; and how a run tells how far it is."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, astuple, dataclass, field

from crm_expenses.adapters.manners import CallCount
from crm_expenses.errors import AllowanceError
from crm_expenses.pipeline.decide import DecideCount
from crm_expenses.pipeline.pull import PullCount
from crm_expenses.pipeline.push import PushCount

Progress = Callable[[str, int, int | None], None]
"""Is told the stage, how far it is, and the whole where that is known."""


def quiet(stage: str, done: int, whole: int | None) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class FileCount:
    """What became of the files of vouchers.

    `vouchers` were listed; of their files, `known` were held already and `kept` are new, with their
    `bytes`. `failed` are tried again by the next run, `refused` are not.
    """

    vouchers: int = 0
    known: int = 0
    kept: int = 0
    bytes: int = 0
    sent: int = 0
    bytes_sent: int = 0
    failed: int = 0
    refused: int = 0

    def __add__(self, other: "FileCount") -> "FileCount":
        return FileCount(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def as_json(self) -> Mapping[str, int]:
        """Give the counts as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class RunSummary:
    """One run of pull, decide and push on one CRM.

    `seconds` are by stage, on the wall. `clashes` are the fields that both sides changed and that
    wait for a person after it.
    """

    crm: str
    pulled: PullCount = field(default_factory=PullCount)
    decided: DecideCount = field(default_factory=DecideCount)
    pushed: PushCount = field(default_factory=PushCount)
    calls: CallCount = field(default_factory=CallCount)
    seconds: Mapping[str, float] = field(default_factory=dict)
    clashes: int = 0
    files: FileCount = field(default_factory=FileCount)

    @property
    def stopped(self) -> AllowanceError | None:
        """Why the run ended early: no more calls might be made."""
        return self.pulled.stopped or self.pushed.stopped

    @property
    def changes(self) -> int:
        """How much changed on either side: nothing, when a run repeats an undisturbed one."""
        moved = self.files.kept + self.files.sent
        return self.pulled.changes + self.decided.claims + self.pushed.sent + moved

    def as_json(self) -> Mapping[str, object]:
        """Give the summary as plain values."""
        return {
            "crm": self.crm,
            "changes": self.changes,
            "pulled": self.pulled.as_json(),
            "decided": self.decided.as_json(),
            "pushed": self.pushed.as_json(),
            "clashes": self.clashes,
            "calls": self.calls.as_json(),
            "seconds": {stage: round(spent, 3) for stage, spent in self.seconds.items()},
            "stopped": self.stopped.code if self.stopped is not None else None,
            "files": self.files.as_json(),
        }
