"""Which records name which others, and which claims a trip, a waiver or a pre-approval touches.

`link` holds what the newest version of a record names: a line its trip, a leg and a note theirs, a
claim that counts its person, a waiver and a pre-approval whom it is for. `absence` holds what
follows from it: who was away when. A claim reads the trips of its lines and the person's others on
the same days, so a trip that comes, moves or goes touches the person's claims on those days, and no
others: a claim that is decided again takes a new place in its windows.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, select

from crm_expenses.core.claim import DECIDED_STATUSES, Claim, ExpenseLine
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.record import Kind, Record
from crm_expenses.core.trip import Trip, TripLeg, TripNote, trips_of
from crm_expenses.core.waiver import Waiver
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.codec import read_decision, read_record
from crm_expenses.store.many import add_rows, rows_of
from crm_expenses.store.statements import AT_ONCE, portions

TRIP: Final = "trip"
PERSON: Final = "person"
CLAIM: Final = "claim"
LINE: Final = "line"

GRANTS: Final = frozenset({Kind.WAIVER, Kind.PRE_APPROVAL})
"""The kinds of what somebody granted: what one covers depends on all that it says."""

LINKING: Final = GRANTS | {Kind.CLAIM, Kind.LINE, Kind.TRIP_LEG, Kind.TRIP_NOTE}
"""The kinds whose records have links."""

Span = tuple[str, str]
"""First and last day of a trip, as text that sorts."""


class _Decided(NamedTuple):
    """A live decision."""

    claim: str
    person: str
    submitted: str
    content: str


@dataclass(frozen=True, slots=True)
class Named:
    """What a record named before a page and what it names after it, by role."""

    before: Mapping[str, str]
    after: Mapping[str, str]

    def either(self, role: str) -> set[str]:
        """Give the names of a role, old and new."""
        return {self.before.get(role, ""), self.after.get(role, "")} - {""}


def links_of(record: Record) -> dict[str, str]:
    """Give what a record names, by role.

    >>> from datetime import date
    >>> links_of(Waiver("W", "meal.cap", "P9", date(2026, 1, 1), person="P1", line="L1"))
    {'person': 'P1', 'line': 'L1'}
    """
    match record:
        case ExpenseLine() | TripLeg() | TripNote():
            return {TRIP: record.trip} if record.trip else {}
        case Claim():
            counts = record.status in DECIDED_STATUSES and record.person
            return {PERSON: record.person} if counts else {}
        case Waiver():
            found = {PERSON: record.person, CLAIM: record.claim, LINE: record.line}
            return {role: name for role, name in found.items() if name}
        case PreApproval():
            return {PERSON: record.person} if record.person else {}
        case _:
            return {}


def span_of(trip: Trip) -> Span:
    """Give the first and last day of a trip, by the clocks there."""
    return trip.departs.date().isoformat(), trip.returns.date().isoformat()


def meets(one: Span, other: Span) -> bool:
    """Say whether two trips have a day in common.

    >>> meets(("2026-03-01", "2026-03-04"), ("2026-03-04", "2026-03-05"))
    True
    """
    return one[0] <= other[1] and other[0] <= one[1]


def replace_links(
    connection: Connection,
    crm: str,
    kind: Kind,
    records: Sequence[Record],
    held: frozenset[str] = frozenset(),
) -> dict[str, Named]:
    """Keep what records name now; give it beside what they named before, by id of who names any.

    `held` are the ids of which something was held before: the others have no links.
    """
    if kind not in LINKING or not records:
        return {}
    newest = {record.id: record for record in records}
    before: dict[str, dict[str, str]] = {}
    for ids in portions(newest.keys() & held):
        of = {"of_crm": crm, "of_kind": kind.value, "of_names": ids}
        for row in connection.execute(s.LINKS, of):
            before.setdefault(row.id, {})[row.role] = row.name
        connection.execute(s.NO_LINKS, of)
    named = {}
    for name, record in newest.items():
        after = links_of(record)
        if after or name in before:
            named[name] = Named(before.get(name, {}), after)
    rows = [
        (crm, kind.value, name, role, other)
        for name, one in named.items()
        for role, other in one.after.items()
    ]
    add_rows(connection, t.link, rows)
    return named


def claims_touched(
    connection: Connection,
    crm: str,
    kind: Kind,
    *,
    named: Mapping[str, Named],
    moved: Collection[str] = (),
    grants: Sequence[Record] = (),
) -> set[str]:
    """Bring the absences up to date; give the claims whose facts a page changed by way of links.

    `moved` are the records that went from one claim to another. `grants` are the waivers or
    pre-approvals of the page, old and new.
    """
    match kind:
        case Kind.TRIP_NOTE:
            trips = _names(named.values(), TRIP)
            return _claims_on(connection, crm, trips) | _beside_trips(connection, crm, trips)
        case Kind.TRIP_LEG:
            trips = _names(named.values(), TRIP)
            others = _move(connection, crm, trips)
            beside = _beside_trips(connection, crm, trips)  # the hours of a day are shared, too
            return others | beside | _claims_on(connection, crm, trips)
        case Kind.LINE:
            changed = (n for i, n in named.items() if n.before != n.after or i in moved)
            return _move(connection, crm, _names(changed, TRIP))
        case Kind.CLAIM:
            claims = [name for name, one in named.items() if one.before != one.after]
            return _move(connection, crm, _trips_in(connection, crm, claims))
        case Kind.WAIVER:
            waivers = [one for one in grants if isinstance(one, Waiver)]
            return _claims_waived(connection, crm, waivers)
        case Kind.PRE_APPROVAL:
            approvals = [one for one in grants if isinstance(one, PreApproval)]
            return claims_approved(connection, crm, approvals)
        case _:
            return set()


def absences(
    connection: Connection, crm: str, person: str, spans: Collection[Span]
) -> dict[str, Span]:
    """Give a person's trips that have a day in common with some days, by id."""
    away = _away_within(connection, crm, person, spans)
    return {trip: held for trip, held in away.items() if any(meets(held, span) for span in spans)}


