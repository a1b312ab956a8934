"""Reading a kind page by page: what is new since a cursor, all there is, what was deleted.

By query, in the order of time of change and id: a page begins behind the last row of the one
before, whatever moved meanwhile, and no cursor goes past what every reader can have seen
(`adapters.timecursor`). Or by list, where queries are not allowed. Rows of a subform have no time
of change that can be trusted: they are read as a whole each time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Cursor, Gone, Page, Received, SetAside
from crm_expenses.adapters.timecursor import Spot, TimeCursor
from crm_expenses.adapters.zoho import query
from crm_expenses.adapters.zoho.asking import PAGES_MAX, Asking, Rows
from crm_expenses.adapters.zoho.bulkread import BREAK_EVEN, BulkRead
from crm_expenses.adapters.zoho.deleted import STEP, Deleted
from crm_expenses.adapters.zoho.known import Known
from crm_expenses.adapters.zoho.mapping import (
    ID,
    MODIFIED,
    Source,
    id_of,
    is_there,
    modified,
    origin_of,
    received,
)
from crm_expenses.adapters.zoho.metadata import Metadata
from crm_expenses.adapters.zoho.places import AGAIN, Place, age_of, place_of
from crm_expenses.errors import AuthError, RefusedError, RetryableError

NO_JOB: Final = frozenset(
    {"zoho.bulk_failed", "zoho.bulk_slow", "zoho.refused", answers.WRONG_ANSWER}
)
"""After these the records are read by queries after all."""
PASSES_MAX: Final = 3
"""So often a list is read at most, where records are deleted while it is."""
TIERS: Final = (200, 1_000, 2_000)
"""Rows of a query by what they cost, 1, 2 and 3: what is new is mostly little."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How an organisation is read.

    `settle` is the longest time from a stamp to the moment at which every reader sees the row,
    `overlap` how much earlier a reading begins. What was deleted is asked for every `deleted_every`
    at most, because it costs two credits; `horizon` is how long the organisation remembers it.
    `by_bulk` says that all is always read by jobs; else they are for very many records.
    """

    by_list: bool = False
    may_fall_back: bool = True
    settle: timedelta = timedelta(seconds=60)
    overlap: timedelta = timedelta(seconds=60)
    deleted_every: timedelta = timedelta(0)
    horizon: timedelta = timedelta(days=59)
    by_bulk: bool = False
    bulk_seconds: int = 0


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Some rows, where the next ones begin, and whether there are any."""

    rows: Rows
    last: Spot | None
    is_end: bool


