from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

import pytest

from crm_expenses.analytics.claimtables import ClaimTables, Row, batches
from crm_expenses.core.budget import Budget, BudgetPosition, BudgetScope
from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import Rate
from crm_expenses.core.trip import MealBy, Night, Trip, TripLeg, TripNote
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.core.waiver import Waiver
from crm_expenses.errors import MappingError
from crm_expenses.rules.own_fact import FactOf
from crm_expenses.rules.sql.schema import TABLES

SHANGHAI: Final = timezone(timedelta(hours=8))
INDIA: Final = timezone(timedelta(hours=5, minutes=30))
DAY: Final = date(2026, 3, 2)
END: Final = date(2026, 12, 31)
OWN: Final = {"miles": FactOf.LINE, "a": FactOf.LINE, "rank": FactOf.PERSON, "shift": FactOf.DAY}
SENIOR: Final = AccountManager("P", "王芳", "senior", "East", extra=(("rank", "5"),))
JUNIOR: Final = AccountManager("P", "王芳", "junior", "", active_to=END)


def line(number: int, **more: Any) -> ExpenseLine:  # noqa: ANN401
    """Make a line."""
    return ExpenseLine(str(number), "C", DAY, "meal", more.pop("amount", Money(100, "CNY")), **more)


def claim(name: str = "C", *lines: ExpenseLine, day: int = 20, **more: Any) -> Facts:  # noqa: ANN401
    """Make a claim that is submitted on a day of March."""
    submitted = datetime(2026, 3, day, 0, 30, tzinfo=SHANGHAI)
    head = Claim(name, more.pop("of", "P"), submitted, more.pop("status", ClaimStatus.SUBMITTED))
    return Facts(head, tuple(replace(one, claim=name) for one in lines), **more)


def rows(*claims: Facts, own: dict[str, FactOf] | None = None) -> dict[str, list[Row]]:
    """Give the rows of claims."""
    tables = ClaimTables(own or {}, "CNY")
    for one in claims:
        tables.add(one)
    return {name: list(some) for name, some in tables.rest().items()}


def named(table: str, row: Row, own: dict[str, FactOf] | None = None) -> dict[str, object]:
    """Give the values of a row by column, without those that are missing."""
    columns = ClaimTables(own or {}, "CNY").columns(table)
    pairs = zip(columns, row, strict=True)
    return {column.name: value for column, value in pairs if value is not None}


def test_a_line_has_all_its_values() -> None:
    """Each field stands in its column, exact; the place counts over all claims."""
    full = line(
        7,
        amount=Money(-5, "JPY"),
        city="Bonn",
        account="A",
        opportunity="O",
        merchant="M",
        purpose="why",
        justification="because",
        voucher="V",
        payment="card",
        travel_class="first",
        nights=0,
        attendees=3,
        distance=Decimal("10.501"),
        pre_approved=False,
        trip="T9",
        extra=(("a", ""), ("miles", "12.5"), ("miles", "9")),
    )
    made = rows(
        claim("B", line(1)), claim("C", full, vouchers=(Voucher("V", VoucherKind.TICKET),)), own=OWN
    )
    assert named("expense_lines", made["expense_lines"][1], OWN) == {
        "place": 2,
        "claim": "C",
        "line": "7",
        "spent_on": DAY,
        "category": "meal",
        "amount": -5,
        "currency": "JPY",
        "city": "Bonn",
        "account": "A",
        "opportunity": "O",
        "merchant": "M",
        "purpose": "why",
        "justification": "because",
        "voucher": "V",
        "payment": "card",
        "travel_class": "first",
        "nights": 0,
        "attendees": 3,
        "distance": 10_501,
        "pre_approved": False,
        "trip": "T9",
        "fact_miles": "12.5",
    }


def test_what_is_empty_is_missing() -> None:
    """An empty text, and what a record does not say, is no value."""
    made = rows(claim("C", line(1, voucher="V9")))
    bare = {"place", "claim", "line", "spent_on", "category", "amount", "currency"}
    assert named("expense_lines", made["expense_lines"][0]).keys() == bare


