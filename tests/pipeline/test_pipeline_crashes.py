"""A run that is cut off anywhere and run again ends where an undisturbed one ends."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from small_company import AT, adapter_on, dumped, filled, job_on, line, march, settled
from sqlalchemy import event

from crm_expenses.adapters.contract import ResultKind
from crm_expenses.adapters.memory import MemoryCrm
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.pipeline import Job, sync
from crm_expenses.pipeline.summary import Progress, quiet

STEPS_MAX = 10_000
STATEMENTS_APART = 53
STEPS_APART = 4
"""Of all statements and steps, these parts are tried in the normal run, and all in the slow one."""


class Cut(BaseException):
    """The end of the process, as far as Python can have one."""


class Fuse:
    """Blows at the n-th step; with n = 0 it only counts."""

    def __init__(self, blows_at: int = 0) -> None:
        self.blows_at = blows_at
        self.steps = 0

    def step(self) -> None:
        """Count one step, and blow when it is the one."""
        self.steps += 1
        if self.steps == self.blows_at:
            raise Cut


class BrittleCrm(MemoryCrm):
    """A CRM on which every reading and every write is a step, a write before and after."""

    def __init__(self) -> None:
        super().__init__()
        self.fuse = Fuse()

    def changed(self, kind: Kind, after: int, count: int) -> list[tuple[str, object]]:  # type: ignore[override]
        """Read a page, or do not come so far."""
        self.fuse.step()
        return super().changed(kind, after, count)  # type: ignore[return-value]

    def write(self, kind: ResultKind, record: str, key: str, row: Mapping[str, str]) -> None:
        """Write, or be cut off before it or behind it."""
        self.fuse.step()
        super().write(kind, record, key, row)
        self.fuse.step()


@contextmanager
def through_crm(crm: BrittleCrm, job: Job, fuse: Fuse) -> Iterator[Progress]:
    """Let each reading and write in the CRM be a step."""
    crm.fuse = fuse
    yield quiet
    crm.fuse = Fuse()


@contextmanager
def through_progress(crm: BrittleCrm, job: Job, fuse: Fuse) -> Iterator[Progress]:
    """Let each word of progress be a step: after each page, claim and batch."""

    def progress(stage: str, done: int, whole: int | None) -> None:
        fuse.step()

    yield progress


@contextmanager
def through_store(crm: BrittleCrm, job: Job, fuse: Fuse) -> Iterator[Progress]:
    """Let each statement, and each commit before it happens, be a step."""
    engine = job.store._database.engine

    def step(*_: object) -> None:
        fuse.step()

    for name in ("before_cursor_execute", "commit"):
        event.listen(engine, name, step)
    yield quiet
    for name in ("before_cursor_execute", "commit"):
        event.remove(engine, name, step)


Through = Callable[[BrittleCrm, Job, Fuse], "contextmanager[Progress]"]


def run(folder: Path, crm: BrittleCrm, through: Through, blows_at: int) -> int:
    """Run once, cut off at a step; give how many steps it had, or 0 when it was cut off."""
    fuse = Fuse(blows_at)
    try:
        with (
            job_on(folder, adapter_on(crm)) as job,
            through(crm, job, fuse) as progress,
        ):
            sync(job, AT, progress)
    except Cut:
        crm.fuse = Fuse()
        return 0
    return fuse.steps


class Undisturbed:
    """What is left behind when nobody disturbs: the store, and what stands in the CRM."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        crm = company()
        self.store = settled(folder, lambda: adapter_on(crm))
        self.log = list(crm.log)


def company() -> BrittleCrm:
    """The small company in a CRM that can break."""
    crm = BrittleCrm()
    filled(crm)
    return crm


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """The end of an undisturbed run, made once."""
    return Undisturbed(tmp_path_factory.mktemp("undisturbed") / "run")


def cut_and_settle(folder: Path, through: Through, blows_at: int, end: Undisturbed) -> bool:
    """Cut a first run off at a step, run on, compare; say whether there was such a step."""
    folder.mkdir()
    crm = company()
    if run(folder, crm, through, blows_at):
        return False
    assert settled(folder, lambda: adapter_on(crm)) == end.store, f"step {blows_at}"
    # The log of the CRM holds every write that had an effect: the same ones, each once, in order.
    assert crm.log == end.log, f"step {blows_at}"
    return True


