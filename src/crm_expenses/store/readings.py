"""Readings of all records of a kind: how far one is, what it has met, what it has not.

A reading begins, keeps its pages with what was met on them, and ends when everything that was not
met has been looked up, or has been missing twice. All of it is kept, so that a reading that was cut
off goes on; of the records only a portion is ever in memory.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from crm_expenses.core.origin import Origin
from crm_expenses.core.record import Kind, canonical
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.append import AppendCount, PulledPage, append_facts, append_page
from crm_expenses.store.goneaway import GoneRecord
from crm_expenses.store.keeping import NAME_MAX, shown
from crm_expenses.store.many import add_absent, rows_of
from crm_expenses.store.store import Store


class Way(StrEnum):
    """Whose cursor a reading goes by."""

    NEW = "new"
    """That of the pulls: they give everything, at first or always."""
    WHOLE = "whole"
    """Its own: all is read again beside the pulls."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a reading is; `ended_at` is None while it is under way.

    `held` and `missing` are what was counted where it was not believed, and 0 where it was.
    """

    way: Way
    started_at: datetime
    ended_at: datetime | None
    cursor: str
    held: int
    missing: int


@dataclass(frozen=True, slots=True)
class Missing:
    """How many records are held that a reading should have met, how many of them it did not."""

    held: int
    missing: int


@dataclass(frozen=True, slots=True)
class _Gone:
    """A record that a reading did not meet."""

    origin: Origin
    into: str = ""


@dataclass(frozen=True, slots=True)
class _Page:
    """Records that are gone, as the door takes them."""

    kind: Kind
    gone: Sequence[GoneRecord]
    facts: tuple[()] = ()
    set_aside: tuple[()] = ()
    cursor: str = ""
    restart: bool = False
    whole: tuple[()] = ()


class Readings:
    """The readings of one CRM. Each method is one transaction, whole or not at all."""

    def __init__(self, store: Store, crm: str) -> None:
        self._store = store
        self._crm = crm

    def of(self, kind: Kind) -> Reading | None:
        """Give the reading of a kind that is under way, else the last one, if there was any."""
        with self._store.reading() as connection:
            row = connection.execute(select(t.reading).where(self._its(t.reading, kind))).first()
        return _read(row) if row is not None else None

    def doubted(self) -> dict[Kind, Missing]:
        """Give the readings that were not believed."""
        of = t.reading.c
        where = (of.crm == self._crm) & (of.missing > 0) & (of.ended_at != "")
        with self._store.reading() as connection:
            rows = connection.execute(select(t.reading).where(where).order_by(of.kind)).all()
        return {Kind(row.kind): Missing(row.held, row.missing) for row in rows}

    def begin(self, kind: Kind, way: Way, at: datetime) -> None:
        """Begin a reading anew; what an earlier one had met is forgotten."""
        with self._store.writing() as connection:
            seen = self._its(t.sighting, kind) & ~t.sighting.c.missed
            connection.execute(delete(t.sighting).where(seen))
            connection.execute(delete(t.reading).where(self._its(t.reading, kind)))
            row = {
                "crm": self._crm,
                "kind": kind.value,
                "way": way.value,
                "started_at": at.isoformat(),
                "ended_at": "",
                "cursor": "",
                "before": connection.execute(s.NEWEST_RECORD).scalar() or 0,
                "held": 0,
                "missing": 0,
            }
            connection.execute(t.reading.insert(), row)

    def may_miss(self, kind: Kind) -> bool:
        """Say whether anything is held that the reading should meet: at first there is nothing."""
        with self._store.reading() as connection:
            due = self._due(kind, self._before(connection, kind))
            return connection.execute(select(t.latest.c.id).where(due).limit(1)).first() is not None

    def keep(self, page: PulledPage, way: Way, at: datetime, *, notes: bool = True) -> AppendCount:
        """Keep a page of a reading, and the cursor that the reading goes by.

        What was met on it is noted, unless nothing can be missing.
        """
        merging = self._store.merging(self._crm, at)
        with self._store.writing() as connection:
            if way is Way.NEW:
                count = append_page(connection, self._crm, page, at, merging)
            else:
                count = append_facts(connection, self._crm, page, at, merging=merging)
                of = update(t.reading).where(self._its(t.reading, page.kind))
                connection.execute(of.values(cursor=page.cursor))
            if notes:
                self._meet(connection, page.kind, _met(page))
            return count

    def keep_looked(self, page: PulledPage, asked: Sequence[str], at: datetime) -> AppendCount:
        """Keep what was found where records were looked up; all that were asked for are met."""
        merging = self._store.merging(self._crm, at)
        with self._store.writing() as connection:
            count = append_facts(connection, self._crm, page, at, merging=merging)
            self._meet(connection, page.kind, {*_met(page), *asked})
            return count

    def count(self, kind: Kind) -> Missing:
        """Count what should have been met, and what was not."""
        with self._store.reading() as connection:
            before = self._before(connection, kind)
            counted = select(func.count()).select_from(t.latest)
            held = connection.execute(counted.where(self._due(kind, before))).scalar()
            unmet = connection.execute(counted.where(self._unmet(kind, before))).scalar()
        return Missing(held or 0, unmet or 0)

    def missing(self, kind: Kind, limit: int) -> list[str]:
        """Give the first records that were not met."""
        with self._store.reading() as connection:
            where = self._unmet(kind, self._before(connection, kind))
            of = select(t.latest.c.id).where(where).order_by(t.latest.c.id).limit(limit)
            return list(connection.execute(of).scalars())

    def leave(self, kind: Kind, at: datetime) -> AppendCount | None:
        """Let some records go that two readings in a row have missed; None where there is none."""
        with self._store.writing() as connection:
            unmet = self._unmet(kind, self._before(connection, kind))
            where = unmet & self._has_sighting(missed=True)
            of = select(t.latest.c.id).where(where).order_by(t.latest.c.id).limit(s.AT_ONCE)
            ids = list(connection.execute(of).scalars())
            if not ids:
                return None
            gone = [_Gone(Origin(self._crm, name)) for name in ids]
            count = append_facts(connection, self._crm, _Page(kind, gone), at)
            self._meet(connection, kind, ids)
            return count

    def end(self, kind: Kind, at: datetime, doubt: Missing | None = None) -> int:
        """End a reading; give how many records were missing for the first time.

        `doubt` is what was counted where the reading is not believed: then none is missing.
        """
        missed = 0
        its = self._its(t.sighting, kind)
        with self._store.writing() as connection:
            if doubt is None:
                connection.execute(delete(t.sighting).where(its & t.sighting.c.missed))
                missed = self._miss(connection, kind)
            connection.execute(delete(t.sighting).where(its & ~t.sighting.c.missed))
            counted = doubt or Missing(0, 0)
            ended = {"ended_at": at.isoformat(), "held": counted.held, "missing": counted.missing}
            of = update(t.reading).where(self._its(t.reading, kind))
            connection.execute(of.values(ended))
        return missed

    def _miss(self, connection: Connection, kind: Kind) -> int:
        """Note what was not met, for the next reading."""
        unmet = self._unmet(kind, self._before(connection, kind))
        count = select(func.count()).select_from(t.latest).where(unmet)
        missed = connection.execute(count).scalar() or 0
        if missed:
            its = (t.latest.c.crm, t.latest.c.kind, t.latest.c.id)
            columns = ["crm", "kind", "id", "missed"]
            rows = select(*its, literal(value=True)).where(unmet)
            connection.execute(insert(t.sighting).from_select(columns, rows))
        return missed

    def _meet(self, connection: Connection, kind: Kind, ids: Iterable[str]) -> None:
        """Note what was met of what was there when the reading began: no other may be missing."""
        before = self._before(connection, kind)
        of = {"of_crm": self._crm, "of_kind": kind.value, "of_seq": before}
        met = sorted(row.id for row in rows_of(connection, s.HELD_BEFORE, of, set(ids)))
        rows = [(self._crm, kind.value, name, False) for name in met]
        add_absent(connection, t.sighting, rows)

    def _before(self, connection: Connection, kind: Kind) -> int:
        """Give the newest row when the reading began."""
        of = select(t.reading.c.before).where(self._its(t.reading, kind))
        return connection.execute(of).scalar() or 0

    def _due(self, kind: Kind, before: int) -> ColumnElement[bool]:
        """Say of a row of `latest` that the reading should meet it: the CRM gave it once.

        What was made here, and budgets that a plan brought, are not there; what is gone neither.
        """
        its, of, gone, terms = t.latest.c, t.record.c, t.gone.c, t.budget_terms.c
        given = of.origin.startswith(f'{{"crm":{canonical(self._crm)}', autoescape=True)
        version = (of.crm == its.crm) & (of.kind == its.kind) & (of.id == its.id)
        went = (gone.crm == its.crm) & (gone.kind == its.kind) & (gone.id == its.id)
        due = [
            self._its(t.latest, kind),
            its.seq <= before,
            exists().where(version & given),
            ~exists().where(went),
        ]
        if kind is Kind.BUDGET:
            planned = (terms.budget == its.id) & terms.content.contains('"is_planned":true')
            due.append(~exists().where((terms.crm == its.crm) & planned))
        return and_(*due)

    def _unmet(self, kind: Kind, before: int) -> ColumnElement[bool]:
        return self._due(kind, before) & ~self._has_sighting(missed=False)

    def _has_sighting(self, *, missed: bool) -> ColumnElement[bool]:
        its, of = t.latest.c, t.sighting.c
        same = (of.crm == its.crm) & (of.kind == its.kind) & (of.id == its.id)
        return exists().where(same & (of.missed if missed else ~of.missed))

    def _its(self, table: Any, kind: Kind) -> ColumnElement[bool]:  # noqa: ANN401  a table
        found: ColumnElement[bool] = (table.c.crm == self._crm) & (table.c.kind == kind.value)
        return found


def _met(page: PulledPage) -> set[str]:
    """Give the ids of what a page says is there, readable or not."""
    ids = {fact.record.id for fact in page.facts}
    ids |= {aside.origin.record for aside in page.set_aside}
    return {shown(name, NAME_MAX) for name in ids - {""}}


def _read(row: Any) -> Reading:  # noqa: ANN401  a row
    return Reading(
        Way(row.way),
        datetime.fromisoformat(row.started_at),
        datetime.fromisoformat(row.ended_at) if row.ended_at else None,
        row.cursor,
        row.held,
        row.missing,
    )
