"""Claims to draw for the policies of `drawn`: every fact, and each of them missing now and then.

A line is one of many that were made once, under a drawn amount and day: simple ones stand first, so
what fails shrinks to them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from hypothesis import strategies as st

from crm_expenses.core.budget import Budget, BudgetPosition, BudgetScope
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.decision import Decision
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import Rate
from crm_expenses.core.trip import MealBy, Night, Trip, TripLeg, TripNote, trips_of
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.core.waiver import Waiver
from crm_expenses.rules.evaluate import Evaluator

FIRST: Final = date(2026, 3, 1)
"""A Sunday; the days of the lines stand around it."""

DAYS: Final = (
    *(FIRST + timedelta(days=n) for n in (0, 1, 2, 3, 4, 5, 0, 1, 2, 3)),
    *(date(2026, 2, 28), date(2025, 12, 31), date(2026, 4, 5), date(2026, 4, 6)),
)
"""What changes on one of them: a week, a month, a quarter, a year, a value, a trip."""


def _moment(day: int, hour: int) -> datetime:
    return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=day, hours=hour)


def _trip(name: str, *legs: tuple[int, int, int, str, str]) -> list[TripLeg]:
    return [
        TripLeg(f"{name}{n}", name, _moment(day, at), _moment(day, at + lasts), origin, to)
        for n, (day, at, lasts, origin, to) in enumerate(legs)
    ]


TRIPS: Final[tuple[Trip, ...]] = trips_of(
    [
        *_trip("T1", (0, 10, 3, "Bonn", "Kyiv"), (2, 15, 4, "Kyiv", "Bonn")),
        *_trip("T2", (2, 20, 2, "Bonn", "Rome"), (3, 8, 40, "Rome", "Bonn")),
        *_trip("T3", (4, 9, 5, "Bonn", "")),
        *_trip("T4", (0, 1, 2, "", "Rome"), (900, 1, 2, "Rome", "")),
    ],
    [
        TripNote("N1", "T1", FIRST, breakfast=MealBy.HOST, breakfast_paid=Money(560, "CNY")),
        TripNote("N2", "T1", FIRST + timedelta(days=1), Night.TRANSPORT, "Bonn", MealBy.HOTEL),
        TripNote(
            "N3",
            "T2",
            FIRST + timedelta(days=3),
            Night.NONE,
            dinner=MealBy.CARRIER,
            dinner_paid=Money(700, "USD"),
            extra=(("shift", "late"),),
        ),
    ],
)
"""Two that share a day, one within a day, one that is too long to be true."""

VOUCHERS: Final = (
    Voucher("V1", VoucherKind.FAPIAO, "12345678", "", Money(5_000, "CNY"), FIRST),
    Voucher("V2", VoucherKind.TICKET, "12345678", "", Money(5_000, "EUR")),
    Voucher("V3", VoucherKind.RECEIPT, "77", "3100", None, date(2026, 2, 1)),
    Voucher("V4", VoucherKind.OTHER),
)
RATES: Final = (
    Rate("E1", "EUR", "CNY", date(2026, 1, 1), Decimal("7.5"), "ours"),
    Rate("E2", "EUR", "CNY", date(2026, 3, 2), Decimal("8.125"), ""),
    Rate("J1", "JPY", "CNY", date(2026, 3, 3), Decimal("0.0475"), "x"),
)
PEOPLE: Final = (
    AccountManager("P", "P", "senior", "East", "Bonn", extra=(("rank", "5"),)),
    AccountManager("P", "P", "junior", "None", active_from=date(2026, 3, 2)),
    AccountManager("P", "P", "", "East", active_to=date(2026, 3, 2), extra=(("rank", "x"),)),
    AccountManager("P", "P", "intern", ""),
    None,
)
BUDGETS: Final = (
    Budget(
        "B1", BudgetScope.PERSON, date(2026, 1, 1), date(2026, 12, 31), Money(9_000, "CNY"),
        owner="P", hard=True,
    ),
    Budget("B2", BudgetScope.COMPANY, FIRST, date(2026, 12, 31), Money(900, "EUR")),
)  # fmt: skip
APPROVALS: Final = (
    PreApproval("A1", "P", "Q", date(2026, 12, 31), category="meal", amount=Money(4_000, "CNY")),
    PreApproval("A2", "P", "Q", date(2026, 3, 2), date(2026, 3, 1), category="taxi"),
    PreApproval("A0", "P", "P", date(2026, 12, 31)),
    PreApproval("A3", "P", "Q", date(2026, 12, 31), trip="T1", amount=Money(9_000, "EUR")),
)
"""With a sum and without, for a few days, for a trip; one that a person grants to themselves."""

POSITIONS: Final = (BudgetPosition("B1", "CNY", 9_000, 4_000, 0),)
SIMPLE: Final = ExpenseLine("0", "C", FIRST, "meal", Money(1, "CNY"))
LINES_MADE: Final = 400


def _lines_made() -> list[ExpenseLine]:
    """Make lines once: the first are simple, the more there is in one the later it stands."""
    random, made = Random(20260301), []
    few = ("", "", "", "x")
    for number in range(LINES_MADE):

        def rare(
            *options: object, often: object = "", at: int = number, dice: Random = random
        ) -> object:
            return dice.choice(options) if dice.random() < 0.15 + 0.4 * at / LINES_MADE else often

        extra = {
            "miles": rare("12.5", "12.5", "0", "-3.5", "120.0", "x"),
            "signed": rare("yes", "no", "?"),
            "centre": rare("1", "2", "9"),
        }
        changed = {
            "category": random.choice(("meal", "meal", "taxi", "diem")),
            "city": rare("Bonn", "Kyiv", "None"),
            "account": rare("A1", "A2"),
            "purpose": rare("a", "visit"),
            "justification": rare("why"),
            "voucher": rare("V1", "V2", "V3", "V4", "V9"),
            "payment": rare("cash", "card"),
            "travel_class": rare("first", "economy"),
            "nights": rare(0, 1, 3, often=None),
            "attendees": rare(0, 1, 4, often=None),
            "distance": rare(Decimal("10.5"), Decimal("10.501"), often=None),
            "pre_approved": rare(True, False, often=None),
            "trip": rare("T1", "T1", "T2", "T3", "T3", "T4", "T9"),
            "merchant": random.choice(few),
            "extra": tuple(sorted((k, str(v)) for k, v in extra.items() if v)),
        }
        if random.random() < 0.03:
            changed["category"] = "unknown"
        if changed["category"] == "diem" and not changed["trip"]:
            changed["trip"] = random.choice(("T1", "T1", "T2", "T3"))
        made.append(replace(SIMPLE, **changed))  # type: ignore[arg-type]
    of_trip = replace(SIMPLE, category="diem", trip="T1")
    return [SIMPLE, replace(SIMPLE, category="taxi"), of_trip, *made]


LINES: Final = _lines_made()
AMOUNTS: Final = (
    *(1_000, 5_000, 5_001, 4_999, 8_050, 0, 10_000, -2_000, -5_000, 1, 100_000_000, 3_333),
    *(6_000, 2_001),
)
CURRENCIES: Final = ("CNY",) * 16 + ("EUR", "JPY", "USD")


def claim_lines(claim: str, *, most: int = 4) -> st.SearchStrategy[tuple[ExpenseLine, ...]]:
    """Draw the lines of a claim."""
    part = st.tuples(
        st.sampled_from(LINES),
        st.sampled_from(AMOUNTS),
        st.sampled_from(CURRENCIES),
        st.sampled_from(DAYS),
    )

    def made(parts: list[tuple[ExpenseLine, int, str, date]]) -> tuple[ExpenseLine, ...]:
        return tuple(
            replace(line, id=str(number), claim=claim, amount=Money(minor, currency), date=day)
            for number, (line, minor, currency, day) in enumerate(parts)
        )

    return st.lists(part, min_size=1, max_size=most).map(made)


def waivers() -> st.SearchStrategy[tuple[Waiver, ...]]:
    """Draw waivers for codes that drawn rules have; some are not in force, or nobody's to grant."""
    one = st.builds(
        lambda number, whom, by, days: Waiver(f"W{number}", f"r{number}", by, *days, **whom),
        st.integers(0, 3),
        st.sampled_from(({"person": "P"}, {"claim": "C0"}, {"line": "0"}, {"line": "1"})),
        st.sampled_from(("Q", "Q", "Q", "P")),
        st.sampled_from(
            ((date(2026, 12, 31),), (date(2026, 12, 31), date(2026, 3, 2)), (date(2026, 3, 2),))
        ),
    )
    return st.one_of(st.just(()), st.just(()), st.lists(one, max_size=2).map(tuple))


