"""How values stand in a CRM: each comes back as it was written, and nonsense is told as such."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_expenses.adapters.exchange import json_bytes, read_json
from crm_expenses.adapters.fieldcodec import Unfit
from crm_expenses.adapters.files.shape import FieldType, shapes
from crm_expenses.adapters.rest.codecs import Zones, codec_fault, codec_of
from crm_expenses.adapters.rest.speckind import FieldPart, Form
from crm_expenses.core.money import Money
from crm_expenses.core.record import Kind
from crm_expenses.errors import MappingError

ZONES = st.sampled_from(
    ["UTC", "Asia/Shanghai", "Asia/Kolkata", "America/Sao_Paulo", "Europe/Berlin", "Pacific/Apia"]
)
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
WHOLE = {Form.EPOCH_S: 1_000_000, Form.EPOCH_MS: 1000, None: 1, Form.PARTS: 1}
SHAPE = {
    "day": shapes(Kind.LINE)["date"],
    "time": shapes(Kind.CLAIM)["submitted"],
    "amount": shapes(Kind.LINE)["amount"],
    "count": shapes(Kind.LINE)["nights"],
    "number": shapes(Kind.LINE)["distance"],
    "yes": shapes(Kind.LINE)["pre_approved"],
    "choice": shapes(Kind.CLAIM)["status"],
    "text": shapes(Kind.LINE)["purpose"],
    "reference": shapes(Kind.LINE)["account"],
}
PARTS = st.sampled_from(["year", "month", "day", "hour", "second", "microsecond", "x"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
TRASH = st.recursive(
    LEAVES | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PARTS, inner, max_size=4),
    max_leaves=8,
)


def part(**held: object) -> FieldPart:
    """Make the part of a field."""
    return FieldPart.model_validate({"field": "f", **held})


def zones(naive: str = "UTC", seen: str = "UTC") -> Zones:
    """Make zones."""
    return Zones(ZoneInfo(naive), ZoneInfo(seen))


def over_the_wire(value: object) -> Any:  # noqa: ANN401  whatever JSON holds
    """Send a value as JSON and read it back."""
    return read_json(json_bytes({"v": value}))["v"]  # type: ignore[index,call-overload]


@given(MOMENTS, ZONES, ZONES, st.sampled_from([*WHOLE]))
def test_moment_comes_back(moment: datetime, naive: str, seen: str, form: Form | None) -> None:
    """A time in any form and zone is the same moment again, as exactly as the form can say it."""
    codec = codec_of(SHAPE["time"], part(**({"as": form} if form else {})), zones(naive, seen))
    micros = moment.microsecond - moment.microsecond % WHOLE[form]
    exact = moment.replace(microsecond=micros)
    try:
        read = codec.read(over_the_wire(codec.write(exact)))
    except Unfit:
        pytest.fail(f"{codec.write(exact)} is not read")
    is_twice = form is Form.PARTS and _is_twice(exact, naive)
    assert read == exact or (is_twice and abs(read - exact) <= timedelta(hours=1))
    assert read.tzinfo == ZoneInfo(seen)


def _is_twice(moment: datetime, zone: str) -> bool:
    held = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    both = [held.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() for fold in (0, 1)]
    return both[0] != both[1]


@given(DAYS, ZONES, ZONES, st.sampled_from([None, Form.DATE, *WHOLE, Form.DATETIME]))
@example(date(2018, 11, 4), "America/Sao_Paulo", "Asia/Shanghai", Form.EPOCH_S)
@example(date(2018, 11, 4), "America/Sao_Paulo", "Asia/Shanghai", Form.DATETIME)
def test_day_comes_back(day: date, naive: str, seen: str, form: Form | None) -> None:
    """A day is the same day again, as a text, as a time in the CRM's zone, or as seconds."""
    codec = codec_of(SHAPE["day"], part(**({"as": form} if form else {})), zones(naive, seen))
    if naive == "Pacific/Apia" and day == date(2011, 12, 30):
        return  # a day that this place has never had
    assert codec.read(over_the_wire(codec.write(day))) == day


@given(
    MOMENTS, st.sampled_from(["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S.000Z"])
)
def test_moment_in_a_form_of_its_own_comes_back(moment: datetime, form: str) -> None:
    """A time as some text is the same moment again, to the second."""
    exact = moment.replace(microsecond=0)
    codec = codec_of(SHAPE["time"], part(format=form), zones())
    assert codec.read(over_the_wire(codec.write(exact))) == exact


@given(
    st.integers(0, 10**12),
    st.sampled_from(["CNY", "JPY", "KWD"]),
    st.sampled_from([None, Form.TEXT, Form.NUMBER, Form.FLOAT, Form.CENTS]),
)
def test_amount_comes_back(minor: int, currency: str, form: Form | None) -> None:
    """Money is exact in every form, also where the other side keeps floats."""
    held = part(fixed_currency=currency, **({"as": form} if form else {}), scale=3)
    codec = codec_of(SHAPE["amount"], held, zones())
    money = Money(minor, currency)
    back = over_the_wire(codec.write(money))
    assert codec.read(back) == money
    if form is Form.FLOAT and isinstance(back, Decimal | int):
        noisy = Decimal(repr(float(back) * (1 + 2**-52)))
        assert codec.read(noisy) == money or abs(noisy) > 10**11


