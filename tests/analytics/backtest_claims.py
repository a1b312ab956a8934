"""Decisions of two policies to draw, and every figure of a back-test as plain sums over them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from hypothesis import strategies as st

from crm_expenses import Policy, parse_policy
from crm_expenses.analytics.backtest import Pair
from crm_expenses.core.claim import DECIDED_STATUSES, Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.decision import Decision, LineDecision, Outcome, decide_claim, outcome_of
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect, Finding
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager

POLICY: Final = """
[policy]
id = "travel"
version = "1"
language = 1
currency = "CNY"
title = { en = "Travel", zh = "差旅" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }
taxi = { name = { en = "Taxi", zh = "出租车" } }

[choices]
grade = ["junior", "senior"]

[parameter.meal_day]
type = "money"
values = [{ from = 2020-01-01, is = 100 }, { from = 2026-01-01, is = 150 }]

[parameter.taxi_ride]
type = "money"
keys = ["grade"]
values = [{ from = 2020-01-01, table = [["junior", 50]], else = 80 }]

[parameter.share]
type = "number"
band = "CNY"
values = [{ from = 2020-01-01, table = [[0, 0.5], [200, 0.25]] }]

[[rule]]
code = "meal.day"
kind = "limit"
on = ["meal"]
clause = "3.1"
title = { en = "Meals a day", zh = "每日餐费" }
per = ["person"]
period = "day"
at_most = "meal_day"

[[rule]]
code = "taxi.ride"
kind = "limit"
effect = "review"
on = ["taxi"]
title = { en = "Taxi a ride", zh = "单次出租车" }
when = "present(grade)"
at_most = "taxi_ride[grade]"
"""


def policies(*changes: tuple[str, str]) -> tuple[Policy, Policy]:
    """Give the policy, and a second version of it with texts replaced by others."""
    text = POLICY.replace('version = "1"', 'version = "2"')
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_policy(POLICY), parse_policy(text)


CODES: Final = ("meal.day", "taxi.ride", "voucher.missing")
PEOPLE: Final = (
    AccountManager("P1", "P1", team="East"),
    AccountManager("P2", "P2", team="华南 'South'"),
    AccountManager("P3", "P3"),
    None,
)
DAYS: Final = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 28))


def findings() -> st.SearchStrategy[tuple[Finding, ...]]:
    """Draw what rules say of one line; a rule may speak twice."""
    one = st.builds(
        Finding,
        st.sampled_from(CODES),
        st.sampled_from(Effect),
        resolved_by=st.sampled_from(("", "", "waiver")),
        failed=st.sampled_from(("", "", "missing")),
    )
    return st.lists(one, max_size=3).map(tuple)


def verdicts() -> st.SearchStrategy[tuple[tuple[Finding, ...], int]]:
    """Draw findings and the amount that is taken away."""
    return st.tuples(findings(), st.sampled_from((0, 0, 1, 250)))


@st.composite
def pairs(draw: st.DrawFn, number: int) -> Pair:
    """Draw a claim and two decisions on it; the second is mostly the first."""
    person = draw(st.sampled_from(PEOPLE))
    claim = Claim(
        f"C-{number}",
        person.id if person else "P9",
        datetime(2026, 3, 1, 12, tzinfo=UTC),
        draw(st.sampled_from((*[ClaimStatus.PAID] * 6, *ClaimStatus))),
    )
    amounts = draw(st.lists(st.sampled_from((None, -500, 1, 1_000, 99_999)), max_size=4))
    lines = tuple(
        ExpenseLine(
            f"{at}",
            claim.id,
            draw(st.sampled_from(DAYS)),
            draw(st.sampled_from(("meal", "taxi", "gift"))),
            Money(amount or 0, "CNY"),
        )
        for at, amount in enumerate(amounts)
    )
    sides: list[Decision] = []
    for _ in range(2):
        drawn = []
        for at, amount in enumerate(amounts):
            found, less = draw(verdicts())
            if sides and draw(st.booleans()):
                drawn.append(sides[0].lines[at])
                continue
            claimed = None if amount is None else Money(amount, "CNY")
            allowed = Money((amount or 0) - less, "CNY")
            drawn.append(LineDecision(str(at), outcome_of(found), claimed, allowed, found))
        own = sides[0].findings if sides else ()
        if not draw(st.integers(0, 3)):
            own = draw(findings())
        sides.append(decide_claim(claim.id, drawn, own, (), "CNY", parse_policy(POLICY).ref, ""))
    return Pair(Facts(claim, lines, person), *sides)


def histories() -> st.SearchStrategy[list[Pair]]:
    """Draw some claims."""
    return st.integers(0, 7).flatmap(
        lambda count: st.tuples(*(pairs(n) for n in range(count))).map(list)
    )


# Plain sums


@dataclass
class Sum:
    """Lines, amounts and what differs, added up one by one."""

    lines: int = 0
    claimed: int = 0
    before: int = 0
    after: int = 0
    touched: int = 0
    claims: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)

    def plain(self) -> tuple[int, ...]:
        """Give the figures."""
        spend = (self.lines, self.claimed, self.before, self.after)
        return (*spend, self.touched, len(self.claims), len(self.people))


@dataclass(frozen=True)
class Row:
    """One line with both decisions on it."""

    pair: Pair
    line: ExpenseLine
    old: LineDecision
    new: LineDecision
    before: int
    after: int

    @property
    def differs(self) -> bool:
        """Whether outcome or amount differ."""
        return self.old.outcome is not self.new.outcome or self.before != self.after


def counted(history: Iterable[Pair]) -> list[Pair]:
    """Give the claims that count."""
    return [pair for pair in history if pair.facts.claim.status in DECIDED_STATUSES]


def rows(history: Iterable[Pair]) -> list[Row]:
    """Give every line of the claims that count; a rejected claim pays nothing."""
    found = []
    for pair in counted(history):
        none = [outcome_of(side.findings) is Outcome.REJECT for side in (pair.old, pair.new)]
        for line, old, new in zip(pair.facts.lines, pair.old.lines, pair.new.lines, strict=True):
            before = 0 if none[0] else old.allowed.minor
            after = 0 if none[1] else new.allowed.minor
            found.append(Row(pair, line, old, new, before, after))
    return found


def sums(history: Iterable[Pair], key: str) -> dict[str, tuple[int, ...]]:
    """Add up by category, team or month; by nothing with an empty key."""
    found: defaultdict[str, Sum] = defaultdict(Sum)
    for row in rows(history):
        person = row.pair.facts.person
        name = {
            "category": row.line.category,
            "team": person.team if person else "",
            "month": row.line.date.isoformat()[:7],
            "": "",
        }[key]
        add(found[name], row)
    return {name: one.plain() for name, one in found.items()}


def add(to: Sum, row: Row) -> None:
    """Add one line."""
    to.lines += 1
    to.claimed += row.old.claimed.minor if row.old.claimed else 0
    to.before += row.before
    to.after += row.after
    if row.differs:
        to.touched += 1
        to.claims.add(row.pair.facts.claim.id)
        to.people.add(row.pair.facts.claim.person)


def blamed(row: Row) -> str:
    """Give the rule that a line's difference counts for, as the page says it."""
    strength: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for at, (decision, line) in enumerate(((row.pair.old, row.old), (row.pair.new, row.new))):
        own = [f for f in decision.findings if f.effect is Effect.REJECT]
        for finding in (*line.findings, *own):
            held = strength[finding.code]
            held[at] = max(held[at], finding.effect.rank + 1)
    order = sorted((old == new, -max(old, new), code) for code, (old, new) in strength.items())
    return order[0][2] if order else ""


