"""The transport, against a recorded CRM (`responses`) and against real sockets on this machine."""

import json
import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import responses
from responses import matchers

from crm_expenses.adapters.exchange import (
    Clock,
    Limits,
    Request,
    Secret,
    read_json,
    retry_after_seconds,
)
from crm_expenses.adapters.transport import MAY_HAVE_ACTED, Transport
from crm_expenses.errors import (
    AuthError,
    ConfigError,
    ConflictError,
    CrmExpensesError,
    RefusedError,
    RetryableError,
    UnsupportedError,
)

BASE = "https://crm.example.com/api/"
TOKEN = "t0p-s3cret-t0ken"  # noqa: S105  made up, to be looked for in every text
PRIVATE = "priv" + "ate"  # in no source line, so that no traceback shows it
QUICK = Limits(connect_seconds=1, read_seconds=1, call_seconds=1, total_seconds=3, attempts_max=1)


class FakeClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self, wall: float = 0.0) -> None:
        self.now = 1000.0
        self.wall = wall
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> Clock:
        """Give it as the transport wants it, with the longest jitter."""
        return Clock(lambda: self.now, lambda: self.wall, self.sleep, lambda: 1.0)


def transport(fake: FakeClock | None = None, **options: object) -> Transport:
    """Make a transport with a token, to an address that only `responses` answers."""
    clock = (fake or FakeClock()).clock()
    secrets = {"Authorization": f"Bearer {TOKEN}"}
    return Transport("main", BASE, secrets=secrets, clock=clock, **options)  # type: ignore[arg-type]


def texts_of(error: BaseException) -> str:
    """Give every text that an error can show, with all that hangs on it."""
    found, waiting = [], [error]
    while waiting:
        one = waiting.pop()
        found += [str(one), repr(one), repr(vars(one)), *traceback.format_exception(one)]
        waiting += [e for e in (one.__cause__, one.__context__) if e is not None]
    if isinstance(error, CrmExpensesError):
        found += [error.describe("en"), error.describe("zh")]
    return "\n".join(found)


# --- against a recorded CRM ---------------------------------------------------------------------


@responses.activate
def test_reply_is_read_exactly_and_the_token_is_sent() -> None:
    """A reading call carries the token to the CRM and gives numbers as Decimal, and is counted."""
    responses.get(
        BASE + "claims",
        body=b'{"amount": 0.1, "n": 3}',
        match=[
            matchers.header_matcher({"Authorization": f"Bearer {TOKEN}"}),
            matchers.query_param_matcher({"page": "2"}),
        ],
    )
    sent = transport()
    reply = sent.send(Request("GET", "claims", query={"page": "2"}))
    assert reply.json() == {"amount": Decimal("0.1"), "n": 3}
    assert (sent.counts.calls, sent.counts.retries, sent.counts.bytes_received) == (1, 0, 23)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, RefusedError, "http.refused"),
        (401, AuthError, "http.auth"),
        (403, AuthError, "http.permission"),
        (404, RefusedError, "http.not_found"),
        (405, UnsupportedError, "http.unsupported"),
        (407, AuthError, "http.auth"),
        (409, ConflictError, "http.conflict"),
        (410, RefusedError, "http.not_found"),
        (412, ConflictError, "http.conflict"),
        (422, RefusedError, "http.refused"),
        (304, RefusedError, "http.refused"),
        (429, RetryableError, "http.busy"),
        (500, RetryableError, "http.server"),
        (501, UnsupportedError, "http.unsupported"),
        (503, RetryableError, "http.busy"),
        (504, RetryableError, "http.server"),
    ],
)
@responses.activate
def test_each_status_becomes_its_own_error(
    status: int, kind: type[CrmExpensesError], code: str
) -> None:
    """A status that is not a success becomes the error that says what to do, in two languages."""
    responses.post(BASE + "claims", status=status)
    with pytest.raises(kind) as caught:
        transport().send(Request("POST", "claims", json={"a": 1}))
    assert caught.value.code == code
    assert type(caught.value) is kind
    assert "{" not in caught.value.describe("en") + caught.value.describe("zh")


@responses.activate
def test_accepted_status_is_a_reply() -> None:
    """A status that the adapter accepts is given back, body and all."""
    responses.get(BASE + "claims", status=404, body=b'{"code": "NO_SUCH"}')
    reply = transport().send(Request("GET", "claims", accept={404}))
    assert (reply.status, reply.json()) == (404, {"code": "NO_SUCH"})


