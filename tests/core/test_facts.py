"""Facts: the digest covers everything that a decision may read."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.budget import Budget, BudgetPosition, BudgetScope
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import KeptRate, Rate
from crm_expenses.core.trip import TripLeg, trips_of
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.core.waiver import Waiver

DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FACTS = Facts(Claim("C", "p", datetime(2026, 3, 4, tzinfo=UTC)), ())
OTHER = {
    "claim": replace(FACTS.claim, title="other"),
    "lines": (ExpenseLine("L", "C", DAY, "meal", Money(1, "CNY")),),
    "person": AccountManager("p", "P"),
    "vouchers": (Voucher("V", VoucherKind.FAPIAO),),
    "rates": (Rate("R", "USD", "CNY", DAY, Decimal(7), "ours"),),
    "windows": {"w": 1},
    "budgets": (Budget("B", BudgetScope.COMPANY, DAY, DAY, Money(1, "CNY")),),
    "positions": (BudgetPosition("B", "CNY", 1),),
    "trips": trips_of([TripLeg("1", "T", NOON, NOON, "a", "b")], ()),
    "waivers": (Waiver("W", "meal.cap", "q", DAY, claim="C"),),
    "pre_approvals": (PreApproval("A", "p", "q", DAY),),
    "kept_rates": (KeptRate("R", "USD", "CNY", DAY, Decimal(7), "ours", DAY),),
}


@pytest.mark.parametrize("name", [field.name for field in fields(Facts)])
def test_every_fact_is_in_the_digest(name: str) -> None:
    """Whichever part of the facts changes, the digest does."""
    changed = replace(FACTS, **{name: OTHER[name]})
    assert changed.digest() != FACTS.digest()


@given(st.dictionaries(st.text(max_size=5), st.integers(), max_size=6))
def test_the_order_of_windows_does_not_matter(windows: dict[str, int]) -> None:
    """Facts that are equal have one digest, in whatever order their windows were filled."""
    turned = dict(reversed(list(windows.items())))
    assert replace(FACTS, windows=windows).digest() == replace(FACTS, windows=turned).digest()


def test_a_kept_rate_is_asked_first() -> None:
    """The rates to convert by are the kept ones and then the others."""
    one = OTHER["rates"]
    assert replace(FACTS, rates=one).all_rates is one
    both = replace(FACTS, rates=one, kept_rates=OTHER["kept_rates"]).all_rates
    assert both == (*OTHER["kept_rates"], *one)
