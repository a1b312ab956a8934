"""What `doctor` says of an organisation of Zoho: rights, edition, and all that is lacking."""

from collections.abc import Callable
from contextlib import closing
from decimal import Decimal

import pytest
from zohoworld import sdk_to, wire_to

from crm_expenses.adapters.contract import Diagnosis, Level
from crm_expenses.adapters.zoho.client import ZohoAdapter, sources_for
from crm_expenses.adapters.zoho.describing import checked
from crm_expenses.adapters.zoho.sdk import Sdk
from crm_expenses.adapters.zoho.setup import ZohoSetUp
from crm_expenses.messages import LANGUAGES
from crm_expenses.testing.zohosim import Fault, Field, Org, OrgSettings, Type, ZohoSim


def made_ready(sdk: Sdk) -> None:
    """Set an organisation up."""
    held = ZohoSetUp(sdk)
    list(held.carry_out(held.plan()))


def found(sdk: Sdk) -> dict[str, Diagnosis]:
    """Give what is said, by its code; every text can be written in both languages."""
    said = list(checked(sdk))
    for one in said:
        for language in LANGUAGES:
            assert "{" not in one.problem.describe(language), one
    return {one.problem.code: one for one in said}


def test_of_an_organisation_that_is_ready_nothing_bad_is_said() -> None:
    """Who answers, its credits and its scopes, all good; and nothing was changed."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        made_ready(sdk)
        before = len(sim.log)
        said = found(sdk)
        assert {one.level for one in said.values()} == {Level.GOOD}
        assert said["zoho.signed_in"].problem.values["id"] == sim.org.id
        assert set(said) == {"zoho.signed_in", "zoho.credits", "zoho.scopes"}
        changing = {one.call for one in sim.log[before:] if one.method != "GET"}
        assert changing == {"POST /crm/v8/coql"}


def test_of_an_empty_organisation_every_module_is_missed_with_the_fix() -> None:
    """Each module by its name and kind, with the exact command."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        lacking = [one for one in checked(sdk) if one.problem.code == "zoho.lacks_module"]
        names = {one.problem.values["module"] for one in lacking}
        assert {"Expense_Claims", "Expense_Lines", "Expense_Vouchers"} <= names
        assert {one.level for one in lacking} == {Level.BAD}
        assert all("crm-expenses crm setup main" in one.problem.describe() for one in lacking)


def test_modules_that_are_not_there_hide_no_others() -> None:
    """Fields are compared where there are modules; none is demanded of our updates."""
    with ZohoSim() as sim:
        wire = wire_to(sim, timezone="Asia/Kolkata")
        with closing(ZohoAdapter(wire, sources_for(wire.settings))) as adapter:
            names = {one.name for one in adapter.describe()}
            assert names == {"Users", "Accounts", "Deals"}
    with ZohoSim() as sim:
        wire = wire_to(sim, timezone="Asia/Kolkata")
        with closing(ZohoAdapter(wire, sources_for(wire.settings))) as adapter:
            made_ready(Sdk(wire))
            assert not [one for one in adapter.describe() for f in one.fields if f.required]


