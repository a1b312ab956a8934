"""What the vendor's own SDK, unmodified, does against a server: run in a process of its own.

It has global state and writes into its folder. The address and the secrets come on stdin as JSON,
what each step saw goes to stdout as JSON.
"""

import json
import sys
import tempfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from zohocrmsdk.src.com.zoho.api.authenticator import OAuthToken
from zohocrmsdk.src.com.zoho.crm.api import (
    HeaderMap,
    Initializer,
    ParameterMap,
    SDKConfig,
    bulk_read,
    bulk_write,
    coql,
    currencies,
    fields,
    modules,
    notifications,
    org,
    record,
    users,
)
from zohocrmsdk.src.com.zoho.crm.api import attachments as files_at
from zohocrmsdk.src.com.zoho.crm.api import files as kept_files
from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter
from zohocrmsdk.src.com.zoho.crm.api.header import Header
from zohocrmsdk.src.com.zoho.crm.api.util import APIResponse, Choice, StreamWrapper

Steps = dict[str, Callable[[dict[str, Any]], Any]]


def plain(value: object) -> object:
    """Give what the SDK gave as JSON can hold it."""
    if isinstance(value, Choice):
        return value.get_value()
    if isinstance(value, dict):
        return {str(key): plain(held) for key, held in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, record.Record):
        return plain(value.get_key_values())
    if hasattr(value, "get_id"):
        return value.get_id()
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def query(**values: object) -> ParameterMap:
    """Give a query whose parameters are texts."""
    made = ParameterMap()
    for name, value in values.items():
        owner = record.GetRecordsParam
        made.add(getattr(owner, name), value)
    return made


def rows(answer: APIResponse) -> list[Any]:
    """Give what each row of a write was answered."""
    return [
        {
            "code": one.get_code().get_value(),
            "status": one.get_status().get_value(),
            "details": plain(one.get_details()),
        }
        for one in answer.get_object().get_data()
    ]


def made(values: dict[str, Any]) -> record.Record:
    """Make a record."""
    held = record.Record()
    for name, value in values.items():
        held.add_key_value(name, value)
    return held


def people(_given: dict[str, Any]) -> object:
    """Read users, the organisation, its currencies."""
    held = users.UsersOperations().get_users().get_object().get_users()
    own = org.OrgOperations().get_organization().get_object().get_org()
    money = currencies.CurrenciesOperations().get_currencies()
    return {
        "users": [one.get_full_name() for one in held],
        "zgid": own[0].get_zgid(),
        "currencies": money.get_status_code(),
    }


def metadata(_given: dict[str, Any]) -> object:
    """Read modules and fields."""
    held = modules.ModulesOperations().get_modules().get_object().get_modules()
    asked = ParameterMap()
    asked.add(fields.GetFieldsParam.module, "Expense_Claims")
    own = fields.FieldsOperations().get_fields(asked).get_object().get_fields()
    return {
        "modules": [one.get_api_name() for one in held],
        "types": {one.get_api_name(): one.get_data_type() for one in own},
    }


def pages(_given: dict[str, Any]) -> object:
    """Read a module in pages."""
    sizes, ids, token = [], [], None
    while True:
        asked = query(fields="Account_Name,Annual_Revenue,Modified_Time", per_page=200)
        if token:
            asked.add(record.GetRecordsParam.page_token, token)
        got = record.RecordOperations("Accounts").get_records(asked).get_object()
        sizes.append(len(got.get_data()))
        ids += [one.get_id() for one in got.get_data()]
        token = got.get_info().get_next_page_token()
        if not got.get_info().get_more_records():
            return {"sizes": sizes, "different": len(set(ids))}


def single(given: dict[str, Any]) -> object:
    """Read one record with the rows of its subform."""
    got = record.RecordOperations("Expense_Claims").get_record(int(given["claim"])).get_object()
    held = got.get_data()[0]
    return {"name": held.get_key_value("Name"), "lines": len(held.get_key_value("Lines"))}


def external(_given: dict[str, Any]) -> object:
    """Read one record by its external id."""
    heads = HeaderMap()
    heads.add(Header("X-EXTERNAL", "String"), "Expense_Claims.External_Id")
    operations = record.RecordOperations("Expense_Claims")
    got = operations.get_record_using_external_id("C-1", ParameterMap(), heads).get_object()
    return got.get_data()[0].get_key_value("Name")


