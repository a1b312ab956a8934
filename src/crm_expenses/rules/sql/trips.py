"""Trips in a query: days and 24-hour periods from legs and notes, as `core.trip` makes them.

Moments are whole microseconds since 1970 on the clock of the wall; a day or period is one row.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from crm_expenses.core.trip import DAY_MINUTES, DAYS_MAX
from crm_expenses.rules.own_fact import FactOf, OwnFact
from crm_expenses.rules.sql.dialect import Dialect, Fn
from crm_expenses.rules.sql.schema import Kind, own_column
from crm_expenses.rules.sql.script import Step
from crm_expenses.rules.sql.text import divided

MEALS: Final = (("breakfast", 8), ("lunch", 13), ("dinner", 19))
MINUTE: Final = 60_000_000
DAY: Final = DAY_MINUTES * MINUTE
SPANS: Final = "trip_spans"
DAYS: Final = "trip_calendar_days"
PERIODS: Final = "trip_periods"
NUMBERS: Final = "numbers"
_EPOCH: Final = date(1970, 1, 1)


def numbers() -> Step:
    """Give a table of the numbers from 0 up to the longest trip."""
    digits = " UNION ALL ".join(f"SELECT {n} AS n" for n in range(10))
    query = (
        f"WITH digits AS ({digits})\n"
        "SELECT a.n + b.n * 10 + c.n * 100 AS n\n"
        "FROM digits AS a CROSS JOIN digits AS b CROSS JOIN digits AS c\n"
        f"WHERE a.n + b.n * 10 + c.n * 100 <= {DAYS_MAX}"
    )
    return Step(NUMBERS, query, ("numbers from 0 up, to count days",))


def spans(own: Dialect) -> Step:
    """Give one row a trip: when it began and ended, and what its first and last legs say."""

    def moment(name: str) -> str:
        return own(Fn.MICROSECONDS, name)

    def floor(text: str, by: int) -> str:
        return divided(own, text, own.long(by), "floor", wide=False)

    query = f"""WITH legs AS (
  SELECT trip, leg, {moment("departs")} AS left_us, {moment("arrives")} AS back_us,
    {moment("departs")} - departs_offset * {MINUTE} AS left_utc,
    {moment("arrives")} - arrives_offset * {MINUTE} AS back_utc,
    {own(Fn.DATE_OF, "departs")} AS first_day, {own(Fn.DATE_OF, "arrives")} AS last_day,
    NULLIF(origin, '') AS origin, NULLIF(destination, '') AS destination
  FROM trip_legs
), placed AS (
  SELECT legs.*,
    ROW_NUMBER() OVER (PARTITION BY trip ORDER BY left_utc, {own(Fn.ORDERED, "leg")}) AS n,
    COUNT(*) OVER (PARTITION BY trip) AS leg_count
  FROM legs
), ends AS (
  SELECT a.trip, a.left_us, a.left_utc, a.first_day, z.last_day, z.back_us, z.back_utc,
    a.destination AS first_place,
    CASE WHEN z.origin IS NOT NULL THEN z.origin
      WHEN a.leg_count > 1 THEN a.destination END AS last_place,
    {own(Fn.DAYS, "a.first_day", "z.last_day")} + 1 AS days,
    z.back_utc - a.left_utc AS lasts
  FROM placed AS a
  JOIN placed AS z ON z.trip = a.trip AND z.n = z.leg_count
  WHERE a.n = 1
), timed AS (
  SELECT ends.*, {floor("lasts", MINUTE)} AS minutes FROM ends
)
SELECT timed.*, trips.person,
  CASE WHEN timed.first_day = timed.last_day THEN timed.left_us + timed.lasts
    ELSE timed.back_us END AS wall_back_us,
  CASE WHEN timed.days BETWEEN 1 AND {DAYS_MAX}
    AND timed.minutes BETWEEN 0 AND {DAYS_MAX * DAY_MINUTES} THEN FALSE ELSE TRUE END AS is_odd,
  CASE WHEN timed.minutes <= 0 THEN 1
    ELSE {floor(f"timed.minutes + {DAY_MINUTES - 1}", DAY_MINUTES)} END AS periods
