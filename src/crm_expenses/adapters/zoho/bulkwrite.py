"""Writing very many results at once: a table goes up in a zip, and a job writes its rows.

It costs some 503 credits for up to 25,000 rows, so it is for pushes beyond 5,030 results of one
module. What became of each row stands in the table that the job leaves.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import IO, Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.exchange import Upload
from crm_expenses.adapters.writes import UNKNOWN_AFTER
from crm_expenses.adapters.zoho.asking import Asking
from crm_expenses.adapters.zoho.bulkjobs import BulkJobs, first_of, packed
from crm_expenses.adapters.zoho.credits import BULK_WRITE
from crm_expenses.adapters.zoho.mapping import ID
from crm_expenses.adapters.zoho.outcomes import Became, RowOutcome
from crm_expenses.adapters.zoho.wire import Call
from crm_expenses.core.record import Json
from crm_expenses.errors import CrmExpensesError, RefusedError

BREAK_EVEN: Final = 5_030
"""Rows of one push beyond which a job costs less than calls of a hundred."""
ROWS_MAX: Final = 25_000
ZIP_BYTES_MAX: Final = 24 * 1024 * 1024
PORTION_BYTES: Final = 256 * 1024
_WRITTEN: Final = frozenset({"ADDED", "UPDATED"})


class BulkWrite:
    """Writes rows of one module by jobs. Each row is known by the id of its record."""

    def __init__(self, asking: Asking, seconds_max: float) -> None:
        self._asking = asking
        self._wire = asking.wire
        self._jobs = BulkJobs(asking, seconds_max)
        self._organisation = asking.wire.settings.organisation

    def update(self, module: str, rows: Sequence[Mapping[str, Json]]) -> list[RowOutcome] | None:
        """Write rows of the same fields; None where no job was begun, and nothing was written.

        Whatever goes wrong once a job may have begun leaves its rows unknown.
        """
        if any(row.keys() != rows[0].keys() for row in rows):
            return None  # an empty cell empties its field
        found: list[RowOutcome] = []
        for start in range(0, len(rows), ROWS_MAX):
            some = rows[start : start + ROWS_MAX]
            told = self._part(module, some)
            if told is None and not found:
                return None
            unknown = RowOutcome(Became.UNKNOWN, detail="no job was begun")
            found += told if told is not None else [unknown] * len(some)
        return found

    def _part(self, module: str, rows: Sequence[Mapping[str, Json]]) -> list[RowOutcome] | None:
        heads = list(rows[0])
        file, size = packed("rows.csv", _cells(heads, rows))
        with file:
            if size > ZIP_BYTES_MAX:
                return None
            try:
                sent = self._sent(file, size)
            except CrmExpensesError:  # only a file that nobody uses went up, or none
                return None
        try:
            job = self._begun(module, sent, heads)
        except RefusedError:
            return None
        except CrmExpensesError as error:
            if error.code not in UNKNOWN_AFTER:
                return None
            return [RowOutcome(Became.UNKNOWN, detail=error.describe()) for _ in rows]
        try:
            by_id = self._outcomes(job)
        except CrmExpensesError as error:
            return [RowOutcome(Became.UNKNOWN, detail=error.describe()) for _ in rows]
        lacking = RowOutcome(Became.UNKNOWN, detail="the job says nothing of it")
        return [by_id.get(str(row[ID]), lacking) for row in rows]

    def _sent(self, file: IO[bytes], size: int) -> str:
        """Send the zip to the host for content; give the name that it got there."""
        boundary = "crm-expenses-bulk-rows"
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="rows.zip"\r\nContent-Type: application/zip\r\n\r\n'
        ).encode()
        tail = f"\r\n--{boundary}--\r\n".encode()
        body = Upload(len(head) + size + len(tail), _chained(head, file, tail))
        call = Call(
            "POST",
            self._asking.path("upload"),
            headers={"feature": "bulk-write", "X-CRM-ORG": self._number()},
            repeatable=False,
            upload=body,
            content_type=f"multipart/form-data; boundary={boundary}",
            to_content_host=True,
        )
        details = first_of(self._wire.send(call).body).get("details")
        name = str(details.get("file_id") or "") if isinstance(details, dict) else ""
        if not name.isalnum():
            raise answers.wrong_answer(self._wire.crm, "a file without an id")
        return name

    def _number(self) -> str:
        """Give the organisation's own number, asked for once where the settings do not say it."""
        if not self._organisation:
            body = self._wire.send(Call("GET", self._asking.path("org"))).body
            held = body.get("org") if isinstance(body, dict) else None
            one = held[0] if isinstance(held, list) and held else None
            number = str(one.get("zgid") or "") if isinstance(one, dict) else ""
            if not number.isdecimal():
                raise answers.wrong_answer(self._wire.crm, "an organisation without a number")
            self._organisation = number
        return self._organisation

    def _begun(self, module: str, file: str, heads: Sequence[str]) -> str:
        resource = {
            "type": "data",
            "module": {"api_name": module},
            "file_id": file,
            "find_by": ID,
            "field_mappings": [
                {"api_name": name, "index": place} for place, name in enumerate(heads)
            ],
        }
        body = {
            "operation": "update",
            "character_encoding": "UTF-8",
            "ignore_empty": False,
            "resource": [resource],
        }
        call = Call("POST", self._path(""), json=body, credits=BULK_WRITE, repeatable=False)
        told = first_of(self._wire.send(call).body)
        details = told.get("details")
        name = str(details.get("id") or "") if isinstance(details, dict) else ""
        if told.get("status") == "error":
            raise RefusedError(
                "crm.refused",
                crm=self._wire.crm,
                record=module,
                detail=f"{told.get('code')}: {told.get('message')}"[:200],
            )
        if not name.isalnum():
            raise answers.wrong_answer(self._wire.crm, "a job without an id")
        return name

    def _outcomes(self, job: str) -> dict[str, RowOutcome]:
        told = self._jobs.ended(self._path(job), "status").get("result")
        place = told.get("download_url") if isinstance(told, dict) else None
        if not isinstance(place, str) or not place:
            raise answers.wrong_answer(self._wire.crm, "a job that left no result")
        with self._jobs.table(place) as table:
            return {row.get(ID, ""): _outcome(row) for row in table}

    def _path(self, rest: str) -> str:
        path = f"crm/bulk/{self._wire.settings.version}/write"
        return f"{path}/{rest}" if rest else path


