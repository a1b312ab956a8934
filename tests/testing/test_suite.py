# ruff: noqa: D102  the docstring of each broken adapter says what its one method does wrong
"""The conformance suite is proved able to fail: each fault planted here is found by its test."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crm_expenses.adapters.contract import (
    Ability,
    Ack,
    AckState,
    Capabilities,
    Cursor,
    Diagnosis,
    Level,
    Page,
    Received,
    ResultKind,
    Support,
    WriteBack,
)
from crm_expenses.adapters.memory import CAPABILITIES, MemoryAdapter, MemoryCrm
from crm_expenses.adapters.textrow import Row, to_row
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import TYPES, Kind
from crm_expenses.errors import Problem
from crm_expenses.testing import AdapterSuite, Bench
from crm_expenses.testing.memorybench import MemoryBench

NO_ABILITY = replace(CAPABILITIES, abilities={})
NARROW = Capabilities(
    reads=frozenset({Kind.CLAIM, Kind.LINE}),
    writes=frozenset({ResultKind.CLAIM_RESULT}),
    batch_max=9,
)


def altered(alter: Callable[[Page], Page]) -> type[MemoryAdapter]:
    """Make an adapter that alters each page."""

    class Altered(MemoryAdapter):
        def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
            return map(alter, super().pull(kind, since))

    return Altered


def facts_altered(alter: Callable[[Received], Any]) -> type[MemoryAdapter]:
    """Make an adapter that alters each fact."""
    return altered(lambda page: replace(page, facts=tuple(alter(fact) for fact in page.facts)))


def record_altered(alter: Callable[[Any], Any], kind: Kind) -> type[MemoryAdapter]:
    """Make an adapter that alters each record of a kind."""
    made = TYPES[kind]
    return facts_altered(
        lambda fact: (
            replace(fact, record=alter(fact.record)) if isinstance(fact.record, made) else fact
        )
    )


class SkipsOne(MemoryAdapter):
    """Goes on one record too late."""

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        if since is None:
            return super().pull(kind, None)
        return super().pull(kind, str(min(int(since) + len(Kind), self.crm.sequence)))


class SaysAllIsRead(MemoryAdapter):
    """Takes a cursor that it does not know for the end."""

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        return super().pull(kind, since) if since is None or since.isdigit() else iter(())


class Forgets(MemoryAdapter):
    """Reads what a restart or an edit brought only if the cursor is not its last."""

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        return super().pull(kind, since) if since is None else iter(())


class ReadsAllAgain(MemoryAdapter):
    """Declares to read what is new, and reads all."""

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        return super().pull(kind, None)


class GivesAList(MemoryAdapter):
    """Reads all pages before it gives the first."""

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        return list(super().pull(kind, since))  # type: ignore[return-value]


class StopsAtABadRow(MemoryAdapter):
    """Ends the pull at what it cannot read."""

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        for page in super().pull(kind, since):
            if page.set_aside:
                return
            yield page


class Undeterministic(MemoryAdapter):
    """Gives the same record another origin each time."""

    count = 0

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        for page in super().pull(kind, since):
            Undeterministic.count += 1
            origin = Origin("main", "x", str(Undeterministic.count))
            yield replace(page, facts=tuple(replace(f, origin=origin) for f in page.facts))


class ReadsUndeclared(MemoryAdapter):
    """Gives nothing where it should refuse."""

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        return super().pull(kind, since) if kind in self.capabilities.reads else iter(())


class WritesUndeclared(MemoryAdapter):
    """Says DONE where it should refuse."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        known = [w for w in writes if w.kind in self.capabilities.writes]
        return super().push(known) or [Ack(w.key, AckState.DONE) for w in writes]


class DropsTheRest(MemoryAdapter):
    """Takes only what fits of a batch."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        return super().push(writes[: self.capabilities.batch_max])


class AcksBackwards(MemoryAdapter):
    """Answers in another order."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        return super().push(writes)[::-1]


class AcksNothingWithSomething(MemoryAdapter):
    """Answers what was not asked."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        return super().push(writes) or [Ack("", AckState.DONE)]


class LosesAField(MemoryAdapter):
    """Writes one field wrong."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        return super().push(
            [replace(w, result=replace(w.result, allowed=w.result.claimed)) for w in writes]  # type: ignore[union-attr, call-arg]
        )


class ActsEachTime(MemoryAdapter):
    """Sends each write under a key of its own."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        fresh = [replace(w, key=f"{w.key}/{len(self.crm.log)}", uncertain=False) for w in writes]
        return [replace(a, key=w.key) for a, w in zip(super().push(fresh), writes, strict=True)]


class ActsAgainWhenUncertain(ActsEachTime):
    """Sends again without reading back."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        if any(w.uncertain for w in writes):
            return super().push(writes)
        return MemoryAdapter.push(self, writes)


