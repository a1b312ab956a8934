"""Webhooks over real HTTP: only what the CRM has signed, fresh and once, makes a pull due."""

import base64
import hashlib
import hmac
import http.client
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.validate import validator

import pytest

from crm_expenses.adapters.exchange import Clock
from crm_expenses.errors import ConfigError
from crm_expenses.settings import Settings, load_settings
from crm_expenses.store import open_store
from crm_expenses.store import tables as t
from crm_expenses.webhook import BODY_BYTES_MAX, Verdict, application, listener, receive

SECRET = "hush-hush-4711-0815"  # noqa: S105  made up, to be looked for in every text
VARIABLE = "TEST_WEBHOOK_SECRET"
NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
BODY = b'{"event": "changed", "id": "0017"}'

COMPANY = """
[company]
name = "Small"

[policy]
file = "policy.toml"

[crm.main]
adapter = "files"
"""
SIGNED = """
[crm.main.webhook]
secret_variable = "TEST_WEBHOOK_SECRET"
signature_header = "X-Signature"
prefix = "sha256="
"""
TIMED = (
    SIGNED
    + """
timestamp_header = "X-Time"
signed = "timestamp.body"
replay_seconds = 300
"""
)

GIVEN = """
[crm.main.webhook]
secret_variable = "TEST_WEBHOOK_SECRET"
token_field = "token"
"""


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CRM's secret is in the environment."""
    monkeypatch.setenv(VARIABLE, SECRET)


def settings_in(folder: Path, webhook: str = SIGNED, more: str = "") -> Settings:
    """Load settings with a webhook."""
    path = folder / "crm_expenses.toml"
    path.write_text(COMPANY + webhook + more, encoding="utf-8")
    return load_settings(path)


def signature(signed: bytes, secret: str = SECRET) -> str:
    """Sign as the CRM does."""
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def due(settings: Settings) -> dict[str, int]:
    """Give what is marked as due."""
    with open_store(settings.store) as store:
        return store.due()


@dataclass
class Answer:
    """What the server answered."""

    status: int
    body: str
    headers: dict[str, str]


@dataclass
class Server:
    """A server on this machine; `now` is what its clock says."""

    port: int
    now: datetime = NOW

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Send a request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            reply = connection.getresponse()
            held = {name.lower(): value for name, value in reply.getheaders()}
            return Answer(reply.status, reply.read().decode(), held)
        finally:
            connection.close()

    def post(self, body: bytes, path: str = "/main", **headers: str) -> Answer:
        """Send a message."""
        return self.ask("POST", path, body, **headers)


@contextmanager
def serving(settings: Settings, *, validated: bool = True) -> Iterator[Server]:
    """Run the application; the standard library looks whether it keeps to WSGI."""
    held = Server(0)

    def now() -> float:
        return held.now.timestamp()

    made = application(settings, Clock(wall=now))

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with make_server(
        "127.0.0.1", 0, validator(made) if validated else made, handler_class=Quiet
    ) as server:
        held.port = server.server_port
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield held
        finally:
            server.shutdown()
            thread.join()


def test_a_signed_message_makes_a_pull_due_once(tmp_path: Path) -> None:
    """The first is accepted and marks; the very same again changes nothing."""
    settings = settings_in(tmp_path)
    with serving(settings) as server:
        first = server.post(BODY, X_Signature=signature(BODY))
        assert (first.status, due(settings)) == (202, {"main": 1})
        again = server.post(BODY, X_Signature=signature(BODY))
        assert (again.status, due(settings)) == (200, {"main": 1})
        other = server.post(b"", x_signature=signature(b""))
        assert (other.status, due(settings)) == (202, {"main": 2})


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256=",
        signature(BODY)[7:],
        signature(BODY, "another-secret-4711"),
        signature(BODY + b" "),
        signature(BODY)[:-1],
        "sha256=" + "zz" * 32,
        "sha1=" + signature(BODY)[7:],
        "sha256=" + "é" * 64,
    ],
)
def test_what_is_not_signed_so_is_refused(tmp_path: Path, header: str) -> None:
    """A signature that is missing, of another secret, body or kind: 401, and no store is made."""
    settings = settings_in(tmp_path)
    with serving(settings) as server:
        answer = server.post(BODY, X_Signature=header.encode("utf-8").decode("latin-1"))
    assert (answer.status, answer.body) == (401, "401 Unauthorized\n")
    assert not (tmp_path / "crm_expenses.sqlite3").exists()


