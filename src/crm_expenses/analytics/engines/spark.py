"""Spark, in this process or on a cluster: the query travels to the files, results come back.

Everything is a temporary view of a session of its own. A table that is read more than once is kept
by the executors, so that it is not computed again; Spark lets it go when nothing names it.
"""

import logging
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, Self

from crm_expenses.analytics.engines import cells
from crm_expenses.analytics.engines.address import Address
from crm_expenses.analytics.engines.columns import CELL, Given, Words, fit, wrong_values
from crm_expenses.analytics.engines.contract import (
    BATCH_ROWS,
    NO_FACTS,
    ROUNDS_MAX,
    Attached,
    Loaded,
    Progress,
    Row,
    Value,
)
from crm_expenses.analytics.engines.files import files_of, folder_of
from crm_expenses.analytics.engines.parquet import cells_to_parquet
from crm_expenses.analytics.engines.running import MANY, attached, demand_tables, run_script
from crm_expenses.errors import ConfigError, Problem, RefusedError, RetryableError
from crm_expenses.rules.own_fact import FactOf
from crm_expenses.rules.sql.dialect import SPARK
from crm_expenses.rules.sql.schema import TABLES, Column, Kind, columns_of
from crm_expenses.rules.sql.script import Script

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LOCAL: Final = "local"
PARTITIONS_MAX: Final = 8
"""Most partitions of a shuffle on one machine; Spark's own 200 are for a cluster."""
SESSION: Final = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
}
"""What a query means does not depend on the settings of a cluster."""
_DECIMAL: Final = re.compile(r"decimal\((\d+),(\d+)\)")
_WHOLE_TYPES: Final = frozenset({"tinyint", "smallint", "int"})
_TYPES: Final = {
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "string": "VARCHAR",
    "date": "DATE",
    "boolean": "BOOLEAN",
    "timestamp_ntz": "TIMESTAMP",
    "double": "DOUBLE",
}
"""The types of a result, and what they are in a Parquet file by way of DuckDB."""
_WRITTEN_MAX: Final = 200
"""Most rows that are written into a query."""
_CAUSES_MAX: Final = 20
_GLOB: Final = re.compile(r"([\\\[\]{}*?])")
_ABSENT: Final = frozenset({"PATH_NOT_FOUND", "UNABLE_TO_INFER_SCHEMA"})


def open_spark(address: Address) -> "SparkEngine":
    """Open a session: of the Spark that runs in this process, or of a new one.

    Raises:
        ConfigError: the extra `spark`, or Java, is not installed.
        RetryableError: the cluster cannot be reached.
    """
    try:
        from pyspark.errors import PySparkException  # noqa: PLC0415  an extra
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError("extra.missing", package="pyspark", extra="spark") from error
    own = {name: value for name, value in address.options.items() if name.startswith("spark.sql.")}
    running = SparkSession.getActiveSession()
    if running is not None:
        return SparkEngine(_session(running, own), None, None)
    if not shutil.which("java") and not os.environ.get("JAVA_HOME"):
        raise ConfigError("engine.java")
    scratch = TemporaryDirectory(prefix="crm-expenses-", ignore_cleanup_errors=True)
    builder: Any = SparkSession.builder.appName("crm_expenses")
    for name, value in _settings(address, scratch.name).items():
        builder = builder.config(name, value)
    try:
        started = builder.getOrCreate()
    except (PySparkException, OSError) as error:
        scratch.cleanup()
        raise RetryableError("engine.away", where=address.host, detail=_said(error)) from error
    # each error of a query is raised, and told once
    started.sparkContext.setLogLevel("FATAL")
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    return SparkEngine(_session(started, own), started, scratch)


