"""Reading a kind: what is new, and now and then all, so that what the pulls missed is found.

What is held and was not met in a reading of all is looked up where the CRM can; where it cannot, it
must be missing in two readings in a row. A reading that misses too much is not believed: a server
that answers an invalid token with an empty list must delete nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from crm_expenses.adapters.contract import Ability, Adapter, Page, Support
from crm_expenses.core.record import Kind
from crm_expenses.errors import Problem, RefusedError, UnsupportedError
from crm_expenses.store import AppendCount, Store
from crm_expenses.store.readings import Missing, Readings, Way

PAGES_MAX: Final = 1_000_000
"""A bound on every reading: an adapter that never ends is a fault, not a long night."""

LOOKS_MAX: Final = 1_000_000

FEW: Final = 20
"""Of so many held records any number may go; of more, not more than half of them at once."""

ALL_OF: Final = 3
"""All of so many may go at once; all of more are not believed to be gone."""


@dataclass(frozen=True)
class Whole:
    """When all is to be read again: now, or when so long has passed since it was.

    `accept` says that whatever is missing is gone, however much it is.
    """

    now: bool = False
    every: timedelta | None = None
    accept: bool = False


@dataclass(frozen=True)
class KindCount:
    """What came of a kind.

    `again` is what a reading of all found beyond the pull, None where there was none. `missed` are
    the records that were missing for the first time.
    """

    new: AppendCount = field(default_factory=AppendCount)
    again: AppendCount | None = None
    missed: int = 0

    @property
    def all(self) -> AppendCount:
        """All that came."""
        return self.new + self.again if self.again is not None else self.new


def too_many(found: Missing) -> bool:
    """Say whether so much is missing that a reading is not believed.

    >>> too_many(Missing(21, 10)), too_many(Missing(21, 11)), too_many(Missing(20, 19))
    (False, True, False)
    >>> too_many(Missing(3, 3)), too_many(Missing(4, 4))
    (False, True)
    """
    if found.missing == found.held:
        return found.held > ALL_OF
    return found.held > FEW and found.missing * 2 > found.held


def doubts(crm: str, readings: Readings) -> tuple[Problem, ...]:
    """Say of which kinds the last reading of all was not believed."""
    return tuple(
        Problem(
            "sync.too_many_gone",
            {
                "crm": crm,
                "kind": kind.value,
                "missing": str(one.missing),
                "held": str(one.held),
                "limit": str(one.held // 2 if one.held > FEW else ALL_OF),
            },
        )
        for kind, one in readings.doubted().items()
    )


class Reader:
    """Reads one kind of one CRM into the store, page by page."""

    def __init__(
        self,
        store: Store,
        adapter: Adapter,
        kind: Kind,
        at: datetime,
        *,
        whole: Whole,
        tell: Callable[[int], None],
    ) -> None:
        self._store = store
        self._adapter = adapter
        self._kind = kind
        self._at = at
        self._whole = whole
        self._tell = tell
        self._readings = Readings(store, adapter.name)
        self._missed = 0
        self._notes = True
        self._kept = AppendCount()

    @property
    def kept(self) -> AppendCount:
        """All that was kept so far, also where the reading was cut off."""
        return self._kept

    def read(self) -> KindCount:
        """Read what is new; then all, where that is due."""
        new, is_whole = self._read_new()
        again = None
        if not is_whole and self._is_due():
            again = self._read_whole()
        return KindCount(new, again, self._missed)

    def _read_new(self) -> tuple[AppendCount, bool]:
        """Read on from the cursor of the pulls; say too whether everything has been read by that.

        Everything comes at the very beginning, from a CRM that cannot tell what is new, and where
        a page says so.
        """
        since = self._store.cursor(self._adapter.name, self._kind)
        gives_all = self._support(Ability.INCREMENTAL) is Support.NO
        is_begun = gives_all and since is not None  # whatever comes, it is all there is
        if is_begun:
            self._begin(Way.NEW)
        is_open = is_begun or (since is not None and self._is_open(Way.NEW))
        begins = not is_begun and since is None
        count = AppendCount()
        for page in self._pages(since):
            if page is None:
                return count, False
            if begins or (page.restart and not is_begun):
                self._begin(Way.NEW)
                is_open = True
            begins = is_begun = False
            if is_open:
                count += self._add(self._readings.keep(page, Way.NEW, self._at, notes=self._notes))
            else:
                count += self._add(self._store.append(self._adapter.name, page, self._at))
            self._tell(page.rows)
        if is_open:
            count += self._finish()
        return count, is_open

    def _is_due(self) -> bool:
        """Say whether all is to be read again: now, because it was begun, or because it is time."""
        last = self._readings.of(self._kind)
        if self._whole.now or (last is not None and last.ended_at is None):
            return True
        if self._whole.every is None or self._store.cursor(self._adapter.name, self._kind) is None:
            return False
        ended = last.ended_at if last is not None else None
        return ended is None or self._at - ended >= self._whole.every

    def _read_whole(self) -> AppendCount:
        """Read all again, from where it was cut off; then see to what was not met."""
        last = self._readings.of(self._kind)
        if last is not None and self._is_open(Way.WHOLE) and last.cursor:
            try:
                return self._read_from(last.cursor)
            except RefusedError:  # the cursor is too old by now: from the start
                pass
        self._begin(Way.WHOLE)
        return self._read_from(None)

    def _read_from(self, cursor: str | None) -> AppendCount:
        count = AppendCount()
        for number, page in enumerate(self._pages(cursor)):
            if page is None:
                return count
            if page.restart and (number or cursor is not None):
                self._begin(Way.WHOLE)
            count += self._add(self._readings.keep(page, Way.WHOLE, self._at, notes=self._notes))
            self._tell(page.rows)
        return count + self._finish()

    def _begin(self, way: Way) -> None:
        self._readings.begin(self._kind, way, self._at)
        self._notes = self._readings.may_miss(self._kind)

    def _finish(self) -> AppendCount:
        """Let go of what is no longer there, and end the reading."""
        count = AppendCount()
        found = self._readings.count(self._kind)
        if too_many(found) and not self._whole.accept:
            self._readings.end(self._kind, self._at, found)
            return count
        if found.missing:
            looked = self._look()
            count += looked if looked is not None else self._leave()
        self._missed += self._readings.end(self._kind, self._at)
        return count

    def _look(self) -> AppendCount | None:
        """Look up what was not met; None where the CRM cannot."""
        if self._support(Ability.LOOK_UP) is Support.NO:
            return None
        count = AppendCount()
        for _ in range(LOOKS_MAX):
            ids = self._readings.missing(self._kind, self._adapter.capabilities.batch_max)
            if not ids:
                break
            try:
                page = self._adapter.look(self._kind, ids)
            except UnsupportedError:  # not for this kind
                return None
            count += self._add(self._readings.keep_looked(page, ids, self._at))
            self._tell(page.rows)
        return count

    def _leave(self) -> AppendCount:
        """Let go of what was missing the last time, too."""
        count = AppendCount()
        while (gone := self._readings.leave(self._kind, self._at)) is not None:
            count += self._add(gone)
        return count

    def _add(self, count: AppendCount) -> AppendCount:
        self._kept += count
        return count

    def _pages(self, since: str | None) -> Iterator[Page | None]:
        """Give the pages from a cursor; None where there is no end to them."""
        for number, page in enumerate(self._adapter.pull(self._kind, since)):
            if number >= PAGES_MAX:
                yield None
                return
            yield page

    def _is_open(self, way: Way) -> bool:
        last = self._readings.of(self._kind)
        return last is not None and last.ended_at is None and last.way is way

    def _support(self, ability: Ability) -> Support:
        return self._adapter.capabilities.support(ability)
