"""The whole job on a real Tryton: `.ci/tryton`, then `pytest -m slow` on this."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from forwarding import Forwarding
from rest_company import RestCompany
from rest_main_job import FilesJob, MainJob, held_by
from tryton import FILE, TrytonBench

from crm_expenses.adapters.rest.specfile import connection_toml

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


class TestTryton(MainJob, FilesJob):
    """The job, from an empty store to a quiet one, and what people do meanwhile."""

    file = FILE

    @pytest.fixture
    def company(self, tmp_path: Path) -> Iterator[RestCompany]:
        """The small company in a database of its own."""
        bench = TrytonBench(tmp_path / "data")
        bench.seed(held_by(FILE))
        with Forwarding(bench.server.url) as way:
            yield RestCompany(tmp_path / "company", bench, way)
        bench.close()

    def brisk(self) -> str:
        """Give the file's text, but that it reads again no minute of the past."""
        text = connection_toml("tryton").text
        brisk = "settle_seconds = 0\noverlap_seconds = 0\n"
        return text.replace("settle_seconds = 30\n", brisk)
