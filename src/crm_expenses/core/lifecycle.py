"""The life of a claim: its states, which move leads from one to the next, and who may make it.

All of it is one table. Whoever wants to move a claim asks `after`, or `Standing.moved`, which also
keeps the version, the reason and what was paid.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.decision import Outcome
from crm_expenses.core.money import Money
from crm_expenses.errors import RefusedError


class State(StrEnum):
    """Where a claim stands with us."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    DECIDED = "decided"
    WAITING_FOR_CLAIMANT = "waiting_for_claimant"
    IN_APPROVAL = "in_approval"
    RETURNED = "returned"
    APPROVED = "approved"
    PARTLY_APPROVED = "partly_approved"
    REJECTED = "rejected"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


UNCOUNTED: Final = frozenset({State.DRAFT, State.RETURNED, State.REJECTED, State.WITHDRAWN})
"""A claim in one of these holds no budget, fills no window and is no spending."""


class Move(StrEnum):
    """What can happen to a claim."""

    SUBMIT = "submit"
    TAKE_BACK = "take_back"
    DECIDE = "decide"
    ASK_CLAIMANT = "ask_claimant"
    ASK_APPROVAL = "ask_approval"
    RETURN = "return"
    APPROVE = "approve"
    APPROVE_PARTLY = "approve_partly"
    REJECT = "reject"
    PAY_PART = "pay_part"
    PAY = "pay"
    CLOSE = "close"
    CHANGE = "change"
    WITHDRAW = "withdraw"


class Side(StrEnum):
    """Who makes a move."""

    CLAIMANT = "claimant"
    APPROVER = "approver"
    PAYER = "payer"
    PROGRAM = "program"


_BOTH_SIDES: Final = frozenset({Side.CLAIMANT, Side.PROGRAM})

BY: Final[Mapping[Move, frozenset[Side]]] = {
    Move.SUBMIT: frozenset({Side.CLAIMANT}),
    Move.TAKE_BACK: _BOTH_SIDES,
    Move.DECIDE: frozenset({Side.PROGRAM}),
    Move.ASK_CLAIMANT: frozenset({Side.PROGRAM}),
    Move.ASK_APPROVAL: frozenset({Side.PROGRAM}),
    Move.RETURN: frozenset({Side.APPROVER, Side.PAYER, Side.PROGRAM}),
    Move.APPROVE: frozenset({Side.APPROVER, Side.PROGRAM}),
    Move.APPROVE_PARTLY: frozenset({Side.APPROVER}),
    Move.REJECT: frozenset({Side.APPROVER, Side.PROGRAM}),
    Move.PAY_PART: frozenset({Side.PAYER, Side.PROGRAM}),
    Move.PAY: frozenset({Side.PAYER, Side.PROGRAM}),
    Move.CLOSE: frozenset({Side.PAYER, Side.PROGRAM}),
    Move.CHANGE: _BOTH_SIDES,
    Move.WITHDRAW: _BOTH_SIDES,
}
"""Who may make which move; the program makes those that the policy or the CRM says."""

NEEDS_REASON: Final = frozenset({Move.RETURN, Move.REJECT, Move.APPROVE_PARTLY})
"""A person who says no, in whole or in part, says why."""

NOT_ONCE_PAID: Final = frozenset({Move.CHANGE, Move.TAKE_BACK, Move.WITHDRAW})
"""What a claimant may no longer do once money has moved; only what a CRM says may still differ."""

NEW_VERSION: Final = frozenset({Move.SUBMIT, Move.CHANGE})
"""After one of these the claim is looked at anew, as its next version."""

