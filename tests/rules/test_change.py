"""The smallest change that would pass: what it names, applied by hand, does clear the finding."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marked import HEAD, facts, rule
from test_evaluate_laws import POLICIES, ready, whole_facts

from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect
from crm_expenses.core.money import Money
from crm_expenses.core.rates import Rate
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.change import Change, smallest_change
from crm_expenses.rules.evaluate import Evaluator

OWN = """
[fact.miles]
name = { en = "miles", zh = "英里" }
type = "number"
unit = "mile"
places = 1

[fact.signed]
name = { en = "signed", zh = "已签字" }
type = "yes_no"

[fact.shift]
name = { en = "shift", zh = "班次" }
type = "text"
"""


def change(text: str, line: dict[str, Any], **more: Any) -> Change | None:  # noqa: ANN401
    """Give the change for the first finding of one rule on one line."""
    evaluator = Evaluator(parse_policy(HEAD + OWN + text))
    made = facts(line, **more)
    decision = evaluator.decide(made)
    found = decision.lines[0].findings
    assert found, "the rule must have found something"
    return smallest_change(evaluator, made, decision, "1", found[0].code)


LIMIT = rule(at_most="plain")


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        (LIMIT, {"amount": "200"}, Change("amount", "150.50 CNY")),
        (rule("amount <= 99.99"), {"amount": "200"}, Change("amount", "99.99 CNY")),
        (rule("amount >= 50"), {"amount": "20"}, Change("amount", "50.00 CNY")),
        (rule("present(nights) and nights > 2"), {}, Change("nights", "3")),
        (rule("present(nights) and nights < 9"), {"nights": 30}, Change("nights", "8")),
        (rule("present(attendees)"), {}, Change("attendees")),
        (rule("present(miles)"), {}, Change("miles")),
        (
            rule("present(nights)")
            + rule(at_most="plain * number(nights)", code="s", when="present(nights)"),
            {"amount": "420"},
            Change("nights"),
        ),
        (
            rule("amount <= plain * number(attendees)", when="present(attendees)"),
            {"amount": "420", "attendees": 2},
            Change("amount", "301.00 CNY"),
        ),
        (
            rule("amount < 200 or voucher_kind == 'fapiao'"),
            {"amount": "420"},
            Change("voucher_kind", "fapiao"),
        ),
        (
            rule(at_most="plain * number(default(nights, 1))"),
            {"amount": "420"},
            Change("amount", "150.50 CNY"),
        ),
        (
            rule("present(distance) and distance >= 10.5"),
            {"distance": Decimal("3.25")},
            Change("distance", "10.500"),
        ),
        (rule("present(purpose)"), {}, Change("purpose")),
        (rule("present(account)"), {}, Change("account")),
        (rule("present(city)"), {}, Change("city")),
        (rule("present(city) and tier_of[city] == '1'"), {}, Change("city")),
        (rule("voucher_kind == 'fapiao'"), {}, Change("voucher_kind", "fapiao")),
        (rule("present(voucher_number)"), {}, Change("voucher_number")),
        (
            rule("present(voucher_number) and shape(voucher_number, '9{3}')"),
            {},
            Change("voucher_number", "111"),
        ),
        (rule("default(miles, 0) > 12.5"), {}, Change("miles", "12.6")),
        (rule("default(signed, is_weekend(date))"), {}, Change("signed", "yes")),
        (rule("present(shift) and shift == 'night'"), {}, Change("shift", "night")),
        (
            rule(at_most="plain", rest='effect = "justify"'),
            {"amount": "200"},
            Change("justification"),
        ),
        (rule("grade == 'junior'"), {}, None),
        (rule("is_weekend(date)"), {}, None),
        (rule("present(city) and tier_of[city] == '1'"), {"city": "拉萨"}, None),
    ],
)
def test_changes(text: str, line: dict[str, Any], expected: Change | None) -> None:
    """One fact that the claimant may change, and the value nearest to what it was."""
    assert change(text, line) == expected


def test_a_window_counts_what_was_used_before() -> None:
    """What is left of the month is what would pass."""
    text = HEAD + rule(at_most="plain", rest='per = ["person"]\nperiod = "month"')
    evaluator = Evaluator(parse_policy(text))
    made = facts({"amount": "100"}, {"amount": "100"})
    decision = evaluator.decide(made)
    assert smallest_change(evaluator, made, decision, "2", "r") == Change("amount", "50.50 CNY")
    assert smallest_change(evaluator, made, decision, "1", "r") is None


def test_foreign_amounts_are_named_in_their_own_currency() -> None:
    """The claimant changes what stands on the claim, not what it was converted to."""
    rate = Rate("R", "EUR", "CNY", date(2026, 1, 1), Decimal("7.5"), "ours")
    found = change(LIMIT, {"amount": Money(10000, "EUR")}, rates=(rate,))
    assert found == Change("amount", "20.06 EUR")  # 150.45; one cent more is 150.53


def test_a_number_of_the_wrong_shape_is_replaced_in_its_voucher() -> None:
    """The voucher stays, its number changes."""
    held = Voucher("V", VoucherKind.FAPIAO, number="12")
    text = rule("present(voucher_number) and shape(voucher_number, '9{8}')")
    assert change(text, {"voucher": "V"}, vouchers=(held,)) == Change("voucher_number", "11111111")


def test_what_is_resolved_needs_no_change() -> None:
    """A finding that is only a note, and a code that nobody found, have none."""
    evaluator = Evaluator(parse_policy(HEAD + rule(at_most="plain", rest='effect = "note"')))
    made = facts({"amount": "200"})
    decision = evaluator.decide(made)
    assert smallest_change(evaluator, made, decision, "1", "r") is None
    assert smallest_change(evaluator, made, decision, "1", "other") is None
    assert smallest_change(evaluator, made, decision, "?", "r") is None


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(POLICIES.values())), whole_facts())
def test_amounts_are_the_nearest(text: str, given: Facts) -> None:
    """A change of amount clears the finding; one minor unit less of it does not."""
    evaluator = ready(text)
    decision = evaluator.decide(given)
    for at, line in enumerate(decision.lines):
        for finding in line.findings:
            if finding.effect is Effect.NOTE:
                continue
            found = smallest_change(evaluator, given, decision, line.line, finding.code)
            if found is None or found.name != "amount":
                continue
            amount, _, currency = found.value.partition(" ")
            nearest = Money.of(amount, currency)
            held = given.lines[at].amount.minor
            toward = 1 if nearest.minor < held else -1

            def codes(minor: int, at: int = at, currency: str = currency) -> set[str]:
                lines = list(given.lines)
                lines[at] = replace(lines[at], amount=Money(minor, currency))
                again = evaluator.decide(replace(given, lines=tuple(lines))).lines[at]
                return {f.code for f in again.findings if f.effect is not Effect.NOTE}

            assert finding.code not in codes(nearest.minor)
            again = codes(nearest.minor + toward)
            assert finding.code in again or not again <= codes(held)
