"""The log: entries that each carry the digest of the one before, so that a change shows.

An entry is canonical JSON and kept as these bytes. Its digest is its SHA-256 as a leaf of a Merkle
tree (`core.merkle`), so that one hash serves both the chain and the tree; entry 1 follows
`GENESIS`. The tree's head at a size is a checkpoint (`core.checkpoint`). An entry holds names,
times, codes and digests; of what a person wrote it holds a salted commitment (`core.words`).
"""

import json
from binascii import hexlify
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from crm_expenses.core.checkpoint import Kept
from crm_expenses.core.merkle import Tree, leaf
from crm_expenses.core.record import canonical

GENESIS: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which subject, when and why; `content` is the digest of what was written.

    `why` is a code, or `~` with the commitment of somebody's words. `rows` are the first and the
    last row of the facts that a page brought.
    """

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    content: str
    previous: str
    why: str = ""
    rows: tuple[int, ...] = ()

    @property
    def body(self) -> bytes:
        """The bytes that are kept and hashed."""
        return canonical(self).encode()

    @property
    def digest(self) -> str:
        """What the next entry carries."""
        return digest_of(self.body).hex()

    @classmethod
    def of(cls, body: bytes) -> "AuditEntry":
        """Read an entry; those of the first version are a list.

        >>> from datetime import UTC
        >>> made = AuditEntry(1, datetime(2026, 1, 1, tzinfo=UTC), "sync", "decide", "C", "0", "1")
        >>> AuditEntry.of(made.body) == made
        True
        """
        read: Any = json.loads(body)
        if isinstance(read, list):
            read = dict(zip((field.name for field in fields(cls)), read, strict=False))
        at = datetime.fromisoformat(read["at"])
        return cls(**read | {"at": at, "rows": tuple(read.get("rows", ()))})


class Fault(StrEnum):
    """What can be wrong with a log."""

    MISSING = "missing"
    """The entry of the next number is not there, or stands elsewhere, or twice."""
    CHANGED = "changed"
    """Its bytes are not those that its digest was made of."""
    CUT = "cut"
    """It does not carry the digest of the entry before."""
    REWRITTEN = "rewritten"
    """Entries up to here are not those that a checkpoint was made of."""
    SHORT = "short"
    """The log ends before a checkpoint."""
    CHECKPOINT = "checkpoint"
    """A checkpoint is not the one that the log names."""
    CONTENT = "content"
    """What is kept is not what the entry was made of."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry that does not fit, and why; for `REWRITTEN`, the first that may be wrong.

    `size` is that of the checkpoint in question.
    """

    number: int
    fault: Fault
    size: int = 0


@dataclass(frozen=True, slots=True)
class LogCheck:
    """What was found in a log: how many entries and checkpoints agree, up to the first fault.

    `covered` is the size of the last checkpoint that agrees, `tree` the Merkle tree of the entries
    that do.
    """

    entries: int
    checkpoints: int
    covered: int
    tree: Tree
    broken: Broken | None = None


def check_log(
    rows: Iterable[tuple[Any, Any, Any]],
    kept: Sequence[Kept] = (),
    outside: Sequence[Kept] = (),
) -> LogCheck:
    """Check entries in their order, against each other and against checkpoints.

    Each of `rows` is a number, a body and a digest. `kept` are the checkpoints that stand beside
    the log, each named by the entry after it; `outside` those that somebody else kept.

    >>> check_log([]).broken is None
    True
    """
    marks = _Marks(kept, outside)
    due, number, head, leaves = marks.due, 0, GENESIS.encode(), list[bytes]()
    hashed, keep, hexed = sha256, leaves.append, hexlify  # looked up once, not for every entry
    for found, body, digest in rows:
        number += 1
        try:
            fits = hashed(b"\x00" + body).digest() == digest and found == number and head in body
        except TypeError:  # a damaged file gives values of another type
            fits = False
        if not fits:
            fault = _fault(found == number, body, digest, head)
            if fault is not None:
                return marks.ended(number - 1, leaves, Broken(number, fault))
        keep(digest)
        head = hexed(digest)
        if number == due:
            wrong = marks.reached(leaves, body)
            leaves.clear()
            due = marks.due
            if wrong is not None:
                return marks.ended(number, leaves, wrong)
    last = Broken(number + 1, Fault.SHORT, marks.open or number) if due else None
    return marks.ended(number, leaves, last)


def _fault(has_place: bool, body: object, digest: object, head: bytes) -> Fault | None:  # noqa: FBT001
    """Say what is wrong with an entry; nothing may be with one of the first version."""
    if not has_place:
        return Fault.MISSING
    if not isinstance(body, bytes) or not isinstance(digest, bytes):
        return Fault.CHANGED
    if digest_of(body) != digest:
        return Fault.CHANGED
    return None if head in body else Fault.CUT


def digest_of(body: bytes) -> bytes:
    """Give the digest of an entry: its hash as a leaf of the tree.

    An entry of the first version is a list, hashed without a sign before it; no leaf and no node of
    the tree begins like that.

    >>> digest_of(b"").hex()[:16], digest_of(b"[1]").hex()[:16]
    ('6e340b9cffb37a98', '080a9ed428559ef6')
    """
    return sha256(body).digest() if body.startswith(b"[") else leaf(body)


class _Marks:
    """The checkpoints that a walk along the log comes by."""

    def __init__(self, kept: Sequence[Kept], outside: Sequence[Kept]) -> None:
        self._kept = {one.size: one for one in kept}
        self._outside = {one.size: one for one in outside}
        self._sizes = sorted({*self._kept, *self._outside}, reverse=True)
        self._tree = Tree()
        self._previous = GENESIS
        self._named = b""
        self._agreeing = self._covered = 0

    @property
    def open(self) -> int:
        """The size of the next checkpoint, 0 for none."""
        return self._sizes[-1] if self._sizes else 0

    @property
    def due(self) -> int:
        """The number of the next entry to stop at, 0 for none: a checkpoint's, or the one after."""
        return self._covered + 1 if self._named else self.open

    def reached(self, leaves: Iterable[bytes], body: bytes) -> Broken | None:
        """Compare the checkpoints of a size, or the entry after one; give what is wrong."""
        self._tree.extend(leaves)
        size = self._tree.size
        if self._named:
            if self._named not in body:
                return Broken(self._covered, Fault.CHECKPOINT, self._covered)
            self._named = b""
        if size != self.open:
            return None
        self._sizes.pop()
        for held, is_beside in ((self._kept, True), (self._outside, False)):
            one = held.get(size)
            wrong = self._compared(one, is_beside=is_beside) if one else None
            if wrong is not None:
                return Broken(size if wrong is Fault.CHECKPOINT else self._covered + 1, wrong, size)
        self._covered = size
        return None

    def _compared(self, one: Kept, *, is_beside: bool) -> Fault | None:
        made = one.read()
        if made is None:
            return Fault.CHECKPOINT
        if made.root != self._tree.root().hex():
            return Fault.REWRITTEN
        if is_beside:
            if made.previous != self._previous or one.parts != self._tree.parts:
                return Fault.CHECKPOINT
            self._previous = made.digest
            self._named = f'"content":"{made.digest}"'.encode()
        self._agreeing += 1
        return None

    def ended(self, number: int, leaves: Iterable[bytes], broken: Broken | None) -> LogCheck:
        """Say what was found on the way."""
        self._tree.extend(leaves)
        return LogCheck(number, self._agreeing, self._covered, self._tree, broken)