_BEFORE_PAYMENT: Final = {
    Move.RETURN: State.RETURNED,
    Move.TAKE_BACK: State.DRAFT,
    Move.WITHDRAW: State.WITHDRAWN,
    Move.CHANGE: State.SUBMITTED,
}
_SETTLED: Final = {
    Move.PAY_PART: State.PARTLY_PAID,
    Move.PAY: State.PAID,
    Move.CLOSE: State.CLOSED,
    **_BEFORE_PAYMENT,
}
_OVER: Final = {
    Move.SUBMIT: State.SUBMITTED,
    Move.TAKE_BACK: State.DRAFT,
    Move.CHANGE: State.SUBMITTED,
}

_ALLOWED: Final[dict[State, dict[Move, State]]] = {
    State.DRAFT: {Move.SUBMIT: State.SUBMITTED, Move.WITHDRAW: State.WITHDRAWN},
    State.SUBMITTED: {Move.DECIDE: State.DECIDED, **_BEFORE_PAYMENT},
    State.DECIDED: {
        Move.ASK_CLAIMANT: State.WAITING_FOR_CLAIMANT,
        Move.ASK_APPROVAL: State.IN_APPROVAL,
        Move.APPROVE: State.APPROVED,
        Move.REJECT: State.REJECTED,
        Move.PAY_PART: State.PARTLY_PAID,
        Move.PAY: State.PAID,
        **_BEFORE_PAYMENT,
    },
    State.WAITING_FOR_CLAIMANT: _BEFORE_PAYMENT,
    State.IN_APPROVAL: {
        Move.APPROVE: State.APPROVED,
        Move.APPROVE_PARTLY: State.PARTLY_APPROVED,
        Move.REJECT: State.REJECTED,
        **_BEFORE_PAYMENT,
    },
    State.RETURNED: {Move.WITHDRAW: State.WITHDRAWN, **_OVER},
    State.APPROVED: _SETTLED,
    State.PARTLY_APPROVED: _SETTLED,
    State.REJECTED: {Move.WITHDRAW: State.WITHDRAWN, **_OVER},
    State.PARTLY_PAID: {
        Move.PAY_PART: State.PARTLY_PAID,
        Move.PAY: State.PAID,
        Move.CHANGE: State.SUBMITTED,
    },
    State.PAID: {Move.CLOSE: State.CLOSED, Move.CHANGE: State.SUBMITTED},
    State.CLOSED: {Move.CHANGE: State.SUBMITTED},
    State.WITHDRAWN: _OVER,
}


def moves(state: State, by: Side | None = None) -> tuple[Move, ...]:
    """Give the moves that are allowed in a state, to everybody or to one side.

    >>> [str(m) for m in moves(State.WAITING_FOR_CLAIMANT, Side.CLAIMANT)]
    ['take_back', 'withdraw', 'change']
    """
    return tuple(move for move in _ALLOWED[state] if by is None or by in BY[move])


