"""The two databases: addresses, locks, what goes wrong after opening, and that no secret shows."""

import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from time import monotonic

import pytest
from sqlalchemy import text
from stored_company import AT, CRM, claim, decide_pending, line, open_at, opened, page, put

from crm_expenses.address import Address, store_address
from crm_expenses.core.record import Kind
from crm_expenses.errors import (
    ConfigError,
    RefusedError,
    StoreAwayError,
    StoreError,
    exit_code,
)
from crm_expenses.store import Store, has_store, name_of, open_store
from crm_expenses.store import database as databases
from servers import Server, postgres_server
from stores import where

SECRET = "s3cret-of-the-test"  # noqa: S105  as in servers


def told(error: BaseException) -> str:
    """Give all that a person could read of an error: both languages, its text, its trace."""
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, ConfigError | StoreError):
        return "\n".join((error.describe("en"), error.describe("zh"), str(error), trace))
    return trace


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ada:hunter2@db/books",
        "postgres://ada:hunter2@db",
        "postgres://:hunter2@db/books",
        "postgres://ada:hunter2@db:99999/books",
        "postgres://ada:hunter2@db/books?schemas=x",
        "postgres://ada:hunter2@[::1/books",
        f"postgres://ada:hunter2@db/books?schema={'x' * 64}",
    ],
)
def test_an_address_that_is_none(url: str) -> None:
    """A wrong address is refused with an example, and is not repeated: it may hold a password."""
    with pytest.raises(ConfigError) as caught:
        open_store(url)
    assert caught.value.code == "store.url"
    assert "hunter2" not in told(caught.value)
    assert "postgres://user@host:5432/" in str(caught.value)


def test_names_hide_the_password() -> None:
    """What people see of an address has user, server, database and schema, and no password."""
    url = "postgres://ada:hunter2@db.example:5433/books?schema=crm&sslmode=require"
    assert name_of(url) == "postgres://ada@db.example:5433/books?schema=crm"
    assert "hunter2" not in repr(store_address(url))
    assert isinstance(store_address(url), Address)


def test_a_wrong_password(store_server: Server) -> None:
    """A login that the server refuses is told, and no text holds what was tried."""
    url = store_server.url(password="hunter2")  # noqa: S106
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert (caught.value.code, exit_code(caught.value)) == ("store.login", 2)
    assert "hunter2" not in told(caught.value)


