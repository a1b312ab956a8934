"""The laws of the policy language (policy.md, section 3) on drawn policies and claims."""

import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from os import environ, pathsep
from typing import Final

import pytest
from drawn import (
    GIVING,
    HEAD,
    JUDGING,
    NO_SUMS,
    SUMS,
    Drawn,
    Sums,
    coded,
    everything,
    ready,
    rules,
    weighted,
    written,
)
from drawn_claims import FIRST, PEOPLE, claim_facts, decided, histories, some_facts
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.core.decision import Carry, Decision, LineDecision, Outcome
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect, Finding
from crm_expenses.core.record import canonical
from crm_expenses.core.waiver import Waiver

few = settings(max_examples=25, deadline=None)

AFTER_ALL: Final = 99
"""The stage of what is said of a claim as a whole."""

Case = tuple[list[Drawn], list[Facts]]
CASES: Final = st.tuples(rules(), histories())


def stage_of(rule: Drawn) -> int:
    """Say when a rule is judged."""
    return AFTER_ALL if rule.scope == "claim" else rule.sums.stage


def said(decision: Decision) -> str:
    """Give a decision's bytes, without what names the policy."""
    return canonical((decision.lines, decision.findings, decision.carries, decision.measures))


def brief(decision: Decision) -> list[object]:
    """Give what is decided, without what was found."""
    return [decision.outcome, decision.allowed, *((n.outcome, n.allowed) for n in decision.lines)]


def found_by(line: LineDecision, codes: set[str]) -> set[Finding]:
    """Give the findings of rules of these codes, and those that no rule makes, save one.

    That no rule is on the category is the finding that a further rule may take away.
    """
    return {
        finding
        for finding in line.findings
        if finding.code in codes or (finding.code[0] != "r" and finding.code != "scope.uncovered")
    }


def same_history(one: Decision, two: Decision) -> Iterator[tuple[LineDecision, LineDecision]]:
    """Pair the lines of two decisions up to one that only one of them rejects.

    A rejected line does not count in named windows, so what follows has another history.
    """
    for pair in zip(one.lines, two.lines, strict=True):
        yield pair
        if len({line.outcome is Outcome.REJECT for line in pair}) == 2:
            return


def is_of(code: str) -> Callable[[Carry], bool]:
    """Give the test whether a carry is of another rule than one."""
    return lambda carry: carry.rule != code


# The order and repetition of rules


@few
@given(CASES, st.randoms(use_true_random=False))
def test_order_of_the_file(case: Case, random: object) -> None:
    """The same rules in any order of the file say the same, and carry the same."""
    pairs = coded(case[0])
    shuffled = list(pairs)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    other = ready(written(shuffled))
    for facts, decision in decided(ready(written(pairs)), case[1]):
        assert said(other.decide(facts)) == said(decision)


@few
@given(CASES, st.data(), st.sampled_from(("a", "r00", "z")))
def test_repetition(case: Case, data: st.DataObject, code: str) -> None:
    """A rule that stands twice decides as it does alone, and the others carry the same."""
    pairs = coded(case[0])
    again = data.draw(st.sampled_from(case[0]))
    other = ready(written([*pairs, (code, again)]))
    claims = [replace(facts, waivers=()) for facts in case[1]]  # a waiver is for one code
    mine = decided(ready(written(pairs)), claims)
    for (_, one), (_, two) in zip(mine, decided(other, claims), strict=True):
        assert brief(one) == brief(two)
        assert one.carries == tuple(filter(is_of(code), two.carries))


# One more rule


@few
@given(CASES, JUDGING, st.sampled_from(("a", "z")))
def test_one_more_rule(case: Case, more: Drawn, code: str) -> None:
    """A further rule removes no finding of its own or a shorter stage, and raises no amount."""
    pairs, stage = coded(case[0]), stage_of(more)
    codes = {name for name, rule in pairs if stage_of(rule) <= stage}
    history = decided(ready(written(pairs)), case[1])
    with_it = ready(written([*pairs, (code, more)]))
    until = [(name, rule) for name, rule in pairs if name in codes]
    short, short_with_it = (ready(written(held)) for held in (until, [*until, (code, more)]))
    last = {name for name, rule in pairs if "claim_allowed" in rule.main and stage < AFTER_ALL}
    for facts, before in history:
        after = with_it.decide(facts)
        for one, two in same_history(before, after):
            assert found_by(one, codes) <= set(two.findings)
        own = {f for f in before.findings if f.code not in last and f.code[:6] != "budget"}
        assert own <= set(after.findings)
        for one, two in same_history(short.decide(facts), short_with_it.decide(facts)):
            assert two.allowed <= one.allowed
            assert found_by(one, codes) <= set(two.findings)


