"""Three-way merge by field: what both sides agreed on last, what the CRM has now, what we changed.

A field that only we changed is ours, one that only they changed is theirs, and where both changed
it the declared winner stands, with all three values in a clash. A field that no edit names is
theirs. Values are JSON as `core.record.to_json` gives them, so that equal means equal.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from crm_expenses.core.record import Json, Record, to_json

EXTRA: Final = "extra"
"""The field of what a CRM keeps beside the known ones; each has a name like `extra.miles`."""


class Winner(StrEnum):
    """Whose value stands where both sides changed a field."""

    CRM = "crm"
    OURS = "ours"
    NEWEST = "newest"
    ASK = "ask"


class Fate(StrEnum):
    """What becomes of an edit when the record is read; the words of `edit.state` in the store."""

    WAITING = "waiting"
    DONE = "done"
    LOST = "lost"
    ASKED = "asked"
    AGAIN = "again"
    """Ours won over theirs: it waits anew, on top of what the CRM has now."""


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """A field that was changed here and is not agreed on yet.

    `between` are values of ours that came before `ours` and may have arrived in the CRM. `at` is
    when it was changed here.
    """

    field: str
    base: Json
    ours: Json
    at: datetime
    between: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that both sides changed, with all three values; `winner` is None while asked."""

    field: str
    base: Json
    theirs: Json
    ours: Json
    winner: Winner | None


@dataclass(frozen=True, slots=True)
class Merged:
    """A record after a merge: its fields, what becomes of each edit, and the clashes."""

    values: Mapping[str, Json]
    fates: Mapping[str, Fate]
    clashes: tuple[Clash, ...] = ()


def merge(
    theirs: Mapping[str, Json],
    edits: Collection[FieldEdit],
    winner: Callable[[str], Winner],
    changed_at: datetime | None = None,
) -> Merged:
    """Merge what the CRM has with the edits, at most one a field.

    `winner` says who wins a field; `changed_at` is when the record was changed there, for `newest`.

    >>> from datetime import UTC, datetime
    >>> edit = FieldEdit("city", "上海", "北京", datetime(2026, 3, 1, tzinfo=UTC))
    >>> merge({"city": "上海", "name": "A"}, [edit], lambda field: Winner.ASK).values
    {'city': '北京', 'name': 'A'}
    >>> asked = merge({"city": "成都", "name": "A"}, [edit], lambda field: Winner.ASK)
    >>> asked.values["city"], asked.fates["city"].value, asked.clashes[0].ours
    ('成都', 'asked', '北京')
    """
    values, fates, clashes = dict(theirs), {}, []
    for edit in sorted(edits, key=lambda one: one.field):
        now = theirs.get(edit.field)
        if now == edit.ours:
            fates[edit.field] = Fate.DONE
        elif now == edit.base or now in edit.between:
            fates[edit.field] = Fate.WAITING
            values[edit.field] = edit.ours
        else:
            stands = _winner(winner(edit.field), edit.at, changed_at)
            clashes.append(Clash(edit.field, edit.base, now, edit.ours, stands))
            fates[edit.field] = _FATES[stands]
            if stands is Winner.OURS:
                values[edit.field] = edit.ours
    return Merged(values, fates, tuple(clashes))


_FATES: Final[Mapping[Winner | None, Fate]] = {
    Winner.CRM: Fate.LOST,
    Winner.OURS: Fate.AGAIN,
    None: Fate.ASKED,
}


def _winner(declared: Winner, ours_at: datetime, theirs_at: datetime | None) -> Winner | None:
    """Give who wins, None where a person is asked: that is declared, or no time says it."""
    if declared is Winner.ASK:
        return None
    if declared is not Winner.NEWEST:
        return declared
    if theirs_at is None or theirs_at == ours_at:
        return None
    return Winner.CRM if theirs_at > ours_at else Winner.OURS


def values_of(record: Record) -> dict[str, Json]:
    """Give every field of a record as JSON; each field of `extra` by a name of its own.

    >>> from crm_expenses.core.party import Account
    >>> values_of(Account("A-1", "Acme", city="上海"))["city"]
    '上海'
    """
    found: dict[str, Json] = {}
    for one in fields(record):
        value: Any = getattr(record, one.name)
        if one.name == EXTRA:
            found |= {f"{EXTRA}.{name}": text for name, text in value}
        else:
            found[one.name] = to_json(value)
    return found


def content_of(values: Mapping[str, Json]) -> dict[str, Json]:
    """Give the JSON of the record that has these fields; the way back from `values_of`.

    >>> content_of({"id": "L-1", "extra.miles": "12", "extra.why": ""})
    {'id': 'L-1', 'extra': [['miles', '12']]}
    """
    start = f"{EXTRA}."
    content = {name: value for name, value in values.items() if not name.startswith(start)}
    held = [
        (name.removeprefix(start), value)
        for name, value in values.items()
        if name.startswith(start) and value not in (None, "")
    ]
    if held:
        content[EXTRA] = [[name, value] for name, value in sorted(held, key=lambda pair: pair[0])]
    return content


def chained(steps: Sequence[tuple[Json, Json]]) -> tuple[Json, Json, tuple[Json, ...]]:
    """Give base, ours and what lies between of edits of one field, the oldest first.

    >>> chained([("A", "B"), ("B", "C")])
    ('A', 'C', ('B',))
    """
    between = tuple(value for _, value in steps[:-1])
    return steps[0][0], steps[-1][1], between
