"""Bulk write: a zip with a CSV goes up, a job writes its rows, a zip with the outcome remains."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from crm_expenses.testing.zohosim.asking import Answer, Ask, json_answer
from crm_expenses.testing.zohosim.bulkjobs import Job, Jobs, need_json, zipped
from crm_expenses.testing.zohosim.multipart import parts
from crm_expenses.testing.zohosim.org import Org
from crm_expenses.testing.zohosim.refusal import RefusalError, invalid
from crm_expenses.testing.zohosim.schema import LINKS, PEOPLE, Field, Module, Type
from crm_expenses.testing.zohosim.values import accept, id_text

ZIP_BYTES_MAX: Final = 25_000_000
ROWS_MAX: Final = 25_000
COLUMNS_MAX: Final = 200
_OPERATIONS: Final = ("insert", "update", "upsert")
_NUMBERS: Final = frozenset({Type.DOUBLE, Type.CURRENCY, Type.PERCENT})
_WHOLE: Final = frozenset({Type.INTEGER, Type.BIGINT})
_FORMATS: Final = {
    "yyyy-MM-dd": "%Y-%m-%d",
    "MM/dd/yyyy": "%m/%d/%Y",
    "dd/MM/yyyy": "%d/%m/%Y",
    "yyyy-MM-dd'T'HH:mm:ssXXX": "%Y-%m-%dT%H:%M:%S%z",
    "yyyy-MM-dd'T'HH:mm:ss": "%Y-%m-%dT%H:%M:%S",
    "MM/dd/yyyy HH:mm:ss": "%m/%d/%Y %H:%M:%S",
}


class Uploads(dict[str, bytes]):
    """The zips that went up, by the name they were given."""


def uploaded(jobs: Jobs, uploads: Uploads, ask: Ask) -> Answer:
    """Answer POST /crm/vN/upload on the host for content."""
    head = (ask.headers.get("feature"), ask.headers.get("x-crm-org"))
    if head != ("bulk-write", jobs.org.id):
        told = {
            "http_status": "403",
            "info": "Forbidden",
            "x-error": "check if headers [feature, X-CRM-ORG] are present and valid",
        }
        return json_answer(told, 403)
    held = parts(ask)
    if len(held) != 1:
        raise RefusalError("INVALID_REQUEST", details={"param_name": "file", "limit": 1})
    if len(held[0].content) > ZIP_BYTES_MAX:
        raise RefusalError("FILE_TOO_LARGE", "File size too large to process", status=413)
    if not zipfile.is_zipfile(io.BytesIO(held[0].content)):
        message = "invalid file format. only zip format is supported"
        raise RefusalError("INVALID_FILE_FORMAT", message)
    name = jobs.org.new_id()
    uploads[name] = held[0].content
    told = {"file_id": name, "created_time": jobs.org.now().astimezone(jobs.org.zone).isoformat()}
    return json_answer(
        {
            "status": "success",
            "code": "FILE_UPLOAD_SUCCESS",
            "message": "file uploaded.",
            "details": told,
        }
    )


def created(jobs: Jobs, uploads: Uploads, ask: Ask, user: str) -> Answer:
    """Answer POST /crm/bulk/vN/write.

    The rows are written at once, though the job tells of it later; one that fails writes none,
    one that is stuck writes half of them.
    """
    need_json(ask)
    given = ask.json()
    if given.get("operation") not in _OPERATIONS:
        raise RefusalError("MISSING_REQUIRED_KEY", details={"api_name": "operation"})
    resources = given.get("resource")
    if not isinstance(resources, list) or len(resources) != 1:
        raise RefusalError("LIMIT_EXCEEDED", details={"api_name": "resource", "limit": 1})
    one = resources[0]
    content = uploads.get(str(one.get("file_id")))
    if content is None:
        raise RefusalError("INVALID_FILE_ID", "improper file id")
    org = jobs.org
    name = (one.get("module") or {}).get("api_name", "")
    if name not in org.modules or org.module(name).parent:
        raise RefusalError("MODULE_NOT_AVAILABLE", details={"module": name})
    file, table = _table(content, one.get("file_names"))
    mappings = _mappings(org, org.module(name), one, given["operation"], table[0])
    job = jobs.add(user, {**given, "file": file, "module": name}, ask.wanted)
    job.told["table"], job.told["mappings"] = table, mappings
    host = ask.headers.get("host", "")
    job.more = {"download_url": f"http://{host}/v2/crm/{org.id}/bulk-write/{job.id}/{job.id}.zip"}
    if job.wanted != "failure":
        rows = table[1:] if job.wanted != "stuck" else table[1 : 1 + len(table) // 2]
        _carry_out(org, job, rows)
    details = {"id": job.id, "created_by": jobs.stamp(job)["created_by"]}
    told = {"status": "success", "code": "SUCCESS", "message": "success", "details": details}
    return json_answer(told, 201)


def _table(content: bytes, names: object) -> tuple[str, list[list[str]]]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        files = [one for one in packed.namelist() if one.lower().endswith(".csv")]
        wanted = [one for one in names if one in files] if isinstance(names, list) else files
        if len(wanted) != 1:
            raise RefusalError("INVALID_FILE_FORMAT", "one CSV file is expected")
        try:
            text = packed.read(wanted[0]).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise RefusalError("INVALID_FILE_FORMAT", "improper encoding") from None
    table = list(csv.reader(io.StringIO(text, newline="")))
    if not table:
        raise RefusalError("INVALID_FILE_FORMAT", "the file is empty")
    if len(table[0]) > COLUMNS_MAX:
        raise RefusalError("HEADER_LIMIT_EXCEEDED", details={"limit": COLUMNS_MAX})
    if len(table) - 1 > ROWS_MAX:
        raise RefusalError("LIMIT_EXCEEDED", details={"limit": ROWS_MAX})
    return wanted[0], table


def _mappings(
    org: Org, module: Module, resource: Mapping[str, Any], operation: str, head: Sequence[str]
) -> list[Mapping[str, Any]]:
    """Check which column goes to which field; without mappings the heads are names of fields."""
    mappings = resource.get("field_mappings")
    if mappings is None:
        mappings = [{"api_name": name, "index": place} for place, name in enumerate(head)]
    for one in mappings:
        _mapping(org, module, one, len(head))
    named = {one["api_name"] for one in mappings}
    if operation != "update":
        missing = [one.name for one in module.fields.values() if one.mandatory]
        if set(missing) - named:
            message = "All mandatory fields are not mapped for the layout"
            raise RefusalError("MANDATORY_FIELDS_NOT_MAPPED", message)
    if operation != "insert":
        find_by = resource.get("find_by")
        held = module.fields.get(str(find_by))
        is_key = held is not None and (held.name == "id" or held.unique)
        if held is None or find_by not in named or not (is_key or find_by in module.duplicates):
            raise RefusalError("INVALID_FIELD", details={"api_name": find_by})
    return list(mappings)


def _mapping(org: Org, module: Module, given: Mapping[str, Any], columns: int) -> None:
    name, place = given.get("api_name"), given.get("index")
    target = module.fields.get(str(name))
    if target is None:
        raise RefusalError("INVALID_FIELD", details={"api_name": name})
    if place is None and "default_value" not in given:
        raise RefusalError("MISSING_REQUIRED_KEY", details={"api_name": "index"})
    if place is not None and not 0 <= place < columns:
        raise RefusalError("COLUMN_INDEX_NOT_FOUND", details={"index": place})
    if given.get("format") and given["format"] not in _FORMATS:
        raise RefusalError("INVALID_FORMAT", details={"format": given["format"]})
    if given.get("find_by") and target.type in LINKS and given["find_by"] != "id":
        other = org.module("Users" if target.type in PEOPLE else target.module)
        if given["find_by"] not in other.fields:
            raise RefusalError("INVALID_FIELD", details={"api_name": given["find_by"]})


def status(jobs: Jobs, name: str) -> Answer:
    """Answer GET /crm/bulk/vN/write/ID."""
    job = jobs.get(name)
    state = jobs.ended(job)
    told: dict[str, object] = {
        "id": job.id,
        "operation": job.told["operation"],
        "status": "FAILED" if state == "FAILURE" else state,
        "character_encoding": "UTF-8",
        "resource": [_resource(jobs.org, job, state)],
        **jobs.stamp(job),
    }
    if state == "COMPLETED":
        told["result"] = {"download_url": job.more["download_url"]}
    return json_answer(told)


def _resource(org: Org, job: Job, state: str) -> dict[str, object]:
    given = job.told["resource"][0]
    counts = job.more.get("counts", {})
    failed = "FAILED" if state == "FAILURE" else "IN PROGRESS" if state == "QUEUED" else state
    return {
        "type": "data",
        "status": failed,
        "message": "completed" if state == "COMPLETED" else "",
        "module": {"api_name": job.told["module"], "id": org.module(job.told["module"]).id},
        "file_id": given["file_id"],
        "find_by": given.get("find_by"),
        "ignore_empty": given.get("ignore_empty", job.told.get("ignore_empty", False)),
        "field_mappings": job.told["mappings"],
        "file": {
            "status": failed,
            "name": job.told["file"],
            "added_count": counts.get("ADDED", 0),
            "updated_count": counts.get("UPDATED", 0),
            "skipped_count": counts.get("SKIPPED", 0),
            "total_count": len(job.told["table"]) - 1,
        },
    }


def callback_of(job: Job) -> dict[str, object]:
    """Give what is posted to who asked to be told."""
    told = {"download_url": job.more["download_url"]}
    return {
        "job_id": job.id,
        "operation": job.told["operation"],
        "state": "COMPLETED",
        "result": told,
    }


def _carry_out(org: Org, job: Job, rows: Sequence[Sequence[str]]) -> None:
    head = job.told["table"][0]
    outcome: list[list[str]] = [[*head, "STATUS", "RECORD_ID", "ERRORS"]]
    counts: dict[str, int] = {}
    for row in rows:
        try:
            with org.lock:
                done, record = _write(org, job, row)
            outcome.append([*row, done, record, ""])
        except RefusalError as error:
            done = "SKIPPED"
            name = error.details.get("api_name", "")
            outcome.append([*row, done, "", f"{error.code}:{name}".rstrip(":")])
        counts[done] = counts.get(done, 0) + 1
    job.more["counts"] = counts
    job.result = zipped(job.told["file"], outcome)


def _write(org: Org, job: Job, row: Sequence[str]) -> tuple[str, str]:
    resource, operation = job.told["resource"][0], job.told["operation"]
    module = org.module(job.told["module"])
    is_empty_kept = not resource.get("ignore_empty", job.told.get("ignore_empty", False))
    given: dict[str, object] = {}
    for one in job.told["mappings"]:
        place, name = one.get("index"), one["api_name"]
        text = row[place] if place is not None and place < len(row) else ""
        if not text and "default_value" in one:
            text = str((one["default_value"] or {}).get("value", ""))
        if text or is_empty_kept:
            given[name] = _cell(org, module.fields[name], text, one)
    if operation == "insert":
        return "ADDED", org.insert(module.name, given, by=job.user, triggers=False).id
    found = _found(org, module, str(resource["find_by"]), given)
    if found:
        given.pop("id", None)
        return "UPDATED", org.update(module.name, found, given, by=job.user, triggers=False).id
    if operation == "update":
        raise invalid(str(resource["find_by"]))
    given.pop("id", None)
    return "ADDED", org.insert(module.name, given, by=job.user, triggers=False).id


def _found(org: Org, module: Module, find_by: str, given: Mapping[str, object]) -> str:
    value = given.get(find_by)
    if value is None:
        raise RefusalError("MANDATORY_NOT_FOUND", details={"api_name": find_by})
    if find_by == "id":
        text = id_text(str(value)) or ""
        return text if org.shelf.newest(module.name, text) else ""
    read = accept(module.fields[find_by], value, strict_picklists=False)
    rows = org.shelf.having(module.name, find_by, read)
    return rows[0].id if rows else ""


def _cell(org: Org, held: Field, text: str, mapping: Mapping[str, Any]) -> object:
    """Read one cell as the field's type has it."""
    if text == "":
        return None
    if held.type in LINKS and mapping.get("find_by") not in {None, "id"}:
        target = "Users" if held.type in PEOPLE else held.module
        rows = org.shelf.having(target, mapping["find_by"], text)
        if not rows:
            raise invalid(held.name)
        return rows[0].id
    if held.type in _NUMBERS or held.type in _WHOLE:
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise invalid(held.name, held.json_type) from None
        return int(number) if held.type in _WHOLE and number == int(number) else number
    if held.type is Type.BOOLEAN:
        if text not in {"true", "false"}:
            raise invalid(held.name, "boolean")
        return text == "true"
    if held.type in {Type.DATE, Type.DATETIME}:
        return _time(org, held, text, mapping.get("format"))
    if held.type is Type.MULTIPICK:
        return text.split(";")
    return text


def _time(org: Org, held: Field, text: str, given: str | None) -> object:
    plain = "MM/dd/yyyy" if held.type is Type.DATE else "MM/dd/yyyy HH:mm:ss"
    try:
        read = datetime.strptime(text, _FORMATS[given or plain])  # noqa: DTZ007  zone below
    except ValueError:
        raise invalid(held.name, str(held.type)) from None
    if held.type is Type.DATE:
        return read.date()
    return read if read.tzinfo else read.replace(tzinfo=org.zone)
