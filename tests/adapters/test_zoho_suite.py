"""What every adapter promises, tried on a simulated organisation of Zoho CRM over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from zoho_bench import ZohoBench

from crm_expenses.testing.suite import AdapterSuite


class TestZoho(AdapterSuite):
    """The suite, reading by query."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[ZohoBench]:
        """An organisation of its own for each test."""
        made = ZohoBench(tmp_path)
        yield made
        made.close()


class TestZohoByList(AdapterSuite):
    """The suite, where queries are not allowed and records are listed."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[ZohoBench]:
        """An organisation that is read by list."""
        made = ZohoBench(tmp_path, read_by="list")
        yield made
        made.close()
