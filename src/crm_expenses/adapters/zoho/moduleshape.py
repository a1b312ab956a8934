"""What a module and a field of it are, and how such data are written down. Nothing is read here."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm_expenses.core.record import Kind

TEXT_CHARS: Final = 255
AREA_CHARS: Final = 2_000
LONG_CHARS: Final = 32_000
DECIMALS: Final = 3
"""Of amounts: what the currencies in use have at most (KWD, JOD), so that none is rounded."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a module: `name` in the API, `label` for people, `type` the platform's word.

    `ours` are the names that it is read or written under (`title`, `claim_result.outcome`); without
    any it is only there, like the external id. `lookup` is the kind that a lookup points to.
    `length` is that of a text, `decimals` those of a number. `is_own` says that it is no field that
    the module has by itself.
    """

    name: str
    label: str
    type: str
    ours: tuple[str, ...] = ()
    length: int | None = None
    decimals: int | None = None
    unique: bool = False
    external: bool = False
    lookup: Kind | None = None
    options: tuple[str, ...] = ()
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class Module:
    """The module of a kind. `is_default` says that it is read where the settings do not name it.

    `is_own` says that it is no standard module: it is created by the set-up.
    """

    kind: Kind
    name: str
    singular: str
    plural: str
    fields: tuple[Field, ...]
    is_own: bool = True
    is_default: bool = True

    @property
    def names(self) -> Mapping[str, str]:
        """Give the field in the API by the name here: those of the record, not of results."""
        return {ours: one.name for one in self.fields for ours in one.ours if not _of_result(ours)}

    @property
    def results(self) -> Mapping[str, str]:
        """Give the field in the API by the name of a result's field."""
        return {ours: one.name for one in self.fields for ours in one.ours if _of_result(ours)}


def _of_result(ours: str) -> bool:
    return ours.partition(".")[0].endswith("_result")


def own(ours: str, label: str, type_: str, **more: object) -> Field:
    """Make an own field; its name in the API is the label with underscores."""
    if type_ in ("text", "textarea"):
        more.setdefault("length", TEXT_CHARS if type_ == "text" else AREA_CHARS)
    if type_ == "currency":
        more.setdefault("decimals", DECIMALS)
    names = tuple(ours.split())
    return Field(label.replace(" ", "_"), label, type_, names, **more)  # type: ignore[arg-type]


def there(ours: str, name: str, type_: str, **more: object) -> Field:
    """Make a field that its module has by itself."""
    label = name.replace("_", " ")
    return Field(name, label, type_, tuple(ours.split()), is_own=False, **more)  # type: ignore[arg-type]


def words(made: type[StrEnum]) -> dict[str, StrEnum]:
    """Give the options of a picklist and what they mean: for people, then as we spell it.

    >>> from crm_expenses.core.budget import AtLimit
    >>> list(words(AtLimit))
    ['Notify', 'Approve', 'Freeze', 'notify', 'approve', 'freeze']
    """
    return {option(one): one for one in made} | {one.value: one for one in made}


def option(one: StrEnum) -> str:
    """Write one of a closed list as an option for people.

    >>> from crm_expenses.core.voucher import VoucherKind
    >>> option(VoucherKind.E_FAPIAO)
    'E Fapiao'
    """
    return one.value.replace("_", " ").title()


def user(ours: str, label: str) -> Field:
    """Make an own field that names a user."""
    return own(ours, label, "userlookup", lookup=Kind.ACCOUNT_MANAGER)


def link(ours: str, label: str, kind: Kind) -> Field:
    """Make an own field that names a record of a kind."""
    return own(ours, label, "lookup", lookup=kind)


def pick(ours: str, label: str, made: type[StrEnum]) -> Field:
    """Make an own field with a closed list."""
    return own(ours, label, "picklist", options=tuple(map(option, made)))
