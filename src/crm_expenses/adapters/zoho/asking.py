"""Calls that give rows: a query, a page of a list, and what of an answer is no answer.

An answer without rows is 204 or 304, which have no body. Anything else without a list of rows is
an error: taken for "nothing there", it would let records go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.zoho import query
from crm_expenses.adapters.zoho.credits import cost_of_coql
from crm_expenses.adapters.zoho.judging import zoho_code
from crm_expenses.adapters.zoho.mapping import id_of
from crm_expenses.adapters.zoho.wire import Answer, Call, ZohoWire
from crm_expenses.errors import RefusedError

PAGE_ROWS: Final = 200
IDS_MAX: Final = 100
"""Ids of one call to a list."""
PAGES_MAX: Final = 100_000
EMPTY: Final = frozenset({204, 304})
SINCE: Final = "If-Modified-Since"


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of an answer. `token` leads to the next page of a list, empty without one."""

    rows: tuple[Mapping[str, Value], ...]
    has_more: bool
    at: datetime | None
    token: str = ""


@dataclass(slots=True)
class Asking:
    """Asks one organisation for rows. `rows_max` are those of one query, as far as is known."""

    wire: ZohoWire
    rows_max: int = query.ROWS_MAX
    page_rows: int = field(default=PAGE_ROWS)

    def path(self, rest: str) -> str:
        """Give the address of something, below the API's."""
        return f"crm/{self.wire.settings.version}/{rest}"

    def query(
        self,
        columns: Sequence[str],
        module: str,
        where: query.Condition,
        *,
        order: Sequence[str] = (),
        rows: int = query.ROWS_MAX,
    ) -> Rows:
        """Send a query; where so many rows are refused, as some versions do, with fewer."""
        asked = min(rows, self.rows_max)
        text = query.select(columns, module, where, order=order, rows=asked)
        call = Call(
            "POST",
            self.path("coql"),
            json={"select_query": text},
            credits=cost_of_coql(asked),
            is_heavy=True,
            repeatable=True,
        )
        try:
            answer = self.wire.send(call)
        except RefusedError as error:
            if zoho_code(error) != "LIMIT_EXCEEDED" or asked <= query.ROWS_SAFE:
                raise
            self.rows_max = query.ROWS_SAFE
            return self.query(columns, module, where, order=order, rows=rows)
        return self._rows(answer, "data", asked)

    def page(
        self,
        path: str,
        asked: Mapping[str, str],
        *,
        since: datetime | None = None,
        name: str = "data",
        credits: int = 1,  # noqa: A002  what it costs
        rows: int = PAGE_ROWS,
    ) -> Rows:
        """Ask for a page of a list; `since` leaves out what was not changed since."""
        headers = {SINCE: query.moment(since)} if since is not None else {}
        is_heavy = "sort_by" in asked
        rows = min(rows, self.page_rows)
        call = Call(
            "GET",
            self.path(path),
            {**asked, "per_page": str(rows)},
            headers=headers,
            credits=credits,
            is_heavy=is_heavy,
        )
        return self._rows(self.wire.send(call), name, rows)

    def _rows(self, answer: Answer, name: str, asked: int) -> Rows:
        if answer.status in EMPTY:
            return Rows((), has_more=False, at=answer.at)
        body, crm = answer.body, self.wire.crm
        held = body.get(name) if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(held, list):
            raise answers.wrong_answer(crm, f"{answer.status} without a list of {name}")
        rows: list[Mapping[str, Value]] = []
        for number, row in enumerate(held, start=1):
            if not isinstance(row, dict) or not id_of(row):
                raise answers.wrong_answer(crm, f"row {number} of {name} has no id")
            rows.append(row)
        info = body.get("info")
        told = info.get("more_records") if isinstance(info, dict) else None
        token = info.get("next_page_token") if isinstance(info, dict) else None
        return Rows(
            tuple(rows),
            told if isinstance(told, bool) else len(rows) >= asked,
            answer.at,
            token if isinstance(token, str) else "",
        )