@few
@given(CASES, st.data())
def test_measures_change_nothing(case: Case, data: st.DataObject) -> None:
    """A measure changes no amount, no finding and no carry of another rule, nor the outcome."""
    measure = data.draw(GIVING.filter(lambda rule: rule.kind == "measure"))
    pairs = coded([rule for rule in case[0] if rule.kind != "measure"])
    text, name = written(pairs), "spent_before"
    if name in measure.main + measure.when and name not in text:
        return  # a named window comes with it, which may fail by itself
    with_it = ready(written([*pairs, ("z", measure)]))
    for facts, before in decided(ready(text), case[1]):
        after = with_it.decide(facts)
        assert before.carries == tuple(filter(is_of("z"), after.carries))
        for one, two in zip(before.lines, after.lines, strict=True):
            rest = tuple(finding for finding in two.findings if finding.code != "z")
            assert (rest, two.allowed) == (one.findings, one.allowed)
            has_failed = len(rest) < len(two.findings)
            assert has_failed or two.outcome is one.outcome


# Failures


def _failing(rule: Drawn) -> Drawn:
    """Make a rule fail wherever it is asked: its figure has no value yet."""
    whole = {"limit": "later", "allow": "later", "measure": "later"}
    conditions = {"claim": "later > 5"}
    main = whole.get(rule.kind) or conditions.get(rule.scope, "amount > later")
    has_guard = rule.sums.guard != "" or rule.sums.text.startswith('per = ["team"]')
    return replace(rule, main=main, on="", when="", sums=NO_SUMS if has_guard else rule.sums)


FAILING: Final = weighted((3, JUDGING), (1, GIVING)).map(_failing)


@few
@given(CASES, FAILING, st.sampled_from(("a", "z")))
def test_a_failure_means_review(case: Case, failing: Drawn, code: str) -> None:
    """A rule that fails is named, its line is for review at least, and all others go on."""
    pairs = coded(case[0])
    with_it = ready(written([*pairs, (code, failing)]))
    codes = {name for name, _ in pairs}
    for facts, before in decided(ready(written(pairs)), case[1]):
        after = with_it.decide(facts)
        if failing.scope == "claim":
            assert after.outcome.rank >= Outcome.REVIEW.rank
            [named] = [finding for finding in after.findings if finding.code == code]
            assert (named.effect, bool(named.failed)) == (Effect.REVIEW, True)
        for line, one, two in zip(facts.lines, before.lines, after.lines, strict=True):
            if failing.kind != "allow":
                assert found_by(one, codes) <= set(two.findings)
            named_here = [finding for finding in two.findings if finding.code == code]
            if failing.scope == "line" and two.claimed is not None:
                is_asked = failing.kind != "allow" or line.amount.minor >= 0
                assert [f.effect for f in named_here] == [Effect.REVIEW] * is_asked
            if named_here:
                assert all(finding.failed for finding in named_here)
                assert two.outcome.rank >= Outcome.REVIEW.rank
                assert after.outcome.rank >= Outcome.REVIEW.rank
            assert two.allowed == one.allowed or failing.kind == "allow"
        if failing.kind != "allow":
            assert before.carries == tuple(filter(is_of(code), after.carries))


@few
@given(CASES, FAILING.filter(lambda rule: rule.scope != "claim"))
def test_a_failure_leaves_other_lines(case: Case, failing: Drawn) -> None:
    """A rule that fails on the lines of one category leaves every other line as it was."""
    pairs = coded(case[0])
    with_it = ready(written([*pairs, ("z", replace(failing, on='"taxi"'))]))
    shared = 'per = ["team"]'  # what fails of one line may be counted for the next
    if any(shared in rule.sums.text for rule in case[0]) and failing.kind == "allow":
        return
    for facts, before in decided(ready(written(pairs)), case[1]):
        after = with_it.decide(facts)
        for line, one, two in zip(facts.lines, before.lines, after.lines, strict=True):
            if line.category != "taxi" and failing.kind != "allow":
                assert one == two


# Amounts


@few
@given(CASES)
def test_amounts_and_outcomes(case: Case) -> None:
    """No more is allowed than was claimed or is due; the worst finding and line decide."""
    worst = {effect: Outcome(name) for effect, name in zip(Effect, Outcome, strict=True)}
    for _, decision in decided(ready(written(coded(case[0]))), case[1]):
        for line in decision.lines:
            due = sum(part.amount.minor for part in line.entitlements)
            most = line.claimed.minor if line.claimed is not None else 0
            most = max(0, due) if line.entitlements else most
            assert min(0, most) <= line.allowed.minor <= most
            effects = [Effect.NOTE, *(finding.effect for finding in line.findings)]
            assert line.outcome is worst[max(effects, key=list(Effect).index)]
            assert line.claimed is not None or line.outcome.rank >= Outcome.REVIEW.rank
            assert line.outcome is not Outcome.REJECT or line.allowed.minor <= 0
            assert list(line.findings) == sorted(line.findings, key=lambda f: f.code)
        findings = [f for line in (decision, *decision.lines) for f in line.findings]
        for finding in findings:
            assert not finding.failed or finding.effect is Effect.REVIEW
            assert (finding.declared is None) is (finding.resolved_by == "")
            assert finding.declared is None or finding.effect is Effect.NOTE
        ranks = [worst[f.effect].rank for f in findings]
        assert decision.outcome.rank == max(ranks, default=0)
        is_rejected = any(f.effect is Effect.REJECT for f in decision.findings)
        total = sum(line.allowed.minor for line in decision.lines)
        assert decision.allowed.minor == (0 if is_rejected else total)


