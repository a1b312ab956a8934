"""Calls about files: attachments, uploads for fields, downloads."""

from typing import Final
from urllib.parse import quote

from crm_expenses.testing.zohosim.asking import NO_CONTENT, Answer, Ask, json_answer
from crm_expenses.testing.zohosim.files import Attachment, Files
from crm_expenses.testing.zohosim.multipart import parts
from crm_expenses.testing.zohosim.org import Org
from crm_expenses.testing.zohosim.parameters import whole
from crm_expenses.testing.zohosim.reading import PAGE_MAX, asked_fields
from crm_expenses.testing.zohosim.refusal import RefusalError
from crm_expenses.testing.zohosim.values import moment_text

FILES_MAX: Final = 10
_DOWNLOAD: Final = "application/x-download"


def listed(org: Org, files: Files, ask: Ask, module: str, record: str) -> Answer:
    """Answer GET /MODULE/ID/Attachments."""
    names = asked_fields(ask)
    _present(org, module, record)
    page, per_page = whole(ask, "page", 1), whole(ask, "per_page", PAGE_MAX)
    held = files.of(module, record)
    part = held[(page - 1) * per_page : page * per_page]
    if not part:
        return NO_CONTENT
    data = []
    for one in part:
        told = _shown(org, one)
        data.append({name: told[name] for name in (*names, "id", "$file_id") if name in told})
    info = {
        "per_page": per_page,
        "count": len(part),
        "page": page,
        "more_records": len(held) > page * per_page,
    }
    return json_answer({"data": data, "info": info})


def _shown(org: Org, held: Attachment) -> dict[str, object]:
    people = org.module(held.module).fields["Created_By"]
    person, at = org.reference(people, held.by), moment_text(held.at, org.zone)
    parent = org.shelf.newest(held.module, held.parent)
    name = parent.get(org.module(held.module).name_field) if parent else None
    return {
        "id": held.id,
        "File_Name": held.name,
        "Size": str(len(held.content)),
        "$file_id": held.file_id,
        "$type": "Attachment",
        "$se_module": held.module,
        "Parent_Id": {"name": name, "id": held.parent},
        "Owner": person,
        "Created_By": person,
        "Created_Time": at,
        "Modified_By": person,
        "Modified_Time": at,
    }


def _present(org: Org, module: str, record: str) -> None:
    if org.shelf.newest(module, record) is None:
        raise RefusalError("INVALID_DATA", "the id given seems to be invalid", {"id": record})


def uploaded(org: Org, files: Files, ask: Ask, at: tuple[str, str], user: str) -> Answer:
    """Answer POST /MODULE/ID/Attachments: one file a call."""
    module, record = at
    held = [part for part in parts(ask) if part.name == "file"]
    if len(held) != 1:
        raise RefusalError("INVALID_REQUEST", details={"param_name": "file", "limit": 1})
    if len(held[0].content) > org.switches.attachment_bytes_max:
        raise RefusalError("FILE_SIZE_MORE_THAN_ALLOWED_SIZE", status=413)
    made = files.get(files.attach(module, record, held[0].file, held[0].content, by=user))
    if made is None:
        raise RefusalError("INTERNAL_ERROR", status=500)
    told = _shown(org, made)
    kept = ("id", "Created_By", "Created_Time", "Modified_By", "Modified_Time")
    row = {
        "code": "SUCCESS",
        "details": {name: told[name] for name in kept},
        "message": "attachment uploaded successfully",
        "status": "success",
    }
    return json_answer({"data": [row]})


def downloaded(org: Org, files: Files, at: tuple[str, str], attachment: str) -> Answer:
    """Answer GET /MODULE/ID/Attachments/ID."""
    _present(org, *at)
    held = files.get(attachment)
    if held is None or (held.module, held.parent) != at:
        return NO_CONTENT
    return file_answer(held.name, held.content)


def file_answer(name: str, content: bytes, kind: str = _DOWNLOAD) -> Answer:
    """Answer with a file, and its name as such answers have it."""
    told = f"attachment;filename*=UTF-8''{quote(name)}"
    return Answer(200, content, kind, (("Content-Disposition", told),))


def removed(files: Files, ids: list[str]) -> Answer:
    """Answer DELETE of attachments."""
    rows: list[dict[str, object]] = []
    for one in ids:
        try:
            files.detach(one)
            told = {"code": "SUCCESS", "details": {"id": one}, "message": "record deleted"}
            rows.append({**told, "status": "success"})
        except RefusalError as error:
            rows.append(error.as_json())
    bad = sum(row["status"] == "error" for row in rows)
    return json_answer({"data": rows}, 200 if not bad else 400 if bad == len(rows) else 207)


def kept(org: Org, files: Files, ask: Ask) -> Answer:
    """Answer POST /files: up to ten, and one that is too large rejects all."""
    held = [part for part in parts(ask) if part.name == "file"]
    if not held:
        raise RefusalError("INVALID_REQUEST", details={"param_name": "file"})
    if len(held) > FILES_MAX:
        raise RefusalError("LIMIT_EXCEEDED", details={"limit": FILES_MAX})
    if any(len(part.content) > org.switches.file_bytes_max for part in held):
        raise RefusalError("FILE_SIZE_MORE_THAN_ALLOWED_SIZE", status=415)
    rows = [
        {
            "code": "SUCCESS",
            "details": {"name": part.file, "id": files.keep(part)},
            "message": f"{part.file} uploaded Succesfully",
            "status": "success",
        }
        for part in held
    ]
    return json_answer({"data": rows})


def kept_file(files: Files, ask: Ask) -> Answer:
    """Answer GET /files?id=."""
    held = files.kept(ask.query.get("id", ""))
    return NO_CONTENT if held is None else file_answer(held.file, held.content)
