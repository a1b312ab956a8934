"""Writing results and changes: each record is read first, compared, then written once.

Reading first answers three questions at once. Is what we want to write there already (an earlier
send arrived, and its answer was lost)? Then nothing is sent. Has a person changed the record since
the version that the write rests on? Then it is a conflict. And which version, time or ETag goes
along, so that nobody comes in between? Where the CRM knows none of these, the gap between reading
and writing stays open, and the capabilities say so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import (
    Ack,
    AckState,
    Change,
    WriteBack,
)
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.rest.batching import Failed, results_in
from crm_expenses.adapters.rest.judging import DUPLICATE
from crm_expenses.adapters.rest.looking import Looking
from crm_expenses.adapters.rest.path import NOT_THERE, found, put
from crm_expenses.adapters.rest.rows import Source, id_of, read_record, version_of
from crm_expenses.adapters.rest.rowshape import RowShape, results_shape
from crm_expenses.adapters.rest.sending import (
    kept_whole,
    over,
    prove,
    result_fields,
    same,
)
from crm_expenses.adapters.rest.spec import Call
from crm_expenses.adapters.rest.speckind import (
    Batch,
    MatchKind,
    ResultsPart,
)
from crm_expenses.adapters.rest.wire import Answer, Wire
from crm_expenses.adapters.writes import UNKNOWN_AFTER, kind_of, one_a_record, value_of
from crm_expenses.core.record import Json, Kind
from crm_expenses.errors import (
    ConflictError,
    CrmExpensesError,
    MappingError,
    Problem,
    RefusedError,
    RetryableError,
)


@dataclass(frozen=True, slots=True)
class Ready:
    """A write whose record was read: the fields to write, and what goes along.

    `wanted` are the same fields by path, in a record of this `shape`.
    """

    write: WriteBack
    name: str
    fields: dict[str, Json]
    version: str
    headers: Mapping[str, str]
    wanted: Mapping[str, Json]
    shape: RowShape
    address: Json = None


class Writing:
    """Writes over a wire. It remembers what our own changes made of a record, for its lifetime."""

    def __init__(self, wire: Wire, sources: Mapping[Kind, Source], looking: Looking) -> None:
        self._wire = wire
        self._sources = sources
        self._looking = looking
        self._own: dict[tuple[Kind, str], set[str]] = {}
        self._seen_kept: set[tuple[Kind, frozenset[str]]] = set()

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

    def _group(self, source: Source, writes: list[WriteBack], acks: dict[str, Ack]) -> None:
        """Write some results of one kind, each to another record."""
        try:
            own = source.part.results
            beside = [w for w in writes if isinstance(w.result, Change) or not own.object]
            apart = [w for w in writes if w not in beside]
            stopped = self._stopped(source, apart)
            for write in apart:
                acks[write.key] = stopped.get(write.key) or self._apart(source, write)
            ready = list(self._ready(source, beside, acks)) if beside else []
            self._send(source, ready, acks)
        except CrmExpensesError as error:
            if not acks or not isinstance(error, RetryableError):
                raise
            for write in writes:
                acks.setdefault(write.key, answers.unknown(self._wire.crm, write, error.describe()))

    # --- beside the record ---

    def _ready(
        self, source: Source, writes: list[WriteBack], acks: dict[str, Ack]
    ) -> Iterator[Ready]:
        held = self._looking.rows(source, [write.record for write in writes])
        for write in writes:
            row = held.get(write.record)
            if row is None:
                acks[write.key] = answers.no_record(self._wire.crm, write)
                continue
            try:
                wanted = self._wanted(source, write)
            except MappingError as error:
                acks[write.key] = answers.unmapped(write, error)
                continue
            if self._stands(source, write, wanted, row.raw):
                acks[write.key] = answers.done(write)
            elif self._is_stale(source, write, row.raw):
                acks[write.key] = answers.conflict(self._wire.crm, write)
            else:
                yield self._along(source, write, wanted, row.raw, row.headers)

    def _wanted(self, source: Source, write: WriteBack) -> dict[str, Json]:
        result = write.result
        if isinstance(result, Change):
            return source.map.write(result.record, only=result.fields)
        return result_fields(source.part.results, result, write.key)

    def _stands(
        self, source: Source, write: WriteBack, wanted: Mapping[str, Json], raw: Value
    ) -> bool:
        """Say whether a record holds already what is to be written."""
        if isinstance(write.result, Change):
            try:
                record = read_record(source, write.record, raw)
            except MappingError:
                return False
            return all(
                value_of(record, name) == value_of(write.result.record, name)
                for name in write.result.fields
            )
        return same(wanted, source.shape.flat(raw))

    def _is_stale(self, source: Source, write: WriteBack, raw: Value) -> bool:
        if not write.version:
            return False
        try:
            version = version_of(read_record(source, write.record, raw))
        except MappingError:
            return True
        own = self._own.get((source.kind, write.record), set())
        return version != write.version and version not in own

    def _along(
        self,
        source: Source,
        write: WriteBack,
        wanted: Mapping[str, Json],
        raw: Value,
        headers: Mapping[str, str],
    ) -> Ready:
        nested = kept_whole(source.part.whole, source.shape.nested(wanted), raw)
        version, sent = "", dict[str, str]()
        if source.part.nested is None:
            version, sent = prove(source.part.conflict, nested, raw, headers)
        if isinstance(write.result, Change):
            self._remember(source, write.record, write.result, raw)
        part = source.listed.part
        address = cast("Json", found(raw, part.address)) if part.address else write.record
        return Ready(write, write.record, nested, version, sent, wanted, source.shape, address)

    def _remember(self, source: Source, name: str, change: Change, raw: Value) -> None:
        """Keep the version that a change of ours will make: it is no change of a person's."""
        try:
            held = read_record(source, name, raw)
        except MappingError:
            return
        values: dict[str, Any] = {
            field: getattr(change.record, field) for field in change.fields if "." not in field
        }
        self._own.setdefault((source.kind, name), set()).add(version_of(replace(held, **values)))

    def _send(self, source: Source, ready: list[Ready], acks: dict[str, Ack]) -> None:
        batch = source.part.batch
        if batch is not None and len(ready) > 1 and not any(one.headers for one in ready):
            for at in range(0, len(ready), batch.items_max):
                self._batch(source, batch, ready[at : at + batch.items_max], acks)
            return
        for one in ready:
            if source.part.nested is not None:
                acks[one.write.key] = self._nested(source, one)
            else:
                acks[one.write.key] = self._one(source, one)

    def _one(self, source: Source, one: Ready) -> Ack:
        call = self._wire.held.call(source.kind, "update")
        if call is None:
            return answers.refused(self._wire.crm, one.write, "the connection file has no update")
        values: dict[str, Json] = {
            "object": source.part.object,
            "id": one.name,
            "address": one.address,
            "fields": one.fields,
            "version": one.version,
        }
        return self._acked(source, one, call, values)

    def _nested(self, source: Source, one: Ready) -> Ack:
        """Write a row that stands inside another record: the whole list, with this row changed."""
        nested, owner = source.part.nested, source.owner
        if nested is None or owner is None:
            raise AssertionError(f"{source.kind} is nested in nothing")
        parent, _, name = one.name.partition(":")
        row = self._looking.rows(owner, [parent]).get(parent)
        call = self._wire.held.call(owner.kind, "update")
        if row is None or call is None:
            return answers.no_record(self._wire.crm, one.write)
        children = found(row.raw, nested.path)
        rows: list[Json] = []
        held: Value = None
        for child in children if isinstance(children, list) else []:
            is_it = isinstance(child, dict) and id_of(child, source.part) == name
            held = child if is_it else held
            rows.append(cast("Json", over(child, one.fields) if is_it else child))
        if held is None:
            return answers.no_record(self._wire.crm, one.write)
        if self._is_stale(source, one.write, held):  # changed while others of its rows were written
            return answers.conflict(self._wire.crm, one.write)
        body: dict[str, Json] = {}
        put(body, nested.path, rows)
        version, sent = prove(owner.part.conflict, body, row.raw, row.headers)
        values: dict[str, Json] = {
            "object": owner.part.object,
            "id": parent,
            "address": cast("Json", found(row.whole, owner.part.address or owner.part.id)),
            "fields": body,
            "version": version,
        }
        return self._acked(source, replace(one, headers=sent), call, values)

    def _acked(
        self,
        source: Source,
        one: Ready,
        call: Call,
        values: Mapping[str, Json],
        *,
        is_new: bool = False,
    ) -> Ack:
        crm, write = self._wire.crm, one.write
        if one.headers:
            call = call.model_copy(update={"headers": {**call.headers, **_literal(one.headers)}})
        try:
            answer = self._wire.call(call, values)
        except ConflictError:
            if is_new:
                raise
            return answers.conflict(crm, write)
        except RefusedError as error:
            if is_new and error.code == DUPLICATE:
                raise
            if error.code == "http.not_found":
                return answers.no_record(crm, write)
            return answers.refused(crm, write, _said(error))
        except RetryableError as error:
            if error.code not in UNKNOWN_AFTER:
                raise
            return answers.unknown(crm, write, error.describe())
        return self._kept(source, one, answer)

    def _kept(self, source: Source, one: Ready, answer: Answer) -> Ack:
        """Compare what the answer shows with what was sent.

        More than one CRM drops a field that it does not know without a word.
        """
        records = self._wire.held.records_of(source.listed.kind)
        shown = found(answer.body, records.single_path)
        inner = found(shown, records.unwrap) if records.unwrap else shown
        if source.part.nested is not None:
            return answers.done(one.write)
        if isinstance(inner, dict) and any(found(inner, n) is not NOT_THERE for n in one.wanted):
            lost = _lost(one, inner)
            return self._not_kept(one, lost) if lost else answers.done(one.write)
        return answers.done(one.write) if source.part.results.object else self._seen(source, one)

    def _seen(self, source: Source, one: Ready) -> Ack:
        """Read a record back whose write was answered without it, once for the same fields."""
        proof = source.kind, frozenset(one.wanted)
        if proof in self._seen_kept:
            return answers.done(one.write)
        try:
            row = self._looking.rows(source, [one.name]).get(one.name)
        except CrmExpensesError:  # it was written: what cannot be read says nothing against it
            row = None
        if row is None:
            return answers.done(one.write)
        lost = _lost(one, row.raw)
        if lost and len(lost) == len(one.wanted):  # none at all: it may only be seen later
            detail = f"{', '.join(lost)[:200]}: not to be seen in the record"
            return answers.unknown(self._wire.crm, one.write, detail)
        if lost:
            return self._not_kept(one, lost)
        self._seen_kept.add(proof)
        return answers.done(one.write)

    def _not_kept(self, one: Ready, lost: list[str]) -> Ack:
        crm, names = self._wire.crm, ", ".join(lost)[:200]
        values = {"crm": crm, "record": one.write.record, "fields": names}
        return Ack(one.write.key, AckState.REFUSED, Problem("rest.not_kept", values))

    # --- several at once ---

    def _batch(
        self, source: Source, batch: Batch, ready: list[Ready], acks: dict[str, Ack]
    ) -> None:
        wire, items = self._wire, list[Json]()
        for one in ready:
            values: dict[str, Json] = {
                "object": source.part.object,
                "id": one.name,
                "address": one.address,
                "fields": one.fields,
                "version": one.version,
            }
            items.append(wire.filler.fill(batch.item, values))
        call = Call(
            method=batch.method, path=batch.path, query=batch.query, body=batch.body, success=None
        )
        try:
            answer = wire.call(call, {"object": source.part.object, "items": items})
        except RetryableError as error:
            if error.code not in UNKNOWN_AFTER:
                raise
            detail = error.describe()
            acks |= {one.write.key: answers.unknown(wire.crm, one.write, detail) for one in ready}
        except (RefusedError, ConflictError):
            for one in ready:  # one row spoils them all: each by itself says which
                acks[one.write.key] = self._one(source, one)
        else:
            if batch.results_path is None:
                acks |= {one.write.key: answers.done(one.write) for one in ready}
            else:
                acks |= self._results(batch, ready, results_in(batch, answer.body))

    def _results(self, batch: Batch, ready: list[Ready], held: object) -> dict[str, Ack]:
        """Read the result of each row; a row without one is not known."""
        rows = held if isinstance(held, list) else []
        if batch.align == "id":
            by_id = {str(found(row, batch.result_id_path)): row for row in rows}
            aligned = [by_id.get(one.name, NOT_THERE) for one in ready]
        else:
            aligned = [rows[at] if at < len(rows) else NOT_THERE for at in range(len(ready))]
            if len(rows) != len(ready):
                aligned = [NOT_THERE for _ in ready]
        return {
            one.write.key: self._result(batch, one.write, row)
            for one, row in zip(ready, aligned, strict=True)
        }

    def _result(self, batch: Batch, write: WriteBack, row: object) -> Ack:
        crm = self._wire.crm
        if row is NOT_THERE:
            return answers.unknown(crm, write, "the answer has no result for it")
        if isinstance(row, Failed):
            return answers.refused(crm, write, _words(row))
        status = found(row, batch.status_path) if batch.status_path else 200
        code = int(str(status)) if str(status).isdecimal() else 0
        match code:
            case _ if 200 <= code < 300:
                return answers.done(write)
            case 404 | 410:
                return answers.no_record(crm, write)
            case 409 | 412:
                return answers.conflict(crm, write)
            case _ if 400 <= code < 500 and code not in (408, 425, 429):
                return answers.refused(crm, write, _words(row))
            case _:
                return answers.unknown(crm, write, f"status {status}")

    # --- records of their own ---

    def _stopped(self, source: Source, writes: list[WriteBack]) -> dict[str, Ack]:
        """Answer those whose own record went, or was changed since the version they rest on."""
        some = [write for write in writes if write.version]
        if not some or not self._looking.can(source.kind):
            return {}
        held = self._looking.rows(source, [write.record for write in some])
        acks: dict[str, Ack] = {}
        for write in some:
            row = held.get(write.record)
            if row is None:
                acks[write.key] = answers.no_record(self._wire.crm, write)
            elif self._is_stale(source, write, row.raw):
                acks[write.key] = answers.conflict(self._wire.crm, write)
        return acks

    def _apart(self, source: Source, write: WriteBack) -> Ack:
        """Write a result into a record of its own, known by the id of ours."""
        part, result = source.part.results, write.result
        if isinstance(result, Change):
            raise TypeError("a change has no record of its own")
        try:
            wanted = result_fields(part, result, write.key)
        except MappingError as error:
            return answers.unmapped(write, error)
        shape = results_shape(part)
        fields = shape.nested(wanted)
        put(fields, part.external_id, write.record)
        one = Ready(write, "", fields, "", {}, wanted, shape)
        if part.match is MatchKind.SERVER_UPSERT:
            return self._own_call(source, one, "upsert")
        held = self._held(source, write)
        if held is None:
            try:
                return self._own_call(source, self._new(part, one), "create")
            except (RefusedError, ConflictError) as error:
                held = self._held(source, write)  # somebody else was first, or an index was late
                if held is None:
                    return answers.refused(self._wire.crm, write, _said(error))
        name, raw = held
        if same(wanted, shape.flat(raw)):
            return answers.done(write)
        return self._own_call(source, replace(one, name=name), "update")

    def _held(self, source: Source, write: WriteBack) -> tuple[str, Value] | None:
        part = source.part.results
        if part.match is MatchKind.CLIENT_ID:
            return self._looking.by_own_id(source.kind, part.object, write.record)
        return self._looking.by_key(source.kind, part.object, part.external_id, write.record)

    def _new(self, part: ResultsPart, one: Ready) -> Ready:
        """Add what is set when a record is made."""
        values: dict[str, Json] = {
            **self._wire.user.values,
            "object": part.object,
            "key": one.write.record,
        }
        more = self._wire.filler.fill(part.defaults, values)
        return replace(one, fields={**one.fields, **cast("dict[str, Json]", more)})

    def _own_call(self, source: Source, one: Ready, name: str) -> Ack:
        part, write = source.part.results, one.write
        call = self._wire.held.call(source.kind, name)
        if call is None:
            return answers.refused(self._wire.crm, write, f"the connection file has no {name}")
        values: dict[str, Json] = {
            "object": part.object,
            "id": one.name,
            "address": one.name,
            "fields": one.fields,
            "version": "",
            "key": write.record,
            "key_field": part.external_id,
        }
        return self._acked(source, one, call, values, is_new=name == "create")


def _lost(one: Ready, row: Value) -> list[str]:
    """Give the fields that were sent and do not stand there.

    Of a change, only those that are empty: a CRM may write what people say in its own way.
    """
    flat, lost = one.shape.flat(row), list[str]()
    for name, value in one.wanted.items():
        part = one.shape.parts.get(name)
        if value in (None, "") or (part is not None and (part.read_only or not part.field)):
            continue
        is_change = isinstance(one.write.result, Change)
        is_there = flat.get(name) not in (None, "") if is_change else same({name: value}, flat)
        if not is_there:
            lost.append(name)
    return lost


def _literal(headers: Mapping[str, str]) -> dict[str, str]:
    """Keep braces in a header's value from being read as a template's."""
    return {n: text.replace("{", "{{").replace("}", "}}") for n, text in headers.items()}


def _said(error: CrmExpensesError) -> str:
    return error.problems[0].values.get("detail", "") or error.describe()


def _words(row: object) -> str:
    if not isinstance(row, dict):
        return ""
    texts = [str(value) for value in row.values() if isinstance(value, str)]
    return "; ".join(texts)[:200]
