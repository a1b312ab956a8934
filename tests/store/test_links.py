"""Trips and what was granted, in the store: facts as if built by hand, and no claim forgotten."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_company import (
    AT,
    CRM,
    PERSON,
    SHANGHAI,
    claim,
    cny,
    decide_pending,
    line,
    open_at,
    page,
    put,
)

from crm_expenses.api import evaluator_of
from crm_expenses.core.claim import DECIDED_STATUSES, Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.decision import Decision
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import Rate
from crm_expenses.core.record import Kind, Record
from crm_expenses.core.trip import MealBy, Trip, TripLeg, TripNote, trips_of
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.core.waiver import Waiver
from crm_expenses.pipeline import Company, decide
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.policy import Policy
from crm_expenses.store import Store
from crm_expenses.store.codec import read_decision
from crm_expenses.store.links import AT_ONCE, rebuild

POLICY: Final = parse_policy('''
[policy]
id = "links"
version = "1"
language = 1
currency = "CNY"
title = { en = "Links", zh = "关联" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }
daily = { name = { en = "Daily allowance", zh = "出差补助" } }
paid = { name = { en = "Allowance by the day", zh = "按日补助" } }

[value.of_day]
name = { en = "for the day", zh = "当日" }
scope = "day"
gives = """
round(minutes_away * daily_minute, 0.01, half_up) if breakfast == 'none' else 0"""

[[rule]]
code = "daily.trip"
kind = "allow"
on = ["daily"]
title = { en = "Days away", zh = "外出各日" }
gives = "total_of(of_day)"

[[rule]]
code = "paid.day"
kind = "allow"
on = ["paid"]
scope = "day"
title = { en = "A day away", zh = "外出一天" }
gives = "of_day"

[[rule]]
code = "meal.cap"
kind = "limit"
on = ["meal"]
title = { en = "Meals", zh = "餐费" }
at_most = "meal_cap"

[[rule]]
code = "claim.meals"
kind = "flag"
scope = "claim"
title = { en = "Many meals", zh = "餐费较多" }
that = "count_of('meal') > 1"

[[rule]]
code = "meal.approved"
kind = "limit"
on = ["meal"]
title = { en = "What was approved", zh = "事前审批的金额" }
when = "present(pre_approved_amount)"
at_most = "pre_approved_amount"

[[rule]]
code = "any.approved"
kind = "flag"
effect = "note"
title = { en = "Approved in advance", zh = "已事前审批" }
that = "pre_approved and present(pre_approval)"

[parameter.daily_minute]
type = "money"
unit = "CNY/minute"
values = [{ from = 2020-01-01, is = "0.02" }]

[parameter.meal_cap]
type = "money"
values = [{ from = 2020-01-01, is = 5 }]
''')


SUMMED: Final = parse_policy("""
[policy]
id = "summed"
version = "1"
language = 1
currency = "CNY"
title = { en = "Summed", zh = "合计" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }

[[rule]]
code = "meal.under_one"
kind = "limit"
on = ["meal"]
title = { en = "All under one pre-approval", zh = "同一审批单合计" }
when = "present(pre_approval) and present(pre_approved_amount)"
per = ["pre_approval"]
period = "all_time"
at_most = "pre_approved_amount"
""")


def at(day: int, hour: int = 8) -> datetime:
    """Give an hour of a day of March."""
    return datetime(2026, 3, 1, hour, tzinfo=SHANGHAI) + timedelta(days=day - 1)


def leg(trip: str, first: int, last: int, name: str = "") -> TripLeg:
    """Give a leg from the morning of one day of March to the evening of another."""
    return TripLeg(name or f"G-{trip}", trip, at(first), at(last, 18), "上海", "北京")


def facts_of(store: Store, name: str = "C-1") -> Facts:
    """Give the facts of a claim."""
    with store.work(CRM) as work:
        return work.facts(name, "CNY", lambda _: ())


def travelling(number: int, trip: str, person: str = "P1") -> tuple[Claim, ExpenseLine]:
    """Give a claim with a line on a trip."""
    return claim(number, person=person), replace(line(number), trip=trip)


def test_facts_have_the_trips_of_the_lines(store: Store) -> None:
    """A trip comes with its legs in order of time and its notes; one without legs is none."""
    legs = [leg("T", 5, 6, "b"), leg("T", 2, 3, "a"), leg("U", 20, 21)]
    note = TripNote("N", "T", date(2026, 3, 3), lunch=MealBy.HOST)
    bare = TripNote("M", "none", date(2026, 3, 3))
    first, second = travelling(1, "T")
    put(store, *legs, note, bare, first, second, replace(line(1, name="L-x"), trip="none"))
    assert facts_of(store).trips == (Trip("T", (legs[1], legs[0]), (note,)),)


def test_facts_have_the_persons_other_trips_on_the_same_days(store: Store) -> None:
    """Others of the person that share a day are there, with their notes; nobody else's are."""
    spans = {"T": (10, 12), "same": (12, 14), "early": (8, 10), "before": (5, 9), "after": (13, 15)}
    put(store, *(leg(name, *span) for name, span in spans.items()), leg("theirs", 10, 12))
    put(store, TripNote("N", "same", date(2026, 3, 13)), leg("nobody's", 11, 11))
    for number, name in enumerate(spans, start=1):
        put(store, *travelling(number, name))
    put(store, *travelling(9, "theirs", "P2"))
    trips = facts_of(store).trips
    assert [(trip.id, len(trip.notes)) for trip in trips] == [("T", 0), ("early", 0), ("same", 1)]


