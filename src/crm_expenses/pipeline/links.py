"""Links between records of several CRMs: by hand, or where a field says who is who."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.record import TYPES, Kind, Record
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import ConfigError
from crm_expenses.store import Store
from crm_expenses.store.groups import (
    LINKABLE,
    Group,
    Member,
    claimants,
    crms_holding,
    groups,
    is_held,
    lost,
)
from crm_expenses.store.sames import BY_HAND, Said, link_all, unlink

ID: Final = "id"


@dataclass(frozen=True, slots=True)
class LinkedRecord:
    """A record of a group: what it is called there, how it came in, whether it is held."""

    member: Member
    title: str
    how: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class LinkedGroup:
    """Records of several CRMs that are one thing."""

    kind: Kind
    records: tuple[LinkedRecord, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """What a field says: records to link, and those of which it does not say which.

    `pairs` are news, `known` counts those that are linked already. Of each of `ambiguous` the value
    stands before the records that have it.
    """

    pairs: tuple[tuple[Member, Member], ...]
    ambiguous: tuple[tuple[str, tuple[Member, ...]], ...]
    known: int


def add_link(store: Store, kind: Kind, one: Member, other: Member, said: Said) -> bool:
    """Say that two records are one thing; False where that is known.

    Raises:
        ConfigError: two records of one CRM would be one thing, or neither of the two is held.
    """
    with store.writing() as connection:
        if not any(is_held(connection, kind, member) for member in (one, other)):
            raise ConfigError("links.no_record", kind=kind.value, one=str(one), other=str(other))
        return bool(link_all(connection, kind, [(one, other)], how=BY_HAND, said=said))


def remove_link(store: Store, kind: Kind, member: Member, said: Said) -> None:
    """Say that a record is not the same thing as others.

    Raises:
        ConfigError: nothing says that it is.
    """
    with store.writing() as connection:
        if not unlink(connection, kind, member, said):
            raise ConfigError("links.none_to_remove", kind=kind.value, one=str(member))


def list_links(store: Store, kind: Kind | None = None) -> tuple[LinkedGroup, ...]:
    """Give every group, by kind, with what its records are called."""
    with store.reading() as connection:
        found = groups(connection, kind)
    titles = {of: _titles(store, of) for of in {group.kind for group in found}}
    return tuple(_shown(group, titles[group.kind]) for group in found)


def lost_links(store: Store) -> list[tuple[Group, Member, str]]:
    """Give the linked records that are gone from their CRM, with what each was merged into."""
    with store.reading() as connection:
        return lost(connection)


def match(store: Store, kind: Kind, by: str) -> Match:
    """Look which records of several CRMs have the same value in a field; nothing is changed.

    Values are compared without case, outer blanks and forms of the same sign; a record without the
    value says nothing. By `id`, names that claims use count, too, where their CRM does not hold
    them.

    Raises:
        ConfigError: records of this kind have no such field.
    """
    _demand_field(kind, by)
    valued = _valued(store, kind, by)
    with store.reading() as connection:
        before = groups(connection, kind)
    return matched(valued, before)


def make_links(store: Store, kind: Kind, found: Match, *, by: str, said: Said) -> int:
    """Link what a match found; give how many pairs are news."""
    with store.writing() as connection:
        return link_all(connection, kind, found.pairs, how=by, said=said)


def matched(valued: Mapping[str, Iterable[Member]], before: Sequence[Group]) -> Match:
    """Tell pairs that a value names clearly from those of which it does not say which.

    >>> a, b, c = Member("a", "1"), Member("b", "2"), Member("b", "3")
    >>> matched({"x": [a, b]}, []).pairs
    ((Member(crm='a', id='1'), Member(crm='b', id='2')),)
    >>> matched({"x": [a, b, c]}, []).ambiguous[0][0]
    'x'
    """
    one_thing = {member: set(group.members) for group in before for member in group.members}
    pairs: list[tuple[Member, Member]] = []
    ambiguous: list[tuple[str, tuple[Member, ...]]] = []
    known = 0
    for value, some in sorted(valued.items()):
        members = sorted(set(some))
        if len({member.crm for member in members}) < 2:
            continue
        joined = set[Member]().union(*(one_thing.get(one, {one}) for one in members))
        if len({member.crm for member in joined}) < len(joined):
            ambiguous.append((value, tuple(members)))
            continue
        first = members[0]
        for other in members[1:]:
            is_known = other in one_thing.get(first, ())
            known += is_known
            pairs += [] if is_known else [(first, other)]
        one_thing |= dict.fromkeys(joined, joined)
    return Match(tuple(pairs), tuple(ambiguous), known)


def kind_of(word: str) -> Kind:
    """Read a kind whose records may be linked.

    Raises:
        ConfigError: it is none.
    """
    known = {kind.value: kind for kind in LINKABLE}
    plain = word.strip().replace("-", "_")
    if plain not in known:
        raise ConfigError("links.kind", value=word[:40], known=", ".join(known))
    return known[plain]


def member_of(word: str, crms: Iterable[str]) -> Member:
    """Read a record written as CRM:ID.

    >>> member_of("main:P1", ["main"])
    Member(crm='main', id='P1')

    Raises:
        ConfigError: it is not of that form, or there is no such CRM.
    """
    known = sorted(crms)
    crm = next((one for one in known if word.startswith(f"{one}:")), None)
    name = word[len(crm) + 1 :].strip() if crm is not None else ""
    if crm is None or not name:
        raise ConfigError("links.member", value=word[:80], known=", ".join(known) or "-")
    return Member(crm, name)


def _shown(group: Group, titles: Mapping[Member, str]) -> LinkedGroup:
    records = (
        LinkedRecord(member, titles.get(member, ""), how, is_held=member in titles)
        for member, how in zip(group.members, group.how, strict=True)
    )
    return LinkedGroup(group.kind, tuple(records))


def _titles(store: Store, kind: Kind) -> dict[Member, str]:
    return {member: str(getattr(record, "name", "")) for member, record in _records(store, kind)}


def _records(store: Store, kind: Kind) -> list[tuple[Member, Record]]:
    with store.reading() as connection:
        crms = crms_holding(connection, kind)
    return [
        (Member(crm, record.id), record)
        for crm in crms
        for record in store.records(crm, kind, viewer=SYSTEM)
    ]


def _demand_field(kind: Kind, by: str) -> None:
    names = [one.name for one in fields(TYPES[kind]) if one.type in (str, "str")]
    has_more = any(one.name == "extra" for one in fields(TYPES[kind]))
    if by not in names and not has_more:
        raise ConfigError("links.by", kind=kind.value, value=by[:40], known=", ".join(names))


def _valued(store: Store, kind: Kind, by: str) -> dict[str, set[Member]]:
    """Give the records by their values in a field; where a record is held is not asked again."""
    found: dict[str, set[Member]] = {}
    for member, record in _records(store, kind):
        value = plain_value(_value(record, by))
        if value:
            found.setdefault(value, set()).add(member)
    if by == ID:
        for member in _mentioned(store, kind):
            if plain_value(member.id) in found:
                found[plain_value(member.id)].add(member)
    return found


def _value(record: Record, by: str) -> str:
    held = getattr(record, by, None)
    if held is None:
        held = dict(getattr(record, "extra", ())).get(by, "")
    return held if isinstance(held, str) else ""


def plain_value(value: str) -> str:
    """Give a value as it is compared with others.

    >>> plain_value(" Li  WEI@Example.com "), plain_value("ＡＢＣ")
    ('li wei@example.com', 'abc')
    """
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def _mentioned(store: Store, kind: Kind) -> list[Member]:
    """Give the names of a kind that claims and lines use."""
    with store.reading() as connection:
        if kind is Kind.ACCOUNT_MANAGER:
            return claimants(connection)
        crms = crms_holding(connection, Kind.LINE)
    if kind not in {Kind.ACCOUNT, Kind.OPPORTUNITY}:
        return []
    found = {
        Member(crm, line.account if kind is Kind.ACCOUNT else line.opportunity)
        for crm in crms
        for line in store.records(crm, Kind.LINE, viewer=SYSTEM)
        if isinstance(line, ExpenseLine)
    }
    return sorted(member for member in found if member.id)
