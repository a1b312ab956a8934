"""The three-way merge by field, and its laws."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.merge import (
    Clash,
    Fate,
    FieldEdit,
    Merged,
    Winner,
    chained,
    content_of,
    merge,
    values_of,
)
from crm_expenses.core.money import Money
from crm_expenses.core.record import Json, Kind, canonical
from crm_expenses.store.codec import read_record
from crm_expenses.testing.samples import sample

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER, EARLIER = AT + timedelta(seconds=1), AT - timedelta(seconds=1)
NAMES = ("a", "b", "c", "d")
VALUES = st.sampled_from(["", "1", "2", "3", None, 1, True])


@st.composite
def edits(draw: st.DrawFn) -> list[FieldEdit]:
    """Give edits of some fields, each of a field of its own."""
    made = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True)):
        base, ours, between = draw(VALUES), draw(VALUES), draw(st.lists(VALUES, max_size=2))
        made.append(FieldEdit(name, base, ours, AT, tuple(between)))
    return made


THEIRS = st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES))
WINNERS = st.fixed_dictionaries(dict.fromkeys(NAMES, st.sampled_from(Winner)))
TIMES = st.sampled_from([None, EARLIER, AT, LATER])
World = tuple[Mapping[str, Json], list[FieldEdit], Mapping[str, Winner], datetime | None]
WORLDS = st.tuples(THEIRS, edits(), WINNERS, TIMES)


def merged(world: World) -> Merged:
    """Merge a world."""
    theirs, changed, winners, changed_at = world
    return merge(theirs, changed, winners.__getitem__, changed_at)


def one(
    theirs: Json, winner: Winner = Winner.ASK, at: datetime | None = None
) -> tuple[Json, Fate, tuple[Clash, ...]]:
    """Merge one field that was A and that we made B."""
    found = merge({"f": theirs}, [FieldEdit("f", "A", "B", AT)], lambda _: winner, at)
    return found.values["f"], found.fates["f"], found.clashes


def clash(winner: Winner | None) -> tuple[Clash, ...]:
    """Give the clash of A, X there and B here."""
    return (Clash("f", "A", "X", "B", winner),)


@pytest.mark.parametrize("winner", Winner)
def test_what_nobody_else_changed(winner: Winner) -> None:
    """As the base: ours stands and waits. As ours: agreed. Neither is a clash, whoever wins."""
    assert one("A", winner) == ("B", Fate.WAITING, ())
    assert one("B", winner) == ("B", Fate.DONE, ())


@pytest.mark.parametrize(
    ("winner", "at", "value", "fate", "stands"),
    [
        (Winner.CRM, None, "X", Fate.LOST, Winner.CRM),
        (Winner.OURS, None, "B", Fate.AGAIN, Winner.OURS),
        (Winner.ASK, LATER, "X", Fate.ASKED, None),
        (Winner.NEWEST, LATER, "X", Fate.LOST, Winner.CRM),
        (Winner.NEWEST, EARLIER, "B", Fate.AGAIN, Winner.OURS),
        (Winner.NEWEST, AT, "X", Fate.ASKED, None),
        (Winner.NEWEST, None, "X", Fate.ASKED, None),
    ],
)
def test_what_both_changed(
    winner: Winner, at: datetime | None, value: str, fate: Fate, stands: Winner | None
) -> None:
    """The declared winner stands; a person is asked where that is declared, or no time says it."""
    assert one("X", winner, at) == (value, fate, clash(stands))


def test_a_value_of_ours_that_arrived_is_no_news() -> None:
    """Where the CRM has what we sent before our latest edit, nobody else has changed the field."""
    edit = FieldEdit("f", "A", "C", AT, ("B",))
    for theirs in ("A", "B"):
        found = merge({"f": theirs}, [edit], lambda _: Winner.CRM)
        assert (found.values["f"], found.fates["f"], found.clashes) == ("C", Fate.WAITING, ())


@given(WORLDS)
def test_no_value_is_lost(world: World) -> None:
    """Each value of theirs that is not the known one, and each of ours, stands or is in a clash."""
    theirs, changed, _, _ = world
    found = merged(world)
    clashes = {one.field: one for one in found.clashes}
    for edit in changed:
        stands = found.values[edit.field]
        kept = [stands]
        if edit.field in clashes:
            kept += [clashes[edit.field].theirs, clashes[edit.field].ours]
            assert clashes[edit.field].base == edit.base
        assert edit.ours in kept
        known = (edit.base, *edit.between)
        assert theirs[edit.field] in kept or theirs[edit.field] in known


@given(WORLDS)
def test_agreement_is_no_clash(world: World) -> None:
    """Where both sides have the same value, or only one changed it, there is no clash."""
    theirs, changed, _, _ = world
    clashed = {one.field for one in merged(world).clashes}
    for edit in changed:
        both = theirs[edit.field] not in (edit.base, edit.ours, *edit.between)
        assert (edit.field in clashed) == both


@given(WORLDS)
def test_untouched_fields_are_theirs(world: World) -> None:
    """A field that no edit names is as the CRM has it, and every field is there."""
    theirs, changed, _, _ = world
    found = merged(world)
    touched = {edit.field for edit in changed}
    assert found.values.keys() == theirs.keys()
    assert found.fates.keys() == touched
    assert all(found.values[name] == theirs[name] for name in theirs.keys() - touched)


@given(WORLDS, st.randoms(use_true_random=False))
def test_the_order_of_edits_does_not_matter(world: World, order: object) -> None:
    """Edits of several fields in any order, and fields in any order, give the same."""
    theirs, changed, winners, at = world
    mixed, turned = list(changed), list(theirs.items())
    order.shuffle(mixed)  # type: ignore[attr-defined]
    order.shuffle(turned)  # type: ignore[attr-defined]
    again = merged((dict(turned), mixed, winners, at))
    assert (again.values, again.fates, again.clashes) == (
        merged(world).values,
        merged(world).fates,
        merged(world).clashes,
    )


@given(WORLDS)
def test_reading_again_changes_nothing(world: World) -> None:
    """Merged again with the edits that are left, on what is known then, a record stays."""
    theirs, changed, winners, at = world
    first = merged(world)
    left = [
        edit if first.fates[edit.field] is Fate.WAITING else replace(edit, base=theirs[edit.field])
        for edit in changed
        if first.fates[edit.field] in (Fate.WAITING, Fate.AGAIN)
    ]
    second = merge(theirs, left, winners.__getitem__, at)
    assert second.values == first.values
    assert not second.clashes


@given(WORLDS)
def test_what_arrives_is_agreed(world: World) -> None:
    """Once the CRM has the merged record, every edit that waited is done, and nothing clashes."""
    _, changed, winners, at = world
    first = merged(world)
    left = [e for e in changed if first.fates[e.field] in (Fate.WAITING, Fate.AGAIN)]
    second = merge(first.values, left, winners.__getitem__, at)
    assert set(second.fates.values()) <= {Fate.DONE}
    assert (second.values, second.clashes) == (first.values, ())


@pytest.mark.parametrize("kind", Kind)
def test_fields_and_back(kind: Kind) -> None:
    """Every record is what its fields say it is, fields of its own CRM included."""
    for record in sample({kind}):
        assert read_record(kind, canonical(content_of(values_of(record)))) == record


def test_fields_of_the_crm_have_names_of_their_own() -> None:
    """What a CRM keeps beside the known fields is changed one by one."""
    line = ExpenseLine("L", "C", date(2026, 3, 1), "meal", Money(1, "CNY"), extra=(("a", "1"),))
    values = values_of(line)
    assert values["extra.a"] == "1"
    assert "extra" not in values
    made = read_record(Kind.LINE, canonical(content_of(values | {"extra.b": "2", "extra.a": ""})))
    assert isinstance(made, ExpenseLine)
    assert made.extra == (("b", "2"),)
    assert json.loads(canonical(values["amount"])) == {"minor": 1, "currency": "CNY"}


def test_edits_of_one_field_are_a_chain() -> None:
    """The first base, the last value of ours, and what was ours between."""
    assert chained([("A", "B")]) == ("A", "B", ())
    assert chained([("A", "B"), ("B", "C"), ("C", "D")]) == ("A", "D", ("B", "C"))