def test_the_password_of_the_environment(
    store_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a password in the address, the one in PGPASSWORD is used."""
    url = store_server.url(options="?schema=from_environment").replace(f":{SECRET}", "")
    assert SECRET not in url
    monkeypatch.setenv("PGPASSWORD", SECRET)
    with open_store(url) as store:
        put(store, claim(1))
    store_server.run("DROP SCHEMA from_environment CASCADE")


def test_a_server_that_is_away() -> None:
    """A server that cannot be reached is an error that says: try again."""
    with pytest.raises(StoreAwayError) as caught:
        open_store(f"postgres://ada:{SECRET}@127.0.0.1:1/books")
    assert (caught.value.code, exit_code(caught.value)) == ("store.away", 3)
    assert SECRET not in told(caught.value)


def test_looking_makes_nothing(database: str, tmp_path: Path) -> None:
    """Asking whether there is a store makes none, and sees the one that is there."""
    place = where(tmp_path / "store.sqlite3")
    assert not has_store(place)
    assert not has_store(place)
    opened(tmp_path).close()
    assert has_store(place)


def test_two_schemas_are_two_stores(store_server: Server) -> None:
    """Stores in one database know nothing of each other, and do not wait for each other."""
    urls = [store_server.url(options=f"?schema={name}") for name in ("Eins", 'zw"ei')]
    with open_store(urls[0]) as one, open_store(urls[1]) as other:
        with one.work(CRM) as work:
            put(other, claim(2))
            work.done("C-1")
        assert (one.pending(CRM), other.pending(CRM)) == ((), ("C-2",))
    store_server.run('DROP SCHEMA "Eins" CASCADE')
    store_server.run('DROP SCHEMA "zw""ei" CASCADE')


def test_a_schema_of_another_program(store_server: Server) -> None:
    """A schema that holds other tables is refused, and nothing in it is changed."""
    store_server.run("CREATE SCHEMA theirs; CREATE TABLE theirs.invoices (number int)")
    with pytest.raises(StoreError, match="invoices") as caught:
        open_store(store_server.url(options="?schema=theirs"))
    assert caught.value.code == "store.foreign"
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'theirs'"
    assert store_server.run(tables) == [[1]]
    store_server.run("DROP SCHEMA theirs CASCADE")


def test_a_user_without_rights(store_server: Server) -> None:
    """Who may not make a schema is told so, and who may not write, when they write."""
    store_server.run("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    url = store_server.url(user="guest", password="guest", options="?schema=for_guest")  # noqa: S106
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert caught.value.code == "store.permission"
    with open_store(store_server.url(options="?schema=for_guest")):
        store_server.run(
            "GRANT USAGE ON SCHEMA for_guest TO guest; "
            "GRANT SELECT ON ALL TABLES IN SCHEMA for_guest TO guest"
        )
    with open_store(url) as store:
        assert store.pending(CRM) == ()
        with pytest.raises(StoreError) as caught:
            put(store, claim(1))
        assert caught.value.code == "store.permission"
        assert store.pending(CRM) == ()
    store_server.run("DROP SCHEMA for_guest CASCADE; DROP ROLE guest")


def test_settings_of_a_role_change_nothing(store_server: Server) -> None:
    """What a role's own settings say of isolation, paths and waiting has no effect on a store."""
    store_server.run(
        "CREATE ROLE odd LOGIN SUPERUSER PASSWORD 'odd'; "
        "ALTER ROLE odd SET default_transaction_isolation TO 'serializable'; "
        "ALTER ROLE odd SET default_transaction_read_only TO on; "
        "ALTER ROLE odd SET search_path TO pg_catalog; "
        "ALTER ROLE odd SET standard_conforming_strings TO off; "
        "ALTER ROLE odd SET lock_timeout TO '1ms'"
    )
    url = store_server.url(user="odd", password="odd", options="?schema=of_odd")  # noqa: S106
    with open_store(url) as store:
        put(store, claim(1), line(1))
        assert decide_pending(store) == ["C-1"]
        with store.writing() as connection:
            shown = [
                connection.execute(text(f"SHOW {name}")).scalar()
                for name in ("transaction_isolation", "lock_timeout", "search_path")
            ]
    assert shown == ["read committed", f"{databases.WAIT_SECONDS}s", "of_odd"]
    store_server.run("DROP SCHEMA of_odd CASCADE; DROP OWNED BY odd; DROP ROLE odd")


@contextmanager
def impatient(monkeypatch: pytest.MonkeyPatch, database: str) -> Iterator[None]:
    """Make writers give up soon."""
    from crm_expenses.store import postgres, sqlite

    monkeypatch.setattr(sqlite, "WAIT_SECONDS", 0.2)
    soon = postgres._SESSION.replace(f"{databases.WAIT_SECONDS}s", "200ms")
    monkeypatch.setattr(postgres, "_SESSION", soon)
    yield


def test_a_writer_that_waits_in_vain(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that another process holds is an error that says: try again; then it goes on."""
    with opened(tmp_path) as holder:
        put(holder, claim(1))
        with impatient(monkeypatch, database), opened(tmp_path) as other:
            with holder.work(CRM):
                begun = monotonic()
                with pytest.raises(StoreAwayError) as caught:
                    put(other, claim(2))
                assert monotonic() - begun >= 0.1
            assert caught.value.code == "store.busy"
            put(other, claim(2))
        assert holder.pending(CRM) == ("C-1", "C-2")


def test_a_connection_that_is_lost(store_server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """A server that drops us is an error that says: try again; then it goes on."""
    url = store_server.url(options="?schema=lost")
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
    with open_store(url) as store:
        put(store, claim(1), line(1))
        before = store.dump()
        with pytest.raises(StoreAwayError) as caught, store.work(CRM) as work:  # noqa: PT012
            work.done("C-1")
            store_server.run(others + "'crm_expenses'")
            work.done("C-1")
        assert caught.value.code == "store.away"
        assert store.dump() == before
        put(store, claim(2))
        store_server.run(others + "'crm_expenses'")
        with pytest.raises(StoreAwayError):
            put(store, claim(3))
        assert store.pending(CRM) == ("C-1", "C-2")
    assert not caplog.records
    with open_store(url) as store:
        assert store.pending(CRM) == ("C-1", "C-2")
    store_server.run("DROP SCHEMA lost CASCADE")


def test_a_server_that_stops_and_starts() -> None:
    """A store outlives its server: what was committed is there, what was not is not."""
    with postgres_server() as server:
        store = open_store(server.url())
        put(store, claim(1))
    with pytest.raises(StoreAwayError):
        put(store, claim(2))
    store.close()


def test_a_failure_in_python_breaks_no_connection(store: Store) -> None:
    """After a value that the driver cannot send, the next transaction is as if it had not been."""
    put(store, claim(1), line(1))
    before = store.dump()
    for count in (1, 50):  # fewer values are sent in another way than many
        given = ", ".join(f"cast(:v{n} as text)" for n in range(count))
        statement = f"select {given}"
        values = {f"v{n}": "\ud83d" for n in range(count)}
        with pytest.raises(UnicodeEncodeError), store.writing() as connection:
            connection.execute(text(statement), values)
        with pytest.raises(UnicodeEncodeError), store.reading() as connection:
            connection.execute(text(statement), values)
        assert store.dump() == before
    assert decide_pending(store) == ["C-1"]


def test_a_reader_is_one_moment(store: Store, tmp_path: Path) -> None:
    """Two questions in one reading have answers of one moment, whatever is written meanwhile."""
    count = text("select count(*) from latest")
    with store.reading() as connection, opened(tmp_path) as other:
        assert connection.execute(count).scalar() == 0
        put(other, claim(1))
        assert connection.execute(count).scalar() == 0
    with store.reading() as connection:
        assert connection.execute(count).scalar() == 1


def test_a_writer_sees_what_the_one_before_left(database: str, tmp_path: Path) -> None:
    """Who waits for the lock sees, when it is theirs, all that was written while they waited."""
    with opened(tmp_path) as first:
        put(first, claim(1), line(1))
        seen: list[bool] = []

        def wait() -> None:
            with opened(tmp_path) as second, second.work(CRM) as work:
                seen.append(work.is_pending("C-1"))

        with first.work(CRM) as work:
            waiting = Thread(target=wait)
            waiting.start()
            waiting.join(0.5)
            assert waiting.is_alive()
            assert seen == []
            work.done("C-1")
        waiting.join(30)
    assert seen == [False]


def test_a_reader_changes_nothing(store_server: Server) -> None:
    """PostgreSQL itself refuses a write in a reading."""
    with open_store(store_server.url(options="?schema=read_only")) as store:
        with pytest.raises(StoreError) as caught, store.reading() as connection:
            connection.execute(text("delete from todo"))
        assert caught.value.code == "store.permission"
    store_server.run("DROP SCHEMA read_only CASCADE")


def test_a_copy_on_another_database(database: str, tmp_path: Path) -> None:
    """A copy is a file with the same content, and what is done to it leaves the original."""
    with opened(tmp_path) as store:
        put(store, claim(1), line(1))
        decide_pending(store)
        before = store.dump()
        store.copy_to(tmp_path / "copy.db")
        with open_store(tmp_path / "copy.db") as copy:
            assert copy.dump() == before
            put(copy, line(1, 5))
            assert decide_pending(copy) == ["C-1"]
            assert copy.log_broken_at() is None
        assert store.dump() == before


def test_the_same_work_gives_the_same_rows(store_server: Server, tmp_path: Path) -> None:
    """The same pages and decisions leave the same rows in SQLite and in PostgreSQL."""
    dumps = []
    for place in (tmp_path / "one.db", store_server.url(options="?schema=same")):
        with open_store(place) as store:
            put(store, *(claim(n) for n in range(5)), *(line(n) for n in range(5)))
            decide_pending(store)
            with pytest.raises(RuntimeError), store.work(CRM) as work:  # noqa: PT012
                work.record  # noqa: B018
                raise RuntimeError
            store.append(CRM, page(Kind.LINE, [line(n, 7) for n in range(3)]), AT)
            decide_pending(store)
            store.take(CRM, 3)
            dumps.append(store.dump())
    assert dumps[0] == dumps[1]
    store_server.run("DROP SCHEMA same CASCADE")


def test_a_full_disk(tmp_path: Path) -> None:
    """A disk without room is told, nothing of the page is kept, and later it goes on."""
    with open_at(tmp_path / "store.sqlite3") as store:
        put(store, claim(1))
        before = store.dump()
        with store.writing() as connection, closing(connection.connection.cursor()) as cursor:
            cursor.execute("PRAGMA page_count")
            pages = cursor.fetchone()[0]
            cursor.execute(f"PRAGMA max_page_count={pages + 2}")
        with pytest.raises(StoreError) as caught:
            put(store, *(claim(n) for n in range(500)))
        assert (caught.value.code, exit_code(caught.value)) == ("store.full", 2)
        assert store.dump() == before
        put(store, claim(2))
        assert store.pending(CRM) == ("C-1", "C-2")


def test_a_refusal_keeps_the_connection(store: Store) -> None:
    """What we refuse ourselves is undone, and the next one goes on over the same connection."""
    put(store, claim(1), line(1))
    with store.work(CRM) as work:
        first = work.connection
    with pytest.raises(RefusedError), store.work(CRM) as work:  # noqa: PT012
        work.done("C-1")
        raise RefusedError("approvals.no_claim", claim="C-1")
    with store.work(CRM) as work:
        assert work.connection is first
        assert work.is_pending("C-1")
