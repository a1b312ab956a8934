"""Reading all again finds what the pulls missed, and lets go of what is no longer there."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from small_company import (
    AT,
    CLAIMS,
    LINES,
    SMALL_BATCHES,
    claim,
    filled,
    job_on,
    line,
    march,
)

from crm_expenses.adapters.contract import Ability, Capabilities, Cursor, Page, Support
from crm_expenses.adapters.memory import Failure, Fault, MemoryAdapter, MemoryCrm, Step
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.record import Kind, Record
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.crmsettings import CrmParts, SyncPart
from crm_expenses.errors import RefusedError, RetryableError
from crm_expenses.pipeline import Job, RunSummary, Whole, sync
from crm_expenses.pipeline.reconcile import FEW
from crm_expenses.settings import Connection
from crm_expenses.store import Store
from crm_expenses.store.own import keep_own
from crm_expenses.store.readings import Readings

pytestmark = pytest.mark.usefixtures("database")

FULL: Final = Whole(now=True)
ACCEPT: Final = Whole(now=True, accept=True)
PULL: Final = Whole()
BY_ID: Final = {record.id: record for record in (*CLAIMS, *LINES)}


def able(**support: Support) -> Capabilities:
    """Give what a CRM can do, but for some abilities."""
    abilities = {**SMALL_BATCHES.abilities, **{Ability(name): of for name, of in support.items()}}
    return replace(SMALL_BATCHES, abilities=abilities)


SILENT: Final = able(deletes=Support.NO)
BLIND: Final = able(deletes=Support.NO, look_up=Support.NO)
ALWAYS_ALL: Final = able(deletes=Support.NO, incremental=Support.NO)
ALWAYS_ALL_BLIND: Final = able(deletes=Support.NO, incremental=Support.NO, look_up=Support.NO)


class Company:
    """The small company after its first run, read by an adapter that can do so much."""

    def __init__(self, job: Job, crm: MemoryCrm) -> None:
        self.job = job
        self.crm = crm

    @property
    def store(self) -> Store:
        """The store."""
        return self.job.store

    def run(self, whole: Whole = PULL, at: datetime = AT) -> RunSummary:
        """Sync again."""
        return sync(self.job, at, whole=whole)

    def ids(self, kind: Kind) -> set[str]:
        """Give what is held of a kind."""
        return {one.id for one in self.store.records("main", kind, viewer=SYSTEM)}

    def held(self, kind: Kind, name: str) -> Record:
        """Give a record that is held."""
        return next(r for r in self.store.records("main", kind, viewer=SYSTEM) if r.id == name)

    def committed(self) -> int:
        """Give what is committed of the team's budget, in yuan."""
        return self.store.budget_positions("main", viewer=SYSTEM)["B-EAST"].committed // 100


def on(crm: MemoryCrm, capabilities: Capabilities) -> MemoryAdapter:
    """Open an adapter on a CRM with small pages."""
    return MemoryAdapter("main", crm, page_size=4, capabilities=capabilities)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[Capabilities], Company]]:
    """Give the small company, synced until nothing changes any more."""
    with pytest.MonkeyPatch.context():
        stack: list[object] = []

        def made(capabilities: Capabilities) -> Company:
            crm = filled(MemoryCrm())
            held = job_on(tmp_path, on(crm, capabilities))
            stack.append(held)
            company = Company(held.__enter__(), crm)
            company.run()
            company.run()
            return company

        yield made
        for held in stack:
            held.__exit__(None, None, None)  # type: ignore[attr-defined]


Opened = Callable[[Capabilities], Company]


# --- what the pulls tell --------------------------------------------------------------------------


def test_a_pull_tells_what_is_gone(opened: Opened) -> None:
    """A deleted line is taken from its claim in the next run; the summary counts it."""
    company = opened(SMALL_BATCHES)
    before = company.committed()
    company.crm.delete(Kind.LINE, "L-2")
    run = company.run()
    assert (run.pulled.gone, run.pulled.changes, run.decided.claims) == (1, 1, 1)
    assert run.pulled.as_json()["gone"] == 1
    assert company.committed() == before - 800
    assert company.run().changes == 0


