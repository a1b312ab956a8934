"""The field map: what goes out comes in again, nothing is guessed, and every slip is told."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.adapters.exchange import read_json
from crm_expenses.adapters.fieldcodec import (
    Amount,
    Choice,
    Codec,
    Currency,
    Day,
    Moment,
    Number,
    Pairs,
    Reference,
    Text,
    Unfit,
    Whole,
    YesNo,
)
from crm_expenses.adapters.fieldmap import FieldMap, field_map, overridden
from crm_expenses.adapters.files.shape import FieldType, has_extra, shapes
from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Stage
from crm_expenses.core.record import Kind, Record
from crm_expenses.core.trip import TripNote
from crm_expenses.errors import ConfigError, MappingError, Problem
from crm_expenses.messages import LANGUAGES
from crm_expenses.messages import fields as unfilled
from crm_expenses.testing.strategies import records


def whole(kind: Kind, codec: Mapping[FieldType, Codec] | None = None) -> FieldMap:
    """Map every field of a kind under a name of the CRM's own."""
    names = {}
    codecs = {}
    for name, shape in shapes(kind).items():
        names[name] = f"{name.title()}__c"
        if shape.form is FieldType.MONEY:
            names[f"{name}_currency"] = f"{name.title()}Currency__c"
        if codec and shape.form in codec:
            codecs[name] = codec[shape.form]
    if has_extra(kind):
        names["extra"] = "Extra__c"
    return field_map(kind, names, codecs)


