"""Trips: places and times that allowances are computed from, and what each day of one was like.

A trip is told by its legs (left here at this time, arrived there at that time; the first leaves
home, the last comes back) and by notes on single days (who provided which meal, where the night was
spent). `days_of` turns both into calendar days, which rules read one by one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
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
        return _lasts(self) // timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TripDay:
    """One calendar day of a trip, by the clocks of the places where it began and ended.

    Also one period of 24 hours from the departure, named after the day on which it began; `begins`
    is then the moment at which it did, and None of a calendar day.
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
    begins: datetime | None = None


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

    A day on which another trip is away, too, counts the minutes of both (those that they share
    once), and a meal that was provided on either.

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
    own = [_minutes((trip,), day) for day in days]
    nights = [Night.NONE if day == last else _note(notes, trip, day).night for day in days]
    places = [_place(trip, day, last, _note(notes, trip, day)) for day in days]
    longest = own.index(max(own))
    return tuple(
        TripDay(
            day=day,
            kind=_kind(index, count),
            number=index + 1,
            minutes_away=_minutes((trip, *others), day),
            is_longest=index == longest,
            place=places[index],
            place_before=places[index - 1] if index else "",
            night=nights[index],
            night_before=nights[index - 1] if index else Night.NONE,
            leaves=_minute_of(trip.departs) if day == first else None,
            returns=_minute_of(trip.returns) if day == last else None,
            note=_with_meals(
                _note(notes, trip, day),
                [note for other in others for note in other.notes if note.day == day],
            ),
        )
        for index, day in enumerate(days)
    )


def periods_of(trip: Trip) -> tuple[TripDay, ...]:
    """Give the periods of 24 hours, counted from the departure; the last may be shorter.

    Time runs as it does on one clock, so that a change to summer time adds or takes no hour. A
    period has the night whose midnight lies in it, and a meal counts in the period in which its
    usual time lies (breakfast 08:00, lunch 13:00, dinner 19:00 of its day), one before the
    departure in the first, one after the return in the last. `place` is that of the period's night,
    without one that of the day on which the period began.

    >>> from datetime import UTC
    >>> out = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
    >>> leg = TripLeg("1", "T", out, out + timedelta(hours=30), "Bonn", "Berlin")
    >>> [(p.kind.value, p.day.day, p.minutes_away) for p in periods_of(Trip("T", (leg,)))]
    [('first', 2, 1440), ('last', 3, 360)]
    """
    minutes = trip.minutes
    count = -(-minutes // DAY_MINUTES) or 1
    last = trip.returns.date()
    if minutes < 0 or count > DAYS_MAX:
        return ()
    notes = {note.day: note for note in trip.notes}
    departs = _on_one_clock(trip.departs)
    starts = [departs + timedelta(days=n) for n in range(count)]
    own = [min(DAY_MINUTES, minutes - n * DAY_MINUTES) for n in range(count)]
    ends = [start + timedelta(minutes=own[n]) for n, start in enumerate(starts)]
    spans = [(start.date(), end.date()) for start, end in zip(starts, ends, strict=True)]
    nights = [
        _note(notes, trip, first).night if end > first else Night.NONE for first, end in spans
    ]
    places = [_place(trip, first, last, _note(notes, trip, first)) for first, _ in spans]
    longest = own.index(max(own))
    return tuple(
        TripDay(
            day=spans[index][0],
            kind=_kind(index, count),
            number=index + 1,
            minutes_away=own[index],
            is_longest=index == longest,
            place=places[index],
            place_before=places[index - 1] if index else "",
            night=nights[index],
            night_before=nights[index - 1] if index else Night.NONE,
            leaves=_minute_of(trip.departs) if index == 0 else None,
            returns=_minute_of(trip.returns) if index == count - 1 else None,
            note=_of_period(trip, notes, index, count),
            begins=starts[index],
        )
        for index in range(count)
    )


_MEAL_HOURS: Final = {"breakfast": 8, "lunch": 13, "dinner": 19}
"""When a meal is taken that only has a day."""


def _with_meals(note: TripNote, others: Sequence[TripNote]) -> TripNote:
    """Give a note with the meals that others say were provided, where it says none."""
    more: dict[str, object] = {}
    for meal in _MEAL_HOURS:
        if getattr(note, meal) is MealBy.NONE:
            for other in others:
                if getattr(other, meal) is not MealBy.NONE:
                    more |= {meal: getattr(other, meal)}
                    more |= {f"{meal}_paid": getattr(other, f"{meal}_paid")}
                    break
    return replace(note, **more) if more else note  # type: ignore[arg-type]


def _of_period(trip: Trip, notes: Mapping[date, TripNote], index: int, count: int) -> TripNote:
    """Give the note of the day on which a period began, with the meals of the period's time."""
    departs = _on_one_clock(trip.departs)
    start = (departs + timedelta(days=index)).date()
    note = _note(notes, trip, start)
    made = replace(note, breakfast=MealBy.NONE, lunch=MealBy.NONE, dinner=MealBy.NONE)
    meals = []
    for told in notes.values():
        for meal, hour in _MEAL_HOURS.items():
            taken = datetime.combine(told.day, time(hour), departs.tzinfo)
            at = (taken - departs) // timedelta(days=1)
            if min(max(at, 0), count - 1) == index and getattr(told, meal) is not MealBy.NONE:
                empty = TripNote("", trip.id, told.day)
                of_note = {name: getattr(told, name) for name in (meal, f"{meal}_paid")}
                meals.append(replace(empty, **of_note))
    return _with_meals(made, meals)


def _kind(index: int, count: int) -> DayKind:
    if count == 1:
        return DayKind.ONLY
    if index == 0:
        return DayKind.FIRST
    return DayKind.LAST if index == count - 1 else DayKind.FULL


def _note(notes: Mapping[date, TripNote], trip: Trip, day: date) -> TripNote:
    return notes.get(day) or TripNote("", trip.id, day)


def _minute_of(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


def _minutes(trips: Iterable[Trip], day: date) -> int:
    """Give the minutes of a day that some trip was away, by the clocks on the walls; each once.

    A trip within one day lasts as long as it did, whatever the clocks were changed by.
    """
    midnight = datetime.combine(day, time())
    ends = [_on_the_walls(one) for one in trips]
    total = until = timedelta()
    for left, back in sorted((left - midnight, back - midnight) for left, back in ends):
        end = min(back, timedelta(days=1))
        total += max(timedelta(), end - max(left, until))
        until = max(until, end)
    return total // timedelta(minutes=1)


def _on_the_walls(trip: Trip) -> tuple[datetime, datetime]:
    left, back = trip.departs.replace(tzinfo=None), trip.returns.replace(tzinfo=None)
    if left.date() == back.date():
        back = left + _lasts(trip)
    return left, back


def _lasts(trip: Trip) -> timedelta:
    """Give how long a trip lasted; two moments of one zone would be told apart by their walls."""
    return trip.returns.astimezone(UTC) - trip.departs.astimezone(UTC)


def _on_one_clock(moment: datetime) -> datetime:
    """Give a moment on a clock that no summer time changes."""
    return moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta()))


def _place(trip: Trip, day: date, last: date, note: TripNote) -> str:
    """Give the place of a day: where its night was spent; on the last day, what was left."""
    if note.place:
        return note.place
    if day == last:
        return trip.legs[-1].origin or (trip.legs[0].destination if len(trip.legs) > 1 else "")
    reached = [leg.destination for leg in trip.legs if leg.arrives.date() <= day]
    return reached[-1] if reached else trip.legs[0].destination
