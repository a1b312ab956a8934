"""Transport and gate together, against a real server on this machine that asks us to wait."""

import email.utils
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from crm_expenses.adapters.exchange import Clock, Limits, Request
from crm_expenses.adapters.manners import CallCount, CrmGate, OwnLedger
from crm_expenses.adapters.transport import Transport
from crm_expenses.crmsettings import LimitsPart
from crm_expenses.errors import AllowanceError, RetryableError

Answer = tuple[int, dict[str, str], bytes]
BUSY: Answer = (429, {"Retry-After": "1"}, b"")
GOOD: Answer = (200, {}, b'{"a": 1}')


@dataclass
class Crm:
    """A server that gives these answers in turn, the last one again and again."""

    answers: list[Answer]
    url: str = ""
    at: list[float] = field(default_factory=list)

    def next(self) -> Answer:
        """Note when it was asked, and give the next answer."""
        self.at.append(time.monotonic())
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def crm_with(*answers: Answer) -> Iterator[Crm]:
    """Serve on a free port of this machine."""
    crm = Crm(list(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, body = crm.next()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  the name that the server asks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    crm.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield crm
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def called(
    crm: Crm, ledger: OwnLedger, *, calls_max: int | None = None, rate: int = 0, **limits: float
) -> Iterator[tuple[Transport, CrmGate]]:
    """Open a transport with its gate."""
    told = LimitsPart(calls_per_second=Decimal(rate))
    gate = CrmGate("main", told, ledger, calls_max=calls_max)
    bounds = Limits(wait_seconds_first=0.01, **limits)  # type: ignore[arg-type]
    transport = Transport("main", crm.url, limits=bounds, gate=gate)
    try:
        yield transport, gate
    finally:
        transport.close()


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_keeps_the_others_away_too(status: int) -> None:
    """One process is told to wait a second: nobody's next call is made before it is over."""
    ledger = OwnLedger()
    with (
        crm_with((status, {"Retry-After": "1"}, b""), GOOD) as crm,
        called(crm, ledger) as (first, first_gate),
        called(crm, ledger) as (second, second_gate),
    ):
        with pytest.raises(RetryableError) as caught:
            first.send(Request("POST", "claims", json={"a": "é"}))
        assert caught.value.retry_after == 1
        assert second.send(Request("GET", "claims")).status == 200
        assert first.send(Request("GET", "claims")).status == 200
    assert [round(at - crm.at[0], 1) >= 1 for at in crm.at] == [False, True, True]
    assert second_gate.count.waited >= 0.9
    assert (first_gate.count.sent, first_gate.count.received) == (len(b'{"a": "\xc3\xa9"}'), 8)


def test_retry_after_as_a_date_is_honoured_by_a_repetition() -> None:
    """A reading call comes again after the date that the server named, and is counted as such."""
    date = email.utils.formatdate(time.time() + 2, usegmt=True)
    with (
        crm_with((503, {"Retry-After": date}, b"later"), GOOD) as crm,
        called(crm, OwnLedger()) as (transport, gate),
    ):
        assert transport.send(Request("GET", "claims")).status == 200
    assert crm.at[1] - crm.at[0] >= 0.9
    assert (gate.count.calls, gate.count.retries, transport.counts.retries) == (2, 1, 1)


def test_retry_after_beyond_the_total_time_is_left_to_the_caller_and_kept() -> None:
    """An hour is not slept: the error names it, and the next run's first call is not made."""
    ledger = OwnLedger()
    with (
        crm_with((429, {"Retry-After": "3600"}, b"")) as crm,
        called(crm, ledger) as (transport, _),
        called(crm, ledger) as (later, _),
    ):
        for one in (transport, later):
            with pytest.raises(RetryableError) as caught:
                one.send(Request("GET", "claims"))
            assert 3590 < (caught.value.retry_after or 0) <= 3600
    assert len(crm.at) == 1


def test_repetitions_are_calls_of_the_run() -> None:
    """A CRM that always fails gets as many attempts as the run has calls, and not one more."""
    with (
        crm_with((503, {}, b"")) as crm,
        called(crm, OwnLedger(), calls_max=3) as (transport, gate),
        pytest.raises(AllowanceError) as caught,
    ):
        transport.send(Request("GET", "claims"))
    assert caught.value.code == "manners.calls_max"
    assert (len(crm.at), gate.count.calls) == (3, 3)


def test_repetitions_are_bounded_in_number_without_any_limit() -> None:
    """Five attempts, then the error of the last."""
    with (
        crm_with((500, {}, b"")) as crm,
        called(crm, OwnLedger()) as (transport, gate),
        pytest.raises(RetryableError, match="500"),
    ):
        transport.send(Request("GET", "claims"))
    assert len(crm.at) == gate.count.calls == 5
    assert gate.count.retries == 4


def test_two_at_once_keep_the_rate_together() -> None:
    """Two connections at ten calls a second: the server never sees eleven in a second."""
    ledger = OwnLedger()

    def several(transport: Transport) -> Callable[[], None]:
        return lambda: [transport.send(Request("GET", "a")) for _ in range(8)] and None

    with (
        crm_with(GOOD) as crm,
        called(crm, ledger, rate=10) as (first, _),
        called(crm, ledger, rate=10) as (second, _),
    ):
        threads = [Thread(target=several(one)) for one in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(crm.at) == 16
    slack = 0.05  # what the way to the server may differ from call to call
    assert all(beyond - at >= 1 - slack for at, beyond in zip(crm.at, crm.at[10:], strict=False))


def test_waiting_at_the_gate_does_not_shorten_the_call() -> None:
    """The time for a call begins when it is let in, however long it waited before."""

    class Slow:
        """A gate at which one waits longer than a call may take."""

        def __init__(self) -> None:
            self.now = 0.0
            self.seen: list[CallCount] = []

        def enter(self, cost: int = 1) -> None:
            self.now += 400

        def closed(self, seconds: int) -> None:
            raise AssertionError(seconds)

        def done(self, *, sent: int, received: int, seconds: float, is_retry: bool) -> None:
            self.seen.append(CallCount(1, int(is_retry), sent, received, seconds))

    gate = Slow()
    clock = Clock(lambda: gate.now, lambda: gate.now, lambda _: None, lambda: 0.0)
    with crm_with((500, {}, b"no"), (500, {}, b"no"), GOOD) as crm:
        transport = Transport("main", crm.url, clock=clock, gate=gate)
        assert transport.send(Request("GET", "claims")).status == 200
        transport.close()
    assert [count.retries for count in gate.seen] == [0, 1, 1]
    assert [count.received for count in gate.seen] == [2, 2, 8]


def test_form_and_lost_replies_are_counted() -> None:
    """Bytes of a form count as sent, also where there was no reply."""
    gate = CrmGate("main", LimitsPart(), OwnLedger())
    transport = Transport("main", "http://127.0.0.1:9/", gate=gate, limits=Limits(attempts_max=1))
    with pytest.raises(RetryableError):
        transport.send(Request("POST", "token", form={"a": "b c"}))
    transport.close()
    assert (gate.count.calls, gate.count.sent, gate.count.received) == (1, len("a=b+c"), 0)
