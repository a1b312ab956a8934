"""What is asked of Zoho's SDK, and what it says, as plain values: the control plane.

Records, queries, deletions, attachments and bulk jobs are the wire's own (decision 0028): the SDK
has no exact number, drops the query of an upload, and asks the wrong address for a job's result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import ModuleType
from typing import Any, Final

from crm_expenses.adapters.zoho.credits import CREATE_MODULE
from crm_expenses.adapters.zoho.sdk import Row, Sdk, plain, rows_of

FIELDS_A_CALL: Final = 5
"""Fields that are made with one call."""


@dataclass(frozen=True, slots=True)
class OrgFacts:
    """An organisation: `id` is its zgid; `edition` as it is paid for; `users` are licences."""

    id: str
    name: str
    currency: str
    timezone: str
    edition: str
    users: int | None = None
    is_multi_currency: bool = False
    type: str = ""


@dataclass(frozen=True, slots=True)
class CurrencyFacts:
    """A currency of an organisation; `rate` is per unit of the home currency, as Zoho writes it."""

    code: str
    is_home: bool
    is_active: bool
    decimals: int | None
    rate: str


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    """A module, and what whoever signed in may do with its records."""

    name: str
    label: str
    type: str
    """As Zoho says: `default`, `custom`, `subform`, `linking`, `web`."""
    is_api: bool = True
    is_visible: bool = True
    creatable: bool = True
    editable: bool = True
    deletable: bool = True
    profiles: tuple[str, ...] = ()
    """The ids of the profiles whose people see it."""
    id: str = ""


@dataclass(frozen=True, slots=True)
class OptionFacts:
    """A value of a list: as it is stored, and as people see it."""

    stored: str
    shown: str


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """A field. `external` is `org`, `user` or empty; `lookup` the module that it points to."""

    name: str
    label: str
    type: str
    length: int | None = None
    decimals: int | None = None
    is_required: bool = False
    is_unique: bool = False
    is_read_only: bool = False
    is_custom: bool = False
    external: str = ""
    lookup: str = ""
    options: tuple[OptionFacts, ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True)
class LayoutFacts:
    """A layout: its fields, and those that a person must fill in there."""

    id: str
    name: str
    is_active: bool
    fields: tuple[str, ...]
    required: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewField:
    """A field to make; Zoho makes its API name from the label."""

    label: str
    type: str
    length: int | None = None
    decimals: int | None = None
    is_unique: bool = False
    is_external: bool = False
    lookup: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewModule:
    """A module to make; `profiles` are the ids of those who shall see it."""

    name: str
    singular: str
    plural: str
    profiles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of notifications: which events go where, until when; `token` comes back in each."""

    id: str
    events: tuple[str, ...]
    expires: datetime | None
    url: str = ""
    token: str = field(default="", repr=False)


def organisation(sdk: Sdk) -> OrgFacts:
    """Ask who answers: one credit."""
    part = sdk.part("org")
    held = sdk.call(part.OrgOperations().get_organization, part.ResponseWrapper)
    found = held.get_org()[0]
    paid = found.get_license_details()
    return OrgFacts(
        _text(found.get_zgid()),
        _text(found.get_company_name()),
        _text(found.get_iso_code()) or _text(found.get_currency()),
        _text(found.get_time_zone()),
        _text(paid.get_paid_type()) if paid is not None else "",
        paid.get_users_license_purchased() if paid is not None else None,
        bool(found.get_mc_status()),
        _text(found.get_type()),
    )


def currencies(sdk: Sdk) -> tuple[CurrencyFacts, ...]:
    """Ask for the currencies of an organisation: one credit; none where there is only one."""
    part = sdk.part("currencies")
    held = sdk.call(part.CurrenciesOperations().get_currencies, part.ResponseWrapper)
    return tuple(map(_currency, (held.get_currencies() or []) if held is not None else []))


def _currency(found: Any) -> CurrencyFacts:
    form = found.get_format()
    decimals = _text(form.get_decimal_places()) if form is not None else ""
    return CurrencyFacts(
        _text(found.get_iso_code()),
        bool(found.get_is_base()),
        bool(found.get_is_active()),
        int(decimals) if decimals.isdecimal() else None,
        _text(found.get_exchange_rate()),
    )


