"""What an organisation must have, with the user's own names, beside what it has. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from crm_expenses.adapters.zoho.modules import MODULES, RETURNS, USERS, chosen
from crm_expenses.adapters.zoho.moduleshape import Field, Module
from crm_expenses.adapters.zoho.sdkcalls import FieldFacts, ModuleFacts
from crm_expenses.adapters.zoho.settings import Edition, ZohoSettings
from crm_expenses.core.record import Kind

MODULE_EDITIONS: Final = frozenset({Edition.ENTERPRISE, Edition.ULTIMATE})
"""The editions that can have modules of one's own."""

FIELDS_MAX: Final[Mapping[Edition, int]] = {
    Edition.FREE: 10,
    Edition.STANDARD: 10,
    Edition.PROFESSIONAL: 155,
    Edition.ENTERPRISE: 300,
    Edition.ULTIMATE: 500,
}
"""Own fields of a module, by edition."""

UNIQUES_MAX: Final = 2
"""Unique fields of a module, in every edition."""

_AS: Final[Mapping[str, frozenset[str]]] = {
    "text": frozenset({"text", "textarea", "picklist", "email", "phone", "website", "autonumber"}),
    "textarea": frozenset({"textarea", "text"}),
    "picklist": frozenset({"picklist", "text"}),
    "integer": frozenset({"integer", "bigint", "double", "decimal"}),
    "double": frozenset({"double", "decimal", "currency", "integer"}),
    "currency": frozenset({"currency", "double", "decimal"}),
    "userlookup": frozenset({"userlookup", "ownerlookup"}),
}
"""The types that do as well as the one that we would make."""


@dataclass(frozen=True, slots=True)
class Needed:
    """A module that is read, with the fields that it must have.

    `named` says that the settings name it: then it is the user's own, and is not made here.
    `theirs` are the fields that the settings name: what they hold is the user's choice, and whether
    it can be read is told from `Adapter.describe`.
    """

    kind: Kind
    module: Module
    name: str
    fields: tuple[Field, ...]
    named: bool
    theirs: frozenset[str] = frozenset()

    @property
    def can_be_made(self) -> bool:
        """Whether it is ours to make."""
        return self.module.is_own and not self.named


def needed(settings: ZohoSettings) -> tuple[Needed, ...]:
    """Give the modules of all kinds that are read, in the order in which they need one another."""
    names = chosen(settings.modules)
    made: list[Needed] = []
    homes: set[str] = set()
    for kind, name in names.items():
        if name == USERS:  # nobody makes fields of users
            continue
        module = MODULES[kind]
        own = settings.fields.get(kind, {})
        # A kind that lives in another's module, like a score of an account, has no field but those
        # that the user names.
        fields = [one for one in module.fields if name not in homes or set(one.ours) & own.keys()]
        held = [_renamed(one, own) for one in fields if _is_wanted(one, names)]
        theirs = frozenset(one.name for one in held if set(one.ours) & own.keys())
        is_named = name != module.name
        made.append(Needed(kind, module, name, tuple(held), named=is_named, theirs=theirs))
        homes.add(name)
    if settings.returns and Kind.ACCOUNT_MANAGER in names:
        own = settings.fields.get(Kind.ACCOUNT_MANAGER, {})
        held = [_renamed(one, own) for one in RETURNS.fields]
        theirs = frozenset(one.name for one in held if set(one.ours) & own.keys())
        name = settings.returns
        is_named = name != RETURNS.name
        made.append(Needed(RETURNS.kind, RETURNS, name, tuple(held), named=is_named, theirs=theirs))
    return tuple(made)


def _is_wanted(one: Field, names: Mapping[Kind, str]) -> bool:
    """Say whether a field has a use: a lookup to a kind that is not read has none."""
    return one.lookup is None or one.lookup in names


def _renamed(one: Field, own: Mapping[str, str]) -> Field:
    """Give a field under the name that the user says."""
    name = next((own[ours] for ours in one.ours if ours in own), "")
    if not name or name == one.name or name.startswith("="):
        return one
    return replace(one, name=name.partition(".")[0], label=name.partition(".")[0].replace("_", " "))


def target_of(one: Field, settings: ZohoSettings) -> str:
    """Give the module that a lookup points to, empty for a field that is none."""
    if one.type != "lookup" or one.lookup is None:
        return ""
    return settings.modules.get(one.lookup) or MODULES[one.lookup].name


def missing(need: Needed, held: Sequence[FieldFacts]) -> Iterator[Field]:
    """Give the fields that are not there."""
    there = {one.name for one in held}
    yield from (one for one in need.fields if one.name not in there and one.name != "id")


def fits(one: Field, held: FieldFacts) -> bool:
    """Say whether a field is of a type that will do.

    >>> fits(Field("Day", "Day", "date"), FieldFacts("Day", "Day", "datetime"))
    False
    """
    return held.type == one.type or held.type in _AS.get(one.type, ())


def by_name(modules: Sequence[ModuleFacts]) -> dict[str, ModuleFacts]:
    """Give modules by their names."""
    return {one.name: one for one in modules}
