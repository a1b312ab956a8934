"""The log in the store: one chain over everything that was written, and edits show."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from stored_company import AT, CRM, claim, decide_pending, line, opened, put

from crm_expenses.core.audit import GENESIS, Fault
from crm_expenses.core.checkpoint import Checkpoint
from crm_expenses.core.words import commitment
from crm_expenses.store import Store
from crm_expenses.store import log as log_of
from crm_expenses.store import tables as t
from crm_expenses.store.log import add_checkpoint, read_checkpoints, read_log, write_log


def edit(store: Store, *statements: str) -> None:
    """Change what is stored behind the store's back."""
    with store.writing() as connection:
        for statement in statements:
            assert connection.execute(text(statement)).rowcount > 0


@pytest.fixture
def written(store: Store) -> Store:
    """Give a store with a log of several entries."""
    put(store, *(claim(n) for n in (1, 2, 3)), *(line(n) for n in (1, 2, 3)))
    decide_pending(store)
    return store


def test_the_chain_holds(written: Store, tmp_path: Path) -> None:
    """Every entry names the digest before it, from the first on, over several openings."""
    written.close()
    with opened(tmp_path) as again:
        put(again, line(1, 5))
        decide_pending(again)
        assert again.log_broken_at() is None
        with again.reading() as connection:
            log = list(read_log(connection))
    assert [entry.number for entry in log] == list(range(1, 8))
    assert [entry.previous for entry in log] == [GENESIS, *(entry.digest for entry in log[:-1])]
    assert [entry.action for entry in log].count("decide") == 4
    assert {entry.at for entry in log} == {AT}


def test_an_empty_log_holds(store: Store) -> None:
    """Where nothing was written nothing is broken."""
    assert store.log_broken_at() is None


def alter(store: Store, number: int, old: bytes, new: bytes) -> None:
    """Rewrite the bytes of an entry, and leave its digest."""
    of = t.audit.c.number == number
    with store.writing() as connection:
        body = connection.execute(select(t.audit.c.body).where(of)).scalar_one()
        assert old in bytes(body)
        changed = bytes(body).replace(old, new)
        connection.execute(t.audit.update().where(of).values(body=changed))


@pytest.mark.parametrize(
    ("number", "old", "new"),
    [
        (3, b"C-1", b"C-9"),
        (1, b"sync", b"me"),
        (5, b"decide", b"pay"),
        (4, b"a", b"b"),
        (2, b"2026", b"2020"),
        (5, b'{"', b""),
    ],
)
def test_a_planted_edit_is_found(written: Store, number: int, old: bytes, new: bytes) -> None:
    """An edit made with another tool is found at the entry that it was made in."""
    alter(written, number, old, new)
    assert written.log_broken_at() == number


@pytest.mark.parametrize(
    ("statements", "broken"),
    [
        (["delete from audit where number = 3"], 3),
        (["delete from audit where number = 1"], 1),
        (["update audit set number = 77 where number = 5"], 5),
        (
            [
                "update audit set number = 99 where number = 2",
                "update audit set number = 2 where number = 3",
                "update audit set number = 3 where number = 99",
            ],
            2,
        ),
        (["insert into audit select 6, body, digest from audit where number = 5"], 6),
    ],
)
def test_a_planted_move_is_found(written: Store, statements: list[str], broken: int) -> None:
    """An entry that was taken out, moved or put in twice is found at its place."""
    edit(written, *statements)
    assert written.log_broken_at() == broken


@pytest.mark.parametrize("value", ["'text'", "7", "x''", "zeroblob(32)"])
@pytest.mark.parametrize("column", ["body", "digest"])
def test_values_of_another_type(tmp_path: Path, column: str, value: str) -> None:
    """What a damaged or edited file of SQLite may give is no reason to stop."""
    with opened(tmp_path) as store:
        write_some(store, 3)
        edit(store, f"update audit set {column} = {value} where number = 2")  # noqa: S608  our own
        assert store.log_broken_at() == 2


def test_a_log_with_several_zones(store: Store) -> None:
    """A time is kept as it was given, with its zone."""
    moments = [AT, datetime(2026, 4, 1, 0, 0, 0, 5, tzinfo=UTC)]
    with store.writing() as connection:
        for at in moments:
            write_log(connection, at=at, actor="a", action="b", subject="餐", content="00")
    assert store.log_broken_at() is None
    with store.reading() as connection:
        assert [entry.at for entry in read_log(connection)] == moments