def test_a_trip_between_two_legs_is_on_the_same_days(store: Store) -> None:
    """A trip lasts from its first leg to its last; what lies between is away, too."""
    put(store, leg("T", 1, 2, "a"), leg("T", 20, 21, "b"), leg("U", 10, 11))
    put(store, *travelling(1, "U"), *travelling(2, "T"))
    assert [trip.id for trip in facts_of(store).trips] == ["T", "U"]


@pytest.mark.parametrize("status", ClaimStatus)
def test_only_claims_that_count_make_somebody_absent(store: Store, status: ClaimStatus) -> None:
    """The trip of a draft, or of a claim that was taken back, takes no day from another one."""
    put(store, leg("T", 10, 12), leg("U", 12, 13), *travelling(1, "T"))
    other, own = travelling(2, "U")
    put(store, replace(other, status=status), own)
    expected = ["T", "U"] if status in DECIDED_STATUSES else ["T"]
    assert [trip.id for trip in facts_of(store).trips] == expected


UNTIL = date(2026, 12, 31)


def test_facts_have_the_waivers_that_may_cover(store: Store) -> None:
    """Waivers for the person, the claim or a line, and none that names somebody else beside."""
    ours = [
        Waiver("W1", "meal.cap", "P9", UNTIL, person="P1"),
        Waiver("W2", "meal.cap", "P9", UNTIL, claim="C-1"),
        Waiver("W3", "meal.cap", "P9", UNTIL, line="L-1", person="P1"),
    ]
    others = [
        Waiver("W4", "meal.cap", "P9", UNTIL, person="P2"),
        Waiver("W5", "meal.cap", "P9", UNTIL, claim="C-2", person="P1"),
        Waiver("W6", "meal.cap", "P9", UNTIL, line="L-2"),
        Waiver("W7", "meal.cap", "P9", UNTIL, claim="L-1"),
        Waiver("W8", "meal.cap", "P9", UNTIL),
    ]
    put(store, *others, *ours, claim(1), line(1), claim(2), line(2))
    assert facts_of(store).waivers == tuple(ours)


def decided(store: Store, policy: Policy = POLICY) -> set[str]:
    """Decide by a policy what waits; give which claims did."""
    waiting = set(store.pending(CRM))
    decide(store, CRM, Company(policy, {}), at=AT, progress=lambda *_: None)
    return waiting


Change = Callable[[Store], None]


