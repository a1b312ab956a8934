"""Users, the organisation, its currencies; modules, fields and layouts, read and made."""

from collections.abc import Mapping
from typing import Any, Final

from crm_expenses.testing.zohosim.asking import (
    Answer,
    Ask,
    json_answer,
)
from crm_expenses.testing.zohosim.org import Org
from crm_expenses.testing.zohosim.refusal import RefusalError, bad_parameter
from crm_expenses.testing.zohosim.schema import Field, Module, Type

FIELDS_A_CALL: Final = 5
LABEL_MAX: Final = 25
PROFILES: Final = ("Administrator", "Standard")
CUSTOM_FIELDS_MAX: Final = {
    "free": 10,
    "standard": 10,
    "professional": 155,
    "enterprise": 300,
    "ultimate": 500,
}
MODULE_EDITIONS: Final = frozenset({"enterprise", "ultimate"})
_CREATABLE: Final = frozenset(
    {*Type} - {Type.SUBFORM, Type.OWNER} | {"userlookup", "formula", "autonumber"}
)


def modules(org: Org) -> Answer:
    """Answer GET /settings/modules."""
    return json_answer({"modules": [_shown_module(org, one) for one in org.modules.values()]})


def one_module(org: Org, name: str) -> Answer:
    """Answer GET /settings/modules/NAME."""
    return json_answer({"modules": [_shown_module(org, org.module(name))]})


def _shown_module(org: Org, module: Module) -> dict[str, object]:
    parent = module.parent and org.module(module.parent)
    return {
        "id": module.id,
        "api_name": module.name,
        "module_name": module.name,
        "singular_label": module.label,
        "plural_label": module.plural,
        "generated_type": module.generated_type,
        "api_supported": True,
        "creatable": True,
        "editable": True,
        "deletable": True,
        "viewable": True,
        "visible": True,
        "show_as_tab": not module.parent,
        "parent_module": {"api_name": parent.name, "id": parent.id} if parent else {},
        "status": "visible",
        "modified_time": None,
        "profiles": [{"name": "Administrator", "id": org.named_id("profile", "Administrator")}],
    }


def create_modules(org: Org, given: Mapping[str, Any]) -> Answer:
    """Answer POST /settings/modules."""
    if org.settings.edition not in MODULE_EDITIONS:
        raise RefusalError(
            "FEATURE_NOT_ENABLED", "custom modules are not in this edition", status=403
        )
    asked = given.get("modules")
    if not isinstance(asked, list) or len(asked) != 1:
        raise RefusalError("LIMIT_EXCEEDED", details={"json_path": "$.modules", "limit": 1})
    one = asked[0]
    singular, plural = one.get("singular_label"), one.get("plural_label")
    for name in ("singular_label", "plural_label", "profiles"):
        if not one.get(name):
            raise RefusalError("MANDATORY_NOT_FOUND", details={"api_name": name})
    if len(singular) > LABEL_MAX or len(plural) > LABEL_MAX:
        raise RefusalError("INVALID_DATA", details={"maximum_length": LABEL_MAX})
    known = {org.named_id("profile", name) for name in PROFILES}
    if not all(str((held or {}).get("id")) in known for held in one["profiles"]):
        raise RefusalError("INVALID_DATA", details={"api_name": "profiles"})
    name = one.get("api_name") or str(plural).replace(" ", "_")
    if name in org.modules or any(held.plural == plural for held in org.modules.values()):
        raise RefusalError("DUPLICATE_DATA", details={"api_name": "plural_label"})
    made = org.add_module(Module(name, singular, plural, custom=True, duplicates=("Name",)))
    label = (one.get("display_field") or {}).get("field_label")
    if label:
        org.add_fields(name, [Field("Name", mandatory=True, length=120, label=label)])
    row = {
        "code": "SUCCESS",
        "details": {"id": made.id, "api_name": name},
        "message": "module created successfully",
        "status": "success",
    }
    return json_answer({"modules": [row]}, 201)


def fields(org: Org, ask: Ask) -> Answer:
    """Answer GET /settings/fields."""
    module = org.module(_named_module(ask))
    return json_answer({"fields": [_shown_field(org, one) for one in module.fields.values()]})


def _named_module(ask: Ask) -> str:
    if not ask.query.get("module"):
        raise bad_parameter("module", "REQUIRED_PARAM_MISSING")
    return ask.query["module"]


def _shown_field(org: Org, held: Field) -> dict[str, object]:
    told: dict[str, object] = {
        "id": held.id,
        "api_name": held.name,
        "field_label": held.shown_label,
        "display_label": held.shown_label,
        "data_type": str(held.type),
        "json_type": held.json_type,
        "length": held.length_max or 255,
        "decimal_place": held.decimals if held.json_type == "double" else None,
        "system_mandatory": held.mandatory,
        "read_only": held.read_only,
        "field_read_only": held.read_only,
        "custom_field": held.custom,
        "visible": True,
        "unique": {"casesensitive": "false"} if held.unique else {},
        "external": {"type": held.external, "show": False} if held.external else None,
        "pick_list_values": [
            {
                "display_value": value,
                "actual_value": value,
                "id": org.named_id(held.name, value),
                "sequence_number": number,
                "type": "used",
            }
            for number, value in enumerate(held.values, 1)
        ],
        "lookup": {},
        "subform": None,
        "associated_module": None,
        "multiselectlookup": {},
        "multiuserlookup": {},
        "currency": {},
        "auto_number": {},
        "formula": {},
        "view_type": {
            "view": True,
            "edit": not held.read_only,
            "create": True,
            "quick_create": False,
        },
    }
    if held.type is Type.LOOKUP:
        told["lookup"] = {
            "module": {"api_name": held.module, "id": org.module(held.module).id},
            "display_label": held.shown_label,
            "api_name": held.name,
            "id": held.id,
        }
    if held.type is Type.SUBFORM:
        told["subform"] = {"module": held.module, "id": held.id}
        told["associated_module"] = {"module": held.module, "id": held.id}
    if held.type is Type.CURRENCY:
        told["currency"] = {"rounding_option": "normal", "precision": held.decimals}
    return told