def _outcome(row: Mapping[str, str]) -> RowOutcome:
    """Read what became of a row.

    >>> _outcome({"STATUS": "SKIPPED", "ERRORS": "RECORD_LOCKED:id"}).code
    'RECORD_LOCKED'
    """
    status, errors = row.get("STATUS", ""), row.get("ERRORS", "")
    if status in _WRITTEN:
        return RowOutcome(Became.WRITTEN, row.get("RECORD_ID", ""))
    code, _, rest = errors.partition(":")
    detail = "".join(char if char.isprintable() else " " for char in errors)[:200]
    if status != "SKIPPED" or not code:
        return RowOutcome(Became.UNKNOWN, code=code, detail=f"{status or '-'}: {detail}")
    if code == "INVALID_DATA" and rest.strip() in ("", ID):
        return RowOutcome(Became.NOT_THERE, code=code, detail=detail)
    return RowOutcome(Became.REFUSED, code=code, detail=detail)


def _cells(heads: Sequence[str], rows: Sequence[Mapping[str, Json]]) -> Iterator[list[str]]:
    yield list(heads)
    for row in rows:
        yield [_cell(row.get(name)) for name in heads]


def _cell(value: object) -> str:
    """Write a value of a result: digits as they are, nothing as nothing."""
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value:f}"
        case dict():
            return str(value.get(ID, ""))
    return str(value)


def _chained(head: bytes, file: IO[bytes], tail: bytes) -> Iterator[bytes]:
    yield head
    while portion := file.read(PORTION_BYTES):
        yield portion
    yield tail
