"""Paying approved claims: in one or several payments, never more than is open, by whoever may."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from crm_expenses.core.approval import ApprovalRoute
from crm_expenses.core.life import Life, Turn, after_payment
from crm_expenses.core.lifecycle import Move, Side, State, after
from crm_expenses.core.money import Money
from crm_expenses.core.payment import Payable, Payment, in_order, overdue
from crm_expenses.core.record import digest
from crm_expenses.core.viewer import Viewer
from crm_expenses.errors import RefusedError
from crm_expenses.pipeline.approvals import decided_claim
from crm_expenses.pipeline.desk import Desk, demand_finance
from crm_expenses.pipeline.turns import write_turn
from crm_expenses.store.life import lives
from crm_expenses.store.log import write_log
from crm_expenses.store.money import add_payment

OPEN_STATES = (State.APPROVED, State.PARTLY_APPROVED, State.PARTLY_PAID)
"""A claim in one of these may have something left to pay."""


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment, and the claim's life after it."""

    payment: Payment
    life: Life


def pay(
    desk: Desk,
    number: str,
    amount: Decimal | None = None,
    *,
    by: str,
    at: datetime,
    day: date | None = None,
    reference: str = "",
) -> Paid:
    """Pay a claim, or a part of it; without an amount, all that is open.

    The amount is in the currency of what is due; below zero it came back. `day` is when the money
    moved, the day of `at` if none is given.

    Raises:
        RefusedError: `by` may not pay, or claims themselves, there is no such claim, it waits to
            be decided, or not so much is open.
        MappingError: the amount is finer than the currency.
    """
    demand_finance(desk.company, by, number)
    with desk.store.work(desk.crm) as work:
        life, held = decided_claim(work, number)
        if life.person == by:
            raise RefusedError("claims.pay_own", person=by, claim=number)
        after(life.state, Move.PAY_PART, Side.PAYER)
        standing = life.standing
        currency = standing.due.currency if standing.due is not None else ""
        money = Money(standing.open_amount, currency)
        if amount is not None:
            money = Money.of(amount, currency)
        turn = after_payment(life, money)
        moved_on = day or at.astimezone(desk.company.zone).date()
        payment = Payment(number, money, moved_on, by, at, reference.strip())
        add_payment(work, payment)
        write_turn(work, held, life, turn, at)
    return Paid(payment, turn.life)


def close(desk: Desk, number: str, *, by: str, at: datetime) -> Life:
    """Close a claim that is paid, or of which nothing is due.

    Raises:
        RefusedError: `by` may not, there is no such claim, or something is open.
    """
    demand_finance(desk.company, by, number)
    with desk.store.work(desk.crm) as work:
        life, held = decided_claim(work, number)
        closed = replace(life, standing=life.standing.moved(Move.CLOSE, Side.PAYER), due_on=None)
        write_turn(work, held, life, Turn(closed, ApprovalRoute(number)), at)
        write_log(
            work.connection,
            at=at,
            actor=by,
            action="claim_close",
            subject=number,
            content=digest(closed.standing),
        )
    return closed


def due(
    desk: Desk, *, viewer: Viewer, today: date, only_overdue: bool = False
) -> tuple[Payable, ...]:
    """Give what is to be paid of the claims that the viewer may see, by the day on which it is due.

    What claimants owe, because more was paid than is due now, is below zero.
    """
    with desk.store.looking(desk.crm) as work:
        found = [
            Payable(life.claim, life.person, _open(life), life.due_on)
            for life in lives(work.connection, work.crm, OPEN_STATES)
            if life.standing.open_amount and viewer.may_see(life.person)
        ]
    return overdue(found, today) if only_overdue else in_order(found)


def _open(life: Life) -> Money:
    standing = life.standing
    currency = standing.due.currency if standing.due is not None else ""
    return Money(standing.open_amount, currency)
