"""Where a reading goes on: among the records, and in the list of what was deleted."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Cursor
from crm_expenses.adapters.timecursor import Spot, TimeCursor

AGAIN: Final = "again"
"""The place of a reading of all that was cut off and cannot go on in its middle."""


@dataclass(frozen=True, slots=True)
class Place:
    """Both places, each a cursor of `TimeCursor`; empty before the first reading."""

    records: Cursor = ""
    lost: Cursor = ""

    @property
    def is_whole(self) -> bool:
        """Whether the reading begins with the first record."""
        return self.records in ("", AGAIN)

    @property
    def cursor(self) -> Cursor:
        """Give both in one."""
        return json.dumps([self.records, self.lost])


def place_of(crm: str, times: TimeCursor, since: Cursor | None) -> Place:
    """Read a cursor.

    Raises:
        RefusedError: nobody here made it.
    """
    if since is None:
        return Place()
    try:
        records, lost = json.loads(since)
    except (ValueError, TypeError) as error:
        raise answers.wrong_cursor(crm, since) from error
    if not isinstance(records, str) or not isinstance(lost, str):
        raise answers.wrong_cursor(crm, since)
    for one in (records, lost):
        if one not in ("", AGAIN):
            times.begin(one)
    return Place(records, "" if records == AGAIN else lost)


def age_of(times: TimeCursor, cursor: Cursor, now: datetime) -> timedelta:
    """Give how long ago a place was reached."""
    spot: Spot | None = times.begin(cursor)
    return now - spot.time if spot is not None else timedelta.max
