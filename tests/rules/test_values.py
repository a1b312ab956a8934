"""Named expressions, sums over the parts of a trip, and what rules left."""

from datetime import datetime, timedelta, timezone
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.api import check
from crm_expenses.core.trip import MealBy, Night, Trip, TripLeg, TripNote, days_of, periods_of
from crm_expenses.policyfile import parse_policy

HEAD: Final = """
[policy]
id = "t"
version = "1"
language = 1
currency = "EUR"
title = { en = "T", zh = "测" }
[category]
diem = { name = { en = "Daily allowance", zh = "补贴" } }
meal = { name = { en = "Meals", zh = "餐费" } }
[parameter.full]
type = "money"
values = [{ from = 2024-01-01, is = 40 }, { from = 2026-03-04, is = 50 }]
"""
CET: Final = timezone(timedelta(hours=1))
CEST: Final = timezone(timedelta(hours=2))


def rule(code: str, kind: str, **parts: str) -> str:
    """Write a rule of the policy."""
    on = "" if parts.get("scope") == "claim" else 'on = ["diem"]'
    written = "\n".join(f"{name} = '''{text}'''" for name, text in parts.items())
    title = 'title = { en = "R", zh = "规" }'
    return f'[[rule]]\ncode = "{code}"\nkind = "{kind}"\n{on}\n{title}\n{written}\n'


def value(name: str, gives: str, scope: str = "line") -> str:
    """Write a named expression of the policy."""
    return (
        f'[value.{name}]\nname = {{ en = "{name}", zh = "值" }}\n'
        f"scope = \"{scope}\"\ngives = '''{gives}'''\n"
    )


def claim(
    *lines: dict[str, Any], trips: tuple[dict[str, Any], ...] = (), name: str = "C"
) -> dict[str, Any]:
    """Write a claim as a dict."""
    made = [
        {"line": str(n), "date": "2026-03-03", "category": "diem", "amount": "0", **line}
        for n, line in enumerate(lines, start=1)
    ]
    day = "2026-03-20"
    return {"claim": name, "person": "P", "submitted": day, "lines": made, "trips": list(trips)}


def trip(name: str, leaves: str, returns: str, **days: dict[str, str]) -> dict[str, Any]:
    """Write a trip; `days` has the notes by day of March."""
    legs = [{"departs": f"{leaves}+01:00", "arrives": f"{returns}+01:00", "to": "X"}]
    notes = [{"date": f"2026-03-{day[1:]}", **note} for day, note in days.items()]
    return {"trip": name, "legs": legs, "days": notes}


LONG: Final = trip("T", "2026-03-02T13:00", "2026-03-05T18:00")


def allowed(policy: str, given: dict[str, Any], line: int = 0) -> str:
    """Give what is allowed of a line."""
    return f"{check(given, parse_policy(HEAD + policy)).lines[line].allowed.amount:f}"


def test_a_sum_over_days_is_rounded_once() -> None:
    """`total_of` a value adds up the days of the trip, by the figures of each day."""
    share = value("share", "full * (0.333 if day_kind == 'full' else 0.111)", "day")
    gives = "round(total_of(share), 1, up)"
    # 4.44 + 13.32 on two days at 40, then 16.65 + 5.55 at 50: 39.96
    assert allowed(
        share + rule("d", "allow", gives=gives), claim({"trip": "T"}, trips=(LONG,))
    ) == ("40.00")


def test_a_condition_counted_over_days() -> None:
    """`count_of` a value says on how many days it holds; a day rule may read it, too."""
    full = value("is_full", "day_kind == 'full'", "day")
    gives = "full * number(count_of(is_full))"
    given = claim({"trip": "T"}, trips=(LONG,))
    assert allowed(full + rule("d", "allow", gives=gives), given) == "80.00"
    by_day = rule("d", "allow", scope="day", gives="1 if count_of(is_full) == 2 else 0")
    assert allowed(full + by_day, given) == "4.00"


