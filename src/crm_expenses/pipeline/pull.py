"""Pull: from the CRM into the store, a page a transaction, each with its cursor."""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from threading import current_thread, main_thread

from crm_expenses.adapters.contract import Adapter
from crm_expenses.core.record import Kind
from crm_expenses.errors import AllowanceError, Problem
from crm_expenses.pipeline.reconcile import KindCount, Reader, Whole, doubts
from crm_expenses.store import AppendCount, Store
from crm_expenses.store.readings import Readings

PULLS: Whole = Whole()
"""Reading on from where the last run got to, and no more than that."""

COLLECT_AFTER = 50_000
"""After so many new objects Python looks for cycles among them while pages are read."""


@dataclass(frozen=True)
class PullCount:
    """What came, by kind.

    `again` are the kinds of which all was read again, with what that found beyond the pull;
    `missed` counts the records that were missing in a reading of all for the first time. `doubts`
    say what was not believed to be gone, in this run or before. `stopped` says that no more calls
    might be made; what came is kept.
    """

    kinds: Mapping[Kind, AppendCount] = field(default_factory=dict)
    again: Mapping[Kind, AppendCount] = field(default_factory=dict)
    missed: int = 0
    doubts: tuple[Problem, ...] = ()
    stopped: AllowanceError | None = field(default=None, compare=False)

    @property
    def changes(self) -> int:
        """New and changed records, and those that are gone."""
        return sum(count.new + count.changed + count.gone for count in self.kinds.values())

    @property
    def rows(self) -> int:
        """All rows that were read in this run."""
        return sum(count.rows for count in self.kinds.values())

    @property
    def set_aside(self) -> int:
        """Rows that could not be read in this run."""
        return sum(count.set_aside for count in self.kinds.values())

    @property
    def gone(self) -> int:
        """Records that are no longer there since this run."""
        return sum(count.gone for count in self.kinds.values())

    @property
    def found(self) -> AppendCount:
        """What reading all again found that the pulls had missed."""
        return reduce(AppendCount.__add__, self.again.values(), AppendCount())

    def as_json(self) -> Mapping[str, object]:
        """Give the counts as plain values."""
        return {
            "rows": self.rows,
            "changes": self.changes,
            "set_aside": self.set_aside,
            "gone": self.gone,
            "kinds": {kind.value: _numbers(count) for kind, count in self.kinds.items()},
            "full": {
                "kinds": [kind.value for kind in self.again],
                **_numbers(self.found),
                "missed": self.missed,
            },
            "doubts": [{"code": p.code, "values": dict(p.values)} for p in self.doubts],
        }


def _numbers(count: AppendCount) -> dict[str, int]:
    return {
        "rows": count.rows,
        "new": count.new,
        "changed": count.changed,
        "same": count.same,
        "set_aside": count.set_aside,
        "gone": count.gone,
    }


def pull(
    store: Store,
    adapter: Adapter,
    at: datetime,
    progress: Callable[[str, int, int | None], None],
    whole: Whole = PULLS,
) -> PullCount:
    """Read everything new of every kind that the CRM has, parents before children.

    All of a kind is read again where `whole` says so, and where that was begun and cut off.
    """
    counts: dict[Kind, KindCount] = {}
    stopped: AllowanceError | None = None
    done = 0

    def tell(rows: int) -> None:
        nonlocal done
        done += rows
        progress("pull", done, None)

    for kind in Kind:
        if kind in adapter.capabilities.reads:
            reader = Reader(store, adapter, kind, at, whole=whole, tell=tell)
            try:
                with seldom_collected():
                    counts[kind] = reader.read()
            except AllowanceError as error:
                counts[kind], stopped = KindCount(reader.kept), error
                break
    return PullCount(
        {kind: count.all for kind, count in counts.items() if count.all.rows},
        {kind: count.again for kind, count in counts.items() if count.again is not None},
        sum(count.missed for count in counts.values()),
        doubts(adapter.name, Readings(store, adapter.name)),
        stopped,
    )


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Let Python look for cycles of objects less often while pages are read.

    A page is thousands of values without a cycle among them: to look through them at each seven
    hundredth costs a seventh of the time. Cycles are still found, after `COLLECT_AFTER` objects.
    The threshold is the whole process's, and two threads would each put back the other's: only the
    main thread changes it.
    """
    if current_thread() is not main_thread():
        yield
        return
    first, *others = gc.get_threshold()
    gc.set_threshold(max(first, COLLECT_AFTER) if first else 0, *others)
    try:
        yield
    finally:
        gc.set_threshold(first, *others)
