"""Pulling: what it changes in the process that it runs in, and that it changes it back."""

import gc
from contextlib import suppress
from threading import Thread

from crm_expenses.pipeline.pull import COLLECT_AFTER, seldom_collected


def test_cycles_are_looked_for_again_afterwards() -> None:
    """While pages are read Python looks for cycles less often, and after it as before."""
    before = gc.get_threshold()
    with suppress(KeyError), seldom_collected():
        assert gc.get_threshold()[0] == COLLECT_AFTER
        raise KeyError
    assert gc.get_threshold() == before
    try:
        gc.set_threshold(0)
        with seldom_collected():
            assert gc.get_threshold()[0] == 0
        gc.set_threshold(2 * COLLECT_AFTER)
        with seldom_collected():
            assert gc.get_threshold()[0] == 2 * COLLECT_AFTER
    finally:
        gc.set_threshold(*before)


def test_another_thread_leaves_the_threshold_alone() -> None:
    """Two threads would each put back what the other had set, and it would stay so."""
    before, seen = gc.get_threshold(), []

    def look() -> None:
        with seldom_collected():
            seen.append(gc.get_threshold())

    thread = Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]
