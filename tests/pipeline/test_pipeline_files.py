"""Files of vouchers come from the CRM once, go there once, and what fails stops nothing else."""

import hashlib
import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from small_company import AT, filled, job_on
from sqlalchemy import select, update

from crm_expenses.adapters.contract import Ability, Ack, FileRef, FileWrite, Support
from crm_expenses.adapters.memory import (
    CAPABILITIES,
    Failure,
    Fault,
    MemoryAdapter,
    MemoryCrm,
    Step,
)
from crm_expenses.core.audit import Fault as LogFault
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM, Viewer
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.errors import AuthError, ConfigError, MappingError, RefusedError
from crm_expenses.pipeline import Job, PlannedWrite, exactly, make_plan, plan, sync
from crm_expenses.pipeline.audit import verify
from crm_expenses.pipeline.files import VOUCHERS_AT_ONCE, pull_files, push_files
from crm_expenses.pipeline.plan import Reason
from crm_expenses.pipeline.shelfcheck import check_shelf, shelf_of
from crm_expenses.pipeline.summary import FileCount
from crm_expenses.pipeline.sync import sync_files
from crm_expenses.pipeline.vouchers import (
    attach,
    duplicate_files,
    known_files,
    safe_name,
    save,
    try_again,
)
from crm_expenses.store import files
from crm_expenses.store import tables as t
from crm_expenses.store.files import FileRow, FileState
from crm_expenses.store.shelf import COMING, PORTION, Shelf

pytestmark = pytest.mark.usefixtures("database")


def sha(content: bytes) -> str:
    """Give the SHA-256 of bytes."""
    return hashlib.sha256(content).hexdigest()


def rows(job: Job, voucher: str = "") -> list[FileRow]:
    """Give what is known of files."""
    return list(known_files(job.store, "main", viewer=SYSTEM, voucher=voucher))


def states(job: Job) -> dict[str, FileState]:
    """Give the state of each file by its id."""
    return {row.id: row.state for row in rows(job)}


def company(*, faults: Sequence[Fault] = ()) -> MemoryAdapter:
    """Give an adapter on the small company, with two files."""
    crm = filled(MemoryCrm())
    crm.put_file("V-1", "F-1", b"first", name="发票 1.pdf")
    crm.put_file("V-2", "F-2", b"second")
    return MemoryAdapter("main", crm, faults=faults)


def again(adapter: MemoryAdapter, *faults: Fault) -> MemoryAdapter:
    """Open the CRM anew, as the next run does."""
    return MemoryAdapter("main", adapter.crm, faults=faults)


def with_adapter(job: Job, adapter: MemoryAdapter) -> Job:
    """Give the same job with another adapter."""
    return replace(job, adapter=adapter)


# From the CRM


def test_files_come_with_a_sync_and_once(tmp_path: Path) -> None:
    """A sync fetches each file, counts it, says it in the log; the next one fetches nothing."""
    adapter = company()
    with job_on(tmp_path, adapter) as job:
        run = sync(job, AT)
        assert run.files == FileCount(vouchers=4, kept=2, bytes=11)
        assert run.as_json()["files"]["kept"] == 2  # type: ignore[index]
        held = rows(job)
        assert [(r.voucher, r.id, r.name, r.size, r.digest, r.state) for r in held] == [
            ("V-1", "F-1", "发票 1.pdf", 5, sha(b"first"), FileState.HELD),
            ("V-2", "F-2", "F-2.pdf", 6, sha(b"second"), FileState.HELD),
        ]
        assert b"".join(shelf_of(job.settings).read(sha(b"first"))) == b"first"
        sync(job, AT)  # takes the echo of the results
        listed, read = adapter.steps[Step.LIST], adapter.steps[Step.READ_FILE]
        assert sync(job, AT).files == FileCount()
        assert (adapter.steps[Step.LIST], adapter.steps[Step.READ_FILE]) == (listed, read)
        assert verify(job.store, shelf=shelf_of(job.settings)).holds


