"""Reading by a key, calls by an address, encoded headers: what a file can say since Tryton."""

import json
import threading
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crm_expenses.adapters.contract import AckState, Change, Opening, ResultKind, WriteBack
from crm_expenses.adapters.rest.client import open_rest
from crm_expenses.adapters.rest.fieldpaths import path_values
from crm_expenses.adapters.rest.specfile import connection_of, read_connection
from crm_expenses.core.party import Account
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError, RetryableError
from crm_expenses.tomlfile import parse_toml

FILE = """
records = { path = "" }
success = { status = [200, 204] }

[connection]
version = 1
title = "Keyed"
base_url = "{config.url}"
headers.X-Context.encode = "base64url_json"
headers.X-Context.value = { company = "{config.company}", all = true }

[config]
url = { help = "where it is" }
company = { help = "its number", whole_number = true }

[auth]
kind = "none"

[paging]
kind = "key"
key = "id"
size_param = "s"
size = 2
stop = "short_page"

[since]
kind = "filter"
field = ["write_date", "create_date"]
format = "parts"
wrap = { __class__ = "datetime" }
query.d.encode = "base64url_json"
query.d.value = [["id", ">", "{after}"], ["since", "{since}"]]

[calls]
list.path = "/{object}"
list.query.f = "{field_paths}"
list.query.d = { encode = "base64url_json", value = [["id", ">", "{after}"]] }
find.path = "/{object}"
find.query.d = { encode = "base64url_json", value = [["{id_field}", "in", "{ids}"]] }
update = { method = "PUT", path = "/{object}/{address}", body = "{fields}" }

[kind.account]
object = "party"
id = "code"
address = "id"
changes = true
fields.name = "name"
fields.city = "city"
fields.since = { field = "day", as = "parts", wrap = { __class__ = "date" } }
"""


