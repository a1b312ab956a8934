"""The life of a claim: its states, and which move leads from one to the next, as data."""

from enum import StrEnum
from typing import Final

from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.decision import Outcome
from crm_expenses.errors import RefusedError


class State(StrEnum):
    """Where a claim stands with us."""

    RECEIVED = "received"
    IN_APPROVAL = "in_approval"
    WAITING_FOR_CLAIMANT = "waiting_for_claimant"
    APPROVED = "approved"
    REJECTED = "rejected"
    PAID = "paid"
    CLOSED = "closed"


UNCOUNTED: Final = frozenset({State.REJECTED, State.CLOSED})
"""A claim in one of these holds no budget, fills no window and is no spending."""


class Move(StrEnum):
    """What can happen to a claim."""

    ASK_APPROVAL = "ask_approval"
    ASK_CLAIMANT = "ask_claimant"
    APPROVE = "approve"
    REJECT = "reject"
    PAY = "pay"
    CLOSE = "close"
    CHANGE = "change"


_ALLOWED: Final[dict[State, dict[Move, State]]] = {
    State.RECEIVED: {
        Move.ASK_APPROVAL: State.IN_APPROVAL,
        Move.ASK_CLAIMANT: State.WAITING_FOR_CLAIMANT,
        Move.APPROVE: State.APPROVED,
        Move.REJECT: State.REJECTED,
        Move.PAY: State.PAID,
        Move.CLOSE: State.CLOSED,
    },
    State.IN_APPROVAL: {
        Move.APPROVE: State.APPROVED,
        Move.REJECT: State.REJECTED,
        Move.CHANGE: State.RECEIVED,
        Move.CLOSE: State.CLOSED,
    },
    State.WAITING_FOR_CLAIMANT: {Move.CHANGE: State.RECEIVED, Move.CLOSE: State.CLOSED},
    State.APPROVED: {
        Move.PAY: State.PAID,
        Move.CHANGE: State.RECEIVED,
        Move.CLOSE: State.CLOSED,
    },
    State.REJECTED: {Move.CHANGE: State.RECEIVED, Move.CLOSE: State.CLOSED},
    State.PAID: {Move.CHANGE: State.RECEIVED, Move.CLOSE: State.CLOSED},
    State.CLOSED: {Move.CHANGE: State.RECEIVED},
}


def moves(state: State) -> tuple[Move, ...]:
    """Give the moves that are allowed in a state.

    >>> [str(m) for m in moves(State.WAITING_FOR_CLAIMANT)]
    ['change', 'close']
    """
    return tuple(_ALLOWED[state])


def after(state: State, move: Move) -> State:
    """Give the state after a move.

    Raises:
        RefusedError: the move is not allowed in this state; says which are.

    >>> after(State.APPROVED, Move.PAY)
    <State.PAID: 'paid'>
    """
    try:
        return _ALLOWED[state][move]
    except KeyError:
        raise RefusedError(
            "lifecycle.move", move=move, state=state, allowed=", ".join(moves(state))
        ) from None


def move_for(status: ClaimStatus, outcome: Outcome, *, needs_person: bool) -> Move:
    """Give the move of a claim just decided, from the CRM's word, the decision and the route.

    >>> move_for(ClaimStatus.SUBMITTED, Outcome.PASS, needs_person=False)
    <Move.APPROVE: 'approve'>
    """
    match status:
        case ClaimStatus.PAID:
            return Move.PAY
        case ClaimStatus.APPROVED:
            return Move.APPROVE
        case ClaimStatus.SUBMITTED:
            if outcome is Outcome.REJECT:
                return Move.REJECT
            if outcome is Outcome.JUSTIFY:
                return Move.ASK_CLAIMANT
            return Move.ASK_APPROVAL if needs_person else Move.APPROVE
        case ClaimStatus.REJECTED:
            return Move.REJECT
        case (
            ClaimStatus.DRAFT | ClaimStatus.RETURNED | ClaimStatus.WITHDRAWN
        ):  # pragma: no branch  every kind stands above
            return Move.CLOSE
