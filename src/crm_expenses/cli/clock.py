"""The one clock of the package: a command is told the time, or it is now."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event
from types import FrameType

from crm_expenses.errors import ConfigError


class SystemClock:
    """The machine's clock; its pauses end where somebody asks to stop."""

    def __init__(self) -> None:
        self._stop = Event()

    def now(self) -> datetime:
        """Give the time."""
        return moment("")

    def wait(self, seconds: float) -> None:
        """Let some time pass; less where somebody asks to stop."""
        self._stop.wait(seconds)

    def is_stopped(self) -> bool:
        """Say whether somebody asked to stop."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask to stop."""
        self._stop.set()


@contextmanager
def stopped_by(clock: SystemClock, *signals: signal.Signals) -> Iterator[None]:
    """Let the first of some signals ask to stop; the next one acts as it always does."""
    before = {number: signal.getsignal(number) for number in signals}

    def ask(number: int, _: FrameType | None) -> None:
        clock.stop()
        signal.signal(number, before[signal.Signals(number)])

    for number in signals:
        signal.signal(number, ask)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def moment(given: str) -> datetime:
    """Give the moment that a command works at: the one that was given, else now.

    >>> moment("2026-06-30T20:00:00+08:00").isoformat()
    '2026-06-30T20:00:00+08:00'

    Raises:
        ConfigError: what was given is no time with a zone.
    """
    if not given:
        return datetime.now(UTC)  # noqa: TID251  the shell is where time comes from
    try:
        read = datetime.fromisoformat(given)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise ConfigError("command.at", value=given[:40])
    return read
