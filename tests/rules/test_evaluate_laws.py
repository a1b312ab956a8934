"""Laws of the run reading on real policies and any claims, and its arithmetic on fractions."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest
from drawn_claims import APPROVALS, LINES, PEOPLE, RATES, TRIPS, VOUCHERS
from hypothesis import given, settings
from hypothesis import strategies as st
from marked import HEAD, facts, rule

from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.decision import Decision, LineDecision, Outcome
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.record import canonical
from crm_expenses.core.waiver import Waiver
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.testing import strategies

POLICIES: Final = {
    "demo": files("crm_expenses.demo").joinpath("policy.toml").read_text("utf-8"),
    **{
        path.stem: path.read_text("utf-8")
        for path in (Path(__file__).parent / "scenarios" / "policies").glob("*.toml")
    },
}


@cache
def ready(text: str) -> Evaluator:
    """Make a policy ready to decide."""
    return Evaluator(parse_policy(text))


def parts(text: str) -> tuple[str, list[str], str]:
    """Take a policy's text apart: what stands before the rules, each rule, what comes after."""
    head, *blocks = text.split("[[rule]]")
    last, mark, tail = blocks[-1].partition("[[approval]]")
    return head, ["[[rule]]" + block for block in (*blocks[:-1], last)], mark + tail


LAST: Final = date(2026, 12, 31)
CATEGORIES: Final = (
    *sorted({code for text in POLICIES.values() for code in ready(text).policy.categories}),
    "unknown",
)
CITIES: Final = ("", "Beijing", "Hangzhou", "拉萨")
DAYS: Final = st.dates(date(2025, 12, 1), date(2026, 8, 1))
PERSONS: Final = (
    *PEOPLE,
    *(replace(PEOPLE[0], grade=grade, team="") for grade in ("director", "senior")),
)


def whole_facts() -> st.SearchStrategy[Facts]:
    """Draw the facts of a claim: any lines, a person or none, vouchers, trips, rates, waivers."""
    amounts = st.one_of(
        st.sampled_from((10_000, 10_001, 50_000, -5_000, 30_000, 0)),
        st.integers(-(10**7), 10**7),
    )
    currency = st.sampled_from(("CNY",) * 8 + ("EUR", "JPY", "KWD"))
    line = st.builds(
        replace,
        st.sampled_from(LINES),
        category=st.sampled_from(CATEGORIES),
        city=st.sampled_from(CITIES),
        date=DAYS,
        amount=st.builds(Money, amounts, currency),
    )

    def made(
        lines: list[ExpenseLine], person: AccountManager | None, rates: int, waived: Waivers
    ) -> Facts:
        claim = Claim("C0", "P", datetime(2026, 3, 20, 9, tzinfo=UTC))
        own = tuple(replace(one, id=str(n), claim=claim.id) for n, one in enumerate(lines))
        known = RATES[:rates]
        return Facts(
            claim,
            own,
            person,
            VOUCHERS,
            known,
            trips=TRIPS,
            waivers=waived,
            pre_approvals=APPROVALS[: len(own) + rates],
        )

    lines = st.lists(line, max_size=4)
    return st.builds(made, lines, st.sampled_from(PERSONS), st.sampled_from((3, 3, 1, 0)), WAIVED)


Waivers = tuple[Waiver, ...]
CODES: Final = sorted(
    {rule.code for text in POLICIES.values() for rule in ready(text).policy.rules}
)
WAIVED: Final = st.one_of(
    st.just(()),
    st.just(()),
    st.sampled_from(CODES).map(lambda code: (Waiver("W", code, "Q", LAST, person="P"),)),
)


def odd_facts() -> st.SearchStrategy[Facts]:
    """Draw the facts of a claim whose words are what people really write, and what breaks code."""

    def dressed(
        pair: tuple[Claim, tuple[ExpenseLine, ...]],
        words: list[tuple[str, str, date]],
        more: dict[str, object],
    ) -> Facts:
        claim, lines = pair
        turned = tuple(
            replace(line, category=category, city=city, date=day)
            for line, (category, city, day) in zip(lines, words, strict=False)
        )
        return Facts(claim, turned, **more)  # type: ignore[arg-type]

    words = st.tuples(st.sampled_from(CATEGORIES), st.sampled_from(CITIES), DAYS)
    more = st.fixed_dictionaries(
        {
            "person": st.none() | strategies.account_managers(),
            "vouchers": st.lists(strategies.vouchers(), max_size=2).map(tuple),
            "rates": st.lists(strategies.rates(), max_size=2).map(tuple),
        }
    )
    drawn = strategies.claims_with_lines(lines_max=4)
    return st.builds(dressed, drawn, st.lists(words, min_size=4, max_size=4), more)


