"""What an answer of Zoho's means: its status and its code, made into our errors. Pure.

Zoho says `{"code", "details", "message", "status": "error"}`, bare for a whole call and in a list
for each record; a list of records is given back whatever the status, for some of them may have
been written. What is no such answer at all is a gateway's page: again later.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.exchange import Received, Reply, read_json
from crm_expenses.errors import (
    AuthError,
    ConflictError,
    CrmExpensesError,
    Problem,
    RefusedError,
    RetryableError,
)

TOKEN_OVER: Final = "zoho.token_over"  # noqa: S105  the code of a text
REMAINING: Final = "x-api-credits-remaining"

NO_BODY: Final = frozenset({204, 304})
"""Nothing there, nothing new: the only good answers without a body."""

_OVER: Final = frozenset({"INVALID_TOKEN", ""})
_DETAILS: Final = (
    *("api_name", "json_path", "param_name", "expected_data_type", "parent_api_name"),
    *("maximum_length", "limit", "id", "column_name", "reason", "permissions"),
)
_OF_ANY_SIDE: Final = frozenset({403, 404, 405, 410, 413, 414, 415, 431, 501, 505})
"""Statuses that mean the same from a gateway and from Zoho."""


@dataclass(frozen=True, slots=True)
class Judging:
    """The judge of one call; `shown` names it for people.

    `busy` is told when Zoho answers 429, `told` what it says is left, `hidden` takes our secrets
    out of a text: an answer might repeat them.
    """

    crm: str
    shown: str
    busy: Callable[[], None]
    told: Callable[[int], None]
    hidden: Callable[[str], str]

    def judge(self, reply: Reply, usual: Callable[[], CrmExpensesError]) -> CrmExpensesError | None:
        """Say what a reply means: None for one that is given back."""
        left = reply.headers.get(REMAINING, "")
        if left.isascii() and left.isdecimal() and len(left) < 12:
            self.told(int(left))
        status = reply.status
        if status in NO_BODY:
            return None
        if status == 429:  # of which limit it is, nothing says for certain
            self.busy()
            return usual()
        if status >= 500 or 300 <= status < 400:
            return usual()
        body = body_of(reply)
        if has_rows(body) and status not in (401, 412):
            return None
        said = _Said.of(body, self.hidden)
        if 200 <= status < 300:
            return self._false_success(reply, body, said)
        if said is None and status != 401:
            if status in _OF_ANY_SIDE:
                return usual()
            return answers.wrong_answer(self.crm, f"{status} {_kind(reply)}")
        return self._refusal(status, said or _NOTHING)

    def _false_success(
        self, reply: Reply, body: Received, said: "_Said | None"
    ) -> CrmExpensesError | None:
        """Say what is wrong with an answer that says success."""
        if not isinstance(body, dict):
            return answers.wrong_answer(self.crm, f"{reply.status} {_kind(reply)}")
        if said is not None and body.get("status") == "error":
            return answers.wrong_answer(self.crm, f"{reply.status} {said.code}: {said.text}")
        return None

    def _refusal(self, status: int, said: "_Said") -> CrmExpensesError:
        values = {
            "crm": self.crm,
            "request": self.shown,
            "status": str(status),
            "zoho_code": said.code or "-",
            "detail": said.text or "-",
        }
        if status == 401 and said.code in _OVER:
            return AuthError.of([Problem(TOKEN_OVER, values)])
        if said.code == "OAUTH_SCOPE_MISMATCH":
            return AuthError.of([Problem("zoho.scope", values)])
        if status == 401:
            return AuthError.of([Problem("zoho.auth", values)])
        if status == 403 or said.code == "NO_PERMISSION":
            return AuthError.of([Problem("zoho.permission", values)])
        if status == 412 or said.code == "ALREADY_MODIFIED":
            return ConflictError.of([Problem("zoho.changed", values)])
        if status == 404:
            return RefusedError.of([Problem("http.not_found", values)])
        return RefusedError.of([Problem("zoho.refused", values)])


@dataclass(frozen=True, slots=True)
class _Said:
    """What Zoho says of an error: its code, and its words for people."""

    code: str = ""
    text: str = ""

    @classmethod
    def of(cls, body: Received, hidden: Callable[[str], str]) -> "_Said | None":
        """Read an error, bare or of the first record; None where there is none."""
        held = body
        if has_rows(body) and isinstance(body, dict):
            held = next(rows[0] for rows in body.values() if _are_rows(rows))  # type: ignore[index]
        if not isinstance(held, dict) or not isinstance(held.get("code"), str | int):
            return None
        parts = [str(held.get("message") or ""), *_details(held.get("details"))]
        code = "".join(c for c in str(held["code"]) if c.isalnum() or c == "_")[:60]
        return cls(hidden(code), hidden(_line("; ".join(part for part in parts if part))))


_NOTHING: Final = _Said()


def body_of(reply: Reply) -> Received:
    """Read the body, None where it is empty or no JSON."""
    if not reply.body.strip():
        return None
    try:
        return read_json(reply.body)
    except RefusedError:
        return None


def has_rows(body: Received) -> bool:
    """Say whether a body tells of records one by one.

    >>> has_rows({"data": [{"code": "SUCCESS", "status": "success"}]}), has_rows({"data": []})
    (True, False)
    """
    return isinstance(body, dict) and any(map(_are_rows, body.values()))


def _are_rows(held: Received) -> bool:
    return (
        isinstance(held, list)
        and bool(held)
        and all(isinstance(row, dict) and "code" in row and "status" in row for row in held)
    )


def zoho_code(error: CrmExpensesError) -> str:
    """Give Zoho's own code of an error, empty where it has none.

    >>> zoho_code(RefusedError("zoho.refused", zoho_code="LIMIT_EXCEEDED"))
    'LIMIT_EXCEEDED'
    """
    return error.problems[0].values.get("zoho_code", "")


def is_busy(error: CrmExpensesError) -> bool:
    """Say whether Zoho had too many calls: it did nothing then, whatever was asked."""
    values = error.problems[0].values
    return isinstance(error, RetryableError) and values.get("status") == "429"


def _details(held: Received) -> list[str]:
    if not isinstance(held, Mapping):
        return []
    found = []
    for name in _DETAILS:
        value = held.get(name)
        if isinstance(value, list):
            value = ", ".join(str(each) for each in value[:10])
        if isinstance(value, str | int) and value != "":
            found.append(f"{name} {value}")
    return found


def _line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:300].strip()


def _kind(reply: Reply) -> str:
    if not reply.body.strip():
        return "without a body"
    return f"{reply.headers.get('content-type', '?')[:60]}, which is no answer of Zoho's"