@responses.activate
def test_reading_is_repeated_with_growing_bounded_waits() -> None:
    """A failing reading call is repeated as often as the limit says, waiting longer each time."""
    responses.get(BASE + "claims", status=500)
    fake = FakeClock()
    sent = transport(fake, limits=Limits(attempts_max=4, wait_seconds_max=1.5))
    with pytest.raises(RetryableError):
        sent.send(Request("GET", "claims"))
    assert fake.slept == [0.5, 1.0, 1.5]
    assert (sent.counts.calls, sent.counts.retries) == (4, 3)


@responses.activate
def test_repetition_ends_with_the_first_success() -> None:
    """Once the CRM answers well, its reply is given."""
    responses.get(BASE + "claims", status=503)
    responses.get(BASE + "claims", body=b"[]")
    assert transport().send(Request("GET", "claims")).json() == []


@responses.activate
def test_jitter_shortens_the_wait() -> None:
    """The wait is a chance share of its bound, so that many clients do not come back at once."""
    responses.get(BASE + "claims", status=500)
    fake = FakeClock()
    clock = replace(fake.clock(), jitter=lambda: 0.25)
    sent = Transport("main", BASE, limits=Limits(attempts_max=2), clock=clock)
    with pytest.raises(RetryableError):
        sent.send(Request("GET", "claims"))
    assert fake.slept == [0.125]


@responses.activate
def test_writing_is_not_repeated_unless_declared_safe() -> None:
    """A POST goes once, and again only when the adapter declares that this does no harm."""
    responses.post(BASE + "claims", status=503)
    once = transport()
    with pytest.raises(RetryableError):
        once.send(Request("POST", "claims"))
    again = transport(limits=Limits(attempts_max=3))
    with pytest.raises(RetryableError):
        again.send(Request("POST", "claims", repeatable=True))
    assert (once.counts.calls, again.counts.calls) == (1, 3)


@responses.activate
def test_refusal_is_not_repeated() -> None:
    """What will not succeed is not tried again."""
    responses.get(BASE + "claims", status=400)
    sent = transport()
    with pytest.raises(RefusedError):
        sent.send(Request("GET", "claims"))
    assert sent.counts.calls == 1


@pytest.mark.parametrize("value", ["7", "Thu, 01 Jan 1970 00:01:47 GMT"])
@responses.activate
def test_retry_after_is_honoured_in_both_forms(value: str) -> None:
    """The CRM's own waiting time counts, as seconds or as a date by the injected clock."""
    responses.get(BASE + "claims", status=429, headers={"Retry-After": value})
    responses.get(BASE + "claims", body=b"[]")
    fake = FakeClock(wall=100.0)
    transport(fake).send(Request("GET", "claims"))
    assert fake.slept == [7.5]  # 7, and up to half a second of jitter


@responses.activate
def test_waiting_beyond_the_total_time_is_left_to_the_caller() -> None:
    """A waiting time beyond the limit is not slept through; the error carries it."""
    responses.get(BASE + "claims", status=429, headers={"Retry-After": "3600"})
    fake = FakeClock()
    with pytest.raises(RetryableError) as caught:
        transport(fake).send(Request("GET", "claims"))
    assert (caught.value.retry_after, fake.slept) == (3600, [])


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0), ("Thu, 01 Jan 1970 00:00:10 GMT", 0), ("", None), ("-5", None), ("１２", None),
     ("1.5", None), ("9" * 12, None), ("Thu, 99 Foo", None),
     ("Thu, 01 Jan 1970 00:01:31 -0000", 31)],
)  # fmt: skip
def test_retry_after_reads_only_what_it_knows(value: str, seconds: int | None) -> None:
    """A past date is no wait; anything malformed is as if nothing had been said."""
    assert retry_after_seconds(value, 60) == seconds


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<html>", "http.not_json"),
        (b"", "http.not_json"),
        (b'{"a": 1', "http.not_json"),
        (b'{"a": 1, "a": 1}', "http.json_twice"),
        (b'[{"b": {"a": 1, "a": 2}}]', "http.json_twice"),
        (b"[NaN]", "http.json_number"),
        (b"[-Infinity]", "http.json_number"),
        (b'["\xff"]', "http.not_json"),
        (b'["\\ud800"]', "http.not_json"),
        (b'{"\\uDFFF": 1}', "http.not_json"),
        (b"[" * 100_000, "http.not_json"),
        (b"9" * 5000, "http.not_json"),
    ],
)
def test_doubtful_json_is_refused(body: bytes, code: str) -> None:
    """JSON whose meaning is not certain is refused whole, and no text holds the body."""
    with pytest.raises(RefusedError) as caught:
        read_json(body)
    assert caught.value.code == code
    assert caught.value.__context__ is None


