"""The REST adapter and who it is: tokens that are over, links elsewhere, secrets in no text."""

import json
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from oddserver import (
    RECORDS,
    TOKEN,
    Asked,
    OddServer,
    Table,
    Told,
    account,
    by_page,
    connect,
    names,
    odd_server,
    pulled,
    still,
)

from crm_expenses.adapters.contract import Level
from crm_expenses.adapters.exchange import Limits
from crm_expenses.core.record import Kind
from crm_expenses.errors import (
    AllowanceError,
    AuthError,
    ConfigError,
    ConflictError,
    CrmExpensesError,
    RefusedError,
    RetryableError,
    UnsupportedError,
)

LOGIN = """
[auth]
kind = "login"
path = "/login"
body = { user = "svc", password = "{secret.token}" }
token_path = "token"
probe = { path = "/me", expect = { name = "svc" } }
"""
PROBED = """
[auth]
kind = "bearer"
probe = { path = "/me", expect = { name = "." } }
"""


@pytest.fixture
def server() -> Iterator[OddServer]:
    """A server that knows nothing yet."""
    with odd_server() as made:
        yield made


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


class Strangers:
    """A server that takes a token which is over for nobody's: its lists are empty then, with 200.

    It gives tokens at /login, a new one each time.
    """

    def __init__(self, server: OddServer, count: int = 4) -> None:
        self.server = server
        self.logins = 0
        self.good = ""
        self.table = Table([account(n) for n in range(count)], by_page())
        server.on("GET", "/accounts", self._list)
        server.on("GET", "/accounts/[^/]+", self._read)
        server.on("GET", "/me", self._me)
        server.on("POST", "/login", self._login)

    def _list(self, asked: Asked) -> Told:
        return self.table.list(asked) if asked.token == self.good else Told({"items": []})

    def _read(self, asked: Asked) -> Told:
        return self.table.read(asked) if asked.token == self.good else Told({"error": "?"}, 404)

    def _me(self, asked: Asked) -> Told:
        return Told({"name": "svc"}) if asked.token == self.good else Told({"error": "?"}, 401)

    def _login(self, _asked: Asked) -> Told:
        self.logins += 1
        self.good = f"short-lived-{self.logins}"
        return Told({"token": self.good})


# --- a token that is over -----------------------------------------------------------------------


def test_bad_token_with_an_empty_list_is_no_empty_crm(tmp_path: Path, server: OddServer) -> None:
    """Trap "a bad token is nobody, and nobody's list is empty": an AuthError, nothing is gone."""
    Strangers(server)
    adapter = connect(tmp_path, server, PROBED)
    with pytest.raises(AuthError):
        list(adapter.pull(Kind.ACCOUNT, None))
    with pytest.raises(AuthError):
        adapter.look(Kind.ACCOUNT, ["A-001", "A-002"])


def test_nobody_may_be_answered_with_200(tmp_path: Path, server: OddServer) -> None:
    """Trap "who am I" says nobody with a 200: the probe looks at what stands there."""
    Strangers(server)
    server.on("GET", "/me", Told({"name": None}))
    with pytest.raises(AuthError, match="name"):
        list(connect(tmp_path, server, PROBED.replace('"."', '"svc"')).pull(Kind.ACCOUNT, None))


def test_token_that_ends_meanwhile_empties_no_list(tmp_path: Path, server: OddServer) -> None:
    """A token that ends in a reading of all makes its end doubtful, though a new one is got."""
    clock, move = still(server)
    crm = Strangers(server, count=9)
    adapter = connect(tmp_path, server, LOGIN, clock=clock)
    pages = adapter.pull(Kind.ACCOUNT, None)
    assert names([next(pages)]) == ["A-000", "A-001", "A-002"]
    move(20)
    crm.good = "over"
    with pytest.raises(RetryableError, match="token was over"):
        list(pages)
    assert pulled(adapter)[0] == [f"A-00{n}" for n in range(9)]


def test_what_was_seen_a_moment_ago_lets_nothing_go(tmp_path: Path, server: OddServer) -> None:
    """That we were signed in a moment ago proves nothing of records that are not found now."""
    clock, move = still(server)
    crm = Strangers(server)
    adapter = connect(tmp_path, server, LOGIN, clock=clock)
    pulled(adapter)
    move(10)
    crm.good = "over"
    with pytest.raises(RetryableError, match="token was over"):
        adapter.look(Kind.ACCOUNT, ["A-001"])
    assert names([adapter.look(Kind.ACCOUNT, ["A-001"])]) == ["A-001"]


