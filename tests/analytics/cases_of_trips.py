"""Cases of trips, their days and periods, and what is paid for them, written by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Final

from agreement import (
    CLOCKS,
    STATUSES,
    Case,
)
from case_makers import claim, dense, line, policy
from drawn import (
    ON_DAYS,
    ON_DAYS_MOST,
    SUMS,
    Drawn,
)
from drawn_claims import (
    FIRST,
    TRIPS,
)

from crm_expenses.core.money import Money
from crm_expenses.core.trip import Trip, TripLeg, TripNote, trips_of


def days_of_trips() -> Iterator[Case]:
    """What is asked of the days and periods of trips, on trips of every sort."""
    for seed, scope in enumerate(("day", "period")):
        asked = [Drawn("flag", text, "review", scope, '"diem"') for text in ON_DAYS]
        figures = [
            Drawn("measure", text, scope=scope, on='"diem"')
            for text in (*ON_DAYS_MOST, *DAY_FIGURES)
        ]
        given = [
            Drawn("allow", text, scope=scope, on='"diem"', component=f"{scope} {number % 3}")
            for number, text in enumerate(ON_DAYS_MOST)
        ]
        for trips in (TRIPS, TRIPS[:3], CLOCKS, SPANS):
            names = [trip.id for trip in trips] + ["T9", ""]
            lines = [
                line(n, 200 - n, FIRST + timedelta(days=n % 5), category="diem", trip=name)
                for n, name in enumerate(names * 2)
            ]
            for rules in (asked, figures, given):
                yield Case(
                    policy(rules), tuple(claim(n, lines[n::3], trips=trips) for n in range(3))
                )
        yield Case(policy([*asked[:4], *given[:3]]), dense(400 + seed))


DAY_FIGURES: Final = (
    "minutes_away",
    "day_number",
    "default(leaves_at, 9999)",
    "default(returns_at, 9999)",
    "breakfast_paid + lunch_paid * 2 + dinner_paid * 4",
    "1 if breakfast == 'none' else 2 if breakfast == 'hotel' else 3",
    "1 if lunch == 'none' else 2 if lunch == 'host' else 3",
    "1 if dinner == 'none' else 2 if dinner == 'host' else 3",
    "1 if night == 'hotel' else 2 if night == 'none' else 3",
    "1 if night_before == 'hotel' else 2 if night_before == 'none' else 3",
    "length(default(place, 'xxxxxxxxx')) * 100 + length(default(place_before, 'xxxxxxxxx'))",
    "1 if is_longest_day else 0",
    "1 if day_kind == 'only' else 2 if day_kind == 'first' else 3 if day_kind == 'full' else 4",
    "number(days_between(day, date)) * 31 + day_of_month(day)",
    "total_of(day_share)",
)


def _trip(name: str, *legs: tuple[datetime, datetime, str, str]) -> list[TripLeg]:
    return [TripLeg(f"{name}/{n}", name, *leg) for n, leg in enumerate(legs)]


def _at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(
        days=day, hours=hour, minutes=minute, seconds=second
    )


SPANS: Final[tuple[Trip, ...]] = trips_of(
    [
        *_trip("S1", (_at(0, 23, 59, 59), _at(1, 0, 0, 1), "a", "b")),
        *_trip("S2", (_at(0, 0), _at(0, 0), "a", "b"), (_at(1, 0), _at(1, 0), "b", "a")),
        *_trip("S3", (_at(1, 6), _at(1, 7), "a", "b"), (_at(1, 6), _at(1, 8), "", "")),
        *_trip("S4", (_at(1, 6, 0, 30), _at(1, 8, 0, 29), "a", ""), (_at(3, 6), _at(3, 6), "", "")),
        *_trip("S5", (_at(0, 12), _at(399, 12), "a", "b")),
        *_trip("S6", (_at(0, 12), _at(400, 12), "a", "b")),
    ],
    [
        TripNote("N0", "S4", FIRST, place="before"),
        TripNote("N1", "S4", FIRST + timedelta(days=3), place="last"),
        TripNote("N2", "S4", FIRST + timedelta(days=9), place="after"),
    ],
)
"""Seconds, whole days, legs that begin together, the longest that is expanded and one more."""


def entitlements() -> Iterator[Case]:
    """Components that add up, the lowest of several, days that are paid once."""
    for scope in ("day", "period"):
        rules = [
            Drawn("allow", "stipend[minutes_away]", scope=scope, on='"diem"', component="meals"),
            Drawn(
                "allow",
                "10",
                scope=scope,
                on='"diem"',
                component="meals",
                when="day_kind == 'full'",
            ),
            Drawn(
                "allow", "-5", scope=scope, on='"diem"', component="off", when="breakfast != 'none'"
            ),
            Drawn(
                "allow", "number(default(nights, 0)) * cap", on='"diem", "taxi"', component="beds"
            ),
            Drawn("allow", "30 if present(city) else later", on='"taxi"', component="ride"),
            Drawn("limit", "entitled - 1", when="entitled > 20"),
            Drawn("limit", "60", sums=SUMS[0]),
            Drawn("measure", "entitled"),
            Drawn("measure", "allowed - entitled"),
        ]
        lines = [
            line(0, 100, category="diem", trip="T1", nights=2),
            line(1, 100, category="diem", trip="T1"),
            line(2, 100, category="diem", trip="T2", nights=1),
            line(3, -100, category="diem", trip="T2"),
            line(4, 100, category="taxi", nights=3, city="Bonn"),
            line(5, 100, category="taxi"),
            line(6, Money(100, "USD"), category="diem", trip="T3"),
            line(7, 100, category="diem"),
            line(8, 100, category="diem", trip="T2"),
        ]
        for trips, statuses in product((TRIPS[:3], TRIPS, CLOCKS), (STATUSES[:3], STATUSES[9:12])):
            claims = [claim(n, lines[n::3], trips=trips, status=statuses[n]) for n in (0, 1, 2)]
            yield Case(policy(rules), tuple(claims))
            twice = [claim(n + 5, lines[n::3], trips=trips) for n in (2, 0, 1)]
            yield Case(policy(rules), (*claims, *twice))
            others = [claim(n + 9, lines[n::3], trips=trips, of="Q") for n in (2, 0)]
            renamed = _trips_named("Q", trips)
            others = [
                replace(
                    facts,
                    trips=renamed,
                    lines=tuple(
                        replace(one, trip=f"Q{one.trip}" if one.trip else "") for one in facts.lines
                    ),
                )
                for facts in others
            ]
            yield Case(policy(rules), (*claims, *others))


def _trips_named(lead: str, trips: Sequence[Trip]) -> tuple[Trip, ...]:
    return tuple(
        Trip(
            f"{lead}{trip.id}",
            tuple(replace(leg, trip=f"{lead}{trip.id}") for leg in trip.legs),
            tuple(replace(note, trip=f"{lead}{trip.id}") for note in trip.notes),
        )
        for trip in trips
    )