def test_only_changed_vouchers_are_listed(tmp_path: Path) -> None:
    """A voucher that a person changed is listed again; of its files only the changed one comes."""
    adapter = company()
    with job_on(tmp_path, adapter) as job:
        sync(job, AT)
        adapter.crm.put_file("V-1", "F-1", b"first, better")
        adapter.crm.put_file("V-1", "F-9", b"ninth")
        adapter.crm.put_file("V-2", "F-2", b"not listed, as V-2 is as it was")
        adapter.put(Voucher("V-1", VoucherKind.FAPIAO, "26310000000000000009"))
        assert sync(job, AT).files == FileCount(vouchers=1, kept=2, bytes=18)
        assert {row.id: row.digest for row in rows(job)} == {
            "F-1": sha(b"first, better"),
            "F-9": sha(b"ninth"),
            "F-2": sha(b"second"),
        }
        adapter.put(Voucher("V-1", VoucherKind.FAPIAO, "26310000000000000001"))
        assert sync(job, AT).files == FileCount(vouchers=1, known=2)


def test_a_new_version_alone_lists_a_voucher(tmp_path: Path) -> None:
    """A voucher saved again with the same content has a new version: its files are looked at."""
    adapter = company()
    with job_on(tmp_path, adapter) as job:
        sync(job, AT)
        adapter.crm.put_file("V-3", "F-3", b"third")
        adapter.put(Voucher("V-3", VoucherKind.FAPIAO, "26310000000000000003"))
        assert sync(job, AT).files == FileCount(vouchers=1, kept=1, bytes=5)


def test_many_vouchers_are_listed_in_portions(tmp_path: Path) -> None:
    """No listing asks for more vouchers than are listed at once, and none is left out."""
    asked: list[int] = []

    class Counting(MemoryAdapter):
        def files(self, vouchers: Sequence[str]) -> Iterator[FileRef]:
            asked.append(len(vouchers))
            return iter(list(super().files(vouchers)))

    crm = MemoryCrm()
    count = 2 * VOUCHERS_AT_ONCE + 3
    for number in range(count):
        crm.put(Voucher(f"V-{number}", VoucherKind.RECEIPT))
        crm.put_file(f"V-{number}", f"F-{number}", b"%d" % number)
    with job_on(tmp_path, Counting("main", crm)) as job:
        assert sync(job, AT).files.kept == count
    assert asked == [VOUCHERS_AT_ONCE, VOUCHERS_AT_ONCE, 3]


def test_one_that_fails_stops_no_other(tmp_path: Path) -> None:
    """A file that cannot be read is tried again by the next run; the others are there at once."""
    for failure in (Failure.REFUSED, Failure.UNAVAILABLE, Failure.LOST_AFTER, Failure.CONFLICT):
        folder = tmp_path / failure.value
        adapter = company(faults=[Fault(Step.READ_FILE, 1, failure)])
        folder.mkdir()
        with job_on(folder, adapter) as job:
            run = sync(job, AT)
            assert run.files == FileCount(vouchers=4, kept=1, bytes=6, failed=1), failure
            assert states(job) == {"F-1": FileState.FAILED, "F-2": FileState.HELD}
            failed = rows(job, "V-1")[0]
            assert (failed.tries, failed.digest) == (1, "")
            assert failed.reason
            assert sync(job, AT).files == FileCount(vouchers=1, kept=1, bytes=5)
            now = rows(job, "V-1")[0]
            assert (now.state, now.reason, now.tries) == (FileState.HELD, "", 0)


def test_a_file_is_given_up_after_its_tries(tmp_path: Path) -> None:
    """After its tries a file waits for a person; when told so, it is tried again."""
    adapter = company()
    with job_on(tmp_path, adapter) as job:
        shelf = shelf_of(job.settings)
        sync(with_adapter(job, MemoryAdapter("main", MemoryCrm())), AT)
        for kind in (Kind.VOUCHER,):
            for page in adapter.pull(kind, None):
                job.store.append("main", page, AT)
        bad = [Fault(Step.READ_FILE, n, Failure.REFUSED) for n in range(1, 9)]
        found = [
            pull_files(job.store, again(adapter, *bad), shelf, AT, tries_max=3) for _ in range(4)
        ]
        assert [one.failed for one in found] == [2, 2, 0, 0]
        assert [one.refused for one in found] == [0, 0, 2, 0]
        assert found[3] == FileCount(), "what was given up is not listed any more"
        assert set(states(job).values()) == {FileState.REFUSED}
        assert try_again(job.store, "main", viewer=SYSTEM, voucher="V-1") == 1
        assert pull_files(job.store, adapter, shelf, AT).kept == 1
        assert states(job) == {"F-1": FileState.HELD, "F-2": FileState.REFUSED}


