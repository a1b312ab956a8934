"""The log: entries that each carry the digest of the one before, so that a change shows.

Append-only and hash-chained with SHA-256 over canonical JSON; entry 1 follows `GENESIS`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crm_expenses.core.record import digest

GENESIS: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which subject, when; `content` is the digest of what was written."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    content: str
    previous: str
    digest: str


def entry(
    number: int,
    previous: str,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    content: str,
) -> AuditEntry:
    """Make the entry that follows the one whose digest is `previous`."""
    body = (number, at, actor, action, subject, content, previous)
    return AuditEntry(*body, digest=digest(body))


def first_broken(entries: Iterable[AuditEntry]) -> int | None:
    """Give the number of the first entry that does not fit, or None when the chain holds.

    >>> from datetime import UTC
    >>> one = entry(1, GENESIS, at=datetime(2026, 1, 1, tzinfo=UTC), actor="a", action="decide",
    ...             subject="C-1", content="00")
    >>> first_broken([one]) is None
    True
    """
    previous = GENESIS
    for number, found in enumerate(entries, start=1):
        again = entry(
            number,
            previous,
            at=found.at,
            actor=found.actor,
            action=found.action,
            subject=found.subject,
            content=found.content,
        )
        if again != found:
            return number
        previous = found.digest
    return None
