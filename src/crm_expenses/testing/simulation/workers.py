"""Several processes at once, of which one goes on at a time: who, the seed says at every step.

Each is a thread; a baton goes round among them, so that nothing ever happens in parallel, and every
seed repeats. A process may stand still for a while, as on a machine that was put to sleep: then its
lease runs out, and another one takes over.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from crm_expenses.testing.simulation.world import World

ASLEEP_MOST: Final = timedelta(minutes=5)


class Workers:
    """Some processes that run against each other."""

    def __init__(self, world: World, runs: dict[str, Callable[[], None]]) -> None:
        self.world = world
        self.current = ""
        self._runs = runs
        self._turns = {name: threading.Semaphore(0) for name in runs}
        self._left = dict.fromkeys(runs, world.now)
        self._ended = threading.Semaphore(0)
        self._faults: list[BaseException] = []

    def run(self) -> None:
        """Let them all come to their end."""
        threads = [threading.Thread(target=self._begin, args=(name,)) for name in self._runs]
        for thread in threads:
            thread.start()
        self._pass_on()
        self._ended.acquire()
        for thread in threads:
            thread.join()
        if self._faults:
            raise self._faults[0]

    def step(self, what: str) -> None:
        """Let somebody else go on, perhaps, from a step of the one who has the turn."""
        me = self.current
        if _may_stop(what) and self.world.happens(30):
            self._left[me] = self.world.now + self.world.seconds(ASLEEP_MOST)
            self.world.say(f"{me} stands still")
        self._pass_on()
        self._turns[me].acquire()

    def is_asleep(self, name: str) -> bool:
        """Say whether a process stands still just now."""
        return self._left.get(name, self.world.now) > self.world.now

    def _begin(self, name: str) -> None:
        self._turns[name].acquire()
        try:
            self._runs[name]()
        except BaseException as error:  # noqa: BLE001  told in the thread that waits for them
            self._faults.append(error)
        del self._left[name]
        if self._left:
            self._pass_on()
        else:
            self._ended.release()

    def _pass_on(self) -> None:
        """Give the turn to one of those who are awake; where all stand still, to the first."""
        awake = [name for name, until in self._left.items() if until <= self.world.now]
        if not awake:
            first = min(self._left, key=lambda name: (self._left[name], name))
            self.world.sleep(self._left[first] - self.world.now)
            awake = [first]
        self.current = self.world.chance.choice(awake)
        self._turns[self.current].release()


def _may_stop(what: str) -> bool:
    """Say whether a process may stand still here: not between what it saw and what it writes.

    Nobody can fence off a request that has left; so no lease helps who stands still there.
    """
    return what == "begin" or (
        what.startswith(("call read ", "answer read ")) and "back" not in what
    )
