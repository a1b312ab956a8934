"""The suite's tests of changes: fields of records that are written from here.

An adapter that changes no record passes them by refusing.
"""

from dataclasses import replace
from typing import Any

from crm_expenses.adapters.contract import (
    Ability,
    AckState,
    Adapter,
    Change,
    ResultKind,
    Support,
    WriteBack,
)
from crm_expenses.core.record import Kind, Record, digest
from crm_expenses.testing.bench import Bench
from crm_expenses.testing.expectations import (
    conflict_or_state,
    expect,
    facts_of,
    pages,
    push_done,
    push_refused,
    seeded,
)
from crm_expenses.testing.samples import edit_of, edited


class ChangeSuite:
    """The part of `AdapterSuite` that tries `ResultKind.CHANGE`."""

    def test_changes_are_declared_honestly(self, bench: Bench) -> None:
        """Who says which kinds can be changed writes changes, and reads those kinds."""
        held = bench.adapter().capabilities
        can = ResultKind.CHANGE in held.writes
        expect(can == bool(held.changes), f"CHANGE is written: {can}, but of {held.changes}")
        expect(held.changes <= held.reads, f"{held.changes - held.reads} is changed, not read")
        expect(Kind.APPROVAL not in held.changes, "what somebody said is not changed from here")

    def test_kinds_that_cannot_be_changed_are_refused(self, bench: Bench) -> None:
        """A change of a kind that is not declared raises UnsupportedError and writes nothing."""
        adapter = seeded(bench)
        for kind in set(Kind) - adapter.capabilities.changes:
            push_refused(adapter, _change(bench, adapter, kind))
        expect(bench.changes() in (None, 0), "what was refused has been written")

    def test_a_change_arrives_and_touches_nothing_else(self, bench: Bench) -> None:
        """Only the fields that a change names are written, whatever else its record says."""
        adapter = seeded(bench)
        for kind in _kinds(adapter):
            push_done(adapter, [_change(bench, adapter, kind)])
            _stands(bench, kind, edited(bench.sample({kind})[1]))
            for other in (0, 2, 3, 4):
                _stands(bench, kind, bench.sample({kind})[other])

    def test_the_same_change_twice_acts_once(self, bench: Bench) -> None:
        """A change sent again with its key is DONE without a second effect, after a restart too."""
        adapter = seeded(bench)
        for number, kind in enumerate(_kinds(adapter), start=1):
            write = _change(bench, adapter, kind)
            for one in (adapter, adapter, bench.adapter()):
                push_done(one, [write])
            _acted(bench, number)

    def test_an_uncertain_change_is_not_doubled(self, bench: Bench) -> None:
        """A change that may have arrived acts once in all, whether it had arrived or not."""
        adapter = seeded(bench)
        for number, kind in enumerate(_kinds(adapter), start=1):
            write = _change(bench, adapter, kind)
            if number % 2:  # had arrived
                push_done(adapter, [write])
            push_done(bench.adapter(), [replace(write, uncertain=True)])
            _acted(bench, number)
            _stands(bench, kind, edited(bench.sample({kind})[1]))

    def test_a_change_on_a_stale_version_is_a_conflict(self, bench: Bench) -> None:
        """A change of what a person has changed since is a conflict, as CONFLICTS declares it.

        YES: the person's value stands, also where a send before may have arrived. NO: it is
        written.
        """
        adapter = seeded(bench)
        support = adapter.capabilities.support(Ability.CONFLICTS)
        for kind in _kinds(adapter):
            record, field = bench.sample({kind})[1], edit_of(kind)[0]
            version = _version(bench, adapter, kind, record)
            held = [getattr(one, field) for one in bench.sample({kind})]
            others = [value for value in held if value != getattr(record, field)]
            changes: dict[str, Any] = {field: others[0] if others else f"{held[1]} 2"}
            theirs = replace(record, **changes)
            bench.edit(theirs)
            for uncertain in (False, True):
                write = replace(_change(bench, adapter, kind), version=version, uncertain=uncertain)
                state = conflict_or_state(bench.adapter(), write)
                if support is Support.YES:
                    expect(state is AckState.CONFLICT, f"a stale {kind} was answered {state}")
                    _stands(bench, kind, theirs)
                elif support is Support.NO:
                    expect(state is AckState.DONE, f"no CONFLICTS, but {kind} got {state}")
                    _stands(bench, kind, edited(record))
            if support is Support.YES:
                newest = _version(bench, bench.adapter(), kind, record)
                push_done(bench.adapter(), [replace(_change(bench, adapter, kind), version=newest)])
                _stands(bench, kind, edited(record))

    def test_a_change_of_what_is_gone_is_refused(self, bench: Bench) -> None:
        """A change of a record that is not there is refused with a reason, or a conflict."""
        adapter = seeded(bench)
        for kind in _kinds(adapter):
            nobody: dict[str, Any] = {"id": "nobody"}
            state = conflict_or_state(adapter, _change(bench, adapter, kind, **nobody))
            is_no = state in (AckState.REFUSED, AckState.CONFLICT)
            expect(is_no, f"a change of no {kind} was answered {state}")


def _kinds(adapter: Adapter) -> list[Kind]:
    """Give the kinds that can be changed, parents before children."""
    return [kind for kind in Kind if kind in adapter.capabilities.changes]


def _change(bench: Bench, adapter: Adapter, kind: Kind, **others: Any) -> WriteBack:  # noqa: ANN401  any field
    """Give a change of one field of the second sample; all else of its record is another's."""
    record, other = bench.sample({kind})[1:3]
    field, value = edit_of(kind)
    given: dict[str, Any] = {"id": record.id, field: value, **others}
    change = Change(kind, replace(other, **given), (field,))
    key = digest([adapter.name, kind, change.record.id, change])
    return WriteBack(key, ResultKind.CHANGE, change.record.id, change)


def _stands(bench: Bench, kind: Kind, record: Record) -> None:
    """See that a record stands in the CRM as it is given."""
    came = facts_of(pages(bench, bench.adapter(), kind))
    found = [fact.record for fact in came if fact.record.id == record.id]
    expect(found == [bench.kept(record)], f"{kind} {record.id} is not as it shall be: {found!r}")


def _acted(bench: Bench, expected: int) -> None:
    count = bench.changes()
    expect(count in (None, expected), f"{expected} changes acted {count} times")


def _version(bench: Bench, adapter: Adapter, kind: Kind, record: Record) -> str:
    found = facts_of(pages(bench, adapter, kind))
    return next(fact.origin.version for fact in found if fact.record.id == record.id)
