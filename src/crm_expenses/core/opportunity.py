"""Deals."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from crm_expenses.core.money import Money


class Stage(StrEnum):
    """Where a deal stands; a CRM's own stages are mapped onto these three."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A deal (商机). `amount` is its value, `closed` the day on which it was won or lost."""

    id: str
    owner: str
    stage: Stage
    account: str = ""
    name: str = ""
    amount: Money | None = None
    opened: date | None = None
    closed: date | None = None
