"""An empty store for each test: in a file of SQLite, and in a schema of PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from stored_company import opened

from crm_expenses.store import Store
from servers import store_server as store_server  # noqa: PLC0414  a fixture
from stores import database as database  # noqa: PLC0414  a fixture


@pytest.fixture
def store(database: str, tmp_path: Path) -> Iterator[Store]:
    """Give an empty store."""
    with opened(tmp_path) as made:
        yield made
