"""The run reading beside the scenarios: evidence, budgets, windows asked for, failures."""

from datetime import date
from decimal import Decimal

import pytest
from marked import HEAD, facts, rule

from crm_expenses import check, decision_dict
from crm_expenses.core.budget import Budget, BudgetPosition, BudgetScope
from crm_expenses.core.claim import Claim
from crm_expenses.core.decision import Decision, Outcome
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect, Finding
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.judge import show
from crm_expenses.rules.tree import DATE, TEXT, YES_NO, quantity
from crm_expenses.rules.window import voucher_window
from crm_expenses.rules.wording import finding_text, finding_title


def evaluator(*rules: str) -> Evaluator:
    """Make a policy of these rules ready."""
    return Evaluator(parse_policy(HEAD + "\n".join(rules)))


def decided(given: Facts, *rules: str) -> Decision:
    """Decide a claim by a policy of these rules."""
    return evaluator(*rules).decide(given)


def only(decision: Decision) -> Finding:
    """Give the one finding of the one line."""
    (line,) = decision.lines
    (finding,) = line.findings
    return finding


# Evidence


def test_evidence_is_what_the_rule_reads() -> None:
    """A finding shows the facts and figures that its rule reads, in order, and no free text."""
    that = "amount < plain and date < submitted and not is_credit and length(purpose) > 90"
    given = facts({"amount": "180", "purpose": "secret words"})
    found = only(decided(given, rule(that, when="present(purpose)")))
    assert found.evidence == (
        ("amount", "180.00"),
        ("plain", "150.50"),
        ("date", "2026-03-04"),
        ("submitted", "2026-03-10"),
        ("is_credit", "no"),
    )


def test_evidence_without_what_is_missing() -> None:
    """A fact that is missing, and a figure that needs it, are left out of the evidence."""
    that = "present(city) and nightly[grade, tier_of[city]] > 0 and present(nights) and nights > 5"
    found = only(decided(facts({"nights": 2}), rule(that)))
    assert found.evidence == (("grade", "senior"), ("nights", "2"))


def test_evidence_of_a_key_that_is_computed() -> None:
    """A figure whose key compares a missing fact is left out, and never ends the decision."""
    that = "present(nights) and amount <= nightly[grade if nights > 3 else 'junior', '1'] * nights"
    found = only(decided(facts({}), rule(that)))
    assert dict(found.evidence) == {"amount": "100.00", "grade": "senior"}
    assert not found.failed


def test_evidence_of_a_key_with_a_default() -> None:
    """A figure whose key has a default is shown also where the fact is missing."""
    that = "present(city) and tier_of[default(city, '')] == '9'".replace("'9'", "'1'")
    assert dict(only(decided(facts({}), rule(that))).evidence) == {"tier_of": "2"}
    that = "present(nights) and tier_of['北京' if present(city) else ''] == '1'"
    found = only(decided(facts({"nights": 1}), rule(that)))
    assert dict(found.evidence) == {"nights": "1", "tier_of": "2"}


def test_evidence_of_a_branch_not_taken() -> None:
    """A figure that has no value on the day is left out where the rule did not need it."""
    that = "amount < (plain if date > submitted else 5)"
    found = only(decided(facts({"date": date(2025, 12, 31)}), rule(that)))
    assert dict(found.evidence) == {
        "amount": "100.00",
        "date": "2025-12-31",
        "submitted": "2026-03-10",
    }


@pytest.mark.parametrize(
    ("raw", "kind", "shown"),
    [
        (True, YES_NO, "yes"),
        (False, YES_NO, "no"),
        (0, quantity("CNY", 2), "0.00"),
        (5, quantity("CNY", 2), "0.05"),
        (-5, quantity("CNY", 2), "-0.05"),
        (-12345, quantity("CNY", 2), "-123.45"),
        (1500, quantity("JPY"), "1500"),
        (-3, quantity("night"), "-3"),
        (10125, quantity("km", 3), "10.125"),
        ("北京", TEXT, "北京"),
        (date(2026, 3, 4), DATE, "2026-03-04"),
    ],
)
def test_show(raw: object, kind: object, shown: str) -> None:
    """A raw value is shown with all its decimals, dates by ISO 8601."""
    assert show(raw, kind) == shown  # type: ignore[arg-type]


# Claims


