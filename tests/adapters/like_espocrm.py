"""EspoCRM as its documentation and its source say, as far as the connection file uses it."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

from likecrms import KEY, Asked, Held, Told, now

RESULTS = {
    "checkOutcome", "checkClaimed", "checkAllowed", "checkCurrency", "checkFindingsEn",
    "checkFindingsZh",
}  # fmt: skip
COMMON = {"id", "name", "assignedUserId", "createdAt", "modifiedAt", "description"}
ATTRIBUTES: Mapping[str, set[str]] = {
    "User": {"type", "title", "defaultTeamName", "addressCity", *COMMON},
    "Account": {"industry", "billingAddressCity", *COMMON},
    "Opportunity": {"accountId", "stage", "amount", "amountCurrency", "closeDate", *COMMON},
    "CExpenseClaim": {
        "status", "submittedAt", "versionNumber", "checkState", "checkApproved", "checkPolicy",
        "checkWaitingFor", "checkDecision", "checkCode", *COMMON, *RESULTS,
    },
    "CExpenseLine": {
        "claimId", "date", "category", "amount", "amountCurrency", "city", "accountId",
        "opportunityId", "merchant", "versionNumber", *COMMON, *RESULTS,
    },
}  # fmt: skip
LISTED = re.compile(
    r"offset|maxSize|select|orderBy|order|where\[0\]\[(type|attribute|value)\](\[\])?"
)
MAX_SIZE = 200
API_KEY = "api-key-of-hmac"


class LikeEspo:
    """The entities by type, each record by its id."""

    base = ""

    def __init__(self) -> None:
        self.types: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in ATTRIBUTES}
        self.status, self.meddles = 0, False
        """A status that every write is answered with; and whether somebody is there in between."""

    def add(self, kind: str, name: str, stamp: str = "", /, **fields: Held) -> None:
        """Put a record there, or change it; it is stamped now unless a time is given."""
        held = self.types[kind].setdefault(
            name, {"id": name, "createdAt": "2026-11-02 01:02:03", "versionNumber": 0}
        )
        moment = stamp or now().strftime("%Y-%m-%d %H:%M:%S")
        held.update({"modifiedAt": moment, **fields, "versionNumber": held["versionNumber"] + 1})

    def answer(self, asked: Asked) -> Told:
        """Answer one request."""
        if not self._is_known(asked):
            return Told(401)
        parts = asked.path.strip("/").split("/")
        if parts[:2] != ["api", "v1"]:
            return Told(404)
        if parts[2:] == ["App", "user"]:
            return Told(200, {"user": {"id": "u-api", "type": "api"}, "acl": {}, "token": None})
        if parts[2] not in ATTRIBUTES:
            return Told(404)
        rows = self.types[parts[2]]
        if len(parts) == 3 and asked.method == "GET":
            return self._list(parts[2], asked)
        if parts[3] not in rows:
            return Told(404)
        if asked.method == "GET":
            assert not asked.query
            return Told(200, rows[parts[3]])
        assert asked.method == "PUT"
        return self._update(parts[2], parts[3], asked)

    def _is_known(self, asked: Asked) -> bool:
        if "x-hmac-authorization" in asked.headers:
            path = asked.path.removeprefix("/api/v1")
            signed = hmac.new(KEY.encode(), f"{asked.method} {path}".encode(), hashlib.sha256)
            wanted = base64.b64encode(f"{API_KEY}:{signed.hexdigest()}".encode()).decode()
            return asked.headers["x-hmac-authorization"] == wanted
        return asked.headers.get("x-api-key") == KEY

    def _list(self, kind: str, asked: Asked) -> Told:
        for name in asked.query:
            assert LISTED.fullmatch(name), name
        size = int(asked.one("maxSize", "20"))
        if size > MAX_SIZE:
            return Told(403, headers={"X-Status-Reason": "Max size should not exceed 200"})
        names = asked.one("select").split(",")
        assert {*names} <= ATTRIBUTES[kind], {*names} - ATTRIBUTES[kind]
        rows = list(self.types[kind].values())
        match asked.one("where[0][type]"):
            case "greaterThanOrEquals":
                name, value = asked.one("where[0][attribute]"), asked.one("where[0][value]")
                assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value)
                rows = [row for row in rows if row[name] >= value]
            case "in":
                rows = [row for row in rows if row["id"] in asked.query["where[0][value][]"]]
        if "orderBy" in asked.query:
            assert (asked.one("orderBy"), asked.one("order")) == ("modifiedAt", "asc")
            rows.sort(key=lambda row: (row["modifiedAt"], row["id"]))
        at = int(asked.one("offset", "0"))
        shown = [{n: row.get(n) for n in {*names, "id"}} for row in rows[at : at + size]]
        return Told(200, {"total": -1, "list": shown})

    def _update(self, kind: str, name: str, asked: Asked) -> Told:
        if self.status:
            text = {"messageTranslation": {"label": "fieldShouldBeLess", "scope": None}}
            return Told(self.status, text if self.status == 400 else None)
        if self.meddles:
            self.add(kind, name, description="somebody was here")
        held = self.types[kind][name]
        if asked.headers.get("x-version-number", str(held["versionNumber"])) != str(
            held["versionNumber"]
        ):
            return Told(409, headers={"X-Status-Reason": "modified"})
        self.add(kind, name, **{n: v for n, v in asked.body.items() if n in ATTRIBUTES[kind]})
        return Told(200, held)
