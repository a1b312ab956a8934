"""Rows of a CRM's answers and the records in them: how one becomes the other. No calls."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Cursor, Gone, Page, Received, SetAside
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.fieldcodec import Unfit
from crm_expenses.adapters.fieldmap import FieldMap
from crm_expenses.adapters.rest.codecs import EpochMoment, FormatMoment, PartsMoment, Zones
from crm_expenses.adapters.rest.judging import is_one
from crm_expenses.adapters.rest.path import NOT_THERE, found
from crm_expenses.adapters.rest.rowshape import RowShape
from crm_expenses.adapters.rest.spec import (
    Deletes,
    DeletesKind,
    Since,
)
from crm_expenses.adapters.rest.speckind import KindPart
from crm_expenses.adapters.rest.wire import Wire
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import Kind, Record, digest
from crm_expenses.errors import MappingError

VERSION_CHARS: Final = 32
"""Of the SHA-256 of what people can change: enough that no two are alike."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where records of a kind come from, and how they are read. `id_field` is that of the map.

    `asked` are the CRM's fields that are read, by which it may be asked (`asking`).
    """

    kind: Kind
    part: KindPart
    map: FieldMap
    shape: RowShape
    owner: "Source | None" = None
    asked: tuple[str, ...] = ()
    id_field: str = field(init=False, repr=False, default="")

    def __post_init__(self) -> None:
        theirs = next(one.theirs for one in self.map.fields if one.ours == "id")
        object.__setattr__(self, "id_field", theirs)

    @property
    def listed(self) -> "Source":
        """The source whose records are listed: its own, or that of the parents of its rows."""
        return self.owner or self


def page_of(
    wire: Wire, source: Source, rows: list[Value], cursor: Cursor, *, restart: bool = False
) -> Page:
    """Make a page of rows: facts, what cannot be read, what is marked as deleted."""
    facts: list[Received] = []
    aside: list[SetAside] = []
    gone: list[Gone] = []
    whole: list[str] = []
    since, deletes = (
        wire.held.since_of(source.listed.kind),
        wire.held.deletes_of(source.listed.kind),
    )
    for row in rows:
        own = id_of(row, source.listed.part)
        if _is_removed(row, since, deletes):
            name = own or text_of(found(row, since.removed_id_path or "id"))
            if not name:
                raise answers.wrong_answer(wire.crm, "a record that was deleted has no id")
            if source.owner is None:
                gone.append(Gone(origin_of(wire.crm, source, name)))
            else:
                whole.append(name)  # it has no rows any more
            continue
        if not is_wanted(row, source.listed.part):
            if source.owner is not None and own:
                whole.append(own)
            continue
        edited = moment_of(row, since, wire.zones)
        if source.owner is not None and _has_list(wire, source, row):
            whole.append(own)
        for name, raw in records_in(wire, source, row):
            try:
                record = read_record(source, name, raw)
            except MappingError as error:
                aside.append(SetAside(origin_of(wire.crm, source, name), error.problems))
            else:
                origin = origin_of(wire.crm, source, name, version_of(record))
                facts.append(Received(record, origin, edited))
    told = tuple(gone), tuple(whole)
    return Page(source.kind, tuple(facts), tuple(aside), cursor, restart, *told)


def records_in(wire: Wire, source: Source, row: Value) -> Iterator[tuple[str, Value]]:
    """Give the records that a row holds, each with its id: itself, or the rows nested in it."""
    own = id_of(row, source.listed.part)
    records = wire.held.records_of(source.listed.kind)
    if not records.unwrap and source.part.nested is None:
        yield own, row
        return
    inner = found(row, records.unwrap) if records.unwrap else row
    if records.unwrap and isinstance(inner, dict):
        inner = {
            **inner,
            **({source.listed.part.id: own} if "." not in source.listed.part.id else {}),
        }
    nested = source.part.nested
    if nested is None:
        yield own, cast("Value", inner)
        return
    children = found(inner, nested.path)
    for child in children if isinstance(children, list) else []:
        if isinstance(child, dict):
            name = id_of(child, source.part)
            yield (f"{own}:{name}" if own and name else ""), child


def _has_list(wire: Wire, source: Source, row: Value) -> bool:
    """Say whether a row shows its nested rows, so that one that is not there is gone."""
    unwrap, nested = wire.held.records_of(source.listed.kind).unwrap, source.part.nested
    inner = found(row, unwrap) if unwrap else row
    return nested is not None and isinstance(found(inner, nested.path), list)


def read_record(source: Source, name: str, raw: Value) -> Record:
    """Read one record.

    Raises:
        MappingError: with everything that is wrong in it.
    """
    flat = source.shape.flat(raw)
    flat[source.id_field] = name
    nested = source.part.nested
    if nested is not None:
        theirs = next(m.theirs for m in source.map.fields if m.ours == nested.parent_field)
        flat[theirs] = name.partition(":")[0]
    return source.map.read(flat)


def version_of(record: Record) -> str:
    """Give the version of a record: a digest of what people can change.

    The CRM's own versions count our writes, too, and a result of ours is no change of a person's.
    """
    return digest(record)[:VERSION_CHARS]


def origin_of(crm: str, source: Source, name: str, version: str = "") -> Origin:
    """Give where a record came from."""
    return Origin(crm, name, f"{source.listed.part.object}/{name}", version)


def id_of(row: Value, part: KindPart) -> str:
    """Give the id of a row, empty where it has none."""
    return text_of(found(row, part.id))


def text_of(held: object) -> str:
    """Give a text or a whole number as a text, anything else as an empty one."""
    return str(held) if isinstance(held, str | int) and not isinstance(held, bool) else ""


def moment_of(row: Value, since: Since, zones: Zones) -> datetime | None:
    """Give when a row changed: the first time that stands in it and can be read."""
    for path in since.field:
        held = found(row, path)
        if held is NOT_THERE or held is None or held == "":
            continue
        for codec in _clocks(since, zones):
            try:
                return codec(cast("Value", held))
            except Unfit:
                continue
    return None


def _clocks(since: Since, zones: Zones) -> Iterator[Callable[[Value], datetime]]:
    match since.format:
        case "epoch_s":
            yield EpochMoment(zones).read
        case "epoch_ms":
            yield EpochMoment(zones, is_milli=True).read
        case "parts":
            yield PartsMoment(zones).read
        case form if form != "iso8601":
            yield FormatMoment(zones, form).read
    yield FormatMoment(zones).read


def names_of(source: Source) -> list[str]:
    """Give the CRM's fields that are read, for a CRM that wants to be told."""
    return list(source.asked)


def _is_removed(row: Value, since: Since, deletes: Deletes) -> bool:
    if since.removed_path and found(row, since.removed_path) is not NOT_THERE:
        return True
    return deletes.kind is DeletesKind.FLAG and is_one(found(row, deletes.path), deletes.values)


def is_wanted(row: Value, part: KindPart) -> bool:
    """Say whether a row is a record of the kind, and not of another one in the same list."""
    return all(is_one(found(row, path), allowed) for path, allowed in part.only.items())
