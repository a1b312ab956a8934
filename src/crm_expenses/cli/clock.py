"""The one clock of the package: a command is told the time, or it is now."""

from datetime import UTC, datetime

from crm_expenses.errors import ConfigError


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