def modules(sdk: Sdk) -> tuple[ModuleFacts, ...]:
    """Ask for all modules, and what may be done with their records: one credit."""
    part = sdk.part("modules")
    held = sdk.call(part.ModulesOperations().get_modules, part.ResponseWrapper)
    return tuple(map(_module, (held.get_modules() or []) if held is not None else []))


def _module(found: Any) -> ModuleFacts:
    return ModuleFacts(
        _text(found.get_api_name()),
        _text(found.get_plural_label()),
        _text(found.get_generated_type()),
        found.get_api_supported() is not False,
        found.get_visible() is not False,
        found.get_creatable() is not False,
        found.get_editable() is not False,
        found.get_deletable() is not False,
        tuple(_text(one.get_id()) for one in found.get_profiles() or []),
        _text(found.get_id()),
    )


def fields(sdk: Sdk, module: str) -> tuple[FieldFacts, ...]:
    """Ask for the fields of a module: one credit."""
    part = sdk.part("fields")
    given = _params(sdk, {part.GetFieldsParam.module: module})
    held = sdk.call(lambda: part.FieldsOperations().get_fields(given), part.ResponseWrapper)
    return tuple(map(_field, (held.get_fields() or []) if held is not None else []))


def _field(found: Any) -> FieldFacts:
    unique, external, lookup = found.get_unique(), found.get_external(), found.get_lookup()
    target = lookup.get_module() if lookup is not None else None
    ways = found.get_operation_type()
    options = found.get_pick_list_values() or []
    return FieldFacts(
        name=_text(found.get_api_name()),
        label=_text(found.get_field_label()),
        type=_text(found.get_data_type()),
        length=found.get_length(),
        decimals=found.get_decimal_place(),
        is_required=bool(found.get_system_mandatory()),
        # {} where it is not; {"casesensitive": …} where it is.
        is_unique=unique is not None and unique.get_casesensitive() is not None,
        is_read_only=bool(found.get_read_only())
        or bool(found.get_field_read_only())
        or (ways is not None and ways.get_api_update() is False),
        is_custom=bool(found.get_custom_field()),
        external=_text(external.get_type()) if external is not None else "",
        lookup=_text(target.get_api_name()) if target is not None else "",
        options=tuple(
            OptionFacts(
                _text(one.get_actual_value()) or _text(one.get_display_value()),
                _text(one.get_display_value()),
            )
            for one in options
        ),
        id=_text(found.get_id()),
    )


def layouts(sdk: Sdk, module: str) -> tuple[LayoutFacts, ...]:
    """Ask for the layouts of a module: one credit."""
    part = sdk.part("layouts")
    given = _params(sdk, {part.GetLayoutsParam.module: module})
    held = sdk.call(lambda: part.LayoutsOperations().get_layouts(given), part.ResponseWrapper)
    return tuple(map(_layout, (held.get_layouts() or []) if held is not None else []))


def _layout(found: Any) -> LayoutFacts:
    sections = found.get_sections() or []
    held = [one for section in sections for one in section.get_fields() or []]
    return LayoutFacts(
        _text(found.get_id()),
        _text(found.get_name()),
        _text(found.get_status()) in ("", "active", "0") and found.get_visible() is not False,
        tuple(_text(one.get_api_name()) for one in held),
        tuple(_text(one.get_api_name()) for one in held if one.get_required()),
    )


def create_module(sdk: Sdk, new: NewModule) -> Row:
    """Make a module: 500 credits. Not repeated by itself: after a lost answer, look first."""
    part, profile = sdk.part("modules"), sdk.part("profiles")
    made = part.Modules()
    made.set_api_name(new.name)
    made.set_singular_label(new.singular)
    made.set_plural_label(new.plural)
    made.set_display_field({"field_label": "Name", "data_type": "text"})
    profiles = []
    for one in new.profiles:
        named = profile.MinifiedProfile()
        named.set_id(int(one))
        profiles.append(named)
    made.set_profiles(profiles)
    body = part.BodyWrapper()
    body.set_modules([made])
    held = sdk.call(
        lambda: part.ModulesOperations().create_custom_modules(body),
        part.ActionWrapper,
        credits=CREATE_MODULE,
        repeatable=False,
    )
    return rows_of(held.get_modules())[0]


