"""What was deleted: the organisation's own list, kept for some weeks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Gone, Page
from crm_expenses.adapters.timecursor import TimeCursor
from crm_expenses.adapters.zoho.asking import PAGES_MAX, Asking
from crm_expenses.adapters.zoho.credits import DELETED_PAGE
from crm_expenses.adapters.zoho.mapping import Source, id_of, origin_of
from crm_expenses.adapters.zoho.places import Place

STEP: Final = timedelta(seconds=1)
"""The times of change are whole seconds."""


class Deleted:
    """Tells what was deleted of one kind; what is restored from the bin stands there no more."""

    def __init__(self, asking: Asking, source: Source, times: TimeCursor) -> None:
        self._asking = asking
        self._source = source
        self._times = times

    def has_any(self, since: datetime) -> bool:
        """Say whether anything was deleted since a moment."""
        path, asked = f"{self._source.module}/deleted", {"type": "all", "page": "1"}
        return bool(self._asking.page(path, asked, since=since - STEP, credits=DELETED_PAGE).rows)

    def pages(self, place: Place) -> Iterator[Page]:
        """Give what was deleted since a place."""
        spot, crm = self._times.begin(place.lost), self._asking.wire.crm
        started, token, seen = None, "", set[str]()
        for number in range(1, PAGES_MAX):
            more = {"page_token": token} if token else {"page": str(number)}
            found = self._asking.page(
                f"{self._source.module}/deleted",
                {"type": "all", **more},
                since=spot.time if spot is not None else None,
                credits=DELETED_PAGE,
            )
            started = started or found.at or self._asking.wire.now()
            names = [name for name in map(id_of, found.rows) if name not in seen]
            names = list(dict.fromkeys(names))
            is_end = not found.has_more
            if is_end:
                place = replace(place, lost=self._times.end(started))
            gone = tuple(Gone(origin_of(crm, self._source, name)) for name in names)
            yield Page(self._source.kind, (), (), place.cursor, gone=gone)
            if is_end:
                return
            seen |= {*names}
            token = found.token
        raise answers.wrong_answer(crm, f"more than {PAGES_MAX} pages of what was deleted")