WAYS: list[Mapping[FieldType, Codec]] = [
    {},
    {FieldType.MONEY: Amount(is_minor=True), FieldType.YES_NO: YesNo("Y", "N")},
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", Kind)
@given(data=st.data())
@settings(max_examples=25)
def test_out_and_in_again_is_the_identity(
    kind: Kind, way: Mapping[FieldType, Codec], data: st.DataObject
) -> None:
    """What is written as JSON and read from it is the same record, for every kind."""
    record = data.draw(records(kind))
    table = whole(kind, way)
    sent = json.dumps(table.write(record), ensure_ascii=False)
    came = read_json(sent.encode())
    assert isinstance(came, dict)
    assert table.read(came) == record


@given(records(Kind.LINE), st.data())
def test_only_what_is_asked_for_is_written(record: Record, data: st.DataObject) -> None:
    """A change of some fields names those fields of the CRM, and no other."""
    table = whole(Kind.LINE)
    only = data.draw(st.sets(st.sampled_from(sorted(shapes(Kind.LINE)))))
    written = table.write(record, only=only)
    allowed = {table.mapped[name] for name in only}
    assert allowed <= set(written)
    assert set(written) - allowed <= {"AmountCurrency__c"}
    everything = table.write(record)
    assert all(everything[name] == value for name, value in written.items())


LINE = ExpenseLine("L-1", "C-1", date(2026, 3, 2), "meal", Money.of("12.50", "CNY"))


def row(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Give a good row of a line with some values of another kind."""
    return {**whole(Kind.LINE).write(LINE), **changes}


def problems(table: FieldMap, of: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Read a row that cannot be read; every reason is a whole sentence in both languages."""
    with pytest.raises(MappingError) as caught:
        table.read(of)
    for problem in caught.value.problems:
        said = [problem.describe(language) for language in LANGUAGES]
        assert len(set(said)) == 2
        assert not unfilled("".join(said)) - unfilled("".join(problem.values.values()))
    return caught.value.problems


WRONG = [
    ("Id__c", True, "fieldmap.text", "true"),
    ("Id__c", "x" * 256, "fieldmap.text", "x" * 40 + "…"),
    ("City__c", "a\x00b", "fieldmap.text", "a\\x00b"),
    ("Date__c", "2026-02-30", "fieldmap.day", "2026-02-30"),
    ("Date__c", "02.03.2026", "fieldmap.day", "02.03.2026"),
    ("Date__c", "0026-03-02", "fieldmap.day", "0026-03-02"),
    ("Date__c", 20260302, "fieldmap.day", "20260302"),
    ("Amount__c", "12.505", "fieldmap.amount", "12.505"),
    ("Amount__c", "1,234.50", "fieldmap.amount", "1,234.50"),
    ("Amount__c", True, "fieldmap.amount", "true"),
    ("Amount__c", Decimal("1e30"), "fieldmap.amount", "1E+30"),
    ("AmountCurrency__c", "RMB", "fieldmap.currency", "RMB"),
    ("AmountCurrency__c", None, "fieldmap.currency", "-"),
    ("Nights__c", "2.5", "fieldmap.whole", "2.5"),
    ("Nights__c", Decimal("1e999999999"), "fieldmap.whole", "1E+999999999"),
    ("Nights__c", -1, "fieldmap.whole", "-1"),
    ("Nights__c", 10_001, "fieldmap.whole", "10001"),
    ("Distance__c", "about 5", "fieldmap.number", "about 5"),
    ("Pre_Approved__c", "yes", "fieldmap.yes_no", "yes"),
    ("Pre_Approved__c", 1, "fieldmap.yes_no", "1"),
    ("Extra__c", ["a"], "fieldmap.pairs", "[…]"),
    ("Extra__c", {"a": 1}, "fieldmap.pairs", "{…}"),
]


@pytest.mark.parametrize(("field", "value", "code", "told"), WRONG)
def test_what_does_not_fit_is_told(field: str, value: object, code: str, told: str) -> None:
    """A value of another form is a problem with the field, the value, and what was expected."""
    (problem,) = problems(whole(Kind.LINE), row(**{field: value}))
    assert (problem.code, problem.values["theirs"]) == (code, field)
    assert problem.values["value"] == told


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """A row with three mistakes has three problems, one of them a missing field."""
    bad = row(Date__c="soon", Nights__c="many", Claim__c=None)
    found = problems(whole(Kind.LINE), bad)
    assert {(p.code, p.values["theirs"]) for p in found} == {
        ("fieldmap.day", "Date__c"),
        ("fieldmap.whole", "Nights__c"),
        ("fieldmap.missing", "Claim__c"),
    }


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("0.01", "CNY", 1),
        (Decimal("19.99"), "CNY", 1999),
        ("1500", "JPY", 1500),
        (Decimal("0.125"), "KWD", 125),
        ("-58.30", "EUR", -5830),
        ("10000000000.00", "CNY", 10**12),
    ],
)
def test_amounts_are_exact(amount: Any, currency: str, minor: int) -> None:  # noqa: ANN401
    """An amount is read to the minor unit of its own currency."""
    read = whole(Kind.LINE).read(row(Amount__c=amount, AmountCurrency__c=currency))
    assert isinstance(read, ExpenseLine)
    assert read.amount == Money(minor, currency)


def test_minor_units_are_whole() -> None:
    """A field of minor units takes a whole number only, and none too large."""
    table = whole(Kind.LINE, {FieldType.MONEY: Amount(is_minor=True)})
    good = table.read(row(Amount__c=1250))
    assert isinstance(good, ExpenseLine)
    assert good.amount == Money(1250, "CNY")
    for wrong in ("12.5", Decimal("0.5"), 10**12 + 1):
        (problem,) = problems(table, row(Amount__c=wrong))
        assert problem.code == "fieldmap.minor"


def test_a_field_of_one_currency_takes_no_other() -> None:
    """Where the CRM has no field for the currency, money of another one is not written."""
    names = {"id": "Id", "amount": "Total"}
    table = field_map(Kind.LINE, names, {"amount": Amount(currency="CNY")})
    assert table.write(LINE) == {"Id": "L-1", "Total": "12.50"}
    with pytest.raises(MappingError) as caught:
        table.write(replace(LINE, amount=Money(5, "EUR")))
    assert caught.value.code == "fieldmap.other_currency"