def test_every_row_fits_its_table() -> None:
    """A row has a value for each column, and those that are needed are there."""
    trip = Trip("T", (_leg(),), (TripNote("N", "T", DAY),))
    made = rows(
        claim(
            "C",
            line(1, trip="T"),
            person=SENIOR,
            vouchers=(Voucher("V", VoucherKind.TICKET),),
            rates=(Rate("1", "EUR", "CNY", DAY, Decimal("7.5"), ""),),
            trips=(trip,),
            waivers=(Waiver("W", "r", "Q", END, person="P"),),
            pre_approvals=(PreApproval("A", "P", "Q", END),),
            budgets=(Budget("B", BudgetScope.COMPANY, DAY, END, Money(9, "CNY")),),
            positions=(BudgetPosition("B", "CNY", 9, 4, 0),),
        ),
        own=OWN,
    )
    assert made.keys() == TABLES.keys()
    tables = ClaimTables(OWN, "CNY")
    for name, some in made.items():
        for row in some:
            for column, value in zip(tables.columns(name), row, strict=True):
                assert value is not None or not column.is_needed, (name, column.name)


def test_the_day_of_submission_is_the_companys() -> None:
    """Half past midnight in the company's zone is that day, whatever day it is in UTC."""
    made = rows(claim("C", day=20, status=ClaimStatus.PAID))
    assert made["claims"] == [("C", "P", date(2026, 3, 20), "paid")]


def _leg(hour: int = 9) -> TripLeg:
    departs = datetime(2026, 3, 2, hour, tzinfo=SHANGHAI)
    return TripLeg("1", "T", departs, datetime(2026, 3, 2, 9, 15, tzinfo=INDIA), "", "Pune")


def test_legs_keep_both_clocks() -> None:
    """A leg has the clock on the wall at both ends, and how far each is ahead of UTC."""
    made = rows(claim("C", trips=(Trip("T", (_leg(),)),)))
    assert made["trips"] == [("T", "P")]
    assert made["trip_legs"] == [
        ("T", "1", datetime(2026, 3, 2, 9), 480, datetime(2026, 3, 2, 9, 15), 330, None, "Pune")  # noqa: DTZ001  the wall's
    ]


def test_notes_have_meals_and_own_facts() -> None:
    """A day of a trip has who provided what, what was paid, and the policy's own facts."""
    note = TripNote(
        "N", "T", DAY, Night.NONE, lunch=MealBy.HOST, lunch_paid=Money(9, "EUR"),
        extra=(("shift", "late"),),
    )  # fmt: skip
    made = rows(claim("C", trips=(Trip("T", (_leg(),), (note,)),)), own=OWN)
    (row,) = made["trip_days"]
    assert named("trip_days", row, OWN) == {
        "trip": "T",
        "trip_day": DAY,
        "night": "none",
        "breakfast": "none",
        "lunch": "host",
        "lunch_paid": 9,
        "lunch_currency": "EUR",
        "dinner": "none",
        "fact_shift": "late",
    }


def test_what_claims_share_has_one_row() -> None:
    """The same voucher, trip, rate and pre-approval of two claims stand once."""
    shared: dict[str, Any] = {
        "vouchers": (Voucher("V", VoucherKind.TICKET),),
        "trips": (Trip("T", (_leg(),)),),
        "rates": (Rate("1", "EUR", "CNY", DAY, Decimal("7.5"), ""),),
        "pre_approvals": (PreApproval("A", "P", "Q", END),),
    }
    made = rows(claim("C", **shared), claim("D", **shared))
    assert [len(made[name]) for name in ("vouchers", "trips", "trip_legs")] == [1, 1, 1]
    assert [len(made[name]) for name in ("exchange_rates", "pre_approvals")] == [1, 1]


def test_the_same_id_of_something_else_is_led_by_its_claim() -> None:
    """A voucher or a trip that another claim has under the same id gets one of its own."""
    tables = ClaimTables({}, "CNY")
    for name, number, hour in (("C", "1", 8), ("D", "2", 7), ("E", "1", 8), ("D", "3", 6)):
        tables.add(
            claim(
                name,
                line(1, voucher="V", trip="T"),
                vouchers=(Voucher("V", VoucherKind.TICKET, number),),
                trips=(Trip("T", (_leg(hour),)),),
            )
        )
    made = tables.rest()
    assert [row[0] for row in made["vouchers"]] == ["V", "D/V", "D/V/2"]
    assert [row[13] for row in made["expense_lines"]] == ["V", "D/V", "V", "D/V/2"]
    assert [row[-1] for row in made["expense_lines"]] == ["T", "D/T", "T", "D/T/2"]
    assert tables.renamed == {"vouchers": 2, "trips": 2}


def test_the_trip_of_another_person_is_another_trip() -> None:
    """Two people's trips under one id are told apart, so that neither's days count the other."""
    trips = (Trip("T", (_leg(),)),)
    made = rows(claim("C", trips=trips), claim("D", trips=trips, of="Q"))
    assert made["trips"] == [("T", "P"), ("D/T", "Q")]


