"""Claims of our own, made here and not in a CRM: their names, and what comes next of a claim."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.life import Life
from crm_expenses.core.lifecycle import State
from crm_expenses.core.voucher import Voucher

OWN: Final = "own"
"""The connection of a company without a CRM, and the origin of every fact that is made here."""

PREFIX: Final = "EX"

UNNAMED: Final = "#"
"""Leads the id of a line that was given none, before it is made of what the line says."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A line as a person notes it down, with its voucher."""

    line: ExpenseLine
    voucher: Voucher | None = None


def loose_of(person: str) -> str:
    """Give the claim that holds a person's loose lines; it is a draft for good.

    >>> loose_of("P1")
    'loose/P1'
    """
    return f"loose/{person}"


def discarded_of(person: str) -> str:
    """Give the claim that holds what a person threw away; it is withdrawn for good."""
    return f"discarded/{person}"


def number_text(prefix: str, year: int, number: int) -> str:
    """Give the number of a claim document.

    >>> number_text("EX", 2026, 7)
    'EX-2026-00007'
    """
    return f"{prefix}-{year}-{number:05}"


class Next(StrEnum):
    """What has to be done next of a claim; its text is `claims.next.` and the word."""

    SUBMIT = "submit"
    RESUBMIT = "resubmit"
    COMPLETE = "complete"
    DECIDE = "decide"
    APPROVE = "approve"
    PAY = "pay"
    PAY_BACK = "pay_back"
    CLOSE = "close"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class NextAction:
    """What is next, who does it (ids; empty for whoever pays), and by when where that is known."""

    what: Next
    who: tuple[str, ...] = ()
    by: date | None = None


def next_action(life: Life | None, person: str) -> NextAction:
    """Give what has to be done next of a claim, and by whom.

    >>> next_action(None, "P1").what.value
    'submit'
    """
    if life is None:
        return NextAction(Next.SUBMIT, (person,))
    match life.state:
        case State.DRAFT:
            return NextAction(Next.SUBMIT, (person,))
        case State.RETURNED | State.REJECTED:
            return NextAction(Next.RESUBMIT, (person,))
        case State.WAITING_FOR_CLAIMANT:
            return NextAction(Next.COMPLETE, (person,))
        case State.SUBMITTED | State.DECIDED:
            return NextAction(Next.DECIDE)
        case State.IN_APPROVAL:
            return NextAction(Next.APPROVE, life.asked)
        case State.APPROVED | State.PARTLY_APPROVED | State.PARTLY_PAID:
            open_amount = life.standing.open_amount
            if not open_amount:
                return NextAction(Next.CLOSE)
            if open_amount < 0:
                return NextAction(Next.PAY_BACK, (person,))
            return NextAction(Next.PAY, by=life.due_on)
        case State.PAID:
            return NextAction(Next.CLOSE)
        case State.CLOSED | State.WITHDRAWN:  # pragma: no branch  every state stands above
            return NextAction(Next.NOTHING)
