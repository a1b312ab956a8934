"""Entitlements beside a plain model: components add up, the lowest counts, no day is paid twice."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from looked_back import NAMES, in_turn, ready

from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.trip import Trip, TripLeg

HEAD: Final = """
[policy]
id = "due"
version = "1"
language = 1
currency = "CNY"
title = { en = "D", zh = "D" }
[category]
diem = { name = { en = "D", zh = "D" } }
[parameter.later]
type = "money"
values = [{ from = 2100-01-01, is = 1 }]
"""
FAILS: Final = "later"
DUE: Final = ("28", "14", "40", "0", "-10", "-30", FAILS)
ON_LINES: Final = ("", "amount > 50")
ON_DAYS: Final = ("", "day_kind == 'full'", "day_number == 1")


@dataclass(frozen=True)
class Given:
    """An allow: so much of one component, for the line or for each day on which it applies."""

    gives: str
    component: str
    when: str

    @property
    def scope(self) -> str:
        """What it looks at; every rule on one component looks at the same."""
        return {"a": "line", "b": "day", "c": "day"}[self.component]

    def toml(self, code: str) -> str:
        """Write the rule."""
        when = f'when = "{self.when}"' if self.when else ""
        return "\n".join(
            (
                f'[[rule]]\ncode = "{code}"\nkind = "allow"\n{NAMES}\n{when}',
                f'gives = "{self.gives}"\ncomponent = "{self.component}"\nscope = "{self.scope}"',
            )
        )

    def parts(self, line: ExpenseLine) -> list[date | None] | None:
        """Give the days on which it applies, or None for the line; no list where it fails."""
        if self.scope == "line":
            found: list[date | None] = [None] if not self.when or line.amount.minor > 5_000 else []
        elif line.trip not in DAYS:
            return None
        else:
            days = DAYS[line.trip]
            chosen = {"": days, "day_kind == 'full'": days[1:-1], "day_number == 1": days[:1]}
            found = list(chosen[self.when])
        return None if found and self.gives == FAILS else found


START: Final = datetime(2026, 3, 1, 9, tzinfo=UTC)


def _trip(name: str, first: int, count: int) -> Trip:
    left = START + timedelta(days=first)
    return Trip(name, (TripLeg(f"{name}1", name, left, left + timedelta(days=count - 1, hours=2)),))


TRIPS: Final = (_trip("T1", 0, 3), _trip("T2", 2, 4), _trip("T3", 9, 1))
"""Two that share a day, and one that stands alone."""

DAYS: Final[dict[str, list[date | None]]] = {
    trip.id: [trip.departs.date() + timedelta(days=n) for n in range(trip.minutes // 1_440 + 1)]
    for trip in TRIPS
}


def modelled(
    rules: dict[str, Given], line: ExpenseLine, paid: dict[tuple[str, date], int]
) -> tuple[dict[str, int], set[str]]:
    """Give what a line is due of each component, and the rules that fail; note the days paid."""
    due, failed = {}, set()
    for component in sorted({rule.component for rule in rules.values()}):
        lowest: dict[date | None, int] = {}
        of_component = {c: rule for c, rule in rules.items() if rule.component == component}
        broken = {c for c, rule in of_component.items() if rule.parts(line) is None}
        for rule in of_component.values():
            for part in rule.parts(line) or ():
                value = 0 if rule.gives == FAILS else int(rule.gives) * 100
                lowest[part] = min(value, lowest.get(part, value))
        failed |= broken
        total = 0
        for part, value in lowest.items() if not broken else ():
            before = paid.get((component, part), 0) if part is not None else 0
            more = value - before if abs(value) > abs(before) else 0
            total += more
            if part is not None:
                paid[component, part] = before + more
        due[component] = total
    return due, failed


GIVEN: Final = st.one_of(
    st.builds(Given, st.sampled_from(DUE), st.just("a"), st.sampled_from(ON_LINES)),
    st.builds(Given, st.sampled_from(DUE), st.sampled_from("bc"), st.sampled_from(ON_DAYS)),
)
SIMPLE: Final = ExpenseLine("", "", date(2026, 3, 4), "diem", Money(0, "CNY"))
LINES: Final = st.builds(
    lambda minor, trip: replace(SIMPLE, amount=Money(minor, "CNY"), trip=trip),
    st.sampled_from((5_000, 5_001, 20_000, -1_000)),
    st.sampled_from(("T1", "T1", "T2", "T3", "")),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Facts]:
    """Draw claims of one person that are received one after the other."""
    made = []
    for number in range(draw(st.integers(1, 3))):
        lines = draw(st.lists(LINES, min_size=1, max_size=3))
        claim = Claim(f"C{number}", "P", datetime(2026, 4, 1, tzinfo=UTC))
        own = tuple(replace(one, id=f"L{n}", claim=claim.id) for n, one in enumerate(lines))
        made.append(Facts(claim, own, AccountManager("P", "P"), trips=TRIPS))
    return made


def _check(given: list[Given], cap: str, claims: list[Facts]) -> None:
    rules = {f"r{number}": rule for number, rule in enumerate(given)}
    limit = f'[[rule]]\ncode = "cap"\nkind = "limit"\n{NAMES}\nat_most = "{cap}"' if cap else ""
    text = "\n".join([HEAD, *(rule.toml(code) for code, rule in rules.items()), limit])
    paid: dict[tuple[str, date], int] = {}
    for facts, decision in zip(claims, in_turn(ready(text), claims), strict=True):
        for line, decided in zip(facts.lines, decision.lines, strict=True):
            left = line.amount.minor
            if left >= 0:
                due, failed = modelled(rules, line, paid)
                left = max(0, sum(due.values()))
                shown = {part.component: part.amount.minor for part in decided.entitlements}
                assert shown == due
                assert {f.code for f in decided.findings if f.failed} == failed
                for part in decided.entitlements:
                    assert not part.days or sum(n for _, n in part.days) == part.amount.minor
            else:
                assert decided.entitlements == ()
            room = int(cap) * 100 if cap else left
            assert decided.allowed.minor == min(left, room)
            assert ("cap" in {f.code for f in decided.findings}) is (left > room)


CAPS: Final = st.sampled_from(("", "50", "0"))


@settings(max_examples=100, deadline=None)
@given(st.lists(GIVEN, min_size=1, max_size=5), CAPS, histories())
def test_entitlements_are_what_a_plain_sum_gives(
    given: list[Given], cap: str, claims: list[Facts]
) -> None:
    """Components add up, the lowest rule of one counts, a day is paid once; limits come after."""
    _check(given, cap, claims)


@pytest.mark.slow
@pytest.mark.timeout(1_200)
@settings(max_examples=8_000, deadline=None)
@given(st.lists(GIVEN, min_size=1, max_size=6), CAPS, histories())
def test_entitlements_in_a_long_sweep(given: list[Given], cap: str, claims: list[Facts]) -> None:
    """The plain sum gives the same over some thousands of policies, too."""
    _check(given, cap, claims)
