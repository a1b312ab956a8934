"""Pipedrive as its documentation says, as far as the connection file uses it."""

from datetime import datetime
from typing import Any

from likecrms import KEY, Asked, Held, Told, now

NAMES = (
    "date", "category", "outcome", "state", "allowed", "currency", "findings_en", "findings_zh",
    "waiting_for", "policy", "code",
)  # fmt: skip
KEYS = {name: f"{number:040x}" for number, name in enumerate(NAMES, 1)}
"""The keys of the custom fields, as this company has them."""
LISTED = {"limit", "cursor", "updated_since", "sort_by", "sort_direction", "pipeline_id"}


class LikePipedrive:
    """Users, organizations and deals by their number."""

    base = ""

    def __init__(self) -> None:
        self.users: list[dict[str, Any]] = []
        self.rows: dict[str, dict[int, dict[str, Any]]] = {"deals": {}, "organizations": {}}
        self.status, self.error = 0, ""

    def add(self, kind: str, key: int, moment: datetime | None = None, /, **fields: Held) -> None:
        """Put a record there, or change it; it is stamped now unless a time is given."""
        held = self.rows[kind].setdefault(
            key, {"id": key, "add_time": "2026-11-02T01:02:03Z", "custom_fields": {}}
        )
        held["update_time"] = (moment or now()).strftime("%Y-%m-%dT%H:%M:%SZ")
        held["custom_fields"].update(fields.pop("custom_fields", {}))
        held.update(fields)

    def answer(self, asked: Asked) -> Told:
        """Answer one request."""
        if asked.headers.get("x-api-token") != KEY:
            return _error(401, "unauthorized access")
        if self.status:
            return _error(self.status, self.error)
        parts = asked.path.strip("/").split("/")
        match parts:
            case ["api", "v1", "users", "me"]:
                return _told({"id": 9, "name": "Service"})
            case ["api", "v1", "users"]:
                assert not asked.query
                return _told(self.users)
            case ["api", "v2", kind] if kind in self.rows and asked.method == "GET":
                return self._list(kind, asked)
            case ["api", "v2", kind, key] if kind in self.rows and int(key) in self.rows[kind]:
                if asked.method == "PATCH":
                    assert {*asked.body} == {"custom_fields"}
                    if {*asked.body["custom_fields"]} - {*KEYS.values()}:
                        return _error(400, "Validation failed: custom_fields: unknown key")
                    self.add(kind, int(key), **asked.body)
                return _told(self.rows[kind][int(key)])
        return _error(404, "Deal not found")

    def _list(self, kind: str, asked: Asked) -> Told:
        assert {*asked.query} <= LISTED, asked.query
        size = int(asked.one("limit", "100"))
        if size > 500:
            return _error(400, "limit must be less than or equal to 500")
        rows = list(self.rows[kind].values())
        if "pipeline_id" in asked.query:
            rows = [row for row in rows if str(row["pipeline_id"]) == asked.one("pipeline_id")]
        if "updated_since" in asked.query:
            since = datetime.fromisoformat(asked.one("updated_since"))
            rows = [row for row in rows if datetime.fromisoformat(row["update_time"]) >= since]
        if "sort_by" in asked.query:
            rows.sort(key=lambda row: (row["update_time"], row["id"]))
        at = int(asked.one("cursor", "c0").removeprefix("c"))
        more = f"c{at + size}" if at + size < len(rows) else None
        return _told(rows[at : at + size], next_cursor=more)


def _told(data: object, **more: object) -> Told:
    return Told(200, {"success": True, "data": data, "additional_data": more or None})


def _error(status: int, text: str) -> Told:
    return Told(status, {"success": False, "error": text, "error_info": "see the docs"})
