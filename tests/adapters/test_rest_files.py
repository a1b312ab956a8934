"""The REST adapter and files beside vouchers, on odd servers."""

import hashlib
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import HTTP
from pathlib import Path

import pytest
from oddserver import RECORDS, Asked, OddServer, Told, connect, odd_server, still

from crm_expenses.adapters.contract import AckState, FileWrite
from crm_expenses.adapters.rest.client import RestAdapter
from crm_expenses.errors import AuthError, CrmExpensesError, RefusedError, RetryableError

KIND = """
[kind.voucher]
object = "vouchers"
fields = { kind = { value = "other" }, number = "number" }
[files]
list = { path = "/vouchers/{id}/files" }
size_path = "size"
download = { path = "/files/{file}" }
upload = { method = "POST", path = "/vouchers/{id}/files" }
upload_form = { title = "{name}", size = "{size}" }
"""
LOGIN = """
[auth]
kind = "login"
path = "/login"
body = { password = "{secret.token}" }
token_path = "token"
"""


@pytest.fixture
def server() -> Iterator[OddServer]:
    """A server that knows nothing yet."""
    with odd_server() as made:
        yield made


class Shelf:
    """The files of one voucher."""

    def __init__(self, server: OddServer) -> None:
        self.files: dict[str, bytes] = {}
        self.names: dict[str, str] = {}
        self.forms: list[dict[str, str]] = []
        self.told = Told({"id": "f"}, 201)
        server.on("GET", "/vouchers/V-1", Told({"id": "V-1", "number": "7"}))
        server.on("GET", "/vouchers/V-1/files", self._list)
        server.on("POST", "/vouchers/V-1/files", self._upload)
        server.on("GET", "/files/.*", self._download)

    def _list(self, _asked: Asked) -> Told:
        rows = [
            {"id": name, "name": self.names[name], "size": len(body)}
            for name, body in self.files.items()
        ]
        return Told({"items": rows})

    def _download(self, asked: Asked) -> Told:
        name = asked.path.rpartition("/")[2]
        return Told(self.files[name]) if name in self.files else Told("", 404)

    def _upload(self, asked: Asked) -> Told:
        head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
        form: dict[str, str] = {}
        for part in message_from_bytes(head + asked.body, policy=HTTP).iter_parts():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            if part.get_filename() is None:
                form[str(name)] = content.decode()
            else:
                key = f"f{len(self.files) + 1}"
                self.files[key], self.names[key] = content, str(part.get_filename())
                form["type"] = part.get_content_type()
        self.forms.append(form)
        return self.told


def write(content: bytes, name: str = "r.pdf", kind: str = "application/pdf") -> FileWrite:
    """Make a write of a file."""
    digest = hashlib.sha256(content).hexdigest()
    return FileWrite("k", "V-1", name, kind, len(content), digest)


def put(adapter: RestAdapter, content: bytes, name: str = "r.pdf") -> AckState:
    """Write a file and give what became of it."""
    return adapter.write_file(write(content, name), iter([content[:3], content[3:]])).state


BODY = b"%PDF-1.7\r\n--crm-expenses\r\n\x00\xff" * 50


def test_file_is_written_once(tmp_path: Path, server: OddServer) -> None:
    """A file arrives byte by byte with its form, and one with the same bytes is not sent again."""
    shelf = Shelf(server)
    adapter = connect(tmp_path, server, KIND, top=RECORDS)
    assert put(adapter, BODY) is AckState.DONE
    assert put(adapter, BODY) is AckState.DONE
    assert list(shelf.files.values()) == [BODY]
    assert shelf.forms == [{"title": "r.pdf", "size": str(len(BODY)), "type": "application/pdf"}]
    (ref,) = adapter.files(["V-1"])
    assert b"".join(adapter.read_file(ref)) == BODY