def create_fields(org: Org, ask: Ask) -> Answer:
    """Answer POST /settings/fields: five a call, each row for itself."""
    module = org.module(_named_module(ask))
    asked = ask.json().get("fields")
    if not isinstance(asked, list) or not 1 <= len(asked) <= FIELDS_A_CALL:
        raise RefusalError("LIMIT_EXCEEDED", details={"limit": FIELDS_A_CALL})
    rows: list[dict[str, object]] = []
    for one in asked:
        try:
            rows.append(_create_field(org, module, one))
        except RefusalError as error:
            rows.append(error.as_json())
    bad = sum(row["status"] == "error" for row in rows)
    return json_answer({"fields": rows}, 201 if not bad else 400 if bad == len(rows) else 207)


def _create_field(org: Org, module: Module, given: Mapping[str, Any]) -> dict[str, object]:
    label, kind = given.get("field_label"), given.get("data_type")
    if not label or not kind:
        missing = "data_type" if label else "field_label"
        raise RefusalError("MANDATORY_NOT_FOUND", details={"api_name": missing})
    if kind not in _CREATABLE:
        raise RefusalError("INVALID_DATA", details={"api_name": "data_type"})
    if len(label) > LABEL_MAX:
        raise RefusalError(
            "INVALID_DATA", details={"api_name": "field_label", "maximum_length": LABEL_MAX}
        )
    name = str(given.get("api_name") or label).replace(" ", "_")
    if name in module.fields or any(one.shown_label == label for one in module.fields.values()):
        raise RefusalError("DUPLICATE_DATA", details={"api_name": "field_label"})
    most = CUSTOM_FIELDS_MAX[org.settings.edition]
    if sum(one.custom for one in module.fields.values()) >= most:
        raise RefusalError("LIMIT_EXCEEDED", details={"limit": most})
    target = ((given.get("lookup") or {}).get("module") or {}).get("api_name", "")
    if kind == Type.LOOKUP:
        org.module(target)
    picks = tuple(one["display_value"] for one in given.get("pick_list_values") or ())
    if kind in {Type.PICKLIST, Type.MULTIPICK} and not picks:
        raise RefusalError("MANDATORY_NOT_FOUND", details={"api_name": "pick_list_values"})
    external = (given.get("external") or {}).get("type", "")
    if external and kind != Type.TEXT:
        raise RefusalError("INVALID_DATA", details={"api_name": "external"})
    made = Field(
        name,
        Type(kind),
        label,
        unique=bool(given.get("unique")) or bool(external),
        external=external,
        length=int(given.get("length") or 0),
        decimals=int(given.get("decimal_place") or 2),
        values=picks,
        module="Users" if kind == Type.USER else target,
        custom=True,
    )
    org.add_fields(module.name, [made])
    return {
        "code": "SUCCESS",
        "details": {"id": module.fields[name].id},
        "message": "field created",
        "status": "success",
    }


def layouts(org: Org, ask: Ask) -> Answer:
    """Answer GET /settings/layouts: one, the standard one, with all fields."""
    module = org.module(_named_module(ask))
    held = [
        {
            "api_name": one.name,
            "id": one.id,
            "data_type": str(one.type),
            "field_label": one.shown_label,
            "required": one.mandatory,
        }
        for one in module.fields.values()
    ]
    section = {
        "name": f"{module.label} Information",
        "display_label": module.label,
        "api_name": f"{module.name}_Information",
        "type": "used",
        "fields": held,
    }
    layout = {
        "id": org.named_id("layout", module.name),
        "name": "Standard",
        "display_label": "Standard",
        "api_name": "Standard",
        "status": "active",
        "visible": True,
        "generated_type": "system",
        "sections": [section],
        "profiles": [],
    }
    return json_answer({"layouts": [layout]})


def profiles(org: Org) -> Answer:
    """Answer GET /settings/profiles: whom a new module is for."""
    told = [
        {
            "id": org.named_id("profile", name),
            "name": name,
            "display_label": name,
            "type": "normal_profile",
            "custom": False,
            "default": name == "Standard",
        }
        for name in PROFILES
    ]
    return json_answer({"profiles": told})


def roles(org: Org) -> Answer:
    """Answer GET /settings/roles: those that users have."""
    names = {str(row.get("role") or "Standard") for row in org.shelf.all_newest("Users")}
    told = [
        {"id": org.named_id("role", name), "name": name, "display_label": name}
        for name in sorted(names)
    ]
    return json_answer({"roles": told})
