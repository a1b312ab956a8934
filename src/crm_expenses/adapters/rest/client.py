"""The adapter of any CRM with a REST API: the contract, by what a connection file says."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import (
    TOLD,
    Ability,
    Ack,
    Adapter,
    Capabilities,
    Cursor,
    Diagnosis,
    FileRef,
    FileWrite,
    Gone,
    Opening,
    Page,
    ResultKind,
    Support,
    WriteBack,
)
from crm_expenses.adapters.exchange import Clock, Limits
from crm_expenses.adapters.fieldmap import PARENTS, overridden
from crm_expenses.adapters.rest.asking import asked_of
from crm_expenses.adapters.rest.examining import examined
from crm_expenses.adapters.rest.filecalls import FileCalls
from crm_expenses.adapters.rest.looking import Looking
from crm_expenses.adapters.rest.reading import Reading
from crm_expenses.adapters.rest.rows import Source, origin_of, page_of
from crm_expenses.adapters.rest.rowshape import RowShape, map_of, shape_of
from crm_expenses.adapters.rest.scratch import scratched
from crm_expenses.adapters.rest.spec import DeletesKind, SinceKind
from crm_expenses.adapters.rest.speckind import ConflictStyle, ConnectionFile, FieldPart
from crm_expenses.adapters.rest.usersettings import UserSettings, user_settings
from crm_expenses.adapters.rest.wire import Wire
from crm_expenses.adapters.rest.writing import Writing
from crm_expenses.core.approval import Provenance
from crm_expenses.core.record import Kind

BATCH_MAX: Final = 20
"""Writes that are given at once where the CRM takes one at a time."""


def open_rest(
    opening: Opening, *, clock: Clock | None = None, limits: Limits | None = None
) -> "RestAdapter":
    """Open a connection by its file.

    Options: `connection`, and what the file declares under [config] and [secret].

    Raises:
        ConfigError: the file, or what the settings say beside it, has mistakes.
    """
    user = user_settings(opening)
    sources = sources_of(opening, user)
    return RestAdapter(Wire(user, gate=opening.gate, clock=clock, limits=limits), sources)


def sources_of(opening: Opening, user: UserSettings) -> dict[Kind, Source]:
    """Give where the records of each kind come from, with the user's own names on top.

    Raises:
        ConfigError: a name of [crm.NAME.fields.KIND] is none.
    """
    held = user.held
    maps = overridden(
        user.crm, {kind: map_of(kind, held, user.zone) for kind in held.kind}, opening.fields
    )
    sources: dict[Kind, Source] = {}
    for kind in sorted(held.kind, key=lambda one: held.kind[one].nested is not None):
        part, nested = held.kind[kind], held.kind[kind].nested
        shape = _with_own(shape_of(part), maps[kind].mapped)
        owner = sources[nested.parent] if nested is not None else None
        asked = asked_of(held, kind, maps[kind])
        sources[kind] = Source(kind, part, maps[kind], shape, owner, asked)
    return sources


def _with_own(shape: RowShape, mapped: Mapping[str, str]) -> RowShape:
    """Add the fields that the user's own names brought."""
    more = {
        path: FieldPart(field=path)
        for path in mapped.values()
        if path not in shape.parts and not path.startswith("=")
    }
    return RowShape({**shape.parts, **more}, shape.constants)


