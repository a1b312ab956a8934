"""Several processes in a time of our own: each is a thread, and only one runs at any moment."""

import heapq
from collections.abc import Callable, Iterable
from itertools import count
from threading import Semaphore, Thread

from crm_expenses.adapters.exchange import Clock

PATIENCE = 60


class World:
    """Time that passes only when everybody sleeps; the one who wakes up first goes on.

    `late` gives by how much a sleeper wakes up too late.
    """

    def __init__(self, begin: float, late: Iterable[float] = ()) -> None:
        self.now = begin
        self.errors: list[BaseException] = []
        self._late = iter(late)
        self._sleeping: list[tuple[float, int, Semaphore]] = []
        self._numbers = count()
        self._end = Semaphore(0)

    def clock(self) -> Clock:
        """Give the clock of everybody."""
        return Clock(lambda: self.now, lambda: self.now, self.sleep, lambda: 0.5)

    def sleep(self, seconds: float) -> None:
        """Let others go on, and come back after so many seconds, or later."""
        baton = self._lie_down(self.now + seconds + next(self._late, 0.0))
        self._wake_next()
        assert baton.acquire(timeout=PATIENCE)

    def run(self, *programs: Callable[[], None]) -> None:
        """Run programs to their ends; all begin now."""
        threads = []
        for program in programs:
            threads.append(Thread(target=self._live, args=(program, self._lie_down(self.now))))
            threads[-1].start()
        self._wake_next()
        assert self._end.acquire(timeout=PATIENCE)
        for thread in threads:
            thread.join(PATIENCE)
        if self.errors:
            raise self.errors[0]

    def _live(self, program: Callable[[], None], baton: Semaphore) -> None:
        assert baton.acquire(timeout=PATIENCE)
        try:
            program()
        except BaseException as error:  # noqa: BLE001  told where the others have ended, too
            self.errors.append(error)
        self._wake_next()

    def _lie_down(self, until: float) -> Semaphore:
        baton = Semaphore(0)
        heapq.heappush(self._sleeping, (until, next(self._numbers), baton))
        return baton

    def _wake_next(self) -> None:
        if not self._sleeping:
            self._end.release()
            return
        until, _, baton = heapq.heappop(self._sleeping)
        self.now = max(self.now, until)
        baton.release()
