"""`crm setup` of Zoho: what is made, what is left alone, what only a person can do."""

import pytest
from zohoworld import sdk_to

from crm_expenses.adapters.settingup import Step, StepDone
from crm_expenses.adapters.zoho import sdkcalls
from crm_expenses.adapters.zoho.modules import MODULES, RETURNS, chosen
from crm_expenses.adapters.zoho.sdk import Sdk
from crm_expenses.adapters.zoho.setup import ZohoSetUp
from crm_expenses.core.record import Kind
from crm_expenses.errors import RetryableError
from crm_expenses.testing.zohosim import Ask, Fault, Field, Module, Org, OrgSettings, Type, ZohoSim

OWN = (*(one for one in MODULES.values() if one.is_own and one.is_default), RETURNS)


def carried_out(sdk: Sdk) -> list[StepDone]:
    """Plan and carry out."""
    held = ZohoSetUp(sdk)
    return list(held.carry_out(held.plan()))


def by_hand(steps: list[Step] | tuple[Step, ...]) -> dict[str, str]:
    """Give the code of each step that is for a person."""
    return {step.name: step.told.code for step in steps if step.by_hand}


def plan_of(sdk: Sdk) -> list[Step]:
    """Give what lacks."""
    return list(ZohoSetUp(sdk).plan())


def test_an_empty_organisation_is_made_ready_and_the_plan_says_what_it_costs() -> None:
    """Every module and field of the data is there afterwards, with its type, and nothing else."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        held = ZohoSetUp(sdk)
        plan = held.plan()
        ours = [step for step in plan if not step.by_hand]
        before = sim.credits.spent
        done = list(held.carry_out(plan))
        assert [one.step for one in done] == ours
        assert not [one for one in done if one.problem]
        creating = sum(step.cost for step in ours)
        posts = [one for one in sim.log if one.method == "POST" and "settings" in one.path]
        assert sum(one.credits for one in posts) == creating
        # The rest are looks at what is there: one before and one after each creation.
        assert sim.credits.spent - before - creating <= 4 * len(OWN)
        for module in OWN:
            there = sim.org.module(module.name)
            assert there.plural == module.plural
            for field in module.fields:
                if field.name == "id":
                    continue
                made = there.fields[field.name]
                assert str(made.type) == field.type, (module.name, field.name)
                if field.is_own:
                    assert made.label == field.label
                    assert made.unique == field.unique
                    assert made.external == ("org" if field.external else "")
                    assert made.values == field.options
                    if field.type in ("text", "textarea"):
                        assert made.length == field.length
                    if field.type in ("currency", "double"):
                        assert made.decimals == field.decimals
                    if field.type == "lookup" and field.lookup is not None:
                        assert made.module == chosen({})[field.lookup]


def test_a_second_run_does_nothing() -> None:
    """Nothing lacks any more: the plan is empty, and no call makes anything."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        carried_out(sdk)
        before = len(sim.log)
        assert plan_of(sdk) == []
        assert carried_out(sdk) == []
        assert {one.method for one in sim.log[before:]} == {"GET"}


def test_a_plan_changes_nothing() -> None:
    """`--plan` only asks."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        assert plan_of(sdk)
        calls = [one for one in sim.log if not one.path.startswith("/oauth")]
        assert {one.method for one in calls} == {"GET"}
        assert set(sim.org.modules) == set(Org().modules)


@pytest.mark.parametrize("after", [1, 4, 9, 15])
def test_a_run_that_was_killed_goes_on(after: int) -> None:
    """Stopped after any step, the next run makes what is left, and nothing twice."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        held = ZohoSetUp(sdk)
        running = held.carry_out(held.plan())
        for _ in range(after):
            next(running)
        running.close()  # type: ignore[attr-defined]
        done = carried_out(sdk)
        assert not [one for one in done if one.problem]
        assert plan_of(sdk) == []
        made = [one for one in sim.log if one.call == "POST /crm/v8/settings/modules"]
        assert len(made) == len(OWN)
        assert not [one for one in sim.log if one.code == "DUPLICATE_DATA"]