def test_an_unknown_person() -> None:
    """A claim of nobody whom the CRM knows goes to a person, once, and names who was given."""
    known = facts({})
    decision = decided(Facts(known.claim, known.lines), rule("amount >= 0"))
    assert decision.outcome is Outcome.REVIEW
    assert [(f.code, f.evidence) for f in decision.findings] == [
        ("person.unknown", (("person", "P"),))
    ]
    assert decision.lines[0].outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("hard", "outcome", "code"),
    [(True, Outcome.REVIEW, "budget.exceeded"), (False, Outcome.PASS, "budget.overdrawn")],
)
def test_budgets_that_are_too_small(*, hard: bool, outcome: Outcome, code: str) -> None:
    """A hard budget that is too small sends the claim to a person; a soft one notes it."""
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    budget = Budget(
        "B", BudgetScope.PERSON, first, last, Money.of("90", "CNY"), owner="P", hard=hard
    )
    more = {"budgets": (budget,), "positions": (BudgetPosition("B", "CNY", 9000, 0, 0),)}
    decision = decided(facts({}, **more), rule("amount >= 0"))
    assert (decision.outcome, [f.code for f in decision.findings]) == (outcome, [code])


def test_rules_may_read_the_tightest_budget() -> None:
    """`budget_available` is the least of the budgets in the policy's currency that cover a line."""
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    scopes = (
        ("B1", BudgetScope.PERSON, "P", "CNY", 500_00),
        ("B2", BudgetScope.TEAM, "East", "CNY", 300_00),
        ("B3", BudgetScope.TEAM, "West", "CNY", 1_00),
        ("B4", BudgetScope.COMPANY, "", "EUR", 1_00),
        ("B5", BudgetScope.COMPANY, "", "CNY", 1_00),
    )
    budgets = tuple(
        Budget(name, scope, first, last, Money(minor, currency), owner=owner)
        for name, scope, owner, currency, minor in scopes
    )
    positions = tuple(
        BudgetPosition(name, currency, minor, 0, 0) for name, _, _, currency, minor in scopes[:4]
    )
    text = rule("budget_available >= 400", when="present(budget_available)")
    found = decided(facts({}, budgets=budgets, positions=positions), text).lines[0].findings
    assert dict(found[0].evidence) == {"budget_available": "300.00"}
    assert decided(facts({}), text).lines[0].findings == ()


@pytest.mark.parametrize(
    ("start", "end", "active"),
    [
        (None, None, True),
        (date(2026, 3, 4), date(2026, 3, 4), True),
        (date(2026, 3, 5), None, False),
        (None, date(2026, 3, 3), False),
    ],
)
def test_employed_on_the_day(start: date | None, end: date | None, *, active: bool) -> None:
    """A person is active from the first to the last day of employment, both included."""
    person = AccountManager("P", "王芳", active_from=start, active_to=end)
    decision = decided(facts({}, person=person), rule("person_active"))
    assert (decision.outcome is Outcome.PASS) is active


def test_what_a_voucher_tells() -> None:
    """A voucher gives its kind, number, date, and its amount in the policy's currency alone."""
    day = date(2026, 3, 1)
    vouchers = (
        Voucher("V1", VoucherKind.FAPIAO, "12345678", "3100", Money.of("99", "CNY"), day),
        Voucher("V2", VoucherKind.TICKET, "", "", Money.of("99", "EUR")),
        Voucher("V3", VoucherKind.RECEIPT),
    )
    reads = "voucher_kind == 'none' and default(voucher_number, '') == '' and "
    reads += "default(voucher_amount, 0) > 900 and default(voucher_date, date) < date"
    lines = [{"voucher": name} for name in ("V1", "V2", "V3", "V9")]
    decision = decided(facts(*lines, vouchers=vouchers), rule(reads))
    assert [dict(line.findings[0].evidence) for line in decision.lines] == [
        {
            "voucher_kind": "fapiao",
            "voucher_number": "3100-12345678",
            "voucher_amount": "99.00",
            "voucher_date": "2026-03-01",
            "date": "2026-03-04",
        },
        {"voucher_kind": "ticket", "date": "2026-03-04"},
        {"voucher_kind": "receipt", "date": "2026-03-04"},
        {"voucher_kind": "none", "date": "2026-03-04"},
    ]


def test_the_day_of_submission_is_in_its_own_zone() -> None:
    """A claim of the evening in Shanghai is of that day there, though not yet in UTC."""
    given = facts({})
    claim = Claim("C", "P", given.claim.submitted.replace(hour=1))
    decision = decided(Facts(claim, given.lines, given.person), rule("age_days < 6"))
    assert dict(decision.lines[0].findings[0].evidence) == {"age_days": "6"}


def test_distance_is_exact() -> None:
    """A distance is kept to the metre."""
    text = rule("distance < 10.125", when="present(distance)")
    assert decided(facts({"distance": Decimal("10.124")}), text).outcome is Outcome.PASS
    found = only(decided(facts({"distance": Decimal("10.125")}), text))
    assert dict(found.evidence) == {"distance": "10.125"}


# Windows