def test_a_value_over_the_claims_lines() -> None:
    """On the claim, `total_of` and `count_of` a value go over its lines."""
    text = value("is_private", "present(purpose) and length(purpose) > 3")
    text += value("half", "divide(amount, 2, 0.01, down)")
    text += rule(
        "m", "forbid", scope="claim", that="0 < count_of(is_private) and total_of(half) > 7"
    )
    policy = parse_policy(
        HEAD + text.replace("0 < count_of(is_private)", "count_of(is_private) > 0")
    )
    lines = ({"amount": "10", "purpose": "private"}, {"amount": "5", "purpose": "x"})
    assert [f.code for f in check(claim(*lines), policy).findings] == ["m"]
    assert check(claim(lines[1], lines[1]), policy).findings == ()


def test_a_line_without_its_rate_fails_the_sum() -> None:
    """A line that lacks what the value reads sends the claim to a person, by the rule's name."""
    text = value("half", "divide(amount, 2, 0.01, down)")
    text += rule("m", "flag", scope="claim", that="total_of(half) > 7")
    found = check(claim({"amount": "10", "currency": "USD"}), parse_policy(HEAD + text))
    assert [(f.code, f.failed) for f in found.findings] == [("m", "missing")]


def test_a_measure_reads_what_rules_left() -> None:
    """`entitled` is what allowances give, `allowed` what is left after limits."""
    text = rule("d", "allow", gives="30") + rule("cap", "limit", at_most="20")
    text += rule("over", "measure", gives="amount - allowed")
    text += rule("due", "measure", gives="entitled")
    decided = check(claim({"amount": "100"}), parse_policy(HEAD + text)).lines[0]
    assert {m.code: m.value for m in decided.measures} == {"over": "80.00", "due": "30.00"}


def test_the_claim_reads_what_is_allowed() -> None:
    """`claim_allowed` is the sum of what its lines are allowed, for rules and approval steps."""
    text = rule("cap", "limit", at_most="20") + rule(
        "big", "flag", scope="claim", that="claim_allowed > 30"
    )
    text += "[[approval]]\ncode = 'f'\nwho = 'manager'\nwhen = 'claim_allowed > 30'\n"
    policy = parse_policy(HEAD + text)
    two = check(claim({"amount": "100"}, {"amount": "15"}), policy)
    assert ([f.code for f in two.findings], two.approvals) == (["big"], ("f",))
    one = check(claim({"amount": "100"}, {"amount": "10"}), policy)
    assert (one.findings, one.approvals) == ((), ())


# Entitlements


def test_rules_that_exclude_each_other() -> None:
    """Of the rules on one component only those that apply count; on a trip, day by day."""
    text = rule("a", "allow", component="c", when="amount > 10", gives="50")
    text += rule("b", "allow", component="c", when="amount <= 10", gives="20")
    assert allowed(text, claim({"amount": "11"})) == "50.00"
    assert allowed(text, claim({"amount": "10"})) == "20.00"
    by_day = rule("a", "allow", scope="day", component="c", when="day_kind == 'full'", gives="30")
    by_day += rule("b", "allow", scope="day", component="c", when="day_kind != 'full'", gives="12")
    by_day += rule("x", "allow", scope="day", component="c", when="day_number == 2", gives="7")
    assert allowed(by_day, claim({"trip": "T"}, trips=(LONG,))) == "61.00"  # 12 + 7 + 30 + 12


DAY: Final = rule("d", "allow", scope="day", gives="full if minutes_away >= hours(5) else 0")


def test_a_trip_is_paid_once() -> None:
    """A second line on the same trip gets nothing more."""
    given = claim({"trip": "T"}, {"trip": "T"}, trips=(LONG,))
    decided = check(given, parse_policy(HEAD + DAY))
    assert [line.allowed.minor for line in decided.lines] == [18000, 0]


