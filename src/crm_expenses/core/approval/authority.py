"""What a policy asks for: steps, limits of authority, time limits, and what passes by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.core.decision import Outcome

MANAGER: Final = "manager"
ROLE: Final = "role:"
PERSON: Final = "person:"
GRADE: Final = "grade:"
EVERYONE: Final = "everyone"

Title = tuple[str, str]
"""What people call something, in English and Chinese; empty where nobody has said."""


class Group(StrEnum):
    """Whether one of those named is enough, or each of them must say yes."""

    ANY = "any"
    ALL = "all"


class BudgetLack(StrEnum):
    """Which kind of budget has less than the claim asks for."""

    ANY = "any"
    SOFT = "soft"
    HARD = "hard"


class Provenance(StrEnum):
    """How far it can be trusted that a person said yes, from the least to the most.

    A plain field may be edited by anybody who sees the record. An asserted approval comes from our
    own command, under the identity that its settings name. An audited field is one whose CRM keeps
    who changed it, and an approval process lets only the one who was asked answer.

    >>> Provenance.PLAIN_FIELD.rank < Provenance.ASSERTED.rank < Provenance.CRM_PROCESS.rank
    True
    """

    PLAIN_FIELD = "plain_field"
    ASSERTED = "asserted"
    AUDITED_FIELD = "audited_field"
    CRM_PROCESS = "crm_process"

    @property
    def rank(self) -> int:
        """Place in the order of trust."""
        return _RANKS[self]


_RANKS: Final = {provenance: rank for rank, provenance in enumerate(Provenance)}


@dataclass(frozen=True, slots=True)
class Deadline:
    """After how many days an open step is reminded of, and after how many it is escalated.

    `escalate_to` is then asked, too: `manager` is the manager of whom the step waits for. Days are
    working days of the policy's calendar, or all days.
    """

    remind_after: int | None = None
    escalate_after: int | None = None
    escalate_to: str = MANAGER
    is_working: bool = True

    def times(self, opened: datetime, calendar: WorkCalendar) -> tuple[datetime | None, ...]:
        """Give the moments of reminder and escalation of a step that was opened.

        It is the same time of day, so many days later. Outside of what the calendar covers, the
        days from Monday to Friday count.

        >>> from datetime import UTC
        >>> friday = datetime(2026, 3, 6, 17, tzinfo=UTC)
        >>> [f"{at:%a %d}" for at in Deadline(1, 3).times(friday, WorkCalendar()) if at]
        ['Mon 09', 'Wed 11']
        """
        return tuple(
            None if days is None else self._moment(opened, days, calendar)
            for days in (self.remind_after, self.escalate_after)
        )

    def _moment(self, opened: datetime, days: int, calendar: WorkCalendar) -> datetime:
        if not self.is_working:
            return opened + timedelta(days=days)
        day = calendar.open_ended().add_working(opened.date(), days)
        return datetime.combine(day, opened.timetz())


NO_DEADLINE: Final = Deadline()


@dataclass(frozen=True, slots=True)
class Authority:
    """A step that the policy demands: `who` takes it, and for which claims.

    Each of `who` is `manager`, `role:NAME` or `person:ID`; of a group `any` one of them is enough.
    `on` (categories) and `teams` restrict the step: it looks only at lines of these categories, and
    only at claims of people in these teams. Within that it is due when more than `above` (minor
    units of the policy's currency) is allowed, the outcome is at least `outcome`, a finding of
    `findings` was made, a budget is short, or the policy's own condition holds, where `is_asked`
    says that it has one. A step that is only restricted is due for every claim that it looks at.
    """

    code: str
    who: tuple[str, ...]
    above: int | None = None
    outcome: Outcome | None = None
    is_asked: bool = False
    group: Group = Group.ANY
    on: frozenset[str] | None = None
    teams: frozenset[str] | None = None
    findings: frozenset[str] = frozenset()
    budget: BudgetLack | None = None
    deadline: Deadline = NO_DEADLINE
    accepts: Provenance | None = None
    title: Title = ("", "")

    @property
    def is_restricted(self) -> bool:
        """Whether it looks at a part of all claims only."""
        return self.on is not None or self.teams is not None

    @property
    def has_trigger(self) -> bool:
        """Whether something beside its restriction makes it due."""
        named = (self.above, self.outcome, self.budget)
        return self.is_asked or bool(self.findings) or any(one is not None for one in named)

    def covers(self, category: str) -> bool:
        """Say whether the step looks at lines of a category, so that its approval signs them.

        >>> Authority("vip", ("manager",), on=frozenset({"gift"})).covers("meal")
        False
        """
        return self.on is None or category in self.on


@dataclass(frozen=True, slots=True)
class AuthorityLimit:
    """Up to how much somebody may approve, in minor units; without `up_to` there is no limit.

    `who` is `person:ID`, `role:NAME`, `grade:NAME` or `everyone`.
    """

    who: str
    up_to: int | None = None


@dataclass(frozen=True, slots=True)
class Automatic:
    """Which claims pass without a person: at most so much, no worse outcome, these categories.

    A step that is due for another reason than the amount is never left out for it.
    """

    up_to: int
    outcome: Outcome = Outcome.PASS
    on: frozenset[str] | None = None

    def lets(self, *, allowed: int, outcome: Outcome, categories: Sequence[str]) -> bool:
        """Say whether a claim is small and clean enough.

        >>> small = Automatic(300_00, on=frozenset({"meal"}))
        >>> small.lets(allowed=300_00, outcome=Outcome.PASS, categories=["meal"])
        True
        >>> small.lets(allowed=300_00, outcome=Outcome.PASS, categories=["meal", "gift"])
        False
        """
        return (
            allowed <= self.up_to
            and outcome.rank <= self.outcome.rank
            and (self.on is None or self.on.issuperset(categories))
        )


@dataclass(frozen=True, slots=True)
class ApprovalTerms:
    """What holds for all steps: the least provenance, limits of authority, what is automatic.

    Without any limit everybody may approve any amount. With some, whom none of them names may
    approve nothing; whom several name may approve the highest.
    """

    accepts: Provenance = Provenance.ASSERTED
    limits: tuple[AuthorityLimit, ...] = ()
    automatic: Automatic | None = None


NO_TERMS: Final = ApprovalTerms()


@dataclass(frozen=True, slots=True)
class ApprovalStep:
    """One step of a route as it is stored: its code and the first person, empty when none."""

    code: str
    approver: str


@dataclass(frozen=True, slots=True)
class ApprovalRoute:
    """The steps in sequence as they are stored; none at all means that no person is needed."""

    claim: str
    steps: tuple[ApprovalStep, ...] = ()


def in_force(start: date | None, until: date | None, day: date) -> bool:
    """Say whether a day lies between two ends, both included; None is an open end.

    >>> in_force(date(2026, 1, 1), None, date(2026, 1, 1))
    True
    """
    return (start is None or start <= day) and (until is None or day <= until)
