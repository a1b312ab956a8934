"""Groups of records of several CRMs that are one thing, and how each CRM calls what others hold.

A group has at most one record of each CRM, and two at least; its name is made of its first member,
so that equal groups have equal names however they came about.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, select

from crm_expenses.core.record import Kind
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.keeping import short
from crm_expenses.store.links import PERSON
from crm_expenses.store.mergednames import survivors

LINKABLE: Final = (Kind.ACCOUNT_MANAGER, Kind.ACCOUNT, Kind.OPPORTUNITY, Kind.PRE_APPROVAL)
"""The kinds whose records may be linked."""


class Member(NamedTuple):
    """A record of a CRM, by its name there; it need not be held."""

    crm: str
    id: str

    def __str__(self) -> str:
        return f"{self.crm}:{self.id}"


@dataclass(frozen=True, slots=True)
class Group:
    """Records of several CRMs that are one thing; `how` says of each how it came in."""

    kind: Kind
    name: str
    members: tuple[Member, ...]
    how: tuple[str, ...] = ()


def group_name(members: Iterable[Member]) -> str:
    """Give the name of a group, made of its first member.

    >>> group_name([Member("b", "1"), Member("a", "9")])
    'a:9'
    """
    return short(str(min(members)))


def groups(connection: Connection, kind: Kind | None = None) -> list[Group]:
    """Give every group, by kind and name, each with its members in order."""
    order = (t.same.c.kind, t.same.c.name, t.same.c.crm, t.same.c.id)
    every = select(t.same).order_by(*order)
    rows = connection.execute(every if kind is None else every.where(t.same.c.kind == kind.value))
    found: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        found.setdefault((row.kind, row.name), []).append(row)
    return [
        Group(
            Kind(of),
            name,
            tuple(Member(row.crm, row.id) for row in some),
            tuple(row.how for row in some),
        )
        for (of, name), some in found.items()
    ]


def group_of(connection: Connection, kind: Kind, member: Member) -> Group | None:
    """Give the group of a record, None where it has none."""
    name = connection.execute(select(t.same.c.name).where(is_member(kind, member))).scalar()
    if name is None:
        return None
    where = (t.same.c.kind == kind.value) & (t.same.c.name == name)
    rows = connection.execute(select(t.same).where(where).order_by(t.same.c.crm)).all()
    members = tuple(Member(row.crm, row.id) for row in rows)
    return Group(kind, name, members, tuple(row.how for row in rows))


def linked_of(connection: Connection, kind: Kind, crm: str, ids: Iterable[str]) -> list[Group]:
    """Give the groups that some records of a CRM are in: few questions, however many they are."""
    its = t.same.c
    where = (its.kind == kind.value) & (its.crm == crm)
    linked = {
        row.id
        for names in s.portions(set(ids))
        for row in connection.execute(select(its.id).where(where & its.id.in_(names)))
    }
    found = (group_of(connection, kind, Member(crm, name)) for name in sorted(linked))
    return [group for group in found if group is not None]


def lost(connection: Connection) -> list[tuple[Group, Member, str]]:
    """Give the linked records that are gone from their CRM, with what each was merged into.

    A group of which no CRM holds a record is told by its first member.
    """
    found = []
    for group in groups(connection):
        gone = {one: _gone_into(connection, group.kind, one) for one in group.members}
        told = [(group, one, into) for one, into in gone.items() if into is not None]
        if not told and not any(is_held(connection, group.kind, one) for one in group.members):
            told = [(group, group.members[0], "")]
        found += told
    return found


def _gone_into(connection: Connection, kind: Kind, member: Member) -> str | None:
    its = t.gone.c
    where = and_(its.kind == kind.value, its.crm == member.crm, its.id == member.id)
    found: str | None = connection.execute(select(its.into).where(where)).scalar()
    return found


def crms_holding(connection: Connection, kind: Kind) -> list[str]:
    """Give the CRMs of which records of a kind are held."""
    its = t.latest.c
    of = select(its.crm).distinct().where(its.kind == kind.value).order_by(its.crm)
    return list(connection.execute(of).scalars())


def claimants(connection: Connection) -> list[Member]:
    """Give the people that claims name, whether their CRM holds them or not."""
    its = t.link.c
    where = (its.kind == Kind.CLAIM.value) & (its.role == PERSON)
    rows = connection.execute(select(its.crm, its.name).distinct().where(where))
    return sorted(Member(row.crm, row.name) for row in rows)


def is_held(connection: Connection, kind: Kind, member: Member) -> bool:
    """Say whether a record is held."""
    of = {"of_crm": member.crm, "of_kind": kind.value, "of_names": [member.id]}
    return connection.execute(s.HELD, of).first() is not None


def newest_link(connection: Connection) -> tuple[int, int, int]:
    """Give what changes with every change of a link, and of what any of them may lead to."""
    gone = select(func.max(t.gone.c.entry)).scalar_subquery()
    entry, count, newest_gone = connection.execute(
        select(func.max(t.same.c.entry), func.count(t.same.c.entry), gone)
    ).one()
    return (entry or 0, count, newest_gone or 0) if count else (0, 0, 0)


def is_member(kind: Kind, member: Member) -> ColumnElement[bool]:
    """Give the condition that a row of `same` is about a record."""
    its = t.same.c
    return and_(its.kind == kind.value, its.crm == member.crm, its.id == member.id)


@dataclass(frozen=True)
class Names:
    """How one CRM calls what others hold: by its own names where there are links.

    What has no name here is called `crm:id`, so that it is never taken for something else.
    `elsewhere` has, by a name here, the records of others that are the same, in order.
    """

    crm: str
    here: dict[Member, str] = field(default_factory=dict)
    elsewhere: dict[str, list[Member]] = field(default_factory=dict)

    def known(self, crm: str, name: str) -> str | None:
        """Give the name here of a record of another CRM, None where it has none."""
        return name if crm == self.crm else self.here.get(Member(crm, name))

    def of(self, crm: str, name: str) -> str:
        """Give the name here of a record of another CRM; an empty one stays empty."""
        if not name:
            return ""
        return self.known(crm, name) or str(Member(crm, name))

    @property
    def crms(self) -> list[str]:
        """The other CRMs that hold something that has a name here."""
        return sorted({member.crm for member in self.here})


def names_of(connection: Connection, crm: str) -> dict[Kind, Names]:
    """Give how a CRM calls what others hold, by kind."""
    mine, other = t.same.alias("mine"), t.same.alias("other")
    of_group = and_(other.c.kind == mine.c.kind, other.c.name == mine.c.name)
    rows = connection.execute(
        select(mine.c.kind, mine.c.id.label("name"), other.c.crm, other.c.id)
        .select_from(mine.join(other, of_group))
        .where((mine.c.crm == crm) & (other.c.crm != crm))
        .order_by(mine.c.kind, mine.c.id, other.c.crm)
    ).all()
    named = {(crm, row.kind, row.name) for row in rows}
    now = _now(connection, named | {(row.crm, row.kind, row.id) for row in rows})
    found = {kind: Names(crm) for kind in LINKABLE}
    for row in rows:
        names, kind = found[Kind(row.kind)], row.kind
        name = now.get((crm, kind, row.name), row.name)
        member = Member(row.crm, now.get((row.crm, kind, row.id), row.id))
        for one in {Member(row.crm, row.id), member}:
            names.here[one] = name
        some = names.elsewhere.setdefault(name, [])
        some += [] if member in some else [member]
    return found


def _now(
    connection: Connection, names: Iterable[tuple[str, str, str]]
) -> dict[tuple[str, str, str], str]:
    """Give, by CRM, kind and name, what merged records are now."""
    by_crm: dict[str, set[tuple[Kind, str]]] = {}
    for crm, kind, name in names:
        by_crm.setdefault(crm, set()).add((Kind(kind), name))
    return {
        (crm, kind.value, name): left
        for crm, asked in sorted(by_crm.items())
        if connection.execute(s.ANY_GONE, {"of_crm": crm}).first() is not None
        for (kind, name), left in survivors(connection, crm, asked).items()
    }
