"""HubSpot as its documentation says, as far as the connection file uses it."""

from datetime import UTC, datetime
from typing import Any

from likecrms import KEY, Asked, Held, Told, now

CLAIMS, LINES = "2-111", "2-222"
CHECKS = {
    f"check_{name}"
    for name in ("outcome", "claimed", "allowed", "currency", "findings_en", "findings_zh")
}
MORE = {
    f"check_{name}" for name in ("state", "approved", "waiting_for", "policy", "decision", "code")
}
PROPERTIES = {
    "companies": {"name", "hubspot_owner_id", "industry", "city", "createdate"},
    "deals": {
        "dealname", "hubspot_owner_id", "hs_primary_associated_company", "dealstage", "amount",
        "deal_currency_code", "createdate", "closedate",
    },
    CLAIMS: {"hubspot_owner_id", "title", "submitted_at", "hs_createdate", "claim_status"}
    | CHECKS | MORE,
    LINES: {
        "claim_id", "expense_date", "category", "amount", "currency", "city", "company_id",
        "deal_id", "merchant", "purpose", "justification",
    } | CHECKS,
}  # fmt: skip
SEARCHED = {"filterGroups", "properties", "limit", "after", "sorts"}


def iso(moment: datetime) -> str:
    """Write a time as HubSpot does."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class LikeHubSpot:
    """The objects by type; owners by id. What is refused is named in `refuse`, by record."""

    base = ""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in PROPERTIES}
        self.owners: list[dict[str, Any]] = []
        self.refuse: dict[str, str] = {}

    def add(self, kind: str, key: str, moment: datetime | None = None, /, **fields: Held) -> None:
        """Put a record there, or change it; it is stamped now unless a time is given."""
        held = self.objects[kind].setdefault(key, {})
        held.update({"hs_lastmodifieddate": iso(moment or now()), **fields})

    def answer(self, asked: Asked) -> Told:
        """Answer one request."""
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return _error(401, "INVALID_AUTHENTICATION")
        parts = asked.path.strip("/").split("/")
        if parts == ["account-info", "v3", "details"]:
            return Told(200, {"portalId": 4711})
        if parts[:3] == ["crm", "v3", "owners"] and asked.method == "GET":
            return self._owners(asked)
        if parts[:3] != ["crm", "v3", "objects"] or parts[3] not in PROPERTIES:
            return _error(404, "OBJECT_NOT_FOUND")
        kind, rows = parts[3], self.objects[parts[3]]
        match asked.method, parts[4:]:
            case "POST", ["search"]:
                return self._search(kind, asked.body)
            case "POST", ["batch", "read"]:
                assert {*asked.body} == {"properties", "inputs"}
                named = [one["id"] for one in asked.body["inputs"]]
                found = [self._shown(kind, n, asked.body["properties"]) for n in named if n in rows]
                return Told(207 if len(found) < len(named) else 200, {"results": found})
            case "POST", ["batch", "update"]:
                return self._batch(kind, asked.body["inputs"])
            case method, [key] if key in rows:
                if method == "PATCH" and key in self.refuse:
                    return _error(400, "VALIDATION_ERROR", self.refuse[key])
                if method == "PATCH":
                    self._update(kind, key, asked.body["properties"])
                return Told(200, self._shown(kind, key, asked.one("properties").split(",")))
        return _error(404, "OBJECT_NOT_FOUND")

    def _owners(self, asked: Asked) -> Told:
        assert {*asked.query} <= {"limit", "after"}
        at, size = int(asked.one("after", "0")), int(asked.one("limit", "100"))
        body: dict[str, Any] = {"results": self.owners[at : at + size]}
        if at + size < len(self.owners):
            body["paging"] = {"next": {"after": str(at + size)}}
        return Told(200, body)

    def _search(self, kind: str, body: dict[str, Any]) -> Told:
        assert {*body} <= SEARCHED
        assert {*body["properties"]} <= {*PROPERTIES[kind], "hs_lastmodifieddate"}
        if body.get("limit", 10) > 200 or len(body.get("sorts", [])) > 1:
            return _error(400, "VALIDATION_ERROR", "limit or sorts")
        rows = sorted(self.objects[kind].items(), key=lambda row: row[1]["hs_lastmodifieddate"])
        for group in body["filterGroups"]:
            for one in group["filters"]:
                assert (one["propertyName"], one["operator"]) == ("hs_lastmodifieddate", "GTE")
                assert isinstance(one["value"], str)
                since = iso(datetime.fromtimestamp(int(one["value"]) / 1000, UTC))
                rows = [row for row in rows if row[1]["hs_lastmodifieddate"] >= since]
        at, size = int(body.get("after", 0)), body.get("limit", 10)
        if at + size > 10_000:
            return _error(400, "VALIDATION_ERROR", "paging past 10000")
        shown = [self._shown(kind, key, body["properties"]) for key, _ in rows[at : at + size]]
        more = {"next": {"after": str(at + size)}} if at + size < len(rows) else None
        return Told(
            200, {"total": len(rows), "results": shown, **({"paging": more} if more else {})}
        )

    def _batch(self, kind: str, inputs: list[dict[str, Any]]) -> Told:
        assert len(inputs) <= 100
        errors, results = [], []
        for one in inputs:
            if one["id"] in self.refuse:
                text = self.refuse[one["id"]]
                context = {"ids": [one["id"]]}
                errors.append({"status": "error", "category": "VALIDATION_ERROR", "message": text})
                errors[-1]["context"] = context
            else:
                self._update(kind, one["id"], one["properties"])
                results.append(self._shown(kind, one["id"], one["properties"]))
        results.reverse()  # in no order
        status = 207 if errors else 200
        return Told(status, {"status": "COMPLETE", "results": results, "errors": errors})

    def _update(self, kind: str, key: str, fields: dict[str, Any]) -> None:
        assert {*fields} <= PROPERTIES[kind], {*fields} - PROPERTIES[kind]
        self.add(kind, key, **fields)

    def _shown(self, kind: str, key: str, names: Any) -> dict[str, Any]:  # noqa: ANN401
        held = self.objects[kind][key]
        own = {name: held.get(name) for name in {*names, "hs_lastmodifieddate"} if name}
        stamp = held["hs_lastmodifieddate"]
        return {"id": key, "properties": own, "updatedAt": stamp, "archived": False}


def _error(status: int, category: str, message: str = "") -> Told:
    body = {"status": "error", "message": message or category, "category": category}
    return Told(status, {**body, "correlationId": "c-1"})