def test_a_deleted_claim_holds_nothing_and_is_not_told(opened: Opened) -> None:
    """A claim is deleted with its lines: the budget has it back, and nobody is written to."""
    company = opened(SMALL_BATCHES)
    before, written = company.committed(), len(company.crm.log)
    company.crm.delete(Kind.CLAIM, "C-2")
    company.crm.delete(Kind.LINE, "L-2")
    run = company.run()
    assert (run.pulled.gone, run.decided.closed, run.pushed.refused) == (2, 1, 0)
    assert company.committed() == before - 800
    assert {record for _, record, _, _ in company.crm.log[written:]} == {"B-EAST", "B-P1"}


def test_a_claim_that_is_put_back_is_decided_and_told(opened: Opened) -> None:
    """Deleted and restored as it was, it is decided as before, and its record says so."""
    company = opened(SMALL_BATCHES)
    before = company.committed()
    company.crm.delete(Kind.CLAIM, "C-2")
    company.run()
    company.crm.put(BY_ID["C-2"])
    run = company.run()
    assert (run.decided.claims, company.committed()) == (1, before)
    assert run.pushed.sent >= 2


def test_merged_people_share_a_budget(opened: Opened) -> None:
    """A person is merged into another: their claims are decided as the other's."""
    company = opened(SMALL_BATCHES)
    company.crm.merge(Kind.ACCOUNT_MANAGER, "P2", "P1")
    run = company.run()
    assert run.pulled.gone == 1
    claims = company.store.records("main", Kind.CLAIM, viewer=SYSTEM)
    assert {one.person for one in claims if hasattr(one, "person")} == {"P1", "P3", "P9"}
    assert company.run().changes == 0
    assert company.run(FULL).pulled.found.changed == 0  # the CRM has moved the names as we did


# --- reading all again ----------------------------------------------------------------------------


@pytest.mark.parametrize("capabilities", [SMALL_BATCHES, SILENT, BLIND])
def test_what_the_pulls_missed_is_found(opened: Opened, capabilities: Capabilities) -> None:
    """A change that no pull gives is found by a reading of all, and decided."""
    company = opened(capabilities)
    before = company.committed()
    company.crm.put_quietly(line("L-2", "lodging", "600", march(4), nights=2, voucher="V-1"))
    assert company.run().changes == 0
    run = company.run(FULL)
    assert (run.pulled.found.changed, run.decided.claims) == (1, 1)
    assert company.committed() == before - 200
    assert set(run.pulled.again) == set(Kind) & {*run.pulled.kinds, *run.pulled.again}
    assert company.run().changes == 0


def test_what_is_not_met_is_looked_up(opened: Opened) -> None:
    """Where no pull tells of deletions, a reading of all does, at once."""
    company = opened(SILENT)
    company.crm.delete(Kind.LINE, "L-2")
    assert company.run().changes == 0
    run = company.run(FULL)
    assert (run.pulled.found.gone, run.pulled.missed) == (1, 0)
    assert "L-2" not in company.ids(Kind.LINE)
    assert company.run(FULL).pulled.gone == 0


def test_what_cannot_be_looked_up_is_missing_twice(opened: Opened) -> None:
    """Without a look, one reading is not enough; two in a row are."""
    company = opened(BLIND)
    company.crm.delete(Kind.LINE, "L-2")
    first = company.run(FULL)
    assert (first.pulled.gone, first.pulled.missed) == (0, 1)
    assert "L-2" in company.ids(Kind.LINE)
    assert company.run().pulled.missed == 0  # a pull is no such reading
    second = company.run(FULL)
    assert (second.pulled.gone, second.pulled.missed) == (1, 0)
    assert "L-2" not in company.ids(Kind.LINE)


def test_missing_twice_but_not_in_a_row_is_nothing(opened: Opened) -> None:
    """What was met in between must be missing twice anew."""
    company = opened(BLIND)
    company.crm.delete(Kind.LINE, "L-2")
    company.run(FULL)
    company.crm.put(BY_ID["L-2"])
    company.run(FULL)
    company.crm.delete(Kind.LINE, "L-2")
    assert company.run(FULL).pulled.gone == 0
    assert company.run(FULL).pulled.gone == 1