def create_fields(sdk: Sdk, module: str, new: Sequence[NewField]) -> tuple[Row, ...]:
    """Make at most five fields of a module: one credit. Not repeated by itself."""
    part = sdk.part("fields")
    body = part.BodyWrapper()
    body.set_fields([_new_field(sdk, part, one) for one in new])
    given = _params(sdk, {part.CreateFieldParam.module: module})
    held = sdk.call(
        lambda: part.FieldsOperations().create_field(body, given),
        part.ActionWrapper,
        repeatable=False,
    )
    return rows_of(held.get_fields())


def _new_field(sdk: Sdk, part: ModuleType, new: NewField) -> Any:
    made = part.Fields()
    made.set_field_label(new.label)
    made.set_data_type(new.type)
    if new.length is not None:
        made.set_length(new.length)
    if new.decimals is not None:
        made.set_decimal_place(new.decimals)
    if new.is_unique:
        unique = part.Unique()
        unique.set_casesensitive("true")
        made.set_unique(unique)
    if new.is_external:
        external = part.External()
        external.set_type("org")
        external.set_show(True)
        made.set_external(external)
    if new.lookup:
        target = sdk.part("modules").MinifiedModule()
        target.set_api_name(new.lookup)
        lookup = part.Lookup()
        lookup.set_module(target)
        lookup.set_display_label(new.label)
        made.set_lookup(lookup)
    if new.options:
        options = []
        for number, text in enumerate(new.options, 1):
            option = part.PickListValue()
            option.set_display_value(text)
            option.set_actual_value(text)
            option.set_sequence_number(number)
            options.append(option)
        made.set_pick_list_values(options)
    return made


def watch(sdk: Sdk, new: Sequence[Channel]) -> tuple[Row, ...]:
    """Make channels: one credit. Making one again, by its id, does no harm."""
    part = sdk.part("notifications")
    return _watched(sdk, part, "enable_notifications", new)


def watch_again(sdk: Sdk, changed: Sequence[Channel]) -> tuple[Row, ...]:
    """Replace channels by what they shall be: one credit."""
    part = sdk.part("notifications")
    return _watched(sdk, part, "update_notifications", changed)


def watch_longer(sdk: Sdk, changed: Sequence[Channel]) -> tuple[Row, ...]:
    """Let channels end later; where they go and their token stay: one credit."""
    part = sdk.part("notifications")
    return _watched(sdk, part, "update_notification", changed)


def watch_no_more(sdk: Sdk, ids: Sequence[str]) -> tuple[Row, ...]:
    """Remove channels: one credit."""
    part = sdk.part("notifications")
    given = _params(sdk, {part.DeleteNotificationParam.channel_ids: ",".join(ids)})
    held = sdk.call(
        lambda: part.NotificationsOperations().delete_notification(given),
        part.ActionWrapper,
        repeatable=True,
    )
    return rows_of(held.get_watch()) if held is not None else ()


def _watched(
    sdk: Sdk, part: ModuleType, operation: str, given: Sequence[Channel]
) -> tuple[Row, ...]:
    body = part.BodyWrapper()
    body.set_watch([_channel(part, one) for one in given])
    asked = getattr(part.NotificationsOperations(), operation)
    held = sdk.call(lambda: asked(body), part.ActionWrapper, repeatable=True)
    return rows_of(held.get_watch())


def _channel(part: ModuleType, given: Channel) -> Any:
    made = part.Notification()
    made.set_channel_id(given.id)
    made.set_events(list(given.events))
    if given.expires is not None:
        made.set_channel_expiry(given.expires)
    if given.url:
        made.set_notify_url(given.url)
    if given.token:
        made.set_token(given.token)
    return made


def _params(sdk: Sdk, values: Mapping[Any, str]) -> Any:
    made = sdk.part("parameter_map").ParameterMap()
    for param, value in values.items():
        made.add(param, value)
    return made


def _text(value: Any) -> str:
    held = plain(value)
    return "" if held is None else str(held)
