"""Time for what goes on for a while: a clock that is given, and can wait."""

from datetime import datetime
from typing import Protocol

from crm_expenses.errors import CrmExpensesError


class Clock(Protocol):
    """Where the time of a run comes from, and its pauses."""

    def now(self) -> datetime:
        """Give the time, with its zone."""

    def wait(self, seconds: float) -> None:
        """Let some time pass; less where somebody asks to stop."""

    def is_stopped(self) -> bool:
        """Say whether somebody asked to stop."""


class Stopped(CrmExpensesError):  # noqa: N818  nothing went wrong
    """Somebody asked a run to end; all that it had finished is kept."""
