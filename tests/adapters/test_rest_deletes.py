"""The REST adapter and what is not there: deletions of every kind, looks, ids that come again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from oddserver import (
    CALLS,
    PAGED,
    RECORDS,
    SINCE,
    Asked,
    OddServer,
    Row,
    Table,
    Told,
    account,
    by_page,
    connect,
    names,
    odd_server,
    pulled,
)

from crm_expenses.adapters.contract import Ability, Page, Support
from crm_expenses.core.record import Kind
from crm_expenses.errors import AuthError, RefusedError, RetryableError, UnsupportedError

OLD, NEW = "2026-03-01T11:00:00.000Z", "2026-03-01T11:30:00.000Z"


@pytest.fixture
def server() -> Iterator[OddServer]:
    """A server that knows nothing yet."""
    with odd_server() as made:
        yield made


def lost(*pages: Page) -> list[str]:
    """Give the ids of what is gone."""
    return [one.origin.record for page in pages for one in page.gone]


# --- looking ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "told",
    [
        Told({"error": 1}, 404),
        Told("<html>", 404),
        Told(b"", 404, {"X-Status-Reason": "gone"}),
        Told({"error": 1}, 410),
        Told({"data": []}),
        Told({"data": None}),
        Told(None, 204),
        Told({"error": {"code": "FORBIDDEN"}}, 403),
    ],
)
def test_reading_a_deleted_record(tmp_path: Path, server: OddServer, told: Told) -> None:
    """Trap "reading what was deleted": 404, 403 by rule, or 200 with an empty list: it is gone."""
    server.on("GET", "/accounts/A-001", Told({"data": account(1)}))
    server.on("GET", "/accounts/A-002", told)
    rule = "[[error]]\nstatus = 403\nbody = { 'error.code' = 'FORBIDDEN' }\ncategory = 'not_found'"
    top = 'records = { path = "items", single_path = "data" }'
    page = connect(tmp_path, server, rule, top=top).look(Kind.ACCOUNT, ["A-001", "A-002"])
    assert (names([page]), lost(page)) == (["A-001"], ["A-002"])


def test_forbidden_without_a_rule_is_no_deletion(tmp_path: Path, server: OddServer) -> None:
    """A 403 that no rule explains is a missing permission: nothing is gone because of it."""
    server.on("GET", "/accounts/A-001", Told({"error": "?"}, 403))
    with pytest.raises(AuthError):
        connect(tmp_path, server).look(Kind.ACCOUNT, ["A-001"])


@pytest.mark.parametrize(
    "told", [Told({"message": "boom"}, 500), Told("<html>"), Told({"id": None}), Told([1, 2])]
)
def test_what_cannot_be_read_now_is_not_gone(tmp_path: Path, server: OddServer, told: Told) -> None:
    """An answer that is none lets nothing go."""
    server.on("GET", "/accounts/A-001", told)
    with pytest.raises(RetryableError):
        connect(tmp_path, server).look(Kind.ACCOUNT, ["A-001"])


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (Told({"error": 1}, 404), RefusedError),
        (Told({"error": 1}, 403), AuthError),
        (Told("", 501), UnsupportedError),
        (Told("<html>", 500), RetryableError),
    ],
)
def test_unknown_collection_is_an_error(
    tmp_path: Path, server: OddServer, told: Told, kind: type[Exception]
) -> None:
    """Trap "an unknown collection": 404, 403, 501 and 500 are errors, none an empty collection."""
    server.on("GET", "/accounts", told)
    with pytest.raises(kind):
        pulled(connect(tmp_path, server))


def test_several_are_found_at_once_in_any_order(tmp_path: Path, server: OddServer) -> None:
    """Records asked for by their ids may come in another order, twice, or with others."""
    rows = [account(3), account(9), account(1), account(1)]
    server.on("GET", "/accounts", Told({"items": rows}))
    find = f"""{CALLS}
