"""An in-memory CRM: the reference that the conformance suite is proved on.

`MemoryCrm` is the other side: rows of text as a CRM would send them, each with a version and a
place in one sequence of modifications. `MemoryAdapter` is our side: it maps rows to records, keeps
the contract of `adapters.contract`, and fails where a test's script says so. There is no clock and
no randomness in it, so a run repeats exactly.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Final, NoReturn

from crm_expenses.adapters.contract import (
    TOLD,
    Ability,
    Ack,
    AckState,
    Adapter,
    BudgetResult,
    Capabilities,
    Change,
    ClaimResult,
    Cursor,
    Diagnosis,
    FileRef,
    FileWrite,
    Gate,
    Gone,
    Level,
    LineResult,
    Open,
    Page,
    Received,
    Result,
    ResultKind,
    ReturnResult,
    SetAside,
    Support,
    WriteBack,
    unsupported,
)
from crm_expenses.adapters.textrow import Row, columns_of, from_row, to_row
from crm_expenses.core.approval import Provenance
from crm_expenses.core.naming import fields_naming, kinds_naming
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import TYPES, Kind, Record
from crm_expenses.errors import (
    AuthError,
    ConflictError,
    MappingError,
    Problem,
    RefusedError,
    RetryableError,
    UnsupportedError,
)

CAPABILITIES: Final = Capabilities(
    reads=frozenset(Kind),
    writes=TOLD | {ResultKind.CHANGE},
    batch_max=50,
    abilities={
        Ability.INCREMENTAL: Support.YES,
        Ability.DELETES: Support.YES,
        Ability.LOOK_UP: Support.YES,
        Ability.CONFLICTS: Support.YES,
        Ability.APPROVALS: Support.YES,
        Ability.VOUCHER_FILES: Support.YES,
        Ability.FILE_WRITES: Support.YES,
    },
    changes=frozenset(Kind) - {Kind.APPROVAL},
)

RESULT_TYPES: Final[Mapping[ResultKind, type[Result]]] = {
    ResultKind.CLAIM_RESULT: ClaimResult,
    ResultKind.LINE_RESULT: LineResult,
    ResultKind.BUDGET_RESULT: BudgetResult,
    ResultKind.RETURN_RESULT: ReturnResult,
}

FILE_PORTION: Final = 65_536

_PARENT: Final = {
    ResultKind.CLAIM_RESULT: Kind.CLAIM,
    ResultKind.LINE_RESULT: Kind.LINE,
    ResultKind.BUDGET_RESULT: Kind.BUDGET,
    ResultKind.RETURN_RESULT: Kind.ACCOUNT_MANAGER,
}
_KINDS: Final = {made: kind for kind, made in TYPES.items()}
_WHOLE: Final = re.compile(r"-?\d{1,15}", re.ASCII)


class Step(StrEnum):
    """What is counted, each from 1 over the life of an adapter."""

    PULL = "pull"
    """A page that is read."""
    LOOK = "look"
    """A call of `look`."""
    PUSH = "push"
    """A call of `push`, with all its writes."""
    WRITE = "write"
    """A single write."""
    LIST = "list"
    """A listing of files."""
    READ_FILE = "read_file"
    """A file that is read."""
    WRITE_FILE = "write_file"
    """A file that is written."""


class Failure(StrEnum):
    """What goes wrong. A refusal or conflict of a single write is an answer; others are raised."""

    LOST_BEFORE = "lost_before"
    """The request never arrives, and there is no reply."""
    LOST_AFTER = "lost_after"
    """The request has its effect, and the reply is lost."""
    REFUSED = "refused"
    CONFLICT = "conflict"
    UNAVAILABLE = "unavailable"
    AUTH = "auth"


@dataclass(frozen=True, slots=True)
class Fault:
    """One scripted failure.

    >>> fault = Fault(Step.PUSH, 3, Failure.LOST_AFTER)   # the 3rd push loses its reply
    """

    step: Step
    number: int
    failure: Failure


@dataclass(slots=True)
class _Held:
    row: dict[str, str]
    version: int
    edited: int
    sequence: int


Content = bytes | Callable[[], Iterable[bytes]]
"""The bytes of a file, or what makes them anew each time: a file need not fit into memory."""


@dataclass(frozen=True, slots=True)
class MemoryFile:
    """A file beside a voucher."""

    ref: FileRef
    content: Content

    def portions(self) -> Iterator[bytes]:
        """Give the bytes, in portions."""
        if not isinstance(self.content, bytes):
            yield from self.content()
            return
        for start in range(0, len(self.content), FILE_PORTION):
            yield self.content[start : start + FILE_PORTION]


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of a record that was deleted, or merged into another."""

    into: str
    sequence: int


