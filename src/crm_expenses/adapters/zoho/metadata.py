"""The fields of modules, as the organisation describes them: read once, when first needed.

What is written is looked at here before it is sent, because much would be lost without a word: a
field that does not exist is left out of a write that succeeds, a text may be cut, a number rounded.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import FieldInfo, Form
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.zoho.asking import EMPTY, Asking
from crm_expenses.adapters.zoho.mapping import ID, Row, Source
from crm_expenses.adapters.zoho.wire import Call
from crm_expenses.core.record import Json
from crm_expenses.errors import Problem, RefusedError

WHOLE_DIGITS_MAX: Final = 16
_TEXTS: Final = frozenset({"text", "textarea", "email", "phone", "website", "picklist"})
_NUMBERS: Final = frozenset({"currency", "double", "percent"})
_UNLISTED: Final = frozenset({"subform", "multiselectlookup", "multiuserlookup"})
"""Fields that a list leaves out of its answers, though their module has them."""
_FORMS: Final[Mapping[str, Form]] = {
    "bigint": Form.WHOLE,
    "multiselectpicklist": Form.TEXT,
    "ownerlookup": Form.REFERENCE,
    "userlookup": Form.REFERENCE,
    "lookup": Form.REFERENCE,
    "double": Form.NUMBER,
    "percent": Form.NUMBER,
}


@dataclass(frozen=True, slots=True)
class Described:
    """One field as it is described."""

    name: str
    type: str
    length: int | None = None
    decimals: int | None = None
    is_read_only: bool = False
    is_required: bool = False
    is_unique: bool = False
    options: tuple[str, ...] = ()

    @property
    def info(self) -> FieldInfo:
        """Give it as every CRM's description has it."""
        is_text = self.type in _TEXTS
        return FieldInfo(
            self.name,
            self.type,
            writable=not self.is_read_only,
            required=self.is_required,
            unique=self.is_unique or self.name == ID,
            length=self.length if is_text else None,
            options=self.options,
            form=Form.TEXT if self.name == ID else _FORMS.get(self.type),
        )


class Metadata:
    """The fields of the modules of one organisation."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._lock = threading.Lock()
        self._held: dict[str, dict[str, Described]] = {}

    def fields(self, module: str) -> Mapping[str, Described]:
        """Give the fields of a module by name."""
        with self._lock:
            if module not in self._held:
                self._held[module] = {one.name: one for one in self._read(module)}
            return self._held[module]

    def demand(self, source: Source) -> None:
        """Make sure that a module has each field that is read, and that lists give it.

        Raises:
            RefusedError: it has not.
        """
        there = self.fields(source.module)
        lacking = [
            name
            for name in source.columns
            if name != ID and (name not in there or there[name].type in _UNLISTED)
        ]
        if lacking:
            raise RefusedError(
                "zoho.no_fields",
                crm=self._asking.wire.crm,
                module=source.module,
                fields=", ".join(lacking)[:300],
            )

    def faults(self, module: str, row: Mapping[str, Json]) -> Iterator[Problem]:
        """Tell what of a row would be lost on its way into a module."""
        there = self.fields(module)
        for name, value in row.items():
            if name == ID:
                continue
            values = {"crm": self._asking.wire.crm, "module": module, "field": name}
            field = there.get(name)
            if field is None:
                yield Problem("zoho.no_field", values)
            elif field.is_read_only:
                yield Problem("zoho.read_only", values)
            elif value is not None:
                yield from _unfit(field, value, values)

    def _read(self, module: str) -> Iterator[Described]:
        answer = self._asking.wire.send(
            Call("GET", self._asking.path("settings/fields"), {"module": module})
        )
        held = answer.body.get("fields") if isinstance(answer.body, dict) else None
        if answer.status in EMPTY or not isinstance(held, list):
            detail = f"{answer.status} without the fields of {module}"
            raise answers.wrong_answer(self._asking.wire.crm, detail)
        for row in held:
            if isinstance(row, dict) and isinstance(row.get("api_name"), str):
                yield described(row)


def described(row: Row) -> Described:
    """Read the description of a field.

    >>> described({"api_name": "Claimed", "data_type": "currency", "decimal_place": 3}).decimals
    3
    """
    options = row.get("pick_list_values")
    return Described(
        str(row["api_name"]),
        str(row.get("data_type") or ""),
        _whole(row.get("length")),
        _whole(row.get("decimal_place")),
        is_read_only=row.get("read_only") is True or row.get("field_read_only") is True,
        is_required=row.get("system_mandatory") is True,
        is_unique=bool(row.get("unique")),
        options=tuple(
            str(one["display_value"])
            for one in (options if isinstance(options, list) else [])
            if isinstance(one, dict) and one.get("display_value") != "-None-"
        ),
    )


def _unfit(field: Described, value: Json, values: dict[str, str]) -> Iterator[Problem]:
    if isinstance(value, str) and field.type in _TEXTS:
        if field.length and len(value) > field.length:
            more = {"length": str(len(value)), "limit": str(field.length)}
            yield Problem("zoho.long_text", {**values, **more})
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
        places = -int(number.normalize().as_tuple().exponent) if number else 0
        limit = field.decimals if field.type in _NUMBERS else 0
        if field.type in _TEXTS:
            yield Problem("zoho.no_number", {**values, "type": field.type})
        elif limit is not None and places > limit:
            yield Problem("zoho.decimals", {**values, "value": str(value), "limit": str(limit)})
        elif number and number.adjusted() >= WHOLE_DIGITS_MAX:
            more = {"value": str(value), "limit": str(WHOLE_DIGITS_MAX)}
            yield Problem("zoho.digits", {**values, **more})


def _whole(held: Value) -> int | None:
    return held if isinstance(held, int) and not isinstance(held, bool) else None
