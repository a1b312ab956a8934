"""The REST adapter against servers that page oddly: each trap was seen on a real CRM."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from oddserver import (
    RECORDS,
    Asked,
    OddServer,
    Row,
    Table,
    Told,
    account,
    all_at_once,
    by_cursor,
    by_link,
    by_offset,
    by_page,
    by_range,
    connect,
    names,
    odd_server,
    pulled,
)

from crm_expenses.core.record import Kind
from crm_expenses.errors import RefusedError, RetryableError

ROWS = [account(n) for n in range(1, 8)]
ALL = [row["id"] for row in ROWS]
OFFSET = 'paging = { kind = "offset", param = "offset", size_param = "limit", size = 3 }'


@pytest.fixture
def server() -> Iterator[OddServer]:
    """A server that knows nothing yet."""
    with odd_server() as made:
        yield made


def paging(text: str) -> str:
    """Give the head of a file that pages like this."""
    return f"{RECORDS}\npaging = {{ {text} }}"


# --- where the list stands ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "more"),
    [
        ("list", {"total": 7}),
        ("data", {"meta": {}}),
        ("items", {"totalItems": 7}),
        ("results", {"count": 0}),
        ("", {}),
        ("active_accounts.open_accounts", {}),
    ],
)
def test_list_is_found_where_the_file_says(
    tmp_path: Path, server: OddServer, place: str, more: dict[str, object]
) -> None:
    """Trap "a list lives elsewhere": each place that was seen is read, whatever stands beside."""
    Table(ROWS, all_at_once, place=place, more=more).serve(server)
    adapter = connect(tmp_path, server, top=f'records = {{ path = "{place}" }}')
    assert pulled(adapter)[0] == ALL


@pytest.mark.parametrize("body", [{"errorCode": 20016}, {"items": None}, {"items": {}}, [], "[]"])
def test_missing_list_is_an_error(tmp_path: Path, server: OddServer, body: object) -> None:
    """Trap "200 without the list": it is an error, never an empty page."""
    server.on("GET", "/accounts", Told(body))
    with pytest.raises(RetryableError, match="items"):
        list(connect(tmp_path, server).pull(Kind.ACCOUNT, None))


def test_missing_list_may_mean_none(tmp_path: Path, server: OddServer) -> None:
    """Trap "no list where there are no records": a file may say so, and then it is no error."""
    server.on("GET", "/accounts", Told({"total": 0}))
    adapter = connect(tmp_path, server, top='records = { path = "items", missing = "empty" }')
    assert pulled(adapter)[0] == []


def test_row_that_is_no_record_is_set_aside(tmp_path: Path, server: OddServer) -> None:
    """Rows without an id, and rows that are no objects, are set aside and hide no other row."""
    rows = [{"name": "nameless"}, None, 7, ROWS[0]]
    server.on("GET", "/accounts", Told({"items": rows}))
    (page,) = connect(tmp_path, server, top=RECORDS).pull(Kind.ACCOUNT, None)
    assert names([page]) == ["A-001"]
    assert len(page.set_aside) == 3


def test_rows_without_an_id_are_told_on_every_page(tmp_path: Path, server: OddServer) -> None:
    """Two rows without an id on two pages are two rows, not one that came again."""
    rows: list[Row] = [{"id": None, "name": f"nameless {n}"} for n in range(4)]
    Table(rows, by_page(), sort=lambda row: row["name"]).serve(server)
    adapter = connect(
        tmp_path,
        server,
        top=paging('kind = "page_number", param = "page", size_param = "size", size = 2'),
    )
    assert sum(len(page.set_aside) for page in adapter.pull(Kind.ACCOUNT, None)) == 4


# --- pages --------------------------------------------------------------------------------------


def test_page_number_from_one(tmp_path: Path, server: OddServer) -> None:
    """Pages that count from 1 are all read, each once."""
    Table(ROWS, by_page()).serve(server)
    assert pulled(connect(tmp_path, server))[0] == ALL
    assert [asked.one("page") for asked in server.asked] == ["1", "2", "3", "4"]


def test_page_from_zero_with_404_behind_the_last(tmp_path: Path, server: OddServer) -> None:
    """Trap "page from 0, and a 404 behind the last page": a rule says that this is the end."""
    Table(ROWS, by_page(first=0, behind=Told({"error": {"code": 404}}, 404))).serve(server)
    adapter = connect(
        tmp_path,
        server,
        "[[error]]\nstatus = 404\nbody = { 'error.code' = 404 }\ncategory = 'end'",
        top=paging('kind="page_number", param="page", size_param="size", size=7, first=0'),
    )
    assert pulled(adapter)[0] == ALL


@pytest.mark.parametrize("stop", ["short_page", "empty_page"])
def test_size_that_is_silently_capped(tmp_path: Path, server: OddServer, stop: str) -> None:
    """Trap "the size of a page is cut in silence": a page of the capped size is not the last."""
    Table(ROWS, by_page(cap=2)).serve(server)
    text = f'kind = "page_number", param = "page", size_param = "size", size = 5, stop = "{stop}"'
    assert pulled(connect(tmp_path, server, top=paging(text)))[0] == ALL


@pytest.mark.parametrize("stop", ["short_page", "empty_page"])
def test_offset_goes_on_by_what_was_given(tmp_path: Path, server: OddServer, stop: str) -> None:
    """Trap "the limit is cut in silence": the offset grows by the rows that came."""
    Table(ROWS, by_offset(cap=2)).serve(server)
    text = f'kind = "offset", param = "offset", size_param = "limit", size = 5, stop = "{stop}"'
    assert pulled(connect(tmp_path, server, top=paging(text)))[0] == ALL
    assert [asked.one("offset") for asked in server.asked][:3] == ["0", "2", "4"]


def test_too_large_a_page_is_said_so(tmp_path: Path, server: OddServer) -> None:
    """Trap "403 on too large a page": the file's rule tells it from a missing permission."""
    too_large = Told(b"", 403, {"X-Status-Reason": "Max size should not exceed 200"})
    Table(ROWS, by_offset(cap=200, too_large=too_large)).serve(server)
    rule = (
        "[[error]]\nstatus = 403\nheader = { X-Status-Reason = 'Max size' }\n"
        "category = 'validation'\ndetail_header = 'X-Status-Reason'"
    )
    text = 'kind = "offset", param = "offset", size_param = "limit", size = 201'
    with pytest.raises(RefusedError, match="Max size should not exceed 200"):
        pulled(connect(tmp_path, server, rule, top=paging(text)))