def test_two_trips_on_a_day_are_one_absence() -> None:
    """Their minutes add up, the day is paid once, and no day of either is lost."""
    morning = trip("A", "2026-03-03T08:00", "2026-03-03T11:00")
    evening = trip("B", "2026-03-03T13:00", "2026-03-04T20:00")
    both = (morning, evening)
    decided = check(claim({"trip": "A"}, {"trip": "B"}, trips=both), parse_policy(HEAD + DAY))
    assert [line.allowed.minor for line in decided.lines] == [4000, 5000]
    alone = check(claim({"trip": "A"}, trips=(morning,)), parse_policy(HEAD + DAY))
    assert alone.lines[0].allowed.minor == 0


def test_a_meal_on_either_trip_counts() -> None:
    """A meal that was provided on another trip of the day is provided."""
    text = DAY + rule("m", "allow", scope="day", when="lunch == 'employer'", gives="-10")
    morning = trip("A", "2026-03-03T08:00", "2026-03-03T11:00")
    later = trip("B", "2026-03-03T13:00", "2026-03-03T16:00", d03={"lunch": "employer"})
    given = claim({"trip": "A"}, {"trip": "B"}, trips=(morning, later))
    decided = check(given, parse_policy(HEAD + text))
    assert [line.allowed.minor for line in decided.lines] == [3000, 0]


# Windows that count


def test_rejected_lines_do_not_count() -> None:
    """A named window leaves out what was rejected, unless it counts all that is eligible."""
    window = """[window.before]
name = { en = "before", zh = "此前" }
per = ["person"]
period = "month"
"""
    text = rule("guests", "forbid", that="default(attendees, 0) < 2")
    text += rule("twice", "forbid", that="before >= 1")
    lines = ({"attendees": 1}, {"attendees": 3})
    decided = check(claim(*lines), parse_policy(HEAD + window + text))
    assert [[f.code for f in line.findings] for line in decided.lines] == [["guests"], []]
    all_count = window + 'counts = "eligible"\n'
    decided = check(claim(*lines), parse_policy(HEAD + all_count + text))
    assert [[f.code for f in line.findings] for line in decided.lines] == [["guests"], ["twice"]]


# Periods


def test_periods_run_on_one_clock() -> None:
    """The end of summer time makes a third period that no third day of the calendar shows."""
    leaves = datetime(2024, 10, 26, 0, 30, tzinfo=CEST)
    returns = datetime(2024, 10, 27, 23, 59, tzinfo=CET)
    made = Trip("T", (TripLeg("1", "T", leaves, returns),))
    assert [p.minutes_away for p in periods_of(made)] == [1440, 1440, 29]
    assert len(days_of(made)) == 2


def test_meals_and_nights_of_periods() -> None:
    """A meal counts in the period of its hour, a night in the period of its midnight."""
    notes = (
        TripNote("1", "T", datetime(2026, 3, 2, tzinfo=CET).date(), night=Night.PRIVATE),
        TripNote(
            "2",
            "T",
            datetime(2026, 3, 3, tzinfo=CET).date(),
            breakfast=MealBy.HOTEL,
            dinner=MealBy.HOST,
        ),
        TripNote("3", "T", datetime(2026, 3, 4, tzinfo=CET).date(), dinner=MealBy.EMPLOYER),
    )
    leaves = datetime(2026, 3, 2, 15, tzinfo=CET)
    leg = TripLeg("1", "T", leaves, leaves + timedelta(hours=47))
    first, second = periods_of(Trip("T", (leg,), notes))
    assert (first.night, first.note.breakfast, first.note.dinner) == (
        Night.PRIVATE,
        MealBy.HOTEL,
        MealBy.NONE,
    )
    assert (second.night, second.note.breakfast) == (Night.HOTEL, MealBy.NONE)
    assert second.note.dinner is MealBy.HOST, "the dinner after the return counts in the last"


