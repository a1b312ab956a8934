"""Guesses about a CRM that nobody has described yet, by names and by what values look like. Pure.

A guess is a place to start from, never a fact: whoever writes one into a file says why beside it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from crm_expenses.adapters.rest.guesswords import (
    CHANGED,
    CURRENCIES,
    CURSOR_PATHS,
    CURSORS,
    FIELDS,
    IDS,
    KINDS,
    LINK_PATHS,
    LOOSE,
    OFFSETS,
    PAGES,
    SINCE,
    SIZES,
    UNWRAPS,
    WORDS,
)
from crm_expenses.core.record import Kind


@dataclass(frozen=True, slots=True)
class Seen:
    """What a field of the CRM holds, as its schema or its values show it.

    `form` is that of JSON (string, integer, number, boolean, object, array), empty where nobody
    knows; `format` is date or date-time, or for whole numbers the size of a time. `inner` are the
    fields of an object, or of the objects of a list.
    """

    form: str = ""
    format: str = ""
    words: tuple[str, ...] = ()
    inner: Mapping[str, "Seen"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Paged:
    """How pages may be asked for; `why` is the code of the reason."""

    kind: str
    why: str
    param: str = ""
    size_param: str = ""
    first: int = 1
    place: str = ""


_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOT_PLAIN: Final = re.compile(r"[^a-z0-9]")


def plain(name: str) -> str:
    """Give a name without its case and signs, so that spellings agree.

    >>> plain("Expense_Claims"), plain("@odata.nextLink")
    ('expenseclaims', 'odatanextlink')
    """
    return _NOT_PLAIN.sub("", name.lower())


def kind_of(name: str) -> tuple[Kind, bool] | None:
    """Guess what the records of a collection are; say whether its name says it plainly.

    >>> kind_of("companies"), kind_of("expense-reports"), kind_of("expenses"), kind_of("webhooks")
    ((<Kind.ACCOUNT: 'account'>, True), (<Kind.CLAIM: 'claim'>, True), (<Kind.CLAIM: 'claim'>, False), None)
    """  # noqa: E501  what it prints stands on one line
    held = plain(name)
    if not held:
        return None
    for kind, words in KINDS.items():
        if held in _forms(words):
            return kind, True
    for kind, words in (*LOOSE.items(), *KINDS.items()):
        if any(held.endswith(word) for word in _forms(words) if len(word) > 4):
            return kind, False
    return None


def field_of(kind: Kind, ours: str, names: Iterable[str]) -> str:
    """Guess which of the CRM's fields is one of ours, empty for none.

    >>> field_of(Kind.CLAIM, "person", ["id", "employee_id", "ownerId"])
    'employee_id'
    """
    return _first(FIELDS.get(kind, {}).get(ours, ""), names)


def fields_guessed(kind: Kind) -> tuple[str, ...]:
    """Give our fields of a kind that are looked for."""
    return tuple(FIELDS.get(kind, {}))


def id_of_names(names: Iterable[str]) -> str:
    """Guess the field of the id, empty for none.

    >>> id_of_names(["name", "_id"]), id_of_names(["total"])
    ('_id', '')
    """
    return _first(IDS, names)


def changed_of(names: Iterable[str]) -> str:
    """Guess the field of the time of change.

    >>> changed_of(["createdAt", "updatedAt"])
    'updatedAt'
    """
    return _first(CHANGED, names)


def currency_of(names: Iterable[str]) -> str:
    """Guess the field of an amount's currency."""
    return _first(CURRENCIES, names)


def since_of(parameters: Iterable[str]) -> str:
    """Guess the parameter that asks for what is new.

    >>> since_of(["page", "updated_at[gte]"])
    'updated_at[gte]'
    """
    return _first(SINCE, parameters)


def unwrap_of(fields: Mapping[str, Seen]) -> str:
    """Guess the object of a record that its fields stand in, empty for none."""
    for name in UNWRAPS:
        held = fields.get(name)
        if held is None or held.form != "object":
            continue
        is_open = not held.inner and len(fields) <= 8  # its names are those of each company
        if is_open or len(held.inner) >= max(2, len(fields) - 3):
            return name
    return ""


def words_of(kind: Kind, ours: str, theirs: Iterable[str]) -> dict[str, str]:
    """Guess which of our words each of the CRM's means; those that mean nothing are left out.

    >>> words_of(Kind.OPPORTUNITY, "stage", ["Closed Won", "Proposal", "??"])
    {'Closed Won': 'won', 'Proposal': 'open'}
    """
    known = {
        word: mine
        for mine, words in WORDS.get((kind, ours), {}).items()
        for word in (mine, *words.split())
    }
    return {word: known[plain(word)] for word in theirs if plain(word) in known}


