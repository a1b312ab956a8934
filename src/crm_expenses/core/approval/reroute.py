"""What a change of the organisation does to a route: which open steps move, to whom, and why.

Nothing is ever taken back here: a yes that was given stays, because its seat is filled; only what
it signed can void it. A seat that is still open is asked anew of whom the organisation names now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from crm_expenses.core.approval.authority import MANAGER, AuthorityLimit
from crm_expenses.core.approval.candidates import Candidate, Via
from crm_expenses.core.approval.organisation import Organisation
from crm_expenses.core.approval.route import Route, Seat
from crm_expenses.core.approval.verdict import Approval
from crm_expenses.core.given_approval import Verdict


class Moved(StrEnum):
    """Why a person is asked no longer, or is asked now."""

    LEFT = "left"
    MANAGER = "manager"
    ROLE = "role"
    AUTHORITY = "authority"
    SUBSTITUTE = "substitute"
    ESCALATION = "escalation"
    ABOVE = "above"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class SeatMove:
    """One open seat that others take now: who is asked no longer, who is new, each with why."""

    step: str
    seat: str
    gone: tuple[tuple[str, Moved], ...]
    new: tuple[tuple[str, Moved], ...]
    is_stuck: bool


@dataclass(frozen=True, slots=True)
class Rerouting:
    """The moves of open seats; the words that stay, and those whose step is not due any more."""

    moves: tuple[SeatMove, ...]
    stays: tuple[Approval, ...]
    unneeded: tuple[Approval, ...]


@dataclass(frozen=True, slots=True)
class Firm:
    """An organisation as of a day, with its limits of authority."""

    organisation: Organisation
    day: date
    limits: Sequence[AuthorityLimit] = ()


def reroute(before: Route, after: Route, given: Sequence[Approval], firm: Firm) -> Rerouting:
    """Compare a route with the same claim's route now; `firm` is what it was computed from.

    >>> from crm_expenses.core.money import Money
    >>> from crm_expenses.core.approval.route import Step
    >>> def asked(who): return Route("C", "p", (Step("line", ("", ""), (
    ...     Seat("line manager", ("manager",), (Candidate(who),)),), (), Money(5, "CNY")),))
    >>> firm = Firm(Organisation({}, {}), date(2026, 1, 1))
    >>> moved = reroute(asked("m"), asked("n"), [], firm).moves[0]
    >>> [(who, why.value) for who, why in (*moved.gone, *moved.new)]
    [('m', 'manager'), ('n', 'manager')]
    """
    words = [one for one in given if one.verdict is Verdict.APPROVE]
    filled = {seat for one in words for seat in one.seats}
    earlier = {seat.id: seat for step in before.steps for seat in step.seats}
    now = {seat.id for step in after.steps for seat in step.seats}
    moves = []
    for step in after.steps:
        for seat in step.seats:
            was = earlier.get(seat.id)
            if seat.id in filled or (was is not None and set(was.people) == set(seat.people)):
                continue
            moves.append(_move(step.code, was, seat, step.amount.minor, firm))
    return Rerouting(
        tuple(moves),
        tuple(one for one in words if now & set(one.seats)),
        tuple(one for one in words if not now & set(one.seats)),
    )


def _move(step: str, was: Seat | None, now: Seat, amount: int, firm: Firm) -> SeatMove:
    old = was.candidates if was is not None else ()
    known, asked = {one.person for one in old}, set(now.people)
    gone = tuple(
        (one.person, _why_gone(one, now, amount, firm)) for one in old if one.person not in asked
    )
    new = tuple(
        (one.person, Moved.POLICY if was is None else _why_new(one, now))
        for one in now.candidates
        if one.person not in known
    )
    return SeatMove(step, now.id, gone, new, is_stuck=not now.candidates)


def _why_gone(one: Candidate, now: Seat, amount: int, firm: Firm) -> Moved:
    organisation = firm.organisation
    if not organisation.is_active(one.person, firm.day):
        return Moved.LEFT
    if one.via is Via.SUBSTITUTE:
        return Moved.SUBSTITUTE
    if one.via is Via.ESCALATION:
        return Moved.ESCALATION
    if not organisation.may_approve(one.person, amount, firm.limits):
        return Moved.AUTHORITY
    return Moved.ABOVE if one.via is Via.ABOVE else _of_form(now)


def _why_new(one: Candidate, now: Seat) -> Moved:
    match one.via:
        case Via.SUBSTITUTE:
            return Moved.SUBSTITUTE
        case Via.ESCALATION:
            return Moved.ESCALATION
        case Via.ABOVE:
            return Moved.ABOVE
        case Via.NAMED:  # pragma: no branch  every kind stands above
            return _of_form(now)


def _of_form(now: Seat) -> Moved:
    """Say what of the organisation names a seat's people."""
    return Moved.MANAGER if now.who == (MANAGER,) else Moved.ROLE
