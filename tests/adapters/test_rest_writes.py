"""The REST adapter writes to odd servers: each result once, and never lost in silence."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from oddserver import (
    RECORDS,
    Asked,
    OddServer,
    Row,
    Table,
    Told,
    all_at_once,
    connect,
    odd_server,
    still,
)

from crm_expenses.adapters.contract import (
    AckState,
    Change,
    ClaimResult,
    LineResult,
    Result,
    ResultKind,
    WriteBack,
)
from crm_expenses.adapters.rest.client import RestAdapter
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.party import Account
from crm_expenses.core.record import Kind
from crm_expenses.errors import RetryableError

CLAIMS = """
[kind.claim]
object = "claims"
fields = { person = "person", submitted = "submitted" }
"""
BESIDE = """
[kind.claim.results.fields]
outcome = "check_outcome"
policy = "check_policy"
allowed = { field = "check_allowed", currency = "check_currency" }
"""
APART = """
[kind.claim.results]
object = "checks"
external_id = "claim_ref"
match = "search_then_create"
defaults = { source = "expenses" }
[kind.claim.results.fields]
outcome = "outcome"
allowed = { field = "money.allowed", fixed_currency = "CNY", as = "number" }
"""
MAKE = """
[calls]
list = { path = "/{object}" }
read = { path = "/{object}/{id}" }
update = { method = "PATCH", path = "/{object}/{id}", body = "{fields}" }
create = { method = "POST", path = "/{object}", body = "{fields}", id_path = "id" }
[calls.search]
path = "/{object}"
query = { where = { encode = "json", value = [["{key_field}", "=", "{key}"]] } }
"""


@pytest.fixture
def server() -> Iterator[OddServer]:
    """A server that knows nothing yet."""
    with odd_server() as made:
        yield made


def claim(number: int, **more: object) -> Row:
    """Make a claim as the server has it."""
    return {"id": str(number), "person": "p", "submitted": "2026-03-01T10:00:00Z", **more}


def result(number: int, allowed: str = "12.50") -> ClaimResult:
    """Make a result of a claim."""
    money = Money.of(allowed, "CNY")
    return ClaimResult(
        str(number), Outcome.PASS, State.DECIDED, money, money, "", "", "", "2026-1", "", ""
    )


def write(number: int, *, version: str = "", allowed: str = "12.50") -> WriteBack:
    """Make a write of it."""
    made: Result = result(number, allowed)
    return WriteBack(
        f"k{number}-{allowed}", ResultKind.CLAIM_RESULT, str(number), made, version=version
    )


def states(adapter: RestAdapter, *writes: WriteBack) -> list[AckState]:
    """Push and give what became of each."""
    return [ack.state for ack in adapter.push(writes)]


def claims(server: OddServer, count: int = 3) -> Table:
    """Serve some claims."""
    table = Table([claim(n) for n in range(1, count + 1)], all_at_once)
    return table.serve(server, "/claims")


# --- beside the record --------------------------------------------------------------------------


def test_result_is_written_once(tmp_path: Path, server: OddServer) -> None:
    """A result that stands there already, in whatever way of writing numbers, is not sent again."""
    table = claims(server)
    adapter = connect(tmp_path, server, CLAIMS, BESIDE, top=RECORDS)
    assert states(adapter, write(1)) == [AckState.DONE]
    held = {name: table.rows[0][name] for name in table.rows[0] if name.startswith("check")}
    assert held == {
        "check_outcome": "pass", "check_policy": "2026-1", "check_allowed": "12.50",
        "check_currency": "CNY",
    }  # fmt: skip
    table.rows[0]["check_allowed"] = "12.50000000"
    assert states(adapter, write(1)) == [AckState.DONE]
    table.rows[0]["check_allowed"] = 12.5
    assert states(adapter, write(1)) == [AckState.DONE]
    assert server.count("PATCH") == 1


def test_unknown_field_is_told_by_name(tmp_path: Path, server: OddServer) -> None:
    """Trap "an unknown field is dropped with 200": the answer shows it, and the field is named."""
    table = claims(server)

    def drops(asked: Asked) -> Told:
        kept = {n: v for n, v in asked.json.items() if n != "check_policy"}
        table.rows[0].update(kept)
        return Told(table.rows[0])

    server.on("PATCH", "/claims/1", drops)
    (ack,) = connect(tmp_path, server, CLAIMS, BESIDE, top=RECORDS).push([write(1)])
    assert ack.state is AckState.REFUSED
    assert ack.problem is not None
    assert "check_policy" in ack.problem.describe()


@pytest.mark.parametrize("told", [Told(None, 204), Told({"updatedAt": "x"}), Told({"id": "1"})])
def test_unknown_field_is_read_back(tmp_path: Path, server: OddServer, told: Told) -> None:
    """Trap "an unknown field is dropped", and the answer does not show it: it is read back."""
    table = claims(server)

    def drops(asked: Asked) -> Told:
        kept = {n: v for n, v in asked.json.items() if n != "check_policy"}
        table.rows[int(asked.path[-1]) - 1].update(kept)
        return told

    server.on("PATCH", "/claims/.*", drops)
    (ack,) = connect(tmp_path, server, CLAIMS, BESIDE, top=RECORDS).push([write(1)])
    assert ack.problem is not None
    assert (ack.state, ack.problem.code) == (AckState.REFUSED, "rest.not_kept")
    assert "check_policy" in ack.problem.describe()


def test_kept_fields_are_read_back_once(tmp_path: Path, server: OddServer) -> None:
    """Once all fields were seen to be kept, answers that show nothing are believed."""
    table = claims(server)

    def silent(asked: Asked) -> Told:
        table.update(asked)
        return Told(None, 204)

    server.on("PATCH", "/claims/.*", silent)
    adapter = connect(tmp_path, server, CLAIMS, BESIDE, top=RECORDS)
    assert states(adapter, write(1), write(2), write(3)) == [AckState.DONE] * 3
    assert server.count("GET") == 3 + 1


def test_write_of_which_nothing_is_seen_is_not_done(tmp_path: Path, server: OddServer) -> None:
    """Where nothing at all is kept, the write is not said to be done."""
    claims(server)
    server.on("PATCH", "/claims/.*", Told(None, 204))
    adapter = connect(tmp_path, server, CLAIMS, BESIDE, top=RECORDS)
    assert states(adapter, write(1)) == [AckState.UNKNOWN]


def test_lost_answer_is_unknown_and_then_seen(tmp_path: Path, server: OddServer) -> None:
    """Trap "a 500 that has acted": the Ack says that nobody knows, and the next push sees it."""
    table = claims(server)

    def acts_and_fails(asked: Asked) -> Told:
        table.update(asked)
        return Told("<html>oops</html>", 500)

    server.on("PATCH", "/claims/1", acts_and_fails)
    adapter = connect(tmp_path, server, CLAIMS, BESIDE, top=RECORDS)
    assert states(adapter, write(1)) == [AckState.UNKNOWN]
    assert states(adapter, replace(write(1), uncertain=True)) == [AckState.DONE]
    assert server.count("PATCH") == 1


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (Told({"message": "no"}, 400), AckState.REFUSED),
        (Told({"message": "no"}, 422), AckState.REFUSED),
        (Told("", 404), AckState.REFUSED),
        (Told({"message": "modified"}, 409), AckState.CONFLICT),
        (Told({"message": "etag"}, 412), AckState.CONFLICT),
        (Told({"job_id": 7}, 202), AckState.UNKNOWN),
        (Told("<html>ok</html>"), AckState.UNKNOWN),
        (Told({"message": "?"}, 502), AckState.UNKNOWN),
    ],
)
def test_answer_to_a_write_becomes_its_ack(
    tmp_path: Path, server: OddServer, told: Told, state: AckState
) -> None:
    """Traps 412, 202 and 4xx: each answer to a write has one meaning."""
    claims(server)
    server.on("PATCH", "/claims/1", told)
    assert states(connect(tmp_path, server, CLAIMS, BESIDE, top=RECORDS), write(1)) == [state]


def test_busy_before_anything_was_done_is_raised(tmp_path: Path, server: OddServer) -> None:
    """A 429 before the first write is raised; after one, the others are unknown and come again."""
    table = claims(server)
    busy = Told("", 429, {"Retry-After": "9"})
    server.on("PATCH", "/claims/.*", busy)
    clock, _ = still(server)
    adapter = connect(tmp_path, server, CLAIMS, BESIDE, top=RECORDS, clock=clock)
    with pytest.raises(RetryableError) as raised:
        adapter.push([write(1)])
    assert raised.value.retry_after == 9
    server.on("PATCH", "/claims/1", table.update)
    assert states(adapter, write(1), write(2)) == [AckState.DONE, AckState.UNKNOWN]


def test_person_was_first(tmp_path: Path, server: OddServer) -> None:
    """A record that a person changed since the version of the write is a conflict; nothing sent."""
    table = claims(server)
    adapter = connect(tmp_path, server, CLAIMS, BESIDE, top=RECORDS)
    (page,) = adapter.pull(Kind.CLAIM, None)
    version = page.facts[0].origin.version
    assert states(adapter, write(1, version=version)) == [AckState.DONE]
    assert states(adapter, write(1, version=version, allowed="9")) == [AckState.DONE]
    table.rows[0]["person"] = "q"
    assert states(adapter, write(1, version=version, allowed="8")) == [AckState.CONFLICT]
    assert server.count("PATCH") == 2


@pytest.mark.parametrize(
    ("conflict", "where"),
    [
        ('style = "etag"\nheader = "ETag"', "if-match"),
        ('style = "etag"\npath = "etag"', "if-match"),
        ('style = "version"\npath = "etag"\nheader = "X-Version-Number"', "x-version-number"),
        ('style = "timestamp"\npath = "etag"\nsend_path = "meta.modified"', "body"),
    ],
)
def test_version_goes_along(tmp_path: Path, server: OddServer, conflict: str, where: str) -> None:
    """Each conflict style sends what was just read, quotes and braces as they are."""
    etag = 'W/"{1}"'
    table = claims(server)
    table.rows[0]["etag"] = etag
    server.on("GET", "/claims/1", Told(table.rows[0], headers={"ETag": etag}))
    adapter = connect(
        tmp_path, server, CLAIMS, BESIDE, f"[kind.claim.conflict]\n{conflict}", top=RECORDS
    )
    assert states(adapter, write(1)) == [AckState.DONE]
    sent = next(asked for asked in server.asked if asked.method == "PATCH")
    held = sent.json["meta"]["modified"] if where == "body" else sent.headers[where]
    assert held == etag


def test_two_writes_of_one_record_are_in_order(tmp_path: Path, server: OddServer) -> None:
    """Of two writes of one record the second is the one that stays."""
    table = claims(server)
    adapter = connect(tmp_path, server, CLAIMS, BESIDE, top=RECORDS)
    assert states(adapter, write(1), write(1, allowed="7")) == [AckState.DONE] * 2
    assert table.rows[0]["check_allowed"] == "7.00"


def test_wraps_and_empty_values_are_those_of_the_crm(tmp_path: Path, server: OddServer) -> None:
    """Trap "false means nothing, and amounts are objects": they are read and written so."""
    fields = """
