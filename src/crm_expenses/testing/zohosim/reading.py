"""Reading records: lists in pages, one by one, what was deleted, how many there are."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from crm_expenses.testing.zohosim.asking import (
    NO_CONTENT,
    NOT_MODIFIED,
    Answer,
    Ask,
    json_answer,
)
from crm_expenses.testing.zohosim.org import Org
from crm_expenses.testing.zohosim.parameters import is_id, is_later, since_header, whole
from crm_expenses.testing.zohosim.refusal import RefusalError, bad_parameter
from crm_expenses.testing.zohosim.rows import Row
from crm_expenses.testing.zohosim.schema import Module
from crm_expenses.testing.zohosim.values import moment_text

FIELDS_MAX: Final = 50
PAGE_MAX: Final = 200
PAGED_MAX: Final = 2_000
TOKEN_LIFE: Final = timedelta(hours=24)
RECYCLE_LIFE: Final = timedelta(days=60)
DELETED_LIFE: Final = timedelta(days=120)
TEXT_MAX: Final = 32_000
_SORTED: Final = ("id", "Created_Time", "Modified_Time")
_BOUND: Final = ("fields", "sort_by", "sort_order", "per_page", "cvid", "converted", "approved")


@dataclass(slots=True)
class PageToken:
    """Where a list goes on, for whom, and with which parameters."""

    user: str
    module: str
    bound: tuple[str, ...]
    until: datetime
    seen: int
    last: tuple[Any, str]


@dataclass(slots=True)
class PageTokens:
    """The page tokens that were given out."""

    held: dict[str, PageToken] = field(default_factory=dict)

    def give(self, token: PageToken) -> str:
        """Keep a place, and give its name."""
        text = f"{len(self.held)} {token.user} {token.module} {token.last}"
        name = hashlib.sha256(text.encode()).hexdigest()
        self.held[name] = token
        return name

    def expire(self) -> None:
        """End all of them."""
        for token in self.held.values():
            token.until = datetime.min.replace(tzinfo=token.until.tzinfo)


def listed(org: Org, tokens: PageTokens, ask: Ask, name: str, user: str) -> Answer:
    """Answer GET /MODULE."""
    module = org.module(name)
    if module.parent and not org.switches.subform_listing:
        raise RefusalError("INVALID_MODULE", details={"api_name": name})
    names = asked_fields(ask)
    _no_contradiction(ask)
    sort_by = ask.query.get("sort_by", "id")
    if sort_by not in _SORTED:
        raise bad_parameter("sort_by")
    order = ask.query.get("sort_order", "desc")
    if order not in {"asc", "desc"}:
        raise bad_parameter("sort_order")
    per_page = whole(ask, "per_page", PAGE_MAX)
    if per_page > PAGE_MAX:
        raise bad_parameter("per_page", maximum=PAGE_MAX)
    now = org.clock()
    rows = org.shelf.all_seen(name, now)
    since = since_header(ask)
    if since is not None:
        rows = [row for row in rows if is_later(org, row.modified_at, since)]
        if not rows:
            return NOT_MODIFIED
    if "ids" in ask.query:
        wanted = _ids(org, ask, module)
        rows = [row for row in rows if row.id in wanted]
    rows.sort(key=_place(sort_by), reverse=order == "desc")
    bound = tuple(ask.query.get(one, "") for one in _BOUND)
    start, seen, page = _start(org, tokens, ask, user, (rows, _place(sort_by), order))
    part = rows[start : start + per_page]
    if not part:
        return NO_CONTENT
    seen += len(part)
    has_more = start + per_page < len(rows)
    info: dict[str, object] = {
        "per_page": per_page,
        "count": len(part),
        "sort_by": sort_by,
        "page": page,
        "sort_order": order,
        "next_page_token": None,
        "previous_page_token": None,
        "page_token_expiry": None,
        "more_records": has_more,
    }
    if has_more:
        until = now + TOKEN_LIFE
        last = _place(sort_by)(part[-1])
        info["next_page_token"] = tokens.give(PageToken(user, name, bound, until, seen, last))
        info["page_token_expiry"] = moment_text(until, org.zone)
    data = [org.show(row, names, with_lines=False) for row in part]
    return json_answer({"data": data, "info": info})


def asked_fields(ask: Ask) -> list[str]:
    """Read the fields that a list must name, fifty at most.

    Raises:
        RefusalError: none are named, or too many.
    """
    names = [one.strip() for one in ask.query.get("fields", "").split(",") if one.strip()]
    if not names:
        raise bad_parameter("fields", "REQUIRED_PARAM_MISSING")
    if len(names) > FIELDS_MAX:
        raise bad_parameter("fields", "LIMIT_EXCEEDED", limit=FIELDS_MAX)
    return names


def _no_contradiction(ask: Ask) -> None:
    for one, other in (("page", "page_token"), ("cvid", "sort_by")):
        if one in ask.query and other in ask.query:
            details = {"ambiguity_due_to": [{"param_name": one}, {"param_name": other}]}
            raise RefusalError("AMBIGUITY_DURING_PROCESSING", details=details)


def _ids(org: Org, ask: Ask, module: Module) -> set[str]:
    given = ask.query["ids"].split(",")
    if len(given) > 100:
        raise bad_parameter("ids", "LIMIT_EXCEEDED", limit=100)
    found = {external_id(org, ask, module, one) for one in given}
    return {one for one in found if one}


def _place(sort_by: str) -> Callable[[Row], tuple[Any, str]]:
    def place(row: Row) -> tuple[Any, str]:
        return (row.get(sort_by), row.id)

    return place


def _start(
    org: Org,
    tokens: PageTokens,
    ask: Ask,
    user: str,
    sorted_rows: tuple[Sequence[Row], Callable[[Row], tuple[Any, str]], str],
) -> tuple[int, int, int]:
    """Say where a page begins, how many came before it, and its number."""
    rows, place, order = sorted_rows
    per_page = whole(ask, "per_page", PAGE_MAX)
    given = ask.query.get("page_token")
    if given is None:
        page = whole(ask, "page", 1)
        if page * per_page > PAGED_MAX:
            raise bad_parameter("page", "DISCRETE_PAGINATION_LIMIT_EXCEEDED")
        return (page - 1) * per_page, (page - 1) * per_page, page
    token = tokens.held.get(given)
    if token is None:
        raise bad_parameter("page_token")
    if token.until <= org.clock():
        raise bad_parameter("page_token", "EXPIRED_VALUE")
    bound = tuple(ask.query.get(one, "") for one in _BOUND)
    module = ask.path.rpartition("/")[2]
    if (token.user, token.module, token.bound) != (user, module, bound):
        raise bad_parameter("page_token", "TOKEN_BOUND_DATA_MISMATCH")
    if token.seen >= org.switches.list_rows_max:
        raise bad_parameter("page_token", "PAGINATION_LIMIT_EXCEEDED")
    page = token.seen // per_page + 1
    if org.switches.paging == "offset":
        return token.seen, token.seen, page
    for start, row in enumerate(rows):
        if place(row) > token.last if order == "asc" else place(row) < token.last:
            return start, token.seen, page
    return len(rows), token.seen, page


def one(org: Org, ask: Ask, name: str, given: str) -> Answer:
    """Answer GET /MODULE/ID, with the rows of its subforms."""
    module = org.module(name)
    record = external_id(org, ask, module, given)
    if record and not is_id(record):
        raise RefusalError("INVALID_DATA", "the id given seems to be invalid", {"id": given})
    row = org.shelf.seen(name, record, org.clock()) if record else None
    if row is None:
        return NO_CONTENT
    since = since_header(ask)
    if since is not None and not is_later(org, row.modified_at, since):
        return NOT_MODIFIED
    names = [one for one in ask.query.get("fields", "").split(",") if one] or None
    shown = org.show(row, names, at=org.clock())
    if names is None:
        shown["$approval_state"] = (
            "approval_process_pending" if row.id in org.in_approval else ("approved")
        )
        shown["$has_more"] = dict.fromkeys((held.name for held in module.subforms()), False)
    return json_answer({"data": [shown]})


def external_id(org: Org, ask: Ask, module: Module, given: str) -> str:
    """Give the id of a record that is named by id, or by the field that X-EXTERNAL names.

    Raises:
        RefusalError: the header names no external id of the module.
    """
    header = ask.headers.get("x-external", "")
    if not header:
        return given
    for part in header.split(","):
        steps = part.strip().split(".")
        if len(steps) == 2 and steps[0] == module.name:
            held = module.fields.get(steps[1])
            if held is None or not held.external:
                raise RefusalError("INVALID_DATA", details={"header": "X-EXTERNAL"})
            found = org.shelf.having(module.name, held.name, given)
            return found[0].id if found else ""
    return given


def deleted(org: Org, ask: Ask, name: str) -> Answer:
    """Answer GET /MODULE/deleted."""
    org.module(name)
    kind = ask.query.get("type", "all")
    if kind not in {"all", "recycle", "permanent"}:
        raise bad_parameter("type")
    now, since = org.clock(), since_header(ask)
    rows = [
        row
        for row in org.shelf.all_deleted(name, now)
        if row.deleted_at is not None and row.deleted_at > now - DELETED_LIFE
    ]
    if since is not None:
        rows = [row for row in rows if is_later(org, row.deleted_at, since)]
        if not rows:
            return NOT_MODIFIED
    rows = [row for row in rows if kind in {"all", _bin(row, now)}]
    rows.sort(key=lambda row: (str(row.deleted_at), row.id), reverse=True)
    page, per_page = whole(ask, "page", 1), whole(ask, "per_page", PAGE_MAX)
    if per_page > PAGE_MAX:
        raise bad_parameter("per_page", maximum=PAGE_MAX)
    part = rows[(page - 1) * per_page : page * per_page]
    if not part:
        return NO_CONTENT
    info = {
        "per_page": per_page,
        "count": len(part),
        "page": page,
        "more_records": len(rows) > page * per_page,
    }
    data = [_shown_deleted(org, row, now) for row in part]
    return json_answer({"data": data, "info": info})


def _bin(row: Row, now: datetime) -> str:
    is_old = row.deleted_at is not None and row.deleted_at <= now - RECYCLE_LIFE
    return "permanent" if row.is_purged or is_old else "recycle"


def _shown_deleted(org: Org, row: Row, now: datetime) -> dict[str, object]:
    module = org.module(row.module)
    people = module.fields["Modified_By"]
    return {
        "id": row.id,
        "display_name": row.get(module.name_field),
        "type": _bin(row, now),
        "deleted_by": org.reference(people, row.deleted_by),
        "created_by": org.reference(people, row.created_by),
        "deleted_time": moment_text(row.deleted_at, org.zone) if row.deleted_at else None,
    }


def counted(org: Org, name: str) -> Answer:
    """Answer GET /MODULE/actions/count."""
    org.module(name)
    return json_answer({"count": len(org.shelf.all_seen(name, org.clock()))})
