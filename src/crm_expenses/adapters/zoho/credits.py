"""What calls cost, how much an organisation may spend in a day, and how many run at once.

Zoho counts credits in any 24 hours, by organisation: the edition gives a base and so much for each
user, up to a cap. Prices and sums are those of Zoho's documentation (see the how-to for what to
confirm on your own organisation).
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

from crm_expenses.adapters.zoho.settings import Edition
from crm_expenses.errors import RetryableError

DAY_SECONDS: Final = 86_400
GRAIN_SECONDS: Final = 60
"""Spending is kept by the minute, so that the ledger stays small."""

HEAVY_MAX: Final = 10
"""So many heavy calls run at once, in every edition."""

BULK_READ: Final = 50
BULK_WRITE: Final = 500
CREATE_MODULE: Final = 500
DELETED_PAGE: Final = 2

_COQL_TIERS: Final = ((200, 1), (1_000, 2), (2_000, 3))
_RECORDS_A_CREDIT: Final = 10
_HEAVY_RECORDS: Final = 10


@dataclass(frozen=True, slots=True)
class EditionTerms:
    """What an edition allows: credits in any 24 hours, the cap of these, and calls at once."""

    base: int
    each_user: int
    most: int | None
    at_once: int


TERMS: Final[Mapping[Edition, EditionTerms]] = {
    Edition.FREE: EditionTerms(5_000, 0, 5_000, 5),
    Edition.STANDARD: EditionTerms(50_000, 250, 100_000, 10),
    Edition.PROFESSIONAL: EditionTerms(50_000, 500, 3_000_000, 15),
    Edition.ENTERPRISE: EditionTerms(50_000, 1_000, 5_000_000, 20),
    Edition.ULTIMATE: EditionTerms(50_000, 2_000, None, 25),
}


def allowance(edition: Edition, users: int) -> int:
    """Give the credits of any 24 hours.

    >>> allowance(Edition.ENTERPRISE, 25), allowance(Edition.STANDARD, 10_000)
    (75000, 100000)
    >>> allowance(Edition.FREE, 3), allowance(Edition.ULTIMATE, 10_000)
    (5000, 20050000)
    """
    terms = TERMS[edition]
    wanted = terms.base + terms.each_user * users
    return wanted if terms.most is None else min(wanted, terms.most)


def cost_of_writes(records: int) -> int:
    """Give the credits of one call that inserts, updates or upserts so many records.

    >>> cost_of_writes(1), cost_of_writes(10), cost_of_writes(11), cost_of_writes(100)
    (1, 1, 2, 10)
    """
    return max(1, -(-records // _RECORDS_A_CREDIT))


def cost_of_coql(limit: int) -> int:
    """Give the credits of a COQL call by its LIMIT.

    >>> [cost_of_coql(limit) for limit in (1, 200, 201, 1000, 1001, 2000)]
    [1, 1, 2, 2, 3, 3]
    """
    return next((cost for most, cost in _COQL_TIERS if limit <= most), _COQL_TIERS[-1][1])


def is_heavy_write(records: int) -> bool:
    """Say whether a write of so many records counts among the heavy calls.

    >>> is_heavy_write(10), is_heavy_write(11)
    (False, True)
    """
    return records > _HEAVY_RECORDS


class CreditLedger:
    """What this process has spent in the last 24 hours, and what Zoho says is left.

    Of both the smaller counts: others spend, too, and Zoho tells only once half is used. It says
    what was so at that moment; afterwards our own spending is taken off, and what it said is
    forgotten after a day.
    """

    def __init__(self, allowance: int, now: Callable[[], float]) -> None:
        self.allowance = allowance
        self._now = now
        self._lock = threading.Lock()
        self._spent: deque[tuple[int, int]] = deque()
        self._total = 0
        self._told: tuple[float, int] | None = None

    def spend(self, cost: int) -> None:
        """Take note of a call."""
        with self._lock:
            minute = int(self._now()) // GRAIN_SECONDS
            self._forget(minute)
            if self._spent and self._spent[-1][0] == minute:
                self._spent[-1] = (minute, self._spent[-1][1] + cost)
            else:
                self._spent.append((minute, cost))
            self._total += cost
            if self._told is not None:
                at, left = self._told
                self._told = (at, max(0, left - cost))

    def told(self, left: int) -> None:
        """Take note of what Zoho says is left, after the call that it answers."""
        with self._lock:
            self._told = (self._now(), left)

    def spent(self) -> int:
        """Give what was spent in the last 24 hours; never less than it was."""
        with self._lock:
            self._forget(int(self._now()) // GRAIN_SECONDS)
            return self._total

    def left(self) -> int:
        """Give what may still be spent."""
        spent = self.spent()
        with self._lock:
            own = max(0, self.allowance - spent)
            return own if self._told is None else min(own, self._told[1])

    def _forget(self, minute: int) -> None:
        oldest = minute - DAY_SECONDS // GRAIN_SECONDS - 1
        while self._spent and self._spent[0][0] < oldest:
            self._total -= self._spent.popleft()[1]
        if self._told is not None and self._now() - self._told[0] > DAY_SECONDS:
            self._told = None


class Slots:
    """How many calls of an organisation run at once in this process, whoever makes them."""

    @classmethod
    def shared(cls, key: tuple[str, ...], edition: Edition) -> "Slots":
        """Give the slots of all who have the same key."""
        with _SHARED_LOCK:
            found = _SHARED.get((*key, edition.value))
            if found is None:
                found = _SHARED[(*key, edition.value)] = cls(edition)
            return found

    def __init__(self, edition: Edition) -> None:
        at_once = TERMS[edition].at_once
        self._all = threading.BoundedSemaphore(at_once)
        self._heavy = threading.BoundedSemaphore(min(at_once, HEAVY_MAX))

    @contextmanager
    def taken(self, crm: str, seconds: float, *, is_heavy: bool) -> Iterator[None]:
        """Wait for a slot, and give it back at the end.

        Raises:
            RetryableError: none came free in so many seconds.
        """
        wanted: Sequence[threading.BoundedSemaphore] = (
            (self._heavy, self._all) if is_heavy else (self._all,)
        )
        held: list[threading.BoundedSemaphore] = []
        try:
            for each in wanted:
                if not each.acquire(timeout=seconds):
                    raise RetryableError("zoho.slots", crm=crm, seconds=f"{seconds:g}")
                held.append(each)
            yield
        finally:
            for each in held:
                each.release()


_SHARED: Final[WeakValueDictionary[tuple[str, ...], Slots]] = WeakValueDictionary()
_SHARED_LOCK: Final = threading.Lock()