[kind.claim.results.fields]
policy = { field = "note", empty = false }
[kind.claim.results.fields.approved]
field = "approved"
currency = "cur"
wrap = { "__class__" = "Decimal", decimal = "{value}" }
empty = false
"""
    table = claims(server)
    adapter = connect(tmp_path, server, CLAIMS, fields, top=RECORDS)
    some = replace(write(1), result=replace(result(1), policy="2026-1"))
    assert states(adapter, some) == [AckState.DONE]
    assert table.rows[0]["note"] == "2026-1"
    assert table.rows[0]["approved"] is False
    table.rows[0]["note"] = False
    more = replace(some, result=replace(result(1), approved=Money.of("8.10", "CNY")))
    assert states(adapter, more) == [AckState.DONE]
    assert table.rows[0]["approved"] == {"__class__": "Decimal", "decimal": "8.10"}
    assert states(adapter, more) == [AckState.DONE]
    assert server.count("PATCH") == 2


# --- records of their own -----------------------------------------------------------------------


class Checks:
    """A collection that is searched by `claim_ref`, and answers a create as a test says."""

    def __init__(self, server: OddServer, told: Callable[[Row], Told]) -> None:
        self.rows: list[Row] = []
        self.told = told
        self.is_late = False
        server.on("GET", "/checks", self.search)
        server.on("POST", "/checks", self.create)
        server.on("PATCH", "/checks/[^/]+", self.update)
        server.on("GET", "/checks/[^/]+", self.read)

    def search(self, asked: Asked) -> Told:
        """Find by the external id."""
        ((name, _, key),) = json.loads(asked.one("where"))
        return Told({"items": [r for r in self.rows if r[name] == key and not self.is_late]})

    def create(self, asked: Asked) -> Told:
        """Make one."""
        self.rows.append({"id": 70 + len(self.rows), **asked.json})
        return self.told(self.rows[-1])

    def update(self, asked: Asked) -> Told:
        """Change one."""
        row = next(row for row in self.rows if str(row["id"]) == asked.path.rpartition("/")[2])
        row.update(asked.json)
        return Told(row)

    def read(self, asked: Asked) -> Told:
        """Read one."""
        name = asked.path.rpartition("/")[2]
        held = [row for row in self.rows if str(row["id"]) == name]
        return Told(held[0]) if held else Told({"e": 1}, 404)


CREATED: Mapping[str, Callable[[Row], Told]] = {
    "the record": Told,
    "id and name": lambda row: Told({"id": row["id"], "rec_name": "x"}),
    "a list of ids": lambda row: Told([row["id"]]),
    "a bare number": lambda row: Told(row["id"]),
    "id and Location": lambda row: Told(
        {"objectId": "x"}, 201, {"Location": f"/checks/{row['id']}"}
    ),
    "no id": lambda _row: Told({"error": False, "message": "created"}),
    "nothing": lambda _row: Told(None, 204),
}


@pytest.mark.parametrize("form", CREATED)
def test_answers_to_a_create(tmp_path: Path, server: OddServer, form: str) -> None:
    """Trap "answers to a create differ": in each form it is done, and not made a second time."""
    claims(server)
    checks = Checks(server, CREATED[form])
    adapter = connect(tmp_path, server, CLAIMS, APART, MAKE, top=RECORDS)
    assert states(adapter, write(1)) == [AckState.DONE]
    assert states(adapter, write(1)) == [AckState.DONE]
    made = {"outcome": "pass", "money": {"allowed": 12.5}, "claim_ref": "1", "source": "expenses"}
    assert checks.rows == [{"id": 70, **made}]
    assert states(adapter, write(1, allowed="7")) == [AckState.DONE]
    assert [row["money"]["allowed"] for row in checks.rows] == [7]
    assert server.count("POST") == 1


@pytest.mark.parametrize("told", [Told("<html>", 500), Told("<html>"), Told({"j": 1}, 202)])
def test_create_that_acted_and_failed(tmp_path: Path, server: OddServer, told: Told) -> None:
    """Trap "a 500 that has created the record": unknown, then looked up, and never made twice."""
    claims(server)
    checks = Checks(server, lambda _row: told)
    adapter = connect(tmp_path, server, CLAIMS, APART, MAKE, top=RECORDS)
    assert states(adapter, write(1)) == [AckState.UNKNOWN]
    assert states(adapter, replace(write(1), uncertain=True)) == [AckState.DONE]
    assert len(checks.rows) == 1
    assert server.count("POST") == 1


@pytest.mark.parametrize("status", [409, 400])
def test_duplicate_is_looked_up_once_more(tmp_path: Path, server: OddServer, status: int) -> None:
    """Trap "the search index is late": a duplicate leads to the record that is there."""
    claims(server)
    checks = Checks(server, CREATED["the record"])
    checks.rows = [{"id": 7, "claim_ref": "1", "outcome": "review"}]
    checks.is_late = True

    def taken(_asked: Asked) -> Told:
        checks.is_late = False
        return Told({"code": "DUPLICATE"}, status)

    server.on("POST", "/checks", taken)
    rule = '[[error]]\nstatus = 400\nbody = { code = "DUPLICATE" }\ncategory = "duplicate"'
    adapter = connect(tmp_path, server, rule, CLAIMS, APART, MAKE, top=RECORDS)
    assert states(adapter, write(1)) == [AckState.DONE]
    assert checks.rows[0]["outcome"] == "pass"


def test_duplicate_that_is_nowhere_is_refused(tmp_path: Path, server: OddServer) -> None:
    """A duplicate of something else is refused: no write goes round for ever."""
    claims(server)
    Checks(server, CREATED["the record"])
    server.on("POST", "/checks", Told({"code": "DUPLICATE"}, 409))
    adapter = connect(tmp_path, server, CLAIMS, APART, MAKE, top=RECORDS)
    assert states(adapter, write(1)) == [AckState.REFUSED]


def test_two_records_of_one_external_id(tmp_path: Path, server: OddServer) -> None:
    """Trap "the external id is not unique": with two such records none is changed."""
    claims(server)
    checks = Checks(server, CREATED["the record"])
    checks.rows = [{"id": n, "claim_ref": "1", "outcome": "review"} for n in (1, 2)]
    adapter = connect(tmp_path, server, CLAIMS, APART, MAKE, top=RECORDS)
    with pytest.raises(RetryableError, match="2 records"):
        adapter.push([write(1)])
    assert {row["outcome"] for row in checks.rows} == {"review"}


def test_search_that_is_ignored_makes_no_second(tmp_path: Path, server: OddServer) -> None:
    """Trap "an unknown filter is ignored": records of other keys are no reason to make one more."""
    claims(server)
    checks = Checks(server, CREATED["the record"])
    server.on("GET", "/checks", lambda _asked: Told({"items": [{"id": 1, "claim_ref": "99"}]}))
    adapter = connect(tmp_path, server, CLAIMS, APART, MAKE, top=RECORDS)
    with pytest.raises(RetryableError, match="does it know the search"):
        adapter.push([write(1)])
    assert checks.rows == []


def test_upsert_by_key_is_one_call(tmp_path: Path, server: OddServer) -> None:
    """Where the CRM upserts by key, nothing is looked up, and twice is once."""
    claims(server)
    held: dict[str, Any] = {}

    def upsert(asked: Asked) -> Told:
        held[asked.path] = asked.json
        return Told({"id": 5}, 201)

    server.on("PUT", r"/checks\(claim_ref='1'\)", upsert)
    calls = MAKE + (
        '[calls.upsert]\nmethod = "PUT"\npath = "/{object}({key_field}=\'{key}\')"\n'
        'body = "{fields}"'
    )
    apart = APART.replace("search_then_create", "server_upsert")
    adapter = connect(tmp_path, server, CLAIMS, apart, calls, top=RECORDS)
    assert states(adapter, write(1)) == [AckState.DONE]
    assert states(adapter, write(1)) == [AckState.DONE]
    assert len(held) == 1
    assert server.count("GET") == 0


def test_own_id_is_given_by_us(tmp_path: Path, server: OddServer) -> None:
    """Where the caller may choose the id, it is read by that id, and made with it once."""
    claims(server)
    checks = Checks(server, CREATED["nothing"])
    apart = APART.replace("search_then_create", "client_id").replace("claim_ref", "id")
    adapter = connect(tmp_path, server, CLAIMS, apart, MAKE, top=RECORDS)
    assert states(adapter, write(1)) == [AckState.DONE]
    assert states(adapter, write(1), write(1, allowed="3")) == [AckState.DONE] * 2
    assert [(row["id"], row["money"]["allowed"]) for row in checks.rows] == [("1", 3)]
    assert server.count("POST") == 1


def test_result_apart_rests_on_a_version_too(tmp_path: Path, server: OddServer) -> None:
    """A result in a record of its own is a conflict, too, where a person changed the claim."""
    table = claims(server)
    checks = Checks(server, CREATED["the record"])
    adapter = connect(tmp_path, server, CLAIMS, APART, MAKE, top=RECORDS)
    (page,) = adapter.pull(Kind.CLAIM, None)
    version = page.facts[0].origin.version
    table.rows[0]["person"] = "q"
    gone = write(2, version=page.facts[1].origin.version)
    del table.rows[1]
    assert states(adapter, write(1, version=version), gone) == [
        AckState.CONFLICT, AckState.REFUSED,
    ]  # fmt: skip
    assert checks.rows == []


# --- several at once ----------------------------------------------------------------------------

BATCH = """
[kind.claim.batch]
path = "/claims/batch"
item = { id = "{id}", set = "{fields}" }
body = { operations = "{items}" }
results_path = "results"
status_path = "status"
"""


def batched(
    tmp_path: Path, server: OddServer, told: Callable[[list[Row]], Told], *more: str
) -> RestAdapter:
    """Open an adapter that writes in batches, which are answered like this."""
    claims(server)
    server.on("POST", "/claims/batch", lambda asked: told(asked.json["operations"]))
    return connect(tmp_path, server, CLAIMS, BESIDE, BATCH + "\n".join(more), top=RECORDS)


def each(rows: list[Row], statuses: list[int], *, is_reversed: bool = False) -> Told:
    """Answer each row with a status."""
    told = [
        {"id": row["id"], "status": status, "message": "m"}
        for row, status in zip(rows, statuses, strict=True)
    ]
    return Told({"results": told[::-1] if is_reversed else told}, 207)


SUCCESS = "[success]\nstatus = [200, 207]"


def test_each_row_of_a_207_has_its_ack(tmp_path: Path, server: OddServer) -> None:
    """Trap "207 with a result a row": one that failed is not said to be done."""
    adapter = batched(tmp_path, server, lambda rows: each(rows, [200, 400, 409]), SUCCESS)
    assert states(adapter, write(1), write(2), write(3)) == [
        AckState.DONE, AckState.REFUSED, AckState.CONFLICT,
    ]  # fmt: skip


def test_results_in_another_order_are_found_by_id(tmp_path: Path, server: OddServer) -> None:
    """Trap "bulk results come in another order": by id each goes to its own write."""
    adapter = batched(
        tmp_path,
        server,
        lambda rows: each(rows, [200, 404, 429], is_reversed=True),
        'align = "id"',
        SUCCESS,
    )
    assert states(adapter, write(1), write(2), write(3)) == [
        AckState.DONE, AckState.REFUSED, AckState.UNKNOWN,
    ]  # fmt: skip


@pytest.mark.parametrize("body", [{"results": [{"status": 200}]}, {"results": None}, {}, []])
def test_results_that_are_missing_are_unknown(
    tmp_path: Path, server: OddServer, body: object
) -> None:
    """Rows without a result are unknown, and none is taken for another's."""
    adapter = batched(tmp_path, server, lambda _rows: Told(body))
    assert states(adapter, write(1), write(2)) == [AckState.UNKNOWN] * 2