def test_login_is_renewed_once_in_a_run(tmp_path: Path, server: OddServer) -> None:
    """Trap "the token ends mid-run": a 401 leads to one new login, and the call is sent again."""
    clock, move = still(server)
    crm = Strangers(server, count=7)
    adapter = connect(tmp_path, server, LOGIN, clock=clock)

    def strict(asked: Asked) -> Told:
        return crm.table.list(asked) if asked.token == crm.good else Told({"e": 1}, 401)

    server.on("GET", "/accounts", strict)
    pages = adapter.pull(Kind.ACCOUNT, None)
    seen = names([next(pages)])
    move(20)
    crm.good = "over"
    seen += names(list(pages))
    assert seen == [f"A-00{n}" for n in range(7)]
    assert crm.logins == 2


def test_who_is_refused_with_a_new_token_is_refused(tmp_path: Path, server: OddServer) -> None:
    """A 401 with a new token ends it: no login follows another one for ever."""
    crm = Strangers(server)
    server.on("GET", "/accounts", Told({"error": "no"}, 401))
    clock, move = still(server)
    adapter = connect(tmp_path, server, LOGIN, clock=clock)
    adapter.wire.demand_signed_in()
    move(20)
    with pytest.raises(AuthError):
        list(adapter.pull(Kind.ACCOUNT, None))
    assert crm.logins == 2


def test_token_is_renewed_before_it_ends(tmp_path: Path, server: OddServer) -> None:
    """A token whose life is told is renewed before its end, so that no call is refused."""
    clock, move = still(server)
    crm = Strangers(server)
    server.on("POST", "/login", lambda asked: Told({**_token(crm, asked), "expires_in": 600}))
    adapter = connect(tmp_path, server, LOGIN, clock=clock)
    pulled(adapter)
    move(530)
    pulled(adapter)
    assert crm.logins == 1
    move(11)
    pulled(adapter)
    assert crm.logins == 2


def _token(crm: Strangers, asked: Asked) -> dict[str, str]:
    told = crm._login(asked).body
    assert isinstance(told, dict)
    return told


def test_wrong_password_is_an_auth_error(tmp_path: Path, server: OddServer) -> None:
    """Trap "a wrong password is a 400": it is an AuthError all the same, and tried once."""
    server.on("POST", "/login", Told({"message": "Failed to authenticate."}, 400))
    with pytest.raises(AuthError):
        list(connect(tmp_path, server, LOGIN).pull(Kind.ACCOUNT, None))
    assert server.count("POST") == 1


@pytest.mark.parametrize("body", [{}, {"token": ""}, {"token": None}, [], "<html>", None])
def test_login_without_a_token_is_an_error(tmp_path: Path, server: OddServer, body: object) -> None:
    """Trap "200, and no token": nothing is asked for with an empty one."""
    Strangers(server)
    server.on("POST", "/login", Told(body))
    with pytest.raises((AuthError, RetryableError)):
        list(connect(tmp_path, server, LOGIN).pull(Kind.ACCOUNT, None))
    assert server.count("GET") == 0


def test_doctor_tells_signing_in_from_reading(tmp_path: Path, server: OddServer) -> None:
    """The doctor says first whether we are signed in, and reads nothing where we are not."""
    crm = Strangers(server)
    adapter = connect(tmp_path, server, PROBED)
    (told,) = adapter.check()
    assert told.level is Level.BAD
    crm.good = f"Bearer {TOKEN}"
    levels = [one.level for one in adapter.check()]
    assert levels[:2] == [Level.GOOD, Level.GOOD]


# --- links elsewhere ----------------------------------------------------------------------------


@pytest.fixture
def other() -> Iterator[OddServer]:
    """Somebody else's server, which would like to have the token."""
    with odd_server() as made:
        made.on("GET", ".*", Told({"items": [account(66)]}))
        made.on("POST", ".*", Told({"token": "t"}))
        yield made


LINKED = f'{RECORDS}\npaging = {{ kind = "json_link", link_path = "next" }}'


