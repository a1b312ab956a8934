"""Edits that wait while the CRM is read: each fact is merged with them before it is compared.

What becomes of an edit is kept beside it, every field that both sides changed is a row of `clash`,
and what is to be written is made anew from the edits that are left (`queue_change`).
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import BindParameter, Connection, bindparam, func, select, update

from crm_expenses.core.merge import (
    Clash,
    Fate,
    FieldEdit,
    Merged,
    Winner,
    chained,
    content_of,
    merge,
    values_of,
)
from crm_expenses.core.record import TYPES, Json, Kind, Record, canonical, digest
from crm_expenses.core.words import WORDS, Texts, texts_of
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.codec import read_record
from crm_expenses.store.keys import new_key
from crm_expenses.store.log import SYNC, write_log
from crm_expenses.store.terms import terms_of

OPEN: Final = (Fate.WAITING.value, Fate.ASKED.value)
OVERTAKEN: Final = "overtaken"
AGAIN: Final = Fate.AGAIN.value
STUCK: Final = "stuck"
DEAD: Final = ("refused", STUCK)
"""The states of a result that waits for a person (`store.deadletters`)."""


def ask_always(_: Kind, __: str) -> Winner:
    """Have a person asked about every field that both sides changed."""
    return Winner.ASK


@dataclass(frozen=True, slots=True)
class Merging:
    """When the CRM is read, and who wins a field of a kind that both sides changed."""

    at: datetime
    winner: Callable[[Kind, str], Winner] = ask_always


class _Fact(Protocol):
    @property
    def record(self) -> Record: ...


Fact = TypeVar("Fact", bound=_Fact)

_crm: BindParameter[str] = bindparam("of_crm")
_kind: BindParameter[str] = bindparam("of_kind")
_id: BindParameter[str] = bindparam("of_id")
_names: BindParameter[list[str]] = bindparam("of_names", expanding=True)
_seqs: BindParameter[list[int]] = bindparam("of_seqs", expanding=True)
_of_kind = (t.edit.c.crm == _crm) & (t.edit.c.kind == _kind) & t.edit.c.state.in_(OPEN)
WITH_EDITS: Final = select(t.edit.c.id).distinct().where(_of_kind & t.edit.c.id.in_(_names))
OPEN_EDITS: Final = select(t.edit).where(_of_kind & (t.edit.c.id == _id)).order_by(t.edit.c.seq)
SET_STATE: Final = update(t.edit).where(t.edit.c.seq.in_(_seqs)).values(state=bindparam("of_state"))
CHANGES: Final = (
    select(t.outbox)
    .where((t.outbox.c.crm == _crm) & (t.outbox.c.kind == _kind) & (t.outbox.c.record == _id))
    .order_by(t.outbox.c.seq)
)


def merged(
    connection: Connection,
    crm: str,
    kind: Kind,
    facts: Sequence[tuple[Fact, Texts]],
    merging: Merging,
) -> list[tuple[Fact, Texts]]:
    """Give facts as they are kept, with the edits that wait in them; each with its canonical texts.

    What becomes of the edits is written.
    """
    of = {"of_crm": crm, "of_kind": kind.value}
    touched = {
        name
        for names in s.portions({fact.record.id for fact, _ in facts})
        for name in connection.execute(WITH_EDITS, of | {"of_names": names}).scalars()
    }
    if not touched:
        return list(facts)
    made = []
    for fact, texts in facts:
        now: Any = fact
        if fact.record.id in touched:
            record = _read(connection, crm, kind, fact, merging)
            now = replace(now, record=record)
        made.append((now, texts_of(now.record) if now is not fact else texts))
    return made


def open_edits(connection: Connection, crm: str, kind: Kind, name: str) -> Sequence[Any]:
    """Give the edits of a record that wait, or that a person is asked about, in their order."""
    of = {"of_crm": crm, "of_kind": kind.value, "of_id": name}
    return connection.execute(OPEN_EDITS, of).all()


def _read(connection: Connection, crm: str, kind: Kind, fact: _Fact, merging: Merging) -> Record:
    """Merge one record that was read with its edits, and write what becomes of them."""
    place = Place(connection, crm, kind, fact.record.id, merging.at)
    rows = open_edits(connection, crm, kind, place.id)
    theirs = values_of(fact.record)
    _agree(place, [row for row in rows if row.state == Fate.ASKED], theirs)
    steps = by_field(row for row in rows if row.state == Fate.WAITING)
    if not steps:
        return fact.record
    record, found = _merge(place, fact, theirs, steps, merging)
    for name, fate in found.fates.items():
        _settle(place, steps[name], fate, theirs.get(name))
    for clash in found.clashes:
        add_clash(place, clash, steps[clash.field][-1])
    if found.clashes:  # what is on its way, too, or the next read-back takes it for agreed
        drop_changes(place, ("sending", *DEAD))
    is_dropped = _look_at_sent(place, theirs)
    queue_change(place, record, is_anew=bool(found.clashes) or is_dropped)
    return record


def _look_at_sent(place: "Place", theirs: Mapping[str, Json]) -> bool:
    """Send no more what is on its way but no longer wanted; say whether there was any.

    What is there already has arrived. What nobody waits for any longer would undo what came after.
    """
    edits = open_edits(place.connection, place.crm, place.kind, place.id)
    wanted = {(row.field, row.ours) for row in edits if row.state == Fate.WAITING}
    is_dropped = False
    for row in changes_of(place):
        if row.state not in ("sending", *DEAD):
            continue
        sent = fields_sent(row)
        if all(canonical(theirs.get(name)) == value for name, value in sent.items()):
            set_sent(place, row, "done")
        elif any(
            (name, value) not in wanted and canonical(theirs.get(name)) != value
            for name, value in sent.items()
        ):
            set_sent(place, row, "superseded")
            is_dropped = True
    return is_dropped


def _merge(
    place: "Place",
    fact: _Fact,
    theirs: Mapping[str, Json],
    steps: Mapping[str, Sequence[Any]],
    merging: Merging,
) -> tuple[Record, Merged]:
    edits = [_edit_of(rows) for rows in steps.values()]
    found = merge(theirs, edits, _winner(place, merging), getattr(fact, "changed_at", None))
    return read_record(place.kind, canonical(content_of(found.values))), found


def _winner(place: "Place", merging: Merging) -> Callable[[str], Winner]:
    """Give who wins; of a budget that a plan brought, it is the plan."""
    if place.kind is Kind.BUDGET:
        terms = terms_of(place.connection, place.crm, [place.id]).get(place.id)
        if terms is not None and terms.is_planned:
            return lambda _: Winner.CRM
    return lambda field: merging.winner(place.kind, field)


def _edit_of(rows: Sequence[Any]) -> FieldEdit:
    base, ours, between = chained([(json.loads(row.base), json.loads(row.ours)) for row in rows])
    last = rows[-1]
    return FieldEdit(last.field, base, ours, datetime.fromisoformat(last.at), between)


@dataclass(frozen=True)
class Place:
    """One record of a CRM, in a transaction at a moment."""

    connection: Connection
    crm: str
    kind: Kind
    id: str
    at: datetime

    @property
    def subject(self) -> str:
        """What the log calls it."""
        return f"{self.crm}/{self.kind.value}/{self.id}"

    def log(
        self,
        action: str,
        content: str,
        rows: tuple[int, ...],
        *,
        by: str = SYNC,
        why: str = "",
        said: str = "",
    ) -> int:
        """Say in the log that something happened to the record; give the entry's number."""
        return write_log(
            self.connection,
            at=self.at,
            actor=by,
            action=action,
            subject=self.subject,
            content=content,
            rows=rows,
            why=why,
            said=said,
        )


