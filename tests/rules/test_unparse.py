"""An expression written back reads as before: the same tree, with no bracket too many."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_arithmetic_laws import SUMS, Sum
from test_expression import SCOPE

from crm_expenses.rules.expression import ExpressionError, parse
from crm_expenses.rules.tree import Node
from crm_expenses.rules.unparse import unparse


def plain(node: Node) -> Node:
    """Take the places out of a tree."""
    return replace(node, at=0, args=tuple(map(plain, node.args)))


@pytest.mark.parametrize(
    "text",
    [
        "amount > 100",
        "amount + 2 - (3 - amount)",
        "(amount + 2) * 3",
        "-(amount + 2)",
        "-amount % 100",
        "not (present(city) and is_weekend(date))",
        "present(city) and (is_weekend(date) or age_days > 3)",
        "grade not in ('junior', 'senior')",
        "grade in ('junior',)",
        "(amount if is_credit else 3) + 1",
        "amount if is_credit else 3 if pre_approved else 4",
        "present(city) and nightly[grade, tier_of[city]] * 3 > 5",
        "round(share * amount, 0.05, half_even)",
        "divide(amount, 3, 0.01, down)",
        "min(amount, 3, 4.5) + max(amount, 2) + abs(-amount)",
        "present(purpose) and length(purpose) > 3",
        "present(city) and shape(city, 'a{1,20}')",
        "total_of('meal', 'lodging') > 3 and count_of('meal') > 1",
        "working_days(date, submitted) > 3 and add_days(date, 3) < submitted",
        "month(date) == '2' and weekday(date) in ('mon', 'tue') and day_of_month(date) < 3",
        "default(nights, 1) * 2 > 3",
        "doubled > 3 and count_of(is_late_day) == 2",
        "present(trip_minutes) and trip_minutes > hours(7.5) + 5",
        "date < date('2026-03-05') and months_between(date, submitted) < 2",
        "add_months(date, 3) > submitted and number(age_days) * 2 > 3",
        "divide(at('12:00'), hours(1), 1, up) > 3",
    ],
)
def test_round_trip(text: str) -> None:
    """What is written back is parsed to the same tree, and is stable."""
    tree = parse(text, SCOPE)
    written = unparse(tree)
    assert plain(parse(written, SCOPE)) == plain(tree)
    assert unparse(parse(written, SCOPE)) == written


def test_brackets_only_where_needed() -> None:
    """The order of operations says the rest."""
    assert unparse(parse("((amount) * (2)) + (3)", SCOPE)) == "amount * 2 + 3"
    assert unparse(parse("amount - (amount - 3)", SCOPE)) == "amount - (amount - 3)"


@settings(max_examples=200, deadline=None)
@given(st.one_of(*SUMS.values()))
def test_any_sum_goes_round(drawn: Sum) -> None:
    """Any arithmetic that the language takes is written back to the same tree."""
    try:
        tree = parse(drawn.text, SCOPE)
    except ExpressionError:
        return  # beyond what the language promises
    assert plain(parse(unparse(tree), SCOPE)) == plain(tree)
