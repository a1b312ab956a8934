"""The whole job on a real PocketBase: the command, its settings, the shipped connection file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from forwarding import Forwarding
from pocketbase import FILE, PocketBench
from rest_company import RestCompany
from rest_main_job import FilesJob, MainJob, held_by

from crm_expenses.adapters.rest.specfile import connection_toml


class TestPocketBase(MainJob, FilesJob):
    """The job, from an empty store to a quiet one, and what people do meanwhile."""

    file = FILE

    @pytest.fixture
    def company(self, tmp_path: Path) -> Iterator[RestCompany]:
        """The small company in a PocketBase of its own."""
        bench = PocketBench(tmp_path / "data")
        bench.seed(held_by(FILE))
        with Forwarding(bench.server.url) as way:
            yield RestCompany(tmp_path / "company", bench, way)
        bench.close()

    def brisk(self) -> str:
        """Give the file's text, but that it reads again no minute of the past."""
        text = connection_toml("pocketbase").text
        brisk = "[since]\nsettle_seconds = 0\noverlap_seconds = 0\n"
        assert "[since]\n" in text
        return text.replace("[since]\n", brisk)