# Equal bytes


@few
@given(CASES)
def test_equal_bytes(case: Case) -> None:
    """Equal facts and policy give equal bytes: again, and by an evaluator made anew."""
    text = written(coded(case[0]))
    anew = ready.__wrapped__(text)
    for facts, decision in decided(ready(text), case[1]):
        turned = dict(sorted(facts.windows.items(), reverse=True))
        assert canonical(anew.decide(replace(facts, windows=turned), digest=False)) == canonical(
            decision
        )


DECIDE_ALL: Final = """
import pickle, sys
from crm_expenses.core.record import canonical
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.evaluate import Evaluator
for text, claims in pickle.load(sys.stdin.buffer):
    evaluator = Evaluator(parse_policy(text))
    for facts in claims:
        sys.stdout.write(canonical((evaluator.windows_of(facts), evaluator.decide(facts))) + "\\n")
"""


def _decided_elsewhere(cases: Sequence[tuple[str, list[Facts]]], seed: str) -> str:
    made = subprocess.run(
        [sys.executable, "-c", DECIDE_ALL],
        input=pickle.dumps(cases),
        env={**environ, "PYTHONHASHSEED": seed, "PYTHONPATH": pathsep.join(sys.path)},
        capture_output=True,
        check=True,
    )
    return made.stdout.decode()


@settings(max_examples=1, deadline=None)
@given(st.lists(CASES, min_size=10, max_size=10))
def test_equal_bytes_in_other_processes(cases: list[Case]) -> None:
    """Processes that order their sets otherwise decide to the same bytes, whatever is asked."""
    given = [(written(coded(drawn)), claims) for drawn, claims in cases]
    given.append((written(coded(everything())), [some_facts(person) for person in PEOPLE]))
    one = _decided_elsewhere(given, "1")
    assert one == _decided_elsewhere(given, "4242")
    assert one.count("\n") == sum(len(claims) for _, claims in given)


# A value that changes


def _reaches(facts: Facts, at: int, start: date) -> bool:
    """Say whether a line, or a day of its trip, is of a day or later."""
    line = facts.lines[at]
    ends = [trip.returns.date() for trip in facts.trips if trip.id == line.trip]
    return line.date >= start or any(end >= start for end in ends)


@few
@given(CASES, st.sampled_from((NO_SUMS, *SUMS)), st.integers(1, 5), st.sampled_from(("5", "0")))
def test_a_changed_value_leaves_what_came_before(
    case: Case, sums: Sums, day: int, value: str
) -> None:
    """A value changed from a day on leaves every line received before one of that day or later."""
    pairs = coded([*case[0], Drawn("limit", "cap", "cap", sums=sums)])
    start = FIRST + timedelta(days=day)
    steps = '{ from = 2026-01-01, is = 50 }, { from = 2026-03-03, is = "80.50" }'
    assert HEAD.count(steps) == 1
    old = HEAD.replace(steps, '{ from = 2026-01-01, is = "50" }')
    new = HEAD.replace(
        steps, f'{{ from = 2026-01-01, is = "50" }}, {{ from = {start}, is = "{value}" }}'
    )
    one, two = (decided(ready(written(pairs, head)), case[1]) for head in (old, new))
    for (facts, before), (_, after) in zip(one, two, strict=True):
        for at, line in enumerate(facts.lines):
            if _reaches(facts, at, start):
                return
            assert before.lines[at] == after.lines[at]
            of_line = [[c for c in d.carries if c.line == line.id] for d in (before, after)]
            # a rejected claim counts nowhere, and a later line may be what it is rejected for
            are_live = Outcome.REJECT not in (before.outcome, after.outcome)
            assert of_line[0] == of_line[1] or not are_live


# What has been decided


WHOLE: Final = re.compile(r"claim_total|claim_lines|total_of|count_of")


