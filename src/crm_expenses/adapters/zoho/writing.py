"""Writing results and changes, and making records of our own.

Results go a hundred a call, by the records' ids: sent twice, they say the same. What a person has
changed meanwhile is found by one query for all that changed since this connection began to read;
where it has read nothing, or an earlier send may have arrived, the records themselves are read.
What stands there already is not written again. A change of fields that people edit goes singly, on
the condition that the record was not touched since it was read (`If-Unmodified-Since`).

Workflows and approvals of the organisation are not set off by what we write (`trigger` is empty).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any, Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Ack, AckState, Change, ReturnResult, WriteBack
from crm_expenses.adapters.writes import UNKNOWN_AFTER, kind_of, one_a_record, value_of
from crm_expenses.adapters.zoho import query
from crm_expenses.adapters.zoho.asking import Asking
from crm_expenses.adapters.zoho.bulkwrite import BREAK_EVEN, BulkWrite
from crm_expenses.adapters.zoho.known import Known
from crm_expenses.adapters.zoho.looking import Looking, pages_worth
from crm_expenses.adapters.zoho.mapping import (
    ID,
    MODIFIED,
    Row,
    Source,
    change_row,
    id_of,
    is_there,
    modified,
    read_row,
    result_row,
    same,
    version_of,
)
from crm_expenses.adapters.zoho.metadata import Metadata
from crm_expenses.adapters.zoho.outcomes import Became, RowOutcome, outcomes
from crm_expenses.adapters.zoho.reading import Habits
from crm_expenses.adapters.zoho.returns import Returns
from crm_expenses.adapters.zoho.sending import (
    ROWS_MAX,
    of_write,
    refused_by,
    write_call,
)
from crm_expenses.adapters.zoho.wire import Call
from crm_expenses.core.record import Json, Kind
from crm_expenses.errors import (
    AuthError,
    ConflictError,
    CrmExpensesError,
    MappingError,
    RefusedError,
    RetryableError,
)

PAGES_OF_CHANGES_MIN: Final = 5
"""So many pages of what changed are looked through, and more where reading the records costs more.
"""
UNMODIFIED: Final = "If-Unmodified-Since"


@dataclass(frozen=True, slots=True)
class Ready:
    """A write that is about to be sent: the fields, by their names there."""

    write: WriteBack
    fields: Mapping[str, Json]

    @property
    def row(self) -> dict[str, Json]:
        """Give the row of a call."""
        return {ID: self.write.record, **self.fields}


class Writing:
    """Writes to one organisation. It remembers what our own changes made of a record."""

    def __init__(
        self,
        asking: Asking,
        sources: Mapping[Kind, Source],
        looking: Looking,
        known: Known,
        metadata: Metadata,
        zone: tzinfo,
        habits: Habits,
    ) -> None:
        self._asking = asking
        self._wire = asking.wire
        self._crm = asking.wire.crm
        self._sources = sources
        self._looking = looking
        self._known = known
        self._metadata = metadata
        self._zone = zone
        self._habits = habits
        self._own: dict[tuple[Kind, str], set[str]] = {}
        self._bulk = BulkWrite(asking, habits.bulk_seconds)
        self._returns = Returns(asking, metadata)

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        """Write; one Ack a write, in the same order.

        What goes wrong before anything was done is raised; later, the rest is said to be unknown.
        """
        acks: dict[str, Ack] = {}
        by_kind: dict[Kind, list[WriteBack]] = {}
        for write in writes:
            by_kind.setdefault(kind_of(write), []).append(write)
        for kind, some in by_kind.items():
            for group in one_a_record(some):
                self._group(self._sources[kind], group, acks)
        return [acks[write.key] for write in writes]

    # --- a group: one kind, each write to another record ---

    def _group(self, source: Source, writes: list[WriteBack], acks: dict[str, Ack]) -> None:
        try:
            if isinstance(writes[0].result, ReturnResult):
                self._returns.write(source, writes, acks)
                return
            ready = list(self._ready(source, writes, acks))
            changes = [one for one in ready if isinstance(one.write.result, Change)]
            results = [one for one in ready if not isinstance(one.write.result, Change)]
            self._results(source, results, acks)
            self._changes(source, changes, acks)
        except CrmExpensesError as error:
            has_acted = any(ack.state is not AckState.REFUSED for ack in acks.values())
            if not has_acted or isinstance(error, AuthError):
                raise
            for write in writes:
                acks.setdefault(write.key, answers.unknown(self._crm, write, error.describe()))

    def _ready(
        self, source: Source, writes: list[WriteBack], acks: dict[str, Ack]
    ) -> Iterator[Ready]:
        """Give what can be sent; what would be lost on its way is refused."""
        for write in writes:
            if not query.is_id(write.record):
                acks[write.key] = answers.no_record(self._crm, write)
                continue
            try:
                fields = _fields(source, write)
            except MappingError as error:
                acks[write.key] = answers.unmapped(write, error)
                continue
            fault = next(self._metadata.faults(source.module, fields), None)
            if fault is not None:
                acks[write.key] = Ack(write.key, AckState.REFUSED, of_write(fault, write))
            else:
                yield Ready(write, fields)

    # --- results ---

    def _results(self, source: Source, ready: list[Ready], acks: dict[str, Ack]) -> None:
        sure: list[Ready] = []
        unsure: list[Ready] = []
        suspects = self._suspects(source, ready)
        for one in ready:
            is_known = suspects is not None and not one.write.uncertain
            is_sure = is_known and one.write.record not in (suspects or ())
            (sure if is_sure else unsure).append(one)
        sending = list(sure)
        if unsure:
            names = list(dict.fromkeys(name for one in unsure for name in one.fields))
            held = self._looking.rows(source, [one.write.record for one in unsure], names)
            sending += [one for one in unsure if self._is_open(source, one, held, acks)]
        if len(sending) > BREAK_EVEN and self._habits.bulk_seconds:
            sending = self._by_job(source, sending, acks)
        for start in range(0, len(sending), ROWS_MAX):
            self._batch(source, sending[start : start + ROWS_MAX], acks)

    def _by_job(self, source: Source, ready: list[Ready], acks: dict[str, Ack]) -> list[Ready]:
        """Write very many results by a job; give back what is still to be sent: all, or nothing."""
        told = self._bulk.update(source.module, [one.row for one in ready])
        if told is None:
            return ready
        for one, became in zip(ready, told, strict=True):
            acks[one.write.key] = became.ack(self._crm, one.write)
        return []

    def _suspects(self, source: Source, ready: list[Ready]) -> Collection[str] | None:
        """Give the records that may be others than those that writes rest on.

        None where nobody knows, because nothing was read yet, or too much was changed since.
        """
        kind = source.kind
        if self._known.began(kind) is None:
            return None
        if not any(one.write.version and not one.write.uncertain for one in ready):
            return ()
        pages = max(PAGES_OF_CHANGES_MIN, pages_worth(len(ready)))
        changed, seen = self._changed(source, pages), self._known.versions(kind)
        if changed is None:
            return None
        found: set[str] = set()
        for one in ready:
            name, version = one.write.record, one.write.version
            held = changed.get(name, seen.get(name))
            own = self._own.get((kind, name), ())
            if version and held not in (None, version) and held not in own:
                found.add(name)
        return found

    def _changed(self, source: Source, pages: int) -> Mapping[str, str] | None:
        """Give the versions of what was changed since this connection began to read a kind.

        None where that is too much, or cannot be asked: the records are read then.
        """
        began = self._known.began(source.kind)
        if began is None or source.is_subform or self._habits.by_list:
            return None
        spot_time, last = began - self._habits.settle - self._habits.overlap, ""
        versions: dict[str, str] = {}
        rows = query.ROWS_SAFE
        for _ in range(pages):
            where = query.behind(MODIFIED, spot_time, last)
            found = self._asking.query(
                source.columns, source.module, where, order=(MODIFIED, ID), rows=rows
            )
            for row in found.rows:
                versions[id_of(row)] = _version(source, row)
            if not found.has_more:
                return versions
            moment = modified(found.rows[-1], self._zone) if found.rows else None
            if moment is None:
                return None
            spot_time, last, rows = moment, id_of(found.rows[-1]), query.ROWS_MAX
        return None

    def _is_open(
        self, source: Source, one: Ready, held: Mapping[str, Row], acks: dict[str, Ack]
    ) -> bool:
        """Say whether a write is still to be sent, now that its record was read."""
        row = held.get(one.write.record)
        if row is None or not is_there(source, row):
            acks[one.write.key] = answers.no_record(self._crm, one.write)
        elif self._stands(source, one, row):
            acks[one.write.key] = answers.done(one.write)
        elif self._is_stale(source, one.write, row):
            acks[one.write.key] = answers.conflict(self._crm, one.write)
        else:
            return True
        return False

    def _stands(self, source: Source, one: Ready, row: Row) -> bool:
        """Say whether a record holds already what is to be written."""
        result = one.write.result
        if not isinstance(result, Change):
            return same(one.fields, row)
        try:
            record = read_row(source, row)
        except MappingError:
            return False
        return all(
            value_of(record, name) == value_of(result.record, name) for name in result.fields
        )

    def _is_stale(self, source: Source, write: WriteBack, row: Row) -> bool:
        if not write.version:
            return False
        version = _version(source, row)
        own = self._own.get((source.kind, write.record), set())
        return not version or (version != write.version and version not in own)

    def _batch(self, source: Source, ready: list[Ready], acks: dict[str, Ack]) -> None:
        body = {"data": [one.row for one in ready], "trigger": []}
        names = [one.write.record for one in ready]
        try:
            answer = self._wire.send(self._call("PUT", source.module, body, len(ready)))
            told = outcomes(answer.body, len(ready), ids=names)
        except RetryableError as error:
            if error.code not in UNKNOWN_AFTER:
                raise
            told = [RowOutcome(Became.UNKNOWN, detail=error.describe()) for _ in ready]
        except RefusedError as error:
            told = [refused_by(error)] * len(ready)
        for one, became in zip(ready, told, strict=True):
            acks[one.write.key] = became.ack(self._crm, one.write)

    # --- changes of fields that people edit ---

    def _changes(self, source: Source, ready: list[Ready], acks: dict[str, Ack]) -> None:
        if not ready:
            return
        held = self._looking.rows(source, [one.write.record for one in ready])
        for one in ready:
            if self._is_open(source, one, held, acks):
                self._change(source, one, held[one.write.record], acks)

    def _change(self, source: Source, one: Ready, row: Row, acks: dict[str, Ack]) -> None:
        stamp = row.get(MODIFIED)
        headers = {UNMODIFIED: stamp} if isinstance(stamp, str) and stamp else {}
        body = {"data": [one.row], "trigger": []}
        call = self._call("PUT", source.module, body, 1)
        self._remember(source, one.write, row)
        try:
            answer = self._wire.send(replace(call, headers=headers))
            (told,) = outcomes(answer.body, 1, ids=[one.write.record])
        except ConflictError:
            told = RowOutcome(Became.CHANGED)
        except RetryableError as error:
            if error.code not in UNKNOWN_AFTER:
                raise
            told = RowOutcome(Became.UNKNOWN, detail=error.describe())
        except RefusedError as error:
            told = refused_by(error)
        acks[one.write.key] = told.ack(self._crm, one.write)

    def _remember(self, source: Source, write: WriteBack, row: Row) -> None:
        """Keep the version that a change of ours will make: it is no change of a person's."""
        change = write.result
        if not isinstance(change, Change):
            return
        try:
            held = read_row(source, row)
        except MappingError:
            return
        values: dict[str, Any] = {
            name: getattr(change.record, name) for name in change.fields if "." not in name
        }
        made = version_of(replace(held, **values))
        self._own.setdefault((source.kind, write.record), set()).add(made)

    def _call(self, method: str, path: str, body: object, rows: int) -> Call:
        return write_call(self._asking, method, path, body, rows)


def _fields(source: Source, write: WriteBack) -> dict[str, Json]:
    if isinstance(write.result, Change):
        return change_row(source, write.result)
    return result_row(source, write.result)


def _version(source: Source, row: Row) -> str:
    """Give the version of a row, empty where nobody can read it."""
    try:
        return version_of(read_row(source, row))
    except MappingError:
        return ""
