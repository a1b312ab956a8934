"""Trips beside a plain count of their minutes: days, periods of 24 hours, absences that meet."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.core.trip import (
    DAY_MINUTES,
    DayKind,
    MealBy,
    Night,
    Trip,
    TripDay,
    TripLeg,
    TripNote,
    days_of,
    periods_of,
    trips_of,
)

START: Final = datetime(2026, 3, 1, tzinfo=UTC)
few = settings(max_examples=80, deadline=None)

MINUTES: Final = st.one_of(st.integers(0, 600), st.sampled_from((0, 1, 1_439, 1_440, 2_880)))


@st.composite
def trips(draw: st.DrawFn, name: str = "T") -> Trip:
    """Draw a trip of a few legs one after the other, with notes on some of its days."""
    at, legs = START + timedelta(minutes=draw(st.integers(0, 3_000))), []
    for number in range(draw(st.integers(1, 3))):
        left = at + timedelta(minutes=draw(MINUTES))
        at = left + timedelta(minutes=draw(MINUTES))
        towns = [draw(st.sampled_from(("", "Bonn", "Kyiv"))) for _ in range(2)]
        legs.append(TripLeg(f"{name}{number}", name, left, at, *towns))
    days = draw(st.sets(st.integers(0, 4), max_size=2))
    meals = st.sampled_from((MealBy.NONE, MealBy.HOST, MealBy.HOTEL))
    notes = [
        TripNote(
            f"N{day}",
            name,
            START.date() + timedelta(days=day),
            draw(st.sampled_from(Night)),
            draw(st.sampled_from(("", "Rome"))),
            *(draw(meals) for _ in range(3)),
        )
        for day in days
    ]
    (made,) = trips_of(legs, notes)
    return made


def spent(trip: Trip) -> set[datetime]:
    """Give every minute of a trip by its beginning."""
    return {trip.departs + timedelta(minutes=n) for n in range(trip.minutes)}


def _is_row(days: Sequence[TripDay]) -> bool:
    """Say whether numbers, kinds, what came before, and the times of leaving are as in a row."""
    kinds = [DayKind.FULL] * len(days)
    kinds[0], kinds[-1] = DayKind.FIRST, DayKind.LAST
    kinds = [DayKind.ONLY] if len(days) == 1 else kinds
    before = [("", Night.NONE), *((day.place, day.night) for day in days[:-1])]
    return (
        [day.number for day in days] == list(range(1, len(days) + 1))
        and [day.kind for day in days] == kinds
        and [(day.place_before, day.night_before) for day in days] == before
        and [day.leaves is not None for day in days] == [n == 0 for n in range(len(days))]
        and [day.returns is not None for day in days][::-1] == [n == 0 for n in range(len(days))]
    )


@few
@given(trips())
def test_the_days_of_a_trip(trip: Trip) -> None:
    """Its days are those of the calendar from leaving to coming back; their minutes are its own."""
    days = days_of(trip)
    count = (trip.returns.date() - trip.departs.date()).days + 1
    assert [day.day for day in days] == [
        trip.departs.date() + timedelta(days=n) for n in range(count)
    ]
    assert _is_row(days)
    minutes = [day.minutes_away for day in days]
    assert sum(minutes) == trip.minutes
    assert [day.is_longest for day in days] == [
        n == minutes.index(max(minutes)) for n in range(count)
    ]
    notes = {note.day: note for note in trip.notes}
    for day in days:
        note = notes.get(day.day)
        is_last = day is days[-1]
        told = note.night if note is not None else Night.HOTEL
        assert day.night is (Night.NONE if is_last else told)
        assert note is None or note.place in ("", day.place)


@few
@given(trips(), st.lists(trips("U"), max_size=2))
def test_absences_of_one_day_are_one(trip: Trip, others: list[Trip]) -> None:
    """A day counts each minute once that the person was away, whichever trip it was."""
    away = spent(trip).union(*map(spent, others))
    for day in days_of(trip, others):
        assert day.minutes_away == sum(minute.date() == day.day for minute in away)
        for meal in ("breakfast", "lunch", "dinner"):
            told = [
                getattr(note, meal)
                for one in (trip, *others)
                for note in one.notes
                if note.day == day.day and getattr(note, meal) is not MealBy.NONE
            ]
            assert getattr(day.note, meal) is (told[0] if told else MealBy.NONE)


@few
@given(trips())
def test_the_periods_of_a_trip(trip: Trip) -> None:
    """Periods are of 24 hours from the departure but the last; every meal counts in one of them."""
    periods = periods_of(trip)
    minutes = [period.minutes_away for period in periods]
    assert sum(minutes) == trip.minutes
    assert all(length == DAY_MINUTES for length in minutes[:-1])
    assert 0 < minutes[-1] <= DAY_MINUTES or trip.minutes == 0
    assert _is_row(periods)
    for at, period in enumerate(periods):
        start = trip.departs + timedelta(days=at)
        end = start + timedelta(minutes=minutes[at])
        assert period.day == start.date()
        assert period.night is Night.NONE or end.date() > start.date()
    for meal in ("breakfast", "lunch", "dinner"):
        is_told = any(getattr(note, meal) is not MealBy.NONE for note in trip.notes)
        is_counted = any(getattr(p.note, meal) is not MealBy.NONE for p in periods)
        assert is_told is is_counted


def test_days_are_told_by_the_clocks_on_the_walls() -> None:
    """A day begins and ends where the traveller is, whatever the zone."""
    east, west = timezone(timedelta(hours=9)), timezone(timedelta(hours=-5))

    def leg(name: str, left: datetime, arrived: datetime) -> TripLeg:
        return TripLeg(name, "T", left, arrived)

    out = leg("1", datetime(2026, 3, 1, 22, tzinfo=east), datetime(2026, 3, 1, 20, tzinfo=west))
    back = leg("2", datetime(2026, 3, 2, 8, tzinfo=west), datetime(2026, 3, 3, 10, tzinfo=east))
    days = days_of(Trip("T", (out, back)))
    assert [(day.day, day.minutes_away) for day in days] == [
        (date(2026, 3, 1), 120),
        (date(2026, 3, 2), 1_440),
        (date(2026, 3, 3), 600),
    ]


@pytest.mark.parametrize(("days", "count"), [(399, 400), (400, 0), (-2, 0)])
def test_a_trip_that_cannot_be_true_has_no_days(days: int, count: int) -> None:
    """The longest trip has 400 days; one that ends before it begins has none."""
    leg = TripLeg("1", "T", START, START + timedelta(days=days))
    assert len(days_of(Trip("T", (leg,)))) == count


def test_a_change_of_clocks_does_not_lengthen_a_trip() -> None:
    """The same moments last as long in one zone by name as with the offsets that it had."""
    berlin = ZoneInfo("Europe/Berlin")
    out, back = datetime(2026, 3, 28, 22, tzinfo=berlin), datetime(2026, 3, 29, 12, tzinfo=berlin)
    fixed = [
        moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta())) for moment in (out, back)
    ]
    named, told = (
        Trip("T", (TripLeg("1", "T", a, b, "Bonn", "Rome"),)) for a, b in ((out, back), fixed)
    )
    assert named.minutes == told.minutes == 780
    assert [p.minutes_away for p in periods_of(named)] == [p.minutes_away for p in periods_of(told)]
    assert [p.begins for p in periods_of(named)] == [p.begins for p in periods_of(told)]
