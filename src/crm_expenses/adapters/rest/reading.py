"""Reading a kind page by page: what is new since a cursor, all there is, what was deleted.

Three ways, as the file says. By a filter on the time of change: a cursor never goes past what every
reader can have seen (`adapters.timecursor`), and where pages are counted, each page begins at the
time of the last row, because a row that is edited meanwhile moves to the end and shifts the others.
By a link of the CRM's own that gives what changed. Or all, each time.

A reading that cannot go on in its middle begins anew: its pages carry a cursor that says so.
"""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, cast

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Cursor, Gone, Page
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.rest.codecs import EpochMoment, PartsMoment
from crm_expenses.adapters.rest.fieldpaths import path_values
from crm_expenses.adapters.rest.judging import NOT_FOUND
from crm_expenses.adapters.rest.paging import Pager
from crm_expenses.adapters.rest.path import found
from crm_expenses.adapters.rest.rows import (
    Source,
    id_of,
    is_wanted,
    moment_of,
    names_of,
    origin_of,
    page_of,
    text_of,
)
from crm_expenses.adapters.rest.spec import (
    Call,
    Constant,
    Deletes,
    DeletesKind,
    PagingKind,
    Since,
    SinceKind,
)
from crm_expenses.adapters.rest.wire import Answer, Extra, Wire
from crm_expenses.adapters.timecursor import Spot, TimeCursor
from crm_expenses.core.record import Json
from crm_expenses.errors import RefusedError

AGAIN: Final = "again"
REPEATS_MAX: Final = 2
"""So often may a page come again: rows that shift may look like it, but not for ever."""