def test_the_time_is_signed_too_and_old_messages_are_refused(tmp_path: Path) -> None:
    """A message counts near its time only; another time makes its signature wrong."""
    settings = settings_in(tmp_path, TIMED)
    stamp = str(int(NOW.timestamp()))
    signed = signature(stamp.encode() + b"." + BODY)
    with serving(settings) as server:
        assert server.post(BODY, X_Signature=signed).status == 401
        assert server.post(BODY, X_Signature=signature(BODY), X_Time=stamp).status == 401
        later = str(int(stamp) + 1)
        assert server.post(BODY, X_Signature=signed, X_Time=later).status == 401
        for minutes in (-6, 6):
            server.now = NOW + timedelta(minutes=minutes)
            assert server.post(BODY, X_Signature=signed, X_Time=stamp).status == 401
        assert not (tmp_path / "crm_expenses.sqlite3").exists()
        server.now = NOW + timedelta(minutes=4)
        assert server.post(BODY, X_Signature=signed, X_Time=stamp).status == 202
        assert server.post(BODY, X_Signature=signed, X_Time=stamp).status == 200
    assert due(settings) == {"main": 1}


def test_base64_without_prefix_from_a_file(tmp_path: Path) -> None:
    """Another CRM's way of writing it; the line end of the secret's file is not part of it."""
    (tmp_path / "secret").write_text(SECRET + "\n", "utf-8")
    webhook = '[crm.main.webhook]\nsecret_file = "secret"\nsignature_header = "Sig"\n'
    webhook += 'encoding = "base64"\n'
    settings = settings_in(tmp_path, webhook)
    made = hmac.digest(SECRET.encode(), BODY, "sha256")
    good = base64.b64encode(made).decode()
    assert receive(settings, "main", {"sig": good + "!"}, BODY, NOW) is Verdict.UNSIGNED
    assert receive(settings, "main", {"sig": good}, BODY, NOW) is Verdict.ACCEPTED


def with_token(token: object, **more: object) -> bytes:
    """Write a message as a CRM does that cannot sign."""
    return json.dumps({"module": "Deals", "token": token, **more}).encode()


def test_of_a_crm_that_cannot_sign_the_secret_in_the_body_is_the_proof(tmp_path: Path) -> None:
    """The secret in the named field of the JSON makes a pull due; doubled, it changes nothing."""
    settings = settings_in(tmp_path, GIVEN)
    with serving(settings) as server:
        assert server.post(with_token(SECRET)).status == 202
        assert (server.post(with_token(SECRET)).status, due(settings)) == (200, {"main": 1})
        late = server.post(with_token(SECRET, server_time=1782820000000))
        assert (late.status, due(settings)) == (202, {"main": 2})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"not JSON",
        SECRET.encode(),
        with_token(None),
        with_token(""),
        with_token([SECRET]),
        with_token({"token": SECRET}),
        with_token(SECRET[:-1]),
        with_token(SECRET + " "),
        json.dumps({"Token": SECRET}).encode(),
        b'{"token": "x", "token": "%s"}' % SECRET.encode(),
        b'{"token": "\\ud800"}',
        b"[" * 100_000,
    ],
)
def test_a_forged_token_is_refused(tmp_path: Path, body: bytes) -> None:
    """Another token, another field, a body that is no object: 401, and no store is made.

    A signature of the secret is no token, either.
    """
    settings = settings_in(tmp_path, GIVEN)
    with serving(settings) as server:
        answer = server.post(body, X_Signature=signature(body))
    assert (answer.status, answer.body) == (401, "401 Unauthorized\n")
    assert not (tmp_path / "crm_expenses.sqlite3").exists()