@pytest.mark.parametrize("form", ["{url}/accounts", "//{host}/accounts", "\\\\{host}/x", "http:\n"])
def test_next_link_to_another_host_is_refused(
    tmp_path: Path, server: OddServer, other: OddServer, form: str
) -> None:
    """Trap "the next link leads elsewhere": it is refused, and the token never sent there."""
    link = form.format(url=other.url, host=other.url.removeprefix("http://"))
    server.on("GET", "/accounts", Told({"items": [account(1)], "next": link}))
    with pytest.raises(RefusedError):
        list(connect(tmp_path, server, top=LINKED).pull(Kind.ACCOUNT, None))
    assert other.asked == []


def test_header_link_to_another_host_is_refused(
    tmp_path: Path, server: OddServer, other: OddServer
) -> None:
    """Trap "the Link header leads elsewhere": the same."""
    headers = {"Link": f'<{other.url}/accounts>; rel="next"'}
    server.on("GET", "/accounts", Told({"items": [account(1)]}, headers=headers))
    top = f'{RECORDS}\npaging = {{ kind = "header_link" }}'
    with pytest.raises(RefusedError, match="127"):
        list(connect(tmp_path, server, top=top).pull(Kind.ACCOUNT, None))
    assert other.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(
    tmp_path: Path, server: OddServer, other: OddServer, status: int
) -> None:
    """Trap "a redirect leads elsewhere": it is an error with its status, and nothing is sent."""
    server.on("GET", "/accounts", Told(None, status, {"Location": f"{other.url}/accounts"}))
    with pytest.raises(RefusedError, match=str(status)):
        list(connect(tmp_path, server).pull(Kind.ACCOUNT, None))
    assert other.asked == []


def test_delta_link_to_another_host_is_refused(
    tmp_path: Path, server: OddServer, other: OddServer
) -> None:
    """Trap "the delta link leads elsewhere": refused when it is used, also from a kept cursor."""
    delta = '[since]\nkind = "delta_link"\nlink_path = "delta"\nremoved_path = "gone"'
    server.on("GET", "/accounts", Told({"items": [], "delta": f"{other.url}/accounts"}))
    adapter = connect(tmp_path, server, delta, top=LINKED)
    _, cursor = pulled(adapter)
    with pytest.raises(RefusedError):
        list(adapter.pull(Kind.ACCOUNT, cursor))
    assert other.asked == []


def test_host_on_the_list_is_followed(tmp_path: Path, server: OddServer, other: OddServer) -> None:
    """A host that the file allows is followed: a CRM may serve its pages from another one."""
    server.on("GET", "/accounts", Told({"items": [account(1)], "next": f"{other.url}/accounts"}))
    host = other.url.removeprefix("http://")
    head = (
        f'[connection]\nversion = 1\ntitle = "Odd"\nbase_url = "{server.url}"\n'
        f'allowed_hosts = ["{host}"]\n[secret.token]\nhelp = "x"\n[config.url]\nhelp = "x"'
    )
    assert pulled(connect(tmp_path, server, head, top=LINKED))[0] == ["A-001", "A-066"]


def test_token_host_knows_no_other_secret(
    tmp_path: Path, server: OddServer, other: OddServer
) -> None:
    """Where tokens are given elsewhere, the headers of the CRM, with their secrets, stay home."""
    Table([account(1)], by_page()).serve(server)
    head = (
        f'[connection]\nversion = 1\ntitle = "Odd"\nbase_url = "{server.url}"\n'
        'headers = { X-Key = "{secret.token}" }\n[secret.token]\nhelp = "x"\n'
        '[config.url]\nhelp = "x"\n'
        f'[auth]\nkind = "login"\npath = "{other.url}/login"\nbody = {{ a = 1 }}\n'
        'token_path = "token"'
    )
    assert pulled(connect(tmp_path, server, head))[0] == ["A-001"]
    assert "x-key" not in other.asked[0].headers
    assert server.asked[0].headers["x-key"] == TOKEN


# --- secrets in no text -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "place"),
    [
        ('kind = "bearer"', f"Bearer {TOKEN}"),
        ('kind = "api_key"\nprefix = "token "', f"token {TOKEN}"),
        ('kind = "api_key"\nheader = "X-Key"', TOKEN),
        ('kind = "basic"\nuser = "svc"\npassword = "{secret.token}"', "Basic "),
        ('kind = "api_key"\nquery = "key"', TOKEN),
        (
            'kind = "hmac"\nsecret = "{secret.token}"\nmessage = "{method} {path} {body}"\n'
            'signature = "svc:{signature}"\nheader = "X-Hmac"\nsignature_base64 = true',
            "c3Zj",
        ),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 409, 429, 500])
