"""The proof of bounds: no value on the way of any expression leaves what the checker proved.

Expressions are drawn from the language's whole grammar, facts from the edges of what they may be.
Each node of the tree is computed by itself, for the bounds are proved of each.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

import pytest
from drawn import HEAD
from drawn_claims import APPROVALS, PEOPLE, POSITIONS, RATES, TRIPS, VOUCHERS
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.core.budget import Budget, BudgetScope
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import AMOUNT_MINOR_MAX, Money
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.trip import Trip, TripLeg
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.claim_context import ClaimContext
from crm_expenses.rules.compile import function, names
from crm_expenses.rules.expression import ExpressionError, Scope, parse
from crm_expenses.rules.judge import RULE_FAILED
from crm_expenses.rules.line_facts import DayFacts, FactTables, LineFacts
from crm_expenses.rules.tree import Node, Op, Sort, walk

POLICY: Final = parse_policy(HEAD)
LINE: Final = Scope(POLICY.catalogue, POLICY.parameters, values=POLICY.values)
DAY: Final = LINE.within(RuleScope.DAY)
HELD: Final = names(
    POLICY.parameters, POLICY.calendar, POLICY.values.values(), POLICY.catalogue.uncertain()
)
TABLES: Final = FactTables(POLICY.facts)

TOP: Final = AMOUNT_MINOR_MAX
EDGES: Final = (date(1, 1, 1), date(2026, 3, 1), date(2026, 3, 3), date(9999, 12, 31))


# Expressions, as texts of one unit

MONEY: Final = (
    *("amount", "cap", "often", "claim_total", "twice", "total_of('meal', 'taxi')"),
    *(
        "default(pre_approved_amount, 3)",
        "default(voucher_amount, 7)",
        "default(budget_available, -3)",
        "amount % 7",
    ),
    "nightly[grade, level] * default(nights, 1)",
    "stay[level, default(nights, 1)]",
    "along(mile[level], max(-9, min(default(miles, 0), 9000)))",
    "round(along(mile['1'], min(default(miles, 0), 9000)), 0.01, up)",
    "divide(amount, default(nights, 1), 0.01, half_up) * default(nights, 1)",
)
NUMBERS: Final = (
    *("0", "1", "-3", "0.5", "7", "0.001", "share", "1000", "number(default(nights, 2))"),
    *("year(date)", "day_of_month(submitted)", "(length(purpose) if present(purpose) else 0)"),
    *("number(age_days)", "number(days_between(date, submitted))", "number(claim_lines)"),
    *("number(working_days(date, date('2026-03-20')))", "number(default(rate_age_days, 0))"),
    *("number(months_between(date, submitted))", "number(voucher_uses_before)"),
    *("number(default(trip_minutes, 5))", "number(default(trip_days, 5))"),
    *("number(default(trip_nights, 5))", "number(default(distance, 2))"),
    *("number(default(miles, 1))", "number(default(rank, 1))", "number(count_of('meal'))"),
    *("number(amount_original)", "number(count_of(is_short))"),
)
CONDITIONS: Final = ("is_credit", "present(city)", "is_weekend(date)", "level == '1'")
ON_DAYS: Final = (
    *("breakfast_paid", "lunch_paid", "dinner_paid", "stipend[minutes_away]", "day_share"),
)
COUNTED_ON_DAYS: Final = (
    *("number(minutes_away)", "number(day_number)", "number(default(leaves_at, 1))"),
    *("number(default(returns_at, 1))", "day_of_month(day)"),
)
STEPS: Final = ("0.01", "1", "3", "0.5", "100")
MODES: Final = ("half_up", "half_even", "up", "down", "floor", "ceiling")


def joined(sums: st.SearchStrategy[str], numbers: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Draw an operation on expressions of one unit."""
    how = st.tuples(st.sampled_from(STEPS), st.sampled_from(MODES))
    sign = st.sampled_from(("<", "<=", ">", ">=", "==", "!="))
    condition = st.one_of(
        st.sampled_from(CONDITIONS), st.builds("{} {} {}".format, sums, sign, sums)
    )
    return st.one_of(
        st.builds("({} {} {})".format, sums, st.sampled_from("+-"), sums),
        st.builds("({}) * ({})".format, sums, numbers),
        st.builds("(({}) % {})".format, sums, st.sampled_from(("1", "7", "0.05", "100"))),
        st.builds("-({})".format, sums),
        st.builds("abs({})".format, sums),
        st.builds("{}({}, {})".format, st.sampled_from(("min", "max")), sums, sums),
        st.builds("({} if {} else {})".format, sums, condition, sums),
        st.builds(lambda a, h: f"round({a}, {h[0]}, {h[1]})", sums, how),
        st.builds(lambda a, b, h: f"divide({a}, {b}, {h[0]}, {h[1]})", sums, numbers, how),
        st.builds(lambda a, b, h: f"divide({a}, {b}, {h[0]}, {h[1]}) * cap", sums, sums, how),
    )


