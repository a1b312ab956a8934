"""What can be kept: looked at where a fact comes in, so that no database refuses it later.

SQLite takes whatever it is given. PostgreSQL refuses the character NUL in a text and a name that
is too long for an index, and with them the whole page. Both keep the same, so the rules are ours.
"""

import hashlib
import re
from typing import Final

from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.given_approval import GivenApproval
from crm_expenses.core.record import Record
from crm_expenses.errors import Problem
from crm_expenses.store.links import TRIP, links_of

NAME_MAX: Final = 200
"""Most characters of a name by which something is found again: PostgreSQL's index takes 2,704
bytes a row, and a row has up to three names."""

SAID_MAX: Final = 2_000
"""Most characters of a reason that are kept."""

WINDOW_BYTES_MAX: Final = 600
_SHOWN: Final = 60
_HALF: Final = re.compile("[\ud800-\udfff]")
_NUL_IN_JSON: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def problems_of(record: Record, content: str) -> tuple[Problem, ...]:
    """Give why a record cannot be kept; empty for nearly all. `content` is its canonical JSON.

    >>> from crm_expenses.core.party import Account
    >>> from crm_expenses.core.record import canonical
    >>> one = Account("A-1", "Nord" + chr(0), "P1")
    >>> [p.code for p in problems_of(one, canonical(one))]
    ['record.nul']
    """
    if not content.isascii():
        try:
            content.encode()
        except UnicodeEncodeError as error:
            half = f"U+{ord(content[error.start]):04X}"
            return (Problem("record.surrogate", {"value": half}),)
    if "\\u0000" in content and _NUL_IN_JSON.search(content):
        return (Problem("record.nul", {"value": shown(record.id, _SHOWN)}),)
    names = _names_of(record)
    if max(map(len, names.values())) <= NAME_MAX:
        return ()
    return tuple(
        Problem(
            "record.name_long",
            {"field": field, "limit": str(NAME_MAX), "value": shown(name, _SHOWN)},
        )
        for field, name in names.items()
        if len(name) > NAME_MAX
    )


def _names_of(record: Record) -> dict[str, str]:
    """Give the names by which a record is found again, its links among them."""
    match record:
        case ExpenseLine():
            line = record
            return {"id": line.id, "claim": line.claim, "voucher": line.voucher, TRIP: line.trip}
        case GivenApproval():
            return {"id": record.id, "claim": record.claim, "approver": record.approver}
        case _:
            return {"id": record.id} | links_of(record)


def shown(text: str, limit: int) -> str:
    """Give the beginning of a text that any database takes; signs that it refuses are replaced.

    >>> shown("a" + chr(0) + chr(0xD800) + "b", 3)
    'a��'
    """
    cut = text[:limit]
    if "\0" in cut:
        cut = cut.replace("\0", "\ufffd")
    return cut if cut.isascii() or not _HALF.search(cut) else _HALF.sub("\ufffd", cut)


def short(name: str, limit: int = NAME_MAX) -> str:
    """Give a name as it is kept: one that no index takes becomes its digest.

    >>> short("F-1"), len(short("x" * 1_000))
    ('F-1', 65)
    """
    if shown(name, limit) == name:
        return name
    return f"#{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()}"


def window_kept(window: str) -> str:
    """Give the key under which a window is kept; one that is too long for an index is shortened.

    >>> window_kept("meal.cap|2026-05-01|2:P1")
    'meal.cap|2026-05-01|2:P1'
    >>> len(window_kept("meal.cap|" + "客" * 500).encode())
    80
    """
    if len(window) * 4 <= WINDOW_BYTES_MAX or len(window.encode()) <= WINDOW_BYTES_MAX:
        return window
    return f"{window[:11]}#{hashlib.sha256(window.encode()).hexdigest()}"
