"""One real SQLite file for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from stored_company import opened

from crm_expenses.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give an empty store."""
    with opened(tmp_path) as made:
        yield made
