"""Cursors for a CRM that is read by the time of change: where a reading begins, how far it counts.

A row is stamped when it is written and seen only when that is committed, later still on a replica,
and a coarse clock stamps many rows alike. So "all that is newer than the newest row that I saw"
loses rows. What is safe instead: whoever began to read at a moment has seen, when they come to the
end, every row that is older than the moment by more than the longest such delay (`settle`). No
cursor goes past that; what lies beyond is read again, and dropped as known.

Rows are told apart by their moment and then by their id, so that a page may end between two rows of
one moment.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from crm_expenses.adapters.contract import Cursor
from crm_expenses.errors import RefusedError

NOTHING: Final = timedelta(0)
_PARTS: Final = 3


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """The place of a row in a reading: when it changed, then its id; without an id, the first.

    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> Spot(noon) < Spot(noon, "A-1") < Spot(noon, "A-2") < Spot(noon + timedelta(seconds=1))
    True
    """

    time: datetime
    id: str = ""

    def __post_init__(self) -> None:
        if self.time.tzinfo is None:
            raise ValueError(f"{self.time.isoformat()} has no zone: no moment is meant")


@dataclass(frozen=True, slots=True)
class TimeCursor:
    """How a CRM is read by the time of change. All moments are those of the CRM's own clock.

    `settle` is the longest time from a row's stamp to the moment at which every reader sees it: the
    slowest commit, the latest replica, and the step of the clock, added up. `overlap` is how much
    earlier still a reading begins, for what nobody knew of.

    >>> times = TimeCursor("main", settle=timedelta(minutes=2), overlap=timedelta(minutes=1))
    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> times.begin(times.end(noon)).time.isoformat()
    '2026-03-01T11:57:00+00:00'
    """

    crm: str
    settle: timedelta
    overlap: timedelta = NOTHING

    def __post_init__(self) -> None:
        if self.settle < NOTHING or self.overlap < NOTHING:
            raise ValueError(f"settle is {self.settle}, overlap {self.overlap}: below 0")

    def begin(self, cursor: Cursor | None) -> Spot | None:
        """Give the spot behind which a reading begins; None where it begins with the first row.

        A reading that was cut off goes on exactly where it was. One that came to its end begins
        earlier by the overlap.

        Raises:
            RefusedError: no TimeCursor made this cursor.
        """
        if cursor is None:
            return None
        spot, ended = self._read(cursor)
        if not ended:
            return spot
        try:
            return Spot(spot.time - self.overlap)
        except OverflowError:
            return None

    def after(self, row: Spot, started: datetime) -> Cursor:
        """Give the cursor of a page that others follow: behind its last row, if that is safe.

        `started` is the moment at which this reading began.
        """
        horizon = self._horizon(started)
        return self._written(min(row, horizon), ended=row > horizon)

    def end(self, started: datetime) -> Cursor:
        """Give the cursor of the last page: as far as is safe, even if no row lies there."""
        return self._written(self._horizon(started), ended=True)

    def _horizon(self, started: datetime) -> Spot:
        return Spot(started - self.settle)

    def _written(self, spot: Spot, *, ended: bool) -> Cursor:
        return json.dumps([spot.time.astimezone(UTC).isoformat(), spot.id, ended])

    def _read(self, cursor: Cursor) -> tuple[Spot, bool]:
        try:
            parts = json.loads(cursor)
            if isinstance(parts, list) and len(parts) == _PARTS:
                time, name, ended = parts
                if isinstance(name, str) and isinstance(ended, bool):
                    return Spot(datetime.fromisoformat(time), name), ended
        except (ValueError, TypeError, RecursionError) as error:
            raise RefusedError("crm.cursor", crm=self.crm, cursor=cursor[:40]) from error
        raise RefusedError("crm.cursor", crm=self.crm, cursor=cursor[:40])
