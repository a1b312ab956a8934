"""A small, honest CRM without its network: records with versions, deletions, files, in one file.

People change what they like (`put`, `delete`); a program writes by rows, each with a key, so that
the same write sent twice acts once, and with the version that it rests on, so that it does not
overwrite what a person has changed since. Everything is kept in SQLite: it outlives a restart.
"""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from crm_expenses.testing.tinyfields import OBJECTS, fault_of

Fields = Mapping[str, Any]

_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_FIELDS: Final = {name: {field.name: field for field in held} for name, held in OBJECTS.items()}
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS item (
    object TEXT, id TEXT, fields TEXT, keys TEXT, version INTEGER, edited_version INTEGER,
    modified TEXT, edited TEXT, PRIMARY KEY (object, id));
CREATE TABLE IF NOT EXISTS gone (object TEXT, id TEXT, at TEXT, into_id TEXT,
    PRIMARY KEY (object, id));
CREATE TABLE IF NOT EXISTS effect (seq INTEGER PRIMARY KEY, object TEXT, id TEXT, slot TEXT,
    key TEXT);
CREATE TABLE IF NOT EXISTS file (id TEXT PRIMARY KEY, receipt TEXT, name TEXT, type TEXT,
    digest TEXT, content BLOB);
CREATE TABLE IF NOT EXISTS upload (key TEXT PRIMARY KEY, receipt TEXT, name TEXT, type TEXT,
    size INTEGER, digest TEXT, content BLOB);