FROM timed LEFT JOIN trips ON trips.trip = timed.trip"""
    return Step(SPANS, query, ("each trip from its first departure to its last arrival",))


def _note_columns(facts: Sequence[OwnFact]) -> str:
    made = [
        "COALESCE(NULLIF(note.night, ''), 'hotel') AS night",
        "NULLIF(note.place, '') AS place",
    ]
    for meal, _ in MEALS:
        made.append(f"COALESCE(NULLIF(note.{meal}, ''), 'none') AS {meal}")
        made += [f"note.{meal}_paid", f"note.{meal}_currency"]
    made += [f"note.{own_column(fact.name)}" for fact in facts]
    return ", ".join(made)


def _day_facts(facts: Sequence[OwnFact]) -> list[OwnFact]:
    return sorted((fact for fact in facts if fact.of is FactOf.DAY), key=lambda fact: fact.name)


def calendar_days(own: Dialect, facts: Sequence[OwnFact]) -> Step:
    """Give one row a calendar day of a trip, with the minutes and meals of the person's others."""
    held = _day_facts(facts)
    epoch = own.day(_EPOCH)
    midnight = f"{own(Fn.DAYS, epoch, 'a.day')} * {DAY}"
    own_facts = "".join(f", note.{own_column(fact.name)}" for fact in held)
    meals = "".join(
        f""",
    CASE WHEN COALESCE(note.{meal}, 'none') <> 'none' OR other_{meal}.trip IS NULL
      THEN COALESCE(note.{meal}, 'none') ELSE other_{meal}.{meal} END AS {meal},
    CASE WHEN COALESCE(note.{meal}, 'none') <> 'none' OR other_{meal}.trip IS NULL
      THEN note.{meal}_paid ELSE other_{meal}.{meal}_paid END AS {meal}_paid,
    CASE WHEN COALESCE(note.{meal}, 'none') <> 'none' OR other_{meal}.trip IS NULL
      THEN note.{meal}_currency ELSE other_{meal}.{meal}_currency END AS {meal}_currency"""
        for meal, _ in MEALS
    )
    others = ""
    joins = ""
    for meal, _ in MEALS:
        others += f""", {meal}_told AS (
  SELECT span.trip AS of_trip, note.*,
    ROW_NUMBER() OVER (
      PARTITION BY span.trip, note.trip_day ORDER BY {own(Fn.ORDERED, "note.trip")}) AS n
  FROM {SPANS} AS span
  JOIN {SPANS} AS beside ON beside.person = span.person
  JOIN notes AS note ON note.trip = beside.trip
  WHERE beside.trip <> span.trip AND note.{meal} <> 'none'
)"""
        joins += (
            f"\n  LEFT JOIN {meal}_told AS other_{meal} ON other_{meal}.of_trip = a.trip"
            f" AND other_{meal}.trip_day = a.day AND other_{meal}.n = 1"
        )
    minutes = divided(own, "us_away", own.long(MINUTE), "floor", wide=False)
    query = f"""WITH notes AS (
  SELECT note.trip, note.trip_day, {_note_columns(held)} FROM trip_days AS note
), days AS (
  SELECT span.trip, span.person, span.days, span.first_day, span.last_day, span.first_place,
    span.last_place, span.left_us, span.wall_back_us, span.back_us, n.n + 1 AS number,
    {own(Fn.ADD_DAYS, "span.first_day", "n.n")} AS day
  FROM {SPANS} AS span JOIN {NUMBERS} AS n ON n.n < span.days
  WHERE NOT span.is_odd
), away AS (
  SELECT a.trip, a.number, GREATEST(beside.left_us - {midnight}, 0) AS start_us,
    LEAST(beside.wall_back_us - {midnight}, {DAY}) AS end_us, beside.left_us,
    CASE WHEN beside.trip = a.trip THEN 1 ELSE 0 END AS is_own
  FROM days AS a
  JOIN {SPANS} AS beside ON beside.trip = a.trip OR beside.person = a.person
  WHERE beside.left_us - {midnight} < {DAY} AND beside.wall_back_us - {midnight} > 0
), merged AS (
  SELECT away.*, COALESCE(MAX(end_us) OVER (
    PARTITION BY trip, number ORDER BY start_us, end_us
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS until_us
  FROM away
), totals AS (
  SELECT trip, number,
    CAST(SUM(GREATEST(0, end_us - GREATEST(start_us, until_us))) AS {_whole(own)}) AS us_away,
    CAST(SUM(CASE WHEN is_own = 1 THEN GREATEST(0, end_us - start_us) ELSE 0 END)
      AS {_whole(own)}) AS us_own
  FROM merged GROUP BY trip, number
), measured AS (
  SELECT trip, number, {minutes} AS minutes_away,
    {divided(own, "us_own", own.long(MINUTE), "floor", wide=False)} AS minutes_own
  FROM totals
), reached AS (
  SELECT a.trip, a.number, MAX(leg.n) AS n
  FROM days AS a
  JOIN (
    SELECT trip, {own(Fn.DATE_OF, "arrives")} AS arrives_on, ROW_NUMBER() OVER (
      PARTITION BY trip
      ORDER BY {own(Fn.MICROSECONDS, "departs")} - departs_offset * {MINUTE},
        {own(Fn.ORDERED, "leg")}) AS n
    FROM trip_legs
  ) AS leg ON leg.trip = a.trip AND leg.arrives_on <= a.day
  GROUP BY a.trip, a.number
), placed AS (
  SELECT trip, NULLIF(destination, '') AS destination, ROW_NUMBER() OVER (
    PARTITION BY trip
    ORDER BY {own(Fn.MICROSECONDS, "departs")} - departs_offset * {MINUTE},
      {own(Fn.ORDERED, "leg")}) AS n
  FROM trip_legs
){others}, told AS (
  SELECT a.trip, a.number, a.day, a.days, a.day AS begins_day,
    CASE WHEN a.days = 1 THEN 'only' WHEN a.number = 1 THEN 'first'
      WHEN a.number = a.days THEN 'last' ELSE 'full' END AS kind,
    COALESCE(m.minutes_away, 0) AS minutes_away, COALESCE(m.minutes_own, 0) AS minutes_own,
    CASE WHEN a.day = a.last_day THEN 'none' ELSE COALESCE(note.night, 'hotel') END AS night,
    CASE WHEN note.place IS NOT NULL THEN note.place
      WHEN a.day = a.last_day THEN a.last_place
      WHEN r.n IS NOT NULL THEN leg.destination ELSE a.first_place END AS place,
    CASE WHEN a.number = 1
      THEN {_minute_of(own, "a.left_us")} END AS leaves,
    CASE WHEN a.number = a.days
      THEN {_minute_of(own, "a.back_us")} END AS returns{meals}{own_facts}
  FROM days AS a
  LEFT JOIN measured AS m ON m.trip = a.trip AND m.number = a.number
  LEFT JOIN notes AS note ON note.trip = a.trip AND note.trip_day = a.day
  LEFT JOIN reached AS r ON r.trip = a.trip AND r.number = a.number
  LEFT JOIN placed AS leg ON leg.trip = a.trip AND leg.n = r.n{joins}
)
{_with_neighbours(own)}"""
    return Step(DAYS, query, ("the calendar days of each trip",))