def test_a_crm_that_is_away_counts_no_tries(tmp_path: Path) -> None:
    """Where the CRM gives no file at all, the run ends soon, and no try of a file is counted."""
    crm = filled(MemoryCrm())
    for number in range(9):
        crm.put_file("V-1", f"F-{number}", b"%d" % number)
    away = [Fault(Step.READ_FILE, n, Failure.UNAVAILABLE) for n in range(1, 99)]
    with job_on(tmp_path, MemoryAdapter("main", crm, faults=away)) as job:
        run = sync(job, AT)
        assert run.files.failed == 3
        assert rows(job) == []
        assert sync(with_adapter(job, MemoryAdapter("main", crm)), AT).files.kept == 9


def test_refused_credentials_end_the_run(tmp_path: Path) -> None:
    """Where the credentials are refused, no other file is tried, and the run says so."""
    adapter = company(faults=[Fault(Step.READ_FILE, 1, Failure.AUTH)])
    with job_on(tmp_path, adapter) as job, pytest.raises(AuthError):
        sync(job, AT)
    assert adapter.steps[Step.READ_FILE] == 1


def test_a_voucher_that_cannot_be_listed_stops_no_other(tmp_path: Path) -> None:
    """A listing that is refused is asked by halves; the voucher at fault is told."""

    class Picky(MemoryAdapter):
        def files(self, vouchers: Sequence[str]) -> Iterator[FileRef]:
            if "V-2" in vouchers:
                raise RefusedError("memory.no_record", crm="main", record="V-2")
            return iter(list(super().files(vouchers)))

    crm = company().crm
    with job_on(tmp_path, Picky("main", crm)) as job:
        assert sync(job, AT).files == FileCount(vouchers=4, kept=1, bytes=5, failed=1)
        assert states(job) == {"F-1": FileState.HELD, "": FileState.FAILED}
        assert sync(with_adapter(job, MemoryAdapter("main", crm)), AT).files.kept == 1
        assert states(job) == {"F-1": FileState.HELD, "F-2": FileState.HELD}


@pytest.mark.parametrize("has_size", [True, False])
def test_too_large_a_file_is_refused_at_once(tmp_path: Path, has_size: bool) -> None:  # noqa: FBT001
    """A file over the limit is not fetched where its size is told, else no further than needed."""
    crm = filled(MemoryCrm())
    crm.put_file("V-1", "F-1", b"x" * 11, has_size=has_size)
    adapter = MemoryAdapter("main", crm)
    with job_on(tmp_path, adapter) as opened:
        job = replace(opened, settings=replace(opened.settings, file_bytes_max=10))
        assert sync(job, AT).files == FileCount(vouchers=4, refused=1)
        row = rows(job)[0]
        assert row.state is FileState.REFUSED
        assert "at most 10 are kept (file_bytes_max under [store]" in row.reason
        assert adapter.steps[Step.READ_FILE] == (0 if has_size else 1)


def test_a_file_that_went_is_told(tmp_path: Path) -> None:
    """A file that the CRM lists no more is gone; our copy of it stays, and it may come back."""
    adapter = company()
    with job_on(tmp_path, adapter) as job:
        sync(job, AT)
        held = adapter.crm.files.pop(("V-1", "F-1"))
        adapter.put(Voucher("V-1", VoucherKind.FAPIAO, "1"))
        sync(job, AT)
        assert states(job) == {"F-1": FileState.GONE, "F-2": FileState.HELD}
        assert shelf_of(job.settings).has(sha(b"first"))
        adapter.crm.files["V-1", "F-1"] = held
        adapter.put(Voucher("V-1", VoucherKind.FAPIAO, "2"))
        sync(job, AT)
        assert states(job)["F-1"] is FileState.HELD
        assert verify(job.store, shelf=shelf_of(job.settings)).holds


def test_long_and_strange_names_are_kept(tmp_path: Path) -> None:
    """Names that no index or database takes stop nothing, and stay apart."""
    crm = filled(MemoryCrm())
    for end in "ab":
        crm.put_file("V-1", "客" * 500 + end, end.encode(), name="n\0" + "名" * 900 + end)
    with job_on(tmp_path, MemoryAdapter("main", crm)) as job:
        assert sync(job, AT).files.kept == 2
        assert sorted(row.digest for row in rows(job)) == sorted([sha(b"a"), sha(b"b")])
        assert sync(job, AT).files == FileCount()
        assert verify(job.store, shelf=shelf_of(job.settings)).holds