class BelievesUncertain(MemoryAdapter):
    """Takes for granted that an uncertain write has arrived."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        if any(w.uncertain for w in writes):
            return [Ack(w.key, AckState.DONE) for w in writes]
        return super().push(writes)


class SaysDoneWhenLost(MemoryAdapter):
    """Takes a lost reply for a good one."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        return [replace(ack, state=AckState.DONE) for ack in super().push(writes)]


class KeepsEveryKey(MemoryCrm):
    """A CRM that never acts again on a key that it has ever seen."""

    def write(self, kind: ResultKind, record: str, key: str, row: Row) -> None:
        if key not in {seen for _, _, seen, _ in self.log}:
            super().write(kind, record, key, row)


class IgnoresVersions(MemoryAdapter):
    """Overwrites what a person has changed."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        return super().push([replace(write, version="") for write in writes])


class TakesOwnWritesForPeoples(MemoryCrm):
    """A CRM that finds our own write in our way."""

    def is_stale(self, kind: ResultKind, record: str, version: str) -> bool:
        held = self._held[Kind.CLAIM].get(record)
        return bool(version) and held is not None and int(version) < held.version


class NeverAgrees(MemoryAdapter):
    """Sees a conflict in every first version."""

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        problem = Problem("memory.conflict", {"crm": "", "record": ""})
        return [
            Ack(w.key, AckState.CONFLICT, problem) if w.version == "1" else ack
            for w, ack in zip(writes, super().push(writes), strict=True)
        ]


class ChecksSilently(MemoryAdapter):
    """Has nothing to say."""

    def check(self) -> Sequence[Diagnosis]:
        return []


class ChecksInBlanks(MemoryAdapter):
    """Leaves the fields of a text unfilled."""

    def check(self) -> Sequence[Diagnosis]:
        return [Diagnosis(Level.GOOD, Problem("memory.good"))]  # its fields are not filled


class Leaks(MemoryAdapter):
    """Shows its token in its repr."""

    def __repr__(self) -> str:
        return "Leaks(token='hunter2')"


class LeaksInDiagnosis(MemoryAdapter):
    """Shows its token to `doctor`."""

    def check(self) -> Sequence[Diagnosis]:
        values = {"crm": "hunter2", "rows": "0", "results": "0"}
        return [Diagnosis(Level.GOOD, Problem("memory.good", values))]


class ClosesOnce(MemoryAdapter):
    """Cannot be closed twice."""

    closed = False

    def close(self) -> None:
        if self.closed:
            raise AssertionError("closed twice")
        self.closed = True


def capable(**changes: object) -> MemoryBench:
    """Give a bench whose adapter declares something else than it does."""
    return MemoryBench(capabilities=replace(CAPABILITIES, **changes))  # type: ignore[arg-type]


def unset_aside(page: Page) -> Page:
    """Hide what could not be read."""
    return replace(page, set_aside=())


def unreasoned(page: Page) -> Page:
    """Set aside without a reason."""
    return replace(page, set_aside=tuple(replace(one, problems=()) for one in page.set_aside))


AMOUNT_AS_FLOAT = record_altered(
    lambda r: replace(r, amount=replace(r.amount, minor=float(r.amount.minor))), Kind.LINE
)
TIME_WITHOUT_ZONE = record_altered(
    lambda r: replace(r, submitted=r.submitted.replace(tzinfo=None)), Kind.CLAIM
)
TIME_IN_UTC = record_altered(
    lambda r: replace(r, submitted=datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)), Kind.CLAIM
)
OTHER_ZONE = record_altered(
    lambda r: replace(r, submitted=r.submitted.astimezone(UTC).replace(hour=23)), Kind.CLAIM
)
STRIPPED = record_altered(lambda r: replace(r, name=r.name.replace("\n", " ")), Kind.ACCOUNT)

BROKEN: list[tuple[str, MemoryBench]] = [
    ("only_core_types", MemoryBench(facts_altered(lambda f: replace(f, record=to_row(f.record))))),
    ("only_core_types", MemoryBench(facts_altered(lambda f: replace(f, origin=None)))),
    (
        "only_core_types",
        MemoryBench(facts_altered(lambda f: replace(f, origin=Origin("other", "x")))),
    ),
    ("only_core_types", MemoryBench(altered(lambda page: replace(page, kind=Kind.RATE)))),
    ("every_record_arrives", MemoryBench(STRIPPED)),
    ("every_record_arrives", MemoryBench(OTHER_ZONE)),
    ("every_record_arrives", MemoryBench(TIME_IN_UTC)),
    (
        "every_record_arrives",
        MemoryBench(altered(lambda page: replace(page, facts=page.facts * 2))),
    ),
    (
        "every_record_arrives",
        MemoryBench(altered(lambda page: replace(page, facts=page.facts[1:]))),
    ),
    ("amounts_exact", MemoryBench(AMOUNT_AS_FLOAT)),
    ("amounts_exact", MemoryBench(TIME_WITHOUT_ZONE)),
    ("reading_twice", MemoryBench(Undeterministic)),
    ("resuming_from_any_cursor", MemoryBench(SkipsOne)),
    ("resuming_from_any_cursor", MemoryBench(Forgets)),
    ("an_edit_comes", MemoryBench(Forgets)),
    ("an_edit_comes", MemoryBench(ReadsAllAgain)),
    ("an_edit_comes", MemoryBench(Forgets, NO_ABILITY)),
    ("a_cursor_of_nobody", MemoryBench(SaysAllIsRead)),
    ("unreadable_records", MemoryBench(altered(unset_aside))),
    ("unreadable_records", MemoryBench(altered(unreasoned))),
    ("unreadable_records", MemoryBench(StopsAtABadRow)),
    ("pages_are_bounded", MemoryBench(GivesAList)),
    (
        "pages_are_bounded",
        MemoryBench(altered(lambda page: replace(page, facts=page.facts * 9))),
    ),
    ("capabilities_are_honest", capable(batch_max=0)),
    ("capabilities_are_honest", capable(abilities={Ability.CONFLICTS: Support.PARTLY})),
    (
        "an_approval_keeps",
        MemoryBench(
            record_altered(
                lambda one: replace(one, content_code=one.content_code.lstrip("0")), Kind.APPROVAL
            )
        ),
    ),
    ("capabilities_are_honest", capable(reads=frozenset({Kind.CLAIM}))),
    ("capabilities_are_honest", capable(provenance="trust me")),
    ("kinds_not_read", MemoryBench(ReadsUndeclared, NARROW)),
    ("results_not_written", MemoryBench(WritesUndeclared, NARROW)),
    ("a_batch_too_large", MemoryBench(DropsTheRest)),
    ("results_arrive", MemoryBench(AcksBackwards)),
    ("results_arrive", MemoryBench(LosesAField, NARROW)),
    ("nothing_to_write", MemoryBench(AcksNothingWithSomething)),
    ("the_same_write_twice", MemoryBench(ActsEachTime)),
    ("an_uncertain_write", MemoryBench(ActsAgainWhenUncertain)),
    ("an_uncertain_write", MemoryBench(BelievesUncertain)),
    ("a_lost_reply", MemoryBench(SaysDoneWhenLost)),
    ("a_lost_reply", MemoryBench(ActsAgainWhenUncertain)),
    ("a_lost_reply", MemoryBench(BelievesUncertain)),
    ("a_newer_result", MemoryBench(crm=KeepsEveryKey())),
    ("a_newer_result", MemoryBench(BelievesUncertain)),
    ("a_stale_version", MemoryBench(IgnoresVersions)),
    ("a_stale_version", MemoryBench(crm=TakesOwnWritesForPeoples())),
    ("a_stale_version", MemoryBench(NeverAgrees, NO_ABILITY)),
    ("a_stale_version", MemoryBench(NeverAgrees)),
    ("check_answers", MemoryBench(ChecksSilently)),
    ("check_answers", MemoryBench(ChecksInBlanks)),
    ("no_secret", MemoryBench(Leaks)),
    ("no_secret", MemoryBench(LeaksInDiagnosis)),
    ("closing_twice", MemoryBench(ClosesOnce)),
]


def suite_test(beginning: str) -> Callable[[AdapterSuite, Bench], None]:
    """Find the one test of the suite whose name begins so."""
    (name,) = (name for name in vars(AdapterSuite) if name.startswith(f"test_{beginning}"))
    found: Callable[[AdapterSuite, Bench], None] = getattr(AdapterSuite, name)
    return found


@pytest.mark.parametrize(("test", "bench"), BROKEN)
def test_suite_fails_for_a_broken_adapter(test: str, bench: MemoryBench) -> None:
    """Each planted fault is found by the test of the suite that is there for it."""
    sound = MemoryBench(capabilities=bench.capabilities)
    if not test.startswith("capabilities"):
        suite_test(test)(AdapterSuite(), sound)  # without the fault, the same test passes
    with pytest.raises(AssertionError):
        suite_test(test)(AdapterSuite(), bench)


def test_every_test_of_the_suite_is_seen_to_fail() -> None:
    """No test of the suite is without a fault that it finds."""
    tests = {name for name in vars(AdapterSuite) if name.startswith("test_")}
    assert {suite_test(test).__name__ for test, _ in BROKEN} == tests
