"""Links between records of several CRMs: made, taken back, and what the log says of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Connection, delete, select

from crm_expenses.core.record import Kind, digest
from crm_expenses.errors import ConfigError
from crm_expenses.store import tables as t
from crm_expenses.store.beyond import Watch
from crm_expenses.store.groups import Member, group_name, group_of, is_member
from crm_expenses.store.keeping import SAID_MAX, shown
from crm_expenses.store.latestproof import NOTHING
from crm_expenses.store.log import write_log

LINK: Final = "link"
UNLINK: Final = "unlink"
ACTIONS: Final = frozenset({LINK, UNLINK})
"""What the log calls a change of a link."""

BY_HAND: Final = "person"
"""How a link came about that a person made by hand."""


@dataclass(frozen=True, slots=True)
class Said:
    """Who changes a link, when, and why in their own words."""

    actor: str
    at: datetime
    reason: str = ""


def link_all(
    connection: Connection,
    kind: Kind,
    pairs: Sequence[tuple[Member, Member]],
    *,
    how: str,
    said: Said,
) -> int:
    """Say of pairs of records that they are one thing, and so all of their groups.

    Claims that read something else by that are decided again. Gives how many pairs are news.

    Raises:
        ConfigError: two records of one CRM would be one thing.
    """
    named = {member for pair in pairs for member in pair}
    found = [group_of(connection, kind, member) for member in sorted(named)]
    watch = Watch(connection, kind, named.union(*(group.members for group in found if group)))
    news = sum(_link(connection, kind, *pair, how=how, said=said) for pair in pairs)
    watch.mark()
    return news


def _link(
    connection: Connection, kind: Kind, one: Member, other: Member, *, how: str, said: Said
) -> bool:
    """Make one group of those of two records; False where they are one already."""
    found = [group_of(connection, kind, member) for member in (one, other)]
    if one == other or (found[0] is not None and found[0] == found[1]):
        return False
    how_of = {
        member: held
        for group in found
        if group is not None
        for member, held in zip(group.members, group.how, strict=True)
    }
    members = sorted({one, other, *how_of})
    _demand_one_each(members, kind)
    name = group_name(members)
    for member in members:
        row = connection.execute(select(t.same).where(is_member(kind, member))).first()
        if row is None or row.name != name:
            _put(connection, kind, member, name, how=how_of.get(member, how), said=said)
    return True


def unlink(connection: Connection, kind: Kind, member: Member, said: Said) -> bool:
    """Say that a record is not the same thing as others; False where that was not said.

    The others stay one thing; where only one of them is left, that is no group.
    """
    group = group_of(connection, kind, member)
    if group is None:
        return False
    watch = Watch(connection, kind, group.members)
    _take(connection, kind, member, said)
    left = [one for one in group.members if one != member]
    if len(left) == 1:
        _take(connection, kind, left[0], said)
    elif group_name(left) != group.name:
        how_of = dict(zip(group.members, group.how, strict=True))
        for one in left:
            _put(connection, kind, one, group_name(left), how=how_of[one], said=said)
    watch.mark()
    return True


def _demand_one_each(members: Sequence[Member], kind: Kind) -> None:
    """Make sure that no CRM has two records in a group."""
    for before, after in pairwise(members):
        if before.crm == after.crm:
            one, other = before.id, after.id
            raise ConfigError(
                "links.two_of_one_crm", kind=kind.value, crm=before.crm, one=one, other=other
            )


def _put(
    connection: Connection, kind: Kind, member: Member, name: str, *, how: str, said: Said
) -> None:
    of = {"kind": kind.value, "crm": member.crm, "id": member.id, "name": name, "how": how}
    entry = _log(connection, LINK, kind, member, _digest(of), said)
    connection.execute(delete(t.same).where(is_member(kind, member)))
    connection.execute(t.same.insert(), of | {"entry": entry})


def _take(connection: Connection, kind: Kind, member: Member, said: Said) -> None:
    _log(connection, UNLINK, kind, member, NOTHING, said)
    connection.execute(delete(t.same).where(is_member(kind, member)))


def _log(
    connection: Connection, action: str, kind: Kind, member: Member, content: str, said: Said
) -> int:
    return write_log(
        connection,
        at=said.at,
        actor=said.actor,
        action=action,
        subject=_subject(kind, member),
        content=content,
        said=shown(said.reason, SAID_MAX),
    )


def _subject(kind: Kind, member: Member) -> str:
    return f"{kind.value}/{member.crm}/{member.id}"


def _mark(row: Any) -> str:  # noqa: ANN401  a row
    names = ("kind", "crm", "id", "name", "how")
    return _digest({name: getattr(row, name) for name in names})


def _digest(of: Mapping[str, str]) -> str:
    return digest([of[name] for name in ("kind", "crm", "id", "name", "how")])


def marks(connection: Connection) -> Iterator[tuple[str, str]]:
    """Give what the log says of each link."""
    for row in connection.execute(select(t.same)):
        yield _subject(Kind(row.kind), Member(row.crm, row.id)), _mark(row)
