"""The REST adapter: records wrapped and inside tables, and signing in, in many ways."""

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from oddserver import (
    RECORDS,
    SINCE,
    TOKEN,
    Asked,
    OddServer,
    Row,
    Table,
    Told,
    account,
    all_at_once,
    by_page,
    connect,
    odd_server,
    pulled,
    still,
)

from crm_expenses.adapters.contract import Change, Level, ResultKind, WriteBack
from crm_expenses.core.party import Account
from crm_expenses.core.record import Kind


@pytest.fixture
def server() -> Iterator[OddServer]:
    """A server that knows nothing yet."""
    with odd_server() as made:
        yield made


# --- records in other shapes --------------------------------------------------------------------


def test_fields_in_an_object_of_the_record(tmp_path: Path, server: OddServer) -> None:
    """Trap "fields stand in `attributes`, the id beside": they are read and written there."""
    rows: list[Row] = [
        {"type": "Account", "id": "7", "attributes": {"name": "Acme", "billing": {"city": "上海"}}}
    ]
    server.on("GET", "/accounts", Told({"data": rows}))
    server.on("GET", "/accounts/7", Told({"data": rows[0]}))

    def update(asked: Asked) -> Told:
        assert asked.json == {"data": {"id": "7", "attributes": {"billing": {"city": "北京"}}}}
        rows[0]["attributes"]["billing"]["city"] = "北京"
        return Told({"data": rows[0]})

    server.on("PATCH", "/accounts", update)
    kind = """
[calls]
list = { path = "/{object}" }
read = { path = "/{object}/{id}" }
[calls.update]
method = "PATCH"
path = "/{object}"
body = { data = { id = "{id}", attributes = "{fields}" } }
[kind.account]
object = "accounts"
changes = true
fields = { name = "name", city = "billing.city" }
"""
    top = 'records = { path = "data", single_path = "data", unwrap = "attributes" }'
    adapter = connect(tmp_path, server, kind, top=top)
    (page,) = adapter.pull(Kind.ACCOUNT, None)
    assert page.facts[0].record == Account("7", "Acme", city="上海")
    change = Change(Kind.ACCOUNT, Account("7", "Acme", city="北京"), ("city",))
    version = page.facts[0].origin.version
    (ack,) = adapter.push([WriteBack("k", ResultKind.CHANGE, "7", change, version=version)])
    assert ack.problem is None
    assert adapter.look(Kind.ACCOUNT, ["7"]).facts[0].record == Account("7", "Acme", city="北京")


def test_references_and_empty_values_of_odoo(tmp_path: Path, server: OddServer) -> None:
    """Trap "a reference is [id, name], and false is nothing": both are read as what they mean."""
    row = {"id": 3, "name": "Acme", "user_id": [7, "Zhang San"], "industry": False}
    server.on("GET", "/accounts", Told([row, {**row, "id": 4, "user_id": False}]))
    kind = """
[kind.account]
object = "accounts"
[kind.account.fields]
name = "name"
owner = { field = "user_id", as = "reference", key = "[0]", empty = false }
industry = { field = "industry", empty = false }
"""
    (page,) = connect(tmp_path, server, kind, top='records = { path = "" }').pull(
        Kind.ACCOUNT, None
    )
    assert [fact.record for fact in page.facts] == [
        Account("3", "Acme", owner="7"),
        Account("4", "Acme"),
    ]


def test_names_and_points_in_the_names_of_fields(tmp_path: Path, server: OddServer) -> None:
    """A name with a point, an @ or Chinese in it is a name."""
    server.on("GET", "/accounts", Told({"items": [{"@id": "a", "客户.名称": "中国", "x-y": "z"}]}))
    kind = (
        '[kind.account]\nobject = "accounts"\nid = "@id"\n'
        "fields = { name = '客户\\.名称', city = 'x-y' }"
    )
    (page,) = connect(tmp_path, server, kind, top=RECORDS).pull(Kind.ACCOUNT, None)
    assert page.facts[0].record == Account("a", "中国", city="z")


def test_ids_of_any_letters_are_looked_up(tmp_path: Path, server: OddServer) -> None:
    """Ids with blanks, slashes and Chinese, as some CRMs have them, are one step of the path."""
    table = Table([{"id": n, "name": "x"} for n in ("HR/EXP 1", "报销-1", "a?b#c")], all_at_once)
    server.on("GET", "/accounts/.*", lambda asked: _one(table, asked))
    names = [str(row["id"]) for row in table.rows]
    page = connect(tmp_path, server).look(Kind.ACCOUNT, names)
    assert [fact.origin.record for fact in page.facts] == names


def _one(table: Table, asked: Asked) -> Told:
    name = asked.path.removeprefix("/accounts/")
    return Told(next(row for row in table.rows if row["id"] == name))