def by_field(rows: Iterable[Any]) -> dict[str, list[Any]]:
    """Give edits by their field, the oldest first."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.field, []).append(row)
    return found


def set_state(connection: Connection, rows: Sequence[Any], state: str) -> None:
    """Keep what became of edits."""
    if rows:
        given = {"of_seqs": [row.seq for row in rows], "of_state": state}
        connection.execute(SET_STATE, given)


def _settle(place: Place, rows: Sequence[Any], fate: Fate, theirs: Json) -> None:
    """Keep what became of the edits of one field."""
    match fate:
        case Fate.WAITING:
            _arrived(place.connection, rows, theirs)
        case _:
            _end(place.connection, rows, fate)


def _end(connection: Connection, rows: Sequence[Any], fate: Fate) -> None:
    """Keep what became of the newest of some edits of one field; it has overtaken the others."""
    set_state(connection, rows[:-1], OVERTAKEN)
    set_state(connection, rows[-1:], fate.value)


def _arrived(connection: Connection, rows: Sequence[Any], theirs: Json) -> None:
    """Close the edits up to the newest one whose value is there; those after it wait on."""
    if theirs == json.loads(rows[0].base):
        return
    last = max((at for at, row in enumerate(rows) if json.loads(row.ours) == theirs), default=-1)
    _end(connection, rows[: last + 1], Fate.DONE)


def _agree(place: Place, asked: Sequence[Any], theirs: Mapping[str, Json]) -> None:
    """Ask no longer where the CRM has our value now."""
    for row in asked:
        if theirs.get(row.field) != json.loads(row.ours):
            continue
        set_state(place.connection, [row], Fate.DONE.value)
        of_edit = (t.clash.c.edit == row.seq) & (t.clash.c.winner == "")
        for seq in place.connection.execute(select(t.clash.c.seq).where(of_edit)).scalars().all():
            settle_clash(place, seq, Winner.OURS.value, why="agreed")


def add_edits(
    place: Place,
    fields: Mapping[str, tuple[Json, Json]],
    *,
    by: str = SYNC,
    why: str = "",
    said: str = "",
    made_at: str = "",
) -> tuple[int, ...]:
    """Keep edits: by field, what both sides agreed on and what it shall be; give their numbers."""
    first = (place.connection.execute(select(func.max(t.edit.c.seq))).scalar() or 0) + 1
    rows: list[dict[str, Any]] = [
        {
            "seq": seq,
            "crm": place.crm,
            "kind": place.kind.value,
            "id": place.id,
            "field": name,
            "base": canonical(base),
            "ours": canonical(ours),
            "state": Fate.WAITING.value,
            "at": made_at or place.at.isoformat(),
        }
        for seq, (name, (base, ours)) in enumerate(sorted(fields.items()), start=first)
    ]
    numbers = tuple(row["seq"] for row in rows)
    span = (numbers[0], numbers[-1])
    entry = place.log("edit", edits_digest(rows), span, by=by, why=why, said=said)
    place.connection.execute(t.edit.insert(), [row | {"entry": entry} for row in rows])
    return numbers


def add_clash(place: Place, clash: Clash, edit: Any, winner: str = "") -> None:  # noqa: ANN401
    """Keep a field that both sides changed; where ours won, it waits anew on top of theirs.

    `edit` is the row that clashed; `winner` is said where it is none of the declared ones.
    """
    stands = winner or (clash.winner.value if clash.winner else "")
    seq = (place.connection.execute(select(func.max(t.clash.c.seq))).scalar() or 0) + 1
    row = {
        "seq": seq,
        "crm": place.crm,
        "kind": place.kind.value,
        "id": place.id,
        "field": clash.field,
        "edit": edit.seq,
        "base": canonical(clash.base),
        "theirs": canonical(clash.theirs),
        "ours": canonical(clash.ours),
        "winner": stands,
        "at": place.at.isoformat(),
    }
    entry = place.log("clash", clash_digest(row), (seq, seq))
    settled = entry if stands else 0
    place.connection.execute(t.clash.insert(), row | {"entry": entry, "settled": settled})
    if stands == Winner.OURS.value:
        fields = {clash.field: (clash.theirs, clash.ours)}
        add_edits(place, fields, why="clash", made_at=edit.at)


def settle_clash(
    place: Place, seq: int, winner: str, *, by: str = SYNC, why: str = "", said: str = ""
) -> None:
    """Keep who won a clash that was open, and say it in the log."""
    content = settled_digest(seq, place.crm, winner)
    entry = place.log("clash_settle", content, (seq, seq), by=by, why=why, said=said)
    of = update(t.clash).where(t.clash.c.seq == seq)
    place.connection.execute(of.values(winner=winner, settled=entry))


# What the log says. People's words are left out, so that they can be erased (`core.words`).


def edits_digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """Give what the log says of edits that were made together."""
    names = ("seq", "crm", "kind", "id", "field", "at")
    return digest(
        [[*(row[n] for n in names), bare(row, "base"), bare(row, "ours")] for row in rows]
    )


def clash_digest(row: Mapping[str, Any]) -> str:
    """Give what the log says of a clash when it came to be."""
    names = ("seq", "crm", "kind", "id", "field", "edit", "winner", "at")
    values = (bare(row, name) for name in ("base", "theirs", "ours"))
    return digest([*(row[name] for name in names), *values])


def settled_digest(seq: int, crm: str, winner: str) -> str:
    """Give what the log says of a clash that was settled."""
    return digest([seq, crm, winner])


def bare(row: Mapping[str, Any], name: str) -> str:
    """Give a value of a row as the log may hold it: empty where it is a person's words."""
    return "" if has_words(Kind(row["kind"]), row["field"]) else str(row[name])