class Reading:
    """Reads the records of one kind."""

    def __init__(
        self,
        asking: Asking,
        source: Source,
        zone: tzinfo,
        habits: Habits,
        known: Known,
        metadata: Metadata,
    ) -> None:
        self._asking = asking
        self._crm = asking.wire.crm
        self._source = source
        self._zone = zone
        self._habits = habits
        self._known = known
        self._metadata = metadata
        self._by_list = habits.by_list or source.is_subform
        self._times = TimeCursor(self._crm, habits.settle, habits.overlap + STEP)
        self._deleted = Deleted(asking, source, self._times)
        self._bulk = BulkRead(asking, source, metadata, habits.bulk_seconds)

    def pages(self, since: Cursor | None) -> Iterator[Page]:
        """Give the pages since a cursor, or all."""
        place, now = place_of(self._crm, self._times, since), self._asking.wire.now()
        if place.lost and age_of(self._times, place.lost, now) > self._habits.horizon:
            place = Place()  # what was deleted meanwhile, nobody can tell: all is read
        is_whole = restart = place.is_whole or self._source.is_subform
        started: datetime | None = None
        for stretch in self._stretches(None if is_whole else self._times.begin(place.records)):
            started = started or stretch.rows.at or now
            place = Place(self._reached(stretch, started), place.lost or self._times.end(started))
            page = self._page(stretch.rows, place.cursor, is_whole=is_whole)
            if not is_whole:
                self._known.take(page)
            yield replace(page, restart=restart)
            restart = False
        started = started or now
        if not is_whole and self._is_due(place, started):
            yield from self._deleted.pages(place)
        self._known.began_at(self._source.kind, started)

    def _reached(self, stretch: _Stretch, started: datetime) -> Cursor:
        if stretch.is_end:
            return self._times.end(started)
        return AGAIN if stretch.last is None else self._times.after(stretch.last, started)

    def _is_due(self, place: Place, now: datetime) -> bool:
        age = age_of(self._times, place.lost, now)
        return not self._source.is_subform and age >= self._habits.deleted_every

    # --- queries and lists ---

    def _stretches(self, spot: Spot | None) -> Iterator[_Stretch]:
        """Give rows to the end, in the way that is allowed here."""
        if self._by_list:
            yield from self._listed(spot)
            return
        if spot is None and self._habits.by_bulk:
            yield from self._by_jobs()
            return
        queried = self._queried(spot)
        try:
            first = next(queried)
        except AuthError:
            if not self._habits.may_fall_back:
                raise
            self._by_list = True  # who may not query may yet list
            yield from self._listed(spot)
            return
        yield first
        if spot is None and not first.is_end and self._is_very_large():
            try:
                yield from self._by_jobs()
            except (RetryableError, RefusedError, AuthError) as error:
                if not isinstance(error, AuthError) and error.code not in NO_JOB:
                    raise
            else:
                return
        yield from queried

    def _is_very_large(self) -> bool:
        """Say whether there are so many records that a job costs less than queries."""
        if not self._habits.bulk_seconds or self._asking.rows_max < query.ROWS_SAFE:
            return False
        return self._bulk.count() > BREAK_EVEN

    def _by_jobs(self) -> Iterator[_Stretch]:
        """Give all rows, as jobs leave them; what was given before comes once more."""
        for found in self._bulk.portions(self._asking.rows_max):
            yield _Stretch(found, None, is_end=not found.has_more)

    def _queried(self, spot: Spot | None) -> Iterator[_Stretch]:
        source = self._source
        tiers = [TIERS[-1]] if spot is None else list(TIERS)
        for _ in range(PAGES_MAX):
            where = query.there(ID) if spot is None else query.behind(MODIFIED, spot.time, spot.id)
            asked = tiers.pop(0) if len(tiers) > 1 else tiers[0]
            found = self._asking.query(
                source.columns, source.module, where, order=(MODIFIED, ID), rows=asked
            )
            last = self._last(found) or spot
            yield _Stretch(found, last, is_end=not found.has_more)
            if not found.has_more:
                return
            if last is None or last == spot:
                raise answers.wrong_answer(self._crm, f"no row says when it changed ({MODIFIED})")
            spot = last
        raise self._endless()

    def _listed(self, spot: Spot | None) -> Iterator[_Stretch]:
        """Give the rows of a list, in the order of their ids: what is edited keeps its place there.

        What is deleted meanwhile may shift the rows of later pages, for nobody knows what the
        platform's page tokens hold: then all pages are read once more. A list leaves out a field
        that it does not know, without a word: fields are looked up first.
        """
        self._metadata.demand(self._source)
        for number in range(1, PASSES_MAX + 1):
            begun: datetime | None = None
            pages = 0
            for found in self._list_pages(spot):
                begun, pages = begun or found.at or self._asking.wire.now(), pages + 1
                is_sure = pages == 1 or number == PASSES_MAX or self._source.is_subform
                is_end = not found.has_more and (is_sure or not self._deleted.has_any(begun))
                yield _Stretch(found, spot, is_end=is_end)
                if is_end:
                    return

    def _list_pages(self, spot: Spot | None) -> Iterator[Rows]:
        fields = ",".join(name for name in self._source.columns if name != ID)
        asked = {"fields": fields, "sort_by": ID, "sort_order": "asc"}
        since, token = None if spot is None else spot.time - STEP, ""
        for page in range(1, PAGES_MAX):
            more = {"page_token": token} if token else {"page": str(page)}
            found = self._asking.page(self._source.module, {**asked, **more}, since=since)
            yield found
            if not found.has_more:
                return
            token = found.token
        raise self._endless()

    def _last(self, found: Rows) -> Spot | None:
        """Give the place of the last row that says when it changed."""
        for row in reversed(found.rows):
            moment = modified(row, self._zone)
            if moment is not None:
                return Spot(moment, id_of(row))
        return None

    # --- pages ---

    def _page(self, found: Rows, cursor: Cursor, *, is_whole: bool) -> Page:
        facts: list[Received] = []
        aside: list[SetAside] = []
        gone: list[Gone] = []
        for row in found.rows:
            if not is_there(self._source, row):
                if not is_whole:  # what does not come in a reading of all is not there
                    gone.append(Gone(origin_of(self._crm, self._source, id_of(row))))
                continue
            made = received(self._crm, self._source, row, self._zone)
            if isinstance(made, SetAside):
                aside.append(made)
            else:
                facts.append(made)
        return Page(self._source.kind, tuple(facts), tuple(aside), cursor, gone=tuple(gone))

    def _endless(self) -> Exception:
        return answers.wrong_answer(self._crm, f"more than {PAGES_MAX} pages")
