"""Changing records of the CRM from here, field by field, and settling what both sides changed.

A changed record is a new version at once, so that decisions count it; the edit waits until the CRM
has it (`store.merging`).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, select

from crm_expenses.core.budget import Budget
from crm_expenses.core.merge import EXTRA, Fate, Winner, content_of, values_of
from crm_expenses.core.origin import Origin
from crm_expenses.core.ownclaim import OWN
from crm_expenses.core.record import TYPES, Json, Kind, Record, canonical, to_json
from crm_expenses.core.words import texts_of
from crm_expenses.errors import MappingError, Problem, RefusedError
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.append import append_said
from crm_expenses.store.codec import read_as, read_record
from crm_expenses.store.keeping import SAID_MAX, problems_of, shown
from crm_expenses.store.merging import (
    AGAIN,
    DEAD,
    Place,
    add_edits,
    drop_changes,
    has_words,
    queue_change,
    set_state,
    settle_clash,
)
from crm_expenses.store.terms import terms_of

THIRD: Final = "third"
PLACE: Final = "edit/"
"""Begins the place in the origin of a version that was made here."""

VALUE_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class NewEdit:
    """What somebody changes of a record: by field of `core`, the value that it shall have.

    Values are those of `core`, or JSON as they are kept. A field of the CRM's own is
    `extra.NAME`; its value is a text. `why` is said in the person's own words.
    """

    kind: Kind
    id: str
    values: Mapping[str, object]
    by: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of it: the record as it is now, and what each field was before."""

    record: Record
    before: Mapping[str, Json]
    edits: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Said:
    record: Record
    origin: Origin


def change(connection: Connection, crm: str, edit: NewEdit, at: datetime) -> Changed:
    """Change fields of a record: a new version, an edit a field, and a write that waits.

    Fields that are as they shall be already are no edits.

    Raises:
        RefusedError: there is no such record, or it is not to be changed here.
        MappingError: a field is not known, or a value does not fit; carries all that is wrong.
    """
    place = Place(connection, crm, edit.kind, edit.id, at)
    held = _held(place)
    before = values_of(held)
    wanted = _wanted(edit, before)
    fresh = {
        name: value
        for name, value in wanted.items()
        if canonical(before.get(name)) != canonical(value)
    }
    if not fresh:
        return Changed(held, {})
    record = _checked(place, edit, before, fresh)
    _demand_open(place, fresh)
    _demand_words(place, fresh)
    first = (connection.execute(select(func.max(t.edit.c.seq))).scalar() or 0) + 1
    version = _version(place)
    origin = Origin(crm, edit.id, f"{PLACE}{first}", version)
    kept = [(_Said(record, origin), texts_of(record))]
    append_said(connection, crm, edit.kind, kept, at, actor=edit.by)
    pairs = {name: (before.get(name), value) for name, value in fresh.items()}
    numbers = add_edits(place, pairs, by=edit.by, said=shown(edit.why.strip(), SAID_MAX))
    drop_changes(place, DEAD)
    queue_change(place, record, is_anew=True)
    return Changed(record, {name: before.get(name) for name in fresh}, numbers)


def _held(place: Place) -> Record:
    """Give the record as it is here."""
    values = {"crm": place.crm, "kind": place.kind.value, "record": shown(place.id, VALUE_SHOWN)}
    if place.crm == OWN:
        raise RefusedError.of([Problem("edits.own", values)])
    if place.kind is Kind.APPROVAL:
        raise RefusedError.of([Problem("edits.approval", values)])
    of = {"of_crm": place.crm, "of_kind": place.kind.value, "of_claim": place.id}
    row = place.connection.execute(s.RECORD, of).first()
    if row is None:
        raise RefusedError.of([Problem("edits.no_record", values)])
    return read_record(place.kind, row.content)


def _version(place: Place) -> str:
    """Give the CRM's own mark of the record as it was read last."""
    latest = t.latest.c
    of = (latest.crm == place.crm) & (latest.kind == place.kind.value) & (latest.id == place.id)
    return str(place.connection.execute(select(latest.version).where(of)).scalar() or "")


def _wanted(edit: NewEdit, before: Mapping[str, Json]) -> dict[str, Json]:
    """Give the values as JSON, once every field is known to be one that can be changed."""
    names = [one.name for one in fields(TYPES[edit.kind]) if one.name not in ("id", EXTRA)]
    has_extra = any(one.name == EXTRA for one in fields(TYPES[edit.kind]))
    known = ", ".join([*names, *([f"{EXTRA}.NAME"] if has_extra else [])])
    problems = []
    wanted: dict[str, Json] = {}
    for name, value in edit.values.items():
        told = {"kind": edit.kind.value, "field": shown(name, VALUE_SHOWN), "known": known}
        if name == "id":
            problems.append(Problem("edits.id", told))
        elif name in names:
            wanted[name] = to_json(value)
        elif has_extra and name.startswith(f"{EXTRA}.") and len(name) > len(EXTRA) + 1:
            if value is None or isinstance(value, str):
                wanted[name] = value or None
            else:
                problems.append(Problem("edits.value", told | _value(value)))
        else:
            problems.append(Problem("edits.field", told))
    if problems:
        raise MappingError.of(problems)
    return {name: wanted[name] for name in sorted(wanted, key=_place_of(before))}