@few
@given(CASES)
def test_a_later_line_changes_no_earlier_one(case: Case) -> None:
    """A further line leaves those before it as they were, where no rule reads the claim's sums."""
    alone = [rule for rule in case[0] if not WHOLE.search(rule.main + rule.when)]
    if not alone:
        return
    evaluator = ready(written(coded(alone)))
    for facts, decision in decided(evaluator, case[1]):
        for count in range(1, len(facts.lines)):
            first = evaluator.decide(replace(facts, lines=facts.lines[:count]), digest=False)
            assert first.lines == decision.lines[:count]
            known = {line.id for line in facts.lines[:count]}
            carries = {carry for carry in decision.carries if carry.line in known}
            assert set(first.carries) == carries or decision.outcome is Outcome.REJECT


@few
@given(CASES, st.integers(-5_000, 5_000))
def test_only_the_windows_asked_for_are_read(case: Case, amount: int) -> None:
    """What stands in windows that were not asked for changes nothing; every carry was asked for."""
    evaluator = ready(written(coded(case[0])))
    earlier = {"r0|other"}
    for facts, decision in decided(evaluator, case[1]):
        asked = set(evaluator.windows_of(facts))
        assert {carry.window for carry in decision.carries} <= asked
        more = {**dict.fromkeys(earlier - asked, amount), **facts.windows}
        assert evaluator.decide(replace(facts, windows=more), digest=False) == decision
        earlier |= asked


# Facts that resolve, and words


@few
@given(CASES, st.data())
def test_a_waiver_resolves_and_the_finding_stays(case: Case, data: st.DataObject) -> None:
    """A waiver turns what its rule finds into a note that names it; a failure stays as it is."""
    drawn = [rule for rule in case[0] if rule.kind not in ("allow", "measure")]
    if not drawn:
        return
    pairs = coded(drawn)
    code, rule = data.draw(st.sampled_from(pairs))
    waiver = Waiver("W", code, "Q", date(2026, 12, 31), person="P")
    codes = {name for name, other in pairs if stage_of(other) <= stage_of(rule)}
    evaluator = ready(written(pairs))
    for facts, _ in decided(evaluator, case[1]):
        bare = replace(facts, waivers=())
        before = evaluator.decide(bare)
        after = evaluator.decide(replace(bare, waivers=(waiver,)))
        is_whole = rule.scope == "claim"
        for one, two in [(before, after)] if is_whole else same_history(before, after):
            mine, now = ({f.code: f for f in found.findings} for found in (one, two))
            assert now.keys() & codes == mine.keys() & codes
            for name in codes & mine.keys():
                if name != code or mine[name].failed or mine[name].declared is not None:
                    assert now[name] == mine[name]
                    continue
                assert now[name].effect is Effect.NOTE
                assert (now[name].declared, now[name].resolved_by) == (rule.effect, "waiver")
                assert now[name].evidence[: len(mine[name].evidence)] == mine[name].evidence
                assert ("waiver", "W") in now[name].evidence
            if code in mine and rule.sums is not NO_SUMS:
                break  # from here on the window holds something else


@few
@given(CASES)
def test_words_are_read_by_their_length_alone(case: Case) -> None:
    """Other words of the same length change nothing, and no decision repeats them."""
    evaluator = ready(written(coded(case[0])))
    for facts, decision in decided(evaluator, case[1]):
        lines = tuple(
            replace(line, **{n: "§" * len(getattr(line, n)) for n in ("purpose", "merchant")})
            for line in facts.lines
        )
        lines = tuple(replace(line, justification="§" * len(line.justification)) for line in lines)
        other = evaluator.decide(replace(facts, lines=lines), digest=False)
        assert other == decision
        assert "§" not in canonical(other)


@few
@given(claim_facts())
def test_no_rule_approves_nothing(facts: Facts) -> None:
    """An empty policy sends every line to a person."""
    decision = ready(written([])).decide(facts)
    assert all(line.outcome is Outcome.REVIEW for line in decision.lines)
    assert all(
        "scope.uncovered" in {finding.code for finding in line.findings} for line in decision.lines
    )


# Long sweeps


SWEPT: Final = {
    "order": test_order_of_the_file,
    "repetition": test_repetition,
    "one more": test_one_more_rule,
    "measures": test_measures_change_nothing,
    "failure": test_a_failure_means_review,
    "other lines": test_a_failure_leaves_other_lines,
    "amounts": test_amounts_and_outcomes,
    "bytes": test_equal_bytes,
    "changed value": test_a_changed_value_leaves_what_came_before,
    "later line": test_a_later_line_changes_no_earlier_one,
    "windows": test_only_the_windows_asked_for_are_read,
    "waiver": test_a_waiver_resolves_and_the_finding_stays,
    "words": test_words_are_read_by_their_length_alone,
}


@pytest.mark.slow
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("law", SWEPT)
def test_the_laws_in_a_long_sweep(law: str) -> None:
    """Each law holds of some thousands of policies, too."""
    for _ in range(100):
        SWEPT[law]()
