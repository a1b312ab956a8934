"""Checkpoints: the Merkle head of the log at a size, to be kept beside it and outside of it.

A checkpoint names the one before it, and the log's next entry names the checkpoint. A copy that
somebody else keeps shows a log that was rewritten whole, which no check of the log alone can.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from crm_expenses.core.record import canonical

_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head over the first `size` entries, made at a time; `previous` is a checkpoint's digest.

    >>> from datetime import UTC
    >>> made = Checkpoint(2, "ab" * 32, datetime(2026, 1, 1, tzinfo=UTC), "0" * 64)
    >>> Checkpoint.of(made.body) == made
    True
    """

    size: int
    root: str
    at: datetime
    previous: str

    @property
    def body(self) -> bytes:
        """The bytes that are kept, hashed and signed."""
        return canonical(self).encode()

    @property
    def digest(self) -> str:
        """The SHA-256 of the body."""
        return sha256(self.body).hexdigest()

    @classmethod
    def of(cls, body: bytes) -> "Checkpoint":
        """Read a checkpoint.

        Raises:
            ValueError: these bytes are none.
        """
        read: Any = json.loads(body)
        if not isinstance(read, dict) or read.keys() != {"size", "root", "at", "previous"}:
            raise ValueError("no checkpoint")
        size, root, at, previous = (read[name] for name in ("size", "root", "at", "previous"))
        digests = (isinstance(one, str) and _DIGEST.fullmatch(one) for one in (root, previous))
        if not isinstance(size, int) or size < 1 or not all(digests):
            raise ValueError("no checkpoint")
        found = cls(size, root, datetime.fromisoformat(at), previous)
        if found.body != body:
            raise ValueError("no checkpoint")
        return found


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint as it is kept: its bytes, the tree's whole parts, a signature with its key."""

    size: int
    body: bytes
    parts: tuple[bytes, ...] = ()
    key: bytes = b""
    signature: bytes = b""

    def read(self) -> Checkpoint | None:
        """Read it; None where the bytes are no checkpoint of this size."""
        try:
            made = Checkpoint.of(self.body)
        except (ValueError, TypeError):
            return None
        return made if made.size == self.size else None


def parts_text(parts: Sequence[bytes]) -> str:
    """Write the heads of a tree's whole parts.

    >>> parts_text([b"a", b"b"])
    '61 62'
    """
    return " ".join(part.hex() for part in parts)


def parts_of(text: str) -> tuple[bytes, ...]:
    """Read the heads of a tree's whole parts.

    >>> parts_of("61 62")
    (b'a', b'b')
    """
    return tuple(bytes.fromhex(part) for part in text.split())
