"""Rules on the days and periods of a trip beside a plain look at each day."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import pytest
from drawn_claims import SIMPLE, TRIPS
from hypothesis import given, settings
from hypothesis import strategies as st
from looked_back import ready

from crm_expenses.core.claim import Claim
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Finding
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.trip import DAYS_MAX, DayKind, Night, Trip, TripDay, days_of, periods_of

HEAD: Final = """
[policy]
id = "days"
version = "1"
language = 1
currency = "CNY"
title = { en = "D", zh = "D" }
[category]
diem = { name = { en = "D", zh = "D" } }
[parameter.rate]
type = "money"
values = [{ from = 2026-01-01, is = 10 }, { from = 2026-03-02, is = 20 }]
"""

Test = Callable[[TripDay], bool]

TESTS: Final[dict[str, Test]] = {
    "day_kind == 'full'": lambda day: day.kind is DayKind.FULL,
    "minutes_away > 600": lambda day: day.minutes_away > 600,
    "day_number != 2": lambda day: day.number != 2,
    "night == 'hotel'": lambda day: day.night is Night.HOTEL,
    "is_longest_day": lambda day: day.is_longest,
    "present(returns_at)": lambda day: day.returns is not None,
    "default(place, '') == 'Kyiv'": lambda day: day.place == "Kyiv",
    "rate > 15": lambda day: day.day.day >= 2,
}
GIVEN: Final[dict[str, Callable[[TripDay], int]]] = {
    "rate": lambda day: 2_000 if day.day.day >= 2 else 1_000,
    "28 if day_kind == 'full' else 14": lambda day: 2_800 if day.kind is DayKind.FULL else 1_400,
    "15 if day_number == 1 else 5": lambda day: 1_500 if day.number == 1 else 500,
    "-5 if minutes_away > 1000 else 30": lambda day: -500 if day.minutes_away > 1_000 else 3_000,
}
KINDS: Final = ("require", "forbid", "flag")


@dataclass(frozen=True)
class OnDays:
    """A rule on days or periods: its condition or its figure, and where it applies."""

    kind: str
    main: str
    when: str
    scope: str

    def toml(self) -> str:
        """Write the rule."""
        part = "at_most" if self.kind == "limit" else "that"
        when = f'when = "{self.when}"' if self.when else ""
        return (
            f'{HEAD}\n[[rule]]\ncode = "r"\nkind = "{self.kind}"\nscope = "{self.scope}"\n{when}\n'
            f'{part} = "{self.main}"\ntitle = {{ en = "R", zh = "R" }}'
        )

    def days(self, trip: Trip) -> list[TripDay]:
        """Give the days on which it applies."""
        others = [other for other in TRIPS if other.id != trip.id]
        days = days_of(trip, others) if self.scope == "day" else periods_of(trip)
        return [day for day in days if not self.when or TESTS[self.when](day)]


WHENS: Final = st.sampled_from(("", "", *TESTS))
SCOPES: Final = st.sampled_from(("day", "day", "period"))
RULES: Final = st.one_of(
    st.builds(OnDays, st.sampled_from(KINDS), st.sampled_from(sorted(TESTS)), WHENS, SCOPES),
    st.builds(OnDays, st.just("limit"), st.sampled_from(sorted(GIVEN)), WHENS, SCOPES),
)
AMOUNTS: Final = st.sampled_from((1_000, 2_800, 4_200, 4_201, 9_000))


def _found(rule: OnDays, minor: int, trip: str) -> tuple[Finding | None, int]:
    held = replace(SIMPLE, category="diem", amount=Money(minor, "CNY"), trip=trip)
    claim = Claim("C", "P", datetime(2026, 3, 20, tzinfo=UTC))
    facts = Facts(claim, (held,), AccountManager("P", "P"), trips=TRIPS)
    (line,) = ready(rule.toml()).decide(facts, digest=False).lines
    return next(iter(line.findings), None), line.allowed.minor


@settings(max_examples=150, deadline=None)
@given(RULES, AMOUNTS, st.sampled_from(TRIPS))
def test_a_rule_on_days_is_what_each_day_says(rule: OnDays, minor: int, trip: Trip) -> None:
    """One broken day is enough, and it is shown; what a limit gives adds up, no day below zero."""
    finding, allowed = _found(rule, minor, trip.id)
    if (trip.returns.date() - trip.departs.date()).days >= DAYS_MAX:
        assert finding is not None
        assert finding.failed == "missing"
        return
    days = rule.days(trip)
    if rule.kind == "limit":
        most = sum(max(0, GIVEN[rule.main](day)) for day in days)
        assert allowed == (min(minor, most) if days else minor)
        assert (finding is not None) is (bool(days) and minor > most)
        assert finding is None or dict(finding.evidence)["limit"] == f"{most / 100:.2f}"
        return
    broken = [day for day in days if TESTS[rule.main](day) is not (rule.kind == "require")]
    assert (finding is not None) is bool(broken)
    assert finding is None or dict(finding.evidence)["day"] == broken[0].day.isoformat()


@pytest.mark.parametrize("kind", [*KINDS, "limit"])
@pytest.mark.parametrize("trip", ["", "T9"])
def test_without_a_trip_a_person_looks(kind: str, trip: str) -> None:
    """A rule on days fails on a line without a trip, or with one whose legs are not known."""
    main = "rate" if kind == "limit" else "rate > 15"
    finding, _ = _found(OnDays(kind, main, "", "day"), 100, trip)
    assert finding is not None
    assert finding.failed == "missing"
