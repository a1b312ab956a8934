"""Metadata of the simulator: how modules and fields are described, made and refused."""

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest
from zohosim_caller import Caller, Got, Moments, small_org

from crm_expenses.testing.zohosim import Field, Org, OrgSettings, RefusalError, Type, ZohoSim


@pytest.fixture
def sim() -> Iterator[ZohoSim]:
    """Give a running simulator."""
    with ZohoSim(small_org()) as running:
        yield running


@pytest.fixture
def caller(sim: ZohoSim) -> Iterator[Caller]:
    """Give who calls it."""
    with Caller(sim) as held:
        yield held


def created(caller: Caller, *fields: object) -> Got:
    """Create fields of claims."""
    path = "/crm/v8/settings/fields?module=Claims"
    return caller.send("POST", path, json.dumps({"fields": fields}).encode())


def module(caller: Caller, **changes: object) -> Got:
    """Create a module."""
    profile = caller.get("settings/profiles").json["profiles"][0]["id"]
    plain = {
        "singular_label": "Voucher",
        "plural_label": "Vouchers",
        "profiles": [{"id": profile}],
        **changes,
    }
    return caller.post("/crm/v8/settings/modules", {"modules": [plain]})


def test_fields_are_described(caller: Caller) -> None:
    """Type, length, picklist, lookup, uniqueness and external id stand in the description."""
    held = {
        one["api_name"]: one
        for one in caller.get("settings/fields", module="Claims").json["fields"]
    }
    assert held["Name"]["system_mandatory"] is True
    assert held["Total"]["data_type"] == "currency"
    assert [one["actual_value"] for one in held["Status"]["pick_list_values"]] == [
        "draft",
        "submitted",
    ]
    assert held["Account"]["lookup"]["module"]["api_name"] == "Accounts"
    assert held["External_Id"]["external"]["type"] == "org"
    assert held["External_Id"]["unique"] != {}
    assert held["Lines"]["associated_module"]["module"] == "Claim_Lines"
    assert caller.get("settings/fields").code == "REQUIRED_PARAM_MISSING"
    assert caller.get("settings/fields", module="Nothing").code == "INVALID_MODULE"


def test_modules_and_layouts_are_described(caller: Caller) -> None:
    """Whose a module is, and which fields its layout has."""
    held = {
        one["api_name"]: one["generated_type"]
        for one in caller.get("settings/modules").json["modules"]
    }
    assert (held["Accounts"], held["Claims"], held["Claim_Lines"]) == (
        "default",
        "custom",
        "subform",
    )
    assert caller.get("settings/modules/Claims").json["modules"][0]["plural_label"] == "Claimss"
    (layout,) = caller.get("settings/layouts", module="Claims").json["layouts"]
    assert "Total" in {one["api_name"] for one in layout["sections"][0]["fields"]}
    assert caller.get("settings/roles").json["roles"][0]["name"] == "Standard"


def test_a_module_is_made_and_used(caller: Caller) -> None:
    """It costs 500 credits, and takes fields and records at once."""
    got = module(caller)
    assert (got.status, caller.sim.log[-1].credits) == (201, 500)
    assert caller.write("POST", "Vouchers", {"Name": "V-1"}).status == 201
    path = "/crm/v8/settings/fields?module=Vouchers"
    fields = {"fields": [{"field_label": "Paid At", "data_type": "datetime"}]}
    assert caller.send("POST", path, json.dumps(fields).encode()).status == 201
    row = {"Name": "V-2", "Paid_At": "2026-03-01T10:00:00+08:00"}
    assert caller.write("POST", "Vouchers", row).status == 201


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"singular_label": None}, "MANDATORY_NOT_FOUND"),
        ({"profiles": None}, "MANDATORY_NOT_FOUND"),
        ({"profiles": [{"id": "1"}]}, "INVALID_DATA"),
        ({"plural_label": "x" * 26}, "INVALID_DATA"),
        ({"plural_label": "Claims"}, "DUPLICATE_DATA"),
    ],
)
def test_a_module_is_refused(caller: Caller, changes: dict[str, object], code: str) -> None:
    """Without its labels and profiles, with a label too long, or a second time."""
    assert module(caller, **changes).code == code


def test_two_modules_a_call_are_refused(caller: Caller) -> None:
    """One a call."""
    body = {"modules": [{}, {}]}
    assert caller.post("/crm/v8/settings/modules", body).code == "LIMIT_EXCEEDED"