class SparkEngine:
    """A session of Spark; `started` is the Spark that ends with it."""

    dialect = "spark"

    def __init__(
        self,
        session: "SparkSession",
        started: "SparkSession | None",
        scratch: "TemporaryDirectory[str] | None",
    ) -> None:
        self._session = session
        self._started = started
        self._scratch = scratch
        # with one partition wherever Spark shuffles, nothing needs to be shuffled
        self._is_one = session.conf.get("spark.sql.shuffle.partitions") == "1"
        self._tables: dict[str, str] = {}
        self._frames: dict[str, DataFrame] = {}
        self._made: set[str] = set()
        self._place = ""

    def attach(self, source: str = "", *, facts: Mapping[str, FactOf] = NO_FACTS) -> Attached:
        """Make the files of a folder visible; one with `://` is read as Spark reads it."""
        self.clear()
        if not source:
            raise ConfigError("engine.no_source", example="folder, s3a://bucket/folder")
        self._place = source
        problems: list[Problem] = []
        for name, (place, frame, is_text) in self._files(source).items():
            given = [Given(n, CELL if is_text else kind) for n, kind in frame.dtypes]
            raw = f"given_{name}"
            frame.createOrReplaceTempView(raw)
            one = fit(
                TABLES[name],
                columns_of(TABLES[name], facts),
                given,
                place,
                words=_WORDS,
                reading=_reading,
            )
            problems += one.problems or wrong_values(
                one, raw, _WORDS, partial(self.ask, name=place)
            )
            if not problems:
                self.view(name, f"SELECT {one.select} FROM {raw}", kept=False)
                self._tables[name] = place
            self._session.catalog.dropTempView(raw)
        if problems:
            self.clear()
            raise ConfigError.of(problems)
        return attached(self._tables, source)

    def load(self, tables: Loaded) -> None:
        """Put rows into tables of the session, in the place of all that was there."""
        self.clear()
        self.add(tables)

    def add(self, tables: Loaded) -> None:
        """Add rows to tables that were loaded, or load them beside the others."""
        for name, (columns, rows) in tables.items():
            if any(isinstance(value, float) for row in rows for value in row):
                raise TypeError("a float is no exact number")
            with _told(name):
                frame = self._frame(columns, rows)
                if name in self._frames:
                    frame = self._frames[name].union(frame)
                if self._is_one:
                    frame = frame.coalesce(1)
                frame.createOrReplaceTempView(name)
            self._frames[name] = frame
            self._tables[name] = name

    def run(
        self,
        script: Script,
        progress: Callable[[Progress], None] | None = None,
        *,
        keep: Collection[str] = (),
        rounds_max: int = ROUNDS_MAX,
    ) -> None:
        """Run the steps of a script."""
        demand_tables(script, self._tables, self._place)
        run_script(script, _Tables(self, keep), progress, keep=keep, rounds_max=rounds_max)

    def make(self, name: str, query: str) -> None:
        """Fill a table of the session; one of that name that was made here is replaced."""
        self.view(name, query, kept=True)

    def rows(self, query: str) -> Iterator[Sequence[Row]]:
        """Give the rows of a query in batches."""
        with _told("rows"):
            found = self._session.sql(query).toLocalIterator(prefetchPartitions=True)
        while True:
            with _told("rows"):
                batch = [tuple(row) for row in islice(found, BATCH_ROWS)]
            if not batch:
                return
            yield batch

    def write(self, query: str, path: Path, columns: Sequence[Column] = ()) -> None:
        """Write the rows of a query to a Parquet file: whole, or not at all."""
        with _told(path.name):
            fields = self._session.sql(query).dtypes
        types = {name: _result_type(name, kind) for name, kind in fields}
        with TemporaryDirectory(prefix="crm-expenses-") as folder:
            source = Path(folder, "rows.csv")
            with source.open("wb") as held:
                for batch in self.rows(query):
                    held.writelines(cells.ended(batch))
            cells_to_parquet(source, types, path, columns)

    def clear(self) -> None:
        """Forget all tables of the session."""
        for name in {*self._tables, *self._made}:
            self._session.catalog.dropTempView(name)
        self._tables.clear()
        self._frames.clear()
        self._made.clear()

    def close(self) -> None:
        """End the session, and the Spark that was started for it."""
        self.clear()
        if self._started is not None:
            self._started.stop()
        if self._scratch is not None:
            self._scratch.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def view(self, name: str, query: str, *, kept: bool = False) -> None:
        """Name a query; `kept`: compute it now, and keep its rows."""
        with _told(name):
            frame = self._session.sql(query)
            if kept:
                if self._is_one:
                    frame = frame.coalesce(1)
                frame = frame.localCheckpoint(eager=True)
            frame.createOrReplaceTempView(name)
        self._made.add(name)

    def rename(self, pairs: Mapping[str, str]) -> None:
        """Give tables new names, all at once."""
        frames = {new: self._session.table(old) for old, new in pairs.items()}
        for new, frame in frames.items():
            frame.createOrReplaceTempView(new)

    def forget(self, name: str) -> None:
        """Forget a table that was made here."""
        if name in self._made:
            self._session.catalog.dropTempView(name)
            self._made.discard(name)

    def ask(self, query: str, name: str) -> Sequence[Sequence[object]]:
        """Give the rows of a small query."""
        with _told(name):
            found: Sequence[Sequence[object]] = self._session.sql(query).collect()
        return found

    def _frame(self, columns: Sequence[Column], rows: Sequence[Row]) -> "DataFrame":
        """Give rows as a table; a few are part of the plan, others are read by Python each time."""
        if len(rows) > _WRITTEN_MAX:
            listed = ", ".join(f"{_quoted(c.name)} {SPARK.types[c.kind]}" for c in columns)
            return self._session.createDataFrame(list(rows), listed)
        return self._session.sql(_written(columns, rows))

    def _files(self, source: str) -> dict[str, "tuple[str, DataFrame, bool]"]:
        if "://" not in source:
            return {
                name: (
                    place,
                    self._read([_path(p) for p in paths], kind),
                    kind == "csv",
                )
                for name, (place, paths, kind) in files_of(folder_of(Path(source)), TABLES).items()
            }
        found = {}
        for name in TABLES:
            base = f"{source.rstrip('/')}/{name}"
            for place, kind in (
                (f"{base}.parquet", "parquet"),
                (base, "parquet"),
                (f"{base}.csv", "csv"),
            ):
                frame = self._read_if_there(place, kind)
                if frame is not None:
                    found[name] = (place, frame, kind == "csv")
                    break
        return found

    def _read_if_there(self, place: str, kind: str) -> "DataFrame | None":
        from pyspark.errors import AnalysisException  # noqa: PLC0415  an extra

        try:
            return self._read([place], kind)
        except ConfigError as error:
            cause = error.__cause__
            if isinstance(cause, AnalysisException) and cause.getCondition() in _ABSENT:
                return None
            raise

    def _read(self, places: list[str], kind: str) -> "DataFrame":
        if kind == "csv" and any("\\" in place for place in places):
            # its reader of texts over several lines takes the path for a pattern once more
            raise ConfigError("engine.path_signs", path=places[0].replace("\\", ""))
        with _told(places[0], reading=True):
            if kind == "parquet":
                return self._session.read.parquet(*places)
            return self._session.read.csv(
                places,
                header=True,
                multiLine=True,
                quote='"',
                escape='"',
                mode="FAILFAST",
                enforceSchema=False,
            )