PLAIN_NUMBERS: Final = st.sampled_from(NUMBERS)
SUMS: Final = st.recursive(
    st.one_of(st.sampled_from(MONEY), st.builds("({} * cap)".format, PLAIN_NUMBERS)),
    lambda inner: joined(inner, PLAIN_NUMBERS),
    max_leaves=5,
)
DAY_NUMBERS: Final = st.sampled_from((*COUNTED_ON_DAYS, *NUMBERS[:8]))
DAY_SUMS: Final = st.recursive(
    st.one_of(st.sampled_from((*ON_DAYS, *MONEY[:4])), st.builds("({} * cap)".format, DAY_NUMBERS)),
    lambda inner: joined(inner, DAY_NUMBERS),
    max_leaves=4,
)


# Facts, at the edges of what they may be


def _leg(name: str, start: datetime, minutes: int) -> TripLeg:
    return TripLeg(f"{name}1", name, start, start + timedelta(minutes=minutes), "Bonn", "Kyiv")


OUT: Final = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
LONG_TRIPS: Final = (
    *TRIPS,
    Trip("L1", (_leg("L1", OUT, 400 * 24 * 60 - 1),)),
    Trip("L2", (_leg("L2", OUT, 401 * 24 * 60),)),
    Trip("L3", (_leg("L3", OUT, 40_000 * 24 * 60),)),
    Trip("L4", (_leg("L4", OUT, -5),)),
)
MORE_VOUCHERS: Final = (*VOUCHERS, Voucher("V5", VoucherKind.TICKET, "1", "", Money(-TOP, "CNY")))
LINES: Final = st.builds(
    ExpenseLine,
    id=st.just("1"),
    claim=st.just("C"),
    date=st.one_of(st.sampled_from(EDGES), st.dates()),
    category=st.sampled_from(("meal", "taxi", "diem")),
    amount=st.builds(
        Money,
        st.one_of(st.sampled_from((-TOP, TOP, -1, 0, 1, 5_001)), st.integers(-TOP, TOP)),
        st.sampled_from(("CNY", "CNY", "CNY", "EUR", "JPY")),
    ),
    city=st.sampled_from(("", "Bonn", "Kyiv")),
    purpose=st.sampled_from(("", "visit", "x" * 1_000)),
    voucher=st.sampled_from(("", "V1", "V5")),
    nights=st.sampled_from((None, 0, 1, 3, 10_000)),
    distance=st.sampled_from((None, Decimal(0), Decimal("999999.999"), Decimal(10**6))),
    trip=st.sampled_from(("", "T1", "T2", "T4", "L1", "L2", "L3", "L4")),
    extra=st.sampled_from(
        ((), (("miles", "100000000000.0"),), (("miles", "-0.1"),), (("miles", "9"),))
    ),
)
DAYS_SUBMITTED: Final = st.sampled_from(
    [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in EDGES]
)
COMPANY: Final = Budget("B1", BudgetScope.COMPANY, date.min, date.max, Money(TOP, "CNY"), hard=True)


APPROVED: Final = PreApproval("A", "P", "Q", date.max, category="diem", amount=Money(TOP, "EUR"))


