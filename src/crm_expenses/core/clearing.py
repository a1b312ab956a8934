"""What advances take of a claim: cleared once it is approved, restored when that changes.

What is cleared counts as paid: the claimant has the money already. It is looked at anew exactly
when what is due changes, so that a payment never moves an advance.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crm_expenses.core.advance import AdvanceEntry, AdvancePosition, clear, restore
from crm_expenses.core.life import SETTLED, Frame, Life, Turn
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.notice import NoticeCode, notices


@dataclass(frozen=True, slots=True)
class Cleared:
    """A turn with what advances take of its claim, and the entries that say so."""

    turn: Turn
    entries: tuple[AdvanceEntry, ...] = ()


def cleared_of(claim: str, currency: str, positions: Sequence[AdvancePosition]) -> int:
    """Give what a claim clears of advances in a currency, in minor units.

    >>> cleared_of("C-1", "CNY", [AdvancePosition("A", "CNY", 300, 0, {"C-1": 100})])
    100
    """
    return sum(one.cleared.get(claim, 0) for one in positions if one.currency == currency)


def due_of(life: Life | None) -> Money | None:
    """Give what is due of a claim; None where it is not approved."""
    return life.standing.due if life is not None and life.state in SETTLED else None


def with_advances(
    before: Life | None, turn: Turn, positions: Sequence[AdvancePosition], frame: Frame | None
) -> Cleared:
    """Give a turn after the claimant's advances, the oldest first, took what is due.

    `frame` has the policy's cycle; it is only asked for where a claim is approved.
    """
    due = due_of(turn.life)
    if not positions or due == due_of(before):
        return Cleared(turn)
    claim = turn.life.claim
    undone = restore(claim, positions)
    left = [_after(one, undone) for one in positions]
    paid = turn.life.standing.paid
    before_clearing = 0
    if paid is not None:
        before_clearing = paid.minor - cleared_of(claim, paid.currency, positions)
    taken: tuple[AdvanceEntry, ...] = ()
    if due is not None:
        held = before_clearing if paid is not None and paid.currency == due.currency else 0
        taken = clear(claim, Money(max(0, due.minor - held), due.currency), left)
    if not undone and not taken:
        return Cleared(turn)
    now = before_clearing + sum(one.amount.minor for one in taken)
    of = due or paid or undone[0].amount
    life = _standing_at(turn.life, Money(now, of.currency), frame)
    told = list(turn.notices)
    for one in taken:
        amount = f"{one.amount.amount:f} {one.amount.currency}"
        person, code = (life.person,), NoticeCode.CLEARED
        told += notices(person, code, claim, amount=amount, advance=one.advance)
    return Cleared(replace(turn, life=life, notices=tuple(told)), (*undone, *taken))


def _after(position: AdvancePosition, entries: Sequence[AdvanceEntry]) -> AdvancePosition:
    for entry in entries:
        if entry.advance == position.advance:
            position = position.after(entry)
    return position


def _standing_at(life: Life, paid: Money, frame: Frame | None) -> Life:
    """Give a life of which so much is paid, cleared or not, by now."""
    standing = replace(life.standing, paid=paid if paid.minor else None)
    if life.state not in SETTLED:
        return replace(life, standing=standing)
    if standing.open_amount == 0 and paid.minor:
        state = State.CLOSED if life.state is State.CLOSED else State.PAID
        return replace(life, standing=replace(standing, state=state), due_on=None)
    state = State.PARTLY_APPROVED if standing.refused else State.APPROVED
    state = State.PARTLY_PAID if paid.minor else state
    due_on = life.due_on
    if due_on is None and standing.open_amount > 0 and frame is not None:
        due_on = frame.payment.due_on(frame.day, frame.calendar)
    return replace(life, standing=replace(standing, state=state), due_on=due_on)
