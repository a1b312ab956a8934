"""The REST adapter reads what is new: times of every form, ties, and rows that move meanwhile."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oddserver import (
    BEARER,
    NOON,
    PAGED,
    RECORDS,
    SINCE,
    Asked,
    OddServer,
    Row,
    Table,
    Told,
    account,
    by_cursor,
    by_offset,
    by_page,
    connect,
    names,
    odd_server,
    pulled,
)

from crm_expenses.adapters.contract import Cursor
from crm_expenses.core.record import Kind
from crm_expenses.errors import RefusedError, RetryableError

OFFSET = 'paging = { kind = "offset", param = "offset", size_param = "limit", size = 3 }'


@pytest.fixture
def server() -> Iterator[OddServer]:
    """A server that knows nothing yet."""
    with odd_server() as made:
        yield made


def at(seconds: float) -> datetime:
    """Give a moment of the tests: so many seconds before noon."""
    return datetime.fromtimestamp(NOON, UTC) - timedelta(seconds=seconds)


def iso(seconds: float) -> str:
    """Write one as most servers do."""
    return at(seconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def since(**over: str) -> str:
    """Give the part [since] of a file, with other lines."""
    lines = dict(line.split(" = ", 1) for line in SINCE.strip().splitlines()[1:])
    return "[since]\n" + "\n".join(f"{k} = {v}" for k, v in {**lines, **over}.items() if v)


def parts(moment: datetime) -> dict[str, Any]:
    """Write a moment as a table."""
    names_of = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime", **{name: getattr(moment, name) for name in names_of}}


# --- the time of change, in every form ----------------------------------------------------------

FORMS = {
    "ISO with Z and milliseconds": (lambda m: m.isoformat(timespec="milliseconds")[:-6] + "Z", {}),
    "blank and Z": (
        lambda m: m.strftime("%Y-%m-%d %H:%M:%S.000Z"),
        {"format": '"%Y-%m-%d %H:%M:%S.000Z"'},
    ),
    "naive UTC, whole seconds": (
        lambda m: m.strftime("%Y-%m-%d %H:%M:%S"),
        {"format": '"%Y-%m-%d %H:%M:%S"'},
    ),
    "naive UTC, microseconds": (
        lambda m: m.strftime("%Y-%m-%d %H:%M:%S.%f"),
        {"format": '"%Y-%m-%d %H:%M:%S.%f"'},
    ),
    "seconds since 1970": (lambda m: int(m.timestamp()), {"format": '"epoch_s"'}),
    "seconds as text": (lambda m: str(int(m.timestamp())), {"format": '"epoch_s"'}),
    "milliseconds since 1970": (lambda m: int(m.timestamp() * 1000), {"format": '"epoch_ms"'}),
}


@pytest.mark.parametrize("form", FORMS)
def test_time_of_change_in_every_form(tmp_path: Path, server: OddServer, form: str) -> None:
    """Trap "modified in another form": it is read as the same moment, and asked for in its form."""
    write, over = FORMS[form]
    rows = [account(n, write(at(100 - n))) for n in range(5)]
    table = Table(rows, by_page()).serve(server)
    adapter = connect(tmp_path, server, since(**over))
    pages = list(adapter.pull(Kind.ACCOUNT, None))
    assert sorted(set(names(pages))) == [row["id"] for row in rows]
    times = {fact.origin.record: fact.changed_at for page in pages for fact in page.facts}
    assert times == {row["id"]: at(100 - n) for n, row in enumerate(rows)}
    table.rows += [account(7, write(at(-10)))]
    server.asked.clear()
    assert pulled(adapter, pages[-1].cursor)[0] == ["A-007"]
    asked = server.asked[0].one("since")
    assert type(write(at(0)))(asked) == write(at(1))  # back by the precision, one second


def test_local_time_and_no_filter(tmp_path: Path, server: OddServer) -> None:
    """Trap "+05:30, and no filter on it": all is read each time, and the moment is the same."""
    india = timezone(timedelta(hours=5, minutes=30))
    rows = [account(n, at(100 - n).astimezone(india).isoformat()) for n in range(5)]
    Table(rows, by_page()).serve(server)
    adapter = connect(tmp_path, server, '[since]\nfield = "updated"')
    pages = list(adapter.pull(Kind.ACCOUNT, None))
    assert [f.changed_at for p in pages for f in p.facts] == [at(100 - n) for n in range(5)]
    again = list(adapter.pull(Kind.ACCOUNT, pages[-1].cursor))
    assert (names(again), again[0].restart) == (names(pages), True)


def test_time_of_change_as_a_table(tmp_path: Path, server: OddServer) -> None:
    """Trap "an object of year to microsecond": it is read, and asked for as an object."""
    rows = [account(1, parts(at(5).replace(microsecond=250_000)))]
    asked: list[Any] = []

    def answer(one: Asked) -> Told:
        asked.append(json.loads(one.one("since", "null")))
        return Told({"items": rows if len(asked) == 1 else []})

    server.on("GET", "/accounts", answer)
    adapter = connect(tmp_path, server, since(format='"parts"'), top=RECORDS)
    (page,) = adapter.pull(Kind.ACCOUNT, None)
    assert page.facts[0].changed_at == at(5).replace(microsecond=250_000)
    list(adapter.pull(Kind.ACCOUNT, page.cursor))
    assert {k: v for k, v in parts(at(1)).items() if k != "__class__"} == asked[1]


def test_naive_time_of_the_site(tmp_path: Path, server: OddServer) -> None:
    """Trap "naive site time": a file names the zone of times that carry none."""
    Table([account(1, "2026-03-01 19:59:00")], by_page()).serve(server)
    head = f'[connection]\nversion = 1\ntitle = "Odd"\nbase_url = "{server.url}"\n'
    head += (
        'timezone = "Asia/Shanghai"\n[secret.token]\nhelp = "the token"\n[config.url]\nhelp = "x"\n'
    )
    adapter = connect(tmp_path, server, head, since(format='"%Y-%m-%d %H:%M:%S"'))
    pages = list(adapter.pull(Kind.ACCOUNT, None))
    assert pages[0].facts[0].changed_at == at(60)
    server.asked.clear()
    list(adapter.pull(Kind.ACCOUNT, pages[-1].cursor))
    assert server.asked[0].one("since") == "2026-03-01 19:59:59"


def test_modified_is_null_until_the_first_update(tmp_path: Path, server: OddServer) -> None:
    """Trap "modified is null until the first update": the time of creation stands in for it."""
    rows = [
        {**account(1), "updated": None, "created": iso(50)},
        {**account(2), "updated": iso(20), "created": iso(90)},
        {**account(3), "updated": None, "created": iso(10)},
    ]
    newest = lambda row: row["updated"] or row["created"]  # noqa: E731
    table = Table(rows, by_page(), time="newest", sort=lambda row: (newest(row), row["id"]))
    for row in rows:
        row["newest"] = newest(row)
    table.serve(server)
    adapter = connect(tmp_path, server, since(field='["updated", "created"]'))
    pages = list(adapter.pull(Kind.ACCOUNT, None))
    times = {fact.origin.record: fact.changed_at for page in pages for fact in page.facts}
    assert times == {"A-001": at(50), "A-002": at(20), "A-003": at(10)}


def test_filter_on_a_field_that_is_not_returned(tmp_path: Path, server: OddServer) -> None:
    """Trap "the filter's field is not returned": pages are counted, and nothing is lost."""
    rows = [{**account(n), "tms": iso(100 - n)} for n in range(8)]

    def cut(table: Table, asked: Asked, held: list[Row]) -> Told:
        shown = [{k: v for k, v in row.items() if k != "tms"} for row in held]
        return by_page()(table, asked, shown)

    table = Table(rows, cut, time="tms", sort=lambda row: row["id"]).serve(server)
    adapter = connect(tmp_path, server, since(field="", sorted=""))
    seen, cursor = pulled(adapter)
    assert seen == [row["id"] for row in rows]
    table.rows += [{**account(9), "tms": iso(-3)}]
    server.wall += 60
    assert pulled(adapter, cursor)[0] == ["A-009"]


# --- ties and moves -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["page_number", "offset"])
@pytest.mark.parametrize("cap", [2, 1000])
@pytest.mark.parametrize("stop", ["short_page", "empty_page"])
def test_rows_of_one_time_cross_pages(
    tmp_path: Path, server: OddServer, kind: str, cap: int, stop: str
) -> None:
    """Trap "4-5 records share one modified time": none is lost where a page ends among them."""
    times = [90, 80, 80, 80, 80, 80, 70, 60, 60, 60, 60, 50]
    rows = [account(n, iso(time)) for n, time in enumerate(times)]
    is_offset = kind == "offset"
    Table(rows, by_offset(cap=cap) if is_offset else by_page(cap=cap)).serve(server)
    paging = (OFFSET if is_offset else PAGED).replace("size = 3", f'size = 3, stop = "{stop}"')
    seen, _ = pulled(connect(tmp_path, server, SINCE, top=f"{RECORDS}\n{paging}"))
    assert seen == [row["id"] for row in rows]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    gaps=st.lists(st.sampled_from([0, 0, 0, 200, 999, 1000, 2500]), max_size=14),
    size=st.integers(1, 4),
    cap=st.integers(1, 4),
    is_short=st.booleans(),
    is_counted=st.booleans(),
)
def test_no_row_is_lost_whatever_the_times(
    tmp_path: Path, *, gaps: list[int], size: int, cap: int, is_short: bool, is_counted: bool
) -> None:
    """Any times, page sizes and caps: a reading gives every row, and the next one nothing old."""
    rows, time = [], 100_000.0
    for number, gap in enumerate(gaps):
        time -= gap / 1000
        rows.append(account(number, iso(time)))
    kind = 'kind = "offset", param = "offset", size_param = "limit"'
    if is_counted:
        kind = 'kind = "page_number", param = "page", size_param = "size"'
    stop = "short_page" if is_short else "empty_page"
    with odd_server() as server:
        Table(rows, by_page(cap=cap) if is_counted else by_offset(cap=cap)).serve(server)
        top = f'{RECORDS}\npaging = {{ {kind}, size = {size}, stop = "{stop}", pages_max = 200 }}'
        adapter = connect(tmp_path, server, SINCE, top=top)
        seen, cursor = pulled(adapter)
        assert sorted(set(seen)) == [row["id"] for row in rows]
        assert pulled(adapter, cursor)[0] == []


@pytest.mark.parametrize("paging", [PAGED, OFFSET])
def test_row_that_is_edited_meanwhile_shifts_no_other(
    tmp_path: Path, server: OddServer, paging: str
) -> None:
    """Trap "rows shift while one pages": an edited row moves to the end, and none is skipped."""
    rows = [account(n, iso(100 - n * 5)) for n in range(9)]

    def edit(table: Table, _asked: Asked) -> None:
        if len(server.asked) == 2:  # between the first and the second page
            table.rows[0] = {**table.rows[0], "name": "New", "updated": iso(-1)}

    Table(rows, by_page() if paging is PAGED else by_offset(), before=edit).serve(server)
    adapter = connect(tmp_path, server, SINCE, top=f"{RECORDS}\n{paging}")
    pages = list(adapter.pull(Kind.ACCOUNT, None))
    assert set(names(pages)) == {row["id"] for row in rows}
    edited = [f.record.name for p in pages for f in p.facts if f.origin.record == "A-000"]  # type: ignore[union-attr]
    assert edited == ["Account 0", "New"]


def test_edited_row_comes_again_at_once(tmp_path: Path, server: OddServer) -> None:
    """A row that is edited after its page, and comes on the next one, is news and not a copy."""
    rows = [account(n, iso(100 - n * 5)) for n in range(4)]

    def edit(table: Table, _asked: Asked) -> None:
        if len(server.asked) == 2:
            table.rows[2] = {**table.rows[2], "name": "New", "updated": iso(-1)}

    Table(rows, by_page(), before=edit).serve(server)
    pages = list(connect(tmp_path, server, SINCE).pull(Kind.ACCOUNT, None))
    assert [f.record.name for p in pages for f in p.facts][-1] == "New"  # type: ignore[union-attr]


def test_reading_goes_on_where_it_was_cut_off(tmp_path: Path, server: OddServer) -> None:
    """Lesson "checkpoint each page": the cursor of any page leads to all that was not given yet."""
    rows = [account(n, iso(100 - n // 3)) for n in range(12)]
    Table(rows, by_page()).serve(server)
    adapter = connect(tmp_path, server, SINCE)
    pages = list(adapter.pull(Kind.ACCOUNT, None))
    for number, page in enumerate(pages):
        rest = list(adapter.pull(Kind.ACCOUNT, page.cursor))
        assert set(names(pages[: number + 1])) | set(names(rest)) == {row["id"] for row in rows}
        assert not any(one.restart for one in rest)


def test_overlap_reads_what_was_committed_late(tmp_path: Path, server: OddServer) -> None:
    """Lesson "overlap, never equality": a row that shows up with an older time is still read."""
    table = Table([account(1, iso(30))], by_page()).serve(server)
    adapter = connect(tmp_path, server, since(settle_seconds="5", overlap_seconds="60"))
    _, cursor = pulled(adapter)
    table.rows.append(account(2, iso(40)))
    server.wall += 10
    assert pulled(adapter, cursor)[0] == ["A-002", "A-001"]


def test_depth_is_capped_and_time_leads_on(tmp_path: Path, server: OddServer) -> None:
    """Trap "no offset beyond 10 000": each page begins at the last time, so none goes deep."""
    rows = [account(n, iso(1000 - n)) for n in range(30)]
    Table(rows, by_offset(deepest=6)).serve(server)
    paging = OFFSET.replace("size = 3", "size = 3, offset_max = 6")
    adapter = connect(tmp_path, server, SINCE, top=f"{RECORDS}\n{paging}")
    assert pulled(adapter)[0] == [row["id"] for row in rows]


def test_too_many_of_one_time_for_the_depth(tmp_path: Path, server: OddServer) -> None:
    """More rows of one time than the CRM pages through are an error, and none is skipped."""
    rows = [account(n, iso(1000)) for n in range(30)]
    Table(rows, by_offset(deepest=6)).serve(server)
    paging = OFFSET.replace("size = 3", "size = 3, offset_max = 6")
    with pytest.raises(RetryableError, match="share one time"):
        pulled(connect(tmp_path, server, SINCE, top=f"{RECORDS}\n{paging}"))


def test_cursor_of_the_server_is_followed(tmp_path: Path, server: OddServer) -> None:
    """A CRM's own cursor needs no order of ours: it is followed to its end."""
    Table([account(n, iso(50)) for n in range(7)], by_cursor()).serve(server)
    paging = 'paging = { kind = "cursor", param = "cursor", cursor_path = "next" }'
    adapter = connect(tmp_path, server, since(sorted=""), top=f"{RECORDS}\n{paging}")
    assert pulled(adapter)[0] == [f"A-00{n}" for n in range(7)]


