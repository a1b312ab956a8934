"""What a CRM reads of others by way of links, and which claims that touches.

A name that a CRM itself does not hold is read from the first linked CRM that holds it: a claim in
one CRM has its person in another. Facts hold what was read in the names of the claim's own CRM, so
that a decision is derived from them again without the other CRM.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection, select

from crm_expenses.core.party import AccountManager
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.record import Kind, Record
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.codec import read_record
from crm_expenses.store.goneaway import paid_claims
from crm_expenses.store.groups import Member, group_of, is_held, linked_of, names_of
from crm_expenses.store.links import PERSON, claims_approved, pre_approvals_of
from crm_expenses.store.many import add_absent

_LEVELS_MAX: Final = 100
"""Most levels of managers that are read through links."""


class Beyond:
    """How one CRM calls what others hold, read once; what they hold is read when asked for."""

    def __init__(self, connection: Connection, crm: str) -> None:
        self.crm = crm
        self.names = names_of(connection, crm)

    def people(self, connection: Connection, held: Iterable[str]) -> dict[str, AccountManager]:
        """Give the people that the CRM does not hold and links name, by their names here.

        With them come those above them, as far as the other CRM knows: they are asked to approve.
        """
        names, here = self.names[Kind.ACCOUNT_MANAGER], set(held)
        wanted = {name: some for name, some in names.elsewhere.items() if name not in here}
        found: dict[str, AccountManager] = {}
        for _ in range(_LEVELS_MAX):
            read = _people(connection, wanted.values())
            above: dict[str, list[Member]] = {}
            for name, members in wanted.items():
                first = next((one for one in members if one in read), None)
                if first is None:
                    continue
                person = read[first]
                manager = names.of(first.crm, person.manager)
                found[name] = replace(person, id=name, manager=manager)
                if manager and names.known(first.crm, person.manager) is None:
                    above[manager] = [Member(first.crm, person.manager)]
            wanted = {n: some for n, some in above.items() if n not in found and n not in here}
            if not wanted:
                break
        return found

    def pre_approvals(self, connection: Connection, person: str) -> tuple[PreApproval, ...]:
        """Give what other CRMs approved in advance for somebody, in the names of this CRM."""
        said = (
            self.said_here(connection, member.crm, one)
            for member in self.names[Kind.ACCOUNT_MANAGER].elsewhere.get(person, ())
            for one in pre_approvals_of(connection, member.crm, member.id)
        )
        return tuple(one for one in said if one is not None)

    def said_here(self, connection: Connection, crm: str, one: PreApproval) -> PreApproval | None:
        """Give a pre-approval in the names of this CRM; None where this CRM holds it itself."""
        mine = self.names[Kind.PRE_APPROVAL].known(crm, one.id)
        if mine is not None and is_held(connection, Kind.PRE_APPROVAL, Member(self.crm, mine)):
            return None
        people = self.names[Kind.ACCOUNT_MANAGER]
        return replace(
            one,
            id=str(Member(crm, one.id)),
            person=people.of(crm, one.person),
            granted_by=people.of(crm, one.granted_by),
            account=self.names[Kind.ACCOUNT].of(crm, one.account),
            opportunity=self.names[Kind.OPPORTUNITY].of(crm, one.opportunity),
            trip=str(Member(crm, one.trip)) if one.trip else "",
        )


def touched_beyond(
    connection: Connection,
    crm: str,
    kind: Kind,
    *,
    new: Iterable[str] = (),
    grants: Sequence[Record] = (),
) -> dict[str, set[str]]:
    """Give, by CRM, the claims elsewhere whose facts a page of this CRM changed by way of links.

    `new` are the records that were not held before: somebody who becomes known touches the claims
    that name them. As within one CRM, a change of somebody known touches none: what they were when
    a claim was decided stands. `grants` are the pre-approvals of the page, old and new.
    """
    found: dict[str, set[str]] = {}
    if kind is Kind.ACCOUNT_MANAGER:
        for group in linked_of(connection, kind, crm, new):
            for member in group.members:
                if member.crm != crm and not is_held(connection, kind, member):
                    claims = _claims_of(connection, member)
                    found.setdefault(member.crm, set()).update(claims)
    approvals = [one for one in grants if isinstance(one, PreApproval)]
    if kind is Kind.PRE_APPROVAL and approvals:
        for other in _crms_beside(connection, crm, {one.person for one in approvals}):
            beyond = Beyond(connection, other)
            said = [beyond.said_here(connection, crm, one) for one in approvals]
            known = [one for one in said if one is not None]
            found[other] = claims_approved(connection, other, known)
    return {name: claims for name, claims in found.items() if claims}


def _crms_beside(connection: Connection, crm: str, people: Iterable[str]) -> list[str]:
    """Give the other CRMs in which some people of this one have names."""
    found = linked_of(connection, Kind.ACCOUNT_MANAGER, crm, people)
    return sorted({member.crm for group in found for member in group.members} - {crm})


class Watch:
    """What claims read by way of some links before they change; afterwards, which are to be told.

    Only claims that read something else are decided again: one that is decided again takes a new
    place in its windows.
    """

    def __init__(self, connection: Connection, kind: Kind, members: Iterable[Member]) -> None:
        self._connection = connection
        self._people = self._named(kind, sorted(set(members)))
        self._before = self._read()

    def mark(self) -> None:
        """Have the claims decided again whose people are read otherwise now."""
        now = self._read()
        for person in self._people:
            if now[person] != self._before[person]:
                mark_todo(self._connection, person.crm, _claims_of(self._connection, person))

    def _named(self, kind: Kind, members: Sequence[Member]) -> list[Member]:
        """Give the people whose claims may read something by way of records."""
        if kind is Kind.ACCOUNT_MANAGER:
            return list(members)
        holders: set[Member] = set()
        for crm in sorted({member.crm for member in members}):
            mine = {member.id for member in members if member.crm == crm}
            of = {"of_crm": crm, "of_kind": Kind.PRE_APPROVAL.value}
            for row in self._connection.execute(s.OF_KIND, of):
                one = read_record(Kind.PRE_APPROVAL, row.content)
                if isinstance(one, PreApproval) and mine & {one.id, one.account, one.opportunity}:
                    holders.add(Member(crm, one.person))
        found = set(holders)
        for holder in holders:
            group = group_of(self._connection, Kind.ACCOUNT_MANAGER, holder)
            found |= set(group.members) if group else set()
        return sorted(found)

    def _read(self) -> dict[Member, tuple[object, ...]]:
        """Give what is read of each of the people by way of links."""
        found: dict[Member, tuple[object, ...]] = {}
        for crm in sorted({person.crm for person in self._people}):
            beyond = Beyond(self._connection, crm)
            theirs = [person for person in self._people if person.crm == crm]
            held = _people(self._connection, [theirs])
            people = beyond.people(self._connection, {member.id for member in held})
            for one in theirs:
                found[one] = (people.get(one.id), beyond.pre_approvals(self._connection, one.id))
        return found


def mark_todo(connection: Connection, crm: str, claims: Iterable[str]) -> None:
    """Have claims decided again, unless they were paid: nothing of another CRM reaches those."""
    asked = set(claims)
    left = sorted(asked - paid_claims(connection, crm, asked))
    add_absent(connection, t.todo, [(crm, name) for name in left])


def claims_of_newcomers(connection: Connection, crm: str, people: Iterable[str]) -> set[str]:
    """Give the claims that count of people who were not held before, but for those that were paid.

    They came before the person did: a replica may lag, or a person be entered late.
    """
    its = t.link.c
    of = (its.crm == crm) & (its.kind == Kind.CLAIM.value) & (its.role == PERSON)
    claims: set[str] = set()
    for names in s.portions(people):
        claims |= set(connection.execute(select(its.id).where(of & its.name.in_(names))).scalars())
    return claims - paid_claims(connection, crm, claims) if claims else claims


def _claims_of(connection: Connection, person: Member) -> set[str]:
    """Give the claims of somebody that count."""
    of_person = (t.link.c.role == PERSON) & (t.link.c.name == person.id)
    where = (t.link.c.crm == person.crm) & (t.link.c.kind == Kind.CLAIM.value) & of_person
    return set(connection.execute(select(t.link.c.id).where(where)).scalars())


def _people(
    connection: Connection, wanted: Iterable[Iterable[Member]]
) -> dict[Member, AccountManager]:
    """Read people of several CRMs; who is not held is left out."""
    by_crm: dict[str, set[str]] = {}
    for members in wanted:
        for member in members:
            by_crm.setdefault(member.crm, set()).add(member.id)
    found: dict[Member, AccountManager] = {}
    for crm, ids in sorted(by_crm.items()):
        of = {"of_crm": crm, "of_kind": Kind.ACCOUNT_MANAGER.value}
        for names in s.portions(ids):
            for row in connection.execute(s.RECORDS, of | {"of_names": names}):
                one = read_record(Kind.ACCOUNT_MANAGER, row.content)
                if isinstance(one, AccountManager):
                    found[Member(crm, one.id)] = one
    return found
