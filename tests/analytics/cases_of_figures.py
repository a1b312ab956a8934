"""Cases of every function, figure and currency, written by hand.

Figures are asked for with measures, so that each is compared to the last unit; what is yes or no
with flags, so that no rule takes the line away from the next one.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Final

from agreement import (
    Case,
)
from case_makers import MODES, YEAR_END, chunks, claim, dense, line, policy, single, window_of
from drawn import (
    CONDITIONS,
    GIVEN,
    HEAD,
    LIMITS,
    MEASURED,
    OF_CLAIMS,
    SUMS,
    Drawn,
)
from drawn_claims import (
    FIRST,
)

from crm_expenses.core.money import Money
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import Rate
from crm_expenses.rules.window import WindowPeriod


def drawn_expressions() -> Iterator[Case]:
    """Every expression that is drawn, many to a policy."""
    asked = [Drawn("flag", text, "review") for text in CONDITIONS]
    asked += [Drawn("require", text, "justify") for text in CONDITIONS[::3]]
    for seed, some in enumerate(chunks(asked, 15)):
        yield Case(policy(some), dense(seed))
    figures = [Drawn("measure", text) for text in (*GIVEN, *MEASURED)]
    for seed, some in enumerate(chunks(figures, 9)):
        yield Case(policy(some), dense(100 + seed))
    for seed, some in enumerate(chunks((Drawn("limit", text) for text in LIMITS), 6)):
        yield Case(policy(some), dense(200 + seed))
    of_claims = [Drawn("flag", text, "review", "claim") for text in OF_CLAIMS]
    yield Case(policy(of_claims), dense(300))


TIES: Final = ("0.01", "0.02", "0.03", "0.04", "0.12", "1.25", "1.26", "2.50", "7.37", "1000000")


def rounding() -> Iterator[Case]:
    """Ties and their neighbours, below zero and above, in every mode and of several steps."""
    asked = [
        text
        for mode in MODES
        for text in (
            f"round(amount * share, 0.01, {mode})",
            f"round(amount * share, 0.02, {mode})",
            f"round(amount, 5, {mode})",
            f"round(amount * 3, 0.25, {mode})",
            f"divide(amount, 8, 0.01, {mode})",
            f"divide(amount, -8, 0.01, {mode})",
            f"divide(amount, 0.08, 0.5, {mode})",
            f"divide(default(nights, 0) - 3, 2, 1, {mode})",
            f"divide(cap, amount, 0.001, {mode})",
        )
    ]
    asked += ["amount % 0.07", "amount % 7", "-amount % 7", "abs(-amount) % 0.03", "-amount"]
    amounts = [sign + written for written in TIES for sign in ("", "-")] + ["0"]
    lines = [line(n, amount, nights=n % 7) for n, amount in enumerate(amounts)]
    claims = tuple(claim(n, some) for n, some in enumerate(chunks(lines, 8)))
    for some in chunks((Drawn("measure", text) for text in asked), 15):
        yield Case(policy(some), claims)


MORE_FIGURES: Final = (
    "year(date) * 10000 + day_of_month(date)",
    "days_between(date, submitted)",
    "months_between(date, submitted)",
    "months_between(submitted, date)",
    "days_between(date, add_months(date, 1))",
    "days_between(date, add_months(date, -13))",
    "days_between(add_days(date, -60), date('2024-02-29'))",
    "length(default(city, ''))",
    "min(1, 2, claim_lines) + max(3, claim_lines, 5)",
    "count_of('meal', 'taxi')",
    "total_of('meal', 'diem')",
    "number(default(nights, 4)) * amount",
    "along(mile['2'], max(-9, min(default(miles, 0), 5000)))",
    "default(distance, 1.5)",
    "default(attendees, 7)",
    "stay['1', max(1, min(default(nights, 1), 100))]",
    "amount_original",
    "default(rate_age_days, -1)",
    "default(voucher_amount, -1)",
    "default(budget_available, -1) + default(budget_allocated, -1) * 2",
    "default(pre_approved_amount, -7)",
    "default(trip_minutes, -1)",
    "default(trip_days, -1)",
    "default(trip_nights, -1)",
    "voucher_uses_before",
    "entitled - allowed",
    "claim_total",
    "1 if person_active else 0",
    "1 if pre_approved else 0",
    "age_days",
    "at('24:00') - at('00:00') + hours(1.5)",
    "days_between(date, trip_departs if present(trip_departs) else date)",
    "days_between(date, trip_returns if present(trip_returns) else date)",
    "length(trip_place if present(trip_place) else '')",
    "length(default(rate_source, ''))",
    "length(default(pre_approval, ''))",
    "(length(merchant) if present(merchant) else 0) - (length(purpose) if present(purpose) else 0)",
    "length(voucher_number if present(voucher_number) else '')",
    "length(person_city if present(person_city) else '')",
    "length(default(account, '')) + length(default(opportunity, ''))",
)
MORE_CONDITIONS: Final = (
    "month(date) in ('1', '3', '12')",
    "weekday(date) not in ('mon', 'tue', 'sun')",
    "is_weekend(add_days(date, 1))",
    "is_working_day(date)",
    "working_days(date, submitted) > 10",
    "working_days(submitted, date) < -10",
    "default(city, '') in ('Bonn', 'None')",
    "present(merchant) or present(opportunity) or present(payment) or present(travel_class)",
    "present(distance) and distance >= 10.501",
    "not present(nights) or not present(attendees)",
    "currency in ('CNY', 'EUR')",
    "category != 'meal'",
    "not pre_approved and not is_credit",
    "present(voucher_date) and voucher_date <= date",
    "grade in ('senior',) or team == ''",
    "voucher_kind == 'none'",
    "date == submitted or date != date('2026-03-01')",
    "shape(default(city, 'Bonn'), 'Aa{3}') or shape(default(city, ''), '*{1,4}')",
    "amount > 10 if amount < 60 else amount > 90",
)


def functions() -> Iterator[Case]:
    """Every function, as a figure where it gives one."""
    figures = MORE_FIGURES
    for seed, some in enumerate(chunks((Drawn("measure", text) for text in figures), 10)):
        yield Case(policy(some), dense(700 + seed))
    asked = (Drawn("flag", text, "review") for text in MORE_CONDITIONS)
    for seed, some in enumerate(chunks(asked, 10)):
        yield Case(policy(some), dense(800 + seed))
    days = [
        line(n, 50, day)
        for n, day in enumerate(
            (date(2024, 2, 29), date(2025, 1, 31), date(2026, 2, 28), date(2026, 8, 31), YEAR_END)
        )
    ]
    ends = [
        line(5, 50, date(1, 1, 1)),
        line(6, 50, date(9999, 12, 31)),
        line(7, 50, date(1582, 10, 10)),
        line(8, 50, date(1900, 3, 1)),
    ]
    yield Case(policy(Drawn("measure", text) for text in MORE_FIGURES[:7]), single([*days, *ends]))
    yield Case(policy(Drawn("flag", text) for text in MORE_CONDITIONS[:6]), single([*days, *ends]))
    sums = [
        window_of(period, '"person"') for period in WindowPeriod if period is not WindowPeriod.TRIP
    ]
    yield Case(
        policy(Drawn("limit", "70", sums=one) for one in sums), single([*ends, *days, *ends])
    )


def bounds() -> Iterator[Case]:
    """Figures at the ends of what is held: the largest amounts, sums that go beyond."""
    more = """
