"""Connections: requests off the wire, answers on it, whole, slow, cut or not at all."""

import itertools
import socket
import sys
import threading
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

from crm_expenses.testing.zohosim.asking import Answer, Ask
from crm_expenses.testing.zohosim.faults import Fault

LOOPBACK: Final = "127.0.0.1"
BODY_BYTES_MAX: Final = 110_000_000
_PIECES: Final = 20
_numbers = itertools.count(1)


class Answering(Protocol):
    """What answers requests."""

    hang_seconds: float
    slow_seconds: float
    ended: threading.Event

    def answer(self, ask: Ask) -> tuple[Answer, frozenset[Fault]]:
        """Answer one call, and say what becomes of the answer on its way."""

    def date(self, faults: frozenset[Fault]) -> Any:  # noqa: ANN401  a moment
        """Give the time that answers carry."""


class Server(ThreadingHTTPServer):
    """A server that knows its open connections, to end them with itself."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.open: set[socket.socket] = set()
        self.open_lock = threading.Lock()
        super().__init__(address, handler)

    def server_close(self) -> None:
        """End all connections, and wait for those who served them."""
        with self.open_lock:
            for connection in self.open:
                _end(connection)
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  the base's
        """Take no notice of who went away in the middle."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection and the requests on it."""

    sim: Answering
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def setup(self) -> None:
        """Begin: give the connection a number."""
        super().setup()
        self.number = next(_numbers)
        with self.server.open_lock:
            self.server.open.add(self.connection)

    def finish(self) -> None:
        """End."""
        with self.server.open_lock:
            self.server.open.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's name
        """Say nothing: a query may hold what nobody should read."""

    def do_GET(self) -> None:
        """Serve."""
        self._serve()

    def do_POST(self) -> None:
        """Serve."""
        self._serve()

    def do_PUT(self) -> None:
        """Serve."""
        self._serve()

    def do_PATCH(self) -> None:
        """Serve."""
        self._serve()

    def do_DELETE(self) -> None:
        """Serve."""
        self._serve()

    def _serve(self) -> None:
        path, _, query = self.path.partition("?")
        body = self._body()
        if body is None:
            self._send(Answer(413, b"", ""), frozenset())
            self.close_connection = True
            return
        ask = Ask(
            self.command,
            path,
            dict(parse_qsl(query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            body,
            self.number,
        )
        answer, faults = self.sim.answer(ask)
        if faults & {Fault.HANG_BEFORE, Fault.HANG_AFTER}:
            self.sim.ended.wait(self.sim.hang_seconds)
            self._drop()
        elif faults & {Fault.DROP_BEFORE, Fault.DROP_AFTER}:
            self._drop()
        else:
            self._send(answer, faults)

    def _body(self) -> bytes | None:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = int(self.headers.get("Content-Length") or 0)
        if length > BODY_BYTES_MAX:
            return None
        body = self.rfile.read(length)
        if len(body) < length:  # who asked went away in the middle: nothing was asked
            raise ConnectionResetError
        return body

    def _chunks(self) -> bytes | None:
        held = bytearray()
        while len(held) <= BODY_BYTES_MAX:
            head = self.rfile.readline(20).split(b";")[0].strip()
            if not head:
                return None  # who sent it is gone
            size = int(head, 16)
            held += self.rfile.read(size)
            self.rfile.readline(3)
            if size == 0:
                return bytes(held)
        return None

    def _send(self, answer: Answer, faults: frozenset[Fault]) -> None:
        lines = [f"HTTP/1.1 {answer.status} {self.responses.get(answer.status, ('',))[0]}"]
        lines.append(f"Date: {format_datetime(self.sim.date(faults), usegmt=True)}")
        if answer.type:
            lines.append(f"Content-Type: {answer.type}")
        if answer.status not in {204, 304}:
            lines.append(f"Content-Length: {len(answer.body)}")
        lines += [f"{name}: {value}" for name, value in answer.headers]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        try:
            if Fault.CUT in faults:
                self.wfile.write(head + answer.body[: len(answer.body) // 2])
                self._drop()
            elif Fault.SLOW in faults:
                self._send_slowly(head, answer.body)
            else:
                self.wfile.write(head + answer.body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # who asked is gone

    def _send_slowly(self, head: bytes, body: bytes) -> None:
        self.wfile.write(head)
        size = max(1, len(body) // _PIECES)
        for start in range(0, len(body), size):
            if self.sim.ended.wait(self.sim.slow_seconds / _PIECES):
                break
            self.wfile.write(body[start : start + size])

    def _drop(self) -> None:
        self.close_connection = True
        _end(self.connection)


def _end(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