class _Tables:
    """What a script does to the tables of a session."""

    def __init__(self, engine: SparkEngine, keep: Collection[str]) -> None:
        self._engine = engine
        self._keep = keep

    def fill(self, name: str, query: str, *, reads: int) -> None:
        self._engine.view(name, query, kept=reads >= MANY or name in self._keep)

    def refill(self, name: str, query: str, *, reads: int) -> None:
        self.fill(name, query, reads=reads)

    def count(self, query: str) -> int:
        return int(str(self._engine.ask(query, "differs")[0][0]))

    def swap(self, one: str, other: str) -> None:
        self._engine.rename({one: other, other: one})

    def drop(self, name: str) -> None:
        self._engine.forget(name)


def _settings(address: Address, scratch: str) -> dict[str, str]:
    own = {name: value for name, value in address.options.items() if name.startswith("spark.")}
    memory = {"spark.driver.memory": address.options.get("memory", "2g")}
    common = {
        **memory,
        "spark.local.dir": scratch,
        "spark.sql.warehouse.dir": f"{scratch}/warehouse",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if address.host != LOCAL:
        port = f":{address.port}" if address.port else ""
        return {**common, "spark.master": f"spark://{address.host}{port}", **own}
    cores = os.cpu_count() or 1
    return {
        **common,
        "spark.master": f"local[{cores}]",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": str(min(cores, PARTITIONS_MAX)),
        **own,
    }


def _session(running: "SparkSession", own: Mapping[str, str]) -> "SparkSession":
    session = running.newSession()
    for name, value in {**own, **SESSION}.items():
        if name in SESSION or session.conf.isModifiable(name):
            session.conf.set(name, value)
    return session


def _reading(kind: Kind, given: str) -> str | None:
    """Give how a column of one of Spark's types is read; None where it does not fit."""
    wanted = f"CAST({{}} AS {SPARK.types[kind]})"
    decimal = _DECIMAL.fullmatch(given)
    width, scale = (int(decimal[1]), int(decimal[2])) if decimal else (0, 0)
    match kind:
        case Kind.WHOLE:
            if given == "bigint":
                return "{}"
            fits = given in _WHOLE_TYPES or (decimal is not None and not scale)
        case Kind.DECIMAL:
            fits = given in {"bigint", *_WHOLE_TYPES} or (
                decimal is not None and scale <= 9 and width - scale <= 19
            )
        case Kind.TEXT:
            return "{}" if given == "string" else None
        case _:
            return "{}" if given == SPARK.types[kind].lower() else None
    return wanted if fits else None


def _written(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """Write rows as a query."""
    given = (
        [f"given_{number}" for number in range(len(columns))] if rows else ["NULL"] * len(columns)
    )
    read = ", ".join(
        f"CAST({text} AS {SPARK.types[column.kind]}) AS {_quoted(column.name)}"
        for column, text in zip(columns, given, strict=True)
    )
    if not rows:
        return f"SELECT {read} WHERE FALSE"
    listed = ", ".join("(" + ", ".join(map(_literal, row)) + ")" for row in rows)
    return f"SELECT {read} FROM VALUES {listed} AS written({', '.join(given)})"


def _literal(value: Value) -> str:
    r"""Write a value as a text; Spark would put a setting in the place of `${…}`.

    >>> _literal("${user.home}"), _literal(True), _literal(None)
    ("'\\u0024{user.home}'", "'true'", 'NULL')
    """
    match value:
        case None:
            return "NULL"
        case bool():
            return "'true'" if value else "'false'"
        case _:
            return SPARK.text(str(value)).replace("$", "\\u0024")


def _result_type(name: str, kind: str) -> str:
    if kind.startswith("decimal("):
        return kind.upper()
    if kind not in _TYPES:
        raise ConfigError("engine.result_type", column=name, type=kind)
    return _TYPES[kind]


def _matches(text: str, form: str) -> str:
    return f"({text} RLIKE '\\\\A({form})\\\\z')"


def _path(path: Path) -> str:
    """Give a path so that no sign in it is taken for a pattern."""
    return "file://" + _GLOB.sub(r"\\\1", str(path.absolute()))


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _said(error: Exception) -> str:
    """Give the first line of what Spark says of an error: of its cause, where Java tells one."""
    found: Any = getattr(error, "java_exception", None)
    for _ in range(_CAUSES_MAX):
        cause = found.getCause() if found is not None else None
        if cause is None:
            break
        found = cause
    told = str(found.getMessage()) if found is not None else str(error)
    return told.strip().partition("\n")[0]


@contextmanager
def _told(name: str, *, reading: bool = False) -> Iterator[None]:
    """Say what Spark could not do in words of ours."""
    from py4j.protocol import Py4JError, Py4JJavaError  # noqa: PLC0415  an extra
    from pyspark.errors import PySparkException  # noqa: PLC0415

    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        detail = _said(error)
        if reading:
            raise ConfigError("engine.unreadable", where=name, detail=detail) from error
        raise RefusedError("engine.refused", engine="Spark", step=name, detail=detail) from error
    except (Py4JError, OSError) as error:
        raise RetryableError("engine.away", where="Spark", detail=_said(error)) from error


_WORDS: Final = Words(SPARK, _quoted, _matches)