def periods(own: Dialect, facts: Sequence[OwnFact]) -> Step:
    """Give one row a period of 24 hours from the departure."""
    held = _day_facts(facts)
    day_us = own.long(DAY)

    def floor(text: str, by: str) -> str:
        return divided(own, text, by, "floor", wide=False)

    own_facts = "".join(f", note.{own_column(fact.name)}" for fact in held)
    taken = ", ".join(f"{floor(_taken(own, hour), day_us)} AS {meal}_at" for meal, hour in MEALS)
    told = "".join(
        f""", {meal}_told AS (
  SELECT trip, number, {meal}, {meal}_paid, {meal}_currency, ROW_NUMBER() OVER (
    PARTITION BY trip, number ORDER BY trip_day) AS n
  FROM (
    SELECT note.*, LEAST(GREATEST({meal}_at, 0), periods - 1) + 1 AS number FROM noted AS note
  ) AS each_note
  WHERE {meal} <> 'none'
)"""
        for meal, _ in MEALS
    )
    meals = "".join(
        f""",
    COALESCE({meal}_told.{meal}, 'none') AS {meal},
    CASE WHEN {meal}_told.trip IS NOT NULL THEN {meal}_told.{meal}_paid
      ELSE note.{meal}_paid END AS {meal}_paid,
    CASE WHEN {meal}_told.trip IS NOT NULL THEN {meal}_told.{meal}_currency
      ELSE note.{meal}_currency END AS {meal}_currency"""
        for meal, _ in MEALS
    )
    joins = "".join(
        f"\n  LEFT JOIN {meal}_told ON {meal}_told.trip = a.trip"
        f" AND {meal}_told.number = a.number AND {meal}_told.n = 1"
        for meal, _ in MEALS
    )
    epoch = own.day(_EPOCH)
    start = f"(span.left_us + n.n * {day_us})"
    lasts = f"LEAST({DAY_MINUTES}, span.minutes - n.n * {DAY_MINUTES})"
    query = f"""WITH noted AS (
  SELECT note.trip, note.trip_day, {_note_columns(held)}, span.periods, {taken}
  FROM trip_days AS note JOIN {SPANS} AS span ON span.trip = note.trip
){told}, periods AS (
  SELECT span.trip, span.periods AS days, span.last_day, span.first_place, span.last_place,
    span.left_us, span.back_us, n.n + 1 AS number, {lasts} AS minutes,
    {own(Fn.ADD_DAYS, epoch, floor(start, day_us))} AS day,
    {own(Fn.ADD_DAYS, epoch, floor(f"({start} + {lasts} * {MINUTE})", day_us))} AS end_day,
    {floor(f"(span.left_utc + n.n * {day_us})", own.long(MINUTE))} AS begins_minute
  FROM {SPANS} AS span JOIN {NUMBERS} AS n ON n.n < span.periods
  WHERE NOT span.is_odd
), placed AS (
  SELECT trip, NULLIF(destination, '') AS destination, {own(Fn.DATE_OF, "arrives")} AS arrives_on,
    ROW_NUMBER() OVER (
      PARTITION BY trip
      ORDER BY {own(Fn.MICROSECONDS, "departs")} - departs_offset * {MINUTE},
        {own(Fn.ORDERED, "leg")}) AS n
  FROM trip_legs
), reached AS (
  SELECT a.trip, a.number, MAX(leg.n) AS n
  FROM periods AS a JOIN placed AS leg ON leg.trip = a.trip AND leg.arrives_on <= a.day
  GROUP BY a.trip, a.number
), told AS (
  SELECT a.trip, a.number, a.day, a.days, a.begins_minute,
    CASE WHEN a.days = 1 THEN 'only' WHEN a.number = 1 THEN 'first'
      WHEN a.number = a.days THEN 'last' ELSE 'full' END AS kind,
    a.minutes AS minutes_away, a.minutes AS minutes_own,
    CASE WHEN a.end_day > a.day THEN COALESCE(note.night, 'hotel') ELSE 'none' END AS night,
    CASE WHEN note.place IS NOT NULL THEN note.place
      WHEN a.day = a.last_day THEN a.last_place
      WHEN r.n IS NOT NULL THEN leg.destination ELSE a.first_place END AS place,
    CASE WHEN a.number = 1 THEN {_minute_of(own, "a.left_us")} END AS leaves,
    CASE WHEN a.number = a.days THEN {_minute_of(own, "a.back_us")} END
      AS returns{meals}{own_facts}
  FROM periods AS a
  LEFT JOIN noted AS note ON note.trip = a.trip AND note.trip_day = a.day
  LEFT JOIN reached AS r ON r.trip = a.trip AND r.number = a.number
  LEFT JOIN placed AS leg ON leg.trip = a.trip AND leg.n = r.n{joins}
)
{_with_neighbours(own)}"""
    return Step(PERIODS, query, ("the periods of 24 hours of each trip, from its departure",))


def _whole(own: Dialect) -> str:
    return own.types[Kind.WHOLE]


def _minute_of(own: Dialect, moment: str) -> str:
    minutes = divided(own, moment, own.long(MINUTE), "floor", wide=False)
    day = own.long(DAY_MINUTES)
    once = own(Fn.REMAINDER, minutes, day)
    return own(Fn.REMAINDER, f"({once} + {day})", day)


def _taken(own: Dialect, hour: int) -> str:
    passed = own(Fn.DAYS, own.day(_EPOCH), "note.trip_day")
    return f"({passed} * {DAY} + {hour * 60 * MINUTE} - span.left_us)"


def _with_neighbours(_own: Dialect) -> str:
    """Add what the day before was like, and which day is the longest."""
    return """SELECT told.*,
  COALESCE(LAG(night) OVER (PARTITION BY trip ORDER BY number), 'none') AS night_before,
  LAG(place) OVER (PARTITION BY trip ORDER BY number) AS place_before,
  CASE WHEN ROW_NUMBER() OVER (PARTITION BY trip ORDER BY minutes_own DESC, number) = 1
    THEN TRUE ELSE FALSE END AS is_longest
FROM told"""