def test_job_is_no_result(tmp_path: Path, server: OddServer) -> None:
    """Trap "202, and a job": all rows are unknown, and none is sent a second time."""
    adapter = batched(tmp_path, server, lambda _rows: Told({"job_id": "7"}, 202))
    assert states(adapter, write(1), write(2)) == [AckState.UNKNOWN] * 2
    assert server.count("PATCH") == 0


def test_batch_that_one_row_spoils(tmp_path: Path, server: OddServer) -> None:
    """Where one row makes the whole batch a 400, each is sent by itself, and says which it was."""
    adapter = batched(tmp_path, server, lambda _rows: Told({"message": "row 2"}, 400))
    server.on("PATCH", "/claims/2", Told({"message": "closed"}, 400))
    assert states(adapter, write(1), write(2), write(3)) == [
        AckState.DONE, AckState.REFUSED, AckState.DONE,
    ]  # fmt: skip


def test_batch_that_breaks_off_tells_what_was_done(tmp_path: Path, server: OddServer) -> None:
    """What was written before a 429 is done, the rest unknown: nothing done is forgotten."""
    adapter = batched(tmp_path, server, lambda _rows: Told({"message": "row 2"}, 400))
    server.on("PATCH", "/claims/2", Told("", 429))
    assert states(adapter, write(1), write(2), write(3)) == [
        AckState.DONE, AckState.UNKNOWN, AckState.UNKNOWN,
    ]  # fmt: skip


