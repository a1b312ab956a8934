"""Pull: from the CRM into the store, a page a transaction, each with its cursor."""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from crm_expenses.adapters.contract import Adapter
from crm_expenses.core.record import Kind
from crm_expenses.store import AppendCount, Store

PAGES_MAX = 1_000_000
"""A bound on every reading: an adapter that never ends is a fault, not a long night."""

COLLECT_AFTER = 50_000
"""After so many new objects Python looks for cycles among them while pages are read."""


@dataclass(frozen=True)
class PullCount:
    """What came, by kind."""

    kinds: Mapping[Kind, AppendCount] = field(default_factory=dict)

    @property
    def changes(self) -> int:
        """New and changed records, and rows newly set aside."""
        return sum(count.new + count.changed for count in self.kinds.values())

    @property
    def rows(self) -> int:
        """All rows that were read in this run."""
        return sum(count.rows for count in self.kinds.values())

    @property
    def set_aside(self) -> int:
        """Rows that could not be read in this run."""
        return sum(count.set_aside for count in self.kinds.values())

    def as_json(self) -> Mapping[str, object]:
        """Give the counts as plain values."""
        return {
            "rows": self.rows,
            "changes": self.changes,
            "set_aside": self.set_aside,
            "kinds": {
                kind.value: {
                    "rows": count.rows,
                    "new": count.new,
                    "changed": count.changed,
                    "same": count.same,
                    "set_aside": count.set_aside,
                }
                for kind, count in self.kinds.items()
            },
        }


def pull(
    store: Store,
    adapter: Adapter,
    at: datetime,
    progress: Callable[[str, int, int | None], None],
) -> PullCount:
    """Read everything new of every kind that the CRM has, parents before children."""
    counts: dict[Kind, AppendCount] = {}
    done = 0
    for kind in Kind:
        if kind not in adapter.capabilities.reads:
            continue
        with seldom_collected():
            for number, page in enumerate(adapter.pull(kind, store.cursor(adapter.name, kind))):
                if number >= PAGES_MAX:
                    break
                added = store.append(adapter.name, page, at)
                counts[kind] = counts.get(kind, AppendCount()) + added
                done += page.rows
                progress("pull", done, None)
    return PullCount(counts)


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Let Python look for cycles of objects less often while pages are read.

    A page is thousands of values without a cycle among them: to look through them at each seven
    hundredth costs a seventh of the time. Cycles are still found, after `COLLECT_AFTER` objects.
    """
    first, *others = gc.get_threshold()
    gc.set_threshold(max(first, COLLECT_AFTER) if first else 0, *others)
    try:
        yield
    finally:
        gc.set_threshold(first, *others)
