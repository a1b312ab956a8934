"""A small HTTP server on loopback that behaves as oddly as a test wants, for the REST adapter.

`OddServer` answers what a test says and keeps what it was asked. `Table` is a collection of records
behind it: each way of paging is a function that cuts a page, each odd manner a field. `connect`
writes a connection file and opens the real adapter over it.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from crm_expenses.adapters.contract import Cursor, Opening, Page
from crm_expenses.adapters.exchange import Clock, Limits
from crm_expenses.adapters.rest.client import RestAdapter, open_rest
from crm_expenses.core.record import Kind

TOKEN = "t0ken-of-the-test-4711"  # noqa: S105  made up, looked for in every text
QUICK = Limits(connect_seconds=2, read_seconds=5, call_seconds=5, total_seconds=8, attempts_max=1)
NOON = 1_772_366_400
"""2026-03-01 12:00:00 UTC, the time of a server's answers unless it says another."""


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401  whatever was sent
        """The body as JSON, None without one."""
        return json.loads(self.body) if self.body else None

    def one(self, name: str, otherwise: str = "") -> str:
        """Give a parameter of the query."""
        return self.query.get(name, [otherwise])[0]

    @property
    def token(self) -> str:
        """Who asks."""
        return self.headers.get("authorization", "")


@dataclass(frozen=True)
class Told:
    """One answer: bytes and text as they are, anything else as JSON; None is an empty body."""

    body: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def raw(self) -> bytes:
        """Give the bytes of the body."""
        match self.body:
            case None:
                return b""
            case bytes():
                return self.body
            case str():
                return self.body.encode()
            case _:
                return json.dumps(self.body, ensure_ascii=False, default=str).encode()


Behaviour = Callable[[Asked], Told]