# --- keyset -------------------------------------------------------------------------------------

KEYSET = 'paging = { kind = "keyset", size_param = "size", size = 3, stop = "empty_page" }'
AFTER = since(query='{ since = "{since}", after = "{after}" }')


def keyset(table: Table, asked: Asked, rows: list[Row]) -> Told:
    """Give the rows behind a time and an id."""
    key = (asked.one("since"), asked.one("after"))
    left = [row for row in rows if (row["updated"], row["id"]) > key]
    return Told(table.envelope(left[: int(asked.one("size"))]))


def test_keyset_crosses_rows_of_one_time(tmp_path: Path, server: OddServer) -> None:
    """Lesson "(time, id) pairs": by keyset no row is lost, and none comes twice."""
    rows = [account(n, iso(100 - n // 5)) for n in range(17)]
    table = Table(rows, keyset).serve(server)
    adapter = connect(tmp_path, server, AFTER, top=f"{RECORDS}\n{KEYSET}")
    seen, cursor = pulled(adapter)
    assert seen == [row["id"] for row in rows]
    table.rows.append(account(99, iso(-3)))
    server.wall += 60
    assert pulled(adapter, cursor)[0] == ["A-099"]


def test_keyset_without_progress_is_an_error(tmp_path: Path, server: OddServer) -> None:
    """A page that ends where it began is an error: nobody asks for it a million times."""
    server.on("GET", "/accounts", Told({"items": [account(n, iso(9)) for n in range(3)]}))
    adapter = connect(tmp_path, server, AFTER, top=f"{RECORDS}\n{KEYSET}")
    with pytest.raises(RetryableError, match="come again"):
        pulled(adapter)
    assert len(server.asked) == 2


def test_keyset_needs_the_time_of_the_last_row(tmp_path: Path, server: OddServer) -> None:
    """A last row that does not say when it changed leads nowhere, and that is said."""
    server.on("GET", "/accounts", Told({"items": [account(1, iso(9)), account(2)]}))
    with pytest.raises(RetryableError, match="A-002 does not say when it changed"):
        pulled(connect(tmp_path, server, AFTER, top=f"{RECORDS}\n{KEYSET}"))


# --- links that tell what changed ---------------------------------------------------------------

DELTA = """
[since]
kind = "delta_link"
link_path = "delta"
removed_path = "reason"
headers = { Prefer = "odata.track-changes" }
"""
LINKED = f'{RECORDS}\npaging = {{ kind = "json_link", link_path = "next" }}'


@pytest.fixture
def changes(server: OddServer) -> OddServer:
    """A server that gives two pages, then what changed: a new name, and a record that went."""

    def answer(asked: Asked) -> Told:
        match asked.one("at"), asked.one("since"):
            case "", "":
                return Told({"items": [account(1)], "next": "/accounts?at=1"})
            case "1", _:
                return Told({"items": [account(2)], "delta": f"{server.url}/accounts?since=7"})
            case "", "7":
                return Told({"items": [account(3)], "next": "/accounts?at=2&since=7"})
            case "2", "7":
                gone = {"id": "A-001", "reason": "deleted"}
                return Told({"items": [gone], "delta": f"{server.url}/accounts?since=9"})
            case _:
                return Told({"items": [], "delta": f"{server.url}/accounts?since=9"})

    server.on("GET", "/accounts", answer)
    return server


def test_delta_link_tells_what_was_removed(tmp_path: Path, changes: OddServer) -> None:
    """Trap "delta link with removed rows": they are gone, and the link of the last page is kept."""
    adapter = connect(tmp_path, changes, DELTA, top=LINKED)
    first = list(adapter.pull(Kind.ACCOUNT, None))
    assert names(first) == ["A-001", "A-002"]
    assert [page.restart for page in first] == [True, False]
    second = list(adapter.pull(Kind.ACCOUNT, first[-1].cursor))
    assert names(second) == ["A-003"]
    assert [one.origin.record for page in second for one in page.gone] == ["A-001"]
    assert not any(page.restart for page in second)
    assert changes.asked[0].headers["prefer"] == "odata.track-changes"
    assert pulled(adapter, second[-1].cursor)[0] == []


def test_delta_that_is_cut_off_begins_again(tmp_path: Path, changes: OddServer) -> None:
    """Trap "mid-page links": a reading that ends in its middle is done again from its link."""
    adapter = connect(tmp_path, changes, DELTA, top=LINKED)
    first = list(adapter.pull(Kind.ACCOUNT, None))
    cut = next(iter(adapter.pull(Kind.ACCOUNT, first[-1].cursor)))
    again = list(adapter.pull(Kind.ACCOUNT, cut.cursor))
    assert names(again) == ["A-003"]
    assert [one.origin.record for page in again for one in page.gone] == ["A-001"]
    anew = list(adapter.pull(Kind.ACCOUNT, first[0].cursor))
    assert (names(anew), anew[0].restart) == (["A-001", "A-002"], True)


def test_delta_link_that_is_over_means_all_again(tmp_path: Path, changes: OddServer) -> None:
    """A delta link that the CRM knows no more (410) leads to a reading of all, and no dead end."""
    adapter = connect(tmp_path, changes, DELTA, top=LINKED)
    over = json.dumps({"link": f"{changes.url}/old"})
    changes.on("GET", "/old", Told({"error": "gone"}, 410))
    pages = list(adapter.pull(Kind.ACCOUNT, over))
    assert names(pages) == ["A-001", "A-002"]
    assert pages[0].restart


def test_removed_row_has_its_id_elsewhere(tmp_path: Path, changes: OddServer) -> None:
    """Trap "a removed row is another object": its id is where the file says it is in those."""
    gone = {"gone_id": "A-009", "reason": "deleted"}
    changes.on("GET", "/accounts", Told({"items": [gone], "delta": "/accounts?since=9"}))
    adapter = connect(tmp_path, changes, f"{DELTA}removed_id_path = 'gone_id'\n", top=LINKED)
    (page,) = adapter.pull(Kind.ACCOUNT, json.dumps({"link": "/accounts?since=7"}))
    assert [one.origin.record for one in page.gone] == ["A-009"]
    changes.on("GET", "/accounts", Told({"items": [{"reason": "x"}], "delta": "/accounts"}))
    with pytest.raises(RetryableError, match="has no id"):
        list(adapter.pull(Kind.ACCOUNT, json.dumps({"link": "/accounts?since=7"})))


def test_last_page_without_a_link_is_an_error(tmp_path: Path, server: OddServer) -> None:
    """A last page without the link of the next time is an error, or changes would be lost."""
    server.on("GET", "/accounts", Told({"items": [account(1)]}))
    with pytest.raises(RetryableError, match="no link at delta"):
        pulled(connect(tmp_path, server, DELTA, top=LINKED))


@pytest.mark.parametrize("cursor", ["", "x", "[]", '{"link": 1, "more": 2}', "[1, 2]", '["x", 3]'])
@pytest.mark.parametrize("way", [SINCE, DELTA, BEARER])
def test_cursor_that_nobody_gave_is_refused(
    tmp_path: Path, changes: OddServer, cursor: Cursor, way: str
) -> None:
    """A cursor of another adapter is refused, however the kind is read."""
    adapter = connect(tmp_path, changes, way, top=LINKED)
    with pytest.raises(RefusedError, match="cursor"):
        list(adapter.pull(Kind.ACCOUNT, cursor))
