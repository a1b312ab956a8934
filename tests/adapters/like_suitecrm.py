"""SuiteCRM's V8 API as its source says, as far as the connection file uses it."""

import re
from datetime import datetime
from typing import Any

from likecrms import KEY, Asked, Held, Told, now

CHECKS = {
    f"check_{name}"
    for name in (
        "outcome", "state", "claimed", "allowed", "currency", "approved", "findings_en",
        "findings_zh", "waiting_for", "policy", "decision", "code",
    )
}  # fmt: skip
MODULES = {"Users": "User", "Accounts": "Account", "Opportunities": "Opportunity"}
MODULES |= {"EXP_Claims": "EXP_Claims", "EXP_Lines": "EXP_Lines"}
LISTED = {"page[number]", "page[size]", "sort", "filter[operator]", "filter[date_modified][gte]"}


class LikeSuite:
    """The modules by name, each record by its id; times are those of a user whose zone is UTC."""

    base = "/legacy/Api"

    def __init__(self) -> None:
        self.modules: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in MODULES}
        self.error = ""

    def add(self, kind: str, key: str, moment: datetime | None = None, /, **fields: Held) -> None:
        """Put a record there, or change it; it is stamped now unless a time is given."""
        held = self.modules[kind].setdefault(key, {"date_entered": "2026-11-02T01:02:03+00:00"})
        stamp = (moment or now()).replace(microsecond=0).isoformat()
        held.update({"date_modified": stamp, **fields})

    def answer(self, asked: Asked) -> Told:
        """Answer one request."""
        path = asked.path.removeprefix(self.base)
        if path == "/access_token":
            wanted = {"grant_type": "client_credentials", "client_id": "c-1", "client_secret": KEY}
            if asked.form != wanted:
                return Told(
                    401, {"error": "invalid_client", "message": "Client authentication failed"}
                )
            return Told(200, {"token_type": "Bearer", "expires_in": 3600, "access_token": "t-1"})
        if asked.headers.get("authorization") != "Bearer t-1":
            return _error(401, "The resource owner or authorization server denied the request.")
        assert "application/vnd.api+json" in asked.headers["accept"]
        parts = path.strip("/").split("/")
        match asked.method, parts:
            case "GET", ["V8", "current-user"]:
                return Told(200, {"data": {"type": "User", "id": "u-api"}})
            case "GET", ["V8", "module", kind] if kind in MODULES:
                return self._list(kind, asked)
            case "GET", ["V8", "module", kind, key] if kind in MODULES:
                if key not in self.modules[kind]:
                    return _error(
                        400, f"{kind} module with id {key} is not found: record not found"
                    )
                return Told(200, {"data": self._shown(kind, key)})
            case "PATCH", ["V8", "module"]:
                return self._update(asked)
        return _error(400, f"Module {parts[-1]} with id  is not found")

    def _list(self, kind: str, asked: Asked) -> Told:
        assert {*asked.query} <= LISTED, asked.query
        rows = list(self.modules[kind].items())
        if "filter[date_modified][gte]" in asked.query:
            value = asked.one("filter[date_modified][gte]")
            assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value)
            since = datetime.fromisoformat(f"{value}+00:00")
            rows = [row for row in rows if datetime.fromisoformat(row[1]["date_modified"]) >= since]
        assert asked.one("sort") in ("", "date_modified")
        rows.sort(key=lambda row: row[1]["date_modified"])
        size, number = int(asked.one("page[size]")), int(asked.one("page[number]"))
        shown = rows[size * (number - 1) : size * number]
        body: dict[str, Any] = {"data": [self._shown(kind, key) for key, _ in shown]}
        if shown:
            pages = -(-len(rows) // size)
            body["meta"] = {"total-pages": pages, "records-on-this-page": len(shown)}
            body["links"] = {"next": f"/V8/module/{kind}?page[number]={number + 1}"}
        return Told(200, body)

    def _update(self, asked: Asked) -> Told:
        data = asked.body["data"]
        assert {*data} == {"type", "id", "attributes"}
        if self.error:
            return _error(400, self.error)
        known = {n: v for n, v in data["attributes"].items() if n in CHECKS}
        self.add(data["type"], data["id"], **known)
        return Told(201, {"data": self._shown(data["type"], data["id"])})

    def _shown(self, kind: str, key: str) -> dict[str, Any]:
        held = self.modules[kind][key]
        return {"type": MODULES[kind], "id": key, "attributes": held, "relationships": {}}


def _error(status: int, detail: str) -> Told:
    return Told(status, {"errors": {"status": status, "title": None, "detail": detail}})