# --- rows inside another record -----------------------------------------------------------------

NESTED = """
[kind.line]
object = "lines"
nested = { parent = "claim", path = "lines", parent_field = "claim", write = "rows" }
fields = { date = "day", category = "what", amount = { field = "sum", fixed_currency = "CNY" } }
results.fields = { outcome = "check.outcome" }
[kind.claim.conflict]
style = "etag"
header = "ETag"
"""


class Owners:
    """Claims with their lines inside, and an ETag that counts the writes."""

    def __init__(self, server: OddServer) -> None:
        lines = [
            {"id": n, "day": "2026-03-01", "what": "taxi", "sum": "12.50", "check": {"by": "x"}}
            for n in (1, 2)
        ]
        self.row = claim(1, lines=lines)
        self.count = 1
        server.on("GET", "/claims", lambda _asked: Told({"items": [self.row]}))
        server.on("GET", "/claims/1", self._read)
        server.on("PATCH", "/claims/1", self._update)

    def _read(self, _asked: Asked) -> Told:
        return Told(self.row, headers={"ETag": f'"{self.count}"'})

    def _update(self, asked: Asked) -> Told:
        if asked.headers.get("if-match") != f'"{self.count}"':
            return Told({"error": "changed"}, 412)
        self.count += 1
        self.row.update(asked.json)
        return self._read(asked)


