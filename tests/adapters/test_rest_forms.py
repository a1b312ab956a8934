"""Forms in which values stand in the records of CRMs, beside the usual ones."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.adapters.fieldcodec import Unfit
from crm_expenses.adapters.rest.codecs import MicroAmount, OpenChoice, micros
from crm_expenses.adapters.rest.rowshape import RowShape
from crm_expenses.adapters.rest.speckind import FieldPart
from crm_expenses.adapters.rest.template import Filler
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.money import Money


def _shape(**parts: dict[str, Any]) -> RowShape:
    made = {name: FieldPart.model_validate({"field": name, **one}) for name, one in parts.items()}
    return RowShape(made, {})


@pytest.mark.parametrize(
    ("record", "read"),
    [
        ({"sent": "2026-01-02", "made": "2026-01-01"}, "2026-01-02"),
        ({"sent": None, "made": "2026-01-01"}, "2026-01-01"),
        ({"sent": "", "made": "2026-01-01"}, "2026-01-01"),
        ({"sent": False, "made": "2026-01-01"}, "2026-01-01"),
        ({"made": "2026-01-01"}, "2026-01-01"),
        ({"sent": None}, None),
    ],
)
def test_a_fallback_is_read_where_nothing_stands(record: dict[str, Any], read: object) -> None:
    """A record that was never sent has the day on which it was made."""
    shape = _shape(sent={"fallback": "made", "empty": False})
    assert shape.flat(record).get("sent") == read
    assert shape.nested({"sent": "2026-01-03"}) == {}


def test_texts_stand_behind_each_other() -> None:
    """First and last name make one name, which is read and never written."""
    shape = _shape(first={"also": ["last"]})
    assert shape.flat({"first": "Ann", "last": "Lee"})["first"] == "Ann Lee"
    assert shape.flat({"first": None, "last": "Lee"})["first"] == "Lee"
    assert shape.flat({})["first"] == ""
    assert shape.nested({"first": "Bo"}) == {}


def test_ids_go_as_whole_numbers() -> None:
    """What is no number is no id there, and none is asked for."""
    ids = {"encode": "integers", "of": "ids"}
    body = Filler("main").fill({"domain": [["id", "in", ids]]}, {"ids": ["7", "x", "08", "-1"]})
    assert body == {"domain": [["id", "in", [7, 8]]]}
    one: Any = {"encode": "integers", "of": "id"}
    assert Filler("main").fill(one, {"id": "7"}) == [7]


def test_ids_go_as_objects_and_numbers_as_texts() -> None:
    """Some CRMs want a list of objects, and others a number in quotes."""
    inputs: Any = {"encode": "items", "of": "ids", "value": {"id": "{each}"}}
    assert Filler("main").fill(inputs, {"ids": ["7", "8"]}) == [{"id": "7"}, {"id": "8"}]
    text: Any = {"encode": "text", "value": "{since}"}
    assert Filler("main").fill(text, {"since": 1763885580000}) == "1763885580000"


def test_a_choice_may_be_a_number() -> None:
    """A status that is a number is read as its digits, and written as a number where it must be."""
    words = {"0": ClaimStatus.DRAFT, "2": ClaimStatus.SUBMITTED}
    choice = OpenChoice(ClaimStatus, words, is_number=True)
    assert [choice.read(held) for held in (0, "0", 2)] == ["draft", "draft", "submitted"]
    assert choice.write(ClaimStatus.SUBMITTED) == 2
    with pytest.raises(Unfit):
        choice.read(5)


@given(st.integers(-(10**12), 10**12), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_millionths_are_exact(minor: int, currency: str) -> None:
    """An amount that is written in millionths is read back as it was."""
    money = Money(minor, currency)
    assert MicroAmount(currency=currency).read(micros(money)) == money


def test_millionths_that_are_no_amount_are_not_read() -> None:
    """Neither what is no number nor a part of a cent."""
    for value in (True, "1.2.3", None, 12_345_678):
        with pytest.raises(Unfit):
            MicroAmount(currency="CNY").read(value)
