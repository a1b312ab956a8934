"""The small CRM over HTTP, on this machine only: JSON, a bearer token, failures on demand.

    python -m crm_expenses.testing.tinyserver --port 8800 --file tiny.sqlite3 --token secret

| call | what it does |
|---|---|
| `GET /api/describe` | the objects and their fields |
| `GET /api/records/OBJECT?since=&since_id=&limit=` | what changed after a place in time, in order |
| `GET /api/records/OBJECT?ids=["A","B"]` | some records, and what became of those that are gone |
| `GET /api/gone/OBJECT?since=&since_id=&limit=` | what was deleted or merged |
| `POST /api/batch` | rows to write, each answered with a status of its own (207) |
| `GET /api/files?receipts=["V"]`, `GET /api/files/ID` | files, listed and read (`Range`) |
| `POST /api/uploads`, `PUT /api/uploads/KEY`, `POST /api/uploads/KEY/done` | a file, in portions |
| `PUT`, `DELETE /people/OBJECT/ID` | what a person does |
| `POST /test/fail`, `GET /test/counts`, `GET /test/dump` | what a test does |
"""

import argparse
import base64
import json
import re
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs, unquote, urlsplit

from crm_expenses.testing.tinycrm import RowWrite, TinyCrm, moment_text
from crm_expenses.testing.tinyfields import OBJECTS

LOOPBACK: Final = "127.0.0.1"
BODY_BYTES_MAX: Final = 8_000_000
PAGE_MAX: Final = 200
BATCH_MAX: Final = 20
"""Most rows of one batch, as many CRMs have it."""

_RANGE: Final = re.compile(r"bytes=([0-9]{1,12})-([0-9]{1,12})", re.ASCII)


class Failing(StrEnum):
    """How a call fails on demand."""

    BUSY = "busy"
    """429, with Retry-After."""
    BROKEN = "broken"
    """500, without effect."""
    LOST_BEFORE = "lost_before"
    """No reply, no effect."""
    LOST_AFTER = "lost_after"
    """The effect is there, the reply is lost."""
    CUT = "cut"
    """The effect is there, the body of the reply ends in its middle."""
    HTML = "html"
    """200, and a page for people: a proxy, a login."""
    HIDDEN = "hidden"
    """200, with an error inside."""
    EXPIRED = "expired"
    """401."""


@dataclass(slots=True)
class Failure:
    """The next `times` calls that begin like `call` fail, after `skip` of them."""

    call: str
    how: Failing
    times: int = 1
    skip: int = 0


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