def _away_within(
    connection: Connection, crm: str, person: str, spans: Collection[Span]
) -> dict[str, Span]:
    """Give a person's trips between the first and the last of some days: one question for all."""
    if not spans:
        return {}
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    of = {"of_crm": crm, "of_person": person, "of_first": first, "of_last": last}
    return {row.trip: (row.starts, row.ends) for row in connection.execute(s.AWAY, of)}


def trips_named(
    connection: Connection, crm: str, trips: Iterable[str], *, with_notes: bool = True
) -> tuple[Trip, ...]:
    """Read trips; one without legs is not there."""
    legs: list[TripLeg] = []
    notes: list[TripNote] = []
    for names in portions(trips):
        of = {"of_crm": crm, "of_kind": Kind.TRIP_LEG.value}
        for row in rows_of(connection, s.LINKED, of, names):
            leg = read_record(Kind.TRIP_LEG, row.content)
            legs += [leg] if isinstance(leg, TripLeg) else []
        if not with_notes:
            continue
        for row in rows_of(connection, s.LINKED, of | {"of_kind": Kind.TRIP_NOTE.value}, names):
            note = read_record(Kind.TRIP_NOTE, row.content)
            notes += [note] if isinstance(note, TripNote) else []
    return trips_of(legs, notes)


def waivers_for(
    connection: Connection, crm: str, person: str, claim: str, lines: Iterable[str]
) -> tuple[Waiver, ...]:
    """Read the waivers that name the person, the claim or a line of it, and nobody else."""
    own = {PERSON: {person}, CLAIM: {claim}, LINE: set(lines)}
    found: dict[str, Waiver] = {}
    for names in portions({person, claim, *own[LINE]} - {""}):
        of = {"of_crm": crm, "of_kind": Kind.WAIVER.value, "of_names": names}
        for row in connection.execute(s.LINKED, of):
            one = read_record(Kind.WAIVER, row.content)
            if isinstance(one, Waiver) and all(n in own[r] for r, n in links_of(one).items()):
                found[one.id] = one
    return tuple(found[name] for name in sorted(found))


