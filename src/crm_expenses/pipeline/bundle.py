"""Bundle: write what an outside auditor needs for a few claims, and nobody else's lines."""

import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from crm_expenses.core.audit import AuditEntry
from crm_expenses.core.bundle import (
    CHECKPOINTS,
    DECISIONS,
    ENTRIES,
    MANIFEST,
    READ_ME,
    SAID,
    SPOKEN,
    VERSION,
    Marked,
    Proved,
    decision_line,
    said_line,
)
from crm_expenses.core.checkpoint import Kept
from crm_expenses.core.merkle import Prover
from crm_expenses.core.record import digest
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import ConfigError
from crm_expenses.messages import LANGUAGES, text
from crm_expenses.store import Store
from crm_expenses.store.evidence import DecisionRow, PolicyRow


@dataclass(frozen=True)
class Drawn:
    """Which claims: those named, or so many drawn by a seed from all that were decided."""

    claims: tuple[str, ...] = ()
    count: int = 0
    seed: int = 0


@dataclass(frozen=True)
class BundleMade:
    """What a bundle holds."""

    folder: Path
    claims: tuple[str, ...]
    population: int
    decisions: int
    entries: int
    size: int
    root: str


@dataclass
class _Gathered:
    """The log up to the checkpoint, and what of it belongs to the claims."""

    digests: list[bytes] = field(default_factory=list)
    entries: dict[int, bytes] = field(default_factory=dict)
    decided: list[tuple[int, DecisionRow]] = field(default_factory=list)


def make_bundle(
    store: Store, crm: str, kept: Kept, drawn: Drawn, folder: Path, *, at: datetime
) -> BundleMade:
    """Write the bundle into a new or empty folder; `kept` is the log's newest checkpoint.

    Raises:
        ConfigError: no such claim, more than there are, or the folder is not empty.
    """
    population = sorted({row.claim for row in store.decisions(viewer=SYSTEM) if row.crm == crm})
    claims = _chosen(population, drawn, crm)
    _prepare(folder)
    gathered = _gather(store, crm, frozenset(claims), kept.size)
    used = {_policy_of(row) for _, row in gathered.decided}
    policies = [one for one in store.policies() if f"{one.id} {one.version}" in used]
    prover = Prover(gathered.digests)
    files = _Files(folder)
    files.lines(
        ENTRIES,
        (
            Proved(body, prover.inclusion(number - 1)).line()
            for number, body in sorted(gathered.entries.items())
        ),
    )
    files.lines(DECISIONS, (_line(number, row) for number, row in gathered.decided))
    files.lines(SAID, _said(store, crm, frozenset(claims), gathered.entries))
    marks = [
        Marked(one, prover.consistency(one.size)).plain()
        for one in store.checkpoints()
        if one.size <= kept.size
    ]
    files.json(CHECKPOINTS, marks)
    listed = [_write_policy(files, number, one) for number, one in enumerate(policies, start=1)]
    files.write(READ_ME, "\n\n".join(text("bundle.read_me", side) for side in LANGUAGES) + "\n")
    sample: dict[str, object] = {"population": len(population), "digest": digest(population)}
    if drawn.count:
        sample |= {"drawn": drawn.count, "seed": drawn.seed}
    manifest = {
        "version": VERSION,
        "made_at": at.isoformat(),
        "crm": crm,
        "claims": list(claims),
        "sample": sample,
        "policies": listed,
        "files": files.digests,
    }
    root = prover.root().hex()
    files.json(MANIFEST, manifest)  # last: a folder without it is no bundle
    return BundleMade(
        folder,
        claims,
        len(population),
        len(gathered.decided),
        len(gathered.entries),
        kept.size,
        root,
    )