def test_without_the_ability_nothing_is_asked(tmp_path: Path) -> None:
    """A CRM without files is not asked for any, and none is sent to it."""
    abilities = {Ability.INCREMENTAL: Support.YES}
    adapter = MemoryAdapter(
        "main", company().crm, capabilities=replace(CAPABILITIES, abilities=abilities)
    )
    with job_on(tmp_path, adapter) as job:
        assert sync(job, AT).files == FileCount()
        row = put(job, tmp_path, b"mine")
        assert row.state is FileState.HELD, "there is nobody to send it to"
        assert sync(job, AT).files == FileCount()
    assert adapter.steps[Step.LIST] == adapter.steps[Step.WRITE_FILE] == 0


def test_a_large_file_takes_the_memory_of_portions(tmp_path: Path) -> None:
    """Fetching 40 MB takes no more memory than fetching a little."""
    portion, count = b"y" * PORTION, 640
    crm = MemoryCrm()
    crm.put(Voucher("V-1", VoucherKind.RECEIPT))
    crm.put_file("V-1", "F-1", lambda: (portion for _ in range(count)))
    adapter = MemoryAdapter("main", crm)
    with job_on(tmp_path, adapter) as job:
        for page in adapter.pull(Kind.VOUCHER, None):
            job.store.append("main", page, AT)
        tracemalloc.start()
        try:
            found = pull_files(job.store, adapter, Shelf(tmp_path / "v"), AT)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert found.bytes == count * PORTION
    assert peak < 5_000_000


# To the CRM


def put(
    job: Job,
    folder: Path,
    content: bytes,
    *,
    name: str = "receipt.pdf",
    person: str = "P1",
    viewer: Viewer | None = None,
) -> FileRow:
    """Attach a file to V-1, which is behind a line of P1."""
    path = folder / name
    path.write_bytes(content)
    return attach(
        job.store,
        job.adapter,
        shelf_of(job.settings),
        voucher="V-1",
        path=path,
        viewer=viewer or Viewer(person),
        at=AT,
    )


def test_a_file_of_ours_goes_there_once(tmp_path: Path) -> None:
    """A file that was attached is sent by the next run, once; the CRM's own name replaces ours."""
    adapter = company()
    with job_on(tmp_path, adapter) as job:
        sync(job, AT)
        row = put(job, tmp_path, b"mine")
        assert (row.state, row.type) == (FileState.TO_SEND, "application/pdf")
        assert put(job, tmp_path, b"mine") == row, "the same file twice is one"
        told = {"name": ("", "receipt.pdf"), "sha256": ("", sha(b"mine"))}
        why = (Reason("plan.why_file", {"name": "receipt.pdf"}),)
        assert plan(job, AT) == (PlannedWrite("file", "V-1", told, row.key, why),)
        assert sync(job, AT).files == FileCount(sent=1, bytes_sent=4)
        assert sync(job, AT).files == FileCount()
        sent = [one for one in adapter.crm.files.values() if one.content == b"mine"]
        assert [one.ref.name for one in sent] == ["receipt.pdf"]
        adapter.put(Voucher("V-1", VoucherKind.FAPIAO, "1"))
        assert sync(job, AT).files == FileCount(vouchers=1, known=1, kept=1, bytes=4)
        assert {row.id for row in rows(job, "V-1")} == {"F-1", sent[0].ref.id}
        assert verify(job.store, shelf=shelf_of(job.settings)).holds


def test_a_plan_holds_for_files_too(tmp_path: Path) -> None:
    """A file that was attached after a plan was made is not sent with it, nor is anything else."""
    adapter = company()
    with job_on(tmp_path, adapter) as job:
        sync(job, AT)
        put(job, tmp_path, b"mine")
        made = make_plan(job, AT)
        put(job, tmp_path, b"another")
        run, changed = exactly(job, made, AT)
        assert (changed.added, run.files.sent) == ((("file", "V-1"),), 0)
        assert not [one for one in adapter.crm.files.values() if one.content == b"mine"]
        run, changed = exactly(job, make_plan(job, AT), AT)
        assert (changed.is_other_work, run.files.sent) == (False, 2)
        run, changed = exactly(job, made, AT)  # what was planned is there already
        assert (changed.is_other_work, run.files.sent) == (False, 0)


