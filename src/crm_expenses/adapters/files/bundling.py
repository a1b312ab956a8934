"""The claims of a file put together from its rows: each with its lines, in the order of windows.

Each row is taken whole: where the claim, the person or the voucher in it cannot be read, its line
is set aside with them. So rows in = lines in bundles + lines set aside, always; a claim that is set
aside whole, because it stands in one object, is one row.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Final

from crm_expenses.adapters.contract import SetAside
from crm_expenses.adapters.files.beside import LOOSE, Beside
from crm_expenses.adapters.files.jsonrows import Object
from crm_expenses.adapters.files.packing import pack, unpacker
from crm_expenses.adapters.files.plan import RecordPlan
from crm_expenses.adapters.files.rows import Row
from crm_expenses.adapters.files.spool import Bundles, Seen, content, instant
from crm_expenses.adapters.files.values import shown
from crm_expenses.adapters.files.wholeclaims import (
    ClaimRead,
    ReadClaim,
    inside,
    records_of,
    text_problems,
)
from crm_expenses.core.claim import DECIDED_STATUSES, Claim, ExpenseLine
from crm_expenses.core.origin import Origin
from crm_expenses.core.party import AccountManager
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import Rate
from crm_expenses.core.record import Kind, Record
from crm_expenses.core.trip import Trip, TripLeg, TripNote, trips_of
from crm_expenses.core.voucher import Voucher
from crm_expenses.core.waiver import Waiver
from crm_expenses.errors import Place, Problem

OF_CLAIM: Final = (Kind.CLAIM, Kind.LINE, Kind.ACCOUNT_MANAGER, Kind.VOUCHER)
"""The kinds that a row may hold once; of those in `LOOSE` it may hold several."""

WHOLE: Final = b""
"""In the place of a claim's digest: no row of a file says the same as an object."""