@pytest.mark.parametrize(
    ("record", "touched"),
    [
        (leg("T", 10, 11), {"C-1", "C-2"}),  # shorter: no day is shared any more
        (leg("T", 10, 12, "more"), {"C-1", "C-2"}),  # as many days, but maybe other hours
        (leg("T", 15, 15, "more"), {"C-1", "C-2", "C-3"}),
        (leg("U", 12, 14, "G-T"), {"C-1", "C-2"}),  # T has no legs now
        (leg("none", 1, 30), set()),
        (TripNote("N", "T", date(2026, 3, 11)), {"C-1", "C-2"}),
        (TripNote("N", "none", date(2026, 3, 11)), set()),
        (replace(travelling(3, "W")[1], amount=cny(1)), {"C-3"}),
        (replace(travelling(3, "T")[1], id="new"), {"C-3"}),  # C-1 made P1 absent already
        (replace(travelling(1, "W")[1], id="new"), {"C-1"}),
        (travelling(2, "V")[1], {"C-2", "C-1"}),
        (travelling(1, "")[1], {"C-1", "C-2"}),
        (travelling(4, "T")[1], {"C-4"}),  # of another person
        (claim(1, ClaimStatus.PAID), {"C-1"}),
        (claim(2, ClaimStatus.WITHDRAWN), {"C-1", "C-2"}),
        (claim(2, person="P2"), {"C-1", "C-2"}),
        (claim(3, ClaimStatus.DRAFT), {"C-3"}),
    ],
)
def test_what_a_trip_touches(store: Store, record: Record, touched: set[str]) -> None:
    """A claim waits again when a trip of its lines changes, or the person's on those days."""
    spans = {"T": (10, 12), "U": (12, 14), "V": (20, 21), "W": (15, 16)}
    put(store, *(leg(name, *span) for name, span in spans.items()))
    put(store, *(one for n, name in ((1, "T"), (2, "U"), (3, "W")) for one in travelling(n, name)))
    put(store, *travelling(4, "V", "P2"))
    decided(store)
    put(store, record)
    assert set(store.pending(CRM)) == touched


@pytest.mark.parametrize(
    ("waiver", "touched"),
    [
        (Waiver("W", "meal.cap", "P9", UNTIL, person="P1"), {"C-1", "C-2"}),
        (Waiver("W", "meal.cap", "P9", UNTIL, claim="C-2"), {"C-2"}),
        (Waiver("W", "meal.cap", "P9", UNTIL, line="L-1"), {"C-1"}),
        (Waiver("W", "meal.cap", "P9", UNTIL, line="L-1", claim="C-2"), set()),
        (Waiver("W", "meal.cap", "P1", UNTIL, person="P1"), set()),  # granted to oneself
        (Waiver("W", "meal.cap", "P9", date(2026, 2, 28), person="P1"), set()),
        (Waiver("W", "meal_cap", "P9", UNTIL, person="P1"), set()),
        (Waiver("W", "%", "P9", UNTIL, person="P1"), set()),
        (Waiver("W", "claim.meals", "P9", UNTIL, person="P1"), {"C-2"}),
        (Waiver("W", "claim.meals", "P9", UNTIL, line="L-2"), set()),
        (Waiver("W", "meal.cap", "P9", UNTIL), set()),
    ],
)
def test_what_a_waiver_touches(store: Store, waiver: Waiver, touched: set[str]) -> None:
    """A claim waits again when a waiver covers a finding of its decision, and only then."""
    put(store, claim(1), line(1), claim(2), line(2), line(2, name="L-2b"), claim(3), line(3, 10))
    put(store, claim(4, person="P2"), line(4))
    decided(store)
    put(store, waiver)
    assert set(store.pending(CRM)) == touched


def test_a_waiver_that_ends_touches_what_it_covered(store: Store) -> None:
    """A waiver that no longer covers a claim makes it wait again, and the rule counts again."""
    granted = Waiver("W", "meal.cap", "P9", UNTIL, claim="C-1")
    put(store, PERSON, granted, claim(1), line(1))
    decided(store)
    assert outcomes(store) == {"C-1": "pass"}
    put(store, replace(granted, claim="C-9"))
    assert decided(store) == {"C-1"}
    assert outcomes(store) == {"C-1": "reduced"}


DAY = date(2026, 3, 1)
"""The day of every line of these tests."""


def approved(name: str = "A", person: str = "P1", **more: object) -> PreApproval:
    """Give a pre-approval that covers every line of a person."""
    return replace(PreApproval(name, person, "P9", DAY), **more)  # type: ignore[arg-type]


def test_facts_have_the_pre_approvals_of_the_person(store: Store) -> None:
    """All that was approved for the claim's person, by id, and nothing of anybody else."""
    ours = [approved("A1", until=date(2020, 1, 1)), approved("A2", amount=cny(5), trip="T")]
    put(store, approved("A0", "P2"), ours[1], ours[0], claim(1), line(1), claim(2, person="P2"))
    assert facts_of(store).pre_approvals == tuple(ours)
    assert [one.id for one in facts_of(store, "C-2").pre_approvals] == ["A0"]


