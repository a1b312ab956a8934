"""Parameters: which value holds on which day; asking before the first is an error, not zero."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.rules.parameter import InForce, Key, Lookup, LookupMissedError, Parameter
from crm_expenses.rules.tree import TEXT, quantity

CAP = Parameter(
    "cap",
    quantity("CNY", 2),
    (("city", TEXT),),
    (
        InForce(date(2026, 1, 1), {("北京",): 500}),
        InForce(date(2026, 7, 1), {("北京",): 600, ("上海",): 550}, 400),
    ),
)


@pytest.mark.parametrize(
    ("day", "city", "value"),
    [
        (date(2026, 1, 1), "北京", 500),
        (date(2026, 6, 30), "北京", 500),
        (date(2026, 7, 1), "北京", 600),
        (date(2099, 1, 1), "上海", 550),
        (date(2026, 7, 1), "拉萨", 400),
    ],
)
def test_values_in_force(day: date, city: str, value: int) -> None:
    """The newest value that is not later than the day holds, for the key or for every other."""
    assert Lookup(CAP)(day, city) == value


@pytest.mark.parametrize(
    ("day", "city"), [(date(2025, 12, 31), "北京"), (date(2026, 6, 30), "上海")]
)
def test_no_value(day: date, city: str) -> None:
    """Before the first value, and for a key without a row, the look-up misses and says what."""
    with pytest.raises(LookupMissedError) as caught:
        Lookup(CAP)(day, city)
    missed = caught.value
    assert (missed.parameter, missed.key, missed.day) == ("cap", (city,), day)


def test_bounds() -> None:
    """The bounds are over all days and keys, `else` included; a list of words has none."""
    assert CAP.bounds() == (400, 600)
    words = Parameter("tier", TEXT, (), (InForce(date(2026, 1, 1), {(): "1"}),))
    assert words.bounds() == (0, 0)


DAYS = st.dates(date(2025, 1, 1), date(2027, 1, 1))
STEPS = st.dictionaries(
    DAYS,
    st.tuples(
        st.dictionaries(st.sampled_from([("a",), ("b",)]), st.integers(0, 9)),
        st.none() | st.integers(0, 9),
    ),
    max_size=5,
)


@settings(deadline=None)
@given(STEPS, DAYS, st.sampled_from([("a",), ("b",), ("c",)]))
def test_bisection_gives_what_a_walk_gives(
    steps: dict[date, tuple[dict[Key, int], int | None]], day: date, key: Key
) -> None:
    """Bisection over the days gives what a plain walk over them gives, a miss included."""
    values = tuple(InForce(start, *steps[start]) for start in sorted(steps))
    parameter = Parameter("p", quantity(), (("k", TEXT),), values)
    expected = None
    for start in sorted(steps):
        if start <= day:
            table, otherwise = steps[start]
            expected = table.get(key, otherwise)
    try:
        found: object = Lookup(parameter)(day, *key)
    except LookupMissedError:
        found = None
    assert found == expected
