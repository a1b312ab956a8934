"""An audit bundle: a folder for an outside auditor, with all that its decisions derive from.

It holds the entries of some claims with the proof that each stands in the log, the log's
checkpoints with the proof that each is the beginning of the last one, and nobody else's lines.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crm_expenses.core.audit import AuditEntry, digest_of
from crm_expenses.core.checkpoint import Checkpoint, Kept
from crm_expenses.core.merkle import is_consistent, is_included

VERSION: Final = 1
MANIFEST: Final = "manifest.json"
CHECKPOINTS: Final = "checkpoints.json"
ENTRIES: Final = "entries.jsonl"
DECISIONS: Final = "decisions.jsonl"
SAID: Final = "said.jsonl"
READ_ME: Final = "README.txt"


@dataclass(frozen=True, slots=True)
class Proved:
    """An entry with its path to the head of the bundle's checkpoint."""

    body: bytes
    path: tuple[bytes, ...]

    def line(self) -> str:
        """Write it as one line of JSON.

        >>> Proved.of(Proved(b"x", (b"a",)).line()) == Proved(b"x", (b"a",))
        True
        """
        made = {"body": self.body.decode(), "path": [part.hex() for part in self.path]}
        return json.dumps(made, ensure_ascii=False)

    @classmethod
    def of(cls, line: str) -> "Proved":
        """Read it from one line of JSON."""
        read: Any = json.loads(line)
        return cls(read["body"].encode(), tuple(bytes.fromhex(part) for part in read["path"]))

    def holds(self, head: Checkpoint) -> AuditEntry | None:
        """Read the entry, if its path leads to the head; None where it does not."""
        entry = AuditEntry.of(self.body)
        root, leaf = bytes.fromhex(head.root), digest_of(self.body)
        is_in = is_included(leaf, entry.number - 1, size=head.size, root=root, path=self.path)
        return entry if is_in else None


@dataclass(frozen=True, slots=True)
class Marked:
    """A checkpoint of the log with the proof that the last one goes on from it."""

    kept: Kept
    path: tuple[bytes, ...] = ()

    def plain(self) -> dict[str, object]:
        """Give it as plain values for JSON."""
        return {
            "checkpoint": self.kept.body.decode(),
            "key": self.kept.key.hex(),
            "signature": self.kept.signature.hex(),
            "path": [part.hex() for part in self.path],
        }

    @classmethod
    def of(cls, read: Mapping[str, Any]) -> "Marked":
        """Read it from plain values.

        Raises:
            ValueError, KeyError: it is none.
        """
        body = read["checkpoint"].encode()
        key, signature = bytes.fromhex(read["key"]), bytes.fromhex(read["signature"])
        kept = Kept(Checkpoint.of(body).size, body, (), key, signature)
        return cls(kept, tuple(bytes.fromhex(part) for part in read.get("path", ())))

    def begins(self, head: Checkpoint) -> bool:
        """Say whether it is the head of a beginning of what a later checkpoint covers."""
        made = self.kept.read()
        if made is None:
            return False
        old, root = bytes.fromhex(made.root), bytes.fromhex(head.root)
        return is_consistent(made.size, head.size, old=old, root=root, path=self.path)


def decision_line(*, entry: int, crm: str, decision: str, facts: str, erased: bool) -> str:
    """Write a decision with its facts as one line of JSON; both are canonical JSON already.

    >>> decision_line(entry=3, crm="main", decision='{"a":1}', facts="", erased=False)
    '{"crm":"main","entry":3,"erased":false,"decision":{"a":1},"facts":null}'
    """
    head = {"crm": crm, "entry": entry, "erased": erased}
    led = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    return f'{led[:-1]},"decision":{decision},"facts":{facts or "null"}}}'


SPOKEN: Final = frozenset({"approve", "reject", "return", "void"})
"""The actions of entries of which a bundle holds what was said, or what voided it."""


def said_line(entry: int, row: Sequence[int | str]) -> str:
    """Write what an entry's digest was made of as one line of JSON.

    >>> said_line(7, [1, "main", "", "{}"])
    '{"entry": 7, "row": [1, "main", "", "{}"]}'
    """
    return json.dumps({"entry": entry, "row": list(row)}, ensure_ascii=False)


def same_bytes(value: object) -> str:
    """Give the canonical text of values that were read from canonical JSON.

    >>> same_bytes({"b": ["x", 1, True], "a": "é"})
    '{"a":"é","b":["x",1,true]}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def head_of(marks: Sequence[Marked]) -> Checkpoint | None:
    """Give the checkpoint that a bundle's proofs lead to: its largest."""
    read = (one.kept.read() for one in marks)
    return max((one for one in read if one is not None), key=lambda one: one.size, default=None)


def unlisted(listed: Iterable[str], found: Iterable[str]) -> tuple[set[str], set[str]]:
    """Give the files that are listed and missing, and those that are there and not listed."""
    there, named = set(found), set(listed)
    return named - there, there - named - {MANIFEST}