class OddServer:
    """Answers by the first rule that fits; a later rule comes before an earlier one."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.wall = float(NOON)
        self._rules: list[tuple[str, re.Pattern[str], Behaviour]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65_536  # head and body in one packet: two would wait for each other

            def _answer(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                parts = urlsplit(self.path)
                asked = Asked(
                    self.command,
                    unquote(parts.path),
                    parse_qs(parts.query, keep_blank_values=True),
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(length),
                )
                if len(asked.body) < length:  # whoever sent it has hung up
                    self.close_connection = True
                    return
                outer.asked.append(asked)
                told = outer.told(asked)
                body = told.raw()
                self.send_response_only(told.status)
                self.send_header("Date", formatdate(outer.wall, usegmt=True))
                self.send_header("Content-Length", str(len(body)))
                for name, value in told.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def on(self, method: str, path: str, behaviour: Behaviour | Told) -> None:
        """Answer like this what fits: a method, and a regular expression for the whole path."""
        made = (lambda _asked: behaviour) if isinstance(behaviour, Told) else behaviour
        self._rules.insert(0, (method, re.compile(path), made))

    def told(self, asked: Asked) -> Told:
        """Answer a request."""
        for method, path, behaviour in self._rules:
            if method == asked.method and path.fullmatch(asked.path):
                return behaviour(asked)
        return Told({"error": f"nothing at {asked.path}"}, 404)

    def count(self, method: str, path: str = ".*") -> int:
        """Count the requests that fit."""
        return sum(
            one.method == method and re.fullmatch(path, one.path) is not None for one in self.asked
        )

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def odd_server() -> Iterator[OddServer]:
    """Run a server for a test."""
    server = OddServer()
    try:
        yield server
    finally:
        server.close()


Row = dict[str, Any]
Cut = Callable[["Table", Asked, list[Row]], Told]


@dataclass
class Table:
    """A collection of records: `time` is the field that a parameter `since` (from it on) filters.

    `place` is where its list stands, `more` what stands beside it; `cut` cuts pages; `before` is
    called before each list is read, for what happens meanwhile.
    """

    rows: list[Row]
    cut: Cut
    time: str = "updated"
    place: str = "items"
    more: Mapping[str, object] = field(default_factory=dict)
    sort: Callable[[Row], Any] | None = None
    before: Callable[["Table", Asked], None] | None = None

    def serve(self, server: OddServer, path: str = "/accounts") -> "Table":
        """Answer at a path."""
        server.on("GET", path, self.list)
        server.on("POST", f"{path}/search", self.list)
        server.on("GET", f"{path}/[^/]+", self.read)
        server.on("PATCH", f"{path}/[^/]+", self.update)
        return self

    def list(self, asked: Asked) -> Told:
        """Give a page."""
        if self.before is not None:
            self.before(self, asked)
        body = asked.json if asked.method == "POST" else {}
        since = (body or {}).get("since", asked.one("since"))
        key = self.sort or (lambda row: (str(row.get(self.time)), str(row["id"])))
        rows = [row for row in self.rows if not since or str(row.get(self.time)) >= str(since)]
        return self.cut(self, asked, sorted(rows, key=key))

    def read(self, asked: Asked) -> Told:
        """Give one record."""
        name = asked.path.rpartition("/")[2]
        held = next((row for row in self.rows if str(row["id"]) == name), None)
        return Told(held) if held is not None else Told({"error": "not found"}, 404)

    def update(self, asked: Asked) -> Told:
        """Change one record."""
        name = asked.path.rpartition("/")[2]
        for row in self.rows:
            if str(row["id"]) == name:
                row.update(asked.json)
                return Told(row)
        return Told({"error": "not found"}, 404)

    def envelope(self, rows: Sequence[Row], **beside: object) -> object:
        """Put rows where the list stands."""
        made: Any = list(rows)
        for name in reversed(self.place.split(".")) if self.place else ():
            made = {name: made}
        return {**made, **self.more, **beside} if isinstance(made, dict) else made


def all_at_once(table: Table, _asked: Asked, rows: list[Row]) -> Told:
    """Give everything: there are no pages."""
    return Told(table.envelope(rows))


def by_page(*, first: int = 1, cap: int = 1000, behind: Told | None = None) -> Cut:
    """Page by number; `cap` cuts the size silently, `behind` is said behind the last page."""

    def cut(table: Table, asked: Asked, rows: list[Row]) -> Told:
        size = min(int(asked.one("size", "30")), cap)
        at = (int(asked.one("page", str(first))) - first) * size
        if behind is not None and at >= len(rows):
            return behind
        return Told(table.envelope(rows[at : at + size]))

    return cut


def by_offset(*, cap: int = 1000, deepest: int = 10**9, too_large: Told | None = None) -> Cut:
    """Page by offset and limit, in the query or in the body; not beyond `deepest`."""

    def cut(table: Table, asked: Asked, rows: list[Row]) -> Told:
        body = asked.json if asked.method == "POST" else {}
        at = int(body.get("offset", asked.one("offset", "0")))
        size = int(body.get("limit", asked.one("limit", "20")))
        if too_large is not None and size > cap:
            return too_large
        if at + size > deepest:
            return Told({"error": "the window is too large"}, 400)
        return Told(table.envelope(rows[at : at + min(size, cap)]))

    return cut


def by_cursor(at: str = "next") -> Cut:
    """Page by a cursor that means nothing to anybody else; null behind the last page."""

    def cut(table: Table, asked: Asked, rows: list[Row]) -> Told:
        size, begin = int(asked.one("size", "2")), int(asked.one("cursor", "c0")[1:])
        end = begin + size
        return Told(table.envelope(rows[begin:end], **{at: f"c{end}" if end < len(rows) else None}))

    return cut


def by_link(link: Callable[[int], str], *, header: bool = False) -> Cut:
    """Page by a link in the body, or in a header, that `link` makes of the next place."""

    def cut(table: Table, asked: Asked, rows: list[Row]) -> Told:
        size, begin = int(asked.one("size", "2")), int(asked.one("at", "0"))
        end = begin + size
        if end >= len(rows):
            return Told(table.envelope(rows[begin:end]))
        if header:
            links = f'<{link(0)}>; rel="first", <{link(end)}>; rel="next"'
            return Told(table.envelope(rows[begin:end]), headers={"Link": links})
        return Told(table.envelope(rows[begin:end], next=link(end)))

    return cut


def by_range(table: Table, asked: Asked, rows: list[Row]) -> Told:
    """Page by a header `Range: records=0-2`, whose end is exclusive; 416 behind the end."""
    found = re.fullmatch(r"records=([0-9]+)-([0-9]+)", asked.headers.get("range", ""))
    begin, end = (int(found[1]), int(found[2])) if found else (0, len(rows))
    if begin >= max(len(rows), 1):
        return Told(b"", 416)
    headers = {"Content-Range": f"records {begin}-{end}/{len(rows)}"}
    return Told(table.envelope(rows[begin:end]), 206, headers)


def account(number: int, updated: object = None, **more: object) -> Row:
    """Make a record as most servers have it."""
    made = {"id": f"A-{number:03}", "name": f"Account {number}", **more}
    return made if updated is None else {**made, "updated": updated}


PAGED = 'paging = { kind = "page_number", param = "page", size_param = "size", size = 3 }'
RECORDS = 'records = { path = "items" }'
SINCE = """
[since]
kind = "filter"
field = "updated"
query = { since = "{since}" }
sorted = true
settle_seconds = 0
overlap_seconds = 0
"""
HEAD = """
[connection]
version = 1
title = "Odd"
base_url = "{config.url}"
escape = "backslash"
[config.url]
help = "the address"
[secret.token]
help = "the token"
"""
BEARER = '[auth]\nkind = "bearer"\n'
CALLS = """
[calls]
list = { path = "/{object}" }
read = { path = "/{object}/{id}" }
update = { method = "PATCH", path = "/{object}/{id}", body = "{fields}" }
"""
ACCOUNTS = '[kind.account]\nobject = "accounts"\nfields = { name = "name" }\n'


def file_of(*parts: str, top: str = f"{RECORDS}\n{PAGED}") -> str:
    """Put a connection file together; what is not said is as most servers have it."""
    text = "\n".join(parts)
    for part, mark in ((HEAD, "[connection]"), (BEARER, "[auth]"), (CALLS, "[calls]")):
        if mark not in text:
            text += f"\n{part}"
    if "[kind." not in text:
        text += f"\n{ACCOUNTS}"
    return f"{top}\n{text}"


def connect(
    folder: Path,
    server: OddServer,
    *parts: str,
    top: str = f"{RECORDS}\n{PAGED}",
    clock: Clock | None = None,
    limits: Limits = QUICK,
    **options: object,
) -> RestAdapter:
    """Open the real adapter over a connection file that is made of these parts."""
    (folder / "odd.toml").write_text(file_of(*parts, top=top), "utf-8")
    (folder / "token").write_text(TOKEN, "utf-8")
    given = {"connection": "odd.toml", "url": server.url, "token_file": "token"}
    given = {**given, "private_addresses": True, **options}
    return open_rest(Opening("odd", given, folder), clock=clock, limits=limits)


def still(server: OddServer, start: float = 1000.0) -> tuple[Clock, Callable[[float], None]]:
    """Give a clock that moves when a test says so, or when somebody sleeps."""
    now = [start]

    def move(seconds: float) -> None:
        now[0] += seconds

    return Clock(lambda: now[0], lambda: server.wall, move, lambda: 0.0), move


def names(pages: Sequence[Page]) -> list[str]:
    """Give the ids of the facts of pages."""
    return [fact.origin.record for page in pages for fact in page.facts]


def pulled(adapter: RestAdapter, since: Cursor | None = None) -> tuple[list[str], Cursor]:
    """Pull the accounts to the end; give their ids and the last cursor."""
    pages = list(adapter.pull(Kind.ACCOUNT, since))
    return names(pages), pages[-1].cursor