class Shifting(MemoryAdapter):
    """Pages shift while they are read: a record is left out of a reading, though it is there."""

    left_out = "L-2"

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        """Give all but one record."""
        for page in super().pull(kind, since):
            kept = (
                fact for fact in page.facts if since is not None or fact.record.id != self.left_out
            )
            yield replace(page, facts=tuple(kept))


@pytest.mark.parametrize("capabilities", [SILENT, BLIND])
def test_pages_that_shift_delete_nothing(opened: Opened, capabilities: Capabilities) -> None:
    """A record that a reading skips is looked up and found, or must be missing twice."""
    company = opened(capabilities)
    shifting = Shifting("main", company.crm, page_size=4, capabilities=capabilities)
    before = company.store.dump()
    run = sync(replace(company.job, adapter=shifting), AT, whole=FULL)
    assert run.pulled.gone == 0
    assert company.store.dump() == before
    assert company.run(FULL).pulled.gone == 0


def test_what_came_while_all_was_read_is_not_missing(opened: Opened) -> None:
    """A record that a pull brought after the reading began is not held against it."""
    company = opened(BLIND)
    readings = Readings(company.store, "main")
    cut = on_fault(company.crm, BLIND, Kind.CLAIM)
    with pytest.raises(RetryableError):
        sync(replace(company.job, adapter=cut), AT, whole=FULL)
    reading = readings.of(Kind.CLAIM)
    assert reading is not None
    assert reading.ended_at is None
    company.crm.put(claim(20, "P1"))
    company.crm.delete(Kind.CLAIM, "C-9")
    run = company.run()
    assert "C-20" in company.ids(Kind.CLAIM)
    assert (run.pulled.gone, run.pulled.missed) == (0, 1)


class _Cut(MemoryAdapter):
    kind = Kind.CLAIM

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        """Break off after the first page of a reading of all."""
        for page in super().pull(kind, since):
            yield page
            if since is None and kind is self.kind:
                raise RetryableError("crm.unavailable", crm="main", detail="cut")


def on_fault(crm: MemoryCrm, capabilities: Capabilities, kind: Kind) -> MemoryAdapter:
    """Open an adapter that breaks off in the middle of a reading of all of a kind."""
    made = _Cut("main", crm, page_size=4, capabilities=capabilities)
    made.kind = kind
    return made


# --- cut off --------------------------------------------------------------------------------------


@pytest.mark.parametrize("capabilities", [SILENT, ALWAYS_ALL])
def test_cut_off_at_every_page_it_goes_on(tmp_path: Path, capabilities: Capabilities) -> None:
    """Killed after any page or look, the reading goes on, and ends as one that was not killed."""
    ends = set()
    for stop in (None, *range(1, 40, 6)):
        folder = tmp_path / str(stop)
        folder.mkdir()
        crm = filled(MemoryCrm())
        with job_on(folder, on(crm, capabilities)) as job:
            sync(job, AT)
            sync(job, AT)
            crm.delete(Kind.LINE, "L-2")
            crm.delete(Kind.CLAIM, "C-3")
            crm.put_quietly(line("L-6", "gift", "100", march(3), voucher="V-3"))
            if stop is not None:
                faults = [
                    Fault(Step.PULL, stop, Failure.UNAVAILABLE),
                    Fault(Step.LOOK, 1, Failure.UNAVAILABLE),
                ]
                cut = MemoryAdapter(
                    "main", crm, page_size=4, capabilities=capabilities, faults=faults
                )
                with pytest.raises(RetryableError):
                    sync(replace(job, adapter=cut), AT, whole=FULL)
            sync(job, AT, whole=FULL)
            sync(job, AT)
            held = {kind: list(job.store.records("main", kind, viewer=SYSTEM)) for kind in Kind}
            ends.add(repr(held) + repr(job.store.budget_positions("main", viewer=SYSTEM)))
            assert job.store.check_contents().broken is None
    assert len(ends) == 1


