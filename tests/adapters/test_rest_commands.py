"""`crm try` and `crm connect`: what they show, what they write, and what they never do."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from smallrest import Asked, Told, serving

from crm_expenses.adapters.rest.specfile import connection_of, read_connection
from crm_expenses.adapters.rest.speckind import ConnectionFile
from crm_expenses.cli import run
from crm_expenses.core.record import Kind
from crm_expenses.tomlfile import parse_toml

Capsys = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str


@pytest.fixture
def say(capsys: Capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run_it(*words: str) -> Ran:
        capsys.readouterr()
        code = run(list(words))
        return Ran(code, *capsys.readouterr())

    return run_it


ROWS: list[dict[str, Any]] = [
    {"id": 1, "employee": "P1", "sent": "2026-03-01T09:00:00Z", "name": "March", "updated": "x"},
    {"id": 2, "employee": "P2", "sent": "2026-03-02T09:00:00Z", "name": "\x1b[2J", "secret": 7},
    {"id": 3, "employee": "P2", "sent": "last week", "name": ""},
]
FILE = """
[connection]
version = 1
title = "Small"
base_url = "{config.url}"
private_addresses = true
[config]
url = { help = "the address" }
[secret]
token = { help = "the token" }
[auth]
kind = "bearer"
probe = { path = "/me" }
[records]
path = "data"
[calls]
list = { path = "/{object}" }
[kind.claim]
object = "claims"
fields = { person = "employee", submitted = "sent", title = "name", status = "state" }
"""


def claims(rows: list[dict[str, Any]]) -> Callable[[Asked], Told]:
    """Give a CRM of some claims, which knows one token."""

    def answer(asked: Asked) -> Told:
        if asked.headers.get("authorization") != "Bearer token-4711":
            return Told(200, {"data": []}) if asked.path == "/claims" else Told(401)
        assert asked.method == "GET"
        return Told(body={"data": rows} if asked.path == "/claims" else {"id": 1})

    return answer


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The token stands in a variable."""
    monkeypatch.setenv("CRM_TOKEN", "token-4711")