[calls.find]
path = "/{{object}}"
query.filter = {{ encode = "each", of = "ids", value = "id='{{each}}'", join = "||" }}
"""
    page = connect(tmp_path, server, find).look(Kind.ACCOUNT, ["A-001", "A-002", "A-003"])
    assert (names([page]), lost(page)) == (["A-001", "A-003"], ["A-002"])
    assert server.asked[0].one("filter") == "id='A-001'||id='A-002'||id='A-003'"


FIND = """
[calls]
list = { path = "/{object}" }
find = { path = "/{object}/found", query = { ids = "{ids}" } }
"""


@pytest.mark.parametrize("cap", [1, 2, 100])
def test_found_ones_may_be_cut_to_a_page(tmp_path: Path, server: OddServer, cap: int) -> None:
    """Trap "20 rows unless told": what a page cuts off is asked for again, and not gone."""
    rows = {row["id"]: row for row in (account(n) for n in range(7))}

    def found(asked: Asked) -> Told:
        return Told({"items": [rows[n] for n in asked.query["ids"] if n in rows][:cap]})

    server.on("GET", "/accounts/found", found)
    wanted = [*rows, "A-900"]
    page = connect(tmp_path, server, FIND).look(Kind.ACCOUNT, wanted)
    assert (sorted(names([page])), lost(page)) == (sorted(rows), ["A-900"])


def test_filter_that_is_ignored_lets_nothing_go(tmp_path: Path, server: OddServer) -> None:
    """Trap "an unknown filter is ignored": what nobody asked for makes an answer doubtful."""
    server.on("GET", "/accounts/found", Told({"items": [account(n) for n in range(3)]}))
    server.on("GET", "/accounts/A-007", Told(account(7)))
    with pytest.raises(RetryableError, match="not asked for"):
        connect(tmp_path, server, FIND).look(Kind.ACCOUNT, ["A-001", "A-007"])
    more = FIND + 'read = { path = "/{object}/{id}" }'
    page = connect(tmp_path, server, more).look(Kind.ACCOUNT, ["A-001", "A-007", "A-008"])
    assert (names([page]), lost(page)) == (["A-001", "A-007"], ["A-008"])


def test_numbers_come_as_strings_and_strings_as_numbers(tmp_path: Path, server: OddServer) -> None:
    """Trap "id is "1", the total "222.50000000"": ids are texts here, money is exact."""
    kind = (
        '[kind.voucher]\nobject = "vouchers"\nfields = { kind = { value = "other" }, '
        'number = { field = "no", as = "number" }, '
        'amount = { field = "total", currency = "cur" } }'
    )
    rows = [
        {"id": 1, "no": "0042", "total": "222.50000000", "cur": "CNY"},
        {"id": "2", "no": 42, "total": 222.5, "cur": "CNY"},
    ]
    server.on("GET", "/vouchers", Told({"items": rows}))
    (page,) = connect(tmp_path, server, kind, top=RECORDS).pull(Kind.VOUCHER, None)
    told = [
        (fact.record.id, fact.record.number, str(fact.record.amount))  # type: ignore[union-attr]
        for fact in page.facts
    ]
    assert told == [("1", "0042", "222.50 CNY"), ("2", "42", "222.50 CNY")]


# --- what the CRM tells of deletions ------------------------------------------------------------

LIST = """
[deletes]
kind = "list"
id_path = "ref.id"
[deletes.list]
path = "/deleted"
query = { from = "{since}" }
records = { path = "gone" }
"""


class Bin:
    """A table, and beside it a list of what was deleted, with or without pages."""

    def __init__(self, server: OddServer, *, paged: bool = True) -> None:
        self.gone: list[tuple[str, str]] = []
        self.table = Table([account(n, OLD) for n in range(4)], by_page()).serve(server)
        self.paged = paged
        server.on("GET", "/deleted", self._list)

    def _list(self, asked: Asked) -> Told:
        rows = [{"ref": {"id": name}} for name, at in self.gone if at >= asked.one("from")]
        at = (int(asked.one("page")) - 1) * 3 if self.paged else 0
        return Told({"gone": rows[at : at + 3] if self.paged else rows})


@pytest.mark.parametrize("paged", [True, False])
def test_list_of_deletions(tmp_path: Path, server: OddServer, paged: bool) -> None:  # noqa: FBT001
    """Deletions that the CRM lists are gone, with pages or without, each asked for once."""
    bin_ = Bin(server, paged=paged)
    adapter = connect(tmp_path, server, SINCE, LIST)
    assert adapter.capabilities.support(Ability.DELETES) is Support.YES
    _, cursor = pulled(adapter)
    assert server.count("GET", "/deleted") <= 2
    server.wall += 600
    bin_.gone = [(f"A-00{n}", "2026-03-01T12:05:00.000Z") for n in (1, 2)]
    bin_.gone += [(f"X-{n}", "2026-03-01T12:05:00.000Z") for n in range(3)]
    bin_.table.rows = [bin_.table.rows[0], bin_.table.rows[3]]
    pages = list(adapter.pull(Kind.ACCOUNT, cursor))
    assert lost(*pages) == ["A-001", "A-002", "X-0", "X-1", "X-2"]
    server.wall += 600
    assert lost(*adapter.pull(Kind.ACCOUNT, pages[-1].cursor)) == []
    asked = [one.one("from") for one in server.asked if one.path == "/deleted"]
    assert asked[-1] == "2026-03-01T12:09:59.000Z"


def test_id_that_was_given_again_is_not_gone(tmp_path: Path, server: OddServer) -> None:
    """Trap "ids are reused": a deleted id that a new record has is looked up, and is there."""
    bin_ = Bin(server)
    adapter = connect(tmp_path, server, SINCE, LIST)
    _, cursor = pulled(adapter)
    server.wall += 60
    bin_.gone = [("A-001", "2026-03-01T12:00:30.000Z"), ("A-002", "2026-03-01T12:00:30.000Z")]
    bin_.table.rows[1] = {**account(1, "2026-03-01T12:00:40.000Z"), "name": "Somebody else"}
    del bin_.table.rows[2]
    pages = list(adapter.pull(Kind.ACCOUNT, cursor))
    assert names(pages) == ["A-001"]
    assert lost(*pages) == ["A-002"]


@pytest.mark.parametrize("value", [True, 1])
def test_flag_of_a_deleted_record(tmp_path: Path, server: OddServer, value: object) -> None:
    """A record that is marked as deleted is gone, however yes is written there."""
    rows: list[Row] = [account(1, OLD, deleted=False), account(2, OLD, deleted=value)]
    Table(rows, by_page()).serve(server)
    flag = '[deletes]\nkind = "flag"\npath = "deleted"'
    pages = list(connect(tmp_path, server, SINCE, flag).pull(Kind.ACCOUNT, None))
    assert (names(pages), lost(*pages)) == (["A-001"], ["A-002"])
    page = connect(tmp_path, server, SINCE, flag).look(Kind.ACCOUNT, ["A-001", "A-002"])
    assert (names([page]), lost(page)) == (["A-001"], ["A-002"])


def test_record_that_is_no_account_any_more(tmp_path: Path, server: OddServer) -> None:
    """Records of another type in the same collection are none; one that becomes so is gone."""
    kinds = '[kind.account]\nobject = "accounts"\nfields = { name = "name" }\nonly = { type = 2 }'
    rows = [account(n, OLD, type=kind) for n, kind in enumerate(["2", 2, 3, True, None])]
    table = Table(rows, by_page()).serve(server)
    adapter = connect(tmp_path, server, SINCE, kinds)
    pages = list(adapter.pull(Kind.ACCOUNT, None))
    assert (names(pages), lost(*pages)) == (["A-000", "A-001"], [])
    table.rows[0] = {**table.rows[0], "type": 3, "updated": "2026-03-01T12:00:30.000Z"}
    server.wall += 60
    assert lost(*adapter.pull(Kind.ACCOUNT, pages[-1].cursor)) == ["A-000"]
    assert lost(adapter.look(Kind.ACCOUNT, ["A-000", "A-001"])) == ["A-000"]


def test_whole_reading_tells_nothing_as_gone(tmp_path: Path, server: OddServer) -> None:
    """Lesson "full refreshes need a mark": a reading of all says that it is one."""
    table = Table([account(n) for n in range(4)], by_page()).serve(server)
    adapter = connect(tmp_path, server, top=f"{RECORDS}\n{PAGED}")
    pages = list(adapter.pull(Kind.ACCOUNT, None))
    table.rows.pop()
    again = list(adapter.pull(Kind.ACCOUNT, pages[-1].cursor))
    assert [page.restart for page in again] == [True, False]
    assert lost(*again) == []
    assert adapter.capabilities.support(Ability.DELETES) is Support.NO


def test_broken_reading_of_all_gives_no_end(tmp_path: Path, server: OddServer) -> None:
    """A reading of all that breaks off raises: nobody takes what is missing for deleted."""
    table = Table([account(n) for n in range(7)], by_page())

    def breaks(asked: Asked) -> Told:
        return table.list(asked) if asked.one("page") == "1" else Told("<html>", 502)

    server.on("GET", "/accounts", breaks)
    pages = connect(tmp_path, server).pull(Kind.ACCOUNT, None)
    next(pages)
    with pytest.raises(RetryableError):
        next(pages)
