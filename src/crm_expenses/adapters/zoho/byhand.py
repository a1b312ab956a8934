"""What only a person can do, in Zoho's own pages, for an organisation to fit the package. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from crm_expenses.adapters.settingup import Step
from crm_expenses.adapters.zoho.moduleshape import Field
from crm_expenses.adapters.zoho.needs import (
    FIELDS_MAX,
    MODULE_EDITIONS,
    UNIQUES_MAX,
    Needed,
    fits,
    missing,
    target_of,
)
from crm_expenses.adapters.zoho.sdkcalls import FieldFacts, LayoutFacts, ModuleFacts
from crm_expenses.adapters.zoho.settings import ZohoSettings
from crm_expenses.errors import Problem

SUBFORM: Final = "subform"


def by_hand(
    settings: ZohoSettings,
    need: Needed,
    module: ModuleFacts | None,
    held: Sequence[FieldFacts],
    layouts: Sequence[LayoutFacts],
) -> Iterator[Step]:
    """Give the steps for one module: what is there is `module`, its fields and layouts."""
    if module is None:
        yield from _no_module(settings, need)
        return
    if not (module.editable and module.creatable and module.is_api):
        yield _step(need, None, "zoho.hand_permission")
    lacking = list(missing(need, held))
    if module.type == SUBFORM:
        for one in lacking:
            yield _step(need, one, "zoho.hand_subform", label=one.label, type=one.type)
    else:
        yield from _too_many(settings, need, lacking, held)
    for one in lacking:
        if not one.is_own:
            yield _step(need, one, "zoho.hand_no_field", type=one.type)
    there = {one.name: one for one in held}
    for one in need.fields:
        if one.name in there and one.name != "id" and one.name not in need.theirs:
            yield from _field(settings, need, one, there[one.name])
    yield from _off_layout(need, there, layouts)


def _no_module(settings: ZohoSettings, need: Needed) -> Iterator[Step]:
    if not need.can_be_made:
        yield _step(need, None, "zoho.hand_no_module", kind=need.kind.value)
    elif settings.edition not in MODULE_EDITIONS:
        edition = settings.edition.value
        yield _step(need, None, "zoho.hand_edition", kind=need.kind.value, edition=edition)


def for_profiles(modules: Sequence[str]) -> Step:
    """Give the step that follows when modules were made: who may do what with their records."""
    names = ", ".join(modules)
    told = Problem("zoho.hand_profiles", {"modules": names})
    return Step("profiles", told, by_hand=True, facts={"modules": names})


def _too_many(
    settings: ZohoSettings, need: Needed, lacking: Sequence[Field], held: Sequence[FieldFacts]
) -> Iterator[Step]:
    """Say where a bound of Zoho's keeps what is lacking from being made."""
    most = FIELDS_MAX[settings.edition]
    own = sum(one.is_custom for one in held) + sum(one.is_own for one in lacking)
    if own > most:
        yield _step(need, None, "zoho.hand_fields_full", limit=str(most), count=str(own))
    uniques = [one for one in held if one.is_unique and one.name != "id"]
    for one in lacking:
        if one.unique and len(uniques) >= UNIQUES_MAX:
            names = ", ".join(each.name for each in uniques)
            yield _step(need, one, "zoho.hand_uniques_full", label=one.label, names=names)


def _field(settings: ZohoSettings, need: Needed, one: Field, held: FieldFacts) -> Iterator[Step]:
    if not fits(one, held):
        yield _step(need, one, "zoho.hand_type", type=one.type, found=held.type)
        return
    if one.unique and not held.is_unique:
        yield _step(need, one, "zoho.hand_unique", label=held.label)
    if one.external and held.external != "org":
        yield _step(need, one, "zoho.hand_external", label=held.label)
    target = target_of(one, settings)
    if target and held.lookup and held.lookup != target:
        yield _step(need, one, "zoho.hand_lookup", target=target, found=held.lookup)
    stored = {option.stored for option in held.options}
    lacking = [option for option in one.options if stored and option not in stored]
    if lacking and one.is_own:
        yield _step(need, one, "zoho.hand_options", label=held.label, options=", ".join(lacking))
    is_text = one.type in ("text", "textarea") and held.type in ("text", "textarea")
    if one.is_own and is_text and one.length and held.length and held.length < one.length:
        lengths = {"length": str(held.length), "needed": str(one.length)}
        yield _step(need, one, "zoho.hand_length", label=held.label, **lengths)


def _off_layout(
    need: Needed, there: dict[str, FieldFacts], layouts: Sequence[LayoutFacts]
) -> Iterator[Step]:
    """Name the fields that stand on no layout: nobody sees them, though a program may fill them."""
    shown = {name for layout in layouts if layout.is_active for name in layout.fields}
    if not shown:
        return
    off = [one for one in need.fields if one.is_own and one.name in there]
    names = [there[one.name].label for one in off if one.name not in shown]
    if names:
        yield _step(need, None, "zoho.hand_layout", fields=", ".join(names)[:600])


def _step(need: Needed, one: Field | None, code: str, **values: str) -> Step:
    name = need.name if one is None else f"{need.name}.{one.name}"
    told = {"module": need.name, "name": one.name if one else "", **values}
    return Step(name, Problem(code, told), by_hand=True, facts={"kind": need.kind.value, **values})
