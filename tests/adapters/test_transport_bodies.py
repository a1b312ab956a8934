"""What the transport got for any REST API: judges, streams, uploads, and no way inside."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oddserver import TOKEN, Asked, OddServer, Told, odd_server

from crm_expenses.adapters.exchange import Limits, Reply, Request, Upload
from crm_expenses.adapters.transport import Transport
from crm_expenses.adapters.watch import is_open
from crm_expenses.errors import (
    AuthError,
    CrmExpensesError,
    RefusedError,
    RetryableError,
)

QUICK = Limits(
    connect_seconds=2, read_seconds=2, call_seconds=2, total_seconds=4, attempts_max=3,
    wait_seconds_first=0.01, chunk_bytes=1000,
)  # fmt: skip
Usual = Callable[[], CrmExpensesError]


@pytest.fixture
def server() -> Iterator[OddServer]:
    """A server that knows nothing yet."""
    with odd_server() as made:
        yield made


class Heard:
    """A gate that keeps what it is told."""

    def __init__(self) -> None:
        self.away: list[int] = []
        self.done_: list[tuple[int, int, bool]] = []
        self.entered = 0

    def enter(self, cost: int = 1) -> None:
        """Count."""
        self.entered += 1

    def closed(self, seconds: int) -> None:
        """Keep."""
        self.away.append(seconds)

    def done(self, *, sent: int, received: int, seconds: float, is_retry: bool) -> None:
        """Keep."""
        assert seconds >= 0
        self.done_.append((sent, received, is_retry))


def transport(server: OddServer, gate: Heard | None = None, **more: object) -> Transport:
    """Make a transport with a token."""
    secrets = {"Authorization": f"Bearer {TOKEN}"}
    return Transport("odd", server.url, secrets=secrets, limits=QUICK, gate=gate, **more)  # type: ignore[arg-type]


# --- judges -------------------------------------------------------------------------------------


def test_judge_makes_an_error_of_a_success(server: OddServer) -> None:
    """A 200 that a judge calls an error is one, and is sent again where it may heal."""
    told = iter([Told({"e": 1}), Told({"e": 1}), Told({"e": 0})])
    server.on("GET", "/x", lambda _asked: next(told))

    def judge(reply: Reply, _usual: Usual) -> CrmExpensesError | None:
        if reply.json() == {"e": 1}:
            return RetryableError("http.busy", crm="odd", request="x", status="200")
        return None

    assert transport(server).send(Request("GET", "x", judge=judge)).json() == {"e": 0}
    assert len(server.asked) == 3


def test_judge_makes_a_success_of_an_error(server: OddServer) -> None:
    """A 404 that a judge calls good is given back as a reply."""
    reply = transport(server).send(Request("GET", "x", judge=lambda _reply, _usual: None))
    assert reply.status == 404


def test_judge_may_ask_for_the_usual_meaning(server: OddServer) -> None:
    """A judge that does not know gives the usual error of the status."""
    server.on("GET", "/x", Told("", 401))
    with pytest.raises(AuthError):
        transport(server).send(Request("GET", "x", judge=lambda _reply, usual: usual()))


def test_wait_of_a_judge_keeps_all_away(server: OddServer) -> None:
    """How long a judge says to wait is told to the gate, for everybody."""
    server.on("GET", "/x", Told({}))
    gate = Heard()
    error = RetryableError("http.busy", retry_after=77, crm="odd", request="x", status="200")
    with pytest.raises(RetryableError):
        transport(server, gate).send(Request("GET", "x", judge=lambda _reply, _usual: error))
    assert gate.away == [77]


# --- streams ------------------------------------------------------------------------------------


def test_stream_gives_portions_and_counts_them(server: OddServer) -> None:
    """A body comes in portions of a bounded size, and its bytes are counted."""
    body, gate = bytes(range(256)) * 40, Heard()
    server.on("GET", "/file", Told(body))
    sent = transport(server, gate)
    portions = list(sent.stream(Request("GET", "file")))
    assert b"".join(portions) == body
    assert max(map(len, portions)) <= QUICK.chunk_bytes
    assert sent.counts.bytes_received == len(body)
    assert gate.done_ == [(0, len(body), False)]
    assert server.asked[0].token == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (Told("", 404), RefusedError),
        (Told("", 401), AuthError),
        (Told("", 503), RetryableError),
        (Told("", 302, {"Location": "http://evil.example/f"}), RefusedError),
    ],
)
def test_stream_of_an_error_raises(
    server: OddServer, told: Told, kind: type[CrmExpensesError]
) -> None:
    """A status that is no success raises before a byte is given."""
    server.on("GET", "/file", told)
    with pytest.raises(kind):
        next(transport(server).stream(Request("GET", "file")))
    assert len(server.asked) == 1


@contextmanager
def cut_off(head: bytes, body: bytes) -> Iterator[str]:
    """Serve one answer, and hang up in its middle."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        made, _ = listening.accept()
        with made:
            made.recv(65_536)
            made.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n" + body)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        thread.join()
        listening.close()


