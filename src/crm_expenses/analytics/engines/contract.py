"""What an engine does: it sees the tables, runs a script over them, and gives the rows.

An engine writes nothing but tables of its own session, which end with it. The tables of the user
are only read.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol, Self

from crm_expenses.rules.own_fact import FactOf
from crm_expenses.rules.sql.schema import Column
from crm_expenses.rules.sql.script import Script

Value = str | int | Decimal | date | datetime | bool | None
Row = tuple[Value, ...]
Loaded = Mapping[str, tuple[Sequence[Column], Sequence[Row]]]
"""Columns and rows by the name of their table."""

ROUNDS_MAX: Final = 10_000
"""Most repetitions of the steps of one `Rounds`."""
BATCH_ROWS: Final = 10_000
"""Most rows of one batch."""
NO_FACTS: Final[Mapping[str, FactOf]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a script is: steps done, of how many, which one is next, in which round from 1."""

    done: int
    total: int
    step: str = ""
    round: int = 0


@dataclass(frozen=True, slots=True)
class Attached:
    """Which tables are there, each with its place, and which are not."""

    found: Mapping[str, str]
    absent: frozenset[str]


class Engine(Protocol):
    """One session of an engine."""

    @property
    def dialect(self) -> str:
        """The dialect of `rules.sql.dialect` that it reads."""

    def attach(self, source: str = "", *, facts: Mapping[str, FactOf] = NO_FACTS) -> Attached:
        """Make the tables of a source visible, in the place of all that was there.

        `source` is a folder with files named after the tables (DuckDB, Spark), or a schema
        (PostgreSQL); empty for the one of the address. `facts` are the policy's own, whose columns
        may be there, too. An optional column that is not there is NULL.

        Raises:
            ConfigError: a table that is always needed is not there, or a column does not fit;
                it carries all problems.
        """

    def load(self, tables: Loaded) -> None:
        """Put rows into tables of the session, in the place of all that was there."""

    def add(self, tables: Loaded) -> None:
        """Add rows to tables that were loaded, or load them beside the others."""

    def run(
        self,
        script: Script,
        progress: Callable[[Progress], None] | None = None,
        *,
        keep: Collection[str] = (),
        rounds_max: int = ROUNDS_MAX,
    ) -> None:
        """Run the steps. A table that no result reads is dropped after its last use.

        Names in `keep` stay, whoever reads them. Tables of an earlier script stay, too, until one
        of the same name is made, or `load`, `attach` or `clear` removes all.

        Raises:
            ConfigError: a table that the script reads is not there.
            RefusedError: the engine refuses a step, or rounds do not end.
        """

    def make(self, name: str, query: str) -> None:
        """Fill a table of the session; one of that name that was made here is replaced."""

    def view(self, name: str, query: str) -> None:
        """Name a query: it is computed where it is read. One of that name is replaced."""

    def rows(self, query: str) -> Iterator[Sequence[Row]]:
        """Give the rows of a query in batches."""

    def write(self, query: str, path: Path, columns: Sequence[Column] = ()) -> None:
        """Write the rows of a query to a Parquet file: whole, or not at all.

        `columns` settle names and types; without them they are those of the query.
        """

    def clear(self) -> None:
        """Forget all tables of the session."""

    def close(self) -> None:
        """End the session; nothing of it is left."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...