def test_a_waiver_holds_for_the_claim_that_it_came_with() -> None:
    """Each claim has its own row, and one that names another claim, or nothing, has none."""
    held = (
        Waiver("W1", "r", "Q", END, DAY, person="P"),
        Waiver("W2", "r", "Q", END, claim="D"),
        Waiver("W3", "r", "Q", END, line="1"),
        Waiver("W4", "r", "Q", END),
    )
    made = rows(claim("C", waivers=held), claim("D", waivers=held[:2]))
    assert made["waivers"] == [
        ("W1", "r", "Q", END, DAY, "P", "C", None),
        ("W3", "r", "Q", END, None, None, "C", "1"),
        ("W1", "r", "Q", END, DAY, "P", "D", None),
        ("W2", "r", "Q", END, None, None, "D", None),
    ]


def test_a_person_who_stays_the_same_holds_for_ever() -> None:
    """Without a change there are no days from and until; who is not known has no row."""
    one = claim("C", day=3, person=SENIOR)
    made = rows(one, claim("D", day=9, person=SENIOR), claim("E", of="Q"), own=OWN)
    assert made["people"] == [("P", None, None, "senior", "East", None, None, None, "5")]


def test_a_person_who_changes_has_a_row_for_each_stretch() -> None:
    """Stretches follow the days of submission, in whichever order claims come."""
    days = ((9, JUNIOR), (3, SENIOR), (12, None), (15, SENIOR), (4, SENIOR), (10, JUNIOR))
    made = rows(*(claim(f"C{day}", day=day, person=person) for day, person in days))
    found = [(row[1], row[2], row[3]) for row in made["people"]]
    assert found == [
        (date(2026, 3, 3), date(2026, 3, 4), "senior"),
        (date(2026, 3, 9), date(2026, 3, 10), "junior"),
        (date(2026, 3, 15), date(2026, 3, 15), "senior"),
    ]


EUR: Final = Rate("1", "EUR", "CNY", DAY, Decimal("7.5"), "x")


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ({"person": SENIOR}, {"person": JUNIOR}, "bulk.person_differs"),
        ({"person": SENIOR}, {}, "bulk.person_differs"),
        ({"rates": (EUR,)}, {"rates": (replace(EUR, source="y"),)}, "bulk.rate_differs"),
        (
            {"pre_approvals": (PreApproval("A", "P", "Q", END),)},
            {"pre_approvals": (PreApproval("A", "P", "Q", DAY),)},
            "bulk.pre_approval_differs",
        ),
    ],
)
def test_claims_that_cannot_both_be_right_are_refused(
    first: dict[str, Any], second: dict[str, Any], code: str
) -> None:
    """The later claim is refused and leaves nothing behind; the next one can be added."""
    tables = ClaimTables({}, "CNY")
    tables.add(claim("C", **first))
    with pytest.raises(MappingError) as caught:
        tables.add(claim("D", line(1), **second))
    assert caught.value.code == code
    tables.add(claim("E", line(1), **first))
    made = tables.rest()
    assert [row[0] for row in made["claims"]] == ["C", "E"]
    assert [row[:2] for row in made["expense_lines"]] == [(1, "E")]


def test_the_tightest_budget_of_each_line() -> None:
    """A line has the position of the budget with least available of those that cover it."""
    budgets = (
        Budget("B", BudgetScope.COMPANY, DAY, END, Money(900, "CNY")),
        Budget("M", BudgetScope.PERSON, DAY, END, Money(50, "CNY"), owner="P", category="meal"),
    )
    positions = (BudgetPosition("B", "CNY", 900, 300, 0), BudgetPosition("M", "CNY", 50, 0, 60))
    lines = (line(1), replace(line(2), category="taxi"), replace(line(3), date=date(2025, 1, 1)))
    made = rows(claim("C", *lines, budgets=budgets, positions=positions))
    assert made["budget_positions"] == [("C", "1", -10, 50), ("C", "2", 600, 900)]


def test_batches_hold_so_many_lines() -> None:
    """Rows come so many lines at a time, people with the last; all together are all rows."""
    claims = [claim(f"C{n}", line(1), line(2), day=n + 1, person=SENIOR) for n in range(5)]
    made = list(batches(claims, {}, "CNY", lines_max=4))
    assert [len(batch.get("expense_lines", ())) for batch in made] == [4, 4, 2]
    assert ["people" in batch for batch in made] == [False, False, True]
    places = [row[0] for batch in made for row in batch["expense_lines"]]
    assert places == list(range(1, 11))