def test_json_keeps_exact_numbers_and_pairs() -> None:
    """Numbers keep their digits, pairs of surrogates are one character, a BOM is no matter."""
    read = read_json(
        b'\xef\xbb\xbf{"a": 1234567890.10, "b": 1e2, "c": "\\ud83d\\ude00", "d": null}'
    )
    assert read == {
        "a": Decimal("1234567890.10"),
        "b": Decimal("1E+2"),
        "c": "\U0001f600",
        "d": None,
    }
    assert str(read["a"]) == "1234567890.10"  # type: ignore[index, call-overload]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/api/claims",
        "//evil.example/claims",
        "http://crm.example.com/api/claims",
        "http://crm.example.com:443/api/claims",
        "https://crm.example.com:8443/api/claims",
        "https://crm.example.com@evil.example/",
        "https://user:pw@crm.example.com/api/",
        "https://crm.example.com\\@evil.example/",
        "https://crm.example.com.evil.example/",
        "https://[bad/",
        "https://crm.example.com:port/",
        "file:///etc/passwd",
        "claims\r\nX: y",
    ],
)
@responses.activate
def test_other_hosts_are_refused_and_nothing_is_sent(target: str) -> None:
    """A link to another host, port or scheme is refused before anything is sent."""
    sent = transport()
    with pytest.raises(RefusedError) as caught:
        sent.send(Request("GET", target))
    assert caught.value.code == "http.elsewhere"
    assert len(responses.calls) == 0


@responses.activate
def test_links_within_the_allowed_hosts_are_followed() -> None:
    """A next link to the base address's host or to an allowed host carries the token there."""
    for url in (BASE + "p2", "https://crm.example.com/other/p3", "https://files.example.com/p4"):
        responses.get(url, body=b"1")
    sent = transport(allowed_hosts=["files.example.com"])
    for target in (BASE + "p2#x", "/other/p3", "https://files.example.com/p4"):
        assert sent.send(Request("GET", target)).json() == 1
    tokens = {call.request.headers["Authorization"] for call in responses.calls}
    assert tokens == {f"Bearer {TOKEN}"}


@responses.activate
def test_redirects_are_not_followed() -> None:
    """A redirect is an error that names the host; the other address sees no request."""
    responses.get(BASE + "claims", status=302, headers={"Location": "https://evil.example/x"})
    elsewhere = responses.get("https://evil.example/x", body=b"[]")
    with pytest.raises(RefusedError) as caught:
        transport().send(Request("GET", "claims"))
    assert caught.value.code == "http.redirect"
    assert "evil.example" in caught.value.describe("zh")
    assert elsewhere.call_count == 0


@pytest.mark.parametrize(
    ("base_url", "code"),
    [
        ("http://crm.example.com/", "http.plain"),
        ("http://10.0.0.1/", "http.plain"),
        ("ftp://crm.example.com/", "http.base_url"),
        ("crm.example.com", "http.base_url"),
        ("https://me:hunter2@crm.example.com/", "http.base_url"),
        ("https://crm.example.com/?key=hunter2", "http.base_url"),
        ("https://crm.example.com:hunter2/", "http.base_url"),
        ("https://crm.example.com/ hunter2", "http.base_url"),
        ("https://crm.example.com/#hunter2", "http.base_url"),
    ],
)
def test_doubtful_base_addresses_are_refused(base_url: str, code: str) -> None:
    """An address without TLS, or with a password in it, is refused and not shown."""
    with pytest.raises(ConfigError) as caught:
        Transport("main", base_url)
    assert caught.value.code == code
    assert "hunter2" not in caught.value.describe("en") + caught.value.describe("zh")


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:9"])
def test_plain_http_is_for_this_machine_or_stated(host: str) -> None:
    """http:// works on loopback, and elsewhere when the settings state it."""
    assert host in repr(Transport("main", f"http://{host}/"))
    Transport("main", "http://crm.example.com/", plain_http=True)


@responses.activate
def test_no_secret_in_any_text(caplog: pytest.LogCaptureFixture) -> None:
    """Neither repr nor log nor any error, with all that hangs on it, shows a secret."""
    caplog.set_level(logging.DEBUG)
    responses.get(BASE + "ok", body=b"[]")
    responses.get(BASE + "bad", status=401)
    sent = transport(limits=Limits(attempts_max=2))
    request = Request("GET", "ok", headers={"X-Extra": TOKEN}, form={"client_secret": TOKEN})
    sent.send(request)
    texts = [repr(sent), str(sent), repr(sent.counts), repr(request), repr(vars(sent))]
    for target in ("bad", "unknown-to-responses"):  # the second is a ConnectionError
        with pytest.raises((AuthError, RetryableError)) as caught:
            sent.send(Request("GET", target, query={"q": PRIVATE}))
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
        texts.append(texts_of(caught.value))
    texts.append(caplog.text)
    assert not [text for text in texts if TOKEN in text]
    assert PRIVATE not in "\n".join(texts[5:])
    assert "crm=main method=GET path=/api/ok status=200" in caplog.text


