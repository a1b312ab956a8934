"""Reading very many records at once: a job leaves them as a table in a zip.

It costs fifty credits for up to 200,000 rows, and takes minutes. So it is for a first load beyond
some 35,000 records, where queries cost more. Amounts are the digits of the table, exactly.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.zoho.asking import Asking, Rows
from crm_expenses.adapters.zoho.bulkjobs import BulkJobs, first_of
from crm_expenses.adapters.zoho.credits import BULK_READ
from crm_expenses.adapters.zoho.mapping import ID, Source
from crm_expenses.adapters.zoho.metadata import Metadata
from crm_expenses.adapters.zoho.wire import Call
from crm_expenses.errors import AuthError, RefusedError

BREAK_EVEN: Final = 35_000
"""Records of one module beyond which a job costs less than queries."""
JOBS_MAX: Final = 1_000
_YES_NO: Final = {"true": True, "false": False}


class BulkRead:
    """Reads all records of one kind by jobs."""

    def __init__(
        self, asking: Asking, source: Source, metadata: Metadata, seconds_max: float
    ) -> None:
        self._asking = asking
        self._source = source
        self._metadata = metadata
        self._jobs = BulkJobs(asking, seconds_max)

    def count(self) -> int:
        """Count the records, roughly (the count lags by minutes); 0 where that is not allowed."""
        path = self._asking.path(f"{self._source.module}/actions/count")
        try:
            body = self._asking.wire.send(Call("GET", path)).body
        except (AuthError, RefusedError):
            return 0
        held = body.get("count") if isinstance(body, dict) else None
        return held if isinstance(held, int) and not isinstance(held, bool) else 0

    def portions(self, rows_max: int) -> Iterator[Rows]:
        """Give all rows in portions; each says when the job began that left them.

        Raises:
            RetryableError: a job failed, takes too long, or left what is no table.
        """
        token = ""
        for _ in range(JOBS_MAX):
            name, at = self._begun(token)
            told = self._jobs.ended(self._path(name), "state").get("result")
            result = told if isinstance(told, dict) else {}
            more = result.get("next_page_token")
            token = more if result.get("more_records") is True and isinstance(more, str) else ""
            if result.get("more_records") is True and not token:
                raise self._wrong("a job says that there is more, and not where")
            yield from self._of_job(name, result, rows_max, at, is_last=not token)
            if not token:
                return
        raise self._wrong(f"more than {JOBS_MAX} jobs")

    def _of_job(
        self,
        name: str,
        result: Mapping[str, Value],
        rows_max: int,
        at: datetime | None,
        *,
        is_last: bool,
    ) -> Iterator[Rows]:
        """Give the rows of one job; a table with another number of rows than was told is none."""
        count, held = 0, list[Mapping[str, Value]]()
        boxes = self._boxes()
        with self._jobs.table(self._path(f"{name}/result")) as table:
            for cells in table:
                if len(held) == rows_max:
                    yield Rows(tuple(held), has_more=True, at=at)
                    held = []
                held.append(self._row(cells, boxes))
                count += 1
        if result.get("count") != count:
            raise self._wrong(f"{count} rows in a table of {result.get('count')}")
        yield Rows(tuple(held), has_more=not is_last, at=at)

    def _begun(self, token: str) -> tuple[str, datetime | None]:
        source = self._source
        query: dict[str, object] = {"module": {"api_name": source.module}}
        query["fields"] = [name for name in source.columns if name != ID]
        query |= {"page_token": token} if token else {"page": 1}
        call = Call("POST", self._path(""), json={"query": query}, credits=BULK_READ)
        answer = self._asking.wire.send(call)
        told = first_of(answer.body)
        details = told.get("details")
        name = str(details.get("id") or "") if isinstance(details, dict) else ""
        if told.get("status") == "error":
            detail = f"{told.get('code')}: {told.get('message')}"
            crm, request = self._asking.wire.crm, "POST bulk read"
            raise RefusedError(
                "zoho.refused",
                crm=crm,
                request=request,
                status=str(answer.status),
                zoho_code=str(told.get("code")),
                detail=detail[:200],
            )
        if not name.isalnum():
            raise self._wrong("a job without an id")
        return name, answer.at

    def _row(self, cells: Mapping[str, str], boxes: frozenset[str]) -> dict[str, Value]:
        row: dict[str, Value] = {}
        for head, text in cells.items():
            name = ID if head.casefold() == ID else head
            row[name] = _YES_NO.get(text, text) if name in boxes else text or None
        lacking = [name for name in self._source.columns if name not in row]
        if lacking or not row[ID]:
            raise self._wrong(f"a table without {', '.join(lacking) or ID}")
        return row

    def _boxes(self) -> frozenset[str]:
        """Give the fields that are ticked or not: a table has words for it."""
        fields = self._metadata.fields(self._source.module)
        return frozenset(one.name for one in fields.values() if one.type == "boolean")

    def _path(self, rest: str) -> str:
        path = f"crm/bulk/{self._asking.wire.settings.version}/read"
        return f"{path}/{rest}" if rest else path

    def _wrong(self, detail: str) -> Exception:
        return answers.wrong_answer(self._asking.wire.crm, detail)