def test_an_old_plan_that_is_carried_out_again_makes_nothing_twice() -> None:
    """What came to be there since the plan was made is left alone."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        held = ZohoSetUp(sdk)
        plan = held.plan()
        first = list(held.carry_out(plan))
        before = len(sim.log)
        again = list(held.carry_out(plan))
        assert [one.step for one in again] == [one.step for one in first]
        assert not [one for one in again if one.problem]
        assert {one.method for one in sim.log[before:]} == {"GET"}


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.HTML_200, Fault.EMPTY_200])
@pytest.mark.parametrize("what", ["modules", "fields"])
def test_an_answer_that_was_lost_is_read_back(fault: Fault, what: str) -> None:
    """Where nobody knows whether a thing was made, it is looked for; it is not made twice."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        sim.faults.add(fault, f"POST .*/settings/{what}", times=2)
        done = carried_out(sdk)
        wrong = [one for one in done if one.problem]
        if fault is Fault.HTML_200:  # that answer came before anything was made
            assert wrong
            assert not [one for one in carried_out(sdk) if one.problem]
        else:
            assert not wrong
        assert plan_of(sdk) == []
        names = [module.plural for module in sim.org.modules.values()]
        assert len(names) == len(set(names))


def test_what_was_never_made_is_told_and_its_fields_are_not_tried() -> None:
    """A module that is refused keeps its fields from being asked for; the others are made."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        sim.faults.add(Fault.ERROR_500, "POST .*/settings/modules", times=1, skip=4)
        done = carried_out(sdk)
        wrong = {one.step.name for one in done if one.problem}
        of_claims = {one.step.name for one in done if one.step.name.startswith("Expense_Claims")}
        # What points to it could not be made either, and is told by itself.
        assert wrong == of_claims | {"Expense_Lines.Claim", "Expense_Approvals.Claim"}
        assert "Expense_Claims" not in sim.org.modules
        assert "Expense_Vouchers" in sim.org.modules
        assert not [one for one in carried_out(sdk) if one.problem]
        assert plan_of(sdk) == []


def test_an_edition_without_modules_of_ones_own_is_told() -> None:
    """Each module that cannot be made is a step for a person, with the ways out; none is tried."""
    with ZohoSim(Org(OrgSettings(edition="professional"))) as sim, sdk_to(sim) as sdk:
        plan = plan_of(sdk)
        assert set(by_hand(plan).values()) == {"zoho.hand_edition"}
        assert not [step for step in plan if not step.by_hand]
        assert carried_out(sdk) == []
        for step in plan:
            for language in ("en", "zh"):
                text = step.told.describe(language)  # type: ignore[arg-type]
                assert "professional" in text
                assert "{" not in text


def test_what_only_a_person_can_mend_is_told_field_by_field() -> None:
    """Type, unique, external id, options, length, lookup: each with what to do, none tried."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        carried_out(sdk)
        sim.org.add_fields(
            "Expense_Claims",
            [
                Field("Submitted_At", Type.DATE, "Submitted At"),
                Field("External_Id", Type.TEXT, "External Id", length=255),
                Field("Status", Type.PICKLIST, "Status", values=("Draft", "Submitted")),
                Field("Findings_EN", Type.TEXTAREA, "Findings EN", length=2_000),
            ],
            custom=True,
        )
        sim.org.add_fields(
            "Expense_Lines", [Field("Claim", Type.LOOKUP, "Claim", module="Deals")], custom=True
        )
        plan = plan_of(sdk)
        codes = {(step.name, step.told.code) for step in plan}
        assert codes == {
            ("Expense_Claims.Submitted_At", "zoho.hand_type"),
            ("Expense_Claims.External_Id", "zoho.hand_unique"),
            ("Expense_Claims.External_Id", "zoho.hand_external"),
            ("Expense_Claims.Status", "zoho.hand_options"),
            ("Expense_Claims.Findings_EN", "zoho.hand_length"),
            ("Expense_Lines.Claim", "zoho.hand_lookup"),
        }
        assert all(step.by_hand for step in plan)
        texts = [step.told.describe(lang) for step in plan for lang in ("en", "zh")]  # type: ignore[arg-type]
        assert not [text for text in texts if "{" in text]
        assert carried_out(sdk) == []


