# ruff: noqa: D102  the docstring of each broken adapter says what its one method does wrong
"""The suite's tests of changes are proved able to fail: each fault planted here is found."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace

import pytest

from crm_expenses.adapters.contract import Ack, AckState, Change, ResultKind, WriteBack
from crm_expenses.adapters.memory import CAPABILITIES, MemoryAdapter
from crm_expenses.core.record import Kind
from crm_expenses.testing import AdapterSuite, Bench
from crm_expenses.testing.changes import ChangeSuite
from crm_expenses.testing.memorybench import MemoryBench

LINES_ONLY = replace(CAPABILITIES, changes=frozenset({Kind.LINE}))


class SaysDone(MemoryAdapter):
    """Takes a change that it cannot write for written."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        return [Ack(write.key, AckState.DONE) for write in writes]


class WritesAll(MemoryAdapter):
    """Writes the whole record, and not only the fields that were changed."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        return super().push([self._whole(write) for write in writes])

    def _whole(self, write: WriteBack) -> WriteBack:
        made = write.result
        if not isinstance(made, Change):
            return write
        return replace(
            write, result=replace(made, fields=tuple(f.name for f in fields(made.record)))
        )


class ActsEachTime(MemoryAdapter):
    """Sends each change under a key of its own."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        fresh = [
            replace(write, key=f"{write.key}/{len(self.crm.changes)}", uncertain=False)
            for write in writes
        ]
        return [replace(a, key=w.key) for a, w in zip(super().push(fresh), writes, strict=True)]


class ActsAgainWhenUncertain(ActsEachTime):
    """Sends again without reading back."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        if any(write.uncertain for write in writes):
            return super().push(writes)
        return MemoryAdapter.push(self, writes)


class BelievesUncertain(MemoryAdapter):
    """Takes for granted that an uncertain change has arrived."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        if any(write.uncertain for write in writes):
            return [Ack(write.key, AckState.DONE) for write in writes]
        return super().push(writes)


class IgnoresVersions(MemoryAdapter):
    """Overwrites what a person has changed."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        return super().push([replace(write, version="") for write in writes])


def capable(**changes: object) -> MemoryBench:
    """Give a bench whose adapter declares something else than it does."""
    return MemoryBench(capabilities=replace(CAPABILITIES, **changes))  # type: ignore[arg-type]


BROKEN: list[tuple[str, MemoryBench]] = [
    ("changes_are_declared", capable(changes=frozenset())),
    ("changes_are_declared", capable(writes=frozenset({ResultKind.CLAIM_RESULT}))),
    ("changes_are_declared", capable(reads=frozenset({Kind.CLAIM}))),
    ("changes_are_declared", capable(changes=frozenset(Kind))),
    ("kinds_that_cannot", MemoryBench(SaysDone, LINES_ONLY)),
    ("a_change_arrives", MemoryBench(SaysDone)),
    ("a_change_arrives", MemoryBench(WritesAll)),
    ("the_same_change_twice", MemoryBench(ActsEachTime)),
    ("an_uncertain_change", MemoryBench(ActsAgainWhenUncertain)),
    ("an_uncertain_change", MemoryBench(BelievesUncertain)),
    ("a_change_on_a_stale", MemoryBench(IgnoresVersions)),
    ("a_change_on_a_stale", MemoryBench(BelievesUncertain)),
    ("a_change_of_what_is_gone", MemoryBench(SaysDone)),
]


def suite_test(beginning: str) -> Callable[[AdapterSuite, Bench], None]:
    """Find the one test of changes whose name begins so."""
    (name,) = (name for name in vars(ChangeSuite) if name.startswith(f"test_{beginning}"))
    found: Callable[[AdapterSuite, Bench], None] = getattr(AdapterSuite, name)
    return found


@pytest.mark.parametrize(("test", "bench"), BROKEN)
def test_suite_fails_for_a_broken_adapter(test: str, bench: MemoryBench) -> None:
    """Each planted fault is found by the test that is there for it."""
    if not test.startswith("changes"):
        suite_test(test)(AdapterSuite(), MemoryBench(capabilities=bench.capabilities))
    with pytest.raises(AssertionError):
        suite_test(test)(AdapterSuite(), bench)


def test_every_test_of_changes_is_seen_to_fail() -> None:
    """No test of changes is without a fault that it finds."""
    tests = {name for name in vars(ChangeSuite) if name.startswith("test_")}
    assert {suite_test(test).__name__ for test, _ in BROKEN} == tests


@pytest.mark.parametrize("name", [n for n in vars(ChangeSuite) if n.startswith("test_")])
def test_a_crm_of_lines_only_passes(name: str) -> None:
    """Where only lines can be changed, every test passes by what is refused."""
    getattr(AdapterSuite(), name)(MemoryBench(capabilities=LINES_ONLY))
