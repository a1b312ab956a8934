"""The log in the store: one chain over everything that was written, and edits show."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from stored_company import AT, CRM, claim, decide_pending, line, opened, put

from crm_expenses.core.audit import GENESIS
from crm_expenses.store import Store
from crm_expenses.store.log import read_log, write_log


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


@pytest.mark.parametrize(
    ("statements", "broken"),
    [
        (["update audit set subject = 'C-9' where number = 3"], 3),
        (["update audit set actor = 'me' where number = 1"], 1),
        (["update audit set action = 'pay' where number = 5"], 5),
        (["update audit set content = replace(content, 'a', 'b') where number = 4"], 4),
        (["update audit set at = '2020-01-01T00:00:00+00:00' where number = 2"], 2),
        (["update audit set digest = previous where number = 2"], 2),
        (["delete from audit where number = 3"], 3),
        (["delete from audit where number = 1"], 1),
        (
            [
                "update audit set number = 99 where number = 2",
                "update audit set number = 2 where number = 3",
                "update audit set number = 3 where number = 99",
            ],
            2,
        ),
        (
            [
                "insert into audit select 6, at, actor, action, 'C-9', content, digest, digest "
                "from audit where number = 5"
            ],
            6,
        ),
    ],
)
def test_a_planted_edit_is_found(written: Store, statements: list[str], broken: int) -> None:
    """An edit made with another tool is found at the first entry that does not fit."""
    edit(written, *statements)
    assert written.log_broken_at() == broken


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
