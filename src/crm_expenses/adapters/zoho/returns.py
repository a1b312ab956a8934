"""Return figures: records of our own, one a person, made or renewed by their external id.

The external id is the id of the person there, so that a second sending renews the record instead of
making another one; equal names never merge two. What stands there already is not written again.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Ack, AckState, ReturnResult, WriteBack
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.writes import UNKNOWN_AFTER
from crm_expenses.adapters.zoho import query
from crm_expenses.adapters.zoho.asking import PAGES_MAX, Asking
from crm_expenses.adapters.zoho.mapping import ID, Source, result_row, same
from crm_expenses.adapters.zoho.metadata import Metadata
from crm_expenses.adapters.zoho.modules import EXTERNAL_ID
from crm_expenses.adapters.zoho.outcomes import Became, RowOutcome, outcomes
from crm_expenses.adapters.zoho.sending import (
    ROWS_MAX,
    of_write,
    refused_by,
    write_call,
)
from crm_expenses.core.record import Json
from crm_expenses.errors import MappingError, Problem, RefusedError, RetryableError

NAME: Final = "Name"
TIERS: Final = (200, 1_000)
"""Rows of a query by what they cost: one credit, two, and three for more."""


class Returns:
    """Writes return figures to one organisation."""

    def __init__(self, asking: Asking, metadata: Metadata) -> None:
        self._asking = asking
        self._crm = asking.wire.crm
        self._metadata = metadata
        self._module = asking.wire.settings.returns

    def write(self, source: Source, writes: Sequence[WriteBack], acks: dict[str, Ack]) -> None:
        """Write the figures of some people, each of another one; `source` is that of people."""
        try:
            there = self._metadata.fields(self._module)
        except RefusedError as error:
            values = {"crm": self._crm, "module": self._module, "detail": error.describe()}
            problem = Problem("zoho.no_returns", values)
            acks |= {one.key: Ack(one.key, AckState.REFUSED, problem) for one in writes}
            return
        ready: list[tuple[WriteBack, dict[str, Json]]] = []
        for write in writes:
            row = self._row(source, write, acks)
            if row is not None:
                ready.append((write, row))
        columns = [name for name in (EXTERNAL_ID, *source.map.results.values()) if name in there]
        held = self._held([write.record for write, _ in ready], columns)
        open_ = []
        for write, row in ready:
            if same(row, held.get(write.record, {})):
                acks[write.key] = answers.done(write)
            else:
                open_.append((write, {**row, NAME: write.record}))
        for start in range(0, len(open_), ROWS_MAX):
            some = open_[start : start + ROWS_MAX]
            told = self._sent([row for _, row in some])
            for (write, _), became in zip(some, told, strict=True):
                acks[write.key] = became.ack(self._crm, write)

    def _row(
        self, source: Source, write: WriteBack, acks: dict[str, Ack]
    ) -> dict[str, Json] | None:
        """Give the fields of a record; what cannot be written is refused."""
        if not isinstance(write.result, ReturnResult) or not query.is_id(write.record):
            acks[write.key] = answers.no_record(self._crm, write)
            return None
        try:
            row = {**result_row(source, write.result), EXTERNAL_ID: write.record}
        except MappingError as error:
            acks[write.key] = answers.unmapped(write, error)
            return None
        fault = next(self._metadata.faults(self._module, row), None)
        if fault is not None:
            acks[write.key] = Ack(write.key, AckState.REFUSED, of_write(fault, write))
            return None
        return row

    def _held(self, names: Sequence[str], columns: Sequence[str]) -> dict[str, Mapping[str, Value]]:
        """Give what stands there already, by the external id.

        The module holds one record a person: of many people, all that is there is read in pages.
        """
        if len(names) > query.IN_MAX:
            rows = next(tier for tier in (*TIERS, query.ROWS_MAX) if tier >= min(len(names), 2_000))
            return self._pages(query.there(EXTERNAL_ID), columns, rows)
        if not names:
            return {}
        return self._pages(query.among(EXTERNAL_ID, names), columns, query.ROWS_SAFE)

    def _pages(
        self, where: query.Condition, columns: Sequence[str], rows: int
    ) -> dict[str, Mapping[str, Value]]:
        held: dict[str, Mapping[str, Value]] = {}
        last = ""
        for _ in range(PAGES_MAX):
            more = query.both(where, query.compare(ID, ">", last)) if last else where
            found = self._asking.query([ID, *columns], self._module, more, order=(ID,), rows=rows)
            held |= {str(row.get(EXTERNAL_ID)): row for row in found.rows}
            if not found.has_more:
                return held
            new = str(found.rows[-1][ID]) if found.rows else last
            if new == last:
                break
            last = new
        raise answers.wrong_answer(self._crm, f"the pages of {self._module} do not end")

    def _sent(self, rows: Sequence[Mapping[str, Json]]) -> list[RowOutcome]:
        """Make or renew records, known by their external id and by nothing else."""
        body = {"data": rows, "duplicate_check_fields": [EXTERNAL_ID], "trigger": []}
        path = f"{self._module}/upsert"
        try:
            call = write_call(self._asking, "POST", path, body, len(rows))
            return outcomes(self._asking.wire.send(call).body, len(rows))
        except RetryableError as error:
            if error.code not in UNKNOWN_AFTER:
                raise
            return [RowOutcome(Became.UNKNOWN, detail=error.describe()) for _ in rows]
        except RefusedError as error:
            return [refused_by(error) for _ in rows]
