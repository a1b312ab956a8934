"""Windows as a plain model has them, and claims to draw for them.

The model keeps no keys and no sums: for each line it walks over all that was counted before, and
asks of each whether it falls in the same window. So it shares nothing with the code that it judges.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final

from hypothesis import strategies as st

from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.decision import Decision
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.waiver import Waiver
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.evaluate import Evaluator

HEAD: Final = """
[policy]
id = "sums"
version = "1"
language = 1
currency = "CNY"
title = { en = "S", zh = "S" }
[category]
meal = { name = { en = "M", zh = "M" } }
taxi = { name = { en = "T", zh = "T" } }
[parameter.later]
type = "money"
values = [{ from = 2100-01-01, is = 1 }]
"""
NAMES: Final = 'title = { en = "R", zh = "R" }'


@dataclass(frozen=True)
class Span:
    """A length of time: its place in the order, the policy's text, and when a line is in it."""

    stage: int
    text: str
    days: int = 0
    gap: int = -1
    starts: tuple[int, int] = (1, 1)

    @property
    def period(self) -> str:
        """The name of the period."""
        return self.text.split('"')[1]


SPANS: Final = (
    Span(1, 'period = "day"'),
    Span(2, 'period = "trip"'),
    Span(3, 'period = "week"'),
    Span(3, 'period = "rolling"\ndays = 2', days=2),
    Span(3, 'period = "rolling"\ndays = 7', days=7),
    Span(4, 'period = "rolling"\ndays = 8', days=8),
    Span(4, 'period = "month"'),
    Span(5, 'period = "rolling"\ndays = 32', days=32),
    Span(5, 'period = "quarter"'),
    Span(6, 'period = "rolling"\ndays = 93', days=93),
    Span(6, 'period = "year"'),
    Span(6, 'period = "year"\nyear_starts = "03-02"', starts=(3, 2)),
    Span(7, 'period = "spell"\ngap_days = 1', gap=1),
    Span(7, 'period = "spell"\ngap_days = 3', gap=3),
    Span(8, 'period = "all_time"'),
)
PERS: Final = (
    *((), (), ("person",), ("person",)),
    *(("person", "category"), ("city",), ("team",), ("claim",)),
)


@dataclass(frozen=True)
class Counted:
    """What one rule counted of one line."""

    facts: Facts
    line: ExpenseLine
    amount: int