def line_write(number: int, version: str = "") -> WriteBack:
    """Make a write of a line's result."""
    money = Money.of("12.50", "CNY")
    made = LineResult(f"1:{number}", "1", Outcome.PASS, money, money, "", "")
    return WriteBack(f"l{number}", ResultKind.LINE_RESULT, made.line, made, version=version)


def test_rows_inside_a_record_are_read_and_written(tmp_path: Path, server: OddServer) -> None:
    """Lines inside a claim: each is a record, written with the others of its claim as they are."""
    owners = Owners(server)
    adapter = connect(tmp_path, server, CLAIMS, NESTED, top=RECORDS)
    (page,) = adapter.pull(Kind.LINE, None)
    assert [fact.origin.record for fact in page.facts] == ["1:1", "1:2"]
    assert states(adapter, line_write(1), line_write(2)) == [AckState.DONE] * 2
    assert [line["check"] for line in owners.row["lines"]] == [{"by": "x", "outcome": "pass"}] * 2
    assert [line["sum"] for line in owners.row["lines"]] == ["12.50"] * 2


def test_rows_without_an_id_are_set_aside(tmp_path: Path, server: OddServer) -> None:
    """A line without an id is told, and two of them are not one."""
    owners = Owners(server)
    for line in owners.row["lines"]:
        line["id"] = None
    adapter = connect(tmp_path, server, CLAIMS, NESTED, top=RECORDS)
    (page,) = adapter.pull(Kind.LINE, None)
    assert (len(page.facts), len(page.set_aside)) == (0, 2)


def test_row_that_went_or_changed_meanwhile(tmp_path: Path, server: OddServer) -> None:
    """A line that went is no record, one that a person changed is a conflict: also in between."""
    owners = Owners(server)
    adapter = connect(tmp_path, server, CLAIMS, NESTED, top=RECORDS)
    (page,) = adapter.pull(Kind.LINE, None)
    reads = [0]
    read = owners._read

    def meanwhile(asked: Asked) -> Told:
        reads[0] += 1
        if reads[0] == 2:
            owners.row["lines"] = [{**owners.row["lines"][0], "sum": "99.00"}]
        return read(asked)

    server.on("GET", "/claims/1", meanwhile)
    versions = [fact.origin.version for fact in page.facts]
    assert states(adapter, line_write(1, versions[0]), line_write(2, versions[1])) == [
        AckState.CONFLICT, AckState.REFUSED,
    ]  # fmt: skip
    assert server.count("PATCH") == 0


# --- changes ------------------------------------------------------------------------------------


def test_change_that_is_dropped_is_told(tmp_path: Path, server: OddServer) -> None:
    """Trap "an unknown field is dropped": so is a changed field of a record, and it is named."""
    kind = (
        '[kind.account]\nobject = "accounts"\nchanges = true\n'
        'fields = { name = "name", city = "town" }'
    )
    row = {"id": "1", "name": "Acme"}
    server.on("GET", "/accounts/1", Told(row))
    server.on("PATCH", "/accounts/1", Told(row))
    adapter = connect(tmp_path, server, kind, top=RECORDS)
    change = Change(Kind.ACCOUNT, Account("1", "Acme", city="上海"), ("city",))
    (ack,) = adapter.push([WriteBack("c", ResultKind.CHANGE, "1", change)])
    assert ack.problem is not None
    assert (ack.state, ack.problem.code) == (AckState.UNKNOWN, "crm.lost")
    assert "town" in ack.problem.describe()
