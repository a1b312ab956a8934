"""Webhooks: a CRM says that something changed, and a pull is due. Nothing else happens.

A message is believed where its signature (HMAC-SHA256) is that of a secret that only the CRM and we
know, it is not older than the settings allow, and it was not there before. A CRM that cannot sign
sends the secret itself, in a field of its JSON: the only thing of a message that is read, and never
trusted: what changed is asked of the CRM itself. `application` is a WSGI application, to stand
behind a real server.
"""

import base64
import binascii
import hashlib
import hmac
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crm_expenses.adapters.exchange import Clock, read_json
from crm_expenses.crmsettings import Encoding, Signed, WebhookPart
from crm_expenses.errors import ConfigError, RefusedError, StoreError
from crm_expenses.settings import Settings
from crm_expenses.store import open_store

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

BODY_BYTES_MAX: Final = 1_048_576
SECRET_BYTES_MIN: Final = 16
KEPT: Final = timedelta(days=1)
"""How long a message without a time of its own is remembered."""
AGAIN_SECONDS: Final = 30

_LOG: Final = logging.getLogger("crm_expenses.webhook")


class Verdict(Enum):
    """What became of a message."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    UNKNOWN = "unknown"
    METHOD = "method"
    UNSIGNED = "unsigned"
    STALE = "stale"
    NO_LENGTH = "no_length"
    TOO_LARGE = "too_large"
    AWAY = "away"


ANSWERS: Final = {
    Verdict.ACCEPTED: "202 Accepted",
    Verdict.REPEATED: "200 OK",
    Verdict.UNKNOWN: "404 Not Found",
    Verdict.METHOD: "405 Method Not Allowed",
    Verdict.UNSIGNED: "401 Unauthorized",
    Verdict.STALE: "401 Unauthorized",
    Verdict.NO_LENGTH: "411 Length Required",
    Verdict.TOO_LARGE: "413 Content Too Large",
    Verdict.AWAY: "503 Service Unavailable",
}
"""The whole of each answer: it tells a forger nothing."""


def receive(
    settings: Settings, crm: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> Verdict:
    """Look at a message; where it is the CRM's, mark that a pull is due.

    Names of headers are in lower case.

    Raises:
        ConfigError: the secret is not where the settings say.
        StoreError: the store is away: the CRM shall send it again.
    """
    connection = settings.connections.get(crm)
    part = connection.parts.webhook if connection is not None else None
    if part is None:
        return Verdict.UNKNOWN
    if len(body) > BODY_BYTES_MAX:
        return Verdict.TOO_LARGE
    stamp = headers.get(part.timestamp_header.lower(), "") if part.timestamp_header else ""
    signed = stamp.encode("latin-1", "replace") + b"." + body
    if part.signed is Signed.BODY:
        signed = body
    secret = secret_of(settings, crm, part)
    if part.token_field:
        given, made = _token(body, part.token_field), secret
    else:
        given = _signature(headers.get(part.signature_header.lower(), ""), part)
        made = hmac.digest(secret, signed, "sha256")
    if given is None or not hmac.compare_digest(given, made):
        return Verdict.UNSIGNED
    if part.timestamp_header and not _is_fresh(stamp, now, part.replay_seconds):
        return Verdict.STALE
    kept = timedelta(seconds=2 * part.replay_seconds) if part.signed is Signed.TIMED else KEPT
    digest = hashlib.sha256(signed).hexdigest()
    with open_store(settings.store) as store:
        is_new = store.hear(crm, digest, now, kept)
    return Verdict.ACCEPTED if is_new else Verdict.REPEATED


def secret_of(settings: Settings, crm: str, part: WebhookPart) -> bytes:
    """Read the secret of a webhook; it is in no text of ours.

    Raises:
        ConfigError: it is not there, or too short to be one.
    """
    if part.secret_file:
        place = settings.base / part.secret_file
        held = _read(crm, place)
        shown = str(place)
    else:
        held = os.environ.get(part.secret_variable, "").encode("utf-8", "surrogateescape")
        shown = part.secret_variable
    if len(held) < SECRET_BYTES_MIN:
        raise _no_secret(crm, shown, f"{len(held)} bytes")
    return held


def application(settings: Settings, clock: Clock | None = None) -> "WSGIApplication":
    """Give a WSGI application: POST /NAME for each connection that has a webhook.

    Raises:
        ConfigError: no connection has one, or a secret is not where the settings say.
    """
    parts = {name: held.parts.webhook for name, held in settings.connections.items()}
    hooks = {name: part for name, part in parts.items() if part is not None}
    if not hooks:
        raise ConfigError("webhook.none")
    for name, part in hooks.items():
        secret_of(settings, name, part)
    time = clock if clock is not None else Clock()

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        now = datetime.fromtimestamp(time.wall(), UTC)
        verdict = _answered(settings, hooks.keys(), environ, now)
        said = ANSWERS[verdict].encode() + b"\n"
        headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(said)))]
        if verdict is Verdict.AWAY:
            headers.append(("Retry-After", str(AGAIN_SECONDS)))
        if verdict is Verdict.METHOD:
            headers.append(("Allow", "POST"))
        start_response(ANSWERS[verdict], headers)
        return [said]

    return answer


def _answered(
    settings: Settings, known: Iterable[str], environ: "WSGIEnvironment", now: datetime
) -> Verdict:
    try:
        crm = environ.get("PATH_INFO", "").encode("latin-1").decode().removeprefix("/")
    except UnicodeError:
        return Verdict.UNKNOWN
    if crm not in known:
        return Verdict.UNKNOWN
    if environ.get("REQUEST_METHOD") != "POST":
        return Verdict.METHOD
    length = str(environ.get("CONTENT_LENGTH") or "")
    if not (length.isascii() and length.isdecimal()):
        return Verdict.NO_LENGTH
    if len(length) > 12 or int(length) > BODY_BYTES_MAX:
        return Verdict.TOO_LARGE
    body = environ["wsgi.input"].read(int(length))
    try:
        verdict = receive(settings, crm, _headers(environ), body, now)
    except (StoreError, ConfigError) as error:  # what is wrong is ours, and nobody else's
        _LOG.warning("crm=%s webhook=failed code=%s", crm, error.code)
        return Verdict.AWAY
    _LOG.info("crm=%s webhook=%s", crm, verdict.value)
    return verdict


def _headers(environ: "WSGIEnvironment") -> dict[str, str]:
    """Give the headers of a request by their names in lower case."""
    return {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }


def _signature(value: str, part: WebhookPart) -> bytes | None:
    """Read a signature; None for what is none."""
    text = value.strip()
    if part.prefix:
        if not text.startswith(part.prefix):
            return None
        text = text.removeprefix(part.prefix)
    try:
        if part.encoding is Encoding.HEX:
            return bytes.fromhex(text) if len(text) == 64 else None
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        return None


def _token(body: bytes, name: str) -> bytes | None:
    """Read the secret that stands in a field of a message; None where it is no such message.

    >>> [_token(body, "token") for body in (b'{"token": "hush"}', b"[]", b'{"token": 1}')]
    [b'hush', None, None]
    """
    try:
        held = read_json(body)
    except RefusedError:
        return None
    given = held.get(name) if isinstance(held, dict) else None
    return given.encode() if isinstance(given, str) else None


def _is_fresh(stamp: str, now: datetime, seconds: int) -> bool:
    """Say whether a time (seconds or milliseconds since 1970, or ISO 8601) is near enough.

    >>> noon = datetime(2026, 6, 30, 12, tzinfo=UTC)
    >>> [_is_fresh(t, noon, 300) for t in ("1782820700", "1782820700000", "2026-06-30T12:04:59Z")]
    [True, True, True]
    >>> [_is_fresh(t, noon, 300) for t in ("", "1782820000", "2026-06-30T12:00:00", "soon")]
    [False, False, False, False]
    """
    text = stamp.strip()
    try:
        if text.isascii() and text.isdecimal() and len(text) <= 13:
            millis = int(text) if len(text) == 13 else int(text) * 1000
            at = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=millis)
        else:
            at = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return False
    return at.tzinfo is not None and abs(now - at) <= timedelta(seconds=seconds)


def _read(crm: str, place: Path) -> bytes:
    try:
        return place.read_bytes().strip()
    except OSError as error:
        detail = error.strerror or type(error).__name__
    raise _no_secret(crm, str(place), detail)


def _no_secret(crm: str, place: str, detail: str) -> ConfigError:
    limit = str(SECRET_BYTES_MIN)
    return ConfigError("webhook.secret", crm=crm, path=place, detail=detail, limit=limit)


@dataclass(frozen=True)
class Listener:
    """Where the server for trying out listens."""

    host: str
    port: int


def listener(value: str) -> Listener:
    """Read an address and a port.

    >>> listener("127.0.0.1:8080"), listener("[::1]:0").host
    (Listener(host='127.0.0.1', port=8080), '::1')

    Raises:
        ConfigError: it is none.
    """
    host, _, port = value.rpartition(":")
    host = host.strip("[]")
    if host and port.isascii() and port.isdecimal() and int(port) < 65_536:
        return Listener(host, int(port))
    raise ConfigError("webhook.listen", value=value[:60] or "-", detail="address:port")
