"""Files beside vouchers in Zoho CRM: each once, by size and digest, never held whole."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from zoho_bench import ZohoBench

from crm_expenses.adapters.contract import (
    Ability,
    AckState,
    FileRef,
    FileWrite,
    Opening,
    Support,
)
from crm_expenses.adapters.exchange import Clock
from crm_expenses.adapters.zoho.client import open_zoho
from crm_expenses.adapters.zoho.filecalls import NAME_CHARS, SEEN_FOR, SIZE_MAX, marked, unmarked
from crm_expenses.core.record import Kind
from crm_expenses.errors import RetryableError, UnsupportedError
from crm_expenses.testing.zohosim import Fault

CONTENT = bytes(range(251)) * 1_000
MISSING = "700000000000000001"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ZohoBench]:
    """An organisation with vouchers."""
    made = ZohoBench(tmp_path)
    made.rows_max = 200
    made.seed(made.sample({Kind.VOUCHER}))
    yield made
    made.close()


def write(bench: ZohoBench, content: bytes = CONTENT, name: str = "发票 1.pdf") -> FileWrite:
    """Give a file to put beside the first voucher."""
    digest = hashlib.sha256(content).hexdigest()
    voucher = bench.named(Kind.VOUCHER, "V-1")
    return FileWrite("k", voucher, name, "application/pdf", len(content), digest)


def uploads(bench: ZohoBench) -> int:
    """Count the files that were sent."""
    return len(bench.sim.calls("^POST .*/Attachments"))


def test_a_file_costs_two_calls_and_its_repetition_one(bench: ZohoBench) -> None:
    """A list and an upload; where it stands already, only the list: its name carries its digest."""
    adapter = bench.zoho()
    for _ in range(3):
        assert adapter.write_file(write(bench), iter([CONTENT])).state is AckState.DONE
    log = [one.method for one in bench.sim.calls("/Attachments")]
    assert log == ["GET", "POST", "GET", "GET"]
    assert bench.attached("V-1") == {"发票 1.pdf": CONTENT}


def test_files_in_a_row_need_one_list(bench: ZohoBench) -> None:
    """Several files beside one voucher, one behind the other, cost one list and their uploads."""
    adapter = bench.zoho()
    contents = [bytes([number]) * 10 for number in range(4)]
    for number, content in enumerate(contents):
        one = write(bench, content, f"{number}.png")
        assert adapter.write_file(one, [content]).state is AckState.DONE
    log = [one.method for one in bench.sim.calls("/Attachments")]
    assert log == ["GET", *["POST"] * 4]
    assert sorted(bench.attached("V-1").values()) == contents


@pytest.mark.parametrize("why", ["late", "uncertain", "another voucher", "lost answer"])
def test_a_list_serves_no_longer_than_it_is_sure(bench: ZohoBench, why: str) -> None:
    """Where a list may not be true any more, a file that others put there is seen by a new one."""
    passed = [0.0]
    clock = Clock(wall=lambda: passed[0], monotonic=lambda: passed[0], sleep=lambda _seconds: None)
    adapter = open_zoho(bench.opening(), clock=clock)
    first, other = write(bench, b"first", "1.png"), write(bench, b"other", "2.png")
    assert adapter.write_file(first, [b"first"]).state is AckState.DONE
    bench.attach("V-1", "scan.png", b"other")
    match why:
        case "late":
            passed[0] += SEEN_FOR.total_seconds() + 1
        case "uncertain":
            other = replace(other, uncertain=True)
        case "another voucher":
            elsewhere = replace(write(bench, b"else", "3.png"), voucher=MISSING)
            adapter.write_file(elsewhere, [b"else"])
        case "lost answer":
            bench.sim.faults.add(Fault.DROP_BEFORE, "^POST .*/Attachments")
            lost = adapter.write_file(write(bench, b"lost", "3.png"), [b"lost"])
            assert lost.state is AckState.UNKNOWN
    assert adapter.write_file(other, [b"other"]).state is AckState.DONE
    assert sorted(bench.attached("V-1").values()) == [b"first", b"other"]


def test_a_file_that_a_person_put_there_is_not_doubled(bench: ZohoBench) -> None:
    """A file of the same size without our mark is read, and is the same or is not."""
    adapter = bench.zoho()
    bench.attach("V-1", "scan.pdf", CONTENT)
    assert adapter.write_file(write(bench), iter([CONTENT])).state is AckState.DONE
    assert uploads(bench) == 0
    other = bytes(reversed(CONTENT))
    assert adapter.write_file(write(bench, other), iter([other])).state is AckState.DONE
    assert uploads(bench) == 1


def test_files_of_one_size_are_told_apart(bench: ZohoBench) -> None:
    """Two files of one size that we put there are two, told apart by what their names carry."""
    adapter, other = bench.zoho(), bytes(reversed(CONTENT))
    for name, content in (("a.pdf", CONTENT), ("b.pdf", other), ("a.pdf", CONTENT)):
        ack = adapter.write_file(write(bench, content, name), iter([content]))
        assert ack.state is AckState.DONE
    assert bench.attached("V-1") == {"a.pdf": CONTENT, "b.pdf": other}


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.DROP_BEFORE])
def test_a_lost_answer_is_unknown_and_settled(bench: ZohoBench, fault: Fault) -> None:
    """Where the answer to an upload is lost, the next sending finds out, and the file is once."""
    bench.sim.faults.add(fault, "^POST .*/Attachments")
    try:
        first = bench.zoho().write_file(write(bench), iter([CONTENT])).state
    except RetryableError:
        first = AckState.UNKNOWN
    assert first is AckState.UNKNOWN
    again = replace(write(bench), uncertain=True)
    assert bench.zoho().write_file(again, iter([CONTENT])).state is AckState.DONE
    assert bench.attached("V-1") == {"发票 1.pdf": CONTENT}


def test_a_token_that_ends_before_an_upload(bench: ZohoBench) -> None:
    """Where the token ends as a file is sent, the next sending succeeds with a new one."""
    adapter = bench.zoho()
    bench.sim.faults.add(Fault.TOKENS_REVOKED, "^POST .*/Attachments")
    with pytest.raises(RetryableError):
        adapter.write_file(write(bench), iter([CONTENT]))
    assert adapter.write_file(write(bench), iter([CONTENT])).state is AckState.DONE


def test_what_is_too_large_is_not_sent(bench: ZohoBench) -> None:
    """A file beyond what Zoho takes is refused before a byte of it is read."""
    large = replace(write(bench), size=SIZE_MAX + 1)
    assert bench.zoho().write_file(large, iter(())).state is AckState.REFUSED
    assert not bench.sim.calls("/Attachments")


def test_no_such_voucher(bench: ZohoBench) -> None:
    """A voucher that is not there has no files, and takes none."""
    adapter = bench.zoho()
    for name in ("nobody", "900001000000000000", "../users"):
        assert not list(adapter.files([name]))
        gone = replace(write(bench), voucher=name)
        assert adapter.write_file(gone, iter([CONTENT])).state is AckState.REFUSED
    assert uploads(bench) <= 1


def test_many_files_come_in_pages(bench: ZohoBench) -> None:
    """More files than a page holds are all listed."""
    bench.rows_max = 2
    for number in range(5):
        bench.attach("V-1", f"{number}.png", bytes([number]))
    refs = list(bench.zoho().files([bench.named(Kind.VOUCHER, "V-1")]))
    assert sorted(ref.name for ref in refs) == [f"{number}.png" for number in range(5)]


def test_without_vouchers_there_are_no_files(tmp_path: Path) -> None:
    """Where vouchers are not read, files are refused."""
    bench = ZohoBench(tmp_path, modules={"voucher": ""})
    adapter = open_zoho(Opening("main", bench.options))
    bench.close()
    assert adapter.capabilities.support(Ability.VOUCHER_FILES) is Support.NO
    assert adapter.capabilities.support(Ability.FILE_WRITES) is Support.NO
    with pytest.raises(UnsupportedError):
        adapter.files(["1"])
    with pytest.raises(UnsupportedError):
        adapter.read_file(FileRef("1", "2", "x"))
    with pytest.raises(UnsupportedError):
        adapter.write_file(FileWrite("k", "1", "x", "", 0, "0" * 64), iter(()))


@given(st.text(max_size=300) | st.text("a.~/0\n", max_size=30), st.binary(max_size=3))
@example("0.", b"")
@settings(max_examples=1_000)
def test_a_mark_comes_off_again(name: str, content: bytes) -> None:
    """A name that was marked is its own again, as far as it was not too long."""
    digest = hashlib.sha256(content).hexdigest()
    if unmarked(name) == name and len(name) <= NAME_CHARS:
        assert unmarked(marked(name, digest)) == name
    assert digest[:16] in marked(name, digest)