CREATE TABLE IF NOT EXISTS tick (seq INTEGER);
"""


@dataclass(frozen=True, slots=True)
class Item:
    """One record. `version` counts every change, `edited` is when a person last made one."""

    id: str
    fields: Fields
    version: int
    modified: str
    edited: str
    keys: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """Give it as it is sent."""
        return {
            "id": self.id,
            "version": self.version,
            "modified": self.modified,
            "edited": self.edited,
            "keys": dict(self.keys),
            "fields": {name: held for name, held in self.fields.items() if held is not None},
        }


@dataclass(frozen=True, slots=True)
class RowWrite:
    """One row of a batch: fields of a record; `slot` names what the key is of."""

    object: str
    id: str
    fields: Fields
    key: str
    slot: str
    if_version: int | None = None


class TinyCrm:
    """The CRM's content. `now` gives the moment of a change; without one, each is a second on."""

    def __init__(self, file: Path | None = None, now: Callable[[], datetime] | None = None) -> None:
        self._lock = threading.RLock()
        self._now = now
        self._db = sqlite3.connect(
            str(file) if file else ":memory:", check_same_thread=False, isolation_level=None
        )
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    # --- what people do ---

    def put(self, name: str, fields: Fields) -> None:
        """Let a person save a record, whole; what they leave out is empty, our results stay."""
        with self._change():
            record = str(fields["id"])
            held = self._item(name, record)
            results = {n: v for n, v in held.fields.items() if _is_result(n)} if held else {}
            version = held.version + 1 if held else 1
            moment = self._moment()
            # What a program changed may stand there no longer: the same change would be a new one.
            keys = {n: key for n, key in held.keys.items() if n != "change"} if held else {}
            self._db.execute("DELETE FROM gone WHERE object = ? AND id = ?", (name, record))
            whole = {**results, **fields}
            self._save(name, record, whole, keys, (version, version, moment, moment))

    def delete(self, name: str, record: str, into: str = "") -> None:
        """Let a person delete a record, or merge it into another; none there is a KeyError."""
        with self._change():
            if self._item(name, record) is None:
                raise KeyError(record)
            self._db.execute("DELETE FROM item WHERE object = ? AND id = ?", (name, record))
            values = (name, record, self._moment(), into)
            self._db.execute("INSERT OR REPLACE INTO gone VALUES (?, ?, ?, ?)", values)

    def attach(self, receipt: str, name: str, kind: str, content: bytes) -> str:
        """Let a person put a file beside a receipt; gives its id."""
        with self._change():
            (count,) = self._db.execute("SELECT count(*) FROM file").fetchone()
            self._keep_file(f"F-{count + 1}", receipt, name, kind, content)
            return f"F-{count + 1}"

    # --- what a program does ---

    def moment(self) -> str:
        """Give the moment up to which everything is told."""
        with self._lock:
            return moment_text(self._now() if self._now else self._ticked())

    def changed(self, name: str, since: str, since_id: str, limit: int) -> list[Item]:
        """Give the first records after a place in the order of time and id."""
        with self._lock:
            rows = self._db.execute(
                "SELECT id, fields, version, modified, edited, keys FROM item WHERE object = ?"
                " AND (modified, id) > (?, ?) ORDER BY modified, id LIMIT ?",
                (name, since, since_id, limit),
            )
            return [_item(row) for row in rows]

    def found(self, name: str, ids: Sequence[str]) -> list[Item]:
        """Give the records of these ids that are there."""
        with self._lock:
            held = (self._item(name, record) for record in dict.fromkeys(ids))
            return [item for item in held if item is not None]

    def gone(self, name: str, since: str, since_id: str, limit: int) -> list[dict[str, str]]:
        """Give the first deletions after a place in the order of time and id."""
        with self._lock:
            rows = self._db.execute(
                "SELECT id, at, into_id FROM gone WHERE object = ? AND (at, id) > (?, ?)"
                " ORDER BY at, id LIMIT ?",
                (name, since, since_id, limit),
            )
            return [{"id": record, "at": at, "into": into} for record, at, into in rows]

    def merged_into(self, name: str, record: str) -> str:
        """Give the record that one was merged into, empty for none."""
        with self._lock:
            row = self._db.execute(
                "SELECT into_id FROM gone WHERE object = ? AND id = ?", (name, record)
            ).fetchone()
            return row[0] if row else ""

    def write(self, row: RowWrite) -> tuple[int, str]:
        """Write one row: the status as HTTP has it, and the reason where it is no success.

        The latest key of a slot is kept with the record: sent again, it changes nothing.
        """
        with self._change():
            held = self._item(row.object, row.id)
            if held is None:
                return 404, "no such record"
            if held.keys.get(row.slot) == row.key:
                return 200, ""
            if row.if_version is not None and self._edited_version(row) > row.if_version:
                return 409, "somebody else has changed it"
            fault = self._fault(row)
            if fault:
                return 422, fault
            keys = {**held.keys, row.slot: row.key}
            fields = {**held.fields, **row.fields}
            marks = (held.version + 1, self._edited_version(row), self._moment(), held.edited)
            self._save(row.object, row.id, fields, keys, marks)
            values = (row.object, row.id, row.slot, row.key)
            self._db.execute(
                "INSERT INTO effect (object, id, slot, key) VALUES (?, ?, ?, ?)", values
            )
            return 200, ""

    # --- files ---

    def files(self, receipts: Sequence[str]) -> list[dict[str, Any]]:
        """List the files beside some receipts."""
        marks = ", ".join("?" * len(receipts))
        with self._lock:
            rows = self._db.execute(
                "SELECT id, receipt, name, type, digest, length(content) FROM file"  # noqa: S608
                f" WHERE receipt IN ({marks}) ORDER BY receipt, id",
                list(receipts),
            )
            names = ("id", "receipt", "name", "type", "version", "size")
            return [dict(zip(names, row, strict=True)) for row in rows]

    def content(self, file: str, start: int, end: int) -> tuple[bytes, int] | None:
        """Give the bytes of a file from start to before end, and how many it has in all."""
        with self._lock:
            row = self._db.execute(
                "SELECT substr(content, ?, ?), length(content) FROM file WHERE id = ?",
                (start + 1, max(end - start, 0), file),
            ).fetchone()
            return (bytes(row[0] or b""), int(row[1])) if row else None

    def upload(self, told: Mapping[str, Any]) -> tuple[int, int]:
        """Begin an upload, or find it again: a status and the bytes that are there already."""
        with self._change():
            key = str(told["key"])
            if self._db.execute("SELECT 1 FROM file WHERE id = ?", (key,)).fetchone():
                return 200, int(told["size"])
            if self._item("receipts", str(told["receipt"])) is None:
                return 404, 0
            values = [told[name] for name in ("key", "receipt", "name", "type", "size", "digest")]
            self._db.execute("INSERT OR IGNORE INTO upload VALUES (?, ?, ?, ?, ?, ?, x'')", values)
            query = "SELECT length(content) FROM upload WHERE key = ?"
            (length,) = self._db.execute(query, (key,)).fetchone()
            return 201, int(length)

    def upload_part(self, key: str, offset: int, part: bytes) -> tuple[int, int]:
        """Add a portion where the upload stands; anywhere else it is refused with that place."""
        with self._change():
            row = self._db.execute(
                "SELECT length(content) FROM upload WHERE key = ?", (key,)
            ).fetchone()
            if row is None:
                return 404, 0
            if row[0] != offset:
                return 409, int(row[0])
            self._db.execute(
                "UPDATE upload SET content = CAST(content || ? AS BLOB) WHERE key = ?", (part, key)
            )
            return 200, offset + len(part)

    def upload_done(self, key: str) -> tuple[int, str]:
        """Make a file of an upload, if its bytes are those that were announced."""
        with self._change():
            if self._db.execute("SELECT 1 FROM file WHERE id = ?", (key,)).fetchone():
                return 200, ""
            row = self._db.execute(
                "SELECT receipt, name, type, size, digest, content FROM upload WHERE key = ?",
                (key,),
            ).fetchone()
            if row is None:
                return 404, "no such upload"
            receipt, name, kind, size, digest, content = row
            self._db.execute("DELETE FROM upload WHERE key = ?", (key,))
            if len(content) != size or hashlib.sha256(content).hexdigest() != digest:
                return 422, "these are not the bytes that were announced"
            self._keep_file(key, receipt, name, kind, content)
            values = ("receipts", receipt, "file", key)
            self._db.execute(
                "INSERT INTO effect (object, id, slot, key) VALUES (?, ?, ?, ?)", values
            )
            return 201, ""

    # --- what a test looks at ---

    def effects(self) -> list[tuple[str, str, str, str]]:
        """Give every write of a program that changed something, in order."""
        with self._lock:
            query = "SELECT object, id, slot, key FROM effect ORDER BY seq"
            return [tuple(row) for row in self._db.execute(query)]

    def dump(self) -> str:
        """Give the content as text, the same for equal CRMs; when it was written is left out."""
        with self._lock:
            parts = []
            query = "SELECT object, id, fields, keys, version FROM item ORDER BY object, id"
            parts += [repr(row) for row in self._db.execute(query)]
            query = "SELECT object, id, into_id FROM gone ORDER BY object, id"
            parts += [repr(row) for row in self._db.execute(query)]
            query = "SELECT id, receipt, name, type, digest FROM file ORDER BY id"
            parts += [repr(row) for row in self._db.execute(query)]
            return "\n".join(parts) + "\n"

    # --- inside ---

    @contextmanager
    def _change(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _item(self, name: str, record: str) -> Item | None:
        row = self._db.execute(
            "SELECT id, fields, version, modified, edited, keys FROM item"
            " WHERE object = ? AND id = ?",
            (name, record),
        ).fetchone()
        return _item(row) if row else None

    def _edited_version(self, row: RowWrite) -> int:
        query = "SELECT edited_version FROM item WHERE object = ? AND id = ?"
        (version,) = self._db.execute(query, (row.object, row.id)).fetchone()
        return int(version)

    def _save(
        self,
        name: str,
        record: str,
        fields: Fields,
        keys: Mapping[str, str],
        marks: tuple[int, int, str, str],
    ) -> None:
        texts = [
            json.dumps(dict(held), ensure_ascii=False, sort_keys=True) for held in (fields, keys)
        ]
        self._db.execute(
            "INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (name, record, *texts, *marks),
        )

    def _keep_file(self, file: str, receipt: str, name: str, kind: str, content: bytes) -> None:
        digest = hashlib.sha256(content).hexdigest()
        values = (file, receipt, name, kind, digest, content)
        self._db.execute("INSERT INTO file VALUES (?, ?, ?, ?, ?, ?)", values)

    @staticmethod
    def _fault(row: RowWrite) -> str:
        known = _FIELDS[row.object]
        for name, value in row.fields.items():
            field = known.get(name)
            if field is None:
                return f"{name}: no such field"
            if not field.api:
                return f"{name}: read only"
            fault = fault_of(field, value)
            if fault:
                return fault
        return ""

    def _moment(self) -> str:
        if self._now:
            return moment_text(self._now())
        self._db.execute("INSERT INTO tick VALUES (1)")
        return moment_text(self._ticked())

    def _ticked(self) -> datetime:
        (count,) = self._db.execute("SELECT count(*) FROM tick").fetchone()
        return _START + timedelta(seconds=count)


def moment_text(moment: datetime) -> str:
    """Give a moment as it is kept, so that texts sort as moments do.

    >>> moment_text(datetime(2026, 1, 1, tzinfo=UTC))
    '2026-01-01T00:00:00.000000+00:00'
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _item(row: Sequence[Any]) -> Item:
    record, fields, version, modified, edited, keys = row
    return Item(record, json.loads(fields), version, modified, edited, json.loads(keys))


def _is_result(name: str) -> bool:
    """Say whether a field holds what a program writes: what people save leaves it alone."""
    return name.startswith("check_") or name.partition("_")[0] in _OF_BUDGET


_OF_BUDGET: Final = frozenset({"allocated", "committed", "spent", "available"})