def test_upload_that_acted_and_failed(tmp_path: Path, server: OddServer) -> None:
    """Trap "a 500 that has created": the file is unknown, then found by its bytes, once."""
    shelf = Shelf(server)
    shelf.told = Told("<html>", 500)
    adapter = connect(tmp_path, server, KIND, top=RECORDS)
    assert put(adapter, BODY) is AckState.UNKNOWN
    assert put(adapter, BODY) is AckState.DONE
    assert len(shelf.files) == 1


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (Told({"error": "too large"}, 413), AckState.REFUSED),
        (Told("", 409), AckState.CONFLICT),
        (Told({"job": 1}, 202), AckState.UNKNOWN),
        (Told("<html>ok</html>"), AckState.UNKNOWN),
        (Told(None, 204), AckState.DONE),
    ],
)
def test_answer_to_an_upload_becomes_its_ack(
    tmp_path: Path, server: OddServer, told: Told, state: AckState
) -> None:
    """Each answer to an upload has one meaning."""
    Shelf(server).told = told
    assert put(connect(tmp_path, server, KIND, top=RECORDS), BODY) is state


@pytest.mark.parametrize(
    "name",
    ['a"b.pdf', "发票.pdf", 'x"; filename="y', "a\r\nX: 1\r\n\r\nb", "../../etc/passwd", "x" * 999],
)
def test_name_of_a_file_stays_a_name(tmp_path: Path, server: OddServer, name: str) -> None:
    """No name of a file ends its quotes or its line in the form."""
    shelf = Shelf(server)
    assert put(connect(tmp_path, server, KIND, top=RECORDS), BODY, name) is AckState.DONE
    assert list(shelf.files.values()) == [BODY]
    assert len(shelf.forms) == 1
    assert set(shelf.forms[0]) == {"title", "size", "type"}


def test_other_bytes_than_were_said_do_not_arrive(tmp_path: Path, server: OddServer) -> None:
    """Bytes that are not those of the digest end the call: no such file is kept there."""
    shelf = Shelf(server)
    adapter = connect(tmp_path, server, KIND, top=RECORDS)
    ack = adapter.write_file(write(BODY), iter([BODY[:-1] + b"!"]))
    assert ack.state is AckState.REFUSED
    assert ack.problem is not None
    assert "r.pdf" in ack.problem.describe()
    assert shelf.files == {}


def test_voucher_that_is_not_there_has_no_files(tmp_path: Path, server: OddServer) -> None:
    """A voucher that went has no files, and takes none."""
    Shelf(server)
    adapter = connect(tmp_path, server, KIND, top=RECORDS)
    assert list(adapter.files(["V-9"])) == []
    gone = FileWrite("k", "V-9", "a", "x/y", 1, hashlib.sha256(b"x").hexdigest())
    assert adapter.write_file(gone, iter([b"x"])).state is AckState.REFUSED


@pytest.mark.parametrize(
    ("told", "kind"),
    [(Told("", 404), RefusedError), (Told("", 403), AuthError), (Told("", 503), RetryableError)],
)
def test_file_that_cannot_be_read_raises(
    tmp_path: Path, server: OddServer, told: Told, kind: type[CrmExpensesError]
) -> None:
    """A file that went, is forbidden or busy raises: it is no empty file."""
    Shelf(server).files["f1"] = BODY
    server.on("GET", "/vouchers/V-1/files", Told({"items": [{"id": "f1", "name": "r", "size": 9}]}))
    server.on("GET", "/files/.*", told)
    adapter = connect(tmp_path, server, KIND, top=RECORDS)
    (ref,) = adapter.files(["V-1"])
    with pytest.raises(kind):
        list(adapter.read_file(ref))


def test_token_that_ends_before_a_file_is_renewed(tmp_path: Path, server: OddServer) -> None:
    """A token that is over when a file is read is renewed once, and the file comes whole."""
    shelf = Shelf(server)
    shelf.files["f1"], shelf.names["f1"] = BODY, "r"
    good = ["t0"]

    def login(_asked: Asked) -> Told:
        good[0] = f"t{len(good[0])}{server.count('POST', '/login')}"
        return Told({"token": good[0]})

    def strict(asked: Asked) -> Told:
        return shelf._download(asked) if asked.token == good[0] else Told("", 401)

    server.on("POST", "/login", login)
    server.on("GET", "/files/.*", strict)
    clock, move = still(server)
    adapter = connect(tmp_path, server, LOGIN, KIND, top=RECORDS, clock=clock)
    (ref,) = adapter.files(["V-1"])
    move(30)
    good[0] = "over"
    assert b"".join(adapter.read_file(ref)) == BODY
    assert server.count("POST", "/login") == 2