There = Callable[["Source", Sequence[str]], Collection[str]]
"""Says which of some records are there now."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """An answer, those of its rows that are new, and how far the reading has come."""

    answer: Answer
    rows: list[Value]
    last: Spot | None
    is_end: bool


class Reading:
    """Reads the records of one kind over a wire."""

    def __init__(self, wire: Wire, source: Source, there: There | None = None) -> None:
        self._wire = wire
        self._source = source
        self._there = there
        listed = source.listed
        self._since: Since = wire.held.since_of(listed.kind)
        self._deletes: Deletes = wire.held.deletes_of(listed.kind)
        self._records = wire.held.records_of(listed.kind, wire.held.call(listed.kind, "list"))
        self._pager = Pager(wire.crm, wire.held.paging_of(listed.kind))
        self._after = self._pager.paging.key_first
        self._times = TimeCursor(
            wire.crm,
            settle=timedelta(seconds=self._since.settle_seconds),
            overlap=timedelta(seconds=self._since.overlap_seconds + self._since.precision_seconds),
        )

    # --- the three ways ---

    def pages(self, since: Cursor | None) -> Iterator[Page]:
        """Give the pages since a cursor, or all."""
        match self._since.kind:
            case SinceKind.FILTER:
                yield from self._by_time(since)
            case SinceKind.DELTA_LINK:
                yield from self._by_link(since)
            case SinceKind.NONE:
                yield from self._whole(since)

    def _by_time(self, since: Cursor | None) -> Iterator[Page]:
        place, lost = self._places(since)
        is_whole = restart = place in ("", AGAIN)
        started, cursor = None, place
        for stretch in self._stretches(None if is_whole else self._times.begin(place)):
            started = started or stretch.answer.at or self._wire.now()
            lost = lost or self._times.end(started)
            if stretch.is_end:
                self._demand_signed_in(stretch.rows, is_whole=is_whole)
                cursor = self._times.end(started)
            elif self._since.sorted and stretch.last is not None:
                cursor = self._times.after(stretch.last, started)
            else:
                cursor = AGAIN if is_whole else place
            yield self._page(
                stretch.rows, json.dumps([cursor, lost]), restart=restart, is_whole=is_whole
            )
            restart = False
        if self._deletes.kind is DeletesKind.LIST and self._source.owner is None:
            yield from self._gone(cursor, lost)

    def _by_link(self, since: Cursor | None) -> Iterator[Page]:
        link = str(_read_cursor(self._wire.crm, since).get("link", ""))
        try:
            yield from self._linked(link)
        except RefusedError as error:
            if not link or error.code != NOT_FOUND:
                raise
            yield from self._linked("")  # the link is over: all there is, once more

    def _linked(self, link: str) -> Iterator[Page]:
        is_whole = restart = not link
        place, honoured = self._pager.first, 0
        for _ in range(self._pager.paging.pages_max):
            extra = Extra(link=link) if link and place == self._pager.first else self._ask(place)
            if not extra.link:
                extra = replace(extra, headers={**extra.headers, **self._since.headers})
            answer = self._wire.call(self._call(), self._values(), extra)
            rows = self._wire.rows(answer, self._records)
            honoured = honoured or len(rows)
            following = self._pager.next(place, answer, len(rows), honoured)
            if following is None:
                break
            again = json.dumps({"link": link}) if link else json.dumps({"again": True})
            yield self._page(rows, again, restart=restart, is_whole=is_whole)
            restart, place = False, following
        else:
            raise self._endless()
        self._demand_signed_in(rows, is_whole=is_whole)
        new = found(answer.body, self._since.link_path)
        if not isinstance(new, str) or not new:
            raise answers.wrong_answer(self._wire.crm, f"no link at {self._since.link_path}")
        yield self._page(rows, json.dumps({"link": new}), restart=restart, is_whole=is_whole)

    def _whole(self, since: Cursor | None) -> Iterator[Page]:
        _read_cursor(self._wire.crm, since)
        restart, cursor = True, json.dumps({"again": True})
        for stretch in self._stretches(None):
            if stretch.is_end:
                self._demand_signed_in(stretch.rows, is_whole=True)
            yield self._page(stretch.rows, cursor, restart=restart, is_whole=True)
            restart = False

    def _gone(self, place: Cursor, lost: Cursor) -> Iterator[Page]:
        """Give what was deleted since a cursor of its own, and is not there again.

        An id may be that of a new record, and a deleted record may be back.
        """
        call, deletes = self._deletes.list, self._deletes
        if call is None:
            return
        spot, started, honoured = self._times.begin(lost), None, 0
        place_in, seen = self._pager.first, set[str]()
        for _ in range(self._pager.paging.pages_max):
            values = {**self._values(), "since": self._stamp(spot)}
            answer = self._wire.call(call, values, self._pager.ask(place_in))
            rows = self._wire.rows(answer, call.records or self._records)
            started = started or answer.at or self._wire.now()
            honoured = honoured or len(rows)
            told = [name for row in rows if (name := text_of(found(row, deletes.id_path)))]
            new = [name for name in dict.fromkeys(told) if name not in seen]
            following = self._pager.next(place_in, answer, len(rows), honoured)
            if not new:  # behind the end, or the same again: not every list has pages
                following = None
            lost = self._times.end(started) if following is None else lost
            there = self._there(self._source, new) if self._there and new else ()
            gone = tuple(self._lost(name) for name in new if name not in there)
            yield Page(self._source.kind, (), (), json.dumps([place, lost]), gone=gone)
            if following is None:
                return
            seen |= {*new}
            place_in = following
        raise self._endless()

    # --- pages ---

    def _stretches(self, spot: Spot | None) -> Iterator["_Stretch"]:
        """Give answers with their new rows, to the end."""
        pager, place, honoured, seen = self._pager, self._pager.first, 0, set[int]()
        before, repeats = list[int](), 0
        # Where the CRM itself says how to go on, no page overlaps another one.
        may_overlap = pager.is_counted or pager.paging.kind is PagingKind.KEYSET
        self._after = pager.paging.key_first
        for _ in range(pager.paging.pages_max):
            answer = self._wire.call(self._call(), self._values(spot), self._ask(place, spot))
            given = self._wire.rows(answer, self._records)
            honoured = honoured or len(given)
            self._after = self._key_after(given)
            following = pager.next(place, answer, len(given), honoured)
            marks = [self._mark(row) for row in given] if may_overlap else []
            repeats, before = repeats + 1 if marks and marks == before else 0, marks
            if repeats == REPEATS_MAX:
                detail = f"the same page {REPEATS_MAX + 1} times: does it know the parameter?"
                raise answers.wrong_answer(self._wire.crm, detail)
            rows = given
            if seen:
                rows = [row for row, mark in zip(given, marks, strict=True) if mark not in seen]
            last = self._spot(given[-1]) if given else None
            if pager.paging.kind is PagingKind.KEYSET and given:
                following = self._demand_progress(following, given, rows, last, honoured)
            yield _Stretch(answer, rows, last or spot, is_end=following is None)
            if following is None:
                return
            if last is not None and self._moves_on(spot, last):
                seen = self._coming_again(given, last, seen)
                spot, place = last, pager.first
            else:
                seen |= {*marks}
                place = following
                self._demand_depth(place)
        raise self._endless()

    def _mark(self, row: Value) -> int:
        """Tell a row from others: by its id and time, so that what was edited meanwhile is new."""
        name = self._id(row)
        times = [str(found(row, path)) for path in self._since.field]
        return hash((name, *times)) if name and times else hash(repr(row))

    def _key_after(self, given: list[Value]) -> Constant:
        """Give the key behind which the next page begins; one that stays would go on for ever."""
        path = self._pager.paging.key
        if not path or not given:
            return self._after
        key = found(given[-1], path)
        if not isinstance(key, str | int | Decimal) or key == self._after:
            raise answers.wrong_answer(self._wire.crm, f"{path} of the last row is no new key")
        return key

    def _moves_on(self, spot: Spot | None, last: Spot) -> bool:
        """Say whether the next page begins at the time of the last row, and is not counted."""
        paging, since = self._pager.paging, self._since
        if not (since.kind is SinceKind.FILTER and since.sorted):
            return False
        if paging.kind is PagingKind.KEYSET:
            return True
        step = timedelta(seconds=since.precision_seconds)
        return self._pager.is_counted and (spot is None or last.time - spot.time >= step)

    def _coming_again(self, given: list[Value], last: Spot, seen: set[int]) -> set[int]:
        """Give the rows that come again where one reads from the time of the last row on."""
        step, again = timedelta(seconds=self._since.precision_seconds), set[int]()
        for row in reversed(given):
            spot = self._spot(row)
            if spot is not None and last.time - spot.time > step:
                return again
            again.add(self._mark(row))
        return again | seen

    def _demand_progress(
        self,
        following: str | None,
        given: list[Value],
        rows: list[Value],
        last: Spot | None,
        honoured: int,
    ) -> str | None:
        """Make sure that a page which is known by its last row alone leads to another one."""
        if last is None and following is not None:
            raise answers.wrong_answer(
                self._wire.crm, f"{self._id(given[-1])} does not say when it changed"
            )
        if rows or following is None:
            return following
        if len(given) < honoured:
            return None
        raise answers.wrong_answer(
            self._wire.crm, f"{len(given)} records come again: {{after}} leads to no other page"
        )

    def _demand_depth(self, place: str) -> None:
        limit = self._pager.paging.offset_max
        if limit and self._pager.paging.kind is PagingKind.OFFSET and int(place) >= limit:
            detail = f"there are more than {limit} records, and it goes no deeper"
            if self._since.sorted:
                detail = f"more than {limit} records share one time of change"
            raise answers.wrong_answer(self._wire.crm, detail)

    def _ask(self, place: str, spot: Spot | None = None) -> Extra:
        asked, since = self._pager.ask(place), self._since
        if asked.link:
            return asked
        query: dict[str, Any] = {**since.order_query}
        body = [since.order_body] if since.order_body is not None else []
        if spot is not None:
            query |= since.query
            body += [since.body] if since.body is not None else []
        return replace(asked, query={**query, **asked.query}, body=tuple(body))

    def _values(self, spot: Spot | None = None) -> dict[str, Json]:
        listed = self._source.listed
        names = names_of(listed)
        values: dict[str, Json] = {
            "object": listed.part.object,
            "field_list": ",".join(names),
            "field_names": cast("Json", names),
            "after": cast("Json", self._after),
            **path_values(self._wire.held, listed.kind, listed.shape.parts),
        }
        if spot is not None:
            values["since"] = self._stamp(spot)
            if not self._pager.paging.key:
                values["after"] = spot.id
        return values

    def _stamp(self, spot: Spot | None) -> Json:
        """Write a time as the CRM's filter wants it, cut to the second where it knows no less."""
        moment = (spot or Spot(datetime(1970, 1, 1, tzinfo=UTC))).time.astimezone(self._wire.zone)
        match self._since.format:
            case "iso8601":
                return (
                    moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
                )
            case "epoch_s":
                return EpochMoment(self._wire.zones).write(moment)
            case "epoch_ms":
                return EpochMoment(self._wire.zones, is_milli=True).write(moment)
            case "parts":
                parts = PartsMoment(self._wire.zones).write(moment)
                return {**self._since.wrap, **cast("dict[str, Json]", parts)}
            case form:
                return moment.strftime(form)

    def _call(self) -> Call:
        call = self._wire.held.call(self._source.listed.kind, "list")
        assert call is not None  # noqa: S101  the file was checked
        return call

    def _demand_signed_in(self, rows: list[Value], *, is_whole: bool) -> None:
        """Make sure that what looks like nothing is not the view of a stranger.

        Where it would let records go, what was seen earlier proves nothing.
        """
        if is_whole or not rows:
            self._wire.demand_signed_in(anew=is_whole)

    # --- rows ---

    def _page(self, rows: list[Value], cursor: Cursor, *, restart: bool, is_whole: bool) -> Page:
        made = page_of(self._wire, self._source, rows, cursor, restart=restart)
        if is_whole:  # what does not come in a reading of all is not there
            return made
        part, nested = self._source.listed.part, self._source.owner
        others = [] if nested else [row for row in rows if not is_wanted(row, part)]
        told = {one.origin.record for one in made.gone}
        names = dict.fromkeys(self._id(row) for row in others)
        left = tuple(self._lost(name) for name in names if name and name not in told)
        return replace(made, gone=(*made.gone, *left)) if left else made

    def _spot(self, row: Value) -> Spot | None:
        moment = moment_of(row, self._since, self._wire.zones)
        return Spot(moment, self._id(row)) if moment is not None else None

    def _id(self, row: Value) -> str:
        return id_of(row, self._source.listed.part)

    def _lost(self, name: str) -> Gone:
        return Gone(origin_of(self._wire.crm, self._source, name))

    def _places(self, since: Cursor | None) -> tuple[Cursor, Cursor]:
        if since is None:
            return "", ""
        try:
            place, lost = json.loads(since)
        except (ValueError, TypeError) as error:
            raise answers.wrong_cursor(self._wire.crm, since) from error
        if not isinstance(place, str) or not isinstance(lost, str):
            raise answers.wrong_cursor(self._wire.crm, since)
        if place not in ("", AGAIN):
            self._times.begin(place)
        if lost:
            self._times.begin(lost)
        return place, "" if place == AGAIN else lost

    def _endless(self) -> Exception:
        limit = self._pager.paging.pages_max
        return answers.wrong_answer(self._wire.crm, f"more than {limit} pages")


def _read_cursor(crm: str, since: Cursor | None) -> dict[str, object]:
    if since is None:
        return {}
    try:
        held = json.loads(since)
    except (ValueError, TypeError) as error:
        raise answers.wrong_cursor(crm, since) from error
    if not isinstance(held, dict) or not {*held} <= {"link", "again"}:
        raise answers.wrong_cursor(crm, since)
    return held
