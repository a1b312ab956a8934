"""What an answer to a write says of each of its rows. Pure.

The status tells little (200, 201, 202, 207, 400 and 412 all come with a list): every row is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Ack, AckState, WriteBack
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.zoho.mapping import ID, id_of
from crm_expenses.errors import Problem

_SAID: Final = ("api_name", "json_path", "expected_data_type", "maximum_length", "duplicate_field")
_AGAIN: Final = frozenset({"INTERNAL_ERROR", "INTERNAL_SERVER_ERROR", "UNABLE_TO_PROCESS"})
_BUSY: Final = frozenset({"TOO_MANY_REQUESTS", "RATE_LIMIT_EXCEEDED"})


class Became(StrEnum):
    """What became of a row."""

    WRITTEN = "written"
    NOT_THERE = "not_there"
    CHANGED = "changed"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row, with the platform's own word and reason where it is an error."""

    became: Became
    id: str = ""
    code: str = ""
    detail: str = ""

    def ack(self, crm: str, write: WriteBack) -> Ack:
        """Answer a write."""
        match self.became:
            case Became.WRITTEN:
                return answers.done(write)
            case Became.NOT_THERE:
                return answers.no_record(crm, write)
            case Became.CHANGED:
                return answers.conflict(crm, write)
            case Became.UNKNOWN:
                return answers.unknown(crm, write, self.detail)
        known = f"zoho.{self.code.lower()}"
        values = {"crm": crm, "record": write.record, "detail": self.detail or "-"}
        if known in REASONS:
            return Ack(write.key, AckState.REFUSED, Problem(known, values))
        return answers.refused(crm, write, f"{self.code}: {self.detail}")


REASONS: Final = frozenset(
    {
        "zoho.record_locked",
        "zoho.not_approved",
        "zoho.duplicate_data",
        "zoho.mandatory_not_found",
        "zoho.no_permission",
    }
)
"""Refusals whose message says what to do."""


def outcomes(body: Value, count: int, *, ids: Sequence[str] = ()) -> list[RowOutcome]:
    """Give the outcome of each row; where the list is none, or of another length, nobody knows.

    `ids` are those of the rows that were sent: an answer for another record is none.

    >>> row = {"code": "SUCCESS", "status": "success", "details": {"id": "7"}}
    >>> [one.became.value for one in outcomes({"data": [row]}, 1, ids=["7"])]
    ['written']
    """
    rows = body.get("data") if isinstance(body, dict) else None
    if not isinstance(rows, list) or len(rows) != count:
        detail = f"{len(rows) if isinstance(rows, list) else 'no'} results for {count} records"
        return [RowOutcome(Became.UNKNOWN, detail=detail) for _ in range(count)]
    found = [_outcome(row) for row in rows]
    for number, name in enumerate(ids):
        one = found[number]
        if one.became is Became.WRITTEN and one.id != name:
            detail = f"the answer is of record {one.id or '-'}"
            found[number] = RowOutcome(Became.UNKNOWN, detail=detail)
    return found


def _outcome(row: Value) -> RowOutcome:
    if not isinstance(row, dict):
        return RowOutcome(Became.UNKNOWN, detail="a result is none")
    code, details = str(row.get("code") or ""), row.get("details")
    name = id_of(details)
    if row.get("status") == "success" and code == "SUCCESS":
        return RowOutcome(Became.WRITTEN, name)
    detail = _said(row, details if isinstance(details, dict) else {})
    if code == "ALREADY_MODIFIED":
        return RowOutcome(Became.CHANGED, name, code, detail)
    if row.get("status") != "error" or code in _AGAIN or not code:
        return RowOutcome(Became.UNKNOWN, name, code, f"{code or 'no code'}: {detail}")
    if code in _BUSY:
        return RowOutcome(Became.UNKNOWN, name, code, f"{code}: {detail}")
    if code == "INVALID_DATA" and _is_of_id(details):
        return RowOutcome(Became.NOT_THERE, name, code, detail)
    return RowOutcome(Became.REFUSED, name, code, detail)


def _is_of_id(details: Value) -> bool:
    """Say whether the id of the row itself is what is invalid: the record is not there."""
    if not isinstance(details, dict):
        return False
    field = details.get("api_name")
    return field == ID or (field is None and ID in details)


def _said(row: Mapping[str, Value], details: Mapping[str, Value]) -> str:
    parts = [str(row.get("message") or "")]
    parts += [f"{name} {details[name]}" for name in _SAID if details.get(name) is not None]
    text = "; ".join(part for part in parts if part)
    return "".join(char if char.isprintable() else " " for char in text)[:200]
