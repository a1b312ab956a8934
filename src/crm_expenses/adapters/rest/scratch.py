"""What `doctor --write` does: a scratch record is made, written, read back, compared and deleted.

More than one CRM takes a field that it does not know without a word. So each kind with `scratch`
in its connection file gets one record of those fields; results are written to it as a sync writes
them; all is read back and compared; it is deleted, and looked for once more. Whatever happens in
between, deleting is tried, and a record that stays is named.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any, Final, cast

from crm_expenses.adapters.contract import (
    AckState,
    BudgetResult,
    ClaimResult,
    Diagnosis,
    Level,
    LineResult,
    ResultKind,
    ReturnResult,
    Told,
    WriteBack,
)
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.rest.looking import Looking
from crm_expenses.adapters.rest.path import NOT_THERE, found, put
from crm_expenses.adapters.rest.rows import Source
from crm_expenses.adapters.rest.rowshape import RESULT_OF
from crm_expenses.adapters.rest.sending import result_fields, same, token_of
from crm_expenses.adapters.rest.spec import Call
from crm_expenses.adapters.rest.wire import Answer, Wire
from crm_expenses.adapters.rest.writing import Writing
from crm_expenses.adapters.writes import UNKNOWN_AFTER
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.record import Json, Kind
from crm_expenses.errors import CrmExpensesError, Problem, RefusedError

KEY: Final = "crm-expenses-doctor"
"""The external id of a scratch record, where its kind has a field for one."""

CURRENCY: Final = "EUR"
"""Of the amounts that are written, where no field has a currency of its own."""

_SHOWN_MAX: Final = 60
_LOST: Final = "rest.not_kept"
"""Of a write: told better, and for all fields at once, when the record is read back."""


def scratched(
    wire: Wire, sources: Mapping[Kind, Source], writing: Writing, looking: Looking
) -> Sequence[Diagnosis]:
    """Try to write each kind that has `scratch` values, and say what became of it."""
    chosen = [source for source in sources.values() if source.part.scratch]
    if not chosen:
        values = {"crm": wire.crm, "title": wire.held.connection.title}
        return [Diagnosis(Level.WARNING, Problem("rest.scratch_none", values))]
    return [one for source in chosen for one in _Scratch(wire, source, writing, looking).tried()]


@dataclass
class _Scratch:
    """One scratch record: `name` is its id once it is known, `sent` what it must hold."""

    wire: Wire
    source: Source
    writing: Writing
    looking: Looking
    name: str = ""
    sent: dict[str, Json] = field(default_factory=dict)
    results: dict[str, Json] = field(default_factory=dict)

    @property
    def object(self) -> str:
        """Where the record stands."""
        part = self.source.part
        return part.results.object or part.object

    @property
    def external_id(self) -> str:
        """The field that holds our own id of it, empty where there is none."""
        part = self.source.part
        return part.results.external_id if part.results.object else part.external_id

    def tried(self) -> Iterator[Diagnosis]:
        lacking = [name for name in ("create", "delete") if self._call(name) is None]
        if not self._can_read():
            lacking.append("search" if self.source.part.results.object else "read")
        if lacking or self.source.part.nested is not None:
            needs = ", ".join(lacking) or "-"
            yield self._bad("rest.scratch_cannot", Level.WARNING, needs=needs)
            return
        faults: list[Diagnosis] = []
        try:
            faults += self._made()
            if self.name:
                faults += [*self._written(), *self._kept()]
        except CrmExpensesError as error:
            faults.append(self._bad("rest.scratch_failed", detail=error.describe()))
        finally:
            # Also where somebody stops the command: nothing of ours must stay behind.
            left = list(self._deleted()) if self.name else []
        yield from faults
        yield from left
        if self.name and not faults and not left:
            count = str(len(self.sent) + len(self.results))
            told = self._told(count=count)
            yield Diagnosis(Level.GOOD, Problem("rest.scratch_good", told))

    # --- the steps ---

    def _made(self) -> Iterator[Diagnosis]:
        """Create the record, and learn its id."""
        part = self.source.part
        given = {**part.results.defaults, **part.scratch} if part.results.object else part.scratch
        self.sent = {name: _plain(value) for name, value in given.items()}
        fields = _nested(self.sent)
        if self.external_id:
            put(fields, self.external_id, KEY)
        call = self._demand("create")
        try:
            answer = self.wire.call(call, self._values(fields=fields))
        except CrmExpensesError as error:
            code = "rest.scratch_unknown" if error.code in UNKNOWN_AFTER else "rest.scratch_refused"
            yield self._bad(code, detail=error.describe(), marks=self._marks())
            return
        self.name = self._id(call, answer) or self._by_key()
        if not self.name:
            yield self._bad("rest.scratch_no_id", marks=self._marks())

    def _written(self) -> Iterator[Diagnosis]:
        """Write to it: results as a sync does, or where there are none, its own fields again."""
        part, kind = self.source.part, RESULT_OF.get(self.source.kind)
        if part.results.fields and kind is not None:
            result = self._result(kind)
            self.results = result_fields(part.results, result, KEY)
            if part.results.object:
                self._own(self.results)
                return
            ack = self.writing.push([WriteBack(KEY, kind, self.name, result)])[0]
            is_told = ack.problem is not None and ack.problem.code == _LOST
            if ack.state is not AckState.DONE and not is_told:
                detail = ack.problem.describe() if ack.problem else ack.state.value
                yield self._bad("rest.scratch_failed", detail=detail)
        elif self._call("update") is not None:
            self._own(self.sent)

    def _own(self, fields: Mapping[str, Json]) -> None:
        """Update the record by its own call."""
        call = self._demand("update")
        nested = _nested(fields)
        row, headers = self._row()
        conflict = self.source.part.conflict
        version = "" if self.source.part.results.object else token_of(conflict, row, headers)
        if version and conflict.send_path:
            put(nested, conflict.send_path, version)
        elif version:
            name = conflict.header or "If-Match"
            call = call.model_copy(update={"headers": {**call.headers, name: version}})
        values = {**self._values(fields=nested, version=version), "address": self._address()}
        self.wire.call(call, values)

    def _address(self) -> str:
        """Give what the record is called in addresses: its id, where the file says nothing else."""
        part = self.source.part
        if part.results.object or not part.address:
            return self.name
        row = self.looking.rows(self.source, [self.name]).get(self.name)
        return _text(found(row.whole, part.address)) if row is not None else self.name

    def _kept(self) -> Iterator[Diagnosis]:
        """Read it back, and name what was not kept, or kept otherwise."""
        row, _ = self._row()
        if row is None:
            yield self._bad("rest.scratch_unseen", record=self.name)
            return
        shape = self.source.shape
        flat = row if self.source.part.results.object else shape.flat(row)
        shown: dict[str, object] = {name: found(row, name) for name in self.sent}
        shown |= {
            path: flat.get(path, NOT_THERE) if isinstance(flat, dict) else NOT_THERE
            for path in self.results
        }
        lost, other = [], []
        for name, value in {**self.sent, **self.results}.items():
            held = shown[name]
            if value in (None, ""):
                continue
            if held is NOT_THERE or held in (None, "", [], {}):
                lost.append(name)
            elif not same({name: value}, {name: cast("Value", held)}):
                other.append(f"{name}: {_short(value)} → {_short(held)}")
        if lost:
            yield self._bad("rest.scratch_lost", fields=", ".join(lost)[:400])
        if other:
            yield self._bad("rest.scratch_other", Level.WARNING, fields="; ".join(other)[:600])

    def _deleted(self) -> Iterator[Diagnosis]:
        """Delete it, and look whether it is gone, whatever was answered."""
        refused = ""
        try:
            self.wire.call(self._demand("delete"), self._values())
        except CrmExpensesError as error:
            refused = error.describe()
        try:
            row, _ = self._row()
        except CrmExpensesError as error:
            detail = refused or error.describe()
            yield self._bad("rest.scratch_left", record=self.name, detail=detail)
            return
        if row is not None and refused:
            yield self._bad("rest.scratch_left", record=self.name, detail=refused)
        elif row is not None:
            yield self._bad("rest.scratch_still", Level.WARNING, record=self.name)

    # --- the record ---

    def _row(self) -> tuple[Value, Mapping[str, str]]:
        """Give the record as it stands now, None where it is not there."""
        part = self.source.part
        if part.results.object:
            held = self.looking.by_key(self.source.kind, self.object, self.external_id, KEY)
            return (held[1] if held else None), {}
        row = self.looking.rows(self.source, [self.name]).get(self.name)
        return (row.raw, row.headers) if row is not None else (None, {})

    def _id(self, call: Call, answer: Answer) -> str:
        """Give the id of what was created: where the file says it is, or where it mostly is."""
        if call.id_header:
            return answer.headers.get(call.id_header.lower(), "").rstrip("/").rpartition("/")[2]
        body: object = answer.body
        if call.id_path:
            return _text(found(body, call.id_path))
        records = self.wire.held.records_of(self.source.kind, call)
        held = found(body, records.single_path)
        while isinstance(held, list) and len(held) == 1:
            held = held[0]
        return _text(found(held, self.source.part.id) if isinstance(held, dict) else held)

    def _by_key(self) -> str:
        """Give the id of the record with our external id, where the answer did not say it."""
        if not self.external_id or self._call("search") is None:
            return ""
        held = self.looking.by_key(self.source.kind, self.object, self.external_id, KEY)
        return held[0] if held else ""

    def _can_read(self) -> bool:
        if self.source.part.results.object:
            return self._call("search") is not None and bool(self.external_id)
        return self.looking.can(self.source.kind)

    def _result(self, kind: ResultKind) -> Told:
        """Give a result that no sync would write, with signs that some CRMs spoil."""
        held = self.source.part.results.fields.values()
        currency = next((one.fixed_currency for one in held if one.fixed_currency), CURRENCY)
        name, amount = self.name, Money(1250, currency)
        en, zh = 'crm-expenses doctor: <a> & "b" 12.50', "crm-expenses doctor：试写，请删除"
        match kind:
            case ResultKind.CLAIM_RESULT:
                return ClaimResult(
                    name, Outcome.PASS, State.DECIDED, amount, amount, en, zh, "doctor", "doctor 1",
                    KEY, KEY, amount, KEY,
                )  # fmt: skip
            case ResultKind.LINE_RESULT:
                return LineResult(name, "", Outcome.PASS, amount, amount, en, zh)
            case ResultKind.RETURN_RESULT:
                day, share = date(2000, 1, 1), Decimal("0.25")
                return ReturnResult(name, day, day, amount, amount, *((share,) * 5), 1, en, zh)
            case _:
                return BudgetResult(name, amount, amount, amount, amount)

    # --- small parts ---

    def _call(self, name: str) -> Call | None:
        return self.wire.held.call(self.source.kind, name)

    def _demand(self, name: str) -> Call:
        call = self._call(name)
        if call is None:
            raise RefusedError("rest.lacks", part=str(self.source.kind), needs=f"calls.{name}")
        return call

    def _values(
        self, *, fields: Mapping[str, Json] | None = None, version: str = ""
    ) -> dict[str, Json]:
        return {
            "object": self.object,
            "id": self.name,
            "fields": dict(fields or {}),
            "version": version,
            "key": KEY,
            "key_field": self.external_id,
        }

    def _marks(self) -> str:
        """Say by what a person finds the record."""
        held = {**self.sent, **({self.external_id: KEY} if self.external_id else {})}
        return ", ".join(f"{name} = {_short(value)}" for name, value in held.items())[:300]

    def _told(self, **values: str) -> dict[str, str]:
        known = {"crm": self.wire.crm, "kind": self.source.kind.value, "object": self.object}
        return {**known, **values}

    def _bad(self, code: str, level: Level = Level.BAD, **values: str) -> Diagnosis:
        return Diagnosis(level, Problem(code, self._told(**values)))


def _plain(value: Any) -> Json:  # noqa: ANN401  what TOML can hold
    """Write a value of the file as JSON has it."""
    match value:
        case date() | time():
            return value.isoformat()
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return cast("Json", value)


def _nested(row: Mapping[str, Json]) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for path, value in row.items():
        put(made, path, value)
    return made


def _text(held: object) -> str:
    return str(held) if isinstance(held, str | int) and not isinstance(held, bool) else ""


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"