def test_facts_have_the_rates_of_what_was_approved(store: Store) -> None:
    """A rate that only a pre-approval needs is there, as of the line's day."""
    rates = [
        Rate(f"{currency}-{day}", currency, "CNY", date(2026, 2, day), Decimal(7), "bank")
        for currency in ("EUR", "USD")
        for day in (1, 28)
    ]
    put(store, *rates, claim(1), line(1))
    assert facts_of(store).rates == ()
    put(store, approved(amount=Money.of("100", "EUR")))
    assert [rate.id for rate in facts_of(store).rates] == ["EUR-28"]


MORE: Final = {"account": "A1", "opportunity": "O1", "trip": "T1"}


@pytest.mark.parametrize(
    ("approval", "touched"),
    [
        (approved(), {"C-1", "C-2"}),
        (approved(person="P2"), {"C-4"}),
        (approved(person="P3"), set()),
        (approved(granted_by="P1"), set()),  # granted to oneself
        (approved(until=date(2026, 2, 28)), set()),
        (approved(start=DAY), {"C-1", "C-2"}),
        (approved(start=date(2026, 3, 2), until=UNTIL), set()),
        (approved(category="daily"), {"C-2"}),
        (approved(category="paid"), set()),
        *((approved(**{name: held}), {"C-2"}) for name, held in MORE.items()),
        *((approved(**{name: "other"}), set()) for name in MORE),
        (approved(**MORE, category="daily"), {"C-2"}),
        (approved(**MORE, category="meal"), set()),
        (approved(amount=cny(0)), {"C-1", "C-2"}),
    ],
)
def test_what_a_pre_approval_touches(
    store: Store, approval: PreApproval, touched: set[str]
) -> None:
    """The person's decided claims with a line that it covers wait again, and no others."""
    put(store, claim(1), line(1), claim(2), line(2), claim(4, person="P2"), line(4))
    put(store, replace(line(2, name="L-2b"), category="daily", **MORE), claim(5))
    put(store, claim(3, ClaimStatus.DRAFT), line(3))
    decided(store)
    put(store, approval)
    assert set(store.pending(CRM)) == touched
    put(store, approval)  # the same once more is no news
    assert set(store.pending(CRM)) == touched


@pytest.mark.parametrize(
    ("now", "touched"),
    [
        ({"amount": cny(900)}, {"C-1"}),
        ({"until": date(2026, 2, 28)}, {"C-1"}),
        ({"granted_by": "P1"}, {"C-1"}),
        ({"person": "P2"}, {"C-1", "C-2"}),
        ({"person": "P3"}, {"C-1"}),
        ({"category": "daily"}, {"C-1", "C-3"}),
    ],
)
def test_a_pre_approval_that_changes(
    store: Store, now: dict[str, object], touched: set[str]
) -> None:
    """Claims that the old version covered and those that the new one covers wait again."""
    put(store, claim(1), line(1), claim(2, person="P2"), line(2))
    put(store, claim(3), replace(line(3), category="daily"))
    before = approved(category="meal", amount=cny(800))
    put(store, before)
    decided(store)
    put(store, replace(before, **now))  # type: ignore[arg-type]
    assert set(store.pending(CRM)) == touched


def test_two_versions_on_one_page(store: Store) -> None:
    """Of a pre-approval that comes twice on a page, whoever either version covers waits again."""
    for number, person in ((1, "P1"), (2, "P2"), (3, "P3")):
        put(store, claim(number, person=person), line(number))
    decided(store)
    put(store, approved(), approved(person="P2"))
    assert set(store.pending(CRM)) == {"C-1", "C-2"}
    assert facts_of(store).pre_approvals == ()


def test_what_was_approved_bounds_all_claims_under_it(store: Store) -> None:
    """Claims under one pre-approval share its amount, and are decided anew when it changes."""
    put(store, PERSON, *(one for n in (1, 2) for one in (claim(n), line(n, 400))))
    decided(store, SUMMED)
    assert allowed(store) == {"C-1": 400, "C-2": 400}
    put(store, approved(amount=cny(700)))
    assert decided(store, SUMMED) == {"C-1", "C-2"}
    assert allowed(store) == {"C-1": 400, "C-2": 300}
    put(store, approved(amount=cny(900), until=date(2026, 2, 28)))
    assert decided(store, SUMMED) == {"C-1", "C-2"}
    assert allowed(store) == {"C-1": 400, "C-2": 400}