class MemoryCrm:
    """The other side: records by kind and id, and every result that was written, in order.

    A write on a record changes its version and its place in the sequence, as in a real CRM, so
    that our own writes come back as echoes. `edited` is the version that a person made last.
    """

    def __init__(self) -> None:
        self._held: dict[Kind, dict[str, _Held]] = {kind: {} for kind in Kind}
        self._left: dict[Kind, dict[str, _Left]] = {kind: {} for kind in Kind}
        self._sequence = 0
        self._keys: dict[tuple[ResultKind, str], str] = {}
        self._changed: dict[tuple[Kind, str], str] = {}
        self.log: list[tuple[ResultKind, str, str, Row]] = []
        self.changes: list[tuple[Kind, str, str, tuple[str, ...]]] = []
        self.files: dict[tuple[str, str], MemoryFile] = {}
        self.file_keys: list[str] = []

    def put_file(
        self, voucher: str, file: str, content: Content, *, name: str = "", has_size: bool = True
    ) -> None:
        """Let a person put a file beside a voucher, or another content into it."""
        before = self.files.get((voucher, file))
        version = int(before.ref.version) + 1 if before else 1
        size = len(content) if isinstance(content, bytes) and has_size else None
        ref = FileRef(voucher, file, name or f"{file}.pdf", size, "application/pdf", str(version))
        self.files[voucher, file] = MemoryFile(ref, content)

    def put(self, record: Record) -> None:
        """Let a person save a record, new or changed."""
        self.put_row(_KINDS[type(record)], to_row(record))

    def put_row(self, kind: Kind, row: Row) -> None:
        """Let a person save whatever they like, readable or not; `id` finds it again."""
        before = self._held[kind].get(row["id"])
        version = before.version + 1 if before else 1
        self._changed.pop((kind, row["id"]), None)  # what we wrote may stand there no longer
        self._held[kind][row["id"]] = _Held(dict(row), version, version, self._next())
        self._left[kind].pop(row["id"], None)

    def put_quietly(self, record: Record) -> None:
        """Change a record in a way that no reading of what is new gives: it is found by chance."""
        held = self._held[_KINDS[type(record)]][record.id]
        held.row = dict(to_row(record))

    def delete(self, kind: Kind, record: str) -> None:
        """Let a person delete a record; one that is not there is a KeyError."""
        del self._held[kind][record]
        self._left[kind][record] = _Left("", self._next())

    def merge(self, kind: Kind, loser: str, survivor: str, *, moves: bool = True) -> None:
        """Let a person merge a record into another; one that is not there is a KeyError.

        The records that name the loser name the survivor then, and are not modified by that: no
        reading of what is new gives them. Without `moves` they stay as they are.
        """
        if survivor == loser or survivor not in self._held[kind]:
            raise KeyError(survivor)
        del self._held[kind][loser]
        self._left[kind][loser] = _Left(survivor, self._next())
        for of in kinds_naming(kind) if moves else ():
            for held in self._held[of].values():
                named = [f for f in fields_naming(of, kind, held.row) if held.row.get(f) == loser]
                held.row |= dict.fromkeys(named, survivor)

    def left_of(self, kind: Kind, record: str) -> str | None:
        """Give what a record was merged into, empty where it was deleted; None where it is none."""
        left = self._left[kind].get(record)
        return left.into if left is not None else None

    def row_of(self, kind: Kind, record: str) -> _Held | None:
        """Give a record as it is now."""
        return self._held[kind].get(record)

    def rows(self, kind: Kind) -> dict[str, Row]:
        """Give the records of a kind as they are now, by id."""
        return {name: dict(held.row) for name, held in self._held[kind].items()}

    def changed(self, kind: Kind, after: int, count: int) -> list[tuple[str, _Held]]:
        """Give the first rows of a kind that were modified after a place in the sequence."""
        newer = [pair for pair in self._held[kind].items() if pair[1].sequence > after]
        return sorted(newer, key=lambda pair: pair[1].sequence)[:count]

    def records(self, kind: Kind) -> frozenset[str]:
        """Give the ids of the records of a kind."""
        return frozenset(self._held[kind])

    def left_after(self, kind: Kind, after: int, count: int) -> list[tuple[str, _Left]]:
        """Give the first records that were deleted or merged after a place in the sequence."""
        newer = [pair for pair in self._left[kind].items() if pair[1].sequence > after]
        return sorted(newer, key=lambda pair: pair[1].sequence)[:count]

    @property
    def sequence(self) -> int:
        """The place of the newest modification."""
        return self._sequence

    def key_of(self, kind: ResultKind, record: str) -> str:
        """Give the key of the result that a record holds, empty for none."""
        return self._keys.get((kind, record), "")

    def has(self, kind: ResultKind, record: str) -> bool:
        """Say whether the record that a result belongs to is there; a budget's need not be."""
        return kind is ResultKind.BUDGET_RESULT or record in self._held[_PARENT[kind]]

    def is_stale(self, kind: ResultKind, record: str, version: str) -> bool:
        """Say whether a person has changed the record since that version."""
        return self.is_older(_PARENT[kind], record, version)

    def write(self, kind: ResultKind, record: str, key: str, row: Row) -> None:
        """Write a result, unless the record holds this very one already.

        Only the latest key counts: when the content goes back to an older one, so does the key.
        """
        if self.key_of(kind, record) == key:
            return
        self._keys[kind, record] = key
        self.log.append((kind, record, key, row))
        held = self._held[_PARENT[kind]].get(record)
        if held is not None:
            held.version, held.sequence = held.version + 1, self._next()

    def changed_by(self, kind: Kind, record: str) -> str:
        """Give the key of the change that was written to a record last, empty for none."""
        return self._changed.get((kind, record), "")

    def is_older(self, kind: Kind, record: str, version: str) -> bool:
        """Say whether a person has changed a record of a kind since that version."""
        held = self._held[kind].get(record)
        if not version or held is None:
            return False
        return not _WHOLE.fullmatch(version) or int(version) < held.edited

    def change(self, change: Change, key: str) -> bool:
        """Write the named fields of a record, unless this very change was written last.

        Say whether the record is there.
        """
        kind, record = change.kind, change.record.id
        held = self._held[kind].get(record)
        if held is None:
            return False
        if self.changed_by(kind, record) != key:
            fresh = to_row(change.record)
            for column in columns_of(change.fields):
                held.row.pop(column, None)
                held.row |= {column: fresh[column]} if column in fresh else {}
            self._changed[kind, record] = key
            self.changes.append((kind, record, key, change.fields))
            held.version, held.sequence = held.version + 1, self._next()
        return True

    def results(self) -> dict[tuple[ResultKind, str], Result]:
        """Give the result that each record holds now."""
        return {
            (kind, record): from_row(RESULT_TYPES[kind], row) for kind, record, _, row in self.log
        }

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence


