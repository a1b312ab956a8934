"""Records from the files of a source: mapped, told apart by id, in an order that never changes."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import Enum
from typing import Final

from crm_expenses.adapters.contract import Received, SetAside
from crm_expenses.adapters.files.encoding import Survey
from crm_expenses.adapters.files.mapping import FileMapping, Source
from crm_expenses.adapters.files.packing import pack, pack_aside, unpack_aside, unpacker
from crm_expenses.adapters.files.plan import RecordPlan, columns_of
from crm_expenses.adapters.files.reading import Layout, read_rows
from crm_expenses.adapters.files.rows import Found, Row
from crm_expenses.adapters.files.spool import FIRST, Ordered, Seen, content, instant
from crm_expenses.adapters.files.values import shown
from crm_expenses.core.claim import Claim
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import Kind, Record
from crm_expenses.errors import Problem

MEANING: Final = 1
"""Raised when the same files and mapping begin to give other records: all is then read again."""

Item = Received | SetAside


@dataclass(slots=True)
class RowCounts:
    """How many rows were read and what became of them: `rows` is the sum of the others."""

    rows: int = 0
    taken: int = 0
    set_aside: int = 0
    repeated: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Input:
    """One file of one source, surveyed."""

    source: Source
    found: Found
    surveyed: Survey


def digest_of(mapping: FileMapping, kind: Kind, inputs: Sequence[Input]) -> str:
    """Give the SHA-256 over all that decides which records come: files, their names, mapping."""
    sources = [s.model_dump(mode="json", by_alias=True) for s in mapping.source if s.kind == kind]
    files = [[each.found.name, each.surveyed.sha256] for each in inputs]
    held = [MEANING, mapping.mapping.model_dump(mode="json"), sources, files]
    text = json.dumps(held, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def items_of(
    crm: str,
    kind: Kind,
    inputs: Sequence[Input],
    zone: tzinfo | None,
    counts: RowCounts,
) -> Iterator[Item]:
    """Give every record of a kind, and every row set aside, in the order of files and rows.

    Claims come by time of submission, then by id, because windows fill in that order; those that
    were set aside come before them.
    """
    with Seen() as seen:
        items = _in_file_order(crm, inputs, zone, seen, counts)
        yield from _by_submission(crm, items, zone) if kind is Kind.CLAIM else items


def _by_submission(crm: str, items: Iterable[Item], zone: tzinfo | None) -> Iterator[Item]:
    unpack = unpacker(Kind.CLAIM, zone)
    with Ordered() as ordered:
        for item in items:
            if isinstance(item, SetAside):
                ordered.add(FIRST, "", "", pack_aside(item))
            elif isinstance(item.record, Claim):
                moment = instant(item.record.submitted)
                held = pack(Kind.CLAIM, item.record)
                ordered.add(moment, item.record.id, item.origin.place, held)
        for moment, key, place, held in ordered.items():
            if moment == FIRST:
                yield unpack_aside(held)
            else:
                yield Received(unpack(held), Origin(crm, key, place))


def _in_file_order(
    crm: str,
    inputs: Sequence[Input],
    zone: tzinfo | None,
    seen: Seen,
    counts: RowCounts,
) -> Iterator[Item]:
    for each in inputs:
        wanted = columns_of(each.source)
        plan = RecordPlan(each.source, wanted, zone)
        for row in read_rows(each.found, each.surveyed, wanted, Layout.of(each.source)):
            counts.rows += 1
            if not row.problems and not plan.applies(row):
                counts.skipped += 1
                continue
            place = str(row.place)
            read = plan.read(row)
            if not isinstance(read, tuple):
                met = meeting(plan, read, row, seen)
                if met is Meeting.NEW:
                    counts.taken += 1
                    yield Received(read, Origin(crm, read.id, place))
                    continue
                if met is Meeting.SAME:
                    counts.repeated += 1
                    continue
                read = (met,)
            counts.set_aside += 1
            yield SetAside(Origin(crm, plan.id_of(row), place), read)


class Meeting(Enum):
    """What it means to meet a record's id: the first time, or again where that is allowed."""

    NEW = "new"
    SAME = "same"


def meeting(plan: RecordPlan, record: Record, row: Row, seen: Seen) -> Meeting | Problem:
    """Note a record's id, and say what meeting it here means; a problem where it may not be."""
    place = str(row.place)
    digest = content(record) if plan.is_distinct else b""
    first = seen.first(record.id, place, digest)
    if first is None:
        return Meeting.NEW
    if plan.is_distinct and first.content == digest:
        return Meeting.SAME
    code = "record.differs" if plan.is_distinct else "record.duplicate"
    values = {"kind": str(plan.kind), "id": shown(record.id), "first": first.place}
    return Problem(code, values, row.place)
