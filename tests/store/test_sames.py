"""Links are an equivalence: groups come out as the pairs say, however they were said."""

from collections.abc import Sequence
from random import Random
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select, update
from stored_company import AT

from crm_expenses.core.audit import Fault
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError
from crm_expenses.store import Store
from crm_expenses.store import tables as t
from crm_expenses.store.groups import Member, group_name, group_of, groups, newest_link
from crm_expenses.store.sames import BY_HAND, Said, link_all, unlink

SAID: Final = Said("P9", AT, "the same person")
KIND: Final = Kind.ACCOUNT_MANAGER
Pair = tuple[Member, Member]
Partition = frozenset[frozenset[Member]]

members = st.builds(Member, st.sampled_from("abcd"), st.sampled_from("123"))
pairs = st.tuples(members, members)
per_test = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def link(connection: Connection, pair: Pair) -> bool:
    """Link two records; False where that is known, or would join two of one CRM."""
    try:
        return bool(link_all(connection, KIND, [pair], how=BY_HAND, said=SAID))
    except ConfigError:
        return False


def partition(connection: Connection) -> Partition:
    """Give the groups as they are kept; each is well formed."""
    found = groups(connection, KIND)
    for group in found:
        assert len(group.members) >= 2
        assert len({member.crm for member in group.members}) == len(group.members)
        assert group.name == group_name(group.members)
        assert all(group_of(connection, KIND, member) == group for member in group.members)
    return frozenset(frozenset(group.members) for group in found)


def joined(said: Sequence[Pair]) -> Partition:
    """Give the groups that pairs make, by the definition: what a chain of pairs connects."""
    sets: list[set[Member]] = []
    for pair in said:
        met = [one for one in sets if one & set(pair)]
        union = set(pair).union(*met)
        if len({member.crm for member in union}) == len(union) > 1:
            sets = [one for one in sets if one not in met] + [union]
    return frozenset(frozenset(one) for one in sets)


def emptied(connection: Connection) -> None:
    """Begin anew."""
    connection.execute(delete(t.same))


@given(st.lists(pairs, max_size=8))
@per_test
def test_groups_are_equivalence_classes(store: Store, said: list[Pair]) -> None:
    """After any pairs, records are in one group exactly where a chain of pairs connects them."""
    with store.writing() as connection:
        emptied(connection)
        for pair in said:
            link(connection, pair)
        assert partition(connection) == joined(said)


@given(st.lists(pairs, max_size=6), st.randoms(use_true_random=False))
@per_test
def test_order_and_direction_do_not_matter(store: Store, said: list[Pair], chance: Random) -> None:
    """Pairs that can all stand give the same rows in any order, said either way round."""
    can_stand = [
        pair for pair in said if pair[0].id == pair[1].id
    ]  # then no CRM has two in a group
    other = [pair[::-1] for pair in can_stand]
    chance.shuffle(other)
    kept = []
    with store.writing() as connection:
        for some in (can_stand, other):
            emptied(connection)
            for pair in some:
                link(connection, pair)
            rows = connection.execute(select(t.same.c.crm, t.same.c.id, t.same.c.name))
            kept.append(sorted(tuple(row) for row in rows))
        assert kept[0] == kept[1]


@given(st.lists(pairs, max_size=6), members)
@per_test
def test_removing_undoes_adding(store: Store, said: list[Pair], to: Member) -> None:
    """A record that was on its own, linked and taken out again, leaves all as it was."""
    alone = Member("z", "9")
    with store.writing() as connection:
        emptied(connection)
        for pair in said:
            link(connection, pair)
        before = partition(connection)
        assert link(connection, (alone, to))
        assert partition(connection) != before
        assert unlink(connection, KIND, alone, SAID)
        assert partition(connection) == before
        assert not unlink(connection, KIND, alone, SAID)


