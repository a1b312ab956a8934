"""The store's file: opened, refused, copied, dumped, checked."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from stored_company import AT, CRM, claim, decide_pending, line, open_at, opened, page, put

from crm_expenses.core.record import Kind
from crm_expenses.errors import StoreError
from crm_expenses.store import Store, open_store


def sql(path: Path, *statements: str) -> None:
    """Run statements on a file, with another tool."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def text_file(path: Path) -> None:
    """Write a file that is no database."""
    path.write_text("date,amount\n2026-01-01,5\n" * 100, encoding="utf-8")


def short_file(path: Path) -> None:
    """Write a few bytes."""
    path.write_bytes(b"hi")


def folder(path: Path) -> None:
    """Make a folder where the file should be."""
    path.mkdir()


def newer(path: Path) -> None:
    """Make a store that a later version wrote."""
    open_store(path).close()
    sql(path, "update meta set value = '999'")


def foreign(path: Path) -> None:
    """Make a database of another program."""
    sql(path, "create table invoices (number)", "insert into invoices values (7)")


def foreign_meta(path: Path) -> None:
    """Make a database of another program that has a table of the same name."""
    sql(path, "create table meta (key, value)", "insert into meta values ('schema', '1')")


def foreign_version(path: Path) -> None:
    """Make a database whose schema is not a number of ours."""
    sql(path, "create table meta (name, value)", "insert into meta values ('schema', 'v²')")


def foreign_rows(path: Path) -> None:
    """Make a database with a table like ours, in which nothing is said of a schema."""
    sql(path, "create table meta (name, value)", "insert into meta values ('owner', '1')")


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (text_file, "store.open"),
        (short_file, "store.open"),
        (folder, "store.open"),
        (newer, "store.newer"),
        (foreign, "store.foreign"),
        (foreign_meta, "store.foreign"),
        (foreign_version, "store.foreign"),
        (foreign_rows, "store.foreign"),
    ],
)
def test_what_is_no_store_of_ours(tmp_path: Path, make: Callable[[Path], None], code: str) -> None:
    """A file that is not ours, or of a later version, is refused in both languages, unchanged."""
    path = tmp_path / "given.sqlite3"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreError) as caught:
        open_store(path)
    assert caught.value.code == code
    english, chinese = caught.value.describe("en"), caught.value.describe("zh")
    assert english != chinese
    for said in (english, chinese):
        assert str(path) in said
        assert "{" not in said
    assert (path.read_bytes() if path.is_file() else None) == before
    assert [p.name for p in tmp_path.iterdir()] == ["given.sqlite3"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A store in a folder that does not exist is an error, and no folder is made."""
    with pytest.raises(StoreError) as caught:
        open_store(tmp_path / "none" / "store.sqlite3")
    assert caught.value.code == "store.open"
    assert not (tmp_path / "none").exists()


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    """A file without content belongs to nobody yet."""
    (tmp_path / "store.sqlite3").touch()
    with opened(tmp_path) as store:
        put(store, claim(1))
        assert store.pending(CRM) == ("C-1",)


@pytest.mark.parametrize("name", ["what?.sqlite3", "50%20.db", "报销 #1.db", "a'b\"c.db", "x&y=z"])
def test_names_of_files_that_people_give(tmp_path: Path, name: str) -> None:
    """Whatever a file is called, the store is in it and nowhere else."""
    path = tmp_path / name
    with open_store(path) as store:
        put(store, claim(1))
        assert store.name == str(path)
    assert [p.name for p in tmp_path.iterdir()] == [name]
    with open_store(str(path)) as store:
        assert store.pending(CRM) == ("C-1",)


def test_what_is_kept_is_kept(database: str, tmp_path: Path) -> None:
    """After closing and opening, the store has the same content."""
    with opened(tmp_path) as store:
        put(store, claim(1), line(1))
        decide_pending(store)
        before = store.dump()
    with opened(tmp_path) as store:
        assert store.dump() == before
        assert store.integrity() == "ok"


def test_equal_stores_have_equal_dumps(database: str, tmp_path: Path) -> None:
    """The same work gives the same dump, and any difference shows in it."""
    dumps = []
    for name in ("one", "two"):
        with open_at(tmp_path / name) as store:
            put(store, claim(1), line(1))
            decide_pending(store)
            dumps.append(store.dump())
            store.append(CRM, page(Kind.CLAIM, [], cursor="further"), AT)
            assert store.dump() != dumps[-1]
    assert dumps[0] == dumps[1]


def test_a_copy_is_whole_and_its_own(store: Store, tmp_path: Path) -> None:
    """A copy has everything, and what is done to it leaves the original as it was."""
    put(store, claim(1), line(1))
    before = store.dump()
    store.copy_to(tmp_path / "copy?.sqlite3")
    with open_store(tmp_path / "copy?.sqlite3") as copy:
        assert copy.dump() == before
        decide_pending(copy)
        assert copy.integrity() == "ok"
        assert copy.log_broken_at() is None
    assert store.dump() == before


def test_a_copy_while_another_writes(store: Store, tmp_path: Path) -> None:
    """A copy that is made in the middle of a transaction has none of it."""
    put(store, claim(1))
    before = store.dump()
    with opened(tmp_path) as other, other.work(CRM) as work:
        work.done("C-1")
        store.copy_to(tmp_path / "copy")
    assert store.dump() != before
    with open_store(tmp_path / "copy") as copy:
        assert copy.dump() == before


@pytest.mark.parametrize("bytes_lost", [8, 2_000])
def test_a_damaged_file_is_told(tmp_path: Path, bytes_lost: int) -> None:
    """The database's own check finds a page of records that was overwritten, a little or much."""
    with opened(tmp_path) as store:
        put(store, *(claim(n) for n in range(300)))
        assert store.integrity() == "ok"
    path = tmp_path / "store.sqlite3"
    whole = bytearray(path.read_bytes())
    start = whole.index(b'"id":"C-150"') // 4096 * 4096
    whole[start : start + bytes_lost] = b"\xff" * bytes_lost
    path.write_bytes(whole)
    with opened(tmp_path) as store:
        assert store.integrity() != "ok"


def test_closing_twice_and_going_on(store: Store) -> None:
    """A closed store lets go of its file, may be closed again, and opens it anew when asked."""
    put(store, claim(1))
    store.close()
    store.close()
    assert store.pending(CRM) == ("C-1",)
    put(store, claim(2))
    assert store.pending(CRM) == ("C-1", "C-2")
