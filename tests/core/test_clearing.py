"""Advances of a claim: cleared when it is approved, restored when that changes, oldest first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_life import LINE, TWO, decision_of, frame, now

from crm_expenses.core.advance import AdvanceKind, AdvancePosition
from crm_expenses.core.approval import ApprovalRoute, Word
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.clearing import Cleared, cleared_of, due_of, with_advances
from crm_expenses.core.life import (
    Life,
    Turn,
    after_closing,
    after_decision,
    after_payment,
    after_time,
    word_counts,
)
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money

OF = frame(decision_of(TWO))
APPROVED = after_decision(None, (), now(TWO), OF)
DUE = date(2026, 3, 3)


def cny(minor: int) -> Money:
    """Give an amount."""
    return Money(minor, "CNY")


def advances(*minors: int) -> list[AdvancePosition]:
    """Give open advances, the oldest first."""
    return [AdvancePosition(f"A-{n}", "CNY", minor) for n, minor in enumerate(minors, start=1)]


def after(positions: Sequence[AdvancePosition], cleared: Cleared) -> list[AdvancePosition]:
    """Give where advances stand after the entries."""
    left = {one.advance: one for one in positions}
    for entry in cleared.entries:
        left[entry.advance] = left[entry.advance].after(entry)
    return list(left.values())


def changed(life: Life, lines: dict[str, tuple[str, int]]) -> Turn:
    """Give the life of the claim after it was changed to other lines."""
    return after_decision(life, (), now(lines), frame(decision_of(lines)))


def test_the_oldest_is_cleared_first() -> None:
    """What is due is taken from the oldest advance, then from the next; the rest is to be paid."""
    held = advances(300, 100, 0)
    cleared = with_advances(None, APPROVED, held, OF)
    took = [(one.advance, one.kind.value, one.amount.minor) for one in cleared.entries]
    assert took == [("A-1", "clear", 300), ("A-2", "clear", 100)]
    life = cleared.turn.life
    assert (life.state, life.standing.paid, life.due_on) == (State.PARTLY_PAID, cny(400), DUE)
    told = [(one.code, dict(one.values)) for one in cleared.turn.notices]
    assert told[-2:] == [
        ("cleared", {"amount": "3.00 CNY", "advance": "A-1"}),
        ("cleared", {"amount": "1.00 CNY", "advance": "A-2"}),
    ]


def test_a_claim_within_an_advance_is_paid() -> None:
    """Where advances cover all that is due, nothing is left to pay, and no day is set."""
    life = with_advances(None, APPROVED, advances(800), OF).turn.life
    assert (life.state, life.standing.paid, life.due_on) == (State.PAID, cny(500), None)


def test_without_advances_nothing_happens() -> None:
    """No advance, or none in the currency that is due: the turn is what it was."""
    assert with_advances(None, APPROVED, [], OF) == Cleared(APPROVED)
    dollars = [AdvancePosition("A", "USD", 900)]
    assert with_advances(None, APPROVED, dollars, OF) == Cleared(APPROVED)


def test_a_claim_that_is_not_approved_clears_nothing() -> None:
    """While somebody still has to say yes, advances stay as they are; the yes clears them."""
    of = frame(decision_of(TWO), LINE)
    waiting = after_decision(None, (), now(TWO), of)
    assert due_of(waiting.life) is None
    assert with_advances(None, waiting, advances(300), of) == Cleared(waiting)
    said = word_counts(waiting.life, (), Word("bob", of.at), of)
    yes = after_time(waiting.life, (said,), of)
    assert with_advances(waiting.life, yes, advances(300), of).turn.life.standing.paid == cny(300)


def test_a_change_restores_and_clears_anew() -> None:
    """A claim that is due less, or more, takes so much from advances, and gives the rest back."""
    held = advances(400)
    first = with_advances(None, APPROVED, held, OF)
    held = after(held, first)
    less = changed(first.turn.life, {"1": ("meal", 300)})
    second = with_advances(first.turn.life, less, held, OF)
    assert [one.kind for one in second.entries] == [AdvanceKind.RESTORE, AdvanceKind.CLEAR]
    held = after(held, second)
    assert (held[0].outstanding, second.turn.life.state) == (100, State.PAID)
    more = changed(second.turn.life, {"1": ("meal", 300), "2": ("meal", 900)})
    third = with_advances(second.turn.life, more, held, OF)
    assert after(held, third)[0].outstanding == 0
    assert third.turn.life.standing.paid == cny(400)
    assert (third.turn.life.state, third.turn.life.due_on) == (State.PARTLY_PAID, DUE)


def test_a_claim_that_ends_gives_all_back() -> None:
    """Withdrawn, a claim has cleared nothing; the money is owed again."""
    held = advances(400)
    first = with_advances(None, APPROVED, held, OF)
    gone = after_closing(first.turn.life, ClaimStatus.WITHDRAWN, OF.at)
    second = with_advances(first.turn.life, gone, after(held, first), None)
    assert after(after(held, first), second)[0].outstanding == 400
    assert (second.turn.life.state, second.turn.life.standing.paid) == (State.WITHDRAWN, None)


def test_what_was_paid_in_money_is_not_cleared_again() -> None:
    """Money that moved stays paid: an advance takes what is left beside it, never below zero."""
    paid = after_payment(APPROVED.life, cny(200)).life
    more = changed(paid, {"1": ("meal", 600)})
    cleared = with_advances(paid, more, advances(900), OF)
    assert [one.amount for one in cleared.entries] == [cny(400)]
    assert cleared.turn.life.standing.paid == cny(600)
    less = changed(paid, {"1": ("meal", 100)})
    assert with_advances(paid, less, advances(900), OF) == Cleared(less)


def test_a_payment_moves_no_advance() -> None:
    """An advance that was paid out later is not taken by a claim that was due before."""
    paid = after_payment(APPROVED.life, cny(200))
    assert with_advances(APPROVED.life, paid, advances(900), OF) == Cleared(paid)


def test_partly_approved_stays_so() -> None:
    """A claim whose advance comes back is approved in part as before, and has a day again."""
    standing = replace(APPROVED.life.standing, refused=("2",), due=cny(300))
    state = replace(standing, state=State.PAID, paid=cny(300))
    before = replace(APPROVED.life, standing=state, due_on=None)
    held = [AdvancePosition("A-1", "CNY", 300, 0, {"C": 300})]
    dollars = replace(state, due=Money(50, "USD"))
    now_due = replace(before, standing=dollars)
    cleared = with_advances(before, Turn(now_due, ApprovalRoute("C")), held, OF)
    life = cleared.turn.life
    assert (life.state, life.standing.paid) == (State.PARTLY_APPROVED, None)
    assert life.due_on == DUE


@pytest.mark.parametrize("state", [State.PAID, State.CLOSED])
def test_what_was_closed_stays_closed(state: State) -> None:
    """A closed claim whose due changed, and is covered again, is closed as it was."""
    standing = replace(APPROVED.life.standing, state=state, due=cny(400), paid=cny(300))
    life = replace(APPROVED.life, standing=standing)
    held = [AdvancePosition("A-1", "CNY", 500, 0, {"C": 300})]
    cleared = with_advances(APPROVED.life, Turn(life, ApprovalRoute("C")), held, OF)
    assert cleared.turn.life.state is state


@given(st.lists(st.integers(0, 900), max_size=4), st.lists(st.integers(1, 1500), max_size=6))
def test_no_more_is_cleared_than_was_paid_out(outs: list[int], amounts: list[int]) -> None:
    """However a claim changes: cleared is the least of what is due and what was paid out."""
    held, life = advances(*outs), None
    for minor in amounts:
        lines = {"1": ("meal", minor)}
        of = frame(decision_of(lines))
        cleared = with_advances(life, after_decision(life, (), now(lines), of), held, of)
        held, life = after(held, cleared), cleared.turn.life
        took = cleared_of("C", "CNY", held)
        assert took == min(minor, sum(outs))
        assert (life.standing.paid.minor if life.standing.paid else 0) == took
        assert all(one.outstanding >= 0 for one in held)