def pre_approvals_of(connection: Connection, crm: str, person: str) -> tuple[PreApproval, ...]:
    """Read what was approved in advance for a person."""
    of = {"of_crm": crm, "of_kind": Kind.PRE_APPROVAL.value, "of_names": [person]}
    read = (read_record(Kind.PRE_APPROVAL, row.content) for row in connection.execute(s.LINKED, of))
    return tuple(one for one in read if isinstance(one, PreApproval))


def rebuild(connection: Connection) -> None:
    """Make links and absences anew from the records that are kept."""
    connection.execute(delete(t.link))
    connection.execute(delete(t.absence))
    trips: dict[str, set[str]] = {}
    for kind in sorted(LINKING):
        rows = connection.execute(s.NEWEST_OF_KIND, {"of_kind": kind.value})
        for some in rows.partitions(AT_ONCE):
            of_crm: dict[str, list[Record]] = {}
            for row in some:
                of_crm.setdefault(row.crm, []).append(read_record(kind, row.content))
            for crm, records in of_crm.items():
                named = replace_links(connection, crm, kind, records)
                trips.setdefault(crm, set()).update(_names(named.values(), TRIP))
    for crm, names in trips.items():
        _move(connection, crm, names)


def _names(named: Iterable[Named], role: str) -> set[str]:
    return {name for one in named for name in one.either(role)}


def _move(connection: Connection, crm: str, trips: Iterable[str]) -> set[str]:
    """Derive the absences of some trips anew; give the claims on the days that changed."""
    changed: dict[str, dict[str, set[Span]]] = {}
    for names in portions(trips):
        of = {"of_crm": crm, "of_names": names}
        absent = rows_of(connection, s.ABSENCES, {"of_crm": crm}, names)
        held = {(row.person, row.trip): (row.starts, row.ends) for row in absent}
        spans = {
            trip.id: span_of(trip) for trip in trips_named(connection, crm, names, with_notes=False)
        }
        travellers = connection.execute(s.TRAVELLERS, of) if spans else ()
        away = {(row.person, row.trip): spans[row.trip] for row in travellers if row.trip in spans}
        news = {pair for pair in held.keys() | away.keys() if held.get(pair) != away.get(pair)}
        for person, trip in news:
            of_trip = changed.setdefault(person, {}).setdefault(trip, set())
            of_trip |= {side[person, trip] for side in (held, away) if (person, trip) in side}
        if not news:
            continue
        connection.execute(s.NO_ABSENCES, of)
        rows = [
            {"crm": crm, "person": person, "trip": trip, "starts": span[0], "ends": span[1]}
            for (person, trip), span in sorted(away.items())
        ]
        if rows:
            connection.execute(t.absence.insert(), rows)
    return {
        claim
        for person, of_trips in changed.items()
        for claim in _claims_beside(connection, crm, person, of_trips)
    }


def _claims_beside(
    connection: Connection, crm: str, person: str, changed: Mapping[str, set[Span]]
) -> set[str]:
    """Give the person's claims that have a trip on the same days as one that changed."""
    days = [span for spans in changed.values() for span in spans]
    away = _away_within(connection, crm, person, days)
    beside = {
        other
        for other, held in away.items()
        for trip, spans in changed.items()
        if other != trip and any(meets(held, span) for span in spans)
    }
    found: set[str] = set()
    for names in portions(beside):
        of = {"of_crm": crm, "of_person": person, "of_names": names}
        found |= {row.claim for row in connection.execute(s.CLAIMS_AWAY, of)}
    return found


def _beside_trips(connection: Connection, crm: str, trips: Iterable[str]) -> set[str]:
    """Give the claims of those who were away on these trips, with a trip on the same days."""
    away: dict[str, dict[str, set[Span]]] = {}
    for names in portions(trips):
        for row in connection.execute(s.ABSENCES, {"of_crm": crm, "of_names": names}):
            away.setdefault(row.person, {})[row.trip] = {(row.starts, row.ends)}
    return {
        claim
        for person, of_trips in away.items()
        for claim in _claims_beside(connection, crm, person, of_trips)
    }


