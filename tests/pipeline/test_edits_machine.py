"""People edit in the CRM, people edit here, syncs go wrong: no value of either side is lost."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from crm_expenses.adapters.contract import Ack, Change, Cursor, Page, Received, WriteBack
from crm_expenses.adapters.memory import (
    CAPABILITIES,
    Failure,
    Fault,
    MemoryAdapter,
    MemoryCrm,
    Step,
)
from crm_expenses.adapters.textrow import from_row
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.merge import Winner
from crm_expenses.core.money import Money
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import AdapterError, RefusedError
from crm_expenses.pipeline import pull, push, quiet
from crm_expenses.store import Store, merging, open_store
from crm_expenses.store.edits import (
    ClashRow,
    NewEdit,
    Ruling,
    change,
    clashes,
    edits_of,
    history,
    resolve,
)
from stores import where

CRM = "main"
START = datetime(2026, 3, 31, 20, tzinfo=UTC)
LINES = ("L-1", "L-2")
FIELDS = ("city", "purpose")
READ = frozenset({Kind.CLAIM, Kind.LINE})
Spot = tuple[str, str]
"""A line and a field of it."""

SPOTS = st.tuples(st.sampled_from(LINES), st.sampled_from(FIELDS))
FAULTS = st.sampled_from(
    [
        None,
        *(
            Fault(step, number, failure)
            for step in (Step.PUSH, Step.WRITE)
            for number in (1, 2)
            for failure in (Failure.LOST_BEFORE, Failure.LOST_AFTER, Failure.UNAVAILABLE)
        ),
        Fault(Step.WRITE, 1, Failure.CONFLICT),
        Fault(Step.PULL, 2, Failure.UNAVAILABLE),
    ]
)


class WatchedCrm(MemoryCrm):
    """A CRM that knows when a person has last changed each record, and what we overwrote."""

    def __init__(self) -> None:
        super().__init__()
        self.at: dict[str, datetime] = {}
        self.had: dict[Spot, list[str]] = {}
        self.overwritten: list[tuple[Spot, str]] = []
        self.written: list[tuple[Spot, str]] = []

    def line(self, name: str) -> ExpenseLine:
        """Give a line as it is there."""
        return from_row(ExpenseLine, self._held[Kind.LINE][name].row)

    def save(self, line: ExpenseLine, at: datetime) -> None:
        """Let a person save a line."""
        self.put(line)
        self.at[line.id] = at
        self._note(line.id)

    def change(self, change: Change, key: str) -> bool:
        """Write fields, and note what stood there."""
        before = self.line(change.record.id)
        is_there = super().change(change, key)
        after = self.line(change.record.id)
        for name in FIELDS:
            old, new = getattr(before, name), getattr(after, name)
            if old != new:
                self.overwritten.append(((before.id, name), old))
                self.written.append(((before.id, name), new))
        self._note(before.id)
        return is_there

    def _note(self, name: str) -> None:
        for field in FIELDS:
            self.had.setdefault((name, field), []).append(getattr(self.line(name), field))


class TimedAdapter(MemoryAdapter):
    """An adapter that says when a person has last changed a record."""

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        """Give the pages with the times in them."""
        for page in super().pull(kind, since):
            yield replace(page, facts=tuple(map(self._timed, page.facts)))

    def _timed(self, fact: Received) -> Received:
        assert isinstance(self.crm, WatchedCrm)
        return replace(fact, changed_at=self.crm.at.get(fact.record.id))


class IgnoresVersions(TimedAdapter):
    """Overwrites what a person has changed since we read it."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        """Write, whatever the version is."""
        return super().push([replace(write, version="") for write in writes])


class EditsMachine(RuleBasedStateMachine):
    """Edits on both sides, syncs with faults, and people who settle conflicts, in any order."""

    adapter: type[MemoryAdapter] = TimedAdapter

    @initialize(winner=st.sampled_from(Winner))
    def begin(self, winner: Winner) -> None:
        """Start from two lines that both sides agree on, and a declared winner."""
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "store.sqlite3"
        self.crm = WatchedCrm()
        self.now, self.count, self.winner = START, 0, winner
        self.crm.put(Claim("C-1", "P1", START))
        for name in LINES:
            line = ExpenseLine(name, "C-1", date(2026, 3, 1), "meal", Money(100, "CNY"))
            self.crm.save(line, START)
        self.open()
        self.sync(None)

    def open(self) -> None:
        """Open the store, as a new process."""
        self.store: Store = open_store(where(self.path))
        self.store.winners[CRM] = lambda _, __: self.winner

    def connected(self, faults: Sequence[Fault] = ()) -> MemoryAdapter:
        """Open the CRM, as a new process; it has claims and lines."""
        can = replace(CAPABILITIES, reads=READ, changes=frozenset({Kind.LINE}))
        return self.adapter(CRM, self.crm, page_size=1, faults=faults, capabilities=can)

    def tick(self) -> datetime:
        """Let a minute pass."""
        self.now += timedelta(minutes=1)
        return self.now

    def value(self) -> str:
        """Give a value that nobody had before."""
        self.count += 1
        return f"v{self.count}"

    @rule(spot=SPOTS)
    def edit_there(self, spot: Spot) -> None:
        """A person changes a field in the CRM."""
        fields: dict[str, Any] = {spot[1]: self.value()}
        self.crm.save(replace(self.crm.line(spot[0]), **fields), self.tick())

    @rule(spot=SPOTS)
    def edit_here(self, spot: Spot) -> None:
        """A person changes a field here, unless somebody is asked about it."""
        edit = NewEdit(Kind.LINE, spot[0], {spot[1]: self.value()}, "P9", "because")
        with self.store.work(CRM) as work:
            try:
                change(work.connection, CRM, edit, self.tick())
            except RefusedError as error:
                assert error.code == "edits.asked"  # noqa: PT017  anything else is a fault

    @rule(spot=SPOTS)
    def edit_both(self, spot: Spot) -> None:
        """Both sides come to the same value by themselves."""
        self.edit_here(spot)
        self.count -= 1
        self.edit_there(spot)

    @rule(fault=FAULTS)
    def sync(self, fault: Fault | None) -> None:
        """Read and write, and go wrong somewhere."""
        made = self.connected([fault] if fault else [])
        try:
            pull(self.store, made, self.tick(), quiet)
            self.push(made)
        except AdapterError:
            pass

    @rule(spot=SPOTS, failure=st.sampled_from([Failure.LOST_BEFORE, Failure.LOST_AFTER]))
    def lose_and_edit(self, spot: Spot, failure: Failure) -> None:
        """A reply is lost, and then a person changes the same field there."""
        self.edit_here(spot)
        self.sync(Fault(Step.PUSH, 1, failure))
        self.edit_there(spot)

    @rule(spot=SPOTS)
    def push_late(self, spot: Spot) -> None:
        """A person is quicker than a run that has read already."""
        self.edit_there(spot)
        self.push(self.connected())

    def push(self, made: MemoryAdapter) -> None:
        """Write; only what waits here changes anything there."""
        with self.store.reading() as connection:
            waiting = {
                ((name, edit.field), edit.ours)
                for name in LINES
                for edit in edits_of(connection, CRM, Kind.LINE, name)
                if edit.state == "waiting"
            }
        before = len(self.crm.written)
        try:
            push(self.store, made, self.tick(), quiet, tries_max=1000)
        finally:
            wrong = set(self.crm.written[before:]) - waiting
            assert not wrong, f"{wrong} was written, but did not wait"

    @rule()
    def pull_only(self) -> None:
        """A run that is killed before it writes."""
        pull(self.store, self.connected(), self.tick(), quiet)

    @rule()
    def reopen(self) -> None:
        """The process ends, and another one begins."""
        self.store.close()
        self.open()

    @rule(take=st.sampled_from([Winner.CRM, Winner.OURS, None]))
    def settle(self, take: Winner | None) -> None:
        """A person settles the oldest conflict: theirs, ours or a third value."""
        found = self.clashes(only_open=True)
        if found:
            ruling = Ruling(found[0].number, take, "P8", "asked", self.value())
            with self.store.work(CRM) as work:
                resolve(work.connection, CRM, ruling, self.tick())

    def clashes(self, *, only_open: bool = False) -> list[ClashRow]:
        """Give the conflicts."""
        with self.store.reading() as connection:
            return clashes(connection, CRM, only_open=only_open)

    def here(self) -> dict[str, ExpenseLine]:
        """Give the lines as they are here."""
        found = self.store.records(CRM, Kind.LINE, viewer=SYSTEM)
        return {one.id: one for one in found if isinstance(one, ExpenseLine)}

    def come_to_rest(self) -> None:
        """Sync without faults until nothing changes."""
        for _ in range(4):
            self.sync(None)
        assert self.store.to_send(CRM) == 0, "something still waits"

    def teardown(self) -> None:
        """Both sides are the same, and each value stands, was seen, or is in a conflict."""
        if not hasattr(self, "store"):
            return
        try:
            self.come_to_rest()
            assert self.here() == {name: self.crm.line(name) for name in LINES}
            kept = self.clashes()
            self._nothing_unseen_was_overwritten(kept)
            for name in LINES:
                self._edits_are_accounted_for(name, kept)
            assert self.store.check_contents().broken is None
        finally:
            self.store.close()
            self.folder.cleanup()

    def _nothing_unseen_was_overwritten(self, kept: Sequence[ClashRow]) -> None:
        """See that what we overwrote in the CRM was known here, as a version or in a conflict."""
        known: dict[Spot, set[object]] = {}
        for one in kept:
            known.setdefault((one.id, one.field), set()).update((one.theirs, one.base))
        with self.store.reading() as connection:
            for name in LINES:
                for version in history(connection, CRM, Kind.LINE, name):
                    for field in FIELDS:
                        value = getattr(version.record, field)
                        known.setdefault((name, field), set()).add(value)
        for spot, value in self.crm.overwritten:
            assert value in known[spot], f"{value} of {spot} was overwritten unseen"

    def _edits_are_accounted_for(self, name: str, kept: Sequence[ClashRow]) -> None:
        """See that each value of ours was there, was changed here again, or is in a conflict."""
        with self.store.reading() as connection:
            found = edits_of(connection, CRM, Kind.LINE, name)
        for edit in found:
            spot = (name, edit.field)
            clashed = [one for one in kept if (one.id, one.field) == spot]
            match edit.state:
                case "done":
                    assert edit.ours in self.crm.had[spot], f"{edit} was never there"
                case "overtaken":
                    later = [e for e in found if e.field == edit.field and e.number > edit.number]
                    assert later, f"{edit} was overtaken by nothing"
                case "lost" | "asked" | "again":
                    values = {json.dumps(one.ours) for one in clashed}
                    assert json.dumps(edit.ours) in values, f"{edit} is in no conflict"
                case state:
                    raise AssertionError(f"{edit} is still {state}")


WALKS = settings(
    max_examples=10,
    stateful_step_count=25,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


FINDING = settings(WALKS, max_examples=60, derandomize=True)


def test_no_value_is_lost(database: str) -> None:
    """Whatever happens in whatever order, each edit of either side stands or is kept."""
    walks = WALKS if database == "sqlite" else settings(WALKS, max_examples=3)
    run_state_machine_as_test(EditsMachine, settings=walks)


@pytest.mark.slow
def test_no_value_is_lost_in_many_walks() -> None:
    """The same, far and wide."""
    run_state_machine_as_test(
        EditsMachine, settings=settings(WALKS, max_examples=400, stateful_step_count=40)
    )


# --- planted bugs ---------------------------------------------------------------------------------


@contextmanager
def planted(patch: pytest.MonkeyPatch, name: str, bug: Callable[..., Any]) -> Iterator[None]:
    """Put a bug into the merging of the store."""
    with patch.context() as context:
        context.setattr(merging, name, bug)
        yield


def does_nothing(*_: object, **__: object) -> None:
    """Keep no conflict, drop nothing, close nothing."""


def closes_all(connection: Any, row: Any) -> None:  # noqa: ANN401  as the real one
    """Take every edit of a record for arrived when one write of it has."""
    kind = Kind(json.loads(row.content)["kind"])
    rows = merging.open_edits(connection, row.crm, kind, row.record)
    merging.set_state(connection, [one for one in rows if one.state == "waiting"], "done")


def sends_nothing_new(place: Any, record: Any, *, is_anew: bool) -> None:  # noqa: ANN401
    """Leave what waits as it was when a record is read."""


def broken(machine: type[EditsMachine]) -> None:
    """See that the machine finds a bug."""
    with pytest.raises((AssertionError, ExceptionGroup)):
        run_state_machine_as_test(machine, settings=FINDING)


def test_overwriting_what_a_person_changed_is_found() -> None:
    """An adapter that ignores versions loses a person's value, and the walk says so."""

    class Machine(EditsMachine):
        adapter = IgnoresVersions

    broken(Machine)


@pytest.mark.parametrize(
    ("name", "bug"),
    [
        ("add_clash", does_nothing),
        ("_look_at_sent", does_nothing),
        ("queue_change", sends_nothing_new),
    ],
)
def test_a_planted_bug_is_found(
    monkeypatch: pytest.MonkeyPatch, name: str, bug: Callable[..., Any]
) -> None:
    """Each part of the merging that is left out loses something, and the walk says so."""
    with planted(monkeypatch, name, bug):
        broken(type("Machine", (EditsMachine,), {}))


def test_closing_too_much_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that closes edits which it did not carry loses them, and the walk says so."""
    from crm_expenses.store import outbox

    with monkeypatch.context() as context:
        context.setattr(outbox, "arrived", closes_all)
        broken(type("Machine", (EditsMachine,), {}))
