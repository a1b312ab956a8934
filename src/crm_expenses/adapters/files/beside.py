"""What belongs to no single claim of a file: people, vouchers, rates, trips, what was granted.

Each claim takes of it what its lines name, as a store would give it: the trips of its lines, the
person's other trips on the same days, the waivers that name the person, the claim or one of its
lines and nobody else, and what was approved in advance for the person.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from crm_expenses.adapters.files.packing import pack, unpacker
from crm_expenses.adapters.files.spool import Sighting, Spool, content
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.party import AccountManager
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import Rate
from crm_expenses.core.record import Kind, Record
from crm_expenses.core.trip import Trip, TripLeg, TripNote, trips_of
from crm_expenses.core.voucher import Voucher
from crm_expenses.core.waiver import Waiver

PERSON: Final = "person"
CLAIM: Final = "claim"
LINE: Final = "line"
OWN: Final = ""
"""The roles in which a record is named: a waiver's three, and all others' only one."""

TRIPS: Final = (Kind.TRIP_LEG, Kind.TRIP_NOTE)
LOOSE: Final = (
    *(Kind.ACCOUNT_MANAGER, Kind.VOUCHER, Kind.RATE),
    *(*TRIPS, Kind.WAIVER, Kind.PRE_APPROVAL),
)
"""The kinds that may stand in files of their own."""


class Beside(Spool):
    """Records of the loose kinds, found by what they name."""

    _TABLES = """
        CREATE TABLE record (
            number INTEGER PRIMARY KEY, kind TEXT, id TEXT, place TEXT, content BLOB, held TEXT,
            UNIQUE (kind, id)
        );
        CREATE TABLE link (kind TEXT, role TEXT, name TEXT, number INTEGER);
        CREATE TABLE away (
            person TEXT, trip TEXT, starts TEXT, ends TEXT, PRIMARY KEY (person, trip)
        ) WITHOUT ROWID;
    """

    def __init__(self) -> None:
        super().__init__()
        # Times keep the zone that they were read with: the days of a trip are those of its places.
        self._unpack: dict[Kind, Callable[[str], Record]] = {k: unpacker(k, None) for k in LOOSE}

    def find(self, kind: Kind, key: str) -> Sighting | None:
        """Give where a record was met first, or None."""
        of = (kind.value, key)
        row = self._run("SELECT place, content FROM record WHERE kind = ? AND id = ?", of)
        found = row.fetchone()
        return Sighting(*found) if found else None

    def add(self, kind: Kind, record: Record, place: str) -> None:
        """Put a record in, unless it is there."""
        cursor = self._run(
            "INSERT INTO record (kind, id, place, content, held) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (kind.value, record.id, place, content(record), pack(kind, record)),
        )
        if cursor.rowcount != 1:
            return
        for role, name in _named(record):
            self._run(
                "INSERT INTO link VALUES (?, ?, ?, ?)", (kind.value, role, name, cursor.lastrowid)
            )

    def close_input(self, travels: Callable[[], Iterable[tuple[Claim, ExpenseLine]]]) -> None:
        """Say that all is in; `travels` gives the claims that count with their lines."""
        self._run("CREATE INDEX link_name ON link (kind, role, name)")
        if not self._run("SELECT 1 FROM record WHERE kind = ?", (Kind.TRIP_LEG.value,)).fetchone():
            return
        for claim, line in travels():
            if not line.trip:
                continue
            for trip in self._trips({line.trip}, with_notes=False):
                of = (claim.person, trip.id, *_span(trip))
                self._run("INSERT OR REPLACE INTO away VALUES (?, ?, ?, ?)", of)

    def person(self, key: str) -> AccountManager | None:
        """Give a person by id."""
        found = self._records(Kind.ACCOUNT_MANAGER, OWN, {key})
        return next((one for one in found if isinstance(one, AccountManager)), None)

    def vouchers(self, keys: Iterable[str]) -> tuple[Voucher, ...]:
        """Give vouchers by id."""
        found = self._records(Kind.VOUCHER, OWN, keys)
        return tuple(one for one in found if isinstance(one, Voucher))

    def rates(self) -> tuple[Rate, ...]:
        """Give all rates."""
        rows = self._run("SELECT held FROM record WHERE kind = ?", (Kind.RATE.value,))
        read = (self._unpack[Kind.RATE](held) for (held,) in rows)
        return tuple(one for one in read if isinstance(one, Rate))

    def trips(self, person: str, lines: Sequence[ExpenseLine]) -> tuple[Trip, ...]:
        """Give the trips of some lines, and the person's others on those days."""
        names = {line.trip for line in lines if line.trip}
        own = self._trips(names)
        others: set[str] = set()
        for trip in own:
            first, last = _span(trip)
            rows = self._run(
                "SELECT trip FROM away WHERE person = ? AND starts <= ? AND ends >= ?",
                (person, last, first),
            )
            others |= {row[0] for row in rows}
        found = (*own, *self._trips(others - names))
        return tuple(sorted(found, key=lambda trip: trip.id))

    def waivers(self, claim: Claim, lines: Sequence[ExpenseLine]) -> tuple[Waiver, ...]:
        """Give the waivers that name the person, the claim or a line of it, and nobody else."""
        own = {PERSON: {claim.person}, CLAIM: {claim.id}, LINE: {line.id for line in lines}}
        found: dict[str, Waiver] = {}
        for role, names in own.items():
            for one in self._records(Kind.WAIVER, role, names):
                if isinstance(one, Waiver) and all(n in own[r] for r, n in _named(one)):
                    found[one.id] = one
        return tuple(found[key] for key in sorted(found))

    def pre_approvals(self, person: str) -> tuple[PreApproval, ...]:
        """Give what was approved in advance for a person."""
        found = [
            one
            for one in self._records(Kind.PRE_APPROVAL, OWN, {person})
            if isinstance(one, PreApproval)
        ]
        return tuple(sorted(found, key=lambda one: one.id))

    def _trips(self, names: Iterable[str], *, with_notes: bool = True) -> tuple[Trip, ...]:
        wanted = sorted(names)
        legs = self._records(Kind.TRIP_LEG, OWN, wanted)
        notes = self._records(Kind.TRIP_NOTE, OWN, wanted) if with_notes else ()
        return trips_of(
            (one for one in legs if isinstance(one, TripLeg)),
            (one for one in notes if isinstance(one, TripNote)),
        )

    def _records(self, kind: Kind, role: str, names: Iterable[str]) -> Iterator[Record]:
        for name in sorted(names):
            rows = self._run(
                "SELECT held FROM record JOIN link USING (number)"
                " WHERE link.kind = ? AND role = ? AND name = ? ORDER BY number",
                (kind.value, role, name),
            ).fetchall()
            yield from (self._unpack[kind](held) for (held,) in rows)


def _named(record: Record) -> Iterator[tuple[str, str]]:
    """Give the roles and names under which a record is looked for."""
    match record:
        case TripLeg() | TripNote():
            yield OWN, record.trip
        case PreApproval():
            yield OWN, record.person
        case Waiver():
            named = ((PERSON, record.person), (CLAIM, record.claim), (LINE, record.line))
            yield from ((role, name) for role, name in named if name)
        case _:
            yield OWN, record.id


def _span(trip: Trip) -> tuple[str, str]:
    """Give the first and last day of a trip, as text that sorts."""
    return trip.departs.date().isoformat(), trip.returns.date().isoformat()
