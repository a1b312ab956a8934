"""Canonical text: what a function for each type writes is what `to_json` says, byte for byte."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.adapters.contract import RESULTS
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.jsontext import parted, text_of, to_json
from crm_expenses.core.money import Money
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import Record, canonical, content_digest, digest
from crm_expenses.core.words import (
    NO_WORDS,
    commitment,
    committed,
    texts_of,
    with_words,
    words_of,
)
from crm_expenses.testing.samples import results
from crm_expenses.testing.strategies import records, texts


class Size(IntEnum):
    SMALL = 1


class Nothing(StrEnum):
    EMPTY = ""


@dataclass(frozen=True)
class Optional:
    """Nothing in it has to be there, so that no comma has a fixed side."""

    zeta: str = ""
    alpha: int | None = None
    beta: object = None
    gamma: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Middle:
    """What has to be there stands between what need not be."""

    mark: str
    many: object
    apart: str = ""
    zone: date | None = None
    lone: tuple[object, ...] = ()


PLAIN = st.sampled_from(
    [
        *(None, "", (), [], {}, 0, 1, -1, True, False, 10**30),
        *("x", 'a"\\\n\x00\x1f\x7f\u2028餐\U0001f35c', ',"title":"x"', "\ud800"),
        *(Decimal("1E+3"), Decimal("-0.10"), Decimal(0)),
        *(date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)),
        *(ClaimStatus.PAID, Size.SMALL, Nothing.EMPTY, Money(-5, "CNY"), Origin("a", "b")),
        *(frozenset(), frozenset({"b", "a"}), frozenset({Money(2, "EUR"), Money(1, "CNY")})),
    ]
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.sampled_from(["b", "a", "餐", "", ClaimStatus.PAID, 3]), inner)
        | st.builds(Optional, inner, inner, inner, inner)
        | st.builds(Middle, inner, inner, inner, inner, inner)
        | st.builds(Money, inner, inner)
    ),
    max_leaves=8,
)


def slow(value: object) -> str:
    """Write a value by way of plain JSON, as it was done before and is still meant."""
    return json.dumps(to_json(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@given(records())
def test_records_are_written_alike(record: Record) -> None:
    """Every kind of record has the same bytes in both ways."""
    assert text_of(record) == slow(record)


@given(VALUES)
def test_anything_is_written_alike(value: object) -> None:
    """So has anything else that has a canonical form, wherever it stands."""
    assert text_of(value) == slow(value)


@given(records(), st.data())
def test_a_field_may_hold_anything(record: Record, data: st.DataObject) -> None:
    """A field that holds what it is not meant for is written as what it holds."""
    name = data.draw(st.sampled_from([one.name for one in fields(record)]))
    other = replace(record, **{name: data.draw(PLAIN)})
    assert text_of(other) == slow(other)


def test_results_are_written_alike() -> None:
    """What is sent to a CRM is written alike, too."""
    for result in results(RESULTS):
        assert text_of(result) == slow(result)


@pytest.mark.parametrize("wrong", [1.5, b"x", object(), {1}, Record])
def test_no_form_in_a_field(wrong: object) -> None:
    """What has no canonical form is refused in both ways, in a field, a list and a mapping."""
    for held in (Middle("m", wrong), Optional(beta=wrong), [wrong], {"a": wrong}):
        with pytest.raises(TypeError):
            text_of(held)
        with pytest.raises(TypeError):
            slow(held)


@given(records(), st.data())
def test_words_are_written_apart(record: Record, data: st.DataObject) -> None:
    """The three texts are those of the record, of it without its words, and of these."""
    words = {name: data.draw(texts() | PLAIN.filter(_is_text)) for name in words_of(record)}
    said = with_words(record, words)
    assert texts_of(said) == apart(said)
    assert (texts_of(said)[2] == NO_WORDS) == (not words_of(said))


@given(records(), st.data())
def test_words_of_another_type(record: Record, data: st.DataObject) -> None:
    """What should be words and is no text is written apart, too; so is what any field may hold."""
    names = [one.name for one in fields(record)]
    odd = replace(record, **{data.draw(st.sampled_from(names)): data.draw(PLAIN)})
    assert texts_of(odd) == apart(odd)


def apart(record: Record) -> tuple[str, str, str]:
    """Write the three texts of a record one by one."""
    return slow(record), slow(with_words(record, {})), slow(words_of(record))


@pytest.mark.parametrize(
    ("kind", "name"), [(Optional, "zeta"), (Middle, "mark"), (Middle, "apart")]
)
def test_what_cannot_be_written_apart(kind: type, name: str) -> None:
    """A field is written apart only where, if it is there, something always stands before it."""
    with pytest.raises(ValueError, match=f"{kind.__name__}.{name} cannot be written apart"):
        parted(kind, [name])


@given(texts(), texts())
def test_short_ways_to_digests(one: str, other: str) -> None:
    """Digest and commitment from texts are those of the values that the texts stand for."""
    assert content_digest(one, other) == digest([one, other])
    assert committed(one, canonical({"title": other})) == commitment(one, {"title": other})


def _is_text(value: object) -> bool:
    return value.__class__ is str and value != "\ud800"
