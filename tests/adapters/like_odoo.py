"""Odoo 19 as its documentation and its source say, as far as the connection file uses it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from likecrms import KEY, Asked, Held, Told, now

WRITABLE = {
    "x_check_outcome", "x_check_state", "x_check_claimed", "x_check_allowed", "x_check_currency",
    "x_check_approved", "x_check_findings_en", "x_check_findings_zh", "x_check_waiting_for",
    "x_check_policy", "x_check_decision", "x_check_code", "name", "description",
}  # fmt: skip
KNOWN: Mapping[str, set[str]] = {
    "hr.employee": {"name", "job_title", "department_id", "company_id", "parent_id"},
    "res.partner": {"name", "city", "industry_id", "x_check_owner_id", "is_company"},
    "crm.lead": {
        "name", "x_check_owner_id", "partner_id", "won_status", "expected_revenue", "type",
        "company_currency", "date_closed", "active",
    },
    "hr.expense": {
        "employee_id", "state", "date", "product_id", "total_amount_currency", "currency_id",
        "vendor_id", "payment_mode", "x_check_city", "x_check_account_id", "x_check_opportunity_id",
        *WRITABLE,
    },
}  # fmt: skip
ARGUMENTS = {
    "search_read": {"domain", "fields", "offset", "limit", "order"},
    "write": {"vals"}, "create": {"vals_list"}, "unlink": set(), "context_get": set(),
}  # fmt: skip


class LikeOdoo:
    """The models by name, each record by id; `write_date` has microseconds that are never shown."""

    base = ""

    def __init__(self) -> None:
        self.models: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in KNOWN}
        self.refuse = ""
        """What a write is refused with, in Odoo's own words."""

    def add(self, model: str, record: int, **fields: Held) -> None:
        """Put a record there, or change it; it is stamped now unless a time is given."""
        held = self.models[model].setdefault(
            record, {"create_date": datetime(2026, 11, 2, 1, 2, 3, tzinfo=UTC)}
        )
        held.update({"write_date": now(), **fields})

    def answer(self, asked: Asked) -> Told:
        """Answer one request."""
        if asked.headers.get("authorization") != f"bearer {KEY}":
            return _error(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")
        if asked.headers.get("x-odoo-database") != "crm":
            return _error(404, "werkzeug.exceptions.NotFound", "no such database")
        parts = asked.path.split("/")
        is_call = asked.method == "POST" and parts[:3] == ["", "json", "2"] and len(parts) == 5
        if not is_call or not isinstance(asked.body, dict):
            return _error(404, "werkzeug.exceptions.NotFound", "Did you mean POST /json/2/...?")
        model, method = parts[3:]
        if model != "res.users" and model not in KNOWN:
            return _error(
                404, "werkzeug.exceptions.NotFound", f"the model '{model}' does not exist"
            )
        ids = asked.body.get("ids", [])
        given = {name: held for name, held in asked.body.items() if name not in ("ids", "context")}
        unknown = set(given) - ARGUMENTS[method]
        if unknown:
            text = f"got an unexpected keyword argument '{unknown.pop()}'"
            return _error(422, "werkzeug.exceptions.UnprocessableEntity", text)
        if method == "context_get":
            return Told(200, {"lang": "en_US", "tz": False, "uid": 7})
        if method == "search_read":
            return self._search(model, given, asked.body.get("context", {}))
        if not all(type(one) is int for one in ids):
            return _error(500, "builtins.TypeError", "ids must be integers")
        if method == "write":
            return self._write(model, ids, given["vals"])
        raise AssertionError(f"{method} is not imitated")

    def _search(self, model: str, given: Mapping[str, Any], context: Mapping[str, Any]) -> Told:
        names = {*KNOWN[model], "id", "write_date", "create_date"}
        for name in [*given["fields"], *(one[0] for one in given["domain"])]:
            if name not in names:
                return _error(500, "builtins.ValueError", f"Invalid field '{name}' on '{model}'")
        rows = [
            {"id": key, **held}
            for key, held in self.models[model].items()
            if context.get("active_test") is False or held.get("active", True)
        ]
        for name, sign, value in given["domain"]:
            if name == "id" and not all(type(one) is int for one in value):
                return _error(500, "builtins.TypeError", "ids must be integers")
            rows = [row for row in rows if _fits(row.get(name, False), sign, value)]
        if "order" in given:
            assert given["order"] == "write_date asc, id asc"
            rows.sort(key=lambda row: (row["write_date"], row["id"]))
        at, most = given.get("offset", 0), given.get("limit")
        shown = rows[at : at + most if most else None]
        return Told(
            200, [{n: _shown(row.get(n)) for n in {*given["fields"], "id"}} for row in shown]
        )

    def _write(self, model: str, ids: list[int], values: Mapping[str, Any]) -> Told:
        for name in values:
            if name not in WRITABLE:
                return _error(500, "builtins.ValueError", f"Invalid field '{name}' on '{model}'")
        if self.refuse:
            return _error(422, "odoo.exceptions.ValidationError", self.refuse)
        for one in ids:
            if one not in self.models[model]:
                return _error(404, "odoo.exceptions.MissingError", "Record does not exist")
            self.add(model, one, **values)
        return Told(200, True)


def _fits(held: Held, sign: str, value: Held) -> bool:
    if sign == ">=":
        return bool(held >= datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC))
    return bool(held in value if sign == "in" else held == value)


def _shown(held: Held) -> Held:
    if isinstance(held, datetime):
        return held.strftime("%Y-%m-%d %H:%M:%S")
    return False if held is None or held == "" else held


def _error(status: int, name: str, message: str) -> Told:
    trace = f"Traceback (most recent call last): {KEY}"
    body = {"name": name, "message": message, "arguments": [message], "context": {}, "debug": trace}
    return Told(status, body)
