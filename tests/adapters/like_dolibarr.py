"""Dolibarr as its source says, as far as the connection file uses it."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from likecrms import KEY, Asked, Held, Told, now

ZONE = ZoneInfo("Europe/Paris")
LISTED = {"sortfield", "sortorder", "limit", "page", "sqlfilters"}
NAMES: Mapping[str, tuple[str, str]] = {
    "users": ("User", "User"),
    "thirdparties": ("thirdparty", "Thirdparty"),
    "projects": ("project", "Project"),
    "expensereports": ("Expense Report", "Expense report"),
}
ATTRIBUTES = {
    f"options_check_{name}"
    for name in (
        "outcome", "state", "claimed", "allowed", "currency", "approved", "findings_en",
        "findings_zh", "waiting_for", "policy", "decision", "code",
    )
} | {"options_own"}  # fmt: skip


def seconds(text: str) -> int:
    """Give a time of the server in seconds since 1970."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


class LikeDolibarr:
    """The objects by name, each by its id; `tms` is filtered by, and never shown."""

    base = ""

    def __init__(self) -> None:
        self.objects: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in NAMES}
        self.fails = ""
        """What the update of a report fails with."""

    def add(self, kind: str, key: int, tms: datetime | None = None, **fields: Held) -> None:
        """Put an object there, or change it; it is stamped now unless a time is given."""
        held = self.objects[kind].setdefault(key, {"array_options": []})
        held.update({"id": str(key), "tms": tms or now(), "date_modification": None, **fields})

    def answer(self, asked: Asked) -> Told:
        """Answer one request."""
        if asked.headers.get("dolapikey") != KEY:
            return _error(401, "Unauthorized")
        parts = asked.path.strip("/").split("/")
        if parts[:2] != ["api", "index.php"] or parts[2] not in NAMES:
            return _error(501, "API not found")
        kind = parts[2]
        if parts[2:] == ["users", "info"]:
            return Told(200, {"id": "9", "login": "svc"})
        if len(parts) == 3:
            assert asked.method == "GET"
            return self._list(kind, asked)
        held = self.objects[kind].get(int(parts[3]) if parts[3].isdecimal() else -1)
        if held is None:
            return _error(404, f"Not Found: {NAMES[kind][1]} not found")
        if asked.method == "PUT":
            if self.fails:
                return _error(500, f"Internal Server Error: {self.fails}")
            self._update(held, asked.body)
        return Told(200, _shown(held))

    def _list(self, kind: str, asked: Asked) -> Told:
        assert {*asked.query} <= LISTED, asked.query
        assert (asked.one("sortfield"), asked.one("sortorder")) == ("t.rowid", "ASC")
        rows = [held for _, held in sorted(self.objects[kind].items())]
        filters = asked.one("sqlfilters")
        for part in filter(None, filters.split(" and ")):
            found = re.fullmatch(r"\(t\.(\w+):(=|>=):'?([^'():]+)'?\)", part)
            if found is None:
                return _error(503, f"Error when validating parameter sqlfilters {part}")
            name, sign, value = found.groups()
            if sign == "=":
                rows = [held for held in rows if str(held.get(name)) == value]
            else:
                assert (name, len(value)) == ("tms", 14)
                since = datetime.strptime(value, "%Y%m%d%H%M%S").replace(tzinfo=ZONE)
                rows = [held for held in rows if held["tms"] >= since]
        size, page = int(asked.one("limit", "100")), int(asked.one("page", "0"))
        shown = rows[size * page : size * (page + 1)]
        if not shown:
            return _error(404, f"Not Found: No {NAMES[kind][0]} found")
        return Told(200, [_shown(held) for held in shown])

    def _update(self, held: dict[str, Any], body: Mapping[str, Any]) -> None:
        if "array_options" in body:  # all others are gone
            given = body["array_options"].items()
            held["array_options"] = {
                name: None if value in (None, "") else value
                for name, value in given
                if name in ATTRIBUTES
            }
        held["tms"] = now()


def _shown(held: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in held.items() if name != "tms"}


def _error(status: int, text: str) -> Told:
    return Told(status, {"error": {"code": status, "message": text}, "debug": {"source": KEY}})
