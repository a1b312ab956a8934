"""Parameters: which value holds on which day; asking before the first is an error, not zero."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.rules.parameter import Bands, InForce, Key, Lookup, LookupMissedError, Parameter
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


# Bands

STARTS = st.sets(st.integers(-5, 20), min_size=1, max_size=4).map(sorted)


@st.composite
def banded(draw: st.DrawFn) -> tuple[Parameter, Bands]:
    """Draw a parameter with bands, with constants or without."""
    starts = draw(STARTS)
    count, figures = len(starts), st.integers(-9, 9)
    values = draw(st.lists(figures, min_size=count, max_size=count))
    constants = draw(st.one_of(st.just([]), st.lists(figures, min_size=count, max_size=count)))
    bands = Bands(tuple(starts), tuple(values), tuple(constants))
    first = InForce(date(2026, 1, 1), {("a",): bands})
    is_above = draw(st.booleans())
    kind, key = quantity("CNY/km", 2), (("k", TEXT),)
    return Parameter("p", kind, key, (first,), quantity("km"), is_above), bands


def _place(bands: Bands, amount: int, *, is_above: bool) -> int | None:
    """Give the band of a quantity by looking at each; the lowest holds at its start, too."""
    held = None
    for number, start in enumerate(bands.starts):
        if amount > start or (amount == start and (number == 0 or not is_above)):
            held = number
    return held


@settings(deadline=None)
@given(banded(), st.integers(-8, 25))
def test_a_band_holds_from_its_start(drawn: tuple[Parameter, Bands], amount: int) -> None:
    """The value is that of the last band that begins at the quantity or below, or only below it."""
    parameter, bands = drawn
    place = _place(bands, amount, is_above=parameter.is_above)
    try:
        found: object = Lookup(parameter).band(date(2026, 5, 1), "a", amount)
    except LookupMissedError:
        found = None
    assert found == (None if place is None else bands.values[place])


@settings(deadline=None)
@given(banded(), st.integers(-8, 25))
def test_along_adds_up_unit_by_unit(drawn: tuple[Parameter, Bands], amount: int) -> None:
    """What is due for all of a quantity is the sum over its units, each at the rate of its band."""
    parameter, bands = drawn
    rates = [int(value) for value in bands.values]
    place = _place(bands, amount, is_above=parameter.is_above)
    expected: int | None = 0
    if amount > 0 and place is None:
        expected = None
    elif amount > 0 and place is not None and bands.constants:
        expected = rates[place] * amount + bands.constants[place]
    elif amount > 0:
        units = range(max(0, bands.starts[0]), amount)
        places = [_place(bands, unit, is_above=False) for unit in units]
        expected = sum(rates[place] for place in places if place is not None)
    try:
        found: int | None = Lookup(parameter).along(date(2026, 5, 1), "a", amount)
    except LookupMissedError:
        found = None
    assert found == expected
    assert found is None or abs(found) <= parameter.along_bound(abs(amount))


@pytest.mark.parametrize(("day", "key"), [(date(2025, 12, 31), "a"), (date(2026, 1, 1), "b")])
def test_no_bands(day: date, key: str) -> None:
    """Before the first values, and for a key without a row, there is no band and nothing along."""
    rows = {("a",): Bands((0,), (5,))}
    kind, columns = quantity("CNY/km", 2), (("k", TEXT),)
    held = Parameter("p", kind, columns, (InForce(date(2026, 1, 1), rows),), quantity("km"))
    for ask in (Lookup(held).band, Lookup(held).along):
        with pytest.raises(LookupMissedError):
            ask(day, key, 3)
