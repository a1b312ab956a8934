"""The CRM's own description against the map: each way of not fitting is told, and fitting is."""

from dataclasses import replace

import pytest

from crm_expenses.adapters.contract import Description, Diagnosis, FieldInfo, Form, Level
from crm_expenses.adapters.fieldcheck import CHARS, compare, form_of
from crm_expenses.adapters.fieldcodec import Choice
from crm_expenses.adapters.fieldmap import field_map
from crm_expenses.core.opportunity import Stage
from crm_expenses.core.record import Kind
from crm_expenses.messages import LANGUAGES
from crm_expenses.messages import fields as unfilled

TABLE = field_map(
    Kind.CLAIM,
    {"id": "Id", "person": "Owner", "submitted": "Sent", "status": "Status", "title": "Name"},
    results={
        "claim_result.outcome": "Outcome__c",
        "claim_result.findings_en": "Findings__c",
        "claim_result.allowed": "Allowed__c",
        "claim_result.allowed_currency": "AllowedCurrency__c",
    },
)
GOOD = (
    FieldInfo("Id", "id", writable=False, required=True, unique=True),
    FieldInfo("Owner", "reference", required=True),
    FieldInfo("Sent", "datetime"),
    FieldInfo("Status", "picklist", options=("draft", "submitted", "approved", "paid")),
    FieldInfo("Name", "string", length=80),
    FieldInfo("Outcome__c", "string", length=40),
    FieldInfo("Findings__c", "textarea", length=32_768),
    FieldInfo("Allowed__c", "currency"),
    FieldInfo("AllowedCurrency__c", "string", length=3),
)


def described(*changed: FieldInfo, without: str = "") -> Description:
    """Give a description that fits, but for some fields."""
    names = {info.name for info in changed}
    kept = (info for info in GOOD if info.name not in names and info.name != without)
    return TABLE.description("Expense_Claim__c", [*kept, *changed])


def found(one: Description, *changes: Kind) -> list[Diagnosis]:
    """Compare; every diagnosis is a whole sentence in both languages."""
    diagnoses = list(compare("main", [one], changes))
    for each in diagnoses:
        said = [each.problem.describe(language) for language in LANGUAGES]
        assert len(set(said)) == 2
        assert not unfilled("".join(said))
    return diagnoses


def test_what_fits_is_good() -> None:
    """A description that fits is one good word, with the count of fields."""
    (one,) = found(described())
    assert (one.level, one.problem.code) == (Level.GOOD, "fieldcheck.good")
    assert one.problem.values["count"] == "9"


WRONG = [
    (described(without="Outcome__c"), "fieldcheck.missing", Level.BAD, "Outcome__c"),
    (
        described(FieldInfo("Allowed__c", "currency", writable=False)),
        "fieldcheck.read_only", Level.BAD, "Allowed__c",
    ),
    (
        described(FieldInfo("Findings__c", "string", length=255)),
        "fieldcheck.short", Level.BAD, "Findings__c",
    ),
    (described(FieldInfo("Outcome__c", "string", length=5)), "fieldcheck.short", Level.BAD,
     "Outcome__c"),
    (described(FieldInfo("Sent", "date")), "fieldcheck.form", Level.BAD, "Sent"),
    (described(FieldInfo("Owner", "boolean")), "fieldcheck.form", Level.BAD, "Owner"),
    (described(FieldInfo("Allowed__c", "date")), "fieldcheck.form", Level.BAD, "Allowed__c"),
    (
        described(FieldInfo("Status", "picklist", options=("draft", "Submitted!"))),
        "fieldcheck.options", Level.WARNING, "Status",
    ),
    (
        described(FieldInfo("Outcome__c", "picklist", options=("pass", "reduced"))),
        "fieldcheck.no_option", Level.BAD, "Outcome__c",
    ),
    (
        described(FieldInfo("Id", "id", writable=False)),
        "fieldcheck.not_unique", Level.WARNING, "Id",
    ),
    (
        described(FieldInfo("Region__c", "string", required=True)),
        "fieldcheck.not_filled", Level.WARNING, "Region__c",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("one", "code", "level", "theirs"), WRONG)
def test_what_does_not_fit_is_told(one: Description, code: str, level: Level, theirs: str) -> None:
    """Each way of not fitting is told of its field, and nothing else is."""
    (diagnosis,) = found(one)
    assert (diagnosis.problem.code, diagnosis.level) == (code, level)
    assert diagnosis.problem.values["theirs"] == theirs


def test_what_is_needed_is_said_in_words() -> None:
    """What a field should hold is told in the reader's language."""
    (one,) = found(described(FieldInfo("Sent", "date")))
    assert "it needs a moment, a text." in one.problem.describe("en")
    assert "需要时间、文本。" in one.problem.describe("zh")


def test_a_missing_field_names_the_nearest() -> None:
    """What is nearly the same name is told: it is mostly a slip of the pen."""
    (one,) = found(described(FieldInfo("Outcom__c", "string"), without="Outcome__c"))
    assert one.problem.values["near"].split(", ")[0] == "Outcom__c"
    (other,) = compare("main", [Description(Kind.CLAIM, "X", (), {"title": "Name"})])
    assert other.problem.values["near"] == "-"


def test_facts_must_be_writable_only_where_they_are_changed() -> None:
    """A field that we only read may be read only; one that we change may not."""
    one = described(FieldInfo("Name", "string", writable=False))
    assert [each.level for each in found(one)] == [Level.GOOD]
    (diagnosis,) = found(one, Kind.CLAIM)
    assert diagnosis.problem.code == "fieldcheck.read_only"


def test_a_field_that_is_long_enough_by_one() -> None:
    """The bound itself is enough, and one less is not."""
    for length, level in (
        (CHARS["findings_en"], Level.GOOD),
        (CHARS["findings_en"] - 1, Level.BAD),
    ):
        (one,) = found(described(FieldInfo("Findings__c", "string", length=length)))
        assert one.level is level


def test_options_that_mean_something_here() -> None:
    """An option that the adapter translates is known, whatever it is called."""
    words = {"Closed Won": Stage.WON, "Closed Lost": Stage.LOST, "New": Stage.OPEN}
    names = {"id": "Id", "owner": "Owner", "stage": "Stage"}
    table = field_map(Kind.OPPORTUNITY, names, {"stage": Choice(Stage, words)})
    infos = [
        FieldInfo("Id", "id", unique=True),
        FieldInfo("Owner", "reference"),
        FieldInfo("Stage", "picklist", options=tuple(words)),
    ]
    assert found(table.description("Deal", infos))[0].level is Level.GOOD
    more = replace(infos[2], options=(*words, "On hold"))
    (one,) = found(table.description("Deal", [*infos[:2], more]))
    assert one.problem.values["options"] == "On hold"


def test_the_form_is_believed_before_the_word() -> None:
    """What an adapter says of a field counts more than what the CRM calls it; else the word."""
    assert form_of(FieldInfo("x", "string", form=Form.MOMENT)) is Form.MOMENT
    assert form_of(FieldInfo("x", "True or False")) is Form.YES_NO
    assert form_of(FieldInfo("x", "formula of things")) is None
    assert found(described(FieldInfo("Sent", "formula")))[0].level is Level.GOOD