POLICY = st.sampled_from(sorted(POLICIES.values()))
few = settings(max_examples=60, deadline=None)


def said(line: LineDecision) -> str:
    """Give what a decision says of a line, as bytes would."""
    return canonical(line)


@settings(max_examples=40, deadline=None)
@given(POLICY, odd_facts() | whole_facts())
def test_any_claim_is_decided(policy: str, given: Facts) -> None:
    """Whatever is missing from a claim, it is decided; no more is allowed than was claimed."""
    decision = ready(policy).decide(given)
    assert len(decision.lines) == len(given.lines)
    assert decision.allowed.minor == sum(line.allowed.minor for line in decision.lines)
    worst = max(
        [line.outcome.rank for line in decision.lines]
        + [Outcome.REVIEW.rank for finding in decision.findings if finding.effect is Effect.REVIEW],
        default=Outcome.PASS.rank,
    )
    assert decision.outcome.rank == worst
    for line in decision.lines:
        if line.claimed is None:
            assert line.outcome.rank >= Outcome.REVIEW.rank
            assert line.allowed.minor == 0
        else:
            assert line.allowed <= line.claimed
            assert line.allowed.minor >= min(0, line.claimed.minor)
        for finding in line.findings:
            assert not finding.failed or finding.effect is Effect.REVIEW


@settings(max_examples=30, deadline=None)
@given(POLICY, whole_facts(), st.randoms(use_true_random=False))
def test_the_order_of_the_file_does_not_matter(policy: str, given: Facts, random: object) -> None:
    """The same rules in any order of the file give the same decision, carries included."""
    head, rules, tail = parts(policy)
    turned = list(rules)
    random.shuffle(turned)  # type: ignore[attr-defined]
    one, two = (ready(text).decide(given) for text in (policy, head + "".join(turned) + tail))
    assert canonical(replace(two, policy=one.policy)) == canonical(one)


@settings(max_examples=30, deadline=None)
@given(POLICY, whole_facts(), st.data())
def test_one_rule_less_never_lowers_a_line(policy: str, given: Facts, data: st.DataObject) -> None:
    """Taking away a rule on single lines never lowers what single lines are allowed."""
    head, rules, tail = parts(policy)
    in_lines = [text for text in rules if "period =" not in text]
    gone = data.draw(st.sampled_from(in_lines))
    kept = [text for text in in_lines if text != gone]
    strict = ready(head + "".join(in_lines) + tail).decide(given)
    mild = ready(head + "".join(kept) + tail).decide(given)
    for before, after in zip(mild.lines, strict.lines, strict=True):
        assert after.allowed <= before.allowed
        uncovered = {finding for finding in before.findings if finding.code == "scope.uncovered"}
        assert set(after.findings) >= set(before.findings) - uncovered


@settings(max_examples=20, deadline=None)
@given(POLICY, whole_facts())
def test_deciding_twice_is_deciding_once(policy: str, given: Facts) -> None:
    """Equal facts give equal bytes: by the same evaluator again, and by one made anew."""
    one = ready(policy).decide(given)
    again = ready(policy).decide(given)
    anew = Evaluator(parse_policy(policy)).decide(given)
    assert canonical(one) == canonical(again) == canonical(anew)
    assert one.facts_digest == ready(policy).read(given).digest()


@few
@given(POLICY, whole_facts())
def test_a_line_without_window_is_judged_alone(policy: str, given: Facts) -> None:
    """Without windows, vouchers and totals, a line is decided as if it were the only one."""
    head, rules, tail = parts(policy)
    shared = ("period =", "voucher_uses_before", "claim_total")
    text = head + "".join(part for part in rules if not any(s in part for s in shared)) + tail
    together = ready(text).decide(given)
    for line, decided in zip(given.lines, together.lines, strict=True):
        alone = ready(text).decide(replace(given, lines=(line,)))
        assert said(alone.lines[0]) == said(decided)


@few
@given(POLICY, whole_facts())
def test_every_window_that_is_filled_was_asked_for(policy: str, given: Facts) -> None:
    """A decision carries only into windows whose keys were asked for before it."""
    evaluator = ready(policy)
    asked = set(evaluator.windows_of(given))
    assert {carry.window for carry in evaluator.decide(given).carries} <= asked


