"""One byte changed anywhere in the store's file: its entry is named, or nothing has changed."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planned_company import PEOPLE, at_work, planned, quarter, take
from stored_company import AT, CRM, REF, allow_all, budget, claim, cny, line, opened, page, put

from crm_expenses.adapters.contract import Gone
from crm_expenses.core.audit import GENESIS, AuditEntry, digest_of
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import Kind, canonical
from crm_expenses.errors import StoreError
from crm_expenses.store import Store, open_store
from crm_expenses.store import tables as t
from crm_expenses.store.log import add_checkpoint, write_log

LOGGED = {
    "audit": "number, body, digest",
    "checkpoint": "size, body, lower(parts)",
    "record": "seq, crm, kind, digest, content, origin, received_at",
    "words": "seq, salt, commitment, not not erased",
    "decision": "seq, claim, digest, content, outcome, currency, claimed, allowed, decided_at",
    "evidence": "seq, content, not not erased",
    "budget_entry": "*",
    "reason": "number, salt, content, not not erased",
    "budget_terms": "*",
    "transfer": "*",
    "transfer_approval": "*",
    "gone": "crm, kind, id, [into], seq, entry",
}
"""What the log covers: nothing of it may change unseen. States, and what is derived, are not."""


def write_company(folder: Path) -> None:
    """Write a store with entries of every kind, and a checkpoint at the end of its log."""
    with opened(folder) as store:
        put(store, budget(9_000), *(claim(n) for n in range(6)))
        put(store, *(replace(line(n), purpose=f"Dinner {n}") for n in range(6)))
        with store.work(CRM) as work:
            work.use_policy(REF, AT, source="text")
        for number in range(6):
            with store.work(CRM) as work:
                made, facts = allow_all(work, f"C-{number}")
                work.record(replace(made, facts=canonical(facts)), AT)
        told = tuple(Gone(Origin(CRM, f"L-{n}"), "L-5" if n else "") for n in range(3))
        store.append(CRM, replace(page(Kind.LINE, []), gone=told), AT)
        put(store, line(2), *PEOPLE)
        take(store, *(planned(quarter(name, 9)) for name in ("give", "take")))
        with at_work(store) as work:
            for _ in range(2):
                work.ask("give", "take", cny(2), actor="P1", said="fair")
            work.approve("T-1", actor="P3")
        with store.writing() as connection:
            for number in range(12):
                said = f"because {number}"
                subject = f"C-{number}"
                write_log(
                    connection, at=AT, actor="P", action="x", subject=subject, content="", said=said
                )
            add_checkpoint(connection, at=AT, actor="P")


@dataclass(frozen=True)
class Whole:
    """A store in one file: its bytes, its rows, and where what the log covers stands."""

    bytes: bytes = field(repr=False)
    rows: dict[str, list[Any]] = field(repr=False)
    places: tuple[int, ...] = field(repr=False)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """Give such a store."""
    folder = tmp_path_factory.mktemp("whole")
    write_company(folder)
    with opened(folder) as store:
        store.copy_to(folder / "packed")
    held = (folder / "packed").read_bytes()
    return Whole(held, logged(folder / "packed"), tuple(places(held)))


def logged(path: Path) -> dict[str, list[Any]]:
    """Give the rows of the tables that the log covers, as SQLite gives them."""
    found = {}
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        for table, columns in LOGGED.items():
            of = f"select {columns} from {table} order by 1"  # noqa: S608  our own names
            found[table] = connection.execute(of).fetchall()
    return found


def first_difference(before: list[Any], after: list[Any]) -> int | None:
    """Give the number of the first entry that is not as it was, None where all are."""
    for number, row in enumerate(before, start=1):
        if number > len(after) or after[number - 1] != row:
            return number
    return len(before) + 1 if len(after) > len(before) else None


def assert_told(path: Path, before: dict[str, list[Any]]) -> None:
    """Check that a file that differs is told, and that the entry is named where it is one."""
    after: dict[str, list[Any]] | None = None
    with suppress(sqlite3.DatabaseError, UnicodeDecodeError):
        after = logged(path)
    try:
        with open_store(path) as store:
            in_log = store.check_log().broken
            broken = in_log or store.check_contents().broken
    except StoreError:
        return  # it is told that this is no store, or one that cannot be read
    if after is None:
        assert broken is not None
        return
    number = first_difference(before["audit"], after["audit"])
    if number is not None:
        assert broken is not None
        assert broken.number <= number
        if after["checkpoint"] == before["checkpoint"]:
            assert broken.number == number
    elif after != before:
        assert broken is not None


@settings(max_examples=100, deadline=None)
@given(
    place=st.integers(0, 10_000), on=st.integers(0, 400), bit=st.integers(0, 7), wide=st.booleans()
)
def test_any_byte_of_the_file(whole: Whole, place: int, on: int, bit: int, *, wide: bool) -> None:
    """Whichever byte of the file is changed, what the log covers is as before, or it is told."""
    size = len(whole.bytes)
    at = place * 401 + on if wide else whole.places[place % len(whole.places)] + on
    changed = bytearray(whole.bytes)
    changed[at % size] ^= 1 << bit
    with TemporaryDirectory() as folder:
        path = Path(folder) / "changed.sqlite3"
        path.write_bytes(changed)
        assert_told(path, whole.rows)


def places(whole: bytes) -> Iterator[int]:
    """Give where entries, checkpoints and what they cover stand in the file."""
    for mark in (
        *(b'{"action":', b'"root":', b'"facts_digest":', b"because ", b'"purpose":'),
        *(b'"alerts":', b'"requested_by":', b'"approver":'),
    ):
        at = whole.find(mark)
        while at >= 0:
            yield max(1, at - 40)
            at = whole.find(mark, at + 1)


def write_long(store: Store, count: int) -> None:
    """Write a log of so many entries, with a checkpoint at its end."""
    head, rows = GENESIS, []
    for number in range(1, count + 1):
        content = sha256(str(number).encode()).hexdigest()
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
        body = AuditEntry(number, at, "sync", "x", f"C-{number}", content, head).body
        digest = digest_of(body)
        head = digest.hex()
        rows.append({"number": number, "body": body, "digest": digest})
    with store.writing() as connection:
        connection.execute(t.audit.insert(), rows)
        add_checkpoint(connection, at=AT, actor="P")


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_any_byte_of_a_long_log(tmp_path: Path) -> None:
    """In a log of 100,000 entries, each of 150 bytes drawn at random, changed, names its entry."""
    with opened(tmp_path) as store:
        write_long(store, 100_000)
        store.copy_to(tmp_path / "packed")
    path, chance = tmp_path / "packed", random.Random(7)
    size = path.stat().st_size
    with closing(sqlite3.connect(path)) as connection:
        before = connection.execute("select * from audit order by number").fetchall()
    named = 0
    for _ in range(150):
        at, bit = chance.randrange(size), 1 << chance.randrange(8)
        flip(path, at, bit)
        with closing(sqlite3.connect(path)) as connection:
            try:
                after = connection.execute("select * from audit order by number").fetchall()
            except sqlite3.DatabaseError:
                after = None
        try:
            with open_store(path) as store:
                broken = store.check_log().broken
        except StoreError:
            assert after is None or at < 4096 * 40  # the schema's pages
            broken = None
        else:
            number = first_difference(before, after) if after is not None else None
            assert after is None or (broken.number if broken else None) == number
            assert after is not None or broken is not None
        named += broken is not None
        flip(path, at, bit)
    assert named > 120


def flip(path: Path, at: int, bit: int) -> None:
    """Change one bit of a file."""
    with path.open("r+b") as file:
        file.seek(at)
        (held,) = file.read(1)
        file.seek(at)
        file.write(bytes([held ^ bit]))
