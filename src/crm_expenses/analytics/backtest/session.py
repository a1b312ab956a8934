"""What a back-test asks of an engine."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol


class Session(Protocol):
    """One session of an engine, in which tables last; `analytics.engines.Engine` is one."""

    @property
    def dialect(self) -> str:
        """The dialect that it reads, like `duckdb`."""

    def make(self, name: str, query: str) -> None:
        """Fill a table of the session; one of that name is replaced."""

    def rows(self, query: str) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Give the rows of a query in batches; sums may come as `int` or as `Decimal`."""

    def write(self, query: str, path: Path) -> None:
        """Write the rows of a query to a Parquet file: whole, or not at all."""
