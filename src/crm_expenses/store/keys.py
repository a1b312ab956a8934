"""The key of a write: made and stored before it is sent, and never that of another write."""

from collections.abc import Collection, Sequence

from crm_expenses.core.record import digest


def new_key(of: Sequence[str], times: int, taken: Collection[str]) -> str:
    """Give the key of a write: of what it says, and of how often its record was written before.

    What was answered with a conflict waits again and may be replaced, so that fewer were written
    than once: then another write has that key (`taken`), and the next number is free.

    >>> first = new_key(["main", "claim_result", "C-1", "{}"], 0, ())
    >>> new_key(["main", "claim_result", "C-1", "{}"], 0, {first}) == first
    False
    """
    for number in range(times, times + len(taken) + 1):
        key = digest([*of, number])
        if key not in taken:
            return key
    raise AssertionError(f"{len(taken)} keys take more than as many numbers")
