"""Pull: from the CRM into the store, a page a transaction, each with its cursor."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crm_expenses.adapters.contract import Adapter
from crm_expenses.core.record import Kind
from crm_expenses.pipeline.turns import budget_writes
from crm_expenses.store import AppendCount, Store

PAGES_MAX = 1_000_000
"""A bound on every reading: an adapter that never ends is a fault, not a long night."""


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
        for number, page in enumerate(adapter.pull(kind, store.cursor(adapter.name, kind))):
            if number >= PAGES_MAX:
                break
            added = store.append(adapter.name, page, at, budget_writes)
            counts[kind] = counts.get(kind, AppendCount()) + added
            done += page.rows
            progress("pull", done, None)
    return PullCount(counts)
