"""Who calls the simulator in its tests: one connection, one token, JSON both ways."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from crm_expenses.testing.zohosim import Field, Org, OrgSettings, Switches, Type, ZohoSim


@dataclass
class Moments:
    """A clock that goes on when it is told to."""

    at: datetime = datetime(2026, 3, 1, 6, 30, 15, 250_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Give the time."""
        return self.at

    @classmethod
    def whole(cls) -> Self:
        """Give a clock at a whole second, for what ends at one."""
        return cls(datetime(2026, 3, 1, 6, 30, 15, tzinfo=UTC))

    def on(self, **step: float) -> None:
        """Go on."""
        self.at += timedelta(**step)


@dataclass
class Got:
    """An answer."""

    status: int
    json: Any
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The code of a refusal, of the whole or of the first row."""
        if not isinstance(self.json, dict):
            return ""
        rows = self.json.get("data") or self.json.get("fields") or self.json.get("watch")
        return str(rows[0]["code"] if rows and "code" in rows[0] else self.json.get("code", ""))

    @property
    def codes(self) -> list[str]:
        """The code of each row."""
        return [row["code"] for row in self.json["data"]]


class Caller:
    """One program that calls a simulator."""

    def __init__(self, sim: ZohoSim, token: str | None = None) -> None:
        self.sim = sim
        self._connection = http.client.HTTPConnection(urlsplit(sim.url).netloc, timeout=20)
        self.token = sim.site.desk.new_access() if token is None else token

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *of: object) -> None:
        self._connection.close()

    def send(self, method: str, target: str, body: bytes | None = None, **headers: str) -> Got:
        """Send a request as it is."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token and "Authorization" not in named:
            named["Authorization"] = f"Zoho-oauthtoken {self.token}"
        self._connection.request(method, target, body, named)
        reply = self._connection.getresponse()
        content = reply.read()
        kind = reply.headers.get("Content-Type", "")
        told = json.loads(content) if content and kind.startswith("application/json") else None
        heads = {name.lower(): value for name, value in reply.headers.items()}
        return Got(reply.status, told, content, heads)

    def get(self, path: str, heads: Mapping[str, str] | None = None, **query: object) -> Got:
        """Read."""
        text = urlencode(query)
        return self.send("GET", f"/crm/v8/{path}" + (f"?{text}" if text else ""), **(heads or {}))

    def write(
        self,
        method: str,
        path: str,
        *rows: object,
        heads: Mapping[str, str] | None = None,
        **more: object,
    ) -> Got:
        """Write rows."""
        body = json.dumps({"data": rows, **more}).encode()
        return self.send(method, f"/crm/v8/{path}", body, **(heads or {}))

    def post(self, path: str, body: object, **heads: str) -> Got:
        """Post JSON."""
        return self.send("POST", path, json.dumps(body).encode(), **heads)

    def query(self, text: str) -> Got:
        """Query."""
        return self.post("/crm/v8/coql", {"select_query": text})


def small_org(clock: Moments | None = None, **switches: object) -> Org:
    """Give an organisation with claims, lines below them, and two accounts."""
    settings = OrgSettings(switches=replace(Switches(), **switches))
    org = Org(settings, clock=clock or Moments())
    org.add_module(
        "Claims",
        [
            Field("External_Id", unique=True, external="org"),
            Field("Status", Type.PICKLIST, values=("draft", "submitted")),
            Field("Total", Type.CURRENCY),
            Field("Day", Type.DATE),
            Field("Sent_At", Type.DATETIME),
            Field("Nights", Type.INTEGER),
            Field("Big", Type.BIGINT),
            Field("Paid", Type.BOOLEAN),
            Field("Tags", Type.MULTIPICK, values=("a", "b")),
            Field("Code", length=5),
            Field("Note", Type.TEXTAREA),
            Field("Text", Type.TEXTAREA, length=50_000),
            Field("Account", Type.LOOKUP, module="Accounts"),
            Field("Approver", Type.USER, module="Users"),
            Field("Files", Type.FILES),
        ],
    )
    org.add_subform(
        "Claims",
        "Lines",
        "Claim_Lines",
        [Field("Amount", Type.CURRENCY), Field("Account", Type.LOOKUP, module="Accounts")],
    )
    org.put("Accounts", {"Account_Name": "A-1"}, id="400001000000900001")
    org.put("Accounts", {"Account_Name": "A-2"}, id="400001000000900002")
    return org
