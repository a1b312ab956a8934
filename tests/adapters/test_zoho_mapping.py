"""What a record of Zoho CRM is here, and back: no calls."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm_expenses.adapters.contract import Change, ClaimResult, LineResult, Received, SetAside
from crm_expenses.adapters.exchange import json_bytes, read_json
from crm_expenses.adapters.zoho.codecs import Second, Shown
from crm_expenses.adapters.zoho.mapping import (
    Company,
    Source,
    change_row,
    flat,
    is_there,
    read_row,
    received,
    result_row,
    same,
    sources_of,
)
from crm_expenses.adapters.zoho.modules import EXTERNAL_ID, LABEL_CHARS_MAX, MODULES
from crm_expenses.core.claim import Claim
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.party import AccountManager, SatisfactionScore
from crm_expenses.core.record import Kind, Record
from crm_expenses.errors import ConfigError, MappingError, RefusedError
from crm_expenses.messages import LANGUAGES
from crm_expenses.testing.samples import edited, sample

SHANGHAI = ZoneInfo("Asia/Shanghai")
ALL = {kind: module.name for kind, module in MODULES.items()}
OWN = {
    Kind.ACCOUNT_MANAGER: {"grade": "Grade", "company": "Company", "active_from": "Active_From"},
    Kind.ACCOUNT: {"since": "Customer_Since"},
    Kind.OPPORTUNITY: {"amount_currency": "Currency_Code"},
    Kind.LINE: {"extra.miles": "Miles", "extra.why": "Why"},
    Kind.TRIP_NOTE: {"extra.shift": "Shift"},
}


def sources(**more: Any) -> dict[Kind, Source]:  # noqa: ANN401  what settings may say
    """Give where records come from, all kinds of them."""
    given = {"modules": ALL, "own": OWN, "stages": {}, **more}
    company = Company("main", SHANGHAI, "CNY", given["stages"])
    return sources_of(company, given["modules"], given["own"])


def row_of(source: Source, record: Record) -> dict[str, Any]:
    """Give a record as it goes out and comes back through JSON."""
    row: Any = read_json(json_bytes(source.map.write(record)))
    return {**row, "id": record.id}


@pytest.mark.parametrize("kind", Kind)
def test_out_and_back_is_the_same(kind: Kind) -> None:
    """Each record that is written as Zoho has it is read back with every field."""
    source = sources()[kind]
    for record in sample({kind}):
        for one in (record, edited(record)):
            assert read_row(source, row_of(source, one)) == one


@pytest.mark.parametrize("kind", Kind)
def test_every_module_can_be_set_up(kind: Kind) -> None:
    """What the data say fits the platform: names, labels, one external id, two unique fields."""
    module = MODULES[kind]
    names = [one.name for one in module.fields]
    assert len(names) == len(set(names))
    assert len(module.singular) <= LABEL_CHARS_MAX >= len(module.plural)
    assert module.name.replace("_", " ") == module.plural or not module.is_own
    unique = [one for one in module.fields if one.unique]
    assert [one.name for one in unique] == ([EXTERNAL_ID] if module.is_own else [])
    for one in module.fields:
        assert len(one.label) <= 25, one
        assert not one.is_own or one.type != "picklist" or one.options
        assert one.type != "lookup" or one.lookup or not one.is_own


def test_nothing_is_read_twice_or_beyond_what_a_call_takes() -> None:
    """Each kind asks for its id, its fields and the time of change, each once, fifty at most."""
    for kind, source in sources().items():
        assert source.columns[0] == "id"
        assert len(set(source.columns)) == len(source.columns) <= 50
        assert ("Modified_Time" in source.columns) == (kind is not Kind.ACCOUNT_MANAGER)


# --- people and lookups ---


def test_lookups_come_in_three_forms() -> None:
    """A lookup is an object, an id as text or as a number; each is the same id."""
    source = sources()[Kind.CLAIM]
    base = {"id": "1", "Name": "t", "Submitted_At": "2026-03-01T10:00:00+05:30", "Status": "Paid"}
    for owner in ({"id": "7", "name": "x", "email": "y"}, "7", 7):
        assert read_row(source, {**base, "Owner": owner}).person == "7"  # type: ignore[union-attr]


def test_a_user_has_a_role_a_manager_and_a_state() -> None:
    """The team is the role's name; who is deactivated says so beside the known fields."""
    source = sources()[Kind.ACCOUNT_MANAGER]
    row = {
        "id": "5",
        "full_name": "客户经理 1",
        "role": {"name": "East", "id": "77"},
        "Reporting_To": {"name": "客户经理 2", "id": "6"},
        "city": None,
        "status": "disabled",
    }
    expected = AccountManager(
        "5", "客户经理 1", team="East", manager="6", extra=(("status", "disabled"),)
    )
    assert read_row(source, row) == expected
    assert read_row(source, {**row, "status": "active"}) == replace(expected, extra=())