def test_windows_are_asked_for_by_key() -> None:
    """The keys of a claim's windows are sorted, each once, and name rule, first day and values."""
    window = 'per = ["person", "category"]\nperiod = "month"'
    ready = evaluator(
        rule(at_most="5", code="a", rest=window + '\non = ["meal"]'),
        rule(at_most="5", code="b", rest='period = "all_time"'),
    )
    keys = ready.windows_of(facts({}, {}, {"category": "lodging"}))
    assert keys == (
        "a|2026-03-01|1:P|4:meal",
        "b|0001-01-01",
    )


def test_vouchers_are_counted_only_where_a_rule_asks() -> None:
    """A policy that never asks for uses of a voucher keeps no window for them."""
    voucher = Voucher("V", VoucherKind.FAPIAO, "12345678")
    given = facts({"voucher": "V"}, {}, vouchers=(voucher,))
    asks = evaluator(rule("voucher_uses_before < 1"))
    assert asks.windows_of(given) == (voucher_window("12345678"),)
    assert [carry.amount for carry in asks.decide(given).carries] == [1]
    silent = evaluator(rule("amount > 0"))
    assert silent.windows_of(given) == ()
    assert silent.decide(given).carries == ()


def test_a_negative_limit_allows_nothing() -> None:
    """A limit below zero is zero: nobody owes money for a claim."""
    finding = only(decided(facts({}), rule(at_most="plain - 200")))
    assert dict(finding.evidence)["limit"] == "0.00"
    assert decided(facts({}), rule(at_most="plain - 200")).allowed == Money(0, "CNY")


def test_a_window_that_is_overfull_gives_nothing_more() -> None:
    """Where earlier lines used more than a limit that fell since, nothing is left, not less."""
    ready = evaluator(rule(at_most="50", rest='per = ["person"]\nperiod = "day"'))
    given = facts({})
    (key,) = ready.windows_of(given)
    decision = ready.decide(facts({}, windows={key: 9_000}))
    assert decision.allowed == Money(0, "CNY")
    assert decision.carries[0].amount == 0
    assert dict(decision.lines[0].findings[0].evidence)["over"] == "100.00"


# Failures


def test_several_facts_are_missing_at_once() -> None:
    """A rule that lacks two facts names both, and its line goes to a person."""
    person = AccountManager("P", "王芳")
    text = rule("team == 'East' and grade == 'senior'")
    decision = decided(facts({}, person=person), text)
    finding = only(decision)
    assert (finding.failed, finding.effect) == ("missing", Effect.REVIEW)
    assert dict(finding.evidence) == {"date": "2026-03-04", "missing": "grade, team"}
    policy = evaluator(text).policy
    assert finding_text(policy, finding, "en") == (
        "R: the rule cannot be computed without the person's grade, the person's team, "
        "so a person must look"
    )
    assert finding_text(policy, finding, "zh") == "规：缺少职级、团队，规则无法计算，需人工查看"


def test_titles() -> None:
    """A finding has the title of its rule, or one of its own where no rule made it."""
    policy = evaluator(rule("amount > 0")).policy
    assert finding_title(policy, "r", "en") == "R"
    assert finding_title(policy, "r", "zh") == "规"
    assert finding_title(policy, "scope.uncovered", "en") == "Category without a rule"
    assert finding_title(policy, "currency.no_rate", "zh") == "缺少汇率"


def test_an_amount_beyond_the_bound_goes_to_a_person() -> None:
    """What a rate takes beyond the bound of an amount counts as not converted."""
    lines = [
        {
            "line": "1",
            "date": "2026-03-02",
            "category": "meal",
            "amount": "9000000000",
            "currency": "USD",
        }
    ]
    rates = [{"currency": "USD", "rate": "1000000", "date": "2026-01-01"}]
    decision = check(
        {
            "claim": "C",
            "person": "P",
            "submitted": "2026-03-03",
            "lines": lines,
            "rates": rates,
        },
        parse_policy(LARGE),
    )
    (line,) = decision.lines
    assert (line.claimed, line.allowed.minor) == (None, 0)
    assert [finding.code for finding in line.findings] == ["currency.no_rate"]


def test_a_message_shows_a_missing_fact_as_a_dash() -> None:
    """A field without a value is not shown as the field's own name."""
    claim = {
        "claim": "C",
        "person": "P",
        "submitted": "2026-03-03",
        "lines": [{"line": "1", "date": "2026-03-02", "category": "meal", "amount": "9"}],
    }
    policy = parse_policy(LARGE)
    answer = decision_dict(check(claim, policy), policy)
    assert answer["lines"][0]["findings"][0]["message"]["en"] == "Cap: over 5.00 in —"


LARGE = """
[policy]
id = "p"
version = "1"
language = 1
currency = "CNY"
title = { en = "P", zh = "政策" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }

[[rule]]
code = "meal.cap"
kind = "limit"
title = { en = "Cap", zh = "限额" }
when = "present(city) or amount > 0"
at_most = "5"
message = { en = "over {limit} in {city}", zh = "在 {city} 超过 {limit}" }
"""