# --- signing in ---------------------------------------------------------------------------------

OAUTH = {
    "client_credentials": '[auth]\nkind = "oauth2_client_credentials"\nclient_id = "us"\n'
    'client_secret = "{secret.token}"\nscope = "read"',
    "password": '[auth]\nkind = "oauth2_password"\nclient_id = "us"\nclient_secret = "x"\n'
    'user = "svc"\npassword = "{secret.token}"',
    "refresh_token": '[auth]\nkind = "oauth2_refresh_token"\nclient_id = "us"\n'
    'client_secret = "x"\nrefresh_token = "{secret.token}"',
}
SENT = {
    "client_credentials": {"client_id": "us", "client_secret": TOKEN, "scope": "read"},
    "password": {"client_id": "us", "client_secret": "x", "username": "svc", "password": TOKEN},
    "refresh_token": {"client_id": "us", "client_secret": "x", "refresh_token": TOKEN},
}


@pytest.mark.parametrize("grant", OAUTH)
def test_oauth_in_three_ways(tmp_path: Path, server: OddServer, grant: str) -> None:
    """Each grant sends what it needs as a form, and calls carry the token that came."""
    Table([account(1)], by_page()).serve(server)
    server.on("POST", "/token", Told({"access_token": "a1", "expires_in": 3600}))
    assert pulled(connect(tmp_path, server, f'{OAUTH[grant]}\npath = "/token"'))[0] == ["A-001"]
    form = {name: held[0] for name, held in parse_qs(server.asked[0].body.decode()).items()}
    assert form == {"grant_type": grant, **SENT[grant]}
    assert server.asked[0].token == ""
    assert server.asked[1].headers["authorization"] == "Bearer a1"


def test_refresh_token_that_changes_is_followed(tmp_path: Path, server: OddServer) -> None:
    """A new refresh token that comes with a token is the one that is sent the next time."""
    Table([account(1)], by_page()).serve(server)
    told = iter("bcd")
    server.on(
        "POST",
        "/token",
        lambda _asked: Told({"access_token": "a", "refresh_token": next(told), "expires_in": 100}),
    )
    clock, move = still(server)
    adapter = connect(tmp_path, server, f'{OAUTH["refresh_token"]}\npath = "/token"', clock=clock)
    for _ in range(3):
        pulled(adapter)
        move(200)
    forms = [parse_qs(one.body.decode()) for one in server.asked if one.method == "POST"]
    assert [form["refresh_token"] for form in forms] == [[TOKEN], ["b"], ["c"]]


def test_login_carries_what_its_answer_holds(tmp_path: Path, server: OddServer) -> None:
    """Trap "three values of a login go along": each header has its value of the answer."""
    Table([account(1)], by_page()).serve(server)
    answer = {"data": {"token": "t1", "corp": "c1", "user": {"id": 9}}}
    server.on("POST", "/login", Told(answer))
    auth = """
[auth]
kind = "login"
path = "/login"
form = { secret = "{secret.token}" }
token_path = "data.token"
prefix = "jwt "
carry = { X-Corp = "{answer.data.corp}", X-User = "u{answer.data.user.id}" }
"""
    assert pulled(connect(tmp_path, server, auth))[0] == ["A-001"]
    headers = server.asked[1].headers
    assert (headers["authorization"], headers["x-corp"], headers["x-user"]) == (
        "jwt t1",
        "c1",
        "u9",
    )


def test_basic_takes_any_letters(tmp_path: Path, server: OddServer) -> None:
    """A user and a password of any letters are sent as UTF-8."""
    Table([account(1)], by_page()).serve(server)
    auth = '[auth]\nkind = "basic"\nuser = "张三"\npassword = "{secret.token}"'
    pulled(connect(tmp_path, server, auth))
    held = base64.b64decode(server.asked[0].token.removeprefix("Basic "))
    assert held.decode() == f"张三:{TOKEN}"


# --- what the doctor sees -----------------------------------------------------------------------


def test_doctor_sees_an_order_that_is_none(tmp_path: Path, server: OddServer) -> None:
    """A file that says `sorted` of a CRM that does not sort would lose records: it is told."""
    rows = [account(n, f"2026-03-01T11:{50 - n}:00Z") for n in range(4)]
    Table(rows, all_at_once, sort=lambda row: str(row["id"])).serve(server)
    adapter = connect(tmp_path, server, SINCE, "order_query = { sort = 'updated,id' }", top=RECORDS)
    bad = [one.problem.code for one in adapter.check() if one.level is Level.BAD]
    assert bad == ["rest.unsorted"]
    assert server.asked[0].one("sort") == "updated,id"
    rows.reverse()
    for number, row in enumerate(rows):
        row["id"] = str(number)
    assert not [one for one in adapter.check() if one.level is Level.BAD]
