"""Records: one canonical form, and a digest that tells every two contents apart."""

import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.record import TYPES, Kind, Record, canonical, digest, to_json
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.testing.samples import edited, sample
from crm_expenses.testing.strategies import records, texts

SHANGHAI = timezone(timedelta(hours=8))
CLAIM = Claim("C-1", "P-1", datetime(2026, 3, 4, 9, 30, tzinfo=SHANGHAI), title="出差")
LINE = ExpenseLine("L-1", "C-1", date(2026, 3, 2), "meal", Money(-1250, "CNY"), nights=0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "true"),
        (0, "0"),
        (-(10**20), "-100000000000000000000"),
        ("", '""'),
        ('a"\\\n餐\u202e', '"a\\"\\\\\\n餐\u202e"'),
        (Decimal("12.50"), '"12.50"'),
        (Decimal("1E+3"), '"1000"'),
        (Decimal("1E-7"), '"0.0000001"'),
        (date(2026, 1, 2), '"2026-01-02"'),
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), '"2026-01-02T03:04:00+00:00"'),
        (VoucherKind.E_FAPIAO, '"e_fapiao"'),
        ((1, ("a", [None])), '[1,["a",[null]]]'),
        (frozenset({"b", "a"}), '["a","b"]'),
        ({"b": 1, "a": {"d": None, "c": 2}}, '{"a":{"c":2},"b":1}'),
        ({VoucherKind.NONE: 1}, '{"none":1}'),
        (Voucher("V", VoucherKind.NONE), '{"id":"V","kind":"none"}'),
        (Voucher("", VoucherKind.NONE, number="1"), '{"id":"","kind":"none","number":"1"}'),
        (
            CLAIM,
            '{"id":"C-1","person":"P-1","status":"submitted",'
            '"submitted":"2026-03-04T09:30:00+08:00","title":"出差"}',
        ),
        (
            LINE,
            '{"amount":{"currency":"CNY","minor":-1250},"category":"meal","claim":"C-1",'
            '"date":"2026-03-02","id":"L-1","nights":0}',
        ),
    ],
)
def test_canonical_form(value: object, expected: str) -> None:
    """Keys are sorted, absent values left out, amounts and days are text, Chinese stays Chinese."""
    assert canonical(value) == expected


@pytest.mark.parametrize("value", [1.5, b"x", object(), {1, 2}, [0.1], {"a": {"b": 2j}}])
def test_what_has_no_canonical_form(value: object) -> None:
    """A float, bytes or anything else without one exact form is refused, however deep."""
    with pytest.raises(TypeError, match="has no canonical form"):
        canonical(value)


def test_a_float_that_hides_in_a_record_is_refused() -> None:
    """A wrong type inside a record does not slip into a digest."""
    with pytest.raises(TypeError, match="float"):
        digest(replace(LINE, distance=1.5))


def test_digests_that_are_stored_stay_valid() -> None:
    """These digests stand in stores: the form may not change without a migration."""
    assert digest(CLAIM) == "119b10726a76f92048b17efa662f4451c189ab8c301de7bde6e69dcd0844ab60"
    assert digest(LINE) == "64803f8b302fc8da2c3c86bd2ca8de0b4b9fd7ade6324875f310c54c96eb78e7"


def test_another_process_gives_the_same_digest() -> None:
    """Neither the seed of hashing nor the order of a set's items is seen in the digest."""
    code = (
        "from crm_expenses.core.record import digest\n"
        "print(digest([frozenset('abcdefgh'), {c: c for c in set('abcdefgh')}]))"
    )
    command = [sys.executable, "-c", code]
    found = {
        subprocess.run(
            command, check=True, capture_output=True, env={"PYTHONHASHSEED": seed, "PYTHONPATH": p}
        ).stdout
        for seed in ("1", "2")
        for p in [":".join(sys.path)]
    }
    here = digest([frozenset("abcdefgh"), {c: c for c in "hgfedcba"}])
    assert found == {f"{here}\n".encode()}


@given(records(), st.data())
def test_each_field_is_in_the_digest(record: Record, data: st.DataObject) -> None:
    """A record that differs in a single field has another digest; an equal one has the same."""
    kind = next(kind for kind, made in TYPES.items() if isinstance(record, made))
    other = data.draw(records(kind))
    assert digest(replace(record)) == digest(record)
    for field in fields(record):
        mixed = replace(record, **{field.name: getattr(other, field.name)})
        assert (repr(mixed) == repr(record)) == (canonical(mixed) == canonical(record))


@given(texts(), texts(), texts(), texts())
def test_texts_do_not_run_together(a: str, b: str, c: str, d: str) -> None:
    """Where one text ends and the next begins can be told from the digest."""
    one, other = Voucher("V", VoucherKind.NONE, a, b), Voucher("V", VoucherKind.NONE, c, d)
    assert (digest(one) == digest(other)) == ((a, b) == (c, d))


@pytest.mark.parametrize("kind", Kind)
def test_kinds_and_types_belong_together(kind: Kind) -> None:
    """Each kind has one type, whose canonical form holds all that a person filled in."""
    first, *_ = sample({kind})
    assert type(first) is TYPES[kind]
    assert canonical(edited(first)) != canonical(first)
    plain = to_json(first)
    assert isinstance(plain, dict)
    filled = {f.name for f in fields(first) if getattr(first, f.name) not in (None, "", ())}
    assert plain.keys() >= filled


def test_every_type_has_one_kind() -> None:
    """No type stands under two kinds, and no kind is without a type."""
    assert set(TYPES) == set(Kind)
    assert len(set(TYPES.values())) == len(TYPES)
