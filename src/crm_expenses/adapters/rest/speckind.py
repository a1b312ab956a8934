"""The part of a connection file that belongs to single kinds of record: `[kind.KIND]`."""

from enum import StrEnum
from typing import Any, Final, Literal

from pydantic import BaseModel, Field, StrictBool, StrictInt, model_validator

from crm_expenses.adapters.rest.spec import (
    Auth,
    Call,
    Connection,
    Constant,
    Constants,
    Deletes,
    ErrorRule,
    Manners,
    Paging,
    Part,
    Probe,
    Records,
    SecretPart,
    Setting,
    Since,
    Success,
    Texts,
    Values,
)
from crm_expenses.core.record import Kind


class Form(StrEnum):
    """How a value stands in a field of the CRM."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    FLOAT = "float"
    CENTS = "cents"
    MICROS = "micros"
    YES_NO = "yes_no"
    DATE = "date"
    DATETIME = "datetime"
    EPOCH_S = "epoch_s"
    EPOCH_MS = "epoch_ms"
    PARTS = "parts"
    CHOICE = "choice"
    REFERENCE = "reference"
    PAIRS = "pairs"


class FieldPart(Part):
    """Where one field of ours stands in the CRM's record, and how; in short, its path alone.

    `value` is a constant that every record has; it is not written, and nor is a field with `also`
    or `fallback`. Paths, zone and fixed currency
    may hold {config.NAME}: what the user says in the settings.
    """

    field: str = Field("", description="the path in the record")
    also: Texts = Field((), description="paths of texts that stand behind it, like a last name")
    fallback: str = Field("", description="the path that is read where nothing stands at the other")
    form: Form | None = Field(
        None, alias="as", description="how the value stands there; the standard of its type"
    )
    currency: str = Field("", description="an amount: the path of its currency")
    fixed_currency: str = Field("", description="an amount: the currency that it always has")
    scale: StrictInt | None = Field(None, ge=0, le=9, description="float: decimals that count")
    format: str = Field("", description="date, datetime: like %d.%m.%Y; ISO 8601 otherwise")
    timezone: str = Field("", description="zone of times that carry none, if another")
    words: dict[str, str] = Field({}, description="choice: the CRM's word to ours")
    otherwise: str = Field("", description="choice: our word for all others")
    key: str = Field("", description="reference: the id stands under this name, or [0]")
    empty: Constants = Field((), description="values that mean that nothing is there")
    wrap: dict[str, Any] = Field(
        {}, description="the value stands at {value} of this object; parts: names beside them"
    )
    value: Constant = Field(None, description="a constant")
    read_only: StrictBool = False

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:  # noqa: ANN401  not checked yet
        return {"field": given} if isinstance(given, str) else given


class ConflictStyle(StrEnum):
    """How the CRM tells that somebody else was there first."""

    NONE = "none"
    VERSION = "version"
    TIMESTAMP = "timestamp"
    ETAG = "etag"


class Conflict(Part):
    """How a write says on what it rests: `[kind.KIND.conflict]`.

    A write reads the record first in any case, and compares what people can change. What it then
    sends along, from the record just read, closes the gap between reading and writing; with `none`
    the gap stays open, and `doctor` says so.
    """

    style: ConflictStyle = ConflictStyle.NONE
    path: str = Field("", description="where the version, time or ETag is in the record")
    header: str = Field(
        "", description="the header of the read that has it (ETag), or that gets it"
    )
    send_path: str = Field("", description="where it goes in the fields that are written")


class MatchKind(StrEnum):
    """How a record that may exist already is written once."""

    NONE = "none"
    SERVER_UPSERT = "server_upsert"
    CLIENT_ID = "client_id"
    SEARCH_THEN_CREATE = "search_then_create"


class Batch(Part):
    """Several records in one call: `[kind.KIND.batch]`. {items} is the list of `item`."""

    method: Literal["POST", "PUT", "PATCH"] = "POST"
    path: str = Field(min_length=1)
    query: Values = Field({}, description="by name")
    items_max: StrictInt = Field(50, ge=1, le=10_000)
    item: Any = Field(description="one record: {id}, {address}, {fields}, {version}")
    body: Any = Field("{items}", description="sent as JSON")
    results_path: str | None = Field(None, description="where the results are; none: no results")
    align: Literal["index", "id"] = Field("index", description="which result belongs to which")
    result_id_path: str = Field("id", description="align by id: where it is in a result")
    status_path: str = Field("", description="where the status of a result is")
    errors_path: str = Field("", description="where the errors are, if apart from the results")
    error_ids_path: str = Field("", description="where an error has the ids that it is about")
    atomic: StrictBool = Field(False, description="all are written, or none")


class Calls(Part):
    """The calls that there are, for all kinds `[calls]` or for one `[kind.KIND.calls]`."""

    list: Call | None = Field(None, description="a page of records: {object}, {after}")
    read: Call | None = Field(None, description="one record: {object}, {id}")
    find: Call | None = Field(None, description="records by their ids: {object}, {id_field}, {ids}")
    search: Call | None = Field(None, description="records by their external id: {object}, {key}")
    create: Call | None = Field(None, description="{object}, {fields}, {key}")
    update: Call | None = Field(None, description="{object}, {id}, {address}, {fields}, {version}")
    upsert: Call | None = Field(None, description="{object}, {key}, {fields}")
    delete: Call | None = Field(None, description="{object}, {id}")


class ChildRows(Part):
    """Records of this kind stand inside others: `[kind.line.nested]`."""

    parent: Kind
    path: str = Field(min_length=1, description="the list in the parent's record")
    parent_field: str = Field(min_length=1, description="our field that names the parent")
    write: Literal["none", "rows"] = Field(
        "none", description="rows: the parent is written with all its rows"
    )


class ResultsPart(Part):
    """Where results are written: beside the record, or into records of their own.

    `[kind.KIND.results]`. Without `object` they are fields of the record itself.
    """

    fields: dict[str, FieldPart] = Field({}, description="by our name, like outcome")
    object: str = Field("", description="the CRM's name of the records of their own")
    external_id: str = Field("", description="their field that holds the id of ours")
    match: MatchKind = MatchKind.NONE
    defaults: Values = Field({}, description="fields that are set when one is created")


class KindPart(Part):
    """One kind of record: `[kind.KIND]`.

    `object`, `id` and `external_id` may hold {config.NAME}.
    """

    object: str = Field(min_length=1, description="what the CRM calls them; {object} in calls")
    id: str = Field("id", description="the path of the id")
    address: str = Field("", description="the path of {address} in calls, where it is not the id")
    calls: Calls = Calls()
    paging: Paging | None = None
    since: Since | None = None
    records: Records | None = None
    deletes: Deletes | None = None
    only: dict[str, Constants] = Field(
        {}, description="by path: records that have another value there are none of these"
    )
    nested: ChildRows | None = None
    fields: dict[str, FieldPart] = Field(description="our name to the CRM's field")
    results: ResultsPart = ResultsPart()
    conflict: Conflict = Conflict()
    batch: Batch | None = None
    external_id: str = Field("", description="the CRM's unique field for an id of ours")
    match: MatchKind = MatchKind.NONE
    changes: StrictBool = Field(False, description="fields may be changed from here")
    whole: Texts = Field(
        (), description="paths of objects that a write replaces: what else is in them is sent back"
    )
    scratch: Values = Field(
        {}, description="by path: fields of the record that doctor --write makes and deletes"
    )


class FilesPart(Part):
    """Files beside vouchers: `[files]`."""

    list: Call | None = Field(None, description="files of a voucher: {object}, {id}, {address}")
    field: str = Field("", description="the voucher's own field that names its files")
    name_path: str = "name"
    id_path: str = "id"
    stored_path: str = Field("", description="the name under which it is stored: {stored}")
    size_path: str = ""
    type_path: str = ""
    version_path: str = ""
    download: Call | None = Field(None, description="{object}, {id}, {file}, {stored}, {name}")
    content_path: str = Field(
        "", description="download: where the bytes are in the answer, as base64; else it is they"
    )
    upload: Call | None = Field(
        None, description="{object}, {id}, {address}, {name}: a form, or a body with {content}"
    )
    upload_field: str = Field("file", description="the name of the file in the form")
    upload_form: dict[str, str] = Field({}, description="further fields of the form")


class ConnectionFile(Part):
    """A whole connection file."""

    connection: Connection
    config: dict[str, Setting] = Field({}, description="what the user says in the settings")
    secret: dict[str, SecretPart] = Field({}, description="what nobody may see")
    auth: Auth
    success: Success = Success()
    error: tuple[ErrorRule, ...] = ()
    records: Records = Records()
    paging: Paging = Paging()
    since: Since = Since()
    deletes: Deletes = Deletes()
    calls: Calls = Calls()
    limits: Manners = Manners()
    files: FilesPart | None = None
    kind: dict[Kind, KindPart] = Field(min_length=1)

    def call(self, kind: Kind, name: str) -> Call | None:
        """Give a call of a kind: its own, or the one of all kinds."""
        own: Call | None = getattr(self.kind[kind].calls, name)
        shared: Call | None = getattr(self.calls, name)
        return own or shared

    def paging_of(self, kind: Kind) -> Paging:
        """Give how a kind is paged."""
        return self.kind[kind].paging or self.paging

    def since_of(self, kind: Kind) -> Since:
        """Give how what is new of a kind is read."""
        return self.kind[kind].since or self.since

    def records_of(self, kind: Kind, call: Call | None = None) -> Records:
        """Give where records of a kind stand in the answer to a call."""
        return (call.records if call else None) or self.kind[kind].records or self.records

    def deletes_of(self, kind: Kind) -> Deletes:
        """Give how one learns what was deleted of a kind."""
        return self.kind[kind].deletes or self.deletes


MODELS: Final[tuple[type[BaseModel], ...]] = (
    ConnectionFile, Connection, Setting, SecretPart, Auth, Probe, Success, ErrorRule, Records,
    Paging, Since, Deletes, Manners, Calls, Call, KindPart, FieldPart, ResultsPart, Conflict,
    ChildRows, Batch, FilesPart,
)  # fmt: skip
"""Every table of the file, in the order of the reference page."""


def connection_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a connection file, so that editors complete it.

    >>> schema = connection_schema()
    >>> schema["required"]
    ['connection', 'auth', 'kind']
    """
    schema = ConnectionFile.model_json_schema(by_alias=True)
    parts = schema["$defs"]
    short = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/FieldPart"}]}
    for owner in ("KindPart", "ResultsPart"):
        parts[owner]["properties"]["fields"]["additionalProperties"] = short
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema
