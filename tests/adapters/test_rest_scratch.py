"""`doctor --write`: a scratch record is written, read back, compared and deleted, or is named."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pocketbase import PocketBench
from smallrest import Asked, Told, serving

from crm_expenses.adapters.contract import Adapter, Diagnosis, Level, Opening
from crm_expenses.adapters.rest.client import open_rest
from crm_expenses.messages import LANGUAGES
from crm_expenses.messages import fields as unfilled


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[PocketBench]:
    """An empty PocketBase."""
    made = PocketBench(tmp_path / "data")
    yield made
    made.close()


def tried(adapter: Adapter) -> list[Diagnosis]:
    """Try to write; each thing that is told is a whole sentence in both languages."""
    try:
        found = list(adapter.try_writing())
    finally:
        adapter.close()
    for one in found:
        said = [one.problem.describe(language) for language in LANGUAGES]
        assert said[0] != said[1]
        assert not unfilled("".join(said))
    return found


def told(found: list[Diagnosis]) -> dict[str, tuple[str, Level]]:
    """Give code and level by kind."""
    return {one.problem.values["kind"]: (one.problem.code, one.level) for one in found}


def fields_of(bench: PocketBench, collection: str) -> list[dict[str, Any]]:
    """Give the fields of a collection."""
    held = bench.server.call("GET", f"/collections/{collection}")
    return list(held["fields"])


def test_a_good_pocketbase_keeps_all_and_nothing_stays(bench: PocketBench) -> None:
    """Claims, lines and budgets are written, kept and deleted."""
    found = tried(bench.adapter())
    good = ("rest.scratch_good", Level.GOOD)
    assert told(found) == dict.fromkeys(("claim", "line", "budget"), good)
    for collection in ("expense_claims", "expense_lines", "budgets"):
        held = bench.server.call("GET", f"/collections/{collection}/records")
        assert held["items"] == []


def test_a_field_that_is_not_there_is_named(bench: PocketBench) -> None:
    """PocketBase drops what it does not know without a word; both fields are named, at once."""
    lost = ("check_policy", "check_code")
    kept = [one for one in fields_of(bench, "expense_claims") if one["name"] not in lost]
    bench.server.call("PATCH", "/collections/expense_claims", {"fields": kept})
    found = {one.problem.values["kind"]: one for one in tried(bench.adapter())}
    assert found["claim"].problem.code == "rest.scratch_lost"
    assert found["claim"].problem.values["fields"] == ", ".join(lost)
    assert found["line"].level is Level.GOOD
    assert bench.server.call("GET", "/collections/expense_claims/records")["items"] == []


def test_what_cannot_be_deleted_is_named(bench: PocketBench) -> None:
    """Where the service user may not delete, the record that is left is told by its id."""
    bench.server.call("PATCH", "/collections/expense_claims", {"deleteRule": None})
    found = {one.problem.values["kind"]: one for one in tried(bench.adapter())}
    assert (found["claim"].problem.code, found["claim"].level) == ("rest.scratch_left", Level.BAD)
    (left,) = bench.server.call("GET", "/collections/expense_claims/records")["items"]
    assert found["claim"].problem.values["record"] == left["id"]
    assert left["title"] == "crm-expenses doctor: delete me"


def test_what_may_not_be_created_is_told(bench: PocketBench) -> None:
    """A create that is refused leaves nothing, and says why."""
    bench.server.call("PATCH", "/collections/expense_claims", {"createRule": None})
    found = told(tried(bench.adapter()))
    assert found["claim"] == ("rest.scratch_refused", Level.BAD)
    assert found["line"] == ("rest.scratch_good", Level.GOOD)


FILE = """
[connection]
version = 1
title = "Small"
base_url = "{config.url}"
private_addresses = true

[config]
url = { help = "the address" }

[auth]
kind = "none"

[records]
path = ""

[calls]
list = { path = "/{object}" }
read = { path = "/{object}/{id}" }
create = { method = "POST", path = "/{object}", body = "{fields}" }
update = { method = "PATCH", path = "/{object}/{id}", body = "{fields}" }
delete = { method = "DELETE", path = "/{object}/{id}" }
search = { path = "/{object}", query = { key = "{key}" } }

[kind.claim]
object = "claims"
fields = { person = "person", submitted = "sent" }
"""
BESIDE = """
results.fields = { outcome = "outcome", approved = { field = "due", currency = "coin" } }
scratch = { "who.name" = "x", sent = 2026-01-31T10:00:00Z }
"""
APART = """
scratch = { note = "x" }
[kind.claim.results]
object = "checks"
external_id = "claim"
match = "search_then_create"
fields = { outcome = "outcome", findings_zh = "words" }
defaults = { open = true }
"""


@dataclass
class Shelf:
    """Records by collection, as a CRM of one page keeps them; a fault is what it does wrong."""

    fault: str = ""
    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def answer(self, asked: Asked) -> Told:
        """Answer a request."""
        _, name, *rest = asked.path.split("/")
        rows = self.rows.setdefault(name, {})
        match asked.method, rest:
            case "GET", []:
                key = asked.query.get("key")
                return Told(body=[r for r in rows.values() if key in (None, r.get("claim"))])
            case "POST", []:
                made = str(len(rows) + 7)
                rows[made] = {"id": int(made), **asked.body}
                return self.created(made)
            case _, [one] if one not in rows:
                return Told(404)
            case "PATCH", [one]:
                rows[one] |= {**asked.body, **({"outcome": "PASS"} if self.fault == "big" else {})}
                return Told(204)
            case "DELETE", [one]:
                if self.fault != "soft":
                    del rows[one]
                return self.deleted()
            case _, [one]:
                return Told(body=rows[one])
            case _:
                return Told(405)

    def deleted(self) -> Told:
        """Answer a delete as one of the real CRMs does: with a body, without one, or too late."""
        status = int(self.fault) if self.fault.isdecimal() else 204
        return Told(status, {"ok": True} if status in (200, 202) else None)

    def created(self, made: str) -> Told:
        """Answer a create."""
        match self.fault:
            case "bare":
                return Told(body=int(made))
            case "mute":
                return Told(body={"ok": True})
            case "broken":
                return Told(500)
            case "header":
                return Told(201, headers={"Location": f"http://elsewhere.example/claims/{made}/"})
            case _:
                return Told(201, {"id": int(made)})


def run(shelf: Shelf, folder: Path, more: str, text: str = FILE) -> list[Diagnosis]:
    """Try the file on a shelf."""
    (folder / "small.toml").write_text(text + more, encoding="utf-8")
    with serving(shelf.answer) as server:
        options = {"connection": "small.toml", "url": server.url}
        return tried(open_rest(Opening("main", options, folder)))


@pytest.mark.parametrize("fault", ["", "bare", "header"])
def test_ids_of_what_was_created(tmp_path: Path, fault: str) -> None:
    """The id is found in a record, a bare number, or a header that the file names."""
    shelf = Shelf(fault)
    header = 'body = "{fields}", id_header = "Location" }\nupdate'
    text = FILE.replace('body = "{fields}" }\nupdate', header) if fault == "header" else FILE
    found = run(shelf, tmp_path, BESIDE, text)
    assert [one.problem.code for one in found] == ["rest.scratch_good"]
    assert found[0].problem.values["count"] == "5"
    assert shelf.rows["claims"] == {}


def test_a_record_whose_id_nobody_says_is_not_lost_silently(tmp_path: Path) -> None:
    """It is still there, and told by what stands in it."""
    shelf = Shelf("mute")
    (one,) = run(shelf, tmp_path, BESIDE)
    assert (one.problem.code, one.level) == ("rest.scratch_no_id", Level.BAD)
    assert "who.name = x" in one.problem.values["marks"]
    assert len(shelf.rows["claims"]) == 1


def test_an_answer_that_nobody_knows_is_told_as_such(tmp_path: Path) -> None:
    """A 500 may have created the record."""
    (one,) = run(Shelf("broken"), tmp_path, BESIDE)
    assert one.problem.code == "rest.scratch_unknown"


def test_what_is_kept_otherwise_is_shown(tmp_path: Path) -> None:
    """A CRM that changes a value is told with both values, and its record goes all the same."""
    shelf = Shelf("big")
    (one,) = run(shelf, tmp_path, BESIDE)
    assert (one.problem.code, one.level) == ("rest.scratch_other", Level.WARNING)
    assert one.problem.values["fields"] == "outcome: pass → PASS"
    assert shelf.rows["claims"] == {}


@pytest.mark.parametrize("status", ["200", "202", "204", "404", "500"])
def test_answers_to_a_delete(tmp_path: Path, status: str) -> None:
    """Whatever is answered to a delete, and to a second one, what counts is that it is gone."""
    shelf = Shelf(status)
    (one,) = run(shelf, tmp_path, BESIDE)
    assert (one.problem.code, one.level) == ("rest.scratch_good", Level.GOOD)
    assert shelf.rows["claims"] == {}


def test_what_is_said_to_be_deleted_and_is_not(tmp_path: Path) -> None:
    """A CRM that keeps what it says is deleted is told."""
    (one,) = run(Shelf("soft"), tmp_path, BESIDE)
    assert (one.problem.code, one.level) == ("rest.scratch_still", Level.WARNING)


@pytest.mark.parametrize("fault", ["", "mute"])
def test_results_in_records_of_their_own(tmp_path: Path, fault: str) -> None:
    """They are found by the external id, also where the create says nothing."""
    shelf = Shelf(fault)
    (one,) = run(shelf, tmp_path, APART)
    assert one.problem.code == "rest.scratch_good"
    assert one.problem.values["object"] == "checks"
    assert (shelf.rows["checks"], "claims" in shelf.rows) == ({}, False)


def test_a_file_without_scratch_values_writes_nothing(tmp_path: Path) -> None:
    """It says what to add."""
    shelf = Shelf()
    (one,) = run(shelf, tmp_path, "")
    assert (one.problem.code, shelf.rows) == ("rest.scratch_none", {})


def test_a_file_that_cannot_delete_writes_nothing(tmp_path: Path) -> None:
    """What could not be taken back is not begun."""
    shelf = Shelf()
    text = "\n".join(line for line in FILE.splitlines() if not line.startswith("delete ="))
    (one,) = run(shelf, tmp_path, BESIDE, text)
    assert one.problem.values["needs"] == "delete"
    assert shelf.rows == {}