@dataclass(frozen=True, slots=True)
class ClaimBundle:
    """A claim with all that the file says of it; lines in the order of the file.

    `is_whole` says that it stood in one object, and that all its facts are its own.
    """

    claim: Claim
    lines: tuple[ExpenseLine, ...]
    person: AccountManager | None
    vouchers: tuple[Voucher, ...]
    rates: tuple[Rate, ...] = ()
    trips: tuple[Trip, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    pre_approvals: tuple[PreApproval, ...] = ()
    is_whole: bool = False


@dataclass(slots=True)
class BundleCounts:
    """What was read: `rows` = `lines` + `set_aside` + `without_line`.

    `without_line` counts claims that have no line and rows that hold another record only. `unread`
    has the names that are no field, where the file has no mapping; `absent` the kinds that the
    mapping reads from other files, of which none is there.
    """

    rows: int = 0
    lines: int = 0
    set_aside: int = 0
    without_line: int = 0
    unread: frozenset[str] = frozenset()
    absent: frozenset[Kind] = frozenset()


@dataclass(frozen=True, slots=True)
class Unit:
    """One row and what it is read as."""

    row: Row
    plans: Sequence[RecordPlan]


@dataclass(frozen=True, slots=True)
class Whole:
    """One object that is a claim with all that belongs to it; `read` is what it says."""

    place: Place
    value: Object
    is_odd: bool
    read: ReadClaim


@dataclass(frozen=True, slots=True)
class _Known:
    """What earlier rows said."""

    bundles: Bundles
    lines: Seen
    vouchers: Seen
    beside: Beside


@dataclass(slots=True)
class _Parts:
    """What one row says."""

    claim: Claim | None = None
    line: ExpenseLine | None = None
    person: AccountManager | None = None
    voucher: Voucher | None = None
    loose: list[tuple[Kind, Record]] = field(default_factory=list)

    def add(self, kind: Kind, record: Record) -> None:
        match record:
            case Claim():
                self.claim = record
            case ExpenseLine():
                self.line = record
            case AccountManager():
                self.person = record
            case Voucher():
                self.voucher = record
            case _:
                self.loose.append((kind, record))

    @property
    def home(self) -> str:
        """The id of the claim that the row belongs to, empty where it names none."""
        if self.claim is not None:
            return self.claim.id
        return self.line.claim if self.line is not None else ""

    def set_free(self) -> None:
        """Let what belongs to no claim here be found by its own id."""
        if self.person is not None:
            self.loose.append((Kind.ACCOUNT_MANAGER, self.person))
        if self.voucher is not None:
            self.loose.append((Kind.VOUCHER, self.voucher))
        self.person = self.voucher = None


def bundles_of(
    units: Iterable[Unit | Whole], zone: tzinfo | None, counts: BundleCounts
) -> Iterator[ClaimBundle | SetAside]:
    """Give what is set aside, as it comes, and then the claims in order; `counts` grow."""
    with Bundles() as bundles, Seen() as lines, Seen() as vouchers, Beside() as beside:
        known = _Known(bundles, lines, vouchers, beside)
        for unit in units:
            if isinstance(unit, Whole):
                yield from _take_whole(unit, known, counts)
                continue
            counts.rows += 1
            aside = _take(unit, known, counts)
            if aside is not None:
                counts.set_aside += 1
                yield aside
        bundles.close_input()
        beside.close_input(lambda: _travels(bundles, zone))
        unpack = unpacker(Kind.LINE, zone)
        for claim, place, held in bundles.strays(Kind.LINE):
            counts.lines -= 1
            counts.set_aside += 1
            file, _, number = place.rpartition(":")
            problem = Problem(
                "record.no_such_claim", {"claim": shown(claim)}, Place(file, int(number))
            )
            yield SetAside(Origin("", unpack(held).id, place), (problem,))
        yield from _in_order(bundles, beside, zone)


# Claims that stand whole in an object


def _take_whole(whole: Whole, known: _Known, counts: BundleCounts) -> Iterator[SetAside]:
    """Put a claim into the spool, with the lines that can be read; give what is set aside."""
    faults = text_problems(whole.value) if whole.is_odd else []
    found = ClaimRead(None, (tuple(faults),)) if faults else whole.read(whole.value)
    counts.unread |= found.unread
    aside, facts, place = list(found.aside), found.facts, str(whole.place)
    first = known.bundles.claim(facts.claim.id) if facts is not None else None
    if facts is not None and first is not None:
        values = {"kind": str(Kind.CLAIM), "id": shown(facts.claim.id), "first": first.place}
        aside, facts = [(Problem("record.duplicate", values),)], None
    if facts is not None:
        claim = facts.claim
        held = pack(Kind.CLAIM, claim)
        known.bundles.add_claim(claim.id, instant(claim.submitted), place, WHOLE, held)
        if facts.person is not None:
            known.bundles.set_person(claim.id, place, pack(Kind.ACCOUNT_MANAGER, facts.person))
        for kind, record in records_of(facts):
            known.bundles.add_part(claim.id, kind, place, pack(kind, record))
        counts.lines += len(facts.lines)
        is_bare = not facts.lines
        counts.without_line += is_bare
        counts.rows += len(facts.lines) + is_bare
    counts.rows += len(aside)
    counts.set_aside += len(aside)
    key = shown(str(whole.value.get("claim") or place))
    for problems in aside:
        told = tuple(inside(whole.place, problem) for problem in problems)
        yield SetAside(Origin("", key, place), told)


# Rows


def _take(unit: Unit, known: _Known, counts: BundleCounts) -> SetAside | None:
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
            parts.add(plan.kind, read)
    if not parts.home:
        parts.set_free()
    problems = problems or _conflicts(parts, unit, known)
    if problems:
        named = next((p for p in unit.plans if p.kind is Kind.LINE), unit.plans[0])
        return SetAside(Origin("", named.id_of(row), str(row.place)), tuple(problems))
    _keep(parts, str(row.place), known)
    if parts.line is not None:
        counts.lines += 1
    else:
        counts.without_line += 1
    return None


def _conflicts(parts: _Parts, unit: Unit, known: _Known) -> list[Problem]:
    """Find what a row says otherwise than an earlier row."""
    row, problems = unit.row, []
    if not parts.home and not parts.loose and any(p.kind is Kind.LINE for p in unit.plans):
        return [Problem("record.no_such_claim", {"claim": "-"}, row.place)]
    for kind, record in parts.loose:
        met = known.beside.find(kind, record.id)
        if met is not None and met.content != content(record):
            problems.append(_differs(kind, record.id, met.place, row))
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
    for kind, record in parts.loose:
        known.beside.add(kind, record, place)


# Out again


def _travels(bundles: Bundles, zone: tzinfo | None) -> Iterator[tuple[Claim, ExpenseLine]]:
    """Give the lines of the claims that count, each with its claim."""
    claims, lines = unpacker(Kind.CLAIM, zone), unpacker(Kind.LINE, zone)
    for key, held, _, is_whole in bundles.claims():
        claim = claims(held)
        if is_whole or not isinstance(claim, Claim) or claim.status not in DECIDED_STATUSES:
            continue
        for kind, text in bundles.parts(key):
            line = lines(text) if kind == Kind.LINE.value else None
            if isinstance(line, ExpenseLine):
                yield claim, line


def _in_order(bundles: Bundles, beside: Beside, zone: tzinfo | None) -> Iterator[ClaimBundle]:
    kinds = {*OF_CLAIM, *LOOSE}
    of_rows = {kind: unpacker(kind, zone) for kind in kinds}
    # A time in an object has its own zone, which says on which day something was.
    of_objects = {kind: unpacker(kind, None) for kind in kinds}
    for key, held, person, is_whole in bundles.claims():
        read = of_objects if is_whole else of_rows
        parts = _Parts()
        parts.add(Kind.CLAIM, read[Kind.CLAIM](held))
        if person is not None:
            parts.add(Kind.ACCOUNT_MANAGER, read[Kind.ACCOUNT_MANAGER](person))
        records = [read[Kind(kind)](text) for kind, text in bundles.parts(key)]
        if parts.claim is None:
            continue
        bundle = ClaimBundle(
            parts.claim,
            tuple(record for record in records if isinstance(record, ExpenseLine)),
            parts.person,
            tuple(record for record in records if isinstance(record, Voucher)),
            tuple(record for record in records if isinstance(record, Rate)),
            trips_of(
                (record for record in records if isinstance(record, TripLeg)),
                (record for record in records if isinstance(record, TripNote)),
            ),
            tuple(record for record in records if isinstance(record, Waiver)),
            tuple(record for record in records if isinstance(record, PreApproval)),
            is_whole,
        )
        yield bundle if is_whole else _completed(bundle, beside)


def _completed(bundle: ClaimBundle, beside: Beside) -> ClaimBundle:
    """Add to a claim what it names and no row of its own has."""
    claim, lines = bundle.claim, bundle.lines
    there = {voucher.id for voucher in bundle.vouchers}
    wanted = {line.voucher for line in lines if line.voucher} - there
    return replace(
        bundle,
        person=bundle.person or beside.person(claim.person),
        vouchers=(*bundle.vouchers, *beside.vouchers(wanted)),
        rates=beside.rates(),
        trips=beside.trips(claim.person, lines),
        waivers=beside.waivers(claim, lines),
        pre_approvals=beside.pre_approvals(claim.person),
    )