@pytest.mark.parametrize(
    "value", [f"{TOKEN}\r\nX: y", f"{TOKEN}\n", f" {TOKEN}", "令牌" + TOKEN, ""]
)
def test_secret_that_no_header_can_hold_is_refused_unseen(value: str) -> None:
    """A token with a line break is refused at once, in words that do not show it."""
    with pytest.raises(ConfigError) as caught:
        Transport("main", BASE, secrets={"Authorization": value})
    assert caught.value.code == "http.header"
    assert TOKEN not in texts_of(caught.value)


@responses.activate
def test_renewed_token_is_used() -> None:
    """After a refresh, the new token is sent and the old one is not."""
    responses.get(BASE + "claims", body=b"[]")
    sent = transport()
    sent.renew({"Authorization": Secret("Bearer new")})
    sent.send(Request("GET", "claims"))
    assert responses.calls[0].request.headers["Authorization"] == "Bearer new"


@responses.activate
def test_json_and_form_bodies() -> None:
    """A JSON body goes as UTF-8 with its type; a form as a form."""
    responses.post(BASE + "a", match=[matchers.json_params_matcher({"名": "值"})])
    responses.post(BASE + "b", match=[matchers.urlencoded_params_matcher({"grant": "x"})])
    transport().send(Request("POST", "a", json={"名": "值"}))
    transport().send(Request("POST", "b", form={"grant": "x"}))
    first = responses.calls[0].request
    assert first.body == json.dumps({"名": "值"}, ensure_ascii=False).encode()
    assert first.headers["Content-Type"] == "application/json"


# --- against real sockets -----------------------------------------------------------------------

Handle = Callable[[socket.socket], None]


@contextmanager
def raw_server(handle: Handle) -> Iterator[str]:
    """Run a server that reads a request's head and leaves the rest to `handle`."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    if connection.recv(65536).endswith(b"\r\n\r\n"):
                        handle(connection)
                except OSError:
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        stop.set()
        with socket.socket() as waker:  # wakes accept, which close does not
            waker.settimeout(1)
            waker.connect_ex(listener.getsockname())
        thread.join(5)
        listener.close()


def drip(connection: socket.socket, start: bytes) -> None:
    """Send a byte every 50 ms, for at most 20 seconds."""
    connection.sendall(start)
    for _ in range(400):
        connection.sendall(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1",
        b"HTTP/1.1 200 OK\r\nX-Long: ",
        b"HTTP",
    ],
    ids=["length", "close", "chunked", "header", "status"],
)
def test_dripping_server_is_cut_off(start: bytes) -> None:
    """A server that drips never holds a call beyond its total time, in head or body."""
    with raw_server(lambda connection: drip(connection, start)) as url:
        limits = replace(QUICK, call_seconds=0.5)
        begun = time.monotonic()
        with pytest.raises(RetryableError) as caught:
            Transport("main", url, limits=limits).send(Request("GET", "x"))
        assert time.monotonic() - begun < 2
    assert caught.value.code == "http.timeout"
    assert "0.5" in caught.value.describe("en")


def test_dripping_is_cut_off_on_a_kept_connection_too() -> None:
    """The second call on a connection that was kept is bounded like the first."""

    def answer_then_drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")
        if connection.recv(65536):
            drip(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")

    with raw_server(answer_then_drip) as url:
        sent = Transport("main", url, limits=replace(QUICK, call_seconds=0.5))
        assert sent.send(Request("GET", "x")).json() == 1
        begun = time.monotonic()
        with pytest.raises(RetryableError) as caught:
            sent.send(Request("GET", "x"))
        assert time.monotonic() - begun < 2
        sent.close()
    assert caught.value.code == "http.timeout"


def test_silent_server_is_a_timeout() -> None:
    """A server that says nothing is given up after the read time-out."""
    with raw_server(lambda connection: time.sleep(1.0)) as url:
        limits = replace(QUICK, read_seconds=0.3, call_seconds=5)
        with pytest.raises(RetryableError) as caught:
            Transport("main", url, limits=limits).send(Request("POST", "x"))
    assert caught.value.code == "http.timeout"
    assert caught.value.code in MAY_HAVE_ACTED


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1,",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n[1,",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nxxxx",
        b"",
        b"nonsense\r\n\r\n",
    ],
    ids=["length", "chunked", "gzip", "nothing", "nonsense"],
)
def test_cut_reply_is_lost_and_a_write_may_have_acted(sent: bytes) -> None:
    """A reply that ends too soon is an error that says that the request may have had its effect."""
    server = raw_server(lambda connection: connection.sendall(sent))
    with server as url, pytest.raises(RetryableError) as caught:
        Transport("main", url, limits=QUICK).send(Request("POST", "x"))
    assert caught.value.code == "http.lost"
    assert caught.value.code in MAY_HAVE_ACTED


def test_cut_reply_of_a_reading_call_is_read_again() -> None:
    """A truncated body (ChunkedEncodingError) counts as retryable: the next attempt is whole."""
    replies = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1,",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]",
    ]
    with raw_server(lambda connection: connection.sendall(replies.pop(0))) as url:
        clock = replace(FakeClock().clock())
        sent = Transport("main", url, limits=replace(QUICK, attempts_max=2), clock=clock)
        assert sent.send(Request("GET", "x")).json() == [1]
    assert (sent.counts.calls, sent.counts.retries) == (2, 1)


def test_reset_connection_is_lost() -> None:
    """A connection that is reset after the request is a lost reply."""

    def reset(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with raw_server(reset) as url, pytest.raises(RetryableError) as caught:
        Transport("main", url, limits=QUICK).send(Request("POST", "x"))
    assert caught.value.code == "http.lost"


def test_closed_port_is_unreachable_and_nothing_was_sent() -> None:
    """Where nobody listens, nothing was sent, and the error says so."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    with pytest.raises(RetryableError) as caught:
        Transport("main", url, limits=QUICK).send(Request("POST", "x"))
    assert caught.value.code == "http.unreachable"
    assert caught.value.code not in MAY_HAVE_ACTED
    assert "Connection refused" in caught.value.describe("en")


