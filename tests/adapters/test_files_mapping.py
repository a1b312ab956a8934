"""The mapping file: every mistake at once, with its place; its schema; its numbers and dates."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from hypothesis import assume, given

from crm_expenses.adapters.files.mapping import Cell, Source, mapping_schema
from crm_expenses.adapters.files.mappingfile import mapping_of
from crm_expenses.adapters.files.packing import pack, unpacker
from crm_expenses.adapters.files.plan import RecordPlan, columns_of
from crm_expenses.adapters.files.rows import Row
from crm_expenses.adapters.files.shape import mappable, shapes
from crm_expenses.adapters.files.values import Wrong, number_reader, shown
from crm_expenses.core.money import Money
from crm_expenses.core.record import TYPES, Kind, Record
from crm_expenses.errors import ConfigError, Problem
from crm_expenses.messages import fields as unfilled
from crm_expenses.testing import strategies
from crm_expenses.tomlfile import parse_toml

HEADER = '[mapping]\nversion = 1\ntimezone = "Asia/Shanghai"\n'
CLAIM = """
[[source]]
kind = "claim"
files = ["claims.csv"]
[source.fields]
id = "Claim"
person = "Who"
submitted = "When"
"""


def problems_of(toml: str) -> list[Problem]:
    """Give the mistakes of a mapping."""
    with pytest.raises(ConfigError) as caught:
        mapping_of(parse_toml(toml, "m.toml"))
    for problem in caught.value.problems:
        english, chinese = problem.describe("en"), problem.describe("zh")
        given_fields = unfilled("".join(problem.values.values()))
        assert english != chinese
        assert unfilled(english) | unfilled(chinese) <= given_fields, english
    return list(caught.value.problems)


def test_all_mistakes_at_once_with_their_places() -> None:
    """Mistakes in different tables are all reported, each at its line."""
    toml = """[mapping]
version = 1
timezone = "Asia/Nowhere"
encoding = "rot13"
[[source]]
kind = "claim"
files = ["../claims.csv", "claims.*"]
[source.fields]
id = "Claim"
persn = "Who"
status = { value = "submited" }
submitted = { column = "When", formats = ["%Q"] }
[[source]]
kind = "line"
files = ["lines.csv"]
delimiter = ";;"
colour = 1
[source.fields]
id = { column = "No", template = "x" }
"""
    found = {(problem.code, problem.place.line) for problem in problems_of(toml)}
    assert found >= {
        ("files.timezone", 3),
        ("files.encoding", 4),
        ("files.pattern_outside", 7),
        ("files.pattern_suffix", 7),
        ("files.field_unknown", 10),
        ("files.field_missing", 8),
        ("record.cell_choice", 11),
        ("files.format", 12),
        ("toml.unknown_name", 17),
        ("files.cell_origin", 19),
        ("files.field_missing", 18),
    }


MISTAKES = {
    "no source": ("", "files.no_source"),
    "unknown table": (CLAIM + "\n[other]\n", "toml.unknown_name"),
    "unknown kind": (CLAIM.replace('"claim"', '"clam"'), "toml.not_choice"),
    "absolute pattern": (CLAIM.replace("claims.csv", "/etc/claims.csv"), "files.pattern_outside"),
    "no files": (CLAIM.replace('"claims.csv"', ""), "toml.value"),
    "explode without JSON": (
        CLAIM.replace('kind = "claim"', 'kind = "claim"\nexplode = "x"'),
        "files.explode",
    ),
    "delimiter": (
        CLAIM.replace('kind = "claim"', 'kind = "claim"\ndelimiter = ""'),
        "files.delimiter",
    ),
    "option of another type": (CLAIM + 'title = { column = "T", group = "," }\n', "files.option"),
    "format without a year": (
        CLAIM.replace('"When"', '{ column = "When", formats = ["%d.%m."] }'),
        "files.format",
    ),
    "template": (CLAIM.replace('"Claim"', '{ template = "{a" }'), "files.template"),
    "empty column": (CLAIM.replace('"Claim"', '" "'), "files.cell_origin"),
    "translation to nothing known": (
        CLAIM + 'status = { column = "S", values = { "x" = "okay" } }\n',
        "record.cell_choice",
    ),
    "otherwise to nothing known": (
        CLAIM + 'status = { column = "S", values = { "x" = "paid" }, otherwise = "okay" }\n',
        "record.cell_choice",
    ),
    "strict and otherwise": (
        CLAIM
        + 'title = { column = "S", values = { "x" = "y" }, otherwise = "z", strict = true }\n',
        "files.strict_otherwise",
    ),
    "otherwise without values": (
        CLAIM + 'title = { column = "S", otherwise = "z" }\n',
        "files.no_values",
    ),
    "else behind a constant": (
        CLAIM + 'title = { value = "S", else = "T" }\n',
        "files.else_after_value",
    ),
    "else too deep": (
        CLAIM + "title = " + '{ column = "a", else = ' * 9 + '"b"' + " }" * 9 + "\n",
        "files.else_deep",
    ),
    "amount without a currency": (
        CLAIM.replace('"claim"', '"opportunity"')
        .replace("person", "owner")
        .replace("submitted", "stage")
        + 'amount = "A"\n',
        "files.field_missing",
    ),
    "group is decimal": (
        CLAIM.replace('"claim"', '"satisfaction"')
        + 'score = { column = "S", group = ",", decimal = "," }\n',
        "files.group",
    ),
}


@pytest.mark.parametrize(("toml", "code"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistake_has_its_own_sentence(toml: str, code: str) -> None:
    """Each kind of mistake has a sentence of its own in both languages, and a place."""
    found = [problem for problem in problems_of(HEADER + toml) if problem.code == code]
    assert found
    assert found[0].place.file == "m.toml"


def test_unknown_field_suggests_the_nearest() -> None:
    """A slip in a field's name is told the name that was meant."""
    found = problems_of(HEADER + CLAIM.replace("person =", "persn ="))
    assert "person" in next(p for p in found if p.code == "files.field_unknown").describe()