def test_a_reading_goes_on_with_its_own_cursor(opened: Opened) -> None:
    """What was read before the cut is not read again, and the pulls' cursor stays where it was."""
    company = opened(SILENT)
    cursor = company.store.cursor("main", Kind.LINE)
    cut = on_fault(company.crm, SILENT, Kind.LINE)
    with pytest.raises(RetryableError):
        sync(replace(company.job, adapter=cut), AT, whole=FULL)
    assert company.store.cursor("main", Kind.LINE) == cursor
    adapter = on(company.crm, SILENT)
    run = sync(replace(company.job, adapter=adapter), AT)  # it goes on without being asked
    rows = len(company.crm.rows(Kind.LINE))
    assert run.pulled.again[Kind.LINE].rows == rows - 4
    assert company.store.cursor("main", Kind.LINE) == cursor


# --- by itself ------------------------------------------------------------------------------------


def test_it_is_read_again_after_its_time(opened: Opened) -> None:
    """Not before `full_every` has passed since the last reading of all; the first run is one."""
    company = opened(SILENT)
    weekly = Whole(every=timedelta(days=7))
    assert not company.run(weekly, AT + timedelta(days=6, hours=23)).pulled.again
    late = AT + timedelta(days=7)
    assert company.run(weekly, late).pulled.again
    assert not company.run(weekly, late + timedelta(days=6)).pulled.again
    assert company.run(weekly, late + timedelta(days=7)).pulled.again
    assert not company.run(PULL, late + timedelta(days=99)).pulled.again


@pytest.mark.parametrize(("days", "reads"), [(1, True), (0, False)])
def test_the_settings_say_when(opened: Opened, days: int, *, reads: bool) -> None:
    """`full_every_days` of the connection counts; 0 is never."""
    company = opened(SILENT)
    parts = CrmParts(sync=SyncPart(full_every_days=days))
    connection = Connection("main", "memory", {}, parts)
    settings = replace(company.job.settings, connections={"main": connection})
    run = sync(replace(company.job, settings=settings), AT + timedelta(days=2))
    assert bool(run.pulled.again) == reads