def allowed(store: Store) -> dict[str, int]:
    """Give what is allowed of each claim, in fen."""
    live = store.live_decisions(CRM, viewer=SYSTEM)
    return {one.claim: read_decision(one.content).allowed.minor for one in live}


def outcomes(store: Store) -> dict[str, str]:
    """Give the outcome of each live decision."""
    return {
        live.claim: read_decision(live.content).outcome
        for live in store.live_decisions(CRM, viewer=SYSTEM)
    }


def test_a_day_is_paid_once(store: Store) -> None:
    """A day that two trips share is paid once, whichever claim was decided first."""
    first, own = travelling(1, "T")
    put(store, leg("T", 10, 12), first, replace(own, category="paid"))
    decided(store)
    later, other = travelling(2, "U")
    put(store, leg("U", 8, 10), later, replace(other, category="paid"))
    assert decided(store) == {"C-1", "C-2"}
    days = [
        day
        for live in store.live_decisions(CRM, viewer=SYSTEM)
        for of in read_decision(live.content).lines
        for part in of.entitlements
        for day, _ in part.days
    ]
    assert sorted(days) == [date(2026, 3, day) for day in range(8, 13)]


# The law: whatever comes in whatever order, facts are as built by hand, and none is forgotten

NUMBERS = st.integers(1, 3)
TRIPS = st.sampled_from(("T", "U", "V"))
DAYS = st.integers(1, 9)


@st.composite
def some_record(draw: st.DrawFn) -> Record:
    """Draw a record of a small world, in which ids meet."""
    number = draw(NUMBERS)
    kinds = ("claim", "line", "line", "leg", "leg", "note", "waiver", "approval", "approval")
    match draw(st.sampled_from(kinds)):
        case "claim":
            return claim(number, draw(st.sampled_from(ClaimStatus)), draw(PEOPLE))
        case "line":
            held = line(draw(NUMBERS), draw(st.sampled_from((100, 1_000))), name=f"L-{number}")
            trip = draw(st.sampled_from(("T", "U", "V", "")))
            return replace(held, trip=trip, category="daily" if trip else "meal")
        case "leg":
            first = draw(DAYS)
            last = first + draw(st.integers(-1, 3))  # one that ends before it began, too
            return leg(draw(TRIPS), first, last, f"G-{draw(DAYS)}")
        case "note":
            provided = draw(st.sampled_from(MealBy))
            day = date(2026, 3, draw(DAYS))
            return TripNote(f"N-{number}", draw(TRIPS), day, breakfast=provided)
        case "approval":
            amounts = (None, cny(500), cny(900), Money(200, "EUR"))
            return PreApproval(
                f"A-{number}",
                draw(PEOPLE),
                draw(st.sampled_from(("P9", "P9", "P1"))),
                draw(st.sampled_from((UNTIL, date(2026, 2, 1)))),
                category=draw(st.sampled_from(("", "meal", "daily"))),
                trip=draw(st.sampled_from(("", "", "T"))),
                amount=draw(st.sampled_from(amounts)),
            )
        case _:
            whom = {"person": draw(PEOPLE), "claim": f"C-{number}", "line": f"L-{number}"}
            kept = draw(st.sets(st.sampled_from(sorted(whom))))
            until = draw(st.sampled_from((UNTIL, date(2026, 2, 1))))
            code = draw(st.sampled_from(("meal.cap", "claim.meals")))
            named = {name: held for name, held in whom.items() if name in kept}
            return Waiver(f"W-{number}", code, "P9", until, **named)


PEOPLE = st.sampled_from(("P1", "P2"))
ROUNDS = st.lists(st.lists(some_record(), min_size=1, max_size=3), min_size=1, max_size=8)
BEGINNING: Final = (
    Rate("EUR", "EUR", "CNY", date(2026, 1, 1), Decimal(8), "bank"),
    *(leg(trip, first, first + 2, f"G-{first}") for trip, first in (("T", 2), ("U", 4), ("V", 5))),
    *(claim(number, person="P2" if number == 3 else "P1") for number in (1, 2, 3)),
    *(replace(line(n), trip=trip, category="daily") for n, trip in enumerate("TUV", start=1)),
    *(line(number, name=f"L-{number + 3}") for number in (1, 1, 3)),
)


def keep(store: Store, records: Iterable[Record]) -> None:
    """Keep records in the order given, a page for each run of a kind."""
    for record in records:
        kind = next(k for k in Kind if k.value == _KINDS[type(record)])
        store.append(CRM, page(kind, [record]), AT)


