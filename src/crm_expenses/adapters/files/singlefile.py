"""One file of claims, without settings: its claims with all their lines, in the order of windows.

A mapping may read people, vouchers, rates, trips and waivers from other files: they are looked for
where the mapping would find them, seen from the file of claims.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Final

from crm_expenses.adapters.contract import SetAside
from crm_expenses.adapters.files import identity
from crm_expenses.adapters.files.beside import LOOSE
from crm_expenses.adapters.files.bundling import (
    OF_CLAIM,
    BundleCounts,
    ClaimBundle,
    Unit,
    Whole,
    bundles_of,
)
from crm_expenses.adapters.files.encoding import AUTO, Survey, survey
from crm_expenses.adapters.files.jsonfile import SUFFIX, json_file_objects, json_parts
from crm_expenses.adapters.files.jsonrows import Object, json_objects, rows_of
from crm_expenses.adapters.files.mapping import FileMapping, Source
from crm_expenses.adapters.files.mappingfile import SUFFIXES, read_mapping, zone_of
from crm_expenses.adapters.files.plan import RecordPlan, columns_of
from crm_expenses.adapters.files.reading import (
    NOT_TEXT,
    Layout,
    check_columns,
    columns_in,
    is_json,
    matching,
    read_rows,
)
from crm_expenses.adapters.files.rows import Found, Row
from crm_expenses.adapters.files.wholeclaims import ReadClaim
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError, Place

RESULTS: Final = "results"
"""The folder that a sync writes into, where its settings name no other: it is never read."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """A file with its mapping made ready."""

    found: Found
    surveyed: Survey
    layout: Layout
    wanted: tuple[str, ...]
    plans: tuple[RecordPlan, ...]
    zone: tzinfo | None

    def rows(self) -> Iterator[Unit]:
        """Give the rows of a table, or of JSON that is exploded as one source says."""
        rows = read_rows(self.found, self.surveyed, self.wanted, self.layout)
        return (Unit(row, self.plans) for row in rows)


class ClaimStream(Iterator["ClaimBundle | SetAside"]):
    """What a file gives, one at a time: first what is set aside, then the claims in order."""

    def __init__(self, items: Iterator["ClaimBundle | SetAside"], counts: BundleCounts) -> None:
        self._items = items
        self.counts = counts

    def __next__(self) -> "ClaimBundle | SetAside":
        return next(self._items)


def claims_in(
    path: Path,
    mapping: Path | None,
    *,
    read_claim: ReadClaim,
    extras: identity.Extras = MappingProxyType({}),
    given: identity.Given = identity.NOTHING_GIVEN,
) -> ClaimStream:
    """Read a file of claims, by a mapping or, without one, by columns named like the fields.

    Without a mapping, a JSON object that has lines is a claim: `read_claim` reads it. `extras` are
    the facts of the policy's own that the columns of other files may hold; `given` is what counts
    where such a file has no column.

    Claims come by time of submission, then by id. `counts` of what is returned grow as the file is
    read, and add up when it is.

    Raises:
        ConfigError: the file cannot be read, a column is missing, or the mapping has mistakes.
    """
    if not path.is_file():
        raise ConfigError("files.no_claims_file", path=str(path))
    found = Found(path, path.name)
    if found.suffix not in (*SUFFIXES, SUFFIX):
        names = ", ".join((*SUFFIXES, SUFFIX))
        raise ConfigError("files.suffix", path=str(path), names=names)
    counts = BundleCounts()
    if mapping is not None:
        said = read_mapping(mapping)
        rows = _mapped_units(found, said, str(mapping), counts)
        return ClaimStream(bundles_of(rows, zone_of(said.mapping), counts), counts)
    surveyed = survey(path, AUTO, is_text=found.suffix not in NOT_TEXT)
    if found.suffix == SUFFIX:
        objects = json_file_objects(found, json_parts(found, surveyed))
    elif is_json(found):
        objects = json_objects(found, surveyed)
    else:
        columns = columns_in(found, surveyed, Layout()) or identity.REQUIRED
        counts.unread = identity.unread((name for name in columns if name), extras)
        reader = _identity(found, surveyed, identity.flat(found.name, columns, extras, given))
        check_columns([(found, surveyed, reader.wanted, reader.layout)])
        return ClaimStream(bundles_of(reader.rows(), reader.zone, counts), counts)
    flat = _identity(found, surveyed, identity.loose(extras, given))
    units = _object_units(objects, flat, read_claim, counts, extras)
    return ClaimStream(bundles_of(units, flat.zone, counts), counts)


# Without a mapping


def _identity(found: Found, surveyed: Survey, mapping: FileMapping) -> _Reader:
    return _reader(found, surveyed, mapping.source, zone_of(mapping.mapping))


def _object_units(
    objects: Iterator[tuple[int, Object | Row, bool]],
    flat: _Reader,
    read_claim: ReadClaim,
    counts: BundleCounts,
    extras: identity.Extras,
) -> Iterator[Unit | Whole]:
    for number, value, is_odd in objects:
        if isinstance(value, Row):
            yield Unit(value, flat.plans)
        elif identity.LINES in value:
            yield Whole(Place(flat.found.name, number), value, is_odd, read_claim)
        else:
            counts.unread |= identity.unread(value, extras)
            yield from _units_of(flat, number, value, is_odd=is_odd)


# With a mapping


def _mapped_units(
    found: Found, given: FileMapping, name: str, counts: BundleCounts
) -> Iterator[Unit]:
    """Make the units of the file, and of the others that the mapping reads beside it.

    Raises:
        ConfigError: a file cannot be read, or lacks a column that the mapping names.
    """
    if found.suffix == SUFFIX:
        raise ConfigError("files.json_mapping", path=found.name)
    zone, asked = zone_of(given.mapping), given.mapping.encoding
    chosen = _sources(given, found, name)
    surveyed = survey(found.path, asked, is_text=found.suffix not in NOT_TEXT)
    reader = _reader(found, surveyed, chosen, zone)
    beside = []
    for source, other in _elsewhere(given, found, chosen, counts):
        seen = survey(other.path, asked, is_text=other.suffix not in NOT_TEXT)
        beside.append(_reader(other, seen, (source,), zone))
    check_columns((r.found, r.surveyed, r.wanted, r.layout) for r in (reader, *beside))
    rows = _exploded(reader) if is_json(found) else reader.rows()
    return chain(rows, *(other.rows() for other in beside))


def _sources(mapping: FileMapping, found: Found, name: str) -> list[Source]:
    """Take the sources that name this file; there must be one of claims and one of lines."""
    patterns = [pattern for source in mapping.source for pattern in source.files]
    fitting = [source for source in mapping.source if _names(source, found)]
    kinds = {source.kind for source in fitting}
    missing = [str(kind) for kind in (Kind.CLAIM, Kind.LINE) if kind not in kinds]
    if missing:
        raise ConfigError(
            "files.not_in_mapping",
            path=found.name,
            mapping=name,
            missing=", ".join(missing),
            patterns=", ".join(dict.fromkeys(patterns)),
        )
    of_lines = next(source for source in fitting if source.kind is Kind.LINE)
    chosen = [
        source
        for source in fitting
        if source.kind in (Kind.CLAIM, Kind.LINE)
        or (source.kind in LOOSE and _table(source) == _table(of_lines))
    ]
    once = [source.kind for source in chosen if source.kind in OF_CLAIM]
    twice = sorted({kind for kind in once if once.count(kind) > 1})
    if twice:
        raise ConfigError("files.kind_twice", path=found.name, mapping=name, kinds=", ".join(twice))
    return chosen


def _names(source: Source, found: Found) -> bool:
    return any(found.path.match(Path(pattern).name) for pattern in source.files)


def _table(source: Source) -> tuple[str, str]:
    """Say which table of a file a source reads, and how."""
    return source.delimiter, source.sheet


def _elsewhere(
    mapping: FileMapping, found: Found, chosen: Sequence[Source], counts: BundleCounts
) -> list[tuple[Source, Found]]:
    """Find what the mapping reads from other files, or from other sheets of this one."""
    reached: list[tuple[Source, Found]] = []
    sources = [s for s in mapping.source if s.kind in LOOSE and s not in chosen]
    for source in sources:
        if _names(source, found):
            reached.append((source, found))
        reached += [(source, other) for other in _beside(mapping, source, found)]
    there = {source.kind for source in chosen} | {source.kind for source, _ in reached}
    counts.absent = frozenset(source.kind for source in sources) - there
    return reached


def _beside(mapping: FileMapping, source: Source, found: Found) -> list[Found]:
    """Give the other files that a source names, seen from where the file of claims stands.

    Where that cannot be told, only names without a folder are looked for, beside it.
    """
    path = found.path.resolve()
    homes = [
        path.parents[len(Path(pattern).parts) - 1]
        for one in mapping.source
        if one.kind is Kind.LINE
        for pattern in one.files
        if "**" not in pattern and path.match(pattern)
    ]
    folder, patterns = path.parent, [p for p in source.files if len(Path(p).parts) == 1]
    if homes:
        folder, patterns = homes[0], list(source.files)
    files = matching(folder, patterns, folder / RESULTS)
    return [other for other in files if other.path.resolve() != path]


def _reader(
    found: Found, surveyed: Survey, sources: Sequence[Source], zone: tzinfo | None
) -> _Reader:
    wanted = tuple(dict.fromkeys(chain.from_iterable(columns_of(source) for source in sources)))
    plans = tuple(RecordPlan(source, wanted, zone) for source in sources)
    explode = sources[0].explode if len(sources) == 1 else ""
    layout = Layout(sources[0].delimiter, sources[0].sheet, explode)
    return _Reader(found, surveyed, layout, wanted, plans, zone)


# Units of JSON


def _exploded(reader: _Reader) -> Iterator[Unit]:
    for number, value, is_odd in json_objects(reader.found, reader.surveyed):
        if isinstance(value, Row):
            yield Unit(value, reader.plans)
        else:
            yield from _units_of(reader, number, value, is_odd=is_odd)


def _units_of(reader: _Reader, number: int, value: Object, *, is_odd: bool) -> Iterator[Unit]:
    """Give an object's units: one an element of each array; the object itself where none has any.

    A unit of an element is read as the record outside, too, so that what is wrong there is told of
    each of its lines.
    """
    outside = [plan for plan in reader.plans if not plan.explode]
    arrays = dict.fromkeys(plan.explode for plan in reader.plans if plan.explode)
    is_alone = True
    for explode in arrays:
        plans = outside + [plan for plan in reader.plans if plan.explode == explode]
        for row in rows_of(
            reader.found, number, value, reader.wanted, explode=explode, is_odd=is_odd
        ):
            is_alone = False
            yield Unit(row, plans)
    if is_alone:
        for row in rows_of(reader.found, number, value, reader.wanted, explode="", is_odd=is_odd):
            yield Unit(row, outside)
