"""Arithmetic of expressions against exact fractions: no value is ever rounded unsaid."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st
from marked import HEAD, facts

from crm_expenses.core.money import Rounding, divide_whole
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.claim_context import ClaimContext
from crm_expenses.rules.compile import function, names
from crm_expenses.rules.expression import ExpressionError, Scope, parse
from crm_expenses.rules.line_facts import FactTables, LineFacts


@dataclass(frozen=True)
class Sum:
    """An expression as text, the exact value that it must have, and whether it is money."""

    text: str
    value: Fraction
    money: bool


AMOUNTS: Final = ("1234.50", "-1234.50", "0.07", "-0.01", "0")
"""What the line is of: signs on both sides of zero, for there the ways of rounding differ."""

PLAIN: Final = Fraction("150.50")
SHARE: Final = Fraction("0.125")
LITERALS: Final = ("0", "1", "2", "3", "7", "0.5", "0.01", "12.345", "100", "-3", "-0.5")
STEPS: Final = ("0.01", "0.5", "1", "3", "100")
ROUNDINGS: Final = {
    "up": lambda x: math.ceil(x) if x >= 0 else math.floor(x),
    "down": math.trunc,
    "floor": math.floor,
    "ceiling": math.ceil,
    "half_up": lambda x: math.floor(abs(x) + Fraction(1, 2)) * (1 if x >= 0 else -1),
    "half_even": round,
}


def _numbers() -> st.SearchStrategy[Sum]:
    literal = st.sampled_from(LITERALS).map(lambda text: Sum(text, Fraction(text), money=False))
    return literal | st.just(Sum("share", SHARE, money=False))


def _joined(inner: st.SearchStrategy[Sum]) -> st.SearchStrategy[Sum]:
    return st.one_of(
        st.tuples(inner, inner, st.sampled_from("+-")).map(lambda drawn: _added(*drawn)),
        st.tuples(inner, _numbers()).map(
            lambda two: Sum(
                f"({two[0].text}) * {two[1].text}", two[0].value * two[1].value, money=True
            )
        ),
        st.tuples(inner, st.sampled_from(["1", "7", "0.05", "100"])).map(
            lambda two: Sum(
                f"(({two[0].text}) % {two[1]})", two[0].value % Fraction(two[1]), money=True
            )
        ),
        inner.map(lambda one: Sum(f"-({one.text})", -one.value, money=True)),
        inner.map(lambda one: Sum(f"abs({one.text})", abs(one.value), money=True)),
        st.tuples(inner, inner, st.sampled_from([min, max])).map(
            lambda drawn: Sum(
                f"{drawn[2].__name__}({drawn[0].text}, {drawn[1].text})",
                drawn[2](drawn[0].value, drawn[1].value),
                money=True,
            )
        ),
        st.tuples(inner, inner, inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!="])).map(
            lambda drawn: _chosen(*drawn)
        ),
        st.tuples(inner, st.sampled_from(STEPS), st.sampled_from(sorted(ROUNDINGS))).map(
            lambda drawn: _rounded(drawn[0], Sum("1", Fraction(1), money=False), *drawn[1:])
        ),
        st.tuples(
            inner,
            _numbers().filter(lambda n: n.value),
            st.sampled_from(STEPS),
            st.sampled_from(sorted(ROUNDINGS)),
        ).map(lambda drawn: _rounded(*drawn)),
        st.tuples(
            inner,
            inner.filter(lambda one: one.value),
            st.sampled_from(("0.01", "3")),
            st.sampled_from(sorted(ROUNDINGS)),
        ).map(lambda drawn: _times_plain(_rounded(*drawn))),
    )


def _added(one: Sum, two: Sum, sign: str) -> Sum:
    value = one.value + two.value if sign == "+" else one.value - two.value
    return Sum(f"({one.text} {sign} {two.text})", value, money=True)


def _chosen(one: Sum, two: Sum, three: Sum, sign: str) -> Sum:
    holds = {
        "<": one.value < two.value,
        "<=": one.value <= two.value,
        ">": one.value > two.value,
        ">=": one.value >= two.value,
        "==": one.value == two.value,
        "!=": one.value != two.value,
    }[sign]
    text = f"({one.text} if {one.text} {sign} {two.text} else {three.text})"
    return Sum(text, one.value if holds else three.value, money=True)


def _rounded(one: Sum, two: Sum, step: str, mode: str) -> Sum:
    size = Fraction(step)
    value = ROUNDINGS[mode](one.value / two.value / size) * size
    call = f"{one.text}, {two.text}" if two.text != "1" else one.text
    name = "divide" if two.text != "1" else "round"
    return Sum(f"{name}({call}, {step}, {mode})", value, money=True)


def _times_plain(ratio: Sum) -> Sum:
    """Make money again of the ratio of two amounts."""
    return Sum(f"{ratio.text} * plain", ratio.value * PLAIN, money=True)


def _sums(amount: str) -> st.SearchStrategy[Sum]:
    leaves = [Sum("amount", Fraction(amount), money=True), Sum("plain", PLAIN, money=True)]
    return st.recursive(st.sampled_from(leaves), _joined, max_leaves=6)


SUMS: Final = {amount: _sums(amount) for amount in AMOUNTS}
SCOPE = Scope(parse_policy(HEAD).catalogue, parse_policy(HEAD).parameters)
HELD = names(SCOPE.parameters, parse_policy(HEAD).calendar)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(AMOUNTS).flatmap(lambda amount: st.tuples(st.just(amount), SUMS[amount])))
def test_arithmetic_is_exact(case: tuple[str, Sum]) -> None:
    """An expression is computed as exact fractions are, within its proved bounds; or refused."""
    amount, drawn = case
    try:
        node = parse(drawn.text, SCOPE)
    except ExpressionError as error:
        if error.code in ("expression.bounds", "expression.scale", "expression.deep"):
            return  # beyond what the language promises
        raise
    made = facts({"amount": amount})
    raw = function(node, HELD)(LineFacts(FactTables({}), ClaimContext(made, "CNY"), made.lines[0]))
    assert Fraction(raw, 10**node.type.scale) == drawn.value
    assert node.low <= raw <= node.high
    assert str(node.type) == "CNY"


@settings(max_examples=30, deadline=None)
@given(st.none() | st.integers(0, 3), st.integers(0, 9))
def test_a_default_is_for_what_is_missing_alone(nights: int | None, value: int) -> None:
    """Nothing of something is not a missing fact: 0 stays 0."""
    made = facts({"nights": nights})
    of = LineFacts(FactTables({}), ClaimContext(made, "CNY"), made.lines[0])
    found = function(parse(f"default(nights, {value})", SCOPE), HELD)(of)
    assert found == (value if nights is None else nights)
    assert function(parse("present(nights)", SCOPE), HELD)(of) is (nights is not None)


WHOLE: Final = st.integers(-1_000, 1_000)
HALVES: Final = st.tuples(WHOLE, WHOLE.filter(bool)).map(lambda two: (two[0] * two[1], 2 * two[1]))
"""Every other one lies half-way between two whole numbers."""


@settings(max_examples=300, deadline=None)
@given(st.tuples(WHOLE, WHOLE.filter(bool)) | HALVES, st.sampled_from(sorted(ROUNDINGS)))
def test_whole_division_is_exact(case: tuple[int, int], how: str) -> None:
    """A quotient of any signs is rounded as named; towards the floor it fits Python's remainder."""
    dividend, divisor = case
    found = divide_whole(dividend, divisor, Rounding(how))
    assert found == ROUNDINGS[how](Fraction(dividend, divisor))
    floor = divide_whole(dividend, divisor, Rounding.FLOOR)
    assert dividend - floor * divisor == dividend % divisor
