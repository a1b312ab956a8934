"""What of the store a viewer may see: each record belongs to a person, or to nobody."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sqlalchemy import Connection, Select, select

from crm_expenses.core.approval import Approval
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.given_approval import GivenApproval
from crm_expenses.core.life import Life
from crm_expenses.core.lifecycle import State
from crm_expenses.core.party import PersonCost
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.record import Kind, Record, canonical
from crm_expenses.core.trip import TripLeg, TripNote
from crm_expenses.core.viewer import Viewer
from crm_expenses.core.voucher import Voucher
from crm_expenses.core.waiver import Waiver
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.codec import read_as, read_record

PERSONAL: Final = frozenset(
    {
        Kind.CLAIM,
        Kind.LINE,
        Kind.VOUCHER,
        Kind.TRIP_LEG,
        Kind.TRIP_NOTE,
        Kind.WAIVER,
        Kind.PRE_APPROVAL,
        Kind.COST,
        Kind.APPROVAL,
    }
)
"""The kinds that say what a person did, was granted or cost; the others everybody may read."""


OF_CLAIMS: Final = frozenset({Kind.CLAIM, Kind.LINE, Kind.APPROVAL})
"""The kinds that whoever is asked to approve a claim sees of it, and whoever has spoken on it."""


def visible(
    connection: Connection, crm: str, kind: Kind, records: Iterable[Record], viewer: Viewer
) -> Iterator[Record]:
    """Give the records that a viewer may see."""
    if viewer.sees_all or kind not in PERSONAL:
        yield from records
        return
    owners = _owners(connection, crm, kind)
    opened = claims_opened_to(connection, crm, viewer.person) if kind in OF_CLAIMS else ()
    for record in records:
        is_theirs = any(viewer.may_see(person) for person in owners_of(record, owners))
        if is_theirs or claim_of(record) in opened:
            yield record


def claim_of(record: Record) -> str:
    """Give the claim that a claim, a line or an approval belongs to; empty for other records."""
    match record:
        case Claim():
            return record.id
        case ExpenseLine() | GivenApproval():
            return record.claim
        case _:
            return ""


def claims_opened_to(connection: Connection, crm: str, person: str) -> frozenset[str]:
    """Give the claims that wait for a person, or that they have spoken on, whoever's they are."""
    if not person:
        return frozenset()
    named = canonical(person)
    asked = s.LIVES.where(t.life.c.content.contains(named, autoescape=True))
    waiting = connection.execute(asked, {"of_crm": crm, "of_state": State.IN_APPROVAL.value})
    lives: list[Life] = [read_as(Life, row.content) for row in waiting]
    said = select(t.approval.c.claim, t.approval.c.content).where(
        (t.approval.c.crm == crm) & t.approval.c.content.contains(named, autoescape=True)
    )
    spoken = {
        row.claim
        for row in connection.execute(said)
        if read_as(Approval, row.content).approver == person
    }
    return frozenset({life.claim for life in lives if person in life.asked} | spoken)


def is_opened_to(connection: Connection, crm: str, claim: str, person: str) -> bool:
    """Say whether a claim waits for a person, or they have spoken on it."""
    of = {"of_crm": crm, "of_claim": claim}
    row = connection.execute(s.LIFE, of).first()
    life: Life | None = read_as(Life, row.content) if row else None
    if not person or life is None:
        return False
    said = (read_as(Approval, row.content) for row in connection.execute(s.SAID, of))
    return person in life.asked or any(one.approver == person for one in said)


def owners_of(record: Record, owners: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Give whose a record is; `owners` has it by claim, voucher or trip, as the kind needs."""
    match record:
        case Claim() | PersonCost() | PreApproval():
            return frozenset({record.person})
        case Waiver():
            return frozenset({record.person}) | owners.get(record.claim, frozenset())
        case ExpenseLine():
            return owners.get(record.claim, frozenset())
        case GivenApproval():
            return frozenset({record.approver}) | owners.get(record.claim, frozenset())
        case Voucher():
            return owners.get(record.id, frozenset())
        case TripLeg() | TripNote():
            return owners.get(record.trip, frozenset())
        case _:
            return frozenset()


def claim_with_lines(
    connection: Connection, crm: str, name: str
) -> tuple[Claim, tuple[ExpenseLine, ...]] | None:
    """Give a claim and its lines; None where there is none of that name."""
    of = {"of_crm": crm, "of_claim": name}
    row = connection.execute(s.RECORD, of | {"of_kind": Kind.CLAIM.value}).first()
    claim = read_record(Kind.CLAIM, row.content) if row else None
    if not isinstance(claim, Claim):
        return None
    rows = connection.execute(s.LINES, of | {"of_kind": Kind.LINE.value})
    read = (read_record(Kind.LINE, one.content) for one in rows)
    return claim, tuple(line for line in read if isinstance(line, ExpenseLine))


def persons_of(connection: Connection, crm: str) -> dict[str, str]:
    """Give, by claim, whose it is."""
    of = _of_kind(crm, Kind.CLAIM)
    claims = (read_record(Kind.CLAIM, row.content) for row in connection.execute(of))
    return {claim.id: claim.person for claim in claims if isinstance(claim, Claim)}


def _owners(connection: Connection, crm: str, kind: Kind) -> dict[str, frozenset[str]]:
    persons = persons_of(connection, crm)
    match kind:
        case Kind.LINE | Kind.WAIVER | Kind.APPROVAL:
            return {claim: frozenset({person}) for claim, person in persons.items()}
        case Kind.VOUCHER | Kind.TRIP_LEG | Kind.TRIP_NOTE:
            found: dict[str, frozenset[str]] = {}
            for row in connection.execute(_of_kind(crm, Kind.LINE)):
                line = read_record(Kind.LINE, row.content)
                if isinstance(line, ExpenseLine) and line.claim in persons:
                    name = line.voucher if kind is Kind.VOUCHER else line.trip
                    one = frozenset({persons[line.claim]})
                    found[name] = found.get(name, frozenset()) | one
            found.pop("", None)
            return found
        case _:
            return {}


def _of_kind(crm: str, kind: Kind) -> Select[tuple[str]]:
    joined = t.latest.join(t.record, t.latest.c.seq == t.record.c.seq)
    where = (t.latest.c.crm == crm) & (t.latest.c.kind == kind.value)
    return select(t.record.c.content).select_from(joined).where(where)