@pytest.mark.parametrize("head", [b"Content-Length: 5000", b"Transfer-Encoding: chunked"])
def test_stream_that_breaks_off_raises(head: bytes) -> None:
    """A file whose end does not come is an error: nobody keeps a part for the whole."""
    body = b"x" * 3000 if b"Length" in head else b"bb8\r\n" + b"x" * 3000 + b"\r\n"
    with cut_off(head, body) as url:
        portions = Transport("odd", url, limits=QUICK).stream(Request("GET", "f"))
        assert next(portions)
        with pytest.raises(RetryableError):
            list(portions)


def test_stream_elsewhere_is_refused(server: OddServer) -> None:
    """A stream goes to the allowed hosts only."""
    with pytest.raises(RefusedError):
        next(transport(server).stream(Request("GET", "http://evil.example/f")))
    assert server.asked == []


def test_stream_that_nobody_finishes_lets_go(server: OddServer) -> None:
    """Who stops reading in the middle leaves nothing open, and the call is counted."""
    server.on("GET", "/file", Told(b"x" * 50_000))
    gate = Heard()
    portions = transport(server, gate).stream(Request("GET", "file"))
    next(portions)
    portions.close()  # type: ignore[attr-defined]
    assert gate.done_ == [(0, 1000, False)]


# --- uploads ------------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=50), max_size=10), st.lists(st.integers(1, 60), min_size=1))
def test_upload_gives_its_bytes_in_any_sizes(portions: list[bytes], sizes: list[int]) -> None:
    """However it is read, an upload gives its bytes once, in order, and then none."""
    whole = b"".join(portions)
    body, read, at = Upload(len(whole), iter(portions)), b"", 0
    assert len(body) == len(whole)
    while portion := body.read(sizes[at % len(sizes)]):
        assert len(portion) <= sizes[at % len(sizes)]
        read, at = read + portion, at + 1
    assert read == whole
    assert body.read() == b""


def test_upload_is_sent_as_it_is_read(server: OddServer) -> None:
    """A body of known length is sent whole, with the token, and is counted."""
    server.on("POST", "/files", Told({"ok": True}))
    gate = Heard()
    body = Upload(60_000, (b"x" * 100 for _ in range(600)))
    headers = {"Content-Type": "application/octet-stream"}
    transport(server, gate).send(Request("POST", "files", upload=body, headers=headers))
    asked: Asked = server.asked[0]
    assert (asked.body, asked.headers["content-length"]) == (b"x" * 60_000, "60000")
    assert asked.token == f"Bearer {TOKEN}"
    assert gate.done_[0][0] == 60_000


def test_upload_is_sent_once(server: OddServer) -> None:
    """A body that was read is not sent a second time, whatever the answer."""
    server.on("POST", "/files", Told("", 503))
    with pytest.raises(RetryableError):
        transport(server).send(Request("POST", "files", upload=Upload(1, iter([b"x"]))))
    assert len(server.asked) == 1


# --- no way inside ------------------------------------------------------------------------------

INSIDE = [
    *("127.0.0.1", "127.255.0.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255"),  # noqa: S104
    *("192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1"),
    *("64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_address_inside_is_not_open(address: str) -> None:
    """Local, private, shared, link-local, reserved and wrapped addresses are inside."""
    assert not is_open(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_address_outside_is_open(address: str) -> None:
    """An address of the open network is open, wrapped or not."""
    assert is_open(address)


@contextmanager
def listener(host: str) -> Iterator[tuple[int, list[bytes]]]:
    """Listen, and keep what each who connects sends before hanging up."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    if family is socket.AF_INET6:
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listening.bind((host, 0))
    listening.listen()
    heard: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                made, _ = listening.accept()
            except OSError:
                return
            with made:
                made.settimeout(2)
                heard.append(made.recv(1000))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield int(listening.getsockname()[1]), heard
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


@pytest.mark.parametrize(
    ("bind", "host"),
    [("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "localhost"), ("::1", "[::1]")],
)
def test_nothing_is_sent_inside(bind: str, host: str) -> None:
    """With public_only a name or number that leads inside gets no byte, no token, no second try."""
    with listener(bind) as (port, heard):
        sent = Transport(
            "odd", f"http://{host}:{port}", secrets={"A": TOKEN}, limits=QUICK, public_only=True
        )
        with pytest.raises(RefusedError) as raised:
            sent.send(Request("GET", "x"))
        with pytest.raises(RefusedError):
            next(sent.stream(Request("GET", "x")))
    assert raised.value.code == "http.private"
    assert set(heard) == {b""}  # one that was let go of at once may not have been accepted


def test_proxy_of_the_surroundings_is_not_asked(
    server: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With public_only no proxy is asked: it would see inside for us."""
    with odd_server() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        with pytest.raises(RefusedError):
            transport(server, public_only=True).send(Request("GET", "x"))
        assert proxy.asked == server.asked == []