@pytest.mark.parametrize("failure", [Failure.LOST_AFTER, Failure.LOST_BEFORE, Failure.UNAVAILABLE])
def test_a_lost_answer_sends_no_file_twice(tmp_path: Path, failure: Failure) -> None:
    """What may have arrived is looked up before it is sent again."""
    adapter = company()
    with job_on(tmp_path, adapter) as job:
        sync(job, AT)
        put(job, tmp_path, b"mine")
        losing = again(adapter, Fault(Step.WRITE_FILE, 1, failure))
        assert sync(with_adapter(job, losing), AT).files.failed == 1
        assert rows(job, "V-1")[1].state is FileState.SENDING
        next_one = again(adapter)
        assert sync(with_adapter(job, next_one), AT).files.sent == 1
        assert next_one.steps["read_back"] == 1
        assert [one.content for one in adapter.crm.files.values()].count(b"mine") == 1


def test_a_crash_while_sending_sends_no_file_twice(tmp_path: Path) -> None:
    """A process that ends after the CRM has the file, and before we know, doubles nothing."""
    adapter = company()

    class Dying(MemoryAdapter):
        def write_file(self, write, portions):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            super().write_file(write, portions)
            raise KeyboardInterrupt

    with job_on(tmp_path, adapter) as job:
        sync(job, AT)
        put(job, tmp_path, b"mine")
        with pytest.raises(KeyboardInterrupt):
            sync(with_adapter(job, Dying("main", adapter.crm)), AT)
    with job_on(tmp_path, adapter) as job:
        assert sync(job, AT).files.sent == 1
        assert [one.content for one in adapter.crm.files.values()].count(b"mine") == 1


class Cut(BaseException):
    """The end of the process, as far as Python can have one."""


class Brittle(MemoryAdapter):
    """An adapter that ends the process at the n-th step with files; 0 for never."""

    def __init__(self, crm: MemoryCrm, cut_at: int = 0) -> None:
        super().__init__("main", crm)
        self.left = cut_at

    def step(self) -> None:
        """Count one step, and end when it is the one."""
        self.left -= 1
        if self.left == 0:
            raise Cut

    def files(self, vouchers: Sequence[str]) -> list[FileRef]:
        """List, before and after."""
        self.step()
        found = list(super().files(vouchers))
        self.step()
        return found

    def read_file(self, ref: FileRef) -> Iterator[bytes]:
        """Read, with a step in the middle and at the end."""
        for portion in super().read_file(ref):
            yield portion[:2]
            self.step()
            yield portion[2:]
        self.step()

    def write_file(self, write: FileWrite, portions: Iterable[bytes]) -> Ack:
        """Write, before and after."""
        self.step()
        ack = super().write_file(write, portions)
        self.step()
        return ack


def settled_after(folder: Path, cut_at: int) -> tuple[str, list[bytes], bool]:
    """Run with an end at a step, then anew; give store and CRM, and whether it was cut off."""
    folder.mkdir()
    crm = company().crm
    with job_on(folder, Brittle(crm)) as job:
        for page in job.adapter.pull(Kind.VOUCHER, None):
            job.store.append("main", page, AT)
        put(job, folder, b"mine", viewer=SYSTEM)
    is_cut = False
    for step in (cut_at, 0, 0):
        with job_on(folder, Brittle(crm, step)) as job:
            try:
                sync_files(job, AT)
            except Cut:
                is_cut = True
    with job_on(folder, Brittle(crm)) as job:
        shelf = shelf_of(job.settings)
        assert check_shelf(job.store, shelf).holds
        assert not list((shelf.folder / COMING).iterdir())
        contents = sorted(
            one.content for one in crm.files.values() if isinstance(one.content, bytes)
        )
        return job.store.dump(), contents, is_cut


def test_cut_off_anywhere_it_ends_the_same(tmp_path: Path) -> None:
    """A run that ends at any step with files, run again, ends as an undisturbed one."""
    expected = settled_after(tmp_path / "whole", 0)[:2]
    assert expected[1] == [b"first", b"mine", b"second"]
    steps = 0
    for step in range(1, 50):
        found = settled_after(tmp_path / str(step), step)
        assert found[:2] == expected, step
        if not found[2]:
            break
        steps += 1
    assert steps == 8