def test_a_token_is_in_no_text(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the log nor the answer nor the store holds what came in the body."""
    settings = settings_in(tmp_path, GIVEN)
    with caplog.at_level(logging.DEBUG), serving(settings) as server:
        answers = [server.post(with_token(one)) for one in (SECRET, SECRET + "x")]
    texts = [caplog.text, (tmp_path / "crm_expenses.sqlite3").read_bytes().decode("latin-1")]
    texts += [one.body + repr(one.headers) for one in answers]
    assert not [text for text in texts if SECRET in text or "Deals" in text]


def test_messages_are_forgotten_after_their_time(tmp_path: Path) -> None:
    """The table of messages does not grow for ever."""
    settings = settings_in(tmp_path, TIMED)
    for minutes in (0, 4, 8, 30):
        at = NOW + timedelta(minutes=minutes)
        stamp = at.isoformat()
        headers = {"x-time": stamp, "x-signature": signature(stamp.encode() + b"." + BODY)}
        assert receive(settings, "main", headers, BODY, at) is Verdict.ACCEPTED
    with open_store(settings.store) as store, store.reading() as connection:
        assert len(connection.execute(t.message.select()).all()) == 1


def test_other_requests_are_answered_and_do_nothing(tmp_path: Path) -> None:
    """Another method, path, length or size has its own answer, before anything is looked at."""
    settings = settings_in(tmp_path, more='\n[crm.quiet]\nadapter = "files"\n')
    good = signature(BODY)
    with serving(settings, validated=False) as server:  # or it refuses wrong lengths itself
        got = server.ask("GET", "/main")
        assert (got.status, got.headers["allow"]) == (405, "POST")
        for path in ("/", "/none", "/quiet", "/main/", "/main/x", "/%FF", "/..%2Fmain"):
            assert server.post(BODY, path, X_Signature=good).status == 404
        assert server.post(BODY, X_Signature=good, Content_Length="x").status == 411
        large = server.ask("POST", "/main", b"", Content_Length=str(BODY_BYTES_MAX + 1))
        assert large.status == 413
        assert server.ask("POST", "/main", b"", Content_Length="9" * 30).status == 413
    assert not (tmp_path / "crm_expenses.sqlite3").exists()
    body = b" " * (BODY_BYTES_MAX + 1)
    headers = {"x-signature": signature(body)}
    assert receive(settings, "main", headers, body, NOW) is Verdict.TOO_LARGE


def test_a_store_that_is_away_lets_the_crm_send_again(tmp_path: Path) -> None:
    """503 with a time, and nothing of what is wrong with us; then the same message is accepted."""
    settings = settings_in(tmp_path)
    settings.store.write_text("no store at all" * 100)  # type: ignore[union-attr]
    with serving(settings) as server:
        answer = server.post(BODY, X_Signature=signature(BODY))
        assert (answer.status, answer.body) == (503, "503 Service Unavailable\n")
        assert answer.headers["retry-after"] == "30"
        settings.store.unlink()  # type: ignore[union-attr]
        assert server.post(BODY, X_Signature=signature(BODY)).status == 202


def test_a_run_takes_the_mark_away_only_if_nothing_newer_came(tmp_path: Path) -> None:
    """A message that comes while a run is on stays due."""
    settings = settings_in(tmp_path)
    receive(settings, "main", {"x-signature": signature(b"1")}, b"1", NOW)
    with open_store(settings.store) as store:
        number = store.due()["main"]
        receive(settings, "main", {"x-signature": signature(b"2")}, b"2", NOW)
        assert not store.no_longer_due("main", number)
        assert store.due() == {"main": 2}
        assert store.no_longer_due("main", 2)
        assert store.due() == {}


def test_the_secret_is_in_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither logs nor errors nor answers nor the store hold secret, signature or body."""
    settings = settings_in(tmp_path)
    good = signature(BODY)
    texts = [repr(settings)]
    with caplog.at_level(logging.DEBUG), serving(settings) as server:
        for sent in (good, signature(BODY, "another-secret-4711")):
            answer = server.post(BODY, X_Signature=sent)
            texts += [answer.body, repr(answer.headers)]
        monkeypatch.setenv(VARIABLE, SECRET[:8])
        answer = server.post(BODY, X_Signature=good)
        assert answer.status == 503
        texts += [answer.body, repr(answer.headers)]
    with pytest.raises(ConfigError) as caught:
        application(settings)
    texts += [repr(caught.value), caught.value.describe("en"), caught.value.describe("zh")]
    texts += [caplog.text, (tmp_path / "crm_expenses.sqlite3").read_bytes().decode("latin-1")]
    assert "webhook=accepted" in caplog.text
    for private in (SECRET, SECRET[:8], good[7:], "0017"):
        assert not [text for text in texts if private in text]


@pytest.mark.parametrize(
    ("webhook", "code"),
    [
        ('[crm.main.webhook]\nsignature_header = "X"\n', "webhook.secret_place"),
        (SIGNED + 'secret_file = "a"\n', "webhook.secret_place"),
        (SIGNED + 'signed = "timestamp.body"\n', "webhook.timestamp"),
        (SIGNED + 'token_field = "token"\n', "webhook.proof"),
        ('[crm.main.webhook]\nsecret_variable = "X"\n', "webhook.proof"),
        (SIGNED + 'secret = "in the clear"\n', "toml.unknown_name"),
        (SIGNED + 'encoding = "hexa"\n', "toml.not_choice"),
        (SIGNED + "replay_seconds = 0\n", "toml.value"),
    ],
)
def test_wrong_settings_are_told_with_their_place(tmp_path: Path, webhook: str, code: str) -> None:
    """Each mistake has its code and line, and shows no value that may be a secret."""
    with pytest.raises(ConfigError) as caught:
        settings_in(tmp_path, webhook)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.line > 0) == (code, True)
    assert "in the clear" not in caught.value.describe("en") + caught.value.describe("zh")


def test_where_nothing_can_be_taken_the_server_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No webhook, no secret, or a file that is not there: an error before the first message."""
    with pytest.raises(ConfigError) as caught:
        application(settings_in(tmp_path, ""))
    assert caught.value.code == "webhook.none"
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(ConfigError, match=VARIABLE):
        application(settings_in(tmp_path))
    webhook = '[crm.main.webhook]\nsecret_file = "no/file"\nsignature_header = "Sig"\n'
    with pytest.raises(ConfigError, match="No such file"):
        application(settings_in(tmp_path, webhook))


@pytest.mark.parametrize("value", ["", "8080", "127.0.0.1:", "127.0.0.1:99999", ":80", "a:b"])
def test_wrong_addresses_to_listen_on(value: str) -> None:
    """An address without host or port is told with an example."""
    with pytest.raises(ConfigError, match=r"127\.0\.0\.1:8080"):
        listener(value)