def _chosen(population: Sequence[str], drawn: Drawn, crm: str) -> tuple[str, ...]:
    if drawn.claims:
        known = frozenset(population)
        for name in drawn.claims:
            if name not in known:
                raise ConfigError("audit.no_claim", crm=crm, claim=name[:80])
        return tuple(sorted(set(drawn.claims)))
    if not 1 <= drawn.count <= len(population):
        limit = str(len(population))
        raise ConfigError("audit.sample", value=str(drawn.count), limit=limit)
    return tuple(sorted(random.Random(drawn.seed).sample(population, drawn.count)))


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_empty = not any(folder.iterdir())
    except OSError as error:
        detail = error.strerror or str(error)
        raise ConfigError("audit.place", path=str(folder), detail=detail) from error
    if not is_empty:
        raise ConfigError("audit.not_empty", path=str(folder))


def _gather(store: Store, crm: str, claims: frozenset[str], size: int) -> _Gathered:
    """Read the log once, beside the decisions, which stand in the same order."""
    found = _Gathered()
    rows: Iterator[DecisionRow] = store.decisions(viewer=SYSTEM)
    for number, body, mark in store.entries():
        if number > size:
            break
        found.digests.append(mark)
        entry = AuditEntry.of(body)
        if entry.action == "decide":
            row = next(rows, None)
            if row is not None and row.crm == crm and row.claim in claims:
                found.decided.append((number, row))
                found.entries[number] = body
        elif entry.subject in claims or entry.action == "policy":
            found.entries[number] = body
    used = {_policy_of(row) for _, row in found.decided}
    for number, body in list(found.entries.items()):
        entry = AuditEntry.of(body)
        if entry.action == "policy" and entry.subject not in used:
            del found.entries[number]
    return found


def _said(
    store: Store, crm: str, claims: frozenset[str], entries: Mapping[int, bytes]
) -> Iterator[str]:
    """Give what was said of the claims, each with the entry that names it."""
    read = ((number, AuditEntry.of(body)) for number, body in sorted(entries.items()))
    named = {(e.action == "void", e.content): n for n, e in read if e.action in SPOKEN}
    for row in store.spoken(crm, claims, viewer=SYSTEM):
        is_void = isinstance(row[2], int)
        number = named.get((is_void, digest(row)))
        if number is not None:  # what came after the checkpoint is not in the bundle
            yield said_line(number, row)


def _policy_of(row: DecisionRow) -> str:
    ref = json.loads(row.decision)["policy"]
    return f"{ref['id']} {ref['version']}"


def _line(number: int, row: DecisionRow) -> str:
    return decision_line(
        entry=number,
        crm=row.crm,
        decision=row.decision,
        facts=row.facts or "",
        erased=row.is_erased,
    )


_UNSAFE: Final = re.compile(r"[^a-zA-Z0-9._-]+", re.ASCII)


def _write_policy(files: "_Files", number: int, one: PolicyRow) -> dict[str, object]:
    listed: dict[str, object] = {"id": one.id, "version": one.version, "digest": one.digest}
    if one.content is None:
        return listed
    name = f"policies/{number:03}-{_UNSAFE.sub('_', f'{one.id}-{one.version}')[:80]}.toml"
    files.write(name, one.content)
    return listed | {"file": name, "plug_ins": list(one.plug_ins)}


class _Files:
    """The files of a bundle, each with the digest of its bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.digests: dict[str, str] = {}

    def write(self, name: str, content: str) -> None:
        self.lines(name, [content], end="")

    def json(self, name: str, value: object) -> None:
        self.write(name, json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    def lines(self, name: str, lines: Iterable[str], *, end: str = "\n") -> None:
        path, made = self._folder / name, sha256()
        try:
            path.parent.mkdir(exist_ok=True)
            with path.open("wb") as file:
                for line in lines:
                    written = f"{line}{end}".encode()
                    made.update(written)
                    file.write(written)
        except OSError as error:
            detail = error.strerror or str(error)
            raise ConfigError("audit.place", path=str(path), detail=detail) from error
        self.digests[name] = made.hexdigest()
