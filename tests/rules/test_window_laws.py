"""Stages, amounts and carries of limits beside a model that looks back over whole lines."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from looked_back import (
    FIRST,
    HEAD,
    NAMES,
    SPANS,
    Counted,
    Span,
    Summed,
    amount_of,
    histories,
    in_turn,
    ready,
    summed,
    team_of,
)

from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager

few = settings(max_examples=100, deadline=None)

RANKS: Final = ("note", "cap", "justify", "review", "reject")
FAILS: Final = -1
"""The limit of a rule that cannot be computed."""


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
        seen = [Seen(amount_of(line)) for line in facts.lines]
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


def _judged(
    code: str, rule: Limit, facts: Facts, line: ExpenseLine, state: tuple[Seen, int, int]
) -> int | None:
    """Give what a rule leaves; None where it does not apply. What lacks is asked first."""
    one, taken_in, before = state
    if line.amount.currency != "CNY":
        return taken_in  # it has no rate, which is a finding of its own
    if rule.sums and "team" in rule.sums.per and not team_of(facts):
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
