"""Which fields name which records: complete, and renamed without anything else being touched."""

from dataclasses import fields

import pytest
from hypothesis import given, settings

from crm_expenses.core.naming import FIELDS, Name, kinds_naming, names_in, renamed
from crm_expenses.core.record import TYPES, Kind, Record
from crm_expenses.testing.strategies import records


@pytest.mark.parametrize("kind", list(FIELDS))
def test_fields_are_there(kind: Kind) -> None:
    """Every field of the table is one of the record, and whoever is named knows who may name it."""
    assert FIELDS[kind].keys() <= {field.name for field in fields(TYPES[kind])}
    assert all(kind in kinds_naming(named) for named in FIELDS[kind].values())


@settings(max_examples=200, deadline=None)
@given(record=records())
def test_renaming_there_and_back(record: Record) -> None:
    """Names that are all changed are changed just there; changed back, the record is the same."""

    def marked(name: Name) -> str:
        return f"{name[1]}!"

    changed = renamed(record, marked)
    named = names_in(record)
    assert {f: n for f, (_, n) in names_in(changed).items()} == {
        f: f"{n}!" for f, (_, n) in named.items()
    }
    differ = {f.name for f in fields(record) if getattr(record, f.name) != getattr(changed, f.name)}
    assert differ == named.keys()
    assert renamed(changed, lambda name: name[1].removesuffix("!")) == record
    assert renamed(record, lambda name: name[1]) is record
