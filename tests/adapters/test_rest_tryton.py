"""The adapter for REST APIs against a real Tryton: `.ci/tryton`, then `pytest -m slow` on this."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tryton import TrytonBench

from crm_expenses.testing import AdapterSuite

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


class TestTryton(AdapterSuite):
    """Every promise of the contract."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[TrytonBench]:
        """An empty database, read two records a page."""
        made = TrytonBench(tmp_path / "data")
        yield made
        made.close()