def by_rule(history: Iterable[Pair]) -> dict[str, tuple[int, ...]]:
    """Add up the lines that differ by the one rule that each counts for."""
    found: defaultdict[str, Sum] = defaultdict(Sum)
    for row in rows(history):
        if row.differs:
            add(found[blamed(row)], row)
    return {code: one.plain() for code, one in found.items()}


def spoken(history: Iterable[Pair], side: str) -> Counter[str]:
    """Count how often each rule speaks."""
    decisions: list[Decision] = [getattr(pair, side) for pair in counted(history)]
    found = Counter(f.code for decision in decisions for f in decision.findings)
    found.update(f.code for decision in decisions for of in decision.lines for f in of.findings)
    return found


def changes(history: Sequence[Pair]) -> Counter[tuple[Outcome, Outcome, str]]:
    """Count lines and claims by their two outcomes."""
    found: Counter[tuple[Outcome, Outcome, str]] = Counter()
    for row in rows(history):
        found[row.old.outcome, row.new.outcome, "lines"] += 1
    for pair in counted(history):
        found[pair.old.outcome, pair.new.outcome, "claims"] += 1
    return found


def flipped(history: Iterable[Pair]) -> list[str]:
    """Give the claims that differ, the biggest differences first."""
    lines = Counter(row.pair.facts.claim.id for row in rows(history) if row.differs)
    found = []
    for pair in counted(history):
        claim = pair.facts.claim.id
        difference = pair.new.allowed.minor - pair.old.allowed.minor
        if difference or lines[claim] or pair.old.outcome is not pair.new.outcome:
            found.append((-abs(difference), -lines[claim], claim))
    return [claim for *_, claim in sorted(found)]
