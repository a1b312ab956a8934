"""The adapter: a folder of files, in the shape in which every CRM is seen."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Final, Literal

import pydantic

from crm_expenses.adapters.answers import demand_writes
from crm_expenses.adapters.contract import (
    RESULTS,
    Ability,
    Ack,
    AckState,
    Adapter,
    Capabilities,
    Cursor,
    Diagnosis,
    Gone,
    Level,
    Page,
    Received,
    SetAside,
    Support,
    WriteBack,
)
from crm_expenses.adapters.files.encoding import Survey, survey
from crm_expenses.adapters.files.mapping import FileMapping, Source
from crm_expenses.adapters.files.mappingfile import read_mapping, zone_of
from crm_expenses.adapters.files.plan import RecordPlan, columns_of
from crm_expenses.adapters.files.reading import (
    NOT_TEXT,
    Layout,
    check_columns,
    columns_in,
    matching,
    read_rows,
)
from crm_expenses.adapters.files.results import ResultsFolder, ResultsFormat
from crm_expenses.adapters.files.rows import Found
from crm_expenses.adapters.files.sources import Input, RowCounts, digest_of, items_of
from crm_expenses.core.approval import Provenance
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError, Place, Problem, UnsupportedError

PAGE_RECORDS: Final = 500
BATCH_MAX: Final = 10_000
SAMPLE_ROWS: Final = 1000
"""Rows of each file that `check` reads."""

_CURSOR_VERSION: Final = 1


class _OptionsShape(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")

    folder: Annotated[str, pydantic.Field(min_length=1)]
    mapping: Annotated[str, pydantic.Field(min_length=1)]
    results: Annotated[str, pydantic.Field(min_length=1)] | None = None
    results_format: ResultsFormat = "csv"
    approvals: Literal["plain_field", "audited_field", "crm_process"] = "plain_field"


@dataclass(frozen=True, slots=True)
class FilesOptions:
    """Where the files, the mapping and the results are; how far approvals can be trusted."""

    folder: Path
    mapping: Path
    results: Path
    results_format: ResultsFormat
    approvals: Provenance = Provenance.PLAIN_FIELD


def read_options(name: str, options: Mapping[str, object], base: Path) -> FilesOptions:
    """Check the options of a connection; paths are relative to `base`.

    Raises:
        ConfigError: carries every mistake.
    """
    try:
        shape = _OptionsShape.model_validate(dict(options))
    except pydantic.ValidationError as error:
        names = ", ".join(_OptionsShape.model_fields)
        problems = [
            Problem(
                "files.option_value",
                {
                    "crm": name,
                    "option": ".".join(str(step) for step in found["loc"]),
                    "detail": found["msg"],
                    "names": names,
                },
            )
            for found in error.errors(include_url=False)
        ]
        raise ConfigError.of(problems) from error
    folder = (base / shape.folder).resolve()
    results = (base / shape.results).resolve() if shape.results else folder / "results"
    if not folder.is_dir():
        raise ConfigError("files.folder", crm=name, path=str(folder))
    if folder.is_relative_to(results):
        # Results would take the names of the input, and be read as input again.
        raise ConfigError("files.results_place", crm=name, path=str(results))
    approvals = Provenance(shape.approvals)
    return FilesOptions(folder, base / shape.mapping, results, shape.results_format, approvals)


@dataclass(frozen=True, slots=True)
class _Position:
    """What a cursor says: the content that was read, how far, and whether that was all of it."""

    digest: str
    done: int
    is_finished: bool

    def cursor(self) -> Cursor:
        held = {
            "version": _CURSOR_VERSION,
            "digest": self.digest,
            "done": self.done,
            "finished": self.is_finished,
        }
        return json.dumps(held, separators=(",", ":"))

    @classmethod
    def of(cls, since: Cursor | None, digest: str) -> "_Position":
        """Read a cursor; one of other content, or of another version, means from the beginning."""
        start = cls(digest, 0, is_finished=False)
        try:
            held = json.loads(since) if since is not None else {}
        except ValueError:
            return start
        if not isinstance(held, dict) or held.get("version") != _CURSOR_VERSION:
            return start
        if held.get("digest") != digest or not isinstance(held.get("done"), int):
            return start
        return cls(digest, max(0, held["done"]), is_finished=held.get("finished") is True)


class FilesAdapter(Adapter):
    """A folder of files as a CRM; see the package's docstring."""

    def __init__(self, name: str, options: FilesOptions) -> None:
        self._name = name
        self._options = options
        self._mapping: FileMapping = read_mapping(options.mapping)
        self._zone = zone_of(self._mapping.mapping)
        self._results = ResultsFolder(options.results, options.results_format)
        self._surveys: dict[Path, tuple[tuple[int, ...], Survey]] = {}
        self._counts: dict[Kind, RowCounts] = {}

    @property
    def name(self) -> str:
        """The name of the connection in the settings."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """Reads what the mapping names; writes every kind of result."""
        reads = frozenset(source.kind for source in self._mapping.source)
        return Capabilities(
            reads=reads,
            writes=RESULTS,
            batch_max=BATCH_MAX,
            abilities={
                Ability.INCREMENTAL: Support.PARTLY,
                Ability.DELETES: Support.NO,
                Ability.LOOK_UP: Support.YES,
                Ability.CONFLICTS: Support.NO,
                Ability.VOUCHER_FILES: Support.NO,
                Ability.APPROVALS: Support.YES if Kind.APPROVAL in reads else Support.NO,
            },
            reasons={Ability.INCREMENTAL: "files.incremental"},
            provenance=self._options.approvals,
        )

    @property
    def counts(self) -> Mapping[Kind, RowCounts]:
        """How many rows the last pull of each kind has read so far, and what became of them."""
        return self._counts

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        """Give the records of a kind, page by page; none at all when no file has changed.

        Raises:
            UnsupportedError: the mapping names no file for this kind.
            ConfigError: a file cannot be read, or lacks a column that the mapping names.
        """
        self._demand(kind)
        return self._pages(kind, since)

    def look(self, kind: Kind, records: Sequence[str]) -> Page:
        """Read some records as they stand in the files now; what stands in none is gone.

        Raises:
            UnsupportedError: the mapping names no file for this kind.
            ConfigError: there is no such file, or one cannot be read.
        """
        self._demand(kind)
        inputs = self._inputs(kind)
        if not inputs:
            patterns = ", ".join(p for s in self._mapping.source if s.kind is kind for p in s.files)
            folder = str(self._options.folder)
            raise ConfigError("files.no_files", kind=str(kind), patterns=patterns, folder=folder)
        check_inputs(inputs)
        left = set(records)
        items = items_of(self._name, kind, inputs, self._zone, RowCounts())
        found = [item for item in items if item.origin.record in left]
        left -= {item.origin.record for item in found}
        facts = tuple(item for item in found if isinstance(item, Received))
        aside = tuple(item for item in found if isinstance(item, SetAside))
        gone = tuple(Gone(Origin(self._name, record)) for record in sorted(left))
        return Page(kind, facts, aside, "", gone=gone)

    def _pages(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        inputs = self._inputs(kind)
        digest = digest_of(self._mapping, kind, inputs)
        position = _Position.of(since, digest)
        if position.is_finished:
            return
        check_inputs(inputs)
        counts = self._counts[kind] = RowCounts()
        items = items_of(self._name, kind, inputs, self._zone, counts)
        done = position.done
        rest = islice(items, done, None)
        page = tuple(islice(rest, PAGE_RECORDS))
        if not page and inputs and since is not None:  # there was more, and now there is nothing
            yield Page(kind, (), (), _Position(digest, done, is_finished=True).cursor(), not done)
        while page:
            following = tuple(islice(rest, PAGE_RECORDS))
            done += len(page)
            cursor = _Position(digest, done, is_finished=not following).cursor()
            facts = tuple(item for item in page if isinstance(item, Received))
            aside = tuple(item for item in page if isinstance(item, SetAside))
            restart = done == len(page)
            yield Page(kind, facts, aside, cursor, restart)
            page = following

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        """Write results; done, all of them, or an error and none of them is acknowledged.

        Raises:
            UnsupportedError: there are too many, or there is one of a kind that is not written.
        """
        demand_writes(self, writes)
        self._results.write(writes)
        return [Ack(write.key, AckState.DONE) for write in writes]

    def check(self) -> Sequence[Diagnosis]:
        """Look at every file: that it is there, its columns, and its first rows."""
        diagnoses: list[Diagnosis] = []
        for source in self._mapping.source:
            try:
                files = self._files(source)
                if not files:
                    values = {"kind": str(source.kind), "patterns": ", ".join(source.files)}
                    values["folder"] = str(self._options.folder)
                    diagnoses.append(Diagnosis(Level.WARNING, Problem("files.no_files", values)))
                for found in files:
                    diagnoses += self._check_file(source, found)
            except ConfigError as error:
                diagnoses += [Diagnosis(Level.BAD, problem) for problem in error.problems]
        diagnoses.append(self._check_results())
        return diagnoses

    def close(self) -> None:
        """Nothing is held open between calls."""
        self._surveys.clear()

    def _check_file(self, source: Source, found: Found) -> Iterator[Diagnosis]:
        surveyed = self._survey(found)
        layout = Layout.of(source)
        place = Place(found.name)
        wanted = columns_of(source)
        plan = RecordPlan(source, wanted, self._zone)
        used: set[str] = set()
        rows = good = 0
        first: tuple[Problem, ...] = ()
        for row in islice(read_rows(found, surveyed, wanted, layout), SAMPLE_ROWS):
            rows += 1
            used.update(c for c, cell in zip(wanted, row.cells, strict=False) if cell)
            if not row.problems and not plan.applies(row):
                good += 1
                continue
            read = plan.read(row)
            if isinstance(read, tuple):
                first = first or read
            else:
                good += 1
        if not rows:
            yield Diagnosis(Level.WARNING, Problem("files.empty", {}, place))
            return
        values = {
            "kind": str(source.kind),
            "rows": str(rows),
            "aside": str(rows - good),
            "encoding": surveyed.encoding or found.suffix.removeprefix("."),
        }
        level = Level.GOOD if good == rows else Level.WARNING
        yield Diagnosis(level, Problem("files.sampled", values, place))
        yield from (Diagnosis(Level.WARNING, problem) for problem in first)
        if columns_in(found, surveyed, layout) is None:
            # JSON has no header: a name that no object has may be a slip of the mapping.
            for column in wanted:
                if column not in used:
                    values = {"column": column, "rows": str(rows)}
                    yield Diagnosis(Level.WARNING, Problem("files.never_filled", values, place))

    def _check_results(self) -> Diagnosis:
        folder = self._options.results
        held = folder
        while not held.exists():
            held = held.parent
        values = {"path": str(folder)}
        if held.is_dir() and os.access(held, os.W_OK | os.X_OK):
            return Diagnosis(Level.GOOD, Problem("files.writable", values))
        return Diagnosis(Level.BAD, Problem("files.not_writable", values))

    def _demand(self, kind: Kind) -> None:
        if kind not in self.capabilities.reads:
            names = ", ".join(sorted(self.capabilities.reads))
            raise UnsupportedError("files.kind", crm=self._name, kind=kind, names=names)

    def _inputs(self, kind: Kind) -> list[Input]:
        return [
            Input(source, found, self._survey(found))
            for source in self._mapping.source
            if source.kind is kind
            for found in self._files(source)
        ]

    def _files(self, source: Source) -> list[Found]:
        return matching(self._options.folder, source.files, self._options.results)

    def _survey(self, found: Found) -> Survey:
        """Survey a file once for as long as its size, its times and its node stay as they are."""
        try:
            state = found.path.stat()
        except OSError as error:
            detail = error.strerror or str(error)
            raise ConfigError("files.unreadable", path=found.name, detail=detail) from error
        mark = (state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
        held = self._surveys.get(found.path)
        if held is None or held[0] != mark:
            is_text = found.suffix not in NOT_TEXT
            asked = self._mapping.mapping.encoding
            held = (mark, survey(found.path, asked, is_text=is_text))
            self._surveys[found.path] = held
        return held[1]


def check_inputs(inputs: Iterable[Input]) -> None:
    """Make sure that files have the columns that the mapping names.

    Raises:
        ConfigError: some are missing; carries all of them.
    """
    check_columns(
        (each.found, each.surveyed, columns_of(each.source), Layout.of(each.source))
        for each in inputs
    )
