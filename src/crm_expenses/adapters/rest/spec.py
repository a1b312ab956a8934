"""The connection file: how a CRM with a REST API is signed in to, read and written, as plain data.

The models say the shape; `specfile` reads a file, checks what a shape cannot say, and reports every
mistake at once. What belongs to single kinds of record stands in `speckind`.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class Part(BaseModel):
    """A table of the file: nothing unknown, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_list(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


Constant = None | StrictBool | StrictInt | Decimal | str
"""A plain value that is compared."""
Status = Annotated[StrictInt, Field(ge=100, le=599)]
Constants = Annotated[
    tuple[Constant, ...],
    BeforeValidator(_as_list, json_schema_input_type=Constant | tuple[Constant, ...]),
]
Texts = Annotated[
    tuple[str, ...], BeforeValidator(_as_list, json_schema_input_type=str | tuple[str, ...])
]
Statuses = Annotated[
    tuple[Status, ...],
    BeforeValidator(_as_list, json_schema_input_type=Status | tuple[Status, ...]),
]
Values = dict[str, Any]
"""Names with templates: text, numbers, lists and tables with placeholders."""


class Connection(Part):
    """What is true of the whole file: `[connection]`."""

    version: Literal[1]
    title: str = Field(min_length=1, max_length=80, description="the CRM's name, for people")
    base_url: str = Field(
        min_length=1, description="where every path starts, like {config.url}/api"
    )
    allowed_hosts: tuple[str, ...] = Field(
        (), description="host or host:port to which links may lead, beside that of base_url"
    )
    private_addresses: StrictBool = Field(
        False, description="the CRM may be at a private or local address"
    )
    plain_http: StrictBool = Field(False, description="http:// is meant, beyond this machine")
    timezone: str = Field("UTC", description="zone of times that carry none; may be {config.NAME}")
    empty: Constants = Field(
        (), description="values that mean, in every field but yes and no, that nothing is there"
    )
    escape: Literal["none", "backslash", "double"] = Field(
        "none", description="how quotes are written inside a filter; none refuses them"
    )
    headers: Values = Field({}, description="sent with every call; a text, or one that is encoded")
    tried: Literal["tests", "hand", "documentation"] = Field(
        "documentation", description="what the file was tried on"
    )
    sources: tuple[str, ...] = Field((), description="where the facts in it come from")


class Setting(Part):
    """Something that the user says in the settings: `[config.NAME]`."""

    help: str = Field(min_length=1, description="what it is, with an example")
    help_zh: str = ""
    default: str | None = None
    whole_number: StrictBool = Field(False, description="it stands in calls as a number")
    pattern: str = Field("", description="a regular expression that the whole value must fit")


class SecretPart(Part):
    """Something that nobody may see: `[secret.NAME]`, from a variable or a file."""

    help: str = Field(min_length=1)
    help_zh: str = ""
    optional: StrictBool = False


class Call(Part):
    """One call. In templates: config.*, and what the place allows."""

    method: Method = "GET"
    path: str = Field(min_length=1, description="below base_url")
    query: Values = Field({}, description="by name; a list is sent several times")
    headers: dict[str, str] = Field({}, description="by name")
    body: Any = Field(None, description="sent as JSON")
    form: dict[str, str] | None = Field(None, description="sent as a form instead of JSON")
    success: "Success | None" = Field(None, description="where it differs from [success]")
    records: "Records | None" = Field(None, description="where it differs from [records]")
    id_path: str = Field("", description="create: where the new id is in the answer")
    id_header: str = Field("", description="create: the header that ends with the new id")
    repeatable: StrictBool = Field(False, description="a write that does no harm when sent twice")


class Success(Part):
    """What a reply must be to count: `[success]`."""

    status: Statuses = (200, 201, 204)
    body: dict[str, Constants] = Field(
        {}, description="by path: the values one of which must stand there"
    )


class Category(StrEnum):
    """What an error means, whatever the CRM calls it."""

    AUTH_EXPIRED = "auth_expired"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    LOCKED = "locked"
    VALIDATION = "validation"
    RATE_LIMITED = "rate_limited"
    QUOTA_EXHAUSTED = "quota_exhausted"
    TRANSIENT = "transient"
    CONFIG = "config"
    UNKNOWN = "unknown"
    SUCCESS = "success"
    EMPTY = "empty"
    END = "end"


class ErrorRule(Part):
    """What a reply means: `[[error]]`; the first rule that fits counts, before the success rule.

    A rule fits where all that it names fits. `success` means that nothing is wrong, `empty` that
    there are no records, `end` that this page is behind the last one.
    """

    status: Statuses | None = None
    body: dict[str, Constants] = Field({}, description="by path: one of these values stands there")
    message: str = Field("", description="a regular expression that is found in the body's text")
    header: dict[str, str] = Field({}, description="by name: a regular expression that is found")
    category: Category
    wait: Literal["retry_after", "seconds", "until_midnight"] = Field(
        "retry_after", description="how long, where the CRM asks to wait"
    )
    wait_seconds: StrictInt = Field(0, ge=0, le=86_400)
    detail: str = Field("", description="the path of the words for people")
    detail_header: str = Field("", description="or the header that has them")


class AuthKind(StrEnum):
    """How one signs in."""

    NONE = "none"
    BEARER = "bearer"
    API_KEY = "api_key"
    BASIC = "basic"
    LOGIN = "login"
    OAUTH2_CLIENT_CREDENTIALS = "oauth2_client_credentials"
    OAUTH2_REFRESH_TOKEN = "oauth2_refresh_token"  # noqa: S105  a word
    OAUTH2_PASSWORD = "oauth2_password"  # noqa: S105  a word
    HMAC = "hmac"


class Probe(Part):
    """A call that only who is signed in is answered: `[auth.probe]`."""

    method: Method = "GET"
    path: str = Field(min_length=1)
    query: Values = Field({}, description="by name")
    body: Any = None
    expect: dict[str, str] = Field(
        {}, description="by path: a regular expression that fits what stands there"
    )


class Auth(Part):
    """How one signs in: `[auth]`."""

    kind: AuthKind
    token: str = Field("{secret.token}", description="bearer, api_key: the token")
    header: str = Field("Authorization", description="the header that carries it")
    prefix: str | None = Field(None, description='before it, like "Bearer "')
    query: str = Field("", description="api_key: the parameter instead of a header; logs show it")
    user: str = Field("{config.user}", description="basic, oauth2_password")
    password: str = Field("{secret.password}", description="basic, oauth2_password")
    client_id: str = Field("{config.client_id}", description="oauth2")
    client_secret: str = Field("{secret.client_secret}", description="oauth2")
    refresh_token: str = Field("{secret.refresh_token}", description="oauth2_refresh_token")
    scope: str = Field("", description="oauth2")
    method: Method = "POST"
    path: str = Field("", description="login, oauth2: where tokens are given; may be another host")
    body: Any = Field(None, description="login: what is sent as JSON")
    form: dict[str, str] | None = Field(None, description="login: what is sent as a form")
    token_path: str = Field("access_token", description="where the token is in the answer")
    expires_in_path: str = Field("expires_in", description="where the seconds are that it lives")
    ttl_seconds: StrictInt = Field(3000, ge=10, description="that it lives where nothing says it")
    carry: dict[str, str] = Field(
        {}, description="headers that carry values of the answer: {answer.PATH}"
    )
    secret: str = Field("{secret.secret}", description="hmac: the key")
    message: str = Field("", description="hmac: what is signed: {method} {path} {body}")
    algorithm: Literal["sha1", "sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    signature: str = Field("{signature}", description="hmac: what the header says")
    signature_base64: StrictBool = Field(False, description="hmac: the whole is base64 once more")
    probe: Probe | None = None


class PagingKind(StrEnum):
    """How one comes to the next page."""

    NONE = "none"
    PAGE_NUMBER = "page_number"
    OFFSET = "offset"
    CURSOR = "cursor"
    JSON_LINK = "json_link"
    HEADER_LINK = "header_link"
    KEYSET = "keyset"
    KEY = "key"


class Stop(StrEnum):
    """What shows that a page is the last."""

    SHORT_PAGE = "short_page"
    EMPTY_PAGE = "empty_page"
    NO_CURSOR = "no_cursor"
    HAS_MORE = "has_more"


class Paging(Part):
    """How one comes to the next page: `[paging]`.

    `short_page` compares with the number of records of the first page, where a server gives fewer
    than were asked for.
    """

    kind: PagingKind = PagingKind.NONE
    place: Literal["query", "body", "header"] = Field("query", alias="in")
    param: str = Field("", description="name (in a body: path) of page, offset or cursor")
    first: StrictInt = Field(1, ge=0, le=1, description="page_number: the first page")
    range: str = Field(
        "",
        description="offset: both in one text, like records={start}-{end}; {last} is before {end}",
    )
    key: str = Field(
        "", description="key: the path of the key in whose order rows come; {after} is the last one"
    )
    key_first: Constant = Field(0, description="key: {after} on the first page")
    size_param: str = Field("", description="name (in a body: path) of the size of a page")
    size: StrictInt = Field(100, ge=1, le=100_000)
    cursor_path: str = Field("", description="cursor: where the next one is in the answer")
    link_path: str = Field("", description="json_link: where the next link is in the answer")
    stop: Stop | None = None
    more_path: str = Field("", description="has_more: the path that says whether there is more")
    offset_max: StrictInt = Field(0, ge=0, description="offset: the CRM goes no deeper; 0: any")
    pages_max: StrictInt = Field(1_000_000, ge=1, description="more is an error")

    @property
    def ends(self) -> Stop:
        """What shows the last page, where nothing is said."""
        if self.stop is not None:
            return self.stop
        by_kind = {
            PagingKind.CURSOR: Stop.NO_CURSOR,
            PagingKind.JSON_LINK: Stop.NO_CURSOR,
            PagingKind.HEADER_LINK: Stop.NO_CURSOR,
        }
        return by_kind.get(self.kind, Stop.EMPTY_PAGE)


class Records(Part):
    """Where records stand in an answer: `[records]`."""

    path: str | None = Field(None, description="of the list; empty: the answer is the list")
    single_path: str = Field("", description="of one record in the answer to a read")
    unwrap: str = Field("", description="the fields of a record stand in this object of it")
    missing: Literal["error", "empty"] = Field(
        "error", description="what it means that there is no such path"
    )


class SinceKind(StrEnum):
    """How one reads what is new."""

    NONE = "none"
    FILTER = "filter"
    DELTA_LINK = "delta_link"


class Since(Part):
    """How one reads what is new: `[since]`.

    `query` and `body` are put on top of those of the list call, with {since} (and {after}, the id
    of the last record, for paging by `keyset`). Those of `order` go with every list call,
    so that rows come in the order of their time.
    """

    kind: SinceKind = SinceKind.NONE
    field: Texts = Field(
        (), description="paths of the time of change in a record: the first that is not empty"
    )
    format: str = Field(
        "iso8601", description="of {since}: iso8601, epoch_s, epoch_ms, or like %Y-%m-%d %H:%M:%S"
    )
    wrap: dict[str, str] = Field({}, description="parts: names that stand beside them")
    query: Values = Field({}, description="by name")
    body: Any = None
    order_query: Values = Field({}, description="sent with every list call: by time, then by id")
    order_body: Any = None
    sorted: StrictBool = Field(False, description="rows come by time of change, then by id")
    settle_seconds: StrictInt = Field(
        5, ge=0, le=86_400, description="until a row that was stamped is seen by every reader"
    )
    overlap_seconds: StrictInt = Field(60, ge=0, le=604_800)
    precision_seconds: StrictInt = Field(
        1, ge=0, le=3600, description="of the CRM's times: rows within it share one"
    )
    link_path: str = Field("", description="delta_link: where the link is in the last page")
    headers: dict[str, str] = Field({}, description="delta_link: sent with the first call")
    removed_path: str = Field("", description="delta_link: a row that has it was deleted")
    removed_id_path: str = Field("", description="delta_link: where the id is in such a row")


class DeletesKind(StrEnum):
    """How one learns what was deleted."""

    NONE = "none"
    FLAG = "flag"
    LIST = "list"


class Deletes(Part):
    """How one learns what was deleted: `[deletes]`."""

    kind: DeletesKind = DeletesKind.NONE
    path: str = Field("", description="flag: a record that has one of `values` there is deleted")
    values: Constants = (True,)
    list: Call | None = Field(None, description="list: what was deleted since {since}")
    id_path: str = Field("id", description="list: where the id is in a row")
    field: str = Field("", description="list: the time of a deletion")


class Manners(Part):
    """How the CRM is treated: `[limits]`; the user's own `[crm.NAME.limits]` come before."""

    calls_per_second: Decimal = Field(Decimal(0), ge=0, description="0: no limit is known")
    calls_per_day: StrictInt = Field(0, ge=0)
    call_seconds: StrictInt = Field(120, ge=1, le=3600)
    attempts_max: StrictInt = Field(4, ge=1, le=10)
    body_bytes_max: StrictInt = Field(50_000_000, ge=1000)
    look_max: StrictInt = Field(50, ge=1, le=1000, description="records that are looked up at once")


Call.model_rebuild()
