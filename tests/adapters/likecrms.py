"""Small servers on loopback that answer as a CRM's documentation says, and what drives them."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from crm_expenses.adapters.contract import (
    Ack,
    ClaimResult,
    LineResult,
    Opening,
    ResultKind,
    WriteBack,
)
from crm_expenses.adapters.exchange import Clock, Limits
from crm_expenses.adapters.rest.client import RestAdapter, open_rest
from crm_expenses.adapters.rest.speckind import ConnectionFile
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.record import Kind, Record

KEY = "secret-4711"

Held = Any
"""What stands in a field over there."""


@dataclass(frozen=True)
class Asked:
    """One request: the path without its encoding, parameters in their order, the JSON or form."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: Any = None
    form: Mapping[str, str] = field(default_factory=dict)

    def one(self, name: str, default: str = "") -> str:
        """Give the value of a parameter that stands there once."""
        values = self.query.get(name, [default])
        assert len(values) == 1, f"{name} stands there {len(values)} times"
        return values[0]


@dataclass(frozen=True)
class Told:
    """One answer; `text` is a body that is no JSON."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


class Likeness(Protocol):
    """A CRM's imitation: it answers, and `base` is the path of its API."""

    base: str

    def answer(self, asked: Asked) -> Told:
        """Answer one request."""
        ...


@dataclass
class Served:
    """An imitation that is being served, and what it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)

    def writes(self) -> list[Asked]:
        """Give what was asked by another method than GET."""
        return [one for one in self.asked if one.method != "GET"]


@contextmanager
def served(crm: Likeness) -> Iterator[Served]:
    """Serve an imitation on loopback."""
    held = Served("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _go(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            names = {name.lower(): text for name, text in self.headers.items()}
            is_form = names.get("content-type", "").startswith("application/x-www-form")
            form = {n: v[0] for n, v in parse_qs(raw.decode()).items()} if is_form else {}
            body = json.loads(raw) if raw and not is_form else None
            query = parse_qs(parts.query, keep_blank_values=True)
            asked = Asked(self.command, unquote(parts.path), query, names, body, form)
            held.asked.append(asked)
            told = crm.answer(asked)
            content = told.text or ("" if told.body is None else json.dumps(told.body))
            data = content.encode()
            self.send_response(told.status)
            if data:
                kind = "text/html" if told.text else "application/json"
                self.send_header("Content-Type", kind)
            for name, text in told.headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _go  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        held.url = f"http://127.0.0.1:{server.server_address[1]}{crm.base}"
        yield held
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def opened(
    folder: Path, connection: str, secret: str, *, key: str = KEY, **options: object
) -> RestAdapter:
    """Open a shipped connection; its secret stands in a file, repetitions do not wait."""
    (folder / "secret").write_text(key)
    given = {
        "connection": connection,
        f"{secret}_file": "secret",
        "timezone": "Asia/Shanghai",
        "private_addresses": True,
        **options,
    }
    limits = Limits(call_seconds=20, attempts_max=2, wait_seconds_first=0)
    clock = Clock(sleep=lambda _seconds: None)
    return open_rest(Opening("main", given, folder), clock=clock, limits=limits)


def small_pages(adapter: RestAdapter, size: int = 2) -> RestAdapter:
    """Let an adapter ask for few records a page."""
    held: ConnectionFile = adapter.wire.held
    kinds = {
        kind: part.model_copy(
            update={"paging": part.paging and part.paging.model_copy(update={"size": size})}
        )
        for kind, part in held.kind.items()
    }
    paging = held.paging.model_copy(update={"size": size})
    adapter.wire.held = held.model_copy(update={"paging": paging, "kind": kinds})
    return adapter


@dataclass(frozen=True)
class Pulled:
    """What a pull gave."""

    records: Mapping[str, Record]
    aside: Mapping[str, str]
    gone: frozenset[str]
    cursor: str
    pages: int


def pulled(adapter: RestAdapter, kind: Kind, since: str | None = None) -> Pulled:
    """Pull a kind to its end."""
    records: dict[str, Record] = {}
    aside: dict[str, str] = {}
    gone: set[str] = set()
    cursor, pages = since or "", 0
    for page in adapter.pull(kind, since):
        records |= {fact.record.id: fact.record for fact in page.facts}
        aside |= {one.origin.record: one.problems[0].describe() for one in page.set_aside}
        gone |= {one.origin.record for one in page.gone}
        cursor, pages = page.cursor, pages + 1
    return Pulled(records, aside, frozenset(gone), cursor, pages)


def claim_write(record: str, version: str = "", **changes: Held) -> WriteBack:
    """Make the write of a claim's result."""
    values: dict[str, Any] = {
        "claim": record, "outcome": Outcome.REDUCED, "state": State.IN_APPROVAL,
        "claimed": Money(12_345, "EUR"), "allowed": Money(10_050, "EUR"),
        "findings_en": "meal.day: 23.45 too much", "findings_zh": "餐费超标 23.45",
        "waiting_for": "P-1", "policy": "acme 1", "decision": "d1", "content_code": "c0de",
    }  # fmt: skip
    result = ClaimResult(**{**values, **changes})
    return WriteBack(f"key-{record}", ResultKind.CLAIM_RESULT, record, result, version=version)


def line_write(record: str, claim: str) -> WriteBack:
    """Make the write of a line's result."""
    result = LineResult(
        record, claim, Outcome.REDUCED, Money(12_345, "EUR"), Money(10_050, "EUR"), "too much", "超"
    )
    return WriteBack(f"line-{record}", ResultKind.LINE_RESULT, record, result)


def acks(adapter: RestAdapter, *writes: WriteBack) -> Sequence[Ack]:
    """Push some writes."""
    return adapter.push(writes)


def version_of(adapter: RestAdapter, kind: Kind, record: str) -> str:
    """Give the version of a record as a pull gives it."""
    (fact,) = adapter.look(kind, [record]).facts
    return fact.origin.version


def now() -> datetime:
    """Give the imitation's time."""
    return datetime.fromtimestamp(Clock().wall(), UTC)
