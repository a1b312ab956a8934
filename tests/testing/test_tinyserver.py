"""The small CRM is an honest one: what an adapter may rely on, call by call, over HTTP."""

import hashlib
import http.client
import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tiny_bench import TinyBench

from crm_expenses.adapters.contract import FileWrite
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.record import Kind
from crm_expenses.testing.tinycrm import RowWrite, TinyCrm
from crm_expenses.testing.tinyserver import BATCH_MAX, Failing, TinyServer

REPORT = {"id": "C-1", "owner": "P-1", "sent_at": "2026-03-01T23:59:59+08:00", "title": "三月"}


@pytest.fixture
def server() -> Iterator[TinyServer]:
    """A running server with one report."""
    crm = TinyCrm()
    crm.put("reports", REPORT)
    with TinyServer(crm) as running:
        yield running
    crm.close()


def call(
    server: TinyServer, method: str, path: str, body: object = None, token: str = ""
) -> tuple[int, Any]:
    """Call the server; give status and content."""
    request = urllib.request.Request(  # noqa: S310  loopback
        server.url.removesuffix("/api/") + path,
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"Authorization": f"Bearer {token or server.token}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310  loopback
            return reply.status, json.loads(reply.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"null")


def row(**changes: object) -> dict[str, object]:
    """Give a row that writes the outcome of the report."""
    fields = {"check_outcome": "pass"}
    plain = {"object": "reports", "id": "C-1", "fields": fields, "key": "k1", "slot": "s"}
    return {**plain, **changes}


def statuses(server: TinyServer, *rows: dict[str, object]) -> list[int]:
    """Write rows; give the status of each."""
    status, answer = call(server, "POST", "/api/batch", {"writes": rows})
    assert status == 207
    return [one["status"] for one in answer["results"]]


def test_rows_of_one_batch_stand_alone(server: TinyServer) -> None:
    """A row that is refused harms no other; each has its own status and reason."""
    answers = statuses(
        server,
        row(),
        row(id="nobody", key="k2"),
        row(fields={"nonsense": "x"}, key="k3"),
        row(fields={"id": "C-2"}, key="k4"),
        row(fields={"check_claimed": 1.5}, key="k5"),
        row(fields={"status": "weird"}, key="k6"),
        row(fields={"check_findings_en": "x" * 32_001}, key="k7"),
        row(if_version=0, key="k8"),
        row(key="k9"),
    )
    assert answers == [200, 404, 422, 422, 422, 422, 422, 409, 200]
    assert [key for *_, key in server.crm.effects()] == ["k1", "k9"]


def test_the_latest_key_acts_once(server: TinyServer) -> None:
    """A key sent again acts not; after a newer one, the older is a change again."""
    for key in ("k1", "k1", "k2", "k1", "k1"):
        assert statuses(server, row(key=key)) == [200]
    assert [key for *_, key in server.crm.effects()] == ["k1", "k2", "k1"]


def test_our_writes_are_no_conflict_and_peoples_are(server: TinyServer) -> None:
    """A version stays good over our own writes, and not over what a person saves."""
    assert statuses(server, row(if_version=1), row(key="k2", if_version=1)) == [200, 200]
    assert call(server, "PUT", "/people/reports/C-1", REPORT)[0] == 200
    assert statuses(server, row(key="k3", if_version=1)) == [409]
    (item,) = server.crm.found("reports", ["C-1"])
    assert item.fields["check_outcome"] == "pass", "what people save leaves results alone"
    assert statuses(server, row(key="k3", if_version=item.version)) == [200]


def test_pages_in_order_and_what_is_gone(server: TinyServer) -> None:
    """Pages follow each other by time and id; what is deleted comes on a feed of its own."""
    for number in range(5):
        server.crm.put("reports", {**REPORT, "id": f"R-{number}"})
    found: list[str] = []
    place = ""
    for _ in range(9):
        _, answer = call(server, "GET", f"/api/records/reports?limit=2{place}")
        found += [one["id"] for one in answer["rows"]]
        if not answer["more"]:
            break
        last = answer["rows"][-1]
        place = f"&since={last['modified'].replace('+', '%2B')}&since_id={last['id']}"
    assert found == ["C-1", *(f"R-{number}" for number in range(5))]
    assert call(server, "DELETE", "/people/reports/R-1?into=R-2")[0] == 200
    _, gone = call(server, "GET", "/api/gone/reports")
    assert [(one["id"], one["into"]) for one in gone["rows"]] == [("R-1", "R-2")]
    _, looked = call(server, "GET", '/api/records/reports?ids=["R-1","R-2"]')
    assert [one["id"] for one in looked["rows"]] == ["R-2"]
    assert looked["gone"] == [{"id": "R-1", "into": "R-2"}]


def test_who_may_not_and_what_is_not_understood(server: TinyServer) -> None:
    """A wrong token is 401, an unknown object 404, nonsense 400, a batch too large 413."""
    assert call(server, "GET", "/api/describe", None, "?")[0] == 401
    assert call(server, "GET", "/api/records/dragons")[0] == 404
    assert call(server, "POST", "/api/batch", {"nothing": []})[0] == 400
    assert call(server, "POST", "/api/batch", {"writes": [row()] * (BATCH_MAX + 1)})[0] == 413
    assert call(server, "GET", "/api/files/none")[0] == 404
    assert not server.crm.effects()


@pytest.mark.parametrize(
    ("how", "status"),
    [(Failing.BUSY, 429), (Failing.BROKEN, 500), (Failing.EXPIRED, 401), (Failing.HIDDEN, 200)],
)
def test_failures_on_demand(server: TinyServer, how: Failing, status: int) -> None:
    """The next call fails in the way that was asked for, has no effect, and the one after works."""
    assert call(server, "POST", "/test/fail", {"call": "POST /api/batch", "how": how})[0] == 200
    assert call(server, "POST", "/api/batch", {"writes": [row()]})[0] == status
    assert not server.crm.effects()
    assert statuses(server, row()) == [200]
    counts = call(server, "GET", "/test/counts")[1]
    assert counts == {"calls": {"POST /api/batch": 2}, "effects": 1}


@pytest.mark.parametrize(
    ("how", "effects"), [(Failing.LOST_BEFORE, 0), (Failing.LOST_AFTER, 1), (Failing.CUT, 1)]
)
def test_lost_replies(server: TinyServer, how: Failing, effects: int) -> None:
    """A reply that is lost or cut comes without, or after, its effect."""
    server.fail("POST /api/batch", how)
    with pytest.raises((ConnectionError, http.client.HTTPException, OSError)):
        call(server, "POST", "/api/batch", {"writes": [row()]})
    assert len(server.crm.effects()) == effects


def test_it_outlives_a_restart(tmp_path: Path) -> None:
    """Records, keys, deletions and files are there after a restart, and the clock goes on."""
    first = TinyCrm(tmp_path / "tiny.sqlite3")
    first.put("reports", REPORT)
    first.put("receipts", {"id": "V-1"})
    first.put("reports", {**REPORT, "id": "C-2"})
    first.delete("reports", "C-2")
    first.attach("V-1", "a.pdf", "application/pdf", b"abc")
    write = RowWrite("reports", "C-1", {"check_outcome": "pass"}, "k1", "s")
    assert first.write(write) == (200, "")
    before, moment = first.dump(), first.moment()
    first.close()
    second = TinyCrm(tmp_path / "tiny.sqlite3")
    assert (second.dump(), second.moment()) == (before, moment)
    assert second.write(write) == (200, "")
    assert len(second.effects()) == 1
    second.close()


def test_an_upload_goes_on_where_it_was_cut_off() -> None:
    """A file whose upload lost a reply in its middle is there once, and whole."""
    bench = TinyBench()
    bench.crm.put("receipts", {"id": "V-1"})
    content = bytes(range(256)) * 4000
    digest = hashlib.sha256(content).hexdigest()
    write = FileWrite("k1", "V-1", "a.pdf", "application/pdf", len(content), digest)
    for how, skip in ((Failing.LOST_AFTER, 1), (Failing.LOST_BEFORE, 1), (Failing.CUT, 0)):
        bench.server.fail("PUT /api/uploads", how, skip=skip)
        assert bench.adapter().write_file(write, iter([content])).state == "unknown"
        bench.server.heal()
    assert bench.adapter().write_file(write, iter([content])).state == "done"
    assert bench.attached("V-1") == {"a.pdf": content}
    parts = bench.server.counts["PUT /api/uploads/k1"]
    assert parts == 5, "four parts, and the one whose call never arrived"
    bench.close()


def test_rows_that_were_written_by_hand() -> None:
    """The adapter reads the CRM's own fields, not merely what its own table wrote."""
    bench = TinyBench(timezone="Asia/Shanghai")
    bench.crm.put("reports", {**REPORT, "sent_at": "2026-02-28T16:30:00Z", "status": "paid"})
    amount = {"amount": "0.125", "amount_currency": "KWD"}
    own = {"id": "L-1", "report": "C-1", "day": "2026-03-01", "category": "meal", "km": "12.5"}
    bench.crm.put("items", {**own, **amount, "asked_before": False, "guests": 3})
    adapter = bench.adapter()
    (claim,) = (fact.record for page in adapter.pull(Kind.CLAIM, None) for fact in page.facts)
    (line,) = (fact.record for page in adapter.pull(Kind.LINE, None) for fact in page.facts)
    assert isinstance(claim, Claim)
    assert claim.submitted.isoformat() == "2026-03-01T00:30:00+08:00"
    assert isinstance(line, ExpenseLine)
    assert (line.amount, line.attendees, line.pre_approved) == (Money(125, "KWD"), 3, False)
    bench.close()


def test_it_runs_as_a_command(tmp_path: Path) -> None:
    """The module serves by itself and says where."""
    command = [sys.executable, "-m", "crm_expenses.testing.tinyserver", "--port", "0"]
    with subprocess.Popen(
        [*command, "--file", str(tmp_path / "t.sqlite3"), "--token", "t"],
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            url = child.stdout.readline().strip()
            request = urllib.request.Request(  # noqa: S310  loopback
                f"{url}describe", headers={"Authorization": "Bearer t"}
            )
            with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310  loopback
                names = {one["name"] for one in json.loads(reply.read())["objects"]}
        finally:
            child.kill()
    assert {"reports", "items", "receipts"} <= names