def has_words(kind: Kind, field: str) -> bool:
    """Say whether a field holds a person's own words."""
    return field in WORDS.get(TYPES[kind], ())


# What is to be written


def queue_change(place: Place, record: Record, *, is_anew: bool) -> None:
    """Make what waits to be written carry every open edit of the record, as it is now.

    `is_anew` says that what was sent, or refused, is no longer what is wanted: a field was changed
    here, or there. Else only what waits is brought up to date.
    """
    kind = f"{place.kind.value}_change"
    rows = changes_of(place)
    waiting = [row for row in rows if row.state == "waiting"]
    if not waiting and not is_anew:
        return
    edits = open_edits(place.connection, place.crm, place.kind, place.id)
    fields = sorted({row.field for row in edits if row.state == Fate.WAITING})
    content = change_content(place.kind, record, fields)
    if waiting and fields and waiting[-1].content == content:
        return
    if waiting:
        place.connection.execute(s.NO_WRITES, {"of_names": [row.seq for row in waiting]})
    if fields:
        left = len(rows) - len(waiting)
        last = place.connection.execute(s.NEWEST_WRITE).scalar() or 0
        row = {
            "seq": last + 1,
            "crm": place.crm,
            "key": new_key([place.crm, kind, place.id, content], left, {row.key for row in rows}),
            "kind": kind,
            "record": place.id,
            "content": content,
            "state": "waiting",
            "reason": "",
        }
        place.connection.execute(s.ADD_WRITES, row)


