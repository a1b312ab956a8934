"""What a connection has seen since it was opened: it spares reading before each write."""

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from crm_expenses.adapters.contract import Page
from crm_expenses.core.record import Kind

VERSIONS_MAX: Final = 200_000
"""So many are kept; beyond it nothing is known any more, and records are read before a write."""


class Known:
    """When a kind was last begun to be read, and the versions of what came that was new.

    Of a reading of all no version is kept: what it gave is what the store holds.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began: dict[Kind, datetime] = {}
        self._versions: dict[Kind, dict[str, str]] = {}

    def began_at(self, kind: Kind, at: datetime) -> None:
        """Take note of when a reading began that came to its end, by the organisation's clock."""
        with self._lock:
            self._began[kind] = at

    def take(self, page: Page) -> None:
        """Keep the versions of what is new; what cannot be read has none that anybody knows."""
        with self._lock:
            held = self._versions.setdefault(page.kind, {})
            held.update({fact.origin.record: fact.origin.version for fact in page.facts})
            held.update({one.origin.record: "" for one in page.set_aside})
            if len(held) > VERSIONS_MAX:
                self._began.pop(page.kind, None)
                held.clear()

    def began(self, kind: Kind) -> datetime | None:
        """Give when the last reading of a kind began; None where there was none."""
        with self._lock:
            return self._began.get(kind)

    def versions(self, kind: Kind) -> Mapping[str, str]:
        """Give the versions that came as new, by id."""
        with self._lock:
            return dict(self._versions.get(kind, {}))
