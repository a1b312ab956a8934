"""Records by their ids, read now: for a look, before a write, and by an id of ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from crm_expenses.adapters import answers
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.rest.fieldpaths import path_values
from crm_expenses.adapters.rest.path import found
from crm_expenses.adapters.rest.rows import Source, id_of, names_of, records_in
from crm_expenses.adapters.rest.spec import Call
from crm_expenses.adapters.rest.wire import Wire
from crm_expenses.core.record import Json, Kind
from crm_expenses.errors import RefusedError


@dataclass(frozen=True, slots=True)
class Row:
    """A record as it stands now.

    `raw` is what the map reads, `whole` what the CRM's list gives; `headers` are those of the
    answer, where it came alone.
    """

    raw: Value
    whole: Value
    headers: Mapping[str, str] = field(default_factory=dict)


class Looking:
    """Reads records by their ids over a wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def can(self, kind: Kind) -> bool:
        """Say whether records of a kind can be read by their ids."""
        held, nested = self._wire.held, self._wire.held.kind[kind].nested
        owner = nested.parent if nested is not None else kind
        return held.call(owner, "read") is not None or held.call(owner, "find") is not None

    def rows(self, source: Source, names: Sequence[str]) -> dict[str, Row]:
        """Give the records that are there, by id.

        Raises:
            AuthError: some are not there, and the CRM does not know who asks.
        """
        listed = source.listed
        wanted = list(dict.fromkeys(names))
        owners = list(dict.fromkeys(name.partition(":")[0] for name in wanted)) if (
            source.owner is not None
        ) else wanted  # fmt: skip
        needs_headers = listed.part.conflict.header and not listed.part.conflict.path
        find = None if needs_headers else self._wire.held.call(listed.kind, "find")
        if find is not None and (len(owners) > 1 or self._reads_one(listed.kind) is None):
            held = self._found(listed, owners)
        else:
            held = self._read(listed, owners)
        if len(held) < len(owners):
            self._wire.demand_signed_in(anew=True)
        rows: dict[str, Row] = {}
        for whole, headers in held.values():
            for name, raw in records_in(self._wire, source, whole):
                rows[name] = Row(raw, whole, headers)
        return {name: rows[name] for name in wanted if name in rows}

    def by_key(self, kind: Kind, name: str, key_field: str, key: str) -> tuple[str, Value] | None:
        """Give the id of the record that has an external id, and the record; None without one.

        Raises:
            RetryableError: there are several, or others than were searched.
        """
        call = self._wire.held.call(kind, "search")
        if call is None:
            raise RefusedError("rest.no_search", crm=self._wire.crm, kind=kind.value)
        values: dict[str, Json] = {
            "object": name,
            "key": key,
            "key_field": key_field,
            "field_list": "",
            "field_names": [],
            **path_values(self._wire.held, kind, ()),
        }
        records = self._wire.held.records_of(kind, call)
        rows = self._wire.rows(self._wire.call(call, values), records)
        part = self._wire.held.kind[kind]
        known = [row for row in rows if str(found(_inner(row, records.unwrap), key_field)) == key]
        if len(known) > 1:
            raise answers.wrong_answer(
                self._wire.crm, f"{len(known)} records have {key_field} {key}"
            )
        if not known and rows:
            detail = f"none of {len(rows)} records has {key_field} {key}: does it know the search?"
            raise answers.wrong_answer(self._wire.crm, detail)
        if not known:
            self._wire.demand_signed_in()
            return None
        return id_of(known[0], part), cast("Value", _inner(known[0], records.unwrap))

    def by_own_id(self, kind: Kind, name: str, key: str) -> tuple[str, Value] | None:
        """Give the record whose id is one of ours, with its id; None without one."""
        call = self._wire.held.call(kind, "read")
        if call is None:
            raise RefusedError("rest.no_read", crm=self._wire.crm, kind=kind.value)
        values: dict[str, Json] = {"object": name, "id": key, "field_list": "", "field_names": []}
        records = self._wire.held.records_of(kind, call)
        try:
            answer = self._wire.call(call, values)
        except RefusedError as error:
            if error.code != "http.not_found":
                raise
            return None
        if answer.body is None or found(answer.body, records.single_path) in ([], None):
            return None
        row = self._wire.single(answer, records)
        return key, cast("Value", _inner(row, records.unwrap))

    def _reads_one(self, kind: Kind) -> object:
        return self._wire.held.call(kind, "read")

    def _found(
        self, source: Source, names: list[str]
    ) -> dict[str, tuple[Value, Mapping[str, str]]]:
        """Ask for several at once, in portions."""
        call = self._wire.held.call(source.kind, "find")
        if call is None:
            raise AssertionError(f"{source.kind} has no find")
        most = self._wire.held.limits.look_max
        held: dict[str, tuple[Value, Mapping[str, str]]] = {}
        for at in range(0, len(names), most):
            held |= self._portion(source, call, names[at : at + most])
        return held

    def _portion(
        self, source: Source, call: Call, names: list[str]
    ) -> dict[str, tuple[Value, Mapping[str, str]]]:
        """Ask for some at once, and again for those that did not come, until none comes.

        An answer may be cut to the size of a page; and who does not know the filter gives anything.
        """
        held: dict[str, tuple[Value, Mapping[str, str]]] = {}
        records = self._wire.held.records_of(source.kind, call)
        left = names
        while left:
            values = {**self._values(source), "ids": cast("Json", left)}
            rows = self._wire.rows(self._wire.call(call, values), records)
            by_id = {id_of(row, source.part): row for row in rows}
            came = [name for name in left if name in by_id]
            held |= {name: (by_id[name], {}) for name in came}
            left = [name for name in left if name not in by_id]
            if left and not by_id.keys() <= {*names}:
                if self._reads_one(source.kind) is not None:
                    return held | self._read(source, left)
                detail = "records came that were not asked for: does it know the filter of find?"
                raise answers.wrong_answer(self._wire.crm, detail)
            if not came:
                break
        return held

    def _read(self, source: Source, names: list[str]) -> dict[str, tuple[Value, Mapping[str, str]]]:
        """Ask for one after the other."""
        call = self._wire.held.call(source.kind, "read")
        if call is None:
            raise RefusedError("rest.no_read", crm=self._wire.crm, kind=source.kind.value)
        held: dict[str, tuple[Value, Mapping[str, str]]] = {}
        records = self._wire.held.records_of(source.kind, call)
        for name in names:
            try:
                answer = self._wire.call(call, {**self._values(source), "id": name})
            except RefusedError as error:
                if error.code != "http.not_found":
                    raise
                continue
            if answer.body is None or found(answer.body, records.single_path) in ([], None):
                continue  # no record, said without an error
            row = self._wire.single(answer, records)
            if id_of(row, source.part) != name:  # an error inside a success, most likely
                detail = f"asked for {name}, there is no such id at {source.part.id}"
                raise answers.wrong_answer(self._wire.crm, detail)
            held[name] = (row, answer.headers)
        return held

    def _values(self, source: Source) -> dict[str, Json]:
        names = names_of(source)
        return {
            "object": source.part.object,
            "field_list": ",".join(names),
            "field_names": cast("Json", names),
            **path_values(self._wire.held, source.kind, source.shape.parts),
        }


def _inner(row: Value, unwrap: str) -> object:
    return found(row, unwrap) if unwrap else row
