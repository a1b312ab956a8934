"""Claims of our own: what comes next of a claim, and by whom."""

from dataclasses import replace
from datetime import date

import pytest
from test_life import TWO, decision_of, frame, now

from crm_expenses.core.life import after_decision
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.ownclaim import Next, NextAction, discarded_of, next_action

LIFE = after_decision(None, (), now(TWO), frame(decision_of(TWO))).life


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.DRAFT, NextAction(Next.SUBMIT, ("ann",))),
        (State.SUBMITTED, NextAction(Next.DECIDE)),
        (State.DECIDED, NextAction(Next.DECIDE)),
        (State.WAITING_FOR_CLAIMANT, NextAction(Next.COMPLETE, ("ann",))),
        (State.IN_APPROVAL, NextAction(Next.APPROVE, ("bob", "cid"))),
        (State.RETURNED, NextAction(Next.RESUBMIT, ("ann",))),
        (State.REJECTED, NextAction(Next.RESUBMIT, ("ann",))),
        (State.APPROVED, NextAction(Next.PAY, by=date(2026, 3, 3))),
        (State.PARTLY_APPROVED, NextAction(Next.PAY, by=date(2026, 3, 3))),
        (State.PARTLY_PAID, NextAction(Next.PAY, by=date(2026, 3, 3))),
        (State.PAID, NextAction(Next.CLOSE)),
        (State.CLOSED, NextAction(Next.NOTHING)),
        (State.WITHDRAWN, NextAction(Next.NOTHING)),
    ],
)
def test_each_state_has_its_next_action(state: State, expected: NextAction) -> None:
    """Whatever state a claim is in, it is said what is next, who does it, and by when."""
    life = replace(LIFE, standing=replace(LIFE.standing, state=state), asked=("bob", "cid"))
    assert next_action(life, "ann") == expected


def test_what_was_paid_too_much_comes_back_from_the_claimant() -> None:
    """Where more was paid than is due, the claimant pays back; where nothing is due, it is closed.

    The open amount decides, not the state.
    """
    standing = replace(LIFE.standing, state=State.PARTLY_PAID, paid=Money(800, "CNY"))
    assert next_action(replace(LIFE, standing=standing), "ann").what is Next.PAY_BACK
    nothing = replace(LIFE.standing, due=Money(0, "CNY"))
    assert next_action(replace(LIFE, standing=nothing), "ann").what is Next.CLOSE


def test_what_was_thrown_away_is_a_claim_of_the_person() -> None:
    """Two people never share a drawer."""
    assert discarded_of("P1") != discarded_of("P2")