@given(st.lists(pairs, min_size=1, max_size=6), st.data())
@per_test
def test_the_others_stay_one_thing(store: Store, said: list[Pair], data: st.DataObject) -> None:
    """Taking one out takes only that one out; a single one that is left is no group."""
    with store.writing() as connection:
        emptied(connection)
        for pair in said:
            link(connection, pair)
        before = partition(connection)
        if not before:
            return
        group = data.draw(st.sampled_from(sorted(before, key=sorted)))
        out = data.draw(st.sampled_from(sorted(group)))
        assert unlink(connection, KIND, out, SAID)
        left = group - {out}
        assert partition(connection) == (before - {group}) | ({left} if len(left) > 1 else set())


@given(st.lists(st.tuples(st.booleans(), pairs), max_size=8))
@per_test
def test_every_change_of_links_is_noticed(store: Store, steps: list[tuple[bool, Pair]]) -> None:
    """What tells whether links changed differs between any two states that differ."""
    with store.writing() as connection:
        emptied(connection)
        seen = {newest_link(connection): partition(connection)}
        for is_link, pair in steps:
            _ = link(connection, pair) if is_link else unlink(connection, KIND, pair[0], SAID)
            now = partition(connection)
            assert seen.setdefault(newest_link(connection), now) == now


def test_two_of_one_crm_are_never_one(store: Store) -> None:
    """A link that would make two records of a CRM one is refused, and changes nothing."""
    a1, a2, b1 = Member("a", "1"), Member("a", "2"), Member("b", "1")
    with store.writing() as connection:
        link(connection, (a1, b1))
    with pytest.raises(ConfigError, match="1 and 2 of the CRM a") as told, store.writing() as c:
        link_all(c, KIND, [(b1, a2)], how=BY_HAND, said=SAID)
    assert told.value.code == "links.two_of_one_crm"
    with store.writing() as connection:
        assert partition(connection) == {frozenset({a1, b1})}


def test_kinds_are_apart(store: Store) -> None:
    """A link of people says nothing about customers of the same ids."""
    a, b, c = (Member(crm, "1") for crm in "abc")
    with store.writing() as connection:
        link(connection, (a, b))
        link_all(connection, Kind.ACCOUNT, [(b, c)], how="id", said=SAID)
        assert partition(connection) == {frozenset({a, b})}
        assert [group.members for group in groups(connection, Kind.ACCOUNT)] == [(b, c)]


def test_the_log_says_who_and_why(store: Store) -> None:
    """Each link is in the log with the person; the reason stands beside it, to be erased."""
    a, b = Member("a", "1"), Member("b", "1")
    with store.writing() as connection:
        link(connection, (a, b))
        unlink(connection, KIND, a, SAID)
        rows = connection.execute(select(t.reason.c.person, t.reason.c.content)).all()
    assert {tuple(row) for row in rows} == {("P9", "the same person")}
    assert store.check_contents().broken is None
    assert store.log_broken_at() is None


@pytest.mark.parametrize("column", ["name", "how", "id", "crm"])
def test_a_link_that_was_changed_breaks_the_log(store: Store, column: str) -> None:
    """No link can be changed unseen, nor taken out or put in."""
    a, b = Member("a", "1"), Member("b", "1")
    with store.writing() as connection:
        link(connection, (a, b))
    assert store.check_contents().broken is None
    with store.writing() as connection:
        of_a = t.same.c.crm == "a"
        connection.execute(update(t.same).where(of_a).values({column: "zzz"}))
    broken = store.check_contents().broken
    assert broken is not None
    assert broken.fault is Fault.CONTENT


def test_a_link_that_was_taken_out_or_added_breaks_the_log(store: Store) -> None:
    """A row that is missing is named by its entry, one that nobody logged is told as well."""
    a, b = Member("a", "1"), Member("b", "1")
    with store.writing() as connection:
        link(connection, (a, b))
        row = {"kind": "account", "crm": "c", "id": "1", "name": "x", "how": "id", "entry": 1}
        connection.execute(t.same.insert(), row)
    broken = store.check_contents().broken
    assert broken is not None
    assert broken.fault is Fault.SHORT
    with store.writing() as connection:
        connection.execute(delete(t.same))
    broken = store.check_contents().broken
    assert broken is not None
    assert broken.fault is Fault.CONTENT
