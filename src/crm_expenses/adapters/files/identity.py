"""The mapping of a file that already speaks our words: columns named like the fields.

Used for one file without a mapping. Only the columns that a file has are read. A JSON object that
is a line may have its person and its voucher as objects inside.
"""

import difflib
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from crm_expenses.adapters.files.mapping import Cell, FileMapping, Header, Source
from crm_expenses.adapters.files.shape import EXTRA
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError, Place, Problem

REQUIRED: Final = ("claim", "person", "submitted", "date", "category", "amount", "currency")
"""Columns without which a file of claims cannot be decided."""

LINES: Final = "lines"
"""A JSON object with this name is a claim in the published shape, and no line."""

_LINE_FIELDS: Final = (
    *("date", "category", "amount", "currency", "city", "account", "opportunity", "merchant"),
    *("purpose", "justification", "payment", "travel_class", "nights", "attendees", "distance"),
    *("pre_approved", "trip"),
)
_PERSON_FIELDS: Final = ("grade", "team", "city", "manager", "company")
_VOUCHER_FIELDS: Final = ("number", "code", "amount", "issued", "seller")
KNOWN: Final = frozenset(
    {
        *(*REQUIRED, *_LINE_FIELDS, "line", "title", "status", "voucher", "voucher_kind"),
        *(f"voucher_{name}" for name in _VOUCHER_FIELDS),
        *("person_name", *(f"person_{name}" for name in _PERSON_FIELDS), "grade", "team"),
    }
)
"""Every column that is understood without a mapping."""

Extras = Mapping[str, str]
"""Facts of a policy's own: name, and whose it is (`line`, `claim` or `person`)."""

Given = Mapping[str, Cell]
"""What counts where a column is not there or empty, by its name."""

NOTHING_GIVEN: Final[Given] = MappingProxyType({})


def flat(
    name: str, columns: Collection[str], extras: Extras, given: Given = NOTHING_GIVEN
) -> FileMapping:
    """Give the mapping of a file with these columns, one line a row.

    `given` says what a column would say that is not there. A fact of the policy's own stands in a
    column `extra.NAME`, or `NAME`.

    Raises:
        ConfigError: names each required column that is not there, and the nearest one that is.
    """
    problems = []
    for column in REQUIRED:
        if column not in columns and column not in given:
            near = difflib.get_close_matches(column, columns, n=1, cutoff=0.5)
            values = {
                "column": column,
                "nearest": near[0] if near else "-",
                "names": ", ".join(sorted(columns)[:40]),
            }
            problems.append(Problem("files.identity_column", values, Place(name, 1)))
    if problems:
        raise ConfigError.of(problems)
    return _mapping(columns, extras, given)


def loose(extras: Extras, given: Given = NOTHING_GIVEN) -> FileMapping:
    """Give the mapping of JSON objects that are lines; which names each has, each decides."""
    inside = (f"person.{EXTRA}.{name}" for name in extras)
    return _mapping((*KNOWN, *_OBJECTS, *_extra_names(extras), *inside), extras, given)


def unread(names: Iterable[str], extras: Extras) -> frozenset[str]:
    """Give the names that no field has, so that a slip of the pen does not pass in silence.

    >>> sorted(unread(["claim", "atendees", "miles"], {"miles": "line"}))
    ['atendees']
    """
    return frozenset(names) - KNOWN - {EXTRA} - {*_extra_names(extras)}


def _extra_names(extras: Extras) -> tuple[str, ...]:
    return (*extras, *(f"{EXTRA}.{name}" for name in extras))


_OBJECTS: Final = (
    *(f"person.{name}" for name in ("id", "name", *_PERSON_FIELDS)),
    *(f"voucher.{name}" for name in ("kind", "currency", *_VOUCHER_FIELDS)),
)
"""What stands inside an object in JSON, where a flat file has a column."""


def _mapping(columns: Collection[str], extras: Extras, given: Given) -> FileMapping:

    def first(*names: str, ends: Cell | None = None) -> Cell | None:
        """Chain the columns that are there, the first filled one counts."""
        chain = next((given[name] for name in names if name in given), ends)
        for name in reversed(names):
            if name in columns:
                chain = Cell.model_validate({"column": name, "else": chain})
        return chain

    def of_voucher(name: str, ends: Cell | None = None) -> Cell | None:
        return first(f"voucher.{name}", f"voucher_{name}", ends=ends)

    def of_extras(whose: str, at: str) -> dict[str, Cell | None]:
        """Read the policy's own facts of a line, a claim or a person; `at` is where they stand."""
        return {
            f"{EXTRA}.{name}": first(f"{at}{EXTRA}.{name}", f"{EXTRA}.{name}", name)
            for name, of in extras.items()
            if of == whose
        }

    def source(kind: Kind, fields: dict[str, Cell | None], **more: object) -> Source:
        there = {name: cell for name, cell in fields.items() if cell is not None}
        return Source.model_validate({"kind": kind, "files": ["*"], "fields": there, **more})

    person = first("person", "person.id")
    if "person.id" in columns:
        # An object in the place of an id would read as its own text: its id counts first.
        person = first("person.id", "person")
    unnumbered: Cell | None = None
    for name in ("voucher_amount", "voucher_kind"):
        if name in columns:
            # A receipt without a number still is one: it is told apart by its row.
            by_row = {"template": f"{{{name}}}-{{row}}", "else": unnumbered}
            unnumbered = Cell.model_validate(by_row)
    voucher = first("voucher", "voucher_number", ends=unnumbered)
    if "voucher.kind" in columns:
        # As with a person: what is inside an object counts before the object's own text.
        inside = {"template": "{voucher.kind}-{row}", "else": voucher}
        voucher = first("voucher.number", ends=Cell.model_validate(inside))
    currency = first("currency")
    sources = [
        source(
            Kind.CLAIM,
            {
                "id": first("claim"),
                "person": person,
                "submitted": first("submitted"),
                "status": first("status"),
                "title": first("title"),
                **of_extras("claim", ""),
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
                **of_extras("person", "person."),
            },
            distinct=True,
            optional=True,  # without an id, the claim says so already
        ),
        source(
            Kind.LINE,
            {
                "id": first("line", ends=Cell(template="{row}")),
                "claim": first("claim"),
                "voucher": voucher,
                **{name: first(name) for name in _LINE_FIELDS},
                "currency": currency,
                **of_extras("line", ""),
            },
        ),
    ]
    if voucher is not None:
        sources.append(
            source(
                Kind.VOUCHER,
                {
                    "id": voucher,
                    "kind": of_voucher("kind", Cell(value="other")),
                    "currency": first("voucher.currency", ends=currency),
                    **{name: of_voucher(name) for name in _VOUCHER_FIELDS},
                },
                distinct=True,
                optional=True,
            )
        )
    return FileMapping(mapping=Header(version=1, timezone="UTC"), source=tuple(sources))


def _alone(name: str) -> tuple[str, ...]:
    """Some facts of a person are written without `person_`, where no line has the same name."""
    return (name,) if name in ("grade", "team") else ()