def paged_of(parameters: Iterable[str], envelope: Mapping[str, Seen]) -> Paged:
    """Guess how one comes to the next page, by the parameters and by what stands beside the list.

    >>> paged_of(["page", "perPage"], {}).kind, paged_of(["limit", "offset"], {}).param
    ('page_number', 'offset')
    >>> paged_of(["limit", "after"], {"paging": Seen("object", inner={"next": Seen("object",
    ...     inner={"after": Seen("string")})})}).place
    'paging.next.after'
    """
    names = list(parameters)
    size = _first(SIZES, names)
    paths = {plain(path): path for path in _texts(envelope)}
    cursor = _first(CURSORS, names)
    cursor_path = next((paths[one] for one in CURSOR_PATHS if one in paths), "")
    if cursor and cursor_path:
        return Paged("cursor", "look.cursor", cursor, size, place=cursor_path)
    link = next((paths[one] for one in LINK_PATHS if one in paths), "")
    if link:
        return Paged("json_link", "look.link", size_param=size, place=link)
    page = _first(PAGES, names)
    if page:
        return Paged("page_number", "look.page", page, size)
    offset = _first(OFFSETS, names)
    if offset:
        return Paged("offset", "look.offset", offset, size)
    return Paged("none", "look.no_paging")


def seen(values: Iterable[object]) -> Seen:
    """Say what some values of one field look like; None says nothing.

    >>> seen(["2026-01-31"]).format, seen([None, 7]).form, seen([Decimal("1.5"), 2]).form
    ('date', 'integer', 'number')
    """
    known = [value for value in values if value is not None]
    forms = {_form(value) for value in known}
    if forms == {"integer", "number"}:
        forms = {"number"}
    if len(forms) != 1:
        return Seen()
    form = forms.pop()
    if form == "object":
        return Seen(form, inner=seen_fields(v for v in known if isinstance(v, dict)))
    if form == "array":
        rows = [row for v in known if isinstance(v, list) for row in v if isinstance(row, dict)]
        return Seen(form, inner=seen_fields(rows))
    formats = {_format(value) for value in known}
    words = tuple(dict.fromkeys(v for v in known if isinstance(v, str) and len(v) <= 30))
    return Seen(form, formats.pop() if len(formats) == 1 else "", words[:20])


def seen_fields(rows: Iterable[Mapping[str, object]]) -> dict[str, Seen]:
    """Say what the fields of some records look like.

    >>> seen_fields([{"id": 1}, {"id": 2, "day": "2026-01-31"}])["day"].format
    'date'
    """
    values: dict[str, list[object]] = {}
    for row in rows:
        for name, value in row.items():
            values.setdefault(name, []).append(value)
    return {name: seen(held) for name, held in values.items()}


def _form(value: object) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case Decimal():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _format(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        if 10**12 <= value < 10**13:
            return "epoch_ms"
        return "epoch_s" if 10**9 <= value < 3 * 10**9 else ""
    if not isinstance(value, str) or not _DATE.match(value):
        return ""
    try:
        if len(value) == 10:
            date.fromisoformat(value)
            return "date"
        datetime.fromisoformat(value)
    except ValueError:
        return ""
    return "date-time"


def _texts(fields: Mapping[str, Seen], above: str = "", depth: int = 3) -> Iterable[str]:
    """Give the paths of what is no object and no list, or of which nothing is known."""
    for name, held in fields.items():
        path = f"{above}.{escaped(name)}" if above else escaped(name)
        if held.form == "object" and depth:
            yield from _texts(held.inner, path, depth - 1)
        elif held.form not in ("object", "array"):
            yield path


def escaped(name: str) -> str:
    r"""Write a name as a step of a path.

    >>> escaped("@odata.nextLink")
    '@odata\\.nextLink'
    """
    return name.replace(".", "\\.")


def _forms(words: str) -> tuple[str, ...]:
    """Give words in the plural as they stand, and in the singular."""
    found: list[str] = []
    for word in words.split():
        found.append(word)
        if word.endswith("ies"):
            found.append(f"{word[:-3]}y")
        elif word.endswith("s"):
            found.append(word[:-1])
    return tuple(found)


def _first(words: str, names: Iterable[str]) -> str:
    """Give the first name that one of some words fits, in the order of the words."""
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(plain(name), name)
    return next((known[word] for word in words.split() if word in known), "")
