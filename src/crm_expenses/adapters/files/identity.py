"""The mapping of a file that already speaks our words: columns named like the fields.

Used for one file without a mapping. Only the columns that a file has are read; JSON may be flat
lines, or one claim an object with its `lines` and its `person` inside.
"""

import difflib
from collections.abc import Collection
from typing import Final

from crm_expenses.adapters.files.mapping import Cell, FileMapping, Header, Source
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError, Place, Problem

REQUIRED: Final = ("claim", "person", "submitted", "date", "category", "amount", "currency")
"""Columns without which a file of claims cannot be decided."""

LINES: Final = "lines"
_LINE_FIELDS: Final = (
    *("date", "category", "amount", "currency", "city", "account", "opportunity", "merchant"),
    *("purpose", "justification", "payment", "travel_class", "nights", "attendees", "distance"),
    "pre_approved",
)
_PERSON_FIELDS: Final = ("grade", "team", "city", "manager", "company")
_VOUCHER_FIELDS: Final = ("code", "amount", "issued", "seller")
KNOWN: Final = frozenset(
    {
        *(*REQUIRED, *_LINE_FIELDS, "line", "title", "status", "voucher", "voucher_kind"),
        *("voucher_number", *(f"voucher_{name}" for name in _VOUCHER_FIELDS)),
        *("person_name", *(f"person_{name}" for name in _PERSON_FIELDS), "grade", "team"),
    }
)
"""Every column that is understood without a mapping."""


def flat(name: str, columns: Collection[str]) -> FileMapping:
    """Give the mapping of a file with these columns, one line a row.

    Raises:
        ConfigError: names each required column that is not there, and the nearest one that is.
    """
    problems = []
    for column in REQUIRED:
        if column not in columns:
            near = difflib.get_close_matches(column, columns, n=1, cutoff=0.5)
            values = {
                "column": column,
                "nearest": near[0] if near else "-",
                "names": ", ".join(sorted(columns)[:40]),
            }
            problems.append(Problem("files.identity_column", values, Place(name, 1)))
    if problems:
        raise ConfigError.of(problems)
    return _mapping(columns, prefix="", row="{row}")


def loose() -> FileMapping:
    """Give the mapping of JSON objects that are lines; which names each has, each decides."""
    return _mapping((*KNOWN, *_PERSON_OBJECT), prefix="", row="{row}")


def nested() -> FileMapping:
    """Give the mapping of JSON objects that are claims, each with its lines inside."""
    return _mapping((*KNOWN, *_PERSON_OBJECT), prefix=f"{LINES}.", row="{row}-{item}")


_PERSON_OBJECT: Final = tuple(f"person.{name}" for name in ("id", "name", *_PERSON_FIELDS))


def _mapping(columns: Collection[str], *, prefix: str, row: str) -> FileMapping:
    is_nested = bool(prefix)
    explode = LINES if is_nested else ""

    def first(*names: str, ends: Cell | None = None) -> Cell | None:
        """Chain the columns that are there, the first filled one counts."""
        chain = ends
        for name in reversed(names):
            if name in columns or name.startswith(prefix or "\0"):
                chain = Cell.model_validate({"column": name, "else": chain})
        return chain

    def of_line(name: str) -> Cell | None:
        return first(f"{prefix}{name}", name) if is_nested else first(name)

    def source(kind: Kind, fields: dict[str, Cell | None], **more: object) -> Source:
        there = {name: cell for name, cell in fields.items() if cell is not None}
        return Source.model_validate({"kind": kind, "files": ["*"], "fields": there, **more})

    person = first("person", "person.id")
    if "person.id" in columns:
        # An object in the place of an id would read as its own text: its id counts first.
        person = first("person.id", "person")
    unnumbered: Cell | None = None
    for name in (f"{prefix}voucher_amount", f"{prefix}voucher_kind"):
        if is_nested or name in columns:
            # A receipt without a number still is one: it is told apart by its row.
            unnumbered = Cell.model_validate({"template": f"{{{name}}}-{row}", "else": unnumbered})
    voucher = first(f"{prefix}voucher", f"{prefix}voucher_number", ends=unnumbered)
    sources = [
        source(
            Kind.CLAIM,
            {
                "id": first("claim"),
                "person": person,
                "submitted": first("submitted"),
                "status": first("status"),
                "title": first("title"),
            },
            distinct=True,
        ),
        source(
            Kind.ACCOUNT_MANAGER,
            {
                "id": person,
                "name": first("person.name", "person_name", ends=person),
                **{
                    name: first(f"person.{name}", f"person_{name}", *_alone(name))
                    for name in _PERSON_FIELDS
                },
            },
            distinct=True,
            optional=True,  # without an id, the claim says so already
        ),
        source(
            Kind.LINE,
            {
                "id": first(f"{prefix}line", ends=Cell(template=row)),
                "claim": first("claim"),
                "voucher": voucher,
                **{name: of_line(name) for name in _LINE_FIELDS},
            },
            explode=explode,
        ),
    ]
    if voucher is not None:
        sources.append(
            source(
                Kind.VOUCHER,
                {
                    "id": voucher,
                    "kind": first(f"{prefix}voucher_kind", ends=Cell(value="other")),
                    "number": first(f"{prefix}voucher_number"),
                    "currency": of_line("currency"),
                    **{n: first(f"{prefix}voucher_{n}") for n in _VOUCHER_FIELDS},
                },
                explode=explode,
                distinct=True,
                optional=True,
            )
        )
    return FileMapping(mapping=Header(version=1, timezone="UTC"), source=tuple(sources))


def _alone(name: str) -> tuple[str, ...]:
    """Some facts of a person are written without `person_`, where no line has the same name."""
    return (name,) if name in ("grade", "team") else ()