def test_a_first_run_reads_once(tmp_path: Path) -> None:
    """Where nothing was read before, the pull is the reading of all, asked for or not."""
    crm = filled(MemoryCrm())
    adapter = on(crm, SILENT)
    with job_on(tmp_path, adapter) as job:
        run = sync(job, AT, whole=replace(FULL, every=timedelta(days=1)))
    pages = sum(-(-len(crm.rows(kind)) // 4) for kind in Kind)
    assert run.pulled.again.keys() <= {k for k in Kind if not crm.rows(k)}
    assert adapter.steps[Step.PULL] == pages


# --- CRMs that give all, every time ---------------------------------------------------------------


def test_each_pull_of_all_is_such_a_reading(opened: Opened) -> None:
    """Where everything comes every time, what no longer comes is looked up and gone at once."""
    company = opened(ALWAYS_ALL)
    company.crm.delete(Kind.LINE, "L-2")
    run = company.run()
    assert (run.pulled.gone, run.pulled.again) == (1, {})
    assert "L-2" not in company.ids(Kind.LINE)


def test_each_pull_of_all_counts_for_twice(opened: Opened) -> None:
    """Where nothing can be looked up either, the second pull lets it go."""
    company = opened(ALWAYS_ALL_BLIND)
    company.crm.delete(Kind.LINE, "L-2")
    assert (company.run().pulled.missed, company.run().pulled.gone) == (1, 1)


# --- what is not believed -------------------------------------------------------------------------


class Empty(MemoryAdapter):
    """Answers an invalid token with empty lists, and knows no record."""

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        """Give nothing at all."""
        return iter(())

    def look(self, kind: Kind, records: Sequence[str]) -> Page:
        """Know nothing."""
        return on(MemoryCrm(), SMALL_BATCHES).look(kind, records)


def test_an_empty_answer_deletes_nothing(opened: Opened) -> None:
    """No kind of which there are some is emptied; each is told, every run, until it is settled."""
    company = opened(SILENT)
    before = company.store.dump()
    empty = Empty("main", company.crm, page_size=4, capabilities=SILENT)
    run = sync(replace(company.job, adapter=empty), AT, whole=FULL)
    doubted = {p.values["kind"] for p in run.pulled.doubts}
    assert {"line", "claim", "account_manager", "voucher", "opportunity"} <= doubted
    for kind in (Kind.LINE, Kind.CLAIM, Kind.ACCOUNT_MANAGER, Kind.OPPORTUNITY):
        assert len(company.ids(kind)) > 3
    problem = next(p for p in run.pulled.doubts if p.values["kind"] == "line")
    assert problem.code == "sync.too_many_gone"
    assert (problem.values["missing"], problem.values["held"]) == ("13", "13")
    assert "--full --accept-gone" in problem.describe("en")
    assert "--full --accept-gone" in problem.describe("zh")
    small = {"rate", "budget", "account"}  # three of them or less: who knows
    assert before.count("L-2") == company.store.dump().count("L-2")
    assert not doubted & small
    assert company.run().pulled.doubts == run.pulled.doubts  # it is said again
    assert company.run(FULL).pulled.doubts == ()  # and all are met


def test_what_is_accepted_is_gone(opened: Opened) -> None:
    """Whoever knows that all those are gone says so, once."""
    company = opened(SILENT)
    for name in [one.id for one in LINES]:
        company.crm.delete(Kind.LINE, name)
    assert company.run(FULL).pulled.doubts == ()  # one is left of thirteen, and no more were held
    assert company.ids(Kind.LINE) == {"L-4", "L-99"}  # what was paid stands
    for name in list(company.crm.rows(Kind.CLAIM)):
        company.crm.delete(Kind.CLAIM, name)
    assert len(company.run(FULL).pulled.doubts) == 1
    run = company.run(ACCEPT)
    assert (run.pulled.gone, run.pulled.doubts) == (len(CLAIMS), ())
    assert company.run().pulled.doubts == ()


def test_many_of_many_are_not_believed(tmp_path: Path) -> None:
    """Of more than twenty, half may go at once and no more."""
    crm = MemoryCrm()
    count = 2 * (FEW + 2)
    for number in range(count):
        crm.put(claim(number, "P1", ClaimStatus.DRAFT))
    with job_on(tmp_path, on(crm, SILENT)) as job:
        sync(job, AT)
        for number in range(count // 2):
            crm.delete(Kind.CLAIM, f"C-{number}")
        assert sync(job, AT, whole=FULL).pulled.gone == count // 2
        for number in range(count // 2, count // 2 + 12):
            crm.delete(Kind.CLAIM, f"C-{number}")
        run = sync(job, AT, whole=FULL)
        assert (run.pulled.gone, len(run.pulled.doubts)) == (0, 1)


def test_own_claims_are_not_missing(opened: Opened) -> None:
    """What the CRM never had is not held against it: budgets of a plan, claims that are ours."""
    company = opened(SILENT)
    with company.store.work("main") as work:
        mine = replace(claim(50, "P1"), id="EXP-1")
        keep_own(work, [mine], by="P1", at=AT)
    run = company.run(FULL)
    assert run.pulled.gone == 0
    assert company.held(Kind.CLAIM, "EXP-1") == mine


class Forgetful(MemoryAdapter):
    """Takes no cursor of a reading of all after it was made; says so once it is given one."""

    stale = ""

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        """Refuse the cursor that has grown too old."""
        if kind is Kind.LINE and since == self.stale:
            raise RefusedError("memory.cursor", crm="main", cursor=since)
        return super().pull(kind, since)


def test_a_cursor_that_grew_too_old_begins_anew(opened: Opened) -> None:
    """Where the CRM no longer takes the cursor of a reading that was cut off, it starts again."""
    company = opened(SILENT)
    cut = on_fault(company.crm, SILENT, Kind.LINE)
    with pytest.raises(RetryableError):
        sync(replace(company.job, adapter=cut), AT, whole=FULL)
    reading = Readings(company.store, "main").of(Kind.LINE)
    assert reading is not None
    forgetful = Forgetful("main", company.crm, page_size=4, capabilities=SILENT)
    forgetful.stale = reading.cursor
    run = sync(replace(company.job, adapter=forgetful), AT)
    assert run.pulled.again[Kind.LINE].rows == len(company.crm.rows(Kind.LINE))