@pytest.mark.parametrize(
    ("match", "code", "scope", "level"),
    [
        ("GET .*/org$", "zoho.scope_org", "ZohoCRM.org.READ", Level.BAD),
        ("GET .*/Accounts", "zoho.scope_records", "ZohoCRM.modules.ALL", Level.BAD),
        ("POST .*/coql", "zoho.scope_queries", "ZohoCRM.coql.READ", Level.BAD),
        ("GET .*/users", "zoho.scope_users", "ZohoCRM.users.READ", Level.BAD),
        (
            "GET .*/actions/watch",
            "zoho.scope_notifications",
            "ZohoCRM.notifications.ALL",
            Level.WARNING,
        ),
        (
            "GET .*/settings/layouts",
            "zoho.scope_layouts",
            "ZohoCRM.settings.layouts.READ",
            Level.WARNING,
        ),
        (
            "GET .*/settings/modules",
            "zoho.scope_modules",
            "ZohoCRM.settings.modules.READ",
            Level.BAD,
        ),
        ("GET .*/settings/fields", "zoho.scope_fields", "ZohoCRM.settings.fields.READ", Level.BAD),
    ],
)
def test_a_scope_that_is_lacking_is_named_with_what_it_is_for(
    match: str, code: str, scope: str, level: Level
) -> None:
    """One that is lacking does not hide the others, and is not told as anything else."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        made_ready(sdk)
        sim.faults.add(Fault.SCOPE_MISSING, match, times=99)
        said = found(sdk)
        assert said[code].problem.values["scope"] == scope
        assert scope in said[code].problem.describe()
        assert said[code].level is level
        assert [one for one in said if one.startswith("zoho.scope_")] == [code]


@pytest.mark.parametrize(
    ("more", "code", "level"),
    [
        ({"organisation": "77"}, "zoho.organisation_other", Level.BAD),
        ({"organisation": None}, "zoho.organisation_unset", Level.WARNING),
        ({"edition": "ultimate"}, "zoho.edition_other", Level.WARNING),
        ({"currency": "EUR"}, "zoho.currency_other", Level.BAD),
    ],
)
def test_settings_that_do_not_fit_the_organisation_are_told(
    more: dict[str, str | None], code: str, level: Level
) -> None:
    """Another organisation, edition or home currency than the settings say."""
    with ZohoSim() as sim, sdk_to(sim, **more) as sdk:
        made_ready(sdk)
        assert found(sdk)[code].level is level


def _drop(sim: ZohoSim) -> None:
    sim.org.module("Expense_Claims").fields.pop("Status")


def _retype(sim: ZohoSim) -> None:
    sim.org.add_fields("Expense_Claims", [Field("Status", Type.DATE, "Status")], custom=True)


def _plain_id(sim: ZohoSim) -> None:
    held = Field("External_Id", Type.TEXT, "External Id", length=255)
    sim.org.add_fields("Expense_Claims", [held], custom=True)


def _fewer(sim: ZohoSim) -> None:
    held = Field("Status", Type.PICKLIST, "Status", values=("Draft",))
    sim.org.add_fields("Expense_Claims", [held], custom=True)


@pytest.mark.parametrize(
    ("damage", "code", "value"),
    [
        (_drop, "zoho.lacks_fields", "Status"),
        (_retype, "zoho.field_type", "Status"),
        (_plain_id, "zoho.no_external", "External_Id"),
        (_fewer, "zoho.no_options", "Status"),
    ],
)
def test_a_field_that_is_not_as_it_must_be_is_named(
    damage: Callable[[ZohoSim], None], code: str, value: str
) -> None:
    """Missing, of another type, not unique and external, a list without some of its options."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        made_ready(sdk)
        damage(sim)
        said = found(sdk)
        assert value in said[code].problem.describe()
        assert said[code].level is not Level.GOOD
        others = set(said) - {"zoho.signed_in", "zoho.credits", "zoho.scopes"}
        assert others == {code}


def test_decimals_that_a_currency_has_and_the_organisation_has_not_are_told() -> None:
    """Three of the dinar, two are kept: amounts would be rounded there; of the others nothing."""
    rates = {"KWD": Decimal("3.25"), "EUR": Decimal("1.09"), "JPY": Decimal("0.0067")}
    with ZohoSim(Org(OrgSettings(rates=rates))) as sim, sdk_to(sim) as sdk:
        made_ready(sdk)
        said = [one for one in checked(sdk) if one.level is not Level.GOOD]
        (one,) = said
        assert one.problem.code == "zoho.currency_decimals"
        assert one.problem.values["currency"] == "KWD"
        sim.faults.add(Fault.SCOPE_MISSING, "/org/currencies")
        assert found(sdk)["zoho.scope_currencies"].level is Level.WARNING


def test_credits_that_run_out_are_a_warning() -> None:
    """Less than a tenth left of the allowance."""
    with ZohoSim(Org(OrgSettings(edition="free", users=3))) as sim, sdk_to(sim) as sdk:
        assert found(sdk)["zoho.credits"].level is Level.GOOD
        sdk.wire.credits.spend(4_600)
        held = found(sdk)["zoho.credits"]
        assert held.level is Level.WARNING
        assert int(held.problem.values["left"]) < 500


def test_a_token_that_is_refused_is_the_only_thing_that_is_told() -> None:
    """Nothing else can be asked then."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        sim.faults.add(Fault.REFRESH_REVOKED, "/org")
        (one,) = checked(sdk)
        assert one.level is Level.BAD
        assert one.problem.code == "zoho.revoked"