def test_several_values_are_one_text() -> None:
    """A multi-select, a lookup or a number in a field of text is told as text; yes is none."""
    assert Shown().read(["meal", "gift"]) == "meal; gift"
    assert Shown().read([]) == ""
    assert Shown().read({"name": "Munich", "id": "1"}) == "Munich"
    assert Shown().read(Decimal("1.50")) == "1.50"
    assert Shown().read("-None-") == ""
    source = sources()[Kind.LINE]
    (bad,) = received("main", source, _line(City=True), SHANGHAI).problems  # type: ignore[union-attr]
    assert bad.code == "fieldmap.text"


def test_a_field_behind_a_lookup() -> None:
    """A column like Account.Industry is read from the flat key of a query, or from the lookup."""
    own = {**OWN, Kind.LINE: {"purpose": "Account.Industry"}}
    source = sources(own=own)[Kind.LINE]
    assert "Account.Industry" in source.columns
    for row in (_line(**{"Account.Industry": "retail"}), _line(Account={"Industry": "retail"})):
        assert flat(source, row)["Account.Industry"] == "retail"


# --- amounts ---


def test_amounts_are_numbers_and_exact() -> None:
    """An amount goes out as a JSON number with its digits; one that a double changes is refused."""
    source = sources()[Kind.LINE]
    for text in ("0.01", "-58.30", "1234567890.12", "0.10"):
        record = replace(sample({Kind.LINE})[0], amount=Money.of(text, "CNY"))
        assert read_row(source, row_of(source, record)) == record
    assert b'"Amount": 0.1,' in json_bytes(
        change_row(source, Change(Kind.LINE, record, ("amount",)))
    )
    with pytest.raises(RefusedError):
        json_bytes({"x": Decimal("99999999999999.991")})


def test_a_currency_comes_from_the_record_or_from_home() -> None:
    """With a field for it the record says its currency; without one it is the home currency."""
    made = sources(own={**OWN, Kind.LINE: {"amount_currency": ""}})
    source = made[Kind.LINE]
    assert read_row(source, _line(Amount=Decimal("12.5"))).amount == Money.of("12.5", "CNY")  # type: ignore[union-attr]
    euros = replace(sample({Kind.LINE})[0], amount=Money.of("1", "EUR"))
    with pytest.raises(MappingError):
        change_row(source, Change(Kind.LINE, euros, ("amount",)))


def test_an_empty_currency_is_the_home_currency() -> None:
    """Who leaves the field empty spends in the home currency; where none is named, nobody knows."""
    for empty in (None, ""):
        row = _line(Amount=Decimal("12.5"), Currency_Code=empty)
        assert read_row(sources()[Kind.LINE], row).amount == Money.of("12.5", "CNY")  # type: ignore[union-attr]
        homeless = sources_of(Company("main", SHANGHAI, "", {}), ALL, OWN)[Kind.LINE]
        with pytest.raises(MappingError) as caught:
            read_row(homeless, row)
        assert caught.value.code == "fieldmap.currency"
    with pytest.raises(MappingError):
        read_row(sources()[Kind.LINE], _line(Currency_Code="rupees"))


