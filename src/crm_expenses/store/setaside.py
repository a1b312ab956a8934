"""Records that are not kept, by where they stand: each with every reason, until it can be read."""

import json
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection, delete, tuple_

from crm_expenses.core.origin import Origin
from crm_expenses.core.record import Kind
from crm_expenses.errors import Problem
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.keeping import NAME_MAX, shown
from crm_expenses.store.many import add_rows

PLACE_MAX = 400
"""Most characters of a place that are kept."""


class Placed(Protocol):
    """Something with an origin."""

    @property
    def origin(self) -> Origin:
        """Where it stands."""


class NotKept(Placed, Protocol):
    """One record that cannot be read, or not be kept."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything wrong with it."""


class PagePart(Protocol):
    """What is looked at of a page."""

    @property
    def kind(self) -> Kind:
        """The kind of all its records."""

    @property
    def facts(self) -> Sequence[Placed]:
        """What was read."""

    @property
    def set_aside(self) -> Sequence[NotKept]:
        """What could not be read."""


def keep_set_aside(
    connection: Connection,
    crm: str,
    page: PagePart,
    refused: Sequence[NotKept],
    stamp: str,
) -> None:
    """Put the rows of a page that are not kept in the place of earlier ones."""
    kind = page.kind.value
    of = {"of_crm": crm, "of_kind": kind}
    places = {fact.origin.place for fact in page.facts} - {""}
    for names in s.portions({shown(place, PLACE_MAX) for place in places}):
        connection.execute(s.NOT_ASIDE, of | {"of_names": names})
    rows = {
        (place := _place(found.origin), name := shown(found.origin.record, NAME_MAX)): (
            *(crm, kind, name, place),
            *(_problems_json(found.problems), stamp),
        )
        for found in (*page.set_aside, *refused)
    }
    if not rows:
        return
    pair = tuple_(t.set_aside.c.place, t.set_aside.c.id)
    where = (t.set_aside.c.crm == crm) & (t.set_aside.c.kind == kind)
    for pairs in s.portions(rows):
        connection.execute(delete(t.set_aside).where(where & pair.in_(pairs)))
    add_rows(connection, t.set_aside, list(rows.values()))


def _place(origin: Origin) -> str:
    return shown(origin.place, PLACE_MAX)


def _problems_json(problems: Sequence[Problem]) -> str:
    told = [{"code": p.code, "values": dict(p.values)} for p in problems]
    text = json.dumps(told, ensure_ascii=False, sort_keys=True)
    return shown(text, len(text))