class Keyed:
    """A server with rows in the order of their numbers, which notes what it was asked."""

    def __init__(self) -> None:
        self.rows = [
            {"id": number, "code": f"A-{number}", "name": f"N{number}", "city": "", "day": None}
            for number in range(1, 6)
        ]
        self.domains: list[Any] = []
        self.contexts: list[Any] = []
        self.fields: list[str] = []
        self.writes: list[tuple[str, Any]] = []
        self.is_deaf = False
        made = type("_Bound", (_Handler,), {"keyed": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), made)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def found(self, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        """Give the rows of a domain."""
        domain = json.loads(urlsafe_b64decode(query["d"][0]))
        self.domains.append(domain)
        self.fields = query.get("f", self.fields)
        rows = self.rows
        for name, sign, *held in (one for one in domain if len(one) == 3):
            wanted = held[0]
            if sign == ">" and not self.is_deaf:
                rows = [row for row in rows if row[name] > wanted]
            if sign == "in":
                rows = [row for row in rows if row[name] in wanted]
        return rows[: int(query.get("s", ["99"])[0])]


class _Handler(BaseHTTPRequestHandler):
    keyed: Keyed

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """List rows."""
        self.keyed.contexts.append(json.loads(urlsafe_b64decode(self.headers["X-Context"])))
        self._say(self.keyed.found(parse_qs(urlsplit(self.path).query)))

    def do_PUT(self) -> None:
        """Write a row."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.keyed.writes.append((self.path, body))
        address = int(self.path.rpartition("/")[2])
        next(row for row in self.keyed.rows if row["id"] == address).update(body)
        self._say({"id": 1})

    def _say(self, value: object) -> None:
        text = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


@pytest.fixture
def keyed() -> Iterator[Keyed]:
    """A running server."""
    made = Keyed()
    yield made
    made.server.shutdown()
    made.server.server_close()


def opening(keyed: Keyed, folder: Path, company: object = 7) -> Opening:
    """Give what the adapter is opened with."""
    (folder / "keyed.toml").write_text(FILE, encoding="utf-8")
    options = {
        "connection": "keyed.toml",
        "url": keyed.url,
        "company": company,
        "private_addresses": True,
        "timezone": "Asia/Shanghai",
    }
    return Opening("main", options, base=folder)


def test_pages_begin_behind_the_last_key(keyed: Keyed, tmp_path: Path) -> None:
    """Each page asks for what is behind the last row of the one before; keys keep their type."""
    adapter = open_rest(opening(keyed, tmp_path))
    pages = list(adapter.pull(Kind.ACCOUNT, None))
    assert [f.record.id for page in pages for f in page.facts] == [f"A-{n}" for n in range(1, 6)]
    assert [domain[0][2] for domain in keyed.domains] == [0, 2, 4]
    again = list(adapter.pull(Kind.ACCOUNT, pages[-1].cursor))
    (after, (_, since)) = keyed.domains[-1]
    assert (after[2], since["__class__"], since["microsecond"]) == (4, "datetime", 0)
    assert len(again) == 3
    adapter.close()


def test_a_row_that_is_deleted_meanwhile_hides_no_other(keyed: Keyed, tmp_path: Path) -> None:
    """Rows that vanish from pages that were read already move no other row."""
    adapter = open_rest(opening(keyed, tmp_path))
    ids = []
    for page in adapter.pull(Kind.ACCOUNT, None):
        ids += [fact.record.id for fact in page.facts]
        del keyed.rows[0]
    assert ids == [f"A-{number}" for number in range(1, 6)]
    adapter.close()


def test_a_server_that_does_not_know_the_key_is_an_error(keyed: Keyed, tmp_path: Path) -> None:
    """The same page again ends the reading with an error, not in a circle."""
    keyed.is_deaf = True
    adapter = open_rest(opening(keyed, tmp_path))
    with pytest.raises(RetryableError, match="no new key"):
        list(adapter.pull(Kind.ACCOUNT, None))
    adapter.close()


def test_a_write_goes_to_the_address(keyed: Keyed, tmp_path: Path) -> None:
    """A record is found by its id, and written by its address; a day goes as its parts."""
    adapter = open_rest(opening(keyed, tmp_path))
    new = Account("A-3", "N3", since=date(2026, 3, 1))
    write = WriteBack("k", ResultKind.CHANGE, "A-3", Change(Kind.ACCOUNT, new, ("since",)))
    (ack,) = adapter.push([write])
    assert ack.state is AckState.DONE
    day = {"__class__": "date", "year": 2026, "month": 3, "day": 1}
    assert keyed.writes == [("/party/3", {"day": day})]
    assert keyed.domains[-1] == [["code", "in", ["A-3"]]]
    adapter.close()


def test_headers_are_encoded_and_paths_are_asked_for(keyed: Keyed, tmp_path: Path) -> None:
    """The context goes with each call, its number as a number; all that is read is asked for."""
    adapter = open_rest(opening(keyed, tmp_path, company="7"))
    list(adapter.pull(Kind.ACCOUNT, None))
    assert keyed.contexts[0] == {"company": 7, "all": True}
    assert keyed.fields == ["city", "code", "create_date", "day", "id", "name", "write_date"]
    adapter.close()
    with pytest.raises(ConfigError, match="company"):
        open_rest(opening(keyed, tmp_path, company="seven"))


def test_paths_lead_into_records() -> None:
    """A path into a record is asked for whole, as Tryton wants it."""
    held = read_connection("tryton")
    paths = path_values(held, Kind.ACCOUNT_MANAGER, ["party.name", ""])
    assert paths["field_paths"] == ["create_date", "id", "party.name", "write_date"]
    assert paths["id_field"] == "party.code"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('key = "id"', "", "key"),
        ('wrap = { __class__ = "date" }', 'wrap = { day = "{value}" }', "wrap"),
        ('address = "id"', 'address = "id["', "id["),
        ('"{config.company}"', '"{config.firm}"', "firm"),
    ],
)
def test_mistakes_are_told(old: str, new: str, told: str) -> None:
    """A key that is not named, a wrap of parts with a place, a wrong path: each is told."""
    text = FILE.replace(old, new)
    assert text != FILE
    with pytest.raises(ConfigError) as caught:
        connection_of(parse_toml(text, "keyed.toml"))
    assert told in caught.value.describe()