class TinyServer:
    """A running server; it ends with `close`, its CRM stays.

    `heard` is told of every call before it is answered: a test may kill somebody then.
    """

    def __init__(
        self,
        crm: TinyCrm,
        *,
        token: str = "tiny-token",  # noqa: S107  of a server that only this machine reaches
        port: int = 0,
        heard: Callable[[str, int], None] | None = None,
    ) -> None:
        self.crm = crm
        self.token = token
        self.counts: Counter[str] = Counter()
        self.heard = heard
        self._failures: list[Failure] = []
        self._lock = threading.Lock()
        made = type("_Bound", (_Handler,), {"tiny": self})
        self._server = _Server((LOOPBACK, port), made)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """The address of its interface."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}/api/"

    def fail(self, call: str, how: Failing, *, times: int = 1, skip: int = 0) -> None:
        """Let the next calls that begin so fail: `POST /api/batch`."""
        with self._lock:
            self._failures.append(Failure(call, how, times, skip))

    def heal(self) -> None:
        """Let no call fail any more."""
        with self._lock:
            self._failures.clear()

    @property
    def calls(self) -> int:
        """How many calls came, whatever their answer was."""
        return sum(self.counts.values())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def failure(self, call: str) -> Failing | None:
        """Count a call, and say how it shall fail."""
        with self._lock:
            self.counts[_plain(call)] += 1
            for one in self._failures:
                if call.startswith(one.call) and one.times > 0:
                    if one.skip > 0:
                        one.skip -= 1
                        continue
                    one.times -= 1
                    return one.how
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  the base's
        """Take no notice of who went away in the middle: somebody is killed here now and then."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    tiny: TinyServer
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's name
        """Say nothing: a query may hold what nobody should read."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        call = f"{self.command} {parts.path}"
        body = self._body()
        if body is None:
            self._send(_json({"error": "too large"}, 413))
            return
        is_test = parts.path.startswith(("/test/", "/people/"))
        how = None if is_test else self.tiny.failure(call)
        if self.tiny.heard is not None and not is_test:
            self.tiny.heard(call, self.tiny.calls)
        if how is Failing.LOST_BEFORE:
            self._drop()
            return
        early = _EARLY.get(how) if how else None
        answer = early or self._answer(parts.path, parts.query, body)
        if how is Failing.LOST_AFTER:
            self._drop()
            return
        self._send(answer, is_cut=how is Failing.CUT)

    def _answer(self, path: str, query: str, body: bytes) -> _Answer:
        if self.headers.get("Authorization") != f"Bearer {self.tiny.token}":
            return _json({"error": "who are you?"}, 401)
        asked = {name: values[-1] for name, values in parse_qs(query).items()}
        steps = [unquote(step) for step in path.strip("/").split("/")]
        try:
            given = json.loads(body) if body else {}
            return _route(self.tiny, self.command, steps, asked, given, self.headers.get("Range"))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            return _json({"error": f"that is not understood: {type(error).__name__}"}, 400)

    def _body(self) -> bytes | None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > BODY_BYTES_MAX:
            self.close_connection = True
            return None
        return self.rfile.read(length)

    def _send(self, answer: _Answer, *, is_cut: bool = False) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(answer.body[: len(answer.body) // 2] if is_cut else answer.body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # who asked is gone
        if is_cut:
            self._drop()

    def _drop(self) -> None:
        self.close_connection = True
        try:
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def _json(value: object, status: int = 200) -> _Answer:
    return _Answer(status, json.dumps(value, ensure_ascii=False).encode())


_NOTHING: Final = _json({"error": "there is no such thing here"}, 404)
_EARLY: Final[dict[Failing, _Answer]] = {
    Failing.BUSY: _Answer(429, b"{}", headers=(("Retry-After", "1"),)),
    Failing.BROKEN: _Answer(500, b'{"error": "out of order"}'),
    Failing.EXPIRED: _Answer(401, b'{"error": "the token has expired"}'),
    Failing.HTML: _Answer(200, b"<html><body>Sign in</body></html>", "text/html"),
    Failing.HIDDEN: _Answer(200, b'{"error": "limit of the instance exceeded"}'),
}


def _route(
    tiny: TinyServer,
    method: str,
    steps: Sequence[str],
    asked: dict[str, str],
    given: Any,  # noqa: ANN401  JSON that nobody has looked at yet
    span: str | None,
) -> _Answer:
    crm = tiny.crm
    match method, *steps:
        case "GET", "api", "describe":
            return _json({"objects": _described()})
        case "GET", "api", "records", name if name in OBJECTS:
            return _records(crm, name, asked)
        case "GET", "api", "gone", name if name in OBJECTS:
            limit = _limit(asked)
            rows = crm.gone(name, _since(asked), asked.get("since_id", ""), limit + 1)
            held = {"rows": rows[:limit], "more": len(rows) > limit, "now": crm.moment()}
            return _json(held)
        case "POST", "api", "batch":
            return _batch(crm, given["writes"])
        case "GET", "api", "files":
            return _json({"files": crm.files(json.loads(asked["receipts"]))})
        case "GET", "api", "files", file:
            return _content(crm, file, span)
        case _, "api", "uploads", *rest:
            return _upload(crm, method, rest, given)
        case _, "people" | "test", *_:
            return _aside(tiny, method, steps, asked, given)
        case _:
            return _NOTHING


def _aside(
    tiny: TinyServer,
    method: str,
    steps: Sequence[str],
    asked: dict[str, str],
    given: Any,  # noqa: ANN401  likewise
) -> _Answer:
    """Do what no program of a company does: what people do, and what tests do."""
    match method, *steps:
        case "PUT", "people", name, record if name in OBJECTS:
            tiny.crm.put(name, {**given, "id": record})
            return _json({})
        case "DELETE", "people", name, record if name in OBJECTS:
            tiny.crm.delete(name, record, asked.get("into", ""))
            return _json({})
        case "POST", "test", "fail":
            tiny.fail(given["call"], Failing(given["how"]), times=int(given.get("times", 1)))
            return _json({})
        case "GET", "test", "counts":
            return _json({"calls": dict(tiny.counts), "effects": len(tiny.crm.effects())})
        case "GET", "test", "dump":
            return _Answer(200, tiny.crm.dump().encode(), "text/plain; charset=utf-8")
        case _:
            return _NOTHING


def _records(crm: TinyCrm, name: str, asked: dict[str, str]) -> _Answer:
    if "ids" in asked:
        ids = json.loads(asked["ids"])[:PAGE_MAX]
        found = crm.found(name, ids)
        lost = [record for record in ids if record not in {item.id for item in found}]
        gone = [{"id": record, "into": crm.merged_into(name, record)} for record in lost]
        return _json({"rows": [item.as_json() for item in found], "gone": gone})
    limit = _limit(asked)
    now = crm.moment()  # before the reading: what comes while we read is told next time
    items = crm.changed(name, _since(asked), asked.get("since_id", ""), limit + 1)
    rows = [item.as_json() for item in items[:limit]]
    return _json({"rows": rows, "more": len(items) > limit, "now": now})


def _batch(crm: TinyCrm, writes: Sequence[dict[str, Any]]) -> _Answer:
    if len(writes) > BATCH_MAX:
        return _json({"error": f"more than {BATCH_MAX} rows"}, 413)
    rows = [
        RowWrite(
            one["object"], one["id"], one["fields"], one["key"], one["slot"], one.get("if_version")
        )
        for one in writes
    ]
    if any(row.object not in OBJECTS for row in rows):
        return _json({"error": "there is no such object"}, 400)
    answers = [crm.write(row) for row in rows]
    return _json({"results": [{"status": s, "detail": why} for s, why in answers]}, 207)


def _content(crm: TinyCrm, file: str, span: str | None) -> _Answer:
    found = _RANGE.fullmatch(span or "")
    start, end = (int(found[1]), int(found[2]) + 1) if found else (0, BODY_BYTES_MAX)
    held = crm.content(file, start, min(end, start + BODY_BYTES_MAX))
    if held is None:
        return _json({"error": "there is no such file"}, 404)
    part, size = held
    if found and start >= size:
        return _Answer(416, b"", headers=(("Content-Range", f"bytes */{size}"),))
    told = (("Content-Range", f"bytes {start}-{start + len(part) - 1}/{size}"),)
    kind = "application/octet-stream"
    return _Answer(206, part, kind, told) if found else _Answer(200, part, kind)


def _upload(crm: TinyCrm, method: str, rest: Sequence[str], given: Any) -> _Answer:  # noqa: ANN401
    match method, *rest:
        case ("POST",):
            status, offset = crm.upload(given)
            return _json({"offset": offset, "done": status == 200}, status)
        case "PUT", key:
            part = base64.b64decode(given["data"], validate=True)
            status, offset = crm.upload_part(key, int(given["offset"]), part)
            return _json({"offset": offset}, status)
        case "POST", key, "done":
            status, detail = crm.upload_done(key)
            return _json({"detail": detail}, status)
        case _:
            return _NOTHING


def _described() -> list[dict[str, Any]]:
    return [
        {"name": name, "fields": [asdict(field) for field in held]}
        for name, held in OBJECTS.items()
    ]


def _since(asked: dict[str, str]) -> str:
    given = asked.get("since", "")
    return moment_text(datetime.fromisoformat(given)) if given else ""


def _limit(asked: dict[str, str]) -> int:
    return max(1, min(int(asked.get("limit", "50")), PAGE_MAX))


def _plain(call: str) -> str:
    """Give a call without the names of records, to count by."""
    return "/".join(call.split("/")[:4])


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until somebody stops it."""
    parser = argparse.ArgumentParser(description="A small CRM, for trying an adapter.")
    parser.add_argument("--port", type=int, default=8800)
    parser.add_argument("--file", type=Path, default=None, help="keeps its content")
    parser.add_argument("--token", default="tiny-token")
    given = parser.parse_args(arguments)
    crm = TinyCrm(given.file, lambda: datetime.fromtimestamp(time.time(), UTC))
    with TinyServer(crm, token=given.token, port=given.port) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