def after(state: State, move: Move, by: Side | None = None) -> State:
    """Give the state after a move.

    Raises:
        RefusedError: the move is not allowed in this state, or not to this side; says which are.

    >>> after(State.APPROVED, Move.PAY)
    <State.PAID: 'paid'>
    """
    allowed = moves(state, by)
    if move not in allowed:
        shown = ", ".join(allowed) or "-"
        code = "lifecycle.side" if by is not None and move in moves(state) else "lifecycle.move"
        raise RefusedError(code, move=move, state=state, side=by or "-", allowed=shown)
    return _ALLOWED[state][move]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one claim stands: its state, how often it was submitted, what is due and paid.

    `refused` are the lines that were not approved, `reason` is why it was returned or refused.
    """

    state: State = State.DRAFT
    version: int = 0
    reason: str = ""
    due: Money | None = None
    paid: Money | None = None
    refused: tuple[str, ...] = ()

    def moved(self, move: Move, by: Side | None = None, *, reason: str = "") -> "Standing":
        """Give where the claim stands after a move that is no payment.

        Raises:
            RefusedError: the move is not allowed, or needs a reason.

        >>> sent = Standing().moved(Move.SUBMIT).moved(Move.RETURN, reason="no receipt")
        >>> sent.state.value, sent.version, sent.moved(Move.SUBMIT).version
        ('returned', 1, 2)
        """
        state = after(self.state, move, by)
        if move in NEEDS_REASON and by is not Side.PROGRAM and not reason.strip():
            raise RefusedError("lifecycle.reason", move=move, state=self.state)
        if move in NOT_ONCE_PAID and by is not Side.PROGRAM and self.paid and self.paid.minor:
            raise RefusedError("lifecycle.paid", move=move, paid=_shown(self.paid))
        if move is Move.CLOSE and self.open_amount:
            raise RefusedError("lifecycle.unpaid", amount=_shown(self.due), paid=_shown(self.paid))
        if move in NEW_VERSION:
            return Standing(state, self.version + 1, paid=self.paid)
        return replace(self, state=state, reason=reason)

    def approved(
        self, due: Money, refused: tuple[str, ...] = (), *, reason: str = ""
    ) -> "Standing":
        """Give where the claim stands when it was approved, line by line, and so much is due.

        Raises:
            RefusedError: it is not to be approved in this state, or lines are refused without
                a reason.
        """
        move = Move.APPROVE_PARTLY if refused else Move.APPROVE
        return replace(self.moved(move, reason=reason), due=due, refused=refused)

    def after_payment(self, amount: Money) -> "Standing":
        """Give where the claim stands after one payment, which may be a part of what is due.

        A payment below zero is money that comes back, where more was paid than is due.

        Raises:
            RefusedError: the payment is more than is open, zero, in another currency, or nothing is
                to be paid in this state.

        >>> due = Standing(State.APPROVED, 1, due=Money(1000, "CNY"))
        >>> half = due.after_payment(Money(400, "CNY"))
        >>> half.state.value, half.after_payment(Money(600, "CNY")).state.value
        ('partly_paid', 'paid')
        """
        after(self.state, Move.PAY_PART)
        open_amount = self.open_amount
        fits = self.due is not None and amount.currency == self.due.currency
        low, high = sorted((0, open_amount))
        if not fits or not amount.minor or not low <= amount.minor <= high:
            raise RefusedError(
                "lifecycle.payment",
                amount=_shown(amount),
                due=_shown(self.due),
                paid=_shown(self.paid),
            )
        move = Move.PAY if amount.minor == open_amount else Move.PAY_PART
        before = self.paid.minor if self.paid is not None else 0
        paid = Money(before + amount.minor, amount.currency)
        return replace(self, state=after(self.state, move), paid=paid)

    @property
    def open_amount(self) -> int:
        """What is approved and not paid yet, in minor units of what is due."""
        due, paid = (0 if one is None else one.minor for one in (self.due, self.paid))
        return due - paid


def _shown(amount: Money | None) -> str:
    return "-" if amount is None else f"{amount.amount:f} {amount.currency}"


def move_for(status: ClaimStatus, outcome: Outcome, *, needs_person: bool) -> Move:
    """Give the move of a claim just decided, from the CRM's word, the decision and the route.

    >>> move_for(ClaimStatus.SUBMITTED, Outcome.PASS, needs_person=False)
    <Move.APPROVE: 'approve'>
    """
    match status:
        case ClaimStatus.SUBMITTED:
            if outcome is Outcome.REJECT:
                return Move.REJECT
            if outcome is Outcome.JUSTIFY:
                return Move.ASK_CLAIMANT
            return Move.ASK_APPROVAL if needs_person else Move.APPROVE
        case _:
            return _SAID[status]


_SAID: Final = {
    ClaimStatus.DRAFT: Move.TAKE_BACK,
    ClaimStatus.APPROVED: Move.APPROVE,
    ClaimStatus.PAID: Move.PAY,
    ClaimStatus.RETURNED: Move.RETURN,
    ClaimStatus.REJECTED: Move.REJECT,
    ClaimStatus.WITHDRAWN: Move.WITHDRAW,
}
"""What the CRM says of a claim comes before what we think of it."""