def test_rules_on_periods() -> None:
    """A rule with scope period looks at each started period; a period is paid once."""
    text = rule(
        "p",
        "allow",
        scope="period",
        gives="""round(full * (1 if minutes_away > hours(12)
                 else 0.5 if minutes_away >= hours(8) else 0), 0.01, half_up)""",
    )
    half = trip("T", "2026-03-01T10:00", "2026-03-02T18:00")
    assert allowed(text, claim({"trip": "T"}, trips=(half,))) == "60.00"
    less = trip("T", "2026-03-01T10:00", "2026-03-02T17:59")
    assert allowed(text, claim({"trip": "T"}, trips=(less,))) == "40.00"
    twice = claim({"trip": "T"}, {"trip": "T"}, trips=(half,))
    assert allowed(text, twice, 1) == "0.00"


@settings(max_examples=200, deadline=None)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)),  # noqa: DTZ001  given a zone below
    st.integers(0, 20_000),
)
def test_periods_share_out_the_whole_trip(leaves: datetime, minutes: int) -> None:
    """The minutes of all periods make the trip; each but the last has 24 hours."""
    start = leaves.replace(tzinfo=CET)
    made = Trip("T", (TripLeg("1", "T", start, start + timedelta(minutes=minutes)),))
    periods = periods_of(made)
    assert sum(p.minutes_away for p in periods) == minutes
    assert all(p.minutes_away == 1440 for p in periods[:-1])
    assert [p.number for p in periods] == list(range(1, len(periods) + 1))


# Constants of a scale


@pytest.mark.parametrize(
    ("before", "distance", "due"),
    [("0", "100", "110.00"), ("99", "1", "1.00"), ("900", "200", "205.00")],
)
def test_a_scale_with_constants(before: str, distance: str, due: str) -> None:
    """A constant is in the currency, whatever decimals the rate and the bands have."""
    text = """[parameter.scale]
type = "money"
unit = "EUR/km"
band = "km"
values = [{ from = 2024-01-01, table = [[0, "1.000", 10], [1000, "0.500", "565.00"]] }]
[fact.driven]
name = { en = "driven", zh = "已行驶" }
type = "number"
unit = "km"
"""
    along = "along(scale, min(max(default(driven, 0), 0), 100000)"
    gives = f"round({along} + distance) - {along}), 0.01, half_up)"
    text += rule("d", "allow", when="present(distance)", gives=gives)
    line = {"distance": distance, "extra": {"driven": before}}
    assert allowed(text, claim(line)) == due


# What else a rule may ask


def test_a_rule_that_asks_for_a_trip_is_on_lines_with_one() -> None:
    """Behind `present(trip)` a rule on days says nothing of a line without a trip."""
    guarded = rule(
        "d", "allow", scope="day", when="present(trip) and day_kind == 'full'", gives="5"
    )
    decided = check(claim({"amount": "7"}), parse_policy(HEAD + guarded)).lines[0]
    assert (decided.allowed.minor, decided.findings) == (0, ())
    bare = guarded.replace("present(trip) and ", "")
    decided = check(claim({"amount": "7"}), parse_policy(HEAD + bare)).lines[0]
    assert [f.failed for f in decided.findings] == ["missing"]


@pytest.mark.parametrize(
    ("leaves", "returns", "minutes"),
    [
        ("2026-03-29T00:30:00+01:00", "2026-03-29T09:30:00+02:00", 480),
        ("2026-10-25T00:30:00+02:00", "2026-10-25T07:31:00+01:00", 481),
        ("2026-03-03T08:00:00+01:00", "2026-03-03T16:01:00+01:00", 481),
    ],
)
def test_a_day_trip_lasts_as_long_as_it_did(leaves: str, returns: str, minutes: int) -> None:
    """On the days on which the clocks are changed a trip within the day loses or gains nothing."""
    ends = datetime.fromisoformat(leaves), datetime.fromisoformat(returns)
    (day,) = days_of(Trip("T", (TripLeg("1", "T", *ends),)))
    assert day.minutes_away == minutes