def test_range_header_and_416_behind_the_end(tmp_path: Path, server: OddServer) -> None:
    """Trap "Range header, and a 416 behind the end": pages by a header end where a rule says."""
    Table(ROWS, by_range, place="").serve(server)
    adapter = connect(
        tmp_path,
        server,
        '[success]\nstatus = [200, 206]\n[[error]]\nstatus = 416\ncategory = "end"',
        top=(
            'records = { path = "" }\n'
            'paging = { kind = "offset", in = "header", param = "Range", size = 3, '
            'range = "records={start}-{end}" }'
        ),
    )
    assert pulled(adapter)[0] == ALL
    ranges = [asked.headers["range"] for asked in server.asked]
    assert ranges[:2] == ["records=0-3", "records=3-6"]


def test_paging_in_the_body_of_a_post(tmp_path: Path, server: OddServer) -> None:
    """Trap "a list is a POST": offset and limit stand in its body, beside what stands there."""
    Table(ROWS, by_offset()).serve(server)
    adapter = connect(
        tmp_path,
        server,
        '[calls]\nlist = { method = "POST", path = "/{object}/search", '
        'body = { fields = "{field_names}" } }',
        top=paging(
            'kind = "offset", in = "body", param = "offset", size_param = "limit", size = 3'
        ),
    )
    assert pulled(adapter)[0] == ALL
    assert server.asked[1].json == {"fields": ["id", "name"], "offset": 3, "limit": 3}


