"""Queries to Zoho CRM: how they are built, and that no value ever leaves its quotes."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_expenses.adapters.zoho import query
from crm_expenses.errors import RefusedError
from crm_expenses.testing.zohosim.coql import Comparison, Joined, parse
from crm_expenses.testing.zohosim.refusal import RefusalError

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


@given(st.text(max_size=300))
@example("x' or id is not null or Name = '")
@example("x\\' or id is not null or Name = '")
@example("x\\")
@example("'")
@example("a\nb")
@example("＇")
@example("\u2028'")
@settings(max_examples=500)
def test_no_value_ends_its_literal(value: str) -> None:
    """Whatever stands in a value, it comes out of the query as it went in, or is refused."""
    text = made(lambda: query.select(["id"], "Leads", query.compare("Name", "=", value)))
    assert (text != "") == query.is_safe(value)
    for backslash in (True, False) if text else ():
        read = parse(text, backslash=backslash)
        assert read.condition == Comparison("Name", "=", (value,))
        assert (read.columns, read.module) == (("id",), "Leads")


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=5))
@settings(max_examples=300)
def test_no_value_ends_a_list(values: list[str]) -> None:
    """Likewise for each value among others."""
    text = made(lambda: query.select(["id"], "Leads", query.among("Name", values)))
    assert (text != "") == all(map(query.is_safe, values))
    if text:
        assert parse(text).condition == Comparison("Name", "in", tuple(values))


@given(st.text(max_size=60))
@example("id from Users where id")
@example("Name;drop")
@example("Náme")
@example("a..b")
@settings(max_examples=300)
def test_no_name_is_more_than_a_name(name: str) -> None:
    """A module or a column that is no plain name is refused, wherever it stands."""
    for make in (
        lambda: query.select(["id"], name, query.there("id")),
        lambda: query.select([name], "Leads", query.there("id")),
        lambda: query.select(["id"], "Leads", query.there(name)),
        lambda: query.select(["id"], "Leads", query.there("id"), order=[name]),
    ):
        text = made(make)
        if not text:
            continue
        try:
            read = parse(text)
        except RefusalError:
            assert name.lower() in _WORDS  # a word of the language: refused there
            continue
        assert isinstance(read.condition, Comparison)
        assert name in (*read.columns, read.module, read.condition.column, *dict(read.orders))


def made(make: Callable[[], str]) -> str:
    """Make a query, empty where that is refused with a reason of ours."""
    try:
        return make()
    except RefusedError as error:
        codes = {problem.code for problem in error.problems}
    assert codes <= {"zoho.query_value", "zoho.query_name"}
    return ""


_WORDS = frozenset(
    [
        "select",
        "from",
        "where",
        "order",
        "group",
        "by",
        "limit",
        "offset",
        "and",
        "or",
        "in",
        "not",
        "between",
        "is",
        "null",
        "like",
    ]
)


def test_conditions_stand_in_pairs() -> None:
    """Three conditions are nested, as the platform demands, and mean what they say."""
    text = query.select(
        ["id", "Modified_Time"],
        "Leads",
        query.behind("Modified_Time", NOON, "7"),
        order=["Modified_Time", "id"],
        rows=200,
    )
    read = parse(text, nested_pairs=True)
    assert isinstance(read.condition, Joined)
    assert read.condition.operator == "or"
    assert read.condition.left == Comparison("Modified_Time", ">", ("2026-01-15T12:00:00+00:00",))
    assert isinstance(read.condition.right, Joined)
    assert read.condition.right.right == Comparison("id", ">", ("7",))
    assert read.orders == (("Modified_Time", "asc"), ("id", "asc"))
    assert (read.offset, read.limit) == (0, 200)


def test_a_moment_carries_its_offset() -> None:
    """A moment is quoted to the second with its offset; one without a zone is none."""
    at = datetime(2026, 1, 15, 8, 0, 0, 999_999, tzinfo=ZoneInfo("Asia/Kolkata"))
    assert query.literal(at) == "'2026-01-15T08:00:00+05:30'"
    with pytest.raises(RefusedError):
        query.literal(at.replace(tzinfo=None))


@pytest.mark.parametrize(("columns", "rows"), [(51, 200), (0, 200), (1, 2001), (1, 0)], ids=str)
def test_too_much_is_refused_before_it_is_sent(columns: int, rows: int) -> None:
    """More columns or rows than the platform takes make no query."""
    names = [f"F{number}" for number in range(columns)]
    with pytest.raises(RefusedError) as caught:
        query.select(names, "Leads", query.there("id"), rows=rows)
    assert caught.value.code == "zoho.query_size"


def test_the_bounds_themselves_are_taken() -> None:
    """Fifty columns, twenty-five criteria, fifty values and two thousand rows are allowed."""
    where = query.there("id")
    for number in range(query.CRITERIA_MAX - 1):
        where = query.both(where, query.there(f"F{number}"))
    names = [f"F{number}" for number in range(query.COLUMNS_MAX)]
    assert parse(query.select(names, "Leads", where, rows=query.ROWS_MAX)).limit == 2_000
    with pytest.raises(RefusedError):
        query.select(names, "Leads", query.both(where, query.there("id")))
    values = [str(number) for number in range(query.IN_MAX)]
    assert query.among("id", values).count == 1
    with pytest.raises(RefusedError):
        query.among("id", [*values, "x"])
    with pytest.raises(RefusedError):
        query.among("id", [])
    with pytest.raises(ValueError, match="no comparison"):
        query.compare("id", "like", "x")
