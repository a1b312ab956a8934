"""Records that were merged: who names one names what is left of it.

Names are put right where facts come in, and in what is held when a merge is told, so that whoever
reads the store need not know. Two that were merged into each other are the one with the lesser id.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from sqlalchemy import Connection, or_, select

from crm_expenses.core.naming import Name, kinds_naming, names_in, renamed
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import Kind, Record, canonical
from crm_expenses.store import tables as t
from crm_expenses.store.codec import read_record
from crm_expenses.store.statements import portions

MERGES_MAX: Final = 100
"""Most merges that are followed from one name; a longer chain, or a ring, ends there."""

NAMES_AT_ONCE: Final = 50
"""Most names that are looked for in contents by one statement."""


class Received(Protocol):
    """One fact with its origin."""

    @property
    def record(self) -> Record:
        """The fact."""

    @property
    def origin(self) -> Origin:
        """Where it came from."""


@dataclass(frozen=True, slots=True)
class Again:
    """A record that is held, as it is to be kept from now on."""

    record: Record
    origin: Origin


def with_survivors(
    connection: Connection, crm: str, facts: Sequence[Received]
) -> Sequence[Received]:
    """Give facts that name what is left of merged records."""
    named = {name for fact in facts for name in names_in(fact.record).values()}
    left = survivors(connection, crm, named)
    return [_as_merged(fact, left) for fact in facts] if left else facts


def survivors(connection: Connection, crm: str, names: Iterable[Name]) -> dict[Name, str]:
    """Give, by name, what merged records are now; names of others are left out."""
    into: dict[Name, str] = {}
    asked = set(names)
    for _ in range(MERGES_MAX):
        found = _told_of(connection, crm, asked)
        into |= found
        asked = {(kind, name) for (kind, _), name in found.items()} - into.keys()
        if not asked:
            break
    return {name: _end_of(name, into) for name in into if name[1]}


def naming(
    connection: Connection, crm: str, kind: Kind, merged: Iterable[str]
) -> Iterator[tuple[Kind, Sequence[Again]]]:
    """Give the held records that name one of some merged ones, in portions, as they are to be."""
    gone = sorted(merged)
    left = survivors(connection, crm, [(kind, name) for name in gone])
    if not left:
        return
    for of in kinds_naming(kind):
        ids = {
            name
            for start in range(0, len(gone), NAMES_AT_ONCE)
            for name in _mentioning(connection, crm, of, gone[start : start + NAMES_AT_ONCE])
        }
        for some in portions(ids):
            found = [_as_merged(one, left) for one in _held(connection, crm, of, some)]
            changed = [one for one in found if isinstance(one, Again) and one.origin.place]
            if changed:
                yield of, changed


def _as_merged(fact: Received, left: Mapping[Name, str]) -> Received:
    """Give a fact with names of what is left; its place says which name it came with."""
    record = renamed(fact.record, lambda name: left.get(name, name[1]))
    if record == fact.record:
        return fact
    told = sorted({name for name in names_in(fact.record).values() if name in left})
    names = ", ".join(f"{name[1]} -> {left[name]}" for name in told)
    return Again(record, replace(fact.origin, place=f"{fact.origin.place} ({names})".strip()))


def _end_of(name: Name, into: Mapping[Name, str]) -> str:
    """Follow merges to the end; a ring ends at the least of its names."""
    kind, now = name
    met: list[str] = []
    while (kind, now) in into and now not in met:
        met.append(now)
        now = into[kind, now]
    return min(met[met.index(now) :]) if now in met else now


def _told_of(connection: Connection, crm: str, names: Iterable[Name]) -> dict[Name, str]:
    of_kind: dict[Kind, set[str]] = {}
    for kind, name in names:
        of_kind.setdefault(kind, set()).add(name)
    gone = t.gone.c
    columns = select(gone.id, gone.into).where((gone.crm == crm) & (gone.into != ""))
    return {
        (kind, row.id): row.into
        for kind, ids in of_kind.items()
        for some in portions(ids)
        for row in connection.execute(columns.where((gone.kind == kind.value) & gone.id.in_(some)))
    }


def _mentioning(connection: Connection, crm: str, kind: Kind, names: Sequence[str]) -> list[str]:
    """Give the ids of held records in which one of some names stands; perhaps as something else."""
    content = t.record.c.content
    says = or_(*(content.contains(canonical(name), autoescape=True) for name in names))
    joined = t.latest.join(t.record, t.record.c.seq == t.latest.c.seq)
    where = (t.latest.c.crm == crm) & (t.latest.c.kind == kind.value) & says
    return list(
        connection.execute(select(t.latest.c.id).select_from(joined).where(where)).scalars()
    )


def _held(connection: Connection, crm: str, kind: Kind, ids: Sequence[str]) -> list[Again]:
    joined = t.latest.join(t.record, t.record.c.seq == t.latest.c.seq)
    where = (t.latest.c.crm == crm) & (t.latest.c.kind == kind.value) & t.latest.c.id.in_(ids)
    columns = (t.record.c.content, t.latest.c.version)
    rows = connection.execute(select(*columns).select_from(joined).where(where))
    made = [(read_record(kind, row.content), row.version) for row in rows]
    return [Again(one, Origin(crm, one.id, "", version)) for one, version in made]
