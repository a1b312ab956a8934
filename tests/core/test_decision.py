"""Decisions: how findings make an outcome, and lines make a claim."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.decision import (
    Carry,
    Decision,
    LineDecision,
    Outcome,
    PolicyRef,
    decide_claim,
    outcome_of,
    worst_outcome,
)
from crm_expenses.core.finding import Effect, Finding
from crm_expenses.core.money import Money

REF = PolicyRef("p", "1", "0" * 64, 1)
OUTCOMES = {
    Effect.NOTE: Outcome.PASS,
    Effect.CAP: Outcome.REDUCED,
    Effect.JUSTIFY: Outcome.JUSTIFY,
    Effect.REVIEW: Outcome.REVIEW,
    Effect.REJECT: Outcome.REJECT,
}


def line(
    outcome: Outcome, claimed: int | None = 100, allowed: int = 100, name: str = "L"
) -> LineDecision:
    """Give a line's decision."""
    money = None if claimed is None else Money(claimed, "CNY")
    return LineDecision(name, outcome, money, Money(allowed, "CNY"))


def decided(lines: list[LineDecision], *findings: Finding) -> Decision:
    """Combine lines and the claim's own findings."""
    return decide_claim(
        "C",
        lines,
        findings,
        carries=(Carry("r", "w", "L", 5),),
        currency="CNY",
        policy=REF,
        facts_digest="f",
    )


@pytest.mark.parametrize("effect", Effect)
def test_one_finding(effect: Effect) -> None:
    """A single finding gives its effect's outcome, and nothing above a note passes."""
    assert outcome_of([Finding("r", effect)]) is OUTCOMES[effect]


def test_a_resolved_finding_counts_as_a_note() -> None:
    """What counts is the effect now, not the one that the rule declared."""
    resolved = Finding("r", Effect.NOTE, declared=Effect.JUSTIFY, resolved_by="justification")
    assert outcome_of([resolved]) is Outcome.PASS


FINDINGS = st.lists(st.builds(Finding, st.sampled_from("abc"), st.sampled_from(Effect)), max_size=6)


@given(FINDINGS.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_worst_finding_decides(case: tuple[list[Finding], list[Finding]]) -> None:
    """The outcome is that of the strongest effect, in any order and however often."""
    found, shuffled = case
    expected = max((OUTCOMES[f.effect].rank for f in found), default=0)
    assert outcome_of(found).rank == outcome_of(shuffled).rank == expected
    assert outcome_of(found + found) is outcome_of(found)


@given(FINDINGS, st.sampled_from(Effect))
def test_one_more_finding_never_helps(found: list[Finding], effect: Effect) -> None:
    """Adding a finding leaves the outcome or makes it worse."""
    assert outcome_of([*found, Finding("more", effect)]).rank >= outcome_of(found).rank


@given(st.lists(st.sampled_from(Outcome), max_size=6))
def test_the_worst_of_outcomes(outcomes: list[Outcome]) -> None:
    """The worst is taken pair by pair as well as at once; without any it is a pass."""
    assert worst_outcome([]) is Outcome.PASS
    by_pairs = reduce(lambda a, b: worst_outcome([a, b]), outcomes, Outcome.PASS)
    assert worst_outcome(outcomes) is by_pairs


@pytest.mark.parametrize(
    ("lines", "findings", "outcome", "claimed", "allowed"),
    [
        ([], [], "pass", 0, 0),
        ([line(Outcome.PASS)], [], "pass", 100, 100),
        ([line(Outcome.PASS), line(Outcome.REDUCED, 100, 60)], [], "reduced", 200, 160),
        ([line(Outcome.REVIEW, None, 0), line(Outcome.PASS)], [], "review", 100, 100),
        ([line(Outcome.PASS), line(Outcome.PASS, -30, -30)], [], "pass", 70, 70),
        ([line(Outcome.REJECT, 100, 0), line(Outcome.PASS)], [], "reject", 200, 100),
        ([line(Outcome.PASS)], [Finding("c", Effect.NOTE)], "pass", 100, 100),
        ([line(Outcome.PASS)], [Finding("c", Effect.REVIEW)], "review", 100, 100),
        ([line(Outcome.REDUCED, 100, 60)], [Finding("c", Effect.REJECT)], "reject", 100, 0),
        ([line(Outcome.REVIEW)], [Finding("c", Effect.JUSTIFY)], "review", 100, 100),
    ],
)
def test_a_claim_from_its_lines(
    lines: list[LineDecision], findings: list[Finding], outcome: str, claimed: int, allowed: int
) -> None:
    """A claim takes its worst line or own finding, and allows the sum of its lines."""
    made = decided(lines, *findings)
    assert (made.outcome, made.claimed, made.allowed) == (
        Outcome(outcome),
        Money(claimed, "CNY"),
        Money(allowed, "CNY"),
    )


def test_a_decision_keeps_what_it_was_made_of() -> None:
    """Lines, findings, carries, policy and the facts' digest stand in the decision as they came."""
    lines, finding = (
        [line(Outcome.PASS, name="L-1"), line(Outcome.PASS, name="L-2")],
        Finding("c", Effect.NOTE),
    )
    made = decided(lines, finding)
    assert (made.claim, made.lines, made.findings) == ("C", tuple(lines), (finding,))
    assert (made.carries, made.policy, made.facts_digest) == (
        (Carry("r", "w", "L", 5),),
        REF,
        "f",
    )