@pytest.mark.parametrize("apart", [STEPS_APART, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("through", [through_crm, through_progress])
def test_cut_off_at_every_step(
    tmp_path: Path, through: Through, apart: int, undisturbed: Undisturbed
) -> None:
    """Cut off at readings, writes and words of progress, the end is the same."""
    for number in itertools.count(1, apart):
        assert number < STEPS_MAX
        if not cut_and_settle(tmp_path / str(number), through, number, undisturbed):
            break
    # 23 writes count before and after, and every page is one; progress tells of every claim.
    assert number > (60 if through is through_crm else 25)


def test_cut_off_within_transactions(tmp_path: Path, undisturbed: Undisturbed) -> None:
    """Cut off at statements and commits all over the run, no half of a transaction is left."""
    first = run(tmp_path, company(), through_store, 0)
    assert first > 300
    for number in range(1, first, STATEMENTS_APART):
        assert cut_and_settle(tmp_path / str(number), through_store, number, undisturbed)


@pytest.mark.slow
def test_cut_off_at_every_statement(tmp_path: Path, undisturbed: Undisturbed) -> None:
    """Cut off at each statement and each commit, no half of a transaction is left."""
    for number in itertools.count(1):
        if not cut_and_settle(tmp_path / str(number), through_store, number, undisturbed):
            break
    assert number > 300


@pytest.mark.parametrize("through", [through_crm, through_store])
def test_cut_off_again_and_again(tmp_path: Path, through: Through) -> None:
    """A run that never gets further than a few steps at a time comes to the same end.

    Each one repeats where the one before stopped, so that it gets there at all: as long as one of
    them gets past what every run asks first of each of the fifteen kinds.
    """
    end = Undisturbed(tmp_path / "undisturbed")
    crm, folder = company(), tmp_path / "cut"
    folder.mkdir()
    lengths = itertools.cycle((40, 3, 300, 19, 26, 75))
    for number, length in enumerate(lengths):
        assert number < 200
        if run(folder, crm, through, length):
            break
    assert number > 1
    assert settled(folder, lambda: adapter_on(crm)) == end.store
    assert crm.log == end.log


@pytest.mark.parametrize("apart", [29, pytest.param(1, marks=pytest.mark.slow)])
def test_cut_off_while_a_change_is_decided(tmp_path: Path, apart: int) -> None:
    """Cut off anywhere in the run that takes in a change, the budgets move once."""
    changed = line("L-2", "lodging", "600", march(4), nights=2, voucher="V-1")

    def ready(name: str) -> tuple[Path, BrittleCrm]:
        folder, crm = tmp_path / name, company()
        folder.mkdir()
        settled(folder, lambda: adapter_on(crm))
        crm.put(changed)
        return folder, crm

    folder, crm = ready("undisturbed")
    store, log = settled(folder, lambda: adapter_on(crm)), list(crm.log)
    for number in itertools.count(1, apart):
        folder, crm = ready(str(number))
        if run(folder, crm, through_store, number):
            break
        assert settled(folder, lambda: adapter_on(crm)) == store, f"step {number}"  # noqa: B023
        assert crm.log == log, f"step {number}"
    assert number > 50


def test_a_store_is_whole_after_a_cut(tmp_path: Path) -> None:
    """Right after a cut within a claim's transaction, log and database hold together."""
    for number in (150, 200, 250, 300):
        folder, crm = tmp_path / str(number), company()
        folder.mkdir()
        assert not run(folder, crm, through_store, number)
        with job_on(folder, adapter_on(crm)) as job:
            assert job.store.log_broken_at() is None
            assert job.store.integrity() == "ok"
            positions = job.store.budget_positions("main", viewer=SYSTEM)
        entries = dumped(folder, adapter_on(crm)).partition("-- budget_entry\n")[2]
        sums = dict.fromkeys(positions, 0)
        for row in entries.partition("-- ")[0].splitlines():
            _, _, budget, kind, amount, *_ = row.strip("()").replace("'", "").split(", ")
            if kind == "commit":
                sums[budget] += int(amount)
        assert sums == {name: p.committed + p.spent for name, p in positions.items()}
