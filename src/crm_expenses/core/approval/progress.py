"""Where a claim stands in its route: which steps are done, what is open, and what comes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crm_expenses.core.approval.content import Content
from crm_expenses.core.approval.route import Route, Seat, Step
from crm_expenses.core.approval.verdict import Approval
from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.core.given_approval import Verdict
from crm_expenses.core.lifecycle import Move


@dataclass(frozen=True, slots=True)
class Progress:
    """The move that follows, where one does; else the open step and the seats that wait.

    `approved` and `refused` are the ids of lines, once every step is done; `done` are the codes of
    the steps that are. `word` is the rejection or the return that ended the route.
    """

    move: Move | None
    done: tuple[str, ...] = ()
    open: Step | None = None
    waiting: tuple[Seat, ...] = ()
    approved: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    word: Approval | None = None

    @property
    def acts_next(self) -> tuple[str, ...]:
        """Who is asked now."""
        return tuple(dict.fromkeys(person for seat in self.waiting for person in seat.people))


def progress(route: Route, given: Sequence[Approval], of: Content, *, version: int = 1) -> Progress:
    """Say where a claim stands, from its route and the words that count (none that is void).

    A seat is filled by the yes that names it, whoever else would be asked for it by now.

    >>> from crm_expenses.core.approval.content import content
    >>> progress(Route("C", "p"), [], content("C", "p", [])).move
    <Move.APPROVE: 'approve'>
    """
    ended = [one for one in given if one.verdict is not Verdict.APPROVE and one.version == version]
    if ended:
        last = max(ended, key=lambda one: one.at)
        move = Move.REJECT if last.verdict is Verdict.REJECT else Move.RETURN
        return Progress(move, word=last)
    filled = {seat for one in given if one.verdict is Verdict.APPROVE for seat in one.seats}
    done: list[str] = []
    for step in route.steps:
        waiting = tuple(seat for seat in step.seats if seat.id not in filled)
        if waiting:
            return Progress(None, tuple(done), step, waiting)
        done.append(step.code)
    needed = {seat.id for step in route.steps for seat in step.seats}
    counted = [one for one in given if one.verdict is Verdict.APPROVE and needed & set(one.seats)]
    refused = {line for one in counted for line in one.refused}
    lines = [one.line for one in of.lines]
    kept = tuple(line for line in lines if line not in refused)
    gone = tuple(line for line in lines if line in refused)
    move = Move.APPROVE if not gone else Move.APPROVE_PARTLY if kept else Move.REJECT
    return Progress(move, tuple(done), approved=kept, refused=gone)


class Late(StrEnum):
    """How long an open step has waited."""

    NOT_YET = "not_yet"
    REMIND = "remind"
    ESCALATE = "escalate"


def opened_at(route: Route, given: Sequence[Approval], here: Progress, since: datetime) -> datetime:
    """Give the moment when the open step opened: the last yes that the steps before it needed.

    `since` is when the claim came to be what it is now: its submission, or its last change.
    """
    before = {seat.id for step in route.steps if step.code in here.done for seat in step.seats}
    needed = [one.at for one in given if one.verdict is Verdict.APPROVE and before & set(one.seats)]
    return max([since, *needed])


def lateness(step: Step, opened: datetime, at: datetime, calendar: WorkCalendar) -> Late:
    """Say whether, at a moment, whoever a step waits for is reminded, or others are asked, too.

    >>> from datetime import UTC
    >>> from crm_expenses.core.approval.authority import Deadline
    >>> from crm_expenses.core.money import Money
    >>> step = Step("s", ("", ""), (), (), Money(1, "CNY"), deadline=Deadline(1, 2))
    >>> monday = datetime(2026, 3, 9, 9, tzinfo=UTC)
    >>> [lateness(step, monday, monday.replace(day=d), WorkCalendar()).value for d in (9, 10, 11)]
    ['not_yet', 'remind', 'escalate']
    """
    remind, escalate = step.deadline.times(opened, calendar)
    if escalate is not None and at >= escalate:
        return Late.ESCALATE
    return Late.REMIND if remind is not None and at >= remind else Late.NOT_YET
