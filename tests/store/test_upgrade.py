"""Stores of older versions: adopted and brought up to date, whole or not at all."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from stored_company import AT, CRM, claim, decide_pending, line, open_at, put

from crm_expenses.core.budget import BudgetPosition
from crm_expenses.core.lifecycle import State
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import StoreError
from crm_expenses.store import Store, open_store, upgrade, version_of
from crm_expenses.store import tables as t
from crm_expenses.store.database import open_database
from crm_expenses.store.log import read_log, write_log
from stores import where

OLD = Path(__file__).parent / "old"
VERSIONS = sorted(int(path.stem.removeprefix("version_")) for path in OLD.glob("version_*.sql"))


def old_store(folder: Path, version: int) -> Path:
    """Make a store as that version of the package left it: from a dump of a real one."""
    path = folder / f"version_{version}.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((OLD / f"version_{version}.sql").read_text("utf-8"))
        connection.execute("PRAGMA journal_mode=WAL")
    return path


def content(path: Path) -> list[str]:
    """Give everything in a file of SQLite, tables and rows, as it is."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def differences(store: Store) -> list[object]:
    """Give what Alembic would change to make the tables what the code says they are."""
    with store.writing() as connection:
        options = {"target_metadata": t.metadata, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, t.metadata))


def test_there_is_a_dump_of_each_version() -> None:
    """Each version before today's has a dump of a store of it."""
    assert list(range(1, t.SCHEMA_VERSION)) == [v for v in VERSIONS if v < t.SCHEMA_VERSION]


@pytest.mark.parametrize("version", VERSIONS)
def test_an_old_store_goes_on(tmp_path: Path, version: int) -> None:
    """What was decided, held and told stands, what waited waits, and the log goes on."""
    path = old_store(tmp_path, version)
    assert version_of(path) == version
    with open_store(path) as store:
        assert version_of(path) == t.SCHEMA_VERSION
        states = {live.claim: live.state for live in store.live_decisions(CRM, viewer=SYSTEM)}
        assert states.keys() == {"C-0", "C-1", "C-2", "C-3"}
        assert states["C-0"] is State.APPROVED
        stands = store.budget_positions(CRM, viewer=SYSTEM)["B"]
        assert stands == BudgetPosition("B", "CNY", 6_000, 4_500)
        assert store.pending(CRM) == ("C-0", "C-1", "C-2", "C-3", "C-4")  # C-3 is in approval
        assert [row.place for row in store.set_aside(CRM, viewer=SYSTEM)] == ["lines.csv:9"]
        assert store.outbox_counts(CRM) == {"done": 2, "sending": 1, "waiting": 6}
        with store.reading() as connection:
            keys = connection.execute(text('select distinct "window" from carry')).scalars()
            assert list(keys) == ["meal.month|2026-03-01|2:P1"]
            links = text("select id, name from link where kind = 'claim' order by id")
            assert [tuple(row) for row in connection.execute(links)] == [
                (f"C-{n}", "P1") for n in (0, 2, 3, 4)
            ]
        with store.reading() as connection:
            last = list(read_log(connection))[-1]
        if version < 3:  # the log of an older one says nothing of rows
            assert (last.action, last.subject) == ("upgrade", "store 3")
        assert store.log_broken_at() is None
        assert store.check_contents().broken is None
        assert decide_pending(store) == ["C-0", "C-1", "C-2", "C-3", "C-4"]
        with store.writing() as connection:
            write_log(connection, at=AT, actor="P", action="x", subject="", content="", said="so")
        assert store.check_contents().broken is None
        position = store.budget_positions(CRM, viewer=SYSTEM)["B"]
        assert (position.spent, position.available >= 0) == (1_000, True)
        assert store.log_broken_at() is None
        assert store.integrity() == "ok"
        assert differences(store) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_an_upgrade_that_fails_changes_nothing(
    tmp_path: Path, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off at its very end, an upgrade leaves the file as it was; the next one makes it."""
    path = old_store(tmp_path, version)
    before = content(path)

    def cut(*_: object) -> None:
        raise SystemError

    with monkeypatch.context() as patched, pytest.raises(SystemError):  # noqa: PT012
        patched.setattr(Store, "_sign", cut)
        open_store(path)
        if version == t.SCHEMA_VERSION:
            raise SystemError
    assert content(path) == before
    with open_store(path) as store:
        assert differences(store) == []


def test_two_open_an_old_store_at_once(tmp_path: Path) -> None:
    """Of several processes that open an old store one upgrades it, and the others wait for it."""
    path = old_store(tmp_path, 1)
    code = (
        "import sys; from crm_expenses.store import open_store\n"
        "sys.stdin.readline()\n"
        "with open_store(sys.argv[1]) as store: print(len(store.pending('main')))"
    )
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for _ in range(4)
    ]
    told = []
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        told.append(worker.communicate(timeout=60)[0])
        assert worker.returncode == 0
    assert told == ["5\n"] * 4
    with open_store(path) as store:
        assert store.log_broken_at() is None
        assert differences(store) == []


def test_the_steps_lead_to_the_tables(database: str, tmp_path: Path) -> None:
    """The tables that the steps make, one after the other, are those that the code says."""
    made = tmp_path / "made.db"
    by_steps = Store(open_database(where(made)))
    by_steps._database.get_ready()
    with by_steps.writing() as connection:
        by_steps._database.make_room(connection)
        upgrade.migrate(connection, 0)
    assert differences(by_steps) == []
    with open_at(tmp_path / "new.db") as store:
        assert differences(store) == []
        assert shape(store) == shape(by_steps)
    by_steps.close()


def shape(store: Store) -> dict[str, object]:
    """Give tables with columns, keys and indexes, as the database has them."""
    with store.reading() as connection:
        seen = inspect(connection)
        return {
            name: (
                [(c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(name)],
                seen.get_pk_constraint(name),
                sorted(map(str, seen.get_indexes(name))),
                sorted(map(str, seen.get_foreign_keys(name))),
                sorted(map(str, seen.get_unique_constraints(name))),
            )
            for name in seen.get_table_names()
            if name != upgrade.VERSIONS
        }


def test_the_newest_step_is_todays_version() -> None:
    """The last step leads to the version that the code writes into a new store."""
    script = ScriptDirectory(str(upgrade.STEPS))
    assert script.get_heads() == [str(t.SCHEMA_VERSION)]
    steps = [step.revision for step in script.walk_revisions()]
    assert steps == [str(n) for n in range(t.SCHEMA_VERSION, 0, -1)]


def test_a_newer_store_is_refused(database: str, tmp_path: Path) -> None:
    """A store of a later version is refused by its number, and nothing in it is changed."""
    path = tmp_path / "store.db"
    with open_at(path) as store:
        put(store, claim(1), line(1))
        with store.writing() as connection:
            connection.execute(text("update meta set value = '999'"))
        before = store.dump()
    with pytest.raises(StoreError, match="999") as caught:
        open_at(path)
    assert caught.value.code == "store.newer"
    with closing(Store(open_database(where(path)))) as store:
        assert store.dump() == before


@pytest.mark.parametrize("before", ["", "open_store(sys.argv[1]).close()"])
def test_a_store_of_today_needs_no_steps(tmp_path: Path, before: str) -> None:
    """Neither a new store nor one that is up to date imports what only an upgrade needs."""
    code = (
        f"import sys; from crm_expenses.store import open_store\n{before}\n"
        "open_store(sys.argv[1]).close()\n"
        "print([name for name in sys.modules if name.startswith(('alembic', 'mako', 'pg8000'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "store.db")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.stdout == "[]\n", done.stderr
