"""What the lines of a claim share: what was approved in advance for each of them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

import pytest
from marked import HEAD, facts, rule

from crm_expenses.core.money import AMOUNT_MINOR_MAX, Money
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import Rate
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.evaluate import Evaluator

DAY: Final = date(2026, 3, 4)
"""The day of a plain line of these tests, which is a meal of the person P."""

EVALUATOR: Final = Evaluator(parse_policy(HEAD + rule("pre_approved")))
RATES: Final = (
    Rate("E1", "EUR", "CNY", date(2026, 3, 1), Decimal("7.5"), "bank"),
    Rate("E2", "EUR", "CNY", date(2026, 3, 4), Decimal(8), "bank"),
    Rate("U1", "USD", "CNY", date(2026, 3, 5), Decimal(7), "bank"),
    Rate("J1", "JPY", "CNY", date(2026, 3, 1), Decimal(30000), "bank"),
)


def approved(ident: str, amount: str | Money | None = None, **more: object) -> PreApproval:
    """Give a pre-approval of P until the day of the line."""
    made = Money.of(amount, "CNY") if isinstance(amount, str) else amount
    return replace(PreApproval(ident, "P", "P9", DAY, amount=made), **more)  # type: ignore[arg-type]


def euros(amount: str) -> Money:
    """Give euros."""
    return Money.of(amount, "EUR")


NONE: Final = (False, None, None)
CASES: Final[list[tuple[tuple[PreApproval, ...], bool | None, tuple[object, ...]]]] = [
    # nothing, or the flag alone
    ((), None, NONE),
    ((), False, NONE),
    ((), True, (True, None, None)),
    # one
    ((approved("A", "2000"),), None, (True, 200_000, "A")),
    ((approved("A", "2000"),), False, (True, 200_000, "A")),
    ((approved("A", "2000"),), True, (True, 200_000, "A")),
    ((approved("A"),), None, (True, None, "A")),
    ((approved("A", "0"),), None, (True, 0, "A")),
    # one that does not cover the line is none, with the flag or without
    ((approved("A", "2000", until=date(2026, 3, 3)),), None, NONE),
    ((approved("A", "2000", start=DAY),), None, (True, 200_000, "A")),
    ((approved("A", "2000", start=date(2026, 3, 5)),), None, NONE),
    ((approved("A", "2000", granted_by="P"),), None, NONE),
    ((approved("A", "2000", person="Q"),), None, NONE),
    ((approved("A", "2000", category="lodging"),), True, (True, None, None)),
    # several: the largest amount, of equals the first by id; one without an amount comes last
    ((approved("A", "2000"), approved("B", "2000.01")), None, (True, 200_001, "B")),
    ((approved("B", "2000.01"), approved("A", "2000")), None, (True, 200_001, "B")),
    ((approved("B", "2000"), approved("A", "2000")), None, (True, 200_000, "A")),
    ((approved("A"), approved("B", "0.01")), None, (True, 1, "B")),
    ((approved("B"), approved("A")), None, (True, None, "A")),
    ((approved("A", "5"), approved("B", "9", trip="T9")), None, (True, 500, "A")),
    # in the policy's currency, at the rate of the line's day; without a rate there is no amount
    ((approved("A", euros("100")),), None, (True, 80_000, "A")),
    ((approved("A", euros("100")), approved("B", "799.99")), None, (True, 80_000, "A")),
    ((approved("A", euros("100")), approved("B", "800.01")), None, (True, 80_001, "B")),
    ((approved("A", Money.of("100", "USD")),), None, (True, None, "A")),
    ((approved("A", Money.of("100", "USD")), approved("B", "1")), None, (True, 100, "B")),
    ((approved("A", Money(AMOUNT_MINOR_MAX, "JPY")),), None, (True, None, "A")),
]


@pytest.mark.parametrize(("held", "flag", "read"), CASES)
def test_what_was_approved_in_advance(
    *, held: tuple[PreApproval, ...], flag: bool | None, read: tuple[object, ...]
) -> None:
    """A line reads whether, up to which amount and by which pre-approval it was approved."""
    given = facts({"pre_approved": flag}, pre_approvals=held, rates=RATES)
    (of,) = EVALUATOR.facts_of(given, EVALUATOR.decide(given))
    assert (of.pre_approved, of.pre_approved_amount, of.pre_approval) == read
    assert (not EVALUATOR.decide(given).lines[0].findings) is read[0]


def test_the_rate_is_that_of_the_lines_day() -> None:
    """Two lines under one pre-approval read its amount at the rates of their days."""
    days = ({"date": date(2026, 3, 3)}, {"date": DAY})
    given = facts(*days, pre_approvals=(approved("A", euros("100")),), rates=RATES)
    of = EVALUATOR.facts_of(given, EVALUATOR.decide(given))
    assert [one.pre_approved_amount for one in of] == [75_000, 80_000]