def _facts(line: ExpenseLine, other: ExpenseLine, submitted: datetime) -> Facts:
    return Facts(
        Claim("C", "P", submitted),
        (line, replace(other, id="2")),
        PEOPLE[0],
        MORE_VOUCHERS,
        RATES,
        budgets=(COMPANY,),
        positions=POSITIONS,
        pre_approvals=(APPROVED, *APPROVALS),
        trips=LONG_TRIPS,
    )


FACTS: Final = st.builds(_facts, LINES, LINES, DAYS_SUBMITTED)


def _holds(text: str, scope: Scope, of: LineFacts | DayFacts) -> None:
    """Compute every part of an expression by itself, and compare it with its bounds."""
    try:
        tree = parse(text, scope)
    except ExpressionError as error:
        if error.code in ("expression.bounds", "expression.scale"):
            return  # beyond what the language promises
        raise
    for node in walk(tree):
        if node.type.sort is Sort.QUANTITY:
            value = _computed(node, of)
            assert value is None or node.low <= value <= node.high, (node.op, text)


def _computed(node: Node, of: LineFacts | DayFacts) -> int | None:
    """Give a part's value; None where a name has none, whose guard stands outside of the part."""
    bare = [inner for inner in walk(node) if inner.op is Op.NAME]
    compute: Callable[[object], int] = function(node, HELD)
    try:
        if node.op is Op.NAME and any(getattr(of, str(n.value)) is None for n in bare):
            return None
        return compute(of)
    except RULE_FAILED:
        return None
    except TypeError:
        assert any(getattr(of, str(inner.value)) is None for inner in bare)
        return None


def _line_of(facts: Facts) -> LineFacts:
    return LineFacts(TABLES, ClaimContext(facts, "CNY"), facts.lines[0])


@settings(max_examples=200, deadline=None)
@given(SUMS, FACTS)
def test_every_value_stays_within_its_bounds(text: str, facts: Facts) -> None:
    """Of any facts, every part of an expression has a value within the bounds that were proved."""
    _holds(text, LINE, _line_of(facts))


@settings(max_examples=50, deadline=None)
@given(DAY_SUMS, FACTS)
def test_every_value_of_a_day_stays_within_its_bounds(text: str, facts: Facts) -> None:
    """The same of expressions on the days of a trip."""
    of = _line_of(facts)
    try:
        parts = of.parts(RuleScope.DAY)
    except RULE_FAILED:
        return
    for part in (*parts[:3], *parts[-1:]):
        _holds(text, DAY, part)


@settings(max_examples=60, deadline=None)
@given(FACTS)
def test_every_fact_stays_within_its_bounds(facts: Facts) -> None:
    """Each quantity of the catalogue lies within its bounds, whatever the records hold."""
    of = _line_of(facts)
    for name, entry in POLICY.catalogue.readable(RuleScope.LINE).items():
        if entry.type.sort is Sort.QUANTITY and not entry.is_result:
            try:
                value = getattr(of, name)
            except RULE_FAILED:
                continue
            assert value is None or entry.low <= value <= entry.high, name


def test_a_sum_beyond_the_bound_has_no_value() -> None:
    """Lines that add up to more than the language holds have no total: who reads it fails."""
    line = ExpenseLine("1", "C", date(2026, 3, 1), "meal", Money(TOP, "CNY"))
    for count in (1_000, 1_001):
        given = Facts(Claim("C", "P", OUT), (line,) * count)
        of = ClaimContext(given, "CNY")
        assert (of.total is None) is (count > 1_000)
        try:
            found = of.total_of(("meal",))
        except RULE_FAILED:
            found = None
        assert found == of.total


@pytest.mark.slow
@pytest.mark.timeout(1_200)
@settings(max_examples=10_000, deadline=None)
@given(SUMS, FACTS)
def test_bounds_in_a_long_sweep(text: str, facts: Facts) -> None:
    """The bounds hold of some thousands of expressions, too."""
    _holds(text, LINE, _line_of(facts))