def upsert(given: dict[str, Any]) -> object:
    """Write some rows, of which one is refused."""
    body = record.BodyWrapper()
    people_id = record.Record()
    people_id.set_id(int(given["account"]))
    body.set_data(
        [
            made({"Name": "C-1", "External_Id": "C-1", "Status": Choice("submitted")}),
            made({"External_Id": "C-2"}),
            made({"Name": "C-3", "External_Id": "C-3", "Total": 12.5, "Account": people_id}),
        ]
    )
    body.set_duplicate_check_fields(["External_Id"])
    body.set_trigger([])
    answer = record.RecordOperations("Expense_Claims").upsert_records(body)
    return {"status": answer.get_status_code(), "rows": rows(answer)}


def conditional(given: dict[str, Any]) -> object:
    """Change a record that was changed meanwhile, then as it is."""
    told = []
    for at in (datetime(2020, 1, 1, tzinfo=UTC), datetime.fromisoformat(given["later"])):
        body = record.BodyWrapper()
        body.set_data([made({"Name": "C-1"})])
        heads = HeaderMap()
        heads.add(Header("If-Unmodified-Since", "String"), at.isoformat(timespec="seconds"))
        answer = record.RecordOperations("Expense_Claims").update_record(
            int(given["claim"]), body, heads
        )
        told.append((answer.get_status_code(), rows(answer)[0]["code"]))
    return told


def removed(given: dict[str, Any]) -> object:
    """Read what was deleted."""
    asked, heads = ParameterMap(), HeaderMap()
    asked.add(record.GetDeletedRecordsParam.type, "all")
    since = datetime.fromisoformat(given["later"]) - timedelta(days=900)
    heads.add(record.GetDeletedRecordsHeader.if_modified_since, since)
    got = record.RecordOperations("Accounts").get_deleted_records(asked, heads)
    return [str(one.get_id()) for one in got.get_object().get_data()]


def queries(_given: dict[str, Any]) -> object:
    """Query."""
    body = coql.BodyWrapper()
    text = "select id, Account_Name, Owner.full_name from Accounts where Annual_Revenue < 2"
    body.set_select_query(f"{text} order by id limit 0, 10")
    got = coql.CoqlOperations().get_records(body).get_object()
    return [plain(one) for one in got.get_data()]


def attachments(given: dict[str, Any]) -> object:
    """Put a file at a record, list it, fetch it; and put one aside for a field."""
    path = Path("voucher.txt")
    path.write_bytes(b"receipt \x00\xff")
    body = files_at.FileBodyWrapper()
    body.set_file(StreamWrapper(file_path=str(path)))
    operations = files_at.AttachmentsOperations()
    where = (int(given["claim"]), "Expense_Claims")
    up = operations.upload_attachments(*where, body)
    asked = ParameterMap()
    asked.add(files_at.GetAttachmentsParam.fields, "id,File_Name,Size,Parent_Id")
    held = operations.get_attachments(*where, asked).get_object().get_data()[0]
    down = operations.get_attachment(held.get_id(), *where).get_object().get_file()
    content = b"".join(down.get_stream().iter_content(1024))
    several = kept_files.BodyWrapper()
    several.set_file([StreamWrapper(file_path=str(path))])
    kept = kept_files.FilesOperations().upload_files(several).get_object().get_data()[0]
    return {
        "uploaded": rows(up)[0]["code"],
        "name": held.get_file_name(),
        "size": held.get_size(),
        "same": content == path.read_bytes(),
        "kept": "id" in kept.get_details(),
    }


def read_in_bulk(_given: dict[str, Any]) -> object:
    """Let a job read a module, and fetch what it leaves."""
    body, asked = bulk_read.BodyWrapper(), bulk_read.Query()
    module = modules.MinifiedModule()
    module.set_api_name("Accounts")
    asked.set_module(module)
    asked.set_fields(["Account_Name", "Annual_Revenue"])
    body.set_query(asked)
    operations = bulk_read.BulkReadOperations()
    begun = operations.create_bulk_read_job(body)
    job = int(begun.get_object().get_data()[0].get_details()["id"])
    states = []
    while not states or states[-1] != "COMPLETED":
        got = operations.get_bulk_read_job_details(job).get_object().get_data()[0]
        states.append(got.get_state().get_value())
    stream = operations.download_result(job).get_object().get_file().get_stream()
    Path("read.zip").write_bytes(b"".join(stream.iter_content(4096)))
    with zipfile.ZipFile("read.zip") as packed:
        lines = packed.read(packed.namelist()[0]).decode().splitlines()
    told = {"count": got.get_result().get_count(), "lines": len(lines), "head": lines[0]}
    return {"status": begun.get_status_code(), "states": states, **told}


