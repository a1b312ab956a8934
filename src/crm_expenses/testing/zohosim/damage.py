"""What faults do to a call: before it, to its answer, and after it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from crm_expenses.testing.zohosim.asking import Answer, Ask, json_answer, json_text
from crm_expenses.testing.zohosim.credits import too_many
from crm_expenses.testing.zohosim.faults import Fault
from crm_expenses.testing.zohosim.refusal import RefusalError
from crm_expenses.testing.zohosim.schema import Type
from crm_expenses.testing.zohosim.site import Site
from crm_expenses.testing.zohosim.tokens import Access

_HTML: Final = b"<html><head><title>Zoho</title></head><body>Bad Gateway</body></html>"
_BAD: Final = {
    Type.DATETIME: "2026-13-45T99:99:99+05:30",
    Type.DATE: "2026-13-45",
    Type.INTEGER: "many",
    Type.CURRENCY: "much",
}
_INSIDE: Final = {
    Fault.PARTIAL_BATCH: "partial",
    Fault.LOCKED_RECORD: "locked",
    Fault.BULK_STUCK: "stuck",
    Fault.BULK_FAILURE: "failure",
}

_EARLY: Final[Mapping[Fault, Answer]] = {
    Fault.BUSY: json_answer(too_many().as_json(), 429),
    Fault.BUSY_OLD: json_answer({"code": 429, "error": "Too Many Requests", "info": ""}, 429),
    Fault.BUSY_RATE: json_answer(
        RefusalError("RATE_LIMIT_EXCEEDED", "rate limit exceeded").as_json(), 429
    ),
    Fault.ERROR_500: json_answer(
        RefusalError("INTERNAL_ERROR", "Internal Server Error").as_json(), 500
    ),
    Fault.HTML_502: Answer(502, _HTML, "text/html;charset=UTF-8"),
    Fault.EMPTY_503: Answer(503, b"", ""),
    Fault.HTML_200: Answer(200, _HTML, "text/html;charset=UTF-8"),
    Fault.REFRESH_HTML: Answer(200, _HTML, "text/html;charset=UTF-8"),
    Fault.REFRESH_DENIED: json_answer({"error": "Access Denied", "status": "failure"}),
    Fault.TOKEN_REFUSED: json_answer(
        RefusalError("INVALID_TOKEN", "invalid oauth token").as_json(), 401
    ),
    Fault.VIRUS_DETECTED: json_answer(
        RefusalError("VIRUS_DETECTED", "the file has a virus").as_json(), 400
    ),
    Fault.DROP_BEFORE: Answer(500),
    Fault.HANG_BEFORE: Answer(500),
}


def early(faults: frozenset[Fault]) -> Answer | None:
    """Give the answer of a call that is not even looked at."""
    return next((answer for fault, answer in _EARLY.items() if fault in faults), None)


def inside(faults: frozenset[Fault]) -> str:
    """Say how a call shall fail where it is carried out."""
    return next((text for fault, text in _INSIDE.items() if fault in faults), "")


def before(site: Site, faults: frozenset[Fault], access: Access) -> None:
    """Do to the organisation what happens before the call.

    Raises:
        RefusalError: the call ends with that.
    """
    if Fault.TOKENS_REVOKED in faults or Fault.REFRESH_REVOKED in faults:
        if Fault.REFRESH_REVOKED in faults:
            site.desk.revoke(access.refresh)
        site.desk.revoke_accesses()
        raise RefusalError("INVALID_TOKEN", "invalid oauth token", status=401)
    if Fault.SCOPE_MISSING in faults:
        message = "invalid oauth scope to access this URL"
        raise RefusalError("OAUTH_SCOPE_MISMATCH", message, status=site.org.switches.scope_status)
    if Fault.NO_PERMISSION in faults:
        raise RefusalError("NO_PERMISSION", "permission denied", status=403)
    if Fault.NO_CREDITS in faults:
        site.credits.use_up()
    if Fault.PAGE_TOKEN_EXPIRED in faults:
        site.pages.expire()


def after(site: Site, faults: frozenset[Fault], ask: Ask, answer: Answer) -> Answer:
    """Change an answer, and the organisation after it."""
    if Fault.ZIP_TRUNCATED in faults or Fault.TRUNCATED in faults:
        answer = replace(answer, body=answer.body[: len(answer.body) * 2 // 3])
    if Fault.EMPTY_200 in faults:
        answer = replace(answer, body=b"")
    name = _module(ask, site)
    if not name or answer.status != 200 or not faults & _TO_RECORDS.keys():
        return answer
    told = json.loads(answer.body, parse_float=Decimal)
    for fault, change in _TO_RECORDS.items():
        if fault in faults and told.get("data"):
            change(site, name, told["data"])
    return replace(answer, body=json_text(told))


def _module(ask: Ask, site: Site) -> str:
    step = ask.steps[2] if len(ask.steps) > 2 else ""
    if step == "coql":
        words = str(ask.json().get("select_query", "")).split()
        lower = [word.lower() for word in words]
        step = words[lower.index("from") + 1] if "from" in lower else ""
    return step if step in site.org.modules else ""


def _malformed(site: Site, name: str, rows: list[dict[str, Any]]) -> None:
    row = rows[len(rows) // 2]
    for held in site.org.module(name).fields.values():
        if held.name in row and held.type in _BAD:
            row[held.name] = _BAD[held.type]
            return


def _unknown_field(_site: Site, _name: str, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        row["Brand_New"] = {"shape": ["nobody", "knows"]}


def _unknown_value(site: Site, name: str, rows: list[dict[str, Any]]) -> None:
    for held in site.org.module(name).fields.values():
        if held.type is Type.PICKLIST and held.name in rows[0]:
            for row in rows:
                row[held.name] = "Brand new value"


def _changed(site: Site, name: str, rows: list[dict[str, Any]]) -> None:
    site.org.update(name, str(rows[0]["id"]), {})


def _deleted(site: Site, name: str, rows: list[dict[str, Any]]) -> None:
    site.org.remove(name, str(rows[0]["id"]))


_TO_RECORDS: Final[dict[Fault, Callable[[Site, str, list[dict[str, Any]]], None]]] = {
    Fault.MALFORMED_RECORD: _malformed,
    Fault.UNKNOWN_FIELD: _unknown_field,
    Fault.UNKNOWN_PICKLIST: _unknown_value,
    Fault.CHANGED_BETWEEN_PAGES: _changed,
    Fault.DELETED_AFTER_LIST: _deleted,
}
