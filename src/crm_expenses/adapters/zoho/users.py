"""Reading the people: they have an API of their own, and are few.

Who is deactivated is not gone: their claims are there. The state stands beside the known fields
(`extra.status`). Who was deleted is told by a list of its own; where an organisation does not know
that list, a reading of all tells it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Cursor, Gone, Page, Received, SetAside
from crm_expenses.adapters.timecursor import TimeCursor
from crm_expenses.adapters.zoho.asking import IDS_MAX, PAGES_MAX, Asking, Rows
from crm_expenses.adapters.zoho.deleted import STEP
from crm_expenses.adapters.zoho.mapping import Row, Source, id_of, origin_of, received
from crm_expenses.adapters.zoho.places import AGAIN, Place, age_of, place_of
from crm_expenses.adapters.zoho.reading import Habits
from crm_expenses.errors import RefusedError

EVERYBODY: Final = "AllUsers"
GONE: Final = "DeletedUsers"


class UserReading:
    """Reads the people of one organisation."""

    def __init__(self, asking: Asking, source: Source, zone: tzinfo, habits: Habits) -> None:
        self._asking = asking
        self._crm = asking.wire.crm
        self._source = source
        self._zone = zone
        self._habits = habits
        self._times = TimeCursor(self._crm, habits.settle, habits.overlap + STEP)

    def pages(self, since: Cursor | None) -> Iterator[Page]:
        """Give who is new or changed since a cursor, or all."""
        before, now = place_of(self._crm, self._times, since), self._asking.wire.now()
        spot = None if before.is_whole else self._times.begin(before.records)
        restart, started = before.is_whole, None
        place = before
        for found in self._lists(EVERYBODY, spot.time if spot else None):
            started = started or found.at or now
            place = Place(
                before.records or AGAIN if found.has_more else self._times.end(started),
                before.lost or self._times.end(started),
            )
            yield replace(self._page(found.rows, place.cursor), restart=restart)
            restart = False
        is_due = age_of(self._times, place.lost, started or now) >= self._habits.deleted_every
        if not before.is_whole and is_due:
            yield from self._gone(place, now)

    def rows(self, names: Sequence[str]) -> dict[str, Row]:
        """Give some people by their ids."""
        held: dict[str, Row] = {}
        for start in range(0, len(names), IDS_MAX):
            some = names[start : start + IDS_MAX]
            for found in self._lists(EVERYBODY, None, {"ids": ",".join(some)}):
                held |= {id_of(row): row for row in found.rows if id_of(row) in some}
        return held

    def _gone(self, place: Place, now: datetime) -> Iterator[Page]:
        spot, started = self._times.begin(place.lost), None
        try:
            for found in self._lists(GONE, spot.time if spot else None):
                started = started or found.at or now
                if not found.has_more:
                    place = replace(place, lost=self._times.end(started))
                names = tuple(map(id_of, found.rows))
                gone = tuple(Gone(origin_of(self._crm, self._source, name)) for name in names)
                yield Page(self._source.kind, (), (), place.cursor, gone=gone)
        except RefusedError:  # this organisation has no such list
            return

    def _lists(
        self, kind: str, since: datetime | None, more: Mapping[str, str] | None = None
    ) -> Iterator[Rows]:
        since = since - STEP if since is not None else None
        for number in range(1, PAGES_MAX):
            asked = {"type": kind, "page": str(number), **(more or {})}
            found = self._asking.page("users", asked, since=since, name="users")
            yield found
            if not found.has_more:
                return
        raise answers.wrong_answer(self._crm, f"more than {PAGES_MAX} pages of users")

    def _page(self, rows: Sequence[Mapping[str, object]], cursor: Cursor) -> Page:
        made = [received(self._crm, self._source, row, self._zone) for row in rows]  # type: ignore[arg-type]
        facts = tuple(one for one in made if isinstance(one, Received))
        aside = tuple(one for one in made if isinstance(one, SetAside))
        return Page(self._source.kind, facts, aside, cursor)