def test_amounts_that_share_a_currency_field_agree() -> None:
    """Two amounts of one record cannot put two currencies into one field."""
    names = {"breakfast_paid": "B", "lunch_paid": "L"}
    shared = {**names, "breakfast_paid_currency": "C", "lunch_paid_currency": "C"}
    table = field_map(Kind.TRIP_NOTE, shared)
    note = TripNote("N", "T", date(2026, 3, 1), breakfast_paid=Money(1, "CNY"))
    both = replace(note, lunch_paid=Money(2, "CNY"))
    assert table.write(both) == {"B": "0.01", "C": "CNY", "L": "0.02"}
    with pytest.raises(MappingError) as caught:
        table.write(replace(note, lunch_paid=Money(2, "EUR")))
    assert caught.value.code == "fieldmap.two_currencies"


def test_moments_are_seen_in_the_company_s_zone() -> None:
    """A moment falls on the day that it is where the company is; one without a zone on none."""
    zone = timezone(timedelta(hours=8))
    names = {"id": "Id", "person": "P", "submitted": "S", "status": "St"}
    table = field_map(Kind.CLAIM, names, {"submitted": Moment(zone)})
    sent = {"Id": "C", "P": "P", "S": "2026-02-28T16:00:00Z", "St": "paid"}
    read = table.read(sent)
    assert isinstance(read, Claim)
    assert (read.submitted.date(), read.status) == (date(2026, 3, 1), ClaimStatus.PAID)
    for wrong in ("2026-02-28T16:00:00", "2026-02-28", "28/02/2026 16:00", "2026-13-01T00:00:00Z"):
        (problem,) = problems(table, {**sent, "S": wrong})
        assert problem.code == "fieldmap.moment"


def test_options_of_a_list() -> None:
    """Several options may mean the same; one that is unknown is told with those that are known."""
    words = {"Closed Won": Stage.WON, "Signed": Stage.WON, "Closed Lost": Stage.LOST}
    choice = Choice(Stage, words)
    assert [choice.read(each) for each in words] == [Stage.WON, Stage.WON, Stage.LOST]
    assert choice.write(Stage.WON) == "Closed Won"
    names = {"id": "Id", "owner": "O", "stage": "S"}
    table = field_map(Kind.OPPORTUNITY, names, {"stage": choice})
    (problem,) = problems(table, {"Id": "1", "O": "P", "S": "Prospecting"})
    assert problem.values["allowed"] == "Closed Won, Signed, Closed Lost"
    with pytest.raises(Unfit) as caught:
        choice.write(Stage.OPEN)
    assert caught.value.code == "fieldmap.no_word"


def test_references_in_the_ways_in_which_crms_give_them() -> None:
    """An id comes as text, as a number, or inside an object, and goes out as it came."""
    inside = Reference("id")
    assert (Reference().read("A"), Reference().read(17)) == ("A", "17")
    assert inside.read({"id": "A", "name": "东方贸易"}) == "A"
    assert inside.write("A") == {"id": "A"}
    for codec, wrong in ((inside, {"name": "x"}), (inside, "\x00"), (Reference(), {"id": "A"})):
        with pytest.raises(Unfit):
            codec.read(wrong)


@pytest.mark.parametrize(
    "codec",
    [Text(), Reference(), Whole(), Number(), YesNo(), Day(), Moment(), Currency(), Pairs(),
     Choice(Stage), Amount(currency="CNY"), Amount(is_minor=True, currency="CNY")],
)  # fmt: skip
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
))  # fmt: skip
def test_no_value_is_too_strange(codec: Codec, value: Any) -> None:  # noqa: ANN401
    """Whatever a CRM sends is read or does not fit; nothing else is ever raised."""
    try:
        read = codec.read(value)
    except Unfit as unfit:
        said = unfit.code
    else:
        said = "fieldmap.read"
        assert codec.read(read_json(json.dumps(codec.write(read)).encode())) == read
    assert said.startswith("fieldmap.")