@dataclass(frozen=True)
class Summed:
    """What is counted together: per what, over which time, of which lines."""

    span: Span = SPANS[0]
    per: tuple[str, ...] = ()
    on: str = ""
    guards: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Write it."""
        per = ", ".join(f'"{name}"' for name in self.per)
        on = f'on = ["{self.on}"]\n' if self.on else ""
        return f"{on}{self.span.text}\nper = [{per}]"

    @property
    def when(self) -> str:
        """Write what guards the names that may be missing."""
        city = ["present(city)"] if "city" in self.per else []
        trip = ["present(trip)"] if self.span.period == "trip" else []
        return " and ".join((*city, *trip, *self.guards))

    def covers(self, line: ExpenseLine) -> bool:
        """Say whether a line is of the category."""
        return not self.on or line.category == self.on

    def asks(self, line: ExpenseLine) -> bool:
        """Say whether a line is counted."""
        if not self.covers(line):
            return False
        if ("city" in self.per and not line.city) or (self.span.period == "trip" and not line.trip):
            return False
        return not ("not is_credit" in self.guards and line.amount.minor < 0)

    def shares(self, one: Counted, facts: Facts, line: ExpenseLine) -> bool:
        """Say whether what was counted is of the same persons, places and so on."""
        same = {
            "person": one.facts.claim.person == facts.claim.person,
            "category": one.line.category == line.category,
            "city": one.line.city == line.city,
            "team": team_of(one.facts) == team_of(facts),
            "claim": one.facts.claim.id == facts.claim.id,
        }
        return all(same[name] for name in self.per)

    def before(self, counted: Sequence[Counted], facts: Facts, line: ExpenseLine) -> int:
        """Add up what was counted in the window of a line."""
        mine = [one for one in counted if self.shares(one, facts, line)]
        if self.span.period == "spell":
            return sum(one.amount for one in mine if one.line.date in self._spell(mine, line.date))
        return sum(one.amount for one in mine if self._is_near(one.line, line))

    def _is_near(self, one: ExpenseLine, line: ExpenseLine) -> bool:
        a, b = one.date, line.date
        match self.span.period:
            case "day":
                return a == b
            case "trip":
                return one.trip == line.trip
            case "week":
                return a.isocalendar()[:2] == b.isocalendar()[:2]
            case "month":
                return (a.year, a.month) == (b.year, b.month)
            case "quarter":
                return (a.year, (a.month + 2) // 3) == (b.year, (b.month + 2) // 3)
            case "year":
                return self._year(a) == self._year(b)
            case "rolling":
                return 0 <= (b - a).days < self.span.days
            case _:
                return True

    def _year(self, day: date) -> int:
        """Give the year that has begun by a day."""
        first = date(day.year, *self.span.starts)
        return day.year if day >= first else day.year - 1

    def _spell(self, mine: Sequence[Counted], day: date) -> set[date]:
        """Give the days of the spell that ends on a day."""
        found, last = {day}, day
        for other in sorted({one.line.date for one in mine if one.line.date < day}, reverse=True):
            if (last - other).days - 1 > self.span.gap:
                break
            found.add(other)
            last = other
        return found


def team_of(facts: Facts) -> str:
    """Give the team of whoever claims; empty where it is not known."""
    return facts.person.team if facts.person else ""


def amount_of(line: ExpenseLine) -> int:
    """Give what a line claims; nothing where no rate is known."""
    return line.amount.minor if line.amount.currency == "CNY" else 0


@cache
def ready(text: str) -> Evaluator:
    """Make a policy ready to decide."""
    return Evaluator(parse_policy(text))


def in_turn(evaluator: Evaluator, claims: Sequence[Facts]) -> list[Decision]:
    """Decide claims one after the other; each is given what it asks for, as the store does."""
    used: dict[str, int] = {}
    found = []
    for facts in claims:
        held = {key: used[key] for key in evaluator.windows_of(facts) if key in used}
        found.append(evaluator.decide(replace(facts, windows=held), digest=False))
        for carry in found[-1].carries:
            used[carry.window] = used.get(carry.window, 0) + carry.amount
    return found


# Claims


FIRST: Final = date(2026, 2, 25)
FAR: Final = (date(2025, 12, 30), date(2026, 1, 4), date(2026, 4, 1))
DAYS: Final = (*(FIRST + timedelta(days=n) for n in range(9)), *FAR)
LINES: Final = st.builds(
    ExpenseLine,
    id=st.just(""),
    claim=st.just(""),
    date=st.just(FIRST),
    category=st.sampled_from(("meal", "meal", "meal", "taxi")),
    amount=st.builds(
        Money,
        st.sampled_from((3_000, 5_000, 5_001, 10_000, 3_000, 6_000, -2_000, -6_000, 0, 1)),
        st.sampled_from(("CNY",) * 14 + ("USD",)),
    ),
    city=st.sampled_from(("Bonn", "Bonn", "Bonn", "None", "1:P", "")),
    justification=st.sampled_from(("", "", "why")),
    trip=st.sampled_from(("T1", "T1", "T2", "")),
)
WHO: Final = st.sampled_from((*(("P", "East"),) * 6, ("Q", "East"), ("Q", ""), ("P", "1")))
WAIVED: Final = st.sampled_from(("",) * 6 + ("r0", "r1"))


@st.composite
def histories(draw: st.DrawFn) -> list[Facts]:
    """Draw claims that are received one after the other, of few days, so that these meet."""
    days, made = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=4)), []
    dated = st.tuples(LINES, st.sampled_from(days))
    for number in range(draw(st.integers(1, 3))):
        (person, team), waived = draw(WHO), draw(WAIVED)
        claim = Claim(f"C{number}", person, datetime(2026, 4, 20, tzinfo=UTC))
        lines = draw(st.lists(dated, min_size=1, max_size=4))
        waiver = Waiver("W", waived, "boss", date(2026, 12, 31), person=person)
        own = tuple(
            replace(line, id=f"L{n}", claim=claim.id, date=day)
            for n, (line, day) in enumerate(lines)
        )
        who = AccountManager(person, person, team=team)
        made.append(Facts(claim, own, who, waivers=(waiver,) if waived else ()))
    return made


def summed(span: Span | None = None) -> st.SearchStrategy[Summed]:
    """Draw what is counted together, over one length of time or any."""
    return st.builds(
        Summed,
        st.sampled_from(SPANS) if span is None else st.just(span),
        st.sampled_from(PERS),
        st.sampled_from(("", "", "", "meal")),
        st.sampled_from(((), (), ("not is_credit",))),
    )
