"""Long sweeps of random cases: drawn in chunks, several at a time where an engine can.

What differs is told with the number that draws the case again.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Final

from agreement import Agreement, Case, cases
from hypothesis import HealthCheck, Phase, given, seed, settings
from wild_cases import wild_cases

CHUNK: Final = 100
"""Cases that Hypothesis draws under one seed: it remembers all that it drew."""

HISTORIES: Final = 3
"""Histories under each wild policy of a long sweep."""


@dataclass(frozen=True)
class Sides:
    """The two readings side by side, once for each case that is compared at the same time."""

    several: Sequence[Agreement]

    @property
    def dialect(self) -> str:
        """The dialect of the engine."""
        return self.several[0].dialect

    def told(self, some: Sequence[Case]) -> list[str]:
        """Give what differs in each case; an empty text where nothing does."""
        free: SimpleQueue[Agreement] = SimpleQueue()
        for one in self.several:
            free.put(one)

        def differences(case: Case) -> str:
            mine = free.get()
            try:
                return mine.differences(case)
            finally:
                free.put(mine)

        if len(self.several) == 1:
            return [differences(case) for case in some]
        with ThreadPoolExecutor(len(self.several)) as pool:
            return list(pool.map(differences, some))


def sweep_wild(sides: Sides, numbers: Sequence[int]) -> int:
    """Compare the wild cases of these numbers, and give how many pairs that were."""
    ran = 0
    at_once = len(sides.several)
    for start in range(0, len(numbers), at_once):
        chunk = [
            (number, case)
            for number in numbers[start : start + at_once]
            for case in wild_cases(number, histories=HISTORIES)
        ]
        with _noted(f"one of the wild cases {numbers[start : start + at_once]}"):
            told = sides.told([case for _, case in chunk])
        for (number, _), text in zip(chunk, told, strict=True):
            assert not text, f"wild case {number}: {text}"
        ran += len(chunk)
    return ran


def sweep_drawn(sides: Sides, first_seed: int, pairs: int, *, shrink: bool = True) -> int:
    """Compare so many drawn cases, a seed for each chunk, and give how many pairs that were.

    To `shrink` what differs takes minutes.
    """
    ran = 0
    for number, start in enumerate(range(0, pairs, CHUNK), first_seed):
        size = min(CHUNK, pairs - start)
        drawn = drawn_cases(number, size)
        with _noted(f"one of the cases drawn with seed {number}"):
            told = sides.told(drawn)
        for text in filter(None, told):
            if shrink:
                smallest(sides.several[0], number, size)
            raise AssertionError(f"drawn with seed {number}: {text}")
        ran += len(drawn)
    return ran


def drawn_cases(number: int, size: int) -> list[Case]:
    """Draw the cases of a seed."""
    held: list[Case] = []
    _draw(number, size, [Phase.generate], held.append)
    return held


def smallest(side_by_side: Agreement, number: int, size: int) -> None:
    """Find a case of a seed that differs, and fail with the smallest that is like it."""

    def agrees(case: Case) -> None:
        text = side_by_side.differences(case)
        assert not text, f"drawn with seed {number}, and made small: {text}"

    _draw(number, size, [Phase.generate, Phase.shrink], agrees)


def _draw(number: int, size: int, phases: list[Phase], what: Callable[[Case], None]) -> None:
    @seed(number)
    @settings(
        max_examples=size,
        phases=phases,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases())
    def draw(case: Case) -> None:
        what(case)

    draw()


@contextmanager
def _noted(what: str) -> Iterator[None]:
    """Say of a refusal of the engine what it was about."""
    try:
        yield
    except Exception as error:
        error.add_note(what)
        raise
