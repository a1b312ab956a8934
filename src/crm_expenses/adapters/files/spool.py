"""What does not fit into memory: ids already seen, and records that wait to be put in order.

Each spool is a private temporary database of SQLite without a name. It lives in memory while it is
small, spills to the temporary folder when it grows, and is gone when it is closed or the process
ends, however that ends.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, Self

from crm_expenses.core.record import Record
from crm_expenses.errors import RetryableError

CACHE_KIB: Final = 32 * 1024
"""Memory that one spool may take before it spills to disk."""

FIRST: Final = -(2**62)
"""Stands before every instant: what is set aside comes first."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def instant(moment: datetime) -> int:
    """Give microseconds since 1970, to sort by.

    >>> instant(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (moment - _EPOCH) // _MICROSECOND


def content(record: Record) -> bytes:
    """Give a short digest of a record, to tell equal ones in this process."""
    return hashlib.blake2b(repr(record).encode(), digest_size=16).digest()


class Sighting(NamedTuple):
    """Where an id stood first, and the digest of what it stood for."""

    place: str
    content: bytes


class Spool:
    """A temporary database; a full disk is an error that says so."""

    _TABLES: str = ""

    def __init__(self) -> None:
        # The empty name asks for a private database on disk, which is unlinked while it is open.
        self._db = sqlite3.connect("", isolation_level=None)
        for pragma in (
            "journal_mode = OFF",
            "synchronous = OFF",
            "locking_mode = EXCLUSIVE",
            f"cache_size = -{CACHE_KIB}",
            "temp_store = FILE",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(self._TABLES)
        self._db.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Drop everything."""
        self._db.close()

    def _run(self, statement: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._db.execute(statement, values)
        except sqlite3.OperationalError as error:
            raise RetryableError("files.spool", detail=str(error)) from error


class Seen(Spool):
    """Ids that were met, each with its first place."""

    _TABLES = """
        CREATE TABLE seen (id TEXT PRIMARY KEY, place TEXT, content BLOB) WITHOUT ROWID;
    """

    def first(self, key: str, place: str, digest: bytes = b"") -> Sighting | None:
        """Note an id; give its first sighting where there was one, else None."""
        cursor = self._run(
            "INSERT INTO seen VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (key, place, digest)
        )
        return None if cursor.rowcount == 1 else self.find(key)

    def find(self, key: str) -> Sighting | None:
        """Give an id's first sighting, or None, and note nothing."""
        row = self._run("SELECT place, content FROM seen WHERE id = ?", (key,)).fetchone()
        return Sighting(*row) if row else None


class Sums(Spool):
    """Whole numbers added up by key; as text, for SQLite's own numbers end at 64 bits."""

    _TABLES = "CREATE TABLE sum (id TEXT PRIMARY KEY, amount TEXT) WITHOUT ROWID;"

    def find(self, keys: Iterable[str]) -> dict[str, int]:
        """Give the sums of those keys that have one."""
        found = {}
        for key in keys:
            row = self._run("SELECT amount FROM sum WHERE id = ?", (key,)).fetchone()
            if row:
                found[key] = int(row[0])
        return found

    def add(self, amounts: Mapping[str, int]) -> None:
        """Add to the sum of each key."""
        held = self.find(amounts)
        for key, amount in amounts.items():
            total = str(held.get(key, 0) + amount)
            self._run("INSERT OR REPLACE INTO sum VALUES (?, ?)", (key, total))


class Ordered(Spool):
    """Texts that come out by instant, then by key, then in the order in which they went in."""

    _TABLES = """
        CREATE TABLE item (
            number INTEGER PRIMARY KEY, instant INTEGER, key TEXT, place TEXT, held TEXT
        );
    """

    def add(self, moment: int, key: str, place: str, held: str) -> None:
        """Put one in."""
        self._run(
            "INSERT INTO item (instant, key, place, held) VALUES (?, ?, ?, ?)",
            (moment, key, place, held),
        )

    def items(self) -> Iterator[tuple[int, str, str, str]]:
        """Take all out, in order: instant, key, place, text."""
        yield from self._run(
            "SELECT instant, key, place, held FROM item ORDER BY instant, key, number"
        )


class Bundles(Spool):
    """Claims of one file with what belongs to each, which come out by time of submission."""

    _TABLES = """
        CREATE TABLE claim (
            id TEXT PRIMARY KEY, instant INTEGER, place TEXT, content BLOB, held TEXT,
            person TEXT, person_place TEXT
        ) WITHOUT ROWID;
        CREATE TABLE part (
            number INTEGER PRIMARY KEY, claim TEXT, kind TEXT, place TEXT, held TEXT
        );
    """

    def claim(self, key: str) -> Sighting | None:
        """Give where a claim was met first, or None."""
        row = self._run("SELECT place, content FROM claim WHERE id = ?", (key,)).fetchone()
        return Sighting(*row) if row else None

    def person(self, key: str) -> tuple[str, str] | None:
        """Give the text and the place of a claim's person, or None."""
        row = self._run("SELECT person, person_place FROM claim WHERE id = ?", (key,)).fetchone()
        return (row[0], row[1]) if row and row[0] is not None else None

    def add_claim(self, key: str, moment: int, place: str, digest: bytes, held: str) -> None:
        """Put a claim in that was not met before."""
        self._run(
            "INSERT INTO claim (id, instant, place, content, held) VALUES (?, ?, ?, ?, ?)",
            (key, moment, place, digest, held),
        )

    def set_person(self, key: str, place: str, held: str) -> None:
        """Say who a claim's person is."""
        self._run("UPDATE claim SET person = ?, person_place = ? WHERE id = ?", (held, place, key))

    def add_part(self, claim: str, kind: str, place: str, held: str) -> None:
        """Put in a line of a claim, or what else belongs to it."""
        self._run(
            "INSERT INTO part (claim, kind, place, held) VALUES (?, ?, ?, ?)",
            (claim, kind, place, held),
        )

    def close_input(self) -> None:
        """Say that all is in: what comes out needs an index, which is quick to build once."""
        self._run("CREATE INDEX part_claim ON part (claim, number)")

    def strays(self, kind: str) -> Iterator[tuple[str, str, str]]:
        """Give the parts of a kind whose claim is not there: claim, place, text."""
        yield from self._run(
            "SELECT claim, place, held FROM part WHERE kind = ?"
            " AND NOT EXISTS (SELECT 1 FROM claim WHERE claim.id = part.claim) ORDER BY number",
            (kind,),
        )

    def claims(self) -> Iterator[tuple[str, str, str | None, bool]]:
        """Give the claims in order: id, text, person's text, whether it has no digest."""
        rows = self._run(
            "SELECT id, held, person, length(content) = 0 FROM claim ORDER BY instant, id"
        )
        yield from ((key, held, person, bool(bare)) for key, held, person, bare in rows)

    def parts(self, claim: str) -> list[tuple[str, str]]:
        """Give the parts of a claim in the order of the file: kind, text."""
        return self._run(
            "SELECT kind, held FROM part WHERE claim = ? ORDER BY number", (claim,)
        ).fetchall()
