"""What calls cost, how much of it a day has, and how many calls may run at once."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from crm_expenses.testing.zohosim.refusal import RefusalError

WINDOW: Final = timedelta(hours=24)
HEAVY_MAX: Final = 10
CONCURRENT: Final = {
    "free": 5,
    "standard": 10,
    "professional": 15,
    "enterprise": 20,
    "ultimate": 25,
}
_ALLOWED: Final = {
    "free": (5_000, 0, 5_000),
    "standard": (50_000, 250, 100_000),
    "professional": (50_000, 500, 3_000_000),
    "enterprise": (50_000, 1_000, 5_000_000),
    "ultimate": (50_000, 2_000, 10**12),
}


def allowance(edition: str, users: int) -> int:
    """Give the credits that an edition has in 24 hours.

    >>> allowance("free", 3), allowance("standard", 1_000), allowance("enterprise", 25)
    (5000, 100000, 75000)
    """
    base, per_user, most = _ALLOWED[edition]
    return min(base + per_user * users, most)


def rows_cost(rows: int) -> int:
    """Give the credits of a write: one for each ten rows begun.

    >>> [rows_cost(rows) for rows in (0, 1, 10, 11, 100)]
    [1, 1, 1, 2, 10]
    """
    return max(1, -(-rows // 10))


def query_cost(limit: int) -> int:
    """Give the credits of a query by its limit.

    >>> [query_cost(limit) for limit in (1, 200, 201, 1000, 1001, 2000)]
    [1, 1, 2, 2, 3, 3]
    """
    return 1 if limit <= 200 else 2 if limit <= 1_000 else 3


class Ledger:
    """The credits of one organisation over the last 24 hours."""

    def __init__(self, total: int, clock: Callable[[], datetime]) -> None:
        self.total = total
        self.spent_ever = 0
        self._clock = clock
        self._entries: deque[tuple[datetime, int]] = deque()
        self._sum = 0
        self._lock = threading.Lock()

    @property
    def spent(self) -> int:
        """What the last 24 hours cost."""
        with self._lock:
            self._forget()
            return self._sum

    @property
    def left(self) -> int:
        """What the next calls may cost."""
        return max(0, self.total - self.spent)

    def use_up(self) -> None:
        """Leave nothing."""
        self.spend(self.left)

    def spend(self, credits_asked: int) -> None:
        """Note what a call costs.

        Raises:
            RefusalError: there is not that much left.
        """
        with self._lock:
            self._forget()
            if self._sum + credits_asked > self.total:
                raise too_many()
            self._entries.append((self._clock(), credits_asked))
            self._sum += credits_asked
            self.spent_ever += credits_asked

    def remaining_header(self) -> tuple[tuple[str, str], ...]:
        """Give the header that tells what is left, once half of it is used."""
        left = self.left
        return () if left * 2 > self.total else (("X-API-CREDITS-REMAINING", str(left)),)

    def _forget(self) -> None:
        before = self._clock() - WINDOW
        while self._entries and self._entries[0][0] <= before:
            self._sum -= self._entries.popleft()[1]


class Turnstile:
    """How many calls run at once; the heavy ones have a smaller number of their own."""

    def __init__(self, edition: str) -> None:
        self.most = CONCURRENT[edition]
        self.most_heavy = HEAVY_MAX
        self.running = 0
        self.running_heavy = 0
        self.running_max = 0
        self.heavy_max = 0
        self._lock = threading.Lock()

    @contextmanager
    def entered(self, *, heavy: bool, places: int = 1) -> Iterator[None]:
        """Take a place while a call runs.

        Raises:
            RefusalError: all places are taken.
        """
        with self._lock:
            if self.running + places > self.most:
                raise too_many()
            if heavy and self.running_heavy >= self.most_heavy:
                raise too_many()
            self.running += places
            self.running_heavy += heavy
            self.running_max = max(self.running_max, self.running)
            self.heavy_max = max(self.heavy_max, self.running_heavy)
        try:
            yield
        finally:
            with self._lock:
                self.running -= places
                self.running_heavy -= heavy


def too_many() -> RefusalError:
    """Refuse for both reasons alike: no credits, no place."""
    message = "You have exceeded the number of API requests. Please try after some time."
    return RefusalError("TOO_MANY_REQUESTS", message, status=429)