def _claims_on(connection: Connection, crm: str, trips: Iterable[str]) -> set[str]:
    """Give the claims with a line on one of these trips."""
    found: set[str] = set()
    for names in portions(trips):
        of = {"of_crm": crm, "of_names": names}
        found |= {row.claim for row in connection.execute(s.CLAIMS_ON, of)}
    return found


def _trips_in(connection: Connection, crm: str, claims: Iterable[str]) -> set[str]:
    """Give the trips that the lines of some claims name."""
    found: set[str] = set()
    for names in portions(claims):
        of = {"of_crm": crm, "of_names": names}
        found |= {row.trip for row in connection.execute(s.TRIPS_IN, of)}
    return found


def _claims_waived(connection: Connection, crm: str, waivers: Sequence[Waiver]) -> set[str]:
    """Give the decided claims with a finding that one of these waivers covers, old or new.

    A claim without such a finding would be decided as before.
    """
    return {
        row.claim
        for waiver in waivers
        for row in _maybe_waived(connection, crm, waiver)
        if _is_waived(connection, crm, row, waiver)
    }


def _maybe_waived(connection: Connection, crm: str, waiver: Waiver) -> Sequence[_Decided]:
    """Give the live decisions on the claims that a waiver names, where its rule is mentioned."""
    of, its = t.decision.c, t.latest.c
    named: list[ColumnElement[bool]] = []
    if waiver.person:
        theirs = (t.link.c.kind == Kind.CLAIM.value) & (t.link.c.name == waiver.person)
        named.append(of.claim.in_(select(t.link.c.id).where((t.link.c.crm == crm) & theirs)))
    if waiver.claim:
        named.append(of.claim == waiver.claim)
    if waiver.line:
        line = (its.crm == crm) & (its.kind == Kind.LINE.value) & (its.id == waiver.line)
        named.append(of.claim.in_(select(its.claim).where(line)))
    if not named:
        return ()
    mentions = of.content.contains(f'"{waiver.rule}"', autoescape=True)
    columns = (of.claim, of.person, of.submitted, of.content)
    where = and_(of.crm == crm, of.live, mentions, *named)
    return [_Decided(*row) for row in connection.execute(select(*columns).where(where))]


def _is_waived(connection: Connection, crm: str, row: _Decided, waiver: Waiver) -> bool:
    decision = read_decision(row.content)
    days = {"": datetime.fromisoformat(row.submitted).date()}
    of = {"of_crm": crm, "of_kind": Kind.LINE.value, "of_claim": row.claim}
    for held in connection.execute(s.LINES, of):
        line = read_record(Kind.LINE, held.content)
        days |= {line.id: line.date} if isinstance(line, ExpenseLine) else {}
    findings = [(finding.code, "") for finding in decision.findings]
    findings += [(f.code, line.line) for line in decision.lines for f in line.findings]
    return any(
        code == waiver.rule
        and name in days
        and waiver.covers(rule=code, person=row.person, claim=row.claim, line=name, day=days[name])
        for code, name in findings
    )


def claims_approved(connection: Connection, crm: str, approvals: Sequence[PreApproval]) -> set[str]:
    """Give the decided claims with a line that one of these pre-approvals covers, old or new."""
    of_person: dict[str, list[PreApproval]] = {}
    for one in approvals:
        of_person.setdefault(one.person, []).append(one)
    found: set[str] = set()
    for person, theirs in of_person.items():
        of = {"of_crm": crm, "of_person": person}
        for row in connection.execute(s.LINES_DECIDED, of):
            line = read_record(Kind.LINE, row.content)
            if isinstance(line, ExpenseLine) and any(
                one.covers(line, person=person) for one in theirs
            ):
                found.add(line.claim)
    return found