def write_in_bulk(given: dict[str, Any]) -> object:
    """Let a job write rows, and see what became of them."""
    with zipfile.ZipFile("write.zip", "w") as packed:
        packed.writestr("w.csv", "External_Id,Name,Total\r\nB-1,B-1,7.25\r\n,B-2,1\r\n")
    body = bulk_write.FileBodyWrapper()
    body.set_file(StreamWrapper(file_path="write.zip"))
    heads = HeaderMap()
    heads.add(bulk_write.UploadFileHeader.feature, "bulk-write")
    heads.add(bulk_write.UploadFileHeader.x_crm_org, given["zgid"])
    operations = bulk_write.BulkWriteOperations()
    up = operations.upload_file(body, heads).get_object().get_details()
    wanted, resource = bulk_write.RequestWrapper(), bulk_write.Resource()
    module = modules.MinifiedModule()
    module.set_api_name("Expense_Claims")
    resource.set_type(Choice("data"))
    resource.set_module(module)
    resource.set_file_id(str(up["file_id"]))
    resource.set_find_by("External_Id")
    mappings = []
    for place, name in enumerate(("External_Id", "Name", "Total")):
        one = bulk_write.FieldMapping()
        one.set_api_name(name)
        one.set_index(place)
        mappings.append(one)
    resource.set_field_mappings(mappings)
    wanted.set_operation(Choice("upsert"))
    wanted.set_resource([resource])
    job = operations.create_bulk_write_job(wanted).get_object().get_details()["id"]
    status = ""
    while status != "COMPLETED":
        got = operations.get_bulk_write_job_details(str(job)).get_object()
        status = got.get_status()
    file = got.get_resource()[0].get_file()
    return {"added": file.get_added_count(), "skipped": file.get_skipped_count()}


def channels(given: dict[str, Any]) -> object:
    """Ask to be told, look at it, and end it."""
    body, held = notifications.BodyWrapper(), notifications.Notification()
    held.set_channel_id("1001")
    held.set_events(["Expense_Claims.all"])
    held.set_notify_url(given["notify_url"])
    held.set_token("agreed")
    held.set_channel_expiry(datetime.fromisoformat(given["later"]) + timedelta(days=3))
    body.set_watch([held])
    operations = notifications.NotificationsOperations()
    begun = operations.enable_notifications(body).get_object().get_watch()[0]
    told = operations.get_notifications(ParameterMap()).get_object().get_watch()
    asked = ParameterMap()
    asked.add(notifications.DeleteNotificationParam.channel_ids, "1001")
    ended = operations.delete_notification(asked).get_object().get_watch()[0]
    return [begun.get_code().get_value(), len(told), ended.get_code().get_value()]


STEPS: Steps = {
    step.__name__: step
    for step in (people, metadata, pages, single, external, upsert, conditional, removed, queries)
}
STEPS |= {step.__name__: step for step in (attachments, read_in_bulk, write_in_bulk, channels)}


def main() -> None:
    """Begin, and take each step."""
    given = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        environment = DataCenter.Environment(given["url"], given["accounts"], given["url"])
        Initializer.initialize(
            environment=environment,
            token=OAuthToken(
                client_id=given["client_id"],
                client_secret=given["client_secret"],
                refresh_token=given["refresh_token"],
                find_user=False,
            ),
            sdk_config=SDKConfig(update_api_domain=False, read_timeout=20, connect_timeout=5),
            resource_path=folder,
        )
        told: dict[str, Any] = {}
        for name, step in STEPS.items():
            try:
                told[name] = step(given)
            except Exception as error:  # noqa: BLE001  each step for itself
                cause = getattr(error, "cause", None)
                told[name] = f"failed: {error!r} {error} {cause!r}"
        json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
