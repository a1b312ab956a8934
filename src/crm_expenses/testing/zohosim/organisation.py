"""Users, the organisation itself, and its currencies."""

from decimal import Decimal
from typing import Final

from crm_expenses.testing.zohosim.asking import NO_CONTENT, NOT_MODIFIED, Answer, Ask, json_answer
from crm_expenses.testing.zohosim.org import Org
from crm_expenses.testing.zohosim.parameters import is_later, since_header, whole
from crm_expenses.testing.zohosim.refusal import bad_parameter
from crm_expenses.testing.zohosim.rows import Row
from crm_expenses.testing.zohosim.values import moment_text

_PEOPLE_LISTS: Final = {
    "AllUsers": ("active", "inactive", "disabled"),
    "ActiveUsers": ("active",),
    "DeactiveUsers": ("inactive", "disabled"),
    "DeletedUsers": ("deleted",),
    "ActiveConfirmedUsers": ("active",),
    "NotConfirmedUsers": ("inactive",),
}


def users(org: Org, ask: Ask, user: str) -> Answer:
    """Answer GET /users."""
    kind = ask.query.get("type", "AllUsers")
    since = since_header(ask)
    rows = sorted(org.shelf.all_seen("Users", org.clock()), key=lambda row: row.id)
    if "ids" in ask.query:
        ids = ask.query["ids"].split(",")
        if len(ids) > 100:
            raise bad_parameter("ids", "LIMIT_EXCEEDED", limit=100)
        rows = [row for row in rows if row.id in ids]
    if kind == "CurrentUser":
        rows = [row for row in rows if row.id == user]
    elif kind == "AdminUsers":
        rows = [row for row in rows if row.id == org.admin]
    elif kind in _PEOPLE_LISTS:
        rows = [row for row in rows if (row.get("status") or "active") in _PEOPLE_LISTS[kind]]
    else:
        raise bad_parameter("type")
    if since is not None:
        rows = [row for row in rows if is_later(org, row.modified_at, since)]
        if not rows:
            return NOT_MODIFIED
    page, per_page = whole(ask, "page", 1), whole(ask, "per_page", 200)
    if per_page > 200:
        raise bad_parameter("per_page")
    part = rows[(page - 1) * per_page : page * per_page]
    if not part:
        return NO_CONTENT
    info = {
        "per_page": per_page,
        "count": len(part),
        "page": page,
        "more_records": len(rows) > page * per_page,
    }
    return json_answer({"users": [shown_user(org, row) for row in part], "info": info})


def user(org: Org, record: str) -> Answer:
    """Answer GET /users/ID."""
    row = org.shelf.seen("Users", record, org.clock())
    return NO_CONTENT if row is None else json_answer({"users": [shown_user(org, row)]})


def shown_user(org: Org, row: Row) -> dict[str, object]:
    """Give a user as /users shows it: keys in lower case, some of them not."""
    fields = org.module("Users").fields
    made = {
        name: org.show_value(held, row.get(name))
        for name, held in fields.items()
        if name not in {"role", "profile", "Created_Time", "Created_By"}
    }
    for name in ("role", "profile"):
        text = row.get(name) or "Standard"
        made[name] = {"name": text, "id": org.named_id(name, str(text))}
    made["created_time"] = moment_text(row.created_at, org.zone) if row.created_at else None
    made["time_zone"] = org.settings.zone
    made["confirm"] = True
    made["type__s"] = "Regular User"
    return made


def organisation(org: Org) -> Answer:
    """Answer GET /org."""
    settings = org.settings
    told = {
        "id": org.named_id("org", "org"),
        "zgid": org.id,
        "company_name": settings.name or f"Organisation {settings.number}",
        "time_zone": settings.zone,
        "iso_code": settings.currency,
        "currency": settings.currency,
        "currency_locale": "en_US",
        "mc_status": bool(settings.rates),
        "type": "production",
        "license_details": {
            "paid": settings.edition != "free",
            "paid_type": settings.edition,
            "users_license_purchased": settings.users,
            "paid_expiry": None,
            "trial_type": None,
            "trial_expiry": None,
        },
    }
    return json_answer({"org": [told]})


def currencies(org: Org) -> Answer:
    """Answer GET /org/currencies: empty where there is only the home currency."""
    settings = org.settings
    if not settings.rates:
        return NO_CONTENT
    held = {settings.currency: Decimal(1), **settings.rates}
    told = [
        {
            "id": org.named_id("currency", code),
            "iso_code": code,
            "name": code,
            "symbol": code,
            "is_base": code == settings.currency,
            "is_active": True,
            "exchange_rate": format(rate, "f"),
            "prefix_symbol": True,
            "format": {
                "decimal_separator": "Period",
                "thousand_separator": "Comma",
                "decimal_places": "0" if code == "JPY" else "2",
            },
        }
        for code, rate in held.items()
    ]
    return json_answer({"currencies": told})