@pytest.mark.parametrize("total", [0, 2, 10**6])
def test_totals_that_lie_end_nothing(tmp_path: Path, server: OddServer, total: int) -> None:
    """Trap "count: 0 beside 2 results": no paging ends, or goes on, because of a total."""
    Table(ROWS, by_page(), more={"count": total, "totalPages": total}).serve(server)
    assert pulled(connect(tmp_path, server))[0] == ALL


def test_cursor_is_followed_to_null(tmp_path: Path, server: OddServer) -> None:
    """A cursor is sent back as it came, until there is none."""
    Table(ROWS, by_cursor()).serve(server)
    text = 'kind = "cursor", param = "cursor", cursor_path = "next", size_param = "size", size = 3'
    assert pulled(connect(tmp_path, server, top=paging(text)))[0] == ALL


def test_cursor_that_does_not_move_is_an_error(tmp_path: Path, server: OddServer) -> None:
    """Trap "the next page is the same page": nobody reads it for ever."""
    server.on("GET", "/accounts", Told({"items": ROWS, "next": "c1"}))
    text = 'kind = "cursor", param = "cursor", cursor_path = "next"'
    with pytest.raises(RetryableError, match="same page again"):
        pulled(connect(tmp_path, server, top=paging(text)))


def test_more_is_said_by_the_server(tmp_path: Path, server: OddServer) -> None:
    """Trap "has_next_page": yes or no decides, and anything else is an error."""

    def cut(table: Table, asked: Asked, rows: list[Row]) -> Told:
        at = int(asked.one("offset", "0"))
        return Told({"items": rows[at : at + 3], "has_next_page": at + 3 < len(rows)})

    Table(ROWS, cut).serve(server)
    text = 'kind="offset", param="offset", size=3, stop="has_more", more_path="has_next_page"'
    assert pulled(connect(tmp_path, server, top=paging(text)))[0] == ALL
    assert len(server.asked) == 3
    server.on("GET", "/accounts", Told({"items": ROWS}))
    with pytest.raises(RetryableError, match="has_next_page"):
        pulled(connect(tmp_path, server, top=paging(text)))


@pytest.mark.parametrize(
    "link",
    [
        lambda at: f"/accounts?at={at}&size=3",
        lambda at: f"?at={at}&size=3",
        lambda at: f"accounts?at={at}&size=3",
    ],
)
@pytest.mark.parametrize("kind", ["json_link", "header_link"])
def test_relative_links_lead_on(
    tmp_path: Path, server: OddServer, link: Callable[[int], str], kind: str
) -> None:
    """Trap "the next link is relative": it is read from where the page was, as browsers do."""
    Table(ROWS, by_link(link, header=kind == "header_link")).serve(server)
    text = f'kind = "{kind}", link_path = "next", size_param = "size", size = 3'
    assert pulled(connect(tmp_path, server, top=paging(text)))[0] == ALL


def test_offset_is_capped_where_nothing_else_helps(tmp_path: Path, server: OddServer) -> None:
    """Trap "no offset beyond 10 000": where a kind is read as a whole, the reading says so."""
    Table(ROWS, by_offset(deepest=6)).serve(server)
    text = 'kind="offset", param="offset", size_param="limit", size=3, offset_max=6'
    pages = connect(tmp_path, server, top=paging(text)).pull(Kind.ACCOUNT, None)
    assert names([next(pages), next(pages)]) == ALL[:6]
    with pytest.raises(RetryableError, match="more than 6 records"):
        next(pages)
    assert all(int(asked.one("offset")) < 6 for asked in server.asked)


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("kind", ["page_number", "offset"])
def test_parameter_that_nobody_knows_is_no_endless_reading(
    tmp_path: Path, server: OddServer, kind: str, count: int
) -> None:
    """Trap "an unknown parameter is ignored": the same page again and again is an error."""
    server.on("GET", "/accounts", Told({"items": ROWS[:count]}))
    with pytest.raises(RetryableError, match="same page"):
        pulled(connect(tmp_path, server, top=paging(f'kind = "{kind}", param = "pag"')))
    assert len(server.asked) == 3
