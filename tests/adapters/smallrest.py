"""A small REST server on loopback whose answers a test gives, and which keeps what it was asked."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Told:
    """An answer; a body that is no text is sent as JSON."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class SmallRest:
    """A running server: its address, and what it was asked."""

    url: str
    asked: list[Asked]


@contextmanager
def serving(answer: Callable[[Asked], Told]) -> Iterator[SmallRest]:
    """Serve until the end of the block."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            is_json = "json" in self.headers.get("Content-Type", "")
            made = Asked(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query)),
                {name.lower(): held for name, held in self.headers.items()},
                json.loads(raw) if raw and is_json else raw,
            )
            asked.append(made)
            told = answer(made)
            is_text = isinstance(told.body, str)
            body = told.body if is_text else json.dumps(told.body, ensure_ascii=False)
            sent = b"" if told.body is None else body.encode()
            self.send_response(told.status)
            kind = "text/html" if is_text else "application/json"
            for name, held in {"Content-Type": kind, **told.headers}.items():
                self.send_header(name, held)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: object) -> None:
            pass

    for method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
        setattr(Handler, f"do_{method}", Handler._any)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield SmallRest(f"http://127.0.0.1:{server.server_port}", asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
