"""Checking an audit bundle: with the folder and this package, no store and no network.

Each file is as listed; each entry leads to the head of the checkpoint; each decision is the one
that its entry names, and derives again from its facts and its policy's text, byte for byte; each
approval, and what voided one, is what its entry was made of.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from crm_expenses.checkpointfile import SignatureCheck, check_signatures
from crm_expenses.core.audit import GENESIS, AuditEntry
from crm_expenses.core.bundle import (
    CHECKPOINTS,
    DECISIONS,
    ENTRIES,
    MANIFEST,
    SAID,
    SPOKEN,
    VERSION,
    Marked,
    Proved,
    head_of,
    same_bytes,
    unlisted,
)
from crm_expenses.core.checkpoint import Checkpoint, Kept
from crm_expenses.core.record import digest
from crm_expenses.derive import WRONG, Derived, Deriver, PolicyText, Stored
from crm_expenses.errors import ConfigError, Problem

PROBLEMS_MAX: Final = 50
"""Most problems that are told of one bundle."""

_UNREADABLE: Final = (ValueError, KeyError, TypeError, AttributeError)
"""What reading a line that is not ours raises."""


@dataclass
class BundleCheck:
    """What was found in a bundle."""

    claims: tuple[str, ...] = ()
    sample: Mapping[str, Any] = field(default_factory=dict)
    head: Checkpoint | None = None
    entries: int = 0
    checkpoints: int = 0
    derived: Mapping[Derived, int] = field(default_factory=dict)
    signatures: SignatureCheck = field(default_factory=SignatureCheck)
    outside: int = 0
    said: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def say(self, code: str, **values: str) -> None:
        """Note a problem; a folder that is not ours at all is not told line by line."""
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(Problem(code, values))


def check_bundle(
    folder: Path, *, outside: Sequence[Kept] = (), key: bytes | None = None
) -> BundleCheck:
    """Check a bundle, and that its log is the one of which somebody kept checkpoints.

    Raises:
        ConfigError: the folder is no bundle.
    """
    manifest = _manifest(folder)
    found = BundleCheck(tuple(manifest["claims"]), manifest["sample"])
    _check_files(folder, manifest["files"], found)
    if found.problems:
        return found  # nothing below can be trusted to be what was bundled
    marks = _marks(folder, found)
    found.head = head_of(marks)
    if found.head is None:
        found.say("bundle.head")
        return found
    _check_marks(marks, found, outside)
    found.signatures = check_signatures([one.kept for one in marks] + list(outside), key)
    for size in found.signatures.bad:
        found.say("bundle.signature", size=str(size))
    for size in found.signatures.strange:
        found.say("bundle.strange", size=str(size))
    entries = _entries(folder, found)
    _check_decisions(folder, manifest["policies"], entries, found)
    _check_said(folder, entries, found)
    return found


def _manifest(folder: Path) -> Mapping[str, Any]:
    path = folder / MANIFEST
    try:
        read: Any = json.loads(path.read_text(encoding="utf-8"))
        has_shape = (
            read["version"] == VERSION
            and isinstance(read["files"], dict)
            and isinstance(read["sample"], dict)
            and all(isinstance(one, str) for one in read["claims"])
            and all({"id", "version", "digest"} <= one.keys() for one in read["policies"])
        )
    except OSError as error:
        detail = f"{MANIFEST}: {error.strerror or error}"
        raise ConfigError("audit.no_bundle", path=str(folder), detail=detail) from error
    except _UNREADABLE:
        has_shape, read = False, {}
    if not has_shape:
        raise ConfigError("audit.no_bundle", path=str(folder), detail=MANIFEST)
    made: Mapping[str, Any] = read
    return made


def _check_files(folder: Path, listed: Mapping[str, Any], found: BundleCheck) -> None:
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}
    missing, strange = unlisted(listed, there)
    for name in sorted(missing):
        found.say("bundle.missing", file=name)
    for name in sorted(strange):
        found.say("bundle.extra", file=name)
    for name in sorted(set(listed) - missing):
        if _digest(folder / name) != listed[name]:
            found.say("bundle.changed", file=name)
    for name in (ENTRIES, DECISIONS, CHECKPOINTS):
        if name not in listed:
            found.say("bundle.missing", file=name)


def _digest(path: Path) -> str:
    made = sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            made.update(part)
    return made.hexdigest()


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            yield line.rstrip("\n")


def _marks(folder: Path, found: BundleCheck) -> list[Marked]:
    try:
        read = json.loads((folder / CHECKPOINTS).read_text(encoding="utf-8"))
        return [Marked.of(one) for one in read]
    except _UNREADABLE:
        found.say("bundle.changed", file=CHECKPOINTS)
        return []


def _check_marks(marks: Sequence[Marked], found: BundleCheck, outside: Sequence[Kept]) -> None:
    """Check that each checkpoint begins the last one, and that those kept outside are there."""
    head = found.head
    roots = {}
    previous = GENESIS
    for one in marks:
        made = one.kept.read()
        follows = made is not None and made.previous == previous
        if head is None or made is None or not follows or not one.begins(head):
            found.say("bundle.mark", size=str(one.kept.size))
            continue
        previous = made.digest
        roots[made.size] = made.root
        found.checkpoints += 1
    for kept in outside:
        made = kept.read()
        if made is None or roots.get(made.size) != made.root:
            code = "bundle.outside" if made and made.size in roots else "bundle.unknown"
            found.say(code, size=str(kept.size))
            continue
        found.outside += 1


def _entries(folder: Path, found: BundleCheck) -> dict[int, AuditEntry]:
    """Give the entries that lead to the head, by number."""
    entries = {}
    for at, line in enumerate(_lines(folder / ENTRIES), start=1):
        try:
            entry = Proved.of(line).holds(found.head) if found.head else None
        except _UNREADABLE:
            entry = None
        if entry is None:
            found.say("bundle.entry", file=ENTRIES, line=str(at))
            continue
        entries[entry.number] = entry
    found.entries = len(entries)
    return entries


def _check_decisions(
    folder: Path,
    policies: Sequence[Mapping[str, Any]],
    entries: Mapping[int, AuditEntry],
    found: BundleCheck,
) -> None:
    texts = {}
    for one in policies:
        if isinstance(one.get("file"), str) and (folder / one["file"]).is_file():
            content = (folder / one["file"]).read_text(encoding="utf-8")
            text = PolicyText(content, tuple(one.get("plug_ins", ())))
            texts[str(one["id"]), str(one["version"])] = text
    deriver = Deriver(lambda name, version: texts.get((name, version)))
    logged = {e.subject: e.content for e in entries.values() if e.action == "policy"}
    due = {number for number, entry in entries.items() if entry.action == "decide"}
    for at, line in enumerate(_lines(folder / DECISIONS), start=1):
        try:
            read = json.loads(line)
            due.discard(read["entry"])
            _check_decision(read, entries, logged, deriver, found)
        except _UNREADABLE:
            found.say("bundle.line", file=DECISIONS, line=str(at))
    for number in sorted(due):
        found.say("bundle.no_decision", entry=str(number))
    found.derived = deriver.counts


def _check_said(folder: Path, entries: Mapping[int, AuditEntry], found: BundleCheck) -> None:
    """Check that each approval, and each voiding, is what its entry says, and that none is missing.

    A bundle that an older version made has none.
    """
    due = {number for number, entry in entries.items() if entry.action in SPOKEN}
    path = folder / SAID
    for at, line in enumerate(_lines(path) if path.is_file() else (), start=1):
        try:
            read = json.loads(line)
            entry = entries.get(read["entry"])
            if entry is None or entry.action not in SPOKEN or digest(read["row"]) != entry.content:
                found.say("bundle.said", entry=str(read["entry"])[:20])
            due.discard(read["entry"])
            found.said += 1
        except _UNREADABLE:
            found.say("bundle.line", file=SAID, line=str(at))
    for number in sorted(due):
        found.say("bundle.said", entry=str(number))


def _check_decision(
    read: Mapping[str, Any],
    entries: Mapping[int, AuditEntry],
    logged: Mapping[str, str],
    deriver: Deriver,
    found: BundleCheck,
) -> None:
    claim, number, ref = read["decision"]["claim"], read["entry"], read["decision"]["policy"]
    decision = same_bytes(read["decision"])
    entry = entries.get(number)
    is_named = (
        entry is not None
        and (entry.action, entry.subject) == ("decide", claim)
        and entry.content == sha256(decision.encode()).hexdigest()
        and claim in found.claims
    )
    if not is_named:
        found.say("bundle.decision", claim=str(claim)[:80], entry=str(number))
    if logged.get(f"{ref['id']} {ref['version']}") != ref["digest"]:
        found.say("bundle.policy", policy=str(ref["id"]), version=str(ref["version"]))
    facts = None if read["facts"] is None else same_bytes(read["facts"])
    became = deriver.derive(Stored(decision, facts, read["erased"] is True))
    if became in WRONG or became is Derived.PLUG_INS:
        found.say(f"bundle.derived_{became.value}", claim=str(claim)[:80])
