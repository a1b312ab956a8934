"""The adapter for REST APIs against a real PocketBase."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pocketbase import PocketBench

from crm_expenses.testing import AdapterSuite


class TestPocketBase(AdapterSuite):
    """Every promise of the contract."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[PocketBench]:
        """An empty PocketBase, read two records a page."""
        made = PocketBench(tmp_path / "data")
        yield made
        made.close()