def _without(given: Facts, name: str) -> Facts:
    """Give the facts without one required fact."""
    assert given.person is not None
    if name in ("grade", "team"):
        return replace(given, person=replace(given.person, **{name: ""}))
    if name == "person_active":
        return replace(given, person=None)
    eur = replace(given.lines[0], id="9", amount=Money(100, "EUR"))
    if name == "claim_total":
        return replace(given, lines=(*given.lines, eur))
    return replace(given, lines=(eur,))


@pytest.mark.parametrize("name", ["grade", "team", "person_active", "claim_total", "amount"])
@pytest.mark.parametrize("kind", ["require", "forbid", "flag", "limit"])
@pytest.mark.parametrize("holds", [True, False])
def test_what_is_missing_never_passes(name: str, kind: str, *, holds: bool) -> None:
    """A rule that needs a fact which is missing fails towards a person, whatever it says."""
    test = {
        "grade": "grade == 'senior'",
        "team": "team == 'East'",
        "person_active": "person_active",
        "claim_total": "claim_total > 0",
        "amount": "amount > 0",
    }[name]
    test = test if holds else f"not ({test})"
    text = rule(at_most=f"plain if {test} else plain * 2") if kind == "limit" else rule(test)
    evaluator = ready(HEAD + text.replace('"require"', f'"{kind}"'))
    whole, lacking = evaluator.decide(facts({})), evaluator.decide(_without(facts({}), name))
    assert not any(finding.failed for finding in whole.lines[0].findings)
    for line in lacking.lines:
        assert line.outcome is Outcome.REVIEW
        assert {f.failed or f.code for f in line.findings} <= {"missing", "currency.no_rate"}
    assert lacking.allowed.minor in (0, 10_000)


@few
@given(whole_facts())
def test_a_rule_that_fails_leaves_the_others_alone(given: Facts) -> None:
    """A rule that divides by zero sends its lines to a person; all else of them stays."""
    head, rules, tail = parts(POLICIES["demo"])
    heads = "default(attendees, 0)"
    failing = rule(f"divide({heads}, {heads}, 1, up) == 1", code="zz")
    plain = ready(head + "".join(rules) + tail).decide(given)
    more = ready(head + "".join(rules) + failing + tail).decide(given)
    for line, before, after in zip(given.lines, plain.lines, more.lines, strict=True):
        assert after.allowed == before.allowed
        kept = [f for f in before.findings if f.code != "scope.uncovered"]
        assert [f for f in after.findings if f.code not in ("zz", "scope.uncovered")] == kept
        found = [(f.code, f.failed) for f in after.findings if f.code == "zz"]
        assert found == ([] if line.attendees else [("zz", "zero")])
        assert line.attendees or after.outcome.rank >= Outcome.REVIEW.rank


def _decided_in(seed: str) -> str:
    code = (
        "import crm_expenses, json, sys;"
        "policy = crm_expenses.parse_policy(sys.stdin.read());"
        "claim = {'claim': 'C', 'person': {'id': 'P', 'grade': 'x'}, 'submitted': '2026-03-10',"
        " 'lines': [{'line': c, 'date': '2026-03-07', 'category': c, 'amount': '900', 'city': 'X',"
        " 'nights': 1, 'attendees': 1} for c in policy.categories]};"
        "print(json.dumps(crm_expenses.decision_dict(crm_expenses.check(claim, policy), policy)))"
    )
    made = subprocess.run(
        [sys.executable, "-c", code],
        input=POLICIES["demo"].encode(),
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
    )
    return made.stdout.decode()


def test_equal_bytes_in_every_process() -> None:
    """A decision has the same bytes in processes that order their sets otherwise."""
    one, two = _decided_in("1"), _decided_in("2")
    assert one == two
    assert len(json.loads(one)["lines"]) == 11


@settings(deadline=None)
@given(st.lists(st.integers(-300, 300), min_size=1, max_size=12), st.booleans())
def test_what_a_month_allows(amounts: list[int], eligible: bool) -> None:  # noqa: FBT001
    """A month's sum of 500 allows what a plain walk over the lines allows, refunds included."""
    counts = 'counts = "eligible"' if eligible else ""
    text = HEAD + rule(at_most="500", rest=f'per = ["person"]\nperiod = "month"\n{counts}')
    lines = [
        {"amount": str(amount), "date": date(2026, 3, 1) + timedelta(days=at)}
        for at, amount in enumerate(amounts)
    ]
    used, expected = 0, []
    for amount in amounts:
        left = min(amount, max(0, 500 - used)) if amount > 0 else amount
        expected.append(left)
        used += amount if eligible else left
    decision: Decision = ready(text).decide(facts(*lines))
    assert [line.allowed.amount for line in decision.lines] == expected
