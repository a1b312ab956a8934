"""Trips: places and times that allowances are computed from, and what each day of one was like.

A trip is told by its legs (left here at this time, arrived there at that time; the first leaves
home, the last comes back) and by notes on single days (who provided which meal, where the night was
spent). `days_of` turns both into calendar days, which rules read one by one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from crm_expenses.core.claim import Extra
from crm_expenses.core.money import Money

DAY_MINUTES: Final = 24 * 60
DAYS_MAX: Final = 400
"""Longest trip that is expanded; a longer one is a mistake in a date."""


class Night(StrEnum):
    """Where a night was spent; `NONE` says that there was no rest away from home."""

    HOTEL = "hotel"
    EMPLOYER = "employer"
    PRIVATE = "private"
    TRANSPORT = "transport"
    NONE = "none"


class MealBy(StrEnum):
    """Who provided a meal; `NONE` says that the traveller bought it."""

    NONE = "none"
    EMPLOYER = "employer"
    HOST = "host"
    HOTEL = "hotel"
    CARRIER = "carrier"


class DayKind(StrEnum):
    """What a day is in its trip."""

    ONLY = "only"
    FIRST = "first"
    FULL = "full"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class TripLeg:
    """One way: left `origin` at `departs`, reached `destination` at `arrives`, both with a zone."""

    id: str
    trip: str
    departs: datetime
    arrives: datetime
    origin: str = ""
    destination: str = ""


@dataclass(frozen=True, slots=True)
class TripNote:
    """What is known of one day of a trip beside its legs.

    `place` overrules the place that the legs give. `breakfast_paid` and its like are what the
    traveller paid towards a meal that was provided.
    """

    id: str
    trip: str
    day: date
    night: Night = Night.HOTEL
    place: str = ""
    breakfast: MealBy = MealBy.NONE
    lunch: MealBy = MealBy.NONE
    dinner: MealBy = MealBy.NONE
    breakfast_paid: Money | None = None
    lunch_paid: Money | None = None
    dinner_paid: Money | None = None
    extra: Extra = ()


@dataclass(frozen=True, slots=True)
class Trip:
    """A trip with its legs in order of time, and its notes in order of day."""

    id: str
    legs: tuple[TripLeg, ...]
    notes: tuple[TripNote, ...] = ()

    @property
    def departs(self) -> datetime:
        """When it began."""
        return self.legs[0].departs

    @property
    def returns(self) -> datetime:
        """When it ended."""
        return self.legs[-1].arrives

    @property
    def minutes(self) -> int:
        """Whole minutes from beginning to end."""
        return (self.returns - self.departs) // timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TripDay:
    """One calendar day of a trip, by the clocks of the places where it began and ended.

    `minutes_away` counts every absence of the person on that day. `place` is where the night after
    the day was spent; on the last day, the place that was left. `is_longest` is true of the day
    with the largest share of the trip's time, the earlier one of two equals.
    """

    day: date
    kind: DayKind
    number: int
    minutes_away: int
    is_longest: bool
    place: str
    place_before: str
    night: Night
    night_before: Night
    leaves: int | None
    returns: int | None
    note: TripNote


def trips_of(legs: Iterable[TripLeg], notes: Iterable[TripNote]) -> tuple[Trip, ...]:
    """Put legs and notes together into trips, in the order of their ids."""
    by_trip: dict[str, list[TripLeg]] = {}
    for leg in legs:
        by_trip.setdefault(leg.trip, []).append(leg)
    noted: dict[str, list[TripNote]] = {}
    for note in notes:
        noted.setdefault(note.trip, []).append(note)
    return tuple(
        Trip(
            key,
            tuple(sorted(of, key=lambda leg: (leg.departs, leg.id))),
            tuple(sorted(noted.get(key, ()), key=lambda note: (note.day, note.id))),
        )
        for key, of in sorted(by_trip.items())
    )


def days_of(trip: Trip, others: Sequence[Trip] = ()) -> tuple[TripDay, ...]:
    """Give the calendar days of a trip; `others` are further absences of the same person.

    A day on which another trip is away, too, counts the minutes of both; it belongs to the trip
    that began first, so that no day is paid twice.

    >>> from datetime import UTC
    >>> out = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
    >>> leg = TripLeg("1", "T", out, out + timedelta(hours=3), "Bonn", "Berlin")
    >>> back = TripLeg("2", "T", out + timedelta(days=2), out + timedelta(days=2, hours=6))
    >>> [(d.kind.value, d.minutes_away) for d in days_of(Trip("T", (leg, back)))]
    [('first', 660), ('full', 1440), ('last', 1140)]
    """
    first, last = trip.departs.date(), trip.returns.date()
    count = (last - first).days + 1
    if not 0 < count <= DAYS_MAX:
        return ()
    notes = {note.day: note for note in trip.notes}
    days = [first + timedelta(days=n) for n in range(count)]
    own = [_minutes(trip, day) for day in days]
    nights = [Night.NONE if day == last else _note(notes, trip, day).night for day in days]
    places = [_place(trip, day, last, _note(notes, trip, day)) for day in days]
    longest = own.index(max(own))
    expanded = [
        TripDay(
            day=day,
            kind=_kind(index, count),
            number=index + 1,
            minutes_away=min(DAY_MINUTES, own[index] + sum(_minutes(o, day) for o in others)),
            is_longest=index == longest,
            place=places[index],
            place_before=places[index - 1] if index else "",
            night=nights[index],
            night_before=nights[index - 1] if index else Night.NONE,
            leaves=_minute_of(trip.departs) if day == first else None,
            returns=_minute_of(trip.returns) if day == last else None,
            note=_note(notes, trip, day),
        )
        for index, day in enumerate(days)
    ]
    earlier = [o for o in others if (o.departs, o.id) < (trip.departs, trip.id)]
    taken = {day for o in earlier for day in _span(o)}
    return tuple(day for day in expanded if day.day not in taken)


def _kind(index: int, count: int) -> DayKind:
    if count == 1:
        return DayKind.ONLY
    if index == 0:
        return DayKind.FIRST
    return DayKind.LAST if index == count - 1 else DayKind.FULL


def _note(notes: dict[date, TripNote], trip: Trip, day: date) -> TripNote:
    return notes.get(day) or TripNote("", trip.id, day)


def _minute_of(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


def _span(trip: Trip) -> set[date]:
    first, last = trip.departs.date(), trip.returns.date()
    count = min(DAYS_MAX, (last - first).days + 1)
    return {first + timedelta(days=n) for n in range(max(0, count))}


def _minutes(trip: Trip, day: date) -> int:
    """Give the minutes of a day that a trip was away, by the clocks on the walls."""
    left, back = trip.departs.replace(tzinfo=None), trip.returns.replace(tzinfo=None)
    start = max(left, datetime.combine(day, time()))
    end = min(back, datetime.combine(day + timedelta(days=1), time()))
    return max(0, (end - start) // timedelta(minutes=1))


def _place(trip: Trip, day: date, last: date, note: TripNote) -> str:
    """Give the place of a day: where its night was spent; on the last day, what was left."""
    if note.place:
        return note.place
    if day == last:
        return trip.legs[-1].origin or (trip.legs[0].destination if len(trip.legs) > 1 else "")
    reached = [leg.destination for leg in trip.legs if leg.arrives.date() <= day]
    return reached[-1] if reached else trip.legs[0].destination