def test_an_edition_without_modules() -> None:
    """Where the edition has none, a module cannot be made."""
    org = Org(OrgSettings(edition="professional"), clock=Moments())
    with ZohoSim(org) as sim, Caller(sim) as caller:
        got = module(caller)
        assert (got.status, got.code) == (403, "FEATURE_NOT_ENABLED")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"data_type": "text"}, "MANDATORY_NOT_FOUND"),
        ({"field_label": "X"}, "MANDATORY_NOT_FOUND"),
        ({"field_label": "X", "data_type": "subform"}, "INVALID_DATA"),
        ({"field_label": "X", "data_type": "nonsense"}, "INVALID_DATA"),
        ({"field_label": "x" * 26, "data_type": "text"}, "INVALID_DATA"),
        ({"field_label": "Total", "data_type": "currency"}, "DUPLICATE_DATA"),
        ({"field_label": "X", "data_type": "picklist"}, "MANDATORY_NOT_FOUND"),
        (
            {"field_label": "X", "data_type": "integer", "external": {"type": "org"}},
            "INVALID_DATA",
        ),
        (
            {"field_label": "X", "data_type": "lookup", "lookup": {"module": {"api_name": "Y"}}},
            "INVALID_MODULE",
        ),
    ],
)
def test_a_field_is_refused(caller: Caller, given: dict[str, object], code: str) -> None:
    """What cannot be a field is refused, and the others of the call are made."""
    good = {"field_label": "Good One", "data_type": "text"}
    got = created(caller, good, given)
    assert (got.status, [one["code"] for one in got.json["fields"]]) == (207, ["SUCCESS", code])


def test_fields_are_made_five_a_call(caller: Caller) -> None:
    """Five are, six are not; each with what was asked for."""
    picks = [{"display_value": "yes", "actual_value": "yes"}]
    fields = [
        {"field_label": "Kind Of", "data_type": "picklist", "pick_list_values": picks},
        {"field_label": "Deal", "data_type": "lookup", "lookup": {"module": {"api_name": "Deals"}}},
        {"field_label": "Ext Two", "data_type": "text", "external": {"type": "org"}},
        {"field_label": "Amount", "data_type": "currency", "decimal_place": 3},
        {"field_label": "Long", "data_type": "textarea", "length": 32_000},
    ]
    assert created(caller, *fields, fields[0]).code == "LIMIT_EXCEEDED"
    assert created(caller, *fields).status == 201
    held = caller.sim.org.module("Claims").fields
    assert (held["Kind_Of"].values, held["Deal"].module) == (("yes",), "Deals")
    assert (held["Ext_Two"].unique, held["Long"].length_max) == (True, 32_000)
    third = created(caller, {"field_label": "U", "data_type": "text", "unique": {"x": 1}})
    assert third.code == "LIMIT_EXCEEDED", "two unique fields a module"


def test_an_edition_has_so_many_fields() -> None:
    """The eleventh custom field is refused in the smallest edition."""
    org = Org(OrgSettings(edition="free"), clock=Moments())
    org.add_module("Claims", [Field(f"F{number}") for number in range(10)])
    with ZohoSim(org) as sim, Caller(sim) as caller:
        got = created(caller, {"field_label": "One more", "data_type": "text"})
        assert got.code == "LIMIT_EXCEEDED"


def test_an_organisation_with_several_currencies() -> None:
    """Records have their currency and its rate; the home currency is the base."""
    rates = {"EUR": Decimal("0.9"), "CNY": Decimal("7.1")}
    org = Org(OrgSettings(rates=rates), clock=Moments())
    org.add_module("Claims", [Field("Total", Type.CURRENCY)])
    with ZohoSim(org) as sim, Caller(sim) as caller:
        told = caller.get("org/currencies").json["currencies"]
        assert [(one["iso_code"], one["is_base"], one["exchange_rate"]) for one in told] == [
            ("USD", True, "1"),
            ("EUR", False, "0.9"),
            ("CNY", False, "7.1"),
        ]
        rows = [{"Name": "1"}, {"Name": "2", "Currency": "EUR"}, {"Name": "3", "Currency": "X"}]
        codes = caller.write("POST", "Claims", *rows).codes
        assert codes == ["SUCCESS", "SUCCESS", "INVALID_DATA"]
        held = [(row["Currency"], row["Exchange_Rate"]) for row in org.listing("Claims")]
        assert held == [("USD", 1), ("EUR", Decimal("0.9"))]


def test_a_third_unique_field_is_refused() -> None:
    """Without HTTP too."""
    with pytest.raises(RefusalError, match="LIMIT_EXCEEDED"):
        small_org().add_module("Other", [Field(name, unique=True) for name in "abc"])
