"""What `doctor` asks an organisation: who answers, with which rights, and what is lacking.

Everything comes from the metadata; nothing is changed. A credit for each question. What a field
that is mapped can hold is told apart from this, from `Adapter.describe`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from crm_expenses.adapters.contract import Diagnosis, Level
from crm_expenses.adapters.zoho import notifications, sdkcalls
from crm_expenses.adapters.zoho.credits import TERMS
from crm_expenses.adapters.zoho.needs import Needed, by_name, fits, missing, needed
from crm_expenses.adapters.zoho.sdk import Sdk
from crm_expenses.adapters.zoho.sdkcalls import FieldFacts, ModuleFacts, OrgFacts
from crm_expenses.adapters.zoho.wire import Call, ZohoWire
from crm_expenses.core.currencies import EXPONENTS
from crm_expenses.errors import AuthError, CrmExpensesError, Problem

SCOPE: Final = "zoho.scope"
"""The code of an answer that says that the token is not for this."""


def checked(sdk: Sdk) -> Sequence[Diagnosis]:
    """Look at sign-in, scopes, organisation, edition, modules, fields and channels."""
    wire = sdk.wire
    found: list[Diagnosis] = []
    org: OrgFacts | None = None
    try:
        org = sdkcalls.organisation(sdk)
    except CrmExpensesError as error:
        if error.code != SCOPE:
            return [Diagnosis(Level.BAD, problem) for problem in error.problems]
        found += _denied(wire, error, "ZohoCRM.org.READ", "zoho.scope_org")
    if org is not None:
        found += _of_org(wire, org)
        if org.is_multi_currency:
            found += _of_currencies(sdk)
    found += _scopes(wire)
    found += _of_modules(sdk)
    found += notifications.looked_at(sdk)
    return found


def _of_org(wire: ZohoWire, org: OrgFacts) -> Iterator[Diagnosis]:
    settings = wire.settings
    told = {"crm": wire.crm, "name": org.name, "id": org.id, "edition": org.edition or "-"}
    yield Diagnosis(Level.GOOD, Problem("zoho.signed_in", told))
    if not settings.organisation:
        yield Diagnosis(Level.WARNING, Problem("zoho.organisation_unset", told))
    elif settings.organisation != org.id:
        wrong = {**told, "wanted": settings.organisation}
        yield Diagnosis(Level.BAD, Problem("zoho.organisation_other", wrong))
    if org.edition and settings.edition.value not in org.edition.lower():
        wrong = {**told, "wanted": settings.edition.value}
        yield Diagnosis(Level.WARNING, Problem("zoho.edition_other", wrong))
    if settings.currency and org.currency and settings.currency != org.currency:
        wrong = {**told, "wanted": settings.currency, "found": org.currency}
        yield Diagnosis(Level.BAD, Problem("zoho.currency_other", wrong))
    terms = TERMS[settings.edition]
    left, whole = wire.credits.left(), wire.credits.allowance
    limits = {"crm": wire.crm, "left": f"{left:,}", "allowance": f"{whole:,}"}
    limits["at_once"] = str(terms.at_once)
    level = Level.GOOD if left * 10 > whole else Level.WARNING
    yield Diagnosis(level, Problem("zoho.credits", limits))


def _of_currencies(sdk: Sdk) -> Iterator[Diagnosis]:
    """Say where the organisation keeps fewer decimals than a currency has."""
    try:
        held = sdkcalls.currencies(sdk)
    except CrmExpensesError as error:
        scope = "ZohoCRM.settings.currencies.READ"
        yield from _denied(sdk.wire, error, scope, "zoho.scope_currencies")
        return
    for one in held:
        needed_of = EXPONENTS.get(one.code)
        if one.is_active and one.decimals is not None and needed_of is not None:
            told = {"crm": sdk.wire.crm, "currency": one.code, "found": str(one.decimals)}
            told["needed"] = str(needed_of)
            if one.decimals < needed_of:
                yield Diagnosis(Level.BAD, Problem("zoho.currency_decimals", told))


_Probe = tuple[str, str, Call]
_PROBES: Final[Sequence[_Probe]] = (
    (
        "ZohoCRM.modules.ALL",
        "zoho.scope_records",
        Call("GET", "crm/{version}/Accounts", {"fields": "id", "per_page": "1"}),
    ),
    (
        "ZohoCRM.coql.READ",
        "zoho.scope_queries",
        Call(
            "POST",
            "crm/{version}/coql",
            json={"select_query": "select id from Accounts where id is not null limit 1"},
            repeatable=True,
            is_heavy=True,
        ),
    ),
    (
        "ZohoCRM.users.READ",
        "zoho.scope_users",
        Call("GET", "crm/{version}/users", {"type": "AllUsers", "per_page": "1"}),
    ),
    (
        "ZohoCRM.notifications.ALL",
        "zoho.scope_notifications",
        Call("GET", "crm/{version}/actions/watch"),
    ),
    (
        "ZohoCRM.settings.layouts.READ",
        "zoho.scope_layouts",
        Call("GET", "crm/{version}/settings/layouts", {"module": "Accounts"}),
    ),
)
"""A scope, what it is for, and the cheapest call that needs it. What can only be tried by writing,
or with a file, is not: `docs/how-to` lists all scopes."""

_OPTIONAL: Final = frozenset(
    {
        "ZohoCRM.notifications.ALL",
        "ZohoCRM.settings.layouts.READ",
        "ZohoCRM.settings.currencies.READ",
    }
)
"""Scopes without which records are still read and written."""


def _scopes(wire: ZohoWire) -> Iterator[Diagnosis]:
    lacking = 0
    for scope, code, call in _PROBES:
        asked = replace(call, path=call.path.format(version=wire.settings.version))
        try:
            wire.send(asked)
        except CrmExpensesError as error:
            lacking += 1
            yield from _denied(wire, error, scope, code)
    if not lacking:
        yield Diagnosis(Level.GOOD, Problem("zoho.scopes", {"crm": wire.crm}))


def _denied(wire: ZohoWire, error: CrmExpensesError, scope: str, code: str) -> Iterator[Diagnosis]:
    """Tell why something could not be asked; of a scope that is lacking, which one and what for."""
    if error.code == SCOPE:
        level = Level.WARNING if scope in _OPTIONAL else Level.BAD
        yield Diagnosis(level, Problem(code, {"crm": wire.crm, "scope": scope}))
        return
    level = Level.BAD if isinstance(error, AuthError) else Level.WARNING
    yield from (Diagnosis(level, problem) for problem in error.problems)


def _of_modules(sdk: Sdk) -> Iterator[Diagnosis]:
    wire = sdk.wire
    try:
        there = by_name(sdkcalls.modules(sdk))
    except CrmExpensesError as error:
        yield from _denied(wire, error, "ZohoCRM.settings.modules.READ", "zoho.scope_modules")
        return
    held: dict[str, tuple[FieldFacts, ...]] = {}
    for need in needed(wire.settings):
        module = there.get(need.name)
        if module is None:
            code = "zoho.lacks_module" if need.can_be_made else "zoho.no_own_module"
            yield Diagnosis(Level.BAD, Problem(code, _told(wire, need)))
            continue
        if need.name not in held:
            yield from _permissions(wire, need, module)
            try:
                held[need.name] = sdkcalls.fields(sdk, need.name)
            except CrmExpensesError as error:
                yield from _denied(wire, error, "ZohoCRM.settings.fields.READ", "zoho.scope_fields")
                return
        yield from _fields(wire, need, held[need.name])


def _permissions(wire: ZohoWire, need: Needed, module: ModuleFacts) -> Iterator[Diagnosis]:
    if not module.is_api:
        yield Diagnosis(Level.BAD, Problem("zoho.module_hidden", _told(wire, need)))
    elif not (module.editable and module.creatable):
        yield Diagnosis(Level.WARNING, Problem("zoho.module_read_only", _told(wire, need)))


def _fields(wire: ZohoWire, need: Needed, held: Sequence[FieldFacts]) -> Iterator[Diagnosis]:
    """Tell in one line what is lacking; each field by itself is told from the description."""
    lacking = [one.name for one in missing(need, held)]
    there = {one.name: one for one in held}
    if lacking:
        names = ", ".join(lacking)[:300]
        told = {**_told(wire, need), "count": str(len(lacking)), "fields": names}
        yield Diagnosis(Level.BAD, Problem("zoho.lacks_fields", told))
    for one in need.fields:
        found = there.get(one.name)
        if found is None or one.name in need.theirs:
            continue
        told = {**_told(wire, need), "field": one.name}
        if one.external and (found.external != "org" or not found.is_unique):
            yield Diagnosis(Level.BAD, Problem("zoho.no_external", told))
        if not fits(one, found):
            wrong = {**told, "type": one.type, "found": found.type}
            yield Diagnosis(Level.BAD, Problem("zoho.field_type", wrong))
        stored = {option.stored for option in found.options}
        lacks = [option for option in one.options if stored and option not in stored]
        if lacks and one.is_own:
            more = {**told, "options": ", ".join(lacks)}
            yield Diagnosis(Level.WARNING, Problem("zoho.no_options", more))


def _told(wire: ZohoWire, need: Needed) -> dict[str, str]:
    return {"crm": wire.crm, "module": need.name, "kind": need.kind.value}
