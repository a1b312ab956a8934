"""A server on this machine that passes calls on to another one, and hears them."""

import hashlib
import http.client
import socket
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

LOOPBACK: Final = "127.0.0.1"
WRITES: Final = ("PUT", "PATCH", "DELETE")
_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})


class Forwarding:
    """Passes calls on; it ends with the block.

    `heard` is told of every call before it is passed on: a test may kill somebody then. What
    changed a record is kept: method, path and a digest of what was sent.
    """

    def __init__(self, to: str, heard: Callable[[str, int], None] | None = None) -> None:
        self.to = urlsplit(to)
        self.heard = heard
        self.counts: Counter[str] = Counter()
        self.effects: list[tuple[str, ...]] = []
        self.lock = threading.Lock()
        self._lost: list[bool] = []
        made = type("_Bound", (_Handler,), {"forwarding": self})
        self._server = _Server((LOOPBACK, 0), made)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    @property
    def calls(self) -> int:
        """How many calls came."""
        return sum(self.counts.values())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def lose_reply(self, *, effect: bool) -> None:
        """Lose the reply to the next write, after or before it had its effect."""
        self._lost.append(effect)

    def loses(self, method: str) -> bool | None:
        """Say whether the reply to a call is lost, and then whether after its effect."""
        return self._lost.pop(0) if self._lost and method in WRITES else None

    def close(self) -> None:
        """End."""
        self.__exit__(None, None, None)

    def take_note(self, method: str, path: str) -> None:
        """Count a call, and tell who listens."""
        with self.lock:
            self.counts[method] += 1
            count = self.calls
        if self.heard is not None:
            self.heard(f"{method} {path}", count)

    def took_effect(self, method: str, path: str, body: bytes) -> None:
        """Keep a write that was answered well."""
        if method in WRITES:
            with self.lock:
                self.effects.append((method, path, hashlib.sha256(body).hexdigest()[:16]))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Who was killed reads no answer: nobody needs to hear of it."""


class _Handler(BaseHTTPRequestHandler):
    forwarding: Forwarding
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def setup(self) -> None:
        """Answer at once."""
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def pass_on(self) -> None:
        """Pass a call on, and its answer back."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        self.forwarding.take_note(self.command, path)
        lost = self.forwarding.loses(self.command)
        if lost is False:
            self.close_connection = True
            return
        to = self.forwarding.to
        kept = {name: text for name, text in self.headers.items() if name.lower() not in _HOP}
        onward = http.client.HTTPConnection(to.hostname or LOOPBACK, to.port, timeout=60)
        try:
            onward.request(self.command, self.path, body or None, kept)
            answer = onward.getresponse()
            content = answer.read()
            if answer.status < 300:
                self.forwarding.took_effect(self.command, path, body)
        finally:
            onward.close()
        if lost:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, text in answer.getheaders():
            if name.lower() not in _HOP and name.lower() not in ("server", "date"):
                self.send_header(name, text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


for _method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
    setattr(_Handler, f"do_{_method}", _Handler.pass_on)
