"""The adapter proves itself: the shipped suite against a real server."""

from collections.abc import Iterator

import pytest
from tiny_bench import TinyBench

from crm_expenses.testing import AdapterSuite


class TestTiny(AdapterSuite):
    """Every promise of the contract."""

    @pytest.fixture
    def bench(self) -> Iterator[TinyBench]:
        """An empty CRM, read two records a page."""
        bench = TinyBench()
        yield bench
        bench.close()
