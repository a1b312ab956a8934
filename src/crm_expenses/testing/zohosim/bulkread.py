"""Bulk read: a job that leaves a module's rows as CSV in a zip."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from crm_expenses.testing.zohosim.asking import Answer, Ask, json_answer
from crm_expenses.testing.zohosim.bulkjobs import Job, Jobs, need_json, zipped
from crm_expenses.testing.zohosim.coql import Comparison, Condition, Joined, Literal
from crm_expenses.testing.zohosim.org import Org
from crm_expenses.testing.zohosim.querying import field_of, reader_of, test_of
from crm_expenses.testing.zohosim.refusal import RefusalError
from crm_expenses.testing.zohosim.rows import Row
from crm_expenses.testing.zohosim.schema import Field, Module, Type
from crm_expenses.testing.zohosim.values import moment, moment_text, shown

TOKEN_LIFE: Final = timedelta(hours=24)
CRITERIA_MAX: Final = 25
_REFUSED: Final = frozenset({"Notes", "Attachments", "Emails"})
_COMPARATORS: Final = {
    "equal": "=",
    "not_equal": "!=",
    "less_than": "<",
    "less_equal": "<=",
    "greater_than": ">",
    "greater_equal": ">=",
    "in": "in",
    "not_in": "not in",
    "between": "between",
    "not_between": "not between",
    "contains": "like",
    "not_contains": "not like",
    "starts_with": "like",
    "ends_with": "like",
}
_PATTERNS: Final = {"starts_with": "{}%", "ends_with": "%{}"}


def created(jobs: Jobs, ask: Ask, user: str) -> Answer:
    """Answer POST /crm/bulk/vN/read."""
    need_json(ask)
    org, query = jobs.org, ask.json().get("query")
    if not isinstance(query, dict):
        raise RefusalError("MANDATORY_NOT_FOUND", details={"api_name": "query"})
    offset, bound = _start(jobs, query, user)
    query = {**query, **bound}
    name = (query.get("module") or {}).get("api_name", "")
    if name in _REFUSED or name not in org.modules:
        raise RefusalError("MODULE_NOT_AVAILABLE", details={"module": name})
    module = org.module(name)
    columns = list(query.get("fields") or _columns(module))
    for column in columns:
        _known(org, module, column)
    holds = _criteria(org, module, query.get("criteria"))
    rows = sorted(org.shelf.all_seen(name, org.clock()), key=lambda row: row.id)
    rows = [row for row in rows if holds(row)]
    most = org.switches.bulk_rows_max
    part = rows[offset : offset + most]
    job = jobs.add(user, {"query": query}, ask.wanted)
    job.result = zipped(f"{job.id}.csv", _csv(org, module, columns, part))
    has_more = len(rows) > offset + most
    job.more = {
        "page": offset // most + 1,
        "per_page": most,
        "count": len(part),
        "download_url": f"/crm/bulk/v8/read/{job.id}/result",
        "more_records": has_more,
        "next_page_token": f"bulk{job.id}" if has_more else None,
        "previous_page_token": None,
    }
    details = {"id": job.id, "operation": "read", "state": "ADDED", **jobs.stamp(job)}
    row = {"status": "success", "code": "ADDED_SUCCESSFULLY", "message": "Added successfully."}
    return json_answer({"data": [{**row, "details": details}], "info": {}}, 201)


def _start(jobs: Jobs, query: Mapping[str, Any], user: str) -> tuple[int, Mapping[str, Any]]:
    """Say where a job begins, and the query that its token is bound to."""
    most, token = jobs.org.switches.bulk_rows_max, query.get("page_token")
    if token is None:
        page = query.get("page", 1)
        if not isinstance(page, int) or page < 1 or page > 500:
            raise RefusalError("PAGE_RANGE_EXCEEDED", details={"api_name": "page"})
        return (page - 1) * most, {}
    if "page" in query:
        raise RefusalError("AMBIGUITY_DURING_PROCESSING")
    before = jobs.held.get(str(token).removeprefix("bulk"))
    if before is None or before.user != user or not before.more.get("more_records"):
        raise RefusalError("INVALID_REQUEST", details={"api_name": "page_token"})
    if jobs.org.clock() - before.made_at > TOKEN_LIFE:
        raise RefusalError("EXPIRED_VALUE", details={"api_name": "page_token"})
    bound = {key: value for key, value in before.told["query"].items() if key != "page_token"}
    return before.more["page"] * most, bound


def status(jobs: Jobs, name: str) -> Answer:
    """Answer GET /crm/bulk/vN/read/ID."""
    job = jobs.get(name)
    state = jobs.ended(job)
    told: dict[str, object] = {
        "id": job.id,
        "operation": "read",
        "state": state,
        "query": job.told["query"],
        "file_type": "csv",
        **jobs.stamp(job),
    }
    if state == "COMPLETED":
        told["result"] = job.more
    if state == "FAILURE":
        told["result"] = {"error_message": "INTERNAL_ERROR"}
    return json_answer({"data": [told]})


def callback_of(job: Job) -> dict[str, object]:
    """Give what is posted to who asked to be told."""
    return {"job_id": job.id, "operation": "read", "state": "COMPLETED", "result": job.more}


def _columns(module: Module) -> list[str]:
    return [one.name for one in module.fields.values() if one.type is not Type.SUBFORM]


def _known(org: Org, module: Module, column: str) -> Field:
    try:
        held = field_of(org, module, column)
    except RefusalError:
        raise RefusalError("FIELD_NOT_AVAILABLE", details={"api_name": column}) from None
    if held.type is Type.SUBFORM:
        raise RefusalError("FIELD_NOT_SUPPORTED", details={"api_name": column})
    return held


def _csv(org: Org, module: Module, columns: list[str], rows: list[Row]) -> Iterator[list[str]]:
    names = [column for column in columns if column != "id"]
    yield [org.switches.bulk_id_column, *names]
    readers = [reader_of(org, module, name) for name in names]
    for row in rows:
        yield [row.id, *(_cell(org, read(row)) for read in readers)]


def _cell(org: Org, value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case datetime():
            return moment_text(value, org.zone)
        case tuple():
            return ";".join(str(one) for one in value)
        case _:
            return str(shown(value, org.zone))


def _criteria(org: Org, module: Module, given: object) -> Callable[[Row], bool]:
    if given is None:
        return lambda _row: True
    if not isinstance(given, dict):
        raise RefusalError("INVALID_CRITERIA")
    try:
        return test_of(org, module, _condition(org, module, given))
    except RefusalError as error:
        if error.code != "INVALID_QUERY":
            raise
        raise RefusalError(
            "FIELD_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE", details=error.details
        ) from None


def _condition(org: Org, module: Module, given: Mapping[str, Any]) -> Condition:
    if "group" in given:
        group = [_condition(org, module, one) for one in given["group"]]
        operator = given.get("group_operator")
        if operator not in {"and", "or"} or not 2 <= len(group) <= CRITERIA_MAX:
            raise RefusalError("INVALID_CRITERIA")
        held = group[0]
        for one in group[1:]:
            held = Joined(held, operator, one)
        return held
    name = (given.get("field") or {}).get("api_name", "")
    field = _known(org, module, name)
    comparator, value = given.get("comparator"), given.get("value")
    if comparator not in _COMPARATORS:
        raise RefusalError("INVALID_CRITERIA", details={"comparator": comparator})
    if value in {"", "${EMPTY}"} if isinstance(value, str) else value is None:
        return Comparison(name, "is null" if comparator == "equal" else "is not null")
    operator = _COMPARATORS[comparator]
    if operator.endswith("like"):
        return Comparison(name, operator, (_PATTERNS.get(comparator, "%{}%").format(value),))
    values = value if isinstance(value, list) else [value]
    return Comparison(name, operator, tuple(_plain(field, one) for one in values))


def _plain(field: Field, value: object) -> Literal:
    if field.type is Type.BOOLEAN and value in {"true", "false"}:
        return value == "true"
    if field.type is Type.DATETIME and (not isinstance(value, str) or moment(value) is None):
        raise RefusalError("VALUE_IN_CRITERIA_NOT_SUPPORTED")
    if not isinstance(value, str | int | Decimal):
        raise RefusalError("VALUE_TYPE_NOT_SUPPORTED")
    return value
