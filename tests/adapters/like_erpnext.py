"""ERPNext with Frappe HR as their source says, as far as the connection file uses it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from likecrms import KEY, Asked, Held, Told, now

ZONE = ZoneInfo("Asia/Kolkata")
RESULTS = {
    "custom_check_outcome", "custom_check_claimed", "custom_check_allowed", "custom_check_currency",
    "custom_check_findings_en", "custom_check_findings_zh",
}  # fmt: skip
COLUMNS: Mapping[str, set[str]] = {
    "Employee": {
        "employee_name", "grade", "department", "branch", "reports_to", "company",
        "date_of_joining", "relieving_date",
    },
    "Customer": {"customer_name", "industry", "custom_expense_owner"},
    "Opportunity": {
        "title", "custom_expense_owner", "party_name", "status", "opportunity_amount", "currency",
        "transaction_date",
    },
    "Expense Claim": {
        "employee", "remark", "status", "custom_check_state", "custom_check_approved",
        "custom_check_waiting_for", "custom_check_policy", "custom_check_decision",
        "custom_check_code", *RESULTS,
    },
    "Expense Claim Detail": {
        "parent", "expense_date", "expense_type", "description", "custom_city", "custom_customer",
        "custom_opportunity", "amount", *RESULTS,
    },
}  # fmt: skip
LISTED = {"fields", "filters", "order_by", "limit_start", "limit_page_length", "parent"}


class LikeErpNext:
    """The doctypes by name, each document by its name; times are those of the site, in its zone."""

    base = ""

    def __init__(self) -> None:
        self.types: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in COLUMNS}
        self.refuse = self.forgets = self.meddled = ""
        """With what a write is refused; a field that is not there; a `modified` of just before."""

    def add(self, doctype: str, name: str, stamp: str = "", **fields: Held) -> None:
        """Put a document there, or change it; it is stamped now unless a time is given."""
        moment = now().astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S.%f")
        held = self.types[doctype].setdefault(name, {"creation": "2026-11-02 06:32:03.000001"})
        held.update({"name": name, "modified": stamp or moment, **fields})

    def answer(self, asked: Asked) -> Told:
        """Answer one request."""
        token = asked.headers.get("authorization", "")
        if token not in ("", f"token {KEY}"):
            return _error(401, "AuthenticationError")
        if asked.path == "/api/method/frappe.auth.get_logged_user":
            return Told(200, {"message": "svc@example.com"}) if token else _error(403)
        if not token:
            return _error(403)
        parts = asked.path.strip("/").split("/")
        if parts[:2] != ["api", "resource"] or parts[2] not in COLUMNS:
            return _error(404, "DoesNotExistError")
        doctype = parts[2]
        if len(parts) == 3 and asked.method == "GET":
            return self._list(doctype, asked)
        document = self.types[doctype].get(parts[3])
        assert asked.method == "PUT" or doctype != "Expense Claim Detail"
        if document is None:
            return _error(404, "DoesNotExistError")
        if asked.method == "GET":
            return Told(200, {"data": {"doctype": doctype, **document}})
        assert asked.method == "PUT"
        return self._update(doctype, document, asked.body)

    def _list(self, doctype: str, asked: Asked) -> Told:
        assert {*asked.query} <= LISTED, asked.query
        if doctype == "Expense Claim Detail" and asked.one("parent") != "Expense Claim":
            return _error(403)
        fields = json.loads(asked.one("fields", '["name"]'))
        filters = json.loads(asked.one("filters", "[]"))
        known = {*COLUMNS[doctype], "name", "modified", "creation"}
        for name in [*fields, *(one[0] for one in filters)]:
            if name not in known:
                return _error(500, "OperationalError", f"(1054, Unknown column '{name}')")
        rows = list(self.types[doctype].values())
        for name, sign, value in filters:
            rows = [row for row in rows if _fits(row.get(name), sign, value)]
        if "order_by" in asked.query:
            assert asked.one("order_by") == "modified asc, name asc"
            rows.sort(key=lambda row: (row["modified"], row["name"]))
        at, most = int(asked.one("limit_start", "0")), int(asked.one("limit_page_length", "20"))
        return Told(
            200, {"data": [{n: row.get(n) for n in fields} for row in rows[at : at + most]]}
        )

    def _update(self, doctype: str, document: dict[str, Any], body: dict[str, Any]) -> Told:
        document["modified"] = self.meddled or document["modified"]
        seen = body.get("modified", document["modified"])
        if str(seen) != document["modified"]:
            return _error(417, "TimestampMismatchError", "Document has been modified after you")
        if self.refuse:
            return _error(417, "ValidationError", self.refuse)
        known = COLUMNS[doctype] - {self.forgets}
        body = {name: held for name, held in body.items() if name in known}
        self.add(doctype, document["name"], **body)
        if doctype == "Expense Claim Detail":
            self.add("Expense Claim", document["parent"])
        return Told(200, {"data": {"doctype": doctype, **document}})


def _fits(held: Held, sign: str, value: Held) -> bool:
    if sign == ">=":
        assert datetime.fromisoformat(value).tzinfo is None
        return bool(held >= value)
    return bool(held == value if sign == "=" else held in value)


def _error(status: int, kind: str = "PermissionError", text: str = "") -> Told:
    messages = json.dumps([json.dumps({"message": text})])
    body = {"exc_type": kind, "exc": f"Traceback {KEY}", "_server_messages": messages}
    return Told(status, {**body, "exception": f"frappe.exceptions.{kind}: {text}"})
