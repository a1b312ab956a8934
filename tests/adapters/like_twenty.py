"""Twenty as its source says, as far as the connection file uses it."""

import re
from datetime import datetime
from typing import Any

from likecrms import KEY, Asked, Held, Told, now

ONE = {
    "workspaceMembers": "workspaceMember", "companies": "company", "opportunities": "opportunity",
    "expenseClaims": "expenseClaim", "expenseLines": "expenseLine",
}  # fmt: skip
WRITABLE = {
    f"check{name}"
    for name in (
        "Outcome", "State", "Claimed", "Allowed", "Currency", "Approved", "FindingsEn",
        "FindingsZh", "WaitingFor", "Policy", "Decision", "Code",
    )
} | {"claimStatus", "name"}  # fmt: skip
MOST = 2
"""A page is cut to this, whatever is asked for."""


class LikeTwenty:
    """The objects by their plural name, each record by its id."""

    base = ""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in ONE}

    def add(self, kind: str, key: str, moment: datetime | None = None, /, **fields: Held) -> None:
        """Put a record there, or change it; it is stamped now unless a time is given."""
        held = self.objects[kind].setdefault(
            key, {"id": key, "createdAt": "2026-11-02T01:02:03.000Z"}
        )
        stamp = (moment or now()).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        held.update({"updatedAt": stamp, **fields})

    def answer(self, asked: Asked) -> Told:
        """Answer one request."""
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return _error(401, "Token invalid.")
        parts = asked.path.strip("/").split("/")
        if parts[0] != "rest" or parts[1] not in ONE:
            return _error(400, "object not found")
        kind, rows = parts[1], self.objects[parts[1]]
        if len(parts) == 2:
            return self._list(kind, asked)
        if parts[2] not in rows:
            return _error(404, "Record not found")
        if asked.method == "GET":
            return Told(200, {"data": {ONE[kind]: rows[parts[2]]}})
        assert asked.method == "PATCH"
        unknown = {*asked.body} - WRITABLE
        if unknown:
            return _error(400, f'Object {kind} doesn\'t have any "{unknown.pop()}" field.')
        self.add(kind, parts[2], **asked.body)
        name = f"update{ONE[kind][0].upper()}{ONE[kind][1:]}"
        return Told(200, {"data": {name: rows[parts[2]]}})

    def _list(self, kind: str, asked: Asked) -> Told:
        assert {*asked.query} <= {"limit", "starting_after", "filter", "order_by"}, asked.query
        rows = list(self.objects[kind].values())
        if "filter" in asked.query:
            found = re.fullmatch(r"(\w+)\[(gte|in)\]:(.+)", asked.one("filter"))
            assert found is not None, asked.one("filter")
            name, sign, value = found.groups()
            if sign == "in":
                rows = [row for row in rows if row[name] in value.strip("[]").split(",")]
            else:
                since = datetime.fromisoformat(value.strip('"'))
                rows = [row for row in rows if datetime.fromisoformat(row[name]) >= since]
        if "order_by" in asked.query:
            assert asked.one("order_by") == "updatedAt[AscNullsFirst]"
            rows.sort(key=lambda row: (row["updatedAt"], row["id"]))
        names = [row["id"] for row in rows]
        at = names.index(asked.one("starting_after")) + 1 if asked.one("starting_after") else 0
        size = min(int(asked.one("limit", "60")), MOST)
        shown = rows[at : at + size]
        page = {"hasNextPage": at + size < len(rows)}
        page |= {"endCursor": shown[-1]["id"]} if shown else {}
        return Told(200, {"data": {kind: shown}, "pageInfo": page, "totalCount": len(rows)})


def _error(status: int, text: str) -> Told:
    return Told(status, {"statusCode": status, "error": "BadRequestException", "messages": [text]})