def claim_facts(claim: str = "C0", *, most: int = 4) -> st.SearchStrategy[Facts]:
    """Draw the facts of a claim."""

    def made(
        lines: tuple[ExpenseLine, ...],
        person: AccountManager | None,
        rates: int,
        waived: tuple[Waiver, ...],
        more: tuple[tuple[tuple[str, str], ...], bool, int],
    ) -> Facts:
        extra, has_budgets, approvals = more
        return Facts(
            Claim(claim, "P", datetime(2026, 3, 20, 9, tzinfo=UTC), extra=extra),
            lines,
            person,
            VOUCHERS,
            RATES[:rates],
            budgets=BUDGETS if has_budgets else (),
            positions=POSITIONS if has_budgets else (),
            trips=TRIPS,
            waivers=waived,
            pre_approvals=APPROVALS[:approvals],
        )

    extra = st.sampled_from(((), (("project", "A"),)))
    return st.builds(
        made,
        claim_lines(claim, most=most),
        st.sampled_from((*PEOPLE[:1] * 8, *PEOPLE)),
        st.sampled_from((3, 3, 3, 2, 0)),
        waivers(),
        st.tuples(extra, st.sampled_from((False, False, True)), st.sampled_from((0, 4, 1))),
    )


def some_facts(person: AccountManager | None) -> Facts:
    """Give the facts of a claim of lines that differ much, without a draw."""
    lines = tuple(
        replace(line, id=str(n), claim="C", amount=Money(AMOUNTS[n % 9], "CNY"), date=DAYS[n % 13])
        for n, line in enumerate(LINES[::9])
    )
    foreign = replace(lines[1], id="E", amount=Money(5_000, "EUR"))
    claim = Claim("C", "P", datetime(2026, 3, 20, 9, tzinfo=UTC))
    return Facts(
        claim,
        (*lines, foreign),
        person,
        VOUCHERS,
        RATES,
        budgets=BUDGETS,
        positions=POSITIONS,
        trips=TRIPS,
        pre_approvals=APPROVALS,
    )


def histories(*, claims: int = 3, most: int = 3) -> st.SearchStrategy[list[Facts]]:
    """Draw claims of one person that are received one after the other."""
    return st.integers(1, claims).flatmap(
        lambda count: st.tuples(*(claim_facts(f"C{n}", most=most) for n in range(count))).map(list)
    )


def decided(evaluator: Evaluator, claims: Sequence[Facts]) -> list[tuple[Facts, Decision]]:
    """Decide claims one after the other; each is given what the earlier ones carry, if it asks."""
    used: dict[str, int] = {}
    found = []
    for bare in claims:
        held = {key: used[key] for key in evaluator.windows_of(bare) if key in used}
        facts = replace(bare, windows=held)
        decision = evaluator.decide(facts, digest=False)
        for carry in decision.carries:
            used[carry.window] = used.get(carry.window, 0) + carry.amount
        found.append((facts, decision))
    return found