def _place_of(before: Mapping[str, Json]) -> Any:  # noqa: ANN401  a key of sorting
    names = list(before)
    return lambda name: (names.index(name) if name in before else len(names), name)


def _value(value: object) -> dict[str, str]:
    return {"value": shown(json.dumps(to_json(value), ensure_ascii=False), VALUE_SHOWN)}


def _checked(
    place: Place, edit: NewEdit, before: Mapping[str, Json], fresh: Mapping[str, Json]
) -> Record:
    """Give the record as it shall be; each value is tried alone first, to say which is wrong."""
    problems = [
        Problem("edits.value", {"kind": edit.kind.value, "field": name} | _value(value))
        for name, value in fresh.items()
        if not _fits(place.kind, before, name, value)
    ]
    if problems:
        raise MappingError.of(problems)
    record = read_record(place.kind, canonical(content_of({**before, **fresh})))
    kept = problems_of(record, canonical(record))
    if kept:
        raise MappingError.of(kept)
    if isinstance(record, Budget):
        _demand_budget(place, record, before)
    return record


def _fits(kind: Kind, before: Mapping[str, Json], name: str, value: Json) -> bool:
    """Say whether a value is of its field's type, exactly: what is read is what was given."""
    try:
        record = read_record(kind, canonical(content_of({**before, name: value})))
    except ValueError:
        return False
    return canonical(values_of(record).get(name)) == canonical(value)


def _demand_budget(place: Place, record: Budget, before: Mapping[str, Json]) -> None:
    """Make sure that a budget may be so: its currency stays, and what a plan brought is its own."""
    terms = terms_of(place.connection, place.crm, [place.id]).get(place.id)
    if terms is not None and terms.is_planned:
        raise RefusedError("edits.planned", budget=record.id)
    was = before.get("amount")
    currency = str(was["currency"]) if isinstance(was, Mapping) else record.amount.currency
    if currency != record.amount.currency:
        values = {"budget": record.id, "before": currency, "currency": record.amount.currency}
        raise MappingError.of([Problem("record.budget_currency", values)])


def _demand_open(place: Place, fresh: Mapping[str, Json]) -> None:
    """Make sure that nobody is asked about a field that is to be changed."""
    clash = t.clash.c
    of = (clash.crm == place.crm) & (clash.kind == place.kind.value) & (clash.id == place.id)
    asked = select(clash.seq, clash.field).where(of & (clash.winner == ""))
    for row in place.connection.execute(asked.order_by(clash.seq)):
        if row.field in fresh:
            record = shown(place.id, VALUE_SHOWN)
            raise RefusedError("edits.asked", record=record, field=row.field, clash=str(row.seq))


def _demand_words(place: Place, fresh: Mapping[str, Json]) -> None:
    """Make sure that no words are said again of which somebody had theirs erased."""
    said = [name for name in fresh if has_words(place.kind, name)]
    of = {"of_crm": place.crm, "of_kind": place.kind.value, "of_names": [place.id]}
    if said and place.connection.execute(s.ERASED, of).first() is not None:
        record = shown(place.id, VALUE_SHOWN)
        raise RefusedError("edits.erased", record=record, field=", ".join(said))


# Clashes


@dataclass(frozen=True, slots=True)
class ClashRow:
    """A field that both sides changed; values are JSON, `winner` is empty while a person is asked.

    `now` is what the record here has, None where the record went.
    """

    number: int
    kind: Kind
    id: str
    field: str
    base: Json
    theirs: Json
    ours: Json
    winner: str
    at: str
    now: Json = None
    by: str = ""
    said: str = ""


def clashes(
    connection: Connection, crm: str, *, only_open: bool = True, number: int | None = None
) -> list[ClashRow]:
    """Give the clashes of a CRM, the oldest first."""
    clash = t.clash.c
    where = clash.crm == crm
    if only_open:
        where &= clash.winner == ""
    if number is not None:
        where &= clash.seq == number
    rows = connection.execute(select(t.clash).where(where).order_by(clash.seq)).all()
    return [_clash_of(connection, row) for row in rows]