# --- the user's own names ---

MAPS = {
    Kind.LINE: field_map(
        Kind.LINE,
        {
            "id": "Id",
            "claim": "Report",
            "amount": "Total",
            "amount_currency": "Curr",
            "city": "City",
        },
    ),
    Kind.RATE: field_map(Kind.RATE, {"id": "Id", "currency": "From", "into": "To"}),
}


def test_settings_rename_add_and_remove() -> None:
    """A name of the settings takes the adapter's place, adds a field, or takes it away."""
    own = {
        "amount": "Sum__c",
        "amount_currency": "SumCurrency__c",
        "nights": "Nights__c",
        "extra.miles": "Miles__c",
        "city": "",
    }
    table = overridden("main", MAPS, {Kind.LINE: own, Kind.RATE: {"currency": "Base__c"}})
    assert table[Kind.LINE].mapped == {
        "id": "Id",
        "claim": "Report",
        "amount": "Sum__c",
        "amount_currency": "SumCurrency__c",
        "nights": "Nights__c",
        "extra.miles": "Miles__c",
    }
    assert table[Kind.RATE].mapped == {"id": "Id", "currency": "Base__c", "into": "To"}
    line = replace(LINE, nights=2, extra=(("miles", "12.5"),))
    assert table[Kind.LINE].write(line, only={"extra.miles", "nights"}) == {
        "Nights__c": 2,
        "Miles__c": "12.5",
    }


@pytest.mark.parametrize(
    ("own", "code", "values"),
    [
        ({Kind.LINE: {"amonut": "X"}}, "fieldmap.unknown", {"near": "amount"}),
        ({Kind.LINE: {"currency": "X"}}, "fieldmap.unknown", {"ours": "currency"}),
        ({Kind.LINE: {"city_currency": "X"}}, "fieldmap.unknown", {"ours": "city_currency"}),
        ({Kind.RATE: {"extra.miles": "X"}}, "fieldmap.unknown", {"ours": "extra.miles"}),
        ({Kind.LINE: {"claim": ""}}, "fieldmap.required", {"ours": "claim"}),
        ({Kind.VOUCHER: {"id": "X"}}, "fieldmap.kind", {"known": "line, rate"}),
    ],
)
def test_settings_with_a_slip(
    own: dict[Kind, dict[str, str]], code: str, values: dict[str, str]
) -> None:
    """A name that is none, a needed field mapped to nothing and a strange kind are told."""
    with pytest.raises(ConfigError) as caught:
        overridden("main", MAPS, own)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert values.items() <= problem.values.items()
    said = [problem.describe(language) for language in LANGUAGES]
    assert len(set(said)) == 2
    assert "main" in said[0]


def test_a_change_of_a_field_without_a_place() -> None:
    """A field that the CRM does not have cannot be changed there, and says so."""
    with pytest.raises(MappingError) as caught:
        MAPS[Kind.LINE].write(LINE, only={"nights", "city"})
    (problem,) = caught.value.problems
    assert (problem.code, problem.values["ours"]) == ("fieldmap.not_mapped", "nights")


def test_extra_texts_in_one_object() -> None:
    """A change of one text beside the fields is written with the object that holds it."""
    table = field_map(Kind.LINE, {"id": "Id", "extra": "More"})
    line = replace(LINE, extra=(("miles", "12.5"), ("why", "rain")))
    assert table.write(line, only={"extra.miles"}) == {"More": {"miles": "12.5", "why": "rain"}}


def test_a_slip_of_the_adapter_is_an_error_at_once() -> None:
    """A table that names what no record has does not come to be."""
    with pytest.raises(ValueError, match="no field amonut"):
        field_map(Kind.LINE, {"amonut": "X"})


def test_a_moment_is_one_whatever_its_zone() -> None:
    """Two zones of the same moment are equal records."""
    moment = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=8)))
    assert Moment().read(str(Moment().write(moment))) == moment
