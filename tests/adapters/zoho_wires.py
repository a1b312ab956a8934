"""What the tests of Zoho's wire share: a clock with hands, a gate that tells, a scripted server."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from crm_expenses.adapters.contract import Gate, Open, Opening
from crm_expenses.adapters.exchange import Clock, Limits
from crm_expenses.adapters.zoho.settings import ZohoSettings, zoho_settings
from crm_expenses.adapters.zoho.wire import Given, ZohoWire, open_wire
from crm_expenses.testing.zohosim import ZohoSim
from crm_expenses.testing.zohosim.site import Site

BEGIN: Final = datetime(2026, 6, 30, 12, tzinfo=UTC)
QUICK: Final = Limits(connect_seconds=5, read_seconds=5, call_seconds=5, total_seconds=30)
TOKEN_CALLS: Final = "POST /oauth/v2/token"  # noqa: S105  a call
SECRETS: Final = ("1000.client-secret-0042", "1000.refresh-token-0042", "1000.access-token-0042")
USERS: Final = "crm/v8/users"


class Hands:
    """A clock that moves when it is told to, and when somebody sleeps."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        with self._lock:
            self.slept.append(seconds)
            self.passed += seconds

    def moment(self) -> datetime:
        """Give the time, as a simulator wants it."""
        return BEGIN + timedelta(seconds=self.passed)

    def clock(self) -> Clock:
        """Give the clock as an adapter wants it."""
        return Clock(
            lambda: self.passed, lambda: self.moment().timestamp(), self.sleep, lambda: 0.5
        )


@dataclass
class Telling(Open):
    """A gate that stands open and remembers what it was told."""

    costs: list[int] = field(default_factory=list)
    closes: list[int] = field(default_factory=list)
    lefts: list[int] = field(default_factory=list)

    def enter(self, cost: int = 1) -> None:
        """Remember what a call costs."""
        self.costs.append(cost)

    def closed(self, seconds: int) -> None:
        """Remember for how long to stay away."""
        self.closes.append(seconds)

    def left(self, credits_left: int) -> None:
        """Remember what is left."""
        self.lefts.append(credits_left)


def settings_of(sim: ZohoSim, folder: Path, site: Site | None = None) -> ZohoSettings:
    """Give the settings of a simulated organisation, its secrets in files."""
    return zoho_settings(Opening("main", sim.settings(site, folder=folder)))


@contextmanager
def wired(
    sim: ZohoSim,
    folder: Path,
    *,
    hands: Hands | None = None,
    site: Site | None = None,
    gate: Gate | None = None,
    limits: Limits = QUICK,
    token: Given | None = None,
) -> Iterator[ZohoWire]:
    """Open a wire to a simulated organisation."""
    clock = hands.clock() if hands is not None else Clock(sleep=lambda _seconds: None)
    made = open_wire(
        settings_of(sim, folder, site), gate=gate or Open(), clock=clock, limits=limits, token=token
    )
    try:
        yield made
    finally:
        made.close()


def together(count: int, act: Callable[[], object]) -> list[BaseException]:
    """Let several threads do the same at once; give what they raised."""
    barrier, raised = threading.Barrier(count), list[BaseException]()

    def run() -> None:
        barrier.wait()
        try:
            act()
        except Exception as error:  # noqa: BLE001  told to the test
            raised.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return raised


@dataclass(frozen=True)
class Said:
    """One scripted answer."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    type: str = "application/json;charset=UTF-8"

    @property
    def content(self) -> bytes:
        """The bytes: of a text as they are, of anything else as JSON."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Heard:
    """One call that came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


TOKEN: Final = Said(body={"access_token": SECRETS[2], "expires_in": 3600, "token_type": "Bearer"})


class Scripted:
    """A server that gives answers in their order, the last one for ever; tokens beside them."""

    def __init__(self, *answers: Said, token: Said = TOKEN) -> None:
        self.heard: list[Heard] = []
        self._answers = list(answers)
        self.token = token
        self._lock = threading.Lock()
        made = type("_Bound", (_Handler,), {"script": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), made)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def api(self) -> list[Heard]:
        """The calls that were not for a token."""
        return [one for one in self.heard if not one.path.startswith("/oauth")]

    def answer(self, heard: Heard) -> Said:
        """Give the next answer."""
        with self._lock:
            self.heard.append(heard)
            if heard.path.startswith("/oauth"):
                return self.token
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def options(self, folder: Path) -> dict[str, Any]:
        """Give what `[crm.NAME]` says."""
        for name, secret in zip(("client_secret", "refresh_token"), SECRETS, strict=False):
            (folder / name).write_text(secret)
        return {
            "addresses": {"accounts": f"{self.url}/oauth", "api": self.url, "content": self.url},
            "client_id": "1000.CLIENT",
            "client_secret_file": str(folder / "client_secret"),
            "refresh_token_file": str(folder / "refresh_token"),
            "private_addresses": True,
        }

    @contextmanager
    def wired(
        self,
        folder: Path,
        *,
        hands: Hands | None = None,
        gate: Gate | None = None,
        **options: object,
    ) -> Iterator[ZohoWire]:
        """Open a wire to it."""
        settings = zoho_settings(Opening("main", {**self.options(folder), **options}))
        clock = hands.clock() if hands is not None else Clock(sleep=lambda _seconds: None)
        made = open_wire(settings, gate=gate or Open(), clock=clock, limits=QUICK)
        try:
            yield made
        finally:
            made.close()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def scripted(*answers: Said, token: Said = TOKEN) -> Iterator[Scripted]:
    """Run a server that gives answers in their order."""
    made = Scripted(*answers, token=token)
    try:
        yield made
    finally:
        made.close()


class _Handler(BaseHTTPRequestHandler):
    script: Scripted
    protocol_version = "HTTP/1.1"

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        names = {name.lower(): value for name, value in self.headers.items()}
        said = self.script.answer(Heard(self.command, self.path, names, body))
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        if said.status not in (204, 304):
            self.send_header("Content-Type", said.type)
            self.send_header("Content-Length", str(len(said.content)))
        self.end_headers()
        if said.status not in (204, 304):
            self.wfile.write(said.content)

    do_GET = do_POST = _any  # noqa: N815  names that the library calls

    def log_message(self, *_: object) -> None:
        """Say nothing."""