class RestAdapter(Adapter):
    """A CRM with a REST API, as the package sees every CRM."""

    def __init__(self, wire: Wire, sources: Mapping[Kind, Source]) -> None:
        self._wire = wire
        self._sources = sources
        self._looking = Looking(wire)
        self._writing = Writing(wire, sources, self._looking)
        self._capabilities = capabilities_of(wire.held, self._looking)
        self._files = FileCalls(wire, sources.get(Kind.VOUCHER), self._looking)

    @property
    def name(self) -> str:
        """The name of the connection."""
        return self._wire.crm

    @property
    def capabilities(self) -> Capabilities:
        """What this CRM can do, computed from its file."""
        return self._capabilities

    @property
    def wire(self) -> Wire:
        """The connection itself, for who sets it up."""
        return self._wire

    @property
    def sources(self) -> Mapping[Kind, Source]:
        """Where records come from, for who sets it up."""
        return self._sources

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        """Give what is new since the cursor, or all there is."""
        answers.demand_read(self.name, self._capabilities, kind)
        there = self._looking.rows if self._looking.can(kind) else None
        return Reading(self._wire, self._sources[kind], there).pages(since)

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        """Write results and changes, each after its record was read."""
        answers.demand_writes(self, writes)
        return self._writing.push(writes)

    def look(self, kind: Kind, records: Sequence[str]) -> Page:
        """Read some records now."""
        if self._capabilities.support(Ability.LOOK_UP) is Support.NO:
            return super().look(kind, records)
        answers.demand_read(self.name, self._capabilities, kind)
        source = self._sources[kind]
        rows = self._looking.rows(source, records)
        page = page_of(self._wire, source, [rows[n].whole for n in records if n in rows], "")
        wanted = frozenset(records)
        seen = {fact.origin.record for fact in page.facts}
        seen |= {one.origin.record for one in page.set_aside}
        seen |= {one.origin.record for one in page.gone}
        gone = tuple(
            Gone(origin_of(self.name, source, name)) for name in records if name not in seen
        )
        return Page(
            kind,
            tuple(fact for fact in page.facts if fact.origin.record in wanted),
            tuple(one for one in page.set_aside if one.origin.record in wanted),
            "",
            gone=(*(one for one in page.gone if one.origin.record in wanted), *gone),
        )

    def check(self) -> Sequence[Diagnosis]:
        """Prove signing in, apart from reading; read a page of each kind; change nothing."""
        return examined(self._wire, self._sources, self._capabilities)

    def try_writing(self) -> Sequence[Diagnosis]:
        """Write, read back and delete a record of each kind with `scratch` values."""
        return scratched(self._wire, self._sources, self._writing, self._looking)

    def files(self, vouchers: Sequence[str]) -> Iterable[FileRef]:
        """List the files beside some vouchers."""
        if self._capabilities.support(Ability.VOUCHER_FILES) is Support.NO:
            return super().files(vouchers)
        return self._files.listed(vouchers)

    def read_file(self, ref: FileRef) -> Iterator[bytes]:
        """Give the bytes of a file in portions."""
        if self._capabilities.support(Ability.VOUCHER_FILES) is Support.NO:
            return super().read_file(ref)
        return self._files.read(ref)

    def write_file(self, write: FileWrite, portions: Iterable[bytes]) -> Ack:
        """Put a file beside a voucher, once for a key."""
        if self._capabilities.support(Ability.FILE_WRITES) is Support.NO:
            return super().write_file(write, portions)
        return self._files.write(write, portions)

    def close(self) -> None:
        """Let go of the connection."""
        self._wire.close()


def capabilities_of(held: ConnectionFile, looking: Looking) -> Capabilities:
    """Say what a CRM can do, from its connection file."""
    kinds = frozenset(held.kind)
    writes = {result for result in TOLD if _is_written(held, PARENTS[result])}
    changes = frozenset(kind for kind in kinds if held.kind[kind].changes)
    if changes:
        writes.add(ResultKind.CHANGE)
    abilities: dict[Ability, Support] = {}
    reasons: dict[Ability, str] = {}
    since = {held.since_of(kind).kind for kind in kinds}
    if since <= {SinceKind.DELTA_LINK} or SinceKind.NONE not in since:
        abilities[Ability.INCREMENTAL] = Support.PARTLY
        reasons[Ability.INCREMENTAL] = answers.OVERLAP
    deletes = {_tells_deletes(held, kind) for kind in kinds}
    if deletes == {True}:
        abilities[Ability.DELETES] = Support.YES
    elif True in deletes:
        abilities[Ability.DELETES] = Support.PARTLY
        reasons[Ability.DELETES] = "rest.some_kinds"
    if all(looking.can(kind) for kind in kinds):
        abilities[Ability.LOOK_UP] = Support.YES
    if writes:
        styles = {held.kind[kind].conflict.style for kind in kinds if held.kind[kind].conflict}
        is_sure = ConflictStyle.NONE not in styles
        abilities[Ability.CONFLICTS] = Support.YES if is_sure else Support.PARTLY
        if not is_sure:
            reasons[Ability.CONFLICTS] = "rest.not_atomic"
    if held.files is not None:
        abilities[Ability.VOUCHER_FILES] = Support.YES
        if held.files.upload is not None:
            abilities[Ability.FILE_WRITES] = Support.YES
    if Kind.APPROVAL in kinds:
        abilities[Ability.APPROVALS] = Support.YES
    batches = [part.batch.items_max for part in held.kind.values() if part.batch is not None]
    return Capabilities(
        reads=kinds,
        writes=frozenset(writes),
        batch_max=min([*batches, held.limits.look_max]) if batches else BATCH_MAX,
        abilities=abilities,
        reasons=reasons,
        provenance=Provenance.PLAIN_FIELD,
        changes=changes,
    )


def _is_written(held: ConnectionFile, kind: Kind) -> bool:
    return kind in held.kind and bool(held.kind[kind].results.fields)


def _tells_deletes(held: ConnectionFile, kind: Kind) -> bool:
    nested = held.kind[kind].nested
    if nested is not None:
        return False
    is_link = held.since_of(kind).kind is SinceKind.DELTA_LINK
    return is_link or held.deletes_of(kind).kind is not DeletesKind.NONE