def test_try_shows_a_page(say: Callable[..., Ran], token: None, tmp_path: Path) -> None:
    """What was mapped, what is set aside with its reason, what lacks, what nothing reads."""
    (tmp_path / "small.toml").write_text(FILE, encoding="utf-8")
    with serving(claims(ROWS)) as server:
        options = ("--set", f"url={server.url}", "--set", "token_variable=CRM_TOKEN")
        english = say("crm", "try", "small.toml", "claim", *options)
        chinese = say("crm", "try", "small.toml", "claim", *options, "--lang", "zh")
        as_json = say("crm", "try", "small.toml", "claim", *options, "--json")
        assert {one.method for one in server.asked} == {"GET"}
    assert [one.code for one in (english, chinese, as_json)] == [0, 0, 0]
    assert english.err == ""
    assert "3 records on the first page, 2 understood as claim, 1 set aside" in english.out
    assert "set aside 3: " in english.out
    assert re.search(r"person +employee +P1 +P2", english.out)
    assert "in no record of this page: state." in english.out
    assert "nothing reads them: updated, secret" in english.out
    assert "\x1b" not in english.out + chinese.out + as_json.out
    assert "token-4711" not in english.out + as_json.out
    assert "第一页 3 条记录" in chinese.out
    told = json.loads(as_json.out)
    assert [one["id"] for one in told["records"]] == ["1", "2"]
    assert told["lacking"] == ["state"]
    (aside,) = told["set_aside"]
    assert aside["record"] == "3"
    assert aside["problems"][0]["message"]["en"] != aside["problems"][0]["message"]["zh"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.toml"]


SETTINGS = """
[company]
name = "Nordwind"
[policy]
file = "policy.toml"
[crm.main]
adapter = "rest"
connection = "small.toml"
url = "URL"
token_variable = "CRM_TOKEN"
[crm.old]
adapter = "files"
folder = "."
mapping = "m.toml"
"""


@pytest.mark.parametrize(
    "words",
    [("main",), ("small.toml",), ("small.toml", "--crm", "main"), ("other.toml", "--crm", "main")],
)
def test_try_takes_values_from_the_settings(
    say: Callable[..., Ran], token: None, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """By the connection's name, by the file that one connection uses, or by --crm."""
    name, *more = words
    for file in ("small.toml", "other.toml"):
        (tmp_path / file).write_text(FILE, encoding="utf-8")
    with serving(claims(ROWS)) as server:
        settings = SETTINGS.replace("URL", server.url)
        (tmp_path / "crm_expenses.toml").write_text(settings, encoding="utf-8")
        ran = say("crm", "try", name, "claim", *more)
    assert (ran.code, ran.err) == (0, "")
    assert "2 understood as claim" in ran.out


def test_try_says_what_is_missing(say: Callable[..., Ran], token: None, tmp_path: Path) -> None:
    """No values, no such kind, another adapter, a stranger: each is told."""
    (tmp_path / "small.toml").write_text(FILE, encoding="utf-8")
    ran = say("crm", "try", "small.toml", "claim")
    assert (ran.code, "lacks url" in ran.err, "--set url=" in ran.err) == (2, True, True)
    assert "--set NAME=VALUE" in say("crm", "try", "small.toml", "claim", "--set", "url").err
    assert "Did you mean claim?" in say("crm", "try", "small.toml", "claims").err
    with serving(claims([])) as server:
        options = ("--set", f"url={server.url}", "--set", "token_variable=CRM_TOKEN")
        ran = say("crm", "try", "small.toml", "budget", *options)
        assert (ran.code, "It has: claim" in ran.err) == (2, True)
        ran = say("crm", "try", "small.toml", "claim", *options)
        assert (ran.code, "there is no record" in ran.out) == (0, True)
        settings = SETTINGS.replace("URL", server.url)
        (tmp_path / "crm_expenses.toml").write_text(settings, encoding="utf-8")
        assert "adapter files" in say("crm", "try", "old", "claim").err


def test_an_empty_list_for_a_stranger_is_no_empty_crm(
    say: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A CRM that shows strangers an empty list is asked who we are."""
    (tmp_path / "small.toml").write_text(FILE, encoding="utf-8")
    monkeypatch.setenv("CRM_TOKEN", "an-old-one")
    with serving(claims(ROWS)) as server:
        options = ("--set", f"url={server.url}", "--set", "token_variable=CRM_TOKEN")
        assert say("crm", "try", "small.toml", "claim", *options).code == 4


def test_a_kind_that_nobody_can_read_is_one(
    say: Callable[..., Ran], token: None, tmp_path: Path
) -> None:
    """Where every record is set aside, the answer is no."""
    (tmp_path / "small.toml").write_text(FILE.replace('"sent"', '"name"'), encoding="utf-8")
    with serving(claims(ROWS)) as server:
        options = ("--set", f"url={server.url}", "--set", "token_variable=CRM_TOKEN")
        assert say("crm", "try", "small.toml", "claim", *options).code == 1


# --- connect ---


@dataclass
class Api:
    """A CRM whose manners are chosen: how lists look, and how pages are asked for."""

    paging: tuple[str, str] = ("page", "per_page")
    first: int = 1
    wrap: str = "data"
    next_link: bool = False
    index: str = ""
    header: str = "authorization"
    expected: str = "Bearer token-4711"

    def answer(self, asked: Asked) -> Told:
        """Answer a request."""
        if asked.headers.get(self.header) != self.expected:
            return Told(401, "<html>who are you</html>")
        _, _, _, *rest = asked.path.split("/")
        match rest:
            case [] | [""]:
                if self.index == "odata":
                    names = ("Accounts", "webhooks")
                    return Told(body={"value": [{"name": n, "url": n} for n in names]})
                host = asked.headers["host"]
                return Told(body={"deals": f"http://{host}/crm/api/deals", "users": "http://x/y/"})
            case ["webhooks"]:
                return Told(body=[{"id": 1}])
            case [_] if asked.method == "GET":
                return self.listed(asked)
            case [_, name]:
                found = [row for row in DEALS if str(row["id"]) == name]
                return Told(body={"data": found[0]}) if found else Told(404)
            case _:
                return Told(405)

    def listed(self, asked: Asked) -> Told:
        """Answer a list."""
        param, size = self.paging
        most = int(asked.query.get(size, 50))
        at = int(asked.query.get(param, self.first if param == "page" else 0))
        start = (at - self.first) * most if param == "page" else at
        rows = DEALS[start : start + most]
        if not self.wrap:
            return Told(body=rows)
        links = {"next": "/crm/api/deals?cursor=7"} if self.next_link else {}
        return Told(body={self.wrap: rows, "meta": {"total": 3}, "links": links})


DEALS: list[dict[str, Any]] = [
    {
        "id": n,
        "title": f"Deal {n}\n[kind.cost]\n\x7f{{x}}",
        "owner": {"id": 7, "name": "Ana"},
        "value": 1200.5 + n,
        "currency": "EUR",
        "status": ("open", "Closed Won", "odd")[n % 3],
        "update_time": "2026-03-01 09:00:00",
        "a.b]c": 1,
    }
    for n in range(1, 5)
]


def read(path: Path) -> ConnectionFile:
    """Read what was written."""
    return read_connection(path.name, path.parent)


@pytest.mark.parametrize("paging", [("page", "per_page"), ("offset", "limit"), ("$skip", "$top")])
def test_connect_finds_out_by_looking(
    say: Callable[..., Ran], token: None, tmp_path: Path, paging: tuple[str, str]
) -> None:
    """One list: where it is, its base, records, paging by trying, one record, fields and forms."""
    with serving(Api(paging).answer) as server:
        ran = say(
            "crm", "connect", "new.toml", "--from", f"{server.url}/crm/api/deals?key=4711",
            "--private", "--token-variable", "CRM_TOKEN",
        )  # fmt: skip
        assert {one.method for one in server.asked} == {"GET"}
        tried = say(
            "crm",
            "try",
            "new.toml",
            "opportunity",
            "--private",
            "--set",
            "token_variable=CRM_TOKEN",
        )
    assert (ran.code, ran.err) == (0, "")
    held = read(tmp_path / "new.toml")
    assert held.connection.base_url == "{config.url}/crm/api"
    assert held.config["url"].default == server.url
    assert held.auth.kind.value == "bearer"
    part = held.kind[Kind.OPPORTUNITY]
    call, one = held.call(Kind.OPPORTUNITY, "list"), held.call(Kind.OPPORTUNITY, "read")
    assert call is not None
    assert one is not None
    assert (part.object, call.path, one.path) == ("deals", "/{object}", "/{object}/{id}")
    assert held.records_of(Kind.OPPORTUNITY).path == "data"
    assert held.records_of(Kind.OPPORTUNITY).single_path == "data"
    paged = held.paging_of(Kind.OPPORTUNITY)
    assert (paged.param, paged.size_param) == paging
    assert part.fields["owner"].key == "id"
    assert part.fields["amount"].currency == "currency"
    assert part.fields["stage"].words == {"open": "open", "Closed Won": "won"}
    assert held.call(Kind.OPPORTUNITY, "update") is None
    assert "4711" not in (tmp_path / "new.toml").read_text("utf-8") + ran.out
    assert "4 understood as opportunity" in tried.out


def test_connect_reads_the_first_page_from_nought(
    say: Callable[..., Ran], token: None, tmp_path: Path
) -> None:
    """A CRM whose first page is 0, whose answer is the list itself."""
    with serving(Api(first=0, wrap="").answer) as server:
        say(
            "crm", "connect", "new.toml", "--from", f"{server.url}/crm/api/deals", "--private",
            "--token-variable", "CRM_TOKEN",
        )  # fmt: skip
    held = read(tmp_path / "new.toml")
    assert held.paging_of(Kind.OPPORTUNITY).first == 0
    assert held.records_of(Kind.OPPORTUNITY).path == ""


@pytest.mark.parametrize("index", ["links", "odata"])
def test_connect_follows_an_index_of_its_own_host(
    say: Callable[..., Ran], token: None, tmp_path: Path, index: str
) -> None:
    """An index leads to its lists; a link to another host is not followed."""
    with serving(Api(next_link=True, index=index).answer) as server:
        ran = say(
            "crm", "connect", "new.toml", "--from", f"{server.url}/crm/api/", "--private",
            "--token-variable", "CRM_TOKEN",
        )  # fmt: skip
    assert ran.code == 0, ran.err
    held = read(tmp_path / "new.toml")
    kind = Kind.OPPORTUNITY if index == "links" else Kind.ACCOUNT
    assert list(held.kind) == [kind]
    assert held.kind[kind].object == ("deals" if index == "links" else "Accounts")
    assert held.paging_of(kind).link_path == "links.next"


def test_connect_finds_a_cursor_by_going_on_from_it(
    say: Callable[..., Ran], token: None, tmp_path: Path
) -> None:
    """A CRM that gives a cursor beside its list, with a name that holds a blank."""

    def answer(asked: Asked) -> Told:
        start = int(asked.query.get("cursor", "c0")[1:])
        end = start + int(asked.query.get("limit", 3))
        more = f"c{end}" if end < len(DEALS) else None
        return Told(body={"data": DEALS[start:end], "additional_data": {"next_cursor": more}})

    with serving(answer) as server:
        address = f"{server.url}/api/v2/resource/Sales%20Deals"
        ran = say("crm", "connect", "new.toml", "--from", address, "--private")
        tried = say("crm", "try", "new.toml", "opportunity", "--private")
        assert len(server.asked) < 40
    assert ran.code == 0, ran.err
    held = read(tmp_path / "new.toml")
    paged = held.paging_of(Kind.OPPORTUNITY)
    assert (paged.kind.value, paged.param, paged.size_param) == ("cursor", "cursor", "limit")
    assert paged.cursor_path == "additional_data.next_cursor"
    assert held.connection.base_url == "{config.url}/api/v2"
    assert held.kind[Kind.OPPORTUNITY].object == "Sales Deals"
    assert "4 understood as opportunity" in tried.out


def test_connect_with_a_header_of_its_own(
    say: Callable[..., Ran], token: None, tmp_path: Path
) -> None:
    """A key that does not go into Authorization is sent as it is, and written down as such."""
    with serving(Api(header="x-api-key", expected="token-4711").answer) as server:
        address = f"{server.url}/crm/api/deals"
        ran = say("crm", "connect", "new.toml", "--from", address, "--private")
        assert (ran.code, "--token-variable" in ran.err) == (4, True)
        words = ("--token-variable", "CRM_TOKEN", "--token-header", "X-Api-Key", "--private")
        assert say("crm", "connect", "new.toml", "--from", address, *words).code == 0
    held = read(tmp_path / "new.toml").auth
    assert (held.kind.value, held.header) == ("api_key", "X-Api-Key")


def test_connect_never_overwrites_and_asks_nothing_then(
    say: Callable[..., Ran], token: None, tmp_path: Path
) -> None:
    """A file that is there stays as it is, and no call is made."""
    (tmp_path / "new.toml").write_text("mine", encoding="utf-8")
    with serving(Api().answer) as server:
        ran = say("crm", "connect", "new.toml", "--from", server.url, "--private")
        assert (ran.code, server.asked) == (2, [])
        assert say("crm", "connect", "new.txt", "--from", server.url).code == 2
    assert (tmp_path / "new.toml").read_text("utf-8") == "mine"


def test_connect_stays_outside_and_on_its_host(
    say: Callable[..., Ran], token: None, tmp_path: Path
) -> None:
    """A private address needs a word; a redirect is not followed; what is no JSON is told."""
    told = {
        "/moved": Told(302, headers={"Location": "http://127.0.0.1:9/x"}),
        "/page": Told(body="<p>"),
    }
    with serving(lambda asked: told.get(asked.path, Told(body={"data": []}))) as server:
        ran = say("crm", "connect", "new.toml", "--from", f"{server.url}/x")
        assert (ran.code, "--private" in ran.err, server.asked) == (2, True, [])
        for path, code in (("/moved", 4), ("/page", 2), ("/empty", 2)):
            ran = say("crm", "connect", "new.toml", "--from", f"{server.url}{path}", "--private")
            assert (ran.code, ran.out) == (code, "")
        assert say("crm", "connect", "new.toml", "--from", "https://[", "--private").code == 2
        ran = say("crm", "connect", "new.toml", "--from", f"{server.url}/x?key=4711", "--private")
        assert (ran.code, "4711" in ran.err) == (2, False)
        ran = say(
            "crm", "connect", "new.toml", "--from", f"{server.url}/x", "--private",
            "--token-variable", "NOWHERE",
        )  # fmt: skip
        assert (ran.code, "NOWHERE" in ran.err) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_connect_takes_a_document_from_an_address(say: Callable[..., Ran], tmp_path: Path) -> None:
    """A document whose server is relative is of the host that it came from."""
    rows = {"type": "array", "items": {"type": "object", "properties": {"id": {}, "name": {}}}}
    listed = {"responses": {"200": {"content": {"application/json": {"schema": rows}}}}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Tiny\n[kind.cost]"},
        "servers": [{"url": "/rest"}],
        "paths": {"/customers": {"get": listed}, "/webhooks": {"get": listed}},
    }
    with serving(lambda _: Told(body=document)) as server:
        ran = say("crm", "connect", "new.toml", "--from", f"{server.url}/openapi.json", "--private")
        as_json = say(
            "crm",
            "connect",
            "json.toml",
            "--from",
            f"{server.url}/openapi.json",
            "--private",
            "--json",
        )
    assert ran.code == 0, ran.err
    held = read(tmp_path / "new.toml")
    assert (held.connection.base_url, held.config["url"].default) == (
        "{config.url}/rest",
        server.url,
    )
    assert list(held.kind) == [Kind.ACCOUNT]
    told = json.loads(as_json.out)
    assert (told["kinds"], told["others"], told["todo"]) == (
        {"account": "/customers"}, ["/webhooks"], [],
    )  # fmt: skip


def test_connect_lists_what_a_person_must_fill_in(say: Callable[..., Ran], tmp_path: Path) -> None:
    """A required field that nothing fits is told with its place, and named in the file."""
    rows = {"type": "object", "properties": {"id": {}, "whoever": {}, "title": {}}}
    answer = {"type": "object", "properties": {"list": {"type": "array", "items": rows}}}
    listed = {"responses": {"200": {"content": {"application/json": {"schema": answer}}}}}
    document = {"openapi": "3.1.0", "paths": {"/claims": {"get": listed}}}
    (tmp_path / "api.json").write_text(json.dumps(document), encoding="utf-8")
    for name, language in (("a.toml", "en"), ("b.toml", "zh")):
        ran = say("crm", "connect", name, "--from", "api.json", "--lang", language)
        assert ran.code == 0
        assert f"{name}:" in ran.out
        content = (tmp_path / name).read_text("utf-8")
        assert '# person = "..."' in content
        assert "whoever" in content
        filled = content.replace('# person = "..."', 'person = "whoever"')
        filled = filled.replace('# submitted = "..."', 'submitted = "whoever"')
        assert Kind.CLAIM in connection_of(parse_toml(filled, name)).kind


def test_doctor_says_that_results_have_no_place(
    say: Callable[..., Ran], token: None, tmp_path: Path
) -> None:
    """A file that writes results of claims, and none of its lines, is told."""
    more = """
results.fields = { outcome = "outcome" }
[calls.read]
path = "/{object}/{id}"
[calls.update]
method = "PATCH"
path = "/{object}/{id}"
body = "{fields}"
[kind.line]
object = "claims"
nested = { parent = "claim", path = "lines", parent_field = "claim" }
fields = { date = "d", category = "c", amount = { field = "a", fixed_currency = "EUR" } }
"""
    (tmp_path / "small.toml").write_text(FILE + more, encoding="utf-8")
    with serving(claims(ROWS)) as server:
        settings = SETTINGS.replace("URL", server.url)
        (tmp_path / "crm_expenses.toml").write_text(settings, encoding="utf-8")
        ran = say("doctor", "main")
    assert "[ok]    Small knows who signs in" in ran.out
    assert "results of line have no place" in ran.out


def test_doctor_tells_a_stranger_from_a_crm_that_is_away(
    say: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Signing in is told apart from reading, and refusal from no answer at all; nothing is read."""
    (tmp_path / "small.toml").write_text(FILE, encoding="utf-8")
    settings = tmp_path / "crm_expenses.toml"
    monkeypatch.setenv("CRM_TOKEN", "an-old-one")
    with serving(claims(ROWS)) as server:
        settings.write_text(SETTINGS.replace("URL", server.url), encoding="utf-8")
        ran = say("doctor", "main", "--write")
        assert {one.path for one in server.asked} == {"/me"}
    assert "[BAD]   Small does not know who signs in" in ran.out
    assert "nothing was written, because" in ran.out
    settings.write_text(SETTINGS.replace("URL", "http://127.0.0.1:9"), encoding="utf-8")
    ran = say("doctor", "main")
    assert "[BAD]   Small could not be asked who signs in" in ran.out
