"""A cursor by time of change loses nothing, whatever commits late, and passes nothing unsettled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.adapters.contract import Cursor
from crm_expenses.adapters.timecursor import Spot, TimeCursor
from crm_expenses.errors import RefusedError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """Give a moment so many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def times(settle: int = 0, overlap: int = 0) -> TimeCursor:
    """Give a way to read."""
    delays = {"settle": timedelta(seconds=settle), "overlap": timedelta(seconds=overlap)}
    return TimeCursor("main", **delays)


@dataclass(frozen=True)
class Row:
    """A row: its id, the second of its stamp, the second from which it is seen."""

    id: str
    stamp: int
    seen: int


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Row], int]:
    """Draw rows that are seen up to some seconds after their stamps, and that time."""
    slow = draw(st.integers(0, 20))
    stamps = draw(st.lists(st.integers(0, 60), max_size=12))
    delays = draw(st.lists(st.integers(0, slow), min_size=len(stamps), max_size=len(stamps)))
    rows = [Row(f"R{n}", s, s + d) for n, (s, d) in enumerate(zip(stamps, delays, strict=True))]
    return rows, slow


def read(
    rows: Sequence[Row], way: TimeCursor, cursor: Cursor | None, moments: Sequence[int], size: int
) -> tuple[set[str], Cursor | None]:
    """Read page by page, each at its moment, until the end or until the moments run out."""
    found: set[str] = set()
    spot = way.begin(cursor)
    for moment in moments:
        there = sorted((Spot(after(row.stamp), row.id), row) for row in rows if row.seen <= moment)
        page = [pair for pair in there if spot is None or pair[0] > spot][:size]
        found |= {row.id for _, row in page}
        if len(page) < size:
            return found, way.end(after(moments[0]))
        spot = page[-1][0]
        cursor = way.after(spot, after(moments[0]))
    return found, cursor


@given(
    histories(),
    st.lists(st.lists(st.integers(0, 15), min_size=1, max_size=4), max_size=6),
    st.integers(1, 3),
    st.integers(0, 9),
)
def test_no_row_is_lost(
    history: tuple[list[Row], int], readings: list[list[int]], size: int, overlap: int
) -> None:
    """Readings at any moments, cut off anywhere, have in the end seen every row."""
    rows, slow = history
    way = times(slow, overlap)
    now, cursor, found = 0, None, set[str]()
    for steps in [*readings, [100] + [0] * 20]:
        moments = []
        for step in steps:
            now += step
            moments.append(now)
        more, cursor = read(rows, way, cursor, moments, size)
        found |= more
    assert found == {row.id for row in rows}


@given(histories(), st.integers(0, 80))
def test_no_cursor_passes_what_may_still_come(history: tuple[list[Row], int], moment: int) -> None:
    """A cursor never lies behind a row that was not seen when its reading began."""
    rows, slow = history
    way = times(slow)
    _, cursor = read(rows, way, None, [moment] * 20, 2)
    if cursor is not None:
        spot = way.begin(cursor)
        assert spot is not None
        assert all(spot < Spot(after(r.stamp), r.id) for r in rows if r.seen > moment)


@given(st.datetimes(timezones=st.just(UTC)), st.text(), st.integers(0, 10**6))
def test_a_cursor_is_read_as_it_was_written(moment: datetime, name: str, settle: int) -> None:
    """A cut-off reading goes on exactly behind the row that it had come to."""
    way, row = times(settle=0), Spot(moment, name)
    assert way.begin(way.after(row, max(moment, NOON) + timedelta(0))) in (row, Spot(moment))


def test_a_page_may_end_between_two_rows_of_one_moment() -> None:
    """Rows with one stamp are told apart by their ids."""
    way = times(10)
    spot = way.begin(way.after(Spot(NOON, "B"), after(60)))
    assert spot == Spot(NOON, "B")
    assert Spot(NOON, "A") < spot < Spot(NOON, "C")


def test_what_is_not_settled_is_read_again() -> None:
    """Behind a row that is younger than what is settled a cursor does not go."""
    way = times(10, overlap=3)
    assert way.begin(way.after(Spot(after(55), "B"), after(60))) == Spot(after(47))
    assert way.begin(way.end(after(60))) == Spot(after(47))


def test_only_a_reading_that_ended_overlaps() -> None:
    """Cut off in old rows, a reading does not read the last page again, so that it gets on."""
    way = times(10, overlap=300)
    assert way.begin(way.after(Spot(NOON, "B"), after(600))) == Spot(NOON, "B")


@pytest.mark.parametrize(
    "cursor", ["", "7", "[]", "null", '["x", "A", true]', '["2026-03-01T12:00:00", "A", true]',
               '["2026-03-01T12:00:00+00:00", 1, true]', '["2026-03-01T12:00:00+00:00", "A", 1]'],
)  # fmt: skip
def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    """What no TimeCursor made, one without a zone among it, is no place to go on."""
    with pytest.raises(RefusedError) as refused:
        times().begin(cursor)
    assert refused.value.code == "crm.cursor"


def test_the_first_reading_begins_with_the_first_row() -> None:
    """No cursor, or one before all time, is the beginning."""
    assert times().begin(None) is None
    early = datetime(1, 1, 1, 0, 0, 5, tzinfo=UTC)
    assert times(overlap=60).begin(times().end(early)) is None


def test_times_below_zero_make_no_sense() -> None:
    """Nothing settles before it is written."""
    with pytest.raises(ValueError, match="below 0"):
        times(settle=-1)
    with pytest.raises(ValueError, match="no zone"):
        Spot(datetime(2026, 1, 1))  # noqa: DTZ001
