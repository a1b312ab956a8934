"""The shelf keeps each content once, whole or not at all, and takes no name from outside."""

import hashlib
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crm_expenses
from crm_expenses.errors import MappingError, StoreError
from crm_expenses.store.shelf import COMING, PORTION, OnShelf, Shelf, Standing

SOURCE = Path(crm_expenses.__file__).resolve().parents[1]


def everything(shelf: Shelf) -> dict[str, bytes]:
    """Give every file of the shelf by its name."""
    found = (path for path in shelf.folder.rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in found}


def test_a_file_comes_back_as_it_was(tmp_path: Path) -> None:
    """What was kept is read back, under the SHA-256 of its bytes."""
    shelf = Shelf(tmp_path / "vouchers")
    kept = shelf.keep([b"fa", b"", b"piao"], name="f.pdf")
    assert kept == OnShelf(hashlib.sha256(b"fapiao").hexdigest(), 6)
    assert b"".join(shelf.read(kept.digest)) == b"fapiao"
    assert shelf.has(kept.digest)
    assert shelf.size(kept.digest) == 6
    assert everything(shelf) == {kept.digest: b"fapiao"}
    assert (shelf.folder / kept.digest[:2] / kept.digest).is_file()


@given(st.lists(st.lists(st.binary(max_size=40), max_size=4), max_size=8))
def test_each_content_is_kept_once(
    tmp_path_factory: pytest.TempPathFactory, contents: list[list[bytes]]
) -> None:
    """However a content is cut into portions, and however often it comes, there is one file."""
    shelf = Shelf(tmp_path_factory.mktemp("shelf"))
    for portions in contents:
        shelf.keep(portions, name="-")
    whole = {b"".join(portions) for portions in contents}
    assert everything(shelf) == {hashlib.sha256(one).hexdigest(): one for one in whole}


def test_only_the_owner_may_look(tmp_path: Path) -> None:
    """Folders are 0700 and files 0600, whatever the process would give else."""
    shelf = Shelf(tmp_path / "vouchers")
    before = os.umask(0)
    try:
        kept = shelf.keep([b"x"], name="-")
    finally:
        os.umask(before)
    modes = {path: path.stat().st_mode & 0o777 for path in [shelf.folder, *shelf.folder.rglob("*")]}
    assert modes.pop(shelf.folder / kept.digest[:2] / kept.digest) == 0o600
    assert set(modes.values()) == {0o700}


@pytest.mark.parametrize(("size", "fits"), [(9, True), (10, True), (11, False)])
def test_the_limit_is_exact(tmp_path: Path, size: int, fits: bool) -> None:  # noqa: FBT001
    """As many bytes as are allowed are kept; one more is refused, and nothing of it stays."""
    shelf = Shelf(tmp_path, bytes_max=10)
    if fits:
        assert shelf.keep([b"x" * size], name="-").size == size
        return
    with pytest.raises(MappingError, match="at most 10 are kept") as told:
        shelf.keep([b"x" * size], name="big.pdf")
    assert told.value.code == "vouchers.too_large"
    assert everything(shelf) == {}


def test_a_file_without_end_is_stopped(tmp_path: Path) -> None:
    """What is too large is read no further than it takes to know."""
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 4

    with pytest.raises(MappingError):
        Shelf(tmp_path, bytes_max=10).keep(endless(), name="-")
    assert taken == 3


def test_a_file_that_was_cut_off_is_not_kept(tmp_path: Path) -> None:
    """Fewer bytes than the other side says that there are is no file; nor is a broken stream."""
    shelf = Shelf(tmp_path)
    with pytest.raises(MappingError) as told:
        shelf.keep([b"half"], name="f.pdf", size_told=8)
    assert told.value.code == "vouchers.size_differs"

    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        shelf.keep(broken(), name="f.pdf")
    assert everything(shelf) == {}


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "", "/", "A" * 64, "g" * 64, "a" * 63, "a" * 65]
)
def test_a_name_from_outside_is_no_path(tmp_path: Path, name: str) -> None:
    """Only a digest finds a file."""
    shelf = Shelf(tmp_path)
    for look in (shelf.has, shelf.size, shelf.look, lambda one: list(shelf.read(one))):
        with pytest.raises(StoreError) as told:
            look(name)
        assert told.value.code == "vouchers.digest"


def test_damage_is_seen_and_mended(tmp_path: Path) -> None:
    """An altered and a missing file are told; the same content coming again mends them."""
    shelf = Shelf(tmp_path)
    kept = shelf.keep([b"receipt"], name="-").digest
    path = tmp_path / kept[:2] / kept
    assert shelf.look(kept) is Standing.WHOLE
    path.write_bytes(b"reciept")
    assert shelf.look(kept) is Standing.ALTERED
    shelf.keep([b"receipt"], name="-")
    assert shelf.look(kept) is Standing.WHOLE
    path.unlink()
    assert shelf.look(kept) is Standing.MISSING
    assert shelf.size(kept) is None
    with pytest.raises(StoreError, match="cannot be used"):
        list(shelf.read(kept))


def test_what_a_killed_process_leaves_is_cleared(tmp_path: Path) -> None:
    """A process that dies leaves a temporary file at most; the next run removes it, no other."""
    program = f"""
import os, signal
from pathlib import Path
from crm_expenses.store.shelf import Shelf
def portions():
    yield b"half"
    print("coming", flush=True)
    input()
Shelf(Path({str(tmp_path)!r})).keep(portions(), name="-")
"""
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    running = subprocess.Popen(
        [sys.executable, "-c", program],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    shelf = Shelf(tmp_path)
    try:
        assert running.stdout is not None
        assert running.stdout.readline() == b"coming\n"
        assert shelf.clear() == 0, "what another process still writes is let be"
        assert len(list((tmp_path / COMING).iterdir())) == 1
    finally:
        running.kill()
        running.wait()
        assert running.stdin is not None
        running.stdin.close()
        running.stdout.close()
    kept = shelf.keep([b"other"], name="-")
    assert shelf.clear() == 1
    assert everything(shelf) == {kept.digest: b"other"}
    assert shelf.clear() == 0


def test_a_large_file_is_never_held(tmp_path: Path) -> None:
    """Keeping and checking 40 MB takes the memory of a few portions."""
    portion = b"x" * PORTION
    count = 640
    shelf = Shelf(tmp_path)
    tracemalloc.start()
    try:
        kept = shelf.keep((portion for _ in range(count)), name="-")
        assert shelf.look(kept.digest) is Standing.WHOLE
        for _ in shelf.read(kept.digest):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert kept.size == count * PORTION
    assert peak < 10 * PORTION


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """Where a file stands in the way of the folder, the error says which folder and what to do."""
    (tmp_path / "vouchers").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreError, match=r"vouchers.*files under \[store\]"):
        Shelf(tmp_path / "vouchers").keep([b"x"], name="-")
