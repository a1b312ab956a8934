"""Stages, carries and named windows beside a plain model, which looks back over whole lines.

The model keeps no keys and no sums: for each line it walks over all that was counted before, and
asks of each whether it falls in the same window. So it shares nothing with the code that it judges.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.decision import Decision
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.waiver import Waiver
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.evaluate import Evaluator

few = settings(max_examples=100, deadline=None)

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
RANKS: Final = ("note", "cap", "justify", "review", "reject")
FAILS: Final = -1
"""The limit of a rule that cannot be computed."""


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
            "team": _team(one.facts) == _team(facts),
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


def _team(facts: Facts) -> str:
    return facts.person.team if facts.person else ""


@dataclass(frozen=True)
class Limit:
    """A limit on lines, or on the sum of a window; its cap is in minor units."""

    effect: str
    cap: int
    sums: Summed | None
    is_eligible: bool = False

    def toml(self, code: str) -> str:
        """Write the rule."""
        most = "later" if self.cap == FAILS else f"{self.cap / 100:.2f}"
        lines = ["[[rule]]", f'code = "{code}"', 'kind = "limit"', NAMES, f'at_most = "{most}"']
        lines.append(f'effect = "{self.effect}"')
        if self.sums is not None:
            lines.append(self.sums.text)
            lines += [f'when = "{self.sums.when}"'] if self.sums.when else []
            lines += ['counts = "eligible"'] if self.is_eligible else []
        return "\n".join(lines)

    @property
    def stage(self) -> int:
        """When it is judged."""
        return self.sums.span.stage if self.sums is not None else 0


@dataclass
class Seen:
    """What the model says of one line."""

    left: int
    findings: dict[str, tuple[str, str]] = field(default_factory=dict)
    carries: dict[str, int] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)


def modelled(rules: dict[str, Limit], claims: Sequence[Facts]) -> list[list[Seen]]:
    """Decide claims by walking back over all lines."""
    counted: dict[str, list[Counted]] = {code: [] for code in rules}
    decisions = []
    for facts in claims:
        seen = [Seen(_amount(line)) for line in facts.lines]
        for stage in range(9):
            taken = [one.left for one in seen]
            for line, one, taken_in in zip(facts.lines, seen, taken, strict=True):
                for code, rule in rules.items():
                    if rule.stage != stage or (rule.sums and not rule.sums.covers(line)):
                        continue
                    before = rule.sums.before(counted[code], facts, line) if rule.sums else 0
                    left = _judged(code, rule, facts, line, (one, taken_in, before))
                    if left is None:
                        continue
                    one.left = min(one.left, left)
                    if rule.sums is not None:
                        one.carries[code] = taken_in if rule.is_eligible else left
                        counted[code].append(Counted(facts, line, one.carries[code]))
        if any(effect == "reject" for one in seen for effect, _ in one.findings.values()):
            _leave_out(facts, seen, counted)
        decisions.append(seen)
    return decisions


def _leave_out(facts: Facts, seen: list[Seen], counted: dict[str, list[Counted]]) -> None:
    """Take back what a claim counted: a rejected one counts in no window."""
    for one in seen:
        one.carries = {}
    for mine in counted.values():
        mine[:] = [one for one in mine if one.facts is not facts]


def _amount(line: ExpenseLine) -> int:
    return line.amount.minor if line.amount.currency == "CNY" else 0


def _judged(
    code: str, rule: Limit, facts: Facts, line: ExpenseLine, state: tuple[Seen, int, int]
) -> int | None:
    """Give what a rule leaves; None where it does not apply. What lacks is asked first."""
    one, taken_in, before = state
    if line.amount.currency != "CNY":
        return taken_in  # it has no rate, which is a finding of its own
    if rule.sums and "team" in rule.sums.per and not _team(facts):
        one.findings[code] = ("review", "failed")
        return taken_in
    if rule.sums and not rule.sums.asks(line):
        return None
    if rule.cap == FAILS:
        one.findings[code] = ("review", "failed")
        return taken_in
    room = max(0, rule.cap - before)
    if taken_in <= room or taken_in <= 0:
        return taken_in
    one.before[code] = before
    by = "justification" if rule.effect == "justify" and line.justification else ""
    by = by or ("waiver" if any(waiver.rule == code for waiver in facts.waivers) else "")
    one.findings[code] = ("note", by) if by else (rule.effect, "")
    effect = one.findings[code][0]
    return {"cap": room, "justify": room, "reject": 0}.get(effect, taken_in)


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


EFFECTS: Final = st.sampled_from((*RANKS, "cap", "cap"))
ANY_CAP: Final = st.sampled_from(
    (5_000, 6_000, 8_000, 9_999, 10_000, 20_000, 0, 6_000, 8_000, FAILS)
)
OF_WINDOWS: Final = st.builds(Limit, EFFECTS, ANY_CAP, summed(), st.booleans())
OF_LINES: Final = st.builds(Limit, EFFECTS, ANY_CAP, st.none(), st.just(False))
LIMITS: Final = st.sampled_from((OF_WINDOWS, OF_WINDOWS, OF_WINDOWS, OF_LINES)).flatmap(
    lambda drawn: drawn
)


def _check_limits(limits: list[Limit], claims: list[Facts]) -> None:
    rules = {f"r{number}": rule for number, rule in enumerate(limits)}
    text = "\n".join([HEAD, *(rule.toml(code) for code, rule in rules.items())])
    wanted = modelled(rules, claims)
    for decision, expected in zip(in_turn(ready(text), claims), wanted, strict=True):
        carried: dict[str, dict[str, int]] = {line.line: {} for line in decision.lines}
        for carry in decision.carries:
            assert carry.rule not in carried[carry.line], "a rule counts a line once"
            carried[carry.line][carry.rule] = carry.amount
        for line, seen in zip(decision.lines, expected, strict=True):
            made = [finding for finding in line.findings if finding.code in rules]
            assert line.allowed.minor == seen.left
            assert {
                f.code: (f.effect.value, "failed" if f.failed else f.resolved_by) for f in made
            } == seen.findings
            assert carried[line.line] == seen.carries
            for finding in made:
                shown = dict(finding.evidence)
                if "before" in shown:
                    assert shown["before"] == f"{seen.before[finding.code] / 100:.2f}"


@pytest.mark.parametrize("span", SPANS, ids=lambda span: span.text.replace("\n", " "))
@settings(max_examples=12, deadline=None)
@given(data=st.data(), claims=histories())
def test_each_window_is_what_a_plain_walk_gives(
    span: Span, data: st.DataObject, claims: list[Facts]
) -> None:
    """A limit over each length of time, alone, counts what walking back over whole lines does."""
    caps = st.sampled_from((5_000, 6_000, 8_000, 12_000))
    limit = st.builds(Limit, EFFECTS, caps, summed(span), st.booleans())
    _check_limits([data.draw(limit)], claims)


@few
@given(st.lists(LIMITS, min_size=1, max_size=4), histories())
def test_limits_are_what_a_plain_walk_gives(limits: list[Limit], claims: list[Facts]) -> None:
    """Findings, amounts and carries of any limits are those of walking back over whole lines."""
    _check_limits(limits, claims)


@pytest.mark.slow
@pytest.mark.timeout(1_200)
@settings(max_examples=10_000, deadline=None)
@given(st.lists(LIMITS, min_size=1, max_size=5), histories())
def test_limits_in_a_long_sweep(limits: list[Limit], claims: list[Facts]) -> None:
    """The plain walk gives the same over some thousands of policies, too."""
    _check_limits(limits, claims)


# Named windows


@dataclass(frozen=True)
class Named:
    """A named window, and what a line adds: one, its amount, or a figure without a value yet."""

    sums: Summed
    adds: str

    def toml(self, name: str) -> str:
        """Write the window, and a measure that shows what stands in it before each line."""
        adds = f'adds = "{self.adds}"' if self.adds else ""
        when = f'when = "{self.sums.when}"' if self.sums.when else ""
        window = f"[window.{name}]\nname = {{ en = '{name}', zh = '{name}' }}\n{when}\n{adds}"
        shown = f'[[rule]]\ncode = "of_{name}"\nkind = "measure"\n{NAMES}\ngives = "{name}"'
        return f"{window}\n{self.sums.text}\n{shown}"


def _named(named: list[Named], claims: Sequence[Facts]) -> list[list[dict[str, str]]]:
    """Give for each line what each window has before it; a window that fails has no value."""
    counted: list[list[Counted]] = [[] for _ in named]
    shown = []
    for facts in claims:
        of_claim = []
        for line in facts.lines:
            values = {}
            for number, one in enumerate(named):
                has_team = "team" not in one.sums.per or _team(facts) != ""
                before = one.sums.before(counted[number], facts, line) if _has(one, line) else 0
                adds = {"": 1, "amount": line.amount.minor, "amount * 2": 2 * line.amount.minor}
                is_known = line.amount.currency == "CNY" or one.adds == ""
                if has_team and is_known and one.sums.asks(line):
                    counted[number].append(Counted(facts, line, adds[one.adds]))
                if has_team or not one.sums.covers(line):
                    values[f"w{number}"] = str(before) if one.adds == "" else f"{before / 100:.2f}"
            of_claim.append(values)
        shown.append(of_claim)
    return shown


def _has(named: Named, line: ExpenseLine) -> bool:
    """Say whether a line has what the window is kept per."""
    return ("city" not in named.sums.per or line.city != "") and (
        named.sums.span.period != "trip" or line.trip != ""
    )


NAMED: Final = st.builds(Named, summed(), st.sampled_from(("", "amount", "amount * 2")))


@few
@given(st.lists(NAMED, min_size=1, max_size=3), histories())
def test_named_windows_are_what_a_plain_walk_gives(named: list[Named], claims: list[Facts]) -> None:
    """What a named window has before a line is what the lines counted before it add up to."""
    text = "\n".join([HEAD, *(one.toml(f"w{number}") for number, one in enumerate(named))])
    for decision, expected in zip(in_turn(ready(text), claims), _named(named, claims), strict=True):
        for line, values in zip(decision.lines, expected, strict=True):
            shown = {figure.code[3:]: figure.value for figure in line.measures}
            failed = {f.code[3:] for f in line.findings if f.failed and f.code[0] == "o"}
            assert shown == values
            assert failed == {f"w{number}" for number in range(len(named))} - values.keys()


@few
@given(summed(), histories())
def test_a_measure_adds_up(sums: Summed, claims: list[Facts]) -> None:
    """The total of a measure is its value, and those of the lines before in the same window."""
    when = f'when = "{sums.when}"' if sums.when else ""
    rule = f'[[rule]]\ncode = "m"\nkind = "measure"\n{NAMES}\n{when}\n{sums.text}'
    evaluator = ready(f'{HEAD}\n{rule}\ngives = "amount"')
    counted: list[Counted] = []
    for facts, decision in zip(claims, in_turn(evaluator, claims), strict=True):
        for line, decided in zip(facts.lines, decision.lines, strict=True):
            is_asked = sums.asks(line) and line.amount.currency == "CNY"
            if not is_asked or ("team" in sums.per and not _team(facts)):
                assert decided.measures == (), (
                    "what is not asked, or lacks something, has no figure"
                )
                continue
            total = sums.before(counted, facts, line) + line.amount.minor
            counted.append(Counted(facts, line, line.amount.minor))
            (figure,) = decided.measures
            assert figure.value == f"{line.amount.minor / 100:.2f}"
            assert figure.total == f"{total / 100:.2f}"


# Edges


def _span(text: str) -> Span:
    """Give the span that a text names: a period, and days or a gap."""
    return next(span for span in SPANS if span.text.replace("\n", " ") == text)


EDGES: Final = (
    ('period = "day"', "2026-03-01", "2026-03-01", True),
    ('period = "day"', "2026-03-01", "2026-03-02", False),
    ('period = "week"', "2026-03-02", "2026-03-08", True),
    ('period = "week"', "2026-03-08", "2026-03-09", False),
    ('period = "month"', "2026-03-01", "2026-03-31", True),
    ('period = "month"', "2026-02-28", "2026-03-01", False),
    ('period = "quarter"', "2026-01-01", "2026-03-31", True),
    ('period = "quarter"', "2026-03-31", "2026-04-01", False),
    ('period = "year"', "2026-01-01", "2026-12-31", True),
    ('period = "year"', "2025-12-31", "2026-01-01", False),
    ('period = "year" year_starts = "03-02"', "2026-03-02", "2027-03-01", True),
    ('period = "year" year_starts = "03-02"', "2026-03-01", "2026-03-02", False),
    ('period = "rolling" days = 2', "2026-03-01", "2026-03-02", True),
    ('period = "rolling" days = 2', "2026-03-01", "2026-03-03", False),
    ('period = "rolling" days = 7', "2026-03-01", "2026-03-07", True),
    ('period = "rolling" days = 7', "2026-03-01", "2026-03-08", False),
    ('period = "spell" gap_days = 1', "2026-03-01", "2026-03-03", True),
    ('period = "spell" gap_days = 1', "2026-03-01", "2026-03-04", False),
    ('period = "spell" gap_days = 3', "2026-03-01", "2026-03-05", True),
    ('period = "spell" gap_days = 3', "2026-03-01", "2026-03-06", False),
)


def _line(number: int, day: date, minor: int = 5_000) -> ExpenseLine:
    return ExpenseLine(str(number), "C", day, "meal", Money(minor, "CNY"), trip="T")


def _of(*lines: ExpenseLine) -> Facts:
    claim = Claim("C", "P", datetime(2027, 4, 20, tzinfo=UTC))
    return Facts(claim, lines, AccountManager("P", "P"))


@pytest.mark.parametrize(("text", "first", "second", "is_one"), EDGES)
def test_the_edges_of_each_window(text: str, first: str, second: str, *, is_one: bool) -> None:
    """Of two days the second is in the window of the first up to its last day, and no longer."""
    rule = Limit("cap", 6_000, Summed(_span(text)))
    facts = _of(*(_line(n, date.fromisoformat(day)) for n, day in enumerate((first, second))))
    (decision,) = in_turn(ready("\n".join([HEAD, rule.toml("r0")])), [facts])
    assert [line.allowed.minor for line in decision.lines] == [5_000, 1_000 if is_one else 5_000]


@pytest.mark.parametrize("code", ["a", "z"])
@pytest.mark.parametrize("short", SPANS, ids=lambda span: span.text.replace("\n", " "))
def test_a_longer_window_takes_in_what_a_shorter_one_left(short: Span, code: str) -> None:
    """500 against 100 of the shorter uses up 100 of the longer, whatever their codes' order."""
    longer = [span for span in SPANS if span.stage > short.stage]
    rules = {code: Limit("cap", 10_000, Summed(short))}
    rules |= {f"m{n}": Limit("review", 20_000, Summed(span)) for n, span in enumerate(longer)}
    text = "\n".join([HEAD, *(rule.toml(name) for name, rule in rules.items())])
    (decision,) = in_turn(ready(text), [_of(_line(1, FIRST, 50_000))])
    assert {finding.code for finding in decision.lines[0].findings} == {code}
    assert {carry.amount for carry in decision.carries} == {10_000}
    assert len(decision.carries) == len(rules)


@pytest.mark.parametrize("day", [date.min, date(1, 3, 1), date(9999, 12, 30), date.max])
@pytest.mark.parametrize("span", SPANS, ids=lambda span: span.text.replace("\n", " "))
def test_the_first_and_the_last_days(day: date, span: Span) -> None:
    """A line on any day that a date can hold is counted in every window."""
    rule = Limit("cap", 6_000, Summed(span))
    text = "\n".join([HEAD, rule.toml("r0")])
    (decision,) = in_turn(ready(text), [_of(_line(1, day), _line(2, day))])
    assert [line.allowed.minor for line in decision.lines] == [5_000, 1_000]
