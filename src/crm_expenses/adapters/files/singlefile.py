"""One file of claims, without settings: its claims with all their lines, in the order of windows.

Each row is taken whole: where the claim, the person or the voucher in it cannot be read, its line
is set aside with them. So rows in = lines in bundles + lines set aside, always.
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
from crm_expenses.adapters.files.encoding import AUTO, Survey, survey
from crm_expenses.adapters.files.jsonrows import Object, json_objects, rows_of
from crm_expenses.adapters.files.mapping import FileMapping, Source
from crm_expenses.adapters.files.mappingfile import SUFFIXES, read_mapping, zone_of
from crm_expenses.adapters.files.packing import pack, unpacker
from crm_expenses.adapters.files.plan import RecordPlan, columns_of
from crm_expenses.adapters.files.reading import (
    NOT_TEXT,
    Layout,
    check_columns,
    columns_in,
    is_json,
    read_rows,
)
from crm_expenses.adapters.files.rows import Found, Row
from crm_expenses.adapters.files.spool import Bundles, Seen, content, instant
from crm_expenses.adapters.files.values import shown
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.origin import Origin
from crm_expenses.core.party import AccountManager
from crm_expenses.core.rates import Rate
from crm_expenses.core.record import Kind, Record
from crm_expenses.core.voucher import Voucher
from crm_expenses.errors import ConfigError, Place, Problem

READ_HERE: Final = (Kind.CLAIM, Kind.LINE, Kind.ACCOUNT_MANAGER, Kind.VOUCHER)


@dataclass(frozen=True, slots=True)
class ClaimBundle:
    """A claim with all that the file says of it; lines in the order of the file."""

    claim: Claim
    lines: tuple[ExpenseLine, ...]
    person: AccountManager | None
    vouchers: tuple[Voucher, ...]
    rates: tuple[Rate, ...] = ()


@dataclass(slots=True)
class BundleCounts:
    """What was read: `rows` = `lines` + `set_aside` + `without_line`.

    `without_line` counts claims that have no line and rows that hold another record only. `unread`
    has the names of columns that are no field, where the file has no mapping.
    """

    rows: int = 0
    lines: int = 0
    set_aside: int = 0
    without_line: int = 0
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Unit:
    """One row and what it is read as."""

    row: Row
    plans: Sequence[RecordPlan]


@dataclass(frozen=True, slots=True)
class _Reader:
    """A file with its mapping made ready."""

    found: Found
    surveyed: Survey
    layout: Layout
    wanted: tuple[str, ...]
    plans: tuple[RecordPlan, ...]
    zone: tzinfo | None


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
    currency: str = "",
    extras: identity.Extras = MappingProxyType({}),
) -> ClaimStream:
    """Read a file of claims, by a mapping or, without one, by columns named like the fields.

    `currency` is what a claim in JSON has for lines that name none, and converts its rates into.
    `extras` are the facts of the policy's own that the columns may hold.

    Claims come by time of submission, then by id. `counts` of what is returned grow as the file is
    read, and add up when it is.

    Raises:
        ConfigError: the file cannot be read, a column is missing, or the mapping has mistakes.
    """
    if not path.is_file():
        raise ConfigError("files.no_claims_file", path=str(path))
    if path.suffix.lower() not in SUFFIXES:
        names = ", ".join(SUFFIXES)
        raise ConfigError("files.suffix", path=str(path), names=names)
    found = Found(path, path.name)
    given = read_mapping(mapping) if mapping is not None else None
    asked = given.mapping.encoding if given is not None else AUTO
    surveyed = survey(path, asked, is_text=found.suffix not in NOT_TEXT)
    counts = BundleCounts()
    if given is not None:
        readers = {"": _reader(found, surveyed, given, _sources(given, found, str(mapping)))}
    else:
        readers = _identity_readers(found, surveyed, currency, counts, extras)
    reader = readers.get("") or readers["flat"]
    check_columns([(found, surveyed, reader.wanted, reader.layout)])
    units = _units(readers, reader, counts, extras)
    return ClaimStream(_bundles(units, reader.zone, counts), counts)


def _sources(mapping: FileMapping, found: Found, name: str) -> list[Source]:
    """Take the sources that name this file; there must be one of claims and one of lines."""
    patterns = [pattern for source in mapping.source for pattern in source.files]
    fitting = [
        source
        for source in mapping.source
        if any(found.path.match(Path(pattern).name) for pattern in source.files)
    ]
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
    chosen = [source for source in fitting if source.kind in READ_HERE]
    twice = sorted({s.kind for s in chosen if sum(s.kind is o.kind for o in chosen) > 1})
    if twice:
        raise ConfigError("files.kind_twice", path=found.name, mapping=name, kinds=", ".join(twice))
    return chosen


def _identity_readers(
    found: Found,
    surveyed: Survey,
    currency: str,
    counts: BundleCounts,
    extras: identity.Extras,
) -> dict[str, _Reader]:
    if is_json(found):
        forms = {"flat": identity.loose(extras), "nested": identity.nested(currency, extras)}
    else:
        columns = columns_in(found, surveyed, Layout()) or identity.REQUIRED
        counts.unread = identity.unread((name for name in columns if name), extras)
        forms = {"flat": identity.flat(found.name, columns, extras)}
    return {
        form: _reader(found, surveyed, mapping, mapping.source) for form, mapping in forms.items()
    }


def _reader(
    found: Found, surveyed: Survey, mapping: FileMapping, sources: Sequence[Source]
) -> _Reader:
    zone = zone_of(mapping.mapping)
    wanted = tuple(dict.fromkeys(chain.from_iterable(columns_of(source) for source in sources)))
    plans = tuple(RecordPlan(source, wanted, zone) for source in sources)
    layout = Layout(sources[0].delimiter, sources[0].sheet)
    return _Reader(found, surveyed, layout, wanted, plans, zone)


def _units(
    readers: dict[str, _Reader], reader: _Reader, counts: BundleCounts, extras: identity.Extras
) -> Iterator[_Unit]:
    if not is_json(reader.found):
        rows = read_rows(reader.found, reader.surveyed, reader.wanted, reader.layout)
        yield from (_Unit(row, reader.plans) for row in rows)
        return
    nested = readers.get("nested")
    for number, value, is_odd in json_objects(reader.found, reader.surveyed):
        if isinstance(value, Row):
            yield _Unit(value, reader.plans)
            continue
        chosen = reader
        if nested is not None:
            counts.unread |= _unread(value, extras)
            chosen = nested if identity.LINES in value else reader
        yield from _units_of(chosen, number, value, is_odd=is_odd)


def _unread(value: Object, extras: identity.Extras) -> frozenset[str]:
    """Give the names in a claim's object, and in its lines, that no field has."""
    lines = value.get(identity.LINES)
    inside = [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
    return identity.unread(chain(value, *inside), extras)


def _units_of(reader: _Reader, number: int, value: Object, *, is_odd: bool) -> Iterator[_Unit]:
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
            yield _Unit(row, plans)
    if is_alone:
        for row in rows_of(reader.found, number, value, reader.wanted, explode="", is_odd=is_odd):
            yield _Unit(row, outside)


def _bundles(
    units: Iterator[_Unit], zone: tzinfo | None, counts: BundleCounts
) -> Iterator[ClaimBundle | SetAside]:
    with Bundles() as bundles, Seen() as lines, Seen() as vouchers:
        known = _Known(bundles, lines, vouchers)
        for unit in units:
            counts.rows += 1
            aside = _take(unit, known, counts)
            if aside is not None:
                counts.set_aside += 1
                yield aside
        bundles.close_input()
        unpack = unpacker(Kind.LINE, zone)
        for claim, place, held in bundles.strays(Kind.LINE):
            counts.lines -= 1
            counts.set_aside += 1
            file, _, number = place.rpartition(":")
            problem = Problem(
                "record.no_such_claim", {"claim": shown(claim)}, Place(file, int(number))
            )
            yield SetAside(Origin("", unpack(held).id, place), (problem,))
        yield from _in_order(bundles, zone)


@dataclass(frozen=True, slots=True)
class _Known:
    """What earlier rows said."""

    bundles: Bundles
    lines: Seen
    vouchers: Seen


@dataclass(slots=True)
class _Parts:
    """What one row says."""

    claim: Claim | None = None
    line: ExpenseLine | None = None
    person: AccountManager | None = None
    voucher: Voucher | None = None
    rate: Rate | None = None

    def add(self, record: Record) -> None:
        match record:
            case Claim():
                self.claim = record
            case ExpenseLine():
                self.line = record
            case AccountManager():
                self.person = record
            case Voucher():
                self.voucher = record
            case Rate():
                self.rate = record

    @property
    def home(self) -> str:
        """The id of the claim that the row belongs to, empty where it names none."""
        if self.claim is not None:
            return self.claim.id
        return self.line.claim if self.line is not None else ""


def _take(unit: _Unit, known: _Known, counts: BundleCounts) -> SetAside | None:
    """Put a row's records into the spool, all of them or, where one is wrong, none."""
    row = unit.row
    parts = _Parts()
    problems: list[Problem] = []
    for plan in unit.plans:
        if not row.problems and not plan.applies(row):
            continue
        read = plan.read(row)
        if isinstance(read, tuple):
            problems += [problem for problem in read if problem not in problems]
        else:
            parts.add(read)
    problems = problems or _conflicts(parts, row, known)
    if problems:
        named = next((p for p in unit.plans if p.kind is Kind.LINE), unit.plans[0])
        return SetAside(Origin("", named.id_of(row), str(row.place)), tuple(problems))
    _keep(parts, str(row.place), known)
    if parts.line is not None:
        counts.lines += 1
    else:
        counts.without_line += 1
    return None


def _conflicts(parts: _Parts, row: Row, known: _Known) -> list[Problem]:
    """Find what a row says otherwise than an earlier row."""
    if not parts.home:
        return [Problem("record.no_such_claim", {"claim": "-"}, row.place)]
    problems = []
    claim, person, line, voucher = parts.claim, parts.person, parts.line, parts.voucher
    first = known.bundles.claim(parts.home) if claim is not None else None
    if claim is not None and first is not None:
        if first.content != content(claim):
            problems.append(_differs(Kind.CLAIM, claim.id, first.place, row))
        held = known.bundles.person(claim.id) if person is not None else None
        if person and held and held[0] != pack(Kind.ACCOUNT_MANAGER, person):
            problems.append(_differs(Kind.ACCOUNT_MANAGER, person.id, held[1], row))
    if voucher is not None:
        met = known.vouchers.find(_voucher_key(parts.home, voucher))
        if met is not None and met.content != content(voucher):
            problems.append(_differs(Kind.VOUCHER, voucher.id, met.place, row))
    if line is not None:
        met = known.lines.find(line.id)
        if met is not None:
            values = {"kind": str(Kind.LINE), "id": shown(line.id), "first": met.place}
            problems.append(Problem("record.duplicate", values, row.place))
    return problems


def _voucher_key(claim: str, voucher: Voucher) -> str:
    return f"{claim}\n{voucher.id}"


def _differs(kind: Kind, key: str, first: str, row: Row) -> Problem:
    values = {"kind": str(kind), "id": shown(key), "first": first}
    return Problem("record.differs", values, row.place)


def _keep(parts: _Parts, place: str, known: _Known) -> None:
    bundles = known.bundles
    claim, person, line, voucher = parts.claim, parts.person, parts.line, parts.voucher
    if claim is not None and bundles.claim(claim.id) is None:
        held = pack(Kind.CLAIM, claim)
        bundles.add_claim(claim.id, instant(claim.submitted), place, content(claim), held)
    if claim is not None and person is not None and bundles.person(claim.id) is None:
        bundles.set_person(claim.id, place, pack(Kind.ACCOUNT_MANAGER, person))
    if line is not None:
        known.lines.first(line.id, place)
        bundles.add_part(line.claim, Kind.LINE, place, pack(Kind.LINE, line))
    if voucher is not None:
        key = _voucher_key(parts.home, voucher)
        if known.vouchers.first(key, place, content(voucher)) is None:
            bundles.add_part(parts.home, Kind.VOUCHER, place, pack(Kind.VOUCHER, voucher))
    if parts.rate is not None:
        bundles.add_part(parts.home, Kind.RATE, place, pack(Kind.RATE, parts.rate))


def _in_order(bundles: Bundles, zone: tzinfo | None) -> Iterator[ClaimBundle]:
    read = {kind: unpacker(kind, zone) for kind in (*READ_HERE, Kind.RATE)}
    for key, held, person in bundles.claims():
        parts = _Parts()
        parts.add(read[Kind.CLAIM](held))
        if person is not None:
            parts.add(read[Kind.ACCOUNT_MANAGER](person))
        records = [read[Kind(kind)](text) for kind, text in bundles.parts(key)]
        lines = tuple(record for record in records if isinstance(record, ExpenseLine))
        vouchers = tuple(record for record in records if isinstance(record, Voucher))
        rates = tuple(record for record in records if isinstance(record, Rate))
        if parts.claim is not None:
            yield ClaimBundle(parts.claim, lines, parts.person, vouchers, rates)