# --- times ---


def test_the_day_of_submission_is_the_companys() -> None:
    """Whatever zone an answer is in, a claim was submitted on the company's day."""
    source = sources()[Kind.CLAIM]
    for text in ("2026-03-01T15:59:59+00:00", "2026-03-01T21:29:59+05:30"):
        row = {"id": "1", "Owner": "7", "Submitted_At": text, "Status": "Submitted"}
        record = read_row(source, row)
        assert isinstance(record, Claim)
        assert record.submitted.date() == date(2026, 3, 1)


def test_a_fraction_of_a_second_is_not_dropped_silently() -> None:
    """A moment finer than a second is refused, in both languages, before it is written."""
    at = datetime(2026, 3, 1, 12, 0, 0, 1, tzinfo=UTC)
    record = Claim("1", "7", at)
    with pytest.raises(MappingError) as caught:
        change_row(sources()[Kind.CLAIM], Change(Kind.CLAIM, record, ("submitted",)))
    assert caught.value.code == "zoho.fraction"
    assert len({caught.value.describe(language) for language in LANGUAGES}) == 2
    assert Second(UTC).write(at.replace(microsecond=0)) == "2026-03-01T12:00:00+00:00"


def test_what_is_wrong_is_set_aside() -> None:
    """A date that is none, an amount of letters: the record is set aside with every reason."""
    source = sources()[Kind.LINE]
    made = received("main", source, _line(Expense_Date="2026-13-45", Amount="1,2"), SHANGHAI)
    assert isinstance(made, SetAside)
    assert {one.code for one in made.problems} == {"fieldmap.day", "fieldmap.amount"}


def test_an_unreadable_time_of_change_is_not_known() -> None:
    """A record whose time of change nobody can read is a fact; when it changed is not known."""
    made = received("main", sources()[Kind.LINE], _line(Modified_Time="soon"), SHANGHAI)
    assert isinstance(made, Received)
    assert made.changed_at is None


# --- deals ---


def test_stages_that_zoho_ships_are_known() -> None:
    """Shipped stages have a meaning; the organisation's own come first, also when written."""
    source = sources(stages={"赢单": Stage.WON, "Qualification": Stage.LOST})[Kind.OPPORTUNITY]
    assert deal(source, "Closed Won").stage is Stage.WON
    assert deal(source, "赢单").stage is Stage.WON
    assert deal(source, "Qualification").stage is Stage.LOST
    assert source.map.write(Opportunity("1", "7", Stage.WON), only={"stage"}) == {"Stage": "赢单"}


def test_an_unknown_stage_names_the_fix() -> None:
    """A deal in a stage that nobody knows is set aside, and told what to write where."""
    source = sources()[Kind.OPPORTUNITY]
    made = received("main", source, {"id": "1", "Owner": "7", "Stage": "Dreaming"}, SHANGHAI)
    assert isinstance(made, SetAside)
    for language in LANGUAGES:
        told = made.problems[0].describe(language)
        assert "[crm.main.stages]" in told
        assert '"Dreaming" = "open"' in told


def test_a_plan_to_close_is_no_closing() -> None:
    """The closing date counts once a deal is won or lost; until then it is a plan."""
    source = sources()[Kind.OPPORTUNITY]
    assert deal(source, "Qualification").closed is None
    assert deal(source, "Closed Lost").closed == date(2026, 5, 1)
    assert deal(source, "Closed Lost").opened == date(2026, 3, 2)


def deal(source: Source, stage: str) -> Opportunity:
    """Read a deal in a stage, opened late in the evening elsewhere."""
    row = {"id": "1", "Owner": {"id": "7"}, "Stage": stage, "Closing_Date": "2026-05-01"}
    record = read_row(source, {**row, "Created_Time": "2026-03-01T20:00:00+00:00"})
    assert isinstance(record, Opportunity)
    return record


# --- settings ---