def test_what_is_undone_is_not_logged(store: Store) -> None:
    """A transaction that fails leaves no entry, and the next one takes its number."""
    with pytest.raises(RuntimeError), store.writing() as connection:  # noqa: PT012
        write_log(connection, at=AT, actor="a", action="b", subject="c", content="00")
        raise RuntimeError
    put(store, claim(1))
    with store.reading() as connection:
        [entry] = read_log(connection)
    assert (entry.number, entry.action, entry.subject) == (1, "pull", f"{CRM}/claim")


def write_some(store: Store, count: int) -> None:
    """Write entries."""
    with store.writing() as connection:
        for number in range(count):
            write_log(connection, at=AT, actor="a", action="b", subject=str(number), content="00")


def test_checkpoints_come_by_themselves(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """After every so many entries there is a checkpoint, and an entry that names it."""
    monkeypatch.setattr(log_of, "CHECKPOINT_EVERY", 10)
    write_some(store, 35)
    found = store.check_log()
    assert (found.broken, found.covered, found.checkpoints) == (None, 30, 3)
    with store.reading() as connection:
        kept = read_checkpoints(connection)
        log = list(read_log(connection))
    assert [one.size for one in kept] == [10, 20, 30]
    named = [entry for entry in log if entry.action == "checkpoint"]
    assert [entry.number for entry in named] == [11, 21, 31]
    assert [entry.content for entry in named] == [Checkpoint.of(one.body).digest for one in kept]


def test_a_checkpoint_on_request(store: Store) -> None:
    """A checkpoint covers all entries; asked again at once, it is the same; none of nothing."""
    with store.writing() as connection:
        assert add_checkpoint(connection, at=AT, actor="P1") is None
    write_some(store, 5)
    made = []
    for _ in range(2):
        with store.writing() as connection:
            made.append(add_checkpoint(connection, at=AT, actor="P1"))
    assert made[0] is not None
    assert (made[0].size, made[0].body) == (5, made[1].body if made[1] else b"")
    write_some(store, 1)
    with store.writing() as connection:
        more = add_checkpoint(connection, at=AT, actor="P1")
    assert more is not None
    assert (more.size, store.check_log().broken) == (7, None)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("update checkpoint set parts = ''", Fault.CHECKPOINT),
        ("update checkpoint set parts = 'xyz'", Fault.CHECKPOINT),
        ("update checkpoint set body = x'00'", Fault.CHECKPOINT),
        ("update checkpoint set body = 'text'", Fault.CHECKPOINT),
        ("update checkpoint set size = 4", Fault.CHECKPOINT),
        ("delete from audit where number > 5", Fault.SHORT),
        ("delete from audit where number > 3", Fault.SHORT),
    ],
)
def test_a_checkpoint_holds_the_log(tmp_path: Path, statement: str, fault: Fault) -> None:
    """A checkpoint that was changed is told, and so is a tail that was cut off."""
    with opened(tmp_path) as store:
        write_some(store, 5)
        with store.writing() as connection:
            add_checkpoint(connection, at=AT, actor="P1")
        edit(store, statement)
        broken = store.check_log().broken
    assert broken is not None
    assert broken.fault is fault


def test_words_stay_outside_of_the_log(store: Store) -> None:
    """Of what somebody said the log has a salted commitment, and the words stand beside it."""
    said = "too dear, 太贵了"
    with store.writing() as connection:
        for _ in range(2):
            write_log(
                connection, at=AT, actor="P9", action="x", subject="C-1", content="00", said=said
            )
    with store.reading() as connection:
        first, second = read_log(connection)
        rows = connection.execute(select(t.reason).order_by(t.reason.c.number)).all()
    assert first.why != second.why
    assert [f"~{commitment(row.salt, row.content)}" for row in rows] == [first.why, second.why]
    assert [(row.person, row.content) for row in rows] == [("P9", said)] * 2
    assert said.encode() not in first.body


def test_a_damaged_page_names_an_entry(tmp_path: Path) -> None:
    """Where the file itself is damaged, the first entry that cannot be read is named."""
    with opened(tmp_path) as store:
        write_some(store, 300)
    path = tmp_path / "store.sqlite3"
    whole = bytearray(path.read_bytes())
    start = whole.index(b'"subject":"150"') // 4096 * 4096
    whole[start : start + 100] = b"\xff" * 100
    path.write_bytes(whole)
    with opened(tmp_path) as store:
        number = store.log_broken_at()
    assert number is not None
    assert 130 < number <= 151