def test_secrets_stand_in_no_text(
    tmp_path: Path,
    server: OddServer,
    caplog: pytest.LogCaptureFixture,
    *,
    auth: str,
    place: str,
    status: int,
) -> None:
    """However one signs in, the secret is sent, and is in no error, log or repr, even echoed."""
    caplog.set_level(logging.DEBUG)
    echo = Told({"message": f"wrong token {TOKEN}"}, status)
    server.on("GET", "/accounts", echo)
    adapter = connect(tmp_path, server, f"[auth]\n{auth}")
    with pytest.raises(CrmExpensesError) as raised:
        list(adapter.pull(Kind.ACCOUNT, None))
    asked = server.asked[0]
    assert place in json.dumps([dict(asked.headers), dict(asked.query)])
    texts = texts_of(raised.value) + repr(adapter.wire) + repr(adapter.wire.user) + repr(adapter)
    logged = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("crm_expenses"))
    assert TOKEN not in texts + logged


def test_login_secrets_stand_in_no_text(
    tmp_path: Path, server: OddServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A password that the login echoes, and a token that it gave, are in no text."""
    caplog.set_level(logging.DEBUG)
    server.on("POST", "/login", Told({"message": f"no {TOKEN}"}, 401))
    adapter = connect(tmp_path, server, LOGIN)
    with pytest.raises(AuthError) as raised:
        list(adapter.pull(Kind.ACCOUNT, None))
    logged = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("crm_expenses"))
    assert TOKEN not in texts_of(raised.value) + repr(adapter.wire) + logged
    crm = Strangers(server)
    server.on("GET", "/accounts", Told({"message": "boom"}, 500))
    with pytest.raises(RetryableError) as broken:
        list(adapter.pull(Kind.ACCOUNT, None))
    assert crm.good not in texts_of(broken.value)


def test_hmac_signs_the_bytes_that_are_sent(tmp_path: Path, server: OddServer) -> None:
    """A signature is that of the body as it goes out."""
    import hashlib
    import hmac

    Table([account(1, note="上海")], by_page()).serve(server)
    auth = (
        '[auth]\nkind = "hmac"\nsecret = "{secret.token}"\nmessage = "{method} {path} {body}"\n'
        'header = "X-Hmac"\n[calls]\nlist = { method = "POST", path = "/{object}/search", '
        'body = { city = "上海", rate = 1.5 } }'
    )
    pulled(connect(tmp_path, server, auth))
    asked = server.asked[0]
    message = b"POST accounts/search " + asked.body
    made = hmac.new(TOKEN.encode(), message, hashlib.sha256).hexdigest()
    assert asked.headers["x-hmac"] == made
    assert asked.json == {"city": "上海", "rate": 1.5}


# --- errors, and what they mean -----------------------------------------------------------------

RULES = """
[[error]]
status = [500, 503]
message = "bad (field|filter)"
category = "validation"
detail = "error.message"
[[error]]
body = { errorCode = [20016, "20017"] }
category = "auth_expired"
[[error]]
body = { errorCode = 30002 }
category = "quota_exhausted"
wait = "until_midnight"
[[error]]
status = 403
body = { error_info = "plan cap" }
category = "quota_exhausted"
[[error]]
status = 400
body = { code = "LOCKED" }
category = "locked"
wait_seconds = 7
[[error]]
status = 404
header = { X-Status-Reason = "table" }
category = "config"
detail_header = "X-Status-Reason"
[[error]]
status = 418
category = "empty"
"""


@pytest.mark.parametrize(
    ("told", "kind", "words"),
    [
        (Told({"error": {"message": "bad field x"}}, 500), RefusedError, "bad field x"),
        (Told({"error": {"message": "bad filter"}}, 503), RefusedError, "bad filter"),
        (Told({"error": {"message": "deadlock"}}, 500), RetryableError, "500"),
        (Told({"errorCode": 20016}), AuthError, "200"),
        (Told({"errorCode": "20016"}), AuthError, "200"),
        (Told({"errorCode": 20017}), AuthError, "200"),
        (Told({"errorCode": 30002}), AllowanceError, ""),
        (Told({"error_info": "plan cap"}, 403), AllowanceError, ""),
        (Told({"code": "LOCKED"}, 400), RetryableError, "400"),
        (Told(b"", 404, {"X-Status-Reason": "no such table"}), ConfigError, "no such table"),
        (Told("<html><h1>500</h1></html>", 500), RetryableError, "500"),
        (Told("<html>bad field</html>", 500), RefusedError, "500"),
        (Told("<html>404</html>", 404), RefusedError, "404"),
        (Told(b"", 401), AuthError, "401"),
        (Told(b"", 404), RefusedError, "404"),
        (Told("<html>ok</html>"), RetryableError, "JSON"),
        (Told(b'{"items": [{"id": "\xe9"}]}'), RetryableError, "UTF-8"),
        (Told(b'{"items": [{"id": NaN}]}'), RetryableError, "NaN"),
        (Told(None), RetryableError, "items"),
        (Told({"error": "gone"}, 501), UnsupportedError, ""),
        (Told({"error": "version"}, 412), ConflictError, "412"),
        (Told({"job_id": 7}, 202), RetryableError, "202"),
    ],
)
def test_error_means_what_the_rules_say(
    tmp_path: Path, server: OddServer, told: Told, kind: type[CrmExpensesError], words: str
) -> None:
    """Traps of errors: permanent 5xx, HTML, empty bodies, errors inside a 200, jobs: by rule."""
    server.on("GET", "/accounts", told)
    adapter = connect(tmp_path, server, RULES, limits=Limits(attempts_max=1))
    with pytest.raises(kind) as raised:
        list(adapter.pull(Kind.ACCOUNT, None))
    assert words in raised.value.describe()
    assert type(raised.value) is kind


def test_status_that_means_nothing_there(tmp_path: Path, server: OddServer) -> None:
    """A status that a rule calls empty is an empty list."""
    server.on("GET", "/accounts", Told("no records", 418))
    assert pulled(connect(tmp_path, server, RULES))[0] == []


def test_permanent_500_is_sent_once(tmp_path: Path, server: OddServer) -> None:
    """Trap "a bad field is a 500": what a rule calls permanent is not tried again."""
    server.on("GET", "/accounts", Told({"error": {"message": "bad field x"}}, 500))
    clock, _ = still(server)
    adapter = connect(tmp_path, server, RULES, limits=Limits(attempts_max=4), clock=clock)
    with pytest.raises(RefusedError):
        list(adapter.pull(Kind.ACCOUNT, None))
    assert len(server.asked) == 1


def test_retry_after_is_kept(tmp_path: Path, server: OddServer) -> None:
    """Trap "429 with Retry-After": the next try comes when the CRM said, and brings the rows."""
    clock, _ = still(server)
    begun, tried = clock.monotonic(), [0.0]
    table = Table([account(1)], by_page())

    def busy(asked: Asked) -> Told:
        tried.append(clock.monotonic() - begun)
        return table.list(asked) if len(tried) > 3 else Told("", 429, {"Retry-After": "17"})

    server.on("GET", "/accounts", busy)
    adapter = connect(tmp_path, server, limits=Limits(attempts_max=4), clock=clock)
    assert pulled(adapter)[0] == ["A-001"]
    assert tried[1:4] == [0, 17, 34]


def test_retry_after_that_is_longer_than_patience_is_told(
    tmp_path: Path, server: OddServer
) -> None:
    """A wait beyond the limits is given to the caller, with its seconds."""
    server.on("GET", "/accounts", Told("", 429, {"Retry-After": "3600"}))
    clock, _ = still(server)
    with pytest.raises(RetryableError) as raised:
        list(connect(tmp_path, server, clock=clock).pull(Kind.ACCOUNT, None))
    assert raised.value.retry_after == 3600


def test_success_is_what_the_file_says(tmp_path: Path, server: OddServer) -> None:
    """Trap "200 {success: false}": a body that does not say success is none."""
    success = "[success]\nbody = { success = true, 'meta.code' = [0, '0'] }"
    adapter = connect(tmp_path, server, success, top=RECORDS)
    good = {"items": [account(1)], "success": True, "meta": {"code": "0"}}
    server.on("GET", "/accounts", Told(good))
    assert pulled(adapter)[0] == ["A-001"]
    wrongs: list[dict[str, object]] = [
        {"success": False}, {"success": None}, {"success": "true"}, {"meta": {"code": 7}},
    ]  # fmt: skip
    for wrong in wrongs:
        server.on("GET", "/accounts", Told({**good, **wrong}))
        with pytest.raises(RetryableError):
            pulled(adapter)