class MemoryAdapter(Adapter):
    """Our side of a `MemoryCrm`. What `capabilities` denies, it does not do.

    `provenance` says how far approvals there can be trusted, instead of what `capabilities` says.
    Several adapters may share one `crm`: that is how a test restarts. `steps` counts pages, pushes,
    writes and read-backs. Each page, look and push is a call that passes the `gate`.
    """

    def __init__(
        self,
        name: str,
        crm: MemoryCrm | None = None,
        *,
        page_size: int = 100,
        faults: Sequence[Fault] = (),
        capabilities: Capabilities = CAPABILITIES,
        provenance: Provenance | None = None,
        gate: Gate | None = None,
    ) -> None:
        if page_size < 1:
            raise ValueError(f"page_size is {page_size}, but at least 1 is needed")
        self.crm = crm if crm is not None else MemoryCrm()
        self.steps: Counter[str] = Counter()
        self._name = name
        self._gate = gate if gate is not None else Open()
        self._page_size = page_size
        self._faults = {(fault.step, fault.number): fault.failure for fault in faults}
        self._capabilities = (
            capabilities if provenance is None else replace(capabilities, provenance=provenance)
        )

    def __repr__(self) -> str:
        return f"MemoryAdapter({self._name!r})"

    @property
    def name(self) -> str:
        """The name of the connection."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """What this CRM can do."""
        return self._capabilities

    @property
    def results(self) -> dict[tuple[ResultKind, str], Result]:
        """The result that each record of the CRM holds now."""
        return self.crm.results()

    def put(self, record: Record) -> None:
        """Let a person save a record in the CRM."""
        self.crm.put(record)

    def delete(self, kind: Kind, record: str) -> None:
        """Let a person delete a record in the CRM."""
        self.crm.delete(kind, record)

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        """Give the records modified after the cursor, in that order.

        What is modified while we read comes with the next pull, so that every pull ends.
        """
        if kind not in self._capabilities.reads:
            raise UnsupportedError("memory.reads", crm=self._name, kind=kind)
        after = self._place(since) if self._can(Ability.INCREMENTAL) else 0
        return self._pages(kind, after, self.crm.sequence)

    def look(self, kind: Kind, records: Sequence[str]) -> Page:
        """Read some records as they are now."""
        if not self._can(Ability.LOOK_UP):
            raise unsupported(self, Ability.LOOK_UP)
        if kind not in self._capabilities.reads:
            raise UnsupportedError("memory.reads", crm=self._name, kind=kind)
        if len(records) > self._capabilities.batch_max:
            limit = str(self._capabilities.batch_max)
            raise UnsupportedError("memory.batch", count=str(len(records)), limit=limit)
        self._gate.enter()
        failure = self._failure(Step.LOOK)
        if failure is not None:
            self._raise(failure, kind)
        rows: list[tuple[str, _Held | _Left]] = []
        for record in sorted(set(records)):
            held = self.crm.row_of(kind, record)
            rows.append((record, held or _Left(self.crm.left_of(kind, record) or "", 0)))
        return self._page(kind, rows, "")

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        """Write results; the same key twice acts once."""
        if len(writes) > self._capabilities.batch_max:
            limit = str(self._capabilities.batch_max)
            raise UnsupportedError("memory.batch", count=str(len(writes)), limit=limit)
        for write in writes:
            if write.kind not in self._capabilities.writes:
                raise UnsupportedError("memory.writes", crm=self._name, kind=write.kind)
            made = write.result
            if isinstance(made, Change) and made.kind not in self._capabilities.changes:
                raise UnsupportedError("memory.changes", crm=self._name, kind=made.kind)
        self._gate.enter()
        failure = self._failure(Step.PUSH)
        if failure is Failure.LOST_BEFORE:
            return [self._unknown(write) for write in writes]
        if failure is not None and failure is not Failure.LOST_AFTER:
            self._raise(failure, "push")
        acks = [self._write(write) for write in writes]
        return [self._unknown(write) for write in writes] if failure else acks

    def files(self, vouchers: Sequence[str]) -> Iterable[FileRef]:
        """List the files beside some vouchers."""
        self._demand(Ability.VOUCHER_FILES)
        self._fail(Step.LIST, ",".join(vouchers))
        asked = set(vouchers)
        return [held.ref for (of, _), held in self.crm.files.items() if of in asked]

    def read_file(self, ref: FileRef) -> Iterator[bytes]:
        """Give the bytes of a file in portions; one whose reply is lost breaks off half-way."""
        self._demand(Ability.VOUCHER_FILES)
        failure = self._failure(Step.READ_FILE)
        if failure is not None and failure is not Failure.LOST_AFTER:
            self._raise(failure, ref.id)
        held = self.crm.files.get((ref.voucher, ref.id))
        if held is None:
            raise RefusedError("memory.no_record", crm=self._name, record=ref.id)
        return self._portions(held, failure)

    def write_file(self, write: FileWrite, portions: Iterable[bytes]) -> Ack:
        """Put a file beside a voucher, once for a key."""
        self._demand(Ability.FILE_WRITES)
        failure = self._failure(Step.WRITE_FILE)
        match failure:
            case Failure.UNAVAILABLE | Failure.AUTH:
                self._raise(failure, write.voucher)
            case Failure.LOST_BEFORE:
                return self._file_ack(write, AckState.UNKNOWN, "memory.lost")
            case Failure.REFUSED:
                return self._file_ack(write, AckState.REFUSED, "memory.refused")
            case Failure.CONFLICT:
                return self._file_ack(write, AckState.CONFLICT, "memory.conflict")
            case _:
                ack = self._put_file(write, portions)
        lost = self._file_ack(write, AckState.UNKNOWN, "memory.lost")
        return ack if failure is None else lost

    def check(self) -> Sequence[Diagnosis]:
        """Say how much the CRM holds."""
        rows = sum(len(self.crm.changed(kind, 0, self.crm.sequence)) for kind in Kind)
        values = {"crm": self._name, "rows": str(rows), "results": str(len(self.crm.log))}
        return [Diagnosis(Level.GOOD, Problem("memory.good", values))]

    def close(self) -> None:
        """Hold nothing, so let go of nothing."""

    def _pages(self, kind: Kind, after: int, end: int) -> Iterator[Page]:
        while after < end:
            rows = [pair for pair in self._newer(kind, after) if pair[1].sequence <= end]
            if not rows:
                return
            self._gate.enter()
            failure = self._failure(Step.PULL)
            if failure is not None:
                self._raise(failure, kind)
            after = rows[-1][1].sequence
            yield self._page(kind, rows, str(after))

    def _newer(self, kind: Kind, after: int) -> list[tuple[str, _Held | _Left]]:
        """Give the rows of the next page; what was deleted is among them where it is told."""
        found: list[tuple[str, _Held | _Left]] = [*self.crm.changed(kind, after, self._page_size)]
        if self._can(Ability.DELETES):
            found += self.crm.left_after(kind, after, self._page_size)
        return sorted(found, key=lambda pair: pair[1].sequence)[: self._page_size]

    def _page(self, kind: Kind, rows: Sequence[tuple[str, _Held | _Left]], cursor: Cursor) -> Page:
        facts: list[Received] = []
        set_aside: list[SetAside] = []
        gone: list[Gone] = []
        for record, held in rows:
            if isinstance(held, _Left):
                gone.append(Gone(Origin(self._name, record, f"{kind}/{record}"), held.into))
                continue
            origin = Origin(self._name, record, f"{kind}/{record}", str(held.version))
            try:
                facts.append(Received(from_row(TYPES[kind], held.row), origin))
            except MappingError as error:
                set_aside.append(SetAside(origin, error.problems))
        return Page(kind, tuple(facts), tuple(set_aside), cursor, gone=tuple(gone))

    def _write(self, write: WriteBack) -> Ack:
        failure = self._failure(Step.WRITE)
        match failure:
            case Failure.UNAVAILABLE | Failure.AUTH:
                self._raise(failure, write.record)
            case Failure.LOST_BEFORE:
                return self._unknown(write)
            case Failure.REFUSED:
                return self._ack(write, AckState.REFUSED, "memory.refused")
            case Failure.CONFLICT:
                return self._ack(write, AckState.CONFLICT, "memory.conflict")
            case _:
                ack = self._act(write)
        return ack if failure is None else self._unknown(write)

    def _change(self, write: WriteBack, change: Change) -> Ack:
        kind, record = change.kind, change.record.id
        if write.uncertain:
            self.steps["read_back"] += 1
            if self.crm.changed_by(kind, record) == write.key:
                return Ack(write.key, AckState.DONE)
        if self.crm.is_older(kind, record, write.version) and self._can(Ability.CONFLICTS):
            return self._ack(write, AckState.CONFLICT, "memory.conflict")
        if not self.crm.change(change, write.key):
            return self._ack(write, AckState.REFUSED, "memory.no_record")
        return Ack(write.key, AckState.DONE)

    def _act(self, write: WriteBack) -> Ack:
        if isinstance(write.result, Change):
            return self._change(write, write.result)
        if not self.crm.has(write.kind, write.record):
            return self._ack(write, AckState.REFUSED, "memory.no_record")
        if write.uncertain:
            self.steps["read_back"] += 1
            if self.crm.key_of(write.kind, write.record) == write.key:
                return Ack(write.key, AckState.DONE)
        stale = self.crm.is_stale(write.kind, write.record, write.version)
        if stale and self._can(Ability.CONFLICTS):
            return self._ack(write, AckState.CONFLICT, "memory.conflict")
        self.crm.write(write.kind, write.record, write.key, to_row(write.result))
        return Ack(write.key, AckState.DONE)

    def _portions(self, held: MemoryFile, failure: Failure | None) -> Iterator[bytes]:
        for portion in held.portions():
            yield portion[: len(portion) // 2] if failure else portion
            if failure:
                self._raise(failure, held.ref.id)

    def _put_file(self, write: FileWrite, portions: Iterable[bytes]) -> Ack:
        if write.voucher not in self.crm.records(Kind.VOUCHER):
            return self._file_ack(write, AckState.REFUSED, "memory.no_record")
        if write.uncertain:
            self.steps["read_back"] += 1
        if write.key in self.crm.file_keys:
            return Ack(write.key, AckState.DONE)
        content = b"".join(portions)
        if sha256(content).hexdigest() != write.digest:
            return self._file_ack(write, AckState.REFUSED, "memory.file_digest")
        name = f"F{len(self.crm.files) + 1}"
        self.crm.put_file(write.voucher, name, content, name=write.name)
        self.crm.file_keys.append(write.key)
        return Ack(write.key, AckState.DONE)

    def _file_ack(self, write: FileWrite, state: AckState, code: str) -> Ack:
        return Ack(write.key, state, Problem(code, {"crm": self._name, "record": write.voucher}))

    def _demand(self, ability: Ability) -> None:
        if not self._can(ability):
            raise unsupported(self, ability)

    def _fail(self, step: Step, what: str) -> None:
        failure = self._failure(step)
        if failure is not None:
            self._raise(failure, what)

    def _unknown(self, write: WriteBack) -> Ack:
        return self._ack(write, AckState.UNKNOWN, "memory.lost")

    def _ack(self, write: WriteBack, state: AckState, code: str) -> Ack:
        return Ack(write.key, state, Problem(code, {"crm": self._name, "record": write.record}))

    def _can(self, ability: Ability) -> bool:
        return self._capabilities.support(ability) is not Support.NO

    def _place(self, since: Cursor | None) -> int:
        if since is None:
            return 0
        if not _WHOLE.fullmatch(since) or not 0 <= int(since) <= self.crm.sequence:
            raise RefusedError("memory.cursor", crm=self._name, cursor=since[:40])
        return int(since)

    def _failure(self, step: Step) -> Failure | None:
        self.steps[step] += 1
        return self._faults.get((step, self.steps[step]))

    def _raise(self, failure: Failure, what: str) -> NoReturn:
        match failure:
            case Failure.AUTH:
                raise AuthError("crm.auth", crm=self._name)
            case Failure.REFUSED:
                raise RefusedError("memory.refused", crm=self._name, record=what)
            case Failure.CONFLICT:
                raise ConflictError("memory.conflict", crm=self._name, record=what)
            case Failure.LOST_BEFORE | Failure.LOST_AFTER | Failure.UNAVAILABLE:
                raise RetryableError("crm.unavailable", crm=self._name, detail=f"{failure}: {what}")