@given(st.integers(0, 10**4), st.sampled_from([None, Form.INTEGER, Form.TEXT]))
def test_count_comes_back(count: int, form: Form | None) -> None:
    """A whole number is the same, as a number or a text."""
    codec = codec_of(SHAPE["count"], part(**({"as": form} if form else {})), zones())
    assert codec.read(over_the_wire(codec.write(count))) == count


@given(st.decimals(0, 10**6, places=2), st.sampled_from([None, Form.TEXT, Form.NUMBER]))
def test_number_comes_back(number: Decimal, form: Form | None) -> None:
    """A number is the same, as a number or a text."""
    codec = codec_of(SHAPE["number"], part(**({"as": form} if form else {})), zones())
    assert codec.read(over_the_wire(codec.write(number))) == number


@given(st.booleans(), st.sampled_from([{}, {"1": "yes", "0": "no"}, {"on": "yes", "": "no"}]))
def test_yes_and_no_come_back(value: bool, words: dict[str, str]) -> None:  # noqa: FBT001  the value
    """Yes is yes, whatever its word."""
    codec = codec_of(SHAPE["yes"], part(words=words), zones())
    assert codec.read(over_the_wire(codec.write(value))) is value


@given(st.integers(1, 10**17), st.sampled_from([Form.INTEGER, Form.REFERENCE, Form.TEXT]))
def test_id_comes_back(number: int, form: Form) -> None:
    """An id of another record is the same text here, a number or a text there."""
    codec = codec_of(SHAPE["reference"], part(**{"as": form}), zones())
    assert codec.read(over_the_wire(codec.write(str(number)))) == str(number)


def test_words_are_translated_and_others_stay() -> None:
    """A word has its own meaning here; one that has none is kept, or means what the file says."""
    words = {"Flight": "airfare", "Bahn": "rail"}
    codec = codec_of(SHAPE["text"], part(words=words), zones())
    assert [codec.read(word) for word in ("Flight", "taxi", 7)] == ["airfare", "taxi", "7"]
    assert [codec.write(word) for word in ("airfare", "taxi")] == ["Flight", "taxi"]
    other = codec_of(SHAPE["text"], part(words=words, otherwise="other"), zones())
    assert other.read("taxi") == "other"


def test_options_beyond_the_list_mean_the_other() -> None:
    """A status that the CRM's people invented means what the file says, or is told."""
    choices = SHAPE["choice"].choices
    assert choices is not None
    one, two = list(choices)[:2]
    held = part(words={"Neu": one.value}, otherwise=two.value)
    codec = codec_of(SHAPE["choice"], held, zones())
    assert (codec.read("Neu"), codec.read("Erfunden")) == (one, two)
    strict = codec_of(SHAPE["choice"], part(words={"Neu": one.value}), zones())
    with pytest.raises(Unfit):
        strict.read("Erfunden")


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (Form.EPOCH_S, "--5"), (Form.EPOCH_S, "5-"), (Form.EPOCH_S, "٣"), (Form.EPOCH_S, True),
        (Form.EPOCH_S, 10**30), (Form.EPOCH_MS, -(10**30)), (Form.EPOCH_S, "9" * 400),
        (Form.PARTS, {"year": 10**30, "month": 1, "day": 1}), (Form.PARTS, {"year": 2026}),
        (Form.PARTS, {"year": 2026, "month": True, "day": 1}), (Form.PARTS, []),
        (None, "9999-12-31T23:59:59-23:59"), (None, "0001-01-01T00:00:00+23:59"),
        (None, "2026-02-30"), (None, "tomorrow"), (None, 7), (None, "x" * 100_000),
    ],
)  # fmt: skip
def test_nonsense_is_no_time(form: Form | None, value: object) -> None:
    """What is no time is told as such, however large or odd."""
    codec = codec_of(SHAPE["time"], part(**({"as": form} if form else {})), zones())
    with pytest.raises(Unfit):
        codec.read(value)  # type: ignore[arg-type]


def test_seconds_may_have_a_fraction() -> None:
    """Seconds since 1970 come as a fraction, too, and keep it."""
    codec = codec_of(SHAPE["time"], part(**{"as": Form.EPOCH_S}), zones())
    read = codec.read(Decimal("1763885580.25"))
    assert read == datetime(2025, 11, 23, 8, 13, 0, 250_000, tzinfo=UTC)
    with pytest.raises(Unfit):
        codec.read(Decimal("1E+40"))


FITTING = [
    (name, form)
    for name, shape in SHAPE.items()
    for form in (None, *Form)
    if not codec_fault(
        shape,
        part(
            **({"as": form} if form else {}),
            **({"fixed_currency": "CNY"} if shape.form is FieldType.MONEY else {}),
            scale=2,
        ),
    )
]


@pytest.mark.parametrize(("name", "form"), FITTING, ids=[f"{n} {f}" for n, f in FITTING])
@settings(max_examples=25)
@given(value=TRASH)
def test_nothing_that_comes_breaks_a_codec(name: str, form: Form | None, value: object) -> None:
    """Whatever stands in a field is read, or told as unfit: no other error, in any form."""
    money = {"fixed_currency": "CNY"} if name == "amount" else {}
    held = part(**({"as": form} if form else {}), **money, scale=2)
    codec = codec_of(SHAPE[name], held, zones("Asia/Kolkata", "America/Sao_Paulo"))
    try:
        read = codec.read(value)  # type: ignore[arg-type]
    except (Unfit, MappingError):
        return
    assert isinstance(read, str | date | datetime | Money | Decimal | int | bool | StrEnum | tuple)