_KINDS: Final = {
    Claim: "claim",
    ExpenseLine: "line",
    TripLeg: "trip_leg",
    TripNote: "trip_note",
    Waiver: "waiver",
    PreApproval: "pre_approval",
    Rate: "rate",
}


def built(world: dict[tuple[type, str], Record], name: str) -> tuple[object, ...]:
    """Build trips and what was granted of a claim by hand, from the newest of every record."""
    held = list(world.values())
    of = next(r for r in held if isinstance(r, Claim) and r.id == name)
    lines = [r for r in held if isinstance(r, ExpenseLine)]
    trips = {
        trip.id: trip
        for trip in trips_of(
            (r for r in held if isinstance(r, TripLeg)),
            (r for r in held if isinstance(r, TripNote)),
        )
    }
    own = {r.trip for r in lines if r.claim == name} & trips.keys()
    theirs = {
        c.id
        for c in held
        if isinstance(c, Claim) and c.person == of.person and c.status in DECIDED_STATUSES
    }
    away = ({r.trip for r in lines if r.claim in theirs} & trips.keys()) - own
    shared = [trips[t] for t in away if any(_meet(trips[t], trips[o]) for o in own)]
    mine = {r.id for r in lines if r.claim == name}
    waivers = [
        w
        for w in held
        if isinstance(w, Waiver)
        and (w.person or w.claim or w.line)
        and w.person in ("", of.person)
        and w.claim in ("", name)
        and (not w.line or w.line in mine)
    ]
    found = sorted([*(trips[t] for t in own), *shared], key=lambda trip: trip.id)
    approvals = [a for a in held if isinstance(a, PreApproval) and a.person == of.person]
    has_euros = any(a.amount is not None and a.amount.currency == "EUR" for a in approvals)
    rates = tuple(r for r in held if isinstance(r, Rate) and has_euros)
    granted = (sorted(some, key=lambda one: one.id) for some in (waivers, approvals))
    return tuple(found), *map(tuple, granted), rates


def _meet(one: Trip, other: Trip) -> bool:
    return one.departs.date() <= other.returns.date() and other.departs.date() <= one.returns.date()


def test_facts_are_as_built_by_hand_and_no_claim_is_forgotten(database: str) -> None:
    """Facts equal those built from all records, and a claim that does not wait is decided right."""
    walks = settings(max_examples=60 if database == "sqlite" else 12, deadline=None)
    walks(given(rounds=ROUNDS)(facts_are_as_built))()


def facts_are_as_built(rounds: list[list[Record]]) -> None:
    """Keep records round by round, and build all facts from them by hand."""
    evaluator = evaluator_of(POLICY)
    world: dict[tuple[type, str], Record] = {}
    with TemporaryDirectory() as folder, open_at(Path(folder) / "s.sqlite3") as store:
        for records in [BEGINNING, *rounds]:
            keep(store, records)
            world |= {(type(record), record.id): record for record in records}
            waiting = set(store.pending(CRM))
            names = [r.id for r in world.values() if isinstance(r, Claim)]
            for name in names:
                facts = facts_of(store, name)
                granted = (facts.waivers, facts.pre_approvals)
                assert (facts.trips, *granted, facts.rates) == built(world, name)
            for live in store.live_decisions(CRM, viewer=SYSTEM):
                if live.claim not in waiting:
                    again = evaluator.decide(facts_of(store, live.claim))
                    assert same(read_decision(live.content), again)
            decided(store)
        before = store.dump()
        with store.writing() as connection:
            rebuild(connection)
        assert store.dump() == before


def same(one: Decision, other: Decision) -> bool:
    """Say whether two decisions differ in nothing but the digest of their facts."""
    return replace(one, facts_digest="") == replace(other, facts_digest="")


def test_more_than_one_statement_takes(store: Store) -> None:
    """Pages that name more than a statement may are kept and decided whole."""
    count = AT_ONCE + 7
    put(store, *(leg(f"T-{n}", 1 + n % 20, 1 + n % 20) for n in range(count)))
    put(store, claim(1), *(replace(line(1, name=f"L-{n}"), trip=f"T-{n}") for n in range(count)))
    assert len(facts_of(store).trips) == count
    assert decide_pending(store) == ["C-1"]
    put(store, *(leg(f"T-{n}", 1 + n % 20, 2 + n % 20) for n in range(count)))
    assert store.pending(CRM) == ("C-1",)