def changes_of(place: Place) -> Sequence[Any]:
    """Give the changes of a record in the outbox, whatever became of them."""
    kind = f"{place.kind.value}_change"
    of = {"of_crm": place.crm, "of_kind": kind, "of_id": place.id}
    return place.connection.execute(CHANGES, of).all()


def fields_sent(row: Any) -> dict[str, str]:  # noqa: ANN401  a row
    """Give the fields that a change of the outbox writes, with their values as JSON."""
    content = json.loads(row.content)
    values = values_of(read_record(Kind(content["kind"]), canonical(content["record"])))
    return {name: canonical(values.get(name)) for name in content["fields"]}


def set_sent(place: Place, row: Any, state: str) -> None:  # noqa: ANN401  a row
    """Keep what became of a change of the outbox."""
    place.connection.execute(update(t.outbox).where(t.outbox.c.seq == row.seq).values(state=state))


def drop_changes(place: Place, states: Sequence[str]) -> None:
    """Send no more what was to be written of a record, where it is in one of these states."""
    kind = f"{place.kind.value}_change"
    of = (t.outbox.c.crm == place.crm) & (t.outbox.c.kind == kind) & (t.outbox.c.record == place.id)
    place.connection.execute(
        update(t.outbox).where(of & t.outbox.c.state.in_(states)).values(state="superseded")
    )


def change_content(kind: Kind, record: Record, fields: Sequence[str]) -> str:
    """Give a change as the outbox keeps it (`adapters.contract.Change`)."""
    return canonical({"kind": kind.value, "record": record, "fields": list(fields)})


def arrived(connection: Connection, row: Any) -> None:  # noqa: ANN401  a row
    """Close the edits that a change carried, now that the CRM has it; newer ones wait on."""
    kind = Kind(json.loads(row.content)["kind"])
    steps = by_field(
        one
        for one in open_edits(connection, row.crm, kind, row.record)
        if one.state == Fate.WAITING
    )
    for field, value in fields_sent(row).items():
        rows = steps.get(field, [])
        at = [number for number, one in enumerate(rows, start=1) if one.ours == value]
        if at:
            _end(connection, rows[: at[-1]], Fate.DONE)