def test_plain_reply_to_tls_is_lost_not_a_crash() -> None:
    """A server that does not speak TLS where it should is an error of ours."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        sent = Transport("main", url, limits=QUICK)

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(10)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        with pytest.raises(RetryableError):
            sent.send(Request("GET", ""))
        thread.join(5)


class SmallCrm(BaseHTTPRequestHandler):
    """A CRM that counts connections, sets a cookie and answers with what it was sent."""

    protocol_version = "HTTP/1.1"
    seen: list[dict[str, str]] = []  # noqa: RUF012  the handler is made anew for each request

    def do_GET(self) -> None:
        """Answer."""
        self.seen.append({name.lower(): value for name, value in self.headers.items()})
        body = b"[" + b" " * 5000 + b"]" if self.path == "/large" else b"[]"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "session=abc")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def small_crm() -> Iterator[str]:
    """Run the small CRM and give its address."""
    SmallCrm.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), SmallCrm)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join(5)
    server.server_close()


def test_too_large_reply_is_refused(small_crm: str) -> None:
    """A reply beyond the limit is not read further."""
    sent = Transport("main", small_crm, limits=replace(QUICK, body_bytes_max=1000, chunk_bytes=100))
    with pytest.raises(RefusedError) as caught:
        sent.send(Request("GET", "large"))
    assert caught.value.code == "http.large"
    assert sent.send(Request("GET", "small")).json() == []
    sent.close()


def test_calls_stand_alone(
    small_crm: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a cookie of an earlier reply nor a .netrc of the user comes into a call."""
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:  # noqa: PTH123
        file.write("machine 127.0.0.1 login me password hunter2\n")
    monkeypatch.setenv("NETRC", netrc)
    sent = Transport("main", small_crm, secrets={"X-Token": TOKEN}, limits=QUICK)
    bare = Transport("main", small_crm, limits=QUICK)
    for one in (sent, sent, bare):
        one.send(Request("GET", "x"))
    assert [seen.get("x-token") for seen in SmallCrm.seen] == [TOKEN, TOKEN, None]
    assert not [seen for seen in SmallCrm.seen if "cookie" in seen or "authorization" in seen]
    sent.close()
    bare.close()
    sent.close()


def test_watch_of_one_call_does_not_cut_the_next(small_crm: str) -> None:
    """A connection kept for the next call is not cut by the watch of an earlier one."""
    sent = Transport("main", small_crm, limits=replace(QUICK, call_seconds=0.2))
    sent.send(Request("GET", "x"))
    time.sleep(0.3)
    assert sent.send(Request("GET", "x")).json() == []
    sent.close()
