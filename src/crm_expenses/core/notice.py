"""What people are told: that they are asked, that something moved, that something is void."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class NoticeCode(StrEnum):
    """What a notice says; its text is `notice.` and the code."""

    ASKED = "asked"
    NOT_ASKED = "not_asked"
    REMINDER = "reminder"
    ESCALATED = "escalated"
    VOID = "void"
    VOIDED = "voided"
    WAITING_FOR_CLAIMANT = "waiting_for_claimant"
    RETURNED = "returned"
    REJECTED = "rejected"
    APPROVED = "approved"
    PARTLY_APPROVED = "partly_approved"
    PAID = "paid"
    CLEARED = "cleared"
    NOT_COUNTED = "not_counted"
    BUDGET_UP = "budget.alert_up"
    BUDGET_BACK = "budget.alert_back"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that one person is told; `values` are those of its text, by name."""

    person: str
    code: str
    subject: str
    values: tuple[tuple[str, str], ...] = ()


def notices(people: Iterable[str], code: str, subject: str, **values: str) -> tuple[Notice, ...]:
    """Give the same notice to each of some people, once; to nobody where none is known.

    >>> [one.person for one in notices(["a", "", "a", "b"], "asked", "C-1")]
    ['a', 'b']
    """
    told = dict.fromkeys(person for person in people if person)
    return tuple(Notice(person, code, subject, tuple(values.items())) for person in told)
