"""Waivers: whom they let pass, by whom they may be granted, and when they are in force."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.waiver import Waiver

FIRST, LAST = date(2026, 3, 1), date(2026, 6, 30)
WAIVER = Waiver("W", "meal.cap", "boss", LAST, FIRST, person="P")


def covers(waiver: Waiver, day: date = FIRST, **asked: str) -> bool:
    """Ask for a line of P, in what the case changes."""
    whole = {"rule": "meal.cap", "person": "P", "claim": "C", "line": "L", **asked}
    return waiver.covers(
        rule=whole["rule"],
        person=whole["person"],
        claim=whole["claim"],
        line=whole["line"],
        day=day,
    )


@given(st.integers(-200, 400))
def test_it_is_in_force_from_its_first_to_its_last_day(number: int) -> None:
    """Both days are included; without a first day it holds from ever."""
    day = FIRST + timedelta(days=number)
    assert covers(WAIVER, day) is (FIRST <= day <= LAST)
    assert covers(replace(WAIVER, start=None), day) is (day <= LAST)


@pytest.mark.parametrize("day", [FIRST, LAST])
def test_the_ends_are_in_it(day: date) -> None:
    """It holds on its first day and on its last."""
    assert covers(WAIVER, day)


@pytest.mark.parametrize(
    ("changed", "is_so"),
    [
        ({}, True),
        ({"rule": "taxi.cap"}, False),
        ({"person": "Q"}, False),
        ({"granted_by": "P"}, False),
        ({"claim": "C"}, True),
        ({"claim": "D"}, False),
        ({"line": "L"}, True),
        ({"line": "M"}, False),
        ({"person": "", "line": "L"}, True),
        ({"person": "", "claim": "C"}, True),
        ({"person": ""}, False),
    ],
)
def test_whom_it_lets_pass(changed: dict[str, str], is_so: bool) -> None:  # noqa: FBT001  a column
    """All that it names must fit, it must name something, and nobody grants their own."""
    assert covers(replace(WAIVER, **changed)) is is_so  # type: ignore[arg-type]
