# ruff: noqa: D102  the docstring of each broken adapter says what its one method does wrong
"""The suite of optional abilities is proved able to fail: each planted fault is found."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from tiny_bench import TinyBench
from tiny_crm.client import CAPABILITIES, TinyAdapter

from crm_expenses.adapters.contract import (
    Ability,
    Ack,
    Adapter,
    Capabilities,
    Cursor,
    Description,
    FileRef,
    FileWrite,
    Page,
)
from crm_expenses.adapters.memory import MemoryAdapter
from crm_expenses.adapters.settingup import SettingUp, Step, StepDone
from crm_expenses.core.record import Kind
from crm_expenses.errors import Problem
from crm_expenses.testing.memorybench import MemoryBench
from crm_expenses.testing.suite_abilities import AbilitySuite


class Keeps(TinyAdapter):
    """Tells nothing of what is gone."""

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        return (replace(page, gone=()) for page in super().pull(kind, since))


class TellsTooMuch(TinyAdapter):
    """Says that everything that it reads is gone."""

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        for page in super().pull(kind, since):
            yield replace(page, gone=(*page.gone, *(self._lost(kind, {"id": "x"}),)))


class ForgetsWhereTo(TinyAdapter):
    """Tells of a merger as of a deletion."""

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        for page in super().pull(kind, since):
            yield replace(page, gone=tuple(replace(one, into="") for one in page.gone))


class LooksPast(TinyAdapter):
    """Finds what it can, and says nothing of the rest."""

    def look(self, kind: Kind, records: Sequence[str]) -> Page:
        return replace(super().look(kind, records), gone=())


class LooksWide(TinyAdapter):
    """Gives more than was asked for."""

    def look(self, kind: Kind, records: Sequence[str]) -> Page:
        return super().look(kind, [*records, "nothing of the kind"])


class LooksWithCursor(TinyAdapter):
    """Gives a cursor with a look-up, which would move the reading."""

    def look(self, kind: Kind, records: Sequence[str]) -> Page:
        return replace(super().look(kind, records), cursor="7")


class DescribesHalf(TinyAdapter):
    """Leaves out the fields of one kind."""

    def describe(self) -> Sequence[Description]:
        return super().describe()[1:]


class DescribesNothing(TinyAdapter):
    """Has no fields to tell of."""

    def describe(self) -> Sequence[Description]:
        return [replace(one, fields=()) for one in super().describe()]


class MapsTooLittle(TinyAdapter):
    """Does not say where the id comes from."""

    def describe(self) -> Sequence[Description]:
        found = super().describe()
        return [
            replace(one, mapped={n: t for n, t in one.mapped.items() if n != "id"}) for one in found
        ]


class ReadsWhole(TinyAdapter):
    """Reads a file into memory before it gives the first byte."""

    def read_file(self, ref: FileRef) -> Iterator[bytes]:
        whole = b"".join(super().read_file(ref))
        return iter([whole] if whole else [])


class ReadsShort(TinyAdapter):
    """Loses the end of a file."""

    def read_file(self, ref: FileRef) -> Iterator[bytes]:
        return (part[:-1] or part for part in super().read_file(ref))


class ListsAll(TinyAdapter):
    """Lists the files of a voucher that nobody asked for."""

    def files(self, vouchers: Sequence[str]) -> Iterable[FileRef]:
        return super().files([*vouchers, "V-2"])


class WritesAgain(TinyAdapter):
    """Sends a file under another key each time."""

    count = 0

    def write_file(self, write: FileWrite, portions: Iterable[bytes]) -> Ack:
        WritesAgain.count += 1
        fresh = replace(write, key=f"{write.key}-{WritesAgain.count}", name=f"{self.count}.pdf")
        return replace(super().write_file(fresh, portions), key=write.key)


class WritesNothing(TinyAdapter):
    """Takes for granted that what is uncertain is there."""

    def write_file(self, write: FileWrite, portions: Iterable[bytes]) -> Ack:
        from crm_expenses.adapters.answers import done

        return done(write)


class SilentlyUnable(MemoryAdapter):
    """Gives nothing where it should refuse."""

    def look(self, kind: Kind, records: Sequence[str]) -> Page:
        assert records
        return Page(kind, (), (), "")

    def describe(self) -> Sequence[Description]:
        return ()

    def files(self, vouchers: Sequence[str]) -> Iterable[FileRef]:
        assert vouchers
        return ()

    def write_file(self, write: FileWrite, portions: Iterable[bytes]) -> Ack:
        assert portions
        return Ack(write.key, "done")  # type: ignore[arg-type]


class PlansInOneLanguage(TinyAdapter):
    """Has a step that nobody can read in Chinese."""

    def set_up(self) -> SettingUp:
        return Plan([Step("Claims", Problem("result.line"), facts={})])


class PlansStrangely(TinyAdapter):
    """Gives a plan of names."""

    def set_up(self) -> SettingUp:
        return Plan(["Claims"])  # type: ignore[list-item]


class CarriesOutMore(TinyAdapter):
    """Makes what nobody asked for."""

    def set_up(self) -> SettingUp:
        return Plan([], done=[StepDone(Step("Claims", Problem("crm.no_setup", {"crm": "x"})))])


class TendsByName(TinyAdapter):
    """Names one thing in place of several."""

    def tend(self) -> Sequence[str]:
        return "channel"


class Plan:
    """What is to be made, as it was given."""

    def __init__(self, steps: Sequence[Step], done: Sequence[StepDone] = ()) -> None:
        self._steps, self._done = steps, done

    def plan(self) -> Sequence[Step]:
        return self._steps

    def carry_out(self, steps: Sequence[Step]) -> Iterator[StepDone]:
        assert not steps
        return iter(self._done)


class Undeclared(TinyAdapter):
    """Says that it cannot do what it does."""

    @property
    def capabilities(self) -> Capabilities:
        return replace(CAPABILITIES, abilities={})


class BrokenBench(TinyBench):
    """A bench whose adapter is another one."""

    def __init__(self, made: type[TinyAdapter]) -> None:
        super().__init__()
        self.made = made

    def adapter(self) -> Adapter:
        held: Any = super().adapter()
        return self.made(held._wire, held._maps)


BROKEN: list[tuple[str, type[TinyAdapter]]] = [
    ("what_is_deleted", Keeps),
    ("what_is_deleted", TellsTooMuch),
    ("what_is_deleted", Undeclared),
    ("what_is_merged", ForgetsWhereTo),
    ("what_is_merged", Keeps),
    ("a_look_up", LooksPast),
    ("a_look_up", LooksWide),
    ("a_look_up", LooksWithCursor),
    ("a_look_up", Undeclared),
    ("a_description", DescribesHalf),
    ("a_description", DescribesNothing),
    ("a_description", MapsTooLittle),
    ("a_description", Undeclared),
    ("a_plan", PlansInOneLanguage),
    ("a_plan", PlansStrangely),
    ("a_plan", CarriesOutMore),
    ("a_plan", TendsByName),
    ("files_are_listed", ReadsWhole),
    ("files_are_listed", ReadsShort),
    ("files_are_listed", ListsAll),
    ("files_are_listed", Undeclared),
    ("a_file_is_written", WritesAgain),
    ("a_file_is_written", WritesNothing),
    ("a_file_is_written", Undeclared),
]


def suite_test(beginning: str) -> Callable[[AbilitySuite, Any], None]:
    """Find the one test of the suite whose name begins so."""
    (name,) = (name for name in vars(AbilitySuite) if name.startswith(f"test_{beginning}"))
    found: Callable[[AbilitySuite, Any], None] = getattr(AbilitySuite, name)
    return found


@pytest.mark.parametrize(("test", "made"), BROKEN)
def test_suite_fails_for_a_broken_adapter(test: str, made: type[TinyAdapter]) -> None:
    """Each planted fault is found by the test of the suite that is there for it."""
    bench = BrokenBench(made)
    with pytest.raises(AssertionError):
        suite_test(test)(AbilitySuite(), bench)
    bench.close()


@pytest.mark.parametrize("test", ["a_look_up", "a_description", "files_are", "a_file_is"])
def test_who_cannot_must_refuse(test: str) -> None:
    """A missing ability that is silently nothing is found; one that is refused passes."""
    unable = replace(MemoryBench().capabilities, abilities={})
    suite_test(test)(AbilitySuite(), MemoryBench(PlainMemory, unable))
    with pytest.raises(AssertionError):
        suite_test(test)(AbilitySuite(), MemoryBench(SilentlyUnable, unable))


class PlainMemory(MemoryAdapter):
    """The CRM in memory without what it may have learnt meanwhile."""

    look = Adapter.look
    describe = Adapter.describe
    files = Adapter.files
    write_file = Adapter.write_file


def test_every_test_of_the_suite_is_seen_to_fail() -> None:
    """No test is without a fault that it finds, and the abilities are those of the contract."""
    tests = {name for name in vars(AbilitySuite) if name.startswith("test_")}
    assert {suite_test(test).__name__ for test, _ in BROKEN} == tests
    assert CAPABILITIES.abilities.keys() == set(Ability)