def test_a_refused_file_waits_for_a_person(tmp_path: Path) -> None:
    """A file that the CRM refuses is not sent again until somebody says so."""
    adapter = company()
    with job_on(tmp_path, adapter) as job:
        sync(job, AT)
        put(job, tmp_path, b"mine")
        bad = again(adapter, Fault(Step.WRITE_FILE, 1, Failure.REFUSED))
        assert sync(with_adapter(job, bad), AT).files.refused == 1
        assert sync(job, AT).files == FileCount()
        assert try_again(job.store, "main", viewer=SYSTEM) == 1
        assert sync(job, AT).files.sent == 1


def test_an_unknown_answer_is_asked_only_so_often(tmp_path: Path) -> None:
    """After its tries, a file of which no answer ever comes waits for a person."""
    adapter = company()
    with job_on(tmp_path, adapter) as job:
        sync(job, AT)
        put(job, tmp_path, b"mine")
        shelf = shelf_of(job.settings)
        found = []
        for _ in range(4):
            losing = again(adapter, Fault(Step.WRITE_FILE, 1, Failure.LOST_BEFORE))
            found.append(push_files(job.store, losing, shelf, AT, tries_max=3))
        assert [(one.failed, one.refused) for one in found] == [(1, 0), (1, 0), (0, 1), (0, 0)]


def test_a_copy_that_is_missing_is_told(tmp_path: Path) -> None:
    """A file whose copy is gone from the shelf cannot be sent; the others are."""
    adapter = company()
    with job_on(tmp_path, adapter) as job:
        sync(job, AT)
        lost = put(job, tmp_path, b"lost", name="a.pdf")
        put(job, tmp_path, b"mine", name="b.pdf")
        shelf = shelf_of(job.settings)
        (shelf.folder / lost.digest[:2] / lost.digest).unlink()
        assert sync(job, AT).files == FileCount(sent=1, bytes_sent=4, refused=1)


def test_people_attach_to_their_own_vouchers(tmp_path: Path) -> None:
    """Only whose voucher it is may add to it, or who sees everything; what is wrong is told."""
    adapter = company()
    with job_on(tmp_path, adapter) as job:
        sync(job, AT)
        with pytest.raises(RefusedError):
            put(job, tmp_path, b"not mine", person="P2")
        with pytest.raises(RefusedError):
            known_files(job.store, "main", viewer=Viewer("P2"), voucher="V-1")
        assert known_files(job.store, "main", viewer=Viewer("P1"), voucher="V-1")
        shelf = shelf_of(job.settings)
        common = {"voucher": "V-1", "viewer": SYSTEM, "at": AT}
        with pytest.raises(ConfigError) as told:
            attach(job.store, adapter, shelf, path=tmp_path / "none.pdf", **common)  # type: ignore[arg-type]
        assert told.value.code == "vouchers.unreadable"
        big = tmp_path / "big.pdf"
        big.write_bytes(b"x" * 11)
        with pytest.raises(MappingError):
            attach(job.store, adapter, Shelf(shelf.folder, 10), path=big, **common)  # type: ignore[arg-type]


# Copies out, duplicates, and whether all is there


def test_saved_copies_stay_in_the_folder(tmp_path: Path) -> None:
    """However a file is called in the CRM, its copy stands in the folder, and over nothing else."""
    crm = filled(MemoryCrm())
    names = ["../../evil.pdf", "/etc/passwd", "a.pdf", "a.pdf", "con.txt", "..", "x\ny.pdf"]
    for number, name in enumerate(names):
        crm.put_file("V-1", f"F-{number}", b"%d" % number, name=name)
    out = tmp_path / "deep" / "out"
    with job_on(tmp_path, MemoryAdapter("main", crm)) as job:
        sync(job, AT)
        out.mkdir(parents=True)
        (out / "passwd").symlink_to(tmp_path / "elsewhere")
        (out / "a.pdf").write_bytes(b"somebody's")
        shelf = shelf_of(job.settings)
        made = save(shelf, rows(job, "V-1"), out)
        assert all(path.parent == out for _, path in made)
        assert sorted(path.name for _, path in made) == [
            "_con.txt", "a (2).pdf", "a (3).pdf", "evil.pdf", "file", "passwd (2)", "x_y.pdf",
        ]  # fmt: skip
        assert all(sha(path.read_bytes()) == row.digest for row, path in made)
        assert (out / "a.pdf").read_bytes() == b"somebody's"
        assert not (tmp_path / "elsewhere").exists()
        assert sorted(p for _, p in save(shelf, rows(job, "V-1"), out)) == sorted(
            p for _, p in made
        ), "saving again makes no second copies"