[parameter.huge]
type = "money"
values = [{ from = 2026-01-01, is = 10000000000 }]

[value.huge_day]
name = { en = "huge", zh = "huge" }
scope = "day"
gives = "huge * 400 if day_number != 2 else -huge"

[value.huge_line]
name = { en = "line", zh = "line" }
gives = "huge * 400 if amount > 0 else -huge"

[window.huge_before]
name = { en = "h", zh = "h" }
adds = "huge * 400"
period = "all_time"

[window.many_before]
name = { en = "m", zh = "m" }
adds = "divide(amount, 1, 1, down) * 3"
period = "all_time"
"""
    rules = [
        Drawn("measure", "total_of(huge_day)"),
        Drawn("measure", "huge_before"),
        Drawn("measure", "many_before"),
        Drawn("measure", "claim_total"),
        Drawn("measure", "amount * 2"),
        Drawn("flag", "claim_lines < 9 and total_of(huge_line) > 5", scope="claim"),
        Drawn("limit", "huge", sums=SUMS[0]),
    ]
    top = Money(10**12, "CNY")
    lines = [
        line(0, top, trip="T1"),
        line(1, Money(-(10**12), "CNY"), trip="T2"),
        line(2, top, trip="T3"),
        line(3, Money(10**12, "JPY")),
        line(4, Money(9 * 10**11, "EUR")),
    ]
    dear = (Rate("R", "EUR", "CNY", date(2026, 1, 1), Decimal("1.1"), "x"),)
    dear += (Rate("S", "JPY", "CNY", date(2026, 1, 1), Decimal("999999999999999.999999999"), "x"),)
    for some in (lines, lines[::-1], lines[:1] * 4):
        numbered = [replace(one, id=str(n)) for n, one in enumerate(some)]
        yield Case(policy(rules, HEAD + more), (claim(0, numbered, rates=dear),))
        yield Case(policy(rules, HEAD + more), single(numbered, rates=dear))


def rates() -> Iterator[Case]:
    """Currencies with none, two and three decimals; ties; rates that are late, equal, or absent."""
    known = (
        Rate("1", "EUR", "CNY", date(2026, 3, 1), Decimal("7.125"), ""),
        Rate("2", "EUR", "CNY", date(2026, 3, 3), Decimal("0.005"), "two"),
        Rate("3", "JPY", "CNY", date(2026, 2, 1), Decimal("0.0455"), "three"),
        Rate("4", "KWD", "CNY", date(2026, 2, 1), Decimal("23.45"), "four"),
        Rate("5", "CNY", "EUR", date(2026, 2, 1), Decimal("0.1234"), "five"),
        Rate("6", "USD", "EUR", date(2026, 2, 1), Decimal("0.9"), "six"),
    )
    amounts = (1, -1, 3, -3, 100, 10_002, -10_002, 4)
    lines = [
        line(
            n,
            Money(minor, currency),
            FIRST + timedelta(days=day),
            trip="T1",
            category="diem" if n % 5 == 0 else "meal",
        )
        for n, (minor, currency, day) in enumerate(
            product(amounts, ("EUR", "JPY", "KWD", "USD", "CNY"), (-1, 0, 2))
        )
    ]
    rules = [
        Drawn("measure", "amount"),
        Drawn("measure", "amount_original"),
        Drawn("measure", "default(rate_age_days, -1)"),
        Drawn("measure", "length(default(rate_source, ''))"),
        Drawn("measure", "claim_total"),
        Drawn("limit", "1", sums=SUMS[3]),
        Drawn("allow", "amount * 2", on='"diem"', component="one"),
        Drawn("require", "total_of('diem') > 0", "justify"),
    ]
    approvals = (
        PreApproval("A", "P", "Q", YEAR_END, category="meal", amount=Money(50, "EUR")),
        PreApproval("B", "P", "Q", YEAR_END, amount=Money(350, "KWD")),
        PreApproval("C", "P", "Q", YEAR_END, amount=Money(999, "USD")),
    )
    rules.append(Drawn("measure", "default(pre_approved_amount, -9)"))
    claims = [
        claim(n, some, rates=known, pre_approvals=approvals)
        for n, some in enumerate(chunks(lines, 10))
    ]
    yield Case(policy(rules), tuple(claims))
    for currency in ("JPY", "KWD", "EUR"):
        head = HEAD.replace('currency = "CNY"', f'currency = "{currency}"').replace(
            "CNY/", f"{currency}/"
        )
        if currency == "JPY":
            continue
        yield Case(policy(rules[:6], head), tuple(claims))


def calendar_ends() -> Iterator[Case]:
    """Days at both ends of the calendar and of parameters, and outside of them."""
    rules = [
        Drawn("flag", "is_working_day(date)", "review"),
        Drawn("flag", "is_working_day(date) or amount > 10", "review"),
        Drawn("flag", "amount > 10 or is_working_day(date)", "review"),
        Drawn("measure", "working_days(date, submitted)"),
        Drawn("measure", "working_days(submitted, date)"),
        Drawn("limit", "cap"),
        Drawn("limit", "later", when="date > date('2099-01-01')"),
        Drawn("flag", "add_days(date, 2000000) > date", "review"),
        Drawn("flag", "add_months(date, 100000) > date", "review"),
        Drawn("flag", "add_days(date, -740000) < date", "review"),
    ]
    days = (
        *(date(2025, 12, 31), date(2026, 1, 1), date(2026, 5, 1), date(2026, 5, 2)),
        *(date(2026, 3, 2), date(2026, 3, 7), date(2026, 3, 3), date(2100, 1, 1), date(1, 1, 1)),
        *(date(9999, 12, 31), date(2026, 3, 21), date(2026, 3, 22)),
    )
    yield Case(policy(rules), single(line(n, 50, day) for n, day in enumerate(days)))