def test_satisfaction_may_be_a_field_of_an_account() -> None:
    """Where scores stand in accounts, an account without one is no score."""
    names = {"account": "id", "day": "Asked_On", "score": "Happiness"}
    modules = {**ALL, Kind.SATISFACTION: "Accounts"}
    source = sources(modules=modules, own={Kind.SATISFACTION: names})[Kind.SATISFACTION]
    assert source.is_shared
    row = {"id": "9", "Asked_On": "2026-01-05", "Happiness": 4}
    assert read_row(source, row) == SatisfactionScore("9", "9", date(2026, 1, 5), Decimal(4))
    assert is_there(source, row)
    assert not is_there(source, {**row, "Happiness": None})


def test_lines_may_be_rows_of_a_subform() -> None:
    """A line in a subform names its claim in Parent_Id, and is not changed from here."""
    own = {Kind.LINE: {**OWN[Kind.LINE], "claim": "Parent_Id"}}
    source = sources(modules={**ALL, Kind.LINE: "Lines_Rows"}, own=own)[Kind.LINE]
    assert source.is_subform
    assert not source.is_changed
    assert "Modified_Time" not in source.columns
    row = {**_line(), "Parent_Id": {"id": "8"}}
    assert read_row(source, row).claim == "8"  # type: ignore[union-attr]


def test_a_kind_without_a_module_is_not_read() -> None:
    """An empty name of a module leaves its kind out; others come only where they are named."""
    made = sources(modules={Kind.BUDGET: ""}, own={})
    assert Kind.BUDGET not in made
    assert Kind.TRIP_LEG not in made
    assert Kind.CLAIM in made


def test_wrong_names_are_told() -> None:
    """A field that a kind has not, and one field too many, are errors of the settings."""
    with pytest.raises(ConfigError) as caught:
        sources(own={Kind.LINE: {"colour": "Colour"}})
    assert caught.value.code == "fieldmap.unknown"
    many = {f"extra.f{number}": f"F{number}" for number in range(60)}
    with pytest.raises(ConfigError) as caught:
        sources(own={Kind.LINE: many})
    assert caught.value.code == "zoho.many_fields"


# --- results ---


def test_a_result_is_written_with_numbers() -> None:
    """A result's amounts are numbers with one currency; what is empty is emptied there."""
    cny = Money.of("12.50", "CNY")
    result = ClaimResult(
        "1", Outcome.PASS, State.IN_APPROVAL, cny, Money(7, "CNY"), "", "", "", "p 1", "d", "c"
    )
    row = result_row(sources()[Kind.CLAIM], result)
    assert row["Claimed"] == Decimal("12.50")
    assert row["Allowed"] == Decimal("0.07")
    assert row["Check_Currency"] == "CNY"
    assert row["Findings_EN"] is None
    assert row["Approved_Amount"] is None
    assert row["Check_State"] == "in_approval"
    assert "id" not in row


def test_two_currencies_do_not_share_a_field() -> None:
    """A result whose amounts are in two currencies is refused: one field could not say both."""
    result = LineResult("1", "2", Outcome.PASS, Money.of("1", "EUR"), Money.of("7", "CNY"), "", "")
    with pytest.raises(MappingError):
        result_row(sources()[Kind.LINE], result)


def test_what_stands_there_is_known() -> None:
    """A row holds a value whatever its form: number, lookup, nothing."""
    row = {"A": Decimal("12.5"), "B": None, "C": {"id": "7", "name": "x"}, "D": False, "E": "x"}
    wanted = {"A": Decimal("12.50"), "B": "", "C": {"id": "7"}, "D": False, "E": "x"}
    assert same(wanted, row)
    for name, other in (("A", Decimal("12.51")), ("C", {"id": "8"}), ("D", None), ("E", "y")):
        assert not same({name: other}, row)
    assert not same({"D": 0}, row)


def _line(**more: Any) -> dict[str, Any]:  # noqa: ANN401  any value
    row = {
        "id": "1",
        "Claim": {"id": "2"},
        "Expense_Date": "2026-03-01",
        "Category": "meal",
        "Amount": Decimal(1),
        "Currency_Code": "CNY",
    }
    return {**row, **more}