def _clash_of(connection: Connection, row: Any) -> ClashRow:  # noqa: ANN401  a row
    of = {"of_crm": row.crm, "of_kind": row.kind, "of_claim": row.id}
    held = connection.execute(s.RECORD, of).first()
    kind = Kind(row.kind)
    now = values_of(read_record(kind, held.content)).get(row.field) if held else None
    edit = connection.execute(select(t.edit.c.entry).where(t.edit.c.seq == row.edit)).scalar()
    by, said = who_and_why(connection, edit or 0)
    values = (json.loads(value) for value in (row.base, row.theirs, row.ours))
    base, theirs, ours = values
    return ClashRow(
        *(row.seq, kind, row.id, row.field, base, theirs, ours, row.winner, row.at),
        now=now,
        by=by,
        said=said,
    )


def open_clashes(connection: Connection, crm: str) -> int:
    """Count the fields of which a person is asked whose value shall stand."""
    of = (t.clash.c.crm == crm) & (t.clash.c.winner == "")
    return connection.execute(select(func.count()).select_from(t.clash).where(of)).scalar() or 0


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a person says of a clash: whose value shall stand, or a third one, and why."""

    clash: int
    winner: Winner | None
    by: str
    why: str
    value: object = None


def resolve(connection: Connection, crm: str, ruling: Ruling, at: datetime) -> ClashRow:
    """Settle a clash: the CRM's value stands, or ours or a third one is an edit on top of it.

    Raises:
        RefusedError: there is no such clash, or it is settled, or the record is gone.
        MappingError: the third value does not fit its field.
    """
    found = clashes(connection, crm, only_open=False, number=ruling.clash)
    if not found:
        raise RefusedError("clash.none", clash=str(ruling.clash), crm=crm)
    one = found[0]
    if one.winner:
        raise RefusedError("clash.settled", clash=str(one.number), winner=one.winner)
    place = Place(connection, crm, one.kind, one.id, at)
    word = ruling.winner.value if ruling.winner is not None else THIRD
    said = shown(ruling.why.strip(), SAID_MAX)
    settle_clash(place, one.number, word, by=ruling.by, said=said)
    edit = connection.execute(select(t.clash.c.edit).where(t.clash.c.seq == one.number)).scalar()
    asked = connection.execute(select(t.edit).where(t.edit.c.seq == edit)).all()
    state = Fate.LOST.value if ruling.winner is Winner.CRM else AGAIN
    set_state(connection, asked, state)
    if ruling.winner is not Winner.CRM:
        value = one.ours if ruling.winner is Winner.OURS else ruling.value
        change(connection, crm, NewEdit(one.kind, one.id, {one.field: value}, ruling.by), at)
    return clashes(connection, crm, only_open=False, number=one.number)[0]


# Looking back


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record: where it came from, who made it here, and why."""

    record: Record
    origin: Origin
    at: str
    by: str = ""
    said: str = ""
    is_erased: bool = False


def history(connection: Connection, crm: str, kind: Kind, name: str) -> Iterator[Version]:
    """Give every version of a record, the oldest first."""
    record = t.record.c
    of = (record.crm == crm) & (record.kind == kind.value) & (record.id == name)
    joined = t.record.outerjoin(t.words, t.words.c.seq == record.seq)
    rows = connection.execute(
        select(t.record, t.words.c.erased).select_from(joined).where(of).order_by(record.seq)
    ).all()
    for row in rows:
        origin: Origin = read_as(Origin, row.origin)
        by, said = "", ""
        if origin.place.startswith(PLACE):
            number = int(origin.place.removeprefix(PLACE))
            entry = connection.execute(select(t.edit.c.entry).where(t.edit.c.seq == number))
            by, said = who_and_why(connection, entry.scalar() or 0)
        yield Version(
            read_record(kind, row.content), origin, row.received_at, by, said, bool(row.erased)
        )


@dataclass(frozen=True, slots=True)
class EditRow:
    """One field that was changed here; values are JSON."""

    number: int
    field: str
    base: Json
    ours: Json
    state: str
    at: str


def edits_of(connection: Connection, crm: str, kind: Kind, name: str) -> list[EditRow]:
    """Give every edit of a record, the oldest first."""
    edit = t.edit.c
    of = (edit.crm == crm) & (edit.kind == kind.value) & (edit.id == name)
    rows = connection.execute(select(t.edit).where(of).order_by(edit.seq))
    return [
        EditRow(r.seq, r.field, json.loads(r.base), json.loads(r.ours), r.state, r.at) for r in rows
    ]


def who_and_why(connection: Connection, entry: int) -> tuple[str, str]:
    """Give who did what an entry of the log says, and why; empty where that was erased."""
    body = connection.execute(select(t.audit.c.body).where(t.audit.c.number == entry)).scalar()
    of = (t.reason.c.number == entry) & ~t.reason.c.erased
    said = connection.execute(select(t.reason.c.content).where(of)).scalar()
    actor = str(json.loads(body)["actor"]) if body is not None else ""
    return actor, str(said or "")