def test_schema_accepts_what_is_read() -> None:
    """The JSON Schema is valid, accepts a good mapping, and refuses an unknown name."""
    schema = mapping_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    toml = HEADER + CLAIM + 'title = { column = "T", else = { value = 3 } }\n'
    data = parse_toml(toml, "m").data
    mapping_of(parse_toml(toml, "m"))
    jsonschema.validate(data, schema)
    wrong = parse_toml(toml.replace("else", "or"), "m").data
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema)


NUMBERS = [
    ("1.234.567,89", ",", ".", "1234567.89"),
    ("12,34,567.5", ".", ",", "1234567.5"),
    ("1234,5", ",", ".", "1234.5"),
    ("-0.5", ".", "", "-0.5"),
    ("1 234", ".", " ", "1234"),
    ("1'234.50", ".", "'", "1234.50"),
]


@pytest.mark.parametrize(("text", "decimal", "group", "number"), NUMBERS)
def test_number_in_the_stated_form(text: str, decimal: str, group: str, number: str) -> None:
    """A number in the form that the mapping states is read exactly."""
    read = number_reader(decimal=decimal, group=group, scale=0, is_negative_refused=False)
    assert read(text) == Decimal(number)


OTHER_FORMS = [
    ("1,5", ".", ","),
    ("1.234", ",", ""),
    ("1,234,5", ".", ","),
    (",234", ".", ","),
    ("1,234.", ".", ","),
    (".5", ".", ""),
    ("1 234", ".", ""),
    ("", ".", ""),
    ("1" * 16, ".", ""),
    ("0." + "1" * 10, ".", ""),
]


@pytest.mark.parametrize(("text", "decimal", "group"), OTHER_FORMS)
def test_number_in_another_form_is_refused(text: str, decimal: str, group: str) -> None:
    """A number in another form is refused, never taken for a thousand times more or less."""
    read = number_reader(decimal=decimal, group=group, scale=0, is_negative_refused=False)
    with pytest.raises(Wrong):
        read(text)


def test_scale_counts_minor_units() -> None:
    """With `scale = 2` the file counts cents."""
    read = number_reader(decimal=".", group="", scale=2, is_negative_refused=False)
    assert read("-12345") == Decimal("-123.45")


def test_hidden_characters_are_shown() -> None:
    """A message makes right-to-left marks visible, so that they cannot turn the sentence."""
    assert "\u202e" not in shown("a\u202eb")


# --- a written record is read back as it was ---


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case Money():
            return f"{value.amount:f}"
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _plain_mapping(kind: Kind) -> Source:
    fields = {name: Cell(column=name) for name in mappable(kind)}
    return Source(kind=kind, files=("x.csv",), fields=fields)


@given(record=strategies.records())
def test_written_record_is_read_back(record: Record) -> None:
    """Any record written as text, a column a field, is mapped back into itself."""
    kind = next(kind for kind, made in TYPES.items() if type(record) is made)
    source = _plain_mapping(kind)
    columns = columns_of(source)
    held = {name: getattr(record, name) for name in shapes(kind)}
    for shape in shapes(kind).values():
        if isinstance(held[shape.name], str):
            assume(held[shape.name].strip() or not shape.is_required)
    amount = next((value for value in held.values() if isinstance(value, Money)), None)
    if amount is not None:
        held.setdefault("currency", amount.currency)
    row = Row("x.csv", 2, 1, tuple(_cell(held.get(column)) for column in columns))
    read = RecordPlan(source, columns, ZoneInfo("Asia/Shanghai")).read(row)
    assert not isinstance(read, tuple), [problem.describe() for problem in read]
    for name, value in held.items():
        expected = value.strip() if type(value) is str else value
        assert name not in shapes(kind) or getattr(read, name) == expected


@given(record=strategies.records())
def test_packed_record_is_unpacked(record: Record) -> None:
    """Any record goes through the spool's text unchanged."""
    kind = next(kind for kind, made in TYPES.items() if type(record) is made)
    assert unpacker(kind, None)(pack(kind, record)) == record