@pytest.mark.parametrize("name", ["长" * 300 + ".pdf", "a" * 300, "." * 300, "a." + "b" * 300])
def test_safe_names_are_short(name: str) -> None:
    """A name of any length becomes one that file systems take."""
    assert 0 < len(safe_name(name).encode()) <= 200


def test_the_same_file_behind_two_vouchers_is_told(tmp_path: Path) -> None:
    """Equal bytes behind two vouchers are listed with claims and people, and nothing else is."""
    adapter = company()
    adapter.crm.put_file("V-4", "F-4", b"first")
    adapter.crm.put_file("V-2", "F-5", b"second")
    adapter.crm.put_file("V-3", "F-6", b"")
    adapter.crm.put_file("V-2", "F-7", b"")
    with job_on(tmp_path, adapter) as job:
        sync(job, AT)
        found = duplicate_files(job.store, viewer=SYSTEM)
        assert [(one.digest, one.size) for one in found] == [(sha(b"first"), 5)]
        assert [(p.file.voucher, p.claims, p.people) for p in found[0].places] == [
            ("V-1", ("C-2",), ("P1",)),
            ("V-4", ("C-9",), ("P2",)),
        ]
        with pytest.raises(RefusedError):
            duplicate_files(job.store, viewer=Viewer("P1"))


def test_altered_and_missing_files_fail_the_audit(tmp_path: Path) -> None:
    """The audit reads each file whole; the quick look sees what is missing, or has another size."""
    adapter = company()
    with job_on(tmp_path, adapter) as job:
        sync(job, AT)
        shelf = shelf_of(job.settings)
        assert verify(job.store, shelf=shelf).files == check_shelf(job.store, shelf)
        assert check_shelf(job.store, shelf).whole == 2
        first, second = sha(b"first"), sha(b"second")
        (shelf.folder / first[:2] / first).write_bytes(b"fIrst")
        (shelf.folder / second[:2] / second).unlink()
        found = verify(job.store, shelf=shelf)
        assert found.files is not None
        assert (found.files.missing, found.files.altered) == ((second,), (first,))
        assert not found.holds
        quick = check_shelf(job.store, shelf, quick=True)
        assert (quick.missing, quick.altered) == ((second,), ())


@pytest.mark.parametrize("column", ["digest", "name", "size", "version", "voucher"])
def test_a_row_that_was_changed_breaks_the_log(tmp_path: Path, column: str) -> None:
    """What is known of a file cannot be changed, added or taken out unseen."""
    adapter = company()
    with job_on(tmp_path, adapter) as job:
        sync(job, AT)
        with job.store.reading() as connection:
            entry = connection.execute(select(t.audit.c.number)).scalars().all()[-1]
        new = 7 if column == "size" else "f" * 64
        with job.store.writing() as connection:
            connection.execute(update(t.file).where(t.file.c.id == "F-1").values({column: new}))
        broken = verify(job.store).broken
        assert broken is not None
        assert broken.fault is LogFault.CONTENT
        assert broken.number <= entry


def test_a_row_that_was_taken_out_or_added_breaks_the_log(tmp_path: Path) -> None:
    """A row that is missing is named by its entry; one that nobody logged is told as well."""
    adapter = company()
    with job_on(tmp_path, adapter) as job:
        sync(job, AT)
        row = rows(job, "V-1")[0]
        with job.store.writing() as connection:
            files.put_file(connection, replace(row, id="F-8"))
        assert verify(job.store).broken is not None
        with job.store.writing() as connection:
            connection.execute(t.file.delete().where(t.file.c.id.in_(["F-8", "F-1"])))
        broken = verify(job.store).broken
        assert broken is not None
        assert broken.fault is LogFault.CONTENT
