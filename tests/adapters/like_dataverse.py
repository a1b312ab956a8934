"""Dataverse as its documentation says, as far as the connection file uses it."""

import json
import re
from datetime import datetime
from typing import Any

from likecrms import KEY, Asked, Held, Told, now

IDS = {
    "systemusers": "systemuserid", "accounts": "accountid", "opportunities": "opportunityid",
    "acme_expenseclaims": "acme_expenseclaimid", "acme_expenselines": "acme_expenselineid",
}  # fmt: skip
TRACKED = {"acme_expenseclaims", "acme_expenselines"}
CHECKS = {
    f"acme_check{name}"
    for name in (
        "outcome", "state", "claimed", "allowed", "currency", "approved", "findingsen",
        "findingszh", "waitingfor", "policy", "decision", "code",
    )
}  # fmt: skip
PAGE = 2


class LikeDataverse:
    """The tables by the name of their set. `url` is told by who serves it, for its links."""

    base = ""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in IDS}
        self.log: list[tuple[str, str]] = []
        self.url, self.tokens, self.meddles, self.error = "", 0, "", ""

    def add(self, table: str, key: str, moment: datetime | None = None, /, **fields: Held) -> None:
        """Put a row there, or change it; it is stamped now unless a time is given."""
        held = self.tables[table].setdefault(
            key, {"createdon": "2026-11-02T01:02:03Z", "version": 0}
        )
        held.update({"modifiedon": (moment or now()).strftime("%Y-%m-%dT%H:%M:%SZ"), **fields})
        held["version"] += 1
        self.log.append((table, key))

    def remove(self, table: str, key: str) -> None:
        """Delete a row."""
        del self.tables[table][key]
        self.log.append((table, key))

    def answer(self, asked: Asked) -> Told:
        """Answer one request."""
        if asked.path == "/tenant-1/oauth2/v2.0/token":
            return self._token(asked)
        if asked.headers.get("authorization") != f"Bearer token-{self.tokens}":
            return Told(401, headers={"WWW-Authenticate": "Bearer"})
        assert asked.headers["odata-version"] == "4.0"
        if asked.path == "/api/data/v9.2/WhoAmI":
            return Told(200, {"UserId": "u-app"})
        found = re.fullmatch(r"/api/data/v9\.2/(\w+)(?:\(([^()]*)\))?", asked.path)
        if found is None or found[1] not in IDS:
            return _error(404, "Resource not found for the segment")
        table, key = found.groups()
        if key is None:
            return self._list(table, asked)
        row = self.tables[table].get(key)
        if row is None:
            return _error(404, f"{table} With Id = {key} Does Not Exist")
        if asked.method == "GET":
            return Told(200, self._shown(table, key, asked.one("$select")))
        assert asked.method == "PATCH"
        if self.error:
            return _error(400, self.error)
        if self.meddles:
            self.add(table, key, acme_name=self.meddles)
        if asked.headers.get("if-match", _etag(row)) != _etag(row):
            return _error(412, "The version of the existing record doesn't match")
        assert {*asked.body} <= {*CHECKS, "acme_status"}, asked.body
        self.add(table, key, **asked.body)
        return Told(204, headers={"OData-EntityId": f"{self.url}{asked.path}"})

    def _token(self, asked: Asked) -> Told:
        wanted = {
            "grant_type": "client_credentials", "client_id": "app-1", "client_secret": KEY,
            "scope": f"{self.url}/.default",
        }  # fmt: skip
        if asked.form != wanted:
            return Told(401, {"error": "invalid_client"})
        self.tokens += 1
        return Told(200, {"access_token": f"token-{self.tokens}", "expires_in": 3599})

    def _list(self, table: str, asked: Asked) -> Told:
        token = asked.one("$deltatoken") or asked.one("$skiptoken")
        if token:
            place = json.loads(token)
        else:
            assert {*asked.query} <= {"$select", "$filter", "$orderby", "$expand"}
            prefer = asked.headers["prefer"]
            tracks = "odata.track-changes" in prefer
            assert not (tracks and (table not in TRACKED or "$filter" in asked.query))
            place = {"select": asked.one("$select"), "at": 0, "since": 0, "tracks": tracks}
            place |= {"filter": asked.one("$filter"), "seen": len(self.log)}
        return self._page(table, place)

    def _page(self, table: str, place: dict[str, Any]) -> Told:
        rows = sorted(self.tables[table].items(), key=lambda row: (row[1]["modifiedon"], row[0]))
        if place["filter"]:
            name, sign, value = place["filter"].split(" ")
            assert (name, sign) == ("modifiedon", "ge")
            since = datetime.fromisoformat(value)
            rows = [row for row in rows if datetime.fromisoformat(row[1]["modifiedon"]) >= since]
        names = [key for key, _ in rows]
        if place["since"]:
            names = list(dict.fromkeys(k for t, k in self.log[place["since"] :] if t == table))
        at = place["at"]
        shown = [self._told(table, key, place["select"]) for key in names[at : at + PAGE]]
        body: dict[str, Any] = {"value": shown}
        link = f"{self.url}/api/data/v9.2/{table}?"
        if at + PAGE < len(names):
            body["@odata.nextLink"] = f"{link}$skiptoken={json.dumps({**place, 'at': at + PAGE})}"
        elif place["tracks"]:
            after = {**place, "at": 0, "since": place["seen"], "seen": len(self.log)}
            body["@odata.deltaLink"] = f"{link}$deltatoken={json.dumps(after)}"
        text = {n: v.replace(" ", "%20") for n, v in body.items() if n.startswith("@")}
        return Told(200, {**body, **text})

    def _told(self, table: str, key: str, select: str) -> dict[str, Any]:
        if key in self.tables[table]:
            return self._shown(table, key, select)
        context = f"{self.url}/api/data/v9.2/$metadata#{table}/$deletedEntity"
        return {"@odata.context": context, "id": key, "reason": "deleted"}

    def _shown(self, table: str, key: str, select: str) -> dict[str, Any]:
        row = self.tables[table][key]
        names = [*select.split(","), "transactioncurrencyid"]
        held = {name: row.get(name) for name in names if name in row or name != names[-1]}
        return {"@odata.etag": _etag(row), **held, IDS[table]: key}


def _etag(row: dict[str, Any]) -> str:
    return f'W/"{row["version"]}"'


def _error(status: int, message: str) -> Told:
    return Told(status, {"error": {"code": "0x80040217", "message": message}})