def test_the_users_own_modules_and_fields_are_not_made() -> None:
    """A module that the settings name must be there; a field of the user's name takes its place."""
    more = {"modules": {"claim": "Spendings", "line": "Nowhere", "satisfaction": ""}}
    with ZohoSim() as sim, sdk_to(sim, **more) as sdk:
        sim.org.add_module(
            Module("Spendings", "Spending", "Spendings", custom=True),
            [Field("Sent", Type.DATETIME)],
        )
        plan = plan_of(sdk)
        names = {step.name.partition(".")[0] for step in plan}
        assert "Expense_Claims" not in names
        assert "Satisfaction_Scores" not in names
        assert by_hand(plan)["Nowhere"] == "zoho.hand_no_module"
        assert "Spendings.Status" in {step.name for step in plan if not step.by_hand}
        # A lookup to the module of lines that is not there cannot be made; one to claims can.
        links = {step.name: step.facts.get("target") for step in plan if "target" in step.facts}
        assert links["Expense_Approvals.Claim"] == "Spendings"


def test_what_a_field_of_the_users_holds_is_the_users_choice() -> None:
    """A field that the settings name is not judged by our type; one that is not there is made."""
    own = {Kind.LINE: {"category": "Sort", "merchant": "Shop_Name"}}
    with ZohoSim() as sim, sdk_to(sim, fields=own) as sdk:
        carried_out(sdk)
        held = sim.org.module("Expense_Lines").fields
        assert (held["Sort"].type, held["Shop_Name"].label) == (Type.TEXT, "Shop Name")
        assert not {"Category", "Merchant"} & set(held)
        link = Field("Sort", Type.LOOKUP, "Sort", module="Accounts")
        sim.org.add_fields("Expense_Lines", [link], custom=True)
        assert plan_of(sdk) == []


def test_a_third_unique_field_is_told_not_tried() -> None:
    """Zoho allows two; where both are taken, the external id is a step for a person."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        sim.org.add_module(
            Module("Expense_Vouchers", "Expense Voucher", "Expense Vouchers", custom=True),
            [Field("One", unique=True), Field("Two", unique=True)],
        )
        plan = plan_of(sdk)
        assert by_hand(plan)["Expense_Vouchers.External_Id"] == "zoho.hand_uniques_full"
        done = carried_out(sdk)
        assert not [one for one in done if one.problem]
        assert {step.name for step in plan_of(sdk)} == {"Expense_Vouchers.External_Id"}


def test_a_scope_that_is_lacking_ends_it_with_its_name() -> None:
    """Without the right to read modules nothing can be compared: an error, not an empty plan."""
    with ZohoSim() as sim, sdk_to(sim) as sdk:
        sim.faults.add(Fault.SCOPE_MISSING, "/settings/modules")
        with pytest.raises(Exception, match="scope") as caught:
            plan_of(sdk)
        assert getattr(caught.value, "code", "") == "zoho.scope"
        sim.faults.add(Fault.TRUNCATED, "/settings/fields", times=9)
        with pytest.raises(RetryableError):
            plan_of(sdk)


def test_what_is_asked_for_is_what_zoho_wants_to_know() -> None:
    """Who may see customers sees the new module; an external id is unique, and nothing else is."""
    heard: list[Ask] = []
    with ZohoSim(heard=heard.append) as sim, sdk_to(sim) as sdk:
        seen = {one.name: one.profiles for one in sdkcalls.modules(sdk)}["Accounts"]
        carried_out(sdk)
        bodies = [ask.json() for ask in heard if ask.call == "POST /crm/v8/settings/modules"]
        fields = [ask.json() for ask in heard if ask.call == "POST /crm/v8/settings/fields"]
    made = [one for body in fields for one in body["fields"]]
    ids = [one for one in made if one["field_label"] == "External Id"]
    assert len(ids) == len(OWN)
    assert all(one["unique"] and one["external"]["type"] == "org" for one in ids)
    assert not [one for one in made if one not in ids and ("unique" in one or "external" in one)]
    assert seen
    assert len(bodies) == len(OWN)
    for body in bodies:
        (module,) = body["modules"]
        assert [str(one["id"]) for one in module["profiles"]] == list(seen)
        assert module["display_field"] == {"field_label": "Name", "data_type": "text"}
